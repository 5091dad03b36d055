"""Two people at two screens on one workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.builders import TODAY
from tracker.domain import commands
from tracker.domain.commands import Command
from tracker.domain.errors import Conflict, Refused
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.form import TaskForm
from tracker.tui.screens.view import View
from tracker.tui.widgets.choices import Choices
from tracker.tui.widgets.frame import StatusLine

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


async def test_a_form_shows_what_another_has_set_and_loses_nothing(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "e")
        form = app.screen
        assert isinstance(form, TaskForm)
        form.query_one(Input).value = "Konzept von Anna"
        bob.do(partial(commands.edit_task, task=1, title="Konzept von Bob", due=DUE))
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is form, "the form stays until what is typed has been taken"
        shown = "\n".join(
            "".join(text for text, _style in row.left)
            for row in form.query_one("#fields > Choices", Choices).items
        )
        assert "Konzept von Anna" in shown
        assert "meanwhile: Konzept von Bob" in shown
        assert "2026" in shown
        assert app.workspace.tasks[1].title == "Konzept von Bob"
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


async def test_who_else_is_here_is_shown(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, _pilot, bob):
        assert bob.others() == ["anna"]
        view = app.screen
        assert isinstance(view, View)
        app.look_for_others()
        assert "also here: bob" in "".join(text for text, _style in view.head_pieces())


async def test_undo_names_who_has_built_on_it(tmp_path: Path) -> None:
    async with two(tmp_path) as (app, pilot, bob):
        await pilot.press("3", "p")
        await pilot.pause()
        assert priority(app) == "high"
        bob.do(partial(commands.edit_task, task=1, priority="low"))
        await pilot.press("u")
        await pilot.pause()
        assert "bob" in message(app)
        assert "cannot be taken back" in message(app)
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
