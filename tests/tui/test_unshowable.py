"""Whatever another's change raises where it is read, worded or painted: the screen stays alive."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.store.hostile import append
from tests.tui.test_together import message, two
from tracker.domain.errors import Damaged
from tracker.domain.model import System
from tracker.domain.verbs import commands
from tracker.domain.verbs.upkeep import set_system
from tracker.flow.baseline import take
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


async def test_a_region_that_nobody_knows_is_told_in_every_view(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(take, name="Plan 1"))
        append(tmp_path / "plan.json", edits=[["settings", 1, None, {"id": 1, "region": "XX-A"}]])
        app.follow()
        for key in ("1", "2", "C", "f", "3", "4", "plus", "5", "v", "7", "v", "c", "O", "6", "v"):
            await pilot.press(key)
            await pilot.pause(0.1)
            assert app.failure is None, key
        app.show_drift()
        await pilot.pause(0.5)
        app.foresee()
        await pilot.pause(0.5)
        assert app.failure is None
        assert app.workspace.preferences.region == "XX-A"


@pytest.mark.parametrize(
    "show",
    [
        lambda app: app.show_day("follow-ups"),
        lambda app: app.show_drift(),
        lambda app: app.show_master_data(System),
    ],
    ids=["day", "baselines", "systems"],
)
async def test_a_history_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, show: Callable[[app_module.TrackerApp], None]
) -> None:
    def damaged(_app: object) -> None:
        raise Damaged("Record 2 is damaged.")

    async with two(tmp_path) as (app, pilot, bob):
        for name in ("Plan 1", "Plan 2"):
            bob.do(partial(take, name=name))
        bob.do(partial(commands.wait, task=1, waiting_for="Strom"))
        bob.do(partial(set_system, system="ERP", state="down", create=True))
        app.follow()
        told = all_told(monkeypatch)
        monkeypatch.setattr(app_module.TrackerApp, "history", damaged)
        show(app)
        for _turn in range(400):
            if any("Record 2 is damaged." in each for each in told):
                break
            await pilot.pause(0.01)
        assert any("Record 2 is damaged." in each for each in told), told
        await pilot.press("escape", "2")
        assert app.failure is None
