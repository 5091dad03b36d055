"""Fields that people have added to another program, understood by the words for ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tracker.domain.errors import TrackerError
from tracker.domain.fields import ESTIMATE, of_kind
from tracker.domain.sentence import Sentence
from tracker.exchange import amounts
from tracker.exchange.cell_values import items
from tracker.exchange.date_cells import Remark
from tracker.exchange.headers import Column, header_of
from tracker.exchange.source import Source

_AMOUNTS = frozenset(of_kind("days"))
_DAYS = frozenset(of_kind("day", "last day"))
_TEXTS = frozenset(("department", "assignee", "requester", "phase", "waiting_for"))
_LISTS = frozenset(("watchers", "systems"))
_UNDERSTOOD = _AMOUNTS | _DAYS | _TEXTS | _LISTS | {"estimate"}


# What reads a date: of a name, its value, and where it stands. It may raise BadInput.
ReadDay = Callable[[str, str, int, str], date | None]


class AddedFields:
    """What the names of added fields mean, and their values; each name is looked up once.

    Dates are read by `day`; guesses and what is unreadable are told to the `source`.
    """

    def __init__(self, source: Source, day: ReadDay) -> None:
        self._source, self._day = source, day
        self._known: dict[str, Column] = {}

    def take(
        self, name: str, value: object, fields: dict[str, Any], row: int, place: str = ""
    ) -> bool:
        """Put a value into the field it means, and return whether that was possible.

        It is not where the field has a value already.
        """
        column = self._column(name)
        if column.field not in _UNDERSTOOD or not isinstance(value, str | int | float):
            return False

        def remark(why: Sentence) -> None:
            self._source.approximate(row, name, value, why, place)

        try:
            if column.field in _DAYS:
                day = self._day(name, str(value), row, place)
                found = {column.field: day} if day else {}
            else:
                found = _read(column, value, remark)
        except TrackerError as problem:
            self._source.warn(row, name, value, problem.sentence, place)
            return False
        if not found or any(fields.get(each) for each in found):
            return False
        fields |= found
        return True

    def _column(self, name: str) -> Column:
        if name not in self._known:
            self._known[name] = header_of([name], {}, own=False).columns[0]
        return self._known[name]


def _plain(value: str | float) -> str | float:
    """Return a number that is written as text (`5`, `1.000000`) as a number."""
    if isinstance(value, str):
        try:
            return float(value) if "_" not in value else value
        except ValueError:
            return value
    return value


def _read(column: Column, value: str | float, remark: Remark) -> dict[str, Any]:
    """Return the fields in a value. Raises BadInput."""
    field = str(column.field)
    if field == "estimate":
        found = amounts.read_estimate_cell(_plain(value), column.unit, remark)
        return dict(zip(ESTIMATE, found, strict=True))
    if field in _AMOUNTS:
        return {field: amounts.read_day_cell(_plain(value), column.unit, remark)}
    if field in _LISTS:
        return {field: tuple(items(str(value), ";,"))}
    return {field: str(value)}
