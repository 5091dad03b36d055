"""What holds of every board: nothing overlaps, and every line leads where it should."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any
from unicodedata import east_asian_width

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.bench.board_graphs import net
from tests.builders import plan
from tests.flow.board.drawing import cells, reached, text, workspace
from tracker.domain import graph
from tracker.domain.change import Change, Edit
from tracker.domain.model import Link, LinkKind, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.flow.board import index
from tracker.flow.board.board import Board, Mode
from tracker.flow.board.characters import Manner
from tracker.flow.board.index import Index
from tracker.flow.board.layout import layout
from tracker.flow.board.nodes import finished
from tracker.flow.board.pieces import Arrow, LooseEnds, Page, Zoom

KINDS: tuple[LinkKind, ...] = ("needs", "returns")


@st.composite
def nets(draw: st.DrawFn) -> Workspace:
    """Draw tasks in up to four lanes, parallel arrows too, and returns anywhere."""
    size = draw(st.integers(0, 16))
    departments = draw(st.integers(0, 4))
    lanes = draw(
        st.lists(st.sampled_from((None, *range(1, departments + 1))), min_size=size, max_size=size)
    )
    task = st.integers(1, max(size, 1))
    pairs = st.tuples(task, task).filter(lambda pair: pair[0] < pair[1])
    needs = draw(st.lists(pairs, max_size=2 * size)) if size > 1 else []
    returns = draw(st.lists(st.tuples(task, task), max_size=5)) if size else []
    over = draw(st.sets(task)) if draw(st.booleans()) else ()
    return workspace(lanes, needs, returns, departments, over)


def laid(ws: Workspace, *, aside: bool, **options: Any) -> Board:
    """Lay out a plan, its finished tasks aside if so wished."""
    return layout(ws, settled=finished(ws) if aside else (), **options)


boards = st.builds(
    laid,
    nets(),
    aside=st.booleans(),
    zoom=st.sampled_from(Zoom),
    cap=st.sampled_from((None, 1, 2, 3, 8)),
    folded=st.sampled_from(((), (0,), (1,), (1, 2))),
    tight=st.booleans(),
    widths=st.sampled_from((None, {task: 4 + 3 * task % 11 for task in range(1, 17)})),
    page=st.sampled_from((None, Page(24), Page(50, named=False))),
)


@given(nets(), st.sampled_from(Zoom), st.sampled_from(("flow", "state")))
def test_cards_stand_apart_and_in_their_lane(ws: Workspace, zoom: Zoom, mode: Mode) -> None:
    board = layout(ws, zoom=zoom, mode=mode)
    assert board.cards.keys() == ws.tasks.keys()
    covered: set[tuple[int, int]] = set()
    for task, card in board.cards.items():
        lane, column = board.lanes[card.lane], board.columns[card.column]
        assert lane.department == ws.tasks[task].department
        assert column.x <= card.x
        assert card.x + card.width <= column.x + column.width
        assert lane.y <= card.y
        assert card.y + card.height <= lane.y + lane.height
        here = {
            (x, y)
            for x in range(card.x, card.x + card.width)
            for y in range(card.y, card.y + card.height)
        }
        assert not here & covered
        covered |= here
    assert all(0 <= x < board.width and 0 <= y < board.height for x, y in covered)


@given(nets(), st.booleans())
def test_needs_point_right(ws: Workspace, tight: bool) -> None:
    board = layout(ws, tight=tight)
    for arrow in board.arrows.values():
        if arrow.kind == "needs":
            assert board.cards[arrow.source].column < board.cards[arrow.target].column


@settings(max_examples=300)
@given(boards)
def test_every_line_leads_to_its_own_cards_only(board: Board) -> None:
    grid = cells(board)
    for card in {card.task: card for card in board.cards.values()}.values():
        for kind in KINDS:
            ends = {
                board.cards[arrow.target].task
                for arrow in board.arrows.values()
                if arrow.kind == kind and not arrow.hidden and arrow.source in card.tasks
            }
            assert reached(board, grid, card.task, kind) == ends, text(grid)


@pytest.mark.parametrize("cap", [None, 3, 8])
@pytest.mark.parametrize("size", [45, 130])
def test_every_line_of_a_larger_board_leads_to_its_own_cards_only(
    size: int, cap: int | None
) -> None:
    for seed in (1, 2):
        board = layout(net(size, seed), tight=True, cap=cap)
        grid = cells(board)
        for card in board.cards.values():
            for kind in KINDS:
                ends = {
                    arrow.target
                    for arrow in board.arrows.values()
                    if arrow.kind == kind and not arrow.hidden and arrow.source == card.task
                }
                assert reached(board, grid, card.task, kind) == ends


@given(boards)
def test_ways_begin_and_end_beside_their_cards_and_touch_no_other(board: Board) -> None:
    covered = {
        (x, y)
        for card in board.cards.values()
        for x in range(card.x, card.x + card.width)
        for y in range(card.y, card.y + card.height)
    }
    separators = board.index.separators
    for arrow in board.arrows.values():
        source, target = board.cards[arrow.source], board.cards[arrow.target]
        (x0, y0), *_, (x1, y1) = arrow.path
        assert x0 == source.x + source.width
        assert source.y <= y0 < source.y + source.height
        assert x1 == target.x - 1
        assert target.y <= y1 < target.y + target.height
        for (ax, ay), (bx, by) in zip(arrow.path, arrow.path[1:], strict=False):
            assert ax == bx or ay == by
            way = {
                (x, y)
                for x in range(min(ax, bx), max(ax, bx) + 1)
                for y in range(min(ay, by), max(ay, by) + 1)
            }
            assert not way & covered
            assert all(0 <= x < board.width and 0 <= y < board.height for x, y in way)
            if ay == by and not arrow.hidden:
                assert ay not in separators


@given(boards)
def test_hidden_arrows_are_counted_and_drawn_whole_when_lit(board: Board) -> None:
    hidden = [arrow for arrow in board.arrows.values() if arrow.hidden]
    for out in (True, False):
        assert sum(stub.count for stub in board.stubs if stub.out == out) == len(hidden)
    for card in {card.task: card for card in board.cards.values()}.values():
        lit: dict[int, Manner] = {
            arrow.link: "out" if arrow.source in card.tasks else "in"
            for arrow in hidden
            if arrow.source in card.tasks or arrow.target in card.tasks
        }
        grid = cells(board, lit=lit, focus=card.task)
        for kind in KINDS:
            ends = {
                board.cards[arrow.target].task
                for arrow in hidden
                if arrow.kind == kind and arrow.source in card.tasks
            }
            assert reached(board, grid, card.task, kind, lit=True) == ends, text(grid)
            for arrow in hidden:
                if arrow.kind == kind and arrow.target in card.tasks:
                    source = board.cards[arrow.source].task
                    assert card.task in reached(board, grid, source, kind, lit=True)


@given(boards)
def test_every_arrow_is_drawn_or_told_at_both_its_cards(board: Board) -> None:
    # The overview tells of arrows in words.
    links = board.basis.ws.links.values() if board.zoom < Zoom.OVERVIEW else ()
    for link in links:
        source, target = board.cards[link.source], board.cards[link.target]
        if link.id in board.arrows or source == target or link.source in board.basis.settled:
            continue
        nothing = LooseEnds((), (), (), named=True)
        ends, other = (board.ends.get(card.task, nothing) for card in (source, target))
        if link.kind == "needs":
            assert {*target.tasks} & {*ends.after}
            assert {*source.tasks} & {*other.before}
        else:
            assert {*target.tasks} & {*ends.back}
            assert {*source.tasks} & {*other.back}


@given(nets(), st.sampled_from(Zoom), st.data())
def test_finished_tasks_step_aside_until_they_come_back(
    ws: Workspace, zoom: Zoom, data: st.DataObject
) -> None:
    over = finished(ws)
    assert over == {
        key
        for key, task in ws.tasks.items()
        if not task.open and all(not ws.tasks[t].open for t in graph.upstream(ws, key))
    }
    first = layout(ws, zoom=zoom, settled=over)
    for task, card in first.cards.items():
        assert (card.column == 0) == (task in over) or not over
        if task in over:
            assert {ws.tasks[t].department for t in card.tasks} == {ws.tasks[task].department}
            assert card.tasks == tuple(t for t in sorted(over) if first.cards[t] == card)
    for link in ws.links.values():
        assert (link.id in first.arrows) == (link.source not in over and zoom < Zoom.OVERVIEW)
    if over:
        back = ws.tasks[data.draw(st.sampled_from(sorted(over)))]
        later = ws.apply(Change(sentence("Edit"), (Edit(back, replace(back, state="doing")),)))
        second = layout(later, zoom=zoom, settled=over, previous=first)
        assert second.cards[back.id].tasks == (back.id,)


@given(nets(), st.booleans())
def test_strips_are_no_wider_than_the_page_unless_a_column_is(ws: Workspace, tight: bool) -> None:
    board = layout(ws, zoom=Zoom.LINE, page=Page(60), tight=tight)
    assert board.cards.keys() == ws.tasks.keys()
    for _, part in board.strips:
        assert part.width <= 60 or len(part.columns) == 1
    for link in ws.links.values():
        if link.kind == "needs":
            assert board.cards[link.source].column < board.cards[link.target].column


@given(nets(), st.data())
def test_a_small_change_moves_nothing_up_or_left(ws: Workspace, data: st.DataObject) -> None:
    assume(ws.tasks)
    page = data.draw(st.sampled_from((None, Page(40))))
    first = layout(ws, zoom=Zoom.LINE, page=page)
    near = ws.tasks[data.draw(st.sampled_from(list(ws.tasks)))]
    fresh = Task(id=ws.next_id(Task), title="New", department=near.department)
    link = Link(id=ws.next_id(Link), kind="needs", source=near.id, target=fresh.id)
    later = ws.apply(Change(sentence("Edit"), (Edit(None, fresh), Edit(None, link))))
    second = layout(later, zoom=Zoom.LINE, page=page, previous=first)
    for task, card in first.cards.items():
        now = second.cards[task]
        assert (now.column, now.slot) == (card.column, card.slot)
        assert now.x >= card.x
        assert now.y >= card.y


@pytest.mark.parametrize("zoom", [Zoom.LINE, Zoom.OVERVIEW])
@given(st.sets(st.integers(1, 9)), st.integers(10, 80))
def test_cards_keep_to_their_columns_when_others_leave(
    zoom: Zoom, gone: set[int], page: int
) -> None:
    ws = plan("1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9", tasks=9)
    whole = layout(ws, zoom=zoom, page=Page(page))
    left = ws.tasks.keys() - gone
    board = layout(ws, zoom=zoom, page=Page(page), previous=whole, tasks=left)
    for card in board.cards.values():
        column = board.columns[card.column]
        assert column.x <= card.x
        assert card.x + card.width <= column.x + column.width
        assert board.index.cards_within(card.x, card.y, 1, 1) == [card]


@given(boards, st.data())
def test_a_window_is_a_crop_of_the_whole(board: Board, data: st.DataObject) -> None:
    x = data.draw(st.integers(-3, board.width + 3))
    y = data.draw(st.integers(-3, board.height + 3))
    width = data.draw(st.integers(1, 60))
    height = data.draw(st.integers(1, 20))
    lit: dict[int, Manner] = dict.fromkeys(list(board.arrows)[:3], "out")
    notes = {arrow.link: "2/3" for arrow in board.arrows.values() if arrow.kind == "returns"}
    for ascii in (False, True):
        whole = cells(board, lit=lit, notes=notes, ascii=ascii)
        part = cells(board, (x, y, width, height), lit, notes=notes, ascii=ascii)
        assert len(part) == height
        for row in range(height):
            assert len(part[row]) == width
            for column in range(width):
                inside = 0 <= y + row < board.height and 0 <= x + column < board.width
                if inside:
                    assert part[row][column] == whole[y + row][x + column]


@given(nets())
def test_the_same_plan_gives_the_same_board(ws: Workspace) -> None:
    first, second = layout(ws), layout(Workspace(list(ws.entities())[::-1]))
    for name in Board.__struct_fields__:
        if name != "basis":
            assert getattr(first, name) == getattr(second, name)


@given(nets())
def test_a_board_laid_out_again_keeps_every_address(ws: Workspace) -> None:
    first = layout(ws)
    again = layout(ws, previous=first, zoom=Zoom.LINE)
    for task, card in first.cards.items():
        kept = again.cards[task]
        assert (kept.lane, kept.column, kept.slot) == (card.lane, card.column, card.slot)


def test_a_folded_lane_takes_in_an_arrow() -> None:
    # The first card of the second column is not in the first slot.
    ws, other = plan("2-3", tasks=3), plan("2-3", returns="3-2", tasks=3)
    folded = layout(ws, previous=layout(ws), folded=[0])
    assert folded.cards[3].slot > 0
    after = layout(other, previous=folded, folded=[0])
    assert all(card.slot < after.lanes[card.lane].slots for card in after.cards.values())


@given(nets(), st.sampled_from((None, 1, 3, 8)), st.booleans())
def test_an_arrow_keeps_its_way(ws: Workspace, cap: int | None, tight: bool) -> None:
    first = layout(ws, cap=cap, tight=tight)
    again = layout(ws, cap=cap, previous=first, tasks=ws.tasks.keys())
    if [lane.department for lane in again.lanes] == [lane.department for lane in first.lanes]:
        assert again.arrows == first.arrows


def test_an_arrow_keeps_its_way_on_a_crowded_board() -> None:
    ws = net(400)
    for tight in (False, True):
        first = layout(ws, tight=tight)
        again = layout(ws, previous=first, tasks=ws.tasks.keys())
        assert again.arrows == first.arrows


@pytest.mark.parametrize("size", [20, 100, 300])
def test_care_makes_a_board_cross_less(size: int) -> None:
    ws = net(size)
    assert layout(ws, tight=True, cap=None).crossings() < layout(ws, cap=None).crossings()


@pytest.mark.parametrize("zoom", Zoom)
def test_boards_of_any_size(zoom: Zoom) -> None:
    for size in (0, 1, 5000):
        ws = workspace(
            [1 + i % 3 for i in range(size)], [(i, i + 1) for i in range(1, size)], [], 4
        )
        board = layout(ws, zoom=zoom)
        assert len(board.cards) == size
        assert len(board.lanes) == 4


@pytest.mark.parametrize("cap", [None, 8])
@pytest.mark.parametrize("hub_last", [True, False])
def test_many_arrows_on_one_trunk_look_as_if_each_were_drawn(
    cap: int | None, hub_last: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 120
    if hub_last:
        needs = [(i, size) for i in range(1, size)]
        returns = [(size, i) for i in range(1, size, 3)]
    else:
        needs = [(1, i) for i in range(2, size + 1)]
        returns = [(i, 1) for i in range(2, size, 3)]
    ws = workspace([1 + i % 4 for i in range(size)], needs, returns, 4)
    few = cells(layout(ws, cap=cap))
    monkeypatch.setattr(index, "_MANY", size * size)
    monkeypatch.setattr(Index, "_trunks", every_trunk)
    assert cells(layout(ws, cap=cap)) == few


def every_trunk(index: Index, x: int) -> list[tuple[int, int, Arrow]]:
    """Return all vertical lines in a column of cells, however many cover each other."""
    return [
        (min(row, arrow.bus_y), max(row, arrow.bus_y), arrow)
        for arrow in index.along[x]
        for row, out in ((arrow.start_y, arrow.out_x), (arrow.end_y, arrow.in_x))
        if out == x and row != arrow.bus_y
    ]


@given(boards)
def test_crossings_are_the_cells_where_a_line_breaks(board: Board) -> None:
    across: set[tuple[int, int]] = set()
    along: set[tuple[int, int]] = set()
    turns: set[tuple[int, int]] = set()
    for arrow in board.arrows.values():
        if not arrow.hidden:
            turns.update(arrow.path)
            for (x0, y0), (x1, y1) in pairwise(arrow.path):
                way = range(min(x0, x1), max(x0, x1) + 1), range(min(y0, y1), max(y0, y1) + 1)
                (across if y0 == y1 else along).update(product(*way))
    assert board.crossings() == len((across & along) - turns)


@given(boards)
def test_returns_look_other_than_needs_without_colour(board: Board) -> None:
    lit: dict[int, Manner] = dict.fromkeys(list(board.arrows)[::2], "loop")
    for ascii, solid, dashed in (
        (False, set("─│┌┐└┘━┃┏┓┗┛╼╾╽╿►"), set("╌╎╭╮╰╯╍╏┏┓┗┛╼╾╽╿▷")),
        (True, set("-|=#>"), set(":>")),
    ):
        for row in cells(board, ascii=ascii):
            for glyph, role in row:
                # Joins look alike; what leads to them does not.
                if role == "needs" and glyph not in "├┤┬┴┼+":
                    assert glyph in solid
                if role == "returns" and glyph not in "├┤┬┴┼+":
                    assert glyph in dashed
        for row in cells(board, lit=lit, ascii=ascii):
            for glyph, _ in row:
                assert east_asian_width(glyph) not in "WF"
                assert glyph.isascii() or not ascii
