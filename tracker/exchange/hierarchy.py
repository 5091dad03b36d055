"""The outline of a list: which rows sum up others, by their numbers, indents or looks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from tracker.exchange.spreadsheet import Row

_DOTTED = re.compile(r"\d+(?:\.\d+)*\.?")
# More arrows than these between two summaries add nothing to one.
_MOST_ARROWS = 50


class Hierarchy:
    """Rows with the row that sums up each, by their places; `parents` of those on top are None."""

    def __init__(self, parents: Sequence[int | None]) -> None:
        self.parents = parents
        self._children: dict[int, list[int]] = {}
        for place, parent in enumerate(parents):
            if parent is not None:
                self._children.setdefault(parent, []).append(place)
        self._one_top = sum(parent is None for parent in parents) == 1

    def __bool__(self) -> bool:
        """Whether any row sums up others."""
        return bool(self._children)

    def without(self, places: Set[int]) -> Hierarchy:
        """Return the outline in which some rows sum up nothing: those below them move up."""
        parents: list[int | None] = []
        for parent in self.parents:
            above = parent
            while above is not None and above in places:
                above = self.parents[above]
            parents.append(above)
        return Hierarchy(parents)

    def is_summary(self, place: int) -> bool:
        """Return whether a row sums up others."""
        return place in self._children

    def leaves(self, place: int) -> list[int]:
        """Return the rows of work that a row sums up; itself if it is one."""
        found: list[int] = []
        open_ = [place]
        while open_:
            here = open_.pop()
            below = self._children.get(here)
            if below is None:
                found.append(here)
            else:
                open_ += reversed(below)
        return found

    def ancestors(self, place: int) -> Iterator[int]:
        """Walk over the rows that sum up a row, from the nearest one."""
        parent = self.parents[place]
        while parent is not None:
            yield parent
            parent = self.parents[parent]

    def above(self, place: int) -> list[int]:
        """Return the rows that sum up a row, the outermost first, but what sums up all."""
        found = [*self.ancestors(place)][::-1]
        # What sums up the whole list says nothing of its parts, if there are any.
        return found[1:] if self._one_top and len(found) > 1 else found


def by_numbers(numbers: Sequence[str]) -> Hierarchy:
    """Return the outline given by numbers such as 1, 1.1 and 1.2."""
    here: dict[str, int] = {}
    parents: list[int | None] = []
    for place, number in enumerate(numbers):
        bare = number.strip().rstrip(".")
        found = None
        if _DOTTED.fullmatch(bare):
            above = bare
            while found is None and "." in above:
                above = above.rpartition(".")[0]
                found = here.get(above, here.get(above + ".0"))
            here.setdefault(bare, place)
        parents.append(found)
    return Hierarchy(parents)


def by_levels(levels: Sequence[int]) -> Hierarchy:
    """Return the outline of rows that are each as deep as their level."""
    open_: list[tuple[int, int]] = []
    parents: list[int | None] = []
    for place, level in enumerate(levels):
        while open_ and open_[-1][0] >= level:
            open_.pop()
        parents.append(open_[-1][1] if open_ else None)
        open_.append((level, place))
    return Hierarchy(parents)


def of_rows(
    rows: Sequence[Row],
    titles: Sequence[int],
    levels: Sequence[int],
    numbers: Sequence[Sequence[str]],
) -> Hierarchy:
    """Return the outline of rows, by the first sign that shows one.

    `titles` are the columns of their titles, `levels` the depths that a column gives
    them, `numbers` their numbers, column by column.
    """
    signs = [
        levels if len(levels) == len(rows) else [],
        titles,
        [_indent(row, at) for row, at in zip(rows, titles, strict=True)],
    ]
    for shape in (
        by_levels(signs[0]),
        *map(by_numbers, numbers),
        by_levels(signs[1]),
        by_levels(signs[2]),
    ):
        if shape:
            return shape
    return _by_groups([row.level for row in rows])


def _by_groups(levels: Sequence[int]) -> Hierarchy:
    """Return the outline of grouped rows; the summary of a group is above it, or else below."""
    if not levels or not levels[0]:
        return by_levels(levels)
    last = len(levels) - 1
    turned = by_levels(levels[::-1]).parents[::-1]
    return Hierarchy([None if parent is None else last - parent for parent in turned])


def _indent(row: Row, at: int) -> int:
    cell = row.cells[at]
    blanks = len(cell) - len(cell.lstrip()) if isinstance(cell, str) else 0
    look = row.looks.get(at)
    # One blank is a slip of the hand.
    return (blanks if blanks > 1 else 0) + (2 * look.indent if look else 0)


def leaf_arrows(
    hierarchy: Hierarchy, source: int, target: int, after: Mapping[int, Set[int]]
) -> Iterator[tuple[int, int]]:
    """Walk over the arrows between rows of work that an arrow between summaries stands for.

    It leads from the last rows of the source, those that no other of its rows needs, to the first
    rows of the target. `after` are the rows that need each row.
    """
    before, behind = hierarchy.leaves(source), hierarchy.leaves(target)
    led_to = {each for place in behind for each in after.get(place, ())}
    lasts = [place for place in before if not after.get(place, frozenset()) & set(before)]
    firsts = [place for place in behind if place not in led_to]
    if len(lasts) * len(firsts) > _MOST_ARROWS:
        lasts, firsts = lasts[-1:], firsts[:1]
    for last in lasts:
        for first in firsts:
            yield last, first
