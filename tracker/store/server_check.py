"""Looking for damage in a workspace on a database server, and naming it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tracker.domain.errors import Damaged
from tracker.domain.model import KINDS
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.workspace import table_word
from tracker.store import checkpoint, codec, server
from tracker.store.address import Address
from tracker.store.check import Finding, gaps, replayed
from tracker.store.checkpoint import Snapshot
from tracker.store.codec import JournalLine
from tracker.store.documents import tables
from tracker.store.journal import Journal
from tracker.store.server_log import ServerLog
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
    with server.connect(address) as connection, server.told(address.workspace or address.shown):
        server.demand_schema(connection, address)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        key, name = find(connection, address)
        sound: list[tuple[int, JournalLine]] = []
        findings = list(_lines(connection, key, name, sound))
        snapshot, damage = _checkpoint(connection, key, name)
        findings += damage
        if not any(finding.grave for finding in findings):
            found = _contents(connection, key, name, snapshot, [entry for _, entry in sound])
            findings += found
        return findings


def repair(address: Address) -> list[Finding]:
    """Make tables and checkpoint anew from the history; return what was done.

    Raises Damaged where the history itself is damaged or does not go back to its beginning,
    StoreError where this role does not own the workspace.
    """
    with server.connect(address) as connection, server.told(address.workspace or address.shown):
        server.demand_schema(connection, address)
        key, name = find(connection, address)
        sound = not any(finding.grave for finding in _lines(connection, key, name, []))
        question = "SELECT tracker.rebuild(%s)"
        row = connection.execute(question, (key,)).fetchone() if sound else None
        if not row or not row[0]:
            raise Damaged(
                "The history of {file} is damaged or not all there, and nothing was changed."
                " Restore what pg_dump or `tracker copy` has kept.",
                file=name,
            )
    with closing(Journal(ServerLog(address))) as journal:
        journal.checkpoint()
    words = sentence("Tables and checkpoint of {file} were rebuilt from its history.", file=name)
    return [Finding(words, grave=False)]


def _lines(
    connection: Connection, key: int, name: str, sound: list[tuple[int, JournalLine]]
) -> Iterator[Finding]:
    """Walk over what is wrong with the lines, and collect the `sound` ones with their places."""
    rows = connection.execute(
        "SELECT seq, who, line FROM tracker.log WHERE workspace = %s ORDER BY seq", (key,)
    ).fetchall()
    for at, (number, who, line) in enumerate(rows):
        place = sentence("Record {seq} of {file}", seq=number, file=name)
        try:
            entry = codec.decode(line.encode(), place)
        except Damaged as error:
            yield Finding(
                sentence("{reason} It was written by {who}.", reason=error.sentence, who=who)
            )
        else:
            sound.append((at, entry))
            if (entry.seq, entry.record.who) != (number, who):
                yield Finding(sentence("{place} is not what {who} wrote.", place=place, who=who))
    yield from gaps(sound)
    [(seq, seal, brought, by)] = connection.execute(
        "SELECT seq, seal, brought, brought_by FROM tracker.workspace WHERE id = %s", (key,)
    )
    last = sound[-1][1] if sound else None
    if last and len(sound) == len(rows) and (last.seq, last.seal) != (seq, seal):
        yield Finding(
            sentence(
                "{file} ends at record {last}, not at {seq}.", file=name, last=last.seq, seq=seq
            )
        )
    if brought:
        words = sentence(
            "Records up to {seq} were copied by {who}; the server has not verified the names in"
            " them.",
            seq=brought,
            who=by,
        )
        yield Finding(words, grave=False)


def _checkpoint(
    connection: Connection, key: int, name: str
) -> tuple[Snapshot | None, list[Finding]]:
    """Return what the checkpoint holds, and what is wrong with it."""
    row = connection.execute(
        "SELECT who, data FROM tracker.checkpoint WHERE workspace = %s", (key,)
    ).fetchone()
    if row is None:
        return None, []
    try:
        return checkpoint.decode(bytes(row[1]), name), []
    except Damaged:
        words = sentence("The checkpoint of {file}, by {who}, is damaged.", file=name, who=row[0])
        return None, [Finding(words)]


def _contents(
    connection: Connection,
    key: int,
    name: str,
    snapshot: Snapshot | None,
    entries: list[JournalLine],
) -> Iterator[Finding]:
    """Replay the history, and compare what comes out with all that stands there."""
    state = yield from replayed(name, snapshot, {entry.seq: entry for entry in entries})
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
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {_shown(name): _shown(each) for name, each in value.items()}
    return value
