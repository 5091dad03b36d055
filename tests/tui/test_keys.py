"""The keys: declared once, remapped by name, and never two things at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import TODAY
from tracker import typed_verbs
from tracker.cli import CALLS
from tracker.session import Session
from tracker.tui import keys
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.help import HelpScreen
from tracker.tui.view.command_line import SHELL


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
    on_the_screen = {"import", "list", "show", "log", "undo", "redo", "loops"}
    assert set(SHELL) == calls - on_the_screen


def test_a_clash_and_an_unknown_name_are_told() -> None:
    (clash,) = keys.remap({"wait": "d"})
    assert "done" in clash
    assert "wait" in clash
    (unknown,) = keys.remap({"fly": "d"})
    assert "fly" in unknown


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
