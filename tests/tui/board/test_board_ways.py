"""The board at first sight, and the keys that lead to what matters on it."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace
from textual.strip import Strip

from tests.builders import later, plan
from tests.tui.board.test_board_screen import Show, Stage, office, stage
from tests.tui.stage import shown
from tracker import terminal_text
from tracker.domain import status
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department
from tracker.domain.sentence import sentence
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow.board.pieces import Card, Zoom
from tracker.tui.board import captions
from tracker.tui.board.screen import BoardScreen
from tracker.tui.board.viewpoint import Look
from tracker.tui.loops.screen import LoopsScreen
from tracker.tui.messages import Do
from tracker.tui.view.frame import Head, HeadCount, HeadLine, StatusLine
from tracker.tui.widgets.rows import Rows
from tracker.wording import show

__all__ = ["stage"]


def foot(at: Stage) -> str:
    """Return the line at the foot of the view."""
    return at.screen.query_one(StatusLine).render_line(0).text.rstrip()


async def test_it_begins_with_whole_cards_where_most_are_seen(stage: Show) -> None:
    lanes = [Department(id=n, name=f"Lane{n}", order=n) for n in range(1, 7)]
    ws = plan("1-2 2-3 3-4", states="1:done 2:done", tasks=40, extra=lanes)
    edits = [
        Edit(task, replace(task, department=4 if task.id == 3 else 6 if task.id > 4 else 1))
        for task in ws.tasks.values()
    ]
    async with stage(ws.apply(Change(sentence("Lanes"), tuple(edits))), (70, 20)) as at:
        window, board = at.view.window, at.board
        assert at.here == 3
        seen = board.index.cards_within(*window)
        assert all(card.y >= window.y for card in seen), "none is cut above"
        whole = [card for card in seen if card.y + card.height <= window.bottom]
        top = board.index.cards_within(window.x, 0, window.width, window.height)
        assert len(whole) > sum(card.y + card.height <= window.height for card in top)


async def test_the_longest_chain_is_lit_and_followed(stage: Show) -> None:
    ws = plan("1-2 2-3 2-4 4-5 6-7", states="1:done")
    async with stage(ws, (120, 36)) as at:
        at.screen.choose(7)
        await at.press("C")
        assert at.here == 2
        assert "3 tasks: 2 B → 5 E · “,” “.” to follow it, C to end" in foot(at)
        assert at.style("2 B").reverse
        assert at.style("7 G").dim
        await at.press("right_square_bracket")
        assert at.here == 4, "not 3, to which another arrow leads"
        await at.press("right_square_bracket", "left_square_bracket", "left_square_bracket")
        assert at.here == 2
        await at.press("C")
        assert not at.view.chain
        await at.press("C", "escape")
        assert not at.view.chain


async def test_neither_chain_nor_reading_order_is_sought_twice_for_one_plan(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought: list[Workspace] = []
    real = status.longest_chain

    def noted(ws: Workspace) -> list[int]:
        sought.append(ws)
        return real(ws)

    monkeypatch.setattr(status, "longest_chain", noted)
    async with stage(plan("1-2 2-3"), (120, 36)) as at:
        await at.press("C", "right_square_bracket", "left_square_bracket")
        assert len(sought) == 1
        order = at.view.reading_order
        await at.press("slash", "b", "enter")
        assert at.view.reading_order is order
        await at.press("p")
        assert at.view.longest == [1, 2, 3]
        assert len(sought) == 2, "the plan is another one"


async def test_without_a_chain_it_says_so(stage: Show) -> None:
    async with stage(plan(tasks=2)) as at:
        await at.press("C")
        assert "No open task depends on another." in foot(at)


async def test_what_came_back_is_gone_through(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        back = [t for t in at.view.reading_order if status.came_back(at.app.workspace.tasks[t])]
        assert len(back) > 1
        at.screen.choose(1)
        assert f"{len(back)} returned B" in at.screen.query_one("HeadLine").render_line(0).text
        for n, task in enumerate(back, 1):
            await at.press("B")
            assert at.here == task
            assert f"{n} of {len(back)} returned tasks" in foot(at)
        await at.press("B")
        assert at.here == back[0]


async def test_nothing_has_come_back(stage: Show) -> None:
    async with stage(plan("1-2")) as at:
        await at.press("B")
        assert "No open task has come back." in foot(at)


async def test_the_other_views_are_named_where_there_is_room(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        head = at.screen.query_one(HeadLine)
        assert "1 Today│[2 Board]│3 Table│" in head.render_line(0).text
        head.head = Head(counts=(HeadCount("x" * 83, "gr", "plain", least=True),))
        assert " 1│[2 Board]│3│" in head.render_line(0).text, "keys before numbers"


async def test_from_the_loops_one_comes_back_to_the_board(stage: Show) -> None:
    async with stage(office(), (100, 30)) as at:
        for key in ("q", "escape"):
            await at.press("6")
            assert not isinstance(at.app.screen, BoardScreen)
            await at.press(key)
            assert isinstance(at.app.screen, BoardScreen)


async def test_who_waits_is_told_before_the_loop(stage: Show) -> None:
    async with stage(office(), (100, 30)) as at:
        at.screen.choose(2)
        await at.pilot.pause()
        ties, loop = at.text.splitlines()[-2:]
        assert "successors: 3 Test" in ties
        assert loop.startswith(" ↻ ")


async def test_one_sees_where_in_the_longest_chain_one_is(stage: Show) -> None:
    async with stage(plan("1-2 2-3 3-4 1-5"), (100, 30)) as at:
        await at.press("C", "right_square_bracket")
        assert at.here == 2
        assert "critical path, 2 of 4  1 → [2] → 3 C → 4 D" in at.text


async def test_an_end_behind_the_edge_is_named_however_little_room_there_is(stage: Show) -> None:
    others = " ".join(f"{n}-{30 - n}" for n in range(2, 9))
    async with stage(plan(f"1-19 1-20 1-21 {others}"), (70, 24)) as at:
        at.screen.choose(1)
        card = at.board.cards[1]
        for room in range(2, 5):
            await at.pilot.resize_terminal(card.x + card.width + room, 24)
            at.view.scroll_to(x=0, animate=False)
            await at.pilot.pause()
            row = at.text.splitlines()[card.y - int(at.view.scroll_offset.y)]
            assert row.endswith("19"), room


async def test_columns_out_of_sight_are_named_with_what_is_in_them(stage: Show) -> None:
    async with stage(office(), (60, 20)) as at:
        await at.press("v")
        at.screen.choose(1)
        await at.pilot.pause()
        names = " ".join(line for line in at.text.splitlines()[:2])
        hidden = [c for c in at.board.columns if f"{c.state} " not in names]
        assert hidden or re.search(r"\d+ ►", names)


async def test_a_gate_that_sent_work_back_has_not_come_back_itself(stage: Show) -> None:
    async with stage(plan("1-2 2-3"), (100, 30)) as at:
        at.app.post_message(Do(partial(commands.finish, task=1)))
        at.app.post_message(Do(partial(commands.finish, task=2)))
        at.app.post_message(Do(partial(arrows.send_back, gate=3, target=1, reason="no")))
        await at.pilot.pause(0.1)
        tasks = at.app.workspace.tasks
        assert [task for task in tasks if status.came_back(tasks[task])] == [1, 2]
        for task in (1, 2, 3):
            at.app.post_message(Do(partial(commands.finish, task=task)))
        await at.pilot.pause(0.1)
        assert not any(map(status.came_back, at.app.workspace.tasks.values()))


async def test_the_signs_on_the_board_are_told_with_its_keys(stage: Show) -> None:
    async with stage(office()) as at:
        await at.press("question_mark", *"edge")
        listed = "\n".join(strip.text for strip in lines_of(at.app.screen.query_one(Rows)))
        assert "At the edge: the off-screen task" in listed
        assert "Signs" in listed, "hits stand below the head of their group"
        await at.press("enter", "q")
        await at.press("q")
        assert "No key matches edgeq" in shown(at.app.screen.query_one(Rows))


async def test_the_keys_of_other_views_are_found(stage: Show) -> None:
    async with stage(office()) as at:
        await at.press("question_mark", *"loops", "down")
        listed = "\n".join(strip.text for strip in lines_of(at.app.screen.query_one(Rows)))
        assert "[Loops]" in listed
        at.app.screen.query_one(Rows).step(99)
        await at.press("enter")
        assert isinstance(at.app.screen, LoopsScreen)


def lines_of(rows: Rows) -> list[Strip]:
    """Return the lines in the window of a list."""
    return [rows.render_line(y) for y in range(rows.size.height)]


def test_a_late_card_keeps_both_lines_of_its_title() -> None:
    ws = plan("1-2", titles=("Abnahme der Datenbank",), due=later(0).today - timedelta(9))
    words = captions.Captions(ws, later(0).today, show.UNICODE)
    card = Card(1, 0, 0, 0, 0, 0, 16, 3, (1,))
    rows = ["".join(text for text, _role in row) for row in words.card(card, Zoom.NORMAL)]
    assert rows == ["1 Abnahme der", "Datenbank", "○ ready  !late"]
    narrow = Card(1, 0, 0, 0, 0, 0, 14, 3, (1,))
    assert "!9" in words.card(narrow, Zoom.NORMAL)[2][-1][0]
    flat = Card(1, 0, 0, 0, 0, 0, 14, 2, (1,))
    assert "!9" in words.card(flat, Zoom.NORMAL)[1][-1][0]


@pytest.mark.parametrize("zoom", tuple(Zoom))
@pytest.mark.parametrize("ascii", [False, True])
async def test_no_title_breaks_a_row_at_any_zoom(stage: Show, zoom: Zoom, ascii: bool) -> None:
    titles = ("漢字" * 30, "👩‍👩‍👧 Familie 🚀", "e\u0301" * 40, "W" * 300, "\x1b[31m[red]")
    async with stage(plan("1-2 2-3 3-4 4-5", titles=titles), (80, 24), ascii=ascii) as at:
        at.view.show_as(Look(zoom=zoom))
        for task in range(1, 6):
            at.screen.choose(task)
            await at.pilot.pause()
            for y in range(at.view.size.height):
                row = at.view.render_line(y)
                assert sum(terminal_text.width(piece.text) for piece in row) == at.view.size.width


async def test_a_board_of_one_task(stage: Show) -> None:
    async with stage(plan(tasks=1), (60, 20)) as at:
        for key in (
            "h",
            "j",
            "k",
            "l",
            "G",
            "f",
            "f",
            "z",
            "z",
            "Z",
            "Z",
            "v",
            "v",
            "minus",
            "plus",
        ):
            await at.press(key)
            assert at.here == 1
        assert "1 A" in at.text


async def test_three_marked_tasks_are_done_at_once(stage: Show) -> None:
    async with stage(plan(tasks=4), (80, 24)) as at:
        for task in (1, 2, 4):
            at.screen.choose(task)
            await at.press("M")
        assert "3 tasks marked" in foot(at)
        await at.press("d")
        await at.pilot.pause()
        states = [task.state for task in at.app.workspace.tasks.values()]
        assert states == ["done", "done", "todo", "done"]
        await at.press("u")
        await at.pilot.pause()
        assert {task.state for task in at.app.workspace.tasks.values()} == {"todo"}
