"""Many rows of a sheet, written into a workbook in a fraction of the time openpyxl takes for them.

It makes the workbook with the heads, the styles and all else; the rows are put between by hand, as
ECMA-376 part 1, 18.3.1, has them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date
from itertools import chain, islice
from typing import NamedTuple
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.worksheet import Worksheet

from tracker.domain.errors import Refused
from tracker.domain.sentence import quoted, system_reason

# ECMA-376 part 1, 22.9.2.19: XML has no other way to say these, and what looks so means them.
_UNSAYABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_WIDEST, _MARGIN = 60, 2
_LOOKED_AT = 200
# As workbooks have it by default; without a name each program takes another one.
BOLD = Font(name="Calibri", size=11, bold=True)
_HEAD = PatternFill("solid", fgColor="DDDDDD")
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')
_END = b"</sheetData>"
# The times an archive can tell of what is in it; APPNOTE 4.4.6.
_FIRST_DAY, _LAST_DAY = date(1980, 1, 1), date(2107, 12, 31)
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*<")


class WrittenCell(NamedTuple):
    """What a cell holds: a text is a text, whatever it looks like; numbers and days have a form."""

    value: str | float | date
    form: str = ""


class FilledSheet:
    """A sheet with a head that stays in sight, and rows below it in columns as wide as need be."""

    def __init__(self, sheet: Worksheet, heads: Iterable[str]) -> None:
        self.sheet = sheet
        self.heads = list(heads)
        for at, head in enumerate(self.heads, 1):
            cell = sheet.cell(1, at)
            put(cell, head)
            cell.font, cell.fill = BOLD, _HEAD
        sheet.freeze_panes = "A2"
        self._letters = [get_column_letter(at) for at in range(1, len(self.heads) + 1)]
        self._styles: dict[str, int] = {"": 0}
        self.rows = b""
        self.last = 1

    def fill(self, rows: Iterable[list[WrittenCell | None]]) -> None:
        """Write the rows, one cell for each head, below what is there."""
        rows = iter(rows)
        first = list(islice(rows, _LOOKED_AT))
        self._fit(first)
        lines = [self._line(at, row) for at, row in enumerate(chain(first, rows), self.last + 1)]
        self.rows += "".join(lines).encode("utf-8", "replace")
        self.last += len(lines)
        self.sheet.auto_filter.ref = self.extent

    @property
    def extent(self) -> str:
        """All cells, as in `A1:K20`."""
        return f"A1:{self._letters[-1]}{self.last}"

    def _line(self, at: int, row: list[WrittenCell | None]) -> str:
        cells = [
            self._cell(f"{letter}{at}", cell)
            for letter, cell in zip(self._letters, row, strict=True)
            if cell is not None
        ]
        return f'<row r="{at}">{"".join(cells)}</row>'

    def _cell(self, place: str, cell: WrittenCell) -> str:
        value = cell.value
        if isinstance(value, str):
            text = sheet_text(value)
            return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        number = value if isinstance(value, int | float) else to_excel(value)
        return f'<c r="{place}" s="{self._style(cell.form)}"><v>{number!r}</v></c>'

    def _style(self, form: str) -> int:
        """Return the number that the workbook knows a format by."""
        found = self._styles.get(form)
        if found is None:
            pen = Cell(self.sheet, 1, 1)
            pen.number_format = form
            found = self._styles[form] = int(pen.style_id)
        return found

    def _fit(self, rows: list[list[WrittenCell | None]]) -> None:
        """Make each column as wide as its content, within reason."""
        for at, (letter, head) in enumerate(zip(self._letters, self.heads, strict=True)):
            said = (str(cell.value) for row in rows if (cell := row[at]) is not None)
            longest = max(len(text.partition("\n")[0]) for text in (head, *said))
            self.sheet.column_dimensions[letter].width = min(longest, _WIDEST) + _MARGIN


def sheet_text(text: str) -> str:
    """Return a text as the content of an XML element of a sheet."""
    return escape(_UNSAYABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def put(cell: Cell, text: str) -> None:
    """Write a text as a text, whatever it looks like."""
    cell.value = _UNSAYABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    cell.data_type = "s"


def saved(book: Workbook, filled: Iterable[FilledSheet], *, day: date | None = None) -> bytes:
    """Return a workbook as a file, with the rows of its filled sheets in their places.

    One that is of a `day` is the same byte for byte whenever it is written. Raises Refused where
    there is no room for the files openpyxl makes of its sheets first.
    """
    bare, out = io.BytesIO(), io.BytesIO()
    try:
        book.save(bare)
    except Exception as error:
        # openpyxl writes them by lxml, which has errors of its own, if that is there.
        if not isinstance(error, OSError) and type(error).__module__ != "lxml.etree":
            raise
        raise Refused(
            "A workbook needs temporary files, and there is no place for them ({problem}). Free"
            " some space, or set TMPDIR to a folder that has some.",
            problem=system_reason(error) if isinstance(error, OSError) else quoted(error),
        ) from error
    having = {each.sheet.path.lstrip("/"): each for each in filled}
    with zipfile.ZipFile(bare) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        for part in made.infolist():
            content = made.read(part)
            if day:
                told = min(max(day, _FIRST_DAY), _LAST_DAY)
                part.date_time = (told.year, told.month, told.day, 0, 0, 0)
                if part.filename == "docProps/core.xml":
                    content = _MOMENT.sub(
                        rb"\g<1>%bT00:00:00Z<" % day.isoformat().encode(), content
                    )
            if each := having.get(part.filename):
                content = _DIMENSION.sub(f'<dimension ref="{each.extent}"'.encode(), content, 1)
                content = content.replace(_END, each.rows + _END, 1)
            whole.writestr(part, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
