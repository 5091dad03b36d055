"""What is stored now: a checkpoint, and the lines of a log behind it."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from types import FrameType

from tracker.domain.change import Record
from tracker.domain.errors import Conflict, Damaged, Refused
from tracker.domain.sentence import counted, quoted, sentence
from tracker.store import checkpoint, codec
from tracker.store.checkpoint import Snapshot
from tracker.store.codec import JournalLine, RawEdit
from tracker.store.file_lock import busy
from tracker.store.log import Log, Overtaken

# So often it is decided anew where others come first: each time one of them has got on.
_TRIES = 100
# So many lines behind the checkpoint take seconds to go through, and nobody would know why.
_LONG = 20_000


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl+C wait until it is over; pressed again, it interrupts even so."""
    usual = signal.default_int_handler
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not usual
    ):
        yield
        return
    pressed: list[int] = []

    def wait(number: int, frame: FrameType | None) -> None:
        if pressed:
            usual(number, frame)
        pressed.append(number)

    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if pressed:
        raise KeyboardInterrupt


class Journal:
    """Follows a log, and appends a line to it for each change.

    `size` is that of the checkpoint in bytes; `written` is set once a line was appended. `turns`
    counts how often lines were taken back, or files put back: numbers may be those of others since.
    """

    snapshot: Snapshot
    size: int

    def __init__(self, log: Log) -> None:
        self.log, self.written, self.turns = log, False, 0
        self._load(deque(maxlen=0))
        if self.tail[0] > _LONG:
            self.log.notices.append(
                sentence(
                    "Opening took longer: no checkpoint holds the last {count} changes of {file}"
                    " yet. One is written on leaving, unless you may only read it.",
                    file=log.name,
                    count=self.tail[0],
                )
            )

    def demand_whole(self) -> None:
        """Read all there is; raises Damaged where it cannot be, or is what no change leads to.

        What only looks at a part of it need not wait for that.
        """
        checkpoint.demand_whole(self.snapshot.workspace, self.log.name)

    def _load(self, entries: MutableSequence[JournalLine], *, whole: bool = False) -> None:
        """Read everything, and put the lines behind the checkpoint to `entries`.

        What is read `whole` is what no later look finds unreadable; see `demand_whole`.
        """
        data = self.log.load()
        if data is None and self.log.first() > 1:
            raise Damaged(
                "{file} is missing. `tracker check --repair` rebuilds it from the history.",
                file=self.log.name,
            )
        snapshot = checkpoint.decode(data, self.log.name) if data else checkpoint.empty()
        if whole:
            checkpoint.demand_whole(snapshot.workspace, self.log.name)
        self.size = len(data or b"")
        # Only the checkpoint, which may be another thread's work, sets the mark: its line, and how
        # many bytes of lines had gone by.
        self._bytes, self._mark = 0, (snapshot.seq, 0)
        # Number and content of the last line that was seen, and of the last one that is sure to
        # have been confirmed: here, by a line behind it or by a checkpoint, whose line is not read.
        self._seen = self._sure = snapshot.seq, 0
        lines = self.log.since(snapshot.seq, snapshot.seal)
        self.snapshot = self._after(snapshot, lines, entries)

    def _after(
        self, snapshot: Snapshot, lines: Sequence[bytes], entries: MutableSequence[JournalLine]
    ) -> Snapshot:
        """Return what is stored after `lines`, and put what they say to `entries`."""
        for line in lines:
            place = sentence("Record {seq} of {file}", seq=snapshot.seq + 1, file=self.log.name)
            entry = codec.decode(line, place)
            try:
                snapshot = snapshot.after(entry, past=True)
            except (Conflict, Refused) as error:
                raise Damaged(
                    "{place} contradicts the records before it: {reason} `tracker check"
                    " --repair` keeps what is intact.",
                    place=place,
                    reason=error.sentence,
                ) from error
            entries.append(entry)
            self._bytes += len(line)
        for line in lines[-2:]:
            self._sure, self._seen = self._seen, (codec.seq_of(line), codec.mark_of(line))
        return snapshot

    def lock(self, who: str) -> AbstractContextManager[None]:
        """Hold other writers off; may be nested."""
        return self.log.lock(who)

    def catch_up(self) -> list[JournalLine]:
        """Go on to the newest line, and return what has come; one look when nothing has.

        Raises Damaged when a line is not what was written, or does not continue the last one.
        """
        if not self.log.changed():
            return []
        entries: list[JournalLine] = []
        try:
            lines = self.log.since(self.snapshot.seq, self.snapshot.seal)
            self.snapshot = self._after(self.snapshot, lines, entries)
        except Damaged:
            # A line may have been read that the disk then refused, and that was taken back. What
            # is really damaged is so again when everything is read anew.
            entries.clear()
            known, sure = self.snapshot.seq, self._sure
            try:
                self._load(entries, whole=True)
            except BaseException:
                self._sure = sure
                raise
            self.turns += 1
            self._demand_all(known, *sure)
        return entries

    def _demand_all(self, known: int, sure: int, mark: int) -> None:
        """Raise Damaged, once, where more is gone than a line that was refused."""
        last = self.snapshot.seq
        if last < sure:
            raise Damaged(
                counted(
                    "{file} was put back to record {last}: {n} change after it is gone, and nothing"
                    " else was changed. `tracker check` says more.",
                    "{file} was put back to record {last}: {n} changes after it are gone, and"
                    " nothing else was changed. `tracker check` says more.",
                    known - last,
                    file=self.log.name,
                    last=last,
                )
            )
        if (
            mark
            and self.log.first() <= sure
            and codec.mark_of(next(self.log.lines(sure, sure))) != mark
        ):
            raise Damaged(
                "{file} has a different history now: record {seq} is not the one it was, and"
                " changes known here may be gone. Nothing else was changed. `tracker check` says"
                " more.",
                file=self.log.name,
                seq=sure,
            )

    def commit(
        self, who: str, decide: Callable[[], tuple[Record, Iterable[RawEdit]] | None]
    ) -> JournalLine | None:
        """Append what is decided on the newest state, under the lock; None for nothing.

        Where the lock was lost before the line was there, it is decided anew. Raises as `append`
        does, and Busy.
        """
        for _ in range(_TRIES):
            with suppress(Overtaken), self.lock(who):
                self.catch_up()
                decided = decide()
                return self.append(*decided) if decided else None
        raise busy(self.log.name)

    def append(self, record: Record, others: Iterable[RawEdit] = ()) -> JournalLine:
        """Write one line, and go on to what it says when read back; under the lock, caught up.

        Raises Conflict or Refused when it does not fit, StoreError when the disk refuses it; then
        nothing has changed. Ctrl+C takes effect when it is known whether anything has.
        """
        line = codec.encode(record, tuple(others), self.snapshot.seal)
        try:
            entry = codec.parse(line)
        except codec.UNREADABLE as error:
            raise Refused("This cannot be stored: {reason}.", reason=quoted(error)) from error
        following = self.snapshot.after(entry, past=False)
        with _undisturbed():
            self.log.append(line)
            self.written, self.snapshot = True, following
            self._seen = self._sure = following.seq, codec.mark_of(line)
            self._bytes += len(line)
        return entry

    @property
    def tail(self) -> tuple[int, int]:
        """How many lines and bytes follow the checkpoint, for opening to go through."""
        seq, mark = self._mark
        return self.snapshot.seq - seq, self._bytes - mark

    def checkpoint(self) -> bool:
        """Write a checkpoint of what is stored now, unless there is one as new; return whether.

        Raises Damaged when the present one is not what was written. May run in a thread.
        """
        mark, snapshot = self._bytes, self.snapshot
        data = checkpoint.encode(snapshot)
        written = self.log.checkpoint(data)
        self.size, self._mark = len(data), (snapshot.seq, mark)
        return written

    def close(self) -> None:
        """Give back what is held."""
        self.log.close()
