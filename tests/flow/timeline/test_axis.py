"""An axis of days: which cells stand for which days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import TODAY
from tests.strategies import days
from tracker.domain.calendar import Calendar
from tracker.flow.timeline.axis import SCALES, Axis, TimeScale, fitting

CALENDAR = Calendar("DE-NW")
XMAS = date(2026, 12, 25)


def axis(scale: TimeScale, first: date = TODAY, cells: int = 50) -> Axis:
    """Return an axis in North Rhine-Westphalia."""
    return Axis(scale, first, cells, CALENDAR)


axes = st.builds(axis, st.sampled_from(SCALES), days, st.integers(1, 120))


@given(axes)
def test_cells_follow_each_other_and_leave_no_day_out(axis: Axis) -> None:
    assert len(axis.days) == axis.cells
    assert axis.days[0][0] == axis.first
    for (first, last), (after, _last) in zip(axis.days, axis.days[1:], strict=False):
        assert first <= last
        assert after in (first, last + timedelta(1))


@given(axes, days, st.integers(0, 400))
def test_a_span_is_the_cells_of_its_days(axis: Axis, first: date, length: int) -> None:
    last = first + timedelta(length)
    wanted = [at for at, (a, z) in enumerate(axis.days) if a <= last and z >= first]
    assert list(axis.span(first, last)) == wanted


@given(axes, days, st.integers(0, 60))
def test_a_day_put_on_an_axis_is_in_sight_where_it_was_wanted(
    axis: Axis, day: date, at: int
) -> None:
    at = min(at, max(axis.cells - 8, 0))
    moved = axis.with_day(day, at)
    begin = moved.begin(day)
    if axis.cells > 8:
        assert begin is not None
        # Weeks begin on Mondays, and a working day takes three cells.
        assert at - 1 <= begin <= at + 7


@given(axes, days)
def test_an_axis_that_reaches_a_day_shows_it_and_stays_where_it_did(axis: Axis, day: date) -> None:
    if axis.cells > 8:
        assert axis.reaching(day).span(day, day)
    if axis.span(day, day):
        assert axis.reaching(day) is axis


def test_a_working_day_takes_three_cells_and_a_free_one_a_single_cell() -> None:
    friday = axis("day", date(2026, 11, 27), 8)
    assert [first.day for first, _last in friday.days] == [27, 27, 27, 28, 29, 30, 30, 30]
    assert friday.grounds == ("", "", "", "weekend", "weekend", "", "", "")


def test_a_holiday_is_told_from_a_weekend_and_a_week_is_never_free() -> None:
    assert axis("week", XMAS, 3).grounds == ("holiday", "weekend", "weekend")
    assert set(axis("month", XMAS).grounds) == {""}


@pytest.mark.parametrize(
    ("scale", "first", "after"),
    [
        ("day", date(2026, 12, 31), date(2027, 1, 1)),
        ("week", date(2026, 12, 31), date(2027, 1, 7)),
        ("month", date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_a_step_is_what_the_zoom_is_named_after(scale: TimeScale, first: date, after: date) -> None:
    assert axis(scale).stepped(first, 1) == after
    assert axis("month").stepped(date(2027, 1, 15), -1) == date(2026, 12, 1)


@pytest.mark.parametrize(("length", "scale"), [(7, "day"), (40, "week"), (300, "month")])
def test_the_nearest_axis_that_shows_all_is_chosen(length: int, scale: TimeScale) -> None:
    found = fitting(CALENDAR, TODAY, TODAY + timedelta(length), 50)
    assert found.scale == scale
    assert found.span(TODAY + timedelta(length), TODAY + timedelta(length))


def test_what_no_axis_shows_is_shown_from_its_beginning_on() -> None:
    found = fitting(CALENDAR, TODAY, TODAY.replace(year=2040), 50)
    assert (found.scale, found.begin(TODAY)) == ("month", 0)
    assert fitting(CALENDAR, TODAY, TODAY + timedelta(80), 50, 2).scale == "week"


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("day", [date.min, date.max])
def test_an_axis_reaches_to_the_ends_of_all_calendars(scale: TimeScale, day: date) -> None:
    found = axis(scale, TODAY, 20).reaching(day)
    assert len(found.days) == 20
    assert found.span(day, day)
    assert axis(scale).stepped(day, 1 if day == date.max else -1) == day
