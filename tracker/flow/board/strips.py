"""Strips: a board wider than its window goes on below, as the lines of a text do.

Every strip is a board of its own columns, with the lanes that have cards there. An arrow from one
strip to another is not drawn: the cards at its ends say where it leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from msgspec.structs import replace

from tracker.flow.board.board import Basis, Board, Room
from tracker.flow.board.nodes import Net
from tracker.flow.board.pieces import Arrow, Card, CardColumn, Lane, LooseEnds, Page, Stub

# Lays out the tasks of a strip, each in its column, as they were on a board before.
LayOut = Callable[[Basis, Mapping[int, int], Board | None], Board]

# The cells of a column with its channel that a strip is first tried with.
_LIKELY = 20


def lay_out(
    basis: Basis, net: Net, column: Sequence[int], previous: Board | None, lay_out: LayOut
) -> Board:
    """Lay out nodes in strips no wider than `basis.page`, or divided as `previous` is."""
    page, named = basis.page or Page(0)
    count = max(column, default=-1) + 1

    def strip(start: int, end: int, before: Board | None = None) -> Board:
        nodes = [node for node, at in enumerate(column) if start <= at < end]
        inside = {task: column[node] - start for node in nodes for task in net.groups[node]}
        ends = _loose_ends(net, nodes, named=named)
        widths = basis.widths
        if widths is not None:
            words = {task: loose.width for task, loose in ends.items()}
            widths = {task: widths[task] + words.get(task, 0) for task in inside if task in widths}
        part = replace(basis, tasks=frozenset(inside), page=None, widths=widths)
        board = lay_out(part, inside, before)
        return replace(board, ends=_by_card(board, ends))

    if previous and previous.strips:
        firsts = [0, *(first + previous.opened for first, _ in previous.strips[1:])]
        ranges = pairwise([*firsts, max(count, firsts[-1] + 1)])
        parts = [
            (first, strip(first, end, before))
            for (first, end), (_, before) in zip(ranges, previous.strips, strict=True)
        ]
        return _stacked(basis, parts, previous.opened)
    parts = []
    first = 0
    while first < count or not parts:
        end = min(count, first + max(1, page // _LIKELY))
        board = strip(first, end)
        while end > first + 1 and board.width > page:
            end -= 1
            board = strip(first, end)
        while end < count and (wider := strip(first, end + 1)).width <= page:
            end, board = end + 1, wider
        parts.append((first, board))
        first = end
    return _stacked(basis, parts)


def _loose_ends(net: Net, nodes: Sequence[int], *, named: bool) -> dict[int, LooseEnds]:
    """Return where arrows of nodes lead that begin or end at others, by the first task."""
    inside = set(nodes)
    back: dict[int, list[int]] = {}
    for source, target in net.returns:
        if (source in inside) != (target in inside):
            own, other = (source, target) if source in inside else (target, source)
            back.setdefault(own, []).append(other)

    def tasks(others: Iterable[int]) -> tuple[int, ...]:
        return tuple(sorted({net.groups[node][0] for node in others if node not in inside}))

    found = {}
    for node in nodes:
        ends = LooseEnds(
            tasks(net.before[node]), tasks(net.after[node]), tasks(back.get(node, ())), named
        )
        if any(ends[:3]):
            found[net.groups[node][0]] = ends
    return found


def _by_card(board: Board, ends: Mapping[int, LooseEnds]) -> dict[int, LooseEnds]:
    """Return the loose ends of all tasks of a card, by its first."""
    found: dict[int, LooseEnds] = {}
    for task, loose in ends.items():
        first = board.cards[task].task
        known = found.get(first)
        if known:
            kinds = zip(known[:3], loose[:3], strict=True)
            before, after, back = (tuple(sorted({*a, *b})) for a, b in kinds)
            loose = LooseEnds(before, after, back, loose.named)
        found[first] = loose
    return found


def _stacked(basis: Basis, parts: Sequence[tuple[int, Board]], opened: int = 0) -> Board:
    """Put boards below each other, a row between them; each begins with some column."""
    lanes: list[Lane] = []
    columns: list[CardColumn] = []
    cards: dict[int, Card] = {}
    arrows: dict[int, Arrow] = {}
    stubs: list[Stub] = []
    ends: dict[int, LooseEnds] = {}
    y = 0
    for first, part in parts:
        above = len(lanes)
        lanes += [replace(lane, y=lane.y + y) for lane in part.lanes]
        # A strip may have fewer columns than before: those at its end that have no cards any more.
        columns += [CardColumn(-1, 0)] * (first - len(columns))
        columns += part.columns
        for task, card in part.cards.items():
            cards[task] = replace(
                card, lane=card.lane + above, column=card.column + first, y=card.y + y
            )
        for link, arrow in part.arrows.items():
            arrows[link] = replace(
                arrow, start_y=arrow.start_y + y, bus_y=arrow.bus_y + y, end_y=arrow.end_y + y
            )
        stubs += [replace(stub, y=stub.y + y) for stub in part.stubs]
        ends |= part.ends
        y += part.height + 1
    return Board(
        basis=basis,
        width=max([part.width for _, part in parts]),
        height=max(0, y - 1),
        zoom=basis.zoom,
        mode=basis.mode,
        lanes=tuple(lanes),
        columns=tuple(columns),
        cards=cards,
        arrows=arrows,
        stubs=tuple(stubs),
        room=Room({}, (), ()),
        opened=opened,
        strips=tuple(parts),
        ends=ends,
    )
