"""A JSON document read as tasks: a whole workspace, or a list such as a script makes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.fields import ESTIMATE, FIELDS, of_kind
from tracker.domain.model import KINDS, TABLE_OF, Link, Pass, Task
from tracker.domain.sentence import numbers_with_strokes, quoted, sentence
from tracker.domain.verbs.field_rules import checked_lag, return_options
from tracker.exchange.amounts import sound_days
from tracker.exchange.document import FORMAT, TABLES, VERSION
from tracker.exchange.foreign_json import reread, unknown_file, untitled
from tracker.exchange.source import (
    MAX_DEPTH,
    MAX_LINKS,
    MAX_ROWS,
    Source,
    SourceColumn,
    SourceLink,
    SourceTask,
    damaged,
    harmless,
    harmless_value,
    stripped,
    too_deep,
    too_many_links,
    too_many_rows,
)

# Derived from the rest; written for scripts, not read again.
_DERIVED = frozenset(("ready", "blocked", "stuck", "late", "passes"))


class _Need(msgspec.Struct):
    id: int
    lag: float = 0.0


class _Return(msgspec.Struct):
    to: int
    rate: float | None = None
    share: float | None = None
    limit: int | None = None
    observed_only: bool = False


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


def read_document(data: bytes, file: str, *, project: str | None, today: date) -> Source:
    """Read a workspace as `workspace_json` writes it, or a list of tasks as scripts know them.

    `project` is for tasks that name none. Raises BadInput when it is neither.
    """
    content = _decoded(data, file)
    if isinstance(content, list):
        content = {"tasks": content}
    if not isinstance(content, dict) or not isinstance(content.get("tasks"), list):
        raise unknown_file(content, file)
    version = content.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise BadInput(
            "{file} was written by a newer version (format {version}); update tracker.",
            file=file,
            version=str(version),
        )
    if len(content["tasks"]) > MAX_ROWS:
        raise too_many_rows(file)
    if foreign := untitled(content["tasks"], file):
        raise foreign
    whole = content.get("format") == FORMAT
    source = Source(file, project, id_column="id", own=whole)
    reading = _Reading(source, today, whole=whole)
    reading.entities(content)
    reading.tasks(content["tasks"])
    reading.links(content.get("links") or [])
    for name in content.keys() - {"format", "version", "settings", "tasks", *TABLES}:
        source.warn(0, name, "", sentence("This part of the file is unknown and was skipped."))
    return source


def _decoded(data: bytes, file: str) -> Any:
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise too_deep(file) from None
    except msgspec.MsgspecError as error:
        raise damaged(file, error) from None


class _Reading:
    """A document being read into a source; a `whole` one is a complete workspace."""

    def __init__(self, source: Source, today: date, *, whole: bool) -> None:
        self.source, self.today, self.whole = source, today, whole
        self._columns: dict[str, SourceColumn] = {}
        self._places: dict[int, int] = {}
        self._names: dict[str, dict[int, str]] = {}
        self._drawn: set[tuple[str, int, int]] = set()
        self._arrows: list[tuple[int, Any]] = []

    def entities(self, content: Mapping[str, Any]) -> None:
        """Take the tables other than tasks and links."""
        tables = {name: content.get(name) or [] for name in TABLES if name != "links"}
        if content.get("settings"):
            tables["settings"] = [content["settings"]]
        for table, rows in tables.items():
            seen: set[int] = set()
            for place, raw in enumerate(rows, 1):
                entity = self._converted(raw, KINDS[table], f"{table} {place}")
                if entity.id < 1 or entity.id in seen:
                    raise self._misplaced(f"{table} {place}", f"id {entity.id}")
                seen.add(entity.id)
                self.source.entities.append(entity)
                name: str = getattr(entity, "login", getattr(entity, "name", ""))
                self._names.setdefault(table, {})[entity.id] = name

    def tasks(self, rows: list[Any]) -> None:
        """Take the tasks, and remember the arrows they name."""
        for row, raw in enumerate(rows, 1):
            if isinstance(raw, dict) and not harmless(str(raw.get("title") or ""))[0].strip():
                self.source.skip(row, sentence("The task has no title."))
                continue
            found, unread = self._task(raw, row)
            title = found.title if self.whole else " ".join(found.title.split("\n")).strip()
            place = len(self.source.tasks)
            wanted = found.id
            if wanted is not None and wanted in self._places:
                why = sentence(
                    "Row {row} already has this number; references point to it.",
                    row=self.source.tasks[self._places[wanted]].row,
                )
                self.source.warn(row, "id", wanted, why)
                wanted = None
            elif wanted is not None:
                self._places[wanted] = place
            number = "" if found.id is None else str(found.id)
            fields = self._fields(found) | {"title": title}
            self.source.tasks.append(SourceTask(row, number, wanted, fields, unread))
            self._arrows.append((row, found))
        self.source.columns.update(enumerate(self._columns.values()))

    def _task(self, raw: Any, row: int) -> tuple[Any, set[str]]:
        """Return a task and which of its fields are not understood; those go into the notes."""
        known = self._known(raw, _Task, f"tasks {row}", row)
        unread: dict[str, Any] = {}
        for name, value in list(known.items()):
            try:
                known[name] = self._read(name, value)
            except BadInput as problem:
                unread[name] = known.pop(name)
                self.source.warn(row, name, value, problem.sentence)
        found: Any = msgspec.convert(known, _Task)
        for name, value in self._unsound(found, row).items():
            unread[name] = value
            setattr(found, name, None)
        lines = (f"{name}: {_plain(value)}" for name, value in unread.items())
        found.notes = "\n".join(filter(None, (found.notes, *lines)))
        for name in raw:
            self._tell(str(name), raw[name], name in unread)
        return found, set(unread)

    def _read(self, name: str, value: Any) -> Any:
        """Return a value as it is or as lists spell it; raises BadInput."""
        rhythm = name in of_kind("period") and value and not self.whole
        try:
            msgspec.convert({name: value}, _Task)
            return reread(name, value, self.today) if rhythm else value
        except msgspec.ValidationError as problem:
            told = reread(name, value, self.today)
            try:
                msgspec.convert({name: told}, _Task)
            except msgspec.ValidationError:
                raise BadInput(quoted(harmless_value(problem))) from None
            return told

    def _unsound(self, task: Any, row: int) -> dict[str, Any]:
        """Return the numbers that no task may have, and report them."""
        found: dict[str, Any] = {}
        for name in of_kind("days"):
            number = getattr(task, name)
            try:
                if number is not None:
                    sound_days(number, str(number))
            except BadInput as problem:
                found[name] = number
                self.source.warn(row, name, number, problem.sentence)
        estimate = [
            days
            for name in ESTIMATE
            if name not in found and (days := getattr(task, name)) is not None
        ]
        if estimate != sorted(estimate):
            for name in ESTIMATE:
                if name not in found and getattr(task, name) is not None:
                    found[name] = getattr(task, name)
            why = sentence("The estimate is out of order; enter low, likely, high.")
            self.source.warn(row, ", ".join(ESTIMATE), numbers_with_strokes(estimate), why)
        return found

    def _tell(self, name: str, value: Any, unread: bool) -> None:
        """Count a value for the report on its field."""
        if name in _DERIVED or name in ("refs", "extra"):
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
            if link.kind == "needs":
                options["lag"] = link.lag
            else:
                options |= {"rate": link.rate, "share": link.share, "limit": link.limit}
                options["rate_entered"] = link.rate_entered
                options |= {"escalate_to": link.escalate_to, "observed": link.observed}
            self._draw(0, "links", link.kind, link.source, link.target, options, link.id)
        for row, task in self._arrows:
            if task.id is None:
                continue
            for need in task.needs:
                if ("needs", need.id, task.id) not in self._drawn:
                    self._draw(row, "needs", "needs", need.id, task.id, {"lag": need.lag})
            for back in task.returns:
                if ("returns", task.id, back.to) not in self._drawn:
                    options = {"rate": back.rate, "share": back.share, "limit": back.limit}
                    options["observed"] = back.observed_only
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
            if kind == "needs":
                options["lag"] = checked_lag(options["lag"])
            else:
                known = {name: options[name] for name in ("rate", "share", "limit")}
                options = return_options(**known) | {
                    name: value for name, value in options.items() if name not in known
                }
        except TrackerError as problem:
            self.source.warn(row, column, arrow, problem.sentence)
            return
        row = row or self.source.tasks[self._places[target if kind == "needs" else source]].row
        ends = self._places[source], self._places[target]
        if len(self.source.links) >= MAX_LINKS:
            raise too_many_links(self.source.file)
        self._drawn.add((kind, source, target))
        self.source.links.append(SourceLink(row, column, arrow, kind, *ends, options, wanted))

    def _fields(self, found: Any) -> dict[str, Any]:
        """Return the fields of a task; what the file holds in full is named by its id."""
        fields = {
            name: getattr(found, name)
            for name in Task.__struct_fields__
            if name not in ("id", "passes")
        }
        fields["passes"] = found.passes_ledger
        if not self.whole:
            if found.state in ("done", "recheck") and not found.passes_ledger:
                fields["passes"] = (Pass(number=1, outcome="done"),)
            for stamp in ("created", "modified"):
                if fields[stamp] is None:
                    del fields[stamp]
        for field in FIELDS:
            if not field.entity:
                continue
            table, name = TABLE_OF[field.entity], field.name
            ids = getattr(found.refs, name)
            if field.kind == "name":
                fields[name] = self._called(table, ids, fields[name])
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
        derived = _DERIVED if kind is _Task else frozenset()
        unknown = {name: known.pop(name) for name in list(known) if name not in fields}
        kept = {name: value for name, value in unknown.items() if name not in derived}
        for name, value in kept.items():
            why = sentence("This field is unknown; it was kept unchanged.")
            self.source.warn(row, name, value, why)
        if kept:
            known["extra"] = {**known.get("extra", {}), **kept}
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


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
