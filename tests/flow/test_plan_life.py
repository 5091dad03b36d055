"""How long a plan lived: until a fifth of it had moved, or P80 its target, and not a day longer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.flow.test_drift import Telling, estimated
from tracker.domain.change import Change, Edit
from tracker.domain.model import PlannedFinish, Project, Task
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import Chances, take
from tracker.flow.plan_life import DEAD_SHARE, Forecasts, Life, lives, typical


def life_of(told: Telling, p80s: Forecasts | None = None) -> Life | None:
    return lives(told.ws, told.records, told.day, p80s=p80s)[1]


@given(st.integers(1, 12), st.integers(0, 6))
def test_it_dies_on_the_day_a_fifth_has_moved_by_more_than_two_days(tasks: int, after: int) -> None:
    told = Telling(estimated(tasks=tasks, days=10))
    for key in range(2, tasks + 1):
        told.do(commands.start, task=key)
    told.baseline()
    # What has not begun moves by a day every day; what has begun keeps its date.
    told.later(after)
    found = life_of(told)
    assert found is not None
    dead = DEAD_SHARE * tasks <= 1 and after >= 3
    assert (found.why, found.days) == (("moved", 3) if dead else ("", after))
    assert found.moved == (after >= 3)
    assert found.tasks == tasks


def test_it_dies_when_p80_moves_past_the_target() -> None:
    ws = Workspace(
        [
            Project(id=1, name="CRM", target=date(2026, 12, 31)),
            *(Task(id=n, title="A", project=1, likely=50) for n in range(1, 4)),
        ]
    )

    def told_on(limit: date, first: date = date(2026, 12, 20)) -> Life | None:
        def p80s(_ws: Workspace, day: date, projects: tuple[int, ...]) -> Mapping[int, date]:
            assert projects == (1,)
            return {1: date(2027, 1, 4) if day >= limit else date(2026, 12, 31)}

        telling = Telling(ws)
        for key in ws.tasks:
            telling.do(commands.start, task=key)
        telling.do(take, name="Plan 1", chances={1: Chances(first, first)})
        telling.later(9)
        return life_of(telling, p80s)

    for days, limit in ((1, date(2026, 11, 3)), (5, date(2026, 11, 9)), (9, date(2026, 11, 13))):
        found = told_on(limit)
        assert found is not None
        assert (found.why, found.day, found.days) == ("p80", limit, days)
    alive = told_on(date(2026, 12, 1))
    assert alive is not None
    assert not alive.why
    past_it_from_the_first = told_on(date(2026, 11, 3), first=date(2027, 1, 5))
    assert past_it_from_the_first is not None
    assert not past_it_from_the_first.why


def test_what_is_gone_has_not_moved() -> None:
    told = Telling(estimated(tasks=2))
    told.do(commands.start, task=2)
    told.baseline()
    told.do(commands.delete_task, task=1).later(3)
    found = life_of(told)
    assert found is not None
    assert (found.why, found.moved, found.tasks) == ("", 0, 2)


def test_it_is_not_known_where_the_history_is_not_kept() -> None:
    told = Telling(estimated(tasks=1))
    told.baseline()
    told.later(4)
    assert lives(told.ws, (), told.day) == {1: None}
    told.do(commands.edit_task, task=1, notes="x")
    assert lives(told.ws, told.records[-1:], told.day) == {1: None}


def test_a_plan_of_what_was_over_has_no_life() -> None:
    told = Telling(estimated(tasks=1))
    told.do(commands.start, task=1).do(commands.finish, task=1)
    told.baseline()
    assert lives(told.ws, told.records, told.day) == {}


def test_the_median_is_of_all_plans_that_are_known() -> None:
    told = Telling(estimated(tasks=1))
    told.baseline()
    told.later(5).baseline("Plan 2")
    told.later(1)
    found = lives(told.ws, told.records, told.day)
    assert [life and life.days for life in found.values()] == [3, 1]
    assert typical(found) == (2, 2)
    assert typical({1: None}) is None
    assert typical({}) is None


def test_a_plan_of_long_before_its_history_costs_no_more_than_that() -> None:
    told = Telling(estimated(tasks=2, days=10))
    told.baseline()
    told.later(3)
    (plan,) = told.ws.baselines.values()
    asked: list[date] = []

    def p80s(_ws: Workspace, day: date, _projects: tuple[int, ...]) -> Mapping[int, date]:
        asked.append(day)
        return {}

    finishes = (PlannedFinish(0, None, None, p80=date.min, target=date.max),)
    ancient = replace(plan, taken=datetime(1, 1, 2, tzinfo=UTC), finishes=finishes)
    told.do(lambda _ws, _now: Change(sentence("Edited"), (Edit(plan, ancient),)))
    assert lives(told.ws, told.records, told.day, p80s)[plan.id] is not None
    assert len(asked) <= 2
