"""Numbers, lengths of time and days, as they are written in the language in use."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tracker.domain.sentence import amount, dated, timed
from tracker.language import current, ngettext, say, spelled


def number(value: float, decimals: int = 1) -> str:
    """Return a rounded number, its thousands apart, without zeros behind its decimal sign."""
    return say(amount(round(value, decimals) or 0.0))


def signed(value: float) -> str:
    """Return a rounded difference with its sign."""
    rounded = round(value, 1)
    sign = "+" if rounded > 0 else "-" if rounded < 0 else ""
    return sign + number(abs(rounded))


def brief_days(count: float, decimals: int = 1, *, sign: bool = False) -> str:
    """Return so many days as short as a column wants them, with their sign if asked to."""
    text = ngettext("{days} d", "{days} d", 1 if round(abs(count), decimals) == 1 else 2)
    return text.format(days=signed(count) if sign else number(count, decimals))


def percent(share: float, decimals: int = 0) -> str:
    """Return a share in per cent."""
    return number(100 * share, decimals) + _sign()


def percent_between(low: float, high: float) -> str:
    """Return two shares in per cent, with a dash between."""
    return spelled(f"{number(100 * low, 0)}–{percent(high)}")


def _sign() -> str:
    return " %" if current() == "de" else "%"


def working_days(days: float, decimals: int = 1) -> str:
    """Return so many working days in words."""
    count = 1 if round(days, decimals) == 1 else 2
    text = ngettext("{days} working day", "{days} working days", count)
    return text.format(days=number(days, decimals))


def duration(time: timedelta) -> str:
    """Return a length of time in its largest unit."""
    minutes = max(0, round(time.total_seconds() / 60))
    if minutes < 60:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    hours = round(minutes / 60)
    if hours < 24:
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    days = round(hours / 24)
    return ngettext("{n} day", "{n} days", days).format(n=days)


def day_words(day: date, today: date) -> str:
    """Return a day in short words."""
    from tracker.domain.calendar import date_words

    return spelled(date_words(day, today, current()))


def short_day(day: date) -> str:
    """Return a day by day and month: `30 Nov`, `30. Nov.`."""
    import pendulum

    form = "D. MMM" if current() == "de" else "D MMM"
    return spelled(pendulum.Date(day.year, day.month, day.day).format(form, locale=current()))


def printed_day(day: date, today: date) -> str:
    """Return a day as it is read on paper later on: never `tomorrow`, another year with it."""
    return short_day(day) if day.year == today.year else f"{short_day(day)} {day.year}"


def month_words(day: date) -> str:
    """Return the month of a day in short."""
    from tracker.domain import calendar

    return spelled(calendar.month_words(day, current()))


def day_text(day: date) -> str:
    """Return a day by its numbers; it can be read back."""
    return say(dated(day))


def long_day(day: date, today: date) -> str:
    """Return a day in words, with its date where the words leave that open."""
    words = day_words(day, today)
    written = day_text(day)
    return words if written in words else f"{words} · {written}"


def one_stop(sentence: str) -> str:
    """Return a sentence without the second of two full stops: a day may end with one, `2. Dez.`."""
    return f"{sentence[:-1]}" if sentence.endswith("..") else sentence


def moment(at: datetime) -> str:
    """Return a moment in the time of the place."""
    return say(timed(at))
