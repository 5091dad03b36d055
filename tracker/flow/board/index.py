"""What lies where on a board: its cards, arrows and stubs by the cells they cover."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from tracker.flow.board.pieces import Arrow, Card, CardColumn, Lane, Stub

# Cells of a row that share one list of the arrows in them.
_STRETCH = 128
# From so many arrows in a list on it pays to leave out those that look the same there.
_MANY = 24


def _trace(arrow: Arrow, y: int) -> tuple[object, ...]:
    """Return what an arrow draws in a row: the same for all that look the same there."""
    start_y, bus_y, end_y = arrow.start_y, arrow.bus_y, arrow.end_y
    return (
        y == start_y and (arrow.start_x, arrow.out_x, bus_y > y, bus_y < y),
        y == bus_y and (arrow.out_x, arrow.in_x, start_y > y, start_y < y, end_y > y, end_y < y),
        y == end_y and (arrow.in_x, arrow.end_x, bus_y > y, bus_y < y),
    )


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

    def __init__(
        self,
        columns: Sequence[CardColumn],
        lanes: Sequence[Lane],
        cards: Mapping[int, Card],
        arrows: Mapping[int, Arrow],
        stubs: Sequence[Stub],
        earlier: Index | None = None,
    ) -> None:
        self.columns = columns
        self.separators = frozenset(
            lane.y - 1 for above, lane in pairwise(lanes) if lane.y > above.y + above.height
        )
        self._cards = cards
        self.cards: list[list[Card]]
        if earlier and earlier._cards == cards and earlier.columns == self.columns:
            self.cards = earlier.cards
        else:
            self.cards = [[] for _ in columns]
            for card in {card.task: card for card in cards.values()}.values():
                self.cards[card.column].append(card)
            for beside in self.cards:
                beside.sort(key=lambda card: card.y)
        self.stubs: dict[int, list[Stub]] = {}
        for stub in stubs:
            self.stubs.setdefault(stub.y, []).append(stub)
        # All arrows by the column of cells or the stretch of a row in which they lie, and as few of
        # them as look the same there.
        self.along: dict[int, list[Arrow]] = {}
        self.across: dict[tuple[int, int], list[Arrow]] = {}
        self._covers: dict[int, list[tuple[int, int, Arrow]]] = {}
        self._traces: dict[tuple[int, int], list[Arrow]] = {}
        self._notes: dict[tuple[int, int], int | None] = {}
        self._arrows = arrows
        if earlier is None or not self._share(earlier):
            for arrow in arrows.values():
                if not arrow.hidden:
                    self._add(arrow)

    def _share(self, earlier: Index) -> bool:
        """Take over the lists of an earlier index but for those in which some arrow changed.

        False where arrows changed all over the
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
        found: list[Card] = []
        for column, cards in zip(self.columns, self.cards, strict=True):
            if column.x >= x + width or column.x + column.width <= x:
                continue
            start = bisect_left(cards, y, key=lambda card: card.y + card.height - 1)
            for card in cards[start:]:
                if card.y >= y + height:
                    break
                if card.x < x + width and card.x + card.width > x:
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
