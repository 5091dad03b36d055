"""Lines of text that scroll, and a list to choose from: only what changed is painted again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import zip_longest

import msgspec
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

POINTER = "▸"
TICKS = {True: "[x] ", False: "[ ] "}


class Row(msgspec.Struct, frozen=True):
    """A line of a list: `right` stands at the right edge, what is left goes to `left`.

    Without a `key` it is a heading, which the cursor passes over. `tick` makes it a tick box.
    """

    key: Hashable | None
    left: Content
    right: Content = Content("")
    tick: bool | None = None


class Lines(ScrollView):
    """Lines of text, each cut to the width of the widget."""

    DEFAULT_CSS = """
    Lines {
        background: transparent;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        text-wrap: nowrap;
    }
    """

    def __init__(self, *, id: str | None = None, can_focus: bool = False) -> None:
        super().__init__(id=id)
        self.can_focus = can_focus
        self._lines: list[Content] = []

    def put(self, lines: Iterable[Content]) -> None:
        """Show `lines`; those that stay the same are not painted again."""
        before, self._lines = self._lines, list(lines)
        for y, (old, new) in enumerate(zip_longest(before, self._lines)):
            if old is None or new is None or not old.is_same(new):
                self._repaint(y)
        if len(before) != len(self._lines):
            self.virtual_size = Size(0, len(self._lines))

    @property
    def lines(self) -> Sequence[Content]:
        """The lines shown."""
        return self._lines

    def render_line(self, y: int) -> Strip:
        """Paint one line of the window."""
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        style = self.visual_style
        if at >= len(self._lines) or width <= 0:
            return Strip.blank(width, style.rich_style)
        line = self.line(at, width).truncate(width, ellipsis=True, pad=True)
        return Visual.to_strips(self, line, width, 1, style, apply_selection=False)[0]

    def line(self, at: int, width: int) -> Content:
        """Return what stands in line `at` when `width` cells are there."""
        del width
        return self._lines[at]

    def _repaint(self, at: int) -> None:
        self.refresh(Region(0, at - self.scroll_offset.y, self.size.width, 1))


class Choices(Lines):
    """A list with a cursor, which can be moved from outside while an input has the focus."""

    DEFAULT_CSS = """
    Choices {
        height: auto;
    }
    """

    BINDINGS = [  # noqa: RUF012 - Textual reads it from the class
        ("up,k", "move(-1)"),
        ("down,j", "move(1)"),
        ("pageup", "page(-1)"),
        ("pagedown", "page(1)"),
        ("home,g", "move(-1000000)"),
        ("end,G", "move(1000000)"),
        ("space", "tick"),
        ("enter", "choose"),
    ]

    cursor: var[int] = var(-1)

    class Moved(Message):
        """The cursor has gone to another row, or the rows have become others."""

        def __init__(self, choices: Choices, key: Hashable | None) -> None:
            super().__init__()
            self.choices, self.key = choices, key

        @property
        def control(self) -> Choices:
            """The list it is about."""
            return self.choices

    class Ticked(Moved):
        """A box has been ticked or cleared."""

    class Chosen(Moved):
        """Enter, on a row."""

    def __init__(self, *, id: str | None = None, can_focus: bool = False) -> None:
        super().__init__(id=id, can_focus=can_focus)
        self._rows: list[Row] = []
        self._ticked: set[Hashable] = set()

    def put_rows(self, rows: Iterable[Row], *, at: Hashable | None = None) -> None:
        """Show `rows` with the cursor on `at`, else where it was if that is still there."""
        wanted = self.key if at is None else at
        self._repaint(self.cursor)
        self._rows = list(rows)
        boxes = [row for row in self._rows if row.tick is not None]
        self._ticked = {row.key for row in boxes if row.tick}
        keys = [i for i, row in enumerate(self._rows) if row.key is not None]
        found = next((i for i in keys if self._rows[i].key == wanted), None)
        cursor = found if found is not None else keys[0] if keys else -1
        self.set_reactive(Choices.cursor, cursor)
        self.put(self._composed(row) for row in self._rows)
        self._repaint(cursor)
        self._show_cursor()
        self.post_message(self.Moved(self, self.key))

    @property
    def key(self) -> Hashable | None:
        """The key of the row under the cursor."""
        return self._rows[self.cursor].key if 0 <= self.cursor < len(self._rows) else None

    @property
    def keys(self) -> tuple[Hashable, ...]:
        """The keys of all rows, headings left out."""
        return tuple(row.key for row in self._rows if row.key is not None)

    @property
    def ticked(self) -> tuple[Hashable, ...]:
        """The keys of the ticked rows, in the order of the rows."""
        return tuple(row.key for row in self._rows if row.key in self._ticked)

    def move(self, by: int) -> None:
        """Move the cursor over so many rows, headings not counted; it stops at the ends."""
        places = [i for i, row in enumerate(self._rows) if row.key is not None]
        if places and self.cursor in places:
            now = places.index(self.cursor)
            self.cursor = places[max(0, min(len(places) - 1, now + by))]

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.move(by)

    def action_page(self, by: int) -> None:
        """Move the cursor by half a window."""
        self.move(by * max(1, self.size.height // 2))

    def action_tick(self) -> None:
        """Tick the box under the cursor, or clear it."""
        if 0 <= self.cursor < len(self._rows) and self._rows[self.cursor].tick is not None:
            self._ticked ^= {self.key}
            self._repaint(self.cursor)
            self.post_message(self.Ticked(self, self.key))

    def action_choose(self) -> None:
        """Say that the row under the cursor is the one."""
        if self.key is not None:
            self.post_message(self.Chosen(self, self.key))

    def watch_cursor(self, before: int, after: int) -> None:
        """Paint the two rows concerned and keep the cursor in the window."""
        if before != after:
            self._repaint(before)
            self._repaint(after)
            self._show_cursor()
            self.post_message(self.Moved(self, self.key))

    def line(self, at: int, width: int) -> Content:
        """Return a row with its right part at the edge and the cursor marked."""
        row = self._rows[at]
        right = row.right.truncate(max(0, width // 2), ellipsis=True)
        tick = "" if row.tick is None else TICKS[row.key in self._ticked]
        if row.key is None:
            mark = ""
        else:
            mark = f"{POINTER} " if at == self.cursor else "  "
        head = Content(mark + tick) + row.left
        room = width - (right.cell_length + 1 if right else 0)
        line = head.truncate(room, ellipsis=True, pad=True)
        if right:
            line = Content.assemble(line, " ", right)
        if at == self.cursor:
            line = line.stylize_before("reverse" if self.has_focus else "bold")
        return line

    def _composed(self, row: Row) -> Content:
        return Content.assemble(row.left, "\n", row.right, f"\n{row.tick}")

    def _show_cursor(self) -> None:
        """Scroll by half a window when the cursor leaves it: scrolling repaints everything."""
        height = self.size.height
        top = self.scroll_offset.y
        if height and not top <= self.cursor < top + height:
            self.scroll_to(y=max(0, self.cursor - height // 2), animate=False)

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self._repaint(self.cursor)

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self._repaint(self.cursor)
