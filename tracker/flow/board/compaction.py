"""Compaction: cards and lines move up and left until they are as near to each other as they may be.

One-dimensional compaction by longest paths over what lies beside what (Hsueh & Pederson 1979;
Lengauer 1990, chapter 10), first in rows and then in cells. Whatever shares a cell of its row, or
of its column, with something else keeps its side of it; so nothing meets, joins or crosses that did
not before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from tracker.flow.board.board import Board
from tracker.flow.board.pieces import Arrow, Card, CardColumn, Lane, Stub


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


def compact(board: Board, margins: Margins, earlier: Board | None = None) -> Board:
    """Return a board whose lanes and channels are no larger than what is in them.

    No card goes above or left of where it was on an `earlier` board, so that a change moves only
    what it must.
    """
    kept = earlier.cards if earlier else {}
    return _leftwards(_upwards(board, margins, kept), margins, kept)


# A thing in a row or more: its rows, its cells (the last one included), and whether it is a card.
class _Bar(NamedTuple):
    y: int
    height: int
    first: int
    last: int
    card: bool = False


def _upwards(board: Board, margins: Margins, kept: Mapping[int, Card]) -> Board:
    cards = {card.task: card for card in board.cards.values()}
    shown = [arrow for arrow in board.arrows.values() if not arrow.hidden]
    beside = _beside(cards, board.stubs, margins)
    bars: list[_Bar] = []
    rows = _Rows()
    for task, card in cards.items():
        left, right = beside[task]
        rows.card[task] = len(bars)
        bars.append(
            _Bar(card.y, card.height, card.x - left, card.x + card.width + right - 1, card=True)
        )
    for y, first, last in _rows_of(shown):
        rows.lines[y].append((first, last, len(bars)))
        bars.append(_Bar(y, 1, first, last))
    walls = []
    for lane in board.lanes[1:]:
        walls.append(len(bars))
        # Rows kept free belong to the separator.
        bars.append(_Bar(lane.y - 1 - margins.spare, margins.spare + 1, 0, board.width))
    rows.bind(board, shown)
    tops = {rows.card[task]: card.y for task, card in kept.items() if task in rows.card}
    thin = dict.fromkeys(walls, margins.spare + margins.separator)
    place = _settled(bars, rows.group, thin, margins.gap, tops)
    if place is None:
        return board
    return _with_rows(board, margins, rows, place, walls)


class _Rows:
    """Which bar each card and each line is, and which of them move together."""

    def __init__(self) -> None:
        self.card: dict[int, int] = {}
        # By row: the first and last cell of each line there, and its bar.
        self.lines: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self.group: dict[int, int] = {}

    def at(self, y: int, x: int) -> int:
        """Return the bar of the line through a cell."""
        for first, last, bar in self.lines[y]:
            if first <= x <= last:
                return bar
        raise LookupError(y, x)

    def bind(self, board: Board, shown: Iterable[Arrow]) -> None:
        """Let lines move with the cards they begin and end at."""
        cards = board.cards
        ends = {(cards[arrow.source].task, arrow.start_y, arrow.start_x) for arrow in shown}
        ends |= {(cards[arrow.target].task, arrow.end_y, arrow.end_x) for arrow in shown}
        for task, y, x in ends:
            self._join(self.card[task], self.at(y, x))

    def head(self, bar: int) -> int:
        """Return the first of the bars that move together."""
        while bar in self.group:
            bar = self.group[bar]
        return bar

    def _join(self, a: int, b: int) -> None:
        a, b = self.head(a), self.head(b)
        if a != b:
            self.group[max(a, b)] = min(a, b)


def _beside(
    cards: Mapping[int, Card], stubs: Iterable[Stub], margins: Margins
) -> dict[int, tuple[int, int]]:
    """Return the cells kept free at the left and right of each card."""
    found = dict.fromkeys(cards, (margins.left, margins.right))
    for stub in stubs:
        card = cards[stub.task]
        left, right = found[stub.task]
        left = max(left, card.x - stub.x)
        right = max(right, stub.x + stub.width - card.x - card.width)
        found[stub.task] = left, right
    return found


def _rows_of(shown: Iterable[Arrow]) -> list[tuple[int, int, int]]:
    """Return the horizontal lines of arrows, those in one, as rows with a first and last cell."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for arrow in shown:
        for y, a, b in (
            (arrow.start_y, arrow.start_x, arrow.out_x),
            (arrow.bus_y, arrow.out_x, arrow.in_x),
            (arrow.end_y, arrow.in_x, arrow.end_x),
        ):
            found[y].append((a, b) if a <= b else (b, a))
    return [(y, *line) for y, lines in sorted(found.items()) for line in _joined(lines)]


def _joined(lines: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return intervals, those that share something as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(lines):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found


def _settled(
    bars: Sequence[_Bar],
    group: Mapping[int, int],
    thin: Mapping[int, int],
    gap: int,
    tops: Mapping[int, int],
) -> list[int] | None:
    """Return the uppermost rows of bars that keep their order, None if there are none.

    `thin` are the heights of bars that become less high, `tops` rows above which some do not go.
    """
    head = list(range(len(bars)))
    for bar in sorted(group):
        head[bar] = head[group[bar]]
    aside = [bar.y - bars[head[at]].y for at, bar in enumerate(bars)]
    # How far each group is below another at least, from the uppermost on.
    apart: dict[tuple[int, int], int] = {}
    over = _above(bars)
    for at in sorted(range(len(bars)), key=lambda at: bars[at].y):
        own, drop, card = head[at], aside[at], bars[at].card
        for other in over[at]:
            if head[other] != own:
                height = thin.get(other, bars[other].height)
                below = aside[other] + height + (gap if card and bars[other].card else 0) - drop
                pair = head[other], own
                if below > apart.get(pair, -1 << 30):
                    apart[pair] = below
    place = [0] * len(bars)
    for bar, top in tops.items():
        place[head[bar]] = max(place[head[bar]], top - aside[bar])
    for bar, drop in enumerate(aside):
        place[head[bar]] = max(place[head[bar]], -drop)
    # Each round settles a chain of bars that move together, of which there are few.
    for _ in range(len(bars) + 1):
        moved = False
        for (other, own), below in apart.items():
            if place[own] < place[other] + below:
                place[own] = place[other] + below
                moved = True
        if not moved:
            return [place[head[at]] + aside[at] for at in range(len(bars))]
    return None


def _above(bars: Sequence[_Bar]) -> list[set[int]]:
    """Return for each bar those just above some cell of it."""
    start = min([bar.first for bar in bars], default=0)
    width = max([bar.last for bar in bars], default=0) - start + 1
    last: list[int] = [-1] * width
    over: list[set[int]] = [set() for _ in bars]
    for at in sorted(range(len(bars)), key=lambda at: bars[at].y):
        first, end = bars[at].first - start, bars[at].last - start + 1
        over[at] = set(last[first:end]) - {-1}
        last[first:end] = [at] * (end - first)
    return over


def _with_rows(
    board: Board, margins: Margins, rows: _Rows, place: Sequence[int], walls: Sequence[int]
) -> Board:
    """Return a board whose cards and lines have other rows."""
    y_of = {task: place[bar] for task, bar in rows.card.items()}
    cards = {task: replace(card, y=y_of[card.task]) for task, card in board.cards.items()}
    tops = [0] + [place[wall] + margins.spare + margins.separator for wall in walls]
    bottom = max(
        [card.y + card.height for card in cards.values()]
        + [place[bar] + 1 for lines in rows.lines.values() for *_, bar in lines]
        + [top + 1 for top in tops],
    )
    ends = [top - margins.separator for top in tops[1:]] + [bottom + margins.alone]
    lanes = tuple(
        replace(lane, y=top, height=end - top)
        for lane, top, end in zip(board.lanes, tops, ends, strict=True)
    )
    arrows = {}
    for key, arrow in board.arrows.items():
        source, target = board.cards[arrow.source], board.cards[arrow.target]
        start_y = y_of[source.task] + arrow.start_y - source.y
        end_y = y_of[target.task] + arrow.end_y - target.y
        if arrow.hidden:
            bus_y = _kept_free(board, lanes, ends[-1], arrow.bus_y)
        else:
            bus_y = place[rows.at(arrow.bus_y, arrow.out_x)]
        arrows[key] = replace(arrow, start_y=start_y, bus_y=bus_y, end_y=end_y)
    stubs = tuple(
        replace(stub, y=y_of[stub.task] + stub.y - board.cards[stub.task].y) for stub in board.stubs
    )
    return replace(board, cards=cards, arrows=arrows, stubs=stubs, lanes=lanes, height=ends[-1])


def _kept_free(board: Board, lanes: Sequence[Lane], height: int, y: int) -> int:
    """Return where a row that is kept free has gone: above a separator, or below the one lane."""
    for before, after in zip(board.lanes, lanes, strict=True):
        if before.y > y:
            return after.y - (before.y - y)
    return height - (board.height - y)


# Cells


# The kinds of things beside cards: lines out of a source and into a target, and walls.
_OUT, _INTO, _WALL = -1, -2, -3


class _Post(NamedTuple):
    """A thing in a cell or more of some rows: its first cell, its rows, its width, and what it is.

    That is the first task of a card, or a kind.
    """

    x: int
    first: int
    end: int
    width: int
    key: int


def _leftwards(board: Board, margins: Margins, kept: Mapping[int, Card]) -> Board:
    cards = {card.task: card for card in board.cards.values()}
    shown = [arrow for arrow in board.arrows.values() if not arrow.hidden]
    beside = _beside(cards, board.stubs, margins)
    posts = []
    for task, card in cards.items():
        left, right = beside[task]
        left = min(left, card.x)
        posts.append(
            _Post(card.x - left, card.y, card.y + card.height, left + card.width + right, task)
        )
    for kind, trunks in zip((_OUT, _INTO), _trunks_of(shown), strict=True):
        for x, lines in trunks.items():
            posts += [_Post(x, first, last + 1, 1, kind) for first, last in lines]
    posts += [_Post(x, 0, board.height, width, _WALL) for x, width in margins.walls]
    posts.sort()
    places: list[int] = []
    free = [0] * board.height
    for x, first, end, width, task in posts:
        place = max(free[first:end])
        if task in kept:
            place = max(place, kept[task].x - (cards[task].x - x))
        places.append(place)
        free[first:end] = [place + width] * (end - first)
    # What leads into a card turns beside it.
    taken = [max(free, default=0)] * board.height
    for at in range(len(posts) - 1, -1, -1):
        _, first, end, _, kind = posts[at]
        if kind == _INTO:
            places[at] = min(taken[first:end]) - 1
        taken[first:end] = [places[at]] * (end - first)
    x_of: dict[int, int] = {}
    gone: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for (x, first, end, _, task), place in zip(posts, places, strict=True):
        if task >= 0:
            x_of[task] = place + cards[task].x - x
        else:
            gone[x].append((first, end, place))
    return _with_cells(board, x_of, gone, max(free, default=0))


def _trunks_of(shown: Iterable[Arrow]) -> Iterator[dict[int, list[tuple[int, int]]]]:
    """Walk over the vertical lines of arrows out of their sources, and then into their targets.

    They are given by their cell, those that are one as one.
    """
    for out in (True, False):
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for arrow in shown:
            x, y = (arrow.out_x, arrow.start_y) if out else (arrow.in_x, arrow.end_y)
            if y != arrow.bus_y:
                found[x].append((y, arrow.bus_y) if y < arrow.bus_y else (arrow.bus_y, y))
        yield {x: _joined(lines) for x, lines in found.items()}


def _with_cells(
    board: Board,
    x_of: Mapping[int, int],
    gone: Mapping[int, Sequence[tuple[int, int, int]]],
    width: int,
) -> Board:
    """Return a board whose cards and trunks have other cells."""
    cards = {task: replace(card, x=x_of[card.task]) for task, card in board.cards.items()}

    def place(x: int, y: int, *, wall: bool) -> int:
        """Return where the trunk through a cell has gone."""
        for first, end, there in gone[x]:
            if first <= y < end and (not wall or end - first == board.height):
                return there
        raise LookupError(x, y)

    arrows = {}
    for key, arrow in board.arrows.items():
        source, target = board.cards[arrow.source], board.cards[arrow.target]
        start_x = x_of[source.task] + arrow.start_x - source.x
        end_x = x_of[target.task] + arrow.end_x - target.x
        out = arrow.hidden or arrow.start_y != arrow.bus_y
        into = arrow.hidden or arrow.end_y != arrow.bus_y
        out_x = place(arrow.out_x, arrow.start_y, wall=arrow.hidden) if out else -1
        in_x = place(arrow.in_x, arrow.end_y, wall=arrow.hidden) if into else -1
        if not out:
            out_x = in_x if into else start_x
        if not into:
            in_x = out_x
        arrows[key] = replace(arrow, start_x=start_x, out_x=out_x, in_x=in_x, end_x=end_x)
    stubs = tuple(
        replace(stub, x=x_of[stub.task] + stub.x - board.cards[stub.task].x) for stub in board.stubs
    )
    columns: list[CardColumn] = []
    for at, column in enumerate(board.columns):
        there = [card for card in cards.values() if card.column == at]
        first = min([card.x for card in there], default=columns[-1].x if columns else 0)
        last = max([card.x + card.width for card in there], default=first)
        columns.append(CardColumn(first, last - first, column.state))
    return replace(
        board, cards=cards, arrows=arrows, stubs=stubs, columns=tuple(columns), width=width
    )
