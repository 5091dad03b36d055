"""What the plan takes and costs, by groups; the price of rework; budgets; earned value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from textual import work
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from tracker.domain.errors import TrackerError
from tracker.domain.typing.line_parser import parse_filter
from tracker.domain.workspace import Workspace
from tracker.flow import controlling
from tracker.flow.controlling import BY, Controlling, CostGroup
from tracker.flow.forecast.cost import Cost
from tracker.language import _
from tracker.tui import keys
from tracker.tui.calculating import calculating
from tracker.tui.load.explanation import Explanation
from tracker.tui.view.listing import Listing
from tracker.tui.widgets.rows import Rows
from tracker.wording import controlling_words
from tracker.wording.controlling_words import Costs, MoneyRow
from tracker.wording.show import Piece

# Larger plans than this are read beside the screen.
_SMALL = 1_000


class ControllingScreen(Listing):
    """Rows of figures under headings; each says how it came about, and which tasks it is of."""

    BINDINGS = keys.bindings("controlling")
    VIEW = "controlling"
    KEYS_OF = ("work", "controlling")

    DEFAULT_CSS = """
    ControllingScreen {
        & #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
        &.-empty #empty { display: block; }
        &.-empty Rows { display: none; }
    }
    """

    # A plan is forecast, however large, while this view is there: for P80 of the cost.
    FORESEES = True

    def __init__(self) -> None:
        super().__init__()
        self._found: Controlling | None = None
        self._read_for: Workspace | None = None
        self._by: CostGroup = "department"
        self._lines: dict[int, tuple[MoneyRow | None, list[Piece]]] = {}
        self._laid_out_for = Size(0, 0)

    def compose_view(self) -> Iterable[Widget]:
        """Make the rows."""
        kept = self.host.recalled("controlling_by")
        self._by = kept if kept in tuple(BY) else "department"
        yield Rows(lambda row, _cells: self._lines[row][1], passes=lambda row: row < 0)
        yield Static(id="empty", markup=False)

    def take_keys(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    @property
    def _row(self) -> MoneyRow | None:
        found = self._lines.get(self.rows.row or 0)
        return found[0] if found else None

    @property
    def pointed(self) -> object:
        """What the row under the cursor is about."""
        return self.landmark(self.rows.row or 0)

    @property
    def focused_task(self) -> int | None:
        """The task of the row, where it is of one; of rework, the one it was sent back to."""
        row, found = self._row, self._found
        if row is None or found is None:
            return None
        if row.kind == "rework":
            return found.rework[row.at].cause.target
        return row.tasks[0] if len(row.tasks) == 1 else None

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks of the groups, as these come."""
        lines = self._found.lines if self._found else ()
        return dict.fromkeys(task for line in lines for task in line.tasks)

    # What is shown

    def on_screen_resume(self) -> None:
        """Have costs simulated as soon as this view is wanted."""
        self.host.foresee()

    def show_workspace(self, workspace: Workspace) -> None:
        """Read the figures, beside the screen where that takes long."""
        self._read_for = workspace
        if len(workspace.tasks) > _SMALL:
            self._read_beside(workspace, self._by)
        else:
            with self.telling():
                self._take(self._read(workspace, self._by))

    def _read(self, ws: Workspace, by: CostGroup) -> Controlling:
        scope = self.scope.known(ws)
        tasks = None if scope.whole else scope.tasks(ws).keys()
        return controlling.read(ws, self.today, by=by, tasks=tasks)

    @work(thread=True, exclusive=True, group="controlling")
    @calculating
    def _read_beside(self, ws: Workspace, by: CostGroup) -> None:
        try:
            found = self._read(ws, by)
        except TrackerError as error:
            self.host.from_thread(self.host.tell_error, error)
            return
        if not get_current_worker().is_cancelled:
            self.host.from_thread(self._take, found)

    def _take(self, found: Controlling) -> None:
        """Show figures that were read, unless others are asked for by now."""
        if found.workspace is self._read_for and found.by == self._by and self.is_attached:
            with self.arriving():
                self._found = found
                self._show_lines()

    def show_outlook(self) -> None:
        """Show the date, and what is known of the cost to come."""
        super().show_outlook()
        self._show_lines()

    @property
    def _costs(self) -> Costs:
        """What is known of money by the simulation, if that is of the plan that is shown."""
        outlook = self.outlook
        if outlook is None or outlook.about.workspace is not self.workspace:
            return Costs()
        money: Mapping[int, Cost] = {
            key: cost for each in outlook.forecasts.values() for key, cost in each.money.items()
        }
        return Costs(money, outlook.returns)

    def _show_lines(self) -> None:
        """Lay out what there is to say, the cursor on the same row."""
        self._laid_out_for = self.size
        found, before = self._found, self._row
        if found is None or not self.size.width:
            return
        width = self.size.width - 1
        shown = controlling_words.lines(found, self._costs, width, self.host.glyphs)
        self._lines = {(at if row else -at): (row, told) for at, (row, told) in enumerate(shown, 1)}
        rows = list(self._lines)
        about = before and (before.kind, before.about)
        same = [key for key in self._lines if about and self.landmark(key) == about]
        self.set_class(not rows, "-empty")
        if not rows:
            words = controlling_words.nothing(self.workspace)
            ways = _("{key:edit} on a task enters its effort, {key:add} adds a task.")
            self.query_one("#empty", Static).update(f"{words}\n\n{keys.named(ways)}")
        self.rows.show(rows, row=next(iter(same), None))

    def focus_task(self, task: int) -> bool:
        """Go to the first group a task is in."""
        rows = ((key, row) for key, (row, _told) in self._lines.items() if row)
        found = next((key for key, row in rows if task in row.tasks), None)
        return found is not None and (self.rows.row == found or self.rows.go_to(found))

    def landmark(self, place: int) -> object:
        """Return what a row is about."""
        row, _told = self._lines.get(place, (None, []))
        return row and (row.kind, row.about)

    def on_resize(self) -> None:
        """Lay out anew."""
        if self.size != self._laid_out_for:
            self._show_lines()

    # Acting

    def action_load(self) -> None:
        """Show the load by weeks again."""
        self.host.show_view("load")

    def leave(self) -> None:
        """Go back to the load, from which this is reached."""
        self.host.show_view("load")

    def action_group(self) -> None:
        """Group by the next field."""
        known: list[CostGroup] = list(BY)
        self._by = known[(known.index(self._by) + 1) % len(known)]
        self.host.remember(controlling_by=self._by)
        self.show_workspace(self.workspace)
        self.tell(controlling_words.by_words(self._by), "plain")

    def action_open(self) -> None:
        """List the tasks behind the row."""
        row = self._row
        if row is not None and row.tasks:
            with self.telling():
                self.only_as_meant()
                numbers = "id:" + ",".join(map(str, row.tasks))
                self.host.show_tasks(parse_filter(numbers, self.today, ws=self.workspace))

    def action_explain(self) -> None:
        """Say how the figures of the row came about."""
        row, found = self._row, self._found
        if row is None or found is None:
            return
        told: list[Sequence[Piece]] = [row.told, []]
        sentences = controlling_words.explained(found, row, self._costs, self.host.glyphs)
        told += [[(sentence, "plain")] for sentence in sentences]
        if found.total.money is None:
            told.append([(controlling_words.unpriced_words(), "warn")])
        self.app.push_screen(Explanation(_("How these figures came about"), told))
