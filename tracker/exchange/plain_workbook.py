"""Workbooks of which only the values are read: .xls of old Excel, .ods of LibreOffice, .xlsb.

The parser is compiled and reads formats that are damaged or hostile at times: a few bytes can ask
for gigabytes, and a fault there ends the process. So it works in a process of its own, which may
take so much memory and time and no more.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from io import BytesIO
from typing import Any, Literal

import msgspec

from tracker.domain.errors import BadInput
from tracker.domain.sentence import sentence
from tracker.exchange.source import MAX_ROWS, damaged, too_many_rows
from tracker.exchange.spreadsheet import (
    LONGEST_CELL,
    MAX_BLANKS,
    MAX_COLUMNS,
    Book,
    Cell,
    Row,
    Sheet,
    long_cell,
    too_many_blanks,
    too_wide,
)

# Of the process that parses: bytes of memory, seconds of work.
_MOST_MEMORY = 1536 * 1024**2
_MOST_TIME = 60
_SERVE = "from tracker.exchange import plain_workbook; plain_workbook.serve()"


class _Moment(msgspec.Struct, array_like=True):
    """A value that is no text and no number, as it goes from process to process."""

    kind: Literal["date", "datetime", "time", "timedelta"]
    value: str | float


_Sent = str | int | float | bool | _Moment | None


class _Answer(msgspec.Struct):
    """What the process that parses has found: sheets, or what stood in the way."""

    sheets: list[tuple[str, bool, list[tuple[int, list[_Sent]]]]] = []
    problem: str = ""
    protected: bool = False


def read_plain_workbook(data: bytes, file: str) -> Book:
    """Read the values of a workbook; a remark says that nothing else of it is.

    Raises BadInput when it is damaged, is protected, holds more than a list can have, or when
    python-calamine is not installed.
    """
    if find_spec("python_calamine") is None:
        raise BadInput(
            "{file} can only be read with python-calamine: `pip install"
            " 'ways-back[spreadsheets]'` installs it. Or save it as .xlsx.",
            file=file,
        )
    answer = _parsed(data, file)
    if answer.protected:
        raise BadInput(
            "{file} is protected by a password. Save it without one.",
            file=file,
        )
    if answer.problem:
        raise damaged(file, answer.problem)
    why = sentence(
        "Only the values of this kind of workbook are read; formulas, merged cells, comments and"
        " formats are not. Saved as .xlsx, it is read with them."
    )
    return Book(
        [
            Sheet(name, [_checked(row, cells, file) for row, cells in rows], hidden=hidden)
            for name, hidden, rows in answer.sheets
            if _within(rows, file)
        ],
        [(0, why)],
    )


def _parsed(data: bytes, file: str) -> _Answer:
    """Let another process parse the bytes."""
    places = os.pathsep.join(place for place in sys.path if place)
    try:
        done = subprocess.run(  # noqa: S603  # it is this very program
            [sys.executable, "-P", "-c", _SERVE],
            input=data,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": places},
            timeout=2 * _MOST_TIME,
            check=True,
        )
        return msgspec.msgpack.decode(done.stdout, type=_Answer)
    except (subprocess.SubprocessError, msgspec.DecodeError, OSError):
        raise BadInput(
            "{file} cannot be unpacked; it asks for too much memory or is damaged. Save the sheet"
            " with the list alone as .xlsx or CSV.",
            file=file,
        ) from None


def _within(rows: list[tuple[int, list[_Sent]]], file: str) -> bool:
    if len(rows) > MAX_ROWS:
        raise too_many_rows(file)
    last = 0
    for number, _cells in rows:
        if number - last > MAX_BLANKS:
            raise too_many_blanks(file, last)
        last = number
    return True


def _checked(number: int, sent: list[_Sent], file: str) -> Row:
    if len(sent) > MAX_COLUMNS:
        raise too_wide(file, number)
    if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in sent):
        raise long_cell(file, number)
    return Row(number, [_received(cell) for cell in sent])


def _received(sent: _Sent) -> Cell:
    if not isinstance(sent, _Moment):
        return sent
    value = sent.value
    match sent.kind:
        case "date":
            return date.fromisoformat(str(value))
        case "datetime":
            return datetime.fromisoformat(str(value))
        case "time":
            return time.fromisoformat(str(value))
        case "timedelta":
            return timedelta(seconds=float(value))


# --- the process that parses -------------------------------------------------------------------


def serve() -> None:
    """Parse the workbook on standard input and write what is in it to standard output."""
    for what, most in (
        (resource.RLIMIT_AS, _MOST_MEMORY),
        (resource.RLIMIT_CPU, _MOST_TIME),
        (resource.RLIMIT_CORE, 0),
    ):
        # Not every system has each of them, and some have set less.
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(msgspec.msgpack.encode(_found(data)))


def _found(data: bytes) -> _Answer:
    from python_calamine import CalamineError, PasswordError, SheetVisibleEnum, load_workbook

    try:
        with load_workbook(BytesIO(data)) as book:
            sheets = []
            for about in book.sheets_metadata:
                rows = book.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
                hidden = about.visible != SheetVisibleEnum.Visible
                sheets.append((about.name, hidden, list(_rows(rows))))
            return _Answer(sheets)
    except PasswordError:
        return _Answer(protected=True)
    # Of some faults only the base class is known, and text that is no Unicode is one too.
    except (CalamineError, ValueError) as error:
        return _Answer(problem=str(error) or type(error).__name__)


def _rows(rows: Iterable[list[Any]]) -> Iterator[tuple[int, list[_Sent]]]:
    """Walk over the rows that are not blank, no more of them than it takes to refuse them."""
    count = 0
    for number, cells in enumerate(rows, 1):
        sent = [_sent(cell) for cell in cells[: MAX_COLUMNS + 1]]
        while sent and sent[-1] is None:
            sent.pop()
        if sent:
            yield number, sent
            count += 1
        if count > MAX_ROWS:
            return


def _sent(cell: Any) -> _Sent:
    match cell:
        case str():
            return None if not cell or cell.isspace() else cell
        case datetime():
            return _Moment("datetime", cell.isoformat())
        case date():
            return _Moment("date", cell.isoformat())
        case time():
            return _Moment("time", cell.isoformat())
        case timedelta():
            return _Moment("timedelta", cell.total_seconds())
        case _:
            number: float | bool = cell
            return number
