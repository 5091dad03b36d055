"""How long plans lived: until too much of one had moved, or its date could not be kept any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Literal

import msgspec

from tracker.domain.calendar import Calendar, day_of
from tracker.domain.change import Record
from tracker.domain.model import Baseline
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import chances_of, dates_of, schedule_of
from tracker.flow.past import morning, states

# A plan is dead when so large a part of its open tasks has moved by more than so many days.
DEAD_SHARE, MOVED_DAYS = 0.2, 2
# With so many tasks more, a large plan is looked at on every second day, third day and so on.
_TASKS_A_DAY = 2_500
# So it is where there would be more evenings than these: the clock of somebody was decades wrong.
_MOST_EVENINGS = 2_500
# A forecast costs more than a schedule: first one a week is made, then those of the days between.
_FORECAST_EVERY = 5

End = Literal["moved", "p80", ""]


class Life(msgspec.Struct, frozen=True):
    """How long a plan lived, in working days from the one on which it was taken.

    It died on a `day` since more than `DEAD_SHARE` of its open tasks had moved (`why` is *moved*)
    or since P80 of a project was past its target; one that lives has neither, and the `days` up
    to now. `moved` of the `tasks` that were open then had moved at its end.
    """

    days: int
    moved: int
    tasks: int
    day: date | None = None
    why: End = ""


# Returns P80 of some projects of a workspace on a day.
Forecasts = Callable[[Workspace, date, tuple[int, ...]], Mapping[int, date]]


def lives(
    ws: Workspace,
    records: Sequence[Record],
    today: date,
    p80s: Forecasts | None = None,
) -> dict[int, Life | None]:
    """Return how long plans lived, by the number of their baseline.

    `records` are the history up to the workspace, oldest first, as far as it is kept: None stands
    for a plan of which not all of it is. One without open tasks has no life and is left out.
    `p80s` gives the forecasts of the past; there are some of its own unless given.
    """
    found: dict[int, Life | None] = {}
    if not ws.baselines:
        return found
    oldest = min(day_of(each.taken) for each in ws.baselines.values())
    past = _Past(ws, records, today, oldest, p80s or forecasts)
    for each in ws.baselines.values():
        if any(row.state not in ("done", "dropped") and row.finish for row in each.plan):
            found[each.id] = past.life(each)
    return found


def typical(found: Mapping[int, Life | None]) -> tuple[float, int] | None:
    """Return the median of the lives that are known, in working days, and of how many plans.

    One that still lives counts with its days so far.
    """
    days = [life.days for life in found.values() if life is not None]
    return (median(days), len(days)) if days else None


def forecasts(ws: Workspace, day: date, projects: tuple[int, ...]) -> Mapping[int, date]:
    """Return P80 of projects by a rough forecast; those of which there is none are left out."""
    return {key: each.p80 for key, each in chances_of(ws, day, projects, rough=True).items()}


class _Past:
    """The workspace on the evenings of working days since a day, the last of them now."""

    def __init__(
        self,
        ws: Workspace,
        records: Sequence[Record],
        today: date,
        since: date,
        p80s: Forecasts,
    ) -> None:
        self._p80s, self._calendar, self._today = p80s, Calendar.of(ws), today
        # Before the first record nothing is known, whatever day a plan is said to be of.
        since = max(since, day_of(records[0].at)) if records else today
        count = max(self._calendar.working_days_between(since, today), 0)
        step = 1 + len(ws.tasks) // _TASKS_A_DAY + count // _MOST_EVENINGS
        days = [
            self._calendar.add_working_days(today, -back)
            for back in range(1, count + 1)
            if back % step == 0
        ]
        evenings = (morning(day + timedelta(days=1)) for day in days)
        before = states(ws, records, evenings)
        past = {day: state for day, (_at, state) in zip(days, before, strict=False)}
        self._states = {day: past[day] for day in reversed(past)} | {today: ws}
        self._known_since = records[0] if records else None
        self._finishes: dict[tuple[date, bool], dict[int, date]] = {}

    def life(self, plan: Baseline) -> Life | None:
        """Return how long a plan lived; None where its history is not kept."""
        first = self._known_since
        if first is None or (first.seq > 1 and first.at > plan.taken):
            return None
        taken = day_of(plan.taken)
        days = [day for day in self._states if day >= taken]
        moved, tasks = 0, sum(row.state not in ("done", "dropped") for row in plan.plan)
        end: date | None = None
        for day in days:
            moved, tasks = self._moved(plan, day)
            if moved >= DEAD_SHARE * tasks:
                end = day
                break
        late = self._late(plan, [day for day in days if end is None or day < end])
        if late is not None:
            return Life(self._days(taken, late), *self._moved(plan, late), late, "p80")
        if end is not None:
            return Life(self._days(taken, end), moved, tasks, end, "moved")
        return Life(max(self._days(taken, self._today), 0), moved, tasks)

    def _days(self, first: date, last: date) -> int:
        return self._calendar.working_days_between(first, last)

    def _moved(self, plan: Baseline, day: date) -> tuple[int, int]:
        """Return how many of the tasks that were open then had moved on a day, and how many are.

        One that is no longer there has not moved.
        """
        now = self._finish(day, plan.capacity)
        rows = [row for row in plan.plan if row.finish and row.state not in ("done", "dropped")]
        moved = sum(
            row.id in now
            and row.finish is not None
            and abs(self._days(row.finish, now[row.id])) > MOVED_DAYS
            for row in rows
        )
        return moved, len(rows)

    def _finish(self, day: date, capacity: bool) -> dict[int, date]:
        key = day, capacity
        if key not in self._finishes:
            ws = self._states[day]
            dates = dates_of(ws, schedule_of(ws, day, capacity=capacity))
            self._finishes[key] = {task: each.finish for task, each in dates.items() if each.finish}
        return self._finishes[key]

    def _late(self, plan: Baseline, days: Sequence[date]) -> date | None:
        """Return the first of some days on which P80 of a project had moved past its target.

        Where it was past that from the first, or there was no forecast, there is none.
        """
        targets = {
            row.project: row.target
            for row in plan.finishes
            if row.target and row.p80 and row.p80 <= row.target
        }
        if not targets:
            return None

        def late(day: date) -> bool:
            found = self._p80s(self._states[day], day, tuple(targets))
            return any(found[key] > targets[key] for key in found)

        for at in _coarse(len(days)):
            if late(days[at]):
                before = range(max(at - _FORECAST_EVERY + 1, 0), at)
                return next((days[near] for near in before if late(days[near])), days[at])
        return None


def _coarse(count: int) -> Iterator[int]:
    """Walk over every so many-th place of a list, and its last."""
    yield from range(_FORECAST_EVERY - 1, count, _FORECAST_EVERY)
    if count % _FORECAST_EVERY:
        yield count - 1
