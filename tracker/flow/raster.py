"""The board as characters: any window of it, row by row, as runs of text with a role.

Where two lines cross, the vertical one stays whole and the other breaks; `┼ ├ ┬` are joins.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from tracker.flow.board import Arrow, Board, Card, Stub

Run = tuple[str, str]
Label = Callable[[int, int, int], Sequence[Sequence[Run]]]
Manner = Literal["in", "out", "loop"]

# A cell knows its four sides, two bits each: 1 a light line, 2 or 3 a heavy one; and whether
# some line turns or ends in it, as only then its lines are joined.
_LEFT, _RIGHT, _UP, _DOWN, _TURN = 1, 4, 16, 64, 256
_ACROSS, _ALONG = _LEFT | _RIGHT, _UP | _DOWN
_SIDES = 255

# Odd for needs, even for returns, so that the lowest bit tells solid from dashed; where lines
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
                glyph = ":" if dashed else "|"
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
    ascii: bool = False,
) -> list[list[Run]]:
    """Return the rows of a window whose top left cell is (`x`, `y`), each `width` cells.

    `label` gives the rows of text within a card from its task, width and height. `lit` are links
    to draw heavy: on the way in to the focus, out of it, or in its loop; the hidden ones among
    them are drawn if they begin or end at the task in `focus`.
    Roles: `needs` and `returns`, with `.in` or `.out` when lit, `loop`; `stub`, `lane` for the
    line between lanes, those of `label`, and the empty one for blanks.
    """
    window = _Window(board, x, y, width, height, ascii)
    index = board.index
    lit = lit or {}
    for arrow in index.arrows_within(x, y, width, height):
        manner = lit.get(arrow.link)
        window.draw(arrow, (2 if arrow.kind == "returns" else 1) + (_RANK[manner] if manner else 0))
    if focus is not None and focus in board.cards:
        tasks = board.cards[focus].tasks
        for link, manner in lit.items():
            hidden = board.arrows.get(link)
            if hidden and hidden.hidden and (hidden.source in tasks or hidden.target in tasks):
                role = (2 if hidden.kind == "returns" else 1) + _RANK[manner]
                window.draw(hidden.revealed(tasks), role)
    return window.rows(index.cards_within(x, y, width, height), index.separators, label)


class _Window:
    """The cells of a window while lines are being drawn into it."""

    def __init__(self, board: Board, x: int, y: int, width: int, height: int, ascii: bool) -> None:
        self.board = board
        self.x, self.y, self.width, self.height = x, y, width, height
        self.dashed, self.solid, self.heads, self.dots = _glyph_set(ascii)
        self.sides = [0] * (width * height)
        self.across = [0] * (width * height)
        self.along = [0] * (width * height)
        self.ends: dict[int, int] = {}
        self.numbers: dict[int, str] = {}

    def draw(self, arrow: Arrow, role: int) -> None:
        """Draw what of an arrow falls into the window."""
        weight = 2 if role > 2 else 1
        path = arrow.path
        left, top, width, height = self.x, self.y, self.width, self.height
        sides, across, along = self.sides, self.across, self.along
        last = len(path) - 1
        came = 0
        for i in range(last):
            x0, y0 = path[i]
            x1, y1 = path[i + 1]
            if y0 == y1:
                goes, comes = (_RIGHT, _LEFT) if x1 > x0 else (_LEFT, _RIGHT)
                row = y0 - top
                if 0 <= row < height:
                    low, high = (x0 + 1, x1) if x1 > x0 else (x1 + 1, x0)
                    first = row * width - left
                    start = max(left, low)
                    end = min(left + width, high)
                    bits = _ACROSS * weight
                    for at in range(first + start, first + end):
                        sides[at] |= bits
                        if across[at] < role:
                            across[at] = role
            else:
                goes, comes = (_DOWN, _UP) if y1 > y0 else (_UP, _DOWN)
                column = x0 - left
                if 0 <= column < width:
                    low, high = (y0 + 1, y1) if y1 > y0 else (y1 + 1, y0)
                    start = max(top, low)
                    end = min(top + height, high)
                    bits = _ALONG * weight
                    for at in range(
                        (start - top) * width + column, (end - top) * width + column, width
                    ):
                        sides[at] |= bits
                        if along[at] < role:
                            along[at] = role
            if 0 <= x0 - left < width and 0 <= y0 - top < height:
                at = (y0 - top) * width + x0 - left
                # Beside its card a line touches the card.
                sides[at] |= (came | goes | _TURN) if i else _ACROSS
                if weight == 2:
                    sides[at] |= (came | goes if i else _ACROSS) * 2
                if across[at] < role:
                    across[at] = role
                if i and along[at] < role:
                    along[at] = role
            came = comes
        x0, y0 = path[last]
        if 0 <= x0 - left < width and 0 <= y0 - top < height:
            at = (y0 - top) * width + x0 - left
            self.ends[at] = max(self.ends.get(at, 0), role)

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
                        self.numbers[at] = glyph

    def _row(
        self, row: int, texts: Sequence[tuple[int, int, Sequence[Run]]], separator: bool
    ) -> list[Run]:
        runs: list[Run] = []
        at = 0
        for x, cells, text in texts:
            start, end = max(x - self.x, 0), min(x - self.x + cells, self.width)
            self._lines(runs, row, at, start, separator)
            _clip(runs, text, start - (x - self.x), end - start)
            at = end
        self._lines(runs, row, at, self.width, separator)
        return runs

    def _lines(self, runs: list[Run], row: int, start: int, end: int, separator: bool) -> None:
        """Append the cells from `start` to `end` of a row."""
        if end <= start:
            return
        first = row * self.width
        blank, ground = (self.dots, "lane") if separator else (" ", "")
        if not any(self.sides[first + start : first + end]) and not self.ends and not self.numbers:
            runs.append((blank * (end - start), ground))
            return
        text = ""
        role = ""
        for at in range(first + start, first + end):
            sides = self.sides[at]
            if number := self.numbers.get(at):
                glyph, now = number, "stub"
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


def _clip(runs: list[Run], text: Sequence[Run], skip: int, width: int) -> None:
    """Append `width` cells of a text from cell `skip` on; half a wide character is a blank."""
    for piece, role in text:
        if width <= 0:
            return
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


@functools.lru_cache(4096)
def _cells(character: str) -> int:
    """Return the cells a character takes: 0, 1 or 2."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
