"""How a task that repeats or expires returns: as a task of its own, at its next date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec.structs import replace

from tracker.domain.draft import Draft, Now
from tracker.domain.expiry import expiring, renewed_on
from tracker.domain.model import Task
from tracker.domain.periods import add_period, is_period
from tracker.domain.sentence import Sentence, dated, sentence

# From here on a day is missing in some month.
_MISSING = 29


def come_back(draft: Draft, done: Task, now: Now) -> Task | None:
    """Put the next of a repeating task that is done into a draft; None if it does not repeat.

    The next one takes the repetition with it, so that a task done twice returns once. What was
    done before its end was near returns when that is, and not now.
    """
    period = done.recurrence
    if not is_period(period) or (done.expires and not expiring(done, now.today)):
        return None
    planned = done.due or done.not_before or done.expires
    try:
        day, period = _next_day(planned, period, now.today)
        expires = done.expires and _next_day(done.expires, done.recurrence, now.today)[0]
    except (ValueError, OverflowError):  # beyond the end of the calendar
        return None
    due: date | None = day
    not_before = done.not_before
    if done.not_before and done.due:
        not_before = day - (done.due - done.not_before)
    elif done.not_before:
        due, not_before = None, day
    return _again(
        draft, done, now, due=due, not_before=not_before, recurrence=period, expires=expires
    )


def renew(draft: Draft, done: Task, now: Now, given: Mapping[str, Any]) -> Task:
    """Put the task that renews what was done, and ends now, into a draft.

    It is due when that ends, where nothing else is `given`.
    """
    usual = {"due": done.expires, "recurrence": done.recurrence, "expires": done.expires}
    return _again(draft, done, now, **{**usual, **given})


def _again(draft: Draft, done: Task, now: Now, **fields: Any) -> Task:
    """Put a task with the fields of one that is done into a draft, but for the `fields` given.

    It has neither the arrows of the other nor what happened to it, which returns no more.
    """
    kept = {name: getattr(done, name) for name in done.__struct_fields__ if name not in _ANEW}
    draft.put(replace(done, recurrence="", expires=None, ahead=""))
    checklist = tuple(replace(item, done=False) for item in done.checklist)
    return draft.new(
        Task, **{**kept, "checklist": checklist, **fields}, created=now.at, modified=now.at
    )


# What belongs to one time only, or is said of the next one in its own way.
_ANEW = frozenset(
    (
        *("id", "state", "spent", "progress", "follow_up", "waiting_for", "passes", "checklist"),
        *("due", "not_before", "recurrence", "expires", "created", "modified"),
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


def return_label(said: Sentence, old: Task, new: Task, following: Task | None) -> Sentence:
    """Return the label of a change of a task: what it says, and as what and when that returns."""
    if following is None:
        if old.state != "done" and renewed_on(new):
            return sentence("{done}; enter until when it is valid now", done=said)
        return said
    if following.expires and old.state == "done":
        return sentence(
            "To be renewed: {task}, expires {day}",
            task=f"{following.id} {following.title}",
            day=dated(following.expires),
        )
    day = following.due or following.not_before
    return sentence(
        "{done}; repeats as {id}, {day}",
        done=said,
        id=following.id,
        day=dated(day) if day else "",
    )
