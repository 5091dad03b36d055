"""When something may be over, as twenty dots over days, each of them one of twenty chances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from tracker import terminal_text
from tracker.language import _
from tracker.wording.show import ASCII, Glyphs, Piece

if TYPE_CHECKING:
    from tracker.flow.forecast.finish import Finish

DOTS = 20
# So many of them are up to P50, and so many up to P80.
_HALF, _LIKELY = 10, 16
# Cells between two stacks of dots where there is room.
_WIDEST = 4
# With so many rows there is one for what a dot means.
_ROOMY = 5


def dot_plot(
    finish: Finish, *, cells: int, rows: int, label: Callable[[int], str], glyphs: Glyphs
) -> list[tuple[Piece, ...]]:
    """Return at most `rows` lines: stacks of dots, with their days and what they mean below them.

    Each dot is the middle of a twentieth of the runs: what is likely is counted, not read off a
    height. Dots of days that share a stack stand side by side where it is full. Quantile dot plot:
    Kay, Kola, Hullman & Munson 2016; with twenty dots people decide best (Fernandes, Walls, Munson,
    Hullman & Kay 2018, "Uncertainty Displays Using Quantile Dotplots or CDFs Improve Transit
    Decision-Making"). Days are counted from 0, the first one of the plan.
    """
    from tracker.flow.forecast.remaining_work import last_day

    days = [last_day(finish.quantile((at + 0.5) / DOTS)) for at in range(DOTS)]
    first, roomy = days[0], rows >= _ROOMY
    height = max(rows - 2 - roomy, 1)
    each, width = _stacks(days, cells, height)

    def place(day: int) -> int:
        return min((max(day, first) - first) // each * width, cells - 1)

    grid: dict[tuple[int, int], Piece] = {}
    filled: Counter[int] = Counter()
    for at, day in enumerate(days):
        start = place(day)
        aside, level = divmod(filled[start], height)
        filled[start] += 1
        grid[start + aside, level] = _dot(at, glyphs)
    lines = [_row(grid, level) for level in reversed(range(min(max(filled.values()), height)))]
    quantiles = ((finish.p50, "P50"), (finish.p80, "P80"), (finish.p95, "P95"))
    marks = [(place(last_day(at)), name) for at, name in quantiles]
    named = _names(marks, "^" if glyphs is ASCII else "▲", cells)
    lines.append(((terminal_text.cut(named, cells), "strong"),))
    starts = [(place(day), label(day)) for day in range(first, days[-1] + 1, each)]
    lines.append(((_words(starts, cells, "|" if glyphs is ASCII else "└"), "dim"),))
    if roomy:
        text = _("{dot} 5 of 100 runs each · {late} later than P80")
        told = text.format(dot=_dot(0, glyphs)[0], late=_dot(DOTS, glyphs)[0])
        lines.append(((terminal_text.cut(told, cells), "dim"),))
    return lines


def _stacks(days: Sequence[int], cells: int, height: int) -> tuple[int, int]:
    """Return how many days share a stack, the fewest that have room, and its width in cells."""
    span = days[-1] - days[0] + 1
    fewest = -(-span // cells)
    # Over thousands of years a day more or less is none that can be seen.
    for each in count(fewest, fewest // cells or 1):
        room = cells // -(-span // each)
        most = max(Counter((day - days[0]) // each for day in days).values())
        needed = -(-most // height)
        if needed < room or each >= span:
            return each, min(room, max(_WIDEST, needed + 1))
    raise AssertionError  # never: one stack of all days is the last


def _dot(at: int, glyphs: Glyphs) -> Piece:
    """Return a dot by its place: up to P50, up to P80, or later."""
    sure, late = ("*", ".") if glyphs is ASCII else ("●", "▫")
    if at < _LIKELY:
        return sure, "done" if at < _HALF else "warn"
    return late, "dim"


def _row(grid: dict[tuple[int, int], Piece], level: int) -> tuple[Piece, ...]:
    """Return the dots of a row, counted from below."""
    pieces: list[Piece] = []
    last = max((at for at, height in grid if height == level), default=-1)
    for at in range(last + 1):
        text, role = grid.get((at, level), (" ", ""))
        if pieces and pieces[-1][1] == role:
            pieces[-1] = (pieces[-1][0] + text, role)
        else:
            pieces.append((text, role))
    return tuple(pieces)


def _names(marks: Iterable[tuple[int, str]], pointer: str, cells: int) -> str:
    """Return the names of the marks, each behind a pointer to its stack where there is room."""
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
