"""Lists in the todo.txt format, a task a line (https://github.com/todotxt/todo.txt).

Beside the marks of the format itself those are known that programs have in common: `due:`, `t:`
(not before), `rec:`, `id:` and `p:` (of what it is a part), `pri:` and `created:`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from tracker.domain.draft import alike, names_of
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange.encoding import decoded
from tracker.exchange.outline import Outline, PlanItem
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.settling import settled
from tracker.exchange.source import MAX_ROWS, ReadOptions, Source, too_many_rows

_DONE = re.compile(r"x (?=\S)")
_PRIORITY = re.compile(r"\(([A-Z])\) (?=\S)")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?: |$)")
_MARK = re.compile(r"([+@])(\S+)")
_PAIR = re.compile(r"([A-Za-z][\w-]{0,30}):(?!//)(\S+)")
_PERIOD = re.compile(r"(\+?)(\d{1,4})([dwmy])")
_LETTERS = {"A": "critical", "B": "high", "C": "medium"}
# What these programs have agreed on; other pairs stay in the title.
_KNOWN = frozenset(("due", "t", "rec", "id", "p", "pri", "created", "h"))
_SAYS = frozenset(("title", "state", "priority", "due", "not_before", "tags", "recurrence"))


def read(data: bytes, file: str, options: ReadOptions) -> Source:
    """Return the tasks of a list; raises BadInput."""
    text, remark = decoded(data, encoding=options.encoding)
    source = Source(file, options.project, states=_SAYS, by_departments=True)
    if remark:
        source.warn(0, "", "", remark)
    return _Reading(source, text, options).done()


class _Line:
    """One line, divided into its title and its marks."""

    def __init__(self, row: int, text: str) -> None:
        self.row = row
        self.done = bool(found := _DONE.match(text))
        text = text[found.end() :] if found else text
        self.letter = ""
        if not self.done and (priority := _PRIORITY.match(text)):
            self.letter, text = priority[1], text[priority.end() :]
        self.dates: list[date] = []
        while len(self.dates) < 1 + self.done and (at := _DATE.match(text)):
            day = _day(at[1])
            if day is None:
                break
            self.dates.append(day)
            text = text[at.end() :]
        self.projects: list[str] = []
        self.contexts: list[str] = []
        self.pairs: list[tuple[str, str]] = []
        # Pairs of other programs, which stay in the title.
        self.kept: list[tuple[str, str]] = []
        self.title = self._title(text)

    def _title(self, text: str) -> str:
        """Return the words; marks behind them fall away, of those within stays the word."""
        words: list[str] = []
        behind = True
        for word in reversed(text.split()):
            mark, pair = _MARK.fullmatch(word), _PAIR.fullmatch(word)
            if mark:
                (self.projects if mark[1] == "+" else self.contexts).insert(0, mark[2])
                if not behind:
                    words.append(mark[2])
            elif pair and pair[1].lower() in _KNOWN:
                self.pairs.insert(0, (pair[1].lower(), pair[2]))
            else:
                if pair:
                    self.kept.insert(0, (pair[1], word))
                behind = behind and bool(pair)
                words.append(word)
        return " ".join(reversed(words))


class _Reading:
    """A list being read."""

    def __init__(self, source: Source, text: str, options: ReadOptions) -> None:
        self.source, self.options = source, options
        self.outline = Outline(source, schedule=False)
        self.remarks = RepeatedRemarks(source)
        self.lanes = {
            alike(name) for lane in options.ws.departments.values() for name in names_of(lane)
        }
        self.lines = [
            _Line(row, line) for row, line in enumerate(text.split("\n"), 1) if line.strip()
        ]
        if len(self.lines) > MAX_ROWS:
            raise too_many_rows(source.file)
        self.open = text.rpartition("\n")[2].strip()

    def done(self) -> Source:
        """Return the tasks with everything that was remarked."""
        named: dict[str, int] = {}
        for line in self.lines:
            for name, value in line.pairs:
                if name == "id":
                    named.setdefault(value, line.row)
        for line in self.lines:
            self.outline.items.append(self._item(line, named))
        self.remarks.tell()
        found = settled(self.outline, self.options)
        if self.open:
            self._doubt(self.lines[-1], named)
        return found

    def _doubt(self, line: _Line, named: Mapping[str, int]) -> None:
        """Note what a line without an end may lack, its last word among it."""
        short = _Line(line.row, self.open.rpartition(" ")[0])
        tried = _Reading(Source(self.source.file), "", self.options)._item(short, named).fields
        fields = self.outline.items[-1].fields
        # More words and marks of these may have followed.
        single = fields.keys() - {"title", "tags", "notes"}
        sure = (name for name in single if fields[name] and fields[name] == tried.get(name))
        lost = {*_SAYS, *fields, "needs"}.difference(sure)
        why = sentence("The line has no line end; the rest of it may be missing.")
        self.source.cut_row(line.row, lost, why)

    def _item(self, line: _Line, named: Mapping[str, int]) -> PlanItem:
        item = PlanItem(key=str(line.row), row=line.row)
        fields: dict[str, Any] = item.fields
        fields["title"] = line.title
        fields["state"] = "done" if line.done else "todo"
        fields["priority"] = _LETTERS.get(line.letter, "low" if line.letter else "medium")
        if line.letter > "C":
            fields["notes"] = f"({line.letter})"
            self.remarks.note(line.row, "", f"({line.letter})", _low, key="low", near=True)
        if line.dates:
            item.ended = line.dates[0] if line.done else None
            if len(line.dates) > line.done:
                fields["created"] = _noon(line.dates[-1])
        self._marks(line, fields)
        notes = [fields.get("notes", "")]
        for name, value in line.pairs:
            if (kept := self._pair(line, item, name, value, named)) is not None:
                notes.append(kept)
        for name, pair in line.kept:
            self.remarks.note(line.row, name, pair, _kept)
        fields["notes"] = "\n".join(filter(None, notes))
        return item

    def _marks(self, line: _Line, fields: dict[str, Any]) -> None:
        """Take the first project and, if it is known here, the first context; others are tags."""
        first, *others = line.projects or [""]
        fields["project"] = first or None
        contexts = list(line.contexts)
        if contexts and alike(contexts[0]) in self.lanes:
            fields["department"] = contexts.pop(0)
        if others:
            self.remarks.note(line.row, "+", " ".join(line.projects), _projects, near=True)
        if len(line.contexts) > 1 or (contexts and self.lanes):
            self.remarks.note(line.row, "@", " ".join(line.contexts), _contexts, near=True)
        fields["tags"] = tuple(dict.fromkeys((*others, *contexts)))

    def _pair(
        self, line: _Line, item: PlanItem, name: str, value: str, named: Mapping[str, int]
    ) -> str | None:
        """Take a pair; what is not understood is returned as a line of the notes."""
        fields = item.fields
        match name:
            case "due" | "t" | "created":
                day = _day(value)
                if day is None:
                    why = sentence("{value} is not a date.", value=value)
                    self.source.warn(line.row, name, value, why)
                    return f"{name}:{value}"
                field = {"due": "due", "t": "not_before"}.get(name, "created")
                fields[field] = _noon(day) if field == "created" else day
            case "rec":
                return self._recurrence(line, fields, value)
            case "pri":
                if len(value) == 1 and value.isascii() and value.isalpha():
                    fields["priority"] = _LETTERS.get(value.upper(), "low")
                else:
                    return f"pri:{value}"
            case "p":
                parent = named.get(value)
                if parent is None or parent == line.row:
                    why = sentence("There is no task {name} in this list.", name=f"id:{value}")
                    self.source.warn(line.row, "p", value, why)
                    return f"p:{value}"
                item.parent = str(parent)
            case "h":
                self.remarks.note(line.row, "h", value, _hidden)
            case "id" if named.get(value) != line.row:
                self.remarks.note(line.row, "id", value, _twice)
        return None

    def _recurrence(self, line: _Line, fields: dict[str, Any], value: str) -> str | None:
        found = _PERIOD.fullmatch(value)
        if not found or not int(found[2]):
            why = sentence("{word} is not a period here; it is in the notes.", word=value)
            self.source.warn(line.row, "rec", value, why)
            return f"rec:{value}"
        fields["recurrence"] = f"{int(found[2])}{found[3]}"
        if not any(name == "due" for name, _ in line.pairs):
            self.remarks.note(line.row, "rec", value, _undated, key="undated")
        return None


def _low(n: int) -> Sentence:
    return counted(
        "Below C, so low; the letter is in the notes ({n} task).",
        "Below C, so low; the letters are in the notes ({n} tasks).",
        n,
    )


def _kept(n: int) -> Sentence:
    return counted(
        "Not a mark that is known here; kept in the title ({n} task).",
        "Not a mark that is known here; kept in the title ({n} tasks).",
        n,
    )


def _projects(n: int) -> Sentence:
    return counted(
        "A task has one project, the first; the others became tags ({n} task).",
        "A task has one project, the first; the others became tags ({n} tasks).",
        n,
    )


def _contexts(n: int) -> Sentence:
    return counted(
        "Contexts became tags; only a first one that is a department here became that ({n} task).",
        "Contexts became tags; only a first one that is a department here became that ({n} tasks).",
        n,
    )


def _hidden(n: int) -> Sentence:
    return counted(
        "Hidden there, but not here ({n} task).", "Hidden there, but not here ({n} tasks).", n
    )


def _twice(n: int) -> Sentence:
    return counted(
        "Another line has the same id ({n} task).", "Other lines have the same ids ({n} tasks).", n
    )


def _undated(n: int) -> Sentence:
    return counted(
        "Without a due date it comes back counted from the day it is done ({n} task).",
        "Without a due date it comes back counted from the day it is done ({n} tasks).",
        n,
    )


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None
