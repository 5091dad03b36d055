"""Who has how much to do in which week: the work that is planned against the days there are.

The effort that is left of a task is spread evenly over the working days from its planned start to
its planned finish on which whoever does it works; the dates are those of the critical path, or of
the levelled plan where everybody does one thing at a time. Work counts for the department of
whoever does it: the person's own, or that of the task where nobody was named.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from math import ceil
from typing import NamedTuple

import msgspec

from tracker.domain.calendar import Calendar
from tracker.domain.draft import Now
from tracker.domain.model import Absence, Task
from tracker.domain.periods import monday_of, sunday_of
from tracker.domain.typing.ordering import collation_key
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow.forecast import effort
from tracker.flow.forecast.critical_path import Schedule, critical_path
from tracker.flow.forecast.levelling import level, limits
from tracker.flow.forecast.remaining_work import CLOSE, Plan, Step, last_day, plan

# A week is full with as many days of work as there are, and far over with a fifth more.
FULL, FAR_OVER = 1.0, 1.2
# Two centuries: a placeholder such as the last day of all would make weeks without end.
MOST_WEEKS = 200 * 52
_WEEK, _DAY = timedelta(days=7), timedelta(days=1)
_WORKING_DAYS = 5


class Share(NamedTuple):
    """The part of a task that falls into a week, in person-days."""

    task: int
    days: float


class Who(NamedTuple):
    """A row: a person of a department, nobody of it, or the `whole` department; 0 is none."""

    department: int
    person: int = 0
    whole: bool = False


class LoadCell(msgspec.Struct, frozen=True):
    """The work of a row in a week, in person-days, of which so much is in `scope`.

    The days `there` are None where nobody said how many there are. `weekend` has the tasks that
    fall on a weekend or a public holiday, with the days.
    """

    days: float
    scope: float
    there: float | None
    shares: tuple[Share, ...]
    weekend: tuple[tuple[int, date], ...] = ()

    @property
    def part(self) -> float | None:
        """The work as a part of the days there are; endless where there are none, and work is."""
        if self.there is None:
            return None
        if self.there <= CLOSE:
            return float("inf") if self.days > CLOSE else 0.0
        return self.days / self.there

    @property
    def over(self) -> int:
        """How far the week is over: 0 if it is not, 1 if it is, 2 if it is by a fifth or more."""
        part = self.part or 0.0
        return (part > FULL + CLOSE) + (part > FAR_OVER + CLOSE)


class WeekMove(NamedTuple):
    """A later week in which a task could begin without moving the end, and how full it is then.

    `part` is the work of that week as a part of the days there are, None where nobody knows.
    """

    week: date
    not_before: date
    part: float | None

    @property
    def room(self) -> bool:
        """Whether the week is not over then."""
        return self.part is None or self.part <= FULL + CLOSE


class Load(msgspec.Struct, frozen=True, dict=True):
    """The work ahead by department, person and week.

    `weeks` are their Mondays, from the one that is on to that of the end of the plan. `rows` come
    by department, each with its people and at last what nobody was named for. `schedule` has the
    dates the work is spread by, which are levelled with `capacity`; `whole` is all the effort
    ahead, that of tasks which end after the last week and are `later` among it. Of `placed` people
    nobody said the department: it is the one that most of their work is for. Of `guessed` tasks
    nobody said how long they take.
    """

    workspace: Workspace
    today: date
    capacity: bool
    schedule: Schedule
    weeks: tuple[date, ...]
    rows: tuple[Who, ...]
    whole: float
    placed: frozenset[int]
    guessed: tuple[int, ...]
    later: tuple[int, ...]
    tasks: frozenset[int]
    work: Mapping[Who, Mapping[date, tuple[Share, ...]]]
    weekends: Mapping[Who, tuple[tuple[int, date], ...]]

    @property
    def plan(self) -> Plan:
        """The plan whose days are spread over weeks."""
        return self.schedule.plan

    @cached_property
    def _cells(self) -> dict[tuple[Who, date], LoadCell]:
        return {}

    @cached_property
    def _calendars(self) -> dict[tuple[int, int], Calendar]:
        return {}

    def cell(self, who: Who, week: date) -> LoadCell:
        """Return the work of a row in the week that begins on a Monday."""
        found = self._cells.get((who, week))
        if found is None:
            shares = tuple(self._shares(who, week))
            found = self._cells[who, week] = LoadCell(
                days=sum(share.days for share in shares),
                scope=sum(share.days for share in shares if share.task in self.tasks),
                there=self.there(who, week),
                shares=shares,
                weekend=tuple(each for row in self.parts(who) for each in self._weekend(row, week)),
            )
        return found

    def parts(self, who: Who) -> tuple[Who, ...]:
        """Return the rows a row consists of: those of a department, or itself."""
        return self._rows_of.get(who.department, ()) if who.whole else (who,)

    @cached_property
    def _rows_of(self) -> dict[int, tuple[Who, ...]]:
        found: dict[int, list[Who]] = {}
        for who in (*self.work, *self.weekends):
            found.setdefault(who.department, []).append(who)
        return {lane: tuple(dict.fromkeys(rows)) for lane, rows in found.items()}

    def _shares(self, who: Who, week: date) -> Iterator[Share]:
        """Walk over the parts of tasks in a cell, the largest first."""
        found = [each for row in self.parts(who) for each in self.work.get(row, {}).get(week, ())]
        return iter(sorted(found, key=lambda share: (-share.days, share.task)))

    def _weekend(self, who: Who, week: date) -> Iterator[tuple[int, date]]:
        last = sunday_of(week)
        return (each for each in self.weekends.get(who, ()) if week <= each[1] <= last)

    def there(self, who: Who, week: date) -> float | None:
        """Return the days there are in a week; None where nobody said.

        A person has so many days a week, in proportion fewer where some of it are free for them.
        A department has its capacity less the days on which its people are away, and never less
        than those of them who are there; without a capacity it has the days of its people.
        """
        ws = self.workspace
        if not who.whole:
            return self._person_days(who.person, who.department, week) if who.person else None
        people = [key for key in ws.people if self.home(key) == who.department]
        present = sum(self._person_days(key, who.department, week) for key in people)
        lane = ws.departments.get(who.department)
        if lane is None or lane.capacity is None:
            return present if people else None
        working = self._working(lane.id, 0, week)
        full = lane.capacity * working / _WORKING_DAYS
        all_there = sum(ws.people[key].capacity * working / _WORKING_DAYS for key in people)
        return max(full - max(all_there - present, 0.0), min(full, present), 0.0)

    def _person_days(self, person: int, department: int, week: date) -> float:
        found = self.workspace.people[person]
        return found.capacity * self._working(department, person, week) / _WORKING_DAYS

    def _working(self, department: int, person: int, week: date) -> int:
        """Return the days of a week, from today on, on which somebody works."""
        known = self._calendars
        calendar = known.get((department, person))
        if calendar is None:
            calendar = known[department, person] = Calendar.of(
                self.workspace, department=department or None, person=person or None
            )
        return calendar.working_days_between(max(week, self.today) - _DAY, sunday_of(week))

    def home(self, person: int) -> int:
        """Return the department of a person, as entered or else the one they work most for."""
        found = self.workspace.people[person].department
        return found if found is not None else self._homes.get(person, 0)

    @cached_property
    def _homes(self) -> dict[int, int]:
        return {who.person: who.department for who in self.work if who.person in self.placed}

    def away(self, person: int, week: date) -> tuple[Absence, ...]:
        """Return the absences of a person that reach into a week."""
        found = self.workspace.people.get(person)
        last = sunday_of(week)
        absences = found.absences if found else ()
        return tuple(each for each in absences if each.first <= last and each.last >= week)

    def holidays(self, week: date, language: str = "en") -> tuple[tuple[date, str], ...]:
        """Return the public holidays of a week from Monday to Friday, with their names."""
        days = (week + timedelta(days=at) for at in range(_WORKING_DAYS))
        named = ((day, self.plan.calendar.holiday_name(day, language)) for day in days)
        return tuple((day, name) for day, name in named if name)

    @cached_property
    def quarters(self) -> dict[tuple[int, int, int], tuple[tuple[int, date], ...]]:
        """The work on weekends and holidays ahead, by person, year and quarter; 0 is nobody."""
        found: dict[tuple[int, int, int], list[tuple[int, date]]] = {}
        for who, days in self.weekends.items():
            for task, day in days:
                key = (who.person, day.year, quarter_of(day))
                found.setdefault(key, []).append((task, day))
        return {key: tuple(sorted(found[key], key=lambda each: each[1])) for key in sorted(found)}

    def slack(self, task: int) -> float:
        """Return by how many working days a task may slip without moving the end."""
        return self.schedule.tasks[task].slack

    def moves(self, who: Who, week: date, task: int) -> tuple[WeekMove, ...]:
        """Return the weeks behind one in which a task may begin without moving the end.

        None of a task that is under way, or that is not spread over days.
        """
        return tuple(self._moves(who, week, task))

    def _moves(self, who: Who, week: date, task: int) -> Iterator[WeekMove]:
        found, dates = self.workspace.tasks.get(task), self.schedule.tasks.get(task)
        if found is None or dates is None or not self._movable(found):
            return
        step = self.plan.steps[task]
        taken = step.left(step.likely)
        if taken <= CLOSE:
            return
        for monday, (first, last) in self._days_of_weeks.items():
            if monday <= week or first <= dates.early_start + CLOSE or first >= last:
                continue
            if first > dates.late_start + CLOSE:
                return
            start = step.begun(float(first), taken)
            if start > dates.late_start + CLOSE or start >= last:
                continue
            mine = self._effort(task) * min(1.0, (last - start) / taken)
            yield WeekMove(monday, self.plan.start_date(start), self._full(who, monday, mine))

    def best(self, who: Who, week: date, task: int) -> WeekMove | None:
        """Return the first week with room that a task can move to, or else the least full one."""
        found = []
        for move in self._moves(who, week, task):
            if move.room:
                return move
            found.append(move)
        return min(found, key=lambda move: move.part or 0.0, default=None)

    def _full(self, who: Who, week: date, more: float) -> float | None:
        """Return how full a week is with so many days more."""
        cell = self.cell(who, week)
        return msgspec.structs.replace(cell, days=cell.days + more).part

    def too_much(self, week: date) -> tuple[Who, ...]:
        """Return who has too much to do in a week, those with the most first."""
        found = self._too_much.get(week)
        if found is None:
            over = [who for who in self.rows if who.person and self.cell(who, week).over]
            over.sort(key=lambda who: -(self.cell(who, week).part or 0.0))
            found = self._too_much[week] = tuple(over)
        return found

    @cached_property
    def _too_much(self) -> dict[date, tuple[Who, ...]]:
        return {}

    @staticmethod
    def _movable(task: Task) -> bool:
        return task.open and task.state != "doing"

    def _effort(self, task: int) -> float:
        return effort.to_come(self.workspace.tasks[task], self.plan.steps[task])

    @cached_property
    def _days_of_weeks(self) -> dict[date, tuple[int, int]]:
        """The numbers of the first working day of each week, and of the first one behind it."""
        edges = list(_edges(self.plan, self.weeks))
        return {
            week: (first, last)
            for week, first, last in zip(self.weeks, edges, edges[1:], strict=False)
        }


def quarter_of(day: date) -> int:
    """Return the quarter of its year a day lies in, from 1 to 4."""
    return (day.month - 1) // 3 + 1


def read(
    ws: Workspace,
    today: date,
    *,
    capacity: bool = False,
    back_up: Iterable[tuple[int, date]] = (),
    tasks: Collection[int] | None = None,
) -> Load:
    """Read who has how much to do in which week.

    With `capacity` nobody works on more at once than they can. Systems are taken to be up again as
    `back_up` says. Where only some `tasks` are looked at, rows are of those who work on them, and
    still count all of their work.
    """
    ahead = plan(ws, today, None, dict(back_up))
    levelled = level(ahead, limits(ws), bottlenecks=False) if capacity else None
    schedule = critical_path(levelled.plan if levelled else ahead)
    chosen = frozenset(ws.tasks if tasks is None else tasks)
    calendar = schedule.plan.calendar
    free = {
        key: days
        for key, step in ahead.steps.items()
        if step.open and (days := tuple(free_days(calendar, ws.tasks[key], step, today)))
    }
    weeks = _weeks(schedule, today, [days[-1] for days in free.values()])
    edges = list(_edges(schedule.plan, weeks))
    efforts = {
        key: effort.to_come(ws.tasks[key], step) for key, step in ahead.steps.items() if step.open
    }
    homes = _homes(ws, efforts)
    work: dict[Who, dict[date, list[Share]]] = {}
    weekends: dict[Who, list[tuple[int, date]]] = {}
    later: list[int] = []
    for task, total in efforts.items():
        who = _who(ws, ws.tasks[task], homes)
        step, dates = schedule.plan.steps[task], schedule.tasks[task]
        by_week = work.setdefault(who, {})
        if dates.early_finish > edges[-1] + CLOSE:
            later.append(task)
            continue
        for at, part in _spread(step, dates.early_start, dates.early_finish, edges):
            by_week.setdefault(weeks[at], []).append(Share(task, total * part))
        if task in free:
            weekends.setdefault(who, []).extend((task, day) for day in free[task])
    seen = {who.department for who in work if _looked_at(work[who], chosen)}
    every = len(chosen) == len(ws.tasks)
    rows = tuple(_rows(ws, work, homes, None if every else seen))
    return Load(
        workspace=ws,
        today=today,
        capacity=capacity,
        schedule=schedule,
        weeks=weeks,
        rows=rows,
        whole=sum(efforts.values()),
        placed=frozenset(homes),
        guessed=ahead.guessed,
        later=tuple(later),
        tasks=chosen,
        work={who: {at: tuple(found) for at, found in by.items()} for who, by in work.items()},
        weekends={who: tuple(days) for who, days in weekends.items()},
    )


def _looked_at(by_week: Mapping[date, Iterable[Share]], chosen: Collection[int]) -> bool:
    return any(share.task in chosen for shares in by_week.values() for share in shares)


def _homes(ws: Workspace, efforts: Mapping[int, float]) -> dict[int, int]:
    """Return for people without a department the one that most of their work is for."""
    found: dict[int, dict[int, float]] = {}
    for key, days in efforts.items():
        task = ws.tasks[key]
        person = ws.people.get(task.assignee or 0)
        if person is not None and person.department is None and task.department is not None:
            lanes = found.setdefault(person.id, {})
            lanes[task.department] = lanes.get(task.department, 0.0) + days
    return {
        person: max(lanes, key=lambda lane: (lanes[lane], -lane)) for person, lanes in found.items()
    }


def _who(ws: Workspace, task: Task, homes: Mapping[int, int]) -> Who:
    person = ws.people.get(task.assignee or 0)
    if person is None:
        return Who(task.department or 0)
    return Who(person.department or homes.get(person.id, 0), person.id)


def _rows(
    ws: Workspace,
    work: Mapping[Who, object],
    homes: Mapping[int, int],
    only: Collection[int] | None,
) -> Iterator[Who]:
    """Walk over departments in the order of the board, each with its people; at last none."""
    people: dict[int, set[int]] = {}
    for person in ws.people.values():
        people.setdefault(person.department or homes.get(person.id, 0), set()).add(person.id)
    lanes = sorted(
        ws.departments.values(), key=lambda lane: (lane.order, collation_key(lane.name), lane.id)
    )
    for lane in (*(lane.id for lane in lanes), 0):
        mine = sorted(
            people.get(lane, ()),
            key=lambda key: (collation_key(ws.people[key].login or ws.people[key].name), key),
        )
        # Whoever belongs to no department and has nothing to do is no matter of load.
        mine = [key for key in mine if lane or Who(0, key) in work]
        if (only is None or lane in only) and (mine or Who(lane) in work or (lane and not only)):
            yield Who(lane, whole=True)
            yield from (Who(lane, person) for person in mine)
            if Who(lane) in work:
                yield Who(lane)


def _weeks(schedule: Schedule, today: date, days: Iterable[date]) -> tuple[date, ...]:
    """Return the Mondays from today's week to the end of the plan, or the last of some days."""
    first = monday_of(min(today, schedule.plan.start))
    end = max((schedule.plan.finish_date(schedule.length), *days))
    count = min((end - first).days // 7 + 1, MOST_WEEKS)
    return tuple(first + at * _WEEK for at in range(count))


def _edges(ahead: Plan, weeks: tuple[date, ...]) -> Iterator[int]:
    """Walk over how many working days of the plan there are before each week, and behind all."""
    # Added up week by week: to count each from the start would take years of holidays each time.
    at, before = 0, ahead.start - _DAY
    for last in (*(week - _DAY for week in weeks), sunday_of(weeks[-1])):
        if last > before:
            at += ahead.calendar.working_days_between(before, last)
            before = last
        yield at


def _spread(
    step: Step, start: float, finish: float, edges: list[int]
) -> Iterator[tuple[int, float]]:
    """Walk over the weeks from start to finish, by their places, and the part of the work in each.

    The parts are as the days on which somebody works; what takes no time is all on its day.
    """
    found: list[tuple[int, float]] = []
    at = max(bisect_right(edges, start + CLOSE) - 1, 0)
    while at < len(edges) - 1 and edges[at] < finish - CLOSE:
        days = _worked(step, max(start, edges[at]), min(finish, edges[at + 1]))
        if days > 0:
            found.append((at, days))
        at += 1
    total = sum(days for _at, days in found)
    if total <= CLOSE:
        day = last_day(finish)
        yield min(bisect_right(edges, day) - 1, len(edges) - 2), 1.0
        return
    for at, days in found:
        yield at, days / total


def _worked(step: Step, start: float, end: float) -> float:
    """Return the days between two moments, less those on which nobody works on a task."""
    off = step.off
    if not off or end <= start:
        return end - start
    first = max(bisect_right(off, start) - 1, 0)
    days = end - start
    for day in off[first : bisect_right(off, end)]:
        days -= max(min(end, day + 1.0) - max(start, float(day)), 0.0)
    return days


def free_days(calendar: Calendar, task: Task, step: Step, today: date) -> Iterator[date]:
    """Walk over the weekend days and public holidays from `today` on that a task is set to fall on.

    It is where its due date is such a day, or the one before which it cannot begin: then on this
    and the free days next to it, within the two dates and no more of them than it takes days.
    """
    most = max(ceil(step.left(step.likely) - CLOSE), 1) if step.open else 1
    first, last = task.not_before, task.due

    def free(day: date) -> bool:
        return day.weekday() >= _WORKING_DAYS or bool(calendar.holiday_name(day))

    found: set[date] = set()
    if last is not None and free(last):
        # As numbers: so many days before or after there may be no date any more.
        begin = first.toordinal() if first is not None else last.toordinal() - (most - 1)
        day = last
        while day.toordinal() >= begin and free(day):
            found.add(day)
            day -= _DAY
    if first is not None and free(first):
        end = last.toordinal() if last is not None else first.toordinal() + (most - 1)
        day = first
        while day.toordinal() <= end and free(day):
            found.add(day)
            day += _DAY
    yield from sorted(day for day in found if day >= today)


class Moved(msgspec.Struct, frozen=True):
    """What a task does to others that begins no earlier than on a day.

    `shifted` are the tasks whose planned days move, with their first and last ones before and
    after; `ends` the projects that end on another day. `after` is the load then.
    """

    not_before: date
    shifted: tuple[tuple[int, tuple[date, date], tuple[date, date]], ...]
    ends: tuple[tuple[int, date, date], ...]
    after: Load


def moved(
    load: Load, now: Now, task: int, move: WeekMove, back_up: Iterable[tuple[int, date]]
) -> Moved:
    """Return what it does to a plan if a task begins no earlier than in another week."""
    ws = load.workspace.apply(
        commands.edit_task(load.workspace, now, task=task, not_before=move.not_before)
    )
    after = read(
        ws, load.today, capacity=load.capacity, back_up=back_up, tasks=load.tasks & ws.tasks.keys()
    )
    one, two = load.schedule, after.schedule
    shifted = tuple(
        (key, one.days(key), two.days(key))
        for key in one.tasks
        if key in two.tasks
        and abs(one.tasks[key].early_start - two.tasks[key].early_start)
        + abs(one.tasks[key].early_finish - two.tasks[key].early_finish)
        > CLOSE
    )
    ends = tuple(
        (project, one.plan.finish_date(before), two.plan.finish_date(two.lengths[project]))
        for project, before in one.lengths.items()
        if project in two.lengths and abs(before - two.lengths[project]) > CLOSE
    )
    return Moved(move.not_before, shifted, ends, after)
