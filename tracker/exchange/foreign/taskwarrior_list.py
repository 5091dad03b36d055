"""What `task export` of Taskwarrior writes (2.4 to 3), read as tasks.

The format: https://taskwarrior.org/docs/design/task/. Stamps are in UTC, a day is the midnight it
begins with. What is recurring is a template there with the tasks that came of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from tracker.domain.errors import TrackerError
from tracker.domain.model import STATES, State
from tracker.domain.periods import is_period
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.typing.dates import parse_period
from tracker.domain.typing.field_values import read_checklist
from tracker.exchange.foreign.added_fields import AddedFields
from tracker.exchange.foreign.parts import JsonParts
from tracker.exchange.ledger import Ledger
from tracker.exchange.moments import Moments
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.settling import settled
from tracker.exchange.source import MAX_ROWS, ReadOptions, Source, harmless_value, too_many_rows
from tracker.exchange.taskwarrior import tag_word

_STATUS = frozenset(("pending", "completed", "deleted", "waiting", "recurring"))
_DAYS = ("due", "scheduled", "until", "wait")
_PRIORITY = {"H": "high", "M": "medium", "L": "low"}
# The states here that are the same there.
_OPEN = ("todo", "waiting", "recheck")
# ForSeveral for periods of which there is no other spelling here.
_PERIODS = {
    **dict.fromkeys(("annual", "1yr"), "1y"),
    **dict.fromkeys(("biannual", "biyearly", "2yrs"), "2y"),
    **dict.fromkeys(("biweekly", "fortnight"), "2w"),
    "bimonthly": "2m",
    "semiannual": "6m",
    "sennight": "1w",
    "quarterly": "3m",
}
# The working number, and what else follows from the rest there.
_COMPUTED = ("id", "urgency", "mask", "imask", "rtype", "template", "last", "rlast")
# What these tasks always say, if only by leaving it out.
_SAYS = frozenset(
    (
        *("title", "state", "priority", "due", "not_before", "project", "tags", "notes"),
        *("recurrence", "needs"),
    )
)


def read(decoded: tuple[Any, Sentence | None], file: str, options: ReadOptions) -> Source:
    """Return the tasks of an export; raises BadInput."""
    content, remark = decoded
    values = content if isinstance(content, list) else [content]
    if len(values) > MAX_ROWS:
        raise too_many_rows(file)
    source = Source(file, options.project, id_column="uuid", states=_SAYS)
    if remark:
        source.warn(0, "", "", remark)
    return _Reading(source, values, options).done()


class _Form:
    """A task as it stands in the file."""

    def __init__(self, row: int, value: Mapping[str, Any]) -> None:
        self.row, self.parts = row, JsonParts(value)
        self.uuid = self.parts.text("uuid").lower() or f"row {row}"
        self.status = self.parts.text("status")
        self.parent = self.parts.text("parent").lower()
        self.place = self.uuid.partition("-")[0]
        self.own = self.parts.whole("tracker_id")
        self.origin = self.parts.text("tracker_origin")
        if not self.origin and self.parts.text("uuid"):
            self.origin = f"tw:{self.uuid}"


class _Reading:
    """A list being read."""

    def __init__(self, source: Source, values: list[Any], options: ReadOptions) -> None:
        self.source, self.options = source, options
        self.outline = Outline(source, schedule=False)
        self.remarks, self.ledger = RepeatedRemarks(source), Ledger(source, computed=_COMPUTED)
        self.forms: list[_Form] = []
        seen: set[str] = set()
        for row, value in enumerate(values, 1):
            if isinstance(value, dict):
                form = _Form(row, value)
                if form.uuid in seen:
                    why = sentence("This task is in the list twice; the first one was taken.")
                    source.skip(row, why, form.place)
                else:
                    seen.add(form.uuid)
                    self.forms.append(form)
            else:
                text = harmless_value(value)
                source.skip(row, sentence("This is not a task: {text}", text=text))
        stamps = (form.parts.moment(name) for form in self.forms for name in _DAYS)
        self.moments = Moments(
            source, options.zone, [stamp for stamp in stamps if stamp], options.here
        )
        self.added = AddedFields(source, self.moments.day_of_text)
        # The tasks that stand for a template, by its UUID; the numbers of ours, by theirs.
        self.youngest = self._youngest()
        source.ours = any(form.own for form in self.forms)
        self.numbers = {str(form.own): form.uuid for form in self.forms if form.own}

    def done(self) -> Source:
        """Return the tasks with everything that was remarked."""
        keys = dict(self._keys())
        for form in self.forms:
            if keys[form.uuid] == form.uuid:
                self.outline.items.append(self._item(form))
                self.outline.relations += self._relations(form, keys)
                form.parts.close(self.source, self.ledger, form.row, form.place)
            elif form.status != "deleted":
                # All that a template says its youngest task says too.
                self._merged(form)
        self.moments.tell()
        self.remarks.tell()
        self.ledger.close()
        found = settled(self.outline, self.options)
        if found.ours:
            # Each task has said its project.
            found.forget_file_name()
        return found

    def _keys(self) -> Iterator[tuple[str, str]]:
        """Walk over the UUIDs with that of the task which stands for each; nothing for none."""
        for form in self.forms:
            if form.status == "recurring" and form.uuid in self.youngest:
                yield form.uuid, self.youngest[form.uuid].uuid
            elif form.status == "deleted" and not self._is_wanted(form):
                why = sentence("Deleted there; not taken. --deleted takes it as dropped.")
                self.source.skip(form.row, why, form.parts.text("description"))
                yield form.uuid, ""
            else:
                yield form.uuid, form.uuid

    def _is_wanted(self, form: _Form) -> bool:
        # What is dropped here is deleted there.
        return self.options.deleted or form.parts.text("tracker_state") == "dropped"

    def _youngest(self) -> dict[str, _Form]:
        found: dict[str, _Form] = {}
        for form in self.forms:
            if form.parent and form.status in ("pending", "waiting"):
                before = found.get(form.parent)
                if before is None or _count(before) < _count(form):
                    found[form.parent] = form
        return found

    def _merged(self, form: _Form) -> None:
        self.remarks.note(
            form.row,
            "recur",
            form.parts.text("description"),
            lambda n: counted(
                "A recurring template and its youngest task became one task ({n} template).",
                "Recurring templates and their youngest tasks became one task each"
                " ({n} templates).",
                n,
            ),
            key="template",
            near=True,
            place=form.place,
        )

    # --- one task ------------------------------------------------------------------------------

    def _item(self, form: _Form) -> PlanItem:
        parts = form.parts
        item = PlanItem(
            key=form.uuid,
            row=form.row,
            place=form.place,
            origin=form.origin,
            number=str(form.own or ""),
            wanted=form.own,
        )
        days = {name: self._day(form, name) for name in _DAYS}
        fields = item.fields
        fields["title"] = parts.text("description")
        fields["due"], fields["not_before"] = days["due"], days["scheduled"]
        fields["created"], fields["modified"] = parts.moment("entry"), parts.moment("modified")
        fields["priority"] = self._priority(form)
        fields["state"] = self._state(form, item, days["wait"])
        fields["tags"] = self._tags(form, fields["state"])
        notes = self._annotations(form, item)
        if days["until"]:
            notes.append(f"until: {days['until']}")
            self.remarks.note(
                form.row,
                "until",
                days["until"],
                lambda n: counted(
                    "Nothing is deleted by itself here; the date is in the notes ({n} task).",
                    "Nothing is deleted by itself here; the dates are in the notes ({n} tasks).",
                    n,
                ),
                near=True,
                place=form.place,
            )
        self._recurrence(form, fields, notes)
        self._project(form, item)
        self._added(form, fields, notes)
        fields["notes"] = "\n".join(notes)
        return item

    def _day(self, form: _Form, name: str) -> date | None:
        at = form.parts.moment(name)
        if at is None:
            return None
        try:
            return self.moments.day(form.row, name, at, form.place)
        except TrackerError as problem:
            self.source.warn(form.row, name, at, problem.sentence, form.place)
            return None

    def _priority(self, form: _Form) -> str:
        letter = form.parts.text("priority")
        own = form.parts.text("tracker_priority")
        found = _PRIORITY.get(letter.upper())
        if own == "critical" and found == "high":
            return own
        if letter and found is None:
            why = sentence("{word} is not a known priority; the task is medium.", word=letter)
            self.source.warn(form.row, "priority", letter, why, form.place)
        return found or "medium"

    def _state(self, form: _Form, item: PlanItem, wait: date | None) -> State:
        parts = form.parts
        own = parts.text("tracker_state")
        began, ended = parts.moment("start"), parts.moment("end")
        if wait is not None:
            item.fields["follow_up"] = wait
        if (day := parts.text("tracker_follow_up")) and wait is None:
            item.fields["follow_up"] = _iso(day)
        item.began = began
        match form.status:
            case "completed":
                item.ended = ended
                return "done"
            case "deleted":
                item.ended = ended
                return "dropped"
        if form.status not in _STATUS:
            why = sentence("{word} is not a known state; the task is todo.", word=form.status)
            self.source.warn(form.row, "status", form.status, why, form.place)
        if began is not None:
            return "doing"
        if own in _OPEN and own in STATES:
            return own
        if wait is None:
            return "todo"
        if wait > self.options.today or form.status == "waiting":
            return "waiting"
        item.fields["follow_up"] = None
        self.remarks.note(
            form.row,
            "wait",
            wait,
            lambda n: counted(
                "The wait is over; not taken ({n} task).",
                "The wait is over; not taken ({n} tasks).",
                n,
            ),
            place=form.place,
        )
        return "todo"

    def _tags(self, form: _Form, state: State) -> tuple[str, ...]:
        tags = form.parts.texts("tags")
        if not tags and (one := form.parts.text("tags")):
            tags = one.split(",")
        ours = form.own is not None and state == "recheck"
        task = self.options.ws.tasks.get(form.own) if form.own is not None else None
        # What went out as one word comes back as it is called here.
        called = {tag_word(tag): tag for tag in task.tags} if task else {}
        return tuple(called.get(tag, tag) for tag in tags if not (ours and tag == "recheck"))

    def _annotations(self, form: _Form, item: PlanItem) -> list[str]:
        """Return the lines of the notes; those of ours were counted up from the first second."""
        lines, own = [], []
        entry = form.parts.moment("entry")
        for place, each in enumerate(form.parts.several("annotations")):
            at, text = each.moment("entry"), each.text("description")
            if form.own is not None and entry and at == entry + place * timedelta(seconds=1):
                own.append(text)
            elif text:
                lines.append(f"{self._date(at)}: {text}" if at else text)
        ticked = min(form.parts.whole("tracker_checklist") or 0, len(own))
        if ticked:
            item.fields["checklist"] = read_checklist("\n".join(own[-ticked:]))
        return own[: len(own) - ticked] + lines

    def _date(self, at: datetime) -> date:
        return self.moments.here(at).date()

    def _recurrence(self, form: _Form, fields: dict[str, Any], notes: list[str]) -> None:
        word = form.parts.text("recur")
        own = form.parts.text("tracker_repeats")
        if is_period(own):
            fields["recurrence"] = own
        if not word:
            return
        template = form.parent and self.youngest.get(form.parent) is not form
        if template:
            # An earlier one of the series: only the youngest comes back.
            return
        try:
            fields["recurrence"] = _period(word)
        except TrackerError:
            notes.append(f"recur: {word}")
            why = sentence("{word} is not a period here; it is in the notes.", word=word)
            self.source.warn(form.row, "recur", word, why, form.place)

    def _project(self, form: _Form, item: PlanItem) -> None:
        """Take the outermost project; what is below it becomes a tag, or the department of ours."""
        parts, fields = form.parts, item.fields
        whole = parts.text("project")
        named, lane = parts.text("tracker_project"), parts.text("tracker_department")
        if named or lane:
            told = ".".join(each.replace(".", "_") for each in (named, lane) if each)
            if told == whole:
                fields["project"], fields["department"] = named or None, lane or None
                return
        first, _dot, rest = whole.partition(".")
        fields["project"] = first or None
        if rest:
            item.lanes["subproject"] = rest
            if self.options.lanes != "subproject":
                fields["tags"] = (*fields["tags"], rest)
                self.remarks.note(
                    form.row,
                    "project",
                    whole,
                    lambda n: counted(
                        "The first part became the project, the rest a tag; --lanes subproject"
                        " makes the rest the department ({n} task).",
                        "The first part became the project, the rest a tag; --lanes subproject"
                        " makes the rest the department ({n} tasks).",
                        n,
                    ),
                    near=True,
                    place=form.place,
                )

    def _added(self, form: _Form, fields: dict[str, Any], notes: list[str]) -> None:
        """Take fields of the user's own: by their words, else into the notes."""
        form.parts.drop("tracker_lag", "depends", "annotations")
        for name, value in form.parts.rest().items():
            if name in _COMPUTED:
                continue
            if not self.added.take(name, value, fields, form.row, form.place):
                notes.append(f"{name}: {_plain(value)}")
                self.remarks.note(form.row, name, _plain(value), _in_the_notes, place=form.place)

    # --- arrows --------------------------------------------------------------------------------

    def _relations(self, form: _Form, keys: Mapping[str, str]) -> Iterator[Relation]:
        needed = form.parts.texts("depends")
        if not needed:
            needed = form.parts.text("depends").replace(",", " ").split()
        lags = self._lags(form)
        for uuid in dict.fromkeys(each.lower() for each in needed):
            source = keys.get(uuid, uuid)
            if source == "":
                self.remarks.note(
                    form.row,
                    "depends",
                    uuid,
                    lambda n: counted(
                        "The predecessor was deleted there; not drawn ({n} arrow).",
                        "The predecessors were deleted there; not drawn ({n} arrows).",
                        n,
                    ),
                    place=form.place,
                )
                continue
            yield Relation(
                source,
                form.uuid,
                lag=lags.get(uuid, 0.0),
                row=form.row,
                column="depends",
                text=uuid,
            )

    def _lags(self, form: _Form) -> dict[str, float]:
        """Return the lags that our own export has kept, by the UUIDs of the predecessors."""
        found: dict[str, float] = {}
        for each in form.parts.text("tracker_lag").split(";"):
            match = re.fullmatch(r"\s*(\d{1,9})([+-][\d.]{1,20}(?:e[+-]?\d{1,3})?)\s*", each)
            if match and (uuid := self.numbers.get(match[1])):
                try:
                    found[uuid] = float(match[2])
                except ValueError:
                    continue
        return found


def _in_the_notes(n: int) -> Sentence:
    return counted(
        "Unknown here; kept in the notes ({n} task).",
        "Unknown here; kept in the notes ({n} tasks).",
        n,
    )


def _count(form: _Form) -> float:
    return form.parts.number("imask")


def _period(word: str) -> str:
    """Return a period as it is kept here; raises BadInput."""
    bare = word.strip().lower()
    if bare in _PERIODS:
        return _PERIODS[bare]
    found = re.fullmatch(r"(\d{1,4})(d|day|w|wk|week|mo|mth|month|q|qtr|quarter|y|yr|year)s?", bare)
    if found:
        unit = found[2][0]
        return f"{int(found[1]) * 3}m" if unit == "q" else f"{int(found[1])}{unit}"
    return parse_period(bare)


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _plain(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
