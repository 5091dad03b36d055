"""A window that is painted whole, and of which only what has changed is sent to the terminal."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracker.tui.text import cells
from tracker.wording.show import Piece


def changed_regions(
    before: Sequence[Sequence[Piece]], after: Sequence[Sequence[Piece]]
) -> list[Region]:
    """Return where rows of one width, and as many as before, are no longer what they were."""
    return [
        Region(start, y, end - start, 1)
        for y, (old, new) in enumerate(zip(before, after, strict=True))
        for start, end in cells.changed(old, new)
    ]


class Canvas(ScrollView, can_focus=False):
    """A window without scrollbars on something larger. A subclass paints it as it is now."""

    DEFAULT_CSS = """
    Canvas { height: 1fr; overflow: hidden; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[list[Piece]] = []
        self._painted = Size(0, 0)
        self._scrolling = False

    @abstractmethod
    def paint(self) -> list[list[Piece]]:
        """Return the rows of the window, each as wide as it is."""

    def repaint(self) -> None:
        """Paint the window, and send to the terminal only the cells that have changed."""
        rows, size = self.paint(), self.size
        before, self._rows = self._rows, rows
        if size != self._painted or len(before) != len(rows):
            self._painted = size
            self.refresh()
            return
        if regions := changed_regions(before, rows):
            self.refresh(*regions)

    def fit(self) -> None:
        """Take in that the window has another size, before it is painted."""

    def on_resize(self) -> None:
        """Paint the window in its new size."""
        if self.size != self._painted:
            self.fit()
            self.repaint()

    def render_line(self, y: int) -> Strip:
        """Return a line of what was painted last."""
        if self.size != self._painted:
            # Lines are asked for before the new size is announced.
            self.fit()
            self._rows, self._painted = self.paint(), self.size
        width = self.size.width
        return cells.strip(self._rows[y], width) if y < len(self._rows) else Strip.blank(width)

    def scroll_quietly(self, x: float, y: float) -> None:
        """Scroll before something else is painted anyway."""
        self._scrolling = True
        self.scroll_to(x, y, animate=False)
        self._scrolling = False

    @property
    def allow_horizontal_scroll(self) -> bool:
        """Let the mouse scroll although there is no scrollbar."""
        return True

    @property
    def allow_vertical_scroll(self) -> bool:
        """Let the mouse scroll although there is no scrollbar."""
        return True

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Paint what has come into sight."""
        if not self._scrolling and round(old_value) != round(new_value):
            self.repaint()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Paint what has come into sight."""
        if not self._scrolling and round(old_value) != round(new_value):
            self.repaint()
