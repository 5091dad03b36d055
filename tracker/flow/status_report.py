"""What those must know who decide on a plan and only read of it: where it is, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from tracker.domain import status
from tracker.domain.calendar import day_of
from tracker.domain.change import Record
from tracker.domain.draft import Now
from tracker.domain.errors import TrackerError
from tracker.domain.model import Baseline, Link, Task
from tracker.domain.scope import Scope
from tracker.domain.status import Deadlock
from tracker.domain.workspace import Workspace
from tracker.flow import controlling, load, today
from tracker.flow.baseline import shown
from tracker.flow.burn_up import BurnUp, burn_up
from tracker.flow.controlling import Controlling, ReworkCost
from tracker.flow.forecast.forecast import (
    LEAST_RUNS,
    Forecast,
    Options,
    ReturnFigures,
    TaskEnd,
)
from tracker.flow.forecast.portfolio import own_returns, refine_each, task_ends, together
from tracker.flow.load import Load
from tracker.flow.since_then import PastState, SinceThen, since_then
from tracker.flow.today import Day

LightColor = Literal["green", "amber", "red", "grey"]
Aspect = Literal["dates", "budget", "obstacles", "returns", "people"]

# A date or a budget that is kept in so many runs is on track, in fewer than half of them it is not.
LIKELY, EVEN = 0.8, 0.5
# The chances by which the days to come are drawn.
FAN = (0.5, 0.8, 0.95)
# So far ahead is what comes next, and whose load is looked at.
NEXT_DAYS, NEXT_WEEKS = 10, 4
# Of a plan with more tasks the forecast has but as many runs as it takes for a date at all.
_LARGE = 2_000
# Returns that cost so many working days at P80 are told of as a danger.
_COSTLY = 5.0
# Without anything else it is told what has happened in so many days.
_LATELY = timedelta(days=14)


class TrafficLight(NamedTuple):
    """How an aspect stands, of one project where it is of one; *grey* where nobody can tell."""

    aspect: Aspect
    level: LightColor
    project: int | None = None


class Milestone(NamedTuple):
    """A task of no duration: when it is due, planned, and forecast, or was reached.

    Where a plan has none, the tasks that are due and decide its end stand for them.
    `before` is the planned day in what the plan is compared with, `kept` the share of the runs in
    which the due date is.
    """

    task: int
    due: date | None
    reached: date | None
    planned: date | None
    p80: date | None
    kept: float | None
    before: date | None


class Ahead(NamedTuple):
    """A task that is under way or begins soon: its planned days, and whether it decides the end."""

    task: int
    start: date
    finish: date
    critical: bool
    p80: date | None


class ReturnRow(msgspec.Struct, frozen=True):
    """A return arrow: the passes so far, what the rework took, and what is still to come."""

    link: Link
    passes: int
    over: bool
    rework: tuple[ReworkCost, ...]
    figures: ReturnFigures | None

    @property
    def days(self) -> float:
        """The person-days that passes after the first took."""
        return sum(each.days for each in self.rework)

    @property
    def money(self) -> float | None:
        """What these cost, None where nobody has a day rate."""
        priced = [each.money for each in self.rework if each.money is not None]
        return sum(priced) if priced else None


class ToDecide(NamedTuple):
    """What somebody is asked to decide, and the thing it is about; the gravest kind first."""

    kind: Literal["target", "budget", "limit", "deadlock", "system"]
    project: int = 0
    link: int = 0
    system: int = 0
    ring: Deadlock | None = None


class ProjectStatus(msgspec.Struct, frozen=True):
    """Where a project stands, 0 being the tasks without one.

    `chance` is the share of the runs in which it is over by its `target`. Of one that has nothing
    left to do, or that cannot be forecast, there is no `forecast`. `p80_before` is what P80 was in
    the plan that it is compared with.
    """

    project: int
    tasks: int
    done: int
    target: date | None
    forecast: Forecast | None
    chance: float | None
    p80: date | None
    p80_before: date | None
    ended: date | None


class StatusReport(msgspec.Struct, frozen=True):
    """All readings of a report, as of one day and of one scope.

    `since` is None where nothing is known of the past, and `after_report` whether that is when the
    last report was made. `problem` says why there is no forecast. `ends` are those of open tasks,
    as forecast.
    """

    workspace: Workspace
    now: Now
    scope: Scope
    tasks: tuple[int, ...]
    projects: tuple[ProjectStatus, ...]
    forecasts: Mapping[int, Forecast]
    problem: TrackerError | None
    ends: Mapping[int, TaskEnd]
    day: Day
    since: SinceThen | None
    after_report: bool
    lights: tuple[TrafficLight, ...]
    decisions: tuple[ToDecide, ...]
    milestones: tuple[Milestone, ...]
    ahead: tuple[Ahead, ...]
    returns: tuple[ReturnRow, ...]
    burn_up: BurnUp
    load: Load
    costs: Controlling
    baselines: tuple[Baseline, ...]

    @property
    def finished(self) -> bool:
        """Whether there was anything to do, and all of it is over."""
        return bool(self.tasks) and not any(self.workspace.tasks[key].open for key in self.tasks)


def last_known(
    ws: Workspace, records: Sequence[Record], now: datetime, scope: Scope
) -> datetime | Baseline | None:
    """Return what a report is compared with where nobody says: the newest baseline that is of it.

    Without one it is two weeks ago, or the beginning where that is later; None without a history.
    """
    concerned = [
        each
        for each in ws.baselines.values()
        if each.taken < now
        and not (each.projects and scope.projects and set(each.projects).isdisjoint(scope.projects))
    ]
    if concerned:
        return shown(Workspace(concerned), None)
    if not records:
        return None
    return max(now - _LATELY, records[0].at)


def read(
    ws: Workspace,
    records: Sequence[Record],
    now: Now,
    *,
    scope: Scope = Scope(),
    since: datetime | PastState | Baseline | None = None,
    after_report: bool = False,
) -> StatusReport:
    """Read where a plan stands, and what has happened since a moment or a baseline, if any.

    `records` are the history up to the workspace, oldest first, as far as it is kept.
    """
    chosen = scope.tasks(ws)
    then = since_then(ws, records, now, since, scope) if since is not None else None
    forecasts, problem = _forecasts(ws, now.today, scope)
    ends = task_ends(ws, now.today, forecasts)
    found = load.read(ws, now.today, tasks=chosen)
    costs = controlling.read(
        ws, now.today, by="department", tasks=chosen, baseline=then.baseline if then else None
    )
    day = today.read(ws, now.at, now.today, since=then.moment if then else None, tasks=chosen)
    projects = tuple(_projects(ws, chosen, scope, forecasts, then))
    returns = tuple(_returns(ws, chosen, forecasts, costs))
    return StatusReport(
        workspace=ws,
        now=now,
        scope=scope,
        tasks=tuple(chosen),
        projects=projects,
        forecasts=forecasts,
        problem=problem,
        ends=ends,
        day=day,
        since=then,
        after_report=after_report,
        lights=tuple(_lights(projects, forecasts, day, returns, found)),
        decisions=tuple(_decisions(ws, chosen, projects, forecasts, day, returns)),
        milestones=tuple(_milestones(chosen.values(), found, ends, then)),
        ahead=tuple(_ahead(chosen, found, ends)),
        returns=returns,
        burn_up=_burn_up(ws, now.today, chosen, forecasts, ends),
        load=found,
        costs=costs,
        baselines=tuple(sorted(ws.baselines.values(), key=lambda each: (each.taken, each.id))),
    )


def _forecasts(
    ws: Workspace, day: date, scope: Scope
) -> tuple[Mapping[int, Forecast], TrackerError | None]:
    options = Options(runs=LEAST_RUNS if len(ws.tasks) > _LARGE else None)
    try:
        walk = list(refine_each(ws, day, options, scope.ahead(ws)))
    except TrackerError as error:
        return {}, error
    return walk[-1] if walk else {}, None


def _burn_up(
    ws: Workspace,
    day: date,
    chosen: Mapping[int, Task],
    forecasts: Mapping[int, Forecast],
    ends: Mapping[int, TaskEnd],
) -> BurnUp:
    by_chance: dict[float, dict[int, date]] = {}
    whole: dict[float, date] = {}
    if ends:
        found = together(forecasts)
        for share in FAN:
            each = ends if share == 0.8 else task_ends(ws, day, forecasts, share=share)
            by_chance[share] = {key: end.day for key, end in each.items() if key in chosen}
            whole[share] = found.date_of(found.finish.quantile(share))
    return burn_up(chosen.values(), day, by_chance, whole)


def _projects(
    ws: Workspace,
    chosen: Mapping[int, Task],
    scope: Scope,
    forecasts: Mapping[int, Forecast],
    then: SinceThen | None,
) -> Iterator[ProjectStatus]:
    """Walk over the projects that have tasks in scope, or are named, those without a name last."""
    mine: dict[int, list[Task]] = {key: [] for key in scope.projects}
    for task in chosen.values():
        if task.state != "dropped":
            mine.setdefault(task.project or 0, []).append(task)
    moved = then.drift.projects if then and then.drift else ()
    before = {each.project: each.planned.p80 for each in moved}
    for key in sorted(mine, key=lambda key: (not key, key)):
        project, tasks = ws.projects.get(key), mine[key]
        target, found = project.target if project else None, forecasts.get(key)
        done = [task for task in tasks if task.state == "done"]
        yield ProjectStatus(
            project=key,
            tasks=len(tasks),
            done=len(done),
            target=target,
            forecast=found,
            chance=found.cdf(found.plan.days_until(target)) if found and target else None,
            p80=found.date_of(found.finish.p80) if found else None,
            p80_before=before.get(key),
            ended=_reached(done) if done and len(done) == len(tasks) else None,
        )


def _reached(tasks: Collection[Task]) -> date | None:
    """Return the day on which the last of some finished tasks was done, if that is known."""
    ends = [
        day_of(run.ended) for task in tasks for run in task.passes if run.accepted and run.ended
    ]
    return max(ends, default=None)


def _returns(
    ws: Workspace,
    chosen: Mapping[int, Task],
    forecasts: Mapping[int, Forecast],
    costs: Controlling,
) -> Iterator[ReturnRow]:
    """Walk over the return arrows of some tasks, those that cost most to come first."""
    figures = own_returns(forecasts)
    rows = []
    for link in ws.links.values():
        if link.kind != "returns" or (link.source not in chosen and link.target not in chosen):
            continue
        rework = tuple(
            each
            for each in costs.rework
            if (each.cause.gate, each.cause.target) == (link.source, link.target)
        )
        rows.append(
            ReturnRow(
                link=link,
                passes=status.link_passes(ws, link),
                over=status.over(ws, link),
                rework=rework,
                figures=figures.get(link.id),
            )
        )

    def rank(row: ReturnRow) -> tuple[float, float, int]:
        cost = row.figures.cost_mean if row.figures else None
        return -(cost or 0.0), -row.days, row.link.id

    yield from sorted(rows, key=rank)


def _lights(
    projects: Sequence[ProjectStatus],
    forecasts: Mapping[int, Forecast],
    day: Day,
    returns: Sequence[ReturnRow],
    found: Load,
) -> Iterator[TrafficLight]:
    for each in projects:
        ended = bool(each.tasks) and each.tasks == each.done
        late = bool(ended and each.target and each.ended and each.ended > each.target)
        yield TrafficLight(
            "dates", "amber" if late else "green" if ended else level_of(each.chance), each.project
        )
        cost = each.forecast.money.get(each.project) if each.forecast else None
        yield TrafficLight("budget", level_of(cost.within if cost else None), each.project)
    if not any(each.tasks for each in projects):
        return
    yield TrafficLight("obstacles", _obstacles(day))
    yield TrafficLight("returns", _rework(forecasts, returns))
    if any(each.done < each.tasks for each in projects):
        over = [
            found.cell(who, week).over
            for week in found.weeks[:NEXT_WEEKS]
            for who in found.too_much(week)
        ]
        known = any(who.person for who in found.rows)
        yield TrafficLight(
            "people", ("green", "amber", "red")[max(over, default=0)] if known else "grey"
        )


def level_of(chance: float | None) -> LightColor:
    """Return how something stands that is kept with some chance."""
    if chance is None:
        return "grey"
    return "green" if chance >= LIKELY else "amber" if chance >= EVEN else "red"


def _obstacles(day: Day) -> LightColor:
    grave = any(
        each.ring or each.over or (each.stuck and each.system is not None) for each in day.burning
    )
    return "red" if grave else "amber" if day.burning else "green"


def _rework(forecasts: Mapping[int, Forecast], returns: Sequence[ReturnRow]) -> LightColor:
    """Return how returns stand: one is over its limit, or all together cost days."""
    if any(row.over for row in returns):
        return "red"
    costly = any(
        found.finish.p80 - found.without_returns.p80 >= _COSTLY for found in forecasts.values()
    )
    return "amber" if costly else "green"


def _decisions(
    ws: Workspace,
    chosen: Mapping[int, Task],
    projects: Sequence[ProjectStatus],
    forecasts: Mapping[int, Forecast],
    day: Day,
    returns: Sequence[ReturnRow],
) -> Iterator[ToDecide]:
    for each in projects:
        if each.chance is not None and each.chance < LIKELY:
            yield ToDecide("target", project=each.project)
    for key, found in forecasts.items():
        cost = found.money.get(key)
        if cost and cost.within is not None and cost.within < LIKELY:
            yield ToDecide("budget", project=key)
    for row in returns:
        if row.over and (ws.tasks[row.link.source].open or ws.tasks[row.link.target].open):
            yield ToDecide("limit", link=row.link.id)
    for ring in status.deadlocks(ws):
        if not chosen.keys().isdisjoint(ring.path):
            yield ToDecide("deadlock", ring=ring)
    for burning in day.burning:
        if burning.system is not None and burning.stuck:
            yield ToDecide("system", system=burning.system)


def _milestones(
    tasks: Collection[Task],
    found: Load,
    ends: Mapping[int, TaskEnd],
    then: SinceThen | None,
) -> Iterator[Milestone]:
    """Walk over the milestones by their days, those that were reached first."""
    plan = then.drift.baseline.plan if then and then.drift else ()
    before = {row.id: row.finish for row in plan}
    dates = found.schedule.tasks
    kept = [task for task in tasks if task.state != "dropped"]
    marked = [task for task in kept if task.milestone]
    deciding = [task for task in kept if task.due and task.id in dates and dates[task.id].critical]
    rows = []
    for task in marked or deciding:
        end = ends.get(task.id)
        planned = found.schedule.days(task.id)[1] if task.id in dates else None
        rows.append(
            Milestone(
                task=task.id,
                due=task.due,
                reached=_reached([task]) if task.state == "done" else None,
                planned=planned,
                p80=end.day if end else None,
                kept=end.due_chance if end else None,
                before=before.get(task.id),
            )
        )

    def rank(row: Milestone) -> tuple[bool, date, int]:
        day = row.reached or row.planned or row.due or date.max
        return row.planned is not None, day, row.task

    yield from sorted(rows, key=rank)


def _ahead(chosen: Mapping[int, Task], found: Load, ends: Mapping[int, TaskEnd]) -> Iterator[Ahead]:
    """Walk over what is under way and what begins within the next days, by when it is over."""
    last = found.plan.finish_date(float(NEXT_DAYS))
    rows = []
    for key, dates in found.schedule.tasks.items():
        if key not in chosen:
            continue
        start, finish = found.schedule.days(key)
        if start <= last or chosen[key].state == "doing":
            end = ends.get(key)
            rows.append(Ahead(key, start, finish, dates.critical, end.day if end else None))
    yield from sorted(rows, key=lambda row: (row.finish, row.start, row.task))
