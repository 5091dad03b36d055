"""Jira, Cloud and Server: "Export CSV (all fields)", English and German.

A field with several values repeats its column under the same head. Estimates and time spent are
seconds, dates are written as the site does and with the names of months in the user's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tracker.domain.model import State
from tracker.domain.sentence import counted, sentence
from tracker.domain.typing.vocabulary import Meanings, meaning_key, state_from_word
from tracker.exchange.amounts import SECOND
from tracker.exchange.dialects import ForeignTable
from tracker.exchange.foreign.issue_table import (
    NUMBERED_ANEW,
    Columns,
    IssueTable,
    Role,
    add_notes,
    add_tags,
    durations_from_efforts,
    outside,
)
from tracker.exchange.outline import PlanItem, Relation
from tracker.exchange.references import RelationKind
from tracker.exchange.source import ReadOptions, Source
from tracker.exchange.spreadsheet import Row

_COLUMNS = Columns(
    fields={
        "title": "Summary, Zusammenfassung",
        "priority": "Priorität",
        "project": "Project name, Projektname",
        "created": "Erstellt",
        "modified": "Updated, Aktualisiert",
        "finished": "Resolved, Erledigt",
        "due": "Due date, Fälligkeitsdatum, Fällig am",
        "notes": "Description, Beschreibung",
        "tags": "Labels, Stichwörter",
        "effort": "Original estimate, Ursprüngliche Schätzung",
        "spent": "Time Spent, Benötigte Zeit",
    },
    own={
        "key": "Issue key, Vorgangsschlüssel, Work item key",
        "id": "Issue id, Vorgangs-ID, Work item id",
        "type": "Issue Type, Vorgangstyp, Work type",
        "status": "Status",
        "category": "Status Category, Statuskategorie",
        "resolution": "Lösung",
        "project key": "Projektschlüssel",
        "assignee": "Zugewiesene Person, Bearbeiter",
        "assignee id": "ID der zugewiesenen Person",
        "reporter": "Autor, Melder, Berichterstatter",
        "reporter id": "ID des Autors",
        "watcher": "Watchers, Beobachter",
        "watcher id": "Watchers Id, ID des Beobachters",
        "creator": "Ersteller",
        "creator id": "Ersteller-ID",
        "parent": "Parent key, Übergeordnet, Übergeordneter Vorgang, Parent id, Epic Link",
        "parent title": "Parent summary",
        "tag": "Sprint, Sprints, Component/s, Components, Komponente, Komponenten, Fix Version/s,"
        " Fix versions, Lösungsversion, Lösungsversionen, Lösung in Version",
        "comment": "Comment, Kommentar, Kommentare",
        "remaining": "Remaining Estimate, Restschätzung",
    },
    says={
        "key": "id",
        "status": "state",
        "category": "state",
        "resolution": "state",
        "assignee": "assignee",
        "reporter": "requester",
        "watcher": "watchers",
        "parent": "parent",
        "tag": "tags",
        "comment": "notes",
        "type": "notes",
        "project key": "project",
        "creator": "requester",
        "remaining": "notes",
        "parent title": "phase",
    },
    noted="Environment, Umgebung, Attachment, Anhang, Log Work, Arbeit protokollieren,"
    " Affects Version/s, Affects versions, Betrifft Version/en, Betroffene Versionen,"
    " Security Level, Sicherheitsstufe",
    computed="Project type, Projekttyp, Project lead, Projektleiter, Project lead id,"
    " ID des Projektleiters, Project description, Projektbeschreibung, Project url, Last Viewed,"
    " Zuletzt angezeigt, Votes, Stimmen, Work Ratio, Arbeitsverhältnis,"
    " Σ Original Estimate, Σ Remaining Estimate, Σ Time Spent, Σ Ursprüngliche Schätzung,"
    " Σ Restschätzung, Σ Benötigte Zeit, Status Category Changed, Statuskategorie geändert,"
    " Sub-tasks, Unteraufgaben",
    units={"effort": SECOND, "spent": SECOND},
)
# Fields that people and apps have added, by what stands in the brackets of the head.
_CUSTOM_COLUMNS = Columns(
    fields={
        "not_before": "Start date, Startdatum, Target start, Geplanter Start, Planned start,"
        " Begin date, Beginn"
    },
    own={"flag": "Flagged, Markiert, Gekennzeichnet", "parent": "Epic Link, Epos-Link, Parent Link"}
    | {"tag": "Sprint"},
    says={"flag": "state", "parent": "parent", "tag": "tags"},
    noted="Story Points, Story point estimate, Story-Punkte, Target end, Geplantes Ende",
    computed="Rank, Rang, Development, Entwicklung, Issue color, Vorgangsfarbe, Epic Name,"
    " Epic Color, Epic Colour, Epic Status, Chart Date of First Response, Vulnerability,"
    " [CHART] Date of First Response, [CHART] Time in Status",
)
_CUSTOM = re.compile(
    r"(?:custom field|benutzerdefinierte[sn]? feld(?:er)?) \((.*)\)", re.IGNORECASE
)
_LINK = re.compile(r"(in|out|ein|aus)(?:ward|gehend)[^()]*\((.+)\)", re.IGNORECASE)
_KEY = re.compile(r"([^\W\d_]\w*)-(\d{1,9})")
_LONGEST_NUMBER = 12
# How Server writes a sprint.
_SPRINT = re.compile(
    r".*\bSprint@[0-9a-f]+\[(?:(?!\bSprint@).)*\bname=([^,\]]*)", re.IGNORECASE | re.DOTALL
)
_MARKUP = re.compile(r"^h[1-6]\. |\{(?:code|noformat|quote|panel|color)\b|\[~", re.MULTILINE)

# Of categories, the states that a word of a status may refine them to.
_WITHIN: dict[State, frozenset[State]] = {
    "todo": frozenset(("todo", "waiting")),
    "doing": frozenset(("doing", "waiting", "recheck")),
    "done": frozenset(("done", "dropped")),
}
# Where a flag says that something stands in the way.
_FLAGGED = frozenset(("todo", "doing"))
_RESOLUTIONS = Meanings[State](
    {
        "dropped": "won't do, won't fix, duplicate, cannot reproduce, not a bug, declined,"
        " canceled, incomplete, obsolete, rejected, wird nicht gemacht, wird nicht erledigt,"
        " wird nicht behoben, Duplikat, nicht reproduzierbar, kann nicht reproduziert werden,"
        " abgelehnt, unvollständig, abgebrochen, verworfen",
    }
)
_MILESTONES = frozenset(("milestone", "meilenstein"))

# Kinds of links by their names; whether the one that has the link outward comes first.
_KINDS: tuple[tuple[re.Pattern[str], RelationKind, bool], ...] = (
    (re.compile(r"start.{1,4}start", re.IGNORECASE), "SS", True),
    (re.compile(r"(?:finish|end).{1,4}(?:finish|end)", re.IGNORECASE), "FF", True),
    (re.compile(r"(?:finish|end).{1,4}start", re.IGNORECASE), "FS", True),
    (re.compile(r"block|preced|predecessor|vorgänger|gantt", re.IGNORECASE), "FS", True),
    (re.compile(r"depend|abhäng|requir|follow|nachfolger", re.IGNORECASE), "FS", False),
)
# Which end of such a link comes first is not known.
_START_TO_END = re.compile(r"start.{1,4}(?:finish|end)", re.IGNORECASE)


def read(table: ForeignTable, options: ReadOptions) -> Source:
    """Return the issues of an export; raises BadInput."""
    return _Issues(IssueTable(table, options, _role)).read()


def _role(head: str) -> Role | None:
    if link := _LINK.match(head):
        if (kind := _link_kind(link[2])) is None:
            return Role("own", "link", "notes")
        return Role("own", "link", "blocks" if _is_outward(link) is kind[1] else "needs")
    if custom := _CUSTOM.fullmatch(head):
        return _CUSTOM_COLUMNS.role(custom[1])
    return _COLUMNS.role(head) or _CUSTOM_COLUMNS.role(head)


@lru_cache(1024)
def _state_of(status: str, category: str, resolution: str) -> State | None:
    """Return the state that a status is by our words, within what its category allows."""
    found, within = state_from_word(status), state_from_word(category)
    if within in _WITHIN and found not in _WITHIN[within]:
        found = within
    if found == "done" and _RESOLUTIONS.get(meaning_key(resolution)):
        return "dropped"
    return found


def _days(text: str) -> str:
    """Return seconds of work as days; what is no number as it is."""
    sound = text.isascii() and text.isdecimal() and len(text) < _LONGEST_NUMBER
    return f"{int(text) * SECOND:.15g} d" if sound else text


def _is_outward(link: re.Match[str]) -> bool:
    return link[1].casefold() in ("out", "aus")


def _link_kind(name: str) -> tuple[RelationKind, bool] | None:
    """Return the kind of a link by its name, and whether its outward end comes first."""
    if _START_TO_END.search(name) and not _KINDS[0][0].search(name):
        return None
    return next((found[1:] for found in _KINDS if found[0].search(name)), None)


class _Issues:
    """The issues of one export."""

    def __init__(self, table: IssueTable) -> None:
        self.table, self.source = table, table.source
        self.items: dict[str, PlanItem] = {}
        self.relations: list[Relation] = []
        # Rows of the items, and their keys by their numeric ids.
        self.rows: dict[str, Row] = {}
        self.by_id: dict[str, str] = {}
        self.names = dict(self._names())
        if table.has("project"):
            table.leave("project key")
        self._comments = 0
        self._turned: set[str] = set()

    def read(self) -> Source:
        """Return all of it."""
        table = self.table
        for row in table.rows:
            self._put_state(row)
        for row, task in table.tasks():
            self._put(row, task.fields, task.unread)
        self._number()
        for key, item in self.items.items():
            self._own(self.rows[key], item)
        for key, item in self.items.items():
            self._parent(self.rows[key], item)
            self._links(self.rows[key], item)
        durations_from_efforts(table, self.items.values())
        self._tell()
        return table.plan(list(self.items.values()), self.relations)

    # --- items ---------------------------------------------------------------------------------

    def _put(self, row: Row, fields: dict[str, Any], unread: set[str]) -> None:
        key = self.table.text(row, "key")
        if key in self.items:
            why = sentence(
                "The row repeats {name}, which is in row {row}.",
                name=key,
                row=self.items[key].row,
            )
            self.source.skip(row.number, why, key)
            return
        origin = f"jira:{key}" if key else ""
        key = key or f"row {row.number}"
        item = PlanItem(key, row.number, place=key, origin=origin, fields=fields, unread=unread)
        self.items[key], self.rows[key] = item, row
        if id := self.table.text(row, "id"):
            self.by_id[id] = key

    def _number(self) -> None:
        """Let tasks keep the numbers of their keys, if all are of one project."""
        found = {key: _KEY.fullmatch(key) for key in self.items}
        projects = {parts[1] for parts in found.values() if parts}
        self.source.id_column = self.table.head_of("key")
        if len(projects) == 1:
            for key, parts in found.items():
                if parts:
                    self.items[key].number = key
                    self.items[key].wanted = int(parts[2])
        elif projects:
            self.source.warn(self.table.head, self.source.id_column, "", NUMBERED_ANEW)

    def _own(self, row: Row, item: PlanItem) -> None:
        """Give an item what stands in the columns that only Jira has."""
        table, fields = self.table, item.fields
        if assignee := table.text(row, "assignee"):
            fields["assignee"] = assignee
        reporter, creator = table.text(row, "reporter"), table.text(row, "creator")
        if reporter or creator:
            fields["requester"] = reporter or creator
        if watchers := table.texts(row, "watcher"):
            fields["watchers"] = watchers
        if not table.has("project") and (project := table.text(row, "project key")):
            fields["project"] = project
        for _, head, text in table.cells(row, "tag"):
            name = sprint[1] if (sprint := _SPRINT.match(text)) else text
            add_tags(fields, [name])
            if meaning_key(head).startswith("komponente") or "component" in head.casefold():
                item.lanes.setdefault("component", name)
        kind = table.text(row, "type")
        if meaning_key(kind) in _MILESTONES:
            fields.update(low=0.0, likely=0.0, high=0.0)
        lines = [f"{table.head_of('type')}: {kind}"] if kind else []
        if creator and creator != fields["requester"]:
            lines.append(f"{table.head_of('creator')}: {creator}")
        lines += self._unstated(row, fields)
        lines += [f"{head}: {_days(text)}" for _, head, text in table.cells(row, "remaining")]
        lines += table.noted(row)
        for _, head, text in table.cells(row, "comment"):
            self._comments += 1
            lines.append(f"{head}: {self._comment(text)}")
        add_notes(fields, lines)

    def _unstated(self, row: Row, fields: dict[str, Any]) -> Iterator[str]:
        """Walk over what is said of the state and is not in it, as lines of notes."""
        if flag := self.table.text(row, "flag"):
            if fields.get("state") == "waiting":
                fields.setdefault("waiting_for", flag)
            else:
                yield f"{self.table.head_of('flag')}: {flag}"
        for name in ("category", "resolution"):
            word = self.table.text(row, name)
            known = state_from_word(word) or _RESOLUTIONS.get(meaning_key(word))
            if word and not known:
                yield f"{self.table.head_of(name)}: {word}"

    def _comment(self, text: str) -> str:
        """Return a comment with the name of its author, if the file has it, for the id."""
        parts = text.split(";", 2)
        if len(parts) < 3:
            return text
        when, author, said = parts
        return f"{when}, {self.names.get(author, author)}: {said}"

    def _names(self) -> Iterator[tuple[str, str]]:
        """Walk over the ids of people that stand beside their names."""
        for name in ("assignee", "reporter", "creator", "watcher"):
            ids = self.table.positions(f"{name} id")
            for person, id in zip(self.table.positions(name), ids, strict=False):
                for row in self.table.rows:
                    if (key := self.table.at(row, id)) and (text := self.table.at(row, person)):
                        yield key, text

    # --- states --------------------------------------------------------------------------------

    def _put_state(self, row: Row) -> None:
        """Give an issue its state, if any word for it is known."""
        table = self.table
        status, category = table.text(row, "status"), table.text(row, "category")
        resolution, flag = table.text(row, "resolution"), table.text(row, "flag")
        found, words = _state_of(status, category, resolution), [status or category]
        if found == "dropped" and resolution:
            words.append(resolution)
        if found in _FLAGGED and flag:
            found = "waiting"
            words.append(flag)
        name = "status" if table.has("status") else "category"
        table.put_state(row, name, found, ", ".join(words))

    # --- arrows --------------------------------------------------------------------------------

    def _parent(self, row: Row, item: PlanItem) -> None:
        named = list(self.table.cells(row, "parent"))
        for _, _, text in named:
            key = text if text in self.items else self.by_id.get(text)
            if key is not None:
                item.parent = key
                return
        # Nothing that is named is in the file.
        if title := self.table.text(row, "parent title"):
            item.fields.setdefault("phase", title)
        for _, head, text in named[:1]:
            outside(self.table, item, head, text)

    def _links(self, row: Row, item: PlanItem) -> None:
        for _, head, text in self.table.cells(row, "link"):
            if not (link := _LINK.match(head)):
                continue
            outward = _is_outward(link)
            found = _link_kind(link[2])
            if found is None:
                add_notes(item.fields, [f"{head}: {text}"])
                if _START_TO_END.search(link[2]):
                    why = sentence("Links from start to finish are not drawn; it is in the notes.")
                    self.source.warn(item.row, head, text, why, item.place)
                continue
            kind, forward = found
            if text not in self.items:
                outside(self.table, item, head, text)
                continue
            source, target = (item.key, text) if outward is forward else (text, item.key)
            if not forward:
                self._turned.add(head)
            self.relations.append(
                Relation(source, target, kind=kind, row=item.row, column=head, text=text)
            )

    # --- the report ----------------------------------------------------------------------------

    def _tell(self) -> None:
        source, head = self.source, self.table.head
        if self._comments:
            why = counted(
                "{n} comment is in the notes.", "{n} comments are in the notes.", self._comments
            )
            source.warn(head, self.table.head_of("comment"), "", why)
        for column in sorted(self._turned):
            why = sentence(
                "Links of this kind were read as “depends on”: what has one outward waits for the"
                " other."
            )
            source.warn(head, column, "", why)
        if any(_MARKUP.search(item.fields.get("notes", "")) for item in self.items.values()):
            source.warn(head, "", "", sentence("Texts keep the markup of Jira as it is."))
