"""From anywhere to anywhere in a few keys: letters on what is in sight, numbers, what burns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import TODAY, plan
from tests.tui.board.test_board_screen import Show, Stage, stage
from tests.tui.table.test_table_screen import Show as ShowTable
from tests.tui.table.test_table_screen import table
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.tui.view import going
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.view import View
from tracker.tui.widgets.rows import Rows

__all__ = ["stage", "table"]


@given(st.integers(0, 800))
def test_no_label_begins_another_one(count: int) -> None:
    found = going.labels(count)
    assert len(found) == min(count, 676)
    assert len(set(found)) == len(found)
    single = {label for label in found if len(label) == 1}
    assert all(label[0] not in single for label in found if len(label) == 2)
    assert all(1 <= len(label) <= 2 for label in found)
    assert count > 26 or len(single) == count


def _office() -> Workspace:
    """Return thirty tasks, of which 8, 14 and 21 burn."""
    ws = plan("1-2 2-3 3-4 4-5 5-6", tasks=30)
    late = TODAY - timedelta(days=2)
    edits = [Edit(ws.tasks[n], replace(ws.tasks[n], due=late)) for n in (8, 21)]
    edits.append(Edit(ws.tasks[14], replace(ws.tasks[14], state="waiting", follow_up=late)))
    edits.append(Edit(ws.tasks[30], replace(ws.tasks[30], due=late, state="done")))
    return ws.apply(Change(sentence("Plan"), tuple(edits)))


def _told(at: Stage) -> str:
    message = at.app.screen.query_one(StatusLine).message
    return message[0] if message else ""


def _view(at: Stage) -> View:
    view = at.app.screen
    assert isinstance(view, View)
    return view


@pytest.fixture
def _digits_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take digits for one number however slow the machine is."""
    monkeypatch.setattr(going, "_TOGETHER", 1e9)


async def test_two_letters_leave_the_number_on_a_card(stage: Show) -> None:
    async with stage(_office(), (160, 60), zoom="") as at:
        await at.press("i")
        pairs = {task: letters for task, letters in at.view._lit.labels.items() if letters[1:]}
        assert pairs
        # The last one is done, and has its sign before its number.
        words = at.text.replace("✓", "")
        assert all(f"{letters}{task} " in words for task, letters in pairs.items())


@pytest.mark.usefixtures("_digits_together")
async def test_from_task_3_to_task_28_in_three_keys_on_the_board(stage: Show) -> None:
    async with stage(_office(), (120, 60)) as at:
        at.screen.choose(3)
        await at.press("2", "8", "enter")
        assert at.here == 28
        at.screen.choose(3)
        await at.press("i")
        typed = at.view._lit.labels[28]
        assert len(typed) <= 2
        assert typed in at.text
        await at.press(*typed)
        assert at.here == 28
        assert not at.view._lit.labels


async def test_letters_lead_to_rows_of_the_table(table: ShowTable) -> None:
    async with table(_office(), (80, 40)) as at:
        await at.press("i")
        letters = at.text.splitlines()[27][:2].split()[0]
        await at.press(*letters)
        assert at.view.focused_task == 28
        assert at.text.splitlines()[27].split()[0] == "28"


async def test_other_keys_end_a_jump_and_a_letter_that_is_nowhere_says_so(stage: Show) -> None:
    async with stage(_office(), (120, 60)) as at:
        at.screen.choose(3)
        await at.press("apostrophe")
        first = at.view._lit.labels
        await at.press("j" if len(first) < 27 else "y", "backspace")
        await at.press("escape")
        assert not at.view._lit.labels
        assert at.here == 3
        await at.press("i", "down")
        assert not at.view._lit.labels


async def test_letters_that_are_nowhere_are_named(stage: Show) -> None:
    async with stage(plan(tasks=3), (80, 24)) as at:
        here = at.here
        await at.press("i", "m")
        assert "letters m" in _told(at)
        assert at.here == here


@pytest.mark.usefixtures("_digits_together")
async def test_a_number_that_begins_with_that_of_a_view_leads_back_to_the_view(stage: Show) -> None:
    async with stage(_office(), (100, 30)) as at:
        await at.press("3")
        assert _view(at).VIEW == "tasks"
        await at.press("0")
        assert "Enter goes to 30" in _told(at)
        await at.press("backspace", "enter")
        assert at.screen.VIEW == "board"
        assert at.here == 3
        await at.press("2", "6")
        assert _view(at).VIEW == "loops"
        assert "Enter goes to 26" in _told(at)
        await at.press("enter")
        assert at.screen.VIEW == "board"
        assert at.here == 26
        await at.press("9", "9", "enter")
        assert "99" in _told(at)
        assert at.here == 26
        await at.press("0", "7", "enter")
        assert at.here == 7


@pytest.mark.usefixtures("_digits_together")
async def test_a_number_right_behind_the_digit_of_a_view_is_on_that_view(stage: Show) -> None:
    async with stage(_office(), (100, 30)) as at:
        await at.press("3", "2", "1")
        assert "Enter goes to 21" in _told(at)
        await at.press("enter")
        await at.pilot.pause()
        assert (_view(at).VIEW, _view(at).focused_task) == ("tasks", 21)
        await at.press("4", "2", "9", "enter")
        await at.pilot.pause()
        assert (_view(at).VIEW, _view(at).focused_task) == ("timeline", 29)
        await at.press("0", "3", "2", "1", "enter")
        assert "321" in _told(at)


async def test_digits_with_a_pause_between_them_lead_to_views(stage: Show) -> None:
    async with stage(_office(), (100, 30)) as at:
        here = at.here
        await at.press("3", "2")
        assert at.screen.VIEW == "board"
        await at.press("enter", "escape")
        assert at.screen.focused_task == here


@pytest.mark.usefixtures("_digits_together")
async def test_a_number_that_the_view_does_not_show_opens_the_task(stage: Show) -> None:
    async with stage(_office(), (100, 30)) as at:
        await at.press("1", "j", "2", "8", "enter")
        await at.pilot.pause()
        assert not _view(at).VIEW
        assert _view(at).focused_task == 28


async def test_letters_lead_past_the_headings_of_today(stage: Show) -> None:
    async with stage(_office(), (100, 30)) as at:
        await at.press("1", "i")
        rows = at.app.screen.query_one(Rows)
        assert set(rows._labels) == set(rows.in_sight) - {rows.row}
        assert all(row > 0 for row in rows._labels)
        place, letters = list(rows._labels.items())[-1]
        await at.press(*letters)
        assert rows.row == place


async def test_tab_goes_round_what_burns(stage: Show) -> None:
    async with stage(_office(), (100, 30)) as at:
        at.screen.choose(1)
        order = [task for task in at.view.reading_order if task in (8, 14, 21)]
        for task in (*order, order[0]):
            await at.press("tab")
            assert at.here == task
        assert "1 of 3" in _told(at)
        await at.press("shift+tab")
        assert at.here == order[-1]


async def test_tab_says_so_when_nothing_burns(stage: Show) -> None:
    async with stage(plan("1-2"), (100, 30)) as at:
        await at.press("tab")
        assert _told(at).startswith("Nothing burns")


async def test_tab_leads_on_from_the_page_of_a_task(stage: Show) -> None:
    async with stage(_office(), (80, 24)) as at:
        at.screen.choose(8)
        await at.press("enter", "tab")
        assert _view(at).focused_task == 14
