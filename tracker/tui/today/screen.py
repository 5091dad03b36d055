"""What the day asks of one: what burns, came back, was handed over, is due, and frees most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from textual import work
from textual.containers import Horizontal
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tracker import remembered
from tracker.domain import status
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.model import System
from tracker.domain.typing.line_parser import parse_filter
from tracker.domain.workspace import Workspace
from tracker.flow import today
from tracker.flow.follow_ups import follow_ups, waiting_since
from tracker.language import _
from tracker.tui import keys
from tracker.tui.calculating import calculating
from tracker.tui.forecasting import give_back
from tracker.tui.host import PARTS, DayPart
from tracker.tui.task.beside import BesideScreen
from tracker.tui.view.frame import HeadLine
from tracker.tui.view.listing import Listing
from tracker.tui.widgets.rows import Rows
from tracker.wording import nudges, show, today_words
from tracker.wording.show import Piece
from tracker.wording.today_words import DayRow, Section

if TYPE_CHECKING:
    from tracker.flow.forecast.forecast import TaskEnd

# From this many lines on the sections are set apart.
_ROOMY = 30


class TodayScreen(BesideScreen, Listing):
    """Rows under headings, each about a task or a system; every verb acts on the row.

    That is the whole day, or all that waits for somebody, or all that was handed over.
    """

    BINDINGS = keys.bindings("today")
    VIEW = "today"
    KEYS_OF = ("work", "today")

    DEFAULT_CSS = """
    TodayScreen #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
    TodayScreen.-empty #empty { display: block; }
    TodayScreen.-empty Horizontal { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._day: today.Day | None = None
        self._gains: dict[int, float] = {}
        self._gains_of: Workspace | None = None
        # The lines by the number of their row; headings and blanks lie between.
        self._lines: dict[int, tuple[DayRow | None, list[Piece]]] = {}
        self._laid_out_for = Size(0, 0)
        # Which of its lists is shown, and since when tasks wait, once that is known.
        self._part: DayPart = "today"
        self._waiting: dict[int, datetime] = {}
        self._looked_up: frozenset[int] = frozenset()

    def compose_view(self) -> Iterable[Widget]:
        """Make the rows."""
        rows = Rows(lambda row, _cells: self._pieces(row), passes=lambda row: row < 0)
        yield Horizontal(rows)
        yield Static(id="empty", markup=False)

    def take_keys(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    @property
    def _row(self) -> DayRow | None:
        found = self._lines.get(self.rows.row or 0)
        return found[0] if found else None

    @property
    def pointed(self) -> object:
        """The system that the row under the cursor is about."""
        system = self._row and self._row.system
        return system and ("systems", system)

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
        self._day = today.read(
            workspace, now.at, self.today, since=self._since(), tasks=self.in_scope
        )
        self._look_up_waiting()
        self._show_lines()

    def show_outlook(self) -> None:
        """Show the date; once that is known, work out what ending a task gains."""
        super().show_outlook()
        if self._ends:
            self._show_lines()
        found = self.outlook
        if found and found.finished and found.about.workspace is self.workspace:
            wanted = [
                each.task
                for each in (self._day.free[: today_words.FREEING] if self._day else ())
                if each.task not in self._gains
            ]
            if wanted:
                self._work_out(wanted)

    @work(thread=True, exclusive=True, group="gains")
    @calculating
    def _work_out(self, tasks: list[int]) -> None:
        ws, found = self.workspace, self.outlook
        rates, capacity, back_up = self.host.rates, self.host.capacity, self.host.back_up
        about = found and found.about
        asked = about and (about.workspace, about.rates, about.capacity, about.back_up)
        known = found.finishes if found and asked == (ws, rates, capacity, back_up) else None
        worker = get_current_worker()
        for task in tasks:
            give_back()
            try:
                gain = today.gain(
                    ws,
                    self.host.now(),
                    task,
                    rates,
                    known,
                    capacity=capacity,
                    back_up=back_up,
                    stopped=lambda: worker.is_cancelled,
                )
            except TrackerError:
                continue  # why there is no forecast is told where that stands
            if gain is None:
                break
            self.host.from_thread(self._worked_out, ws, task, gain)
        give_back()

    def _worked_out(self, ws: Workspace, task: int, gain: float) -> None:
        if ws is self.workspace and self.is_attached:
            self._gains[task] = gain
            self._show_lines()

    @property
    def _ends(self) -> Mapping[int, TaskEnd]:
        """By when tasks are over, as far as that is known of the plan that is shown."""
        found = self.outlook
        return found.ends if found and found.about.workspace is self.workspace else {}

    def _since(self) -> datetime | None:
        return remembered.moment(self.host.recalled("left"))

    def _show_lines(self) -> None:
        """Lay out what there is to say, the cursor on the row about the same."""
        size = self._laid_out_for = self._room
        day, before, glyphs = self._day, self._row, self.host.glyphs
        if day is None or not size.width:
            return
        found = self._sections(day)
        apart = size.height >= _ROOMY
        shown = [
            line
            for at, line in enumerate(today_words.lines(found, size.width - 1, glyphs))
            for line in ((*((None, []),) * (apart and at > 0 and line[0] is None), line))
        ]
        self._lines = {(at if row else -at): (row, told) for at, (row, told) in enumerate(shown, 1)}
        rows = list(self._lines)
        about = before and (before.task, before.system, before.section)
        same = [
            key
            for key, (row, _told) in self._lines.items()
            if row and about == (row.task, row.system, row.section)
        ]
        self.set_class(not rows, "-empty")
        if not rows:
            self.query_one("#empty", Static).update(self._nothing())
        self.rows.show(rows, row=next(iter(same), None))

    def _sections(self, day: today.Day) -> list[Section]:
        ws, glyphs = self.workspace, self.host.glyphs
        if self._part == "follow-ups":
            waiting = follow_ups(ws, self.in_scope, self._waiting)
            return today_words.follow_up_sections(ws, waiting, self.today, glyphs)
        if self._part == "hand-overs":
            pairs = day.handed_over
            return today_words.hand_over_sections(ws, pairs, self.today, glyphs)
        return today_words.sections(ws, day, glyphs, self._gains, self._ends)

    def _nothing(self) -> str:
        """Return what is said where there are no rows, and which keys change that."""
        words = {
            "follow-ups": today_words.nobody_waited_for,
            "hand-overs": today_words.nothing_handed_over,
        }
        if self._part in words:
            ways = _("{key:wait} puts a task on hold; {key:escape} shows the whole day.")
            return f"{words[self._part]()}\n\n{keys.named(ways)}"
        ways = _("{key:board} shows the board, {key:add} adds a task.")
        return f"{today_words.nothing(self.workspace)}\n\n{keys.named(ways)}"

    def show_part(self, part: DayPart) -> None:
        """Show the whole day, or one list of it."""
        self._part = part
        self.query_one(HeadLine).view = self.named("" if part == "today" else _(PARTS[part]))
        self._look_up_waiting()
        self._show_lines()

    def _look_up_waiting(self) -> None:
        """Look up since when tasks wait, where that is shown and others wait than before."""
        if self._part != "follow-ups":
            return
        tasks = self.workspace.tasks.values()
        waiting = frozenset(task.id for task in tasks if task.state == "waiting")
        if waiting != self._looked_up:
            self._read_records(waiting)

    @work(thread=True, exclusive=True, group="records")
    def _read_records(self, waiting: frozenset[int]) -> None:
        """Read the history, of which alone one knows since when a task waits."""
        self.host.from_thread(self._take_records, waiting, waiting_since(self.host.history()))

    def _take_records(self, waiting: frozenset[int], found: dict[int, datetime]) -> None:
        self._looked_up, self._waiting = waiting, found
        if not self._stale:
            self._show_lines()

    def action_part(self) -> None:
        """Show the next list."""
        parts = list(PARTS)
        self.show_part(parts[(parts.index(self._part) + 1) % len(parts)])

    def action_back(self) -> None:
        """Show the whole day again, then what ends on every view."""
        if self._part != "today":
            self.show_part("today")
        else:
            super().action_back()

    def _pieces(self, row: int) -> list[Piece]:
        found, told = self._lines[row]
        if found is None or not told:
            return told
        if found.task in self.marked:
            return [(self.host.glyphs.mark, "key"), *told[1:]]
        if found.task in self.news:
            return [(self.host.glyphs.news, "warn"), *told[1:]]
        return told

    def focus_task(self, task: int) -> bool:
        """Put the cursor on the first row about a task."""
        lines = ((key, row) for key, (row, _told) in self._lines.items() if row)
        found = next((key for key, row in lines if row.task == task), None)
        return found is not None and self.rows.go_to(found)

    def landmark(self, place: int) -> object:
        """Return what a row is about."""
        row, _told = self._lines.get(place, (None, []))
        return row and (row.task, row.system, row.section)

    def on_rows_fitted(self) -> None:
        """Lay out anew for another size."""
        if self._room != self._laid_out_for:
            self._show_lines()

    @property
    def _room(self) -> Size:
        """The cells for the rows, and the lines of the window."""
        # Rows that are not shown, for want of any, have no size.
        return Size(self.rows.outer_size.width or self.size.width, self.size.height)

    def action_open(self) -> None:
        """Open the task of the row; of a system, list what stands still."""
        row, ws = self._row, self.workspace
        system = ws.systems.get((row and row.system) or 0)
        if system is None:
            super().action_open()
            return
        with self.telling():
            self.only_as_meant()
            self._open_system(system)

    def _open_system(self, system: System) -> None:
        """List what stands still for want of a system."""
        ws = self.workspace
        if stuck := status.affected_by(ws, system.id):
            numbers = "id:" + ",".join(map(str, stuck))
            self.host.show_tasks(parse_filter(numbers, self.today, ws=ws))
        else:
            self.tell(_("No open task touches {system}.").format(system=show.text(system.name)))

    def action_copy(self) -> None:
        """Put a message that asks how the row stands on the clipboard of the terminal."""
        row, day = self._row, self._day
        with self.telling():
            self.only_as_meant()
            if row is None or day is None:
                raise Refused("There is nothing here to ask about.")
            if row.system is not None:
                text = nudges.system_nudge(self.workspace, day, row.system)
            else:
                text = nudges.nudge(self.workspace, day, self.the_task())
            self.copied(text, _("Copied: {text}").format(text=text))
