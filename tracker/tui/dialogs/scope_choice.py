"""The question what all views are about: one project, several, all, or what is mine."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker import terminal_text
from tracker.domain.scope import Scope
from tracker.domain.workspace import Workspace
from tracker.language import _
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.host import host_of
from tracker.tui.widgets.choices import ChoiceRow, Choices
from tracker.wording import show
from tracker.wording.scope_words import project_dates

_ALL, _MINE = "all", "mine"
# The cells that the names of projects may take beside their dates.
_WIDEST_NAME = 36


class ChooseScope(Dialog[Scope]):
    """All projects with their dates; the answer is what is to be looked at from now on."""

    WIDE = 100
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "leave", show=False)]

    DEFAULT_CSS = """
    ChooseScope Choices { max-height: 18; }
    """

    def __init__(self, ws: Workspace, scope: Scope, who: str) -> None:
        super().__init__(_("What to look at"), _("Enter only this · space several · Esc cancel"))
        self._ws, self._scope, self._who = ws, scope, who

    def body(self) -> ComposeResult:
        """The projects, below all of them and what is mine."""
        choices = Choices(self._rows())
        only = self._scope.projects[0] if len(self._scope.projects) == 1 else _ALL
        choices.put(self._rows(), at=only)
        yield choices

    def on_mount(self) -> None:
        """Show the dates as they become known."""
        self.watch(cast("Any", self.app), "outlook", self._show_dates, init=False)

    def _show_dates(self) -> None:
        choices = self.query_one(Choices)
        ticked = choices.ticked
        rows = [
            row if row.tick is None else replace(row, tick=row.key in ticked)
            for row in self._rows()
        ]
        choices.put(rows)

    def _rows(self) -> list[ChoiceRow]:
        ws, scope = self._ws, self._scope
        open_in = set(Scope().ahead(ws))
        keys: list[int] = [*ws.projects, *([0] if 0 in open_in and ws.projects else [])]
        several = len(scope.projects) > 1
        names = {key: show.project(ws, key) for key in keys}
        widest = min(max(map(terminal_text.width, names.values()), default=0), _WIDEST_NAME)
        mine = _("everything, not only mine") if scope.mine else _("only mine")
        hint = _("what I do, asked for or watch, and what waits for me")
        return [
            ChoiceRow(_ALL, ((_("all projects"), "plain"),)),
            ChoiceRow(_MINE, ((mine, "plain"), *(() if scope.mine else ((f"  {hint}", "dim"),)))),
            *(
                ChoiceRow(
                    key,
                    ((terminal_text.fit(names[key], widest + 2), "plain"), *self._dates(key)),
                    tick=several and key in scope.projects,
                )
                for key in keys
            ),
        ]

    def _dates(self, key: int) -> tuple[show.Piece, ...]:
        host = host_of(self)
        forecasts = host.outlook.forecasts if host.outlook else {}
        return project_dates(self._ws, key, forecasts.get(key), host.today, host.glyphs)

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        ticked = event.choices.ticked
        if event.key == _ALL:
            answer = Scope()
        elif event.key == _MINE:
            answer = replace(self._scope, mine="" if self._scope.mine else self._who)
        else:
            answer = replace(self._scope, projects=ticked or (event.key,))
        self.dismiss(answer)
