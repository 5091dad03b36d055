"""The critical path is the textbook's, and nothing begins earlier or slips further."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests import DATA
from tests.builders import TODAY
from tests.builders import plan as sketch
from tracker.domain.model import Department, Entity, Link, Task
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.critical_path import Schedule, critical_path, schedule
from tracker.flow.forecast.remaining_work import Plan, plan

CASES = DATA / "cases"


def test_the_exercise_of_the_textbook() -> None:
    case = json.loads((CASES / "14_pert_textbook_14_activities.json").read_text())
    names = {name: id for id, name in enumerate(case["inputs"], 1)}
    entities: list[Entity] = []
    for name, activity in case["inputs"].items():
        mean = (activity["a"] + 4 * activity["m"] + activity["b"]) / 6
        entities.append(Task(id=names[name], title=name, likely=mean))
        entities += [
            Link(
                id=100 * names[name] + names[before],
                kind="needs",
                source=names[before],
                target=names[name],
            )
            for before in activity["pred"]
        ]
    found = schedule(Workspace(entities), TODAY)
    published, computed = case["expected"]["published"], case["expected"]["computed"]
    assert found.length == pytest.approx(computed["project_mean"])
    assert found.path == tuple(names[name] for name in computed["critical_path"])
    for name, finish in published["EF"].items():
        assert found.tasks[names[name]].early_finish == pytest.approx(finish, abs=0.011)
    for name, start in published["LS"].items():
        assert found.tasks[names[name]].late_start == pytest.approx(start, abs=0.011)
    critical = {task for task, dates in found.tasks.items() if dates.critical}
    assert critical == set(found.path)


@st.composite
def plans(draw: st.DrawFn, *, off: bool = True) -> Plan:
    """Random plans in quarters of days: lags, overlaps, and tasks that are done or held up."""
    size = draw(st.integers(0, 7))
    lane = Department(id=1, name="Netz", days_off=tuple(date(2026, 11, n) for n in (24, 25, 27)))
    days = st.integers(0, 20).map(lambda n: n / 4)
    entities: list[Entity] = [lane]
    for id in range(1, size + 1):
        state = draw(st.sampled_from(("todo", "todo", "todo", "doing", "done", "dropped")))
        entities.append(
            Task(
                id=id,
                title="x",
                state=state,  # type: ignore[arg-type]  # drawn from the states
                likely=draw(days),
                department=draw(st.sampled_from((None, 1))) if off else None,
                not_before=draw(st.sampled_from((None, None, date(2026, 11, 27)))),
            )
        )
    pairs = [(a, b) for b in range(2, size + 1) for a in range(1, b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    for id, (source, target) in enumerate(chosen, 1):
        lag = draw(st.integers(-4, 8)) / 4
        entities.append(Link(id=id, kind="needs", source=source, target=target, lag=lag))
    return plan(Workspace(entities), TODAY)


def held(ahead: Plan, task: int, until: float) -> Schedule:
    """Return the schedule if one task cannot begin before a day."""
    steps = {**ahead.steps, task: replace(ahead.steps[task], earliest=until)}
    return critical_path(replace(ahead, steps=steps))


@given(plans(off=False))
def test_it_is_as_long_as_its_longest_path(ahead: Plan) -> None:
    def end(task: int) -> float:
        ways = [end(source) + lag for source, lag in ahead.needs[task] if ahead.steps[source].open]
        return max([ahead.steps[task].earliest, *ways]) + ahead.steps[task].likely

    found = critical_path(ahead)
    ends = {task: end(task) for task, step in ahead.steps.items() if step.open}
    assert {task: dates.early_finish for task, dates in found.tasks.items()} == ends
    assert found.length == max(ends.values(), default=0)


@given(plans())
def test_nothing_begins_before_it_can(ahead: Plan) -> None:
    found = critical_path(ahead)
    assert set(found.tasks) == {task for task, step in ahead.steps.items() if step.open}
    for task, dates in found.tasks.items():
        step = ahead.steps[task]
        assert dates.early_start >= step.earliest
        for source, lag in ahead.needs[task]:
            if source in found.tasks:
                before = found.tasks[source]
                assert dates.early_start >= before.early_finish + lag
                assert dates.late_start >= before.late_finish + lag
        assert step.over(dates.early_start, step.likely) == dates.early_finish
        assert step.over(dates.late_start, step.likely) == dates.late_finish <= found.length
        if step.likely:
            assert int(dates.early_start) not in step.off


@given(plans())
def test_slack_is_what_lies_between_early_and_late(ahead: Plan) -> None:
    for task, dates in critical_path(ahead).tasks.items():
        starts = dates.late_start - dates.early_start
        ends = dates.late_finish - dates.early_finish
        assert dates.slack == min(starts, ends) >= 0
        assert dates.critical == (dates.slack == 0)
        if not ahead.steps[task].off:
            assert starts == ends


@given(plans(), st.data())
def test_a_task_may_slip_to_its_late_start_and_no_further(ahead: Plan, data: st.DataObject) -> None:
    found = critical_path(ahead)
    if found.tasks:
        task = data.draw(st.sampled_from(list(found.tasks)))
        late = found.tasks[task].late_start
        assert held(ahead, task, late).length == found.length
        assert held(ahead, task, late + 0.25).length > found.length


@given(plans())
def test_a_path_that_is_critical_from_first_to_last(ahead: Plan) -> None:
    found = critical_path(ahead)
    assert bool(found.path) == bool(found.tasks)
    dates = [found.tasks[task] for task in found.path]
    assert all(each.critical for each in dates)
    if dates:
        assert dates[-1].early_finish == found.length
    for before, task in zip(found.path, found.path[1:], strict=False):
        (lag,) = (lag for source, lag in ahead.needs[task] if source == before)
        assert found.tasks[before].early_finish + lag == found.tasks[task].early_start
    if dates and dates[0].early_start > ahead.steps[found.path[0]].earliest:
        first = ahead.steps[found.path[0]]
        # Only days off hold it up: what it needs may end later than it does, or one of them ends
        # on a day after which nobody works on it.
        assert first.off


@given(plans(off=False), st.sampled_from((2.0, 4.0)))
def test_everything_twice_as_long_takes_twice_as_long(ahead: Plan, times: float) -> None:
    def longer(days: float) -> float:
        return days * times

    steps = {
        key: replace(step, likely=longer(step.likely), earliest=longer(step.earliest))
        for key, step in ahead.steps.items()
    }
    needs = {key: tuple((u, longer(lag)) for u, lag in into) for key, into in ahead.needs.items()}
    found, scaled = critical_path(ahead), critical_path(replace(ahead, steps=steps, needs=needs))
    assert scaled.length == longer(found.length)
    assert scaled.path == found.path
    for task, dates in found.tasks.items():
        assert scaled.tasks[task].slack == longer(dates.slack)


@pytest.mark.parametrize("states", ["", "1:done 2:done", "1:dropped 2:dropped", "1:done 2:dropped"])
def test_nothing_left_is_over_at_once(states: str) -> None:
    found = schedule(sketch(states=states), TODAY)
    assert (found.length, found.tasks, found.path) == (0, {}, ())
    assert found.finish == found.plan.start == TODAY


def test_days_of_work_are_days_of_the_calendar() -> None:
    ws = sketch("1-2 2-3", likely=3.0)
    ws = Workspace(
        [
            *(replace(t, likely=0.0) if t.id == 3 else t for t in ws.tasks.values()),
            *ws.links.values(),
        ]
    )
    found = schedule(ws, TODAY)
    assert found.days(1) == (date(2026, 11, 23), date(2026, 11, 25))
    assert found.days(2) == (date(2026, 11, 26), date(2026, 11, 30))
    # A milestone is reached with the last work before it.
    assert found.days(3) == (date(2026, 11, 30), date(2026, 11, 30))
    assert found.finish == date(2026, 11, 30)


def test_people_who_are_away_hold_up_what_follows() -> None:
    lane = Department(id=1, name="Netz", days_off=(date(2026, 11, 25), date(2026, 11, 26)))
    tasks = [
        Task(id=1, title="A", likely=2.0),
        Task(id=2, title="B", likely=2.0, department=1),
    ]
    found = schedule(Workspace([lane, *tasks, Link(id=1, kind="needs", source=1, target=2)]), TODAY)
    assert (found.tasks[2].early_start, found.length) == (4, 6)
    # The first may slip as long as the others are away; the path begins where they are back.
    assert (found.tasks[1].slack, found.path) == (2, (2,))
