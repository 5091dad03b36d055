"""Single values as people type them: days, estimates, shares, arrows, names, dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from tracker.domain.arrow_fields import REDO_WORDS, RETURN_FIELDS, ArrowForm, redo_from_word
from tracker.domain.errors import BadInput, Refused
from tracker.domain.fields import BY_NAME, FIELDS, Kind
from tracker.domain.model import MOST_PASSES, PRIORITIES, STATES, Item, Link, Priority, State
from tracker.domain.patterns import pattern
from tracker.domain.sentence import listed
from tracker.domain.status import priority_word, state_word
from tracker.domain.typing.dates import parse_date, parse_period, parse_span
from tracker.domain.typing.vocabulary import (
    fold,
    priority_from_word,
    state_from_word,
)
from tracker.domain.verbs.field_rules import checked_lag, return_options

Estimate = tuple[float, float, float]
TypedNeed = tuple[int, float]
TypedReturn = tuple[int, dict[str, Any]]

# In working days, or person-days: a week has five, a day eight hours.
UNITS = {
    unit: days
    for days, units in {
        1.0: "d day days t tag tage tagen pt pd at mt md workdays"
        " arbeitstage arbeitstagen personentage",
        5.0: "w week weeks wk wks wo woche wochen pw",
        0.125: "h hour hours hrs std stunde stunden ph",
    }.items()
    for unit in units.split()
}
# No plan is longer than some centuries.
MOST_DAYS = 100_000
# As many digits as the shortest text has that stands for one number and no other.
_DECIMAL = r"\d{1,15}(?:[.,]\d{1,25})?"
_DAYS = pattern(rf"({_DECIMAL}(?:e-?\d\d?)?)\s*([a-z]*)(?:(?<=[a-z])\.)?")
_SHARE = pattern(rf"({_DECIMAL}(?:[eE]-?\d{{1,3}})?)\s*(%?)")
_NEED = pattern(rf"#?(\d{{1,15}})(?:([+-])({_DECIMAL})\s*[dt]?)?")
_SPAN = pattern(r"#?(\d{1,15})-#?(\d{1,15})")
_LONGEST_SPAN = 200
_WAY = pattern(
    rf"#?(\d{{1,15}})((?::(?:{_DECIMAL}\s?%?|[^:;,\d][^:;,]*)?){{0,2}}(?::[^:;,]*)*)(?:[;,]\s*|$)"
)
_QUOTED = pattern(r'"((?:[^"]|"")*)"')
_TAG = pattern(r'"((?:[^"]|"")*)"|((?:(?!"(?:[^"]|"")*")[^\s,])+)')
_BY = pattern(r"(?:bis|by|until|sp(?:ä|ae)testens)\s+(?:(?:zum|the)\s+)?", re.IGNORECASE)
_ITEM = pattern(r"\s*(?:[-*]\s*)?\[( |x|X|✓)\]\s*")
_LIST = pattern(r'\s*("(?:[^"]|"")*"|[^,;]*?)\s*(?:[,;]|$)')


def read_value(field: str, text: str, today: date) -> Any:
    """Return the value that a text stands for in a field of a task, or of an arrow from it.

    Raises BadInput; KeyError if the field is not one that can be typed.
    """
    return _READERS[BY_NAME[field].kind](text.strip(), today)


def read_days(text: str, unit: str = "") -> float:
    """Return a number of working days or person-days: `2`, `2d`, `1,5t`, `1w`, `4h`."""
    found = _DAYS.fullmatch(fold(text))
    factor = UNITS.get(found[2] or unit or "d") if found else None
    number = float(found[1].replace(",", ".")) * factor if found and factor else -1.0
    if number < 0:
        raise BadInput("{text} is not a number of days; try 2d, 0.5, 4h or 1w.", text=text)
    if number > MOST_DAYS:
        raise BadInput(
            "{text} is too large; the maximum is {most} days.", text=text, most=MOST_DAYS
        )
    return number


def read_estimate(text: str) -> Estimate:
    """Return low, likely and high of `1/2/5d`; a single number stands for all three."""
    parts = text.split("/")
    if len(parts) not in (1, 3):
        raise BadInput(
            "{text} is not an estimate; enter a number of working days, or low/likely/high"
            " such as 1/2/5.",
            text=text,
        )
    last = _DAYS.fullmatch(fold(parts[-1].strip()))
    numbers = [read_days(part.strip(), last[2] if last else "") for part in parts]
    low, likely, high = numbers * 3 if len(numbers) == 1 else numbers
    if not low <= likely <= high:
        raise BadInput(
            "The estimate {estimate} is out of order; enter low, likely and high, such as 1/2/5.",
            estimate=text,
        )
    return low, likely, high


def read_share(text: str) -> float:
    """Return a share of `30%`, `30` or `0.3`; a number above 1 is in per cent."""
    found = _SHARE.fullmatch(text.strip())
    if not found:
        raise BadInput("{text} is not a share; try 30% or 0.3.", text=text)
    number = float(found[1].replace(",", "."))
    return number / 100 if found[2] or number > 1 else number


def read_percent(text: str) -> float:
    """Return a percentage of `40`, `40%` or, as a share below 1, `0.4`."""
    found = _SHARE.fullmatch(text.strip())
    number = float(found[1].replace(",", ".")) if found else -1.0
    if found and not found[2] and number % 1 and number < 1:
        number = round(100 * number, 6)
    if not 0 <= number <= 100:
        raise BadInput("{text} is not a percentage; try 40%.", text=text)
    return number


def read_limit(text: str) -> int:
    """Return a limit of passes, a whole number from 1 to `MOST_PASSES`."""
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    if not 1 <= number <= MOST_PASSES:
        raise BadInput(
            "{text} is not a pass limit; enter a whole number from 1 to {most}.",
            text=text,
            most=MOST_PASSES,
        )
    return number


def read_needs(text: str) -> tuple[TypedNeed, ...]:
    """Return predecessors or successors with lags in working days, of `12`, `3,5`, `3-5` or `12+2`.

    `3-5` are three tasks; `12-2`, which cannot be, is task 12 with a lead, as is `3-5d`.
    """
    found: list[TypedNeed] = []
    for part in re.split(r"\s*[,;]\s*|\s+", text.strip(" ,;")):
        match = _NEED.fullmatch(fold(part))
        if not match:
            raise BadInput(
                "{text} is not a list of tasks; enter their numbers, such as 12 or 3,5,"
                " or 12+2 for a lag of two working days.",
                text=text,
            )
        if span := _SPAN.fullmatch(part):
            first, last = int(span[1]), int(span[2])
            if first < last <= first + _LONGEST_SPAN:
                found += ((number, 0.0) for number in range(first, last + 1))
                continue
        lag = float((match[3] or "0").replace(",", "."))
        found.append((int(match[1]), _sound(checked_lag, -lag if match[2] == "-" else lag)))
    return tuple(dict(found).items())


def read_returns(text: str) -> tuple[TypedReturn, ...]:
    """Return ways back, of `7`, `7:30%` or `7:30%:50%:3:target`, with the options that were typed.

    That nobody gave a rate is kept: it is then one that is assumed.
    """
    found: list[TypedReturn] = []
    at = 0
    typed = text.strip(" ,;")
    while at < len(typed) or not found:
        match = _WAY.match(typed, at)
        if not match:
            raise BadInput(
                "{text} is not a return; enter a task number, optionally with rate, share of"
                " rework and pass limit, such as 7:30%:50%:3.",
                text=text,
            )
        options = read_return_parts(match[2].split(":")[1:])
        found.append((int(match[1]), options))
        at = match.end()
    return tuple(dict(found).items())


def read_return_parts(parts: Iterable[str]) -> dict[str, Any]:
    """Return the options of a return: `30%`, `50%`, `3` by their places, others by their words.

    Raises BadInput for what is none of them, or out of bounds.
    """
    places = iter([field for field in RETURN_FIELDS if not field.keys and field.form != "redo"])
    found: dict[str, Any] = {}
    for part in (part.strip() for part in parts):
        key, sign, value = part.partition("=")
        redo = redo_from_word(part)
        if redo is not None:
            found["redo"] = redo
            continue
        if sign:
            key = key.strip().casefold()
            field = next((field for field in RETURN_FIELDS if key in field.keys), None)
        else:
            field, value = next(places, None), part
        if field is None:
            raise BadInput(
                "{text} is not an option of a return; after rate, share and pass limit enter all,"
                " target or chance, learning=20% or forward=2.",
                text=part,
            )
        if value.strip():
            found[field.name] = _ARROW_READERS[field.form](value.strip())
    _sound(return_options, **found)
    return found


def read_return_options(text: str) -> dict[str, Any]:
    """Return all options of a return, typed as `30% 50% 3 target`; raises BadInput."""
    parts = [part for part in re.split(r"[\s:;]+", text.strip()) if part]
    found = read_return_parts(parts)
    if "rate" not in found:
        raise BadInput("Enter rate, share of rework and pass limit, such as 30% 50% 3.")
    return {field.name: found.get(field.name, field.default) for field in RETURN_FIELDS}


def return_options_text(link: Link) -> str:
    """Return the options of a return as they are typed."""
    parts = [short_percent(link.rate), short_percent(link.share)]
    if link.limit is not None:
        parts.append(str(link.limit))
    return " ".join((*parts, *further_parts(link)))


def short_percent(share: float) -> str:
    """Return a share in per cent, with three decimal places if it needs them."""
    return f"{share:.3%}".replace(".000%", "%")


def further_parts(
    link: Link, german: bool = False, percent: Callable[[float], str] = short_percent
) -> Iterator[str]:
    """Walk over the options of a return that are named, as far as they are given."""
    if link.redo != "all":
        yield REDO_WORDS[link.redo][german]
    for field in RETURN_FIELDS:
        value = getattr(link, field.name)
        if field.keys and value != field.default:
            text = percent(value) if field.form == "share" else repr(value).removesuffix(".0")
            yield f"{field.keys[german]}={text}"


def _sound(check: Callable[..., Any], *values: Any, **named: Any) -> Any:
    """Return what `check` returns; what it refuses was typed wrong."""
    try:
        return check(*values, **named)
    except Refused as error:
        raise BadInput(error.sentence) from None


def read_name(text: str) -> str:
    """Return a name without the quotes around it; without quotes, one blank parts its words."""
    quoted = _QUOTED.fullmatch(text.strip())
    found = quoted[1].replace('""', '"') if quoted else " ".join(text.split())
    if not found.strip():
        raise BadInput("A name is missing here.")
    return found


def read_names(text: str) -> tuple[str, ...]:
    """Return names with commas between, each with or without quotes."""
    found = tuple(dict.fromkeys(read_name(part) for part in split_list(text) if part))
    if not found:
        raise BadInput("A name is missing here.")
    return found


def split_list(text: str) -> Iterator[str]:
    """Walk over what is between commas that are not within quotes."""
    at = 0
    while at < len(text):
        match = _LIST.match(text, at)
        # Something follows a closing quote: the quotes are part of what is meant.
        end = match.end() if match else (text.find(",", at) + 1 or len(text))
        yield match[1] if match else text[at:end].strip(" ,")
        at = end


def read_tags(text: str) -> tuple[str, ...]:
    """Return tags with commas or blanks between, with or without `#`."""
    parts = (
        plain if quoted is None else quoted.replace('""', '"')
        for quoted, plain in (tag.groups() for tag in _TAG.finditer(text))
    )
    found = tuple(dict.fromkeys(filter(None, (part.strip().lstrip("#") for part in parts))))
    if not found:
        raise BadInput("A tag is missing here.")
    return found


def read_priority(text: str) -> Priority:
    """Return the priority that a word stands for."""
    found = priority_from_word(text)
    if not found:
        raise BadInput(
            "{text} is not a priority; choose from {known}.",
            text=text,
            known=listed(map(priority_word, PRIORITIES)),
        )
    return found


def read_state(text: str) -> State:
    """Return the state that a word stands for."""
    found = state_from_word(text)
    if not found:
        known = listed(map(state_word, STATES))
        raise BadInput("{text} is not a state; choose from {known}.", text=text, known=known)
    return found


def read_checklist(text: str) -> tuple[Item, ...]:
    """Return a checklist typed as lines, `[x]` before what is done."""
    items = []
    for typed in filter(str.strip, text.splitlines()):
        box = _ITEM.match(typed)
        words = typed[box.end() :] if box else typed.strip().removeprefix("- ")
        items.append(Item(text=words.strip(), done=bool(box and box[1].strip())))
    return tuple(items)


def _first(text: str, today: date) -> date:
    return parse_date(read_name(text), today)


def _last(text: str, today: date) -> date:
    return parse_date(_BY.sub("", read_name(text)), today, last=True)


def _timeless(read: Callable[[str], Any]) -> Callable[[str, date], Any]:
    return lambda text, _today: read(text)


_ARROW_READERS: dict[ArrowForm, Callable[[str], Any]] = {
    "share": read_share,
    "limit": read_limit,
    "days": read_days,
}
_READERS: dict[Kind, Callable[[str, date], Any]] = {
    **dict.fromkeys(("text", "notes"), _timeless(str)),
    **dict.fromkeys(("word", "name"), _timeless(read_name)),
    "names": _timeless(read_names),
    "tags": _timeless(read_tags),
    "state": _timeless(read_state),
    "priority": _timeless(read_priority),
    "estimate": _timeless(read_estimate),
    "days": _timeless(read_days),
    "percent": _timeless(read_percent),
    "day": _first,
    "last day": _last,
    "period": _timeless(lambda text: parse_period(read_name(text))),
    "span": _timeless(lambda text: parse_span(read_name(text))),
    "needs": _timeless(read_needs),
    "blocks": _timeless(read_needs),
    "returns": _timeless(read_returns),
}
# The fields that can be typed.
TYPED = tuple(field.name for field in FIELDS if field.kind in _READERS)
