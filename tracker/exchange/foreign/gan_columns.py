"""The columns that people have added to a plan in GanttProject: fields of tasks, or notes."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tracker.domain.sentence import Sentence, counted
from tracker.exchange.foreign.added_fields import AddedFields
from tracker.exchange.foreign.gan_calendar import day_in
from tracker.exchange.outline import PlanItem
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.source import Source


class GanColumns:
    """The columns of a plan; what one is worked out by from others is not read."""

    def __init__(self, root: Element, source: Source, remarks: RepeatedRemarks) -> None:
        self._remarks = remarks
        self._added = AddedFields(source, lambda _name, text, _row, _place: day_in(text[:10]))
        self._named = {
            each.get("id", ""): each
            for each in root.iterfind("tasks/taskproperties/taskproperty")
            if each.get("type") == "custom"
        }

    def read(self, task: Element, item: PlanItem) -> Iterator[str]:
        """Put the values of a task into fields of ours; walk over lines of notes for the others."""
        for given in task.iterfind("customproperty"):
            column = self._named.get(given.get("taskproperty-id", ""))
            name = given.get("taskproperty-id", "") if column is None else column.get("name", "")
            text = given.get("value", "").strip()
            if not text or (column is not None and _says_nothing(column, text)):
                continue
            if not self._added.take(name, text, item.fields, item.row, item.place):
                self._remarks.note(item.row, name, text, _noted, place=item.place)
                yield f"{name}: {text}"


def _says_nothing(column: Element, text: str) -> bool:
    """Return whether a value is that of all tasks, or one that is worked out."""
    if column.find("simple-select") is not None or text == column.get("defaultvalue"):
        return True
    return column.get("valuetype") == "boolean" and text == "false"


def _noted(count: int) -> Sentence:
    return counted(
        "There is no field for this column; its value is in the notes of {n} task.",
        "There is no field for this column; its values are in the notes of {n} tasks.",
        count,
    )
