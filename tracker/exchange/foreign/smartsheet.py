"""Smartsheet: a project sheet exported to Excel.

Predecessors are numbers of rows below the head, blank ones counted; a `~` before a duration says
that it is in days of the calendar. A sheet beside it has the comments, by the numbers of rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time

from tracker.domain.sentence import sentence
from tracker.domain.typing.vocabulary import Meanings, meaning_key
from tracker.exchange import amounts
from tracker.exchange.dialects import ForeignTable, shown
from tracker.exchange.foreign.plan_rows import PlanReader
from tracker.exchange.foreign.plan_table import PlanTable, read_plan
from tracker.exchange.headers import meaning
from tracker.exchange.source import ReadOptions, Source
from tracker.exchange.spreadsheet import Cell, Sheet
from tracker.exchange.table_rows import one_line

_COMMENTS = frozenset(("comments", "kommentare"))
_ROW = re.compile(r"(?:row|zeile)\s+(\d{1,9})", re.IGNORECASE)
_ELAPSED = re.compile(r"~\s*(\d+(?:[.,]\d+)?)\s*([wdhmt])\w*", re.IGNORECASE)
_DURATION = re.compile(r"~?\s*\d+(?:[.,]\d+)?\s*[wdhms]?", re.IGNORECASE)
# So it ends working days.
_LAST_SECOND = time(16, 59, 59)


class _Rows(PlanReader):
    """The rows of a sheet, with elapsed durations as it writes them."""

    def _elapsed(self, cell: Cell) -> float | None:
        found = _ELAPSED.fullmatch(one_line(cell))
        return amounts.read_elapsed(f"{found[1]} e{found[2]}") if found else None


_SHEET = PlanTable(
    name="smartsheet",
    schedule=True,
    below=True,
    beside=_COMMENTS,
    by_sheet=True,
    reader=_Rows,
    heads=Meanings(
        {
            "title": "Task Name, Primary Column, Aufgabenname, Vorgangsname, Primäre Spalte",
            "estimate": "Duration, Dauer",
            "start": "Start Date, Anfang, Anfangsdatum, Startdatum, Beginn",
            "finish": "Finish, Finish Date, End Date, End, Ende, Enddatum, Fertigstellung",
            "percent": "% Complete, % abgeschlossen, % fertig",
            "needs": "Predecessors, Vorgänger",
            "assignee": "Assigned To, Zugewiesen zu, Zugewiesen an",
            "state": "Status",
            "notes": "Comments, Kommentare, Notes, Notizen",
            "computed": "Variance, Abweichung, Critical Path, Kritischer Pfad, % Allocation,"
            " Baseline Start, Baseline Finish",
        }
    ),
)


def read(table: ForeignTable, options: ReadOptions) -> Source:
    """Return the plan in a sheet; raises BadInput."""
    lost = [line for sheet in table.book.sheets for line in _put_comments(table, sheet)]
    source = read_plan(table, options, _SHEET)
    for row, text in lost:
        why = sentence("This comment is on a row that is not there; it was not taken.")
        source.warn(0, "", f"{row}: {text}", why)
    return source


def fits(table: ForeignTable) -> bool:
    """Return whether only Smartsheet writes such a table: many keep lists with these heads."""
    fields = {meaning(head)[0] for _, head in table.heads}
    if "id" in fields:
        return False
    if any(_is_of_comments(sheet) for sheet in table.book.sheets):
        return True
    cells = [shown(row, at) for at, _ in table.heads for row in table.rows]
    if any(isinstance(cell, datetime) and cell.time() == _LAST_SECOND for cell in cells):
        return True
    durations = [
        one_line(cell)
        for at in table.columns("Duration", "Dauer")
        for row in table.rows
        if (cell := shown(row, at)) is not None
    ]
    return any(text.startswith("~") for text in durations) and all(
        _DURATION.fullmatch(text) for text in durations
    )


def _is_of_comments(sheet: Sheet) -> bool:
    return meaning_key(sheet.name) in _COMMENTS and any(
        _ROW.fullmatch(one_line(row.cells[0])) for row in sheet.rows
    )


def _put_comments(table: ForeignTable, sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Put the comments of a sheet beside the table to its rows; yield those of no row."""
    if sheet is table.sheet or not _is_of_comments(sheet):
        return
    here = {row.number - table.head.number: row for row in table.rows}
    at = next((at for at, head in table.heads if meaning(head)[0] == "notes"), 0)
    name, row = "", None
    for line in sheet.rows:
        first, *texts = map(one_line, line.cells)
        found = _ROW.fullmatch(first)
        name = first if found else name
        if found:
            row = here.get(int(found[1]))
        text = " · ".join(filter(None, texts if found else (first, *texts)))
        if row is None:
            yield name, text
        elif text:
            row.comments[at] = "\n".join(filter(None, (row.comments.get(at), text)))
