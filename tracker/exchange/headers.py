"""The columns of a list of tasks: finding the header row, and the field of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from tracker.domain.fields import BY_NAME, FIELDS, of_kind
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.typing import vocabulary
from tracker.domain.typing.field_values import UNITS
from tracker.domain.typing.vocabulary import Meanings
from tracker.exchange.source import harmless
from tracker.exchange.spreadsheet import HEAD, Row

# The columns of our own CSV files, in their order, by the language of the head.
OWN: Mapping[str, Mapping[str, str]] = {
    language: {field.listed: field.column[at] for field in FIELDS if field.column}
    for at, language in enumerate(("en", "de"))
}
# The sheets of our own workbooks: tasks, arrows, and what cells are chosen from.
SHEETS: Mapping[str, tuple[str, str, str]] = {
    "en": ("Tasks", "Arrows", "Lists"),
    "de": ("Vorgänge", "Pfeile", "Listen"),
}
OWN_SHEETS = frozenset(name for names in SHEETS.values() for name in names)
_OWN_HEADS = frozenset(head for field in FIELDS for head in field.column)
# No list of somebody else's has so many heads that are all spelled as ours are.
_FEWEST_OWN = 18
_HEAD_OF = Meanings({field.name: ",".join((*field.column, field.heads)) for field in FIELDS})
# Where two columns could be the title, these are the other thing.
_WEAK_TITLES = frozenset(
    (
        *("description", "name", "thema", "item", "what", "was", "action", "aktion", "content"),
        *("inhalt", "story", "feature", "requirement", "deliverable", "milestone", "meilenstein"),
        *("schritt", "arbeitsschritt", "leistung", "gewerk", "ap"),
    )
)

# Found only in lists: how rows are grouped.
_LISTS_ONLY = Meanings(
    {
        "active": "Aktiv",
        "level": "outline level, hierarchy level, Gliederungsebene, Ebene, Hierarchieebene",
        "parent": "parent, parent key, parent id, parent issue, parent task, parent iid, epic link,"
        " Übergeordnet, übergeordneter Vorgang, übergeordnete Aufgabe,"
        " übergeordnetes Arbeitspaket",
    }
)
# Their names where a report says how columns were read.
LISTS_ONLY_LABELS: Mapping[str, Sentence] = {
    "active": sentence("Active"),
    "level": sentence("Outline level"),
    "parent": sentence("Parent"),
    "passes_ledger": sentence("Passes"),
    # Of plans of other programs.
    "start": sentence("Start; compared"),
    "finish": sentence("Finish; compared"),
    "began": sentence("Actual start"),
    "ended": sentence("Actual finish"),
    "percent": sentence("Progress"),
    "manual": sentence("Scheduled by hand"),
    "milestone": sentence("Milestone"),
    "constraint": sentence("Constraint"),
    "constraint_day": sentence("Constraint date"),
    "planned_start": sentence("Start by the baseline"),
    "planned_finish": sentence("Finish by the baseline"),
    "planned_days": sentence("Duration by the baseline"),
    "unique": sentence("Unique number"),
    "unique_needs": sentence("Predecessors"),
    "unique_blocks": sentence("Successors"),
    "outline": sentence("Outline number"),
    "summary": sentence("Summary"),
    "bucket": sentence("Bucket"),
    "recurring": sentence("Recurs"),
    "checked": sentence("Ticks of the checklist"),
    "computed": sentence("computed; not taken"),
}
_DONE = frozenset(
    (
        *("complete", "completed", "completion", "done", "progress", "erledigt", "abgeschlossen"),
        *("fertig", "fortschritt", "erledigungsgrad", "fertigstellung", "fertigstellungsgrad"),
        *("bearbeitet", "vollendet"),
    )
)
_PER_CENT = frozenset(("percent", "pct", "prozent"))
# Only amounts have units; beside one, `Ist` is what was spent.
_AMOUNTS = frozenset(of_kind("estimate", "days"))
_DAYS = frozenset(of_kind("day", "last day"))
_SIDES = {
    **dict.fromkeys(("ist", "actual", "effektiv", "verbraucht", "gebucht", "spent"), "spent"),
    **dict.fromkeys(("soll", "plan", "geplant", "planned", "geschaetzt"), "effort"),
}
# How a tracker heads its links and the fields that people have added.
_LINK = re.compile(
    r"(in|out|ein|aus)(?:ward|gehend)[^(\n]*(?:\(\)[^(\n]*)*\(([^)]+)\)", re.IGNORECASE
)
_BLOCKS = re.compile(
    r"block|depend|abhäng|gantt(?:.*(?:finish|end).to.start)?$|predecessor|vorgänger", re.IGNORECASE
)
_CUSTOM = re.compile(
    r"(?:custom field|benutzerdefinierte[sn]? feld(?:er)?) \((.*)\)", re.IGNORECASE
)

_WORD = re.compile(r"[^\W\d_]+|\d+|%")
# One that nobody closes in its line is found, too: else each behind it would be looked for anew.
_BRACKETS = re.compile(r"[(\[{][^)\]}\n]*+([)\]}]?)")
_LONGEST_HEAD = 80
# What is longer, in characters, heads nothing.
_LONGEST_NAME = 1000
# `Aufgabe / Thema` is a title, but `Start / Ende` is neither.
_TWO_WORDS = re.compile(r"[/|,;&]|\b(?:und|oder|and|or)\b")
_TEXTS = frozenset(of_kind("text", "word", "name", "names", "tags", "notes")) | {"id"}


# The meanings somebody has chosen for columns, by the keys of their heads.
Given = Mapping[str, str | None]


class Column(msgspec.Struct, frozen=True):
    """A column: its field (None if it is not understood), its head, its unit in working days.

    `part` is set if it is one of several below a merged head that mean the same.
    """

    field: str | None
    head: str
    unit: float = 1.0
    part: bool = False


class Header(msgspec.Struct, frozen=True):
    """The row that heads the table, with its columns by position.

    `own` is set if this program wrote it; such a file is read to the letter. `parts` is the row
    below that divides what one merged cell heads, if there is one.
    """

    row: int
    columns: Mapping[int, Column]
    own: bool
    parts: int | None = None

    @property
    def fields(self) -> Mapping[str, int]:
        """The positions of the columns that are understood, of several for one field the first."""
        found: dict[str, int] = {}
        for at, column in self.columns.items():
            if column.field is not None:
                found.setdefault(column.field, at)
        return found


def find_header(rows: Sequence[Row], given: Given | None = None) -> Header | None:
    """Return the header: of the first rows the one with most known heads, a title among them.

    `given` are the meanings chosen for heads, by their keys: a field, or None for no field.
    """
    best: Header | None = None
    width = max((len(row.cells) for row in rows), default=0) if given else 0
    for at, row in enumerate(rows[:HEAD]):
        below = rows[at + 1] if at + 1 < len(rows) else None
        header = _header(row, below, given or {}, width)
        known = len(header.fields)
        if "title" in header.fields and (best is None or known > len(best.fields)):
            best = header
    return best


def header_of(heads: Sequence[str], given: Given, *, own: bool) -> Header:
    """Return the header of a table that has its heads elsewhere than in a row; it has row 0."""
    found = _header(Row(0, list(heads)), None, given, 0)
    unknown = {at: Column(None, head) for at, head in enumerate(heads)}
    return msgspec.structs.replace(found, columns={**unknown, **found.columns}, own=own)


def letter(at: int) -> str:
    """Return the name a spreadsheet gives to the column at a position, from 0: A, B … Z, AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


@lru_cache(4096)
def meaning(head: str) -> tuple[str | None, float]:
    """Return the field that a head names, and its unit in working days.

    Case, punctuation and text in brackets do not count; `Dauer (max. T)` is `Dauer max`.
    """
    head = head.strip()
    if len(head) > _LONGEST_NAME:
        return None, 1.0
    if head == "#":
        return "id", 1.0
    if link := _LINK.match(head):
        inward = link[1].casefold() in ("in", "ein")
        return ("needs" if inward else "blocks") if _BLOCKS.search(link[2]) else None, 1.0
    if custom := _CUSTOM.fullmatch(head):
        return meaning(custom[1])
    # Sums of a task with its parts, as trackers write them beside its own.
    if head.startswith("Σ"):
        return None, 1.0
    parts = [vocabulary.meaning_key(word) for word in _WORD.findall(head)]
    if _PER_CENT & set(parts) and _DONE & set(parts):
        return "progress", 1.0
    return _named(head, parts)


def _blank(brackets: re.Match[str]) -> str:
    return " " if brackets[1] else brackets[0]


def _named(head: str, parts: list[str]) -> tuple[str | None, float]:
    """Return what the words of a head name, without the unit at either end of them."""
    share = bool(_PER_CENT & set(parts))
    if field := _field("".join(parts), share):
        return field, _unit(parts) if field in _AMOUNTS else 1.0
    unit = 1.0
    while len(parts) > 1 and (parts[-1] in UNITS or parts[-1] == "in"):
        unit = UNITS.get(parts.pop(), unit)
        field = _SIDES.get("".join(parts)) or _field("".join(parts), share)
        if field in _AMOUNTS:
            return field, unit
    if len(parts) > 1 and _SIDES.get(parts[-1]) == "effort":
        # What is planned of a day is the day; what it came to is not ours to plan.
        planned = _field("".join(parts[:-1]), share)
        if planned in _DAYS:
            return planned, 1.0
    if len(parts) == 2 and parts[0] in UNITS and parts[1] in _SIDES:
        return _SIDES[parts[1]], UNITS[parts[0]]
    if field := _field(vocabulary.meaning_key(_BRACKETS.sub(_blank, head)), share):
        return field, unit
    first, *others = _TWO_WORDS.split(head)
    if others:
        field, unit = meaning(first)
        if field in _TEXTS:
            return field, unit
    return None, 1.0


def _unit(parts: list[str]) -> float:
    """Return the unit that one of the words of a head names: `Stunden`, `Estimated hours`."""
    return next((UNITS[part] for part in parts if part in UNITS), 1.0)


def _field(word: str, share: bool) -> str | None:
    found = vocabulary.field_from_word(word) or _HEAD_OF.get(word)
    if found is None:
        return _LISTS_ONLY.get(word)
    # Where a thing comes from says a list of somebody else, not what it is called there.
    if BY_NAME[found].kind == "key":
        return None
    # How much of the effort is spent, in per cent, is no effort.
    if share and BY_NAME[found].kind not in ("percent", "state"):
        return None
    return BY_NAME[found].listed


def _choose(found: dict[int, tuple[str, str | None, float]], given: Given) -> None:
    """Apply the meanings chosen for heads; no other column is for those fields then."""
    chosen = {at for at, (head, _, _) in found.items() if vocabulary.meaning_key(head) in given}
    fields = {given[vocabulary.meaning_key(found[at][0])] for at in chosen}
    for at, (head, field, unit) in found.items():
        if at in chosen:
            found[at] = head, given[vocabulary.meaning_key(head)], unit
        elif field in fields:
            found[at] = head, None, unit


def _header(row: Row, below: Row | None, given: Given, width: int) -> Header:
    """Read a row as if it were the header."""
    heads = dict(_heads(row))
    if given:
        # A column without a head is called by its letter.
        unnamed = {at: letter(at) for at in range(width) if at not in heads}
        heads |= {at: name for at, name in unnamed.items() if vocabulary.meaning_key(name) in given}
    found = {at: (head, *meaning(head)) for at, head in heads.items()}
    divided: set[int] = set()
    parts = _divide(row, below, found, divided) if row.wide else None
    _choose(found, given)
    titles = [at for at, (_, field, _) in found.items() if field == "title"]
    strong = [at for at in titles if vocabulary.meaning_key(found[at][0]) not in _WEAK_TITLES]
    title = (strong or titles or [-1])[0]
    notes = any(field == "notes" for _, field, _ in found.values())
    columns = {}
    for at, (head, field, unit) in sorted(found.items()):
        if field == "title" and at != title:
            field = None
            if vocabulary.meaning_key(head) == "description" and not notes:
                field, notes = "notes", True
        columns[at] = Column(field, head, unit, at in divided)
    own = len(heads) == len(row.cells) and _are_own(list(heads.values()))
    return Header(row.number, columns, own, parts)


def begins_as_own(text: str) -> bool:
    """Return whether the first line of a text is the header of our own CSV files."""
    first = text.partition("\n")[0].rstrip("\r")
    return any(_are_own(first.split(mark)) for mark in ",;")


def _are_own(heads: Sequence[str]) -> bool:
    names = set(heads)
    return len(names) == len(heads) >= _FEWEST_OWN and names <= _OWN_HEADS


def _divide(
    row: Row,
    below: Row | None,
    found: dict[int, tuple[str, str | None, float]],
    same: set[int],
) -> int | None:
    """Give the columns below one merged head their own; return the row that names the parts.

    `same` gets the positions of those that all mean what the merged head does.
    """
    parts = dict(_heads(below)) if below and below.number == row.number + 1 else {}
    covered = {at for first, last in row.wide.items() for at in range(first, last + 1)}
    # A row with more than the parts is the first of the list.
    divided = bool(parts) and set(parts) <= covered
    for first, last in row.wide.items():
        if first not in found:
            continue
        head, field, unit = found[first]
        for at in range(first, last + 1):
            part = parts.get(at, "") if divided else ""
            whole = f"{head} {part}".strip()
            known = next((m for text in (whole, part) if (m := meaning(text))[0]), None)
            found[at] = (whole, *(known or (field, unit)))
            if known is None or not part:
                same.add(at)
    return row.number + 1 if divided else None


def _heads(row: Row) -> Iterator[tuple[int, str]]:
    for at, cell in enumerate(row.cells):
        if isinstance(cell, str) and len(cell) <= _LONGEST_HEAD:
            head = " ".join(harmless(cell)[0].split())
            if head:
                yield at, head
