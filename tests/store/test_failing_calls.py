"""Each call to the operating system may fail: done means there, refused means unchanged."""

from __future__ import annotations

import errno
import itertools
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.builders import contents
from tests.store.system_calls import CHANGING, LOOKING, intercepted
from tests.store.writers import AT, add
from tracker.domain.change import Change, Edit
from tracker.domain.errors import StoreError
from tracker.domain.model import Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.store import copying, file_log
from tracker.store.check import check
from tracker.store.repair import repair
from tracker.store.store import Store

LONG = pytest.mark.torture
CODES = (errno.EIO, errno.ENOSPC, errno.EINTR, errno.EDQUOT)


class Failing:
    """The call of a number fails with a code, or with all that follow; `calls` counts them."""

    def __init__(self, number: int, code: int, *, for_good: bool = False) -> None:
        self.calls, self._number, self._code, self._for_good = 0, number, code, for_good

    def __call__(self, _name: str, real: Any, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        self.calls += 1
        if self.calls == self._number or (self._for_good and self.calls > self._number):
            path = args[0] if args and isinstance(args[0], str) else None
            raise OSError(self._code, os.strerror(self._code), path)
        return real(*args, **more)


class Work(NamedTuple):
    """What is there before, and what is done while calls fail; `changes` if that is a change."""

    before: Callable[[Path], None]
    do: Callable[[Store], object]
    ready: Callable[[Store], object] = lambda _store: None
    changes: bool = True


def commit(store: Store, title: str = "new", days: int = 1) -> None:
    store.commit(add(title), at=AT + timedelta(days=days), who="anna")


def everything(ws: Workspace) -> Change:
    first = ws.next_id(Task)
    tasks = [Task(id=first + n, title=f"Task {n}", notes="x" * 99) for n in range(24)]
    return Change(sentence("Import"), tuple(Edit(None, task) for task in tasks))


def begun(path: Path) -> None:
    Store.open(path).close()


def open_and_close(path: Path) -> None:
    Store.open(path).db.close()


def worked(path: Path) -> None:
    with closing(Store.open(path)) as store:
        for n in range(3):
            commit(store, str(n), 0)
            if n == 1:
                store.checkpoint()
    with closing(Store.open(path)) as store:
        commit(store, "3", 0)


def torn(path: Path) -> None:
    store = Store.open(path)
    for n in range(4):
        commit(store, str(n), 0)
        if n == 1:
            store.checkpoint()
    store.db.close()
    with path.with_suffix(".log").open("ab") as journal:
        journal.write(b'{"v":1,"seq":5,"at":"2026')


def damaged(path: Path) -> None:
    worked(path)
    for file in (min(path.with_suffix(".kept").iterdir()), path):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)


def of_another(store: Store) -> None:
    """Have somebody else change something that `store` has not seen yet."""
    with closing(Store.open(store.place)) as other:
        commit(other, "of another")
        other.db.close()


WORK = {
    "commit": Work(worked, commit),
    "first_commit": Work(begun, commit),
    "commit_behind_another": Work(worked, commit, of_another),
    "commit_after_a_torn_line": Work(torn, commit),
    "import": Work(worked, lambda store: store.commit(everything, at=AT, who="anna")),
    "checkpoint": Work(worked, Store.checkpoint, commit, changes=False),
    "catching_up": Work(worked, Store.catch_up, of_another, changes=False),
    "history": Work(worked, Store.records, changes=False),
}


@pytest.fixture(autouse=True)
def _short_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 300)


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    """Walk over empty folders, of which one is there at a time."""

    def walk() -> Iterator[Path]:
        for n in itertools.count():
            folder = tmp_path / str(n)
            folder.mkdir()
            yield folder
            shutil.rmtree(folder)

    return walk()


def files_open() -> int:
    return len(os.listdir("/proc/self/fd"))


@contextmanager
def nothing_left_open() -> Iterator[None]:
    before = files_open()
    yield
    assert files_open() == before, "a file was left open"


def refused(do: Callable[[], object]) -> str:
    """Return why something was refused; empty if it was not."""
    try:
        do()
    except StoreError as error:
        return str(error)
    return ""


def told(refusal: str, *, changed: bool) -> None:
    """Check that what somebody was told is what is so."""
    if "may be there" not in refusal:
        assert changed == (refusal == ""), refusal
        assert changed or "nothing was changed" in refusal, refusal


def sound(path: Path) -> None:
    assert [str(found.text) for found in check(path) if found.grave] == []


def attempt(work: Work, path: Path, failing: Failing, names: tuple[str, ...]) -> None:
    """Do a piece of work while calls fail, look at what is there, and go on working."""
    work.before(path)
    with nothing_left_open():
        store = Store.open(path)
        work.ready(store)
        with closing(Store.open(path)) as other:
            before = contents(other.workspace)
        with intercepted(failing, names):
            refusal = refused(partial(work.do, store))
        with closing(Store.open(path)) as other:
            changed = contents(other.workspace) != before
            sound(path)
        if work.changes or changed:
            told(refusal, changed=changed)
        commit(store, "next", 2)
        assert "next" in [task.title for task in store.workspace.tasks.values()]
        with closing(Store.open(path)) as other:
            assert contents(other.workspace) == contents(store.workspace)
            assert [record.seq for record in other.records()] == list(
                range(1, store.workspace.seq + 1)
            )
        store.close()
    sound(path)


def tried(folders: Iterator[Path], work: Work, names: tuple[str, ...], **more: Any) -> int:
    """Let each call fail in turn, and return how many there are."""
    for number in itertools.count(1):
        for code in more["codes"](number):
            failing = Failing(number, code, for_good=more.get("for_good", False))
            try:
                attempt(work, next(folders) / "erp.json", failing, names)
            except Exception as error:
                error.add_note(f"call {number} of {names} failed with {errno.errorcode[code]}")
                raise
        if failing.calls < number:
            return number - 1
    raise AssertionError


def one_each(number: int) -> tuple[int, ...]:
    return (CODES[number % len(CODES)],)


def all_each(_number: int) -> tuple[int, ...]:
    return CODES


@pytest.mark.parametrize("codes", [one_each, pytest.param(all_each, marks=LONG)])
@pytest.mark.parametrize("name", WORK)
def test_a_call_that_fails_once_changes_nothing_or_is_not_noticed(
    folders: Iterator[Path], name: str, codes: Callable[[int], tuple[int, ...]]
) -> None:
    assert tried(folders, WORK[name], (*CHANGING, *LOOKING), codes=codes) > 2


@pytest.mark.parametrize("codes", [one_each, pytest.param(all_each, marks=LONG)])
@pytest.mark.parametrize("name", WORK)
def test_calls_that_fail_from_then_on_leave_nobody_deceived(
    folders: Iterator[Path], name: str, codes: Callable[[int], tuple[int, ...]]
) -> None:
    tried(folders, WORK[name], CHANGING, codes=codes, for_good=True)


@pytest.mark.parametrize("codes", [one_each, pytest.param(all_each, marks=LONG)])
@pytest.mark.parametrize("for_good", [False, True])
def test_a_repair_that_was_not_finished_says_so_and_can_be_begun_again(
    folders: Iterator[Path], codes: Callable[[int], tuple[int, ...]], for_good: bool
) -> None:
    path = next(folders) / "erp.json"
    damaged(path)
    repair(path, at=AT, who="root")
    with closing(Store.open(path)) as store:
        expected, last = contents(store.workspace), store.workspace.seq
    for number in itertools.count(1):
        for code in codes(number):
            path = next(folders) / "erp.json"
            damaged(path)
            before = {file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
            failing = Failing(number, code, for_good=for_good)
            with nothing_left_open():
                with intercepted(failing, CHANGING if for_good else (*CHANGING, *LOOKING)):
                    refusal = refused(partial(repair, path, at=AT, who="root"))
                assert re.search("^$|Nothing is lost|nothing was changed", refusal), number
                found = {file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
                assert {data for data in before - found if len(data) != 1000} == set(), number
                repair(path, at=AT, who="root")
            sound(path)
            with closing(Store.open(path)) as store:
                assert (contents(store.workspace), store.workspace.seq) == (expected, last), number
        if failing.calls < number:
            break
    assert number > 20


@pytest.mark.parametrize("codes", [one_each, pytest.param(all_each, marks=LONG)])
@pytest.mark.parametrize(
    "before", [None, worked, torn], ids=lambda before: before and before.__name__
)
def test_what_cannot_be_opened_is_left_as_it_is_and_opens_afterwards(
    folders: Iterator[Path],
    before: Callable[[Path], None] | None,
    codes: Callable[[int], tuple[int, ...]],
) -> None:
    for number in itertools.count(1):
        for code in codes(number):
            path = next(folders) / "plans" / "erp.json"
            if before:
                before(path)
            failing = Failing(number, code)
            with nothing_left_open():
                with intercepted(failing, (*CHANGING, *LOOKING)):
                    refusal = refused(partial(open_and_close, path))
                assert not refusal or "erp.json" in refusal, number
            with closing(Store.open(path)) as store:
                commit(store, "next")
                assert len(store.workspace.tasks) == (5 if before else 1), number
            sound(path)
        if failing.calls < number:
            break
    assert number > 5


@pytest.mark.parametrize("codes", [one_each, pytest.param(all_each, marks=LONG)])
def test_a_copy_is_whole_or_not_there(
    folders: Iterator[Path], codes: Callable[[int], tuple[int, ...]]
) -> None:
    for number in itertools.count(1):
        for code in codes(number):
            path = next(folders) / "erp.json"
            worked(path)
            there = path.with_name("copy.json")
            failing = Failing(number, code)
            with nothing_left_open():
                with intercepted(failing, (*CHANGING, *LOOKING)):
                    refusal = refused(partial(copying.copy, str(path), str(there)))
                left = sorted(file.name for file in path.parent.glob("copy.*"))
                assert bool(refusal) == (left in ([], ["copy.lock"])), (number, refusal, left)
            sound(path)
            if not refusal:
                sound(there)
                with closing(Store.open(path)) as one, closing(Store.open(there)) as other:
                    assert contents(one.workspace) == contents(other.workspace)
        if failing.calls < number:
            break
    assert number > 20
