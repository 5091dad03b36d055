"""Moving a workspace with its whole history to another place, file or server."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tracker.domain.errors import Damaged, Refused, StoreError
from tracker.domain.model import KINDS
from tracker.store import checkpoint, codec, server, workspaces
from tracker.store.address import Address
from tracker.store.checkpoint import Snapshot
from tracker.store.documents import tables
from tracker.store.file_log import FileLog
from tracker.store.journal import Journal
from tracker.store.log import Log
from tracker.store.server import Unreachable

if TYPE_CHECKING:
    from tracker.store.server import Connection

# So many lines and entities go to a server at once, and so many bytes if it is more than one: a
# message has a limit, and both ends hold it as a whole.
_AT_ONCE, _BYTES_AT_ONCE = 1000, 8 << 20
# So long it looks for a copy whose confirmation was lost, and rests in between, in seconds.
_FIND_OUT, _REST = 10.0, 0.1

T = TypeVar("T")


class Copied(NamedTuple):
    """What was copied: the number of records, and the state they lead to."""

    records: int
    snapshot: Snapshot


def copy(source: str | Address, target: str | Address) -> Copied:
    """Copy a workspace to where there is none, and compare both; see `Store.open` for places.

    What is written to the source meanwhile may be missing; records keep their numbers, names and
    times. Raises Refused when there is something at the target, StoreError when a place cannot be
    used, Damaged when the source is; then nothing is left at the target.
    """
    with closing(Journal(_opened(source))) as journal:
        log, snapshot = journal.log, journal.snapshot
        first = log.first()
        lines = [*log.lines(first, snapshot.seq)]
    if isinstance(target, Address):
        _to_server(target, lines, snapshot)
    else:
        _to_files(target, lines, snapshot)
    return Copied(len(lines), snapshot)


def _opened(place: str | Address) -> Log:
    if isinstance(place, Address):
        from tracker.store.server_log import ServerLog

        return ServerLog(place)
    return FileLog(place, create=False)


def _compare(lines: Sequence[bytes], snapshot: Snapshot, there: Journal) -> None:
    """Raise Damaged unless what was written is what was read."""
    written = [*there.log.lines(there.log.first(), there.snapshot.seq)]
    if written != lines or tables(there.snapshot) != tables(snapshot):
        raise Damaged("The copy differs from {file}: nothing was kept of it.", file=there.log.name)


def _to_files(path: str, lines: Sequence[bytes], snapshot: Snapshot) -> None:
    log = FileLog(path)
    try:
        with log.lock("copy"):
            for there in log.paths:
                # Whatever is there belongs to a workspace, or to somebody who has other plans.
                if there != log.paths.lock and os.path.lexists(there):
                    raise Refused("{path} is already there.", path=there)
            try:
                # First the lines: they alone are a whole workspace.
                log.replace_journal(b"".join(line + b"\n" for line in lines))
                log.replace_checkpoint(checkpoint.encode(snapshot))
                with closing(Journal(FileLog(path, create=False))) as journal:
                    _compare(lines, snapshot, journal)
            except BaseException:
                for made in (log.paths.checkpoint, log.paths.journal):
                    with suppress(FileNotFoundError):
                        os.unlink(made)
                raise
    finally:
        log.close()


def _to_server(address: Address, lines: Sequence[bytes], snapshot: Snapshot) -> None:
    if not address.workspace:
        raise Refused(
            "{address} names no workspace; add #NAME to it.",
            address=address.shown,
        )
    channel = ""
    with server.told(address.workspace), server.connect(address) as connection:
        server.demand_schema(connection, address)
        try:
            with connection.transaction():
                key = workspaces.create(connection, address)
                question = "SELECT channel FROM tracker.workspace WHERE id = %s"
                [(channel,)] = connection.execute(question, (key,)).fetchall()
                _bring(connection, key, lines, snapshot, address.workspace)
                _compare_on_server(connection, key, lines, snapshot, address.workspace)
        except server.driver().Error as error:
            if not channel or not server.lost(error, connection):
                raise
            if not _found(address, channel):
                raise StoreError(
                    "The connection was lost before the copy was stored: there is none at"
                    " {address}. Try again.",
                    address=str(address),
                ) from error


def _bring(
    connection: Connection, key: int, lines: Sequence[bytes], snapshot: Snapshot, name: str
) -> None:
    """Send all there is of a workspace."""
    for some in _portions(lines, len):
        connection.execute(
            "SELECT tracker.bring(%s, %s, %s, %s)",
            (
                key,
                [codec.seq_of(line) for line in some],
                [codec.decode(line, name).record.who for line in some],
                [line.decode() for line in some],
            ),
        )
    entities = (
        (table, int(number), codec.to_json(doc).decode())
        for table, rows in tables(snapshot).items()
        if table in KINDS
        for number, doc in rows.items()
    )
    for rows in _portions(entities, lambda entity: len(entity[2])):
        columns = zip(*rows, strict=True)
        connection.execute(
            "SELECT tracker.bring_entities(%s, %s, %s, %s)", (key, *map(list, columns))
        )
    data = checkpoint.encode(snapshot)
    connection.execute(
        "SELECT tracker.keep(%s, %s, %s, %s, %b)",
        (key, snapshot.seq, codec.schema(), snapshot.seal, data),
    )


def _portions(items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    some: list[T] = []
    room = _BYTES_AT_ONCE
    for item in items:
        room -= size(item)
        if some and (room < 0 or len(some) == _AT_ONCE):
            yield some
            some, room = [], _BYTES_AT_ONCE - size(item)
        some.append(item)
    if some:
        yield some


def _found(address: Address, channel: str) -> bool:
    """Return whether a copy is there after all: no other workspace has its channel.

    Raises StoreError where nobody can say.
    """
    give_up = time.monotonic() + _FIND_OUT
    while True:
        try:
            with server.told(address.workspace), server.connect(address) as connection:
                # Whoever still works for the lost connection has the name, and is waited for.
                with (
                    suppress(server.driver().errors.UniqueViolation),
                    connection.transaction(force_rollback=True),
                ):
                    name = address.workspace.strip()
                    connection.execute("SELECT tracker.create_workspace(%s)", (name,))
                question = "SELECT FROM tracker.workspace WHERE channel = %s"
                return bool(connection.execute(question, (channel,)).fetchall())
        except StoreError as error:
            if not isinstance(error, Unreachable) or time.monotonic() >= give_up:
                raise StoreError(
                    "The connection was lost while the copy was being stored, and nobody can say"
                    " yet whether it is at {address}; `tracker list-workspaces` tells later.",
                    address=str(address),
                ) from error
            time.sleep(_REST)


def _compare_on_server(
    connection: Connection, key: int, lines: Sequence[bytes], snapshot: Snapshot, name: str
) -> None:
    """Raise Damaged unless what a server holds, before anybody else sees it, is what was read."""
    from tracker.store.server_check import disagreements, entities

    rows = connection.execute(
        "SELECT line FROM tracker.log WHERE workspace = %s ORDER BY seq", (key,)
    ).fetchall()
    row = connection.execute(
        "SELECT data FROM tracker.checkpoint WHERE workspace = %s", (key,)
    ).fetchone()
    there = checkpoint.decode(bytes(row[0]), name) if row else checkpoint.empty()
    if (
        [line.encode() for (line,) in rows] != list(lines)
        or tables(there) != tables(snapshot)
        or list(disagreements(entities(connection, key), snapshot, name))
    ):
        raise Damaged("The copy differs from {file}: nothing was kept of it.", file=name)
