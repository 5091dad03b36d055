"""JSON of other programs: which one wrote it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tracker.domain.errors import BadInput
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
_TASKWARRIOR = frozenset(("pending", "completed", "deleted", "waiting", "recurring"))
_MOST_NAMES = 8


def unknown_file(content: Any, file: str) -> BadInput:
    """Return the refusal of a document that has no list of tasks."""
    keys = content.keys() if isinstance(content, Mapping) else ()
    for program, needed in _FILES_OF.items():
        if all(name in keys for name in needed):
            return _of(program, file)
    return BadInput(
        "{file} contains no list of tasks. A list has an object with a title for each task, as"
        " `tracker list --json` writes it.",
        file=file,
    )


def refuse_other_program(tasks: Iterable[Any], names: Collection[str], file: str) -> None:
    """Raise BadInput if tasks with fields of such names are the export of a known program."""
    states = {each.get("status") for each in tasks if isinstance(each, Mapping)}
    for program, needed in _TASKS_OF.items() if "title" not in names else ():
        of_it = program != "Taskwarrior" or states <= _TASKWARRIOR
        if of_it and all(name in names for name in needed):
            raise _of(program, file)


def untitled(names: Sequence[str], file: str) -> BadInput:
    """Return the refusal of a list in which no task has a title."""
    return BadInput(
        "No task in {file} has a title; its fields are {names}. Choose one with {option}.",
        file=file,
        names=", ".join(map(harmless_value, names[:_MOST_NAMES])) or "–",
        option=f'--map "{harmless_value(names[0])}=title"' if names else "--map",
    )


def _of(program: str, file: str) -> BadInput:
    return BadInput(
        "{file} is an export from {program}, which cannot be imported as JSON. "
        "Export it as CSV, or give each task a `title`.",
        file=file,
        program=program,
    )
