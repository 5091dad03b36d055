"""What the history of a workspace says of a list: what it had, and what imports have brought."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cache, partial
from typing import Any, cast

import msgspec

from tracker.domain.change import Record
from tracker.domain.draft import Nameable, Named, alike, ids_by_name, name_of, names_of
from tracker.domain.model import TABLE_OF, Department, Entity, Link, LinkKind, Settings, Task
from tracker.domain.workspace import Workspace
from tracker.exchange.encoding import narrowed
from tracker.exchange.moments import zone_here
from tracker.exchange.source import NOTED, Circumstances, LastKnown, Source
from tracker.language import current

# The change of a repair that takes over what somebody has written into the workspace's own file.
_BY_HAND = "Adopted from {file}, changed by hand"


def _as_now(_import: int) -> None:
    return None


class Lookback(msgspec.Struct):
    """What is known of the time before a list came in.

    `then` is the plan as it was when an export of ours was written, which had the tasks that are
    `listed`: a list says anew what differs from that. It is None for a list of anybody's, for an
    export that does not say when it was written, and for one of a copy that has gone on for
    itself. `fields` are what imports have set, by task, those of the list itself since `then`, and
    `links` what arrows they have left, by kind and ends, with those of `then`; what people have
    done since is not in them. `brought` are the tasks among them that the list may have had: an
    export of ours has none for what others have brought. `lists` are the names of files and the
    tasks that came with them, versions of one list together.

    `earlier` are, by task and field, the values before each change, whoever made it. Of arrows, a
    field for each kind, they are what those that were changed after the creation of the task had
    been, by number; None for what was drawn. `rounds` say how many of these there were each time
    that the list itself, since `then`, had changed a field. `last` are the numbers of the imports
    that have brought a field last, under "" those that have created the task, and `own` the numbers
    of those of the list itself. `called` are the names that something went by until it was renamed,
    merged or deleted, oldest first, and `deleted` the tasks that people have deleted, or another
    list, as they were. The history is `whole` if it begins with the first change.

    `brought_by` are the numbers of the imports of the list itself that have brought a field last,
    as `last` has them. `read` says how the lists were read that came in, by the numbers of their
    imports, and `as_then` reads this one as it would have been: a date without a year is another
    one next year, and `tomorrow` another one each day. `until_then` says how many of `earlier`
    there were by `then`.
    """

    then: Workspace | None = None
    listed: frozenset[int] = frozenset()
    fields: dict[int, dict[str, Any]] = {}
    links: dict[tuple[LinkKind, int, int], Link] = {}
    brought: set[int] = set()
    lists: list[tuple[set[str], set[int]]] = []
    earlier: dict[tuple[int, str], list[Any]] = {}
    rounds: dict[tuple[int, str], list[int]] = {}
    last: dict[tuple[int, str], int] = {}
    own: list[int] = []
    called: dict[type[Entity], list[tuple[int, tuple[str, ...]]]] = {}
    deleted: dict[int, Task] = {}
    whole: bool = True
    brought_by: dict[tuple[int, str], int] = {}
    read: dict[int, Circumstances] = {}
    until_then: dict[tuple[int, str], int] = {}
    as_then: Callable[[int], Source | None] = _as_now

    def by_another(self, task: int, field: str) -> int:
        """Return the number of the import that has brought a field last; 0 for one of the list."""
        last = self.last.get((task, field), self.last.get((task, ""), 0))
        return 0 if last in self.own else last

    def since(self, task: int, field: str) -> int:
        """Return how many changes a field has had since the list was written, or has brought it."""
        key = task, field
        known = [
            *self.left(task, field)[-1:],
            *([self.until_then.get(key, 0)] if self.then else ()),
        ]
        changes = len(self.earlier.get(key, ()))
        return changes - max(known, default=changes)

    def left(self, task: int, field: str) -> list[int]:
        """Return how many changes a field had had each time that the list itself has brought it."""
        created = [0] * (self.last.get((task, "")) in self.own)
        return created + self.rounds.get((task, field), [])


def look_back(records: Iterable[Record], ws: Workspace, source: Source) -> Lookback:
    """Return what the history that has led to a workspace says of a list."""
    kept = list(records)
    then = _plan_then(kept, ws, source.last_known)
    past = Lookback(then, whole=kept[0].seq == 1 if kept else ws.seq == 0)
    if then and source.last_known:
        past.listed = frozenset(source.last_known.tasks_of(then))
        past.links = {_ends(link): link for link in then.links.values()}
    taken_back = _taken_back(kept)
    for record in kept:
        replaced = _replaced(record)
        for key, value in replaced.items():
            past.earlier.setdefault(key, []).append(value)
            if then is not None and record.seq <= then.seq:
                past.until_then[key] = len(past.earlier[key])
        file = str(record.change.label.values["file"]) if _is_import(record) else ""
        # A list may bring what it, or the version before it, has had deleted.
        itself = file == source.file or not (past.own or source.own or source.ours)
        _note_names(past, record, gave_up=bool(file) and itself)
        if not file or record.seq in taken_back:
            continue
        again = file == source.file and (then is None or record.seq > then.seq)
        if again:
            past.own.append(record.seq)
            for key in replaced:
                past.rounds.setdefault(key, []).append(len(past.earlier[key]))
        if again or then is None:
            brought = dict.fromkeys(replaced, record.seq)
            brought |= {(task.id, ""): record.seq for task in record.change.born(Task)}
            past.last |= brought
            past.brought_by |= brought if again else {}
            touched = _note_import(past, record, file)
            if again or not (source.own or source.ours):
                past.brought |= touched
    past.read = _readings(kept, ws, source)
    return past


def _readings(records: Sequence[Record], ws: Workspace, source: Source) -> dict[int, Circumstances]:
    """Return how the lists were read that came in, by the numbers of their imports."""
    beside = {(TABLE_OF[type(each)], each.id): each for each in read_beside(ws, source)}
    found: dict[int, Circumstances] = {}
    heeded = _heeded(source)
    usual = {"here": zone_here(), "language": current()}
    for record in reversed(records):
        for edit in record.change.edits if record.seq <= ws.seq else ():
            key = edit.table, edit.entity.id
            if isinstance(edit.before, heeded):
                beside[key] = edit.before
            else:
                beside.pop(key, None)
        if _is_import(record):
            noted = record.change.label.values
            said = {name: str(noted.get(name, usual.get(name, ""))) for name in NOTED}
            day = record.at.astimezone().date()
            with suppress(ValueError):
                day = date.fromisoformat(str(noted.get("day", "")))
            known = tuple(beside[key] for key in sorted(beside))
            found[record.seq] = Circumstances(day, beside=known, **said)
    return found


def read_beside(ws: Workspace, source: Source) -> tuple[Entity, ...]:
    """Return what there is that the reader of a file heeds: the calendar, perhaps departments."""
    known = (each for kind in _heeded(source) for each in ws.table(kind).values())
    return tuple(sorted(known, key=lambda each: (TABLE_OF[type(each)], each.id)))


def _heeded(source: Source) -> tuple[type[Entity], ...]:
    return (Department, Settings) if source.by_departments else (Settings,)


def _plan_then(
    records: Sequence[Record], ws: Workspace, last_known: LastKnown | None
) -> Workspace | None:
    """Return the plan that an export of ours is of.

    None where it does not say, where the history does not go back so far, and where it is one of
    a copy of the workspace that has gone on for itself: its numbers say nothing here.
    """
    if last_known is None or last_known.record > ws.seq:
        return None
    if last_known.record < ws.seq and (not records or records[0].seq > last_known.record + 1):
        return None
    here = {(type(entity), entity.id): entity for entity in ws.entities()}
    for record in reversed(records):
        if record.seq <= last_known.record:
            break
        for edit in record.change.inverse.edits if record.seq <= ws.seq else ():
            key = type(edit.entity), edit.entity.id
            if edit.after is None:
                here.pop(key, None)
            else:
                here[key] = edit.after
    if not last_known.is_of(here.values()):
        return None
    return Workspace(here.values(), seq=last_known.record)


def _taken_back(records: Sequence[Record]) -> set[int]:
    """Return the records that are not in force: taken back, and not brought back again."""
    # The first of what took back one another, by each of them.
    first: dict[int, int] = {}
    found: set[int] = set()
    for record in records:
        first[record.seq] = first.get(record.undoes or 0, record.seq)
        if record.undoes is not None:
            found ^= {first[record.seq]}
    return found


def _is_import(record: Record) -> bool:
    """Return whether a list came in: that names its file, and so does only one other change."""
    label = record.change.label
    return record.undoes is None and "file" in label.values and label.text != _BY_HAND


def _note_import(past: Lookback, record: Record, file: str) -> set[int]:
    """Note what an import has brought, and return the tasks that it has created or changed."""
    touched: set[int] = set()
    born: set[int] = set()
    changed: set[int] = set()
    repeating = _repeated(record)
    for edit in record.change.edits:
        entity = edit.entity
        if isinstance(entity, Link):
            if isinstance(edit.before, Link):
                past.links.pop(_ends(edit.before), None)
            if edit.after is not None:
                past.links[_ends(entity)] = entity
        elif isinstance(entity, Task) and edit.after is not None:
            fields = edit.fields if edit.before else entity.__struct_fields__
            touched.add(entity.id)
            values = past.fields.setdefault(entity.id, {})
            values.update((name, getattr(entity, name)) for name in fields)
            # What repeats or expires returns by itself; it is in no list.
            came_back = (entity.recurrence or entity.expires) and entity.title in repeating
            if edit.before or not came_back:
                (changed if edit.before else born).add(entity.id)
    same = [
        each for each in past.lists if file in each[0] or 2 * len(each[1] & changed) >= len(each[1])
    ]
    for names, tasks in same[:1]:
        names.add(file)
        tasks |= born
    if born and not same:
        past.lists.append(({file}, born))
    return touched


def _ends(link: Link) -> tuple[LinkKind, int, int]:
    return link.kind, link.source, link.target


def _replaced(record: Record) -> dict[tuple[int, str], Any]:
    """Return what a change has replaced, as `Lookback.earlier` has it."""
    born = {task.id for task in record.change.born(Task)}
    found: dict[tuple[int, str], Any] = {}
    for edit in record.change.edits:
        if isinstance(edit.before, Task):
            found.update(
                {(edit.before.id, name): getattr(edit.before, name) for name in edit.fields}
            )
        for side in (edit.after, edit.before):
            if isinstance(side, Link):
                end = side.target if side.kind == "needs" else side.source
                if end not in born:
                    drawn = None if side is edit.after else side
                    found.setdefault((end, side.kind), {})[side.id] = drawn
    return found


def _note_names(past: Lookback, record: Record, *, gave_up: bool) -> None:
    for edit in record.change.edits:
        before, after = edit.before, edit.after
        if isinstance(before, Nameable):
            names = _names(before)
            if after is None or _names(cast("Nameable", after)) != names:
                past.called.setdefault(type(before), []).append((before.id, names))
        if isinstance(after, Task):
            past.deleted.pop(after.id, None)
        elif isinstance(before, Task) and not gave_up:
            past.deleted[before.id] = before


def _names(entity: Nameable) -> tuple[str, ...]:
    """Return the names of something, first the one it is listed under."""
    others = names_of(entity) if isinstance(entity, Named) else ()
    return tuple(dict.fromkeys((name_of(entity), *others)))


def _repeated(record: Record) -> set[str]:
    """Return the titles of the tasks that have returned by a change since they repeat or expire."""
    return {
        edit.after.title
        for edit in record.change.edits
        if isinstance(edit.before, Task)
        and isinstance(edit.after, Task)
        and (
            (edit.before.recurrence and not edit.after.recurrence)
            or (edit.before.expires and not edit.after.expires)
        )
    }


class Names:
    """What the names in a list mean.

    In an export of ours a name means what went by it then, whatever that is called now; in others
    what goes by it now, or else what did so last.
    """

    def __init__(self, source: Source, ws: Workspace, past: Lookback) -> None:
        self._ws, self._then, self._called = ws, past.then, past.called
        self._narrow = source.narrow
        self.here = cache(self._here)
        self.gone = cache(self._gone)
        self._now = cache(partial(_by_name, ws))
        self._earlier = cache(partial(_by_name, past.then or ws))

    def _here(self, kind: type[Nameable]) -> Mapping[str, int]:
        """Return the ids of what is here by the names that mean it, as `alike` compares them."""
        # What is written into an export has the names that there were in it.
        called = () if self._then else self._called.get(kind, ())
        given_up = {alike(name): id for id, names in called for name in names}
        table = self._ws.table(kind)
        found: dict[str, int] = {}
        for known in (self._earlier(kind), self._now(kind), given_up):
            for name, id in known.items():
                if id in table:
                    found.setdefault(name, id)
        return found

    def _gone(self, kind: type[Nameable]) -> frozenset[str]:
        """Return the names, as they compare, of what was here and is no longer."""
        given_up = (alike(name) for _id, names in self._called.get(kind, ()) for name in names)
        known = self._earlier(kind) if self._then else given_up
        return frozenset(known).difference(self.here(kind))

    def means(self, kind: type[Named], id: int, text: str) -> bool:
        """Return whether a name of the list means something that is here."""
        found = self.here(kind).get(alike(text))
        if found is not None or not self._narrow:
            return found == id
        return self._is_one(_names_in(self._ws, kind, id), text)

    def meant(self, kind: type[Named], id: int, text: str) -> bool:
        """Return whether it meant something then or, where nobody knows when, at any time.

        What has come into being since then may have come with the list itself.
        """
        if self._then is None or id not in self._then.table(kind):
            return any(self._is_one(names, text) for names in self.names(kind, id))
        found = self._earlier(kind).get(alike(text))
        if found is not None or not self._narrow:
            return found == id
        return self._is_one(_names_in(self._then, kind, id), text)

    def names(self, kind: type[Named], id: int) -> Iterator[tuple[str, ...]]:
        """Walk over what something goes by now, and went by then or, at any time, before."""
        yield _names_in(self._ws, kind, id)
        if self._then and id in self._then.table(kind):
            yield _names_in(self._then, kind, id)
        else:
            yield from (names for of, names in self._called.get(kind, ()) if of == id)

    def said_now(self, kind: type[Named], text: str) -> str:
        """Return what is meant by a name as it is called now; a name nobody knows as it is."""
        id = self.here(kind).get(alike(text))
        return text if id is None else name_of(self._ws.table(kind)[id])

    def _is_one(self, names: Iterable[str], text: str) -> bool:
        return any(
            alike(name) == alike(text) or reads(name, text, narrow=self._narrow) for name in names
        )


def _by_name(ws: Workspace, kind: type[Nameable]) -> Mapping[str, int]:
    """Return the ids of what there is by every name it goes by, as `alike` compares them."""
    table = ws.table(kind)
    if issubclass(kind, Named):
        return ids_by_name(cast("Iterable[Named]", table.values()))
    return {alike(name_of(each)): id for id, each in table.items()}


def _names_in(ws: Workspace, kind: type[Named], id: int) -> tuple[str, ...]:
    known = ws.table(kind).get(id)
    return names_of(known) if known else ()


def reads(ours: str, theirs: str, *, narrow: bool) -> bool:
    """Return whether a text of a list is ours but for letters that its file cannot hold."""
    if unicodedata.normalize("NFC", ours).strip() == unicodedata.normalize("NFC", theirs).strip():
        return True
    return narrow and theirs.strip() in narrowed(ours.strip())
