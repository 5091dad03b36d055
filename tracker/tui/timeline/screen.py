"""The timeline: when what is worked on, what is late, and when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, get_args

from textual import events, work
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tracker.domain.errors import TrackerError
from tracker.domain.model import Task
from tracker.domain.typing.filters import Query
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import shown
from tracker.flow.forecast.stopping import Heed, StoppedError, heeding, on
from tracker.flow.timeline import bar_drawing
from tracker.flow.timeline.axis import SCALES, Axis
from tracker.flow.timeline.bar_drawing import Overlay
from tracker.flow.timeline.timeline import GROUPS, ORDERS, BarGroup, Order, Timeline, read, undated
from tracker.language import N_, _
from tracker.tui import keys
from tracker.tui.calculating import calculating
from tracker.tui.forecasting import give_back
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.timeline.bar_rows import BarRows, Ruler, WordLine
from tracker.tui.timeline.chart_lines import ChartLines
from tracker.tui.timeline.date_moves import Datable, DateMoves
from tracker.tui.timeline.days_in_sight import DaysInSight
from tracker.tui.view.frame import Head, HeadCount, HeadLine
from tracker.tui.view.listing import Listing
from tracker.wording import change_words, show, timeline_words
from tracker.wording.show import Piece
from tracker.wording.timeline_words import Chart

if TYPE_CHECKING:
    from tracker.flow.forecast.forecast import TaskEnd

# Larger plans are read beside the screen, which shows the last one until then.
_AT_ONCE = 1_000


class TimelineScreen(Listing, Datable):
    """A line for each task with its bar on an axis of days; every verb acts on the line."""

    BINDINGS = keys.bindings("timeline")
    VIEW = "timeline"
    KEYS_OF = ("work", "timeline")
    KEYS_FOR_HITS = N_(
        "{at}/{n} hits · {key:find_next} {key:find_back} next/previous · {key:bars_only} only these"
        " · {key:escape} clears"
    )

    DEFAULT_CSS = """
    TimelineScreen #empty { width: 100%; height: 1fr; content-align: center middle; }
    TimelineScreen #empty { display: none; }
    TimelineScreen.-empty #empty { display: block; }
    TimelineScreen.-empty Rows, TimelineScreen.-empty Ruler, TimelineScreen.-empty WordLine {
        display: none;
    }
    """

    moves: DateMoves

    def __init__(self) -> None:
        super().__init__()
        self._timeline: Timeline | None = None
        # What is drawn: another plan than the last read while a date is moved.
        self._drawn: Timeline | None = None
        self._days = DaysInSight()
        self._lines = ChartLines()
        # By when the last of it is planned to be over.
        self._ends: list[Piece] = []
        self._tells_day = False
        self._over: Overlay = {}
        self._only: Query | None = None
        self._by, self._order = GROUPS[0], ORDERS[0]
        self._hides_finished = False
        self._laid_out_for = Size(0, 0)

    def compose_view(self) -> Iterable[Widget]:
        """Make ruler, lines and what is told."""
        self._recall()
        self.moves = DateMoves(self)
        yield Ruler(self._ruler)
        yield BarRows(self._pieces, passes=lambda row: row < 0, before=self._draw_arrows)
        yield Static(id="empty", markup=False)
        yield WordLine(self._told, id="told")
        yield WordLine(self._legend, id="legend")

    def _recall(self) -> None:
        """Begin as it was left; what says nothing to this program is passed over."""
        kept = self.host.recalled("timeline")
        kept = kept if isinstance(kept, dict) else {}
        if kept.get("by") in GROUPS:
            self._by = kept["by"]
        if kept.get("order") in ORDERS:
            self._order = kept["order"]
        self._hides_finished = kept.get("finished") is False

    def _remember(self) -> None:
        scale = self._days.axis.scale if self._days.axis else None
        finished = not self._hides_finished
        kept: dict[str, Any] = {"by": self._by, "order": self._order, "finished": finished}
        self.host.remember(timeline=kept | ({"scale": scale} if scale else {}))

    # What is shown

    @property
    def bars(self) -> BarRows:
        """The lines."""
        return self.query_one(BarRows)

    def take_keys(self) -> None:
        """Give the keys to the lines."""
        self.bars.focus()

    @property
    def timeline(self) -> Timeline | None:
        """The plan in time that was read last."""
        return self._timeline

    @property
    def axis(self) -> Axis | None:
        """The days in sight."""
        return self._days.axis

    @property
    def under_way(self) -> bool:
        """Whether a date is being moved, or a line typed."""
        return super().under_way or (self.is_mounted and self.moves.under_way)

    @property
    def focused_task(self) -> int | None:
        """The task under the cursor."""
        return self._lines.tasks.get(self.bars.row or 0)

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks from the top."""
        return self._lines.shown

    def searched(self) -> Iterable[int]:
        """All tasks, in the order of the lines where they are shown."""
        shown = list(self.shown_tasks)
        return (*shown, *(self.in_scope.keys() - set(shown)))

    def show_workspace(self, workspace: Workspace) -> None:
        """Read the plan in time, the cursor kept on its line; a large one beside the screen."""
        self.moves.follow(workspace)
        capacity = self.host.capacity
        if capacity or len(workspace.tasks) > _AT_ONCE:
            if self._timeline is None:
                # What there is to be done is seen at once, and when a moment later.
                with self.telling():
                    found = undated(workspace, self.today)
                    self._take(found, self._grouped(found, self.in_scope))
            elif self._lines.shown.keys() <= workspace.tasks.keys():
                # What was done is seen at once, in the lines and by the dates there are.
                self.draw_plan(self._timeline.with_tasks(workspace))
            self._read_beside(workspace, self.in_scope, capacity)
        else:
            with self.telling():
                self._take(*self._reading(workspace, self.in_scope, capacity))

    def _reading(
        self, ws: Workspace, tasks: Mapping[int, Task], capacity: bool, heed: Heed = on
    ) -> tuple[Timeline, list[BarGroup]]:
        """Return the plan in time and its groups; may run in a thread. Raises TrackerError."""
        found = read(
            ws,
            self.today,
            capacity=capacity,
            back_up=self.host.back_up,
            baseline=shown(ws, self.host.recalled("baseline")),
            heed=heed,
        )
        return found, self._grouped(found, tasks)

    def _grouped(self, found: Timeline, tasks: Mapping[int, Task]) -> list[BarGroup]:
        shown: Iterable[Task] = tasks.values()
        if (only := self._only) is not None:
            shown = filter(only.over(found.ws), shown)
        if self._hides_finished:
            shown = (task for task in shown if task.open)
        return found.groups(shown, self._by, self._order)

    @work(thread=True, exclusive=True, group="timeline")
    @calculating
    def _read_beside(self, ws: Workspace, tasks: Mapping[int, Task], capacity: bool) -> None:
        worker = get_current_worker()
        try:
            heed = heeding(lambda: worker.is_cancelled)
            found, groups = self._reading(ws, tasks, capacity, heed)
        except StoppedError:
            return
        except TrackerError as error:
            self.host.from_thread(self.host.tell_error, error)
            return
        if not worker.is_cancelled:
            self.host.from_thread(self._take, found, groups)
        give_back()

    def _take(self, found: Timeline, groups: list[BarGroup]) -> None:
        """Show a plan in time, unless it is overtaken."""
        if found.ws is self.workspace and self.is_attached:
            with self.arriving():
                self._put(found, groups)

    def _put(self, found: Timeline, groups: list[BarGroup]) -> None:
        here, row = self.focused_task, self.bars.row
        if self._timeline is not None and not self._timeline.dated:
            # It opens now: on the first line, unless somebody has gone elsewhere.
            self._days.axis = None
            here = None if row == self._lines.top else here
        self._timeline = self._drawn = found
        self._lines = ChartLines(groups, found)
        self.set_class(not self._lines.tasks, "-empty")
        if not self._lines.tasks:
            words = _("No task matches.\n\n{key:escape} shows all.")
            if self._only is None:
                words = self.no_tasks
            self.query_one("#empty", Static).update(keys.named(words))
        if here is None:
            row = self._lines.top
        elif self._lines.tasks.get(row or 0) != here:
            row = self._lines.first(here) or row
        self._ends = timeline_words.planned_end(found, self.in_scope.keys())
        self._fit_axis()
        self.bars.show(self._lines.rows, row=row)
        self.moves.go_on()
        self.show_head()
        self._repaint()

    def show_outlook(self) -> None:
        """Show by when tasks are over as forecast, and what that assumes."""
        super().show_outlook()
        found = self._timeline
        assumed = (self.host.capacity, self.host.back_up)
        if found and (found.levelled is not None, found.back_up) != assumed:
            self.show_workspace(self.workspace)
        self._repaint()

    def on_screen_resume(self) -> None:
        """Compare with another baseline where one has been chosen meanwhile."""
        found = self._timeline
        chosen = shown(self.workspace, self.host.recalled("baseline"))
        if found and found.ws is self.workspace and found.baseline is not chosen:
            self.show_workspace(self.workspace)

    def head(self) -> Head:
        """Return the head line, with the number of tasks that nobody estimated."""
        head, found = super().head(), self._timeline
        words = found and timeline_words.unestimated(found, self.in_scope)
        if not words:
            return head
        return head._replace(counts=(*head.counts, HeadCount(words, "", "warn")))

    def show_marks(self) -> None:
        """Paint marks, hits and news."""
        self.bars.repaint()

    def focus_task(self, task: int) -> bool:
        """Put the cursor on a task, its bar in sight; where not all are shown and not it, all."""
        hidden = self._lines.first(task) is None and task in self.in_scope
        if hidden and (self._only is not None or self._hides_finished):
            self._only, self._hides_finished = None, False
            self.show_workspace(self.workspace)
            self._show_name()
        row = self._lines.first(task)
        if row is None:
            return False
        if self.focused_task != task:
            self.bars.go_to(row)
        bar = self._timeline.bar(task) if self._timeline else None
        if bar and bar.first and bar.last and not self._days.sees(bar.first, bar.last):
            self.scroll_to_day(bar.left[0] if bar.left else bar.last)
        return True

    def landmark(self, place: int) -> object:
        """Return the task of a line."""
        return self._lines.tasks.get(place)

    def on_rows_moved(self, event: BarRows.Moved) -> None:
        """Tell about the task under the cursor."""
        event.stop()
        self._tells_day = False
        self.query_one("#told").refresh()

    def on_rows_chosen(self, event: BarRows.Chosen) -> None:
        """Open a task by mouse."""
        event.stop()
        self.action_open()

    def on_resize(self) -> None:
        """Lay out anew."""
        if self.size != self._laid_out_for and self._timeline is not None:
            self._fit_axis()
            self._repaint()

    # The axis

    @property
    def _chart_cells(self) -> int:
        return max(self.size.width - 1 - timeline_words.names_width(self.size.width), 1)

    def _fit_axis(self) -> None:
        """Have an axis as wide as there is room; at first the one on which the end is in sight."""
        found, cells = self._timeline, self._chart_cells
        if found is None or not self.size.width:
            return
        self._laid_out_for = self.size
        if self._days.axis is not None:
            self._days.take(found, cells)
            return
        kept = self.host.recalled("timeline")
        scale = kept.get("scale") if isinstance(kept, dict) else None
        known = scale if scale in SCALES else None
        self._days.open(found, self._lines.shown, cells, known)

    def scroll_to_day(self, day: date) -> None:
        """Have a day in sight."""
        before = self._days.axis
        self._days.reach(day)
        if self._days.axis != before:
            self._repaint()

    def _repaint(self) -> None:
        for ruler in self.query(Ruler):
            ruler.repaint()
        self.bars.repaint()
        for line in self.query(WordLine):
            line.refresh()

    def draw_plan(self, other: Timeline | None) -> None:
        """Draw another plan in the lines of this one, or this one again."""
        self._drawn = other or self._timeline
        self._repaint()

    # Painting

    @property
    def _chart(self) -> Chart | None:
        if self._drawn is None or self._days.axis is None:
            return None
        glyphs, found = self.host.glyphs, self.outlook
        signs = bar_drawing.ASCII if glyphs is show.ASCII else bar_drawing.UNICODE
        # Where a date is moved that others depend on, the dates known are those of another plan.
        known = self._timeline
        fits = known is not None and known.schedule is self._drawn.schedule
        ends: Mapping[int, TaskEnd] = {}
        if found and known and fits and found.about.workspace is known.ws:
            ends = found.ends
        names = timeline_words.names_width(self.size.width)
        return Chart(self._drawn, self._days.axis, names, glyphs, signs, ends, self._by)

    def _ruler(self) -> list[list[Piece]]:
        chart = self._chart
        if chart is None or self._timeline is None:
            return [[], []]
        upper, lower = chart.ruler(self._days.cursor)
        glyphs = self.host.glyphs
        ends = timeline_words.fitted(self._ends, chart.names, glyphs)
        about = timeline_words.arrangement(chart, self._order)
        return [
            [*ends, *upper],
            [*timeline_words.fitted([(about, "dim")], chart.names, glyphs), *lower],
        ]

    def _draw_arrows(self) -> None:
        """Draw the arrows of the focused task in the lines that are in sight."""
        chart, task, row = self._chart, self.focused_task, self.bars.row
        self._over = {}
        if chart is None or task is None or row is None:
            return
        lines = self._lines.seen_from(row)
        self._over = bar_drawing.arrows(
            chart.timeline, task, lines, chart.axis, self.bars.window, chart.signs
        )
        if self.moves.day is not None:
            sign = chart.signs.due if self.moves.field == "due" else chart.signs.not_before
            cells = chart.axis.span(self.moves.day, self.moves.day)
            at = cells[-1:] if self.moves.field == "due" else cells[:1]
            mark = dict.fromkeys(at, (sign, "cursor"))
            self._over = {self._lines.line(row): mark}

    def _pieces(self, row: int, _cells: int) -> list[Piece]:
        chart = self._chart
        if chart is None:
            return []
        over = self._over.get(self._lines.line(row))
        if row in self._lines.ghosts:
            return chart.was(self._lines.ghosts[row], over)
        if row < 0:
            return chart.heading(self._lines.heads[row], over)
        task = self._lines.tasks[row]
        mark: Piece = (" ", "")
        if task in self.marked:
            mark = (self.host.glyphs.mark, "key")
        elif task in self.news:
            mark = (self.host.glyphs.news, "warn")
        return chart.row(
            task,
            mark=mark,
            hit=self._only is None and task in self.search.hits,
            focus=row == self.bars.row,
            over=over,
        )

    def _told(self) -> list[Piece]:
        chart, task = self._chart, self.focused_task
        if chart is None:
            return []
        if self.moves.under_way:
            return list(self._moving()[0])
        if self._tells_day:
            return [(" ", ""), *chart.day(self._days.cursor)]
        return [(" ", ""), *chart.told(task)] if task is not None else []

    def _moving(self) -> list[Line]:
        """Return what moves with a date, in the two lines there are for it."""
        told = [(" ", ""), *self.moves.told]
        return [*wrap_pieces(told, self.size.width), ()]

    def _legend(self) -> list[Piece]:
        if self.moves.under_way:
            return list(self._moving()[1])
        return self._chart.legend(self.size.width) if self._chart else []

    def _show_name(self) -> None:
        about = show.text(str(self._only)) if self._only is not None else ""
        self.query_one(HeadLine).view = self.named(about)

    # What may be done

    def action_move(self, direction: str) -> None:
        """Go up and down the lines, and along the days."""
        super().action_move(direction)
        if step := {"left": -1, "right": 1}.get(direction):
            self._days.step(step)
            self._tells_day = True
            self._repaint()

    def action_scroll_days(self, direction: int) -> None:
        """Scroll by half of what is in sight."""
        self._days.scroll(direction)
        self._repaint()

    def action_today(self) -> None:
        """Go to today, and from there to the bar of the task."""
        task, found = self.focused_task, self._timeline
        bar = found.bar(task) if found and task else None
        if self._days.at_today(self.today) and bar and bar.first:
            self._days.cursor = bar.left[0] if bar.left else bar.first
            self._days.reach(self._days.cursor)
        else:
            self._days.go_to_today(self.today)
        self._tells_day = True
        self._repaint()

    def action_zoom_days(self, step: int) -> None:
        """Show fewer days, or more."""
        if self._days.scale(step):
            self._repaint()
            self._remember()
        else:
            words = _("This is the finest scale.") if step < 0 else _("This is the coarsest scale.")
            self.tell(words, "dim")

    def action_fit_days(self) -> None:
        """Choose the finest scale on which all that is left can be seen."""
        if self._timeline is not None:
            self._days.fit(self._timeline, self._lines.shown)
            self._repaint()
            self._remember()

    def action_group(self) -> None:
        """BarGroup by the next field, or by nothing."""
        self._by = GROUPS[(GROUPS.index(self._by) + 1) % len(GROUPS)]
        self.show_workspace(self.workspace)
        self._remember()
        self.tell(_(timeline_words.BY[self._by]), "dim")

    def action_sort(self) -> None:
        """Sort in the next order."""
        orders: tuple[Order, ...] = get_args(Order)
        self._order = orders[(orders.index(self._order) + 1) % len(orders)]
        self.show_workspace(self.workspace)
        self._remember()
        self.tell(_(timeline_words.SORTED[self._order]), "dim")

    def action_finished(self) -> None:
        """Hide what is finished, or show it again."""
        self._hides_finished = not self._hides_finished
        self.show_workspace(self.workspace)
        self._remember()
        words = _("All tasks are shown; {key:bars_finished} hides finished ones.")
        if self._hides_finished:
            words = _("Finished tasks are hidden; {key:bars_finished} shows them.")
        self.tell(keys.named(words), "dim")

    def action_only(self) -> None:
        """Show only the hits, or all tasks again."""
        if self._only is not None:
            self._limit(None)
        elif self.search.found is None or not self.search.hits:
            self.tell(keys.named(_("No search yet; {key:find} finds tasks.")), "warn")
        else:
            self._limit(self.search.found)

    @property
    def filter_text(self) -> str:
        """What is looked for or shown alone, to be saved."""
        return self.search.text or (str(self._only) if self._only is not None else "")

    def _limit(self, only: Query | None) -> None:
        self._only = only
        if only is not None and (words := only.guessed(self.workspace)):
            self.tell(change_words.guessed(words), "warn")
        self.show_workspace(self.workspace)
        self._show_name()

    def action_capacity(self) -> None:
        """Switch between unlimited and limited capacity, here and in the forecast."""
        capacity = not self.host.capacity
        self.host.foresee(capacity=capacity)
        self.show_workspace(self.workspace)
        words = _("Limited capacity: whoever is assigned does one task at a time.")
        self.tell(words if capacity else _("Unlimited capacity."), "dim")

    def action_half_page(self, direction: int) -> None:
        """Move by half a page."""
        self.bars.half_page(direction)

    def action_move_date(self, field: str) -> None:
        """Begin to move a date of the marked tasks, or else of the focused one."""
        with self.asking():
            self.moves.begin(field)

    def on_key(self, event: events.Key) -> None:
        """Let a key be about the date that is being moved."""
        self.moves.take_key(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let nothing else be done while a date is moved."""
        if self.is_mounted and not self.moves.allows(action):
            return False
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Show all tasks again, then what ends on every view."""
        if self._only is not None:
            self._limit(None)
        else:
            super().action_back()
