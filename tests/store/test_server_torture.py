"""The promises of a workspace on a server, under kill -9 of writers and of the server itself."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import pytest

from tests.store.postgres import Server, new_folder, running
from tests.store.writers import started, told, write_to_server
from tests.waiting import eventually
from tracker.store import workspaces
from tracker.store.address import Address
from tracker.store.server_check import check
from tracker.store.store import Store

pytestmark = pytest.mark.timeout(3600)
LONG = pytest.mark.torture
WRITERS = "abcdefgh"
# So long a writer waits for a host that writes, on a busy machine too, in seconds.
_PATIENCE = 120.0

Told = list[tuple[int, str]]


class Writer:
    """A process that commits so many tasks, and begins where it stopped when it was killed."""

    def __init__(self, address: Address, name: str, count: int) -> None:
        self._address, self._name, self._count = address, name, count
        self.told: Told = []
        self._process: BaseProcess
        self._pipe: Connection
        self._start(0)

    def _start(self, first: int) -> None:
        address, patience = f"{self._address.server}#{self._address.workspace}", _PATIENCE
        self._process, self._pipe = started(
            write_to_server, address, self._name, first, self._count, patience
        )

    def listen(self) -> None:
        """Take in what it has acknowledged so far."""
        with suppress(EOFError):
            while self._pipe.poll():
                self.told.append(self._pipe.recv())
        assert self._process.is_alive() or len(self.told) >= self._count, "a writer has given up"

    def kill(self, again: str) -> None:
        """Kill it, and let another go on under the name `again` with what it had not told."""
        self._process.kill()
        self._process.join()
        self.told += told(self._pipe)
        self._name += again
        self._start(len(self.told))

    def finish(self) -> Told:
        """Wait for its end, and return all it has acknowledged."""
        self._pipe.poll(_PATIENCE)
        self.told += told(self._pipe)
        self._process.join()
        assert self._process.exitcode == 0
        return self.told


def assert_kept(address: Address, acknowledged: Iterable[tuple[int, str]]) -> int:
    """Compare a workspace with what was acknowledged; return how many records more there are."""
    acknowledged = list(acknowledged)
    assert [str(found.text) for found in check(address) if found.grave] == []
    with closing(Store.open(address)) as store:
        records = [*store.records()]
        assert [record.seq for record in records] == list(range(1, store.workspace.seq + 1))
        born = {record.seq: record.change.edits[0].entity for record in records}
        assert len({entity.id for entity in born.values()}) == len(born)
        titles = [getattr(entity, "title", "") for entity in born.values()]
        assert len(set(titles)) == len(titles), "a change was done twice"
        assert len(dict(acknowledged)) == len(acknowledged)
        for seq, title in acknowledged:
            assert getattr(born.get(seq), "title", None) == title, "a confirmed change was lost"
        assert set(store.workspace.tasks) == {entity.id for entity in born.values()}
        return len(records) - len(acknowledged)


@pytest.mark.parametrize("commits", [15, pytest.param(500, marks=LONG)])
def test_eight_writers_killed_at_random_lose_nothing(place: Address, commits: int) -> None:
    chance = random.Random(commits)
    writers = [Writer(place, name, commits) for name in WRITERS]
    kills, total = 0, len(writers) * commits
    while (done := sum(len(writer.told) for writer in writers)) < total:
        for writer in writers:
            writer.listen()
        # So that the kills fall among all the work, not before or behind it.
        if done > total * (kills + 1) / 12 and kills < 10:
            victim = chance.choice(
                [each for each in writers if len(each.told) < commits] or writers
            )
            victim.kill(f"{kills}-")
            kills += 1
        time.sleep(0.002)
    acknowledged = [entry for writer in writers for entry in writer.finish()]
    assert kills > 3
    # One that was killed may have had a line committed that it could not tell of any more.
    assert 0 <= assert_kept(place, acknowledged) <= kills


@pytest.mark.parametrize("commits", [10, *[pytest.param(300 + n, marks=LONG) for n in range(3)]])
def test_a_primary_is_killed_and_a_standby_takes_over(commits: int) -> None:
    with running(durable=True) as primary:
        primary.create("plans")
        standby = Server(new_folder(), durable=True)
        try:
            standby.follow(primary, "standby")
            standby.start(wait=False)
            with primary.superuser() as root:
                root.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
                root.execute("SELECT pg_reload_conf()")
                state = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
                eventually(lambda: root.execute(state).fetchone() == (1,))
            ports = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
            address = Address(f"postgresql://anna@{ports}/plans", "erp")
            workspaces.init(address)
            writers = [Writer(address, name, commits) for name in WRITERS]
            # In the midst of their work, but not before one of them has begun it.
            while (
                not all(writer.told for writer in writers)
                or sum(len(writer.told) for writer in writers) < len(writers) * commits / 2
            ):
                for writer in writers:
                    writer.listen()
                time.sleep(0.002)
            primary.kill()
            standby.promote()
            acknowledged = [entry for writer in writers for entry in writer.finish()]
            assert len(acknowledged) == len(writers) * commits
            # Nobody was killed but the server: what is there was told of, once each.
            assert assert_kept(address, acknowledged) == 0
        finally:
            standby.close()
