"""What stands in a cell, read as a number of days, a date, a list or references to other rows."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.typing import field_values
from tracker.domain.typing.dates import parse_date
from tracker.domain.typing.field_values import UNITS
from tracker.domain.typing.vocabulary import key
from tracker.domain.verbs.field_rules import checked_lag, return_options
from tracker.exchange.source import shown
from tracker.exchange.spreadsheet import Cell

# Tells of a guess; the value is taken all the same.
Remark = Callable[[Sentence], None]
# From a number or title as written to the place of its task in the list.
Find = Callable[[str], int | None]

_MOST_DAYS = 100_000
_YEARS = (1900, 2200)
_LONGEST_RANGE = 200
# Numbers, dates and references are no longer; no pattern is tried on more.
_LONGEST = 300

_SPACES = "\\s'’\u00a0\u202f"
_AMOUNT = re.compile(
    rf"(?P<about>ca\.?|circa|etwa|rund|about|approx\.?|~|≈)?\s*"
    rf"(?P<number>[+-]?\d(?:[\d.,{_SPACES}]*\d)?(?:e[+-]?\d+)?)\s*(?P<unit>[^\W\d]*)\.?\??",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,])\d{3}(?:\1\d{3})*")
_BETWEEN = re.compile(r"(.*?\d)\s*(?:-|–|—|bis|to)\s*(\d.*)", re.IGNORECASE)

_STAMP = re.compile(r"(.*\d)(?:\s*T|\s+|,\s*)(\d\d?:\d\d.*|\d{6}Z?)", re.IGNORECASE)
_SLASHES = re.compile(r"(\d\d?)/(\d\d?)/(\d\d|\d{4})")
_WITH_YEAR = re.compile(r".*\d{4}.*|\d\d?\.\s?\d\d?\.\s?\d\d")
# Excel counts days from here; March 1900 and before are of no interest.
_EXCEL_ZERO = date(1899, 12, 30)

_FORMULA = re.compile("'*[=+\\-@\t\r\n\0]")

_YES = frozenset(("x", "ja", "j", "yes", "y", "true", "wahr", "1", "ok", "erledigt", "done"))
_NO = frozenset(("nein", "no", "n", "false", "falsch", "0", "offen", "open"))
_TICKS = frozenset("✓✔☑✅🗹☒ü")  # ü: a tick in Wingdings
_BOXES = frozenset("☐□○✗✘")

_NOTHING = frozenset(("", "-", "–", "—", "/", "keine", "keiner", "none", "n/a", "na", "entfällt"))
_LAG = re.compile(
    r"(?P<task>.+?)\s*(?P<type>FS|EA|SS|AA|FF|EE|SF|AE)?\s*"
    r"(?:(?P<sign>[+-])\s*(?P<lag>-?\d+(?:[.,]\d+)?(?:e-?\d+)?)\s*(?P<unit>[^\W\d]*))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d+)\s*(?:-|–|—|\.\.\.?|bis|to)\s*(\d+)", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:nr\.?|no\.?|task|vorgang|aufgabe|#)\s*(?=\d)", re.IGNORECASE)
_LEVELS = (
    re.compile(r"[;\n|]"),
    re.compile(","),
    re.compile(r"/|&|\bund\b|\band\b|\bu\.", re.IGNORECASE),
    re.compile(r"\s+"),
)


class Need(NamedTuple):
    """A predecessor: its place in the list, the lag in working days, and what was written."""

    task: int
    lag: float
    text: str


# --- numbers -----------------------------------------------------------------------------------


def number(text: str, remark: Remark) -> float:
    """Read a number with decimal comma or point; raises BadInput."""
    bare = re.sub(f"[{_SPACES}]", "", text)
    marks = re.sub("[^.,]", "", bare)
    if len(marks) > 1:
        # The mark that stands last, and once, is the decimal one; the other groups thousands.
        decimal = marks[-1] if marks.count(marks[-1]) == 1 else ""
        whole, _, fraction = bare.rpartition(decimal) if decimal else (bare, "", "0")
        if not _GROUPED.fullmatch(whole):
            raise _no_number(text)
        bare = re.sub("[.,]", "", whole) + "." + fraction
    try:
        found = float(bare.replace(",", "."))
    except ValueError:
        raise _no_number(text) from None
    if len(marks) == 1 and _GROUPED.fullmatch(bare):
        remark(sentence("Read as {number}.", number=found))
    return found


def days(cell: Cell, unit: float, remark: Remark) -> float:
    """Read a duration or an effort in days; `unit` is that of its column. Raises BadInput."""
    if isinstance(cell, timedelta):
        # Excel's [h]:mm; a working day has eight hours.
        return sound_days(cell.total_seconds() / 3600 / 8, str(cell))
    if isinstance(cell, bool):
        raise _no_number(str(cell))
    if isinstance(cell, int | float):
        return sound_days(cell * unit, str(cell))
    if isinstance(cell, date | time):
        raise _made_a_date()
    text = str(cell).strip()
    found = _AMOUNT.fullmatch(text) if len(text) < _LONGEST else None
    if not found:
        raise _no_number(text)
    factor = UNITS.get(key(found["unit"])) if found["unit"] else unit
    if factor is None:
        raise BadInput("The unit {unit} is unknown; read as days.", unit=found["unit"])
    value = sound_days(number(found["number"], remark) * factor, text)
    if found["about"] or (found["unit"] and factor != 1):
        remark(sentence("Read as {number}.", number=value))
    return value


def estimate(cell: Cell, unit: float, remark: Remark) -> tuple[float, float, float]:
    """Read low, likely and high from one cell: `5`, `1/2/5` or `3–5`. Raises BadInput."""
    if isinstance(cell, str):
        parts = cell.split("/")
        if len(parts) == 3:
            # The unit stands behind the last: `1/2/5 d`.
            unit = _unit_behind(parts[2], unit)
            low, likely, high = (days(part, unit, remark) for part in parts)
            return low, likely, high
        between = _BETWEEN.fullmatch(cell.strip()[:_LONGEST])
        if between:
            unit = _unit_behind(between[2], unit)
            low, high = days(between[1], unit, remark), days(between[2], unit, remark)
            likely = (low + high) / 2
            remark(sentence("The likely duration is set halfway: {number}.", number=likely))
            return low, likely, high
    same = days(cell, unit, remark)
    return same, same, same


def _unit_behind(text: str, unit: float) -> float:
    found = _AMOUNT.fullmatch(text.strip())
    return UNITS.get(key(found["unit"]), unit) if found else unit


def sound_days(value: float, text: str) -> float:
    """Return a number of days as it is; raises BadInput unless it is 0 or more."""
    if not (math.isfinite(value) and 0 <= value < _MOST_DAYS):
        raise BadInput("{value} is not a number of days, 0 or more.", value=text)
    return float(value)


def _no_number(text: str) -> BadInput:
    return BadInput("{value} is not a number.", value=shown(text))


def _made_a_date() -> BadInput:
    return BadInput("The spreadsheet has turned this entry into a date; enter it as text.")


# --- dates -------------------------------------------------------------------------------------


def day(
    cell: Cell, today: date, remark: Remark, *, last: bool = False, month_first: bool = False
) -> date:
    """Read a date; times of day are left out. Raises BadInput.

    Numbers are days as Excel counts them. Of a week or a month it is the first day or, with
    `last`, the last. `month_first` decides what 4/5/2026 means.
    """
    if isinstance(cell, datetime):
        return _within(cell.date(), str(cell))
    if isinstance(cell, date):
        return _within(cell, str(cell))
    if isinstance(cell, bool | time | timedelta):
        raise _no_date(str(cell))
    text = f"{cell:.0f}" if isinstance(cell, int | float) and cell == cell // 1 else str(cell)
    text = _without_time(text)
    try:
        if text.isdecimal() and len(text) == 5:
            found = _EXCEL_ZERO + timedelta(int(text))
            remark(sentence("Read as {date}.", date=found.isoformat()))
        elif slashes := _SLASHES.fullmatch(text):
            first, second = int(slashes[1]), int(slashes[2])
            month, number = (first, second) if month_first else (second, first)
            year = int(slashes[3]) + (2000 if len(slashes[3]) == 2 else 0)
            found = date(year, month, number)
        else:
            found = parse_date(text, today, last=last)
            if not _WITH_YEAR.fullmatch(text):
                remark(sentence("Read as {date}.", date=found.isoformat()))
    except ValueError:
        raise _no_date(text) from None
    return _within(found, text)


def has_time(cell: Cell) -> bool:
    """Tell whether a date comes with a time of day other than midnight."""
    if isinstance(cell, datetime):
        return cell.time() != time.min
    if isinstance(cell, str):
        stamp = _STAMP.fullmatch(cell.strip()[:_LONGEST])
        return stamp is not None and bool(re.search("[1-9]", re.split("[Z+]", stamp[2])[0]))
    return False


def slashed(cell: Cell) -> tuple[int, int] | None:
    """Return the first two numbers of a date such as 4/5/2026, whichever is the month."""
    if isinstance(cell, str):
        found = _SLASHES.fullmatch(_without_time(cell))
        if found:
            return int(found[1]), int(found[2])
    return None


def _without_time(text: str) -> str:
    text = text.strip()[:_LONGEST]
    stamp = _STAMP.fullmatch(text)
    return stamp[1].rstrip() if stamp else text


def _within(found: date, text: str) -> date:
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        raise BadInput("The year of {value} is implausible.", value=text)
    return found


def _no_date(text: str) -> BadInput:
    return BadInput("{value} is not a date.", value=shown(text))


# --- marks ---------------------------------------------------------------------------------------


def checked(cell: Cell) -> bool | None:
    """Return whether a cell is a mark for yes or for no; None if it is neither."""
    if isinstance(cell, bool):
        return cell
    text = plain(cell).strip("\ufe0f")
    word = text.casefold()
    if word in _YES or text in _TICKS:
        return True
    return False if word in _NO or text in _BOXES else None


# --- lists -------------------------------------------------------------------------------------


def items(cell: Cell, separators: str) -> list[str]:
    """Read a list; the first of `separators` that occurs divides it, as do line breaks.

    An item in quotation marks may hold separators.
    """
    text = plain(cell)
    mark = next((mark for mark in separators if mark in text), separators[0])
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
    return list(dict.fromkeys(item.strip() for line in lines for item in line if item.strip()))


def listed(texts: list[str]) -> str:
    """Write a list so that `items` with the separator `;` reads it again."""
    return "; ".join(
        '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ';,"\n\r') else text
        for text in texts
    )


def escaped(text: str) -> str:
    """Return a text so that no spreadsheet program takes it for a formula.

    An apostrophe goes before it, and before one that was there already, so that `unescaped` can
    tell them apart. OWASP, "CSV Injection".
    """
    return "'" + text if _FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """Return a text as it was before `escaped`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def plain(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a point, dates as ISO 8601 has them."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not has_time(cell) else cell.isoformat(" ")
    return "" if cell is None else str(cell).strip()


# --- references --------------------------------------------------------------------------------


def needs(cell: Cell, find: Find, remark: Remark, unread: Callable[[str], None]) -> Iterator[Need]:
    """Read predecessors: `3; 6; 12+2`, `3, 6`, `3-6`, `12EA+2 Tage`, titles.

    What names no task is handed to `unread`. Raises BadInput for a cell that a spreadsheet has
    turned into something else.
    """
    if isinstance(cell, date | time | timedelta | bool):
        raise _made_a_date()
    text = plain(cell)
    if isinstance(cell, float) and not cell.is_integer() and find(text) is None:
        first, _, second = text.partition(".")
        raise BadInput(
            "{value} is not a task number; for {first} and {second}, write {first}; {second}.",
            value=text,
            first=first,
            second=second,
        )
    yield from _pieces(text, 0, find, remark, unread)


def _pieces(
    text: str, level: int, find: Find, remark: Remark, unread: Callable[[str], None]
) -> Iterator[Need]:
    """Read a piece as a whole, or else divide it at the next kind of separator."""
    text = text.strip()
    if text.casefold() in _NOTHING:
        return
    found = _reference(text, find, remark, unread)
    if found is not None:
        yield from found
        return
    while level < len(_LEVELS):
        parts = _LEVELS[level].split(text)
        level += 1
        if len(parts) > 1:
            # Words are no list: only if all are tasks does a space divide.
            if level == len(_LEVELS) and any(find(part) is None for part in parts):
                break
            for part in parts:
                yield from _pieces(part, level, find, remark, unread)
            return
    unread(text)


def _reference(
    text: str, find: Find, remark: Remark, unread: Callable[[str], None]
) -> list[Need] | None:
    """Read one reference or a range of them; None if it is neither."""
    bare = _NUMBERED.sub("", text, count=1)
    for tried in (text, bare):
        at = find(tried)
        if at is not None:
            return [Need(at, 0.0, text)]
    if found := _RANGE.fullmatch(bare[:_LONGEST]):
        return _range(int(found[1]), int(found[2]), text, find, remark, unread)
    found = _LAG.fullmatch(bare) if len(bare) < _LONGEST else None
    at = find(found["task"]) if found else None
    if not found or at is None:
        return None
    factor = UNITS.get(key(found["unit"] or "d"))
    # `12-2` could be a range or a lead; only `12FS-2` cannot.
    if factor is None or (found["sign"] == "-" and not found["type"]):
        return None
    lag = float((found["lag"] or "0").replace(",", ".")) * factor
    kind = (found["type"] or "FS").upper()
    if kind not in ("FS", "EA"):
        remark(sentence("An arrow of type {type} was imported as finish-to-start.", type=kind))
    return [Need(at, checked_lag(-lag if found["sign"] == "-" else lag), text)]


def _range(
    first: int,
    last: int,
    text: str,
    find: Find,
    remark: Remark,
    unread: Callable[[str], None],
) -> list[Need] | None:
    """Read `3-6` as 3, 4, 5 and 6, if both ends are there."""
    if not first < last <= first + _LONGEST_RANGE:
        return None
    inside = {n: find(str(n)) for n in range(first, last + 1)}
    if inside[first] is None or inside[last] is None:
        return None
    remark(sentence("Read as tasks {first} to {last}.", first=first, last=last))
    for n, at in inside.items():
        if at is None:
            unread(str(n))
    return [Need(at, 0.0, text) for at in inside.values() if at is not None]


def returns(cell: Cell, find: Find) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Read return arrows, `target:rate:share:limit`, several divided by `;`.

    Yields the place of the target, the options of the arrow and what was written. A fifth part
    `observed` marks an arrow that nobody had planned. Raises BadInput, and Refused where a value
    is out of bounds.
    """
    if isinstance(cell, date | time | timedelta | bool):
        raise _made_a_date()
    for piece in re.split(r"[;\n]", plain(cell)):
        parts = [part.strip() for part in piece.split(":")]
        if parts == [""]:
            continue
        target = find(_NUMBERED.sub("", parts[0], count=1))
        if target is None or len(parts) > 5 or (len(parts) == 5 and parts[4] != "observed"):
            raise BadInput(
                "{value} is not a return within this list; write target:rate:share:limit, such"
                " as 3:30%:100%:3.",
                value=shown(piece.strip()),
            )
        rate, share, limit = (*parts[1:4], "", "", "")[:3]
        options = return_options(
            rate=field_values.share(shown(rate)) if rate else None,
            share=field_values.share(shown(share)) if share else None,
            limit=field_values.passes(shown(limit)) if limit else None,
        )
        yield target, options | {"observed": len(parts) == 5}, piece.strip()


def percent(share: float) -> str:
    """Write a share so that the very same number is read again."""
    text = f"{share * 100:.6g}%"
    return text if field_values.share(text) == share else repr(share)
