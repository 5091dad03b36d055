"""One row of a list read as the fields of a task; what is not understood goes into its notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec

from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.fields import BY_NAME, ESTIMATE, FIELDS, of_kind
from tracker.domain.model import LONGEST_TITLE, Pass, Person, Priority, State
from tracker.domain.sentence import Sentence, numbers_with_strokes, sentence
from tracker.domain.status import priority_word, state_word
from tracker.domain.typing import field_values, vocabulary
from tracker.domain.typing.dates import parse_period, parse_span
from tracker.exchange import amounts, cell_values, progress_cells
from tracker.exchange.cell_values import People
from tracker.exchange.date_cells import DateColumns
from tracker.exchange.decimal_marks import DecimalMarks
from tracker.exchange.headers import Column, Header, letter
from tracker.exchange.numbering import Numbers
from tracker.exchange.progress_cells import Scale
from tracker.exchange.readings import EMPTY, Readings, is_ours
from tracker.exchange.references import is_elsewhere, read_need_cell, read_return_cell
from tracker.exchange.relations import Relations
from tracker.exchange.source import Source, SourceTask, harmless, harmless_value, stripped
from tracker.exchange.spreadsheet import Cell, Formula, Row
from tracker.exchange.table_rows import one_line

DAYS = tuple(of_kind("day", "last day"))
DAYS_AND_MOMENTS = (*DAYS, *of_kind("moment"))
PEOPLE = tuple(field.name for field in FIELDS if field.entity is Person)
AMOUNTS = tuple(of_kind("estimate", "days"))
# A merged cell says the same of all its rows in these columns; elsewhere it belongs to the first.
_SHARED = frozenset((*of_kind("name", "names", "word", "state", "priority", "tags"), *DAYS))
# Several columns are combined for these; of other fields one column counts.
_JOINED = frozenset(("id", "needs", "blocks", "returns", "watchers", "systems", "tags", "notes"))
_SOME_DAY = sentence("a date")
# `#net #sec` are two tags.
_HASHES = re.compile(r"[\s,;]+(?=#)")
KEPT_FORMULA = sentence("This is a formula; it was imported as text.")


class Ways(msgspec.Struct, frozen=True):
    """How the cells of a list are written, found out from all of them together.

    `scales` are those of columns with states or degrees of completion, by position; `alone` are
    the people who are alone in some cell; `counting` is the column that counts where several
    are for one field, by field. `between` is what alone parts people, if that is known.
    """

    dates: DateColumns
    decimals: DecimalMarks
    scales: Mapping[int, Scale]
    alone: Collection[str]
    counting: Mapping[str, int]
    between: str = ""


class RowReader:
    """Reads the rows of one list."""

    def __init__(
        self,
        source: Source,
        header: Header,
        columns: Mapping[int, Column],
        ways: Ways,
        numbers: Numbers,
        relations: Relations,
    ) -> None:
        self.source, self.header, self.columns, self.ways = source, header, columns, ways
        self.numbers, self.relations = numbers, relations
        self.readings = Readings()
        self._fields = header.fields
        self._twins: dict[str, list[int]] = {}
        for at, column in columns.items():
            if column.field is not None:
                self._twins.setdefault(column.field, []).append(at)
        # The columns that name what a row is part of, and the names, by the place of the row.
        self.parents: dict[int, tuple[int, str]] = {}
        # The columns that differed at least once from the one that counts, with that one.
        self.differing: dict[int, int] = {}
        self._place = 0
        self._row = Row(0, [])
        self._extras: list[str] = []
        # What stands in the notes although it was read.
        self._beside: list[str] = []
        self._states: list[tuple[str, State]] = []
        # What a state says the task waits for.
        self._reasons: list[str] = []
        # The columns from which a state can follow, with what they say.
        self._signs: list[tuple[int, str | Sentence]] = []
        self._task = SourceTask(0, "", None, {})

    def read(self, place: int, row: Row, task: SourceTask, title_at: int) -> None:
        """Fill a task with what its row says; `place` is that of the row in the list."""
        self._place, self._row, self._task = place, row, task
        self._extras, self._states, self._reasons, self._signs = [], [], [], []
        self._beside = []
        fields: dict[str, Any] = {}
        cells = {at: self._cell(at, column) for at, column in self.columns.items()}
        for at, column in self.columns.items():
            kept = len(self._extras)
            cell = cells[at]
            found: dict[str, Any] = {}
            if cell is not None:
                if self._yields(at, column, cells):
                    self._twin(at, column, cell, cells)
                else:
                    found = self._found(at, column, cell)
            if found:
                # A cell for all three durations gives way to a column for one of them.
                fields = found | fields if column.field == "estimate" else _merged(fields, found)
            self._count(at, column, cell, len(self._extras) > kept)
        if title_at != self._fields["title"]:
            fields["title"] = self._title(Column("title", ""), one_line(row.cells[title_at]))
        self._extras += self._beside
        self._extras += [
            f"{self._head(at)}: {comment}" for at, comment in row.comments.items() if comment
        ]
        self._settle(fields)
        task.fields = fields

    def relate(self, place: int, row: Row) -> None:
        """Read only the arrows of a row, of one that sums up others."""
        self._place, self._row, self._extras = place, row, []
        for at, column in self.columns.items():
            if column.field in ("needs", "blocks"):
                cell = self._cell(at, column)
                if cell is not None:
                    self._found(at, column, cell)

    def tell(self) -> None:
        """Report what is said once for a column: the words it has, and which other one counts."""
        heading = self.header.row
        for at, other in self.differing.items():
            head = self.columns[other].head
            if head == self.columns[at].head:
                head = f"{head} ({letter(other)})"
            why = sentence(
                "{other} has the same content and applies where both are filled; the rest is"
                " in the notes.",
                other=head,
            )
            self.source.warn(heading, self.columns[at].head, "", why)
        for at, first, why in self.readings.told():
            self.source.warn(first, self.columns[at].head, "", why)

    def _count(self, at: int, column: Column, cell: Cell, unread: bool) -> None:
        told = self.source.columns[at]
        if unread and column.field not in ("id", "title"):
            told.unread += 1
            if column.field == "estimate":
                self._task.unread |= set(ESTIMATE)
            elif column.field:
                self._task.unread |= {column.field}
        elif cell is None:
            told.empty += 1
        else:
            told.read += 1

    def _head(self, at: int) -> str:
        return self.columns[at].head if at in self.columns else letter(at)

    # --- cells ---------------------------------------------------------------------------------

    def _cell(self, at: int, column: Column) -> Cell:
        """Return a cell unless it is empty, with formulas and control characters dealt with."""
        row = self._row
        cell = row.cells[at] if at < len(row.cells) else None
        if cell is None and column.field in _SHARED and at in row.above:
            cell = row.above[at]
            self._remark(column, cell, sentence("A merged cell applies to several rows."))
        if isinstance(cell, Formula):
            cell = self._calculated(column, cell)
        if not isinstance(cell, str):
            return cell
        text, lost = harmless(cell)
        if lost:
            self.source.warn(row.number, column.head, text, stripped(lost))
        if self.header.own:
            return cell_values.unescaped(text) or None
        text = cell_values.canonical(text)
        if cell_values.is_error(text):
            return self._error(column, text)
        if text.startswith("=") and column.field == "title" and isinstance(row.cells[at], str):
            self._remark(column, text, KEPT_FORMULA)
        if self._says_nothing(column, text):
            if not cell_values.is_mere_sign(text):
                self._note(at, text, EMPTY)
            return None
        return text or None

    def _error(self, column: Column, text: str) -> Cell:
        if column.field == "title":
            why = sentence("The spreadsheet shows an error instead of a title.")
            self._remark(column, text, why)
            return text
        self._remark(
            column, text, sentence("The spreadsheet shows an error here; the field stays empty.")
        )
        return None

    def _says_nothing(self, column: Column, text: str) -> bool:
        if column.field in (None, "id", "title", "notes"):
            return column.field in (None, "notes") and cell_values.is_mere_sign(text)
        if column.field == "state" and vocabulary.state_from_word(text):
            return False
        return cell_values.is_nothing(text, person=column.field in PEOPLE)

    def _calculated(self, column: Column, formula: Formula) -> Cell:
        """Return what the sheet last showed for a formula."""
        if formula.value is None:
            if column.field in (None, "title", "notes"):
                self._remark(column, formula.text, KEPT_FORMULA)
                return formula.text
            why = sentence("This formula was never calculated; open the workbook and save it.")
            self._remark(column, formula.text, why)
            self._keep(column, formula.text)
            return None
        if not cell_values.is_error(formula.value):
            why = sentence(
                "Formula replaced by its last result: {result}", result=one_line(formula.value)
            )
            self._remark(column, formula.text, why)
        return formula.value

    # --- several columns for one field ---------------------------------------------------------

    def _yields(self, at: int, column: Column, cells: Mapping[int, Cell]) -> bool:
        """Return whether another column has the same value as this one."""
        field = column.field
        if field is None or field in _JOINED or (column.part and field == "state"):
            return False
        twins = self._twins[field]
        if len(twins) == 1:
            return False
        filled = [each for each in twins if cells[each] is not None]
        first = self.ways.counting.get(field)
        return at != (first if first in filled else filled[0])

    def _twin(self, at: int, column: Column, cell: Cell, cells: Mapping[int, Cell]) -> None:
        """Keep the value of the column that does not count, unless it is the same."""
        others = {
            one_line(value): each
            for each, value in cells.items()
            if each != at and value is not None and self.columns[each].field == column.field
        }
        if one_line(cell) not in others:
            self._keep(column, cell)
            self.differing[at] = next(iter(others.values()))

    # --- fields --------------------------------------------------------------------------------

    def _found(self, at: int, column: Column, cell: Cell) -> dict[str, Any]:
        """Return the fields in a cell; what is not understood goes into the notes."""
        if column.field is not None:
            try:
                return self._field(at, column, cell)
            except TrackerError as problem:
                value = cell_values.plain(cell)
                self.source.warn(self._row.number, column.head, value, problem.sentence)
        self._keep(column, cell)
        return {}

    def _field(self, at: int, column: Column, cell: Cell) -> dict[str, Any]:
        """Return the fields in a cell. Raises BadInput and Refused."""
        field = column.field or ""
        own = self.header.own

        def remark(why: Sentence) -> None:
            self._remark(column, cell, why)

        match field:
            case "title":
                return {"title": self._title(column, cell_values.plain(cell))}
            case "id":
                if at != self.numbers.at or self._task.wanted is None:
                    self._keep(column, cell)
                return {}
            case "state":
                return self._state(at, column, cell, remark)
            case "progress" if own:
                return {field: field_values.read_percent(one_line(cell))}
            case "progress" | "finished":
                return self._done(at, field, cell, remark)
            case "priority":
                priority = _priority(one_line(cell))
                if not is_ours(one_line(cell), priority):
                    self._note(at, one_line(cell), priority_word(priority))
                return {field: priority}
            case "estimate":
                found = amounts.read_estimate_cell(
                    cell, column.unit, remark, self.ways.decimals.of(at)
                )
                return dict(zip(ESTIMATE, found, strict=True))
            case _ if field in AMOUNTS:
                decimal = self.ways.decimals.of(at)
                return {field: amounts.read_day_cell(cell, column.unit, remark, decimal)}
            case _ if field in DAYS:
                last = BY_NAME[field].kind == "last day"
                return {field: self.ways.dates.day(at, cell, remark, last=last)}
            case "created" | "modified":
                return {field: self.ways.dates.moment(at, cell, remark)}
            case "systems" | "tags":
                several = cell if own else cell_values.unbracketed(cell)
                text = cell_values.plain(several)
                if field == "tags" and not own and text.startswith("#"):
                    several = _HASHES.sub(";" if ";" in text else ",", text)
                found_items = cell_values.items(several, ";,")
                if field == "tags":
                    found_items = [item.removeprefix("#") or item for item in found_items]
                return {field: found_items}
            case _ if field in PEOPLE:
                return self._people(column, cell)
            case "needs" | "blocks":
                return self._needs(column, cell, remark)
            case "returns":
                return self._returns(column, cell)
            case "parent":
                self.parents[self._place] = (at, one_line(cell))
                return {}
            case "level":
                return {}
            case "active":
                if cell_values.ticked(cell) is not False:
                    return {}
                self._signs.append((at, one_line(cell)))
                return {"worded": "dropped"}
            case "passes":
                raise BadInput("Passes are counted by tracker; they cannot be imported.")
            case "recurrence":
                return {field: parse_period(cell_values.plain(cell))}
            case "ahead":
                return {field: parse_span(cell_values.plain(cell))}
            case "checklist":
                return {field: field_values.read_checklist(cell_values.plain(cell))}
            case "notes":
                return {field: str(cell) if isinstance(cell, str) else cell_values.plain(cell)}
            case _:
                return {field: cell_values.plain(cell) if own else one_line(cell)}

    def _state(
        self, at: int, column: Column, cell: Cell, remark: Callable[[Sentence], None]
    ) -> dict[str, Any]:
        look = self._row.looks.get(at)
        found = progress_cells.state(
            cell, self.ways.scales[at], remark, symbols=look is not None and look.symbols
        )
        partly = isinstance(cell, str) and vocabulary.state_from_word(cell) is None and "," in cell
        if partly or (isinstance(cell, str) and "?" in cell):
            self._keep(column, cell)
        self._states.append((f"{column.head}: {one_line(cell)}", found))
        share = self.ways.scales[at].percent(cell)
        text = one_line(cell)
        marked = share is not None or cell_values.ticked(cell) is not None
        if not is_ours(text, found) and (marked or vocabulary.state_from_word(text)):
            self._note(at, text, state_word(found))
        reason = vocabulary.waiting_for(one_line(cell)) if found == "waiting" else ""
        if reason:
            self._reasons.append(reason)
        return {"state": found} | ({"progress": share} if share is not None else {})

    def _done(
        self, at: int, field: str, cell: Cell, remark: Callable[[Sentence], None]
    ) -> dict[str, Any]:
        """Return the progress given in a column of days, marks or percentages."""
        self._signs.append((at, one_line(cell)))
        mark = None if progress_cells.is_number(cell) else cell_values.ticked(cell)
        if mark is not None:
            return {"finished": mark}
        percent = self.ways.scales[at].percent(cell)
        if percent is not None:
            return {"progress": percent}
        word = vocabulary.state_from_word(one_line(cell))
        if word is not None:
            return {"worded": word}
        if field == "progress":
            return {"progress": progress_cells.progress(cell, self.ways.scales[at])}
        ended = self.ways.dates.moment(at, cell, remark)
        self._signs[-1] = (at, _SOME_DAY)
        return {"finished": ended}

    def _title(self, column: Column, text: str) -> str:
        title = " ".join(text.splitlines()).strip()
        if "\n" in text.strip():
            self._remark(column, text, sentence("A line break was replaced by a space."))
        if len(title) > LONGEST_TITLE:
            why = sentence(
                "A title has at most {most} characters; the full text is in the notes.",
                most=LONGEST_TITLE,
            )
            self.source.warn(self._row.number, column.head, title, why)
            self._keep(column, text)
            title = title[:LONGEST_TITLE].rstrip()
        return title

    def _people(self, column: Column, cell: Cell) -> dict[str, Any]:
        """Return whom a cell names; beside the first, they become watchers."""
        field, row = column.field or "", self._row.number
        text = cell_values.plain(cell)
        if self.header.own:
            found = People(cell_values.items(text.replace("\n", ";"), ";"))
        else:
            found = cell_values.people(cell, self.ways.alone, self.ways.between)
        if found.doubtful:
            why = sentence("Read as one person; separate several people with semicolons.")
            self.source.warn(row, column.head, text, why)
        for name in found.turned:
            why = sentence("Read as {name}, as in another row.", name=harmless_value(name))
            self.source.warn(row, column.head, text, why)
        if found.share:
            why = sentence(
                "Shares of working time are not taken; the content of the cell is in the notes."
            )
            self.source.warn(row, column.head, text, why)
        if found.materials:
            why = sentence("A material is not a person; the content of the cell is in the notes.")
            self.source.warn(row, column.head, text, why)
            self._keep(column, cell)
        elif found.share:
            # The people were read all the same.
            self._beside.append(f"{column.head}: {text}")
        if field == "watchers" or not found.names:
            return {"watchers": found.names}
        first, *others = found.names
        if not others:
            return {field: first}
        if field == "assignee":
            why = sentence(
                "A task has one assignee: {first}. The others became watchers.",
                first=harmless_value(first),
            )
        else:
            why = sentence(
                "A task has one requester: {first}. The others became watchers.",
                first=harmless_value(first),
            )
        self.source.warn(row, column.head, text, why)
        return {field: first, "watchers": others}

    def _needs(
        self, column: Column, cell: Cell, remark: Callable[[Sentence], None]
    ) -> dict[str, Any]:
        def unread(text: str) -> None:
            if is_elsewhere(text):
                why = sentence(
                    "{name} is a task of another file; the arrow was not drawn.", name=text[:100]
                )
            elif self.numbers.several(text):
                why = sentence("There are several tasks {name} in this list.", name=text[:100])
            else:
                why = sentence("There is no task {name} in this list.", name=text[:100])
            self.source.warn(self._row.number, column.head, text, why)
            if not self._is_left_over(column, text):
                self._keep(column, text)

        if isinstance(cell, float) and cell_values.plain(cell) in self.numbers.shortened:
            why = sentence("Two rows of the sheet have this number; the first applies.")
            self.source.warn(self._row.number, column.head, cell_values.plain(cell), why)
        for need in read_need_cell(cell, self.numbers.find, remark, unread):
            ends = (need.task, self._place)
            source, target = ends if column.field == "needs" else ends[::-1]
            self.relations.need(self._row.number, column.head, source, target, need)
        return {}

    def _is_left_over(self, column: Column, text: str) -> bool:
        """Return whether a cell of ours is as it was written, and a row it names was deleted."""
        if not (self.header.own and text[:1].isdecimal()):
            return False
        self._task.unread.add(column.field or "")
        return True

    def _returns(self, column: Column, cell: Cell) -> dict[str, Any]:
        def missing(text: str) -> bool:
            if not self._is_left_over(column, text):
                return False
            why = sentence("There is no task {name} in this list.", name=text[:100])
            self.source.warn(self._row.number, column.head, text, why)
            return True

        for target, options, text in list(read_return_cell(cell, self.numbers.find, missing)):
            self.relations.returns(
                self._row.number, column.head, self._place, target, options, text
            )
        return {}

    # --- what several cells say together -------------------------------------------------------

    def _settle(self, fields: dict[str, Any]) -> None:
        self._settle_estimate(fields)
        state = self._settle_state(fields)
        if state in ("done", "recheck"):
            # It was done once; perhaps nobody here knows when.
            ended = fields.get("finished")
            when = ended if isinstance(ended, datetime) else None
            fields["passes"] = (Pass(number=1, ended=when, outcome="done"),)
        for name in ("finished", "worded"):
            fields.pop(name, None)
        notes = fields.get("notes", "")
        if self._reasons and state == "waiting" and not fields.get("waiting_for"):
            fields["waiting_for"] = "; ".join(self._reasons)
        else:
            self._extras += [text for text in self._reasons if text != fields.get("waiting_for")]
        if (
            state == "waiting"
            and not self.header.own
            and not fields.get("waiting_for")
            and notes
            and "\n" not in notes
        ):
            self._note(self._fields["notes"], notes, sentence("what the task waits for"))
            fields["waiting_for"], notes = notes, ""
        fields["notes"] = "\n".join(filter(None, (notes, *self._extras)))

    def _settle_estimate(self, fields: dict[str, Any]) -> None:
        names = [name for name in ESTIMATE if name in fields]
        estimate = [fields[name] for name in names]
        if estimate == sorted(estimate):
            return
        given = "/".join(f"{days:g}" for days in estimate)
        fields.update(zip(names, sorted(estimate), strict=True))
        turned = numbers_with_strokes(sorted(estimate))
        why = sentence("The estimate was out of order; read as {turned}.", turned=turned)
        known = self._fields
        heads = [self.columns[known[name]].head for name in names if name in known]
        self.source.warn(self._row.number, ", ".join(heads), given, why)

    def _settle_state(self, fields: dict[str, Any]) -> State | None:
        """Return the state, from its own columns or else from those of the progress."""
        state: State | None = fields.get("state")
        if self.header.own:
            return state
        if len({each for _, each in self._states}) > 1:
            state = fields["state"] = self._parts()
        finished, percent = fields.get("finished"), fields.get("progress")
        told: State | None = fields.get("worded")
        if finished:
            told = "done"
        elif percent is not None and told is None:
            told = progress_cells.state_of(percent)
        if state is None and told is not None:
            fields["state"] = state = told
            for at, text in self._signs:
                if not (isinstance(text, str) and is_ours(text, state)):
                    self._note(at, text, state_word(state))
        elif told == "done" and state not in ("done", "recheck", "dropped"):
            why = sentence("The state says that the task is not done; this value is in the notes.")
            self._contradicts(why, ("finished", "progress"))
        if percent is not None and not (0 < percent < 100 and state not in ("done", "recheck")):
            fields.pop("progress")
            if 0 < percent < 100:
                why = sentence("The state says that the task is done; this value is in the notes.")
                self._contradicts(why, ("progress",))
        return state

    def _contradicts(self, why: Sentence, fields: Collection[str]) -> None:
        """Report columns that say something else than that of the state."""
        for at, column in self.columns.items():
            cell = self._row.cells[at] if at < len(self._row.cells) else None
            if column.field in fields and cell is not None:
                value = cell_values.plain(cell)
                self.source.warn(self._row.number, column.head, value, why)
                self._keep(column, cell)

    def _parts(self) -> State:
        """Return the state of a task that several columns describe, each a part of it."""
        states = {state for _, state in self._states}
        state: State = "doing"
        if states <= {"todo", "waiting", "dropped"}:
            state = "waiting" if "waiting" in states else "todo"
        texts = [text for text, _ in self._states]
        self._extras += texts
        why = sentence(
            "The parts have different states; the state of the task was derived from all of them."
        )
        column = self.columns[self._fields["state"]].head
        self.source.warn(self._row.number, column, "; ".join(texts), why)
        return state

    def _keep(self, column: Column, cell: Cell) -> None:
        """Put what is not understood into the notes."""
        self._extras.append(f"{column.head}: {cell_values.plain(cell)}")

    def _note(self, at: int, text: str | Sentence, meaning: Sentence) -> None:
        """Note words that are not ours, to be told once for their column."""
        self.readings.note(at, self._row.number, text, meaning)

    def _remark(self, column: Column, cell: Cell, why: Sentence) -> None:
        """Report a guess; in a file of our own only dates are written by hand in other ways."""
        if not self.header.own or column.field in DAYS:
            self.source.warn(self._row.number, column.head, cell_values.plain(cell), why)


def _merged(fields: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return fields with more of them; of lists and notes, both stay."""
    for name, value in found.items():
        here = fields.get(name)
        if isinstance(here, list):
            found[name] = list(dict.fromkeys([*here, *value]))
        elif name == "notes" and here:
            found[name] = f"{here}\n{value}"
    return fields | found


def _priority(text: str) -> Priority:
    found = vocabulary.priority_from_word(text)
    if found is None:
        raise BadInput(
            "{word} is not a known priority; the task is medium.", word=harmless_value(text)
        )
    return found
