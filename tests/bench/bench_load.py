"""Measures load and controlling: `python -m tests.bench.bench_load [TASKS …]`.

First the readings, in CPU time. Then the views on a terminal of 80×24 and of 160×48: from a key
until the screen has settled, and what is sent for it. A large plan is to cost what a small one
does: 500 bytes for a step at 80×24, 800 at 160×48.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from tests.bench.bench_timeline import pressed
from tests.bench.board_graphs import net
from tests.builders import TODAY
from tests.terminal import Terminal
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department, Entity, Person, Project, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.flow import controlling, load
from tracker.session import Session

ROUNDS = 5
SIZES = ((80, 24), (160, 48))
KEYS = (
    ("load", ("7",)),
    ("row", ("j",) * 9),
    ("week", ("l", "h") * 4),
    ("page", ("\x1b[6~", "\x1b[5~") * 3),
    ("fold", ("z",) * 4),
    ("controlling", ("v",)),
    ("step", ("j",) * 5),
    ("back", ("v",)),
)


def plan_of(size: int) -> Workspace:
    """Return a plan of so many tasks of which each has effort, and one person for 25 of them."""
    rng, ws = random.Random(1), net(size)
    lanes = [replace(lane, day_rate=700.0) for lane in ws.departments.values()]
    people = [
        Person(id=at, login=f"person{at}", department=1 + at % len(lanes))
        for at in range(1, max(size // 25, 2) + 1)
    ]
    tasks = [
        replace(
            task,
            project=1,
            assignee=rng.choice(people).id,
            low=1.0,
            likely=float(rng.randint(2, 9)),
            high=12.0,
            effort=float(rng.randint(1, 12)),
        )
        for task in ws.tasks.values()
    ]
    kept = [each for each in ws.entities() if not isinstance(each, Task | Department)]
    entities: list[Entity] = [Project(id=1, name="Plan"), *lanes, *people, *tasks, *kept]
    return Workspace(entities)


def cpu(act: Callable[[], object]) -> float:
    """Return the median CPU time of something in milliseconds."""
    times = []
    for _round in range(ROUNDS):
        begun = time.process_time()
        act()
        times.append(time.process_time() - begun)
    return 1000 * median(times)


def look(file: Path, size: tuple[int, int]) -> None:
    """Print what keys cost on the two views in a window."""
    env = {"XDG_STATE_HOME": str(file.parent / "state"), "TRACKER_CONFIG": ""}
    arguments = ["--file", str(file), "--today", TODAY.isoformat()]
    with Terminal(arguments, columns=size[0], rows=size[1], env=env) as terminal:
        terminal.wait_for(r"1 Today|\[1")
        # First figures of the forecast come meanwhile.
        terminal.settle(3.0, 60.0)
        told = []
        for name, keys in KEYS:
            found = [pressed(terminal, key) for key in keys]
            milliseconds = median(cost.milliseconds for cost in found)
            sent = int(median(cost.sent for cost in found))
            told.append(f"{name} {milliseconds:.0f} ms {sent} B")
            terminal.settle(0.5, 5.0)
    sys.stdout.write(f"{size[0]}x{size[1]}  {' · '.join(told)}\n")


def measure(size: int) -> None:
    """Print the figures of a plan of so many tasks."""
    ws = plan_of(size)
    shown = load.read(ws, TODAY)
    rows = [who for who in shown.rows if who.whole]
    in_cells = sum(shown.cell(who, week).days for who in rows for week in shown.weeks)
    readings: dict[str, Callable[[], object]] = {
        "load": lambda: load.read(ws, TODAY),
        "levelled": lambda: load.read(ws, TODAY, capacity=True),
        "controlling": lambda: controlling.read(ws, TODAY),
    }
    sys.stdout.write(
        f"{size} tasks, {len(ws.people)} people,"
        f" effort {shown.whole:.3f}, in cells {in_cells:.3f}\n"
    )
    for name, act in readings.items():
        sys.stdout.write(f"read {name:<12} {cpu(act):8.1f} ms CPU\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        session = Session.open(file, who="bench", today=TODAY)
        born = Change(sentence("Plan"), tuple(Edit(None, each) for each in ws.entities()))
        session.do(lambda _ws, _now: born)
        session.close()
        for window in SIZES:
            look(file, window)


def main() -> None:
    """Print the figures of plans of so many tasks, 10,000 unless given."""
    for size in map(int, sys.argv[1:] or ("10000",)):
        measure(size)


if __name__ == "__main__":
    main()
