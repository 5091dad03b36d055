"""The columns that people have added to a plan in Microsoft Project: fields of tasks, or notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.model import Person
from tracker.domain.sentence import counted
from tracker.domain.typing import vocabulary
from tracker.domain.typing.dates import parse_period, parse_span
from tracker.exchange.cell_values import items
from tracker.exchange.foreign.mspdi_values import hours, moment, number, says_nothing
from tracker.exchange.headers import meaning
from tracker.exchange.project_columns import COLUMNS
from tracker.exchange.source import Source, harmless_value

# What estimates with an optimistic and a pessimistic end are called; the first that fits counts.
_ENDS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(words, re.IGNORECASE)
    for name, words in (
        ("high", r"pessimis|worst|ungünstig|\bmax|\bhigh"),
        ("low", r"optimis|best|günstig|\bmin|\blow"),
        ("likely", r"expected|likely|erwartet|wahrsch|normal|realist"),
    )
}
_DURATION = re.compile(r"(?:Duration|Dauer)\d+", re.IGNORECASE)
_OWN = {
    column.alias(german).casefold(): column.field for column in COLUMNS for german in (False, True)
}


class _Column(msgspec.Struct):
    """A column: what it is called, the field it is, and in how many tasks it has a value."""

    label: str
    field: str = ""
    values: Mapping[str, str] = {}
    noted: int = 0


class ProjectColumns:
    """The columns of one plan; a working day has so many `minutes`.

    In an `own` plan a column says what it says, nothing being a value as well.
    """

    def __init__(self, minutes: float) -> None:
        self._minutes = minutes
        self.own = False
        self._columns: dict[str, _Column] = {}

    def define(self, known: Mapping[str, str], values: Mapping[str, str]) -> None:
        """Take the definition of a column; `values` are those it is chosen from, by their ids."""
        label = (known.get("Alias") or known.get("FieldName") or known.get("FieldID", "")).strip()
        column = _Column(label, values=values)
        name = known.get("FieldName", "")
        if _DURATION.fullmatch(name):
            column.field = next((key for key, end in _ENDS.items() if end.search(label)), "")
        elif known.get("Alias"):
            own = _OWN.get(label.casefold())
            is_lane = not self.has("department") and meaning(label)[0] == "department"
            column.field = own.name if own else "department" if is_lane else ""
            # Of several the one that is called exactly so is meant.
            for other in self._columns.values():
                if own and other.field == own.name:
                    other.field = ""
        self._columns[known.get("FieldID", "")] = column

    def has(self, field: str) -> bool:
        """Return whether one of the columns is for a field."""
        return any(column.field == field for column in self._columns.values())

    def read(
        self, given: Mapping[str, str], fields: dict[str, Any], report: Callable[[Any], None]
    ) -> str:
        """Put a value where it belongs; return the line of the notes for what has no field.

        A value that is none for its field is told to `report` with the reason, and noted.
        """
        column = self._columns.get(given.get("FieldID", ""))
        if column is None:
            column = self._columns[given.get("FieldID", "")] = _Column(given.get("FieldID", ""))
        text = given.get("Value", "") or column.values.get(given.get("ValueID", ""), "")
        text = text or column.values.get(given.get("ValueGUID", ""), "")
        text = column.values.get(text, text).strip()
        if not text or (column.field in _PERT and not self.own and says_nothing(text)):
            return ""
        if column.field:
            try:
                fields[column.field] = self._value(column.field, text)
            except TrackerError as problem:
                report(problem.sentence)
            else:
                return ""
        elif text == "0" or text.startswith("PT0H0M0S"):
            return ""
        column.noted += 1
        return f"{column.label}: {self._shown(text)}"

    def tell(self, source: Source) -> None:
        """Report the columns that are no field here, one by one."""
        for column in self._columns.values():
            if column.noted and not column.field:
                why = counted(
                    "There is no field for this column; its value is in the notes of {n} task.",
                    "There is no field for this column; its values are in the notes of {n} tasks.",
                    column.noted,
                )
                source.warn(0, column.label, "", why)

    def days(self, text: str) -> float | None:
        """Return a duration of working time in days."""
        found = hours(text)
        return None if found is None else found * 60 / self._minutes

    def _value(self, name: str, text: str) -> Any:
        """Return what a text says as the value of a field; raises BadInput."""
        kind = _FIELDS[name].kind if name in _FIELDS else "text"
        if name in _PERT:
            found = self.days(text)
            if found is None:
                raise _unread(text)
            return found
        match kind:
            case "count":
                return _whole(text)
            case "day" | "last day":
                at = moment(text)
                if at is None:
                    raise _unread(text)
                return at.date()
            case "state":
                state = vocabulary.state_from_word(text)
                if state is None:
                    raise _unread(text)
                return state
            case "names":
                return items(text, ";,")
            case "tags":
                return [item.removeprefix("#") or item for item in items(text, ";,")]
            case "period":
                return parse_period(text)
            case "span":
                return parse_span(text)
            case "name" if _FIELDS[name].entity is Person:
                return next(iter(items(text, ";")), text)
        return text

    def _shown(self, text: str) -> str:
        """Return a value as a person reads it."""
        if (found := self.days(text)) is not None and text.startswith("P"):
            return f"{found:g} d"
        at = moment(text)
        if at and len(text) >= len("2026-01-01T00:00"):
            return at.date().isoformat()
        return text


_PERT = frozenset(_ENDS)
_FIELDS = {column.field.name: column.field for column in COLUMNS}


def _unread(text: str) -> BadInput:
    return BadInput("The field cannot have this value; it is in the notes.", value=text)


def _whole(text: str) -> int:
    found = number(text)
    if found is None or found != int(found):
        raise BadInput("{text} is not a whole number.", text=harmless_value(text))
    return int(found)
