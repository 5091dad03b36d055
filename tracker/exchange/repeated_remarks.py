"""Remarks that many rows call for, each told once with its first row and how often it holds."""

from __future__ import annotations

from collections.abc import Callable

from tracker.domain.sentence import Sentence
from tracker.exchange.source import Source

# Of how many, in words.
ForSeveral = Callable[[int], Sentence]


class RepeatedRemarks:
    """Counts remarks by their column and `key`, and tells them in the order of the first ones."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._noted: dict[tuple[str, str], tuple[int, object, ForSeveral, bool, str]] = {}
        self._times: dict[tuple[str, str], int] = {}

    def note(
        self,
        row: int,
        column: str,
        value: object,
        words: ForSeveral,
        *,
        key: str = "",
        near: bool = False,
        place: str = "",
    ) -> None:
        """Note a remark; with `near` the value was taken as something like it."""
        at = (column, key)
        self._noted.setdefault(at, (row, value, words, near, place))
        self._times[at] = self._times.get(at, 0) + 1

    def tell(self) -> None:
        """Put the remarks into the source."""
        for at, (row, value, words, near, place) in self._noted.items():
            told = self._source.approximate if near else self._source.warn
            told(row, at[0], value, words(self._times[at]), place)
