"""A desk on which lists come in, beside a plan with its history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.builders import TODAY, later
from tracker.domain.change import Record
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.exchange import importing
from tracker.exchange.looking_back import look_back
from tracker.exchange.outcome import Report
from tracker.exchange.updating import Update


class Desk:
    """A workspace with its history, and lists that come in; its clock goes on with each change."""

    minutes = 1

    def __init__(self, folder: Path, ws: Workspace | None = None) -> None:
        self.folder, self.ws = folder, ws or Workspace()
        self.records: list[Record] = []

    def do(self, command: commands.Command) -> None:
        """Carry out a command, a minute after the last, and keep its record."""
        self._keep(command(self.ws, later(self.minutes * len(self.records))))

    def undo(self, seq: int) -> None:
        """Take back a record."""
        self._keep(self.records[seq - 1].change.inverse, undoes=seq)

    def _keep(self, change: Any, undoes: int | None = None) -> None:
        self.ws = self.ws.apply(change)
        at = later(self.minutes * len(self.records)).at
        self.records.append(Record(len(self.records) + 1, at, "x", change, undoes))

    def file(self, text: str | bytes, name: str = "list.csv") -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def take(self, text: str | bytes, name: str = "list.csv") -> None:
        """Import a list as the first time."""
        self.do(importing.read(self.file(text, name), today=TODAY).command)

    def update(self, text: str | bytes, name: str = "list.csv") -> Update:
        """Compare a list with what is here."""
        source = importing.read(self.file(text, name), today=TODAY).source
        return Update(source, self.ws, look_back(self.records, self.ws, source))


def said(report: Report) -> list[str]:
    """Return what was remarked."""
    return [str(warned.why) for warned in report.warnings]


def told(update: Update) -> dict[int, list[tuple[str, str, str, str]]]:
    """Return the differences by row."""
    return {
        row.row: [(d.field, str(d.here), str(d.there), d.changed) for d in row.differences]
        for row in update.comparison.rows
        if row.differences
    }
