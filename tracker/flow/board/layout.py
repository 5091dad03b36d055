"""A workspace as a board: who is where, and which way every arrow goes."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from tracker.domain.verbs import board_commands
from tracker.domain.workspace import Workspace
from tracker.flow.board import columns, slots, strips
from tracker.flow.board.board import STATE_COLUMNS, Basis, Board, Mode
from tracker.flow.board.local_search import Care, search
from tracker.flow.board.nodes import Net, finished
from tracker.flow.board.overview import grid
from tracker.flow.board.pieces import Page, Zoom
from tracker.flow.board.placement import Placement, draw

_NO_DEPARTMENT = 0
# What a tight layout may look at before it stops: about a second.
_EFFORT = 3_000_000
# On boards up to this size cards are moved for a try, so many of them times the cards there are:
# ten to thirty milliseconds. With care that is done on larger ones as well, for about a second.
_FEW, _TRIES = 40, 320
_FEW_WITH_CARE = 60
# So many crossings one more column has to spare, besides one.
_WIDER = 1
# On boards with more arrows none is laid a second time: the count of lines alone takes too long.
_MANY = 5_000


def layout(
    ws: Workspace,
    *,
    tasks: Collection[int] | None = None,
    zoom: Zoom = Zoom.NORMAL,
    mode: Mode = "flow",
    previous: Board | None = None,
    folded: Collection[int] = (),
    folded_loops: Collection[int] = (),
    settled: Collection[int] = (),
    tight: bool = False,
    care: Care | None = None,
    lane_order: Sequence[int | None] | None = None,
    widths: Mapping[int, int] | None = None,
    page: Page | None = None,
    cap: int | None = 8,
) -> Board:
    """Lay out `tasks` (default: all) as a board.

    `previous` keeps cards at their addresses as far as the arrows allow, and is the result itself
    where nothing has changed that shows in a layout. `folded` are departments (0: none) whose lane
    shows a card for each column, `folded_loops` links of kind *returns* whose loop is one card,
    and `settled` tasks which, as far as they and all before them are over, are one narrow card in
    each lane, at the left.
    `tight` spends time on fewer crossings (network simplex; arrows laid a second time; on small
    boards cards moved for a try, for up to a second with `care`). `widths` are the cells of cards
    by their task, for those that are not as wide as their zoom makes them; a board wider than its
    `page` goes on below. `cap` limits the tracks of a channel or bus; the longest arrows beyond it
    are hidden, and in mode *state* all. The overview has no arrows.
    """
    basis = Basis(
        ws,
        None if tasks is None else frozenset(tasks),
        zoom,
        mode,
        frozenset(folded),
        frozenset(folded_loops),
        _still_settled(ws, settled) if mode == "flow" and settled else frozenset(),
        None if lane_order is None else tuple(lane_order),
        widths,
        page if mode == "flow" else None,
        cap,
    )
    with _without_collector():
        if previous and bool(previous.basis.settled) != bool(basis.settled):
            previous = None
        if previous and previous.mode == mode:
            if previous.basis.shows_the_same(basis):
                return previous
            board = _lay_out(basis, previous, tight=False)
            board.succeed(previous)
            return board
        return _lay_out(basis, None, tight=tight, care=care)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Make many small lists without a search for cycles each time, as there are none among them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _lay_out(
    basis: Basis, previous: Board | None, *, tight: bool, care: Care | None = None
) -> Board:
    if previous and bool(previous.strips) != (basis.page is not None):
        previous = None
        tight = True
    if basis.page is not None:
        return _lay_out_in_strips(basis, previous, tight=tight, care=care)
    if tight and not previous and basis.mode == "flow" and basis.zoom is not Zoom.OVERVIEW:
        tasks = basis.ws.tasks if basis.tasks is None else basis.tasks
        if len(tasks) <= (_FEW_WITH_CARE if care else _FEW):
            return _patiently(_plan(basis, None, tight=True), basis, care)
    return _draw(_plan(basis, previous, tight=tight), basis, tight=tight)


def _draw(plan: Placement, basis: Basis, *, tight: bool) -> Board:
    if basis.zoom is Zoom.OVERVIEW and basis.mode == "flow":
        return grid(plan, basis)
    plan.passes = int(tight and len(plan.net.needs) <= _MANY)
    return draw(plan, basis, 0 if basis.mode == "state" else basis.cap)


def _lay_out_in_strips(
    basis: Basis, previous: Board | None, *, tight: bool, care: Care | None
) -> Board:
    """Lay out a board in strips, each as a board of its own."""
    net = basis.net()
    net.set_lanes(basis.lane_order, everyone=False)
    column = _flow_columns(net, previous, tight)
    if previous and (low := min(column, default=0)) < 0:
        column = [at - low for at in column]
        (_, first), *others = previous.strips
        previous = msgspec.structs.replace(
            previous, strips=((0, first.open(-low)), *others), opened=previous.opened - low
        )

    def part(basis: Basis, given: Mapping[int, int], before: Board | None) -> Board:
        plan = _plan(basis, before, tight=tight, given=given)
        if care and given and len(column) <= _FEW_WITH_CARE and basis.zoom is not Zoom.OVERVIEW:
            plain = _draw(_plan(basis, before, tight=tight, given=given), basis, tight=tight)
            better = _patiently(plan, basis, care.within(len(given) / len(column)))
            return better if _smaller(better, plain) else plain
        return _draw(plan, basis, tight=tight)

    same = previous and (previous.zoom, previous.basis.page) == (basis.zoom, basis.page)
    return strips.lay_out(basis, net, column, previous if same else None, part)


def _smaller(board: Board, other: Board) -> bool:
    """Return whether a board crosses less than another and takes no more room."""
    return (
        board.crossings() < other.crossings()
        and board.width <= other.width
        and board.height <= other.height
    )


def _plan(
    basis: Basis,
    previous: Board | None,
    *,
    tight: bool,
    given: Mapping[int, int] | None = None,
) -> Placement:
    """Choose the address of every task, the column as it is `given` where that is."""
    mode = basis.mode
    whole = basis.tasks is None and not basis.folded_loops
    net = previous.net.following(basis.ws) if previous and whole else None
    if net is None:
        net = basis.net()
    net.set_lanes(basis.lane_order, everyone=basis.tasks is None)
    if given is not None:
        column = [given[tasks[0]] for tasks in net.groups]
        count = max(column, default=-1) + 1
    elif mode == "state":
        column, count = _state_columns(net), len(STATE_COLUMNS)
    else:
        column = _flow_columns(net, previous, tight)
        if previous and (low := min(column, default=0)) < 0:
            column = [at - low for at in column]
            previous = previous.open(-low)
        count = max(column, default=-1) + 1
    column = net.fold({None if lane == _NO_DEPARTMENT else lane for lane in basis.folded}, column)
    plan = Placement(net, basis.zoom, mode, column, count, basis.widths)
    _choose_slots(plan, previous, tight)
    if previous:
        plan.remember(previous, basis)
    return plan


def _patiently(plan: Placement, basis: Basis, care: Care | None) -> Board:
    """Draw a small board, and move its cards while it gets better as drawn."""
    tries = care.tries(len(plan.column)) if care else _TRIES // max(1, len(plan.column))
    plan.passes = 1

    def drawn(plan: Placement) -> tuple[tuple[int, int], Board]:
        board = draw(plan, basis, basis.cap)
        return (board.crossings() + _WIDER * plan.columns, board.length()), board

    plain = plan.compact
    plan.compact = False
    search(plan, drawn, tries, care)
    quality, _ = drawn(plan)
    plan.passes = 2
    plan.passes = 1 + (drawn(plan)[0] < quality)
    plan.compact = plain
    return drawn(plan)[1]


def neighbourhood(ws: Workspace, task: int, *, most: int = 24) -> set[int]:
    """Return a task and those around it along arrows of both kinds, ring by ring.

    The first ring is always whole; a further one only if all stay within `most`.
    """
    found = ring = {task}
    while ring:
        ends = {link.target for at in ring for link in ws.arrows_out.get(at, ())}
        ends |= {link.source for at in ring for link in ws.arrows_in.get(at, ())}
        ring = ends - found
        if len(found) > 1 and len(found) + len(ring) > most:
            break
        found = found | ring
    return found


def propose_lanes(ws: Workspace) -> list[int | None]:
    """Return the departments in the order in which arrows pass over the fewest lanes."""
    net = Net(ws, ws.tasks, ())
    net.set_lanes(None, everyone=True)
    weights: dict[tuple[int, int], int] = {}
    for source, target in (*net.needs, *net.returns):
        a, b = sorted((net.lane[source], net.lane[target]))
        if a != b:
            weights[a, b] = weights.get((a, b), 0) + 1
    return [net.lanes[lane] for lane in slots.arrange(len(net.lanes), weights)]


def better_lanes(ws: Workspace) -> tuple[list[int], int]:
    """Return the departments in an order, and how many crossings fewer that has than theirs now."""
    # The tasks without a department have their lane always at the end.
    order = [lane for lane in propose_lanes(ws) if lane is not None]
    now = [lane for lane in board_commands.lanes(ws) if lane is not None]
    before, after = (layout(ws, lane_order=lanes).crossings() for lanes in (now, order))
    return order, before - after


def _still_settled(ws: Workspace, settled: Collection[int]) -> frozenset[int]:
    """Return the tasks that are settled, less those that are not over, or not all before them."""
    return finished(ws).intersection(settled)


def _state_columns(net: Net) -> list[int]:
    """Return the column of every node by the state of its task."""
    place = {state: i for i, state in enumerate(STATE_COLUMNS)}
    place["dropped"] = place["done"]
    return [place[net.ws.tasks[tasks[0]].state] for tasks in net.groups]


def _flow_columns(net: Net, previous: Board | None, tight: bool) -> list[int]:
    """Return the column of every node, that of a task without arrows where its lane has room.

    What is settled has the first column for itself.
    """
    before, after = net.before, net.after
    settled = set(net.settled)
    aside = bool(settled)
    wishes = [-1] * len(net.groups)
    if previous:
        found = [previous.cards.get(tasks[0]) for tasks in net.groups]
        wishes = [max(card.column - aside, 0) if card else -1 for card in found]
        column = columns.keep_columns(wishes, before, after)
    else:
        sequence = columns.topological(before, after)
        column = columns.longest_path(before, sequence)
        columns.tighten(column, before, after, sequence)
        if tight:
            columns.shorten(column, before, after, _EFFORT)
        columns.compact(column)
    loose = [
        node
        for node, wish in enumerate(wishes)
        if wish < 0 and not before[node] and not after[node] and node not in settled
    ]
    slots.scatter(loose, column, net.lane)
    if not settled:
        return column
    low = min(column)
    return [min(low, 0) if node in settled else at + 1 for node, at in enumerate(column)]


def _choose_slots(plan: Placement, previous: Board | None, tight: bool) -> None:
    """Set the slot of every node and the number of slots of every lane, as before if possible."""
    net = plan.net
    if previous is None:
        found = slots.nodes_by_cell(plan.column, net.lane)
        heights = slots.heights(found, len(net.lanes))
        slots.sort_cells(found, heights, net.before, net.after)
        plan.set_slots(
            heights, slots.slots(found, heights, net.before, net.after if tight else None)
        )
        return
    kept = {lane.department: lane.slots for lane in previous.lanes if not lane.folded}
    heights = [kept.get(department, 1) for department in net.lanes]
    departments = [lane.department for lane in previous.lanes]
    # A card keeps its slot where it keeps its lane and its column.
    wishes = [
        card.slot
        if (card := previous.cards.get(tasks[0]))
        and card.column == at
        and departments[card.lane] == net.lanes[lane]
        else -1
        for tasks, at, lane in zip(net.groups, plan.column, net.lane, strict=True)
    ]
    slot = wishes
    # A lane that was folded has fewer slots than its cards had before.
    fitting = all(0 <= at < heights[lane] for at, lane in zip(wishes, net.lane, strict=True))
    if not fitting or len(set(zip(plan.column, net.lane, wishes, strict=True))) < len(wishes):
        found = slots.nodes_by_cell(plan.column, net.lane)
        slot = slots.keep_slots(wishes, found, heights, net.before, net.after)
    plan.set_slots(heights, slot)
