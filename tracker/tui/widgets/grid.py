"""A table of cells with a cursor, its names and heads always in sight, however large it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.message import Message

from tracker.tui.text import cells
from tracker.tui.widgets.canvas import Canvas
from tracker.wording.show import Piece

# The part of the window that names may take at most, and the cells they have anyway.
_NAMES, _LEAST_NAMES = 0.4, 12


class Grid(Canvas):
    """Cells named by row and column, painted by functions, of which only those in sight are."""

    # A click here chooses what keys are about; one that hits nothing is stopped.
    CHOOSES: ClassVar[bool] = True

    class Moved(Message):
        """The cursor is on another cell."""

    class Chosen(Message):
        """A cell was clicked while the cursor was on it."""

    def __init__(
        self,
        *,
        name: Callable[[int, int], Sequence[Piece]],
        head: Callable[[int], str],
        cell: Callable[[int, int], Piece],
        filler: Callable[[], str],
    ) -> None:
        super().__init__()
        self._name_of, self._head, self._cell, self._filler = name, head, cell, filler
        self._rows = []
        self._count, self._columns, self._wide, self._longest = 0, 0, 1, 0
        self.row = self.column = 0
        self._top = self._left = 0
        self._labels: Mapping[int, str] = {}

    def show(self, rows: int, columns: int, *, wide: int, longest: int) -> None:
        """Show so many rows and columns, `wide` cells each, of names at most `longest` cells."""
        self._count, self._columns, self._wide, self._longest = rows, columns, wide, longest
        self.row = min(self.row, max(0, rows - 1))
        self.column = min(self.column, max(0, columns - 1))
        self._keep_in_sight()
        self.repaint()

    def go(self, row: int, column: int) -> None:
        """Put the cursor on a cell, or the nearest there is."""
        row = max(0, min(row, self._count - 1))
        column = max(0, min(column, self._columns - 1))
        if (row, column) != (self.row, self.column):
            self.row, self.column = row, column
            self._keep_in_sight()
            self.repaint()
            self.post_message(self.Moved())

    def half_page(self, direction: int) -> None:
        """Move the cursor by half of the rows in sight."""
        self.go(self.row + direction * max(1, self._height // 2), self.column)

    @property
    def in_sight(self) -> range:
        """The rows in sight."""
        return range(self._top, min(self._count, self._top + self._height))

    def label(self, labels: Mapping[int, str]) -> None:
        """Show letters over the left end of rows, in the place of those shown before."""
        self._labels = labels
        self.repaint()

    @property
    def _names(self) -> int:
        return min(self._longest, max(_LEAST_NAMES, int(self.size.width * _NAMES)))

    @property
    def _height(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def _shown(self) -> int:
        """How many columns are in sight."""
        return max(1, (self.size.width - self._names - 1) // self._wide)

    def fit(self) -> None:
        """Keep the cursor in sight in a window of another size."""
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        """Scroll by half a window where the cursor leaves it: few keys then scroll."""
        if not self._top <= self.row < self._top + self._height:
            self._top = self.row - self._height // 2
        if not self._left <= self.column < self._left + self._shown:
            self._left = self.column - self._shown // 2
        self._top = max(0, min(self._top, self._count - self._height))
        self._left = max(0, min(self._left, self._columns - self._shown))

    def paint(self) -> list[list[Piece]]:
        """Paint heads, names and the cells in sight, the cross through the cursor lit."""
        columns = range(self._left, min(self._columns, self._left + self._shown))
        heads: list[Piece] = [(" " * (self._names + 1), "")]
        for column in columns:
            text = self._head(column)
            style = "cursor" if column == self.column else "dim"
            heads += [(" " * (self._wide - len(text)), ""), (text, style)]
        painted = [cells.fill(heads, self.size.width)]
        painted += [cells.fill(self._line(row, columns), self.size.width) for row in self.in_sight]
        blank = cells.fill([], self.size.width)
        return painted + [blank] * (self.size.height - len(painted))

    def _line(self, row: int, columns: range) -> list[Piece]:
        here = row == self.row
        line = cells.fill(self._name_of(row, self._names), self._names)
        if here:
            line = [(text, "cursor") for text, _style in line]
        if label := self._labels.get(row):
            line = cells.overlay(line, 0, [(label, "jump")])
        line.append((" ", ""))
        for column in columns:
            text, style = self._cell(row, column)
            lit = here or column == self.column
            if lit and not text:
                text, style = self._filler(), "dim"
            if here and column == self.column:
                style = "cursor"
            elif lit and style not in ("dim", "lane"):
                style = f"{style} hit" if style else "hit"
            line += [(" " * (self._wide - cells.row_width([(text, "")])), ""), (text, style)]
        return line

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        row = self._top + event.y - 1
        column = self._left + (event.x - self._names - 1) // self._wide
        if event.y < 1 or row >= self._count:
            event.stop()
            return
        column = self.column if event.x <= self._names else min(column, self._columns - 1)
        if (row, column) == (self.row, self.column) and event.chain > 1:
            self.post_message(self.Chosen())
        self.go(row, column)
