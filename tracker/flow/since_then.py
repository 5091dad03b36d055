"""What has happened to a plan since a moment: done, new, gone, moved, sent back; and its drift."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from tracker.domain.calendar import day_of
from tracker.domain.change import Record
from tracker.domain.draft import Now
from tracker.domain.model import Baseline, Task
from tracker.domain.scope import Scope
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import chances_of, planned
from tracker.flow.drift import Drift
from tracker.flow.drift_causes import drift
from tracker.flow.past import before


class Before(NamedTuple):
    """A value of a task, or of a project, then and now; None where there is none."""

    id: int
    before: date | float | None
    after: date | float | None


class Returned(NamedTuple):
    """Work that a gate sent back to a task: when, by whom, why, and the pass it opened."""

    task: int
    gate: int
    at: datetime
    who: str
    reason: str
    number: int


class PastState(NamedTuple):
    """A state of a workspace: the number of its last record, and when it was looked at."""

    seq: int
    at: datetime


class SinceThen(msgspec.Struct, frozen=True):
    """What became of a plan since a `moment`, or since a `baseline` was taken.

    Tasks are told once, by what they are now against what they were then: what was done and has
    come back is under neither. `gone` were deleted or dropped. `drift` is how its dates have moved.
    `records` counts the changes that were made, by so many `people`. Of a plan that did not exist
    at that moment all is `new`. Without the `history` only the drift from a baseline is known.
    """

    moment: datetime
    baseline: Baseline | None
    new: bool
    history: bool
    drift: Drift | None
    finished: tuple[int, ...] = ()
    started: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    gone: tuple[Task, ...] = ()
    returned: tuple[Returned, ...] = ()
    dues: tuple[Before, ...] = ()
    estimates: tuple[Before, ...] = ()
    targets: tuple[Before, ...] = ()
    budgets: tuple[Before, ...] = ()
    records: int = 0
    people: int = 0

    @property
    def day(self) -> date:
        """The day of the moment."""
        return day_of(self.moment)


def since_then(
    ws: Workspace,
    records: Sequence[Record],
    now: Now,
    since: datetime | PastState | Baseline,
    scope: Scope = Scope(),
) -> SinceThen:
    """Return what became of a plan since a moment, a state or a baseline, as far as in scope.

    `records` are the history up to the workspace, oldest first, as far as it is kept.
    """
    baseline = since if isinstance(since, Baseline) else None
    if isinstance(since, PastState):
        moment, seq, least = since.at, since.seq + 1, since.seq + 1
    else:
        moment = since.taken if isinstance(since, Baseline) else since
        seq = next((each.seq for each in records if each.at >= moment), ws.seq + 1)
        # Of what was done before the first record that is kept nobody knows when it was.
        least = seq - 1
    new = bool(records) and seq == 1
    kept = new or (bool(records) and (records[0].seq == 1 or records[0].seq <= least))
    then = Workspace() if new else before(ws, records, seq) if kept else None
    plan = baseline or (_plan_then(then, moment, scope) if then and then.tasks else None)
    moved = drift(ws, plan, now, records, scope) if plan else None
    if then is None:
        return SinceThen(moment, baseline, new=False, history=False, drift=moved)
    later = [each for each in records if each.seq >= seq and scope.touches(ws, each.change)]
    after = scope.tasks(ws)
    return SinceThen(
        moment=moment,
        baseline=baseline,
        new=new,
        history=True,
        drift=moved,
        **_tasks(scope.tasks(then), after)._asdict(),
        returned=tuple(_returned(after, moment)),
        targets=tuple(_projects(then, ws, scope, "target")),
        budgets=tuple(_projects(then, ws, scope, "budget")),
        records=len(later),
        people=len({each.who for each in later}),
    )


def _plan_then(then: Workspace, moment: datetime, scope: Scope) -> Baseline:
    """Return the plan of a moment as a baseline that is not kept."""
    day, projects = day_of(moment), scope.known(then).projects
    chances = chances_of(then, day, projects)
    plan, finishes = planned(then, day, projects, chances=chances)
    return Baseline(id=0, name="", taken=moment, projects=projects, plan=plan, finishes=finishes)


class _Became(NamedTuple):
    """What became of tasks; see `SinceThen`."""

    finished: tuple[int, ...]
    started: tuple[int, ...]
    added: tuple[int, ...]
    gone: tuple[Task, ...]
    dues: tuple[Before, ...]
    estimates: tuple[Before, ...]


def _tasks(before: Mapping[int, Task], after: Mapping[int, Task]) -> _Became:
    finished, started, added, dues, estimates = [], [], [], [], []
    gone = [task for key, task in before.items() if key not in after and task.state != "dropped"]
    for key, new in after.items():
        old = before.get(key)
        was = old.state if old else "dropped"
        if new.state == "dropped":
            gone += [new] * (was != "dropped")
            continue
        if new.state != was:
            finished += [key] * (new.state == "done")
            started += [key] * (new.state == "doing")
            added += [key] * (was == "dropped")
        if old is None:
            continue
        if old.due != new.due and (old.open or new.open):
            dues.append(Before(key, old.due, new.due))
        if old.likely != new.likely:
            estimates.append(Before(key, old.likely, new.likely))
    return _Became(
        tuple(finished), tuple(started), tuple(added), tuple(gone), tuple(dues), tuple(estimates)
    )


def _returned(tasks: Mapping[int, Task], moment: datetime) -> Iterator[Returned]:
    """Walk over what was sent back since a moment, the latest first."""
    found = [
        Returned(task.id, run.gate, run.opened, run.who, run.reason, run.number)
        for task in tasks.values()
        for run in task.passes
        if run.gate is not None and run.opened is not None and run.opened >= moment
    ]
    return iter(sorted(found, key=lambda each: (each.at, -each.task), reverse=True))


def _projects(then: Workspace, ws: Workspace, scope: Scope, field: str) -> Iterator[Before]:
    """Walk over the projects in scope that have another target or budget than they had."""
    chosen: Collection[int] = scope.projects or ws.projects
    for key in chosen:
        old, new = then.projects.get(key), ws.projects.get(key)
        if old and new and getattr(old, field) != getattr(new, field):
            yield Before(key, getattr(old, field), getattr(new, field))
