"""Changes by key: one at a time in their order, of several tasks what can be done, never frozen."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.builders import TODAY
from tests.tui.stage import readable, typed
from tests.tui.test_together import message, until
from tracker.domain.change import Change
from tracker.domain.draft import Now
from tracker.domain.errors import Damaged
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.exchange import importing
from tracker.exchange.outcome import Report
from tracker.session import Session
from tracker.tui import app as app_module
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.import_report import Imported
from tracker.tui.dialogs.questions import Confirm
from tracker.tui.messages import Do
from tracker.tui.terminal.typeahead import TypeAhead
from tracker.tui.view.view import View


@asynccontextmanager
async def screen(folder: Path) -> AsyncIterator[tuple[TrackerApp, Pilot[str], Session]]:
    """Show three tasks as a list to Anna; Bob has them open as well."""
    file = folder / "plan.json"
    bob = Session.open(file, who="bob", today=TODAY)
    for title in ("Konzept", "Bauen", "Test"):
        bob.do(partial(commands.add_task, title=title))
    anna = Session.open(file, who="anna", today=TODAY)
    app = TrackerApp(anna)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3")
        await pilot.pause()
        yield app, pilot, bob
    anna.close()
    bob.close()


def states(app: TrackerApp) -> list[str]:
    return [task.state for task in app.workspace.tasks.values()]


def focused(app: TrackerApp) -> int | None:
    assert isinstance(app.screen, View)
    return app.screen.focused_task


async def test_of_the_marked_tasks_those_are_done_that_can_be(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.finish, task=2))
        await pilot.press("R", "home", "M", "j", "M", "j", "M", "d")
        await until(pilot, "skipped: 2 Bauen is already done", app)
        assert states(app) == ["done", "done", "done"]
        assert message(app).startswith("Done: 3 Test and 1 more")
        await pilot.press("u")
        await until(pilot, "Undo", app)
        assert states(app) == ["todo", "done", "todo"]


@pytest.mark.parametrize(
    ("view", "hide"),
    [
        ("3", "slash T e s t enter f"),
        ("4", "slash T e s t enter f"),
        ("4", "D"),
        ("2", "end home Z"),
        ("5", "D"),
    ],
)
async def test_nothing_is_done_to_marked_tasks_that_are_not_shown(
    view: str, hide: str, tmp_path: Path
) -> None:
    async with screen(tmp_path) as (app, pilot, bob):
        bob.do(partial(arrows.link, source=1, target=2))
        bob.do(partial(commands.finish, task=1))
        app.follow()
        await pilot.press(view, "0", "1", "enter", "M", "0", "3", "enter", "M")
        await pilot.press(*hide.split())
        await pilot.pause(0.3)
        assert isinstance(app.screen, View)
        assert app.screen.marked == {1, 3}
        (shown,) = app.screen.marks
        await pilot.press("p")
        await until(pilot, "priority high", app)
        raised = {task.id for task in app.workspace.tasks.values() if task.priority == "high"}
        assert raised == {shown}
        await pilot.press("M", "M")
        assert "(1 is not shown: nothing is done to it)" in message(app)


async def test_a_task_that_was_refused_gives_the_focus_to_no_later_one(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _bob):
        await pilot.press("a")
        await typed(pilot, "x" * 10_001)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.focused, Input)
        await pilot.press("escape")
        here = focused(app)
        app.post_message(Do(partial(commands.add_task, title="From elsewhere")))
        await pilot.pause()
        assert len(app.workspace.tasks) == 4
        assert focused(app) == here


async def test_a_task_that_was_typed_has_the_focus(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _bob):
        await pilot.press("a")
        await typed(pilot, "Abnahme")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert focused(app) == 4


async def test_while_another_writes_the_screen_stays_alive_and_keys_wait(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, bob):
        with bob._store.lock("bob"):
            app.simulate_key("g")
            for key in ("g", "d", "j", "u", "U"):
                app.simulate_key(key)
            while message(app) != "Waiting for bob …":
                await asyncio.sleep(0.02)
            assert states(app) == ["todo"] * 3
        await until(pilot, "Redo: Done: 1 Konzept", app)
        assert states(app) == ["done", "todo", "todo"]
        assert app.session.patience > 0


async def test_a_past_plan_that_comes_up_while_another_writes_stays(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, bob):
        with bob._store.lock("bob"):
            app.simulate_key("d")
            while message(app) != "Waiting for bob …":
                await asyncio.sleep(0.02)
            app._show(app.session.at(app.session.now().at))
        await until(pilot, "Done: 1 Konzept", app)
        assert states(app) == ["todo"] * 3
        app.show_past(None)
        assert states(app) == ["done", "todo", "todo"]


async def test_who_waits_too_long_is_told_who_is_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "_LONGEST_WAIT", 0.3)
    async with screen(tmp_path) as (app, pilot, bob):
        with bob._store.lock("bob"):
            await pilot.press("d")
            await until(pilot, "is being changed by bob", app)
        assert states(app) == ["todo"] * 3
        await pilot.press("d")
        await until(pilot, "Done: 1 Konzept", app)


@pytest.mark.parametrize("key", ["d", "u"])
@pytest.mark.parametrize("how", ["ctrl+q", "SIGTERM"])
async def test_who_leaves_while_another_writes_is_told_what_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, key: str
) -> None:
    monkeypatch.setattr(app_module, "_LONGEST_WAIT", 1.0)
    async with screen(tmp_path) as (app, _pilot, bob):
        # What `u` is to take back, and which stays in the plan.
        app.session.do(partial(commands.start, task=1))
        with bob._store.lock("bob"):
            app.simulate_key(key)
            while message(app) != "Waiting for bob …":
                await asyncio.sleep(0.02)
            if how == "SIGTERM":
                app.stop(signal.SIGTERM)
            else:
                app.simulate_key(how)
            while app.is_running:
                await asyncio.sleep(0.02)
        told = "You left before what you did last could be stored: it changed nothing."
        assert [*map(str, app.session.notices)] == [told]


async def test_who_is_made_to_leave_is_told_that_what_was_typed_behind_was_not_done(
    tmp_path: Path,
) -> None:
    async with screen(tmp_path) as (app, _pilot, bob):
        with bob._store.lock("bob"):
            app.simulate_key("d")
            while message(app) != "Waiting for bob …":
                await asyncio.sleep(0.02)
            for key in ("a", *"Abnahme", "enter"):
                app.simulate_key(key)
            app.stop(signal.SIGTERM)
        while app.is_running:
            await asyncio.sleep(0.02)
        app.note_behind()
        told = "The screen was ended before all you had typed was done: see what is there."
        assert told in map(str, app.session.notices)
        assert len(app.session.workspace.tasks) == 3


async def test_who_is_made_to_leave_is_told_that_a_key_may_have_done_nothing(
    tmp_path: Path,
) -> None:
    async with screen(tmp_path) as (app, _pilot, _bob):
        app.simulate_key("d")
        app.stop(signal.SIGTERM)
        while app.is_running:
            await asyncio.sleep(0.02)
        app.note_behind()
        told = "The screen was ended before all you had typed was done: see what is there."
        assert [*map(str, app.session.notices)] == [told]
        assert states(app) == ["todo"] * 3


async def test_what_is_typed_stays_when_the_wait_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "_LONGEST_WAIT", 0.3)
    async with screen(tmp_path) as (app, pilot, bob):
        await pilot.press("a")
        await typed(pilot, "Abnahme")
        with bob._store.lock("bob"):
            await pilot.press("enter")
            for _ in range(100):
                if "is being changed by bob" in readable(app.screen):
                    break
                await pilot.pause(0.05)
            else:
                raise AssertionError(readable(app.screen))
        assert isinstance(app.focused, Input)
        assert app.focused.value == "Abnahme"
        await pilot.press("enter")
        await until(pilot, "4 Abnahme", app)
        assert len(app.workspace.tasks) == 4


async def test_a_folder_that_was_moved_away_is_told_and_taken_up_again(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _bob):
        folder = Path(app.session.place).parent
        folder.rename(folder.with_name("elsewhere"))
        await pilot.press("a")
        await typed(pilot, "Abnahme")
        await pilot.press("enter")
        await until(pilot, "was removed: nothing was changed", app)
        assert isinstance(app.focused, Input)
        assert app.focused.value == "Abnahme"
        folder.with_name("elsewhere").rename(folder)
        await pilot.press("enter")
        await until(pilot, "4 Abnahme", app)
        assert len(app.workspace.tasks) == 4


async def test_a_history_that_was_put_back_is_told_and_shown(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, bob):
        journal = Path(app.session.place).with_suffix(".log")
        before = journal.read_bytes()
        for title in ("Abnahme", "Betrieb"):
            bob.do(partial(commands.add_task, title=title))
        app.follow()
        assert len(app.workspace.tasks) == 5
        journal.write_bytes(before)
        await until(pilot, "2 changes after it are gone", app)
        assert len(app.workspace.tasks) == 3
        await pilot.press("d")
        await until(pilot, "The selection has changed in the meantime", app)
        await pilot.press("d")
        await until(pilot, "Done: 1 Konzept", app)
        with pytest.raises(Damaged):
            bob.reload()


async def test_what_is_typed_stays_while_another_writes(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, bob):
        await pilot.press("a")
        await typed(pilot, "Abnahme")
        with bob._store.lock("bob"):
            for key in ("enter", "p"):
                app.simulate_key(key)
            await asyncio.sleep(0.9)
            assert message(app) == "Waiting for bob …"
            assert isinstance(app.focused, Input)
            assert app.focused.value == "Abnahme", "keys wait until the line has been taken"
        await until(pilot, "4 Abnahme: priority high", app)
        assert len(app.workspace.tasks) == 4


async def test_a_key_without_end_holds_up_the_next_for_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with screen(tmp_path) as (app, pilot, _bob):
        monkeypatch.setattr(TypeAhead, "_settle", lambda _self, _turn: None)
        for key in ("j", "d"):
            app.simulate_key(key)
        await until(pilot, "Done: 2 Bauen", app)
        assert states(app) == ["todo", "done", "todo"]


async def test_no_clock_runs_on_for_keys_that_have_had_their_effect(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _bob):
        handles = set()
        for key in ("j", "k", "j"):
            await pilot.press(key)
            handles.add(app._typed._look_again)
        assert len(handles) == 3
        assert all(handle and handle.cancelled() for handle in handles)


async def test_a_list_is_laid_into_the_plan_beside_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("title;assignee\nNeu 1;anna\nNeu 2;bob\n", "utf-8")
    laid_by: list[threading.Thread] = []
    real = importing.Import.plan

    def noted(taken: importing.Import, ws: Workspace, now: Now) -> tuple[Change, Report]:
        laid_by.append(threading.current_thread())
        return real(taken, ws, now)

    monkeypatch.setattr(importing.Import, "plan", noted)
    async with screen(tmp_path) as (app, pilot, bob):
        bob.do(partial(commands.finish, task=1))
        app.take_in(str(path))
        for _ in range(100):
            await pilot.pause(0.05)
            if isinstance(app.screen, Imported):
                break
        await pilot.press("escape")
        assert len(app.workspace.tasks) == 5
        assert app.workspace.tasks[1].state == "done"
        assert laid_by
        assert threading.main_thread() not in laid_by


async def test_a_line_that_is_left_comes_back_with_the_key(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _):
        await pilot.press("a")
        await pilot.pause()
        await typed(pilot, "Firewall @Netz !nonsense")
        await pilot.press("escape")
        await until(pilot, "Kept what was typed; the same key brings it back.", app)
        await pilot.press("a")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "Firewall @Netz !nonsense"
        await pilot.press(*("backspace",) * len(" !nonsense"), "enter", "enter")
        await until(pilot, "Added: 4 Firewall", app)
        await pilot.press("a")
        await pilot.pause()
        assert app.screen.query_one(Input).value == ""


async def test_the_program_is_not_left_unasked_with_a_line_that_was_left(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _):
        app.home = "tasks"
        await pilot.press("a")
        await pilot.pause()
        await typed(pilot, "Firewall @Netz for the new site")
        await pilot.press("escape", "q")
        await pilot.pause()
        assert "Firewall @Netz for the new site" in readable(app.screen)
        await pilot.press("escape", "a")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "Firewall @Netz for the new site"
        await pilot.press("escape", "q", "enter")
        await pilot.pause()
        assert app.return_code == 0


async def test_what_was_typed_of_one_task_comes_back_for_that_one_only(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _):
        await pilot.press("w")
        await pilot.pause()
        await typed(pilot, "Dell follow:bald")
        await pilot.press("escape")
        await until(pilot, "Kept what was typed", app)
        await pilot.press("j", "w")
        await pilot.pause()
        assert app.screen.query_one(Input).value == ""
        await pilot.press("escape", "k", "w")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "Dell follow:bald"


async def test_what_was_typed_comes_back_whatever_others_have_set_and_says_so(
    tmp_path: Path,
) -> None:
    async with screen(tmp_path) as (app, pilot, bob):
        await pilot.press("o")
        await pilot.pause()
        await typed(pilot, "Carol Mayer")
        await pilot.press("escape")
        await until(pilot, "Kept what was typed", app)
        bob.do(partial(commands.edit_task, task=1, title="Anders", assignee="Eve"))
        app.follow()
        await pilot.press("o")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "Carol Mayer"
        assert "This was typed and left before; the value is Eve." in readable(app.screen)


@pytest.mark.parametrize("key", ["t", "o", "O a", "b"])
async def test_what_was_typed_comes_back_whatever_is_asked(tmp_path: Path, key: str) -> None:
    async with screen(tmp_path) as (app, pilot, _):
        app.session.do(partial(arrows.link, source=1, target=2))
        app.follow()
        await pilot.press("j", *key.split())
        await pilot.pause()
        if key == "b":
            await pilot.press("enter")
        line = app.focused
        assert isinstance(line, Input)
        before = line.value
        await typed(pilot, "lorem ipsum")
        left = line.value
        assert left.endswith("lorem ipsum")
        await pilot.press("escape")
        await until(pilot, "Kept what was typed; the same key brings it back.", app)
        await pilot.press(*key.split())
        await pilot.pause()
        assert left in [each.value for each in app.screen.query(Input)]
        line = next(each for each in app.screen.query(Input) if each.value == left)
        line.value = before
        await pilot.press("escape")
        await pilot.press(*key.split())
        await pilot.pause()
        assert left not in [each.value for each in app.screen.query(Input)]


async def test_what_was_set_on_how_many_is_told(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _):
        await pilot.press("M", "j", "M", "t")
        await pilot.pause()
        await typed(pilot, "2026-12-04\n")
        await until(pilot, "1, 2: Due – → 2026-12-04", app)
        assert "Edited 2 tasks" in message(app)


async def test_what_was_so_already_and_what_is_finished_is_told_of_several(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, _):
        app.session.do(partial(commands.edit_task, task=1, due=date(2026, 12, 4)))
        await pilot.press("d")
        await until(pilot, "Done: 1", app)
        await pilot.press("M", "j", "M", "t")
        await pilot.pause()
        await typed(pilot, "2026-12-04")
        assert "Of these 1 is finished: 1" in readable(app.screen)
        await pilot.press("enter")
        await until(pilot, "Edited 1 task, 1 unchanged", app)


async def test_what_needs_open_tasks_is_asked_about_before_it_is_done(tmp_path: Path) -> None:
    async with screen(tmp_path) as (app, pilot, bob):
        bob.do(partial(arrows.link, source=1, target=2))
        app.follow()
        await pilot.press("end", "home", "j", "d")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        told = readable(app.screen)
        assert "2 Bauen needs 1 Konzept, which is still open." in told
        assert "Done now, it no longer waits for that" in " ".join(told.split())
        await pilot.press("j", "escape")
        await pilot.pause()
        assert states(app) == ["todo"] * 3, "nothing is done by who moves on"
        await pilot.press("d")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, "Done: 2 Bauen", app)
        assert states(app) == ["todo", "done", "todo"]
        # Together with what they need they are done at once.
        await pilot.press("u")
        await until(pilot, "Undo: Done: 2 Bauen", app)
        await pilot.press("home", "M", "j", "M", "j", "d")
        await until(pilot, "and 1 more", app)
        assert states(app) == ["done", "done", "todo"]
