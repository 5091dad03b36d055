"""The numbers and titles by which the rows of a list name each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from tracker.domain.errors import TrackerError
from tracker.domain.sentence import Sentence, sentence
from tracker.exchange.headers import Header
from tracker.exchange.references import Need, read_need_cell
from tracker.exchange.spreadsheet import Cell, Formula, Row
from tracker.exchange.table_rows import one_line

# How many references are tried to find the column they mean.
_JUDGED = 300
# Names of so many signs are remembered as they compare.
_SHORT = 40


class _Way(NamedTuple):
    """A way to name rows: by a column of numbers, or by their position."""

    at: int | None
    texts: list[str]
    places: dict[str, int]
    told: Sentence | None = None


class Numbers:
    """How the rows of a list are named, found out from what their references name.

    `rows` are all that belong to the list, summaries too; `titles` are theirs. `references` are
    the cells that name predecessors, with the places of their rows. With `below` these count rows
    below the head, blank ones too; that is not found out then.
    """

    def __init__(
        self,
        header: Header,
        rows: Sequence[Row],
        titles: Sequence[str],
        references: Sequence[tuple[int, Cell]],
        *,
        below: bool = False,
    ) -> None:
        self.remarks: list[tuple[int, str, Sentence]] = []
        self.shortened: set[str] = set()
        self._titles: dict[str, int | None] = {}
        for place, title in enumerate(titles):
            name = folded(title)
            self._titles[name] = None if name in self._titles else place
        self._rows = rows
        ids = [at for at, column in header.columns.items() if column.field == "id"]
        places = list(self._by_place(header))
        self._ways = places[1:2] if below else [self._by_column(at) for at in ids] or places
        best = max(self._ways, key=lambda way: self._worth(way, references))
        self._ways.remove(best)
        self._ways.insert(0, best)
        self._named = [way.places for way in (self._ways if best.at is not None else [best])]
        self._named.append({name: at for name, at in self._titles.items() if at is not None})
        self._with_comma = any("," in name for names in self._named for name in names)
        self.at = best.at
        self.texts = best.texts
        self.columns = [way.texts for way in self._ways if way.at is not None]
        self.told = best.told if self._uses(best, references) else None
        self._references = references
        self._doubles()

    def find(self, text: str) -> int | None:
        """Return the place of the row that a number or a title names."""
        # Of a list between commas every part of it is asked for.
        if "," in text and not self._with_comma:
            return None
        name = folded(text)
        for places in self._named:
            if name in places:
                return places[name]
        return None

    def several(self, text: str) -> bool:
        """Return whether several rows have this name."""
        return self._titles.get(folded(text), 0) is None

    def wanted(self, place: int) -> int | None:
        """Return the number that a row would like to keep."""
        name = folded(self.texts[place])
        own = self.at is not None and self._ways[0].places.get(name) == place
        return int(name) if own and name.isascii() and name.isdecimal() and len(name) < 19 else None

    def needed(self) -> Iterator[tuple[int, int]]:
        """Walk over the rows that others name, each with the row that names it."""
        for place, cell in self._references:
            with suppress(TrackerError):
                for need in read_need_cell(cell, self.find, _ignored, _passed_over):
                    yield need.task, place

    # --- ways to name rows ---------------------------------------------------------------------

    def _by_column(self, at: int) -> _Way:
        texts: list[str] = []
        seen: set[str] = set()
        for row in self._rows:
            cell = row.cells[at] if at < len(row.cells) else None
            cell = cell.value if isinstance(cell, Formula) else cell
            text = one_line(cell)
            if text in seen and isinstance(cell, float) and texts:
                text = self._with_zero(text, texts[-1], seen, len(texts))
            seen.add(text)
            texts.append(text)
        return _Way(at, texts, _first_places(texts))

    def _with_zero(self, text: str, before: str, seen: set[str], place: int) -> str:
        """Return 1.10 for a number 1.1 that follows 1.9: numbers do not keep a last zero."""
        whole, _, part = before.partition(".")
        following = f"{whole}.{int(part) + 1}" if part.isdecimal() and len(part) < 9 else ""
        if following in seen or following.rstrip("0") != text:
            return text
        why = sentence(
            "{text} is also the number of an earlier row; after {before} it was read as"
            " {following}.",
            text=text,
            before=before,
            following=following,
        )
        self.remarks.append((place, text, why))
        self.shortened.add(text)
        return following

    def _by_place(self, header: Header) -> Iterator[_Way]:
        places = range(len(self._rows))
        counted = [str(place + 1) for place in places]
        below = [str(row.number - header.row) for row in self._rows]
        rows = [str(row.number) for row in self._rows]
        empty = [""] * len(self._rows)
        for texts, told in (
            (counted, sentence("Predecessors were read as the places of tasks in this list.")),
            (below, sentence("Predecessors were read as rows below the header.")),
            (rows, sentence("Predecessors were read as rows of the sheet.")),
        ):
            yield _Way(None, empty, dict(zip(texts, places, strict=True)), told)

    def _worth(self, way: _Way, references: Sequence[tuple[int, Cell]]) -> tuple[float, int]:
        """Return how well a way fits: what it resolves, then how many whole numbers it gives."""
        resolved = 0.0

        def missed(_text: str) -> None:
            nonlocal resolved
            resolved -= 1

        def find(text: str) -> int | None:
            name = folded(text)
            return way.places.get(name, self._titles.get(name))

        for place, cell in references[:_JUDGED]:
            try:
                found: list[Need] = list(read_need_cell(cell, find, _ignored, missed))
            except TrackerError:
                resolved -= 1
                continue
            resolved += sum(-1 if need.task == place else 1 for need in found)
        return resolved, sum(name.isdecimal() for name in way.places) if way.at is not None else 0

    def _uses(self, way: _Way, references: Sequence[tuple[int, Cell]]) -> bool:
        """Return whether some reference names a row in this way, and not by its title."""
        for _place, cell in references if way.told else ():
            with suppress(TrackerError):
                if any(read_need_cell(cell, self._placed(way), _ignored, _passed_over)):
                    return True
        return False

    @staticmethod
    def _placed(way: _Way) -> Callable[[str], int | None]:
        return lambda text: way.places.get(folded(text))

    def _doubles(self) -> None:
        """Report the numbers that several rows have."""
        places = self._ways[0].places
        for place, text in enumerate(self.texts):
            first = places.get(folded(text), place)
            if text and first != place:
                why = sentence(
                    "Row {row} already has this number; references point to it.",
                    row=self._rows[first].number,
                )
                self.remarks.append((place, text, why))


def folded(text: str) -> str:
    """Return a number or title as it compares: `007` and `7.0` are 7."""
    # A list names the same tasks over and over; what is long is the title of one.
    return _folded(text) if len(text) <= _SHORT else _folded.__wrapped__(text)


@lru_cache(maxsize=1 << 16)
def _folded(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split()).casefold()
    if text.isascii() and text.removesuffix(".0").isdigit():
        return str(int(text.removesuffix(".0")[:100]))
    return text


def _first_places(texts: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, text in enumerate(texts):
        if text:
            found.setdefault(folded(text), place)
    return found


def _passed_over(_text: str) -> None:
    """Ignore what is reported again when the cell is finally read."""


def _ignored(_why: Sentence) -> None:
    """Ignore what is reported again when the cell is finally read."""
