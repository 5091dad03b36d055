"""To-dos of calendar files (iCalendar, RFC 5545; relations by RFC 9253), read as tasks.

What our own export adds as `X-TRACKER-…` is taken where the property beside it still says the same.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.model import Priority, State
from tracker.domain.periods import is_period
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.typing.field_values import read_checklist
from tracker.exchange.encoding import decoded
from tracker.exchange.foreign.calendar_values import CalendarTimes, day_of, period_of, span_of
from tracker.exchange.foreign.content_lines import (
    Component,
    ContentProperty,
    components,
    joined_signs,
)
from tracker.exchange.ledger import Ledger
from tracker.exchange.moments import Moments
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.references import RelationKind
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.settling import settled
from tracker.exchange.source import MAX_ROWS, ReadOptions, Source, too_many_rows

_STATES: Mapping[str, State] = {
    "NEEDS-ACTION": "todo",
    "IN-PROCESS": "doing",
    "COMPLETED": "done",
    "CANCELLED": "dropped",
}
# The states of ours that are written as each of theirs.
_OURS: Mapping[str, tuple[State, ...]] = {
    "NEEDS-ACTION": ("todo", "waiting"),
    "IN-PROCESS": ("doing", "recheck"),
    "COMPLETED": ("done",),
    "CANCELLED": ("dropped",),
}
_RELATIONS: Mapping[str, RelationKind] = {
    "FINISHTOSTART": "FS",
    "STARTTOSTART": "SS",
    "FINISHTOFINISH": "FF",
    "STARTTOFINISH": "SF",
}
_DAY = timedelta(days=1)
_LONGEST_PLACE = 60
_COMPUTED = ("DTSTAMP", "SEQUENCE", "X-TRACKER-STATE", "X-TRACKER-ID", "X-TRACKER-LAG")
_TAKEN = (
    *("UID", "SUMMARY", "DESCRIPTION", "STATUS", "PERCENT-COMPLETE", "COMPLETED", "CREATED"),
    *("LAST-MODIFIED", "DUE", "DTSTART", "DURATION", "PRIORITY", "CATEGORIES", "RRULE"),
    *("RELATED-TO", "RECURRENCE-ID", "RESOURCES", "CONTACT", "LOCATION", "URL", "COMMENT"),
)
# Beside the to-dos; what follows from them in our own files is no loss.
_ZONES = "VTIMEZONE"
_SAYS = frozenset(
    ("title", "state", "priority", "due", "not_before", "tags", "notes", "recurrence")
)


def read(data: bytes, file: str, options: ReadOptions) -> Source:
    """Return the to-dos of a calendar; raises BadInput."""
    # What we have written is meant to the letter.
    text, remark = decoded(
        joined_signs(data),
        as_meant=lambda text: "\nX-TRACKER-ID:" in text,
        encoding=options.encoding,
    )
    source = Source(file, options.project, id_column="UID", states=_SAYS)
    if remark:
        source.warn(0, "", "", remark)
    calendars, odd = components(text, file)
    if odd:
        why = counted(
            "{n} line does not belong in a calendar; not taken.",
            "{n} lines do not belong in a calendar; not taken.",
            len(odd),
        )
        source.warn(0, "", odd[0], why)
    if not calendars[-1].ended:
        source.cut_off(f"END:{calendars[-1].name}")
    return _Reading(source, calendars, options).done()


class _Reading:
    """A calendar being read."""

    def __init__(self, source: Source, calendars: list[Component], options: ReadOptions) -> None:
        self.source, self.options, self.calendars = source, options, calendars
        self.outline = Outline(source, schedule=False)
        self.remarks = RepeatedRemarks(source)
        self.ledger = Ledger(source, taken=_TAKEN, computed=_COMPUTED)
        inside = [part for calendar in calendars for part in calendar.parts]
        self.todos = [part for part in inside if part.name == "VTODO"]
        self.source.ours = any("//tracker//" in each.text("PRODID") for each in calendars)
        self.beside = Counter(part.name for part in inside if part.name not in ("VTODO", _ZONES))
        if len(self.todos) > MAX_ROWS:
            raise too_many_rows(source.file)
        self.times = CalendarTimes(source)
        days = [
            at
            for todo in self.todos
            for name in ("DUE", "DTSTART")
            if (found := todo.first(name)) and isinstance(at := self.times.at(found), datetime)
        ]
        self.moments = Moments(source, options.zone, days, options.here)
        # Those without a UID, or with one that another has, are known by their line.
        self.keys: dict[int, str] = {}
        self.known: set[str] = set()
        self.children: dict[str, str] = {}

    def done(self) -> Source:
        """Return the tasks with everything that was remarked. Raises BadInput if there are none."""
        name = next(filter(None, (each.text("X-WR-CALNAME") for each in self.calendars)), "")
        name = name or next(filter(None, (each.text("NAME") for each in self.calendars)), "")
        if name and not self.source.ours:
            self.source.project = self.source.project or name
        if not self.todos and self.beside:
            raise BadInput(
                "{file} contains no to-dos (VTODO); events and the like are not imported.",
                file=self.source.file,
            )
        todos = [(row, todo) for row, todo in enumerate(self.todos, 1) if self._is_task(row, todo)]
        for row, todo in todos:
            self.keys[row] = self._key(row, todo)
        for row, todo in todos:
            item = self._item(row, todo)
            self.outline.items.append(item)
            self.outline.relations += self._relations(todo, item)
        for item in self.outline.items:
            item.parent = item.parent or self.children.get(item.key)
        self._tell_beside()
        self.moments.tell()
        self.remarks.tell()
        self.ledger.close()
        found = settled(self.outline, self.options)
        if self.source.ours:
            # Each task has said its project.
            found.forget_file_name()
        return found

    def _tell_beside(self) -> None:
        for name, count in self.beside.items():
            if self.source.ours and name == "VEVENT":
                # The days of our own tasks, which say them too.
                continue
            why = counted(
                "Only to-dos are taken; {n} entry of this kind is not.",
                "Only to-dos are taken; {n} entries of this kind are not.",
                count,
            )
            self.source.warn(0, name, "", why)

    def _is_task(self, row: int, todo: Component) -> bool:
        if todo.first("RECURRENCE-ID") is None:
            return True
        why = sentence("A single occurrence of what recurs; not taken.")
        self.source.skip(row, why, _place(row, todo))
        return False

    def _key(self, row: int, todo: Component) -> str:
        uid = todo.text("UID").strip()
        if not uid:
            self.remarks.note(
                row, "UID", todo.text("SUMMARY"), _unnamed, key="none", place=_place(row, todo)
            )
            return f"line {todo.line}"
        if uid in self.known:
            self.remarks.note(row, "UID", uid, _named_twice, key="twice", place=_place(row, todo))
            return f"line {todo.line}"
        self.known.add(uid)
        return uid

    # --- one to-do -----------------------------------------------------------------------------

    def _item(self, row: int, todo: Component) -> PlanItem:
        key = self.keys[row]
        item = PlanItem(key=key, row=row, place=_place(row, todo))
        item.origin = f"ics:{key}" if key == todo.text("UID").strip() else ""
        fields, notes = item.fields, [todo.text("DESCRIPTION")]
        fields["title"] = todo.text("SUMMARY")
        fields["priority"] = self._priority(item, todo)
        fields["state"] = self._state(item, todo)
        self._days(item, todo)
        fields["tags"] = tuple(tag for each in todo.all("CATEGORIES") for tag in each.texts)
        self._recurrence(item, todo, notes)
        for name, field in (("CREATED", "created"), ("LAST-MODIFIED", "modified")):
            at = self._moment(todo, name)
            if at is not None:
                fields[field] = at
        for name in ("LOCATION", "URL", "CONTACT", "RESOURCES", "COMMENT"):
            for each in todo.all(name):
                if not self._is_ours(todo):
                    notes.append(f"{name.title()}: {each.text}")
                    self.remarks.note(row, name, each.text, _in_the_notes, place=item.place)
        if self._is_ours(todo):
            _take_ours(item, todo, notes)
        fields["notes"] = "\n".join(filter(None, notes))
        for each in todo.properties:
            if not (each.name.startswith("X-TRACKER-") and self._is_ours(todo)):
                self.ledger.saw(each.name, each.value, row, item.place)
        for part in todo.parts:
            self.ledger.saw(part.name, part.name, row, item.place)
        return item

    def _is_ours(self, todo: Component) -> bool:
        return todo.first("X-TRACKER-ID") is not None

    def _priority(self, item: PlanItem, todo: Component) -> Priority:
        text = todo.text("PRIORITY").strip() or "0"
        if not (text.isascii() and text.isdigit()) or int(text[:3]) > 9:
            why = sentence("{word} is not a known priority; the task is medium.", word=text)
            self.source.warn(item.row, "PRIORITY", text, why, item.place)
            return "medium"
        number = int(text)
        return (
            "medium"
            if number in (0, 5)
            else "critical"
            if number < 3
            else "high"
            if number < 5
            else "low"
        )

    def _state(self, item: PlanItem, todo: Component) -> State:
        word = todo.text("STATUS").strip().upper()
        state = _STATES.get(word, "todo")
        if word and word not in _STATES:
            why = sentence("{word} is not a known state; the task is todo.", word=word)
            self.source.warn(item.row, "STATUS", word, why, item.place)
        percent = self._percent(item, todo)
        ended = self._moment(todo, "COMPLETED")
        said = todo.text("X-TRACKER-STATE").strip().lower()
        own = next((each for each in _OURS.get(word, ()) if each == said), None)
        if own and (ended is None or state == "done"):
            state = own
        elif state not in ("done", "dropped") and (ended is not None or percent == 100):
            self.remarks.note(item.row, "STATUS", word, _done_anyway, near=True, place=item.place)
            state = "done"
        elif percent and not word:
            state = "doing"
        if state in ("done", "dropped"):
            item.ended = ended
        else:
            item.percent = percent
        return state

    def _percent(self, item: PlanItem, todo: Component) -> float | None:
        text = todo.text("PERCENT-COMPLETE").strip()
        if re.fullmatch(r"[0-9]{1,3}", text) and float(text) <= 100:
            return float(text)
        if text:
            why = sentence("{value} is not a percentage of completion.", value=text)
            self.source.warn(item.row, "PERCENT-COMPLETE", text, why, item.place)
        return None

    def _days(self, item: PlanItem, todo: Component) -> None:
        """Set not before and due; a to-do may have a duration instead of an end."""
        fields = item.fields
        start, due = todo.first("DTSTART"), todo.first("DUE")
        begins = self.times.at(start) if start else None
        fields["not_before"] = self._day(item, start, begins)
        if due:
            fields["due"] = self._day(item, due, self.times.at(due))
            return
        duration = todo.first("DURATION")
        if duration is None:
            fields["due"] = None
            return
        length = span_of(duration.value)
        if begins is None or length is None:
            why = sentence("A duration without a start gives no due date; not taken.")
            self.source.warn(item.row, "DURATION", duration.value, why, item.place)
            return
        try:
            # The end of whole days is the day behind the last.
            ends = begins + (
                length if isinstance(begins, datetime) else max(length - _DAY, 0 * _DAY)
            )
        except OverflowError:
            ends = begins
        fields["due"] = self._day(item, duration, ends)

    def _day(self, item: PlanItem, found: ContentProperty | None, at: date | None) -> date | None:
        if found is None:
            return None
        try:
            if isinstance(at, datetime):
                return self.moments.day(item.row, found.name, at, item.place)
            if at is not None:
                midnight = datetime.combine(at, time())
                return self.moments.day(item.row, found.name, midnight, item.place)
        except TrackerError as problem:
            self.source.warn(item.row, found.name, found.value, problem.sentence, item.place)
            return None
        why = sentence("{value} is not a date.", value=found.value[:100])
        self.source.warn(item.row, found.name, found.value, why, item.place)
        return None

    def _moment(self, todo: Component, name: str) -> datetime | None:
        """Return a moment with its zone; one without is meant here."""
        found = todo.first(name)
        at = self.times.at(found) if found else None
        if at is None:
            return None
        if not isinstance(at, datetime):
            at = datetime.combine(at, time(12))
        try:
            return at.astimezone(UTC)
        except (OverflowError, ValueError, OSError):
            return None

    def _recurrence(self, item: PlanItem, todo: Component, notes: list[str]) -> None:
        for place, rule in enumerate(todo.all("RRULE")):
            begins = self.times.at(start) if (start := todo.first("DTSTART")) else None
            found = period_of(rule.value, begins) if not place else ""
            if found:
                item.fields["recurrence"] = found
                continue
            notes.append(f"RRULE: {rule.value}")
            why = sentence(
                "{word} is not a period here; it is in the notes.", word=rule.value[:100]
            )
            self.source.warn(item.row, "RRULE", rule.value, why, item.place)

    # --- arrows --------------------------------------------------------------------------------

    def _relations(self, todo: Component, item: PlanItem) -> Iterator[Relation]:
        for found in todo.all("RELATED-TO"):
            other = found.text.strip()
            kind = found.parameters.get("RELTYPE", "PARENT").upper()
            if other == item.key:
                why = sentence("Related to itself; not taken.")
                self.source.warn(item.row, "RELATED-TO", other, why, item.place)
            elif kind == "PARENT":
                item.parent = other
            elif kind == "CHILD":
                self.children.setdefault(other, item.key)
            elif kind == "DEPENDS-ON":
                yield self._arrow(found, other, item.key, "FS", item)
            elif kind in _RELATIONS:
                self.remarks.note(
                    item.row, "RELATED-TO", kind, _later_named, near=True, place=item.place
                )
                yield self._arrow(found, item.key, other, _RELATIONS[kind], item)
            else:
                self.remarks.note(
                    item.row, "RELATED-TO", f"{kind} {other}", _unrelated, place=item.place
                )
                item.fields["notes"] += f"\n{kind}: {other}"

    def _arrow(
        self, found: ContentProperty, source: str, target: str, kind: RelationKind, item: PlanItem
    ) -> Relation:
        relation = Relation(
            source, target, kind=kind, row=item.row, column="RELATED-TO", text=found.value[:300]
        )
        own = found.parameters.get("X-TRACKER-LAG", "")
        gap = found.parameters.get("GAP", "")
        if own and (lag := _number(own)) is not None:
            relation.lag = lag
        elif gap:
            length = span_of(gap)
            if length is None:
                why = sentence("{value} is not a time span; the arrow has no lag.", value=gap[:100])
                self.source.warn(item.row, "GAP", gap, why, item.place)
            else:
                relation.lag, relation.unit = length / _DAY, "elapsed"
        return relation


def _take_ours(item: PlanItem, todo: Component, notes: list[str]) -> None:
    """Take what our own export has said in its own words."""
    fields = item.fields
    number = todo.text("X-TRACKER-ID")
    if number.isascii() and number.isdigit() and len(number) < 10:
        item.number, item.wanted = number, int(number)
        item.origin = todo.text("X-TRACKER-ORIGIN") or item.origin
        fields["title"] = fields["title"].removeprefix(f"{number} ")
    tags = list(fields["tags"])
    for name in ("department", "project", "phase"):
        if text := todo.text(f"X-TRACKER-{name.upper()}"):
            fields[name] = text
            # They stand before the tags.
            if text in tags:
                tags.remove(text)
    fields["tags"] = tuple(tags)
    for name in ("low", "likely", "high"):
        if (days := _number(todo.text(f"X-TRACKER-{name.upper()}"))) is not None:
            fields[name] = days
    fields["waiting_for"] = todo.text("X-TRACKER-WAITING-FOR")
    for name, field in (
        ("FOLLOW-UP", "follow_up"),
        ("EXPIRES", "expires"),
        ("NOT-BEFORE", "not_before"),
    ):
        if found := day_of(todo.text(f"X-TRACKER-{name}")):
            fields[field] = found
    if is_period(repeats := todo.text("X-TRACKER-REPEATS")):
        fields["recurrence"] = repeats
    fields["systems"] = tuple(text for each in todo.all("RESOURCES") for text in each.texts)
    fields["assignee"] = todo.text("CONTACT") or None
    ticks = todo.text("X-TRACKER-CHECKLIST")
    lines = notes[0].split("\n") if notes else []
    if ticks.isascii() and ticks.isdigit() and 0 < (count := int(ticks[:6])) <= len(lines):
        fields["checklist"] = read_checklist("\n".join(lines[-count:]))
        notes[0] = "\n".join(lines[:-count])


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _place(row: int, todo: Component) -> str:
    """Return how a task is told: by its title, or by its place and first line in the file."""
    title = " ".join(todo.text("SUMMARY").split())
    return title[:_LONGEST_PLACE] or f"VTODO {row} ({todo.line})"


def _unnamed(n: int) -> Sentence:
    return counted(
        "No UID: another import will not recognise it ({n} task).",
        "No UID: another import will not recognise them ({n} tasks).",
        n,
    )


def _named_twice(n: int) -> Sentence:
    return counted(
        "Another task has the same UID; both were taken ({n} task).",
        "Other tasks have the same UID; all were taken ({n} tasks).",
        n,
    )


def _in_the_notes(n: int) -> Sentence:
    return counted(
        "Kept in the notes ({n} task).",
        "Kept in the notes ({n} tasks).",
        n,
    )


def _done_anyway(n: int) -> Sentence:
    return counted(
        "Completed, whatever the status says, so done ({n} task).",
        "Completed, whatever the status says, so done ({n} tasks).",
        n,
    )


def _later_named(n: int) -> Sentence:
    return counted(
        "Read as an arrow to the task that is named, as in RFC 9253; some programs mean the"
        " reverse ({n} arrow).",
        "Read as arrows to the tasks that are named, as in RFC 9253; some programs mean the"
        " reverse ({n} arrows).",
        n,
    )


def _unrelated(n: int) -> Sentence:
    return counted(
        "Not drawn as an arrow; kept in the notes ({n} relation).",
        "Not drawn as arrows; kept in the notes ({n} relations).",
        n,
    )
