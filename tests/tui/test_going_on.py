"""After a failure of its own the screen goes on, with all that was typed, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from tests.tui.test_together import message, two
from tests.tui.test_unshowable import all_told
from tracker.domain.verbs import commands
from tracker.tui import app as app_module
from tracker.tui.board.board_view import BoardView
from tracker.tui.board.screen import BoardScreen
from tracker.tui.table.screen import TasksScreen
from tracker.tui.today.screen import TodayScreen
from tracker.tui.view.command_line import CommandLine

FAILURES = app_module._FAILURES


@pytest.fixture(autouse=True)
def _going_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(app_module, "_FAILURES", FAILURES)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def failing(*_arguments: object, **_options: object) -> Any:
    raise ValueError("Gift")


async def until(so: Callable[[], bool]) -> None:
    # A pilot would wait for what has failed.
    for _ in range(600):
        if so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def until_told(
    told: list[str], words: str = "has failed here (ValueError)", times: int = 1
) -> None:
    await until(lambda: sum(words in each for each in told) >= times)


async def test_a_view_that_cannot_be_drawn_gives_way_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = all_told(monkeypatch)
    async with two(tmp_path) as (app, pilot, _bob):
        monkeypatch.setattr(BoardView, "render_line", failing)
        app.screen.query_one(BoardView).refresh()
        await until(lambda: isinstance(app.screen, TasksScreen))
        await until_told(told)
        assert app.failure is None
        assert "Gift" in (tmp_path / "state/tracker/failure.log").read_text()
        await pilot.press("d")
        await until_told(told, "Done: ")


async def test_a_view_that_fails_once_is_drawn_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = all_told(monkeypatch)
    real = BoardView.render_line
    failed: list[int] = []

    def once(view: BoardView, y: int) -> Any:
        if not failed:
            failed.append(y)
            failing()
        return real(view, y)

    async with two(tmp_path) as (app, _pilot, _bob):
        monkeypatch.setattr(BoardView, "render_line", once)
        app.screen.query_one(BoardView).refresh()
        await until_told(told)
        assert failed
        assert isinstance(app.screen, BoardScreen)
        assert app.failure is None


async def test_a_call_is_there_again_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = all_told(monkeypatch)
    async with two(tmp_path) as (app, pilot, _bob):
        with monkeypatch.context() as fault:
            fault.setattr(CommandLine, "_carry_out", failing)
            await pilot.press(":", *"done", "space", "1", "enter")
            await until_told(told)
            assert isinstance(app.screen, BoardScreen)
        await pilot.press(":")
        await pilot.pause()
        assert isinstance(app.focused, Input)
        assert app.focused.value == "done 1"
        await pilot.press("enter")
        await until_told(told, "Done: ")


async def test_a_line_of_a_task_is_there_again_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = all_told(monkeypatch)
    async with two(tmp_path) as (app, pilot, _bob):
        with monkeypatch.context() as fault:
            fault.setattr(app, "carry_out", failing)
            await pilot.press("w", *"Strom", "enter")
            await until_told(told)
            assert isinstance(app.screen, BoardScreen)
        await pilot.press("w")
        await pilot.pause()
        assert isinstance(app.focused, Input)
        assert "Strom" in app.focused.value
        await pilot.press("enter")
        await until_told(told, "Waiting: ")
        assert app.workspace.tasks[1].waiting_for == "Strom"


async def test_what_others_do_is_followed_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = all_told(monkeypatch)
    async with two(tmp_path) as (app, pilot, bob):
        app.home = "today"
        app.call_later(failing)
        await until_told(told)
        app.screen.call_later(failing)
        await pilot.press("1")
        await until_told(told, times=2)
        await until(lambda: isinstance(app.screen, TodayScreen))
        bob.do(partial(commands.add_task, title="Wein"))
        app.follow()
        await pilot.pause()
        assert message(app).startswith("bob: ")
        assert len(app.workspace.tasks) == 4


async def test_who_fails_again_and_again_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        async with two(tmp_path) as (app, _pilot, _bob):
            monkeypatch.setattr(BoardView, "render_line", failing)
            monkeypatch.setattr(TasksScreen, "watch_workspace", failing)
            app.screen.query_one(BoardView).refresh()
            while app.failure is None:
                await asyncio.sleep(0.01)

    with pytest.raises(ValueError, match="Gift"):
        await asyncio.wait_for(fail(), 60)
