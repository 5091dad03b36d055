"""How changes and checkpoints are written: sealed bytes to values and back, whatever their age."""

from __future__ import annotations

import gc
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import Conflict, Damaged, Refused, TooNew
from tracker.domain.model import KINDS, Entity, Value
from tracker.domain.sentence import Sentence
from tracker.domain.table import Table
from tracker.domain.workspace import Workspace

Document = dict[str, Any]
# Takes a document of one schema to the next: table and document to table and document.
Migration = Callable[[str, Document], tuple[str, Document]]

# MIGRATIONS[0] takes schema 1 to schema 2, and so on. One that was released is never changed.
MIGRATIONS: tuple[Migration, ...] = ()

META = "meta"
UNSEALED = "00000000"
# A change that large is a mistake or an attack; an import of 50,000 tasks has 30 MB.
LARGEST_LINE = 128 * 1024 * 1024

# From here on, in bytes, the garbage collector is kept away while a checkpoint is read.
_LARGE = 1 << 18

_HEAD = b'{"meta":{"1":{"crc":"'
_SEAL = b',"crc":"%08x"}'
_SEAL_LENGTH = len(_SEAL % 0)
_SEQ = re.compile(rb'\{"v":\d+,"seq":([1-9]\d*),')
# Written only where a value holds unknown fields: without it everything can be decoded at once.
_SPILLED = b'"extra":'

# What reading may raise; msgspec's own errors are ValueErrors.
UNREADABLE = (ValueError, KeyError, RecursionError)

_encode = msgspec.json.Encoder().encode


def schema() -> int:
    """Return the number of the schema this program writes."""
    return 1 + len(MIGRATIONS)


class RawEdit(NamedTuple):
    """An edit as documents; without an id it is about a whole table of another program."""

    table: str
    id: int | None
    before: Any
    after: Any


class Entry(NamedTuple):
    """A line of the journal, read and verified.

    `others` are its edits to tables that are not ours; `seal` is its checksum and `prev` that of
    the line before it.
    """

    record: Record
    others: tuple[RawEdit, ...]
    prev: str
    seal: str

    @property
    def seq(self) -> int:
        """The number of its record."""
        return self.record.seq


class Snapshot(NamedTuple):
    """Everything that is stored, at one moment.

    `others` holds the tables of other programs: `Table`s of documents, or whatever else stands
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

    def after(self, entry: Entry) -> Snapshot:
        """Return what is stored after `entry`.

        Raises Damaged when it is not the next line, Conflict and Refused when it does not fit.
        """
        if entry.seq != self.seq + 1 or entry.prev != self.seal:
            raise Damaged(
                "Record {seq} does not continue record {last}: records are missing or were"
                " replaced. `tracker check --repair` keeps what is sound.",
                seq=entry.seq,
                last=self.seq,
            )
        workspace = self.workspace.apply(entry.record.change, seq=entry.seq)
        others = replaced(self.others, entry.others) if entry.others else self.others
        return Snapshot(workspace, others, entry.seal, entry.record.at)


def empty() -> Snapshot:
    """Return what is stored before the first change."""
    return Snapshot(Workspace(), {}, UNSEALED, None)


# --- documents ---------------------------------------------------------------------------------


def document(value: Value) -> Document:
    """Return a value as JSON has it, the fields of a newer program at their places."""
    text = _encode(value)
    doc: Document = msgspec.json.decode(text)
    if _SPILLED in text:
        _spill(value, doc)
    return doc


def entity(table: str, doc: Document) -> Entity:
    """Return the entity of a document; raises msgspec.ValidationError when it is none."""
    return _positive(msgspec.convert(_absorb(KINDS[table], doc), KINDS[table]))


def _positive(found: Entity) -> Entity:
    if found.id < 1:
        raise msgspec.ValidationError(f"id {found.id} is not positive")
    return found


def _upgraded(table: str, doc: Document, version: int) -> tuple[str, Document]:
    """Return a document of schema `version` as this program writes it, and its table."""
    for migrate in MIGRATIONS[version - 1 :]:
        table, doc = migrate(table, doc)
    return table, doc


def _spill(value: Value, doc: Document) -> None:
    """Put the unknown fields of a value and its parts beside its known ones."""
    for name, unknown in doc.pop("extra", {}).items():
        doc.setdefault(name, unknown)
    for name in _parts(type(value)):
        for part, below in zip(getattr(value, name), doc.get(name, ()), strict=False):
            _spill(part, below)


def _absorb(kind: type[Value], doc: Any) -> Any:
    """Return `doc` with the fields that `kind` does not know gathered in `extra`."""
    if not isinstance(doc, dict):
        return doc
    names = set(kind.__struct_fields__) - {"extra"}
    known = {name: value for name, value in doc.items() if name in names}
    if len(known) < len(doc):
        known["extra"] = {name: value for name, value in doc.items() if name not in names}
    for name, part in _parts(kind).items():
        if isinstance(known.get(name), list):
            known[name] = [_absorb(part, below) for below in known[name]]
    return known


_parts_of: dict[type[Value], dict[str, type[Value]]] = {}


def _parts(kind: type[Value]) -> dict[str, type[Value]]:
    """Return the fields of a kind that are tuples of values, and the kinds of these."""
    if kind not in _parts_of:
        _parts_of[kind] = {
            name: get_args(hint)[0]
            for name, hint in get_type_hints(kind).items()
            if get_origin(hint) is tuple
            and isinstance(get_args(hint)[0], type)
            and issubclass(get_args(hint)[0], Value)
        }
    return _parts_of[kind]


# --- lines -------------------------------------------------------------------------------------


class _Line(msgspec.Struct):
    v: int
    seq: int
    at: datetime
    who: str
    label: Sentence
    edits: tuple[tuple[str, int | None, msgspec.Raw, msgspec.Raw], ...]
    prev: str
    crc: str
    undoes: int | None = None


class _Version(msgspec.Struct):
    v: int


_line = msgspec.json.Decoder(_Line)
_entities: dict[str, msgspec.json.Decoder[Any]] = {}


def encode(record: Record, others: Sequence[RawEdit], prev: str) -> bytes:
    """Return the sealed line of a record, its newline left out.

    Raises Refused when it is too large, or holds what cannot be written down.
    """
    change = record.change
    plain: list[Any] = [
        (edit.table, edit.entity.id, edit.before, edit.after) for edit in change.edits
    ]
    head: Document = {
        "v": schema(),
        "seq": record.seq,
        "at": record.at,
        "who": record.who,
        "label": change.label,
        "edits": [*plain, *others],
    }
    if record.undoes is not None:
        head["undoes"] = record.undoes
    head["prev"] = prev
    try:
        body = _encode(head)
        if _SPILLED in body:
            head["edits"] = [
                *(
                    (table, key, before and document(before), after and document(after))
                    for table, key, before, after in plain
                ),
                *others,
            ]
            body = _encode(head)
    except UnicodeEncodeError as error:
        raise Refused(
            "The text {text} holds bytes that are no characters.", text=repr(error.object)[:80]
        ) from error
    except RecursionError as error:
        raise Refused("This change is nested too deeply to be stored.") from error
    if len(body) > LARGEST_LINE:
        raise Refused(
            "This change has {size} MB; more than {limit} MB at once cannot be stored.",
            size=len(body) // 1_000_000,
            limit=LARGEST_LINE // 1_000_000,
        )
    return seal(body)


def decode(line: bytes, place: str | Sentence) -> Entry:
    """Return a line of the journal; `place` says where it stands.

    Raises Damaged when it is not what was written, TooNew when a newer program wrote it.
    """
    if not sealed(line):
        raise Damaged(
            "{place} is damaged: it is not what was written."
            " `tracker check --repair` keeps what is sound.",
            place=place,
        )
    try:
        return parse(line)
    except UNREADABLE as error:
        if _version(line) > schema():
            raise too_new(place) from error
        raise Damaged(
            "{place} cannot be understood: {reason}. `tracker check --repair` keeps what is sound.",
            place=place,
            reason=str(error),
        ) from error


def parse(line: bytes) -> Entry:
    """Return what a line says; raises one of UNREADABLE when that is nothing we know."""
    found = _line.decode(line)
    if found.v > schema():
        raise ValueError(f"schema {found.v}")
    edits, others = _edits(found, _SPILLED in line)
    change = Change(found.label, edits)
    record = Record(found.seq, found.at, found.who, change, found.undoes)
    return Entry(record, others, found.prev, found.crc)


def _edits(line: _Line, spilled: bool) -> tuple[tuple[Edit, ...], tuple[RawEdit, ...]]:
    """Return the edits of a line to our tables, and those to others."""
    edits: list[Edit] = []
    others: list[RawEdit] = []
    plain = line.v == schema() and not spilled
    for table, key, before, after in line.edits:
        edit = None
        if plain and table in KINDS:
            # A field that is not known makes this fail; then it is done with more patience.
            with suppress(msgspec.ValidationError):
                edit = Edit(_entity(table, before), _entity(table, after))
        if edit is None:
            raw = RawEdit(table, key, msgspec.json.decode(before), msgspec.json.decode(after))
            raw = _upgraded_edit(raw, line.v)
            if raw.table not in KINDS:
                others.append(raw)
                continue
            old = None if raw.before is None else entity(raw.table, raw.before)
            edit = Edit(old, None if raw.after is None else entity(raw.table, raw.after))
        if edit.entity.id != key:
            raise ValueError(f"{table} {key} holds the id {edit.entity.id}")
        edits.append(edit)
    return tuple(edits), tuple(others)


def _entity(table: str, raw: msgspec.Raw) -> Entity | None:
    """Return an entity written by this very schema, or None for null."""
    if table not in _entities:
        _entities[table] = msgspec.json.Decoder(KINDS[table] | None)
    found: Entity | None = _entities[table].decode(raw)
    return found and _positive(found)


def _upgraded_edit(edit: RawEdit, version: int) -> RawEdit:
    if edit.id is None:
        return edit
    table, before, after = edit.table, edit.before, edit.after
    if before is not None:
        table, before = _upgraded(edit.table, before, version)
    if after is not None:
        table, after = _upgraded(edit.table, after, version)
    return RawEdit(table, edit.id, before, after)


def seal(body: bytes) -> bytes:
    """Return a JSON object with its checksum as last field."""
    return body[:-1] + _SEAL % zlib.crc32(body[:-1])


def sealed(line: bytes) -> bool:
    """Tell whether a line is what was written, bit by bit."""
    # Compared as written, not as numbers: a flipped bit may turn a digit into its upper case.
    return line[-_SEAL_LENGTH:] == _SEAL % zlib.crc32(line[:-_SEAL_LENGTH])


def seal_of(line: bytes) -> str:
    """Return the checksum of a sealed line."""
    return line[-10:-2].decode()


def seq_of(line: bytes) -> int:
    """Return the number of a sealed line; 0 when it has none."""
    found = _SEQ.match(line)
    return int(found[1]) if found else 0


def _version(line: bytes) -> int:
    try:
        return msgspec.json.decode(line, type=_Version).v
    except msgspec.DecodeError:
        return 0


def too_new(place: str | Sentence) -> TooNew:
    """Return the error for a place that a newer program wrote."""
    return TooNew(
        "{place} was written by a newer version of this program. Update it to open the workspace.",
        place=place,
    )


def foreign(place: str | Sentence) -> Damaged:
    """Return the error for a checkpoint that is not the one that was written there."""
    return Damaged(
        "{place} is not what this program wrote: it was changed by hand, by another program or by"
        " a failing disk. `tracker check --repair` takes over what fits and keeps a copy.",
        place=place,
    )


def strayed(place: str | Sentence) -> Damaged:
    """Return the error for a checkpoint that is sound, but of another history than the lines."""
    return Damaged(
        "{place} belongs to another history than its journal."
        " `tracker check --repair` keeps what is sound.",
        place=place,
    )


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
            raise Conflict(
                table,
                key or 0,
                (),
                Sentence("{table} {id} has changed since.", {"table": table, "id": key or 0}),
            )
    return following


def plain(value: Any) -> Any:
    """Return a copy of a JSON value as it is when read back."""
    return msgspec.json.decode(_encode(value))


def table_of(value: Any) -> Any:
    """Return the documents of a table by number; whatever is no table stays as it is."""
    if not isinstance(value, Mapping) or not all(
        isinstance(doc, Mapping) and str(key).removeprefix("-").isdecimal()
        for key, doc in value.items()
    ):
        return value
    return Table((int(key), doc) for key, doc in value.items())


def plain_table(value: Any) -> Any:
    """Return what `table_of` was given."""
    if isinstance(value, Table):
        return {str(key): doc for key, doc in value.items()}
    return value


# --- checkpoints -------------------------------------------------------------------------------


class Meta(msgspec.Struct):
    """What a checkpoint says of itself; `seal` and `at` are those of record `seq`."""

    schema: int
    seq: int
    seal: str
    last_ids: dict[str, int]
    at: datetime | None = None
    crc: str = UNSEALED


def _field(kind: type[Entity]) -> Any:
    return dict[int, kind]  # type: ignore[valid-type]


_Tables = msgspec.defstruct(
    "_Tables",
    [
        (META, dict[str, Meta]),
        *((t, _field(kind), msgspec.field(default_factory=dict)) for t, kind in KINDS.items()),
    ],
    forbid_unknown_fields=True,
)


class _Head(msgspec.Struct):
    meta: dict[str, Meta]


class _Schema(msgspec.Struct):
    schema: int


class _AnyHead(msgspec.Struct):
    meta: dict[str, _Schema]


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return a checkpoint: a TinyDB file with one document on a line, sealed in its first one.

    Its checksum is over all that follows it.
    """
    workspace = snapshot.workspace
    meta = Meta(schema(), snapshot.seq, snapshot.seal, dict(workspace.last_ids), snapshot.at)
    # The checksum comes first, so that it can be put in without looking for it.
    fields = {name: getattr(meta, name) for name in meta.__struct_fields__ if name != "crc"}
    parts = [_encode(fields)[1:] + b"}"]
    for table, kind in KINDS.items():
        rows = workspace.table(kind)
        if rows:
            lines = b",\n".join([b'"%d":%b' % (row.id, _encode(row)) for row in rows.values()])
            if _SPILLED in lines:
                lines = b",\n".join(
                    [b'"%d":%b' % (row.id, _encode(document(row))) for row in rows.values()]
                )
            parts.append(b'"%b":{\n%b\n}' % (table.encode(), lines))
    for table, value in snapshot.others.items():
        parts.append(b"%b:%b" % (_encode(table), _encode(plain_table(value))))
    body = b'",' + b",\n".join(parts) + b"\n}\n"
    return b"%b%08x%b" % (_HEAD, zlib.crc32(body), body)


def snapshot_sealed(data: bytes) -> bool:
    """Tell whether a checkpoint is what was written, bit by bit."""
    start = len(_HEAD)
    crc = data[start : start + 8]
    return data.startswith(_HEAD) and crc == b"%08x" % zlib.crc32(memoryview(data)[start + 8 :])


def snapshot_meta(data: bytes) -> Meta | None:
    """Return what a checkpoint says of itself; None when it is not what was written."""
    return head(data) if snapshot_sealed(data) else None


def head(data: bytes) -> Meta:
    """Return what a sealed checkpoint says of itself."""
    return msgspec.json.decode(_first_line(data), type=_Head).meta["1"]


def decode_snapshot(data: bytes, place: str | Sentence) -> Snapshot:
    """Return what a checkpoint holds; `place` is its file.

    Raises Damaged when it is not what was written, TooNew when a newer program wrote it.
    """
    # Every schema seals in the same way: what is not sealed was not written by a newer program.
    if not snapshot_sealed(data):
        raise foreign(place)
    if msgspec.json.decode(_first_line(data), type=_AnyHead).meta["1"].schema > schema():
        raise too_new(place)
    try:
        return read_snapshot(data)
    except UNREADABLE as error:
        raise Damaged(
            "{place} cannot be understood: {reason}.", place=place, reason=str(error)
        ) from error


def _first_line(data: bytes) -> bytes:
    """Return the first line of a checkpoint, which holds its meta table, as JSON of its own."""
    return data[: data.index(b"\n")].rstrip(b",") + b"}"


def read_snapshot(data: bytes) -> Snapshot:
    """Return what a checkpoint holds, sealed or not; raises ValueError when it cannot be read."""
    with _collector_at_rest() if len(data) > _LARGE else nullcontext():
        meta, rows, others = _read_plain(data) or _read_slowly(data)
        entities: list[Entity] = []
        for table in KINDS:
            found = rows.get(table, {})
            for key, row in found.items():
                if key != row.id or key < 1:
                    raise ValueError(f"{table} {key} holds the id {row.id}")
            entities.extend(found.values())
        workspace = Workspace(entities, last_ids=meta.last_ids, seq=meta.seq)
    return Snapshot(workspace, others, meta.seal, meta.at)


_Rows = dict[str, dict[int, Entity]]


def _read_plain(data: bytes) -> tuple[Meta, _Rows, dict[str, Any]] | None:
    """Read a checkpoint of this very schema without unknown fields or tables; None otherwise."""
    if _SPILLED in data:
        return None
    try:
        tables: Any = msgspec.json.decode(data, type=_Tables)
    except msgspec.DecodeError:
        return None
    meta = tables.meta["1"]
    if meta.schema != schema():
        return None
    return meta, {table: getattr(tables, table) for table in KINDS}, {}


def _read_slowly(data: bytes) -> tuple[Meta, _Rows, dict[str, Any]]:
    """Read a checkpoint of this schema or an older one, whatever else it holds."""
    tables: dict[str, Any] = msgspec.json.decode(data)
    meta = msgspec.convert(tables.pop(META)["1"], Meta)
    if meta.schema > schema():
        raise ValueError(f"schema {meta.schema}")
    rows: _Rows = {}
    others: dict[str, Any] = {}
    for table, value in tables.items():
        docs = table_of(value)
        if not isinstance(docs, Table):
            others[table] = value
            continue
        for key, old in docs.items():
            name, doc = _upgraded(table, old, meta.schema)
            if name in KINDS:
                rows.setdefault(name, {})[key] = entity(name, doc)
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
