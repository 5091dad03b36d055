"""Excel workbooks as rows: the shown values, and what else is visible in the cells."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import count, islice, takewhile
from posixpath import join, normpath
from typing import Any

from tracker.domain.errors import BadInput
from tracker.exchange.number_formats import displayed, displayed_day
from tracker.exchange.plain_workbook import read_plain_workbook
from tracker.exchange.source import (
    LONGEST_PART,
    MAX_BYTES,
    MAX_ROWS,
    PART,
    LastKnown,
    damaged,
    harmless,
    too_many_rows,
)
from tracker.exchange.spreadsheet import (
    LAST_KNOWN,
    LONGEST_CELL,
    MAX_BLANKS,
    MAX_COLUMNS,
    PART_KNOWN,
    Book,
    Cell,
    CellLook,
    Formula,
    Row,
    Sheet,
    long_cell,
    too_many_blanks,
    too_wide,
)

_MAX_CELLS = 20_000_000
_LAST_ROW = 1_048_576  # of an Excel sheet
# No list has more beside it; each takes some time, whatever is in it.
_MAX_SHEETS = 1_000
_A_SHEET = re.compile(rb"\bsheetId\b")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*)>")
_ATTRIBUTE = re.compile(rb'\b(r|hidden|outlineLevel)="([^"]*)"')
# ECMA-376 part 1, 22.9.2.19: control characters are written like this in an Excel string.
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff]|007[Ff]|[Ff]{3}[EeFf])_")
_LAST_KNOWN = re.compile(r"(\d{1,15})(?: (\S{9,40}))?(?: ([0-9a-f]{8}))?")
# Excel takes formats of 255 characters, each of them at most `&quot;`; nobody searches longer ones.
_LONG_FORMAT = re.compile(rb"formatCode\s*=\s*(?:\"[^\"]{1531}|'[^']{1531})")
_STYLES = "xl/styles.xml"
_OLE = b"\xd0\xcf\x11\xe0"
# ISO/IEC 29500 Strict has namespaces of its own for the very same parts.
_STRICT = b"http://purl.oclc.org/ooxml/"
_NAMESPACES = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
    b"http://purl.oclc.org/ooxml/drawingml/main": (
        b"http://schemas.openxmlformats.org/drawingml/2006/main"
    ),
}
# What identifies workbooks of which only the values are read: .ods and .xlsb.
_PLAIN_PARTS = frozenset(("content.xml", "xl/workbook.bin"))
_PLAIN = (int, float, date, time, timedelta)  # a datetime is a date


def read_workbook(data: bytes, file: str) -> Book:
    """Read a workbook: all its sheets, formulas with what they last showed.

    Of other kinds than .xlsx and .xlsm only the values are read. Raises BadInput when it is none,
    is protected, or would unpack to an absurd size.
    """
    if data.startswith(_OLE):
        return read_plain_workbook(data, file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return _other_kind(data, archive, file)
            unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > MAX_BYTES:
                raise BadInput(
                    "{file} unpacks to {size} MB; the maximum is {most} MB. Save the sheet with"
                    " the list alone, or save it as CSV.",
                    file=file,
                    size=-(-unpacked // 1024**2),
                    most=MAX_BYTES // 1024**2,
                )
            if _STRICT not in archive.read("xl/workbook.xml"):
                return _sheets(data, archive, file)
            data = _transitional(archive)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _sheets(data, archive, file)
    except BadInput:
        raise
    # openpyxl raises whatever broken parts make it stumble over: KeyError, TypeError, ParseError.
    except Exception as error:
        raise damaged(file, error) from error


def _other_kind(data: bytes, archive: zipfile.ZipFile, file: str) -> Book:
    """Read what is packed as a workbook is, but is of OpenDocument or of Excel's binary kind."""
    if not _PLAIN_PARTS & set(archive.namelist()):
        raise damaged(file, "no workbook")
    return read_plain_workbook(data, file)


def _transitional(archive: zipfile.ZipFile) -> bytes:
    """Return a workbook of the strict kind as one of the usual kind."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for part in archive.infolist():
            content = archive.read(part)
            for strict, usual in _NAMESPACES.items():
                content = content.replace(strict, usual)
            made.writestr(part.filename, content)
    return out.getvalue()


class _Parts:
    """The parts of a workbook, and how much of them was read; `cells` of all its sheets.

    A part may be named, and a text stand in cells, any number of times: each time counts. What
    is named but once was measured before.
    """

    def __init__(self, archive: zipfile.ZipFile, file: str) -> None:
        self._archive, self._file = archive, file
        self.names = frozenset(archive.namelist())
        self._bytes = self._characters = self.cells = 0

    def read(self, name: str) -> bytes:
        """Return the content of a part; raises BadInput where that is too much in all."""
        self._bytes += self._archive.getinfo(name).file_size
        self._demand_little(self._bytes)
        return self._archive.read(name)

    def take(self, value: Cell) -> None:
        """Count the characters of a cell; raises BadInput where they are too many in all."""
        if isinstance(value, str):
            self._characters += len(value)
            self._demand_little(self._characters)

    def _demand_little(self, size: int) -> None:
        if size > MAX_BYTES:
            raise BadInput(
                "{file} unpacks to more than {most} MB, as parts of it are used in many places."
                " Save the sheet with the list alone, or save it as CSV.",
                file=self._file,
                most=MAX_BYTES // 1024**2,
            )


def _sheets(data: bytes, archive: zipfile.ZipFile, file: str) -> Book:
    parts = _Parts(archive, file)
    if _STYLES in parts.names and _LONG_FORMAT.search(parts.read(_STYLES)):
        raise damaged(file, "a number format without end")
    if len(_A_SHEET.findall(parts.read("xl/workbook.xml"))) > _MAX_SHEETS:
        raise damaged(file, "sheets without end")
    book = Book([])
    values: Any = None
    workbook = _workbook(data, values_only=False)
    book.last_known = _last_known(workbook)
    looks: dict[int, CellLook | None] = {}
    for sheet in workbook.worksheets:
        xml = parts.read(sheet._worksheet_path)
        rows, formulas = _sheet_rows(sheet, xml, looks, file, parts)
        if formulas:
            values = values or _workbook(data, values_only=True)
            _calculate(rows, formulas, values[sheet.title], file, parts)
        _spread(rows, xml)
        _dimensions(rows, xml)
        _comments(rows, parts, sheet._worksheet_path)
        book.sheets.append(Sheet(sheet.title, rows, hidden=sheet.sheet_state != "visible"))
    return book


def _last_known(workbook: Any) -> LastKnown | None:
    """Return what a workbook of ours notes of the last it has."""
    notes = {str(note.name): str(note.value) for note in workbook.custom_doc_props.props}
    found = _LAST_KNOWN.fullmatch(notes.get(LAST_KNOWN, ""))
    names = takewhile(notes.__contains__, (f"{PART_KNOWN}{at}" for at in count(1)))
    part = "".join(notes[name] for name in names)
    if not found or len(part) > LONGEST_PART or not re.fullmatch(PART, part):
        return None
    changed = None
    with suppress(ValueError):
        changed = datetime.fromisoformat(found[2] or "")
    known = changed if changed and changed.tzinfo else None
    return LastKnown(int(found[1]), known, found[3] or "", part)


def _workbook(data: bytes, *, values_only: bool) -> Any:
    """Open a workbook to be read row by row: charts and pictures stay untouched."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about parts that are of no interest here
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=values_only)


def _cells(sheet: Any, file: str, parts: _Parts) -> Iterator[tuple[int, Any]]:
    """Walk over the rows of a sheet; its own statement of its size is ignored."""
    sheet.reset_dimensions()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, row in enumerate(sheet.iter_rows(), 1):
            # A row that was left out costs some time as well.
            parts.cells += len(row) or 1
            if number > _LAST_ROW or parts.cells > _MAX_CELLS:
                raise too_many_rows(file)
            yield number, row


def _sheet_rows(
    sheet: Any, xml: bytes, looks: dict[int, CellLook | None], file: str, parts: _Parts
) -> tuple[list[Row], set[int]]:
    """Return the rows of a sheet that are not blank, and the numbers of those with formulas."""
    rows: list[Row] = []
    formulas: set[int] = set()
    for number, row in _cells(sheet, file, parts):
        last = rows[-1].number if rows else 0
        if number - last == MAX_BLANKS + 1 and _stand_in(xml, len(rows) + MAX_BLANKS):
            raise too_many_blanks(file, last)
        cells: list[Cell] = []
        seen: dict[int, CellLook] = {}
        for at, cell in enumerate(row):
            value = _value(cell)
            if value is None:
                continue
            if at >= MAX_COLUMNS:
                raise too_wide(file, number)
            cells += [None] * (at - len(cells))
            cells.append(value)
            if isinstance(value, Formula):
                formulas.add(number)
            elif isinstance(value, str) and len(value) > LONGEST_CELL:
                raise long_cell(file, number)
            parts.take(value)
            if look := _look(cell, looks):
                seen[at] = look
        if cells:
            rows.append(Row(number, cells, looks=seen))
            if len(rows) > MAX_ROWS:
                raise too_many_rows(file)
    return rows, formulas


def _stand_in(xml: bytes, count: int) -> bool:
    """Return whether at least so many rows stand in a sheet; those left out cost nothing."""
    return next(islice(_ROW.finditer(xml), count - 1, None), None) is not None


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
    if isinstance(value, int | float):
        return displayed(value, cell.number_format)
    if isinstance(value, date):
        return displayed_day(value, cell.number_format)
    return value if isinstance(value, _PLAIN) else str(value)


def _look(cell: Any, looks: dict[int, CellLook | None]) -> CellLook | None:
    """Return how a cell looks, if it is not plain; most cells share a few styles."""
    style = cell._style_id
    if style not in looks:
        font, alignment = cell.font, cell.alignment
        look = CellLook(
            struck=bool(font and font.strike),
            bold=bool(font and font.b),
            indent=int(alignment.indent if alignment else 0),
            symbols="wingdings" in str(font.name if font else "").casefold(),
        )
        looks[style] = look if look != CellLook() else None
    return looks[style]


def _calculate(
    rows: Iterable[Row], formulas: set[int], sheet: Any, file: str, parts: _Parts
) -> None:
    """Put to each formula the value that the sheet last showed."""
    waiting = {row.number: row for row in rows if row.number in formulas}
    for number, values in _cells(sheet, file, parts):
        row = waiting.get(number)
        for at, cell in enumerate(row.cells) if row else ():
            if row and isinstance(cell, Formula) and at < len(values):
                shown = _value(values[at])
                parts.take(shown)
                row.cells[at] = Formula(cell.text, shown)


def _spread(rows: list[Row], xml: bytes) -> None:
    """Give the rows that a merged cell covers its value, and note its width."""
    from openpyxl.utils import column_index_from_string

    found: dict[int, list[tuple[int, int]]] = {}
    here = {row.number: row for row in rows}
    for left, top, right, bottom in _MERGED.findall(xml):
        column = column_index_from_string(left.decode()) - 1
        if int(bottom) > int(top):
            found.setdefault(column, []).append((int(top), int(bottom)))
        last = column_index_from_string(right.decode()) - 1
        if last > column and int(top) in here:
            here[int(top)].wide[column] = min(last, MAX_COLUMNS)
    for column, ranges in found.items():
        _spread_down(rows, column, ranges)


def _spread_down(rows: list[Row], column: int, ranges: list[tuple[int, int]]) -> None:
    ranges.sort(reverse=True)
    last, value = 0, None
    for row in rows:
        here = row.cells[column] if column < len(row.cells) else None
        while ranges and ranges[-1][0] <= row.number:
            top, bottom = ranges.pop()
            last, value = bottom, here if top == row.number else None
        if here is None and row.number <= last and value is not None:
            row.above[column] = value


def _dimensions(rows: list[Row], xml: bytes) -> None:
    """Tell which rows are hidden, and how deep they are in the outline."""
    here = {row.number: row for row in rows}
    for found in _ROW.finditer(xml):
        said = dict(_ATTRIBUTE.findall(found[1]))
        row = here.get(int(said.get(b"r", b"0")))
        if row:
            row.hidden = said.get(b"hidden") in (b"1", b"true")
            level = said.get(b"outlineLevel", b"0")
            row.level = int(level) if len(level) == 1 and level.isdigit() else 0


def _comments(rows: list[Row], parts: _Parts, path: str) -> None:
    """Attach the comments of a sheet to their cells; those of no cell are skipped."""
    from openpyxl.comments.comment_sheet import CommentSheet
    from openpyxl.utils import coordinate_to_tuple
    from openpyxl.xml.functions import fromstring

    here = {row.number: row for row in rows}
    for part in _related(parts, path, "/comments"):
        sheet: Any = CommentSheet.from_tree(fromstring(parts.read(part)))
        for place, comment in sheet.comments:
            number, column = coordinate_to_tuple(place)
            if number in here:
                here[number].comments[column - 1] = harmless(str(comment.text))[0].strip()


def _related(parts: _Parts, path: str, kind: str) -> Iterator[str]:
    """Walk over the parts of a kind that belong to a sheet."""
    from openpyxl.xml.functions import fromstring

    folder, _, name = path.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in parts.names:
        return
    for relation in fromstring(parts.read(relations)):
        if relation.get("Type", "").endswith(kind):
            target = relation.get("Target", "")
            yield target[1:] if target.startswith("/") else normpath(join(folder, target))
