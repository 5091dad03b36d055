"""The dates of a list, whose notation is found out from all of them together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial
from itertools import groupby
from typing import NamedTuple

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence, counted, dated, sentence
from tracker.domain.typing.dates import NoDate, month_number, parse_date, weekday_number
from tracker.exchange.source import harmless_value
from tracker.exchange.spreadsheet import Cell

# Reports a guess; the value is taken all the same.
Remark = Callable[[Sentence], None]

_YEARS = (1900, 2200)
# A year of two digits is never so far ahead; `98` was in the last century.
_FARTHEST = 30
# `Apr 26` is April of a year so near; otherwise it is a day of April.
_NEAR_YEARS = range(-2, 6)
# No pattern is tried on more.
_LONGEST = 100
# Excel counts days from here; what is before 1954 or after 2119 is no date of a list.
_EXCEL_ZERO = date(1899, 12, 30)
_SERIAL = re.compile(r"([2-7]\d{4})(?:[.,]\d+)?")

_WEEKDAY = re.compile(r"([^\W\d_]{2,10})[.,]{0,2}\s*(?=\d)")
_NUMBERS = re.compile(r"(\d\d?)([/-])(\d\d?)\2(\d{4}|\d\d)")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d\d?)[/.](\d\d?)")
_NAMED_MONTH = re.compile(r"(\d\d?)[-/. ]{1,2}([^\W\d_]{3,9})[-/. ]{1,2}(\d{4}|\d\d)")
_MONTH_AND_NUMBER = re.compile(r"([^\W\d_]{3,9})[-/. '’]{1,2}(\d\d?)")
_STAMP = re.compile(
    r"(.*\d)(?:T|[\s,]+)(\d\d?):(\d\d)(?::(\d\d))?(?:[.,]\d+)?\s*([ap]\.?m\.?)?"
    r"(?:\s*Uhr|\s*Z|\s*UTC|\s*[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_INSTANT = re.compile(
    r"\d{4}-?\d\d-?\d\d[T ]\d\d:?\d\d(?::?\d\d)?(?:[.,]\d+)?\s?(?:Z|[+-]\d\d:?\d\d)", re.IGNORECASE
)
# A whole day with its year; any other notation is reported with its reading.
_WITH_YEAR = re.compile(
    r"\d{4}-?\d\d?-?\d\d?|\d\d?\.\s?\d\d?\.\s?(?:\d{4}|\d\d)|\D*(?:\d\d?\D*)?[^\W\d_]{3}\D*(?:\d\d?\D+)?\d{4}|\d{4}W.*"
)
# These keep their times of day.
_MOMENTS = ("created", "modified", "finished")
# Pairs of fields of a row of which the first comes earlier.
_IN_ORDER = (
    ("not_before", "due"),
    ("created", "due"),
    ("created", "finished"),
    ("created", "modified"),
)


class AmbiguousDate(NamedTuple):
    """A date written in numbers that could be day and month, or month and day."""

    text: str
    row: int
    mark: str
    first: int
    second: int
    year: int
    weekday: int | None

    def day(self, month_first: bool) -> date | None:
        """Return the day it is in one of the two orders, if there is such a day."""
        month, day = (self.first, self.second) if month_first else (self.second, self.first)
        try:
            return date(self.year, month, day)
        except ValueError:
            return None

    @property
    def readings(self) -> dict[bool, date]:
        """The days that it can be, by whether the month comes first."""
        both = {order: self.day(order) for order in (False, True)}
        days = {order: day for order, day in both.items() if day}
        fitting = {o: day for o, day in days.items() if day.weekday() == self.weekday}
        return fitting if self.weekday is not None else days

    @property
    def proof(self) -> bool | None:
        """Whether the month must come first; None if both orders are possible."""
        orders = list(self.readings)
        return orders[0] if len(orders) == 1 else None

    @property
    def doubtful(self) -> bool:
        """Whether the order decides which day it is."""
        return len(set(self.readings.values())) == 2


class _Order(NamedTuple):
    """Whether the month comes first in a column, and the evidence; None if that is at odds."""

    month_first: bool | None
    why: Sentence


class DateColumns:
    """How the dates in the columns of a list are written.

    `columns` are their fields and their cells with the numbers of their rows, by position. Moments
    are turned into days and times of the `zone`, that of the machine where there is none; `here`
    is that of the machine, where it is to be another one.
    """

    def __init__(
        self,
        columns: Mapping[int, tuple[str, Iterable[tuple[int, Cell]]]],
        today: date,
        zone: tzinfo | None = None,
        here: tzinfo | None = None,
    ) -> None:
        self.today, self._zone = today, zone or here
        self._cells = {at: list(cells) for at, (_, cells) in columns.items()}
        self._fields = {at: field for at, (field, _) in columns.items()}
        texts = [c for cells in self._cells.values() for _, c in cells if isinstance(c, str)]
        self._own_midnights = zone is None and _own_midnights(texts, here)
        self._months = _months_and_years(texts, today)
        self._orders = self._found_orders()

    # --- one cell ------------------------------------------------------------------------------

    def day(self, at: int, cell: Cell, remark: Remark, *, last: bool = False) -> date:
        """Read a date; times of day are left out. Raises BadInput.

        A week or a month is read as its first day or, with `last`, its last. `remark` is called
        with each guess.
        """
        return self._read(at, cell, remark, last)[0]

    def moment(self, at: int, cell: Cell, remark: Remark) -> datetime:
        """Read a date with its time of day, if it has one, in UTC. Raises BadInput."""
        day, clock = self._read(at, cell, remark, False)
        return datetime.combine(day, clock, self._zone).astimezone(UTC)

    def clock(self, at: int, cell: Cell) -> time:
        """Return the time of day of a date, midnight where it has none. Raises BadInput."""
        return self._read(at, cell, lambda _why: None, False)[1]

    def _read(self, at: int, cell: Cell, remark: Remark, last: bool) -> tuple[date, time]:
        if isinstance(cell, bool | time | timedelta):
            raise _no_date(str(cell))
        if isinstance(cell, datetime):
            return _within(cell.date(), str(cell)), cell.time()
        if isinstance(cell, date):
            return _within(cell, str(cell)), time.min
        if isinstance(cell, float) and not cell.is_integer():
            text = f"{cell:.5f}"
        else:
            text = f"{cell:.0f}" if isinstance(cell, int | float) else str(cell)
        text = " ".join(text.split())
        if len(text) > _LONGEST:
            raise _no_date(text)
        if instant := _instant(text):
            local = self._local(instant)
            return _within(local.date(), text), local.time()
        bare, clock = _parted(text)
        try:
            found = self._text(at, bare, remark, last)
        except (NoDate, ValueError, OverflowError):
            raise _no_date(text) from None
        return _within(found, text), clock

    def _local(self, instant: datetime) -> datetime:
        return instant if self._own_midnights else instant.astimezone(self._zone)

    def _text(self, at: int, text: str, remark: Remark, last: bool) -> date:
        """Read a date without a time of day. Raises BadInput and ValueError."""
        if serial := _SERIAL.fullmatch(text):
            return _told(_EXCEL_ZERO + timedelta(int(serial[1])), remark)
        if numbers := _numbers(text, 0, self.today):
            return self._numbered(at, numbers)
        if (found := _MONTH_AND_NUMBER.fullmatch(text)) and self._is_month(found):
            month = f"{_year(found[2], self.today)}-{month_number(found[1])}"
            return _told(parse_date(month, self.today, last=last), remark)
        weekday, bare = _weekday(text)
        if found := _YEAR_FIRST.fullmatch(bare):
            day = date(int(found[1]), int(found[2]), int(found[3]))
        elif (found := _NAMED_MONTH.fullmatch(bare)) and (number := month_number(found[2])):
            day = date(_year(found[3], self.today), number, int(found[1]))
        else:
            day = parse_date(bare, self.today, last=last)
            if not _WITH_YEAR.fullmatch(bare):
                _told(day, remark)
        if weekday is not None and day.weekday() != weekday:
            raise _wrong_weekday(text)
        return day

    def _numbered(self, at: int, numbers: AmbiguousDate) -> date:
        readings = numbers.readings
        order = self._orders.get((at, numbers.mark))
        month_first = order.month_first if order else False
        if not readings:
            raise (
                _no_date(numbers.text) if numbers.weekday is None else _wrong_weekday(numbers.text)
            )
        if not numbers.doubtful:
            return next(iter(readings.values()))
        if month_first is None:
            raise BadInput("{text} is ambiguous; write 1.12. or 2026-12-01.", text=numbers.text)
        return readings[month_first]

    def _is_month(self, found: re.Match[str]) -> bool:
        """Return whether `Apr 26` is a month with its year."""
        return month_number(found[1]) is not None and self._months

    # --- all of them ---------------------------------------------------------------------------

    def remarks(self, at: int) -> Iterator[Sentence]:
        """Yield the remarks on how a column was read."""
        cells = [cell for _, cell in self._cells[at]]
        moved = sum(self._moved(cell) for cell in cells)
        if moved and self._fields[at] not in _MOMENTS:
            yield counted(
                "{n} time in another time zone was converted to the local date.",
                "{n} times in another time zone were converted to local dates.",
                moved,
            )
        late = sum(map(self._late, cells))
        if late and self._fields[at] not in _MOMENTS:
            yield counted(
                "The time of day of {n} date was dropped.",
                "The times of day of {n} dates were dropped.",
                late,
            )
        for (column, _), order in self._orders.items():
            if column == at:
                yield order.why

    def _moved(self, cell: Cell) -> bool:
        instant = _instant(str(cell)) if isinstance(cell, str) and not self._own_midnights else None
        return instant is not None and self._local(instant).date() != instant.date()

    def _late(self, cell: Cell) -> bool:
        """Return whether a date has a time of day that matters."""
        if isinstance(cell, str):
            instant = _instant(cell)
            if instant:
                clock = self._local(instant).time()
            else:
                _, clock = _parted(cell.strip()[:_LONGEST])
        else:
            clock = cell.time() if isinstance(cell, datetime) else time.min
        # Some programs write the end of a day as its last second or minute.
        return clock.replace(microsecond=0) not in (time.min, time(23, 59), time(23, 59, 59))

    def _found_orders(self) -> dict[tuple[int, str], _Order]:
        """Find out for each column with doubtful dates whether the month comes first.

        Dates with strokes and dates with hyphens are written by different customs.
        """
        orders: dict[tuple[int, str], _Order] = {}
        for mark in "/-":
            written = {
                at: [
                    found
                    for row, cell in cells
                    if isinstance(cell, str)
                    and (found := _numbers(cell, row, self.today))
                    and found.mark == mark
                ]
                for at, cells in self._cells.items()
            }
            orders |= {(at, mark): order for at, order in self._orders_of(written)}
        return orders

    def _orders_of(
        self, written: Mapping[int, list[AmbiguousDate]]
    ) -> Iterator[tuple[int, _Order]]:
        """Walk over the columns with dates whose order had to be found out."""
        doubtful = {
            at: next(each for each in several if each.doubtful)
            for at, several in written.items()
            if any(each.doubtful for each in several)
        }
        proofs = {
            at: {proof: each for each in several if (proof := each.proof) is not None}
            for at, several in written.items()
        }
        everywhere = {proof: each for found in proofs.values() for proof, each in found.items()}
        usual = self._by_sequence(written, doubtful) if not everywhere else None
        for at, example in doubtful.items():
            own = proofs[at] if len(everywhere) == 2 else everywhere
            if len(own) == 2:
                yield at, _Order(None, _MIXED)
            elif own:
                ((month_first, shown_by),) = own.items()
                yield at, _Order(month_first, _proved(example, shown_by, month_first))
            else:
                yield at, usual or _Order(False, _assumed(example))
        for at, own in proofs.items():
            if at not in doubtful and own:
                yield at, _only(own)

    def _by_sequence(
        self, written: Mapping[int, list[AmbiguousDate]], doubtful: Mapping[int, AmbiguousDate]
    ) -> _Order | None:
        """Return the order in which no row ends before it begins, if the other makes one do so."""
        wrong: dict[bool, int] = {}
        rows = self._rows(written)
        for month_first in (False, True):
            for row, told in rows:
                days = {field: read(month_first) for field, read in told.items()}
                days.setdefault("today", self.today)
                pairs = (*_IN_ORDER, ("created", "today"))
                if any(
                    (before := days.get(first)) and (after := days.get(then)) and before > after
                    for first, then in pairs
                ):
                    wrong[month_first] = row
                    break
        if len(wrong) != 1 or not doubtful:
            return None
        ((order, row),) = wrong.items()
        example = next(iter(doubtful.values()))
        return _Order(not order, _sequenced(example, row, not order))

    def _rows(
        self, written: Mapping[int, list[AmbiguousDate]]
    ) -> list[tuple[int, dict[str, Callable[[bool], date | None]]]]:
        """Return for each row how its dates are read in either order."""
        told: list[tuple[int, str, Callable[[bool], date | None]]] = []
        for at, cells in self._cells.items():
            numbers = {each.row: each for each in written[at]}
            for row, cell in cells:
                if row in numbers:
                    told.append((row, self._fields[at], numbers[row].day))
                elif isinstance(cell, date):
                    day = cell.date() if isinstance(cell, datetime) else cell
                    told.append((row, self._fields[at], partial(_in_any_order, day)))
        told.sort(key=lambda each: each[0])
        return [
            (row, {field: read for _, field, read in several})
            for row, several in groupby(told, key=lambda each: each[0])
        ]


_MIXED = sentence(
    "Some dates of this column start with the day, others with the month; ambiguous dates were"
    " not read."
)


def _in_any_order(day: date, _month_first: bool) -> date:
    return day


def _proved(example: AmbiguousDate, proof: AmbiguousDate, month_first: bool) -> Sentence:
    if month_first:
        return sentence(
            "Dates such as {text} were read as month/day/year, as {proof} in row {row} allows"
            " nothing else.",
            text=example.text,
            proof=proof.text,
            row=proof.row,
        )
    return sentence(
        "Dates such as {text} were read as day/month/year, as {proof} in row {row} allows"
        " nothing else.",
        text=example.text,
        proof=proof.text,
        row=proof.row,
    )


def _only(proofs: Mapping[bool, AmbiguousDate]) -> _Order:
    """Return the order of a column in which each date can be read in one way only."""
    if len(proofs) == 2:
        why = sentence(
            "{day_first} in row {row} starts with the day and {month_first} in row {other} with"
            " the month: each date was read in the only way possible.",
            day_first=proofs[False].text,
            row=proofs[False].row,
            month_first=proofs[True].text,
            other=proofs[True].row,
        )
        return _Order(None, why)
    ((month_first, proof),) = proofs.items()
    if month_first:
        why = sentence(
            "{proof} in row {row} was read as month/day/year; nothing else is possible.",
            proof=proof.text,
            row=proof.row,
        )
    else:
        why = sentence(
            "{proof} in row {row} was read as day/month/year; nothing else is possible.",
            proof=proof.text,
            row=proof.row,
        )
    return _Order(month_first, why)


def _sequenced(example: AmbiguousDate, row: int, month_first: bool) -> Sentence:
    if month_first:
        return sentence(
            "Dates such as {text} were read as month/day/year; otherwise row {row} would end"
            " before it starts.",
            text=example.text,
            row=row,
        )
    return sentence(
        "Dates such as {text} were read as day/month/year; otherwise row {row} would end"
        " before it starts.",
        text=example.text,
        row=row,
    )


def _assumed(example: AmbiguousDate) -> Sentence:
    return sentence(
        "Dates such as {text} were read as day/month/year; the list does not show which number"
        " is the month.",
        text=example.text,
    )


def _numbers(text: str, row: int, today: date) -> AmbiguousDate | None:
    """Read a date such as 4/5/2026, whichever is the month."""
    weekday, bare = _weekday(_parted(" ".join(text.split())[:_LONGEST])[0])
    found = _NUMBERS.fullmatch(bare)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), _year(found[4], today)
    return AmbiguousDate(harmless_value(text), row, found[2], first, second, year, weekday)


def _weekday(text: str) -> tuple[int | None, str]:
    """Return the weekday that a date begins with, and the rest."""
    found = _WEEKDAY.match(text)
    number = weekday_number(found[1]) if found else None
    return (None, text) if found is None or number is None else (number, text[found.end() :])


def _year(text: str, today: date) -> int:
    if len(text) > 2:
        return int(text)
    year = 2000 + int(text)
    return year - 100 if year > today.year + _FARTHEST else year


def _parted(text: str) -> tuple[str, time]:
    """Return a date and the time of day behind it; midnight if there is none."""
    stamp = _STAMP.fullmatch(text)
    if not stamp:
        return text, time.min
    hour, minute, second = int(stamp[2]), int(stamp[3]), int(stamp[4] or 0)
    if stamp[5]:
        hour = hour % 12 + (12 if stamp[5][0] in "pP" else 0)
    try:
        return stamp[1].rstrip(" ,"), time(hour, minute, second)
    except ValueError:
        return text, time.min


def _instant(text: str) -> datetime | None:
    """Return a moment that is written with its time zone, of a year that has any."""
    text = text.strip()
    if len(text) > _LONGEST or not _INSTANT.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text.upper().replace(" ", "T", 1).replace(" ", ""))
    except ValueError:
        return None
    return found if _YEARS[0] <= found.year <= _YEARS[1] else None


def _own_midnights(texts: Iterable[str], zone: tzinfo | None) -> bool:
    """Return whether moments with a zone are days of that zone: midnights there, and not here."""
    instants = [instant for text in texts if (instant := _instant(text))]
    midnights = [instant.time() == time.min for instant in instants]
    here = [instant.astimezone(zone).time() == time.min for instant in instants]
    return bool(instants) and all(midnights) and not all(here)


def _months_and_years(texts: Iterable[str], today: date) -> bool:
    """Return whether all of `Apr 26` and its like are months with years near by."""
    numbers = [
        2000 + int(found[2]) - today.year if len(found[2]) == 2 else None
        for text in texts
        if (found := _MONTH_AND_NUMBER.fullmatch(text.strip())) and month_number(found[1])
    ]
    return bool(numbers) and all(number in _NEAR_YEARS for number in numbers)


def _told(day: date, remark: Remark) -> date:
    remark(sentence("Read as {date}.", date=dated(day)))
    return day


def _within(found: date, text: str) -> date:
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        raise BadInput("The year of {value} is implausible.", value=harmless_value(text))
    return found


def _wrong_weekday(text: str) -> BadInput:
    return BadInput("{value} is not that weekday.", value=harmless_value(text))


def _no_date(text: str) -> BadInput:
    return BadInput("{value} is not a date.", value=harmless_value(text))
