"""The lock of a workspace in files: one writer at a time, and a name for whoever waits."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import msgspec

from tracker.domain.errors import Busy, StoreError
from tracker.store.files import (
    Identity,
    Paths,
    create,
    demand_names,
    failure,
    plain,
)

# How long a writer waits for the lock by default, and how long it rests between two tries, in
# seconds.
PATIENCE = 5.0
_REST = 0.005
# So long is what a lock says, in bytes.
_LONGEST = 1000
# How a lock begins: not used yet, named by a holder, or as a power cut leaves what was not written.
_OURS = (b"", b'["', b"\0\0")


class Holder(NamedTuple):
    """Who holds a lock."""

    who: str = ""
    process: str = ""
    host: str = ""


def busy(file: str, holder: Holder | None = None) -> Busy:
    """Return the message that somebody is changing a workspace, and who, if that is known."""
    if holder is None or not holder.who:
        return Busy("{file} is being changed by others. Try again in a moment.", file=file)
    return Busy(
        "{file} is being changed by {who} (process {process} on {host}). Try again in a moment.",
        file=file,
        who=holder.who,
        process=holder.process or "?",
        host=holder.host or "?",
    )


class Lock:
    """An exclusive lock between processes and threads, on a file of its own; may be nested.

    It is flock(2): the kernel gives it back when its process dies, however that dies. The file
    stays where it is, since removing it would let two processes lock two files of one name.
    """

    def __init__(self, paths: Paths, mode: int) -> None:
        self._path, self._of, self._mode = paths.lock, paths.checkpoint, mode
        self._guard = threading.RLock()
        self._depth, self._owner = 0, 0
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this thread holds it."""
        return self._owner == threading.get_ident()

    @contextmanager
    def hold(self, who: str, patience: float) -> Iterator[None]:
        """Hold it as `who`; raises Busy, naming the holder, after so many seconds of waiting."""
        # Another thread of this process has it for moments only: those are always worth waiting.
        if not self._guard.acquire(timeout=max(patience, _REST)):
            raise self._busy()
        try:
            if not self._depth:
                self._take(who, patience)
            self._depth, self._owner = self._depth + 1, threading.get_ident()
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    self._owner = 0
                    self._give_back()
        finally:
            self._guard.release()

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _give_back(self) -> None:
        if self._file is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        except OSError:
            self.close()  # which gives it back as well

    def _take(self, who: str, patience: float) -> None:
        name = who[:60].encode(errors="replace").decode()
        holder = msgspec.json.encode([name, os.getpid(), os.uname().nodename[:60]])
        give_up = time.monotonic() + patience
        while not self._taken():
            if time.monotonic() >= give_up:
                raise self._busy()
            time.sleep(_REST)
        with suppress(OSError):  # its name is a courtesy, which a full disk may cost
            # Other programs have files of that name, too: what is in those is not ours to replace.
            if self._file is not None and os.pread(self._file, 2, 0) in _OURS:
                os.pwrite(self._file, holder.ljust(_LONGEST), 0)

    def _taken(self) -> bool:
        try:
            if self._file is None:
                self._file = self._opened()
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            here = Identity.of(self._file)
            if here and here.same_file(Identity.of(self._path)):
                return True
        except BlockingIOError:
            return False
        except OSError as error:
            self.close()
            raise failure(error, self._of) from error
        # Somebody removed the file: who holds this one holds nobody off.
        self.close()
        return False

    def _opened(self) -> int:
        try:
            file = plain(self._path, os.O_RDWR)
        except FileNotFoundError:
            with suppress(FileExistsError):
                return create(self._path, self._mode)
            return self._opened()
        try:
            demand_names(self._path, file=file)
        except BaseException:
            os.close(file)
            raise
        return file

    def _busy(self) -> Busy:
        holder = None
        try:
            file = plain(self._path, os.O_RDONLY)
            try:
                # Whoever may write there may have written anything.
                who, process, host = msgspec.json.decode(os.pread(file, _LONGEST, 0))
            finally:
                os.close(file)
            holder = Holder(str(who), str(int(process)), str(host))
        except (OSError, StoreError, ValueError, TypeError, RecursionError):
            pass
        return busy(os.path.basename(self._of), holder)
