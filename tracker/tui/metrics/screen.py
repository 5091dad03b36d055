"""How work flows: cycle times, throughput, the age of what is in progress, hand-overs."""

from __future__ import annotations

from textual.widgets import Static

from tracker.domain.workspace import Workspace
from tracker.flow import flow_metrics
from tracker.flow.flow_metrics import FlowMetrics
from tracker.language import _
from tracker.tui import keys
from tracker.tui.view.frame import HeadLine
from tracker.tui.view.task_lines import TaskLines
from tracker.wording.flow_words import FlowLine, FlowWords
from tracker.wording.show import Piece


class MetricsScreen(TaskLines):
    """Lines to be read, those about a task with the verbs of tasks; the other side of the loops."""

    BINDINGS = keys.bindings("metrics")
    VIEW = "loops"
    KEYS_OF = ("work", "metrics")

    def __init__(self) -> None:
        super().__init__()
        self._found: FlowMetrics | None = None
        self._lines: list[FlowLine] = []

    def on_mount(self) -> None:
        """Say in the head line which side of the view it is."""
        self.call_after_refresh(self._say_which_side)

    def _say_which_side(self) -> None:
        self.query_one(HeadLine).view = self.named(_("measures"))

    def show_workspace(self, workspace: Workspace) -> None:
        """Measure the workspace anew, the cursor kept on its task."""
        tasks = self.in_scope
        self._found = flow_metrics.read(workspace, tasks, self.today) if tasks else None
        self.set_class(not tasks, "-empty")
        self.query_one("#empty", Static).update(keys.named(self.no_tasks))
        self.lay_out()

    def task_at(self, line: int) -> int | None:
        """Return the task that a line is about."""
        return self._lines[line][0] if line < len(self._lines) else None

    def line_pieces(self, line: int) -> list[Piece]:
        """Return what stands in a line."""
        return self._lines[line][1]

    def lay_out(self) -> None:
        """Lay the lines out for the room there is."""
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

    def action_other_side(self) -> None:
        """Show the loops."""
        self.host.show_view("loops")
