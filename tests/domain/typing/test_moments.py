"""Past moments as they are typed: the end of a day, or a time of it."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from tests.builders import TODAY
from tracker.domain.errors import BadInput
from tracker.domain.typing.dates import parse_moment


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3.5.", date(2026, 5, 3)),
        ("yesterday", date(2026, 11, 22)),
        ("KW 40", date(2026, 10, 2)),
        ("2026-11-01", date(2026, 11, 1)),
        ("24.12.", date(2025, 12, 24)),
    ],
)
def test_a_day_is_meant_with_all_that_was_done_on_it(text: str, day: date) -> None:
    assert parse_moment(text, TODAY) == datetime.combine(day, time.max).astimezone()


@pytest.mark.parametrize(
    "text", ["3.5. 14:30", "3. Mai 14:30 Uhr", "2026-05-03 14:30", "2026-05-03T14:30"]
)
def test_a_time_of_a_day(text: str) -> None:
    assert parse_moment(text, TODAY) == datetime(2026, 5, 3, 14, 30).astimezone()


@pytest.mark.parametrize("text", ["", "14:30", "3.5. 25:00", "T", "never 9:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_moment(text, TODAY)
