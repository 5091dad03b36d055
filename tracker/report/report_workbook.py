"""A report as an Excel workbook for controlling: tables that can be sorted and summed, and charts.

Amounts, days and shares are numbers with a format, never words. Tables and charts are native ones
(ECMA-376 part 1, 18.5 and 21.2), so that whoever gets the file can go on with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from math import ceil
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from tracker.domain.calendar import day_of
from tracker.domain.model import Task
from tracker.exchange.sheet_rows import BOLD, FilledSheet, WrittenCell, put, saved
from tracker.flow.controlling import Amounts
from tracker.flow.since_then import Before, SinceThen
from tracker.flow.status_report import ReturnRow, StatusReport
from tracker.language import _, current
from tracker.wording import controlling_words, show
from tracker.wording.report_page import ReportPage, page
from tracker.wording.report_parts import project_name

_DATE = {"en": "yyyy-mm-dd", "de": "dd.mm.yyyy"}
_COUNT, _DAYS, _SHARE, _MONEY = "0", "0.0", "0%", "#,##0"
# Of the lines in the chart: tasks there are, those done, and the forecast by chance.
_COLORS = ("8A8A8A", "2E8B57", "9DBBE0", "1F5FA8", "9DBBE0")
# The widths of the columns of the overview, in signs, and the height of a line, in points.
_COVER, _LINE = (34, 44, 90), 15.0
# The size of a chart, in centimetres.
_WIDE, _HIGH = 24.0, 11.0

CellValue = str | float | date | None
# A column: its head, and the format of its values, "" for texts.
TypedHead = tuple[str, str]


class ReportSheet(NamedTuple):
    """A sheet with one table: its name, what its columns hold, and the rows."""

    title: str
    heads: Sequence[TypedHead]
    rows: Sequence[Sequence[CellValue]]


def write(found: StatusReport) -> bytes:
    """Return the report as a workbook; the same one whenever it is written."""
    shown, book = page(found), Workbook()
    _cover(book.active, shown)
    filled = []
    for at, each in enumerate(_Sheets(found).all(), 1):
        sheet = book.create_sheet(each.title)
        filled.append(_fill(sheet, each, at))
        if at == _PROGRESS:
            _burn_up(sheet, each)
        elif at == _EFFORT and each.rows:
            _effort(sheet, each)
    return saved(book, filled, day=found.now.today)


def _cover(sheet: Worksheet, shown: ReportPage) -> None:
    """Say at a glance how it stands: the verdict, the projects, the lights, the decisions."""
    sheet.title = _("Overview")
    for letter, width in zip("ABC", _COVER, strict=True):
        sheet.column_dimensions[letter].width = width
    title = f"{shown.title}: {shown.about}" if shown.about else shown.title
    lines: list[tuple[Sequence[str], bool]] = [
        ([title], True),
        ([f"{shown.day} · {shown.compared}"], False),
        ([shown.verdict], True),
    ]
    for card in shown.cards:
        lines += [([], False), ([card.name, card.verdict], True)]
        lines += [([fact.name, fact.value, fact.note], False) for fact in card.facts]
    if shown.lights:
        lines += [([], False), (shown.lights_heads, True)]
        lines += [([light.name, light.word, light.reason], False) for light in shown.lights]
    for part in shown.parts:
        if part.key == "decisions":
            lines += [
                ([], False),
                ([part.title], True),
                *(([text], False) for text, _ in part.told),
            ]
            for grid in part.grids:
                lines.append((grid.heads, True))
                lines += [([text for text, *_ in row], False) for row in grid.rows]
    lines += [([], False), ([shown.made_by], False)]
    for row, (texts, strong) in enumerate(lines, 1):
        high = 1
        for column, text in enumerate(texts, 1):
            cell = sheet.cell(row, column)
            put(cell, text)
            # Only in the last column there is nothing beside it that it could run over.
            cell.alignment = Alignment(vertical="top", wrap_text=len(texts) > 1)
            if len(texts) > 1:
                high = max(high, ceil(len(text) / _COVER[column - 1]))
            if strong:
                cell.font = BOLD if row > 1 else Font(name="Calibri", size=14, bold=True)
        # Not every program makes room for lines that are broken.
        if high > 1:
            sheet.row_dimensions[row].height = high * _LINE
    sheet.sheet_view.showGridLines = False
    _print_across(sheet)


def _print_across(sheet: Worksheet) -> None:
    """Have it printed as wide as a page, on as many as it takes."""
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


# Which of the sheets have a chart.
_PROGRESS, _EFFORT = 1, 4


class _Sheets:
    """What stands in the sheets, in their order."""

    def __init__(self, found: StatusReport) -> None:
        self._found, self._ws = found, found.workspace
        self._day = _DATE["de" if current() == "de" else "en"]

    def all(self) -> Iterator[ReportSheet]:
        """Walk over the sheets behind the overview."""
        yield self._progress()
        yield self._tasks()
        yield self._milestones()
        yield self._costs()
        yield self._returns()
        yield self._changes()

    def _progress(self) -> ReportSheet:
        """How much was done by when, and will be."""
        chart = self._found.burn_up
        heads: list[TypedHead] = [(_("Day"), self._day), (_("Tasks"), _COUNT), (_("Done"), _COUNT)]
        heads += [(f"P{round(100 * share)}", _COUNT) for share in sorted(chart.ahead)]
        rows: list[Sequence[CellValue]] = [
            (each.day, each.there, each.done, *([None] * len(chart.ahead))) for each in chart.past
        ]
        ahead = [dict(days) for _share, days in sorted(chart.ahead.items())]
        counts = [chart.done] * len(ahead)
        if rows and any(ahead):
            rows[-1] = (*rows[-1][:3], *counts)
        for day in sorted(set().union(*ahead)):
            counts = [days.get(day, count) for days, count in zip(ahead, counts, strict=True)]
            rows.append((day, chart.there, None, *counts))
        return ReportSheet(_("Progress"), heads, rows)

    def _tasks(self) -> ReportSheet:
        heads: list[TypedHead] = [
            (_("No."), _COUNT),
            (_("Task"), ""),
            (_("Project"), ""),
            (_("Phase"), ""),
            (_("Department"), ""),
            (_("Assignee"), ""),
            (_("State"), ""),
            (_("Planned start"), self._day),
            (_("Planned finish"), self._day),
            ("P80", self._day),
            (_("Due"), self._day),
            (_("Due date met"), _SHARE),
            (_("Slack in days"), _DAYS),
            (_("Critical"), ""),
            (_("Effort in days"), _DAYS),
            (_("Spent in days"), _DAYS),
            (_("Passes"), _COUNT),
        ]
        rows = [self._task(self._ws.tasks[key]) for key in self._found.tasks]
        return ReportSheet(_("Tasks"), heads, rows)

    def _task(self, task: Task) -> Sequence[CellValue]:
        found, ws = self._found, self._ws
        dates, end = found.load.schedule.tasks.get(task.id), found.ends.get(task.id)
        start, finish = found.load.schedule.days(task.id) if dates else (None, None)
        return (
            task.id,
            show.text(task.title),
            show.project(ws, task.project) if task.project else None,
            show.text(task.phase) or None,
            show.department(ws, task.department) or None,
            show.full_name(ws, task.assignee) or None,
            show.state_words(ws, task),
            start,
            finish,
            end.day if end else None,
            task.due,
            end.due_chance if end else None,
            dates.slack if dates else None,
            (_("yes") if dates.critical else _("no")) if dates else None,
            task.effort,
            task.spent,
            task.pass_number,
        )

    def _milestones(self) -> ReportSheet:
        heads: list[TypedHead] = [
            (_("No."), _COUNT),
            (_("Milestone"), ""),
            (_("Due"), self._day),
            (_("Reached"), self._day),
            (_("Planned"), self._day),
            (_("Before"), self._day),
            ("P80", self._day),
            (_("Due date met"), _SHARE),
        ]
        rows = [
            (
                row.task,
                show.text(self._ws.tasks[row.task].title),
                *(row.due, row.reached, row.planned, row.before, row.p80, row.kept),
            )
            for row in self._found.milestones
        ]
        return ReportSheet(_("Milestones"), heads, rows)

    def _costs(self) -> ReportSheet:
        """Effort and cost by department; what has no day rate has no cost."""
        costs, unit = self._found.costs, show.currency(self._ws)
        amounts = (_("planned"), _("actual"), _("to come"), _("at completion"), _("variance"))
        heads: list[TypedHead] = [(controlling_words.by_words(costs.by), "")]
        heads += [(_("{what}, days").format(what=what), _DAYS) for what in amounts]
        if costs.total.money:
            text = _("{what}, {currency}")
            heads += [(text.format(what=what, currency=unit), _MONEY) for what in amounts]
        heads.append((_("Tasks"), _COUNT))
        rows = [
            (
                controlling_words.line_name(costs, line),
                *_amounts(line.days),
                *(_amounts(line.money) if costs.total.money else ()),
                len(line.tasks),
            )
            for line in costs.lines
        ]
        return ReportSheet(_("Effort and cost"), heads, rows)

    def _returns(self) -> ReportSheet:
        unit = show.currency(self._ws)
        heads: list[TypedHead] = [
            (_("From"), ""),
            (_("To"), ""),
            (_("Passes"), _COUNT),
            (_("Limit"), _COUNT),
            (_("Over the limit"), ""),
            (_("Return rate"), _SHARE),
            (_("Rework so far, days"), _DAYS),
            (_("Rework so far, {currency}").format(currency=unit), _MONEY),
            (_("Later by, days (P80)"), _DAYS),
            (_("Still to come, {currency}").format(currency=unit), _MONEY),
        ]
        return ReportSheet(_("Returns"), heads, [self._return(row) for row in self._found.returns])

    def _return(self, row: ReturnRow) -> Sequence[CellValue]:
        link, figures = row.link, row.figures
        return (
            show.name(self._ws, link.source),
            show.name(self._ws, link.target),
            row.passes,
            link.limit,
            _("yes") if row.over else _("no"),
            figures.rate if figures else link.rate,
            row.days,
            row.money,
            figures.cost_p80 if figures else None,
            figures.cost_money if figures else None,
        )

    def _changes(self) -> ReportSheet:
        since = self._found.since
        heads: list[TypedHead] = [
            (_("Change"), ""),
            (_("What"), ""),
            (_("From"), ""),
            (_("Day"), self._day),
            (_("Before"), ""),
            (_("Now"), ""),
            (_("Reason"), ""),
        ]
        rows = list(self._changed(since)) if since and since.history else []
        return ReportSheet(_("Changes"), heads, rows)

    def _changed(self, since: SinceThen) -> Iterator[Sequence[CellValue]]:
        nothing: Sequence[CellValue] = (None,) * 5
        for word, keys in ((_("done"), since.finished), (_("begun"), since.started)):
            yield from ((word, show.name(self._ws, key), *nothing) for key in keys)
        yield from ((_("new"), show.name(self._ws, key), *nothing) for key in since.added)
        for task in since.gone:
            yield _("dropped"), f"{task.id} {show.text(task.title)}", *nothing
        for each in since.returned:
            gate, day = show.name(self._ws, each.gate), day_of(each.at)
            reason = show.text(each.reason) or None
            yield _("came back"), show.name(self._ws, each.task), gate, day, None, None, reason
        for word, moved in (
            (_("due date moved"), since.dues),
            (_("estimate changed"), since.estimates),
        ):
            for one in moved:
                yield word, show.name(self._ws, one.id), None, None, *_moved(one), None
        for word, moved in (
            (_("target moved"), since.targets),
            (_("budget changed"), since.budgets),
        ):
            for one in moved:
                yield word, project_name(self._ws, one.id), None, None, *_moved(one), None


def _moved(each: Before) -> tuple[CellValue, CellValue]:
    return each.before, each.after


def _amounts(amounts: Amounts | None) -> Sequence[CellValue]:
    if amounts is None:
        return (None,) * 5
    return (
        *(amounts.planned, amounts.spent, amounts.to_come),
        *(amounts.at_completion, amounts.variance),
    )


def _fill(sheet: Worksheet, each: ReportSheet, number: int) -> FilledSheet:
    """Write a table, which is one for Excel as well: it has a name, filters and stripes."""
    filled = FilledSheet(sheet, (head for head, _form in each.heads))
    forms = [form for _head, form in each.heads]
    filled.fill(_cells(row, forms) for row in each.rows)
    if each.rows:
        sheet.auto_filter.ref = None
        table = Table(displayName=f"Report{number}", ref=filled.extent)
        table.tableStyleInfo = TableStyleInfo("TableStyleLight9", showRowStripes=True)
        sheet.add_table(table)
    else:
        put(sheet.cell(2, 1), _("Nothing to show."))
    sheet.print_title_rows = "1:1"
    _print_across(sheet)
    return filled


def _cells(row: Iterable[CellValue], forms: Sequence[str]) -> list[WrittenCell | None]:
    cells: list[WrittenCell | None] = []
    for value, form in zip(row, forms, strict=True):
        if isinstance(value, date) and not form:
            form = _DATE["de" if current() == "de" else "en"]
        cells.append(None if value is None else WrittenCell(value, form))
    return cells


def _burn_up(sheet: Worksheet, each: ReportSheet) -> None:
    """Draw tasks there are, tasks done and the forecast fan over the days."""
    chart, last = LineChart(), len(each.rows) + 1
    chart.title, chart.width, chart.height = each.title, _WIDE, _HIGH
    chart.add_data(Reference(sheet, 2, 1, len(each.heads), last), titles_from_data=True)
    chart.set_categories(Reference(sheet, 1, 2, 1, last))
    chart.x_axis.number_format = each.heads[0][1]
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False
    for line, color in zip(chart.series, _COLORS, strict=False):
        line.smooth = False
        line.graphicalProperties.line.solidFill = color
    sheet.add_chart(chart, f"{get_column_letter(len(each.heads) + 2)}2")


def _effort(sheet: Worksheet, each: ReportSheet) -> None:
    """Draw by group what was planned, and what it will have been."""
    chart, last = BarChart(), len(each.rows) + 1
    chart.type, chart.title = "bar", each.title
    chart.width, chart.height = _WIDE, max(_HIGH, 1.2 * last)
    for column in (2, 5):
        chart.add_data(Reference(sheet, column, 1, column, last), titles_from_data=True)
    chart.set_categories(Reference(sheet, 1, 2, 1, last))
    # The first row is on top, as in the table.
    chart.x_axis.scaling.orientation = "maxMin"
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False
    sheet.add_chart(chart, f"A{last + 3}")
