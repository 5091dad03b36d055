"""Why a plan moved: by cause, department and task, and how long it lived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from textual import work
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from tracker.domain.draft import Now
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.model import Baseline
from tracker.domain.workspace import Workspace
from tracker.flow.drift import Drift
from tracker.flow.drift_causes import between, drift
from tracker.flow.plan_life import Life, lives
from tracker.language import _, say
from tracker.tui import keys
from tracker.tui.forecasting import give_back
from tracker.tui.text.fitting import wrap_pieces
from tracker.tui.view.listing import Listing
from tracker.tui.widgets.rows import Rows
from tracker.wording import drift_words
from tracker.wording.drift_words import DriftRow
from tracker.wording.show import Piece


class DriftScreen(Listing):
    """Lines to be read, those about a task with the verbs of tasks."""

    BINDINGS = keys.bindings("drift")
    VIEW = "baselines"
    KEYS_OF = ("work", "drift")

    DEFAULT_CSS = """
    DriftScreen #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
    DriftScreen.-empty #empty { display: block; }
    DriftScreen.-empty Rows { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        # The baselines that are compared by their numbers, None standing for the plan as it is.
        self._old: int | None = None
        self._new: int | None = None
        self._found: Drift | None = None
        self._lives: Mapping[int, Life | None] | None = None
        self._problem: TrackerError | None = None
        self._lines: list[DriftRow] = []
        self._laid_out_for = Size(0, 0)

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
        return self._lines[row].task if row is not None and row < len(self._lines) else None

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks from the top, each once."""
        return dict.fromkeys(row.task for row in self._lines if row.task is not None)

    def compare(self, old: int | None, new: int | None = None) -> None:
        """Show what became of a baseline, up to now or to another one."""
        self._old, self._new = old, new
        self._found = self._lives = None
        self.rows.go(0)
        self.show_workspace(self.workspace)

    @property
    def _plans(self) -> tuple[Baseline | None, Baseline | None]:
        known = self.workspace.baselines
        old = known.get(self._old or 0) or self.host.baseline
        return old, known.get(self._new or 0)

    def show_workspace(self, workspace: Workspace) -> None:
        """Compare another workspace, the cursor kept on its line."""
        old, new = self._plans
        self.set_class(old is None, "-empty")
        self.query_one("#empty", Static).update(
            keys.named(_("There is no baseline yet; {key:baselines} takes one."))
        )
        if old is None:
            self._found, self._lives, self._problem = None, None, None
            self._lay_out()
            return
        if self._found is None:
            self._lay_out()
        self._compare(workspace, old, new, self.host.now())

    def show_outlook(self) -> None:
        """Show P80 as it becomes known."""
        super().show_outlook()
        self._lay_out()

    @work(thread=True, exclusive=True, group="drift")
    def _compare(self, ws: Workspace, old: Baseline, new: Baseline | None, now: Now) -> None:
        records = [record for record in self.host.history() if record.seq <= ws.seq]
        found: Drift | None = None
        problem: TrackerError | None = None
        try:
            if new is None:
                found = drift(ws, old, now, records, self.scope.known(ws))
            else:
                found = between(ws, old, new, records, self.scope.known(ws))
        except TrackerError as error:
            problem = error
        self.host.from_thread(self._compared, ws, found, problem, None)
        self.host.from_thread(self._compared, ws, found, problem, lives(ws, records, now.today))
        give_back()

    def _compared(
        self,
        ws: Workspace,
        found: Drift | None,
        problem: TrackerError | None,
        lived: Mapping[int, Life | None] | None,
    ) -> None:
        if ws is not self.workspace or not self.is_attached:
            return
        self._found, self._problem = found, problem
        self._lives = self._lives if lived is None else lived
        self._lay_out()

    @property
    def _p80s(self) -> Mapping[int, date]:
        """By when projects are forecast at the end of what is compared, as far as that is known."""
        _old, new = self._plans
        if new is not None:
            return {row.project: row.p80 for row in new.finishes if row.p80}
        found = self.outlook
        if found is None or found.about.workspace is not self.workspace:
            return {}
        return {
            key: each.plan.finish_date(each.finish.p80) for key, each in found.forecasts.items()
        }

    def _lay_out(self) -> None:
        self._laid_out_for = self.size
        here, cells = self.focused_task, self.size.width - 1
        self._lines = list(self._told(cells)) if cells > 0 else []
        same = (at for at, row in enumerate(self._lines) if row.task and row.task == here)
        at = self.rows.row or 0
        if at >= len(self._lines) or self._lines[at].task != here:
            at = next(same, at)
        self.rows.show(range(len(self._lines)), row=at)
        self.rows.refresh()

    def _told(self, cells: int) -> Iterable[DriftRow]:
        """Yield the lines: which plan, how long it lived, and what became of it."""
        (old, new), glyphs = self._plans, self.host.glyphs
        if old is None:
            return
        heads = [drift_words.head(each, self.today) for each in (old, new) if each]
        told: list[Piece] = [
            (f"{glyphs.right} {head}" * bool(at) or head, "strong") for at, head in enumerate(heads)
        ]
        if self._lives is not None and old.id in self._lives:
            life = self._lives[old.id]
            told.append((drift_words.life_words(old.name, life, self._lives, self.today), "plain"))
        if self._problem is not None:
            told.append((f"{glyphs.alarm} {say(self._problem)}", "error"))
        elif self._found is None:
            told.append((_("Comparing …"), "dim"))
        else:
            told += [(text, "warn") for text in drift_words.gaps(self._found)]
        for text, style in told:
            for line in wrap_pieces([(f" {text}", style)], cells):
                yield DriftRow(None, drift_words.written(*line))
        if self._found is not None:
            yield DriftRow(None, list)
            yield from drift_words.rows(
                self.workspace, self._found, self.today, cells, glyphs, self._p80s
            )

    def _pieces(self, row: int) -> list[Piece]:
        task, paint = self._lines[row]
        pieces = paint()
        sign: Piece | None = None
        if task in self.marked:
            sign = self.host.glyphs.mark, "key"
        elif task in self.news:
            sign = self.host.glyphs.news, "warn"
        if sign is None or task is None or not pieces:
            return pieces
        text, style = pieces[0]
        return [sign, (text[1:], style), *pieces[1:]]

    def show_marks(self) -> None:
        """Paint marks and news."""
        self.rows.refresh()

    def focus_task(self, task: int) -> bool:
        """Put the cursor on the first line about a task."""
        found = (at for at, row in enumerate(self._lines) if row.task == task)
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

    def action_open(self) -> None:
        """Open the task of the line."""
        with self.telling():
            if self.focused_task is None:
                raise Refused("This line is about no single task.")
            super().action_open()
