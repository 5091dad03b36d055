"""What is true now and what may be done about it, by one person: do, undo, redo, reload."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from itertools import takewhile

from tracker.domain.change import Change, Record
from tracker.domain.draft import Now, name_of, namesake
from tracker.domain.errors import Conflict, NotFound, Refused
from tracker.domain.model import TABLE_OF
from tracker.domain.sentence import Sentence, sentence, timed
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.store.address import Address
from tracker.store.store import Store


def utc_now() -> datetime:
    """Return the time, as sessions need it."""
    return datetime.now(UTC)


class Prepared:
    """A command that has been worked out; it is so anew only where something has changed since."""

    def __init__(self, command: Command, workspace: Workspace, now: Now) -> None:
        self._command, self.about = command, workspace
        self._change = command(workspace, now)

    def __call__(self, workspace: Workspace, now: Now) -> Change:
        """Return what was worked out, or what it is on another workspace."""
        return self._change if workspace is self.about else self._command(workspace, now)


class Session:
    """One person's work on a workspace.

    `who` is the person, unless a server knows that better. `clock` returns the time in UTC;
    `today`, when given, stays the date whatever the clock says.
    """

    def __init__(
        self,
        store: Store,
        *,
        who: str,
        clock: Callable[[], datetime] = utc_now,
        today: date | None = None,
    ) -> None:
        self.who = store.login or who
        self._store, self._clock, self._today = store, clock, today

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] | Address,
        *,
        who: str,
        clock: Callable[[], datetime] = utc_now,
        today: date | None = None,
        create: bool = True,
        shared: bool = False,
    ) -> Session:
        """Open the workspace at `path`, as `Store.open` does."""
        store = Store.open(path, create=create, shared=shared, who=who, clock=clock)
        return cls(store, who=who, clock=clock, today=today)

    @property
    def workspace(self) -> Workspace:
        """What is true now, as far as this session has looked."""
        return self._store.workspace

    def demand_whole(self) -> None:
        """Read all that is stored, and raise Damaged where that contradicts itself."""
        self._store.demand_whole()

    @property
    def place(self) -> str:
        """Where the workspace is, the same however it is reached."""
        return self._store.place

    @property
    def distant(self) -> bool:
        """Whether a change goes over a network, and may keep one waiting."""
        return bool(self._store.login)

    @property
    def trouble(self) -> Sentence | None:
        """Why others' changes cannot be seen for now."""
        return self._store.trouble

    @property
    def turns(self) -> int:
        """How often what was read here was taken back: numbers may be those of others since."""
        return self._store.turns

    @property
    def changed(self) -> bool:
        """Whether anything has been changed in this session."""
        return self._store.committed

    @property
    def notices(self) -> tuple[Sentence, ...]:
        """What the person should know about the files, oldest first."""
        return self._store.notices

    @property
    def patience(self) -> float:
        """How long to wait for somebody who is writing before that is Busy, in seconds."""
        return self._store.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._store.patience = seconds

    def now(self) -> Now:
        """Return the time, the date and the person, as commands are given them."""
        at = self._clock()
        return Now(at=at, today=self._today or at.astimezone().date(), who=self.who)

    def do(self, command: Command) -> Record:
        """Run a command on the newest workspace, and return the record of its change.

        Raises the TrackerError that says why not. A change that changes nothing is no record:
        what is returned then has no edits, and the number of the last record.
        """
        now = self.now()
        try:
            return self._store.commit(lambda ws: command(ws, now), at=now.at, who=self.who)
        except Conflict as conflict:
            raise self._explained(conflict) from conflict

    def prepared(self, command: Command) -> Prepared:
        """Work a command out on what is true now, to be done without working it out again.

        May run in a thread: no change waits for it. Raises the TrackerError that says why not.
        """
        return Prepared(command, self.workspace, self.now())

    def replay(self, story: Iterable[tuple[Now, Command]]) -> None:
        """Carry out a story, each command at its own moment and by its own person."""
        for now, command in story:
            self._store.commit(partial(_at, now, command), at=now.at, who=now.who)

    def undo(self, who: str | None = None) -> Record:
        """Take back the newest change of this person, or of `who`, that is still in force.

        Raises Refused when there is none, Conflict when somebody has changed the same since.
        """
        with self._newest():
            return self._take_back(self.to_undo(who))

    def to_undo(self, who: str | None = None, *, seq: int = 0) -> Record:
        """Return what `undo`, or `undo_record(seq)`, would take back now, so that one can ask.

        Raises Refused, or NotFound where there is no such record.
        """
        if seq:
            if (found := self._store.record(seq)) is None:
                raise _no_record(seq)
            return found
        person = self.who if who is None else who
        taken_back: set[int] = set()
        for record in self._store.backwards():
            if record.seq in taken_back:
                continue
            if record.undoes is not None:
                taken_back.add(record.undoes)
            elif record.who == person and self._in_force(record):
                return record
        raise Refused("{who} has nothing to undo.", who=person)

    def redo(self, who: str | None = None) -> Record:
        """Bring back what this person, or `who`, undid last, unless they changed something since.

        Raises Refused when there is nothing, Conflict when somebody has changed the same since.
        """
        with self._newest():
            return self._take_back(self.to_redo(who))

    def to_redo(self, who: str | None = None) -> Record:
        """Return the undo that `redo` would take back now; raises Refused when there is none."""
        person = self.who if who is None else who
        taken_back: set[int] = set()
        for record in self._store.backwards():
            if record.undoes is None:
                if record.who == person:
                    break
            elif record.seq not in taken_back:
                taken_back.add(record.undoes)
                again = record.who == person and len(self._store.chain(record)) % 2 == 0
                if again and self._in_force(record):
                    return record
        raise Refused("{who} has nothing to redo.", who=person)

    def undo_record(self, seq: int) -> Record:
        """Take back the change of record `seq`, whoever made it; taking back an undo is a redo.

        Raises NotFound when there is no such record, Refused when it is taken back already,
        Conflict when somebody has changed the same since.
        """
        with self._newest():
            taken_back: set[int] = set()
            for record in self._store.backwards():
                if record.seq == seq:
                    undone = None if seq in taken_back else self._take_back(record)
                    if undone and undone.change.edits:
                        return undone
                    chain = self._store.chain(record)
                    if len(chain) % 2:
                        raise Refused("Record {seq} has already been undone.", seq=seq)
                    label = chain[-1].change.label
                    raise Refused("“{change}” has already been brought back.", change=label)
                if record.seq not in taken_back and record.undoes is not None:
                    taken_back.add(record.undoes)
        raise _no_record(seq)

    def history(self, since: int = 0) -> Iterator[Record]:
        """Walk over the records after number `since` that are kept, oldest first.

        There may be a million: keep no more of them than is needed, while the session is open.
        """
        return self._store.records(since)

    def history_of(self, task: int) -> list[Record]:
        """Return the records that changed a task or an arrow of it, oldest first.

        May run in a thread: no change waits for it.
        """
        return self._store.touching(task)

    def as_of(self, moment: datetime) -> Workspace:
        """Return the workspace as it was at a moment, as far back as records are kept.

        May run in a thread: no change waits for it.
        """
        workspace = self.workspace
        for record in self._store.backwards():
            if record.at <= moment:
                break
            workspace = workspace.apply(record.change.inverse, seq=record.seq - 1, past=True)
        return workspace

    def at(self, moment: datetime) -> Past:
        """Return all that can be asked of this session, as it would have been answered then.

        May run in a thread. Raises Refused of a moment to come, or from before the history.
        """
        if moment > self._clock():
            raise Refused("{moment} is still to come.", moment=timed(moment))
        oldest = self._store.oldest()
        if oldest is None or (oldest.at > moment and oldest.seq > 1):
            raise Refused("The history does not go back to {moment}.", moment=timed(moment))
        return Past(self, moment)

    def reload(self) -> list[Record]:
        """Take in what others have changed, and return it; cheap when there is nothing."""
        return self._store.catch_up()

    def checkpoint(self, *, due: bool = False) -> bool:
        """Write the ordinary file anew, for quiet moments; with `due` only if it is worth it.

        May run in a thread. Raises Damaged when somebody else has changed that file: it is left
        alone, and nothing is lost.
        """
        return self._store.checkpoint(due=due)

    def settle(self) -> None:
        """Write the ordinary file anew before leaving; a failure is among the notices then."""
        self._store.settle()

    def hang_up(self) -> None:
        """Give up what another thread waits for, as one leaves: what became of it is a notice."""
        self._store.hang_up()

    def note(self, words: Sentence) -> None:
        """Add something to the notices."""
        self._store.note(words)

    def others(self) -> list[str]:
        """Return who else has the workspace open on a screen; from now on so has this session."""
        return self._store.others(self.who)

    def watch(self, tell: Callable[[], None]) -> None:
        """Have `tell` called in another thread when `reload` has something to take in.

        Where that is not known, as with files, it has to be asked every now and then.
        """
        self._store.watch(tell)

    def close(self) -> None:
        """Leave the workspace."""
        self._store.close()

    @contextmanager
    def _newest(self) -> Iterator[None]:
        """Hold other writers off, on the newest workspace."""
        with self._store.lock(self.who):
            self._store.catch_up()
            yield

    def _in_force(self, record: Record) -> bool:
        """Return whether anything of a record is left to undo, or conflicts with that."""
        try:
            edits = self.workspace.rebase(record.change.inverse).edits
        except Conflict:
            return True
        return any(edit.before != edit.after for edit in edits)

    def _take_back(self, record: Record) -> Record:
        """Undo one record on the newest workspace, merged field by field.

        What is returned has no edits when nothing of the record is in force any more.
        """
        chain = self._store.chain(record)
        what = chain[-1].change.label
        label = (
            sentence("Undo: {change}", change=what)
            if len(chain) % 2
            else sentence("Redo: {change}", change=what)
        )

        def taken_back(ws: Workspace) -> Change:
            change = Change(label, ws.rebase(record.change.inverse).edits)
            if other := namesake(ws, change):
                text = sentence("{name} already exists.", name=name_of(other))
                raise Conflict(TABLE_OF[type(other)], other.id, (), text)
            return change

        try:
            return self._store.commit(
                taken_back,
                at=self._clock(),
                who=self.who,
                undoes=record.seq,
            )
        except Conflict as conflict:
            text = sentence(
                "“{change}” cannot be undone. {reason}",
                change=record.change.label,
                reason=self._explained(conflict, since=record.seq).sentence,
            )
            raise Conflict(conflict.kind, conflict.id, conflict.fields, text) from conflict

    def _explained(self, conflict: Conflict, since: int = 0) -> Conflict:
        """Return a conflict that names who made the conflicting change since a record, and when."""
        for later in self._store.backwards():
            if later.seq <= since:
                break
            if _touches(later, conflict):
                text = sentence(
                    "{reason} Changed by {who}, {time}.",
                    reason=conflict.sentence,
                    who=later.who,
                    time=timed(later.at),
                )
                return Conflict(conflict.kind, conflict.id, conflict.fields, text)
        return conflict


def _no_record(seq: int) -> NotFound:
    return NotFound("There is no record {seq} in the history.", seq=seq)


class Past(Session):
    """A session as it was at a moment: everything can be asked of it, and nothing done."""

    def __init__(self, session: Session, moment: datetime) -> None:
        super().__init__(session._store, who=session.who, clock=lambda: moment)
        self.moment = moment
        self._then = session.as_of(moment)

    @property
    def workspace(self) -> Workspace:
        """What was true then."""
        return self._then

    def refuse(self) -> Refused:
        """Return why nothing can be done."""
        return Refused(
            "This is the plan as of {moment}; it can only be read.", moment=timed(self.moment)
        )

    def do(self, _command: Command) -> Record:
        """Raise Refused."""
        raise self.refuse()

    def _take_back(self, _record: Record) -> Record:
        raise self.refuse()

    def history(self, since: int = 0) -> Iterator[Record]:
        """Walk over the records after number `since` that there were then, oldest first.

        They are those up to what was true then, whatever clocks they were dated by.
        """
        return takewhile(self._was, super().history(since))

    def history_of(self, task: int) -> list[Record]:
        """Return the records that had changed a task or an arrow of it, oldest first."""
        return [*takewhile(self._was, super().history_of(task))]

    def _was(self, record: Record) -> bool:
        return record.seq <= self._then.seq


def _at(now: Now, command: Command, ws: Workspace) -> Change:
    return command(ws, now)


def _touches(record: Record, conflict: Conflict) -> bool:
    """Return whether a record changed what a conflict is about."""
    return any(
        edit.table == conflict.kind
        and edit.entity.id == conflict.id
        and (not edit.fields or not conflict.fields or set(edit.fields) & set(conflict.fields))
        for edit in record.change.edits
    )
