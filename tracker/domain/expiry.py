"""What ends on a day, such as a certificate or a contract, and when that has to be seen to."""

from __future__ import annotations

from datetime import date

from tracker.domain.calendar import day_of
from tracker.domain.model import Task
from tracker.domain.periods import before, is_span

# A certificate is ordered, and notice of a contract given, some weeks before it ends.
ASSUMED_AHEAD = "1m"


def comes_back(task: Task) -> date | None:
    """Return the day from which on it has to be seen to that something ends; None if none does."""
    if task.expires is None:
        return None
    return before(task.expires, task.ahead if is_span(task.ahead) else ASSUMED_AHEAD)


def expiring(task: Task, today: date) -> bool:
    """Return whether what a task is about has ended, or ends so soon that it has come back."""
    day = comes_back(task)
    return day is not None and day <= today and task.state != "dropped"


def to_renew(task: Task, today: date) -> bool:
    """Return whether a task is done, and what it is about is to be renewed."""
    return task.state == "done" and expiring(task, today) and renewed_on(task) is None


def renewed_on(task: Task) -> date | None:
    """Return the day on which a task was done after it had come back: its new end is not known."""
    day, last = comes_back(task), task.passes[-1] if task.passes else None
    if day is None or task.state != "done" or last is None or last.ended is None:
        return None
    ended = day_of(last.ended)
    return ended if ended >= day else None
