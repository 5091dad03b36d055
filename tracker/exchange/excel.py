"""All tasks as an Excel workbook to be edited and imported again."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tracker.domain.errors import Refused
from tracker.domain.fields import FIELDS, Field
from tracker.domain.model import PRIORITIES, STATES, Department, Link, Task
from tracker.domain.verbs.commands import task_name
from tracker.domain.workspace import Workspace
from tracker.exchange.headers import OWN, SHEETS
from tracker.exchange.spreadsheet import LAST_KNOWN
from tracker.exchange.task_cells import TaskCells
from tracker.language import _

# What an Excel cell holds (ECMA-376 part 1, 18.3.1.4; Excel refuses longer ones).
_LONGEST = 32_767
# ECMA-376 part 1, 22.9.2.19: XML has no other way to say these.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WIDEST, _MARGIN = 60, 2
_LOOKED_AT = 200
_HEAD = PatternFill("solid", fgColor="DDDDDD")
_DATE = {"en": "yyyy-mm-dd", "de": "dd.mm.yyyy"}
# The lists that cells are chosen from are columns of a sheet of their own.
_LISTS = ("state", "priority", "department")


def workspace_xlsx(ws: Workspace, language: str = "en") -> bytes:
    """Return all tasks as a workbook: days and numbers as such, states to be chosen from a list.

    A sheet shows the arrows with the titles of their ends, to be read; arrows are changed where
    the tasks are. Raises Refused for a text that is longer than a cell.
    """
    german = language == "de"
    names = SHEETS["de" if german else "en"]
    cells = TaskCells(ws, german)
    book = Workbook()
    _stamp(book, ws)
    sheet = book.active
    sheet.title = names[0]
    columns = [field for field in FIELDS if field.column]
    _head(sheet, OWN["de" if german else "en"].values())
    writers = [_writer(cells, field, _DATE["de" if german else "en"]) for field in columns]
    for row, task in enumerate(ws.tasks.values(), 2):
        for at, write in enumerate(writers, 1):
            written = write(task)
            if written is None:
                continue
            cell = sheet.cell(row, at)
            if written.text:
                _put(cell, written.value)
                continue
            cell.value = written.value
            if written.form:
                cell.number_format = written.form
    _fit(sheet)
    _arrows(book.create_sheet(names[1]), ws)
    _choices(book, sheet, names[2], ws, cells, [field.name for field in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _stamp(book: Workbook, ws: Workspace) -> None:
    """Note the last change and the last task the workbook has: later ones are not known to it."""
    last = f"{ws.seq} {ws.next_id(Task) - 1}"
    book.custom_doc_props.append(StringProperty(name=LAST_KNOWN, value=last))


class WrittenCell(NamedTuple):
    """The content of a cell: a text as a text, a day in a format."""

    value: Any
    form: str = ""
    text: bool = False


def _writer(
    cells: TaskCells, field: Field, day_format: str
) -> Callable[[Task], WrittenCell | None]:
    """Return the writer of a field of a task, which gives None where it is empty."""
    if field.kind in ("day", "last day", "days", "count"):
        form = day_format if field.kind in ("day", "last day") else ""
        value = attrgetter(field.name)
        return lambda task: None if (found := value(task)) is None else WrittenCell(found, form)
    said = cells.writer(field)

    def text(task: Task) -> WrittenCell | None:
        words = said(task)
        if len(words) > _LONGEST:
            raise Refused(
                "{field} of {task} is longer than a cell of Excel holds; export CSV or JSON.",
                field=field.label,
                task=f"{task.id} {task.title[:60]}",
            )
        return WrittenCell(words, text=True) if words else None

    return text


def _put(cell: Cell, text: str) -> None:
    """Write a text as a text, whatever it looks like."""
    cell.value = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    cell.data_type = "s"


def _head(sheet: Worksheet, heads: Iterable[str]) -> None:
    """Write the first row, which stays in sight."""
    for at, head in enumerate(heads, 1):
        cell = sheet.cell(1, at, head)
        cell.font, cell.fill = Font(bold=True), _HEAD
    sheet.freeze_panes = "A2"


def _fit(sheet: Worksheet) -> None:
    """Make each column as wide as its content, within reason."""
    for at, column in enumerate(sheet.iter_cols(max_row=_LOOKED_AT, values_only=True), 1):
        longest = max(len(str(value).partition("\n")[0]) for value in column if value is not None)
        width = min(longest, _WIDEST) + _MARGIN
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.auto_filter.ref = sheet.dimensions


def _arrows(sheet: Worksheet, ws: Workspace) -> None:
    """List the arrows, to be read: the sheet is protected, for what is typed there is not read."""
    heads = [_("from"), _("to"), _("kind"), _("lag"), _("rate"), _("share"), _("limit")]
    heads += (_("done again"), _("less each pass"), _("forward after"), _("chance of rework"))
    _head(sheet, heads)
    for row, link in enumerate(ws.links.values(), 2):
        _put(sheet.cell(row, 1), task_name(ws, link.source))
        _put(sheet.cell(row, 2), task_name(ws, link.target))
        _put(sheet.cell(row, 3), _("dependency") if link.kind == "needs" else _("return"))
        for at, number, form in _figures(link):
            cell = sheet.cell(row, at, number)
            cell.number_format = form
    _fit(sheet)
    sheet.protection.sheet = True


def _figures(link: Link) -> Iterator[tuple[int, float | str | None, str]]:
    """Walk over what is known of an arrow: the column, the value and its format."""
    if link.kind == "needs":
        yield 4, link.lag or None, "General"
        if link.ripple is not None:
            yield 6, link.share, "0%"
            yield 11, link.ripple, "0%"
        return
    yield from ((5, link.rate, "0%"), (6, link.share, "0%"), (7, link.limit, "0"))
    again = {
        "all": _("every task between"),
        "target": _("only target and gate"),
        "chance": _("what the rework reaches"),
    }
    yield from ((8, again[link.redo], "@"), (9, link.learning or None, "0%"))
    yield 10, link.escalation, "General"


def _choices(
    book: Workbook,
    sheet: Worksheet,
    name: str,
    ws: Workspace,
    cells: TaskCells,
    columns: list[str],
) -> None:
    """Let states, priorities and departments be chosen from lists; other departments may come."""
    lists = {
        "state": [cells.word(state) for state in STATES],
        "priority": [cells.word(priority) for priority in PRIORITIES],
        "department": [lane.name for lane in sorted(ws.departments.values(), key=_order)],
    }
    beside = book.create_sheet(name)
    beside.sheet_state = "hidden"
    for at, field in enumerate(_LISTS, 1):
        for row, text in enumerate(lists[field], 1):
            _put(beside.cell(row, at), text)
        if not lists[field]:
            continue
        letter = get_column_letter(at)
        rule = DataValidation(
            "list",
            formula1=f"'{name}'!${letter}$1:${letter}${len(lists[field])}",
            allow_blank=True,
            errorStyle="warning" if field == "department" else "stop",
        )
        column = get_column_letter(columns.index(field) + 1)
        rule.add(f"{column}2:{column}{len(ws.tasks) + _LOOKED_AT}")
        sheet.add_data_validation(rule)


def _order(lane: Department) -> tuple[int, int]:
    return lane.order, lane.id
