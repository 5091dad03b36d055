"""An axis of days: which days each cell of a line stands for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

import msgspec

from tracker.domain.calendar import Calendar

TimeScale = Literal["day", "week", "month"]
# From the nearest to the farthest: a working day takes three cells and a free one a single cell,
# a day takes one cell, a week takes one.
SCALES: tuple[TimeScale, ...] = ("day", "week", "month")
# A plan opens on the nearest axis of which so many windows show all that is left.
WINDOWS = 2
FreeDay = Literal["", "weekend", "holiday"]

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_WORKING_CELLS = 3


class Axis(msgspec.Struct, frozen=True, dict=True):
    """So many `cells` from a day on, the first of them the first of that day."""

    scale: TimeScale
    first: date
    cells: int
    calendar: Calendar

    @cached_property
    def days(self) -> tuple[tuple[date, date], ...]:
        """The first and the last day of each cell."""
        found: list[tuple[date, date]] = []
        day, length = self.first, _WEEK if self.scale == "month" else _DAY
        while len(found) < self.cells:
            if date.max - day <= length:
                # Behind the end of all calendars there is nothing to be seen.
                found += [(day, date.max)] * (self.cells - len(found))
                break
            found += [(day, day + length - _DAY)] * self._wide(day)
            day += length
        return tuple(found[: self.cells])

    def _wide(self, day: date) -> int:
        """Return how many cells a day takes, or what begins with it."""
        return _WORKING_CELLS if self.scale == "day" and self.calendar.is_working(day) else 1

    @cached_property
    def _firsts(self) -> list[date]:
        return [first for first, _last in self.days]

    @cached_property
    def _lasts(self) -> list[date]:
        return [last for _first, last in self.days]

    @property
    def last(self) -> date:
        """The last day in sight."""
        return self._lasts[-1] if self.cells else self.first

    @cached_property
    def grounds(self) -> tuple[FreeDay, ...]:
        """What each cell is where nothing is drawn; a week is never free."""
        if self.scale == "month":
            return tuple("" for _cell in self.days)
        return tuple(self._ground(day) for day in self._firsts)

    def _ground(self, day: date) -> FreeDay:
        if self.calendar.is_working(day):
            return ""
        return "weekend" if day.weekday() >= 5 else "holiday"

    def span(self, first: date, last: date) -> range:
        """Return the cells in sight that stand for some of these days, both ends included."""
        return range(bisect_left(self._lasts, first), bisect_right(self._firsts, last))

    def begin(self, day: date) -> int | None:
        """Return the first cell of a day; None where it is out of sight."""
        cells = self.span(day, day)
        return cells[0] if cells else None

    def end(self, day: date) -> int | None:
        """Return the last cell of a day; None where it is out of sight."""
        cells = self.span(day, day)
        return cells[-1] if cells else None

    def stepped(self, day: date, steps: int) -> date:
        """Return the day so many steps further: each a day, or what the scale is named after.

        It is the same one where there is no such day.
        """
        try:
            if self.scale != "month":
                return day + steps * (_DAY if self.scale == "day" else _WEEK)
            month = day.year * 12 + day.month - 1 + steps
            return date(month // 12, month % 12 + 1, 1)
        except (ValueError, OverflowError):
            return day

    def from_day(self, day: date) -> Axis:
        """Return the axis from another day on; one of weeks begins on a Monday."""
        # 1 January of the year 1 is a Monday.
        begin = day if self.scale == "day" else day - _DAY * day.weekday()
        return Axis(self.scale, begin, self.cells, self.calendar)

    def with_day(self, day: date, at: int) -> Axis:
        """Return the axis on which a day is about `at` cells behind the left edge."""
        begin, room = day, at
        length = _WEEK if self.scale == "month" else _DAY
        while room > 0 and begin - date.min > length:
            begin -= length
            room -= self._wide(begin)
        return self.from_day(begin)

    def reaching(self, day: date) -> Axis:
        """Return it, or where the day is out of sight the axis with it in the middle."""
        return self if self.span(day, day) else self.with_day(day, self.cells // 2)


def fitting(calendar: Calendar, first: date, last: date, cells: int, windows: int = 1) -> Axis:
    """Return the nearest axis on which all days from the first to the last are in sight.

    Or are within so many `windows` of it. Where there is none it is the farthest, from the first
    day on.
    """
    for scale in SCALES:
        axis = Axis(scale, first, cells * windows, calendar).from_day(first)
        if cells and axis.last >= last:
            break
    return Axis(scale, axis.first, cells, calendar)
