"""What a change costs in the store, beside TinyDB as it comes and SQLite as it is meant to be used.

    python -m tests.bench.bench_store [TASKS …]

Medians in milliseconds of one run, round by round in turn, so that what else the machine does
falls on all of them alike. The bars are ratios: a commit ≤ 2.5 × SQLite (WAL, synchronous FULL) at
every size, and ≤ 1/50 of TinyDB at 10,000 tasks.
"""

from __future__ import annotations

import json
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


def commits(folder: Path, count: int) -> dict[str, list[float]]:
    """Time single changes in each store, and another process's change in ours."""
    folder.mkdir()
    ours = filled(folder / "ours.json", count)
    follower = Store.open(folder / "ours.json")
    stock = TinyDB(folder / "stock.json")
    table = stock.table("tasks")
    documents = [codec.document(task) for task in tasks(count)]
    table.insert_multiple(documents)
    lite = sqlite3.connect(folder / "lite.sqlite", isolation_level=None)
    lite.execute("PRAGMA journal_mode = WAL")
    lite.execute("PRAGMA synchronous = FULL")
    lite.execute("CREATE TABLE tasks (id INTEGER PRIMARY KEY, doc TEXT)")
    with lite:
        rows = [(doc["id"], json.dumps(doc)) for doc in documents]
        lite.executemany("INSERT INTO tasks VALUES (?, ?)", rows)
    found: dict[str, list[float]] = {name: [] for name in ("ours", "sqlite", "tinydb", "seen")}

    def ours_once(n: int) -> None:
        command = partial(renamed, task=n * 7 % count + 1, title=f"ours {n}")
        ours.commit(command, at=AT, who="bench")

    def lite_once(n: int) -> None:
        number = n * 7 % count + 1
        lite.execute("BEGIN IMMEDIATE")
        row = lite.execute("SELECT doc FROM tasks WHERE id = ?", (number,)).fetchone()
        doc = {**json.loads(row[0]), "title": f"lite {n}"}
        lite.execute("UPDATE tasks SET doc = ? WHERE id = ?", (json.dumps(doc), number))
        lite.execute("COMMIT")

    def stock_once(n: int) -> None:
        table.update({"title": f"stock {n}"}, doc_ids=[n * 7 % count + 1])

    for n in range(ROUNDS):
        found["ours"].append(timed(partial(ours_once, n)))
        found["seen"].append(timed(follower.catch_up))
        found["sqlite"].append(timed(partial(lite_once, n)))
        if n < (ROUNDS if count <= 1_000 else _SLOW):
            found["tinydb"].append(timed(partial(stock_once, n)))
    for store in (ours, follower, stock, lite):
        store.close()
    return found


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
    print("one change, p50 in ms")  # noqa: T201
    print(  # noqa: T201
        f"{'tasks':>8} {'ours':>8} {'sqlite':>8} {'tinydb':>9} {'÷ sqlite':>9} {'÷ tinydb':>9}"
        f" {'seen by others':>15}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for count in sizes:
            found = commits(Path(folder) / f"commit-{count}", count)
            ours, lite, stock = (middle(found[name]) for name in ("ours", "sqlite", "tinydb"))
            print(  # noqa: T201
                f"{count:>8} {ours:>8.2f} {lite:>8.2f} {stock:>9.1f} {ours / lite:>9.2f}"
                f" {'1/' + format(stock / ours, '.0f'):>9} {middle(found['seen']):>15.3f}"
            )
        print("\nopening, p50 in ms")  # noqa: T201
        print(f"{'tasks':>8} {'open':>8} {'json':>8} {'checkpoint':>11}")  # noqa: T201
        for count in sizes:
            found = openings(Path(folder) / f"open-{count}", count)
            print(  # noqa: T201
                f"{count:>8} {middle(found['open']):>8.1f} {middle(found['json']):>8.1f}"
                f" {middle(found['checkpoint']):>11.1f}"
            )
        print("\nmemory after opening, peak in MiB")  # noqa: T201
        print(f"{'tasks':>8} {'ours':>8} {'tinydb':>8} {'json':>8}")  # noqa: T201
        for count in sizes:
            peaks = memory(Path(folder) / f"memory-{count}", count)
            print(f"{count:>8} " + " ".join(f"{peak:>8.0f}" for peak in peaks.values()))  # noqa: T201
    print("\nstarting, p50 in ms")  # noqa: T201
    for name, times in starts().items():
        print(f"{name:>20} {middle(times):>8.1f}")  # noqa: T201


if __name__ == "__main__":
    report(tuple(map(int, sys.argv[1:])) or SIZES)
