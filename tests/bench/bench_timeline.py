"""Measures the timeline on a terminal: `python -m tests.bench.bench_timeline [TASKS …]`.

Of each plan and window: the start until the bars are there, a key down until the screen has
settled, and what is sent for it, one that scrolls, one along the days, and another scale. A large
plan costs what a small one does. Times are medians in milliseconds, of one process beside this one;
bytes are those a connection carries, 700 of them a key at most at 80×24, and 1,000 at 160×48.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import monotonic
from typing import NamedTuple

from tests.bench.board_graphs import net
from tests.builders import TODAY
from tests.terminal import Terminal
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.session import Session

SIZES = ((80, 24), (160, 48))
# After so much silence the screen has settled.
_QUIET = 0.15
_KEYS = (
    ("down", ("j",) * 12),
    ("arrow", (".", ",") * 4),
    ("page", ("\x1b[6~", "\x1b[5~") * 3),
    ("day", ("l",) * 8),
    ("scroll", ("L", "H") * 3),
    ("scale", ("-", "+") * 2),
    ("group", ("z",) * 5),
)


class Cost(NamedTuple):
    """What something took, and what was sent for it."""

    milliseconds: float
    sent: int


def pressed(terminal: Terminal, key: str) -> Cost:
    """Press a key, and return its cost until the screen has settled."""
    before, begun = len(terminal.raw), monotonic()
    terminal.send(key)
    terminal.settle(_QUIET)
    return Cost(max(monotonic() - begun - _QUIET, 0) * 1000, len(terminal.raw) - before)


def costs(file: Path, size: tuple[int, int]) -> Iterator[tuple[str, Cost]]:
    """Walk over what a start and keys cost."""
    columns, rows = size
    config = file.with_name("config.toml")
    config.write_text('view = "timeline"\n')
    env = {"TRACKER_CONFIG": str(config), "XDG_STATE_HOME": str(file.parent / "state")}
    arguments = ["--file", str(file), "--today", TODAY.isoformat()]
    begun = monotonic()
    with Terminal(arguments, columns=columns, rows=rows, env=env) as terminal:
        terminal.wait_for(r"planned end")
        yield "start", Cost((monotonic() - begun - 0.12) * 1000, len(terminal.raw))
        # First figures of the forecast come meanwhile.
        terminal.settle(3.0, 60.0)
        for name, keys in _KEYS:
            found = [pressed(terminal, key) for key in keys]
            yield (
                name,
                Cost(
                    median(cost.milliseconds for cost in found),
                    int(median(cost.sent for cost in found)),
                ),
            )


def plan(folder: Path, tasks: int) -> Path:
    """Write a plan of so many tasks, and return its file."""
    file = folder / "plan.json"
    session = Session.open(file, who="k.brandt", today=TODAY)
    born = Change(sentence("Begun"), tuple(Edit(None, each) for each in net(tasks).entities()))
    session.do(lambda _ws, _now: born)
    session.settle()
    session.close()
    return file


def main() -> None:
    """Print the costs of each plan in each window, a line each."""
    os.environ.setdefault("TERM", "xterm-256color")
    for tasks in map(int, sys.argv[1:] or ("20", "10000")):
        for size in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                told = [
                    f"{name} {cost.milliseconds:.0f} ms {cost.sent} B"
                    for name, cost in costs(plan(Path(folder), tasks), size)
                ]
            sys.stdout.write(f"{tasks:>6} tasks {size[0]}x{size[1]}  {' · '.join(told)}\n")


if __name__ == "__main__":
    main()
