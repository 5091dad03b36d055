"""Working on the board: arrows drawn on it, cards and lanes moved, marks, hits and the mouse."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual import events

from tests.builders import plan
from tests.tui.board import test_board_screen
from tests.tui.board.test_board_screen import HOUSE, Show, Stage, office
from tracker.domain import graph
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department
from tracker.domain.scope import Scope
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.tui.board import arranged_board as board_module
from tracker.tui.board.board_view import BoardView
from tracker.tui.board.screen import BoardScreen
from tracker.tui.dialogs.questions import LoopQuestion
from tracker.tui.text.styles import STYLES
from tracker.tui.view.frame import LongMessage, StatusLine
from tracker.tui.view.prompt import Prompt

stage = test_board_screen.stage


def foot(at: Stage) -> str:
    """Return the line at the foot of the view."""
    return at.screen.query_one(StatusLine).render_line(0).text.rstrip()


def below(at: Stage) -> str:
    """Return the lowest line of the board."""
    return at.text.splitlines()[-1]


def state(at: Stage, task: int) -> str:
    """Return the state of a task."""
    return at.app.workspace.tasks[task].state


def lane(at: Stage, task: int) -> int | None:
    """Return the department of a task."""
    return at.app.workspace.tasks[task].department


def arrow(at: Stage, source: int, target: int, kind: str = "needs") -> bool:
    """Return whether there is an arrow."""
    links = at.app.workspace.links.values()
    return any((a.kind, a.source, a.target) == (kind, source, target) for a in links)


async def until_told(at: Stage, words: str) -> None:
    """Wait for a message."""
    for _ in range(200):
        await at.pilot.pause(0.01)
        told = at.screen.query_one(StatusLine).message
        if told is not None and words in told[0]:
            return
    raise AssertionError(foot(at))


# Arrows


async def test_an_arrow_is_drawn_to_where_one_goes(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(5)
        await at.press("greater_than_sign")
        assert "Which task needs 5 Schulung?" in foot(at)
        assert "Enter draw" in foot(at)
        await at.press("l")
        target = at.here
        assert target != 5
        assert below(at).startswith(f" {target} ")
        assert below(at).endswith("needs 5 Schulung")
        # The card it comes from is distinguished from the focus by its sign, in every row.
        assert at.text.count(">5 Schulung") == 1
        assert at.style("5 Schulung").reverse is not True
        assert at.style(">").reverse
        await at.press("enter")
        assert arrow(at, 5, target)
        assert at.here == 5
        assert at.view.pick is None
        await at.press("u")
        assert not arrow(at, 5, target)


async def test_it_is_seen_between_both_cards_before_it_is_there(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(1)
        await at.press("greater_than_sign")
        before = at.text
        assert "━" not in before
        at.screen.choose(5)
        await at.pilot.pause()
        assert at.text.count("━") > 10
        assert at.style("━━").color == STYLES["needs.out"].color
        at.screen.choose(6)
        await at.pilot.pause()
        assert at.text.count("━") > 40


async def test_esc_leaves_all_as_it_was(stage: Show) -> None:
    ws = plan(" ".join(f"{n}-{n + 1}" for n in range(1, 30)))
    async with stage(ws, (80, 24)) as at:
        at.screen.choose(3)
        at.screen.search.hits = (4, 5)
        await at.pilot.pause()
        before, offset, seq = at.text, at.view.scroll_offset, at.app.workspace.seq
        await at.press("greater_than_sign", "G", "minus", "slash", *"id:2", "enter", "n")
        assert at.here != 3
        await at.press("escape")
        assert at.here == 3
        assert at.view.scroll_offset == offset
        assert at.screen.search.hits == (4, 5)
        at.screen.search.hits = ()
        at.screen.show_marks()
        assert at.text == before
        assert at.app.workspace.seq == seq
        assert "Enter open" in foot(at)


async def test_a_loop_is_named_before_it_is_closed_and_then_asked_about(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(6)
        await at.press("greater_than_sign")
        at.screen.choose(4)
        await at.pilot.pause()
        assert (
            below(at)
            == " closes a loop: 4 Abnahme → 6 Freigabe → 4 · Enter asks: rework or mistake?"
        )
        assert at.style("━").color == STYLES["loop"].color
        await at.press("enter")
        assert isinstance(at.app.screen, LoopQuestion)
        await at.press("r")
        assert arrow(at, 6, 4, "returns")
        assert isinstance(at.app.screen, BoardScreen)
        assert at.here == 6


async def test_where_it_is_narrow_the_loop_is_named_all_the_same(stage: Show) -> None:
    async with stage(office(), (80, 24)) as at:
        at.screen.choose(6)
        await at.press("greater_than_sign", "1")
        assert below(at).startswith(" closes a loop: 1 Anforderung")
        assert "6 Freigabe → 1" in below(at)
        await at.press("escape", "escape")
        await at.pilot.resize_terminal(60, 20)
        await at.press("greater_than_sign", "1")
        assert below(at).endswith("6 Freigabe → 1")


async def test_a_mistake_leaves_the_plan(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        links = dict(at.app.workspace.links)
        at.screen.choose(6)
        await at.press("greater_than_sign", "1", "enter", "m")
        assert dict(at.app.workspace.links) == links


async def test_a_return_arrow_is_dashed_and_names_its_loop(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(6)
        await at.press("less_than_sign")
        assert "Where can 6 Freigabe send work back to?" in foot(at)
        at.screen.choose(4)
        await at.pilot.pause()
        assert below(at) == " 6 Freigabe may go back to 4 Abnahme ↻ 4 Abnahme → 6 Freigabe → 4"
        assert "╍" in at.text
        assert "<" in at.text
        await at.press("enter")
        assert arrow(at, 6, 4, "returns")


async def test_a_return_to_what_it_is_not_built_on_says_so(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(6)
        await at.press("less_than_sign")
        at.screen.choose(5)
        await at.pilot.pause()
        assert below(at) == " 6 Freigabe may go back to 5 Schulung, but is not built on it"


async def test_an_arrow_into_the_first_column_arrives_from_the_right(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(3)
        await at.press("less_than_sign")
        at.screen.choose(1)
        await at.pilot.pause()
        assert "◁" in at.text
        assert "◁" in next(line for line in at.text.splitlines() if "1 Anforderungen" in line)


async def test_so_it_does_in_ascii(stage: Show) -> None:
    ws = plan("1-2 3-4")
    async with stage(ws, (80, 24), ascii=True) as at:
        at.screen.choose(1)
        await at.press("greater_than_sign")
        at.screen.choose(3)
        await at.pilot.pause()
        assert "<" in next(line for line in at.text.splitlines() if "{3 C" in line)
        assert at.text.isascii()


async def test_the_end_can_be_typed_by_number_or_by_words(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(5)
        await at.press("greater_than_sign", "6")
        assert at.here == 6
        assert at.screen.query_one(Prompt).purpose.sign == ">"
        assert below(at) == " 6 Freigabe needs 5 Schulung"
        await at.press("enter")
        assert arrow(at, 5, 6)
        assert not at.screen.query(Prompt)
        await at.press("less_than_sign", "slash", *"test", "enter")
        assert at.here == 3
        assert at.view.pick is not None
        await at.press("enter")
        assert arrow(at, 5, 3, "returns")


async def test_an_end_that_is_typed_may_be_off_the_board(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        await at.do(commands.add_task, title="Neu", project="Umzug")
        at.app.look_at(Scope((max(at.app.workspace.projects),)))
        await at.pilot.pause()
        at.screen.choose(7)
        await at.press("greater_than_sign", "6")
        assert 6 not in at.board.cards
        assert "6 Freigabe" in foot(at)
        await at.press("enter")
        assert arrow(at, 7, 6)


async def test_what_cannot_be_typed_is_said_and_draws_nothing(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(5)
        links = dict(at.app.workspace.links)
        await at.press("greater_than_sign", "6", "9")
        assert "No matching task." in foot(at)
        assert at.here == 5
        assert "6 Freigabe" not in below(at)
        await at.press("enter")
        assert at.screen.query(Prompt)
        assert "No matching task." in foot(at)
        await at.press("escape", "escape")
        assert at.here == 5
        assert dict(at.app.workspace.links) == links


async def test_an_arrow_that_cannot_be_drawn_says_why_at_once(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(1)
        await at.press("greater_than_sign")
        at.screen.choose(2)
        await at.pilot.pause()
        assert "There is already an arrow" in below(at)
        await at.press("enter")
        assert "There is already an arrow" in foot(at)
        assert at.view.pick is not None


@pytest.mark.parametrize("key", ["greater_than_sign", "less_than_sign"])
async def test_one_enter_too_early_draws_no_arrow_from_a_task_to_itself(
    stage: Show, key: str
) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(5)
        links = dict(at.app.workspace.links)
        await at.press(key)
        assert "Go to the task at the other end" in below(at)
        await at.press("enter")
        assert "Go to the task at the other end" in foot(at)
        assert dict(at.app.workspace.links) == links
        assert at.view.pick is not None


async def test_why_a_typed_command_fails_stands_above_what_was_typed(stage: Show) -> None:
    async with stage(office(), (80, 24)) as at:
        await at.press("colon", "9", "9", "enter")
        (message,) = at.app.screen.query(LongMessage)
        assert "There is no task 99" in message.lines[0][0]
        assert message.region.bottom == at.app.size.height - 1


@pytest.mark.parametrize("key", ["d", "x", "space", "a", "v", "f", "M", "colon", "u", "p", "J"])
async def test_nothing_else_is_done_meanwhile(stage: Show, key: str) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(5)
        seq, look = at.app.workspace.seq, at.view.look
        await at.press("greater_than_sign", key)
        assert "Drawing an arrow: Enter draws it, Esc cancels." in foot(at)
        assert isinstance(at.app.screen, BoardScreen)
        assert (at.app.workspace.seq, at.view.look) == (seq, look)
        assert not at.screen.marked
        await at.press("l")
        assert at.here != 5


async def test_an_arrow_ends_when_its_beginning_goes(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(5)
        await at.press("greater_than_sign", "h")
        await at.do(commands.delete_task, task=5)
        assert at.view.pick is None
        assert "Enter draw" not in foot(at)


async def test_the_mouse_picks_the_end(stage: Show) -> None:
    async with stage(office(), (160, 40)) as at:
        at.screen.choose(5)
        await at.press("greater_than_sign")
        lines = at.text.splitlines()
        y = next(y for y, line in enumerate(lines) if "6 Freigabe" in line)
        place = (lines[y].index("6 Freigabe"), y)
        await at.pilot.click(BoardView, offset=place)
        assert below(at) == " 6 Freigabe needs 5 Schulung"
        await at.pilot.click(BoardView, offset=place, times=2)
        await at.pilot.pause()
        assert arrow(at, 5, 6)


async def test_keys_typed_in_one_burst_draw_the_arrow(stage: Show) -> None:
    async with stage(office(), (160, 40)) as at:
        at.screen.choose(5)
        for key in ("greater_than_sign", "6", "enter"):
            at.app.post_message(events.Key(key, key if len(key) == 1 else None))
        for _ in range(50):
            await at.pilot.pause(0.02)
        assert arrow(at, 5, 6)


# Cards and lanes


async def test_a_card_goes_to_the_next_lane(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(5)
        await at.press("J")
        assert lane(at, 5) == 3
        assert "Moved: 5 Schulung to Informationssicherheit" in foot(at)
        assert at.here == 5
        await at.press("J")
        assert "5 Schulung is already in the last lane: Informationssicherheit." in foot(at)
        await at.press("K", "K")
        assert lane(at, 5) == 1
        await at.press("K")
        assert "is already in the first lane: Fachbereich" in foot(at)
        await at.press("u", "u", "u")
        assert lane(at, 5) == 2


async def test_marked_cards_go_together_and_come_back_together(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        for task in (1, 2, 3):
            at.screen.choose(task)
            await at.press("M")
        await at.press("J")
        tasks = at.app.workspace.tasks
        assert [tasks[task].department for task in (1, 2, 3)] == [2, 3, 3]
        await at.press("u")
        tasks = at.app.workspace.tasks
        assert [tasks[task].department for task in (1, 2, 3)] == [1, 2, 3]


async def test_a_card_goes_to_the_lane_of_those_without_a_department(stage: Show) -> None:
    async with stage(plan("1-2", extra=HOUSE), (120, 36)) as at:
        at.screen.choose(1)
        await at.press("K")
        assert lane(at, 1) == 3
        await at.press("J")
        assert lane(at, 1) is None
        assert "to no department" in foot(at)


async def test_with_states_as_columns_a_card_goes_from_one_to_the_next(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(2)
        await at.press("L")
        assert "Arrows decide where a card is placed" in at.screen.query_one(StatusLine).message[0]  # type: ignore[index]
        await at.press("v", "L")
        assert state(at, 2) == "doing"
        await at.press("L", *"Dell", "enter")
        task = at.app.workspace.tasks[2]
        assert (task.state, task.waiting_for) == ("waiting", "Dell")
        await at.press("L")
        assert state(at, 2) == "done"
        await at.press("L")
        assert "this is the last column" in foot(at)
        await at.press("H")
        assert "2 Schnittstelle is done." in foot(at)
        await at.press("u", "H", "H")
        assert state(at, 2) == "todo"
        await at.press("H")
        assert "this is the first column" in foot(at)


async def test_a_recheck_goes_right_by_being_confirmed(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(3)
        await at.press("v", "L")
        assert "Confirmed: 3 Test" in foot(at)


async def test_a_lane_is_moved_and_stays_in_sight(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(2)
        await at.press("left_curly_bracket")
        assert [row.department for row in at.board.lanes] == [2, 1, 3]
        assert "Moved the lane: Entwicklung" in foot(at)
        await at.press("left_curly_bracket")
        assert "Entwicklung is already the first lane." in foot(at)
        await at.press("u", "right_curly_bracket")
        assert [row.department for row in at.board.lanes] == [1, 3, 2]
        await at.press("right_curly_bracket")
        assert "Entwicklung is already the last lane." in foot(at)
        assert at.here == 2


def tangled() -> Workspace:
    """Return a plan whose arrows all pass over the lane in the middle."""
    names = "Einkauf", "Betrieb", "Netz", "Recht"
    lanes = [Department(id=n, name=name, order=n) for n, name in enumerate(names, 1)]
    ws = plan("1-2 3-4 5-6 7-8 9-10 11-12 1-4 5-2 9-12", extra=lanes)
    homes = {1: 1, 2: 3, 3: 1, 4: 3, 5: 3, 6: 1, 7: 2, 8: 4, 9: 2, 10: 4, 11: 4, 12: 2}
    moved = (Edit(ws.tasks[t], replace(ws.tasks[t], department=d)) for t, d in homes.items())
    return ws.apply(Change(sentence("Homes"), tuple(moved)))


async def test_the_lanes_are_put_in_an_order_that_crosses_less(stage: Show) -> None:
    async with stage(tangled(), (160, 48)) as at:
        await at.press("equals_sign")
        await until_told(at, "fewer")
        order = [row.department for row in at.board.lanes]
        assert abs(order.index(1) - order.index(3)) == 1
        assert abs(order.index(2) - order.index(4)) == 1
        await at.press("u")
        assert [row.department for row in at.board.lanes] == [1, 2, 3, 4]
        await at.press("U", "colon", *"lanes", "enter")
        await until_told(at, "Lanes unchanged")


async def test_one_lane_needs_no_order(stage: Show) -> None:
    async with stage(plan("1-2")) as at:
        await at.press("equals_sign")
        assert "Reordering needs at least two lanes" in foot(at)


# Marks and hits


async def test_what_can_be_done_to_marked_tasks_is_done(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        for task in (1, 2, 5):
            at.screen.choose(task)
            await at.press("M")
        assert at.text.count("•") == 3
        await at.press("d")
        tasks = at.app.workspace.tasks
        assert [tasks[task].state for task in (1, 2, 5)] == ["done"] * 3
        await at.press("u")
        tasks = at.app.workspace.tasks
        assert [tasks[task].state for task in (1, 2, 5)] == ["done", "todo", "todo"]


async def test_hits_are_seen_without_colours_and_counted(stage: Show) -> None:
    async with stage(office(), (160, 40)) as at:
        at.screen.choose(2)
        await at.press("slash", *"dept:Fachbereich", "enter")
        head = at.screen.query_one("HeadLine").render_line(0).text
        assert "3 hits  1 Today│[2 Board]│3 Table│" in head
        hits = [task for task in (1, 4, 6) if task != at.here]
        for task in hits:
            look = at.style(f"{task} {at.app.workspace.tasks[task].title}")
            assert look.reverse or look.underline
        # Only the first row, so that it is not taken for the focus.
        assert at.style("blocked").reverse is not True
        await at.press("n")
        assert "2/3 hits" in foot(at)
        await at.press("escape")
        assert "hits" not in at.screen.query_one("HeadLine").render_line(0).text


async def test_a_long_message_does_not_move_the_board(stage: Show) -> None:
    async with stage(office(), (60, 20)) as at:
        size = at.view.size
        at.screen.tell("A sentence that is told. " * 6, "error")
        await at.pilot.pause()
        over = at.screen.query_one(LongMessage)
        assert over.display
        assert over.size.height == 3
        assert at.view.size == size
        await at.press("slash")
        assert at.view.size == size
        assert not over.display


async def test_while_one_types_the_hits_stand_beside_it(stage: Show) -> None:
    async with stage(office(), (80, 24)) as at:
        size = at.view.size
        await at.press("slash", *"test")
        assert at.view.size == size
        assert at.screen.query_one("Aside").render_line(0).text.strip() == "1 hit"


# The mouse


async def test_the_wheel_scrolls_and_the_next_key_comes_back(stage: Show) -> None:
    ws = plan(" ".join(f"1-{n}" for n in range(2, 40)))
    async with stage(ws, (80, 24)) as at:
        await at.press("g", "g")
        before = at.view.scroll_offset
        wheel = {"delta_x": 0, "delta_y": 1, "button": 0, "shift": False, "meta": False}
        for _ in range(9):
            at.view.post_message(
                events.MouseScrollDown(at.view, 30, 8, **wheel, ctrl=False)  # type: ignore[arg-type]
            )
        await at.pilot.pause()
        await at.pilot.pause()
        assert at.view.scroll_offset.y > before.y
        assert at.here == 1
        await at.press("l")
        card = at.board.cards[at.here]
        assert at.view.scroll_offset.y <= card.y < at.view.scroll_offset.y + 20


async def test_a_click_on_a_name_at_the_edge_goes_there(stage: Show) -> None:
    ws = plan("1-2 1-3 1-4 1-5 1-6 1-7 1-8 8-9 9-10 1-10")
    async with stage(ws, (60, 20)) as at:
        at.screen.choose(1)
        await at.pilot.pause()
        lines = at.text.splitlines()
        y = next(y for y, line in enumerate(lines) if line.endswith("━10"))
        await at.pilot.click(BoardView, offset=(59, y))
        assert at.here == 10


async def test_a_click_on_the_map_goes_there(stage: Show) -> None:
    ws = plan(" ".join(f"{n}-{n + 1}" for n in range(1, 30)))
    async with stage(ws, (120, 36)) as at:
        at.screen.choose(1)
        await at.pilot.pause()
        lines = at.text.splitlines()
        y = next(y for y, line in enumerate(lines) if "┌─map──" in line)
        x = lines[y].index("┌")
        await at.pilot.click(BoardView, offset=(x + 20, y + 1))
        assert at.here == 20


async def test_a_click_on_a_count_of_hidden_arrows_goes_to_their_ends(stage: Show) -> None:
    async with stage(office(), (160, 40)) as at:
        await at.press("v")
        at.screen.choose(1)
        await at.pilot.pause()
        stub = next(s for s in at.board.stubs if s.task == 5 and not s.out)
        x, y = at.view.scroll_offset
        lanes = at.text.splitlines()[1].index("║") + 1
        await at.pilot.click(BoardView, offset=(stub.x - x + lanes, stub.y - y + 1))
        assert at.here in graph.predecessors(at.app.workspace, 5)


async def test_no_map_lies_over_what_is_lit(stage: Show) -> None:
    ws = plan(" ".join(f"{n}-{n + 1}" for n in range(1, 30)) + " 1-30")
    async with stage(ws, (100, 30)) as at:
        for task in range(1, 31):
            at.screen.choose(task)
            await at.pilot.pause()
            card = at.board.cards[task]
            x, y = at.view.scroll_offset
            row = at.text.splitlines()[card.y - y]
            assert str(task) in row[card.x - x : card.x - x + card.width]


# Large boards


async def test_a_new_task_gets_the_focus_when_its_card_is_there(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_module, "_AT_ONCE", 3)
    async with stage(office(), (120, 36)) as at:
        while at.view.board is None:
            await at.pilot.pause(0.01)
        await at.press("a", *"Neu", "enter")
        for _ in range(100):
            await at.pilot.pause(0.01)
            if at.screen.focused_task == 7:
                break
        assert isinstance(at.app.screen, BoardScreen)
        assert at.here == 7


async def test_keys_are_about_a_new_task_before_its_card_is_there(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(office(), (120, 36)) as at:
        before = at.here
        monkeypatch.setattr(board_module, "_AT_ONCE", 3)
        monkeypatch.setattr(BoardView, "_lay_out_aside", lambda *_: None)
        await at.press("a", *"Neu", "enter")
        while at.screen.focused_task != 7:
            await at.pilot.pause(0.01)
        assert at.view.here == before, "its card is not laid out yet"
        assert "7 Neu" in at.text
        await at.press("d")
        while at.app.workspace.tasks[7].state != "done":
            await at.pilot.pause(0.01)
        assert before is not None
        assert at.app.workspace.tasks[before].open
        await at.press("greater_than_sign")
        assert at.view.pick is not None
        assert at.view.pick.source == 7
        await at.press("escape")
        assert at.screen.focused_task == 7
        await at.press("u", "u")
        while 7 in at.app.workspace.tasks:
            await at.pilot.pause(0.01)
        assert at.screen.focused_task == before


async def test_who_goes_on_meanwhile_is_not_called_back(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_module, "_AT_ONCE", 3)
    async with stage(office(), (120, 36)) as at:
        while at.view.board is None:
            await at.pilot.pause(0.01)
        await at.do(commands.add_task, title="Neu")
        assert at.screen.choose(7)
        assert at.screen.choose(2)
        while 7 not in at.board.cards:
            await at.pilot.pause(0.01)
        assert at.here == 2


async def test_what_has_been_deleted_is_neither_marked_nor_looked_around(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(6)
        monkeypatch.setattr(board_module, "_AT_ONCE", 3)
        monkeypatch.setattr(BoardView, "_lay_out_aside", lambda *_: None)
        await at.do(commands.delete_task, task=6)
        assert at.here == 6, "its card is there until the board has been laid out anew"
        for key in ("M", "space", "Z"):
            await at.press(key)
            assert "No task is selected." in foot(at)
        assert not at.screen.marked


async def test_what_others_do_while_an_arrow_is_drawn_is_there_when_it_is_left(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.app.look_at(Scope((), "k.brandt"))
        await at.pilot.pause()
        at.screen.choose(5)
        await at.press("greater_than_sign")
        await at.do(commands.delete_task, task=6)
        await at.do(commands.add_task, title="Neu", assignee="k.brandt")
        await at.press("escape")
        assert at.view.pick is None
        assert at.here == 5
        assert set(at.board.cards) == {1, 2, 3, 4, 5, 7}
