"""The calendar of a GanttProject file: its working days, and days counted by them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import date
from xml.etree.ElementTree import Element

_DAY = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*")
_NUMBER = re.compile(r"\s*-?\d{1,9}\s*")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Days around those of the plan that are known to the calendar.
_BEFORE, _BEHIND = 800, 15_000
_EARLIEST, _LATEST = date(1900, 1, 1).toordinal(), date(2200, 1, 1).toordinal()
# What a day is unless the file says so: the others are those of working on weekends, and neither.
_HOLIDAY = ("", "HOLIDAY")


class GanCalendar:
    """The days worked around a plan that lies between two days.

    GanttProject draws a day as a stretch: what takes two days from Monday ends where Wednesday
    begins. Points in time are the days that begin with them. `week` has the days that are worked,
    0 being Monday; `untold` is called with what an entry of the calendar is not understood for.
    """

    def __init__(
        self, root: Element, first: date, last: date, untold: Callable[[str], object]
    ) -> None:
        self._first = max(first.toordinal() - _BEFORE, _EARLIEST)
        self._last = min(last.toordinal() + _BEHIND, _LATEST)
        self.week = frozenset(self._worked_weekdays(root)) or frozenset(range(7))
        self._free: set[int] = set()
        self._extra: set[int] = set()
        for event in root.iterfind("calendars/date"):
            kind = event.get("type", "")
            days = list(self._days(event))
            if not days:
                untold(" ".join(f"{name}={value}" for name, value in event.items()))
            elif kind in _HOLIDAY:
                self._free.update(days)
            elif kind == "WORKING_DAY":
                self._extra.update(days)
        self._worked = [
            day
            for day in range(self._first, self._last + 1)
            if day in self._extra or ((day - 1) % 7 in self.week and day not in self._free)
        ]

    def free_days(self, first: date, last: date) -> frozenset[date]:
        """Return the holidays from one day to another, but for those of a free weekend."""
        days = (day for day in self._free if (day - 1) % 7 in self.week)
        return frozenset(filter(lambda day: first <= day <= last, map(date.fromordinal, days)))

    def worked_weekends(self, first: date, last: date) -> int:
        """Return how many days between two are worked that the week leaves free."""
        days = (day for day in self._extra if (day - 1) % 7 not in self.week)
        return sum(first <= date.fromordinal(day) <= last for day in days)

    def shifted(self, point: date, days: int) -> date | None:
        """Return the point so many working days later, or earlier; None beyond the calendar.

        With 0 it is the first working day that begins there or behind.
        """
        at = bisect_left(self._worked, point.toordinal()) + days
        if not self._first <= point.toordinal() <= self._last or not 0 <= at < len(self._worked):
            return None
        return date.fromordinal(self._worked[at])

    def end(self, start: date, days: int) -> date | None:
        """Return the point at which work of so many days ends that begins with a day."""
        last = self.shifted(start, days - 1) if days > 0 else None
        return start if days <= 0 else last and date.fromordinal(last.toordinal() + 1)

    def last_day(self, end: date) -> date | None:
        """Return the last working day before a point."""
        return self.shifted(end, -1)

    @staticmethod
    def _worked_weekdays(root: Element) -> Iterator[int]:
        calendars = root.find("calendars")
        every_day = week = None
        if calendars is not None:
            every_day = next(calendars.iter("only-show-weekends"), None)
            week = next(calendars.iter("default-week"), None)
        for at, name in enumerate(WEEK):
            free = (at > 4) if week is None else week.get(name) == "1"
            if not free or (every_day is not None and every_day.get("value") == "true"):
                yield at

    def _days(self, event: Element) -> Iterator[int]:
        """Walk over the days of an entry; one without a year comes back every year."""
        month, day = number_in(event.get("month", "")), number_in(event.get("date", ""))
        first, last = (date.fromordinal(each).year for each in (self._first, max(self._last, 1)))
        years = range(first, last + 1)
        if (year := event.get("year", "")).strip():
            years = range(number_in(year) or 0, (number_in(year) or 0) + 1)
        for each in years:
            if found := day_in(f"{each:04}-{month}-{day}"):
                yield found.toordinal()


def day_in(text: str) -> date | None:
    """Return the day that a text is, if it is one."""
    found = _DAY.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def number_in(text: str) -> int | None:
    """Return the whole number that a text is, if it is one."""
    return int(text) if _NUMBER.fullmatch(text) else None
