"""What a change costs on a database server, beside a bare loop that does the same in SQL.

    python -m tests.bench.bench_server [--check]

The server is one of its own, on loopback, with fsync. Of commits and openings it prints medians in
milliseconds, round by round in turn; then how a crowd of writing clients fares for a minute, and
how it grows with the number of workspaces. `--check` holds ratios to their bars: at 10,000 tasks
a commit ≤ 2 × the bare loop's INSERT and UPDATE, opening ≤ 3 × that of a file; and lets the crowd
write for some seconds without an error.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from tests.bench.bench_store import AT, filled, renamed, timed
from tests.store.postgres import Server, running
from tests.store.writers import add
from tracker.store import codec, server, workspaces
from tracker.store.address import Address
from tracker.store.copying import copy
from tracker.store.store import Store

COUNT = 10_000
ROUNDS, ROUNDS_OF_OPENING = 200, 15
WORKSPACES, CLIENTS, SECONDS, SECONDS_OF_CHECK = 200, 100, 60.0, 5.0
GROWTH = (10, 100, 1_000)
# A commit is 1.0 to 1.5 times the bare loop; other work on the machine takes its share of either.
BARS = {"commit ÷ bare loop": 2.0, "opening ÷ file": 3.0}


class Contest:
    """One plan on the server and in a file, and tables of the same shape for the bare loop."""

    def __init__(self, postgres: Server, folder: Path) -> None:
        self.file = folder / "plan.json"
        self.address = Address(postgres.url("anna"), "contest")
        filled(self.file, COUNT).close()
        copy(str(self.file), self.address)
        self._store = Store.open(self.address)
        self._bare = server.connect(Address(postgres.url("keeper")))
        self._bare.execute(
            "SET search_path = public;"
            " CREATE TABLE bare_log (LIKE tracker.log INCLUDING ALL);"
            " ALTER TABLE bare_log ALTER digest DROP NOT NULL;"
            " CREATE TABLE bare_entity (LIKE tracker.entity INCLUDING ALL);"
            " INSERT INTO bare_log SELECT * FROM tracker.log;"
            " INSERT INTO bare_entity SELECT * FROM tracker.entity"
        )
        self._key, self._seq = 1, self._store.workspace.seq

    def commit(self, number: int) -> float:
        """Time a change of the store."""
        change = partial(renamed, task=number, title=uuid.uuid4().hex)
        return timed(lambda: self._store.commit(change, at=AT, who="anna"))

    def bare(self, number: int) -> float:
        """Time what puts the same line and the same document where they belong, and no more."""
        log = self._store._journal.log
        seq = self._store.workspace.seq
        [line] = log.lines(seq, seq)
        task = self._store.workspace.tasks[number]
        doc = codec.to_json(task).decode()
        self._seq += 1
        return timed(lambda: self._once(line.decode(), doc, number))

    def _once(self, line: str, doc: str, number: int) -> None:
        bare = self._bare
        with bare.transaction():
            bare.execute(
                "INSERT INTO bare_log VALUES (%s, %s, %s, %s, %s)",
                (self._key, self._seq, uuid.uuid4(), "anna", line),
            )
            bare.execute(
                "UPDATE bare_entity SET doc = %s, seq = %s"
                " WHERE (workspace, kind, id) = (%s, 'tasks', %s)",
                (doc, self._seq, self._key, number),
            )

    def close(self) -> None:
        """Close what is open."""
        self._store.close()
        self._bare.close()


def opened(place: Address | Path) -> None:
    """Open a workspace, and look at all its tasks and arrows."""
    with closing(Store.open(place)) as store:
        assert len(store.workspace.tasks) + len(store.workspace.links) > COUNT


def ratios(contest: Contest, rounds: int) -> dict[str, tuple[float, float]]:
    """Return the medians of ours and of what it is measured by, taken in turn."""
    chance = random.Random(rounds)
    ours, bare, here, there = [], [], [], []
    for _ in range(rounds):
        number = chance.randint(1, COUNT)
        ours.append(contest.commit(number))
        bare.append(contest.bare(number))
    contest._store.checkpoint()
    for _ in range(ROUNDS_OF_OPENING):
        there.append(timed(lambda: opened(contest.address)))
        here.append(timed(lambda: opened(contest.file)))
    middle = statistics.median
    return dict(
        zip(BARS, ((middle(ours), middle(bare)), (middle(there), middle(here))), strict=True)
    )


class Crowd:
    """Clients, each a thread with two workspaces of many, that write for some seconds."""

    def __init__(self, postgres: Server, count: int, prefix: str) -> None:
        self._places = [Address(postgres.url("anna"), f"{prefix}-{n}") for n in range(count)]
        with server.connect(Address(postgres.url("anna"))) as connection:
            for place in self._places:
                workspaces.create(connection, place)
        self.times: list[float] = []
        self.errors: list[BaseException] = []
        self._ready = threading.Barrier(CLIENTS + 1)
        self._end = math.inf

    def write(self, seconds: float) -> None:
        """Have all of them write for so long."""
        clients = [threading.Thread(target=self._client, args=(n,)) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        self._ready.wait()
        self._end = time.monotonic() + seconds
        for client in clients:
            client.join()

    def _client(self, number: int) -> None:
        chance = random.Random(number)
        own = chance.sample(self._places, 2)
        with ExitStack() as stack:
            stores = [stack.enter_context(closing(Store.open(place))) for place in own]
            self._ready.wait()
            try:
                while time.monotonic() < self._end:
                    write = partial(chance.choice(stores).commit, add("x"), at=AT, who="anna")
                    self.times.append(timed(write))
            except BaseException as error:
                self.errors.append(error)

    def told(self, seconds: float) -> str:
        """Return how it went, in a line."""
        times = sorted(self.times)
        p50, p99 = (times[int(len(times) * share)] for share in (0.5, 0.99))
        return (
            f"{len(times) / seconds:>8.0f} commits/s   p50 {p50:.1f} ms   p99 {p99:.1f} ms"
            f"   errors {len(self.errors)}"
        )


def growth(postgres: Server, count: int, before: int) -> str:
    """Return what a commit, an opening and a list of workspaces cost among so many."""
    anna = postgres.url("anna")
    with server.connect(Address(anna)) as connection:
        for n in range(before, count):
            workspaces.create(connection, Address(anna, f"growth-{n}"))
    place = Address(anna, f"growth-{count - 1}")

    def measured(act: Callable[[], object]) -> float:
        return statistics.median(timed(act) for _ in range(40))

    with closing(Store.open(place)) as store:
        commit = measured(partial(store.commit, add("x"), at=AT, who="anna"))
    opening = measured(lambda: Store.open(place).close())
    listing = measured(lambda: workspaces.listed(Address(anna)))
    return f"{count:>10} {commit:>8.2f} {opening:>8.1f} {listing:>8.1f}"


def main(*, check: bool) -> int:
    """Measure, and print; 1 where a bar is broken or a client met an error."""
    failed = False
    with tempfile.TemporaryDirectory() as folder, running(durable=True) as postgres:
        postgres.configure("max_connections = 500")
        postgres.stop()
        postgres.start()
        postgres.create("plans")
        with closing(Contest(postgres, Path(folder))) as contest:
            found = ratios(contest, ROUNDS)
        for name, (ours, other) in found.items():
            beyond = ours > other * BARS[name]
            failed |= beyond
            print(
                f"{name:>20} {ours:>8.2f} ÷ {other:>6.2f} = {ours / other:>5.2f}  <= {BARS[name]:g}"
                f"{'  beyond its bar' if beyond else ''}"
            )
        crowd, seconds = (
            Crowd(postgres, WORKSPACES, "crowd"),
            SECONDS_OF_CHECK if check else SECONDS,
        )
        crowd.write(seconds)
        print(f"{CLIENTS} clients on {WORKSPACES} workspaces for {seconds:.0f} s")
        print(crowd.told(seconds))
        failed |= bool(crowd.errors)
        if not check:
            print(f"{'workspaces':>10} {'commit':>8} {'opening':>8} {'listing':>8}   in ms")
            for before, count in zip((0, *GROWTH), GROWTH, strict=False):
                print(growth(postgres, count, before))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(check=sys.argv[1:] == ["--check"]))
