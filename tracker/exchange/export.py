"""Exporting lists: for spreadsheets, for scripts, and for importing again."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from tracker.domain.errors import BadInput, Refused
from tracker.domain.fields import FIELDS
from tracker.domain.sentence import system_reason
from tracker.domain.workspace import Workspace
from tracker.exchange.document import workspace_json
from tracker.exchange.headers import OWN
from tracker.exchange.task_cells import TaskCells


def write(
    ws: Workspace, path: Path, *, today: date, language: str = "en", force: bool = False
) -> None:
    """Write a workspace to a file whose ending names the format.

    An existing file is replaced only with `force`; the file is complete at any moment.
    Readable by its owner alone. Raises BadInput for other endings, Refused when it cannot be
    written.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise BadInput(
            "Cannot write {file}: its ending is none of {endings}.",
            file=path.name,
            endings=" ".join(WRITERS),
        )
    save(path, writer(ws, today, language), force=force)


def save(path: Path, data: bytes, *, force: bool = False) -> None:
    """Put a whole file in its place, or leave everything as it was.

    It is written beside its place first, so that a full disk or a lost connection leaves no half
    of it. Raises Refused, also when there is a file and `force` is not given.
    """
    beside = path.with_name(f".{path.name[:100]}.{os.urandom(6).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    reserved = False
    try:
        try:
            with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if not force:
                os.close(os.open(path, flags, 0o600))
                reserved = True
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            if reserved:
                path.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise Refused(
            "{file} already exists; choose another name, or replace it with --force.",
            file=str(path),
        ) from None
    except OSError as error:
        raise Refused(
            "Cannot write {file}: {problem}.", file=str(path), problem=system_reason(error)
        ) from None


def workspace_csv(ws: Workspace, language: str = "en") -> bytes:
    """Return all tasks as CSV that Excel of that language opens with a double click.

    Excel takes a file for UTF-8 only by its byte order mark, expects the list separator of its
    country, and would make a date of 4.5 where the comma is decimal: so German has `;` and commas.
    Text that could be taken for a formula gets an apostrophe. RFC 4180 otherwise.
    """
    german = language == "de"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if german else ",", lineterminator="\r\n")
    writer.writerow(OWN["de" if german else "en"].values())
    cells = TaskCells(ws, german)
    columns = [cells.writer(field) for field in FIELDS if field.column]
    for task in ws.tasks.values():
        writer.writerow([write(task) for write in columns])
    return out.getvalue().encode("utf-8-sig", "replace")


def _workbook(ws: Workspace, _today: date, language: str) -> bytes:
    # Exporting a CSV does not wait for the library that writes workbooks.
    from tracker.exchange.excel import workspace_xlsx

    return workspace_xlsx(ws, language)


# Writers by the ending of the file.
WRITERS: Mapping[str, Callable[[Workspace, date, str], bytes]] = {
    ".csv": lambda ws, _today, language: workspace_csv(ws, language),
    ".xlsx": _workbook,
    ".json": lambda ws, today, _language: workspace_json(ws, today),
}
