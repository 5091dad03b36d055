"""A JSON document read as tasks: a whole workspace, or a list such as a script makes it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from tracker.domain.arrow_fields import ARROW_FIELDS, arrow_values
from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.fields import ESTIMATE, FIELDS, of_kind
from tracker.domain.model import KINDS, TABLE_OF, Link, LinkKind, Pass, Task
from tracker.domain.sentence import quoted, sentence
from tracker.domain.verbs.field_rules import needs_options, return_options
from tracker.exchange.amounts import sound_days
from tracker.exchange.document import FORMAT, TABLES, VERSION
from tracker.exchange.json_content import json_content
from tracker.exchange.json_refusals import unknown_file
from tracker.exchange.json_rows import BESIDES, DERIVED, read_objects
from tracker.exchange.source import (
    MAX_DEPTH,
    MAX_LINKS,
    MAX_ROWS,
    LastKnown,
    ReadOptions,
    Source,
    SourceColumn,
    SourceLink,
    SourceTask,
    harmless,
    harmless_value,
    stripped,
    too_deep,
    too_many_links,
    too_many_rows,
)


class _Need(msgspec.Struct):
    id: int
    lag: float = 0.0
    ripple: float | None = None
    share: float | None = None


class _Return(msgspec.Struct):
    to: int
    rate: float | None = None
    share: float | None = None
    limit: int | None = None
    redo: str | None = None
    learning: float | None = None
    escalation: float | None = None
    observed_only: bool = False


def _given(arrow: _Need | _Return, kind: LinkKind) -> dict[str, Any]:
    return {field.name: getattr(arrow, field.name) for field in ARROW_FIELDS[kind]}


def _named(one: Any, several: Any) -> dict[str, tuple[Any, Any]]:
    """Return type and default of the fields that name things, where something else names them."""
    return {
        field.name: (several, ()) if field.kind == "names" else (one, None)
        for field in FIELDS
        if field.entity
    }


_HELD = {
    field.name: (field.type, field.default)
    for field in msgspec.structs.fields(Task)
    if field.name not in ("id", "title", "extra", "passes")
} | _named(str | None, tuple[str, ...])
# The ids behind the names of a task.
_Refs = msgspec.defstruct(
    "_Refs",
    [(name, *held) for name, held in _named(int | None, tuple[int, ...]).items()],
)
# A task in a document, with names for ids; only the title must be there.
_Task = msgspec.defstruct(
    "_Task",
    [
        ("id", int | None, None),
        ("title", str, ""),
        ("passes_ledger", tuple[Pass, ...], ()),
        ("needs", tuple[_Need, ...], ()),
        ("returns", tuple[_Return, ...], ()),
        ("refs", _Refs, msgspec.field(default_factory=_Refs)),
        ("extra", dict[str, Any], msgspec.field(default_factory=dict)),
        *((name, *held) for name, held in _HELD.items()),
    ],
)


def read_document(data: bytes, file: str, options: ReadOptions) -> Source:
    """Read a workspace as `workspace_json` writes it, or any list of objects with titles.

    In a workspace every value is taken as it is, and those that nobody here could have written
    are read as in a list. Raises BadInput when it is neither.
    """
    content, remark = json_content(data, file)
    if isinstance(content, list):
        content = {"tasks": content}
    if not isinstance(content, dict) or not isinstance(content.get("tasks"), list):
        raise unknown_file(file)
    version = content.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise BadInput(
            "{file} was written by a newer version (format {version}); update tracker.",
            file=file,
            version=str(version),
        )
    tasks = content["tasks"]
    if len(tasks) > MAX_ROWS:
        raise too_many_rows(file)
    if content.get("format") == FORMAT:
        reading = _Reading(Source(file, options.project, id_column="id", own=True))
        reading.entities(content)
        reading.tasks(tasks, options)
        with suppress(msgspec.ValidationError):
            known = msgspec.convert(content.get("last_known"), LastKnown)
            reading.source.last_known = known
    else:
        if tasks and not any(isinstance(each, Mapping) for each in tasks):
            raise unknown_file(file)
        found = read_objects(tasks, file, options) if tasks else Source(file)
        if remark:
            found.warn(0, "", "", remark)
        reading = _Reading(found)
        reading.entities(content)
    reading.links(reading.table(content, "links"))
    for name in content.keys() - {"format", "version", "last_known", "settings", "tasks", *TABLES}:
        why = sentence("This part of the file is unknown and was skipped.")
        reading.source.warn(0, harmless_value(name), "", why)
    return reading.source


class _Reading:
    """A document being read into a source, which may have tasks already."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._columns: dict[str, SourceColumn] = {}
        self._places: dict[int, int] = {}
        self._names: dict[str, dict[int, str]] = {}
        self._drawn: set[tuple[str, int, int]] = set()
        self._arrows: list[tuple[int, Any]] = []
        for place, task in enumerate(source.tasks):
            if task.wanted is not None:
                self._places.setdefault(task.wanted, place)

    def table(self, content: Mapping[str, Any], name: str) -> list[Any]:
        """Return the rows of a table; none where the document has no such table."""
        rows = content.get(name) or []
        if not isinstance(rows, list):
            raise self._misplaced(name, _plain(rows)[:40])
        return rows

    def entities(self, content: Mapping[str, Any]) -> None:
        """Take the tables other than tasks and links."""
        tables = {name: self.table(content, name) for name in TABLES if name != "links"}
        if content.get("settings"):
            tables["settings"] = [content["settings"]]
        for table, rows in tables.items():
            seen: set[int] = set()
            for place, raw in enumerate(rows, 1):
                entity = self._converted(raw, KINDS[table], f"{table} {place}")
                if entity.id < 1 or entity.id in seen:
                    raise self._misplaced(f"{table} {place}", f"id {entity.id}")
                seen.add(entity.id)
                name: str = getattr(entity, "login", getattr(entity, "name", table))
                if not name.strip():
                    raise self._misplaced(f"{table} {place}", 'name ""')
                self.source.entities.append(entity)
                self._names.setdefault(table, {})[entity.id] = name

    def tasks(self, rows: list[Any], options: ReadOptions) -> None:
        """Take the tasks of a whole workspace, and remember the arrows they name."""
        # What was written by hand, as a list of its own; its rows keep their places.
        strange: list[dict[str, Any]] = []
        for row, raw in enumerate(rows, 1):
            strange.append({})
            if isinstance(raw, dict) and not harmless(_plain(raw.get("title") or ""))[0].strip():
                self.source.skip(row, sentence("The task has no title."))
                continue
            found, odd = self._task(raw, row)
            fields = self._fields(found, odd)
            if odd:
                strange[-1] = {"id": found.id, "title": found.title, **odd}
            task = SourceTask(row, "", None, fields)
            self._number(task, found.id, len(self.source.tasks))
            self.source.tasks.append(task)
            self._arrows.append((row, found))
        if any(strange):
            self._add(read_objects(strange, self.source.file, options, own=True), strange)
        for task in self.source.tasks:
            for name, value in rows[task.row - 1].items():
                self._tell(str(name), value, name in task.unread)
        self.source.columns.update(enumerate(self._columns.values()))

    def _number(self, task: SourceTask, wanted: int | None, place: int) -> None:
        """Give a task its number, unless another one has it."""
        task.number = "" if wanted is None else str(wanted)
        if wanted is not None and wanted in self._places:
            why = sentence(
                "Row {row} already has this number; references point to it.",
                row=self.source.tasks[self._places[wanted]].row,
            )
            self.source.warn(task.row, "id", wanted, why)
        elif wanted is not None:
            self._places[wanted] = place
            task.wanted = wanted

    def _add(self, found: Source, strange: list[dict[str, Any]]) -> None:
        """Add what was read of the values that were written by hand."""
        places = {task.row: place for place, task in enumerate(self.source.tasks)}
        for other in found.tasks:
            task, odd = self.source.tasks[places[other.row]], strange[other.row - 1]
            if "id" in odd:
                self._number(task, other.wanted, places[other.row])
            if task.fields["passes"]:
                other.fields.pop("passes", None)
            notes = (task.fields["notes"], other.fields.pop("notes"))
            task.fields.update(other.fields, notes="\n".join(filter(None, notes)))
            task.unread = other.unread
        for link in found.links:
            ends = (places[found.tasks[at].row] for at in (link.source, link.target))
            link.source, link.target = ends
            self.source.links.append(link)
        self.source.warnings += found.warnings

    def _task(self, raw: Any, row: int) -> tuple[Any, dict[str, Any]]:
        """Return a task, and those of its values that nobody here could have written."""
        known = self._known(raw, _Task, f"tasks {row}", row)
        odd: dict[str, Any] = {}
        try:
            found: Any = msgspec.convert(known, _Task)
        except msgspec.ValidationError:
            odd = {name: known.pop(name) for name in list(known) if not _is_exact(name, known)}
            found = msgspec.convert(known, _Task)
        for name in BESIDES & odd.keys():
            value = odd.pop(name)
            self.source.warn(row, name, value, sentence("Not readable; kept in the notes."))
            found.notes = f"{found.notes}\n{name}: {_plain(value)}".lstrip()
        for name in _unsound(found):
            odd[name] = getattr(found, name)
            setattr(found, name, None)
        return found, odd

    def _tell(self, name: str, value: Any, unread: bool) -> None:
        """Count a value for the report on its field."""
        if name in DERIVED or name in ("refs", "extra"):
            return
        known = name if name in _Task.__struct_fields__ else None
        told = self._columns.setdefault(name, SourceColumn(harmless_value(name), known))
        if unread:
            told.unread += 1
        elif value in (None, "", [], {}):
            told.empty += 1
        else:
            told.read += 1

    def links(self, rows: list[Any]) -> None:
        """Take the arrows, and those that only the tasks name."""
        for place, raw in enumerate(rows, 1):
            link = self._converted(raw, Link, f"links {place}")
            options: dict[str, Any] = {"extra": link.extra} if link.extra else {}
            options |= arrow_values(link)
            if link.kind == "needs":
                if link.ripple is None:
                    options["share"] = None
            else:
                options["rate_entered"] = link.rate_entered
                options |= {"escalate_to": link.escalate_to, "observed": link.observed}
            self._draw(0, "links", link.kind, link.source, link.target, options, link.id)
        for row, task in self._arrows:
            if task.id is None:
                continue
            for need in task.needs:
                if ("needs", need.id, task.id) not in self._drawn:
                    options = _given(need, "needs")
                    self._draw(row, "needs", "needs", need.id, task.id, options)
            for back in task.returns:
                if ("returns", task.id, back.to) not in self._drawn:
                    options = _given(back, "returns") | {"observed": back.observed_only}
                    self._draw(row, "returns", "returns", task.id, back.to, options)

    def _draw(
        self,
        row: int,
        column: str,
        kind: Any,
        source: int,
        target: int,
        options: dict[str, Any],
        wanted: int | None = None,
    ) -> None:
        """Put an arrow between two tasks of the file, or report that one of them is missing."""
        arrow = f"{source} → {target}"
        if source not in self._places or target not in self._places:
            missing = source if source not in self._places else target
            why = sentence("There is no task {name} in this list.", name=str(missing))
            self.source.warn(row, column, arrow, why)
            return
        try:
            names = {field.name for field in ARROW_FIELDS[kind]}
            checked = needs_options if kind == "needs" else return_options
            known = checked(**{name: options[name] for name in names if name in options})
            options = known | {name: options[name] for name in options if name not in names}
        except TrackerError as problem:
            self.source.warn(row, column, arrow, problem.sentence)
            return
        row = row or self.source.tasks[self._places[target if kind == "needs" else source]].row
        ends = self._places[source], self._places[target]
        if len(self.source.links) >= MAX_LINKS:
            raise too_many_links(self.source.file)
        self._drawn.add((kind, source, target))
        self.source.links.append(SourceLink(row, column, arrow, kind, *ends, options, wanted))

    def _fields(self, found: Any, odd: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of a task; what the file holds in full is named by its id.

        A name that is not that of its id was written by hand, and goes into `odd`.
        """
        fields = {
            name: getattr(found, name)
            for name in Task.__struct_fields__
            if name not in ("id", "passes")
        }
        fields["passes"] = found.passes_ledger
        for field in FIELDS:
            if not field.entity:
                continue
            table, name = TABLE_OF[field.entity], field.name
            ids = getattr(found.refs, name)
            if field.kind == "name":
                called = self._called(table, ids, fields[name])
                if isinstance(called, str) and called:
                    odd[name], called = called, None
                fields[name] = called
                continue
            padded = [*ids, *([None] * len(fields[name]))]
            fields[name] = tuple(
                self._called(table, key, text)
                for key, text in zip(padded, fields[name], strict=False)
            )
        return fields

    def _called(self, table: str, key: int | None, name: str | None) -> int | str | None:
        """Return the id if it still has the name written beside it, else the name."""
        return key if key is not None and self._names.get(table, {}).get(key) == name else name

    def _converted(self, raw: Any, kind: Any, place: str) -> Any:
        """Return a part of the document as a value."""
        try:
            return msgspec.convert(self._known(raw, kind, place), kind)
        except msgspec.ValidationError as error:
            raise self._misplaced(place, str(error)) from None

    def _known(self, raw: Any, kind: Any, place: str, row: int = 0) -> dict[str, Any]:
        """Return the parts of a thing, harmless; what is not known of it goes into `extra`."""
        if not isinstance(raw, dict):
            raise self._misplaced(place, msgspec.json.encode(raw).decode()[:40])
        known: dict[str, Any] = {}
        for name, value in raw.items():
            part, lost = self._cleaned(value, 0)
            if lost:
                self.source.warn(row, name, part, stripped(lost))
            known[name] = part
        fields = kind.__struct_fields__
        derived = DERIVED if kind is _Task else frozenset()
        unknown = {name: known.pop(name) for name in list(known) if name not in fields}
        kept = {name: value for name, value in unknown.items() if name not in derived}
        for name, value in kept.items():
            why = sentence("This field is unknown; it was kept unchanged.")
            self.source.warn(row, name, value, why)
        if kept:
            here = known.get("extra") or {}
            known["extra"] = {**(here if isinstance(here, dict) else {"extra": here}), **kept}
        return known

    def _cleaned(self, value: Any, depth: int) -> tuple[Any, int]:
        """Return a value without control characters in its texts, and how many it lost."""
        if depth > MAX_DEPTH:
            raise too_deep(self.source.file)
        if isinstance(value, str):
            return harmless(value)
        if isinstance(value, list):
            parts = [self._cleaned(part, depth + 1) for part in value]
            return [part for part, _ in parts], sum(lost for _, lost in parts)
        if isinstance(value, dict):
            lost = 0
            cleaned = {}
            for name, part in value.items():
                cleaned[harmless(name)[0]], gone = self._cleaned(part, depth + 1)
                lost += gone
            return cleaned, lost
        return value, 0

    def _misplaced(self, place: str, problem: str) -> BadInput:
        return BadInput(
            "Cannot import {file}: {place} is invalid ({problem}).",
            file=self.source.file,
            place=place,
            problem=quoted(harmless_value(problem)),
        )


def _is_exact(name: str, known: Mapping[str, Any]) -> bool:
    """Return whether a value of a task is as it is written here."""
    try:
        msgspec.convert({name: known[name]}, _Task)
    except msgspec.ValidationError:
        return False
    return True


def _unsound(task: Any) -> set[str]:
    """Return the fields with numbers that no task may have."""
    found = set()
    for name in of_kind("days"):
        number = getattr(task, name)
        try:
            if number is not None:
                sound_days(number, str(number))
        except BadInput:
            found.add(name)
    estimate = {name: days for name in ESTIMATE if (days := getattr(task, name)) is not None}
    if [*estimate.values()] != sorted(estimate.values()):
        found |= estimate.keys()
    return found


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
