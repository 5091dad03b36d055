"""A log on a database server: rows in order, and one writer at a time by the lock on one row."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.domain.errors import Busy, StoreError
from tracker.domain.sentence import Sentence, sentence
from tracker.store import checkpoint, codec, server
from tracker.store.address import Address
from tracker.store.file_lock import PATIENCE, Holder, busy
from tracker.store.lines import all_between
from tracker.store.log import Overtaken
from tracker.store.server import Unreachable
from tracker.store.server_news import News
from tracker.store.workspaces import find

if TYPE_CHECKING:
    import psycopg

    from tracker.store.server import Connection

# The newest of those that an owner has stored, or whoever asks. Who owns the tables, or the server,
# sees everybody's.
CHECKPOINT = (
    "SELECT data, who FROM tracker.checkpoint WHERE workspace = %s AND reader IN ('', session_user)"
    " ORDER BY schema DESC, seq DESC, reader LIMIT 1"
)
# How long it rests before it tries to connect once more, in seconds.
_REST = 0.1
# So long it looks for what became of a line whose answer was lost, whoever is impatient.
_FIND_OUT = 10.0
# So long it is waited for what takes the server no time to find, in seconds: a screen that asks
# for it does nothing else meanwhile.
_READ = PATIENCE + 2 * _REST
# So many lines of the past are asked for at once.
_FETCHED = 1_000
# So long at least an answer is waited for that a checkpoint needs, by whoever leaves, in seconds.
_LEAVING = 2.0


class Unsettled(StoreError):
    """The connection was lost before the server said whether it has a line."""


class _Line(NamedTuple):
    """A line that was sent, and the id by which it is known again."""

    seq: int
    change: uuid.UUID
    text: str

    @classmethod
    def of(cls, line: bytes) -> _Line:
        """Return a line that is to be sent."""
        return cls(codec.seq_of(line), uuid.uuid4(), line.decode())


def _unknown(name: str) -> Sentence:
    """Return what is said of a change whose answer nobody waited for."""
    return sentence(
        "You left before the server answered: what you did last may be stored in {file} or"
        " not. It shows when you open that again.",
        file=name,
    )


def _became(error: StoreError, name: str) -> Sentence:
    """Return what became of a change whose answer is waited for no more."""
    if isinstance(error, Unsettled):
        return _unknown(name)
    return sentence(
        "You left before the server answered: what you did last is not stored in {file}.", file=name
    )


class ServerLog:
    """The log of a workspace on a PostgreSQL server, as the role that connects.

    Raises StoreError when there is none of that name, or the server cannot be used.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self.notices: list[Sentence] = []
        self.patience = PATIENCE
        self._guard = threading.RLock()
        # Why there is no connection at present.
        self._unreached: Unreachable | None = None
        self._channel = ""
        # Whether no answer is waited for any more, and a change was left over that.
        self._hung_up, self._left = threading.Event(), False
        self._newest: Connection | None = None
        self._connection: Connection | None = server.connect(address, begun=self._begun)
        try:
            with server.told(address.shown), server.hurried(self._connection, _READ):
                place = server.demand_schema(self._connection, address)
                self._key, self.name = find(self._connection, address)
                self.place = f"{place}#{self.name}"
                self._introduce(self._connection)
        except BaseException:
            self._connection.close()
            raise
        self.login = self._connection.info.user
        self._depth = 0
        # Number and checksum of the newest line, as long as this connection has its row locked.
        self._held: tuple[int, str] | None = None
        # Number and checksum of the line it has gone on to.
        self._last = 0, codec.UNSEALED
        # A line of which nobody knows yet whether it is there, and one that was there after all.
        self._open: _Line | None = None
        self._kept: int = 0
        self._news: News | None = None

    def _introduce(self, connection: Connection) -> None:
        """Tell the others who wait for it which process this is, and learn where to speak.

        Raises StoreError where another workspace has its place: no two have one channel.
        """
        purpose = f"tracker {self._key} {server.host_process()}"[:63]
        question = (
            "SELECT set_config('application_name', %s, false),"
            " (SELECT channel FROM tracker.workspace WHERE id = %s)"
        )
        row = connection.execute(question, (purpose, self._key)).fetchone()
        if row and row[1]:
            if self._channel not in ("", row[1]):
                raise StoreError(
                    "{file} is another workspace than before: the database was replaced. Nothing"
                    " was changed; start tracker again to see what is there.",
                    file=self.name,
                )
            self._channel = row[1]

    # --- the connection

    def _begun(self, connection: Connection) -> None:
        """Know a connection before it is asked anything: it may be given up from then on."""
        self._newest = connection
        if self._hung_up.is_set():
            server.give_up(connection)

    def _ready(self, give_up: float) -> Connection:
        """Return a connection, a new one if need be; raises Unreachable after `give_up`."""
        while self._connection is None:
            self._demand_here()
            try:
                connection = server.connect(self._address, begun=self._begun)
                try:
                    with server.told(self.name), server.hurried(connection, _READ):
                        self._introduce(connection)
                except BaseException:
                    connection.close()
                    raise
                self._connection, self._unreached = connection, None
            except Unreachable as error:
                self._unreached = error
                if time.monotonic() >= give_up:
                    raise
                time.sleep(_REST)
        return self._connection

    def _demand_here(self) -> None:
        """Raise StoreError where the program is being left."""
        if self._hung_up.is_set():
            raise StoreError("{file} is being left.", file=self.name)

    def _lost(self, error: psycopg.Error) -> bool:
        """Leave the connection if an error has ended it; return whether."""
        if self._connection is None or not server.lost(error, self._connection):
            return False
        with suppress(Exception):
            self._connection.close()
        self._connection, self._held = None, None
        return True

    def _asked(
        self, question: str, values: tuple[Any, ...], *, binary: bool = False
    ) -> list[tuple[Any, ...]]:
        """Ask something that changes nothing; once more where the connection was lost.

        What comes in `binary` may be large.
        """
        psycopg = server.driver()
        with self._alone(reads=True), server.told(self.name):
            give_up = time.monotonic() + self.patience
            while True:
                held, connection = self._held is not None, self._ready(give_up)
                try:
                    if binary:
                        return connection.execute(question, values, binary=True).fetchall()
                    with server.hurried(connection, _READ):
                        return connection.execute(question, values).fetchall()
                except psycopg.Error as error:
                    if not self._lost(error) or time.monotonic() >= give_up + _REST:
                        raise
                if held:
                    # What was read before may have been left behind: `append` looks at that.
                    self._take(give_up)

    # --- the lock

    @contextmanager
    def _alone(self, *, reads: bool = False) -> Iterator[None]:
        """Hold other threads off; raises Busy where one of them has waited for the server so long.

        It is Unreachable where that is known. A thread beside the screen that only `reads` waits
        for its turn until the program is left: what keeps it waiting may be no more than reading.
        """
        beside = reads and threading.current_thread() is not threading.main_thread()
        while not self._guard.acquire(timeout=_REST if beside else max(self.patience, _REST)):
            if not beside:
                raise self._unreached or self._busy(None)
            self._demand_here()
        try:
            yield
        finally:
            self._guard.release()

    @contextmanager
    def lock(self, who: str) -> Iterator[None]:
        """Hold everybody else off until a line is appended, other threads for all the time."""
        del who
        with self._alone():
            try:
                if self._held is None:
                    self._take(time.monotonic() + self.patience)
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                    if not self._depth:
                        self._let_go()
            except StoreError as error:
                if self._hung_up.is_set() and not (self._depth or self._left):
                    self._left = True
                    self.notices.append(_became(error, self.name))
                raise

    def hang_up(self) -> None:
        """Wait for no answer any more; called in another thread than the one that waits."""
        self._hung_up.set()
        if self._newest is not None:
            server.give_up(self._newest)

    def _take(self, give_up: float) -> None:
        """Lock the row, on a new connection if the old one is lost."""
        psycopg = server.driver()
        wait = round(self.patience * 1000)
        setting = f"BEGIN; SET LOCAL lock_timeout = {wait}; "
        question = setting + f"SELECT seq, seal FROM tracker.hold({self._key}, {wait > 0})"  # noqa: S608
        while True:
            connection = self._ready(give_up)
            try:
                # The server itself refuses the lock in time; nothing is changed before it is given.
                with (
                    server.hurried(connection, self.patience + _READ),
                    connection.cursor() as cursor,
                ):
                    cursor.execute(question.encode())
                    cursor.nextset()
                    cursor.nextset()
                    [self._held] = cursor.fetchall()
            except psycopg.Error as error:
                if self._lost(error):
                    if time.monotonic() < give_up + _REST:
                        continue
                    raise server.failure(error, self.name) from error
                # Whoever uses it next finds out.
                with suppress(psycopg.Error), server.hurried(connection, _READ):
                    connection.execute("ROLLBACK")
                if isinstance(error, psycopg.errors.LockNotAvailable):
                    raise self._busy(connection) from error
                raise server.failure(error, self.name) from error
            self._settle(connection)
            return

    def _settle(self, connection: Connection) -> None:
        """Find out, under the lock, about a line whose answer was lost; see `Unsettled`."""
        if self._open is not None:
            if self._has(connection, self._open):
                self._kept = self._open.seq
            self._open = None
        if self._kept and not self._depth:
            seq, self._kept = self._kept, 0
            self._let_go()
            raise StoreError(
                "The previous change was stored after all, as record {seq} of {file}:"
                " the connection was lost"
                " before the server answered. Nothing else was changed; try again if needed.",
                seq=seq,
                file=self.name,
            )

    def _has(self, connection: Connection, line: _Line) -> bool:
        """Return whether a line is there: nobody else's has its id."""
        question = "SELECT change FROM tracker.log WHERE workspace = %s AND seq = %s"
        try:
            with server.hurried(connection, _READ):
                row = connection.execute(question, (self._key, line.seq)).fetchone()
        except server.driver().Error as error:
            if not self._lost(error):
                self._let_go()
            raise server.failure(error, self.name) from error
        return row is not None and row[0] == line.change

    def _let_go(self) -> None:
        """Give the row back, if a line has not done so."""
        if self._held is not None and self._connection is not None:
            try:
                with server.hurried(self._connection, _READ):
                    self._connection.execute("ROLLBACK")
            except server.driver().Error as error:
                if not self._lost(error):
                    raise
        self._held = None

    def _busy(self, connection: Connection | None) -> Busy:
        """Return the message that names who holds the row."""
        rows: list[tuple[Any, ...]] = []
        if connection is not None:
            with suppress(Exception), server.hurried(connection, _READ):
                # Who has it locked stands on the row itself, whatever that one calls itself.
                rows = connection.execute(
                    "SELECT a.usename, a.application_name FROM tracker.workspace w"
                    " JOIN pg_locks l ON l.transactionid = w.xmax AND l.granted"
                    " JOIN pg_stat_activity a ON a.pid = l.pid"
                    " WHERE w.id = %s AND a.pid <> pg_backend_pid()",
                    (self._key,),
                ).fetchall()
        if not rows:
            return busy(self.name)
        who, purpose = rows[0]
        process, _, host = str(purpose).rpartition(" ")[2].partition("@")
        return busy(self.name, Holder(str(who or "?"), process, host))

    # --- reading

    def load(self) -> bytes | None:
        """Return the checkpoint; None before the first one."""
        # As text it would be twice as long.
        rows = self._asked(CHECKPOINT, (self._key,), binary=True)
        return bytes(rows[0][0]) if rows else None

    def first(self) -> int:
        """Return the number of the oldest line kept, or that of the next one if none is."""
        # One question, of one moment: between two the first line may come.
        question = (
            "SELECT coalesce((SELECT min(l.seq) FROM tracker.log l WHERE l.workspace = w.id),"
            " w.seq + 1) FROM tracker.workspace w WHERE w.id = %s"
        )
        rows = self._asked(question, (self._key,))
        return int(rows[0][0]) if rows else self._end()[0] + 1

    def _end(self) -> tuple[int, str]:
        """Return number and checksum of the newest line."""
        rows = self._asked("SELECT seq, seal FROM tracker.workspace WHERE id = %s", (self._key,))
        if not rows:
            raise StoreError(server.meaning("TR001", self.name))
        return rows[0][0], rows[0][1]

    def since(self, seq: int, seal: str) -> list[bytes]:
        """Return what has come after line `seq`."""
        with self._alone(reads=True):
            known = (seq, seal) == self._last
            if not known:
                here = self._lines(seq, seq)
                if here and codec.seal_of(here[0]) != seal:
                    raise checkpoint.strayed(self.name)
            newest, there = self._held or self._end()
            lines = [*self.lines(seq + 1, newest)]
            before = codec.prev_of(lines[0]) if lines else there
            if newest < seq or (known and before != seal):
                # Not damage, which would be read over: a host has taken over that never had it.
                raise StoreError(
                    "The server no longer has record {seq} of {file}, which it had confirmed. What"
                    " was changed since then is lost there; start tracker again to see what is"
                    " left.",
                    file=self.name,
                    seq=min(seq, newest + 1),
                )
            self._went_on((newest, codec.seal_of(lines[-1])) if lines else (seq, seal))
            return lines

    def _went_on(self, last: tuple[int, str]) -> None:
        """Remember the line that `since` or `append` has gone on to: it is no news any more."""
        self._last = last
        if self._news is not None:
            self._news.newest = last

    def lines(self, first: int, last: int) -> Iterator[bytes]:
        """Walk over lines of the past."""
        for begin in range(first, last + 1, _FETCHED):
            end = min(begin + _FETCHED - 1, last)
            yield from all_between(self._lines(begin, end), begin, end, self.name)

    def _lines(self, first: int, last: int) -> list[bytes]:
        question = (
            "SELECT line FROM tracker.log WHERE workspace = %s AND seq BETWEEN %s AND %s"
            " ORDER BY seq"
        )
        return [row[0].encode() for row in self._asked(question, (self._key, first, last))]

    def changed(self) -> bool:
        """Return whether there are lines to go on to: by the lock, by what was heard, or asked."""
        if self._held is not None:
            return self._held != self._last
        if self._news is not None and not self._depth:
            return self._news.newest != self._last
        return self._end() != self._last

    # --- writing

    def append(self, line: bytes) -> None:
        """Commit a line; it is looked for on a new connection where the answer is lost.

        Raises Unsettled when nobody can be asked about that for too long, and Unreachable when
        connections have been lost over it for so long and it is not there.
        """
        sent = _Line.of(line)
        give_up = time.monotonic() + max(self.patience, _FIND_OUT)
        if self._held is None:
            self._take(give_up)
        if (sent.seq - 1, codec.prev_of(line)) != self._last:
            # A line came that its reader could not take; it is read, and told, once more.
            self._last = 0, codec.UNSEALED
        try:
            self._send(sent, give_up)
        except KeyboardInterrupt:
            self.notices.append(_unknown(self.name))
            raise
        self._held = None
        self._went_on((sent.seq, codec.seal_of(line)))

    def _send(self, sent: _Line, give_up: float) -> None:
        """Commit a line; on a new connection where one was lost, and the line with it."""
        psycopg = server.driver()
        while True:
            if self._held != self._last:
                raise Overtaken(self.name)
            connection = self._ready(give_up)
            try:
                self._append_and_commit(connection, sent)
                return
            except psycopg.Error as error:
                # A line that was refused leaves its transaction open; later it may be there.
                refused = psycopg.pq.TransactionStatus.INERROR
                committing = connection.info.transaction_status != refused
                broken = self._lost(error)
                self._let_go()
                if (broken or committing) and self._found(sent, give_up, committing=committing):
                    return
                # What cuts every connection that carries this line would do so without end.
                if not broken or time.monotonic() >= give_up:
                    self._let_go()
                    raise server.failure(error, self.name) from error

    def _append_and_commit(self, connection: Connection, line: _Line) -> None:
        """Send all that keeps a line as one message: each would cost a way there and back.

        The line is no part of a statement: those that fail are in the server's log of errors.
        """
        with connection.pipeline():
            question = "SELECT tracker.append(%s, %s, %s)"
            connection.execute(question, (self._key, line.change, line.text))
            self._commit_and_tell(connection)

    def _commit_and_tell(self, connection: Connection) -> None:
        """End the transaction, and then tell those who listen.

        Not within it: all commits of a database that tell something wait for one another.
        """
        connection.execute("COMMIT")
        connection.execute(f"NOTIFY {self._channel}".encode())

    def _found(self, line: _Line, give_up: float, *, committing: bool) -> bool:
        """Lock the row anew, and return whether a line is there that was sent.

        Whoever still has the lock of the lost connection is waited for: nothing comes of it then.
        """
        patience, self.patience = self.patience, max(self.patience, _FIND_OUT)
        try:
            self._take(give_up)
            connection = self._ready(give_up)
            found = self._has(connection, line)
        except StoreError as error:
            if not committing:
                raise
            self._open = line
            raise Unsettled(
                "The connection was lost while this was being stored, and nobody can say yet"
                " whether it was: {reason} It is looked for, and told, with the next change.",
                reason=error.sentence,
            ) from error
        finally:
            self.patience = patience
        if found:
            try:
                self._commit_and_tell(connection)
            except server.driver().Error as error:
                # It is there; those who listen look for themselves now and then.
                self._lost(error)
        return found

    def checkpoint(self, data: bytes) -> bool:
        """Replace the checkpoint, on a connection of its own: no key waits for it."""
        if self._hung_up.is_set():
            return False
        new = checkpoint.head(data)
        patience = max(self.patience, _LEAVING)
        with (
            server.told(self.name),
            server.connect(self._address, patience=patience) as connection,
        ):
            row = connection.execute(CHECKPOINT, (self._key,), binary=True).fetchone()
            old = checkpoint.present(bytes(row[0]) if row else None, self._line_at, self.name)
            if old and (old.schema, old.seq) >= (new.schema, new.seq):
                return False
            question = "SELECT tracker.keep(%s, %s, %s, %s, %b)"
            values = (self._key, new.seq, new.schema, new.seal, data)
            row = connection.execute(question, values).fetchone()
            return bool(row and row[0])

    def _line_at(self, seq: int) -> bytes | None:
        """Return a line, or None when it is not kept."""
        found = self._lines(seq, seq)
        return found[0] if found else None

    # --- others

    def watch(self, tell: Callable[[], None]) -> None:
        """Listen to what the server says of the workspace."""
        if self._news is None:
            where = self._key, self._channel
            self._news = News(self._address, where, self.name, self._last, tell)

    @property
    def trouble(self) -> Sentence | None:
        """Why nothing is heard of others for now."""
        return self._news.trouble if self._news else None

    def others(self, who: str) -> list[str]:
        """Return who else listens, by role and in order."""
        del who
        return self._news.others if self._news else []

    def close(self) -> None:
        """Give back what is held."""
        if self._news is not None:
            self._news.close()
        if self._connection is not None:
            self._connection.close()
