"""Bands, buses and channels become rows and cells: a board comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from tracker.domain.model import Link
from tracker.flow.board import route, trunks
from tracker.flow.board.board import (
    FITTED,
    STATE_COLUMNS,
    Basis,
    Board,
    Mode,
    Room,
    lowers_closed,
)
from tracker.flow.board.compaction import Margins, compact
from tracker.flow.board.nodes import Net, Pair
from tracker.flow.board.pieces import Arrow, Card, CardColumn, Lane, Zoom
from tracker.flow.board.reroute import reroute
from tracker.flow.board.route import Kept, Wiring
from tracker.flow.board.stubs import Count, count_stubs, place_stubs
from tracker.flow.board.trunks import Trunks


class _Size(msgspec.Struct, frozen=True):
    """The cells of a card at a zoom, blank rows between cards, and free cells beside a card."""

    width: int
    height: int
    gap: int
    right: int = 1
    left: int = 2


_SIZES = {
    Zoom.DETAIL: _Size(width=26, height=4, gap=1),
    Zoom.NORMAL: _Size(width=18, height=3, gap=1),
    Zoom.LINE: _Size(width=18, height=1, gap=0, left=1),
    Zoom.OVERVIEW: _Size(width=5, height=1, gap=0, left=1),
}


def card_cells(zoom: Zoom) -> int:
    """Return how many cells a card covers at a zoom."""
    return _SIZES[zoom].width * _SIZES[zoom].height


# Returns leave and enter a card on rows of their own: where other arrows do so too, a card one row
# high grows to this.
_WITH_RETURNS = 2
# From this many rows on a card has one for arrows whose first row is in use.
_TALL = 3
# So many tracks more than the cap a channel may have for arrows drawn since the board was tidy:
# who has just drawn an arrow wants to see it.
_MORE = 4
# So many rounds trunks look for a better track where arrows are laid again.
_SIFTED = 1


class Placement:
    """The address of every node: column, lane and slot; a band is one slot of one lane."""

    def __init__(
        self,
        net: Net,
        zoom: Zoom,
        mode: Mode,
        column: list[int],
        columns: int,
        widths: Mapping[int, int] | None = None,
    ) -> None:
        self.net, self.zoom, self.mode = net, zoom, mode
        self.column, self.columns = column, columns
        self.size = size = _SIZES[zoom]
        # A card is as wide as what it says, where that is known; that of settled tasks says how
        # many they are.
        self.width = [size.width] * len(net.groups)
        if widths is not None:
            self.width = [
                widths.get(tasks[0], size.width) if len(tasks) == 1 else size.width
                for tasks in net.groups
            ]
        if zoom is Zoom.OVERVIEW and mode == "flow":
            # A sign before the number, and one behind it.
            self.width = [len(str(max(net.ws.tasks, default=0))) + 2] * len(net.groups)
        for node in net.settled:
            states = Counter(net.ws.tasks[task].state for task in net.groups[node])
            cells = sum([1 + len(str(count)) for count in states.values()])
            self.width[node] = cells + {Zoom.LINE: 0, Zoom.OVERVIEW: 1}.get(zoom, 2)
        self.room = Room({}, (), ())
        self.kept: Kept | None = None
        # The columns put before the first since the board was laid out anew.
        self.opened = 0
        # How often every arrow is laid again.
        self.passes = 0
        # Whether lanes and channels are to be no larger than what is in them, and the board on
        # which cards were before, as far as their places are to be kept.
        self.compact = mode == "flow" and len(net.groups) <= FITTED
        self.earlier: Board | None = None

    def remember(self, previous: Board, basis: Basis) -> None:
        """Keep the room for arrows, and let them go as they went, if the board is of one kind."""
        self.opened = previous.opened
        old = previous.basis
        if (old.zoom, old.cap, old.folded) != (basis.zoom, basis.cap, basis.folded):
            return
        if [lane.department for lane in previous.lanes] != self.net.lanes:
            return
        self.room = previous.room
        self.earlier = previous
        # The buses as they are numbered now that some lanes may have more slots.
        buses: list[int] = []
        for first, lane in zip(self.first_band, previous.lanes, strict=False):
            buses += range(first, first + lane.slots)
        buses.append(self.bands)

        arrows = previous.arrows

        def vias(links: Sequence[Link]) -> list[int]:
            known = [
                arrow.via if (arrow := arrows.get(link.id)) else route.UNKNOWN for link in links
            ]
            return [buses[via] if via >= 0 else via for via in known]

        self.kept = Kept(
            vias(self.net.needs_links),
            vias(self.net.returns_links),
            {
                channel
                for channel, cells in enumerate(previous.room.channels)
                if basis.cap is not None and cells[2 + trunks.FAN] >= basis.cap + _MORE
            },
        )

    def move(self, node: int, column: int, slot: int) -> bool:
        """Give a node another address in its lane, swapping with the node there; return if it did.

        Nobody changes the column for somebody else.
        """
        lane = self.net.lane
        if (column, slot) == (self.column[node], self.slot[node]):
            return False
        slots = list(self.slot)
        for other, at in enumerate(self.column):
            if (lane[other], at, slots[other]) == (lane[node], column, slot):
                if at != self.column[node]:
                    return False
                slots[other] = slots[node]
        slots[node] = slot
        self.column[node] = column
        self.columns = max(self.column) + 1
        self.set_slots(self.slots, slots)
        return True

    def set_slots(self, slots: Sequence[int], slot: Sequence[int]) -> None:
        """Take over the slots of every lane and the slot of every node."""
        net, full = self.net, self.size.height
        self.slots, self.slot = slots, slot
        self.first_band = first = [0]
        for count in slots:
            first.append(first[-1] + count)
        self.bands = first[-1]
        self.band = [first[lane] + at for lane, at in zip(net.lane, slot, strict=True)]
        filled = set(net.lane)
        self.band_height = [full] * self.bands
        for lane in range(len(slots)):
            if lane not in filled or lane in net.folded:
                self.band_height[first[lane] : first[lane + 1]] = [1] * slots[lane]
        self.height = [1 if lane in net.folded else full for lane in net.lane]
        if lowers_closed(self.zoom, self.mode, len(net.ws.tasks)):
            for node, tasks in enumerate(net.groups):
                if len(tasks) == 1 and not net.ws.tasks[tasks[0]].open:
                    self.height[node] = 1
        for node in net.settled:
            self.height[node] = 1
        if min(self.height, default=full) < _WITH_RETURNS:
            leaves, comes = set(), set()
            for source, target in net.returns:
                leaves.add(source)
                comes.add(target)
            shared = {node for node in leaves if net.after[node]}
            shared |= {node for node in comes if net.before[node]}
            for node in shared:
                self.height[node] = max(self.height[node], _WITH_RETURNS)
            for node in leaves | comes:
                band = self.band[node]
                self.band_height[band] = max(self.band_height[band], self.height[node])
        self.tall = [height >= _TALL for height in self.height]


def draw(plan: Placement, basis: Basis, cap: int | None) -> Board:
    """Route the arrows of a plan, at most `cap` tracks a channel, and put all at its cells."""
    net = plan.net
    wiring = Wiring(plan.column, plan.band, plan.tall, plan.bands, net, plan.columns, plan.kept)
    if plan.passes and cap != 0:
        reroute(wiring, plan.passes)
    wiring.settle(cap, plan.kept)
    rows = _Rows(plan, wiring)
    exit_y = [rows.band_y[band] for band in plan.band]
    back_y = {
        node: (exit_y[node] + (plan.height[node] > 1), exit_y[node] + plan.height[node] - 1)
        for node in chain.from_iterable(net.returns)
    }
    laid = Trunks(
        wiring, exit_y, back_y, rows.bus_y, plan.room.packed, _SIFTED if plan.passes else 0
    )
    counts = list(count_stubs(net, plan.height, wiring))
    columns = _Columns(plan, laid, counts)
    places = columns.places
    cards: dict[int, Card] = {}
    for tasks, lane, column, slot, y, width, height in zip(
        net.groups, net.lane, plan.column, plan.slot, exit_y, plan.width, plan.height, strict=True
    ):
        card = Card(tasks[0], lane, column, slot, places[column].x, y, width, height, tasks)
        for task in tasks:
            cards[task] = card
    ways = chain(
        _needs(plan, laid, rows, columns, exit_y), _returns(plan, laid, rows, columns, back_y)
    )
    arrows = {arrow.link: arrow for arrow in ways}
    for first, others in net.parallel.items():
        for link in others:
            arrows[link.id] = msgspec.structs.replace(
                arrows[first], link=link.id, source=link.source, target=link.target
            )
    board = Board(
        basis=basis,
        width=columns.width,
        height=rows.height,
        zoom=plan.zoom,
        mode=plan.mode,
        lanes=rows.lanes,
        columns=tuple(places),
        cards=cards,
        arrows=arrows,
        stubs=tuple(place_stubs(net, counts, cards)),
        room=Room(rows.room, columns.room, laid.packed),
        opened=plan.opened,
    )
    if plan.compact:
        board = compact(board, _margins(plan, wiring, rows, columns, laid), plan.earlier)
    # What is known already need not be found again.
    vars(board)["net"] = net
    return board


def _margins(
    plan: Placement, wiring: Wiring, rows: _Rows, columns: _Columns, laid: Trunks
) -> Margins:
    """Return what is kept free on a board as it is made smaller."""
    walls = []
    for at, (zones, widths) in enumerate(zip(columns.zones, laid.widths, strict=True)):
        for zone in (trunks.SPARE_BACK_OUT, trunks.SPARE_BACK_IN):
            walls += [(zones[zone], widths[zone])] * bool(widths[zone])
        if trunks.SPARE in laid.packed[at].fan:
            walls.append((zones[trunks.FAN] + laid.spare_place[at], wiring.spare))
    size = plan.size
    return Margins(
        size.gap, size.left, size.right, rows.separator, rows.spare, rows.alone, tuple(walls)
    )


class _Rows:
    """The first row of every band and bus, and the spare rows between lanes.

    Between two lanes lie the tracks of their bus, the spare rows for hidden returns and for hidden
    `needs`, and the separator, which is the last of them. One lane alone has them below it.
    """

    def __init__(self, plan: Placement, wiring: Wiring) -> None:
        first = plan.first_band
        starts = set(first[1:-1])
        self.spare = spare = max(0, wiring.spare - 1) + wiring.spare_back
        hidden = bool(wiring.spare + wiring.spare_back)
        self.alone = alone = spare + hidden if len(first) == 2 else 0
        # Where lanes have no rows between them a hidden arrow still needs one.
        self.separator = int(hidden or plan.zoom <= Zoom.NORMAL)
        self.band_y: list[int] = []
        self.bus_y: list[int] = []
        self.room: dict[tuple[int, int], int] = {}
        places = [(i, slot) for i, slots in enumerate(plan.slots) for slot in range(slots)]
        y = 0
        for bus, place in enumerate([*places, (len(plan.slots), 0)]):
            tracks = max(wiring.tracks[bus], plan.room.buses.get(place, 0))
            self.room[place] = tracks
            self.bus_y.append(y)
            if bus in starts:
                y += tracks + spare + 1
            elif 0 < bus < plan.bands:
                y += max(tracks, plan.size.gap)
            else:
                y += tracks
            if bus < plan.bands:
                self.band_y.append(y)
                y += plan.band_height[bus]
        self.height = y + alone
        tops = [self.band_y[at] for at in first[:-1]]
        ends = [top - 1 for top in tops[1:]] + [self.height]
        self.lanes = tuple(
            Lane(name, top, end - top, plan.slots[i], i in plan.net.folded)
            for i, (name, top, end) in enumerate(zip(plan.net.lanes, tops, ends, strict=True))
        )

    def last_spare(self, source: int, target: int) -> int:
        """Return the last spare row between two lanes, or else beside the one lane."""
        if len(self.lanes) == 1:
            return self.height - 1
        lower = max(source, target) if source != target else max(source, 1)
        return self.lanes[lower].y - 1


class _Columns:
    """The cells of the columns and, by channel, the first cell of each zone.

    A column without cards keeps its number but takes no cells, unless it is that of a state.
    """

    def __init__(self, plan: Placement, laid: Trunks, counts: Iterable[Count]) -> None:
        size, column = plan.size, plan.column
        used = set(column)
        right, left = [0] * (plan.columns + 1), [0] * (plan.columns + 1)
        for at in used:
            right[at + 1] = size.right
            if at or any(laid.widths[0]):
                left[at] = size.left
        for node, _, out, _, _, offset, cells in counts:
            side, at = (right, column[node] + 1) if out else (left, column[node])
            if side[at] < offset + cells:
                side[at] = offset + cells
        state = plan.mode == "state"
        self.places: list[CardColumn] = []
        self.zones: list[list[int]] = []
        self.room = [
            [right[channel], left[channel], *widths] for channel, widths in enumerate(laid.widths)
        ]
        for room, kept in zip(self.room, plan.room.channels, strict=False):
            room[:] = map(max, room, kept)
        widest = [0] * plan.columns
        for at, cells in zip(column, plan.width, strict=True):
            widest[at] = max(widest[at], cells)
        x = 0
        for channel, (after_card, before_card, *widths) in enumerate(self.room):
            x += after_card
            starts = []
            for cells in widths:
                starts.append(x)
                x += cells
            self.zones.append(starts)
            if channel < plan.columns:
                x += before_card
                cells = size.width if state else widest[channel]
                self.places.append(CardColumn(x, cells, STATE_COLUMNS[channel] if state else ""))
                x += cells
        self.width = x
        # The cells beside a node in which its arrows start, and in which the heads of a column are.
        self.exit_x = [
            self.places[at].x + width for at, width in zip(column, plan.width, strict=True)
        ]
        self.entry_x = [place.x - 1 for place in self.places]


def _needs(
    plan: Placement, laid: Trunks, rows: _Rows, columns: _Columns, exit_y: Sequence[int]
) -> Iterator[Arrow]:
    """Walk over the arrows of kind `needs` in cells."""
    net, column, lane = plan.net, plan.column, plan.net.lane
    wiring, exit_x, entry_x = laid.wiring, columns.exit_x, columns.entry_x
    fan = [zone[trunks.FAN] for zone in columns.zones]
    place = laid.place
    trunk_out = [fan[at + 1] + place.get(node, 0) for node, at in enumerate(column)]
    trunk_in = [fan[at] + place.get(~node, 0) for node, at in enumerate(column)]
    spare = [first + place for first, place in zip(fan, laid.spare_place, strict=True)]
    double = wiring.spare > 1
    above = max(0, wiring.spare - 1)
    for (source, target), row, row_y, bus, link in zip(
        net.needs, wiring.row, laid.row_y, wiring.bus, net.needs_links, strict=True
    ):
        leaves, comes = column[source], column[target]
        start_x = exit_x[source]
        hidden = False
        if row == route.BUS:
            via, out_x, in_x = bus, trunk_out[source], trunk_in[target]
        elif row == route.STRAIGHT:
            via, out_x, in_x = route.STRAIGHT_VIA, start_x, start_x
        elif row == route.ALONG_SOURCE:
            via, out_x = route.SOURCE_VIA, trunk_in[target]
            in_x = out_x
        elif row == route.ALONG_TARGET:
            via, out_x = route.TARGET_VIA, trunk_out[source]
            in_x = out_x
        else:
            hidden, via, out_x, in_x = True, route.HIDDEN_VIA, spare[leaves + 1], spare[comes]
            row_y = rows.last_spare(lane[source], lane[target]) - above
        yield Arrow(
            link.id, "needs", link.source, link.target,
            start_x, exit_y[source], out_x, row_y, in_x, laid.entry_y[target], entry_x[comes],
            hidden, hidden and double, via,
        )  # fmt: skip


def _returns(
    plan: Placement,
    laid: Trunks,
    rows: _Rows,
    columns: _Columns,
    back_y: Mapping[int, Pair],
) -> Iterator[Arrow]:
    """Walk over the arrows of kind `returns` in cells."""
    column, lane = plan.column, plan.net.lane
    wiring = laid.wiring
    double = wiring.spare_back > 1
    above = max(1, wiring.spare) + wiring.spare_back - 1
    for i, (source, target) in enumerate(plan.net.returns):
        hidden, row_y = wiring.hidden_back[i], laid.row_y_back[i]
        via = route.HIDDEN_VIA if hidden else wiring.bus_back[i]
        out, into = columns.zones[column[source] + 1], columns.zones[column[target]]
        if hidden:
            row_y = rows.last_spare(lane[source], lane[target]) - above
            out_x, in_x = out[trunks.SPARE_BACK_OUT], into[trunks.SPARE_BACK_IN]
        else:
            out_x = out[trunks.BACK_OUT] + laid.place_out[source]
            in_x = into[trunks.BACK_IN] + laid.place_in[target]
        start_x, end_x = columns.exit_x[source], columns.entry_x[column[target]]
        start_y, end_y = back_y[source][0], back_y[target][1]
        link = plan.net.returns_links[i]
        yield Arrow(
            link.id, "returns", link.source, link.target,
            start_x, start_y, out_x, row_y, in_x, end_y, end_x,
            hidden, hidden and double, via,
        )  # fmt: skip
