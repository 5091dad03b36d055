"""What a list writes in other words than ours, told once for each column and not for each cell."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tracker.domain.sentence import Sentence, counted, listed, sentence
from tracker.domain.typing.vocabulary import meaning_key
from tracker.exchange.source import harmless_value
from tracker.exchange.task_cells import GERMAN_WORDS

# So many words of a column are named, and so much of each.
_NAMED, _LONGEST = 12, 40

EMPTY = sentence("empty")


class _Reading(msgspec.Struct):
    row: int
    text: str | Sentence
    meaning: Sentence
    cells: int = 0

    @property
    def words(self) -> Sentence:
        """What was read as what, and how often."""
        text = _short(self.text)
        return Sentence(
            "{text} → {meaning} ({cells})",
            {"text": text, "meaning": self.meaning, "cells": self.cells},
        )


class Readings:
    """What the words of columns were taken for, in how many cells, and where first."""

    def __init__(self) -> None:
        self._found: dict[int, dict[tuple[str, str], _Reading]] = {}

    def note(self, at: int, row: int, text: str | Sentence, meaning: Sentence) -> None:
        """Note that a column has `text` in a row, and what that was taken for."""
        found = self._found.setdefault(at, {})
        reading = found.setdefault((str(text), str(meaning)), _Reading(row, text, meaning))
        reading.cells += 1

    def told(self) -> Iterator[tuple[int, int, Sentence]]:
        """Walk over the columns with the row in which each was first read so, and what to say."""
        for at, found in self._found.items():
            readings = list(found.values())
            words = listed([reading.words for reading in readings[:_NAMED]])
            if more := len(readings[_NAMED:]):
                words = counted("{words} and {n} more", "{words} and {n} more", more, words=words)
            why = sentence("Understood as (number of cells): {words}.", words=words)
            yield at, min(reading.row for reading in readings), why


def is_ours(text: str, word: str) -> bool:
    """Return whether a text is our own name for a state or a priority, in either language."""
    return meaning_key(text) in (word, meaning_key(GERMAN_WORDS[word]))


def _short(text: str | Sentence) -> str | Sentence:
    if isinstance(text, Sentence):
        return text
    text = harmless_value(" ".join(text.split()))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
