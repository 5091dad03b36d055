"""Words, quotes and keys in a line that people type; shared by quick add, filters, completion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from tracker.domain.errors import BadInput
from tracker.domain.patterns import pattern
from tracker.domain.typing.dates import NoSuchDay
from tracker.domain.typing.vocabulary import FIELD_KEYS, field_from_word, fold

# The signs that stand for a key.
MARKS = {"@": "department", "#": "tags", "!": "priority", "~": "estimate"}
# Such a sign precedes a value; `#12` is a number, and `!!!` only an exclamation.
MARKED = pattern(r'[@#](?=[\w"])(?!\d+[,;.!?)]*$)|!(?=\w)|~(?=[+-]?[.,]?\d)')
KEY = pattern(r"([^\W\d][\w-]*):")
# What has the form of a field: `colour:red`, `due=fr`; no address, drive or time of day has.
LIKE_FIELD = pattern(r"([^\W\d][\w-]+)(?::(?![/\\:])|=)(?=\S)")

_QUOTED = pattern(r'"(?:[^"]|"")*"(?!")')
_BEFORE_QUOTES = frozenset(':@#!=<>,;-("')
_GAP = pattern(r"\s+(?=[^\s\"])")
_ENDING = ",;.!?)"
# Names more unlike what was typed are offered to nobody.
_LIKENESS = 0.72
_MOST_ALIKE = 3
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
    """Return whether a value that begins with quotes ends with them."""
    return not typed.startswith('"') or closing(typed, 0) > 0


def date_end(
    text: str, start: int, end: int, reads: Callable[[str], object], stops: str = ""
) -> int:
    """Return where a date that begins at `start` ends: behind as many words as make sense.

    `end` is where its first word does; `reads` raises BadInput when a text makes no sense, and
    NoSuchDay when a part of it would be another day than was meant: `Mo 4.12.` of a Friday.
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
            except NoSuchDay:
                return candidate
            except BadInput:
                continue
            return candidate
    return end


def name_end(text: str, start: int, end: int, known: Collection[str], stops: str = "") -> int:
    """Return where names with commas between end, the first of which begins at `start`.

    Each is the longest of those `known`, which are folded and have blanks; else it is one word.
    `end` is where the first word does.
    """
    at = start
    while known:
        found = 0 if text.startswith('"', at) else _longest(text, at, known)
        after = found or word_end(text, at, stops + ",")
        end = max(end, after)
        at = after + 1
        if text[after:at] != "," or not text[at : at + 1].strip():
            break
    return end


def _longest(text: str, start: int, known: Collection[str]) -> int:
    """Return where the longest known name that begins at `start` ends; 0 if none begins there."""
    most = max(name.count(" ") for name in known) + 1
    ends = [word_end(text, start, ",")]
    while len(ends) < most and (gap := _GAP.match(text, ends[-1])):
        ends.append(word_end(text, gap.end(), ","))
    for end in reversed(ends[1:]):
        typed = text[start:end]
        for name in (typed, typed.rstrip(_ENDING)):
            if fold(" ".join(name.split())) in known:
                return start + len(name)
    return 0


def most_alike(typed: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the few names that look most like what was typed, as a whole or a word of theirs."""
    from difflib import get_close_matches

    known: dict[str, list[str]] = {}
    wanted = fold(typed.strip())
    for name in names:
        folded = fold(name)
        if folded == wanted:
            return ()
        for part in dict.fromkeys((folded, *folded.replace("-", " ").split())):
            known.setdefault(part, []).append(name)
    close = get_close_matches(wanted, known, _MOST_ALIKE, _LIKENESS)
    return tuple(dict.fromkeys(name for part in close for name in known[part]))[:_MOST_ALIKE]


def placed(problem: BadInput, start: int, end: int) -> BadInput:
    """Return a problem with its place in the line."""
    return BadInput(problem.sentence, start=start, end=end)


def unclosed(text: str) -> BadInput:
    """Return the error for unclosed quotes."""
    return BadInput("A quotation mark is not closed: {text}", text=text)


def guess(typed: str, fields: Iterable[str]) -> str:
    """Return the key among those of `fields` that looks most like a word; "" if none does."""
    from difflib import get_close_matches

    keys = {fold(key): key for field in fields for key in FIELD_KEYS.get(field, (field,))}
    close = get_close_matches(fold(typed), keys, 1)
    return keys[close[0]] if close else ""
