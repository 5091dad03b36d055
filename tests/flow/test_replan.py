"""Replanning: what is late gets the date on which it will be over, all of it or nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given

from tests.builders import NOW, TODAY, done, plan
from tests.strategies import workspaces
from tracker.domain import status
from tracker.domain.errors import Already, Conflict
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow.replan import NewDue, ends, last_due, new_dues, replan

PAST, AHEAD = TODAY - timedelta(days=5), TODAY + timedelta(days=1)


def late_plan() -> Workspace:
    ws = plan("1-2", tasks=3, low=4, likely=4, high=4)
    ws = done(ws, commands.edit_task, task=1, due=PAST)
    return done(ws, commands.edit_task, task=2, due=AHEAD)


@given(workspaces())
def test_afterwards_nothing_is_late_and_what_was_not_is_as_it_was(ws: Workspace) -> None:
    for unkept in (False, True):
        dues = new_dues(ws, TODAY, ends(ws, TODAY, "finish"), unkept=unkept)
        after = done(ws, replan, dues=dues) if dues else ws
        assert not any(status.late(task, TODAY) for task in after.tasks.values())
        moved = {each.task for each in dues}
        for key, task in ws.tasks.items():
            assert key in moved or after.tasks[key] == task
        assert all(each.new > each.old and each.new >= TODAY for each in dues)
        assert all(each.passed == (each.old < TODAY) for each in dues)
        back = after.apply(replan(ws, NOW, dues=dues).inverse) if dues else ws
        assert list(back.entities()) == list(ws.entities())


def test_what_is_late_is_moved_and_with_it_what_the_plan_does_not_keep() -> None:
    ws = late_plan()
    known = ends(ws, TODAY, "finish")
    first, second = known[1], known[2]
    assert new_dues(ws, TODAY, known) == (NewDue(1, PAST, first, True),)
    assert new_dues(ws, TODAY, known, unkept=True) == (
        NewDue(1, PAST, first, True),
        NewDue(2, AHEAD, second, False),
    )
    assert not new_dues(ws, TODAY, known, tasks=(2, 3))
    assert last_due(ws) == {0: AHEAD}
    assert last_due(ws, new_dues(ws, TODAY, known)) == {0: first}


def test_the_new_date_is_p80_or_the_finish_of_the_schedule() -> None:
    ws = done(plan(tasks=1), commands.edit_task, task=1, low=1, likely=4, high=20, due=PAST)
    p80, finish = (ends(ws, TODAY, by)[1] for by in ("p80", "finish"))
    assert TODAY < finish < p80


def test_it_is_one_change_under_one_name() -> None:
    ws = late_plan()
    dues = new_dues(ws, TODAY, ends(ws, TODAY, "finish"), unkept=True)
    change = replan(ws, NOW, dues=dues)
    assert str(change.label) == "Replanned: 2 due dates"
    assert {edit.fields for edit in change.edits} <= {("due",), ("due", "modified")}


def test_what_somebody_has_changed_since_the_preview_is_refused_as_a_whole() -> None:
    ws = late_plan()
    dues = new_dues(ws, TODAY, ends(ws, TODAY, "finish"), unkept=True)
    for other in (
        done(ws, commands.edit_task, task=1, due=date(2027, 1, 1)),
        done(ws, commands.edit_task, task=2, due=None),
        done(ws, commands.finish, task=1),
    ):
        with pytest.raises(Conflict, match="has changed since the preview"):
            replan(other, NOW, dues=dues)
    with pytest.raises(Conflict, match="Task 1 no longer exists"):
        replan(done(ws, commands.delete_task, task=1), NOW, dues=dues)


def test_nothing_late_is_said() -> None:
    with pytest.raises(Already, match="Nothing is late"):
        replan(plan(tasks=1), NOW, dues=())
