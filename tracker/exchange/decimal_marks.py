"""Whether a point or a comma is the decimal mark, found out from all numbers of a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tracker.exchange.spreadsheet import Cell

_MARKED = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)+(?![\d.,])")
# `1.500` is a thousand and a half or one and a half; with a 0 before it, there is no doubt.
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*")
_OTHER = {".": ",", ",": "."}
# No pattern is tried on more.
_LONGEST = 300


class DecimalMark(NamedTuple):
    """The decimal mark of a column, and where it shows.

    `mark` is empty if nothing shows it, or if it is now one and now the other: then `proof` is
    there.
    """

    mark: str = ""
    proof: str = ""
    row: int = 0


class DecimalMarks:
    """The decimal marks of the columns of a list.

    A list is written in one country: what shows in one column holds for the others, unless they
    are at odds. `columns` are the cells with the numbers of their rows, by position.
    """

    def __init__(self, columns: Mapping[int, Iterable[tuple[int, Cell]]]) -> None:
        self._own = {at: dict(_shown(cells)) for at, cells in columns.items()}
        self._all = {mark: found for own in self._own.values() for mark, found in own.items()}

    def of(self, at: int) -> DecimalMark:
        """Return the decimal mark of a column."""
        shown = self._all if len(self._all) == 1 else self._own.get(at, {})
        if not shown:
            return DecimalMark()
        found = next(iter(shown.values()))
        return found if len(shown) == 1 else found._replace(mark="")


def _shown(cells: Iterable[tuple[int, Cell]]) -> Iterator[tuple[str, DecimalMark]]:
    """Walk over the numbers that show which mark is decimal."""
    for row, cell in cells:
        if isinstance(cell, str) and len(cell) < _LONGEST:
            for text in _MARKED.findall(cell):
                if mark := _decimal_of(text):
                    yield mark, DecimalMark(mark, text, row)


def _decimal_of(text: str) -> str:
    """Return the decimal mark that a number shows, if it shows one."""
    marks = re.sub(r"\d", "", text)
    if len(set(marks)) == 2:
        return marks[-1] if marks.count(marks[-1]) == 1 else ""
    if GROUPED.fullmatch(text):
        return _OTHER[marks[0]] if len(marks) > 1 else ""
    return marks if len(marks) == 1 else ""
