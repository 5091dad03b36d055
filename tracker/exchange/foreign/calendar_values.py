"""Dates, spans and rules as iCalendar writes them (RFC 5545, 3.3 and 3.8.5.3)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from tracker.domain.sentence import sentence
from tracker.exchange.foreign.content_lines import ContentProperty
from tracker.exchange.source import Source

_UNITS = {"DAILY": "d", "WEEKLY": "w", "MONTHLY": "m", "YEARLY": "y"}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)


class CalendarTimes:
    """Reads the days and moments of one file; zones that nobody knows are told once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._zones: dict[str, tzinfo | None] = {}

    def at(self, found: ContentProperty) -> date | datetime | None:
        """Return the day or moment of a property; one in a zone that nobody knows is meant here."""
        match = _MOMENT.fullmatch(found.value.strip())
        if not match:
            return None
        try:
            day = date(int(match[1]), int(match[2]), int(match[3]))
            if match[4] is None:
                return day
            # A leap second is the one before it.
            clock = time(int(match[4]), int(match[5]), min(int(match[6]), 59))
        except ValueError:
            return None
        zone: tzinfo | None = UTC if match[7] else self._zone(found)
        return datetime.combine(day, clock, zone)

    def _zone(self, found: ContentProperty) -> tzinfo | None:
        name = found.parameters.get("TZID", "").strip()
        if not name:
            return None
        if name not in self._zones:
            self._zones[name] = _zone_named(name)
            if self._zones[name] is None:
                why = sentence("The time zone {zone} is not known; read as local time.", zone=name)
                self._source.approximate(0, found.name, name, why)
        return self._zones[name]


def period_of(rule: str, begins: date | None) -> str:
    """Return how often something comes back; nothing where there is no such period here.

    A day of the week or month that is that of the beginning says nothing more.
    """
    parts = dict(each.partition("=")[::2] for each in rule.strip().upper().split(";"))
    unit = _UNITS.get(parts.pop("FREQ", ""))
    every = parts.pop("INTERVAL", "1")
    parts.pop("WKST", None)
    if begins is not None:
        redundant = {
            "BYDAY": _WEEKDAYS[begins.weekday()] if unit == "w" else "",
            "BYMONTHDAY": str(begins.day) if unit in ("m", "y") else "",
            "BYMONTH": str(begins.month) if unit == "y" else "",
        }
        for name, value in redundant.items():
            if value and parts.get(name) == value:
                del parts[name]
    if unit is None or parts or not re.fullmatch(r"[1-9]\d{0,3}", every):
        return ""
    return f"{every}{unit}"


def span_of(text: str) -> timedelta | None:
    """Return a duration such as `P1DT2H`; None for what is none."""
    found = _DURATION.fullmatch(text.strip().upper())
    if not found or not any(found.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -span if found[1] == "-" else span


def _zone_named(name: str) -> tzinfo | None:
    """Return a zone; programs write a path before its name (`/citadel.org/…/Europe/Berlin`)."""
    parts = name.strip("/").split("/")
    for length in (len(parts), 3, 2, 1):
        if length <= len(parts):
            try:
                return ZoneInfo("/".join(parts[-length:]))
            except (KeyError, ValueError, OSError):
                continue
    return None


def day_of(text: str) -> date | None:
    """Return a day without a time of day, as our own fields have it; None for what is none."""
    found = _MOMENT.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
