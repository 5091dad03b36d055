"""The promises of the store, under kill -9, crowds, cuts and flipped bits."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest

from tests.builders import contents
from tests.store.writers import (
    AT,
    add,
    fill,
    repair_until_call,
    started,
    told,
    write,
    write_until_call,
)
from tracker.domain.errors import Damaged
from tracker.store import file_log
from tracker.store.check import check
from tracker.store.repair import repair
from tracker.store.store import Store

pytestmark = pytest.mark.timeout(3600)
LONG = pytest.mark.torture


def titles(store: Store) -> list[str]:
    return [task.title for task in store.workspace.tasks.values()]


def assert_sound(path: Path) -> None:
    assert [str(found.text) for found in check(path) if found.grave] == []


@pytest.mark.parametrize("trials", [8, pytest.param(1000, marks=LONG)])
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, trials: int) -> None:
    chance = random.Random(trials)
    path = tmp_path / "erp.json"
    acknowledged: list[tuple[int, str]] = []
    for trial in range(trials):
        process, pipe = started(write, str(path), f"{trial}-", 10_000, 4_000)
        pipe.poll(10)
        time.sleep(chance.uniform(0, 0.03))
        process.kill()
        process.join()
        acknowledged += told(pipe)
        store = Store.open(path)
        by_number = {record.seq: record for record in store.records(acknowledged[-20:][0][0] - 1)}
        for seq, title in acknowledged[-20:]:
            [task] = by_number[seq].change.born(type(store.workspace.tasks[1]))
            assert task.title == title
        store.db.close()
    store = Store.open(path)
    assert len(acknowledged) > trials
    assert set(titles(store)) >= {title for _, title in acknowledged}
    assert [record.seq for record in store.records()] == list(range(1, store.workspace.seq + 1))
    store.db.close()
    assert_sound(path)


@pytest.mark.parametrize("commits", [60, pytest.param(1000, marks=LONG)])
def test_four_writers_one_of_them_killed_lose_nothing(tmp_path: Path, commits: int) -> None:
    path = tmp_path / "erp.json"
    Store.open(path).close()
    follower = Store.open(path)
    writers = [started(write, str(path), name, commits, 20_000) for name in "abcd"]
    seen: list[int] = []
    writers[0][1].poll(10)
    time.sleep(commits / 2000)
    writers[3][0].kill()
    acknowledged: list[tuple[int, str]] = []
    while any(process.is_alive() for process, _ in writers):
        seen += [record.seq for record in follower.catch_up()]
        for _, pipe in writers[:3]:
            while pipe.poll():
                try:
                    acknowledged.append(pipe.recv())
                except EOFError:
                    break
        time.sleep(0.001)
    for process, pipe in writers:
        process.join()
        acknowledged += told(pipe)
    assert [process.exitcode for process, _ in writers[:3]] == [0, 0, 0]
    seen += [record.seq for record in follower.catch_up()]
    assert seen == list(range(1, follower.workspace.seq + 1))
    assert len(acknowledged) >= 3 * commits
    born = [record.change.edits[0].entity for record in follower.records()]
    assert len({entity.id for entity in born}) == len(born) == follower.workspace.seq
    by_number = dict(acknowledged)
    assert len(by_number) == len(acknowledged)
    found = {record.seq: record.change.edits[0].after for record in follower.records()}
    assert all(getattr(found[seq], "title", None) == title for seq, title in by_number.items())
    follower.db.close()
    assert_sound(path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Five records, none of them in the checkpoint."""
    path = tmp_path / "erp.json"
    store = Store.open(path)
    for n in range(5):
        store.commit(add(str(n)), at=AT, who="anna")
    store.db.close()
    return path


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=LONG)])
def test_a_journal_cut_anywhere_opens_with_what_was_whole(small: Path, step: int) -> None:
    journal = small.with_suffix(".log")
    whole = journal.read_bytes()
    ends = [at for at, byte in enumerate(whole) if byte == ord("\n")]
    for end in [*range(0, len(whole), step), *ends, *(at + 1 for at in ends)]:
        journal.write_bytes(whole[:end])
        lines = sum(at < end for at in ends)
        store = Store.open(small)
        assert titles(store) == [str(n) for n in range(lines)]
        assert_sound(small)
        # A line that lacks only its newline is complete, and the next writer makes it whole.
        lines += end in ends
        store.commit(add("next"), at=AT, who="anna")
        assert titles(store) == [*(str(n) for n in range(lines)), "next"]
        store.db.close()
        shutil.rmtree(small.with_suffix(".kept"), ignore_errors=True)


@pytest.mark.parametrize("step", [23, pytest.param(1, marks=LONG)])
@pytest.mark.parametrize("ending", [".log", ".json"])
def test_one_flipped_bit_is_noticed_by_whoever_opens(small: Path, step: int, ending: str) -> None:
    file = small.with_suffix(ending)
    whole = file.read_bytes()
    for at in range(0, len(whole) * 8, step):
        bent = bytearray(whole)
        bent[at // 8] ^= 1 << at % 8
        file.write_bytes(bent)
        with pytest.raises(Damaged):
            Store.open(small)
        assert any(found.grave for found in check(small)), at


@pytest.mark.parametrize("step", [199, pytest.param(7, marks=LONG)])
def test_one_flipped_bit_in_what_is_kept_is_found_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 300)
    path = tmp_path / "erp.json"
    store = Store.open(path)
    for n in range(6):
        store.commit(add(str(n)), at=AT, who="anna")
        store.checkpoint()
    expected = contents(store.workspace)
    store.db.close()
    files = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    for damaged, whole in files.items():
        if damaged.suffix == ".lock":
            continue
        for at in range(0, len(whole) * 8, step):
            shutil.rmtree(path.with_suffix(".kept"))
            path.with_suffix(".kept").mkdir()
            path.with_suffix(".log").unlink(missing_ok=True)
            for file, data in files.items():
                file.write_bytes(data)
            bent = bytearray(whole)
            bent[at // 8] ^= 1 << at % 8
            damaged.write_bytes(bent)
            assert any(found.grave for found in check(path)), (damaged, at)
            repair(path, at=AT, who="root")
            assert_sound(path)
            mended = Store.open(path)
            assert contents(mended.workspace) == expected, (damaged, at)
            mended.db.close()


def test_a_file_that_may_not_grow_leaves_the_old_state(tmp_path: Path) -> None:
    path = tmp_path / "erp.json"
    Store.open(path).close()
    process, pipe = started(fill, str(path), 3_000)
    process.join()
    *acknowledged, (last, refusal) = told(pipe)
    assert refusal == ("Could not write erp.json (File too large): nothing was changed.")
    assert last == len(acknowledged) > 5
    assert path.with_suffix(".log").read_bytes().endswith(b"\n")
    store = Store.open(path)
    assert titles(store) == [title for _, title in acknowledged]
    store.db.close()
    assert_sound(path)


def test_a_process_may_end_at_any_call_to_the_disk(tmp_path: Path) -> None:
    number, done = 0, False
    while not done:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "erp.json"
        process, pipe = started(write_until_call, str(path), number)
        process.join()
        acknowledged = told(pipe)
        done = (-1, "done") in acknowledged
        store = Store.open(path)
        assert len(store.workspace.tasks) - len(acknowledged) + done in (0, 1), number
        store.commit(add("next"), at=AT, who="bob")
        store.checkpoint()
        store.db.close()
        assert_sound(path)
        again = Store.open(path)
        expected = list(range(1, again.workspace.seq + 1))
        assert [record.seq for record in again.records()] == expected
        again.db.close()
    assert number > 40


@pytest.mark.parametrize("kind", ["line", "checkpoint"])
def test_a_repair_may_end_at_any_call_to_the_disk(tmp_path: Path, kind: str) -> None:
    sound = tmp_path / "sound"
    sound.mkdir()
    rotate, file_log.ROTATE_FROM = file_log.ROTATE_FROM, 300
    try:
        store = Store.open(sound / "erp.json")
        for n in range(6):
            store.commit(add(str(n)), at=AT, who="anna")
            if n % 2:
                store.checkpoint()
        expected = contents(store.workspace)
        store.db.close()
    finally:
        file_log.ROTATE_FROM = rotate
    damaged = sorted((sound / "erp.kept").iterdir())[1] if kind == "line" else sound / "erp.json"
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    number, done = 0, False
    while not done:
        number += 1
        path = tmp_path / str(number) / "erp.json"
        shutil.copytree(sound, path.parent)
        process, pipe = started(repair_until_call, str(path), number)
        process.join()
        done = (-1, "done") in told(pipe)
        repair(path, at=AT, who="root")
        assert_sound(path)
        store = Store.open(path)
        assert contents(store.workspace) == expected, number
        assert [record.seq for record in store.records()] == list(range(1, 7)), number
        store.db.close()
    assert number > 10
