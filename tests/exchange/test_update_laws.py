"""The law of an update: nobody's change is overwritten, taken back or lost untold.

A small plan is exported, goes on here, and is edited there in the file as a spreadsheet or a text
editor would. What an update by `--update --yes` may make of both is told by an oracle from the
plan at the export, the plan now and what was changed in the file; the room that compares and
merges is asked nothing but to do it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from tests.builders import contents, later
from tests.exchange.desk import Desk, clocks_of
from tests.exchange.plans import handed_out
from tracker.domain.draft import Nameable, alike, name_of, names_of
from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.model import (
    Department,
    Item,
    Person,
    Project,
    System,
    Task,
)
from tracker.domain.verbs import arrows, baselines, commands, saved_filters, upkeep
from tracker.domain.workspace import Workspace
from tracker.exchange import importing
from tracker.exchange.updating import Decision, Update

# --- what is drawn -----------------------------------------------------------------------------

TITLES = ("Konzept", "Konzepte", "Bau", "Aufbau", "Abnahme", "Abnahme RZ", "Schulung")
NAMES: Mapping[str, tuple[str | None, ...]] = {
    "project": (None, "Move", "Umzug"),
    "department": (None, "Netz", "RZ", "DBA"),
    "assignee": (None, "ada", "bob", "eva"),
    "requester": (None, "ada", "bob"),
}
KIND: Mapping[str, type[Any]] = {
    "project": Project,
    "department": Department,
    "assignee": Person,
    "requester": Person,
    "watchers": Person,
    "systems": System,
}
DAYS = (None, date(2026, 12, 1), date(2026, 12, 8), date(2027, 3, 1))
NUMBERS = (None, 1.0, 2.5, 4.0)
VALUES: Mapping[str, tuple[Any, ...]] = {
    "title": TITLES,
    **NAMES,
    "watchers": ((), ("ada",), ("ada", "bob"), ("eva",)),
    "systems": ((), ("ERP",), ("ERP", "CRM")),
    "phase": ("", "Eins", "Zwei"),
    "state": ("todo", "doing", "waiting", "done", "dropped"),
    "priority": ("low", "medium", "high"),
    "low": (None, 1.0),
    "likely": (None, 2.0, 2.5),
    "high": (None, 4.0, 3.0),
    "effort": NUMBERS,
    "spent": NUMBERS,
    "progress": (None, 30.0, 50.0),
    "due": DAYS,
    "not_before": DAYS,
    "follow_up": DAYS,
    "waiting_for": ("", "Kunde", "Meier"),
    "tags": ((), ("rot",), ("rot", "blau")),
    "recurrence": ("", "1m", "90d"),
    "expires": DAYS,
    "ahead": ("", "3m"),
    "notes": ("", "eins", "eins\n\n  zwei", "drei"),
}
ONLY_JSON: Mapping[str, tuple[Any, ...]] = {
    "checklist": ((), (Item(text="Kabel"),), (Item(text="Kabel", done=True),))
}
ARROWS = ("needs", "returns")
DATED = (".xlsx", ".json")

_at = st.integers(0, 11)
_field = st.sampled_from(sorted(VALUES)) | st.sampled_from(
    ("title", "project", "department", "assignee", "state", "due")
)
_cell = st.tuples(_field, st.integers(0, 6))
_kind = st.sampled_from(("project", "department", "assignee"))
_task = st.lists(_cell, max_size=5).map(dict)
_arrow = st.tuples(st.sampled_from(("needs", "returns")), _at, _at, st.integers(0, 2))

# What people do here, each with places that are counted round among what there is.
HERE = st.one_of(
    st.tuples(st.just("edit"), _at, _cell),
    st.tuples(st.just("edit"), _at, _cell),
    st.tuples(st.just("edit"), _at, _cell),
    st.tuples(st.just("add"), _task),
    st.tuples(st.just("delete"), _at),
    st.tuples(st.just("draw"), _arrow),
    st.tuples(st.just("unlink"), _at),
    st.tuples(st.just("relink"), _at, st.integers(0, 2)),
    st.tuples(st.just("rename"), _kind, _at),
    st.tuples(st.just("merge"), _kind, _at, _at),
    st.tuples(st.just("forget"), _kind, _at),
    st.tuples(st.sampled_from(("drop", "finish", "begin")), _at),
    st.tuples(st.just("undo"), _at),
    st.tuples(st.just("baseline"), st.sampled_from(("take", "rename", "delete")), _at),
    st.tuples(st.just("filter"), st.sampled_from(("save", "delete")), _at),
)
# What somebody does to the file.
THERE = st.one_of(
    st.tuples(st.just("set"), _at, _cell),
    st.tuples(st.just("set"), _at, _cell),
    st.tuples(st.just("set"), _at, _cell),
    st.tuples(st.just("strike"), _at),
    st.tuples(st.just("append"), st.booleans(), _task),
    st.tuples(st.just("reorder"), _at),
    st.tuples(st.just("arrow"), _arrow),
)

# What they do to it after it has come in.
AGAIN = st.one_of(THERE, *[st.tuples(st.just("back"), _at)] * 3)


class Story(NamedTuple):
    """What happens, one after the other."""

    listed: list[Mapping[str, int]]
    made: list[Mapping[str, int]]
    before: list[Any]
    here: list[Any]
    there: list[Any]
    later: list[Any]
    again: list[Any]


STORIES = st.builds(
    Story,
    listed=st.lists(_task, max_size=3),
    made=st.lists(_task, min_size=1, max_size=3),
    before=st.lists(HERE, max_size=3),
    here=st.lists(HERE, max_size=6),
    there=st.lists(THERE, max_size=4),
    later=st.just([]),
    again=st.just([]),
)
ROUNDS = st.builds(
    Story,
    listed=st.lists(_task, max_size=2),
    made=st.lists(_task, min_size=1, max_size=3),
    before=st.lists(HERE, max_size=3),
    here=st.lists(HERE, max_size=2),
    there=st.lists(THERE, min_size=1, max_size=4),
    later=st.lists(HERE, max_size=2),
    again=st.lists(AGAIN, min_size=1, max_size=3),
)


class Copies(NamedTuple):
    """Two copies of an export that are edited apart, and come back under one name or two."""

    story: Story
    other: list[Any]
    between: list[Any]
    one_name: bool


COPIES = st.builds(
    Copies,
    story=st.builds(
        Story,
        listed=st.lists(_task, max_size=2),
        made=st.lists(_task, min_size=1, max_size=2),
        before=st.lists(HERE, max_size=2),
        here=st.just([]),
        there=st.lists(THERE, min_size=1, max_size=4),
        later=st.just([]),
        again=st.just([]),
    ),
    other=st.lists(THERE, min_size=1, max_size=4),
    between=st.lists(HERE, max_size=2),
    one_name=st.booleans(),
)

# Lists of anybody's, each kept by somebody, and what happens to them and here.
LISTED_TITLES = ("Alpha", "Brücke", "Keller")
LISTED_FIELDS = (
    *("assignee", "requester", "systems", "state", "priority", "likely", "effort"),
    *("due", "not_before", "waiting_for", "tags", "notes", "needs"),
)
# Days in words whose meaning is another on another day, or elsewhere.
SAID_DAYS = (
    *("in 3 days", "tomorrow", "Freitag", "4.12.", "2026-12-08T23:30:00Z", "2026-12-08T03:00:00Z"),
    *(str(day) for day in DAYS if day),
)
ZONES = ("UTC", "America/New_York", "Asia/Tokyo")
_row_of = st.integers(0, len(LISTED_TITLES) - 1)
_listed_cell = st.tuples(st.sampled_from(LISTED_FIELDS), st.integers(0, len(SAID_DAYS)))
_keeper = st.integers(0, 2)
SHARED = st.lists(
    st.one_of(
        st.tuples(st.just("come"), _keeper),
        st.tuples(st.just("come"), _keeper),
        st.tuples(st.just("write"), _keeper, _row_of, _listed_cell),
        st.tuples(st.just("write"), _keeper, _row_of, _listed_cell),
        st.tuples(st.just("elsewhere"), st.integers(0, 40), st.sampled_from(ZONES)),
        st.tuples(st.just("here"), HERE.filter(lambda step: step[0] != "undo")),
    ),
    min_size=3,
    max_size=12,
)


def _values(drawn: Mapping[str, int]) -> dict[str, Any]:
    picked = {name: VALUES[name][at % len(VALUES[name])] for name, at in drawn.items()}
    picked.setdefault("title", TITLES[len(drawn) % len(TITLES)])
    return picked


# --- here --------------------------------------------------------------------------------------


class Plan(Desk):
    """A plan in which people work; it knows what everything was ever called."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.called: dict[tuple[type[Any], int], set[str]] = {}
        self._fresh = count(1)

    def begin(self, story: Story) -> None:
        """Let the plan come into being."""
        if story.listed:
            heads = sorted({name for row in story.listed for name in _values(row)})
            rows = [[text(name, _values(row).get(name)) for name in heads] for row in story.listed]
            self.take(_as_csv([heads, *rows]))
        for drawn in story.made:
            self.step(("add", drawn))
        for each in story.before:
            self.step(each)

    def step(self, step: Any) -> None:
        """Carry out what somebody does here, if they can."""
        try:
            self._step(*step)
        except TrackerError:
            return
        note(f"here: {step}")
        self.note_names()

    def note_names(self) -> None:
        """Note what everything is called."""
        for kind in set(KIND.values()):
            for each in self.ws.table(kind).values():
                names = {alike(name) for name in names_of(each) if name}
                self.called.setdefault((kind, each.id), set()).update(names)

    def _step(self, verb: str, *rest: Any) -> None:
        tasks, links = sorted(self.ws.tasks), sorted(self.ws.links)
        match verb, rest:
            case "add", (drawn,):
                self.do(partial(commands.add_task, **_values(drawn)))
            case "edit", (at, (field, value)) if tasks:
                chosen = VALUES[field][value % len(VALUES[field])]
                self.do(partial(commands.edit_task, task=_of(tasks, at), **{field: chosen}))
            case "delete", (at,) if tasks:
                self.do(partial(commands.delete_task, task=_of(tasks, at)))
            case (("drop" | "finish" | "begin"), (at,)) if tasks:
                self.do(partial(getattr(commands, verb), task=_of(tasks, at)))
            case "draw", ((kind, one, other, lag),) if tasks:
                ends = _of(tasks, one), _of(tasks, other)
                if kind == "needs":
                    self.do(partial(arrows.link, source=ends[0], target=ends[1], lag=float(lag)))
                else:
                    rate = (None, 0.3, 0.5)[lag]
                    self.do(partial(arrows.link_return, gate=ends[0], target=ends[1], rate=rate))
            case "unlink", (at,) if links:
                self.do(partial(arrows.unlink, link=_of(links, at)))
            case "relink", (at, value) if links:
                link = _of(links, at)
                needs = self.ws.links[link].kind == "needs"
                values: dict[str, Any] = (
                    {"lag": float(value)} if needs else {"rate": (0.1, 0.3, 0.5)[value]}
                )
                self.do(partial(arrows.edit_link, link=link, **values))
            case (("rename" | "merge" | "forget"), (field, at, *more)):
                self._rename(verb, KIND[field], at, *more)
            case "undo", (at,) if self.records:
                self.undo(_of([record.seq for record in self.records][-3:], at))
            case "baseline", (what, at):
                self._baseline(what, at)
            case "filter", (what, at):
                name = ("Late", "Mine")[at % 2]
                if what == "save":
                    query = ("state:done", "state:todo")[at // 2 % 2]
                    self.do(partial(saved_filters.save_filter, name=name, query=query))
                elif self.ws.filters:
                    self.do(
                        partial(saved_filters.delete_filter, filter=_of(list(self.ws.filters), at))
                    )

    def _rename(self, verb: str, kind: type[Any], at: int, into: int = 0) -> None:
        names = [name_of(each) for each in self.ws.table(kind).values()]
        if not names:
            return
        name = _of(names, at)
        if verb == "rename":
            self.do(partial(upkeep.rename, kind=kind, name=name, to=f"anders{next(self._fresh)}"))
        elif verb == "forget":
            self.do(partial(upkeep.delete, kind=kind, name=name))
        else:
            ids = {name_of(each): each.id for each in self.ws.table(kind).values()}
            other = _of(names, into)
            self.do(partial(upkeep.merge, kind=kind, name=name, into=other))
            self.called[kind, ids[other]] |= self.called.get((kind, ids[name]), set())

    def _baseline(self, what: str, at: int) -> None:
        known = list(self.ws.baselines)
        if what == "take":
            name = baselines.next_name(self.ws, "Plan")
            self.do(partial(baselines.take_baseline, name=name, plan=(), finishes=()))
        elif known and what == "rename":
            to = f"Stand {next(self._fresh)}"
            self.do(partial(baselines.rename_baseline, baseline=_of(known, at), to=to))
        elif known:
            self.do(partial(baselines.delete_baseline, baseline=_of(known, at)))

    def means(self, kind: type[Any], id: int | None, name: str | None) -> bool:
        """Return whether a name in a file is that of an entity, now or before it got another."""
        if not id or not name:
            return not id and not name
        now = {
            alike(each)
            for other in self.ws.table(kind).values()
            for each in names_of(other)
            if other.id != id
        }
        return alike(name) in self.called[kind, id] - now


def _of(things: list[Any], at: int) -> Any:
    return things[at % len(things)]


# --- there -------------------------------------------------------------------------------------


def text(field: str, value: Any) -> str:
    """Return the value of a field as somebody types it into a cell."""
    match value:
        case None:
            return ""
        case tuple():
            return "; ".join(value)
        case date():
            return value.isoformat()
        case float():
            return f"{value:g}" + "%" * (field == "progress")
        case _:
            return str(value)


def _as_csv(rows: Iterable[Iterable[Any]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


class Table:
    """An export as CSV or workbook, open in a spreadsheet program."""

    def __init__(self, data: bytes, ending: str) -> None:
        self.book: Any = None
        self.rows: list[list[Any]]
        if ending == ".csv":
            self.rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        else:
            self.book = openpyxl.load_workbook(io.BytesIO(data))
            self.rows = [[cell.value for cell in row] for row in self.book.worksheets[0]]
        self.heads = self.rows.pop(0)

    def _row(self, task: int) -> list[Any]:
        return next(row for row in self.rows if str(row[0]) == str(task))

    def _typed(self, field: str, value: Any) -> Any:
        if self.book is None or isinstance(value, str | tuple):
            return text(field, value) or (None if self.book else "")
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day)  # noqa: DTZ001
        return text(field, value) if field == "progress" and value else value

    def set(self, task: int, field: str, value: Any) -> None:
        """Type a value into a cell."""
        self._row(task)[self.heads.index(field)] = self._typed(field, value)

    def draw(self, owner: int, kind: str, ends: Mapping[int, float]) -> None:
        """Type the arrows of a task."""
        form = "{}:{:.0%}" if kind == "returns" else "{}+{:g}"
        typed = "; ".join(form.format(end, value) for end, value in sorted(ends.items()))
        self.set(owner, kind, typed)

    def strike(self, task: int) -> None:
        """Delete a row."""
        self.rows.remove(self._row(task))

    def append(self, number: int | None, fields: Mapping[str, Any]) -> None:
        """Add a row at the end."""
        row = [self._typed(head, fields.get(head)) for head in self.heads]
        row[0] = number if self.book else str(number or "")
        self.rows.append(row)

    def reorder(self, by: int) -> None:
        """Sort the rows otherwise."""
        by %= max(1, len(self.rows))
        self.rows = self.rows[by:] + self.rows[:by]

    def data(self) -> bytes:
        """Return what is saved."""
        if self.book is None:
            return _as_csv([self.heads, *self.rows])
        sheet = self.book.worksheets[0]
        for at in range(2, max(sheet.max_row, len(self.rows) + 1) + 1):
            row = self.rows[at - 2] if at - 2 < len(self.rows) else [None] * len(self.heads)
            for column, value in enumerate(row, 1):
                sheet.cell(at, column).value = value
                if isinstance(value, datetime):
                    sheet.cell(at, column).number_format = "yyyy-mm-dd"
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


class Document:
    """An export as JSON, open in a text editor."""

    def __init__(self, data: bytes, _ending: str) -> None:
        self.all = json.loads(data)
        self.all.setdefault("links", [])
        self.tasks = self.all["tasks"]

    def _row(self, task: int) -> dict[str, Any]:
        return next(row for row in self.tasks if row.get("id") == task)

    @staticmethod
    def _typed(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return list(value) if isinstance(value, tuple) else value

    def set(self, task: int, field: str, value: Any) -> None:
        """Write another value."""
        row = self._row(task)
        row[field] = self._typed(value)
        if field in row["refs"]:
            row["refs"][field] = [] if isinstance(value, tuple) else None

    def draw(self, owner: int, kind: str, ends: Mapping[int, float]) -> None:
        """Write the arrows of a task, in both places."""
        one, other, value = (
            ("target", "source", "lag") if kind == "needs" else ("source", "target", "rate")
        )
        links = self.all["links"]
        before = {x[other]: x for x in links if x["kind"] == kind and x[one] == owner}
        kept = [x for x in links if x["kind"] != kind or x[one] != owner]
        free = count(max((x["id"] for x in links), default=0) + 1)
        for end, given_value in ends.items():
            fresh = {"kind": kind, one: owner, other: end}
            link = {**before.get(end, fresh), value: given_value}
            if kind == "returns":
                link["rate_entered"] = True
            kept.append({"id": next(free), **link})
        links[:] = kept
        self._row(owner)[kind] = [
            {"id": end, "lag": x} if kind == "needs" else {"to": end, "rate": x}
            for end, x in ends.items()
        ]

    def strike(self, task: int) -> None:
        """Cut a task out, with its arrows."""
        self.tasks.remove(self._row(task))
        links = self.all["links"]
        links[:] = [link for link in links if task not in (link["source"], link["target"])]
        for row in self.tasks:
            row["needs"] = [each for each in row.get("needs", ()) if each["id"] != task]
            row["returns"] = [each for each in row.get("returns", ()) if each["to"] != task]

    def append(self, number: int | None, fields: Mapping[str, Any]) -> None:
        """Write another task."""
        row = {name: self._typed(value) for name, value in fields.items()}
        self.tasks.append({"id": number, **row} if number else row)

    def reorder(self, by: int) -> None:
        """Put the tasks in another order."""
        by %= max(1, len(self.tasks))
        self.tasks[:] = self.tasks[by:] + self.tasks[:by]

    def data(self) -> bytes:
        """Return what is saved."""
        return json.dumps(self.all, ensure_ascii=False, indent=1).encode()


def ends_of(ws: Workspace, owner: int, kind: str) -> dict[int, float]:
    """Return the arrows of a task by their other ends: with lags, or with rates."""
    if kind == "needs":
        return {x.source: x.lag for x in ws.arrows_in.get(owner, ()) if x.kind == kind}
    return {x.target: x.rate for x in ws.arrows_out.get(owner, ()) if x.kind == kind}


def named(ws: Workspace, field: str, value: Any) -> Any:
    """Return a value with the names of what it names."""
    kind = KIND.get(field)
    if kind is None or not value:
        return value
    if isinstance(value, tuple):
        return tuple(name_of(ws.table(kind)[id]) for id in value)
    return name_of(ws.table(kind)[value])


class File:
    """An export that somebody edits, and what they have changed in it."""

    def __init__(self, plan: Plan, ending: str) -> None:
        self.was, self.name = plan.ws, f"plan{ending}"
        self.raw = handed_out(plan.ws, self.name)
        self.cells: dict[tuple[int, str], Any] = {}
        self.ends: dict[tuple[int, str], dict[int, float]] = {}
        self.struck: set[int] = set()
        self.added: list[dict[str, Any]] = []
        self.numbered: set[int] = set()
        self.edited = False
        self._fields = {**VALUES, **(ONLY_JSON if ending == ".json" else {})}
        self._last = max(self.was.tasks)
        if ending not in (".json", ".xlsx", ".csv"):
            # What other programs read is not edited.
            return
        kind: Callable[[bytes, str], Any] = Document if ending == ".json" else Table
        self.open = kind(self.raw, ending)

    @property
    def rows(self) -> list[int]:
        """The tasks that still have rows."""
        return [id for id in self.was.tasks if id not in self.struck]

    def step(self, step: Any) -> None:
        """Let somebody edit the file."""
        verb, *rest = step
        rows = self.rows
        if not rows:
            return
        note(f"there: {step}")
        self.edited = True
        match verb, rest:
            case "set", (at, (field, value)):
                task, chosen = _of(rows, at), _of(list(self._fields[field]), value)
                self.cells[task, field] = chosen
                self.open.set(task, field, chosen)
            case "strike", (at,):
                task = _of(rows, at)
                self.struck.add(task)
                self.open.strike(task)
            case "append", (numbered, drawn):
                # A row of a title alone may be a heading.
                fields = {"state": "todo", **_values(drawn)}
                # What begins with a number of its own is the next that is free in the file.
                number = self._last = self._last + 1
                self.open.append(number if numbered else None, fields)
                self.added.append(fields)
                if numbered:
                    self.numbered.add(number)
            case "reorder", (by,):
                self.open.reorder(by)
            case "arrow", ((kind, one, other, value),):
                owner, end = _of(rows, one), _of(rows, other)
                if owner != end or kind == "returns":
                    self._draw(
                        kind, owner, end, (0.3, 0.5, 0.1)[value] if kind == "returns" else value
                    )
            case "back", (at,):
                changed = [each for each in (*self.cells, *self.ends) if each[0] in rows]
                if changed:
                    self._set_back(*_of(changed, at))

    def _set_back(self, task: int, field: str) -> None:
        """Let a cell say again what it said at the export."""
        was = self._was(task, field)
        if field in ARROWS:
            self.ends[task, field] = {end: x for end, x in was.items() if end not in self.struck}
            self.open.draw(task, field, self.ends[task, field])
        else:
            self.cells[task, field] = was
            self.open.set(task, field, was)

    def _was(self, task: int, field: str) -> Any:
        if field in ARROWS:
            return ends_of(self.was, task, field)
        return named(self.was, field, getattr(self.was.tasks[task], field))

    def says(self) -> dict[tuple[int, str], Any]:
        """Return all that it says of the tasks in it."""
        return {
            (task, field): {**self.cells, **self.ends}.get((task, field), self._was(task, field))
            for task in self.rows
            for field in (*self._fields, *ARROWS)
        }

    def _draw(self, kind: str, owner: int, end: int, value: float) -> None:
        """Draw an arrow, or take it away where it is there."""
        ends = self.ends.get((owner, kind), ends_of(self.was, owner, kind))
        ends = {other: x for other, x in ends.items() if other not in self.struck}
        self.ends[owner, kind] = (
            {other: x for other, x in ends.items() if other != end}
            if end in ends
            else {**ends, end: float(value)}
        )
        self.open.draw(owner, kind, self.ends[owner, kind])

    def data(self) -> bytes:
        """Return the file as it is now."""
        return self.open.data() if self.edited else self.raw

    @property
    def says_nothing_new(self) -> bool:
        """Whether nothing was changed in it but the order of its rows, and no row came to it."""
        changed = any(not self.keeps(*cell) for cell in self.cells)
        drawn = any(not self.keeps_ends(*owner) for owner in self.ends)
        return not (changed or drawn or self.added)

    def keeps(self, task: int, field: str) -> bool:
        """Return whether a cell says what the task was at the export."""
        if task in self.struck or (task, field) not in self.cells:
            return True
        was, said = self._was(task, field), self.cells[task, field]
        return bool(was == said) or (not was and not said)

    def keeps_ends(self, owner: int, kind: str) -> bool:
        """Return whether a cell has the arrows that the task had at the export."""
        if owner in self.struck or (owner, kind) not in self.ends:
            return True
        was = ends_of(self.was, owner, kind)
        return {x: v for x, v in was.items() if x not in self.struck} == self.ends[owner, kind]


# --- the oracle --------------------------------------------------------------------------------

# What follows from the state of a task when that is set.
_FOLLOWS = frozenset(
    ("state", "progress", "waiting_for", "recurrence", "expires", "ahead", "due", "not_before")
)
# What of these a row still says of a task that is done is no news without a date.
_ENDED = frozenset(("progress", "recurrence", "expires", "ahead"))
# A row without a value for these says nothing of them.
_NEVER_EMPTY = frozenset(("title", "state", "priority", "project"))
_TOLD = ("both", "unknown")
_NOT_SAID = object()


class Oracle:
    """What an update may have made of a plan and a file."""

    def __init__(self, plan: Plan, file: File) -> None:
        self.plan, self.file, self.dated = plan, file, file.name.endswith(DATED)
        self.was, self.now, self.refused = file.was, plan.ws, False
        self.changed_ever = {
            (edit.before.id, field)
            for record in plan.records
            for edit in record.change.edits
            if isinstance(edit.before, Task)
            for field in edit.fields
        }

    def judge(self, update: Update, after: Workspace) -> None:
        """Compare the plan after an update with what it may be."""
        self.after = after
        told = update.as_json(update.usual(), str)
        self.told = {row["id"]: row for row in told["rows"] if row["id"]}
        self.gone = {row["id"] for row in told["gone"]}
        for task in self.now.tasks:
            assert task in after.tasks, f"task {task} was lost"
            if task in self.was.tasks and task not in self.file.struck:
                self._row(task)
                for kind in ARROWS:
                    self._arrows(task, kind)
            elif not self.may_be_written_anew(task):
                assert after.tasks[task] == self.now.tasks[task], f"task {task} was touched"
                missed = task in self.gone and task not in self.was.tasks
                # A list that is not dated shows what it cannot have had by the numbers alone.
                assert not (missed and self.dated), f"new {task} is missed"
        self._new()
        self._beside()

    def may_be_written_anew(self, task: int) -> bool:
        """Return whether a row that was added may be the task: its own row was deleted there.

        A list that is not dated may have had a task that was added here under its number.
        """
        if task not in self.was.tasks:
            return not self.dated and task in self.file.numbered
        titles = {ws.tasks[task].title for ws in (self.was, self.now) if task in ws.tasks}
        return any(fields["title"] in titles for fields in self.file.added)

    def _may_be_another(self, task: int) -> bool:
        """Return whether, without a date, nothing shows that a row is still that of its task.

        It was deleted here, another row has its title, or neither title nor department are left.
        """
        anew = {
            field for of, field in self.file.cells if of == task and not self.file.keeps(of, field)
        }
        # A department set back to that of the export is none that is known here.
        here, said = self.now.tasks.get(task), self.file.cells.get((task, "department"), _NOT_SAID)
        if here and said is not _NOT_SAID and not self._same("department", here.department, said):
            anew.add("department")
        return not self.dated and (
            task not in self.now.tasks
            or self.may_be_written_anew(task)
            or anew >= {"title", "department"}
        )

    # --- rows ----------------------------------------------------------------------------------

    def _same(self, field: str, ours: Any, said: Any) -> bool:
        """Return whether a value here is what the file says."""
        if not ours and not said:
            return True
        kind = KIND.get(field)
        if kind is None:
            if field == "tags":
                return set(ours) == set(said)
            return bool(ours == said)
        if isinstance(said, tuple):
            return len(ours) == len(said) and all(
                any(self.plan.means(kind, id, name) for name in said) for id in ours
            )
        return self.plan.means(kind, ours, said)

    def _row(self, task: int) -> None:
        was, ours, now = self.was.tasks[task], self.now.tasks[task], self.after.tasks[task]
        row = self.told.get(task, {"doubtful": False, "differences": []})
        told = {each["field"]: each["changed"] for each in row["differences"]}
        taken: dict[str, Any] = {}
        for field in (*VALUES, *ONLY_JSON):
            if self.file.keeps(task, field):
                continue
            said, mine = self.file.cells[task, field], getattr(ours, field)
            if (not said and field in _NEVER_EMPTY) or self._same(field, mine, said):
                continue
            if not self.dated and self._is_settled(task, field) and field in _ENDED:
                continue
            if self._may_be_another(task):
                return
            if mine == getattr(was, field) and self._was_left_alone(task, field):
                taken[field] = said
            elif self.dated and not self._is_settled(task, field):
                assert told.get(field) in _TOLD, f"{task} {field} is contested untold: {told}"
        if row["doubtful"]:
            assert not self.file.keeps(task, "title"), f"{task} is in doubt"
            assert told.keys() >= taken.keys()
            taken = {}
        wrong = {
            field: (named(self.now, field, getattr(ours, field)), value, getattr(now, field))
            for field, value in self._wanted(task, taken).items()
            if not self._fits(field, getattr(now, field), value)
        }
        assert not wrong, f"{task}: field (here, wanted, became) {wrong}, told {told}"
        if not taken and now.notes == ours.notes:
            assert now == ours, f"{task} was touched: {told}"

    def _was_left_alone(self, task: int, field: str) -> bool:
        """Return whether nobody here may have changed a field, as far as that can be known."""
        return self.dated or (task, field) not in self.changed_ever

    def _is_settled(self, task: int, field: str) -> bool:
        """Return whether all that a field says follows from the end of the task."""
        said = self.file.cells.get((task, "state"), self.was.tasks[task].state)
        return self.now.tasks[task].state == said == "done" and field in _FOLLOWS

    def _fits(self, field: str, now: Any, value: Any) -> bool:
        if isinstance(value, _Said):
            return self._same(field, now, value.value)
        return bool(now == value)

    def _wanted(self, task: int, taken: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that the fields of a task are to have, by what is taken over."""
        ours = self.now.tasks[task]
        names = (*VALUES, *ONLY_JSON)
        fields: dict[str, Any] = {name: getattr(ours, name) for name in names}
        try:
            ws = self.now
            if ours.state == "dropped" and taken.get("state", "dropped") != "dropped":
                ws = ws.apply(commands.reopen(ws, later(900), task=task))
            first = dict(taken)
            if taken.get("state") in ("todo", "doing"):
                # To go on ends a wait; what is waited for beside it is set all the same.
                first.pop("waiting_for", None)
            for values in (first, {k: v for k, v in taken.items() if k not in first}):
                edit = partial(commands.edit_tasks, tasks=(task,), renew=False)
                ws = ws.apply(edit(ws, later(900), **values))
        except TrackerError:
            # It cannot be so, and the row stays as it is.
            self.refused = True
            return fields
        made = ws.tasks[task]
        for name in names:
            if name in taken and name not in _FOLLOWS:
                fields[name] = _Said(taken[name])
            elif "state" in taken or name in taken:
                fields[name] = getattr(made, name)
        return fields

    # --- arrows --------------------------------------------------------------------------------

    def _arrows(self, owner: int, kind: str) -> None:
        file = self.file
        if (file.ends and self.collides()) or self._may_be_another(owner):
            return
        was, ours, now = (ends_of(ws, owner, kind) for ws in (self.was, self.now, self.after))
        if not self.dated:
            # Deleted here and called otherwise there: the row may be another task, with its arrows.
            now = {end: x for end, x in now.items() if end in self.now.tasks}
        rows = {id for id in file.rows if id in self.now.tasks}
        beyond = {
            end: x
            for end, x in ours.items()
            if end not in rows and not (end in file.struck and self.may_be_written_anew(end))
        }
        assert beyond.items() <= now.items(), f"{owner} {kind}: {ours} → {now}"
        inside = [{e: x for e, x in ends.items() if e in rows} for ends in (was, ours, now)]
        if file.keeps_ends(owner, kind):
            assert inside[1] == inside[2], f"{owner} {kind} were touched: {ours} → {now}"
            return
        said = {e: x for e, x in file.ends[owner, kind].items() if e in rows}
        if kind == "returns" and sum({**ours, **said}.values()) >= 1:
            # With all of them no work would get past it: the report says which is skipped.
            self.refused = True
            return
        if inside[1] == said:
            assert now == ours
        elif inside[0] == inside[1]:
            if inside[2] != said:
                told = self.told.get(owner, {"differences": []})["differences"]
                # Without a date it is asked, or may be what it was on an earlier day.
                asked = any(x["field"] == kind and x["changed"] != "there" for x in told)
                # An arrow to what may be another task is asked as well.
                doubtful = any(self.told.get(end, {}).get("doubtful") for end in (owner, *said))
                assert (asked and not self.dated) or doubtful, (
                    f"{owner} {kind}: {ours}, said {said}, became {now}"
                )
        else:
            assert now == ours, f"{owner} {kind} overwritten: {ours}, said {said}, became {now}"
            # An arrow to what was deleted here is none that is asked about.
            if self.dated and said != inside[0]:
                told = self.told.get(owner, {"differences": []})["differences"]
                assert any(x["field"] == kind and x["changed"] in _TOLD for x in told)

    def collides(self) -> bool:
        """Return whether arrows of both sides together may be more than there can be.

        They close a loop, overtake a return, or always send work back.
        """
        if any(k == "returns" and sum(x.values()) >= 1 for (_, k), x in self.file.ends.items()):
            return True
        needs = {(x.source, x.target) for x in self.now.links.values() if x.kind == "needs"}
        backs = {(x.source, x.target) for x in self.now.links.values() if x.kind == "returns"}
        for (owner, kind), ends in self.file.ends.items():
            if kind == "needs":
                needs |= {(end, owner) for end in ends}
            else:
                backs |= {(owner, end) for end in ends}
        after = {one: {other for first, other in needs if first == one} for one, _ in needs}
        for one in list(after):
            ahead = list(after[one])
            while ahead:
                fresh = after.get(ahead.pop(), set()) - after[one]
                after[one] |= fresh
                ahead += fresh
        overtaken = any(target in after.get(gate, ()) for gate, target in backs if gate != target)
        return overtaken or any(one in others for one, others in after.items())

    # --- a second round ------------------------------------------------------------------------

    def brought(self, before: Workspace, left: Workspace, task: int, field: str, said: Any) -> bool:
        """Return whether what the file said came in, and nobody here has changed it since."""
        if task not in before.tasks or task not in self.now.tasks or self._may_be_another(task):
            return False
        if field in ARROWS:
            rows = [each for each in self.file.rows if each in self.now.tasks]
            was, then, now, there = (
                {end: x for end, x in ends.items() if end in rows}
                for ends in (*(ends_of(ws, task, field) for ws in (before, left, self.now)), said)
            )
            return was != then == now == there
        was, then, now = (getattr(ws.tasks[task], field) for ws in (before, left, self.now))
        return bool(was != then == now) and self._same(field, then, said)

    def says_nothing(self, task: int, field: str, said: Any) -> bool:
        """Return whether what the file says is so here, or is none of its business."""
        if field in ARROWS:
            ends = ends_of(self.now, task, field)
            rows = [each for each in self.file.rows if each in self.now.tasks]
            inside = [{e: x for e, x in each.items() if e in rows} for each in (ends, said)]
            return inside[0] == inside[1] or self.collides()
        followed = field in _FOLLOWS and field != "state" and (task, "state") in self.file.cells
        return (
            followed
            or (not said and field in _NEVER_EMPTY)
            or self._same(field, getattr(self.now.tasks[task], field), said)
        )

    # --- what came to be -----------------------------------------------------------------------

    def _new(self) -> None:
        born = [self.after.tasks[id] for id in self.after.tasks if id not in self.now.tasks]
        titles = [task.title for task in born]
        added = [fields["title"] for fields in self.file.added]
        returned = [
            self.after.tasks[task].title
            for (task, field), value in self.file.cells.items()
            if field == "state" and value == "done" and task in self.now.tasks
        ]
        # Deleted here and called otherwise there: without a date the row may be another task.
        anew = [
            value
            for (task, field), value in self.file.cells.items()
            if field == "title" and self._may_be_another(task)
        ]
        for title in (*added, *returned, *anew):
            if title in titles:
                titles.remove(title)
        assert not titles, f"came to be: {titles}"
        if self.dated:
            left = [task.title for task in born]
            struck = [
                ws.tasks[task].title
                for task in self.file.struck
                for ws in (self.was, self.now)
                if task in ws.tasks
            ]
            both = [t.title for t in self.now.tasks.values() if t.id not in self.was.tasks]
            for title in added:
                if title in both and title not in left:
                    # It was added on both sides; that the task here is untouched has been seen.
                    continue
                if any(
                    SequenceMatcher(None, title.lower(), other.lower()).ratio() > 0.5
                    for other in struck
                ):
                    # It may be a row that was deleted there, written anew.
                    continue
                assert title in left, f"{title} did not come: {[x.title for x in born]}"
                left.remove(title)

    def _beside(self) -> None:
        said: dict[type[Any], set[str]] = {kind: set() for kind in KIND.values()}
        values = [
            (field, value)
            for (task, field), value in self.file.cells.items()
            if not self.file.keeps(task, field)
        ]
        values += [(field, value) for row in self.file.added for field, value in row.items()]
        for field, value in values:
            if field in KIND and value:
                said[KIND[field]] |= {
                    alike(x) for x in (value if isinstance(value, tuple) else (value,))
                }
        before, after = contents(self.now), contents(self.after)
        for key, entity in after.items():
            if key[0] in ("Task", "Link"):
                continue
            if key in before:
                assert entity == before[key], f"{key} was touched"
            else:
                known = said.get(type(entity), set())
                assert isinstance(entity, Nameable)
                assert alike(name_of(entity)) in known, f"{entity} came to be"
        lost = {key for key in before if key not in after and key[0] != "Link"}
        assert not lost, f"{lost} were lost"


class _Said(NamedTuple):
    value: Any


# --- the law -----------------------------------------------------------------------------------


def played(folder: Path, story: Story, ending: str) -> tuple[Plan, File]:
    """Return a plan as it is now, and the file that was made of it earlier and was edited."""
    plan = Plan(folder)
    plan.begin(story)
    if not plan.ws.tasks:
        plan.step(("add", {}))
    file = File(plan, ending)
    note(f"exported: {[(t.id, t.title) for t in plan.ws.tasks.values()]}")
    plan.note_names()
    for step in story.here:
        plan.step(step)
    for step in story.there:
        file.step(step)
    return plan, file


def updated(plan: Plan, data: bytes, name: str) -> tuple[Update, bool]:
    """Import a file by `--update --yes`; return what was compared, and whether that was news."""
    update = plan.update(data, name)
    usual = update.usual()
    news = usual != Decision() or update.beside(plan.ws, later(len(plan.records)))
    if news:
        plan.do(update.command(usual))
        plan.note_names()
    return update, news


def lawful(folder: Path, story: Story, ending: str) -> None:
    """Play a story, and see that its update is as it may be."""
    plan, file = played(folder, story, ending)
    oracle = Oracle(plan, file)
    before = plan.ws
    try:
        update, news = updated(plan, file.data(), file.name)
    except BadInput as refusal:
        if file.rows or file.added or "contains no tasks" not in str(refusal):
            raise
        return
    if file.says_nothing_new:
        assert not news, "an unchanged file has news"
        assert not update.comparison.says_more
        assert contents(plan.ws) == contents(before)
    oracle.judge(update, plan.ws)
    titles = [fields["title"] for fields in file.added]
    if len({*titles}) < len(titles) or any(map(oracle.may_be_written_anew, file.was.tasks)):
        return  # which of two rows of one title came in, nobody can tell
    before = plan.ws
    again, news = updated(plan, file.data(), file.name)
    told = f"there is something to do again: {again.as_json(again.usual(), str)}"
    assert contents(plan.ws) == contents(before), told
    # What cannot be so is refused each time.
    assert not news or oracle.refused or oracle.collides(), told


def unmoved(folder: Path, story: Story, ending: str) -> None:
    """Play a story in which nobody changes the file, and see that it brings nothing."""
    plan, file = played(folder, story._replace(there=[]), ending)
    before = contents(plan.ws)
    update, news = updated(plan, file.raw, file.name)
    told = update.as_json(update.usual(), str)
    assert contents(plan.ws) == before, f"an unchanged file has changed something: {told}"
    assert not news, f"an unchanged file has news: {told}"


def cut_off(folder: Path, story: Story, ending: str, part: float) -> None:
    """Play a story in which the file comes back without its end, and see that it takes nothing."""
    plan, file = played(folder, story._replace(there=[]), ending)
    before = contents(plan.ws)
    data = file.raw.rstrip()[: int(part * len(file.raw.rstrip()))]
    try:
        update, _news = updated(plan, data, file.name)
    except BadInput:
        return
    assert contents(plan.ws) == before, update.as_json(update.usual(), str)


def heard(folder: Path, story: Story, ending: str) -> None:
    """Play a story in which a file comes twice, and see that nobody is deaf to what is new then."""
    plan, file = played(folder, story, ending)
    before = plan.ws
    try:
        update = plan.update(file.data(), file.name)
        plan.do(update.command(update.everything()))
    except BadInput:
        return
    plan.note_names()
    left, first = plan.ws, file.says()
    for step in story.later:
        plan.step(step)
    for step in story.again:
        file.step(step)
    oracle = Oracle(plan, file)
    try:
        told = plan.update(file.data(), file.name).as_json(Decision(), str)
    except BadInput:
        return
    rows = {row["id"]: row for row in told["rows"] if row["id"]}
    for (task, field), said in file.says().items():
        once = first[task, field]
        # What it has brought, and nobody here has changed since, it may say otherwise.
        if once == said or not oracle.brought(before, left, task, field, once):
            continue
        if oracle.says_nothing(task, field, said):
            continue
        row = rows.get(task, {"doubtful": False, "differences": []})
        new = {each["field"] for each in row["differences"] if each["changed"] != "here"}
        assert field in new or row["doubtful"], f"{task} {field} {said} is passed over: {row}"


def _drawn(ws: Workspace) -> dict[Any, float]:
    return {
        (x.kind, x.source, x.target): x.lag if x.kind == "needs" else x.rate
        for x in ws.links.values()
    }


def _may_go_on(one: File, other: File) -> bool:
    """Return whether a copy may be a later round of another: it has all that this has changed."""
    for key, said in {**one.cells, **one.ends}.items():
        kept = one.keeps_ends(*key) if key[1] in ARROWS else one.keeps(*key)
        back = other.keeps_ends(*key) if key[1] in ARROWS else other.keeps(*key)
        if not kept and back and key[0] not in other.struck and said is not None:
            return False
    return True


def apart(folder: Path, copies: Copies, ending: str) -> None:
    """Play a story of two copies, and see that the second overwrites nothing of the first."""
    plan, one = played(folder, copies.story, ending)
    other = File(plan, ending)
    note("the other copy:")
    for step in copies.other:
        other.step(step)
    try:
        updated(plan, one.data(), f"one{ending}")
    except BadInput:
        return
    for step in copies.between:
        plan.step(step)
    was, before = one.was, plan.ws
    name = "one" if copies.one_name else "other"
    try:
        update, _news = updated(plan, other.data(), f"{name}{ending}")
    except BadInput:
        return
    if copies.one_name and _may_go_on(one, other):
        return
    after, told = plan.ws, update.as_json(update.usual(), str)
    for task in before.tasks:
        assert task in after.tasks, f"{task} was lost"
        here, now = before.tasks[task], after.tasks[task]
        if task not in was.tasks:
            # What is not dated may have been exported after the task came with the first.
            if ending in DATED or task not in other.numbered:
                assert here == now, f"{here} became {now}: {told}"
            continue
        for field in VALUES:
            once, ours, became = (getattr(x, field) for x in (was.tasks[task], here, now))
            if once != ours != became:
                assert field in _FOLLOWS - {"state"}, (
                    f"{task} {field}: was {once}, here {ours}, became {became}: {told}"
                )
                assert here.state != now.state
    then, ours, now_drawn = (_drawn(ws) for ws in (was, before, after))
    for ends in ours.keys() | now_drawn.keys():
        if then.get(ends) != ours.get(ends):
            assert ours.get(ends) == now_drawn.get(ends), f"{ends}: {told}"


def decided(folder: Path, copies: Copies, ending: str) -> None:
    """Play a story in which both copies are taken, and see that neither, unchanged, undoes it."""
    plan, one = played(folder, copies.story, ending)
    other = File(plan, ending)
    note("the other copy:")
    for step in copies.other:
        other.step(step)
    names = f"one{ending}", f"{'one' if copies.one_name else 'other'}{ending}"
    try:
        for file, name in zip((one, other), names, strict=True):
            plan.do((update := plan.update(file.data(), name)).command(update.everything()))
            plan.note_names()
    except BadInput:
        return
    before = plan.ws
    update, _news = updated(plan, one.data(), names[0])
    told = update.as_json(update.usual(), str)
    added = {fields["title"] for file in (one, other) for fields in file.added}
    if any(before.tasks[x].title in added for x in one.was.tasks.keys() & before.tasks.keys()):
        return  # the row was perhaps but written anew, or is that of a task of this title
    for task in before.tasks.keys() & one.was.tasks.keys():
        assert before.tasks[task] == plan.ws.tasks[task], f"{task} was taken back: {told}"
    assert _drawn(before).items() <= _drawn(plan.ws).items(), told


class Shared:
    """Lists of anybody's that several people keep of the same tasks, or of tasks `of_their_own`."""

    def __init__(self, plan: Plan, *, of_their_own: bool) -> None:
        self.plan, self.of_their_own = plan, of_their_own
        self.zone = ZONES[0]
        blank = {**dict.fromkeys(LISTED_FIELDS, ""), "state": "todo"}
        first = dict.fromkeys(LISTED_TITLES, blank)
        self.lists = [{title: {**row} for title, row in first.items()} for _keeper in range(3)]
        # What each had said as it last came in, and what was here then.
        self.came: list[tuple[dict[str, dict[str, str]], Workspace] | None] = [None] * 3

    def write(self, keeper: int, row: int, field: str, value: int) -> None:
        """Let somebody write a cell of their list."""
        if field == "needs":
            said = ("", *LISTED_TITLES[:row])[value % (row + 1)]
        elif field in ("due", "not_before"):
            said = ("", *SAID_DAYS)[value]
        else:
            said = text(field, VALUES[field][value % len(VALUES[field])])
        self.lists[keeper][LISTED_TITLES[row]][field] = said

    def come(self, keeper: int) -> None:
        """Let a list come in, and see that it takes back nothing."""
        plan, said = self.plan, self.lists[keeper]
        rows = [[title, *row.values()] for title, row in said.items()]
        data = _as_csv([("title", *LISTED_FIELDS), *rows])
        before, records = plan.ws, len(plan.records)
        if not records or (self.of_their_own and not self.came[keeper]):
            path = plan.file(data, f"list{keeper}.csv")
            plan.do(importing.read(path, today=plan.today, again="twice").command)
            plan.note_names()
            update = None
        else:
            update, _news = updated(plan, data, f"list{keeper}.csv")
        told = update and update.as_json(update.usual(), str)
        if known := self.came[keeper]:
            once, then = known
            if once == said:
                assert contents(plan.ws) == contents(before), f"unchanged, it brings: {told}"
            for task in before.tasks.keys() & then.tasks.keys():
                was, here, now = (ws.tasks[task] for ws in (then, before, plan.ws))
                for field in VALUES:
                    left, ours, became = (getattr(x, field) for x in (was, here, now))
                    if left != ours != became:
                        assert field in _FOLLOWS - {"state"}, f"{task} {field}: {told}"
                        assert here.state != now.state
                drawn, ours_drawn, became_drawn = (
                    ends_of(ws, task, "needs") for ws in (then, before, plan.ws)
                )
                assert drawn == ours_drawn or ours_drawn == became_drawn, f"{task} needs: {told}"
        if len(plan.records) > records:
            self.came[keeper] = {title: {**row} for title, row in said.items()}, plan.ws


def kept_by_several(folder: Path, steps: list[Any], *, of_their_own: bool) -> None:
    """Play what happens to lists that several people keep."""
    shared = Shared(Plan(folder), of_their_own=of_their_own)
    for keeper in range(3 if of_their_own else 1):
        shared.come(keeper)
    for verb, *rest in steps:
        note(f"{verb} {rest}")
        match verb, rest:
            case "come", (keeper,):
                with clocks_of(shared.zone):
                    shared.come(keeper)
            case "elsewhere", (days, zone):
                shared.plan.today += timedelta(days)
                shared.zone = zone
            case "write", (keeper, row, (field, value)):
                shared.write(keeper, row, field, value)
            case "here", (step,):
                shared.plan.step(step)


_QUICK = (Phase.explicit, Phase.reuse, Phase.generate)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laws")


@settings(max_examples=40, report_multiple_bugs=False, phases=_QUICK)
@given(story=STORIES)
@pytest.mark.parametrize("ending", DATED)
def test_a_dated_export_brings_what_was_changed_there_and_nothing_else(
    folder: Path, story: Story, ending: str
) -> None:
    lawful(folder, story, ending)


@settings(max_examples=100, phases=_QUICK, report_multiple_bugs=False, derandomize=True)
@given(story=STORIES)
def test_an_undated_export_takes_back_nothing_that_was_changed_here(
    folder: Path, story: Story
) -> None:
    lawful(folder, story, ".csv")


@settings(max_examples=50, phases=_QUICK, report_multiple_bugs=False)
@given(story=ROUNDS)
@pytest.mark.parametrize("ending", [*DATED, ".csv"])
def test_what_an_export_says_anew_in_a_second_round_is_heard(
    folder: Path, story: Story, ending: str
) -> None:
    heard(folder, story, ending)


@settings(max_examples=25, phases=_QUICK, report_multiple_bugs=False)
@given(story=STORIES)
@pytest.mark.parametrize("ending", [".xml", ".ics", ".taskwarrior.json"])
def test_a_plan_that_comes_back_from_another_program_as_it_was_brings_nothing(
    folder: Path, story: Story, ending: str
) -> None:
    unmoved(folder, story, ending)


@settings(max_examples=25, phases=_QUICK, report_multiple_bugs=False)
@given(story=STORIES, part=st.floats(0, 1, exclude_max=True) | st.floats(0.9, 1, exclude_max=True))
@pytest.mark.parametrize("ending", [*DATED, ".csv", ".xml", ".ics", ".taskwarrior.json"])
def test_a_file_that_was_cut_off_takes_nothing_away(
    folder: Path, story: Story, ending: str, part: float
) -> None:
    cut_off(folder, story, ending, part)


@settings(max_examples=40, phases=_QUICK, report_multiple_bugs=False)
@given(copies=COPIES)
@pytest.mark.parametrize("ending", [*DATED, ".csv"])
def test_of_two_copies_the_second_overwrites_nothing_that_the_first_has_brought(
    folder: Path, copies: Copies, ending: str
) -> None:
    apart(folder, copies, ending)


@settings(max_examples=40, phases=_QUICK, report_multiple_bugs=False)
@given(copies=COPIES)
@pytest.mark.parametrize("ending", [*DATED, ".csv"])
def test_of_two_copies_the_first_takes_back_nothing_that_was_decided_between_them(
    folder: Path, copies: Copies, ending: str
) -> None:
    decided(folder, copies, ending)


@settings(max_examples=60, phases=_QUICK, report_multiple_bugs=False)
@given(steps=SHARED, of_their_own=st.booleans())
def test_a_list_takes_back_nothing_that_others_have_changed_since_it_came(
    folder: Path, steps: list[Any], of_their_own: bool
) -> None:
    kept_by_several(folder, steps, of_their_own=of_their_own)


@pytest.mark.torture
@pytest.mark.timeout(1_800)
@settings(max_examples=2_000, report_multiple_bugs=False)
@given(copies=COPIES)
@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_for_minutes_copies_are_kept_apart(folder: Path, copies: Copies, ending: str) -> None:
    apart(folder, copies, ending)
    decided(folder, copies, ending)


@pytest.mark.torture
@pytest.mark.timeout(1_800)
@settings(max_examples=3_000, report_multiple_bugs=False)
@given(steps=SHARED, of_their_own=st.booleans())
def test_for_minutes_lists_of_several_are_kept_apart(
    folder: Path, steps: list[Any], of_their_own: bool
) -> None:
    kept_by_several(folder, steps, of_their_own=of_their_own)


@pytest.mark.torture
@pytest.mark.timeout(1_800)
@settings(max_examples=4_000, report_multiple_bugs=False)
@given(story=STORIES)
def test_for_minutes_a_dated_export_keeps_the_law(folder: Path, story: Story) -> None:
    lawful(folder, story, ".json")


@pytest.mark.torture
@pytest.mark.timeout(1_800)
@settings(max_examples=2_000, report_multiple_bugs=False)
@given(story=ROUNDS)
@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_for_minutes_a_second_round_is_heard(folder: Path, story: Story, ending: str) -> None:
    heard(folder, story, ending)


@pytest.mark.torture
@pytest.mark.timeout(1_800)
@settings(max_examples=500, report_multiple_bugs=False)
@given(story=STORIES)
@pytest.mark.parametrize("ending", [".xml", ".ics", ".taskwarrior.json"])
def test_for_minutes_a_plan_comes_back_as_it_was(folder: Path, story: Story, ending: str) -> None:
    unmoved(folder, story, ending)
