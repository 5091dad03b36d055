"""When the tasks of a plan begin and end, to the minute, as programs with a clock need to know."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tracker.domain.calendar import Calendar, day_of
from tracker.domain.model import Task
from tracker.domain.sentence import sentence
from tracker.exchange.handout import Handout

if TYPE_CHECKING:
    from tracker.flow.timeline.timeline import Timeline

MINUTES = 480
# In minutes: what adding up leaves of whole days.
_SLIP = 1e-2
MORNING, NOON, AFTERNOON, EVENING = time(8), time(12), time(13), time(17)


class Days(NamedTuple):
    """When a task begins and ends; how long it is in working days, and whether that is guessed.

    It `began` and `ended` on days that are known, or not.
    """

    start: datetime
    finish: datetime
    length: float
    guessed: bool
    began: date | None = None
    ended: date | None = None


class Clock:
    """Tells the days of tasks in a plan of working days from eight to five with an hour's break."""

    def __init__(self, out: Handout, plan: Timeline) -> None:
        self._out, self._plan = out, plan
        begun = [first for task in out.ws.tasks if (first := plan.bar(task).first)]
        self.start = min(begun, default=plan.calendar.add_working_days(out.today, 0))

    def days(self, task: Task) -> Days:
        """Return the days of a task; those of a finished one that nobody knows are told."""
        began, ended = _actual(task)
        guessed = task.likely is None and not task.milestone
        length = 0.0 if task.milestone else task.likely or 0.0
        dates = self._plan.schedule.tasks.get(task.id) if self._plan.dated else None
        if dates is None:
            return self._over(task, 1.0 if guessed else length, guessed)
        if guessed:
            length = dates.early_finish - dates.early_start
        finish = self._moment(dates.early_finish, end=True)
        start = self._moment(dates.early_start)
        if began:
            start = datetime.combine(began, MORNING)
            finish = max(finish, datetime.combine(began, EVENING))
        start = finish if task.milestone else min(start, finish)
        return Days(start, finish, length, guessed, began, ended)

    def _over(self, task: Task, length: float, guessed: bool) -> Days:
        """Return the days of a task on which nothing is planned; one that is over took its days."""
        calendar, (began, ended) = self._plan.calendar, _actual(task)
        more = max(-int(-length // 1) - 1, 0)
        if task.state == "done" and not ended:
            self._out.tell("undated", sentence("Finished task without dates at the start"))
        since = began or (calendar.add_working_days(ended, -more) if ended else self.start)
        until = max(ended or calendar.add_working_days(since, more), since)
        if began and ended and not task.milestone:
            length = max(days_worked(calendar, since, until), 1.0)
        start = datetime.combine(since, MORNING)
        finish = start if task.milestone else datetime.combine(until, EVENING)
        return Days(start, finish, length, guessed, began, ended)

    def _moment(self, days: float, *, end: bool = False) -> datetime:
        """Return when so many working days of the plan are over, or begin to be followed."""
        plan = self._plan.schedule.plan
        day = plan.finish_date(days) if end else plan.start_date(days)
        part = days % 1 * MINUTES
        if min(part, MINUTES - part) < _SLIP:
            return datetime.combine(day, EVENING if end else MORNING)
        minutes = min(max(round(part), 1), MINUTES - 1)
        noon = MINUTES // 2
        later = minutes > noon or (minutes == noon and not end)
        since, minutes = (AFTERNOON, minutes - noon) if later else (MORNING, minutes)
        return datetime.combine(day, since) + timedelta(minutes=minutes)


def days_worked(calendar: Calendar, first: date, last: date) -> float:
    """Return how many working days there are from one day to another, both included."""
    return float(calendar.working_days_between(first, last) + calendar.is_working(first))


def _actual(task: Task) -> tuple[date | None, date | None]:
    """Return when a task that is done began and ended, or since when one is under way."""
    if not task.passes:
        return None, None
    last = task.passes[-1]
    if task.state not in ("done", "recheck"):
        return (day_of(last.started) if last.started and not last.outcome else None), None
    begun = next((day_of(each.started) for each in task.passes if each.started), None)
    return begun, day_of(last.ended) if last.ended and last.accepted else None
