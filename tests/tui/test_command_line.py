"""The line for commands: it completes what it understands, and leads to where a thing is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.builders import TODAY, plan
from tests.tui.stage import Seen, full_disk, readable, shown
from tracker import language
from tracker.cli import CALLS
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.exchange import importing
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.help import HelpScreen
from tracker.tui.dialogs.questions import CopiedText
from tracker.tui.timeline.screen import TimelineScreen
from tracker.tui.view.command_line import SHELL
from tracker.tui.view.frame import HeadLine, LongMessage, StatusLine
from tracker.tui.view.view import View
from tracker.tui.widgets.rows import Rows


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
    line = pilot.app.screen.query_one(Input)
    assert isinstance(pilot.app, TrackerApp)
    await Seen(pilot.app, pilot).until(lambda: line.has_focus)
    line.value = text
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


async def test_a_call_that_only_the_store_refuses_stays_in_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as (app, pilot):
        at = Seen(app, pilot)
        with monkeypatch.context() as patch:
            patch.setattr(app.session, "do", full_disk)
            await said(pilot, "add Cabling in the cellar @Netz")
            await at.until(lambda: "The disk is full." in at.foot)
        line = app.screen.query_one(Input)
        assert line.has_focus
        assert line.value == "add Cabling in the cellar @Netz"
        await pilot.press("enter")
        await at.until(lambda: not app.screen.query(Input))
        assert [task.title for task in app.workspace.tasks.values()].count(
            "Cabling in the cellar"
        ) == 1
        assert "Added: 4 Cabling in the cellar" in at.foot
        assert not shown(app.screen.query_one(LongMessage))
        app.show_past(app.now().at)
        await at.until(lambda: app.past is not None)
        await said(pilot, "add Later")
        await at.until(lambda: "it can only be read" in at.foot)
        assert app.screen.query_one(Input).value == "add Later"


async def test_a_call_that_was_left_is_there_again_until_something_else_is_typed(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (app, pilot):
        at = Seen(app, pilot)
        await at.press("colon", *"wait", "space", *"1", "escape")
        await at.until(lambda: "Kept what was typed" in at.foot)
        await at.press("colon")
        assert app.screen.query_one(Input).value == "wait 1"
        await at.press("end", *"2", "escape", "colon")
        assert app.screen.query_one(Input).value == "wait 12"
        await at.press("3")
        assert app.screen.query_one(Input).value == "3"
        await at.press("enter")
        assert isinstance(app.screen, View)
        assert app.screen.focused_task == 3
        await at.press("colon")
        assert app.screen.query_one(Input).value == ""


async def test_a_call_that_was_carried_out_does_not_come_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        at = Seen(app, pilot)
        await said(pilot, "add Cabling")
        await at.until(lambda: len(app.workspace.tasks) == 4)
        await at.press("colon", "escape")
        assert "Kept" not in at.foot
        await at.press("colon")
        assert app.screen.query_one(Input).value == ""


async def test_a_call_that_was_left_comes_back_on_any_view(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        at = Seen(app, pilot)
        app.open_task(2)
        await pilot.pause()
        await at.press("colon", *"wait", "space", *"1", "escape", "escape", "colon")
        assert app.screen is app.get_screen("board")
        assert app.screen.query_one(Input).value == "wait 1"


async def test_the_key_of_a_line_leads_back_to_it_after_a_click_elsewhere(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        at = Seen(app, pilot)
        await at.press("3", "colon", *"wait", "space", *"1")
        line = app.screen.query_one(Input)
        await pilot.click(Rows, offset=(5, 2))
        await pilot.pause()
        assert not line.has_focus
        await at.press("colon", *"2")
        assert line.value == "wait 12"
        await at.press("escape", "colon")
        assert app.screen.query_one(Input).value == "wait 12"


@pytest.mark.parametrize("call", ["q", "wq", "quit"])
async def test_a_call_does_not_leave_the_program_unasked_with_a_line_that_was_left(
    tmp_path: Path, call: str
) -> None:
    async with opened(tmp_path) as (app, pilot):
        at = Seen(app, pilot)
        await at.press("a", *"New", "escape", "colon", *call, "enter")
        assert "New" in readable(app.screen)
        await at.press("escape", "colon", *call, "exclamation_mark", "enter")
        assert app.leaving is (call != "wq")


@pytest.mark.parametrize(("task", "way"), [(0, "q"), (0, "32q"), (2, "qq"), (2, "2q")])
async def test_a_line_that_is_open_is_kept_where_keys_lead_away_after_a_click(
    tmp_path: Path, task: int, way: str
) -> None:
    async with opened(tmp_path) as (app, pilot):
        at = Seen(app, pilot)
        if task:
            app.open_task(task)
            await pilot.pause()
        await at.press("colon", *"wait", "space", *"1")
        app.screen.set_focus(None)
        await at.press(*way)
        assert not app.leaving
        assert "wait 1" in readable(app.screen)
        await at.press("escape", "colon")
        assert app.screen.query_one(Input).value == "wait 1"


async def test_a_call_that_leads_to_a_view_does_not_come_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await said(pilot, "list state:open")
        await Seen(app, pilot).press("colon")
        assert app.screen.query_one(Input).value == ""


@pytest.mark.parametrize("view", ["board", "today", "tasks", "timeline", "matrix", "loops", "log"])
async def test_a_line_goes_on_and_is_seen_where_no_task_is_left(tmp_path: Path, view: str) -> None:
    async with opened(tmp_path) as (app, pilot):
        at = Seen(app, pilot)
        app.show_view(view)
        await pilot.pause()
        await at.press("colon", *"add")
        line = app.screen.query_one(Input)
        app.session.do(commands.on_each(commands.delete_task, tuple(app.workspace.tasks)))
        app.workspace = app.session.workspace
        await at.press("space", *"q")
        assert line.has_focus
        assert line.value == "add q"
        assert line.region.y == app.size.height - 1


# Every call of the shell in an order in which each has something to do, and what is said of those
# that do nothing: where a thing is, or why it is refused.
_CALLS = (
    ("add Cabling after:2", ""),
    ("edit 1 prio=high", ""),
    ("start 1", ""),
    ("done 1", ""),
    ("undo", ""),
    ("redo", ""),
    ("reopen 1", ""),
    ("wait 2 --for supplier", ""),
    ("back 3 --to 1 --why Wrong", ""),
    ("link 1 3", ""),
    ("unlink 1 3", ""),
    ("drop 4", ""),
    ("delete 4", ""),
    ("confirm 3", "only tasks in recheck"),
    *((call, "") for call in ("today", "follow-ups", "hand-overs", "list", "loops", "forecast")),
    *((call, "") for call in ("project", "department", "person", "system", "settings", "set")),
    ("show 2", ""),
    ("help", ""),
    ("copy", "Copied 1 task"),
    ("import missing.csv", "missing.csv"),
    ("log", ""),
    ("schedule", ""),
    ("timeline", ""),
    ("replan", "can be kept"),
    *((call, "shell command") for call in SHELL),
)


async def test_every_call_of_the_shell_runs_or_says_where_its_view_is(tmp_path: Path) -> None:
    others = CALLS.keys() - {typed.partition(" ")[0] for typed, _told in _CALLS}
    async with opened(tmp_path) as (app, pilot):
        for typed, told in (*_CALLS, *((call, "") for call in sorted(others))):
            app.tell("")
            seq, screen = app.workspace.seq, app.screen
            await said(pilot, typed)
            message, style = "", ""
            for _ in range(500):
                await pilot.pause(0.01)
                views = [each for each in app.screen_stack if isinstance(each, View)]
                message, style = views[-1].query_one(StatusLine).message or ("", "")
                done = app.workspace.seq > seq or app.screen is not screen
                if (told and told in message) or (not told and done):
                    break
            if told:
                assert told in message, typed
                continue
            assert style != "error", (typed, message)
            assert app.workspace.seq > seq or app.screen is not screen, (typed, message)
            while app.screen not in app._views.kept:
                app.pop_screen()
            app.show_view("board")
            await pilot.pause()


@pytest.mark.parametrize("typed", ["forecast --at 60", "prognose 60", "today 3", "matrix x"])
async def test_what_follows_the_name_of_a_view_is_not_swallowed(tmp_path: Path, typed: str) -> None:
    async with opened(tmp_path) as (app, pilot):
        await said(pilot, typed)
        views = [each for each in app.screen_stack if isinstance(each, View)]
        message, style = views[-1].query_one(StatusLine).message or ("", "")
        assert f"Nothing may follow :{typed.split()[0]} here" in message
        assert style == "error"


async def test_the_history_is_looked_through_from_the_line(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await said(pilot, "log made")
        await pilot.pause()
        assert app.screen is app.get_screen("log")
        assert "Log: made]" in shown(app.screen.query_one(HeadLine))


@pytest.mark.parametrize(
    ("typed", "part"),
    [("follow-ups", "Follow-ups"), ("wiedervorlagen", "Follow-ups"), ("hand-overs", "Hand-overs")],
)
async def test_lists_of_the_day_are_reached_by_their_names(
    tmp_path: Path, typed: str, part: str
) -> None:
    async with opened(tmp_path) as (app, pilot):
        await said(pilot, typed)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert f"Today: {part}]" in shown(app.screen.query_one(HeadLine))
        await said(pilot, "today")
        await pilot.pause()
        assert "Today]" in shown(app.screen.query_one(HeadLine))


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


@pytest.mark.parametrize(
    ("typed", "told"),
    [("edit 99 title=Firewall", "no task 99"), ("confirm 3", "only tasks in recheck")],
)
async def test_a_call_that_is_refused_stays_to_be_corrected(
    tmp_path: Path, typed: str, told: str
) -> None:
    async with opened(tmp_path) as (app, pilot):
        seq = app.workspace.seq
        await said(pilot, typed)
        line = app.screen.query_one(StatusLine)
        await Seen(app, pilot).until(lambda: line.message and told in line.message[0])
        await pilot.pause()
        assert app.screen.query_one(Input).value == typed
        assert app.workspace.seq == seq


async def test_what_is_of_the_shell_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await said(pilot, "check --repair")
        message = app.screen.query_one(StatusLine).message
        assert message is not None
        assert "run `tracker check" in message[0]


async def test_the_schedule_is_the_timeline(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await said(pilot, "schedule")
        assert isinstance(app.screen, TimelineScreen)


async def test_verbs_views_and_numbers_are_completed(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, _pilot):
        assert offered(app, "fo") == ["forecast", "follow-ups"]
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


async def test_what_is_typed_while_a_line_opens_slowly_is_typed_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens = View.action_command

    async def slowly(self: View) -> None:
        await asyncio.sleep(0.8)
        opens(self)

    monkeypatch.setattr(View, "action_command", slowly)
    async with opened(tmp_path) as (app, pilot):
        before = app.workspace
        for name, character in (("colon", ":"), ("d", "d"), ("x", "x")):
            app.post_message(events.Key(name, character))
        for _turn in range(1_000):
            await pilot.pause(0.01)
            if [line.value for line in app.screen.query(Input)] == ["dx"]:
                break
        assert [line.value for line in app.screen.query(Input)] == ["dx"]
        assert app.workspace == before


async def test_a_word_typed_behind_a_completed_one_is_completed_itself(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, pilot):
        await pilot.press("colon", *"expor", "tab", "space", *"pl", "tab")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "export pl.xlsx"
        await pilot.press("tab")
        assert app.screen.query_one(Input).value == "export pl.csv"


@pytest.mark.parametrize("error", [None, RuntimeError("boom")])
async def test_an_import_that_cannot_be_read_is_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    if error is not None:
        monkeypatch.setattr(importing, "read", Mock(side_effect=error))
    async with opened(tmp_path) as (app, pilot):
        typed = f"import {tmp_path}/lsite.csv"
        await said(pilot, typed)
        await app.workers.wait_for_complete()
        await Seen(app, pilot).until(lambda: bool(app.unsent))
        await pilot.press("colon")
        await pilot.pause()
        assert app.screen.query_one(Input).value == typed
