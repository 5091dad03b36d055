"""The columns of a list: what each holds, and how its cells are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tracker.domain.fields import LISTED
from tracker.domain.sentence import Sentence, sentence
from tracker.exchange import amounts
from tracker.exchange.cell_values import alone
from tracker.exchange.column_choices import likely
from tracker.exchange.date_cells import DateColumns
from tracker.exchange.decimal_marks import DecimalMarks
from tracker.exchange.headers import Column, Header, letter, meaning
from tracker.exchange.list_rows import ListRows
from tracker.exchange.moments import zone_of
from tracker.exchange.progress_cells import Scale
from tracker.exchange.row_reading import AMOUNTS, DAYS_AND_MOMENTS, PEOPLE, Ways
from tracker.exchange.source import ReadOptions, Source, SourceColumn
from tracker.exchange.spreadsheet import Cell, Formula
from tracker.exchange.table_rows import one_line


class ListColumns:
    """The columns below a header, by position; those that are not understood are reported."""

    def __init__(
        self, source: Source, header: Header, listed: ListRows, options: ReadOptions
    ) -> None:
        self._source, self._header, self._today = source, header, options.today
        self._zone = zone_of(options.zone) if options.zone else None
        self._here = zone_of(options.here) if options.here else None
        self.rows, self.cells = listed.rows, listed.cells
        self.by_position = {**header.columns, **listed.more_titles}
        self._name()

    def of_fields(self, fields: Iterable[str]) -> Iterator[tuple[int, Column]]:
        """Return the columns for some fields."""
        wanted = frozenset(fields)
        return ((at, column) for at, column in self.by_position.items() if column.field in wanted)

    def levels(self) -> list[int]:
        """Return how deep each row is by the column that says so; nothing without one."""
        at = self._header.fields.get("level")
        if at is None:
            return []
        cells = dict(self.cells(at))
        texts = [one_line(cells.get(row.number)) for row in self.rows]
        levels = [int(text) for text in texts if text.isdecimal() and len(text) < 3]
        if len(levels) < len(self.rows) and levels:
            row, text = next(
                (row.number, text)
                for row, text in zip(self.rows, texts, strict=True)
                if not (text.isdecimal() and len(text) < 3)
            )
            why = sentence("Without a level in every row, the levels say nothing of summaries.")
            self._source.warn(row, self.by_position[at].head, text, why)
        return levels

    def references(self) -> Iterator[tuple[int, Cell]]:
        """Walk over the cells that name other rows, with the places of theirs."""
        for at, _ in self.of_fields(("needs", "blocks")):
            for place, row in enumerate(self.rows):
                cell = row.cells[at] if at < len(row.cells) else None
                cell = cell.value if isinstance(cell, Formula) else cell
                if cell is not None:
                    yield place, cell

    def ways(self, days: Mapping[str, str] = {}, shares: Iterable[str] = ()) -> Ways:
        """Find out how cells are written from all of them together.

        `days` are further fields of days with those of a task whose order in a row they share,
        `shares` further ones of percentages.
        """
        dates = {
            at: (days.get(column.field or "", column.field or ""), self.cells(at))
            for at, column in self.of_fields((*DAYS_AND_MOMENTS, *days))
        }
        read = DateColumns(dates, self._today, self._zone, self._here)
        for at in dates:
            for why in read.remarks(at):
                self._source.warn(self._header.row, self.by_position[at].head, "", why)
        scales = {
            at: Scale(cell for _, cell in self.cells(at))
            for at, _ in self.of_fields(("state", "progress", "finished", *shares))
        }
        for at, scale in scales.items():
            for why in scale.remarks() if not self._header.own else ():
                self._source.warn(self._header.row, self.by_position[at].head, "", why)
        people = (c for at, _ in self.of_fields(PEOPLE) for _, c in self.cells(at))
        return Ways(
            dates=read,
            decimals=DecimalMarks({at: self.cells(at) for at, _ in self.of_fields(AMOUNTS)}),
            scales=scales,
            alone=alone(people),
            counting=self._counting(),
        )

    def _name(self) -> None:
        """Report columns that are not understood, and find out the units of the others."""
        widest = max((len(row.cells) for row in self.rows), default=0)
        for at in range(widest):
            if at not in self.by_position and any(self.cells(at)):
                self.by_position[at] = Column(None, letter(at))
        heading = self._header.row
        for at, column in sorted(self.by_position.items()):
            self._source.columns[at] = SourceColumn(column.head, column.field)
            if column.field is None:
                why = self._taken(at, column) or self._likely(at, column) or self._unheaded(at)
                unknown = sentence("This column is unknown; its content is in the notes.")
                self._source.warn(heading, column.head, "", why or unknown)
            elif column.unit == amounts.SECOND:
                why = sentence("Numbers were read as seconds; 28,800 are an eight-hour day.")
                self._source.warn(heading, column.head, "", why)
            elif column.unit != 1:
                why = sentence(
                    "Hours and weeks were converted to days: a day has 8 hours, a week 5 days."
                )
                self._source.warn(heading, column.head, "", why)
            elif column.field in AMOUNTS and amounts.in_seconds(c for _, c in self.cells(at)):
                self.by_position[at] = Column(column.field, column.head, amounts.SECOND)
                why = sentence(
                    "Numbers this large were read as seconds; 28,800 are an eight-hour day."
                )
                self._source.warn(heading, column.head, "", why)

    def _taken(self, at: int, column: Column) -> Sentence | None:
        """Return how to say that another column has what the head of this one means."""
        field = meaning(column.head)[0]
        other = self._header.fields.get(field or "")
        if field is None or other is None or field not in LISTED:
            return None
        self._source.columns[at].also = field
        return sentence(
            "{field} was read from {other}; the content of this column is in the notes.",
            field=LISTED[field].label,
            other=self.by_position[other].head,
        )

    def _unheaded(self, at: int) -> Sentence | None:
        """Return how to say that a column right of all heads has values in some rows."""
        filled = [number for number, _ in self.cells(at)]
        if at <= max(self._header.columns) or len(filled) == len(self.rows):
            return None
        return sentence(
            "This column has no header; its content is in the notes. In row {row} a"
            " separator may be part of a value.",
            row=filled[0],
        )

    def _likely(self, at: int, column: Column) -> Sentence | None:
        """Propose what an unknown column could be by its values; return how to say so."""
        taken = {each.field for each in self.by_position.values()}
        field = likely([one_line(cell) for _, cell in self.cells(at)], taken, self._today)
        if field is None:
            return None
        self._source.columns[at].proposed = field
        return sentence(
            "This column is unknown; its content is in the notes. If it is {field}, use {option}.",
            field=LISTED[field].label,
            option=f'--map "{column.head}={field}"',
        )

    def _counting(self) -> dict[str, int]:
        """Return for each field the column that counts: of several the one that is filled most."""
        several: dict[str, list[int]] = {}
        for at, column in self.by_position.items():
            if column.field is not None:
                several.setdefault(column.field, []).append(at)
        return {
            field: max(twins, key=lambda at: sum(1 for _ in self.cells(at)))
            for field, twins in several.items()
        }
