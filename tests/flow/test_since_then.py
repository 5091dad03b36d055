"""What has become of a plan since a moment: each task once, as it was and as it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.flow.test_drift import SOME, Telling, estimated, go_on
from tracker.domain.model import Project
from tracker.domain.scope import Scope
from tracker.domain.verbs import arrows, commands, upkeep
from tracker.flow.since_then import Before, PastState, since_then


def told(needs: str = "1-2 2-3", **fields: Any) -> Telling:
    """Return a plan of which a day has gone by."""
    return Telling(estimated(needs, **fields)).later()


def test_what_was_done_begun_entered_and_dropped_is_told_once() -> None:
    plan = told(tasks=6)
    moment = plan.now.at
    plan.later().do(commands.start, task=1).do(commands.start, task=4)
    plan.later().do(commands.finish, task=1).do(commands.drop, task=5)
    plan.do(commands.add_task, title="New").do(commands.delete_task, task=6)
    found = since_then(plan.ws, plan.records, plan.now, moment)
    assert found.finished == (1,)
    assert found.started == (4,)
    assert [plan.ws.tasks[key].title for key in found.added] == ["New"]
    assert sorted(task.id for task in found.gone) == [5, 6]
    assert (found.records, found.people, found.new, found.history) == (6, 1, False, True)


def test_what_came_back_says_by_whom_and_is_not_done() -> None:
    plan = told()
    moment = plan.now.at
    for task in (1, 2, 3):
        plan.later().do(commands.start, task=task).do(commands.finish, task=task)
    plan.later().do(arrows.send_back, gate=3, target=1, reason="Server refuses")
    found = since_then(plan.ws, plan.records, plan.now, moment)
    assert found.finished == ()
    assert [(each.task, each.gate, each.reason, each.number) for each in found.returned] == [
        (1, 3, "Server refuses", 2)
    ]


def test_moved_days_targets_and_estimates_have_both_values() -> None:
    plan = Telling(estimated("1-2", extra=(Project(id=1, name="Billing"),), project=1))
    plan.do(commands.edit_task, task=1, due=date(2026, 12, 1)).later()
    moment = plan.now.at
    day = date(2026, 12, 9)
    plan.later().do(commands.edit_task, task=1, due=day, likely=6.0, high=6.0)
    values = {"target": day, "budget": 5_000.0}
    plan.do(upkeep.set_properties, kind=Project, name=1, values=values)
    found = since_then(plan.ws, plan.records, plan.now, moment)
    assert found.dues == (Before(1, date(2026, 12, 1), day),)
    assert found.estimates == (Before(1, 4.0, 6.0),)
    assert found.targets == (Before(1, None, day),)
    assert found.budgets == (Before(1, None, 5_000.0),)


def test_the_drift_since_a_moment_is_that_from_a_baseline_taken_then() -> None:
    plan = told()
    moment = plan.now.at - timedelta(seconds=1)
    baseline = plan.baseline()
    plan.later(3).do(commands.edit_task, task=1, likely=9.0, high=9.0)
    by_moment = since_then(plan.ws, plan.records, plan.now, moment).drift
    by_name = since_then(plan.ws, plan.records, plan.now, baseline).drift
    assert by_moment
    assert by_name
    assert by_moment.tasks == by_name.tasks
    assert by_moment.projects[0].days == by_name.projects[0].days > 0


def test_of_a_plan_that_was_not_there_all_is_new() -> None:
    plan = told()
    found = since_then(plan.ws, plan.records, plan.now, datetime(2020, 1, 1, tzinfo=UTC))
    assert found.new
    assert found.drift is None
    assert found.added == tuple(plan.ws.tasks)


def test_what_was_done_at_the_same_moment_is_told_apart_by_its_number() -> None:
    plan = told()
    moment, seq = plan.now.at, plan.ws.seq
    plan.do(commands.start, task=1)
    plan.records[-1] = replace(plan.records[-1], at=moment)
    found = since_then(plan.ws, plan.records, plan.now, PastState(seq, moment))
    assert (found.started, found.new, found.records) == ((1,), False, 1)
    found = since_then(plan.ws, plan.records, plan.now, PastState(seq + 1, moment))
    assert (found.started, found.records) == ((), 0)
    kept = plan.records[1:]
    assert since_then(plan.ws, kept, plan.now, PastState(seq, moment)).history
    assert not since_then(plan.ws, kept[1:], plan.now, PastState(seq - 1, moment)).history


def test_without_the_history_only_the_drift_from_a_baseline_is_known() -> None:
    plan = told()
    baseline = plan.baseline()
    plan.later(4)
    kept = plan.records[2:]
    found = since_then(plan.ws, kept, plan.now, baseline)
    assert not found.history
    assert found.drift
    assert found.drift.projects[0].days == 4
    found = since_then(plan.ws, kept, plan.now, plan.now.at - timedelta(days=2))
    assert (found.history, found.drift, found.added) == (False, None, ())


def test_other_projects_are_not_told_of() -> None:
    plan = told(extra=(Project(id=1, name="Billing"), Project(id=2, name="Portal")), project=1)
    moment = plan.now.at
    plan.later().do(commands.start, task=1).do(commands.finish, task=1)
    assert since_then(plan.ws, plan.records, plan.now, moment, Scope((1,))).finished == (1,)
    other = since_then(plan.ws, plan.records, plan.now, moment, Scope((2,)))
    assert (other.finished, other.records) == ((), 0)


@given(before=st.lists(SOME, max_size=8), after=st.lists(SOME, max_size=12))
def test_then_and_what_became_of_it_is_now(
    before: list[tuple[str, int, int]], after: list[tuple[str, int, int]]
) -> None:
    plan = Telling(estimated("1-2 2-3 1-4", tasks=5))
    go_on(plan, before)
    plan.later()
    moment, then = plan.now.at, plan.ws.tasks
    go_on(plan, after)
    found = since_then(plan.ws, plan.records, plan.now, moment)
    there = {key for key, task in then.items() if task.state != "dropped"}
    now = {key for key, task in plan.ws.tasks.items() if task.state != "dropped"}
    assert there | set(found.added) == now | {task.id for task in found.gone}
    done = {key for key in now if plan.ws.tasks[key].state == "done"}
    assert set(found.finished) == {
        key for key in done if key not in then or then[key].state != "done"
    }
    assert all(each.before != each.after for each in (*found.dues, *found.estimates))
