"""The line above a view and the line below it."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tracker import terminal_text
from tracker.language import _
from tracker.tui.keys import display, keys_of, known
from tracker.tui.text.cells import row_width
from tracker.tui.text.fitting import wrap_pieces
from tracker.tui.widgets.rows import strip
from tracker.wording.show import Piece

# The key that leads to a view, and the word for it.
ViewName = tuple[str, str]


class HeadLine(Widget):
    """What the view is about, and on the right its name; the right gives way last."""

    DEFAULT_CSS = "HeadLine { height: 1; dock: top; }"

    pieces: reactive[tuple[Piece, ...]] = reactive(())
    # Comes after the first of the pieces.
    date: reactive[Piece | None] = reactive(None)
    view: reactive[str] = reactive("")
    # Comes before the name of the view.
    note: reactive[str] = reactive("")
    # The keys and words of the other views: those before this one, and those after it.
    others: reactive[tuple[tuple[ViewName, ...], tuple[ViewName, ...]]] = reactive(((), ()))

    def __init__(self, line: str = "│") -> None:
        super().__init__()
        self._line = line

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Paint the line."""
        cells = self.size.width
        view: list[Piece] = [(terminal_text.cut(self.view, cells), "head")]
        left: list[Piece] = []
        pieces = list(self.pieces)
        if self.date is not None:
            pieces[1:1] = [self.date, ("  ", "")]
        used = sum(terminal_text.width(text) for text, _style in pieces)
        full, short = (self._tabs(view, words=words) for words in (True, False))
        fits = used + terminal_text.width(self.note) + row_width(full) + 4 <= cells
        # By which keys the other views are reached matters more than the last of the numbers.
        view = full if fits else short if row_width(short) < cells // 2 else view
        if self.note:
            view = [(f"{self.note}  ", "strong"), *view]
        room = cells - row_width(view) - 1
        for text, style in pieces:
            if room <= 0:
                break
            shown = terminal_text.cut(text, room)
            left.append((shown, style))
            room -= terminal_text.width(shown)
            if shown != text:
                break
        return strip([*left, (" " * (max(room, 0) + 1), ""), *view], cells)

    def _tabs(self, view: list[Piece], *, words: bool) -> list[Piece]:
        """Return all views side by side, as a row of keys and what they lead to."""
        before, behind = (
            [[(key, "key"), (f" {word}" if words else "", "dim")] for key, word in named]
            for named in self.others
        )
        row: list[Piece] = []
        for tab in (*before, view, *behind):
            row += [(self._line, "dim"), *tab] if row else tab
        return row


class Lesson(Widget):
    """What the tutorial says, below the head line; not there without one."""

    DEFAULT_CSS = """
    Lesson { height: auto; max-height: 3; display: none; }
    Lesson.-shown { display: block; }
    """

    pieces: reactive[tuple[Piece, ...]] = reactive((), layout=True)

    def watch_pieces(self) -> None:
        """Show it while it says something."""
        self.set_class(bool(self.pieces), "-shown")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return as many lines as it takes."""
        return len(wrap_pieces(self.pieces, width))

    def render_line(self, y: int) -> Strip:
        """Paint a line."""
        lines = wrap_pieces(self.pieces, self.size.width)
        return strip(lines[y] if y < len(lines) else (), self.size.width)


class LongMessage(Widget):
    """A message too long for one line, over the lowest rows of a view, which stays as it is."""

    DEFAULT_CSS = """
    LongMessage { height: auto; max-height: 4; dock: bottom; layer: above; display: none; }
    LongMessage.-shown { display: block; }
    """

    lines: reactive[tuple[Piece, ...]] = reactive(())

    def watch_lines(self) -> None:
        """Show the line while it has content."""
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
        """Show what does not fit in the line above, or beside the input there."""
        text, style = self.message or ("", "")
        found = self.screen.query(LongMessage)
        beside = self.screen.query(Aside)
        if not found:
            return
        lines = terminal_text.wrap(text, max(self.app.size.width, 10), 4) if text else []
        fits = terminal_text.width(text) < Aside.WIDTH if beside else len(lines) < 2
        for aside in beside:
            aside.piece = (text, style) if fits else ("", "")
        over = tuple((line, style) for line in lines) if not fits else ()
        found.first().lines = over

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Paint the line."""
        cells = self.size.width
        if self.message:
            text, style = self.message
            return strip([(terminal_text.cut(text, cells), style)], cells)
        return strip(self.standing or self._key_line(cells), cells)

    def _key_line(self, cells: int) -> list[Piece]:
        """Return the most important keys that have room, in the order of the footer."""
        shown: list[Piece] = []
        room = cells
        listed = (key for key in known(*self._where) if key.footer)
        for key in sorted(listed, key=lambda key: key.footer):
            first = display(keys_of(key).split(",")[0])
            word = f" {_(key.word)}  "
            need = terminal_text.width(first) + terminal_text.width(word)
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
        blank = " " * (self.size.width - terminal_text.width(text) - 1)
        return strip([(blank, ""), (text, style), (" ", "")], self.size.width)
