"""Who is waited for and since when: read from what is recorded, in the order in which to ask."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import NOW, TODAY, done, later, plan
from tracker.domain.change import Change, Record
from tracker.domain.draft import Now
from tracker.domain.verbs import commands
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.flow.follow_ups import follow_ups, waiting_since


def records(ws: Workspace, *steps: tuple[Now, Command]) -> tuple[Workspace, list[Record]]:
    """Return the workspace after some commands, and their records."""
    found: list[Record] = []
    for now, command in steps:
        change: Change = command(ws, now)
        ws = ws.apply(change)
        found.append(Record(len(found) + 1, now.at, now.who, change))
    return ws, found


def waits(task: int, **fields: object) -> Command:
    """Return the command that lets a task wait."""
    return lambda ws, now: commands.wait(ws, now, task=task, **fields)  # type: ignore[arg-type]


def test_a_task_waits_since_it_began_to_and_not_since_its_date_was_moved() -> None:
    again = TODAY + timedelta(3)
    ws, found = records(
        plan(tasks=2),
        (NOW, waits(1, waiting_for="supplier", follow_up=TODAY)),
        (later(5), waits(1, follow_up=again)),
        (later(6), waits(2)),
        (later(7), lambda ws, now: commands.start(ws, now, task=2)),
    )
    assert waiting_since(found) == {1: NOW.at}
    (each,) = follow_ups(ws, ws.tasks, waiting_since(found))
    assert (each.task, each.day, each.since) == (1, again, NOW.at)


def test_the_first_to_be_asked_about_comes_first_and_what_has_no_date_last() -> None:
    ws = plan(tasks=4)
    for task, day in ((1, None), (2, TODAY + timedelta(9)), (3, TODAY - timedelta(9))):
        ws = done(ws, commands.wait, task=task, waiting_for="x", follow_up=day)
    assert [each.task for each in follow_ups(ws, ws.tasks, {})] == [3, 2, 1]
    assert [each.task for each in follow_ups(ws, (1, 2), {})] == [2, 1]


def test_of_what_had_begun_it_is_known_without_records() -> None:
    ws = done(plan(tasks=2), commands.start, task=1)
    ws = done(ws, commands.wait, later(9), task=1)
    ws = done(ws, commands.wait, later(9), task=2)
    assert [each.since for each in follow_ups(ws, ws.tasks, {})] == [later(9).at, None]
