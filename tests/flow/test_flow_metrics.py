"""How work flows: each measure on plans as one would sketch them, and what holds for any plan."""

from __future__ import annotations

import math
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, done, later, plan
from tests.strategies import workspaces
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow import flow_metrics
from tracker.flow.flow_metrics import FlowMetrics, percentile

DAY = 24 * 60


def read(ws: Workspace, days: int = 0) -> FlowMetrics:
    """Measure a plan so many days after today."""
    return flow_metrics.read(ws, ws.tasks, TODAY + timedelta(days))


def test_the_first_and_the_last_day_count() -> None:
    ws = done(plan(tasks=2), commands.start, task=1)
    ws = done(ws, commands.finish, later(8), task=1)
    ws = done(ws, commands.start, task=2)
    ws = done(ws, commands.finish, later(3 * DAY), task=2)
    assert read(ws, 3).cycle_times == (1, 4)


def test_what_came_back_runs_from_its_first_begin_to_its_last_end() -> None:
    ws = done(plan("1-2"), commands.start, task=1)
    ws = done(ws, commands.finish, later(DAY), task=1)
    ws = done(ws, commands.start, later(2 * DAY), task=2)
    ws = done(ws, arrows.send_back, later(3 * DAY), gate=2, target=1, reason="refused")
    found = read(ws, 4)
    assert found.finished == ()
    assert [(each.task, each.days) for each in found.ageing] == [(1, 5), (2, 3)]
    ws = done(ws, commands.start, later(4 * DAY), task=1)
    ws = done(ws, commands.finish, later(6 * DAY), task=1)
    found = read(ws, 6)
    assert found.cycle_times == (7,)
    assert found.first_pass == (0, 1)
    assert [(each.task, each.outlasted) for each in found.ageing] == [(2, 0)]


def test_what_has_no_begin_on_record_is_counted_and_not_guessed() -> None:
    ws = plan(states="1:done 2:doing 3:done")
    found = read(ws)
    assert found.cycle_times == ()
    assert len(found.finished) == 2
    assert found.undated == 1
    assert found.ageing == ()
    # The diagram counts it as what is in progress, too.
    assert (found.standing[-1].todo, found.standing[-1].doing) == (0, 1)
    ws = done(done(plan(tasks=1), commands.finish, task=1), commands.reopen, later(DAY), task=1)
    found = read(ws, 2)
    assert (found.undated, found.standing[-1].doing) == (1, 1)


def test_milestones_and_what_was_dropped_are_no_work() -> None:
    ws = plan(states="1:dropped")
    ws = done(ws, commands.edit_tasks, tasks=(1,), low=0.0, likely=0.0, high=0.0)
    assert [(each.todo, each.doing, each.done) for each in read(ws).standing] == []


def test_the_diagram_falls_where_work_came_back() -> None:
    ws = plan("1-2", created=NOW.at - timedelta(days=1))
    ws = done(ws, commands.start, task=1)
    ws = done(ws, commands.finish, later(DAY), task=1)
    ws = done(ws, commands.start, later(2 * DAY), task=2)
    ws = done(ws, arrows.send_back, later(8 * DAY), gate=2, target=1, reason="refused")
    found = read(ws, 8).standing
    assert [(each.todo, each.doing, each.done) for each in found] == [
        (2, 0, 0),
        (0, 1, 1),
        (0, 2, 0),
    ]


@given(
    values=st.lists(st.integers(0, 400), min_size=1, max_size=40).map(sorted),
    share=st.sampled_from((0.5, 0.8, 0.85, 0.95, 1.0)),
)
def test_a_percentile_is_the_first_value_that_so_many_do_not_exceed(
    values: list[int], share: float
) -> None:
    found = percentile(values, share)
    assert found in values
    enough = math.ceil(share * len(values))
    assert sum(value <= found for value in values) >= enough
    assert all(sum(value <= less for value in values) < enough for less in values if less < found)


def test_no_values_have_no_percentile() -> None:
    assert percentile((), 0.5) is None


@given(ws=workspaces())
def test_every_task_stands_somewhere_today_and_nothing_is_measured_twice(ws: Workspace) -> None:
    found = read(ws)
    counted = [task for task in ws.tasks.values() if task.state != "dropped" and not task.milestone]
    if counted and found.standing:
        last = found.standing[-1]
        born = [task for task in counted if task.created is None or task.created <= NOW.at]
        assert last.todo + last.doing + last.done == len(born)
        assert last.done == sum(task.state == "done" for task in born)
    assert all(each.days >= 1 for each in found.ageing)
    assert all(days >= 1 for days in found.cycle_times)
    assert not {each.task for each in found.ageing} & {each.task for each in found.finished}
