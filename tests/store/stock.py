"""TinyDB's names, bound to the journal: with them its own tests run against the store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import tinydb
import tinydb.storages
from tinydb.storages import touch

from tracker.domain.change import Record
from tracker.store.codec import Entry, RawEdit
from tracker.store.journal import Journal, JournalStorage, JournalTable
from tracker.store.log import FileLog

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Table(JournalTable):
    """Called as TinyDB calls its own."""


class JSONStorage(JournalStorage):
    """Takes what TinyDB's own takes; the form of the text is not for the caller to choose."""

    def __init__(
        self, path: Any, create_dirs: bool = False, access_mode: str = "r+", **_form: Any
    ) -> None:
        self._read_only = access_mode == "r"
        if not self._read_only:
            touch(path, create_dirs=create_dirs)
        with open(path, encoding="utf-8"):
            super().__init__(FileLog(path), who="tests", clock=lambda: AT)

    def append(self, record: Record, others: Iterable[RawEdit] = ()) -> Entry:
        if self._read_only:
            raise OSError("opened to be read only")
        return super().append(record, others)


JSONStorage.__module__ = tinydb.storages.JSONStorage.__module__


class TinyDB(Journal):
    """Called as TinyDB calls itself."""

    table_class = Table
    default_storage_class = JSONStorage


def pytest_configure() -> None:
    """Put them in TinyDB's place, before its tests are imported."""
    for name, ours in (("TinyDB", TinyDB), ("JSONStorage", JSONStorage)):
        setattr(tinydb, name, ours)
    setattr(tinydb.storages, "JSONStorage", JSONStorage)  # noqa: B010  # mypy minds an assignment
