"""One task of a plan in Microsoft Project: its estimate, progress, people, days and notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, time, timedelta

import msgspec

from tracker.domain.calendar import Calendar
from tracker.domain.fields import BY_NAME
from tracker.domain.model import Item, PlannedTask, State
from tracker.domain.sentence import Sentence, counted, dated, sentence
from tracker.domain.status import state_word
from tracker.exchange.foreign.mspdi_columns import ProjectColumns
from tracker.exchange.foreign.mspdi_people import Team, costs, first_person, planned, said
from tracker.exchange.foreign.mspdi_values import (
    ProjectRecord,
    is_elapsed,
    is_share,
    moment,
    number,
    utc,
    whole,
)
from tracker.exchange.foreign.project_constraints import constrained, priority_of
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.references import RelationKind
from tracker.language import said_in

_KINDS: dict[str, RelationKind] = {"0": "FF", "1": "FS", "2": "SF", "3": "SS"}
_FOUR_STEPS = frozenset((300, 500, 700, 900))
_ITEM = re.compile(r"\[([x ])\] (.+)")
_LONGEST_NAME = 512
# What a state may be that is more than what Project says.
_FINER: dict[State, tuple[State, ...]] = {
    "todo": ("todo", "waiting"),
    "doing": ("doing", "waiting"),
    "done": ("done", "recheck"),
    "dropped": ("dropped",),
}
_UNDER_WAY: tuple[State, ...] = ("todo", "doing", "waiting")


class PlanContext(msgspec.Struct):
    """What all tasks of a plan share, and what is found in them on the way.

    What of it is put into words for the notes is in the `language`, that in use where it is empty.
    `own` is set for a plan that went out from here; `evening` is when a day is over. `assignments`
    are those of tasks by UID, `ids` what people call these. `placeholders` are moments that stand
    where there is none. Counted is what is told once for all; `returns` are the texts of that
    column by the number of the task, `baselines` the rows of each.
    """

    outline: Outline
    calendar: Calendar
    columns: ProjectColumns
    team: Team
    language: str = ""
    assignments: dict[str, list[ProjectRecord]] = {}
    ids: dict[str, str] = {}
    origin: str = ""
    own: bool = False
    evening: time = time(17)
    placeholders: set[str] = set()
    counts: Counter[str] = msgspec.field(default_factory=Counter)
    returns: dict[str, str] = {}
    baselines: dict[int, list[PlannedTask]] = {}


class TaskReader:
    """Reads the tasks of one plan, one by one."""

    def __init__(self, plan: PlanContext) -> None:
        self.plan, self.outline, self.source = plan, plan.outline, plan.outline.source
        self._open: list[tuple[int, str]] = []

    def read(self, record: ProjectRecord) -> None:
        """Put a task into the outline, or leave out what is none; `record` is not the root."""
        row = whole(record.text("ID")) or 0
        uid = record.text("UID").strip()
        place = f"UID {uid}" if uid and not row else ""
        if record.yes("IsNull") or not (record.text("Name").strip() or record.text("Duration")):
            self.plan.counts["blank"] += 1
            return
        if record.yes("ExternalTask"):
            why = sentence("This task belongs to another project; it was left out.")
            self.source.skip(row, why, place or record.text("Name"))
            return
        key = uid or f"#{len(self.outline.items)}"
        item = PlanItem(key, row, place, number=record.text("ID").strip() or uid)
        item.wanted = row or None
        item.parent = self._parent(record, key)
        item.origin = "" if self.plan.own or not uid else f"mspdi:{self.plan.origin}#{uid}"
        item.fields = {"title": record.text("Name"), "priority": self._priority(record)}
        notes = [record.text("Notes")]
        self._durations(record, item)
        self._custom(record, item, notes)
        self._progress(record, item)
        self._work(record, item, notes)
        self._dates(record, item)
        self._links(record, item)
        notes += self._more(record, item)
        text = "\n".join(filter(None, (each.strip("\n") for each in notes)))
        self._notes(item, text)
        self._planned(record, item)
        if created := utc(record.text("CreateDate")):
            item.fields["created"] = created
        self.outline.items.append(item)

    def _approximate(self, item: PlanItem, value: object, why: Sentence, column: str = "") -> None:
        self.source.approximate(item.row, column, value, why, item.place)

    def _parent(self, record: ProjectRecord, key: str) -> str | None:
        """Return the key of the row that sums a task up, by its level or else its number."""
        open_ = self._open
        level = whole(record.text("OutlineLevel"))
        if level is None:
            level = len([part for part in record.text("OutlineNumber").split(".") if part]) or 1
        while open_ and open_[-1][0] >= level:
            open_.pop()
        parent = open_[-1][1] if open_ else None
        open_.append((level, key))
        return parent

    def _priority(self, record: ProjectRecord) -> str:
        given = record.number("Priority", 500)
        if given not in _FOUR_STEPS:
            self.plan.counts["priority"] += 1
        return priority_of(given or 0) or "critical"

    def _durations(self, record: ProjectRecord, item: PlanItem) -> None:
        format, found = record.text("DurationFormat"), record.hours("Duration")
        if found is None:
            start, finish = record.day("Start"), record.last_day("Finish")
            if start and finish and finish >= start and not record.yes("Milestone"):
                days = float(self.plan.calendar.working_days_between(start, finish) + 1)
                item.fields["likely"] = days
                why = counted(
                    "No duration is given; read as one day from its dates.",
                    "No duration is given; read as {n} days from its dates.",
                    int(days),
                )
                self._approximate(item, "", why)
            elif record.yes("Milestone"):
                item.fields["likely"] = 0.0
            return
        item.elapsed = is_elapsed(format)
        per_day = 24.0 if item.elapsed else self.outline.minutes / 60
        item.fields["likely"] = found / per_day
        if record.yes("Estimated") and not self.plan.own:
            self.plan.counts["estimated"] += 1
        if record.yes("Milestone") and found:
            why = sentence("Marked as a milestone, but with a duration; the duration counts.")
            self._approximate(item, record.text("Duration"), why)

    def _custom(self, record: ProjectRecord, item: PlanItem, notes: list[str]) -> None:
        """Take the columns that people have added; ends of estimates among them."""
        scheduled = item.fields.get("likely")
        for name in ("ExtendedAttribute", "OutlineCode"):
            for given in record.parts.get(name, ()):

                def report(why: Sentence, value: str = given.get("Value", "")) -> None:
                    self.source.warn(item.row, "", value, why, item.place)

                notes.append(self.plan.columns.read(given, item.fields, report))
        fields = item.fields
        if not self.plan.own and (fields.get("low"), fields.get("high")) != (None, None):
            self.plan.counts["pert"] += 1
        if self.plan.own:
            wanted = fields.pop("id", None)
            if wanted is not None:
                item.wanted, item.number = wanted, str(wanted)
            if record.yes("Estimated") and "likely" in fields and fields["likely"] == scheduled:
                fields["likely"] = None
        fields.pop("id", None)
        if text := fields.pop("returns_to", ""):
            self.plan.returns[item.number] = text

    def _progress(self, record: ProjectRecord, item: PlanItem) -> None:
        percent = record.number("PercentComplete")
        began, ended = record.day("ActualStart"), record.last_day("ActualFinish")
        # Nothing has ended that is not complete; programs without such a day write any.
        if percent is not None and percent < 100 and ended:
            odd = record.text("ActualFinish")
            ended = None
            if record.text("ActualStart") == odd:
                began = None
        if record.text("ActualStart") in self.plan.placeholders:
            began = None
        item.percent, item.began, item.ended = percent, began, ended
        told: State = "todo"
        if not record.yes("Active", True):
            told = "dropped"
        elif percent == 100 or (percent is None and ended):
            told = "done"
        elif percent or began:
            told = "doing"
        finer = item.fields.get("state")
        # In a plan of ours nobody need know when something has begun, or that it has progressed.
        unknown = self.plan.own and told in ("todo", "doing") and not began
        if finer and finer not in (*_FINER[told], *(_UNDER_WAY if unknown else ())):
            why = sentence(
                "Its state was {state}, but what is complete of it counts.", state=state_word(finer)
            )
            self._approximate(item, finer, why)
            finer = None
        item.fields["state"] = finer or told

    def _work(self, record: ProjectRecord, item: PlanItem, notes: list[str]) -> None:
        """Take who works on a task, and how much; of work that nobody has, what the task says."""
        assigned = self.plan.team.assigned(self.plan.assignments.get(item.key, []))
        fields, per_day = item.fields, self.outline.minutes / 60
        fields |= first_person(self.source, assigned, item.row, item.place) | (
            {"watchers": fields["watchers"]} if fields.get("watchers") else {}
        )
        if assigned.group and not self.plan.own and not fields.get("department"):
            fields["department"] = assigned.group
        work, spent = record.hours("Work"), record.hours("ActualWork")
        if self.plan.own:
            effort, done = work, spent
        else:
            effort, done = assigned.work or work or None, assigned.spent or spent or None
            notes += said(assigned)
            if assigned.shares or assigned.notes:
                why = sentence("Shares of working time and materials are in the notes.")
                self._approximate(item, "; ".join(said(assigned)), why)
            # Each assignment may be rounded by a minute.
            slip = (len(assigned.people) + 1) / 60
            if work and assigned.work and abs(work - assigned.work) > slip:
                why = sentence(
                    "Its work is {work} h, that of its assignments {sum} h; the latter was taken.",
                    work=work,
                    sum=round(assigned.work, 2),
                )
                self._approximate(item, "", why)
        if effort is not None:
            fields["effort"] = effort / per_day
        if done is not None:
            fields["spent"] = done / per_day

    # --- days ----------------------------------------------------------------------------------

    def _dates(self, record: ProjectRecord, item: PlanItem) -> None:
        """Take deadline and constraint; start and finish are results of the plan."""
        if not self.plan.own:
            item.start, item.finish = record.day("Start"), record.last_day("Finish")
            begun = moment(record.text("Start"))
            if item.fields.get("likely") == 0:
                item.start = item.finish or item.start
            elif begun and begun.time() >= self.plan.evening and begun.date() < date.max:
                item.start = begun.date() + timedelta(1)
        due = record.day("Deadline")
        if record.text("Deadline") in self.plan.placeholders:
            due = None
        at, kind = record.day("ConstraintDate"), record.text("ConstraintType").strip() or "0"
        number = int(kind) if kind.isdecimal() and len(kind) < 3 else -1
        if due:
            item.fields["due"] = due
        for why in constrained(number, at, item.fields, self.plan.calendar):
            self._approximate(item, at or "", why)
        started = item.began or item.fields["state"] in ("doing", "done", "recheck", "dropped")
        if record.yes("Manual") and item.start and not started and not record.yes("Summary"):
            item.fields["not_before"] = max(item.start, item.fields.get("not_before") or item.start)
            why = sentence("Scheduled by hand; read as not before that day.")
            self._approximate(item, item.start, why)

    def _links(self, record: ProjectRecord, item: PlanItem) -> None:
        for link in record.parts.get("PredecessorLink", ()):
            uid, format = link.get("PredecessorUID", "").strip(), link.get("LagFormat", "")
            type_ = link.get("Type", "").strip() or "1"
            kind = _KINDS.get(type_, "FS")
            if type_ not in _KINDS:
                why = sentence("This type of dependency is unknown; read as finish-to-start.")
                self._approximate(item, f"Type {type_}", why)
            lag = number(link.get("LinkLag", ""), 0.0) or 0.0
            relation = Relation(uid, item.key, kind, lag / 10 / self.outline.minutes, row=item.row)
            if is_share(format):
                relation.lag, relation.unit = lag / 100, "share"
            elif is_elapsed(format):
                relation.lag, relation.unit = lag / 10 / 1440, "elapsed"
            relation.column = said_in(self.plan.language, BY_NAME["after"].label)
            relation.text = self.plan.ids.get(uid, uid) + (kind if kind != "FS" else "")
            if link.get("CrossProject", "").strip() in ("1", "true"):
                # A number of another plan, which may be one here as well.
                other = link.get("CrossProjectName", "").strip()
                relation.text = other if other.endswith(f"\\{uid}") else f"{other}\\{uid}"
                relation.source = relation.text
            self.outline.relations.append(relation)

    # --- what else is said ---------------------------------------------------------------------

    def _more(self, record: ProjectRecord, item: PlanItem) -> Iterator[str]:
        """Walk over the lines of the notes for what has no field; report what is not taken."""
        address = record.text("HyperlinkAddress").strip()
        if below := record.text("HyperlinkSubAddress").strip():
            address = f"{address}#{below}"
        label = record.text("Hyperlink").strip()
        yield address if label == address else ": ".join(filter(None, (label, address)))
        if contact := record.text("Contact").strip():
            yield f"Contact: {contact}"
        code = record.text("WBS").strip()
        if code and code != record.text("OutlineNumber").strip() and not self.plan.own:
            yield f"WBS: {code}" if code != record.text("ID").strip() else ""
        self.plan.counts["costs"] += costs(record) and not record.yes("Summary")
        self.plan.counts["calendar"] += (whole(record.text("CalendarUID")) or -1) > 0
        if record.yes("IsSubproject"):
            why = sentence("A project of its own is inserted here; import its file as well.")
            self.source.warn(item.row, "", record.text("SubprojectName"), why, item.place)
        if record.yes("Recurring") and record.yes("Summary"):
            self.plan.counts["recurring"] += 1
        stop, resume = record.day("Stop"), record.day("Resume")
        if stop and resume and 0 < (record.number("PercentComplete") or 0) < 100 and resume > stop:
            rested = self.plan.calendar.working_days_between(stop, resume) - 1
            if rested > 0:
                why = sentence(
                    "Interrupted from {day} to {other}; the break was not imported.",
                    day=dated(stop),
                    other=dated(resume),
                )
                self._approximate(item, "", why)

    def _notes(self, item: PlanItem, text: str) -> None:
        """Put notes in place; what we wrote there for want of a field goes back."""
        if self.plan.own:
            title = item.fields["title"]
            first, _, rest = text.partition("\n")
            if len(title) == _LONGEST_NAME and first.startswith(title[:-1]):
                item.fields["title"], text = first, rest
            lines = text.split("\n")
            marks: list[Item] = []
            while lines and (found := _ITEM.fullmatch(lines[-1])):
                marks.append(Item(text=found[2], done=found[1] == "x"))
                lines.pop()
            if marks:
                item.fields["checklist"] = tuple(reversed(marks))
                text = "\n".join(lines)
        if text:
            item.fields["notes"] = text

    def _planned(self, record: ProjectRecord, item: PlanItem) -> None:
        if item.wanted is None:
            return
        for at, (start, finish, more) in planned(record.parts.get("Baseline", [])).items():
            likely = item.fields.get("likely")
            row = PlannedTask(item.wanted, start, finish, likely, None, "todo")
            self.plan.baselines.setdefault(at, []).append(row)
            self.plan.counts["baseline"] += more
