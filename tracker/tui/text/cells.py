"""Rows of cells and how they look: compared, laid over each other, made into strips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.segment import Segment
from textual.strip import Strip

from tracker import terminal_text
from tracker.tui.text.styles import style
from tracker.wording.show import Piece


def row_width(row: Iterable[Piece]) -> int:
    """Return the width of a row in cells."""
    return sum(terminal_text.width(text) for text, _role in row)


def cut_row(row: Iterable[Piece], room: int) -> list[Piece]:
    """Return a row cut to at most `room` cells."""
    kept: list[Piece] = []
    for text, look in row:
        if room <= 0:
            break
        shown = terminal_text.cut(text, room)
        kept.append((shown, look))
        room -= terminal_text.width(shown)
        if shown != text:
            break
    return kept


def fill(row: Iterable[Piece], room: int, role: str = "") -> list[Piece]:
    """Return a row of exactly `room` cells, cut or filled with blanks."""
    kept = cut_row(row, room)
    left = room - row_width(kept)
    return [*kept, (" " * left, role)] if left > 0 else kept


def strip(row: Iterable[Piece], room: int) -> Strip:
    """Return a row for the screen; neighbours of one look become one, as each look costs bytes."""
    segments: list[Segment] = []
    for text, role in row:
        look = style(role)
        if segments and segments[-1].style == look:
            segments[-1] = Segment(segments[-1].text + text, look)
        elif text:
            segments.append(Segment(text, look))
    return Strip(segments, room)


def split(row: Iterable[Piece]) -> list[Piece]:
    """Return a row cell by cell; the second cell of a wide character is empty."""
    cells: list[Piece] = []
    for text, role in row:
        if terminal_text.narrow(text):
            cells += [(char, role) for char in text]
            continue
        for char, size in terminal_text.graphemes(text):
            if size:
                cells += [(char, role), ("", role)][:size]
            elif cells:
                cells[-1] = (cells[-1][0] + char, cells[-1][1])
    return cells


def clip(row: Sequence[Piece], skip: int, room: int) -> list[Piece]:
    """Return `room` cells of a row from cell `skip` on; half a wide character is a blank."""
    if (
        not skip
        and all(terminal_text.narrow(text) for text, _role in row)
        and row_width(row) == room
    ):
        return list(row)
    cells = split(row)
    kept = cells[skip : skip + room]
    kept += [(" ", row[-1][1] if row else "")] * (room - len(kept))
    if kept and skip and not kept[0][0]:
        kept[0] = (" ", kept[0][1])
    if skip + room < len(cells) and not cells[skip + room][0]:
        kept[-1] = (" ", kept[-1][1])
    return _join(kept)


def changed(before: Sequence[Piece], after: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return the stretches of cells, as (start, end), in which two rows of one width differ."""
    first, last = 0, min(len(before), len(after))
    skipped = 0
    while first < last and before[first] == after[first]:
        skipped += terminal_text.width(before[first][0])
        first += 1
    tail = 0
    while tail < last - first and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old_cells = split(before[first : len(before) - tail])
    new_cells = split(after[first : len(after) - tail])
    found: list[tuple[int, int]] = []
    for at, (old, new) in enumerate(zip(old_cells, new_cells, strict=True)):
        if old == new:
            continue
        # Both halves of a wide character are one change.
        start = at - (not old[0] or not new[0])
        end = at + 1
        if end < len(new_cells) and not (old_cells[end][0] and new_cells[end][0]):
            end += 1
        # To step over a single cell costs no more than the sign of a line.
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return [(start + skipped, end + skipped) for start, end in found]


def overlay(row: Sequence[Piece], start: int, over: Sequence[Piece]) -> list[Piece]:
    """Return a row with another laid over it from the cell `start` on."""
    end = start + row_width(over)
    return [*clip(row, 0, start), *over, *clip(row, end, max(row_width(row) - end, 0))]


def _join(cells: Iterable[Piece]) -> list[Piece]:
    return [
        ("".join(text for text, _role in group), role)
        for role, group in groupby(cells, key=lambda cell: cell[1])
    ]
