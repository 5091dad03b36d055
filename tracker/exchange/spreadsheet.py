"""Tables as people keep them: CSV of any making and Excel workbooks, as rows with their numbers."""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange.source import MAX_BYTES, MAX_ROWS, damaged, too_large, too_many_rows

if TYPE_CHECKING:
    import zipfile

MAX_COLUMNS = 1_000
# Whoever is to recognise a header looks at so many rows.
HEAD = 100

_MAX_CELLS = 20_000_000
_LAST_ROW = 1_048_576  # of an Excel sheet
_DELIMITERS = (";", ",", "\t", "|")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_END = "\ue000end of file\ue000"
_BYTE = re.compile("[\udc80-\udcff]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
# ECMA-376 part 1, 22.9.2.19: control characters are written like this in an Excel string.
_ESCAPED = re.compile(r"_x00([01][0-9A-Fa-f]|7[Ff])_")
_OLE = b"\xd0\xcf\x11\xe0"


class Formula(msgspec.Struct, frozen=True):
    """A formula; `value` is what the sheet last showed for it, None if it never was calculated."""

    text: str
    value: Cell

    def __str__(self) -> str:
        return self.text


Cell = str | int | float | date | datetime | time | timedelta | Formula | None
_PLAIN = (int, float, date, time, timedelta)  # a datetime is a date


class Row(msgspec.Struct):
    """A row that is not blank, by the number a spreadsheet program gives it.

    `above` holds, by position, the values of merged cells that began in a row above.
    """

    number: int
    cells: list[Cell]
    above: dict[int, Cell] = {}


class Sheet(msgspec.Struct):
    """A table with the name of its sheet; that of a CSV has none."""

    name: str
    rows: list[Row]


class Book(msgspec.Struct):
    """The tables of a file; `remarks` are guesses made in reading it, with their rows."""

    sheets: list[Sheet]
    remarks: list[tuple[int, Sentence]] = []


# --- CSV ---------------------------------------------------------------------------------------


def read_csv(data: bytes, file: str, score: Callable[[list[Row]], int]) -> Book:
    """Read a CSV of any usual encoding and delimiter.

    Taken is the delimiter that gives the first rows the highest `score`; a first line `sep=;`, as
    Excel writes it, decides instead. Raises BadInput when a quotation mark is never closed or a
    limit is exceeded.
    """
    text, remark = decoded(data)
    book = Book([], [(0, remark)] if remark else [])
    first = _SEPARATOR_LINE.match(text)
    if first:
        delimiter = first[1]
        text = "\n" + text[first.end() :]
        book.remarks.append((1, sentence("The first line names the separator.")))
    else:

        def worth(candidate: str) -> int:
            head: list[Row] = []
            # What is wrong further down is told when the file is read in earnest.
            with suppress(BadInput):
                head.extend(islice(_rows(text, candidate, file), HEAD))
            return score(head)

        delimiter = max(_DELIMITERS, key=worth)
    rows = list(islice(_rows(text, delimiter, file), MAX_ROWS + 1))
    if len(rows) > MAX_ROWS:
        raise too_many_rows(file)
    book.sheets.append(Sheet("", rows))
    return book


def decoded(data: bytes) -> tuple[str, Sentence | None]:
    """Return the text of bytes whose encoding nobody wrote down, and what had to be guessed.

    In this order: what a byte order mark says, UTF-16 by its zero bytes, strict UTF-8, UTF-8 with
    some strange bytes, Windows-1252, and CP850 where bytes stand that Windows-1252 does not know.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), None
    head = data[:4096]
    for first, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        if head[first::2].count(0) * 4 > len(head) > head[1 - first :: 2].count(0) * 40:
            return data.decode(encoding, "replace"), None
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "surrogateescape")
    strange = len(_BYTE.findall(text))
    if sum(not c.isascii() for c in text) > 2 * strange:
        remark = counted(
            "One byte is not UTF-8; it was read as Windows-1252.",
            "{n} bytes are not UTF-8; they were read as Windows-1252.",
            strange,
        )
        return _BYTE.sub(_as_windows, text), remark
    try:
        remark = sentence("The file is not UTF-8; it was read as Windows-1252 (CP1252).")
        return data.decode("cp1252"), remark
    except UnicodeDecodeError:
        remark = sentence("The file is neither UTF-8 nor Windows-1252; it was read as CP850 (DOS).")
        return data.decode("cp850"), remark


def _as_windows(found: re.Match[str]) -> str:
    return bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace")


def _rows(text: str, delimiter: str, file: str) -> Iterator[Row]:
    """Walk over the rows that are not blank."""
    for number, cells in _records(text, delimiter, file):
        if any(cell and not cell.isspace() for cell in cells):
            if len(cells) > MAX_COLUMNS:
                raise _too_wide(file, number)
            yield Row(number, [cell or None for cell in cells])


def _records(text: str, delimiter: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Walk over the records with their numbers.

    A line is put behind the last one: when it comes back as part of a cell, that cell's quotation
    mark was never closed, and everything behind it would have been swallowed.
    """
    end = () if text.endswith(("\n", "\r")) else ("\n",)
    lines = chain(io.StringIO(text, newline=""), end, (_END,))
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), 1):
            if cells == [_END]:
                return
            if cells and cells[-1].endswith(_END):
                raise BadInput(
                    "Row {row} of {file} opens a quotation mark that is never closed. "
                    "Close it, or write two for one that is meant.",
                    row=number,
                    file=file,
                )
            yield number, cells
    except csv.Error:
        raise _long_cell(file, number + 1) from None


def _long_cell(file: str, row: int) -> BadInput:
    return BadInput(
        "Row {row} of {file} holds a cell of more than {most} characters; "
        "perhaps a quotation mark is not closed.",
        row=row,
        file=file,
        most=csv.field_size_limit(),
    )


def _too_wide(file: str, row: int) -> BadInput:
    return BadInput(
        "Row {row} of {file} has more than {most} columns; no list of tasks does.",
        row=row,
        file=file,
        most=MAX_COLUMNS,
    )


# --- Excel -------------------------------------------------------------------------------------


def read_workbook(data: bytes, file: str) -> Book:
    """Read an Excel workbook (.xlsx, .xlsm): all its sheets, formulas as text.

    Raises BadInput when it is none, is protected, or would unpack to an absurd size.
    """
    if data.startswith(_OLE):
        raise BadInput(
            "{file} is an old .xls workbook or protected by a password. "
            "Save it as .xlsx without a password.",
            file=file,
        )
    # Who hands out a list has nothing to unpack.
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > MAX_BYTES:
                raise too_large(file, unpacked)
            return _sheets(data, archive, file)
    except BadInput:
        raise
    # openpyxl raises whatever broken parts make it stumble over: KeyError, TypeError, ParseError.
    except Exception as error:
        raise damaged(file, error) from error


def _sheets(data: bytes, archive: zipfile.ZipFile, file: str) -> Book:
    book = Book([])
    if any("omments" in part for part in archive.namelist()):
        book.remarks.append(
            (0, sentence("The cells of the workbook have comments; they are left out."))
        )
    values: Any = None
    workbook = _workbook(data, values_only=False)
    for sheet in workbook.worksheets:
        merged = _merged(archive.read(sheet._worksheet_path))
        rows, formulas = _sheet_rows(sheet, file)
        if formulas:
            values = values or _workbook(data, values_only=True)
            _calculate(rows, formulas, values[sheet.title], file)
        _spread(rows, merged)
        book.sheets.append(Sheet(sheet.title, rows))
    return book


def _workbook(data: bytes, *, values_only: bool) -> Any:
    """Open a workbook to be read row by row: charts, pictures and comments stay untouched."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about parts that are of no interest here
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=values_only)


def _cells(sheet: Any, file: str) -> Iterator[tuple[int, Any]]:
    """Walk over the rows of a sheet; what it says of its own size is not believed."""
    sheet.reset_dimensions()
    seen = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, row in enumerate(sheet.iter_rows(), 1):
            seen += len(row)
            if number > _LAST_ROW or seen > _MAX_CELLS:
                raise too_many_rows(file)
            if row:
                yield number, row


def _sheet_rows(sheet: Any, file: str) -> tuple[list[Row], set[int]]:
    """Return the rows of a sheet that are not blank, and the numbers of those with formulas."""
    rows: list[Row] = []
    formulas: set[int] = set()
    for number, row in _cells(sheet, file):
        cells: list[Cell] = []
        for at, cell in enumerate(row):
            value = _value(cell)
            if value is not None:
                if at >= MAX_COLUMNS:
                    raise _too_wide(file, number)
                cells += [None] * (at - len(cells))
                cells.append(value)
                if isinstance(value, Formula):
                    formulas.add(number)
                elif isinstance(value, str) and len(value) > csv.field_size_limit():
                    raise _long_cell(file, number)
        if cells:
            rows.append(Row(number, cells))
            if len(rows) > MAX_ROWS:
                raise too_many_rows(file)
    return rows, formulas


def _value(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        # Array formulas and data tables are objects; only the former know their text.
        return Formula(
            value if isinstance(value, str) else getattr(value, "text", None) or "=", None
        )
    if isinstance(value, str):
        value = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
        return value if value and not value.isspace() else None
    return value if isinstance(value, _PLAIN) else str(value)


def _calculate(rows: Iterable[Row], formulas: set[int], sheet: Any, file: str) -> None:
    """Put to each formula the value that the sheet last showed."""
    waiting = {row.number: row for row in rows if row.number in formulas}
    for number, values in _cells(sheet, file):
        row = waiting.get(number)
        for at, cell in enumerate(row.cells) if row else ():
            if row and isinstance(cell, Formula) and at < len(values):
                row.cells[at] = Formula(cell.text, _value(values[at]))


def _merged(xml: bytes) -> Mapping[int, list[tuple[int, int]]]:
    """Return the first and last rows of merged cells by their column, from 0."""
    from openpyxl.utils import column_index_from_string

    found: dict[int, list[tuple[int, int]]] = {}
    for left, top, _, bottom in _MERGED.findall(xml):
        if int(bottom) > int(top):
            column = column_index_from_string(left.decode()) - 1
            found.setdefault(column, []).append((int(top), int(bottom)))
    return found


def _spread(rows: list[Row], merged: Mapping[int, list[tuple[int, int]]]) -> None:
    """Give the rows that a merged cell covers its value."""
    for column, ranges in merged.items():
        ranges.sort(reverse=True)
        last, value = 0, None
        for row in rows:
            here = row.cells[column] if column < len(row.cells) else None
            while ranges and ranges[-1][0] <= row.number:
                top, bottom = ranges.pop()
                last, value = bottom, here if top == row.number else None
            if here is None and row.number <= last and value is not None:
                row.above[column] = value
