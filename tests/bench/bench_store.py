"""What a change costs in the store, beside TinyDB as it comes and SQLite as it is meant to be used.

    python -m tests.bench.bench_store [--check | TASKS …]

Medians in milliseconds of one run, round by round in turn, so that what else the machine does
falls on all of them alike. The bars are ratios, which `--check` holds: a commit ≤ 2.5 × SQLite
(WAL, synchronous FULL) at every size, ≤ 1/50 of TinyDB at 10,000 tasks, and there no dearer than
at 100.
"""

from __future__ import annotations

import json
import math
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from tinydb import TinyDB

from tracker.domain.change import Change, Edit
from tracker.domain.model import Department, Link, Pass, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.store import codec
from tracker.store.store import Store

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SIZES = (100, 1_000, 10_000, 100_000)
ROUNDS = 60
# TinyDB takes seconds for one change at 100,000 tasks.
_SLOW = 5

# What `--check` allows, at least and at most: the bars, and for the growth room for noise.
BARS = {
    "at 10,000 ÷ at 100": (0.0, 1.5),
    "÷ SQLite at 100": (0.0, 2.5),
    "÷ SQLite at 10,000": (0.0, 2.5),
    "TinyDB ÷ ours at 10,000": (50.0, math.inf),
}
_CHECKS, _CHECK_ROUNDS = 7, 30


def tasks(count: int) -> list[Task]:
    """Return tasks as large as real ones."""
    return [
        Task(
            id=n,
            title=f"Schnittstelle {n} vom Altsystem in die Cloud umziehen",
            department=n % 8 + 1,
            low=1.0,
            likely=2.0,
            high=5.0,
            tags=("cutover", "erp"),
            passes=(Pass(number=1, opened=AT),),
            created=AT,
            modified=AT,
        )
        for n in range(1, count + 1)
    ]


def filled(path: Path, count: int) -> Store:
    """Return a store with tasks, 1.2 arrows a task and a checkpoint."""
    entities = [Department(id=n, name=f"Abteilung {n}") for n in range(1, 9)]
    arrows = [Link(id=n, kind="needs", source=n, target=n + 1 + n % 7) for n in range(1, count - 7)]
    arrows += [
        Link(id=count + n, kind="returns", source=5 * n + 3, target=5 * n + 1)
        for n in range(count // 5)
    ]
    store = Store.open(path)
    everything = [Edit(None, entity) for entity in (*entities, *tasks(count), *arrows)]
    store.commit(lambda _: Change(sentence("All"), tuple(everything)), at=AT, who="bench")
    store.checkpoint()
    return store


def renamed(ws: Workspace, *, task: int, title: str) -> Change:
    """Change one task."""
    before = ws.tasks[task]
    return Change(sentence("Edit"), (Edit(before, replace(before, title=title)),))


def timed(act: Callable[[], object]) -> float:
    """Return how long something takes, in milliseconds."""
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000


class Contest:
    """The same tasks in each store, with another process's view of ours; `times` are in ms."""

    def __init__(self, folder: Path, count: int) -> None:
        folder.mkdir()
        self.count = count
        self.times: dict[str, list[float]] = {}
        self._turn = 0
        self._ours = filled(folder / "ours.json", count)
        self._follower = Store.open(folder / "ours.json")
        self._stock = TinyDB(folder / "stock.json")
        self._table = self._stock.table("tasks")
        documents = [codec.document(task) for task in tasks(count)]
        self._table.insert_multiple(documents)
        lite = sqlite3.connect(folder / "lite.sqlite", isolation_level=None)
        lite.execute("PRAGMA journal_mode = WAL")
        lite.execute("PRAGMA synchronous = FULL")
        lite.execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, doc TEXT)")
        with lite:
            rows = [(doc["id"], json.dumps(doc)) for doc in documents]
            lite.executemany("INSERT INTO tasks VALUES (?, ?)", rows)
        self._lite = lite

    def turn(self, *, tinydb: bool) -> None:
        """Time one change in each store."""
        self._turn += 1
        number, title = self._turn * 7 % self.count + 1, str(self._turn)
        ours = partial(self._ours.commit, partial(renamed, task=number, title=title))
        self._time("ours", partial(ours, at=AT, who="bench"))
        self._time("seen", self._follower.catch_up)
        self._time("sqlite", partial(self._lite_once, number, title))
        if tinydb:
            update = partial(self._table.update, {"title": title})
            self._time("tinydb", partial(update, doc_ids=[number]))

    def _time(self, name: str, act: Callable[[], object]) -> None:
        self.times.setdefault(name, []).append(timed(act))

    def _lite_once(self, number: int, title: str) -> None:
        lite = self._lite
        lite.execute("BEGIN IMMEDIATE")
        row = lite.execute("SELECT doc FROM tasks WHERE id = ?", (number,)).fetchone()
        doc = {**json.loads(row[0]), "title": title}
        lite.execute("UPDATE tasks SET doc = ? WHERE id = ?", (json.dumps(doc), number))
        lite.execute("COMMIT")

    def medians(self) -> dict[str, float]:
        """Return the medians of what was timed since the last time, and begin anew."""
        found = {name: statistics.median(times) for name, times in self.times.items()}
        self.times = {}
        return found

    def close(self) -> None:
        """Close all stores."""
        for store in (self._ours, self._follower, self._stock, self._lite):
            store.close()


def commits(folder: Path, count: int) -> dict[str, float]:
    """Time single changes in each store, and another process's change in ours."""
    with closing(Contest(folder, count)) as contest:
        for n in range(ROUNDS):
            contest.turn(tinydb=count <= 1_000 or n < _SLOW)
        return contest.medians()


def check() -> int:
    """Hold the ratios to their bars; 1 if one is beyond. The sizes take turns as the stores do."""
    ratios: dict[str, list[float]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Contest(Path(folder) / "small", 100)) as small,
        closing(Contest(Path(folder) / "large", 10_000)) as large,
    ):
        for _ in range(_CHECKS):
            for n in range(_CHECK_ROUNDS):
                small.turn(tinydb=False)
                large.turn(tinydb=n < _SLOW)
            few, many = small.medians(), large.medians()
            found = (
                many["ours"] / few["ours"],
                few["ours"] / few["sqlite"],
                many["ours"] / many["sqlite"],
                many["tinydb"] / many["ours"],
            )
            for name, ratio in zip(BARS, found, strict=True):
                ratios.setdefault(name, []).append(ratio)
    failed = False
    for name, (least, most) in BARS.items():
        ratio = statistics.median(ratios[name])
        beyond = not least <= ratio <= most
        failed |= beyond
        bar = f">= {least:g}" if least else f"<= {most:g}"
        print(f"{name:>24} {ratio:>8.2f}  {bar}{'  beyond its bar' if beyond else ''}")
    return int(failed)


def openings(folder: Path, count: int) -> dict[str, list[float]]:
    """Time opening a workspace, and reading its file as plain JSON and as TinyDB does."""
    folder.mkdir()
    path = folder / "ours.json"
    filled(path, count).close()
    found: dict[str, list[float]] = {name: [] for name in ("open", "json", "checkpoint")}
    for _ in range(7):
        found["json"].append(timed(lambda: json.loads(path.read_bytes())))
        with closing(Store.open(path)) as store:
            store.commit(partial(renamed, task=1, title=str(len(found["open"]))), at=AT, who="b")
            found["checkpoint"].append(timed(store.checkpoint))
        found["open"].append(timed(lambda: Store.open(path).close()))
    return found


def starts() -> dict[str, list[float]]:
    """Time fresh processes: Python alone, with msgspec and TinyDB, and with the session."""
    scripts = {
        "python": "pass",
        "+ msgspec, tinydb": "import msgspec, tinydb",
        "+ session": "import tracker.session",
    }
    found: dict[str, list[float]] = {name: [] for name in scripts}
    for _ in range(9):
        for name, script in scripts.items():
            command = [sys.executable, "-c", script]
            found[name].append(timed(partial(subprocess.run, command, check=True)))
    return found


def memory(folder: Path, count: int) -> dict[str, float]:
    """Return the peak memory of fresh processes that open a workspace, in MiB."""
    folder.mkdir()
    path = folder / "ours.json"
    with closing(filled(path, count)) as store:
        store.checkpoint()
    scripts = {
        "ours": "from tracker.store.store import Store; Store.open(sys.argv[1])",
        "tinydb": "from tinydb import TinyDB; TinyDB(sys.argv[1]).table('tasks').all()",
        "json": "import json, pathlib; json.loads(pathlib.Path(sys.argv[1]).read_bytes())",
    }
    # Not by getrusage: a process begins with the peak of the one that started it.
    peak = "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
    found = {}
    for name, script in scripts.items():
        command = [sys.executable, "-c", f"import sys; {script}; {peak}", str(path)]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        found[name] = int(run.stdout) / 1024
    return found


def report(sizes: tuple[int, ...]) -> None:
    """Print the tables."""
    middle = statistics.median
    print("one change, p50 in ms")
    print(
        f"{'tasks':>8} {'ours':>8} {'sqlite':>8} {'tinydb':>9} {'÷ sqlite':>9} {'÷ tinydb':>9}"
        f" {'seen by others':>15}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for count in sizes:
            found = commits(Path(folder) / f"commit-{count}", count)
            ours, lite, stock = (found[name] for name in ("ours", "sqlite", "tinydb"))
            print(
                f"{count:>8} {ours:>8.2f} {lite:>8.2f} {stock:>9.1f} {ours / lite:>9.2f}"
                f" {'1/' + format(stock / ours, '.0f'):>9} {found['seen']:>15.3f}"
            )
        print("\nopening, p50 in ms")
        print(f"{'tasks':>8} {'open':>8} {'json':>8} {'checkpoint':>11}")
        for count in sizes:
            opened = openings(Path(folder) / f"open-{count}", count)
            print(
                f"{count:>8} {middle(opened['open']):>8.1f} {middle(opened['json']):>8.1f}"
                f" {middle(opened['checkpoint']):>11.1f}"
            )
        print("\nmemory after opening, peak in MiB")
        print(f"{'tasks':>8} {'ours':>8} {'tinydb':>8} {'json':>8}")
        for count in sizes:
            peaks = memory(Path(folder) / f"memory-{count}", count)
            print(f"{count:>8} " + " ".join(f"{peak:>8.0f}" for peak in peaks.values()))
    print("\nstarting, p50 in ms")
    for name, times in starts().items():
        print(f"{name:>20} {middle(times):>8.1f}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(check())
    report(tuple(map(int, sys.argv[1:])) or SIZES)
