"""What the tasks of a list say together: figures that mean something else, and doubtful values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median_low

from tracker.domain.calendar import Calendar
from tracker.domain.draft import alike, ids_by_name
from tracker.domain.model import Department
from tracker.domain.sentence import dated, sentence
from tracker.domain.workspace import Workspace
from tracker.exchange.row_reading import DAYS
from tracker.exchange.source import Source, SourceTask

# A date so far from the others of its list is hardly meant.
_FAR = timedelta(days=5 * 365)
# So long a span of days shows whether its weekends were counted.
_TELLING = 6
_HOURS = 8
# So many efforts of eight times a duration are no chance.
_FEWEST_HOURS = 2
_LISTED = 20


def count_working_days(source: Source, heading: int, ws: Workspace) -> None:
    """Turn durations that count every day from start to end into working days of `ws`."""
    spans = [
        (task, start, end)
        for task in source.tasks
        if (start := task.fields.get("not_before"))
        and (end := task.fields.get("due"))
        and start <= end
        and task.fields.get("low") == task.fields.get("likely") == task.fields.get("high")
        and task.fields.get("likely")
    ]
    telling = [
        task.fields["likely"] - (end - start).days
        for task, start, end in spans
        if (end - start).days >= _TELLING
    ]
    if not telling or not all(more in (0, 1) for more in telling):
        return
    lanes = ids_by_name(ws.table(Department).values())
    calendars = {id: Calendar.of(ws, department=id) for id in (None, *lanes.values())}
    for task, start, end in spans:
        if task.fields["likely"] - (end - start).days in (0, 1):
            calendar = calendars[lanes.get(alike(task.fields.get("department") or ""))]
            worked = float(calendar.working_days_between(start - timedelta(1), end))
            task.fields.update(low=worked, likely=worked, high=worked)
    why = sentence(
        "The durations count every day from start to end; they were converted to working"
        " days, with the days off of this workspace (region {region}).",
        region=calendars[None].region or "–",
    )
    source.warn(heading, _heads(source, "estimate", "likely"), "", why)


def count_hours(source: Source, heading: int) -> None:
    """Turn efforts into days that are hours: eight times their duration, task by task."""
    pairs = [
        (fields, effort / likely)
        for fields in (task.fields for task in source.tasks)
        if (effort := fields.get("effort")) and (likely := fields.get("likely"))
    ]
    if len(pairs) < _FEWEST_HOURS or any(times != _HOURS for _, times in pairs):
        return
    for fields in (task.fields for task in source.tasks):
        for name in ("effort", "spent"):
            if name in fields:
                fields[name] /= _HOURS
    why = sentence("These numbers are eight times the durations; read as hours.")
    source.warn(heading, _heads(source, "effort", "spent"), "", why)


def question_titles(source: Source) -> None:
    """Report tasks of the same title: one could be the other."""
    rows: dict[str, list[SourceTask]] = {}
    for task in source.tasks:
        rows.setdefault(task.fields["title"].casefold(), []).append(task)
    for first, *others in rows.values():
        if others:
            numbers = [task.row for task in (first, *others)]
            why = sentence("Rows {rows} have the same title; each is a task.", rows=some(numbers))
            source.warn(numbers[1], _heads(source, "title"), first.fields["title"], why)


def question_dates(source: Source, today: date) -> None:
    """Report dates that are years away from the others."""
    found = [
        (task.row, column.head, task.fields[column.field])
        for column in source.columns.values()
        for task in source.tasks
        if column.field in DAYS and column.field in task.fields
    ]
    usual = date.fromordinal(
        median_low([today.toordinal(), *(day.toordinal() for _, _, day in found)])
    )
    for row, head, day in found:
        if abs(day - usual) > _FAR:
            why = sentence("This date is years away from the others; is the year correct?")
            source.warn(row, head, day.isoformat(), why)


def question_order(source: Source) -> None:
    """Report tasks that are due before they may start."""
    heads = _heads(source, "not_before", "due")
    for task in source.tasks:
        start, due = task.fields.get("not_before"), task.fields.get("due")
        if start and due and due < start:
            why = sentence(
                "Due on {due}, before the start on {start}; both were imported.",
                due=dated(due),
                start=dated(start),
            )
            source.warn(task.row, heads, "", why)


def some(numbers: Sequence[int]) -> str:
    """Return numbers with commas between; of many the first."""
    more = ", …" if len(numbers) > _LISTED else ""
    return ", ".join(map(str, numbers[:_LISTED])) + more


def _heads(source: Source, *fields: str) -> str:
    """Return the heads of the columns for some fields."""
    return ", ".join(column.head for column in source.columns.values() if column.field in fields)
