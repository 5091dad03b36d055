"""How the loop of a return ends, taken by itself: exactly where that can be, and simulated."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from datetime import date

import msgspec
from msgspec.structs import replace

from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.flow.forecast import loop_figures, remaining_work
from tracker.flow.forecast.forecast import Options
from tracker.flow.forecast.inquiry import MANY_RUNS, played


class Health(msgspec.Struct, frozen=True, eq=False):
    """How a return's loop ends, taken by itself: all its tasks done anew, by entered rates.

    `simulated` are the expected days of the `figures` by simulation, with its standard error.
    """

    figures: loop_figures.Figures
    simulated: float | None = None
    error: float = 0.0


def health(
    ws: Workspace, link: int, today: date, *, stopped: Callable[[], bool] = lambda: False
) -> Health:
    """Return how the loop of a return ends, not simulated where that is `stopped`."""
    known = remaining_work.return_arrows(ws)
    back = next((back for back in known if back.link == link), None)
    body = back.body if back else ()
    found = Health(loop_figures.figures_of_loop(ws, body, known))
    if found.figures.expected_days is None:
        return found
    options = Options(rates="entered", runs=MANY_RUNS, correlation=0.0)
    alone = played(_by_itself(ws, set(body)), today, options, stopped=stopped)
    if alone is None:
        return found
    finish = alone.finish
    return replace(found, simulated=finish.mean, error=finish.sd / math.sqrt(MANY_RUNS))


def _by_itself(ws: Workspace, body: Collection[int]) -> Workspace:
    """Return the tasks of a loop as a plan of their own, none begun, each as long as is likely."""
    tasks = [
        Task(id=key, title="", low=days, likely=days, high=days)
        for key in sorted(body)
        for days in [ws.tasks[key].likely]
    ]
    leaving = (link for key in body for link in ws.arrows_out.get(key, ()))
    return Workspace([*tasks, *(link for link in leaving if link.target in body)])
