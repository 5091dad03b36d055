"""Constraints and priorities as Microsoft Project has them, as what a task has here."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from tracker.domain.calendar import Calendar
from tracker.domain.errors import BadInput
from tracker.domain.model import Priority
from tracker.domain.sentence import Sentence, dated, sentence
from tracker.domain.typing.vocabulary import Meanings

# By their numbers in MSPDI (ConstraintType of the schema mspdi_pj12); as they are called in
# tables of English and German versions.
CONSTRAINTS = Meanings(
    {
        "0": "As Soon As Possible, So früh wie möglich",
        "1": "As Late As Possible, So spät wie möglich",
        "2": "Must Start On, Muss anfangen am",
        "3": "Must Finish On, Muss enden am",
        "4": "Start No Earlier Than, Anfang nicht früher als",
        "5": "Start No Later Than, Anfang nicht später als",
        "6": "Finish No Earlier Than, Ende nicht früher als",
        "7": "Finish No Later Than, Ende nicht später als",
    }
)
# Priorities go from 0 to 1000; 500 is the usual one.
_PRIORITIES: tuple[tuple[int, Priority], ...] = (
    (400, "low"),
    (601, "medium"),
    (801, "high"),
    (1001, "critical"),
)


def constrained(
    kind: int, day: date | None, fields: dict[str, Any], calendar: Calendar
) -> tuple[Sentence, ...]:
    """Put a constraint into the fields of a task; return what is to be said of it.

    Of a deadline and the day of a constraint the earlier one counts.
    """
    bounds = _bounds(kind, day, fields.get("likely"), calendar)
    told = [bounds.why] if bounds.why else []
    if bounds.not_before:
        fields["not_before"] = bounds.not_before
    if bounds.due:
        deadline = fields.get("due") or bounds.due
        fields["due"] = min(deadline, bounds.due)
        if deadline != bounds.due:
            why = sentence(
                "Deadline and constraint differ; the earlier is due: {day}.",
                day=dated(fields["due"]),
            )
            told.append(why)
    return tuple(told)


def priority_of(number: float) -> Priority | None:
    """Return the priority that a number up to 1000 is; None beyond these."""
    return next((word for below, word in _PRIORITIES if number < below), None)


class _Bounds(NamedTuple):
    """The days between which a constraint puts a task, and what is to be said of it."""

    not_before: date | None = None
    due: date | None = None
    why: Sentence | None = None


def _bounds(kind: int, day: date | None, likely: float | None, calendar: Calendar) -> _Bounds:
    """Return what a constraint of a day means for a task of such a duration in working days.

    What starts no earlier may not begin before; what finishes no later is due. Where only the
    other end is given, the duration is between.
    """
    if kind == 0:
        return _Bounds()
    if kind == 1:
        why = sentence("As late as possible: planned as soon as possible here.")
        return _Bounds(why=why)
    if day is None:
        return _Bounds(why=sentence("This constraint has no date; it was left out."))
    days = max(math.ceil(likely or 0.0) - 1, 0)
    match kind:
        case 2:
            return _Bounds(day, why=sentence("Must start on that day; read as not before it."))
        case 3:
            return _Bounds(due=day, why=sentence("Must finish on that day; read as due then."))
        case 4:
            return _Bounds(day)
        case 5:
            last = _moved(day, days, calendar)
            why = sentence("Must start by that day; read as due {day}.", day=dated(last))
            return _Bounds(due=last, why=why)
        case 6:
            first = _moved(day, -days, calendar)
            why = sentence(
                "Must not finish before that day; read as not before {day}.", day=dated(first)
            )
            return _Bounds(first, why=why)
        case 7:
            return _Bounds(due=day)
    return _Bounds(why=sentence("This constraint is unknown; it was left out."))


def _moved(day: date, days: int, calendar: Calendar) -> date:
    # Beyond all calendars the day itself stands.
    with suppress(BadInput):
        return calendar.add_working_days(day, days) if days else day
    return day
