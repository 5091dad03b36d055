"""The line above a view and the line below it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tracker import plain
from tracker.language import _
from tracker.tui.keys import display, keys_of, known
from tracker.tui.show import Piece
from tracker.tui.widgets.rows import strip


class HeadLine(Widget):
    """What the view is about, and on the right its name; the right gives way last."""

    DEFAULT_CSS = "HeadLine { height: 1; dock: top; }"

    pieces: reactive[tuple[Piece, ...]] = reactive(())
    # Stands behind the first of the pieces.
    date: reactive[Piece | None] = reactive(None)
    view: reactive[str] = reactive("")

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Paint the line."""
        cells = self.size.width
        view = plain.cut(self.view, cells)
        room = cells - plain.width(view) - 1
        left: list[Piece] = []
        pieces = list(self.pieces)
        if self.date is not None:
            pieces[1:1] = [self.date, ("  ", "")]
        for text, style in pieces:
            if room <= 0:
                break
            shown = plain.cut(text, room)
            left.append((shown, style))
            room -= plain.width(shown)
        return strip([*left, (" " * (max(room, 0) + 1), ""), (view, "dim")], cells)


class StatusLine(Widget):
    """The keys that matter, or the last message until the next key."""

    DEFAULT_CSS = "StatusLine { height: auto; max-height: 4; dock: bottom; }"

    message: reactive[Piece | None] = reactive(None)

    def __init__(self, *where: str) -> None:
        super().__init__()
        self._where = where

    def watch_message(self) -> None:
        """Take more or fewer lines, but only then: that paints the whole screen anew."""
        if len(self._lines(self.size.width)) != self.size.height:
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return as many lines as the message needs."""
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        """Paint a line of the message, or the line of keys."""
        lines = self._lines(self.size.width)
        return strip(lines[y] if y < len(lines) else (), self.size.width)

    def _lines(self, cells: int) -> Sequence[Sequence[Piece]]:
        if not self.message:
            return [self._key_line(cells)]
        text, style = self.message
        return [[(line, style)] for line in plain.wrap(text, max(cells, 10), 4)]

    def _key_line(self, cells: int) -> list[Piece]:
        """Return the most important keys that have room, in the order of the footer."""
        shown: list[Piece] = []
        room = cells
        listed = (key for key in known(*self._where) if key.footer)
        for key in sorted(listed, key=lambda key: key.footer):
            first = display(keys_of(key).split(",")[0])
            word = f" {_(key.word)}  "
            need = plain.width(first) + plain.width(word)
            if need <= room:
                shown += [(first, "key"), (word, "dim")]
                room -= need
        return shown
