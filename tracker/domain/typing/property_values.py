"""Properties of projects, departments, people, systems and the workspace as people type them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tracker.domain.errors import BadInput
from tracker.domain.model import NO_SPREAD, Absence, Spread
from tracker.domain.patterns import pattern
from tracker.domain.properties import Form, Property
from tracker.domain.sentence import listed
from tracker.domain.typing import field_values
from tracker.domain.typing.dates import parse_date, parse_range

# More days off than these were typed by mistake: a span without its year, say.
_MOST_DAYS = 400
_GROUPED = pattern(
    r"[1-9]\d{0,2}(?P<mark>[\s.,'’])\d{3}(?:(?P=mark)\d{3})*(?:(?!(?P=mark))[.,]\d{1,2})?"
)
_SPREAD = pattern(
    r"(?P<low>\d{1,3}(?:[.,]\d{1,4})?)\s*%?\s*[-–]\s*(?P<high>\d{1,5}(?:[.,]\d{1,4})?)\s*%?"
    r"|(?P<finished>finished|fertige)|none|keine"
)
# More than so many times its estimate no task is planned for.
_MOST_SPREAD = 20
_YEARLY = pattern(r"(\d\d)-(\d\d)")
# What parts absences; in a note, which is in brackets, it parts nothing.
_BETWEEN = pattern(r"[,;](?![^()]*\))")
_HALF = pattern(r"(?i)(?P<span>.*\S)\s+(?:half(?:[ -]days?)?|halb(?:e[nr]? tage?|tags)?|½)")
# Signs of currencies that are typed instead of their codes (ISO 4217).
_CODES = {"€": "EUR", "$": "USD", "£": "GBP", "Fr.": "CHF"}
_SIGNS = "€$£ "


def read_property(each: Property, text: str, today: date) -> Any:
    """Return the value that a text stands for; None where it is empty, which clears it.

    Names of departments come back as they were typed, all else as it is stored. Raises BadInput.
    """
    text = text.strip()
    if not text:
        return None
    if each.form == "choice":
        for choice in each.choices:
            if text.casefold() in choice.words:
                return choice.value
        raise BadInput(
            "{label}: {text} does not exist; choose from {known}.",
            text=text,
            label=each.label,
            known=listed(choice.label for choice in each.choices),
        )
    return _READERS[each.form](text, today)


def _plain(text: str, _today: date) -> str:
    return " ".join(text.split())


def _number(text: str, _today: date) -> float:
    # A point or a comma before three digits groups thousands, since neither days nor money are
    # kept in thousandths: with them it would be one or the other.
    found = _GROUPED.fullmatch(text)
    bare = text.replace(found["mark"], "") if found else text
    if not re.fullmatch(r"\d{1,12}(?:[.,]\d{1,2})?", bare):
        raise BadInput("{text} is not a number; try 850 or 2.5.", text=text)
    return float(bare.replace(",", "."))


def _money(text: str, today: date) -> float:
    bare = text.strip(_SIGNS)
    if bare != text or re.fullmatch(r"[A-Za-z]{3} ?[\d.,']+|[\d.,']+ ?[A-Za-z]{3}", text):
        raise BadInput(
            "{text}: enter the amount alone; all amounts are in the currency of the settings.",
            text=text,
        )
    return _number(text, today)


def _currency(text: str, _today: date) -> str:
    code = _CODES.get(text, text.upper())
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise BadInput("{text} is not a currency; enter its three letters, such as EUR.", text=text)
    return code


def _whole(least: int) -> Callable[[str, date], int]:
    def read(text: str, _today: date) -> int:
        number = int(text) if text.isdecimal() and len(text) < 7 else -1
        if number < least:
            raise BadInput(
                "{text} is not a whole number of at least {least}.", text=text, least=least
            )
        return number

    return read


def _share(text: str, _today: date) -> float:
    number = field_values.read_share(text)
    if "%" not in text:
        number = max(number, float(text.replace(",", ".")))
    if number > 1:
        raise BadInput("{text} is not a correlation; enter a number from 0 to 1.", text=text)
    return number


def read_spread(text: str) -> Spread:
    """Return what single estimates may come to, times what they are; raises BadInput."""
    typed = _SPREAD.fullmatch(text.strip().casefold())
    if typed is None or typed["low"] is None:
        if typed is None:
            raise BadInput(
                "{text} is not a spread; try 70-200%, finished or none.", text=text.strip()
            )
        return "finished" if typed["finished"] else NO_SPREAD
    part = 100.0 if "%" in text else 1.0
    low, high = (float(typed[end].replace(",", ".")) / part for end in ("low", "high"))
    if not low <= 1 <= high <= _MOST_SPREAD:
        raise BadInput(
            "A spread goes from at most 100% to at most {most:.0%} of an estimate; try 70-200%.",
            most=_MOST_SPREAD,
        )
    return low, high


def _spread(text: str, _today: date) -> Spread:
    return read_spread(text)


def _first(text: str, today: date) -> date:
    return parse_date(text, today)


def _last(text: str, today: date) -> date:
    return parse_date(text, today, last=True)


def _days(text: str, today: date) -> tuple[date, ...]:
    found: set[date] = set()
    for part in field_values.split_list(text):
        first, last = parse_range(part, today)
        count = (last - first).days + 1
        if count > _MOST_DAYS:
            raise BadInput(
                "{text} is {days} days, more than a year; enter the year of both dates.",
                text=part,
                days=count,
            )
        found.update(first + timedelta(days=at) for at in range(count))
    return tuple(sorted(found))


def _yearly(text: str, today: date) -> tuple[str, ...]:
    """Read days of every year as `12-24`, those with a year as `2026-12-24`."""
    found: set[str] = set()
    for part in field_values.split_list(text):
        typed = _YEARLY.fullmatch(part)
        if typed:
            part = f"{int(typed[2])}.{int(typed[1])}."
        (day,) = _days(part, today) if len(_days(part, today)) == 1 else (None,)
        if day is None:
            raise BadInput("{text} is more than one day; enter each day separately.", text=part)
        named = re.search(r"\d{4}|\.\d\d$|/\d\d$", part)
        found.add(day.isoformat() if named else f"{day:%m-%d}")
    return tuple(sorted(found))


def _absences(text: str, today: date) -> tuple[Absence, ...]:
    found = []
    for part in filter(None, map(str.strip, _BETWEEN.split(text))):
        span, _bracket, note = part.partition("(")
        half = _HALF.fullmatch(span.strip())
        first, last = parse_range(half["span"] if half else span.strip(), today)
        note = note.strip().removesuffix(")").strip()
        found.append(Absence(first=first, last=last, note=note, half=half is not None))
    return tuple(sorted(found, key=lambda away: away.first))


def _task(text: str, _today: date) -> int:
    bare = text.removeprefix("#")
    if not bare.isdecimal() or len(bare) > 15:
        raise BadInput("{text} is not a task number.", text=text)
    return int(bare)


def _region(text: str, _today: date) -> str:
    from tracker.domain.calendar import check_region

    check_region(text)
    return text.upper()


_READERS: dict[Form, Callable[[str, date], Any]] = {
    "name": _plain,
    "text": _plain,
    "number": _number,
    "money": _money,
    "currency": _currency,
    "count": _whole(1),
    "order": _whole(0),
    "share": _share,
    "spread": _spread,
    "day": _first,
    "last day": _last,
    "days": _days,
    "yearly": _yearly,
    "absences": _absences,
    "department": _plain,
    "task": _task,
    "region": _region,
}
