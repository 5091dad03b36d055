"""The head line gives up its parts in a fixed order, and each of its counts leads somewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.builders import TODAY, plan
from tests.tui.stage import shown
from tracker import language
from tracker.domain.change import Change, Edit
from tracker.domain.model import Pass, System
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.session import Session
from tracker.tui import keys
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.help import HelpScreen
from tracker.tui.task.screen import DetailScreen
from tracker.tui.text.cells import row_width
from tracker.tui.view.frame import Head, HeadCount, HeadLine, StatusLine
from tracker.tui.view.view import View

LONG = "Abrechnung und Energiedatenmanagement in die Cloud"
DATE = ("CLOUD P80 28. Sept. 2027 ± 3 T. (begrenzte Kapazität)", "CLOUD P80 28. Sept. 2027*")


@pytest.fixture(params=["en", "de"])
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    language.use(request.param)
    yield request.param
    language.use("en")


def line(about: str = LONG, *, many: int = 12, view: str = "board") -> HeadLine:
    """Return a head line with everything in it."""
    head = HeadLine()
    counts = (
        (ngettext("{n} late", "{n} late", many), "late"),
        (ngettext("{n} stuck", "{n} stuck", many), "stuck"),
        (ngettext("{n} returned", "{n} returned", many), "came_back"),
        (ngettext("{n} ready", "{n} ready", many), "ready"),
    )
    head.head = Head(
        about,
        tuple(
            HeadCount(words.format(n=many), keys.key_of(key), "plain", key == "ready")
            for words, key in counts
        ),
        _("also here: {names}").format(names="anna, bob"),
    )
    head.date = DATE
    head.view, head.others = keys.view_name(view), keys.views(but=view)
    return head


def text(head: HeadLine, cells: int) -> str:
    row = head.row(cells)
    assert row_width(row) == cells
    return "".join(part for part, _style in row)


def test_date_and_counts_of_what_needs_somebody_are_never_given_up(spoken: str) -> None:
    head = line()
    kept = [count.words for count in head.head.counts if not count.least]
    assert spoken == language.current()
    for cells in range(60, 161):
        told = text(head, cells)
        assert "P80 28. Sept. 2027" in told, cells
        assert [words for words in kept if words in told] == kept, cells


def test_parts_go_in_a_fixed_order(spoken: str) -> None:
    head = line()
    parts = {
        "words of views": f" {keys.views(but='board')[0][0][1]}│",
        "keys of counts": " gl",
        "company": "anna, bob",
        "some of the name": LONG[:7],
        "what the date rests on": "(begrenzte",
        "ready": head.head.counts[-1].words,
        "keys of views": "│3",
    }
    gone: list[str] = []
    for cells in range(300, 59, -1):
        told = text(head, cells)
        here = [name for name, part in parts.items() if part not in told]
        assert not set(gone).difference(here), f"{cells}: what was given up comes back"
        gone += [name for name in parts if name in here and name not in gone]
    assert gone == list(parts)
    assert spoken


@given(st.text("ab ü語", max_size=60), st.integers(0, 99), st.integers(20, 200))
def test_the_line_has_its_width_whatever_is_in_it(about: str, many: int, cells: int) -> None:
    text(line(about, many=many), cells)


def test_a_long_filter_does_not_take_the_line() -> None:
    head = line("Plan")
    head.view = keys.view_name("tasks", "department:netz state:late #cutover due:<2027-01-01")
    told = text(head, 80)
    assert "12 returned" in told
    assert "[3 Table: department" in told


def odd() -> Workspace:
    """Return a plan in which some tasks are late, stuck, returned, ready, or to be asked about."""
    ws = plan("5-6", tasks=9, extra=[System(id=1, name="ERP", state="down")])
    change: dict[int, dict[str, Any]] = {
        2: {"due": TODAY - timedelta(3)},
        3: {"systems": (1,)},
        4: {"passes": (Pass(number=1, outcome="done"), Pass(number=2)), "state": "doing"},
        7: {"state": "waiting", "waiting_for": "x", "follow_up": TODAY},
        8: {"due": TODAY - timedelta(1)},
    }
    edits = (Edit(ws.tasks[at], replace(ws.tasks[at], **new)) for at, new in change.items())
    return ws.apply(Change(sentence("odd"), tuple(edits)))


@asynccontextmanager
async def day(path: Path, view: str, ws: Workspace) -> AsyncIterator[Pilot[str]]:
    """Show a plan in a view."""
    session = Session.open(path / "plan.json", who="anna", today=TODAY)
    session.do(lambda _ws, _now: Change(sentence("x"), tuple(Edit(None, e) for e in ws.entities())))
    app = TrackerApp(session, view=view)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.pause()
        yield pilot
    session.close()


def in_front(pilot: Pilot[str]) -> View:
    found = pilot.app.screen
    assert isinstance(found, View)
    return found


def told(pilot: Pilot[str]) -> str:
    message = in_front(pilot).query_one(StatusLine).message
    return message[0] if message else ""


async def test_each_count_in_the_head_line_is_reached_by_the_key_beside_it(tmp_path: Path) -> None:
    wanted = {"2 late gl": (2, 8), "1 stuck gs": (3,), "1 returned B": (4,)}
    wanted["6 ready gr"] = (1, 2, 3, 5, 8, 9)
    async with day(tmp_path, "tasks", odd()) as pilot:
        await pilot.press("3")
        await pilot.pause()
        assert all(words in shown(in_front(pilot).query_one(HeadLine)) for words in wanted)
        for words, tasks in wanted.items():
            await pilot.press("end")
            for n, task in enumerate((*tasks, tasks[0])):
                await pilot.press(*words.split()[-1])
                await pilot.pause()
                assert in_front(pilot).focused_task == task, words
                at = n % len(tasks) + 1
                assert told(pilot).startswith(f"{at} of {len(tasks)} "), words
        await pilot.press("g", "f")
        await pilot.pause()
        assert in_front(pilot).focused_task == 7
        assert "1 of 1 follow-ups that are due" in told(pilot)


async def test_what_a_view_does_not_show_is_opened(tmp_path: Path) -> None:
    async with day(tmp_path, "today", odd()) as pilot:
        shown_here = set(in_front(pilot).shown_tasks)
        seen = set()
        for _turn in range(9):
            await pilot.press("g", "r")
            await pilot.pause()
            seen.add(in_front(pilot).focused_task)
        assert seen == {1, 2, 3, 5, 8, 9}
        assert not seen <= shown_here
        assert isinstance(pilot.app.screen, DetailScreen)


async def test_the_first_of_two_keys_names_what_may_come_second(tmp_path: Path) -> None:
    async with day(tmp_path, "board", plan("1-2")) as pilot:
        await pilot.press("g")
        assert "gl" not in told(pilot)
        assert "l what is late" in told(pilot)
        await pilot.press("l")
        await pilot.pause()
        assert told(pilot) == "No task is late."
        for key, words in (
            ("s", "No task is stuck"),
            ("f", "No follow-up"),
            ("b", "has come back"),
        ):
            await pilot.press("g", key)
            await pilot.pause()
            assert words in told(pilot)
        await pilot.press("g", "escape", "l")
        await pilot.pause()
        assert in_front(pilot).focused_task == 2, "given up, the second key is one of its own"
        await pilot.press("g", "g")
        await pilot.pause()
        assert in_front(pilot).focused_task == 1


def test_two_keys_can_be_put_in_the_place_of_others() -> None:
    keys.remap({"late": "comma l", "follow_back": "left_square_bracket"})
    try:
        assert keys.key_of("late") == ",l"
        assert set(keys.beginning("comma", "work")) == {"l"}
        assert "l" not in keys.beginning("g", "work")
    finally:
        keys.remap({})


async def test_help_lists_them_and_runs_them(tmp_path: Path) -> None:
    async with day(tmp_path, "board", odd()) as pilot:
        await pilot.press("question_mark", *"gl", "enter")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, HelpScreen)
        assert in_front(pilot).focused_task in (2, 8)
