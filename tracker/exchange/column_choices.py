"""The meanings somebody has chosen for columns of a list, kept for its next version."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date

from tracker import remembered as remembering
from tracker.domain.errors import BadInput
from tracker.domain.fields import BY_NAME, LISTED
from tracker.domain.typing import vocabulary
from tracker.domain.typing.dates import parse_date

# From the head of a column to the field it holds; "" for none that is known here.
FieldChoices = Mapping[str, str]

_FILE = "columns.json"
_NOTHING = "-"
# The least number of values, and the share that must agree, to recognise a column.
_FEWEST, _MOST = 2, 0.8
# Fields that cannot be set from a list.
_NOT_LISTED = frozenset(("passes", "origin"))
# The fields a column may hold.
CHOOSABLE = tuple(name for name in LISTED if name not in _NOT_LISTED)


def parse(texts: Iterable[str]) -> dict[str, str]:
    """Read choices as they are typed: `Termin Fachbereich=due`, `Farbe=-`. Raises BadInput."""
    found: dict[str, str] = {}
    for text in texts:
        head, equals, name = (part.strip() for part in text.rpartition("="))
        field = "" if name == _NOTHING else _field(name)
        if not (head and equals) or field is None:
            raise BadInput(
                "{text} is not a column and a field; try “{example}”. Fields are {fields}; -"
                " means none of them.",
                text=text,
                example="Termin Fachbereich=due",
                fields=", ".join(CHOOSABLE),
            )
        found[head] = field
    return found


def _field(name: str) -> str | None:
    """Return the field that is called so in lists; None if none is."""
    if name in CHOOSABLE:
        return name
    known = vocabulary.field_from_word(name)
    return BY_NAME[known].listed if known and known not in _NOT_LISTED else None


def by_key(choices: FieldChoices) -> dict[str, str | None]:
    """Return choices by heads as they compare, as the search for the header wants them."""
    return {vocabulary.meaning_key(head): field or None for head, field in choices.items()}


def remembered(folder: str, file: str) -> dict[str, str]:
    """Return the choices for the columns of a file of that name; none if they are lost."""
    found = remembering.recall(os.path.join(folder, _FILE), file.casefold())
    known = ("", *LISTED)
    return {head: field for head, field in found.items() if field in known}


def remember(folder: str, file: str, choices: FieldChoices) -> None:
    """Keep the choices; a convenience, and no reason to fail."""
    remembering.remember(os.path.join(folder, _FILE), file.casefold(), **choices)


def likely(texts: Sequence[str], taken: Collection[str | None], today: date) -> str | None:
    """Return the field whose values a column seems to hold, of those no other column has."""
    said = [text for text in texts if text]
    if len(said) < _FEWEST:
        return None

    def most(read: Callable[[str], object]) -> bool:
        return sum(1 for text in said if _is_read(read, text)) >= _MOST * len(said)

    def day(text: str) -> date:
        if not any(c.isdecimal() for c in text) or text.isdecimal():
            raise ValueError
        return parse_date(text, today)

    if most(day):
        free = (each for each in ("due", "not_before", "follow_up") if each not in taken)
        return next(free, None)
    for field, read in (("state", _state), ("priority", _priority)):
        if field not in taken and most(read):
            return field
    return None


def _state(text: str) -> object:
    return vocabulary.state_from_word(text)


def _priority(text: str) -> object:
    return vocabulary.priority_from_word(text)


def _is_read(read: Callable[[str], object], text: str) -> bool:
    try:
        return read(text) is not None
    except (ValueError, BadInput):
        return False
