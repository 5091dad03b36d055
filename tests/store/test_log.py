"""What every log has to keep, whatever it is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import contents
from tests.store.sqlite_log import SqliteLog
from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import Busy, Damaged
from tracker.domain.model import Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.store import checkpoint, codec
from tracker.store.checkpoint import Snapshot
from tracker.store.file_log import FileLog
from tracker.store.log import Log
from tracker.store.server_log import ServerLog
from tracker.store.store import Store

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Opener = Callable[[], Log]


@pytest.fixture(params=["files", "sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    logs: list[Log] = []
    makers: dict[str, Opener] = {
        "files": lambda: FileLog(tmp_path / "erp.json"),
        "sqlite": lambda: SqliteLog(tmp_path / "erp.sqlite"),
        "postgres": lambda: ServerLog(request.getfixturevalue("place")),
    }

    def another() -> Log:
        logs.append(makers[request.param]())
        return logs[-1]

    yield another
    for log in logs:
        with suppress(Exception):
            log.close()


def lines(count: int) -> list[bytes]:
    found: list[bytes] = []
    for seq in range(1, count + 1):
        prev = codec.seal_of(found[-1]) if found else codec.UNSEALED
        found.append(codec.encode(Record(seq, AT, "anna", Change(sentence("x"), ())), (), prev))
    return found


def checkpoint_after(line: bytes) -> bytes:
    workspace = Workspace(seq=codec.seq_of(line))
    return checkpoint.encode(Snapshot(workspace, {}, codec.seal_of(line), AT))


def write(log: Log, *some: bytes) -> None:
    with log.lock("anna"):
        before = json.loads(some[0])["prev"]
        log.since(codec.seq_of(some[0]) - 1, before)
        for line in some:
            log.append(line)


def begin(log: Log) -> None:
    log.checkpoint(checkpoint.encode(checkpoint.empty()))


def test_an_empty_log_has_nothing(opened: Opener) -> None:
    log = opened()
    assert log.load() is None
    assert log.since(0, codec.UNSEALED) == []
    assert log.first() == 1
    assert not log.changed()


def test_lines_come_back_in_order(opened: Opener) -> None:
    log, some = opened(), lines(5)
    begin(log)
    write(log, *some)
    assert [*log.lines(1, 5)] == some
    assert [*log.lines(3, 4)] == some[2:4]
    assert log.first() == 1
    again = opened()
    assert again.since(0, codec.UNSEALED) == some
    assert again.since(5, codec.seal_of(some[4])) == []


def test_who_goes_on_from_another_line_is_told(opened: Opener) -> None:
    log, some = opened(), lines(2)
    begin(log)
    write(log, *some)
    with pytest.raises(Damaged, match="a different history"):
        opened().since(2, "12345678")


def test_others_see_at_a_look_that_there_is_more(opened: Opener) -> None:
    log, some = opened(), lines(4)
    begin(log)
    other = opened()
    assert other.since(0, codec.UNSEALED) == []
    assert not other.changed()
    write(log, *some[:2])
    assert not log.changed()
    assert other.changed()
    assert other.since(0, codec.UNSEALED) == some[:2]
    assert not other.changed()
    write(log, *some[2:])
    assert other.since(2, codec.seal_of(some[1])) == some[2:]


def test_looking_back_does_not_hide_what_is_new(opened: Opener) -> None:
    log, some = opened(), lines(3)
    begin(log)
    write(log, some[0])
    other = opened()
    other.since(0, codec.UNSEALED)
    write(log, *some[1:])
    assert [*other.lines(1, 1)] == some[:1]
    assert other.changed()
    assert other.since(1, codec.seal_of(some[0])) == some[1:]


def test_a_checkpoint_comes_back_and_leaves_the_lines(opened: Opener) -> None:
    log, some = opened(), lines(3)
    begin(log)
    write(log, *some)
    data = checkpoint_after(some[1])
    assert log.checkpoint(data)
    again = opened()
    assert again.load() == data
    assert again.since(2, codec.seal_of(some[1])) == some[2:]
    assert [*again.lines(1, 3)] == some


def test_an_older_checkpoint_does_not_replace_a_newer_one(opened: Opener) -> None:
    log, some = opened(), lines(2)
    begin(log)
    write(log, *some)
    assert log.checkpoint(checkpoint_after(some[1]))
    assert not log.checkpoint(checkpoint_after(some[0]))
    assert not log.checkpoint(checkpoint_after(some[1]))
    assert log.load() == checkpoint_after(some[1])


def test_a_checkpoint_that_strangers_have_changed_is_left_alone(
    opened: Opener, request: pytest.FixtureRequest
) -> None:
    log, some = opened(), lines(2)
    begin(log)
    write(log, *some)
    theirs = checkpoint_after(some[0]).replace(b'"seq":1', b'"seq":7')
    if isinstance(log, SqliteLog):
        log._db.execute("UPDATE checkpoint SET data = ?", (theirs,))
    elif isinstance(log, FileLog):
        Path(log.paths.checkpoint).write_bytes(theirs)
    else:
        with request.getfixturevalue("postgres").superuser("plans") as owner:
            owner.execute(
                "UPDATE tracker.checkpoint c SET data = %b FROM tracker.workspace w"
                " WHERE w.id = c.workspace AND w.name = %s",
                (theirs, log.name),
            )
    with pytest.raises(Damaged, match="was not written by tracker"):
        log.checkpoint(checkpoint_after(some[1]))
    assert log.load() == theirs


def test_one_writer_at_a_time_and_the_same_may_nest(opened: Opener) -> None:
    one, two = opened(), opened()
    two.patience = 0.02
    with one.lock("anna"):
        with one.lock("anna"):
            pass
        with pytest.raises(Busy), two.lock("bob"):
            pass
    with two.lock("bob"):
        pass


def test_a_store_works_on_it(opened: Opener) -> None:
    def add(title: str) -> Callable[[Workspace], Change]:
        return lambda ws: Change(
            sentence("Add"), (Edit(None, Task(id=ws.next_id(Task), title=title)),)
        )

    anna, bob = Store(opened()), Store(opened())
    anna.checkpoint()
    for n in range(10):
        (anna, bob)[n % 2].commit(add(str(n)), at=AT, who="anna")
    assert [record.seq for record in anna.catch_up()] == [10]
    assert contents(anna.workspace) == contents(bob.workspace)
    anna.checkpoint()
    bob.commit(add("last"), at=AT, who="anna")
    carol = Store(opened())
    assert [task.title for task in carol.workspace.tasks.values()][-2:] == ["9", "last"]
    assert [record.seq for record in carol.records()] == list(range(1, 12))
    assert [record.seq for record in carol.backwards()] == list(range(11, 0, -1))
