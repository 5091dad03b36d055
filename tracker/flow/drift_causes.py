"""Comparing a plan with a baseline of it: where each day was lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from math import ceil
from typing import NamedTuple

from tracker.domain.calendar import SECOND_DAY, Calendar, day_of
from tracker.domain.change import Record
from tracker.domain.downtime import down_spans
from tracker.domain.draft import Now
from tracker.domain.errors import Refused
from tracker.domain.model import Baseline, PlannedFinish, PlannedTask, Task
from tracker.domain.scope import Scope
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import Dates, dates_of, schedule_of
from tracker.flow.drift import Cause, Drift, Drifted, Fate, OnTheWay, ProjectDrift, summed
from tracker.flow.forecast.remaining_work import CLOSE
from tracker.flow.past import before

# Who begins on the day on which what is needed ends gains that day.
_SAME_DAY = 1


def drift(
    ws: Workspace,
    baseline: Baseline,
    now: Now,
    records: Sequence[Record] = (),
    scope: Scope = Scope(),
) -> Drift:
    """Return what became of a plan since a baseline was taken, as far as it is in scope.

    `records` are the history up to the workspace, oldest first, as far as it is kept.

    A task is later than planned for what it needs, and else for reasons of its own: it was begun
    later than it could, took longer, or came back. Along what each task waited for, from the last
    one of a project backwards, such days add up to those by which its end moved.
    """
    reading = _Reading(ws, baseline, now, records)
    chosen = scope.tasks(ws).keys() if scope.mine else None
    found = [
        each
        for each in reading.tasks()
        if (chosen is None or each.task in chosen)
        and (not scope.projects or each.project in scope.projects)
    ]
    projects = {each.project for each in found}
    ends = [each for each in reading.projects() if each.project in projects]
    ways = (reading.way, reading.causes)
    return Drift(baseline, now.today, tuple(found), tuple(ends), reading.complete, *ways)


def between(
    ws: Workspace,
    old: Baseline,
    new: Baseline,
    records: Sequence[Record],
    scope: Scope = Scope(),
) -> Drift:
    """Return what had become of a plan when another baseline was taken.

    Raises Refused where the history since then is not kept.
    """
    if (new.taken, new.id) < (old.taken, old.id):
        old, new = new, old
    taken = (
        record.seq
        for record in records
        if any(each.id == new.id for each in record.change.born(Baseline))
    )
    seq = next(taken, 0)
    past = before(ws, records, seq)
    if past is None:
        raise Refused(
            "{old} and {new} cannot be compared: the history since then is not kept.",
            old=old.name,
            new=new.name,
        )
    now = Now(at=new.taken, today=day_of(new.taken), who=new.by)
    return drift(past, old, now, [record for record in records if record.seq < seq], scope)


class _Run(NamedTuple):
    """A time in which a task is worked on: how many working days lie before it, and up to its end.

    What follows it at once starts where it ends.
    """

    start: int
    end: int


class _Part(NamedTuple):
    """Why a task slipped: what came to it from what it needs, and what it added itself.

    The `driver` is when it could begin for what it needs, and which of that is over last; None if
    that did not move it.
    """

    inherited: int
    own: dict[Cause, int]
    driver: tuple[int, int] | None


class _Stop(NamedTuple):
    """A task on the way back from a later one, with days by cause.

    What it adds itself is its `own`, and the same whoever waits for it, if it is `known` to the
    baseline: the number is then its own.
    """

    task: int
    known: int
    spare: tuple[tuple[Cause, int], ...]
    own: tuple[tuple[Cause, int], ...]


class _Reading:
    """One plan beside a baseline of it, in working days of the calendar of the workspace."""

    def __init__(
        self, ws: Workspace, baseline: Baseline, now: Now, records: Sequence[Record]
    ) -> None:
        self._ws, self._baseline, self._now = ws, baseline, now
        self.complete = bool(records) and (records[0].seq == 1 or records[0].at <= baseline.taken)
        self._records = [record for record in records if record.at >= baseline.taken]
        self._calendar, self._taken = Calendar.of(ws), day_of(baseline.taken)
        self._numbers: dict[date, int] = {}
        schedule = schedule_of(ws, now.today, capacity=baseline.capacity)
        self._needs = schedule.plan.needs
        self._rows = {row.id: row for row in baseline.plan}
        self._dates = dates_of(ws, schedule)
        self._before = {key: run for key, row in self._rows.items() if (run := self._run(row))}
        self._after = {key: run for key, days in self._dates.items() if (run := self._run(days))}
        self._own = Scope(baseline.projects).tasks(ws)
        self._restoring = {each.restored_by for each in ws.systems.values()}
        self._parts: dict[int, _Part] = {}
        self._down: dict[int, list[tuple[datetime, datetime]]] = {}
        # By which causes tasks are later, those behind which they come included.
        self._behind: dict[int, dict[Cause, int]] = {}

    def _run(self, days: Dates | PlannedTask) -> _Run | None:
        if days.finish is None:
            return None
        return _Run(self._until(days.start or days.finish), self._end(days.finish))

    def _end(self, day: date) -> int:
        """Return how many working days there are up to a day, from when the baseline was taken."""
        found = self._numbers.get(day)
        if found is None:
            found = self._calendar.working_days_between(self._taken, day)
            self._numbers[day] = found
        return found

    def _until(self, day: date) -> int:
        """Return how many working days there are before a day."""
        return self._end(max(day, SECOND_DAY) - timedelta(days=1))

    # --- tasks

    def tasks(self) -> Iterator[Drifted]:
        """Walk over what became of each task, by number."""
        for key in sorted({*self._rows, *self._own}):
            row, task = self._rows.get(key), self._ws.tasks.get(key)
            if task is not None and key in self._dates:
                yield self._new(task) if row is None else self._planned(task, row)
            elif row is not None:
                known = task or row
                lane, project = known.department, known.project or 0
                before = Dates(row.start, row.finish)
                yield Drifted(key, "gone", project, lane, before, Dates(None, None))

    def _new(self, task: Task) -> Drifted:
        after = self._dates[task.id]
        run = self._after.get(task.id)
        days = {self._brought(task.id): run.end - run.start} if run else {}
        lane, project = task.department, task.project or 0
        return Drifted(task.id, "new", project, lane, Dates(None, None), after, parts=days)

    def _brought(self, task: int) -> Cause:
        """Return why there are days of a task of which the baseline knows none."""
        if task in self._rows:
            return "returns"
        return "systems" if task in self._restoring else "new"

    def _planned(self, task: Task, row: PlannedTask) -> Drifted:
        kind: Fate = "returned" if self._returned(task, row) else "kept"
        lane, project = task.department, task.project or 0
        before, after = Dates(row.start, row.finish), self._dates[task.id]
        if task.id not in self._before or task.id not in self._after:
            return Drifted(task.id, kind, project, lane, before, after)
        slip = self._after[task.id].end - self._before[task.id].end
        if kind == "kept" and slip:
            kind = "slipped" if slip > 0 else "earlier"
        part = self._part(task.id)
        return Drifted(task.id, kind, project, lane, before, after, slip, part.inherited, part.own)

    def _returned(self, task: Task, row: PlannedTask) -> bool:
        """Return whether work on a task came back since the baseline was taken."""
        taken = self._baseline.taken
        moments = (
            moment
            for run in task.passes
            for moment in (run.opened if run.gate is not None else None, run.recheck_since)
        )
        return (row.state == "done" and task.open) or any(
            moment is not None and moment > taken for moment in moments
        )

    # --- why a task is later

    def _ready(self, key: int, start: int | None = None) -> tuple[int, int] | None:
        """Return when all that a task needs is over now, and which of that is over last.

        Where it was to `start` on the very day on which what it needs was to end, it may still.
        """
        needs = [
            (source, ceil(lag - CLOSE))
            for source, lag in self._needs.get(key, ())
            if source in self._after
        ]
        if not needs:
            return None
        ready, last = max((self._after[source].end + lag, source) for source, lag in needs)
        was = [self._before[source].end + lag for source, lag in needs if source in self._before]
        same = start is not None and was and max(was) == start + _SAME_DAY
        return ready - _SAME_DAY * bool(same), last

    def _part(self, key: int) -> _Part:
        """Return why a task slipped of which both are known; the days add up to its slip."""
        found = self._parts.get(key)
        if found is None:
            found = self._parts[key] = self._worked_out(key)
        return found

    def _worked_out(self, key: int) -> _Part:
        task, row = self._ws.tasks[key], self._rows[key]
        before, after = self._before[key], self._after[key]
        ready = self._ready(key, before.start)
        first = self._first(task, row, ready)
        inherited = 0
        if ready and first.start < ready[0] - _SAME_DAY:
            ready = None
        elif ready and ready[0] >= before.start:
            inherited = ready[0] - before.start
        elif ready:
            inherited = min(max(first.start, ready[0]) - before.start, 0)
        own: dict[Cause, int] = {}

        def add(cause: Cause, days: int) -> None:
            named: Cause = cause if days > 0 else "ahead"
            if days:
                own[named] = own.get(named, 0) + days

        late = first.start - before.start - inherited
        if late > 0:
            down = self._down_days(task, _Run(first.start - late, first.start))
            add("systems", down)
            late -= down
        add("late", late)
        longer = (first.end - first.start) - (before.end - before.start)
        for cause, days in self._longer(task, row, first):
            part = min(days, max(longer, 0))
            add(cause, part)
            longer -= part
        add("longer", longer)
        add("returns", after.end - first.end)
        driver = (before.start + inherited, ready[1]) if ready and inherited else None
        return _Part(inherited, own, driver)

    def _first(self, task: Task, row: PlannedTask, ready: tuple[int, int] | None) -> _Run:
        """Return the first run of a task since the baseline that what it needs allowed.

        What was begun before what it needs came back had to be begun again for that.
        """
        taken = self._baseline.taken
        runs = [self._before[task.id]] if row.state == "done" else []
        runs += [
            _Run(self._until(day_of(run.started)), self._end(day_of(run.ended)))
            for run in task.passes
            if run.started and run.ended and run.ended >= taken and run.outcome != "interrupted"
        ]
        if task.open or not runs:
            runs.append(self._after[task.id])
        allowed = (run for run in runs if ready is None or run.start >= ready[0] - _SAME_DAY)
        return next(allowed, runs[-1])

    def _longer(self, task: Task, row: PlannedTask, run: _Run) -> Iterator[tuple[Cause, int]]:
        """Yield what made a run of a task longer, with at most so many days each."""
        yield "systems", self._down_days(task, run)
        rests = (pause for each in task.passes for pause in each.pauses)
        yield "waiting", sum(self._overlap(rest.began, rest.ended, run) for rest in rests)
        if task.likely and row.estimate is not None:
            yield "estimates", max(ceil(task.likely - row.estimate - CLOSE), 0)

    def _down_days(self, task: Task, run: _Run) -> int:
        """Return on how many days of a run a system of its task was down."""
        spans = [span for key in task.systems for span in self._down_of(key)]
        return min(sum(self._overlap(*span, run) for span in spans), run.end - run.start)

    def _down_of(self, key: int) -> list[tuple[datetime, datetime]]:
        if key not in self._down:
            system, since = self._ws.systems[key], self._baseline.taken
            self._down[key] = down_spans(self._records, system, since, max(self._now.at, since))
        return self._down[key]

    def _overlap(self, first: datetime, last: datetime | None, run: _Run) -> int:
        """Return how many days of a run something lasted; the day on which it ended is none."""
        low, high = self._until(day_of(first)), self._until(day_of(last or self._now.at))
        return max(min(high, run.end) - max(low, run.start), 0)

    # --- why a project is later

    def projects(self) -> Iterator[ProjectDrift]:
        """Walk over the projects of the baseline of which both ends are known."""
        before: dict[int, list[tuple[int, date]]] = {}
        after: dict[int, list[tuple[int, date, int]]] = {}
        for row in self._rows.values():
            if row.finish:
                found = before.setdefault(row.project or 0, [])
                found.append((self._before[row.id].end, row.finish))
        for key, task in self._own.items():
            dates = self._dates.get(key)
            if dates and dates.finish:
                ends = after.setdefault(task.project or 0, [])
                ends.append((self._after[key].end, dates.finish, key))
        kept = {row.project: row for row in self._baseline.finishes}
        for project in sorted(before.keys() & after.keys()):
            (was, day), (end, new, last) = max(before[project]), max(after[project])
            parts = tuple(_merged(self._way(last, end, was)))
            planned = kept.get(project) or PlannedFinish(project, day, None, None, None)
            yield ProjectDrift(project, planned, day, new, end - was, parts)

    def way(self, key: int) -> tuple[OnTheWay, ...]:
        """Return what moved the end of a task of which both are known, over what it waited for."""
        if key not in self._before or key not in self._after:
            return ()
        return tuple(_merged(self._way(key, self._after[key].end, self._before[key].end)))

    def causes(self, key: int) -> dict[Cause, int]:
        """Return the same by cause alone, which costs no more where many wait for one."""
        if key not in self._before or key not in self._after:
            return {}
        steps: list[_Stop] = []
        total: dict[Cause, int] = {}
        for stop in self._stops(key, self._after[key].end, self._before[key].end):
            if stop.known in self._behind:
                total = summed([*self._behind[stop.known].items(), *stop.spare])
                break
            steps.append(stop)
        for stop in reversed(steps):
            total = summed([*total.items(), *stop.own])
            if stop.known:
                self._behind[stop.known] = total
            total = summed([*total.items(), *stop.spare])
        return total

    def _way(self, key: int, end: int, reference: int) -> Iterator[OnTheWay]:
        """Walk from a task, over at `end`, back over what each waited for.

        By the baseline it was to be over at the `reference`; the days add up to the difference.
        """
        for stop in self._stops(key, end, reference):
            for cause, days in (*stop.spare, *stop.own):
                yield OnTheWay(cause, stop.task, days)

    def _stops(self, key: int, end: int, reference: int) -> Iterator[_Stop]:
        """Walk over the tasks on the way, each with the days it is the cause of."""
        while end != reference:
            before = self._before.get(key)
            if end < reference:
                yield _Stop(key, 0, (("ahead", end - reference),), ())
                return
            if before is None:
                ready, start, cause = self._ready(key), self._after[key].start, self._brought(key)
                if ready is None or ready[0] <= reference:
                    yield _Stop(key, 0, ((cause, end - reference),), ())
                    return
                late = max(start - ready[0], 0)
                yield _Stop(key, 0, ((cause, end - max(start, ready[0])), ("late", late)), ())
                end, key = ready
                continue
            # What lies between its own end and that of which it is told is the same in both.
            spare = before.end + (end - self._after[key].end) - reference
            part = self._part(key)
            named: Cause = "slack" if spare < 0 else "arrows"
            yield _Stop(key, key, ((named, spare),), tuple(part.own.items()))
            if part.driver is None:
                return
            (end, key), reference = part.driver, before.start


def _merged(parts: Iterable[OnTheWay]) -> list[OnTheWay]:
    """Return parts of one cause and task as one, the most days first."""
    found: dict[tuple[Cause, int], int] = {}
    for cause, task, days in parts:
        found[cause, task] = found.get((cause, task), 0) + days
    merged = [OnTheWay(cause, task, days) for (cause, task), days in found.items() if days]
    return sorted(merged, key=lambda part: -part.days)
