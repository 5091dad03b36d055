"""A JSON list read as a table: each object is a row, and its values are read as cells are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tracker.domain.model import Pass
from tracker.domain.sentence import sentence
from tracker.domain.typing.vocabulary import meaning_key
from tracker.exchange.cell_values import exact_percent, joined_items, without_formula
from tracker.exchange.headers import Column, Header, header_of
from tracker.exchange.json_refusals import untitled
from tracker.exchange.row_reading import PEOPLE
from tracker.exchange.source import (
    MAX_DEPTH,
    ReadOptions,
    Source,
    harmless,
    harmless_value,
    too_deep,
)
from tracker.exchange.spreadsheet import LONGEST_CELL, MAX_COLUMNS, Cell, Row, long_cell, too_wide
from tracker.exchange.task_list import read_rows

# Derived from the rest; written for scripts, not read again.
DERIVED = frozenset(("ready", "blocked", "stuck", "late", "passes"))
# What a task written here has besides its fields; in other lists the names are unknown.
BESIDES = frozenset(("refs", "extra", "passes_ledger", "origin"))
# What identifies a person or thing that is written as an object.
_NAMES = ("name", "displayName", "login", "title", "value", "label", "text", "email")
_NUMBERS = ("id", "number", "key", "iid", "uuid", *_NAMES)
# Beyond it a number is a key that a float would round.
_EXACT = 2**53


def read_objects(
    objects: Sequence[Any], file: str, options: ReadOptions, *, own: bool | None = None
) -> Source:
    """Read the objects of a list as tasks; what is not an object is reported.

    `own` says whether they were written here, so that texts are meant to the letter; else
    their names show it. Raises BadInput if none of them has a title.
    """
    if own is None:
        own = any(isinstance(each, Mapping) and each.keys() >= DERIVED for each in objects)
    table = _Table(objects, file, own)
    header = header_of(table.heads, options.given, own=own)
    if "title" not in header.fields:
        raise untitled(table.heads, file)
    source = Source(file, options.project)
    rows = []
    for number, each in enumerate(objects, 1):
        if isinstance(each, Mapping):
            rows.append(table.row(number, header))
        else:
            text = harmless_value(msgspec.json.encode(each).decode())
            source.skip(number, sentence("This is not a task: {text}", text=text))
    read_rows(source, header, rows, options)
    # A list may hold some tasks of a plan only: the others are not gone from it.
    source.own = False
    for at in table.reduced:
        why = sentence("Objects were read by their names; the rest of them was skipped.")
        source.warn(0, header.columns[at].head, "", why)
    for task in source.tasks if own else ():
        _bring(task.fields, objects[task.row - 1])
    return source


def _bring(fields: dict[str, Any], written: Mapping[str, Any]) -> None:
    """Add what only our own JSON has: passes, origins, and what a newer version wrote."""
    ledger = written.get("passes_ledger")
    if ledger:
        try:
            fields["passes"] = msgspec.convert(ledger, tuple[Pass, ...])
        except msgspec.ValidationError:
            fields["notes"] += f"\npasses_ledger: {_as_json(ledger)}"
    if isinstance(written.get("extra"), dict):
        fields["extra"] = written["extra"]
    if isinstance(written.get("origin"), str):
        fields["origin"] = written["origin"]


class _Table:
    """Objects as the rows of one table; names that differ only in spelling are one column."""

    def __init__(self, objects: Sequence[Any], file: str, own: bool) -> None:
        self.heads: list[str] = []
        # The columns with objects of which only the name is read.
        self.reduced: set[int] = set()
        self._own = own
        self._filled: list[dict[int, Any]] = []
        here: dict[str, int] = {}
        for number, each in enumerate(objects, 1):
            filled: dict[int, Any] = {}
            for name, value in each.items() if isinstance(each, Mapping) else ():
                if own and name in DERIVED | BESIDES:
                    continue
                _check_extent(value, file, number)
                head = " ".join(harmless(name)[0].split()) or '""'
                at = here.setdefault(meaning_key(head) or head, len(self.heads))
                if at in filled:
                    at = here.setdefault(f"\n{head}", len(self.heads))
                if at == len(self.heads):
                    self.heads.append(head)
                filled[at] = value
            if len(self.heads) > MAX_COLUMNS:
                raise too_wide(file, number)
            self._filled.append(filled)

    def row(self, number: int, header: Header) -> Row:
        """Return an object as a row of cells."""
        filled = self._filled[number - 1]
        cells: list[Cell] = [None] * (max(filled, default=-1) + 1)
        for at, value in filled.items():
            cell = self._cell(at, header.columns[at], value)
            cells[at] = without_formula(cell) if self._own and isinstance(cell, str) else cell
        return Row(number, cells)

    def _cell(self, at: int, column: Column, value: Any) -> Cell:
        """Return a value as a sheet would have it; lists and arrows as lists write them."""
        field = column.field
        if isinstance(value, list | dict) and not value:
            return None
        match field:
            case "needs" | "blocks" if isinstance(value, list):
                return f"[{joined_items([_need(each) for each in value])}]"
            case "returns" if isinstance(value, list):
                return "; ".join(map(_return, value))
            case "checklist" | "notes" if isinstance(value, list):
                return "\n".join(map(_item, value))
            case None:
                return _as_json(value) if isinstance(value, list | dict) else _scalar(value)
            case "progress" if self._own and isinstance(value, int | float):
                # Without its sign 0.5 would be taken for a half.
                return f"{value}%"
            case _ if isinstance(value, list):
                texts = [self._name(at, each) for each in value]
                if field == "tags" and self._own:
                    texts = [f"#{text}" if text.startswith("#") else text for text in texts]
                items = joined_items(texts)
                return f"[{items}]" if field in PEOPLE and not self._own else items
            case _ if isinstance(value, dict):
                return self._name(at, value)
        # Only a semicolon would divide a person's name into two.
        if field in PEOPLE and self._own and isinstance(value, str) and ";" not in value:
            return joined_items([value])
        return _scalar(value)

    def _name(self, at: int, value: Any) -> str:
        """Return an object by its name, anything else as text."""
        if isinstance(value, dict):
            name = _first(value, _NAMES)
            if name is None:
                return _as_json(value)
            if len(value) > 1:
                self.reduced.add(at)
            return name
        return _as_text(value)


def _need(value: Any) -> str:
    """Write a predecessor: a number, or an object with number and lag."""
    if not isinstance(value, dict):
        return _as_text(value)
    number, lag = _first(value, _NUMBERS), value.get("lag")
    if number is None or not (lag is None or isinstance(lag, int | float)):
        return _as_json(value)
    return f"{number}{_first(value, ('type',)) or ''}" + (f"+{lag}" if lag else "")


def _return(value: Any) -> str:
    """Write a return arrow as `target:rate:share:limit`, a share as per cent."""
    if not isinstance(value, dict) or "to" not in value:
        return _as_text(value)
    parts = [_as_text(value["to"])]
    for name in ("rate", "share"):
        number = value.get(name)
        if isinstance(number, int | float) and not isinstance(number, bool):
            parts.append(exact_percent(number))
        else:
            parts.append(_as_text(number))
    parts.append(_as_text(value.get("limit")))
    return ":".join(parts) + (":observed" if value.get("observed_only") else "")


def _item(value: Any) -> str:
    """Write a line of a checklist."""
    if not isinstance(value, dict):
        return _as_text(value)
    text = _first(value, _NAMES)
    box = "[x] " if value.get("done") is True or value.get("checked") is True else "[ ] "
    return _as_json(value) if text is None else box + text


def _first(value: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """Return the first of some parts of an object that is a text or a number."""
    found = (value[name] for name in names if isinstance(value.get(name), str | int))
    return next((_as_text(each) for each in found if each != ""), None)


def _scalar(value: Any) -> Cell:
    """Return a value that is no list: a number, or a text."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if number and abs(value) < _EXACT else _as_text(value) or None


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _as_json(value)


def _as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _check_extent(value: Any, file: str, row: int, depth: int = 1) -> None:
    """Raise BadInput if a value is nested without end, or a text has none."""
    if depth > MAX_DEPTH:
        raise too_deep(file)
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        raise long_cell(file, row)
    if isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            _check_extent(part, file, row, depth + 1)
