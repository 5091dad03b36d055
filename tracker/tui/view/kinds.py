"""Kinds of tasks that need somebody, each with its way from one task to the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from tracker.domain import status
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.language import N_


class TaskKind(NamedTuple):
    """Which tasks are of a kind, and what is said of the one gone to, or where there is none."""

    holds: Callable[[Workspace, Task, date], bool]
    told: str
    nothing: str


KINDS = {
    "burning": TaskKind(
        status.burns,
        N_("{at} of {n} tasks that burn · {key:burning} goes to the next"),
        N_("Nothing burns: no task is late, stuck or over its limit, and no follow-up is due."),
    ),
    "late": TaskKind(
        lambda _ws, task, today: status.late(task, today),
        N_("{at} of {n} late tasks · {key:late} goes to the next"),
        N_("No task is late."),
    ),
    "stuck": TaskKind(
        lambda ws, task, _today: status.stuck(ws, task),
        N_("{at} of {n} stuck tasks · {key:stuck} goes to the next"),
        N_("No task is stuck on a system that is down."),
    ),
    "came_back": TaskKind(
        lambda _ws, task, _today: status.came_back(task),
        N_("{at} of {n} returned tasks · {key:came_back} goes to the next"),
        N_("No open task has come back."),
    ),
    "ready": TaskKind(
        lambda ws, task, _today: status.ready(ws, task),
        N_("{at} of {n} ready tasks · {key:ready} goes to the next"),
        N_("No task is ready to begin."),
    ),
    "follow_up": TaskKind(
        lambda _ws, task, today: status.to_ask(task, today),
        N_("{at} of {n} follow-ups that are due · {key:follow_up} goes to the next"),
        N_("No follow-up is due."),
    ),
}
