"""What is asked of a forecast, and what is found for one plan or between two, better each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Literal

import msgspec
from msgspec.structs import replace

from tracker.domain.change import Record
from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.scope import Scope
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.calibration import Calibration, calibration, promised
from tracker.flow.forecast.finish import Finish
from tracker.flow.forecast.forecast import (
    USUAL,
    Forecast,
    Options,
    ReturnFigures,
    TaskEnd,
    each_by,
    refine,
)
from tracker.flow.forecast.portfolio import own_returns, refine_each, task_ends
from tracker.flow.forecast.remaining_work import Plan

RatesUsed = Literal["entered", "posterior"]
# By when systems that are down are taken to be up again.
BackUp = tuple[tuple[int, date], ...]

# Runs for the direction of a change and a rough finish, at once; and for its size.
FIRST_RUNS, MANY_RUNS = 512, 4_000
# With so many tasks more, past forecasts are a week further apart.
_TASKS_A_WEEK = 2_500
# By the day on which they were given, the P80 dates of tasks.
Promises = Mapping[date, Mapping[int, date]]


class Request(msgspec.Struct, frozen=True, eq=False):
    """What is to be forecast: to the end, or just by when about each project is over.

    Of all `projects` with something left to do, or of those named, 0 being the tasks without one;
    in that order. With `capacity` nobody works on more at once than they can; systems are taken to
    be up again as `back_up` says.
    """

    workspace: Workspace
    today: date
    rates: RatesUsed
    thorough: bool = True
    projects: tuple[int, ...] | None = None
    capacity: bool = False
    back_up: BackUp = ()


class Outlook(msgspec.Struct, frozen=True, eq=False, dict=True):
    """What has been found out for a request; `finished` once nothing more is to come.

    Each project has its own `forecasts`, and as `finishes` its first and its newest result, by the
    number of their runs; `ends` are those of the open tasks. With limited capacity `unlimited` is
    beside them what holds without. `calibration` is how many dates of the past were kept, once
    that is known. `problem` says why there is no forecast.
    """

    about: Request
    forecasts: Mapping[int, Forecast] = {}
    finishes: Mapping[int, Mapping[int, Finish]] = {}
    unlimited: Mapping[int, Forecast] = {}
    ends: Mapping[int, TaskEnd] = {}
    calibration: Calibration | None = None
    finished: bool = False
    problem: TrackerError | None = None

    def first(self, project: int) -> bool:
        """Whether the figures of a project are first ones, of few runs."""
        found = self.forecasts.get(project)
        done = self.finished and self.about.thorough
        return found is not None and found.runs <= FIRST_RUNS and not done

    @cached_property
    def returns(self) -> dict[int, ReturnFigures]:
        """What is known of the return arrows, by link: each against the date of its project."""
        return own_returns(self.forecasts)

    @property
    def costs(self) -> dict[int, float]:
        """What return arrows cost at P80, in working days, as far as that is known."""
        returns = self.returns.values()
        return {back.link: back.cost_p80 for back in returns if back.cost_p80 is not None}


class Difference(msgspec.Struct, frozen=True, eq=False):
    """What another plan does to the finish: both by the same runs and the same chances."""

    before: Finish
    after: Finish
    plan: Plan

    @property
    def dates(self) -> tuple[date, date]:
        """The days of P80, before and after."""
        return self.plan.finish_date(self.before.p80), self.plan.finish_date(self.after.p80)


def outlooks(
    request: Request,
    promises: Callable[[], Promises] = dict,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Outlook]:
    """Walk over what is found out for a request, better each time, until it is `stopped`.

    Where it is to be thorough, past dates are judged that `promises` returns.
    """
    ws, today = request.workspace, request.today
    projects = Scope().ahead(ws) if request.projects is None else request.projects
    found = Outlook(request)
    try:
        runs = None if request.thorough else FIRST_RUNS
        options = Options(
            rates=request.rates, runs=runs, capacity=request.capacity, back_up=request.back_up
        )
        results = refine_each(ws, today, options, projects, costs=request.thorough, stopped=stopped)
        free: Mapping[int, Forecast] = {}
        if request.capacity:
            loose = replace(options, capacity=False)
            for free in refine_each(ws, today, loose, projects, costs=False, stopped=stopped):
                yield replace(found, unlimited=free)
        for result in results:
            finishes = {
                key: {**dict(list(found.finishes.get(key, {}).items())[:1]), each.runs: each.finish}
                for key, each in result.items()
            }
            found = Outlook(request, result, finishes, free)
            yield found
        if found.forecasts and request.thorough:
            found = replace(found, ends=task_ends(ws, today, found.forecasts, stopped=stopped))
            yield found
        if found.forecasts and request.thorough and not stopped():
            found = replace(found, calibration=calibration(ws, promises(), today))
    except TrackerError as error:
        found = replace(found, problem=error)
    yield replace(found, finished=True)


def promises(
    ws: Workspace,
    records: Sequence[Record],
    today: date,
    options: Options = USUAL,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Promises:
    """Return which P80 dates forecasts of the last weeks gave, by the day and the task.

    `records` are the history of the workspace, oldest first. Of a large plan there is no forecast
    of every week.
    """
    rough = replace(options, runs=FIRST_RUNS, start=None, back_up=())

    def told(past: Workspace, day: date) -> dict[int, date]:
        if stopped():
            return {}
        try:
            found = each_by(past, day, rough, stopped=stopped)
        except BadInput:
            return {}
        return {task: end.day for task, end in found.items()}

    known = [record for record in records if record.seq <= ws.seq]
    every = 1 + len(ws.tasks) // _TASKS_A_WEEK
    return promised(ws, known, today, told, every)


def differences(
    ws: Workspace,
    other: Workspace,
    today: date,
    project: int,
    rates: RatesUsed = "posterior",
    known: Mapping[int, Finish] | None = None,
    *,
    capacity: bool = False,
    back_up: BackUp = (),
    rough: bool = True,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Difference]:
    """Walk over what another plan does to a project, better each time; raises TrackerError.

    The last is of as many runs as a forecast of the first plan takes, so that both give one P80;
    there is none before it unless a `rough` one is asked for, and it is missing where that is
    `stopped`. `known` are finishes of the project in that plan, by the number of their runs.
    """
    done = 0
    options = Options(rates=rates, project=project, capacity=capacity, back_up=back_up)
    for runs, choose in (*(((FIRST_RUNS, min),) if rough else ()), (None, max)):
        before = (
            known[choose(known)]
            if known
            else _finish(ws, today, replace(options, runs=runs), stopped)
        )
        if before is None:
            return
        if len(before.ends) > done:
            done = len(before.ends)
            again = replace(options, runs=done)
            for after in refine(other, today, again, costs=False, stopped=stopped):
                if after.runs == done:
                    yield Difference(before, after.finish, after.plan)


def played(
    ws: Workspace, today: date, options: Options, *, stopped: Callable[[], bool] = lambda: False
) -> Forecast | None:
    """Return a forecast without what its returns cost; None where it is `stopped` before."""
    walk = list(refine(ws, today, options, costs=False, stopped=stopped))
    return None if stopped() else walk[-1]


# One plan is compared with many others: it is simulated once. What is stopped is not kept.
_finishes: dict[tuple[Workspace, date, Options], Finish] = {}
_KEPT = 4


def _finish(
    ws: Workspace, today: date, options: Options, stopped: Callable[[], bool]
) -> Finish | None:
    asked = ws, today, options
    if known := _finishes.get(asked):
        return known
    if (found := played(ws, today, options, stopped=stopped)) is None:
        return None
    for oldest in list(_finishes)[: 1 - _KEPT]:
        _finishes.pop(oldest, None)
    _finishes[asked] = found.finish
    return found.finish
