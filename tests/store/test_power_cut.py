"""What a power cut leaves: whatever of it has reached the disk, all that was confirmed is there."""

from __future__ import annotations

import errno
import functools
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.builders import contents
from tests.store.disk import STALE, Disk, Sync, Told, Tree, lay_out
from tests.store.writers import AT, add
from tracker.domain.change import Change, Edit
from tracker.domain.errors import StoreError, TooNew
from tracker.domain.model import Entity, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.store import checkpoint, codec, copying, file_log, files
from tracker.store.check import check
from tracker.store.file_log import FileLog
from tracker.store.lines import LineFile
from tracker.store.repair import repair
from tracker.store.store import Store

pytestmark = pytest.mark.timeout(3600)
LONG = pytest.mark.torture
State = Mapping[tuple[str, int], Entity]
ROTATE_FROM = 300
NEVER = "never confirmed "


class Work(NamedTuple):
    """A piece of work: what is there before, and what is done while the power may fail."""

    before: Callable[[Path], None]
    do: Callable[[Path, Disk], None]
    # Where what is there before is damaged: then it is mended before it is looked at.
    broken: bool = False
    # Where a change is refused by the disk: until that is told it may be there or not.
    refuses: bool = False
    # Where it is looked at by a program that writes the next schema.
    newer: bool = False


def migrate(table: str, doc: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return table, {**doc, "notes": "migrated"} if table == "tasks" else doc


@contextmanager
def newer(really: bool = True) -> Iterator[None]:
    """Be a program of the next schema, for as long as this lasts."""
    with pytest.MonkeyPatch.context() as program:
        program.setattr(codec, "MIGRATIONS", (migrate,) if really else ())
        yield


def nothing(_path: Path) -> None:
    """Leave the folder empty."""


def commit(store: Store, disk: Disk, title: str, *, days: int = 0) -> None:
    disk.told(store.commit(add(title), at=AT + timedelta(days=days), who="anna").seq)


def creation(path: Path, disk: Disk) -> None:
    with closing(Store.open(path)) as store:
        commit(store, disk, "A")
        commit(store, disk, "B")


def creation_in_a_new_folder(path: Path, disk: Disk) -> None:
    creation(path.parent / "plans" / "erp.json", disk)


def empty(path: Path) -> None:
    Store.open(path).close()


def some(path: Path) -> None:
    """Three changes, two of them in the checkpoint."""
    with closing(Store.open(path)) as store:
        for n in range(3):
            store.commit(add(str(n)), at=AT, who="anna")
            if n == 1:
                store.checkpoint()


def commits(path: Path, disk: Disk) -> None:
    with closing(Store.open(path)) as store:
        for n in range(3):
            commit(store, disk, str(n))


def days_and_checkpoints(path: Path, disk: Disk) -> None:
    with closing(Store.open(path)) as store:
        for day in range(3):
            commit(store, disk, str(day), days=day)
            store.checkpoint()


def migrated(path: Path, disk: Disk) -> None:
    """A newer program takes over, with a checkpoint of its own before and after a change."""
    with newer(), closing(Store.open(path)) as store:
        store.checkpoint()
        commit(store, disk, "A")
        store.checkpoint()


def two_programs(path: Path, disk: Disk) -> None:
    """An older program goes on beside a newer one, until that has changed something."""
    with closing(Store.open(path)) as older, closing(Store.open(path)) as old:
        commit(older, disk, "A", days=1)
        with newer():
            Store.open(path).close()
            new = Store.open(path)
            new.checkpoint()
        commit(older, disk, "B", days=2)
        assert not older.checkpoint(), "that of the newer program stays"
        with newer():
            new.catch_up()
            new.checkpoint()
            commit(new, disk, "C", days=3)
            new.close()
        for store in (older, old):
            with pytest.raises(TooNew):
                store.commit(add("never"), at=AT, who="anna")


def imported(path: Path, disk: Disk) -> None:
    def everything(ws: Workspace) -> Change:
        first = ws.next_id(Task)
        tasks = [Task(id=first + n, title=f"Task {n}", notes="x" * 99) for n in range(9)]
        return Change(sentence("Import"), tuple(Edit(None, task) for task in tasks))

    with closing(Store.open(path)) as store:
        disk.told(store.commit(everything, at=AT, who="anna").seq)
        commit(store, disk, "after")


def undone(path: Path, disk: Disk) -> None:
    with closing(Session.open(path, who="anna", clock=lambda: AT)) as session:
        disk.told(session.undo().seq)
        disk.told(session.redo().seq)


def torn(path: Path) -> None:
    """A line that was cut off while it was written."""
    some(path)
    with path.with_suffix(".log").open("ab") as journal:
        journal.write(b'{"v":1,"seq":4,"at":"2026')


def unended(path: Path) -> None:
    """A line that lacks its end, of which no checkpoint knows."""
    store = Store.open(path)
    for n in range(3):
        store.commit(add(str(n)), at=AT, who="anna")
    store.db.close()
    journal = path.with_suffix(".log")
    journal.write_bytes(journal.read_bytes()[:-1])


class Killed(BaseException):
    """The end of a process, at any place."""


def kill(*_args: object) -> None:
    raise Killed


def refuse(*_args: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def cut_off(
    store: Store, instead: Callable[..., None], call: str = "fdatasync", title: str = f"{NEVER}1"
) -> None:
    """Write a line that is never confirmed, since the disk or the process comes to an end."""
    with pytest.MonkeyPatch.context() as broken, suppress(Killed, StoreError):
        broken.setattr(os, call, instead)
        store.commit(add(title), at=AT, who="anna")


def killed_before_a_change(path: Path, disk: Disk) -> None:
    with closing(Store.open(path)) as one, closing(Store.open(path)) as other:
        commit(one, disk, "A")
        cut_off(one, kill)
        commit(other, disk, "B")


def killed_before_a_checkpoint(path: Path, disk: Disk) -> None:
    with closing(Store.open(path)) as one, closing(Store.open(path)) as other:
        commit(one, disk, "A")
        cut_off(one, kill)
        other.catch_up()
        other.checkpoint()
        commit(other, disk, "B")


def killed_before_a_folder_is_synced(path: Path, disk: Disk) -> None:
    with closing(Store.open(path)) as one, closing(Store.open(path)) as other:
        fsync = os.fsync

        def kill_there(file: int) -> None:
            if stat.S_ISDIR(os.fstat(file).st_mode):
                raise Killed
            fsync(file)

        cut_off(one, kill_there, "fsync")
        commit(other, disk, "B")


def killed_and_not_written(path: Path, disk: Disk) -> None:
    """A line of somebody who was killed cannot be written at first, and counts as written then."""
    with closing(Store.open(path)) as one, closing(Store.open(path)) as other:
        commit(one, disk, "A")
        cut_off(one, kill)

        def doubted(file: int) -> None:
            disk.doubt(file)
            refuse()

        cut_off(other, doubted, title=f"{NEVER}2")
        commit(other, disk, "B")


def refused_and_seen(path: Path, disk: Disk) -> None:
    """Somebody has read a line before the disk refuses it, and goes on from there."""
    with closing(Store.open(path)) as one, closing(Store.open(path)) as other:

        def read_and_refuse(_file: int) -> None:
            other.catch_up()
            refuse()

        commit(one, disk, "A")
        cut_off(one, read_and_refuse)
        disk.told(one.workspace.seq, refused=1)
        other.checkpoint()
        commit(one, disk, "known elsewhere 1")  # as long as what was refused
        commit(other, disk, "B")


def another_writes(path: Path, disk: Disk) -> None:
    """One confirms, the other takes it into a checkpoint."""
    with closing(Store.open(path)) as one, closing(Store.open(path)) as other:
        commit(one, disk, "A")
        other.catch_up()
        other.checkpoint()
        commit(other, disk, "B")


def begun_refused_and_seen(path: Path, disk: Disk) -> None:
    """The same with the first line, whose file has its name but not for sure."""
    with closing(Store.open(path)) as one, closing(Store.open(path)) as other:
        fsync = os.fsync
        names = iter((True, False))

        def read_and_refuse(file: int) -> None:
            if stat.S_ISDIR(os.fstat(file).st_mode) and next(names):
                other.catch_up()
                assert other.workspace.seq == 1
                refuse()
            fsync(file)

        cut_off(one, read_and_refuse, "fsync")
        disk.told(0, refused=1)
        other.checkpoint()
        commit(other, disk, "B")


def begun_refused(path: Path, disk: Disk) -> None:
    with closing(Store.open(path)) as store:
        fsync = os.fsync
        names = iter((True, False))

        def refuse_the_name(file: int) -> None:
            if stat.S_ISDIR(os.fstat(file).st_mode) and next(names):
                refuse()
            fsync(file)

        cut_off(store, refuse_the_name, "fsync")
        disk.told(0, refused=1)


def closed_files(path: Path) -> None:
    """Six changes in closed files and the journal, one line of which is damaged."""
    with closing(Store.open(path)) as store:
        for n in range(6):
            store.commit(add(str(n)), at=AT, who="anna")
            if n % 2:
                store.checkpoint()


def damaged_line(path: Path) -> None:
    closed_files(path)
    spoil(sorted(path.with_suffix(".kept").iterdir())[1])


def damaged_checkpoint(path: Path) -> None:
    closed_files(path)
    spoil(path)


def spoil(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def mended(path: Path, disk: Disk) -> None:
    disk.told(6)
    repair(path, at=AT, who="root")


def copied(path: Path, disk: Disk) -> None:
    copying.copy(str(path), str(path.with_name("copy.json")))
    disk.told(3)


WORK = {
    "creation": Work(nothing, creation),
    "creation_in_a_new_folder": Work(nothing, creation_in_a_new_folder),
    "commits": Work(some, commits),
    "days_and_checkpoints": Work(some, days_and_checkpoints),
    "import": Work(some, imported),
    "migration": Work(some, migrated, newer=True),
    "migration_of_a_journal": Work(unended, migrated, newer=True),
    "two_programs": Work(some, two_programs, newer=True),
    "undo": Work(some, undone),
    "torn": Work(torn, commits),
    "unended": Work(unended, commits),
    "killed_before_a_change": Work(some, killed_before_a_change),
    "killed_before_a_folder_is_synced": Work(empty, killed_before_a_folder_is_synced),
    "killed_and_not_written": Work(some, killed_and_not_written),
    "killed_before_a_checkpoint": Work(some, killed_before_a_checkpoint),
    "refused_and_seen": Work(some, refused_and_seen, refuses=True),
    "first_refused_and_seen": Work(empty, refused_and_seen, refuses=True),
    "begun_refused": Work(empty, begun_refused, refuses=True),
    "begun_refused_and_seen": Work(empty, begun_refused_and_seen, refuses=True),
    "another": Work(some, another_writes),
    "repair_of_a_line": Work(damaged_line, mended, broken=True),
    "repair_of_a_checkpoint": Work(damaged_checkpoint, mended, broken=True),
    "copy": Work(some, copied),
}


class Trace(NamedTuple):
    """What was recorded of a piece of work, and what the workspace was after each change.

    What is replaced in a repair is `kept` as it was, under another name.
    """

    disk: Disk
    file: str
    states: list[State]
    kept: list[bytes]


@functools.cache
def traced(name: str) -> Trace:
    """Do a piece of work once, and record it."""
    file = {"creation_in_a_new_folder": "plans/erp.json", "copy": "copy.json"}.get(name, "erp.json")
    return recorded(WORK[name], file)


def recorded(work: Work, file: str = "erp.json") -> Trace:
    """Do a piece of work, and record it; `file` is the workspace that is to be opened then."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as small:
        small.setattr(file_log, "ROTATE_FROM", ROTATE_FROM)
        path = Path(folder) / "erp.json"
        work.before(path)
        disk = Disk(Path(folder))
        before = found_in(Path(folder))
        with disk.recording():
            work.do(path, disk)
        after = found_in(Path(folder))
        kept = [data for name, data in before.items() if data and data != after.get(name)]
        assert after == without_locks(disk.now()), "not all was recorded"
        with newer(work.newer), closing(Store.open(Path(folder) / file)) as store:
            states: list[State] = [{}]
            ws = Workspace()
            for record in store.records():
                ws = ws.apply(record.change, past=True)
                states.append(contents(ws))
            assert states[-1] == contents(store.workspace)
    return Trace(disk, file, states, kept if work.broken else [])


def found_in(folder: Path) -> Tree:
    found = {
        str(place.relative_to(folder)): place.read_bytes() if place.is_file() else None
        for place in folder.rglob("*")
    }
    return without_locks(found)


def without_locks(tree: Tree) -> Tree:
    return {name: data for name, data in tree.items() if not name.endswith(".lock")}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that is emptied again and again."""
    place = tmp_path / "disk"
    yield place
    shutil.rmtree(place, ignore_errors=True)


def undecided(entity: Entity, told: Told) -> bool:
    """Return whether it is of a change that nobody has been told of yet."""
    title = getattr(entity, "title", "")
    return title.startswith(NEVER) and int(title.removeprefix(NEVER)) > told.refused


def schema_of(path: Path) -> int:
    """Return the schema of a checkpoint that is whole; 0 where there is none."""
    meta = checkpoint.meta_of(path.read_bytes() if path.exists() else b"")
    return meta.schema if meta else 0


def look(trace: Trace, work: Work, told: Told, tree: Tree, folder: Path) -> str:
    """Return what is wrong with what is left of a workspace; empty if all is as promised.

    Where a file system shows what was on the disk before, nobody can tell that from damage: it is
    found then, and repairing loses nothing that was confirmed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    lay_out(tree, folder)
    path = folder / trace.file
    if not (path.exists() or path.with_suffix(".log").exists()) and not told.done:
        return ""
    stale = any(data and STALE in data for data in tree.values())
    if schema_of(path) == 2 and schema_of(path.with_suffix(".kept") / "schema-1.json") != 1:
        return "there is no backup of the older schema"
    try:
        if work.broken or stale:
            repair(path, at=AT, who="root")
            if not set(trace.kept) <= set(found_in(folder).values()):
                return "something was not kept as it was"
        grave = [str(found.text) for found in check(path) if found.grave]
        if grave:
            return f"check: {grave}"
        with closing(Store.open(path)) as store:
            seq, found = store.workspace.seq, contents(store.workspace)
            if work.refuses:
                found = {key: one for key, one in found.items() if not undecided(one, told)}
            if found not in trace.states[told.done :]:
                return f"{told}, and not what it was after any record from there on"
            if not (stale or work.refuses) and [found] != trace.states[seq : seq + 1]:
                return f"not what it was after record {seq}"
            history = [*store.records()]
            if [record.seq for record in history] != list(range(1, seq + 1)):
                return "the history has gaps"
            if sum(str(record.change.label).endswith("was damaged") for record in history) > 1:
                return "more of the history is lost than was damaged"
            store.commit(add("next"), at=AT + timedelta(days=9), who="bob")
            store.checkpoint()
        with closing(Store.open(path)) as again:
            if again.workspace.seq != store.workspace.seq:
                return "what comes next does not stay"
    except StoreError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def broken_by(trace: Trace, work: Work, folder: Path, *, without: str = "", complete: int) -> str:
    """Return the first thing that a power cut would break; empty if nothing."""
    for told, tree in trace.disk.crashes(without=without, complete=complete, some=4 * complete):
        with newer(work.newer):
            wrong = look(trace, work, told, tree, folder)
        if wrong:
            sizes = {file: None if data is None else len(data) for file, data in tree.items()}
            return f"{wrong}: {sizes}"
    return ""


SHORT, ALL = 5, 13


@pytest.mark.parametrize("complete", [SHORT, pytest.param(ALL, marks=LONG)])
@pytest.mark.parametrize("name", WORK)
def test_nothing_confirmed_is_lost_in_a_power_cut(name: str, folder: Path, complete: int) -> None:
    assert broken_by(traced(name), WORK[name], folder, complete=complete) == ""


# Syncs that no promise rests on: they bring to the disk soon what it would be told of later.
SPARE = {
    "LineFile._cut for LineFile.cut",  # the next line is synced after it
    "sync_folder for FileLog._rotate",  # making the next file syncs the folder
    "sync_folder for FileLog.checkpoint",  # the old one does as well
}


@pytest.mark.parametrize("complete", [3, pytest.param(7, marks=LONG)])
def test_without_any_of_the_syncs_something_would_be_lost(folder: Path, complete: int) -> None:
    asked: dict[str, list[str]] = {}
    for name in sorted(WORK, key=lambda name: len(traced(name).disk.steps)):
        for step in traced(name).disk.steps:
            if isinstance(step, Sync) and "locals" not in step.by:
                asked.setdefault(step.by, []).append(name)
    assert len(asked) > 9
    assert set(asked) >= SPARE
    needless = {
        by
        for by, names in asked.items()
        if (by not in SPARE or complete > 3)
        and not any(
            broken_by(traced(name), WORK[name], folder, without=by, complete=complete)
            for name in dict.fromkeys(names)
        )
    }
    assert needless == (SPARE if complete > 3 else set())


def in_place(path: str, data: bytes, mode: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
    files.write_new(path, data, mode)
    files.sync_folder(os.path.dirname(path))


def renamed_before_it_is_synced(path: str, data: bytes, mode: int) -> None:
    file = files.create(path + ".tmp", mode)
    files.write(file, data)
    os.rename(path + ".tmp", path)
    os.fsync(file)
    os.close(file)
    files.sync_folder(os.path.dirname(path))


def confirmed_before_it_is_synced(self: LineFile, line: bytes) -> None:
    os.fdatasync(self._file)
    files.write(self._file, line + b"\n", self.end)
    self.end += len(line) + 1


def removed_first(self: FileLog, data: bytes) -> None:
    found = self.segments()[1:]
    for segment in found:
        os.rename(segment.path, segment.path + ".tmp")
    replace_journal(self, data)
    for segment in found:
        os.rename(segment.path + ".tmp", segment.path)


replace_journal = FileLog.replace_journal


@pytest.mark.parametrize(
    ("place", "call", "wrong", "name"),
    [
        (files, "replace", in_place, "days_and_checkpoints"),
        (files, "replace", renamed_before_it_is_synced, "days_and_checkpoints"),
        (LineFile, "append", confirmed_before_it_is_synced, "commits"),
        (LineFile, "ends_with", lambda *_: True, "refused_and_seen"),
        (FileLog, "_stands", lambda *_: True, "killed_before_a_checkpoint"),
        (FileLog, "replace_journal", removed_first, "repair_of_a_line"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_store_in_the_wrong_order_is_found_out(
    monkeypatch: pytest.MonkeyPatch, folder: Path, place: Any, call: str, wrong: Any, name: str
) -> None:
    monkeypatch.setattr(place, call, wrong)
    try:
        trace = recorded(WORK[name])
    except (StoreError, AssertionError):
        return  # already without a power cut
    monkeypatch.undo()
    assert broken_by(trace, WORK[name], folder, complete=SHORT)
