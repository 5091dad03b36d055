"""Baselines on the disk: small, taken by several at once, and unknown to earlier versions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.builders import TODAY
from tracker.domain.change import Change, Edit
from tracker.domain.draft import Draft, Now
from tracker.domain.model import Baseline, Pass, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import take
from tracker.session import Session
from tracker.store.check import check
from tracker.store.store import Store

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def opened(path: Path, who: str) -> Session:
    return Session.open(path, who=who, clock=lambda: AT, today=TODAY)


def filled(path: Path, count: int) -> Session:
    session = opened(path, "anna")
    tasks = (
        Task(
            id=n,
            title=f"Schnittstelle {n} vom Altsystem in die Cloud umziehen",
            low=1.0,
            likely=2.0,
            high=5.0,
            tags=("cutover",),
            passes=(Pass(number=1, opened=AT),),
            created=AT,
        )
        for n in range(1, count + 1)
    )
    change = Change(sentence("All"), tuple(Edit(None, task) for task in tasks))
    session.do(partial(_given, change))
    return session


def _given(change: Change, _ws: Workspace, _now: Now) -> Change:
    return change


def test_it_takes_a_small_part_of_what_the_plan_takes(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    session = filled(path, 300)
    plan = len(Path(f"{path.with_suffix('')}.log").read_bytes())
    session.do(partial(take, name="Plan 1"))
    taken = len(Path(f"{path.with_suffix('')}.log").read_bytes()) - plan
    assert taken < plan / 4
    before = len(Path(f"{path.with_suffix('')}.log").read_bytes())
    draft = Draft(session.workspace)
    draft.new(Task, title="A")
    session.do(partial(_given, draft.change(sentence("Add"))))
    assert len(Path(f"{path.with_suffix('')}.log").read_bytes()) - before < 500, "nothing of it"
    session.close()
    assert not check(path)


def test_two_take_one_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    anna = filled(path, 3)
    bob = opened(path, "bob")
    anna.do(partial(take, name="Plan 1"))
    bob.do(partial(take, name="Plan 2"))
    anna.reload()
    assert [(each.id, each.name, each.by) for each in anna.workspace.baselines.values()] == [
        (1, "Plan 1", "anna"),
        (2, "Plan 2", "bob"),
    ]
    assert list(anna.workspace.baselines.values()) == list(bob.workspace.baselines.values())
    anna.close()
    bob.close()
    assert not check(path)


def test_a_file_with_the_rows_of_an_earlier_version_opens_and_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    filled(path, 1).close()
    store = Store.open(path, who="old", clock=lambda: AT)
    rows = [{"id": 1, "start": "2026-11-23", "finish": "2026-11-24"}]
    old = {"name": "Old", "taken": "2026-11-20T09:00:00Z", "tasks": rows}
    store.db.table("baselines").insert(old)
    store.checkpoint()
    store.close()
    session = opened(path, "anna")
    assert session.workspace.baselines[1] == Baseline(
        id=1, name="Old", taken=datetime(2026, 11, 20, 9, tzinfo=UTC), extra={"tasks": rows}
    )
    session.do(partial(take, name="New"))
    session.checkpoint()
    session.close()
    kept = json.loads(path.read_text())["baselines"]
    assert kept["1"]["tasks"] == rows
    assert kept["2"]["plan"] == [[1, "2026-11-23", "2026-11-24", 2.0, None, "todo", None]]
    assert not check(path)
