"""Keeping what is sound of a damaged workspace, and setting the rest aside."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from functools import cached_property

import msgspec

from tracker.domain import graph
from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import Conflict, Damaged, Refused, StoreError
from tracker.domain.model import KINDS, Link
from tracker.domain.sentence import Sentence, counted, sentence, system_reason
from tracker.domain.workspace import Workspace
from tracker.store import checkpoint, codec, files
from tracker.store.check import LEAP, Evidence, Finding
from tracker.store.checkpoint import Snapshot
from tracker.store.codec import JournalLine, RawEdit
from tracker.store.documents import raw_edits, tables, typed
from tracker.store.file_log import FileLog
from tracker.store.journal import Journal

# So many faults of a checkpoint are told one by one: there may be thousands.
_FAULTS_TOLD = 20


def repair(path: str | os.PathLike[str], *, at: datetime, who: str) -> list[Finding]:
    """Repair the workspace at `path`, and return what was done and what could not be kept.

    Records keep their numbers: one that is lost stays in the history as a record of its number,
    with the changes that the checkpoint proves, or none. What others wrote into the checkpoint is
    taken over as a new record of `who` at time `at`, where it does not clash with the history.
    Every file is kept as it was in NAME.kept. Raises TooNew when a newer program wrote the files,
    Damaged when there is nothing sound to begin from, Busy, and StoreError: a repair that was not
    finished can be begun again.
    """
    with closing(FileLog(path, create=False)) as log, log.lock(who):
        try:
            return _Repair(log, at, who).findings
        except (OSError, StoreError) as error:
            cause = error if isinstance(error, OSError) else error.__cause__
            if not isinstance(cause, OSError):
                raise
            raise StoreError(
                "The repair of {file} was not finished ({reason}). Nothing is lost, and what was"
                " replaced is kept in {folder}: run it again.",
                file=log.name,
                reason=system_reason(cause),
                folder=log.paths.kept,
            ) from error


class _Repair:
    """One repair, under the lock; `findings` say what it did."""

    def __init__(self, log: FileLog, at: datetime, who: str) -> None:
        self._log, self._at, self._who = log, at, who
        self.findings: list[Finding] = []
        for draft in log.paths.drafts():
            os.unlink(draft)
            self._tell(sentence("{file} was left over and has been removed.", file=draft))
        log.demand_own_files()
        self._evidence = Evidence(log)
        self._end_last_line()
        self._drop_superseded()
        self._drop_emptied()
        if self._opens():
            return
        # The history as it will be, and the state after the record the checkpoint names.
        self._history: dict[int, tuple[Record, tuple[RawEdit, ...]]] = {}
        self._at_checkpoint: Snapshot | None = None
        # The tables of the checkpoint in whose place something else is.
        self._spoilt: list[str] = []
        self._theirs = self._readable()
        state = self._replayed()
        state = self._with_hand_edits(state)
        self._write(state)

    def _tell(self, text: Sentence, *, grave: bool = False) -> None:
        self.findings.append(Finding(text, grave))

    def _end_last_line(self) -> None:
        """Give a whole last line its newline, which is all that it lacks: it may be confirmed."""
        if self._evidence.unended():
            tail = self._evidence.torn
            data = files.read_path(self._log.paths.journal) or b""
            self._log.replace_journal(data[: data.rindex(tail)] + tail + b"\n")
            self._evidence = Evidence(self._log)

    def _drop_superseded(self) -> None:
        """Remove closed files whose lines a repair that was cut off had moved to the journal."""
        here = [line.entry for line in self._evidence.lines if line.path == self._log.paths.journal]
        numbers = {entry.seq for entry in here if entry}
        for segment in self._log.segments():
            span = range(segment.first, segment.last + 1)
            if 0 < len(span) <= len(numbers) and numbers.issuperset(span):
                self._keep(segment.path)
                os.unlink(segment.path)
                self._evidence = Evidence(self._log)

    def _drop_emptied(self) -> None:
        """Set a journal aside that has lost all its lines: what they said is nowhere else."""
        if emptied := self._evidence.emptied():
            self._tell(emptied.sentence, grave=True)
            self._keep(self._log.paths.journal)
            self._log.replace_journal(b"")
            self._evidence = Evidence(self._log)

    def _opens(self) -> bool:
        """Open it as everybody does, which repairs a torn tail; return whether all is well."""
        evidence = self._evidence
        try:
            journal = Journal(self._log)
        except Damaged as error:
            self._tell(error.sentence, grave=True)
            return False
        self.findings += [Finding(notice, grave=False) for notice in self._log.notices]
        if not evidence.data:
            journal.checkpoint()
            self._tell(sentence("{file} was missing and has been rebuilt.", file=self._log.name))
        whole = all(line.entry for line in evidence.lines) and not evidence.misnamed()
        return whole and evidence.chained() and (not evidence.data or self._proof is not None)

    @cached_property
    def _proof(self) -> Snapshot | None:
        """What the checkpoint holds, if it is what the history leads to and names nothing lost."""
        evidence, known = self._evidence, self._evidence.snapshot
        if known is None or not evidence.proven() or not evidence.follows():
            return None
        try:
            known.workspace.demand_whole()
        except Refused:
            return None
        return known

    def _readable(self) -> Snapshot | None:
        """Return what the checkpoint says, whoever wrote it."""
        if self._evidence.snapshot:
            return self._evidence.snapshot
        try:
            found = checkpoint.read(self._evidence.data)
        except codec.UNREADABLE:
            return None
        self._spoilt = sorted(KINDS.keys() & found.others.keys())
        for table in self._spoilt:
            self._tell(
                sentence(
                    "“{table}” in {file} is not a table any more: nothing in it was adopted.",
                    table=table,
                    file=self._log.name,
                ),
                grave=True,
            )
        others = {name: it for name, it in found.others.items() if name not in KINDS}
        return found._replace(others=others)

    # --- the history

    def _replayed(self) -> Snapshot:
        """Go through the history, fill what is missing, and return the state it leads to."""
        entries = self._evidence.entries
        proof = self._proof
        state = self._beginning(proof)
        self._seal_before = state.seal
        self._drop_made_up(state.seq)
        first = min([*entries, state.seq + 1])
        last = max([*entries, proof.seq if proof else 0]) + self._evidence.trailing()
        missing = [seq for seq in range(first, last + 1) if seq not in entries]
        # What the last record missing before the checkpoint must have come to, that one proves.
        proven = max((seq for seq in missing if proof and seq <= proof.seq), default=0)
        wanted = self._backwards(proof, proven) if proof and proven > state.seq else None
        self._remember(state)
        for seq in range(first, state.seq + 1):
            entry = entries.get(seq)
            self._history[seq] = (entry.record, entry.others) if entry else self._lost(seq, state)
        for seq in range(state.seq + 1, last + 1):
            entry = entries.get(seq)
            if entry:
                state = self._with_entry(state, entry)
            elif wanted and seq == proven:
                edits = raw_edits(tables(state), tables(wanted))
                state = self._with_gap(state, seq, edits)
            else:
                state = self._with_gap(state, seq)
            self._remember(state)
        return state

    def _beginning(self, proof: Snapshot | None) -> Snapshot:
        """Return the oldest sound state from which the records lead on, or else the newest."""
        first = min(self._evidence.entries, default=0)
        if first == 1:
            return checkpoint.empty()
        if self._theirs and not self._evidence.entries:
            self._tell(
                sentence(
                    "{file} has no history left; what it holds was adopted.", file=self._log.name
                )
            )
            self._theirs = self._without_faults(self._theirs)
            return self._theirs
        known = [state for state in (proof, *map(_backup, self._log.backups())) if state]
        fitting = list(filter(self._evidence.fits, known))
        if self._theirs and self._evidence.proven():
            # It holds what nothing else does, unless the records lead on from a backup.
            reach = min(first - 1, self._theirs.seq)
            if all(state.seq < reach for state in fitting):
                self._theirs = self._without_faults(self._theirs)
                return self._theirs
        if fitting:
            known = fitting
        elif known:
            self._tell(
                sentence(
                    "No kept checkpoint fits the records; one from a different history was used, so"
                    " the result may differ from what was there."
                ),
                grave=True,
            )
        reaching = [state for state in known if state.seq >= first - 1]
        if reaching:
            return min(reaching, key=lambda state: state.seq)
        if known:
            return max(known, key=lambda state: state.seq)
        raise Damaged(
            "{file} cannot be recovered; restore a backup.",
            file=self._log.name,
        )

    def _without_faults(self, state: Snapshot) -> Snapshot:
        """Remove references to what is not there and arrows that close loops; tell of them."""
        ws = state.workspace
        faults = [
            sentence("{fault} The arrow was removed.", fault=fault)
            if isinstance(entity, Link)
            else sentence("{fault} The reference was removed.", fault=fault)
            for entity in ws.entities()
            for fault in ws.gaps(entity)
        ]
        kept = [found for entity in ws.entities() if (found := ws.released(entity)) is not None]
        needs = [each for each in kept if isinstance(each, Link) and each.kind == "needs"]
        order = {task: task for task in ws.tasks}
        arcs = [(link.source, link.target) for link in needs]
        looping = [needs[at] for at in graph.feedback_arcs(arcs, order)]
        faults += [
            sentence(
                "The arrow from {source} to {target} closed a loop of dependencies and was"
                " removed.",
                source=link.source,
                target=link.target,
            )
            for link in looping
        ]
        for fault in faults[:_FAULTS_TOLD]:
            self._tell(fault, grave=True)
        if (more := len(faults) - _FAULTS_TOLD) > 0:
            self._tell(
                counted(
                    "{n} more reference or arrow like these was removed.",
                    "{n} more references or arrows like these were removed.",
                    more,
                ),
                grave=True,
            )
        removed = {link.id for link in looping}
        kept = [each for each in kept if not (isinstance(each, Link) and each.id in removed)]
        whole = Workspace(kept, last_ids=ws.last_ids, seq=ws.seq)
        return state._replace(workspace=whole)

    def _drop_made_up(self, reach: int) -> None:
        """Set lines aside whose numbers are further on than there can be any."""
        entries = self._evidence.entries
        for seq in sorted(entries):
            if seq <= reach + LEAP:
                reach = max(reach, seq)
            else:
                record = entries.pop(seq).record
                self._set_aside(record)

    def _set_aside(self, record: Record) -> None:
        self._tell(
            sentence(
                "Record {seq} of {who} ({label}) no longer fits and has been set aside.",
                seq=record.seq,
                who=record.who,
                label=record.change.label,
            ),
            grave=True,
        )

    def _backwards(self, proof: Snapshot, seq: int) -> Snapshot | None:
        """Return the state after record `seq`, going back from a later one."""
        state = proof
        try:
            for number in range(proof.seq, seq, -1):
                entry = self._evidence.entries[number]
                undone = [RawEdit(t, key, new, old) for t, key, old, new in entry.others]
                state = _stepped(state, entry.record.change.inverse, undone[::-1], number - 1)
        except (Conflict, Refused):
            return None
        return state

    def _remember(self, state: Snapshot) -> None:
        if self._theirs and state.seq == self._theirs.seq:
            self._at_checkpoint = state

    def _with_entry(self, state: Snapshot, entry: JournalLine) -> Snapshot:
        """Go on by a sound record, merged field by field where something before it is lost."""
        record = entry.record
        for merged in (False, True):
            with suppress(Conflict, Refused):
                change = state.workspace.rebase(record.change) if merged else record.change
                following = _stepped(state, change, entry.others, record.seq, record.at)
                kept = msgspec.structs.replace(record, change=change)
                self._history[record.seq] = (kept, entry.others)
                return following
        self._set_aside(record)
        return self._with_gap(state, record.seq)

    def _with_gap(self, state: Snapshot, seq: int, edits: Iterable[RawEdit] = ()) -> Snapshot:
        """Go on by a record that is lost, with the edits it is known to have come to."""
        ours, others = typed(edits)
        record, _ = self._lost(seq, state)
        change = msgspec.structs.replace(record.change, edits=tuple(ours))
        self._history[seq] = (msgspec.structs.replace(record, change=change), tuple(others))
        if ours or others:
            self._tell(sentence("Record {seq} was lost; its changes have been restored.", seq=seq))
        elif seq not in self._evidence.entries:
            self._tell(sentence("Record {seq} and its changes are lost.", seq=seq), grave=True)
        return _stepped(state, change, others, seq)

    def _lost(self, seq: int, state: Snapshot) -> tuple[Record, tuple[RawEdit, ...]]:
        """Return what is in the history for a record that is lost."""
        change = Change(sentence("Record {seq} was damaged", seq=seq), ())
        return Record(seq, state.at or self._at, "", change), ()

    # --- the checkpoint

    def _with_hand_edits(self, state: Snapshot) -> Snapshot:
        """Add what others wrote into the checkpoint to the history, where it does not clash."""
        evidence, base = self._evidence, self._at_checkpoint
        if not evidence.data or self._proof or (base and base is self._theirs):
            return state
        if self._theirs is None or base is None or evidence.snapshot:
            self._tell(sentence("{file} was unusable and has been rebuilt.", file=self._log.name))
            return state
        if _one_bit(checkpoint.encode(self._sealed(base)), evidence.data):
            self._tell(sentence("A flipped bit in {file} was corrected.", file=self._log.name))
            return state
        kept: list[Edit] = []
        before, after = tables(base), tables(self._theirs)
        after |= {table: before[table] for table in self._spoilt if table in before}
        ours, others = typed(raw_edits(before, after))
        for edit in ours:
            try:
                kept += state.workspace.rebase(Change(Sentence(""), (edit,))).edits
            except Conflict as conflict:
                self._tell(conflict.sentence, grave=True)
        change = Change(
            sentence("Adopted from {file}, changed by hand", file=self._log.name), tuple(kept)
        )
        if not kept and not others:
            return state
        seq = state.seq + 1
        try:
            following = _stepped(state, change, others, seq, self._at, past=False)
        except (Conflict, Refused) as error:
            self._tell(error.sentence, grave=True)
            return state
        self._history[seq] = (Record(seq, self._at, self._who, change), tuple(others))
        self._tell(
            counted(
                "{n} change made to {file} by hand was adopted.",
                "{n} changes made to {file} by hand were adopted.",
                len(kept) + len(others),
                file=self._log.name,
            )
        )
        return following

    def _sealed(self, state: Snapshot) -> Snapshot:
        """Return a state as its checkpoint was written."""
        entry = self._evidence.entries.get(state.seq)
        return state._replace(seal=entry.seal, at=entry.record.at) if entry else state

    # --- writing

    def _write(self, state: Snapshot) -> None:
        """Put the new history and checkpoint in the place of the old, which are kept."""
        log, evidence = self._log, self._evidence
        first = min(self._history, default=state.seq + 1)
        old = evidence.entries.get(first)
        seal = old.prev if old and first > 1 else self._seal_before
        lines: dict[int, bytes] = {}
        altered = [*evidence.damaged_from(), *(evidence.raw.keys() - evidence.entries.keys())]
        numbers = [line.entry.seq for line in evidence.lines if line.entry]
        if numbers != sorted(set(numbers)) or evidence.misnamed():
            altered.append(0)  # then everything is written anew
        spoilt = {line.path for line in evidence.lines if not line.entry}
        altered += [segment.first for segment in log.segments() if segment.path in spoilt]
        for seq, (record, others) in sorted(self._history.items()):
            old = evidence.entries.get(seq)
            if old and old.prev == seal and (old.record, old.others) == (record, others):
                lines[seq] = evidence.raw[seq]
            else:
                lines[seq] = codec.encode(record, others, seal)
                altered.append(seq)
            seal = codec.seal_of(lines[seq])
        if altered or not evidence.lines:
            stale = [
                segment for segment in log.segments() if segment.last >= min(altered, default=0)
            ]
            begin = max([s.last for s in log.segments() if s not in stale], default=first - 1)
            rewritten = [line + b"\n" for seq, line in lines.items() if seq > begin]
            for path in (*(segment.path for segment in stale), log.paths.journal):
                self._keep(path)
            # The new file holds everything, so that a crash before the old ones go loses nothing.
            log.replace_journal(b"".join(rewritten))
            for segment in stale:
                os.unlink(segment.path)
        self._keep(log.paths.checkpoint)
        log.replace_checkpoint(checkpoint.encode(state._replace(seal=seal)))

    def _keep(self, path: str) -> None:
        """Keep a file as it was."""
        data = files.read_path(path)
        if data:
            aside = self._log.set_aside(f"repaired-{os.path.basename(path)}", data)
            self._tell(sentence("The previous {file} was kept as {aside}.", file=path, aside=aside))


def _stepped(
    state: Snapshot,
    change: Change,
    others: Sequence[RawEdit],
    seq: int,
    at: datetime | None = None,
    *,
    past: bool = True,
) -> Snapshot:
    """Return what is stored after a change; raises Conflict or Refused when it does not fit."""
    return Snapshot(
        state.workspace.apply(change, seq=seq, past=past),
        checkpoint.replaced(state.others, others),
        state.seal,
        at or state.at,
    )


def _backup(path: str) -> Snapshot | None:
    try:
        backup = checkpoint.decode_whole(files.read_path(path) or b"", path)
        checkpoint.demand_whole(backup.workspace, path)
        return backup
    except Damaged:
        return None


def _one_bit(one: bytes, other: bytes) -> bool:
    """Return whether two texts differ in a single bit: then nobody's hand was in it."""
    if len(one) != len(other):
        return False
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count() == 1
