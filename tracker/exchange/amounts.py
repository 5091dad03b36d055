"""Durations and efforts as lists have them, read as numbers of working days."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.typing.field_values import MOST_DAYS, UNITS
from tracker.domain.typing.vocabulary import meaning_key
from tracker.exchange.date_cells import Remark
from tracker.exchange.decimal_marks import GROUPED, DecimalMark
from tracker.exchange.source import harmless_value
from tracker.exchange.spreadsheet import Cell

_HOURS = 8.0  # of a working day
_WORKED = 5 / 7  # of the days of the calendar
_SECONDS = 3600 * _HOURS
# Minutes and seconds are not typed here; they come from other programs.
_FINE_UNITS = {
    unit: days
    for days, units in {
        1 / 60 / _HOURS: "min mins minute minutes minuten",
        1 / _SECONDS: "s sec secs second seconds sek sekunde sekunden",
    }.items()
    for unit in units.split()
}
# Time of the calendar, as schedulers write it, in days: `edays`, German `fTage`; MPX has `ft`.
_ELAPSED_UNITS = {
    mark + unit: days
    for days, units in {
        1.0: "d day days t tag tage tagen",
        7.0: "w wk wks week weeks woche wochen",
        30.0: "mo mon mons month months monat monate monaten",
        1 / 24: "h hr hrs hour hours std stunde stunden",
        1 / 24 / 60: "m min mins minute minutes minuten",
    }.items()
    for unit in units.split()
    for mark in "ef"
}
# No pattern is tried on more.
_LONGEST = 300

_SPACES = "\\s'’\u00a0\u202f"
_NUMBER = rf"[+-]?\d(?:[\d.,{_SPACES}]*\d)?(?:e[+-]?\d+)?"
_AMOUNT = re.compile(
    r"(?P<about>ca\.?|circa|etwa|rund|about|approx\.?|~|≈)?\s*"
    rf"(?P<number>{_NUMBER})\s*(?P<unit>[^\W\d]*)\.?\??",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"(?:\d+(?:[.,]\d+)?\s*[^\W\d]+\.?[\s,;+&]*(?:und |and )?){2,6}")
_ONE_OF_SEVERAL = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d]+)")
_CLOCK = re.compile(
    r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?(?:\s*(?:h|std|stunden|hours)\.?)?", re.IGNORECASE
)
_ISO = re.compile(
    r"P(?:(\d+(?:[.,]\d+)?)W)?(?:(\d+(?:[.,]\d+)?)D)?"
    r"(?:T(?:(\d+(?:[.,]\d+)?)H)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)S)?)?",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"(\d*)\s*([¼½¾⅓⅔⅛])")
_BETWEEN = re.compile(r"(.*?\d)\s*(?:-|–|—|bis|to)\s*(\d.*)", re.IGNORECASE)
# Excel counts hours beyond a day from here.
_EXCEL_ZERO = datetime(1899, 12, 31)  # noqa: DTZ001  # a sheet knows no zones
_LAST_HOURS = 1901

_UNKNOWN = DecimalMark()


def read_number_cell(text: str, remark: Remark, decimal: DecimalMark = _UNKNOWN) -> float:
    """Read a number in whose column this is the decimal mark; raises BadInput."""
    bare = re.sub(f"[{_SPACES}]", "", text)
    marks = re.sub("[^.,]", "", bare)
    if len(marks) > 1:
        # The last mark, if it occurs once, is the decimal one; the other groups thousands.
        last = marks[-1] if marks.count(marks[-1]) == 1 else ""
        whole, _, fraction = bare.rpartition(last) if last else (bare, "", "0")
        if not GROUPED.fullmatch(whole):
            raise _no_number(text)
        bare = re.sub("[.,]", "", whole) + "." + fraction
    elif GROUPED.fullmatch(bare):
        return _doubtful_number(bare, marks, remark, decimal)
    try:
        return float(bare.replace(",", "."))
    except ValueError:
        raise _no_number(text) from None


def _doubtful_number(text: str, mark: str, remark: Remark, decimal: DecimalMark) -> float:
    """Read `1.500` as the other numbers of the list show; raises BadInput if they are at odds."""
    part, whole = float(text.replace(",", ".")), float(text.replace(mark, ""))
    if not decimal.proof:
        remark(
            sentence(
                "Read as {number}, not {other}; no number of the list shows which is meant.",
                number=part,
                other=f"{whole:.0f}",
            )
        )
        return part
    if not decimal.mark:
        raise BadInput(
            "{value} could be {number} or {other}; write it without a point or comma.",
            value=text,
            number=part,
            other=f"{whole:.0f}",
        )
    found = part if decimal.mark == mark else whole
    remark(
        sentence(
            "Read as {number}, as {proof} in row {row} shows.",
            number=f"{found:g}",
            proof=decimal.proof,
            row=decimal.row,
        )
    )
    return found


def read_day_cell(
    cell: Cell, unit: float, remark: Remark, decimal: DecimalMark = _UNKNOWN
) -> float:
    """Read a duration or an effort in days; `unit` and `decimal` are those of its column.

    Raises BadInput.
    """
    if isinstance(cell, bool):
        raise _no_number(str(cell))
    if isinstance(cell, int | float):
        return sound_days(cell * unit, str(cell))
    spent = _hours_of(cell)
    if spent is not None:
        remark(sentence("Read as {number}.", number=spent / _HOURS))
        return sound_days(spent / _HOURS, str(cell))
    if isinstance(cell, date):
        raise made_a_date()
    text = " ".join(str(cell).split())
    if len(text) >= _LONGEST:
        raise _no_number(text)
    text = _FRACTION.sub(_decimal, text)
    value = _composed(text)
    if value is not None:
        remark(sentence("Read as {number}.", number=value))
        return sound_days(value, text)
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise _no_number(text)
    factor = unit_days(found["unit"]) if found["unit"] else unit
    if factor is None:
        raise BadInput("The unit {unit} is unknown; use days, such as 3d.", unit=found["unit"])
    number = read_number_cell(found["number"], remark, decimal)
    elapsed = elapsed_unit(found["unit"])
    value = sound_days(working_days(number * elapsed) if elapsed else number * factor, text)
    if found["about"] or (found["unit"] and factor != 1):
        remark(sentence("Read as {number}.", number=value))
    return value


def read_estimate_cell(
    cell: Cell, unit: float, remark: Remark, decimal: DecimalMark = _UNKNOWN
) -> tuple[float, float, float]:
    """Read low, likely and high from one cell: `5`, `1/2/5` or `3–5`. Raises BadInput."""
    if isinstance(cell, str):
        parts = cell.split("/")
        if len(parts) == 3:
            # The unit follows the last: `1/2/5 d`.
            unit = _unit_behind(parts[2], unit)
            low, likely, high = (read_day_cell(part, unit, remark, decimal) for part in parts)
            return low, likely, high
        between = _BETWEEN.fullmatch(cell.strip()[:_LONGEST])
        if between:
            unit = _unit_behind(between[2], unit)
            low, high = (
                read_day_cell(between[1], unit, remark, decimal),
                read_day_cell(between[2], unit, remark, decimal),
            )
            likely = (low + high) / 2
            remark(sentence("The likely duration is set halfway: {number}.", number=likely))
            return low, likely, high
    same = read_day_cell(cell, unit, remark, decimal)
    return same, same, same


def unit_days(unit: str) -> float | None:
    """Return how many working days a unit is; None if it is not known."""
    word = meaning_key(unit)
    found = UNITS.get(word, _FINE_UNITS.get(word))
    if found is None and (elapsed := elapsed_unit(unit)) is not None:
        return elapsed * _WORKED
    return found


def elapsed_unit(unit: str) -> float | None:
    """Return how many days of the calendar a unit of such is; None if it is none."""
    return _ELAPSED_UNITS.get(meaning_key(unit))


def working_days(elapsed: float) -> float:
    """Return about how many working days there are in so many of the calendar.

    Without the fractions that the turn makes.
    """
    value = elapsed * _WORKED
    return round(value * 2) / 2 if abs(value) >= 2 else round(value, 2)


def read_elapsed(cell: Cell) -> float | None:
    """Return the days of the calendar that a duration such as `10 edays` is; None for others."""
    found = _AMOUNT.fullmatch(cell.strip()) if isinstance(cell, str) else None
    unit = elapsed_unit(found["unit"]) if found and len(found[0]) < _LONGEST else None
    if found is None or unit is None:
        return None
    return sound_days(read_number_cell(found["number"], _unsaid) * unit, found[0])


def _unsaid(_why: Sentence) -> None:
    """Leave a doubt over a number unsaid."""


def in_seconds(cells: Iterable[Cell]) -> bool:
    """Return whether numbers without a unit are so large and round that they are seconds."""
    numbers = [
        float(cell)
        for cell in cells
        if (isinstance(cell, int | float) and not isinstance(cell, bool))
        or (isinstance(cell, str) and cell.isascii() and cell.isdigit() and len(cell) < 12)
    ]
    return max(numbers, default=0) >= 3600 and all(each % 60 == 0 for each in numbers)


SECOND = 1 / _SECONDS


def sound_days(value: float, text: str) -> float:
    """Return a number of days as it is; raises BadInput unless it is 0 or more and sensible."""
    if math.isfinite(value) and value >= MOST_DAYS:
        raise BadInput(
            "{text} is too large; the maximum is {most} days.",
            text=harmless_value(text),
            most=MOST_DAYS,
        )
    if not (math.isfinite(value) and 0 <= value < MOST_DAYS):
        raise BadInput("{value} is not a number of days, 0 or more.", value=harmless_value(text))
    return float(value)


def made_a_date() -> BadInput:
    """Return the refusal of a date where none can be meant."""
    return BadInput("The spreadsheet has turned this entry into a date; enter it as text.")


def _hours_of(cell: Cell) -> float | None:
    """Return the hours that a clock shows: `8:00`, Excel's [h]:mm."""
    if isinstance(cell, timedelta):
        return cell.total_seconds() / 3600
    if isinstance(cell, time):
        return cell.hour + cell.minute / 60 + cell.second / 3600
    if isinstance(cell, datetime) and cell.year < _LAST_HOURS:
        return (cell - _EXCEL_ZERO).total_seconds() / 3600
    return None


def _composed(text: str) -> float | None:
    """Read `8:00`, `P1DT4H` or `1d 4h`; None if it is nothing of the kind. Raises BadInput."""
    if clock := _CLOCK.fullmatch(text):
        return (int(clock[1]) + int(clock[2]) / 60 + int(clock[3] or 0) / 3600) / _HOURS
    if (iso := _ISO.fullmatch(text)) and any(iso.groups()):
        factors = (5.0, 1.0, 1 / _HOURS, 1 / 60 / _HOURS, SECOND)
        parts = zip(iso.groups(), factors, strict=True)
        return sum(float(part.replace(",", ".")) * factor for part, factor in parts if part)
    if _SEVERAL.fullmatch(text):
        total = 0.0
        for amount, unit in _ONE_OF_SEVERAL.findall(text):
            # Beside hours or days `m` is minutes.
            factor = 1 / 60 / _HOURS if meaning_key(unit) == "m" else unit_days(unit)
            if factor is None:
                raise BadInput("The unit {unit} is unknown; use days, such as 3d.", unit=unit)
            total += float(amount.replace(",", ".")) * factor
        return total
    return None


def _decimal(found: re.Match[str]) -> str:
    return f"{int(found[1] or 0) + round(unicodedata.numeric(found[2]), 3):g} "


def _unit_behind(text: str, unit: float) -> float:
    found = _AMOUNT.fullmatch(text.strip())
    return (unit_days(found["unit"]) or unit) if found and found["unit"] else unit


def _no_number(text: str) -> BadInput:
    return BadInput("{value} is not a number.", value=harmless_value(text))
