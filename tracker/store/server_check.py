"""Looking for damage in a workspace on a database server, and naming it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker.domain.change import Change, Record
from tracker.domain.errors import Conflict, Damaged, Refused, StoreError, TrackerError
from tracker.domain.model import KINDS
from tracker.domain.sentence import Sentence, counted, listed, sentence, timed
from tracker.domain.workspace import table_word
from tracker.store import checkpoint, codec, server
from tracker.store.address import Address
from tracker.store.check import DIFFER, Finding, gaps, replayed
from tracker.store.checkpoint import Snapshot
from tracker.store.codec import JournalLine
from tracker.store.documents import tables
from tracker.store.journal import Journal
from tracker.store.server_log import CHECKPOINT, ServerLog
from tracker.store.workspaces import find

if TYPE_CHECKING:
    from tracker.store.server import Connection

# JSONB knows no NUL, and has its picture instead.
_NUL, _PICTURE = "\0", "\u2400"

Entities = Mapping[tuple[str, int], Any]


def check(address: Address) -> list[Finding]:
    """Return what is wrong with a workspace on a server, and what else should be known of it.

    Lines, checkpoint and entities are those of one moment. Raises StoreError when there is none,
    TooNew when a newer program wrote it.
    """
    with server.told(address.workspace or address.shown), server.connect(address) as connection:
        server.demand_schema(connection, address)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        key, name = find(connection, address)
        sound: list[tuple[int, JournalLine]] = []
        findings = list(_lines(connection, key, name, sound))
        entries = {entry.seq: entry for _, entry in sound}
        snapshot, place = _checkpoint(connection, key, name)
        findings += _proven(snapshot, place, entries)
        if not any(finding.grave for finding in findings):
            findings += _contents(connection, key, name, place, snapshot, entries)
        return findings


def repair(address: Address, *, at: datetime) -> list[Finding]:
    """Make tables and checkpoint anew from the history; return what was done.

    From a record on that was taken and that nobody can go on from, all is set aside, and a record
    at time `at` says so. Raises Damaged where the history was damaged later or does not go back to
    its beginning, StoreError where this role does not own the workspace.
    """
    with server.told(address.workspace or address.shown), server.connect(address) as connection:
        server.demand_schema(connection, address)
        key, name = find(connection, address)
        with connection.transaction():
            question = "SELECT tracker.level(id), archived FROM tracker.workspace WHERE id = %s"
            [(level, archived)] = connection.execute(question, (key,))
            if level != "owner":
                raise StoreError(server.meaning("TR005", name))
            if archived is None:
                # Else the next record comes between one look and the other, and seems damage.
                connection.execute("SELECT tracker.hold(%s, true)", (key,))
            away = _set_aside(connection, key, name, at)
            sound = not any(finding.grave for finding in _lines(connection, key, name, []))
            question = "SELECT tracker.rebuild(%s)"
            row = connection.execute(question, (key,)).fetchone() if sound else None
            rebuilt = bool(row and row[0])
            if not (rebuilt or (sound and away)):
                raise _beyond_repair(name)
    told = [Finding(label, grave=False) for label in away]
    if rebuilt:
        words = sentence(
            "Tables and checkpoint of {file} were rebuilt from its history.", file=name
        )
        told.append(Finding(words, grave=False))
    try:
        with closing(ServerLog(address)) as log:
            Journal(log).checkpoint()
    except TrackerError as error:
        # The history alone is enough to open it, and what was done is told all the same.
        told.append(Finding(error.sentence))
    return told


def _beyond_repair(name: str) -> Damaged:
    return Damaged(
        "The history of {file} is damaged or not all there, and nothing was changed."
        " Restore what pg_dump or `tracker copy` has kept.",
        file=name,
    )


def _set_aside(connection: Connection, key: int, name: str, when: datetime) -> list[Sentence]:
    """Set aside the first record that nobody can go on from, and all behind it; return what it was.

    A record in its place says so.

    Nobody who means well has written behind it. What was damaged later is left where it is, and so
    is what a checkpoint has gone on from. A checkpoint may be false: where the history goes back to
    its beginning, that alone is believed.
    """
    known = _checkpoint(connection, key, name)[0] or checkpoint.empty()
    rows = connection.execute(
        "SELECT seq, who, line, digest = tracker.digest(line) FROM tracker.log"
        " WHERE workspace = %s ORDER BY seq",
        (key,),
    ).fetchall()
    state = checkpoint.empty() if rows and rows[0][0] == 1 else known
    for at, (number, _, line, whole) in enumerate(rows):
        if number <= state.seq:
            continue
        if not whole or number != state.seq + 1:
            break
        try:
            state = state.after(codec.decode(line.encode(), name), past=True)
        except (Damaged, Conflict, Refused) as error:
            if number <= known.seq:
                raise _beyond_repair(name) from error
            connection.execute("SELECT tracker.set_aside(%s, %s)", (key, number))
            names = sorted({row[1] for row in rows[at:]})
            label = counted(
                "Set aside {n} record that nobody could go on from: record {first} by {who}",
                "Set aside {n} records that nobody could go on from: from record {first} on, by"
                " {who}",
                len(rows) - at,
                first=number,
                who=listed(names),
            )
            record = Record(number, when, connection.info.user, Change(label, ()))
            [(seal,)] = connection.execute(
                "SELECT seal FROM tracker.workspace WHERE id = %s", (key,)
            ).fetchall()
            said = codec.encode(record, (), seal).decode()
            connection.execute("SELECT tracker.append(%s, %s, %s)", (key, uuid.uuid4(), said))
            return [label]
    return []


def _lines(
    connection: Connection, key: int, name: str, sound: list[tuple[int, JournalLine]]
) -> Iterator[Finding]:
    """Walk over what is wrong with the lines, and collect the `sound` ones with their places."""
    [(seq, seal, brought, by)] = connection.execute(
        "SELECT seq, seal, brought, brought_by FROM tracker.workspace WHERE id = %s", (key,)
    )
    rows = connection.execute(
        "SELECT seq, who, line, digest = tracker.digest(line), taken FROM tracker.log"
        " WHERE workspace = %s ORDER BY seq",
        (key,),
    ).fetchall()
    misdated: list[tuple[JournalLine, datetime]] = []
    for at, (number, who, line, whole, taken) in enumerate(rows):
        place = sentence("Record {seq} of {file}", seq=number, file=name)
        try:
            entry = codec.decode(line.encode(), place)
        except Damaged as error:
            words = sentence("{reason} It was written by {who}.", reason=error.sentence, who=who)
            if whole:
                words = sentence(
                    "{place} is not readable, and {who} stored it like that. An owner's `tracker"
                    " check --repair` sets it aside.",
                    place=place,
                    who=who,
                )
            yield Finding(words)
        else:
            sound.append((at, entry))
            if not whole or (entry.seq, entry.record.who) != (number, who):
                yield Finding(sentence("{place} is not what {who} wrote.", place=place, who=who))
            elif number > brought and abs(entry.record.at - taken) > DIFFER:
                misdated.append((entry, taken))
    yield from gaps(sound)
    last = sound[-1][1] if sound else None
    if last and len(sound) == len(rows) and (last.seq, last.seal) != (seq, seal):
        yield Finding(
            sentence(
                "{file} ends at record {last}, not at {seq}.", file=name, last=last.seq, seq=seq
            )
        )
    if misdated:
        entry, taken = misdated[0]
        words = counted(
            "{n} record has another time than the server took it at: record {seq} by {who} says"
            " {moment}; the server took it {taken}.",
            "{n} records have other times than the server took them at: the first, record {seq} by"
            " {who}, says {moment}; the server took it {taken}.",
            len(misdated),
            seq=entry.seq,
            who=entry.record.who,
            moment=timed(entry.record.at),
            taken=timed(taken),
        )
        yield Finding(words, grave=False)
    if brought:
        words = sentence(
            "Records up to {seq} were copied by {who}; the server has not verified the names in"
            " them.",
            seq=brought,
            who=by,
        )
        yield Finding(words, grave=False)


def _checkpoint(connection: Connection, key: int, name: str) -> tuple[Snapshot | None, Sentence]:
    """Return what the checkpoint holds that one opens, None where it is damaged, and its name.

    Where there is none it is what is stored before the first change.
    """
    row = connection.execute(CHECKPOINT, (key,)).fetchone()
    if row is None:
        return checkpoint.empty(), sentence("The checkpoint of {file}", file=name)
    place = sentence("The checkpoint of {file} by {who}", file=name, who=row[1])
    try:
        return checkpoint.decode_whole(bytes(row[0]), place), place
    except Damaged:
        return None, place


def _proven(
    snapshot: Snapshot | None, place: Sentence, entries: Mapping[int, JournalLine]
) -> Iterator[Finding]:
    """Walk over what shows that the checkpoint is not one of this history."""
    if snapshot is None:
        yield Finding(sentence("{place} is damaged.", place=place))
        return
    entry, following = entries.get(snapshot.seq), snapshot.seq + 1
    if entry.seal != snapshot.seal if entry else min(entries, default=following) != following:
        yield Finding(sentence("{place} belongs to a different history.", place=place))


def _contents(
    connection: Connection,
    key: int,
    name: str,
    place: Sentence,
    snapshot: Snapshot | None,
    entries: Mapping[int, JournalLine],
) -> Iterator[Finding]:
    """Replay the history, and compare what comes out with all that stands there."""
    state = yield from replayed(place, snapshot, entries)
    if state is not None:
        yield from map(Finding, disagreements(entities(connection, key), state, name))


def entities(connection: Connection, key: int) -> Entities:
    """Return what stands in the table of entities, by kind and number."""
    rows = connection.execute(
        "SELECT kind, id, doc::text FROM tracker.entity WHERE workspace = %s", (key,)
    )
    return {(kind, number): json.loads(doc) for kind, number, doc in rows}


def disagreements(there: Entities, state: Snapshot, name: str) -> Iterator[Sentence]:
    """Walk over the entities of a server that are not what the history leads to."""
    wanted = {
        (table, int(number)): _shown(codec.plain(doc))
        for table, rows in tables(state).items()
        if table in KINDS
        for number, doc in rows.items()
    }
    for kind, number in sorted({**there, **wanted}):
        if _value(kind, there.get((kind, number))) != _value(kind, wanted.get((kind, number))):
            yield sentence(
                "{thing} in the tables of {file} differs from the history.",
                thing=sentence("{kind} {id}", kind=table_word(kind), id=number),
                file=name,
            )


def _value(kind: str, doc: Any) -> Any:
    """Return what a document says, whether or not its defaults are written; or it, if nothing."""
    try:
        return codec.entity(kind, doc)
    except codec.UNREADABLE:
        return doc


def _shown(value: Any) -> Any:
    """Return a JSON value as JSONB has it."""
    if isinstance(value, str):
        return value.replace(_NUL, _PICTURE)
    if isinstance(value, float) and value.is_integer():
        # JSONB keeps the digits that are written: of 1e23, those of no number of this kind.
        return int(Decimal(repr(value)))
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {_shown(name): _shown(each) for name, each in value.items()}
    return value
