"""What is left of a workspace: shares, elapsed days, days off, and what is done again."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import NOW, TODAY, done, later
from tests.builders import plan as sketch
from tests.strategies import workspaces
from tracker.domain import graph
from tracker.domain.draft import Now
from tracker.domain.model import Absence, Department, Link, Pass, Person, Project, System, Task
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.critical_path import schedule
from tracker.flow.forecast.remaining_work import Step, full_estimate, plan

# A Monday; the days of the week after it are working days in North Rhine-Westphalia.
MONDAY = TODAY


def at(day: date) -> datetime:
    """Return the morning of a day."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def step(*entities: Any, today: date = MONDAY, **fields: Any) -> Step:
    """Return the step of one task with these fields, 4 days long."""
    task = Task(id=1, title="A", **{"low": 4.0, "likely": 4.0, "high": 4.0, **fields})
    return plan(Workspace([task, *entities]), today).steps[1]


def running(since: date) -> dict[str, Any]:
    """Return the fields of a task under way since a day."""
    return {"state": "doing", "passes": (Pass(number=1, opened=at(since), started=at(since)),)}


# --- what a plan holds


@given(workspaces())
def test_an_order_that_the_arrows_allow(ws: Workspace) -> None:
    found = plan(ws, TODAY)
    assert set(found.steps) == {task.id for task in ws.tasks.values() if task.state != "dropped"}
    place = {key: n for n, key in enumerate(found.steps)}
    for key, before in found.needs.items():
        assert all(place[source] < place[key] for source, _lag in before)


@given(workspaces())
def test_the_body_of_a_return_is_what_lies_between(ws: Workspace) -> None:
    there = [task for task in ws.tasks.values() if task.state != "dropped"]
    links = [
        link for link in ws.links.values() if {link.source, link.target} <= {t.id for t in there}
    ]
    kept = Workspace([*there, *links, *ws.projects.values(), *ws.departments.values()])
    found = plan(ws, TODAY)
    assert {back.link for back in found.returns} == {a.id for a in links if a.kind == "returns"}
    for back in found.returns:
        inside = graph.between(kept, back.target, back.gate)
        assert set(back.body) == {back.target, back.gate, *inside}
        assert (back.body[0], back.body[-1]) == (back.target, back.gate)
        place = {key: n for n, key in enumerate(found.steps)}
        inner = [place[key] for key in back.body[1:-1]]
        assert inner == sorted(inner)
        assert back in found.gates[back.gate]


def test_what_was_dropped_is_not_there() -> None:
    found = plan(sketch("1-2 2-3", returns="3-1 3-2", states="2:dropped"), TODAY)
    assert list(found.steps) == [1, 3]
    assert found.needs == {1: (), 3: ((1, 0.0),)}
    assert [back.body for back in found.returns] == [(1, 3)]


def test_a_plan_begins_on_a_working_day() -> None:
    saturday = date(2026, 11, 28)
    found = plan(sketch("1-2"), saturday)
    assert found.start == date(2026, 11, 30)
    assert [found.finish_date(days) for days in (0.0, 0.5, 1.0, 1.000000001, 5.5)] == [
        date(2026, 11, 30),
        date(2026, 11, 30),
        date(2026, 11, 30),
        date(2026, 11, 30),
        date(2026, 12, 7),
    ]
    assert [found.start_date(days) for days in (0.0, 0.5, 0.9999999999, 5.0)] == [
        date(2026, 11, 30),
        date(2026, 11, 30),
        date(2026, 12, 1),
        date(2026, 12, 7),
    ]


# --- estimates


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ((1.0, 2.0, 4.0), (1, 2, 4)),
        ((None, 3.0, None), (3, 3, 3)),
        ((2.0, None, 4.0), (2, 3, 4)),
        ((None, None, 4.0), (4, 4, 4)),
        ((1.0, 2.0, None), (1, 2, 2)),
        ((None, None, None), (1, 1, 1)),
    ],
)
def test_what_nobody_estimated_follows_from_the_rest(
    given: tuple[float | None, ...], read: tuple[float, ...]
) -> None:
    low, likely, high = given
    task = Task(id=1, title="A", low=low, likely=likely, high=high)
    assert full_estimate(task) == read
    assert plan(Workspace([task]), TODAY).guessed == ((1,) if not any(given) else ())


def test_only_open_tasks_are_guessed() -> None:
    assert plan(sketch("1-2", states="1:done 2:dropped"), TODAY).guessed == ()


# --- what has gone by


def test_days_under_way_are_working_days_before_the_start() -> None:
    friday, monday = date(2026, 11, 20), date(2026, 11, 16)
    assert step(**running(MONDAY)).elapsed == 0
    assert step(**running(friday)).elapsed == 1
    assert step(**running(date(2026, 11, 21))).elapsed == 0
    assert step(**running(monday)).elapsed == 5


def test_days_of_absence_do_not_count_as_worked() -> None:
    away = Absence(first=date(2026, 11, 17), last=date(2026, 11, 18))
    someone = Person(id=1, login="t.yilmaz", absences=(away,))
    lane = Department(id=1, name="Netz", days_off=(date(2026, 11, 19),))
    monday = date(2026, 11, 16)
    assert step(someone, **running(monday), assignee=1).elapsed == 3
    assert step(someone, lane, **running(monday), assignee=1, department=1).elapsed == 2


@pytest.mark.parametrize(
    ("share", "elapsed", "whole", "left"),
    [
        (1.0, 0.0, 4.0, 4.0),
        (0.5, 0.0, 4.0, 2.0),
        (1.0, 3.0, 4.0, 1.0),
        (1.0, 4.0, 4.0, 1.0),
        (1.0, 9.0, 4.0, 1.0),
        (0.1, 9.0, 4.0, 0.4),
        (1.0, 0.0, 0.0, 0.0),
    ],
)
def test_what_is_left(share: float, elapsed: float, whole: float, left: float) -> None:
    found = replace(step(), share=share, elapsed=elapsed)
    assert found.left(whole) == pytest.approx(left)


def test_a_task_that_takes_too_long_is_named() -> None:
    task = Task(id=1, title="A", low=1.0, likely=2.0, high=4.0, **running(date(2026, 11, 16)))
    assert plan(Workspace([task]), MONDAY).overrun == (1,)
    assert plan(Workspace([replace(task, high=5.0)]), MONDAY).overrun == ()


# --- what holds a task back


def test_not_before() -> None:
    wednesday = MONDAY + timedelta(days=2)
    assert step(not_before=wednesday).earliest == 2
    assert step(not_before=date(2026, 11, 28)).earliest == 5
    assert step(not_before=MONDAY - timedelta(days=9)).earliest == 0
    assert step(not_before=wednesday, **running(MONDAY)).earliest == 0


def test_a_follow_up_holds_what_waits() -> None:
    friday = MONDAY + timedelta(days=4)
    assert step(state="waiting", follow_up=friday).earliest == 4
    assert step(state="todo", follow_up=friday).earliest == 0


def test_a_project_begins_on_its_day() -> None:
    later = Project(id=1, name="P", start=MONDAY + timedelta(days=7))
    assert step(later, project=1).earliest == 5
    assert step(later, project=1, **running(MONDAY)).earliest == 0


def test_a_lag_behind_what_was_done_nobody_knows_when() -> None:
    before = Task(id=2, title="B", state="done")
    lag = Link(id=1, kind="needs", source=2, target=1, lag=3.0)
    assert step(before, lag).earliest == 3
    assert step(replace(before, state="dropped"), lag).earliest == 0


@pytest.mark.parametrize(
    ("ended", "earliest"),
    [(MONDAY, 4), (date(2026, 11, 20), 3), (date(2026, 11, 19), 2), (date(2026, 11, 9), 0)],
)
def test_a_lag_runs_from_the_evening_of_what_was_done(ended: date, earliest: float) -> None:
    before = Task(
        id=2, title="B", state="done", passes=(Pass(number=1, ended=at(ended), outcome="done"),)
    )
    lag = Link(id=1, kind="needs", source=2, target=1, lag=3.0)
    assert step(before, lag).earliest == earliest
    assert step(before, lag, **running(MONDAY)).earliest == 0


def test_to_finish_on_the_day_planned_moves_nothing_behind_a_lag() -> None:
    lag = Link(id=1, kind="needs", source=2, target=1, lag=2.0)
    today = Task(id=2, title="B", low=1.0, likely=1.0, high=1.0, **running(MONDAY))
    before = Workspace([Task(id=1, title="A"), today, lag])
    finished = replace(
        today, state="done", passes=(Pass(number=1, ended=at(MONDAY), outcome="done"),)
    )
    after = Workspace([Task(id=1, title="A"), finished, lag])
    starts = [schedule(ws, MONDAY).tasks[1].early_start for ws in (before, after)]
    assert starts == [3.0, 3.0]


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Berlin", datetime(2026, 11, 22, 23, 30, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 11, 22, 22, 0, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 24, 2, 0, tzinfo=UTC)),
    ],
)
def test_what_ends_around_midnight_ends_on_the_day_it_is_here(
    zone: str, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        over = Task(id=2, title="B", state="done", passes=(Pass(number=1, ended=moment),))
        link = Link(id=1, kind="needs", source=2, target=1, lag=2.0)
        assert step(over, link).earliest == 3.0
        begun = (Pass(number=1, opened=moment, started=moment),)
        assert step(state="doing", passes=begun).elapsed == 0
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_lag_behind_what_was_done_on_a_weekend_runs_from_its_monday_on() -> None:
    saturday = Pass(number=1, ended=at(date(2026, 11, 14)), outcome="done")
    before = Task(id=2, title="B", state="done", passes=(saturday,))
    lag = Link(id=1, kind="needs", source=2, target=1, lag=6.0)
    assert step(before, lag).earliest == 1


# --- days off


def test_own_days_off_are_those_on_which_others_work() -> None:
    lane = Department(
        id=1,
        name="Netz",
        # A working day, a Saturday, a public holiday, and one that is over.
        days_off=(date(2026, 11, 25), date(2026, 11, 28), date(2026, 12, 25), date(2026, 11, 2)),
    )
    away = Absence(first=date(2026, 11, 20), last=date(2026, 11, 24))
    someone = Person(id=1, login="t.yilmaz", department=1, absences=(away,))
    assert step(lane, department=1).off == (2,)
    assert step(lane, someone, assignee=1).off == (0, 1, 2)
    assert step(lane, replace(someone, absences=()), assignee=1).off == (2,)
    other = Department(id=2, name="Einkauf")
    assert step(lane, other, someone, department=2, assignee=1).off == (0, 1)
    assert step(someone, lane).off == ()


def test_an_absence_without_end_is_no_matter() -> None:
    away = Absence(first=MONDAY + timedelta(days=1), last=date.max)
    found = step(Person(id=1, login="x", absences=(away,)), assignee=1)
    assert found.off[:4] == (1, 2, 3, 4)
    assert found.over(0.0, 1.0) == 1.0


QUARTER = 0.25


@given(
    st.frozensets(st.integers(0, 12)), st.integers(0, 40), st.integers(0, 20), st.integers(0, 12)
)
def test_work_stands_still_on_days_off(
    off: frozenset[int], start: int, days: int, end: int
) -> None:
    here = replace(step(), off=tuple(sorted(off)))

    def works(quarter: int) -> bool:
        return quarter // 4 not in off

    at = start
    worked = 0
    first = None
    while worked < days:
        if works(at):
            first = at if first is None else first
            worked += 1
        at += 1
    assert here.over(start * QUARTER, days * QUARTER) == at * QUARTER
    assert here.begun(start * QUARTER, days * QUARTER) == (start if first is None else first) / 4
    latest = here.latest(20.0 + end, days * QUARTER)
    assert here.over(latest, days * QUARTER) <= 20.0 + end
    assert here.over(latest + QUARTER, days * QUARTER) > 20.0 + end


# --- what is done again


def test_what_came_back_costs_its_share() -> None:
    ws = sketch("1-2 2-3", likely=4.0)
    ws = done(ws, arrows.link_return, gate=3, target=1, share=0.5)
    for task in (1, 2):
        ws = done(ws, commands.finish, task=task)
    ws = done(ws, arrows.send_back, gate=3, target=1, reason="no")
    assert {key: step.share for key, step in plan(ws, TODAY).steps.items()} == {
        1: 0.5,
        2: 0.5,
        3: 0.5,
    }
    ws = done(ws, commands.finish, task=1, now=later(5))
    ws = done(ws, commands.confirm, task=2, now=later(6))
    found = plan(ws, TODAY).steps
    assert [step.open for step in found.values()] == [False, False, True]
    assert found[3].share == 0.5
    ws = done(ws, commands.finish, task=3, now=later(7))
    assert not any(step.open for step in plan(ws, TODAY).steps.values())


def test_what_was_never_done_is_done_in_full() -> None:
    ws = done(sketch("1-2 2-3", likely=4.0), arrows.link_return, gate=3, target=1, share=0.5)
    ws = done(ws, commands.finish, task=1)
    ws = done(ws, arrows.send_back, gate=3, target=1, reason="no")
    shares = {key: step.share for key, step in plan(ws, TODAY).steps.items()}
    assert shares == {1: 0.5, 2: 1.0, 3: 0.5}
    ws = done(sketch("1-2", likely=4.0), arrows.link_return, gate=2, target=1, share=0.5)
    ws = done(ws, arrows.send_back, gate=2, target=1, reason="no")
    assert plan(ws, TODAY).steps[1].share == 1.0


def test_a_pass_taken_up_by_hand_is_whole() -> None:
    ws = done(sketch("1-2", returns="2-1", likely=4.0), commands.finish, task=1)
    ws = done(ws, commands.reopen, task=1, now=Now(NOW.at, TODAY, "x"))
    assert plan(ws, TODAY).steps[1].share == 1.0


def test_what_a_down_system_is_restored_by_comes_first() -> None:
    system = System(id=1, name="ERP", state="down", restored_by=2)
    tasks = [
        Task(id=1, title="A", systems=(1,), likely=3.0),
        Task(id=2, title="Restore", likely=6.0),
    ]
    assert plan(Workspace([system, *tasks]), TODAY).needs == {2: (), 1: ((2, 0.0),)}
    up = replace(system, state="up")
    assert plan(Workspace([up, *tasks]), TODAY).needs == {1: (), 2: ()}


def test_lags_of_arrows_over_dropped_tasks_add_up() -> None:
    tasks = [Task(id=n, title="A", state="dropped" if n in (2, 3) else "todo") for n in range(1, 6)]
    arrows = [(1, 2, 1.0), (2, 3, 2.0), (3, 4, 0.5), (1, 4, 3.0), (5, 3, 0.0)]
    links = [
        Link(id=at, kind="needs", source=a, target=b, lag=lag)
        for at, (a, b, lag) in enumerate(arrows, 1)
    ]
    found = plan(Workspace([*tasks, *links]), TODAY).needs
    assert {key: dict(before) for key, before in found.items()} == {
        1: {},
        5: {},
        4: {1: 3.5, 5: 0.5},
    }
