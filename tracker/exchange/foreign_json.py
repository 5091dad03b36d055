"""JSON of other programs: which one wrote it, and values in other spellings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from tracker.domain.errors import BadInput
from tracker.domain.fields import BY_NAME
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.typing import vocabulary
from tracker.domain.typing.dates import parse_period
from tracker.exchange import amounts, cell_values
from tracker.exchange.date_cells import DateColumns
from tracker.exchange.source import harmless_value

# What identifies an export of a program: the names in its tasks, or those around them.
_TASKS_OF: Mapping[str, Collection[str]] = {
    "Taskwarrior": ("description", "status"),
    "Jira": ("key", "fields"),
    "Trello": ("name", "idList"),
    "OpenProject": ("subject", "_links"),
    "Todoist": ("content", "project_id"),
}
_FILES_OF: Mapping[str, Collection[str]] = {
    "Jira": ("issues",),
    "Trello": ("cards", "lists"),
    "OpenProject": ("_embedded",),
    "Todoist": ("items", "projects"),
}
_MOST_NAMES = 8


def unknown_file(content: Any, file: str) -> BadInput:
    """Return the refusal of a document that has no list of tasks."""
    keys = content.keys() if isinstance(content, Mapping) else ()
    for program, needed in _FILES_OF.items():
        if all(name in keys for name in needed):
            return _of(program, file)
    return BadInput(
        "{file} contains no list of tasks. Import a file written by `tracker export` or"
        " the output of `tracker list --json`.",
        file=file,
    )


def untitled(tasks: list[Any], file: str) -> BadInput | None:
    """Return the refusal of a list in which no task has a title; None if one has."""
    rows = [task for task in tasks if isinstance(task, Mapping)]
    if not rows or any(str(row.get("title") or "").strip() for row in rows):
        return None
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    for program, needed in _TASKS_OF.items():
        if all(name in names for name in needed):
            return _of(program, file)
    return BadInput(
        "No task in {file} has a title; known fields are {names}.",
        file=file,
        names=", ".join(map(harmless_value, names[:_MOST_NAMES])) or "–",
    )


def _of(program: str, file: str) -> BadInput:
    return BadInput(
        "{file} is an export from {program}, which cannot be imported as JSON. "
        "Export it as CSV, or give each task a `title`.",
        file=file,
        program=program,
    )


def reread(field: str, value: Any, today: date) -> Any:
    """Return a value in the spellings that lists have; raises BadInput."""
    declared = BY_NAME.get(field)
    kind = declared.kind if declared else ""
    said: list[Sentence] = []
    match kind:
        case "day" | "last day" if isinstance(value, str):
            dates = DateColumns({0: (field, [(0, value)])}, today)
            return dates.day(0, value, said.append, last=kind == "last day")
        case "days" if isinstance(value, str | int | float):
            return amounts.read_day_cell(value, 1.0, said.append)
        case "state" if isinstance(value, str) and (state := vocabulary.state_from_word(value)):
            return state
        case "priority" if isinstance(value, str) and (
            priority := vocabulary.priority_from_word(value)
        ):
            return priority
        case "names" | "tags" if isinstance(value, str):
            return tuple(item.removeprefix("#") for item in cell_values.items(value, ";,"))
        case "period" if isinstance(value, str):
            return parse_period(value)
        case "count" if isinstance(value, str) and value.isdecimal() and len(value) < 19:
            return int(value)
        case _ if isinstance(value, str | int | float) and kind in ("text", "word", "name"):
            return str(value)
    raise BadInput(sentence("Not readable; kept in the notes."))
