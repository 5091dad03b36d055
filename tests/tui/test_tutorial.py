"""The tutorial of the demo: it notices what one has done, changes nothing, and can be ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.builders import TODAY, plan
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.domain.verbs import arrows, commands
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.tutorial import STEPS
from tracker.tui.view.frame import Lesson


@asynccontextmanager
async def opened(folder: Path, width: int = 100) -> AsyncIterator[tuple[TrackerApp, Pilot[Any]]]:
    file = folder / "plan.json"
    fresh = not file.exists()
    session = Session.open(file, who="anna", today=TODAY)
    if fresh:
        ws = plan("1-2 2-3", returns="3-1", states="1:done 2:done 3:doing")
        edits = tuple(Edit(None, entity) for entity in ws.entities())
        session.do(lambda _ws, _now: Change(sentence("Made"), edits))
    app = TrackerApp(session, view="today", tutorial=True)
    async with app.run_test(size=(width, 24)) as pilot:
        await _settled(pilot)
        yield app, pilot
    session.close()


async def _settled(pilot: Pilot[Any]) -> None:
    for _ in range(3):
        await pilot.pause()


def lesson(app: TrackerApp) -> str:
    return "".join(text for text, _role in app.lesson)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


async def test_it_goes_on_with_what_one_does(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):

        async def reached(number: int) -> None:
            await _settled(pilot)
            app.notice()
            assert lesson(app).startswith(f"{number}/{len(STEPS)} ")

        await reached(1)
        await pilot.press("2")
        await reached(1)
        app.open_task(3)
        await reached(2)
        assert app.screen.query_one(Lesson).size.height == 1
        await pilot.press("q")
        await reached(4)
        await pilot.press("comma")
        await reached(5)
        await app.carry_out(partial(arrows.send_back, gate=3, target=1, reason="no"))
        await reached(6)
        app.session.undo()
        app.workspace = app.session.workspace
        await reached(7)
        await app.carry_out(partial(commands.add_task, title="Load test"))
        await reached(8)
        await pilot.press("slash")
        app.screen.query_one(Input).value = "state:open"
        await pilot.press("enter")
        await reached(9)
        await pilot.press("6")
        await reached(10)
        await pilot.press("question_mark")
        await _settled(pilot)
        app.notice()
        assert lesson(app) == ""
    async with opened(tmp_path) as (app, _pilot):
        assert lesson(app) == ""


@pytest.mark.parametrize("width", [60, 100])
async def test_it_is_shown_whole_and_ended_by_a_command(tmp_path: Path, width: int) -> None:
    async with opened(tmp_path, width) as (app, pilot):
        line = app.screen.query_one(Lesson)
        shown = " ".join(line.render_line(y).text.strip() for y in range(line.size.height))
        assert " ".join(shown.split()) == " ".join(lesson(app).split())
        seq = app.workspace.seq
        await pilot.press("colon")
        app.screen.query_one(Input).value = "tutorial"
        await pilot.press("enter")
        await _settled(pilot)
        assert lesson(app) == ""
        assert not app.screen.query_one(Lesson).display
        assert app.workspace.seq == seq
    async with opened(tmp_path) as (app, _pilot):
        assert lesson(app) == ""
