"""Constraints and priorities as Microsoft Project has them, as what a task has here."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import date
from typing import Any

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
    number: int, day: date | None, fields: dict[str, Any], calendar: Calendar
) -> Sentence | None:
    """Put a constraint into the fields of a task, and return what is to be said of it.

    What starts no earlier may not begin before; what finishes no later is due. Where only the
    other end is given the duration is between, in working days. Of two days for being due the
    earlier one counts.
    """
    if number == 1:
        return sentence("“As late as possible” is not taken; the task may begin as soon as it can.")
    if day is None or not 2 <= number <= 7:
        return None
    days = max(1, math.ceil(fields.get("likely") or 0)) - 1
    match number:
        case 2 | 4:
            fields["not_before"] = day
            if number == 4:
                return None
            return sentence("“Must start on {day}” was read as not before.", day=dated(day))
        case 6:
            first = fields["not_before"] = _moved(day, -days, calendar)
            return sentence(
                "“Finish no earlier than {day}” was read as not before {first}, by the duration.",
                day=dated(day),
                first=dated(first),
            )
        case 5:
            last = _due(fields, _moved(day, days, calendar))
            return sentence(
                "“Start no later than {day}” was read as due {last}, by the duration.",
                day=dated(day),
                last=dated(last),
            )
    last = _due(fields, day)
    if number == 3:
        return sentence(
            "“Must finish on {day}” was read as due {last}.", day=dated(day), last=dated(last)
        )
    return sentence(
        "“Finish no later than {day}” was read as due {last}.", day=dated(day), last=dated(last)
    )


def priority_of(number: int) -> Priority | None:
    """Return the priority that a number from 0 to 1000 is; None beyond these."""
    return next((word for below, word in _PRIORITIES if 0 <= number < below), None)


def _due(fields: dict[str, Any], day: date) -> date:
    """Let a task be due on a day, unless it is before."""
    earlier: date = min(fields.get("due") or day, day)
    fields["due"] = earlier
    return earlier


def _moved(day: date, days: int, calendar: Calendar) -> date:
    # Beyond all calendars the day itself stands.
    with suppress(BadInput):
        return calendar.add_working_days(day, days) if days else day
    return day
