"""Working days, and dates in words."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING

from tracker.domain.errors import BadInput
from tracker.domain.model import Absence
from tracker.domain.sentence import Sentence, counted, dated, here

# `holidays` and numpy cost 90 ms and `pendulum` 25 ms to import: only where a public holiday, a
# thousand dates or a date in words are really asked for.
if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tracker.domain.workspace import Workspace

# Public holidays are known in these years; outside them only the weekend is free.
_FIRST_YEAR, _LAST_YEAR = 1901, 2100
SECOND_DAY, _LAST_BUT_ONE = date.min + timedelta(days=1), date.max - timedelta(days=1)
_NEAR = {
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
    "de": {-1: "gestern", 0: "heute", 1: "morgen"},
}


class Calendar:
    """The days on which work is done: Monday to Friday less holidays, days off and absences.

    `region` is a country of the `holidays` package, with its subdivision behind a hyphen (`DE-NW`,
    `AT`); "" has no public holidays. `yearly` are company holidays (see `model.Settings`), `halves`
    the days of which half is free. A region that is not known raises BadInput when a public holiday
    is first looked up; `check_region` does so at once.

    Days are counted whole: of the half days in a year every second one counts as free, the others
    as worked. So 24 and 31 December together are one day, and no date is off by more than half a
    day for it; those of the company and those of a person are counted apart.
    """

    __slots__ = ("_absences", "_days_off", "_halves", "_off", "_yearly", "region")

    def __init__(
        self,
        region: str = "DE-NW",
        *,
        days_off: Iterable[date] = (),
        absences: Iterable[Absence] = (),
        yearly: Iterable[str] = (),
        halves: Iterable[str] = (),
    ) -> None:
        self.region = region
        self._yearly, self._halves = tuple(yearly), tuple(halves)
        self._days_off = tuple(days_off)
        self._absences = tuple(absences)
        self._off: dict[int, list[int]] = {}

    @classmethod
    def of(
        cls, ws: Workspace, *, department: int | None = None, person: int | None = None
    ) -> Calendar:
        """Return the calendar of the workspace, of a department, or of a person in theirs."""
        someone = ws.people.get(person or 0)
        if someone and department is None:
            department = someone.department
        lane = ws.departments.get(department or 0)
        return cls(
            ws.preferences.region,
            days_off=lane.days_off if lane else (),
            absences=someone.absences if someone else (),
            yearly=ws.preferences.company_holidays,
            halves=ws.preferences.company_half_days,
        )

    def is_working(self, day: date) -> bool:
        """Return whether work is done on a day."""
        if day.weekday() >= 5:
            return False
        off, ordinal = self._off_in(day.year), day.toordinal()
        at = bisect_left(off, ordinal)
        return at == len(off) or off[at] != ordinal

    def add_working_days(self, day: date, n: int) -> date:
        """Return the n-th working day after `day`, or before it if n is negative.

        With n = 0 it is `day` itself or, if that is free, the next working day. The first and the
        last day there are stand for all beyond. Raises BadInput when nobody works for years on end.
        """
        if n == 0:
            return day if self.is_working(day) else self.add_working_days(day, 1)
        start = at = day.toordinal()
        left, most = abs(n), abs(n) * 7 // 5 + 3700
        try:
            while left:
                ahead = _weekdays_on(at, left if n > 0 else -left)
                if abs(ahead - start) > most:
                    break
                low, high = (at, ahead) if n > 0 else (ahead - 1, at - 1)
                left = self._count_off(low, high)
                at = ahead
            else:
                return date.fromordinal(at)
        except (ValueError, OverflowError):
            return date.max if n > 0 else date.min
        raise BadInput(
            "There are no {days} working days from {day} on; check the days off and absences.",
            days=n,
            day=dated(day),
        )

    def days_after(self, day: date, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
        """Return what `add_working_days` does for each of many numbers of days, at once.

        It pays from some hundred on where numpy is at hand.
        """
        import numpy as np

        if not len(counts):
            return np.empty(0, "datetime64[D]")
        # Both ends raise the error where there are no such days, and say which years matter.
        ends = [self.add_working_days(day, int(n)) for n in (counts.min(), counts.max())]
        first, last = (self.working_days_between(day, end) for end in (date.min, date.max))
        counts = counts.clip(first, last)
        free = self.free_weekdays(min(day, *ends), max(day, *ends))
        working = np.busdaycalendar("1111100", np.array(free, "datetime64[D]"))
        start = np.datetime64(day, "D")
        later = np.busday_offset(start, counts.clip(0), roll="backward", busdaycal=working)
        if (counts > 0).all():
            return later
        sooner = np.busday_offset(start, counts.clip(None, 0), roll="forward", busdaycal=working)
        return np.where(counts > 0, later, sooner)

    def working_days_between(self, first: date, last: date) -> int:
        """Return how many working days lie after `first` up to and with `last`.

        It undoes `add_working_days`; negative when `last` is before `first`.
        """
        if last < first:
            return -self.working_days_between(last, first)
        low, high = first.toordinal(), last.toordinal()
        return _weekdays_until(high) - _weekdays_until(low) - self._count_off(low, high)

    def free_weekdays(self, first: date, last: date) -> list[date]:
        """Return the days from Monday to Friday, both ends included, on which nobody works."""
        low, high = first.toordinal(), last.toordinal()
        return [
            date.fromordinal(ordinal)
            for year in range(max(first.year, _FIRST_YEAR), min(last.year, _LAST_YEAR) + 1)
            for ordinal in self._off_in(year)
            if low <= ordinal <= high
        ]

    def holiday_name(self, day: date, language: str = "en") -> str:
        """Return the name of the public holiday on a day, "" if there is none."""
        return _public_holidays(self.region, day.year, language).get(day, "")

    def _off_in(self, year: int) -> list[int]:
        """Return the ordinals of the weekdays of a year on which nobody works, in order."""
        if year not in self._off:
            off: set[int] = set()
            if _FIRST_YEAR <= year <= _LAST_YEAR:
                first, last = date(year, 1, 1), date(year, 12, 31)
                off.update(day.toordinal() for day in _public_holidays(self.region, year, "en"))
                off.update(day.toordinal() for day in self._days_off if day.year == year)
                off.update(day.toordinal() for day in _company_holidays(self._yearly, year))
                ours = {day.toordinal() for day in _company_holidays(self._halves, year)}
                own: set[int] = set()
                for away in self._absences:
                    low, high = max(away.first, first), min(away.last, last)
                    days = range(low.toordinal(), high.toordinal() + 1)
                    (own if away.half else off).update(days)
                off |= {*_every_second(ours - off), *_every_second(own - ours - off)}
            self._off[year] = sorted(filter(_is_weekday, off))
        return self._off[year]

    def _count_off(self, low: int, high: int) -> int:
        """Return how many free weekdays there are after the ordinal `low`, up to `high`."""
        years = range(
            max(date.fromordinal(max(low, 1)).year, _FIRST_YEAR),
            min(date.fromordinal(high).year, _LAST_YEAR) + 1,
        )
        return sum(
            bisect_right(off, high) - bisect_right(off, low) for off in map(self._off_in, years)
        )


def _every_second(halves: Iterable[int]) -> list[int]:
    """Return every second of the weekdays among ordinals."""
    return sorted(filter(_is_weekday, halves))[1::2]


def _is_weekday(ordinal: int) -> bool:
    return (ordinal + 6) % 7 < 5


def _company_holidays(days: Iterable[str], year: int) -> Iterator[date]:
    """Yield the days of a year among `12-24` and `2027-05-07`; 29 February only where there is."""
    for text in days:
        *named, month, day = map(int, text.split("-"))
        if not named or named[0] == year:
            with suppress(ValueError):
                yield date(year, month, day)


def _weekdays_until(ordinal: int) -> int:
    """Return how many days from Monday to Friday there are up to an ordinal; day 1 is a Monday."""
    weeks, days = divmod(ordinal, 7)
    return weeks * 5 + min(days, 5)


def _weekdays_on(ordinal: int, n: int) -> int:
    """Return the ordinal of the n-th day from Monday to Friday after, or if negative before."""
    weekday = (ordinal + 6) % 7
    if n > 0:
        ordinal, weekday = ordinal - max(weekday - 4, 0), min(weekday, 4)
        weeks, days = divmod(n, 5)
        return ordinal + weeks * 7 + days + (2 if weekday + days > 4 else 0)
    if weekday > 4:
        ordinal, weekday = ordinal + 7 - weekday, 0
    weeks, days = divmod(-n, 5)
    return ordinal - weeks * 7 - days - (2 if days > weekday else 0)


def day_of(moment: datetime) -> date:
    """Return the day of a moment where the program runs: what is kept in UTC is not yet a day.

    Around midnight, a day of UTC would be yesterday or tomorrow for the person at the screen. There
    is always a day before and behind: the outermost two of all are none.
    """
    return min(max(here(moment).date(), SECOND_DAY), _LAST_BUT_ONE)


def check_region(region: str) -> None:
    """Raise BadInput unless the public holidays of a region are known."""
    _country(region)


@cache
def _holidays() -> ModuleType:
    """Return the package `holidays`, each of its countries to be imported when it is asked for.

    Its `countries` would import all 250 of them with the first one: 7 MiB, and two thirds of the
    time.
    """
    from importlib.util import find_spec, module_from_spec

    import holidays

    spec = find_spec("holidays.countries")
    if spec is not None:
        sys.modules.setdefault(spec.name, module_from_spec(spec))
    return holidays


@lru_cache(maxsize=16)
def _country(region: str) -> tuple[str, str | None]:
    """Return the codes of a region's country and subdivision as `holidays` spells them."""
    holidays = _holidays()
    country, _, part = region.partition("-")
    country = country.strip().upper()
    if country not in holidays.registry.EntityLoader.get_country_codes():
        raise BadInput(
            "No public holidays known for {region}: there is no country {country}. Enter a"
            " country, optionally with a hyphen and a state, such as DE-NW, AT or CH-ZH.",
            region=region,
            country=country,
        )
    if not part:
        return country, None
    known = holidays.country_holidays(country)
    names = {name.casefold(): name for name in (*known.subdivisions, *known.subdivisions_aliases)}
    if part.strip().casefold() not in names:
        raise BadInput(
            "No public holidays known for {region}: {country} has no state {part}. Known: {known}.",
            region=region,
            country=country,
            part=part,
            known=", ".join(known.subdivisions) or "–",
        )
    return country, names[part.strip().casefold()]


@lru_cache(maxsize=256)
def _public_holidays(region: str, year: int, language: str) -> dict[date, str]:
    """Return the public holidays of a year and their names."""
    if not region or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return {}
    holidays = _holidays()
    country, part = _country(region)
    entity = getattr(holidays, country)
    spoken = [name for name in entity.supported_languages if name.startswith(language)]
    # A language must always be named: without one `holidays` takes it from the environment.
    chosen = language if language in spoken else (spoken or [entity.default_language])[0]
    return dict(holidays.country_holidays(country, subdiv=part, years=year, language=chosen))


@lru_cache(maxsize=4096)
def date_words(day: date, today: date, language: str) -> str:
    """Return a day in few words: `heute`, `Fr 27. Nov.`, and with its year in another one."""
    language = language if language in _NEAR else "en"
    if near := _NEAR[language].get((day - today).days):
        return near
    import pendulum

    form = {
        ("en", True): "ddd D MMM",
        ("en", False): "D MMM YYYY",
        ("de", True): "dd D. MMM",
        ("de", False): "D. MMM YYYY",
    }[language, day.year == today.year]
    words = pendulum.Date(day.year, day.month, day.day).format(form, locale=language)
    return words.replace(". ", " ", 1) if form.startswith("dd D.") else words


@lru_cache(maxsize=256)
def month_words(day: date, language: str) -> str:
    """Return the month of a day in short: `Nov`, `Dez`."""
    import pendulum

    language = language if language in _NEAR else "en"
    words = pendulum.Date(day.year, day.month, 1).format("MMM", locale=language)
    return words.removesuffix(".")


def days_late(due: date, today: date) -> Sentence:
    """Return by how many days something due is late."""
    return counted("{n} day late", "{n} days late", (today - due).days)
