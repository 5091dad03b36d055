"""What a laid-out board is made of, in cells: cards, lanes, columns, arrows and their stubs."""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

import msgspec


class Zoom(enum.IntEnum):
    """How much of a task a card shows; the number grows as the cards shrink."""

    DETAIL = 0
    NORMAL = 1
    LINE = 2
    OVERVIEW = 3


class Card(msgspec.Struct, frozen=True, gc=False):
    """Where a task is: `lane`, `column` and `slot` are its address, the rest is in cells.

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


class CardColumn(msgspec.Struct, frozen=True, gc=False):
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
    second track is kept free beside it. `via` is the bus it runs in, or says how it goes without.
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


class Page(NamedTuple):
    """A board that goes on below after so many cells; `named`: cards say where cut arrows lead."""

    width: int
    named: bool = True


class LooseEnds(NamedTuple):
    """The tasks at the other ends of arrows that are not drawn, as they are in another strip.

    `before` are needed by the card, `after` need it, and with those in `back` it shares a loop.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    back: tuple[int, ...]
    named: bool

    def words(self, signs: Sequence[str] = "←→↻") -> list[str]:
        """Return words on where arrows lead: signs, and the first task and how many more if named.

        The signs alone are one word.
        """
        kinds = self.before, self.after, self.back
        told = [(sign, tasks) for sign, tasks in zip(signs, kinds, strict=True) if tasks]
        if not self.named:
            return ["".join(sign for sign, _ in told)]
        return [
            f"{sign}{tasks[0]}" + (f"+{len(tasks) - 1}" if len(tasks) > 1 else "")
            for sign, tasks in told
        ]

    @property
    def width(self) -> int:
        """The cells of the words, a blank before each."""
        return sum([len(word) + 1 for word in self.words()])
