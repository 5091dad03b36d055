"""Taking a baseline: what it keeps, and what is said where that is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from tests.builders import NOW, TODAY, done, plan
from tests.strategies import workspaces
from tracker.domain.errors import Already, NotFound, Refused
from tracker.domain.model import Pass, PlannedFinish, PlannedTask, Project, Task
from tracker.domain.verbs import commands
from tracker.domain.verbs.baselines import (
    delete_baseline,
    find_baseline,
    next_name,
    rename_baseline,
)
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import Chances, chances_of, dates_of, schedule_of, take


def test_it_keeps_what_was_planned_of_each_task() -> None:
    began = datetime(2026, 11, 18, 9, tzinfo=UTC)
    ran = Pass(number=1, started=began, ended=datetime(2026, 11, 20, 9, tzinfo=UTC), outcome="done")
    ws = Workspace(
        [
            Project(id=1, name="CRM", target=date(2026, 12, 1)),
            Task(id=1, title="A", project=1, state="done", passes=(ran,)),
            Task(id=2, title="B", state="doing", likely=5, passes=(Pass(number=1, started=began),)),
            Task(id=3, title="C", project=1, likely=2, low=1, high=4),
            Task(id=4, title="D", project=1, state="dropped"),
            Task(id=5, title="E", project=1, state="done"),
        ]
    )
    chances = {1: Chances(date(2026, 11, 25), date(2026, 11, 30))}
    kept = done(ws, take, name=" Plan  1", reason="agreed", chances=chances).baselines[1]
    assert (kept.name, kept.by, kept.taken, kept.reason) == ("Plan 1", NOW.who, NOW.at, "agreed")
    assert kept.plan == (
        PlannedTask(1, date(2026, 11, 18), date(2026, 11, 20), None, None, "done", 1),
        PlannedTask(2, date(2026, 11, 18), date(2026, 11, 24), 5, None, "doing", None),
        PlannedTask(3, TODAY, date(2026, 11, 24), 2, None, "todo", 1),
        PlannedTask(5, None, None, None, None, "done", 1),
    )
    assert kept.finishes == (
        PlannedFinish(0, date(2026, 11, 24), None, None, None),
        PlannedFinish(1, date(2026, 11, 24), *chances[1], date(2026, 12, 1)),
    )


def test_one_of_a_project_holds_nothing_else() -> None:
    ws = Workspace(
        [Project(id=2, name="CRM"), Task(id=1, title="A"), Task(id=2, title="B", project=2)]
    )
    kept = done(ws, take, name="Plan 1", projects=(2,)).baselines[1]
    assert [row.id for row in kept.plan] == [2]
    assert [row.project for row in kept.finishes] == [2]


def test_with_capacity_it_is_the_plan_of_one_thing_at_a_time() -> None:
    ws = done(plan(), commands.add_task, title="A", assignee="anna", likely=2, low=2, high=2)
    ws = done(ws, commands.add_task, title="B", assignee="anna", likely=2, low=2, high=2)
    free = done(ws, take, name="free").baselines[1]
    one = done(ws, take, name="one", capacity=True).baselines[1]
    assert len({row.finish for row in free.plan}) == 1
    assert len({row.finish for row in one.plan}) == 2
    assert one.capacity


def test_the_forecast_is_that_of_each_project() -> None:
    ws = Workspace(
        [Project(id=1, name="CRM"), Task(id=1, title="A", project=1, low=1, likely=5, high=20)]
    )
    (found,) = chances_of(ws, TODAY).items()
    assert found[0] == 1
    assert TODAY < found[1].p50 < found[1].p80
    assert not chances_of(Workspace([Task(id=1, title="A", state="done")]), TODAY)


@given(workspaces())
def test_the_plan_is_that_of_the_schedule(ws: Workspace) -> None:
    schedule = schedule_of(ws, TODAY)
    days = dates_of(ws, schedule)
    assert days.keys() == {task.id for task in ws.tasks.values() if task.state != "dropped"}
    for key, (start, finish) in days.items():
        if ws.tasks[key].open:
            assert (start, finish) == schedule.days(key)


def test_a_name_is_taken_once_and_may_be_changed() -> None:
    ws = done(plan(tasks=1), take, name="Plan 1")
    for name, reason in (("plan  1", "already a baseline Plan 1"), ("  ", "Enter a name")):
        with pytest.raises(Refused, match=reason):
            take(ws, NOW, name=name)
    ws = done(ws, take, name="Plan 3")
    assert next_name(ws, "Plan") == "Plan 4"
    with pytest.raises(Refused, match="already a baseline Plan 3"):
        rename_baseline(ws, NOW, baseline="plan 1", to="PLAN 3")
    with pytest.raises(Already):
        rename_baseline(ws, NOW, baseline=1, to="Plan 1")
    assert done(ws, rename_baseline, baseline=1, to="plan 1").baselines[1].name == "plan 1"


def test_nothing_is_no_plan() -> None:
    with pytest.raises(Refused, match="no tasks"):
        take(plan(states="1:dropped"), NOW, name="Plan 1")


def test_deleting_one_can_be_undone_and_a_wrong_name_is_answered() -> None:
    ws = done(plan(tasks=1), take, name="Plan 1")
    change = delete_baseline(ws, NOW, baseline="Plan 1")
    assert ws.apply(change).apply(change.inverse).baselines[1] == ws.baselines[1]
    with pytest.raises(NotFound, match=r"choose from Plan 1\."):
        find_baseline(ws, "Plan 2")
    with pytest.raises(NotFound, match="no baseline yet"):
        find_baseline(ws.apply(change), 1)


def test_it_outlives_the_tasks_it_is_of() -> None:
    ws = done(plan("1-2"), take, name="Plan 1")
    ws = done(ws, commands.delete_task, task=1)
    assert [row.id for row in ws.baselines[1].plan] == [1, 2]
