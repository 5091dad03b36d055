"""The overview: cards as a grid of lanes and columns, without arrows."""

from __future__ import annotations

from tracker.flow.board import trunks
from tracker.flow.board.board import Basis, Board, Room
from tracker.flow.board.pieces import Card, CardColumn, Lane
from tracker.flow.board.placement import Placement


def grid(plan: Placement, basis: Basis) -> Board:
    """Put the cards of a plan into a grid of lanes and columns, without arrows."""
    net, first = plan.net, plan.first_band
    widest = [0] * plan.columns
    for at, cells in zip(plan.column, plan.width, strict=True):
        widest[at] = max(widest[at], cells)
    places = []
    x = 0
    for cells in widest:
        places.append(CardColumn(x, cells))
        x += cells
    cards = {}
    for tasks, lane, column, slot, band, width in zip(
        net.groups, net.lane, plan.column, plan.slot, plan.band, plan.width, strict=True
    ):
        card = Card(tasks[0], lane, column, slot, places[column].x, band, width, 1, tasks)
        cards.update(dict.fromkeys(tasks, card))
    return Board(
        basis=basis,
        width=x,
        height=plan.bands,
        zoom=plan.zoom,
        mode=plan.mode,
        lanes=tuple(
            Lane(name, first[at], plan.slots[at], plan.slots[at], at in net.folded)
            for at, name in enumerate(net.lanes)
        ),
        columns=tuple(places),
        cards=cards,
        arrows={},
        stubs=(),
        room=Room({}, [[0] * (2 + trunks.BACK_IN + 1)] * (plan.columns + 1), ()),
        opened=plan.opened,
    )
