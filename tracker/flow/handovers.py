"""What departments have handed over to each other, and sent back, as it is recorded in passes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from statistics import median

import msgspec

from tracker.domain import graph
from tracker.domain.calendar import day_of
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.flow.today import handed_over

# Two departments, by id; None stands for the tasks of none.
Between = tuple[int | None, int | None]


class HandedOver(msgspec.Struct, frozen=True):
    """A pass of a task that came from another department, or that `back` sent to it.

    `since` is when it could begin, `accepted` when somebody began it, None of one still to begin.
    """

    task: int
    number: int
    source: int | None
    target: int | None
    since: datetime
    accepted: datetime | None
    back: bool

    def wait(self, today: date) -> int:
        """Return for how many calendar days it has waited, or did until it was begun."""
        return (
            day_of(self.accepted) - day_of(self.since)
            if self.accepted
            else today - day_of(self.since)
        ).days


class SentBack(msgspec.Struct, frozen=True):
    """A pass that a gate opened: `days` are calendar days until it ended, or up to today."""

    task: int
    number: int
    gate: int
    reason: str
    days: int
    ended: bool


class Exchange(msgspec.Struct, frozen=True):
    """What one department has handed over, and sent back, to another.

    `arrows` are the planned ones, from a task of the one to a task of the other.
    """

    arrows: tuple[tuple[int, int], ...] = ()
    handed: tuple[HandedOver, ...] = ()
    returns: tuple[SentBack, ...] = ()

    @property
    def tasks(self) -> tuple[int, ...]:
        """The tasks of the other department that stand behind it."""
        found = {*(each.task for each in self.handed), *(each.task for each in self.returns)}
        return tuple(sorted(found or {target for _source, target in self.arrows}))

    @property
    def waiting(self) -> tuple[HandedOver, ...]:
        """What nobody has begun."""
        return tuple(each for each in self.handed if each.accepted is None)

    @property
    def return_days(self) -> int:
        """The calendar days that the returns took, those still under way up to today."""
        return sum(each.days for each in self.returns)

    def median_wait(self, today: date) -> float | None:
        """Return the median of the calendar days until something was begun; None of nothing."""
        waits = [each.wait(today) for each in self.handed if each.accepted is not None]
        return float(median(waits)) if waits else None


def seen(ws: Workspace, tasks: Collection[int]) -> Iterator[HandedOver]:
    """Walk over all hand-overs of some tasks of which the moments are recorded.

    The first pass of a task could begin when the last of its predecessors was done, a later one
    when a gate sent the work back; either is a hand-over where that was another department.
    """
    for key in tasks:
        task = ws.tasks[key]
        yield from _begun(ws, task)
        pending = handed_over(ws, task)
        if pending is not None and pending[1] is not None:
            last = task.passes[-1] if task.passes else None
            back = last is not None and last.gate is not None and last.opened == pending[1]
            yield HandedOver(
                key, task.pass_number, pending[0], task.department, pending[1], None, back
            )


def _begun(ws: Workspace, task: Task) -> Iterator[HandedOver]:
    for run in task.passes:
        if run.started is None:
            continue
        if run.gate is not None:
            gate = ws.tasks.get(run.gate)
            if gate is None or run.opened is None:
                continue
            source, since, back = gate.department, run.opened, True
        elif run.number == 1:
            ends = [
                (before.ended, key)
                for key in graph.predecessors(ws, task.id)
                for before in ws.tasks[key].passes
                if before.ended and before.outcome == "done" and before.ended <= run.started
            ]
            if not ends:
                continue
            since, last = max(ends)
            source, back = ws.tasks[last].department, False
        else:
            continue
        if source != task.department:
            yield HandedOver(task.id, run.number, source, task.department, since, run.started, back)


def exchanges(ws: Workspace, tasks: Collection[int], today: date) -> dict[Between, Exchange]:
    """Return what the departments of some tasks have exchanged, by (from, to).

    Within a department there are no hand-overs, but returns.
    """
    arrows: dict[Between, list[tuple[int, int]]] = {}
    for key in tasks:
        for after in graph.successors(ws, key):
            pair = ws.tasks[key].department, ws.tasks[after].department
            if after in tasks and pair[0] != pair[1]:
                arrows.setdefault(pair, []).append((key, after))
    handed: dict[Between, list[HandedOver]] = {}
    for each in seen(ws, tasks):
        handed.setdefault((each.source, each.target), []).append(each)
    returns: dict[Between, list[SentBack]] = {}
    for key in tasks:
        task = ws.tasks[key]
        for run in task.passes:
            gate = ws.tasks.get(run.gate or 0)
            if gate is None or run.opened is None:
                continue
            until = day_of(run.ended) if run.ended else today
            days = max(0, (until - day_of(run.opened)).days)
            back = SentBack(key, run.number, gate.id, run.reason, days, run.ended is not None)
            returns.setdefault((gate.department, task.department), []).append(back)
    return {
        pair: Exchange(
            tuple(arrows.get(pair, ())), tuple(handed.get(pair, ())), tuple(returns.get(pair, ()))
        )
        for pair in {**arrows, **handed, **returns}
    }
