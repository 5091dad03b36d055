"""What departments handed over and sent back, on plans as one would sketch them."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given

from tests.builders import NOW, TODAY, done, later, plan
from tests.strategies import workspaces
from tracker.domain.draft import Now
from tracker.domain.model import Department
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow import handovers

TWO = (Department(id=1, name="Development"), Department(id=2, name="Operations"))
DAY = 24 * 60


def two_departments(states: str = "") -> Workspace:
    """Return task 1 of Development before task 2 of Operations."""
    ws = plan("1-2", extra=TWO, states=states)
    ws = done(ws, commands.edit_tasks, tasks=(1,), department=1)
    return done(ws, commands.edit_tasks, tasks=(2,), department=2)


def test_a_hand_over_lasts_from_the_end_of_the_predecessor_until_it_is_begun() -> None:
    ws = done(two_departments(), commands.finish, task=1)
    [waiting] = handovers.seen(ws, ws.tasks)
    assert (waiting.task, waiting.source, waiting.target, waiting.accepted) == (2, 1, 2, None)
    assert waiting.wait(TODAY + timedelta(5)) == 5
    begun = done(ws, commands.start, later(3 * DAY), task=2)
    [each] = handovers.seen(begun, begun.tasks)
    assert (each.since, each.accepted) == (NOW.at, later(3 * DAY).at)
    assert each.wait(TODAY + timedelta(50)) == 3


def test_within_a_department_nothing_is_handed_over() -> None:
    ws = done(two_departments(), commands.edit_tasks, tasks=(2,), department=1)
    ws = done(ws, commands.finish, task=1)
    assert not [*handovers.seen(ws, ws.tasks)]
    assert not handovers.exchanges(ws, ws.tasks, TODAY)


def test_what_a_gate_sends_back_is_handed_over_the_other_way() -> None:
    ws = done(two_departments(), commands.finish, task=1)
    ws = done(ws, commands.start, later(DAY), task=2)
    ws = done(ws, arrows.send_back, later(2 * DAY), gate=2, target=1, reason="refused")
    found = handovers.exchanges(ws, ws.tasks, TODAY + timedelta(6))
    back = found[2, 1]
    assert [(each.task, each.back, each.accepted) for each in back.handed] == [(1, True, None)]
    assert [
        (each.task, each.gate, each.reason, each.days, each.ended) for each in back.returns
    ] == [(1, 2, "refused", 4, False)]
    again = done(ws, commands.start, later(3 * DAY), task=1)
    again = done(again, commands.finish, later(5 * DAY), task=1)
    back = handovers.exchanges(again, again.tasks, TODAY + timedelta(9))[2, 1]
    assert back.return_days == 3
    assert [each.wait(TODAY) for each in back.handed] == [1]
    there = handovers.exchanges(again, again.tasks, TODAY + timedelta(9))[1, 2]
    assert there.arrows == ((1, 2),)
    assert there.median_wait(TODAY) == 1.0


def test_without_a_recorded_moment_no_hand_over_is_invented() -> None:
    ws = two_departments(states="1:done 2:doing")
    assert not [*handovers.seen(ws, ws.tasks)]
    assert handovers.exchanges(ws, ws.tasks, TODAY)[1, 2].median_wait(TODAY) is None


@given(ws=workspaces())
def test_no_wait_is_negative_and_each_is_between_two_departments(ws: Workspace) -> None:
    for each in handovers.seen(ws, ws.tasks):
        assert each.source != each.target
        assert each.accepted is None or each.accepted >= each.since
    now = Now(at=NOW.at, today=TODAY, who="k.brandt")
    for found in handovers.exchanges(ws, ws.tasks, now.today).values():
        assert found.return_days >= 0
        assert set(found.tasks) <= set(ws.tasks)
