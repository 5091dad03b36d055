"""Names that come into being because something is named so: each may be a slip of a known one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tracker.domain.change import Change
from tracker.domain.draft import Named, names_of
from tracker.domain.model import Department, Entity, Person, Project, System
from tracker.domain.patterns import pattern
from tracker.domain.typing.filters import known_names
from tracker.domain.typing.lexer import most_alike
from tracker.domain.workspace import Workspace

KINDS: tuple[type[Named], ...] = (Department, Person, System, Project)

# So many pairs of names are compared letter by letter; beyond that it would take seconds.
_MOST_COMPARED = 4000
# What tells names apart that are no slips of each other: a number, a letter behind.
_COUNTED = pattern(r"\s*\d+|(?<=[\s._-])\w$")


class Newcomer(msgspec.Struct, frozen=True):
    """A new name, and the names that may have been meant by it."""

    kind: type[Entity]
    name: str
    close: tuple[str, ...] = ()


def newcomers(change: Change, before: Workspace) -> Iterator[Newcomer]:
    """Yield the new names of a change, by kind.

    Compared are the names known before and the new ones above; those that only differ in their
    digits or a last letter are no slips.
    """
    for kind in KINDS:
        names = [names_of(entity)[0] for entity in change.born(kind)]
        known = list(known_names(before, kind)) if names else []
        compared = len(names) * (len(known) + len(names)) <= _MOST_COMPARED
        for name in names:
            close = most_alike(name, known) if compared or len(names) == 1 else ()
            yield Newcomer(kind, name, tuple(x for x in close if _letters(x) != _letters(name)))
            known.append(name)


def _letters(name: str) -> str:
    return _COUNTED.sub("", name)
