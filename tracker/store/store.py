"""The store of a workspace: commands in, records out, everything safe on the disk in between."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tracker.domain.change import Change, Record
from tracker.domain.errors import Busy, Damaged, Removed, StoreError, TooNew
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.workspace import Workspace
from tracker.store import codec
from tracker.store.address import Address
from tracker.store.codec import RawEdit
from tracker.store.file_log import FileLog
from tracker.store.journal import Journal
from tracker.store.log import Log

if TYPE_CHECKING:
    from tinydb import TinyDB

# A checkpoint is due when opening has to go through so many lines, or when what they weigh is so
# large a part of the checkpoint that writing it costs little more than writing them did.
_DUE_LINES = 256
_DUE_PART = 16
# Who leaves does not wait for others any longer than this, in seconds.
_LEAVING = 0.3
# How many records going backwards fetches first; each time it needs more, it fetches twice as many.
_FIRST_FETCH = 64


class Store:
    """A workspace on a log.

    What is changed through its `db` becomes records as well, signed `who` and dated by `clock`.
    """

    def __init__(
        self, log: Log, *, who: str = "", clock: Callable[[], datetime] | None = None
    ) -> None:
        try:
            self._journal = Journal(log)
        except BaseException:
            log.close()
            raise
        self._who, self._clock = who, clock
        self._told = self._left_to_others = False

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] | Address,
        *,
        create: bool = True,
        shared: bool = False,
        who: str = "",
        clock: Callable[[], datetime] | None = None,
    ) -> Store:
        """Open the workspace whose checkpoint is at `path`; make an empty one if there is none.

        Without `create`, and at the `Address` of a server, that raises StoreError. With `shared`
        what is made is for the group as well. Raises Damaged and TooNew when what is there cannot
        be used as it is.
        """
        log: Log
        if isinstance(path, Address):
            from tracker.store.server_log import ServerLog

            log = ServerLog(path)
        else:
            log = FileLog(path, create=create, shared=shared)
        store = cls(log, who=who, clock=clock)
        if store._journal.size == 0 and not log.login:
            try:
                store.checkpoint()
            except BaseException:
                log.close()
                raise
            if store.workspace.seq:
                log.notices.append(
                    sentence("{file} was missing and has been rebuilt.", file=log.name)
                )
        return store

    @cached_property
    def db(self) -> TinyDB:
        """The same as a TinyDB, for whoever knows that better."""
        from tracker.store.tinydb_storage import JournalStorage, opened

        return opened(JournalStorage(self._journal, who=self._who, clock=self._clock))

    @property
    def workspace(self) -> Workspace:
        """What is true now, as far as this process has looked."""
        return self._journal.snapshot.workspace

    @property
    def notices(self) -> tuple[Sentence, ...]:
        """What people should know about the files, oldest first."""
        return tuple(self._journal.log.notices)

    @property
    def login(self) -> str:
        """The only name in which changes may be made here; empty where that is left open."""
        return self._journal.log.login

    @property
    def place(self) -> str:
        """Where the workspace is, the same however it is reached."""
        return self._journal.log.place

    def demand_whole(self) -> None:
        """Raise Damaged where something that is stored cannot be read, or names what is not there.

        It is read when it is looked at; whoever goes on for long looks at all of it first.
        """
        self._journal.demand_whole()

    @property
    def committed(self) -> bool:
        """Whether anything was changed through this."""
        return self._journal.written

    @property
    def turns(self) -> int:
        """How often what was read here was taken back: numbers may be those of others since."""
        return self._journal.turns

    @property
    def trouble(self) -> Sentence | None:
        """Why others' changes cannot be seen for now."""
        return self._journal.log.trouble

    @property
    def patience(self) -> float:
        """How long a writer waits for another before that is Busy, in seconds."""
        return self._journal.log.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._journal.log.patience = seconds

    def commit(
        self,
        command: Callable[[Workspace], Change],
        *,
        at: datetime,
        who: str,
        undoes: int | None = None,
    ) -> Record:
        """Run a command on the newest workspace and keep its change; return the record of it.

        A change that changes nothing is not kept: the record then has no edits, and the number
        of the last one. Whatever the command raises is passed on; Busy and StoreError say that
        nothing was changed, and why.
        """
        decided = Record(0, at, who, Change(Sentence(""), ()))

        def decide() -> tuple[Record, tuple[RawEdit, ...]] | None:
            nonlocal decided
            change = command(self.workspace)
            edits = tuple(edit for edit in change.edits if edit.before != edit.after)
            seq = self.workspace.seq + bool(edits)
            decided = Record(seq, at, who, replace(change, edits=edits), undoes)
            return (decided, ()) if edits else None

        entry = self._journal.commit(who, decide)
        if entry is None:
            return replace(decided, undoes=None)
        # What the command returns to its caller comes back to them.
        edits = entry.record.change.edits
        return replace(entry.record, change=replace(decided.change, edits=edits))

    def lock(self, who: str) -> AbstractContextManager[None]:
        """Hold other writers off over several steps; `commit` may be inside."""
        return self._journal.lock(who)

    def catch_up(self) -> list[Record]:
        """Take in what others have changed since the last look, and return it; a stat if nothing.

        After the disk has refused somebody's change that was already seen here, it begins anew
        and returns all records behind the checkpoint.
        """
        return [entry.record for entry in self._journal.catch_up()]

    def watch(self, tell: Callable[[], None]) -> None:
        """Have `tell` called in another thread when others have changed something, if need be."""
        self._journal.log.watch(tell)

    def others(self, who: str) -> list[str]:
        """Return who else has the workspace open; from now on `who` is seen as well."""
        return self._journal.log.others(who)

    def records(self, since: int = 0) -> Iterator[Record]:
        """Walk over the history after record `since`, as far as it is kept, up to `workspace`."""
        log = self._journal.log
        return map(self._read, log.lines(max(since + 1, log.first()), self.workspace.seq))

    def touching(self, task: int) -> list[Record]:
        """Return the records that changed a task or an arrow of it, oldest first.

        Only these are decoded, and no writer has to wait meanwhile: for a thread of its own.
        """
        log = self._journal.log
        lines = log.lines(log.first(), self.workspace.seq)
        found = (self._read(line) for line in lines if codec.may_touch(line, task))
        return [record for record in found if record.touches(task)]

    def record(self, seq: int) -> Record | None:
        """Return one record of the history; None when it is not kept or not there."""
        log = self._journal.log
        kept = log.first() <= seq <= self.workspace.seq
        return self._read(next(log.lines(seq, seq))) if kept else None

    def chain(self, record: Record) -> list[Record]:
        """Return a record, the one it takes back, the one that took back, and so on, if kept."""
        log = self._journal.log
        chain, lines, start, fetch = [record], list[bytes](), record.seq, 1
        oldest = log.first()
        while (undone := chain[-1].undoes) is not None and undone >= oldest:
            if undone < start:
                # A long one is read in few pieces: each time it takes a way through a file.
                start = max(undone - fetch + 1, oldest)
                lines, fetch = [*log.lines(start, undone)], fetch * 2
            chain.append(self._read(lines[undone - start]))
        return chain

    def oldest(self) -> Record | None:
        """Return the first record of the history that is kept."""
        return self.record(self._journal.log.first())

    def backwards(self) -> Iterator[Record]:
        """Walk through the history from the newest record to the oldest one kept."""
        last, fetch = self.workspace.seq, _FIRST_FETCH
        oldest = self._journal.log.first()
        while last >= oldest:
            first = max(last - fetch + 1, oldest)
            # Read one by one: among them may be an import of everything there is.
            yield from map(self._read, reversed([*self._journal.log.lines(first, last)]))
            last, fetch = first - 1, fetch * 2

    def _read(self, line: bytes) -> Record:
        file = self._journal.log.name
        place = sentence("Record {seq} of {file}", seq=codec.seq_of(line), file=file)
        return codec.decode(line, place).record

    def checkpoint(self, *, due: bool = False) -> bool:
        """Write what is stored into the checkpoint, unless it is there; return whether it did.

        With `due` only if that is worth its cost. Raises Damaged when somebody else has changed
        the checkpoint: it is left alone, and nothing is lost. May run in a thread.
        """
        journal = self._journal
        lines, size = journal.tail
        if journal.size and not lines:
            return False
        enough = lines >= _DUE_LINES or size * _DUE_PART >= journal.size
        return (enough or not due) and journal.checkpoint()

    def hang_up(self) -> None:
        """Give up what another thread waits for, as one leaves: what became of it is a notice."""
        self._journal.log.hang_up()

    def note(self, words: Sentence) -> None:
        """Add something to the notices, once."""
        notices = self._journal.log.notices
        if words not in notices:
            notices.append(words)

    def settle(self, *, due: bool = False) -> None:
        """Write the last checkpoint as `checkpoint` does, before the files are closed.

        That it cannot be written is among the notices then, once, unless nothing was changed here:
        who may only read has no part in it, but is told of damage. Where somebody else is writing
        it is left to them, and not tried again.
        """
        if self._left_to_others:
            return
        log = self._journal.log
        patience, log.patience = log.patience, min(log.patience, _LEAVING)
        try:
            self.checkpoint(due=due)
        except Busy:
            self._left_to_others = True
        except StoreError as error:
            if self.committed and not self._told:
                text = (
                    error.sentence
                    if isinstance(error, Removed)
                    else sentence(
                        "{file} could not be updated. Nothing is lost: every change is in the"
                        " journal. {reason}",
                        file=log.name,
                        reason=error.sentence,
                    )
                )
                log.notices.append(text)
                self._told = True
            elif isinstance(error, Damaged | TooNew) and not self._told:
                raise
        finally:
            log.patience = patience

    def close(self) -> None:
        """Write a checkpoint if one is due, as `settle` does, and close the files."""
        try:
            self.settle(due=True)
        finally:
            self._journal.close()
