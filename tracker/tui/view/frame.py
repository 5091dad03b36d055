"""The line above a view and the line below it."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tracker import terminal_text
from tracker.language import _
from tracker.tui.keys import display, keys_of, known
from tracker.tui.text.cells import fill, row_width
from tracker.tui.text.fitting import wrap_pieces
from tracker.tui.widgets.rows import strip
from tracker.wording.show import Piece

# The key that leads to a view, and the word for it.
ViewName = tuple[str, str]


class HeadCount(NamedTuple):
    """A count of the head line, and the key to the next one of those, if any; `least` may go."""

    words: str
    key: str
    style: str
    least: bool = False


class Head(NamedTuple):
    """What the head line tells, or the alarm in its place: what is looked at, counts, company."""

    about: str = ""
    counts: tuple[HeadCount, ...] = ()
    company: str = ""
    alarm: str = ""


# What the head line gives up where there is no room, one after the other; what is named again
# gives up more. The date and the counts of what needs somebody are never given up.
_GIVING_UP = (
    *("about", "tabs", "keys", "company", "about", "about", "date", "least", "tabs"),
    *("date", "gaps", "view", "view"),
)
# The cells that what is looked at keeps when it first gives up some, and then.
_ABOUT_KEEPS = (16, 8)
# The cells that the name of the view keeps; where it has less there is only its key.
_NAME_KEEPS = 8


class HeadLine(Widget):
    """What the view is about, what needs somebody, and on the right the views."""

    DEFAULT_CSS = "HeadLine { height: 1; dock: top; }"

    head: reactive[Head] = reactive(Head())
    # By when it is over, in words from the longest to the shortest; comes before the counts.
    date: reactive[tuple[str, ...]] = reactive(())
    view: reactive[str] = reactive("")
    # Comes before the name of the view.
    note: reactive[str] = reactive("")
    # The keys and words of the other views: those before this one, and those after it.
    others: reactive[tuple[tuple[ViewName, ...], tuple[ViewName, ...]]] = reactive(((), ()))

    def __init__(self, line: str = "│") -> None:
        super().__init__()
        self._line = line

    def render_line(self, _y: int) -> Strip:
        """Paint the line."""
        return strip(self.row(self.size.width), self.size.width)

    def row(self, cells: int) -> list[Piece]:
        """Return the line with as much as so many cells have room for."""
        given: Counter[str] = Counter()
        left, right = self._sides(given, cells)
        for part in _GIVING_UP:
            if row_width(left) + row_width(right) <= cells:
                break
            given[part] += 1
            left, right = self._sides(given, cells)
        return [*fill(left, max(cells - row_width(right), 0)), *right]

    def _sides(self, given: Counter[str], cells: int) -> tuple[list[Piece], list[Piece]]:
        """Return the left and the right of the line after so much of each part was given up."""
        head = self.head
        if head.alarm:
            return [(head.alarm, "alarm")], []
        gap: Piece = (" " if given["gaps"] else "  ", "")
        told: list[Piece] = []
        if self.date:
            told += [(self.date[min(given["date"], len(self.date) - 1)], "strong"), gap]
        for count in head.counts:
            if not (count.least and given["least"]):
                shown = count.key and not given["keys"]
                key: list[Piece] = [(" ", ""), (count.key, "key")] if shown else []
                told += [(count.words, count.style), *key, gap]
        if head.company and not given["company"]:
            told += [(head.company, "dim"), gap]
        told = told[:-1]
        right = self._views(given, cells - row_width(told) - 1)
        about = head.about
        if given["about"]:
            kept = (*_ABOUT_KEEPS, 0)[given["about"] - 1]
            room = cells - row_width(told) - row_width(right) - 3
            about = terminal_text.cut(about, max(room, kept)) if kept else ""
        return [(f" {about}" + "  " * bool(about and told), "title"), *told], right

    def _views(self, given: Counter[str], room: int) -> list[Piece]:
        """Return the views side by side, as a row of keys and what they lead to.

        Where all else has been given up, the name of this one is cut to the room there is.
        """
        if given["view"] > 1:
            return []
        name = self.view
        if given["view"] and " " in name:
            key = name.partition(" ")[0] + "]"
            room -= terminal_text.width(self.note) + 3 * bool(self.note) + 1
            name = terminal_text.cut(name, room) if room > _NAME_KEEPS else key
        row: list[Piece] = []
        before, behind = (
            [[(key, "key"), ("" if given["tabs"] else f" {word}", "dim")] for key, word in named]
            if given["tabs"] < 2
            else []
            for named in self.others
        )
        for tab in (*before, [(name, "head")], *behind):
            row += [(self._line, "dim"), *tab] if row else tab
        note: list[Piece] = [(f"{self.note}  ", "strong")] if self.note else []
        return [(" ", ""), *note, *row]


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

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
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

    def get_content_height(self, _container: Size, _viewport: Size, _width: int) -> int:
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
    # Whether a past plan is shown, of which nothing can be changed.
    past: reactive[bool] = reactive(False)

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

    def render_line(self, _y: int) -> Strip:
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
        listed = (
            key for key in known(*self._where) if key.footer and not (self.past and key.changes)
        )
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

    def render_line(self, _y: int) -> Strip:
        """Paint it at the right edge."""
        text, style = self.piece
        blank = " " * (self.size.width - terminal_text.width(text) - 1)
        return strip([(blank, ""), (text, style), (" ", "")], self.size.width)
