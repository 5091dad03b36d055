"""Bars and posts: things that move up or left until they are as near to others as they may be.

Longest paths over what lies beside what (Hsueh & Pederson 1979; Lengauer 1990, chapter 10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# A line or a trunk: its row or its cell, and the first and the last cell or row of it.
Stroke = tuple[int, int, int]
# A line or a trunk of an arrow, with its place among those of all arrows.
StrokePart = tuple[int, int, int, int]
# A thing in a cell or more of some rows: its first cell, its first row, the row behind it, its
# width, what it is, its place among those, and the first cell it may have.
Post = tuple[int, int, int, int, int, int, int]
CARD, OUT, INTO, WALL = range(4)


def joined(parts: list[StrokePart], count: int, none: int = 0) -> tuple[list[Stroke], list[int]]:
    """Return lines, those that share something as one, and which of them each part is.

    `none` stands for that of a part that is not there.
    """
    parts.sort()
    lines: list[Stroke] = []
    of = [none] * count
    place = start = reach = -1
    for there, first, last, at in parts:
        if there != place or first > reach:
            place, start, reach = there, first, last
            lines.append((place, start, reach))
        elif last > reach:
            reach = last
            lines[-1] = place, start, reach
        of[at] = len(lines) - 1
    return lines, of


class Bars:
    """Things in a row or more, by their places in lists; the first are `cards`.

    Those that are joined move together.
    """

    def __init__(self, cards: int) -> None:
        self.cards = cards
        self.y: list[int] = []
        self.height: list[int] = []
        self.first: list[int] = []
        self.end: list[int] = []
        self.head: list[int] = []

    def add(self, y: int, height: int, first: int, end: int) -> None:
        """Add a thing that covers the cells from `first` to before `end`."""
        self.head.append(len(self.y))
        self.y.append(y)
        self.height.append(height)
        self.first.append(first)
        self.end.append(end)

    def join(self, a: int, b: int) -> None:
        """Let two things move together."""
        a, b = self._head(a), self._head(b)
        if a < b:
            self.head[b] = a
        elif b < a:
            self.head[a] = b

    def _head(self, bar: int) -> int:
        """Return the first of the things that move together."""
        while (head := self.head[bar]) != bar:
            bar = head
        return bar

    def settled(self, gap: int, tops: Mapping[int, int]) -> list[int] | None:
        """Return the uppermost rows of things that keep their order, None if there are none.

        `gap` rows are free between cards, and above `tops` some do not go.
        """
        head = [self._head(bar) for bar in self.head]
        aside = [y - self.y[at] for y, at in zip(self.y, head, strict=True)]
        place = [0] * len(head)
        for bar, top in tops.items():
            place[head[bar]] = max(place[head[bar]], top - aside[bar])
        for bar, drop in enumerate(aside):
            if place[head[bar]] < -drop:
                place[head[bar]] = -drop
        apart = self._apart(head, aside, gap)
        # Each round settles a chain of bars that move together, of which there are few.
        for _ in range(len(head) + 1):
            moved = False
            for own, other, below in apart:
                if place[own] < place[other] + below:
                    place[own] = place[other] + below
                    moved = True
            if not moved:
                return [place[at] + drop for at, drop in zip(head, aside, strict=True)]
        return None

    def _apart(
        self, head: Sequence[int], aside: Sequence[int], gap: int
    ) -> list[tuple[int, int, int]]:
        """Return how far some are below others at least, from the uppermost on."""
        start = min(self.first, default=0)
        # By cell: the lowest thing so far.
        last = [-1] * (max(self.end, default=0) - start)
        bottom = [drop + rows for drop, rows in zip(aside, self.height, strict=True)]
        spans = [(a - start, b - start) for a, b in zip(self.first, self.end, strict=True)]
        found = []
        cards = self.cards
        for at in sorted(range(len(head)), key=self.y.__getitem__):
            first, end = spans[at]
            own, drop = head[at], aside[at]
            others = set(last[first:end])
            last[first:end] = [at] * (end - first)
            others.discard(-1)
            for other in others:
                above = head[other]
                if above != own:
                    between = gap if at < cards and other < cards else 0
                    found.append((own, above, bottom[other] + between - drop))
        return found


def packed(posts: Sequence[Post], height: int) -> tuple[list[int], int]:
    """Return the leftmost cells of things that keep their order, and the width of all."""
    places: list[int] = []
    free = [0] * height
    for _, first, end, width, _, _, least in posts:
        place = max(free[first:end])
        if place < least:
            place = least
        places.append(place)
        free[first:end] = [place + width] * (end - first)
    width = max(free, default=0)
    # What leads into a card turns beside it.
    taken = [width] * height
    for at in range(len(posts) - 1, -1, -1):
        _, first, end, _, kind, _, _ = posts[at]
        if kind == INTO:
            places[at] = min(taken[first:end]) - 1
        taken[first:end] = [places[at]] * (end - first)
    return places, width
