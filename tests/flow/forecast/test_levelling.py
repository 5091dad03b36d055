"""One thing at a time: nobody has more in hand than they can, and the whole stays short."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests import DATA
from tests.exchange.lists import taken_file
from tracker.domain.calendar import Calendar
from tracker.domain.model import Department, Link, Person, Task
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.critical_path import length_of
from tracker.flow.forecast.forecast import Options, forecast, refine
from tracker.flow.forecast.levelling import (
    Levelled,
    Limits,
    Worker,
    level,
    limits,
    overlapping,
)
from tracker.flow.forecast.remaining_work import CLOSE, Plan, Step, plan
from tracker.flow.forecast.stopping import StoppedError, heeding
from tracker.flow.timeline.timeline import read

MONDAY = date(2026, 3, 2)
CASES = json.loads((DATA / "cases" / "12_capacity_plans.json").read_text("utf-8"))["plans"]


def case(told: dict[str, Any]) -> tuple[Plan, Limits]:
    """Return a plan of the reference cases, whose tasks are in any order."""
    left = {task["id"]: task for task in told["tasks"]}
    steps: dict[int, Step] = {}
    needs: dict[int, tuple[tuple[int, float], ...]] = {}
    needed: dict[int, tuple[Worker, ...]] = {}
    # Workers are numbered from one; people and departments have numbers of their own.
    people = {name: at for at, name in enumerate(told["people"], 1)}
    lanes = {name: at for at, name in enumerate(told["departments"], 1)}
    while left:
        ready = [task for task in left.values() if not set(task["needs"]) & set(left)]
        for task in ready:
            key, days = task["id"], float(task["days"])
            del left[key]
            steps[key] = Step(key, None, None, days, days, days, open=True)
            needs[key] = tuple((source, 0.0) for source in task["needs"])
            needed[key] = (
                Worker("person", people[task["person"]]),
                Worker("department", lanes[task["department"]]),
            )
    at_once = {Worker("person", at): 1 for at in people.values()}
    at_once |= {Worker("department", lanes[name]): n for name, n in told["departments"].items()}
    return Plan(MONDAY, Calendar("DE-NW"), steps, needs, (), ()), Limits(needed, at_once)


def in_hand(found: Levelled, given_limits: Limits) -> Iterator[tuple[Worker, int]]:
    """Walk over how much each worker has in hand whenever a task begins."""
    for worker in given_limits.at_once:
        mine = [t for t in found.start if worker in given_limits.needed.get(t, ())]
        for task in mine:
            at = found.start[task] + CLOSE
            if found.finish[task] > at:
                yield worker, sum(found.start[t] <= at < found.finish[t] - CLOSE for t in mine)


def check(found: Levelled, of: Plan, given_limits: Limits) -> None:
    """Assert that a levelled plan keeps its arrows and its limits, and that its order says so."""
    for worker, count in in_hand(found, given_limits):
        assert count <= given_limits.at_once[worker]
    for task, at in found.start.items():
        assert at >= of.steps[task].earliest - CLOSE
        for source, lag in of.needs[task]:
            if source in found.finish:
                assert at >= found.finish[source] + lag - CLOSE
    assert found.plan.steps.keys() == of.steps.keys()
    seen: set[int] = set()
    for task in found.plan.steps:
        assert {source for source, _ in found.plan.needs[task]} <= seen
        seen.add(task)
    # The arrows alone make the timetable, or a shorter one.
    assert length_of(found.plan) <= found.length + CLOSE
    assert found.length >= found.free_length - CLOSE


@pytest.mark.parametrize(("orders", "deviation"), [(1, 0.045), (100, 0.008)])
def test_plans_come_close_to_the_shortest_that_is_known(orders: int, deviation: float) -> None:
    """60 plans with optima proven by a constraint solver (`tests/data/cases/12_…`)."""
    over = []
    for told in CASES:
        of, given_limits = case(told)
        found = level(of, given_limits, orders=orders)
        check(found, of, given_limits)
        assert found.length >= told["bound_days"] - CLOSE
        assert found.free_length == told["cpm_days"]
        over.append(found.length / told["best_known_days"] - 1)
    assert fmean(over) <= deviation


def test_a_person_with_twenty_tasks_takes_twenty_times_as_long() -> None:
    ws = taken_file(DATA / "cases" / "dates" / "one_person.csv").ws
    of = plan(ws, MONDAY)
    (who,) = ws.people
    found = level(of, limits(ws))
    assert (found.free_length, found.length) == (5, 100)
    assert found.bottlenecks == ((Worker("person", who), 95.0),)
    assert [worker for worker, _ in overlapping(of, limits(ws))] == [Worker("person", who)]
    free = forecast(ws, MONDAY)
    assert (free.finish.p80, free.cpm_days) == (5, 5)
    assert any("would have 20 critical tasks" in str(warning) for warning in free.warnings)
    one_by_one = forecast(ws, MONDAY, Options(capacity=True))
    assert (one_by_one.finish.p80, one_by_one.cpm_days) == (100, 100)
    assert not one_by_one.warnings


@pytest.mark.parametrize(
    ("lane", "person", "days"),
    [(None, 5.0, 10), (2.5, 5.0, 20), (5.0, 5.0, 10), (2.5, 1.0, 50), (None, 4.0, 12.5)],
)
def test_whoever_has_less_than_a_week_takes_longer(
    lane: float | None, person: float, days: float
) -> None:
    ws = Workspace(
        [
            Department(id=1, name="Recht", capacity=lane, day_rate=100.0),
            Person(id=1, login="anna", capacity=person),
            Task(id=1, title="A", department=1, assignee=1, low=4, likely=4, high=4),
            Task(id=2, title="B", department=1, assignee=1, low=6, likely=6, high=6),
            Link(id=1, kind="needs", source=1, target=2),
        ]
    )
    found = level(plan(ws, MONDAY), limits(ws))
    assert (found.free_length, found.length, found.stretched) == (10, days, days > 10)
    assert bool(found.bottlenecks) == found.stretched
    # Who is there for half of the week costs no more for that.
    for capacity in (False, True):
        one = forecast(ws, MONDAY, Options(runs=20, capacity=capacity))
        assert one.finish.p80 == (days if capacity else 10)
        assert one.money[0].p80 == pytest.approx(1000)


@st.composite
def small_plans(draw: st.DrawFn) -> Workspace:
    count = draw(st.integers(1, 9))
    lanes = [Department(id=1, name="A", wip_limit=draw(st.sampled_from([None, 1, 2])))]
    most = draw(st.sampled_from([None, 2]))
    people = [Person(id=at, login=f"p{at}", wip_limit=most) for at in (1, 2)]
    tasks = [
        Task(
            id=at,
            title=f"T{at}",
            department=draw(st.sampled_from([None, 1])),
            assignee=draw(st.sampled_from([None, 1, 2])),
            likely=draw(st.sampled_from([0.0, 0.5, 1.0, 3.0])),
            not_before=draw(st.sampled_from([None, date(2026, 3, 5)])),
        )
        for at in range(1, count + 1)
    ]
    pairs = [(a, b) for b in range(2, count + 1) for a in range(1, b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8)) if pairs else []
    links = [
        Link(id=at, kind="needs", source=a, target=b, lag=draw(st.sampled_from([0.0, 1.0, -4.0])))
        for at, (a, b) in enumerate(chosen, 1)
    ]
    return Workspace([*lanes, *people, *tasks, *links])


@given(small_plans(), st.integers(1, 20))
def test_nobody_has_more_in_hand_than_they_can(ws: Workspace, orders: int) -> None:
    of, given_limits = plan(ws, MONDAY), limits(ws)
    found = level(of, given_limits, orders=orders)
    check(found, of, given_limits)
    assert found.orders <= orders
    again = level(of, given_limits, orders=orders)
    assert again.start == found.start


@pytest.mark.parametrize("told", CASES[:2], ids=lambda told: told.get("name", ""))
def test_who_the_bottlenecks_are_need_not_be_asked(told: dict[str, Any]) -> None:
    of, given = case(told)
    asked = level(of, given, orders=5)
    assert asked.bottlenecks
    assert level(of, given, orders=5, bottlenecks=False) == replace(asked, bottlenecks=())


def test_work_that_a_negative_lag_lets_come_first_stays_in_the_plan() -> None:
    """The second task is over before the first, which it needs, begins: no order says both."""
    ws = Workspace(
        [
            Person(id=1, login="anna"),
            Task(id=1, title="A", assignee=1, likely=3.0, not_before=date(2026, 3, 9)),
            Task(id=2, title="B", assignee=1, likely=2.0),
            Link(id=1, kind="needs", source=1, target=2, lag=-5.0),
        ]
    )
    of, given_limits = plan(ws, MONDAY), limits(ws)
    found = level(of, given_limits)
    check(found, of, given_limits)
    assert found.finish[2] <= found.start[1]
    assert forecast(ws, MONDAY, Options(capacity=True)).finish.p80 == 8


def test_a_return_of_old_to_what_comes_after_its_gate_is_levelled_too() -> None:
    ws = Workspace(
        [
            *(Task(id=at, title=f"T{at}", likely=2.0) for at in (1, 2, 3)),
            Link(id=1, kind="needs", source=1, target=2),
            Link(id=2, kind="needs", source=2, target=3),
            Link(id=3, kind="returns", source=1, target=3, rate=0.2),
        ]
    )
    usual = forecast(ws, MONDAY, Options(runs=500))
    assert forecast(ws, MONDAY, Options(runs=500, capacity=True)).finish == usual.finish


def test_without_limits_that_bind_the_plan_stays_as_it_is() -> None:
    of, given_limits = case(CASES[0])
    loose = Limits(given_limits.needed, {})
    found = level(of, loose)
    assert found.length == found.free_length
    assert found.plan.needs == {task: of.needs[task] for task in found.plan.steps}
    assert found.bottlenecks == ()


@pytest.mark.parametrize("passes", [1, 2, 3])
def test_what_nobody_waits_for_any_more_ends_before_the_next_pass(passes: int) -> None:
    tasks = [Task(id=n, title="T", likely=n % 3 + 1, assignee=n % 2 + 1) for n in range(1, 13)]
    ws = Workspace([Person(id=1, login="a"), Person(id=2, login="b"), *tasks])
    left = passes

    def stopped() -> bool:
        nonlocal left
        left -= 1
        return not left

    with pytest.raises(StoppedError):
        level(plan(ws, MONDAY), limits(ws), heed=heeding(stopped))
    assert left == 0
    left = passes
    assert not [*refine(ws, MONDAY, Options(capacity=True), stopped=stopped)]
    assert left == 0
    left = passes
    with pytest.raises(StoppedError):
        read(ws, MONDAY, capacity=True, heed=heeding(stopped))
    assert left == 0
