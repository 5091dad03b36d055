"""GitLab: issues or work items exported as CSV.

Before 18.4 `Issue ID` is the number that people see; since then that is `IID`, and `Issue ID` one
of the whole server. The order of the columns changes. Moments are UTC, amounts are seconds.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from tracker.domain.model import State
from tracker.domain.sentence import counted, sentence
from tracker.domain.status import state_word
from tracker.domain.typing.vocabulary import meaning_key, state_from_word
from tracker.exchange.amounts import SECOND
from tracker.exchange.cell_values import items as items_of
from tracker.exchange.cell_values import ticked
from tracker.exchange.dialects import ForeignTable
from tracker.exchange.foreign.issue_table import (
    NUMBERED_ANEW,
    Columns,
    IssueTable,
    add_notes,
    add_tags,
    durations_from_efforts,
    outside,
)
from tracker.exchange.foreign.label_words import Said, read_labels
from tracker.exchange.foreign.named_people import NamedPeople
from tracker.exchange.outline import PlanItem
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.source import ReadOptions, Source
from tracker.exchange.spreadsheet import Row

_COLUMNS = Columns(
    fields={
        "title": "Title",
        "notes": "Description",
        "due": "Due Date",
        "not_before": "Start Date",
        "created": "Created At (UTC), Created At",
        "modified": "Updated At (UTC), Updated At",
        "finished": "Closed At (UTC), Closed At",
        "effort": "Time Estimate",
        "spent": "Time Spent",
    },
    own={
        "id": "Issue ID",
        "iid": "IID",
        "url": "URL",
        "state": "State",
        "author": "Author",
        "assignee": "Assignees",
        "login": "Assignee Username",
        "author login": "Author Username",
        "confidential": "Confidential",
        "milestone": "Milestone",
        "epic": "Epic Title",
        "labels": "Labels",
        "parent": "Parent IID",
        "parent title": "Parent Title",
    },
    says={
        "id": "id",
        "iid": "id",
        "state": "state",
        "author": "requester",
        "labels": "tags",
        "assignee": "assignee",
        "milestone": "tags",
        "epic": "tags",
        "parent": "parent",
        "parent title": "phase",
        "url": "notes",
        "login": "assignee",
        "author login": "requester",
        "confidential": "notes",
    },
    noted="Type, Weight, Health Status, Iteration",
    computed="Locked, Epic ID, Parent ID, Project ID",
    units={"effort": SECOND, "spent": SECOND},
)
_PLACE = re.compile(r"https?://[^/]+/(.+?)/(?:-/)?(?:issues|work_items)/(\d+)/?")
_LONGEST_NUMBER = 10
_CLOSED = frozenset(("closed", "geschlossen"))
_OPEN = frozenset(("open", "opened", "reopened", "offen"))
_UTC = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?")


def read(table: ForeignTable, options: ReadOptions) -> Source:
    """Return the issues of an export; raises BadInput."""
    return _Issues(IssueTable(table, options, _COLUMNS.role)).read()


class _Issues:
    """The issues of one export."""

    def __init__(self, table: IssueTable) -> None:
        self.table, self.source = table, table.source
        # By project and number.
        self.items: dict[tuple[str, str], PlanItem] = {}
        self.rows: dict[tuple[str, str], Row] = {}
        self.tally, self.named = RepeatedRemarks(self.source), NamedPeople(self.source)
        self.said: dict[int, Said] = {}
        self._confidential = 0
        # By row, ids that are not the numbers in their addresses.
        self._other_ids: dict[int, str] = {}

    def read(self) -> Source:
        """Return all of it."""
        table = self.table
        self._mark_as_utc()
        for row in table.rows:
            self._put_state(row)
        for row, task in table.tasks():
            project, number = self._name(row)
            if number and (project, number) in self.items:
                first = self.items[project, number].row
                why = sentence(
                    "The row repeats {name}, which is in row {row}.", name=f"#{number}", row=first
                )
                self.source.skip(row.number, why)
                continue
            key = (project, number) if number else ("", f"row {row.number}")
            origin = f"gitlab:{project}#{number}" if number else ""
            place = f"#{number}" if number else ""
            self.items[key] = PlanItem(
                "#".join(key), row.number, place, origin, fields=task.fields, unread=task.unread
            )
            self.rows[key] = row
        one = len({project for project, _ in self.items}) == 1
        for (project, number), item in self.items.items():
            if one and number.isascii() and number.isdecimal() and len(number) < _LONGEST_NUMBER:
                item.number, item.wanted = number, int(number)
            self._own(project, self.rows[project, number], item)
            self._parent(project, self.rows[project, number], item)
        self.source.id_column = table.head_of("iid") or table.head_of("id")
        durations_from_efforts(table, self.items.values())
        self._tell(one)
        return table.plan(list(self.items.values()), [])

    def _mark_as_utc(self) -> None:
        """Give moments the zone that their heads name or that GitLab means."""
        moments = {
            at
            for at, head in self.table.table.heads
            if meaning_key(head).removesuffix("utc") in ("createdat", "updatedat", "closedat")
        }
        for row in self.table.rows:
            for at in moments:
                if at < len(row.cells) and _UTC.fullmatch(str(row.cells[at] or "")):
                    row.cells[at] = f"{row.cells[at]}Z"

    def _name(self, row: Row) -> tuple[str, str]:
        """Return the project of an issue, if its address tells, and its number there."""
        iid, id = self.table.text(row, "iid"), self.table.text(row, "id")
        place = _PLACE.fullmatch(self.table.text(row, "url"))
        if place:
            if not iid and id not in ("", place[2]):
                self._other_ids.setdefault(row.number, id)
            return unquote(place[1]), iid or place[2]
        return "", iid or id

    # --- fields --------------------------------------------------------------------------------

    def _put_state(self, row: Row) -> None:
        """Give an issue its state: closed is done, and labels tell more of what is open."""
        table = self.table
        word = table.text(row, "state").casefold()
        closed = word in _CLOSED or (not word and table.text(row, "finished") != "")
        labels = [label for text in table.texts(row, "labels") for label in items_of(text, ",")]
        place, head = self._place(row), table.head_of("labels")
        said = read_labels(labels, self.tally, row.number, head, place=place, states=not closed)
        self.said[row.number] = said
        state: State = said.state or "todo"
        if closed:
            dropped = [label for label in labels if state_from_word(label) == "dropped"]
            state = "dropped" if dropped else "done"
            for label in dropped[:1]:
                table.readings.note(
                    table.positions("labels")[0], row.number, label, state_word(state)
                )
        # What a label says has been told.
        known = word in _CLOSED | _OPEN and (said.state or state == "dropped")
        table.put_state(row, "state", state, state if known else "")
        for _, column, text in table.cells(row, "labels"):
            if '"' in text or ", " in text:
                why = sentence(
                    "A label may hold a comma; read as {labels}.", labels=" / ".join(labels)
                )
                self.source.warn(row.number, column, text, why, place)

    def _place(self, row: Row) -> str:
        number = self._name(row)[1]
        return f"#{number}" if number else ""

    def _own(self, project: str, row: Row, item: PlanItem) -> None:
        """Give an item what stands in the columns that only GitLab has."""
        table, fields, said = self.table, item.fields, self.said[row.number]
        add_tags(fields, (*said.tags, *table.texts(row, "milestone"), *table.texts(row, "epic")))
        if said.priority:
            fields["priority"] = said.priority
        if said.waiting_for:
            fields["waiting_for"] = said.waiting_for
        author, login = table.text(row, "author"), table.text(row, "author login")
        if author or login:
            fields["requester"] = self.named.called(login, author)
        if people := self._people(row):
            fields["assignee"], *watchers = people
            if watchers:
                fields["watchers"] = watchers
                why = sentence(
                    "A task has one assignee: {first}. The others became watchers.",
                    first=people[0],
                )
                head = table.head_of("assignee")
                self.source.warn(item.row, head, ", ".join(people), why, item.place)
        if project:
            fields["project"] = project.rpartition("/")[2]
        confidential = table.text(row, "confidential")
        secret = ticked(confidential) if confidential else False
        self._confidential += secret is True
        lines = [f"{table.head_of('confidential')}: {confidential}"] if secret is None else []
        add_notes(fields, (*table.texts(row, "url"), *lines, *table.noted(row)))
        for name in ("effort", "spent"):
            # Nobody has estimated or spent anything.
            if not fields.get(name):
                fields.pop(name, None)

    def _people(self, row: Row) -> list[str]:
        """Return who does it; several, if there are as many names as logins."""
        text, login = self.table.text(row, "assignee"), self.table.text(row, "login")
        names, logins = (
            [p.strip() for p in each.split(",") if p.strip()] for each in (text, login)
        )
        if len(names) != len(logins):
            names, logins = [text], [login if len(logins) == 1 else ""]
        return [
            self.named.called(login, name)
            for name, login in zip(names, logins, strict=True)
            if name or login
        ]

    def _parent(self, project: str, row: Row, item: PlanItem) -> None:
        for _, head, text in self.table.cells(row, "parent"):
            parent = self.items.get((project, text.lstrip("#")))
            if parent:
                item.parent = parent.key
                return
            outside(self.table, item, head, text)
        if title := self.table.text(row, "parent title"):
            item.fields.setdefault("phase", title)

    # --- the report ----------------------------------------------------------------------------

    def _tell(self, one: bool) -> None:
        source, head = self.source, self.table.head
        self.tally.tell()
        why = sentence("GitLab does not export links between issues; arrows are to be drawn here.")
        source.warn(0, "", "", why)
        if not one:
            source.warn(head, source.id_column, "", NUMBERED_ANEW)
        if self._other_ids:
            (first, id), *_ = self._other_ids.items()
            why = counted(
                "{n} number differs from that in its address, which counts.",
                "{n} numbers differ from those in their addresses, which count.",
                len(self._other_ids),
            )
            source.warn(first, self.table.head_of("id"), id, why)
        if self._confidential:
            why = counted(
                "{n} issue is confidential in GitLab; here, everybody sees it.",
                "{n} issues are confidential in GitLab; here, everybody sees them.",
                self._confidential,
            )
            source.warn(head, self.table.head_of("confidential"), "", why)
