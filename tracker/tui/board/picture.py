"""The picture of the board in a window: cards, arrows, lane heads, headings and a map."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import cast

from textual.geometry import Region

from tracker import terminal_text
from tracker.domain.model import State
from tracker.flow.board.board import Board
from tracker.flow.board.characters import Manner, paint
from tracker.flow.board.pieces import Arrow, Zoom
from tracker.language import _
from tracker.tui.board.captions import Captions
from tracker.tui.board.highlight import Light
from tracker.tui.board.sketch import Way, way
from tracker.tui.text import cells
from tracker.wording import show
from tracker.wording.show import Glyphs, Piece

_DIMMED = {"needs": "dim", "returns": "dim", "stub": "dim"}

_LIT = {"needs.in", "needs.out", "returns.in", "returns.out", "loop"}

# A card is in sight when so much of its title is, and an edge names so many that are not.
_SEEN, _NAMED = 6, 3
# A map is shown in windows of at least so many cells, and is at most so large itself.
_MAP_FROM = (90, 24)
_MAP_MOST = (32, 8)


class Picture:
    """A board with its words and highlights, ready to be painted in a window of any size."""

    def __init__(self, board: Board, captions: Captions, glyphs: Glyphs) -> None:
        self._board, self._captions = board, captions
        self._glyphs, self._ascii = glyphs, glyphs is show.ASCII
        self._lit = Light()
        self._places: Collection[tuple[int, int]] | None = None
        # What a click in the window leads to: the task at each cell of a name at the edge, and
        # where the map is, with its columns and lanes to a cell.
        self._doors: dict[tuple[int, int], int] = {}
        self._map_at: tuple[Region, int, int] | None = None

    def paint(self, window: Region, lanes: int, lit: Light) -> list[list[Piece]]:
        """Return the rows of a window on the board, the lane column of `lanes` cells at its left.

        Columns that have names get a row above for them.
        """
        self._lit = lit
        self._doors.clear()
        self._map_at = None
        drawn = way(self._board, lit.sketch) if lit.sketch else None
        rows: list[list[Piece]] = paint(
            self._board,
            x=window.x,
            y=window.y,
            width=window.width,
            height=window.height,
            label=self._label,
            lit=self._lit.arrows,
            focus=self._lit.here,
            notes=self._captions.passes(self._lit.arrows),
            more=[(drawn.arrow, self._manner)] if drawn else (),
            clip=cells.clip,
            ascii=self._ascii,
        )
        if self._board.zoom is Zoom.OVERVIEW and self._board.mode == "flow":
            self._lay_dots(rows, window)
        if self._lit.chain:
            rows = [[(text, _DIMMED.get(role, role)) for text, role in row] for row in rows]
        if drawn and drawn.from_right:
            self._lay_head(rows, window, drawn.arrow)
        self._lay_ends(rows, window, drawn)
        self._lay_map(rows, window)
        heads = self._lane_heads(window, lanes)
        painted = [[*head, *row] for head, row in zip(heads, rows, strict=True)]
        return [*self._headings(window, lanes), *painted]

    @property
    def _manner(self) -> Manner:
        """How the arrow that is being drawn is highlighted."""
        sketch = self._lit.sketch
        return "loop" if sketch and (sketch.loop or sketch.kind == "returns") else "out"

    # Cards

    def _label(self, task: int, width: int, height: int) -> Sequence[Sequence[Piece]]:
        """Return the rows of a card as they look now."""
        card = self._board.cards[task]
        members = card.tasks or (task,)
        lit = self._lit
        focused = lit.here in members
        manner = None if focused else next((lit.ends[t] for t in members if t in lit.ends), None)
        faint = bool(lit.chain) and not focused and not any(t in lit.chain for t in members)
        over = ""
        if faint and manner is None:
            over = "dim"
        elif any(t in lit.hits for t in members):
            over = "hit"
        origin = self._origin(members)
        edge = over if over == "dim" else self._captions.edge(card)
        end = edge if manner is None else self._look(manner)
        inside = width - 2 if self._board.zoom < Zoom.LINE else width
        ends = self._board.ends.get(card.task)
        sign: Piece | None = None
        if card.task in lit.marked:
            sign = self._glyphs.mark, "key"
        elif any(t in lit.news for t in members):
            sign = self._glyphs.news, "warn"
        painted: list[list[Piece]] = []
        for at, row in enumerate(self._captions.card(card, self._board.zoom, ends)[:height]):
            line = cells.fill(row, inside)
            # A hit is distinguished from the focus, without colours too, by its first row alone.
            if over == "dim" or (over and not at):
                line = [(text, over) for text, _role in line]
            if inside < width:
                left, right = self._edges(heavy=manner is not None and not at, focused=focused)
                last = (right, edge if self._ascii else "")
                if origin:
                    left, last = origin, (" ", "cursor")
                if not at and sign:
                    last = sign
                line = [(left, "cursor" if origin else edge if at else end), *line, last]
            elif manner is not None:
                line = [(text, f"{role} {end}") for text, role in line]
            if manner is not None and self._board.zoom is Zoom.OVERVIEW and not focused:
                line = self._pointed(line, manner)
            if sign and inside == width:
                line = cells.overlay(line, inside - 1, [sign])
            if origin and inside == width:
                line = cells.overlay(line, inside - 1, [(origin, "cursor")])
            if not at and card.task in lit.labels:
                # Letters stand in the first cell; what two of them push aside is the end.
                letters = lit.labels[card.task]
                line = [(letters, "jump"), *cells.clip(line, 1, width - len(letters))]
            if focused:
                line = [("".join(text for text, _role in line), "cursor")]
            painted.append(line)
        return painted

    def _pointed(self, line: list[Piece], manner: Manner) -> list[Piece]:
        """Return an overview's card with an arrowhead: behind what the focus needs, before what
        needs it, and a sign behind what it shares a loop with.
        """
        sign = self._glyphs.back if manner == "loop" else ">" if self._ascii else "►"
        at = 0 if manner == "out" else cells.row_width(line) - 1
        return cells.overlay(line, at, [(sign, self._look(manner))])

    def _edges(self, *, heavy: bool, focused: bool) -> tuple[str, str]:
        """Return the left and the right edge of a card in one of its rows."""
        if self._ascii:
            return ("{", "}") if heavy or focused else ("[", "]")
        return (" " if focused else "█" if heavy else "▌", " ")

    def _origin(self, members: Collection[int]) -> str:
        """Return the sign of the arrow that is being drawn, on the card it comes from."""
        sketch = self._lit.sketch
        if sketch is None or sketch.source not in members:
            return ""
        return ">" if sketch.kind == "needs" else "<"

    # Around the cards

    def _lane_heads(self, window: Region, lanes: int) -> list[list[Piece]]:
        """Return the rows of the lane column; a lane's head stays in sight with its lane."""
        if not lanes:
            return [[]] * window.height
        line, dot = ("#", ".") if self._ascii else ("║", "·")
        blank: list[Piece] = [(" " * (lanes - 1) + line, "lane")]
        rows = [blank] * window.height
        for y in self._board.index.separators:
            if window.y <= y < window.bottom:
                rows[y - window.y] = [(dot * (lanes - 1) + line, "lane")]
        narrow = self._board.zoom >= Zoom.LINE
        for lane in self._board.lanes:
            first, last = max(lane.y, window.y), min(lane.y + lane.height, window.bottom)
            if first < last:
                head = self._captions.lane(lane, lanes - 2 + narrow, last - first)
                for y, row in enumerate(head, first - window.y):
                    rows[y] = [*cells.fill(row, lanes - 1), (line, "lane")]
        return rows

    def _headings(self, window: Region, lanes: int) -> list[list[Piece]]:
        """Return the row that names the columns, if they have names."""
        if self._board.mode != "state":
            return []
        row: list[Piece] = []
        used = 0
        aside: tuple[list[str], list[str]] = [], []
        for at, column in enumerate(self._board.columns):
            start = max(column.x - window.x, 0)
            room = min(column.x + column.width - window.x, window.width) - start
            name = show.word(cast("State", column.state))
            if room < _SEEN:
                cards = sum(card.column == at for card in self._board.cards.values())
                if cards:
                    aside[column.x > window.x].append(f"{name} {cards}")
            elif start >= used:
                word = terminal_text.cut(name, room)
                row += [(" " * (start - used), ""), (word, "strong")]
                used = start + terminal_text.width(word)
        row.append((" " * (window.width - used), ""))
        left, right = ("<", ">") if self._ascii else ("◄", "►")
        if aside[0]:
            row = cells.overlay(row, 0, [(f"{left} {', '.join(aside[0])}  ", "key")])
        if aside[1]:
            words = terminal_text.cut(f"  {', '.join(aside[1])} {right}", window.width)
            row = cells.overlay(row, window.width - terminal_text.width(words), [(words, "key")])
        return [[(" " * lanes, ""), *cells.fill(row, window.width)]]

    def _lay_dots(self, rows: list[list[Piece]], window: Region) -> None:
        """Lay a dot into every place of a grid that has no card."""
        dot = "." if self._ascii else "·"
        firsts = [first for first, _ in self._board.strips] or [0]
        for at, first in enumerate(firsts):
            end = firsts[at + 1] if at + 1 < len(firsts) else len(self._board.columns)
            columns = self._board.columns[first:end]
            cards = [self._board.index.cards[column] for column in range(first, end)]
            full = {(card.x, card.y) for beside in cards for card in beside}
            lanes = {card.lane for beside in cards for card in beside}
            for lane in (self._board.lanes[lane] for lane in lanes):
                for y in range(max(lane.y, window.y), min(lane.y + lane.height, window.bottom)):
                    for column in columns:
                        x = column.x - window.x
                        if (column.x, y) not in full and 0 <= x < window.width:
                            rows[y - window.y] = cells.overlay(
                                rows[y - window.y], x, [(dot, "lane")]
                            )

    # What is out of sight

    def _lay_head(self, rows: list[list[Piece]], window: Region, arrow: Arrow) -> None:
        """Turn the head of an arrow round that arrives from the right."""
        x, y = arrow.end_x - window.x, arrow.end_y - window.y
        if 0 <= x < window.width and 0 <= y < window.height:
            sign = "<" if self._ascii else "◄" if arrow.kind == "needs" else "◁"
            rows[y] = cells.overlay(rows[y], x, [(sign, self._look(self._manner))])

    @staticmethod
    def _look(manner: Manner) -> str:
        return "loop" if manner == "loop" else f"needs.{manner}"

    def _lay_ends(self, rows: list[list[Piece]], window: Region, drawn: Way | None) -> None:
        """Where an arrow of the focus leaves the window, name the task at its other end."""
        board, here = self._board, self._lit.here
        found: dict[tuple[int, int, str], list[int]] = {}
        lit = [(board.arrows.get(link), manner) for link, manner in self._lit.arrows.items()]
        if drawn:
            lit.append((drawn.arrow, self._manner))
        for arrow, manner in lit:
            if arrow is None or here not in (arrow.source, arrow.target):
                continue
            if arrow.hidden:
                arrow = arrow.revealed((here,))
            other = arrow.target if here == arrow.source else arrow.source
            card = board.cards[other]
            if window.contains(card.x, card.y) and window.contains(card.x + _SEEN, card.y):
                continue
            way = arrow.path if here == arrow.source else arrow.path[::-1]
            place = _exit(way, window)
            if place is None and window.contains(*way[0]) and window.contains(*way[-1]):
                # It arrives at the very edge, and its card is behind that.
                place = (window.x if card.x < window.x else window.right - 1), way[-1][1]
            if place is not None:
                found.setdefault((*place, self._look(manner)), []).append(other)
        for (x, y, look), others in found.items():
            others.sort()
            for named in (_NAMED, 1, 0):
                more = len(others) - named
                word = ",".join(map(str, others[:named])) + (f"+{more}" if more > 0 else "")
                if taken := self._lay_end(rows, window, x, y, word, look):
                    self._doors.update(dict.fromkeys(taken, others[0]))
                    break

    def _lay_end(
        self, rows: list[list[Piece]], window: Region, x: int, y: int, word: str, look: str
    ) -> list[tuple[int, int]]:
        """Put a word at the edge: on an arrow that leaves sideways, else beside it.

        Returns the cells of the window that it takes; none where there is no room.
        """
        x, y, size = x - window.x, y - window.y, len(word)
        if x in (0, window.width - 1):
            places = [(0 if not x else window.width - size, y)]
            places = [at for at in places if not self._carded(window, *at, size)]
        else:
            # At the right of the line or the left, or some rows further in.
            inward = 1 if not y else -1
            near = range(y, y + 4 * inward, inward)
            places = [(start, row) for row in near for start in (x + 1, x - size)]
            places = [at for at in places if self._free(rows, window, *at, size)]
        if not places:
            return []
        start, y = places[0]
        rows[y] = cells.overlay(rows[y], start, [(word, look)])
        return [(start + at, y) for at in range(size)]

    def _carded(self, window: Region, x: int, y: int, size: int) -> bool:
        return bool(self._board.index.cards_within(window.x + x, window.y + y, size, 1))

    def _free(
        self, rows: list[list[Piece]], window: Region, start: int, row: int, size: int
    ) -> bool:
        """Return whether a word may be there: over no card, and no line that is highlighted."""
        if start < 0 or start + size > window.width or not 0 <= row < len(rows):
            return False
        if self._carded(window, start, row, size):
            return False
        under = cells.split(rows[row])[start : start + size]
        return all(role not in _LIT and not text.isdigit() for text, role in under)

    # The map

    def _lay_map(self, rows: list[list[Piece]], window: Region) -> None:
        """Lay a small map of the whole board into a corner, if nothing that counts is under it."""
        board = self._board
        larger = board.width > window.width * 1.2 or board.height > window.height * 1.2
        if (
            not larger
            or board.strips
            or window.width < _MAP_FROM[0]
            or window.height < _MAP_FROM[1]
        ):
            return
        drawn = self._map(window)
        width, height = cells.row_width(drawn[0]), len(drawn)
        left = window.width - width
        for top in (window.height - height, 0):
            corner = Region(window.x + left, window.y + top, width, height)
            under = (cells.clip(row, left, width) for row in rows[top : top + height])
            lit = any(role in _LIT for row in under for _text, role in row)
            if not lit and not board.index.cards_within(*corner):
                for at, row in enumerate(drawn, top):
                    rows[at] = cells.overlay(rows[at], left, row)
                self._map_at = Region(left, top, width, height), *self._scale
                return

    @property
    def _scale(self) -> tuple[int, int]:
        """The columns and the lanes to one sign of the map; a sign is two such places high."""
        board = self._board
        return -(-len(board.columns) // _MAP_MOST[0]), -(-len(board.lanes) // (2 * _MAP_MOST[1]))

    def leads_to(self, x: int, y: int, window: Region) -> int | None:
        """Return the task that a cell of the window leads to, cards left out.

        That is the end which is named at the edge, what a number of hidden arrows stands for, or
        the card nearest to a place on the map.
        """
        if self._map_at is not None and self._map_at[0].contains(x, y):
            area, across, down = self._map_at
            column, lane = (x - area.x - 2) * across, (y - area.y - 1) * 2 * down
            cards = self._board.cards.values()
            near = min(
                cards, key=lambda card: abs(card.column - column) + 2 * abs(card.lane - lane)
            )
            return near.task
        if (x, y) in self._doors:
            return self._doors[x, y]
        stub = next(iter(self._board.index.stubs_within(x + window.x, y + window.y, 1, 1)), None)
        if stub is None:
            return None
        own = self._board.cards[stub.task].tasks
        hidden = [a for a in self._board.arrows.values() if a.hidden and a.kind == stub.kind]
        if stub.out:
            ends = [arrow.target for arrow in hidden if arrow.source in own]
        else:
            ends = [arrow.source for arrow in hidden if arrow.target in own]
        return ends[0] if ends and (len(ends) == 1 or self._lit.here in own) else stub.task

    def _map(self, window: Region) -> list[list[Piece]]:
        """Return the map: a cell for some columns and two lanes, with dots where the window is."""
        board = self._board
        across, down = self._scale
        width = -(-len(board.columns) // across)
        height = -(-len(board.lanes) // (2 * down))
        full = self._full(across, down)
        seen_x = {
            at // across
            for at, column in enumerate(board.columns)
            if column.x < window.right and column.x + column.width > window.x
        }
        seen_y = {
            at // down // 2
            for at, lane in enumerate(board.lanes)
            if lane.y < window.bottom and lane.y + lane.height > window.y
        }
        signs, dot = (" '.:", ",") if self._ascii else (" ▀▄█", "·")
        frame = "+-|+++" if self._ascii else "┌─│┐└┘"
        corner, line, side, ends = frame[0], frame[1], frame[2], frame[3:]
        # A blank column parts it from arrows that end at it.
        name = terminal_text.cut(_("map"), max(width - 1, 0), ellipsis="")
        drawn: list[list[Piece]] = [
            [(f" {corner}{line}{name}".ljust(width + 2, line) + ends[0], "lane")]
        ]
        for y in range(height):
            row: list[Piece] = [(f" {side}", "lane")]
            for x in range(width):
                there = ((x, 2 * y) in full) + 2 * ((x, 2 * y + 1) in full)
                seen = x in seen_x and y in seen_y
                sign = dot if seen and not there else signs[there]
                row.append((sign, "key" if seen else "dim"))
            drawn.append([*row, (side, "lane")])
        drawn.append([(f" {ends[1]}{line * width}{ends[2]}", "lane")])
        return drawn

    def _full(self, across: int, down: int) -> Collection[tuple[int, int]]:
        """Return the places of the map that hold cards."""
        if self._places is None:
            cards = self._board.cards.values()
            self._places = {(card.column // across, card.lane // down) for card in cards}
        return self._places


def _exit(way: Sequence[tuple[int, int]], window: Region) -> tuple[int, int] | None:
    """Return the last cell of a way in the window, None where it begins out of it or stays in."""
    for (x0, y0), (x1, y1) in pairwise(way):
        if not window.contains(x0, y0):
            return None
        if not window.contains(x1, y1):
            x = min(max(x1, window.x), window.right - 1)
            return x, min(max(y1, window.y), window.bottom - 1)
    return None
