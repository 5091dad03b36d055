"""The shape of the plan: which tasks need which and what comes back, and that by departments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from tracker.domain.typing.line_parser import parse_filter
from tracker.domain.workspace import Workspace
from tracker.language import _
from tracker.tui import keys
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.view.frame import HeadLine
from tracker.tui.view.work import WorkScreen
from tracker.tui.widgets.choices import Passage
from tracker.tui.widgets.grid import Grid
from tracker.tui.widgets.rows import Heading
from tracker.wording.matrix_words import DepartmentSheet, TaskSheet
from tracker.wording.show import Piece

# From this height on there are more lines for what is said of a crossing.
_ROOMY = 30


class MatrixScreen(WorkScreen):
    """Tasks against what they need, or departments against departments."""

    BINDINGS = keys.bindings("matrix")
    VIEW = "matrix"
    KEYS_OF = ("work", "matrix")

    DEFAULT_CSS = """
    MatrixScreen #told { height: 4; }
    MatrixScreen.-roomy #told { height: 6; }
    MatrixScreen #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
    MatrixScreen.-empty #empty { display: block; }
    MatrixScreen.-empty Grid, MatrixScreen.-empty Passage, MatrixScreen.-empty Heading {
        display: none;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._sheet: TaskSheet | DepartmentSheet | None = None
        self._places: Mapping[int, int] = {}
        self._departments = False
        # Whether what is done and dropped is left out.
        self._open_only = False
        self._laid_out_for = Size(0, 0)

    def compose_view(self) -> Iterable[Widget]:
        """Make the cells, and what is said of one."""
        yield Heading(self._heading)
        yield Grid(
            name=lambda row, cells: self._sheet.name(row, cells) if self._sheet else (),
            head=lambda column: self._sheet.head(column) if self._sheet else "",
            cell=self._cell,
            filler=lambda: self.host.glyphs.dot,
        )
        yield Passage(id="told")
        yield Static(id="empty", markup=False)

    def on_mount(self) -> None:
        """Look at what was looked at before."""
        self._departments = self.host.recalled("matrix") == "departments"
        self._open_only = bool(self.host.recalled("matrix_open"))

    @property
    def grid(self) -> Grid:
        """The cells."""
        return self.query_one(Grid)

    @property
    def focused_task(self) -> int | None:
        """The task of the row under the cursor."""
        sheet = self._sheet
        if not isinstance(sheet, TaskSheet) or not sheet.size:
            return None
        return sheet.matrix.order[self.grid.row]

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks from the top."""
        sheet = self._sheet
        return sheet.matrix.order if isinstance(sheet, TaskSheet) else self.in_scope

    def place(self) -> Callable[[], object]:
        """Return what puts the cursor back to its cell."""
        return self.back_by(partial(self.grid.go, self.grid.row, self.grid.column))

    def in_sight(self) -> Sequence[int]:
        """Return the tasks in sight."""
        sheet = self._sheet
        if not isinstance(sheet, TaskSheet):
            return ()
        here = self.focused_task
        return [
            sheet.matrix.order[row] for row in self.grid.in_sight if sheet.matrix.order[row] != here
        ]

    def show_labels(self, labels: Mapping[int, str]) -> None:
        """Show letters before rows."""
        places = self._places
        self.grid.label({places[task]: label for task, label in labels.items() if task in places})

    def show_workspace(self, workspace: Workspace) -> None:
        """Show the matrix of another workspace, the cursor kept on its tasks."""
        before, grid = self._sheet, self.grid
        tasks = self.in_scope
        if self._open_only:
            tasks = {key: task for key, task in tasks.items() if task.open}
        kept: tuple[int, int] | None = None
        if isinstance(before, TaskSheet) and before.size:
            kept = before.matrix.order[grid.row], before.matrix.order[grid.column]
        sheet: TaskSheet | DepartmentSheet
        if self._departments:
            sheet = DepartmentSheet(workspace, tasks, self.today, self.host.glyphs)
            self._places = {}
        else:
            sheet = TaskSheet(workspace, tasks, self.today, self.host.glyphs)
            self._places = sheet.matrix.place
        self._sheet, size = sheet, sheet.size
        self.set_class(not size, "-empty")
        if not size:
            words = _("No department has handed anything to another, nor is to.")
            self.query_one("#empty", Static).update(
                words if self._departments and tasks else keys.named(self.no_tasks)
            )
        if kept and not self._departments:
            row, column = (self._places.get(task) for task in kept)
            if row is not None:
                grid.row, grid.column = row, row if column is None else column
        grid.show(size, size, wide=sheet.width, longest=sheet.longest)
        self._tell_crossing()
        self.query_one(Heading).refresh()
        self.query_one(HeadLine).view = self.named(_("departments") if self._departments else "")

    def focus_task(self, task: int) -> bool:
        """Put the cursor on a task, where its row and its column cross."""
        if self._departments:
            return False
        place = self._places.get(task)
        if place is None and self._open_only and task in self.in_scope:
            self.action_finished()
            place = self._places.get(task)
        if place is not None:
            self.grid.go(place, place)
        return place is not None

    def show_marks(self) -> None:
        """Paint marks, hits and news."""
        self.grid.repaint()

    def _heading(self, _cells: int) -> list[Piece]:
        sheet = self._sheet
        if sheet is None:
            return []
        return [(f" {sheet.summary()}  ", "strong"), (sheet.legend(), "dim")]

    def _cell(self, row: int, column: int) -> Piece:
        return self._sheet.cell(row, column) if self._sheet else ("", "")

    def _tell_crossing(self) -> None:
        sheet, cells = self._sheet, self.size.width - 1
        lines: list[Line] = []
        if sheet is not None and sheet.size and cells > 1:
            for pieces in sheet.told(self.grid.row, self.grid.column):
                lines += wrap_pieces([(" ", ""), *pieces], cells, indent=2)
        self.query_one("#told", Passage).put(lines)

    def on_resize(self) -> None:
        """Lay out anew."""
        if self.size != self._laid_out_for:
            self._laid_out_for = self.size
            self.set_class(self.size.height >= _ROOMY, "-roomy")
            self._tell_crossing()

    def on_grid_moved(self, event: Grid.Moved) -> None:
        """Tell of another crossing."""
        event.stop()
        self._tell_crossing()
        self.focus_moved()

    def on_grid_chosen(self, event: Grid.Chosen) -> None:
        """Open a cell by mouse."""
        event.stop()
        self.action_open()

    def action_move(self, direction: str) -> None:
        """Move the cursor."""
        down, right = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}[direction]
        self.grid.go(self.grid.row + down, self.grid.column + right)

    def action_first(self) -> None:
        """Go to the first row."""
        self.grid.go(0, 0 if not self._departments else self.grid.column)

    def action_last(self) -> None:
        """Go to the last row."""
        last = self._sheet.size - 1 if self._sheet else 0
        self.grid.go(last, last if not self._departments else self.grid.column)

    def action_half_page(self, direction: int) -> None:
        """Move by half a page."""
        self.grid.half_page(direction)

    def action_switch(self) -> None:
        """Show departments, or tasks again."""
        self._departments = not self._departments
        self.host.remember(matrix="departments" if self._departments else "tasks")
        self.grid.row = self.grid.column = 0
        self._sheet = None
        self.show_workspace(self.workspace)

    def action_finished(self) -> None:
        """Leave out what is done and dropped, or show it again."""
        self._open_only = not self._open_only
        self.host.remember(matrix_open=self._open_only)
        self.show_workspace(self.workspace)
        words = _("Only what is open; {key:matrix_finished} shows all.")
        if not self._open_only:
            words = _("All tasks; {key:matrix_finished} leaves out what is done.")
        self.tell(keys.named(words))

    def action_open(self) -> None:
        """Open the task of the row; of departments, list the tasks behind the cell."""
        sheet = self._sheet
        if not isinstance(sheet, DepartmentSheet):
            super().action_open()
        elif sheet.size and (tasks := sheet.tasks(self.grid.row, self.grid.column)):
            numbers = "id:" + ",".join(map(str, tasks))
            self.host.show_tasks(parse_filter(numbers, self.today, ws=self.workspace))
        else:
            self.tell(_("There are no tasks behind this cell."), "dim")
