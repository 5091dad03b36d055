"""Who has how much to do in which week: what is spread, against which days, and what can move."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import NOW, TODAY, done, plan
from tests.strategies import workspaces
from tracker import demo
from tracker.domain.calendar import Calendar
from tracker.domain.model import Absence, Department, Entity, Person, Project, Task
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow import load
from tracker.flow.forecast import effort
from tracker.flow.forecast.critical_path import schedule
from tracker.flow.forecast.remaining_work import full_estimate
from tracker.flow.load import MOST_WEEKS, Load, Who
from tracker.wording import load_words

# The Mondays of the tests: there is no holiday before Christmas.
ONE, TWO, THREE = (TODAY + timedelta(weeks=at) for at in range(3))
HOUR = 1 / 8
DEV = Department(id=1, name="Development")
ANNA = Person(id=1, login="anna", department=1)
MINE = Who(1, 1)


def read(*entities: Entity, links: str = "", **options: Any) -> Load:
    """Read the load of some tasks and people."""
    return load.read(Workspace([*entities, *plan(links).links.values()]), TODAY, **options)


def task(id: int = 1, days: float = 5.0, **fields: Any) -> Task:
    """Return a task of Anna that takes so many days for sure."""
    fields = {"department": 1, "assignee": 1, **fields}
    return Task(id=id, title=f"Task {id}", low=days, likely=days, high=days, **fields)


def work(found: Load, who: Who, *weeks: date) -> list[float]:
    """Return the days of work in some weeks."""
    return [round(found.cell(who, week).days, 6) for week in weeks]


def test_effort_is_spread_evenly_over_the_working_days() -> None:
    found = read(DEV, ANNA, task(days=10, effort=4))
    assert found.weeks == (ONE, TWO)
    assert work(found, MINE, ONE, TWO) == [2, 2]


def test_the_calendar_may_end() -> None:
    """Other programs write its last day for “never”."""
    found = read(
        DEV, ANNA, Task(id=1, title="x", state="waiting", follow_up=date.max), task(2, days=5)
    )
    assert len(found.weeks) == MOST_WEEKS
    assert found.later == (1,)
    assert {share.task for who in found.rows for share in found.cell(who, ONE).shares} == {2}
    assert any("1 task ends after" in text for text in load_words.basis(found))


def test_without_effort_the_duration_counts() -> None:
    found = read(DEV, ANNA, task(days=7))
    assert work(found, MINE, ONE, TWO) == [5, 2]


def test_what_is_left_of_a_running_task_counts() -> None:
    ws = Workspace([DEV, ANNA, task(days=4, effort=8)])
    ws = done(ws, commands.start, task=1)
    found = load.read(ws, TODAY + timedelta(2))
    assert found.whole == pytest.approx(4)


def test_a_milestone_with_effort_has_it_on_its_day() -> None:
    found = read(DEV, ANNA, task(days=5), task(2, days=0, effort=1), links="1-2")
    assert work(found, MINE, ONE) == [6]


def test_of_a_week_that_has_begun_the_days_from_today_on_are_there() -> None:
    ws = Workspace([replace(DEV, capacity=10.0), ANNA, task(days=4)])
    found = load.read(ws, ONE + timedelta(3))
    assert [found.there(MINE, week) for week in (ONE, TWO)] == [2, 5]
    assert [found.there(Who(1, whole=True), week) for week in (ONE, TWO)] == [4, 10]
    assert work(found, MINE, ONE, TWO) == [2, 2]


def test_nothing_falls_on_days_on_which_somebody_is_away() -> None:
    away = Absence(first=ONE + timedelta(2), last=ONE + timedelta(4))
    found = read(DEV, replace(ANNA, absences=(away,)), task(days=4))
    assert work(found, MINE, ONE, TWO) == [2, 2]
    assert [found.there(MINE, week) for week in (ONE, TWO)] == [2, 5]


def test_days_there_are_less_holidays_and_by_the_hours_a_week() -> None:
    christmas = date(2026, 12, 21)
    part_time = replace(ANNA, capacity=2.5)
    found = read(DEV, part_time, task(days=1, not_before=christmas))
    assert found.there(MINE, ONE) == 2.5
    assert found.there(MINE, christmas) == 2.0
    assert [day.day for day, _name in found.holidays(christmas)] == [25]


def test_a_department_has_its_capacity_less_those_who_are_away() -> None:
    away = Absence(first=ONE, last=ONE + timedelta(4))
    ben = Person(id=2, login="ben", department=1, absences=(away,))
    lane = Who(1, whole=True)
    for capacity, one, two in ((None, 5, 10), (7.0, 5, 7), (20.0, 15, 20)):
        found = read(replace(DEV, capacity=capacity), ANNA, ben, task())
        assert [found.there(lane, week) for week in (ONE, TWO)] == [one, two], capacity


def test_without_people_and_capacity_nobody_knows_the_days() -> None:
    found = read(DEV, task(assignee=None))
    assert found.rows == (Who(1, whole=True), Who(1))
    for who in found.rows:
        assert found.cell(who, ONE).part is None
        assert found.cell(who, ONE).over == 0
    assert work(found, Who(1), ONE) == [5]


@pytest.mark.parametrize(("days", "over"), [(5, 0), (5.5, 1), (6, 1), (6.5, 2)])
def test_over_full_and_far_over(days: float, over: int) -> None:
    found = read(DEV, ANNA, task(days=5, effort=days))
    assert found.cell(MINE, ONE).over == over


def test_work_in_a_week_without_days_is_far_over() -> None:
    found = read(DEV, replace(ANNA, capacity=0.0), task())
    assert found.cell(MINE, ONE).over == 2


def test_work_counts_for_the_department_of_whoever_does_it() -> None:
    other = Department(id=2, name="Operations", order=1)
    found = read(DEV, other, ANNA, task(department=2))
    assert work(found, Who(1, whole=True), ONE) == [5]
    assert Who(2) not in found.rows


def test_people_without_a_department_stand_where_most_of_their_work_is() -> None:
    other = Department(id=2, name="Operations", order=1)
    free = replace(ANNA, department=None)
    found = read(DEV, other, free, task(days=1), task(2, days=3, department=2))
    assert Who(2, 1) in found.rows
    assert Who(1, 1) not in found.rows
    assert found.placed == {1}
    assert work(found, Who(2, 1), ONE) == [4]
    assert found.there(Who(2, whole=True), ONE) == 5


def test_work_of_nobody_in_no_department_has_its_own_row() -> None:
    found = read(DEV, ANNA, task(department=None, assignee=None))
    assert found.rows[-2:] == (Who(0, whole=True), Who(0))
    assert work(found, Who(0), ONE) == [5]


def test_with_one_thing_at_a_time_the_levelled_days_count() -> None:
    tasks = (task(1), task(2))
    assert work(read(DEV, ANNA, *tasks), MINE, ONE) == [10]
    assert work(read(DEV, ANNA, *tasks, capacity=True), MINE, ONE, TWO) == [5, 5]


def test_weekend_work_is_known_before_it_happens() -> None:
    saturday = ONE + timedelta(5)
    found = read(DEV, ANNA, task(days=1, not_before=ONE + timedelta(4), due=ONE + timedelta(6)))
    assert found.cell(MINE, ONE).weekend == ((1, saturday), (1, saturday + timedelta(1)))
    assert found.cell(Who(1, whole=True), ONE).weekend
    assert not found.cell(MINE, TWO).weekend
    assert found.quarters == {(1, 2026, 4): ((1, saturday), (1, saturday + timedelta(1)))}


def test_of_a_long_task_due_on_a_weekend_only_that_weekend_counts() -> None:
    found = read(DEV, ANNA, task(days=20, due=ONE + timedelta(13)))
    assert [day for _task, day in found.cell(MINE, TWO).weekend] == [
        ONE + timedelta(12),
        ONE + timedelta(13),
    ]


def test_a_day_due_on_a_sunday_takes_one_day_of_a_task_of_one_day() -> None:
    found = read(DEV, ANNA, task(days=1, due=ONE + timedelta(6)))
    assert [day for _task, day in found.cell(MINE, ONE).weekend] == [ONE + timedelta(6)]


def test_a_public_holiday_counts_and_a_day_gone_by_does_not() -> None:
    calendar = Calendar()
    christmas = date(2026, 12, 25)
    step = schedule(Workspace([task(due=christmas)]), TODAY).plan.steps[1]
    assert list(load.free_days(calendar, task(due=christmas), step, TODAY)) == [christmas]
    assert not list(load.free_days(calendar, task(due=christmas), step, date(2026, 12, 26)))


def test_what_has_slack_can_move_to_a_later_week_and_the_end_stays() -> None:
    found = read(DEV, ANNA, task(1), task(2, days=15, assignee=None))
    moves = found.moves(MINE, ONE, 1)
    assert [move.week for move in moves] == [TWO, THREE]
    assert all(move.room for move in moves)
    moved = load.moved(found, NOW, 1, moves[1], ())
    assert moved.not_before == THREE
    assert not moved.ends
    assert [key for key, _before, _after in moved.shifted] == [1]
    assert work(moved.after, MINE, ONE, THREE) == [0, 5]


def test_the_first_week_with_room_is_the_best() -> None:
    held = task(3, days=5, not_before=TWO)
    found = read(DEV, ANNA, task(1), held, task(2, days=20, assignee=None))
    best = found.best(MINE, ONE, 1)
    assert best is not None
    assert best.week == THREE
    assert next((move.week, move.room) for move in found.moves(MINE, ONE, 1)) == (TWO, False)


def test_what_is_critical_or_under_way_cannot_move() -> None:
    ws = Workspace([DEV, ANNA, task(1, days=1), task(2, days=15)])
    ws = done(ws, commands.start, task=1)
    found = load.read(ws, TODAY)
    assert not found.moves(MINE, ONE, 1)
    assert not found.moves(MINE, ONE, 2)


def test_a_move_tells_what_shifts_with_it() -> None:
    found = read(DEV, ANNA, task(1), task(2, days=5), task(3, days=20, assignee=None), links="1-2")
    (move, *_more) = found.moves(MINE, ONE, 1)
    assert [key for key, *_days in load.moved(found, NOW, 1, move, ()).shifted] == [1, 2]


def test_a_part_of_the_plan_counts_all_work_of_those_who_work_on_it() -> None:
    ws = Workspace(
        [
            Project(id=1, name="Move"),
            DEV,
            Department(id=2, name="Operations"),
            ANNA,
            task(1, days=2, project=1),
            task(2, days=3),
            task(3, department=2, assignee=None),
        ]
    )
    found = load.read(ws, TODAY, tasks={1})
    assert found.rows == (Who(1, whole=True), MINE)
    assert (found.cell(MINE, ONE).days, found.cell(MINE, ONE).scope) == (5, 2)


def test_nothing_left_to_do_is_no_load() -> None:
    found = load.read(plan(states="1:done"), TODAY)
    assert not found.whole
    assert len(found.weeks) == 1


def test_a_plan_of_a_century_is_spread_to_its_end() -> None:
    found = read(DEV, ANNA, task(days=30_000))
    assert sum(found.cell(MINE, week).days for week in found.weeks) == pytest.approx(30_000)
    assert found.cell(MINE, found.weeks[-1]).days


@st.composite
def people_at_work(draw: st.DrawFn) -> Workspace:
    """Draw a plan whose tasks have effort, and whose people have absences and few days."""
    ws = draw(workspaces(most=8))
    edits: list[Entity] = []
    for each in ws.tasks.values():
        effort_days = draw(st.none() | st.floats(0, 30).map(lambda days: round(days, 2)))
        part = draw(st.sampled_from((1, 10, 50)))
        low, likely, high = (
            None if days is None else round(days / part, 2)
            for days in (each.low, each.likely, each.high)
        )
        edits.append(replace(each, effort=effort_days, low=low, likely=likely, high=high))
    first = TODAY + timedelta(draw(st.integers(-3, 40)))
    away = Absence(first=first, last=first + timedelta(draw(st.integers(0, 15))))
    person = replace(
        ws.people[1], absences=(away,), capacity=draw(st.sampled_from((1.0, 4.0, 5.0)))
    )
    kept = [each for each in ws.entities() if not isinstance(each, Task | Person)]
    return Workspace([*kept, *edits, person])


@given(people_at_work(), st.booleans())
def test_the_sums_are_the_effort_of_the_plan_to_the_hour(ws: Workspace, capacity: bool) -> None:
    found = load.read(ws, TODAY, capacity=capacity)
    steps = schedule(ws, TODAY).plan.steps
    ahead = {key: effort.to_come(ws.tasks[key], step) for key, step in steps.items() if step.open}
    rows = [who for who in found.rows if not who.whole]
    for chosen in (rows, [who for who in found.rows if who.whole]):
        total = sum(found.cell(who, week).days for who in chosen for week in found.weeks)
        assert total == pytest.approx(sum(ahead.values()), abs=HOUR / 100)
    for key, days in ahead.items():
        mine = sum(
            share.days
            for who in rows
            for week in found.weeks
            for share in found.cell(who, week).shares
            if share.task == key
        )
        assert mine == pytest.approx(days, abs=HOUR / 100)


@given(people_at_work())
def test_no_move_that_is_offered_moves_the_end(ws: Workspace) -> None:
    found = load.read(ws, TODAY)
    rows = [who for who in found.rows if not who.whole]
    for who in rows:
        for share in found.cell(who, found.weeks[0]).shares:
            for move in found.moves(who, found.weeks[0], share.task)[:2]:
                moved = load.moved(found, NOW, share.task, move, ())
                assert not [end for end in moved.ends if end[2] > end[1]]
                after = moved.after
                assert not [
                    each
                    for each in after.cell(who, found.weeks[0]).shares
                    if each.task == share.task
                ]


@pytest.mark.parametrize("day", [TODAY, date(2026, 12, 24), date(2026, 11, 28)])
def test_the_demo_has_somebody_with_too_much_and_weekend_work_ahead(day: date) -> None:
    ws = demo.workspace(day)
    found = load.read(ws, day)
    rows = [who for who in found.rows if who.person]
    assert any(found.cell(who, week).over == 2 for who in rows for week in found.weeks[:2])
    assert any(found.away(who.person, week) for who in rows for week in found.weeks)
    assert sum(len(days) for days in found.quarters.values()) == 2


def test_effort_planned_is_what_was_entered_or_the_duration() -> None:
    assert effort.planned(task(days=3)) == 3
    assert effort.planned(task(days=3, effort=8)) == 8
    assert effort.planned(Task(id=1, title="A")) == full_estimate(Task(id=1, title="A"))[1]
    assert effort.spent(task(state="done", effort=2), None) == 2
    assert effort.spent(task(state="done", effort=2, spent=3), None) == 3
