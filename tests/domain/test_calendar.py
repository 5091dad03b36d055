"""Working days against the law of North Rhine-Westphalia; typed dates; dates in words."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tracker.domain.calendar import (
    Calendar,
    check_region,
    date_words,
    days_late,
)
from tracker.domain.errors import BadInput
from tracker.domain.model import Absence, Department, Person, Settings
from tracker.domain.periods import add_period
from tracker.domain.typing.dates import parse_date, parse_period, parse_range
from tracker.domain.workspace import Workspace

CASE: dict[str, Any] = json.loads((DATA / "nrw_working_days.json").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 23)  # a Monday, in KW 48
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
NRW = Calendar("DE-NW")


def iso(text: str) -> date:
    return date.fromisoformat(text)


# Working days.


@pytest.mark.parametrize("year", sorted(CASE["expected"]["holidays"]))
def test_holidays_are_those_of_the_law(year: str) -> None:
    expected = {iso(day) for day in CASE["expected"]["holidays"][year]}
    days = [date(int(year), 1, 1) + timedelta(days=n) for n in range(365)]
    days.append(date(int(year), 12, 31))
    assert {day for day in days if NRW.holiday_name(day, "de")} == expected
    assert (
        NRW.working_days_between(date(int(year) - 1, 12, 31), date(int(year), 12, 31))
        == CASE["expected"]["working_days"][year]
    )


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (*given_, result)
        for given_, result in zip(
            CASE["inputs"]["offsets"], CASE["expected"]["offset_results"], strict=True
        )
    ],
)
def test_offsets(start: str, n: int, end: str) -> None:
    assert NRW.add_working_days(iso(start), n) == iso(end)
    assert NRW.days_after(iso(start), np.array([n])).tolist() == [iso(end)]


def test_the_day_of_the_reformation_was_free_everywhere_once() -> None:
    assert NRW.holiday_name(date(2017, 10, 31), "de")
    assert not NRW.holiday_name(date(2018, 10, 31), "de")


def test_holidays_have_names_in_both_languages() -> None:
    assert NRW.holiday_name(date(2026, 6, 4), "de") == "Fronleichnam"
    assert NRW.holiday_name(date(2026, 6, 4), "en") == "Corpus Christi"
    assert NRW.holiday_name(date(2026, 6, 5), "en") == ""
    assert Calendar("GB-ENG").holiday_name(date(2026, 12, 25), "de") == "Christmas Day"


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-11-28", 0, "2026-11-30"),  # a Saturday is moved to the next working day
        ("2026-11-27", 0, "2026-11-27"),
        ("2026-11-28", 1, "2026-11-30"),
        ("2026-11-28", -1, "2026-11-27"),
        ("2026-11-30", -1, "2026-11-27"),
        ("2027-01-04", -1, "2026-12-31"),
        ("2026-12-24", 1, "2026-12-28"),
    ],
)
def test_backwards_and_from_a_weekend(start: str, n: int, end: str) -> None:
    assert NRW.add_working_days(iso(start), n) == iso(end)


CALENDARS = st.builds(
    Calendar,
    st.sampled_from(["", "DE-NW", "AT", "FR"]),
    days_off=st.lists(st.dates(date(2019, 1, 1), date(2023, 12, 31)), max_size=5),
    absences=st.lists(
        st.builds(
            lambda first, days: Absence(first=first, last=first + timedelta(days=days)),
            st.dates(date(2019, 1, 1), date(2023, 12, 31)),
            st.integers(-2, 40),
        ),
        max_size=3,
    ),
)


@given(CALENDARS, st.dates(date(2018, 1, 1), date(2024, 12, 31)), st.integers(-400, 400))
def test_adding_agrees_with_counting_day_by_day(calendar: Calendar, day: date, n: int) -> None:
    end = calendar.add_working_days(day, n)
    assert calendar.is_working(end)
    step = timedelta(days=1 if n >= 0 else -1)
    passed = 0
    at = day
    while at != end:
        at += step
        passed += calendar.is_working(at)
    if n:
        assert passed == abs(n)
    if n > 0 or calendar.is_working(day):
        assert calendar.working_days_between(day, end) == n


@given(
    CALENDARS,
    st.dates(date(2018, 1, 1), date(2024, 12, 31)),
    st.lists(st.integers(-400, 400), max_size=20),
)
def test_many_at_once_are_what_each_is(calendar: Calendar, day: date, counts: list[int]) -> None:
    found = calendar.days_after(day, np.array(counts, np.int64))
    assert found.tolist() == [calendar.add_working_days(day, n) for n in counts]


@pytest.mark.parametrize("day", [date(1899, 12, 30), date(2100, 12, 30), date(9990, 1, 1)])
def test_many_at_once_where_no_holiday_is_known(day: date) -> None:
    counts = range(-300, 300)
    found = NRW.days_after(day, np.array(counts))
    assert found.tolist() == [NRW.add_working_days(day, n) for n in counts]


@given(CALENDARS, st.dates(date(2018, 1, 1), date(2024, 12, 31)), st.integers(0, 800))
def test_counting_agrees_with_the_days_and_with_the_free_ones(
    calendar: Calendar, first: date, length: int
) -> None:
    days = [first + timedelta(days=n) for n in range(1, length + 1)]
    working = [day for day in days if calendar.is_working(day)]
    last = first + timedelta(days=length)
    assert calendar.working_days_between(first, last) == len(working)
    assert calendar.working_days_between(last, first) == -len(working)
    free = set(calendar.free_weekdays(first + timedelta(days=1), last))
    assert set(working) == {day for day in days if day.weekday() < 5} - free


def test_far_away_days_cost_nothing() -> None:
    assert NRW.working_days_between(TODAY, date.max) > 2_000_000
    assert NRW.working_days_between(date.min, TODAY) > 500_000
    assert NRW.is_working(date(9999, 12, 31))


@pytest.mark.parametrize(
    ("n", "end"), [(10**9, date.max), (-(10**9), date.min), (10**40, date.max)]
)
def test_the_last_day_there_is_stands_for_all_beyond(n: int, end: date) -> None:
    assert NRW.add_working_days(TODAY, n) == end
    counts = np.array([1, max(-(10**9), min(n, 10**9))])
    assert NRW.days_after(TODAY, counts).tolist() == [date(2026, 11, 24), end]


def test_somebody_who_never_comes_back_has_no_working_days() -> None:
    gone = Calendar("DE-NW", absences=[Absence(first=date(2026, 1, 1), last=date.max)])
    with pytest.raises(BadInput, match="check the days off and absences"):
        gone.add_working_days(TODAY, 1)
    with pytest.raises(BadInput, match="check the days off and absences"):
        gone.days_after(TODAY, np.array([-1, 1]))
    assert gone.add_working_days(TODAY, -1) == date(2025, 12, 31)
    assert gone.working_days_between(TODAY, date(2027, 11, 23)) == 0


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("QQ", "there is no country QQ"),
        ("Germany", "such as DE-NW, AT or CH-ZH"),
        ("DE-XX", "DE has no state XX. Known: BB, BE,"),
        ("NYSE", "no country NYSE"),
    ],
)
def test_an_unknown_region_is_named_with_the_way_out(region: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_region(region)
    calendar = Calendar(region)
    assert not calendar.is_working(date(2026, 11, 28))
    with pytest.raises(BadInput, match=f"public holidays known for {region}: "):
        calendar.is_working(TODAY)


@pytest.mark.parametrize("region", ["de-nw", "DE", "DEU-NW", "AT-Wien", "CH-ZH", "US-CA"])
def test_regions_may_be_spelt_as_people_spell_them(region: str) -> None:
    check_region(region)
    assert Calendar(region).holiday_name(date(2026, 12, 25), "en")


def test_a_workspace_has_calendars_for_departments_and_people() -> None:
    move = date(2026, 11, 24)
    ws = Workspace(
        [
            Settings(id=1, region="DE-BY"),
            Department(id=1, name="Netz", days_off=(move,)),
            Person(
                id=1,
                login="jana",
                department=1,
                absences=(Absence(first=date(2026, 11, 25), last=date(2026, 11, 26)),),
            ),
        ]
    )
    assert Calendar.of(ws).holiday_name(date(2026, 1, 6), "de") == "Heilige Drei Könige"
    assert Calendar.of(ws).add_working_days(TODAY, 1) == move
    assert Calendar.of(ws, department=1).add_working_days(TODAY, 1) == date(2026, 11, 25)
    assert Calendar.of(ws, person=1).add_working_days(TODAY, 1) == date(2026, 11, 27)


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=12))
def test_two_half_days_are_one_day_off_and_no_date_is_more_than_half_a_day_wrong(
    halves: set[date],
) -> None:
    yearly = Calendar("", halves=[f"{day:%m-%d}" for day in halves])
    own = Calendar("", absences=[Absence(first=day, last=day, half=True) for day in halves])
    whole = Calendar("")
    first = date(2025, 12, 31)
    for number in range(1, 366, 7):
        day = first + timedelta(days=number)
        before = sum(each <= day and whole.is_working(each) for each in halves)
        for found in (yearly, own):
            lost = whole.working_days_between(first, day) - found.working_days_between(first, day)
            assert abs(lost - before / 2) <= 0.5


def test_half_days_of_the_company_and_of_a_person_are_counted_apart() -> None:
    eves = ("12-24", "12-31")
    away = [Absence(first=iso("2026-12-28"), last=iso("2026-12-31"), half=True)]
    both = Calendar("", halves=eves, absences=away)
    free = both.free_weekdays(iso("2026-12-01"), iso("2026-12-31"))
    assert free == [iso("2026-12-29"), iso("2026-12-31")]
    assert not both.is_working(iso("2026-12-31"))
    assert (
        Calendar("", halves=["12-31"], yearly=["12-31"]).working_days_between(
            iso("2026-12-30"), iso("2026-12-31")
        )
        == 0
    )


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, datetime as d\n"
        "from tracker.domain import calendar\n"
        "from tracker.domain.typing import dates, line_parser\n"
        "t = d.date(2026, 11, 28)\n"
        "calendar.Calendar('DE-NW').is_working(t)\n"
        "dates.parse_date('KW 48', t)\n"
        "calendar.date_words(t, t, 'de')\n"
        "line_parser.parse_line('Firewall @Netz !high due:fr ~1/2/5d', t)\n"
        "assert not {'holidays', 'pendulum', 'numpy', 'textual'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Typed dates.


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("heute", "2026-11-23"),
        ("Today", "2026-11-23"),
        ("morgen", "2026-11-24"),
        ("tomorrow", "2026-11-24"),
        ("übermorgen", "2026-11-25"),
        ("Uebermorgen", "2026-11-25"),
        ("gestern", "2026-11-22"),
        ("vorgestern", "2026-11-21"),
        ("fr", "2026-11-27"),
        ("Fr.", "2026-11-27"),
        ("FRIDAY", "2026-11-27"),
        ("mo", "2026-11-30"),  # today is a Monday: the next one
        ("sonntag", "2026-11-29"),
        ("this fri", "2026-11-27"),
        ("diesen Freitag", "2026-11-27"),
        ("next fr", "2026-12-04"),
        ("nächsten Fr", "2026-12-04"),
        ("last fri", "2026-11-20"),
        ("+3d", "2026-11-26"),
        ("3t", "2026-11-26"),
        ("-1d", "2026-11-22"),
        ("2 Wochen", "2026-12-07"),
        ("in 2 weeks", "2026-12-07"),
        ("vor 3 Tagen", "2026-11-20"),
        ("3 days ago", "2026-11-20"),
        ("in a month", "2026-12-23"),
        ("in einem Monat", "2026-12-23"),
        ("in drei Wochen", "2026-12-14"),
        ("two weeks ago", "2026-11-09"),
        ("am Freitag", "2026-11-27"),
        ("on Friday", "2026-11-27"),
        ("the day after tomorrow", "2026-11-25"),
        ("Fr nächste Woche", "2026-12-04"),
        ("Freitag der nächsten Woche", "2026-12-04"),
        ("Friday of next week", "2026-12-04"),
        ("Do in 2 Wochen", "2026-12-10"),  # from this Thursday on
        ("Mon in a week", "2026-12-07"),
        ("heute in 8 Tagen", "2026-11-30"),
        ("+2w", "2026-12-07"),
        ("+1m", "2026-12-23"),
        ("+1q", "2027-02-23"),
        ("+1 Jahr", "2027-11-23"),
        ("KW 48", "2026-11-23"),
        ("kw48", "2026-11-23"),
        ("W49", "2026-11-30"),
        ("48. KW", "2026-11-23"),
        ("2026-W50", "2026-12-07"),
        ("2026-W50-3", "2026-12-09"),
        ("KW48/2027", "2027-11-29"),
        ("KW 2/27", "2027-01-11"),
        ("KW 2", "2027-01-11"),
        ("KW 47", "2026-11-16"),  # it ended yesterday
        ("KW 40", "2027-10-04"),
        ("KW 53", "2026-12-28"),
        ("nächste Woche", "2026-11-30"),
        ("nächste KW", "2026-11-30"),
        ("1.12.", "2026-12-01"),
        ("1.12", "2026-12-01"),
        ("01. 12.", "2026-12-01"),
        ("1.12.26", "2026-12-01"),
        ("1.12.2027", "2027-12-01"),
        ("Di 1.12.", "2026-12-01"),
        ("20.11.", "2026-11-20"),  # three days ago, not in a year
        ("1.10.", "2027-10-01"),
        ("29.2.", "2028-02-29"),
        ("2026-12-01", "2026-12-01"),
        ("20261201", "2026-12-01"),
        ("1 Dec", "2026-12-01"),
        ("1st of December", "2026-12-01"),
        ("Dec 1", "2026-12-01"),
        ("Dec 1, 2027", "2027-12-01"),
        ("1. Dezember 2026", "2026-12-01"),
        ("3. März", "2027-03-03"),
        ("Dezember", "2026-12-01"),
        ("eom", "2026-11-30"),
        ("Monatsende", "2026-11-30"),
        ("eoq", "2026-12-31"),
        ("Jahresende", "2026-12-31"),
        ("eow", "2026-11-27"),
    ],
)
def test_one_day(text: str, day: str) -> None:
    assert parse_date(text, TODAY) == iso(day)
    assert parse_date(f"  {text.upper()} ", TODAY) == iso(day)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("KW 48", "2026-11-23", "2026-11-29"),
        ("KW 48-50", "2026-11-23", "2026-12-13"),
        ("KW 48 - KW 50", "2026-11-23", "2026-12-13"),
        ("KW 52 bis KW 2", "2026-12-21", "2027-01-17"),
        ("KW 10/11", "2027-03-08", "2027-03-21"),
        ("KW 48/49", "2026-11-23", "2026-12-06"),
        ("KW 52/01", "2026-12-21", "2027-01-10"),
        ("KW 50/52", "2026-12-07", "2026-12-27"),
        ("dezember", "2026-12-01", "2026-12-31"),
        ("feb 2028", "2028-02-01", "2028-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("12/2026", "2026-12-01", "2026-12-31"),
        ("12.2026", "2026-12-01", "2026-12-31"),
        ("Q4", "2026-10-01", "2026-12-31"),
        ("Q1", "2027-01-01", "2027-03-31"),
        ("Q2/2028", "2028-04-01", "2028-06-30"),
        ("2028-Q2", "2028-04-01", "2028-06-30"),
        ("2. Quartal 2028", "2028-04-01", "2028-06-30"),
        ("2027", "2027-01-01", "2027-12-31"),
        ("this week", "2026-11-23", "2026-11-29"),
        ("letzte Woche", "2026-11-16", "2026-11-22"),
        ("nächsten Monat", "2026-12-01", "2026-12-31"),
        ("next quarter", "2027-01-01", "2027-03-31"),
        ("1.12.-5.12.", "2026-12-01", "2026-12-05"),
        ("1.-5.12.", "2026-12-01", "2026-12-05"),
        ("24./25.04.", "2027-04-24", "2027-04-25"),
        ("1. bis 5. Dezember", "2026-12-01", "2026-12-05"),
        ("20.12.-5.1.", "2026-12-20", "2027-01-05"),
        ("1.12.-5.12.2027", "2027-12-01", "2027-12-05"),
        ("1.12.2027-5.12.", "2027-12-01", "2027-12-05"),
        ("2026-12-01..2026-12-05", "2026-12-01", "2026-12-05"),
        ("heute-fr", "2026-11-23", "2026-11-27"),
        ("fr-mo", "2026-11-27", "2026-11-30"),
        ("heute - +2w", "2026-11-23", "2026-12-07"),
        ("1.10. to today", "2026-10-01", "2026-11-23"),
        ("Anfang Dezember", "2026-12-01", "2026-12-10"),
        ("Mitte Dezember", "2026-12-11", "2026-12-20"),
        ("end of December", "2026-12-21", "2026-12-31"),
        ("Ende des Monats", "2026-11-21", "2026-11-30"),
        ("Ende nächster Woche", "2026-12-04", "2026-12-06"),
        ("Dezember 9999", "9999-12-01", "9999-12-31"),
    ],
)
def test_several_days(text: str, first: str, last: str) -> None:
    assert parse_range(text, TODAY) == (iso(first), iso(last))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("KW 48", "2026-11-27"),  # by the end of the week is by Friday
        ("KW 48-50", "2026-12-11"),
        ("Januar 2027", "2027-01-29"),
        ("Ende Januar 2027", "2027-01-29"),
        ("24./25.4.", "2027-04-25"),  # a Sunday, but named
        ("1.12.", "2026-12-01"),
    ],
)
def test_the_last_of_several_days(text: str, day: str) -> None:
    assert parse_date(text, TODAY, last=True) == iso(day)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("fr", "2026-11-20", "2026-11-20"),
        ("mo", "2026-11-23", "2026-11-23"),
        ("1.3.", "2026-03-01", "2026-03-01"),
        ("1.12.", "2025-12-01", "2025-12-01"),
        ("KW 47", "2026-11-16", "2026-11-22"),
        ("november", "2026-11-01", "2026-11-30"),
        ("20.12.-5.1.", "2025-12-20", "2026-01-05"),
    ],
)
def test_what_recurs_in_the_past(text: str, first: str, last: str) -> None:
    assert parse_range(text, TODAY, past=True) == (iso(first), iso(last))


def test_in_january_december_is_the_coming_one() -> None:
    assert parse_date("31.12.", date(2027, 1, 2)) == date(2027, 12, 31)
    assert parse_date("Dezember", date(2027, 1, 2)) == date(2027, 12, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", " is not a date; try fr, +3d, KW 48, 1.12. or 2026-12-01."),
        ("bald", "bald is not a date; try fr, +3d, KW 48, 1.12. or 2026-12-01."),
        ("31.2.", "No such day: 31.2."),
        ("30.02.2027", "No such day: 30.02.2027"),
        ("KW 54", "No such day: KW 54"),
        ("KW 48/40", "No such day: KW 48/40"),
        ("KW 26/27", "KW 26/27 is ambiguous; write KW 26-27 or KW 26/2027."),
        ("KW 53/2027", "No such day: KW 53/2027"),
        ("Mo 1.12.", "No such day: Mo 1.12."),
        ("Do in 3 Tagen", "No such day: Do in 3 Tagen"),
        ("+999999y", "No such day: +999999y"),
        ("12/1", "12/1 is ambiguous; write 1.12. or 2026-12-01."),
        ("morgen-heute", "morgen-heute ends before it begins."),
    ],
)
def test_what_is_no_date(text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_date(text, TODAY)
    assert str(caught.value) == said


PIECES = (
    "heute tomorrow fr next nächste woche + - 3 12 99 d w KW 48 53 / . .. 1.12. 2026 9999 0000 "
    "dez dec 1 q4 ende mitte of bis to vor in ago eom ² \u0664 ß -"
)
TYPED = st.lists(st.sampled_from(PIECES.split(" ")))


@given(
    st.one_of(st.text(), TYPED.map(" ".join), TYPED.map("".join)),
    st.dates(),
    st.booleans(),
)
def test_whatever_is_typed_is_a_date_or_a_sentence(text: str, today: date, past: bool) -> None:
    try:
        first, last = parse_range(text, today, past=past)
    except BadInput:
        return
    assert first <= last
    assert first <= parse_date(text, today, past=past, last=True) <= last or first.weekday() > 4


@given(DAYS, DAYS)
def test_a_date_reads_back(day: date, today: date) -> None:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%A %d.%m.%Y", "%G-W%V-%u"):
        assert parse_date(day.strftime(form), today) == day


@given(DAYS, st.integers(0, 330))
def test_a_day_without_a_year_is_the_next_one(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    if (day.month, day.day) != (2, 29):
        assert parse_date(f"{day.day}.{day.month}.", today) == day


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("1y", "1y"),
        ("yearly", "1y"),
        ("jährlich", "1y"),
        ("alle 2 Wochen", "2w"),
        ("every 6 months", "6m"),
        ("P1Y", "1y"),
        ("quarterly", "3m"),
        ("2q", "6m"),
        ("90d", "90d"),
        ("jede Woche", "1w"),
    ],
)
def test_periods(text: str, period: str) -> None:
    assert parse_period(text) == period
    assert parse_period(period) == period


def test_periods_from_a_day() -> None:
    assert add_period(date(2026, 1, 31), "1m") == date(2026, 2, 28)
    assert add_period(date(2028, 2, 29), "1y") == date(2029, 2, 28)
    assert add_period(date(2026, 11, 23), "2w") == date(2026, 12, 7)
    with pytest.raises(BadInput, match="soon is not a time span; try 1y"):
        parse_period("soon")
    with pytest.raises(BadInput, match="0d is not a time span"):
        parse_period("0d")


# Dates in words.


@pytest.mark.parametrize(
    ("day", "english", "german"),
    [
        ("2026-11-22", "yesterday", "gestern"),
        ("2026-11-23", "today", "heute"),
        ("2026-11-24", "tomorrow", "morgen"),
        ("2026-11-27", "Fri 27 Nov", "Fr 27. Nov."),
        ("2026-05-04", "Mon 4 May", "Mo 4. Mai"),
        ("2027-03-12", "12 Mar 2027", "12. März 2027"),
    ],
)
def test_dates_in_words(day: str, english: str, german: str) -> None:
    assert date_words(iso(day), TODAY, "en") == english
    assert date_words(iso(day), TODAY, "de") == german
    assert date_words(iso(day), TODAY, "fr") == english


@given(st.sampled_from(["en", "de"]), DAYS, st.integers(-1, 700))
def test_dates_in_words_can_be_typed(language: str, today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    assert parse_date(date_words(day, today, language), today) == day


def test_lateness_counts() -> None:
    assert str(days_late(date(2026, 11, 20), TODAY)) == "3 days late"
    assert str(days_late(date(2026, 11, 22), TODAY)) == "1 day late"
