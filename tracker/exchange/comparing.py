"""The differences between a list and the plan, by row and field, and who made each."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache, cached_property, partial
from itertools import islice
from typing import Any, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from tracker.domain.arrow_fields import arrow_values, known_values
from tracker.domain.draft import Named, name_of
from tracker.domain.fields import BY_NAME, LISTED
from tracker.domain.model import (
    Department,
    Item,
    Link,
    LinkKind,
    Person,
    Priority,
    Project,
    State,
    System,
    Task,
)
from tracker.domain.sentence import Sentence, counted, dated, sentence, timed
from tracker.domain.status import priority_word, state_word
from tracker.domain.workspace import Workspace
from tracker.exchange.headers import LISTS_ONLY_LABELS
from tracker.exchange.identity import is_handed_out
from tracker.exchange.looking_back import Lookback, Names, reads
from tracker.exchange.recognising import Recognised, gone, newer
from tracker.exchange.source import Source, SourceTask, harmless_value

NAMED: Mapping[str, type[Named]] = {
    "project": Project,
    "department": Department,
    "assignee": Person,
    "requester": Person,
}
NAMED_LISTS: Mapping[str, type[Named]] = {"watchers": Person, "systems": System}
ARROWS: tuple[LinkKind, ...] = ("needs", "returns")

# Fields not set from outside: they follow from the work on the task.
_FOLLOWS = frozenset(("id", "extra", "passes", "created", "modified"))
_FIELDS = tuple(name for name in Task.__struct_fields__ if name not in _FOLLOWS)
_DEFAULT = Task(id=1, title="")
# A row without a value for these leaves them unchanged.
_NEVER_EMPTY = frozenset(("title", "state", "priority"))
# What the end of a task has set; a list in which it is done may still say what was before.
_SETTLED: Mapping[str, Any] = {"progress": 100.0, "recurrence": "", "expires": None, "ahead": ""}
# What follows here from a state that a list brings, whatever else it says.
_FOLLOWING = frozenset((*_SETTLED, "waiting_for"))
_NOTHING = Sentence("–")

# So many changes of the arrows of a task are looked back on; beyond that it would take seconds.
_MOST_REDRAWN = 1_000

_T = TypeVar("_T")

# The arrows of a kind of a task as a list has them, by their other ends.
_Ends = dict[int, dict[str, Any]]

# Who has changed a field since the last import: the list, somebody here, or both; or nobody knows.
Changed = Literal["there", "here", "both", "unknown"]
# What somebody has to decide, and all that a list says anew.
CONTESTED: tuple[Changed, ...] = ("both", "unknown")
SAID_ANEW: tuple[Changed, ...] = ("there", *CONTESTED)


class FieldDifference(msgspec.Struct, frozen=True):
    """A field that differs between a list and the plan, in words.

    `value` is the list's, as `edit_task` takes it; for arrows the other ends with their
    options. `changed` says who has changed it since the last import.
    """

    field: str
    here: Sentence
    there: Sentence
    changed: Changed
    value: Any = None


class RowDifference(msgspec.Struct, frozen=True):
    """A row beside its task; `task` is 0 for one that is new, `doubtful` if that is a guess.

    It is `cut` if its end may be missing.
    """

    place: int
    row: int
    title: str
    task: int = 0
    doubtful: bool = False
    differences: tuple[FieldDifference, ...] = ()
    cut: bool = False

    def of(self, *changed: Changed) -> tuple[FieldDifference, ...]:
        """Return the differences that were changed by one of these."""
        return tuple(each for each in self.differences if each.changed in changed)


class Comparison(msgspec.Struct, frozen=True):
    """A list beside the plan: its rows, and the tasks that have gone from it.

    `newer` are those that were created here after it was exported, `seen` the tasks as they were
    compared. It is `dated` if it is known when that was.
    """

    rows: tuple[RowDifference, ...]
    gone: tuple[int, ...]
    newer: tuple[int, ...]
    found: Recognised
    seen: Mapping[int, Task]
    dated: bool

    @property
    def new(self) -> tuple[RowDifference, ...]:
        """The rows that are tasks nobody here knows."""
        gone = self.found.deleted
        return tuple(row for row in self.rows if not row.task and row.place not in gone)

    @property
    def deleted(self) -> tuple[RowDifference, ...]:
        """The rows whose tasks were here and have been deleted."""
        return tuple(row for row in self.rows if row.place in self.found.deleted)

    @property
    def says_more(self) -> bool:
        """Whether the list has anything new."""
        return bool(self.new or self.changed)

    @property
    def changed(self) -> tuple[RowDifference, ...]:
        """The rows with changes to their tasks, the doubtful ones among them."""
        return tuple(row for row in self.rows if row.task and row.of(*SAID_ANEW))


def compare(
    source: Source,
    ws: Workspace,
    found: Recognised,
    past: Lookback | None = None,
    *,
    beyond: bool = False,
) -> Comparison:
    """Return the differences between a list and the plan, for the tasks found in both.

    Arrows from or to new rows are among them if `beyond` is set; see `end_key`.
    """
    past = past or Lookback()
    comparing = _Comparing(source, ws, found, past, beyond=beyond)
    rows = tuple(comparing.row(place, row) for place, row in enumerate(source.tasks))
    missed = tuple(gone(source, ws, found, past))
    younger = tuple(newer(source, ws, found, past))
    known = (*found.ids.values(), *missed, *younger)
    seen = {id: ws.tasks[id] for id in known}
    return Comparison(rows, missed, younger, found, seen, past.then is not None)


class _Comparing:
    """A list beside a workspace; `ids` are ours of its rows, by their places."""

    def __init__(
        self, source: Source, ws: Workspace, found: Recognised, past: Lookback, *, beyond: bool
    ) -> None:
        self.source, self.ws, self.found, self.past = source, ws, found, past
        self.ids = found.ids
        self._listed = frozenset(self.ids.values())
        self._guesses = frozenset(found.doubtful.values())
        self._given = source.given
        self._names = {
            (type(e), e.id): name_of(e)
            for e in source.entities
            if isinstance(e, Project | Department | Person | System)
        }
        self._meaning = Names(source, ws, past)
        self._beyond = beyond
        self._arrows = self._arrows_of(source)
        self._arrows_then = cache(lambda number: self._arrows_of(past.as_then(number)))
        self._brought: dict[tuple[str, int], list[Link]] = {}
        for arrow in past.links.values():
            self._brought.setdefault(("needs", arrow.target), []).append(arrow)
            self._brought.setdefault(("returns", arrow.source), []).append(arrow)

    def _arrows_of(self, source: Source | None) -> dict[tuple[str, int], _Ends]:
        arrows: dict[tuple[str, int], _Ends] = {}
        for link in source.links if source else ():
            itself = link.source == link.target and link.kind == "needs"
            one, other = (link.target, link.source)[:: 1 if link.kind == "needs" else -1]
            there = other in self.ids or (self._beyond and other not in self.found.deleted)
            if one in self.ids and there and not itself:
                ends = arrows.setdefault((link.kind, self.ids[one]), {})
                ends.setdefault(end_key(other, self.ids), link.options)
        return arrows

    def row(self, place: int, row: SourceTask) -> RowDifference:
        """Return a row beside its task."""
        title = row.fields["title"]
        id = self.ids.get(place)
        if id is None:
            return RowDifference(place, row.row, title, cut=row.cut)
        task = self.ws.tasks[id]
        told = [self._difference(place, task, row, field) for field in _FIELDS]
        told += [self._ends(id, row, kind) for kind in ARROWS]
        differences = tuple(each for each in told if each is not None)
        return RowDifference(place, row.row, title, id, place in self.found.doubtful, differences)

    def _difference(
        self, place: int, task: Task, row: SourceTask, field: str
    ) -> FieldDifference | None:
        found = self._field(task, row, field)
        if found is None or (brought := self._as_brought(place, task.id, row, field)) is None:
            return found
        return self._field(task, brought, field)

    def _as_brought(self, place: int, task: int, row: SourceTask, field: str) -> SourceTask | None:
        """Return a row with what was brought from it where that was read otherwise then."""
        for number, left in self._brought_last(task, field):
            if self._reads_as(row, field, left):
                break
            if then := self.past.as_then(number):
                said = then.tasks[place].fields.get(field)
                once = replace(row, fields={**row.fields, field: said})
                read = self._reads_as(once, field, left)
                if read or (read is None and left == getattr(_DEFAULT, field)):
                    return once
        return None

    def _brought_last(self, task: int, field: str) -> Iterator[tuple[int, Any]]:
        """Walk over what the list itself and any list have left in a field, by their imports."""
        past = self.past
        own = past.brought_by.get((task, field), past.brought_by.get((task, ""), 0))
        if own and past.left(task, field):
            yield own, self._left(task, field)
        last = past.last.get((task, field), past.last.get((task, ""), own))
        if last != own and field in past.fields.get(task, {}):
            yield last, past.fields[task][field]

    # --- fields --------------------------------------------------------------------------------

    def _field(self, task: Task, row: SourceTask, field: str) -> FieldDifference | None:
        said = row.fields.get(field)
        if field in row.unread or (not said and (field not in self._given)):
            return None
        ours = getattr(task, field)
        theirs = getattr(_DEFAULT, field) if said is None else self._named(field, said)
        if (not said and field in _NEVER_EMPTY | {"project"}) or self._same(field, ours, theirs):
            return None
        if field == "origin" and not ours and is_handed_out(task, theirs):
            return None
        if row.fields.get("state") in ("done", "recheck") and field == "progress" and theirs == 100:
            # That all of it is done is no news of what is done.
            return None
        if row.fields.get("state") == "done":
            # Where it is known what the list had, that tells what it says anew, but for what
            # followed from its own state.
            told = self._is_listed(task.id) and (task.id, "state") not in self.past.rounds
            if task.state == "done" and not told and ours == _SETTLED.get(field, theirs):
                return None
        return FieldDifference(
            field,
            compared_value(field, self._ours(field, ours)),
            compared_value(field, theirs),
            self._changed(task.id, field, ours, theirs),
            self._called_now(field, theirs),
        )

    def _changed(self, task: int, field: str, ours: Any, theirs: Any) -> Changed:
        """Return who has changed a field since the list, or its last version, was written."""
        then = self._then(task)
        brought = self.past.fields.get(task, {})
        known = [getattr(then, field)] if then else []
        known += [brought[field]] if field in brought else []
        return self._decided(
            (task, field),
            [ours, *reversed(self.past.earlier.get((task, field), ()))],
            known,
            none=getattr(_DEFAULT, field),
            says=lambda value: self._was(field, value, theirs),
            same=lambda one, other: bool(one == other),
        )

    def _decided(
        self,
        key: tuple[int, str],
        values: Sequence[_T],
        known: Sequence[_T],
        *,
        none: _T,
        says: Callable[[_T], bool],
        same: Callable[[_T, _T], bool],
    ) -> Changed:
        """Return who has changed what a task has of one kind since the list was written.

        `values` are what it has had, what it has now first; `known` what it had when the list was
        written and as an import of it has left it, as far as that is known. `says` tells whether
        the list says a value, `same` whether two are one; `none` is what nobody has set.
        """
        task, field = key
        changes = len(self.past.earlier.get(key, ()))
        followed = self._may_follow(task, field)
        if (self.source.own and self.past.then is None) or (self.source.ours and changes):
            # Nobody knows when it was written; it may have the value of an earlier day.
            if any(map(says, values)):
                since = changes - self.past.rounds.get(key, [-1])[-1]
                # What a file of this name has brought, and nobody has changed since, it may set
                # back.
                brought = since < len(values) and same(values[since], values[0])
                return "unknown" if brought and not followed else "here"
            sure = self.past.whole and not changes and (not self._is_added(task) or self._goes_on)
            return "there" if sure else "unknown"
        if known:
            its_own = [
                values[changes - at]
                for at in reversed(self.past.left(task, field))
                if changes - at < len(values)
            ]
            other = self.past.by_another(task, field)
            if says(known[-1]) or (other and any(map(says, its_own[:1]))):
                return "here"
            if says(known[0]):
                # Either it was set back there, or this is a copy in which nobody has changed it.
                return "here" if followed else "unknown"
            once = same(known[0], known[-1]) and not (self.past.then and self._is_added(task))
            if not same(known[-1], values[0]) or not (once or self._goes_on):
                return "both"
            # What has been so here since, and was not to stay so, does not come back unasked.
            if any(map(says, islice(values, 1, self.past.since(task, field)))):
                return "both"
            # Either it was set back there, or nobody has changed it there: in a copy, or in a list
            # that somebody else keeps.
            if any(map(says, values if other else its_own if self.past.then else ())):
                return "unknown"
            # What has come in before is no newer version of the list that has come in since.
            return "both" if other and other > min(self.past.own, default=other) else "there"
        # The earlier values are unknown: what is only here is not taken for deleted there; where it
        # went out from here it may have been.
        if says(none):
            return "unknown" if self.source.ours else "here"
        # Nor is what has been emptied here taken for new there.
        emptied = changes or not self.past.whole
        return "there" if same(values[0], none) and not emptied else "unknown"

    @cached_property
    def _goes_on(self) -> bool:
        """Whether an export has what an earlier round of it has brought, and nothing as before.

        Else it may be a copy, edited by somebody else: both come back under one name.
        """
        then = self.past.then
        for _names, tasks in self.past.lists if then else ():
            if then and not (tasks - then.tasks.keys()) & self.ws.tasks.keys() <= self._listed:
                return False
        has: list[bool] = []
        for place, id in self.ids.items():
            row = self.source.tasks[place]
            if self._is_added(id):
                # A row added to either copy may have one title in both.
                has += [True] * all(
                    self._reads_as(row, field, self._left(id, field)) is not False
                    for field in _FIELDS
                )
            else:
                has += self._has_brought(id, row)
        return any(has) and all(has)

    def _is_added(self, task: int) -> bool:
        """Return whether the list itself has brought a task into being, since it was exported."""
        return self.past.last.get((task, "")) in self.past.own

    def _left(self, task: int, field: str, back: int = 0) -> Any:
        """Return what the list itself has left in a field, or what was there before that."""
        values = (*self.past.earlier.get((task, field), ()), getattr(self.ws.tasks[task], field))
        return values[self.past.left(task, field)[-1] - back]

    def _reads_as(self, row: SourceTask, field: str, value: Any) -> bool | None:
        """Return whether a row says a value; None where it says nothing of the field."""
        said = row.fields.get(field)
        silent = not said and (field not in self._given or field in _NEVER_EMPTY)
        if field in row.unread or silent:
            return None
        theirs = getattr(_DEFAULT, field) if said is None else self._named(field, said)
        return self._was(field, value, theirs)

    def _has_brought(self, task: int, row: SourceTask) -> Iterator[bool]:
        """Walk over what earlier rounds have changed of a task, as far as its row says of it.

        True for what is so in the row, False for what is in it as it was before.
        """
        then = self._then(task)
        for field in _FIELDS:
            if (task, field) not in self.past.rounds or self._may_follow(task, field):
                continue
            before = getattr(then, field) if then else self._left(task, field, 1)
            if before != (left := self._left(task, field)):
                if self._reads_as(row, field, left):
                    yield True
                elif self._reads_as(row, field, before):
                    yield False
        for kind in ARROWS if then else ():
            said = self._arrows.get((kind, task), {})
            if kind in row.unread or not (said or kind in self._given):
                continue
            was, drawn = self._drawn_known(task, kind, said)
            if not _same_arrows(kind, was, drawn):
                if self._drawn_as(kind, drawn, said):
                    yield True
                elif self._drawn_as(kind, was, said):
                    yield False

    def _then(self, task: int) -> Task | None:
        """Return a task as it was when the list was written, where that is known."""
        return self.past.then.tasks[task] if self.past.then and self._is_listed(task) else None

    def _may_follow(self, task: int, field: str) -> bool:
        """Return whether a state the list brought may have set what it need not say itself."""
        return field in _FOLLOWING and (task, "state") in self.past.rounds

    def _is_listed(self, task: int) -> bool:
        """Return whether it is known what a task was when the list was written."""
        return task in self.past.listed

    def _named(self, field: str, said: Any) -> Any:
        """Return the values of a row, with names for the ids of its file."""
        kind = NAMED.get(field) or NAMED_LISTS.get(field)
        if kind is None:
            return said
        if field in NAMED:
            return self._names.get((kind, said)) if isinstance(said, int) else said
        named = (self._names.get((kind, x)) if isinstance(x, int) else x for x in said or ())
        return tuple(filter(None, named))

    def _ours(self, field: str, value: Any) -> Any:
        """Return a value of a task with names for ids."""
        kind = NAMED.get(field) or NAMED_LISTS.get(field)
        if kind is None or not value:
            return value
        if field in NAMED:
            return name_of(self.ws.table(kind)[value])
        return tuple(name_of(self.ws.table(kind)[id]) for id in value)

    def _called_now(self, field: str, theirs: Any) -> Any:
        """Return the values of a row, with the names that what they mean goes by now."""
        kind = NAMED.get(field) or NAMED_LISTS.get(field)
        if kind is None or not theirs:
            return theirs
        if field in NAMED:
            return self._meaning.said_now(kind, theirs)
        return tuple(self._meaning.said_now(kind, name) for name in theirs)

    def _same(self, field: str, ours: Any, theirs: Any) -> bool:
        """Return whether a value of a task is what a row says."""
        return self._agree(field, ours, theirs, self._meaning.means)

    def _was(self, field: str, before: Any, theirs: Any) -> bool:
        """Return whether a value that a task had is what a row says."""
        return self._agree(field, before, theirs, self._meaning.meant)

    def _agree(
        self, field: str, ours: Any, theirs: Any, means: Callable[[type[Named], int, str], bool]
    ) -> bool:
        if kind := NAMED.get(field):
            return means(kind, ours, theirs) if ours and theirs else not ours and not theirs
        if listed := NAMED_LISTS.get(field):
            return _cover(ours, theirs, lambda id, name: means(listed, id, name))
        if field == "tags":
            return _cover(ours, theirs, self._reads)
        if isinstance(ours, str) and isinstance(theirs, str):
            return self._reads(ours, theirs)
        if isinstance(ours, float) and isinstance(theirs, float):
            # Spreadsheets keep fifteen digits.
            return math.isclose(ours, theirs, rel_tol=1e-12)
        return bool(ours == theirs)

    def _reads(self, ours: str, theirs: str) -> bool:
        if self.source.ours and ours.split() == theirs.split():
            # Other programs keep the words, but not all blanks and blank lines between them.
            return True
        return reads(ours, theirs, narrow=self.source.narrow)

    # --- arrows --------------------------------------------------------------------------------

    def _ends(self, id: int, row: SourceTask, kind: LinkKind) -> FieldDifference | None:
        """Return how the predecessors of a task, or its returns, differ from those in its row."""
        said = self._arrows.get((kind, id), {})
        found = self._ends_beside(id, row, kind, said)
        if found is None or (brought := self._ends_brought(id, kind)) is None:
            return found
        return self._ends_beside(id, row, kind, brought)

    def _ends_brought(self, id: int, kind: LinkKind) -> _Ends | None:
        """Return the arrows that were brought from a row where they were read otherwise then."""
        number = self.past.last.get((id, kind), self.past.last.get((id, ""), 0))
        said = self._arrows_then(number).get((kind, id), {})
        left = self._drawn(self._brought.get((kind, id), ()), id, kind, said)
        return said if said and self._drawn_as(kind, left, said) else None

    def _ends_beside(
        self, id: int, row: SourceTask, kind: LinkKind, said: _Ends
    ) -> FieldDifference | None:
        if not said and kind not in self._given:
            return None
        ours = self._drawn_in(self.ws, id, kind, said)
        theirs: Mapping[int, Mapping[str, Any]] = said
        # A cell not understood in full does not show that an arrow is gone.
        if kind in row.unread or kind not in self._given:
            theirs = {end: _options(kind, link) for end, link in ours.items()} | said
        if self._drawn_as(kind, ours, theirs):
            return None
        changed = self._redrawn(id, kind, theirs)
        if changed == "there" and not self._guesses.isdisjoint(ours.keys() ^ theirs.keys()):
            changed = "unknown"
        here = {end: _options(kind, link) for end, link in ours.items() if link.kind == kind}
        turned = ours.keys() - here.keys()
        theirs = {end: options for end, options in theirs.items() if end not in turned}
        rows = self.source.tasks
        return FieldDifference(kind, _arrows(here, rows), _arrows(theirs, rows), changed, theirs)

    def _redrawn(self, id: int, kind: LinkKind, theirs: Mapping[int, Mapping[str, Any]]) -> Changed:
        """Return who has changed the arrows of a task since the list was written."""
        return self._decided(
            (id, kind),
            [self._drawn(arrows, id, kind, theirs) for arrows in self._drawn_earlier(id, kind)],
            self._drawn_known(id, kind, theirs),
            none={},
            says=lambda arrows: self._drawn_as(kind, arrows, theirs),
            same=partial(_same_arrows, kind),
        )

    def _drawn_as(
        self, kind: str, ours: Mapping[int, Link], theirs: Mapping[int, Mapping[str, Any]]
    ) -> bool:
        """Return whether arrows are as a row says; what other programs do not hold is not said."""
        return _alike(kind, ours, theirs, {} if self.source.ours else {"ripple": None})

    def _drawn_known(self, id: int, kind: LinkKind, said: Container[int]) -> list[dict[int, Link]]:
        """Return the arrows of a task as `_decided` takes what is known of them."""
        then = self.past.then
        known = [self._drawn_in(then, id, kind, said)] if then and self._is_listed(id) else []
        if known or id in self.past.fields:
            known.append(self._drawn(self._brought.get((kind, id), ()), id, kind, said))
        return known

    def _drawn_earlier(self, id: int, kind: LinkKind) -> Iterator[Collection[Link]]:
        """Walk back over the arrows that a task has and had before each change of them."""
        known = self.ws.arrows_in if kind == "needs" else self.ws.arrows_out
        arrows = {link.id: link for link in known.get(id, ())}
        yield tuple(arrows.values())
        for replaced in islice(reversed(self.past.earlier.get((id, kind), ())), _MOST_REDRAWN):
            for link, before in replaced.items():
                if before is None:
                    arrows.pop(link, None)
                else:
                    arrows[link] = before
            yield tuple(arrows.values())

    def _drawn_in(
        self, ws: Workspace, id: int, kind: LinkKind, said: Container[int]
    ) -> dict[int, Link]:
        """Return the arrows of a task that go to others of the list; see `_drawn`."""
        known = ws.arrows_in if kind == "needs" else ws.arrows_out
        return self._drawn(known.get(id, ()), id, kind, said)

    def _drawn(
        self, arrows: Iterable[Link], id: int, kind: LinkKind, said: Container[int]
    ) -> dict[int, Link]:
        """Return those of the arrows of a kind that go to others of the list, by the other end.

        A need of the list that closed a loop is a return here, which is no difference.
        """
        return {
            end: x
            # A need says more than the return that is there beside it.
            for x in sorted(arrows, key=lambda each: each.kind, reverse=True)
            if (end := x.source if kind == "needs" else x.target) in self._listed
            and (x.kind == kind or (kind == "needs" and end in said))
            and (kind == "needs" or end in said or id not in self._arrows.get(("needs", end), ()))
        }


def _cover(ours: Sequence[Any], theirs: Sequence[str], same: Callable[[Any, str], bool]) -> bool:
    """Return whether each of ours is one of theirs, and the other way round."""
    # What is the same to the letter is passed over, as there may be thousands.
    mine, said = set(ours), set(theirs)
    return all(
        any(same(one, other) for other in theirs) for one in ours if one not in said
    ) and all(any(same(one, other) for one in ours) for other in theirs if other not in mine)


def difference_words(told: Sequence[FieldDifference], most: int) -> Sentence:
    """Return differences in one line: `due 2026-03-01 (here –)`; beyond `most` they are counted."""
    line = Sentence("", {})
    for at, each in enumerate(told[:most]):
        one = sentence(
            "{field} {there} (here {here})",
            field=field_label(each.field),
            there=each.there,
            here=each.here,
        )
        line = one if not at else Sentence("{line}, {one}", {"line": line, "one": one})
    if rest := len(told[most:]):
        line = counted("{line} and {n} more field", "{line} and {n} more fields", rest, line=line)
    return line


def _options(kind: str, link: Link) -> dict[str, Any]:
    if kind == "needs":
        return known_values(link)
    return {**arrow_values(link), "observed": link.observed}


def _alike(
    kind: str,
    ours: Mapping[int, Link],
    theirs: Mapping[int, Mapping[str, Any]],
    unsaid: Mapping[str, Any],
) -> bool:
    """Return whether arrows are the same ones, as far as the others say how they are.

    A need that does not say otherwise has no lag, and is as `unsaid`.
    """
    if ours.keys() != theirs.keys():
        return False
    for end, link in ours.items():
        said = {"lag": 0.0, **unsaid, **theirs[end]} if kind == "needs" else theirs[end]
        if link.kind != kind:
            # Of a need that became a return, its lag was given up.
            said = {"kind": theirs[end].get("kind", link.kind)}
        if any(_differs(link, name, value) for name, value in said.items()):
            return False
    return True


def _same_arrows(kind: str, ours: Mapping[int, Link], theirs: Mapping[int, Link]) -> bool:
    said = {end: {**_options(kind, x), "kind": x.kind} for end, x in theirs.items()}
    return _alike(kind, ours, said, {"ripple": None})


def _differs(link: Link, name: str, value: Any) -> bool:
    if name in ("extra", "escalate_to"):
        return False
    if name == "rate_entered":
        return replace(link, rate_entered=bool(value)).rate_assumed != link.rate_assumed
    return bool(getattr(link, name) != value)


def end_key(place: int, ids: Mapping[int, int]) -> int:
    """Return the id of the row at a place, or a negative number for one that is no task here."""
    return ids.get(place, -place - 1)


def _arrows(ends: Mapping[int, Mapping[str, Any]], rows: Sequence[SourceTask]) -> Sentence:
    """Return arrows as a list has them: `3; 12+2`, and returns with their rates."""
    parts = []
    for end, options in sorted(ends.items(), key=lambda each: (each[0] < 0, abs(each[0]))):
        lag, rate = options.get("lag"), options.get("rate")
        named = str(end)
        if end < 0:
            named = f"“{harmless_value(rows[-end - 1].fields['title'])}”"
        text = f"{named}{lag:+g}" if lag else named
        parts.append(text if rate is None else f"{text}:{rate:.0%}:{options.get('share', 1):.0%}")
    return Sentence("{text}", {"text": "; ".join(parts)}) if parts else _NOTHING


def compared_value(field: str, value: Any) -> Sentence:
    """Return the value of a field in words, on one line."""
    if not value and value != 0:
        return _NOTHING
    if field == "state":
        return state_word(msgspec.convert(value, State))
    if field == "priority":
        return priority_word(msgspec.convert(value, Priority))
    if isinstance(value, float):
        return Sentence("{number:g}", {"number": value})
    if isinstance(value, datetime):
        return timed(value)
    if isinstance(value, date):
        return dated(value)
    return Sentence("{text}", {"text": harmless_value(" ".join(_text(value).split()))})


def _text(value: Any) -> str:
    if isinstance(value, Item):
        return f"[{'x' if value.done else ' '}] {value.text}"
    return ", ".join(map(_text, value)) if isinstance(value, tuple | list) else str(value)


def field_label(field: str) -> Sentence:
    """Return the label of a field; what only our own JSON has goes by its name there."""
    known = LISTED.get(field) or BY_NAME.get(field)
    if known:
        return known.label
    return LISTS_ONLY_LABELS.get(field) or Sentence("{text}", {"text": field})
