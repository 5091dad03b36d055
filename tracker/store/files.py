"""The files of a workspace: their names, and how they are made, read, replaced and locked."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import msgspec

from tracker.domain.errors import Busy, Removed, StoreError
from tracker.domain.sentence import Sentence, sentence, system_reason

# How long a writer waits for the lock by default, and how long it rests between two tries, in
# seconds.
PATIENCE = 5.0
_REST = 0.005


class Paths(NamedTuple):
    """Where things are; `kept` is the folder of everything kept beside checkpoint and journal."""

    checkpoint: str
    journal: str
    lock: str
    kept: str

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> Paths:
        """Return the files of the workspace whose checkpoint is at `path`."""
        # A link is followed once: renaming a new checkpoint over it would replace the link.
        checkpoint = os.path.realpath(os.fspath(path))
        stem = checkpoint.removesuffix(".json")
        return cls(checkpoint, stem + ".log", stem + ".lock", stem + ".kept")

    def drafts(self) -> list[str]:
        """Return the paths of new files that were never put in the place of the old ones."""
        folder, name = os.path.split(self.checkpoint)
        names = (name, os.path.basename(self.journal))
        return [
            os.path.join(folder, found)
            for found in sorted(os.listdir(folder))
            if found.endswith(".tmp") and found.startswith(tuple(f"{name}." for name in names))
        ]


class Identity(NamedTuple):
    """What distinguishes a file from another of the same name, and one content from the next."""

    device: int
    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, place: str | int) -> Identity | None:
        """Return that of a path or an open file; None when there is nothing."""
        try:
            found = os.stat(place)
        except FileNotFoundError:
            return None
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    def same_file(self, other: Identity | None) -> bool:
        """Return whether both are one file, whatever was written to it meanwhile."""
        return other is not None and self[:2] == other[:2]


def create(path: str, mode: int) -> int:
    """Make a file that was not there, and return it open; nobody but `mode` may look into it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(path, flags, mode)
    if mode & 0o070:
        os.fchmod(file, mode)  # the group is asked for: the umask has no say
    return file


def make_folder(path: str, shared: bool) -> None:
    """Make a folder and those above it, for its owner alone or, with setgid, for a group."""
    if not os.path.isdir(path):
        make_folder(os.path.dirname(path), shared)
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)
            if shared:
                os.chmod(path, 0o2770)  # noqa: S103  # asked for by whoever shares a workspace
            sync_folder(os.path.dirname(path))


def open_file(path: str) -> int | None:
    """Open a file to read and, where that is allowed, to write; None when it is not there."""
    flags = os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, os.O_RDWR | flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
    try:
        return os.open(path, os.O_RDONLY | flags)
    except PermissionError as error:
        raise unreadable(path) from error


def read(file: int, start: int = 0) -> bytes:
    """Return what an open file holds from `start` on."""
    parts = []
    while part := os.pread(file, 1 << 24, start):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def read_path(path: str) -> bytes | None:
    """Return what a file holds; None when it is not there."""
    file = open_file(path)
    if file is None:
        return None
    try:
        return read(file)
    finally:
        os.close(file)


def write(file: int, data: bytes, start: int = 0) -> None:
    """Write all of `data` at `start`."""
    rest = memoryview(data)
    while rest:
        done = os.pwrite(file, rest, start)
        rest, start = rest[done:], start + done


def write_new(path: str, data: bytes, mode: int) -> None:
    """Make a file with `data`, on the disk when it returns; nothing is left when it raises."""
    file = create(path, mode)
    try:
        write(file, data)
        os.fsync(file)
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise
    finally:
        os.close(file)


def replace(path: str, data: bytes, mode: int) -> None:
    """Put `data` in the place of a file, whole or not at all, on the disk when it returns."""
    draft = draft_of(path, data, mode)
    try:
        os.rename(draft, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise
    sync_folder(os.path.dirname(path))


def draft_of(path: str, data: bytes, mode: int) -> str:
    """Write `data` beside the file it is to replace, and return where."""
    draft = f"{path}.{os.getpid()}-{threading.get_ident()}.tmp"
    with suppress(FileNotFoundError):
        os.unlink(draft)  # a process of that number was killed while it wrote
    write_new(draft, data, mode)
    return draft


def sync_folder(path: str) -> None:
    """Bring the names in a folder to the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some file systems cannot, and need not
            raise
    finally:
        os.close(folder)


MOUNTS = "/proc/self/mountinfo"
# Where locks between machines depend on how the file system is mounted.
_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "fuse.sshfs", "ncp")


def network(path: str) -> str:
    """Return the kind of the network file system that a path is on; empty when on none.

    From the list of mounts in proc(5); where there is no such file, unknown.
    """
    kind, longest = "", -1
    with suppress(OSError, ValueError), open(MOUNTS, encoding="utf-8") as mounts:
        for line in mounts:
            left, right = line.split(" - ", 1)
            point = left.split()[4].encode().decode("unicode_escape")
            inside = path == point or path.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= longest:
                kind, longest = right.split()[0], len(point)
    return kind if kind.startswith(_NETWORK) else ""


def network_notice(name: str, kind: str) -> Sentence:
    """Return what people should know of a workspace on a network file system."""
    return sentence(
        "{file} is on a network file system ({kind}): several people can use it safely only if"
        " it supports locks between machines.",
        file=name,
        kind=kind,
    )


def mode_of(path: str) -> int:
    """Return the mode of a file, 0 when it is not there.

    Raises StoreError where one may not, or cannot, look.
    """
    try:
        return os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except PermissionError as error:
        raise unreadable(path) from error
    except OSError as error:
        raise failure(error, path, reading=True) from error


def unreadable(path: str) -> StoreError:
    """Return the message for a file or folder that may not be read."""
    return StoreError("You have no permission to read {file}; ask its owner.", file=path)


def failure(error: OSError, path: str, *, reading: bool = False) -> StoreError:
    """Return the message for an error of the operating system about the workspace at `path`."""
    name = os.path.basename(path)
    if error.errno == errno.ELOOP and error.filename:
        return StoreError(
            "{file} is a symbolic link where a file is expected, and is not followed: nothing"
            " was changed. Remove it if you did not create it.",
            file=os.fspath(error.filename),
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return removed(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            "The disk is full: nothing was changed in {file}. Free some space and try again.",
            file=name,
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreError(
            "You have no permission to write to {file}: nothing was changed. Ask its owner.",
            file=name,
        )
    if reading:
        return StoreError(
            "Could not read {file} ({reason}): nothing was changed.",
            file=name,
            reason=system_reason(error),
        )
    return StoreError(
        "Could not write {file} ({reason}): nothing was changed.",
        file=name,
        reason=system_reason(error),
    )


def removed(path: str) -> Removed:
    """Return the message for a workspace that is gone."""
    return Removed("{path} was removed: nothing was changed.", path=path)


@contextmanager
def taking_back(error: OSError, path: str) -> Iterator[None]:
    """Take back, after an error, what was begun; raises StoreError when that fails as well."""
    try:
        yield
    except FileNotFoundError:
        pass  # it did not come that far
    except OSError:
        raise StoreError(
            "Could not write {file} ({reason}), nor take back what had been written: the change"
            " may be there or not. Check that before you repeat it.",
            file=os.path.basename(path),
            reason=system_reason(error),
        ) from error


class Holder(NamedTuple):
    """Who holds a lock."""

    who: str
    process: int
    host: str


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
        give_up = time.monotonic() + patience
        while not self._taken():
            if time.monotonic() >= give_up:
                raise self._busy()
            time.sleep(_REST)
        holder = msgspec.json.encode([who[:60], os.getpid(), os.uname().nodename[:60]])
        with suppress(OSError):  # its name is a courtesy, which a full disk may cost
            os.pwrite(self._file or 0, holder.ljust(1000), 0)

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
            return os.open(self._path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            with suppress(FileExistsError):
                return create(self._path, self._mode)
            return self._opened()

    def _busy(self) -> Busy:
        try:
            who, process, host = msgspec.json.decode(read_path(self._path) or b"")
            holder = Holder(str(who), int(process), str(host))
        except (OSError, ValueError, TypeError):
            holder = Holder("?", 0, "?")
        return Busy(
            "{file} is being changed by {who} (process {process} on {host})."
            " Try again in a moment.",
            file=os.path.basename(self._of),
            who=holder.who or "?",
            process=str(holder.process),
            host=holder.host,
        )
