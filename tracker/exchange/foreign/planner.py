"""Microsoft Planner: a plan exported to Excel, of the basic kind or of the premium one.

Basic plans are boards: tasks in buckets, without links. Premium ones (Project for the web) are
schedules. The heads of some columns are known in English only.
"""

from __future__ import annotations

import re
from typing import Any

from tracker.domain.model import Item
from tracker.domain.sentence import counted, sentence
from tracker.domain.typing.vocabulary import Meanings
from tracker.exchange.cell_values import plain
from tracker.exchange.dialects import ForeignTable
from tracker.exchange.foreign.plan_rows import PlanReader
from tracker.exchange.foreign.plan_table import PlanTable, read_plan
from tracker.exchange.headers import Column
from tracker.exchange.plausibility import some
from tracker.exchange.source import ReadOptions, Source, SourceTask
from tracker.exchange.spreadsheet import Cell, Row

_SHARE = re.compile(r"(\d{1,4})\s*/\s*(\d{1,4})")


class _Rows(PlanReader):
    """The rows of a plan, with checklists of which the file says only how much is done."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._recurring: list[int] = []

    def read(self, place: int, row: Row, task: SourceTask, title_at: int) -> None:
        """Fill a task with what its row says."""
        super().read(place, row, task, title_at)
        checked = task.fields.pop("checked", "")
        if task.fields.pop("recurring", False):
            self._recurring.append(row.number)
        if lines := task.fields.get("checklist", ()):
            task.fields["checklist"] = self._ticked(lines, checked)
        elif checked:
            self._keep(self.columns[self._fields["checked"]], checked)

    def tell(self) -> None:
        """Report what is said once for a column."""
        super().tell()
        if rows := self._recurring:
            why = counted(
                "{n} task recurs there, in row {rows}; the file does not say how often.",
                "{n} tasks recur there, in rows {rows}; the file does not say how often.",
                len(rows),
                rows=some(rows),
            )
            self.source.warn(self.header.row, self._head_of("recurring"), "", why)

    def _field(self, at: int, column: Column, cell: Cell) -> dict[str, Any]:
        if column.field == "checklist":
            texts = (text.strip() for text in plain(cell).split(";"))
            return {"checklist": tuple(Item(text=text) for text in texts if text)}
        return super()._field(at, column, cell)

    def _ticked(self, lines: tuple[Item, ...], checked: str) -> tuple[Item, ...]:
        """Return a checklist with its ticks, where the numbers leave no doubt of them."""
        found = _SHARE.fullmatch(checked)
        done, count = (int(found[1]), int(found[2])) if found else (0, len(lines))
        if count == len(lines) and done in (0, count):
            return tuple(Item(text=each.text, done=done > 0) for each in lines)
        why = sentence(
            "Of the checklist {checked} are done there, and the file does not say which; none is"
            " ticked here.",
            checked=checked,
        )
        head = self.columns[self._fields["checklist"]].head
        self.source.warn(self._row.number, head, checked, why)
        return lines


_PLAN_NAMES = "Plan name, Planname, Project name, Projektname"
_CHECKLIST = "Checklist items, Prüflistenelemente, Checklistenelemente"
_LABELS = "Labels, Bezeichnungen, Etiketten"

_BASIC = PlanTable(
    name="planner",
    schedule=False,
    origin="planner:{unique}",
    above=Meanings({"project": _PLAN_NAMES}),
    reader=_Rows,
    heads=Meanings(
        {
            "unique": "Task ID, Aufgaben-ID, Vorgangs-ID",
            "title": "Task Name, Aufgabenname, Vorgangsname",
            "bucket": "Bucket Name, Bucketname",
            "state": "Progress, Fortschritt, Status",
            "recurring": "Is Recurring, Wird wiederholt, Ist wiederkehrend",
            "computed": "Late, Verspätet, Überfällig",
            "checked": "Completed Checklist Items, Abgeschlossene Prüflistenelemente,"
            " Erledigte Checklistenelemente",
            "checklist": _CHECKLIST,
            "tags": _LABELS,
            "notes": "Description, Beschreibung, Notizen",
        }
    ),
)
_PREMIUM = PlanTable(
    name="planner-premium",
    schedule=True,
    outlined=True,
    above=Meanings(
        {"project": _PLAN_NAMES, "begins": "Project start date, Startdatum des Projekts"}
    ),
    reader=_Rows,
    heads=Meanings(
        {
            "bucket": "Bucketname",
            "id": "Task number, Aufgabennummer, Vorgangsnummer",
            "outline": "Outline number, Gliederungsnummer",
            "title": "Name, Task name, Aufgabenname",
            "assignee": "Assigned to, Zugewiesen an, Zugewiesen zu",
            "start": "Start date, Anfang, Startdatum, Beginn",
            "finish": "Finish date, Ende, Enddatum, Fertigstellung",
            "estimate": "Duration, Dauer",
            "percent": "% complete, % abgeschlossen",
            "needs": "Depends on, Predecessors, Abhängig von, Hängt ab von, Vorgänger",
            "effort": "Aufwand",
            "spent": "Effort completed, Abgeschlossener Aufwand",
            "computed": "Effort remaining, Verbleibender Aufwand, Late, Verspätet",
            "milestone": "Meilenstein",
            "checklist": _CHECKLIST,
            "checked": "Completed checklist items",
            "tags": _LABELS,
        }
    ),
)


def read(table: ForeignTable, options: ReadOptions) -> Source:
    """Return the tasks of a basic plan; raises BadInput."""
    return read_plan(table, options, _BASIC)


def read_premium(table: ForeignTable, options: ReadOptions) -> Source:
    """Return the schedule of a premium plan; raises BadInput."""
    return read_plan(table, options, _PREMIUM)
