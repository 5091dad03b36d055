"""A disk that loses its power: only what was synced is sure to be there afterwards.

The method is that of ALICE (Pillai et al., “All File Systems Are Not Created Equal”, OSDI 2014):
the calls of a piece of work are recorded, and from each prefix of them follow the states in which a
file system may leave the disk. Here it may, unless a sync has come between:

- write each sector of 512 bytes or not, in any order, and make a file longer before its content is
  there (it then holds zeros, or whatever was on the disk);
- do each creation, renaming, linking and removal of a name or not, in any order, each of them as a
  whole, as POSIX demands of rename(2). A new file has a name only when its folder was synced.

An fsync(2) makes sure of content and length of a file, or of the names in a folder. What is in lock
files is left out: nothing is ever read from them but a name, for a message.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from tests.store.system_calls import CHANGING, intercepted

SECTOR = 512
# What was on the disk before: no text has such a byte.
STALE = b"\xfe"
# With so many things on their way to the disk, or fewer, every combination of them is tried.
COMPLETE = 7

Tree = Mapping[str, bytes | None]
"""Files by their path below the folder; None for folders."""


class Write(NamedTuple):
    """A piece of a file, not beyond the end of a sector."""

    file: int
    at: int
    data: bytes


class Length(NamedTuple):
    """A file has become longer, or shorter."""

    file: int
    size: int
    cut: bool


class Names(NamedTuple):
    """Names that have come, gone or moved, all at once; 0 for gone."""

    names: Mapping[tuple[int, str], int]


class Sync(NamedTuple):
    """What was done to a file or in a folder before is on the disk now; `by` is who asked."""

    node: int
    by: str


class Doubt(NamedTuple):
    """What was done to a file before, and not synced, a sync has refused: no later one will do."""

    node: int


class Told(NamedTuple):
    """So many changes have been told to somebody as done, and so many as refused."""

    done: int
    refused: int = 0


Step = Write | Length | Names | Sync | Doubt | Told

_ROOT = 1


class Disk:
    """A folder as it was, and the steps of what is done in it while `recording`."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.path.realpath(folder)
        self.steps: list[Step] = []
        # What the disk holds for sure before the first step, and what the running system sees.
        self._names: dict[tuple[int, str], int] = {}
        self._content: dict[int, bytes] = {}
        self._numbers = itertools.count(_ROOT)
        self._folders = {next(self._numbers)}
        self._open: dict[int, int] = {}
        self._take_in(self._folder, _ROOT)
        self._now_names = dict(self._names)
        self._size = {file: len(data) for file, data in self._content.items()}

    def _take_in(self, path: str, into: int) -> None:
        known: dict[int, int] = {}
        for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
            inode = entry.inode()
            number = known.get(inode) or next(self._numbers)
            known[inode] = number
            self._names[into, entry.name] = number
            if entry.is_dir():
                self._folders.add(number)
                self._take_in(entry.path, number)
            else:
                self._content[number] = Path(entry.path).read_bytes()

    def told(self, done: int, refused: int = 0) -> None:
        """Note that somebody has been told of so many changes in all."""
        self.steps.append(Told(done, refused))

    def doubt(self, file: int) -> None:
        """Note that the sync of an open file has failed."""
        self.steps.append(Doubt(self._open[file]))

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what is done in the folder."""
        with intercepted(self._seen, CHANGING):
            yield

    def _seen(self, name: str, real: Any, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        by = _callers(sys._getframe(2)) if "sync" in name else ""
        was_there = name == "open" and self._at(args[0]) is not None
        result = real(*args, **more)
        if name == "open":
            self._opened(args[0], args[1], result, was_there)
        elif name == "pwrite":
            self._wrote(args[0], bytes(args[1])[:result], args[2])
        elif name == "ftruncate":
            self._cut(args[0], args[1])
        elif name in ("fsync", "fdatasync"):
            if args[0] in self._open:
                self.steps.append(Sync(self._open[args[0]], by))
        elif name not in ("chmod", "fchmod"):
            self._named(name, args)
        return result

    def _place(self, path: Any) -> tuple[int, str] | None:
        """Return folder and name of a path below the folder; None for others."""
        text = os.path.abspath(os.fspath(path))
        if not text.startswith(self._folder + "/"):
            return None
        *above, name = text[len(self._folder) + 1 :].split("/")
        folder = _ROOT
        for part in above:
            folder = self._now_names[folder, part]
        return folder, name

    def _at(self, path: Any) -> int | None:
        if os.path.abspath(os.fspath(path)) == self._folder:
            return _ROOT
        place = self._place(path)
        return None if place is None else self._now_names.get(place)

    def _opened(self, path: Any, flags: int, file: int, was_there: bool) -> None:
        self._open.pop(file, None)  # the number of one that was closed
        place = self._place(path)
        if place is not None and not was_there and flags & os.O_CREAT:
            number = next(self._numbers)
            self._size[number] = 0
            self._did_names({place: number})
        number = self._at(path) or 0
        if number and not os.fspath(path).endswith(".lock"):
            assert not flags & os.O_TRUNC, "is to be recorded as well"
            self._open[file] = number

    def _wrote(self, file: int, data: bytes, at: int) -> None:
        number = self._open.get(file)
        if number is None:
            return
        end = at + len(data)
        while at < end:
            piece, data = data[: SECTOR - at % SECTOR], data[SECTOR - at % SECTOR :]
            self.steps.append(Write(number, at, piece))
            at += len(piece)
        if end > self._size[number]:
            self._size[number] = end
            self.steps.append(Length(number, end, cut=False))

    def _cut(self, file: int, size: int) -> None:
        number = self._open[file]
        self._size[number] = size
        self.steps.append(Length(number, size, cut=True))

    def _named(self, name: str, args: tuple[Any, ...]) -> None:
        places = [self._place(path) for path in args[:2] if isinstance(path, str | os.PathLike)]
        if None in places:
            return
        first, *second = [place for place in places if place]
        if name == "mkdir":
            number = next(self._numbers)
            self._folders.add(number)
            self._did_names({first: number})
        elif name == "unlink":
            self._did_names({first: 0})
        elif name == "link":
            self._did_names({second[0]: self._now_names[first]})
        else:
            self._did_names({second[0]: self._now_names[first], first: 0})

    def _did_names(self, names: Mapping[tuple[int, str], int]) -> None:
        self.steps.append(Names(names))
        for place, number in names.items():
            if number:
                self._now_names[place] = number
            else:
                self._now_names.pop(place, None)

    # --- what the disk may hold

    def tree(self, steps: Sequence[Step], filler: bytes = b"\0") -> Tree:
        """Return what is there when only these steps have reached the disk.

        `filler` is what a file holds that was made longer and not written.
        """
        names, content = dict(self._names), {n: bytearray(d) for n, d in self._content.items()}
        for step in steps:
            if isinstance(step, Names):
                names.update(step.names)
            elif isinstance(step, Write):
                data = content.setdefault(step.file, bytearray())
                data.extend(filler * (step.at + len(step.data) - len(data)))
                data[step.at : step.at + len(step.data)] = step.data
            elif isinstance(step, Length):
                data = content.setdefault(step.file, bytearray())
                data.extend(filler * (step.size - len(data)))
                if step.cut:
                    del data[step.size :]
        found: dict[str, bytes | None] = {}

        def walk(folder: int, above: str) -> None:
            for (inside, name), number in sorted(names.items()):
                if inside != folder or not number:
                    continue
                if number in self._folders:
                    found[above + name] = None
                    walk(number, above + name + "/")
                else:
                    found[above + name] = bytes(content.get(number, b""))

        walk(_ROOT, "")
        return found

    def now(self) -> Tree:
        """Return what is there when everything has reached the disk."""
        return self.tree(self.steps)

    def crashes(
        self, *, without: str = "", complete: int = COMPLETE, some: int = 40
    ) -> Iterator[tuple[Told, Tree]]:
        """Walk over what may be left of each prefix, and what had been told by then.

        Where more than `complete` things are on their way: what is like the first or the last of
        them, all but one and one only, and `some` by chance. `without` leaves out the syncs that
        a function of that name asked for.
        """
        steps = [step for step in self.steps if not (isinstance(step, Sync) and step.by == without)]
        chance = random.Random(len(steps))
        seen: set[tuple[Told, tuple[tuple[str, bytes | None], ...]]] = set()
        for end in range(len(steps) + 1):
            if end and isinstance(steps[end - 1], Sync):
                continue  # it leaves less open than there was before
            sure, open_ = _settled(steps[:end])
            told = next((step for step in reversed(steps[:end]) if isinstance(step, Told)), Told(0))
            for chosen in _combinations(len(open_), complete, some, chance):
                reached = sorted([*sure, *(open_[n] for n in chosen)])
                for filler in (b"\0", STALE):
                    tree = self.tree([steps[n] for n in reached], filler)
                    if filler == STALE and not any(
                        data and STALE in data for data in tree.values()
                    ):
                        continue
                    key = told, tuple(tree.items())
                    if key not in seen:
                        seen.add(key)
                        yield told, tree


def _callers(frame: FrameType | None) -> str:
    """Return who asks: the functions of the store, from the first that is a step of its own."""
    names: list[str] = []
    while frame and not names[1:] and "/store/" in frame.f_code.co_filename:
        names.append(frame.f_code.co_qualname)
        frame = frame.f_back
    return " for ".join(names)


def _settled(steps: Sequence[Step]) -> tuple[list[int], list[int]]:
    """Return which steps are on the disk for sure, and which may be."""
    sure: list[int] = []
    open_: list[int] = []
    synced: set[int] = set()
    for n in range(len(steps) - 1, -1, -1):
        step = steps[n]
        if isinstance(step, Sync):
            synced.add(step.node)
        elif isinstance(step, Doubt):
            synced.discard(step.node)
        elif isinstance(step, Names):
            reached = synced.intersection(folder for folder, _ in step.names)
            (sure if reached else open_).append(n)
        elif not isinstance(step, Told):
            (sure if step.file in synced else open_).append(n)
    return sure[::-1], open_[::-1]


def _combinations(
    count: int, complete: int, some: int, chance: random.Random
) -> Iterator[tuple[int, ...]]:
    """Walk over which of `count` things happen: all ways, or some of them where they are many."""
    every = tuple(range(count))
    if count <= complete:
        for length in range(count + 1):
            yield from itertools.combinations(every, length)
        return
    for n in range(count + 1):
        yield every[:n]
        yield every[n:]
    for n in every:
        yield every[:n] + every[n + 1 :]
        yield (n,)
    for _ in range(some):
        yield tuple(n for n in every if chance.random() < 0.5)


def lay_out(tree: Tree, folder: Path) -> None:
    """Put files where they are to be."""
    for name, data in tree.items():
        place = folder / name
        if data is None:
            place.mkdir()
        else:
            place.write_bytes(data)
