"""What views share that are lines to be read, some of them about a task."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from tracker.tui.view.listing import Listing
from tracker.tui.widgets.rows import Rows
from tracker.wording.show import Piece


class TaskLines(Listing):
    """Lines laid out for the width there is; the cursor stops on each, verbs act on tasks."""

    DEFAULT_CSS = """
    TaskLines #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
    TaskLines.-empty #empty { display: block; }
    TaskLines.-empty Rows { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._laid_out_for = Size(0, 0)

    @abstractmethod
    def task_at(self, line: int) -> int | None:
        """Return the task that a line is about, None of one about no single task."""

    @abstractmethod
    def line_pieces(self, line: int) -> list[Piece]:
        """Return what stands in a line; one about a task begins with a blank."""

    @abstractmethod
    def lay_out(self) -> None:
        """Lay the lines out for the room there is."""

    def compose_view(self) -> Iterable[Widget]:
        """Make the rows."""
        yield Rows(lambda row, _cells: self._pieces(row))
        yield Static(id="empty", markup=False)

    def take_keys(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    @property
    def focused_task(self) -> int | None:
        """The task of the line under the cursor, if it is about one."""
        row = self.rows.row
        return self.task_at(row) if row is not None else None

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks from the top, each once."""
        found = map(self.task_at, self.rows.rows)
        return dict.fromkeys(task for task in found if task is not None)

    def _pieces(self, row: int) -> list[Piece]:
        task, pieces = self.task_at(row), self.line_pieces(row)
        sign: Piece | None = None
        if task in self.marked:
            sign = self.host.glyphs.mark, "key"
        elif task in self.news:
            sign = self.host.glyphs.news, "warn"
        if sign is None or task is None or not pieces:
            return pieces
        text, style = pieces[0]
        return [sign, (text[1:], style), *pieces[1:]]

    def focus_task(self, task: int) -> bool:
        """Put the cursor on the first line about a task."""
        at = next((at for at in self.rows.rows if self.task_at(at) == task), None)
        return at is not None and (self.rows.row == at or self.rows.go_to(at))

    def landmark(self, place: int) -> object:
        """Return the task of a line."""
        return self.task_at(place)

    def on_resize(self) -> None:
        """Lay out anew."""
        if self.size != self._laid_out_for:
            self.lay_out()
