"""Why a plan moved: by cause, department and task, and how long it lived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from textual import work
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
from tracker.tui.calculating import calculating
from tracker.tui.forecasting import give_back
from tracker.tui.text.fitting import wrap_pieces
from tracker.tui.view.task_lines import TaskLines
from tracker.wording import drift_words
from tracker.wording.drift_words import DriftRow
from tracker.wording.show import Piece


class DriftScreen(TaskLines):
    """Lines to be read, those about a task with the verbs of tasks."""

    BINDINGS = keys.bindings("drift")
    VIEW = "baselines"
    KEYS_OF = ("work", "drift")

    def __init__(self) -> None:
        super().__init__()
        # The baselines that are compared by their numbers, None standing for the plan as it is.
        self._old: int | None = None
        self._new: int | None = None
        self._found: Drift | None = None
        self._lives: Mapping[int, Life | None] | None = None
        self._problem: TrackerError | None = None
        self._lines: list[DriftRow] = []

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
            self.lay_out()
            return
        if self._found is None:
            self.lay_out()
        self._compare(workspace, old, new, self.host.now())

    def show_outlook(self) -> None:
        """Show P80 as it becomes known."""
        super().show_outlook()
        self.lay_out()

    @work(thread=True, exclusive=True, group="drift")
    @calculating
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
        with self.arriving(last=lived is not None):
            self.lay_out()

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

    def task_at(self, line: int) -> int | None:
        """Return the task that a line is about."""
        return self._lines[line].task if line < len(self._lines) else None

    def line_pieces(self, line: int) -> list[Piece]:
        """Return what stands in a line."""
        return self._lines[line].paint()

    def lay_out(self) -> None:
        """Lay the lines out for the room there is."""
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

    def action_open(self) -> None:
        """Open the task of the line."""
        with self.telling():
            if self.focused_task is None:
                raise Refused("This line is about no single task.")
            super().action_open()
