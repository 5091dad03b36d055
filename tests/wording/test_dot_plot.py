"""Dots that can be counted say how likely a day is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.flow.forecast.finish import Finish
from tracker.wording.dot_plot import DOTS, dot_plot
from tracker.wording.show import ASCII, UNICODE, Glyphs


def finish(ends: Sequence[float]) -> Finish:
    """Return the finish of so many runs."""
    ordered = sorted(ends)
    p50, p80, p95 = (ordered[math.ceil(q * len(ends)) - 1] for q in (0.5, 0.8, 0.95))
    return Finish(tuple(ends), 0, 0, p50, p80, p95, p80, p80)


def drawn(ends: Sequence[float], cells: int = 40, rows: int = 8, glyphs: Glyphs = UNICODE) -> str:
    """Return the dots as text."""
    lines = dot_plot(
        finish(ends), cells=cells, rows=rows, label=lambda day: f"d{day}", glyphs=glyphs
    )
    return "\n".join("".join(text for text, _role in line).rstrip() for line in lines)


def test_a_stack_for_each_day() -> None:
    # Of twenty runs each is a dot.
    assert drawn([3.0] * 4 + [4.0] * 8 + [5.0] * 5 + [6.0, 7.0, 9.0]).splitlines() == [
        "    ●   ▫",
        "●   ●   ●",
        "●   ●●  ●",
        "●   ●●  ●",
        "●   ●●  ●   ▫   ▫       ▫",
        "    ▲P50 P80    ▲P95",
        "└d2     └d4     └d6     └d8",
        "● 5 of 100 runs each · ▫ later than P80",
    ]


@given(
    st.lists(st.floats(0, 400), min_size=25, max_size=80),
    st.integers(40, 140),
    st.integers(3, 14),
    st.sampled_from([UNICODE, ASCII]),
)
def test_twenty_dots_of_which_sixteen_are_up_to_p80(
    ends: list[float], cells: int, rows: int, glyphs: Glyphs
) -> None:
    lines = drawn(ends, cells, rows, glyphs).splitlines()
    assert 3 + (rows >= 5) <= len(lines) <= rows
    assert all(len(line) <= cells for line in lines)
    sure, late = ("*", ".") if glyphs is ASCII else ("●", "▫")
    dots = "".join(lines[: -2 - (rows >= 5)])
    assert (dots.count(sure), dots.count(late)) == (16, 4)
    assert sum(map(len, dots.split())) == DOTS


def test_a_certain_day_is_one_stack() -> None:
    lines = drawn([7.0] * 100, rows=7).splitlines()
    assert lines[:4] == ["●●●●▫"] * 4
    assert lines[4:6] == ["▲P50 P80 P95", "└d6"]


@pytest.mark.parametrize("rows", [3, 4])
def test_in_little_room_dots_of_several_days_stand_side_by_side(rows: int) -> None:
    lines = drawn([float(day) for day in range(1, 101)], cells=60, rows=rows).splitlines()
    assert sum(line.count("●") for line in lines) == 16
    assert "later" not in lines[-1]


def test_thousands_of_years_are_drawn_at_once() -> None:
    """Whoever counts each day of them holds up the screen for minutes."""
    ends = [*[0.0] * 19, 500_000_000.0]
    assert drawn(ends).count("●") + drawn(ends).count("▫") >= DOTS
