"""A checkpoint: everything that is stored, as a TinyDB file that says whether it is whole."""

from __future__ import annotations

import gc
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from functools import partial
from typing import Annotated, Any, NamedTuple

import msgspec

from tracker.domain.errors import Conflict, Damaged, Refused
from tracker.domain.model import KINDS, Entity
from tracker.domain.persistent_map import Table
from tracker.domain.sentence import Sentence, quoted, sentence
from tracker.domain.workspace import Workspace, table_word
from tracker.store import codec
from tracker.store.codec import Document, JournalLine, RawEdit

# From here on, in bytes, the garbage collector is kept away while a checkpoint is read.
_LARGE = 1 << 18

# No document has a longer one; see `codec.HIGHEST`.
_NUMBER = re.compile(r"-?\d{1,16}")

_HEAD = b'{"meta":{"1":{"crc":"'


class Snapshot(NamedTuple):
    """Everything that is stored, at one moment.

    `others` holds the tables of other programs: `Table`s of documents, or whatever else is
    under their name. `seal` is that of the last line, `at` its time.
    """

    workspace: Workspace
    others: Mapping[str, Any]
    seal: str
    at: datetime | None

    @property
    def seq(self) -> int:
        """The number of the last record."""
        return self.workspace.seq

    def after(self, entry: JournalLine, *, past: bool) -> Snapshot:
        """Return what is stored after `entry`; of the `past` if it is kept already.

        Raises Damaged when it is not the next line, Conflict and Refused when it does not fit.
        What is kept fits whatever rules have come since; see `Workspace.faults`.
        """
        if entry.seq != self.seq + 1 or entry.prev != self.seal:
            raise Damaged(
                "Record {seq} does not continue record {last}: records are missing or were"
                " replaced. `tracker check --repair` keeps what is intact.",
                seq=entry.seq,
                last=self.seq,
            )
        workspace = self.workspace.apply(entry.record.change, seq=entry.seq, past=past)
        others = replaced(self.others, entry.others) if entry.others else self.others
        return Snapshot(workspace, others, entry.seal, entry.record.at)


def empty() -> Snapshot:
    """Return what is stored before the first change."""
    return Snapshot(Workspace(), {}, codec.UNSEALED, None)


def replaced(others: Mapping[str, Any], edits: Sequence[RawEdit]) -> dict[str, Any]:
    """Return the tables of other programs after `edits`; raises Conflict when one does not fit."""
    following = dict(others)
    for table, key, before, after in edits:
        current = following.get(table)
        if key is None:
            fits = plain_table(current) == before
            if after is None:
                following.pop(table, None)
            else:
                following[table] = table_of(after)
        else:
            rows = current if isinstance(current, Table) else Table[Document]()
            fits = rows.get(key) == before and (current is None or current is rows)
            following[table] = rows.replacing({key: after})
        if not fits:
            text = sentence("{kind} {id} has changed since.", kind=table_word(table), id=key or 0)
            raise Conflict(table, key or 0, (), text)
    return following


def table_of(value: Any) -> Any:
    """Return the documents of a table by number; whatever is no table stays as it is."""
    if not isinstance(value, Mapping) or not all(
        isinstance(doc, Mapping) and _NUMBER.fullmatch(str(key)) for key, doc in value.items()
    ):
        return value
    return Table((int(key), doc) for key, doc in value.items())


def plain_table(value: Any) -> Any:
    """Return what `table_of` was given."""
    if isinstance(value, Table):
        return {str(key): doc for key, doc in value.items()}
    return value


def foreign(place: str | Sentence) -> Damaged:
    """Return the error for a checkpoint that is not the one that was written there."""
    return Damaged(
        "{place} was not written by tracker: it was changed by hand, by another program or by"
        " a failing disk. `tracker check --repair` adopts what fits and keeps a copy.",
        place=place,
    )


def strayed(place: str | Sentence) -> Damaged:
    """Return the error for a checkpoint that is sound, but of another history than the lines."""
    return Damaged(
        "{place} belongs to a different history than its journal. `tracker check --repair`"
        " keeps what is intact.",
        place=place,
    )


_Number = Annotated[int, msgspec.Meta(ge=0, lt=codec.HIGHEST)]


class Meta(msgspec.Struct):
    """What a checkpoint says of itself; `seal` and `at` are those of record `seq`."""

    schema: int
    seq: _Number
    seal: str
    last_ids: dict[str, _Number]
    at: datetime | None = None
    crc: str = codec.UNSEALED


def _field(kind: type[Entity]) -> Any:
    return dict[int, kind]  # type: ignore[valid-type]


_Tables = msgspec.defstruct(
    "_Tables",
    [
        (codec.META, dict[str, Meta]),
        *((t, _field(kind), msgspec.field(default_factory=dict)) for t, kind in KINDS.items()),
    ],
    forbid_unknown_fields=True,
)


# The same, with the tables left as they are written.
_RawTables = msgspec.defstruct(
    "_RawTables",
    [
        (codec.META, dict[str, Meta]),
        *((t, msgspec.Raw, msgspec.field(default=msgspec.Raw(b"{}"))) for t in KINDS),
    ],
    forbid_unknown_fields=True,
)


class _Head(msgspec.Struct):
    meta: dict[str, Meta]


class _Schema(msgspec.Struct):
    schema: int


class _AnyHead(msgspec.Struct):
    meta: dict[str, _Schema]


def encode(snapshot: Snapshot) -> bytes:
    """Return a checkpoint: a TinyDB file with one document on a line, sealed in its first one.

    Its checksum is over all that follows it.
    """
    workspace = snapshot.workspace
    meta = Meta(codec.schema(), snapshot.seq, snapshot.seal, dict(workspace.last_ids), snapshot.at)
    # The checksum comes first, so that it can be put in without looking for it.
    fields = {name: getattr(meta, name) for name in meta.__struct_fields__ if name != "crc"}
    parts = [codec.to_json(fields)[1:] + b"}"]
    for table, kind in KINDS.items():
        rows = workspace.table(kind)
        if rows:
            lines = b",\n".join(
                [b'"%d":%b' % (row.id, codec.to_json(row)) for row in rows.values()]
            )
            if codec.spilled(lines):
                lines = b",\n".join(
                    [
                        b'"%d":%b' % (row.id, codec.to_json(codec.document(row)))
                        for row in rows.values()
                    ]
                )
            parts.append(b'"%b":{\n%b\n}' % (table.encode(), lines))
    for table, value in snapshot.others.items():
        parts.append(b"%b:%b" % (codec.to_json(table), codec.to_json(plain_table(value))))
    body = b'",' + b",\n".join(parts) + b"\n}\n"
    return b"%b%08x%b" % (_HEAD, zlib.crc32(body), body)


def sealed(data: bytes) -> bool:
    """Return whether a checkpoint is what was written, bit by bit."""
    start = len(_HEAD)
    crc = data[start : start + 8]
    return data.startswith(_HEAD) and crc == b"%08x" % zlib.crc32(memoryview(data)[start + 8 :])


def meta_of(data: bytes) -> Meta | None:
    """Return what a checkpoint says of itself; None when it is not what was written.

    Of one that a newer program wrote only that: it may say the rest in another form.
    """
    if sealed(data):
        with suppress(*codec.UNREADABLE):
            schema = _schema_of(data)
            return head(data) if schema <= codec.schema() else Meta(schema, 0, codec.UNSEALED, {})
    return None


def _schema_of(data: bytes) -> int:
    return msgspec.json.decode(_first_line(data), type=_AnyHead).meta["1"].schema


def present(
    data: bytes | None, line_at: Callable[[int], bytes | None], place: str | Sentence
) -> Meta | None:
    """Return what the checkpoint that is there says of itself, None when there is none.

    `line_at` returns a line of the log it is of, None where it is not kept. Raises Damaged when
    strangers have been at it.
    """
    if not data:
        return None
    meta = meta_of(data)
    if meta is None:
        raise foreign(place)
    line = line_at(meta.seq)
    if line is not None and codec.seal_of(line) != meta.seal:
        raise strayed(place)
    return meta


def head(data: bytes) -> Meta:
    """Return what a sealed checkpoint says of itself."""
    return msgspec.json.decode(_first_line(data), type=_Head).meta["1"]


def decode(data: bytes, place: str | Sentence) -> Snapshot:
    """Return what a checkpoint holds; `place` is its file.

    Raises Damaged when it is not what was written, TooNew when a newer program wrote it.
    """
    # Every schema seals in the same way: what is not sealed was not written by a newer program.
    if not sealed(data):
        raise foreign(place)
    with _readable(place):
        if _schema_of(data) > codec.schema():
            raise codec.too_new(place)
        return _read_later(data, place) or read(data)


def decode_whole(data: bytes, place: str | Sentence) -> Snapshot:
    """Return what a checkpoint holds, as `decode` does, once every table of it has been read."""
    snapshot = decode(data, place)
    for _entity in snapshot.workspace.entities():
        pass
    return snapshot


def demand_whole(workspace: Workspace, place: str | Sentence) -> None:
    """Raise Damaged where a checkpoint led to what no change leads to."""
    try:
        workspace.demand_whole()
    except Refused as error:
        raise Damaged(
            "{place} contradicts itself: {reason} `tracker check --repair` keeps what is intact.",
            place=place,
            reason=error.sentence,
        ) from error


@contextmanager
def _readable(place: str | Sentence) -> Iterator[None]:
    """Make Damaged of what reading may raise."""
    try:
        yield
    except codec.UNREADABLE as error:
        raise Damaged(
            "{place} is not readable: {reason}.", place=place, reason=quoted(error)
        ) from error


def _first_line(data: bytes) -> bytes:
    """Return the first line of a checkpoint, which holds its meta table, as JSON of its own."""
    return data[: data.index(b"\n")].rstrip(b",") + b"}"


def read(data: bytes) -> Snapshot:
    """Return what a checkpoint holds, sealed or not; raises ValueError when it cannot be read."""
    with _collector_at_rest() if len(data) > _LARGE else nullcontext():
        meta, rows, others = _read_plain(data) or _read_slowly(data)
        entities: list[Entity] = []
        for table in KINDS:
            entities.extend(_numbered(table, rows.get(table, {})).values())
        workspace = Workspace(entities, last_ids=meta.last_ids, seq=meta.seq)
    return Snapshot(workspace, others, meta.seal, meta.at)


_Rows = dict[str, dict[int, Entity]]


def _numbered(table: str, rows: dict[int, Entity]) -> dict[int, Entity]:
    """Return rows that are under their numbers; raises ValueError when one is not."""
    for key, row in rows.items():
        if key != row.id or key < 1:
            raise ValueError(f"{table} {key} holds the id {row.id}")
    return rows


def _read_later(data: bytes, place: str | Sentence) -> Snapshot | None:
    """Return what a checkpoint of this very schema holds, its tables read when first looked at.

    None where it holds unknown fields or tables. What a call of the shell does not look at, it
    does not wait for.
    """
    if codec.spilled(data):
        return None
    try:
        raw: Any = msgspec.json.decode(data, type=_RawTables)
    except (msgspec.DecodeError, RecursionError):
        return None
    meta = raw.meta["1"]
    if meta.schema != codec.schema():
        return None
    tables = {
        table: Table[Any].later(partial(_read_table, table, getattr(raw, table), place))
        for table in KINDS
    }
    workspace = Workspace.of_tables(tables, last_ids=meta.last_ids, seq=meta.seq)
    return Snapshot(workspace, {}, meta.seal, meta.at)


def _read_table(table: str, raw: msgspec.Raw, place: str | Sentence) -> dict[int, Entity]:
    """Return the rows of a table; raises Damaged when it cannot be read."""
    large = len(memoryview(raw)) > _LARGE
    with _readable(place), _collector_at_rest() if large else nullcontext():
        try:
            rows = msgspec.json.decode(raw, type=_field(KINDS[table]))
        except msgspec.ValidationError:
            # A field of a newer program.
            docs = msgspec.json.decode(raw, type=dict[int, Any])
            rows = {key: codec.entity(table, doc) for key, doc in docs.items()}
        return _numbered(table, rows)


def _read_plain(data: bytes) -> tuple[Meta, _Rows, dict[str, Any]] | None:
    """Read a checkpoint of this very schema without unknown fields or tables; None otherwise."""
    if codec.spilled(data):
        return None
    try:
        tables: Any = msgspec.json.decode(data, type=_Tables)
    except (msgspec.DecodeError, RecursionError):
        return None
    meta = tables.meta["1"]
    if meta.schema != codec.schema():
        return None
    return meta, {table: getattr(tables, table) for table in KINDS}, {}


def _read_slowly(data: bytes) -> tuple[Meta, _Rows, dict[str, Any]]:
    """Read a checkpoint of this schema or an older one, whatever else it holds."""
    tables = msgspec.json.decode(data, type=dict[str, Any])
    meta = msgspec.convert(tables.pop(codec.META), dict[str, Any])["1"]
    meta = msgspec.convert(meta, Meta)
    if meta.schema > codec.schema():
        raise ValueError(f"schema {meta.schema}")
    rows: _Rows = {}
    others: dict[str, Any] = {}
    for table, value in tables.items():
        docs = table_of(value)
        if not isinstance(docs, Table):
            others[table] = value
            continue
        for key, old in docs.items():
            name, doc = codec.upgraded(table, old, meta.schema)
            if name in KINDS:
                rows.setdefault(name, {})[key] = codec.entity(name, doc)
            else:
                others[name] = others.get(name, Table[Document]()).replacing({key: doc})
        if table not in KINDS and not docs:
            others.setdefault(table, docs)
    return meta, rows, others


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from walking again and again over what is being built.

    Nor need it walk there later: values hold no cycles.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()
