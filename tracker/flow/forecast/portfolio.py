"""Several projects, each forecast by itself, and what they come to together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from msgspec.structs import replace

from tracker.domain.model import Task
from tracker.domain.scope import Scope
from tracker.domain.sentence import Sentence
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.finish import Finish, finish_of
from tracker.flow.forecast.forecast import (
    Forecast,
    Options,
    ReturnFigures,
    TaskEnd,
    each_by,
    refine,
)


def project_of(task: Task | None) -> int:
    """Return the project of a task, 0 where it has none."""
    return (task and task.project) or 0


def refine_each(
    ws: Workspace,
    today: date,
    options: Options,
    projects: Iterable[int],
    *,
    costs: bool = True,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[dict[int, Forecast]]:
    """Walk over the forecasts of several projects, each as by `refine`: first a rough one of each.

    Those in which nothing is left to do are left out.
    """
    left = Scope().ahead(ws)
    parts = {
        project: refine(ws, today, replace(options, project=project), costs=costs, stopped=stopped)
        for project in projects
        if project in left
    }
    found: dict[int, Forecast] = {}
    for key, part in parts.items():
        if (first := next(part, None)) is None:
            return
        found[key] = first
    yield dict(found)
    for project, part in parts.items():
        if stopped():
            return
        for better in part:
            found[project] = better
            yield dict(found)


def together(forecasts: Mapping[int, Forecast]) -> Forecast:
    """Return when the last of some projects is over, in the runs that all of them have.

    A run of one is part of the same run of the whole, since random numbers belong to what they are
    for: so that is over with the latest. What is told of tasks and returns is still against the
    date of their own projects.
    """
    first, *others = forecasts.values()
    if not others:
        return first
    runs = min(found.runs for found in forecasts.values())
    plans = [found.plan for found in forecasts.values()]
    return replace(
        first,
        runs=runs,
        finish=_latest(found.finish for found in forecasts.values()),
        without_returns=_latest(found.without_returns for found in forecasts.values()),
        cpm_days=max(found.cpm_days for found in forecasts.values()),
        projects={key: found.finish for key, found in forecasts.items()},
        returns=tuple(own_returns(forecasts).values()),
        criticality={
            task: share
            for found in forecasts.values()
            for task, share in found.own_criticality.items()
        },
        warnings=tuple(_once(text for found in forecasts.values() for text in found.warnings)),
        options=replace(first.options, runs=runs, project=None),
        plan=replace(
            first.plan,
            steps={key: step for ahead in plans for key, step in ahead.steps.items()},
            needs={key: needs for ahead in plans for key, needs in ahead.needs.items()},
            returns=tuple({back.link: back for each in plans for back in each.returns}.values()),
            guessed=tuple(sorted({task for ahead in plans for task in ahead.guessed})),
            endless=tuple(sorted({gate for ahead in plans for gate in ahead.endless})),
            goal=frozenset().union(*(ahead.goal or () for ahead in plans)),
        ),
        cost_runs=min(found.cost_runs for found in forecasts.values()),
        money={key: cost for found in forecasts.values() for key, cost in found.money.items()},
    )


def _once(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """Walk over sentences, each once: many are of more than one project."""
    told: list[Sentence] = []
    for text in sentences:
        if text not in told:
            told.append(text)
            yield text


def _latest(finishes: Iterable[Finish]) -> Finish:
    """Return when the last of several things is over, in the runs that all have."""
    import numpy as np

    known = [np.array(finish.ends) for finish in finishes]
    least = min(map(len, known))
    return finish_of([np.maximum.reduce([ends[:least] for ends in known])])


def own_returns(forecasts: Mapping[int, Forecast]) -> dict[int, ReturnFigures]:
    """Return what is known of the return arrows, by link: each against the date of its project."""
    return {back.link: back for found in forecasts.values() for back in found.own_returns}


def ends_ahead(
    ws: Workspace,
    today: date,
    projects: Iterable[int],
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[int, TaskEnd]:
    """Return by when each open task of some projects is over; raises BadInput."""
    walk = list(refine_each(ws, today, Options(), projects, costs=False, stopped=stopped))
    return task_ends(ws, today, walk[-1] if walk else {}, stopped=stopped)


def task_ends(
    ws: Workspace,
    today: date,
    forecasts: Mapping[int, Forecast],
    *,
    share: float = 0.8,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[int, TaskEnd]:
    """Return by when each open task of some projects is over, in a share of the runs."""
    return {
        task: end
        for found in forecasts.values()
        if found.criticality and not stopped()
        for task, end in each_by(ws, today, found.options, share, stopped=stopped).items()
        if found.plan.goal is None or task in found.plan.goal
    }
