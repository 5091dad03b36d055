"""Cards in one row: the sign of the state, the number, the title, and what is most urgent."""

from __future__ import annotations

from collections.abc import Sequence

from tracker import terminal_text
from tracker.domain.model import Task
from tracker.flow.board.pieces import LooseEnds
from tracker.tui.text.cells import row_width
from tracker.wording.show import Glyphs, Piece


class CardLine:
    """The parts of one task's row.

    `sign` is that of its state, `remarks` are short words, the most urgent first; `alarm` says
    whether something is wrong, and `back` whether it came back.
    """

    def __init__(
        self,
        task: Task,
        title: Piece,
        sign: Piece,
        remarks: Sequence[Piece],
        ends: LooseEnds | None,
        glyphs: Glyphs,
    ) -> None:
        self._head: list[Piece] = [sign, (str(task.id), sign[1] or title[1])]
        self._title, self._style = title
        self._remarks = remarks
        self._glyphs = glyphs
        ascii = glyphs.right.isascii()
        words = ends.words("<>" + glyphs.back if ascii else "←→" + glyphs.back) if ends else []
        self._ends: list[Piece] = [(f" {word}", "dim") for word in words]

    @property
    def _whole(self) -> list[Piece]:
        remarks = [piece for remark in self._remarks for piece in ((" ", ""), remark)]
        return [*self._head, (" ", ""), (self._title, self._style), *remarks]

    @property
    def _signs(self) -> list[Piece]:
        """What is left of remarks that have no room: a sign that something is wrong, or back."""
        found = []
        for sign in (self._glyphs.alarm, self._glyphs.back):
            style = next((look for text, look in self._remarks if text.startswith(sign)), "")
            if style:
                found.append((sign, style))
        return found

    def width(self, letters: int) -> int:
        """Return the cells it takes, the title cut to so many letters if it is longer."""
        title = min(terminal_text.width(self._title), letters)
        return min(
            row_width(self._whole), row_width(self._head) + row_width(self._signs) + 1 + title
        )

    def row(self, cells: int, *, remarks: bool = True) -> list[Piece]:
        """Return the row in so many cells; without `remarks` where they stand elsewhere."""
        room = cells - row_width(self._ends)
        whole = self._whole if remarks else [*self._head, (" ", ""), (self._title, self._style)]
        if row_width(whole) <= room:
            gap = room - row_width(whole)
            return [*whole, *self._ends, (" " * gap, "")]
        head = [*self._head, *self._signs] if remarks else self._head
        left = room - row_width(head) - 1
        if left < 1:
            return [(terminal_text.cut("".join(text for text, _ in head), cells), self._style)]
        title = terminal_text.cut(self._title, left, ellipsis=self._glyphs.more)
        gap = left - terminal_text.width(title)
        return [*head, (" ", ""), (title, self._style), *self._ends, (" " * gap, "")]
