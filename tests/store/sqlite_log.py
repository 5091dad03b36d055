"""A log kept in SQLite: proof that the store depends on the seam and not on files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.domain.errors import Busy, StoreError
from tracker.domain.sentence import Sentence
from tracker.store import checkpoint, codec
from tracker.store.lines import all_between

_TABLES = """
CREATE TABLE IF NOT EXISTS lines (seq INTEGER PRIMARY KEY, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), data BLOB NOT NULL);
"""


class SqliteLog:
    """Lines in one table, the checkpoint in another; a writer holds a write transaction."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.notices: list[Sentence] = []
        self.patience = 5.0
        self.login, self.place, self.trouble = "", str(path), None
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_TABLES)
        self._depth = 0
        self._last = -1

    @contextmanager
    def lock(self, who: str) -> Iterator[None]:
        del who
        if not self._depth:
            self._db.execute(f"PRAGMA busy_timeout = {self.patience * 1000:.0f}")
            try:
                self._db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise Busy("{file} is being changed by somebody.", file=self.name) from error
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth and self._db.in_transaction:
                self._db.execute("COMMIT")

    def hang_up(self) -> None: ...

    def load(self) -> bytes | None:
        row = self._db.execute("SELECT data FROM checkpoint").fetchone()
        return row and bytes(row[0])

    def first(self) -> int:
        row = self._db.execute("SELECT min(seq) FROM lines").fetchone()
        return int(row[0] or self._newest() + 1)

    def _newest(self) -> int:
        return int(self._db.execute("SELECT max(seq) FROM lines").fetchone()[0] or 0)

    def since(self, seq: int, seal: str) -> list[bytes]:
        here = self._line_at(seq)
        if here and codec.seal_of(here) != seal:
            raise checkpoint.strayed(self.name)
        self._last = self._newest()
        return [*self.lines(seq + 1, self._last)]

    def lines(self, first: int, last: int) -> Iterator[bytes]:
        query = "SELECT line FROM lines WHERE seq BETWEEN ? AND ? ORDER BY seq"
        found = [bytes(row[0]) for row in self._db.execute(query, (first, last))]
        yield from all_between(found, first, last, self.name)

    def changed(self) -> bool:
        return self._newest() != self._last

    def append(self, line: bytes) -> None:
        try:
            self._db.execute("INSERT INTO lines VALUES (?, ?)", (codec.seq_of(line), line))
            # Acknowledged is what is on the disk: the transaction ends here, the lock goes on.
            self._db.execute("COMMIT")
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise StoreError("{file} could not be written.", file=self.name) from error
        self._last = codec.seq_of(line)

    def checkpoint(self, data: bytes) -> bool:
        new = checkpoint.head(data)
        with self.lock(""):
            old = checkpoint.present(self.load(), self._line_at, self.name)
            if old and (old.schema, old.seq) >= (new.schema, new.seq):
                return False
            self._db.execute("INSERT OR REPLACE INTO checkpoint VALUES (1, ?)", (data,))
        return True

    def _line_at(self, seq: int) -> bytes | None:
        row = self._db.execute("SELECT line FROM lines WHERE seq = ?", (seq,)).fetchone()
        return row and bytes(row[0])

    def watch(self, tell: Callable[[], None]) -> None:
        del tell

    def others(self, who: str) -> list[str]:
        del who
        return []

    def close(self) -> None:
        self._db.close()
