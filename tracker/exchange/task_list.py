"""A table read as a list of tasks, whatever is above, between and beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from tracker.domain.fields import LISTED
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange import amounts, outline, plausibility
from tracker.exchange.bold_rows import BoldRows
from tracker.exchange.cell_values import alone
from tracker.exchange.column_choices import likely
from tracker.exchange.date_cells import DateColumns
from tracker.exchange.decimal_marks import DecimalMarks
from tracker.exchange.headers import Column, Header, letter, meaning
from tracker.exchange.list_rows import ListRows
from tracker.exchange.numbering import Numbers
from tracker.exchange.outline import Outline
from tracker.exchange.plausibility import some
from tracker.exchange.progress_cells import Scale
from tracker.exchange.relations import Relations
from tracker.exchange.row_reading import AMOUNTS, DAYS_AND_MOMENTS, PEOPLE, RowReader, Ways
from tracker.exchange.sheet_choice import chosen_sheet, project_above, skip_blanks
from tracker.exchange.source import ReadOptions, Source, SourceColumn, SourceTask
from tracker.exchange.spreadsheet import Book, Cell, Formula, Row
from tracker.exchange.table_rows import one_line, said


def read_list(book: Book, file: str, options: ReadOptions) -> Source:
    """Read the sheet whose header is best understood; everything else is reported.

    Unless a project is asked for, or there is a column for it, the title line above the header
    names it, or else the file does, without its ending. Raises BadInput when no row heads a
    table of tasks.
    """
    source = Source(file)
    for number, remark in book.remarks:
        source.warn(number, "", "", remark)
    sheet, header = chosen_sheet(book, source, options.given)
    source.last_known = book.last_known if header.own else None
    above = [row for row in sheet.rows if row.number < header.row]
    named = project_above(above)
    if options.project or "project" in header.fields:
        source.project = options.project
        named = None
    else:
        source.project = named[1] if named else PurePath(file).stem
        source.named_by_file = named is None
    first = 1 + max((number for number, _ in book.remarks), default=0)
    for row in above:
        skip_blanks(source, first, row.number)
        first = row.number + 1
        text = said(row)
        if named and row.number == named[0]:
            why = sentence("Above the header, read as the project name: {text}", text=text)
        else:
            why = sentence("Above the header: {text}", text=text)
        source.skip(row.number, why)
    skip_blanks(source, first, header.row)
    below = [row for row in sheet.rows if row.number > header.row]
    _Reading(source, header, below, options).run()
    return source


def read_rows(source: Source, header: Header, rows: list[Row], options: ReadOptions) -> None:
    """Read rows each of which is a task or has no title; nothing else is among them."""
    _Reading(source, header, rows, options, mixed=False).run()


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
        self.source, self.header = source, header
        self.today, self.ws = options.today, options.ws
        source.own = header.own
        listed = ListRows(source, header, rows, mixed=mixed)
        self.columns = {**header.columns, **listed.more_titles}
        self.rows, self._titles, self._title_at = listed.rows, listed.titles, listed.title_at
        self._headings, self._cells = listed.headings, listed.cells

    def run(self) -> None:
        """Fill the source."""
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

    # --- columns -------------------------------------------------------------------------------

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
            "This column has no header; its content is in the notes. In row {row} a"
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
