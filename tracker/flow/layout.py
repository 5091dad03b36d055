"""The dependency board as places in cells: who stands where, and which way every arrow goes."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import msgspec

from tracker.domain.workspace import Workspace

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


class Board(msgspec.Struct, frozen=True):
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

    def nearest(self, task: int, direction: Direction) -> int | None:
        """Return the task of the nearest card in a direction, None at the edge.

        Up and down stay in the column where they can; left and right prefer the same row.
        """
        raise NotImplementedError

    def at(self, x: int, y: int) -> int | None:
        """Return the task whose card covers a cell."""
        raise NotImplementedError


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
    raise NotImplementedError
