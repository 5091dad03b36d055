"""Several projects, each forecast by itself, and what they come to together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice

from msgspec.structs import replace

from tracker.domain.model import Task
from tracker.domain.scope import Scope
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.finish import Finish, finish_of
from tracker.flow.forecast.forecast import Forecast, Options, ReturnFigures, refine


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
    found = {key: first for key, part in parts.items() for first in islice(part, 1)}
    if len(found) < len(parts):
        return
    yield dict(found)
    for project, part in parts.items():
        for better in part:
            found[project] = better
            yield dict(found)


def finish_together(finishes: Iterable[Finish]) -> Finish:
    """Return when the last of several projects is over, in the runs that all of them have.

    A run of one is part of the same run of the whole, since random numbers belong to what they are
    for: so it is over with the latest.
    """
    import numpy as np

    known = [np.array(finish.ends) for finish in finishes]
    least = min(map(len, known), default=0)
    return finish_of([np.maximum.reduce([ends[:least] for ends in known])] if known else [])


def own_returns(forecasts: Mapping[int, Forecast]) -> dict[int, ReturnFigures]:
    """Return what is known of the return arrows, by link: each against the date of its project."""
    return {back.link: back for found in forecasts.values() for back in found.own_returns}
