"""The columns of a list of tasks: finding the row that heads them, and what each of them holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tracker.domain.typing import vocabulary
from tracker.domain.typing.field_values import UNITS
from tracker.exchange.source import clean
from tracker.exchange.spreadsheet import HEAD, Row

# The columns of our own CSV files, in their order, by the language of the head.
OWN: Mapping[str, Mapping[str, str]] = {
    "en": {
        "id": "id",
        "title": "title",
        "project": "project",
        "department": "department",
        "assignee": "assignee",
        "requester": "requester",
        "state": "state",
        "priority": "priority",
        "low": "low",
        "likely": "likely",
        "high": "high",
        "needs": "needs",
        "returns": "returns",
        "due": "due",
        "not_before": "not_before",
        "follow_up": "follow_up",
        "waiting_for": "waiting_for",
        "effort": "effort",
        "spent": "spent",
        "systems": "systems",
        "tags": "tags",
        "recurrence": "recurrence",
        "notes": "notes",
    },
    "de": {
        "id": "Nr.",
        "title": "Vorgang",
        "project": "Projekt",
        "department": "Abteilung",
        "assignee": "Verantwortlich",
        "requester": "Auftraggeber",
        "state": "Status",
        "priority": "Priorität",
        "low": "Dauer min",
        "likely": "Dauer wahrsch.",
        "high": "Dauer max",
        "needs": "Vorgänger",
        "returns": "Rücksprung",
        "due": "Fällig am",
        "not_before": "Nicht vor",
        "follow_up": "Wiedervorlage",
        "waiting_for": "Wartet auf",
        "effort": "Aufwand",
        "spent": "Ist-Aufwand",
        "systems": "Systeme",
        "tags": "Schlagworte",
        "recurrence": "Wiederholung",
        "notes": "Bemerkung",
    },
}

# Words that head columns in lists, beside those that people also type.
_HEADS: Mapping[str, str] = {
    "id": "key, issue key, wbs, psp, psp code, pos, position, ref, task id, task no, id nr,"
    " Vorgangsnr, Vorgangsnummer, Aufgabennr, Aufgaben Nr, laufende Nummer, Gliederungsnummer",
    "title": "tasks, task name, activity, action, action item, work item, issue, item, to do,"
    " Aufgaben, Aufgabenname, Aktivität, Maßnahme, Maßnahmen, was ist zu tun, Titel der Aufgabe",
    "project": "project name, Projektname",
    "department": "departments, Abteilung Team, Ressort, Org Einheit, Organisation",
    "assignee": "resource names, resources, in charge, person responsible, Ressourcennamen,"
    " Ressource, Ressourcen, Zuständigkeit, Verantw, Verantwortung, Bearbeiterin, Kürzel",
    "requester": "requestor, created by, Ansprechpartner, Auftraggeberin, erstellt von",
    "state": "task status, Bearbeitungsstand, Bearbeitungsstatus",
    "priority": "priorities, Prioritäten",
    "low": "low estimate, min duration, Mindestdauer",
    "likely": "likely estimate, likely duration, Dauer normal, wahrsch, wahrscheinliche Dauer",
    "high": "high estimate, max duration, Höchstdauer, Maximaldauer",
    "estimate": "estimated duration, geschätzte Dauer, Dauer geschätzt",
    "effort": "planned work, Plan, Soll Aufwand, Aufwand Soll, pt, Personentage geplant",
    "due": "due by, end date, target date, bis wann, Zieltermin, fertig bis, Endtermin, Enddatum,"
    " zu erledigen bis, erledigen bis, spätestens",
    "not_before": "start no earlier than, earliest start, frühester Beginn, frühester Start",
    "notes": "info, infos, information, Hinweis, Hinweise",
    "after": "prerequisite, prerequisites, predecessor ids, Vorgänger Nr, abhängig von,"
    " Voraussetzung, Voraussetzungen",
}
_FIELD_OF = {
    vocabulary.key(head): field for field, heads in _HEADS.items() for head in heads.split(",")
}
# Where two columns could be the title, these are the other thing.
_WEAK_TITLES = frozenset(
    map(vocabulary.key, ("description", "name", "thema", "item", "what", "was", "action"))
)
_NAMES = {"after": "needs", "returns_to": "returns"}

_WORD = re.compile(r"[^\W\d_]+|\d+|%")
_BRACKETS = re.compile(r"[(\[{].*?[)\]}]")
_LONGEST_HEAD = 80
# `Aufgabe / Thema` is a title, but `Start / Ende` is neither.
_TWO_WORDS = re.compile(r"[/|,;&]|\b(?:und|oder|and|or)\b")
_TEXTS = frozenset(
    ("id", "title", "project", "department", "assignee", "requester", "notes", "systems", "tags")
)


class Column(msgspec.Struct, frozen=True):
    """A column: its field (None if it is not understood), its head, its unit in working days."""

    field: str | None
    head: str
    unit: float = 1.0


class Header(msgspec.Struct, frozen=True):
    """The row that heads the table, with its columns by position.

    `own` tells that this program wrote it; such a file is read to the letter.
    """

    row: int
    columns: Mapping[int, Column]
    own: bool

    @property
    def fields(self) -> Mapping[str, int]:
        """The positions of the columns that are understood."""
        return {c.field: at for at, c in self.columns.items() if c.field is not None}


def find_header(rows: Sequence[Row]) -> Header | None:
    """Return the header: of the first rows the one with most known heads, a title among them."""
    best: Header | None = None
    for row in rows[:HEAD]:
        header = _header(row)
        known = len(header.fields)
        if "title" in header.fields and (best is None or known > len(best.fields)):
            best = header
    return best


def letter(at: int) -> str:
    """Return the name a spreadsheet gives to the column at a position, from 0: A, B … Z, AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def meaning(head: str) -> tuple[str | None, float]:
    """Return the field that a head names, and its unit in working days.

    Case, punctuation and what stands in brackets do not count; `Dauer (max. T)` is `Dauer max`.
    """
    if head.strip() == "#":
        return "id", 1.0
    unit = 1.0
    parts = [vocabulary.key(word) for word in _WORD.findall(head)]
    tries = ["".join(parts)]
    while len(parts) > 1 and (parts[-1] in UNITS or parts[-1] == "in"):
        unit = UNITS.get(parts.pop(), unit)
        tries.append("".join(parts))
    tries.append(vocabulary.key(_BRACKETS.sub(" ", head)))
    for tried in tries:
        field = vocabulary.field_from_word(tried) or _FIELD_OF.get(tried)
        if field:
            return _NAMES.get(field, field), unit
    first, *others = _TWO_WORDS.split(head)
    if others:
        field, unit = meaning(first)
        if field in _TEXTS:
            return field, unit
    return None, 1.0


def _header(row: Row) -> Header:
    """Read a row as if it were the header."""
    found = [(at, head, *meaning(head)) for at, head in _heads(row)]
    taken: dict[str, int] = {}
    for at, head, field, _ in found:
        if field is None:
            continue
        weak = field == "title" and vocabulary.key(head) in _WEAK_TITLES
        before = taken.get(field)
        if before is None or (
            field == "title" and not weak and vocabulary.key(str(row.cells[before])) in _WEAK_TITLES
        ):
            taken[field] = at
    columns = {}
    for at, head, field, unit in found:
        mine = field if field is not None and taken[field] == at else None
        if mine is None and vocabulary.key(head) == "description" and "notes" not in taken:
            taken["notes"], mine = at, "notes"
        columns[at] = Column(mine, head, unit)
    heads = [head for _, head in _heads(row)]
    own = len(columns) == len(row.cells) and any(
        heads == list(OWN[language].values()) for language in OWN
    )
    return Header(row.number, columns, own)


def _heads(row: Row) -> Iterator[tuple[int, str]]:
    for at, cell in enumerate(row.cells):
        if isinstance(cell, str) and len(cell) <= _LONGEST_HEAD:
            head = " ".join(clean(cell)[0].split())
            if head:
                yield at, head
