"""Fields that people have added to another program, understood by the words for ours."""

from __future__ import annotations

from datetime import date
from typing import Any

from tracker.domain.fields import BY_NAME, ESTIMATE, of_kind
from tracker.exchange import amounts
from tracker.exchange.cell_values import items
from tracker.exchange.date_cells import Remark
from tracker.exchange.headers import Column, header_of

_AMOUNTS = frozenset(of_kind("days"))
_DAYS = frozenset(of_kind("day", "last day"))
_TEXTS = frozenset(("department", "assignee", "requester", "phase", "waiting_for"))
_LISTS = frozenset(("watchers", "systems"))
_UNDERSTOOD = _AMOUNTS | _DAYS | _TEXTS | _LISTS | {"estimate"}


class AddedFields:
    """What the names of added fields mean; each is looked up once."""

    def __init__(self) -> None:
        self._known: dict[str, Column] = {}

    def of(self, name: str) -> str | None:
        """Return the field of ours that a name means, if it can hold one."""
        column = self._column(name)
        return column.field if column.field in _UNDERSTOOD else None

    def is_day(self, name: str) -> bool:
        """Return whether a name means a date."""
        return self.of(name) in _DAYS

    def read(self, name: str, value: str | float | date, remark: Remark) -> dict[str, Any]:
        """Return the fields in a value, of dates as a date; `remark` is called with each guess.

        Raises BadInput for what the field cannot hold, and ValueError for a name of no field.
        """
        column = self._column(name)
        match column.field:
            case "estimate":
                found = amounts.read_estimate_cell(_plain(value), column.unit, remark)
                return dict(zip(ESTIMATE, found, strict=True))
            case field if field in _AMOUNTS:
                return {field: amounts.read_day_cell(_plain(value), column.unit, remark)}
            case field if field in _DAYS and isinstance(value, date):
                return {field: value}
            case field if field in _LISTS:
                return {field: tuple(items(str(value), ";,"))}
            case field if field in _TEXTS:
                return {field: str(value)}
        raise ValueError(name)

    def label(self, name: str) -> object:
        """Return what a field of ours is called."""
        field = self.of(name)
        return BY_NAME[field].label if field else "–"

    def _column(self, name: str) -> Column:
        if name not in self._known:
            self._known[name] = header_of([name], {}, own=False).columns[0]
        return self._known[name]


def _plain(value: str | float | date) -> str | float | date:
    """Return a number that is written as text (`5`, `1.000000`) as a number."""
    if isinstance(value, str):
        try:
            return float(value) if "_" not in value else value
        except ValueError:
            return value
    return value
