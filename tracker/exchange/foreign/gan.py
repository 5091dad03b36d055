"""Plans of GanttProject (.gan), of any version since 2.0.

A dependency stands in the task that comes first and names the one that follows; it says how many
days of the calendar of the file lie between. The format is what GanttProject itself reads and
writes: https://github.com/bardsoftware/ganttproject, package net.sourceforge.ganttproject.parser.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element

import msgspec

from tracker.domain.sentence import counted, listed, sentence
from tracker.exchange.foreign.gan_calendar import WEEK, GanCalendar, day_in, number_in
from tracker.exchange.foreign.gan_columns import GanColumns
from tracker.exchange.foreign.gan_team import GanTeam
from tracker.exchange.foreign.xml_content import xml_content
from tracker.exchange.ledger import Ledger
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.references import RelationKind
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.settling import SHOWN, settled
from tracker.exchange.source import ReadOptions, Source

_KINDS: dict[str, RelationKind] = {"": "FS", "1": "SS", "2": "FS", "3": "FF", "4": "SF"}
# Priorities by their numbers there; what is missing is normal.
_PRIORITIES = {
    "0": "low",
    "": "medium",
    "1": "medium",
    "2": "high",
    "3": "low",
    "4": "critical",
}
_NEAR = {"3": "low", "4": "critical"}
_NO_LINK = ("", "http://", "https://")
# So many dependencies must run against the dates before their direction is doubted.
_DOUBTED = 2
_TAKEN = (
    *("project/name", "calendars/base-id", "only-show-weekends/value", "date", "notes"),
    *(f"default-week/{name}" for name in (*WEEK, "id", "name")),
    *(f"date/{name}" for name in ("year", "month", "date", "type")),
    *(f"taskproperty/{name}" for name in ("id", "name", "type", "valuetype", "defaultvalue")),
    *(f"task/{name}" for name in ("id", "uid", "name", "meeting", "start", "duration", "complete")),
    *("task/thirdDate", "task/thirdDate-constraint", "task/priority", "task/webLink"),
    *(f"depend/{name}" for name in ("id", "type", "difference", "hardness")),
    *("customproperty/taskproperty-id", "customproperty/value", "resource/id", "resource/name"),
    *(f"allocation/{name}" for name in ("task-id", "resource-id", "responsible", "load")),
    *("vacation/start", "vacation/end", "vacation/resourceid", "previous-tasks/name"),
    *(f"previous-task/{name}" for name in ("id", "start", "duration", "meeting", "super")),
)
# How the program shows its windows, and what it works out by itself.
_COMPUTED = (
    *("project/version", "project/locale", "project/view-date", "project/view-index"),
    *("project/gantt-divider-location", "project/resource-divider-location", "view/*", "field/*"),
    *("option/*", "option", "timeline", "day-type/id", "task/expand", "tasks/empty-milestones"),
    *("task/fixed-start", "task/cost-calculated", "roles/roleset-name", "simple-select/select"),
    *("previous-tasks/id",),
)
_REPORTED = (
    *("task/cost-manual-value", "resource/contacts", "resource/phone", "resource/function"),
    *("allocation/function", "rate/name", "rate/value", "role/id", "role/name"),
)


def read(data: bytes, file: str, options: ReadOptions) -> Source:
    """Return the tasks and arrows of a plan; raises BadInput."""
    return _Reader(data, file, options).read()


class _Span(msgspec.Struct, frozen=True):
    """The points at which a task begins and ends by the dates of the file."""

    start: date
    end: date


class _Reader:
    def __init__(self, data: bytes, file: str, options: ReadOptions) -> None:
        self.root = xml_content(data, file, ("task",), encoding=options.encoding)
        self.options = options
        self.source = Source(file)
        self.remarks = RepeatedRemarks(self.source)
        self.outline = Outline(self.source, schedule=True)
        self.tasks = list(_walk(self.root))
        days = [day for task, _ in self.tasks if (day := day_in(task.get("start", "")))]
        around = (min(days, default=options.today), max(days, default=options.today))
        self.calendar = GanCalendar(self.root, *around, self._odd_day)
        self.team = GanTeam(self.root, self.source, self.remarks)
        self.columns = GanColumns(self.root, self.source, self.remarks)
        self.spans: dict[str, _Span] = {}
        # Of each successor, whether its dependencies are strong.
        self.strong: dict[str, list[bool]] = {}

    def read(self) -> Source:
        """Fill the source."""
        self.source.project = " ".join(self.root.get("name", "").split()) or None
        self.outline.week = self.calendar.week
        for row, (task, parent) in enumerate(self.tasks, 1):
            self.outline.items.append(self._item(row, task, parent))
        self._span_summaries()
        self.outline.relations += self._relations()
        self._weigh_relations()
        self._put_free_days()
        self._account()
        self.remarks.tell()
        source = settled(self.outline, self.options)
        self._baselines()
        return source

    def _odd_day(self, text: str) -> None:
        why = sentence("There is no such day in a calendar; the entry was left out.")
        self.source.warn(0, "date", text, why)

    # --- tasks ---------------------------------------------------------------------------------

    def _item(self, row: int, task: Element, parent: str | None) -> PlanItem:
        key = task.get("id", "").strip()
        uid = task.get("uid", "").strip()
        place = f"ID {key}" if key else ""
        item = PlanItem(
            key or f"#{row}",
            row,
            place=place,
            origin=f"gan:{uid or f'{PurePath(self.source.file).stem}#{key or row}'}",
            parent=parent,
            number=key,
            wanted=number_in(key) if key.isdecimal() else None,
            fields={"title": task.get("name", "")},
            percent=self._percent(row, task, place),
        )
        self._put_days(item, task)
        item.fields |= self.team.fields(key, row, place)
        notes = [self._notes(task), *item.fields.pop("notes", ())]
        notes += self.columns.read(task, item)
        item.fields["notes"] = "\n".join(filter(None, notes))
        item.fields["priority"] = self._priority(row, task, place)
        if task.get("cost-calculated") == "false" and task.get("cost-manual-value", "0").strip(
            "0."
        ):
            self.remarks.note(row, "", task.get("cost-manual-value"), _costs, place=place)
        return item

    def _put_days(self, item: PlanItem, task: Element) -> None:
        """Put the duration of a task, and its days by the calendar of the file."""
        start = self._day(item, task, "start")
        is_summary = task.find("task") is not None
        text = task.get("duration", "")
        days = number_in(text)
        if task.get("meeting") == "true":
            days = 0
        elif (days is None or days < 0) and text:
            self._unread(item, "duration", text)
            days = None
        if days is not None and not is_summary:
            item.fields["likely"] = float(days)
        if start is not None:
            item.start = start
            end = self.calendar.end(start, days or 0)
            item.finish = end and self.calendar.last_day(end)
            if end is not None and not is_summary:
                self.spans[item.key] = _Span(start, end)
        # Without a constraint the day is that of the last one.
        if task.get("thirdDate-constraint", "1") == "1" and not is_summary:
            if earliest := self._day(item, task, "thirdDate"):
                item.fields["not_before"] = earliest
        elif task.get("thirdDate-constraint") == "1" and (
            day := self._day(item, task, "thirdDate")
        ):
            item.fields["not_before"] = day

    def _day(self, item: PlanItem, task: Element, name: str) -> date | None:
        text = task.get(name, "").strip()
        day = day_in(text)
        if text and day is None:
            self._unread(item, name, text)
        return day

    def _unread(self, item: PlanItem, name: str, text: str) -> None:
        why = sentence("This could not be read; it was left out.")
        self.source.warn(item.row, name, text, why, item.place)

    def _percent(self, row: int, task: Element, place: str) -> float | None:
        text = task.get("complete", "").strip()
        percent = number_in(text)
        if text and percent is None:
            why = sentence("This could not be read; it was left out.")
            self.source.warn(row, "complete", text, why, place)
        return None if percent is None else float(percent)

    def _priority(self, row: int, task: Element, place: str) -> str:
        text = task.get("priority", "").strip()
        if text in _NEAR:
            name = _NEAR[text]
            self.remarks.note(
                row, "priority", text, _PRIORITY_WORDS[name], key=name, near=True, place=place
            )
        elif text not in _PRIORITIES:
            why = sentence("This could not be read; it was left out.")
            self.source.warn(row, "priority", text, why, place)
        return _PRIORITIES.get(text, "medium")

    @staticmethod
    def _notes(task: Element) -> str:
        notes = (task.findtext("notes") or "").strip()
        link = unquote_plus(task.get("webLink", "")).strip()
        return "\n".join(filter(None, (notes, "" if link in _NO_LINK else link)))

    # --- dependencies --------------------------------------------------------------------------

    def _relations(self) -> Iterator[Relation]:
        for item, (task, _parent) in zip(self.outline.items, self.tasks, strict=True):
            for depend in task.iterfind("depend"):
                kind = _KINDS.get(depend.get("type", "").strip())
                lag = number_in(depend.get("difference", "0") or "0")
                target = depend.get("id", "").strip()
                if kind is None or lag is None or not target:
                    said = " ".join(f"{name}={value}" for name, value in depend.items())
                    self._unread(item, "depend", said)
                    continue
                text = f"{item.key} → {target} {kind}" + (f"{lag:+}" if lag else "")
                strong = depend.get("hardness", "Strong") == "Strong"
                self.strong.setdefault(target, []).append(strong)
                yield Relation(item.key, target, kind, float(lag), row=item.row, text=text)

    def _off(self, source: str, target: str, kind: RelationKind, lag: int) -> int | None:
        """Return whether a successor lies behind (1), at (0) or before (-1) where it is put."""
        before, behind = self.spans.get(source), self.spans.get(target)
        if before is None or behind is None:
            return None
        wanted = self.calendar.shifted(before.start if kind[0] == "S" else before.end, lag)
        there = self.calendar.shifted(behind.start if kind[1] == "S" else behind.end, 0)
        if wanted is None or there is None:
            return None
        return (there > wanted) - (there < wanted)

    def _weigh_relations(self) -> None:
        """Report strong dependencies that do not hold, and doubt the direction of all.

        A strong one pulls its successor to the day it says, unless another says a later one.
        """
        signs: list[int | None] = []
        by_target: dict[str, list[int | None]] = {}
        for each in self.outline.relations:
            signs.append(self._off(each.source, each.target, each.kind, int(each.lag)))
            by_target.setdefault(each.target, []).append(signs[-1])
        items = {item.key: item for item in self.outline.items}
        for key, found in by_target.items():
            if all(self.strong[key]) and all(sign == 1 for sign in found) and key in items:
                item = items[key]
                self.remarks.note(item.row, "depend", item.start, _loose, place=item.place)
        against = signs.count(-1)
        if against >= _DOUBTED and 2 * against > len(signs):
            why = counted(
                "{n} of {all} arrow runs against the dates: this file was probably not written by"
                " GanttProject, and its arrows point backwards.",
                "{n} of {all} arrows run against the dates: this file was probably not written by"
                " GanttProject, and its arrows point backwards.",
                against,
                all=len(signs),
            )
            self.source.warn(0, "depend", "", why)

    # --- beside the tasks ----------------------------------------------------------------------

    def _span_summaries(self) -> None:
        """Let summaries last from the first to the last of their parts."""
        for item in reversed(self.outline.items):
            span = self.spans.get(item.key)
            if span is None or item.parent is None:
                continue
            above = self.spans.get(item.parent, span)
            self.spans[item.parent] = _Span(min(above.start, span.start), max(above.end, span.end))

    def _put_free_days(self) -> None:
        """Note the days of the plan that are free, and those worked, otherwise than in the week."""
        if not self.spans:
            return
        first = min(span.start for span in self.spans.values())
        last = max(span.end for span in self.spans.values())
        self.outline.free_days = self.calendar.free_days(first, last)
        if days := self.calendar.worked_weekends(first, last):
            why = counted(
                "{n} free day of the week is worked in the file; here it is not.",
                "{n} free days of the week are worked in the file; here they are not.",
                days,
            )
            self.source.warn(0, "date", "", why)

    def _account(self) -> None:
        """Report what in the file nothing has become of."""
        ledger = Ledger(self.source, taken=_TAKEN, computed=_COMPUTED, reported=_REPORTED)
        rows = {id(task): row for row, (task, _parent) in enumerate(self.tasks, 1)}
        for element in self.root.iter():
            row = rows.get(id(element), 0)
            place = self.outline.items[row - 1].place if row else ""
            for name, value in element.items():
                if value not in _NO_LINK:
                    ledger.saw(f"{element.tag}/{name}", value, row, place)
            if element.text and not element.text.isspace():
                ledger.saw(element.tag, element.text.strip(), row, place)
        ledger.close()

    def _baselines(self) -> None:
        from tracker.exchange.foreign.gan_baselines import baselines

        if found := baselines(self.root, self.calendar, self.options.today):
            self.source.entities += found
            names = listed([each.name for each in found[:SHOWN]])
            why = sentence(
                "The file does not say when its baselines were taken; here that is today: {names}",
                names=names,
            )
            self.source.warn(0, "previous-tasks", "", why)


def _walk(root: Element) -> Iterator[tuple[Element, str | None]]:
    """Walk over the tasks in their order, each with the key of what it is a part of."""
    row = 0
    open_: list[tuple[Element, str | None]] = []
    for tasks in root.iterfind("tasks"):
        open_ = [(task, None) for task in reversed(tasks.findall("task"))]
        while open_:
            task, parent = open_.pop()
            row += 1
            yield task, parent
            key = task.get("id", "").strip() or f"#{row}"
            open_ += [(part, key) for part in reversed(task.findall("task"))]


def _costs(count: int) -> Any:
    return counted(
        "The cost of {n} task was not imported.",
        "The costs of {n} tasks were not imported.",
        count,
    )


def _loose(count: int) -> Any:
    return counted(
        "{n} task starts later than its strong dependencies say; it may do so here as well.",
        "{n} tasks start later than their strong dependencies say; they may do so here as well.",
        count,
    )


_PRIORITY_WORDS = {
    "low": lambda count: counted(
        "The lowest priority of {n} task was read as low.",
        "The lowest priority of {n} tasks was read as low.",
        count,
    ),
    "critical": lambda count: counted(
        "The highest priority of {n} task was read as critical.",
        "The highest priority of {n} tasks was read as critical.",
        count,
    ),
}
