"""A log in files: sealed lines behind a checkpoint, and what is kept beside them."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import NamedTuple

from tracker.domain.errors import Damaged, StoreError
from tracker.domain.patterns import pattern
from tracker.domain.sentence import Sentence, sentence
from tracker.store import checkpoint, codec, file_lock, files
from tracker.store.checkpoint import Meta
from tracker.store.files import Identity, Paths
from tracker.store.lines import LineFile, first_number, gapless, last_seal, missing, walk
from tracker.store.log import Overtaken
from tracker.store.presence import Presence

# From this size on, in bytes, a checkpoint closes the journal's file and a new one begins: opening
# a workspace verifies the current file line by line, at about 1 ms a MB.
ROTATE_FROM = 1 << 20
BACKUPS = 7
# Between a look at the kept files and one at the journal, that may become one of them.
_TRIES = 3

_SEGMENT = pattern(r"log-(\d{10})-(\d{10})\.log")
_SCHEMA = pattern(r"schema-\d+\.json")
_BACKUP = pattern(r"backup-(\d{4}-\d\d-\d\d)\.json")


class Segment(NamedTuple):
    """A closed file of the journal, and the numbers of its first and last line."""

    first: int
    last: int
    path: str


def is_left(path: str) -> bool:
    """Return whether there is any history of the workspace that is, or was, at `path`."""
    paths = Paths.of(path)
    if os.path.lexists(paths.journal):
        return True
    with suppress(OSError, StoreError):
        return bool(_kept(paths, _SEGMENT))
    return False


def _kept(paths: Paths, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """Return what matches among the names of the files kept, in their order."""
    try:
        files.demand_folder(paths.kept)
        names = sorted(os.listdir(paths.kept))
    except FileNotFoundError:
        return []
    return [found for found in map(pattern.fullmatch, names) if found]


class FileLog:
    """A log in files: NAME.json, NAME.log and NAME.lock, and NAME.kept for what is kept besides.

    With `create` the folder is made where it is missing; without, raises StoreError when there
    is no workspace. With `shared` new files are for the group as well.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, create: bool = True, shared: bool = False
    ) -> None:
        files.demand_own_link(os.fspath(path))
        self.paths = Paths.of(path)
        self.name = os.path.basename(self.paths.checkpoint)
        self.notices: list[Sentence] = []
        self.patience = file_lock.PATIENCE
        self.login, self.place, self.trouble = "", self.paths.checkpoint, None
        self._presence: Presence | None = None
        if mode := files.mode_of(self.paths.checkpoint):
            # Who may read and write the checkpoint may read and write the rest.
            self._mode = mode & 0o060 | 0o600
        elif create or is_left(self.paths.checkpoint):
            self._mode = 0o660 if shared else 0o600
            with self._told():
                self._make_folder(shared)
            if kind := files.network(self.paths.checkpoint):
                self.notices.append(files.network_notice(self.name, kind))
        else:
            raise StoreError("There is no workspace at {path}.", path=self.paths.checkpoint)
        self._lock = file_lock.Lock(self.paths, self._mode)
        # A checkpoint may be written by another thread than the one that follows the journal.
        self._guard = threading.RLock()
        # The journal's file as far as it has been followed, number and checksum of the last line.
        self._journal: LineFile | None = None
        self._last = 0, codec.UNSEALED

    def _make_folder(self, shared: bool) -> None:
        folder = os.path.dirname(self.paths.checkpoint)
        files.make_folder(folder, shared)
        if shared and os.stat(folder).st_mode & 0o2070 != 0o2070:
            # Others could read there, but new files would be neither theirs nor the group's.
            raise StoreError(
                "{folder} is not set up for a group: run `chmod 2770` on it, or name a folder"
                " that does not exist yet.",
                folder=folder,
            )

    def lock(self, who: str) -> AbstractContextManager[None]:
        """Hold everybody else off, other threads included."""
        return self._lock.hold(who, self.patience)

    def close(self) -> None:
        """Close the files."""
        if self._presence is not None:
            self._presence.close()
        self._leave()
        self._lock.close()

    def watch(self, tell: Callable[[], None]) -> None:
        """Look at the journal instead: that is as quick."""

    def others(self, who: str) -> list[str]:
        """Return who else has it open."""
        if self._presence is None:
            self._presence = Presence(self.paths.checkpoint, who)
        return self._presence.others()

    # --- reading

    def load(self) -> bytes | None:
        """Return the checkpoint; None when there is none yet, or only an empty file."""
        with self._at_work(reading=True):
            return files.read_path(self.paths.checkpoint) or None

    def first(self) -> int:
        """Return the number of the oldest line kept, or that of the next one if none is."""
        with self._told(reading=True):
            # In this order: a journal that is closed meanwhile is among the segments then.
            number = first_number(self.paths.journal)
            segments = self.segments()
            return segments[0].first if segments else number or self._last[0] + 1

    def changed(self) -> bool:
        """Return, by one look at the journal, whether it has grown or been replaced."""
        with self._told(reading=True):
            held = self._lock.held
            # A file server's answers are kept for seconds, those to opening a file are not.
            now = (Identity.opened if held else Identity.of)(self.paths.journal)
            journal = self._journal
            if now and journal:
                if now == journal.seen and not held:
                    return False  # all but what a writer has left behind, which the next one mends
                if now.size != journal.end or not now.same_file(journal.identity):
                    return True
                if held and not journal.ends_with(self._last[1]):
                    self._leave()
                    return True
                return False
            if now or journal:
                return True
            # None was there, and none is: but one may have come and been closed meanwhile, or have
            # been found unreadable before it was taken away.
            last = self._last[0]
            return max((segment.last for segment in self.segments()), default=last) != last

    def since(self, seq: int, seal: str) -> list[bytes]:
        """Return what has come after line `seq`, from the kept files too where it takes them."""
        with self._at_work(reading=not self._lock.held):
            journal = self._journal
            if journal and (seq, seal) == self._last and journal.is_at(self.paths.journal):
                lines = journal.read_on()
            else:
                self._leave()
                lines, journal = self._search(seq, seal)
                self._journal, self._last = journal, (seq, seal)
            self._went_on(lines)
            if journal and journal.rest and self._lock.held:
                try:
                    lines += self._mended(journal)
                except BaseException:
                    # What came before the rest has not been handed on: it is read anew.
                    self._leave()
                    raise
            return lines

    def lines(self, first: int, last: int) -> Iterator[bytes]:
        """Walk over lines of the past, from the kept files too where it takes them.

        Needs no guard: what is whole is not written again, and it opens the files for itself.
        """
        if first > last:
            return
        following = first
        with self._told(reading=True):
            for _ in range(_TRIES):
                before = 0
                for line in self._walk_from(following):
                    seq = codec.seq_of(line)
                    if seq > following:
                        break
                    if seq <= before:  # it is there twice, and not the same maybe
                        raise self._gap(before, (), last)
                    before = seq
                    if seq == following:
                        yield line
                        following += 1
                        if seq == last:
                            return
        raise self._gap(following - 1, (), last)

    def _walk_from(self, seq: int) -> Iterator[bytes]:
        """Walk over the lines of all files from that on in which line `seq` is."""
        for segment in self.segments():
            if segment.last >= seq:
                yield from walk(segment.path)
        yield from walk(self.paths.journal)

    def _went_on(self, lines: Sequence[bytes]) -> None:
        if lines:
            self._last = codec.seq_of(lines[-1]), codec.seal_of(lines[-1])

    def segments(self) -> list[Segment]:
        """Return the closed files of the journal, oldest first."""
        return [
            Segment(int(found[1]), int(found[2]), os.path.join(self.paths.kept, found[0]))
            for found in self.kept(_SEGMENT)
        ]

    def backups(self) -> list[str]:
        """Return the paths of the checkpoints kept of past days, oldest first."""
        return [os.path.join(self.paths.kept, found[0]) for found in self.kept(_BACKUP)]

    def kept(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Return what matches among the names of the files kept, in their order."""
        return _kept(self.paths, pattern)

    def _search(self, seq: int, seal: str) -> tuple[list[bytes], LineFile | None]:
        """Open the journal anew; return all lines after `seq`, and the open journal."""
        for tries_left in reversed(range(_TRIES)):
            segments = self.segments()
            journal = LineFile.open(self.paths.journal)
            try:
                lines = journal.read_on() if journal else []
                for segment in reversed(segments):
                    if segment.last > seq:
                        lines = [*walk(segment.path), *lines]
                    elif segment.last == seq and last_seal(segment.path) != seal:
                        raise checkpoint.strayed(self.name)
                numbers = [codec.seq_of(line) for line in lines]
                end = max([*numbers, *(segment.last for segment in segments)], default=0)
                if journal is None and not segments and self._checkpointed(seq):
                    end = seq  # a checkpoint that came alone, from a repository or by mail
                    self._miss_journal(seq)
                if seq in numbers:
                    line = lines[numbers.index(seq)]
                    if codec.seal_of(line) != seal:
                        raise checkpoint.strayed(self.name)
                wanted = [n for n in numbers if n > seq]
                if end >= seq and gapless(wanted, seq + 1, end):
                    # It was made with its first line: somebody, or the disk, has emptied it since.
                    last = end, codec.seal_of(lines[-1]) if lines else seal
                    if journal and end and journal.lacks_all(last):
                        raise missing((), end + 1, os.path.basename(self.paths.journal))
                    return lines[len(lines) - len(wanted) :], journal
                if not tries_left:
                    raise self._gap(seq, wanted, end)
            except BaseException:
                if journal:
                    journal.close()
                raise
            if journal:
                journal.close()
        raise self._gap(seq, (), seq)

    def _miss_journal(self, seq: int) -> None:
        """Tell that there is no journal where there must have been one."""
        text = self.without_journal(seq)
        if seq and text not in self.notices:
            self.notices.append(text)

    def without_journal(self, seq: int) -> Sentence:
        """Return what it means that a checkpoint after record `seq` is there without a journal."""
        return sentence(
            "{file} is missing: any change after record {seq} is in that file alone. Move and"
            " rename {checkpoint} only together with it.",
            file=os.path.basename(self.paths.journal),
            seq=seq,
            checkpoint=self.name,
        )

    def _gap(self, seq: int, wanted: Sequence[int], end: int) -> Damaged:
        """Return the error for lines that are missing after `seq`."""
        name = os.path.basename(self.paths.journal)
        if end < seq:
            return Damaged(
                "{file} ends at record {end}, but {checkpoint} has record {seq}: records are"
                " missing. `tracker check --repair` keeps what is intact.",
                file=name,
                end=end,
                checkpoint=self.name,
                seq=seq,
            )
        return missing(wanted, seq + 1, name)

    def _leave(self) -> None:
        if self._journal:
            self._journal.close()
        self._journal = None

    # --- writing

    def append(self, line: bytes) -> None:
        """Write a line behind the last one, and wait until it is on the disk."""
        with self._at_work():
            # A line came that its reader could not take; it is read, and told, once more. Or others
            # have written in spite of the lock, whose file somebody removed as a stale one.
            if (codec.seq_of(line) - 1, codec.prev_of(line)) != self._last or (
                self._journal and not self._journal.ends_at(self.paths.journal)
            ):
                self._leave()
                raise Overtaken(self.name)
            if self._journal:
                self._journal.append(line)
            else:
                self._begin(line)
            self._went_on([line])

    def _begin(self, line: bytes) -> None:
        """Make the journal's file with its first line: there is never an empty one."""
        if not os.path.exists(self.paths.checkpoint):
            raise files.removed(self.paths.checkpoint)
        # That there is none is an answer of a file server that is kept until the folder is opened.
        with suppress(PermissionError):
            os.close(os.open(os.path.dirname(self.paths.journal), os.O_RDONLY | os.O_CLOEXEC))
        if os.path.lexists(self.paths.journal):
            raise Overtaken(self.name)
        try:
            files.replace(self.paths.journal, line + b"\n", self._mode)
        except OSError as error:
            with files.taking_back(error, self.paths.journal):
                os.unlink(self.paths.journal)
                files.sync_folder(os.path.dirname(self.paths.journal))
            raise
        with suppress(OSError, StoreError):  # it is there: whoever goes on opens it then
            self._journal = LineFile.open(self.paths.journal)
        if self._journal:
            self._journal.end = len(line) + 1

    def _mended(self, journal: LineFile) -> list[bytes]:
        """Make good what a writer that was cut off left at the end of the journal.

        A line that lacks only its newline gets it, and is returned; less is set aside.
        """
        journal.demand_ours()
        tail = journal.rest
        following = self._last[0] + 1
        if codec.goes_on(tail, self._last):
            journal.append(tail)
            self._went_on([tail])
            return [tail]
        aside = self.set_aside(f"torn-{following}.log", tail)
        journal.cut()
        self.notices.append(
            sentence(
                "The last line of {file} was cut off during writing and never confirmed. It"
                " has been set aside as {aside}.",
                file=os.path.basename(self.paths.journal),
                aside=aside,
            )
        )
        return []

    def set_aside(self, name: str, data: bytes) -> str:
        """Keep `data` in a new file called `name`, or alike, and return its path."""
        self._make_kept()
        stem, dot, ending = name.rpartition(".")
        for attempt in range(1, 10_000):
            path = os.path.join(self.paths.kept, name)
            try:
                files.write_new(path, data, self._mode)
            except FileExistsError:
                name = f"{stem}~{attempt}{dot}{ending}"
            else:
                files.sync_folder(self.paths.kept)
                return path
        raise StoreError("{path} is full of files set aside; delete some.", path=self.paths.kept)

    def hang_up(self) -> None:
        """Do nothing: a file lets nobody wait in a thread."""

    def checkpoint(self, data: bytes) -> bool:
        """Replace the checkpoint; keep the last one of each day, and close a long journal."""
        meta = checkpoint.head(data)
        # What is slow needs no lock: no key waits while the disk takes in what is written anyway.
        with self._told():
            seen = Identity.of(self.paths.checkpoint)
            old = self._present()
            draft = files.draft_of(self.paths.checkpoint, data, self._mode)
        try:
            with self.lock(""), self._at_work():
                if Identity.of(self.paths.checkpoint) != seen:
                    old = self._present()
                if old and (old.schema, old.seq) >= (meta.schema, meta.seq):
                    return False
                if not self._stands(meta, old):
                    return False
                if old:
                    self._back_up(old, meta)
                try:
                    os.rename(draft, self.paths.checkpoint)
                except FileNotFoundError:
                    if os.path.lexists(draft):
                        raise
                    return False  # a repair has taken it for one that was left over
                self._rotate(meta.seq)
            with self._told():
                files.sync_folder(os.path.dirname(self.paths.checkpoint))
            return True
        finally:
            with suppress(OSError):
                os.unlink(draft)

    def replace_journal(self, data: bytes) -> None:
        """Put other lines in the place of the journal's; for repairs, under the lock."""
        with self._at_work():
            self._leave()
            if data:
                files.replace(self.paths.journal, data, self._mode)
            else:
                with suppress(FileNotFoundError):
                    os.unlink(self.paths.journal)

    def replace_checkpoint(self, data: bytes) -> None:
        """Put another checkpoint in the place of whatever is there; for repairs."""
        with self._at_work():
            files.replace(self.paths.checkpoint, data, self._mode)

    def demand_own_files(self) -> None:
        """Raise StoreError where a file is one of somebody's elsewhere as well.

        The checkpoints that are kept may be the present one, where there are hard links.
        """
        ours = [found[0] for pattern in (_BACKUP, _SCHEMA) for found in self.kept(pattern)]
        here = Identity.of(self.paths.checkpoint)
        same = [Identity.of(os.path.join(self.paths.kept, name)) for name in ours]
        names = 1 + sum(here is not None and here.same_file(other) for other in same)
        files.demand_names(self.paths.checkpoint, names)
        for path in (self.paths.journal, *(segment.path for segment in self.segments())):
            files.demand_names(path)

    def _present(self) -> Meta | None:
        """Return what the present checkpoint says of itself, None when there is none.

        Raises Damaged when strangers have been at it.
        """
        data = files.read_path(self.paths.checkpoint)
        return checkpoint.present(data, self._line_at, self.name)

    def _line_at(self, seq: int) -> bytes | None:
        """Return a line, or None when it is older than what is kept."""
        return next(self.lines(seq, seq)) if self.first() <= seq else None

    def _checkpointed(self, seq: int) -> bool:
        """Return whether the checkpoint is the one after line `seq`."""
        data = files.read_path(self.paths.checkpoint)
        if data is None and seq:
            raise files.removed(self.paths.checkpoint)
        meta = checkpoint.meta_of(data or b"")
        return seq == (meta.seq if meta else 0)

    def _stands(self, meta: Meta, old: Meta | None) -> bool:
        """Return whether the line a checkpoint was made after is there still, and on the disk.

        It may have been read before the disk refused it to whoever wrote it.
        """
        if self._journal:
            self._journal.settle()
            if self._last == (meta.seq, meta.seal) and not self.changed():
                return True
        with suppress(Damaged):
            line = self._line_at(meta.seq)
            if line is None:
                return meta.seq == (old.seq if old else 0)
            return codec.seal_of(line) == meta.seal
        return False

    def _back_up(self, old: Meta, new: Meta) -> None:
        """Keep the present checkpoint if it is the last of its day, or of its schema."""
        if old.schema < new.schema:
            self._keep_checkpoint(f"schema-{old.schema}.json")
        if old.at and new.at and old.at.date() < new.at.date():
            self._keep_checkpoint(f"backup-{old.at.date()}.json")
            # Of a clock that was ahead for some days: these would stay the newest for long.
            ahead = f"backup-{new.at.date()}"
            oldest = sorted(self.backups(), key=lambda path: os.path.basename(path) < ahead)
            for path in oldest[:-BACKUPS]:
                os.unlink(path)

    def _keep_checkpoint(self, name: str) -> None:
        self._make_kept()
        path = os.path.join(self.paths.kept, name)
        with suppress(FileNotFoundError):
            os.unlink(path)
        try:
            os.link(self.paths.checkpoint, path)
        except OSError:  # not every file system has hard links
            files.write_new(path, files.read_path(self.paths.checkpoint) or b"", self._mode)
        files.sync_folder(self.paths.kept)

    def _rotate(self, seq: int) -> None:
        """Close the journal's file if it is long and `seq` its last line."""
        journal = self._journal
        if not journal or journal.end < ROTATE_FROM or self._last[0] != seq or self.changed():
            return
        self._make_kept()
        first = first_number(self.paths.journal)
        os.rename(
            self.paths.journal, os.path.join(self.paths.kept, f"log-{first:010}-{seq:010}.log")
        )
        files.sync_folder(self.paths.kept)
        files.sync_folder(os.path.dirname(self.paths.journal))
        self._leave()

    def _make_kept(self) -> None:
        with suppress(FileNotFoundError):
            files.demand_folder(self.paths.kept)
        files.make_folder(self.paths.kept, bool(self._mode & 0o020))

    @contextmanager
    def _at_work(self, *, reading: bool = False) -> Iterator[None]:
        with self._guard, self._told(reading=reading):
            yield

    @contextmanager
    def _told(self, *, reading: bool = False) -> Iterator[None]:
        """Turn errors of the operating system into sentences."""
        try:
            yield
        except OSError as error:
            raise files.failure(error, self.paths.checkpoint, reading=reading) from error
