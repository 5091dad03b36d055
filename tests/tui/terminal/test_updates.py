"""What is sent to the terminal: whatever is sent, the screen is as if all of it had been."""

from __future__ import annotations

from typing import Any

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from textual import _compositor
from textual.geometry import Region
from textual.strip import Strip

from tracker.tui.terminal import updates
from tracker.tui.text import cells
from tracker.wording.show import Piece

COLUMNS, ROWS = 24, 5
ROLES = ("", "dim", "strong", "cursor", "doing", "loop", "needs.in")

updates.install()
pieces = st.lists(
    st.tuples(st.text("ab │━漢é", min_size=1, max_size=9), st.sampled_from(ROLES)), max_size=8
)
pictures = st.lists(pieces, min_size=ROWS, max_size=ROWS)


def filled(picture: list[list[Piece]]) -> list[list[Piece]]:
    return [cells.fill(row, COLUMNS) for row in picture]


def strips(rows: list[list[Piece]]) -> list[Strip]:
    return [cells.strip(row, COLUMNS) for row in rows]


def console() -> Console:
    return Console(color_system="256", force_terminal=True, width=COLUMNS, height=ROWS)


def full(rows: list[list[Piece]]) -> str:
    region = Region(0, 0, COLUMNS, ROWS)
    update = _compositor.LayoutUpdate([[strip] for strip in strips(rows)], region)
    return update.render_segments(console())


def partial(before: list[list[Piece]], after: list[list[Piece]]) -> str:
    changes = [
        (y, start, end)
        for y, (old, new) in enumerate(zip(before, after, strict=True))
        for start, end in cells.changed(old, new)
    ]
    if not changes:
        return ""
    chops = [{0: strip} for strip in strips(after)]
    update = _compositor.ChopsUpdate(chops, changes, [[COLUMNS]] * ROWS)
    return update.render_segments(console())


def screen(*sent: str) -> list[list[Any]]:
    terminal = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(terminal)
    for part in sent:
        stream.feed(part)
    return [[terminal.buffer[y][x] for x in range(COLUMNS)] for y in range(ROWS)]


def said(rows: list[list[Piece]]) -> list[str]:
    return ["".join(text for text, _role in row).rstrip() for row in rows]


@given(picture=pictures)
def test_the_whole_screen_says_what_was_painted(picture: list[list[Piece]]) -> None:
    rows = filled(picture)
    text = ["".join(cell.data for cell in row).rstrip() for row in screen(full(rows))]
    assert text == said(rows)


@given(before=pictures, after=pictures)
def test_an_update_in_parts_leaves_the_screen_as_a_whole_one_does(
    before: list[list[Piece]], after: list[list[Piece]]
) -> None:
    old, new = filled(before), filled(after)
    assert screen(full(old), partial(old, new)) == screen(full(new))


def test_a_line_down_the_screen_costs_six_bytes_a_row() -> None:
    blank = [cells.fill([], COLUMNS) for _ in range(ROWS)]
    line = [cells.fill([(" " * 20, ""), ("┃", "loop")], COLUMNS) for _ in range(ROWS)]
    sent = partial(blank, line).encode()
    assert len(sent) <= 30 + 6 * (ROWS - 1)
    assert screen(full(blank), partial(blank, line)) == screen(full(line))


@given(before=pieces, after=pieces)
def test_only_cells_that_differ_are_named_as_changed(
    before: list[Piece], after: list[Piece]
) -> None:
    old, new = cells.fill(before, COLUMNS), cells.fill(after, COLUMNS)
    stretches = cells.changed(old, new)
    now, then = cells.split(new), cells.split(old)
    for start, end in stretches:
        then[start:end] = now[start:end]
    assert then == now
    assert cells.changed(new, new) == []


@given(row=pieces, over=pieces, start=st.integers(0, COLUMNS))
def test_a_row_keeps_its_width_under_another(
    row: list[Piece], over: list[Piece], start: int
) -> None:
    under = cells.fill(row, COLUMNS)
    above = cells.fill(over, min(6, COLUMNS - start))
    laid = cells.overlay(under, start, above)
    assert cells.row_width(laid) == COLUMNS
    text = "".join(char for char, _role in cells.split(laid))
    assert "".join(char for char, _role in above) in text


def test_what_follows_a_wide_sign_is_where_it_belongs_on_any_terminal() -> None:
    rest: list[list[Piece]] = [[] for _ in range(ROWS - 2)]
    before = filled([[("a", "")], [("b", "")], *rest])
    after = filled([[("漢漢", "")], [("c", "")], *rest])
    assert "漢漢\x1b[2;1Hc" in partial(before, after)


@given(st.sampled_from(("e\u0301", "u\u0308", "👩\u200d🚀")), st.sampled_from(("X", "Y")))
def test_a_sign_at_the_end_of_a_change_keeps_its_marks(sign: str, following: str) -> None:
    rest: list[list[Piece]] = [[] for _ in range(ROWS - 1)]
    before = filled([[("abcdX", "")], *rest])
    after = filled([[("ab" + sign + following, "")], *rest])
    assert sign in partial(before, after)
