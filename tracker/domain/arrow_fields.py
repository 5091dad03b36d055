"""The fields of arrows, each declared once: how it is typed, shown, listed and stored."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from tracker.domain.model import Link
from tracker.domain.sentence import Sentence, sentence

# What a field of an arrow holds; how it is read and written follows from it.
ArrowForm = Literal["share", "limit", "lag", "days", "redo"]


class ArrowField(msgspec.Struct, frozen=True, kw_only=True):
    """A field of an arrow, by the name that it has in `Link`, in JSON and as an option.

    In a line, those without `keys` are known by their place; of others the value follows one of
    these, in English and in German, and `=`. The words of a choice stand for themselves.
    """

    name: str
    form: ArrowForm
    help: Sentence
    keys: tuple[str, ...] = ()
    option: str = ""

    @property
    def default(self) -> Any:
        """What an arrow has that nobody gave it for."""
        return _BLANK[self.name]


_BLANK: dict[str, Any] = {
    name: getattr(Link(id=0, kind="returns", source=0, target=0), name)
    for name in Link.__struct_fields__
}
# What may be done again, in the words that are typed for it.
REDO_WORDS: dict[str, tuple[str, str]] = {
    "all": ("all", "alles"),
    "target": ("target", "ziel"),
    "chance": ("chance", "zufall"),
}
RETURN_FIELDS: tuple[ArrowField, ...] = (
    ArrowField(name="rate", form="share", help=sentence("return rate: 30% or 0.3")),
    ArrowField(name="share", form="share", help=sentence("share of rework: 50% or 0.5")),
    ArrowField(name="limit", form="limit", help=sentence("pass limit")),
    ArrowField(
        name="redo",
        form="redo",
        help=sentence(
            "what is done again: all (every task between), target (only target and gate) or"
            " chance (what the rework reaches)"
        ),
    ),
    ArrowField(
        name="learning",
        form="share",
        help=sentence("part by which each further pass takes less: 20% or 0.2"),
        keys=("learning", "lernen"),
    ),
    ArrowField(
        name="escalation",
        form="days",
        help=sentence("working days after which the work goes forward beyond the pass limit"),
        keys=("forward", "weiter"),
        option="forward",
    ),
)
NEEDS_FIELDS: tuple[ArrowField, ...] = (
    ArrowField(name="lag", form="lag", help=sentence("lag in working days")),
    ArrowField(
        name="ripple",
        form="share",
        help=sentence("chance that rework of A is passed on to B: 40% or 0.4"),
        option="passes-on",
    ),
    ArrowField(
        name="share", form="share", help=sentence("share of B that is then done again: 50% or 0.5")
    ),
)
# By the kind of arrow.
ARROW_FIELDS = {"needs": NEEDS_FIELDS, "returns": RETURN_FIELDS}


def arrow_values(link: Link) -> dict[str, Any]:
    """Return the fields of an arrow that belong to its kind."""
    return {field.name: getattr(link, field.name) for field in ARROW_FIELDS[link.kind]}


def known_values(link: Link) -> dict[str, Any]:
    """Return the fields of an arrow that are not as they are without anybody giving them."""
    return {
        field.name: getattr(link, field.name)
        for field in ARROW_FIELDS[link.kind]
        if getattr(link, field.name) != field.default
    }


def redo_from_word(word: str) -> str | None:
    """Return what may be done again, of a word in English or German."""
    folded = word.casefold()
    return next((redo for redo, words in REDO_WORDS.items() if folded in words), None)
