"""How the rows of the table are arranged: by which field they are sorted, and grouped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec

from tracker.domain.model import Task
from tracker.domain.typing.ordering import GROUPABLE, SORTABLE, grouped, ordered
from tracker.domain.workspace import Workspace
from tracker.language import say

# What a key goes through: the fields of the columns, and what groups tasks, nothing first.
SORTS = ("id", "due", "p80", "state", "department", "assignee", "priority", "title")
GROUPS = ("", "department", "assignee", "state", "priority", "project", "systems", "tags")
# A task that is in several groups has a row in each: its number, and so much more for each group
# after the first. No task has such a number.
_NEXT = 2**53


class Arrangement(msgspec.Struct, frozen=True):
    """By which field tasks are sorted, whether backwards, and grouped; "" is in no groups.

    They can be sorted by `p80` as well, which is no field: by when they are over.
    """

    sort: str = "id"
    backwards: bool = False
    group: str = ""

    @classmethod
    def recalled(cls, kept: Any) -> Arrangement:
        """Return what was remembered; the usual one where that says nothing to this program."""
        try:
            found = msgspec.convert(kept, cls) if kept else cls()
        except msgspec.ValidationError:
            return cls()
        known = found.sort in (*SORTABLE, *SORTS) and found.group in ("", *GROUPABLE)
        return found if known else cls()


class RowGroup(NamedTuple):
    """A group of tasks: what it is called, and how many there are."""

    name: str
    size: int


def arranged(
    ws: Workspace, tasks: Iterable[Task], how: Arrangement, ends: Mapping[int, date]
) -> tuple[list[int], list[RowGroup]]:
    """Return the rows from the top, and the groups.

    The row -1 is the heading of the first group, -2 that of the second; `task_of` says which task
    another one is about. `ends` is by when tasks are over, as far as that is known.
    """
    rows: list[int] = []
    if how.sort == "p80":
        tasks = list(tasks)
        known = [task for task in tasks if task.id in ends]
        known.sort(key=lambda task: (ends[task.id], task.id), reverse=how.backwards)
        tasks = (*known, *(task for task in tasks if task.id not in ends))
    else:
        tasks = ordered(ws, tasks, how.sort, backwards=how.backwards)
    if not how.group:
        return [task.id for task in tasks], []
    groups: list[RowGroup] = []
    seen: dict[int, int] = {}
    for label, members in grouped(ws, tasks, how.group):
        groups.append(RowGroup(say(label) if label else "–", len(members)))
        rows.append(-len(groups))
        for task in members:
            rows.append(task.id + seen.setdefault(task.id, 0) * _NEXT)
            seen[task.id] += 1
    return rows, groups


def task_of(row: int) -> int:
    """Return the task that a row is about."""
    return row % _NEXT
