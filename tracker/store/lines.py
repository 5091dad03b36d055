"""Files of sealed lines, one after the other, and how far they can be trusted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

from tracker.domain.errors import Damaged
from tracker.store import codec, files
from tracker.store.files import Identity


class LineFile:
    """An open file of lines: whole ones up to `end`, and `rest`, read but no whole line."""

    def __init__(self, path: str, file: int) -> None:
        self._path, self._file = path, file
        self.identity = Identity.of(file)
        self.end = 0
        self.rest = b""

    @classmethod
    def open(cls, path: str) -> LineFile | None:
        """Open it at its beginning; None when it is not there."""
        file = files.open_file(path)
        return None if file is None else cls(path, file)

    def is_at(self, path: str) -> bool:
        """Return whether it is still the file of that name."""
        now = Identity.of(path)
        return now is not None and now.same_file(self.identity)

    def read_on(self) -> list[bytes]:
        """Return the whole lines that have come, and step behind them.

        Raises Damaged when one is not what was written.
        """
        data = files.read(self._file, self.end)
        if not data and os.fstat(self._file).st_size < self.end:
            raise Damaged(
                "{file} has become shorter. `tracker check` shows what is missing.",
                file=os.path.basename(self._path),
            )
        lines, self.rest = lines_of(data, self._path)
        self.end += len(data) - len(self.rest)
        return lines

    def append(self, line: bytes) -> None:
        """Write a line at the end; when it raises, the line is not there."""
        try:
            files.write(self._file, line + b"\n", self.end)
            os.fdatasync(self._file)
        except OSError:
            # After a failed fsync nobody can tell what the disk has: the line has to go.
            with suppress(OSError):
                self.cut()
            raise
        self.end += len(line) + 1
        self.rest = b""

    def cut(self) -> None:
        """Take away what follows the last whole line."""
        os.ftruncate(self._file, self.end)
        os.fsync(self._file)
        self.rest = b""

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def lines_of(data: bytes, path: str) -> tuple[list[bytes], bytes]:
    """Return the whole lines of a journal's file and what follows the last newline.

    Raises Damaged, naming the line, when one is not what was written.
    """
    *lines, rest = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not codec.sealed(line):
            raise _damaged(path, number)
    # A whole line and one more byte: this was its newline, and no cut leaves it so.
    if codec.sealed(rest[:-1]):
        raise _damaged(path, len(lines) + 1)
    return lines, rest


def all_between(found: list[bytes], first: int, last: int, name: str) -> list[bytes]:
    """Return lines if they are those from `first` to `last`; raises Damaged where one is missing.

    `name` is that of what they are from.
    """
    numbers = list(map(codec.seq_of, found))
    if numbers == list(range(first, last + 1)):
        return found
    raise missing(numbers, first, last, name)


def missing(numbers: Iterable[int], first: int, last: int, name: str) -> Damaged:
    """Return the error for lines from `first` to `last` of which only `numbers` are there."""
    return Damaged(
        "Record {seq} is missing from {file}. `tracker check --repair` keeps what is intact.",
        file=name,
        seq=min(set(range(first, last + 1)).difference(numbers), default=first),
    )


def closed_lines(path: str) -> list[bytes]:
    """Return the lines of a closed file of the journal."""
    lines, rest = lines_of(files.read_path(path) or b"", path)
    if rest:
        raise _damaged(path, len(lines) + 1)
    return lines


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
