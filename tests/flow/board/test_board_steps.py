"""The steps of a layout, each against the plainest way to say what it should do."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial
from itertools import permutations, product

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.bench.board_graphs import net
from tests.builders import plan
from tests.flow.board.drawing import cells
from tests.flow.board.test_board_laws import nets
from tracker.domain import graph
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department, Link, LinkKind, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.flow.board import columns, slots, tracks
from tracker.flow.board.board import Board
from tracker.flow.board.layout import layout, neighbourhood, propose_lanes
from tracker.flow.board.local_search import Care, promising
from tracker.flow.board.nodes import Net, finished
from tracker.flow.board.pieces import Page, Zoom
from tracker.flow.board.placement import Placement
from tracker.flow.board.route import STRAIGHT_VIA


@st.composite
def arrows(draw: st.DrawFn, most: int) -> tuple[list[list[int]], list[list[int]]]:
    """Draw a net as its predecessors and successors."""
    size = draw(st.integers(1, most))
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    before: list[list[int]] = [[] for _ in range(size)]
    after: list[list[int]] = [[] for _ in range(size)]
    for a, b in chosen:
        after[a].append(b)
        before[b].append(a)
    return before, after


def length(column: list[int], after: list[list[int]]) -> int:
    """Add up the lengths of all arrows."""
    return sum(column[b] - column[a] for a, out in enumerate(after) for b in out)


def sound(column: list[int], after: list[list[int]]) -> bool:
    """Return whether every arrow points right."""
    return all(column[b] > column[a] for a, out in enumerate(after) for b in out)


@given(arrows(12))
def test_every_step_keeps_arrows_pointing_right(
    net: tuple[list[list[int]], list[list[int]]],
) -> None:
    before, after = net
    sequence = columns.topological(before, after)
    column = columns.longest_path(before, sequence)
    assert sound(column, after)
    longest = length(column, after)
    columns.tighten(column, before, after, sequence)
    assert sound(column, after)
    tightened = length(column, after)
    assert tightened <= longest
    columns.shorten(column, before, after, 10**6)
    assert sound(column, after)
    assert length(column, after) <= tightened
    columns.compact(column)
    assert sound(column, after)
    assert set(column) == set(range(max(column) + 1))


@given(arrows(5))
def test_network_simplex_finds_the_shortest_arrows(
    net: tuple[list[list[int]], list[list[int]]],
) -> None:
    before, after = net
    size = len(before)
    column = columns.longest_path(before, columns.topological(before, after))
    columns.shorten(column, before, after, 10**6)
    best = min(
        length(list(other), after)
        for other in product(range(size), repeat=size)
        if sound(list(other), after)
    )
    assert length(column, after) == best


def test_network_simplex_stops_when_its_effort_is_spent() -> None:
    before: list[list[int]] = [[], [], [0], [2], [1, 3]]
    after: list[list[int]] = [[2], [4], [3], [4], []]
    column = [0, 0, 1, 2, 3]
    columns.shorten(column, before, after, 0)
    assert sound(column, after)


@st.composite
def fans(draw: st.DrawFn) -> list[tracks.Trunk]:
    """Draw the trunks of a zone; no two share a row in which they are reached."""
    rows = draw(st.permutations(range(24)))
    found: list[tracks.Trunk] = []
    while len(rows) > 3:
        count = draw(st.integers(1, 3))
        here, rows = rows[: count + 1], rows[count + 1 :]
        if draw(st.booleans()):
            found.append(tracks.from_source(len(found), here[0], list(here[1:])))
        else:
            found.append(tracks.to_target(len(found), list(here[1:]), here[0]))
    return found


@given(fans(), st.integers(0, 3))
def test_trunks_that_share_rows_have_tracks_of_their_own_in_the_order_demanded(
    trunks: list[tracks.Trunk], rounds: int
) -> None:
    channel = tracks.Channel()
    free = len(trunks)
    trunks.append(tracks.spare(free))
    meeting = [
        (a[2], b[2])
        for a in trunks
        for b in trunks
        if a[2] < b[2] and a[0] <= b[1] and b[0] <= a[1]
    ]
    for a, b in meeting:
        # Even keys stand for sources, odd ones for targets.
        if a % 2 < b % 2 and b != free:
            channel.put(a, b)
        elif b == free and a % 3 == 0:
            channel.put(*((a, free) if a % 2 == 0 else (free, a)))
    places = tracks.tracks(list(trunks), channel.right_of, channel.left_of, rounds)
    assert places.keys() == {trunk[2] for trunk in trunks}
    assert all(places[a] != places[b] for a, b in meeting)
    for left, others in channel.right_of.items():
        assert all(places[left] < places[right] for right in others)


def breaks(trunks: list[tracks.Trunk], places: dict[int, int]) -> int:
    """Count the lines that trunks beside each other break."""
    count = 0
    for low, high, key, _, _ in trunks:
        for _, _, other, left, right in trunks:
            if key != other:
                lines = left if places[key] < places[other] else right
                count += sum(low < row < high for row in lines)
    return count


@given(fans())
def test_sifted_trunks_break_no_more_lines(trunks: list[tracks.Trunk]) -> None:
    at_once = breaks(trunks, tracks.tracks(trunks, {}, {}))
    assert breaks(trunks, tracks.tracks(trunks, {}, {}, rounds=3)) <= at_once


def address(board: Board, task: int) -> tuple[int, int, int]:
    """Return where a card is."""
    card = board.cards[task]
    return card.lane, card.column - board.opened, card.slot


def moved(first: Board, second: Board) -> set[int]:
    """Return the tasks on both boards whose address differs."""
    return {
        task
        for task in first.cards
        if task in second.cards and address(first, task) != address(second, task)
    }


def after(ws: Workspace, *edits: Edit) -> Workspace:
    """Return the workspace after some edits."""
    return ws.apply(Change(sentence("Edit"), edits))


@given(nets(), st.data())
def test_a_new_arrow_moves_only_what_it_pushes_or_pulls(ws: Workspace, data: st.DataObject) -> None:
    assume(len(ws.tasks) > 1)
    pairs = st.tuples(st.sampled_from(list(ws.tasks)), st.sampled_from(list(ws.tasks)))
    source, target = data.draw(pairs.filter(lambda pair: pair[0] < pair[1]))
    assume(not graph.arrow(ws, "needs", source, target))
    first = layout(ws)
    link = Link(id=ws.next_id(Link), kind="needs", source=source, target=target)
    second = layout(after(ws, Edit(None, link)), previous=first)
    gone = moved(first, second)
    if first.cards[source].column < first.cards[target].column:
        assert not gone
    right = [address(second, task)[1] > address(first, task)[1] for task in gone]
    assert len(gone) <= 1 + min(
        len(graph.downstream(ws, target) - {target}), len(graph.upstream(ws, source) - {source})
    )
    if all(right):
        assert gone <= {target} | graph.downstream(ws, target)
    else:
        assert not any(right)
        assert gone <= {source} | graph.upstream(ws, source)


@given(nets(), st.data())
def test_a_task_more_or_less_moves_nobody(ws: Workspace, data: st.DataObject) -> None:
    assume(ws.tasks)
    first = layout(ws)
    near = ws.tasks[data.draw(st.sampled_from(list(ws.tasks)))]
    fresh = Task(id=ws.next_id(Task), title="New", department=near.department)
    link = Link(id=ws.next_id(Link), kind="needs", source=near.id, target=fresh.id)
    second = layout(after(ws, Edit(None, fresh), Edit(None, link)), previous=first)
    assert not moved(first, second)
    assert address(second, fresh.id)[1] == address(first, near.id)[1] + 1
    links = (*ws.arrows_out.get(near.id, ()), *ws.arrows_in.get(near.id, ()))
    gone = [Edit(link, None) for link in {link.id: link for link in links}.values()]
    third = layout(after(ws, *gone, Edit(near, None)), previous=first)
    assert not moved(first, third)


@given(nets(), st.sampled_from((1, 2, 8)), st.data())
def test_what_is_hidden_stays_hidden_and_what_is_shown_shown(
    ws: Workspace, cap: int, data: st.DataObject
) -> None:
    first = layout(ws, cap=cap)
    fresh = Task(id=ws.next_id(Task), title="New", department=data.draw(st.sampled_from((None, 1))))
    assume(fresh.department in (None, *ws.departments))
    second = layout(after(ws, Edit(None, fresh)), previous=first, cap=cap)
    for link, arrow in first.arrows.items():
        if arrow.via >= 0 or arrow.hidden:
            assert second.arrows[link].hidden in (arrow.hidden, False)
    third = layout(ws, previous=second, cap=cap)
    for link, arrow in third.arrows.items():
        # To a card that is its neighbour again an arrow needs no track.
        if arrow.via != STRAIGHT_VIA:
            assert arrow.hidden == second.arrows[link].hidden


@st.composite
def changes(draw: st.DrawFn, ws: Workspace) -> Workspace:
    """Draw a workspace a few edits later: arrows come and go, tasks come."""
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("task", "needs", "returns", "gone", "other")))
        tasks, links = list(ws.tasks), list(ws.links.values())
        if kind == "task":
            department = draw(st.sampled_from((None, *ws.departments)))
            fresh = Task(id=ws.next_id(Task), title="New", department=department)
            ws = after(ws, Edit(None, fresh))
        elif kind in ("gone", "other") and links:
            link = draw(st.sampled_from(links))
            other = msgspec.structs.replace(link, observed=True) if kind == "other" else None
            ws = after(ws, Edit(link, other))
        elif len(tasks) > 1:
            source, target = sorted(draw(st.lists(st.sampled_from(tasks), min_size=2, max_size=2)))
            way: LinkKind = "returns" if kind == "returns" else "needs"
            if way == "returns":
                source, target = target, source
            elif source == target:
                continue
            if not graph.arrow(ws, way, source, target):
                key = draw(st.sampled_from([ws.next_id(Link), *set(range(1, 9)) - set(ws.links)]))
                link = Link(id=key, kind=way, source=source, target=target)
                ws = after(ws, Edit(None, link))
    return ws


@given(nets(), st.data())
def test_a_net_made_from_the_one_before_is_the_same(ws: Workspace, data: st.DataObject) -> None:
    before = Net(ws, ws.tasks, ())
    kept = copy.deepcopy({name: getattr(before, name) for name in vars(before) if name != "ws"})
    later = data.draw(changes(ws))
    found, anew = before.following(later), Net(later, later.tasks, ())
    if found is not None:
        assert vars(found) == vars(anew)
    else:
        assert anew.parallel or before.parallel
    assert kept == {name: getattr(before, name) for name in kept}


@given(nets(), st.data())
def test_arrows_of_tasks_that_stepped_aside_may_change(ws: Workspace, data: st.DataObject) -> None:
    board = layout(ws, settled=finished(ws))
    for _ in range(2):
        ws = data.draw(changes(ws))
        board = layout(ws, settled=finished(ws), previous=board)
        aside = board.basis.settled
        assert {*board.arrows} == {
            link.id for link in ws.links.values() if link.source not in aside
        }
        for arrow in board.arrows.values():
            link = ws.links[arrow.link]
            assert link.source == arrow.source
            assert link.target in board.cards[arrow.target].tasks


def test_an_arrow_of_a_task_that_stepped_aside_goes_alone() -> None:
    ws = plan("1-3 2-3 3-4", states="1:done")
    board = layout(ws, settled=finished(ws))
    assert {*board.arrows} == {2, 3}
    gone = after(ws, Edit(ws.links[1], None))
    assert {*layout(gone, settled=finished(gone), previous=board).arrows} == {2, 3}
    drawn = Link(id=4, kind="needs", source=1, target=4)
    more = after(ws, Edit(None, drawn))
    assert {*layout(more, settled=finished(more), previous=board).arrows} == {2, 3}


@given(nets(), st.data())
def test_an_index_made_from_the_one_before_shows_the_same(
    ws: Workspace, data: st.DataObject
) -> None:
    board = layout(ws)
    for _ in range(2):
        x, y = data.draw(st.integers(0, board.width)), data.draw(st.integers(0, board.height))
        board.index.arrows_within(x, y, 80, 24)
        ws = data.draw(changes(ws))
        board = layout(ws, previous=board)
        anew = msgspec.structs.replace(board).index
        for found, all_of_them in (
            (board.index.along, anew.along),
            (board.index.across, anew.across),
        ):
            assert {at: sorted(map(repr, there)) for at, there in found.items() if there} == {
                at: sorted(map(repr, there)) for at, there in all_of_them.items()
            }
        assert vars(board.index)["cards"] == anew.cards
        assert cells(board) == cells(msgspec.structs.replace(board))


def test_a_change_of_words_gives_the_same_board() -> None:
    ws = plan("1-2 2-3", returns="3-1")
    first = layout(ws)
    task = ws.tasks[2]
    same = layout(after(ws, Edit(task, Task(id=2, title="Other"))), previous=first)
    assert same is first


def test_the_nearest_card_in_each_direction() -> None:
    board = layout(plan("1-2 1-3 2-4 3-4"))
    assert board.nearest(1, "right") == 2
    assert board.nearest(4, "left") == 2
    assert board.nearest(2, "down") == 3
    assert board.nearest(3, "up") == 2
    assert board.nearest(1, "left") is None
    assert board.nearest(1, "up") is None
    assert board.nearest(99, "up") is None


@given(nets(), st.sampled_from(("left", "right", "up", "down")))
def test_walking_over_cards_ends_at_the_edge(ws: Workspace, direction: str) -> None:
    board = layout(ws, zoom=Zoom.LINE, page=Page(50))
    for start in board.cards:
        seen = set()
        at: int | None = start
        while at is not None:
            assert at not in seen
            seen.add(at)
            at = board.nearest(at, direction)  # type: ignore[arg-type]


def test_the_cell_of_a_card_tells_its_task() -> None:
    board = layout(plan("1-2"))
    card = board.cards[2]
    assert board.at(card.x, card.y) == 2
    assert board.at(card.x + card.width - 1, card.y + card.height - 1) == 2
    assert board.at(card.x - 1, card.y) is None


def test_the_neighbourhood_grows_by_whole_rings() -> None:
    ws = plan("1-2 2-3 3-4 4-5", returns="5-1")
    assert neighbourhood(ws, 3, most=2) == {2, 3, 4}
    assert neighbourhood(ws, 3, most=4) == {2, 3, 4}
    assert neighbourhood(ws, 3, most=5) == {1, 2, 3, 4, 5}
    assert neighbourhood(plan(tasks=3), 2) == {2}


def covered(lanes: Sequence[int], weights: dict[tuple[int, int], int]) -> int:
    """Add up how many lanes each arrow covers."""
    place = {lane: i for i, lane in enumerate(lanes)}
    return sum(weight * abs(place[a] - place[b]) for (a, b), weight in weights.items())


def pairs_of(size: int) -> list[tuple[int, int]]:
    """Return all pairs of lanes."""
    return [(a, b) for a in range(size) for b in range(a + 1, size)]


@given(
    st.integers(2, 6).flatmap(
        lambda size: st.tuples(
            st.just(size), st.dictionaries(st.sampled_from(pairs_of(size)), st.integers(1, 9))
        )
    )
)
def test_the_proposed_lanes_cover_the_least(
    drawn: tuple[int, dict[tuple[int, int], int]],
) -> None:
    size, weights = drawn
    found = slots.arrange(size, weights)
    assert sorted(found) == list(range(size))
    best = min(covered(lanes, weights) for lanes in permutations(range(size)))
    assert covered(found, weights) == best


@given(st.dictionaries(st.sampled_from(pairs_of(15)), st.integers(1, 9)))
def test_many_lanes_get_an_order_no_worse_than_their_own(
    weights: dict[tuple[int, int], int],
) -> None:
    found = slots.arrange(15, weights)
    assert sorted(found) == list(range(15))
    assert covered(found, weights) <= covered(range(15), weights)


def test_lanes_without_arrows_between_them_stay_as_they_are() -> None:
    assert slots.arrange(5, {}) == [0, 1, 2, 3, 4]


def test_departments_that_hand_over_to_each_other_are_proposed_as_neighbours() -> None:
    extra = [Department(id=i, name=str(i), order=i) for i in (1, 2, 3)]
    ws = plan("1-2 1-3", extra=extra)
    tasks = [
        msgspec.structs.replace(t, department={1: 1, 2: 3, 3: 3}[t.id]) for t in ws.tasks.values()
    ]
    ws = Workspace([*extra, *tasks, *ws.links.values()])
    assert propose_lanes(ws) in ([2, 1, 3], [1, 3, 2], [2, 3, 1], [3, 1, 2])
    board = layout(ws, lane_order=propose_lanes(ws))
    assert [lane.department for lane in board.lanes] == propose_lanes(ws)


@given(nets())
def test_a_promising_move_is_one_that_can_be_made(ws: Workspace) -> None:
    net = Net(ws, list(ws.tasks), ())
    net.set_lanes(None, everyone=True)
    sequence = columns.topological(net.before, net.after)
    column = columns.longest_path(net.before, sequence)
    plan = Placement(net, Zoom.NORMAL, "flow", column, max(column, default=-1) + 1)
    found = slots.nodes_by_cell(column, net.lane)
    heights = slots.heights(found, len(net.lanes))
    plan.set_slots(heights, slots.slots(found, heights, net.before))
    ahead = promising(plan)
    assert len(set(ahead)) == len(ahead)
    for move in ahead[:3]:
        if plan.move(*move):
            assert sound(plan.column, net.after)
            places = list(zip(net.lane, plan.column, plan.slot, strict=True))
            assert len(set(places)) == len(places)
            assert max(plan.column) < plan.columns
            break


def test_with_care_small_boards_cross_little() -> None:
    with_care = partial(layout, tight=True, care=Care(lambda: True))
    boards = [with_care(net(20, seed)) for seed in (1, 2, 3)]
    assert [board.crossings() for board in boards] <= [9, 2, 8]
    larger = net(60, 1)
    assert with_care(larger).crossings() <= 0.75 * layout(larger, tight=True).crossings()


def test_care_that_nobody_wants_any_more_ends_at_once() -> None:
    asked = []

    def wanted() -> bool:
        asked.append(1)
        return len(asked) < 3

    layout(net(20), tight=True, care=Care(wanted))
    assert len(asked) == 3


def test_care_has_nothing_to_do_on_a_page_without_tasks() -> None:
    board = layout(Workspace(), page=Page(60), tight=True, care=Care(lambda: True))
    assert not board.cards
