"""Exporting tasks: for spreadsheets, for scripts, for other programs, and for importing again."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from tracker.domain.errors import Refused
from tracker.domain.fields import FIELDS
from tracker.domain.sentence import sentence, system_reason
from tracker.exchange import (
    board_svg,
    dot,
    icalendar,
    mermaid_flow,
    mermaid_gantt,
    project_xml,
    taskwarrior,
)
from tracker.exchange.document import workspace_json
from tracker.exchange.handout import EVERYTHING, Handout
from tracker.exchange.headers import OWN
from tracker.exchange.target_format import Format
from tracker.exchange.task_cells import TaskCells

# The dialect of CSV with semicolons and decimal commas.
GERMAN_EXCEL = "excel-de"


# How a workspace begins, and its journal, whatever their files are called.
_WORKSPACE = re.compile(rb'\{"meta":\{"1":\{"crc":"|\{"v":\d+,"seq":\d')
_BESIDE = (".json", ".log", ".lock", ".kept")


def _is_of_workspace(path: Path) -> bool:
    """Return whether a path is one of the files a workspace consists of, or will be."""
    beside = [path.with_suffix(ending) for ending in _BESIDE if path.suffix in _BESIDE]
    return any(map(_begins_as_workspace, (path, *beside))) or (
        bool(beside) and all(map(os.path.exists, beside[:2]))
    )


def _begins_as_workspace(path: Path) -> bool:
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return _WORKSPACE.match(file.read(64)) is not None
    return False


def save(path: Path, data: bytes, *, force: bool = False) -> None:
    """Put a whole file in its place, or leave everything as it was.

    It is written beside its place first, so that a full disk or a lost connection leaves no half
    of it. What it replaces keeps its permissions, if it is one's own; else the umask says who may
    read it, as of anything one hands out. Raises Refused, also when there is a file and `force` is
    not given, and for a workspace, a device or a pipe.
    """
    if _is_of_workspace(path):
        raise Refused(
            "{file} is part of a workspace and is not replaced; choose another name.",
            file=str(path),
        )
    if not path.name or os.path.isdir(path):
        raise Refused("{file} is a folder; name a file in it.", file=str(path))
    if os.path.exists(path) and not os.path.isfile(path):
        raise Refused(
            "{file} is not an ordinary file and is not replaced; choose another name.",
            file=str(path),
        )
    beside = path.with_name(f".{os.urandom(8).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    reserved = False
    try:
        try:
            replaced = _own(path) if force else None
            mode = 0o600 if replaced else 0o666
            with os.fdopen(os.open(beside, flags, mode), "wb") as file:
                if replaced:
                    _let_in(file.fileno(), replaced)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if not force:
                os.close(os.open(path, flags, mode))
                reserved = True
            beside.replace(path)
            with suppress(
                OSError
            ):  # it is there; where this cannot be asked for, it comes by itself
                _sync(path.parent)
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


def _own(path: Path) -> os.stat_result | None:
    """Return what is known of an ordinary file of one's own; None where there is none."""
    with suppress(FileNotFoundError):
        found = path.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
            return found
    return None


def _let_in(file: int, like: os.stat_result) -> None:
    """Give a new file the permissions of another; what was a group's is for none in its place."""
    mode = like.st_mode & 0o777
    try:
        os.fchown(file, -1, like.st_gid)
    except OSError:
        mode &= ~0o070 | (mode & 0o007) << 3
    os.fchmod(file, mode)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def workspace_csv(out: Handout) -> bytes:
    """Return all tasks as CSV that Excel opens with a double click.

    Excel takes a file for UTF-8 only by its byte order mark, expects the list separator of its
    country, and would make a date of 4.5 where the comma is decimal: so that of Germany gets `;`
    and commas. Text that could be taken for a formula gets an apostrophe. RFC 4180 otherwise.
    """
    commas = out.dialect == GERMAN_EXCEL if out.dialect else out.german
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if commas else ",", lineterminator="\r\n")
    writer.writerow(OWN["de" if out.german else "en"].values())
    cells = TaskCells(out.ws, out.german, commas=commas)
    columns = [cells.writer(field) for field in FIELDS if field.column]
    for task in out.walk():
        writer.writerow([write(task) for write in columns])
    return text.getvalue().encode("utf-8-sig", "replace")


def _workbook(out: Handout) -> bytes:
    # Exporting a CSV does not wait for the library that writes workbooks.
    from tracker.exchange.excel import workspace_xlsx

    return workspace_xlsx(out)


# What a list has columns for; who is notified over the limit is not among them.
_LISTED = frozenset(
    name
    for name in EVERYTHING - {"returns.escalate_to"}
    if "." in name or any(field.name == name and field.column for field in FIELDS)
)
# All formats, by which help, completion and refusals speak of them.
FORMATS: tuple[Format[Handout], ...] = (
    Format(
        "xlsx",
        (".xlsx",),
        sentence("a workbook to go on with in Excel"),
        _workbook,
        _LISTED,
        binary=True,
    ),
    Format(
        "csv",
        (".csv",),
        sentence("a list; in German with semicolons and decimal commas"),
        workspace_csv,
        _LISTED,
        dialects=(GERMAN_EXCEL, "excel-en"),
    ),
    Format(
        "json",
        (".json",),
        sentence("everything but the history, to be imported unchanged"),
        lambda out: workspace_json(out.ws, out.today, out.whole if out.is_part else None),
        EVERYTHING,
    ),
    Format(
        "mermaid-flow",
        (".mmd",),
        sentence("a flowchart for Mermaid, as GitLab and GitHub draw it"),
        mermaid_flow.write,
        mermaid_flow.CARRIES,
    ),
    Format(
        "mermaid-gantt",
        (".gantt.mmd",),
        sentence("a Gantt chart for Mermaid, with the days of the plan"),
        mermaid_gantt.write,
        mermaid_gantt.CARRIES,
    ),
    Format("dot", (".dot", ".gv"), sentence("a graph for Graphviz"), dot.write, dot.CARRIES),
    Format(
        "svg", (".svg",), sentence("the board as a picture"), board_svg.write, board_svg.CARRIES
    ),
    Format(
        "ics",
        (".ics",),
        sentence("to-dos and days for calendars"),
        icalendar.write,
        icalendar.CARRIES,
        parts=icalendar.PARTS,
    ),
    Format(
        "taskwarrior",
        (".taskwarrior.json",),
        sentence("a list for `task import` of Taskwarrior"),
        taskwarrior.write,
        taskwarrior.CARRIES,
    ),
    Format(
        "mspdi",
        (".xml",),
        sentence("a plan for Microsoft Project and what else opens its XML"),
        project_xml.write,
        project_xml.CARRIES,
    ),
)
