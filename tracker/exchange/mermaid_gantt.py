"""A plan as a Gantt chart for Mermaid: the days worked, and those planned for what is left.

The language: https://mermaid.js.org/syntax/gantt.html. Ends are exclusive there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracker.domain.model import Task
from tracker.domain.sentence import sentence
from tracker.exchange.handout import Handout, day_behind
from tracker.exchange.labels import by_department
from tracker.exchange.mermaid_flow import LONGEST, bounded, escaped

if TYPE_CHECKING:
    from tracker.flow.timeline.timeline import Stretch, Timeline

CARRIES = frozenset(
    ("id", "title", "department", "project", "state", "likely", "not_before", "passes")
)


def write(out: Handout) -> bytes:
    """Return the chart of the tasks whose days are known; those of the others are told.

    Raises Refused where Mermaid would not draw it, BadInput where the calendar has no working days.
    """
    from tracker.flow.timeline import timeline

    # What is left of a task waits for others, whether these are shown or not.
    plan = timeline.read(out.whole, out.today)
    return bounded("\n".join(_lines(out, plan)))


def _lines(out: Handout, plan: Timeline) -> Iterator[str]:
    yield "gantt"
    if out.name:
        yield f"  title {_inert(out.short(out.name, LONGEST))}"
    yield "  dateFormat YYYY-MM-DD"
    days = {task.id: days for task in out.walk() if (days := _days(out, plan, task))}
    if days:
        first, last = (
            min(first for first, _ in days.values()),
            max(last for _, last in days.values()),
        )
        off = (day.isoformat() for day in plan.calendar.free_weekdays(first, last))
        yield f"  excludes {', '.join(('weekends', *off))}"
    for department, tasks in by_department(out.ws):
        dated = [task for task in tasks if task.id in days]
        if dated:
            name = out.short(department.name, LONGEST) if department else ""
            yield f"  section {_inert(name) or '–'}"
        for task in dated:
            yield _bar(out, plan.bar(task.id).critical, task, days[task.id])
    yield ""


def _days(out: Handout, plan: Timeline, task: Task) -> Stretch | None:
    """Return the first and the last day of a task; None, and told, where it has no place."""
    bar = plan.bar(task.id)
    if task.state == "dropped":
        out.tell("dropped", sentence("Dropped task left out"))
        return None
    if bar.first is None or bar.last is None:
        out.tell("undated", sentence("Finished task without dates left out"))
        return None
    if bar.guessed:
        out.tell("guessed", sentence("Without an estimate, taken for one day"))
    if len(bar.worked) > 1:
        out.tell("rested", sentence("Breaks in the work are not shown"))
    if task.state == "waiting":
        out.tell("waiting", sentence("Waiting shown like to do"))
    if task.state == "recheck":
        out.tell("recheck", sentence("Recheck shown like in progress"))
    return bar.first, bar.last


def _bar(out: Handout, critical: bool, task: Task, days: Stretch) -> str:
    flags = {
        "milestone": task.milestone,
        "done": task.state == "done",
        "active": task.state in ("doing", "recheck"),
        "crit": critical,
    }
    end = "0d" if task.milestone else day_behind(days[1]).isoformat()
    title = _inert(f"{task.id} {out.short(task.title, LONGEST)}")
    words = (*(flag for flag, on in flags.items() if on), f"t{task.id}", days[0].isoformat(), end)
    return f"  {title} :{', '.join(words)}"


def _inert(text: str) -> str:
    """Return a text in which nothing has a meaning; a task begins with its number besides."""
    return escaped(text, '#:;<>&%"')
