"""Rows that only their bold type shows as the sums of those below: their figures decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise

from tracker.domain.errors import TrackerError
from tracker.domain.fields import of_kind
from tracker.exchange import amounts
from tracker.exchange.date_cells import DateColumns
from tracker.exchange.headers import Column
from tracker.exchange.hierarchy import Hierarchy
from tracker.exchange.spreadsheet import Formula, Row
from tracker.exchange.table_rows import one_line

_DAYS = frozenset(of_kind("day", "last day"))
_AMOUNTS = frozenset(of_kind("estimate", "days"))
_SUMS = re.compile(r"=\s*(?:SUM|SUBTOTAL|AGGREGATE|MIN|MAX)\b", re.IGNORECASE)
_NEAR = 1e-6


class BoldRows:
    """The bold rows of a list, by their places: those that sum up others, and those that do not.

    A bold row sums up the plain rows below it if its figures are their sum, its dates their first
    start and last end, or a formula adds them up; one without figures if all other bold rows do
    so, or none has figures while all plain rows say more than it.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        titles: Sequence[int],
        columns: Mapping[int, Column],
        dates: DateColumns,
    ) -> None:
        self._rows, self._columns, self._dates = rows, columns, dates
        bold = [
            place
            for place, (row, at) in enumerate(zip(rows, titles, strict=True))
            if at in row.looks and row.looks[at].bold
        ]
        self._below = {
            place: list(range(place + 1, after))
            for place, after in pairwise([*bold, len(rows)])
            if after > place + 1
        }
        verdicts = {place: self._sums_up(place) for place in self._below}
        proved = {place for place, sure in verdicts.items() if sure}
        bare = {place for place, sure in verdicts.items() if sure is None}
        lone = bare == set(bold) and all(self._says_little(each) for each in bold)
        self.proved: frozenset[int] = frozenset(proved)
        self.sums = frozenset(proved | bare if proved or (lone and self._plain_say_more()) else ())
        # With figures of their own that are nobody's sum.
        self.others = frozenset(bold) - self.sums if len(bold) < len(rows) else frozenset()

    def outline(self) -> Hierarchy:
        """Return the outline that the bold rows make."""
        parents: list[int | None] = [None] * len(self._rows)
        for place in self.sums:
            for each in self._below[place]:
                parents[each] = place
        return Hierarchy(parents)

    def _sums_up(self, place: int) -> bool | None:
        """Return whether the figures of a row are those of the rows below; None without any."""
        found: list[bool] = []
        for at, column in self._columns.items():
            cell = self._rows[place].cells[at] if at < len(self._rows[place].cells) else None
            if isinstance(cell, Formula) and _SUMS.match(cell.text):
                return True
            own = self._figure(at, column, place)
            below = [x for each in self._below[place] if (x := self._figure(at, column, each))]
            if own is None:
                continue
            if isinstance(own, date):
                days = [each for each in below if isinstance(each, date)]
                last = column.field == "due"
                found.append(bool(days) and own == (max(days) if last else min(days)))
            else:
                numbers = [each for each in below if isinstance(each, float)]
                found.append(len(numbers) > 1 and abs(own - sum(numbers)) < _NEAR)
        return any(found) if found else None

    def _figure(self, at: int, column: Column, place: int) -> float | date | None:
        """Return the duration, effort or date in a cell, if it is one."""
        row = self._rows[place]
        cell = row.cells[at] if at < len(row.cells) else None
        cell = cell.value if isinstance(cell, Formula) else cell
        if cell is None or column.field not in _DAYS | _AMOUNTS:
            return None
        with suppress(TrackerError):
            if column.field in _DAYS:
                return self._dates.day(at, cell, _ignored, last=column.field == "due")
            return amounts.read_estimate_cell(cell, column.unit, _ignored)[1]
        return None

    def _says_little(self, place: int) -> bool:
        """Return whether a row has nothing but its number and title."""
        fields = {self._columns[at].field for at in self._filled(place) if at in self._columns}
        return fields <= {"id", "title"}

    def _plain_say_more(self) -> bool:
        plain = (each for places in self._below.values() for each in places)
        return all(not self._says_little(each) for each in plain)

    def _filled(self, place: int) -> Iterator[int]:
        return (at for at, cell in enumerate(self._rows[place].cells) if one_line(cell))


def _ignored(_why: object) -> None:
    """Pass over a guess; it is told when the cell is finally read."""
