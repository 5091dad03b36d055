"""Moments of other programs, as the days they mean here."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.source import Source

_DAY = 24 * 60
# A day is its midnight, or the last minute of it.
_MIDNIGHTS = frozenset((0, _DAY - 1))
_OFFSETS = sorted((*range(-12 * 60, 14 * 60 + 1, 15),), key=lambda minutes: (abs(minutes), minutes))
_SUMMER = 60
# From so many days on they show in which zone they were written.
_FEWEST = 3
_YEARS = range(1900, 2201)


class Moments:
    """Turns the moments of one file into days: those of the zone they were written in.

    `stamps` are all moments of the file that stand for days. In the `zone` (that of the machine
    where it is empty) most of them should be midnights. Where fewer than half are, but nine
    tenths would be at another offset from UTC (or an hour on, in summer), that one is taken and
    told; but not where most clocks here show hours of work, at which a date may well be due.
    The machine may be said to be elsewhere (`here`). Raises BadInput for a zone that nobody knows.
    """

    def __init__(
        self, source: Source, zone: str = "", stamps: Iterable[datetime] = (), here: str = ""
    ) -> None:
        self._source = source
        self._zone = zone_of(zone) if zone else None
        self._here = zone_of(here) if here else None
        self._remarks = RepeatedRemarks(source)
        self._offset = self._found([stamp for stamp in stamps if stamp.tzinfo is not None])

    def day(self, row: int, column: str, at: datetime, place: str = "") -> date:
        """Return the day of a moment; its time of day is dropped, and counted for `tell`.

        `row` and `place` are where it stands. One without a zone is meant here. Raises BadInput
        for a year that no plan has.
        """
        here = self.here(at)
        if here.year not in _YEARS:
            raise BadInput("{value} is not a date.", value=here.date().isoformat())
        if not _is_midnight(here):
            self._remarks.note(
                row, column, f"{here:%Y-%m-%d %H:%M}", _timeless, near=True, place=place
            )
        return here.date()

    def day_of_text(self, column: str, text: str, row: int, place: str) -> date | None:
        """Return the day of a moment as `moment` reads it; None for what is none. As `day`."""
        at = moment(text)
        return self.day(row, column, at, place) if at else None

    def tell(self) -> None:
        """Report the times of day that were dropped, in one line for each column."""
        self._remarks.tell()

    def here(self, at: datetime) -> datetime:
        """Return a moment as the clocks show it where the file was written."""
        if at.tzinfo is None:
            return at
        try:
            if self._offset is None:
                return at.astimezone(self._zone or self._here)
            found = at.astimezone(_fixed(self._offset))
            summer = at.astimezone(_fixed(self._offset + _SUMMER))
        except (OverflowError, ValueError, OSError):
            return at.replace(tzinfo=None)
        return summer if _is_midnight(summer) and not _is_midnight(found) else found

    def _found(self, stamps: list[datetime]) -> int | None:
        """Return the offset from UTC, in minutes, at which the days were written; None for here."""
        if self._zone is not None or len({stamp.date() for stamp in stamps}) < _FEWEST:
            return None
        here = [self._local(stamp) for stamp in stamps]
        odd = [stamp for stamp in here if not _is_midnight(stamp)]
        at_work = sum(map(_at_work, odd))
        if 2 * len(odd) <= len(here) or 2 * at_work > len(odd):
            return None
        clocks = Counter((stamp - _EPOCH) // timedelta(minutes=1) % _DAY for stamp in stamps)

        def hits(*offsets: int) -> int:
            return sum(
                times
                for clock, times in clocks.items()
                if any((clock + offset) % _DAY in _MIDNIGHTS for offset in offsets)
            )

        for several in ((0,), (0, _SUMMER)):
            best: int = max(_OFFSETS, key=lambda base: hits(*(base + more for more in several)))
            if 10 * hits(*(best + more for more in several)) >= 9 * len(stamps):
                self._tell_offset(best, len(several) > 1)
                return best
        return None

    def _local(self, at: datetime) -> datetime:
        try:
            return at.astimezone(self._here)
        except (OverflowError, ValueError, OSError):
            return at

    def _tell_offset(self, offset: int, summer: bool) -> None:
        told = f"UTC{_signed(offset)}" + (f"/{_signed(offset + _SUMMER)}" if summer else "")
        why = sentence(
            "The dates of this file are midnights at {zone}, not here; they were read as such. --tz"
            " chooses another time zone.",
            zone=told,
        )
        self._source.approximate(0, "", "", why)


def _timeless(times: int) -> Sentence:
    return counted(
        "The time of day was dropped ({n} task).",
        "The time of day was dropped ({n} tasks).",
        times,
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime | None:
    """Return a moment of ISO 8601 (`2026-12-11T22:59:00.000Z`, `20261213T230000Z`), if it is one.

    One that names no offset has no zone.
    """
    bare = text.strip()
    if len(bare) > 40 or "T" not in bare.upper():
        return None
    try:
        found = datetime.fromisoformat(bare)
        # The ends of the calendar are in no other zone.
        return found if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def zone_of(name: str) -> tzinfo:
    """Return the zone of a name of the IANA database; raises BadInput."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadInput("{zone} is not a time zone; try Europe/Berlin or UTC.", zone=name) from None


def zone_here() -> str:
    """Return the name of the machine's time zone; nothing where it has none that is known."""
    link = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    name = os.environ.get("TZ", link).removeprefix(":")
    try:
        return ZoneInfo(name or ("UTC" if {*time.tzname} == {"UTC"} else "")).key
    except (KeyError, ValueError, OSError):
        return ""


def _is_midnight(at: datetime) -> bool:
    return at.hour * 60 + at.minute in _MIDNIGHTS


def _at_work(at: datetime) -> bool:
    return 6 <= at.hour < 19


def _fixed(minutes: int) -> tzinfo:
    return timezone(timedelta(minutes=minutes))


def _signed(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
