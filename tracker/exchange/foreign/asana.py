"""Asana: a project exported as CSV, or synchronised with a sheet of Google's.

A task names its parent and those it waits for by their names, with commas between them; names hold
commas too, and several tasks may have one name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracker.domain.model import State
from tracker.domain.sentence import counted, sentence
from tracker.domain.typing.vocabulary import meaning_key, state_from_word
from tracker.exchange.dialects import ForeignTable
from tracker.exchange.foreign.issue_table import Columns, IssueTable, add_notes, add_tags, outside
from tracker.exchange.outline import PlanItem, Relation
from tracker.exchange.source import ReadOptions, Source
from tracker.exchange.spreadsheet import Row

_COLUMNS = Columns(
    fields={
        "title": "Name",
        "created": "Created At",
        "finished": "Completed At",
        "modified": "Last Modified",
        "not_before": "Start Date",
        "due": "Due Date",
        "tags": "Tags",
        "notes": "Notes",
    },
    own={
        "key": "Task ID",
        "section": "Section/Column, Section, Column",
        "assignee": "Assignee",
        "projects": "Projects",
        "parent": "Parent task",
        "before": "Blocked By (Dependencies)",
        "behind": "Blocking (Dependencies)",
        "status": "Status, Task Progress, Task Status, Progress",
    },
    says={
        "key": "id",
        "section": "phase",
        "assignee": "assignee",
        "projects": "project",
        "parent": "parent",
        "before": "needs",
        "behind": "blocks",
        "status": "state",
    },
    computed="Assignee Email",
)
# No name with more commas is looked for in a list.
_MOST_PARTS = 20
# What stands for the tasks above the first section.
_NO_SECTION = frozenset(("", "untitledsection", "nosection"))


def read(table: ForeignTable, options: ReadOptions) -> Source:
    """Return the tasks of an export; raises BadInput."""
    return _Tasks(IssueTable(table, options, _COLUMNS.role)).read()


class _Names:
    """Names that may stand in lists with commas between them."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = frozenset(filter(None, known))
        commas = max((name.count(",") for name in self.known), default=0)
        self._most = min(1 + commas, _MOST_PARTS)

    def divided(self, text: str, but: str = "") -> Iterator[str]:
        """Walk over the names in a list, the longest known one first wherever one begins.

        What is `but` a list, and no name, is not taken for one.
        """
        parts = text.split(",")
        while parts:
            ends = range(min(self._most, len(parts)), 0, -1)
            names = [",".join(parts[:end]).strip() for end in ends]
            known = (each for each in names if each in self.known and each != but)
            name = next(known, names[-1])
            del parts[: 1 + name.count(",")]
            if name:
                yield name


class _Tasks:
    """The tasks of one export."""

    def __init__(self, table: IssueTable) -> None:
        self.table, self.source = table, table.source
        self.items: list[PlanItem] = []
        self.rows: dict[str, Row] = {}
        # Of each name, the tasks that have it.
        self.named: dict[str, list[PlanItem]] = {}
        self.relations: dict[tuple[str, str], Relation] = {}
        # Names that several tasks have, where a task waits for one or one waits for it.
        self._doubtful: list[tuple[PlanItem, str, str, bool, list[PlanItem]]] = []
        self._projects = _Names(table.text(row, "projects") for row in table.rows)

    def read(self) -> Source:
        """Return all of it."""
        table = self.table
        for row in table.rows:
            table.put_state(row, "status", self._state(row))
        for row, task in table.tasks():
            id = table.text(row, "key")
            key = id or f"row {row.number}"
            if key in self.rows:
                first = self.rows[key].number
                why = sentence("The row repeats {name}, which is in row {row}.", name=id, row=first)
                self.source.skip(row.number, why, id)
                continue
            origin = f"asana:{id}" if id else ""
            item = PlanItem(key, row.number, id, origin, fields=task.fields, unread=task.unread)
            self.items.append(item)
            self.rows[key] = row
            self.named.setdefault(task.fields["title"], []).append(item)
        names = _Names(self.named)
        for item in self.items:
            row = self.rows[item.key]
            if assignee := table.text(row, "assignee"):
                item.fields["assignee"] = assignee
            section = table.text(row, "section")
            if meaning_key(section) not in _NO_SECTION:
                item.fields.setdefault("phase", section)
                item.lanes["section"] = section
            self._in_projects(row, item)
            self._parent(row, item)
            self._links(row, item, names)
        self._settle_doubts()
        self._hand_down_projects()
        self._tell()
        return table.plan(self.items, list(self.relations.values()))

    def _state(self, row: Row) -> State:
        """Return the state: done if it was completed, else what a column of it may say."""
        if self.table.text(row, "finished"):
            return "done"
        words = (self.table.text(row, "status"), self.table.text(row, "section"))
        found = [state for word in words if (state := state_from_word(word))]
        return found[0] if found and found[0] in ("doing", "waiting", "dropped") else "todo"

    # --- names ---------------------------------------------------------------------------------

    def _in_projects(self, row: Row, item: PlanItem) -> None:
        """Put a task into its first project; the others become tags."""
        text = self.table.text(row, "projects")
        first, *others = list(self._projects.divided(text, but=text)) or [""]
        if not (others and self._projects.known & {first, *others}):
            # Of no part it is known that it is a project.
            first, others = text, []
        if first:
            item.fields["project"] = first
        if others:
            add_tags(item.fields, others)
            why = sentence("A task has one project: {first}. The others became tags.", first=first)
            self.source.warn(item.row, self.table.head_of("projects"), text, why, item.place)

    def _hand_down_projects(self) -> None:
        """Put subtasks, whose project Asana leaves out, into that of what they are part of."""
        by_key = {item.key: item for item in self.items}
        every = {item.fields["project"] for item in self.items if item.fields.get("project")}
        for item in self.items:
            above, seen = item, {item.key}
            while not above.fields.get("project") and above.parent and above.parent not in seen:
                seen.add(above.parent)
                above = by_key[above.parent]
            project = above.fields.get("project") or (next(iter(every)) if len(every) == 1 else "")
            if project:
                item.fields["project"] = project

    def _parent(self, row: Row, item: PlanItem) -> None:
        for _, head, text in self.table.cells(row, "parent"):
            found = [each for each in self.named.get(text, ()) if each is not item]
            if len(found) == 1:
                item.parent = found[0].key
            elif found:
                self._several(item, head, text)
            else:
                outside(self.table, item, head, text)
                item.fields.setdefault("phase", text)

    def _links(self, row: Row, item: PlanItem, names: _Names) -> None:
        for name, comes_before in (("before", True), ("behind", False)):
            for _, head, text in self.table.cells(row, name):
                for called in names.divided(text):
                    others = [each for each in self.named.get(called, ()) if each is not item]
                    if not others:
                        outside(self.table, item, head, called)
                    elif len(others) == 1:
                        self._need(item, head, called, comes_before, others[0])
                    else:
                        self._doubtful.append((item, head, called, comes_before, others))

    def _need(
        self, item: PlanItem, head: str, text: str, comes_before: bool, other: PlanItem
    ) -> None:
        ends = (other.key, item.key) if comes_before else (item.key, other.key)
        relation = Relation(*ends, row=item.row, column=head, text=text)
        self.relations.setdefault(ends, relation)

    def _settle_doubts(self) -> None:
        """Report names of several tasks, but where one of these says the same from its end."""
        for item, head, text, comes_before, others in self._doubtful:
            ends = [(each.key, item.key) for each in others]
            told = [pair if comes_before else pair[::-1] for pair in ends]
            if not any(pair in self.relations for pair in told):
                self._several(item, head, text)

    def _several(self, item: PlanItem, head: str, text: str) -> None:
        why = sentence("There are several tasks {name} in this list.", name=text[:100])
        self.source.warn(item.row, head, text, why, item.place)
        add_notes(item.fields, [f"{head}: {text}"])

    # --- the report ----------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say what unit numbers have that Asana writes without one."""
        for column in list(self.source.columns.values()):
            if column.field not in ("estimate", "effort", "spent", "low", "likely", "high"):
                continue
            names = ("low", "likely", "high") if column.field == "estimate" else (column.field,)
            known = [item for item in self.items if any(n in item.fields for n in names)]
            if known:
                why = counted(
                    "{n} number without a unit was read as days.",
                    "{n} numbers without a unit were read as days.",
                    len(known),
                )
                self.source.approximate(known[0].row, column.head, "", why, known[0].place)
