"""A desk on which lists come in, beside a plan with its history."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.builders import TODAY, later
from tracker.domain.change import Record
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.exchange import importing
from tracker.exchange.outcome import Report
from tracker.exchange.updating import Update


class Desk:
    """A workspace with its history, and lists that come in; its clock goes on with each change.

    Lists are read on the day that is `today`.
    """

    minutes = 1
    today = TODAY

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
        self.do(importing.read(self.file(text, name), today=self.today, ws=self.ws).command)

    def update(self, text: str | bytes, name: str = "list.csv") -> Update:
        """Compare a list with what is here."""
        taken = importing.read(self.file(text, name), today=self.today, ws=self.ws)
        return Update(taken.source, self.ws, taken.look_back(self.records, self.ws))


@contextmanager
def clocks_of(zone: str) -> Iterator[None]:
    """Let the machine be in a time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        os.environ |= {} if before is None else {"TZ": before}
        time.tzset()


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
