"""A laid-out board in cells: cards, lanes, columns and arrows, and what lies where."""

from __future__ import annotations

import enum
import functools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import msgspec

from tracker.domain.model import Department, Entity, Link, Task
from tracker.domain.workspace import Workspace
from tracker.flow.net import Net
from tracker.flow.tracks import Packed

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

    The separator is the row above `y`; lane 0 has none. `slots` are the cards that fit above each
    other.
    """

    department: int | None
    y: int
    height: int
    slots: int
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
    is the one to draw while one of its ends is in focus, see `revealed`. `double` says that a
    second track is kept free beside it. `via` is the bus it runs in, or tells how it goes without.
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
    double: bool = False
    via: int = -1

    def revealed(self, focus: Collection[int]) -> Arrow:
        """Return a hidden arrow as drawn while the tasks of one card are in focus.

        Ways to that card take the second track, where there is one, so that they do not run
        together with the ways out of it.
        """
        if not self.double or self.target not in focus or self.source in focus:
            return self
        return msgspec.structs.replace(
            self, out_x=self.out_x + 1, bus_y=self.bus_y + 1, in_x=self.in_x + 1
        )

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
    """A count of the hidden arrows of a kind that leave (`out`) or reach a task, e.g. `3►`.

    It starts at `x` and is `width` cells wide, arrowhead included.
    """

    task: int
    kind: Literal["needs", "returns"]
    out: bool
    count: int
    x: int
    y: int
    width: int


class Room(msgspec.Struct, frozen=True):
    """The room a layout made for arrows, which the next keeps, so that it does not shift the page.

    `buses` are the tracks above a slot of a lane, `channels` the cells of each channel: those at
    its right and left edge cards, then those of its zones. `packed` are the zones of all channels
    with what stands in them and where, so that only those in which something changed are packed
    again.
    """

    buses: Mapping[tuple[int, int], int]
    channels: Sequence[Sequence[int]]
    packed: Sequence[Packed]


class Basis(msgspec.Struct, frozen=True):
    """What a board was made from: a workspace, and the wishes of `layout`."""

    ws: Workspace
    tasks: frozenset[int] | None
    zoom: Zoom
    mode: Mode
    folded: frozenset[int]
    folded_loops: frozenset[int]
    lane_order: tuple[int | None, ...] | None
    cap: int | None

    def net(self) -> Net:
        """Return the tasks to show and their links, no lane folded yet."""
        ws, shown = self.ws, self.tasks
        return Net(
            ws, ws.tasks if shown is None else sorted(shown & ws.tasks.keys()), self.folded_loops
        )

    def shows_the_same(self, other: Basis) -> bool:
        """Tell whether another basis differs in nothing that shows in the layout."""
        old, new = self.ws, other.ws
        return (
            self == msgspec.structs.replace(other, ws=old)
            and _all_alike(old.departments, new.departments, _same_seat)
            and _all_alike(old.links, new.links, _same_ends)
            and _all_alike(
                old.tasks, new.tasks, _same_state if self.mode == "state" else _same_lane
            )
        )


def _all_alike(
    old: Mapping[int, Entity], new: Mapping[int, Entity], alike: Callable[[Any, Any], bool]
) -> bool:
    """Tell whether two tables hold the same entities, or such as are alike."""
    if old is new:
        return True
    pairs = zip(old.values(), new.values(), strict=False)
    return len(old) == len(new) and all(a is b or (a.id == b.id and alike(a, b)) for a, b in pairs)


def _same_seat(a: Department, b: Department) -> bool:
    return a.order == b.order


def _same_ends(a: Link, b: Link) -> bool:
    return (a.kind, a.source, a.target) == (b.kind, b.source, b.target)


def _same_lane(a: Task, b: Task) -> bool:
    return a.department == b.department


def _same_state(a: Task, b: Task) -> bool:
    return a.department == b.department and a.state == b.state


class Board(msgspec.Struct, frozen=True, dict=True):
    """A layout: everything in cells from the top left corner, lane headers not included.

    `cards` maps the id of every task shown to its card (the tasks of a fold share one), `arrows`
    the id of every link with both ends shown. `opened` columns were put before the first since the
    board was laid out anew: less these a card keeps its column.
    """

    basis: Basis

    width: int
    height: int
    zoom: Zoom
    mode: Mode
    lanes: tuple[Lane, ...]
    columns: tuple[Column, ...]
    cards: Mapping[int, Card]
    arrows: Mapping[int, Arrow]
    stubs: tuple[Stub, ...]
    room: Room
    opened: int = 0

    @functools.cached_property
    def net(self) -> Net:
        """Its tasks and links as nodes and pairs."""
        return self.basis.net()

    @functools.cached_property
    def index(self) -> Index:
        """What lies where, for painting a window without a look at the rest."""
        return Index(self)

    def succeed(self, earlier: Board) -> None:
        """Find what lies where by what is known of an earlier board, if that was painted."""
        if "index" in vars(earlier):
            vars(self)["index"] = Index(self, earlier.index)

    def open(self, columns: int) -> Board:
        """Return the addresses and the room of a board before which some empty columns are put."""
        replace = msgspec.structs.replace
        empty = (0,) * len(self.room.channels[0])
        nothing = Packed((), {}, {}, {})
        return replace(
            self,
            cards={
                t: replace(card, column=card.column + columns) for t, card in self.cards.items()
            },
            room=replace(
                self.room,
                channels=[*[empty] * columns, *self.room.channels],
                packed=[*[nothing] * columns, *self.room.packed],
            ),
            opened=self.opened + columns,
        )

    def crossings(self) -> int:
        """Count the cells in which a line breaks for another."""
        across: dict[int, list[tuple[int, int]]] = {}
        along: dict[int, list[tuple[int, int]]] = {}
        turns: set[tuple[int, int]] = set()
        for arrow in self.arrows.values():
            if arrow.hidden:
                continue
            path = arrow.path
            turns.update(path)
            for (x0, y0), (x1, y1) in pairwise(path):
                if y0 == y1:
                    across.setdefault(y0, []).append((min(x0, x1), max(x0, x1)))
                else:
                    along.setdefault(x0, []).append((min(y0, y1), max(y0, y1)))
        lines = {y: _merged(spans) for y, spans in across.items()}
        count = 0
        for x, spans in along.items():
            for first, last in zip(*_merged(spans), strict=True):
                for y in range(first + 1, last):
                    if y in lines and (x, y) not in turns:
                        starts, ends = lines[y]
                        at = bisect_left(starts, x) - 1
                        count += at >= 0 and x < ends[at]
        return count

    def length(self) -> int:
        """Add up the cells of all arrows drawn, each by itself."""
        return sum(
            abs(x1 - x0) + abs(y1 - y0)
            for arrow in self.arrows.values()
            if not arrow.hidden
            for (x0, y0), (x1, y1) in pairwise(arrow.path)
        )

    def nearest(self, task: int, direction: Direction) -> int | None:
        """Return the task of the nearest card in a direction, None at the edge.

        Up and down stay in the column while it has a card there; left and right weigh a row like
        three cells, so that they rather keep the row than take the next column.
        """
        here = self.cards.get(task)
        if here is None:
            return None
        ahead = 1 if direction in ("right", "down") else -1
        if direction in ("up", "down"):
            spread = range(len(self.columns))
            for aside in spread:
                for column in sorted({here.column - aside, here.column + aside}):
                    if column in spread and (card := self._beyond(column, here.y, ahead)):
                        return card.task
            return None
        best: tuple[int, Card] | None = None
        column = here.column + ahead
        while 0 <= column < len(self.columns):
            across = abs(self.columns[column].x - here.x)
            if best and across >= best[0]:
                break
            for card in self._around(column, here.y):
                cost = across + 3 * abs(card.y - here.y)
                if best is None or cost < best[0]:
                    best = cost, card
            column += ahead
        return best[1].task if best else None

    def _beyond(self, column: int, y: int, ahead: int) -> Card | None:
        """Return the first card of a column below (`ahead` 1) or above a row."""
        cards = self.index.cards[column]
        if ahead > 0:
            at = bisect_right(cards, y, key=lambda card: card.y)
            return cards[at] if at < len(cards) else None
        at = bisect_left(cards, y, key=lambda card: card.y)
        return cards[at - 1] if at else None

    def _around(self, column: int, y: int) -> list[Card]:
        """Return the cards of a column just above and just below a row, or on it."""
        cards = self.index.cards[column]
        at = bisect_left(cards, y, key=lambda card: card.y)
        return cards[max(0, at - 1) : at + 1]

    def at(self, x: int, y: int) -> int | None:
        """Return the task whose card covers a cell, the first of a fold."""
        found = self.index.cards_within(x, y, 1, 1)
        return found[0].task if found else None


def _merged(spans: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Return the starts and the ends of what intervals cover together, in order."""
    starts: list[int] = []
    ends: list[int] = []
    for low, high in sorted(spans):
        if ends and low <= ends[-1]:
            ends[-1] = max(ends[-1], high)
        else:
            starts.append(low)
            ends.append(high)
    return starts, ends


def _trace(arrow: Arrow, y: int) -> tuple[object, ...]:
    """Return what an arrow draws in a row: the same for all that look the same there."""
    start_y, bus_y, end_y = arrow.start_y, arrow.bus_y, arrow.end_y
    return (
        y == start_y and (arrow.start_x, arrow.out_x, bus_y > y, bus_y < y),
        y == bus_y and (arrow.out_x, arrow.in_x, start_y > y, start_y < y, end_y > y, end_y < y),
        y == end_y and (arrow.in_x, arrow.end_x, bus_y > y, bus_y < y),
    )


# Cells of a row that share one list of the arrows in them.
_STRETCH = 128
# From so many arrows in a list on it pays to leave out those that look the same there.
_MANY = 24


def _columns(arrow: Arrow) -> list[int]:
    """Return the columns of cells in which an arrow has a vertical line."""
    found = [arrow.out_x] if arrow.start_y != arrow.bus_y else []
    if arrow.end_y != arrow.bus_y:
        found.append(arrow.in_x)
    return found


def _stretches(arrow: Arrow) -> list[tuple[int, int]]:
    """Return the stretches of rows in which an arrow has horizontal lines."""
    found = []
    for y, a, b in (
        (arrow.start_y, arrow.start_x, arrow.out_x),
        (arrow.bus_y, arrow.out_x, arrow.in_x),
        (arrow.end_y, arrow.in_x, arrow.end_x),
    ):
        first, last = a // _STRETCH, b // _STRETCH
        if first > last:
            first, last = last, first
        found.append((y, first))
        while first < last:
            first += 1
            found.append((y, first))
    return found


class Index:
    """Cards, arrows and stubs of a board by where they lie.

    Of an `earlier` index it shares what lies where it did.
    """

    def __init__(self, board: Board, earlier: Index | None = None) -> None:
        self.columns = [column.x for column in board.columns]
        self.column_width = max((column.width for column in board.columns), default=0)
        self.separators = frozenset(lane.y - 1 for lane in board.lanes[1:])
        self._cards = board.cards
        self.cards: list[list[Card]]
        if earlier and earlier._cards == board.cards and earlier.columns == self.columns:
            self.cards = earlier.cards
        else:
            self.cards = [[] for _ in board.columns]
            for card in {card.task: card for card in board.cards.values()}.values():
                self.cards[card.column].append(card)
            for cards in self.cards:
                cards.sort(key=lambda card: card.y)
        self.stubs: dict[int, list[Stub]] = {}
        for stub in board.stubs:
            self.stubs.setdefault(stub.y, []).append(stub)
        # All arrows by the column of cells or the stretch of a row in which they lie, and as few of
        # them as look the same there.
        self.along: dict[int, list[Arrow]] = {}
        self.across: dict[tuple[int, int], list[Arrow]] = {}
        self._covers: dict[int, list[tuple[int, int, Arrow]]] = {}
        self._traces: dict[tuple[int, int], list[Arrow]] = {}
        self._notes: dict[tuple[int, int], int | None] = {}
        self._arrows = board.arrows
        if earlier is None or not self._share(earlier):
            for arrow in board.arrows.values():
                if not arrow.hidden:
                    self._add(arrow)

    def _share(self, earlier: Index) -> bool:
        """Take over the lists of an earlier index but for those in which some arrow changed.

        False where arrows changed all over the board.
        """
        old, new = earlier._arrows, self._arrows
        changed = [link for link, arrow in new.items() if old.get(link) != arrow]
        if len(changed) * 4 > len(old):
            return False
        changed += old.keys() - new.keys()
        gone, fresh = (
            [arrow for link in changed if (arrow := arrows.get(link)) and not arrow.hidden]
            for arrows in (old, new)
        )
        columns = {x for arrow in (*gone, *fresh) for x in _columns(arrow)}
        stretches = {key for arrow in (*gone, *fresh) for key in _stretches(arrow)}
        away = {arrow.link for arrow in gone}

        def left(arrows: Sequence[Arrow]) -> list[Arrow]:
            return [arrow for arrow in arrows if arrow.link not in away]

        self.along = earlier.along | {x: left(earlier.along.get(x, ())) for x in columns}
        self.across = earlier.across | {at: left(earlier.across.get(at, ())) for at in stretches}
        self._covers = earlier._covers.copy()
        self._traces = earlier._traces.copy()
        for x in columns:
            self._covers.pop(x, None)
        for at in stretches:
            self._traces.pop(at, None)
        for arrow in fresh:
            self._add(arrow)
        for x in columns:
            if not self.along[x]:
                del self.along[x]
        return True

    def _add(self, arrow: Arrow) -> None:
        for x in _columns(arrow):
            self.along.setdefault(x, []).append(arrow)
        for at in _stretches(arrow):
            self.across.setdefault(at, []).append(arrow)

    def arrows_within(self, x: int, y: int, width: int, height: int) -> Collection[Arrow]:
        """Return arrows that together are all that is drawn in a window, and perhaps some near it.

        Of many that share their lines there it is as few as show them.
        """
        found: dict[int, Arrow] = {}
        for row in range(y, y + height):
            for stretch in range(x // _STRETCH, (x + width - 1) // _STRETCH + 1):
                for arrow in self._row(row, stretch):
                    found[arrow.link] = arrow
        end = y + height
        for column in range(x, x + width):
            if column in self.along:
                for low, high, arrow in self._trunks(column):
                    if low < end and high >= y:
                        found[arrow.link] = arrow
        return found.values()

    def _row(self, y: int, stretch: int) -> Sequence[Arrow]:
        """Return as few arrows as show the lines in a stretch of a row."""
        arrows = self.across.get((y, stretch), ())
        if len(arrows) <= _MANY:
            return arrows
        known = self._traces.get((y, stretch))
        if known is None:
            known = list({_trace(arrow, y): arrow for arrow in arrows}.values())
            self._traces[y, stretch] = known
        return known

    def _trunks(self, x: int) -> list[tuple[int, int, Arrow]]:
        """Return the rows of as few arrows as cover the vertical lines in a column of cells."""
        known = self._covers.get(x)
        if known is None:
            spans = []
            for arrow in self.along[x]:
                for row, out in ((arrow.start_y, arrow.out_x), (arrow.end_y, arrow.in_x)):
                    if out == x and row != arrow.bus_y:
                        low, high = sorted((row, arrow.bus_y))
                        spans.append((low, -high, arrow.link, arrow))
            known = self._covers[x] = []
            reach = -1
            for low, high, _, arrow in sorted(spans):
                if -high > reach:
                    reach = -high
                    known.append((low, reach, arrow))
        return known

    def note_cell(self, arrow: Arrow, width: int) -> int | None:
        """Return the first cell for a note of some width on the long row of a return.

        It is the one nearest to the target where no line crosses; None if there is none near it.
        """
        key = arrow.link, width
        if key not in self._notes:
            self._notes[key] = None
            step = 1 if arrow.out_x > arrow.in_x else -1
            free = 0
            for x in range(arrow.in_x + 2 * step, arrow.out_x - step, step)[:_STRETCH]:
                spans = self._trunks(x) if x in self.along else ()
                crossed = any(low <= arrow.bus_y <= high for low, high, _ in spans)
                free = 0 if crossed else free + 1
                if free == width:
                    self._notes[key] = x if step < 0 else x - width + 1
                    break
        return self._notes[key]

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
