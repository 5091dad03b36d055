"""The keys: declared once, remapped by name, and never two things at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Input, Static

from tests import ROOT
from tests.builders import TODAY
from tests.tui.stage import asked, shown
from tracker import language, typed_verbs
from tracker.cli import CALLS
from tracker.session import Session
from tracker.tui import keys
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.help import HelpScreen
from tracker.tui.dialogs.master_data import MasterData
from tracker.tui.host import PARTS
from tracker.tui.today.screen import TodayScreen
from tracker.tui.view.command_line import SHELL
from tracker.tui.view.frame import HeadLine, StatusLine
from tracker.tui.widgets.rows import Rows
from tracker.wording import show


@pytest.fixture(autouse=True)
def _as_declared() -> Iterator[None]:
    yield
    keys.remap({})


def test_no_key_calls_two_things() -> None:
    assert keys.remap({}) == []


def test_keys_that_go_along_arrows_are_listed_apart_from_how_the_board_is_shown() -> None:
    groups: dict[str, set[str]] = {}
    for key in keys.KEYS:
        groups.setdefault(key.group, set()).add(key.action.partition("(")[0])
    assert groups[keys.ARROWS] == {"follow", "loop"}
    assert {"zoom", "fold", "columns"} <= groups[keys.DISPLAY]


def test_calls_of_the_shell_are_told_apart_from_verbs_that_do_not_exist() -> None:
    calls = {name for name in CALLS if name not in typed_verbs.names()}
    on_the_screen = {
        "import",
        "export",
        "today",
        "list",
        "show",
        "log",
        "undo",
        "redo",
        "loops",
        "set",
    }
    on_the_screen |= {"forecast", "schedule", "timeline", "help", "copy", *PARTS}
    on_the_screen |= {"matrix", "metrics"}
    # A task is copied there, not a workspace.
    on_the_screen |= {"load", "controlling", "copy"}
    on_the_screen |= {"baseline", "replan"}
    assert set(SHELL) == calls - on_the_screen


def test_a_clash_and_an_unknown_name_are_told() -> None:
    (clash,) = keys.remap({"wait": "d"})
    assert "done" in clash
    assert "wait" in clash
    (unknown,) = keys.remap({"fly": "d"})
    assert "fly" in unknown


@pytest.mark.parametrize(
    "given", ["hyper+nothing", "", "x,", "comma  l", "f99", "ctrl+", "+", "super+alt+x"]
)
def test_a_key_that_cannot_be_pressed_takes_no_ones_place(given: str) -> None:
    usual = keys.key_of("quit")
    (told,) = keys.remap({"quit": given})
    assert "quit" in told
    assert usual in told
    assert keys.key_of("quit") == usual


@pytest.mark.parametrize(
    "given",
    ["x", "X", "ä", "f24", "ctrl+x", "shift+f3", "ctrl+shift+left", "slash", "comma l,é", "alt+x"],
)
def test_whatever_some_keyboard_has_can_be_given(given: str) -> None:
    keys.remap({"quit": given})
    assert ",".join(keys.keys_for("quit")) == given


def test_a_blank_behind_a_comma_is_no_key() -> None:
    keys.remap({"quit": "f24, alt+ctrl+x"})
    assert keys.keys_for("quit") == ["f24", "alt+ctrl+x"]


def test_all_keys_there_are_can_be_given() -> None:
    told = keys.remap({key.id: key.keys for key in keys.KEYS})
    assert not any("does not exist" in each for each in told)


def test_nothing_is_bound_that_others_own() -> None:
    owned = {f"ctrl+{letter}" for letter in "abhjkls"} | {"f11", "f12"}
    for key in keys.KEYS:
        for name in key.keys.split(","):
            assert name not in owned
            assert not name.startswith(("alt+", "ctrl+shift+"))


async def test_a_remapped_key_works_and_is_listed(tmp_path: Path) -> None:
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    app = TrackerApp(session, keymap={"help": "f2"})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f2")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert keys.keys_of(next(key for key in keys.KEYS if key.id == "help")) == "f2"
    session.close()


@pytest.mark.parametrize(
    ("keymap", "press", "told"),
    [
        ({"undo": "f3", "redo": "f4"}, ("a", *"Neu", "enter", "f3"), "f4 restores it"),
        ({"back": "f10"}, ("escape", "2", "escape"), "f10 quits; everything is saved."),
        ({"add": "f6"}, ("d",), "No task is selected. Press f6 to add one."),
        ({"find": "f7"}, ("n",), "No search yet; f7 finds tasks."),
        ({"link_return": "f8"}, ("right_parenthesis",), "no return arrows yet; f8 draws one."),
    ],
)
async def test_messages_name_the_keys_as_they_are_now(
    tmp_path: Path, keymap: dict[str, str], press: tuple[str, ...], told: str
) -> None:
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    app = TrackerApp(session, keymap=keymap)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("3", *press)
        await pilot.pause()
        message = app.screen.query_one(StatusLine).message
        assert message is not None
        assert told in message[0]
    session.close()


async def test_head_line_and_first_hint_name_the_keys_as_they_are_now(tmp_path: Path) -> None:
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    app = TrackerApp(session, keymap={"board": "f2", "tasks": "f3", "add": "f6"})
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        head = app.screen.query_one(HeadLine).render_line(0).text
        assert "[f2 Board]│f3 Table│" in head
        assert "│6 Loops" in head
        assert "f6 adds one." in str(app.screen.query_one("#empty", Static).render())
        await pilot.press("f3")
        await pilot.pause()
        assert "f2 Board│[f3 Table]│" in app.screen.query_one(HeadLine).render_line(0).text
    session.close()


def test_what_a_key_does_names_other_keys_as_they_are_now() -> None:
    keys.remap({"undo": "f3"})
    delete = next(key for key in keys.KEYS if key.id == "delete")
    assert keys.sentence_of(delete) == "Delete the task; f3 restores it."


def test_every_key_that_a_text_names_is_declared() -> None:
    declared = {key.id for key in keys.KEYS}
    texts = "".join(path.read_text("utf-8") for path in (ROOT / "tracker/tui").rglob("*.py"))
    named = set(re.findall(r"\{key:(\w+)\}", texts))
    assert {"undo", "add", "find"} <= named
    assert named - {"id"} <= declared


async def test_what_is_wrong_with_the_settings_is_told_on_a_screen_that_works(
    tmp_path: Path,
) -> None:
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    app = TrackerApp(session, keymap={"wait": "d"})
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        message = app.screen.query_one(StatusLine).message
        assert message is not None
        assert "d is assigned to both" in message[0]
    session.close()


@pytest.mark.parametrize("spoken", ["en", "de"])
@pytest.mark.parametrize(
    ("size", "view"),
    [((60, 20), "board"), ((80, 24), "tasks"), ((120, 36), "today"), ((160, 48), "loops")],
)
async def test_help_tells_all_that_each_key_does(
    size: tuple[int, int], view: str, spoken: str
) -> None:
    language.use(spoken)
    where = ("work", view)
    try:
        async with asked(HelpScreen(where, show.UNICODE), size) as (app, pilot):
            rows = app.screen.query_one(Rows)
            lines: list[str] = []
            while len(lines) < len(rows.rows):
                lines += shown(rows).splitlines()
                rows.scroll_to(y=len(lines), animate=False)
                await pilot.pause()
            read = " ".join(" ".join(line[14:].split()) for line in lines)
            assert "…" not in read
            for key in keys.known(*where, "app"):
                assert f" {' '.join(keys.sentence_of(key).split())}" in read, key.id
    finally:
        language.use("en")


async def test_help_keeps_its_key_and_what_is_typed_in_another_size() -> None:
    async with asked(HelpScreen(("work", "board"), show.UNICODE), (120, 36)) as (app, pilot):
        await pilot.press(*"task", *["down"] * 7)
        rows = app.screen.query_one(Rows)
        before = shown(rows).splitlines()[rows.row or 0].split("  ")[0]
        for size in ((60, 20), (300, 80), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.screen.query_one(Input).value == "task"
            at = (rows.row or 0) - rows.scroll_offset.y
            assert shown(rows).splitlines()[at].startswith(before)


@pytest.mark.parametrize(
    ("spoken", "typed", "kind"),
    [
        ("en", "merge departm", MasterData),
        ("de", "abteilungen umbenennen", MasterData),
        ("en", "settings", MasterData),
        ("en", "follow-ups", TodayScreen),
        ("de", "hand-overs", TodayScreen),
        ("de", "uebergeben nicht", TodayScreen),
    ],
)
async def test_the_palette_leads_to_every_list(
    tmp_path: Path, spoken: str, typed: str, kind: type[Screen[Any]]
) -> None:
    language.use(spoken)
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    app = TrackerApp(session)
    try:
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.press("ctrl+p")
            await pilot.pause()
            assert isinstance(app.screen, HelpScreen)
            await pilot.press(*("space" if sign == " " else sign for sign in typed), "enter")
            await pilot.pause()
            await pilot.pause()
            assert isinstance(app.screen, kind)
    finally:
        language.use("en")
        session.close()
