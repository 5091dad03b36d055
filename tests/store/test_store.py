from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from tests.builders import contents
from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import Busy, Conflict, Damaged, Refused, StoreError, TooNew
from tracker.domain.model import Link, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.store import checkpoint, codec, file_lock, file_log, files, journal
from tracker.store.check import check
from tracker.store.store import Store

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def add(title: str) -> Callable[[Workspace], Change]:
    def command(ws: Workspace) -> Change:
        return Change(sentence("Add"), (Edit(None, Task(id=ws.next_id(Task), title=title)),))

    return command


def commit(store: Store, title: str, *, at: datetime = AT, who: str = "anna") -> Record:
    return store.commit(add(title), at=at, who=who)


def titles(store: Store) -> list[str]:
    return [task.title for task in store.workspace.tasks.values()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "erp.json"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], Store]]:
    stores: list[Store] = []

    def another() -> Store:
        stores.append(Store.open(path))
        return stores[-1]

    yield another
    for store in stores:
        store.db.close()


Opened = Callable[[], Store]


# --- the ordinary way


def test_what_was_committed_is_there_when_opened_again(opened: Opened) -> None:
    store = opened()
    record = commit(store, "A")
    again = opened()
    assert [*again.records()] == [record]
    assert contents(again.workspace) == contents(store.workspace)


def test_no_more_is_written_than_can_be_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 5000)
    store = Store.open(path)
    with pytest.raises(StoreError, match=r"erp\.log is full"):
        [commit(store, str(number)) for number in range(99)]
    written = titles(store)
    assert len(written) > 5
    assert check(path) == []
    again = Store.open(path)
    assert titles(again) == written
    monkeypatch.setattr(file_log, "ROTATE_FROM", 1)
    again.close()
    commit(store, "and on")
    with pytest.raises(StoreError, match=r"erp\.json would have 0 MB"):
        files.replace(str(path), b" " * 5001, 0o600)
    assert titles(Store.open(path)) == [*written, "and on"]
    store.close()


def test_a_change_is_no_failure_where_somebody_spoils_the_checkpoint_meanwhile(path: Path) -> None:
    store = Store.open(path)
    commit(store, "A")
    path.write_text(path.read_text().replace('"meta"', '"mete"'))
    store.settle()
    store.close()
    (told,) = store.notices
    assert str(told).startswith("erp.json could not be updated. Nothing is lost")
    assert "was not written by tracker" in str(told)
    with pytest.raises(Damaged):
        Store.open(path)


def test_a_checkpoint_can_be_read_by_tinydb_itself(opened: Opened, path: Path) -> None:
    store = opened()
    commit(store, "A")
    store.checkpoint()
    with TinyDB(path, access_mode="r") as stock:
        assert stock.table("tasks").get(doc_id=1) == {"id": 1, "title": "A"}
        assert stock.tables() == {"meta", "tasks"}


def test_opening_takes_checkpoint_and_lines_together(opened: Opened) -> None:
    store = opened()
    for title in "AB":
        commit(store, title)
    store.checkpoint()
    commit(store, "C")
    again = opened()
    assert titles(again) == ["A", "B", "C"]
    assert again.workspace.seq == 3
    assert again.workspace.next_id(Task) == 4


def test_state_is_what_a_reader_gets(opened: Opened) -> None:
    """What cannot be written down as it is must not live on in the writer's memory."""
    store = opened()
    odd = Task(id=1, title="A", low=float("nan"), extra={"set": (1, 2)})
    store.commit(lambda _: Change(sentence("Add"), (Edit(None, odd),)), at=AT, who="anna")
    task = store.workspace.tasks[1]
    assert (task.low, task.extra) == (None, {"set": [1, 2]})


def test_what_is_no_entity_is_refused_and_leaves_no_line(opened: Opened) -> None:
    store = opened()
    flying: Any = Task(id=1, title="A", state="flying")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="cannot be stored: “Invalid enum value 'flying'"):
        store.commit(lambda _: Change(sentence("Add"), (Edit(None, flying),)), at=AT, who="anna")
    assert [*opened().records()] == [*store.records()] == []


def test_a_change_that_does_not_fit_leaves_no_line(opened: Opened) -> None:
    store = opened()
    commit(store, "A")
    wrong = Task(id=1, title="never so")
    with pytest.raises(Conflict):
        store.commit(lambda _: Change(sentence("x"), (Edit(wrong, None),)), at=AT, who="anna")
    dangling = Link(id=1, kind="needs", source=1, target=9)
    with pytest.raises(Refused):
        store.commit(lambda _: Change(sentence("x"), (Edit(None, dangling),)), at=AT, who="anna")
    assert len([*opened().records()]) == 1


def test_numbers_are_never_given_twice(opened: Opened) -> None:
    store = opened()
    commit(store, "A")
    task = store.workspace.tasks[1]
    store.commit(lambda _: Change(sentence("x"), (Edit(task, None),)), at=AT, who="anna")
    store.checkpoint()
    again = opened()
    assert commit(again, "B").change.born(Task)[0].id == 2


def test_without_create_a_missing_workspace_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no workspace at .*nowhere\.json"):
        Store.open(tmp_path / "nowhere.json", create=False)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_becomes_a_workspace(opened: Opened, path: Path) -> None:
    path.touch()
    commit(opened(), "A")
    assert titles(opened()) == ["A"]


def test_a_json_file_of_others_is_refused_and_left_alone(path: Path) -> None:
    path.write_text('{"_default": {"1": {"a": 1}}}')
    with pytest.raises(Damaged, match=r"erp\.json was not written by tracker"):
        Store.open(path)
    assert path.read_text() == '{"_default": {"1": {"a": 1}}}'


def test_a_checkpoint_may_travel_alone(opened: Opened, path: Path, tmp_path: Path) -> None:
    store = opened()
    commit(store, "A")
    store.checkpoint()
    elsewhere = tmp_path / "elsewhere" / "erp.json"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(path.read_bytes())
    moved = Store.open(elsewhere)
    assert titles(moved) == ["A"]
    assert len(moved.notices) == 1
    assert [*moved.records()] == []
    commit(moved, "B")
    moved.close()
    again = Store.open(elsewhere)
    assert titles(again) == ["A", "B"]
    assert [record.seq for record in again.records()] == [2]
    assert [record.seq for record in again.backwards()] == [2]
    assert again.record(1) is None
    again.close()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "erp.json").symlink_to(tmp_path / "real" / "plan.json")
    store = Store.open(tmp_path / "erp.json")
    commit(store, "A")
    store.checkpoint()
    store.close()
    assert (tmp_path / "erp.json").is_symlink()
    assert {p.name for p in (tmp_path / "real").iterdir()} == {
        "plan.json",
        "plan.log",
        "plan.lock",
    }


# --- several at once


def test_a_writer_decides_on_what_others_have_done(opened: Opened) -> None:
    one, two = opened(), opened()
    commit(one, "A")
    assert commit(two, "B").change.born(Task)[0].id == 2
    assert [record.seq for record in one.catch_up()] == [2]
    assert titles(one) == ["A", "B"]


def test_nothing_new_costs_one_look(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened()
    commit(store, "A")
    monkeypatch.setattr(files, "read", lambda *_: pytest.fail("read"))
    assert store.catch_up() == []


def test_what_is_new_costs_what_it_is_and_not_what_was(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower, store = opened(), opened()
    for n in range(50):
        commit(store, str(n))
    follower.catch_up()
    size = path.with_suffix(".log").stat().st_size
    read: list[int] = []
    real = os.pread

    def counted(file: int, length: int, start: int) -> bytes:
        data = real(file, length, start)
        read.append(len(data))
        return data

    monkeypatch.setattr(os, "pread", counted)
    commit(store, "one more")
    assert sum(read) <= 20, "who wrote the last line only looks at its end, and whose the lock is"
    read.clear()
    assert [record.seq for record in follower.catch_up()] == [51]
    assert sum(read) == path.with_suffix(".log").stat().st_size - size


def test_who_waits_too_long_is_told_who_is_writing(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_lock, "PATIENCE", 0.02)
    one, two = opened(), opened()
    commit(two, "A")
    host = os.uname().nodename
    with one.lock("anna"), pytest.raises(Busy) as told:
        commit(two, "B")
    assert str(told.value) == (
        f"erp.json is being changed by anna (process {os.getpid()} on {host})."
        " Try again in a moment."
    )
    commit(two, "B")


@pytest.mark.parametrize("told_there", [b"nobody's name", b"[" * 5000, b"[" * 600 + b"]" * 400])
def test_whoever_holds_the_lock_without_a_name_is_called_others(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, path: Path, told_there: bytes
) -> None:
    monkeypatch.setattr(file_lock, "PATIENCE", 0.02)
    store = opened()
    commit(store, "A")
    lock = path.with_suffix(".lock")
    lock.write_bytes(told_there)
    os.truncate(lock, 1 << 29)
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Busy) as told:
            commit(store, "B")
    assert str(told.value) == "erp.json is being changed by others. Try again in a moment."
    assert not told.value.who
    commit(store, "B")


def test_who_waits_for_the_lock_waits_five_seconds(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = opened(), opened()
    commit(two, "A")
    now, rests = [0.0], [0]

    def rest(seconds: float) -> None:
        now[0] += seconds
        rests[0] += 1

    with one.lock("anna"), monkeypatch.context() as still:
        still.setattr(time, "monotonic", lambda: now[0])
        still.setattr(time, "sleep", rest)
        with pytest.raises(Busy, match="by anna"):
            commit(two, "B")
    assert now[0] == pytest.approx(5, abs=0.1)
    assert rests[0] > 500, "whoever is let in is let in at once"


def test_a_lock_file_that_was_removed_holds_nobody_off(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_lock, "PATIENCE", 0.02)
    one, two = opened(), opened()
    commit(one, "A")
    path.with_suffix(".lock").unlink()
    with two.lock("bob"), pytest.raises(Busy, match="bob"):
        commit(one, "B")
    commit(two, "B")
    with one.lock("anna"):
        assert path.with_suffix(".lock").exists()
    commit(one, "C")
    assert titles(opened()) == ["A", "B", "C"]


@pytest.mark.parametrize("closed", [False, True])
def test_a_lock_file_that_is_removed_while_it_is_held_costs_no_change(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 1)
    one, two = opened(), opened()
    commit(one, "A")

    def long(ws: Workspace) -> Change:
        if len(ws.tasks) == 1:
            path.with_suffix(".lock").unlink()
            commit(two, "B", who="bob")
            if closed:
                two.checkpoint()
        return add("C")(ws)

    assert one.commit(long, at=AT, who="anna").seq == 3
    assert titles(one) == titles(opened()) == ["A", "B", "C"]
    assert not check(path)


def test_a_checkpoint_may_be_written_by_another_thread(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 2_000)
    store, stop = opened(), threading.Event()

    def quietly() -> None:
        while not stop.is_set():
            store.checkpoint()

    thread = threading.Thread(target=quietly)
    thread.start()
    try:
        for n in range(60):
            commit(store, str(n))
    finally:
        stop.set()
        thread.join()
    again = opened()
    assert titles(again) == [str(n) for n in range(60)]
    assert [record.seq for record in again.records()] == list(range(1, 61))


def test_nobody_waits_while_a_checkpoint_is_being_written(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_lock, "PATIENCE", 0.02)
    one, two = opened(), opened()
    commit(one, "A")
    real = files.draft_of

    def meanwhile(path: str, data: bytes, mode: int) -> str:
        draft = real(path, data, mode)
        commit(two, "B")
        thread = threading.Thread(target=commit, args=(one, "C"))
        thread.start()
        thread.join()
        return draft

    with monkeypatch.context() as slow:
        slow.setattr(files, "draft_of", meanwhile)
        assert one.checkpoint()
    assert titles(one) == titles(opened()) == ["A", "B", "C"]


@pytest.mark.parametrize("slow", ["reading_the_old_one", "syncing_the_new_one"])
def test_a_change_waits_for_nothing_slow_in_ones_own_checkpoint(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    store = opened()
    commit(store, "A")
    store.patience = 0.0
    reached, go_on = threading.Event(), threading.Event()
    place, name = {
        "reading_the_old_one": (checkpoint, "meta_of"),
        "syncing_the_new_one": (files, "sync_folder"),
    }[slow]
    real = getattr(place, name)

    def slowly(what: Any) -> Any:
        if threading.current_thread() is thread:
            reached.set()
            go_on.wait(20)
        return real(what)

    thread = threading.Thread(target=store.checkpoint)
    with monkeypatch.context() as slowed:
        slowed.setattr(place, name, slowly)
        thread.start()
        try:
            assert reached.wait(20)
            commit(store, "B")
        finally:
            go_on.set()
            thread.join()
    assert titles(store) == titles(opened()) == ["A", "B"]


def test_who_looks_while_another_thread_writes_mends_nothing(opened: Opened, path: Path) -> None:
    store = opened()
    commit(store, "A")
    journal = path.with_suffix(".log")
    inside, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with store.lock("anna"):
            inside.set()
            go_on.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert inside.wait(20)
        with journal.open("ab") as others_line:
            others_line.write(b'{"v":1,"seq":2,')
        written = journal.read_bytes()
        assert store.catch_up() == []
        assert journal.read_bytes() == written
    finally:
        go_on.set()
        thread.join()


def test_the_history_of_a_task_is_read_while_somebody_writes(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    for n in range(1, 31):
        commit(store, str(n))
    arrow = Link(id=1, kind="needs", source=3, target=30)
    store.commit(lambda _ws: Change(sentence("Link"), (Edit(None, arrow),)), at=AT, who="anna")
    gone = Change(sentence("Unlink"), (Edit(arrow, None),))
    store.commit(lambda _ws: gone, at=AT, who="anna")
    everything = [*store.records()]
    decoded: list[bytes] = []
    decode = codec.decode

    def counted(line: bytes, place: Any) -> codec.JournalLine:
        decoded.append(line)
        return decode(line, place)

    monkeypatch.setattr(codec, "decode", counted)
    found: list[Record] = []
    thread = threading.Thread(target=lambda: found.extend(store.touching(3)))
    with store.lock("anna"), store._journal.log._guard:  # type: ignore[attr-defined]  # a FileLog
        thread.start()
        thread.join(20)
    assert [record.seq for record in found] == [3, 31, 32]
    assert found == [record for record in everything if record.touches(3)]
    assert len(decoded) == 3
    assert store.touching(31) == []


def test_the_history_of_a_task_knows_records_of_an_older_form(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    commit(store, "A")

    def renamed(table: str, doc: codec.Document) -> tuple[str, codec.Document]:
        return "tasks" if table == "issues" else table, doc

    with monkeypatch.context() as newer:
        newer.setattr(codec, "MIGRATIONS", (renamed,))
        assert [record.seq for record in opened().touching(1)] == [1]


# --- the files


def test_strangers_stay_out(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store = Store.open(tmp_path / "new" / "deep" / "erp.json")
        commit(store, "A")
        store.checkpoint()
        (tmp_path / "new" / "deep" / "erp.log").write_bytes(b"torn")
    finally:
        os.umask(old)
    for folder in (tmp_path / "new", tmp_path / "new" / "deep"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in (tmp_path / "new" / "deep").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    store.db.close()


def test_a_group_is_let_in_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "team" / "erp.json"
    Store.open(path, shared=True).close()
    # The next writer need not ask again: what is there already suffices.
    store = Store.open(path)
    commit(store, "A")
    commit(store, "B", at=AT + timedelta(days=2))
    store.checkpoint()
    commit(store, "C", at=AT + timedelta(days=4))
    store.checkpoint()
    store.close()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o2770
    found = [p for p in path.parent.rglob("*") if p.is_file()]
    assert len(found) == 4
    for file in found:
        assert stat.S_IMODE(file.stat().st_mode) == 0o660, file


@pytest.mark.parametrize("name", ["erp.log", "erp.lock"])
def test_a_link_laid_in_the_way_is_not_followed(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    Store.open(tmp_path / "erp.json").close()
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to(victim)
    with pytest.raises(StoreError):
        commit(Store.open(tmp_path / "erp.json"), "A")
    assert victim.read_text() == "precious"


def test_what_lies_in_the_place_of_a_draft_is_not_followed(opened: Opened, path: Path) -> None:
    victim = path.with_name("victim")
    victim.write_text("precious")
    draft = path.with_name(f"erp.json.{os.getpid()}-{threading.get_ident()}.tmp")
    store = opened()
    for lay in (draft.symlink_to, draft.hardlink_to):
        lay(victim)
        commit(store, "A")
        assert store.checkpoint()
    os.mkfifo(draft)
    commit(store, "A")
    assert store.checkpoint()
    draft.mkdir()
    commit(store, "B")
    with pytest.raises(StoreError, match="nothing was changed"):
        store.checkpoint()
    assert victim.read_text() == "precious"
    assert titles(opened()) == ["A", "A", "A", "B"]


def test_the_last_checkpoint_of_each_day_is_kept_for_a_week(opened: Opened, path: Path) -> None:
    store = opened()
    for day in range(12):
        for hour in (1, 2):
            commit(store, f"{day}/{hour}", at=AT + timedelta(days=day, hours=hour))
            store.checkpoint()
    kept = sorted(p.name for p in path.with_suffix(".kept").iterdir())
    assert kept == [f"backup-{(AT + timedelta(days=day)).date()}.json" for day in range(4, 11)]
    backup = path.with_suffix(".kept") / kept[-1]
    assert [t["title"] for t in json.loads(backup.read_bytes())["tasks"].values()][-1] == "10/2"


def test_a_long_journal_is_closed_and_stays_the_history(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 1_000)
    follower, store = opened(), opened()
    for n in range(30):
        commit(store, str(n))
        if n % 10 == 9:
            store.checkpoint()
    commit(store, "last")
    segments = sorted(p.name for p in path.with_suffix(".kept").iterdir())
    assert segments == [
        "log-0000000001-0000000010.log",
        "log-0000000011-0000000020.log",
        "log-0000000021-0000000030.log",
    ]
    assert len(path.with_suffix(".log").read_bytes().splitlines()) == 1
    assert [record.seq for record in follower.catch_up()] == list(range(1, 32))
    again = opened()
    assert [record.seq for record in again.records()] == list(range(1, 32))
    assert [record.seq for record in again.records(since=17)] == list(range(18, 32))
    assert [record.seq for record in again.backwards()] == list(range(31, 0, -1))
    found = again.record(15)
    assert found is not None
    assert found.seq == 15


def test_history_goes_on_where_the_journal_is_closed_meanwhile(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 1)
    store = opened()
    for n in range(5):
        commit(store, str(n))
    reader = opened()
    begun = reader.records()
    first = next(begun)
    store.checkpoint()
    commit(store, "in the next file")
    assert [record.seq for record in (first, *begun)] == [1, 2, 3, 4, 5]
    listed = file_log.FileLog.segments
    outdated: list[list[file_log.Segment]] = [[]]
    monkeypatch.setattr(
        file_log.FileLog, "segments", lambda log: outdated.pop() if outdated else listed(log)
    )
    assert [codec.seq_of(line) for line in reader._journal.log.lines(1, 5)] == [1, 2, 3, 4, 5]
    assert not outdated


def test_history_with_a_record_twice_is_damaged(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 1)
    store = opened()
    commit(store, "A")
    commit(store, "B")
    store.checkpoint()
    [segment] = path.with_suffix(".kept").iterdir()
    commit(store, "C")
    journal = path.with_suffix(".log")
    journal.write_bytes(segment.read_bytes() + journal.read_bytes())
    again = opened()
    with pytest.raises(Damaged, match=r"Record 3 is missing from erp\.log"):
        list(again.records())


def test_a_long_history_is_read_line_by_line(opened: Opened, path: Path) -> None:
    store = opened()
    for n in range(50):
        commit(store, "x" * 20_000 if n % 10 else f"{n}")
    tracemalloc.start()
    try:
        found = sum(len(record.change.edits) for record in store.records())
        assert [record.seq for record in store.touching(1)] == [1]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == 50
    assert peak < path.with_suffix(".log").stat().st_size / 2


def test_a_journal_that_came_and_was_closed_between_two_looks_is_seen(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 1)
    follower, store = opened(), opened()
    commit(store, "A")
    store.checkpoint()
    assert [record.seq for record in follower.catch_up()] == [1]
    commit(store, "B")
    store.checkpoint()
    assert [record.seq for record in follower.catch_up()] == [2]


def test_closing_leaves_a_checkpoint_when_it_is_worth_it(opened: Opened, path: Path) -> None:
    store = opened()
    for n in range(20):
        commit(store, str(n))
    store.checkpoint()
    size = path.stat().st_size
    commit(store, "few")
    assert store.checkpoint(due=True)
    for n in range(400):
        commit(store, "x" * 50 + str(n))
    store.checkpoint()
    large = path.stat().st_size
    assert large > size
    commit(store, "one more")
    assert not store.checkpoint(due=True)
    assert path.stat().st_size == large


def test_a_migration_keeps_what_was_before(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    commit(store, "A")
    store.checkpoint()
    commit(store, "B")
    before = path.read_bytes()
    with monkeypatch.context() as newer:
        newer.setattr(codec, "MIGRATIONS", (lambda t, doc: (t, {**doc, "notes": "migrated"}),))
        migrated = opened()
        assert [t.notes for t in migrated.workspace.tasks.values()] == ["migrated"] * 2
        migrated.checkpoint()
        assert (path.with_suffix(".kept") / "schema-1.json").read_bytes() == before
        commit(migrated, "C")
        assert titles(opened()) == ["A", "B", "C"]
    with pytest.raises(TooNew):
        store.catch_up()
    with pytest.raises(TooNew):
        opened()


def test_an_older_program_puts_nothing_in_the_place_of_what_a_newer_one_wrote(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = opened()
    commit(older, "A")
    older.checkpoint()
    with monkeypatch.context() as newer:
        newer.setattr(codec, "MIGRATIONS", (lambda t, doc: (t, {**doc, "notes": "migrated"}),))
        assert opened()._journal.checkpoint(), "it holds no more, but is of another schema"
    written = path.read_bytes()
    commit(older, "B")
    assert not older.checkpoint()
    assert path.read_bytes() == written
    with pytest.raises(TooNew, match=r"erp\.json was written by a newer version"):
        opened()
    with monkeypatch.context() as newer:
        newer.setattr(codec, "MIGRATIONS", (lambda t, doc: (t, {**doc, "notes": "migrated"}),))
        new = opened()
        commit(new, "C")
        assert titles(new) == ["A", "B", "C"]
    journal = path.with_suffix(".log").read_bytes()
    with pytest.raises(TooNew, match=r"Record 3 of erp\.json was written by a newer version"):
        commit(older, "D")
    assert path.with_suffix(".log").read_bytes() == journal


# --- what goes wrong


@pytest.mark.parametrize("rest", [b"", b"x" * 5_000], ids=["short", "longer_than_the_next"])
def test_a_torn_line_is_set_aside_by_the_next_writer(
    opened: Opened, path: Path, rest: bytes
) -> None:
    commit(opened(), "A")
    journal = path.with_suffix(".log")
    whole, torn = journal.read_bytes(), b'{"v":1,"seq":2,"at":"2026' + rest
    journal.write_bytes(whole + torn)
    store = opened()
    assert titles(store) == ["A"]
    assert journal.read_bytes() == whole + torn
    commit(store, "B")
    assert titles(opened()) == ["A", "B"]
    assert journal.read_bytes().endswith(b"}\n")
    [notice] = store.notices
    [aside] = path.with_suffix(".kept").iterdir()
    assert str(aside) in str(notice)
    assert aside.read_bytes() == torn


def test_who_only_looks_reads_a_torn_line_once(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(opened(), "A")
    store = opened()
    with path.with_suffix(".log").open("ab") as journal:
        journal.write(b'{"v":1,"seq":2,')
    assert store.catch_up() == []
    with monkeypatch.context() as still:
        still.setattr(files, "read", lambda *_: pytest.fail("read"))
        assert store.catch_up() == []
    commit(store, "B")
    assert titles(opened()) == ["A", "B"]


def test_what_is_set_aside_takes_nobodys_place(opened: Opened, path: Path, tmp_path: Path) -> None:
    victim, kept = tmp_path / "victim", path.with_suffix(".kept")
    victim.write_text("precious")
    commit(opened(), "A")
    kept.mkdir()
    (kept / "torn-2.log").write_text("another")
    (kept / "torn-2~1.log").symlink_to(victim)
    (kept / "torn-2~2.log").symlink_to(tmp_path / "nowhere")
    journal = path.with_suffix(".log")
    journal.write_bytes(journal.read_bytes() + b'{"torn')
    commit(opened(), "B")
    assert (kept / "torn-2.log").read_text() == "another"
    assert (kept / "torn-2~3.log").read_bytes() == b'{"torn'
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_a_line_that_lacks_only_its_end_is_kept(opened: Opened, path: Path) -> None:
    commit(opened(), "A")
    commit(opened(), "B")
    journal = path.with_suffix(".log")
    journal.write_bytes(journal.read_bytes()[:-1])
    store = opened()
    commit(store, "C")
    assert titles(store) == titles(opened()) == ["A", "B", "C"]
    assert store.notices == ()


def refusing(code: int) -> Callable[..., Any]:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


@pytest.mark.parametrize(
    ("call", "code", "told"),
    [
        ("pwrite", errno.ENOSPC, "The disk is full: nothing was changed in erp.json"),
        ("pwrite", errno.EDQUOT, "The disk is full"),
        ("fdatasync", errno.EIO, r"Could not write erp\.json \(Input/output error\)"),
        ("fdatasync", errno.ENOSPC, "The disk is full"),
    ],
)
def test_what_the_disk_refuses_is_not_there(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, call: str, code: int, told: str
) -> None:
    store, reader = opened(), opened()
    commit(store, "A")
    with monkeypatch.context() as broken:
        broken.setattr(os, call, refusing(code))
        with pytest.raises(StoreError, match=told):
            commit(store, "B")
    assert titles(store) == titles(opened()) == ["A"]
    commit(store, "C")
    reader.catch_up()
    assert titles(store) == titles(reader) == titles(opened()) == ["A", "C"]


def test_a_system_that_syncs_only_whole_files_will_do(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "fdatasync")
    store, other = opened(), opened()
    commit(store, "A")
    commit(other, "B")
    commit(store, "C")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refusing(errno.EIO))
        with pytest.raises(StoreError, match="Could not write"):
            commit(store, "D")
    assert titles(opened()) == ["A", "B", "C"]


def test_half_a_line_is_taken_back_when_the_disk_fills(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    commit(store, "A")
    before = path.with_suffix(".log").read_bytes()
    real = os.pwrite
    written: list[int] = []

    def fills(file: int, data: bytes, offset: int) -> int:
        if written:
            raise OSError(errno.ENOSPC, "full")
        written.append(real(file, bytes(data)[:20], offset))
        return written[0]

    with monkeypatch.context() as full, store.lock("anna"):
        full.setattr(os, "pwrite", fills)
        with pytest.raises(StoreError):
            commit(store, "B")
    assert path.with_suffix(".log").read_bytes() == before


def test_a_reader_who_saw_what_the_disk_then_refused_forgets_it(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, reader = opened(), opened()
    commit(store, "A")

    def refuse(_file: int) -> None:
        reader.catch_up()
        raise OSError(errno.EIO, "gone")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", refuse)
        with pytest.raises(StoreError):
            commit(store, "B")
    assert titles(reader) == ["A", "B"]
    reader.catch_up()
    assert titles(reader) == ["A"]
    commit(store, "longer than B")
    reader.catch_up()
    assert titles(reader) == ["A", "longer than B"]


@pytest.mark.parametrize("refused", [stat.S_ISREG, stat.S_ISDIR], ids=["line", "name"])
def test_a_failed_first_line_leaves_no_journal(
    opened: Opened,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[[int], bool],
) -> None:
    store = opened()
    real, calls = os.fsync, iter(range(9))

    def refuse(file: int) -> None:
        if refused(os.fstat(file).st_mode) and next(calls) == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file)

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse)
        with pytest.raises(StoreError, match="disk is full"):
            commit(store, "A")
    assert {p.name for p in path.parent.iterdir()} == {"erp.json", "erp.lock"}
    commit(store, "A")
    assert titles(opened()) == ["A"]


def test_a_checkpoint_that_fails_leaves_the_old_one(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    commit(store, "A")
    before = path.read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refusing(errno.EIO))
        with pytest.raises(StoreError):
            store.checkpoint()
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.tmp"))
    assert store.checkpoint()
    assert titles(opened()) == ["A"]


@pytest.mark.parametrize("changed_here", [True, False])
def test_a_last_checkpoint_that_fails_is_told_to_whoever_changed_something(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, changed_here: bool
) -> None:
    writer, reader = opened(), opened()
    for n in range(300):
        commit(writer, str(n))
    reader.catch_up()
    store = writer if changed_here else reader
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refusing(errno.ENOSPC))
        store.close()
    told = [str(notice) for notice in store.notices]
    assert len(told) == changed_here
    for text in told:
        assert text.startswith("erp.json could not be updated. Nothing is lost")
        assert "The disk is full" in text
    assert len(titles(opened())) == 300


@pytest.mark.parametrize(("rotate_from", "kept"), [(1, 2), (1 << 20, 0)])
def test_what_is_told_as_done_has_its_name_on_the_disk_too(
    path: Path, monkeypatch: pytest.MonkeyPatch, rotate_from: int, kept: int
) -> None:
    """After a power cut a renamed file may have its old name, unless its folder was synced."""
    monkeypatch.setattr(file_log, "ROTATE_FROM", rotate_from)
    unsynced: set[Path] = set()
    renamed: list[str] = []
    real_rename, real_fsync = os.rename, os.fsync

    def rename(old: str, new: str) -> None:
        real_rename(old, new)
        renamed.append(Path(new).suffix)
        unsynced.update((Path(old).parent, Path(new).parent))

    def fsync(file: int) -> None:
        real_fsync(file)
        unsynced.discard(Path(os.readlink(f"/proc/self/fd/{file}")))

    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.setattr(os, "fsync", fsync)
    store = Store.open(path)
    for title in "AB":
        commit(store, title)
        assert not unsynced
        store.checkpoint()
        assert not unsynced
    assert renamed.count(".json") == 3
    assert renamed.count(".log") == (2 * kept or 1)
    assert len(list(path.parent.glob("erp.kept/*"))) == kept
    store.close()


def test_damage_in_the_middle_is_refused_by_name(opened: Opened, path: Path) -> None:
    store = opened()
    for title in "ABC":
        commit(store, title)
    journal = path.with_suffix(".log")
    whole = journal.read_bytes()
    journal.write_bytes(whole.replace(b'"title":"B"', b'"title":"b"'))
    with pytest.raises(Damaged, match=r"Line 2 of erp\.log is damaged"):
        opened()
    one, _, three = whole.splitlines(keepends=True)
    journal.write_bytes(one + three)
    with pytest.raises(Damaged, match=r"Record 2 is missing from erp\.log"):
        opened()


def test_a_journal_that_ends_before_the_checkpoint_is_refused(opened: Opened, path: Path) -> None:
    store = opened()
    for title in "ABC":
        commit(store, title)
    store.checkpoint()
    journal = path.with_suffix(".log")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:2]))
    with pytest.raises(Damaged, match=r"erp\.log ends at record 2, but erp\.json has record 3"):
        opened()
    journal.write_bytes(b"")
    with pytest.raises(Damaged, match=r"erp\.log ends at record 0"):
        opened()


def test_a_missing_checkpoint_is_made_of_the_whole_journal(opened: Opened, path: Path) -> None:
    store = opened()
    for title in "AB":
        commit(store, title)
    path.unlink()
    assert titles(opened()) == ["A", "B"]
    assert path.exists()


def test_a_missing_checkpoint_is_named_when_the_journal_does_not_begin(
    opened: Opened, path: Path
) -> None:
    store = opened()
    for title in "AB":
        commit(store, title)
    journal = path.with_suffix(".log")
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[1])
    path.unlink()
    with pytest.raises(Damaged, match=r"erp\.json is missing"):
        opened()


def by_hand(path: Path) -> None:
    """Change a title as a script with TinyDB would."""
    with TinyDB(path) as stock:
        stock.table("tasks").update({"title": "by hand"}, doc_ids=[1])


def test_a_checkpoint_changed_by_hand_is_neither_taken_nor_overwritten(
    opened: Opened, path: Path
) -> None:
    store = opened()
    commit(store, "A")
    store.checkpoint()
    by_hand(path)
    edited = path.read_bytes()
    commit(store, "B")
    with pytest.raises(Damaged, match=r"erp\.json was not written by tracker"):
        store.checkpoint()
    with pytest.raises(Damaged, match=r"erp\.json was not written by tracker"):
        opened()
    assert path.read_bytes() == edited


def test_a_checkpoint_of_another_history_is_neither_taken_nor_overwritten(
    opened: Opened, path: Path, tmp_path: Path
) -> None:
    other = Store.open(tmp_path / "other.json")
    commit(other, "another A")
    other.checkpoint()
    other.close()
    store = opened()
    commit(store, "A")
    commit(store, "B")
    path.write_bytes((tmp_path / "other.json").read_bytes())
    with pytest.raises(Damaged):
        store.checkpoint()
    with pytest.raises(Damaged):
        opened()
    assert path.read_bytes() == (tmp_path / "other.json").read_bytes()


def test_an_older_checkpoint_of_the_same_history_does_no_harm(opened: Opened, path: Path) -> None:
    store = opened()
    commit(store, "A")
    store.checkpoint()
    older = path.read_bytes()
    commit(store, "B")
    store.checkpoint()
    path.write_bytes(older)
    assert titles(opened()) == ["A", "B"]


def test_a_workspace_that_was_removed_is_not_begun_anew(opened: Opened, path: Path) -> None:
    store = opened()
    commit(store, "A")
    for file in path.parent.iterdir():
        file.unlink()
    with pytest.raises(StoreError, match="was removed"):
        commit(store, "B")


def test_what_may_only_be_read_can_be_read(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(opened(), "A")
    real = os.open

    def read_only(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return real(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", read_only)
    store = opened()
    assert titles(store) == ["A"]
    assert store.catch_up() == []
    with pytest.raises(StoreError, match=r"You have no permission to write to erp\.json"):
        commit(store, "B")


def test_opening_imports_little() -> None:
    """The command line answers in well under 150 ms: what opens the store must stay small."""
    heavy = ("asyncio", "filelock", "pendulum", "numpy", "textual", "pathlib", "tempfile")
    script = f"import sys, tracker.session; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_opening_by_very_many_changes_is_told(
    opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_LONG", 3)
    store = opened()
    store.checkpoint()
    for n in range(3):
        commit(store, f"T{n}")
    assert opened().notices == ()
    commit(store, "T3")
    assert [str(notice) for notice in opened().notices] == [
        "Opening took longer: no checkpoint holds the last 4 changes of erp.json yet. One is"
        " written on leaving, unless you may only read it."
    ]
    store.checkpoint()
    assert opened().notices == ()


# --- put back, exchanged, or looked at from afar


def put_back(kept: bytes, file: Path) -> None:
    file.write_bytes(kept)


def exchanged(kept: bytes, file: Path) -> None:
    other = file.with_suffix(".other")
    other.write_bytes(kept)
    other.rename(file)


@pytest.mark.parametrize("way", [put_back, exchanged])
@pytest.mark.parametrize("mine", [True, False], ids=["who_wrote", "who_only_saw"])
def test_a_history_that_went_on_from_a_backup_is_told_once(
    opened: Opened, path: Path, way: Callable[[bytes, Path], None], mine: bool
) -> None:
    store, reader, journal = opened(), opened(), path.with_suffix(".log")
    commit(store, "A")
    kept = journal.read_bytes()
    for title in ("lost", "lost as well"):
        commit(store, title)
        reader.catch_up()
    way(kept, journal)
    other = opened()
    for title in ("B", "C", "D"):
        commit(other, title)
    told = store if mine else reader
    with pytest.raises(Damaged, match=r"erp\.json has a different history now: record [23] is"):
        told.catch_up()
    assert titles(told) == ["A", "B", "C", "D"], "from there on what is there is what counts"
    assert told.catch_up() == []
    commit(told, "E")
    assert titles(opened()) == ["A", "B", "C", "D", "E"]


def test_nothing_is_written_behind_another_history_of_the_same_size(
    opened: Opened, path: Path
) -> None:
    store, journal = opened(), path.with_suffix(".log")
    commit(store, "A")
    kept = journal.read_bytes()
    commit(store, "B")
    other = Store.open(path.with_name("other.json"))
    for title in "AC":
        commit(other, title)
    other.close()
    journal.write_bytes(kept + path.with_name("other.log").read_bytes()[len(kept) :])
    with pytest.raises(Damaged, match="record 2 is not the one it was"):
        commit(store, "D")
    commit(store, "D")
    assert titles(opened()) == ["A", "C", "D"]


def test_a_whole_line_that_does_not_follow_is_set_aside_with_what_is_torn(
    opened: Opened, path: Path
) -> None:
    store, journal = opened(), path.with_suffix(".log")
    commit(store, "A")
    record = Record(2, AT, "eve", Change(sentence("Of another history"), ()))
    with journal.open("ab") as file:
        file.write(codec.encode(record, (), "12345678"))
    commit(store, "B")
    assert titles(opened()) == ["A", "B"]
    assert len(list(path.with_suffix(".kept").glob("torn-2.log"))) == 1


@pytest.mark.parametrize("code", [errno.EROFS, errno.EBADF])
def test_a_disk_that_takes_nothing_any_more_changes_nothing(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    store = opened()
    commit(store, "A")

    def refuse(*_args: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        broken.setattr(os, "pwrite", refuse)
        broken.setattr(os, "ftruncate", refuse)
        with pytest.raises(StoreError, match=r"no permission to write to .*: nothing was changed"):
            commit(store, "B")
    commit(store, "C")
    assert titles(opened()) == ["A", "C"]


def test_a_line_that_lacks_its_end_stays_when_that_cannot_be_written(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(opened(), "A")
    journal = path.with_suffix(".log")
    unended = journal.read_bytes()[:-1]
    journal.write_bytes(unended)
    store = opened()

    def refuse(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", refuse)
        with pytest.raises(StoreError):
            commit(store, "B")
    assert journal.read_bytes() == unended
    commit(store, "C")
    assert titles(opened()) == ["A", "C"]


@pytest.mark.parametrize("begun", [True, False], ids=["a_file", "none_yet"])
def test_the_answers_that_a_file_server_keeps_mislead_no_writer(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    """What a name is, is answered from memory until that is opened; see nfs(5)."""
    one, other = opened(), opened()
    if begun:
        commit(one, "A")
        other.catch_up()
    journal, known = str(path.with_suffix(".log")), {}
    stat, lstat, real = os.stat, os.lstat, os.open

    def kept(look: Callable[..., Any], place: Any, **more: Any) -> Any:
        if place == journal:
            if journal not in known:
                try:
                    known[journal] = look(place, **more)
                except FileNotFoundError as error:
                    known[journal] = error
            if isinstance(found := known[journal], FileNotFoundError):
                raise found
            return found
        return look(place, **more)

    def open_file(place: Any, *args: Any, **more: Any) -> int:
        stays = isinstance(known.get(journal), FileNotFoundError)
        if place == journal and stays:
            raise known[journal]
        if place == (str(path.parent) if stays else journal):
            known.clear()
        return real(place, *args, **more)

    with monkeypatch.context() as afar:
        afar.setattr(os, "stat", partial(kept, stat))
        afar.setattr(os, "lstat", partial(kept, lstat))
        other.catch_up()
        with monkeypatch.context() as near:
            near.setattr(os, "stat", stat)
            near.setattr(os, "lstat", lstat)
            commit(one, "B")
        afar.setattr(os, "open", open_file)
        commit(other, "C")
    assert titles(opened()) == [*("A" * begun), "B", "C"]


def test_a_journal_that_somebody_has_removed_is_told(opened: Opened, path: Path) -> None:
    store = opened()
    commit(store, "A")
    store.checkpoint()
    commit(store, "lost")
    path.with_suffix(".log").unlink()
    [notice] = opened().notices
    assert str(notice) == (
        "erp.log is missing: any change after record 1 is in that file alone."
        " Move and rename erp.json only together with it."
    )
    store.close()


def test_a_checkpoint_that_was_renamed_alone_tells_what_it_may_lack(
    opened: Opened, path: Path
) -> None:
    store = opened()
    commit(store, "A")
    store.checkpoint()
    commit(store, "in the journal alone")
    renamed = path.with_name("plan.json")
    path.rename(renamed)
    other = Store.open(renamed)
    told = "plan.log is missing: any change after record 1 is in that file alone."
    assert [str(notice)[: len(told)] for notice in other.notices] == [told]
    assert [str(finding.text)[: len(told)] for finding in check(renamed)] == [told]
    commit(other, "B")
    other.close()
    assert not Store.open(renamed).notices
    renamed.rename(path)


@pytest.mark.parametrize("head", [b'"seq":1}', b'"seq":{"of":"another form"},"x":1}'])
def test_the_checkpoint_of_a_newer_program_may_have_any_form(
    opened: Opened, path: Path, head: bytes
) -> None:
    store = opened()
    commit(store, "A")
    body = b'","schema":2,' + head + b'},\n"cards":{}\n}\n'
    path.write_bytes(b'{"meta":{"1":{"crc":"%08x%s' % (zlib.crc32(body), body))
    written = path.read_bytes()
    assert not store.checkpoint()
    assert path.read_bytes() == written
    with pytest.raises(TooNew):
        opened()


def test_a_clock_that_was_ahead_for_days_costs_no_later_backup(opened: Opened, path: Path) -> None:
    store = opened()
    for day in range(20):
        ahead = timedelta(days=1000 if day < 9 else 0)
        commit(store, str(day), at=AT + timedelta(days=day) + ahead)
        store.checkpoint()
    kept = sorted(file.name for file in path.with_suffix(".kept").glob("backup-*"))
    days = [str((AT + timedelta(days=day)).date()) for day in range(12, 19)]
    assert kept == [f"backup-{day}.json" for day in days]


@pytest.mark.parametrize("there", ["a_file", "a_link", "a_file_above"])
def test_where_nothing_is_left_it_is_said_that_there_is_no_workspace(
    tmp_path: Path, there: str
) -> None:
    path = tmp_path / "plans" / "erp.json"
    if there == "a_file_above":
        path.parent.touch()
    else:
        path.parent.mkdir()
    if there == "a_file":
        path.with_suffix(".kept").touch()
    elif there == "a_link":
        path.with_suffix(".kept").symlink_to(tmp_path)
    with pytest.raises(StoreError, match="There is no workspace at"):
        Store.open(path, create=False)
