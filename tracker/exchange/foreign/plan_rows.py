"""The rows of a planning program's table, read as those of a list, and what only plans have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, time
from typing import Any

from msgspec.structs import replace

from tracker.domain.errors import BadInput
from tracker.domain.fields import ESTIMATE
from tracker.domain.model import Priority
from tracker.domain.sentence import Sentence, counted
from tracker.domain.status import priority_word
from tracker.domain.typing import vocabulary
from tracker.domain.typing.vocabulary import meaning_key
from tracker.exchange import amounts, cell_values, progress_cells
from tracker.exchange.foreign.project_constraints import CONSTRAINTS, priority_of
from tracker.exchange.headers import Column, Header
from tracker.exchange.numbering import Numbers
from tracker.exchange.plausibility import some
from tracker.exchange.relations import Relations
from tracker.exchange.row_reading import RowReader, Ways
from tracker.exchange.source import Source, SourceTask, harmless_value
from tracker.exchange.spreadsheet import Cell, Row
from tracker.exchange.table_rows import one_line

# The days of a plan, and the fields of a task whose order in a row they share.
PLAN_DAYS: Mapping[str, str] = {
    "start": "not_before",
    "finish": "due",
    "began": "not_before",
    "ended": "due",
    "constraint_day": "not_before",
    "planned_start": "not_before",
    "planned_finish": "due",
}
# What `PlanReader` adds to the fields of a task.
PLAN_FIELDS = (
    *PLAN_DAYS,
    *("percent", "elapsed", "evening", "manual", "milestone", "constraint", "unique", "bucket"),
    "planned_days",
)
# When a working day is over.
_EVENING = time(17)
# What of a summary is read.
_OF_SUMMARIES = frozenset(
    (
        *("title", "id", "unique", "notes", "due", "follow_up", "waiting_for", "tags", "checklist"),
        *("assignee", "watchers", "manual", "start", "constraint", "constraint_day"),
        *("needs", "blocks", "unique_needs", "unique_blocks"),
    )
)
# What of it follows from its parts.
_FROM_PARTS = frozenset(
    (
        *("estimate", *ESTIMATE, "effort", "spent", "percent", "progress", "state", "finished"),
        *("finish", "began", "ended", "milestone", "active", "created", "modified", "bucket"),
        *("planned_start", "planned_finish", "planned_days"),
        *("computed", "outline", "level", "summary", "recurring", "checked"),
    )
)
_MONTH = 20.0  # working days, as planning programs count them
_MONTHS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:mo|mons?|months?|monate?n?)\b\.?", re.IGNORECASE)
_MINUTES = re.compile(r"(\d)\s*m\b(?!\.)", re.IGNORECASE)
_ESTIMATED = re.compile(r"\d.*\?\s*")
_DOTTED = re.compile(r"\d+(?:\.\d+)*\.?")


class PlanReader(RowReader):
    """Reads the rows of one table; what is no field of a task stands in its fields all the same.

    That are the days of a plan and of its baseline, its `percent`, `elapsed` for a duration in
    days of the calendar, whether it starts in the `evening` of its day, whether it is `manual` or
    a `milestone`, its `constraint`, `unique` number and `bucket`. `unique` are the numbers by
    which some columns name rows, if there are such.
    """

    def __init__(
        self,
        source: Source,
        header: Header,
        columns: Mapping[int, Column],
        ways: Ways,
        numbers: Numbers,
        relations: Relations,
        unique: Numbers | None = None,
    ) -> None:
        super().__init__(source, header, columns, ways, numbers, relations)
        self._unique = unique
        self._summary = False
        self._estimated: list[int] = []
        # What cells were read as that many rows have.
        self._days: dict[tuple[int, Cell], date] = {}
        self._amounts: dict[tuple[int, str], float] = {}
        self._untaken: dict[str, list[tuple[int, str]]] = {}

    def read_summary(self, place: int, row: Row, task: SourceTask, title_at: int) -> None:
        """Fill a task with what the row of a summary says of its own."""
        self._summary = True
        self.read(place, row, task, title_at)
        self._summary = False
        for name in ("state", "passes"):
            task.fields.pop(name, None)

    def tell(self) -> None:
        """Report what is said once for a column."""
        super().tell()
        if rows := self._estimated:
            why = counted(
                "{n} duration is marked as an estimate there, in row {rows}; it was taken as it"
                " is.",
                "{n} durations are marked as estimates there, in rows {rows}; they were taken as"
                " they are.",
                len(rows),
                rows=some(rows),
            )
            self.source.warn(self.header.row, self._head_of("estimate"), "", why)
        for head, found in self._untaken.items():
            row, text = found[0]
            why = counted(
                "Not taken: {n} value of a summary row.",
                "Not taken: {n} values of summary rows.",
                len(found),
            )
            self.source.warn(row, head, text, why)

    def _head_of(self, field: str) -> str:
        return self.columns[self._fields[field]].head

    # --- summaries -----------------------------------------------------------------------------

    def _cell(self, at: int, column: Column) -> Cell:
        cell = super()._cell(at, column)
        if not self._summary or cell is None or column.field in _OF_SUMMARIES:
            return cell
        text = one_line(cell)
        usual = text == "500" or vocabulary.priority_from_word(text) == "medium"
        if column.field not in _FROM_PARTS and not (column.field == "priority" and usual):
            self._keep(column, cell)
        return None

    def _keep(self, column: Column, cell: Cell) -> None:
        if self._summary:
            told = self._untaken.setdefault(column.head, [])
            told.append((self._row.number, cell_values.plain(cell)))
        else:
            super()._keep(column, cell)

    def _count(self, at: int, column: Column, cell: Cell, unread: bool) -> None:
        if not self._summary:
            super()._count(at, column, cell, unread)

    # --- cells ---------------------------------------------------------------------------------

    def _yields(self, at: int, column: Column, cells: Mapping[int, Cell]) -> bool:
        own = column.field in ("computed", "outline")
        return not own and super()._yields(at, column, cells)

    def _field(self, at: int, column: Column, cell: Cell) -> dict[str, Any]:
        field = column.field or ""
        match field:
            case "computed" | "summary" | "level":
                return {}
            case "outline":
                if not _DOTTED.fullmatch(one_line(cell)):
                    self._keep(column, cell)
                return {}
            case "unique" | "bucket" | "checked":
                return {field: one_line(cell)}
            case "constraint":
                return {field: self._constraint(cell)}
            case "recurring" | "milestone":
                return {field: self._yes(cell)}
            case "manual":
                return {field: self._is_manual(cell)}
            case "percent":
                return {field: self._percent(at, cell)}
            case "estimate" | "effort" | "spent" | "planned_days":
                return self._amount(at, column, cell)
            case "priority" if one_line(cell).isdecimal():
                return {field: self._numbered_priority(at, one_line(cell))}
            case "unique_needs" | "unique_blocks":
                return self._linked_by_unique(at, column, cell)
            case "needs" | "blocks":
                return super()._field(at, column, in_days(cell))
            case "start":
                late = self.ways.dates.clock(at, cell) >= _EVENING
                return {field: self._day(at, cell), "evening": late}
            case _ if field in PLAN_DAYS:
                return {field: self._day(at, cell)}
        return super()._field(at, column, cell)

    def _yes(self, cell: Cell) -> bool:
        found = cell_values.ticked(cell)
        if found is None:
            raise BadInput("{value} is neither yes nor no.", value=harmless_value(one_line(cell)))
        return found

    def _is_manual(self, cell: Cell) -> bool:
        """Return whether a task is scheduled by hand: `Manually Scheduled`, `Manuell geplant`."""
        word = meaning_key(one_line(cell))
        if word.startswith(("manu", "auto")):
            return word.startswith("manu")
        return self._yes(cell)

    def _constraint(self, cell: Cell) -> int:
        found = CONSTRAINTS.get(meaning_key(one_line(cell)))
        if found is None:
            raise BadInput(
                "{value} is not a known constraint.", value=harmless_value(one_line(cell))
            )
        return int(found)

    def _percent(self, at: int, cell: Cell) -> float:
        """Return the percentage in a cell; where some number is more than 1, none is a share."""
        with suppress(BadInput):
            found = self.ways.scales[at].percent(cell)
            if found is not None:
                return found
        number = progress_cells.number_in(cell)
        if number is None or not 0 <= number <= 100:
            raise BadInput(
                "{value} is not a percentage of completion.", value=harmless_value(one_line(cell))
            )
        return number

    def _day(self, at: int, cell: Cell) -> date:
        """Return a day of the plan; many tasks share one, and how it was read is no matter."""
        known = self._days.get((at, cell))
        if known is None:
            known = self._days[at, cell] = self.ways.dates.day(at, cell, lambda _why: None)
        return known

    def _amount(self, at: int, column: Column, cell: Cell) -> dict[str, Any]:
        """Return a duration or an amount of work; how units were read is told once a column."""
        field, text = column.field or "", one_line(cell)
        names = ESTIMATE if field == "estimate" else (field,)
        if field == "estimate" and _ESTIMATED.fullmatch(text):
            self._estimated.append(self._row.number)
        elapsed = self._elapsed(cell) if field == "estimate" else None
        if elapsed is not None:
            return dict.fromkeys(names, elapsed) | {"elapsed": True}
        if (at, text) in self._amounts:
            return dict.fromkeys(names, self._amounts[at, text])
        guesses: list[Sentence] = []
        decimal = self.ways.decimals.of(at)
        days = amounts.read_day_cell(in_days(cell), column.unit, guesses.append, decimal)
        for why in guesses:
            if why.values.keys() == {"number"}:
                self._note(at, text, Sentence("{number:g}", {"number": days}))
            else:
                self._remark(column, cell, why)
        if not guesses:
            self._amounts[at, text] = days
        return dict.fromkeys(names, days)

    def _elapsed(self, cell: Cell) -> float | None:
        """Return the days of the calendar that a duration is, if it is one in those."""
        return amounts.read_elapsed(cell)

    def _numbered_priority(self, at: int, text: str) -> Priority:
        found = priority_of(int(text[:9]))
        if found is None:
            raise BadInput("{word} is not a known priority; the task is medium.", word=text)
        if found != "medium":
            self._note(at, text, priority_word(found))
        return found

    def _linked_by_unique(self, at: int, column: Column, cell: Cell) -> dict[str, Any]:
        if self._unique is None:
            raise BadInput("These numbers are in no column of the table.")
        usual, self.numbers = self.numbers, self._unique
        try:
            way = replace(column, field=(column.field or "").removeprefix("unique_"))
            return super()._field(at, way, in_days(cell))
        finally:
            self.numbers = usual


def in_days(cell: Cell) -> Cell:
    """Return a cell with its months in working days, and `m` spelled out as minutes."""
    if not isinstance(cell, str):
        return cell
    text = _MONTHS.sub(lambda found: f"{float(found[1].replace(',', '.')) * _MONTH:g}d", cell)
    return _MINUTES.sub(r"\1min", text)
