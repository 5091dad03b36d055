"""The line above a view and the line below it."""

from __future__ import annotations

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
    # How the other views are reached, at length and in short, where there is room for it.
    others: reactive[tuple[str, str]] = reactive(("", ""))

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Paint the line."""
        cells = self.size.width
        view = plain.cut(self.view, cells)
        room = cells - plain.width(view) - 1
        left: list[Piece] = []
        pieces = list(self.pieces)
        if self.date is not None:
            pieces[1:1] = [self.date, ("  ", "")]
        used = sum(plain.width(text) for text, _style in pieces)
        more = next((f"  {text}" for text in self.others if used + len(text) + 2 <= room), "")
        view, room = view + more, room - plain.width(more)
        for text, style in pieces:
            if room <= 0:
                break
            shown = plain.cut(text, room)
            left.append((shown, style))
            room -= plain.width(shown)
            if shown != text:
                break
        return strip([*left, (" " * (max(room, 0) + 1), ""), (view, "dim")], cells)


class Message(Widget):
    """A message too long for one line, over the lowest rows of a view, which stays as it is."""

    DEFAULT_CSS = """
    Message { height: auto; max-height: 4; dock: bottom; layer: above; display: none; }
    Message.-shown { display: block; }
    """

    lines: reactive[tuple[Piece, ...]] = reactive(())

    def watch_lines(self) -> None:
        """Stand there while there is something to be read."""
        self.set_class(bool(self.lines), "-shown")
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return as many lines as the message has."""
        return len(self.lines)

    def render_line(self, y: int) -> Strip:
        """Paint a line."""
        return strip(self.lines[y : y + 1], self.size.width)


class StatusLine(Widget):
    """The last message until the next key; else what is being done, or the keys that matter."""

    DEFAULT_CSS = "StatusLine { height: 1; dock: bottom; }"

    message: reactive[Piece | None] = reactive(None)
    standing: reactive[tuple[Piece, ...]] = reactive(())

    def __init__(self, *where: str) -> None:
        super().__init__()
        self._where = where

    def watch_message(self) -> None:
        """Tell what has no room in the line above it, or beside what is being typed there."""
        text, style = self.message or ("", "")
        found = self.screen.query(Message)
        beside = self.screen.query(Aside)
        if not found:
            return
        lines = plain.wrap(text, max(self.app.size.width, 10), 4) if text else []
        fits = plain.width(text) < Aside.WIDTH if beside else len(lines) < 2
        for aside in beside:
            aside.piece = (text, style) if fits else ("", "")
        over = tuple((line, style) for line in lines) if not fits else ()
        found.first().lines = over

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Paint the line."""
        cells = self.size.width
        if self.message:
            text, style = self.message
            return strip([(plain.cut(text, cells), style)], cells)
        return strip(self.standing or self._key_line(cells), cells)

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


class Aside(Widget):
    """A short message at the right of the line in which something is being typed."""

    WIDTH = 22
    DEFAULT_CSS = "Aside { width: 22; height: 1; }"

    piece: reactive[Piece] = reactive(("", ""))

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Paint it at the right edge."""
        text, style = self.piece
        blank = " " * (self.size.width - plain.width(text) - 1)
        return strip([(blank, ""), (text, style), (" ", "")], self.size.width)
