"""When everything can begin and must be over, if it takes what is likely and nothing comes back."""

from __future__ import annotations

import math
from datetime import date
from functools import cached_property

import msgspec

from tracker.domain.workspace import Workspace
from tracker.flow.forecast.remaining_work import CLOSE, Plan, plan


class TaskDates(msgspec.Struct, frozen=True):
    """When a task can begin and end, and must, in working days from the start of the plan.

    `slack` is by how much beginning and end may both slip before its project, or one that depends
    on it, is over later; where the people on it have days off of their own, the smaller of the two.
    """

    early_start: float
    early_finish: float
    late_start: float
    late_finish: float
    slack: float
    critical: bool


class Schedule(msgspec.Struct, frozen=True, dict=True):
    """The dates of all open tasks; the whole is over after `length` working days.

    `lengths` are those of the projects, 0 standing for the tasks without one.
    """

    plan: Plan
    length: float
    lengths: dict[int, float]
    tasks: dict[int, TaskDates]

    @cached_property
    def path(self) -> tuple[int, ...]:
        """A critical path of the project that is over last; see `path_of`."""
        last = max(self.lengths, key=self.lengths.__getitem__, default=0)
        return self.path_of(last)

    def path_of(self, project: int) -> tuple[int, ...]:
        """Return a critical path of a project.

        Its first task is held up by nothing that is open, each other one by the one before it, and
        the last one ends last.
        """
        path: list[int] = []
        dates, length = self.tasks, self.lengths.get(project, 0.0)
        last = [
            key
            for key in self.plan.projects.get(project, ())
            if length - dates[key].early_finish <= CLOSE
        ]
        while last:
            path.append(min(last))
            start = dates[path[-1]].early_start
            last = [
                source
                for source, lag in self.plan.needs[path[-1]]
                if source in dates
                and dates[source].critical
                and abs(dates[source].early_finish + lag - start) <= CLOSE
            ]
        return tuple(reversed(path))

    @cached_property
    def finish(self) -> date:
        """The working day on which all is over; the start where nothing is left to do."""
        return self.plan.finish_date(self.length)

    def days(self, task: int) -> tuple[date, date]:
        """Return the working days on which a task can begin and end; of a milestone just one."""
        dates = self.tasks[task]
        last = self.plan.finish_date(dates.early_finish)
        return min(self.plan.start_date(dates.early_start), last), last


def schedule(ws: Workspace, today: date, start: date | None = None) -> Schedule:
    """Return the dates of what is left to do from today on, or from a later `start`."""
    return critical_path(plan(ws, today, start))


def critical_path(ahead: Plan) -> Schedule:
    """Return the dates of everything that is left to do in a plan.

    The critical path method (Kelley & Walker 1959, "Critical-Path Planning and Scheduling") over
    the likely durations: a forward pass for the early dates, a backward one for the late dates.
    Done tasks hold up nothing, running ones take what is left of them. A task must be over by the
    end of its own project, and soon enough for those that depend on it.
    """
    days = _left(ahead)
    begin, end = _early(ahead, days)
    lengths = _lengths(ahead, end)
    must_end = dict.fromkeys(days, math.inf)
    for project, tasks in ahead.projects.items():
        must_end.update(dict.fromkeys(tasks, lengths[project]))
    dates: dict[int, TaskDates] = {}
    for key in reversed(days):
        step, taken = ahead.steps[key], days[key]
        late = step.latest(must_end[key], taken)
        for source, lag in ahead.needs[key]:
            if source in end:
                must_end[source] = min(must_end[source], late - lag)
        # Where nobody works just before its end, the work is over earlier than it must be.
        over = step.over(late, taken)
        slack = max(min(late - begin[key], over - end[key]), 0.0)
        dates[key] = TaskDates(begin[key], end[key], late, over, slack, slack <= CLOSE)
    length = max(lengths.values(), default=0.0)
    return Schedule(ahead, length, lengths, {key: dates[key] for key in days})


def length_of(ahead: Plan) -> float:
    """Return after how many days everything that is left to do in a plan is over."""
    _begin, end = _early(ahead, _left(ahead))
    return max(_lengths(ahead, end).values(), default=0.0)


def _lengths(ahead: Plan, end: dict[int, float]) -> dict[int, float]:
    """Return after how many days each project is over."""
    return {key: max(end[task] for task in tasks) for key, tasks in ahead.projects.items()}


def _left(ahead: Plan) -> dict[int, float]:
    """Return what is left of the open tasks, if they take what is likely."""
    return {key: step.left(step.likely) for key, step in ahead.steps.items() if step.open}


def _early(ahead: Plan, days: dict[int, float]) -> tuple[dict[int, float], dict[int, float]]:
    """Return when open tasks can begin, and when they are over, if they take so many days."""
    begin: dict[int, float] = {}
    end: dict[int, float] = {}
    for key, taken in days.items():
        step = ahead.steps[key]
        free = step.earliest
        for source, lag in ahead.needs[key]:
            over = end.get(source)
            if over is not None and over + lag > free:
                free = over + lag
        begin[key] = step.begun(free, taken) if step.off else free
        end[key] = step.over(free, taken) if step.off else free + taken
    return begin, end
