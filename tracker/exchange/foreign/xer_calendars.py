"""The calendars of a plan in Primavera P6: hours of a day, the week and its free days.

Their data lie in one another as `(0||1()(…))`: days of the week from 1, a Sunday, each with its
hours, and exceptions by the serial numbers of their days, those that are free without hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from tracker.exchange.foreign.xer_tables import XerRow, number_of

_USUAL_DAY = 8.0
_WEEKDAY = re.compile(r"\(0\|\|([1-7])\(\)\s*\((\s*\(?)")
_EXCEPTION = re.compile(r"\(d\|(\d{1,6})\)\s*\(\s*(\(?)")
# As Excel counts days.
_BEGIN = date(1899, 12, 30)


class WorkCalendars:
    """The calendars by their ids; one that is not there has eight hours from Monday to Friday."""

    def __init__(self, rows: Iterable[XerRow]) -> None:
        self._rows = {row.get("clndr_id", ""): row for row in rows}
        self._hours: dict[str, float] = {}

    def hours(self, key: str) -> float:
        """Return the hours of a working day."""
        if key not in self._hours:
            said = number_of(self._row(key).get("day_hr_cnt", ""))
            self._hours[key] = said if said is not None and 0 < said <= 24 else _USUAL_DAY
        return self._hours[key]

    def name(self, key: str) -> str:
        """Return what a calendar is called."""
        return self._row(key).get("clndr_name", "") or key

    def week(self, key: str) -> frozenset[int]:
        """Return the days that are worked, 0 being Monday."""
        days = _part(self._row(key).get("clndr_data", ""), "DaysOfWeek")
        worked = {(int(day) + 5) % 7 for day, hours in _WEEKDAY.findall(days) if "(" in hours}
        return frozenset(worked or range(5))

    def free_days(self, key: str) -> frozenset[date]:
        """Return the days on which nobody works besides those of the week."""
        exceptions = _part(self._row(key).get("clndr_data", ""), "Exceptions")
        week = self.week(key)
        days = (
            _BEGIN + timedelta(int(day))
            for day, hours in _EXCEPTION.findall(exceptions)
            if not hours
        )
        return frozenset(day for day in days if day.weekday() in week)

    def _row(self, key: str) -> XerRow:
        return self._rows.get(key, {})


def _part(data: str, name: str) -> str:
    """Return the part of a name up to the next that has one."""
    _before, found, behind = data.partition(f"(0||{name}()")
    return re.split(r"\(0\|\|[A-Z]", behind, maxsplit=1)[0] if found else ""
