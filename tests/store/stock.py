"""TinyDB's own names, with its JSON storage bound to the journal: so its tests run against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import tinydb
import tinydb.storages
from tinydb.storages import touch

from tracker.store.file_log import FileLog
from tracker.store.journal import Journal
from tracker.store.tinydb_storage import JournalStorage

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class JSONStorage(JournalStorage):
    """Takes what TinyDB's own takes; the form of the text is not for the caller to choose."""

    def __init__(
        self, path: Any, create_dirs: bool = False, access_mode: str = "r+", **_form: Any
    ) -> None:
        self._read_only = access_mode == "r"
        if not self._read_only:
            touch(path, create_dirs=create_dirs)
        with open(path, encoding="utf-8"):
            super().__init__(Journal(FileLog(path)), who="tests", clock=lambda: AT)

    def write(self, data: Mapping[str, Any]) -> None:
        if self._read_only:
            raise OSError("opened to be read only")
        super().write(data)


JSONStorage.__module__ = tinydb.storages.JSONStorage.__module__


def pytest_configure() -> None:
    """Put it in the place of TinyDB's, before its tests are imported; all else is TinyDB's own."""
    tinydb.TinyDB.default_storage_class = JSONStorage  # type: ignore[assignment]
    for module in (tinydb, tinydb.storages):
        setattr(module, "JSONStorage", JSONStorage)  # noqa: B010  # mypy minds an assignment
