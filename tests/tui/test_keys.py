"""The keys: declared once, remapped by name, and never two things at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import TODAY
from tracker.session import Session
from tracker.tui import keys
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.help import HelpScreen


@pytest.fixture(autouse=True)
def _as_declared() -> Iterator[None]:
    yield
    keys.remap({})


def test_no_key_calls_two_things() -> None:
    assert keys.remap({}) == []


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
