"""Finding the rows of a list that are existing tasks, and what past imports set in them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, NamedTuple, cast

import msgspec

from tracker.domain.change import Record
from tracker.domain.draft import Named, name_of, names_of
from tracker.domain.model import (
    Baseline,
    Department,
    Entity,
    Link,
    LinkKind,
    Project,
    SavedFilter,
    Task,
)
from tracker.domain.workspace import Workspace
from tracker.exchange.encoding import narrowed
from tracker.exchange.identity import HANDED_OUT, identity
from tracker.exchange.source import Source, SourceTask, newest_stamp

# From here on two titles are likely one, written anew.
_ALIKE = 0.6
# So many titles are compared letter by letter; beyond that it would take seconds.
_MOST_COMPARED = 40_000
# The change of a repair that takes over what somebody has written into the workspace's own file.
_BY_HAND = "Adopted from {file}, changed by hand"
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_QUOTES = dict.fromkeys(map(ord, "„“”«»‚‘’‹›"), "'") | {ord('"'): "'"}


class Earlier(NamedTuple):
    """What a field of a task was until it was changed, by which record and when."""

    seq: int
    at: datetime
    value: Any


class Brought(msgspec.Struct):
    """What imports have brought, by the history: the values of fields by task, and the arrows.

    A field is there if an import has set it; what people have done since is not in it. `lists`
    are the names of files and the tasks that came with them, versions of one list together.
    `earlier` is what fields were before each change, whoever made it, and `redrawn` when the
    arrows of a kind of a task were last changed after it was created. `called` are the names that
    something has gone by, until it was renamed or merged into something else, and `deleted` the
    tasks that people have deleted, as they were. `came` is the record by which each task came to
    be there, or was there again.
    """

    fields: dict[int, dict[str, Any]] = {}
    links: dict[int, Link] = {}
    lists: list[tuple[set[str], set[int]]] = []
    earlier: dict[tuple[int, str], list[Earlier]] = {}
    redrawn: dict[tuple[LinkKind, int], tuple[int, datetime]] = {}
    called: dict[tuple[type[Entity], int], list[Earlier]] = {}
    deleted: dict[int, Earlier] = {}
    came: dict[int, int] = {}


class Recognised(msgspec.Struct):
    """The tasks behind rows of a list, by the places of the rows.

    `here` are surely the same, `doubtful` likely: under another title, or of another department.
    `deleted` are the places of rows whose tasks were here and have been deleted.
    """

    here: dict[int, int] = {}
    doubtful: dict[int, int] = {}
    deleted: set[int] = set()

    @property
    def ids(self) -> dict[int, int]:
        """All of them."""
        return {**self.here, **self.doubtful}


def brought(records: Iterable[Record]) -> Brought:
    """Return what the imports of a history that are still in force have brought."""
    kept = list(records)
    # The first of what took back one another, by each of them.
    first: dict[int, int] = {}
    taken_back: set[int] = set()
    for record in kept:
        first[record.seq] = first.get(record.undoes or 0, record.seq)
        if record.undoes is not None:
            taken_back ^= {first[record.seq]}
    found = Brought()
    for record in kept:
        _note_changes(found, record)
        if _is_import(record) and record.seq not in taken_back:
            _add(found, record)
    return found


def is_of(records: Sequence[Record], source: Source, ws: Workspace) -> bool:
    """Return whether an export of ours may be of this history, which has led to a workspace.

    One of a copy of the workspace that has gone on for itself is not: what it has is not what
    there was here when the record of its number was the last. What was before the history may
    have been.
    """
    if not records:
        return True
    last_known = source.last_known
    if last_known is None:
        return source.written_at is None or _has_moment(records, source.written_at)
    if last_known.record < records[0].seq - 1:
        return last_known.changed is None or last_known.changed < records[0].at
    here = {(type(entity), entity.id): entity for entity in ws.entities()}
    for record in reversed(records):
        if record.seq <= last_known.record:
            break
        for edit in reversed(record.change.edits) if record.seq <= ws.seq else ():
            key = type(edit.entity), edit.entity.id
            if edit.before is None:
                here.pop(key, None)
            else:
                here[key] = edit.before
    return last_known.is_of(here.values())


def _has_moment(records: Sequence[Record], newest: datetime) -> bool:
    """Return whether the newest change of a task was one here, or may have been before."""
    stamps = {
        stamp
        for record in records
        for edit in record.change.edits
        if isinstance(edit.after, Task) and (stamp := newest_stamp((edit.after,)))
    }
    before = newest < records[0].at and all(stamp < newest for stamp in stamps)
    return before or newest in stamps


def _is_import(record: Record) -> bool:
    """Return whether a list came in: that names its file, and so does only one other change."""
    label = record.change.label
    return record.undoes is None and "file" in label.values and label.text != _BY_HAND


def _add(found: Brought, record: Record) -> None:
    born: set[int] = set()
    changed: set[int] = set()
    repeating = _repeated(record)
    for edit in record.change.edits:
        entity = edit.entity
        if isinstance(entity, Link):
            if edit.after is None:
                found.links.pop(entity.id, None)
            else:
                found.links[entity.id] = entity
        elif isinstance(entity, Task) and edit.after is not None:
            fields = edit.fields if edit.before else entity.__struct_fields__
            values = found.fields.setdefault(entity.id, {})
            values.update((name, getattr(entity, name)) for name in fields)
            # What repeats or expires returns by itself; it is in no list.
            came_back = (entity.recurrence or entity.expires) and entity.title in repeating
            if edit.before or not came_back:
                (changed if edit.before else born).add(entity.id)
    file = str(record.change.label.values["file"])
    same = [each for each in found.lists if file in each[0] or each[1] & changed]
    for names, tasks in same[:1]:
        names.add(file)
        tasks |= born
    if born and not same:
        found.lists.append(({file}, born))


def _note_changes(found: Brought, record: Record) -> None:
    born = {task.id for task in record.change.born(Task)}
    found.came.update(dict.fromkeys(born, record.seq))
    for edit in record.change.edits:
        for side in (edit.before, edit.after):
            if isinstance(side, Link):
                end = side.target if side.kind == "needs" else side.source
                if end not in born:
                    found.redrawn[side.kind, end] = record.seq, record.at
        if isinstance(edit.before, Named | Baseline | SavedFilter):
            names = _names(edit.before)
            if edit.after is None or _names(cast("Named", edit.after)) != names:
                given_up = found.called.setdefault((type(edit.before), edit.before.id), [])
                given_up.append(Earlier(record.seq, record.at, names))
        if isinstance(edit.after, Task):
            found.deleted.pop(edit.after.id, None)
        elif isinstance(edit.before, Task) and not _is_import(record):
            found.deleted[edit.before.id] = Earlier(record.seq, record.at, edit.before)
        if isinstance(edit.before, Task):
            for name in edit.fields:
                kept = found.earlier.setdefault((edit.before.id, name), [])
                kept.append(Earlier(record.seq, record.at, getattr(edit.before, name)))


def _names(entity: Named | Baseline | SavedFilter) -> tuple[str, ...]:
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


def compared(text: str) -> str:
    """Return a name or title as it compares: case, blanks, dashes and quotes do not count."""
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    return " ".join(text.translate(_DASHES).translate(_QUOTES).casefold().split())


def reads(ours: str, theirs: str, *, narrow: bool) -> bool:
    """Return whether a text of a list is ours but for letters that its file cannot hold."""
    if unicodedata.normalize("NFC", ours).strip() == unicodedata.normalize("NFC", theirs).strip():
        return True
    return narrow and theirs.strip() in narrowed(ours.strip())


def recognise(source: Source, ws: Workspace, past: Brought | None = None) -> Recognised:
    """Find out which rows are tasks that are here; a task is found by one row only.

    By what the other program knows it by, else by number and title, by the number where those of
    the list are ours, and by title and department, as they are now or as the last import brought
    them.
    """
    return _Search(source, ws, past or Brought()).run()


class _Search:
    """Rows that look for their tasks; each step takes what the one before has left."""

    def __init__(self, source: Source, ws: Workspace, past: Brought) -> None:
        self.source, self.ws, self.past = source, ws, past
        self.found = Recognised()
        self._free = dict(ws.tasks.items())
        self._named = {e.id: e.name for e in source.entities if isinstance(e, Project)}
        self._lanes = {e.id: e.name for e in source.entities if isinstance(e, Department)}
        self._departments = "department" in source.given
        # What goes by a name now is meant by it, whatever went by it before.
        lanes = {(Department, compared(x)) for e in ws.departments.values() for x in names_of(e)}
        plans = {(Project, compared(x)) for e in ws.projects.values() for x in names_of(e)}
        self._used: set[tuple[type[Named], str]] = {*lanes, *plans}
        self._known: dict[tuple[type[Named], int | None], set[str]] = {}

    def run(self) -> Recognised:
        """Let the rows find their tasks."""
        self._by_origin()
        self._by(lambda row: self._numbered(row, titled=True), self.found.here)
        self._note_numbered_deleted()
        self._note_deleted(titled=False)
        trusted = self._numbers_are_ours()
        if trusted:
            self._by(self._numbered, self.found.here, sure=self._surely_the_same)
        self._by(self._noted(), self.found.here)
        self._by_title(self.found.here, departments=self._departments)
        if trusted:
            self._by(self._numbered, self.found.doubtful)
        if self._departments:
            self._by_title(self.found.doubtful, departments=False)
        self._by_likeness()
        self._note_deleted(titled=True)
        return self.found

    # --- steps ---------------------------------------------------------------------------------

    def _rows(self) -> Iterator[tuple[int, SourceTask]]:
        """Walk over the rows that have not found their tasks."""
        found = self.found
        for place, row in enumerate(self.source.tasks):
            if not any(place in each for each in (found.here, found.doubtful, found.deleted)):
                yield place, row

    def _by(
        self,
        find: Callable[[SourceTask], Task | None],
        into: dict[int, int],
        sure: Callable[[SourceTask, Task], bool] | None = None,
    ) -> None:
        for place, row in list(self._rows()):
            task = find(row)
            if task and self._fits(row, task) and (sure is None or sure(row, task)):
                self._take(place, task.id, into)

    def _take(self, place: int, task: int, into: dict[int, int]) -> None:
        into[place] = task
        del self._free[task]

    def _by_origin(self) -> None:
        """Find tasks by what the other program knows them by, whatever else has changed."""
        here: dict[str, int] = {}
        for task in self._free.values():
            if task.origin:
                here.setdefault(task.origin, task.id)
        rows = [(place, row) for place, row in self._rows() if row.fields.get("origin")]
        if any(row.fields["origin"].startswith(HANDED_OUT) for _, row in rows):
            # What came from nowhere goes out under a name of ours.
            for task in self._free.values():
                for of in HANDED_OUT:
                    here.setdefault(f"{of}{identity(task)}", task.id)
        for place, row in rows:
            found = here.pop(row.fields["origin"], None)
            if found is not None and found in self._free:
                self._take(place, found, self.found.here)

    def _numbered(self, row: SourceTask, titled: bool = False) -> Task | None:
        task = self._free.get(row.wanted or 0)
        if task is None or titled:
            return task if task and self._is_titled(row, task) else None
        last = self.source.last_known
        # Whoever has added a row to an export of ours has given it a number that was free there.
        added = last is not None and task.id > last.task and task.id not in self.past.fields
        return None if added else task

    def _is_titled(self, row: SourceTask, task: Task) -> bool:
        if _title(row) in self._titles(task):
            return True
        return self.source.narrow and reads(task.title, row.fields.get("title", ""), narrow=True)

    def _numbers_are_ours(self) -> bool:
        """Return whether the numbers of the list are ours: most that are here have their titles."""
        same = len(self.found.here)
        other = sum(
            1
            for _place, row in self._rows()
            if (task := self._numbered(row)) and not self._much_the_same(row, task)
        )
        return same > 0 and same >= other

    def _noted(self) -> Callable[[SourceTask], Task | None]:
        """Return a lookup of tasks by the number an import has put in their notes."""
        line = f"{self.source.id_column}: "
        noted: dict[str, Task] = {}
        for task in self._free.values() if self.source.id_column else ():
            if line in task.notes:
                for text in task.notes.splitlines():
                    if text.startswith(line):
                        noted.setdefault(text.removeprefix(line), task)

        def find(row: SourceTask) -> Task | None:
            task = noted.get(row.number) if row.number and row.wanted is None else None
            return task if task and task.id in self._free else None

        return find

    def _by_title(self, into: dict[int, int], *, departments: bool) -> None:
        """Find tasks by title, and department; where it is left out, only what is there once."""
        here: dict[tuple[str, str], list[int]] = {}
        for task in self._free.values():
            for key in self._keys(task, departments):
                here.setdefault(key, []).append(task.id)
        rows = list(self._rows())
        keys = [(_title(row), self._department(row) if departments else "") for _, row in rows]
        rivals = Counter(keys)
        for (place, row), key in zip(rows, keys, strict=True):
            free = [id for id in here.get(key, ()) if id in self._free]
            fitting = [id for id in free if self._fits(row, self._free[id])]
            alone = len(fitting) == 1 == rivals[key]
            if alone or (fitting and into is self.found.here):
                self._take(place, fitting[0], into)

    def _by_likeness(self) -> None:
        """Find, among tasks that came with those found and are missing, titles much like these."""
        missing = [self._free[id] for id in self._missing() if id in self._free]
        rows = list(self._rows())
        if len(missing) * len(rows) > _MOST_COMPARED:
            return
        ranked = sorted(
            (
                (likeness, place, task.id)
                for place, row in rows
                for task in missing
                if self._fits(row, task)
                and (likeness := _likeness(_title(row), compared(task.title))) >= _ALIKE
            ),
            key=lambda found: (-found[0], found[1:]),
        )
        for _much, place, task in ranked:
            if place not in self.found.doubtful and task in self._free:
                self._take(place, task, self.found.doubtful)

    def _note_numbered_deleted(self) -> None:
        """Find rows of an export of ours whose tasks were deleted: others may have their titles."""
        for place, row in list(self._rows()) if self.source.own else ():
            each = self.past.deleted.get(row.wanted or 0)
            if each and not (self.source.is_dated and self.source.has(each.seq, each.at)):
                before = self.past.earlier.get((each.value.id, "title"), ())
                titles = {compared(earlier.value) for earlier in before}
                if _title(row) in titles | self._titles(each.value):
                    self.found.deleted.add(place)

    def _note_deleted(self, *, titled: bool) -> None:
        """Find rows that say nothing new: their tasks came with the list, and were deleted.

        By what the other program calls them, and where they are only `titled` so.
        """
        known: dict[tuple[str, str], list[Earlier]] = {}
        by_origin: dict[str, list[Earlier]] = {}
        for id, each in self.past.deleted.items():
            for of in HANDED_OUT:
                by_origin.setdefault(f"{of}{identity(each.value)}", []).append(each)
            if self.source.own or id in self.past.fields:
                by_origin.setdefault(each.value.origin, []).append(each)
                for key in self._keys(each.value, self._departments):
                    known.setdefault(key, []).append(each)
        used: set[int] = set()
        for place, row in list(self._rows()):
            key = _title(row), self._department(row) if self._departments else ""
            origin = row.fields.get("origin", "")
            same = by_origin.get(origin, ()) if origin else ()
            for each in (*same, *(known.get(key, ()) if titled else ())):
                task = each.value
                later = not self.source.own or (
                    row.wanted == task.id
                    and not (self.source.is_dated and self.source.has(each.seq, each.at))
                )
                fits = each in same or self._fits(row, task)
                if later and task.id not in used and fits:
                    used.add(task.id)
                    self.found.deleted.add(place)
                    break

    def _missing(self) -> list[int]:
        return gone(self.source, self.ws, self.found, self.past)

    # --- how rows and tasks compare ------------------------------------------------------------

    def _fits(self, row: SourceTask, task: Task) -> bool:
        """Return whether a task is of the project that a row names, or that was asked for.

        A name taken from the title or the file may change from one version to the next. What
        one program knows as two things is two.
        """
        last, number = self.source.last_known, row.wanted or 0
        if last and 0 < number <= last.task < task.id and task.id not in self.past.fields:
            return False  # it was created after an export of ours had the row
        origin = row.fields.get("origin", "")
        if origin and task.origin and origin.partition(":")[0] == task.origin.partition(":")[0]:
            return False
        named = row.fields.get("project")
        if named is None:
            named = self.source.project if self.source.chosen else None
        named = self._named.get(named, named) if isinstance(named, int) else named
        if named is None:
            return True
        names = self._names(Project, task)
        if row.wanted == task.id:
            # By its number it is known also where it has been moved to another project since.
            moved = self.past.earlier.get((task.id, "project"), ())
            names = names.union(*(self._names_of(Project, each.value) for each in moved))
        if compared(str(named)) in names:
            return True
        project = self.ws.projects.get(task.project or 0)
        return self.source.narrow and any(
            reads(name, str(named), narrow=True) for name in (names_of(project) if project else ())
        )

    def _much_the_same(self, row: SourceTask, task: Task) -> bool:
        """Return whether a row with the number of a task can only be that one."""
        if self._departments and self._department(row) in self._departments_of(task):
            return True
        return _likeness(_title(row), compared(task.title)) >= _ALIKE

    def _surely_the_same(self, row: SourceTask, task: Task) -> bool:
        """Return whether it is that one, and none that somebody has created beside it.

        What was added to a list, or to a copy of the workspace, may have the number of a task that
        was created here meanwhile, a title much like its, and be of one department with it.
        """
        last = self.source.last_known
        known = task.id <= last.task if last else task.id in self.past.fields
        return known and self._much_the_same(row, task)

    def _titles(self, task: Task) -> set[str]:
        before = self.past.fields.get(task.id, {}).get("title", task.title)
        return {compared(task.title), compared(before)}

    def _keys(self, task: Task, departments: bool) -> Iterator[tuple[str, str]]:
        lanes = self._departments_of(task) if departments else {""}
        return ((title, lane) for title in self._titles(task) for lane in lanes)

    def _departments_of(self, task: Task) -> set[str]:
        return self._names(Department, task)

    def _names(self, kind: type[Department | Project], task: Task) -> set[str]:
        """Return the names of what a task is of, now or as the last import brought it."""
        field = "department" if kind is Department else "project"
        now: int | None = getattr(task, field)
        before = self.past.fields.get(task.id, {}).get(field, now)
        return self._names_of(kind, now) | self._names_of(kind, before)

    def _names_of(self, kind: type[Department | Project], id: int | None) -> set[str]:
        """Return the names of something, and those nothing else goes by since it was renamed."""
        if (kind, id) not in self._known:
            here = self.ws.table(kind).get(id or 0)
            names = {compared(name) for name in (names_of(here) if here else ())}
            for given_up in self.past.called.get((kind, id or 0), ()):
                old = {compared(name) for name in given_up.value}
                names |= {name for name in old if (kind, name) not in self._used}
            self._known[kind, id] = names or {""}
        return self._known[kind, id]

    def _department(self, row: SourceTask) -> str:
        named = row.fields.get("department")
        if isinstance(named, int):
            named = self._lanes.get(named)
        return compared(named or "")


def gone(source: Source, ws: Workspace, found: Recognised, past: Brought) -> list[int]:
    """Return the tasks that came with those a list still holds, and are no longer in it.

    In a list that was written here every task is missed, but for those it cannot have had yet;
    see `newer`.
    """
    known = {*found.ids.values()}
    if source.own:
        came = set(ws.tasks).difference(newer(source, ws, found, past))
    else:
        came = set().union(*(tasks for _names, tasks in past.lists if tasks & known))
    return sorted(id for id in came - known if id in ws.tasks and ws.tasks[id].state != "dropped")


def newer(source: Source, ws: Workspace, found: Recognised, past: Brought) -> list[int]:
    """Return the tasks that came to be here after a list of ours was written.

    Where the list does not say when that was, all are meant whose number is above those of its
    rows: the last rows may have been deleted from it, but nobody is to lose a task by a guess.
    """
    if not source.own:
        return []
    known = {*found.ids.values()}
    numbered = (id for place, id in found.here.items() if source.tasks[place].wanted == id)
    last_known, at = source.last_known, source.written_at
    last = last_known.task if last_known else max(numbered, default=0)

    def is_newer(task: Task) -> bool:
        if last_known:
            came = past.came.get(task.id)
            return task.id > last if came is None else came > last_known.record
        return task.created > at if at and task.created else task.id > last

    return sorted(task.id for task in ws.tasks.values() if task.id not in known and is_newer(task))


def _title(row: SourceTask) -> str:
    return compared(row.fields.get("title", ""))


def _likeness(one: str, other: str) -> float:
    match = SequenceMatcher(None, one, other, autojunk=False)
    return 0.0 if match.quick_ratio() < _ALIKE else match.ratio()
