"""Plans of other programs on the screen: shown before they are imported, and stopped while read."""

from __future__ import annotations

import asyncio
import signal
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.builders import TODAY
from tests.exchange.made_up import MADE, install
from tests.tui.stage import typed
from tests.tui.test_together import message, until
from tracker.domain.verbs import commands
from tracker.domain.verbs.commands import Command
from tracker.exchange import importing
from tracker.session import Prepared, Session
from tracker.tui import taking_in
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.import_report import Imported, ImportPreview
from tracker.tui.dialogs.underway import Underway
from tracker.tui.host import NOT_STORED
from tracker.tui.widgets.choices import Passage


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrackerApp:
    install(monkeypatch)
    (tmp_path / "my plan.made").write_bytes(MADE)
    return TrackerApp(Session.open(tmp_path / "w.json", who="anna", today=TODAY))


async def reach(pilot: Pilot[str], app: TrackerApp, kind: type[Screen[Any]]) -> None:
    for _ in range(200):
        if isinstance(app.screen, kind) and app.screen.query(Passage):
            return
        await pilot.pause(0.02)
    raise AssertionError(app.screen)


async def test_a_plan_is_shown_before_it_is_imported(app: TrackerApp, tmp_path: Path) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3", ":")
        await typed(pilot, f"import {tmp_path}/my plan.made --lanes phase")
        await pilot.press("enter")
        await reach(pilot, app, ImportPreview)
        told = ["".join(text for text, _ in line) for line in app.screen.query_one(Passage).lines]
        assert told[0] == "Would import 2 tasks, 0 arrows"
        assert not app.workspace.tasks
        await pilot.press("escape")
        await until(pilot, "Nothing was imported.", app)
        assert not app.workspace.tasks
        app.take_in(str(tmp_path / "my plan.made"))
        await reach(pilot, app, ImportPreview)
        await pilot.press("enter")
        await reach(pilot, app, Imported)
        assert [task.title for task in app.workspace.tasks.values()] == ["Concept", "Review"]
    app.session.close()


async def test_a_preview_waits_for_what_is_being_typed(app: TrackerApp, tmp_path: Path) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("a", "N")
        line = app.screen
        app.take_in(str(tmp_path / "my plan.made"))
        await app.workers.wait_for_complete(
            [each for each in app.workers if each.group == "import"]
        )
        await pilot.press("e", "u")
        assert app.screen is line
        assert line.query_one(Input).value == "Neu"
        await pilot.press("escape")
        await reach(pilot, app, ImportPreview)
        await pilot.press("escape", "colon")
        app.take_in(str(tmp_path / "my plan.made"))
        await app.workers.wait_for_complete(
            [each for each in app.workers if each.group == "import"]
        )
        await pilot.press("n", "o", "w")
        assert app.screen.query_one(Input).value == "now"
        await pilot.press("enter")
        await reach(pilot, app, ImportPreview)


@pytest.mark.parametrize("begin", [("2", "greater_than_sign"), ("4", "t", "d")])
async def test_a_preview_waits_for_an_arrow_and_for_a_date(
    app: TrackerApp, tmp_path: Path, begin: tuple[str, ...]
) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await app.carry_out(partial(commands.add_task, title="Netz", effort=5))
        await pilot.pause()
        await pilot.press(*begin)
        view = app.screen
        assert not app.free
        app.take_in(str(tmp_path / "my plan.made"))
        await app.workers.wait_for_complete(
            [each for each in app.workers if each.group == "import"]
        )
        await pilot.pause()
        assert app.screen is view
        await pilot.press("escape")
        await reach(pilot, app, ImportPreview)
        await pilot.press("escape")
    app.session.close()


async def test_what_takes_long_can_be_stopped(
    app: TrackerApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    read = importing.read

    def slow(*arguments: object, **options: object) -> importing.Import:
        go_on.wait(20)
        return read(*arguments, **options)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(importing, "read", slow)
    monkeypatch.setattr(taking_in, "_PATIENCE", 0.01)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3")
        path = str(tmp_path / "my plan.made")
        app.take_in(path)
        await reach(pilot, app, Underway)
        await pilot.press("escape")
        await until(pilot, "The import was stopped; nothing has changed.", app)
        app.take_in(path)
        await reach(pilot, app, Underway)
        go_on.set()
        await reach(pilot, app, ImportPreview)
        await pilot.press("escape")
        await until(pilot, "Nothing was imported.", app)
        assert not app.workspace.tasks
    app.session.close()


async def test_it_is_told_that_one_left_before_an_import_was_worked_out(
    app: TrackerApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, left, work_out = threading.Event(), threading.Event(), app.session.prepared

    def slow(command: Command) -> Prepared:
        begun.set()
        left.wait(60)
        return work_out(command)

    async with app.run_test(size=(100, 30)) as pilot:
        app.take_in(str(tmp_path / "my plan.made"))
        await reach(pilot, app, ImportPreview)
        monkeypatch.setattr(app.session, "prepared", slow)
        await pilot.press("enter")
        while not begun.is_set():
            await pilot.pause(0.01)
        app.stop(signal.SIGTERM)
        while app.is_running:
            await asyncio.sleep(0.01)
        left.set()
    assert app.session.notices == (NOT_STORED,)
    assert not app.session.workspace.tasks
    app.session.close()


async def test_a_failure_while_a_plan_is_shown_is_told_and_leaves_the_screen_alive(
    app: TrackerApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_words: object, **_named: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(ImportPreview, "text_lines", broken)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3")
        view = app.screen
        app.take_in(str(tmp_path / "my plan.made"))
        await until(pilot, "because of an error in tracker", app)
        while app.screen is not view:
            await pilot.pause(0.02)
        await pilot.pause()
        assert "because of an error in tracker" in message(app)
        assert not app.workspace.tasks
    app.session.close()
