"""Compaction: cards and lines move up and left until they are as near to each other as they may be.

One-dimensional compaction by longest paths over what lies beside what (Hsueh & Pederson 1979;
Lengauer 1990, chapter 10), first in rows and then in cells. Whatever shares a cell of its row, or
of its column, with something else keeps its side of it; so nothing meets, joins or crosses that did
not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tracker.flow.board.board import Board
from tracker.flow.board.constraints import (
    CARD,
    INTO,
    OUT,
    WALL,
    Bars,
    Post,
    Stroke,
    StrokePart,
    joined,
    packed,
)
from tracker.flow.board.pieces import Arrow, Card, CardColumn, Lane


class Margins(NamedTuple):
    """What is kept free: rows between cards, cells beside them, and rows of a lane's separator.

    `walls` are the first cells and the widths of tracks that are kept free in all rows, `spare`
    the rows that are kept free between lanes, `alone` those below a lane that is the only one.
    """

    gap: int
    left: int
    right: int
    separator: int
    spare: int
    alone: int
    walls: Sequence[tuple[int, int]]


class _Rows(NamedTuple):
    """The rows of cards, of the three lines of each arrow shown, and of lanes."""

    cards: Sequence[int]
    arrows: Sequence[tuple[int, int, int]]
    lanes: tuple[Lane, ...]
    height: int


class _Cells(NamedTuple):
    """The first cells of cards, the two of each arrow's trunks, those of walls, and the width.

    A trunk without rows has none.
    """

    cards: Sequence[int]
    trunks: Sequence[tuple[int, int]]
    walls: Mapping[int, int]
    width: int


def compact(board: Board, margins: Margins, earlier: Board | None = None) -> Board:
    """Return a board whose lanes and channels are no larger than what is in them.

    No card goes above or left of where it was on an `earlier` board, so that a change moves only
    what it must.
    """
    kept = earlier.cards if earlier else {}
    parts = _Parts(board, margins)
    rows = parts.upwards(kept) or parts.rows
    return parts.moved(rows, parts.leftwards(rows, kept))


class _Parts:
    """The cards of a board and the arrows that are drawn, by their places in two lists."""

    def __init__(self, board: Board, margins: Margins) -> None:
        self.board, self.margins = board, margins
        self.cards = list({card.task: card for card in board.cards.values()}.values())
        self.shown = [arrow for arrow in board.arrows.values() if not arrow.hidden]
        number = {card.task: at for at, card in enumerate(self.cards)}
        self.number = {task: number[card.task] for task, card in board.cards.items()}
        self.beside = self._beside()

    @property
    def rows(self) -> _Rows:
        """The rows as they are."""
        return _Rows(
            [card.y for card in self.cards],
            [(arrow.start_y, arrow.bus_y, arrow.end_y) for arrow in self.shown],
            self.board.lanes,
            self.board.height,
        )

    def _beside(self) -> list[tuple[int, int]]:
        """Return the cells kept free at the left and right of each card."""
        found = [(self.margins.left, self.margins.right)] * len(self.cards)
        for stub in self.board.stubs:
            at = self.number[stub.task]
            card = self.cards[at]
            left, right = found[at]
            left = max(left, card.x - stub.x)
            right = max(right, stub.x + stub.width - card.x - card.width)
            found[at] = left, right
        return found

    def upwards(self, kept: Mapping[int, Card]) -> _Rows | None:
        """Return the uppermost rows in which all keeps its order, None if there are none."""
        margins, lanes = self.margins, self.board.lanes
        lines, of = self._lines()
        bars = Bars(len(self.cards))
        for card, (left, right) in zip(self.cards, self.beside, strict=True):
            bars.add(card.y, card.height, card.x - left, card.x + card.width + right)
        for y, first, last in lines:
            bars.add(y, 1, first, last + 1)
        for lane in lanes[1:]:
            # Rows kept free belong to the separator.
            spare = margins.spare
            bars.add(lane.y - 1 - spare, spare + margins.separator, 0, self.board.width + 1)
        cards = len(self.cards)
        for at, arrow in enumerate(self.shown):
            # Lines move with the cards they begin and end at.
            bars.join(self.number[arrow.source], cards + of[3 * at])
            bars.join(self.number[arrow.target], cards + of[3 * at + 2])
        tops = {
            at: before.y
            for at, card in enumerate(self.cards)
            if (before := kept.get(card.task)) and before.task == card.task
        }
        place = bars.settled(margins.gap, tops)
        if place is None:
            return None
        walls = place[cards + len(lines) :]
        starts = [0] + [wall + margins.spare + margins.separator for wall in walls]
        ends = [start - margins.separator for start in starts[1:]]
        bottoms = [place[at] + card.height for at, card in enumerate(self.cards)]
        bottoms += [y + 1 for y in (*place[cards:], *starts)]
        ends.append(max(bottoms) + margins.alone)
        return _Rows(
            place[:cards],
            [
                (place[cards + a], place[cards + b], place[cards + c])
                for a, b, c in zip(of[::3], of[1::3], of[2::3], strict=True)
            ],
            tuple(
                replace(lane, y=start, height=end - start)
                for lane, start, end in zip(lanes, starts, ends, strict=True)
            ),
            ends[-1],
        )

    def _lines(self) -> tuple[list[Stroke], list[int]]:
        """Return the horizontal lines of arrows, and which of them each of an arrow's three is."""
        parts: list[StrokePart] = []
        at = 0
        for arrow in self.shown:
            start, out, into, end = arrow.start_x, arrow.out_x, arrow.in_x, arrow.end_x
            parts += (
                (arrow.start_y, start, out, at)
                if start <= out
                else (arrow.start_y, out, start, at),
                (arrow.bus_y, out, into, at + 1)
                if out <= into
                else (arrow.bus_y, into, out, at + 1),
                (arrow.end_y, into, end, at + 2)
                if into <= end
                else (arrow.end_y, end, into, at + 2),
            )
            at += 3
        return joined(parts, at)

    def leftwards(self, rows: _Rows, kept: Mapping[int, Card]) -> _Cells:
        """Return the leftmost cells in which all keeps its order, once it has its rows."""
        posts: list[Post] = []
        aside = []
        for at, (card, y) in enumerate(zip(self.cards, rows.cards, strict=True)):
            left, right = self.beside[at]
            left = min(left, card.x)
            aside.append(left)
            before = kept.get(card.task)
            least = before.x - left if before else 0
            width = left + card.width + right
            posts.append((card.x - left, y, y + card.height, width, CARD, at, least))
        trunks = []
        for kind, parts in ((OUT, self._trunks_out(rows)), (INTO, self._trunks_in(rows))):
            lines, of = joined(parts, len(self.shown), -1)
            posts += [(x, y, last + 1, 1, kind, at, 0) for at, (x, y, last) in enumerate(lines)]
            trunks.append(of)
        posts += [(x, 0, rows.height, width, WALL, x, 0) for x, width in self.margins.walls]
        posts.sort()
        places, width = packed(posts, rows.height)
        found: tuple[dict[int, int], ...] = {}, {-1: -1}, {-1: -1}, {}
        for (_, _, _, _, kind, at, _), place in zip(posts, places, strict=True):
            found[kind][at] = place
        return _Cells(
            [found[CARD][at] + left for at, left in enumerate(aside)],
            [(found[OUT][a], found[INTO][b]) for a, b in zip(*trunks, strict=True)],
            found[WALL],
            width,
        )

    def _trunks_out(self, rows: _Rows) -> list[StrokePart]:
        """Return the vertical lines of arrows out of their sources."""
        return [
            (arrow.out_x, start, bus, at) if start < bus else (arrow.out_x, bus, start, at)
            for at, (arrow, (start, bus, _)) in enumerate(zip(self.shown, rows.arrows, strict=True))
            if start != bus
        ]

    def _trunks_in(self, rows: _Rows) -> list[StrokePart]:
        """Return the vertical lines of arrows into their targets."""
        return [
            (arrow.in_x, end, bus, at) if end < bus else (arrow.in_x, bus, end, at)
            for at, (arrow, (_, bus, end)) in enumerate(zip(self.shown, rows.arrows, strict=True))
            if end != bus
        ]

    def moved(self, rows: _Rows, cells: _Cells) -> Board:
        """Return the board with all in other rows and cells."""
        board, number = self.board, self.number
        moved = [
            Card(c.task, c.lane, c.column, c.slot, x, y, c.width, c.height, c.tasks)
            for c, x, y in zip(self.cards, cells.cards, rows.cards, strict=True)
        ]
        ways = iter(zip(rows.arrows, cells.trunks, strict=True))
        arrows: dict[int, Arrow] = {}
        for key, arrow in board.arrows.items():
            source, target = number[arrow.source], number[arrow.target]
            start_x = cells.cards[source] + arrow.start_x - self.cards[source].x
            end_x = cells.cards[target] + arrow.end_x - self.cards[target].x
            if arrow.hidden:
                start_y = rows.cards[source] + arrow.start_y - self.cards[source].y
                end_y = rows.cards[target] + arrow.end_y - self.cards[target].y
                bus_y = self._kept_free(rows, arrow.bus_y)
                out_x, in_x = cells.walls[arrow.out_x], cells.walls[arrow.in_x]
            else:
                (start_y, bus_y, end_y), (out_x, in_x) = next(ways)
                if out_x < 0:
                    out_x = in_x if in_x >= 0 else start_x
                if in_x < 0:
                    in_x = out_x
            arrows[key] = Arrow(
                arrow.link, arrow.kind, arrow.source, arrow.target,
                start_x, start_y, out_x, bus_y, in_x, end_y, end_x,
                arrow.hidden, arrow.double, arrow.via,
            )  # fmt: skip
        stubs = []
        for stub in board.stubs:
            old, new = self.cards[number[stub.task]], moved[number[stub.task]]
            stubs.append(replace(stub, x=stub.x + new.x - old.x, y=stub.y + new.y - old.y))
        return replace(
            board,
            cards={task: moved[at] for task, at in number.items()},
            arrows=arrows,
            stubs=tuple(stubs),
            lanes=rows.lanes,
            columns=_columns(board.columns, moved),
            width=cells.width,
            height=rows.height,
        )

    def _kept_free(self, rows: _Rows, y: int) -> int:
        """Return where a row kept free has gone: above a separator, or below the one lane."""
        for before, after in zip(self.board.lanes, rows.lanes, strict=True):
            if before.y > y:
                return after.y - (before.y - y)
        return rows.height - (self.board.height - y)


def _columns(before: Iterable[CardColumn], cards: Iterable[Card]) -> tuple[CardColumn, ...]:
    """Return the cells of columns by those of their cards."""
    spans: dict[int, tuple[int, int]] = {}
    for card in cards:
        first, last = spans.get(card.column, (card.x, card.x))
        end = card.x + card.width
        spans[card.column] = min(first, card.x), max(last, end)
    columns: list[CardColumn] = []
    for at, column in enumerate(before):
        first, last = spans.get(at) or (columns[-1].x if columns else 0,) * 2
        columns.append(CardColumn(first, last - first, column.state))
    return tuple(columns)
