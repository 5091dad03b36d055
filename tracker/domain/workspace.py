"""Everything that is true at one moment; changes turn it into the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, pairwise
from operator import attrgetter
from typing import Any, TypeVar, cast

import msgspec

from tracker.domain import graph
from tracker.domain.change import Change, Edit
from tracker.domain.errors import Conflict, Refused
from tracker.domain.fields import label_of
from tracker.domain.model import (
    KINDS,
    TABLE_OF,
    Baseline,
    Department,
    Entity,
    Link,
    Person,
    Project,
    SavedFilter,
    Settings,
    System,
    Task,
)
from tracker.domain.persistent_map import Table
from tracker.domain.sentence import Sentence, listed, numbers_with_strokes, sentence

E = TypeVar("E", bound=Entity)
Arrows = Table[tuple[Link, ...]]

# It says when an entity was last touched, not what it is: two edits never conflict over it.
_STAMPS = frozenset({"modified"})
# Rates that leave less than this for going on leave nothing: 0.7 + 0.2 + 0.1 is not quite 1.
NOTHING = 1e-9
# From this many new `needs` links on, one walk over all links is cheaper than one walk for each.
_MANY = 32


class Workspace:
    """All tables. Never changed in place: `apply` returns the next workspace.

    Tables map an id to its entity in the order of ids. `arrows_out` and `arrows_in` map a task's
    id to the links that start or end there, in the order of their ids. `last_ids` holds the
    highest id ever given in each table, and `seq` the number of the last record applied.
    """

    __slots__ = (*KINDS, "_read_ids", "arrows_in", "arrows_out", "last_ids", "seq")

    settings: Table[Settings]
    projects: Table[Project]
    departments: Table[Department]
    people: Table[Person]
    systems: Table[System]
    tasks: Table[Task]
    links: Table[Link]
    baselines: Table[Baseline]
    filters: Table[SavedFilter]
    arrows_out: Arrows
    arrows_in: Arrows
    last_ids: Mapping[str, int]
    seq: int
    # What `last_ids` were when the tables were made, some of which nobody has looked at since.
    _read_ids: Mapping[str, int]

    def __init__(
        self,
        entities: Iterable[Entity] = (),
        *,
        last_ids: Mapping[str, int] | None = None,
        seq: int = 0,
    ) -> None:
        rows: dict[type[Entity], dict[int, Entity]] = {kind: {} for kind in TABLE_OF}
        for entity in entities:
            rows[type(entity)][entity.id] = entity
        known = last_ids or {}
        last: dict[str, int] = {}
        for kind, table in TABLE_OF.items():
            setattr(self, table, Table(rows[kind].items()))
            last[table] = max(known.get(table, 0), max(rows[kind], default=0))
        self._complete(last, seq)

    @classmethod
    def of_tables(
        cls, tables: Mapping[str, Table[Any]], *, last_ids: Mapping[str, int], seq: int
    ) -> Workspace:
        """Return the workspace of tables by name, which may not have been looked at yet."""
        self = object.__new__(cls)
        for table in KINDS:
            setattr(self, table, tables[table])
        self._complete({table: last_ids.get(table, 0) for table in KINDS}, seq)
        return self

    def _complete(self, last_ids: Mapping[str, int], seq: int) -> None:
        self.last_ids, self.seq = last_ids, seq
        self._read_ids = last_ids
        self.arrows_out = Table.later(partial(_arrows, self.links, "source"))
        self.arrows_in = Table.later(partial(_arrows, self.links, "target"))

    @property
    def preferences(self) -> Settings:
        """What holds for the whole workspace, as set or by default."""
        return self.settings.get(1) or Settings(id=1)

    def table(self, kind: type[E]) -> Table[E]:
        """Return the table of a kind of entity."""
        return cast("Table[E]", getattr(self, TABLE_OF[kind]))

    def entities(self) -> Iterator[Entity]:
        """Walk over everything, table by table."""
        for kind in TABLE_OF:
            yield from self.table(kind).values()

    def next_id(self, kind: type[Entity]) -> int:
        """Return the lowest id of a kind that is above all ever given."""
        return self.last_ids[TABLE_OF[kind]] + 1

    def apply(self, change: Change, *, seq: int | None = None, past: bool = False) -> Workspace:
        """Return the workspace after `change`, numbered `seq` or one more than this one.

        Raises Conflict when an entity is not what its edit says it was, and Refused when the
        result would name what is not there, hold a loop of `needs` links or a new fault (see
        `faults`). What was kept in the `past` is not held to the rules of today: it may hold
        faults as long as all it names is there.
        """
        replaced: dict[str, dict[int, Entity | None]] = {}
        for edit in change.edits:
            table, key = edit.table, edit.entity.id
            now = replaced.setdefault(table, {})
            current = now[key] if key in now else getattr(self, table).get(key)
            if current != edit.before:
                raise _conflict(edit, current)
            now[key] = edit.after
        following = object.__new__(Workspace)
        last_ids = dict(self.last_ids)
        for table in KINDS:
            rows = getattr(self, table)
            if table in replaced:
                rows = rows.replacing(replaced[table])
                last_ids[table] = max(last_ids[table], *replaced[table])
            setattr(following, table, rows)
        following._complete(last_ids, self.seq + 1 if seq is None else seq)
        links = replaced.get("links", {})
        # Where most arrows are new, they are sorted by their ends when somebody asks.
        if not links or 2 * len(links) <= len(following.links):
            following._read_ids = self._read_ids
            following.arrows_out, following.arrows_in = self._rewired(links)
        following._check(replaced, before=None if past else self)
        return following

    def rebase(self, change: Change) -> Change:
        """Return `change` as it would be said of this workspace, merged field by field.

        Fields that others have changed since stay as they are; raises Conflict when they have
        changed the same fields to something else.
        """
        return msgspec.structs.replace(
            change, edits=tuple(self._rebased(edit) for edit in change.edits)
        )

    def _rebased(self, edit: Edit) -> Edit:
        current = self.table(type(edit.entity)).get(edit.entity.id)
        if current == edit.before:
            return edit
        if current is None or edit.before is None:
            raise _conflict(edit, current)
        if edit.after is None:
            if set(Edit(edit.before, current).fields) <= _STAMPS:
                return Edit(current, None)
            raise _conflict(edit, current)
        mine = {name: getattr(edit.after, name) for name in edit.fields}
        clashes = tuple(
            name
            for name in mine
            if name not in _STAMPS
            and getattr(current, name) not in (getattr(edit.before, name), mine[name])
        )
        if clashes:
            raise _conflict(edit, current, clashes)
        return Edit(current, msgspec.structs.replace(current, **mine))

    def _rewired(self, links: Mapping[int, Entity | None]) -> tuple[Arrows, Arrows]:
        """Return the arrow tables after `links` have been put in their places."""
        if not links:
            return self.arrows_out, self.arrows_in
        out: dict[int, dict[int, Link]] = {}
        into: dict[int, dict[int, Link]] = {}

        def at(ends: dict[int, dict[int, Link]], arrows: Arrows, task: int) -> dict[int, Link]:
            if task not in ends:
                ends[task] = {link.id: link for link in arrows.get(task, ())}
            return ends[task]

        for key, after in links.items():
            before = self.links.get(key)
            if before:
                del at(out, self.arrows_out, before.source)[key]
                del at(into, self.arrows_in, before.target)[key]
            if isinstance(after, Link):
                at(out, self.arrows_out, after.source)[key] = after
                at(into, self.arrows_in, after.target)[key] = after
        return _with_ends(self.arrows_out, out), _with_ends(self.arrows_in, into)

    def _check(
        self, replaced: Mapping[str, Mapping[int, Entity | None]], before: Workspace | None
    ) -> None:
        """Refuse a gap and a loop of `needs`, looking only where it changed.

        Refuse faults as well that were not there `before`.
        """
        dead: dict[str, set[int]] = {}
        for table, rows in replaced.items():
            if gone := {key for key, entity in rows.items() if entity is None}:
                dead[table] = gone
            alive = [entity for entity in rows.values() if entity is not None]
            if not self._knows_all(KINDS[table], alive):
                for text in chain.from_iterable(map(self.gaps, alive)):
                    raise Refused(text)
            if before is None:
                continue
            for entity in self._doubtful(alive):
                if faults := list(self._faults(entity)):
                    was: Entity | None = getattr(before, table).get(entity.id)
                    known = list(before._faults(was)) if was else []
                    for text in faults:
                        if text not in known:
                            raise Refused(text)
        for table, keys in dead.items():
            for used in self._used(table, keys):
                raise _still_used(table, used)
        fresh = [
            link
            for link in replaced.get("links", {}).values()
            if isinstance(link, Link) and link.kind == "needs"
        ]
        if len(fresh) >= _MANY:
            loop = graph.any_loop(self)
        else:
            loops = (graph.loop_through(self, link.source, link.target) for link in fresh)
            loop = next(filter(None, loops), ())
        if loop:
            raise Refused(
                "The arrows {path} form a loop of dependencies.", path=" → ".join(map(str, loop))
            )

    def _used(self, table: str, keys: set[int]) -> Iterator[int]:
        """Walk over those of the keys of a table that something names."""
        # As it was read, a table names nothing that came later, and need not be read for that.
        early = {key for key in keys if key <= self._read_ids[table]}
        for kind, fields in _NAMES.items():
            for field, named, many in fields:
                if named != table:
                    continue
                if kind is Link and named == "tasks":
                    arrows = self.arrows_out if field == "source" else self.arrows_in
                    asked = early if arrows.unread else keys
                    yield from (key for key in asked if arrows.get(key))
                    continue
                rows: Table[Any] = self.table(kind)
                if asked := early if rows.unread else keys:
                    yield from asked.intersection(_named(rows.values(), field, many))

    def demand_whole(self) -> None:
        """Raise Refused where something names what is not there, or `needs` links form a loop.

        No change leads to that. What was read may be anybody's.
        """
        self._check({table: getattr(self, table) for table in KINDS}, before=None)

    def released(self, entity: E) -> E | None:
        """Return an entity without what it names and is not there; None for a loose arrow."""
        there: dict[str, Any] = {}
        for field, table, many in _NAMES.get(type(entity), ()):
            rows, value = getattr(self, table), getattr(entity, field)
            if many:
                there[field] = tuple(key for key in value if key in rows)
            elif value is not None and value not in rows:
                there[field] = None
        if isinstance(entity, Link) and not there.keys().isdisjoint(("source", "target")):
            return None
        return msgspec.structs.replace(entity, **there)

    def faults(self, entity: Entity) -> Iterator[Sentence]:
        """Walk over sentences about what is wrong with an entity in this workspace.

        What it names and is not there, numbers out of bounds, an arrow beside its twin.
        """
        gaps = [*self.gaps(entity)]
        yield from gaps
        if not gaps:
            yield from self._faults(entity)

    def _knows_all(self, kind: type[Entity], entities: Collection[Entity]) -> bool:
        """Return whether everything is there that entities of a kind name, thousands at once."""
        return all(
            key is None or key in getattr(self, named)
            for field, named, many in _NAMES.get(kind, ())
            for key in set(_named(entities, field, many))
        )

    def gaps(self, entity: Entity) -> Iterator[Sentence]:
        """Walk over sentences about what an entity names and is not there."""
        for table, key in references(entity):
            if key not in getattr(self, table):
                word = table_word(TABLE_OF[type(entity)])
                yield sentence(
                    "{thing} refers to {other}, which does not exist.",
                    thing=sentence("{kind} {id}", kind=word, id=entity.id),
                    other=sentence("{kind} {id}", kind=table_word(table), id=key),
                )

    def _faults(self, entity: Entity) -> Iterator[Sentence]:
        if isinstance(entity, Task):
            yield from _task_faults(entity)
        elif isinstance(entity, Link):
            yield from self._link_faults(entity)

    def never_accepting(self, gate: int) -> tuple[Link, ...]:
        """Return the return arrows of a task if all together they always send work back."""
        backs = tuple(
            link
            for link in self.arrows_out.get(gate, ())
            if link.kind == "returns"
            and (target := self.tasks.get(link.target))
            and target.state != "dropped"
        )
        return backs if sum(back.rate for back in backs) > 1 - NOTHING else ()

    def _doubtful(self, entities: Iterable[Entity]) -> Iterator[Entity]:
        """Walk over what may have faults: arrows are looked at by the task they leave, together."""
        sound: dict[int, bool] = {}
        for entity in entities:
            if isinstance(entity, Link):
                if entity.source not in sound:
                    sound[entity.source] = self._sends_soundly(entity.source)
                if sound[entity.source]:
                    continue
            yield entity

    def _sends_soundly(self, task: int) -> bool:
        """Return whether none of the arrows that leave a task can have a fault."""
        arrows = self.arrows_out.get(task, ())
        return (
            all(map(_in_range, arrows))
            and len({(link.kind, link.target) for link in arrows}) == len(arrows)
            and sum(link.rate for link in arrows if link.kind == "returns") <= 1 - NOTHING
        )

    def _link_faults(self, link: Link) -> Iterator[Sentence]:
        if not _in_range(link):
            yield sentence("The rate or share of arrow {id} is out of range.", id=link.id)
        if link.kind == "returns" and (backs := self.never_accepting(link.source)):
            gate = self.tasks[link.source]
            yield sentence(
                "Work would never get past {gate}: its return rates add up to {sum:.0%} "
                "({arrows}). Lower one of them.",
                gate=f"{gate.id} {gate.title}",
                sum=sum(back.rate for back in backs),
                arrows=listed(map(_return_rate, backs), "; "),
            )
        for other in self.arrows_out.get(link.source, ()):
            if other.target == link.target and other.kind == link.kind and other.id != link.id:
                yield sentence(
                    "There are two arrows of the same kind from {source} to {target}.",
                    source=link.source,
                    target=link.target,
                )


def _arrows(links: Table[Link], end: str) -> dict[int, tuple[Link, ...]]:
    """Return the links by the task at one end of them."""
    found: dict[int, list[Link]] = defaultdict(list)
    for task, link in zip(map(attrgetter(end), links.values()), links.values(), strict=True):
        found[task].append(link)
    return {task: tuple(ending) for task, ending in found.items()}


def _return_rate(back: Link) -> Sentence:
    return Sentence("→ {target} {rate:.0%}", {"target": back.target, "rate": float(back.rate)})


def _in_range(link: Link) -> bool:
    shares = 0 <= link.rate < 1 and 0 < link.share <= 1 and 0 <= link.learning < 1
    return shares and (link.ripple is None or 0 <= link.ripple <= 1)


def _task_faults(task: Task) -> Iterator[Sentence]:
    estimate = [days for days in (task.low, task.likely, task.high) if days is not None]
    if estimate != sorted(estimate):
        yield sentence(
            "The estimate of {id} is out of order: {estimate}.",
            id=task.id,
            estimate=numbers_with_strokes(estimate),
        )
    numbers = [run.number for run in task.passes]
    if any(after <= before for before, after in pairwise(numbers)):
        yield sentence("The passes of {id} are out of order.", id=task.id)


# The fields that name others: the table they name, and whether they name many.
_NAMES: dict[type[Entity], tuple[tuple[str, str, bool], ...]] = {
    Task: (
        ("project", "projects", False),
        ("department", "departments", False),
        ("assignee", "people", False),
        ("requester", "people", False),
        ("watchers", "people", True),
        ("systems", "systems", True),
    ),
    Link: (
        ("source", "tasks", False),
        ("target", "tasks", False),
        ("escalate_to", "people", False),
    ),
    Person: (("department", "departments", False),),
    System: (("owner", "departments", False), ("restored_by", "tasks", False)),
}


def references(entity: Entity) -> Iterator[tuple[str, int]]:
    """Walk over the (table, id) of everything that `entity` names."""
    for field, table, many in _NAMES.get(type(entity), ()):
        named = getattr(entity, field)
        for key in named if many else (named,):
            if key is not None:
                yield table, key


def _named(entities: Iterable[Entity], field: str, many: bool) -> Iterable[int | None]:
    """Walk over what entities name in a field, in which each may name `many`."""
    found: Iterable[Any] = map(attrgetter(field), entities)
    return chain.from_iterable(found) if many else found


def redirected(entity: E, table: str, old: int, new: int) -> E:
    """Return an entity with `new` wherever it names `old` of a table."""
    changed: dict[str, Any] = {}
    for field, named, many in _NAMES.get(type(entity), ()):
        value = getattr(entity, field)
        if named != table:
            continue
        if many and old in value:
            changed[field] = tuple(dict.fromkeys(new if key == old else key for key in value))
        elif value == old:
            changed[field] = new
    return msgspec.structs.replace(entity, **changed)


def _with_ends(arrows: Arrows, ends: Mapping[int, Mapping[int, Link]]) -> Arrows:
    return arrows.replacing(
        {
            task: tuple(links[key] for key in sorted(links)) if links else None
            for task, links in ends.items()
        }
    )


def _conflict(edit: Edit, current: Entity | None, fields: tuple[str, ...] = ()) -> Conflict:
    kind, key = edit.table, edit.entity.id
    if not fields and current is not None and edit.before is not None:
        fields = tuple(f for f in Edit(edit.before, current).fields if f not in _STAMPS)
    word = table_word(kind)
    if current is None:
        text = sentence("{kind} {id} no longer exists.", kind=word, id=key)
    elif edit.before is None:
        text = sentence("{kind} {id} already exists.", kind=word, id=key)
    else:
        named = listed(map(label_of, fields))
        text = sentence("{kind} {id} has changed since: {fields}.", kind=word, id=key, fields=named)
    return Conflict(kind, key, fields, text)


def _still_used(table: str, key: int) -> Refused:
    return Refused("{kind} {id} is still in use.", kind=table_word(table), id=key)


def table_word(table: str) -> str | Sentence:
    """Return what an entity of a table is called."""
    return {
        "settings": sentence("Settings"),
        "projects": sentence("Project"),
        "departments": sentence("Department"),
        "people": sentence("Person"),
        "systems": sentence("System"),
        "tasks": sentence("Task"),
        "links": sentence("Arrow"),
        "baselines": sentence("Baseline"),
        "filters": sentence("Filter"),
    }.get(table, table)
