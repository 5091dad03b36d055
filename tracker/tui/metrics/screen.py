"""How work flows: cycle times, throughput, the age of what is in progress, hand-overs."""

from __future__ import annotations

from collections.abc import Iterable

from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from tracker.domain.workspace import Workspace
from tracker.flow import flow_metrics
from tracker.flow.flow_metrics import FlowMetrics
from tracker.language import _
from tracker.tui import keys
from tracker.tui.view.frame import HeadLine
from tracker.tui.view.listing import Listing
from tracker.tui.widgets.rows import Rows
from tracker.wording.flow_words import FlowLine, FlowWords
from tracker.wording.show import Piece


class MetricsScreen(Listing):
    """Lines to be read, those about a task with the verbs of tasks; the other side of the loops."""

    BINDINGS = keys.bindings("metrics")
    VIEW = "loops"
    KEYS_OF = ("work", "metrics")

    DEFAULT_CSS = """
    MetricsScreen #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
    MetricsScreen.-empty #empty { display: block; }
    MetricsScreen.-empty Rows { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._found: FlowMetrics | None = None
        self._lines: list[FlowLine] = []
        self._laid_out_for = Size(0, 0)

    def compose_view(self) -> Iterable[Widget]:
        """Make the rows."""
        yield Rows(lambda row, _cells: self._pieces(row))
        yield Static(id="empty", markup=False)

    def on_mount(self) -> None:
        """Say in the head line which side of the view it is."""
        self.call_after_refresh(self._say_which_side)

    def _say_which_side(self) -> None:
        self.query_one(HeadLine).view = self.named(_("measures"))

    def take_keys(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    @property
    def focused_task(self) -> int | None:
        """The task of the line under the cursor, if it is about one."""
        row = self.rows.row
        return self._lines[row][0] if row is not None and row < len(self._lines) else None

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks from the top."""
        return [task for task, _pieces in self._lines if task is not None]

    def show_workspace(self, workspace: Workspace) -> None:
        """Measure the workspace anew, the cursor kept on its task."""
        tasks = self.in_scope
        self._found = flow_metrics.read(workspace, tasks, self.today) if tasks else None
        self.set_class(not tasks, "-empty")
        self.query_one("#empty", Static).update(keys.named(self.no_tasks))
        self._lay_out()

    def _lay_out(self) -> None:
        self._laid_out_for = self.size
        here, cells = self.focused_task, self.size.width - 1
        if self._found is None or cells < 1:
            self._lines = []
        else:
            words = FlowWords(self.workspace, self._found, self.host.glyphs)
            self._lines = [*words.lines(cells)]
        same = (at for at, (task, _pieces) in enumerate(self._lines) if task and task == here)
        self.rows.show(range(len(self._lines)), row=next(same, None))
        self.rows.refresh()

    def _pieces(self, row: int) -> list[Piece]:
        task, pieces = self._lines[row]
        sign: Piece | None = None
        if task in self.marked:
            sign = self.host.glyphs.mark, "key"
        elif task in self.news:
            sign = self.host.glyphs.news, "warn"
        if sign is None or not pieces:
            return pieces
        text, style = pieces[0]
        return [sign, (text[1:], style), *pieces[1:]]

    def show_marks(self) -> None:
        """Paint marks and news."""
        self.rows.refresh()

    def focus_task(self, task: int) -> bool:
        """Put the cursor on the line about a task."""
        found = (at for at, (about, _pieces) in enumerate(self._lines) if about == task)
        at = next(found, None)
        return at is not None and (self.rows.row == at or self.rows.go_to(at))

    def on_resize(self) -> None:
        """Lay out anew."""
        if self.size != self._laid_out_for:
            self._lay_out()

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Open a line by mouse."""
        event.stop()
        self.action_open()

    def action_half_page(self, direction: int) -> None:
        """Move by half a page."""
        self.rows.half_page(direction)

    def action_other_side(self) -> None:
        """Show the loops."""
        self.host.show_view("loops")
