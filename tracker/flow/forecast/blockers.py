"""What may hold up a plan beyond its dates: systems down, waits without end, unknown estimates."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tracker.domain import status
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.remaining_work import MOST_RETURNING, UNKNOWN_DAYS, Plan

# Tasks named in a warning; of more, only how many there are.
_NAMED = 5


def blockers(ws: Workspace, ahead: Plan, expected: Collection[int] = ()) -> Iterator[Sentence]:
    """Walk over what the dates of a plan take no notice of, or know too little of.

    A day is assumed for the return of the `expected` systems.
    """
    yield from _systems(ws, ahead, expected)
    for gate in ahead.endless:
        yield sentence(
            "Work would never get past {gate}: its return rates add up to 100% or more. The"
            " forecast uses {most:.0%} in total; lower one of them.",
            gate=task_label(ws, gate),
            most=MOST_RETURNING,
        )
    if waiting := undated(ws, ahead):
        yield counted(
            "{n} task is on hold without a future follow-up date and is assumed to resume at"
            " once: {tasks}.",
            "{n} tasks are on hold without a future follow-up date and are assumed to resume"
            " at once: {tasks}.",
            len(waiting),
            tasks=some_tasks(ws, waiting),
        )
    if ahead.guessed:
        yield counted(
            "{n} task has no estimate and is assumed to take {days} day: {tasks}.",
            "{n} tasks have no estimate and are assumed to take {days} day each: {tasks}.",
            len(ahead.guessed),
            days=f"{UNKNOWN_DAYS:g}",
            tasks=some_tasks(ws, ahead.guessed),
        )
    if ahead.overrun:
        yield counted(
            "{n} task has exceeded its pessimistic estimate: {tasks}.",
            "{n} tasks have exceeded their pessimistic estimates: {tasks}.",
            len(ahead.overrun),
            tasks=some_tasks(ws, ahead.overrun),
        )


def _systems(ws: Workspace, ahead: Plan, expected: Collection[int]) -> Iterator[Sentence]:
    for system in ws.systems.values():
        helper = ws.tasks.get(system.restored_by or 0)
        if system.state != "down" or system.id in expected or (helper and helper.open):
            continue
        touched = [task for task, step in ahead.steps.items() if step.open]
        if touched := [task for task in touched if system.id in ws.tasks[task].systems]:
            yield counted(
                "{system} is down and holds up {n} task: {tasks}. The dates assume that it is"
                " up again at once.",
                "{system} is down and holds up {n} tasks: {tasks}. The dates assume that it is"
                " up again at once.",
                len(touched),
                system=system.name,
                tasks=some_tasks(ws, touched),
            )


def undated(ws: Workspace, ahead: Plan) -> tuple[int, ...]:
    """Return the tasks that wait for something of which no day and no task is known."""
    return tuple(
        task.id
        for task in ws.tasks.values()
        if task.state == "waiting"
        and (task.follow_up is None or task.follow_up < ahead.start)
        and all(wait.link for wait in status.waits(ws, task))
    )


def task_label(ws: Workspace, task: int) -> str:
    """Return a task by number and title."""
    return f"{task} {ws.tasks[task].title}"


def some_tasks(ws: Workspace, tasks: Collection[int]) -> str:
    """Return some tasks by number and title; of many the first."""
    told = ", ".join(task_label(ws, task) for task in list(tasks)[:_NAMED])
    return f"{told} …" if len(tasks) > _NAMED else told
