"""The board as characters: any window of it, row by row, as runs of text with a role.

Where two lines cross, the vertical one stays whole and the other breaks; `┼ ├ ┬` are joins.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from tracker.flow.board.board import Board
from tracker.flow.board.pieces import Arrow, Card, Stub

Run = tuple[str, str]
Label = Callable[[int, int, int], Sequence[Sequence[Run]]]
Clip = Callable[[Sequence[Run], int, int], list[Run]]
Manner = Literal["in", "out", "loop"]

# A cell knows its four sides, two bits each: 1 a light line, 2 or 3 a heavy one; and whether
# some line turns or ends in it, as only then its lines are joined.
_LEFT, _RIGHT, _UP, _DOWN, _TURN = 1, 4, 16, 64, 256
_ACROSS, _ALONG = _LEFT | _RIGHT, _UP | _DOWN
_SIDES = 255

# Odd for needs, even for returns, so that the lowest bit means solid or dashed; where lines
# share a cell the higher one gives it its role.
_ROLES = (
    "", "needs", "returns", "needs.in", "returns.in", "needs.out", "returns.out", "loop", "loop",
)  # fmt: skip
_RANK = {"in": 2, "out": 4, "loop": 6}

# All 81 ways of no, a light or a heavy line to the left, right, up and down, the last fastest.
_BOX = " ╷╻╵│╽╹╿┃╶┌┎└├┟┖┞┠╺┍┏┕┝┢┗┡┣╴┐┒┘┤┧┚┦┨─┬┰┴┼╁┸╀╂╼┮┲┶┾╆┺╄╊╸┑┓┙┥┪┛┩┫╾┭┱┵┽╅┹╃╉━┯┳┷┿╈┻╇╋"
_DASHED = str.maketrans("─━│┃┌┐└┘", "╌╍╎╏╭╮╰╯")


def _glyphs(*, dashed: bool, ascii: bool) -> tuple[str, ...]:
    """Return the glyph of every combination of sides."""
    glyphs = []
    for sides in range(256):
        weights = [min(sides >> shift & 3, 2) for shift in (0, 2, 4, 6)]
        left, right, up, down = weights
        glyph = _BOX[((left * 3 + right) * 3 + up) * 3 + down]
        if ascii:
            heavy = 2 in weights
            if not up and not down:
                glyph = ":" if dashed else "=" if heavy else "-"
            elif not left and not right:
                glyph = ":" if dashed else '"' if heavy else "|"
            else:
                glyph = "*" if heavy else "+"
            glyph = glyph if sides else " "
        elif dashed:
            glyph = glyph.translate(_DASHED)
        glyphs.append(glyph)
    return tuple(glyphs)


@functools.cache
def _glyph_set(ascii: bool) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, str], str]:
    heads = (">", ">") if ascii else ("►", "▷")
    return (
        _glyphs(dashed=True, ascii=ascii),
        _glyphs(dashed=False, ascii=ascii),
        heads,
        "." if ascii else "·",
    )


def paint(
    board: Board,
    *,
    x: int,
    y: int,
    width: int,
    height: int,
    label: Label,
    lit: Mapping[int, Manner] | None = None,
    focus: int | None = None,
    notes: Mapping[int, str] | None = None,
    more: Iterable[tuple[Arrow, Manner]] = (),
    clip: Clip | None = None,
    ascii: bool = False,
) -> list[list[Run]]:
    """Return the rows of a window whose top left cell is (`x`, `y`), each `width` cells.

    `label` gives the rows of text within a card from its task, width and height, and `clip` what
    of such a row is left from a cell on, in so many cells; it is asked at the edges of the window
    and for text that is not ASCII, whose width the terminal's own tables decide. `lit` are links
    to draw heavy: on the way in to the focus, out of it, or in its loop; the hidden ones among
    them are drawn if they begin or end at the task in `focus`. `notes` are short texts of narrow
    characters to write on the way of a return, by its link, where there is room. `more` are lit
    arrows that the board does not have.
    Roles: `needs` and `returns`, with `.in` or `.out` when lit, `loop`; `stub`, `lane` for the
    line between lanes, those of `label`, and the empty one for blanks.
    """
    window = _Window(board, x, y, width, height, ascii, clip or _clip)
    index = board.index
    for arrow in index.arrows_within(x, y, width, height):
        window.draw(arrow, 1 + (arrow.kind == "returns"))
    tasks = board.cards[focus].tasks if focus is not None and focus in board.cards else ()
    for link, manner in (lit or {}).items():
        lit_arrow = board.arrows.get(link)
        if lit_arrow is None:
            continue
        if lit_arrow.hidden:
            if lit_arrow.source not in tasks and lit_arrow.target not in tasks:
                continue
            lit_arrow = lit_arrow.revealed(tasks)
        window.draw(lit_arrow, 1 + (lit_arrow.kind == "returns") + _RANK[manner])
    for arrow, manner in more:
        window.draw(arrow, 1 + (arrow.kind == "returns") + _RANK[manner])
    for link, text in (notes or {}).items():
        noted = board.arrows.get(link)
        if noted and not noted.hidden and y <= noted.bus_y < y + height:
            window.note(noted, text)
    return window.rows(index.cards_within(x, y, width, height), index.separators, label)


class _Window:
    """The cells of a window while lines are being drawn into it."""

    def __init__(
        self, board: Board, x: int, y: int, width: int, height: int, ascii: bool, clip: Clip
    ) -> None:
        self._clip = clip
        self.board = board
        self.x, self.y, self.width, self.height = x, y, width, height
        self.dashed, self.solid, self.heads, self.dots = _glyph_set(ascii)
        self.sides = [0] * (width * height)
        self.across = [0] * (width * height)
        self.along = [0] * (width * height)
        self.ends: dict[int, int] = {}
        # What is written over lines, with its role.
        self.written: dict[int, tuple[str, str]] = {}

    def draw(self, arrow: Arrow, role: int) -> None:
        """Draw what of an arrow falls into the window."""
        weight = 2 if role > 2 else 1
        path = arrow.path
        came = 0
        for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(path)):
            if y0 == y1:
                self._draw_across(y0, min(x0, x1) + 1, max(x0, x1), weight, role)
                goes, comes = (_RIGHT, _LEFT) if x1 > x0 else (_LEFT, _RIGHT)
            else:
                self._draw_along(x0, min(y0, y1) + 1, max(y0, y1), weight, role)
                goes, comes = (_DOWN, _UP) if y1 > y0 else (_UP, _DOWN)
            at = self._cell(x0, y0)
            if at >= 0:
                # Beside its card a line touches the card.
                self.sides[at] |= (came | goes) * weight | _TURN if i else _ACROSS * weight
                self.across[at] = max(self.across[at], role)
                if i:
                    self.along[at] = max(self.along[at], role)
            came = comes
        at = self._cell(*path[-1])
        if at >= 0:
            self.ends[at] = max(self.ends.get(at, 0), role)

    def note(self, arrow: Arrow, text: str) -> None:
        """Write a text on the long row of a return, in the role that it has there."""
        x = self.board.index.note_cell(arrow, len(text))
        for i, glyph in enumerate(text if x is not None else ""):
            at = self._cell((x or 0) + i, arrow.bus_y)
            if at >= 0 and not self.along[at]:
                self.written[at] = glyph, _ROLES[self.across[at]]

    def _cell(self, x: int, y: int) -> int:
        """Return the place of a cell in the window, -1 if it lies outside."""
        x, y = x - self.x, y - self.y
        return y * self.width + x if 0 <= x < self.width and 0 <= y < self.height else -1

    def _draw_across(self, y: int, start: int, end: int, weight: int, role: int) -> None:
        row = y - self.y
        if 0 <= row < self.height:
            first = row * self.width - self.x
            start, end = max(self.x, start), min(self.x + self.width, end)
            self._draw_line(self.across, range(first + start, first + end), _ACROSS * weight, role)

    def _draw_along(self, x: int, start: int, end: int, weight: int, role: int) -> None:
        column = x - self.x
        if 0 <= column < self.width:
            start = (max(self.y, start) - self.y) * self.width + column
            end = (min(self.y + self.height, end) - self.y) * self.width + column
            self._draw_line(self.along, range(start, end, self.width), _ALONG * weight, role)

    def _draw_line(self, roles: list[int], cells: range, bits: int, role: int) -> None:
        sides = self.sides
        for at in cells:
            sides[at] |= bits
            if roles[at] < role:
                roles[at] = role

    def rows(
        self, cards: Sequence[Card], separators: frozenset[int], label: Label
    ) -> list[list[Run]]:
        """Put cards, stubs and the lines between lanes to what was drawn, as runs."""
        by_row: list[list[tuple[int, int, Sequence[Run]]]] = [[] for _ in range(self.height)]
        for card in cards:
            lines = label(card.task, card.width, card.height)
            for i in range(card.height):
                row = card.y + i - self.y
                if 0 <= row < self.height:
                    by_row[row].append((card.x, card.width, lines[i] if i < len(lines) else ()))
        self._count(self.board.index.stubs_within(self.x, self.y, self.width, self.height))
        return [
            self._row(row, sorted(texts, key=lambda item: item[0]), row + self.y in separators)
            for row, texts in enumerate(by_row)
        ]

    def _count(self, stubs: Sequence[Stub]) -> None:
        """Write the numbers of hidden arrows, over lines if need be, their heads beside them."""
        for stub in stubs:
            first = (stub.y - self.y) * self.width - self.x
            for x, glyph in enumerate(f"{stub.count}{self.heads[stub.kind == 'returns']}", stub.x):
                if self.x <= x < self.x + self.width:
                    at = first + x
                    if glyph.isdigit() or not (self.sides[at] or at in self.ends):
                        self.written[at] = glyph, "stub"

    def _row(
        self, row: int, texts: Sequence[tuple[int, int, Sequence[Run]]], separator: bool
    ) -> list[Run]:
        runs: list[Run] = []
        at = 0
        for x, cells, text in texts:
            start, end = max(x - self.x, 0), min(x - self.x + cells, self.width)
            self._lines(runs, row, at, start, separator)
            if end > start:
                runs += self._clip(text, start - (x - self.x), end - start)
            at = end
        self._lines(runs, row, at, self.width, separator)
        return runs

    def _lines(self, runs: list[Run], row: int, start: int, end: int, separator: bool) -> None:
        """Append the cells from `start` to `end` of a row."""
        if end <= start:
            return
        first = row * self.width
        blank, ground = (self.dots, "lane") if separator else (" ", "")
        if not any(self.sides[first + start : first + end]) and not self.ends and not self.written:
            runs.append((blank * (end - start), ground))
            return
        text = ""
        role = ""
        for at in range(first + start, first + end):
            sides = self.sides[at]
            if written := self.written.get(at):
                glyph, now = written
            elif head := self.ends.get(at):
                glyph, now = self.heads[not head & 1], _ROLES[head]
            elif not sides:
                glyph, now = blank, ground
            else:
                if not sides & _TURN and sides & 15 and sides & 240:
                    sides &= 240
                if sides & _TURN:
                    rank = max(self.along[at], self.across[at])
                else:
                    rank = self.along[at] if sides & 240 else self.across[at]
                glyph = (self.solid if rank & 1 else self.dashed)[sides & _SIDES]
                now = _ROLES[rank]
            if now != role and text:
                runs.append((text, role))
                text = ""
            text += glyph
            role = now
        runs.append((text, role))


def _clip(text: Sequence[Run], skip: int, width: int) -> list[Run]:
    """Return `width` cells of a text from cell `skip` on; half a wide character is a blank."""
    runs: list[Run] = []
    for piece, role in text:
        if width <= 0:
            return runs
        if not skip and piece.isascii() and len(piece) <= width:
            runs.append((piece, role))
            width -= len(piece)
            continue
        kept = ""
        for character in piece:
            cells = _cells(character)
            if skip >= cells > 0:
                skip -= cells
            elif skip:
                kept += " " * (cells - skip)
                width -= cells - skip
                skip = 0
            elif cells <= width:
                kept += character
                width -= cells
            else:
                kept += " " * width
                width = 0
            if width <= 0:
                break
        if kept:
            runs.append((kept, role))
    if width > 0:
        runs.append((" " * width, text[-1][1] if text else ""))
    return runs


@functools.lru_cache(4096)
def _cells(character: str) -> int:
    """Return the cells a character takes: 0, 1 or 2."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
