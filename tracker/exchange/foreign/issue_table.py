"""The table of an issue tracker: its own columns, and the others read as those of any list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, Literal, NamedTuple

import msgspec

from tracker.domain.errors import BadInput
from tracker.domain.fields import of_kind
from tracker.domain.model import State
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.status import state_word
from tracker.domain.typing.vocabulary import Meanings, meaning_key, waiting_for
from tracker.exchange.cell_values import canonical, plain
from tracker.exchange.dialects import ForeignTable, shown
from tracker.exchange.headers import Column, Header, meaning
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.readings import Readings, is_ours
from tracker.exchange.row_reading import KEPT_FORMULA
from tracker.exchange.settling import settled
from tracker.exchange.sheet_choice import skip_blanks
from tracker.exchange.source import (
    ReadOptions,
    Source,
    SourceColumn,
    SourceTask,
    harmless,
    stripped,
)
from tracker.exchange.spreadsheet import Cell, Row
from tracker.exchange.table_rows import said
from tracker.exchange.task_list import read_rows

# What a column without a declaration may be by our words; states, arrows and the like have columns
# of their own in every tracker.
_BY_WORDS = frozenset(
    of_kind("word", "name", "names", "tags", "priority", "days", "estimate", "day", "last day")
)
_LONGEST_HEAD = 80
# What may follow from columns for something else.
_DERIVED = ("low", "likely", "high", "priority", "waiting_for")
NUMBERED_ANEW = sentence(
    "The list holds several projects, so its tasks are numbered anew; the next import still knows"
    " them by their old numbers."
)


class Role(NamedTuple):
    """What a column is: a field as in any list, one of its reader's own, or neither.

    `name` is the field, None for one that goes to the notes and is asked about, or what the reader
    calls its own; `field` is then the field that it says something of, if any. A column that is
    `noted` is known to be no field here; one that is `computed` follows from others, or means
    nothing outside the program.
    """

    kind: Literal["field", "own", "noted", "computed"]
    name: str | None = None
    field: str | None = None
    unit: float = 1.0


class Columns:
    """The columns a tracker has, by their heads in English and German.

    `fields` and `own` name the heads of each; `says` is the field that an own column is about,
    `units` are those of amounts, in working days.
    """

    def __init__(
        self,
        *,
        fields: Mapping[str, str],
        own: Mapping[str, str],
        says: Mapping[str, str],
        noted: str = "",
        computed: str = "",
        units: Mapping[str, float] | None = None,
    ) -> None:
        self._fields, self._own = Meanings(fields), Meanings(own)
        self._rest: Meanings[Literal["noted", "computed"]] = Meanings(
            {"noted": noted, "computed": computed}
        )
        self._says, self._units = says, units or {}

    def role(self, head: str) -> Role | None:
        """Return what the column with a head is; None for an unknown one."""
        word = meaning_key(head)
        if own := self._own.get(word):
            return Role("own", own, self._says.get(own))
        if field := self._fields.get(word):
            return Role("field", field, field, self._units.get(field, 1.0))
        rest = self._rest.get(word)
        return Role(rest) if rest else None


class IssueTable:
    """The rows of a table being read; `source` takes what is remarked.

    A reader puts the state of each row, walks over the `tasks` with their rows, gives each of them
    what its own columns say, and hands the items to `plan`.
    """

    def __init__(
        self, table: ForeignTable, options: ReadOptions, role: Callable[[str], Role | None]
    ) -> None:
        self.source = Source(table.file)
        self.options, self.table = options, table
        self.head = table.head.number
        self.rows: list[Row] = table.rows
        # The position behind all columns: there stands a state that none of them gives.
        self._width = 1 + max(at for at, _ in table.heads)
        self.readings = Readings()
        self._heads: dict[int, str] = {}
        self._roles: dict[int, Role] = {}
        self._named: dict[str, list[int]] = {}
        self._put: dict[tuple[int, int], str] = {}
        # By row, for what a state says that it waits.
        self._reasons: dict[int, str] = {}
        self._lost: set[tuple[int, int]] = set()
        # Of these only one text was read in each row.
        self._single: set[str] = set()
        self._name(role)
        self._above()

    # --- columns -------------------------------------------------------------------------------

    def _name(self, role: Callable[[str], Role | None]) -> None:
        given = self.options.given
        found = {at: (head[:_LONGEST_HEAD], role(head)) for at, head in self.table.heads}
        declared = {each.field for _, each in found.values() if each}
        chosen = set(filter(None, given.values()))
        for at, (head, each) in found.items():
            key = meaning_key(head)
            if key in given:
                each = Role("field", given[key], given[key])
            elif each and each.kind == "field" and each.name in chosen:
                each = Role("field")
            elif each is None:
                each = self._by_words(head, declared | chosen)
            if each.name == "notes":
                # Of what waits, a list says there for what; here it is what is to be done.
                each = Role("own", "description", "notes")
            self._heads[at], self._roles[at] = head, each
            if each.name:
                self._named.setdefault(each.name, []).append(at)

    @staticmethod
    def _by_words(head: str, taken: Iterable[str | None]) -> Role:
        field, unit = meaning(head)
        if field in _BY_WORDS and field not in taken:
            return Role("field", field, field, unit)
        return Role("field")

    def has(self, name: str) -> bool:
        """Return whether the table has a column of a name: the reader's own, or a field."""
        return bool(self.positions(name))

    def positions(self, name: str) -> list[int]:
        """Return the positions of the columns of a name, the reader's own or a field."""
        return self._named.get(name, [])

    def head_of(self, name: str) -> str:
        """Return the head of the first column of a name; nothing without one."""
        return next((self._heads[at] for at in self.positions(name)), "")

    def leave(self, name: str) -> None:
        """Give up the columns of a name: what they say follows from others here."""
        for at in self._named.pop(name, ()):
            self._roles[at] = Role("computed")

    # --- cells ---------------------------------------------------------------------------------

    def cells(self, row: Row, name: str) -> Iterator[tuple[int, str, str]]:
        """Walk over what a row has in the columns of a name: position, head and text."""
        for at in self.positions(name):
            if text := self.at(row, at):
                yield at, self._heads[at], text

    def texts(self, row: Row, name: str) -> list[str]:
        """Return what a row has in the columns of a name, each once."""
        return list(dict.fromkeys(text for _, _, text in self.cells(row, name)))

    def text(self, row: Row, name: str) -> str:
        """Return the first of what a row has in the columns of a name; else nothing."""
        self._single.add(name)
        return next((text for _, _, text in self.cells(row, name)), "")

    def at(self, row: Row, at: int) -> str:
        """Return a cell as harmless text; control characters in it are reported once."""
        if (cell := shown(row, at)) is None:
            return ""
        text = plain(cell)
        if text.isascii() and text.isprintable():
            return text
        text, lost = harmless(text)
        if lost and (row.number, at) not in self._lost:
            self._lost.add((row.number, at))
            self.source.warn(row.number, self._heads.get(at, ""), text, stripped(lost))
        return canonical(text)

    # --- states --------------------------------------------------------------------------------

    def put_state(self, row: Row, name: str, state: State | None, words: str = "") -> None:
        """Give a row its state; what its column says in other words is told once for them all.

        `words` are those that it follows from, if not those of the column alone. Without a state,
        the column is read as it is.
        """
        at = next(iter(self.positions(name)), self._width)
        self._roles[at] = Role("field", "state", "state")
        self._heads.setdefault(at, "Status")
        if state is None:
            return
        self._put[row.number, at] = state
        if state == "waiting" and (reason := waiting_for(self.at(row, at))):
            self._reasons[row.number] = reason
        if (text := words or self.at(row, at)) and not is_ours(text, state):
            self.readings.note(at, row.number, text, state_word(state))

    # --- tasks ---------------------------------------------------------------------------------

    def tasks(self, rows: Iterable[Row] | None = None) -> Iterator[tuple[Row, SourceTask]]:
        """Read the columns that any list could have, and walk over what has a title."""
        kept = list(self.rows if rows is None else rows)
        columns = {
            at: Column(role.name, self._heads[at], role.unit)
            for at, role in sorted(self._roles.items())
            if role.kind == "field"
        }
        header = Header(self.head, columns, own=False)
        if "title" not in header.fields:
            raise BadInput(
                "{file} has no column with titles. Export it again with them.",
                file=self.source.file,
            )
        self._project(header)
        by_number = {row.number: row for row in kept}
        read_rows(self.source, header, [self._plain(row, columns) for row in kept], self.options)
        self.source.columns.pop(self._width, None)
        # What was left out was not blank, and what begins with = is no formula there.
        passed = {row.number for row in self.rows} - by_number.keys()
        self.source.skipped = [each for each in self.source.skipped if each.row not in passed]
        self.source.warnings = [w for w in self.source.warnings if w.why is not KEPT_FORMULA]
        tasks, self.source.tasks = self.source.tasks, []
        for task in tasks:
            row = by_number[task.row]
            notes = task.fields["notes"]
            task.fields["notes"] = ""
            add_notes(task.fields, (*self.texts(row, "description"), notes))
            if reason := self._reasons.get(task.row):
                task.fields.setdefault("waiting_for", reason)
            yield row, task

    def _plain(self, row: Row, columns: Mapping[int, Column]) -> Row:
        """Return a row with nothing but the columns that any list could have."""
        cells: list[Cell] = [None] * (max(columns) + 1)
        for at in columns:
            cell = self._put.get((row.number, at)) or shown(row, at)
            cells[at] = cell.strip() if isinstance(cell, str) else cell
        return Row(row.number, cells)

    def _project(self, header: Header) -> None:
        self.source.project = self.options.project
        if not self.options.project and "project" not in header.fields:
            self.source.project = PurePath(self.table.file).stem
            self.source.named_by_file = True

    # --- the plan ------------------------------------------------------------------------------

    def plan(self, items: list[PlanItem], relations: list[Relation]) -> Source:
        """Return what the items and relations stand for, every remark with the name of its item."""
        self._tell_columns()
        # What a later export no longer says has changed there as well.
        if self.has("parent") or self.has("parent title"):
            self.source.states |= {"phase", "needs"}
        self.source.states |= {name for name in _DERIVED for item in items if name in item.fields}
        outline = Outline(self.source, schedule=False, items=items, relations=relations)
        source = settled(outline, self.options)
        places = {item.row: item.place for item in items}
        source.warnings = [
            each if each.place else msgspec.structs.replace(each, place=places.get(each.row, ""))
            for each in source.warnings
        ]
        return source

    def _above(self) -> None:
        first = 1 + max((number for number, _ in self.table.book.remarks), default=0)
        for row in self.table.above:
            skip_blanks(self.source, first, row.number)
            first = row.number + 1
            self.source.skip(row.number, sentence("Above the header: {text}", text=said(row)))
        for sheet in self.table.book.sheets:
            if sheet is not self.table.sheet:
                why = counted(
                    "The sheet {sheet} with {n} row was skipped; only {chosen} was read.",
                    "The sheet {sheet} with {n} rows was skipped; only {chosen} was read.",
                    len(sheet.rows),
                    sheet=sheet.name,
                    chosen=self.table.sheet.name,
                )
                self.source.skip(0, why)

    def _tell_columns(self) -> None:
        """Tell what became of the columns that no general reader has seen."""
        filled = Counter(
            at for row in self.rows for at, cell in enumerate(row.cells) if cell is not None
        )
        left: dict[str, list[str]] = {"noted": [], "computed": []}
        for at, role in sorted(self._roles.items()):
            kind = "computed" if role.kind == "own" and not role.field else role.kind
            if kind in left and filled[at] and self._heads[at] not in left[kind]:
                left[kind].append(self._heads[at])
            field = "notes" if role.kind == "noted" else role.field
            if role.kind != "field" and field:
                empty = len(self.rows) - filled[at]
                self.source.columns[at] = SourceColumn(
                    self._heads[at], field, read=filled[at], empty=empty
                )
        if left["noted"]:
            why = sentence("In the notes: {heads}.", heads=", ".join(left["noted"]))
            self.source.warn(self.head, "", "", why)
        if left["computed"]:
            why = sentence(
                "Not taken, since they follow from other columns or mean something only there:"
                " {heads}.",
                heads=", ".join(left["computed"]),
            )
            self.source.warn(self.head, "", "", why)
        for at, first, why in self.readings.told():
            self.source.warn(first, self._heads[at], "", why)
        for name in sorted(self._single):
            self._tell_passed_over(name)

    def _tell_passed_over(self, name: str) -> None:
        """Tell what other columns of a name have beside the one that was read."""
        passed: dict[int, tuple[int, str, int]] = {}
        for row in self.rows if len(self.positions(name)) > 1 else ():
            (_, _, read), *others = (*self.cells(row, name), (0, "", ""))
            for at, _, text in others[:-1]:
                if text != read:
                    first, value, times = passed.get(at, (row.number, text, 0))
                    passed[at] = (first, value, times + 1)
        for at, (first, value, times) in passed.items():
            why = counted(
                "Only the first such column was read; {n} value here differs from it.",
                "Only the first such column was read; {n} values here differ from it.",
                times,
            )
            self.source.warn(first, self._heads[at], value, why)

    def noted(self, row: Row) -> list[str]:
        """Return what a row has in columns that are known to be no fields, as lines of notes."""
        return [
            f"{self._heads[at]}: {text}"
            for at, role in self._roles.items()
            if role.kind == "noted" and (text := self.at(row, at))
        ]


def add_notes(fields: dict[str, Any], lines: Iterable[str]) -> None:
    """Put lines below the notes of a task."""
    fields["notes"] = "\n".join(filter(None, (fields.get("notes", ""), *lines)))


def add_tags(fields: dict[str, Any], tags: Iterable[str]) -> None:
    """Give a task more tags."""
    fields["tags"] = list(dict.fromkeys((*fields.get("tags", ()), *filter(None, tags))))


def durations_from_efforts(table: IssueTable, items: Iterable[PlanItem]) -> None:
    """Let tasks without a duration take as long as their effort; this is told once."""
    first: PlanItem | None = None
    count = 0
    for item in items:
        effort = item.fields.get("effort")
        if effort is not None and item.fields.get("likely") is None:
            item.fields.update(low=effort, likely=effort, high=effort)
            first, count = first or item, count + 1
    if first:
        why = counted(
            "The durations of {n} task were taken from its effort: one person, full time.",
            "The durations of {n} tasks were taken from their efforts: one person, full time.",
            count,
        )
        table.source.approximate(first.row, table.head_of("effort"), "", why, first.place)


def outside(table: IssueTable, item: PlanItem, head: str, text: str) -> None:
    """Note an arrow to something that is not in the file: it is reported and kept in the notes."""
    why: Sentence = sentence("There is no task {name} in this list.", name=text[:100])
    table.source.warn(item.row, head, text, why, item.place)
    add_notes(item.fields, [f"{head}: {text}"])
