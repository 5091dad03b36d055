"""A folder of Backlog.md: a Markdown file a task, with its fields before the text.

The layout: https://github.com/MrLesk/Backlog.md. Before the text are scalars and lists such as YAML
has them; they may begin with `@`, which YAML forbids.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from tracker.domain.errors import BadInput
from tracker.domain.model import Item, State
from tracker.domain.sentence import counted, sentence, system_reason
from tracker.domain.typing.vocabulary import priority_from_word, state_from_word
from tracker.exchange.encoding import decoded
from tracker.exchange.foreign.named_people import put_people
from tracker.exchange.ledger import Ledger
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.settling import settled
from tracker.exchange.source import (
    MAX_BYTES,
    MAX_ROWS,
    ReadOptions,
    Source,
    harmless_value,
    too_large,
    too_many_rows,
)

# The folders whose tasks count, and those that are counted only.
_LIVE = ("tasks", "completed")
_PUT_AWAY = ("archive/tasks", "drafts", "archive/drafts")
_FIELD = re.compile(r"([A-Za-z][\w-]*):(?:[ \t]+(.*)|[ \t]*)")
_ENTRY = re.compile(r"[ \t]*-(?:[ \t]+(.*))?")
_NUMBER = re.compile(r"(?:[A-Za-z][\w]*-)?(\d+(?:\.\d+)*)", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6}[ \t]+(.*)")
_BOX = re.compile(r"[ \t]*[-*+] \[([ xX])\][ \t]+(?:#\d+[ \t]+)?([^ \t].*)")
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d):(\d\d).*)?")
_CRITERIA = "acceptance criteria"
# Where it stands on the board there.
_COMPUTED = ("ordinal",)
_SAYS = frozenset(
    (
        *("title", "state", "priority", "due", "tags", "notes", "assignee", "requester"),
        *("watchers", "checklist", "phase"),
    )
)


def _root(folder: Path) -> Path | None:
    for root in (folder, folder / "backlog", folder / ".backlog"):
        if any((root / name).is_dir() for name in _LIVE):
            return root
    return None


def read(folder: Path, file: str, options: ReadOptions) -> Source:
    """Return the tasks of a folder; raises BadInput."""
    root = _root(folder)
    if root is None:
        raise BadInput("There are no tasks of Backlog.md in {file}.", file=file)
    source = Source(file, options.project, id_column="id", states=_SAYS)
    return _Reading(source, root, options).done()


class _File:
    """One task as it stands in its file."""

    def __init__(self, row: int, name: str, text: str) -> None:
        self.row, self.name = row, name
        self.fields, self.body = front_matter(text)
        self.id = self.text("id")
        # Its number, whatever stands before that; without one the name of the file.
        self.number = _number(self.id)
        self.key = _key(self.id) if self.id else name

    def text(self, *names: str) -> str:
        """Return the first of some fields; of a list its first entry."""
        for name in names:
            value = self.fields.get(name)
            if isinstance(value, list):
                value = value[0] if value else ""
            if value:
                return value
        return ""

    def texts(self, name: str) -> list[str]:
        """Return a field as a list."""
        value = self.fields.get(name, "")
        several = value if isinstance(value, list) else [value]
        return [each for each in several if each]


class _Reading:
    """A folder being read."""

    def __init__(self, source: Source, root: Path, options: ReadOptions) -> None:
        self.source, self.root, self.options = source, root, options
        self.outline = Outline(source, schedule=False)
        self.remarks = RepeatedRemarks(source)
        self.ledger = Ledger(source, computed=_COMPUTED)
        self.size = 0
        settings, _ = front_matter(f"---\n{self._text(root / 'config.yml')}\n---\n")
        name = settings.get("project_name", "")
        source.project = source.project or (name if isinstance(name, str) else "") or None

    def done(self) -> Source:
        """Return the tasks with everything that was remarked."""
        seen: set[str] = set()
        for folder, path in self._paths():
            file = _File(len(seen) + 1, f"{folder}/{path.name}", self._text(path))
            if not file.fields:
                why = sentence("This file has no fields before its text; not taken.")
                self.source.skip(0, why, file.name)
            elif file.key in seen:
                why = sentence("This task is in the list twice; the first one was taken.")
                self.source.skip(0, why, file.name)
            else:
                seen.add(file.key)
                self.outline.items.append(self._item(file, folder))
                self._relations(file)
        self._tell_put_away()
        self.remarks.tell()
        self.ledger.close()
        return settled(self.outline, self.options)

    # --- files ---------------------------------------------------------------------------------

    def _paths(self) -> Iterator[tuple[str, Path]]:
        count = 0
        for folder in (*_LIVE, *(_PUT_AWAY if self.options.archived else ())):
            for path in _markdown(self.root / folder):
                count += 1
                if count > MAX_ROWS:
                    raise too_many_rows(self.source.file)
                yield folder, path

    def _tell_put_away(self) -> None:
        if self.options.archived:
            return
        for folder in _PUT_AWAY:
            if count := len(_markdown(self.root / folder)):
                why = counted(
                    "{n} task of this folder is not taken; --archived takes it as dropped.",
                    "{n} tasks of this folder are not taken; --archived takes them as dropped.",
                    count,
                )
                self.source.warn(0, folder, "", why)

    def _text(self, path: Path) -> str:
        """Return what a file holds; nothing of one that is not there."""
        try:
            found = path.stat()
            # A pipe would keep us waiting.
            if not stat.S_ISREG(found.st_mode):
                return ""
            self.size += found.st_size
            if self.size > MAX_BYTES:
                raise too_large(self.source.file, self.size)
            with path.open("rb") as opened:
                data = opened.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return ""
        except OSError as error:
            name = harmless_value(path.name)
            raise BadInput(
                "Cannot read {file}: {problem}.", file=name, problem=system_reason(error)
            ) from None
        text, remark = decoded(data, encoding=self.options.encoding)
        if remark:
            self.source.warn(0, "", path.name, remark)
        return text

    # --- one task ------------------------------------------------------------------------------

    def _item(self, file: _File, folder: str) -> PlanItem:
        whole = file.number.isdigit() and len(file.number) < 10
        item = PlanItem(
            key=file.key,
            row=file.row,
            place=file.id or file.name,
            origin=f"backlog:{file.id}" if file.id else "",
            number=file.number if whole else "",
            wanted=int(file.number) if whole else None,
        )
        fields: dict[str, Any] = item.fields
        fields["title"] = file.text("title") or Path(file.name).stem
        fields["state"] = self._state(file, folder)
        word = file.text("priority")
        fields["priority"] = (priority_from_word(word) if word else None) or "medium"
        if word and priority_from_word(word) is None:
            why = sentence("{word} is not a known priority; the task is medium.", word=word)
            self.source.warn(file.row, "priority", word, why, item.place)
        people = [each.removeprefix("@") for each in file.texts("assignee")]
        put_people(fields, people, self.remarks, file.row, "assignee", item.place)
        fields["requester"] = file.text("reporter").removeprefix("@") or None
        fields["phase"] = file.text("milestone")
        fields["tags"] = tuple(file.texts("labels"))
        for name, field in (("due", "due"), ("due_date", "due"), ("dueDate", "due")):
            fields[field] = fields.get(field) or self._day(file, name)
        for name, field in (("created_date", "created"), ("updated_date", "modified")):
            if at := self._moment(file, name):
                fields[field] = at
        item.parent = self._parent(file)
        # Behind the last end of a comment none is looked for from each beginning of one.
        end = file.body.rfind("-->") + len("-->\n")
        body = (_COMMENT.sub("", file.body[:end]) + file.body[end:]).strip()
        fields["checklist"] = tuple(_criteria(body))
        more = [
            f"{name}: {', '.join(file.texts(name))}"
            for name in ("references", "documentation", "plan")
            if file.texts(name)
        ]
        fields["notes"] = "\n\n".join(filter(None, (body, "\n".join(more))))
        self._see(file, item)
        return item

    def _state(self, file: _File, folder: str) -> State:
        word = file.text("status").removeprefix("○").removeprefix("◒").removeprefix("●").strip()
        state = state_from_word(word) if word else None
        if folder in _PUT_AWAY:
            return "dropped"
        if folder == "completed":
            return "done" if state != "dropped" else state
        if word and state is None:
            self.remarks.note(
                file.row,
                "status",
                word,
                lambda n: counted(
                    "Not a known state, so todo ({n} task).",
                    "Not a known state, so todo ({n} tasks).",
                    n,
                ),
                key=word,
                place=file.id,
            )
        return state or "todo"

    def _day(self, file: _File, name: str) -> date | None:
        at = self._moment(file, name)
        return at.date() if at else None

    def _moment(self, file: _File, name: str) -> datetime | None:
        """Return a date with its time of day, if it has one; these files know no zones."""
        text = file.text(name)
        if not text:
            return None
        found = _DATE.fullmatch(text.strip())
        try:
            if found:
                clock = time(int(found[2]), int(found[3])) if found[2] else time(12)
                return datetime.combine(date.fromisoformat(found[1]), clock, UTC)
        except ValueError:
            pass
        why = sentence("{value} is not a date.", value=text[:100])
        self.source.warn(file.row, name, text, why, file.id)
        return None

    def _parent(self, file: _File) -> str | None:
        """Return the key of what a task is part of: the one it names, else that of its number."""
        if text := file.text("parent_task_id", "parent"):
            return _key(text)
        above, dot, _last = file.number.rpartition(".")
        return _key(above) if dot else None

    def _relations(self, file: _File) -> None:
        for text in file.texts("dependencies"):
            relation = Relation(
                _key(text), file.key, row=file.row, column="dependencies", text=text
            )
            self.outline.relations.append(relation)

    def _see(self, file: _File, item: PlanItem) -> None:
        self.ledger.taken(*_TAKEN)
        for name, value in file.fields.items():
            self.ledger.saw(name, value, file.row, item.place)


_TAKEN = (
    *("id", "title", "status", "assignee", "reporter", "created_date", "updated_date", "labels"),
    *("dependencies", "parent_task_id", "parent", "milestone", "priority", "due", "due_date"),
    *("dueDate", "references", "documentation", "plan"),
)


def _number(id: str) -> str:
    found = _NUMBER.fullmatch(id)
    return found[1] if found else ""


def _key(id: str) -> str:
    """Return what a task is known by: `task-1.2` and `BACK-1.2` are one."""
    number = _number(id)
    return f"task-{number}" if number else id


def _markdown(folder: Path) -> list[Path]:
    """Return the tasks of a folder, in the order of their numbers."""
    try:
        names = [name for name in os.listdir(folder) if name.lower().endswith(".md")]
    except OSError:
        return []

    def order(name: str) -> tuple[list[int], str]:
        found = re.search(r"\d+(?:\.\d+)*", name)
        return [int(each[:18]) for each in found[0].split(".")] if found else [], name

    return [folder / name for name in sorted(names, key=order) if name.lower() != "readme.md"]


def _criteria(body: str) -> Iterator[Item]:
    """Walk over the lines with boxes below the heading of the acceptance criteria."""
    inside = False
    fenced = False
    for line in body.splitlines():
        fenced ^= line.lstrip().startswith("```")
        if fenced:
            continue
        if heading := _HEADING.fullmatch(line):
            inside = heading[1].strip(" \t#").lower() == _CRITERIA
        elif inside and (box := _BOX.fullmatch(line)):
            yield Item(text=box[2].rstrip(" \t"), done=box[1] != " ")


def front_matter(text: str) -> tuple[Mapping[str, str | list[str]], str]:
    """Return the fields before a text, scalars and lists of them, and the text."""
    lines = text.replace("\r\n", "\n").split("\n")
    if not lines or lines[0].strip() != "---":
        return {}, text
    end = next((at for at, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
    if not end:
        return {}, text
    fields: dict[str, str | list[str]] = {}
    name = ""
    for line in lines[1:end]:
        entry = _ENTRY.fullmatch(line)
        if name and entry:
            here = fields[name]
            several = here if isinstance(here, list) else [here] if here else []
            fields[name] = [*several, _scalar(entry[1] or "")]
        elif found := _FIELD.fullmatch(line):
            name = found[1]
            fields[name] = _value(found[2] or "")
        elif name and line.startswith((" ", "\t")) and isinstance(fields[name], str):
            # A folded scalar goes on.
            fields[name] = f"{fields[name]} {line.strip()}".strip()
    return fields, "\n".join(lines[end + 1 :])


def _value(text: str) -> str | list[str]:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [each for part in _parts(text[1:-1]) if (each := _scalar(part))]
    return "" if text in (">", ">-", "|", "|-", "~", "null") else _scalar(text)


def _parts(text: str) -> list[str]:
    """Return the parts of a list between its commas, of which quotes may hold some."""
    return [found[0] for found in re.finditer(r"(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^,])+", text)]


def _scalar(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text
