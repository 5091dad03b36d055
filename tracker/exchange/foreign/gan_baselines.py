"""The baselines of a plan in GanttProject, which it keeps as its tasks were at some time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from xml.etree.ElementTree import Element

from tracker.domain.model import Baseline, PlannedTask
from tracker.exchange.foreign.gan_calendar import GanCalendar, day_in, number_in
from tracker.exchange.source import harmless


def baselines(root: Element, calendar: GanCalendar, today: date) -> list[Baseline]:
    """Return the baselines with the days of their tasks, by the numbers of these in the file."""
    found: list[Baseline] = []
    for at, each in enumerate(root.iterfind("previous/previous-tasks"), 1):
        name = " ".join(harmless(each.get("name", ""))[0].split()) or f"Baseline {at}"
        taken = datetime.combine(today, time.min).astimezone()
        plan = tuple(_planned(each, calendar))
        found.append(Baseline(id=at, name=name, taken=taken, plan=plan))
    return found


def _planned(each: Element, calendar: GanCalendar) -> Iterator[PlannedTask]:
    for task in each.iterfind("previous-task"):
        key, days = number_in(task.get("id", "")), number_in(task.get("duration", ""))
        start = day_in(task.get("start", ""))
        if key is None or key < 0 or start is None or task.get("super") == "true":
            continue
        length = 0 if task.get("meeting") == "true" else max(days or 0, 0)
        end = calendar.end(start, length)
        finish = start if not length else end and calendar.last_day(end)
        yield PlannedTask(key, start, finish, float(length), None, "todo")
