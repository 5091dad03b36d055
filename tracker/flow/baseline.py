"""Taking a baseline: the plan of a moment, task by task and project by project."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from tracker.domain.calendar import day_of
from tracker.domain.change import Change
from tracker.domain.draft import Now
from tracker.domain.errors import BadInput
from tracker.domain.model import Baseline, PlannedFinish, PlannedTask, Task
from tracker.domain.scope import Scope
from tracker.domain.verbs.baselines import take_baseline
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.critical_path import Schedule, critical_path
from tracker.flow.forecast.levelling import level, limits
from tracker.flow.forecast.remaining_work import plan


def shown(ws: Workspace, chosen: object) -> Baseline | None:
    """Return the baseline that somebody has chosen by its number; 0 is none.

    Without a choice, or where that is gone, it is the one taken last.
    """
    if chosen == 0:
        return None
    found = ws.baselines.get(chosen) if isinstance(chosen, int) else None
    return found or max(ws.baselines.values(), key=lambda each: (each.taken, each.id), default=None)


class Dates(NamedTuple):
    """The days on which a task starts and finishes, or did; None where that is not known."""

    start: date | None
    finish: date | None


class Chances(NamedTuple):
    """The days on which a project is over with a chance of 50 % and of 80 %."""

    p50: date
    p80: date


def schedule_of(ws: Workspace, today: date, *, capacity: bool = False) -> Schedule:
    """Return the dates of what is left to do, if nobody does more at once than they can, or not."""
    ahead = plan(ws, today)
    return critical_path(level(ahead, limits(ws), bottlenecks=False).plan if capacity else ahead)


def dates_of(ws: Workspace, schedule: Schedule) -> dict[int, Dates]:
    """Return when each task that was not dropped starts and finishes, or did.

    What is over has the days on which that was recorded, what has begun that of its start.
    """
    return {
        task.id: _done(task) if not task.open else _ahead(task, schedule)
        for task in ws.tasks.values()
        if task.state != "dropped"
    }


def _done(task: Task) -> Dates:
    started = [run.started for run in task.passes if run.started]
    ended = [run.ended for run in task.passes if run.accepted and run.ended]
    finish = day_of(max(ended)) if ended else None
    start = day_of(min(started)) if started else None
    return Dates(min(filter(None, (start, finish)), default=None), finish)


def _ahead(task: Task, schedule: Schedule) -> Dates:
    start, finish = schedule.days(task.id)
    last = task.passes[-1] if task.passes else None
    if last and last.started and not last.outcome:
        start = min(day_of(last.started), finish)
    return Dates(start, finish)


def take(
    ws: Workspace,
    now: Now,
    *,
    name: str,
    reason: str = "",
    projects: tuple[int, ...] = (),
    capacity: bool = False,
    chances: Mapping[int, Chances] = {},
) -> Change:
    """Keep the plan as it is now under a name, of some projects or of all.

    `chances` are the forecasts of projects, as far as there are any. Raises TrackerError.
    """
    plan, finishes = planned(ws, now.today, projects, capacity=capacity, chances=chances)
    return take_baseline(
        ws,
        now,
        name=name,
        reason=reason,
        projects=projects,
        capacity=capacity,
        plan=plan,
        finishes=finishes,
    )


def planned(
    ws: Workspace,
    today: date,
    projects: tuple[int, ...] = (),
    *,
    capacity: bool = False,
    chances: Mapping[int, Chances] = {},
) -> tuple[tuple[PlannedTask, ...], tuple[PlannedFinish, ...]]:
    """Return the rows of a baseline, those of tasks and those of projects; see `take`."""
    schedule = schedule_of(ws, today, capacity=capacity)
    days = dates_of(ws, schedule)
    tasks = Scope(projects).tasks(ws)
    rows = tuple(
        PlannedTask(key, *days[key], task.likely, task.department, task.state, task.project)
        for key, task in tasks.items()
        if key in days
    )
    own: dict[int, list[PlannedTask]] = {}
    for row in rows:
        own.setdefault(row.project or 0, []).append(row)
    return rows, tuple(_finish(ws, key, own[key], chances.get(key)) for key in sorted(own))


def _finish(
    ws: Workspace, project: int, rows: Iterable[PlannedTask], chances: Chances | None
) -> PlannedFinish:
    finish = max((row.finish for row in rows if row.finish), default=None)
    p50, p80 = chances or (None, None)
    there = ws.projects.get(project)
    return PlannedFinish(project, finish, p50, p80, there.target if there else None)


def chances_of(
    ws: Workspace,
    today: date,
    projects: Collection[int] = (),
    *,
    capacity: bool = False,
    rough: bool = False,
) -> dict[int, Chances]:
    """Return by when some projects are over, or all, as they are forecast, or only `rough`-ly.

    Those of which there is no forecast, or nothing to do, are left out.
    """
    from tracker.flow.forecast.forecast import Options
    from tracker.flow.forecast.inquiry import FIRST_RUNS
    from tracker.flow.forecast.portfolio import refine_each

    asked = Scope(tuple(projects)).ahead(ws)
    options = Options(capacity=capacity, runs=FIRST_RUNS if rough else None)
    try:
        *_rough, found = refine_each(ws, today, options, asked, costs=False)
    except BadInput:
        return {}
    return {
        key: Chances(*map(each.plan.finish_date, (each.finish.p50, each.finish.p80)))
        for key, each in found.items()
    }
