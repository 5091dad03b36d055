"""What a plan takes and costs: planned, spent, to come, by groups; rework; earned value.

At completion is what was spent and what is to come, and the variance that less what was planned.
Rework is the part of what was spent that fell into passes after the first of a task. Earned value
is as in ANSI/EIA-748 and the PMBOK Guide (BCWS, BCWP, ACWP; CV = BCWP - ACWP, SV = BCWP - BCWS,
CPI = BCWP / ACWP, SPI = BCWP / BCWS). What is planned and what is earned go by one rule, as the
standard wants: in proportion where a baseline has the days of a task, else all at its end (0/100).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from tracker.domain.calendar import SECOND_DAY, Calendar, day_of
from tracker.domain.model import Baseline, Pass, PlannedTask, Task
from tracker.domain.passes import worked, worked_days
from tracker.domain.typing.ordering import GroupName, grouped
from tracker.domain.workspace import NOTHING, Workspace
from tracker.flow.forecast import effort
from tracker.flow.forecast.cost import day_rate
from tracker.flow.forecast.remaining_work import Plan, plan

# What the figures may be grouped by, and the field of a task that says so.
CostGroup = Literal["department", "project", "tag", "phase"]
BY: dict[CostGroup, str] = {
    "department": "department",
    "project": "project",
    "tag": "tags",
    "phase": "phase",
}
_DAY = timedelta(days=1)


class Amounts(NamedTuple):
    """An effort in person-days, or a cost in money."""

    planned: float = 0.0
    spent: float = 0.0
    to_come: float = 0.0

    @property
    def at_completion(self) -> float:
        """What it will have been in the end."""
        return self.spent + self.to_come

    @property
    def variance(self) -> float:
        """By how much more that is than planned, negative where it is less."""
        return self.at_completion - self.planned

    def times(self, factor: float) -> Amounts:
        """Return so many times the amounts."""
        return Amounts(self.planned * factor, self.spent * factor, self.to_come * factor)


def _sum(amounts: Iterable[Amounts]) -> Amounts:
    found = list(amounts)
    return Amounts(*(sum(each[at] for each in found) for at in range(3)))


class Position(NamedTuple):
    """What one task takes; without a day rate it has no `money`."""

    days: Amounts
    money: Amounts | None


class CostLine(msgspec.Struct, frozen=True):
    """What a group of tasks takes; a `name` of None is of those that have none.

    `money` is that of the tasks with a day rate, None where there is none; `unpriced` are the
    others that take anything.
    """

    name: GroupName
    tasks: tuple[int, ...]
    days: Amounts
    money: Amounts | None
    unpriced: tuple[int, ...]


class ReworkCause(NamedTuple):
    """Why work was done again: a gate sent it back to a target for a reason, or nobody knows."""

    gate: int | None
    target: int | None
    reason: str


class DoneAgain(NamedTuple):
    """The part of what was `spent` on a task that fell into later passes, in person-days."""

    task: int
    days: float
    spent: float


class ReworkCost(msgspec.Struct, frozen=True):
    """What passes after the first took for one cause, of which tasks; see `CostLine` for money."""

    cause: ReworkCause
    days: float
    money: float | None
    tasks: tuple[DoneAgain, ...]


class EarnedValue(msgspec.Struct, frozen=True):
    """The earned value of a project, 0 being the tasks without one, on the morning of a day.

    Of its tasks so many are `counted`: those for which there is a planned date, in the baseline or
    else as due date; the others are `left_out`. `bac` is what these were planned for. Values are
    in money where `in_money`, else in person-days.
    """

    project: int
    baseline: Baseline | None
    counted: tuple[int, ...]
    left_out: tuple[int, ...]
    in_money: bool
    bac: float
    bcws: float
    bcwp: float
    acwp: float

    @property
    def schedule_variance(self) -> float:
        """By how much more was done than planned by now."""
        return self.bcwp - self.bcws

    @property
    def cost_variance(self) -> float:
        """By how much less was spent than what was done is worth."""
        return self.bcwp - self.acwp

    @property
    def spi(self) -> float | None:
        """The schedule performance index; None before anything was planned to be done."""
        return self.bcwp / self.bcws if self.bcws > NOTHING else None

    @property
    def cpi(self) -> float | None:
        """The cost performance index; None before anything was spent."""
        return self.bcwp / self.acwp if self.acwp > NOTHING else None


class Controlling(msgspec.Struct, frozen=True):
    """What some tasks of a workspace take and cost, in groups and in `total`.

    `unrecorded` are tasks on which work was done though nobody said how much: what was planned
    counts. `dropped` ones took what was recorded. `shared` tasks are in several groups, in each
    with an equal part.
    """

    workspace: Workspace
    today: date
    by: CostGroup
    lines: tuple[CostLine, ...]
    total: CostLine
    rework: tuple[ReworkCost, ...]
    earned: tuple[EarnedValue, ...]
    unrecorded: tuple[int, ...]
    dropped: tuple[int, ...]
    shared: tuple[int, ...]


def read(
    ws: Workspace,
    today: date,
    *,
    by: CostGroup = "department",
    tasks: Collection[int] | None = None,
    baseline: Baseline | None = None,
) -> Controlling:
    """Read what some tasks take and cost, or all.

    Earned value is against a `baseline`, or of each project against the newest that is of it.
    """
    ahead = plan(ws, today)
    chosen = [task for key, task in ws.tasks.items() if tasks is None or key in tasks]
    positions = {task.id: _position(ws, ahead, task) for task in chosen}
    worth = [task for task in chosen if any(positions[task.id].days)]
    groups = grouped(ws, worth, BY[by])
    times: dict[int, int] = {}
    for _name, mine in groups:
        for task in mine:
            times[task.id] = times.get(task.id, 0) + 1
    lines = tuple(
        _line(name, [ws.tasks[task.id] for task in mine], positions, times) for name, mine in groups
    )
    return Controlling(
        workspace=ws,
        today=today,
        by=by,
        lines=lines,
        total=_line(None, worth, positions, {}),
        rework=tuple(_rework(ws, today, chosen, positions)),
        earned=tuple(_earned(ws, ahead, today, chosen, positions, baseline)),
        unrecorded=tuple(
            task.id for task in worth if task.spent is None and positions[task.id].days.spent
        ),
        dropped=tuple(task.id for task in worth if task.state == "dropped"),
        shared=tuple(sorted(task for task, count in times.items() if count > 1)),
    )


def _position(ws: Workspace, ahead: Plan, task: Task) -> Position:
    step = ahead.steps.get(task.id)
    if step is None:
        days = Amounts(spent=task.spent or 0.0)
    else:
        days = Amounts(effort.planned(task), effort.spent(task, step), effort.to_come(task, step))
    rate = day_rate(ws, task)
    return Position(days, None if rate is None else days.times(rate))


def _line(
    name: GroupName,
    tasks: Sequence[Task],
    positions: Mapping[int, Position],
    times: Mapping[int, int],
) -> CostLine:
    """Return a line of tasks, each with its part where it is in several of them."""
    parts = [(task.id, positions[task.id], 1 / times.get(task.id, 1)) for task in tasks]
    money = [
        position.money.times(part) for _task, position, part in parts if position.money is not None
    ]
    return CostLine(
        name=name,
        tasks=tuple(task for task, _position, _part in parts),
        days=_sum(position.days.times(part) for _task, position, part in parts),
        money=_sum(money) if money else None,
        unpriced=tuple(task for task, position, _part in parts if position.money is None),
    )


# --- rework


def _rework(
    ws: Workspace, today: date, tasks: Iterable[Task], positions: Mapping[int, Position]
) -> Iterator[ReworkCost]:
    """Walk over what was done again by its cause, the dearest first."""
    sent = dict(_sent_back(ws))
    found: dict[ReworkCause, dict[int, float]] = {}
    for task in tasks:
        if len(task.passes) < 2:
            continue
        for run, before, part in _later_passes(ws, task, today):
            mine = found.setdefault(_cause(task, run, before, sent), {})
            mine[task.id] = mine.get(task.id, 0.0) + part * positions[task.id].days.spent
    priced = []
    for cause, mine in found.items():
        rates = {key: day_rate(ws, ws.tasks[key]) for key in mine}
        money = [rate * mine[key] for key, rate in rates.items() if rate is not None]
        parts = sorted(
            (DoneAgain(key, part, positions[key].days.spent) for key, part in mine.items()),
            key=lambda each: (-each.days, each.task),
        )
        days = sum(mine.values())
        if days > NOTHING:
            priced.append(ReworkCost(cause, days, sum(money) if money else None, tuple(parts)))
    yield from sorted(priced, key=lambda each: (-(each.money or 0.0), -each.days, str(each.cause)))


def _sent_back(ws: Workspace) -> Iterator[tuple[datetime, ReworkCause]]:
    """Walk over when work was sent back, by whom and why: moments are all that passes share."""
    for task in ws.tasks.values():
        for run in task.passes:
            if run.gate is not None and run.opened is not None:
                yield run.opened, ReworkCause(run.gate, task.id, run.reason)


def _cause(
    task: Task, run: Pass, before: Pass, sent: Mapping[datetime, ReworkCause]
) -> ReworkCause:
    """Return why a pass came after another one.

    It was opened by a gate; or it follows one in which the task itself, being the gate, sent work
    back; or one that was put in doubt when work came back that it was built on.
    """
    if run.gate is not None:
        return ReworkCause(run.gate, task.id, run.reason)
    moment = before.ended if before.outcome == "returned" else before.recheck_since
    if moment is not None and moment in sent:
        return sent[moment]
    if before.returned_to is not None:
        return ReworkCause(task.id, before.returned_to, "")
    return ReworkCause(None, None, run.reason)


def _later_passes(ws: Workspace, task: Task, today: date) -> Iterator[tuple[Pass, Pass, float]]:
    """Walk over the passes after the first worked one, with the one before and the part of each.

    The parts are as the working days of the passes, or equal where those of one are not known;
    a pass in which nobody has begun has none.
    """
    calendar = Calendar.of(ws, department=task.department, person=task.assignee)
    begun = [run for run in task.passes if worked(run)]
    days = [
        worked_days(run, calendar, day_of(run.ended) if run.ended else today - _DAY)
        for run in begun
    ]
    # What has begun today has not taken a day yet.
    begun_now = bool(begun) and not begun[-1].outcome
    if all(days[: len(days) - begun_now]):
        parts = [float(each) for each in days]
    else:
        parts = [1.0] * len(begun)
    whole = sum(parts)
    part_of = {run.number: part / whole for run, part in zip(begun, parts, strict=True) if whole}
    for before, run in zip(task.passes, task.passes[1:], strict=False):
        if (part := part_of.get(run.number)) and run is not begun[0]:
            yield run, before, part


# --- earned value


def _earned(
    ws: Workspace,
    ahead: Plan,
    today: date,
    tasks: Iterable[Task],
    positions: Mapping[int, Position],
    baseline: Baseline | None,
) -> Iterator[EarnedValue]:
    projects: dict[int, list[Task]] = {}
    for task in tasks:
        if task.state != "dropped":
            projects.setdefault(task.project or 0, []).append(task)
    for project in sorted(projects, key=lambda key: (not key, key)):
        against = baseline or newest(ws, project)
        rows = {row.id: row for row in against.plan} if against else {}
        mine = projects[project]
        in_money = all(positions[task.id].money is not None for task in mine)
        values: list[tuple[float, float, float, float]] = []
        counted: list[int] = []
        for task in mine:
            planned = _planned_part(ahead.calendar, task, rows.get(task.id), today, bool(against))
            if planned is None:
                continue
            position = positions[task.id]
            amounts = position.money if in_money and position.money else position.days
            counted.append(task.id)
            earned = _earned_part(position.days) if against else float(task.state == "done")
            values.append(
                (
                    amounts.planned,
                    amounts.planned * planned,
                    amounts.planned * earned,
                    amounts.spent,
                )
            )
        bac, bcws, bcwp, acwp = (sum(each[at] for each in values) for at in range(4))
        yield EarnedValue(
            project=project,
            baseline=against,
            counted=tuple(counted),
            left_out=tuple(task.id for task in mine if task.id not in set(counted)),
            in_money=in_money,
            bac=bac,
            bcws=bcws,
            bcwp=bcwp,
            acwp=acwp,
        )


def newest(ws: Workspace, project: int) -> Baseline | None:
    """Return the newest baseline that is of a project, 0 being the tasks without one."""
    found = [
        each for each in ws.baselines.values() if not each.projects or project in each.projects
    ]
    return max(found, key=lambda each: (each.taken, each.id), default=None)


def _planned_part(
    calendar: Calendar, task: Task, row: PlannedTask | None, today: date, against: bool
) -> float | None:
    """Return how much of a task was planned to be done before today; None without planned days.

    In a baseline it grows evenly over the working days of the task; without one all of it is
    planned for the due date.
    """
    if not against:
        return None if task.due is None else float(task.due < today)
    if row is None:
        return None
    if row.finish is None:
        return 1.0 if row.state == "done" else None
    first = max(row.start or row.finish, SECOND_DAY)
    whole = calendar.working_days_between(first - _DAY, row.finish)
    if whole <= 0 or row.finish < today:
        return float(row.finish < today)
    return min(max(calendar.working_days_between(first - _DAY, today - _DAY) / whole, 0.0), 1.0)


def _earned_part(days: Amounts) -> float:
    """Return how much of a task is done: all but the part of the plan that is still to come."""
    if days.planned <= NOTHING:
        return float(days.to_come <= NOTHING)
    return min(max(1 - days.to_come / days.planned, 0.0), 1.0)
