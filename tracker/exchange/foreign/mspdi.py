"""Plans as XML of Microsoft Project (MSPDI), and of all programs that write it.

Microsoft, "Project XML Data Interchange Schema Reference". The UID of a task is what links and
assignments point to, its ID the number people see. Lags are tenths of a minute of working time
whatever their format, but for percentages.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, time
from pathlib import PurePath
from xml.etree.ElementTree import Element

from tracker.domain.calendar import Calendar
from tracker.domain.errors import TrackerError
from tracker.domain.model import Baseline
from tracker.domain.sentence import Sentence, counted, dated, sentence
from tracker.exchange.foreign.mspdi_columns import ProjectColumns
from tracker.exchange.foreign.mspdi_known import KNOWN, PARTS, TAKEN, UNREAD
from tracker.exchange.foreign.mspdi_people import Calendars, Team
from tracker.exchange.foreign.mspdi_task import PlanContext, TaskReader
from tracker.exchange.foreign.mspdi_values import ProjectRecord, moment, says_nothing, utc, whole
from tracker.exchange.foreign.xml_content import xml_content
from tracker.exchange.ledger import Ledger
from tracker.exchange.outline import Outline
from tracker.exchange.project_xml import AUTHOR
from tracker.exchange.references import read_return_cell
from tracker.exchange.settling import settled
from tracker.exchange.source import ReadOptions, Source, SourceLink, harmless_value

# In minutes.
_LONGEST_DAY = 1440
_USUAL_DAY = 480.0
_NOTHING: frozenset[str] = frozenset()
_KEPT = frozenset(" ".join(TAKEN.values()).split())


def read(data: bytes, file: str, options: ReadOptions) -> Source:
    """Read a plan; raises BadInput where it is none, or has no end."""
    return _Reader(file, options).read(data)


class _Reader:
    """One plan on its way to an outline."""

    def __init__(self, file: str, options: ReadOptions) -> None:
        self.file, self.options = file, options
        self.source = Source(file, id_column="ID")
        self.outline = Outline(self.source, schedule=True)
        self.ledger = Ledger(self.source)
        self.calendars = Calendars(self.source)
        self.plan = PlanContext(
            self.outline,
            Calendar.of(options.ws),
            ProjectColumns(480),
            Team(self.source),
            options.language,
        )
        self.tasks: list[ProjectRecord] = []
        self.written: datetime | None = None

    def read(self, data: bytes) -> Source:
        """Return what is in the file."""
        items = ("Task", "Resource", "Assignment")
        root = xml_content(data, self.file, items, self._take, encoding=self.options.encoding)
        self._head(root)
        self._see_all()
        self.plan.team.settle(self.calendars.absences, own=self.plan.own)
        self._find_placeholders()
        reader = TaskReader(self.plan)
        for record in self.tasks:
            if not _is_root(record):
                reader.read(record)
        self._flatten()
        self._parents()
        self._tell()
        self._put_baselines()
        self.ledger.close()
        if self.plan.own:
            # Its projects are those that its tasks name.
            self.outline.start = None
        settled(self.outline, self.options)
        self._as_ours()
        self._draw_returns()
        return self.source

    def _take(self, element: Element) -> None:
        """Take a task, a resource or an assignment when it is complete."""
        record = ProjectRecord.of(element)
        match element.tag:
            case "Task":
                self.tasks.append(record)
            case "Resource":
                self.plan.team.add(record)
            case _:
                self.plan.assignments.setdefault(record.text("TaskUID"), []).append(record)
        self._see(element, element.tag, whole(record.text("ID")) or 0)
        # Nothing else of it is kept until all are read.
        record.values = {name: text for name, text in record.values.items() if name in _KEPT}

    def _see(self, element: Element, path: str, row: int = 0) -> None:
        """Note what nothing here deals with in an element, and in its parts."""
        known = KNOWN.get(path) or PARTS.get(path, _NOTHING)
        for name, value in element.items():
            if not name.startswith("xmlns") and not name.endswith("schemaLocation"):
                self.ledger.saw(f"{path}/{name}", value, row)
        for child in element:
            inner = f"{path}/{child.tag}"
            if child.tag not in known:
                held = "".join(child.itertext()).strip()
                if not says_nothing(held):
                    self.ledger.saw(inner, held, row)
            if (len(child) or child.items()) and inner not in UNREAD:
                self._see(child, inner, row)

    # --- the plan as a whole -------------------------------------------------------------------

    def _head(self, root: Element) -> None:
        head = ProjectRecord.of(root)
        self.outline.start = head.day("StartDate")
        if head.text("ScheduleFromStart").strip() in ("0", "false"):
            self._from_the_end(head.last_day("FinishDate"))
        minutes = head.number("MinutesPerDay") or 0.0
        self.outline.minutes = minutes if 0 < minutes <= _LONGEST_DAY else _USUAL_DAY
        if minutes != self.outline.minutes and (written := head.text("MinutesPerDay").strip()):
            why = sentence("No working day has this length; read as eight hours.")
            self.source.approximate(0, "MinutesPerDay", written, why)
        with suppress(ValueError):
            self.plan.evening = time.fromisoformat(head.text("DefaultFinishTime").strip())
        self.plan.columns = ProjectColumns(self.outline.minutes)
        for each in root.iterfind("ExtendedAttributes/ExtendedAttribute"):
            values = _choices(each, "ValueList/Value", "ID")
            self.plan.columns.define({part.tag: part.text or "" for part in each}, values)
        for each in root.iterfind("OutlineCodes/OutlineCode"):
            values = _choices(each, "Values/Value", "ValueID")
            self.plan.columns.define({part.tag: part.text or "" for part in each}, values)
        self.plan.own = head.text("Author") == AUTHOR and self.plan.columns.has("id")
        self.plan.columns.own = self.source.ours = self.plan.own
        self.calendars.read(root.find("Calendars"))
        uid = head.text("CalendarUID")
        self.outline.week = self.calendars.week(uid)
        self.outline.free_days = self.calendars.free_days(uid)
        title = head.text("Title").strip() or PurePath(head.text("Name")).stem.strip()
        self.source.project = None if self.plan.own else title or None
        self.plan.origin = head.text("GUID") or title or PurePath(self.file).stem
        self.written = utc(head.text("LastSaved")) or utc(head.text("CreationDate"))
        self._see(root, "Project")

    def _from_the_end(self, finish: date | None) -> None:
        """Take a plan that is scheduled back from its end, of which the start is a result."""
        self.outline.start, self.outline.target = None, finish
        why = sentence("Scheduled back from its end; planned forwards here, with it as the target.")
        self.source.approximate(0, "", finish or "", why)

    def _see_all(self) -> None:
        """Take what only all tasks tell: their numbers, and the title where the head has none."""
        for record in self.tasks:
            self.plan.ids[record.text("UID").strip()] = record.text("ID").strip()
            if _is_root(record) and not self.source.project and not self.plan.own:
                self.source.project = record.text("Name").strip() or None

    def _find_placeholders(self) -> None:
        """Find the moments that stand where a program had none to write."""
        tasks = [record for record in self.tasks if not _is_root(record)]
        deadlines = Counter(text for each in tasks if (text := each.text("Deadline")))
        begin = self.outline.start
        for text, times in deadlines.items():
            at = moment(text)
            if times > 1 and len(deadlines) == 1 and at and begin and at.date() < begin:
                self.plan.placeholders.add(text)
                why = counted(
                    "The deadline {day} of {n} task lies before the start of the project; taken"
                    " for a placeholder.",
                    "The deadline {day} of {n} tasks lies before the start of the project; taken"
                    " for a placeholder.",
                    times,
                    day=dated(at.date()),
                )
                self.source.warn(0, "", "", why)

    # --- the whole once more -------------------------------------------------------------------

    def _flatten(self) -> None:
        """Let no task of ours lie below the rows that its own fields name."""
        if not self.plan.own:
            return
        items = {item.key: item for item in self.outline.items}
        named: dict[str, set[tuple[str, str]]] = {}
        for item in self.outline.items:
            said = {"project": item.fields.get("project"), "phase": item.fields.get("phase")}
            while item.parent and items[item.parent].fields["title"].strip() in said.values():
                named.setdefault(item.parent, set())
                item.parent = items[item.parent].parent
        above = {item.parent for item in self.outline.items if item.key not in named}
        self.outline.items = [
            item for item in self.outline.items if item.key not in named or item.key in above
        ]

    def _parents(self) -> None:
        """Leave out of summaries what is computed from their parts."""
        parents = {item.parent for item in self.outline.items}
        for item in self.outline.items:
            if item.key not in parents:
                continue
            for name in ("low", "likely", "high", "effort", "spent"):
                item.fields.pop(name, None)
            item.elapsed, item.start, item.began = False, None, None
        keys = {item.wanted for item in self.outline.items if item.key in parents}
        self.plan.baselines = {
            at: [row for row in rows if row.id not in keys]
            for at, rows in self.plan.baselines.items()
        }

    def _put_baselines(self) -> None:
        taken = self.written or datetime.combine(self.options.today, time(12), UTC)
        for at, rows in sorted(self.plan.baselines.items()):
            if rows:
                name = f"Baseline {at} ({self.file})"
                self.source.entities.append(
                    Baseline(id=at + 1, name=name, taken=taken, plan=tuple(rows))
                )

    def _tell(self) -> None:
        """Report what concerns many tasks, in one line each."""
        counts = self.plan.counts
        if counts["blank"]:
            why = counted(
                "{n} blank row was left out.", "{n} blank rows were left out.", counts["blank"]
            )
            self.source.skip(0, why)
        for name, why in _told(counts).items():
            if counts[name]:
                self.source.warn(0, "", "", why)
        self.plan.columns.tell(self.source)
        self.plan.team.tell()
        self.calendars.tell()

    def _as_ours(self) -> None:
        """Take from a plan of ours what it had no project or estimate for, and got in reading."""
        if not self.plan.own:
            return
        self.source.forget_file_name()
        given = {item.number: item.fields for item in self.outline.items}
        for task in self.source.tasks:
            said = given.get(task.number, {})
            for name in ("low", "likely", "high"):
                if said.get(name) is None:
                    task.fields[name] = None

    def _draw_returns(self) -> None:
        """Draw the arrows back that a column names."""
        places = {task.number: place for place, task in enumerate(self.source.tasks)}
        for number_, text in self.plan.returns.items():
            gate = places.get(number_)
            if gate is None:
                continue
            task = self.source.tasks[gate]
            try:
                found = list(read_return_cell(text, places.get, lambda _name: False))
            except TrackerError as problem:
                self.source.warn(task.row, "", text, problem.sentence)
                notes = filter(None, (task.fields.get("notes"), harmless_value(text)))
                task.fields["notes"] = "\n".join(notes)
                continue
            self.source.links += [
                SourceLink(task.row, "", written, "returns", gate, target, options)
                for target, options, written in found
            ]


def _is_root(record: ProjectRecord) -> bool:
    """Return whether a task stands for the whole project."""
    return record.text("UID").strip() == "0" or record.text("OutlineLevel").strip() == "0"


def _choices(element: Element, path: str, name: str) -> dict[str, str]:
    """Return the values that a column is chosen from, by their ids of both kinds."""
    found: dict[str, str] = {}
    for each in element.iterfind(path):
        for key in (name, "ValueGUID", "FieldGUID"):
            if known := each.findtext(key):
                found[known] = each.findtext("Value", "")
    return found


def _told(counts: Counter[str]) -> dict[str, Sentence]:
    """Return the lines on what concerns many tasks."""
    return {
        "estimated": counted(
            "{n} task has a duration marked as estimated.",
            "{n} tasks have durations marked as estimated.",
            counts["estimated"],
        ),
        "pert": counted(
            "The optimistic and pessimistic durations of {n} task were read as P10 and P90.",
            "The optimistic and pessimistic durations of {n} tasks were read as P10 and P90.",
            counts["pert"],
        ),
        "priority": counted(
            "{n} task has a priority between ours; the next one was taken.",
            "{n} tasks have priorities between ours; the next ones were taken.",
            counts["priority"],
        ),
        "costs": counted(
            "The costs of {n} task were not imported.",
            "The costs of {n} tasks were not imported.",
            counts["costs"],
        ),
        "calendar": counted(
            "{n} task has a calendar of its own, which was not imported.",
            "{n} tasks have calendars of their own, which were not imported.",
            counts["calendar"],
        ),
        "recurring": counted(
            "{n} recurring task became its occurrences.",
            "{n} recurring tasks became their occurrences.",
            counts["recurring"],
        ),
        "baseline": counted(
            "Work and costs in the baselines of {n} task were not imported.",
            "Work and costs in the baselines of {n} tasks were not imported.",
            counts["baseline"],
        ),
    }
