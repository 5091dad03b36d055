"""Tables that planning programs export: their rows as items of a plan, summaries among them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress

import msgspec

from tracker.domain.errors import BadInput
from tracker.domain.sentence import counted, dated, sentence
from tracker.domain.typing import vocabulary
from tracker.domain.typing.vocabulary import Meanings
from tracker.exchange import hierarchy
from tracker.exchange.cell_values import ticked
from tracker.exchange.dialects import ForeignTable, shown
from tracker.exchange.foreign.plan_items import PlanItems
from tracker.exchange.foreign.plan_rows import PLAN_DAYS, PlanReader
from tracker.exchange.headers import Column, Header, meaning
from tracker.exchange.hierarchy import Hierarchy
from tracker.exchange.list_columns import ListColumns
from tracker.exchange.list_rows import ListRows
from tracker.exchange.numbering import Numbers
from tracker.exchange.outline import Outline, Relation
from tracker.exchange.relations import Relations
from tracker.exchange.row_reading import PEOPLE, Ways
from tracker.exchange.settling import settled
from tracker.exchange.sheet_choice import skip_blanks
from tracker.exchange.source import ReadOptions, Source, SourceTask, harmless_value
from tracker.exchange.spreadsheet import Cell
from tracker.exchange.table_rows import one_line, said

# Heads of German versions; there lists are parted by semicolons.
_GERMAN = frozenset(("vorgaenger", "dauer", "anfang", "ende", "ressourcennamen", "ressourcenamen"))
# Of several columns for one of these all are read; of others one is, the rest is in the notes.
_SEVERAL = frozenset(("computed", "outline", "tags", "watchers", "notes"))
# What no such table has; a column that is called so is something else.
_NEVER = frozenset(("returns", "passes", "parent", "progress"))


class PlanTable(msgspec.Struct, frozen=True, kw_only=True):
    """What the columns of a program's table hold, and how its rows name each other.

    `name` is that of its dialect. `heads` are the fields of its heads, those of a task and those
    of a plan, as `PlanReader` has them; other heads mean what they do in a list, and what is
    `computed` follows from the rest. In a `schedule` starts are results.

    Rows are named by their numbers, with `outlined` by their outline numbers where they have no
    others, or with `below` by how far they are below the head. With `listed` what parts lists, a
    comma or in German a semicolon, is in no name. `origin` is what never changes of a task, with
    the number that is `unique` and the name of the `file`.

    `above` are the heads of lines above the table: of the `project`, and of the day on which it
    `begins`; with `by_sheet` the sheet is called as the project is. Sheets `beside` the table, by
    the keys of their names, are read elsewhere.
    """

    name: str
    heads: Meanings[str]
    schedule: bool
    below: bool = False
    above: Meanings[str] = Meanings({})
    listed: bool = False
    reader: type[PlanReader] = PlanReader
    origin: str = ""
    outlined: bool = False
    by_sheet: bool = False
    beside: Collection[str] = ()


def read_plan(table: ForeignTable, options: ReadOptions, kind: PlanTable) -> Source:
    """Return the plan in a table; raises BadInput."""
    return _Plan(table, options, kind).read()


class _Plan:
    """A table on its way to a plan."""

    def __init__(self, table: ForeignTable, options: ReadOptions, kind: PlanTable) -> None:
        self._table, self._options, self._kind = table, options, kind
        self.source = Source(table.file)
        self._header = Header(table.head.number, self._named(), own=False)
        self._fields = self._header.fields
        if "title" not in self._fields:
            raise BadInput("{file} has no column with the names of tasks.", file=table.file)
        self._outline = Outline(self.source, kind.schedule)
        self._begins = ""
        self._look_above()
        self._pass_over_sheets()
        listed = ListRows(self.source, self._header, table.rows, mixed=False)
        self._rows, self._titles, self._title_at = listed.rows, listed.titles, listed.title_at
        self._columns = ListColumns(self.source, self._header, listed, options)
        self._shape = Hierarchy([])

    def read(self) -> Source:
        """Return what is in the table."""
        references = list(self._columns.references())
        numbers = Numbers(
            *(self._header, self._rows, self._titles, references), below=self._kind.below
        )
        self._tell_numbers(numbers)
        self._shape = self._hierarchy()
        ways = self._ways([cell for _, cell in references])
        self._begin(ways)
        relations = Relations(self.source, self._shape, {})
        reader = self._kind.reader(
            *(self.source, self._header, self._columns.by_position, ways, numbers, relations),
            unique=self._unique(),
        )
        items = PlanItems(self.source, self._columns.by_position, self._shape, self._options)
        for place, row in enumerate(self._rows):
            task = SourceTask(row.number, numbers.texts[place], numbers.wanted(place), {})
            summary = self._shape.is_summary(place)
            fill = reader.read_summary if summary else reader.read
            fill(place, row, task, self._title_at[place])
            self._outline.items.append(items.item(place, task, self._kind.origin))
            relations.check()
        reader.tell()
        items.put_baseline()
        self._begin_with_first()
        self._tell_columns()
        self._outline.relations += [
            Relation(
                *(str(each.source), str(each.target), each.need.kind, each.need.lag),
                *(each.need.unit, each.row, each.column, each.need.text),
            )
            for each in relations.needs
        ]
        return settled(self._outline, self._options)

    # --- around the table ----------------------------------------------------------------------

    def _named(self) -> dict[int, Column]:
        """Return the columns with what they hold: chosen by somebody, by their heads there, or
        else by what such a head means in a list."""
        given = self._options.given
        ranked: list[tuple[int, int, str, str | None, float]] = []
        for at, head in self._table.heads:
            key = vocabulary.meaning_key(head)
            usual, unit = meaning(head)
            theirs = self._kind.heads.get(key)
            rank = 0 if key in given else 1 if theirs else 2
            usual = None if usual in _NEVER else usual
            ranked.append((rank, at, head, given[key] if rank == 0 else theirs or usual, unit))
        columns: dict[int, Column] = {}
        taken: set[str] = set()
        for _, at, head, field, unit in sorted(ranked):
            free = field is not None and (field in _SEVERAL or field not in taken)
            columns[at] = Column(field if free else None, head, unit)
            taken |= {field} if field else set()
        if self._kind.outlined and "id" not in taken:
            for at, column in columns.items():
                if column.field == "outline":
                    columns[at] = msgspec.structs.replace(column, field="id")
        return dict(sorted(columns.items()))

    def _look_above(self) -> None:
        """Read the lines above the table: how the plan is called, and when it begins."""
        source = self.source
        first = 1 + max((number for number, _ in self._table.book.remarks), default=0)
        for row in self._table.above:
            skip_blanks(source, first, row.number)
            first = row.number + 1
            texts = [text for text in map(one_line, row.cells) if text]
            what = self._kind.above.get(vocabulary.meaning_key(texts[0])) if texts[1:] else None
            why = sentence("Above the header: {text}", text=said(row))
            if what == "project" and not source.project:
                source.project = texts[1]
                why = sentence("Above the header, read as the project name: {text}", text=said(row))
            elif what == "begins" and not self._begins:
                self._begins = texts[1]
                why = sentence(
                    "Above the header, read as the start of the plan: {text}", text=said(row)
                )
            source.skip(row.number, why)
        skip_blanks(source, first, self._table.head.number)
        if self._kind.by_sheet and not source.project and self._table.sheet.name:
            source.project = harmless_value(self._table.sheet.name)
            why = sentence(
                "The sheet is called {name}, and so is the project.", name=source.project
            )
            source.warn(0, "", "", why)

    def _pass_over_sheets(self) -> None:
        """Report the other sheets, but for those that are read beside the table."""
        for sheet in self._table.book.sheets:
            beside = vocabulary.meaning_key(sheet.name) in self._kind.beside
            if sheet is not self._table.sheet and sheet.rows and not beside:
                why = counted(
                    "The sheet {sheet} with {n} row was skipped; only {chosen} was read.",
                    "The sheet {sheet} with {n} rows was skipped; only {chosen} was read.",
                    len(sheet.rows),
                    sheet=harmless_value(sheet.name),
                    chosen=harmless_value(self._table.sheet.name),
                )
                self.source.skip(0, why)

    def _begin(self, ways: Ways) -> None:
        """Read the day on which the plan begins, in the order of the dates below."""
        at = self._fields.get("start")
        if self._begins and at is not None:
            with suppress(BadInput):
                self._outline.start = ways.dates.day(at, self._begins, lambda _why: None)

    def _begin_with_first(self) -> None:
        """Let the plan of a schedule that does not say when it begins do so with its first task."""
        starts = [item.start for item in self._outline.items if item.start is not None]
        if self._kind.schedule and starts and self._outline.start is None:
            self._outline.start = min(starts)
            why = sentence(
                "The project begins with the first of these dates, {day}.", day=dated(min(starts))
            )
            self.source.warn(
                self._header.row, self._header.columns[self._fields["start"]].head, "", why
            )

    # --- the table -----------------------------------------------------------------------------

    def _tell_numbers(self, numbers: Numbers) -> None:
        """Report how rows name each other, and what is doubtful in it."""
        at = numbers.at
        self.source.id_column = self._header.columns[at].head if at is not None else ""
        if numbers.told is not None:
            self.source.warn(self._header.row, "", "", numbers.told)
        for place, text, why in numbers.remarks:
            self.source.warn(self._rows[place].number, self.source.id_column, text, why)

    def _hierarchy(self) -> Hierarchy:
        """Return which rows sum up others: by a column of levels, by outline numbers, or by looks.

        In a table of tasks that only lie in buckets none does.
        """
        if not self._kind.schedule:
            return Hierarchy([None] * len(self._rows))
        outlined = [at for at, _ in self._columns.of_fields(("outline", "id"))]
        shape = hierarchy.of_rows(
            *(self._rows, self._title_at, self._columns.levels()),
            [[one_line(shown(row, at)) for row in self._rows] for at in outlined],
        )
        for at, column in self._columns.of_fields(("summary",)):
            for place, row in enumerate(self._rows):
                if not shape.is_summary(place) and ticked(shown(row, at)):
                    why = sentence(
                        "This row sums up others, and nothing shows which; it is a task here."
                    )
                    self.source.warn(row.number, column.head, "", why)
        return shape

    def _ways(self, references: Sequence[Cell]) -> Ways:
        """Return how cells are written; where lists are parted by one sign, so are people."""
        ways = self._columns.ways(PLAN_DAYS, ("percent",))
        if not self._kind.listed:
            return ways
        people = (
            cell for at, _ in self._columns.of_fields(PEOPLE) for _, cell in self._columns.cells(at)
        )
        several = any(";" in one_line(cell) for cell in (*references, *people))
        between = ";" if several or self._is_german() else ","
        return msgspec.structs.replace(ways, between=between)

    def _is_german(self) -> bool:
        """Return whether the heads are German: there a semicolon parts lists."""
        heads = {vocabulary.meaning_key(head) for _, head in self._table.heads}
        return bool(heads & _GERMAN)

    def _unique(self) -> Numbers | None:
        """Return the rows by the numbers that never change, if there is a column of them."""
        at = self._fields.get("unique")
        if at is None:
            return None
        column = msgspec.structs.replace(self._header.columns[at], field="id")
        return Numbers(
            msgspec.structs.replace(self._header, columns={at: column}), self._rows, (), ()
        )

    def _tell_columns(self) -> None:
        """Report the columns and rows whose content follows from the rest of the plan."""
        heading = self._header.row
        for fields, why in (
            (("computed",), sentence("This follows from the rest of the plan; it was not taken.")),
            (
                ("start", "finish") if self._kind.schedule else (),
                sentence("These dates follow from the links; they were compared, not taken."),
            ),
        ):
            heads = [column.head for _, column in sorted(self._columns.of_fields(fields))]
            if heads:
                self.source.warn(heading, ", ".join(heads), "", why)
        if summaries := sum(map(self._shape.is_summary, range(len(self._rows)))):
            why = counted(
                "{n} summary row is the phase of the tasks below it, no task of its own; its"
                " duration, dates and progress follow from these.",
                "{n} summary rows are the phases of the tasks below them, no tasks of their own;"
                " their durations, dates and progress follow from these.",
                summaries,
            )
            self.source.warn(heading, "", "", why)
