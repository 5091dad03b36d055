"""Who has how much to do, week by week; what a week is made of, and what of it can move."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from textual import work
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tracker.domain.errors import TrackerError
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow import load
from tracker.flow.load import Load, Share
from tracker.language import _
from tracker.tui import keys
from tracker.tui.calculating import calculating
from tracker.tui.load.explanation import Explanation
from tracker.tui.load.load_grid import LoadGrid, part_lines
from tracker.tui.view.work import WorkScreen
from tracker.tui.widgets.choices import Passage
from tracker.wording import load_words, show
from tracker.wording.show import Piece

# Larger plans than this are read beside the screen.
_SMALL = 1_000
# The lines of what a cell is made of: a part of the window, but at least so many.
_PART, _LEAST = 4, 6


class LoadScreen(WorkScreen):
    """Rows by weeks, and below them what the cell under the cursor is made of."""

    BINDINGS = keys.bindings("load")
    VIEW = "load"
    KEYS_OF = ("work", "load")

    DEFAULT_CSS = """
    LoadScreen {
        & #parts { scrollbar-size-vertical: 0; border-top: solid ansi_bright_black; }
        & #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
        &.-empty #empty { display: block; }
        &.-empty LoadGrid, &.-empty #parts { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._load: Load | None = None
        # What the load was read with: of which workspace, and on what terms.
        self._read_for: object = None
        self._part = 0
        # The task it is on, wherever the cursor goes.
        self._on: int | None = None
        self._wanted: int | None = None
        self._folds: set[int] = set()
        self._laid_out_for = Size(0, 0)

    def compose_view(self) -> Iterable[Widget]:
        """Make the grid, and what stands below it."""
        kept = self.host.recalled("load_folded")
        if isinstance(kept, list):
            self._folds = {key for key in kept if isinstance(key, int)}
        yield LoadGrid(self.host.glyphs, lambda lane: lane in self._folds)
        yield Passage(id="parts")
        yield Static(id="empty", markup=False)

    @property
    def grid(self) -> LoadGrid:
        """The rows by weeks."""
        return self.query_one(LoadGrid)

    # What is shown

    def show_workspace(self, _workspace: Workspace) -> None:
        """Read the load, beside the screen where that takes long."""
        self._reread()

    def on_screen_resume(self) -> None:
        """Read the load anew if the dates rest on something else now."""
        if self._read_for not in (None, self._terms) and not self._stale:
            self._reread()

    @property
    def _terms(self) -> object:
        return (
            id(self.workspace),
            self.today,
            self.scope,
            self.host.capacity,
            self.host.back_up,
        )

    def _reread(self) -> None:
        self._read_for = self._terms
        ws = self.workspace
        whole = self.scope.known(ws).whole
        read = partial(
            load.read,
            ws,
            self.today,
            capacity=self.host.capacity,
            back_up=self.host.back_up,
            tasks=None if whole else self.in_scope.keys(),
        )
        if len(ws.tasks) > _SMALL or self.host.capacity:
            self._read_beside(read, self._read_for)
        else:
            with self.telling():
                self._take(read(), self._read_for)

    @work(thread=True, exclusive=True, group="load")
    @calculating
    def _read_beside(self, read: Callable[[], Load], terms: object) -> None:
        try:
            found = read()
        except TrackerError as error:
            self.host.from_thread(self.host.tell_error, error)
            return
        if not get_current_worker().is_cancelled:
            self.host.from_thread(self._take, found, terms)

    def _take(self, found: Load, terms: object) -> None:
        """Show a load that was read, unless something else is asked for by now."""
        if terms == self._read_for and self.is_attached:
            with self.arriving():
                self._put(found)

    def _put(self, found: Load) -> None:
        task = self.focused_task
        self._load = found
        self.set_class(not found.whole, "-empty")
        if not found.whole:
            words = load_words.nothing(self.workspace)
            ways = _("{key:add} adds a task, {key:scope} changes the scope.")
            self.query_one("#empty", Static).update(f"{words}\n\n{keys.named(ways)}")
        self.grid.show(found)
        self._show_parts(task)
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self.choose(wanted)

    def on_resize(self) -> None:
        """Lay out anew."""
        if self.size != self._laid_out_for:
            self._laid_out_for = self.size
            parts = self.query_one("#parts", Passage)
            parts.styles.height = max(_LEAST, self.size.height // _PART) + 1
            self._show_parts(self.focused_task)

    def _show_parts(self, task: int | None = None) -> None:
        """Show what the cell under the cursor is made of, the cursor on a task if it is in it."""
        shares = [share.task for share in self._shares]
        self._part = shares.index(task) if task in shares else 0
        self._tell_parts()

    def _tell_parts(self) -> None:
        self._on = self.focused_task
        found, who = self._load, self.grid.who
        passage = self.query_one("#parts", Passage)
        if found is None or who is None:
            passage.put([])
            return
        room = (self.size.width, max(_LEAST, self.size.height // _PART))
        glyphs = self.host.glyphs
        signs: dict[int, Piece] = dict.fromkeys(self.news, (glyphs.news, "warn"))
        signs |= dict.fromkeys(self.marked, (glyphs.mark, "key"))
        lines = part_lines(found, who, self.grid.week, self._part, room, glyphs, signs)
        passage.put(map(tuple, lines))
        self.focus_moved()

    @property
    def _shares(self) -> tuple[Share, ...]:
        """What the cell under the cursor is made of."""
        found, who = self._load, self.grid.who
        if found is None or who is None:
            return ()
        return found.cell(who, found.weeks[self.grid.week]).shares

    @property
    def focused_task(self) -> int | None:
        """The task in the cell that is meant by what is done."""
        if not self.is_mounted:
            return None
        shares = self._shares
        return shares[min(self._part, len(shares) - 1)].task if shares else None

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks by rows and weeks."""
        return dict.fromkeys(self._each_task())

    def _each_task(self) -> Iterator[int]:
        found = self._load
        if found is None:
            return
        for who in found.rows:
            for row in () if who.whole else (who,):
                for shares in found.work.get(row, {}).values():
                    yield from (share.task for share in shares if share.task in found.tasks)

    def focus_task(self, task: int) -> bool:
        """Go to the first week in which a task is worked on, in the row of who does."""
        found = self._load
        if found is None or self._read_for != self._terms:
            self._wanted = task
            return True
        for who, weeks in found.work.items():
            for week, shares in weeks.items():
                if any(share.task == task for share in shares) and who in found.rows:
                    if who.department in self._folds:
                        self._folds.discard(who.department)
                        self._refold()
                    self.grid.go_to(who, found.weeks.index(week))
                    self._show_parts(task)
                    return True
        return False

    def show_marks(self) -> None:
        """Paint marks and news."""
        self._tell_parts()

    # Moving

    def on_load_grid_moved(self, event: LoadGrid.Moved) -> None:
        """Show what another cell is made of, on the same task if it is in it."""
        event.stop()
        self._show_parts(self._on)

    def on_load_grid_chosen(self, event: LoadGrid.Chosen) -> None:
        """Act on a cell by mouse."""
        event.stop()
        self.action_open()

    def action_move(self, direction: str) -> None:
        """Go to a neighbouring cell."""
        task = self.focused_task
        across = {"left": -1, "right": 1}.get(direction, 0)
        down = {"up": -1, "down": 1}.get(direction, 0)
        self.grid.go(self.grid.row + down, self.grid.week + across)
        self._show_parts(task)

    def action_weeks(self, direction: int) -> None:
        """Go by as many weeks as are in sight."""
        self.grid.go(self.grid.row, self.grid.week + direction * self.grid.across)

    def action_half_page(self, direction: int) -> None:
        """Go by half of the rows in sight."""
        self.grid.go(self.grid.row + direction * max(1, self.grid.height // 2), self.grid.week)

    def action_first(self) -> None:
        """Go to the first row, in the week that is on."""
        self.grid.go(0, 0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.grid.go(len(self.grid.rows_shown) - 1, self.grid.week)

    def action_part(self, step: int) -> None:
        """Go to the next task of the cell."""
        count = len(self._shares)
        if count:
            self._part = (min(self._part, count - 1) + step) % count
            self._tell_parts()

    def in_sight(self) -> Sequence[int]:
        """Return the rows in sight."""
        return self.grid.in_sight

    def jump_to(self, place: int) -> None:
        """Go to a row."""
        self.grid.go(place, self.grid.week)

    def landmark(self, place: int) -> object:
        """Return whose row it is."""
        rows = self.grid.rows_shown
        return rows[place] if place < len(rows) else None

    def show_labels(self, labels: Mapping[int, str]) -> None:
        """Show letters at the left of rows."""
        self.grid.label(labels)

    def place(self) -> Callable[[], object]:
        """Return what puts the cursor back to its cell."""
        return self.back_by(partial(self.grid.go, self.grid.row, self.grid.week))

    def action_fold(self, every: bool = False) -> None:
        """Fold the department under the cursor, or all, or unfold what is folded."""
        found, who = self._load, self.grid.who
        if found is None or who is None:
            return
        lanes = {row.department for row in found.rows} if every else {who.department}
        folded = lanes <= self._folds
        self._folds = self._folds - lanes if folded else self._folds | lanes
        self._refold()

    def _refold(self) -> None:
        self.host.remember(load_folded=sorted(self._folds))
        task = self.focused_task
        self.grid.lay_out()
        self._show_parts(task)

    # Acting

    def action_capacity(self) -> None:
        """Plan with limited capacity, or without."""
        self.host.foresee(capacity=not self.host.capacity)
        self._reread()
        words = _("Unlimited capacity: everybody can do everything at once.")
        if self.host.capacity:
            words = _("Limited capacity: whoever is assigned does one task at a time.")
        self.tell(words)

    def action_open(self) -> None:
        """Ask for the week a task is to move to; where there is none, open it."""
        self._move_or_open()

    @work
    async def _move_or_open(self) -> None:
        from tracker.tui.load.move_task import MoveTask

        with self.telling():
            task = self.the_task()
            found, who = self._load, self.grid.who
            if found is None or who is None:
                return
            week = found.weeks[self.grid.week]
            about = found.workspace is self.workspace and self.host.past is None
            if not about or not found.moves(who, week, task):
                self.host.open_task(task)
                return
            dialog = MoveTask(found, who, week, task)
            await self.ask(
                dialog,
                lambda move, seen: partial(
                    commands.edit_task, task=task, seen=seen.tasks, not_before=move.not_before
                ),
            )
            if dialog.opened:
                self.host.open_task(task)

    def action_controlling(self) -> None:
        """Show effort and cost instead."""
        self.host.show_view("controlling")

    def action_explain(self) -> None:
        """Explain the figure under the cursor."""
        found, who = self._load, self.grid.who
        if found is None or who is None:
            return
        week = found.weeks[self.grid.week]
        glyphs = self.host.glyphs
        told: list[list[Piece]] = [load_words.cell_title(found, who, week, glyphs), []]
        told += [[(sentence, "plain")] for sentence in load_words.explained(found, who, week)]
        if notes := [[piece] for piece in load_words.cell_notes(found, who, week)]:
            told += [[], *notes]
        if shares := found.cell(who, week).shares:
            told.append([])
        for share in shares:
            words = load_words.share_words(found, who, week, share, glyphs)
            told.append([(show.name(found.workspace, share.task), "strong"), (": ", ""), *words])
        if quarters := [[piece] for piece in load_words.quarter_lines(found)]:
            told += [[], *quarters]
        self.app.push_screen(Explanation(_("How this figure came about"), told))
