"""Power cuts in whatever two people do, and once more while what is left is taken up again."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.builders import contents
from tests.store.disk import STALE, Disk, Tree, lay_out
from tests.store.test_power_cut import (
    NEVER,
    Work,
    broken_by,
    cut_off,
    empty,
    kill,
    recorded,
    refuse,
    traced,
)
from tests.store.writers import AT
from tracker.domain.change import Change, Edit
from tracker.domain.model import Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.store.check import check
from tracker.store.store import Store

pytestmark = pytest.mark.timeout(3600)
LONG = pytest.mark.torture


def large(title: str, size: int, ws: Workspace) -> Change:
    task = Task(id=ws.next_id(Task), title=title, notes="x" * size)
    return Change(sentence("Add"), (Edit(None, task),))


def whatever(seed: int, steps: int, path: Path, disk: Disk) -> None:
    """Do this and that in two processes, some of which are killed and some changes refused."""
    chance = random.Random(seed)
    stores = [Store.open(path), Store.open(path)]
    done = refused = 0
    for step in range(steps):
        which = chance.randrange(2)
        store, other = stores[which], stores[not which]
        what = chance.choice("cccckplrra")
        if what == "c":
            command = partial(large, str(step), chance.randrange(1400))
            done = store.commit(command, at=AT + timedelta(days=step // 4), who="anna").seq
            disk.told(done, refused)
        elif what == "p":
            store.checkpoint()
        elif what == "l":
            other.catch_up()
        elif what == "a":
            store.close()
            stores[which] = Store.open(path)
        elif what == "k":
            cut_off(store, kill, title="killed")
            store.db.close()
            stores[which] = Store.open(path)
        else:

            def read_and_refuse(_file: int, other: Store = other) -> None:
                if chance.random() < 0.5:
                    other.catch_up()
                refuse()

            cut_off(store, read_and_refuse, title=f"{NEVER}{refused + 1}")
            refused += 1
            disk.told(done, refused)
    for store in stores:
        store.close()


@pytest.mark.parametrize("seeds", [range(2), pytest.param(range(2, 14), marks=LONG)], ids=len)
def test_nothing_confirmed_is_lost_whatever_two_people_do(tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        work = Work(empty, partial(whatever, seed, 8 if len(seeds) < 9 else 20), refuses=True)
        wrong = broken_by(recorded(work), work, tmp_path / "disk", complete=4)
        assert wrong == "", f"seed {seed}"


def taken_up(tree: Tree, file: str, folder: Path, elsewhere: Path) -> str:
    """Take up what a power cut has left, and cut the power again; return what is wrong then."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    lay_out(tree, folder)
    path = folder / file
    disk = Disk(folder)
    with disk.recording(), closing(Store.open(path)) as store:
        seen = store.workspace.seq
        store.commit(partial(large, "next", 700), at=AT + timedelta(days=9), who="bob")
        disk.told(1)
        store.checkpoint()
    states = [Workspace()]
    with closing(Store.open(path)) as store:
        for record in store.records():
            states.append(states[-1].apply(record.change, past=True))
    allowed = [contents(ws) for ws in states]
    for told, left in disk.crashes(complete=4, some=8):
        shutil.rmtree(elsewhere, ignore_errors=True)
        elsewhere.mkdir()
        lay_out(left, elsewhere)
        if any(data and STALE in data for data in left.values()):
            continue
        grave = [str(found.text) for found in check(elsewhere / file) if found.grave]
        with closing(Store.open(elsewhere / file)) as again:
            if grave or contents(again.workspace) not in allowed[-1 if told.done else seen :]:
                return f"{grave or told}: {left}"
    return ""


TWICE = ("commits", "unended", "killed_before_a_checkpoint", "refused_and_seen")


@pytest.mark.parametrize("each", [12, pytest.param(1, marks=LONG)])
@pytest.mark.parametrize("name", TWICE)
def test_a_second_power_cut_breaks_no_more_than_the_first(
    tmp_path: Path, name: str, each: int
) -> None:
    trace = traced(name)
    left = [
        tree
        for _, tree in trace.disk.crashes(complete=5)
        if trace.file in tree and not any(data and STALE in data for data in tree.values())
    ]
    for tree in left[::each]:
        assert taken_up(tree, trace.file, tmp_path / "disk", tmp_path / "again") == ""
    assert len(left) > each
