"""Spans of time after which something comes back: `2w`, `after 2w` it was done, `1m on 31`."""

from __future__ import annotations

from datetime import date, timedelta

from tracker.domain.patterns import pattern
from tracker.domain.sentence import Sentence, counted, sentence

MONTHS_IN = {"m": 1, "q": 3, "y": 12}

_PERIOD = pattern(r"(?:after )?[1-9]\d{,4}(?:[dwmy]|[my] on (?:[1-9]|[12]\d|3[01]))")
_DAY = timedelta(days=1)


def is_period(text: str) -> bool:
    """Return whether a text is a period as it is kept, whatever else may be typed for one."""
    return _PERIOD.fullmatch(text) is not None


def is_span(text: str) -> bool:
    """Return whether a text is a number of days, weeks, months or years as it is kept."""
    return is_period(text) and " " not in text


def before(day: date, span: str) -> date:
    """Return the day a span before another; the first of all where there is none so early."""
    try:
        return shifted(day, -int(span[:-1]), span[-1])
    except (ValueError, OverflowError):
        return date.min


def add_period(day: date, period: str) -> date:
    """Return the day one period later; the 31st becomes the last of a shorter month."""
    span, _on, wanted = period.removeprefix("after ").partition(" on ")
    later = shifted(day, int(span[:-1]), span[-1])
    if not wanted:
        return later
    first = later.replace(day=1)
    return min(month_end(first), first + (int(wanted) - 1) * _DAY)


def month_end(first: date) -> date:
    """Return the last day of the month that begins on `first`."""
    return date.max if first == date(9999, 12, 1) else shifted(first, 1, "m") - _DAY


def monday_of(day: date) -> date:
    """Return the first day of the week of a day."""
    return day - day.weekday() * _DAY


def sunday_of(day: date) -> date:
    """Return the last day of the week of a day; the last week there is ends on a Friday."""
    return date.fromordinal(min(day.toordinal() + 6 - day.weekday(), date.max.toordinal()))


def shifted(day: date, n: int, unit: str) -> date:
    """Return the day n units later; the 31st becomes the last of a shorter month."""
    if unit in "dw":
        return day + n * (7 if unit == "w" else 1) * _DAY
    months = day.year * 12 + day.month - 1 + n * MONTHS_IN[unit]
    first = date(months // 12, months % 12 + 1, 1)
    return first if day.day == 1 else min(first + (day.day - 1) * _DAY, month_end(first))


def span_words(span: str) -> Sentence | None:
    """Return a span in words; None for what is none."""
    if not is_span(span):
        return None
    n = int(span[:-1])
    return {
        "d": counted("{n} day", "{n} days", n),
        "w": counted("{n} week", "{n} weeks", n),
        "m": counted("{n} month", "{n} months", n),
        "y": counted("{n} year", "{n} years", n),
    }[span[-1]]


def period_words(period: str) -> Sentence | None:
    """Return a period in words; None for what is none."""
    if not is_period(period):
        return None
    span, _on, day = period.removeprefix("after ").partition(" on ")
    n = int(span[:-1])
    if period.startswith("after "):
        return {
            "d": counted("{n} day after completion", "{n} days after completion", n),
            "w": counted("{n} week after completion", "{n} weeks after completion", n),
            "m": counted("{n} month after completion", "{n} months after completion", n),
            "y": counted("{n} year after completion", "{n} years after completion", n),
        }[span[-1]]
    every = {
        "d": counted("every day", "every {n} days", n),
        "w": counted("every week", "every {n} weeks", n),
        "m": counted("every month", "every {n} months", n),
        "y": counted("every year", "every {n} years", n),
    }[span[-1]]
    return sentence("{every}, on day {day}", every=every, day=int(day)) if day else every
