"""How much was done by when, and will be: the chart ends today and goes on from there."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.flow.test_drift import SOME, Telling, estimated, go_on
from tracker.domain.verbs import arrows, commands
from tracker.flow.burn_up import BurnUp, burn_up
from tracker.flow.forecast.portfolio import ends_ahead


def chart(plan: Telling, **ends: date) -> BurnUp:
    """Return the chart of a plan."""
    days = dict(enumerate(ends.values()))
    last = max(days.values(), default=plan.day)
    return burn_up(plan.ws.tasks.values(), plan.day, {0.8: days}, {0.8: last})


def test_what_came_back_is_not_done_until_it_is_anew() -> None:
    plan = Telling(estimated("1-2 2-3"))
    for task in (1, 2, 3):
        plan.do(commands.start, task=task).later().do(commands.finish, task=task)
    gone = plan.day
    plan.later().do(arrows.send_back, gate=3, target=2, reason="Refused").later()
    done = {each.day: each.done for each in chart(plan).past}
    # The end of a gate that sends work back was none.
    assert done[gone] == 2
    assert chart(plan).done == 1
    assert chart(plan).there == 3


def test_days_ahead_begin_with_what_is_done() -> None:
    plan = Telling(estimated(tasks=4)).do(commands.finish, task=1)
    soon, late = plan.day + timedelta(1), plan.day + timedelta(9)
    found = chart(plan, a=late, b=soon, c=late)
    assert found.ahead[0.8] == ((soon, 2), (late, 4))


def test_of_nothing_there_is_a_day_without_anything() -> None:
    found = burn_up((), date(2026, 11, 2), {}, {})
    assert found.past == ((date(2026, 11, 2), 0, 0),)


@given(steps=st.lists(SOME, max_size=20))
def test_it_never_has_more_done_than_there_is_and_ends_with_all(
    steps: list[tuple[str, int, int]],
) -> None:
    plan = Telling(estimated("1-2 2-3 1-4", tasks=5))
    go_on(plan, steps)
    ends = {key: end.day for key, end in ends_ahead(plan.ws, plan.day, (0,)).items()}
    last = max(ends.values(), default=plan.day) + timedelta(3)
    found = burn_up(plan.ws.tasks.values(), plan.day, {0.8: ends}, {0.8: last})
    assert all(each.done <= each.there for each in found.past)
    days = [each.day for each in found.past]
    assert days == sorted(set(days))
    assert days[-1] == plan.day
    assert not ends or found.ahead[0.8][-1] == (last, found.there)
