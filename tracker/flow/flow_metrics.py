"""How work flows: the measures of the Kanban Guide, read off the passes that were recorded.

Work in progress, cycle time, work item age and throughput are those of the Kanban Guide (Vacanti &
Coleman, 2020): the elapsed time between begin and end of an item, or up to now, and the items ended
in a unit of time. Elapsed days are calendar days, the first and the last one counted: what is begun
and ended on one day took one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from tracker.domain import passes
from tracker.domain.calendar import day_of
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.calibration import weekly
from tracker.flow.handovers import Between, Exchange, exchanges

# So many weeks are looked back on, the one under way among them.
WEEKS = 12


class Finished(msgspec.Struct, frozen=True):
    """A task that is done: `days` are its cycle time, None where begin or end is not recorded."""

    task: int
    days: int | None
    came_back: bool


class Ageing(msgspec.Struct, frozen=True):
    """A task in progress: its age in days, and how many finished ones took less than that."""

    task: int
    days: int
    outlasted: int


class Standing(msgspec.Struct, frozen=True):
    """How many tasks were still to do, in progress and done at the end of a day."""

    day: date
    todo: int
    doing: int
    done: int


class FlowMetrics(msgspec.Struct, frozen=True):
    """The measures of some tasks on a day; milestones and what was dropped are left out.

    `weeks` are the tasks ended in each full week, the newest last, as far back as work goes.
    `undated` are tasks in progress of which it is not recorded since when.
    """

    today: date
    finished: tuple[Finished, ...]
    ageing: tuple[Ageing, ...]
    undated: int
    weeks: tuple[int, ...]
    standing: tuple[Standing, ...]
    hand_overs: Mapping[Between, Exchange]

    @property
    def cycle_times(self) -> tuple[int, ...]:
        """The days that finished tasks took, the shortest first, as far as known."""
        return tuple(sorted(each.days for each in self.finished if each.days is not None))

    @property
    def first_pass(self) -> tuple[int, int]:
        """How many of the finished tasks never came back, and how many are finished."""
        return sum(not each.came_back for each in self.finished), len(self.finished)


def percentile(values: Sequence[int], share: float) -> int | None:
    """Return the smallest of ascending values that so large a share of them does not exceed.

    The nearest rank, as P80 is that of the runs of a forecast; None of no values.
    """
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else None


def read(ws: Workspace, tasks: Collection[int], today: date) -> FlowMetrics:
    """Return the measures of some tasks of a workspace."""
    counted = [
        task
        for key in sorted(tasks)
        if not (task := ws.tasks[key]).milestone and task.state != "dropped"
    ]
    finished = tuple(_finished(task) for task in counted if task.state == "done")
    took = sorted(each.days for each in finished if each.days is not None)
    under_way = [task for task in counted if task.open and passes.begun(task)]
    began = [(task, start) for task in under_way if (start := _began(task)) is not None]
    ages = [(task.id, (today - start).days + 1) for task, start in began if start <= today]
    ageing = [
        Ageing(task, days, sum(each < days for each in took))
        for task, days in sorted(ages, key=lambda each: (-each[1], each[0]))
    ]
    return FlowMetrics(
        today=today,
        finished=finished,
        ageing=tuple(ageing),
        undated=len(under_way) - len(began),
        weeks=weekly(counted, today),
        standing=_standing(counted, today),
        hand_overs={
            pair: found for pair, found in exchanges(ws, tasks, today).items() if found.handed
        },
    )


def _began(task: Task) -> date | None:
    """Return when work on a task began for the first time, as far as that is recorded."""
    return min((day_of(run.started) for run in task.passes if run.started), default=None)


def _finished(task: Task) -> Finished:
    began = _began(task)
    ends = [day_of(run.ended) for run in task.passes if run.accepted and run.ended]
    came_back = any(run.gate is not None or run.withdrawn for run in task.passes)
    known = began is not None and ends and ends[-1] >= began
    return Finished(task.id, (ends[-1] - began).days + 1 if known and began else None, came_back)


def _standing(tasks: Collection[Task], today: date) -> tuple[Standing, ...]:
    """Return where tasks were at the end of each of the past weeks, and are today."""
    sunday = today - timedelta(days=today.weekday() + 1)
    days = [sunday - timedelta(weeks=back) for back in reversed(range(WEEKS - 1))]
    found = [_standing_at(tasks, day) for day in (*days, today)]
    first = next(
        (at for at, each in enumerate(found) if each.todo or each.doing or each.done), len(found)
    )
    return tuple(found[first:])


def _standing_at(tasks: Collection[Task], day: date) -> Standing:
    todo = doing = done = 0
    for task in tasks:
        where = where_on(task, day)
        todo, doing, done = todo + (where == 0), doing + (where == 1), done + (where == 2)
    return Standing(day, todo, doing, done)


def where_on(task: Task, day: date) -> int | None:
    """Return where a task was at the end of a day: to do 0, in progress 1, done 2; not there None.

    What was sent back is in progress again from that day on. What is not recorded is taken to have
    been as it is from the first.
    """
    if task.created is not None and day_of(task.created) > day:
        return None
    last = None
    for run in task.passes:
        if run.opened is not None and day_of(run.opened) > day:
            break
        last = run
    under_way = int(task.open and passes.begun(task))
    if last is None or (last.outcome == "done" and last.ended is None):
        return 2 if task.state == "done" else under_way
    ended = last.ended is not None and day_of(last.ended) <= day
    doubted = last.recheck_since is not None and day_of(last.recheck_since) <= day
    in_doubt = task.state == "recheck" and doubted
    if last.outcome == "done" and ended and not in_doubt:
        return 2
    known = (run.started or run.ended for run in task.passes if passes.worked(run))
    since = min((day_of(moment) for moment in known if moment), default=None)
    return under_way if since is None else int(since <= day)
