"""Tables as people keep them: rows with their numbers, and CSV of any making read as such."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import chain, islice

import msgspec

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence, sentence
from tracker.exchange.encoding import decoded
from tracker.exchange.source import MAX_ROWS, LastKnown, too_many_rows

MAX_COLUMNS = 1_000
LONGEST_CELL = csv.field_size_limit()
# In bytes: a line is measured before anything is made of it.
LONGEST_LINE = 4 * 1024 * 1024
# A row may have several lines, but not many.
MAX_LINES = 5 * MAX_ROWS
# In one gap: a sheet that was formatted down to its last row has a million.
MAX_BLANKS = MAX_ROWS
# How many rows are searched for a header.
HEAD = 100
# The property of our own workbooks with what LastKnown has of the last change.
LAST_KNOWN = "tracker-last-change"
# Those with the numbers of its tasks, one after the other, where these are not all.
PART_KNOWN = "tracker-part-"

_DELIMITERS = (";", ",", "\t", "|")
# Stands for a line break within a cell while lines are divided.
_BREAK = "\u2028"
_LINE_BREAK = re.compile(r"\r\n?|\n")
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_END = "\ue000end of file\ue000"
_NOWHERE = "\ue001"


class Formula(msgspec.Struct, frozen=True):
    """A formula; `value` is what the sheet last showed for it, None if it never was calculated."""

    text: str
    value: Cell

    def __str__(self) -> str:
        return self.text


Cell = str | int | float | date | datetime | time | timedelta | Formula | None


class CellLook(msgspec.Struct, frozen=True):
    """The look of a cell that is not plain; `symbols` marks a font of pictures."""

    struck: bool = False
    bold: bool = False
    indent: int = 0
    symbols: bool = False


class Row(msgspec.Struct):
    """A row that is not blank, by the number a spreadsheet program gives it.

    By position `above` holds the values of merged cells that began in a row above, `wide` the
    last positions of merged cells that begin here, `looks` and `comments` what is there to see.
    `level` is how deep the row is in the outline of the sheet.
    """

    number: int
    cells: list[Cell]
    above: dict[int, Cell] = {}
    wide: dict[int, int] = {}
    looks: dict[int, CellLook] = {}
    comments: dict[int, str] = {}
    level: int = 0
    hidden: bool = False


class Sheet(msgspec.Struct):
    """A table with the name of its sheet, which may be hidden; that of a CSV has none."""

    name: str
    rows: list[Row]
    hidden: bool = False


class Book(msgspec.Struct):
    """The tables of a file; `remarks` are guesses made in reading it, with their rows.

    `last_known` is the last that a workbook of ours has. `open_row` is the number of the last row
    of a text, if no line end closes it.
    """

    sheets: list[Sheet]
    remarks: list[tuple[int, Sentence]] = []
    last_known: LastKnown | None = None
    open_row: int = 0

    def cut(self, rows: Iterable[Row], width: int) -> Row | None:
        """Return the last row, if it lacks cells and a line end, and no other row lacks cells."""
        short = [row for row in rows if len(row.cells) < width]
        return short[0] if [row.number for row in short] == [self.open_row] else None


# --- CSV ---------------------------------------------------------------------------------------


def read_csv(
    data: bytes,
    file: str,
    score: Callable[[list[Row]], int],
    *,
    as_meant: Callable[[str], bool] = lambda _text: False,
    encoding: str = "",
) -> Book:
    """Read a CSV of any usual encoding and delimiter, or of the `encoding` that is named.

    Taken is the delimiter that gives the first rows the highest `score`; a first line `sep=;`, as
    Excel writes it, decides instead. A text with a byte order mark that is `as_meant` is taken to
    the letter. Raises BadInput when a quotation mark is never closed or a limit is exceeded.
    """
    _check_lines(data, file)
    text, remark = decoded(data, as_meant=as_meant, encoding=encoding)
    book = Book([], [(0, remark)] if remark else [])
    bare = None
    first = _SEPARATOR_LINE.match(text)
    if first:
        delimiter = first[1]
        text = "\n" + text[first.end() :]
        book.remarks.append((1, sentence("The first line names the separator.")))
    else:
        delimiter, worth = _delimiter(text, file, score)
        if not worth and (bare := _unquoted(text, file)):
            text = bare
            delimiter, _ = _delimiter(text, file, score)
            why = sentence("Each line was quoted as a whole; the quotation marks were removed.")
            book.remarks.append((0, why))
    rows = list(islice(_rows(text, delimiter, file), MAX_ROWS + 1))
    if bare:
        for row in rows:
            row.cells = [c.replace(_BREAK, "\n") if isinstance(c, str) else c for c in row.cells]
    for row in rows:
        if len(row.cells) > MAX_COLUMNS:
            raise too_wide(file, row.number)
    if len(rows) > MAX_ROWS:
        raise too_many_rows(file)
    book.sheets.append(Sheet("", rows))
    if rows and not text.endswith(("\n", "\r")):
        book.open_row = rows[-1].number
    return book


def _delimiter(text: str, file: str, score: Callable[[list[Row]], int]) -> tuple[str, int]:
    """Return the delimiter that makes most of the first rows, and how much that is."""

    def worth(candidate: str) -> int:
        head: list[Row] = []
        # Faults further down are reported when the whole file is read.
        with suppress(BadInput):
            head.extend(islice(_rows(text, candidate, file), HEAD))
        for row in head:
            del row.cells[MAX_COLUMNS:]
        return score(head)

    worths = {delimiter: worth(delimiter) for delimiter in _DELIMITERS}
    best = max(worths, key=worths.__getitem__)
    return best, worths[best]


def _unquoted(text: str, file: str) -> str | None:
    """Return the text without the quotes around its lines, if they are around each."""
    if not text.startswith('"'):
        return None
    with suppress(BadInput):
        lines = [cells for _, cells in _records(text, _NOWHERE, file)]
        if all(len(cells) <= 1 for cells in lines) and any(
            mark in "".join(cells) for cells in lines[:1] for mark in _DELIMITERS
        ):
            # A line break within a cell has no quotes of its own left to keep it there.
            return "\n".join(_LINE_BREAK.sub(_BREAK, "".join(cells)) for cells in lines)
    return None


def _rows(text: str, delimiter: str, file: str) -> Iterator[Row]:
    """Walk over the rows that are not blank."""
    last = 0
    for number, cells in _records(text, delimiter, file):
        if number - last > MAX_BLANKS:
            raise too_many_blanks(file, last)
        if any(cell and not cell.isspace() for cell in cells):
            last = number
            yield Row(number, [cell or None for cell in cells])


def _records(text: str, delimiter: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Walk over the records with their numbers.

    A line is put behind the last one: when it comes back as part of a cell, that cell's quotation
    mark was never closed, and everything behind it would have been swallowed.
    """
    end = () if text.endswith(("\n", "\r")) else ("\n",)
    lines = chain((found[0] for found in _LINE.finditer(text)), end, (_END,))
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), 1):
            if cells == [_END]:
                return
            if cells and cells[-1].endswith(_END):
                raise BadInput(
                    "Row {row} of {file} opens a quotation mark that is never closed. Close"
                    " it, or double it if it is part of the text.",
                    row=number,
                    file=file,
                )
            yield number, cells
    except csv.Error:
        raise long_cell(file, number + 1) from None


def _check_lines(data: bytes, file: str) -> None:
    """Raise BadInput if a line or the file has no end in sight, before any of it is decoded."""
    if data.count(b"\n") > MAX_LINES:
        raise BadInput(
            "{file} has more than {most} lines. Delete the blank ones, or split it and import the"
            " parts one by one.",
            file=file,
            most=MAX_LINES,
        )
    begun = 0
    while begun + LONGEST_LINE < len(data):
        ends = (data.rfind(mark, begun, begun + LONGEST_LINE) for mark in (b"\n", b"\r"))
        if (last := max(ends)) < 0:
            raise BadInput(
                "Line {line} of {file} is longer than {most} MB; line breaks are missing. Save the"
                " list again as .xlsx or CSV.",
                line=data.count(b"\n", 0, begun) + 1,
                file=file,
                most=LONGEST_LINE // 1024**2,
            )
        begun = last + 1


def long_cell(file: str, row: int) -> BadInput:
    """Return the refusal of a cell without end."""
    return BadInput(
        "Row {row} of {file} has a cell with more than {most} characters. Shorten it; in a CSV, a"
        " quotation mark may be left open.",
        row=row,
        file=file,
        most=LONGEST_CELL,
    )


def too_wide(file: str, row: int) -> BadInput:
    """Return the refusal of a row without end."""
    return BadInput(
        "Row {row} of {file} has more than {most} columns. Delete those that are not part of the"
        " list.",
        row=row,
        file=file,
        most=MAX_COLUMNS,
    )


def too_many_blanks(file: str, row: int) -> BadInput:
    """Return the refusal of a list that goes on in blank rows behind a row, 0 for none."""
    return BadInput(
        "{file} has more than {most} blank rows after row {row}. Delete them and save it again.",
        row=row,
        file=file,
        most=MAX_BLANKS,
    )
