"""The views of the app: each comes into being when it is first shown, and is kept."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any, TypeVar

from textual.app import App
from textual.screen import Screen

from tracker.tui.dialogs.asking import Dialog
from tracker.tui.view.work import WorkScreen, leave_lines

V = TypeVar("V", bound=WorkScreen)


class Views:
    """The views there are; whichever is in front stands in the place of the one before."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._kept: dict[str, WorkScreen] = {}

    @property
    def kept(self) -> Collection[WorkScreen]:
        """The views there are."""
        return self._kept.values()

    def show(self, name: str, task: int | None = None) -> WorkScreen:
        """Show a view, with the focus on a task, and return it."""
        app = self._app
        if name not in self._kept:
            # Installed, a view is kept while another is shown in its place.
            self._kept[name] = _new_view(name)
            app.install_screen(self._kept[name], name)
        view = self._kept[name]
        if isinstance(app.screen, WorkScreen):
            if app.screen is not view:
                leave_lines(app.screen_stack)
                while len(app.screen_stack) > 2:
                    app.pop_screen()
                app.switch_screen(view)
        else:
            app.push_screen(view)
        if task is not None:
            app.call_after_refresh(view.choose, task)
        return view

    def show_as(self, kind: type[V], name: str) -> V:
        """Show a view of a kind, and return it; raises TypeError if it is of another one."""
        view = self.show(name)
        if not isinstance(view, kind):
            raise TypeError(f"{name} is no {kind.__name__}")
        return view

    @property
    def front(self) -> str:
        """The name of the view in front, also under dialogs; "" before the first."""
        stack = self._app.screen_stack
        return next((name for name, view in self._kept.items() if view in stack), "")

    def renew(self, name: str) -> None:
        """Show a view anew, and forget all there are, but nothing that is being typed.

        Whatever failed takes no messages any more.
        """
        app = self._app
        for screen in app.screen_stack[1:]:
            with suppress(Exception):  # it may be what failed
                _keep_typed(screen)
        views, self._kept = self._kept, {}
        for screen in app.screen_stack[2:]:
            screen.remove()
        del app._screen_stack[2:]
        app._installed_screens = {
            name: screen
            for name, screen in app._installed_screens.items()
            if screen not in views.values()
        }
        self.show(name)


def _keep_typed(screen: Screen[Any]) -> None:
    from tracker.tui.view.prompt import Prompt

    for line in screen.query(Prompt):
        line.action_leave()
    if isinstance(screen, Dialog) and (typed := screen.typed()):
        screen.keep(typed)


def _new_view(name: str) -> WorkScreen:
    # The first screen must appear at once: each view is imported when it is first shown.
    match name:
        case "today":
            from tracker.tui.today.screen import TodayScreen

            return TodayScreen()
        case "tasks":
            from tracker.tui.table.screen import TasksScreen

            return TasksScreen()
        case "matrix":
            from tracker.tui.matrix.screen import MatrixScreen

            return MatrixScreen()
        case "baselines":
            from tracker.tui.drift.screen import DriftScreen

            return DriftScreen()
        case "metrics":
            from tracker.tui.metrics.screen import MetricsScreen

            return MetricsScreen()
        case "timeline":
            from tracker.tui.timeline.screen import TimelineScreen

            return TimelineScreen()
        case "log":
            from tracker.tui.log.screen import LogScreen

            return LogScreen()
        case "loops":
            from tracker.tui.loops.screen import LoopsScreen

            return LoopsScreen()
        case "load":
            from tracker.tui.load.screen import LoadScreen

            return LoadScreen()
        case "controlling":
            from tracker.tui.load.controlling_screen import ControllingScreen

            return ControllingScreen()
        case _:
            from tracker.tui.board.screen import BoardScreen

            return BoardScreen()
