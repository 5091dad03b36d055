"""The line for commands: it completes what it understands, and leads to where a thing is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.builders import TODAY, plan
from tests.tui.stage import readable
from tracker import language
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.help import HelpScreen
from tracker.tui.dialogs.questions import CopiedText
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.view import View


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[TrackerApp, Pilot[Any]]]:
    session = Session.open(folder / "plan.json", who="anna", today=TODAY)
    edits = tuple(Edit(None, entity) for entity in plan("1-2 2-3", returns="3-1").entities())
    session.do(lambda _ws, _now: Change(sentence("Made"), edits))
    app = TrackerApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        yield app, pilot
    session.close()


async def said(pilot: Pilot[Any], text: str) -> None:
    await pilot.press("colon")
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.pause()


def offered(app: TrackerApp, text: str) -> list[str]:
    assert isinstance(app.screen, View)
    return app.screen._command_line.suggest(text, len(text))


@pytest.mark.parametrize(
    ("typed", "view"),
    [("loops", "loops"), ("forecast", "loops"), ("schleifen", "loops"), ("tasks", "tasks")],
)
async def test_calls_of_the_shell_lead_to_their_view(tmp_path: Path, typed: str, view: str) -> None:
    async with opened(tmp_path) as (app, pilot):
        await said(pilot, typed)
        assert app.screen is app.get_screen(view)


async def test_help_and_undo_are_commands_in_both_languages(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        seq = app.workspace.seq
        await said(pilot, "done 1")
        assert app.workspace.tasks[1].state == "done"
        await said(pilot, "rückgängig")
        await app.workers.wait_for_complete()
        assert app.workspace.seq == seq + 2
        await said(pilot, "hilfe")
        assert isinstance(app.screen, HelpScreen)


async def test_what_is_of_the_shell_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await said(pilot, "schedule")
        message = app.screen.query_one(StatusLine).message
        assert message is not None
        assert "2, then C shows the critical path" in message[0]


async def test_verbs_views_and_numbers_are_completed(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, _pilot):
        assert offered(app, "fo") == ["forecast"]
        assert {"loops", "log", "list"} <= set(offered(app, "l"))
        assert offered(app, "show ") == ["1", "2", "3"]
        language.use("de")
        try:
            assert "prognose" in offered(app, "prog")
            assert "rückgängig" in offered(app, "rueck")
        finally:
            language.use("en")


async def test_the_rest_of_a_word_is_dim_and_taken_by_the_arrow(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await pilot.press("colon", "f", "o")
        await app.workers.wait_for_complete()
        await pilot.pause()
        line = app.screen.query_one(Input)
        assert line.value == "fo"
        await pilot.press("right")
        assert line.value == "forecast"


async def test_what_was_copied_is_shown_when_asked_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await pilot.press("3", "y")
        await pilot.pause()
        message = app.screen.query_one(StatusLine).message
        assert message is not None
        assert message[0] == "Copied 1 task. y again shows it."
        await pilot.press("y")
        await pilot.pause()
        assert isinstance(app.screen, CopiedText)
        assert app.clipboard in readable(app.screen)


async def test_a_terminal_without_a_clipboard_shows_what_is_to_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with opened(tmp_path) as (app, pilot):
        await pilot.press("3", "y")
        await pilot.pause()
        assert isinstance(app.screen, CopiedText)
