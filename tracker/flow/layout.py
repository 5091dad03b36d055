"""A workspace laid out as a board: lanes, columns, slots and the ways of the arrows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from tracker.domain import graph
from tracker.domain.model import Link, LinkKind
from tracker.domain.workspace import Workspace
from tracker.flow import layers, order, route
from tracker.flow.board import STATE_COLUMNS, Arrow, Board, Card, Column, Lane, Mode, Stub, Zoom
from tracker.flow.route import Pair, Wiring


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
    Zoom.LINE: _Size(width=18, height=1, gap=0),
    Zoom.OVERVIEW: _Size(width=5, height=1, gap=0, left=1),
}
# Returns leave and enter a card on rows of their own, so a card one row high grows to this.
_WITH_RETURNS = 2
# From this many rows on a card has one for arrows whose first row is in use.
_TALL = 3
_NO_DEPARTMENT = 0
# What a tight layout may look at before it stops: about a second and a half.
_EFFORT = 6_000_000

# An end of arrows: the node, their kind, and whether they leave it.
End = tuple[int, LinkKind, bool]


def layout(
    ws: Workspace,
    *,
    tasks: Collection[int] | None = None,
    zoom: Zoom = Zoom.NORMAL,
    mode: Mode = "flow",
    previous: Board | None = None,
    folded: Collection[int] = (),
    folded_loops: Collection[int] = (),
    tight: bool = False,
    lane_order: Sequence[int | None] | None = None,
    cap: int | None = 8,
) -> Board:
    """Lay out `tasks` (default: all) as a board.

    `previous` keeps cards at their addresses as far as the arrows allow. `folded` are departments
    (0: none) whose lane shows a card for each column, `folded_loops` links of kind *returns* whose
    loop is one card. `tight` spends time on fewer crossings (network simplex). `cap` limits the
    tracks of a channel or bus; the longest arrows beyond it are hidden, and in mode *state* all.
    """
    net = _Net(ws, ws.tasks if tasks is None else sorted(set(tasks)), folded_loops)
    net.set_lanes(lane_order, everyone=tasks is None)
    if previous and previous.mode != mode:
        previous = None
    columns = net.place(mode, previous, tight)
    net.fold({None if lane == _NO_DEPARTMENT else lane for lane in folded})
    plan = _Plan(net, zoom, previous)
    return _draw(plan, mode, columns, 0 if mode == "state" else cap)


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


class _Net:
    """Tasks and links as numbered nodes and pairs; a node is a task or the tasks of a fold."""

    def __init__(self, ws: Workspace, tasks: Iterable[int], folded_loops: Collection[int]) -> None:
        self.ws = ws
        self._gather(_groups(ws, list(tasks), folded_loops))

    def _gather(self, groups: list[tuple[int, ...]]) -> None:
        """Number the groups of tasks and gather the links between them."""
        self.groups = groups
        node_of = {task: node for node, tasks in enumerate(groups) for task in tasks}
        self.needs: dict[Pair, list[Link]] = {}
        self.returns: dict[Pair, list[Link]] = {}
        for link in self.ws.links.values():
            source, target = node_of.get(link.source), node_of.get(link.target)
            if source is None or target is None:
                continue
            if source == target and len(groups[source]) > 1:
                continue
            pairs = self.needs if link.kind == "needs" else self.returns
            pairs.setdefault((source, target), []).append(link)
        self.before: list[list[int]] = [[] for _ in groups]
        self.after: list[list[int]] = [[] for _ in groups]
        for source, target in self.needs:
            self.after[source].append(target)
            self.before[target].append(source)

    def set_lanes(self, lane_order: Sequence[int | None] | None, *, everyone: bool) -> None:
        """Give each department a lane, those without tasks only on the whole board."""
        departments = [self.ws.tasks[tasks[0]].department for tasks in self.groups]
        present = set(departments)
        if lane_order is None:
            shown = sorted(self.ws.departments.values(), key=lambda d: (d.order, d.id))
            lane_order = [d.id for d in shown]
        self.lanes: list[int | None] = [d for d in lane_order if everyone or d in present]
        known = set(self.lanes)
        self.lanes += sorted(present - known - {None}, key=lambda d: d or 0)
        if None not in known and (None in present or not self.lanes):
            self.lanes.append(None)
        index = {name: i for i, name in enumerate(self.lanes)}
        self.lane = [index[name] for name in departments]
        self.folded: set[int] = set()

    def place(self, mode: Mode, previous: Board | None, tight: bool) -> int:
        """Set the column of every node and return the number of columns."""
        if mode == "state":
            states = {state: i for i, state in enumerate(STATE_COLUMNS)}
            states["dropped"] = states["done"]
            self.column = [states[self.ws.tasks[tasks[0]].state] for tasks in self.groups]
            return len(STATE_COLUMNS)
        sequence = layers.topological(self.before, self.after)
        if previous:
            kept = [previous.cards.get(tasks[0]) for tasks in self.groups]
            wishes = [-1 if card is None else card.column for card in kept]
            self.column = layers.keep(wishes, self.before, self.after, sequence)
        else:
            self.column = layers.longest_path(self.before, sequence)
            layers.tighten(self.column, self.before, self.after, sequence)
            if tight:
                layers.shorten(self.column, self.before, self.after, _EFFORT)
            layers.compact(self.column)
        loose = [
            node
            for node, (into, out) in enumerate(zip(self.before, self.after, strict=True))
            if not into and not out and (previous is None or wishes[node] < 0)
        ]
        order.scatter(loose, self.column, self.lane)
        return max(self.column, default=-1) + 1

    def fold(self, departments: Collection[int | None]) -> None:
        """Replace the tasks of a column of a folded lane by one node."""
        self.folded = {i for i, name in enumerate(self.lanes) if name in departments}
        if not self.folded:
            return
        merged: dict[tuple[int, int, int], list[int]] = {}
        for node, (column, lane) in enumerate(zip(self.column, self.lane, strict=True)):
            alone = -1 if lane in self.folded else node
            merged.setdefault((column, lane, alone), []).append(node)
        groups = [
            tuple(task for node in nodes for task in self.groups[node]) for nodes in merged.values()
        ]
        self.column = [column for column, _, _ in merged]
        self.lane = [lane for _, lane, _ in merged]
        self._gather(groups)


def _groups(
    ws: Workspace, tasks: list[int], folded_loops: Collection[int]
) -> list[tuple[int, ...]]:
    """Return the tasks one by one, those of a folded loop together, its target first.

    Loops that share a task, or whose union something leaves and enters again, are one group.
    """
    if not folded_loops:
        return [(task,) for task in tasks]
    group_of = {task: task for task in tasks}
    for key in folded_loops:
        link = ws.links.get(key)
        if link is None or link.source == link.target:
            continue
        body = {link.source, link.target} | graph.between(ws, link.target, link.source)
        if body <= group_of.keys() and link.source in graph.downstream(ws, link.target):
            joined = {group_of[task] for task in body}
            head = group_of[link.target]
            group_of = {t: head if group in joined else group for t, group in group_of.items()}
    members: dict[int, list[int]] = {}
    for task, group in group_of.items():
        members.setdefault(group, []).append(task)

    def after(group: int) -> list[int]:
        ahead = [t for task in members[group] for t in graph.successors(ws, task)]
        return sorted({group_of[t] for t in ahead if t in group_of} - {group})

    found = []
    for component in graph.components(members, after):
        head = min([g for g in component if len(members[g]) > 1] or component)
        rest = sorted(task for group in component for task in members[group])
        found.append((head, *[task for task in rest if task != head]))
    return sorted(found)


class _Plan:
    """Where every node of a net stands: its band, a band being one slot of one lane."""

    def __init__(self, net: _Net, zoom: Zoom, previous: Board | None) -> None:
        self.net, self.zoom, self.size = net, zoom, _SIZES[zoom]
        found = order.cells(net.column, net.lane)
        lanes = len(net.lanes)
        if previous is None:
            self.slots = order.heights(found, lanes)
            order.sort_cells(found, self.slots, net.before, net.after)
            self.slot = order.slots(found, self.slots, net.before, net.after)
        else:
            self.slots = [1] * lanes
            names = {lane: i for i, lane in enumerate(net.lanes)}
            for lane in previous.lanes:
                if lane.department in names and not lane.folded:
                    self.slots[names[lane.department]] = lane.slots
            wishes = []
            for node, tasks in enumerate(net.groups):
                card = previous.cards.get(tasks[0])
                same = (
                    card is not None
                    and card.column == net.column[node]
                    and previous.lanes[card.lane].department == net.lanes[net.lane[node]]
                )
                wishes.append(card.slot if card is not None and same else -1)
            self.slot = order.keep(wishes, found, self.slots, net.before, net.after)
        self.first_band = [0]
        for count in self.slots:
            self.first_band.append(self.first_band[-1] + count)
        self.bands = self.first_band[-1]
        self.band = [
            self.first_band[lane] + slot for lane, slot in zip(net.lane, self.slot, strict=True)
        ]
        self._set_heights()

    def _set_heights(self) -> None:
        """Set the rows of cards and bands: an empty lane has one, a folded one no more."""
        net, full = self.net, self.size.height
        low = {band for lane in net.folded for band in self._bands(lane)}
        self.height = [1 if band in low else full for band in self.band]
        for pair in net.returns:
            for node in pair:
                self.height[node] = max(self.height[node], _WITH_RETURNS)
        filled = set(net.lane)
        self.band_height = [full] * self.bands
        for lane in range(len(net.lanes)):
            if lane not in filled or lane in net.folded:
                for band in self._bands(lane):
                    self.band_height[band] = 1
        for band, height in zip(self.band, self.height, strict=True):
            self.band_height[band] = max(self.band_height[band], height)
        self.tall = [height >= _TALL for height in self.band_height]

    def _bands(self, lane: int) -> range:
        return range(self.first_band[lane], self.first_band[lane + 1])


def _draw(plan: _Plan, mode: Mode, columns: int, cap: int | None) -> Board:
    """Route the arrows of a plan and put everything at its cells."""
    net, size = plan.net, plan.size
    wiring = Wiring(
        net.column, plan.band, plan.tall, list(net.needs), list(net.returns), columns, cap
    )
    rows = _Rows(plan, wiring)
    exit_y = [rows.band_y[band] for band in plan.band]
    back_y = [(y + (tall > 1), y + tall - 1) for y, tall in zip(exit_y, plan.height, strict=True)]
    wiring.trunks(exit_y, back_y, rows.bus_y)
    stubs = _count_stubs(plan, wiring)
    zones, places, width = _columns(plan, mode, wiring, stubs)
    cards: dict[int, Card] = {}
    for node, tasks in enumerate(net.groups):
        card = Card(
            tasks[0],
            net.lane[node],
            net.column[node],
            plan.slot[node],
            places[net.column[node]].x,
            exit_y[node],
            size.width,
            plan.height[node],
            tasks,
        )
        for task in tasks:
            cards[task] = card
    arrows: dict[int, Arrow] = {}
    ways = _Ways(plan, wiring, rows, zones, places)
    for arrow, ((source, target), links) in enumerate(net.needs.items()):
        y = exit_y[source], wiring.entry_y[target]
        hidden = wiring.row[arrow] == route.HIDDEN
        way = ways.needs(source, target, y[0], wiring.row_y[arrow], y[1], hidden)
        for link in links:
            arrows[link.id] = Arrow(
                link.id,
                "needs",
                link.source,
                link.target,
                *way,
                hidden,
                hidden and wiring.spare > 1,
            )
    for arrow, ((source, target), links) in enumerate(net.returns.items()):
        y = back_y[source][0], back_y[target][1]
        hidden = wiring.hidden_back[arrow]
        way = ways.returns(source, target, y[0], wiring.row_y_back[arrow], y[1], hidden)
        for link in links:
            arrows[link.id] = Arrow(
                link.id,
                "returns",
                link.source,
                link.target,
                *way,
                hidden,
                hidden and wiring.spare_back > 1,
            )
    return Board(
        width=width,
        height=rows.height,
        zoom=plan.zoom,
        mode=mode,
        lanes=rows.lanes,
        columns=places,
        cards=cards,
        arrows=arrows,
        stubs=tuple(_place_stubs(plan, stubs, cards)),
    )


class _Rows:
    """The first row of every band and bus, and the spare rows between lanes.

    Between two lanes lie the tracks of their bus, the spare rows for hidden returns and for hidden
    `needs`, and the separator, which is the last of them.
    """

    def __init__(self, plan: _Plan, wiring: Wiring) -> None:
        first = plan.first_band
        starts = set(first[1:-1])
        # The separator itself is spare too; one lane has none, so the rows are below it.
        spare = max(0, wiring.spare - 1) + wiring.spare_back
        alone = spare + bool(wiring.spare + wiring.spare_back) if len(first) == 2 else 0
        self.band_y: list[int] = []
        self.bus_y: list[int] = []
        y = 0
        for bus in range(plan.bands + 1):
            self.bus_y.append(y)
            tracks = wiring.tracks[bus]
            if bus in starts:
                y += tracks + spare + 1
            elif bus < plan.bands:
                y += max(tracks, plan.size.gap) if bus else tracks
                self.band_y.append(y)
            else:
                y += tracks + alone
            if bus in starts:
                self.band_y.append(y)
            if bus < plan.bands:
                y += plan.band_height[bus]
        self.height = y
        lanes = []
        for i, name in enumerate(plan.net.lanes):
            top = self.band_y[first[i]]
            last = i + 1 == len(plan.net.lanes)
            bottom = y if last else self.band_y[first[i + 1]] - 1
            lanes.append(Lane(name, top, bottom - top, plan.slots[i], i in plan.net.folded))
        self.lanes = tuple(lanes)

    def last_spare(self, source: int, target: int) -> int:
        """Return the last spare row between two lanes, or else beside the one lane."""
        if len(self.lanes) == 1:
            return self.height - 1
        lower = max(source, target) if source != target else max(source, 1)
        return self.lanes[lower].y - 1


def _columns(
    plan: _Plan,
    mode: Mode,
    wiring: Wiring,
    stubs: Sequence[_Count],
) -> tuple[list[list[int]], tuple[Column, ...], int]:
    """Return the first cell of each zone of each channel, the columns, and the board's width.

    A column without cards keeps its number but takes no cells.
    """
    size, columns = plan.size, wiring.columns
    right = [0] * (columns + 1)
    left = [0] * (columns + 1)
    for column in set(plan.net.column):
        right[column + 1] = size.right
        if column or any(wiring.widths[0]):
            left[column] = size.left
    for stub in stubs:
        column = plan.net.column[stub.node]
        side, at = (right, column + 1) if stub.out else (left, column)
        side[at] = max(side[at], stub.offset + stub.width)
    used = set(plan.net.column)
    zones: list[list[int]] = []
    places: list[Column] = []
    x = 0
    for channel, widths in enumerate(wiring.widths):
        x += right[channel]
        starts = []
        for cells in widths:
            starts.append(x)
            x += cells
        zones.append(starts)
        if channel < columns:
            x += left[channel]
            cells = size.width if channel in used or mode == "state" else 0
            places.append(Column(x, cells, STATE_COLUMNS[channel] if mode == "state" else ""))
            x += cells
    return zones, tuple(places), x


class _Ways:
    """The cells of each arrow, as the fields of `Arrow` from `start_x` to `end_x`."""

    def __init__(
        self,
        plan: _Plan,
        wiring: Wiring,
        rows: _Rows,
        zones: list[list[int]],
        places: tuple[Column, ...],
    ) -> None:
        self.column, self.lane = plan.net.column, plan.net.lane
        self.wiring, self.rows = wiring, rows
        self.zones = zones
        self.starts = [place.x + plan.size.width for place in places]
        self.ends = [place.x - 1 for place in places]

    def needs(
        self, source: int, target: int, start_y: int, row_y: int, end_y: int, hidden: bool
    ) -> tuple[int, int, int, int, int, int, int]:
        """Return the way of a `needs` arrow."""
        if hidden:
            above = max(0, self.wiring.spare - 1)
            start, end = self.column[source], self.column[target]
            out_x = self.zones[start + 1][route.FAN] + self.wiring.spare_place[start + 1]
            in_x = self.zones[end][route.FAN] + self.wiring.spare_place[end]
            return self._hidden(source, target, start_y, end_y, out_x, in_x, above)
        start, end = self.column[source], self.column[target]
        out_x = self.zones[start + 1][route.FAN] + self.wiring.out_place[source]
        in_x = self.zones[end][route.FAN] + self.wiring.in_place[target]
        return self._way(start, end, start_y, row_y, end_y, out_x, in_x)

    def returns(
        self, source: int, target: int, start_y: int, row_y: int, end_y: int, hidden: bool
    ) -> tuple[int, int, int, int, int, int, int]:
        """Return the way of a `returns` arrow."""
        if hidden:
            out_x = self.zones[self.column[source] + 1][route.SPARE_BACK_OUT]
            in_x = self.zones[self.column[target]][route.SPARE_BACK_IN]
            above = max(1, self.wiring.spare) + self.wiring.spare_back - 1
            return self._hidden(source, target, start_y, end_y, out_x, in_x, above)
        start, end = self.column[source], self.column[target]
        out_x = self.zones[start + 1][route.BACK_OUT] + self.wiring.back_out_place[source]
        in_x = self.zones[end][route.BACK_IN] + self.wiring.back_in_place[target]
        return self._way(start, end, start_y, row_y, end_y, out_x, in_x)

    def _way(
        self, start: int, end: int, start_y: int, row_y: int, end_y: int, out_x: int, in_x: int
    ) -> tuple[int, int, int, int, int, int, int]:
        if row_y == start_y:
            out_x = self.starts[start] if row_y == end_y else in_x
        if row_y == end_y:
            in_x = out_x
        return self.starts[start], start_y, out_x, row_y, in_x, end_y, self.ends[end]

    def _hidden(
        self, source: int, target: int, start_y: int, end_y: int, out_x: int, in_x: int, above: int
    ) -> tuple[int, int, int, int, int, int, int]:
        start, end = self.column[source], self.column[target]
        row_y = self.rows.last_spare(self.lane[source], self.lane[target]) - above
        return self.starts[start], start_y, out_x, row_y, in_x, end_y, self.ends[end]


class _Count(msgspec.Struct, frozen=True):
    """A stub before its cells are known: `offset` cells from the edge of its card."""

    node: int
    kind: LinkKind
    out: bool
    count: int
    row: int
    offset: int

    @property
    def width(self) -> int:
        """The cells of the number and its arrowhead."""
        return len(str(self.count)) + 1


def _count_stubs(plan: _Plan, wiring: Wiring) -> list[_Count]:
    """Count the hidden arrows at each node, on rows where no arrow leaves or arrives if possible.

    Where a card has no such row the number stands on the line itself, or behind another one.
    """
    counts: dict[End, int] = {}
    busy: dict[tuple[int, bool, int], int] = {}
    hidden = [row == route.HIDDEN for row in wiring.row]
    kinds: tuple[tuple[LinkKind, Mapping[Pair, list[Link]], list[bool]], ...] = (
        ("needs", plan.net.needs, hidden),
        ("returns", plan.net.returns, wiring.hidden_back),
    )
    for kind, pairs, gone in kinds:
        for ((source, target), links), away in zip(pairs.items(), gone, strict=True):
            if away:
                counts[source, kind, True] = counts.get((source, kind, True), 0) + len(links)
                counts[target, kind, False] = counts.get((target, kind, False), 0) + len(links)
            elif kind == "needs":
                busy[source, True, 0] = 0
                busy[target, False, int(wiring.low_entry[target])] = 0
            else:
                busy[source, True, min(1, plan.height[source] - 1)] = 0
                busy[target, False, plan.height[target] - 1] = 0
    stubs = []
    for (node, kind, out), count in counts.items():
        first = 0 if kind == "needs" else plan.height[node] - 1
        rows = sorted(range(plan.height[node]), key=lambda row: abs(row - first))
        row = next((row for row in rows if (node, out, row) not in busy), first)
        offset = busy.get((node, out, row), 0)
        stubs.append(_Count(node, kind, out, count, row, offset))
        busy[node, out, row] = offset + stubs[-1].width
    return stubs


def _place_stubs(plan: _Plan, stubs: Sequence[_Count], cards: Mapping[int, Card]) -> Iterable[Stub]:
    for stub in stubs:
        card = cards[plan.net.groups[stub.node][0]]
        if stub.out:
            x = card.x + card.width + stub.offset
        else:
            x = card.x - stub.offset - stub.width
        yield Stub(card.task, stub.kind, stub.out, stub.count, x, card.y + stub.row, stub.width)
