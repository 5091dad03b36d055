"""A table read as a list of tasks, whatever stands above, between and beside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import PurePath
from typing import Any

from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.fields import ESTIMATE, LISTED, of_kind
from tracker.domain.model import LONGEST_TITLE, Pass, State
from tracker.domain.sentence import Sentence, counted, figures, sentence
from tracker.domain.typing import field_values, vocabulary
from tracker.domain.typing.dates import parse_period
from tracker.exchange import cell_values
from tracker.exchange.headers import OWN_SHEETS, Column, Header, find_header, letter
from tracker.exchange.source import (
    MAX_LINKS,
    Source,
    SourceColumn,
    SourceLink,
    SourceTask,
    clean,
    shown,
    stripped,
    too_many_links,
)
from tracker.exchange.spreadsheet import Book, Cell, Formula, Row, Sheet

# A merged cell says the same of all its rows in these columns; elsewhere it belongs to the first.
_DATES = tuple(of_kind("day", "last day"))
_PEOPLE = ("assignee", "requester", "watchers")
_SHARED = frozenset(
    ("project", "department", "state", "priority", "systems", "tags", *_PEOPLE, *_DATES)
)
_LISTED_BLANKS = 10
_LISTED = 20
_PROJECT_LINE = re.compile(
    r"(?:projekt(?:name|titel)?|project(?: name)?|vorhaben)\s*[:–-]\s*(\S.*)", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"(?:stand|datum|date|as of|status|version|autor|author|erstellt|created)\b", re.IGNORECASE
)
_LONGEST_NAME = 200


def read_list(book: Book, file: str, *, project: str | None, today: date) -> Source:
    """Read the sheet whose header is best understood; everything else is reported.

    `project` is for rows that name none; without it, and without a column for it, the title
    line above the header names the project, or else the file does, without its ending. Raises
    BadInput when no row heads a table of tasks.
    """
    source = Source(file)
    for number, remark in book.remarks:
        source.warn(number, "", "", remark)
    sheet, header = _chosen(book, source)
    above = [row for row in sheet.rows if row.number < header.row]
    named = _project_above(above)
    if project or "project" in header.fields:
        source.project = project
        named = None
    else:
        source.project = named[1] if named else PurePath(file).stem
    first = 1 + max((number for number, _ in book.remarks), default=0)
    for row in above:
        _skip_blanks(source, first, row.number)
        first = row.number + 1
        text = shown(" | ".join(filter(None, map(_line, row.cells))))
        if named and row.number == named[0]:
            why = sentence("Above the header, read as the project name: {text}", text=text)
        else:
            why = sentence("Above the header: {text}", text=text)
        source.skip(row.number, why)
    _skip_blanks(source, first, header.row)
    _Reading(source, header, [row for row in sheet.rows if row.number > header.row], today).run()
    return source


def _chosen(book: Book, source: Source) -> tuple[Sheet, Header]:
    """Return the sheet with most known columns, and report the others."""
    found = [(sheet, find_header(sheet.rows)) for sheet in book.sheets]
    best: tuple[Sheet, Header] | None = None
    for sheet, header in found:
        if header and (best is None or len(header.fields) > len(best[1].fields)):
            best = (sheet, header)
    if best is None:
        raise BadInput(
            "{file} has no header row of a task table. One column must be called Title, Task,"
            " Vorgang or Aufgabe; others can be Nr., Department, Status, Needs, Due.",
            file=source.file,
        )
    for sheet, _ in found:
        if sheet is not best[0] and not (best[1].own and sheet.name in OWN_SHEETS):
            why = counted(
                "The sheet {sheet} with {n} row was skipped; only {chosen} was read.",
                "The sheet {sheet} with {n} rows was skipped; only {chosen} was read.",
                len(sheet.rows),
                sheet=shown(sheet.name),
                chosen=shown(best[0].name),
            )
            source.skip(0, why)
    return best


def _project_above(rows: list[Row]) -> tuple[int, str] | None:
    """Return the name of the project that a line above the header gives, and its row."""
    lines = [(row.number, [text for text in map(_line, row.cells) if text]) for row in rows]
    for number, texts in lines:
        found = _PROJECT_LINE.fullmatch(" ".join(texts))
        if found and len(found[1]) <= _LONGEST_NAME:
            return number, found[1]
    for number, texts in lines:
        if len(texts) == 1 and len(texts[0]) <= _LONGEST_NAME and not _NO_NAME.match(texts[0]):
            return number, texts[0]
    return None


def _skip_blanks(source: Source, first: int, until: int) -> None:
    """Report the blank rows from `first` up to, not with, `until`; a long gap as one."""
    if until - first > _LISTED_BLANKS:
        last = until - 1
        why = sentence("Rows {first} to {last} are blank.", first=first, last=last)
        source.skip(first, why)
        return
    for number in range(first, until):
        source.skip(number, sentence("The row is blank."))


def _line(cell: Cell) -> str:
    """Return a cell as one line of harmless text."""
    return " ".join(clean(cell_values.plain(cell))[0].split())


class _Reading:
    """The rows below a header on their way to tasks."""

    def __init__(self, source: Source, header: Header, rows: list[Row], today: date) -> None:
        self.source, self.header, self.today = source, header, today
        self.columns = dict(header.columns)
        source.own = header.own
        self.rows: list[Row] = []
        self._all = rows
        self._numbers: dict[str, int] = {}
        self._titles: dict[str, int | None] = {}
        self._month_first: dict[str, bool] = {}
        self._at = 0
        self._extras: list[str] = []

    def run(self) -> None:
        """Fill the source."""
        self._sift()
        self._see()
        self._name_columns()
        self._number()
        for place, row in enumerate(self.rows):
            self._at = place
            self._task(row)
            if len(self.source.links) > MAX_LINKS:
                raise too_many_links(self.source.file)

    # --- rows and columns ----------------------------------------------------------------------

    def _sift(self) -> None:
        """Keep the rows that are tasks, and report the others."""
        title = self.header.fields["title"]
        heads = [(at, column.head) for at, column in self.header.columns.items()]
        following = self.header.row + 1
        for row in self._all:
            _skip_blanks(self.source, following, row.number)
            following = row.number + 1
            texts = [_line(cell) for cell in row.cells]
            if title < len(texts) and texts[title]:
                if all(at < len(texts) and texts[at] == head for at, head in heads):
                    self.source.skip(row.number, sentence("The header is repeated."))
                else:
                    self.rows.append(row)
            else:
                said = shown(" | ".join(filter(None, texts)))
                self.source.skip(row.number, sentence("The row has no title: {text}", text=said))

    def _see(self) -> None:
        """Report what a person sees of the rows and no cell says."""
        title = self.header.fields["title"]
        struck = [r.number for r in self.rows if title in r.looks and r.looks[title].struck]
        hidden = [row.number for row in self.rows if row.hidden]
        comments = sum(len(row.comments) for row in self.rows)
        if struck:
            why = counted(
                "{n} title is struck through, in row {rows}; its task was imported anyway.",
                "{n} titles are struck through, in rows {rows}; their tasks were imported anyway.",
                len(struck),
                rows=_some(struck),
            )
            self.source.warn(0, self.columns[title].head, "", why)
        if hidden:
            why = counted(
                "{n} row is hidden in the sheet: {rows}. It was imported anyway.",
                "{n} rows are hidden in the sheet: {rows}. They were imported anyway.",
                len(hidden),
                rows=_some(hidden),
            )
            self.source.warn(0, "", "", why)
        if comments:
            why = counted(
                "The comment on {n} cell is in the notes.",
                "The comments on {n} cells are in the notes.",
                comments,
            )
            self.source.warn(0, "", "", why)

    def _name_columns(self) -> None:
        """Report columns that are not understood, and find out how the others are written."""
        widest = max((len(row.cells) for row in self.rows), default=0)
        for at in range(widest):
            if at not in self.columns and any(at < len(r.cells) and r.cells[at] for r in self.rows):
                self.columns[at] = Column(None, letter(at))
        heading = self.header.row
        for at, column in sorted(self.columns.items()):
            self.source.columns[at] = SourceColumn(column.head, column.field)
            if column.field is None:
                why = sentence("This column is unknown; its content is in the notes.")
                self.source.warn(heading, column.head, "", why)
            elif column.unit != 1:
                why = sentence(
                    "Hours and weeks were converted to days: a day has 8 hours, a week 5 days."
                )
                self.source.warn(heading, column.head, "", why)
            if column.field in _DATES:
                self._look_at_dates(at, column)

    def _look_at_dates(self, at: int, column: Column) -> None:
        cells = [row.cells[at] for row in self.rows if at < len(row.cells)]
        late = sum(map(cell_values.has_time, cells))
        if late:
            why = counted(
                "The time of day of {n} date was dropped.",
                "The times of day of {n} dates were dropped.",
                late,
            )
            self.source.warn(self.header.row, column.head, "", why)
        pairs = [pair for pair in map(cell_values.slashed, cells) if pair]
        if pairs:
            day_first = any(first > 12 for first, _ in pairs)
            month_first = any(second > 12 for _, second in pairs) and not day_first
            self._month_first[column.field or ""] = month_first
            if not day_first and not month_first:
                why = sentence("Dates with slashes were read as day/month/year.")
                self.source.warn(self.header.row, column.head, "", why)

    def _number(self) -> None:
        """Learn the numbers and titles by which rows name each other."""
        at = self.header.fields.get("id")
        title = self.header.fields["title"]
        self.source.id_column = self.columns[at].head if at is not None else ""
        for place, row in enumerate(self.rows):
            cell = row.cells[at] if at is not None and at < len(row.cells) else None
            if isinstance(cell, Formula):
                cell = cell.value
            number = _line(cell) if at is not None else str(place + 1)
            name = _folded(number)
            wanted = int(name) if at is not None and name.isdecimal() and len(name) < 19 else None
            if name in self._numbers:
                other = self.rows[self._numbers[name]].number
                why = sentence(
                    "Row {row} already has this number; references point to it.", row=other
                )
                self.source.warn(row.number, self.source.id_column, number, why)
                wanted = None
            elif name:
                self._numbers[name] = place
            text = _folded(_line(row.cells[title]))
            self._titles[text] = None if text in self._titles else place
            self.source.tasks.append(
                SourceTask(row.number, number if at is not None else "", wanted, {})
            )

    def _find(self, text: str) -> int | None:
        name = _folded(text)
        return self._numbers.get(name, self._titles.get(name))

    # --- one row -------------------------------------------------------------------------------

    def _task(self, row: Row) -> None:
        fields: dict[str, Any] = {}
        self._extras = []
        task = self.source.tasks[self._at]
        for at, column in self.columns.items():
            kept = len(self._extras)
            cell = self._cell(row, at, column)
            found = {} if cell is None else self._found(row, column, cell)
            # What one cell says of all three durations gives way to what says it of one.
            fields = found | fields if column.field == "estimate" else fields | found
            told = self.source.columns[at]
            if len(self._extras) > kept and column.field not in ("id", "title"):
                told.unread += 1
                task.unread |= _fields_of(column)
            elif cell is None:
                told.empty += 1
            else:
                told.read += 1
        self._extras += [
            f"{self._head(at)}: {comment}" for at, comment in row.comments.items() if comment
        ]
        self._settle(row, fields)
        task.fields = fields

    def _head(self, at: int) -> str:
        return self.columns[at].head if at in self.columns else letter(at)

    def _found(self, row: Row, column: Column, cell: Cell) -> dict[str, Any]:
        """Return what a cell says of its task; what is not understood goes into the notes."""
        if column.field is not None:
            try:
                return self._field(row, column, cell)
            except TrackerError as problem:
                self.source.warn(row.number, column.head, cell_values.plain(cell), problem.sentence)
        self._keep(column, cell)
        return {}

    def _cell(self, row: Row, at: int, column: Column) -> Cell:
        """Return a cell with its formula and its control characters dealt with."""
        cell = row.cells[at] if at < len(row.cells) else None
        if cell is None and column.field in _SHARED and at in row.above:
            cell = row.above[at]
            self._remark(row, column, cell, sentence("A merged cell applies to several rows."))
        if isinstance(cell, Formula):
            cell = self._calculated(row, column, cell)
        if not isinstance(cell, str):
            return cell
        text, lost = clean(cell)
        if lost:
            self.source.warn(row.number, column.head, text, stripped(lost))
        if self.header.own:
            return cell_values.unescaped(text) or None
        if text.startswith("=") and column.field == "title" and isinstance(row.cells[at], str):
            self._remark(row, column, text, _KEPT_FORMULA)
        return text.strip() or None

    def _calculated(self, row: Row, column: Column, formula: Formula) -> Cell:
        """Return a formula as text in text, elsewhere as what the sheet last showed for it."""
        if column.field in (None, "title", "notes"):
            self._remark(row, column, formula.text, _KEPT_FORMULA)
            return formula.text
        if formula.value is None:
            why = sentence("This formula was never calculated; open the workbook and save it.")
            self._remark(row, column, formula.text, why)
            self._keep(column, formula.text)
            return None
        why = sentence("Formula replaced by its last result: {result}", result=_line(formula.value))
        self._remark(row, column, formula.text, why)
        return formula.value

    def _field(self, row: Row, column: Column, cell: Cell) -> dict[str, Any]:
        """Return what a cell says of its task. Raises BadInput and Refused."""
        field = column.field or ""
        kind = LISTED[field].kind

        def remark(why: Sentence) -> None:
            self._remark(row, column, cell, why)

        match field:
            case "title":
                return {"title": self._title(row, column, cell_values.plain(cell))}
            case "id":
                if self.source.tasks[self._at].wanted is None:
                    self._keep(column, cell)
                return {}
            case "state" | "priority":
                return {field: _word(field, _line(cell))}
            case "estimate":
                found = cell_values.estimate(cell, column.unit, remark)
                return dict(zip(ESTIMATE, found, strict=True))
            case _ if kind == "percent":
                return {field: field_values.percent(_line(cell))}
            case _ if kind == "days":
                return {field: cell_values.days(cell, column.unit, remark)}
            case _ if field in _DATES:
                month_first = self._month_first.get(field, False)
                last = kind == "last day"
                return {
                    field: cell_values.day(
                        cell, self.today, remark, last=last, month_first=month_first
                    )
                }
            case _ if kind in ("names", "tags"):
                found_items = cell_values.items(cell, ";,")
                if field == "tags":
                    found_items = [item.removeprefix("#") or item for item in found_items]
                return {field: found_items}
            case "assignee":
                return self._assignee(row, column, cell)
            case "needs":
                self._needs(row, column, cell)
                return {}
            case "returns":
                self._returns(row, column, cell)
                return {}
            case "created" | "modified":
                found_day = cell_values.day(cell, self.today, remark)
                return {field: datetime.combine(found_day, time.min).astimezone(UTC)}
            case "finished":
                return self._finished(cell, remark)
            case "passes":
                raise BadInput("Passes are counted by tracker; they cannot be imported.")
            case "recurrence":
                return {field: parse_period(cell_values.plain(cell))}
            case "notes":
                return {field: str(cell) if isinstance(cell, str) else cell_values.plain(cell)}
            case _:
                return {field: cell_values.plain(cell) if self.header.own else _line(cell)}

    def _finished(self, cell: Cell, remark: Callable[[Sentence], None]) -> dict[str, Any]:
        """Return what a column of days or marks says of what is done."""
        checked = cell_values.checked(cell)
        if checked is not None:
            return {"finished": checked}
        ended = cell_values.day(
            cell, self.today, remark, month_first=self._month_first.get("finished", False)
        )
        return {"finished": datetime.combine(ended, time.min).astimezone(UTC)}

    def _title(self, row: Row, column: Column, text: str) -> str:
        title = " ".join(text.splitlines()).strip()
        if "\n" in text.strip():
            self._remark(row, column, text, sentence("A line break was replaced by a space."))
        if len(title) > LONGEST_TITLE:
            why = sentence(
                "A title has at most {most} characters; the full text is in the notes.",
                most=LONGEST_TITLE,
            )
            self.source.warn(row.number, column.head, title, why)
            self._keep(column, text)
            title = title[:LONGEST_TITLE].rstrip()
        return title

    def _assignee(self, row: Row, column: Column, cell: Cell) -> dict[str, Any]:
        """Return the assignee; further people in the cell become watchers."""
        first, *others = cell_values.items(cell_values.plain(cell).replace("\n", ";"), ";") or [""]
        if not others:
            return {"assignee": first}
        why = sentence("A task has one assignee: {first}. The others became watchers.", first=first)
        self.source.warn(row.number, column.head, cell_values.plain(cell), why)
        return {"assignee": first, "watchers": others}

    def _needs(self, row: Row, column: Column, cell: Cell) -> None:
        def remark(why: Sentence) -> None:
            self._remark(row, column, cell, why)

        def unread(text: str) -> None:
            if _folded(text) in self._titles:
                why = sentence("There are several tasks {name} in this list.", name=text[:100])
            else:
                why = sentence("There is no task {name} in this list.", name=text[:100])
            self.source.warn(row.number, column.head, text, why)
            self._keep(column, text)

        for need in cell_values.needs(cell, self._find, remark, unread):
            link = SourceLink(
                row.number,
                column.head,
                need.text,
                "needs",
                need.task,
                self._at,
                {"lag": need.lag} if need.lag else {},
            )
            self.source.links.append(link)

    def _returns(self, row: Row, column: Column, cell: Cell) -> None:
        for target, options, text in list(cell_values.returns(cell, self._find)):
            self.source.links.append(
                SourceLink(row.number, column.head, text, "returns", self._at, target, options)
            )

    def _settle(self, row: Row, fields: dict[str, Any]) -> None:
        """Put in order what several cells of a row say together."""
        names = [name for name in ESTIMATE if name in fields]
        estimate = [fields[name] for name in names]
        if estimate != sorted(estimate):
            given = "/".join(f"{days:g}" for days in estimate)
            fields.update(zip(names, sorted(estimate), strict=True))
            turned = figures(sorted(estimate))
            why = sentence("The estimate was out of order; read as {turned}.", turned=turned)
            heads = [self.columns[self.header.fields[n]].head for n in names if n in self._fields]
            self.source.warn(row.number, ", ".join(heads), given, why)
        state = self._done(row, fields)
        if state in ("done", "recheck"):
            # It was done once; perhaps nobody here knows when.
            ended = fields.pop("finished", None)
            when = ended if isinstance(ended, datetime) else None
            fields["passes"] = (Pass(number=1, ended=when, outcome="done"),)
        fields.pop("finished", None)
        notes = fields.get("notes", "")
        if (
            state == "waiting"
            and not self.header.own
            and not fields.get("waiting_for")
            and notes
            and "\n" not in notes
        ):
            fields["waiting_for"], notes = notes, ""
        fields["notes"] = "\n".join(filter(None, (notes, *self._extras)))

    def _done(self, row: Row, fields: dict[str, Any]) -> State | None:
        """Return the state that its own column and that of what is finished give."""
        finished = fields.get("finished")
        state: State | None = fields.get("state")
        if finished and state is None:
            fields["state"] = state = "done"
        elif finished and state not in ("done", "recheck", "dropped"):
            column = self.columns[self.header.fields["finished"]]
            cell = cell_values.plain(row.cells[self.header.fields["finished"]])
            why = sentence(
                "The state says that the task is not done; this value is in the notes.",
            )
            self.source.warn(row.number, column.head, cell, why)
            self._keep(column, cell)
        return state

    @property
    def _fields(self) -> frozenset[str]:
        return frozenset(self.header.fields)

    def _keep(self, column: Column, cell: Cell) -> None:
        """Let what is not understood stand in the notes."""
        self._extras.append(f"{column.head}: {cell_values.plain(cell)}")

    def _remark(self, row: Row, column: Column, cell: Cell, why: Sentence) -> None:
        """Report a guess; in a file of our own only dates are written by hand in other ways."""
        if not self.header.own or column.field in _DATES:
            self.source.warn(row.number, column.head, cell_values.plain(cell), why)


_KEPT_FORMULA = sentence("This is a formula; it was imported as text.")


def _some(numbers: list[int]) -> str:
    """Return numbers with commas between; of many the first."""
    more = ", …" if len(numbers) > _LISTED else ""
    return ", ".join(map(str, numbers[:_LISTED])) + more


def _fields_of(column: Column) -> set[str]:
    """Return the fields of a task that a column tells of."""
    if column.field == "estimate":
        return set(ESTIMATE)
    return {column.field} if column.field else set()


def _word(field: str, text: str) -> str:
    """Return the state or priority a word stands for; raises BadInput."""
    if field == "state":
        state = vocabulary.state_from_word(text)
        if state is None:
            raise BadInput("{word} is not a known state; the task is todo.", word=shown(text))
        return state
    priority = vocabulary.priority_from_word(text)
    if priority is None:
        raise BadInput("{word} is not a known priority; the task is medium.", word=shown(text))
    return priority


def _folded(text: str) -> str:
    """Return a number or title as it compares: `007` and `7.0` are 7."""
    text = " ".join(text.split()).casefold()
    if text.isascii() and text.removesuffix(".0").isdigit():
        return str(int(text.removesuffix(".0")[:100]))
    return text
