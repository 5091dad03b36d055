"""Measures the command line: `python -m tests.bench.bench_cli [SIZE …]`, exec to exit.

Beside `python -c pass` and, where it is installed, Taskwarrior with the same tasks (`task import`),
in turns: medians of the CPU time, user and system, and of the time on the clock. With compiled
bytecode, as an installed program has it. Ratios are to what is named at the end of the line: the
same call of Taskwarrior, else the bare Python.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests import ROOT
from tests.bench.board_graphs import net
from tracker.domain.change import Change, Edit
from tracker.domain.draft import Now
from tracker.domain.model import Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.session import Session

ROUNDS = 11
BARE = "python -c pass"
LINE = 'Firewall freischalten @"Department 1" !high'
CALLS: Mapping[str, Sequence[str]] = {
    "list": ("list",),
    "list --json": ("list", "--json"),
    "list is:ready": ("list", "is:ready"),
    "show 1": ("show", "1"),
    "add": ("add", LINE),
    "undo": ("undo",),
    "export": ("export", "{out}", "--force"),
}
# What of Taskwarrior does the same as which call.
PEERS: Mapping[str, tuple[str, Sequence[str]]] = {
    "task add": ("add", ("add", "Firewall freischalten project:Netz priority:H")),
    "task list": ("list", ("list",)),
    "task export": ("export", ("export",)),
}


class Times(NamedTuple):
    """What a run took, in seconds: of the processors, and on the clock."""

    cpu: float
    clock: float


def make(path: Path, size: int) -> Workspace:
    """Write a workspace of so many tasks, and return it."""

    def command(_ws: Workspace, _now: Now) -> Change:
        entities = net(size).entities()
        return Change(sentence("Made"), tuple(Edit(None, entity) for entity in entities))

    session = Session.open(path, who="bench")
    session.do(command)
    session.checkpoint()
    session.close()
    return session.workspace


def make_peer(folder: Path, tasks: Iterable[Task]) -> Mapping[str, str]:
    """Import tasks into a new store of Taskwarrior; return its environment."""
    folder.mkdir()
    settings = folder / "taskrc"
    settings.write_text(f"data.location={folder}\nconfirmation=no\nverbose=nothing\nhooks=off\n")
    environment = os.environ | {"TASKRC": str(settings), "TASKDATA": str(folder)}
    rows = [{"description": task.title, "project": f"P{task.department or 0}"} for task in tasks]
    subprocess.run(
        ["task", "import", "-"],
        input=json.dumps(rows).encode(),
        env=environment,
        check=True,
        capture_output=True,
    )
    return environment


def taken(words: Sequence[str], environment: Mapping[str, str]) -> Times:
    """Return what a run takes from exec to exit."""
    start = time.perf_counter()
    process = subprocess.Popen(
        words, env=dict(environment), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _number, status, used = os.wait4(process.pid, 0)
    clock = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return Times(used.ru_utime + used.ru_stime, clock)


def measure(size: int, folder: Path) -> None:
    """Print the times of every call at one size."""
    file = folder / f"{size}.json"
    ws = make(file, size)
    ours = os.environ | {
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
        "TRACKER_FILE": str(file),
    }
    out = str(folder / "out.json")
    runs: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {
        BARE: ((sys.executable, "-c", "pass"), ours)
    }
    for name, words in CALLS.items():
        fitted = [word.replace("{out}", out) for word in words]
        runs[name] = ((sys.executable, "-m", "tracker", *fitted), ours)
    if shutil.which("task"):
        theirs = make_peer(folder / f"task-{size}", ws.tasks.values())
        runs |= {name: (("task", *words), theirs) for name, (_call, words) in PEERS.items()}
    times: dict[str, list[Times]] = {name: [] for name in runs}
    for _ in range(ROUNDS + 1):
        for name, run in runs.items():
            times[name].append(taken(*run))
    medians = {
        name: Times(*map(statistics.median, zip(*found[1:], strict=True)))
        for name, found in times.items()
    }
    peer_of = {call: name for name, (call, _words) in PEERS.items() if name in runs}
    sys.stdout.write(f"\n{size:,} tasks\n")
    for name, median in medians.items():
        peer = peer_of.get(name, BARE)
        ratios = (ours / beside for ours, beside in zip(median, medians[peer], strict=True))
        cpu, clock = (f"{ratio:5.2f}" for ratio in ratios)
        told = f"CPU {median.cpu * 1000:7.1f} ms {cpu} ×   clock {median.clock * 1000:7.1f} ms"
        sys.stdout.write(f"  {name:<16}{told} {clock} ×  {peer}\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for chosen in map(int, sys.argv[1:] or ("1000", "10000")):
            measure(chosen, Path(place))
