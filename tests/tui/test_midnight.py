"""A screen that stays open over midnight is about the new day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.stage import shown
from tracker.domain.verbs import arrows, commands
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.task.detail_pane import DetailPane
from tracker.tui.view.frame import HeadLine, StatusLine
from tracker.tui.view.view import View


class Clock:
    """A time that goes on only when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at


@asynccontextmanager
async def opened(folder: Path, size: tuple[int, int]) -> AsyncIterator[tuple[Clock, Pilot[str]]]:
    """Open a plan of one task that is due tomorrow."""
    clock = Clock()
    session = Session.open(folder / "plan.json", who="anna", clock=clock)
    due = clock.at.date() + timedelta(1)
    session.do(partial(commands.add_task, title="Konzept", due=due))
    app = TrackerApp(session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield clock, pilot
    session.close()


def head(pilot: Pilot[str]) -> str:
    return pilot.app.screen.query_one(HeadLine).render_line(0).text


async def days_later(clock: Clock, pilot: Pilot[str], days: int) -> None:
    clock.at += timedelta(days)
    assert isinstance(pilot.app, TrackerApp)
    pilot.app.look_at_the_clock()
    await pilot.pause()


@pytest.mark.parametrize("view", ["2", "3", "6", "enter"])
async def test_two_days_on_a_task_counts_as_late(tmp_path: Path, view: str) -> None:
    async with opened(tmp_path, (100, 30)) as (clock, pilot):
        await pilot.press(view)
        await pilot.pause()
        assert "late" not in head(pilot)
        await days_later(clock, pilot, 2)
        assert "1 late" in head(pilot)


async def test_what_stood_behind_is_about_the_new_day_too(tmp_path: Path) -> None:
    async with opened(tmp_path, (100, 30)) as (clock, pilot):
        await pilot.press("3")
        await days_later(clock, pilot, 2)
        await pilot.press("2")
        await pilot.pause()
        assert "1 late" in head(pilot)


async def test_the_panel_beside_the_board_says_how_late(tmp_path: Path) -> None:
    async with opened(tmp_path, (140, 40)) as (clock, pilot):
        await pilot.press("enter")
        await pilot.pause()
        pane = pilot.app.screen.query_one(DetailPane)
        assert "tomorrow" in shown(pane)
        await days_later(clock, pilot, 2)
        assert "tomorrow" not in shown(pane)


async def test_the_clock_is_looked_at_without_a_key(tmp_path: Path) -> None:
    async with opened(tmp_path, (100, 30)) as (clock, pilot):
        clock.at += timedelta(2)
        for _ in range(100):
            if "1 late" in head(pilot):
                return
            await pilot.pause(0.05)
        raise AssertionError(head(pilot))


async def test_a_key_is_not_about_what_the_new_day_put_in_the_place_of_a_task(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, (100, 30)) as (clock, pilot):
        app = pilot.app
        assert isinstance(app, TrackerApp)
        for days in (2, 3):
            due = clock.at.date() + timedelta(days)
            await app.carry_out(partial(commands.add_task, title=f"in {days}", due=due))
        await app.carry_out(partial(arrows.link, source=2, target=3))
        app.show_view("today", 1)
        await pilot.pause()
        await pilot.pause()
        view = app.screen
        assert isinstance(view, View)
        assert view.focused_task == 1
        await days_later(clock, pilot, 4)
        here = view.focused_task
        assert here not in (None, 1)
        await pilot.press("d")
        await pilot.pause()
        assert f"it was 1 and is {here} " in shown(view.query_one(StatusLine))
        assert app.workspace.tasks[here or 0].state == "todo"
