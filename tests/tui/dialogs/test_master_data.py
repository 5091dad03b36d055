"""Projects, departments, people, systems and settings on the screen: listed, edited, moved away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.builders import TODAY
from tests.tui.stage import full_disk, readable, typed
from tests.tui.test_together import message, until
from tracker import language
from tracker.domain.model import Department, Project, Settings, System
from tracker.domain.properties import NOUNS, PROPERTIES
from tracker.domain.verbs import commands, upkeep
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.asking import AskLine
from tracker.tui.dialogs.entity_form import EntityForm
from tracker.tui.dialogs.master_data import MasterData, MoveAway, _widths
from tracker.tui.dialogs.questions import Confirm


@asynccontextmanager
async def house(
    folder: Path, line: str, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[TrackerApp, Pilot[str], Session]]:
    """Open two departments with a task each, and type a line after the colon."""
    file = folder / "plan.json"
    bob = Session.open(file, who="bob", today=TODAY)
    given: dict[str, Any] = {"assignee": "anna", "systems": ("ERP",), "project": "Umzug"}
    bob.do(partial(commands.add_task, title="Firewall", department="Netz", **given))
    bob.do(partial(commands.add_task, title="Abnahme", department="Vertrieb"))
    anna = Session.open(file, who="anna", today=TODAY)
    app = TrackerApp(anna)
    async with app.run_test(size=size) as pilot:
        await pilot.press("colon")
        await typed(pilot, line)
        await pilot.press("enter")
        await pilot.pause(0.1)
        yield app, pilot, bob
    anna.close()
    bob.close()


def seen(app: TrackerApp) -> str:
    return readable(app.screen)


def in_front(app: TrackerApp, kind: type[Screen[Any]]) -> None:
    assert isinstance(app.screen, kind)


async def told(pilot: Pilot[str], text: str, app: TrackerApp) -> None:
    """Wait until a text can be read."""
    for _try in range(100):
        if text in seen(app):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{text!r} is not among:\n{seen(app)}")


async def test_a_department_is_renamed_and_given_limits_in_one_step(tmp_path: Path) -> None:
    async with house(tmp_path, "department") as (app, pilot, _bob):
        in_front(app, MasterData)
        await told(pilot, "In open tasks (1): 1 Firewall", app)
        await pilot.press("enter")
        await pilot.pause()
        in_front(app, EntityForm)
        await typed(pilot, "e")
        await pilot.press("down", "down")
        await typed(pilot, "rot")
        await pilot.press("down", "down")
        await typed(pilot, "2")
        await pilot.press("enter")
        await told(pilot, "Netze: renamed from Netz, Colour red, WIP limit 2", app)
        lane = app.workspace.departments[1]
        assert (lane.name, lane.color, lane.wip_limit) == ("Netze", "red", 2)
        await pilot.press("u")
        await told(pilot, "Netz ", app)
        assert app.workspace.departments[1] == Department(id=1, name="Netz", order=1)


async def test_what_is_wrong_stays_in_the_form(tmp_path: Path) -> None:
    async with house(tmp_path, "department Vertrieb") as (app, pilot, _bob):
        in_front(app, EntityForm)
        await pilot.press("ctrl+u")
        await typed(pilot, "netz")
        assert "Netz already exists." in seen(app)
        await pilot.press("enter")
        in_front(app, EntityForm)
        await pilot.press("escape")
        await pilot.pause()
        in_front(app, Confirm)


async def test_something_new_is_asked_about_where_it_looks_known(tmp_path: Path) -> None:
    async with house(tmp_path, "department") as (app, pilot, _bob):
        await pilot.press("a")
        await pilot.pause()
        await typed(pilot, "Nezt")
        assert "Did you mean Netz?" in seen(app)
        await pilot.press("escape", "y")
        await pilot.pause()
        await pilot.press("a")
        await pilot.pause()
        await typed(pilot, "Recht")
        await pilot.press("down", "down", "down", "down", "down")
        await typed(pilot, "2,5")
        await pilot.press("enter")
        await told(pilot, "Created: Recht, Capacity 2.5", app)
        assert app.workspace.departments[3].capacity == 2.5
        # The cursor is on what is new.
        assert "> Recht" in seen(app)


async def test_what_hangs_on_it_is_shown_before_it_is_deleted(tmp_path: Path) -> None:
    async with house(tmp_path, "department") as (app, pilot, _bob):
        await pilot.press("x")
        await pilot.pause()
        in_front(app, MoveAway)
        assert "In open tasks (1): 1 Firewall" in seen(app)
        await pilot.press("enter")
        await told(pilot, "Merged Netz into Vertrieb: 1 task", app)
        assert {task.department for task in app.workspace.tasks.values()} == {2}
        assert list(app.workspace.departments) == [2]
        await pilot.press("u")
        await told(pilot, "Departments 2", app)
        assert app.workspace.tasks[1].department == 1


async def test_what_nothing_names_is_deleted_after_a_question(tmp_path: Path) -> None:
    async with house(tmp_path, "project") as (app, pilot, bob):
        bob.do(partial(upkeep.set_properties, kind=Project, name="Leer", values={}, create=True))
        app.follow()
        await told(pilot, "Leer", app)
        await pilot.press("home", "x")
        await pilot.pause()
        in_front(app, Confirm)
        await pilot.press("enter")
        await told(pilot, "Deleted: Leer", app)
        assert [each.name for each in app.workspace.projects.values()] == ["Umzug"]


async def test_a_system_says_what_stands_still_and_what_restores_it(tmp_path: Path) -> None:
    async with house(tmp_path, "system", (100, 30)) as (app, pilot, _bob):
        await told(pilot, "Down this year: never", app)
        await pilot.press("s")
        await pilot.pause()
        await pilot.press("end", "enter")
        await pilot.pause()
        await typed(pilot, "Platte voll")
        await pilot.press("enter")
        await told(pilot, "Stuck tasks (1): 1 Firewall", app)
        assert "Restored by: no task is named" in seen(app)
        assert "down (1): Platte voll" in seen(app)
        assert app.workspace.table(System)[1].state == "down"


async def test_the_reason_of_a_state_that_cannot_be_set_stays_in_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path, "system", (100, 30)) as (app, pilot, _bob):
        await pilot.press("s")
        await pilot.pause()
        await pilot.press("end", "enter")
        await pilot.pause()
        await typed(pilot, "Platte voll")
        with monkeypatch.context() as patch:
            patch.setattr(app.session, "do", full_disk)
            await pilot.press("enter")
            await told(pilot, "The disk is full.", app)
        in_front(app, AskLine)
        assert app.screen.query_one(Input).value == "Platte voll"
        await pilot.press("enter")
        await told(pilot, "down (1): Platte voll", app)


async def test_settings_are_a_list_and_a_form_and_undone_by_a_key(tmp_path: Path) -> None:
    async with house(tmp_path, "set") as (app, pilot, _bob):
        await told(pilot, "Currency", app)
        place = [each.name for each in PROPERTIES[Settings]].index("currency")
        await pilot.press("home", *["down"] * place, "enter")
        await pilot.pause()
        await typed(pilot, "chf")
        await pilot.press("enter")
        await told(pilot, "Settings: Currency CHF", app)
        await pilot.press("tab")
        await told(pilot, "Umzug", app)
        await pilot.press("shift+tab", "u")
        await told(pilot, "EUR", app)
        assert app.workspace.preferences.currency == "EUR"


async def test_somebody_else_changes_the_same_thing_meanwhile(tmp_path: Path) -> None:
    async with house(tmp_path, "department Netz") as (app, pilot, bob):
        await pilot.press("down", "down", "down", "down")
        await typed(pilot, "2")
        values = {"wip_limit": 5}
        bob.do(partial(upkeep.set_properties, kind=Department, name="Netz", values=values))
        app.follow()
        await pilot.press("enter")
        await told(pilot, "changed in the meantime: 5", app)
        await pilot.press("enter")
        await told(pilot, "Netz: WIP limit 2", app)
        assert app.workspace.departments[1].wip_limit == 2


async def test_a_name_that_is_not_known_is_not_born_on_the_line(tmp_path: Path) -> None:
    async with house(tmp_path, "department Nezt wip=3") as (app, pilot, _bob):
        await until(pilot, "Did you mean Netz? To create it, add --new.", app)
        assert len(app.workspace.departments) == 2
    (tmp_path / "b").mkdir()
    async with house(tmp_path / "b", "person ana") as (app, pilot, _bob):
        assert "Did you mean anna?" in message(app)


@pytest.mark.parametrize("noun", NOUNS)
async def test_every_list_fits_a_small_screen_and_can_be_left(tmp_path: Path, noun: str) -> None:
    async with house(tmp_path, noun, (60, 20)) as (app, pilot, _bob):
        in_front(app, MasterData)
        await pilot.press("q")
        await pilot.pause()
        assert type(app.screen) is not MasterData


@pytest.mark.parametrize("width", [60, 80])
async def test_the_last_heading_is_whole(tmp_path: Path, width: int) -> None:
    language.use("de")
    async with house(tmp_path, "department", (width, 24)) as (app, _pilot, _bob):
        assert "Offene Vorgänge" in seen(app).partition("Netz")[0]


def test_headings_are_whole_where_there_is_room_for_them() -> None:
    heads = ["Name", "Short name", "Place on the board", "WIP limit", "Capacity"]
    texts = [["Project office"], ["PUR"], ["1"], ["3"], ["11"]]
    wanted = [14, 10, 18, 9, 8]
    assert _widths(heads, texts, sum(wanted) + len(wanted)) == wanted
    # Those that lack least first: the longest one is cut.
    assert _widths(heads, texts, sum(wanted)) == [14, 10, 13, 9, 8]
    assert _widths(heads, texts, 24) == [14, 8]
