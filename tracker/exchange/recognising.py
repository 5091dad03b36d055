"""Finding the rows of a list that are existing tasks."""

from __future__ import annotations

import unicodedata
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice
from typing import Any

import msgspec

from tracker.domain.draft import Named, alike
from tracker.domain.model import Department, Project, Task
from tracker.domain.workspace import Workspace
from tracker.exchange.identity import HANDED_OUT, identity
from tracker.exchange.looking_back import Lookback, Names, reads
from tracker.exchange.source import Source, SourceTask

# From here on two titles are likely one, written anew.
_ALIKE = 0.6
# So many titles are compared letter by letter; beyond that it would take seconds.
_MOST_COMPARED = 40_000
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_QUOTES = dict.fromkeys(map(ord, "„“”«»‚‘’‹›"), "'") | {ord('"'): "'"}


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


def compared(text: str) -> str:
    """Return a name or title as it compares: case, blanks, dashes and quotes do not count."""
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    return " ".join(text.translate(_DASHES).translate(_QUOTES).casefold().split())


def recognise(source: Source, ws: Workspace, past: Lookback | None = None) -> Recognised:
    """Find out which rows are tasks that are here, or were; a task is found by one row only.

    By what the other program knows it by, else by number and title, by the number where those of
    the list are ours, and by title and department, as they are now, were when an export of ours
    was written, or as the last import brought them.
    """
    return _Search(source, ws, past or Lookback()).run()


class _Search:
    """Rows that look for their tasks; each step takes what the one before has left.

    What was deleted since is looked for as well, as no row of it is new.
    """

    def __init__(self, source: Source, ws: Workspace, past: Lookback) -> None:
        self.source, self.ws, self.past = source, ws, past
        then = past.then.tasks if past.then else {}
        self._then = {id: then[id] for id in past.listed}
        deleted = {**past.deleted, **self._then}
        lost = {id: task for id, task in deleted.items() if id not in ws.tasks}
        self._everything = {**ws.tasks, **lost}
        self._free = {**self._everything}
        self._here: dict[int, int] = {}
        self._doubtful: dict[int, int] = {}
        self._ours = source.own or source.ours
        self._undated = self._ours and past.then is None
        self._trusted = past.then is not None
        self._names = Names(source, ws, past)
        self._named = {e.id: e.name for e in source.entities if isinstance(e, Project)}
        self._lanes = {e.id: e.name for e in source.entities if isinstance(e, Department)}
        self._departments = "department" in source.given
        self._known: dict[tuple[type[Named], int], set[str]] = {}

    def run(self) -> Recognised:
        """Let the rows find their tasks."""
        alive = self.ws.tasks
        everything = self._everything
        if self.past.then:
            # What was created here since is no row of the export, though it may be called as one.
            self._free = {id: x for id, x in everything.items() if self._is_listed(x)}
        self._by_origin()
        self._by(lambda row: self._numbered(row, titled=True), self._here)
        self._trusted = self._trusted or self._numbers_are_ours()
        if self._trusted:
            self._by(self._numbered, self._here, sure=self._surely_the_same)
        if self._trusted and self._ours:
            # A title written anew says more than that another row has the old one.
            self._by(self._numbered, self._doubtful, sure=self._alike)
        self._by(self._noted(), self._here)
        self._by_title(self._here, departments=self._departments)
        # A guess is not about what is no longer there.
        taken = {*self._here.values(), *self._doubtful.values()}
        self._free = {id: x for id, x in everything.items() if id in alive and id not in taken}
        if self._trusted:
            self._by(self._numbered, self._doubtful)
        self._by_title(self._doubtful, departments=self._departments)
        if self._departments:
            self._by_title(self._doubtful, departments=False)
        self._by_likeness()
        return self._found()

    def _found(self) -> Recognised:
        here = {place: id for place, id in self._here.items() if id in self.ws.tasks}
        return Recognised(here, self._doubtful, self._here.keys() - here.keys())

    # --- steps ---------------------------------------------------------------------------------

    def _rows(self) -> Iterator[tuple[int, SourceTask]]:
        """Walk over the rows that have not found their tasks."""
        for place, row in enumerate(self.source.tasks):
            if place not in self._here and place not in self._doubtful:
                yield place, row

    def _by(
        self,
        find: Callable[[SourceTask], Task | None],
        into: dict[int, int],
        sure: Callable[[SourceTask, Task], bool] | None = None,
    ) -> None:
        for place, row in list(self._rows()):
            task = find(row)
            if (
                task
                and self._fits(row, task, sure=into is self._here)
                and (sure is None or sure(row, task))
            ):
                self._take(place, task.id, into)

    def _take(self, place: int, task: int, into: dict[int, int]) -> None:
        into[place] = task
        del self._free[task]

    def _by_origin(self) -> None:
        """Find tasks by what the other program knows them by, whatever else has changed."""
        here: dict[str, list[int]] = {}
        for task in self._free.values():
            if task.origin and (self._is_listed(task) or task.id in self.ws.tasks):
                here.setdefault(task.origin, []).append(task.id)
        rows = [(place, row) for place, row in self._rows() if row.fields.get("origin")]
        if any(row.fields["origin"].startswith(HANDED_OUT) for _, row in rows):
            # What came from nowhere goes out under a name of ours.
            for task in self._free.values():
                for of in HANDED_OUT:
                    here.setdefault(f"{of}{identity(task)}", []).append(task.id)
        # Of what came in twice, a number tells which is meant.
        for place, row in sorted(rows, key=lambda each: not self._is_of_origin(each[1])):
            known = [id for id in here.get(row.fields["origin"], ()) if id in self._free]
            if known:
                found = row.wanted if self._is_of_origin(row) else None
                self._take(place, found or known[0], self._here)

    def _is_of_origin(self, row: SourceTask) -> bool:
        """Return whether the task that has the number of a row came from where the row does."""
        task = self._free.get(row.wanted or 0)
        if task is None or not (self._ours or task.id in self.ws.tasks):
            return False
        return bool(task.origin == row.fields["origin"])

    def _numbered(self, row: SourceTask, titled: bool = False) -> Task | None:
        task = self._free.get(row.wanted or 0)
        if task is None or titled:
            return task if task and self._is_titled(row, task) else None
        # Whoever has added a row to an export of ours has given it a number that was free there.
        known = self._then if self.past.then else self.ws.tasks
        return task if task.id in known else None

    def _is_titled(self, row: SourceTask, task: Task) -> bool:
        known = self._titles(task)
        if self._undated:
            known |= {compared(x) for x in self.past.earlier.get((task.id, "title"), ())}
        if _title(row) in known:
            return True
        return self.source.narrow and reads(task.title, row.fields.get("title", ""), narrow=True)

    def _numbers_are_ours(self) -> bool:
        """Return whether the numbers of the list are ours: most that are here have their titles.

        In an export of ours that is likely where they have titles like theirs.
        """
        alike = [
            self._much_the_same(row, task)
            for _place, row in self._rows()
            if (task := self._numbered(row))
        ]
        same = len(self._here) + (sum(alike) if self._ours else 0)
        return same > 0 and same >= alike.count(False)

    def _noted(self) -> Callable[[SourceTask], Task | None]:
        """Return a lookup of tasks by the number an import has put in their notes."""
        line = f"{self.source.id_column}: "
        noted: dict[str, Task] = {}
        for task in self._free.values() if self.source.id_column else ():
            if line in task.notes and task.id in self.ws.tasks:
                for text in task.notes.splitlines():
                    if text.startswith(line):
                        noted.setdefault(text.removeprefix(line), task)

        def find(row: SourceTask) -> Task | None:
            task = noted.get(row.number) if row.number and row.wanted is None else None
            return task if task and task.id in self._free else None

        return find

    def _by_title(self, into: dict[int, int], *, departments: bool) -> None:
        """Find tasks by title, and department; where it is left out, only what is there once.

        What came with the list is meant before what has its title now, and only that may have
        been deleted.
        """
        here: dict[tuple[str, str], deque[int]] = {}
        ranked = [
            (not self._is_listed(task), id not in self.ws.tasks, id)
            for id, task in self._free.items()
        ]
        for _unlisted, _gone, id in sorted(rank for rank in ranked if rank[:2] != (True, True)):
            for key in self._keys(self._free[id], departments):
                here.setdefault(key, deque()).append(id)
        rows = list(self._rows())
        keys = [(_title(row), self._department(row) if departments else "") for _, row in rows]
        rivals = Counter(keys)
        sure = into is self._here
        for (place, row), key in zip(rows, keys, strict=True):
            known = here.get(key, deque())
            if not sure and rivals[key] > 1:
                continue
            # Thousands may have one title: what was taken is not passed by each row again.
            while known and known[0] not in self._free:
                known.popleft()
            fitting = (
                x for x in known if x in self._free and self._fits(row, self._free[x], sure=sure)
            )
            found = list(islice((x for x in fitting if not sure or self._is_sure(row, x)), 2))
            if found and (sure or len(found) == 1):
                self._take(place, found[0], into)

    def _is_sure(self, row: SourceTask, task: int) -> bool:
        """Return whether a row surely is a task that has its title and department.

        Where the numbers are ours, one with that of another task, or with none, has been added: it
        can only be one that it has brought itself.
        """
        if not (self._ours and self._trusted):
            return True
        if row.wanted is None:
            return self._is_listed(self._free[task])
        return self.past.then is not None and task not in self._then

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
                if self._fits(row, task, sure=False)
                and (likeness := _likeness(_title(row), compared(task.title))) >= _ALIKE
            ),
            key=lambda found: (-found[0], found[1:]),
        )
        for _much, place, task in ranked:
            if place not in self._doubtful and task in self._free:
                self._take(place, task, self._doubtful)

    def _missing(self) -> list[int]:
        found = self._found()
        missed = gone(self.source, self.ws, found, self.past)
        if not self.past.then:
            return missed
        # A row added to an export is in no plan, but an earlier round may have brought its task.
        brought = self.past.brought - self._then.keys() - {*found.ids.values()}
        return sorted({*missed, *brought})

    # --- how rows and tasks compare ------------------------------------------------------------

    def _is_listed(self, task: Task) -> bool:
        """Return whether a task was in the list before: in the export, or brought by an import."""
        return task.id in self._then or task.id in self.past.brought

    def _fits(self, row: SourceTask, task: Task, *, sure: bool) -> bool:
        """Return whether a task is of the project that a row names, or that was asked for.

        A name taken from the title or the file may change from one version to the next. What
        one program knows as two things is two.
        """
        if row.wanted in self._then and task.id not in self._then:
            return False  # an export of ours had the row before there was the task
        if self._is_anothers_own(row, task, sure=sure):
            return False
        origin = row.fields.get("origin", "")
        if (
            "" != origin != task.origin
            and origin.partition(":")[0] == task.origin.partition(":")[0]
        ):
            return False
        named = row.fields.get("project")
        if named is not None and self._ours and row.wanted == task.id:
            return True  # the list has moved it
        if named is None:
            named = self.source.project if self.source.chosen else None
        named = self._named.get(named, named) if isinstance(named, int) else named
        if named is None:
            return True
        of = self._of("project", task)
        if compared(str(named)) in self._names_of(Project, of):
            return True
        if not self.source.narrow or alike(str(named)) in self._names.here(Project):
            return False
        known = (names for id in of for names in self._names.names(Project, id or 0))
        return any(reads(name, str(named), narrow=True) for names in known for name in names)

    def _is_anothers_own(self, row: SourceTask, task: Task, *, sure: bool) -> bool:
        """Return whether a task came from elsewhere while the list has brought one for the row."""
        if not self._own or self._is_own(task.id):
            return False
        key = self._key(row)
        own = self._own.get(key, ())
        return bool(own) and (sure or self._alike_rows[key] <= len(own))

    def _is_own(self, task: int) -> bool:
        return self.past.last.get((task, "")) in self.past.own

    @cached_property
    def _own(self) -> Mapping[tuple[str, str], set[int]]:
        """The tasks that a list of anybody's has created itself, by title and department."""
        found: dict[tuple[str, str], set[int]] = {}
        for task in self._everything.values() if not self._ours else ():
            if self._is_own(task.id):
                for key in self._keys(task, self._departments):
                    found.setdefault(key, set()).add(task.id)
        return found

    @cached_property
    def _alike_rows(self) -> Counter[tuple[str, str]]:
        """How many rows have a title and department."""
        return Counter(map(self._key, self.source.tasks))

    def _key(self, row: SourceTask) -> tuple[str, str]:
        return _title(row), self._department(row) if self._departments else ""

    def _much_the_same(self, row: SourceTask, task: Task) -> bool:
        """Return whether a row with the number of a task can only be that one."""
        if self._departments and self._department(row) in self._departments_of(task):
            return True
        return self._alike(row, task)

    def _alike(self, row: SourceTask, task: Task) -> bool:
        return _likeness(_title(row), compared(task.title)) >= _ALIKE

    def _surely_the_same(self, row: SourceTask, task: Task) -> bool:
        """Return whether it is that one, and none that somebody has created beside it.

        What was added to a list, or to a copy of the workspace, may have the number of a task that
        was created here meanwhile, a title much like its, and be of one department with it.
        """
        if self._undated or self._is_anothers(row, task):
            return False  # of a part of the plan, it may have the number of a task it does not have
        was_there = task.id in self._then and task.id not in self.ws.tasks
        return was_there or (self._is_listed(task) and self._much_the_same(row, task))

    def _is_anothers(self, row: SourceTask, task: Task) -> bool:
        """Return whether the title of either is that of another one.

        Whoever takes a row out of a list, or puts one in, numbers those behind it anew; in an
        export of ours a number stays what it is.
        """
        if self._ours:
            return False
        tasks, rows = self._waiting
        mine = self._titles(task)
        here = not tasks.get(_title(row), {task.id}) <= {task.id}
        return here or any(rows[title] > (title == _title(row)) for title in mine)

    @cached_property
    def _waiting(self) -> tuple[Mapping[str, set[int]], Counter[str]]:
        """The tasks of the list and its rows that have not found each other, by their titles."""
        tasks: dict[str, set[int]] = {}
        for task in self._free.values():
            if self._is_listed(task):
                for title in self._titles(task):
                    tasks.setdefault(title, set()).add(task.id)
        return tasks, Counter(_title(row) for _place, row in self._rows())

    def _keys(self, task: Task, departments: bool) -> Iterator[tuple[str, str]]:
        lanes = self._departments_of(task) if departments else {""}
        return ((title, lane) for title in self._titles(task) for lane in lanes)

    def _titles(self, task: Task) -> set[str]:
        return {compared(title) for title in self._of("title", task)}

    def _departments_of(self, task: Task) -> set[str]:
        return self._names_of(Department, self._of("department", task))

    def _of(self, field: str, task: Task) -> set[Any]:
        """Return what a field of a task is now, was then, and was by the last import."""
        tasks = (self.ws.tasks.get(task.id), self._then.get(task.id), task)
        found = {getattr(each, field) for each in tasks if each}
        return found | {self.past.fields.get(task.id, {}).get(field, getattr(task, field))}

    def _names_of(self, kind: type[Department | Project], ids: set[int | None]) -> set[str]:
        """Return the names that mean one of these, as titles compare; none is a blank."""
        return set().union(*(self._names_of_one(kind, id or 0) for id in ids))

    def _names_of_one(self, kind: type[Department | Project], id: int) -> set[str]:
        if (kind, id) not in self._known:
            here = self._names.here(kind)
            known = (name for names in self._names.names(kind, id) for name in names)
            # What goes by a name now is meant by it, whatever went by it before.
            names = {compared(name) for name in known if here.get(alike(name), id) == id}
            self._known[kind, id] = names or {""}
        return self._known[kind, id]

    def _department(self, row: SourceTask) -> str:
        named = row.fields.get("department")
        if isinstance(named, int):
            named = self._lanes.get(named)
        return compared(named or "")


def gone(source: Source, ws: Workspace, found: Recognised, past: Lookback) -> list[int]:
    """Return the tasks that came with those a list still holds, and are no longer in it.

    In a list that was written here every task is missed, but for those it cannot have had yet;
    see `newer`.
    """
    known = {*found.ids.values()}
    if past.then:
        came = set(past.listed)
    elif source.own:
        came = set(ws.tasks).difference(newer(source, ws, found, past))
    else:
        # One task in common does not make two lists versions of one.
        came = set().union(
            *(
                tasks
                for names, tasks in past.lists
                if tasks & known and (source.file in names or 2 * len(tasks & known) >= len(tasks))
            )
        )
    return sorted(id for id in came - known if id in ws.tasks and ws.tasks[id].state != "dropped")


def newer(source: Source, ws: Workspace, found: Recognised, past: Lookback) -> list[int]:
    """Return the tasks that came to be here after a list of ours was written.

    Where the list does not say when that was, all are meant whose number is above those of its
    rows: the last rows may have been deleted from it, but nobody is to lose a task by a guess.
    """
    if not source.own:
        return []
    known = {*found.ids.values()}
    if past.then:
        return [id for id in ws.tasks if id not in known and id not in past.then.tasks]
    numbered = (id for place, id in found.here.items() if source.tasks[place].wanted == id)
    last = max(numbered, default=0)
    return [id for id in ws.tasks if id not in known and id > last]


def _title(row: SourceTask) -> str:
    return compared(row.fields.get("title", ""))


def _likeness(one: str, other: str) -> float:
    match = SequenceMatcher(None, one, other, autojunk=False)
    return 0.0 if match.quick_ratio() < _ALIKE else match.ratio()
