"""The content of a file before it is merged: tasks and arrows by their places in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Any
from zlib import crc32

import msgspec

from tracker.domain.arrow_fields import arrow_values
from tracker.domain.draft import Nameable, Named, name_of, names_of
from tracker.domain.errors import BadInput
from tracker.domain.fields import ESTIMATE
from tracker.domain.model import Entity, Link, LinkKind, Task
from tracker.domain.sentence import Sentence, counted, quoted, sentence
from tracker.domain.workspace import Workspace

# Absurd sizes are refused before anything is built from them.
MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 100_000
MAX_LINKS = 200_000
MAX_DEPTH = 40
# What may be made the departments of tasks, where it is asked for.
LANES = ("phase", "bucket", "list", "section", "component", "subproject")

_LONGEST_VALUE = 300
# What acts on a terminal or turns the line around. A whole escape sequence goes with its ESC, so
# that no rest of it is left in a title. None reaches over the beginning of the next: a text of
# beginnings alone would be searched to its end for each of them.
_HARMFUL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x90\x98\x9c-\x9f\n]*(?:\x07|\x1b\\|\x9c)"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")


# The numbers of the tasks of an export that is a part, and how long they may be altogether.
LONGEST_PART = 1_000_000
PART = r"^(\d{1,15}(-\d{1,15})?(,\d{1,15}(-\d{1,15})?)*)?$"


class Skipped(msgspec.Struct, frozen=True):
    """A row that was not taken; `row` is 0 where it is about more than a row of the table.

    `place` is how the other program names it, such as `UMZ-3`, where a number alone does not.
    """

    row: int
    why: Sentence
    place: str = ""


class Warned(msgspec.Struct, frozen=True):
    """A value that was changed, left out or guessed; `row` is 0 for the file as a whole.

    `place` is as for Skipped.
    """

    row: int
    column: str
    value: str
    why: Sentence
    place: str = ""


class How(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may choose about reading a file of another program.

    `format` is the one that is named, `encoding` that of a text, `zone` the time zone whose days
    count (that of the machine where it is empty), `lanes` what become departments: one of LANES.
    What is `deleted` or `archived` there is taken as dropped if that is set, and left out if not.
    """

    format: str = ""
    encoding: str = ""
    zone: str = ""
    lanes: str = ""
    deleted: bool = False
    archived: bool = False


class ReadOptions(How, frozen=True):
    """How a file is to be read.

    `project` is the name of the project for tasks that name none, `given` are the meanings
    chosen for columns (a field, or None for no field) by the keys of their heads. The days off
    are those of `ws`. `here` is the time zone of the machine and `language` that of words in the
    notes, where they are to be others than those in use.
    """

    today: date
    project: str | None = None
    given: Mapping[str, str | None] = {}
    ws: Workspace = Workspace()
    here: str = ""
    language: str = ""


# The parts of a reading that are texts.
NOTED = ("zone", "lanes", "here", "language")


class Circumstances(msgspec.Struct, frozen=True):
    """What it depends on how a text is read.

    The day, the time zone that was named, what was to become departments, the zone of the machine
    (nothing where it is not known), the language in use, and what there was here that readers heed.
    """

    day: date
    zone: str = ""
    lanes: str = ""
    here: str = ""
    language: str = ""
    beside: tuple[Entity, ...] = ()

    @property
    def noted(self) -> dict[str, str]:
        """What a label keeps of it."""
        found = {name: getattr(self, name) for name in NOTED} | {"day": self.day.isoformat()}
        return {name: value for name, value in found.items() if value}


class SourceColumn(msgspec.Struct):
    """A column of a file: what it was taken for, and how many of its values were understood.

    `field` is None for an unknown column; its values are then in the notes. `unread`
    counts values that are no such thing, `empty` cells that say nothing; `proposed` is the field
    that the values of an unknown column look like, `also` the one it would be if no other were.
    """

    head: str
    field: str | None
    read: int = 0
    unread: int = 0
    empty: int = 0
    proposed: str | None = None
    also: str | None = None


class SourceTask(msgspec.Struct):
    """A task of a file.

    `number` is its number as written, `wanted` the id to keep if it is free. `fields` are those
    of Task; what they name is a text, or the id of an entity of the same file. `unread` are the
    fields whose value in the file could not be understood. It is `cut` if its end may be missing.
    """

    row: int
    number: str
    wanted: int | None
    fields: dict[str, Any]
    unread: set[str] = set()
    cut: bool = False


class SourceLink(msgspec.Struct):
    """An arrow of a file; `source` and `target` are places in the list of its tasks.

    `row`, `column` and `value` are where it was written; `options` are the other fields of Link.
    """

    row: int
    column: str
    value: str
    kind: LinkKind
    source: int
    target: int
    options: dict[str, Any] = {}
    wanted: int | None = None


class LastKnown(msgspec.Struct, frozen=True):
    """The last an export of ours has: the number of a record, and a moment.

    The moment is when a task of it was last created or changed, if that is known, and `mark` stands
    for what has no moment: which tasks, arrows and names there were. Of a copy of the workspace
    that has gone on for itself the number alone says nothing. `part` are the numbers of the tasks
    that it has (`1-3,7`), where these are not all.
    """

    record: int
    changed: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    mark: str = ""
    part: Annotated[str, msgspec.Meta(pattern=PART, max_length=LONGEST_PART)] = ""

    @classmethod
    def of(cls, ws: Workspace, part: Iterable[int] = ()) -> LastKnown:
        """Return the last of a workspace; `part` are the tasks that go out, if not all do."""
        runs = groupby(enumerate(sorted(part)), lambda each: each[1] - each[0])
        ends = [(ids[0], ids[-1]) for _at, run in runs for ids in ([id for _place, id in run],)]
        said = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)
        return cls(ws.seq, *_newest(ws.entities()), said)

    def tasks_of(self, ws: Workspace) -> Iterable[int]:
        """Return which tasks of its plan the export has."""
        if not self.part:
            return ws.tasks
        ends = ([int(end) for end in run.split("-")] for run in self.part.split(","))
        runs = sorted(((run[0], run[-1]) for run in ends), reverse=True)
        found: list[int] = []
        last = 0
        for id in ws.tasks:
            while runs and runs[-1][0] <= id:
                last = max(last, runs.pop()[1])
            if id <= last:
                found.append(id)
        return found

    def is_of(self, entities: Iterable[Entity]) -> bool:
        """Return whether this is the last of a plan that had these entities."""
        changed, mark = _newest(entities)
        return changed == self.changed and self.mark in ("", mark)


def _newest(entities: Iterable[Entity]) -> tuple[datetime | None, str]:
    """Return when the last task was created or changed, and the mark of all that has no moment."""
    tasks: list[Task] = []
    marks: list[str] = []
    for entity in entities:
        said: list[object] = [type(entity).__name__, entity.id]
        if isinstance(entity, Task):
            tasks.append(entity)
        elif isinstance(entity, Link):
            # A number may be whole before it is stored and not so behind.
            values = arrow_values(entity).values()
            known = (float(x) if isinstance(x, int | float) else x for x in values)
            said += [entity.kind, entity.source, entity.target, *known]
        elif isinstance(entity, Nameable):
            said += names_of(entity) if isinstance(entity, Named) else [name_of(entity)]
        marks.append(repr(said))
    stamps = (stamp for task in tasks for stamp in (task.created, task.modified))
    newest = max(filter(None, stamps), default=None)
    return newest, f"{crc32(chr(10).join(sorted(marks)).encode()):08x}"


class Source(msgspec.Struct):
    """A file as read, with everything that was left out or doubtful.

    `entities` are the things besides tasks and links that the file holds in full, under ids of
    its own. `project` is the name for tasks that name none, `chosen` if it was asked for and not
    found in the file, `named_by_file` if it is but the name of the file. `id_column` is what the
    file calls the numbers of its tasks. `columns` are those of a table, by position. `own` is set
    if this program has written it in a form of its own, `ours` if in that of another program;
    `last_known` is the last it has, if it says so. `narrow` is set if its encoding knows few
    letters, so that others may have become question marks.
    `format` is the name of the format it was read as and `program` what that is called, `states`
    are the fields it has for every task besides those of columns. `approximations` are values
    that were taken as something near. `unended` is the mark that ends such a file, where that is
    missing. `reading` is how it was read; `by_departments` is set where that depends on which
    departments there are.
    """

    file: str
    project: str | None = None
    chosen: bool = False
    named_by_file: bool = False
    own: bool = False
    ours: bool = False
    last_known: LastKnown | None = None
    narrow: bool = False
    id_column: str = ""
    columns: dict[int, SourceColumn] = {}
    tasks: list[SourceTask] = []
    links: list[SourceLink] = []
    entities: list[Entity] = []
    skipped: list[Skipped] = []
    warnings: list[Warned] = []
    approximations: list[Warned] = []
    format: str = ""
    program: str = ""
    states: frozenset[str] = frozenset()
    unended: str = ""
    reading: Circumstances | None = None
    by_departments: bool = False

    @property
    def label_values(self) -> dict[str, str]:
        """What the label of an import has to say of the file, for when it comes in again."""
        return {"file": self.file, **(self.reading.noted if self.reading else {})}

    def forget_file_name(self) -> None:
        """Name no project for tasks that name none, if it would be but the name of the file."""
        if self.named_by_file:
            self.project, self.named_by_file = None, False

    @property
    def given(self) -> frozenset[str]:
        """The fields the file has, whatever the values in its rows."""
        known = {column.field for column in self.columns.values() if column.field is not None}
        return self.states | known | (set(ESTIMATE) if "estimate" in known else set())

    def cut_row(self, row: int, fields: Iterable[str], why: Sentence | None = None) -> None:
        """Note a row whose end may be missing: that it lacks these fields says nothing of them."""
        short = sentence(
            "The row has no line end and too few cells; the rest of it may be missing."
        )
        self.warn(row, "", "", why or short)
        for task in self._lacking(row, fields):
            task.cut = True

    def cut_cell(self, row: int, column: SourceColumn) -> None:
        """Note a row whose last cell may be cut off: that says nothing of what is here."""
        why = sentence(
            "The row has no line end; {column} may be cut off, and an update leaves it unchanged.",
            column=column.head,
        )
        self.warn(row, "", "", why)
        self._lacking(row, filter(None, [column.field]))

    def _lacking(self, row: int, fields: Iterable[str]) -> list[SourceTask]:
        """Return the tasks of a row, which say nothing of these fields and what follows from them.

        The notes are among that, where what is no value of a field is put, and what it waits for,
        which a state takes from them.
        """
        lost = {*fields, "notes", "waiting_for"}
        if not lost.isdisjoint(("estimate", *ESTIMATE)):
            lost.update(ESTIMATE)
        found = [task for task in self.tasks if task.row == row]
        for task in found:
            task.unread |= lost
        return found

    def cut_off(self, mark: str) -> None:
        """Note that the file is without the mark that ends it."""
        self.unended = mark
        why = sentence("The file does not end with {mark}; its end may be missing.", mark=mark)
        self.warn(0, "", "", why)

    def skip(self, row: int, why: Sentence, place: str = "") -> None:
        """Note a row that is not taken."""
        self.skipped.append(Skipped(row, why, harmless_value(place)))

    def warn(self, row: int, column: str, value: object, why: Sentence, place: str = "") -> None:
        """Note a value that was changed, left out or guessed."""
        self.warnings.append(_warned(row, column, value, why, place))

    def approximate(
        self, row: int, column: str, value: object, why: Sentence, place: str = ""
    ) -> None:
        """Note a value that was taken as something near it; `why` says as what."""
        self.approximations.append(_warned(row, column, value, why, place))


def _warned(row: int, column: str, value: object, why: Sentence, place: str) -> Warned:
    return Warned(row, harmless_value(column), harmless_value(value), why, harmless_value(place))


def harmless(text: str) -> tuple[str, int]:
    """Return `text` without control characters and escape sequences, and how many it lost.

    Line ends become line feeds; tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text, 0
    return _HARMFUL.subn("", _LINE_ENDS.sub("\n", text))


def stripped(count: int) -> Sentence:
    """Return the sentence about `count` control characters taken out."""
    return counted(
        "A control character was removed.", "{n} control characters were removed.", count
    )


def harmless_value(value: object) -> str:
    """Return a value of a file as a report quotes it: harmless, and not without end."""
    text = harmless(str(value))[0]
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def too_large(file: str, size: int) -> BadInput:
    """Return the refusal of a file of `size` bytes."""
    return BadInput(
        "{file} is too large: {size} MB; the maximum is {most} MB. Split it and import the"
        " parts one by one.",
        file=file,
        size=-(-size // 1024**2),
        most=MAX_BYTES // 1024**2,
    )


def too_many_rows(file: str) -> BadInput:
    """Return the refusal of a list without end."""
    return BadInput(
        "{file} has more than {most} rows. Split it and import the parts one by one.",
        file=file,
        most=MAX_ROWS,
    )


def too_many_links(file: str) -> BadInput:
    """Return the refusal of a list with arrows without end; a few ranges can make millions."""
    return BadInput(
        "{file} has more than {most} arrows between its tasks; it is not a plan.",
        file=file,
        most=MAX_LINKS,
    )


def nothing_in(file: str) -> BadInput:
    """Return the refusal of a file without tasks."""
    return BadInput("{file} contains no tasks.", file=file)


def cut_off(source: Source) -> BadInput:
    """Return the refusal to compare a file without the mark that ends it."""
    return BadInput(
        "{file} does not end with {mark}; its end may be missing. Export it again, or add {mark}"
        " if it is complete.",
        file=source.file,
        mark=source.unended,
    )


def too_deep(file: str) -> BadInput:
    """Return the refusal of a file whose parts lie in one another without end."""
    return BadInput(
        "{file} is nested more than {most} levels deep; it is not a list of tasks.",
        file=file,
        most=MAX_DEPTH,
    )


def damaged(file: str, problem: object) -> BadInput:
    """Return the refusal of a file that is not what its ending says."""
    return BadInput(
        "Cannot read {file}: {problem}. Open it in the program it comes from and save it again.",
        file=file,
        problem=quoted(harmless_value(problem)),
    )
