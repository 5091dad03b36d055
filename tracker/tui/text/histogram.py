"""A histogram in cells: how often something ends on which day, with marks below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tracker import terminal_text
from tracker.tui.text.fitting import Line
from tracker.wording.show import Piece

# Eighths of a cell, from nothing to all of it.
_BLOCKS = " ▁▂▃▄▅▆▇█"
# A column that stands for one day is at most so wide.
_WIDEST = 6
# What lies beyond this share of all is shown by a sign at the end of the line.
_SHOWN = 0.97


class Mark(NamedTuple):
    """A day to be marked, by its name in a few letters."""

    day: int
    name: str


def histogram(
    counts: Sequence[int],
    first_day: int,
    *,
    cells: int,
    rows: int,
    marks: Iterable[Mark] = (),
    label: Callable[[int], str] = str,
    ascii: bool = False,
) -> list[Line]:
    """Return `rows` lines of columns, one with the marks and one with days in words.

    `counts[k]` falls on day `first_day + k`. Days share a column where there are more of them than
    cells. Columns before the first mark, up to the second and beyond look different.
    """
    marks = list(marks)
    shown, more = _shown(counts, [mark.day - first_day for mark in marks])
    room = max(1, cells - more)
    days = -(-len(shown) // room)
    width = max(1, min(_WIDEST, room // max(1, len(shown))))
    columns = [sum(shown[at : at + days]) for at in range(0, len(shown), days)]

    def place(day: int) -> int:
        return max(0, min((day - first_day) // days, len(columns) - 1)) * width

    roles = _roles(len(columns), [place(mark.day) // width for mark in marks])
    lines = [
        _row(columns, roles, level, rows, width, ascii=ascii) for level in reversed(range(rows))
    ]
    if more:
        lines[-1] = (*lines[-1], (">" if ascii else "…", "dim"))
    pointer = "^" if ascii else "▲"
    named = _names([(place(mark.day), mark.name) for mark in marks], pointer, cells)
    starts = [(at * width, label(first_day + at * days)) for at in range(len(columns))]
    return [*lines, ((named, "strong"),), ((_words(starts, cells, "|" if ascii else "└"), "dim"),)]


def _shown(counts: Sequence[int], marked: Iterable[int]) -> tuple[list[int], bool]:
    """Return the counts that are worth a column, and whether there are more behind them."""
    least = max((at + 1 for at in marked), default=0)
    total, so_far = sum(counts), 0
    for at, count in enumerate(counts):
        so_far += count
        if so_far >= _SHOWN * total and at + 1 >= least:
            return list(counts[: at + 1]), so_far < total
    return list(counts) or [0], False


def _roles(columns: int, marked: Sequence[int]) -> list[str]:
    """Return the style of each column: sure, likely, and what lies beyond the second mark."""
    ends = sorted(marked)
    styles = ("done", "warn", "dim")
    return [styles[min(sum(end < at for end in ends), 2)] for at in range(columns)]


def _row(
    columns: Sequence[int], roles: Sequence[str], level: int, rows: int, width: int, *, ascii: bool
) -> Line:
    """Return the part of the columns that lies between two heights, `level` counted from below."""
    most = max(columns, default=0) or 1
    pieces: list[Piece] = []
    for count, role in zip(columns, roles, strict=True):
        eighths = -(-count * rows * 8 // most) - level * 8
        if ascii:
            sign = "#" if eighths >= 4 else "." if eighths > 0 and not level else " "
        else:
            sign = _BLOCKS[max(0, min(eighths, 8))]
        # A gap beside a wide column, or days would run into one another.
        text = sign * (width - (width > 2)) + " " * (width > 2)
        if pieces and pieces[-1][1] == role:
            pieces[-1] = (pieces[-1][0] + text, role)
        else:
            pieces.append((text, role))
    return tuple(pieces)


def _names(marks: Iterable[tuple[int, str]], pointer: str, cells: int) -> str:
    """Return the names of the marks, each behind a pointer to its column where there is room."""
    line = ""
    for at, name in sorted(marks):
        if line and at <= len(line):
            line += f" {name}"
        elif at + len(name) + 1 > cells:
            line = line.ljust(max(len(line) + bool(line), at - len(name))) + name + pointer
        else:
            line = line.ljust(at) + pointer + name
    return line


def _words(starts: Iterable[tuple[int, str]], cells: int, tick: str) -> str:
    """Return as many words as have room, each from its cell on."""
    line = ""
    for at, words in starts:
        room = at - terminal_text.width(line)
        if not line or (room >= 3 and at + terminal_text.width(words) < cells):
            line += " " * room + tick + words
    return line
