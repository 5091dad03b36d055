"""The sheet of a file that is the list, and what stands above it."""

from __future__ import annotations

import re

from tracker.domain.errors import BadInput
from tracker.domain.sentence import counted, sentence
from tracker.exchange.headers import OWN_SHEETS, Given, Header, find_header
from tracker.exchange.source import Source, harmless_value
from tracker.exchange.spreadsheet import Book, Row, Sheet
from tracker.exchange.table_rows import is_form, one_line

_LISTED_BLANKS = 10
_PROJECT_LINE = re.compile(
    r"(?:projekt(?:name|titel)?|project(?: name)?|vorhaben)\s*[:–-]\s*(\S.*)", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"(?:stand|datum|date|as of|status|version|autor|author|erstellt|created)\b", re.IGNORECASE
)
_LONGEST_NAME = 200


def chosen_sheet(book: Book, source: Source, given: Given) -> tuple[Sheet, Header]:
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


def project_above(rows: list[Row]) -> tuple[int, str] | None:
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


def skip_blanks(source: Source, first: int, until: int) -> None:
    """Report the blank rows from `first` up to, not with, `until`; a long gap as one."""
    if until - first > _LISTED_BLANKS:
        last = until - 1
        why = sentence("Rows {first} to {last} are blank.", first=first, last=last)
        source.skip(first, why)
        return
    for number in range(first, until):
        source.skip(number, sentence("The row is blank."))
