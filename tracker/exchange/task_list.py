"""A table read as a list of tasks, whatever is above, between and beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from tracker.domain.errors import BadInput
from tracker.domain.fields import LISTED
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange import amounts, outline, plausibility
from tracker.exchange.bold_rows import BoldRows
from tracker.exchange.cell_values import alone
from tracker.exchange.column_choices import likely
from tracker.exchange.date_cells import DateColumns
from tracker.exchange.decimal_marks import DecimalMarks
from tracker.exchange.headers import OWN_SHEETS, Column, Given, Header, find_header, letter, meaning
from tracker.exchange.numbering import Numbers
from tracker.exchange.outline import Outline
from tracker.exchange.plausibility import some
from tracker.exchange.progress_cells import Scale
from tracker.exchange.relations import Relations
from tracker.exchange.row_reading import AMOUNTS, DAYS_AND_MOMENTS, PEOPLE, RowReader, Ways
from tracker.exchange.source import ReadOptions, Source, SourceColumn, SourceTask, harmless_value
from tracker.exchange.spreadsheet import Book, Cell, Formula, Row, Sheet
from tracker.exchange.table_rows import is_form, one_line, said, sifted

_LISTED_BLANKS = 10
_PROJECT_LINE = re.compile(
    r"(?:projekt(?:name|titel)?|project(?: name)?|vorhaben)\s*[:–-]\s*(\S.*)", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"(?:stand|datum|date|as of|status|version|autor|author|erstellt|created)\b", re.IGNORECASE
)
_LONGEST_NAME = 200


def read_list(book: Book, file: str, options: ReadOptions) -> Source:
    """Read the sheet whose header is best understood; everything else is reported.

    Unless a project is asked for, or there is a column for it, the title line above the header
    names it, or else the file does, without its ending. Raises BadInput when no row heads a
    table of tasks.
    """
    source = Source(file)
    for number, remark in book.remarks:
        source.warn(number, "", "", remark)
    sheet, header = _chosen(book, source, options.given)
    source.last_known = book.last_known if header.own else None
    above = [row for row in sheet.rows if row.number < header.row]
    named = _project_above(above)
    if options.project or "project" in header.fields:
        source.project = options.project
        named = None
    else:
        source.project = named[1] if named else PurePath(file).stem
        source.named_by_file = named is None
    first = 1 + max((number for number, _ in book.remarks), default=0)
    for row in above:
        _skip_blanks(source, first, row.number)
        first = row.number + 1
        text = said(row)
        if named and row.number == named[0]:
            why = sentence("Above the header, read as the project name: {text}", text=text)
        else:
            why = sentence("Above the header: {text}", text=text)
        source.skip(row.number, why)
    _skip_blanks(source, first, header.row)
    below = [row for row in sheet.rows if row.number > header.row]
    _Reading(source, header, below, options).run()
    return source


def read_rows(source: Source, header: Header, rows: list[Row], options: ReadOptions) -> None:
    """Read rows each of which is a task or has no title; nothing else is among them."""
    _Reading(source, header, rows, options, mixed=False).run()


def _chosen(book: Book, source: Source, given: Given) -> tuple[Sheet, Header]:
    """Return the sheet with most known columns, and report the others."""
    found = [(sheet, find_header(sheet.rows, given)) for sheet in book.sheets]
    best: tuple[Sheet, Header] | None = None
    form = False
    for sheet, header in found:
        if header and is_form(sheet.rows, header):
            form = True
        elif header and (best is None or _rank(sheet, header) > _rank(*best)):
            best = (sheet, header)
    if best is None and form:
        raise BadInput(
            "{file} contains a form, with questions on the left and answers on the right. A"
            " list has a header row and one row per task.",
            file=source.file,
        )
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
                sheet=harmless_value(sheet.name),
                chosen=harmless_value(best[0].name),
            )
            source.skip(0, why)
    return best


def _rank(sheet: Sheet, header: Header) -> tuple[bool, int]:
    """Return how far a sheet is the list that is meant: nobody sees what is on a hidden one."""
    return not sheet.hidden, len(header.fields)


def _project_above(rows: list[Row]) -> tuple[int, str] | None:
    """Return the name of the project that a line above the header gives, and its row."""
    lines = [(row.number, [text for text in map(one_line, row.cells) if text]) for row in rows]
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


class _Reading:
    """The rows below a header on their way to tasks; `mixed` are they with what is none."""

    def __init__(
        self,
        source: Source,
        header: Header,
        rows: list[Row],
        options: ReadOptions,
        *,
        mixed: bool = True,
    ) -> None:
        self.source, self.header, self.mixed = source, header, mixed
        self.today, self.ws = options.today, options.ws
        self.columns = dict(header.columns)
        source.own = header.own
        self._below = rows
        # The rows of the list, those that sum up others among them, with their titles.
        self.rows: list[Row] = []
        self._titles: list[str] = []
        self._title_at: list[int] = []
        # The headings, by the place of the first row below each.
        self._headings: dict[int, str] = {}

    def run(self) -> None:
        """Fill the source."""
        self._sift()
        self._see()
        self._name_columns()
        numbers = Numbers(self.header, self.rows, self._titles, list(self._references()))
        ways = self._ways()
        shape = outline.of_rows(self.rows, self._title_at, self._levels(), numbers.columns)
        if not shape and not self.header.own:
            shape = self._by_looks(ways)
        if shape:
            # A predecessor of a row is not its summary.
            named = {each for each, place in numbers.needed() if each in shape.ancestors(place)}
            shape = shape.without(named)
        work = [place for place in range(len(self.rows)) if not shape.is_summary(place)]
        self._put_tasks(numbers, shape, work)
        relations = Relations(self.source, shape, {row: task for task, row in enumerate(work)})
        reader = RowReader(self.source, self.header, self.columns, ways, numbers, relations)
        for place, task in zip(work, self.source.tasks, strict=True):
            reader.read(place, self.rows[place], task, self._title_at[place])
            relations.check()
        for place, row in enumerate(self.rows):
            if shape.is_summary(place):
                reader.relate(place, row)
        for at, other in reader.differing.items():
            head = self.columns[other].head
            if head == self.columns[at].head:
                head = f"{head} ({letter(other)})"
            why = sentence(
                "{other} has the same content and applies where both are filled; the rest is"
                " in the notes.",
                other=head,
            )
            self.source.warn(self.header.row, self.columns[at].head, "", why)
        self._put_phases(reader, shape, work)
        for at, first, why in reader.readings.told():
            self.source.warn(first, self.columns[at].head, "", why)
        if not self.header.own:
            plausibility.question_titles(self.source)
            plausibility.count_working_days(self.source, self.header.row, self.ws)
            plausibility.count_hours(self.source, self.header.row)
        likely = {
            place: task.fields.get("likely")
            for place, task in zip(work, self.source.tasks, strict=True)
        }
        relations.settle(likely.get)
        if not self.header.own:
            plausibility.question_dates(self.source, self.today)
        plausibility.question_order(self.source)

    # --- rows ----------------------------------------------------------------------------------

    def _sift(self) -> None:
        """Keep the rows that are tasks, and report the others."""
        titles = [self.header.fields["title"], *(self._more_titles() if self.mixed else ())]
        following = self.header.row + 1
        rows = self._below
        if self.header.parts is not None and rows and rows[0].number == self.header.parts:
            why = sentence("Second header row: {text}", text=said(rows[0]))
            self.source.skip(rows[0].number, why)
            rows, following = rows[1:], following + 1
        below = list(sifted(rows, self.header, titles) if self.mixed else map(self._titled, rows))
        for at, (row, why_not) in enumerate(below):
            _skip_blanks(self.source, following, row.number)
            following = row.number + 1
            after = below[at + 1] if at + 1 < len(below) else None
            heads = self.mixed and after and after[1] is None
            if heads and self._is_heading(row, why_not, below):
                self._headings[len(self.rows)] = said(row)
                why_not = sentence(
                    "Heading of the rows below, read as their phase: {text}", text=said(row)
                )
            if why_not is not None:
                self.source.skip(row.number, why_not)
                continue
            place = next(at for at in titles if at < len(row.cells) and one_line(row.cells[at]))
            self.rows.append(row)
            self._titles.append(one_line(row.cells[place]))
            self._title_at.append(place)
        if len(titles) > 1:
            why = sentence(
                "Titles are in several columns: {heads}.",
                heads=", ".join(
                    self.columns[at].head if at in self.columns else letter(at) for at in titles
                ),
            )
            self.source.warn(self.header.row, "", "", why)
            for at in titles[1:]:
                head = self.columns[at].head if at in self.columns else letter(at)
                self.columns[at] = Column("title", head)

    def _titled(self, row: Row) -> tuple[Row, Sentence | None]:
        titled = _filled(row, self.header.fields["title"])
        return row, None if titled else sentence("The task has no title.")

    def _is_heading(
        self, row: Row, why_not: Sentence | None, below: list[tuple[Row, Sentence | None]]
    ) -> bool:
        """Return whether a row is the heading of those that follow: a lone text, unlike a task."""
        filled = [at for at, cell in enumerate(row.cells) if one_line(cell)]
        title = self.header.fields["title"]
        if len(filled) != 1 or filled[0] > title or not re.search(r"[^\W\d_]", said(row)):
            return False
        if why_not is not None:
            return filled[0] < title
        if filled[0] in row.wide:
            return True
        numbers = self.header.fields.get("id")
        others = [each for each, reason in below if reason is None and _count(each) > 1]
        bold = filled[0] in row.looks and row.looks[filled[0]].bold
        return len(others) > 0 and (
            (numbers is not None and all(_filled(each, numbers) for each in others))
            or (bold and not any(title in e.looks and e.looks[title].bold for e in others))
        )

    def _more_titles(self) -> list[int]:
        """Return the columns with titles of deeper levels, right of the title.

        Each row has one title, in whichever of them it is.
        """
        found: list[int] = []
        at = self.header.fields["title"]
        taken = {row.number for row in self._below if _filled(row, at)}
        while True:
            at += 1
            column = self.columns.get(at)
            here = {row.number for row in self._below if _filled(row, at)}
            if (column and column.field) or not here or here & taken:
                return found if len(taken) > 1 else []
            taken |= here
            found.append(at)

    def _see(self) -> None:
        """Report what is visible in the rows but in no cell."""
        title = self.header.fields["title"]
        struck = [r.number for r in self.rows if title in r.looks and r.looks[title].struck]
        hidden = [row.number for row in self.rows if row.hidden]
        comments = sum(len(row.comments) for row in self.rows)
        if struck:
            why = counted(
                "{n} title is struck through, in row {rows}; its task was imported anyway.",
                "{n} titles are struck through, in rows {rows}; their tasks were imported anyway.",
                len(struck),
                rows=some(struck),
            )
            self.source.warn(0, self.columns[title].head, "", why)
        if hidden:
            why = counted(
                "{n} row is hidden in the sheet: {rows}. It was imported anyway.",
                "{n} rows are hidden in the sheet: {rows}. They were imported anyway.",
                len(hidden),
                rows=some(hidden),
            )
            self.source.warn(0, "", "", why)
        if comments:
            why = counted(
                "The comment on {n} cell is in the notes.",
                "The comments on {n} cells are in the notes.",
                comments,
            )
            self.source.warn(0, "", "", why)

    # --- columns -------------------------------------------------------------------------------

    def _cells(self, at: int) -> Iterator[tuple[int, Cell]]:
        """Walk over what a column shows, with the numbers of the rows."""
        for row in self.rows:
            cell = row.cells[at] if at < len(row.cells) else None
            cell = cell.value if isinstance(cell, Formula) else cell
            if cell is not None:
                yield row.number, cell

    def _of_fields(self, fields: Iterable[str]) -> Iterator[tuple[int, Column]]:
        wanted = frozenset(fields)
        return ((at, column) for at, column in self.columns.items() if column.field in wanted)

    def _name_columns(self) -> None:
        """Report columns that are not understood, and find out the units of the others."""
        widest = max((len(row.cells) for row in self.rows), default=0)
        for at in range(widest):
            if at not in self.columns and any(self._cells(at)):
                self.columns[at] = Column(None, letter(at))
        heading = self.header.row
        for at, column in sorted(self.columns.items()):
            self.source.columns[at] = SourceColumn(column.head, column.field)
            if column.field is None:
                why = self._taken(at, column) or self._likely(at, column) or self._unheaded(at)
                unknown = sentence("This column is unknown; its content is in the notes.")
                self.source.warn(heading, column.head, "", why or unknown)
            elif column.unit != 1:
                why = sentence(
                    "Hours and weeks were converted to days: a day has 8 hours, a week 5 days."
                )
                self.source.warn(heading, column.head, "", why)
            elif column.field in AMOUNTS and amounts.in_seconds(c for _, c in self._cells(at)):
                self.columns[at] = Column(column.field, column.head, amounts.SECOND)
                why = sentence(
                    "Numbers this large were read as seconds; 28,800 are an eight-hour day."
                )
                self.source.warn(heading, column.head, "", why)

    def _taken(self, at: int, column: Column) -> Sentence | None:
        """Return how to say that another column has what the head of this one means."""
        field = meaning(column.head)[0]
        other = self.header.fields.get(field or "")
        if field is None or other is None or field not in LISTED:
            return None
        self.source.columns[at].also = field
        return sentence(
            "{field} was read from {other}; the content of this column is in the notes.",
            field=LISTED[field].label,
            other=self.columns[other].head,
        )

    def _unheaded(self, at: int) -> Sentence | None:
        """Return how to say that a column right of all heads has values in some rows."""
        filled = [number for number, _ in self._cells(at)]
        if at <= max(self.header.columns) or len(filled) == len(self.rows):
            return None
        return sentence(
            "No header stands above this column; its content is in the notes. In row {row} a"
            " separator may be part of a value.",
            row=filled[0],
        )

    def _likely(self, at: int, column: Column) -> Sentence | None:
        """Propose what an unknown column could be by its values; return how to say so."""
        taken = {each.field for each in self.columns.values()}
        field = likely([one_line(cell) for _, cell in self._cells(at)], taken, self.today)
        if field is None:
            return None
        self.source.columns[at].proposed = field
        return sentence(
            "This column is unknown; its content is in the notes. If it is {field}, use {option}.",
            field=LISTED[field].label,
            option=f'--map "{column.head}={field}"',
        )

    def _levels(self) -> list[int]:
        """Return how deep each row is by the column that says so; nothing without one."""
        at = self.header.fields.get("level")
        if at is None:
            return []
        cells = dict(self._cells(at))
        texts = [one_line(cells.get(row.number)) for row in self.rows]
        levels = [int(text) for text in texts if text.isdecimal() and len(text) < 3]
        if len(levels) < len(self.rows) and levels:
            row, text = next(
                (row.number, text)
                for row, text in zip(self.rows, texts, strict=True)
                if not (text.isdecimal() and len(text) < 3)
            )
            why = sentence("Without a level in every row, the levels say nothing of summaries.")
            self.source.warn(row, self.columns[at].head, text, why)
        return levels

    def _by_looks(self, ways: Ways) -> Outline:
        """Return the outline that bold rows make, and report how they were taken."""
        bold = BoldRows(self.rows, self._title_at, self.columns, ways.dates)
        heading, head = self.header.row, self.columns[self.header.fields["title"]].head
        if bold.proved:
            why = sentence(
                "Rows {rows} are bold, and their figures sum up the rows below; read as summaries.",
                rows=some([self.rows[place].number for place in sorted(bold.proved)]),
            )
            self.source.warn(heading, head, "", why)
        if bold.others:
            why = sentence(
                "Rows {rows} are bold, but their figures do not sum up the rows below; each is a"
                " task.",
                rows=some([self.rows[place].number for place in sorted(bold.others)]),
            )
            self.source.warn(heading, head, "", why)
        return bold.outline()

    def _references(self) -> Iterator[tuple[int, Cell]]:
        for at, _ in self._of_fields(("needs", "blocks")):
            for place, row in enumerate(self.rows):
                cell = row.cells[at] if at < len(row.cells) else None
                cell = cell.value if isinstance(cell, Formula) else cell
                if cell is not None:
                    yield place, cell

    def _ways(self) -> Ways:
        """Find out how cells are written from all of them together."""
        dates = {
            at: (column.field or "", self._cells(at))
            for at, column in self._of_fields(DAYS_AND_MOMENTS)
        }
        read = DateColumns(dates, self.today)
        for at in dates:
            for why in read.remarks(at):
                self.source.warn(self.header.row, self.columns[at].head, "", why)
        scales = {
            at: Scale(cell for _, cell in self._cells(at))
            for at, _ in self._of_fields(("state", "progress", "finished"))
        }
        for at, scale in scales.items():
            for why in scale.remarks() if not self.header.own else ():
                self.source.warn(self.header.row, self.columns[at].head, "", why)
        people = (c for at, _ in self._of_fields(PEOPLE) for _, c in self._cells(at))
        return Ways(
            dates=read,
            decimals=DecimalMarks({at: self._cells(at) for at, _ in self._of_fields(AMOUNTS)}),
            scales=scales,
            alone=alone(people),
            counting=self._counting(),
        )

    def _counting(self) -> dict[str, int]:
        """Return for each field the column that counts: of several the one that is filled most."""
        several: dict[str, list[int]] = {}
        for at, column in self.columns.items():
            if column.field is not None:
                several.setdefault(column.field, []).append(at)
        return {
            field: max(twins, key=lambda at: sum(1 for _ in self._cells(at)))
            for field, twins in several.items()
        }

    # --- tasks ---------------------------------------------------------------------------------

    def _put_tasks(self, numbers: Numbers, shape: Outline, work: list[int]) -> None:
        """Put a task into the source for each row of work, and report the others."""
        at = numbers.at
        self.source.id_column = self.columns[at].head if at is not None else ""
        heading = self.header.row
        if numbers.told is not None:
            self.source.warn(heading, "", "", numbers.told)
        for place, text, why in numbers.remarks:
            self.source.warn(self.rows[place].number, self.source.id_column, text, why)
        others = [column.head for each, column in self._of_fields(("id",)) if each != at]
        if others:
            why = sentence(
                "The task numbers are in {column}; the numbers in {others} are in the notes.",
                column=self.source.id_column,
                others=", ".join(others),
            )
            self.source.warn(heading, self.source.id_column, "", why)
        for place in work:
            number = numbers.texts[place]
            row = self.rows[place].number
            self.source.tasks.append(SourceTask(row, number, numbers.wanted(place), {}))
        for place, summary in enumerate(self.rows):
            if shape.is_summary(place):
                why = counted(
                    "Summary of {n} row, read as its phase: {text}",
                    "Summary of {n} rows, read as their phase: {text}",
                    len(shape.leaves(place)),
                    text=said(summary),
                )
                self.source.skip(summary.number, why)

    def _put_phases(self, reader: RowReader, shape: Outline, work: list[int]) -> None:
        """Give tasks the names of what they are part of."""
        heading = ""
        by_row = dict(zip(work, self.source.tasks, strict=True))
        for place in range(len(self.rows)):
            heading = self._headings.get(place, heading)
            if place in by_row:
                above = [self._titles[each] for each in shape.above(place)]
                phase = " / ".join(filter(None, (heading, *above)))
                if phase:
                    by_row[place].fields.setdefault("phase", phase)
        for place, (at, text) in reader.parents.items():
            parent, task, head = reader.numbers.find(text), by_row[place], self.columns[at].head
            if parent is None or parent == place:
                why = sentence("There is no task {name} in this list.", name=text[:100])
                self.source.warn(task.row, head, text, why)
                task.fields["notes"] = f"{task.fields['notes']}\n{head}: {text}".lstrip()
            else:
                told = sentence("phase {phase}", phase=self._titles[parent])
                reader.readings.note(at, task.row, text, told)
                task.fields.setdefault("phase", self._titles[parent])


def _filled(row: Row, at: int) -> bool:
    return at < len(row.cells) and bool(one_line(row.cells[at]))


def _count(row: Row) -> int:
    return sum(bool(one_line(cell)) for cell in row.cells)
