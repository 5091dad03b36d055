"""Filters kept under a name: saved, shown, changed and forgotten; and marks by filter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import NOW, done, plan
from tests.tui.stage import readable, typed
from tests.tui.test_changing import screen
from tests.tui.test_together import message, until
from tracker.domain.errors import Refused
from tracker.domain.verbs.saved_filters import delete_filter, save_filter
from tracker.tui.table.screen import TasksScreen


def test_a_filter_is_kept_once_under_its_name() -> None:
    ws = done(plan(tasks=2), save_filter, name=" Mein  Filter ", query="@netz ")
    ws = done(ws, save_filter, name="mein filter", query="state:late")
    assert [(each.name, each.query) for each in ws.filters.values()] == [
        ("mein filter", "state:late")
    ]
    assert not done(ws, delete_filter, filter=1).filters
    with pytest.raises(Refused):
        save_filter(ws, NOW, name=" ", query="x")


async def test_what_is_looked_for_is_saved_shown_and_forgotten(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _bob):
        await pilot.press("slash")
        await typed(pilot, "test\n")
        await pilot.press("F")
        await pilot.pause()
        assert "No filter is saved yet" in readable(app.screen)
        await pilot.press("s")
        await pilot.pause()
        await pilot.press("home")
        await typed(pilot, "Tests")
        assert "1 task matches" in readable(app.screen)
        await pilot.press("enter")
        await until(pilot, "Filter saved: Tests = test", app)
        await pilot.press("F")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert isinstance(app.screen, TasksScreen)
        assert app.screen.rows.rows == (3,)
        await pilot.press("F")
        await pilot.pause()
        await pilot.press("x")
        await until(pilot, "Filter deleted: Tests", app)
        await pilot.press("u")
        await until(pilot, "Undo", app)
        assert len(app.workspace.filters) == 1


async def test_what_a_filter_finds_is_marked(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _bob):
        await pilot.press("colon")
        await typed(pilot, "mark test or konzept\n")
        assert isinstance(app.screen, TasksScreen)
        assert app.screen.marked == {1, 3}
        assert message(app) == "2 tasks marked"
        await pilot.press("colon")
        await typed(pilot, "mark state:nonsense\n")
        assert "is not a state" in message(app)
