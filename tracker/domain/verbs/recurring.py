"""How a task that repeats returns once it is done: as a task of its own, at its next date."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from tracker.domain.draft import Draft, Now
from tracker.domain.model import Task
from tracker.domain.periods import add_period, is_period
from tracker.domain.sentence import Sentence, dated, sentence

# From here on a day is missing in some month.
_MISSING = 29


def come_back(draft: Draft, done: Task, now: Now) -> Task | None:
    """Put the next of a repeating task that is done into a draft; None if it does not repeat.

    The next one takes the repetition with it, so that a task done twice returns once. It has the
    fields of the one before, but neither its arrows nor what happened to it.
    """
    period = done.recurrence
    if not is_period(period):
        return None
    planned = done.due or done.not_before
    try:
        day, period = _next_day(planned, period, now.today)
    except (ValueError, OverflowError):  # beyond the end of the calendar
        return None
    due: date | None = day
    not_before = done.not_before
    if done.not_before and done.due:
        not_before = day - (done.due - done.not_before)
    elif done.not_before:
        due, not_before = None, day
    fields = {name: getattr(done, name) for name in done.__struct_fields__ if name not in _ANEW}
    draft.put(replace(done, recurrence=""))
    return draft.new(
        Task,
        **fields,
        due=due,
        not_before=not_before,
        recurrence=period,
        checklist=tuple(replace(item, done=False) for item in done.checklist),
        created=now.at,
        modified=now.at,
    )


# What belongs to one time only, or is said of the next one in its own way.
_ANEW = frozenset(
    (
        *("id", "state", "spent", "progress", "follow_up", "waiting_for", "passes", "checklist"),
        *("due", "not_before", "recurrence", "created", "modified"),
    )
)


def _next_day(planned: date | None, period: str, today: date) -> tuple[date, str]:
    """Return when a task comes next, and how it goes on repeating.

    Dates that have passed meanwhile are left out. Where a month is too short for its day, the
    day is kept for the months that are not.
    """
    if planned is None or period.startswith("after "):
        return add_period(today, period), period
    day = add_period(planned, period)
    if period[-1] in "my" and planned.day >= _MISSING and day.day != planned.day:
        period = f"{period} on {planned.day}"
    while day <= today:
        day = add_period(day, period)
    return day, period


def repeat_label(said: Sentence, following: Task | None) -> Sentence:
    """Return the label of a change that brought a task back: what it says, and when that is."""
    if following is None:
        return said
    day = following.due or following.not_before
    return sentence(
        "{done}; repeats as {id}, {day}",
        done=said,
        id=following.id,
        day=dated(day) if day else "",
    )
