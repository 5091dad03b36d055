"""What a plan takes and costs: the parts add up to the whole, and figures worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import NOW, TODAY, done, later, plan
from tests.flow.test_load import people_at_work
from tracker.domain.draft import Now
from tracker.domain.errors import TrackerError
from tracker.domain.model import Department, Entity, Person, Project, Task
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow import baseline, controlling, load
from tracker.flow.controlling import BY, Amounts, Controlling, CostGroup, ReworkCause

DEV = Department(id=1, name="Development", day_rate=800.0)
OPS = Department(id=2, name="Operations", order=1)
MOVE = Project(id=1, name="Move")


def task(id: int = 1, days: float = 5.0, **fields: Any) -> Task:
    """Return a task of Development that takes so many days for sure."""
    fields = {"department": 1, "project": 1, **fields}
    return Task(id=id, title=f"Task {id}", low=days, likely=days, high=days, **fields)


def read(*entities: Entity, by: CostGroup = "department", **options: Any) -> Controlling:
    """Read what some tasks take."""
    return controlling.read(Workspace([MOVE, DEV, OPS, *entities]), TODAY, by=by, **options)


def at(day: int, hour: int = 9) -> Now:
    """Return a moment so many days after today."""
    moment = datetime(TODAY.year, TODAY.month, TODAY.day, hour, tzinfo=UTC) + timedelta(day)
    return Now(at=moment, today=TODAY + timedelta(day), who="k.brandt")


def test_at_completion_is_spent_and_to_come_and_the_variance_that_less_the_plan() -> None:
    over = task(1, state="done", effort=4, spent=6)
    found = read(over, task(2, effort=3)).total
    assert found.days == Amounts(planned=7, spent=6, to_come=3)
    assert (found.days.at_completion, found.days.variance) == (9, 2)
    assert found.money == Amounts(5600, 4800, 2400)


def test_the_rate_of_the_person_comes_first_and_without_one_there_is_no_cost() -> None:
    dear = Person(id=1, login="anna", day_rate=1000.0)
    found = read(dear, task(1, 2, assignee=1), task(2, 3, department=2)).lines
    assert [line.money and line.money.to_come for line in found] == [2000, None]
    assert found[1].unpriced == (2,)


def test_what_was_spent_on_a_dropped_task_counts_and_its_plan_does_not() -> None:
    found = read(task(1, state="dropped", spent=2), task(2, state="dropped"))
    assert found.total.days == Amounts(planned=0, spent=2, to_come=0)
    assert found.dropped == (1,)
    assert found.total.tasks == (1,)


def test_without_a_record_what_was_planned_was_spent_and_that_is_told() -> None:
    found = read(task(1, 4, state="done"), task(2, 4))
    assert found.total.days.spent == 4
    assert found.unrecorded == (1,)


def test_a_task_with_several_tags_counts_in_equal_parts() -> None:
    found = read(task(1, 6, tags=("audit", "data")), task(2, 1), by="tag")
    assert [(line.name, line.days.to_come) for line in found.lines] == [
        ("audit", 3),
        ("data", 3),
        (None, 1),
    ]
    assert found.shared == (1,)


def test_phases_are_those_of_the_plan() -> None:
    found = read(task(1, 6, phase="Build"), task(2, 1), by="phase")
    assert [(line.name, line.days.to_come) for line in found.lines] == [("Build", 6), (None, 1)]


# --- rework


def sent_back() -> Workspace:
    """Return a plan in which a test sent work back once, two days after four."""
    ws = Workspace([MOVE, DEV, task(1, 4), task(2, 1), *plan("1-2", returns="2-1").links.values()])
    ws = done(ws, commands.start, at(-14), task=1)
    ws = done(ws, commands.finish, at(-11), task=1)
    ws = done(ws, commands.start, at(-10), task=2)
    ws = done(ws, arrows.send_back, at(-10, 15), gate=2, target=1, reason="Twice")
    ws = done(ws, commands.start, at(-7), task=1)
    return done(ws, commands.finish, at(-6), task=1)


def test_rework_is_the_part_of_what_was_spent_in_later_passes_by_arrow_and_reason() -> None:
    ws = sent_back()
    ws = done(ws, commands.edit_task, task=1, spent=9.0)
    [found] = controlling.read(ws, TODAY).rework
    assert found.cause == ReworkCause(2, 1, "Twice")
    # Four working days in the first pass, two in the second one.
    assert found.tasks == ((1, 3.0, 9.0),)
    assert (found.days, found.money) == (3.0, 2400.0)


def test_the_gates_own_second_pass_counts_for_the_arrow_it_sent_work_over() -> None:
    ws = sent_back()
    ws = done(ws, commands.start, at(-5), task=2)
    ws = done(ws, commands.finish, at(-5, 15), task=2)
    ws = done(ws, commands.edit_tasks, tasks=(1, 2), spent=6.0)
    [found] = controlling.read(ws, TODAY).rework
    assert {each.task: each.days for each in found.tasks} == {1: 2.0, 2: 3.0}


def test_what_was_in_doubt_and_is_done_again_counts_for_the_arrow() -> None:
    links = plan("1-2 2-3", returns="3-1").links.values()
    ws = Workspace([MOVE, DEV, task(1, 1), task(2, 1), task(3, 1), *links])
    for day, key in enumerate((1, 2), -14):
        ws = done(ws, commands.start, at(day), task=key)
        ws = done(ws, commands.finish, at(day, 15), task=key)
    ws = done(ws, commands.start, at(-12), task=3)
    ws = done(ws, arrows.send_back, at(-12, 15), gate=3, target=1, reason="No")
    ws = done(ws, commands.start, at(-11), task=2)
    ws = done(ws, commands.finish, at(-11, 15), task=2)
    ws = done(ws, commands.edit_tasks, tasks=(2,), spent=4.0)
    [found] = controlling.read(ws, TODAY).rework
    assert (found.cause, found.tasks) == (ReworkCause(3, 1, "No"), ((2, 2.0, 4.0),))


def test_what_had_not_been_begun_when_it_was_sent_back_is_not_done_again() -> None:
    ws = Workspace([MOVE, DEV, task(1, 4), task(2, 1), *plan("1-2").links.values()])
    ws = done(ws, arrows.send_back, at(-10), gate=2, target=1, reason="No")
    # The gate worked, since it rejected something.
    assert controlling.read(ws, TODAY).total.days.spent == 1
    ws = done(ws, commands.start, at(-7), task=1)
    ws = done(ws, commands.finish, at(-4), task=1)
    assert controlling.read(ws, TODAY).rework == ()


def test_a_task_that_was_reopened_by_hand_has_no_arrow() -> None:
    ws = Workspace([MOVE, DEV, task(1, 1)])
    ws = done(ws, commands.start, at(-4), task=1)
    ws = done(ws, commands.finish, at(-4, 15), task=1)
    ws = done(ws, commands.reopen, at(-3), task=1)
    ws = done(ws, commands.start, at(-3, 10), task=1)
    [found] = controlling.read(ws, TODAY).rework
    assert found.cause == ReworkCause(None, None, "")


# --- earned value


def test_earned_value_by_due_dates_goes_by_the_end_of_tasks() -> None:
    late = task(1, effort=2, state="doing", spent=1, due=TODAY - timedelta(1))
    ended = task(2, effort=3, state="done", spent=4, due=TODAY - timedelta(3))
    ahead = task(3, effort=5, due=TODAY)
    [found] = read(late, ended, ahead, task(4)).earned
    assert (found.counted, found.left_out) == ((1, 2, 3), (4,))
    assert (found.bac, found.bcws, found.bcwp, found.acwp) == (8000, 4000, 2400, 4000)
    assert (found.spi, found.cpi) == (0.6, 0.6)
    assert (found.schedule_variance, found.cost_variance) == (-1600, -1600)
    assert found.in_money


def test_earned_value_by_a_baseline_grows_over_the_days_of_a_task() -> None:
    ws = Workspace([MOVE, DEV, task(1, 4, effort=8)])
    ws = done(ws, baseline.take, at(0), name="Plan 1")
    ws = done(ws, commands.start, at(0), task=1)
    ws = done(ws, commands.edit_task, at(0), task=1, spent=3.0)
    [found] = controlling.read(ws, TODAY + timedelta(2)).earned
    assert found.baseline is not None
    assert found.baseline.name == "Plan 1"
    # Two of four days are planned to be over, and are.
    assert (found.bcws, found.bcwp, found.acwp) == (3200, 3200, 2400)
    [found] = controlling.read(ws, TODAY + timedelta(9)).earned
    assert found.bcws == found.bac == 6400


def test_the_newest_baseline_of_the_project_counts_or_the_one_that_is_named() -> None:
    ws = Workspace([MOVE, Project(id=2, name="Other"), DEV, task(1), task(2, project=2)])
    ws = done(ws, baseline.take, later(1), name="Plan 1")
    ws = done(ws, baseline.take, later(2), name="Plan 2", projects=(1,))
    names = [each.baseline and each.baseline.name for each in controlling.read(ws, TODAY).earned]
    assert names == ["Plan 2", "Plan 1"]
    given = controlling.read(ws, TODAY, baseline=ws.baselines[1]).earned
    assert [each.baseline and each.baseline.name for each in given] == ["Plan 1", "Plan 1"]


def test_where_a_rate_is_missing_earned_value_is_in_days() -> None:
    due = TODAY - timedelta(1)
    [found] = read(task(1, effort=2, due=due), task(2, effort=2, department=2, due=due)).earned
    assert (found.in_money, found.bcws) == (False, 4)


def test_indices_before_anything_was_planned_or_spent_are_unknown() -> None:
    [found] = read(task(1, due=TODAY)).earned
    assert (found.spi, found.cpi) == (None, None)


# --- laws


@st.composite
def spent_plans(draw: st.DrawFn) -> Workspace:
    """Draw a plan with effort spent, tags, phases and day rates, after some send-backs."""
    ws = draw(people_at_work())
    tags = st.lists(st.sampled_from(("a", "b", "c")), unique=True).map(tuple)
    tasks = [
        replace(
            each,
            spent=draw(st.none() | st.floats(0, 20).map(lambda days: round(days, 1))),
            tags=draw(tags),
            phase=draw(st.sampled_from(("", "Build", "Test"))),
        )
        for each in ws.tasks.values()
    ]
    rate = draw(st.none() | st.just(800.0))
    lanes = [replace(lane, day_rate=rate) for lane in ws.departments.values()]
    kept = [each for each in ws.entities() if not isinstance(each, Task | Department)]
    ws = Workspace([*kept, *tasks, *lanes])
    for link in list(ws.links.values()):
        if link.kind == "returns" and link.source != link.target and draw(st.booleans()):
            try:
                ws = done(
                    ws, arrows.send_back, NOW, gate=link.source, target=link.target, reason=""
                )
                ws = done(ws, commands.start, later(5), task=link.target)
            except TrackerError:
                continue
    return ws


@given(spent_plans(), st.sampled_from(tuple(BY)))
def test_the_parts_add_up_to_the_whole(ws: Workspace, by: CostGroup) -> None:
    found = controlling.read(ws, TODAY + timedelta(7), by=by)
    for name in Amounts._fields:
        whole = getattr(found.total.days, name)
        assert sum(getattr(line.days, name) for line in found.lines) == pytest.approx(whole)
        priced = [getattr(line.money, name) for line in found.lines if line.money is not None]
        total = getattr(found.total.money, name) if found.total.money else 0.0
        assert sum(priced) == pytest.approx(total)
    assert {task for line in found.lines for task in line.tasks} == set(found.total.tasks)


@given(spent_plans())
def test_rework_is_a_part_of_what_was_spent(ws: Workspace) -> None:
    found = controlling.read(ws, TODAY + timedelta(7))
    again: dict[int, float] = {}
    for each in found.rework:
        assert sum(again_.days for again_ in each.tasks) == pytest.approx(each.days)
        for key, days, _spent in each.tasks:
            again[key] = again.get(key, 0.0) + days
    spent = {
        key: controlling.read(ws, TODAY + timedelta(7), tasks={key}).total.days.spent
        for key in again
    }
    assert all(days <= spent[key] + 1e-6 for key, days in again.items())


@given(spent_plans())
def test_what_is_to_come_is_the_load_ahead(ws: Workspace) -> None:
    ahead = load.read(ws, TODAY).whole
    assert controlling.read(ws, TODAY).total.days.to_come == pytest.approx(ahead)


@given(spent_plans(), st.integers(0, 3))
def test_projects_scopes_and_the_whole_agree(ws: Workspace, some: int) -> None:
    chosen = {task for task in ws.tasks if task % 4 <= some}
    parts = [controlling.read(ws, TODAY, tasks=each) for each in (chosen, ws.tasks.keys() - chosen)]
    whole = controlling.read(ws, TODAY).total.days
    for at_, name in enumerate(Amounts._fields):
        assert sum(part.total.days[at_] for part in parts) == pytest.approx(getattr(whole, name))
