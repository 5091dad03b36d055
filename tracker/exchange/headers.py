"""The columns of a list of tasks: finding the row that heads them, and what each of them holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tracker.domain.fields import BY_NAME, FIELDS, of_kind
from tracker.domain.typing import vocabulary
from tracker.domain.typing.field_values import UNITS
from tracker.domain.typing.vocabulary import Meanings
from tracker.exchange.source import clean
from tracker.exchange.spreadsheet import HEAD, Row

# The columns of our own CSV files, in their order, by the language of the head.
OWN: Mapping[str, Mapping[str, str]] = {
    language: {field.listed: field.column[at] for field in FIELDS if field.column}
    for at, language in enumerate(("en", "de"))
}
# The sheets of our own workbooks: tasks, arrows, and what cells are chosen from.
SHEETS: Mapping[str, tuple[str, str, str]] = {
    "en": ("Tasks", "Arrows", "Lists"),
    "de": ("Vorgänge", "Pfeile", "Listen"),
}
OWN_SHEETS = frozenset(name for names in SHEETS.values() for name in names)
_OWN_HEADS = frozenset(head for field in FIELDS for head in field.column)
# No list of somebody else's has so many heads that are all spelled as ours are.
_FEWEST_OWN = 18
_HEAD_OF = Meanings(
    {field.name: ",".join((*field.column, field.heads)) for field in FIELDS if field.column}
)
# Where two columns could be the title, these are the other thing.
_WEAK_TITLES = frozenset(
    map(vocabulary.key, ("description", "name", "thema", "item", "what", "was", "action"))
)

_PERCENT = vocabulary.key("%")
_WORD = re.compile(r"[^\W\d_]+|\d+|%")
_BRACKETS = re.compile(r"[(\[{].*?[)\]}]")
_LONGEST_HEAD = 80
# `Aufgabe / Thema` is a title, but `Start / Ende` is neither.
_TWO_WORDS = re.compile(r"[/|,;&]|\b(?:und|oder|and|or)\b")
_TEXTS = frozenset(of_kind("text", "word", "name", "names", "tags", "notes")) | {"id"}


class Column(msgspec.Struct, frozen=True):
    """A column: its field (None if it is not understood), its head, its unit in working days."""

    field: str | None
    head: str
    unit: float = 1.0


class Header(msgspec.Struct, frozen=True):
    """The row that heads the table, with its columns by position.

    `own` tells that this program wrote it; such a file is read to the letter.
    """

    row: int
    columns: Mapping[int, Column]
    own: bool

    @property
    def fields(self) -> Mapping[str, int]:
        """The positions of the columns that are understood."""
        return {c.field: at for at, c in self.columns.items() if c.field is not None}


def find_header(rows: Sequence[Row]) -> Header | None:
    """Return the header: of the first rows the one with most known heads, a title among them."""
    best: Header | None = None
    for row in rows[:HEAD]:
        header = _header(row)
        known = len(header.fields)
        if "title" in header.fields and (best is None or known > len(best.fields)):
            best = header
    return best


def letter(at: int) -> str:
    """Return the name a spreadsheet gives to the column at a position, from 0: A, B … Z, AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def meaning(head: str) -> tuple[str | None, float]:
    """Return the field that a head names, and its unit in working days.

    Case, punctuation and what stands in brackets do not count; `Dauer (max. T)` is `Dauer max`.
    """
    if head.strip() == "#":
        return "id", 1.0
    unit = 1.0
    parts = [vocabulary.key(word) for word in _WORD.findall(head)]
    share = _PERCENT in parts
    tries = ["".join(parts)]
    while len(parts) > 1 and (parts[-1] in UNITS or parts[-1] in ("in", _PERCENT)):
        unit = UNITS.get(parts.pop(), unit)
        tries.append("".join(parts))
    tries.append(vocabulary.key(_BRACKETS.sub(" ", head)))
    for tried in tries:
        field = vocabulary.field_from_word(tried) or _HEAD_OF.get(tried)
        # How much of the effort is spent, in per cent, is no effort.
        if field and (not share or BY_NAME[field].kind in ("percent", "state")):
            return BY_NAME[field].listed, unit
    first, *others = _TWO_WORDS.split(head)
    if others:
        field, unit = meaning(first)
        if field in _TEXTS:
            return field, unit
    return None, 1.0


def _header(row: Row) -> Header:
    """Read a row as if it were the header."""
    found = [(at, head, *meaning(head)) for at, head in _heads(row)]
    taken: dict[str, int] = {}
    for at, head, field, _ in found:
        if field is None:
            continue
        weak = field == "title" and vocabulary.key(head) in _WEAK_TITLES
        before = taken.get(field)
        if before is None or (
            field == "title" and not weak and vocabulary.key(str(row.cells[before])) in _WEAK_TITLES
        ):
            taken[field] = at
    columns = {}
    for at, head, field, unit in found:
        mine = field if field is not None and taken[field] == at else None
        if mine is None and vocabulary.key(head) == "description" and "notes" not in taken:
            taken["notes"], mine = at, "notes"
        columns[at] = Column(mine, head, unit)
    heads = {head for _, head in _heads(row)}
    own = len(heads) == len(row.cells) >= _FEWEST_OWN and heads <= _OWN_HEADS
    return Header(row.number, columns, own)


def _heads(row: Row) -> Iterator[tuple[int, str]]:
    for at, cell in enumerate(row.cells):
        if isinstance(cell, str) and len(cell) <= _LONGEST_HEAD:
            head = " ".join(clean(cell)[0].split())
            if head:
                yield at, head
