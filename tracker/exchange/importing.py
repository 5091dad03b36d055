"""Importing lists: from a file to the command that adds it to a workspace."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Literal

from msgspec.structs import asdict, replace

from tracker.domain.change import Change, Record
from tracker.domain.draft import Now
from tracker.domain.errors import BadInput, NotFound, Refused
from tracker.domain.fields import LISTED
from tracker.domain.sentence import counted, sentence, system_reason
from tracker.domain.typing import vocabulary
from tracker.domain.verbs.commands import task_name
from tracker.domain.workspace import Workspace
from tracker.exchange import dialects, formats
from tracker.exchange.column_choices import FieldChoices, by_key
from tracker.exchange.comparing import RowDifference, compare, difference_words
from tracker.exchange.content import Content
from tracker.exchange.encoding import is_narrow
from tracker.exchange.headers import begins_as_own, find_header
from tracker.exchange.json_content import LINES
from tracker.exchange.json_list import read_document
from tracker.exchange.looking_back import Lookback, look_back, read_beside
from tracker.exchange.merge import Selection, lay
from tracker.exchange.moments import zone_here
from tracker.exchange.outcome import Report, TakenIn
from tracker.exchange.recognising import recognise
from tracker.exchange.source import (
    MAX_BYTES,
    Circumstances,
    How,
    ReadOptions,
    Skipped,
    Source,
    Warned,
    harmless_value,
    nothing_in,
    too_large,
)
from tracker.exchange.spreadsheet import Book, Row, read_csv
from tracker.exchange.task_list import read_list
from tracker.language import current

Again = Literal["", "new", "twice"]
# A further choice on the screen: to see how the list differs.
Asked = Again | Literal["update"]

# How many differing fields of a row are named; more are counted.
_NAMED_DIFFERENCES = 3

_NO_CHOICES: FieldChoices = {}
_AS_FOUND = How()
# How that is called which has no name.
PIPED = "stdin"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_BLANKS = b"\xef\xbb\xbf \t\r\n"


class Import:
    """A file that has been read, ready to be added to a workspace.

    `command` is for a session; the change of the record it returns has the report. `again`
    decides about tasks that are here already: with "new" they stay as they are,
    with "twice" they are added again, and with "" a list of which most is here is refused. To
    accept the changes of a new version of a list, see `updating`. `past` is what the
    history says of the list, where that is known: what was renamed since is recognised by it.
    `read_as` reads the file anew.
    """

    def __init__(
        self,
        source: Source,
        again: Again = "",
        read_as: Callable[[Circumstances], Source] | None = None,
    ) -> None:
        self.source, self.again, self._read_as = source, again, read_as
        self.past: Lookback | None = None
        self._read: list[tuple[Circumstances, Source]] = []
        self._then: dict[int, Source | None] = {}

    def look_back(self, records: Iterable[Record], ws: Workspace) -> Lookback:
        """Learn from the history of a workspace what is known of the list, and return it."""
        self.past = look_back(records, ws, self.source)
        self._then = {}
        self.past.as_then = self._as_then
        return self.past

    def _as_then(self, number: int) -> Source | None:
        """Return the file as it would have been read by an import; None where that is as now."""
        read = self.past.read if self.past else {}
        then, now = read.get(number), self.source.reading
        if then is None or now is None:
            return None
        if number not in self._then:
            days = {x.day for x in (now, *read.values()) if replace(x, day=then.day) == then}
            found = self._on(then, sorted(days))
            self._then[number] = None if _reads_alike(found, self.source) else found
        return self._then[number]

    def _on(self, reading: Circumstances, days: Sequence[date]) -> Source:
        """Return the file as read on a day, which is among these, in their order."""
        while True:
            # What reads alike on the first day and the last does so on those between.
            first, last = (self._anew(replace(reading, day=days[at])) for at in (0, -1))
            if reading.day == days[-1]:
                return last
            if reading.day == days[0] or _reads_alike(first, last):
                return first
            half = len(days) // 2
            days = days[: half + 1] if reading.day <= days[half] else days[half:]

    def _anew(self, reading: Circumstances) -> Source:
        """Return the file as read otherwise; as it is where it would be no such list then."""
        if reading == self.source.reading or self._read_as is None:
            return self.source
        for known, read in self._read:
            if known == reading:
                return read
        found = self.source
        with suppress(BadInput):
            found = self._read_as(reading)
        rows, read_then = ([row.row for row in each.tasks] for each in (self.source, found))
        self._read.append((reading, found if rows == read_then else self.source))
        return self._read[-1][1]

    def plan(self, ws: Workspace, now: Now) -> tuple[Change, Report]:
        """Return the effects of importing the file into this workspace, without doing it."""
        found = recognise(self.source, ws, self.past)
        only_new = self.again == "new"
        stay = found.here if only_new else {}
        part = Selection(known=stay, silent=frozenset(stay))
        change, report = lay(self.source, ws, now, part)
        skipped, warnings = list(report.skipped), list(report.warnings)
        if only_new:
            told = compare(self.source, ws, found, self.past).rows
            skipped += [_stays(row) for row in told if row.task and not row.doubtful]
            warnings += [_may_be(row, ws) for row in told if row.doubtful]
        elif found.here:
            why = counted(
                "{n} task is already here; was the list imported before?",
                "{n} tasks are already here; was the list imported before?",
                len(found.here),
            )
            warnings.append(Warned(0, "", "", why))
        return change, replace(
            report,
            already=len(found.here),
            skipped=tuple(sorted(skipped, key=lambda row: row.row)),
            warnings=tuple(sorted(warnings, key=lambda row: row.row)),
        )

    def command(self, ws: Workspace, now: Now) -> TakenIn:
        """Return the one change that imports the file; raises Refused if most is here already."""
        change, report = self.plan(ws, now)
        if not self.again and _mostly(report.already, report.tasks):
            raise Refused(
                "{here} of the {all} tasks in {file} are already here. --update imports what"
                " has changed in the list, --new only the other tasks, --twice all of them"
                " again.",
                here=report.already,
                all=report.tasks,
                file=self.source.file,
            )
        return TakenIn.of(change, report)

    def is_here(self, ws: Workspace) -> bool:
        """Return whether most of the list is here already."""
        found = recognise(self.source, ws, self.past)
        return _mostly(len(found.here), len(self.source.tasks))


def _reads_alike(one: Source, other: Source) -> bool:
    return [row.fields for row in one.tasks] == [row.fields for row in other.tasks] and [
        link.options for link in one.links
    ] == [link.options for link in other.links]


def _mostly(here: int, tasks: int) -> bool:
    return 2 * here >= max(1, tasks)


def _stays(row: RowDifference) -> Skipped:
    """Return the line on a row whose task stays unchanged, with the differences."""
    if not row.differences:
        why = sentence("Already here as task {id}; unchanged.", id=row.task)
        return Skipped(row.row, why)
    told = difference_words(row.differences, most=_NAMED_DIFFERENCES)
    why = sentence(
        "Already here as task {id}; unchanged, although the list differs: {differences}.",
        id=row.task,
        differences=told,
    )
    return Skipped(row.row, why)


def _may_be(row: RowDifference, ws: Workspace) -> Warned:
    """Return the line on a row that was imported, although its task may be here."""
    why = sentence(
        "Imported as new, but may be {task}; --update asks.", task=task_name(ws, row.task)
    )
    return Warned(row.row, "", harmless_value(row.title), why)


def read(
    path: Path,
    *,
    project: str | None = None,
    today: date,
    again: Again = "",
    columns: FieldChoices = _NO_CHOICES,
    before: FieldChoices = _NO_CHOICES,
    ws: Workspace | None = None,
    how: How = _AS_FOUND,
    piped: bytes | None = None,
) -> Import:
    """Read a list of tasks, or the plan of another program.

    Which program wrote it follows from what it holds, of a list the kind from its ending. What is
    `piped` has been read already. `project` is the name of the project for tasks that name none;
    `again` as for Import. What `columns` of a table mean may be given; `before` is what was given
    for its last version. Where days off matter they are those of `ws`. Raises NotFound and
    BadInput.
    """
    content = _content(path, how.encoding) if piped is None else _piped(piped, how.encoding)
    given = by_key({**before, **columns})
    options = ReadOptions(today, project or None, given, ws or Workspace(), **asdict(how))
    source = _source(content, options)
    _check_columns(source, columns, before)
    if not source.tasks:
        nothing = nothing_in(content.file)
        if not source.entities:
            raise nothing
        source.warn(0, "", "", nothing.sentence)
    source.chosen = bool(project)
    if piped is not None:
        source.forget_file_name()
    beside = read_beside(options.ws, source)
    source.reading = Circumstances(today, how.zone, how.lanes, zone_here(), current(), beside)

    def read_as(reading: Circumstances) -> Source:
        as_then = replace(
            options,
            today=reading.day,
            zone=how.zone or reading.zone,
            lanes=how.lanes or reading.lanes,
            here=reading.here,
            language=reading.language,
            ws=Workspace((*reading.beside, *options.ws.tasks.values())),
        )
        return _source(content, as_then)

    return Import(source, again, read_as)


def format_names() -> tuple[str, ...]:
    """Return the names of all that can be read, as `--format` takes them."""
    foreign = [each.name for each in formats.FORMATS]
    foreign += [each.name for each in dialects.DIALECTS]
    return (*_KINDS, *sorted(foreign))


def _source(content: Content, options: ReadOptions) -> Source:
    """Read a file by the format that is named, or else that it is in."""
    name = options.format
    if content.folder is None and not content.data.strip(_BLANKS):
        raise BadInput("{file} is empty.", file=content.file)
    if name in _KINDS:
        return _KINDS[name](content.data, content.file, options)
    if name and name not in format_names():
        raise BadInput(
            "There is no format {name}; it is one of {names}.",
            name=name,
            names=", ".join(format_names()),
        )
    if not any(each.name == name for each in dialects.DIALECTS):
        found = formats.recognised(content, name)
        if found:
            return found.read(content, options)
    if content.folder:
        raise BadInput(
            "{file} is a folder, and none that can be imported; name a file.", file=content.file
        )
    endings = dict.fromkeys((*READERS, *formats.endings()))
    packed = content.ending in endings and content.data.startswith((_ZIP, _OLE))
    reader = READERS.get(content.ending) or _by_content(content)
    if packed:
        reader = _read_workbook
    elif reader is None and content.ending in endings:
        raise BadInput(
            "{file} is not a plan that is known here, or it was cut off.",
            file=content.file,
        )
    elif reader is None:
        raise BadInput(
            "Cannot import {file}: its ending is none of {endings}.",
            file=content.file,
            endings=" ".join(endings),
        )
    return reader(content.data, content.file, options)


def _by_content(content: Content) -> _Reader | None:
    """Return who reads what has no ending, as it comes from another program."""
    if content.ending:
        return None
    if content.data.startswith((_ZIP, _OLE)):
        return _read_workbook
    return read_document if content.json is not None else _read_csv


def _check_columns(source: Source, columns: FieldChoices, before: FieldChoices) -> None:
    """Refuse an unknown column, and report those read as chosen before."""
    found = {vocabulary.meaning_key(column.head): column for column in source.columns.values()}
    for head, field in columns.items():
        column = found.get(vocabulary.meaning_key(head))
        if column is None:
            raise BadInput(
                "{file} has no column {head}; its columns are {heads}.",
                file=source.file,
                head=head,
                heads=", ".join(column.head for column in found.values()) or "–",
            )
        if column.field != (field or None):
            raise BadInput(
                "{head} of {file} cannot be read as {field}; only one column can have the"
                " titles, and what tracker itself wrote keeps its meaning.",
                file=source.file,
                head=column.head,
                field=LISTED[field].label if field else "–",
            )
    for head, field in before.items():
        column = found.get(vocabulary.meaning_key(head))
        if head not in columns and column and field and column.field == field:
            why = sentence("Read as {field}, as chosen before.", field=LISTED[field].label)
            source.warn(0, column.head, "", why)


def _read_csv(data: bytes, file: str, options: ReadOptions) -> Source:
    def known(rows: list[Row]) -> int:
        header = find_header(rows, options.given)
        return max(len(header.fields) if header else 0, dialects.score(rows))

    encoding = options.encoding
    book = read_csv(data, file, known, as_meant=begins_as_own, encoding=encoding)
    source = _read_book(book, file, options)
    source.narrow = is_narrow(data)
    return source


def _read_workbook(data: bytes, file: str, options: ReadOptions) -> Source:
    if not data.startswith((_ZIP, _OLE)):
        return _read_named_workbook(data, file, options)
    # Exporting a list needs nothing unpacked.
    from tracker.exchange.workbook import read_workbook

    return _read_book(read_workbook(data, file), file, options)


def _read_named_workbook(data: bytes, file: str, options: ReadOptions) -> Source:
    """Read what has but the name of a workbook: programs call their CSV so, and web pages."""
    if data.lstrip(_BLANKS).startswith(b"<"):
        raise BadInput(
            "{file} is called a workbook, but is a web page or XML. Open it in a spreadsheet"
            " program and save it as .xlsx.",
            file=file,
        )
    return _read_csv(data, file, options)


def _read_book(book: Book, file: str, options: ReadOptions) -> Source:
    """Read tables by the reader for the program that wrote them, or else as any list."""
    own = any(
        (header := find_header(sheet.rows, options.given)) and header.own for sheet in book.sheets
    )
    if not own and options.format not in _KINDS:
        found = dialects.found(book, file, options.format)
        if found:
            dialect, table = found
            return dialect.read(table, options)
        if options.format:
            raise BadInput(
                "{file} has no row of heads as the format {name} has them.",
                file=file,
                name=options.format,
            )
    return read_list(book, file, options)


_Reader = Callable[[bytes, str, ReadOptions], Source]
# What is read as a list of anybody's, by the names these formats have here.
_KINDS: Mapping[str, _Reader] = {
    "csv": _read_csv,
    "xlsx": _read_workbook,
    "json": read_document,
}
# Readers of lists by the ending of the file.
READERS: Mapping[str, _Reader] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".txt": _read_csv,
    ".xlsx": _read_workbook,
    ".xlsm": _read_workbook,
    ".xls": _read_workbook,
    ".xlsb": _read_workbook,
    ".ods": _read_workbook,
    ".json": read_document,
    **dict.fromkeys(LINES, read_document),
}


def _piped(data: bytes, encoding: str) -> Content:
    """Return what came through a pipe, if it is of sensible size."""
    if len(data) > MAX_BYTES:
        raise too_large(PIPED, len(data))
    return Content(data, PIPED, encoding=encoding)


def _content(path: Path, encoding: str) -> Content:
    """Return the content of a file of sensible size, or a folder."""
    file = harmless_value(path)
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            return Content(b"", harmless_value(path.resolve().name), folder=path)
        # Looked at before it is opened: a pipe would keep us waiting.
        if not stat.S_ISREG(found.st_mode):
            raise BadInput("{file} is not a readable file.", file=file)
        if found.st_size > MAX_BYTES:
            raise too_large(file, found.st_size)
        with path.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NotFound("There is no file {file}.", file=file) from None
    except OSError as error:
        raise BadInput(
            "Cannot read {file}: {problem}.", file=file, problem=system_reason(error)
        ) from None
    if len(data) > MAX_BYTES:
        raise too_large(file, len(data))
    return Content(data, harmless_value(path.name), encoding=encoding)
