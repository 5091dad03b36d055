"""What views share whose middle is a list of rows: moving in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from tracker.tui.view.work import WorkScreen
from tracker.tui.widgets.rows import Rows


class Listing(WorkScreen):
    """A view in which one goes up and down a list."""

    @property
    def rows(self) -> Rows:
        """The list of rows."""
        return self.query_one(Rows)

    def place(self) -> Callable[[], object]:
        """Return what puts the cursor back to its row."""
        row = self.rows.row
        return self.back_by(partial(self.rows.go_to, row)) if row is not None else lambda: None

    def in_sight(self) -> Sequence[int]:
        """Return the rows in sight but the one under the cursor."""
        return [row for row in self.rows.in_sight if row != self.rows.row]

    def jump_to(self, place: int) -> None:
        """Put the cursor on a row."""
        self.rows.go_to(place)

    def show_labels(self, labels: Mapping[int, str]) -> None:
        """Show letters at the left of rows."""
        self.rows.label(labels)

    def show_marks(self) -> None:
        """Paint marks, hits and news."""
        self.rows.refresh()

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Open a row by mouse."""
        event.stop()
        self.action_open()

    def action_half_page(self, direction: int) -> None:
        """Move by half a page."""
        self.rows.half_page(direction)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Show the date of the project that the cursor is on."""
        event.stop()
        self.focus_moved()

    def action_move(self, direction: str) -> None:
        """Move the cursor."""
        step = {"up": -1, "down": 1}.get(direction)
        if step:
            self.rows.step(step)

    def action_first(self) -> None:
        """Go to the first row."""
        self.rows.go(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.rows.go(len(self.rows.rows) - 1)
