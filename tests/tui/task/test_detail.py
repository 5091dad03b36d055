"""All about one task: what is shown, what leads on, and that only changes are painted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests import strategies
from tests.builders import TODAY, plan
from tests.tui.stage import shown
from tracker import terminal_text
from tracker.domain.draft import Now
from tracker.domain.model import Item, Person, System
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.board.screen import BoardScreen
from tracker.tui.dialogs.task_form import TaskForm
from tracker.tui.messages import Do
from tracker.tui.task.detail_pane import DetailPane, entries
from tracker.tui.task.screen import DetailScreen
from tracker.tui.text.markdown import note_lines
from tracker.tui.view.frame import StatusLine
from tracker.tui.widgets.line_input import LineInput
from tracker.wording import task_page
from tracker.wording.figures import duration
from tracker.wording.show import UNICODE


def text_of(ws: Workspace, task: int, cells: int = 80, *, full: bool = True) -> str:
    """Return the lines about a task as text."""
    told = entries(ws, ws.tasks[task], TODAY, cells, UNICODE, full)
    return "\n".join("".join(text for text, _style in entry.line).rstrip() for entry in told)


def test_fields_arrows_checklist_and_notes_are_shown() -> None:
    ws = plan(
        "1-2 2-3",
        returns="3-2",
        states="1:done 2:doing",
        titles=("Plan", "Build", "Test"),
        extra=(Person(id=1, login="anna", name="Anna Öz"), System(id=1, name="ERP", state="down")),
        assignee=1,
        systems=(1,),
        due=TODAY - timedelta(days=2),
        low=1.0,
        likely=2.0,
        high=5.5,
        tags=("cutover",),
        checklist=(Item(text="one", done=True), Item(text="two")),
        notes="call **Dell**",
    )
    text = text_of(ws, 2)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "2 Build"
    assert "◐ doing · !stuck: ERP · !2 days late" in lines[1]
    assert "Assignee anna (Anna Öz)" in lines
    assert "Estimate 1/2/5.5 working days" in lines
    assert "Systems ERP (down)" in lines
    assert "Tags #cutover" in lines
    assert "Predecessors ✓ 1 Plan done" in lines
    assert "Successors ⊘ 3 Test blocked" in lines
    assert "Returns from ⊘ 3 Test ↻ 20% assumed blocked" in lines
    assert "Checklist 1 of 2 done" in lines
    assert "[x] one" in lines
    assert "Notes call Dell" in lines


def test_fields_without_a_value_take_no_room() -> None:
    assert text_of(plan(tasks=1, titles=("Alone",)), 1) == "1 Alone\n○ ready"


def test_a_return_beyond_its_limit_is_called_so() -> None:
    ws = plan("1-2", states="1:done 2:doing")
    ws = ws.apply(arrows.link_return(ws, _now(), gate=2, target=1, limit=1))
    ws = ws.apply(arrows.send_back(ws, _now(), gate=2, target=1, reason="cable"))
    assert "↻2/1 20% assumed !over the limit" in text_of(ws, 1)


def test_the_ledger_tells_who_sent_it_back_why_and_how_long_it_took() -> None:
    ws = plan("1-2", titles=("Build", "Test"))
    at = datetime(2026, 11, 16, 8, tzinfo=UTC)
    steps: list[tuple[Any, dict[str, Any]]] = [
        (commands.start, {"task": 1}),
        (commands.finish, {"task": 1}),
        (commands.start, {"task": 2}),
        (arrows.send_back, {"gate": 2, "target": 1, "reason": "Feldlängen", "system": "ERP-DB"}),
        (commands.start, {"task": 1}),
    ]
    for command, fields in steps:
        at += timedelta(days=1)
        ws = ws.apply(command(ws, Now(at, at.date(), "petra"), **fields))
    text = text_of(ws, 1)
    ledger = [" ".join(line.split()) for line in text.splitlines()][-3:]
    assert ledger[0].startswith("Passes #2 doing since ")
    assert ledger[1] == "back from 2 Test by petra: “Feldlängen” · ERP-DB"
    assert ledger[2].startswith("#1 done ")
    assert ledger[2].endswith(", 1 day")
    assert "#1 sent back to 1 Build" in text_of(ws, 2)


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(0), "0 minutes"),
        (timedelta(seconds=-5), "0 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59.6), "1 hour"),
        (timedelta(hours=23), "23 hours"),
        (timedelta(hours=23.8), "1 day"),
        (timedelta(days=12.4), "12 days"),
    ],
)
def test_a_length_of_time_is_told_in_its_largest_unit(time: timedelta, words: str) -> None:
    assert duration(time) == words


@given(
    ws=strategies.workspaces(most=4),
    cells=st.integers(20, 130),
    full=st.booleans(),
)
def test_every_line_fits_and_nothing_controls_the_terminal(
    ws: Workspace, cells: int, full: bool
) -> None:
    for task in ws.tasks.values():
        for entry in entries(ws, task, TODAY, cells, UNICODE, full):
            line = "".join(text for text, _style in entry.line)
            assert line == terminal_text.clean(line)
            if entry.place is None and cells >= 40:
                assert terminal_text.width(line.rstrip()) <= cells


# Notes

NOTES = """# Interface

RFC **over** `IDoc`, see [wiki](http://wiki/x):
second line

- one, which is long enough to be broken
- two
  1. inner
  2. again

> quoted

```
SELECT  *
```
***
<b>raw</b>
"""


def test_notes_in_markdown_are_set_as_lines() -> None:
    lines = ["".join(text for text, _style in line) for line in note_lines(NOTES, 30)]
    assert lines == [
        "Interface",
        "",
        "RFC over IDoc, see wiki:",
        "second line",
        "",
        "- one, which is long enough to",
        "  be broken",
        "- two",
        "  1. inner",
        "  2. again",
        "",
        "│ quoted",
        "",
        "  SELECT  *",
        "────────────────────",
        "",
        "<b>raw</b>",
    ]


@given(st.text(), st.integers(10, 60))
def test_any_text_is_notes(text: str, cells: int) -> None:
    for line in note_lines(text, cells):
        told = "".join(piece for piece, _style in line)
        assert told == terminal_text.clean(told)


@pytest.mark.parametrize("part", ["`a", "a", "a+", ")"])
def test_notes_without_end_are_read_once(part: str) -> None:
    notes = "http://x" + part * (200_000 // len(part))
    begun = process_time()
    if part == "`a":
        assert note_lines(notes[8:], 60)
    assert len(task_page.links(notes)) <= 1
    assert task_page.links(notes[8:]) == []
    assert process_time() - begun < 5


def test_the_address_ends_before_the_brackets_around_it() -> None:
    assert task_page.links("(see https://a.example/b_(c).) and (mailto:x@y.example!)).") == [
        "https://a.example/b_(c)",
        "mailto:x@y.example",
    ]


# The pane


class Pane(App[None]):
    """A pane beside nothing."""

    def __init__(self, ws: Workspace) -> None:
        super().__init__()
        self._plan = ws

    def compose(self) -> ComposeResult:
        """Make the pane."""
        yield DetailPane()

    def on_mount(self) -> None:
        """Show the first task."""
        pane = self.query_one(DetailPane)
        pane.today, pane.workspace = TODAY, self._plan
        pane.task_id = 1


async def test_the_pane_follows_the_task_and_the_plan() -> None:
    ws = plan("1-2", titles=("Build", "Test"))
    app = Pane(ws)
    async with app.run_test(size=(44, 20)) as pilot:
        pane = app.query_one(DetailPane)
        assert "1 Build" in shown(pane)
        pane.task_id = 2
        await pilot.pause()
        assert shown(pane).startswith("2 Test\n⊘ blocked")
        pane.workspace = ws.apply(commands.finish(ws, _now(), task=1))
        await pilot.pause()
        assert shown(pane).startswith("2 Test\n○ ready")
        pane.task_id = None
        await pilot.pause()
        assert "No task is selected." in shown(pane)


async def test_long_notes_are_cut_short_at_the_side() -> None:
    app = Pane(plan(tasks=1, notes="\n".join(map(str, range(100, 120)))))
    async with app.run_test(size=(44, 30)):
        text = shown(app.query_one(DetailPane))
        assert "105" in text
        assert "106" not in text
        assert "…" in text


@pytest.mark.parametrize("notes", ["Zeile\n" * 300_000, "wort " * 400_000, "x" * 2_000_000])
def test_notes_of_megabytes_begin_on_the_page_and_are_said_to_go_on(notes: str) -> None:
    ws = plan(tasks=1, notes=notes.rstrip())
    begun = process_time()
    lines = text_of(ws, 1).splitlines()
    assert process_time() - begun < 5
    assert any(line.endswith("… The notes go on; E opens them whole.") for line in lines)
    assert len(lines) < 3_000


def test_notes_that_are_shown_whole_do_not_go_on() -> None:
    assert "The notes go on" not in text_of(plan(tasks=1, notes="Zeile\n" * 1_999 + "Ende\n\n"), 1)


# The screen


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Return a session on a plan of three tasks that has gone back once."""
    at = datetime(2026, 11, 16, 8, tzinfo=UTC)

    def clock() -> datetime:
        nonlocal at
        at += timedelta(hours=1)
        return at

    found = Session.open(tmp_path / "plan.json", who="petra", clock=clock, today=TODAY)
    for n, title in enumerate(("Plan", "Build", "Test")):
        after = [(n, 0.0)] if n else []
        found.do(partial(commands.add_task, title=title, after=after))
    found.do(partial(commands.edit_task, task=2, checklist=(Item(text="one"), Item(text="two"))))
    for task in (1, 2):
        found.do(partial(commands.finish, task=task))
    found.do(partial(commands.start, task=3))
    found.do(partial(arrows.send_back, gate=3, target=2, reason="cable"))
    yield found
    found.close()


async def _opened(app: TrackerApp, pilot: Pilot[Any], task: int) -> DetailPane:
    app.open_task(task)
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()
    screen = app.screen
    assert isinstance(screen, DetailScreen)
    return screen.pane


async def test_the_history_of_a_task_is_told_newest_first(session: Session) -> None:
    app = TrackerApp(session)
    async with app.run_test(size=(100, 50)) as pilot:
        pane = await _opened(app, pilot, 2)
        text = shown(pane)
        history = [line for line in text.splitlines() if "petra" in line and ":" in line[:40]]
        assert "Sent back: 3 Test → 2 (pass 2): cable" in text
        assert "Added: 2" in history[-1]
        assert "Added: 1 Plan" not in text


async def test_enter_ticks_an_item_and_follows_an_arrow(session: Session) -> None:
    app = TrackerApp(session)
    async with app.run_test(size=(100, 50)) as pilot:
        pane = await _opened(app, pilot, 2)
        places = [entry.place for entry in pane.entries if entry.place]
        assert [tuple(place) for place in places] == [
            ("task", 1),
            ("task", 3),
            ("task", 3),
            ("item", 0),
            ("item", 1),
        ]
        await pilot.press("j", "j", "j")
        assert pane.place == ("item", 0)
        await pilot.press("enter")
        for _turn in range(400):
            if session.workspace.tasks[2].checklist[0].done:
                break
            await pilot.pause(0.01)
        assert session.workspace.tasks[2].checklist[0].done
        assert pane.place == ("item", 0)
        await pilot.press("k", "enter")
        await pilot.pause()
        assert pane.task_id == 3
        await pilot.press("q")
        await pilot.pause()
        assert pane.task_id == 2
        await pilot.press("q")
        await pilot.pause()
        assert not isinstance(app.screen, DetailScreen)


@pytest.mark.parametrize("key", ["enter", "space", "y"])
async def test_what_has_no_room_leads_nowhere(session: Session, key: str) -> None:
    app = TrackerApp(session)
    async with app.run_test(size=(100, 50)) as pilot:
        pane = await _opened(app, pilot, 2)
        # Until the page is laid out whole a key may scroll instead of moving.
        for _turn in range(40):
            if pane.place == ("item", 1):
                break
            await pilot.press("j")
        assert pane.place == ("item", 1)
        await pilot.resize_terminal(1, 1)
        await app.carry_out(partial(commands.edit_task, task=2, checklist=()))
        await pilot.press(key)
        await pilot.pause()
        assert not pane.entries
        await pilot.resize_terminal(100, 50)
        await pilot.pause()
        assert pane.place == ("task", 1)


async def test_the_cursor_goes_through_everything_on_a_small_screen(session: Session) -> None:
    session.do(partial(commands.edit_task, task=2, notes="\n\n".join(map(str, range(30)))))
    app = TrackerApp(session)
    async with app.run_test(size=(60, 20)) as pilot:
        pane = await _opened(app, pilot, 2)
        seen = shown(pane)
        for _ in range(20):
            await pilot.press("j")
            seen += shown(pane)
        assert "29" in seen
        assert "History" in seen
        assert "Added: 2" in seen
        await pilot.press("home")
        assert shown(pane).startswith("2 Build")
        await pilot.press("G")
        assert "Added: 2" in shown(pane)
        # By when the task is over is above what is read, and may be known later.
        while pane.outlook is None or 2 not in pane.outlook.ends:
            await pilot.pause(0.01)
        # From here on nothing else has its turn.
        outlook, pane.outlook = pane.outlook, None
        pane.action_last()
        read = shown(pane)
        assert "Added: 2" in read
        for known in (outlook, None):
            before = len(pane.lines)
            pane.outlook = known
            assert len(pane.lines) != before
            assert shown(pane) == read


async def test_a_task_deleted_by_somebody_else_closes_its_screen(session: Session) -> None:
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await _opened(app, pilot, 2)
        app.post_message(Do(partial(commands.delete_task, task=2)))
        await pilot.pause()
        assert not isinstance(app.screen, DetailScreen)


def _now() -> Now:
    return Now(datetime(2026, 11, 23, 9, tzinfo=UTC), date(2026, 11, 23), "petra")


async def test_what_is_asked_about_a_task_stays_when_somebody_deletes_it(session: Session) -> None:
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await _opened(app, pilot, 2)
        await pilot.press("e")
        await pilot.pause()
        form = app.screen
        assert isinstance(form, TaskForm)
        app.post_message(Do(partial(commands.delete_task, task=2)))
        await pilot.pause()
        assert app.screen is form
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, BoardScreen)


async def test_what_is_typed_at_a_task_goes_on_when_somebody_deletes_it(session: Session) -> None:
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await _opened(app, pilot, 2)
        await pilot.press("colon", *"add d")
        line = app.screen.query_one(LineInput)
        app.post_message(Do(partial(commands.delete_task, task=2)))
        await pilot.pause()
        await pilot.press(*"dxd")
        await pilot.pause()
        assert line.value == "add ddxd"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, BoardScreen)
        assert [task.title for task in app.workspace.tasks.values()][-1] == "ddxd"
        told = app.screen.query_one(StatusLine).message
        assert told is not None
        assert "ddxd" in told[0]
