"""Updates of the screen in few bytes: only what has changed, moved to and coloured cheaply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tracker import terminal_text
from tracker.tui.terminal import private_parts

# Moves within a screen that every terminal since the VT220 knows. A vertical tab goes straight
# down, and is not taken for a new line on its way as a line feed is.
_DOWN, _BACK, _ERASE = "\v", "\b", "\x1b[K"
# A line is drawn downwards from so many cells further left at most.
_STEPS = 4
_NOWHERE = -9
_SYSTEMS = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT}


def install() -> None:
    """Have Textual send updates in few bytes, if this version allows."""
    private_parts.send_updates(_partial, _full)


def _full(update: Any, console: Console) -> str:
    """Return an update of the whole screen as what is sent to the terminal."""
    system = _system(console)
    left, width = update.region.x, update.region.width
    pen = _Pen(left + width)
    for y, row in enumerate(update.strips, update.region.y):
        pieces = [
            (_look(segment.style or Style.null(), system), segment.text, segment.cell_length)
            for strip in row
            for segment in strip
        ]
        blank = 0
        while pieces and not pieces[-1][0] and not pieces[-1][1].strip(" "):
            blank += pieces.pop()[2]
        x = left
        for look, text, cells in pieces:
            pen.take(look)
            pen.write(x, y, text, cells)
            x += cells
        if blank:
            pen.take("")
            pen.write(x, y, _ERASE if left + width == console.width else " " * blank, 0)
    pen.take("")
    return "".join(pen.parts)


def _partial(update: Any, console: Console) -> str:
    """Return an update of some stretches of rows as what is sent to the terminal."""
    system = _system(console)
    # By look, then by row: a text for each cell at which one begins.
    looks: dict[str, dict[int, dict[int, tuple[str, int]]]] = {"": {}}
    for y, start, end in update.spans:
        for right, (left, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            x, last = max(left, start), min(right, end)
            if strip is None or x >= last:
                continue
            for segment in _crop(strip, x - left, last - left):
                look = _look(segment.style or Style.null(), system)
                cells = segment.cell_length
                looks.setdefault(look, {}).setdefault(y, {})[x] = segment.text, cells
                x += cells
    pen = _Pen(max((ends[-1] for ends in update.chop_ends if ends), default=0))
    for look, rows in looks.items():
        pen.take(look)
        for y, row in rows.items():
            while row:
                x = next(iter(row))
                pen.write(x, y, *row.pop(x))
                # Down along a line as far as it goes: each step is shorter than to name the cell.
                while below := rows.get(pen.y + 1):
                    x = min(below, key=lambda start: abs(pen.x - start))
                    if not 0 <= pen.x - x <= _STEPS:
                        break
                    pen.write(x, pen.y + 1, *below.pop(x))
    pen.take("")
    return "".join(pen.parts)


def _crop(strip: Strip, start: int, end: int) -> Iterable[Segment]:
    """Return a stretch of a strip; signs keep their marks, which `Strip.crop` cuts off at its end.

    Of a wide sign cut in two a blank is left.
    """
    if all(terminal_text.narrow(segment.text) for segment in strip):
        return strip.crop(start, end)
    return _signs(strip, start, end)


def _signs(strip: Strip, start: int, end: int) -> Iterator[Segment]:
    x = 0
    for segment in strip:
        text = ""
        for sign, cells in terminal_text.graphemes(segment.text):
            if start <= x and x + cells <= end and (cells or start < x):
                text += sign
            elif start < x + cells and x < end:
                text += " "
            x += cells
        if text:
            yield Segment(text, segment.style)


class _Pen:
    """Writes at places, and knows where it is and which look is set."""

    def __init__(self, width: int) -> None:
        self.parts: list[str] = []
        self.x = self.y = _NOWHERE
        self._width = width
        self._look = ""

    def take(self, look: str) -> None:
        """Set another look."""
        if look != self._look:
            self.parts.append(f"\x1b[0;{look}m" if look and self._look else f"\x1b[{look}m")
            self._look = look

    def write(self, x: int, y: int, text: str, cells: int) -> None:
        """Write a text from a cell on."""
        wipe = f"\x1b[{cells}X"
        if not self._look and cells > len(wipe) and text.isspace():
            # Erased without a step: whatever comes next is mostly elsewhere.
            self.parts += (self._move(x, y), wipe)
            self.x, self.y = x, y
            return
        self.parts += (self._move(x, y), text)
        self.x, self.y = x + cells, y
        # Behind the last cell a terminal waits upon it, and some have wrapped already; and not all
        # give wide signs as many cells.
        if self.x >= self._width or cells != len(text):
            self.x = self.y = _NOWHERE

    def _move(self, x: int, y: int) -> str:
        """Return the shortest way to a cell."""
        named = f"\x1b[{y + 1};{x + 1}H"
        if self.y < 0:
            return named
        down = y - self.y
        lines = min(_DOWN * down, f"\x1b[{down}B", key=len) if down > 0 else _step(-down, "A")
        aside = x - self.x
        cells = min(_BACK * -aside, f"\x1b[{-aside}D", key=len) if aside < 0 else _step(aside, "C")
        return min(lines + cells, lines + "\r" + _step(x, "C"), named, key=len)


def _step(count: int, way: str) -> str:
    """Return a move by some cells or lines."""
    return f"\x1b[{count}{way}" if count > 1 else f"\x1b[{way}" if count else ""


def _system(console: Console) -> ColorSystem:
    return _SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)


@lru_cache(maxsize=512)
def _look(style: Style, system: ColorSystem) -> str:
    """Return the numbers that set a look."""
    return Strip.render_ansi(style, system)
