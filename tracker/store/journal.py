"""TinyDB on a journal: its Storage, Table and TinyDB classes, for which a change is one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Document, Table

from tracker.domain import persistent_map as persistent
from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import Conflict, Damaged, Refused
from tracker.domain.model import KINDS
from tracker.domain.sentence import quoted, sentence
from tracker.store import checkpoint, codec
from tracker.store.checkpoint import Snapshot
from tracker.store.codec import Entry, RawEdit
from tracker.store.log import Log

Tables = dict[str, Any]


class JournalStorage(Storage):
    """Keeps a checkpoint, and lines behind it in a log; a change appends a line.

    What TinyDB itself writes through it is signed `who` and dated by `clock`, which returns UTC.
    `size` is that of the checkpoint in bytes.
    """

    snapshot: Snapshot
    size: int

    def __init__(
        self, log: Log, *, who: str = "", clock: Callable[[], datetime] | None = None
    ) -> None:
        self.log = log
        self._who, self._clock = who, clock
        # What TinyDB last read or wrote as a whole; the next write is compared with it.
        self._base: Tables = {}
        self._load()

    def _load(self) -> list[Entry]:
        """Read everything, and return the lines behind the checkpoint."""
        data = self.log.load()
        if data is None and self.log.first() > 1:
            raise Damaged(
                "{file} is missing. `tracker check --repair` makes it anew from what is kept.",
                file=self.log.name,
            )
        snapshot = checkpoint.decode(data, self.log.name) if data else checkpoint.empty()
        self.size = len(data or b"")
        # Only the checkpoint, which may be another thread's work, sets the mark: its line, and how
        # many bytes of lines had gone by.
        self._bytes, self._mark = 0, (snapshot.seq, 0)
        lines = self.log.since(snapshot.seq, snapshot.seal)
        self.snapshot, entries = self._after(snapshot, lines)
        return entries

    def _after(self, snapshot: Snapshot, lines: Iterable[bytes]) -> tuple[Snapshot, list[Entry]]:
        """Return what is stored after `lines`, and what they say."""
        entries = []
        for line in lines:
            place = sentence("Record {seq} of {file}", seq=snapshot.seq + 1, file=self.log.name)
            entry = codec.decode(line, place)
            try:
                snapshot = snapshot.after(entry, past=True)
            except (Conflict, Refused) as error:
                raise Damaged(
                    "{place} does not fit what came before it: {reason}"
                    " `tracker check --repair` keeps what is sound.",
                    place=place,
                    reason=error.sentence,
                ) from error
            entries.append(entry)
            self._bytes += len(line)
        return snapshot, entries

    def lock(self, who: str | None = None) -> AbstractContextManager[None]:
        """Hold other writers off; may be nested."""
        return self.log.lock(self._who if who is None else who)

    def catch_up(self) -> list[Entry]:
        """Go on to the newest line, and return what has come; one look when nothing has.

        Raises Damaged when a line is not what was written, or does not continue the last one.
        """
        if not self.log.changed():
            return []
        try:
            lines = self.log.since(self.snapshot.seq, self.snapshot.seal)
            self.snapshot, entries = self._after(self.snapshot, lines)
        except Damaged:
            # A line may have been read that the disk then refused, and that was taken back. What
            # is really damaged is so again when everything is read anew.
            entries = self._load()
        return entries

    def append(self, record: Record, others: Iterable[RawEdit] = ()) -> Entry:
        """Write one line, and go on to what it says when read back; under the lock, caught up.

        Raises Conflict or Refused when it does not fit, StoreError when the disk refuses it; then
        nothing has changed.
        """
        line = codec.encode(record, tuple(others), self.snapshot.seal)
        try:
            entry = codec.parse(line)
        except codec.UNREADABLE as error:
            raise Refused("This cannot be stored: {reason}.", reason=quoted(error)) from error
        following = self.snapshot.after(entry, past=False)
        self.log.append(line)
        self.snapshot = following
        self._bytes += len(line)
        return entry

    @property
    def tail(self) -> tuple[int, int]:
        """How many lines and bytes stand behind the checkpoint, for opening to go through."""
        seq, mark = self._mark
        return self.snapshot.seq - seq, self._bytes - mark

    def checkpoint(self) -> bool:
        """Write a checkpoint of what is stored now, unless there is one as new; tell whether.

        Raises Damaged when the present one is not what was written. May run in a thread.
        """
        mark, snapshot = self._bytes, self.snapshot
        data = checkpoint.encode(snapshot)
        written = self.log.checkpoint(data)
        self.size, self._mark = len(data), (snapshot.seq, mark)
        return written

    def close(self) -> None:
        """Give back what is held."""
        self.log.close()

    # --- as TinyDB sees it

    def read(self) -> Tables:
        """Return all documents that are stored, by table and number."""
        self.catch_up()
        self._base = tables(self.snapshot)
        return tables(self.snapshot)

    def write(self, data: Mapping[str, Any]) -> None:
        """Store what differs in `data` from what was last read or written here.

        Raises Conflict when somebody else has changed the same since.
        """
        new: Tables = codec.plain(data)
        with self.lock():
            self.catch_up()
            self.change(list(differences(self._base, new)))
        self._base = new

    def rows(self, table: str) -> persistent.Table[Any]:
        """Return the rows of a table as they are stored: entities, or documents."""
        if table in KINDS:
            return self.snapshot.workspace.table(KINDS[table])
        rows = self.snapshot.others.get(table)
        return rows if isinstance(rows, persistent.Table) else persistent.Table()

    def has(self, table: str) -> bool:
        """Tell whether a table is there for TinyDB, which counts empty ones."""
        return bool(self.rows(table)) or table in self.snapshot.others

    def change(self, edits: Iterable[RawEdit]) -> None:
        """Store edits of documents as one line, if there are any; under the lock, caught up."""
        ours, others = typed(edits)
        if not ours and not others:
            return
        if self._clock is None:
            raise ValueError("a journal that TinyDB writes to needs a clock")
        change = Change(sentence("Written through TinyDB"), tuple(ours))
        self.append(Record(self.snapshot.seq + 1, self._clock(), self._who, change), others)


class JournalTable(Table):
    """A table whose changes become lines of the journal; on other storages it is TinyDB's own.

    Numbers are given out under the lock, and those of entities never twice.
    """

    def __init__(self, storage: Storage, name: str, **options: Any) -> None:
        self._journal = storage if isinstance(storage, JournalStorage) else None
        self._seen: Snapshot | None = None
        super().__init__(storage, name, **options)

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert a document and return its number."""
        if self._journal is None:
            return super().insert(document)
        with self._journal.lock():
            return super().insert(document)

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Insert documents as one change and return their numbers."""
        if self._journal is None:
            return super().insert_multiple(documents)
        with self._journal.lock():
            return super().insert_multiple(documents)

    def search(self, cond: QueryLike) -> list[Document]:
        """Return the documents that match, those of other processes included."""
        if self._journal is not None:
            self._journal.catch_up()
            if self._journal.snapshot is not self._seen:
                self.clear_cache()
                self._seen = self._journal.snapshot
        return super().search(cond)

    def _get_next_id(self) -> int:
        if self._journal is None:
            number: int = super()._get_next_id()  # type: ignore[no-untyped-call]
            return number
        self._journal.catch_up()
        if self.name in KINDS:
            last = self._journal.snapshot.workspace.last_ids[self.name]
        else:
            last = max(self._journal.rows(self.name), default=0)
        number = max(self._next_id or 1, last + 1)
        self._next_id = number + 1  # type: ignore[assignment]
        return number

    def _read_table(self) -> Any:
        if self._journal is None:
            return super()._read_table()
        self._journal.catch_up()
        return _Documents(self._journal.rows(self.name))

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        if self._journal is None:
            super()._update_table(updater)
            return
        with self._journal.lock():
            self._journal.catch_up()
            draft = _Draft(self._journal.rows(self.name))
            updater(draft)
            edits = list(draft.edits(self.name))
            if self.name not in KINDS and not self._journal.has(self.name):
                edits.insert(0, RawEdit(self.name, None, None, {}))
            self._journal.change(edits)
        self.clear_cache()


class Journal(TinyDB):
    """A TinyDB whose changes become lines of a journal: `Journal(log, who=…, clock=…)`."""

    table_class: type[Table] = JournalTable
    default_storage_class: type[Storage] = JournalStorage  # type: ignore[assignment]

    def drop_tables(self) -> None:
        """Delete all documents, as one change."""
        storage = self.storage
        if isinstance(storage, JournalStorage):
            with storage.lock():
                storage.read()
                super().drop_tables()
        else:
            super().drop_tables()


class _Documents(Mapping[str, Any]):
    """The documents of a table as TinyDB reads them, each made when it is asked for."""

    def __init__(self, rows: persistent.Table[Any]) -> None:
        self._rows = rows

    def __getitem__(self, key: str) -> Any:
        number = int(key) if key.removeprefix("-").isdecimal() else None
        if number is None or str(number) != key:
            raise KeyError(key)
        return _document(self._rows[number])

    def __iter__(self) -> Iterator[str]:
        return map(str, self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class _Draft(MutableMapping[int, Any]):
    """The documents of a table while TinyDB changes them; only those it looks at are copied."""

    def __init__(self, rows: persistent.Table[Any]) -> None:
        self._rows = rows
        self._touched: dict[int, Any] = {}

    def __getitem__(self, key: int) -> Any:
        if key not in self._touched:
            self._touched[key] = _document(self._rows[key])
        if self._touched[key] is None:
            raise KeyError(key)
        return self._touched[key]

    def __setitem__(self, key: int, value: Any) -> None:
        self._touched[key] = value

    def __delitem__(self, key: int) -> None:
        if key not in self:
            raise KeyError(key)
        self._touched[key] = None

    def __contains__(self, key: object) -> bool:
        if key in self._touched:
            return self._touched[key] is not None
        return key in self._rows

    def __iter__(self) -> Iterator[int]:
        for key in self._rows:
            if key in self:
                yield key
        for key in self._touched:
            if key not in self._rows and key in self:
                yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Delete all documents."""
        self._touched = dict.fromkeys(self._rows)

    def edits(self, table: str) -> Iterator[RawEdit]:
        """Walk over what has changed."""
        for key, after in self._touched.items():
            before = _document(self._rows[key]) if key in self._rows else None
            after = codec.plain(after)
            if before != after:
                yield RawEdit(table, key, before, after)


def _document(row: Any) -> Any:
    """Return a row as a document that may be changed freely."""
    return codec.plain(row) if isinstance(row, dict) else codec.document(row)


def typed(edits: Iterable[RawEdit]) -> tuple[list[Edit], list[RawEdit]]:
    """Return edits of documents as edits of entities, and apart those to other tables.

    Raises Refused when a document is no entity.
    """
    ours: list[Edit] = []
    others: list[RawEdit] = []
    try:
        for edit in edits:
            if edit.table not in KINDS:
                others.append(edit)
                continue
            old, new = (
                None if doc is None else codec.entity(edit.table, {"id": edit.id, **doc})
                for doc in (edit.before, edit.after)
            )
            if any(row is not None and row.id != edit.id for row in (old, new)):
                raise ValueError(f"{edit.table} {edit.id} holds another id")
            ours.append(Edit(old, new))
    except codec.UNREADABLE as error:
        raise Refused("This cannot be stored: {reason}.", reason=quoted(error)) from error
    return ours, others


def tables(snapshot: Snapshot) -> Tables:
    """Return everything that is stored as documents, by table and number."""
    ours = {
        table: {str(row.id): codec.document(row) for row in rows.values()}
        for table, kind in KINDS.items()
        if (rows := snapshot.workspace.table(kind))
    }
    others = {
        table: codec.plain(checkpoint.plain_table(value))
        for table, value in snapshot.others.items()
    }
    return {**ours, **others}


def differences(before: Tables, after: Tables) -> Iterator[RawEdit]:
    """Walk over the edits that make `after` of `before`."""
    for table in {**before, **after}:
        old, new = before.get(table), after.get(table)
        if old == new and (table in before) == (table in after):
            continue
        old_rows, new_rows = (checkpoint.table_of({} if it is None else it) for it in (old, new))
        by_row = isinstance(old_rows, persistent.Table) and isinstance(new_rows, persistent.Table)
        if table not in KINDS and (not by_row or new is None):
            yield RawEdit(table, None, old, new)
            continue
        if not by_row:
            raise Refused("This cannot be stored: {reason}.", reason=table)
        if table not in KINDS and old is None:
            yield RawEdit(table, None, None, {})
        for key in {**old_rows, **new_rows}:
            if old_rows.get(key) != new_rows.get(key):
                yield RawEdit(table, key, old_rows.get(key), new_rows.get(key))
