"""A journal as TinyDB sees it: for TinyDB a storage, of which a change is one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from tracker.domain.change import Change, Record
from tracker.domain.sentence import sentence
from tracker.store import codec
from tracker.store.codec import RawEdit
from tracker.store.documents import Tables, raw_edits, tables, typed
from tracker.store.journal import Journal


class JournalStorage(Storage):
    """What TinyDB reads and writes as a whole; only what differs is stored, `who` and when by it.

    `clock` returns UTC. Raises ValueError when there is something to be stored and no clock.
    """

    def __init__(
        self, journal: Journal, *, who: str = "", clock: Callable[[], datetime] | None = None
    ) -> None:
        self.journal = journal
        self._who, self._clock = who, clock
        # What TinyDB last read or wrote; the next write is compared with it.
        self._base: Tables = {}

    def read(self) -> Tables:
        """Return all documents that are stored, by table and number."""
        self.journal.catch_up()
        self._base = tables(self.journal.snapshot)
        return tables(self.journal.snapshot)

    def write(self, data: Mapping[str, Any]) -> None:
        """Store what differs in `data` from what was last read or written here, as one line.

        Raises Conflict when somebody else has changed the same since, Refused when a rule of the
        model is against it. Nothing at all in `data` means that everything goes.
        """
        journal, new = self.journal, codec.plain(data)

        def decide() -> tuple[Record, list[RawEdit]] | None:
            base = self._base if new else tables(journal.snapshot)
            ours, others = typed(raw_edits(base, new))
            if not ours and not others:
                return None
            if self._clock is None:
                raise ValueError("a journal that TinyDB writes to needs a clock")
            change = Change(sentence("Written with TinyDB"), tuple(ours))
            seq = journal.snapshot.seq + 1
            return Record(seq, self._clock(), self._who, change), others

        journal.commit(self._who, decide)
        self._base = new

    def close(self) -> None:
        """Give back what is held."""
        self.journal.close()


class FreshTable(Table):
    """A table that looks anew for each query: other processes write as well."""

    def __init__(self, storage: Storage, name: str, **options: Any) -> None:
        super().__init__(storage, name, **{**options, "cache_size": 0})


class FreshTinyDB(TinyDB):
    """TinyDB on a journal."""

    table_class: type[Table] = FreshTable


def opened(storage: JournalStorage) -> TinyDB:
    """Return a TinyDB on a storage."""
    return FreshTinyDB(storage=lambda: storage)
