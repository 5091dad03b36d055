"""The lines of a timeline: names that the cursor goes along, and bars that it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tracker.tui.text import cells
from tracker.tui.widgets.canvas import Canvas, changed_regions
from tracker.tui.widgets.rows import Paint, Rows, strip
from tracker.wording.show import Piece


class Ruler(Canvas):
    """The two lines above the bars: what is shown, and which days."""

    DEFAULT_CSS = "Ruler { height: 2; }"

    def __init__(self, lines: Callable[[], Sequence[Sequence[Piece]]]) -> None:
        super().__init__()
        self._lines = lines

    def paint(self) -> list[list[Piece]]:
        """Return the lines, as wide as there is room."""
        return [cells.fill(line, self.size.width) for line in self._lines()]


class BarRows(Rows):
    """Rows whose cursor is painted by their painter; of a change only changed cells are sent."""

    def __init__(
        self,
        paint: Paint,
        *,
        passes: Callable[[int], bool] = lambda _row: False,
        before: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(paint, passes=passes)
        # Is told before lines are painted, when the cursor or the window may have moved.
        self._before = before
        self._kept: dict[int, list[Piece]] = {}
        self._kept_for = (Size(0, 0), -1)

    @property
    def window(self) -> range:
        """The lines in sight."""
        return range(self.scroll_offset.y, self.scroll_offset.y + self.size.height)

    @property
    def _cursor_shown(self) -> bool:
        return False

    def repaint(self) -> None:
        """Paint what is in sight, and send only what has changed."""
        self._before()
        before, fits = self._kept, self._kept_for == self._now
        self._kept, self._kept_for = {}, self._now
        if not fits or len(before) != self.size.height:
            self.refresh()
            return
        self._kept = {y: self._painted(y) for y in before}
        if regions := changed_regions(
            [before[y] for y in sorted(before)], [self._kept[y] for y in sorted(before)]
        ):
            self.refresh(*regions)

    @property
    def _now(self) -> tuple[Size, int]:
        return self.scrollable_size, self.scroll_offset.y

    def _refresh_all(self) -> None:
        self.repaint()

    def _refresh_lines(self, *_lines: int) -> None:
        self.repaint()

    def _painted(self, y: int) -> list[Piece]:
        line, room = self.scroll_offset.y + y, self.scrollable_size.width
        if line >= len(self._rows):
            return cells.fill((), room)
        row = self._rows[line]
        pieces = self._paint(row, room)
        if label := self._labels.get(row):
            pieces = cells.overlay(pieces, 0, [(label, "jump")])
        return cells.fill(pieces, room)

    def render_line(self, y: int) -> Strip:
        """Return a line of what was painted last."""
        if self._kept_for != self._now:
            self._before()
            self._kept, self._kept_for = {}, self._now
        if y not in self._kept:
            self._kept[y] = self._painted(y)
        return cells.strip(self._kept[y], self.scrollable_size.width)


class WordLine(Widget):
    """A line of words below the bars."""

    DEFAULT_CSS = "WordLine { height: 1; }"

    def __init__(self, paint: Callable[[], Sequence[Piece]], *, id: str) -> None:
        super().__init__(id=id)
        self._paint = paint

    def render_line(self, _y: int) -> Strip:
        """Paint the line; what has no room is cut at a blank."""
        return strip(self._paint(), self.size.width)
