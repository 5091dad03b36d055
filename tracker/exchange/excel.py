"""All tasks as an Excel workbook to be edited and imported again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from operator import attrgetter

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tracker.domain.errors import Refused
from tracker.domain.fields import FIELDS, Field
from tracker.domain.model import PRIORITIES, STATES, Department, Link, Task
from tracker.domain.verbs.commands import task_name
from tracker.domain.workspace import Workspace
from tracker.exchange.handout import Handout
from tracker.exchange.headers import OWN, SHEETS
from tracker.exchange.sheet_rows import FilledSheet, WrittenCell, put, saved
from tracker.exchange.source import LastKnown
from tracker.exchange.spreadsheet import LAST_KNOWN, PART_KNOWN
from tracker.exchange.task_cells import TaskCells
from tracker.language import _

# What an Excel cell holds (ECMA-376 part 1, 18.3.1.4; Excel refuses longer ones).
_LONGEST = 32_767
# What Excel shows of a property of a workbook.
_LONGEST_NOTE = 255
# Rows below the tasks in which states can be chosen as well.
_SPARE = 200
_DATE = {"en": "yyyy-mm-dd", "de": "dd.mm.yyyy"}
# The lists that cells are chosen from are columns of a sheet of their own.
_LISTS = ("state", "priority", "department")


def workspace_xlsx(out: Handout) -> bytes:
    """Return all tasks as a workbook: days and numbers as such, states to be chosen from a list.

    A sheet shows the arrows with the titles of their ends, to be read; arrows are changed where
    the tasks are. Raises Refused for a text that is longer than a cell.
    """
    ws, language = out.ws, "de" if out.german else "en"
    names = SHEETS[language]
    cells = TaskCells(ws, out.german)
    book = Workbook()
    _stamp(book, out)
    sheet = book.active
    sheet.title = names[0]
    columns = [field for field in FIELDS if field.column]
    writers = [_writer(cells, field, _DATE[language]) for field in columns]
    tasks = FilledSheet(sheet, OWN[language].values())
    tasks.fill([write(task) for write in writers] for task in out.walk())
    arrows = _arrows(book.create_sheet(names[1]), ws)
    _choices(book, sheet, names[2], ws, cells, [field.name for field in columns])
    return saved(book, (tasks, arrows))


def _stamp(book: Workbook, out: Handout) -> None:
    """Note the last that the workbook has: what came later is not known to it."""
    last = LastKnown.of(out.whole, out.ws.tasks if out.is_part else ())
    said = f"{last.record}"
    if last.changed:
        said += f" {last.changed.isoformat()}"
    said += f" {last.mark}"
    notes = {LAST_KNOWN: said}
    for at, start in enumerate(range(0, len(last.part), _LONGEST_NOTE), 1):
        notes[f"{PART_KNOWN}{at}"] = last.part[start : start + _LONGEST_NOTE]
    for name, text in notes.items():
        book.custom_doc_props.append(StringProperty(name=name, value=text))


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
        return WrittenCell(words) if words else None

    return text


def _arrows(sheet: Worksheet, ws: Workspace) -> FilledSheet:
    """List the arrows, to be read: the sheet is protected, for what is typed there is not read."""
    heads = [_("from"), _("to"), _("kind"), _("lag"), _("rate"), _("share"), _("limit")]
    heads += (_("done again"), _("less each pass"), _("forward after"), _("chance of rework"))
    ends = cache(lambda task: WrittenCell(task_name(ws, task)))
    kinds = {"needs": WrittenCell(_("dependency")), "returns": WrittenCell(_("return"))}

    def row(link: Link) -> list[WrittenCell | None]:
        figures = {
            at: WrittenCell(value, form) for at, value, form in _figures(link) if value is not None
        }
        return [
            *(ends(link.source), ends(link.target), kinds[link.kind]),
            *(figures.get(at) for at in range(4, len(heads) + 1)),
        ]

    arrows = FilledSheet(sheet, heads)
    arrows.fill(map(row, ws.links.values()))
    sheet.protection.sheet = True
    return arrows


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
            put(beside.cell(row, at), text)
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
        rule.add(f"{column}2:{column}{len(ws.tasks) + _SPARE}")
        sheet.add_data_validation(rule)


def _order(lane: Department) -> tuple[int, int]:
    return lane.order, lane.id
