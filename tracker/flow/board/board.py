"""A laid-out board in cells: cards, lanes, columns and arrows, and what lies where."""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import msgspec

from tracker.domain.model import Department, Entity, Link, Task
from tracker.domain.workspace import Workspace
from tracker.flow.board.index import Index
from tracker.flow.board.nodes import Net
from tracker.flow.board.pieces import Arrow, Card, CardColumn, Lane, LooseEnds, Page, Stub, Zoom
from tracker.flow.board.tracks import Packed

Mode = Literal["flow", "state"]
Direction = Literal["left", "right", "up", "down"]

# The columns of mode *state*; `dropped` tasks are with the done ones.
STATE_COLUMNS = ("todo", "doing", "waiting", "recheck", "done")


# Up to so many tasks lanes, channels and cards are no larger than what is in them; on larger boards
# they stay as they are laid, which takes half as long.
FITTED = 800


class Room(msgspec.Struct, frozen=True):
    """The room a layout made for arrows, which the next keeps, so that it does not shift the page.

    `buses` are the tracks above a slot of a lane, `channels` the cells of each channel: those at
    its right and left edge cards, then those of its zones. `packed` are the zones of all channels
    with what is in them and where, so that only those in which something changed are packed
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
    settled: frozenset[int]
    lane_order: tuple[int | None, ...] | None
    widths: Mapping[int, int] | None
    page: Page | None
    cap: int | None

    def net(self) -> Net:
        """Return the tasks to show and their links, no lane folded yet."""
        ws, shown = self.ws, self.tasks
        tasks = ws.tasks if shown is None else sorted(shown & ws.tasks.keys())
        return Net(ws, tasks, self.folded_loops, self.settled)

    def shows_the_same(self, other: Basis) -> bool:
        """Return whether another basis differs in nothing that shows in the layout."""
        old, new = self.ws, other.ws
        return (
            self == msgspec.structs.replace(other, ws=old)
            and _all_alike(old.departments, new.departments, _same_seat)
            and _all_alike(old.links, new.links, _same_ends)
            and _all_alike(old.tasks, new.tasks, self._alike())
        )

    def _alike(self) -> Callable[[Task, Task], bool]:
        """Return what says whether two states of a task give one layout."""
        if self.mode == "state":
            return _same_state
        lowers = lowers_closed(self.zoom, self.mode, len(self.ws.tasks))
        return _same_lane_and_height if lowers else _same_lane


def lowers_closed(zoom: Zoom, mode: Mode, tasks: int) -> bool:
    """Return whether the cards of closed tasks are one row high, the others more."""
    return zoom < Zoom.LINE and mode == "flow" and tasks <= FITTED


def _all_alike(
    old: Mapping[int, Entity], new: Mapping[int, Entity], alike: Callable[[Any, Any], bool]
) -> bool:
    """Return whether two tables hold the same entities, or such as are alike."""
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


def _same_lane_and_height(a: Task, b: Task) -> bool:
    return a.department == b.department and a.open == b.open


def _same_state(a: Task, b: Task) -> bool:
    return a.department == b.department and a.state == b.state


class Board(msgspec.Struct, frozen=True, dict=True):
    """A layout: everything in cells from the top left corner, lane headers not included.

    `cards` maps the id of every task shown to its card (the tasks of a fold share one), `arrows`
    the id of every link with both ends shown. `opened` columns were put before the first since the
    board was laid out anew: less these a card keeps its column. `strips` are the boards that stand
    below each other, each with its first column, if that is so, and `ends` the loose ends of cards
    by their first task.
    """

    basis: Basis

    width: int
    height: int
    zoom: Zoom
    mode: Mode
    lanes: tuple[Lane, ...]
    columns: tuple[CardColumn, ...]
    cards: Mapping[int, Card]
    arrows: Mapping[int, Arrow]
    stubs: tuple[Stub, ...]
    room: Room
    opened: int = 0
    strips: tuple[tuple[int, Board], ...] = ()
    ends: Mapping[int, LooseEnds] = {}

    @functools.cached_property
    def net(self) -> Net:
        """Its tasks and links as nodes and pairs."""
        return self.basis.net()

    @functools.cached_property
    def index(self) -> Index:
        """What lies where, for painting a window without a look at the rest."""
        return self._indexed()

    def succeed(self, earlier: Board) -> None:
        """Find what lies where by what is known of an earlier board, if that was painted."""
        if "index" in vars(earlier):
            vars(self)["index"] = self._indexed(earlier.index)

    def _indexed(self, earlier: Index | None = None) -> Index:
        return Index(self.columns, self.lanes, self.cards, self.arrows, self.stubs, earlier)

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
            return self._nearest_along(here, ahead)
        own = self._strip(here.column)
        best: tuple[int, Card] | None = None
        column = here.column + ahead
        while column in own:
            across = abs(self.columns[column].x - here.x)
            if best and across >= best[0]:
                break
            for card in self._around(column, here.y):
                cost = across + 3 * abs(card.y - here.y)
                if best is None or cost < best[0]:
                    best = cost, card
            column += ahead
        while best is None and 0 <= column < len(self.columns):
            # It goes on in the strip below, or above.
            for card in self._around(column, here.y):
                best = 0, card
            column += ahead
        return best[1].task if best else None

    def _nearest_along(self, here: Card, ahead: int) -> int | None:
        """Return the task below (`ahead` 1) or above: in the column, beside it, in a strip beyond.

        Those in the next strip are told from each other by how far aside they are.
        """
        own = self._strip(here.column)
        beside = sorted(own, key=lambda column: (abs(column - here.column), column))
        beyond = [column for column in range(len(self.columns)) if column not in own]
        for column in beside:
            if card := self._beyond(column, here.y, ahead):
                return card.task
        found = [card for column in beyond if (card := self._beyond(column, here.y, ahead))]
        if not found:
            return None

        def far(card: Card) -> tuple[int, int]:
            return 3 * abs(card.y - here.y) + abs(card.x - here.x), card.task

        return min(found, key=far).task

    def _strip(self, column: int) -> range:
        """Return the columns of the strip of one."""
        firsts = [first for first, _ in self.strips] or [0]
        at = bisect_right(firsts, column) - 1
        end = firsts[at + 1] if at + 1 < len(firsts) else len(self.columns)
        return range(firsts[at], end)

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
