"""Controlling on the screen: figures, what is behind them, and how they came about."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from tests.builders import TODAY
from tests.flow.test_controlling import sent_back
from tests.tui.load.test_load_screen import LANES, Show, Weeks, stage, task
from tests.tui.stage import shown
from tracker import terminal_text
from tracker.domain.model import Department, Project
from tracker.domain.verbs import commands
from tracker.tui.load.controlling_screen import ControllingScreen
from tracker.tui.load.explanation import Explanation
from tracker.tui.load.screen import LoadScreen
from tracker.tui.table.screen import TasksScreen
from tracker.tui.widgets.choices import Passage
from tracker.tui.widgets.rows import Rows

__all__ = ["stage"]

PRICED = Department(id=3, name="Security", order=3, day_rate=800.0)


def front(at: Weeks) -> ControllingScreen:
    """Return the view, which is in front."""
    found = at.app.screen
    assert isinstance(found, ControllingScreen)
    return found


def text(at: Weeks) -> str:
    """Return what can be read in the rows."""
    return shown(front(at).query_one(Rows))


async def explanation(at: Weeks) -> str:
    """Return how the figures of the row under the cursor came about."""
    await at.press("I")
    assert isinstance(at.app.screen, Explanation)
    told = shown(at.app.screen.query_one(Passage))
    await at.press("escape")
    return told


async def test_it_is_reached_from_the_load_and_leads_back_there(stage: Show) -> None:
    async with stage(*LANES, PRICED, task(1, 4, department=3, effort=6)) as at:
        await at.press("v")
        assert "effort in days" in text(at)
        assert "cost in EUR" in text(at)
        row = next(line for line in text(at).splitlines() if "Security" in line)
        assert row.split()[-4:] == ["0", "4,800", "4,800", "0"]
        await at.press("v")
        assert isinstance(at.app.screen, LoadScreen)
        await at.press("v", "q")
        assert isinstance(at.app.screen, LoadScreen)


async def test_groups_change_and_stay_so(stage: Show) -> None:
    project = Project(id=1, name="Move")
    async with stage(*LANES, project, task(1, 4, project=1, phase="Build", tags=("x",))) as at:
        await at.press("v", "V")
        assert "By project" in text(at)
        assert "Move" in text(at)
        await at.press("V")
        assert "By tag" in text(at)
        await at.press("V")
        assert "By phase" in text(at)
        assert "Build" in text(at)
        assert at.app.recalled("controlling_by") == "phase"


async def test_enter_lists_the_tasks_behind_a_row(stage: Show) -> None:
    async with stage(*LANES, task(1, 4, department=1), task(2, 3, 2, department=2)) as at:
        await at.press("v", "j", "enter")
        await at.pilot.pause()
        assert isinstance(at.app.screen, TasksScreen)
        assert list(at.app.screen.rows.rows) == [2]


async def test_without_a_day_rate_it_says_how_to_have_costs(stage: Show) -> None:
    async with stage(*LANES, task(1, 4, department=1)) as at:
        await at.press("v")
        assert "cost in" not in text(at)
        assert "tracker department NAME rate=700" in await explanation(at)


async def test_rework_names_arrow_reason_and_price(stage: Show) -> None:
    async with stage(*sent_back().entities(), size=(120, 30)) as at:
        await at.press("v")
        assert "2 Task 2 → 1 Task 1  “Twice”" in text(at)
        await at.press("j", "j")
        assert front(at).focused_task == 1
        told = await explanation(at)
        assert "divided by the working days of its passes" in " ".join(told.split())


async def test_the_budget_is_held_against_the_simulated_cost(stage: Show) -> None:
    move = Project(id=1, name="Move", budget=2_000.0)
    async with stage(*LANES, PRICED, move, task(1, 4, department=3, project=1)) as at:
        await at.press("v")
        await at.until(lambda: "P80 3,200" in text(at))
        assert "Move: budget 2,000 · P80 3,200 · P50 3,200 · kept in 0% of the runs" in text(at)


async def test_earned_value_says_what_it_rests_on(stage: Show) -> None:
    due = TODAY - timedelta(1)
    async with stage(*LANES, PRICED, task(1, 4, department=3, due=due)) as at:
        await at.press("v", "end")
        assert "SPI 0 · CPI – · BCWS 3,200" in text(at)
        told = await explanation(at)
        assert "There is no baseline" in told
        assert "ANSI/EIA-748" in told


async def test_nothing_to_count_names_the_keys_that_go_on(stage: Show) -> None:
    async with stage(*LANES, task(1, 4)) as at:
        await at.press("v")
        nothing = partial(commands.edit_task, task=1, low=0.0, likely=0.0, high=0.0)
        await at.app.carry_out(nothing)
        await at.pilot.pause()
        assert "e on a task enters its effort" in shown(front(at).query_one("#empty"))
        await at.press("enter", "I", "j")


async def test_a_large_plan_is_read_beside_the_screen(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracker.tui.load import controlling_screen

    monkeypatch.setattr(controlling_screen, "_SMALL", 0)
    async with stage(*LANES, task(1, 2, department=1)) as at:
        await at.press("v")
        await at.until(lambda: "Development" in text(at))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_long_and_wide_names_keep_figures_in_their_columns(
    stage: Show, size: tuple[int, int]
) -> None:
    wide = Department(id=3, name="Über漢字" * 20, day_rate=800.0)
    async with stage(
        *LANES, wide, task(1, 4, department=3), task(2, 4, department=1), size=size
    ) as at:
        await at.press("v")
        rows = [
            line.rstrip() for line in text(at).splitlines() if "Über" in line or "in total" in line
        ]
        assert len(rows) == 2
        assert len({terminal_text.width(row) for row in rows}) == 1
        assert terminal_text.width(rows[0]) <= size[0]
