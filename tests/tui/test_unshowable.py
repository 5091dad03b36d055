"""Whatever another's change raises where it is read, worded or painted: the screen stays alive."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.tui.test_together import message, two
from tracker.domain.verbs import commands
from tracker.tui import app as app_module
from tracker.tui import forecasting
from tracker.tui.board.board_view import BoardView
from tracker.tui.table.screen import TasksScreen
from tracker.tui.view.work import WorkScreen


def poisoned(real: Any) -> Any:
    """Return a method that fails wherever there is a task called Gift."""

    def act(self: Any, *arguments: Any) -> Any:
        app = self if isinstance(self, app_module.TrackerApp) else self.app
        if any(task.title == "Gift" for task in app.workspace.tasks.values()):
            raise ValueError("Gift")
        return real(self, *arguments)

    return act


def all_told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list of everything that is told from now on."""
    told: list[str] = []
    real = app_module.TrackerApp.tell

    def tell(self: Any, words: str, style: str = "info") -> None:
        told.append(words)
        real(self, words, style)

    monkeypatch.setattr(app_module.TrackerApp, "tell", tell)
    return told


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (app_module.TrackerApp, "_mark_news"),
        (BoardView, "render_line"),
        (BoardView, "paint"),
        (WorkScreen, "watch_workspace"),
        (WorkScreen, "on_key"),
    ],
    ids=["told", "line", "painted", "watched", "later"],
)
async def test_the_screen_stays_on_the_last_good_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Any], name: str
) -> None:
    monkeypatch.setattr(kind, name, poisoned(getattr(kind, name)))
    told = all_told(monkeypatch)
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.add_task, title="Gift"))
        app.follow()
        await pilot.pause()
        await pilot.press("down")
        await pilot.pause()
        assert any("cannot be shown (ValueError)" in each for each in told)
        assert app.failure is None
        assert len(app.workspace.tasks) == 3
        bob.do(partial(commands.edit_task, task=4, title="Wein"))
        app.follow()
        await pilot.pause()
        assert message(app).startswith("bob: ")
        assert len(app.workspace.tasks) == 4
        await pilot.press("3")
        # A key that went to what has failed has had no effect that could be waited for.
        for _ in range(200):
            if isinstance(app.screen, TasksScreen):
                break
            await pilot.pause(0.05)
        assert isinstance(app.screen, TasksScreen)


async def test_a_forecast_that_fails_leaves_the_screen_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise ValueError("Gift")

    async with two(tmp_path) as (app, pilot, bob):
        monkeypatch.setattr(forecasting, "outlooks", fail)
        told = all_told(monkeypatch)
        bob.do(partial(commands.add_task, title="Gift"))
        app.follow()
        app.foresee()
        for _turn in range(400):
            if any("cannot be shown (ValueError)" in each for each in told):
                break
            await pilot.pause(0.01)
        assert any("cannot be shown (ValueError)" in each for each in told)
        assert app.failure is None
        assert len(app.workspace.tasks) == 3
