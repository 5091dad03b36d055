"""Tracks: where in its channel each trunk is, so that lines cross little and mislead nobody."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

# A vertical line: its first and last row, its key, and the sorted rows in which lines reach it
# from the left and from the right.
Trunk = tuple[int, int, int, Sequence[int], Sequence[int]]

# So many neighbours a trunk compares itself with when it looks for its place in a channel.
_LOOK = 16


class Channel:
    """The trunks of a channel by zone: returns going out, `needs`, returns coming in.

    Among `needs` the trunk of a source has its node for a key, that of a target ~ its node.
    """

    __slots__ = ("back_in", "back_out", "fan", "left_of", "right_of")

    def __init__(self) -> None:
        self.back_out: list[Trunk] = []
        self.fan: list[Trunk] = []
        self.back_in: list[Trunk] = []
        # By trunk: those that must be to the right of it, and to the left.
        self.right_of: dict[int, list[int]] = {}
        self.left_of: dict[int, list[int]] = {}

    def put(self, left: int, right: int) -> None:
        """Demand that one trunk is left of another; they must share a row.

        Demands lead from trunks of sources to trunks of targets, or to and from the spare one.
        """
        self.right_of.setdefault(left, []).append(right)
        self.left_of.setdefault(right, []).append(left)

    @property
    def contents(self) -> tuple[object, ...]:
        """What decides about the tracks."""
        return self.back_out, self.fan, self.back_in, self.right_of


class Packed(NamedTuple):
    """The contents of a channel, and the track of each trunk in its zone by its key."""

    contents: tuple[object, ...]
    back_out: dict[int, int]
    fan: dict[int, int]
    back_in: dict[int, int]


def pack(channel: Channel, known: Packed | None = None, rounds: int = 0) -> Packed:
    """Return the tracks of all trunks of a channel, those already `known` if they are the same."""
    contents = channel.contents
    if known and known.contents == contents:
        return known
    return Packed(
        contents,
        tracks(channel.back_out, {}, {}),
        tracks(channel.fan, channel.right_of, channel.left_of, rounds),
        tracks(channel.back_in, {}, {}),
    )


def from_source(key: int, row: int, rows: list[int]) -> Trunk:
    """Describe a trunk that a line reaches from the left and `rows` leave to the right."""
    if len(rows) > 1:
        rows.sort()
    return min(row, rows[0]), max(row, rows[-1]), key, (row,), rows


def to_target(key: int, rows: list[int], row: int) -> Trunk:
    """Describe a trunk that `rows` reach from the left and a line leaves to the right."""
    if len(rows) > 1:
        rows.sort()
    return min(row, rows[0]), max(row, rows[-1]), key, rows, (row,)


def spare(key: int) -> Trunk:
    """Describe a track kept free in all rows."""
    return -1, 1 << 30, key, (), ()


def tracks(
    trunks: Sequence[Trunk],
    right_of: Mapping[int, Collection[int]],
    left_of: Mapping[int, Collection[int]],
    rounds: int = 0,
) -> dict[int, int]:
    """Return the track of each trunk of a zone by its key, in an order that crosses little.

    Each takes the leftmost track right of everything before it in the order whose rows it shares.
    In so many `rounds` every trunk is moved to a better place in the order.
    """
    return _pack(_sifted(ordered(trunks, right_of, left_of), right_of, rounds))


def ordered(
    trunks: Sequence[Trunk],
    right_of: Mapping[int, Collection[int]],
    left_of: Mapping[int, Collection[int]],
) -> Sequence[Trunk]:
    """Return the trunks of a zone from left to right, in an order that crosses little.

    Each is put where it crosses its neighbours least, starting from an order good for fans, and
    within the demands of `right_of` and `left_of`.
    """
    if len(trunks) < 2:
        return trunks
    order: list[Trunk] = []
    keys: list[int] = []
    known: set[int] = set()
    for trunk in sorted(trunks, key=_lean):
        low, high, key, left, right = trunk
        first, last = 0, len(order)
        if key in right_of:
            for other in right_of[key]:
                if other in known:
                    last = min(last, keys.index(other))
        if key in left_of:
            for other in left_of[key]:
                if other in known:
                    first = max(first, keys.index(other) + 1)
        known.add(key)
        best, where, cost = 0, last, 0
        for i in range(last - 1, max(first, last - _LOOK) - 1, -1):
            low2, high2, _, left2, right2 = order[i]
            if low2 <= high and low <= high2:
                # Crossings if this trunk stood left of the other, less those if right of it.
                cost += (
                    bisect_left(left2, high)
                    - bisect_right(left2, low)
                    + bisect_left(right, high2)
                    - bisect_right(right, low2)
                    - bisect_left(left, high2)
                    + bisect_right(left, low2)
                    - bisect_left(right2, high)
                    + bisect_right(right2, low)
                )
                if cost < best:
                    best, where = cost, i
        order.insert(where, trunk)
        keys.insert(where, key)
    return order


def _sifted(
    trunks: Sequence[Trunk], right_of: Mapping[int, Collection[int]], rounds: int
) -> Sequence[Trunk]:
    """Return trunks in an order that crosses less, by moving each to its best place in turn.

    Sifting (Rudell 1993; Matuszewski, Schönfeld & Molitor 1999), within the demands of `right_of`.
    """
    if not rounds or len(trunks) < 3:
        return trunks
    worse = _comparison(trunks)
    number = {trunk[2]: i for i, trunk in enumerate(trunks)}
    before: list[list[int]] = [[] for _ in trunks]
    after: list[list[int]] = [[] for _ in trunks]
    for key, others in right_of.items():
        for other in others:
            if key in number and other in number:
                after[number[key]].append(number[other])
                before[number[other]].append(number[key])
    order = list(range(len(trunks)))
    for _ in range(rounds):
        moved = False
        for i, row in enumerate(worse):
            at = order.index(i)
            del order[at]
            first = max([order.index(j) + 1 for j in before[i]], default=0)
            last = min([order.index(j) for j in after[i]], default=len(order))
            costs = list(accumulate([row[j] for j in order[first:last]], initial=0))
            least = min(costs)
            if costs[at - first] > least:
                at = first + costs.index(least)
                moved = True
            order.insert(at, i)
        if not moved:
            break
    return [trunks[i] for i in order]


def _comparison(trunks: Sequence[Trunk]) -> list[list[int]]:
    """Return by how many crossings each trunk is worse right of another than left of it."""
    shapes = _shapes(trunks)
    worse = [[0] * len(trunks) for _ in trunks]
    for i, (x, y) in enumerate(shapes):
        row = worse[i]
        for j, (x2, y2) in enumerate(shapes[:i]):
            row[j] = more = (x & y2).bit_count() - (x2 & y).bit_count()
            worse[j][i] = -more
    return worse


def _shapes(trunks: Sequence[Trunk]) -> list[tuple[int, int]]:
    """Return two sets of rows for each trunk, as bits.

    The first one holds those of the lines to its left and, shifted, those inside of it; the second
    one those inside of it and, shifted, those of the lines to its right. What the first one of a
    trunk shares with the second one of another are the crossings if it is right of the other.
    """
    top = min([low for low, _, _, left, _ in trunks if left], default=0)
    height = max([high for _, high, _, left, _ in trunks if left], default=0) - top + 1
    shapes = []
    for low, high, _, left, right in trunks:
        inside = (1 << high - top) - (2 << low - top) if left and high > low else 0
        shapes.append((_bits(left, top) | inside << height, inside | _bits(right, top) << height))
    return shapes


def _bits(rows: Sequence[int], top: int) -> int:
    found = 0
    for row in rows:
        found |= 1 << row - top
    return found


def _pack(order: Sequence[Trunk]) -> dict[int, int]:
    """Return the leftmost tracks that keep an order among trunks that share rows."""
    taken: list[list[tuple[int, int]]] = []
    places: dict[int, int] = {}
    for low, high, key, _, _ in order:
        at = len(taken)
        while at:
            for low2, high2 in taken[at - 1]:
                if low2 <= high and low <= high2:
                    break
            else:
                at -= 1
                continue
            break
        if at == len(taken):
            taken.append([])
        taken[at].append((low, high))
        places[key] = at
    return places


def _lean(trunk: Trunk) -> tuple[int, int]:
    """Sort trunks that lead down by their start, upwards, and those that lead up downwards."""
    _, _, key, left, right = trunk
    if not left:
        # A spare track comes first, as demands lead over it from one trunk to another.
        return -1 << 31, key
    start = left[0] + left[-1]
    return (-start, key) if right[0] + right[-1] > start else (start, key)
