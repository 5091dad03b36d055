"""Lines that are read and rows that are chosen from; only what changed is painted again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import zip_longest
from typing import Any, ClassVar

import msgspec
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracker import terminal_text
from tracker.tui.text.cells import cut_row, row_width
from tracker.tui.text.fitting import Line
from tracker.tui.widgets.rows import Rows, strip

# What moves in rows and scrolls through a text, wherever no line takes the letters.
MOVING: tuple[BindingType, ...] = (
    Binding("up,k,ctrl+p", "move(-1)", show=False),
    Binding("down,j,ctrl+n", "move(1)", show=False),
    Binding("pageup,ctrl+u", "half_page(-1)", show=False),
    Binding("pagedown,ctrl+d", "half_page(1)", show=False),
    Binding("home,g", "end(-1)", show=False),
    Binding("end,G", "end(1)", show=False),
)


class Passage(ScrollView):
    """Lines to be read, each cut to the width of the widget."""

    DEFAULT_CSS = """
    Passage {
        height: auto; overflow-x: hidden; scrollbar-size-vertical: 1;
        scrollbar-color: ansi_bright_black; scrollbar-background: ansi_default;
    }
    """

    def __init__(self, lines: Iterable[Line] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.can_focus = False
        self._lines = list(lines)
        # Known before the first layout, so that there need not be a second.
        self.set_reactive(ScrollView.virtual_size, Size(0, len(self._lines)))

    @property
    def lines(self) -> Sequence[Line]:
        """The lines, wherever they are scrolled to."""
        return self._lines

    def put(self, lines: Iterable[Line]) -> None:
        """Show `lines`; those that stay the same are not painted again."""
        before, self._lines = self._lines, list(lines)
        top = self.scroll_offset.y
        changed = [
            Region(0, y - top, self.size.width, 1)
            for y, (old, new) in enumerate(zip_longest(before, self._lines))
            if old != new and 0 <= y - top < self.size.height
        ]
        if changed:
            self.refresh(*changed)
        if len(before) != len(self._lines):
            self.virtual_size = Size(0, len(self._lines))

    def render_line(self, y: int) -> Strip:
        """Paint a line of the window."""
        at = y + self.scroll_offset.y
        cells = self.scrollable_size.width
        pieces = self._lines[at] if at < len(self._lines) else ()
        return strip(pieces, cells).apply_style(self.rich_style)


class ChoiceRow(msgspec.Struct, frozen=True):
    """A row to choose: `right` is at the right edge, what it leaves goes to `left`.

    Without a `key` it is a heading, which the cursor passes over. `tick` makes it a tick box.
    Whoever puts rows into a list knows of which type their keys are.
    """

    key: Any
    left: Line
    right: Line = ()
    tick: bool | None = None


class Choices(Rows):
    """Rows with headings and tick boxes; can be moved from outside while an input has the keys."""

    DEFAULT_CSS = """
    Choices { height: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVING,
        Binding("space", "tick", show=False),
        Binding("enter", "choose", show=False),
    ]

    class Pointed(Message):
        """The cursor is on another row, or the rows are others; the key is that of the row."""

        def __init__(self, choices: Choices, key: Any) -> None:
            super().__init__()
            self.choices, self.key = choices, key

        @property
        def control(self) -> Choices:
            """The list it is about."""
            return self.choices

    class Taken(Pointed):
        """Enter was pressed on a row, or it was clicked twice."""

    def __init__(
        self, rows: Iterable[ChoiceRow] = (), *, id: str | None = None, can_focus: bool = True
    ) -> None:
        super().__init__(self._paint_row, id=id)
        self.can_focus = can_focus
        self._items: tuple[ChoiceRow, ...] = ()
        self._ticked: set[Hashable] = set()
        self.put(rows)

    def put(self, rows: Iterable[ChoiceRow], *, at: Hashable | None = None) -> None:
        """Show `rows` with the cursor on key `at`, else where it was if that is still there."""
        wanted = self.key if at is None else at
        before, ticked = self._items, self._ticked
        self._items = tuple(rows)
        self._ticked = {row.key for row in self._items if row.tick}
        keys = [i for i, row in enumerate(self._items) if row.key is not None]
        place = next((i for i in keys if self._items[i].key == wanted), keys[0] if keys else 0)
        if len(before) == len(self._items):
            pairs = enumerate(zip(before, self._items, strict=True))
            changed = ticked ^ self._ticked
            self._refresh_lines(*(i for i, (old, new) in pairs if old != new or new.key in changed))
            super().go(place)
        else:
            self.show(range(len(self._items)), row=place)
        self.post_message(self.Pointed(self, self.key))

    @property
    def items(self) -> tuple[ChoiceRow, ...]:
        """The rows shown."""
        return self._items

    @property
    def key(self) -> Any:
        """The key of the row under the cursor, if it has one."""
        return self._items[self._line].key if self._line < len(self._items) else None

    @property
    def ticked(self) -> tuple[Any, ...]:
        """The keys of the ticked rows, in the order of the rows."""
        return tuple(row.key for row in self._items if row.key in self._ticked)

    def go(self, line: int) -> None:
        """Put the cursor on a line, or the nearest that is no heading, on in the same direction."""
        before = self._line
        places = [i for i, row in enumerate(self._items) if row.key is not None]
        if not places:
            return
        if line >= before:
            line = next((i for i in places if i >= line), places[-1])
        else:
            line = next((i for i in reversed(places) if i <= line), places[0])
        if line == places[0] and before == line:
            # Headings above the first row come into sight when there is nowhere else to go.
            self.scroll_to(y=0, animate=False)
        super().go(line)
        if self._line != before:
            self.post_message(self.Pointed(self, self.key))

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.step(by)

    def action_half_page(self, direction: int) -> None:
        """Move the cursor by half of what is in sight."""
        self.half_page(direction)

    def action_end(self, direction: int) -> None:
        """Go to the first or the last row."""
        self.go(len(self._items) - 1 if direction > 0 else 0)

    def action_tick(self) -> None:
        """Tick the box under the cursor, or clear it."""
        if self.key is not None and self._items[self._line].tick is not None:
            self._ticked ^= {self.key}
            self.refresh_row(self._line)

    def action_choose(self) -> None:
        """Take the row under the cursor."""
        if self.key is not None:
            self.post_message(self.Taken(self, self.key))

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Take what was clicked."""
        event.stop()
        self.action_choose()

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Keep the number of the row to itself: outside, rows go by their keys."""
        event.stop()

    def on_focus(self) -> None:
        """Paint the cursor as it is with the keys."""
        self.refresh_row(self._line)

    def on_blur(self) -> None:
        """Paint the cursor as it is without the keys."""
        self.refresh_row(self._line)

    @property
    def _cursor_shown(self) -> bool:
        return self.key is not None and (self.has_focus or not self.can_focus)

    def _paint_row(self, number: int, cells: int) -> Line:
        row = self._items[number]
        here = number == self._line and self._cursor_shown
        mark = "" if row.key is None else "> " if here else "  "
        if row.tick is not None:
            mark += "[x] " if row.key in self._ticked else "[ ] "
        least = cells - terminal_text.width(mark) - row_width(row.left) - 1
        right = cut_row(row.right, max(cells // 2, least))
        side = row_width(right)
        room = cells - terminal_text.width(mark) - (side + 1 if side else 0)
        left = cut_row(row.left, room)
        gap = room - row_width(left)
        if here:
            left = [(text, "strong" if style == "plain" else style) for text, style in left]
        return ((mark, "strong"), *left, (" " * (gap + bool(side)), "plain"), *right)
