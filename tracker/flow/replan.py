"""Replanning: due dates that cannot be kept are set anew, by when the plan says work is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Literal

import msgspec

from tracker.domain import status
from tracker.domain.change import Change
from tracker.domain.draft import Now, together
from tracker.domain.errors import Already, Conflict
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace, table_word

# By what dates are set anew: P80, or the finish by the schedule.
By = Literal["p80", "finish"]


class NewDue(msgspec.Struct, frozen=True):
    """A task of which the due date is moved; it has passed already, or else cannot be kept."""

    task: int
    old: date
    new: date
    passed: bool


def ends(
    ws: Workspace, today: date, by: By, stopped: Callable[[], bool] = lambda: False
) -> dict[int, date]:
    """Return by when each open task is over, until it is `stopped`; raises BadInput."""
    from tracker.domain.scope import Scope

    if by == "p80":
        from tracker.flow.forecast.portfolio import ends_ahead

        found = ends_ahead(ws, today, Scope().ahead(ws), stopped=stopped)
        return {key: end.day for key, end in found.items()}
    from tracker.flow.baseline import schedule_of

    plan = schedule_of(ws, today)
    return {key: plan.days(key)[1] for key in plan.tasks}


def new_dues(
    ws: Workspace,
    today: date,
    known: Mapping[int, date],
    *,
    unkept: bool = False,
    tasks: Collection[int] | None = None,
) -> tuple[NewDue, ...]:
    """Return which due dates are to be moved to when, the longest overdue first.

    `known` are by when tasks are over. It is what is late, and with `unkept` also what is due
    before it is over; of `tasks`, or of all.
    """
    found = []
    for task in ws.tasks.values():
        new = known.get(task.id)
        if not task.open or task.due is None or new is None:
            continue
        late = status.late(task, today)
        if new > task.due and (late or unkept) and (tasks is None or task.id in tasks):
            found.append(NewDue(task.id, task.due, new, late))
    return tuple(sorted(found, key=lambda each: (not each.passed, each.old, each.task)))


def replan(ws: Workspace, now: Now, *, dues: Sequence[NewDue]) -> Change:
    """Set due dates anew, as one change.

    Raises Already where there are none, and Conflict where one was changed since, or its task is
    no longer open.
    """
    if not dues:
        raise Already("Nothing is late; no due date is moved.")
    for each in dues:
        task = ws.tasks.get(each.task)
        if task is None or not task.open or task.due != each.old:
            raise Conflict("tasks", each.task, ("due",), _changed(ws, each.task))
    steps = (partial(commands.edit_task, task=each.task, due=each.new) for each in dues)
    label = counted("Replanned: {n} due date", "Replanned: {n} due dates", len(dues))
    return together(steps, label)(ws, now)


def last_due(ws: Workspace, dues: Iterable[NewDue] = ()) -> dict[int, date]:
    """Return the last due date of the open tasks of each project, with some set anew."""
    moved = {each.task: each.new for each in dues}
    found: dict[int, date] = {}
    for task in ws.tasks.values():
        due = moved.get(task.id, task.due)
        if task.open and due:
            project = task.project or 0
            found[project] = max(due, found.get(project, due))
    return found


def _changed(ws: Workspace, task: int) -> Sentence:
    if task not in ws.tasks:
        return sentence("{kind} {id} no longer exists.", kind=table_word("tasks"), id=task)
    return sentence(
        "{task} has changed since the preview; look at it once more.",
        task=commands.task_name(ws, task),
    )
