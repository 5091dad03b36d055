"""Moments are days: of the zone that is named, of here, or of the one a file was written in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from tracker.domain.errors import BadInput
from tracker.exchange.moments import Moments
from tracker.exchange.source import Source


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let the machine stand in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def stamps(hour: int, *days: int, minute: int = 0, month: int = 12) -> list[datetime]:
    return [datetime(2026, month, day, hour, minute, tzinfo=UTC) for day in days]


def days(found: list[datetime], zone: str = "") -> tuple[list[date], Source]:
    source = Source("a")
    moments = Moments(source, zone, found)
    read = [moments.day(row, "due", stamp) for row, stamp in enumerate(found, 1)]
    moments.tell()
    return read, source


def test_the_zone_that_is_named_counts() -> None:
    read, source = days(stamps(23, 3, 10), "Europe/Berlin")
    assert read == [date(2026, 12, 4), date(2026, 12, 11)]
    assert not source.approximations


@pytest.mark.usefixtures("zone")
def test_midnights_of_another_zone_are_its_days() -> None:
    read, source = days(stamps(23, 3, 10, 17, 22))
    assert read == [date(2026, 12, day) for day in (4, 11, 18, 23)]
    [told] = source.approximations
    assert "UTC+1," in str(told.why)


@pytest.mark.usefixtures("zone")
def test_a_time_of_day_among_midnights_of_another_zone_is_one() -> None:
    found = [*stamps(23, *range(1, 11)), *stamps(16, 22)]
    read, source = days(found)
    assert read[-1] == date(2026, 12, 22)
    assert read[0] == date(2026, 12, 2)
    assert any("2026-12-22 17:00" in each.value for each in source.approximations)


@pytest.mark.usefixtures("zone")
def test_summer_and_winter_are_one_zone() -> None:
    read, source = days([*stamps(22, 1, 2, 3, month=7), *stamps(23, 3, 10)])
    assert read[:1] + read[-1:] == [date(2026, 7, 2), date(2026, 12, 11)]
    assert "UTC+1/+2," in str(source.approximations[0].why)


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("hour", [8, 12, 17])
def test_hours_of_work_are_times_of_day_and_no_other_zone(hour: int) -> None:
    read, source = days(stamps(hour, 3, 10, 17, 22))
    assert read == [date(2026, 12, day) for day in (3, 10, 17, 22)]
    [told] = source.approximations
    assert (told.column, str(told.why)) == ("due", "The time of day was dropped (4 tasks).")


@pytest.mark.usefixtures("zone")
def test_few_stamps_and_mixed_ones_show_no_zone() -> None:
    assert days(stamps(23, 3, 4))[0] == [date(2026, 12, 3), date(2026, 12, 4)]
    mixed = [*stamps(23, 1, 2, 3), *stamps(21, 4, 5, 6), *stamps(20, 7, 8)]
    assert days(mixed)[0][0] == date(2026, 12, 1)


@pytest.mark.usefixtures("zone")
def test_the_last_minute_of_a_day_is_that_day() -> None:
    read, source = days(stamps(23, 3, 4, 5, minute=59))
    assert read[0] == date(2026, 12, 3)
    assert not source.approximations


def test_without_a_zone_a_moment_is_meant_here() -> None:
    bare = datetime(2026, 12, 3, 17, 0)  # noqa: DTZ001 (as files have it)
    assert Moments(Source("a"), "Europe/Berlin").day(1, "due", bare) == date(2026, 12, 3)


def test_what_no_calendar_has_is_refused() -> None:
    moments = Moments(Source("a"), "America/New_York")
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for odd in (first, last, first + timedelta(1)):
        with pytest.raises(BadInput, match="is not a date"):
            moments.day(1, "due", odd)
    with pytest.raises(BadInput, match="is not a time zone"):
        Moments(Source("a"), "Mars/Olympus")
    with pytest.raises(BadInput, match="is not a time zone"):
        Moments(Source("a"), "../../etc/passwd")
