"""Looking for damage in the files of a workspace, and naming it."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import msgspec

from tracker.domain import graph
from tracker.domain.errors import Busy, Conflict, Damaged, Refused, StoreError
from tracker.domain.sentence import Sentence, counted, sentence, timed
from tracker.domain.workspace import Workspace
from tracker.store import checkpoint, codec, files
from tracker.store.checkpoint import Snapshot
from tracker.store.codec import JournalLine
from tracker.store.documents import tables
from tracker.store.file_log import FileLog
from tracker.store.lines import gapless, missing, split

# By so much the clocks of two computers differ without anybody's being wrong.
DIFFER = timedelta(minutes=10)
# So many records in a row nobody loses: whoever may write can claim any number.
LEAP = 1_000_000


class Finding(msgspec.Struct, frozen=True):
    """A finding about the files; unless it is `grave`, nothing is lost or wrong."""

    text: Sentence
    grave: bool = True


class FileLine(NamedTuple):
    """A line as it is in a file; `entry` is what it says, None when it is damaged."""

    path: str
    number: int
    raw: bytes
    entry: JournalLine | None


class Evidence:
    """All there is of a workspace on the disk, read without trusting any of it.

    `data` is the checkpoint and `snapshot` what it holds, None when it is not what was written;
    `torn` is what follows the last newline of the journal. Raises TooNew when a newer
    program wrote any of it.
    """

    def __init__(self, log: FileLog) -> None:
        self.data = log.load() or b""
        self.snapshot: Snapshot | None = None
        self.reason: Sentence | None = None
        try:
            self.snapshot = checkpoint.decode_whole(self.data, log.name) if self.data else None
        except Damaged as error:
            self.reason = error.sentence
        self.torn = b""
        self.lines: list[FileLine] = []
        self._segments = log.segments()
        self._journal = log.paths.journal
        self._unended: set[str] = set()
        for path in (*(segment.path for segment in self._segments), log.paths.journal):
            whole, rest = split(files.read_path(path) or b"")
            if path == log.paths.journal:
                self.torn = rest
            elif rest:
                whole.append(rest)
                self._unended.add(path)
            for number, raw in enumerate(whole, 1):
                entry = _entry(raw, os.path.basename(path))
                self.lines.append(FileLine(path, number, raw, entry))
        self.entries: dict[int, JournalLine] = {}
        self.raw: dict[int, bytes] = {}
        for line in self.lines:
            if line.entry and not self._displaced(line.entry):
                self.entries[line.entry.seq] = line.entry
                self.raw[line.entry.seq] = line.raw

    def _displaced(self, entry: JournalLine) -> bool:
        """Return whether the place of a line is taken by one that alone follows the one before.

        Else, of two lines of one number, the later one is in the newer file.
        """
        before, there = self.entries.get(entry.seq - 1), self.entries.get(entry.seq)
        if before is None or there is None:
            return False
        return there.prev == before.seal != entry.prev

    def unended(self) -> bool:
        """Return whether a last line lacks only its newline: it may be confirmed.

        It follows the last of the others, as for the next writer, or lines behind it that are lost.
        """
        last = max(self.entries, default=0)
        if codec.goes_on(self.torn, (last, self.entries[last].seal if last else codec.UNSEALED)):
            return True
        lost = self.trailing() or (self.snapshot.seq > last if self.snapshot else not last)
        return bool(lost) and codec.sealed(self.torn) and codec.seq_of(self.torn) > last + 1

    def chained(self) -> bool:
        """Return whether the sound lines follow one another, whatever is between them."""
        entries = [line.entry for line in self.lines if line.entry]
        return all(b.seq == a.seq + 1 and b.prev == a.seal for a, b in pairwise(entries))

    def proven(self) -> bool:
        """Return whether the checkpoint is intact, and of the same history as the lines."""
        return self.snapshot is not None and self.fits(self.snapshot)

    def fits(self, state: Snapshot) -> bool:
        """Return whether a state is of the same history as the lines, as far as they tell."""
        entry, after = self.entries.get(state.seq), self.entries.get(state.seq + 1)
        return (
            not (entry and entry.seal != state.seal)
            and not (after and after.prev != state.seal)
            and state.seq <= max(self.entries, default=state.seq) + LEAP
        )

    def follows(self) -> bool:
        """Return whether the history leads to the checkpoint, as far as it goes back and on."""
        if self.snapshot is None or 1 not in self.entries:
            return True
        state = checkpoint.empty()
        try:
            for seq in range(1, self.snapshot.seq + 1):
                state = state.after(self.entries[seq], past=True)
        except (KeyError, Conflict, Refused, Damaged):
            return True
        return tables(state) == tables(self.snapshot)

    def misnamed(self) -> list[str]:
        """Return the paths of closed files that are whole, but not what their names say."""
        numbers: dict[str, list[int]] = {segment.path: [] for segment in self._segments}
        for line in self.lines:
            numbers.setdefault(line.path, []).append(line.entry.seq if line.entry else 0)
        return [
            path
            for first, last, path in self._segments
            if 0 not in numbers[path]
            and (path in self._unended or not gapless(numbers[path], first, last))
        ]

    def emptied(self) -> Damaged | None:
        """Return what is wrong with a journal of which nothing is left but closed files.

        It is made with its first line; one that lacks only its newline is no such.
        """
        here = any(line.path == self._journal for line in self.lines) or self.unended()
        if here or not self.entries or not os.path.exists(self._journal):
            return None
        return missing((), max(self.entries) + 1, os.path.basename(self._journal))

    def damaged_from(self) -> list[int]:
        """Return the numbers that the damaged lines had, or at least could have had."""
        numbers, last = [], 0
        for line in self.lines:
            if line.entry:
                last = line.entry.seq
            else:
                numbers.append(last + 1)
        return numbers

    def trailing(self) -> int:
        """Return how many damaged lines follow the last sound one."""
        return next((n for n, line in enumerate(reversed(self.lines)) if line.entry), 0)


def _entry(line: bytes, file: str) -> JournalLine | None:
    try:
        return codec.decode(line, file)
    except Damaged:
        return None


def check(path: str | os.PathLike[str], now: datetime | None = None) -> list[Finding]:
    """Return what is wrong with the workspace at `path`, and what else should be known of it.

    What is dated later than `now`, in UTC, is told if that is given.
    Raises StoreError when there is none, TooNew when a newer program wrote it, Busy when somebody
    is writing for too long.
    """
    with ExitStack() as stack:
        log = FileLog(path, create=False)
        stack.callback(log.close)
        try:
            stack.enter_context(log.lock("check"))
        except Busy:
            raise
        except StoreError:
            pass  # what may only be read can be checked as well
        try:
            evidence = Evidence(log)
        except OSError as error:
            raise files.failure(error, log.paths.checkpoint, reading=True) from error
        findings = [*_lines(evidence), *_checkpoint(log, evidence)]
        if not any(finding.grave for finding in findings):
            findings += _contents(log, evidence)
        if now is not None:
            findings += _ahead(evidence, now)
        return findings + list(_surroundings(log, evidence))


def _lines(evidence: Evidence) -> Iterator[Finding]:
    """Walk over lines that are damaged, missing or of another history."""
    for line in evidence.lines:
        if line.entry is None:
            yield Finding(
                sentence(
                    "Line {line} of {file} is damaged: its content was altered later.",
                    line=line.number,
                    file=os.path.basename(line.path),
                )
            )
    for path in evidence.misnamed():
        yield Finding(
            sentence("{file} does not hold the records its name says.", file=os.path.basename(path))
        )
    yield from gaps([(at, line.entry) for at, line in enumerate(evidence.lines) if line.entry])
    if emptied := evidence.emptied():
        yield Finding(emptied.sentence)


def gaps(sound: Sequence[tuple[int, JournalLine]]) -> Iterator[Finding]:
    """Walk over what is missing between sound lines, each with its place among all of them."""
    for (here, one), (there, other) in pairwise(sound):
        missing = other.seq - one.seq - 1
        if missing == 0 and other.prev == one.seal:
            continue
        if missing > 0:
            damaged = there - here - 1
            if missing > damaged:
                yield Finding(
                    counted(
                        "{n} record is missing between {first} and {last}.",
                        "{n} records are missing between {first} and {last}.",
                        missing - damaged,
                        first=one.seq,
                        last=other.seq,
                    )
                )
        else:
            yield Finding(
                sentence(
                    "Record {seq} does not continue record {last}: one of them was replaced.",
                    seq=other.seq,
                    last=one.seq,
                )
            )


def _ahead(evidence: Evidence, now: datetime) -> Iterator[Finding]:
    """Tell of records that are dated later than it is `now`, by more than clocks differ."""
    ahead = [entry for entry in evidence.entries.values() if entry.record.at > now + DIFFER]
    if ahead:
        first = min(ahead, key=lambda entry: entry.seq)
        yield Finding(
            counted(
                "{n} record is dated in the future: record {seq} by {who}, {moment}. Compare the"
                " clock of the computer it was made on.",
                "{n} records are dated in the future, the first is record {seq} by {who},"
                " {moment}. Compare the clock of the computer they were made on.",
                len(ahead),
                seq=first.seq,
                who=first.record.who,
                moment=timed(first.record.at),
            ),
            grave=False,
        )


def _checkpoint(log: FileLog, evidence: Evidence) -> Iterator[Finding]:
    """Walk over what is wrong with the checkpoint, and between it and the lines."""
    if evidence.reason:
        yield Finding(evidence.reason)
        return
    first, last = min(evidence.entries, default=0), max(evidence.entries, default=0)
    snapshot = evidence.snapshot
    if snapshot is None:
        if evidence.lines:
            yield Finding(sentence("{file} is missing.", file=log.name), grave=first > 1)
        return
    if not evidence.proven():
        yield Finding(
            sentence(
                "{file} belongs to a different history than {journal}.",
                file=log.name,
                journal=os.path.basename(log.paths.journal),
            )
        )
    elif (
        (evidence.lines or os.path.exists(log.paths.journal)) and last < snapshot.seq
    ) or first > snapshot.seq + 1:
        yield Finding(
            sentence(
                "{file} has record {seq}, but {journal} only has records {first} to {last}.",
                file=log.name,
                seq=snapshot.seq,
                journal=os.path.basename(log.paths.journal),
                first=first,
                last=last,
            )
        )
    elif snapshot.seq and not evidence.lines and not os.path.exists(log.paths.journal):
        yield Finding(log.without_journal(snapshot.seq), grave=False)
    elif snapshot.seq and first != 1:
        yield Finding(
            sentence(
                "The history before record {seq} was not kept.", seq=first or snapshot.seq + 1
            ),
            grave=False,
        )


def _contents(log: FileLog, evidence: Evidence) -> Iterator[Finding]:
    """Replay the history, compare it with the checkpoint, and look at what comes out."""
    yield from replayed(log.name, evidence.snapshot, evidence.entries)


def replayed(
    name: str | Sentence, snapshot: Snapshot | None, entries: Mapping[int, JournalLine]
) -> Generator[Finding, None, Snapshot | None]:
    """Replay a history, compare it with a checkpoint, and look at what comes out.

    Returns the state it leads to; None where it contradicts itself. `entries` have no gaps.
    """
    state = checkpoint.empty() if snapshot is None or 1 in entries else snapshot
    for seq in range(state.seq + 1, max(entries, default=0) + 1):
        try:
            state = state.after(entries[seq], past=True)
        except (Conflict, Refused, Damaged) as error:
            yield Finding(
                sentence(
                    "Record {seq} by {who} contradicts the records before it: {reason}",
                    seq=seq,
                    who=entries[seq].record.who,
                    reason=error.sentence,
                )
            )
            return None
        if snapshot and seq == snapshot.seq and tables(state) != tables(snapshot):
            yield Finding(sentence("{file} differs from the result of the history.", file=name))
    yield from unsound(state.workspace)
    return state


def unsound(ws: Workspace) -> Iterator[Finding]:
    """Walk over what breaks an invariant of the model."""
    for entity in ws.entities():
        yield from map(Finding, ws.faults(entity))
    if loop := graph.any_loop(ws):
        yield Finding(
            sentence(
                "The arrows {path} form a loop of dependencies.", path=" → ".join(map(str, loop))
            )
        )


def _surroundings(log: FileLog, evidence: Evidence) -> Iterator[Finding]:
    """Walk over what is no damage, but should be known."""
    if evidence.unended():
        yield Finding(
            sentence(
                "The last line of {file} lacks only its newline. It counts from the next change"
                " on.",
                file=os.path.basename(log.paths.journal),
            ),
            grave=False,
        )
    elif evidence.torn and not evidence.emptied():
        yield Finding(
            sentence(
                "The last line of {file} was cut off during writing and never confirmed. The"
                " next change sets it aside.",
                file=os.path.basename(log.paths.journal),
            ),
            grave=False,
        )
    for path in log.paths.drafts():
        yield Finding(
            sentence("{file} was left behind by an interrupted write.", file=path),
            grave=False,
        )
    for path in log.paths:
        if os.path.exists(path) and os.stat(path).st_mode & 0o007:
            yield Finding(
                sentence("{file} is accessible to everybody on this machine.", file=path),
                grave=False,
            )
    folder = os.path.dirname(log.paths.checkpoint)
    if os.stat(folder).st_mode & 0o1002 == 0o002:
        yield Finding(
            sentence(
                "Everybody on this machine can replace the files in {folder}: whoever does so reads"
                " what is written from then on.",
                folder=folder,
            ),
            grave=False,
        )
    if kind := files.network(log.paths.checkpoint):
        yield Finding(files.network_notice(log.name, kind), grave=False)
