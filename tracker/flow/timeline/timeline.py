"""The plan in time: what has been worked on when, what is left, how late it may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

import msgspec

from tracker.domain import passes, status
from tracker.domain.calendar import Calendar, day_of
from tracker.domain.model import Baseline, Pass, PlannedTask, Task
from tracker.domain.typing.ordering import GroupName, grouped
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.critical_path import Schedule, critical_path
from tracker.flow.forecast.levelling import Levelled, level, limits
from tracker.flow.forecast.remaining_work import Plan, plan
from tracker.flow.forecast.stopping import Heed, on

# What tasks can be put under one heading by: fields, or nothing.
GROUPS = ("department", "assignee", "project", "systems", "")
Order = Literal["critical", "start", "due", "number"]
ORDERS: tuple[Order, ...] = ("critical", "start", "due", "number")

Stretch = tuple[date, date]

_DAY = timedelta(days=1)


class Bar(msgspec.Struct, frozen=True):
    """A task in time; all stretches of days include both ends.

    On the days `worked` passes of it were under way, up to yesterday. What is `left` of an open one
    is planned for days from today on, which may slip to the day `latest`, by `slack` working days,
    without moving the end of its project. A `guessed` one has no estimate, and is taken for a day.
    """

    task: int
    worked: tuple[Stretch, ...] = ()
    left: Stretch | None = None
    latest: date | None = None
    slack: float = 0.0
    critical: bool = False
    guessed: bool = False
    milestone: bool = False
    due: date | None = None
    late: bool = False

    @property
    def first(self) -> date | None:
        """The first day of it that is known."""
        days = self.worked[0] if self.worked else self.left
        return days[0] if days else None

    @property
    def last(self) -> date | None:
        """The day on which it is planned to be over, or was."""
        days = self.left or (self.worked[-1] if self.worked else None)
        return days[1] if days else None


class BarGroup(msgspec.Struct, frozen=True):
    """Tasks under one heading; there is none where they are not grouped."""

    label: GroupName
    tasks: tuple[int, ...]
    headed: bool = True


class Timeline(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A workspace in time on a day; with limited capacity as `levelled`.

    Beside a `baseline` it says where the bars were then.
    """

    ws: Workspace
    today: date
    schedule: Schedule
    levelled: Levelled | None = None
    back_up: tuple[tuple[int, date], ...] = ()
    baseline: Baseline | None = None

    @property
    def calendar(self) -> Calendar:
        """The working days of the plan."""
        return self.schedule.plan.calendar

    @property
    def dated(self) -> bool:
        """Whether the dates of what is left are known."""
        return bool(self.schedule.tasks) or not any(task.open for task in self.ws.tasks.values())

    @cached_property
    def guessed(self) -> frozenset[int]:
        """The open tasks that nobody estimated."""
        return frozenset(self.schedule.plan.guessed)

    @cached_property
    def _bars(self) -> dict[int, Bar]:
        return {}

    def bar(self, task: int) -> Bar:
        """Return a task in time."""
        found = self._bars.get(task)
        if found is None:
            found = self._bars[task] = self._read(self.ws.tasks[task])
        return found

    def _read(self, task: Task) -> Bar:
        yesterday = self.today - _DAY
        worked = tuple(
            days for run in task.passes for days in _stretches(run, task.open, yesterday)
        )
        dates = self.schedule.tasks.get(task.id) if task.open else None
        if dates is None:
            return Bar(task.id, worked, milestone=task.milestone, due=task.due)
        first, last = self.schedule.days(task.id)
        return Bar(
            task.id,
            worked,
            (first, last),
            max(self.schedule.plan.finish_date(dates.late_finish), last),
            dates.slack,
            dates.critical,
            task.id in self.guessed,
            task.milestone,
            task.due,
            status.late(task, self.today),
        )

    def with_tasks(self, ws: Workspace) -> Timeline:
        """Return the same dates with tasks of another workspace that are planned as these are."""
        return msgspec.structs.replace(self, ws=ws)

    @cached_property
    def _planned(self) -> dict[int, PlannedTask]:
        return {row.id: row for row in self.baseline.plan} if self.baseline else {}

    def was(self, task: int) -> Stretch | None:
        """Return where the bar of an open task was in the baseline; None where its end is as then.

        None as well where no end of it was known then, or it was not there.
        """
        row = self._planned.get(task)
        if row is None or row.finish is None:
            return None
        bar = self.bar(task)
        if bar.left is None or bar.left[1] == row.finish:
            return None
        return row.start or row.finish, row.finish

    def slipped(self, task: int) -> int:
        """Return by how many working days a task ends later than in the baseline."""
        was, bar = self.was(task), self.bar(task)
        if was is None or bar.left is None:
            return 0
        return self.calendar.working_days_between(was[1], bar.left[1])

    def finish(self, tasks: Iterable[int]) -> date | None:
        """Return by when the last of some tasks is planned to be over; None where all are."""
        ends = [dates.early_finish for task in tasks if (dates := self.schedule.tasks.get(task))]
        return self.schedule.plan.finish_date(max(ends)) if ends else None

    def reach(self, tasks: Iterable[int]) -> Stretch:
        """Return the days that tasks are best seen on: from just before today to the last end.

        That is the last day on which an open one is planned to be over, or is due.
        """
        opened = [self.bar(task) for task in tasks if self.ws.tasks[task].open]
        last = [self.today, *(day for bar in opened for day in (bar.last, bar.due) if day)]
        return self.calendar.add_working_days(self.today, -2), max(last)

    def groups(
        self, tasks: Iterable[Task], by: str = "", order: Order = "critical"
    ) -> list[BarGroup]:
        """Return tasks in groups by a field, in an order; a task of several values is in several.

        Finished tasks come last in each group.
        """
        ranked = sorted(tasks, key=lambda task: self._rank(task, order))
        if not by:
            return [BarGroup(None, tuple(task.id for task in ranked), headed=False)]
        return [
            BarGroup(label, tuple(task.id for task in each))
            for label, each in grouped(self.ws, ranked, by)
        ]

    def _rank(self, task: Task, order: Order) -> tuple[bool, bool, float, float, int]:
        dates = self.schedule.tasks.get(task.id)
        if order == "number" or (task.open and dates is None):
            return False, False, 0.0, 0.0, task.id
        if dates is None:
            last = self.bar(task.id).last
            return True, False, -(last.toordinal() if last else 0), 0.0, task.id
        if order == "critical":
            return False, False, dates.slack, dates.early_start, task.id
        if order == "start":
            first = self.bar(task.id).first or self.today
            return False, False, first.toordinal(), dates.early_finish, task.id
        due = task.due.toordinal() if task.due else 0
        return False, task.due is None, due, dates.early_finish, task.id

    def moved(self, other: Timeline) -> dict[int, int]:
        """Return by how many working days the ends of tasks are later in another plan.

        Those that end on the same day in both are left out, and so is what is not open in both.
        """
        mine, theirs = self.schedule, other.schedule
        found: dict[int, int] = {}
        for task, dates in theirs.tasks.items():
            before = mine.tasks.get(task)
            if before is None or before.early_finish == dates.early_finish:
                continue
            ends = mine.plan.finish_date(before.early_finish), theirs.days(task)[1]
            if ends[0] != ends[1]:
                found[task] = self.calendar.working_days_between(*ends)
        return found


def _stretches(run: Pass, still: bool, upto: date) -> Iterator[Stretch]:
    """Walk over the days on which a pass was under way; one that is not over goes on `upto` a day.

    The day on which work began to rest is none of them, as in `passes.worked_days`.
    """
    ended = day_of(run.ended) if run.ended else None
    if run.started is None:
        if ended and passes.worked(run):
            yield ended, ended
        return
    begun: date | None = day_of(run.started)
    for pause in run.pauses:
        rested = day_of(pause.began) - _DAY
        if begun and rested >= begun:
            yield begun, rested
        begun = day_of(pause.ended) if pause.ended else None
    last = ended or (upto if still and not run.outcome else None)
    if begun and last and last >= begun:
        yield begun, last


def undated(ws: Workspace, today: date) -> Timeline:
    """Return a plan in time as it is before the dates of what is left have been worked out.

    Raises BadInput where the calendar has no working days.
    """
    calendar = Calendar.of(ws)
    nothing = Plan(calendar.add_working_days(today, 0), calendar, {}, {}, (), ())
    return Timeline(ws, today, Schedule(nothing, 0.0, {}, {}))


def read(
    ws: Workspace,
    today: date,
    *,
    capacity: bool = False,
    back_up: Mapping[int, date] | Iterable[tuple[int, date]] = (),
    baseline: Baseline | None = None,
    heed: Heed = on,
) -> Timeline:
    """Read a plan in time; with `capacity` nobody works on more at once than they can.

    Systems that are down are taken to be `back_up` as said there; bars are compared with those of
    a `baseline`. `heed` may stop it by raising an error. Raises BadInput where the calendar has no
    working days.
    """
    up = dict(back_up)
    ahead = plan(ws, today, back_up=up)
    levelled = level(ahead, limits(ws), heed=heed) if capacity else None
    schedule = critical_path(levelled.plan if levelled else ahead)
    return Timeline(ws, today, schedule, levelled, tuple(up.items()), baseline)
