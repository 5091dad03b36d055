"""Tasks in the order of a field, and in groups by one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from tracker.domain import status
from tracker.domain.draft import name_of
from tracker.domain.errors import BadInput
from tracker.domain.fields import ARROWS, BY_NAME, LONG
from tracker.domain.model import PRIORITIES, STATES, Department, Task
from tracker.domain.sentence import Sentence
from tracker.domain.typing.filters import moment_of
from tracker.domain.typing.lexer import guess
from tracker.domain.typing.vocabulary import FIELD_KEYS, field_from_word
from tracker.domain.workspace import Workspace

# Fields that tasks can be sorted by, and those that group them: which several share.
SORTABLE = tuple(name for name in FIELD_KEYS if name not in ARROWS | LONG)
GROUPABLE = tuple(
    name
    for name in SORTABLE
    if BY_NAME[name].kind in ("word", "name", "names", "tags", "state", "priority")
)

GroupName = str | Sentence | None


# Names are those of few things, asked for once with each of many tasks.
@lru_cache(maxsize=4096)
def collation_key(text: str) -> tuple[str | tuple[int, str], ...]:
    """Return a text as it sorts, as dictionaries do: ä as a, numbers by their size (DIN 5007-1)."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    parts = re.split(r"([0-9]+)", "".join(c for c in bare if not unicodedata.combining(c)))
    return tuple(_size(part) if at % 2 else part for at, part in enumerate(parts))


def _size(digits: str) -> tuple[int, str]:
    """Return a number as it sorts: there are texts with more digits than Python makes one of."""
    bare = digits.lstrip("0")
    return len(bare), bare


def field_for(text: str, known: tuple[str, ...]) -> str:
    """Return the field that a word names, of some; raises BadInput."""
    field = field_from_word(text)
    if field in known:
        return str(field)
    if close := guess(text, known):
        raise BadInput("There is no field {field}; did you mean {guess}?", field=text, guess=close)
    raise BadInput(
        "There is no field {field}; choose from {known}.",
        field=text,
        known=", ".join(FIELD_KEYS[name][0] for name in known),
    )


def order_by(ws: Workspace, field: str) -> Callable[[Task], Any]:
    """Return by what tasks are compared in the order of a field; None where one has nothing."""
    declared = BY_NAME[field]
    if declared.entity:
        things = ws.table(declared.entity)

        def rank(task: Task) -> Any:
            keys = getattr(task, field)
            key = keys[0] if isinstance(keys, tuple) and keys else keys or None
            if key is None:
                return None
            thing = things[key]
            name = collation_key(name_of(thing))
            return (thing.order, name) if isinstance(thing, Department) else name

        return rank
    match declared.kind:
        case "state":
            return lambda task: (STATES.index(task.state), status.blocked(ws, task))
        case "priority":
            return lambda task: -PRIORITIES.index(task.priority)
        case "estimate":
            return lambda task: task.likely
        case "moment":
            return lambda task: moment_of(task, field)
        case "last day" if field == "due":
            return lambda task: task.due if task.open else None
        case "tags":
            return lambda task: collation_key(task.tags[0]) if task.tags else None
        case "text" | "key" | "word" | "period" | "span":
            return lambda task: collation_key(text) if (text := getattr(task, field)) else None
        case "count" if field == "passes":
            return lambda task: task.pass_number
    return lambda task: getattr(task, field)


def ordered(ws: Workspace, tasks: Iterable[Task], field: str, *, backwards: bool) -> list[Task]:
    """Return tasks in the order of a field, among equals by number; those without it come last."""
    by = order_by(ws, field)
    worth = [(by(task), task) for task in sorted(tasks, key=lambda task: task.id)]
    found = [pair for pair in worth if pair[0] is not None]
    found.sort(key=lambda pair: pair[0], reverse=backwards)
    return [task for _value, task in (*found, *(pair for pair in worth if pair[0] is None))]


def grouped(ws: Workspace, tasks: Iterable[Task], field: str) -> list[tuple[GroupName, list[Task]]]:
    """Return tasks by what a field says, each as they came; those where it says nothing last.

    A task with several values is in several groups.
    """
    found: dict[Any, tuple[GroupName, list[Task]]] = {}
    by = order_by(ws, field)
    for task in tasks:
        for part in _parts(task, field):
            label, rank = _label(ws, part, field), by(part)
            key = (rank is None, rank if rank is not None else ())
            found.setdefault(key, (label, []))[1].append(task)
    return [found[key] for key in sorted(found)]


def _parts(task: Task, field: str) -> list[Task]:
    """Return a task once for each value it has in a field, with that value alone."""
    values = getattr(task, field)
    if not isinstance(values, tuple) or len(values) < 2:
        return [task]
    return [replace(task, **{field: (value,)}) for value in values]


def _label(ws: Workspace, task: Task, field: str) -> GroupName:
    """Return what a group is called; None where there is nothing."""
    declared, value = BY_NAME[field], getattr(task, field)
    value = (value[0] if value else None) if isinstance(value, tuple) else value
    if declared.entity:
        return name_of(ws.table(declared.entity)[value]) if value else None
    match declared.kind:
        case "state":
            return status.state_word(task.state)
        case "priority":
            return status.priority_word(task.priority)
    return value or None
