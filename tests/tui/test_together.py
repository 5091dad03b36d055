"""Two people at two screens on one workspace."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual import events
from textual.geometry import Offset, Size
from textual.pilot import Pilot
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from tests import ROOT
from tests.builders import TODAY
from tests.tui.stage import readable, shown
from tracker.domain.errors import Conflict, Refused
from tracker.domain.model import Department, Item, Project, Settings, System
from tracker.domain.scope import Scope
from tracker.domain.verbs import arrows, board_commands, commands, upkeep
from tracker.domain.verbs.baselines import delete_baseline, rename_baseline
from tracker.domain.verbs.commands import Command
from tracker.domain.verbs.saved_filters import save_filter
from tracker.domain.workspace import Workspace
from tracker.exchange import importing
from tracker.flow.baseline import take
from tracker.session import Prepared, Session
from tracker.store.store import Store
from tracker.tui import aim
from tracker.tui import app as app_module
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.asking import AskLine
from tracker.tui.dialogs.import_report import ImportPreview
from tracker.tui.dialogs.questions import Confirm
from tracker.tui.dialogs.task_form import TaskForm
from tracker.tui.dialogs.underway import Underway
from tracker.tui.drift.screen import DriftScreen
from tracker.tui.log.screen import LogScreen
from tracker.tui.loops.screen import LoopsScreen
from tracker.tui.table.screen import TasksScreen
from tracker.tui.task.detail_pane import DetailPane
from tracker.tui.view.frame import HeadLine, StatusLine
from tracker.tui.view.view import View
from tracker.tui.widgets.choices import Choices
from tracker.tui.widgets.rows import Rows
from tracker.wording.field_texts import FORM

DUE = date(2026, 12, 4)


@asynccontextmanager
async def two(folder: Path) -> AsyncIterator[tuple[TrackerApp, Pilot[str], Session]]:
    """Open one workspace twice; gives Anna's screen and Bob's session."""
    file = folder / "plan.json"
    bob = Session.open(file, who="bob", today=TODAY)
    for title in ("Konzept", "Bauen", "Test"):
        bob.do(partial(commands.add_task, title=title, department="Netz"))
    anna = Session.open(file, who="anna", today=TODAY)
    app = TrackerApp(anna)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        yield app, pilot, bob
    anna.close()
    bob.close()


def message(app: TrackerApp) -> str:
    view = next(screen for screen in reversed(app.screen_stack) if isinstance(screen, View))
    told = view.query_one(StatusLine).message
    return told[0] if told else ""


def whole(app: TrackerApp) -> str:
    """Return what can be read on the screen in front, and in the last line of the view."""
    parts = [shown(part) for part in app.screen.query("Passage, Choices, Rows")]
    return " ".join(" ".join((*parts, message(app))).split())


def shown_line(head: HeadLine) -> str:
    return "".join(head.render_line(y).text for y in range(head.size.height))


def priority(app: TrackerApp) -> str:
    return app.workspace.tasks[1].priority


async def until(pilot: Pilot[str], text: str, app: TrackerApp) -> None:
    for _ in range(100):
        if text in message(app):
            return
        await pilot.pause(0.05)
    raise AssertionError(f"{text!r} was not told, but {message(app)!r}")


async def test_what_another_does_appears_is_marked_and_moves_nothing(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "j")
        view = app.screen
        assert isinstance(view, View)
        assert view.focused_task == 2
        bob.do(partial(commands.finish, task=3))
        await until(pilot, "bob: Done: 3 Test", app)
        assert app.workspace.tasks[3].state == "done"
        assert view.focused_task == 2
        assert view.news == {3}
        await pilot.press("k")
        assert not view.news
        assert message(app) == ""


OVERTURNED = "What is stored was put back in the meantime, so this was not done."
LOST = "! plan.json was put back to record 3: 2 changes after it are gone"


async def put_back(folder: Path, app: TrackerApp, pilot: Pilot[str], bob: Session) -> None:
    """Have the files of a while ago instead of those that are there, as a backup is copied back."""
    older = {folder / name: (folder / name).read_bytes() for name in ("plan.json", "plan.log")}
    for title in ("Abnahme", "Betrieb"):
        bob.do(partial(commands.add_task, title=title))
        await until(pilot, f"bob: Added: {bob.workspace.seq} {title}", app)
    await pilot.press("a", *"Neu")
    for path, content in older.items():
        path.write_bytes(content)
    await until(pilot, LOST, app)


async def test_what_was_lost_while_a_box_hid_the_view_is_told_behind_it(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await put_back(tmp_path, app, pilot, bob)
        await pilot.press("enter")
        await pilot.pause()
        assert OVERTURNED in whole(app)
        await pilot.press("escape")
        assert LOST in message(app)
        await pilot.press("a", "enter")
        await until(pilot, "Added: 4 Neu", app)
        await pilot.press("p")
        await until(pilot, "4 Neu: priority high", app)
        assert LOST not in message(app)


async def test_what_was_lost_is_told_until_a_key_whatever_others_do(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await put_back(tmp_path, app, pilot, bob)
        await pilot.press("escape")
        other = Session.open(tmp_path / "plan.json", who="carol", today=TODAY)
        other.do(partial(commands.add_task, title="Neuanfang"))
        other.close()
        await until(pilot, "carol: Added: 4 Neuanfang", app)
        assert LOST in message(app)
        await pilot.press("j")
        assert message(app) == ""


@pytest.mark.parametrize(
    "asked",
    ["t 2027-01-01", "w Dell", "colon edit_due=2027-01-01", "colon edit_4_due=2027-01-01", "e"],
)
async def test_a_line_about_a_task_is_about_no_other_that_has_got_its_number(
    asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        older = {
            tmp_path / name: (tmp_path / name).read_bytes() for name in ("plan.json", "plan.log")
        }
        bob.do(partial(commands.add_task, title="Abnahme"))
        app.follow()
        await pilot.press("3", "end")
        key, _blank, text = asked.partition(" ")
        await pilot.press(key)
        await pilot.pause()
        for letter in text.replace("_", " "):
            await pilot.press({" ": "space", "=": "equals_sign", "-": "minus"}.get(letter, letter))
        for path, content in older.items():
            path.write_bytes(content)
        other = Session.open(tmp_path / "plan.json", who="carol", today=TODAY)
        later = replace(other.now(), at=other.now().at + timedelta(hours=1))
        monkeypatch.setattr(other, "now", lambda: later)
        other.do(partial(commands.add_task, title="Neuanfang"))
        other.close()
        app.follow()
        if key == "e":
            await pilot.press("end", *" x", "ctrl+s")
        await pilot.press("enter")
        await pilot.pause()
        assert OVERTURNED in whole(app)
        assert app.workspace.tasks[4].title == "Neuanfang"
        assert app.workspace.tasks[4].due is None
        assert app.workspace.tasks[4].state == "todo"


BEGUN = {
    "delete": ("end x", "enter"),
    "send back": ("end b", "enter"),
    "remove an arrow": ("end X", "enter"),
    "draw an arrow": ("2 end greater_than_sign home", "enter"),
    "add behind": ("end A space N e u", "enter"),
    "marks": ("M end M", "p"),
    "undo another's": ("8 home j u", "enter"),
    "what-if": ("6 plus", "enter"),
}


@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN)
@pytest.mark.parametrize("seen", [True, False])
async def test_what_was_begun_before_files_were_put_back_does_nothing_to_what_has_its_numbers(
    begun: tuple[str, str], tmp_path: Path, *, seen: bool
) -> None:
    before, after = begun
    async with two(tmp_path) as (app, pilot, bob):
        older = {
            tmp_path / name: (tmp_path / name).read_bytes() for name in ("plan.json", "plan.log")
        }

        def follow_with(session: Session, what: str, behind: int) -> None:
            session.do(partial(commands.add_task, title=what, after=[(behind, 0)]))
            session.do(partial(arrows.link_return, gate=4, target=behind, rate=0.3))
            session.do(partial(commands.finish, task=behind))
            session.do(partial(commands.edit_task, task=4, priority="high"))

        follow_with(bob, "Abnahme", 3)
        app.follow()
        await pilot.press("3")
        await pilot.press(*before.split())
        await pilot.pause(0.1)
        assert app.session.turns == 0
        view = app.screen
        begun_here = isinstance(view, View) and (view.marked or view.VIEW == "loops")
        assert begun_here or not app.free
        for path, content in older.items():
            path.write_bytes(content)
        other = Session.open(tmp_path / "plan.json", who="carol", today=TODAY)
        follow_with(other, "Neuanfang", 2)
        if seen:
            app.follow()
            await pilot.pause(aim.REACTION)
        await pilot.press(*after.split())
        await pilot.pause(0.1)
        other.reload()
        last = list(other.history())[-1]
        assert last.who == "carol", last
        other.close()
        app.follow()
        assert app.workspace.tasks[4].title == "Neuanfang"


async def test_the_log_shows_what_came_after_files_were_put_back(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        older = {
            tmp_path / name: (tmp_path / name).read_bytes() for name in ("plan.json", "plan.log")
        }
        bob.do(partial(commands.add_task, title="Abnahme"))
        app.follow()
        await pilot.press("8")
        assert "Added: 4 Abnahme" in whole(app)
        for path, content in older.items():
            path.write_bytes(content)
        app.follow()
        assert "Added: 4 Abnahme" not in whole(app)
        other = Session.open(tmp_path / "plan.json", who="carol", today=TODAY)
        other.do(partial(commands.add_task, title="Neuanfang"))
        other.close()
        app.follow()
        await pilot.pause()
        assert "Added: 4 Neuanfang" in whole(app)


@pytest.mark.parametrize("name", ["today", "board", "tasks", "matrix", "timeline"])
async def test_a_key_is_not_about_a_task_that_only_another_put_in_front(
    name: str, tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(commands.on_each(commands.edit_task, (1, 2, 3), due=TODAY))
        await until(pilot, "bob: ", app)
        app.show_view(name, 2)
        await pilot.pause()
        view = app.screen
        assert isinstance(view, View)
        gone = view.focused_task
        assert gone
        bob.do(partial(commands.delete_task, task=gone))
        while view.focused_task in (None, gone):
            await pilot.pause(0.01)
        here = view.focused_task
        assert here
        await pilot.press("d")
        await until(
            pilot, f"it was {gone} and is {here} {app.workspace.tasks[here].title} now", app
        )
        assert app.workspace.tasks[here].state == "todo"
        await pilot.press("d")
        await until(pilot, "Done: ", app)
        assert app.workspace.tasks[here].state == "done"


async def bob_puts_away(app: TrackerApp, pilot: Pilot[str], act: Command, bob: Session) -> None:
    """Have Bob move the focused task elsewhere; the next key is about what it was about."""
    view = app.screen
    assert isinstance(view, View)
    away = view.focused_task
    bob.do(act)
    while view.is_current and view.focused_task in (None, away):
        await pilot.pause(0.01)
    before = {task.id: task.state for task in bob.workspace.tasks.values()}
    await pilot.press("d")
    await until(pilot, f"it was {away} and is ", app)
    assert {task.id: task.state for task in app.workspace.tasks.values()} == before
    await pilot.press("d")
    await until(pilot, "Done: ", app)


async def test_a_key_is_not_about_the_place_of_a_task_in_another_list(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(commands.on_each(commands.edit_task, (1, 2, 3), due=TODAY))
        await until(pilot, "bob: ", app)
        app.show_view("today", 3)
        await pilot.pause()
        late = partial(commands.edit_task, task=3, due=date(2020, 1, 1))
        await bob_puts_away(app, pilot, late, bob)


async def test_a_key_for_a_page_that_another_closed_is_not_about_what_is_marked(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        table = await shown_in("tasks", app, pilot, bob)
        await pilot.press("M", "j", "M")
        app.open_task(7)
        await pilot.pause()
        bob.do(partial(commands.delete_task, task=7))
        while app.screen is not table:
            await pilot.pause(0.01)
        await pilot.press("d")
        await until(pilot, "The selection has changed", app)
        await pilot.press("d")
        await until(pilot, "Done: ", app)


async def test_a_key_for_what_is_tried_no_more_takes_back_nothing_stored(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(arrows.link, source=1, target=2))
        bob.do(partial(arrows.link_return, gate=2, target=1))
        await up_to(pilot, app, bob)
        await app.carry_out(partial(commands.edit_task, task=1, priority="high"))
        app.show_view("loops")
        await pilot.pause()
        loops = app.screen
        assert isinstance(loops, LoopsScreen)
        await pilot.press("plus")
        bob.reload()
        bob.do(partial(arrows.unlink, link=loops.link.id if loops.link else 0))
        await up_to(pilot, app, bob)
        await pilot.press("u")
        await until(pilot, "The selection has changed", app)
        assert priority(app) == "high"


@pytest.mark.parametrize("marked", [False, True])
async def test_a_key_for_a_date_that_is_moved_no_more_deletes_nothing(
    marked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        monkeypatch.setattr(aim, "IN_ONE_GO", 10.0)
        view = await shown_in("timeline", app, pilot, bob)
        if marked:
            await pilot.press("M", "j", "M")
        await pilot.press("t")
        bob.do(commands.on_each(commands.edit_task, view.selected, priority="high"))
        await until(pilot, "Somebody has changed the task", app)
        await pilot.press("x", "enter")
        await until(pilot, "The selection has changed", app)
        await pilot.press("y")
        assert app.screen is view
        assert len(app.workspace.tasks) == 7


@pytest.mark.parametrize("key", ["o", "w", "t", "b", "enter"])
async def test_what_is_typed_behind_a_key_that_was_refused_is_no_command(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        monkeypatch.setattr(aim, "IN_ONE_GO", 10.0)
        view = await shown_in("today", app, pilot, bob)
        bob.do(partial(commands.delete_task, task=2))
        while view.focused_task in (None, 2):
            await pilot.pause(0.01)
        await pilot.press(key, *"dpdx")
        await until(pilot, f"it was 2 and is {view.focused_task} ", app)
        assert app.workspace.seq == bob.workspace.seq
        assert app.screen is view
        monkeypatch.setattr(aim, "IN_ONE_GO", 0.0)
        await pilot.press("d")
        await until(pilot, "Done: ", app)


@pytest.mark.parametrize(("view", "key"), [("3", "X"), ("2", "A"), ("6", "e"), ("4", "t")])
async def test_what_is_typed_behind_a_key_that_asks_nothing_is_no_command(
    view: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    if key == "X":
        session.do(partial(commands.add_task, title="Konzept"))
    app = TrackerApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        monkeypatch.setattr(aim, "IN_ONE_GO", 10.0)
        await pilot.press(view, key, *"adx", "enter")
        await pilot.pause()
        assert session.workspace.seq == (key == "X")
        assert isinstance(app.screen, View)
        assert message(app).startswith("!")
        assert message(app).count("What was typed behind it was not taken.") == 1
    session.close()


async def type_on(app: TrackerApp, first: str, *names: str) -> None:
    """Press a key that has to wait for Bob, and others behind it."""
    app.simulate_key(first)
    while message(app) != "Waiting for bob …":
        await asyncio.sleep(0.02)
    for name in names:
        app.simulate_key(name)
    await asyncio.sleep(0.1)


async def test_keys_typed_before_a_change_is_shown_are_about_what_was_there(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home")
        before = app.workspace.tasks[3]
        with bob._store.lock("bob"):
            await type_on(app, "p", "j", "p")
            bob.do(partial(commands.delete_task, task=2))
        await until(pilot, "it was 1 and is 3 Test now", app)
        assert priority(app) == "high"
        assert app.workspace.tasks[3] == before
        await pilot.press("p")
        await until(pilot, "3 Test: priority high", app)


async def test_what_is_typed_behind_a_change_that_waits_in_vain_is_not_taken(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home", "p")
        await until(pilot, "priority high", app)
        bob.reload()
        await pilot.press("j")
        with bob._store.lock("bob"):
            await type_on(app, "d", "u")
            bob.do(partial(commands.delete_task, task=2))
        await until(pilot, "There is no task 2", app)
        await until(pilot, "What was typed behind it was not taken.", app)
        await pilot.pause(0.1)
        assert priority(app) == "high"


async def test_no_box_comes_up_by_itself_before_what_was_typed(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home")
        with bob._store.lock("bob"):
            await type_on(app, "p", "j", "enter")
            bob.do(partial(commands.delete_task, task=3))
            free = asyncio.create_task(app.until_free())
            await asyncio.sleep(0.2)
            assert not free.done()
        await free
        assert app.workspace.tasks.keys() == {1, 2}


async def test_the_cursor_is_on_the_task_that_was_gone_to(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(commands.on_each(commands.edit_task, (1, 2, 3), likely=1.0, assignee="carol"))
        await until(pilot, "bob: ", app)
        await pilot.press("7")
        for task in (3, 2, 1):
            await pilot.press("colon", *str(task), "enter")
            await pilot.pause()
            view = app.screen
            assert isinstance(view, View)
            assert view.focused_task == task


async def test_an_item_that_says_what_another_does_is_told_from_it(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        done, open_ = Item(text="Dose", done=True), Item(text="Dose")
        items = (Item(text="Plan"), done, open_)
        bob.do(partial(commands.edit_task, task=1, checklist=items))
        await until(pilot, "bob: ", app)
        app.open_task(1)
        await pilot.pause()
        await pilot.press("j", "j")
        bob.do(partial(commands.edit_task, task=1, checklist=(done, open_)))
        await up_to(pilot, app, bob)
        await pilot.press("space")
        await until(pilot, "Checklist changed", app)
        assert [item.done for item in app.workspace.tasks[1].checklist] == [True, True]


async def test_who_presses_enter_twice_in_one_go_insists_on_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        monkeypatch.setattr(aim, "IN_ONE_GO", 10.0)
        await pilot.press("3", "home", "t", *"2026-12-24")
        bob.do(partial(commands.edit_task, task=1, due=DUE))
        await up_to(pilot, app, bob)
        await pilot.press("enter", "enter")
        box = app.screen
        while "Changed by bob" not in readable(box):
            await pilot.pause(0.01)
        await pilot.press("enter")
        assert app.screen is box
        assert app.workspace.tasks[1].due == DUE
        monkeypatch.setattr(aim, "IN_ONE_GO", 0.0)
        await pilot.press("enter")
        while app.screen is box:
            await pilot.pause(0.01)
        assert app.workspace.tasks[1].due == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("widget", "offset"), [(HeadLine, (2, 0)), (Rows, (2, 20)), (Input, (4, 0))]
)
async def test_a_click_on_nothing_leaves_what_keys_are_about(
    widget: type[Widget], offset: tuple[int, int], tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home", *(["colon", *"done"] if widget is Input else []))
        bob.do(partial(commands.delete_task, task=1))
        await up_to(pilot, app, bob)
        await pilot.click(widget, offset=offset)
        await pilot.press("enter" if widget is Input else "d")
        await until(pilot, "it was 1 and is 2 Bauen now", app)
        assert app.workspace.tasks[2].state == "todo"


async def test_a_key_for_a_panel_that_another_size_has_closed_is_not_about_the_task(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.edit_task, task=1, checklist=checklist("Plan")))
        await up_to(pilot, app, bob)
        await pilot.resize_terminal(130, 30)
        await pilot.press("3", "home", "enter", "enter")
        await pilot.resize_terminal(100, 30)
        await pilot.press("space")
        await until(pilot, "The selection has changed", app)
        assert app.workspace.tasks[1].state == "todo"


@pytest.mark.parametrize("typed", ["djd", "99\rd", "/zzzz\rd"])
async def test_what_is_typed_behind_what_was_not_there_any_more_is_not_taken(
    typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        monkeypatch.setattr(aim, "IN_ONE_GO", 10.0)
        monkeypatch.setattr(app, "follow", lambda: None)
        await pilot.press("3", "home")
        await pilot.pause(1.1)
        if typed == "djd":
            bob.do(partial(commands.delete_task, task=1))
        await pilot.press(*({"\r": "enter", "/": "slash"}.get(each, each) for each in typed))
        await until(pilot, "What was typed behind it was not taken.", app)
        assert not [task for task in app.workspace.tasks.values() if task.state == "done"]


@pytest.mark.parametrize("before", [(), ("j", "d", "u"), ("j", "d", "u", "U", "u")])
async def test_what_another_has_undone_is_not_undone_once_more(
    before: tuple[str, ...], tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home", "p")
        await until(pilot, "priority high", app)
        await pilot.press("j", "d", *before)
        await until(pilot, "Undo: Done: 3" if before else "Done: 2", app)
        bob.reload()
        bob.undo("anna")
        await up_to(pilot, app, bob)
        await pilot.press("u")
        await until(pilot, "bob has undone what you did last already.", app)
        assert priority(app) == "high"
        await pilot.press("u")
        await until(pilot, "Undo: ", app)
        assert priority(app) == "medium"


async def undo_two(app: TrackerApp, pilot: Pilot[str]) -> None:
    """Finish 1 and raise 2, and undo both: what is next to be redone is that 1 is done."""
    await pilot.press("3", "home", "d")
    await until(pilot, "Done: 1", app)
    await pilot.press("j", "p", "u")
    await until(pilot, "Undo: 2 Bauen: priority high", app)
    await pilot.press("u")
    await until(pilot, "Undo: Done: 1", app)


async def test_what_another_redoes_while_it_waits_for_that_brings_back_nothing_else(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await undo_two(app, pilot)
        with bob._store.lock("bob"):
            app.simulate_key("U")
            await until(pilot, "Waiting for bob", app)
            bob.reload()
            bob.redo("anna")
        await until(pilot, "“Done: 1 Konzept” has already been brought back.", app)
        assert (app.workspace.tasks[1].state, app.workspace.tasks[2].priority) == ("done", "medium")


async def test_what_another_has_redone_is_not_taken_for_what_was_undone_before(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await undo_two(app, pilot)
        bob.reload()
        bob.redo("anna")
        await pilot.press("U")
        await until(pilot, "bob has brought back what you undid last already.", app)
        await pilot.press("U")
        await until(pilot, "Redo: 2 Bauen: priority high", app)


async def test_no_second_enter_insists_on_what_is_left_of_a_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home", "e")
        await pilot.pause()
        form = app.screen
        assert isinstance(form, TaskForm)
        form.query_one(Input).value = "Neu"
        await pilot.press(*("down",) * FORM.index("due"))
        form.query_one("Input:focus", Input).value = str(DUE)
        await pilot.pause()
        monkeypatch.setattr(aim, "IN_ONE_GO", 9.0)
        bob.do(partial(commands.edit_task, task=1, title="Bobs Titel", due=DUE))
        app.follow()
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert app.screen is form
        assert app.workspace.tasks[1].title == "Bobs Titel"
        monkeypatch.setattr(aim, "IN_ONE_GO", 0.0)
        await pilot.press("enter")
        while app.screen is form:
            await pilot.pause(0.01)
        assert app.workspace.tasks[1].title == "Neu"


async def test_a_task_is_added_whatever_has_become_of_the_project_in_view(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        for task, project in ((1, "Umzug"), (2, "Ablösung")):
            bob.do(partial(commands.edit_task, task=task, project=project))
        app.follow()
        app.look_at(Scope((2,)))
        await pilot.press("3", "a")
        await pilot.pause()
        await pilot.press(*"Neu")
        bob.do(partial(upkeep.merge, kind=Project, name=2, into=1))
        app.follow()
        await pilot.press("enter")
        await until(pilot, "Added: 4 Neu", app)


@pytest.mark.parametrize("known", [True, False])
async def test_what_another_has_undone_unseen_is_not_undone_once_more(
    known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home", "p")
        await until(pilot, "priority high", app)
        await pilot.press("j", "d")
        await until(pilot, "Done: ", app)
        if not known:
            # As where it comes while that is looked for.
            monkeypatch.setattr(app, "follow", lambda: None)
        bob.reload()
        bob.undo("anna")
        await pilot.press("u")
        await until(pilot, "already", app)
        assert priority(app) == "high"


async def test_what_is_typed_behind_a_box_that_is_refused_is_not_taken(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.reload()
        await pilot.press("3", "home", "w", "D")
        with bob._store.lock("bob"):
            await type_on(app, "enter", "escape")
            bob.do(partial(commands.delete_task, task=1))
        box = app.screen
        while "There is no task 1" not in readable(box):
            await pilot.pause(0.01)
        await pilot.pause()
        assert app.screen is box
        assert "was not taken" not in message(app)


async def test_a_key_that_was_to_close_a_page_does_not_leave_the_program(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        app.open_task(2)
        await pilot.pause()
        bob.do(partial(commands.delete_task, task=2))
        await up_to(pilot, app, bob)
        await pilot.press("q")
        await until(pilot, "it was 2 and is 1 Konzept now", app)
        assert app.is_running
        await pilot.press("q")
        while app.is_running:
            await pilot.pause(0.01)


@asynccontextmanager
async def in_one_go_right_after(
    news: Command, keys: str, folder: Path, monkeypatch: pytest.MonkeyPatch, view: str = "3"
) -> AsyncIterator[tuple[TrackerApp, Pilot[str], Session]]:
    """Have Anna press keys on the first of three tasks before she can have seen what Bob did."""
    async with two(folder) as (app, pilot, bob):
        await pilot.press(view, "home")
        monkeypatch.setattr(aim, "REACTION", 9.0)
        monkeypatch.setattr(aim, "IN_ONE_GO", 9.0)
        bob.do(news)
        app.follow()
        await pilot.press(*keys.split())
        yield app, pilot, bob


@pytest.mark.parametrize("keys", ["j d", "j colon d", "end d", "n d"])
@pytest.mark.parametrize("gone", [2, 3])
async def test_where_a_key_led_that_came_before_the_news_were_seen_nothing_is_done(
    keys: str, gone: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = partial(commands.delete_task, task=gone)
    async with in_one_go_right_after(news, keys, tmp_path, monkeypatch) as (app, pilot, _):
        await until(pilot, "The selection has changed", app)
        assert {task.state for task in app.workspace.tasks.values()} == {"todo"}
        monkeypatch.setattr(aim, "IN_ONE_GO", 0.0)
        await pilot.press("d")
        await until(pilot, "Done: ", app)


async def test_a_key_that_led_to_the_last_one_leads_to_none_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "end", "k")
        monkeypatch.setattr(aim, "REACTION", 9.0)
        monkeypatch.setattr(aim, "IN_ONE_GO", 9.0)
        bob.do(partial(commands.delete_task, task=3))
        app.follow()
        await pilot.press("j", "d")
        await until(pilot, "The selection has changed", app)
        assert app.workspace.tasks[2].state == "todo"


@pytest.mark.parametrize(
    ("keys", "done"), [("j d", 2), ("p d", 1), ("j colon f i n i s h enter", 2)]
)
async def test_news_that_change_nothing_of_where_keys_lead_refuse_none(
    keys: str, done: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = partial(commands.edit_task, task=3, notes="Neu")
    async with in_one_go_right_after(news, keys, tmp_path, monkeypatch) as (app, pilot, _):
        await until(pilot, f"Done: {done}", app)


async def test_keys_about_one_thing_in_one_go_are_all_about_what_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = partial(commands.delete_task, task=2)
    async with in_one_go_right_after(news, "p d", tmp_path, monkeypatch) as (app, pilot, _):
        await until(pilot, "Done: 1", app)
        assert priority(app) == "high"


async def test_where_a_key_led_that_came_long_after_the_news_is_what_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home")
        bob.do(partial(commands.delete_task, task=2))
        app.follow()
        monkeypatch.setattr(aim, "IN_ONE_GO", 9.0)
        await pilot.press("j", "d")
        await until(pilot, "Done: 3", app)


async def test_a_day_that_has_just_begun_leads_a_key_in_one_go_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.edit_task, task=2, due=TODAY))
        bob.do(partial(commands.edit_task, task=3, due=TODAY - timedelta(1)))
        app.follow()
        await pilot.press("3", "home")
        monkeypatch.setattr(aim, "REACTION", 9.0)
        monkeypatch.setattr(aim, "IN_ONE_GO", 9.0)
        tomorrow = replace(app.session.now(), today=TODAY + timedelta(1))
        monkeypatch.setattr(app.session, "now", lambda: tomorrow)
        app.look_at_the_clock()
        await pilot.press("tab", "d")
        await until(pilot, "The selection has changed", app)


async def test_a_key_that_leaves_the_past_leads_to_no_other_task_than_was_looked_at(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home", "j")
        app.show_past(app.session.now().at)
        while app.past is None:
            await pilot.pause(0.01)
        app.show_view("tasks")
        await pilot.press("home", "j")
        bob.do(partial(commands.delete_task, task=2))
        app.follow()
        app.show_past(None)
        await pilot.press("d")
        await until(pilot, "it was 2 and is ", app)


@pytest.mark.parametrize("late", [False, True])
async def test_what_one_has_waited_for_is_news_for_the_keys_behind(
    late: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, _):
        await pilot.press("3", "home")
        monkeypatch.setattr(aim, "REACTION", 9.0)
        monkeypatch.setattr(aim, "IN_ONE_GO", 9.0)
        await app.carry_out(partial(commands.delete_task, task=2), late=late)
        await pilot.press("j", "d")
        await until(pilot, "The selection has changed" if late else "Done: 3", app)


async def test_a_change_of_nothing_leaves_what_keys_in_one_go_are_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, _):
        await pilot.press("3", "home")
        monkeypatch.setattr(aim, "REACTION", 9.0)
        monkeypatch.setattr(aim, "IN_ONE_GO", 9.0)
        await pilot.press("e", "enter")
        await until(pilot, "No change", app)
        await pilot.press("j", "d")
        await until(pilot, "Done: 2", app)


async def test_a_box_that_comes_by_itself_takes_no_key_from_before_it_was_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, _):
        path = tmp_path / "list.xml"
        path.write_bytes((ROOT / "tests/data/exchange/mspdi/actuals.xml").read_bytes())
        await pilot.press("3", "home")
        monkeypatch.setattr(aim, "REACTION", 9.0)
        app.take_in(str(path))
        while not isinstance(app.screen, ImportPreview):
            await pilot.pause(0.01)
        box = app.screen
        await pilot.press("enter")
        assert app.screen is box
        monkeypatch.setattr(aim, "REACTION", 0.0)
        await pilot.press("enter")
        while app.screen is box:
            await pilot.pause(0.01)


async def test_hits_that_have_been_deleted_are_passed_over(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home", "slash", "e", "enter")
        view = app.screen
        assert isinstance(view, View)
        assert view.search.hits == (1, 2, 3)
        bob.do(partial(commands.delete_task, task=2))
        app.follow()
        await pilot.press("home", "n")
        assert view.focused_task == 3
        await pilot.press("N")
        assert view.focused_task == 1
        bob.do(partial(commands.delete_task, task=1))
        bob.do(partial(commands.delete_task, task=3))
        app.follow()
        await pilot.press("n")
        assert message(app) == "Nothing matches e."


@pytest.mark.parametrize("gone", [False, True])
async def test_a_card_goes_to_the_lane_that_was_seen_beside_its_own(
    gone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        for lane in ("Bau", "Einkauf"):
            bob.do(partial(commands.add_task, title=lane, department=lane))
        app.follow()
        await pilot.press("2", "home")
        monkeypatch.setattr(aim, "REACTION", 9.0)
        if gone:
            bob.do(partial(upkeep.merge, kind=Department, name="Bau", into="Einkauf"))
        else:
            bob.do(partial(board_commands.move_lane, department=2, by=1))
        app.follow()
        await pilot.press("J")
        await until(pilot, "1 Konzept has been changed" if gone else "Moved: 1 Konzept to Bau", app)


async def test_a_view_is_left_whatever_another_has_put_under_the_cursor(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in("tasks", app, pilot, bob)
        bob.do(partial(commands.delete_task, task=view.focused_task or 0))
        await up_to(pilot, app, bob)
        await pilot.press("escape")
        assert app.screen is not view


async def test_a_key_that_was_to_take_marks_away_does_not_leave_the_view(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in("tasks", app, pilot, bob)
        await pilot.press("M")
        bob.do(commands.on_each(commands.delete_task, view.marked))
        await up_to(pilot, app, bob)
        await pilot.press("escape")
        await until(pilot, "it was 2 and is 3 Test now", app)
        assert app.screen is view


@pytest.mark.parametrize("before", [(), ("p",)])
async def test_a_key_ends_nothing_that_another_has_just_begun(
    before: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        monkeypatch.setattr(aim, "REACTION", 9.0)
        await pilot.press("3", "home")
        bob.do(partial(commands.begin, task=1))
        app.follow()
        await pilot.press(*before, "space")
        await until(pilot, "Changed by bob", app)
        assert app.workspace.tasks[1].state == "doing"
        monkeypatch.setattr(aim, "REACTION", 0.0)
        await pilot.press("space")
        await until(pilot, "Done: ", app)


async def test_why_a_key_was_refused_stays_whatever_others_do(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home")
        bob.do(partial(commands.delete_task, task=1))
        await up_to(pilot, app, bob)
        await pilot.press("d")
        await until(pilot, "it was 1 and is 2", app)
        bob.do(partial(commands.begin, task=3))
        await up_to(pilot, app, bob)
        assert "it was 1 and is 2" in message(app)
        await pilot.press("j")
        assert message(app) == ""


@pytest.mark.parametrize("view", ["tasks", "loops"])
async def test_no_key_takes_what_the_key_before_has_done_for_news(
    view: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(arrows.link, source=1, target=2))
        bob.do(partial(arrows.link_return, gate=2, target=1))
        await up_to(pilot, app, bob)
        app.show_view(view, 2)
        monkeypatch.setattr(aim, "REACTION", 9.0)
        await pilot.press("j", "p")
        await until(pilot, "priority high", app)
        bob.reload()
        bob.do(partial(commands.edit_task, task=3, priority="low"))
        await pilot.press("p")
        await until(pilot, "priority critical", app)
        await pilot.press("p")
        await until(pilot, "priority low", app)


@pytest.mark.parametrize("others", [False, True])
async def test_a_key_is_about_the_arrow_that_comes_where_one_has_been_removed_here(
    others: bool, tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(arrows.link, source=1, target=2))
        bob.do(partial(arrows.link, source=2, target=3))
        for target in (1, 2):
            bob.do(partial(arrows.link_return, gate=3, target=target))
        await up_to(pilot, app, bob)
        app.show_view("loops")
        await pilot.press("x", "enter")
        if others:
            bob.do(partial(commands.edit_task, task=1, priority="high"))
            await up_to(pilot, app, bob)
        await pilot.press("y")
        await until(pilot, "Removed the arrow", app)
        await pilot.press("u")
        await until(pilot, "Undo: Removed the arrow", app)


async def test_a_line_keeps_the_keys_when_the_mouse_is_beyond_the_screen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, _bob):
        await pilot.press("3", "colon", "a")
        for kind in (events.MouseDown, events.MouseUp, events.MouseScrollDown):
            app.post_message(kind(None, 150, 45, 0, 0, 1, False, False, False, 150, 45))
        await pilot.pause()
        assert isinstance(app.focused, Input)


async def test_a_click_comes_behind_what_was_typed_before(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, _bob):
        await pilot.press("3")
        seq, view = app.workspace.seq, app.screen
        for name in ("colon", *"replan" * 5):
            app.post_message(events.Key(name, ":" if name == "colon" else name))
        while not isinstance(app.focused, Input):
            await asyncio.sleep(0)
        for kind in (events.MouseDown, events.MouseUp):
            app.post_message(kind(None, 5, 9, 0, 0, 1, False, False, False, 5, 9))
        line = app.focused
        while app.focused is line:
            await pilot.pause(0.01)
        assert app.workspace.seq == seq
        assert app.screen is view
        assert view.query_one(Input).value == "replan" * 5


async def test_a_key_is_not_about_the_place_of_a_task_of_somebody_else(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        work: dict[str, Any] = {"likely": 1.0, "assignee": "carol"}
        bob.do(commands.on_each(commands.edit_task, (1, 2, 3), **work))
        await until(pilot, "bob: ", app)
        app.show_view("load", 1)
        await pilot.pause()
        await pilot.press("j")
        await bob_puts_away(app, pilot, partial(commands.edit_task, task=1, assignee="dave"), bob)


async def test_a_key_is_not_about_the_place_of_a_task_in_a_group(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.edit_task, task=1, tags=("a", "b")))
        bob.do(partial(commands.edit_task, task=2, tags=("b",)))
        await until(pilot, "changes by bob", app)
        app.arrange_tasks(group="tags")
        await pilot.pause()
        await pilot.press("g", "g", "j")
        await bob_puts_away(app, pilot, partial(commands.edit_task, task=1, tags=("a",)), bob)


async def test_a_key_is_not_about_what_is_behind_a_page_that_another_closed(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        app.show_view("tasks", 2)
        await pilot.pause()
        app.open_task(3)
        await pilot.pause()
        await bob_puts_away(app, pilot, partial(commands.delete_task, task=3), bob)


SHIFTED = ["today", "timeline", "load"]


async def shown_in(name: str, app: TrackerApp, pilot: Pilot[str], bob: Session) -> View:
    """Show tasks 2 to 7 in a view, each in a line of its own, the focus on the first."""
    for title in "4567":
        bob.do(partial(commands.add_task, title=title, department="Netz"))
    for task in range(2, 8):
        work: dict[str, Any] = {"due": TODAY, "likely": 1.0, "assignee": f"carol{task}"}
        bob.do(partial(commands.edit_task, task=task, **work))
    await up_to(pilot, app, bob)
    app.show_view(name, 2)
    await pilot.pause()
    view = app.screen
    assert isinstance(view, View)
    while view.focused_task != 2:
        await pilot.pause(0.01)
    return view


async def up_to(pilot: Pilot[str], app: TrackerApp, bob: Session) -> None:
    """Wait until Anna sees what Bob has done."""
    while app.workspace.seq < bob.workspace.seq:
        await pilot.pause(0.01)
    await pilot.pause()


@asynccontextmanager
async def in_a_panel(folder: Path) -> AsyncIterator[tuple[TrackerApp, Pilot[str], Session]]:
    """Have Anna's cursor on the second item of the checklist of task 2, beside the table."""
    async with two(folder) as (app, pilot, bob):
        items = Item(text="A"), Item(text="B")
        bob.do(partial(commands.edit_task, task=2, checklist=items))
        view = await shown_in("tasks", app, pilot, bob)
        await pilot.resize_terminal(140, 40)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("j")
        assert [panel.place for panel in view.query(DetailPane)] == [("item", 1)]
        yield app, pilot, bob


# What puts task 1 into a line above all others.
ABOVE = partial(commands.edit_task, task=1, due=TODAY, likely=1.0, assignee="anton")


@pytest.mark.parametrize("name", [*SHIFTED, "matrix"])
@pytest.mark.parametrize("typed", ["zz", "7"])
async def test_a_search_that_is_left_leads_back_to_the_task_it_began_at(
    typed: str, name: str, tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in(name, app, pilot, bob)
        view.choose(4)
        await pilot.press("slash", *typed)
        bob.do(ABOVE)
        if name == "matrix":
            bob.do(partial(arrows.link, source=7, target=2))
        await up_to(pilot, app, bob)
        await pilot.press("escape")
        assert view.focused_task == 4


async def test_a_key_is_not_about_what_is_where_a_search_began(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in("today", app, pilot, bob)
        view.choose(4)
        await pilot.press("slash", "7")
        bob.do(partial(commands.delete_task, task=4))
        await up_to(pilot, app, bob)
        await pilot.press("escape", "d")
        await until(pilot, f"it was 4 and is {view.focused_task} ", app)
        assert not [task.id for task in app.workspace.tasks.values() if task.state == "done"]


async def bob_adds(app: TrackerApp, pilot: Pilot[str], bob: Session) -> None:
    """Have Bob do what is about nothing that Anna looks at."""
    bob.do(partial(commands.add_task, title="Fern"))
    await up_to(pilot, app, bob)


@pytest.mark.parametrize("name", ["today", "tasks", "board", "matrix"])
async def test_a_key_is_about_the_task_that_a_search_leads_back_to(
    name: str, tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in(name, app, pilot, bob)
        await pilot.press("slash", "7")
        assert view.focused_task == 7
        await bob_adds(app, pilot, bob)
        await pilot.press("escape", "d")
        await until(pilot, "Done: 2", app)


async def test_a_key_is_about_what_is_looked_at_after_others_came_while_that_was_chosen(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.edit_task, task=3, project="Umzug"))
        view = await shown_in("tasks", app, pilot, bob)
        await bob_adds(app, pilot, bob)
        app.look_at(Scope(projects=(1,)))
        await pilot.pause()
        assert view.focused_task == 4
        await pilot.press("d")
        await until(pilot, "Done: 4", app)


async def test_a_call_typed_from_a_panel_is_about_the_task_in_it(tmp_path: Path) -> None:
    async with in_a_panel(tmp_path) as (app, pilot, bob):
        await pilot.press("colon")
        await bob_adds(app, pilot, bob)
        await pilot.press(*"done", "enter")
        await until(pilot, "Done: 2", app)


async def test_another_window_leaves_the_cursor_of_a_panel_where_it_is(tmp_path: Path) -> None:
    async with in_a_panel(tmp_path) as (app, pilot, bob):
        app.post_message(events.AppBlur())
        await pilot.pause()
        await bob_adds(app, pilot, bob)
        app.post_message(events.AppFocus())
        await pilot.pause()
        await pilot.press("space")
        await pilot.pause()
        assert [item.done for item in app.workspace.tasks[2].checklist] == [False, True]


@pytest.mark.parametrize(("way", "left"), [("colon", ["escape"]), ("question_mark", [])])
async def test_what_is_refused_once_is_done_by_the_next_key(
    way: str, left: list[str], tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in("tasks", app, pilot, bob)
        await pilot.press(way)
        bob.do(partial(commands.delete_task, task=2))
        await up_to(pilot, app, bob)
        await pilot.press(*"done", "enter")
        await until(pilot, "it was 2 and is 3", app)
        assert app.screen is view
        await pilot.press(*left, "d")
        await until(pilot, "Done: 3", app)


@pytest.mark.parametrize("name", ["tasks", "today", "timeline"])
async def test_a_key_beside_a_line_that_a_click_left_is_about_what_was_clicked(
    name: str, tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in(name, app, pilot, bob)
        await pilot.press("colon", "x")
        rows = view.query_one(Rows)
        line = rows.rows.index(rows.row or 0) - rows.scroll_offset.y
        await pilot.click(Rows, offset=(3, line))
        await bob_puts_away(app, pilot, partial(commands.delete_task, task=2), bob)


async def test_a_key_is_about_what_was_marked_by_a_call_that_others_came_before(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in("tasks", app, pilot, bob)
        await pilot.press("colon")
        await bob_adds(app, pilot, bob)
        await pilot.press(*"mark", "enter")
        await pilot.pause()
        assert view.marked == {2}
        await pilot.press("d")
        await until(pilot, "Done: 2", app)


async def letter_on(task: int, view: View, pilot: Pilot[str]) -> str:
    """Return the letter that leads from task 2 to another one."""
    for letter in "asdfghjklqweruiopvbnmtxczy":
        await pilot.press("i", letter)
        there = view.focused_task == task
        view.choose(2)
        await pilot.pause()
        if there:
            return letter
    raise AssertionError("no letter leads there")


@pytest.mark.parametrize("name", SHIFTED)
async def test_letters_lead_to_what_they_were_on(name: str, tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in(name, app, pilot, bob)
        letter = await letter_on(4, view, pilot)
        await pilot.press("i")
        bob.do(ABOVE)
        await up_to(pilot, app, bob)
        await pilot.press(letter)
        assert view.focused_task == 4


async def test_letters_lead_to_what_they_were_on_in_lines_that_come_later(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await shown_in("board", app, pilot, bob)
        bob.do(partial(take, name="Plan", reason="", projects=(), capacity=False, chances={}))
        bob.do(commands.on_each(commands.edit_task, (2, 4, 5), likely=5.0))
        await up_to(pilot, app, bob)
        app.show_drift()
        await pilot.pause()
        view = app.screen
        assert isinstance(view, DriftScreen)
        while not view.focus_task(4):
            await pilot.pause(0.01)
        letter = await letter_on(4, view, pilot)
        await pilot.press("i")
        lines = len(view.rows.rows)
        bob.do(partial(commands.edit_task, task=1, likely=5.0))
        while len(view.rows.rows) == lines:
            await pilot.pause(0.01)
        await pilot.press(letter)
        assert view.focused_task == 4


@pytest.mark.parametrize("name", ["today", "tasks"])
async def test_a_key_is_not_about_what_letters_no_longer_lead_away_from(
    name: str, tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in(name, app, pilot, bob)
        letter = await letter_on(4, view, pilot)
        await pilot.press("i")
        bob.do(partial(commands.delete_task, task=4))
        await up_to(pilot, app, bob)
        await pilot.press(letter, "d")
        await until(pilot, "The selection has changed", app)
        assert view.focused_task == 2
        assert not [task.id for task in app.workspace.tasks.values() if task.state == "done"]
        await pilot.press("d")
        await until(pilot, "Done: 2 Bauen", app)


async def test_no_arrow_is_drawn_to_what_only_another_put_in_front(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        view = await shown_in("board", app, pilot, bob)
        await pilot.press("greater_than_sign")
        view.choose(5)
        bob.do(partial(commands.delete_task, task=5))
        while view.focused_task in (None, 5):
            await pilot.pause(0.01)
        await pilot.press("enter")
        await until(pilot, f"it was 5 and is {view.focused_task} ", app)
        assert not app.workspace.links


async def test_no_change_is_taken_back_that_another_put_under_the_cursor(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.edit_task, task=1, project="Alt"))
        bob.do(partial(commands.edit_task, task=2, project="Alt"))
        await up_to(pilot, app, bob)
        await app.carry_out(partial(arrows.link, source=3, target=2))
        app.look_at(Scope((1,)))
        app.show_view("log")
        await pilot.pause()
        log = app.screen
        assert isinstance(log, LogScreen)
        while log.record is None or "Linked" not in str(log.record.change.label):
            await pilot.press("j")
        bob.reload()
        bob.do(partial(commands.edit_task, task=2, project="Neu"))
        await up_to(pilot, app, bob)
        await pilot.press("u")
        await until(pilot, "The selection has changed", app)
        assert app.workspace.links


async def test_no_rate_is_tried_of_an_arrow_that_only_another_put_under_the_cursor(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(arrows.link, source=1, target=2))
        bob.do(partial(arrows.link, source=2, target=3))
        bob.do(partial(arrows.link_return, gate=3, target=1))
        bob.do(partial(arrows.link_return, gate=3, target=2))
        await up_to(pilot, app, bob)
        app.show_view("loops")
        await pilot.pause()
        loops = app.screen
        assert isinstance(loops, LoopsScreen)
        await pilot.press("g", "g")
        first = loops.link
        assert first
        bob.do(partial(arrows.unlink, link=first.id))
        await up_to(pilot, app, bob)
        assert loops.link not in (None, first)
        await pilot.press("x")
        await until(pilot, "The selection has changed", app)
        await pilot.press("enter")
        assert loops.host.workspace.links.keys() >= {loops.link.id if loops.link else 0}


async def test_an_arrow_that_was_clicked_keeps_the_cursor(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(arrows.link, source=1, target=2))
        bob.do(partial(arrows.link, source=2, target=3))
        for target in (1, 2):
            bob.do(partial(arrows.link_return, gate=3, target=target))
        await up_to(pilot, app, bob)
        app.show_view("loops")
        await pilot.pause()
        loops = app.screen
        assert isinstance(loops, LoopsScreen)
        await pilot.click(Rows, offset=Offset(5, 1))
        clicked = loops.link
        assert clicked
        assert clicked.id != loops.returns.order[0]
        bob.do(partial(commands.edit_task, task=1, likely=5.0))
        await up_to(pilot, app, bob)
        assert loops.link == clicked


@pytest.mark.parametrize("key", ["e", "s", "x", "m", "enter"])
async def test_a_key_is_not_about_what_came_to_the_place_of_a_system(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        for name in ("CI", "DNS", "VPN"):
            bob.do(partial(commands.add_task, title=name, systems=(name,)))
        await up_to(pilot, app, bob)
        app.show_master_data(System)
        await pilot.pause()
        await pilot.press("j", "j")
        box = app.screen
        assert box.query_one(Choices).key == 3
        bob.do(partial(upkeep.merge, kind=System, name=3, into=2))
        while box.query_one(Choices).key == 3:
            await pilot.pause(0.01)
        await pilot.press(key)
        await pilot.pause()
        assert app.screen is box
        assert "The selection has changed" in readable(box)
        monkeypatch.setattr(aim, "IN_ONE_GO", 10.0)
        await pilot.press(*"eBerta", "enter")
        assert app.screen is box
        assert "What was typed behind it was not taken." in " ".join(readable(box).split())
        monkeypatch.setattr(aim, "IN_ONE_GO", 0.0)
        await pilot.press(key)
        while app.screen is box:
            await pilot.pause(0.01)


def checklist(*texts: str) -> tuple[Item, ...]:
    return tuple(Item(text=text) for text in texts)


def ticked(app: TrackerApp) -> list[str]:
    return [
        f"{task.id} {item.text}"
        for task in app.workspace.tasks.values()
        for item in task.checklist
        if item.done
    ]


@pytest.mark.parametrize(
    ("left", "told", "done"),
    [
        (("Kabel", "Dosen"), "Checklist changed", ["1 Dosen"]),
        (("Plan", "Kabel"), "The selection has changed", []),
        ((), "The selection has changed", []),
    ],
)
async def test_a_key_is_about_the_item_it_was_about(
    left: tuple[str, ...], told: str, done: list[str], tmp_path: Path
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        items = checklist("Plan", "Kabel", "Dosen")
        bob.do(partial(commands.edit_task, task=1, checklist=items))
        await until(pilot, "bob: ", app)
        app.open_task(1)
        await pilot.pause()
        pane = app.screen.query_one(DetailPane)
        await pilot.press("j", "j")
        assert pane.place == ("item", 2)
        bob.do(partial(commands.edit_task, task=1, checklist=checklist(*left)))
        while len(app.workspace.tasks[1].checklist) != len(left):
            await pilot.pause(0.01)
        await pilot.press("space")
        await until(pilot, told, app)
        assert ticked(app) == done
        assert app.workspace.tasks[1].state == "todo"


async def test_an_item_chosen_since_another_went_is_what_the_next_key_is_about(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        edit = partial(commands.edit_task, task=1)
        bob.do(partial(edit, checklist=checklist("Plan", "Kabel", "Dosen")))
        await until(pilot, "bob: ", app)
        app.open_task(1)
        await pilot.pause()
        bob.do(partial(edit, checklist=checklist("Kabel", "Dosen")))
        while len(app.workspace.tasks[1].checklist) != 2:
            await pilot.pause(0.01)
        await pilot.press("j", "space")
        await until(pilot, "Checklist changed", app)
        assert ticked(app) == ["1 Dosen"]


async def test_a_key_is_not_about_an_item_of_the_task_that_comes_beside_the_list(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        items = checklist("Plan", "Kabel")
        bob.do(commands.on_each(commands.edit_task, (1, 2), checklist=items))
        await until(pilot, "bob: ", app)
        await pilot.resize_terminal(160, 40)
        app.show_view("tasks", 1)
        await pilot.pause()
        await pilot.press("enter", "enter")
        pane = app.screen.query_one(DetailPane)
        assert pane.has_focus
        bob.do(partial(commands.delete_task, task=1))
        while pane.task_id == 1:
            await pilot.pause(0.01)
        await pilot.press("space")
        await until(pilot, "it was 1 and is 2 Bauen now", app)
        assert not ticked(app)


async def test_a_task_chosen_since_another_deleted_one_is_what_the_next_key_is_about(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        app.show_view("tasks", 2)
        await pilot.pause()
        bob.do(partial(commands.delete_task, task=2))
        await until(pilot, "bob: ", app)
        await pilot.press("g", "g", "d")
        await until(pilot, "Done: 1 Konzept", app)


async def test_own_work_and_a_click_choose_what_the_next_key_is_about(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        app.show_view("tasks", 1)
        await pilot.pause()
        await pilot.press("x")
        assert isinstance(app.screen, Confirm)
        bob.do(partial(commands.edit_task, task=3, priority="high"))
        app.follow()
        await pilot.press("enter")
        await until(pilot, "Deleted", app)
        await pilot.press("d")
        await until(pilot, "Done: 2 Bauen", app)
        bob.do(partial(commands.delete_task, task=2))
        app.follow()
        view = app.screen
        assert isinstance(view, View)
        await pilot.click(Rows, offset=Offset(5, 0))
        await pilot.pause()
        assert view.focused_task == 3
        await pilot.press("d")
        await until(pilot, "Done: 3 Test", app)


async def test_what_others_did_is_told_however_it_was_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        app.show_view("tasks", 1)
        await pilot.pause()
        monkeypatch.setattr(app.session, "reload", list)
        bob.do(partial(commands.delete_task, task=1))
        await pilot.press("p")
        await until(pilot, "There is no task 1", app)
        await pilot.press("d")
        await until(pilot, "it was 1 and is 2 Bauen now", app)
        assert app.workspace.tasks[2].state == "todo"


async def test_a_call_begun_with_nothing_selected_is_not_about_what_comes(tmp_path: Path) -> None:
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    app = TrackerApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.press("colon", *"drop")
        await app.carry_out(partial(commands.add_task, title="Neu"))
        await pilot.press("enter")
        await pilot.pause()
        assert app.workspace.tasks[1].state == "todo"
    session.close()


async def test_an_arrow_whose_beginning_others_delete_is_given_up_and_told(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("2", "greater_than_sign")
        view = app.screen
        assert isinstance(view, View)
        begun = view.focused_task
        assert begun
        assert not app.free
        bob.do(partial(commands.delete_task, task=begun))
        await until(pilot, f"No arrow is drawn: task {begun}", app)


async def test_what_others_do_is_looked_for_within_half_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every: dict[str, float] = {}
    real = TrackerApp.set_interval

    def noted(app: TrackerApp, seconds: float, act: Any, **options: Any) -> Timer:
        every[act.__name__] = seconds
        return real(app, seconds, act, **options)

    monkeypatch.setattr(TrackerApp, "set_interval", noted)
    async with two(tmp_path):
        assert every["follow"] < 0.5
        assert every["look_for_others"] <= 5
        assert 1 <= every["_checkpoint"] <= 5, "soon, but not while somebody types"


async def test_no_key_waits_for_the_ordinary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_by: list[threading.Thread] = []
    real = Store.checkpoint

    def noted(store: Store, *, due: bool = False) -> bool:
        written_by.append(threading.current_thread())
        return real(store, due=due)

    monkeypatch.setattr("tracker.tui.app._REST_SECONDS", 0.05)
    async with two(tmp_path) as (app, pilot, _bob):
        monkeypatch.setattr(Store, "checkpoint", noted)
        await pilot.press("3", "p")
        for _ in range(100):
            if written_by:
                break
            await pilot.pause(0.05)
        await app.workers.wait_for_complete()
        assert written_by
        assert threading.main_thread() not in written_by
        monkeypatch.undo()


@pytest.mark.parametrize("view", ["2", "3"], ids=["board", "table"])
async def test_what_another_does_leaves_what_is_in_sight(tmp_path: Path, view: str) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        for n in range(4, 60):
            bob.do(partial(commands.add_task, title=f"Schritt {n}", after=((n - 1, 0.0),)))
        app.follow()
        await pilot.press(view)
        screen, here = app.screen, 40
        assert isinstance(screen, View)
        assert screen.focus_task(here)
        await pilot.pause()
        [shown] = screen.query("Rows, BoardView")
        # Away from where going to the task would put it.
        shown.scroll_relative(x=-2, y=-2, animate=False)
        await pilot.pause()
        before = shown.scroll_offset
        assert before != (0, 0)
        bob.do(partial(commands.finish, task=3))
        bob.do(partial(commands.edit_task, task=here, title="Anders"))
        app.follow()
        await pilot.pause()
        assert screen.news == {3, here}
        assert screen.focused_task == here
        assert shown.scroll_offset == before


@pytest.mark.parametrize("view", ["2", "3"], ids=["board", "table"])
async def test_what_others_changed_bears_a_mark_until_the_next_key(
    tmp_path: Path, view: str
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press(view)
        await pilot.pause()
        [shown] = app.screen.query("Rows, BoardView")

        def marked() -> list[str]:
            lines = [shown.render_line(y).text for y in range(shown.size.height)]
            return [line for line in lines if app.glyphs.news in line]

        assert marked() == []
        bob.do(partial(commands.edit_task, task=2, title="Umbauen"))
        bob.do(partial(commands.edit_task, task=2, priority="high"))
        app.follow()
        await pilot.pause()
        [line] = marked()
        assert "Umbauen" in line
        assert message(app) == "2 changes by bob"
        await pilot.press("M")
        assert marked() == []


async def retitled(app: TrackerApp, pilot: Pilot[str]) -> TaskForm:
    """Open the form of the first task, and put another title into it."""
    await pilot.press("3", "e")
    form = app.screen
    assert isinstance(form, TaskForm)
    form.query_one(Input).value = "Konzept von Anna"
    return form


async def test_a_form_shows_what_another_has_set_and_loses_nothing(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        form = await retitled(app, pilot)
        bob.do(partial(commands.edit_task, task=1, title="Konzept von Bob", due=DUE))
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is form, "the form stays until what is typed has been taken"
        shown = "\n".join(
            "".join(text for text, _style in row.left)
            for row in form.query_one("#fields > Choices", Choices).items
        )
        assert "Konzept von Anna" in shown
        assert "changed in the meantime: Konzept von Bob" in shown
        assert "2026" in shown
        assert app.workspace.tasks[1].title == "Konzept von Bob"
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is not form
        task = app.workspace.tasks[1]
        assert (task.title, task.due) == ("Konzept von Anna", DUE)


async def test_what_another_has_set_in_the_field_one_is_in_stays(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        form = await retitled(app, pilot)
        await pilot.pause()
        rows = form.query_one("#fields > Choices", Choices)
        while rows.key != "due":
            await pilot.press("down")
            await pilot.pause()
        bob.do(partial(commands.edit_task, task=1, title="Konzept von Bob", due=DUE))
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is form
        await pilot.press("down")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is not form
        task = app.workspace.tasks[1]
        assert (task.title, task.due) == ("Konzept von Anna", DUE)


async def test_different_fields_of_one_task_both_stand(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "e")
        app.screen.query_one(Input).value = "Konzept von Anna"
        bob.do(partial(commands.edit_task, task=1, due=DUE))
        await pilot.press("enter")
        await pilot.pause()
        task = app.workspace.tasks[1]
        assert (task.title, task.due) == ("Konzept von Anna", DUE)


async def test_a_line_that_is_refused_stays_to_be_mended(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "w")
        line = app.screen
        line.query_one(Input).value = "Antwort vom Anbieter"
        bob.do(partial(commands.delete_task, task=1))
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is line
        assert line.query_one(Input).value == "Antwort vom Anbieter"
        await pilot.press("escape")


async def insisted(
    app: TrackerApp, pilot: Pilot[str], bob: Session, read: Callable[[Workspace], object]
) -> None:
    """Press Enter in a line twice: what another has set meanwhile is told of before it goes."""
    line, theirs = app.screen, read(bob.workspace)
    await pilot.press("enter")
    await pilot.pause()
    assert app.screen is line
    assert "been changed in the meantime. Changed by bob" in readable(line)
    assert not bob.reload()
    await pilot.press("enter")
    await pilot.pause()
    assert app.screen is not line
    bob.reload()
    assert read(bob.workspace) != theirs


async def test_what_another_waits_for_is_not_put_back_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.wait, task=1, waiting_for="Dell", follow_up=DUE))
        app.follow()
        await pilot.press("3", "w")
        bob.do(partial(commands.wait, task=1, waiting_for="HP"))
        await insisted(app, pilot, bob, lambda ws: ws.tasks[1].waiting_for)


async def test_a_filter_of_another_is_not_replaced_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(save_filter, name="Heiss", query="state:open"))
        app.follow()
        await pilot.press("3", "F")
        bob.do(partial(save_filter, name="Heiss", query="state:late"))
        app.follow()
        await pilot.press("e")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "Heiss = state:late"
        bob.do(partial(save_filter, name="Heiss", query="prio:high"))
        await insisted(app, pilot, bob, lambda ws: ws.filters[1].query)


async def test_the_state_of_a_system_is_not_put_back_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        down = partial(upkeep.set_system, system="db", state="down")
        bob.do(partial(down, why="disk", create=True))
        app.follow()
        app.show_master_data(System)
        await pilot.pause()
        await pilot.press("s", "enter")
        bob.do(partial(down, why="power"))
        await insisted(app, pilot, bob, lambda ws: ws.systems[1].why)


async def test_a_system_that_another_reports_down_is_not_up_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(upkeep.set_system, system="db", state="up", create=True))
        app.follow()
        app.show_master_data(System)
        await pilot.pause()
        await pilot.press("s")
        bob.do(partial(upkeep.set_system, system="db", state="down", why="disk"))
        await pilot.press("enter")
        await pilot.pause()
        assert "db has been changed in the meantime. Changed by bob" in readable(app.screen)
        assert not bob.reload()
        await pilot.press("s", "k", "k", "enter")
        await pilot.pause()
        assert bob.reload()
        assert bob.workspace.systems[1].state == "up"


async def test_the_name_of_a_baseline_is_not_put_back_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(take, name="Plan"))
        app.follow()
        await pilot.press("3")
        app.screen.call_later(app.screen.run_action, "baselines")
        await pilot.pause()
        rename = partial(rename_baseline, baseline=1)
        bob.do(partial(rename, to="Plan 1"))
        app.follow()
        await pilot.press("e")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "Plan 1"
        bob.do(partial(rename, to="Plan 2"))
        await insisted(app, pilot, bob, lambda ws: ws.baselines[1].name)


async def test_the_spread_of_estimates_is_not_put_back_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        spread = partial(upkeep.set_properties, kind=Settings)
        bob.do(partial(spread, values={"spread": (0.8, 1.5)}))
        app.follow()
        await pilot.press("6")
        app.screen.call_later(app.screen.run_action, "spread")
        await pilot.pause()
        await pilot.press("j", "enter")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "80-150%"
        bob.do(partial(spread, values={"spread": (0.5, 3.0)}))
        await insisted(app, pilot, bob, lambda ws: ws.preferences.spread)


@pytest.mark.parametrize("key", ["space", "d"])
async def test_a_key_ends_no_task_that_another_has_begun_or_put_on_hold(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3")
        monkeypatch.setattr(app.session, "reload", list)
        if key == "d":
            bob.do(partial(commands.wait, task=1, waiting_for="Dell"))
        else:
            bob.do(partial(commands.start, task=1))
        state = bob.workspace.tasks[1].state
        # A title that somebody else has changed is in no key's way.
        bob.do(partial(commands.edit_task, task=2, title="Bauen!"))
        await pilot.press(key)
        await pilot.pause()
        assert "1 Konzept has been changed in the meantime. Changed by bob" in message(app)
        assert app.workspace.tasks[1].state == state
        await pilot.press(key)
        await pilot.pause()
        assert app.workspace.tasks[1].state == "done"
        await pilot.press("j", key)
        await pilot.pause()
        assert app.workspace.tasks[2].state == ("done" if key == "d" else "doing")


async def test_a_title_that_another_changes_is_in_no_ones_way(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3")
        bob.do(partial(commands.edit_task, task=1, title="Entwurf"))
        await pilot.press("d")
        await pilot.pause()
        assert app.workspace.tasks[1].state == "done"
        assert app.workspace.tasks[1].title == "Entwurf"


async def test_a_task_that_another_has_worked_on_is_not_deleted_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("x")
        await pilot.pause()
        bob.do(partial(commands.edit_task, task=1, notes="Vertrag liegt vor."))
        app.follow()
        await pilot.press("y")
        await pilot.pause()
        assert "1 Konzept has been changed in the meantime." in message(app)
        assert app.workspace.tasks[1].notes
        await pilot.press("x", "y")
        await pilot.pause()
        assert 1 not in app.workspace.tasks


async def test_a_system_that_another_has_reported_down_is_not_deleted_or_merged_unseen(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        for name in ("backup", "erp"):
            bob.do(partial(upkeep.set_properties, kind=System, name=name, values={}, create=True))
        app.follow()
        app.show_master_data(System)
        await pilot.pause()
        for at, (key, answer) in enumerate((("x", "y"), ("m", "enter"))):
            await pilot.press(key)
            await pilot.pause()
            why = f"Reason {at}"
            bob.do(partial(upkeep.set_system, system="backup", state="down", why=why))
            app.follow()
            await pilot.press(answer)
            await pilot.pause()
            assert "backup has been changed in the meantime. Changed by bob" in readable(app.screen)
            assert next(iter(app.workspace.systems.values())).why == why
        await pilot.press("x", "y")
        await pilot.pause()
        assert [each.name for each in app.workspace.systems.values()] == ["erp"]


async def test_a_filter_that_another_has_changed_is_not_deleted_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(save_filter, name="Heiss", query="state:open"))
        app.follow()
        await pilot.press("F")
        await pilot.pause()
        bob.do(partial(save_filter, name="Heiss", query="state:late"))
        app.follow()
        await pilot.press("x")
        await pilot.pause()
        assert "Heiss has been changed in the meantime." in message(app)
        assert app.workspace.filters
        await pilot.press("F", "x")
        await pilot.pause()
        assert not app.workspace.filters


async def test_an_arrow_that_another_has_changed_is_not_removed_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(arrows.link_return, gate=2, target=1))
        app.follow()
        await pilot.press("X")
        await pilot.pause()
        bob.do(partial(arrows.edit_link, link=1, rate=0.7))
        app.follow()
        await pilot.press("enter")
        await pilot.pause()
        assert "2 Bauen ⇢ 1 Konzept has been changed in the meantime." in message(app)
        assert app.workspace.links[1].rate == 0.7
        await pilot.press("X", "enter")
        await pilot.pause()
        assert not app.workspace.links


async def test_a_baseline_that_another_has_renamed_is_not_deleted_unseen(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(take, name="Plan"))
        app.follow()
        await pilot.press("O", "x")
        await pilot.pause()
        bob.do(partial(rename_baseline, baseline=1, to="Vertrag"))
        app.follow()
        await pilot.press("y")
        await pilot.pause()
        assert "Plan has been changed in the meantime." in message(app)
        assert app.workspace.baselines[1].name == "Vertrag"
        await pilot.press("O", "x", "y")
        await pilot.pause()
        assert not app.workspace.baselines


async def test_a_name_typed_for_a_baseline_that_another_has_deleted_is_no_keys(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(take, name="Plan"))
        app.follow()
        await pilot.press("O")
        await pilot.pause()
        bob.do(partial(delete_baseline, baseline=1))
        app.follow()
        await pilot.press("e", "d", "enter")
        await pilot.pause()
        assert isinstance(app.screen, AskLine)
        assert "There is no baseline yet" in readable(app.screen)
        assert app.workspace.tasks[1].state == "todo"


async def test_a_priority_of_another_is_not_raised_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3")
        monkeypatch.setattr(app.session, "reload", list)
        bob.do(partial(commands.edit_task, task=1, priority="critical"))
        await pilot.press("p")
        await pilot.pause()
        assert "has been changed in the meantime. Changed by bob" in message(app)
        assert app.workspace.tasks[1].priority == "critical"


async def test_a_card_goes_no_further_than_the_next_column_or_lane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("2", "v")
        monkeypatch.setattr(app.session, "reload", list)
        bob.do(partial(commands.wait, task=1, waiting_for="Dell"))
        view = app.screen
        assert isinstance(view, View)
        view.do(board_commands.change_state, by=1)
        await pilot.pause()
        assert "has been changed in the meantime. Changed by bob" in message(app)
        assert app.workspace.tasks[1].state == "waiting"


async def test_work_sent_back_by_two_at_once_is_counted_once(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(arrows.link, source=1, target=3))
        bob.do(partial(commands.finish, task=1))
        app.follow()
        await pilot.press("3", "G", "b", "enter", "n", "o")
        back = app.screen
        bob.do(partial(arrows.send_back, gate=3, target=1, reason="ERP"))
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is back
        assert "1 Konzept has been changed in the meantime. Changed by bob" in readable(back)
        assert app.workspace.tasks[1].pass_number == 2
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is not back
        assert app.workspace.tasks[1].pass_number == 3


async def test_what_another_has_put_on_hold_is_not_moved_on(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.start, task=1))
        app.follow()
        await pilot.press("2", "v", "L")
        app.screen.query_one(Input).value = "Dell"
        bob.do(partial(commands.wait, task=1, waiting_for="HP"))
        await insisted(app, pilot, bob, lambda ws: ws.tasks[1].waiting_for)
        assert app.workspace.tasks[1].state == "waiting"


async def test_a_tick_does_not_put_a_checklist_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        one, two_ = Item(text="one"), Item(text="two")
        bob.do(partial(commands.edit_task, task=1, checklist=(one,)))
        app.follow()
        app.open_task(1)
        await pilot.pause()
        monkeypatch.setattr(app.session, "reload", list)
        bob.do(partial(commands.edit_task, task=1, checklist=(one, two_)))
        await pilot.press("down", "space")
        await pilot.pause()
        assert "has been changed in the meantime" in message(app)
        assert app.session.workspace.tasks[1].checklist == (one, two_)


@pytest.mark.parametrize("view", ["2", "3"])
@pytest.mark.parametrize(
    ("call", "why"),
    [("drop", "There is no task 1"), ("done", "What is selected has changed: it was 1 and is 2")],
)
async def test_a_call_is_about_no_task_that_has_come_in_the_place_of_another(
    tmp_path: Path, view: str, call: str, why: str
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press(view, "home", "colon", *call)
        bob.do(partial(commands.delete_task, task=1))
        app.follow()
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert why in message(app)
        assert app.screen.query_one(Input).value == call
        assert {task.state for task in app.workspace.tasks.values()} == {"todo"}


async def test_a_key_of_the_list_is_about_no_task_that_has_come_in_the_place_of_another(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home", "question_mark", *"mark as done")
        await pilot.pause()
        bob.do(partial(commands.delete_task, task=1))
        app.follow()
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert "it was 1 and is 2 Bauen now" in message(app)
        assert {task.state for task in app.workspace.tasks.values()} == {"todo"}


@pytest.mark.parametrize("asked", [("colon", *"done"), ("question_mark", *"mark as done")])
async def test_a_key_that_is_asked_for_with_nothing_selected_is_about_nothing_that_comes(
    tmp_path: Path, asked: tuple[str, ...]
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(commands.on_each(commands.delete_task, (1, 2, 3)))
        app.follow()
        await pilot.press("3", *asked)
        bob.do(partial(commands.add_task, title="Abbau", department="Netz"))
        app.follow()
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, "The selection has changed", app)
        assert {task.state for task in app.workspace.tasks.values()} == {"todo"}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("colon", *"undo"), "Undo: Edited: 2"),
        (("question_mark", *"undo your last change"), "Undo: Edited: 2"),
        (("colon", *"redo"), "anna has nothing to redo"),
        (("question_mark", *"redo what you undid"), "anna has nothing to redo"),
        (("colon", *"order lanes"), "needs at least two lanes"),
        (("question_mark", *"reorder lanes"), "needs at least two lanes"),
    ],
)
async def test_a_key_that_is_about_no_task_works_whatever_is_selected_meanwhile(
    tmp_path: Path, asked: tuple[str, ...], told: str
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await app.carry_out(partial(commands.edit_task, task=2, due=DUE))
        await pilot.press("2", "home", *asked)
        bob.do(partial(commands.delete_task, task=1))
        app.follow()
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, told, app)


@pytest.mark.parametrize("asked", [("colon", *"add"), ("question_mark", *"add a task in one line")])
async def test_a_task_is_added_whatever_is_selected_meanwhile(
    tmp_path: Path, asked: tuple[str, ...]
) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "home", *asked)
        bob.do(partial(commands.delete_task, task=1))
        app.follow()
        await pilot.pause()
        await pilot.press("enter")
        for _ in range(100):
            if isinstance(app.screen, AskLine):
                break
            await pilot.pause(0.05)
        assert isinstance(app.screen, AskLine), message(app)


async def test_one_question_leads_to_the_next_although_the_task_has_gone(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "end")
        app.open_task(3)
        await pilot.pause()
        await pilot.press("F")
        bob.do(partial(commands.delete_task, task=3))
        app.follow()
        await pilot.pause()
        await pilot.press("a", *"d=x", "enter")
        await pilot.pause()
        assert [each.name for each in app.workspace.filters.values()] == ["d"]
        while not isinstance(app.screen, TasksScreen):
            await pilot.pause(0.01)
        assert {task.state for task in app.workspace.tasks.values()} == {"todo"}


@pytest.mark.parametrize("name", ["today", "tasks", "load", "metrics", "log"])
async def test_a_view_behind_a_task_is_not_laid_out_as_it_was_before_others(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("_FAILURES", "_PROVEN_SECONDS"):
        monkeypatch.setattr(app_module, limit, -1)
    async with two(tmp_path) as (app, pilot, bob):
        bob.do(commands.on_each(commands.edit_task, (1, 2, 3), due=TODAY))
        bob.do(commands.on_each(commands.start, (1, 2, 3)))
        app.follow()
        app.show_view(name)
        await pilot.pause()
        view = app.screen
        app.open_task(1)
        await pilot.pause()
        await pilot.press("question_mark")
        bob.do(commands.on_each(commands.delete_task, (2, 3)))
        app.follow()
        await pilot.press("escape")
        await pilot.resize_terminal(70, 20)
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is view


async def test_who_else_is_here_is_shown(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        assert bob.others() == ["anna"]
        head = app.screen.query_one(HeadLine)
        assert "also here" not in shown_line(head)
        app.look_for_others()
        await pilot.pause()
        assert "also here: bob" in shown_line(head)
        later = TrackerApp(Session.open(tmp_path / "plan.json", who="carla", today=TODAY))
        async with later.run_test(size=(100, 30)) as carlas:
            await carlas.pause()
            assert "also here: anna, bob" in shown_line(later.screen.query_one(HeadLine))
        later.session.close()


async def test_undo_names_who_has_built_on_it(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "p")
        await pilot.pause()
        assert priority(app) == "high"
        bob.do(partial(commands.edit_task, task=1, priority="low"))
        await pilot.press("u")
        await pilot.pause()
        assert "bob" in message(app)
        assert "cannot be undone" in message(app)
        assert priority(app) == "low"


def test_a_stale_edit_names_field_person_and_time(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    bob, anna = (Session.open(file, who=who, today=TODAY) for who in ("bob", "anna"))
    bob.do(partial(commands.add_task, title="Konzept"))
    anna.reload()
    seen = dict(anna.workspace.tasks)
    bob.do(partial(commands.edit_task, task=1, title="Neu"))
    stale: Command = partial(commands.edit_task, task=1, seen=seen, title="Anders")
    with pytest.raises(Conflict) as conflict:
        anna.do(stale)
    assert conflict.value.fields == ("title",)
    assert "bob" in str(conflict.value)
    assert f"{datetime.now().astimezone():%Y-%m-%d}" in str(conflict.value)
    with pytest.raises(Refused, match="anna"):
        anna.undo()
    bob.close()
    anna.close()


async def test_keys_typed_in_a_line_stay_there_while_others_work(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "colon", "o")
        bob.do(partial(commands.edit_task, task=3, title="Lasttest"))
        app.follow()
        await pilot.press("d")
        await pilot.pause()
        line = app.screen.query_one(Input)
        assert line.value == "od"
        assert line.has_focus
        assert app.workspace.tasks[1].state == "todo"


async def test_what_was_asked_about_is_what_is_done(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "x")
        await pilot.pause()
        bob.do(partial(commands.delete_task, task=1))
        app.follow()
        await pilot.press("enter")
        await pilot.pause()
        assert list(app.workspace.tasks) == [2, 3]


@pytest.mark.parametrize("typed", ["²", "9" * 40, "9999", "gibtsnicht 3", "done 99", "~"])
async def test_nonsense_in_the_command_line_is_told(tmp_path: Path, typed: str) -> None:
    async with two(tmp_path) as (app, pilot, _bob):
        await pilot.press("3", "colon")
        line = app.screen.query_one(Input)
        line.value = typed
        await pilot.press("enter")
        await pilot.pause()
        assert line.value == typed
        assert message(app)


async def test_a_history_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, _bob):
        journal = tmp_path / "plan.log"
        sound = journal.read_bytes()
        middle = len(sound) // 2
        journal.write_bytes(sound[:middle] + bytes([sound[middle] ^ 1]) + sound[middle + 1 :])
        await pilot.press("3", "enter")
        for _ in range(50):
            if "plan.log" in message(app):
                break
            await pilot.pause(0.05)
        assert "plan.log" in message(app)
        journal.write_bytes(sound)


async def test_an_import_comes_to_its_end_although_another_goes_on_changing_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_ = tmp_path / "list.csv"
    list_.write_text("Title;Department\nFirewall;Netz\n")
    async with two(tmp_path) as (app, pilot, bob):
        work_out, times = app.session.prepared, 0

        def prepared(command: Command) -> Prepared:
            nonlocal times
            times += 1
            found = work_out(command)
            if times < 9:
                bob.do(partial(commands.edit_task, task=1, notes=f"{times}"))
            return found

        monkeypatch.setattr(app.session, "prepared", prepared)
        app.take_in(str(list_))
        while len(app.workspace.tasks) < 4:
            await pilot.pause(0.01)
        assert times < 9
        assert app.workspace.tasks[4].title == "Firewall"
        assert app.workspace.tasks[1].notes == str(times)


async def test_an_import_that_is_stopped_as_its_turn_comes_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_ = tmp_path / "list.csv"
    list_.write_text("Title;Department\nFirewall;Netz\n")
    go_on, read = threading.Event(), importing.read

    def slowly(*arguments: Any, **options: Any) -> importing.Import:
        go_on.wait()
        return read(*arguments, **options)

    async with two(tmp_path) as (app, pilot, _bob):
        call, turn_came = app.call_from_thread, False

        def left_first(act: Callable[..., Any], *arguments: Any) -> None:
            nonlocal turn_came
            if app.call_later in arguments:
                leave: Callable[..., Any] = app.screen.run_action
                call(leave, "leave")
            call(act, *arguments)
            turn_came |= app.call_later in arguments

        monkeypatch.setattr(importing, "read", slowly)
        app.take_in(str(list_))
        while not isinstance(app.screen, Underway):
            await pilot.pause(0.01)
        monkeypatch.setattr(app, "call_from_thread", left_first)
        go_on.set()
        while not turn_came:
            await pilot.pause(0.01)
        await pilot.pause()
        assert message(app) == "The import was stopped; nothing has changed."
        assert len(app.workspace.tasks) == 3


async def test_a_key_too_many_does_not_take_back_an_import(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        lines = [{"title": f"Teil {n}"} for n in range(1, 6)]
        app.session.do(partial(commands.add_tasks, lines=lines))
        await pilot.press("p", "u")
        assert len(app.workspace.tasks) == 8
        assert not isinstance(app.screen, Confirm)
        await pilot.press("u")
        assert isinstance(app.screen, Confirm)
        assert "5 tasks removed; U restores it." in " ".join(readable(app.screen).split())
        await pilot.press("escape")
        assert len(app.workspace.tasks) == 8
        await pilot.press("u")
        bob.do(partial(commands.finish, task=2))
        await pilot.press("y")
        await until(pilot, "U restores it", app)
        assert len(app.workspace.tasks) == 3
        await pilot.press("U")
        await until(pilot, "Redo", app)
        assert len(app.workspace.tasks) == 8


async def test_undoing_a_change_of_many_tasks_asks(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, _bob):
        lines = [{"title": f"Teil {n}"} for n in range(1, 10)]
        app.session.do(partial(commands.add_tasks, lines=lines))
        every = tuple(app.session.workspace.tasks)
        app.session.do(partial(commands.edit_tasks, tasks=every, tags=("a",)))
        await pilot.press("u")
        assert isinstance(app.screen, Confirm)
        assert "12 tasks changed" in readable(app.screen)
        await pilot.press("enter")
        await until(pilot, "U restores it", app)
        assert not any(task.tags for task in app.workspace.tasks.values())


@pytest.mark.parametrize("view", ["today", "tasks", "timeline", "matrix", "loops", "load", "log"])
async def test_news_may_come_while_a_view_is_opening(tmp_path: Path, view: str) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        app.teach(True)
        # Without a pause the view in front has nothing in it yet.
        app.show_view(view)
        assert not app.screen.is_mounted
        app.notice()
        bob.do(partial(commands.edit_task, task=2, priority="high"))
        app.follow()
        await pilot.pause()
        await until(pilot, "bob: ", app)
        assert app.workspace.tasks[2].priority == "high"
        assert app.failure is None


async def test_a_button_may_be_pressed_on_what_has_just_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two(tmp_path) as (app, pilot, _bob):
        gone = Static(), Offset(0, 0)
        monkeypatch.setattr(app.screen, "get_widget_and_offset_at", lambda _x, _y: gone)
        await pilot.mouse_down(offset=(5, 5))
        await pilot.mouse_up(offset=(6, 6))
        assert app.failure is None
        await pilot.press("3")
        assert isinstance(app.screen, TasksScreen)


async def test_no_larger_window_is_drawn_than_anybody_has(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, _bob):
        told = Size(2_000, 3)
        app.post_message(events.Resize(told, told, told))
        await pilot.pause()
        assert app.screen.size == Size(1_000, 3)
        await pilot.press("3", "j")
        await pilot.resize_terminal(100, 30)
        assert app.screen.size == Size(100, 30)
