"""The differences between a list and the plan, by row and field, and who made each."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Literal

import msgspec

from tracker.domain.arrow_fields import arrow_values, known_values
from tracker.domain.draft import Named, alike, ids_by_name, name_of, names_of
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
from tracker.exchange.recognising import Brought, Recognised, gone, newer, reads
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
_NOTHING = Sentence("–")

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
    """A row beside its task; `task` is 0 for one that is new, `doubtful` if that is a guess."""

    place: int
    row: int
    title: str
    task: int = 0
    doubtful: bool = False
    differences: tuple[FieldDifference, ...] = ()

    def of(self, *changed: Changed) -> tuple[FieldDifference, ...]:
        """Return the differences that were changed by one of these."""
        return tuple(each for each in self.differences if each.changed in changed)


class Comparison(msgspec.Struct, frozen=True):
    """A list beside the plan: its rows, and the tasks that have gone from it.

    `newer` are those that were created here after it was exported, `seen` the tasks as they were
    compared.
    """

    rows: tuple[RowDifference, ...]
    gone: tuple[int, ...]
    newer: tuple[int, ...]
    found: Recognised
    seen: Mapping[int, Task]

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
    past: Brought | None = None,
    *,
    beyond: bool = False,
) -> Comparison:
    """Return the differences between a list and the plan, for the tasks found in both.

    Arrows from or to new rows are among them if `beyond` is set; see `end_key`.
    """
    past = past or Brought()
    comparing = _Comparing(source, ws, found, past, beyond=beyond)
    rows = tuple(comparing.row(place, row) for place, row in enumerate(source.tasks))
    missed = tuple(gone(source, ws, found, past))
    younger = tuple(newer(source, ws, found, past))
    known = (*found.ids.values(), *missed, *younger)
    return Comparison(rows, missed, younger, found, {id: ws.tasks[id] for id in known})


class _Comparing:
    """A list beside a workspace; `ids` are ours of its rows, by their places."""

    def __init__(
        self, source: Source, ws: Workspace, found: Recognised, past: Brought, *, beyond: bool
    ) -> None:
        self.source, self.ws, self.found, self.past = source, ws, found, past
        self.ids = found.ids
        self._listed = frozenset(self.ids.values())
        self._given = source.given
        self._names = {
            (type(e), e.id): name_of(e)
            for e in source.entities
            if isinstance(e, Project | Department | Person | System)
        }
        # What is called so, by kind and name.
        self._meant: dict[type[Named], dict[str, int]] = {}
        self._arrows: dict[tuple[str, int], dict[int, dict[str, Any]]] = {}
        for link in source.links:
            itself = link.source == link.target and link.kind == "needs"
            one, other = (link.target, link.source)[:: 1 if link.kind == "needs" else -1]
            there = other in self.ids or (beyond and other not in found.deleted)
            if one in self.ids and there and not itself:
                ends = self._arrows.setdefault((link.kind, self.ids[one]), {})
                ends.setdefault(end_key(other, self.ids), link.options)
        self._before: dict[tuple[str, int], dict[int, Link]] = {}
        for arrow in past.links.values():
            one, other = (arrow.target, arrow.source)[:: 1 if arrow.kind == "needs" else -1]
            self._before.setdefault((arrow.kind, one), {})[other] = arrow

    def row(self, place: int, row: SourceTask) -> RowDifference:
        """Return a row beside its task."""
        title = row.fields["title"]
        id = self.ids.get(place)
        if id is None:
            return RowDifference(place, row.row, title)
        task = self.ws.tasks[id]
        before = self.past.fields.get(id, {})
        told = [self._field(task, row, field, before) for field in _FIELDS]
        told += [self._ends(id, row, kind, known=bool(before)) for kind in ARROWS]
        differences = tuple(each for each in told if each is not None)
        return RowDifference(place, row.row, title, id, place in self.found.doubtful, differences)

    # --- fields --------------------------------------------------------------------------------

    def _field(
        self, task: Task, row: SourceTask, field: str, before: Mapping[str, Any]
    ) -> FieldDifference | None:
        said = row.fields.get(field)
        if field in row.unread or (not said and (field not in self._given)):
            return None
        ours = getattr(task, field)
        theirs = getattr(_DEFAULT, field) if said is None else self._named(field, said)
        if (not said and field in _NEVER_EMPTY | {"project"}) or self._same(field, ours, theirs):
            return None
        if field == "origin" and not ours and is_handed_out(task, theirs):
            return None
        done = task.state == row.fields.get("state") == "done"
        # That all of it is done is no news of what is done.
        if done and (
            ours == _SETTLED.get(field, theirs) or (field == "progress" and theirs == 100)
        ):
            return None
        changed = self._changed(task.id, field, (ours, theirs), before)
        return FieldDifference(
            field,
            compared_value(field, self._ours(field, ours)),
            compared_value(field, theirs),
            changed,
            theirs,
        )

    def _changed(
        self, task: int, field: str, values: tuple[Any, Any], before: Mapping[str, Any]
    ) -> Changed:
        ours, theirs = values
        if self.source.own:
            changed = self._since_export(task, field, values)
            if changed == "here" or self.source.is_dated or field not in before:
                return changed
        if field in before:
            if self._was(field, before[field], theirs):
                return "here"
            return "there" if before[field] == ours else "both"
        # The earlier values are unknown: what is only here is not taken for deleted there.
        default = getattr(_DEFAULT, field)
        if theirs == default:
            return "here"
        # Nor is what has been emptied here taken for new there.
        emptied = (task, field) in self.past.earlier
        return "there" if ours == default and not emptied else "unknown"

    def _since_export(self, task: int, field: str, values: tuple[Any, Any]) -> Changed:
        """Return who has changed a field since a list of ours was written.

        A list that does not say when it was has the value of an earlier day if it has one that
        was changed here at some time.
        """
        (ours, theirs), known, has = values, self.source.is_dated, self.source.has
        if self._was(field, ours, theirs, later=known):
            return "here"
        earlier = self.past.earlier.get((task, field), ())
        later = [each for each in earlier if not known or not has(each.seq, each.at)]
        if any(self._was(field, each.value, theirs) for each in (later[:1] if known else later)):
            return "here"
        return ("both" if known else "unknown") if later else "there"

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

    def _same(self, field: str, ours: Any, theirs: Any) -> bool:
        if kind := NAMED.get(field):
            return self._is(kind, ours, theirs) if ours and theirs else not ours and not theirs
        if kind := NAMED_LISTS.get(field):
            return _cover(ours, theirs, partial(self._is, kind))
        if field == "tags":
            return _cover(ours, theirs, self._reads)
        if isinstance(ours, str) and isinstance(theirs, str):
            return self._reads(ours, theirs)
        if isinstance(ours, float) and isinstance(theirs, float):
            # Spreadsheets keep fifteen digits.
            return math.isclose(ours, theirs, rel_tol=1e-12)
        return bool(ours == theirs)

    def _is(self, kind: type[Named], id: int, name: str) -> bool:
        if kind not in self._meant:
            self._meant[kind] = ids_by_name(self.ws.table(kind).values())
        if self._meant[kind].get(alike(name), id) != id:
            return False
        known = names_of(self.ws.table(kind)[id]) if id in self.ws.table(kind) else ()
        return any(_reads_as(each, name) or self._reads(each, name) for each in known)

    def _was(self, field: str, ours: Any, theirs: Any, *, later: bool = False) -> bool:
        """Return whether a value reads so, or did before what it names was renamed or merged.

        If that counts only where it was `later` than the list, it has to have been.
        """
        if self._same(field, ours, theirs):
            return True
        kind = NAMED.get(field) or NAMED_LISTS.get(field)
        if kind is None or not ours or not theirs:
            return False

        def called(id: int, name: str) -> bool:
            return self._is(kind, id, name) or any(
                _reads_as(each, name) or self._reads(each, name)
                for given_up in self.past.called.get((kind, id), ())
                if not (later and self.source.has(given_up.seq, given_up.at))
                for each in given_up.value
            )

        return called(ours, theirs) if field in NAMED else _cover(ours, theirs, called)

    def _reads(self, ours: str, theirs: str) -> bool:
        return reads(ours, theirs, narrow=self.source.narrow)

    # --- arrows --------------------------------------------------------------------------------

    def _ends(
        self, id: int, row: SourceTask, kind: LinkKind, *, known: bool
    ) -> FieldDifference | None:
        """Return how the predecessors of a task, or its returns, differ from those in its row."""
        said = self._arrows.get((kind, id), {})
        if not said and kind not in self._given:
            return None
        ours = self._drawn(id, kind, said)
        theirs = {end: options for end, options in said.items() if not self._turned(id, kind, end)}
        # A cell not understood in full does not show that an arrow is gone.
        if kind in row.unread or kind not in self._given:
            theirs = {end: _options(kind, link) for end, link in ours.items()} | theirs
        if _alike(kind, ours, theirs):
            return None
        changed: Changed = "there"
        before = {e: x for e, x in self._before.get((kind, id), {}).items() if e in self._listed}
        if known:
            if _alike(kind, before, theirs):
                changed = "here"
            elif not _alike(kind, before, {e: _options(kind, link) for e, link in ours.items()}):
                changed = "both"
        elif self.source.own:
            redrawn, known_changes = self.past.redrawn.get((kind, id)), self.source.is_dated
            if redrawn and not (known_changes and self.source.has(*redrawn)):
                changed = "both" if known_changes else "unknown"
        elif ours or (kind, id) in self.past.redrawn:
            changed = "unknown" if theirs else "here"
        here = {end: _options(kind, link) for end, link in ours.items()}
        titles = [each.fields["title"] for each in self.source.tasks]
        there = _arrows(theirs, titles)
        return FieldDifference(kind, _arrows(here, titles), there, changed, theirs)

    def _drawn(self, id: int, kind: str, said: Container[int]) -> dict[int, Link]:
        """Return the arrows of a kind between a task and others of the list, by the other end."""
        if kind == "needs":
            arrows = {x.source: x for x in self.ws.arrows_in.get(id, ()) if x.kind == kind}
        else:
            arrows = {x.target: x for x in self.ws.arrows_out.get(id, ()) if x.kind == kind}
            # A need of the list that closed a loop is a return here: it is no difference.
            arrows = {
                end: x
                for end, x in arrows.items()
                if end in said or id not in self._arrows.get(("needs", end), ())
            }
        return {end: link for end, link in arrows.items() if end in self._listed}

    def _turned(self, id: int, kind: str, end: int) -> bool:
        """Return whether a need of the list is a return here, because it closes a loop."""
        arrows = self.ws.arrows_in.get(id, ()) if kind == "needs" else ()
        kinds = {link.kind for link in arrows if link.source == end}
        return kinds == {"returns"}


def _reads_as(ours: str, theirs: str) -> bool:
    return reads(ours.casefold(), theirs.casefold(), narrow=False)


def _cover(ours: Sequence[Any], theirs: Sequence[str], same: Callable[[Any, str], bool]) -> bool:
    """Return whether each of ours is one of theirs, and the other way round."""
    return all(any(same(one, other) for other in theirs) for one in ours) and all(
        any(same(one, other) for one in ours) for other in theirs
    )


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


def _alike(kind: str, ours: Mapping[int, Link], theirs: Mapping[int, Mapping[str, Any]]) -> bool:
    """Return whether arrows are the same ones, as far as the others say how they are."""
    if ours.keys() != theirs.keys():
        return False
    for end, link in ours.items():
        said = {"lag": 0.0, "ripple": None, **theirs[end]} if kind == "needs" else theirs[end]
        if any(_differs(link, name, value) for name, value in said.items()):
            return False
    return True


def _differs(link: Link, name: str, value: Any) -> bool:
    if name in ("extra", "escalate_to"):
        return False
    if name == "rate_entered":
        return bool(value) == link.rate_assumed
    return bool(getattr(link, name) != value)


def end_key(place: int, ids: Mapping[int, int]) -> int:
    """Return the id of the row at a place, or a negative number for one that is no task here."""
    return ids.get(place, -place - 1)


def _arrows(ends: Mapping[int, Mapping[str, Any]], titles: Sequence[str]) -> Sentence:
    """Return arrows as a list has them: `3; 12+2`, and returns with their rates."""
    parts = []
    for end, options in sorted(ends.items(), key=lambda each: (each[0] < 0, abs(each[0]))):
        lag, rate = options.get("lag"), options.get("rate")
        named = str(end) if end >= 0 else f"“{harmless_value(titles[-end - 1])}”"
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
