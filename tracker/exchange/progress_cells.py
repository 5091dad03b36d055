"""States, check marks and degrees of completion, as the columns of a list write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tracker.domain.errors import BadInput
from tracker.domain.model import State
from tracker.domain.sentence import Sentence, sentence
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
        cells = list(cells)
        found = {number for cell in cells if (number := number_in(cell)) is not None}
        signed = {number for cell in cells if (number := _signed(cell)) is not None}
        most = max(found, default=0)
        self.most = most
        self._checks = found <= {0, 1, 100}
        self._shares = most <= 1
        self._per_cent = most <= 100 and (100 in found or most > 9)
        parts = {number for number in found if 0 < number < 1}
        # Where other figures beyond 1 have decimals too, a small one is one of them.
        exact = any(number % 1 for number in found | signed if number > 1)
        self._doubtful = bool(parts) and not self._shares and not exact
        self._example = min(parts, default=0.0)
        self._with_one = bool(signed) and 1 in found

    def remarks(self) -> Iterator[Sentence]:
        """Yield the remarks on how the numbers of the column were read."""
        if self._example and self._shares:
            yield sentence(
                "No number without a per cent sign is larger than 1; {number} was read as"
                " {percent}%.",
                number=self._example,
                percent=self._example * 100,
            )
        elif self._checks and self._with_one:
            yield sentence(
                "The numbers without a per cent sign are only 0, 1 or 100; 1 was read as 100%."
            )
        elif self._example and self._per_cent and not self._doubtful:
            yield sentence(
                "Other figures have decimals too; {number} was read as {number}%.",
                number=self._example,
            )

    def percent(self, cell: Cell) -> float | None:
        """Return the percentage done in a cell; None if it has none.

        Raises BadInput for a number that could be a percentage or a share.
        """
        if (number := _signed(cell)) is not None:
            return number if number <= 100 else None
        number = number_in(cell)
        if number is None or number < 0:
            return None
        if self._checks:
            return 100.0 if number else 0.0
        if self._shares:
            return round(number * 100, 6)
        if self._doubtful and self._per_cent and 0 < number <= 1:
            raise BadInput(
                "{value} beside larger numbers could be {one}% or {other}%; write it with a per"
                " cent sign.",
                value=harmless_value(plain(cell)),
                one=number,
                other=number * 100,
            )
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
    mark = None if is_number(cell) else ticked(cell)
    found = vocabulary.state_from_word(text)
    if found is None and mark is not None:
        found = "done" if mark else "todo"
    if found is not None:
        if "?" in text:
            bare = text.replace("?", "").strip()
            remark(sentence("Only {word} was read as the state.", word=harmless_value(bare)))
        return found
    first, rest = [*_REST.split(" ".join(text.split()), maxsplit=1), ""][:2]
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
    mark = None if is_number(cell) else ticked(cell)
    if mark is None:
        word = vocabulary.state_from_word(plain(cell))
        mark = True if word == "done" else False if word == "todo" else None
    if mark is None and is_number(cell) and scale.most > 100:
        raise BadInput(
            "{value}: {most} in the same column is more than 100%, so it is unclear what its"
            " numbers mean.",
            value=harmless_value(plain(cell)),
            most=f"{scale.most:g}",
        )
    if mark is None:
        raise BadInput(
            "{value} is not a percentage of completion.", value=harmless_value(plain(cell))
        )
    return 100.0 if mark else 0.0


def state_of(percent: float) -> State:
    """Return the state that a degree of completion stands for."""
    return "done" if percent >= 100 else "doing" if percent > 0 else "todo"


def is_number(cell: Cell) -> bool:
    """Return whether a cell is a number, whose meaning its column decides."""
    return number_in(cell) is not None


def _signed(cell: Cell) -> float | None:
    """Return a number that is written with a per cent sign."""
    found = _NUMBER.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return float(found[1].replace(",", ".")) if found and found[2] else None


def number_in(cell: Cell) -> float | None:
    """Return a number that is written without a per cent sign."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    found = _NUMBER.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return float(found[1].replace(",", ".")) if found and not found[2] else None
