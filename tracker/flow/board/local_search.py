"""Moves: where else in its lane a card may be, and the search for a board that crosses less."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from tracker.flow.board.board import Board
from tracker.flow.board.placement import Placement

# How good a board is, the less the better: its crossings and columns, and the length of arrows.
Quality = tuple[int, int]

# A node, and the column and the slot it is to have.
Move = tuple[int, int, int]

# The ends of a line in one gap between columns, and the nodes at which the whole line ends.
GapLine = tuple[int, float, float, int, int]

# Rows between two lanes, and how many rows of length count as much as a crossing.
_BETWEEN, _LENGTH = 0.5, 20


# So many moves times cards are a second's work; so many of the most promising moves are tried from
# where a search stands; and where none of them helps it goes on so many moves aside, each one of
# the best so many.
_PATIENCE, _AHEAD, _ASIDE, _AMONG = 14_000, 30, 2, 40


class Care(NamedTuple):
    """That a search may take about a second, or a share of it, while `wanted`."""

    wanted: Callable[[], bool]
    share: float = 1.0

    def tries(self, cards: int) -> int:
        """Return how many moves may be tried on a board of so many cards."""
        return int(_PATIENCE * self.share) // max(1, cards)

    def within(self, share: float) -> Care:
        """Return the care for a part of the cards, of whose moves as many are tried as of all."""
        return self._replace(share=self.share * share)


def search(
    plan: Placement,
    drawn: Callable[[Placement], tuple[Quality, Board]],
    tries: int,
    care: Care | None = None,
) -> None:
    """Move cards of a plan to where it is best as `drawn`, in so many tries.

    Iterated local search (Lourenço, Martin & Stützle 2003): moves that help are kept; where none
    is left, and there is time for it, some are made all the same. One more slot in each lane gives
    cards a way past each other. The same plan always ends the same, unless care is cut short.
    """
    rng = random.Random(1)  # noqa: S311  # it only has to be the same each time
    plan.set_slots([slots + bool(care) for slots in plan.slots], plan.slot)
    quality, board = drawn(plan)
    best, kept = quality, _addresses(plan)
    here = kept
    ahead = promising(plan)
    while tries > 0 and board.crossings() and (care is None or care.wanted()):
        tries -= 1
        if not ahead:
            if care is None:
                break
            _put_back(plan, kept)
            for _ in range(_ASIDE):
                plan.move(*rng.choice(promising(plan)[:_AMONG] or [(0, 0, 0)]))
            quality, board = drawn(plan)
            here, ahead = _addresses(plan), promising(plan)[:_AHEAD]
        elif plan.move(*ahead.pop(0)):
            found, drawing = drawn(plan)
            if found < quality:
                quality, board = found, drawing
                here, ahead = _addresses(plan), promising(plan)
                ahead = ahead[:_AHEAD] if care else ahead
            else:
                _put_back(plan, here)
        else:
            tries += 1
        if quality < best:
            best, kept = quality, here
    _put_back(plan, kept)


def _addresses(plan: Placement) -> tuple[list[int], list[int], int]:
    return plan.column[:], list(plan.slot), plan.columns


def _put_back(plan: Placement, addresses: tuple[list[int], list[int], int]) -> None:
    plan.column[:], slot, plan.columns = addresses
    plan.set_slots(plan.slots, slot)


def promising(plan: Placement) -> list[Move]:
    """Return all moves of a card with arrows, those first after which straight lines cross least.

    A card goes to any slot of its lane and any column its arrows allow, one beyond the last among
    them; in its own column it changes places with whoever is there (Matuszewski, Schönfeld &
    Molitor 1999 sift within layers alone). Straight lines stand for the arrows, as they are found
    at once and cross where the arrows mostly do; ordered by that, some ten moves drawn in earnest
    gain what takes hundreds drawn at random.
    """
    return [move for _, move in sorted(_Lines(plan).gains())]


class _Lines:
    """The arrows of a plan as straight lines, in pieces from each column to the next."""

    def __init__(self, plan: Placement) -> None:
        self.plan = plan
        net = plan.net
        first = [0.0]
        for slots in plan.slots:
            first.append(first[-1] + slots + _BETWEEN)
        self.first = [first[lane] for lane in net.lane]
        self.y = [at + slot for at, slot in zip(self.first, plan.slot, strict=True)]
        self.column = plan.column[:]
        back = [(target, source) for source, target in net.returns if source != target]
        self.pairs = [*net.needs, *back]
        self.at_node: list[list[int]] = [[] for _ in net.lane]
        self.gaps: list[list[tuple[float, float, int, int, int]]] = [
            [] for _ in range(plan.columns + 1)
        ]
        for line, (source, target) in enumerate(self.pairs):
            self.at_node[source].append(line)
            self.at_node[target].append(line)
            for gap, a, b, *_ in self._pieces(line):
                self.gaps[gap].append((a, b, line, source, target))

    def gains(self) -> Iterator[tuple[float, Move]]:
        """Walk over all moves, each with what it costs in crossings and length."""
        plan, lane, at_node = self.plan, self.plan.net.lane, self.at_node
        before, after = plan.net.before, plan.net.after
        place = {
            (lane[node], at, slot): node
            for node, (at, slot) in enumerate(zip(plan.column, plan.slot, strict=True))
        }
        for node, lines in enumerate(at_node):
            if not lines:
                continue
            here = self._cost(lines)
            at, slot = plan.column[node], plan.slot[node]
            first = max([plan.column[other] + 1 for other in before[node]], default=0)
            last = min([plan.column[other] - 1 for other in after[node]], default=plan.columns)
            for column in range(first, last + 1):
                for row in range(plan.slots[lane[node]]):
                    other = place.get((lane[node], column, row), -1)
                    if other < 0:
                        self._put(node, column, row)
                        yield self._cost(lines) - here, (node, column, row)
                        self._put(node, at, slot)
                    elif column == at and other > node:
                        both = [*lines, *at_node[other]]
                        now = self._cost(both) + self._among(both)
                        self._put(node, at, row)
                        self._put(other, at, slot)
                        cost = self._cost(both) + self._among(both)
                        yield cost - now, (node, at, row)
                        self._put(node, at, slot)
                        self._put(other, at, row)

    def _put(self, node: int, column: int, slot: int) -> None:
        self.column[node], self.y[node] = column, self.first[node] + slot

    def _pieces(self, line: int) -> list[GapLine]:
        source, target = self.pairs[line]
        left, right = self.column[source], self.column[target]
        if left >= right:
            return []
        y = self.y[source]
        slope = (self.y[target] - y) / (right - left)
        return [
            (left + i, y + slope * i, y + slope * (i + 1), source, target)
            for i in range(right - left)
        ]

    def _cost(self, lines: Sequence[int]) -> float:
        """Return the crossings of some lines with all others, and their heights in part."""
        gaps, pairs, y = self.gaps, self.pairs, self.y
        pieces = list(chain.from_iterable(map(self._pieces, lines)))
        crossings = sum(
            [
                1
                for gap, a, b, source, target in pieces
                for a2, b2, line, source2, target2 in gaps[gap]
                if (a - a2) * (b - b2) < 0
                and source != source2
                and target != target2
                and line not in lines
            ]
        )
        heights = [abs(y[pairs[line][0]] - y[pairs[line][1]]) for line in lines]
        return crossings + sum(heights) / _LENGTH

    def _among(self, lines: Sequence[int]) -> int:
        """Count the crossings of some lines with each other."""
        pieces = list(chain.from_iterable(map(self._pieces, lines)))
        return sum(
            [
                1
                for i, (gap, a, b, source, target) in enumerate(pieces)
                for gap2, a2, b2, source2, target2 in pieces[:i]
                if gap == gap2
                and (a - a2) * (b - b2) < 0
                and source != source2
                and target != target2
            ]
        )
