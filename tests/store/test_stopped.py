"""People and machines that stand still, go wrong by a day, or pull the folder away."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.store.writers import AT, add, commit_and_stop, started, told
from tests.waiting import eventually
from tracker.domain.errors import Busy, Damaged, StoreError
from tracker.session import Session
from tracker.store.check import check
from tracker.store.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plans" / "erp.json"
    Store.open(path).close()
    return path


def titles(store: Store) -> list[str]:
    return [task.title for task in store.workspace.tasks.values()]


def commit(store: Store, title: str) -> None:
    store.commit(add(title), at=AT, who="bob")


def grave(path: Path) -> list[str]:
    return [str(found.text) for found in check(path) if found.grave]


# --- stopped


@contextmanager
def stopped(path: Path, call: str) -> Iterator[tuple[int, Connection]]:
    """Have a process stand still in the midst of a commit."""
    process, pipe = started(commit_and_stop, str(path), call)
    assert process.pid
    try:
        eventually(lambda: state_of(process.pid or 0) == "T")
        yield process.pid, pipe
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.join()


def state_of(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


CALLS = ("pwrite", "fdatasync")


@pytest.mark.parametrize("call", CALLS)
def test_who_waits_for_a_process_that_stands_still_hears_who_it_is(path: Path, call: str) -> None:
    with stopped(path, call) as (process, _), closing(Store.open(path)) as store:
        store.patience = 0.02
        with pytest.raises(Busy) as heard:
            commit(store, "mine")
        host = os.uname().nodename
        assert str(heard.value) == (
            f"erp.json is being changed by anna (process {process} on {host})."
            " Try again in a moment."
        )
        assert "before" in titles(store), "who only looks waits for nobody"
        assert [record.seq for record in store.records()][:1] == [1]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("woken", [signal.SIGCONT, signal.SIGKILL], ids=["goes_on", "dies"])
def test_who_waits_goes_on_when_the_other_does_or_dies(
    path: Path, call: str, woken: signal.Signals
) -> None:
    with stopped(path, call) as (process, pipe), closing(Store.open(path)) as store:
        store.patience = 60.0
        waiting = threading.Thread(target=commit, args=(store, "mine"))
        waiting.start()
        os.kill(process, woken)
        waiting.join()
        acknowledged = told(pipe)
    with closing(Store.open(path)) as store:
        assert titles(store) in (["before", "mine"], ["before", "stopped", "mine"])
        assert "stopped" in titles(store) or not acknowledged
        assert acknowledged or woken == signal.SIGKILL
    assert grave(path) == []


def test_who_leaves_leaves_the_checkpoint_to_whoever_holds_the_lock(path: Path) -> None:
    with stopped(path, "fdatasync"):
        store = Store.open(path)
        store.patience = 60.0
        store.close()
        assert store.notices == ()
        assert store.patience == 60.0
    assert grave(path) == []


# --- the clock


@pytest.mark.parametrize("days", [-1, 1, -400], ids=["back", "ahead", "far_back"])
def test_a_clock_that_is_set_wrong_loses_nothing_and_mixes_up_nothing(
    path: Path, days: int
) -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    off = timedelta()

    def clock() -> datetime:
        return now + off

    with closing(Session.open(path, who="anna", clock=clock)) as session:
        for n in range(3):
            off = timedelta(days=days if n == 1 else 0)
            for k in range(2):
                session.do(lambda ws, _now, n=n, k=k: add(f"{n}/{k}")(ws))  # type: ignore[misc]
            session.checkpoint()
        undone = session.undo()
        assert undone.undoes == 6
        assert [task.title for task in session.workspace.tasks.values()][-1] == "2/0"
        assert [record.seq for record in session.history()] == list(range(1, 8))
    with closing(Session.open(path, who="anna", clock=clock)) as session:
        session.redo()
        assert len(session.workspace.tasks) == 6
    findings = [str(found.text) for found in check(path, now)]
    future = [text for text in findings if "dated in the future" in text]
    assert len(future) == (days > 0)
    assert grave(path) == []


# --- the folder


def test_a_folder_that_is_moved_away_is_told_and_taken_up_again(path: Path) -> None:
    elsewhere = path.parent.with_name("elsewhere")
    with closing(Store.open(path)) as store, closing(Store.open(path)) as reader:
        commit(store, "before")
        reader.catch_up()
        path.parent.rename(elsewhere)
        for act in (reader.catch_up, lambda: commit(store, "lost?"), lambda: commit(reader, "x")):
            with pytest.raises(StoreError) as heard:
                act()
            assert str(heard.value) == f"{path} was removed: nothing was changed."
        assert not path.parent.exists(), "nothing is begun anew in its place"
        assert titles(reader) == ["before"], "what was seen stays to be seen"
        elsewhere.rename(path.parent)
        commit(reader, "after")
        store.catch_up()
        assert titles(store) == ["before", "after"]
    assert grave(path) == []


def test_a_folder_that_is_moved_and_linked_to_is_the_same(path: Path) -> None:
    elsewhere = path.parent.with_name("elsewhere")
    with closing(Store.open(path)) as store:
        commit(store, "before")
        path.parent.rename(elsewhere)
        path.parent.symlink_to(elsewhere)
        commit(store, "after")
        store.checkpoint()
    with closing(Store.open(elsewhere / "erp.json")) as store:
        assert titles(store) == ["before", "after"]


def test_a_folder_that_is_removed_is_told_and_not_made_again(path: Path) -> None:
    with closing(Store.open(path)) as store:
        commit(store, "before")
        shutil.rmtree(path.parent)
        for act in (lambda: commit(store, "lost?"), store.catch_up, store.checkpoint):
            with pytest.raises(StoreError, match="was removed: nothing was changed"):
                act()
    assert [str(notice) for notice in store.notices] == [
        f"{path} was removed: nothing was changed."
    ]
    assert not path.parent.exists()


def test_a_history_that_was_put_back_is_told_once(path: Path) -> None:
    with closing(Store.open(path)) as store, closing(Store.open(path)) as reader:
        commit(store, "before")
        kept = path.with_suffix(".log").read_bytes()
        for title in ("A", "B"):
            commit(store, title)
        reader.catch_up()
        path.with_suffix(".log").write_bytes(kept)
        for one in (reader, store):
            with pytest.raises(Damaged) as heard:
                commit(one, "on what is gone")
            assert str(heard.value) == (
                "erp.json was put back to record 1: 2 changes after it are gone, and nothing else"
                " was changed. `tracker check` says more."
            )
            assert titles(one) == ["before"]
        commit(store, "C")
        reader.catch_up()
        assert titles(store) == titles(reader) == ["before", "C"]
        path.with_suffix(".log").write_bytes(kept)
        with pytest.raises(Damaged, match="1 change after it is gone"):
            store.catch_up()
        reader.catch_up()  # to whoever only saw it, it may have been refused by the disk
        assert titles(store) == titles(reader) == ["before"]


# --- limits


def call(path: Path, *words: str, limit: tuple[int, int] | None = None) -> tuple[int, str]:
    """Run the command line under a limit, and return its exit code and what it complains of."""
    run = subprocess.run(
        # What Python compiles under a limit would stay cut off for all who come later.
        [sys.executable, "-B", "-m", "tracker", "--file", str(path), *words],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=(lambda: resource.setrlimit(limit[0], (limit[1],) * 2)) if limit else None,
    )
    return run.returncode, run.stderr


@pytest.mark.parametrize(
    ("limit", "sizes"),
    [
        (resource.RLIMIT_NOFILE, (4, 5, 6)),
        (resource.RLIMIT_FSIZE, (0, 300, 1100)),
        pytest.param(resource.RLIMIT_NOFILE, range(3, 16), marks=pytest.mark.torture),
        pytest.param(resource.RLIMIT_FSIZE, range(0, 2000, 50), marks=pytest.mark.torture),
    ],
    ids=["files", "size", "files_each", "size_each"],
)
def test_under_a_limit_done_means_there_and_refused_says_why(
    path: Path, limit: int, sizes: Sequence[int]
) -> None:
    said: dict[int, str] = {}
    with closing(Store.open(path)) as store:
        commit(store, "before")
    for size in sizes:
        title = f"under {size}"
        code, said[size] = call(path, "add", title, limit=(limit, size))
        with closing(Store.open(path)) as store:
            assert (title in titles(store)) == (code == 0), (size, said)
        assert code == 0 or "Fatal Python error" in said[size] or said[size].count("\n") == 1, said
        assert grave(path) == []
    assert call(path, "add", "after")[0] == 0
