"""Who has a workspace open: a small locked file for each, beside what is kept."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress

from tracker.domain.errors import StoreError
from tracker.domain.patterns import pattern
from tracker.store import files

_NAME = pattern(r"here-\d+-[0-9a-f]+\.lock\Z")
# So many signs are made until one is not taken for one of the dead; then it is given up.
_TRIES = 9
# A login name is no longer than this on any system; what is, is cut.
_LONGEST = 256


class Presence:
    """The sign that somebody has the workspace at `path` open, for as long as this lives.

    A file says who; the lock on it, which the system lets go at the end of the process however
    that comes, says that it is still so. What stays behind of the dead is cleared away by the next
    who looks. Where no file can be made nothing is said: it is a courtesy, and stops nobody.
    """

    def __init__(self, path: str | os.PathLike[str], who: str) -> None:
        self._folder = files.Paths.of(path).kept
        self._path = ""
        self._file: int | None = None
        with suppress(OSError):
            group = os.stat(os.path.dirname(self._folder)).st_mode & 0o2070 == 0o2070
            if os.path.islink(self._folder):
                return  # it leads to a folder of somebody else
            files.make_folder(self._folder, group)
            mode, name = 0o660 if group else 0o600, who.encode(errors="replace")[:_LONGEST]
            tries = (self._made(mode, name) for _ in range(_TRIES))
            self._file = next((file for file in tries if file is not None), None)

    def _made(self, mode: int, who: bytes) -> int | None:
        """Make a sign and lock it; return it open, None where it was taken for one of the dead."""
        # No name comes twice: whoever clears away a sign of the dead never hits another.
        name = f"here-{os.getpid()}-{os.urandom(8).hex()}.lock"
        self._path = os.path.join(self._folder, name)
        file = files.create(self._path, mode)
        try:
            files.write(file, who)
            # Whoever looks holds it for a moment, but for good when stopped just then.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file).st_nlink:
                return file
        except BlockingIOError:
            pass
        except OSError:
            os.unlink(self._path)
            os.close(file)
            raise
        with suppress(OSError):
            os.unlink(self._path)
        os.close(file)
        return None

    def others(self) -> list[str]:
        """Return who else has it open, by name and in order; somebody twice has it open twice."""
        found: list[str] = []
        if os.path.islink(self._folder):
            return found
        with suppress(OSError):
            for name in os.listdir(self._folder):
                path = os.path.join(self._folder, name)
                if _NAME.match(name) and path != self._path:
                    found += self._who(path)
        return sorted(found)

    def close(self) -> None:
        """Take the sign away."""
        if self._file is not None:
            with suppress(OSError):
                os.unlink(self._path)
            os.close(self._file)
            self._file = None

    def _who(self, path: str) -> list[str]:
        """Return who a sign names, if that still holds; else clear it away."""
        try:
            file = files.plain(path, os.O_RDONLY)
        except (OSError, StoreError):
            return []
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno != errno.EWOULDBLOCK:
                return []
            return [self._signed(file)]
        else:
            with suppress(OSError):
                os.unlink(path)
            return []
        finally:
            os.close(file)

    def _signed(self, sign: int) -> str:
        """Return the name on a sign, and who has made it where that is not the same."""
        name = os.pread(sign, _LONGEST, 0).decode(errors="replace")
        owner = os.fstat(sign).st_uid
        login = name if owner == os.geteuid() else files.login_of(owner)
        return name if login == name else f"{name} ({login})"
