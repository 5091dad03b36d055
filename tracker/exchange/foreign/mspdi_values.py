"""The values of Microsoft Project XML: durations, moments, amounts, and what says nothing.

Microsoft, "Project XML Data Interchange Schema Reference". Every element but a UID may be missing
in files of other writers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from xml.etree.ElementTree import Element

import msgspec

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?")
# DurationFormat and LagFormat; with 32 more they are estimated.
_ESTIMATED = 32
_ELAPSED = frozenset((4, 6, 8, 10, 12))
_PER_CENT = frozenset((19, 20))
_NOTHING = frozenset(("", "0", "false", "-1", "0.0", "0.00", "NA"))
_ONE_DAY = timedelta(days=1)
# Most of a large file are amounts by the day, which nobody reads.
_PARTS = frozenset(("PredecessorLink", "ExtendedAttribute", "OutlineCode", "Baseline"))


class ProjectRecord(msgspec.Struct):
    """An element: the texts of its children by their names, and the parts of those that have some.

    Of the latter only those are there that are read.
    """

    values: dict[str, str]
    parts: dict[str, list[dict[str, str]]]

    @classmethod
    def of(cls, element: Element) -> ProjectRecord:
        """Return what an element holds."""
        values: dict[str, str] = {}
        parts: dict[str, list[dict[str, str]]] = {}
        for child in element:
            if len(child):
                if child.tag in _PARTS:
                    held = {each.tag: each.text or "" for each in child}
                    parts.setdefault(child.tag, []).append(held)
            elif child.text:
                values[child.tag] = child.text
        return cls(values, parts)

    def text(self, name: str) -> str:
        """Return a text; "" if it is not there."""
        return self.values.get(name, "")

    def yes(self, name: str, default: bool = False) -> bool:
        """Return whether something is said to be so."""
        text = self.values.get(name)
        return default if text is None else text.strip() in ("1", "true")

    def number(self, name: str, default: float | None = None) -> float | None:
        """Return a number; the default where there is none."""
        return number(self.values.get(name, ""), default)

    def day(self, name: str) -> date | None:
        """Return the day of a moment."""
        found = moment(self.values.get(name, ""))
        return found.date() if found else None

    def last_day(self, name: str) -> date | None:
        """Return the day on which something ends: at midnight it is the one before."""
        found = moment(self.values.get(name, ""))
        if found and not (found.hour or found.minute) and found.date() > date.min:
            return found.date() - _ONE_DAY
        return found.date() if found else None

    def hours(self, name: str) -> float | None:
        """Return a duration in hours."""
        return hours(self.values.get(name, ""))


def number(text: str, default: float | None = None) -> float | None:
    """Return a number as it is written, if it is one."""
    try:
        found = float(text.strip())
    except ValueError:
        return default
    return found if math.isfinite(found) else default


def whole(text: str) -> int | None:
    """Return a whole number, if it is one."""
    found = number(text)
    return int(found) if found is not None and found == int(found) else None


def hours(text: str) -> float | None:
    """Return a duration such as `PT37H30M0S` in hours; None where it is none."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        return None
    try:
        days, hours, minutes, seconds = (
            float(found[name] or 0) for name in ("days", "hours", "minutes", "seconds")
        )
    except ValueError:
        return None
    total = 24 * days + hours + minutes / 60 + seconds / 3600
    return -total if found["sign"] else total


def moment(text: str) -> datetime | None:
    """Return a moment, which is local and without a zone; None where it is none."""
    found = _MOMENT.match(text.strip())
    if not found:
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # local there
    except ValueError:
        return None


def utc(text: str) -> datetime | None:
    """Return a moment where this program runs in UTC; None where it is none, or at no time."""
    found = moment(text)
    try:
        return found.astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        return None


def is_elapsed(format: str) -> bool:
    """Return whether an amount is counted in days of the calendar."""
    return (whole(format) or 0) % _ESTIMATED in _ELAPSED


def is_share(format: str) -> bool:
    """Return whether an amount is a percentage."""
    return (whole(format) or 0) % _ESTIMATED in _PER_CENT


def says_nothing(text: str) -> bool:
    """Return whether a value is the one that an element has where there is nothing to say."""
    text = text.strip()
    return text in _NOTHING or hours(text) == 0 or number(text) == 0


def nothing_in(parts: Mapping[str, str]) -> bool:
    """Return whether none of the parts of an element says anything."""
    return all(says_nothing(text) for text in parts.values())
