"""Measures the command line: `python -m tests.bench.bench_cli [SIZE …]`, exec to exit.

Beside `python -c pass`, in turns, medians; with compiled bytecode, as an installed program has it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests import ROOT
from tests.bench.board_graphs import net
from tracker.domain.change import Change, Edit
from tracker.domain.draft import Now
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.session import Session

ROUNDS = 11
CALLS: Mapping[str, Sequence[str]] = {
    "list": ("list",),
    "list --json": ("list", "--json"),
    "list is:ready": ("list", "is:ready"),
    "show 1": ("show", "1"),
    "add": ("add", 'Firewall freischalten @"Department 1" !high'),
    "undo": ("undo",),
    "export": ("export", "{out}", "--force"),
}


def make(path: Path, size: int) -> None:
    """Write a workspace of so many tasks."""

    def command(_ws: Workspace, _now: Now) -> Change:
        entities = net(size).entities()
        return Change(sentence("Made"), tuple(Edit(None, entity) for entity in entities))

    session = Session.open(path, who="bench")
    session.do(command)
    session.checkpoint()
    session.close()


def seconds(words: Sequence[str], environment: Mapping[str, str]) -> float:
    """Return how long Python takes from exec to exit."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *words],
        env=dict(environment),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def measure(size: int, folder: Path) -> None:
    """Print the times of every call at one size."""
    file = folder / f"{size}.json"
    make(file, size)
    environment = os.environ | {
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
        "TRACKER_FILE": str(file),
    }
    out = str(folder / "out.json")
    runs: dict[str, Sequence[str]] = {"python -c pass": ("-c", "pass")}
    for name, words in CALLS.items():
        fitted = [word.replace("{out}", out) for word in words]
        runs[name] = ("-m", "tracker", *fitted)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS + 1):
        for name, run in runs.items():
            times[name].append(seconds(run, environment))
    base = statistics.median(times["python -c pass"][1:])
    sys.stdout.write(f"\n{size:,} tasks\n")
    for name, taken in times.items():
        median = statistics.median(taken[1:])
        line = f"  {name:<16} {median * 1000:7.1f} ms  {median / base:6.1f} ×\n"
        sys.stdout.write(line)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for chosen in map(int, sys.argv[1:] or ("1000", "10000")):
            measure(chosen, Path(place))
