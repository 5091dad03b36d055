"""A draft: edits gathered over a workspace until they become one change."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, TypeVar, cast

import msgspec

from tracker.domain.change import Change, Edit
from tracker.domain.errors import NotFound
from tracker.domain.model import (
    Baseline,
    Department,
    Entity,
    Link,
    Person,
    Project,
    SavedFilter,
    System,
    Task,
)
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.workspace import Workspace

E = TypeVar("E", bound=Entity)
# Soft hyphens, blanks of no width and marks of the byte order.
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFEFF))

Named = Project | Department | Person | System
# What is listed under a name that nothing else of its kind has.
Nameable = Named | Baseline | SavedFilter


class Now(msgspec.Struct, frozen=True):
    """The moment of a command: `at` in UTC, `today` where the person is, and who it is."""

    at: datetime
    today: date
    who: str


class Draft:
    """A workspace with edits on top; nothing is true until `change` has been applied."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._after: dict[tuple[type[Entity], int], Entity | None] = {}
        self._last: dict[type[Entity], int] = {}
        self._names: dict[type[Entity], dict[str, int]] = {}

    def get(self, kind: type[E], id: int) -> E:
        """Return an entity as changed in the draft; raises NotFound."""
        if (kind, id) in self._after:
            found = self._after[kind, id]
        else:
            found = self._ws.table(kind).get(id)
        if found is None:
            raise not_found(kind, id)
        return cast("E", found)

    def put(self, entity: E) -> E:
        """Put an entity in, new or changed, and return it."""
        kind = type(entity)
        self._after[kind, entity.id] = entity
        self._last[kind] = max(entity.id, self._last.get(kind, 0))
        return entity

    def new(self, kind: type[E], /, **fields: Any) -> E:
        """Put in an entity under the next free id, or the `id` given among the fields."""
        id = fields.pop("id", 0) or self.next_id(kind)
        return self.put(kind(id=id, **fields))

    def next_id(self, kind: type[Entity]) -> int:
        """Return the id that the next new entity of a kind gets."""
        return max(self._ws.next_id(kind), self._last.get(kind, 0) + 1)

    def delete(self, entity: Entity) -> None:
        """Take an entity out."""
        self._after[type(entity), entity.id] = None

    def named(self, kind: type[Named], name: str | int | None, /) -> int | None:
        """Return the id of what is called `name`, which comes into being if nothing is.

        Names, short names, keys and logins are compared as `alike` does. A number is an id that
        must be there; None and blanks mean nobody.
        """
        if isinstance(name, int):
            return self.get(kind, name).id
        name = (name or "").strip()
        if not name:
            return None
        if kind not in self._names:
            self._names[kind] = ids_by_name(self._ws.table(kind).values())
        found = self._names[kind].get(alike(name))
        if found is None:
            fields: dict[str, Any] = {"login" if kind is Person else "name": name}
            if kind is Department:
                fields["order"] = self.next_id(kind)
            found = self.new(kind, **fields).id
            self._names[kind][alike(name)] = found
        return found

    def change(self, label: Sentence) -> Change:
        """Return what the draft changes, each entity once; what came to nothing is left out."""
        edits = []
        for (kind, id), after in self._after.items():
            before = self._ws.table(kind).get(id)
            if before != after:
                edits.append(Edit(before, after))
        return Change(label, tuple(edits))


def together(
    steps: Iterable[Callable[[Workspace, Now], Change]], label: Sentence | None = None
) -> Callable[[Workspace, Now], Change]:
    """Return one command that does several as one change, under `label` or that of the first.

    Each sees what those before it have done; it is refused as a whole if one refuses.
    """
    chosen = tuple(steps)

    def command(ws: Workspace, now: Now) -> Change:
        draft, state, labels = Draft(ws), ws, [label] if label else []
        for step in chosen:
            change = step(state, now)
            state = state.apply(change)
            labels.append(change.label)
            for edit in change.edits:
                draft.put(edit.after) if edit.after else draft.delete(edit.entity)
        return draft.change(labels[0])

    return command


def alike(name: str) -> str:
    """Return a name as it compares: no case, each letter in one form, no blanks nobody sees."""
    if name.isascii():
        return " ".join(name.split()).lower()
    visible = name.translate(_INVISIBLE).casefold()
    return " ".join(unicodedata.normalize("NFC", visible).split())


def ids_by_name(entities: Iterable[Named]) -> dict[str, int]:
    """Return the ids of entities by every name they go by, as `alike` compares them.

    What one is listed under means that one, though it may be a short name or a key of another.
    """
    known, found = [*entities], dict[str, int]()
    for entity in known:
        found.setdefault(alike(name_of(entity)), entity.id)
    for entity in known:
        for name in names_of(entity):
            found.setdefault(alike(name), entity.id)
    return found


def names_of(entity: Named) -> tuple[str, ...]:
    """Return the names an entity goes by, the one used when typing first."""
    match entity:
        case Project():
            known = (entity.key, entity.name)
        case Department():
            known = (entity.name, entity.short)
        case Person():
            known = (entity.login, entity.name)
        case _:
            known = (entity.name, "")
    return tuple(filter(None, known))


def name_of(entity: Nameable) -> str:
    """Return the name under which an entity is listed."""
    return entity.login if isinstance(entity, Person) else entity.name


def namesake(ws: Workspace, change: Change) -> Nameable | None:
    """Return what would share the name that a change gives to something else; None if nothing.

    No verb gives a name twice, but to take back what has given one up may.
    """
    given: dict[tuple[type[Entity], str], Nameable] = {}
    for edit in change.edits:
        before, after = cast("Nameable | None", edit.before), edit.after
        if isinstance(after, Nameable):
            name = alike(name_of(after))
            if before is None or alike(name_of(before)) != name:
                given[type(after), name] = after
    following = ws.apply(change) if given else ws
    for kind in dict.fromkeys(kind for kind, _name in given):
        for other in cast("Iterable[Nameable]", following.table(kind).values()):
            one = given.get((kind, alike(name_of(other))))
            if one and one.id != other.id:
                return other
    return None


def not_found(kind: type[Entity], id: int) -> NotFound:
    """Return the error for an unknown entity, with where to look."""
    if kind is Task:
        return NotFound(
            "There is no task {id}; `:list`, or `tracker list` in the shell, shows all tasks.",
            id=id,
        )
    what = {
        Link: sentence("arrow"),
        Project: sentence("project"),
        Department: sentence("department"),
        Person: sentence("person"),
        System: sentence("system"),
    }.get(kind, sentence("entry"))
    return NotFound("There is no {what} {id}.", what=what, id=id)
