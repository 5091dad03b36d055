"""A table read as a list of tasks, whatever is above, between and beside them."""

from __future__ import annotations

from pathlib import PurePath

from tracker.domain.sentence import counted, sentence
from tracker.exchange import hierarchy, plausibility
from tracker.exchange.bold_rows import BoldRows
from tracker.exchange.headers import Header
from tracker.exchange.hierarchy import Hierarchy
from tracker.exchange.list_columns import ListColumns
from tracker.exchange.list_rows import ListRows
from tracker.exchange.numbering import Numbers
from tracker.exchange.plausibility import some
from tracker.exchange.relations import Relations
from tracker.exchange.row_reading import RowReader, Ways
from tracker.exchange.sheet_choice import chosen_sheet, project_above, skip_blanks
from tracker.exchange.source import ReadOptions, Source, SourceTask
from tracker.exchange.spreadsheet import Book, Row
from tracker.exchange.table_rows import said


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
    if cut := book.cut(below, max(header.columns) + 1):
        fields = (x.field for at, x in header.columns.items() if at >= len(cut.cells) - 1)
        source.cut_row(cut.number, filter(None, fields))
    elif header.own and book.open_row:
        # We end every row, so this one may have been cut off in its last cell.
        source.cut_cell(book.open_row, source.columns[max(source.columns)])
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
        self._listed = ListColumns(source, header, listed, options)
        self.columns = self._listed.by_position
        self.rows, self._titles, self._title_at = listed.rows, listed.titles, listed.title_at
        self._headings = listed.headings

    def run(self) -> None:
        """Fill the source."""
        references = list(self._listed.references())
        numbers = Numbers(self.header, self.rows, self._titles, references)
        ways = self._listed.ways()
        levels = self._listed.levels()
        shape = hierarchy.of_rows(self.rows, self._title_at, levels, numbers.columns)
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
        self._put_phases(reader, shape, work)
        reader.tell()
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

    def _by_looks(self, ways: Ways) -> Hierarchy:
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

    # --- tasks ---------------------------------------------------------------------------------

    def _put_tasks(self, numbers: Numbers, shape: Hierarchy, work: list[int]) -> None:
        """Put a task into the source for each row of work, and report the others."""
        at = numbers.at
        self.source.id_column = self.columns[at].head if at is not None else ""
        heading = self.header.row
        if numbers.told is not None:
            self.source.warn(heading, "", "", numbers.told)
        for place, text, why in numbers.remarks:
            self.source.warn(self.rows[place].number, self.source.id_column, text, why)
        others = [column.head for each, column in self._listed.of_fields(("id",)) if each != at]
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

    def _put_phases(self, reader: RowReader, shape: Hierarchy, work: list[int]) -> None:
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
