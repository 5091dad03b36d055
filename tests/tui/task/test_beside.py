"""A task beside the view: its history, its checklist, its links and its notes as a whole."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.builders import NOW, TODAY, plan
from tests.tui.stage import readable, shown
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department, Item
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.questions import CopiedText
from tracker.tui.task.beside import BesideScreen
from tracker.tui.task.detail_pane import DetailPane
from tracker.tui.task.screen import DetailScreen
from tracker.tui.view.frame import StatusLine
from tracker.tui.widgets.line_input import LineInput
from tracker.tui.widgets.rows import Rows
from tracker.wording.task_page import links

NOTES = "\n\n".join(
    [
        "See [the wiki](https://wiki.example/x_(y)) and <https://it.example/ticket/7>.",
        *(f"Paragraph {n}" for n in range(40)),
        "The end.",
    ]
)


class Beside:
    """The app on a view, and what can be read beside it."""

    def __init__(self, app: TrackerApp, pilot: Pilot[str]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def view(self) -> BesideScreen:
        found = self.app.screen
        assert isinstance(found, BesideScreen)
        return found

    @property
    def panel(self) -> DetailPane:
        found = self.view.panel
        assert found is not None
        return found

    @property
    def told(self) -> str:
        message = self.app.screen.query_one(StatusLine).message
        return message[0] if message else ""

    async def press(self, *names: str) -> None:
        await self.pilot.press(*names)
        await self.pilot.pause()

    async def until_read(self, words: str) -> None:
        """Wait until something stands in the panel."""
        for _turn in range(500):
            if words in shown(self.panel):
                return
            await self.pilot.pause(0.01)
        raise AssertionError(shown(self.panel))


@asynccontextmanager
async def beside(path: Path, view: str, size: tuple[int, int] = (140, 40)) -> AsyncIterator[Beside]:
    """Show a plan in which task 2 has everything; the panel is open on it."""
    ws = plan("1-2", titles=("Plan", "Build", "Test"), tasks=3, extra=[Department(id=1, name="A")])
    items = (Item(text="one"), Item(text="two"))
    full: dict[str, Any] = {"notes": NOTES, "checklist": items, "due": TODAY, "department": 1}
    ws = ws.apply(commands.edit_task(ws, NOW, task=2, **full))
    session = Session.open(path / "plan.json", who="anna", today=TODAY)
    session.do(lambda _ws, _now: Change(sentence("x"), tuple(Edit(None, e) for e in ws.entities())))
    for n in range(9):
        session.do(partial(commands.edit_task, task=2, phase=f"phase {n}"))
    app = TrackerApp(session, view=view)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.go_to(2)
        at = Beside(app, pilot)
        await at.press("enter")
        yield at
    session.close()


@pytest.mark.parametrize("view", ["today", "board", "tasks"])
async def test_history_is_told_beside_every_view(tmp_path: Path, view: str) -> None:
    async with beside(tmp_path, view) as at:
        assert at.panel.task_id == 2
        await at.until_read("phase 7")  # the field itself has 8
        text = shown(at.panel)
        assert "phase 1" not in text, "the newest only, as long as one is in the view"
        assert at.told == "Enter again goes into it, Esc closes it."
        await at.press("enter", "G")
        await at.until_read("phase 0")
        await at.press("escape")
        assert not at.panel.has_focus
        assert at.view.focused_task == 2
        await at.press("escape")
        assert at.view.panel is None


async def test_rows_fit_the_room_beside_the_panel(tmp_path: Path) -> None:
    async with beside(tmp_path, "today") as at:
        for _turn in range(3):
            width = at.view.query_one(Rows).outer_size.width
            assert width < 140 if at.view.panel else width == 140
            assert re.search(
                r"^ Due this week and next +1 *$", shown(at.view.query_one(Rows)), re.MULTILINE
            )
            await at.press("escape" if at.view.panel else "enter")
            await at.pilot.pause(0.05)


async def test_the_panel_follows_and_its_history_too(tmp_path: Path) -> None:
    async with beside(tmp_path, "tasks") as at:
        await at.until_read("phase 8")
        await at.press("j")
        assert at.panel.task_id == 3
        assert "phase" not in shown(at.panel)
        await at.press("k")
        await at.until_read("phase 8")
        await at.press("p")
        await at.until_read("priority high")
        assert at.view.focused_task == 2


@pytest.mark.parametrize("view", ["today", "board", "tasks"])
async def test_items_are_ticked_there_with_space(tmp_path: Path, view: str) -> None:
    async with beside(tmp_path, view) as at:
        await at.press("enter")
        while at.panel.place != ("item", 0):
            await at.press("j")
        await at.press("space", "j", "space", "k", "space")
        await at.pilot.pause()
        task = at.app.workspace.tasks[2]
        assert [item.done for item in task.checklist] == [False, True]
        assert task.state == "todo", "space is about the item"
        await at.press("escape", "space")
        await at.pilot.pause()
        assert at.app.workspace.tasks[2].state == "doing", "and in the view about the task"


async def test_an_arrow_is_followed_and_verbs_are_about_the_task(tmp_path: Path) -> None:
    async with beside(tmp_path, "board") as at:
        await at.press("enter")
        assert at.panel.place == ("task", 1)
        await at.press("enter")
        assert at.view.focused_task == at.panel.task_id == 1
        assert at.panel.has_focus
        await at.press("d")
        await at.pilot.pause()
        assert at.app.workspace.tasks[1].state == "done"


async def test_a_note_is_read_to_its_end_beside_the_view(tmp_path: Path) -> None:
    async with beside(tmp_path, "board", (120, 24)) as at:
        seen = shown(at.panel)
        assert "The end." not in seen
        await at.press("enter")
        for _page in range(12):
            await at.press("pagedown")
            seen += shown(at.panel)
        assert "Paragraph 39" in seen
        assert "The end." in seen
        await at.press("g", "g")
        assert shown(at.panel).startswith("2 Build")
        assert at.view.focused_task == 2


@pytest.mark.parametrize("wide", [True, False])
async def test_links_are_copied_by_a_key(tmp_path: Path, wide: bool) -> None:
    async with beside(tmp_path, "tasks", (140, 40) if wide else (80, 24)) as at:
        if wide:
            await at.press("enter")
        pane = at.app.screen.query_one(DetailPane)
        for _turn in range(60):
            if pane.place == ("link", 1):
                break
            await at.press("j")
        await at.press("y")
        await at.pilot.pause()
        assert at.app.clipboard == "https://it.example/ticket/7"
        assert "Copied: https://it.example/ticket/7 y again shows it." in at.told
        await at.press("y")
        await at.pilot.pause()
        assert isinstance(at.app.screen, CopiedText)
        assert "https://it.example/ticket/7" in readable(at.app.screen)
        await at.press("escape", "home", "y")
        await at.pilot.pause()
        assert at.app.clipboard == "2 Build", "elsewhere it is the task that is copied"


async def test_a_narrow_window_closes_the_panel_and_opens_a_screen(tmp_path: Path) -> None:
    async with beside(tmp_path, "today") as at:
        await at.press("enter")
        await at.pilot.resize_terminal(80, 24)
        await at.pilot.pause()
        assert at.view.panel is None
        width = at.view.query_one(Rows).size.width
        assert width >= 79
        await at.press("k", "enter")
        assert isinstance(at.app.screen, DetailScreen)


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        ("", []),
        ("no link: a//b, c:d", []),
        ("(see https://a.example/b).", ["https://a.example/b"]),
        ("https://a.example/x_(y), again https://a.example/x_(y)!", ["https://a.example/x_(y)"]),
        (
            "[t](smb://server/share) <mailto:a@b.example>",
            ["smb://server/share", "mailto:a@b.example"],
        ),
        ("**https://ü.example/ä?q=1&r=2#f**", ["https://ü.example/ä?q=1&r=2#f"]),
    ],
)
def test_links_in_notes(notes: str, found: list[str]) -> None:
    assert links(notes) == found


@pytest.mark.parametrize("view", ["today", "board"])
async def test_what_is_typed_goes_on_when_the_panel_has_no_room_any_more(
    tmp_path: Path, view: str
) -> None:
    async with beside(tmp_path, view) as at:
        await at.press("colon", *"add d")
        await at.pilot.resize_terminal(100, 30)
        await at.pilot.pause()
        await at.press(*"dxd")
        assert at.view.panel is None
        assert at.view.query_one(LineInput).value == "add ddxd"
