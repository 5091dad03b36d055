"""Plans of Primavera P6, as it exports them in XER.

Durations, lags and work are hours; a working day has those of a calendar of the file. Oracle,
"Primavera P6 Database Reference", has the fields by the same names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from tracker.domain.calendar import Calendar
from tracker.domain.model import Priority
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange.foreign.project_constraints import constrained
from tracker.exchange.foreign.xer_calendars import WorkCalendars
from tracker.exchange.foreign.xer_fields import COMPUTED, REPORTED, TAKEN
from tracker.exchange.foreign.xer_more import AddedValues, Assignments
from tracker.exchange.foreign.xer_tables import XerRow, day_of_stamp, number_of, read_tables
from tracker.exchange.ledger import Ledger
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.references import RelationKind
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.settling import settled
from tracker.exchange.source import ReadOptions, Source, nothing_in
from tracker.language import said_in

_KINDS: dict[str, RelationKind] = {
    "": "FS",
    "PR_FS": "FS",
    "PR_SS": "SS",
    "PR_FF": "FF",
    "PR_SF": "SF",
}
_PRIORITIES: dict[str, Priority] = {
    "PT_Top": "critical",
    "PT_High": "high",
    "": "medium",
    "PT_Normal": "medium",
    "PT_Low": "low",
    "PT_Lowest": "low",
}
_MILESTONES = ("TT_Mile", "TT_FinMile")
_LEVEL_OF_EFFORT, _SUMMARY = "TT_LOE", "TT_WBS"
# Constraints by their numbers in Microsoft Project.
_CONSTRAINTS = {
    "CS_ALAP": 1,
    "CS_MSO": 2,
    "CS_MANDSTART": 2,
    "CS_MEO": 3,
    "CS_MANDFIN": 3,
    "CS_MSOA": 4,
    "CS_MSOB": 5,
    "CS_MEOA": 6,
    "CS_MEOB": 7,
}
# Told where their tasks are.
_EXPENSES = "PROJCOST"
# The fields of the tables that are read, and those that are of no use.
_KNOWN: dict[str, set[str]] = {}
for _name in (*TAKEN, *COMPUTED, *REPORTED):
    _KNOWN.setdefault(_name.partition("/")[0], set()).add(_name.partition("/")[2])
_UNUSED = frozenset(COMPUTED)
_STATES = {"TK_NotStart": "todo", "TK_Active": "doing", "TK_Complete": "done"}


def read(data: bytes, file: str, options: ReadOptions) -> Source:
    """Return the tasks and arrows of a plan; raises BadInput."""
    return _Reader(data, file, options).read()


class _Reader:
    def __init__(self, data: bytes, file: str, options: ReadOptions) -> None:
        self.source, self.options = Source(file), options
        self.tables = read_tables(data, self.source, options.encoding, _is_wanted)
        if not self.rows("TASK"):
            raise nothing_in(file)
        self.remarks = RepeatedRemarks(self.source)
        self.outline = Outline(self.source, schedule=True)
        self.calendars = WorkCalendars(self.rows("CALENDAR"))
        self.projects = {row.get("proj_id", ""): row for row in self.rows("PROJECT")}
        self.names = self._named_projects()
        self.parts = {row.get("wbs_id", ""): row for row in self.rows("PROJWBS")}
        self.assignments = Assignments(self.tables, self.source, self.remarks)
        self.added = AddedValues(self.tables, self.source, self.remarks)
        self.days = Calendar.of(options.ws)
        self.places: dict[str, str] = {}

    def rows(self, table: str) -> list[XerRow]:
        """Return the rows of a table."""
        return self.tables.get(table, [])

    def read(self) -> Source:
        """Fill the source."""
        for number, row in enumerate(self.rows("TASK"), 1):
            if row.get("task_type") == _SUMMARY:
                self.remarks.note(number, "task_type", _SUMMARY, _summed)
            else:
                self.outline.items.append(self._task(number, row))
        self._put_parts()
        self._put_calendar()
        self.outline.relations += self._relations()
        self._account()
        self.remarks.tell()
        return settled(self.outline, self.options)

    # --- tasks ---------------------------------------------------------------------------------

    def _task(self, number: int, row: XerRow) -> PlanItem:
        code = row.get("task_code", "").strip()
        project = self.projects.get(row.get("proj_id", ""), {})
        part = row.get("wbs_id", "")
        item = PlanItem(
            row.get("task_id", "") or f"#{number}",
            number,
            place=code or f"task {number}",
            origin=f"p6:{project.get('proj_short_name', '')}:{code}" if code else "",
            parent=part if part in self.parts else None,
            number=code,
            fields={"title": row.get("task_name", "")},
            opening=_begin(project),
        )
        self.places[item.key] = item.place
        item.fields["priority"] = self._priority(item, row)
        name = self.names.get(row.get("proj_id", ""), "")
        if len(self.projects) > 1 and name:
            item.fields["project"] = name
        else:
            self.source.project = self.source.project or name or None
        self._put_progress(item, row)
        self._put_duration(item, row)
        notes = self.assignments.put(item, row, self._hours(row))
        notes += self._remaining(item, row)
        notes += self.added.put(item, row.get("task_id", ""))
        item.fields["notes"] = "\n".join(filter(None, notes))
        self._constrain(item, row)
        return item

    def _unread(self, item: PlanItem, field: str, text: str) -> None:
        why = sentence("This could not be read; it was left out.")
        self.source.warn(item.row, field, text, why, item.place)

    def _number(self, item: PlanItem, row: XerRow, field: str) -> float | None:
        text = row.get(field, "").strip()
        found = number_of(text)
        if text and found is None:
            self._unread(item, field, text)
        return found

    def _day(self, item: PlanItem, row: XerRow, *fields: str) -> date | None:
        """Return the first day that there is in some fields."""
        for field in fields:
            text = row.get(field, "").strip()
            day = day_of_stamp(text)
            if day is not None:
                return day
            if text:
                self._unread(item, field, text)
        return None

    def _hours(self, row: XerRow) -> float:
        """Return the hours of a working day of a task."""
        project = self.projects.get(row.get("proj_id", ""), {})
        return self.calendars.hours(row.get("clndr_id", "") or project.get("clndr_id", ""))

    def _put_duration(self, item: PlanItem, row: XerRow) -> None:
        kind = row.get("task_type", "")
        hours = self._number(item, row, "target_drtn_hr_cnt")
        if kind in _MILESTONES:
            item.fields["likely"] = 0.0
        elif hours is not None and hours >= 0:
            item.fields["likely"] = round(hours / self._hours(row), 4)
        elif hours is not None:
            self._unread(item, "target_drtn_hr_cnt", row.get("target_drtn_hr_cnt", ""))
        # Planned dates are those of the last scheduling until the task begins.
        item.start = self._day(item, row, "act_start_date", "target_start_date", "early_start_date")
        finishes = ("act_end_date", "target_end_date", "early_end_date")
        if item.began:
            finishes = ("act_end_date", "early_end_date", "target_end_date")
        item.finish = self._day(item, row, *finishes)

    def _put_progress(self, item: PlanItem, row: XerRow) -> None:
        status = row.get("status_code", "").strip()
        item.began = self._day(item, row, "act_start_date")
        item.ended = self._day(item, row, "act_end_date")
        if status in _STATES:
            item.fields["state"] = _STATES[status]
        elif status:
            self._unread(item, "status_code", status)
        item.percent = self._percent(item, row, status)
        if row.get("suspend_date") and not row.get("resume_date") and status == "TK_Active":
            item.fields["state"] = "waiting"
            why = sentence("The task is suspended; it waits here.")
            self.source.approximate(item.row, "suspend_date", row["suspend_date"], why, item.place)

    def _percent(self, item: PlanItem, row: XerRow, status: str) -> float | None:
        """Return how much is done, by what the task is measured by."""
        if status != "TK_Active":
            return 100.0 if status == "TK_Complete" else None
        match row.get("complete_pct_type", ""):
            case "CP_Phys":
                done, whole = self._number(item, row, "phys_complete_pct"), 100.0
            case "CP_Units":
                done = self._number(item, row, "act_work_qty") or 0.0
                whole = done + (self._number(item, row, "remain_work_qty") or 0.0)
            case _:
                whole = self._number(item, row, "target_drtn_hr_cnt") or 0.0
                done = whole - (self._number(item, row, "remain_drtn_hr_cnt") or 0.0)
        if not whole or done is None:
            return None
        # What runs longer than planned is not less than begun, and not done before it is said.
        return round(min(max(100 * done / whole, 0.0), 99.0), 1)

    def _remaining(self, item: PlanItem, row: XerRow) -> list[str]:
        """Return the line of the notes on how long a task that has begun still takes."""
        hours = self._number(item, row, "remain_drtn_hr_cnt")
        if row.get("status_code") != "TK_Active" or not hours:
            return []
        days = hours / self._hours(row)
        left = sentence("Remaining: {days} days", days=f"{days:.4g}")
        told = said_in(self.options.language, left)
        self.remarks.note(item.row, "", told, _left, key="left", place=item.place)
        return [told]

    def _priority(self, item: PlanItem, row: XerRow) -> Priority:
        text = row.get("priority_type", "").strip()
        if text not in _PRIORITIES:
            self._unread(item, "priority_type", text)
        if text == "PT_Lowest":
            self.remarks.note(item.row, "priority_type", text, _lowest, near=True, place=item.place)
        return _PRIORITIES.get(text, "medium")

    def _constrain(self, item: PlanItem, row: XerRow) -> None:
        for kind, day in (("cstr_type", "cstr_date"), ("cstr_type2", "cstr_date2")):
            text = row.get(kind, "").strip()
            if not text:
                continue
            number = _CONSTRAINTS.get(text)
            at = self._day(item, row, day)
            if number is None or (at is None and number != 1):
                self._unread(item, kind, text)
                continue
            for why in constrained(number, at, item.fields, self.days):
                self.source.approximate(item.row, kind, text, why, item.place)
        if expected := row.get("expect_end_date", "").strip():
            why = sentence("An expected finish is not taken.")
            self.source.warn(item.row, "expect_end_date", expected, why, item.place)

    # --- what tasks are parts of ---------------------------------------------------------------

    def _named_projects(self) -> dict[str, str]:
        """Return what projects are called: as the root of their breakdown is."""
        roots = {
            row.get("proj_id", ""): row.get("wbs_name", "")
            for row in self.rows("PROJWBS")
            if row.get("proj_node_flag") == "Y"
        }
        names = {key: row.get("proj_short_name", "") for key, row in self.projects.items()}
        return {key: " ".join((roots.get(key) or name).split()) for key, name in names.items()}

    def _put_parts(self) -> None:
        """Put the parts of the breakdown that have tasks above these; the root is the project."""
        used: set[str] = set()
        for item in self.outline.items:
            key = item.parent
            while key in self.parts and key not in used:
                used.add(key)
                key = self.parts[key].get("parent_wbs_id", "")
        roots = {key for key in used if self.parts[key].get("proj_node_flag") == "Y"}
        for item in self.outline.items:
            item.parent = f"wbs:{item.parent}" if item.parent and item.parent not in roots else None
        summaries = []
        for key in (key for key in self.parts if key in used - roots):
            row = self.parts[key]
            above = row.get("parent_wbs_id", "")
            summaries.append(
                PlanItem(
                    f"wbs:{key}",
                    0,
                    place=row.get("wbs_short_name", ""),
                    parent=f"wbs:{above}" if above in used - roots else None,
                    fields={"title": row.get("wbs_name") or row.get("wbs_short_name", "")},
                )
            )
        self.outline.items[:0] = summaries

    def _put_calendar(self) -> None:
        """Tell the week, the day and the free days of the calendar of the first project."""
        items = [item for item in self.outline.items if item.start is not None]
        project = next(iter(self.projects.values()), {})
        key = project.get("clndr_id", "")
        self.outline.minutes = self.calendars.hours(key) * 60
        self.outline.week = self.calendars.week(key)
        begins = [begin for row in self.projects.values() if (begin := _begin(row))]
        self.outline.start = min(begins, default=None)
        if items:
            first = min(item.start for item in items if item.start)
            last = max(item.finish or item.start for item in items if item.start)
            free = self.calendars.free_days(key)
            self.outline.free_days = frozenset(day for day in free if first <= day <= last)
        others = {row.get("clndr_id", "") for row in self.rows("TASK")} - {key, ""}
        for each in sorted(others):
            name = self.calendars.name(each)
            self.remarks.note(0, "", name, _calendars, key="calendars")

    # --- relations -----------------------------------------------------------------------------

    def _relations(self) -> Iterator[Relation]:
        kinds = {row.get("task_id", ""): row.get("task_type", "") for row in self.rows("TASK")}
        rows = {item.key: item.row for item in self.outline.items}
        options = {row.get("proj_id", ""): row for row in self.rows("SCHEDOPTIONS")}
        tasks = {row.get("task_id", ""): row for row in self.rows("TASK")}
        for number, row in enumerate(self.rows("TASKPRED"), 1):
            source, target = row.get("pred_task_id", ""), row.get("task_id", "")
            kind = _KINDS.get(row.get("pred_type", "").strip())
            hours = number_of(row.get("lag_hr_cnt", "") or "0")
            text = f"{self.places.get(source, source)} → {self.places.get(target, target)}"
            text += f" {row.get('pred_type', '').removeprefix('PR_')}"
            if {kinds.get(source), kinds.get(target)} & {_LEVEL_OF_EFFORT, _SUMMARY}:
                place = self.places.get(target, "")
                self.remarks.note(rows.get(target, 0), "", text, _effort, key="effort", place=place)
                continue
            if kind is None or hours is None or not (source and target):
                why = sentence("This could not be read; it was left out.")
                said = " ".join(filter(None, (text, row.get("lag_hr_cnt", ""))))
                self.source.warn(rows.get(target, 0), "TASKPRED", said, why)
                continue
            if note := row.get("comments", "").strip():
                self.remarks.note(rows.get(target, 0), "", note, _comments, key="comments")
            how = options.get(row.get("proj_id", ""), {})
            lag, unit = self._lag(hours, how, tasks.get(source, {}), tasks.get(target, {}))
            text += f" {hours:+g} h" if hours else ""
            yield Relation(
                source,
                target,
                kind,
                lag,
                unit,
                row=rows.get(target, rows.get(source, number)),
                text=text,
            )

    def _lag(self, hours: float, how: XerRow, source: XerRow, target: XerRow) -> tuple[float, Any]:
        """Return a lag in days, and which: hours are those of the calendar that is set for lags."""
        match how.get("sched_calendar_on_relationship_lag", ""):
            case "rcal_24Hour":
                return hours / 24, "elapsed" if hours else "days"
            case "rcal_Successor":
                day = self._hours(target)
            case "rcal_ProjDefault":
                day = self._hours({"proj_id": target.get("proj_id", "")})
            case _:
                day = self._hours(source or target)
        return round(hours / day, 4), "days"

    # --- what is left --------------------------------------------------------------------------

    def _account(self) -> None:
        """Report what in the file nothing has become of: fields, and tables that are not read."""
        ledger = Ledger(self.source, taken=TAKEN, computed=COMPUTED, reported=REPORTED)
        unread: list[str] = []
        for table, rows in self.tables.items():
            if table not in _KNOWN:
                unread += [f"{table} ({len(rows)})"] if rows and table != _EXPENSES else []
                continue
            for number, row in enumerate(rows, 1):
                for field in row.keys() - _KNOWN[table]:
                    at = number if table == "TASK" else 0
                    ledger.saw(f"{table}/{field}", row[field], at, row.get("task_code", ""))
        if unread:
            why = counted(
                "{n} table of the file was not read: {tables}",
                "{n} tables of the file were not read: {tables}",
                len(unread),
                tables=", ".join(unread),
            )
            self.source.warn(0, "", "", why)
        ledger.close()


def _is_wanted(table: str, field: str) -> bool:
    """Return whether the values of a field are needed, be it to report them."""
    if table == _EXPENSES:
        return field == "task_id"
    return table in _KNOWN and f"{table}/{field}" not in _UNUSED


def _begin(project: XerRow) -> date | None:
    """Return the day before which the program puts nothing that has not begun."""
    days = (
        day_of_stamp(project.get(field, "")) for field in ("plan_start_date", "last_recalc_date")
    )
    return max(filter(None, days), default=None)


def _summed(count: int) -> Sentence:
    return counted(
        "{n} summary of the breakdown was left out; its dates are those of its parts.",
        "{n} summaries of the breakdown were left out; their dates are those of their parts.",
        count,
    )


def _effort(count: int) -> Sentence:
    return counted(
        "{n} arrow of an accompanying task (LOE) was not drawn: it lasts as long as the others.",
        "{n} arrows of accompanying tasks (LOE) were not drawn: these last as long as the others.",
        count,
    )


def _left(count: int) -> Sentence:
    return counted(
        "{n} task has begun: its duration is that of the plan, the rest is in its notes.",
        "{n} tasks have begun: their durations are those of the plan, the rest is in their notes.",
        count,
    )


def _lowest(count: int) -> Sentence:
    return counted(
        "The lowest priority of {n} task was read as low.",
        "The lowest priority of {n} tasks was read as low.",
        count,
    )


def _comments(count: int) -> Sentence:
    return counted(
        "The comment on {n} arrow was not imported.",
        "The comments on {n} arrows were not imported.",
        count,
    )


def _calendars(count: int) -> Sentence:
    return counted(
        "Tasks have {n} calendar besides that of the project; its hours count, not its free days.",
        "Tasks have {n} calendars besides that of the project; their hours count, not their free"
        " days.",
        count,
    )
