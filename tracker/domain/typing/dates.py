"""The grammar of dates and spans of time as people type them, in English and German."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

from tracker.domain.errors import BadInput
from tracker.domain.patterns import pattern
from tracker.domain.periods import MONTHS_IN, is_span, month_end, shifted
from tracker.domain.typing.vocabulary import fold


class DayRange(NamedTuple):
    """Days from `first` to `last`; those of a week, a month or longer are a `whole`.

    `floating` ones come again and again (`fr`, `1.12.`), and some rule chose which is meant.
    """

    first: date
    last: date
    whole: bool = False
    floating: bool = False


Groups = dict[str, str | None]
Reader = Callable[[Groups, date, bool], DayRange | None]

# A day without a year may lie so far back, if it is in the same year: "20.11." on 23 November.
_RECENT = timedelta(days=30)
_LONGEST = 60
# `KW 2/27` is a week of a year so near, `KW 10/12` a span of so few weeks.
_NEAR, _LONGEST_SPAN = 5, 12
# The years to calculate from. Plans reach years ahead, and calendars end; what looks back from
# days before these meets their beginning.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_DAY = timedelta(days=1)
_TIME = pattern(r"(\d{1,2}):(\d{2})")


class NoDate(BadInput):
    """What was typed is nothing like a date."""


class NoSuchDay(BadInput):
    """A date is understood, but there is no such day, or it might be another one."""


def _numbered(*lines: str) -> dict[str, int]:
    return {word: number for number, line in enumerate(lines) for word in line.split()}


_NAMED_DAYS = _numbered("vorgestern", "gestern yesterday", "heute today", "morgen tomorrow")
_NAMED_DAYS["uebermorgen"] = 4
_WEEKDAYS = _numbered(
    "mo mon monday montag",
    "di tue tues tuesday dienstag",
    "mi wed wednesday mittwoch",
    "do thu thur thurs thursday donnerstag",
    "fr fri friday freitag",
    "sa sat saturday samstag sonnabend",
    "so sun sunday sonntag",
)
_MONTHS = _numbered(
    "",
    "jan january januar jaenner",
    "feb february februar feber",
    "mar march maerz maer mrz",
    "apr april",
    "may mai",
    "jun june juni",
    "jul july juli",
    "aug august",
    "sep sept september",
    "oct october okt oktober",
    "nov november",
    "dec december dez dezember",
)
_UNITS = {
    "d": "d day days t tag tage tagen",
    "w": "w week weeks wk wks woche wochen kw",
    "m": "m month months monat monate monaten monats",
    "q": "q quarter quarters quartal quartale quartalen quartals",
    "y": "y year years j jahr jahre jahren jahres",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_ENDS = {"eom": "m", "monatsende": "m", "eoq": "q", "quartalsende": "q"}
_ENDS |= {"eoy": "y", "jahresende": "y"}
_COUNTS = _numbered(
    "",
    "a an one ein eine einem einen einer",
    "two zwei",
    "three drei",
    "four vier",
    "five fuenf",
    "six sechs",
    "seven sieben",
    "eight acht",
    "nine neun",
    "ten zehn",
    "eleven elf",
    "twelve zwoelf",
)
# "In 8 Tagen" is said of a week, "in 14 Tagen" of two.
_WEEKS_IN_DAYS = {"7": "1", "8": "1", "14": "2", "15": "2"}
_PERIODS = {"daily": "1d", "taeglich": "1d", "weekly": "1w", "woechentlich": "1w"}
_PERIODS |= {"monthly": "1m", "monatlich": "1m", "quarterly": "3m", "quartalsweise": "3m"}
_PERIODS |= {"vierteljaehrlich": "3m", "halbjaehrlich": "6m", "yearly": "1y", "jaehrlich": "1y"}
_FROM_DONE = pattern(
    r"(?:\+|after |nach )(?P<first>.*\d.*|[a-z]+)"
    r"|(?P<last>.+?) (?:danach|(?:after|nach)(?: (?:it is |is )?"
    r"(?:done|completion|finishing|erledigung|abschluss))?)"
)
_ON = pattern(r"(?P<span>.+?) (?:on|am) (?:the )?(?P<day>\d\d?)(?:st|nd|rd|th|\.)?")
_BETWEEN = pattern(r"\s*(?:\.\.\.?|[-–—/]|\b(?:bis|to|until)\b)\s*")


def parse_date(text: str, today: date, *, last: bool = False, past: bool = False) -> date:
    """Return the day that was typed, in English or German.

    Of several days (`KW 48`, `Dezember`, `1.12.-5.12.`) it is the first or, with `last`, as befits
    a date something is due, the last; of a whole week, month or longer the last from Monday to
    Friday. For what can be typed and what `past` does see `read_day_range`. Raises BadInput.
    """
    days = read_day_range(text, today, past=past)
    if not last:
        return days.first
    weekend = max(days.last.weekday() - 4, 0) if days.whole else 0
    return days.last - timedelta(days=weekend)


def day_to_start_from(day: date) -> date:
    """Return a day from which something can be calculated; raises BadInput."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise _implausible(day)
    return day


def moment_here(day: date, at: time) -> datetime:
    """Return a time of a day where the program runs; raises BadInput before all plans."""
    return _planned_in(datetime.combine(day, at))


def _planned_in(moment: datetime) -> datetime:
    """Return a moment in the time of the place; raises BadInput before all plans."""
    with suppress(ValueError, OverflowError):
        here = moment.astimezone()
        if here.year >= _FIRST_YEAR:
            return here
    raise _implausible(moment.date())


def _implausible(day: date) -> BadInput:
    return BadInput("The year of {value} is implausible.", value=day.isoformat())


def parse_moment(text: str, today: date) -> datetime:
    """Return the past moment that was typed, in the time of the place: the end of a day, or a time.

    Days as `parse_date` reads them, a time behind them: `3.5. 14:30`, `yesterday 9:00`; or an ISO
    8601 moment. Raises BadInput.
    """
    typed = text.strip().removesuffix("Uhr").rstrip()
    if "T" in typed.upper():
        with suppress(ValueError):
            return _planned_in(datetime.fromisoformat(typed))
    head, _blank, tail = typed.rpartition(" ")
    if head and (found := _TIME.fullmatch(tail)):
        hour, minute = int(found[1]), int(found[2])
        if hour < 24 and minute < 60:
            day = parse_date(head, today, past=True)
            return moment_here(day, time(hour, minute))
    day = parse_date(typed, today, last=True, past=True)
    return moment_here(day, time.max)


def parse_range(text: str, today: date, *, past: bool = False) -> tuple[date, date]:
    """Return the first and the last of the days that were typed, as `parse_date` reads them."""
    days = read_day_range(text, today, past=past)
    return days.first, days.last


def read_day_range(text: str, today: date, *, past: bool = False) -> DayRange:
    """Return the days that were typed.

    `heute`, `tomorrow`; `fr`, `Friday` (the next one after today), `next fr` (the one of next
    week); `+3d`, `-2w`, `in 2 Wochen`, `in a month`, `3 days ago`; `Fr nächste Woche`, `Do in 2
    Wochen` (from the next one on), `am Freitag`; `KW 48`, `W48/2027`, `2026-W48`, `48. KW`;
    `1.12.`, `1.12.26`, `1 Dec`, `Dec 1`, `1. Dezember 2026`, `Fr 27.11.`, `Mo KW 50`,
    `2026-12-01`;
    `Dezember`, `2026-12`, `12/2026`, `Q1`, `Q1/2027`, `2027`; `nächste Woche`, `this month`;
    `eom`, `Monatsende`; `Anfang Dezember`, `end of KW 48` (a third of it); two of them with
    `-`, `..`, `bis` or `to` between, and `24./25.4.`.

    What comes every year and has no year is the next one from today on, or the one that was over
    less than 30 days ago in the same year. With `past`, what recurs is the latest up to today.
    Raises BadInput.
    """
    typed = " ".join(fold(text).split())
    days = None
    if len(typed) <= _LONGEST:
        try:
            days = _one(typed, today, past) or _two(typed, today, past)
        except (ValueError, OverflowError):
            raise NoSuchDay("No such day: {text}", text=text) from None
    if days is None:
        raise NoDate("{text} is not a date; try fr, +3d, KW 48, 1.12. or 2026-12-01.", text=text)
    if days.last < days.first:
        raise BadInput("{text} ends before it begins.", text=text)
    return days


def parse_period(text: str) -> str:
    """Return the time after which something comes back as `1y`, `6m`, `2w` or `90d`.

    `after 2w` counts from when it was done and not from when it was due, `1m on 31` comes on that
    day of the month or its last. `yearly`, `every 2 weeks`, `alle 6 Monate`, `P1Y`, `2 Wochen nach
    Erledigung`, `monatlich am 31.` are understood. Raises BadInput.
    """
    typed = " ".join(fold(text).split())
    from_done = _FROM_DONE.fullmatch(typed)
    if from_done and (span := from_done["first"] or from_done["last"]):
        return f"after {parse_period(span).removeprefix('after ')}"
    if (on := _ON.fullmatch(typed)) and 1 <= int(on["day"]) <= 31:
        span = parse_period(on["span"])
        if span[-1] in MONTHS_IN:
            return f"{span} on {int(on['day'])}"
    typed = _PERIODS.get(typed) or re.sub(r"^(?:every|each|alle|jede[nrs]?) ", "", typed)
    found = re.fullmatch(r"p?(?:([1-9]\d{,3}) ?)?([a-z]+)", typed)
    unit = _UNIT_OF.get(found[2]) if found else None
    if not found or not unit:
        raise BadInput("{text} is not a time span; try 1y, 6m, 2w, 90d or monthly.", text=text)
    number = int(found[1] or 1)
    return f"{number * 3}m" if unit == "q" else f"{number}{unit}"


def parse_span(text: str) -> str:
    """Return a time span as `1y`, `6m`, `2w` or `90d`; raises BadInput."""
    span = parse_period(text)
    if not is_span(span):
        raise BadInput("{text} is not a time span; try 3m, 2w or 90d.", text=text)
    return span


def month_number(word: str) -> int | None:
    """Return the number of the month that a word names, in full or short."""
    return _MONTHS.get(fold(word).strip(". "))


def weekday_number(word: str) -> int | None:
    """Return the number of the weekday, Monday being 0, that a word names, in full or short.

    `Mit` and `Don` are understood as well: some programs shorten German days like this.
    """
    typed = fold(word).strip("., ")
    found = _WEEKDAYS.get(typed)
    return _WEEKDAYS.get(typed[:2]) if found is None and len(typed) == 3 else found


def _one(typed: str, today: date, past: bool) -> DayRange | None:
    """Read one day or one unit of time; None if it is neither. Raises ValueError."""
    for form, reader in _grammar():
        match = form.fullmatch(typed)
        days = reader(match.groupdict(), today, past) if match else None
        if days:
            return days
    return None


def _two(typed: str, today: date, past: bool) -> DayRange | None:
    """Read two dates with something between them."""
    for cut in _BETWEEN.finditer(typed):
        left, right = typed[: cut.start()], typed[cut.end() :]
        year = re.fullmatch(r"\d{4}(?:-\d\d?)?", left)
        if cut[0] == "-" and year and re.match(r"\d\d?(?!\d)", right):
            continue  # within 2026-12-01
        if re.fullmatch(r"(?:kw|w) ?\d\d?", left) and re.fullmatch(r"\d\d?(?:/\d+)?", right):
            right = "kw" + right
        last = _one(right, today, past)
        if not last:
            continue
        if re.fullmatch(r"\d\d?\.?", left):
            if not last.whole:
                return DayRange(last.first.replace(day=int(left.rstrip("."))), last.last)
            continue
        first = _one(left, today, past)
        if not first:
            continue
        if first.floating and not last.floating:
            # `1.12.-5.12.2027`: the year is written once and meant for both.
            first = _one(left, last.last, True) or first
        elif last.floating and last.last < first.first:
            last = _one(right, first.first, False) or last
        return DayRange(first.first, last.last, last.whole)
    return None


@cache
def _grammar() -> tuple[tuple[re.Pattern[str], Reader], ...]:
    """Return what can be typed for one date; compiled when the first date is read."""
    whose = (
        r"this|dies\w{1,2}|coming|kommend\w{1,2}|next|naechst\w{1,2}|uebernaechst\w{1,2}"
        r"|last|letzt\w{1,2}|vorig\w{1,2}|the|des|der"
    )
    which, count = rf"(?P<which>{whose})", rf"(?P<n>\d{{1,6}}|{'|'.join(_COUNTS)})"
    part = r"(?P<part>anfang|beginn?|start|early|mitte|middle|mid|ende?|late)"
    day, year, quarter = r"(?P<day>\d\d?)", r"(?P<year>\d{4})", r"q(?P<quarter>[1-4])"
    name, week = r"(?P<month>[a-z]+)", r"(?P<week>\d\d?)"
    rows: tuple[tuple[str, Reader], ...] = (
        (r"(?P<word>[a-z]+)\.?", _read_word),
        (rf"{which} (?P<word>[a-z]+)\.?", _read_relative),
        (
            r"(?:(?P<to>in|vor) )?(?P<sign>[+-]?)(?P<n>\d{1,6}) ?(?P<unit>[a-z]+)(?P<ago> ago)?",
            _read_offset,
        ),
        (rf"(?:(?P<to>in|vor) )?(?P<sign>){count} (?P<unit>[a-z]+)(?P<ago> ago)?", _read_offset),
        (rf"(?P<word>[a-z]+)[.,]{{0,2}} in {count} (?P<unit>[a-z]+)", _read_day_and_offset),
        (r"(?:on|am) (?P<rest>.+)", _read_rest),
        (r"(?:the )?day after (?P<rest>tomorrow)", _read_rest_and_day),
        (
            rf"(?:kw|cw|w|week|woche) ?{week}(?:(?: ?/ ?|[ -](?=\d{{4}}))(?P<year>\d{{4}}|\d\d))?",
            _read_week,
        ),
        (rf"{week}\. ?kw(?:[ /]{year})?", _read_week),
        (rf"{year}-?w{week}(?:-?(?P<weekday>[1-7]))?", _read_week),
        (rf"{year}-(?P<month>\d\d?)-{day}", _read_day),
        (rf"{year}(?P<month>\d\d)(?P<day>\d\d)", _read_day),
        (rf"{year}-(?P<month>\d\d?)", _read_month),
        (rf"(?P<month>\d\d?)[/.]{year}", _read_month),
        (rf"{name}\.? ?{year}?", _read_month),
        (rf"{day}\. ?(?P<month>\d\d?)(?:\. ?(?P<year>\d{{4}}|\d\d)?)?", _read_day),
        (rf"{day}(?:st|nd|rd|th)?\.? ?(?:of )?{name}\.?,?(?: {year})?", _read_day),
        (rf"{name}\.? {day}(?:st|nd|rd|th)?(?:,? {year})?", _read_day),
        (rf"{quarter}(?: ?[/ -] ?{year})?", _read_quarter),
        (rf"(?P<quarter>[1-4])\. ?quartal(?: {year})?", _read_quarter),
        (rf"{year}-?{quarter}", _read_quarter),
        (year, _read_year),
        (rf"{part}(?: of| der| des| the)*[ -](?P<rest>.+)", _read_third),
        (
            r"(?P<weekday>[a-z]+)[.,]{0,2} (?:of |der |the )?"
            rf"(?P<rest>.*\d.*|(?:{whose}) [a-z]+)",
            _read_weekday_and_day,
        ),
        (r"(?P<both>\d\d?/\d\d?(?:/\d{2,4})?)", _read_slashed),
    )
    return tuple((re.compile(pattern), reader) for pattern, reader in rows)


def _read_word(got: Groups, today: date, past: bool) -> DayRange | None:
    word = got["word"] or ""
    if word in _NAMED_DAYS:
        return _day(today + (_NAMED_DAYS[word] - 2) * _DAY)
    if word in _WEEKDAYS:
        ahead = (_WEEKDAYS[word] - today.weekday()) % 7
        ahead = (ahead - 7 if ahead else 0) if past else (ahead or 7)
        return _day(today + ahead * _DAY)._replace(floating=True)
    if word in _ENDS:
        return _day(_unit(today, _ENDS[word]).last)
    if word == "eow":
        return _day(today + (4 - today.weekday()) % 7 * _DAY)
    unit = _UNIT_OF.get(word, "d")
    return _unit(today, unit) if unit != "d" and len(word) > 2 else None


def _read_relative(got: Groups, today: date, _past: bool) -> DayRange | None:
    which, word = got["which"] or "", got["word"] or ""
    steps = {"n": 1, "u": 2, "l": -1, "v": -1}.get(which[0], 0)
    if word in _WEEKDAYS:
        if not steps:
            return _read_word(got, today, False)
        monday = _unit(today, "w").first
        return _day(shifted(monday, steps, "w") + _WEEKDAYS[word] * _DAY)
    unit = _UNIT_OF.get(word, "d")
    return None if unit == "d" else _unit(shifted(_unit(today, unit).first, steps, unit), unit)


def _read_offset(got: Groups, today: date, _past: bool) -> DayRange | None:
    unit = _UNIT_OF.get(got["unit"] or "")
    back = got["to"] == "vor" or got["sign"] == "-" or got["ago"]
    number = _count(got)
    return _day(shifted(today, -number if back else number, unit)) if unit else None


def _read_day_and_offset(got: Groups, today: date, _past: bool) -> DayRange | None:
    """Read `Do in 2 Wochen`: so many weeks behind the next such day."""
    word = got["word"] or ""
    unit = _UNIT_OF.get(got["unit"] or "")
    if not unit or not (word in _WEEKDAYS or word in _NAMED_DAYS):
        return None
    weeks = _WEEKS_IN_DAYS.get(got["n"] or "") if unit == "d" else None
    if unit != "w" and not weeks:
        raise ValueError
    day = _read_word(got, today, False)
    return day and _day(day.first + int(weeks or _count(got)) * 7 * _DAY)


def _read_rest(got: Groups, today: date, past: bool) -> DayRange | None:
    return _one(got["rest"] or "", today, past)


def _read_rest_and_day(got: Groups, today: date, past: bool) -> DayRange | None:
    days = _read_rest(got, today, past)
    return days and _day(days.first + _DAY)


def _read_week(got: Groups, today: date, past: bool) -> DayRange | None:
    """Read a week; what follows a stroke is a year near by, or else a second week."""
    week = int(got["week"] or 0)
    year = got["year"] or ""
    if len(year) == 2:
        ahead = (int(year) - week) % 52
        near = abs(2000 + int(year) - today.year) <= _NEAR
        if near and ahead == 1:
            raise NoSuchDay(
                "KW {week}/{year} is ambiguous; write KW {week}-{year} or KW {week}/20{year}.",
                week=week,
                year=year,
            )
        if not near and ahead > _LONGEST_SPAN:
            raise ValueError
        if not near:
            return None
    if weekday := got.get("weekday"):
        return _day(date.fromisocalendar(int(got["year"] or 0), week, int(weekday)))
    return _in_year(got, today, past, lambda year: _unit(_monday(year, week), "w"))


def _read_month(got: Groups, today: date, past: bool) -> DayRange | None:
    month = _month(got)
    if not month:
        return None
    return _in_year(got, today, past, lambda year: _unit(date(year, month, 1), "m"))


def _read_day(got: Groups, today: date, past: bool) -> DayRange | None:
    month, day = _month(got), int(got["day"] or 0)
    if month is None:
        return None
    return _in_year(got, today, past, lambda year: _day(date(year, month, day)))


def _read_quarter(got: Groups, today: date, past: bool) -> DayRange:
    month = int(got["quarter"] or 0) * 3
    return _in_year(got, today, past, lambda year: _unit(date(year, month, 1), "q"))


def _read_year(got: Groups, today: date, past: bool) -> DayRange:
    return _in_year(got, today, past, lambda year: _unit(date(year, 1, 1), "y"))


def _read_third(got: Groups, today: date, past: bool) -> DayRange | None:
    """Read `Anfang Dezember`, `mid KW 48`, `end of next month`."""
    days = _one(got["rest"] or "", today, past)
    if not days or not days.whole:
        return None
    third = ((days.last - days.first).days + 1) // 3 * _DAY
    cuts = (days.first, days.first + third, days.first + 2 * third, days.last + _DAY)
    part = got["part"] or ""
    which = 2 if part in ("ende", "end", "late") else int(part.startswith("m"))
    return days._replace(first=cuts[which], last=cuts[which + 1] - _DAY)


def _read_weekday_and_day(got: Groups, today: date, past: bool) -> DayRange | None:
    """Read `Fr 27.11.` and `Mo KW 50`; of a day that has another weekday there is none such."""
    weekday = _WEEKDAYS.get(got["weekday"] or "")
    days = None if weekday is None else _one(got["rest"] or "", today, past)
    if not days or weekday is None:
        return None
    if days.whole:
        one_week = days.last - days.first == 6 * _DAY
        return (
            days._replace(
                first=days.first + weekday * _DAY, last=days.first + weekday * _DAY, whole=False
            )
            if one_week
            else None
        )
    if days.first.weekday() != weekday:
        raise ValueError
    return days


def _read_slashed(got: Groups, _today: date, _past: bool) -> DayRange:
    raise NoSuchDay("{text} is ambiguous; write 1.12. or 2026-12-01.", text=got["both"] or "")


def _count(got: Groups) -> int:
    typed = got["n"] or ""
    return _COUNTS[typed] if typed in _COUNTS else int(typed)


def _month(got: Groups) -> int | None:
    typed = got["month"] or ""
    return int(typed) if typed.isdecimal() else _MONTHS.get(typed)


def _in_year(got: Groups, today: date, past: bool, make: Callable[[int], DayRange]) -> DayRange:
    """Return what `make` makes of the year typed; without one, as `read_day_range` tells.

    Nine years are tried, for what does not come every year: `29.2.`, `KW 53`.
    """
    if typed := got["year"]:
        return make(int(typed) + (2000 if len(typed) == 2 else 0))
    years = range(today.year - 1, today.year + 9)
    for year in reversed(range(today.year - 8, today.year + 1)) if past else years:
        try:
            days = make(year)
        except ValueError:
            continue
        recent = days.last.year == today.year and days.last >= today - _RECENT
        if days.first <= today if past else days.last >= today or recent:
            return days._replace(floating=True)
    raise ValueError


def _day(day: date) -> DayRange:
    return DayRange(day, day)


def _monday(year: int, week: int) -> date:
    return date.fromisocalendar(year, week, 1)


def _unit(day: date, unit: str) -> DayRange:
    """Return the week, month, quarter or year that `day` is in."""
    if unit == "w":
        monday = day - day.weekday() * _DAY
        return DayRange(monday, monday + 6 * _DAY, whole=True)
    months = MONTHS_IN[unit]
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    return DayRange(first, month_end(first.replace(month=first.month + months - 1)), whole=True)
