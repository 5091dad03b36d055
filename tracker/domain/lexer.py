"""Words, quotes and keys in a line that people type; shared by quick add, filters, completion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches

from tracker.domain.errors import BadInput
from tracker.domain.words import KEYS, field_from_word, fold

# The signs that stand for a key.
MARKS = {"@": "department", "#": "tags", "!": "priority", "~": "estimate"}
# Such a sign stands before a value; `#12` is a number, and `!!!` only an exclamation.
MARKED = re.compile(r'[@#](?=[\w"])(?!\d+[,;.!?)]*$)|!(?=\w)|~(?=\d)')
KEY = re.compile(r"([^\W\d][\w-]*):")

_QUOTED = re.compile(r'"(?:[^"]|"")*"(?!")')
_BEFORE_QUOTES = frozenset(':@#!=<>,;-("')
_GAP = re.compile(r"\s+(?=[^\s\"])")
# `KW 48`, `1. Dezember 2026`, `Ende der nächsten Woche`: a date has so many words at most.
_WORDS_OF_A_DATE = 5


def word_end(text: str, start: int, stops: str = "") -> int:
    """Return where a word ends: at a blank or one of `stops` that is not within quotes.

    Quotes begin a word or a value; one that is never closed is a character like others.
    """
    at = start
    while at < len(text) and not text[at].isspace() and text[at] not in stops:
        opens = text[at] == '"' and (at == start or text[at - 1] in _BEFORE_QUOTES)
        at = (closing(text, at) if opens else 0) or at + 1
    return at


def closing(text: str, at: int) -> int:
    """Return where the quotes that open at `at` are closed, behind them; 0 if they are not."""
    match = _QUOTED.match(text, at)
    return match.end() if match else 0


def closed(typed: str) -> bool:
    """Tell whether a value that begins with quotes ends with them."""
    return not typed.startswith('"') or closing(typed, 0) > 0


def date_end(
    text: str, start: int, end: int, reads: Callable[[str], object], stops: str = ""
) -> int:
    """Return where a date that begins at `start` ends: behind as many words as make sense.

    `end` is where its first word does; `reads` raises BadInput when a text makes no sense.
    """
    if text.startswith('"', start):
        return end
    ends = [end]
    while len(ends) <= _WORDS_OF_A_DATE and (gap := _GAP.match(text, ends[-1])):
        after = word_end(text, gap.end(), stops)
        word = text[gap.end() : after]
        key = KEY.match(word)
        other = (key and field_from_word(key[1])) or (word[:1] == "-" and word != "-")
        if not word or word[0] in MARKS or other:
            break
        ends.append(after)
    for candidate in reversed(ends):
        if typed := text[start:candidate].strip().rstrip(",;"):
            try:
                reads(typed)
            except BadInput:
                continue
            return candidate
    return end


def placed(problem: BadInput, start: int, end: int) -> BadInput:
    """Return a problem with its place in the line."""
    return BadInput(problem.sentence, start=start, end=end)


def unclosed(text: str) -> BadInput:
    """Return the error that tells of quotes that are not closed."""
    return BadInput("A quotation mark is not closed: {text}", text=text)


def guess(typed: str, fields: Iterable[str]) -> str:
    """Return the key among those of `fields` that looks most like a word; "" if none does."""
    keys = {fold(key): key for field in fields for key in KEYS.get(field, (field,))}
    close = get_close_matches(fold(typed), keys, 1)
    return keys[close[0]] if close else ""
