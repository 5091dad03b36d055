"""A list of rows with a cursor, however long: only the lines in sight are ever painted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tracker.tui.text import cells
from tracker.wording.show import Piece

Paint = Callable[[int, int], Sequence[Piece]]


def strip(pieces: Sequence[Piece], room: int, *, under: str = "") -> Strip:
    """Return a line of exactly `room` cells; the style `under` takes the place of all others."""
    row = [(text, under) for text, _style in pieces] if under else pieces
    return cells.strip(cells.fill(row, room, under), room)


class Heading(Widget):
    """The line above rows that names their columns, painted by a function of its cells."""

    DEFAULT_CSS = "Heading { height: 1; }"

    def __init__(self, paint: Callable[[int], Sequence[Piece]]) -> None:
        super().__init__()
        self._paint = paint

    def render_line(self, _y: int) -> Strip:
        """Paint the line."""
        return strip(self._paint(self.size.width), self.size.width)


class Rows(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows named by numbers, painted by a function, in an order given from outside.

    The cursor `passes` over some of them, such as headings.

    The cursor stays with its row when the rows change, and on its line when its row has gone.
    """

    # A click here chooses what keys are about; one that hits nothing is stopped.
    CHOOSES: ClassVar[bool] = True

    DEFAULT_CSS = """
    Rows {
        height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1;
        scrollbar-color: ansi_bright_black; scrollbar-background: ansi_default;
    }
    """

    class Moved(Message):
        """The cursor is on another row; None when there is none."""

        def __init__(self, row: int | None) -> None:
            super().__init__()
            self.row = row

    class Fitted(Message):
        """The rows have another size."""

    class Chosen(Message):
        """A row was clicked while the cursor was on it."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def __init__(
        self,
        paint: Paint,
        *,
        id: str | None = None,
        passes: Callable[[int], bool] = lambda _row: False,
    ) -> None:
        super().__init__(id=id)
        self._paint, self._passes = paint, passes
        self._rows: tuple[int, ...] = ()
        self._line = 0
        self._labels: Mapping[int, str] = {}

    @property
    def rows(self) -> tuple[int, ...]:
        """The numbers of the rows, from the top."""
        return self._rows

    @property
    def row(self) -> int | None:
        """The row under the cursor."""
        return self._rows[self._line] if self._rows else None

    def show(self, rows: Sequence[int], *, row: int | None = None) -> None:
        """Show other rows, the cursor on `row`, or on the one it was on."""
        wanted = self.row if row is None else row
        before = self.row
        self._rows = tuple(rows)
        try:
            self._line = self._rows.index(wanted) if wanted is not None else 0
        except ValueError:
            self._line = min(self._line, max(0, len(self._rows) - 1))
        self._line = self._landing(self._line)
        self.virtual_size = Size(0, len(self._rows))
        self._keep_in_sight()
        self._refresh_all()
        if self.row != before:
            self.post_message(self.Moved(self.row))

    def go(self, line: int) -> None:
        """Put the cursor on a line, or the nearest there is."""
        line = self._landing(max(0, min(line, len(self._rows) - 1)))
        if not self._rows or line == self._line:
            return
        before, self._line = self._line, line
        self._refresh_lines(before, line)
        self._keep_in_sight()
        self.post_message(self.Moved(self.row))

    def _landing(self, line: int) -> int:
        """Return the next line on the way that is not passed over, or one behind it."""
        ahead, behind = range(line, len(self._rows)), range(line - 1, -1, -1)
        if line < self._line:
            ahead, behind = range(line, -1, -1), range(line + 1, len(self._rows))
        stops = (at for at in (*ahead, *behind) if not self._passes(self._rows[at]))
        return next(stops, self._line if self._line < len(self._rows) else 0)

    def go_to(self, row: int) -> bool:
        """Put the cursor on a row; False if it is not shown."""
        if row not in self._rows:
            return False
        self.go(self._rows.index(row))
        return True

    def step(self, lines: int) -> None:
        """Move the cursor by some lines."""
        self.go(self._line + lines)

    def half_page(self, direction: int) -> None:
        """Move the cursor by half of what is in sight."""
        self.step(direction * max(1, self.size.height // 2))

    @property
    def in_sight(self) -> Sequence[int]:
        """The rows in sight that the cursor can be put on, from the top."""
        top = self.scroll_offset.y
        shown = self._rows[top : top + self.size.height]
        return [row for row in shown if not self._passes(row)]

    def label(self, labels: Mapping[int, str]) -> None:
        """Show letters over the left end of rows, in the place of those shown before."""
        before, self._labels = self._labels, labels
        lines = enumerate(
            self._rows[self.scroll_offset.y :][: self.size.height], self.scroll_offset.y
        )
        changed = [line for line, row in lines if before.get(row) != labels.get(row)]
        self._refresh_lines(*changed)

    def refresh_row(self, row: int) -> None:
        """Paint a row anew."""
        if row in self._rows:
            self._refresh_lines(self._rows.index(row))

    def render_line(self, y: int) -> Strip:
        """Paint a line of the window."""
        line = self.scroll_offset.y + y
        room = self.scrollable_size.width
        if line >= len(self._rows):
            return Strip.blank(room)
        under = "cursor" if line == self._line and self._cursor_shown else ""
        row = self._rows[line]
        pieces = self._paint(row, room)
        if label := self._labels.get(row):
            pieces = cells.overlay(pieces, 0, [(label, "jump")])
        return strip(pieces, room, under=under)

    @property
    def _cursor_shown(self) -> bool:
        return True

    def _refresh_all(self) -> None:
        self.refresh()

    def _refresh_lines(self, *lines: int) -> None:
        top, height = self.scroll_offset.y, self.size.height
        shown = [line - top for line in lines if 0 <= line - top < height]
        if shown:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in shown))

    def _keep_in_sight(self) -> None:
        """Scroll by half a window when the cursor leaves it: a scroll repaints the whole of it."""
        height = self.size.height
        if not height:
            return
        top = self.scroll_offset.y
        if not top <= self._line < top + height:
            self.scroll_to(y=max(0, self._line - height // 2), animate=False)

    def on_resize(self) -> None:
        """Keep the cursor in sight in a smaller window."""
        self._keep_in_sight()
        self.post_message(self.Fitted())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        line = self.scroll_offset.y + event.y
        if line >= len(self._rows):
            event.stop()
            return
        if line == self._line and event.chain > 1:
            self.post_message(self.Chosen(self._rows[line]))
        self.go(line)
