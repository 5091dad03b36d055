"""What was done at the screen and may be undone or redone, unless somebody else is first."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.domain.change import Record


class Trail:
    """The changes made here, by their numbers, and who has been first with what comes next."""

    def __init__(self) -> None:
        self._mine: set[int] = set()
        # Those in force; and the undos made here and by others, with what they took back.
        self._done: set[int] = set()
        self._undone: dict[int, int] = {}
        self._undone_by_others: dict[int, int] = {}
        # What was brought back, by the records that did.
        self._back: dict[int, int] = {}
        # Who has taken back, or brought back, what would have been next; until that is known here.
        self.undone_by = self.redone_by = ""

    def note(self, done: Record) -> None:
        """Note what was done here."""
        if not done.change.edits:
            return
        self.undone_by = self.redone_by = ""
        if done.undoes is None:
            self._mine.add(done.seq)
            self._done.add(done.seq)
            self._undone.clear()
        elif not self._brought_back(done, done.undoes):
            self._undone[done.seq] = self._taken_back(done.undoes)

    def heed(self, records: Iterable[Record]) -> None:
        """Heed what others have done."""
        for record in records:
            if (undoes := record.undoes) is None:
                continue
            next_undo, next_redo = max(self._done, default=0), max(self._undone, default=0)
            if self._brought_back(record, undoes):
                self.redone_by = record.who if undoes == next_redo else self.redone_by
                # What they had taken back they may have brought back, too.
                self.undone_by = self.undone_by if undoes == next_redo else ""
            elif (first := self._taken_back(undoes)) in self._mine:
                self.undone_by = record.who if first == next_undo else self.undone_by
                self._undone_by_others[record.seq] = first

    def _taken_back(self, undoes: int) -> int:
        first = self._back.get(undoes, undoes)
        self._done.discard(first)
        return first

    def _brought_back(self, record: Record, undoes: int) -> bool:
        first = self._undone.pop(undoes, 0) or self._undone_by_others.pop(undoes, 0)
        if first in self._mine:
            self._done.add(first)
        if first:
            self._back[record.seq] = first
        return bool(first)
