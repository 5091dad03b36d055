"""References between the rows of a list: predecessors with their lags, and return arrows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time, timedelta
from typing import Any, Literal, NamedTuple

from tracker.domain.errors import BadInput
from tracker.domain.sentence import sentence
from tracker.domain.typing import field_values
from tracker.domain.verbs.field_rules import checked_lag, needs_options, return_options
from tracker.exchange.amounts import elapsed_unit, made_a_date, unit_days
from tracker.exchange.cell_values import is_nothing, items, plain
from tracker.exchange.date_cells import Remark
from tracker.exchange.source import harmless_value
from tracker.exchange.spreadsheet import Cell

# From a number or title as written to the place of its row in the list.
Find = Callable[[str], int | None]
Unread = Callable[[str], None]

# Numbers and references are no longer; no pattern is tried on more.
_LONGEST = 300
_LONGEST_RANGE = 200
RelationKind = Literal["FS", "SS", "FF", "SF"]
LagUnit = Literal["days", "elapsed", "share"]
# What English and German schedulers call the four kinds of links.
_KINDS: Mapping[str, RelationKind] = {
    "FS": "FS",
    "EA": "FS",
    "SS": "SS",
    "AA": "SS",
    "FF": "FF",
    "EE": "FF",
    "SF": "SF",
    "AE": "SF",
}
# What follows the task: `EA+2 Tage`, `FS -1d`, `(SS)`, `-FS=P2D`, `+50%`.
_LINK = re.compile(
    r"\s*[-(\[]?\s*(?P<kind>FS|EA|SS|AA|FF|EE|SF|AE)?\s*[)\]]?\s*"
    r"(?:(?P<sign>[+-]|(?<=[A-Z])=\s*P)\s*(?P<lag>-?\d+(?:[.,]\d+)?(?:e-?\d+)?)\s*"
    r"(?P<unit>[ef]?%|[^\W\d]*)\.?\??)?\s*[)\]]?",
    re.IGNORECASE,
)
_LONGEST_LINK = 48
# Something of it is in each.
_LINKING = re.compile(r"[-+=]|FS|EA|SS|AA|FF|EE|SF|AE", re.IGNORECASE)
_RANGE = re.compile(r"(\d+)\s*(?:-|–|—|\.\.\.?|bis|to)\s*(\d+)", re.IGNORECASE)
# `1.1-1.3`, as outlines number their rows.
_OUTLINE_RANGE = re.compile(
    r"((?:\d+\.)+)(\d+)\s*(?:-|–|—|\.\.\.?|bis|to)\s*((?:\d+\.)+)(\d+)", re.IGNORECASE
)
_BEFORE = re.compile(
    r"(?:(?:nach|after|depends on|blocked by|braucht|needs|nr\.?|no\.?|id|task|vorgang|aufgabe"
    r"|zeile|row)\s+|(?:nr\.?|no\.?|task|vorgang|aufgabe|#)\s*(?=\d))+",
    re.IGNORECASE,
)
# What follows a predecessor that passes rework on by chance: `3:40%`, `12+2:40%:50%`.
_PART = r"([\d.,]+(?:e-?\d+)?\s*%|[01][.,]\d+(?:e-?\d+)?|\d[\d.]*e-?\d+)"
_PASSED_ON = re.compile(rf"(.+?)\s*:\s*{_PART}(?:\s*:\s*{_PART})?", re.IGNORECASE)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"') | {"−": "-"})
# A task of another file: `C:\plans\B.mpp\7`, `<>\Server\Plan\7`.
_ELSEWHERE = re.compile(r"\\|://|\.mp[pt]\b", re.IGNORECASE)
# What a decimal comma has parted: `12EA+1` and `5 Tage`.
_WHOLE, _DECIMALS = re.compile(r".*[+-]\s*\d+\s*"), re.compile(r"\d+\D*")
_LEVELS = (
    re.compile(r"[;\n|]"),
    re.compile(","),
    re.compile(r"/|&|\bund\b|\band\b|\bu\.", re.IGNORECASE),
    re.compile(r"\s+"),
)


_COMMA = 2
# Titles hold no more commas; more parts are a list.
_MOST_PARTS = 40


class Need(NamedTuple):
    """A predecessor: its place in the list, how it is linked, and what was written.

    `lag` is in working days, in days of the calendar that elapse, or a share of the duration of
    the predecessor, as `unit` says. Rework is passed on with the chance `ripple`, if that is
    given, for the part `again` of the task.
    """

    task: int
    text: str
    kind: RelationKind = "FS"
    lag: float = 0.0
    unit: LagUnit = "days"
    ripple: float | None = None
    again: float = 1.0


def is_elsewhere(text: str) -> bool:
    """Return whether what is written is a task of another file, or some address."""
    return bool(_ELSEWHERE.search(text))


def read_need_cell(cell: Cell, find: Find, remark: Remark, unread: Unread) -> Iterator[Need]:
    """Read predecessors: `3; 6; 12+2`, `3, 6`, `3-6`, `12EA+2 Tage`, `["A", "B"]`, titles.

    What names no task is handed to `unread`. Raises BadInput for a cell that a spreadsheet has
    turned into something else, and for a unit that is not known.
    """
    if isinstance(cell, date | time | timedelta | bool):
        raise made_a_date()
    text = plain(cell)
    if isinstance(cell, float) and not cell.is_integer() and find(text) is None:
        first, _, second = text.partition(".")
        raise BadInput(
            "{value} is not a task number; for {first} and {second}, write {first}; {second}.",
            value=text,
            first=first,
            second=second,
        )
    if find(text) is None:
        if text[:1] + text[-1:] in ("[]", "{}"):
            text = text[1:-1]
        text = text.translate(_QUOTES)
        if '"' in text:
            for item in items(text, ";,"):
                yield from _pieces(item, 0, find, remark, unread)
            return
    yield from _pieces(text, 0, find, remark, unread)


def _pieces(text: str, level: int, find: Find, remark: Remark, unread: Unread) -> Iterator[Need]:
    """Read a piece as a whole, or else divide it at the next kind of separator."""
    text = text.strip()
    if is_nothing(text):
        return
    found = _reference(text, find, remark, unread)
    if found is not None:
        yield from found
        return
    while level < len(_LEVELS):
        # The parts of a path are no tasks of this list.
        if level >= _COMMA and is_elsewhere(text):
            break
        parts = _LEVELS[level].split(text)
        level += 1
        if len(parts) > 1:
            # Words are no list: only if all are tasks does a space divide.
            if level == len(_LEVELS) and any(find(part) is None for part in parts):
                break
            for part in (
                _joined(parts, find) if level == _COMMA and len(parts) < _MOST_PARTS else parts
            ):
                yield from _pieces(part, level, find, remark, unread)
            return
    unread(text)


def _joined(parts: list[str], find: Find) -> Iterator[str]:
    """Walk over the parts between commas; a title or a number with a comma stays together."""
    at = 0
    while at < len(parts):
        ends = range(len(parts), at + 1, -1)
        known = (end for end in ends if find(",".join(parts[at:end]).strip()) is not None)
        end = next(known, at + 1)
        if end == at + 1 and _is_parted(parts[at : at + 2], find):
            end += 1
        yield ",".join(parts[at:end])
        at = end


def _is_parted(parts: list[str], find: Find) -> bool:
    """Return whether the second of two parts is no task, but the decimals of a lag in the first."""
    if len(parts) < 2 or not (_WHOLE.fullmatch(parts[0]) and _DECIMALS.fullmatch(parts[1])):
        return False
    second = parts[1].strip()
    linked = any(
        _LINK.fullmatch(second, cut) and find(second[:cut]) is not None
        for cut in range(1, min(len(second), _LONGEST_LINK) + 1)
    )
    return not linked


def _reference(text: str, find: Find, remark: Remark, unread: Unread) -> list[Need] | None:
    """Read one reference or a range of them; None if it is neither."""
    if (at := find(text)) is not None:
        return [Need(at, text)]
    if passed := _PASSED_ON.fullmatch(text[:_LONGEST]):
        return _passing_on(passed, find, remark, unread)
    # In most lists of numbers there is no word to be looked for.
    worded = "#" in text or text.lower() != text.upper()
    bare = _BEFORE.sub("", text, count=1) if worded else text
    if worded and (at := find(bare)) is not None:
        return [Need(at, text)]
    if found := _RANGE.fullmatch(bare[:_LONGEST]):
        inside = _range("", found[1], found[2], text, find, remark, unread)
        if inside is not None:
            return inside
    if found := _OUTLINE_RANGE.fullmatch(bare[:_LONGEST]):
        return _outline_range(found, text, find, remark, unread)
    for tried in dict.fromkeys((text, bare)):
        need = _linked(tried, text, find, remark)
        if need:
            return [need]
    return None


def _passing_on(
    text: re.Match[str], find: Find, remark: Remark, unread: Unread
) -> list[Need] | None:
    """Read predecessors that pass rework on by chance."""
    found = _reference(text[1], find, remark, unread)
    ripple, again = (field_values.read_share(part or "100%") for part in text.group(2, 3))
    needs_options(ripple=ripple, share=again)
    return found and [need._replace(text=text[0], ripple=ripple, again=again) for need in found]


def _linked(text: str, whole: str, find: Find, remark: Remark) -> Need | None:
    """Read a task with what follows it; the longest known name is the task."""
    if not _LINKING.search(text):
        return None
    for cut in range(len(text) - 1, max(0, len(text) - _LONGEST_LINK), -1):
        at = find(text[:cut])
        found = _LINK.fullmatch(text, cut) if at is not None else None
        if at is None or not found or not (found["kind"] or found["lag"]):
            continue
        sign = found["sign"]
        # `12-14` and `12-2` could be ranges; `12FS-2`, or `12-2` where there is no 2, are leads.
        lead = sign == "-" and not found["kind"]
        if lead and not (_backwards(text[:cut], found["lag"]) and find(found["lag"]) in (None, at)):
            return None
        kind = _KINDS[(found["kind"] or "FS").upper()]
        lag = float((found["lag"] or "0").replace(",", "."))
        lag = -lag if sign == "-" else lag
        unit = found["unit"] or ""
        if unit.endswith("%"):
            return Need(at, whole, kind, lag / 100, "share")
        if elapsed := elapsed_unit(unit):
            return Need(at, whole, kind, checked_lag(lag * elapsed), "elapsed")
        factor = unit_days(unit or "d")
        comma = "," in (found["lag"] or "")
        if factor is None and comma:
            # `5FS+1,6SS` are two tasks.
            return None
        if factor is None:
            raise BadInput(
                "The unit {unit} in {text} is unknown; use days, such as 3d.",
                unit=unit,
                text=harmless_value(whole),
            )
        # `3FS+1,5` could be two tasks.
        if lead or factor != 1 or (comma and not unit):
            remark(sentence("Lag read as {number} days.", number=lag * factor))
        return Need(at, whole, kind, checked_lag(lag * factor))
    return None


def _backwards(first: str, last: str) -> bool:
    """Whether `first-last` leads to no later number, and so is no range."""
    return first.strip().isdecimal() and float(last.replace(",", ".")) <= int(first)


def _range(
    group: str, first: str, last: str, text: str, find: Find, remark: Remark, unread: Unread
) -> list[Need] | None:
    """Read `3-6` as 3, 4, 5 and 6, if both ends are there; `group` stands before each."""
    if not int(first) < int(last) <= int(first) + _LONGEST_RANGE:
        return None
    inside = {f"{group}{n}": find(f"{group}{n}") for n in range(int(first), int(last) + 1)}
    first, last = f"{group}{int(first)}", f"{group}{int(last)}"
    if inside[first] is None or inside[last] is None:
        return None
    remark(sentence("Read as tasks {first} to {last}.", first=first, last=last))
    for name, at in inside.items():
        if at is None:
            unread(name)
    return [Need(at, text) for at in inside.values() if at is not None]


def _outline_range(
    found: re.Match[str], text: str, find: Find, remark: Remark, unread: Unread
) -> list[Need]:
    """Read `1.1-1.3` as 1.1, 1.2 and 1.3; raises BadInput where these are no rows of one group."""
    group, first, other, last = found.groups()
    for end in (f"{group}{first}", f"{other}{last}"):
        if find(end) is None:
            raise BadInput(
                "The range {range} was not read: {missing} is not in this list.",
                range=harmless_value(text),
                missing=harmless_value(end),
            )
    needs = None
    if group == other:
        needs = _range(group, first, last, text, find, remark, unread)
    if needs is None:
        raise BadInput(
            "The range {range} was not read; name its tasks one by one.", range=harmless_value(text)
        )
    return needs


def read_return_cell(
    cell: Cell, find: Find, missing: Callable[[str], bool]
) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Read return arrows, `target:rate:share:limit`, several divided by `;`.

    Yields the place of the target, the options of the arrow and what was written. Further parts
    are what `field_values.read_return_parts` knows, and a last one `observed`, which marks an
    arrow that nobody had planned. Raises BadInput, also where a value is out of bounds, and where
    there is no such target, unless `missing` has dealt with its name.
    """
    if isinstance(cell, date | time | timedelta | bool):
        raise made_a_date()
    for piece in re.split(r"[;\n]", plain(cell)):
        parts = [part.strip() for part in piece.split(":")]
        if parts == [""]:
            continue
        name = _BEFORE.sub("", parts[0], count=1)
        target = find(name)
        if target is None and missing(name):
            continue
        if target is None:
            raise BadInput(
                "{value} is not a return within this list; write target:rate:share:limit, such"
                " as 3:30%:100%:3.",
                value=harmless_value(piece.strip()),
            )
        observed = parts[-1] == "observed"
        given = field_values.read_return_parts(
            harmless_value(part) for part in parts[1 : len(parts) - observed]
        )
        yield target, return_options(**given) | {"observed": observed}, piece.strip()
