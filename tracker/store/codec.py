"""How changes are written: values to documents and sealed lines and back, whatever their age."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import Damaged, Refused, TooNew
from tracker.domain.model import KINDS, Entity, Moment, Value
from tracker.domain.sentence import Sentence, quoted

Document = dict[str, Any]
# Takes a document of one schema to the next: table and document to table and document.
Migration = Callable[[str, Document], tuple[str, Document]]

# MIGRATIONS[0] takes schema 1 to schema 2, and so on. One that was released is never changed.
MIGRATIONS: tuple[Migration, ...] = ()

UNSEALED = "00000000"
# A change that large is a mistake or an attack; an import of 50,000 tasks has 30 MB.
LARGEST_LINE = 128 * 1024 * 1024

# Whatever clocks say: a record is of these years. Of the first and the last ones there are days
# that are of no year at all elsewhere on earth.
_EARLIEST, _LATEST = 1970, 9000
# No program gives a number as high, and after the last there could be no other.
HIGHEST = 2**53

_PREV = b',"prev":"%08x"'
_SEAL = b',"crc":"%08x"}'
# What a seal takes of the end of a line, in bytes.
SEAL_LENGTH = len(_SEAL % 0)
_SEQ = re.compile(rb'\{"v":\d+,"seq":([1-9]\d{0,15}),')
# Only where it stands may a value hold unknown fields, however its name is written.
_SPILLED = re.compile(rb'"extra"\s*:|\\u00[67]')
# What nobody nests deeper anybody can read, wherever they stand in their own calls.
_DEEPEST = 100
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# The table in which a checkpoint speaks of itself.
META = "meta"

# What reading may raise; msgspec's own errors are ValueErrors.
UNREADABLE = (ValueError, KeyError, RecursionError)

to_json = msgspec.json.Encoder().encode


def schema() -> int:
    """Return the number of the schema this program writes."""
    return 1 + len(MIGRATIONS)


class RawEdit(NamedTuple):
    """An edit as documents; without an id it is about a whole table of another program."""

    table: str
    id: int | None
    before: Any
    after: Any


class JournalLine(NamedTuple):
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


# --- documents ---------------------------------------------------------------------------------


def document(value: Value) -> Document:
    """Return a value as JSON has it, the fields of a newer program at their places."""
    text = to_json(value)
    doc: Document = msgspec.json.decode(text)
    if spilled(text):
        _spill(value, doc)
    return doc


def entity(table: str, doc: Document) -> Entity:
    """Return the entity of a document; raises msgspec.ValidationError when it is none."""
    return _numbered(msgspec.convert(_absorb(KINDS[table], doc), KINDS[table]))


def _numbered(found: Entity) -> Entity:
    if not 1 <= found.id < HIGHEST:
        raise msgspec.ValidationError(f"id {found.id} is not from 1 to {HIGHEST - 1}")
    return found


def upgraded(table: str, doc: Document, version: int) -> tuple[str, Document]:
    """Return a document of schema `version` as this program writes it, and its table."""
    for migrate in MIGRATIONS[version - 1 :]:
        table, doc = migrate(table, doc)
    return table, doc


def spilled(text: bytes) -> bool:
    """Return whether values in a text of JSON may hold unknown fields.

    Where they hold none, everything can be decoded at once.
    """
    return (b'"extra"' in text or b"\\u00" in text) and _SPILLED.search(text) is not None


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
    at: Moment
    who: str
    label: Sentence
    edits: tuple[tuple[str, int | None, msgspec.Raw, msgspec.Raw], ...]
    prev: str
    crc: str
    undoes: int | None = None


class _Version(msgspec.Struct):
    v: int


class _Touched(msgspec.Struct):
    """What a line changes, the rest left undecoded."""

    v: int
    edits: tuple[tuple[str, int | None, msgspec.Raw, msgspec.Raw], ...]


class _Ends(msgspec.Struct):
    source: int
    target: int


_line = msgspec.json.Decoder(_Line)
_touched = msgspec.json.Decoder(_Touched)
_ends = msgspec.json.Decoder(_Ends | None)
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
        body = to_json(head)
        if spilled(body):
            head["edits"] = [
                *(
                    (table, key, before and document(before), after and document(after))
                    for table, key, before, after in plain
                ),
                *others,
            ]
            body = to_json(head)
    except UnicodeEncodeError as error:
        raise Refused(
            "The text {text} contains invalid bytes.", text=repr(error.object)[:80]
        ) from error
    except RecursionError as error:
        raise Refused("This change is nested too deeply to be stored.") from error
    if len(body) > LARGEST_LINE:
        raise Refused(
            "This change has {size} MB; at most {limit} MB can be stored at once.",
            size=len(body) // 1_000_000,
            limit=LARGEST_LINE // 1_000_000,
        )
    return seal(body)


def may_touch(line: bytes, task: int) -> bool:
    """Return whether a line may have changed a task or an arrow of it, by a quick look.

    Of one that is not readable, or of another schema, that is not known: it may have.
    """
    try:
        found = _touched.decode(line)
        return found.v != schema() or any(
            (table == "tasks" and key == task)
            or (table == "links" and any(_leads_to(task, each) for each in documents))
            for table, key, *documents in found.edits
        )
    except UNREADABLE:
        return True


def _leads_to(task: int, arrow: msgspec.Raw) -> bool:
    ends = _ends.decode(arrow)
    return ends is not None and task in (ends.source, ends.target)


def decode(line: bytes, place: str | Sentence) -> JournalLine:
    """Return a line of the journal; `place` says where it is.

    Raises Damaged when it is not what was written, TooNew when a newer program wrote it.
    """
    if not sealed(line):
        raise Damaged(
            "{place} is damaged: its content was altered later. `tracker check --repair` keeps"
            " what is intact.",
            place=place,
        )
    try:
        return parse(line)
    except UNREADABLE as error:
        if _version(line) > schema():
            raise too_new(place) from error
        raise Damaged(
            "{place} is not readable: {reason}. `tracker check --repair` keeps what is intact.",
            place=place,
            reason=quoted(error),
        ) from error


def parse(line: bytes) -> JournalLine:
    """Return what a line says; raises one of UNREADABLE when that is nothing we know."""
    found = _line.decode(line)
    _demand_shallow(line)
    if found.v > schema():
        raise ValueError(f"schema {found.v}")
    if not 1 <= found.seq < HIGHEST:
        raise ValueError(f"record {found.seq}")
    found.label.check()
    if not _EARLIEST <= found.at.year <= _LATEST:
        raise ValueError(f"the year {found.at.year}")
    # Whoever follows what a record takes back must come to an end.
    if found.undoes is not None and not 1 <= found.undoes < found.seq:
        raise ValueError(f"record {found.seq} cannot undo record {found.undoes}")
    edits, others = _edits(found, spilled(line))
    change = Change(found.label, edits)
    record = Record(found.seq, found.at, found.who, change, found.undoes)
    return JournalLine(record, others, found.prev, found.crc)


def _demand_shallow(line: bytes) -> None:
    """Raise ValueError where a line of sound JSON holds values too deep in values."""
    if line.count(b"[") + line.count(b"{") <= _DEEPEST:
        return
    brackets = _TEXT.sub(b"", line).translate(None, _NO_BRACKETS)
    for _ in range(_DEEPEST):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    raise ValueError(f"values in values, more than {_DEEPEST} deep")


def _edits(line: _Line, unknown: bool) -> tuple[tuple[Edit, ...], tuple[RawEdit, ...]]:
    """Return the edits of a line to our tables, and those to others."""
    edits: list[Edit] = []
    others: list[RawEdit] = []
    plain = line.v == schema() and not unknown
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
                _demand_document(raw)
                others.append(raw)
                continue
            old = None if raw.before is None else entity(raw.table, raw.before)
            edit = Edit(old, None if raw.after is None else entity(raw.table, raw.after))
        if edit.entity.id != key:
            raise ValueError(f"{table} {key} holds the id {edit.entity.id}")
        edits.append(edit)
    return tuple(edits), tuple(others)


def _demand_document(edit: RawEdit) -> None:
    """Raise ValueError where a checkpoint could not tell what the edit makes of another's table."""
    if edit.table == META:
        raise ValueError(f"the table {META} is tracker's own")
    if edit.id is not None and not (
        abs(edit.id) < HIGHEST
        and all(doc is None or isinstance(doc, dict) for doc in (edit.before, edit.after))
    ):
        raise ValueError("a document that is none")


def _entity(table: str, raw: msgspec.Raw) -> Entity | None:
    """Return an entity written by this very schema, or None for null."""
    if table not in _entities:
        _entities[table] = msgspec.json.Decoder(KINDS[table] | None)
    found: Entity | None = _entities[table].decode(raw)
    return found and _numbered(found)


def _upgraded_edit(edit: RawEdit, version: int) -> RawEdit:
    if edit.id is None:
        return edit
    table, before, after = edit.table, edit.before, edit.after
    if before is not None:
        table, before = upgraded(edit.table, before, version)
    if after is not None:
        table, after = upgraded(edit.table, after, version)
    return RawEdit(table, edit.id, before, after)


def seal(body: bytes) -> bytes:
    """Return a JSON object with its checksum as last field."""
    return body[:-1] + _SEAL % zlib.crc32(body[:-1])


def sealed(line: bytes) -> bool:
    """Return whether a line is what was written, bit by bit."""
    # Compared as written, not as numbers: a flipped bit may turn a digit into its upper case.
    return line[-SEAL_LENGTH:] == _SEAL % zlib.crc32(line[:-SEAL_LENGTH])


def seal_of(line: bytes) -> str:
    """Return the checksum of a sealed line."""
    # A damaged one has to differ, and not to fail.
    return line[-10:-2].decode("ascii", "replace")


def prev_of(line: bytes) -> str:
    """Return the checksum of the line before a sealed one."""
    return line[-SEAL_LENGTH - 9 : -SEAL_LENGTH - 1].decode("ascii", "replace")


def goes_on(line: bytes, last: tuple[int, str]) -> bool:
    """Return whether a line is whole, and follows the one of that number and checksum."""
    return sealed(line) and (seq_of(line) - 1, prev_of(line)) == last


def mark_of(line: bytes) -> int:
    """Return a checksum of what a sealed line says, whatever came before it."""
    return zlib.crc32(line[: -SEAL_LENGTH - len(_PREV % 0)])


def seq_of(line: bytes) -> int:
    """Return the number of a sealed line; 0 when it has none."""
    found = _SEQ.match(line)
    return int(found[1]) if found else 0


def _version(line: bytes) -> int:
    try:
        return msgspec.json.decode(line, type=_Version).v
    except (msgspec.DecodeError, RecursionError):
        return 0


def too_new(place: str | Sentence) -> TooNew:
    """Return the error for a place that a newer program wrote."""
    return TooNew(
        "{place} was written by a newer version of tracker. Update tracker to open the workspace.",
        place=place,
    )


def plain(value: Any) -> Any:
    """Return a copy of a JSON value as it is when read back."""
    return msgspec.json.decode(to_json(value))
