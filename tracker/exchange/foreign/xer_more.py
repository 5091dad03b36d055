"""What is assigned to the tasks of a plan in Primavera P6, and what people have added to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tracker.domain.model import Item
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange.foreign.added_fields import AddedFields
from tracker.exchange.foreign.named_people import NamedPeople
from tracker.exchange.foreign.xer_tables import XerRow, day_of_stamp, number_of
from tracker.exchange.outline import PlanItem
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.source import Source

XerTables = Mapping[str, list[XerRow]]


class Assignments:
    """Who and what is on tasks; only people who are on one come with the plan."""

    def __init__(self, tables: XerTables, source: Source, remarks: RepeatedRemarks) -> None:
        self._source, self._remarks = source, remarks
        self._people = NamedPeople(source)
        self._resources = {row.get("rsrc_id", ""): row for row in tables.get("RSRC", [])}
        self._roles = {row.get("role_id", ""): row for row in tables.get("ROLES", [])}
        self._by_task = _by(tables, "TASKRSRC", "task_id")
        self._costs = _by(tables, "PROJCOST", "task_id")
        used = {row.get("rsrc_id", "") for row in tables.get("TASKRSRC", [])}
        for key, row in self._resources.items():
            if key not in used:
                self._remarks.note(0, "", row.get("rsrc_name", ""), _unused, key="unused")
            elif any(row.get(field) for field in ("email_addr", "office_phone", "other_phone")):
                self._remarks.note(0, "", row.get("rsrc_name", ""), _contacts, key="contacts")

    def put(self, item: PlanItem, row: XerRow, hours: float) -> list[str]:
        """Put people and work into a task, and return lines of notes on all else."""
        people: dict[str, None] = {}
        notes: list[str] = []
        effort = spent = 0.0
        for given in self._by_task.get(row.get("task_id", ""), ()):
            resource = self._resources.get(given.get("rsrc_id", ""), {})
            role = self._roles.get(given.get("role_id", ""), {})
            name = resource.get("rsrc_name") or role.get("role_name") or given.get("rsrc_id", "")
            work = max(number_of(given.get("target_qty", "")) or 0.0, 0.0)
            if resource and resource.get("rsrc_type", "RT_Labor") in ("", "RT_Labor"):
                people[self._called(resource)] = None
                done = (number_of(given.get(each, "")) or 0.0 for each in _ACTUAL)
                effort, spent = effort + work, spent + max(sum(done), 0.0)
            elif name:
                notes.append(f"{name}: {work:g}")
                self._remarks.note(item.row, "", notes[-1], _things, key="things", place=item.place)
            if any(number_of(given.get(field, "")) for field in _COSTS):
                self._remarks.note(item.row, "", name, _costs, key="costs", place=item.place)
        if self._costs.get(row.get("task_id", "")):
            self._remarks.note(item.row, "", "", _expenses, key="expenses", place=item.place)
        effort = effort or number_of(row.get("target_work_qty", "")) or 0.0
        spent = spent or number_of(row.get("act_work_qty", "")) or 0.0
        item.fields |= {
            name: round(work / hours, 4)
            for name, work in (("effort", effort), ("spent", spent))
            if work > 0
        }
        self._put_people(item, [*filter(None, people)])
        return notes

    def _called(self, resource: XerRow) -> str:
        name, short = (resource.get(key, "").strip() for key in ("rsrc_name", "rsrc_short_name"))
        # What the program counts up is what nobody calls a person.
        known = len(short) > 1 and short.replace(".", "").replace("-", "").isalpha()
        return self._people.called(short if known and short != name else name or short, name)

    def _put_people(self, item: PlanItem, people: list[str]) -> None:
        if not people:
            return
        first, *others = people
        item.fields |= {"assignee": first, "watchers": others}
        if others:
            why = sentence(
                "A task has one assignee: {first}. The others became watchers.", first=first
            )
            self._source.warn(item.row, "", ", ".join(people), why, item.place)


class AddedValues:
    """Notebooks, steps, activity codes and fields that people have added to tasks."""

    def __init__(self, tables: XerTables, source: Source, remarks: RepeatedRemarks) -> None:
        self._source, self._remarks = source, remarks
        self._added = AddedFields(source, lambda _name, text, _row, _place: day_of_stamp(text))
        self._memos = _by(tables, "TASKMEMO", "task_id")
        self._topics = {row.get("memo_type_id"): row for row in tables.get("MEMOTYPE", [])}
        self._steps = _by(tables, "TASKPROC", "task_id")
        self._codes = {row.get("actv_code_id"): row for row in tables.get("ACTVCODE", [])}
        self._kinds = {row.get("actv_code_type_id"): row for row in tables.get("ACTVTYPE", [])}
        self._coded = _by(tables, "TASKACTV", "task_id")
        self._types = {
            row.get("udf_type_id"): row
            for row in tables.get("UDFTYPE", [])
            if row.get("table_name", "TASK") == "TASK"
        }
        self._choices = {row.get("udf_code_id"): row for row in tables.get("UDFCODE", [])}
        self._values = _by(tables, "UDFVALUE", "fk_id")
        others = [
            row
            for row in tables.get("UDFVALUE", [])
            if self._types and row.get("udf_type_id") not in self._types
        ]
        for row in others:
            value = row.get("udf_text") or row.get("udf_number") or row.get("udf_date")
            self._remarks.note(0, "UDFVALUE", value, _elsewhere)

    def put(self, item: PlanItem, key: str) -> Iterator[str]:
        """Put what is understood into fields of a task; walk over lines of notes for the rest."""
        steps = sorted(
            self._steps.get(key, ()), key=lambda row: number_of(row.get("seq_num", "")) or 0
        )
        if steps:
            item.fields["checklist"] = tuple(
                Item(text=row.get("proc_name", ""), done=row.get("complete_flag") == "Y")
                for row in steps
            )
        for row in self._memos.get(key, ()):
            topic = self._topics.get(row.get("memo_type_id"), {}).get("memo_type", "")
            memo = row.get("task_memo", "").strip()
            if "<" in memo:
                self._remarks.note(item.row, "", topic, _marked, key="marked", place=item.place)
            if memo:
                yield f"{topic}: {memo}" if topic else memo
        for row in self._coded.get(key, ()):
            code = self._codes.get(row.get("actv_code_id"), {})
            kind = self._kinds.get(code.get("actv_code_type_id"), {}).get("actv_code_type", "")
            name = code.get("actv_code_name") or code.get("short_name") or ""
            yield from self._value(item, kind or "TASKACTV", name or row.get("actv_code_id", ""))
        for row in self._values.get(key, ()):
            kind = self._types.get(row.get("udf_type_id"), {}).get("udf_type_label", "")
            if self._types and not kind:
                continue
            choice = self._choices.get(row.get("udf_code_id"), {})
            text = choice.get("udf_code_name") or choice.get("short_name") or ""
            text = text or row.get("udf_text") or row.get("udf_date") or row.get("udf_number") or ""
            yield from self._value(item, kind or "UDFVALUE", text)

    def _value(self, item: PlanItem, name: str, text: str) -> Iterator[str]:
        taken = text and self._added.take(name, text, item.fields, item.row, item.place)
        if text and not taken:
            self._remarks.note(item.row, name, text, _noted, place=item.place)
            yield f"{name}: {text}"


_ACTUAL = ("act_reg_qty", "act_ot_qty")
_COSTS = ("target_cost", "act_reg_cost", "act_ot_cost", "remain_cost")


def _by(tables: XerTables, table: str, key: str) -> dict[str, list[XerRow]]:
    found: dict[str, list[XerRow]] = {}
    for row in tables.get(table, []):
        found.setdefault(row.get(key, ""), []).append(row)
    return found


def _unused(count: int) -> Sentence:
    return counted(
        "{n} resource without a task was left out.",
        "{n} resources without a task were left out.",
        count,
    )


def _contacts(count: int) -> Sentence:
    return counted(
        "Mail address or phone number of {n} person were not imported.",
        "Mail addresses or phone numbers of {n} people were not imported.",
        count,
    )


def _things(count: int) -> Sentence:
    return counted(
        "{n} role, machine or material is in the notes of its task.",
        "{n} roles, machines or materials are in the notes of their tasks.",
        count,
    )


def _costs(count: int) -> Sentence:
    return counted(
        "The costs of {n} assignment were not imported.",
        "The costs of {n} assignments were not imported.",
        count,
    )


def _expenses(count: int) -> Sentence:
    return counted(
        "The expenses of {n} task were not imported.",
        "The expenses of {n} tasks were not imported.",
        count,
    )


def _marked(count: int) -> Sentence:
    return counted(
        "{n} note keeps its HTML.",
        "{n} notes keep their HTML.",
        count,
    )


def _elsewhere(count: int) -> Sentence:
    return counted(
        "{n} value that was added to something else than a task was not imported.",
        "{n} values that were added to something else than tasks were not imported.",
        count,
    )


def _noted(count: int) -> Sentence:
    return counted(
        "There is no field for this column; its value is in the notes of {n} task.",
        "There is no field for this column; its values are in the notes of {n} tasks.",
        count,
    )
