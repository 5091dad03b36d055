"""States, check marks and degrees of completion, as the columns of a list write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tracker.domain.errors import BadInput
from tracker.domain.model import State
from tracker.domain.sentence import sentence
from tracker.domain.typing import vocabulary
from tracker.exchange.cell_values import plain, ticked
from tracker.exchange.date_cells import Remark
from tracker.exchange.source import harmless_value
from tracker.exchange.spreadsheet import Cell

_NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*(%|percent|prozent)?", re.IGNORECASE)
_REST = re.compile(r"\s*[,;:(–]\s*|\s+-\s+|\s+(?=\d)")
# The letters under which Wingdings has its ticks and boxes.
_WINGDINGS = {"ü": True, "þ": True, "ý": True, "x": True, "û": False, "o": False, "¨": False}


class Scale:
    """What the numbers of a column mean: per cent, shares of one, or yes and no."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        found = {number for cell in cells if (number := _number(cell)) is not None}
        self._checks = found <= {0, 1, 100}
        self._shares = max(found, default=0) <= 1
        self._per_cent = max(found, default=0) <= 100 and (
            100 in found or max(found, default=0) > 9
        )

    def percent(self, cell: Cell) -> float | None:
        """Return the percentage done in a cell; None if it has none."""
        if isinstance(cell, str) and (found := _NUMBER.fullmatch(cell.strip())) and found[2]:
            number: float | None = float(found[1].replace(",", "."))
            return number if number is not None and number <= 100 else None
        number = _number(cell)
        if number is None or number < 0:
            return None
        if self._checks:
            return 100.0 if number else 0.0
        if self._shares:
            return round(number * 100, 6)
        return number if self._per_cent else None


def state(cell: Cell, scale: Scale, remark: Remark, *, symbols: bool = False) -> State:
    """Read a state from a word, a mark or a degree of completion; raises BadInput.

    `symbols` is set if the letters are shown as pictures.
    """
    text = plain(cell)
    if symbols and text in _WINGDINGS:
        return "done" if _WINGDINGS[text] else "todo"
    percent = scale.percent(cell)
    if percent is not None:
        return state_of(percent)
    # Figures that are no scale are some code.
    mark = ticked(cell) if _number(cell) is None else None
    found = vocabulary.state_from_word(text)
    if found is None and mark is not None:
        found = "done" if mark else "todo"
    if found is not None:
        return found
    first, rest = [*_REST.split(text, maxsplit=1), ""][:2]
    found = vocabulary.state_from_word(first)
    if found is None or not rest:
        raise BadInput("{word} is not a known state; the task is todo.", word=harmless_value(text))
    remark(sentence("Only {word} was read as the state.", word=harmless_value(first)))
    return found


def progress(cell: Cell, scale: Scale) -> float:
    """Read a degree of completion in per cent; raises BadInput."""
    percent = scale.percent(cell)
    if percent is not None:
        return percent
    mark = ticked(cell)
    if mark is None:
        word = vocabulary.state_from_word(plain(cell))
        mark = True if word == "done" else False if word == "todo" else None
    if mark is None:
        raise BadInput(
            "{value} is not a percentage of completion.", value=harmless_value(plain(cell))
        )
    return 100.0 if mark else 0.0


def state_of(percent: float) -> State:
    """Return the state that a degree of completion stands for."""
    return "done" if percent >= 100 else "doing" if percent > 0 else "todo"


def _number(cell: Cell) -> float | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    found = _NUMBER.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return float(found[1].replace(",", ".")) if found and not found[2] else None
