"""What is heard of a workspace on a database server, in a thread of its own."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from tracker.domain.errors import StoreError
from tracker.domain.sentence import Sentence
from tracker.store import server
from tracker.store.address import Address

if TYPE_CHECKING:
    from tracker.store.server import Connection

# Where a server does not speak of its own accord, it is asked so often; where it cannot be
# reached, so often it is tried again; in seconds.
_ASK, _AGAIN = 0.25, 0.5
# So often it is looked up who else listens, and what a host may have kept that then had no time to
# speak of it; so long the sign of life is waited for; in seconds.
_LOOK, _ECHO = 2.5, 1.0
# So long an answer is waited for, in seconds: none of them takes long.
_ANSWER = 10.0
# However much is said, it is not looked up more often, in seconds.
_CALM = 0.02


class News(threading.Thread):
    """Listens for records of a workspace, and calls `tell` when the last one is not `newest`.

    Of that it knows number and checksum; whoever has gone on to another one sets it.
    `trouble` says why nothing can be heard, None while all is well; `others` who listens as well.
    The server speaks (NOTIFY); where it does not, as behind a pooler, it is asked again and again.
    """

    def __init__(
        self,
        address: Address,
        where: tuple[int, str],
        name: str,
        newest: tuple[int, str],
        tell: Callable[[], None],
    ) -> None:
        super().__init__(name=f"news of {name}", daemon=True)
        self._address, self._name, self._tell = address, name, tell
        self._workspace, self._channel = where
        self.newest = newest
        self.trouble: Sentence | None = None
        self.others: list[str] = []
        self._ended = threading.Event()
        self.start()

    def close(self) -> None:
        """Listen no more; the connection ends within moments."""
        self._ended.set()

    def run(self) -> None:
        """Listen until it is closed, on a new connection whenever the old one is lost."""
        psycopg = server.driver()
        while not self._ended.is_set():
            try:
                purpose = f"tracker {self._workspace} screen {server.host_process()}"
                with server.connect(self._address, purpose, _ANSWER) as connection:
                    self._listen(connection)
            except StoreError as error:
                self._say(error.sentence)
            except psycopg.Error as error:
                self._say(server.silence(error, self._name))
            self._ended.wait(_AGAIN)

    def _say(self, trouble: Sentence | None) -> None:
        if not self._ended.is_set() and trouble != self.trouble:
            self.trouble = trouble
            self._tell()

    def _listen(self, connection: Connection) -> None:
        """Take in what is said until the connection ends."""
        speaks = self._speaks(connection)
        while not self._ended.is_set():
            self._look(connection)
            self._say(None)
            if speaks:
                end = time.monotonic() + _LOOK
                while (rest := end - time.monotonic()) > 0 and not self._ended.is_set():
                    if list(connection.notifies(timeout=min(rest, _ECHO), stop_after=1)):
                        # Nobody is believed who says something: the number is asked for.
                        self._ask(connection)
                        self._ended.wait(_CALM)
            else:
                self._ended.wait(_ASK)

    def _speaks(self, connection: Connection) -> bool:
        """Return whether the server speaks to this connection, by speaking to it from another one.

        A pooler may take LISTEN and forget it, or deliver only what is said while it is asked;
        other servers know no such word.
        """
        echo = f"tracker_{uuid.uuid4().hex}"
        try:
            # A pooler names itself at the start, and shares out the processes behind it.
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            if row is None or row[0] != connection.info.backend_pid:
                return False
            connection.execute(f"LISTEN {self._channel}".encode())
            connection.execute(f"LISTEN {echo}".encode())
            with server.connect(self._address, patience=_ANSWER) as other:
                other.execute(f"NOTIFY {echo}".encode())
        except (server.driver().Error, StoreError):
            # A role, or a server, may have no connection left for that.
            if connection.broken or connection.closed:
                raise
            return False
        heard = [note.channel for note in connection.notifies(timeout=_ECHO, stop_after=1)]
        connection.execute(f"UNLISTEN {echo}".encode())
        return bool(heard)

    def _ask(self, connection: Connection) -> None:
        """Ask for the newest record."""
        question = "SELECT seq, seal FROM tracker.workspace WHERE id = %s"
        row = connection.execute(question, (self._workspace,)).fetchone()
        if row is None:
            raise StoreError(server.meaning("TR001", self._name))
        if row != self.newest:
            self.newest = row[0], row[1]
            self._tell()

    def _look(self, connection: Connection) -> None:
        """Ask for the newest record, and who else listens."""
        self._ask(connection)
        rows = connection.execute(
            "SELECT usename FROM pg_stat_activity WHERE application_name LIKE %s"
            " AND datname = current_database() AND pid <> pg_backend_pid() ORDER BY usename",
            (f"tracker {self._workspace} screen %",),
        ).fetchall()
        self.others = [str(row[0]) for row in rows]
