"""Keys that arrive in one burst, as over a link that has stalled."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.screen import Screen

from tests.builders import TODAY
from tests.terminal import Terminal
from tracker.domain.verbs import commands
from tracker.session import Session
from tracker.tui.terminal import typeahead

TITLES = ("Konzept", "Bauen", "Test")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    session = Session.open(file, who="anna", today=TODAY)
    for title in TITLES:
        session.do(partial(commands.add_task, title=title))
    session.close()
    return file


@pytest.mark.parametrize("view", ["2", "3"])
@pytest.mark.parametrize(
    ("burst", "seen"),
    [
        ("aNeue Aufgabe @Netz\r\r", r"Added: 4 Neue Aufgabe"),
        ("aNeue Aufgabe @Netz\r\rp", r"4 Neue Aufgabe: priority high"),
        ("a\x1b[200~Neue Aufgabe @Netz\x1b[201~\r\r", r"Added: 4 Neue Aufgabe"),
        (":\x1b[200~done 3\x1b[201~\r", r"Done: 3 Test"),
        (":done 3\r", r"Done: 3 Test"),
        ("/druck\r", r"Nothing matches druck"),
        (":quatsch\r", r"quatsch"),
    ],
)
def test_a_burst_goes_where_it_was_meant_for(plan: Path, view: str, burst: str, seen: str) -> None:
    with Terminal(["--file", str(plan), "--today", str(TODAY)], env={"TRACKER_USER": "anna"}) as at:
        at.wait_for(r"\[2 Board\]")
        at.press(view)
        at.send(burst)
        at.wait_for(seen)
        at.press("\x11" if "quatsch" not in burst else "escape")
    session = Session.open(plan, who="anna", today=TODAY)
    states = {task.title: task.state for task in session.workspace.tasks.values()}
    expected = dict.fromkeys(TITLES, "todo")
    if burst.startswith("a"):
        expected["Neue Aufgabe"] = "todo"
    if "done" in burst:
        expected["Test"] = "done"
    assert states == expected
    session.close()


class Passing(Screen[None]):
    """A screen that is taken away before it does what was to be done once it is drawn."""

    def _invoke_later(self, *_lost: Any) -> None:
        self.dismiss()


class Counting(App[None]):
    """Counts the keys that have been taken; the first opens a screen that does not stay."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self._typed = typeahead.TypeAhead(self, super().on_event)

    async def on_event(self, event: events.Event) -> None:
        """Take each key in its turn."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._typed.take(event)
        else:
            await super().on_event(event)

    def on_key(self) -> None:
        """Count."""
        self.taken += 1
        if self.taken == 1:
            self.push_screen(Passing())


async def test_the_next_key_waits_for_no_screen_that_has_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(typeahead, "_PATIENCE", 1e9)
    app = Counting()
    async with app.run_test() as pilot:
        await pilot.press("a", "b")
        for _ in range(1_000):
            if app.taken == 2:
                break
            await pilot.pause(0.01)
        assert app.taken == 2
