"""Taking lists in: from a file to the command that lays it into a workspace."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Literal, cast

from tracker.domain.change import Change, Record
from tracker.domain.draft import Now
from tracker.domain.errors import BadInput, NotFound, Refused
from tracker.domain.sentence import system_reason
from tracker.domain.workspace import Workspace
from tracker.exchange.headers import find_header
from tracker.exchange.json_list import read_document
from tracker.exchange.merge import Report, lay
from tracker.exchange.source import MAX_BYTES, Source, nothing_in, shown, too_large
from tracker.exchange.spreadsheet import Row, read_csv
from tracker.exchange.task_list import read_list
from tracker.language import _, ngettext, say

Again = Literal["", "new", "twice"]


class TakenIn(Change, frozen=True, kw_only=True):
    """The change that takes a file in; `report` is for whoever asked for it, and not kept."""

    report: Report


class Import:
    """A file that has been read, ready to be laid into a workspace.

    `command` is what a session does; the change of the record it returns has the report. What is
    to become of tasks that are here already, `again` tells: with "new" they stay as they are,
    with "twice" they come in once more, and with "" a list of which most is here is refused.
    """

    def __init__(self, source: Source, again: Again = "") -> None:
        self.source, self.again = source, again

    def plan(self, ws: Workspace, now: Now) -> tuple[Change, Report]:
        """Return what taking the file into this workspace would do. Nothing else happens."""
        return lay(self.source, ws, now, only_new=self.again == "new")

    def command(self, ws: Workspace, now: Now) -> TakenIn:
        """Return the one change that takes the file in; raises Refused if most is here already."""
        change, report = self.plan(ws, now)
        if not self.again and 2 * report.already > report.tasks:
            raise Refused(
                "{here} of the {all} tasks in {file} are here already. "
                "--new takes in only the others, --twice all of them once more.",
                here=report.already,
                all=report.tasks,
                file=self.source.file,
            )
        return TakenIn(change.label, change.edits, change.left, report=report)


def report_of(record: Record) -> Report:
    """Return the report that came with the record of an import."""
    return cast("TakenIn", record.change).report


def read(path: Path, *, project: str | None = None, today: date, again: Again = "") -> Import:
    """Read a list of tasks; its kind follows from its ending.

    `project` is the name of the project for tasks that name none; `again` as for Import. Raises
    NotFound and BadInput.
    """
    reader = READERS.get(path.suffix.lower())
    file = shown(path.name)
    if reader is None:
        raise BadInput(
            "{file} cannot be taken in: its ending is none of {endings}.",
            file=file,
            endings=" ".join(READERS),
        )
    source = reader(_content(path), file, project or None, today)
    if not source.tasks and not source.entities:
        raise nothing_in(file)
    source.chosen = bool(project)
    return Import(source, again)


def _read_csv(data: bytes, file: str, project: str | None, today: date) -> Source:
    book = read_csv(data, file, _known_columns)
    return read_list(book, file, project=project, today=today)


def _read_workbook(data: bytes, file: str, project: str | None, today: date) -> Source:
    # Who hands out a list has nothing to unpack.
    from tracker.exchange.workbook import read_workbook

    return read_list(read_workbook(data, file), file, project=project, today=today)


def _read_json(data: bytes, file: str, project: str | None, _today: date) -> Source:
    return read_document(data, file, project=project)


# What reads a file, by its ending.
READERS: Mapping[str, Callable[[bytes, str, str | None, date], Source]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".txt": _read_csv,
    ".xlsx": _read_workbook,
    ".xlsm": _read_workbook,
    ".json": _read_json,
}


def _known_columns(rows: list[Row]) -> int:
    header = find_header(rows)
    return len(header.fields) if header else 0


def _content(path: Path) -> bytes:
    """Return the bytes of a file of sensible size."""
    file = shown(path)
    try:
        found = path.stat()
        # Looked at before it is opened: a pipe would keep us waiting.
        if not stat.S_ISREG(found.st_mode):
            raise BadInput("{file} is not a file that can be read.", file=file)
        if found.st_size > MAX_BYTES:
            raise too_large(file, found.st_size)
        with path.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NotFound("There is no file {file}.", file=file) from None
    except OSError as error:
        raise BadInput(
            "{file} cannot be read: {problem}.", file=file, problem=system_reason(error)
        ) from None
    if len(data) > MAX_BYTES:
        raise too_large(file, len(data))
    return data


def told(report: Report, *, dry: bool = False) -> list[tuple[str, bool]]:
    """Return the lines that tell what an import did, or would do; True marks a heading."""
    tasks = ngettext("{n} task", "{n} tasks", report.tasks).format(n=report.tasks)
    links = ngettext("{n} arrow", "{n} arrows", report.links).format(n=report.links)
    done = _("Would be taken in: {tasks}, {links}") if dry else _("Taken in: {tasks}, {links}")
    lines = [(done.format(tasks=tasks, links=links), True)]
    returns = [
        (turned.row, f"{turned.source} ⇢ {turned.target}: {say(turned.why)}")
        for turned in report.returns
    ]
    skipped = [(row.row, say(row.why)) for row in report.skipped]
    warnings = [
        (warned.row, ": ".join(filter(None, (warned.column, warned.value, say(warned.why)))))
        for warned in report.warnings
    ]
    for head, found in (
        (_("Arrows that became returns:"), returns),
        (_("Left out:"), skipped),
        (_("Not as it stands there:"), warnings),
    ):
        lines += [("", False), (head, True)] if found else []
        for row, text in found:
            place = _("row {row}").format(row=row) + ": " if row else ""
            lines.append((f"  {place}{text}", False))
    return lines
