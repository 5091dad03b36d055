"""Numbers, shares and days in lists are written as the language does, and typed ones read back."""

from __future__ import annotations

from datetime import date

import pytest

from tests.builders import TODAY
from tracker import language
from tracker.domain.typing.field_values import read_days
from tracker.wording import field_texts, figures


@pytest.mark.parametrize(
    ("spoken", "thousands", "small", "share", "day"),
    [
        ("en", "12,345.7", "-0.5", "30.5%", "2027-03-01"),
        ("de", "12.345,7", "-0,5", "30,5 %", "01.03.2027"),
    ],
)
def test_figures_are_written_as_the_language_does(
    spoken: str, thousands: str, small: str, share: str, day: str
) -> None:
    language.use(spoken)
    assert figures.number(12345.678) == thousands
    assert figures.number(-0.5) == small
    assert figures.number(-0.01) == "0"
    assert figures.percent(0.305, 1) == share
    assert figures.day_text(date(2027, 3, 1)) == day
    assert thousands in figures.working_days(12345.678)


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_a_day_in_a_list_names_its_year_only_where_that_is_another(spoken: str) -> None:
    language.use(spoken)
    later = TODAY.replace(year=TODAY.year + 2)
    assert str(later.year) in figures.day_words(later, TODAY)
    assert str(TODAY.year) not in figures.day_words(date(TODAY.year, 1, 15), TODAY)


def test_a_sentence_that_ends_with_a_day_has_one_full_stop() -> None:
    language.use("de")
    day = figures.day_words(date(2026, 12, 2), TODAY)
    assert figures.one_stop(f"Sie läuft ab: {day}.") == "Sie läuft ab: Mi 2. Dez."
    assert figures.one_stop("Sie läuft morgen ab.") == "Sie läuft morgen ab."


@pytest.mark.parametrize("spoken", language.LANGUAGES)
@pytest.mark.parametrize("days", [0.25, 2.5, 1234.5])
def test_days_in_a_form_are_read_back(spoken: str, days: float) -> None:
    language.use(spoken)
    assert read_days(field_texts.written(days)) == days


def test_one_day_is_said_in_the_singular() -> None:
    language.use("de")
    told = [figures.brief_days(count, sign=True) for count in (1, -1, 0.96, 1.1, 0, 12)]
    assert told == ["+1 Tag", "-1 Tag", "+1 Tag", "+1,1 Tage", "0 Tage", "+12 Tage"]
