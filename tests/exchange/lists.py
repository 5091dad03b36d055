"""Files for tests, as people make them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from tests.builders import NOW, TODAY
from tracker.domain.change import Change
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.exchange import importing
from tracker.exchange.outcome import Report

NO_PROJECT = "The list names no project"


def workbook(
    *rows: Iterable[Any], sheets: Iterable[str] = (), shape: Callable[[Any], None] | None = None
) -> bytes:
    """Return an Excel workbook with `rows` on its first sheet; `shape` may do more to that."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    if shape:
        shape(book.active)
    for name in sheets:
        book.create_sheet(name).append(["something", "else"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry, change(content) if entry.filename == part else content)
    return out.getvalue()


class Taken:
    """What an import did."""

    def __init__(self, change: Change, report: Report, ws: Workspace) -> None:
        self.change, self.report, self.ws = change, report, ws

    @property
    def tasks(self) -> list[Task]:
        """The tasks that came."""
        return list(self.change.born(Task))

    @property
    def needs(self) -> set[tuple[int, int, float]]:
        """The needs arrows, with their lags."""
        links = self.ws.links.values()
        return {(x.source, x.target, x.lag) for x in links if x.kind == "needs"}

    @property
    def returns(self) -> set[tuple[int, int]]:
        """The return arrows."""
        return {(x.source, x.target) for x in self.ws.links.values() if x.kind == "returns"}

    @property
    def warnings(self) -> list[tuple[int, str, str, str]]:
        """The warnings, in English, without that of every list that names no project."""
        told = [(w.row, w.column, w.value, str(w.why)) for w in self.report.warnings]
        return [each for each in told if not each[3].startswith(NO_PROJECT)]

    @property
    def skipped(self) -> list[tuple[int, str]]:
        """The rows left out, in English."""
        return [(s.row, str(s.why)) for s in self.report.skipped]


def taken(
    content: str | bytes,
    folder: Path,
    *,
    name: str = "list.csv",
    ws: Workspace | None = None,
    project: str | None = None,
    again: importing.Again = "",
    today: date = TODAY,
) -> Taken:
    """Import `content` as a file of that name."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return taken_file(path, ws=ws, project=project, again=again, today=today)


def taken_file(
    path: Path,
    *,
    ws: Workspace | None = None,
    project: str | None = None,
    again: importing.Again = "",
    today: date = TODAY,
) -> Taken:
    """Import a file."""
    ws = ws or Workspace()
    source = importing.read(path, project=project, today=today, again=again, ws=ws)
    change, report = source.plan(ws, NOW)
    return Taken(change, report, ws.apply(change))
