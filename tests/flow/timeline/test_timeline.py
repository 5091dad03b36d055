"""The plan in time: what was worked when, what is left, and in which order it is read."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import NOW, TODAY, done, plan
from tests.strategies import workspaces
from tracker.domain.draft import Now
from tracker.domain.model import Department, Person, System
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.critical_path import schedule
from tracker.flow.timeline.timeline import GROUPS, ORDERS, read

# A Monday; the days of a week before it.
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (TODAY - timedelta(days=7 - n) for n in range(5))


def on(day: date) -> Now:
    """Return the morning of a day."""
    return replace(NOW, at=NOW.at + (day - TODAY), today=day)


def with_task(ws: Workspace, task: int, **fields: Any) -> Workspace:
    """Return the workspace with fields of a task set."""
    return done(ws, partial(commands.edit_tasks, tasks=(task,), **fields))


def test_a_task_that_runs_is_worked_up_to_yesterday_and_left_from_today_on() -> None:
    ws = done(plan(tasks=1, low=4, likely=5, high=6), commands.start, on(FRIDAY), task=1)
    bar = read(ws, TODAY).bar(1)
    assert bar.worked == ((FRIDAY, TODAY - timedelta(1)),)
    # One of its five days is over.
    assert bar.left == (TODAY, TODAY + timedelta(3))
    assert (bar.first, bar.last) == (FRIDAY, TODAY + timedelta(3))


def test_a_finished_task_is_where_it_was_worked_on() -> None:
    ws = done(plan(tasks=1), commands.start, on(MONDAY), task=1)
    bar = read(done(ws, commands.finish, on(WEDNESDAY), task=1), TODAY).bar(1)
    assert bar.worked == ((MONDAY, WEDNESDAY),)
    assert bar.left is None


def test_a_task_done_without_being_begun_is_on_the_day_on_which_it_ended() -> None:
    bar = read(done(plan(tasks=1), commands.finish, on(TUESDAY), task=1), TODAY).bar(1)
    assert bar.worked == ((TUESDAY, TUESDAY),)


def test_days_on_which_the_work_rested_are_left_out() -> None:
    ws = done(plan(tasks=1), commands.start, on(MONDAY), task=1)
    ws = done(ws, commands.wait, on(WEDNESDAY), task=1, waiting_for="Dell")
    assert read(ws, TODAY).bar(1).worked == ((MONDAY, TUESDAY),)
    ws = done(ws, commands.start, on(FRIDAY), task=1)
    assert read(ws, TODAY).bar(1).worked == ((MONDAY, TUESDAY), (FRIDAY, TODAY - timedelta(1)))


def test_every_pass_is_seen() -> None:
    ws = plan("1-2", returns="2-1")
    for task, begun, ended in ((1, MONDAY, TUESDAY), (2, WEDNESDAY, THURSDAY)):
        ws = done(ws, commands.start, on(begun), task=task)
        if task == 1:
            ws = done(ws, commands.finish, on(ended), task=task)
    ws = done(ws, arrows.send_back, on(THURSDAY), gate=2, target=1, reason="no")
    ws = done(ws, commands.start, on(FRIDAY), task=1)
    found = read(ws, TODAY)
    assert found.bar(1).worked == ((MONDAY, TUESDAY), (FRIDAY, TODAY - timedelta(1)))
    assert found.bar(2).worked == ((WEDNESDAY, THURSDAY),)


def test_what_was_sent_back_before_it_was_begun_was_never_worked_on() -> None:
    ws = done(plan("1-2"), arrows.send_back, on(MONDAY), gate=2, target=1, reason="no")
    assert read(ws, TODAY).bar(1).worked == ()


def test_slack_reaches_to_the_day_on_which_it_must_be_over() -> None:
    ws = with_task(plan("1-3 2-3", tasks=3, low=1, likely=1, high=1), 2, likely=4, low=4, high=4)
    found = read(ws, TODAY)
    assert found.bar(1).left == (TODAY, TODAY)
    assert (found.bar(1).latest, found.bar(1).slack) == (TODAY + timedelta(3), 3)
    assert [found.bar(task).critical for task in (1, 2, 3)] == [False, True, True]


def test_a_task_without_an_estimate_is_guessed_and_takes_a_day() -> None:
    bar = read(plan(tasks=1), TODAY).bar(1)
    assert (bar.guessed, bar.left) == (True, (TODAY, TODAY))
    assert not read(plan(tasks=1, likely=1), TODAY).bar(1).guessed


def test_what_is_due_before_today_is_late_while_it_is_open() -> None:
    ws = plan(states="1:todo 2:done", due=FRIDAY)
    found = read(ws, TODAY)
    assert [found.bar(task).late for task in (1, 2)] == [True, False]


def test_the_end_is_that_of_the_last_task_asked_for() -> None:
    found = read(plan("1-2", states="1:doing 2:todo 3:done", likely=2), TODAY)
    assert found.finish((1,)) == TODAY + timedelta(1)
    assert found.finish((1, 2, 3)) == TODAY + timedelta(3)
    assert found.finish((3,)) is None


EXTRA = (
    Department(id=1, name="Netz"),
    Person(id=1, login="anna"),
    System(id=1, name="db"),
    System(id=2, name="erp"),
)


def test_tasks_come_in_groups_those_of_several_in_each_and_those_of_none_last() -> None:
    ws = with_task(plan(tasks=3, extra=EXTRA), 2, systems=("db", "erp"))
    groups = read(ws, TODAY).groups(ws.tasks.values(), "systems")
    assert [(group.label, group.tasks) for group in groups] == [
        ("db", (2,)),
        ("erp", (2,)),
        (None, (1, 3)),
    ]
    (all_of_them,) = read(ws, TODAY).groups(ws.tasks.values())
    assert (all_of_them.headed, all_of_them.tasks) == (False, (1, 2, 3))


def test_what_has_least_slack_comes_first_and_what_is_finished_last() -> None:
    ws = with_task(plan("1-3", states="1:done 2:todo 3:todo 4:todo", likely=1), 4, likely=3)
    (group,) = read(ws, TODAY).groups(ws.tasks.values(), "", "critical")
    assert group.tasks == (4, 2, 3, 1)


def test_tasks_are_sorted_by_due_date_start_or_number() -> None:
    ws = with_task(plan("2-1", tasks=3, likely=1), 3, due=TODAY)
    found = read(ws, TODAY)

    def order(name: str) -> tuple[int, ...]:
        return found.groups(ws.tasks.values(), "", name)[0].tasks  # type: ignore[arg-type]

    assert order("due") == (3, 2, 1)
    assert order("start") == (2, 3, 1)
    assert order("number") == (1, 2, 3)


def test_limited_capacity_puts_one_task_behind_the_other() -> None:
    ws = plan(tasks=2, likely=1, assignee=1, extra=EXTRA)
    days = {read(ws, TODAY, capacity=True).bar(task).left for task in (1, 2)}
    assert days == {(TODAY, TODAY), (TODAY + timedelta(1),) * 2}


def test_what_moves_with_an_earliest_start_is_told_in_working_days() -> None:
    ws = plan("1-2", tasks=3, likely=1)
    later = with_task(ws, 1, not_before=TODAY + timedelta(7))
    assert read(ws, TODAY).moved(read(later, TODAY)) == {1: 5, 2: 5}
    assert read(later, TODAY).moved(read(ws, TODAY)) == {1: -5, 2: -5}


@given(workspaces(), st.sampled_from(GROUPS), st.sampled_from(ORDERS))
def test_every_task_has_a_line(ws: Workspace, by: str, order: str) -> None:
    groups = read(ws, TODAY).groups(ws.tasks.values(), by, order)  # type: ignore[arg-type]
    lines = [task for group in groups for task in group.tasks]
    assert sorted(set(lines)) == list(ws.tasks)
    assert by == "systems" or len(lines) == len(ws.tasks)


@given(workspaces())
def test_bars_lie_where_the_plan_has_them(ws: Workspace) -> None:
    found, planned = read(ws, TODAY), schedule(ws, TODAY)
    for key, task in ws.tasks.items():
        bar = found.bar(key)
        assert bar.left == (planned.days(key) if task.open else None)
        if bar.left and bar.latest:
            assert TODAY <= bar.left[0] <= bar.left[1] <= bar.latest
            # Only what may slip ends later than it is planned.
            assert bar.latest == bar.left[1] or bar.slack > 0
        assert all(first <= last < TODAY for first, last in bar.worked)


@pytest.mark.parametrize("by", GROUPS)
def test_an_empty_plan_has_no_groups_with_a_heading(by: str) -> None:
    assert not any(group.tasks for group in read(Workspace(), TODAY).groups((), by))
