"""Files of sealed lines, one after the other, and how far they can be trusted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count, pairwise

from tracker.domain.errors import Damaged, StoreError
from tracker.store import codec, files
from tracker.store.files import Identity

# What a disk writes as a whole, in bytes, whatever it reports.
_SECTOR = 512
# More than that, in bytes, nobody adds without its beginning like a line.
_MUCH = 1 << 26


class LineFile:
    """An open file of lines: whole ones up to `end`, and `rest`, read but no whole line.

    `seen` is what the file was at the last look that found nothing wrong.
    """

    def __init__(self, path: str, file: int) -> None:
        self._path, self._file = path, file
        self.identity = Identity.of(file)
        self.end = 0
        self.rest = b""
        self.seen: Identity | None = None
        # From where on lines are somebody else's, who may have died before they were synced; and
        # whether the name of the file is.
        self._unsure: int | None = None
        self._named = False

    @classmethod
    def open(cls, path: str) -> LineFile | None:
        """Open it at its beginning; None when it is not there."""
        file = files.open_file(path)
        if file is None:
            return None
        try:
            return cls(path, file)
        except OSError:
            os.close(file)
            raise

    def is_at(self, path: str) -> bool:
        """Return whether it is still the file of that name."""
        now = Identity.of(path)
        return now is not None and now.same_file(self.identity)

    def ends_at(self, path: str) -> bool:
        """Return whether it is still the file of that name, with nothing behind its last line."""
        now = Identity.of(path)
        return now is not None and now.same_file(self.identity) and now.size == self.end

    def read_on(self) -> list[bytes]:
        """Return the whole lines that have come, and step behind them.

        Raises Damaged when one is not what was written.
        """
        now = Identity.of(self._file)
        size = now.size if now else 0
        if size < self.end:
            raise Damaged(
                "{file} has become shorter. `tracker check` shows what is missing.",
                file=os.path.basename(self._path),
            )
        self._demand_lines(size)
        data = files.read(self._file, self.end)
        lines, self.rest = lines_of(data, self._path, self.end)
        if lines and self._unsure is None:
            self._unsure = self.end
        self.end += sum(map(len, lines)) + len(lines)
        self.seen = now
        return lines

    def _demand_lines(self, size: int) -> None:
        """Raise Damaged before much is read that is no line, or never ends."""
        new = size - self.end
        if new > files.LARGEST or (
            new > _MUCH and not codec.seq_of(os.pread(self._file, 64, self.end))
        ):
            raise Damaged(
                "{file} has grown by {size} MB that tracker did not write: nothing was changed. Cut"
                " them off, or put a backup in its place.",
                file=self._path,
                size=new >> 20,
            )

    def ends_with(self, seal: str) -> bool:
        """Return whether the last line is still the one with this checksum.

        What somebody else wrote may have been read before the disk refused it, and another line
        of the same length may be in its place; or a backup of the same size.
        """
        return not self.end or self._seal() == seal

    def lacks_all(self, last: tuple[int, str]) -> bool:
        """Return whether there is no line in it, not even one that lacks only its newline.

        `last` is the number and checksum of the last line of all.
        """
        return not self.end and not codec.goes_on(self.rest, last)

    def demand_ours(self) -> None:
        """Raise StoreError where to write would change more than this file."""
        files.demand_names(self._path, file=self._file)

    def settle(self) -> None:
        """Bring what others wrote to the disk, and the name of the file, to be built on."""
        if self._unsure is None:
            return
        try:
            _sync()(self._file)
        except OSError:
            # What could not be written counts as written from then on: it has to be written anew.
            data = files.read(self._file, self._unsure)[: self.end - self._unsure]
            with suppress(OSError):
                files.write(self._file, data, self._unsure)
            raise
        if not self._named:
            files.sync_folder(os.path.dirname(self._path))
        self._named, self._unsure = True, None

    def _seal(self) -> str:
        start = max(self.end - codec.SEAL_LENGTH - 1, 0)
        return codec.seal_of(os.pread(self._file, codec.SEAL_LENGTH, start))

    def append(self, line: bytes) -> None:
        """Write a line at the end; when it raises, the line is not there, or it says so."""
        self.demand_ours()
        self._demand_room(len(line) + 1)
        self.settle()
        size = os.fstat(self._file).st_size
        try:
            files.write(self._file, line + b"\n", self.end)
            _sync()(self._file)
        except OSError as error:
            # After a failed fsync nobody can tell what the disk has: the line has to go.
            with files.taking_back(error, self._path):
                if os.fstat(self._file).st_size != size:
                    self._cut(size)
            raise
        self.end += len(line) + 1
        self.rest = b""

    def _demand_room(self, more: int) -> None:
        """Raise StoreError where what is written could not be read again."""
        if self.end + more > files.LARGEST:
            raise StoreError(
                "{file} is full ({size} MB), as no checkpoint was written for a long time: nothing"
                " was changed. Somebody who may write to {folder} has to open the workspace and"
                " leave it; that writes one and empties the file.",
                file=os.path.basename(self._path),
                size=self.end >> 20,
                folder=os.path.dirname(self._path),
            )

    def cut(self) -> None:
        """Take away what follows the last whole line."""
        self._cut(self.end)
        self.rest = b""

    def _cut(self, size: int) -> None:
        os.ftruncate(self._file, size)
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _sync() -> Callable[[int], None]:
    """Return what brings the content of a file to the disk, by the system one is on.

    Not every one, macOS for instance, has the call that leaves the times of the file for later.
    """
    return getattr(os, "fdatasync", os.fsync)


def split(data: bytes, start: int = 0) -> tuple[list[bytes], bytes]:
    """Return the lines of a journal's file from `start` on, and what was not written to its end.

    After a power cut that is a line without its end, or one that lacks whole sectors: a file
    system shows zeros where it was told of a length and not of the content. No damage to a line
    that was complete looks like that, short of a disk that loses a sector of the last line.
    """
    *lines, rest = data.split(b"\n")
    if not rest and lines and _lacks_sectors(lines[-1], start + len(data) - len(lines[-1]) - 1):
        return lines[:-1], lines[-1] + b"\n"
    # A whole line and one more byte: this was its newline, and no cut leaves it so.
    if codec.sealed(rest[:-1]):
        if rest.endswith(b"\0"):
            return lines, rest[:-1]
        return [*lines, rest], b""
    return lines, rest


def _lacks_sectors(line: bytes, start: int) -> bool:
    """Return whether a line at `start` has zeros, from the beginning to the end of sectors only."""
    if b"\0" not in line:
        return False
    end = start + len(line)
    edges = [start, *range(start - start % _SECTOR + _SECTOR, end, _SECTOR), end]
    parts = [line[a - start : b - start] for a, b in pairwise(edges)]
    return all(not part.strip(b"\0") or b"\0" not in part for part in parts)


def lines_of(data: bytes, path: str, start: int = 0) -> tuple[list[bytes], bytes]:
    """Return the whole lines of a journal's file and what was not written to its end.

    Raises Damaged, naming the line, when one is not what was written.
    """
    lines, rest = split(data, start)
    for number, line in enumerate(lines, 1):
        if not _whole(line):
            raise _damaged(path, number)
    return lines, rest


def all_between(found: list[bytes], first: int, last: int, name: str) -> list[bytes]:
    """Return lines if they are those from `first` to `last`; raises Damaged where one is missing.

    `name` is that of what they are from.
    """
    numbers = list(map(codec.seq_of, found))
    if gapless(numbers, first, last):
        return found
    raise missing(numbers, first, name)


def gapless(numbers: Sequence[int], first: int, last: int) -> bool:
    """Return whether numbers are those from `first` to `last` in order.

    Whoever may write can claim any number as the last: nothing is ever counted up to it.
    """
    return len(numbers) == last - first + 1 and all(map(int.__eq__, numbers, count(first)))


def missing(numbers: Sequence[int], first: int, name: str) -> Damaged:
    """Return the error for lines from `first` on of which only `numbers` are there."""
    there = set(numbers)
    return Damaged(
        "Record {seq} is missing from {file}. `tracker check --repair` keeps what is intact.",
        file=name,
        seq=next(number for number in count(first) if number not in there),
    )


def walk(path: str) -> Iterator[bytes]:
    """Walk over the whole lines of a journal's file, one by one: it may be a large one.

    Raises Damaged, naming the line, when one is not what was written.
    """
    file = files.open_file(path)
    if file is None:
        return
    with os.fdopen(file, "rb") as content:
        files.demand_size(path, file)
        for number, line in enumerate(content, 1):
            if not line.endswith(b"\n"):
                return  # it is still being written
            if not _whole(line[:-1]):
                raise _damaged(path, number)
            yield line[:-1]


def _whole(line: bytes) -> bool:
    """Return whether a line is what was written, and a line of a journal at all."""
    return codec.sealed(line) and codec.seq_of(line) > 0


def _damaged(path: str, number: int) -> Damaged:
    return Damaged(
        "Line {line} of {file} is damaged: its content was altered later. `tracker check"
        " --repair` keeps what is intact.",
        line=number,
        file=os.path.basename(path),
    )


def first_number(path: str) -> int:
    """Return the number of the first line of a journal's file; 0 when there is none."""
    file = files.open_file(path)
    if file is None:
        return 0
    try:
        return codec.seq_of(os.pread(file, 64, 0))
    finally:
        os.close(file)


def last_seal(path: str) -> str:
    """Return the checksum of the last line of a closed file of the journal."""
    file = files.open_file(path)
    if file is None:
        return ""
    try:
        end = os.fstat(file).st_size
        return codec.seal_of(os.pread(file, codec.SEAL_LENGTH, max(end - codec.SEAL_LENGTH - 1, 0)))
    finally:
        os.close(file)
