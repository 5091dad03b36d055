"""The files of a workspace: their names, and how they are made, read and replaced."""

from __future__ import annotations

import errno
import os
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from tracker.domain.errors import Removed, StoreError
from tracker.domain.patterns import pattern
from tracker.domain.sentence import Sentence, sentence, system_reason

# A file of a workspace is never larger, in bytes: with 100,000 tasks it has a tenth of that.
LARGEST = 1 << 30
# How a file is called until it is whole; what else ends so is somebody's.
_DRAFT = pattern(r"(.*)\.\d+-\d+\.tmp", re.DOTALL)
# More links after one another no system follows.
_LINKS = 40


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
        names = {name, os.path.basename(self.journal)}
        return [
            os.path.join(folder, found)
            for found in sorted(os.listdir(folder))
            if (ours := _DRAFT.fullmatch(found)) and ours[1] in names
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

    @classmethod
    def opened(cls, path: str) -> Identity | None:
        """Return that of a path as it is now, on a file server too: see close-to-open in nfs(5)."""
        file = open_file(path)
        if file is None:
            return None
        try:
            return cls.of(file)
        finally:
            os.close(file)

    def same_file(self, other: Identity | None) -> bool:
        """Return whether both are one file, whatever was written to it meanwhile."""
        return other is not None and self[:2] == other[:2]


def create(path: str, mode: int) -> int:
    """Make a file that was not there, and return it open; nobody but `mode` may look into it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(path, flags, mode)
    if mode & 0o070:
        try:
            os.fchmod(file, mode)  # the group is asked for: the umask has no say
        except OSError:
            os.close(file)
            os.unlink(path)
            raise
    return file


def make_folder(path: str, shared: bool) -> None:
    """Make a folder and those above it, for its owner alone or, with setgid, for a group."""
    missing = []
    while not os.path.isdir(path) and path != os.path.dirname(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)
            if shared:
                _let_group_in(folder)
            sync_folder(os.path.dirname(folder))


def _let_group_in(path: str) -> None:
    """Open a new folder to its group, and none that somebody has put in its place meanwhile."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(folder, 0o2770)  # asked for by whoever shares a workspace
    finally:
        os.close(folder)


def open_file(path: str) -> int | None:
    """Open a file to read and, where that is allowed, to write; None when it is not there.

    Raises StoreError when something else is in its place.
    """
    try:
        return plain(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
    try:
        return plain(path, os.O_RDONLY)
    except PermissionError as error:
        raise unreadable(path) from error


def plain(path: str, flags: int) -> int:
    """Open a file that is there, and return it; raises StoreError when it is no ordinary file.

    No link is followed, and what others have laid in the way, a pipe say, is not waited for.
    """
    flags |= os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
    try:
        file = os.open(path, flags | os.O_NONBLOCK)
    except BlockingIOError:
        # A file server is to give back what it was lent, which takes a moment; see fcntl(2).
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise not_ordinary(path) from None
        file = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise not_followed(path) from None
        if error.errno in (errno.EISDIR, errno.ENXIO):  # a folder; a pipe or socket nobody is at
            raise not_ordinary(path) from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise not_ordinary(path)
    except BaseException:
        os.close(file)
        raise
    return file


def not_ordinary(path: str) -> StoreError:
    """Return the message for a folder, a pipe or a device where a file is expected."""
    return StoreError(
        "{file} is not an ordinary file: nothing was changed. Remove it if you did not create it.",
        file=path,
    )


def demand_folder(path: str) -> None:
    """Raise StoreError where something else than a folder is in its place."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        raise not_followed(path)
    if not stat.S_ISDIR(mode):
        raise not_ordinary(path)


def demand_names(path: str, count: int = 1, file: int | None = None) -> None:
    """Raise StoreError where a file, open or not, has more names: what is it, there?"""
    place = path if file is None else file
    if os.path.exists(place) and os.stat(place).st_nlink > count:
        raise StoreError(
            "{file} has a second name elsewhere (a hard link), and writing to it would change that"
            " too: nothing was changed. Put a copy in its place, or remove it if you did not"
            " create it.",
            file=path,
        )


def demand_own_link(path: str) -> None:
    """Raise StoreError for a link that somebody else has laid where others may write.

    The rule of the kernel's protected_symlinks, see proc(5), for any folder shared with others.
    """
    for _ in range(_LINKS):
        if not os.path.islink(path):
            return
        folder = os.path.dirname(os.path.abspath(path))
        inside, owner = os.stat(folder), os.lstat(path).st_uid
        if inside.st_mode & 0o022 and owner not in (os.geteuid(), 0, inside.st_uid):
            raise not_followed(path)
        path = os.path.join(folder, os.readlink(path))


def not_followed(path: str) -> StoreError:
    """Return the message for a link where a file is expected."""
    return StoreError(
        "{file} is a symbolic link where a file is expected, and is not followed: nothing"
        " was changed. Remove it if you did not create it.",
        file=path,
    )


def read(file: int, start: int = 0) -> bytes:
    """Return what an open file holds from `start` on."""
    parts = []
    while part := os.pread(file, 1 << 24, start):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def read_path(path: str) -> bytes | None:
    """Return what a file holds; None when it is not there. Raises as `demand_size`."""
    file = open_file(path)
    if file is None:
        return None
    try:
        demand_size(path, file)
        return read(file)
    finally:
        os.close(file)


def demand_size(path: str, file: int) -> None:
    """Raise StoreError where an open file is larger than anything that belongs here."""
    if os.fstat(file).st_size > LARGEST:
        raise StoreError(
            "{file} is larger than {size} MB, and cannot be one of tracker: nothing was"
            " changed. Put a backup in its place.",
            file=path,
            size=LARGEST >> 20,
        )


def demand_writable(path: str, data: bytes) -> None:
    """Raise StoreError where a file would be too large to be read again."""
    if len(data) > LARGEST:
        raise StoreError(
            "{file} would have {size} MB, but tracker reads no more than {limit} MB: nothing was"
            " changed. Export finished tasks, and delete them here.",
            file=os.path.basename(path),
            size=len(data) >> 20,
            limit=LARGEST >> 20,
        )


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
    demand_writable(path, data)
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

    Raises StoreError where one may not, or cannot, look, and where there is something else.
    """
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except PermissionError as error:
        raise unreadable(path) from error
    except OSError as error:
        raise failure(error, path, reading=True) from error
    if not stat.S_ISREG(mode):
        raise not_ordinary(path)
    return mode


def unreadable(path: str) -> StoreError:
    """Return the message for a file or folder that may not be read."""
    with suppress(OSError):
        owner = login_of(os.stat(path).st_uid)
        return StoreError(
            "You have no permission to read {file}; ask {owner}, its owner.", file=path, owner=owner
        )
    return StoreError("You have no permission to read {file}; ask its owner.", file=path)


def login_of(user: int) -> str:
    """Return the name of a user; its number where it has none."""
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def failure(error: OSError, path: str, *, reading: bool = False) -> StoreError:
    """Return the message for an error of the operating system about the workspace at `path`."""
    name = os.path.basename(path)
    if error.errno == errno.ELOOP and error.filename:
        return not_followed(os.fspath(error.filename))
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        folder = os.path.dirname(path)
        while not os.path.lexists(folder) and folder != os.path.dirname(folder):
            folder = os.path.dirname(folder)
        if os.path.lexists(folder) and not os.path.isdir(folder):
            return StoreError(
                "{folder} is not a folder: nothing was changed. Name a file in a folder.",
                folder=folder,
            )
        return removed(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            "The disk is full: nothing was changed in {file}. Free some space and try again.",
            file=name,
        )
    # What may only be read was opened as such: writing to it is a bad descriptor.
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBADF):
        with suppress(OSError, TypeError):
            refused = os.fspath(error.filename2 or error.filename)
            if not os.path.lexists(refused):
                refused = os.path.dirname(refused)
            owner = os.stat(refused).st_uid
            if error.errno != errno.EROFS and owner != os.stat(path).st_uid:
                return StoreError(
                    "You have no permission to write to {file}: nothing was changed. Ask {owner},"
                    " its owner.",
                    file=refused,
                    owner=login_of(owner),
                )
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
