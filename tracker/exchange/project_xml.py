"""A plan as XML for Microsoft Project (MSPDI), with the days and the calendar of ours.

Microsoft, "Project XML Data Interchange Schema Reference"; elements stand in the order of its
schema of 2007. Durations and work are hours of working time, lags tenths of a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.sax.saxutils import escape

from tracker.domain.model import Baseline, Link, Priority, Task
from tracker.domain.sentence import here, sentence
from tracker.exchange.cell_values import items, joined_items
from tracker.exchange.handout import Handout, lines_of, one_line
from tracker.exchange.plan_clock import (
    AFTERNOON,
    EVENING,
    MINUTES,
    MORNING,
    NOON,
    Clock,
    days_worked,
)
from tracker.exchange.project_columns import COLUMNS, ProjectColumn
from tracker.exchange.task_cells import TaskCells
from tracker.exchange.xml_elements import elements, hours, wrapped

if TYPE_CHECKING:
    from tracker.flow.timeline.timeline import Timeline

CARRIES = frozenset(
    (
        *("id", "title", "project", "phase", "department", "assignee", "requester", "watchers"),
        *("state", "priority", "low", "likely", "high", "effort", "spent", "progress", "after"),
        *("returns_to", "due", "not_before", "follow_up", "waiting_for", "tags", "systems"),
        *("recurrence", "expires", "ahead", "checklist", "notes", "passes", "created"),
        *("needs.lag", "returns.rate", "returns.share", "returns.limit", "returns.redo"),
        *("returns.learning", "returns.escalation", "returns.observed", "baselines"),
    )
)
# What the file says of who wrote it; a plan that comes back is known by it.
AUTHOR = "tracker"
PRIORITIES: Mapping[Priority, int] = {"low": 300, "medium": 500, "high": 700, "critical": 900}
LINK_TYPES: Mapping[str, int] = {"FF": 0, "FS": 1, "SF": 2, "SS": 3}
# Work that nobody is assigned to.
NOBODY = -65535
MOST_BASELINES = 11
# Nobody works on a task with more of themselves, however short it is.
_MOST_UNITS = 1e6
_TENTHS = 10 * MINUTES
_LONGEST_NAME, _LONGEST_TEXT = 512, 255
_DAYS, _CALENDAR_DAYS, _PER_CENT, _GUESSED_DAYS = 7, 8, 19, 39
_WORKED = "<WorkingTimes>{}</WorkingTimes>".format(
    "".join(
        f"<WorkingTime><FromTime>{since}</FromTime><ToTime>{until}</ToTime></WorkingTime>"
        for since, until in ((MORNING, NOON), (AFTERNOON, EVENING))
    )
)


class _Row(NamedTuple):
    """A row of the plan: a task, or the `name` that sums up those below it."""

    level: int
    number: str
    task: Task | None = None
    name: str = ""


def write(out: Handout) -> bytes:
    """Return the plan; raises BadInput where the calendar has no working days."""
    from tracker.flow.timeline import timeline

    # What is left of a task waits for others, whether these are shown or not.
    return _Writer(out, timeline.read(out.whole, out.today)).plan()


class _Writer:
    def __init__(self, out: Handout, plan: Timeline) -> None:
        self._out, self._ws, self._plan = out, out.ws, plan
        tasks = self._ws.tasks
        clock = Clock(out, plan)
        self._start = clock.start
        self._days = {task.id: clock.days(task) for task in out.walk()}
        cells = TaskCells(self._ws, out.german, text=_line)
        written = [(column, cells.writer(column.field)) for column in COLUMNS]
        self._cells = [
            (column, found)
            for column, write in written
            if (
                found := {
                    key: text
                    for key, task in tasks.items()
                    if (text := write(task)) and not self._says_so(column, task)
                }
            )
        ]
        self._baselines = self._taken()

    def _says_so(self, column: ProjectColumn, task: Task) -> bool:
        """Return whether the duration of a task says the same as a column."""
        return column.field.name == "likely" and self._days[task.id].length == task.likely

    def plan(self) -> bytes:
        """Return the whole file."""
        ends = [days.finish for days in self._days.values()]
        finish = max(ends, default=datetime.combine(self._start, EVENING))
        parts = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n',
            '<Project xmlns="http://schemas.microsoft.com/project"><SaveVersion>12</SaveVersion>',
            *self._head(finish),
            wrapped("ExtendedAttributes", (self._column(each) for each, _ in self._cells)),
            self._calendar(finish.date()),
            wrapped("Tasks", self._tasks()),
            wrapped("Resources", self._people()),
            wrapped("Assignments", self._assignments()),
            "</Project>\n",
        )
        return "".join(parts).encode()

    def _head(self, finish: datetime) -> Iterator[str]:
        written = datetime.combine(self._out.today, NOON)
        yield elements(
            Title=self._name(self._out.name),
            Author=AUTHOR,
            CreationDate=written,
            LastSaved=written,
            ScheduleFromStart=1,
            StartDate=datetime.combine(self._start, MORNING),
            FinishDate=finish,
            CurrencyCode=one_line(self._ws.preferences.currency),
            CalendarUID=1,
            DefaultStartTime=MORNING,
            DefaultFinishTime=EVENING,
            MinutesPerDay=MINUTES,
            MinutesPerWeek=5 * MINUTES,
            DaysPerMonth=20,
            DurationFormat=_DAYS,
            WorkFormat=3,
            StatusDate=written,
        )

    def _column(self, column: ProjectColumn) -> str:
        alias = column.alias(self._out.german)
        form = elements(FieldID=column.number, FieldName=column.name, Alias=alias)
        return f"<ExtendedAttribute>{form}</ExtendedAttribute>"

    def _calendar(self, last: date) -> str:
        week = "".join(
            f"<WeekDay><DayType>{day}</DayType><DayWorking>{int(works)}</DayWorking>"
            f"{_WORKED if works else ''}</WeekDay>"
            for day in range(1, 8)
            for works in (1 < day < 7,)
        )
        calendar, language = self._plan.calendar, self._out.language
        free = wrapped(
            "Exceptions",
            (
                _exception(day, _line(calendar.holiday_name(day, language)))
                for day in calendar.free_weekdays(self._start, last)
            ),
        )
        head = elements(UID=1, Name="Standard", IsBaseCalendar=1, BaseCalendarUID=-1)
        calendars = f"<Calendar>{head}<WeekDays>{week}</WeekDays>{free}</Calendar>"
        return f"<Calendars>{calendars}</Calendars>"

    # --- tasks ---------------------------------------------------------------------------------

    def _rows(self) -> Iterator[_Row]:
        """Walk over the rows: below those of several projects, and in these of their phases."""
        ws, tasks = self._ws, [*self._ws.tasks.values()]
        several = len({task.project for task in tasks}) > 1
        names = {key: self._name(project.name) for key, project in ws.projects.items()}
        top = _numbers("")
        for project, below in _by(tasks, lambda task: names.get(task.project, "") * several):
            level, numbers = 1, top
            if project:
                number = next(top)
                yield _Row(1, number, name=project)
                level, numbers = 2, _numbers(f"{number}.")
            for phase, parts in _by(below, lambda task: self._name(task.phase)):
                if not phase:
                    yield from (_Row(level, next(numbers), task) for task in parts)
                    continue
                number = next(numbers)
                yield _Row(level, number, name=phase)
                deeper = _numbers(f"{number}.")
                yield from (_Row(level + 1, next(deeper), task) for task in parts)

    def _tasks(self) -> Iterator[str]:
        rows, free = [*self._rows()], max(self._ws.tasks, default=0)
        for at, row in enumerate(rows, 1):
            if row.task:
                yield f"<Task>{''.join(self._task(row.task, row, at))}</Task>"
                continue
            free += 1
            below = [self._days[task.id] for task in _below(rows, at, row.level)]
            start, finish = min(d.start for d in below), max(d.finish for d in below)
            length = days_worked(self._plan.calendar, start.date(), finish.date())
            form = elements(
                UID=free,
                ID=at,
                Name=row.name,
                Active=1,
                Manual=0,
                IsNull=0,
                OutlineNumber=row.number,
                OutlineLevel=row.level,
                Start=start,
                Finish=finish,
                Duration=_hours(length),
                DurationFormat=_DAYS,
                Summary=1,
            )
            yield f"<Task>{form}</Task>"

    def _task(self, task: Task, row: _Row, at: int) -> Iterator[str]:
        days = self._days[task.id]
        if task.likely is None and (task.low is not None or task.high is not None):
            self._out.tell("likely", sentence("Without a likely duration, with that of the plan"))
        if task.passes:
            self._out.tell("passes", sentence("Passes as one, in whole days"))
        yield elements(
            UID=task.id,
            ID=at,
            Name=self._title(task),
            Active=int(task.state != "dropped"),
            Manual=0,
            Type=1,
            IsNull=0,
            CreateDate=task.created and here(task.created).replace(tzinfo=None),
            OutlineNumber=row.number,
            OutlineLevel=row.level,
            Priority=PRIORITIES[task.priority],
            Start=days.start,
            Finish=days.finish,
            Duration=_hours(days.length),
            DurationFormat=_GUESSED_DAYS if days.guessed else _DAYS,
            Work=None if task.effort is None else _hours(task.effort),
            EffortDriven=0,
            Estimated=int(days.guessed),
            Milestone=int(task.milestone),
            Summary=0,
            PercentComplete=self._percent(task),
            ActualStart=days.began and datetime.combine(days.began, MORNING),
            ActualFinish=days.ended and datetime.combine(days.ended, EVENING),
            ActualWork=None if task.spent is None else _hours(task.spent),
            ConstraintType=4 if task.not_before else 0,
            ConstraintDate=task.not_before and datetime.combine(task.not_before, MORNING),
            Deadline=task.due and datetime.combine(task.due, EVENING),
            Notes=self._notes(task),
        )
        for link in self._ws.arrows_in.get(task.id, ()):
            if link.kind == "needs":
                yield _link(link)
        yield from self._values(task)
        for number, baseline in self._baselines.items():
            if found := baseline.get(task.id):
                yield f"<Baseline>{elements(Number=number)}{found}</Baseline>"

    def _title(self, task: Task) -> str:
        title = _line(task.title)
        if len(title) <= _LONGEST_NAME:
            return title
        what = sentence("Title shortened to {most} characters, whole in the notes", most=512)
        self._out.tell("title", what)
        return title[: _LONGEST_NAME - 1] + "…"

    def _notes(self, task: Task) -> str:
        title = _line(task.title)
        marks = [f"[{'x' if item.done else ' '}] {_line(item.text)}" for item in task.checklist]
        if marks:
            self._out.tell("checklist", sentence("Checklist as lines of the notes"))
        whole = title if len(title) > _LONGEST_NAME else ""
        return "\n".join(filter(None, (whole, lines_of(task.notes), *marks)))

    def _percent(self, task: Task) -> int:
        if task.state in ("done", "recheck"):
            if task.progress is not None:
                self._out.tell("progress", sentence("Progress of what is done as 100 %"))
            return 100
        # All of it would be done there.
        percent = min(round(task.progress or 0), 99)
        if task.progress is not None and task.progress != percent:
            self._out.tell("rounded", sentence("Progress as a whole percentage below 100"))
        return percent

    def _values(self, task: Task) -> Iterator[str]:
        for column, texts in self._cells:
            if task.id not in texts:
                continue
            value, more = texts[task.id], ""
            match column.field.kind:
                case "day" | "last day":
                    value = f"{value}T08:00:00"
                case "days":
                    value = _hours(getattr(task, column.field.name))
                    more = f"<DurationFormat>{_DAYS}</DurationFormat>"
                case _:
                    value = escape(self._fitting(column, value))
            yield (
                f"<ExtendedAttribute><FieldID>{column.number}</FieldID><Value>{value}</Value>{more}"
                "</ExtendedAttribute>"
            )

    def _fitting(self, column: ProjectColumn, text: str) -> str:
        """Return as much of a text as a column holds; of a list whole parts of it."""
        if len(text) <= _LONGEST_TEXT:
            return text
        what = sentence("Long text shortened to {most} characters", most=_LONGEST_TEXT)
        self._out.tell("shortened", what)
        if column.field.kind not in ("names", "tags", "returns"):
            return text[: _LONGEST_TEXT - 1] + "…"
        parts = text.split("; ") if column.field.kind == "returns" else items(text, ";")
        joined = "; ".join if column.field.kind == "returns" else joined_items
        while parts and len(joined(parts)) > _LONGEST_TEXT:
            parts.pop()
        return joined(parts)

    def _name(self, name: str) -> str:
        line = _line(name)
        return line if len(line) <= _LONGEST_NAME else self._out.short(line, _LONGEST_NAME)

    # --- people --------------------------------------------------------------------------------

    def _people(self) -> Iterator[str]:
        ws = self._ws
        for at, person in enumerate(self._assigned(), 1):
            lane = ws.departments.get(person.department or 0)
            form = elements(
                UID=person.id,
                ID=at,
                Name=self._name(person.name or person.login),
                Type=1,
                IsNull=0,
                Initials=self._name(person.login),
                Group=self._name(lane.name) if lane else None,
                MaxUnits=f"{person.capacity / 5:.15g}",
            )
            yield f"<Resource>{form}</Resource>"

    def _assigned(self) -> list[Any]:
        keys = {task.assignee: None for task in self._ws.tasks.values() if task.assignee}
        return [self._ws.people[key] for key in keys]

    def _assignments(self) -> Iterator[str]:
        for at, task in enumerate(self._ws.tasks.values(), 1):
            if not (task.assignee or task.effort or task.spent):
                continue
            length = self._days[task.id].length
            work = length if task.effort is None else task.effort
            form = elements(
                UID=at,
                TaskUID=task.id,
                ResourceUID=task.assignee or NOBODY,
                ActualWork=None if task.spent is None else _hours(task.spent),
                Units=f"{min(work / length, _MOST_UNITS) if length and work else 1:.6g}",
                Work=_hours(work),
            )
            yield f"<Assignment>{form}</Assignment>"

    # --- baselines -----------------------------------------------------------------------------

    def _taken(self) -> dict[int, dict[int, str]]:
        """Return what the newest baselines say of tasks, by their numbers there: 0 is the last."""
        newest = sorted(self._ws.baselines.values(), key=lambda each: each.taken, reverse=True)
        if newest:
            what = sentence("Baselines as numbers, with start and finish alone")
            self._out.tell("baselines", what, len(newest))
        if len(newest) > MOST_BASELINES:
            what = sentence("Older baselines left out, beyond {most}", most=MOST_BASELINES)
            self._out.tell("older_baselines", what, len(newest) - MOST_BASELINES)
        return {at: _planned(each) for at, each in enumerate(newest[:MOST_BASELINES])}


def _below(rows: list[_Row], at: int, level: int) -> Iterator[Task]:
    """Walk over the tasks from a place on as long as they lie deeper than a level."""
    for row in islice(rows, at, None):
        if row.level <= level:
            return
        if row.task:
            yield row.task


def _planned(baseline: Baseline) -> dict[int, str]:
    return {
        row.id: elements(
            Start=row.start and datetime.combine(row.start, MORNING),
            Finish=row.finish and datetime.combine(row.finish, EVENING),
        )
        for row in baseline.plan
        if row.start or row.finish
    }


def _link(link: Link) -> str:
    """Return a predecessor; as the kind of link it was read from, while nobody has changed it."""
    kind, lag, shown = "FS", round(link.lag * _TENTHS), _DAYS
    origin = link.extra.get("relation")
    if isinstance(origin, dict) and origin.get("as") == link.lag:
        kind = origin.get("type", "FS")
        given, unit = origin.get("lag", 0.0), origin.get("unit")
        lag = round(given * _TENTHS)
        if unit == "share":
            lag, shown = round(given * 100), _PER_CENT
        elif unit == "elapsed":
            lag, shown = round(given * 14400), _CALENDAR_DAYS
    form = elements(
        PredecessorUID=link.source,
        Type=LINK_TYPES.get(kind, 1),
        CrossProject=0,
        LinkLag=lag,
        LagFormat=shown,
    )
    return f"<PredecessorLink>{form}</PredecessorLink>"


def _exception(day: date, name: str) -> str:
    span = elements(
        FromDate=datetime.combine(day, time()), ToDate=datetime.combine(day, time(23, 59))
    )
    form = elements(Occurrences=1, Name=name, Type=1, DayWorking=0)
    return (
        f"<Exception><EnteredByOccurrences>0</EnteredByOccurrences><TimePeriod>{span}</TimePeriod>"
        f"{form}</Exception>"
    )


def _by(tasks: Iterable[Task], key: Any) -> Iterator[tuple[Any, list[Task]]]:
    """Walk over tasks that have something in common, in the order in which it comes up."""
    found: dict[Any, list[Task]] = {}
    for task in tasks:
        found.setdefault(key(task), []).append(task)
    yield from found.items()


def _numbers(above: str) -> Iterator[str]:
    at = 0
    while True:
        at += 1
        yield f"{above}{at}"


def _hours(days: float) -> str:
    return hours(days, MINUTES)


def _line(text: str) -> str:
    """Return a text as one line, its blanks as they are."""
    return " ".join(lines_of(text).split("\n")).strip()
