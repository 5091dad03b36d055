"""Dates as lists write them, and how all of them together distinguish day and month."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tests.builders import TODAY
from tests.exchange.lists import taken, taken_file, workbook
from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence
from tracker.exchange import importing
from tracker.exchange.date_cells import DateColumns
from tracker.exchange.source import How

LISTS = DATA / "lists"


def ignored(_why: Sentence) -> None:
    """Pass over a guess."""


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def dues(folder: Path, *texts: str, head: str = "Due") -> list[date | None]:
    """Return the dates that a column of texts is read as."""
    got = taken("Task;" + head + "\n" + "".join(f"x;{text}\n" for text in texts), folder)
    return [task.due for task in got.tasks]


# --- single dates ------------------------------------------------------------------------------


def test_the_dates_of_other_programs_are_read() -> None:
    got = taken_file(LISTS / "14-dates.csv")
    assert [task.due for task in got.tasks] == [
        date(2026, 6, 11),
        date(2026, 7, 16),
        *[date(2026, 3, 9)] * 5,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon 07.12.26", date(2026, 12, 7)),
        ("Mit 23.12.26", date(2026, 12, 23)),
        ("Don, 24.12.2026", date(2026, 12, 24)),
        ("02/März/26 9:12 AM", date(2026, 3, 2)),
        ("20/Nov./26 4:05 PM", date(2026, 11, 20)),
        ("9. Mär 2026", date(2026, 3, 9)),
        ("9-Dez-26", date(2026, 12, 9)),
        ("December 7, 2026 8:00 AM", date(2026, 12, 7)),
        ("2026.03.09", date(2026, 3, 9)),
        ("2026/3/9 12:00", date(2026, 3, 9)),
        ("9.3.2026 17:00 Uhr", date(2026, 3, 9)),
        ("12/31/98", date(1998, 12, 31)),
        ("31.12.30", date(2030, 12, 31)),
    ],
)
def test_one_date_is_one_day(tmp_path: Path, text: str, expected: date) -> None:
    assert dues(tmp_path, f'"{text}"') == [expected]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Mon 08.12.26", "Mon 08.12.26 is not that weekday."),
        ("Sun 6/11/27", "Sun 6/11/27 is not that weekday."),
        ("31/02/2026", "31/02/2026 is not a date."),
        ("13/13/2026", "13/13/2026 is not a date."),
        ("1.1.9999", "The year of 1.1.9999 is implausible."),
        ("KW 26/27", "KW 26/27 is ambiguous; write KW 26-27 or KW 26/2027."),
    ],
)
def test_what_is_no_day_is_reported_and_kept(tmp_path: Path, text: str, why: str) -> None:
    got = taken(f"Task;Due\nx;{text}", tmp_path)
    assert (got.tasks[0].due, got.tasks[0].notes) == (None, f"Due: {text}")
    assert [warned[3] for warned in got.warnings] == [why]


def test_weeks_side_by_side_are_a_span_and_no_year() -> None:
    got = taken_file(LISTS / "15-kw-span.csv", today=date(2026, 3, 2))
    assert [task.due for task in got.tasks] == [
        date(2026, 3, 13),
        date(2026, 12, 4),
        date(2026, 3, 31),
    ]
    # A year is never chosen without a word.
    assert [why for *_, why in got.warnings] == [
        "Read as 2026-03-13.",
        "Read as 2026-12-04.",
        "Read as 2026-03-31.",
    ]


def test_a_month_with_its_year_is_told_from_a_day_by_the_others(tmp_path: Path) -> None:
    assert dues(tmp_path, "Apr 26", "Jun 27") == [date(2026, 4, 30), date(2027, 6, 30)]
    assert dues(tmp_path, "Apr 26", "Jun 3") == [date(2027, 4, 26), date(2027, 6, 3)]
    assert dues(tmp_path, "Dez 26", "Mrz-27") == [date(2026, 12, 31), date(2027, 3, 31)]


def test_a_cell_that_shows_a_month_is_its_last_day(tmp_path: Path) -> None:
    def as_month(sheet: object) -> None:
        sheet["B2"].number_format = "mmm yy"  # type: ignore[index]  # a sheet, as openpyxl has it

    rows = (("Task", "Due"), ("x", date(2026, 3, 1)))
    got = taken(workbook(*rows, shape=as_month), tmp_path, name="list.xlsx")
    assert got.tasks[0].due == date(2026, 3, 31)


# --- times of day ------------------------------------------------------------------------------


@pytest.mark.usefixtures("berlin")
def test_midnight_of_another_zone_is_the_day_it_is_here() -> None:
    got = taken_file(LISTS / "10-utc-instants.csv")
    assert {task.due for task in got.tasks} == {date(2026, 3, 9)}
    why = "3 times in another time zone were converted to local dates."
    assert [warned[3] for warned in got.warnings] == [why]


@pytest.mark.usefixtures("berlin")
def test_midnights_of_a_zone_that_are_none_here_are_days_of_that_zone(tmp_path: Path) -> None:
    assert dues(tmp_path, "2026-07-09T00:00:00-04:00", "2026-12-24T00:00:00-05:00") == [
        date(2026, 7, 9),
        date(2026, 12, 24),
    ]
    # A time of day says that it is a moment.
    assert dues(tmp_path, "2026-07-09T20:00:00-04:00") == [date(2026, 7, 10)]


@pytest.mark.usefixtures("berlin")
def test_a_moment_keeps_its_time_of_day(tmp_path: Path) -> None:
    got = taken("Task;Created\nx;09/Mar/26 5:00 PM\ny;2026-03-09T23:30:00Z", tmp_path)
    assert [task.created for task in got.tasks] == [
        datetime(2026, 3, 9, 16, tzinfo=UTC),
        datetime(2026, 3, 9, 23, 30, tzinfo=UTC),
    ]
    assert got.warnings == []


@pytest.mark.parametrize("clock", ["00:00", "12:00 AM", "23:59", "23:59:59"])
def test_the_ends_of_a_day_are_no_time_of_day(tmp_path: Path, clock: str) -> None:
    assert taken(f"Task;Due\nx;2026-03-09 {clock}", tmp_path).warnings == []


# --- day and month -----------------------------------------------------------------------------


def why_of(folder: Path, text: str) -> list[str]:
    """Return what is said of the dates of a list."""
    return [why for *_, why in taken(text, folder).warnings]


def test_a_date_in_one_column_tells_of_the_others(tmp_path: Path) -> None:
    got = taken("Task;Start;Due\nx;4/5/2026;6/7/2026\ny;4/25/2026;8/9/2026", tmp_path)
    assert [(task.not_before, task.due) for task in got.tasks] == [
        (date(2026, 4, 5), date(2026, 6, 7)),
        (date(2026, 4, 25), date(2026, 8, 9)),
    ]
    assert [why for *_, why in got.warnings] == [
        f"Dates such as {text} were read as month/day/year,"
        " as 4/25/2026 in row 3 allows nothing else."
        for text in ("4/5/2026", "6/7/2026")
    ]


def test_a_weekday_tells_the_day_from_the_month(tmp_path: Path) -> None:
    assert dues(tmp_path, "Thu 6/11/26", "7/8/26") == [date(2026, 6, 11), date(2026, 7, 8)]


def test_no_row_ends_before_it_begins(tmp_path: Path) -> None:
    text = "Task;Start;Finish\nx;2/11/2026;3/2/2026\ny;3/4/2026;4/5/2026"
    got = taken(text, tmp_path)
    assert [(task.not_before, task.due) for task in got.tasks] == [
        (date(2026, 2, 11), date(2026, 3, 2)),
        (date(2026, 3, 4), date(2026, 4, 5)),
    ]
    assert got.warnings[0][3] == (
        "Dates such as 2/11/2026 were read as month/day/year; otherwise row 2 would end before"
        " it starts."
    )


def test_nothing_was_created_tomorrow(tmp_path: Path) -> None:
    created = f"{TODAY:%m/%d/%Y}".replace("23", "05")
    got = taken(f"Task;Created;Due\nx;12/05/2026;12/06/2026\ny;{created};12/07/2026", tmp_path)
    assert [task.due for task in got.tasks] == [date(2026, 6, 12), date(2026, 7, 12)]


def test_columns_that_contradict_each_other_are_read_each_by_itself(tmp_path: Path) -> None:
    got = taken("Task;Start;Due\nx;25/4/2026;4/26/2026\ny;1/2/2026;3/4/2026", tmp_path)
    assert (got.tasks[1].not_before, got.tasks[1].due) == (date(2026, 2, 1), date(2026, 3, 4))


def test_a_column_that_contradicts_itself_is_read_where_it_is_clear(tmp_path: Path) -> None:
    got = taken("Task;Due\nx;25/4/2026\ny;4/26/2026\nz;1/2/2026", tmp_path)
    assert [task.due for task in got.tasks] == [date(2026, 4, 25), date(2026, 4, 26), None]
    assert got.tasks[2].notes == "Due: 1/2/2026"
    assert got.warnings[-1][3] == "1/2/2026 is ambiguous; write 1.12. or 2026-12-01."


def test_an_assumption_is_told(tmp_path: Path) -> None:
    assert why_of(tmp_path, "Task;Due\nx;4/5/2026") == [
        "Dates such as 4/5/2026 were read as day/month/year; the list does not show which"
        " number is the month."
    ]
    # What is the same either way needs no word.
    assert why_of(tmp_path, "Task;Due\nx;4/4/2026") == []


def test_a_year_far_from_the_others_is_questioned(tmp_path: Path) -> None:
    got = taken("Task;Due\nx;1.4.2026\ny;2.4.2062\nz;3.4.2026", tmp_path)
    why = "This date is years away from the others; is the year correct?"
    assert got.warnings == [(3, "Due", "2062-04-02", why)]
    assert got.tasks[1].due == date(2062, 4, 2)


@given(
    st.lists(st.dates(date(2000, 1, 1), date(2055, 12, 31)), min_size=1, max_size=8),
    st.sampled_from(["{m}/{d}/{y}", "{d}/{m}/{y}", "{d:02}-{m:02}-{y}"]),
)
def test_dates_of_one_order_are_read_right_or_told(days: list[date], form: str) -> None:
    cells = [(n, form.format(d=day.day, m=day.month, y=day.year)) for n, day in enumerate(days, 2)]
    dates = DateColumns({0: ("due", cells)}, TODAY)
    assumed = any("the list does not show" in str(why) for why in dates.remarks(0))
    read = [dates.day(0, text, ignored) for _, text in cells]
    assert read == days or (assumed and all(day.day <= 12 for day in days))


@given(st.text(max_size=30) | st.floats() | st.integers())
def test_no_cell_breaks_the_reader_of_dates(cell: str | float) -> None:
    dates = DateColumns({0: ("due", [(2, cell)])}, TODAY)
    list(dates.remarks(0))
    try:
        found = dates.day(0, cell, ignored)
    except BadInput:
        return
    assert 1900 <= found.year <= 2200


def test_a_span_with_its_years_is_told(tmp_path: Path) -> None:
    got = taken(
        "Vorgang;Fällig\na;1.3.2027 bis 5.3.2027\nb;5. März 2027\nc;March 5, 2027", tmp_path
    )
    assert {str(task.due) for task in got.tasks} == {"2027-03-05"}
    assert [(row, why) for row, _, _, why in got.warnings] == [(2, "Read as 2027-03-05.")]


def test_moments_become_days_of_the_zone_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Title,Due,Created\nA,2026-03-08T23:00:00Z,2026-03-08 10:00\n")
    for zone, day, hour in (("Europe/Berlin", 9, 9), ("UTC", 8, 10), ("America/New_York", 8, 14)):
        source = importing.read(path, today=TODAY, how=How(zone=zone)).source
        (task,) = source.tasks
        assert task.fields["due"] == date(2026, 3, day)
        # A time without a zone is one of it too.
        assert task.fields["created"] == datetime(2026, 3, 8, hour, tzinfo=UTC)
    with pytest.raises(BadInput, match="Nirgends is not a time zone"):
        importing.read(path, today=TODAY, how=How(zone="Nirgends"))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_moments_at_the_ends_of_time_are_no_dates(tmp_path: Path, text: str) -> None:
    got = taken(f"Title,Due\nA,{text}\n", tmp_path)
    assert got.tasks[0].due is None
    assert any("implausible" in why for *_, why in got.warnings)
