"""What the day asks of one: what burns, came back, was handed over, is due, and frees most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from textual import work
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tracker.domain.errors import TrackerError
from tracker.domain.workspace import Workspace
from tracker.flow import today
from tracker.language import _
from tracker.tui import keys
from tracker.tui.view.listing import Listing
from tracker.tui.widgets.rows import Rows
from tracker.wording import today_words
from tracker.wording.show import Piece
from tracker.wording.today_words import DayRow


class TodayScreen(Listing):
    """Rows under headings, each about a task or a system; every verb acts on the row."""

    BINDINGS = keys.bindings("today")
    VIEW = "today"
    KEYS_OF = ("work", "today")

    DEFAULT_CSS = """
    TodayScreen #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
    TodayScreen.-empty #empty { display: block; }
    TodayScreen.-empty Rows { display: none; }
    """

    # What ending a task gains is worked out for a plan of any size while this view is there.
    FORESEES = True

    def __init__(self) -> None:
        super().__init__()
        self._day = today.Day.empty()
        self._gains: dict[int, float] = {}
        self._gains_of: Workspace | None = None
        # The lines by the number of their row; headings and blanks lie between.
        self._lines: dict[int, tuple[DayRow | None, list[Piece]]] = {}
        self._laid_out_for = 0

    def compose_view(self) -> Iterable[Widget]:
        """Make the rows."""
        yield Rows(lambda row, _cells: self._pieces(row), passes=lambda row: row < 0)
        yield Static(id="empty", markup=False)

    def take_keys(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    @property
    def _row(self) -> DayRow | None:
        found = self._lines.get(self.rows.row or 0)
        return found[0] if found else None

    @property
    def focused_task(self) -> int | None:
        """The task of the row under the cursor; of a system, the one that restores it."""
        row = self._row
        if row is None:
            return None
        if row.system is not None and row.system in self.workspace.systems:
            return self.workspace.systems[row.system].restored_by
        return row.task

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks from the top."""
        rows = (row for row, _pieces in self._lines.values())
        return dict.fromkeys(row.task for row in rows if row and row.task)

    def show_workspace(self, workspace: Workspace) -> None:
        """Read the day off the workspace, the cursor kept on its row."""
        if self._gains_of is not workspace:
            self._gains_of, self._gains = workspace, {}
        now = self.host.now()
        self._day = today.read(workspace, now.at, self.today, since=self._since())
        self._show_lines()

    def show_outlook(self) -> None:
        """Show the date; once that is known, work out what ending a task gains."""
        super().show_outlook()
        found = self.outlook
        if found and found.finished and found.about.workspace is self.workspace:
            wanted = [
                each.task
                for each in self._day.free[: today_words.FREEING]
                if each.task not in self._gains
            ]
            if wanted:
                self._work_out(wanted)

    @work(thread=True, exclusive=True, group="gains")
    def _work_out(self, tasks: list[int]) -> None:
        ws, found = self.workspace, self.outlook
        known = found.finishes if found and found.about.workspace is ws else None
        for task in tasks:
            if get_current_worker().is_cancelled:
                return
            try:
                gain = today.gain(ws, self.host.now(), task, self.host.rates, known)
            except TrackerError:
                continue  # why there is no forecast is told where that stands
            self.host.from_thread(self._worked_out, ws, task, gain)

    def _worked_out(self, ws: Workspace, task: int, gain: float) -> None:
        if ws is self.workspace and self.is_attached:
            self._gains[task] = gain
            self._show_lines()

    def _since(self) -> datetime | None:
        left = self.host.recalled("left")
        return datetime.fromisoformat(left) if isinstance(left, str) else None

    def _show_lines(self) -> None:
        """Lay out what there is to say, the cursor on the row about the same task."""
        cells = self.size.width
        if not cells:
            return
        self._laid_out_for = cells
        before = self._row
        found = today_words.sections(self.workspace, self._day, self.host.glyphs, self._gains)
        self._lines, at = {}, 0
        rows: list[int] = []
        for row, pieces in today_words.lines(found, cells - 1, self.host.glyphs):
            if row is None and rows and self.size.height > _ROOMY:
                rows.append(-len(rows) - 1)
            rows.append(len(rows) + 1 if row else -len(rows) - 1)
            self._lines[rows[-1]] = (row, pieces)
        same = (
            key
            for key, (row, _pieces) in self._lines.items()
            if row and before and (row.task, row.system) == (before.task, before.system)
        )
        self.set_class(not rows, "-empty")
        if not rows:
            words = today_words.nothing(self.workspace)
            ways = _("{key:board} shows the board, {key:add} adds a task.")
            self.query_one("#empty", Static).update(f"{words}\n\n{keys.named(ways)}")
        self.rows.show(rows, row=next(same, None))
