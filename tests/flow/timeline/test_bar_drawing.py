"""Bars as text, and the arrows of one task over them."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import TODAY, plan
from tests.flow.timeline.test_axis import axis
from tests.flow.timeline.test_timeline import FRIDAY, with_task
from tests.strategies import days, workspaces
from tracker.domain.workspace import Workspace
from tracker.flow.timeline import bar_drawing
from tracker.flow.timeline.axis import SCALES, Axis
from tracker.flow.timeline.bar_drawing import ASCII, UNICODE
from tracker.flow.timeline.timeline import Bar, Timeline, read

WEEK = axis("week", FRIDAY, 21)


def line(bar: Bar, on_axis: Axis = WEEK, p80: date | None = None) -> str:
    """Return a bar as text."""
    cells, _end = bar_drawing.drawn(bar, on_axis, TODAY, UNICODE, p80)
    return "".join(sign for sign, _role in cells)


def bar(first: int, last: int, **more: object) -> Bar:
    """Return a bar that is left from some days after today on."""
    return Bar(1, left=(TODAY + timedelta(first), TODAY + timedelta(last)), **more)  # type: ignore[arg-type]


def test_a_bar_is_what_is_worked_what_is_left_and_its_slack() -> None:
    found = bar(0, 2, worked=((FRIDAY, FRIDAY),), latest=TODAY + timedelta(4))
    assert line(found).rstrip() == "▓··███──··     ··"


def test_a_bar_may_end_with_the_calendar() -> None:
    endless = (TODAY, date.max)
    assert line(Bar(task=1, worked=(), left=endless, latest=date.max)) == line(
        Bar(task=1, worked=(), left=endless)
    )


def test_nobody_works_on_the_free_days_of_a_bar() -> None:
    assert line(bar(3, 8))[:15] == " ··┃  ██░░██   "


def test_a_whisker_leads_to_p80_and_a_diamond_is_the_day_it_is_due() -> None:
    found = bar(0, 0, due=TODAY + timedelta(2))
    assert line(found, p80=TODAY + timedelta(4))[:10] == " ··█╌◆╌┤··"
    late = bar(0, 0, due=FRIDAY, late=True)
    cells, _end = bar_drawing.drawn(late, WEEK, TODAY, UNICODE)
    assert cells[0] == ("◆", "alarm")


def test_a_milestone_is_a_diamond_and_a_guess_a_question_mark() -> None:
    assert line(bar(1, 1, milestone=True))[:6] == " ··┃◇ "
    assert line(bar(1, 1, guessed=True))[:6] == " ··┃? "


def test_what_is_out_of_sight_is_told_at_the_edge() -> None:
    assert line(bar(40, 41))[-1] == "▸"
    assert line(Bar(1, worked=((FRIDAY - timedelta(9), FRIDAY - timedelta(8)),)))[0] == "◂"
    missed = bar(0, 0, due=FRIDAY - timedelta(3), late=True)
    assert bar_drawing.drawn(missed, WEEK, TODAY, UNICODE)[0][0] == ("◂", "alarm")


def test_a_holiday_is_a_line_through_all_rows() -> None:
    xmas = axis("week", date(2026, 12, 24), 4)
    assert "".join(sign for sign, _role in bar_drawing.ground(xmas, TODAY, UNICODE)) == " ┊··"


def test_ascii_has_a_sign_of_one_cell_for_each_of_unicode() -> None:
    for name, sign in UNICODE._asdict().items():
        other = getattr(ASCII, name)
        assert other.isascii()
        assert len(other) == len(sign) in (1, 16)


@given(workspaces(), st.sampled_from(SCALES), days, st.integers(1, 80))
def test_the_cells_of_a_bar_are_those_of_its_days(
    ws: Workspace, scale: str, first: date, cells: int
) -> None:
    found, on_axis = read(ws, TODAY), axis(scale, first, cells)  # type: ignore[arg-type]
    for task in ws.tasks:
        each = found.bar(task)
        drawn, end = bar_drawing.drawn(each, on_axis, TODAY, UNICODE)
        assert len(drawn) == cells
        assert 0 <= end <= cells
        left = {at for at, (_sign, role) in enumerate(drawn) if role in ("left", "critical")}
        wanted = set(on_axis.span(*each.left)) if each.left and not each.milestone else set()
        # A mark may stand over a cell of the bar.
        assert left <= wanted
        assert len(wanted - left) <= 2


# Arrows


def arrows(found: Timeline, task: int, on_axis: Axis = WEEK) -> list[str]:
    """Return the lines of all tasks with the arrows of one over them."""
    lines = {task: at for at, task in enumerate(found.ws.tasks)}
    over = bar_drawing.arrows(found, task, lines, on_axis, range(len(lines)), UNICODE)
    return [
        "".join(
            sign
            for sign, _role in bar_drawing.laid_over(
                bar_drawing.drawn(found.bar(each), on_axis, TODAY, UNICODE)[0], over.get(at, {})
            )
        ).rstrip(" ·")
        for each, at in lines.items()
    ]


def test_an_arrow_leads_from_the_end_of_a_bar_to_the_beginning_of_another() -> None:
    ws = with_task(plan("1-3", tasks=3, likely=1), 3, not_before=TODAY + timedelta(3))
    assert arrows(read(ws, TODAY), 3) == [" ··█─┐", " ··█─│─", " ··┃ ►█"]


def test_one_without_a_gap_leaves_its_bar_to_be_seen() -> None:
    assert arrows(read(plan("1-2", likely=1), TODAY), 1) == [" ··█", " ··►█"]


def test_one_that_goes_back_leads_from_end_to_end() -> None:
    ws = plan("1-2", returns="2-1", likely=1)
    assert arrows(read(ws, TODAY), 2)[0].startswith(" ··█◁")
    assert "╯" in arrows(read(ws, TODAY), 2)[1]


@given(workspaces(), st.sampled_from(SCALES), days, st.data())
def test_arrows_stay_in_the_window(
    ws: Workspace, scale: str, first: date, data: st.DataObject
) -> None:
    if not ws.tasks:
        return
    found, on_axis = read(ws, TODAY), axis(scale, first, 30)  # type: ignore[arg-type]
    lines = {task: at for at, task in enumerate(ws.tasks)}
    top = data.draw(st.integers(0, len(lines)))
    window = range(top, min(top + 4, len(lines)))
    over = bar_drawing.arrows(
        found, data.draw(st.sampled_from(list(lines))), lines, on_axis, window, UNICODE
    )
    for at, cells in over.items():
        assert at in window
        assert all(0 <= cell < on_axis.cells for cell in cells)


def test_what_is_finished_without_a_day_has_no_arrow() -> None:
    found = read(plan("1-2", states="1:done 2:todo"), TODAY)
    assert found.bar(1).first is None
    assert arrows(found, 2)[0].strip() == "··┃"
