"""The dependency board as places in cells: who stands where, and which way every arrow goes."""

from __future__ import annotations

import enum
import functools
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import msgspec

from tracker.domain import graph
from tracker.domain.model import Link
from tracker.domain.workspace import Workspace
from tracker.flow import layers, order
from tracker.flow.route import Wiring

Mode = Literal["flow", "state"]
Direction = Literal["left", "right", "up", "down"]

# The columns of mode *state*; `dropped` tasks stand with the done ones.
STATE_COLUMNS = ("todo", "doing", "waiting", "recheck", "done")


class Zoom(enum.IntEnum):
    """How much of a task a card shows; the number grows as the cards shrink."""

    DETAIL = 0
    NORMAL = 1
    LINE = 2
    OVERVIEW = 3


class Card(msgspec.Struct, frozen=True, gc=False):
    """Where a task stands: `lane`, `column` and `slot` are its address, the rest is in cells.

    `tasks` are all tasks it stands for: one, or those of a folded lane's column or of a folded
    loop. The left edge is the cell at `x`, the first row the one at `y`.
    """

    task: int
    lane: int
    column: int
    slot: int
    x: int
    y: int
    width: int
    height: int
    tasks: tuple[int, ...] = ()


class Lane(msgspec.Struct, frozen=True, gc=False):
    """The rows of a department (None: of the tasks that have none), separator left out.

    The separator is the row above `y`; lane 0 has none.
    """

    department: int | None
    y: int
    height: int
    folded: bool = False


class Column(msgspec.Struct, frozen=True, gc=False):
    """The cells of a column of cards; `state` is its heading in mode *state*, else empty."""

    x: int
    width: int
    state: str = ""


class Arrow(msgspec.Struct, frozen=True, gc=False):
    """The way of a link from the cell beside its source to the arrowhead beside its target.

    Five lines, some of them empty: along `start_y` from `start_x` to `out_x`, down or up to
    `bus_y`, along it to `in_x`, up or down to `end_y`, along it to the arrowhead at `end_x`.
    A `hidden` arrow is not drawn but counted in the stubs at both its ends; the way it then has
    is the one to draw while one of its ends is in focus.
    """

    link: int
    kind: Literal["needs", "returns"]
    source: int
    target: int
    start_x: int
    start_y: int
    out_x: int
    bus_y: int
    in_x: int
    end_y: int
    end_x: int
    hidden: bool = False

    @property
    def path(self) -> tuple[tuple[int, int], ...]:
        """The corners of its way, both ends included, as (x, y)."""
        corners = [(self.start_x, self.start_y)]
        for point in (
            (self.out_x, self.start_y),
            (self.out_x, self.bus_y),
            (self.in_x, self.bus_y),
            (self.in_x, self.end_y),
            (self.end_x, self.end_y),
        ):
            if point == corners[-1]:
                continue
            if len(corners) > 1:
                (x0, y0), (x1, y1) = corners[-2:]
                if x0 == x1 == point[0] or y0 == y1 == point[1]:
                    corners.pop()
            corners.append(point)
        return tuple(corners)


class Stub(msgspec.Struct, frozen=True, gc=False):
    """A count of hidden arrows that leave (`out`) or reach a task, e.g. `3►`.

    It starts at `x` and is `width` cells wide, arrowhead included.
    """

    task: int
    out: bool
    count: int
    x: int
    y: int
    width: int


class Board(msgspec.Struct, frozen=True, dict=True):
    """A layout: everything in cells from the top left corner, lane headers not included.

    `cards` maps the id of every task shown to its card (the tasks of a fold share one), `arrows`
    the id of every link with both ends shown.
    """

    width: int
    height: int
    zoom: Zoom
    mode: Mode
    lanes: tuple[Lane, ...]
    columns: tuple[Column, ...]
    cards: Mapping[int, Card]
    arrows: Mapping[int, Arrow]
    stubs: tuple[Stub, ...] = ()

    @functools.cached_property
    def index(self) -> Index:
        """What lies where, for painting a window without a look at the rest."""
        return Index(self)

    def nearest(self, task: int, direction: Direction) -> int | None:
        """Return the task of the nearest card in a direction, None at the edge.

        Up and down stay in the column where they can; left and right prefer the same row.
        """
        at = self.cards.get(task)
        if at is None:
            return None
        found: tuple[tuple[int, int, int], int] | None = None
        for card in self.cards.values():
            across, along = card.column - at.column, card.y - at.y
            if direction in ("up", "down"):
                ahead, aside = (along if direction == "down" else -along), abs(across)
                rank = (aside, ahead, card.task)
            else:
                ahead, aside = (across if direction == "right" else -across), abs(along)
                rank = (ahead, aside, card.task)
            if ahead > 0 and (found is None or rank < found[0]):
                found = rank, card.task
        return found[1] if found else None

    def at(self, x: int, y: int) -> int | None:
        """Return the task whose card covers a cell."""
        for card in self.cards.values():
            if card.x <= x < card.x + card.width and card.y <= y < card.y + card.height:
                return card.task
        return None


# Cells of a row that share one list of the arrows in them.
_STRETCH = 128


class Index:
    """Cards, arrows and stubs of a board by where they lie."""

    def __init__(self, board: Board) -> None:
        self.columns = [column.x for column in board.columns]
        self.column_width = max((column.width for column in board.columns), default=0)
        self.cards: list[list[Card]] = [[] for _ in board.columns]
        for card in {card.task: card for card in board.cards.values()}.values():
            self.cards[card.column].append(card)
        for cards in self.cards:
            cards.sort(key=lambda card: card.y)
        self.separators = frozenset(lane.y - 1 for lane in board.lanes[1:])
        self.stubs: dict[int, list[Stub]] = {}
        for stub in board.stubs:
            self.stubs.setdefault(stub.y, []).append(stub)
        self.along: dict[int, list[Arrow]] = {}
        self.across: dict[tuple[int, int], list[Arrow]] = {}
        for arrow in board.arrows.values():
            if not arrow.hidden:
                self._add(arrow)

    def _add(self, arrow: Arrow) -> None:
        out_x, in_x, bus_y = arrow.out_x, arrow.in_x, arrow.bus_y
        if arrow.start_y != bus_y:
            self.along.setdefault(out_x, []).append(arrow)
        if arrow.end_y != bus_y:
            self.along.setdefault(in_x, []).append(arrow)
        for y, a, b in (
            (arrow.start_y, arrow.start_x, out_x),
            (bus_y, out_x, in_x),
            (arrow.end_y, in_x, arrow.end_x),
        ):
            low, high = (a, b) if a < b else (b, a)
            for stretch in range(low // _STRETCH, high // _STRETCH + 1):
                self.across.setdefault((y, stretch), []).append(arrow)

    def arrows_within(self, x: int, y: int, width: int, height: int) -> Collection[Arrow]:
        """Return the arrows drawn in a window, and perhaps a few near it."""
        found: dict[int, Arrow] = {}
        across, along = self.across, self.along
        for row in range(y, y + height):
            for stretch in range(x // _STRETCH, (x + width - 1) // _STRETCH + 1):
                for arrow in across.get((row, stretch), ()):
                    found[arrow.link] = arrow
        end = y + height
        for column in range(x, x + width):
            for arrow in along.get(column, ()):
                rows = arrow.start_y, arrow.bus_y, arrow.end_y
                if min(rows) < end and max(rows) >= y:
                    found[arrow.link] = arrow
        return found.values()

    def cards_within(self, x: int, y: int, width: int, height: int) -> list[Card]:
        """Return the cards of which some cell lies in a window."""
        first = bisect_right(self.columns, x - self.column_width)
        last = bisect_left(self.columns, x + width)
        found: list[Card] = []
        for cards in self.cards[first:last]:
            start = bisect_right(cards, y, key=lambda card: card.y + card.height - 1)
            start -= bool(start) and cards[start - 1].y + cards[start - 1].height > y
            for card in cards[start:]:
                if card.y >= y + height:
                    break
                found.append(card)
        return found

    def stubs_within(self, x: int, y: int, width: int, height: int) -> list[Stub]:
        """Return the stubs of which some cell lies in a window."""
        return [
            stub
            for row in range(y, y + height)
            for stub in self.stubs.get(row, ())
            if stub.x < x + width and stub.x + stub.width > x
        ]


class _Size(msgspec.Struct, frozen=True):
    """The cells of a card at a zoom, the blank rows between cards, and the free cells at a card's
    right and left edge in a channel.
    """

    width: int
    height: int
    gap: int
    margin_right: int = 1
    margin_left: int = 2


_SIZES = {
    Zoom.DETAIL: _Size(width=26, height=4, gap=1),
    Zoom.NORMAL: _Size(width=18, height=3, gap=1),
    Zoom.LINE: _Size(width=18, height=1, gap=0),
    Zoom.OVERVIEW: _Size(width=5, height=1, gap=0, margin_left=1),
}


def layout(
    ws: Workspace,
    *,
    tasks: Collection[int] | None = None,
    zoom: Zoom = Zoom.NORMAL,
    mode: Mode = "flow",
    previous: Board | None = None,
    folded: frozenset[int] = frozenset(),
    folded_loops: frozenset[int] = frozenset(),
    tight: bool = False,
    lane_order: Sequence[int | None] | None = None,
    cap: int | None = 8,
) -> Board:
    """Lay out `tasks` (default: all) as a board.

    `previous` keeps cards at their addresses as far as the arrows allow. `folded` are departments
    (0: none) whose lane is one row of counts, `folded_loops` links of kind *returns* whose loop is
    one card. `tight` spends time on fewer crossings (network simplex). `cap` limits the tracks of
    a channel; the longest arrows beyond it are hidden.
    """
    size = _SIZES[zoom]
    ids = list(ws.tasks if tasks is None else sorted(set(tasks)))
    node_of = {task: node for node, task in enumerate(ids)}
    departments = [ws.tasks[task].department for task in ids]
    shown = sorted(ws.departments.values(), key=lambda d: (d.order, d.id))
    present = set(departments)
    names: list[int | None] = [d.id for d in shown if tasks is None or d.id in present]
    if None in present or not names:
        names.append(None)
    lane_index = {name: i for i, name in enumerate(names)}
    lane = [lane_index[name] for name in departments]
    needs: dict[tuple[int, int], list[Link]] = {}
    returns: dict[tuple[int, int], list[Link]] = {}
    for link in ws.links.values():
        source, target = node_of.get(link.source), node_of.get(link.target)
        if source is not None and target is not None:
            kind = needs if link.kind == "needs" else returns
            kind.setdefault((source, target), []).append(link)
    before: list[list[int]] = [[] for _ in ids]
    after: list[list[int]] = [[] for _ in ids]
    for source, target in needs:
        after[source].append(target)
        before[target].append(source)
    sequence = layers.topological(before, after)
    column = layers.longest_path(before, sequence)
    layers.tighten(column, before, after, sequence)
    columns = layers.compact(column)
    found = order.cells(column, lane)
    slots = order.heights(found, len(names))
    order.sort_cells(found, slots, before, after)
    slot = order.slots(found, slots, before, after)

    first_band = [0]
    for count in slots:
        first_band.append(first_band[-1] + count)
    band = [first_band[lane[node]] + slot[node] for node in range(len(ids))]
    bands = first_band[-1]
    used = [False] * bands
    for at in band:
        used[at] = True
    tall = [size.height > 2] * bands
    band_height = [size.height if there else 1 for there in used]
    wiring = Wiring(column, band, tall, list(needs), list(returns))
    card_height = [size.height] * len(ids)
    if size.height == 1:
        for pair in returns:
            for node in pair:
                card_height[node] = band_height[band[node]] = 2

    starts = set(first_band[1:-1])
    band_y: list[int] = []
    bus_y: list[int] = []
    y = 0
    for at in range(bands + 1):
        bus_y.append(y)
        if at in starts:
            y += wiring.tracks[at] + 1
        else:
            y += max(wiring.tracks[at], size.gap if 0 < at < bands else 0)
        if at < bands:
            band_y.append(y)
            y += band_height[at]
    height = y
    card_y = [band_y[at] for at in band]
    back = [(y + min(1, tall - 1), y + tall - 1) for y, tall in zip(card_y, card_height)]
    wiring.trunks(card_y, back, bus_y)

    x = 0
    zones: list[list[int]] = []
    places: list[Column] = []
    for at, widths in enumerate(wiring.widths):
        if at:
            x += size.margin_right
        zone = []
        for width in widths:
            zone.append(x)
            x += width
        zones.append(zone)
        if at < columns:
            if at or any(widths):
                x += size.margin_left
            places.append(Column(x, size.width))
            x += size.width
    width = x

    cards = {
        task: Card(
            task,
            lane[node],
            column[node],
            slot[node],
            places[column[node]].x,
            card_y[node],
            size.width,
            card_height[node],
        )
        for node, task in enumerate(ids)
    }
    arrows: dict[int, Arrow] = {}
    for kind, pairs, rows, out_zone, in_zone in (
        ("needs", needs, wiring.row_y, 1, 2),
        ("returns", returns, wiring.row_y_back, 0, 3),
    ):
        for arrow, ((source, target), links) in enumerate(pairs.items()):
            row_y = rows[arrow]
            start_x = places[column[source]].x + size.width
            end_x = places[column[target]].x - 1
            start_y = card_y[source] if kind == "needs" else back[source][0]
            end_y = wiring.entry_y[target] if kind == "needs" else back[target][1]
            out_x = in_x = -1
            if row_y != start_y:
                out_x = zones[column[source] + 1][out_zone] + wiring.place[out_zone][source]
            if row_y != end_y:
                in_x = zones[column[target]][in_zone] + wiring.place[in_zone][target]
            if out_x < 0:
                out_x = start_x if in_x < 0 else in_x
            if in_x < 0:
                in_x = out_x
            for link in links:
                arrows[link.id] = Arrow(
                    link.id,
                    kind,
                    link.source,
                    link.target,
                    start_x,
                    start_y,
                    out_x,
                    row_y,
                    in_x,
                    end_y,
                    end_x,
                )
    lanes = []
    for i, name in enumerate(names):
        top = band_y[first_band[i]]
        bottom = band_y[first_band[i + 1]] - 1 if i + 1 < len(names) else height
        lanes.append(Lane(name, top, bottom - top))
    return Board(
        width=width,
        height=height,
        zoom=zoom,
        mode=mode,
        lanes=tuple(lanes),
        columns=tuple(places),
        cards=cards,
        arrows=arrows,
    )
