"""OpenProject: work packages exported as CSV or as a workbook (.xls), English and German.

The workbook may have relations: two rows of heads, one row for each relation of a work package, and
the columns of the other one behind the kind of the relation and its lag.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from tracker.domain.calendar import Calendar
from tracker.domain.model import State
from tracker.domain.sentence import counted, sentence
from tracker.domain.typing.field_values import UNITS
from tracker.domain.typing.vocabulary import Meanings, meaning_key, state_from_word
from tracker.exchange.dialects import ForeignTable, shown
from tracker.exchange.foreign.issue_table import Columns, IssueTable, Role, add_notes, outside
from tracker.exchange.outline import PlanItem, Relation
from tracker.exchange.progress_cells import Scale
from tracker.exchange.source import ReadOptions, Source
from tracker.exchange.spreadsheet import Row
from tracker.exchange.table_rows import one_line

_HOUR = UNITS["h"]
_COLUMNS = Columns(
    fields={
        "title": "Subject, Thema",
        "priority": "Priority, Priorität",
        "not_before": "Start date, Anfangstermin",
        "due": "Finish date, Endtermin, Due date, Abgabedatum",
        "estimate": "Duration, Dauer",
        "effort": "Work, Aufwand, Estimated time, Geschätzter Aufwand",
        "spent": "Spent time, Aufgewendete Zeit",
        "project": "Project, Projekt",
        "notes": "Description, Beschreibung",
        "created": "Created on, Angelegt, Erstellt am",
        "modified": "Updated on, Aktualisiert, Zuletzt geändert",
    },
    own={
        "key": "ID",
        "status": "Status",
        "type": "Type, Typ",
        "done": "% Complete, % abgeschlossen, Progress (%), Fortschritt (%)",
        "parent": "Parent, Übergeordnetes Arbeitspaket, Übergeordnet",
        "assignee": "Assignee, Zugewiesen an",
        "accountable": "Accountable, Verantwortlich, Responsible",
        "author": "Author, Autor",
        "tag": "Category, Kategorie, Version",
        "remaining": "Remaining work, Verbleibender Aufwand, Remaining hours",
    },
    says={
        "key": "id",
        "type": "notes",
        "done": "progress",
        "parent": "parent",
        "tag": "tags",
        "assignee": "assignee",
        "accountable": "watchers",
        "author": "requester",
        "status": "state",
        "remaining": "notes",
    },
    computed="Σ Work, Σ Remaining work, Σ % Complete, Σ Aufwand, Σ Verbleibender Aufwand,"
    " Σ % abgeschlossen, Overall costs, Gesamtkosten, Position",
    units={"effort": _HOUR, "spent": _HOUR, "estimate": 1.0},
)
# What it calls states besides the words that everybody has.
_STATES = Meanings[State](
    {
        "todo": "In specification, Specified, Confirmed, To be scheduled, In Spezifikation,"
        " Spezifiziert, Bestätigt, Zu planen, Zu terminieren",
        "doing": "Developed, Tested, Test failed, Entwickelt, Getestet, Test fehlgeschlagen",
    }
)
_MILESTONES = frozenset(("milestone", "meilenstein"))
# What a relation makes of the work package in the row; the other one is its opposite.
_RELATIONS: Meanings[str] = Meanings(
    {
        "before": "precedes, blocks, Vorgänger von, blockiert, geht voraus",
        "behind": "follows, blocked by, blocked, is blocked by, Nachfolger von, blockiert durch,"
        " wird blockiert durch, folgt auf, folgt",
        "parent": "parent of, parent, übergeordnet, übergeordnetes Arbeitspaket von, Eltern von",
        "child": "child of, child, untergeordnet, Kind von, Unteraufgabe von",
    }
)
# `Task #101: Prepare`, `#101 Prepare`.
_REFERENCE = re.compile(r"(?:.*?\s)?#([\w-]+)\b.*", re.DOTALL)


def read(table: ForeignTable, options: ReadOptions) -> Source:
    """Return the work packages of an export; raises BadInput."""
    relation, other = _relation_columns(table)
    heads = iter(at for at, _ in table.heads)

    def role(head: str) -> Role | None:
        # Heads are asked about in their order.
        at = next(heads)
        if at in other:
            return Role("own", "other", "needs")
        return Role("own", relation[at], "needs") if at in relation else _COLUMNS.role(head)

    return _Packages(IssueTable(table, options, role), other).read()


def _relation_columns(table: ForeignTable) -> tuple[dict[int, str], range]:
    """Return the columns of a relation by position, and those of the other work package.

    Behind a blank column stand kind, lag and description of the relation, then the other package,
    whose first column has the head of the first one.
    """
    taken = dict(table.heads)
    ids = table.columns("ID")
    if len(ids) < 2:
        return {}, range(0)
    begun = ids[1]
    while begun - 1 in taken and begun - 1 > ids[0]:
        begun -= 1
    names = dict(zip(range(begun, ids[1]), ("relation", "lag", "remark"), strict=False))
    return names, range(ids[1], 1 + max(taken))


class _Packages:
    """The work packages of one export."""

    def __init__(self, table: IssueTable, other: range) -> None:
        self.table, self.source, self._other = table, table.source, other
        self.items: dict[str, PlanItem] = {}
        self.rows: dict[str, list[Row]] = {}
        self.relations: list[Relation] = []
        self._titled: dict[str, list[PlanItem]] = {}
        for row in table.rows:
            key = table.text(row, "key") or f"row {row.number}"
            self.rows.setdefault(key, []).append(row)
        self._keys = {rows[0].number: key for key, rows in self.rows.items()}
        cells = [shown(row, at) for row in table.rows for at in table.positions("done")]
        # A workbook has shares that it shows as per cent.
        self._shares = bool(table.table.sheet.name)
        self._scale = Scale(cells)

    def read(self) -> Source:
        """Return all of it."""
        table = self.table
        firsts = [rows[0] for rows in self.rows.values()]
        for row in firsts:
            word = table.text(row, "status")
            state = state_from_word(word) or _STATES.get(meaning_key(word))
            table.put_state(row, "status", state)
        for row, task in table.tasks(firsts):
            key = self._keys[row.number]
            known = not key.startswith("row ")
            self.items[key] = PlanItem(
                key,
                row.number,
                place=f"#{key}" if known else "",
                origin=f"openproject:{key}" if known else "",
                number=key if key.isdecimal() else "",
                wanted=int(key) if key.isascii() and key.isdecimal() and len(key) < 10 else None,
                fields=task.fields,
                unread=task.unread,
            )
            self._titled.setdefault(task.fields["title"], []).append(self.items[key])
        self.source.id_column = table.head_of("key")
        for key, item in self.items.items():
            self._own(self.rows[key][0], item)
            self._parent(self.rows[key][0], item)
            for row in self.rows[key]:
                self._relation(row, item)
        self._times()
        if not table.has("relation"):
            why = sentence(
                "This file has no links between work packages; export a workbook (.xls) with"
                " relations for them."
            )
            self.source.warn(0, "", "", why)
        return table.plan(list(self.items.values()), self.relations)

    # --- fields --------------------------------------------------------------------------------

    def _own(self, row: Row, item: PlanItem) -> None:
        table, fields = self.table, item.fields
        if author := table.text(row, "author"):
            fields["requester"] = author
        people = [*table.texts(row, "assignee"), *table.texts(row, "accountable")]
        if people and table.text(row, "assignee"):
            fields["assignee"], *watchers = dict.fromkeys(people)
            fields["watchers"] = watchers
        elif people:
            fields["watchers"] = people
        tags = table.texts(row, "tag")
        fields["tags"] = list(dict.fromkeys((*fields.get("tags", ()), *tags)))
        item.percent = self._percent(row)
        kind = table.text(row, "type")
        lines = [f"{table.head_of('type')}: {kind}"] if kind else []
        for _, head, text in table.cells(row, "remaining"):
            lines.append(f"{head}: {text} h" if text.replace(".", "").isdecimal() else text)
        add_notes(fields, (*lines, *table.noted(row)))
        if meaning_key(kind) in _MILESTONES:
            fields.update(low=0.0, likely=0.0, high=0.0)

    def _percent(self, row: Row) -> float | None:
        for at, head, text in self.table.cells(row, "done"):
            cell = shown(row, at)
            if self._shares and isinstance(cell, int | float):
                return min(100.0, float(cell) * 100)
            found = self._scale.percent(cell)
            if found is None:
                why = sentence("{value} is not a number.", value=text[:100])
                self.source.warn(row.number, head, text, why)
                add_notes(self.items[self._keys[row.number]].fields, [f"{head}: {text}"])
            return found
        return None

    # --- relations -----------------------------------------------------------------------------

    def _parent(self, row: Row, item: PlanItem) -> None:
        for _, head, text in self.table.cells(row, "parent"):
            parent = self._find(text)
            if parent:
                item.parent = parent.key
            else:
                outside(self.table, item, head, text)

    def _find(self, text: str) -> PlanItem | None:
        """Return the work package of an id, of `Task #101: Prepare`, or of a subject."""
        if text in self.items:
            return self.items[text]
        if (found := _REFERENCE.fullmatch(text)) and found[1] in self.items:
            return self.items[found[1]]
        named = self._titled.get(text, ())
        return named[0] if len(named) == 1 else None

    def _relation(self, row: Row, item: PlanItem) -> None:
        """Read the relation in a row, if there is one."""
        kind, head = self.table.text(row, "relation"), self.table.head_of("relation")
        if not kind:
            return
        id, title = self._named(row)
        name = f"#{id} {title}".strip()
        if remark := self.table.text(row, "remark"):
            add_notes(item.fields, [f"{kind} {name}: {remark}"])
        found = self.items.get(id)
        meaning = _RELATIONS.get(meaning_key(kind))
        if found is None and meaning:
            outside(self.table, item, head, f"{kind} {name}")
        elif meaning in ("before", "behind") and found:
            source, target = (item, found) if meaning == "before" else (found, item)
            lag = self._lag(row, item)
            self.relations.append(
                Relation(source.key, target.key, lag=lag, row=row.number, column=head, text=name)
            )
        elif meaning and found:
            part, whole = (found, item) if meaning == "parent" else (item, found)
            part.parent = whole.key
        else:
            add_notes(item.fields, [f"{kind}: {name}"])

    def _named(self, row: Row) -> tuple[str, str]:
        """Return id and subject of the other work package of a row.

        Its columns have the order of the first one.
        """
        columns = [self.table.positions(name) for name in ("key", "title")]
        if not all(columns):
            return "", ""
        places = [several[0] - columns[0][0] for several in columns]
        id, title = (one_line(shown(row, self._other.start + place)) for place in places)
        return id, title

    def _lag(self, row: Row, item: PlanItem) -> float:
        """Return the lag of the relation in a row, in working days."""
        for at, head, text in self.table.cells(row, "lag"):
            cell = shown(row, at)
            if isinstance(cell, int | float):
                return float(cell)
            try:
                return float(text.split()[0])
            except ValueError:
                why = sentence("{value} is not a number.", value=text)
                self.source.warn(row.number, head, text, why, item.place)
        return 0.0

    # --- times ---------------------------------------------------------------------------------

    def _times(self) -> None:
        """Take of starts, finishes and durations what is not a result of others."""
        parents = {item.parent for item in self.items.values() if item.parent}
        spans: list[PlanItem] = []
        ends: list[PlanItem] = []
        calendar = Calendar.of(self.table.options.ws)
        before: dict[str, list[tuple[str, float]]] = {}
        for relation in self.relations:
            before.setdefault(relation.target, []).append((relation.source, relation.lag))
        finishes = {key: end for key, item in self.items.items() if (end := item.fields.get("due"))}
        for key, item in self.items.items():
            fields = item.fields
            start, end = fields.get("not_before"), fields.get("due")
            if key in parents:
                if start or end or fields.get("likely"):
                    spans.append(item)
                _drop(fields, "not_before", "due")
                item.percent = None
                fields.update(low=0.0, likely=0.0, high=0.0)
                continue
            if start and end and start <= end:
                ends.append(item)
                _drop(fields, "due")
                if fields.get("likely") is None:
                    days = float(calendar.working_days_between(start - timedelta(1), end))
                    fields.update(low=days, likely=days, high=days)
            if start and self._follows(start, before.get(key, []), finishes, calendar):
                _drop(fields, "not_before")
        self._tell_times(spans, ends)

    @staticmethod
    def _follows(
        start: date,
        before: list[tuple[str, float]],
        finishes: dict[str, date],
        calendar: Calendar,
    ) -> bool:
        """Return whether a start is that which follows from the predecessors and their lags."""
        days = [(finishes[source], lag) for source, lag in before if source in finishes]
        return any(calendar.working_days_between(end, start) <= 1 + lag for end, lag in days)

    def _tell_times(self, spans: list[PlanItem], ends: list[PlanItem]) -> None:
        columns = [each for each in self.source.columns.values() if each.field]
        heads = {str(each.field): each.head for each in columns}
        if spans:
            why = counted(
                "Duration and dates of {n} work package follow from its parts; not taken: {ids}.",
                "Duration and dates of {n} work packages follow from their parts; not taken:"
                " {ids}.",
                len(spans),
                ids=", ".join(item.place or str(item.row) for item in spans[:5]),
            )
            self.source.approximate(spans[0].row, heads.get("estimate", ""), "", why)
        if ends:
            why = counted(
                "{n} finish date follows from start and duration; not a due date here.",
                "{n} finish dates follow from start and duration; not due dates here.",
                len(ends),
            )
            self.source.approximate(ends[0].row, heads.get("due", ""), "", why, ends[0].place)


def _drop(fields: dict[str, Any], *names: str) -> None:
    for name in names:
        fields.pop(name, None)
