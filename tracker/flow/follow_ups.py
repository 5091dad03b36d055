"""Who is waited for, since when, and when to ask again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec

from tracker.domain.change import Record
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace


class FollowUp(msgspec.Struct, frozen=True):
    """A task that waits for somebody outside, as its `waiting_for` says.

    `day` is when to ask again, if that is known, and `since` when it began to wait.
    """

    task: int
    day: date | None
    since: datetime | None


def waiting_since(records: Iterable[Record]) -> dict[int, datetime]:
    """Return since when tasks have waited that do, by their records in order."""
    found: dict[int, datetime] = {}
    for record in records:
        for edit in record.change.edits:
            after, before = edit.after, edit.before
            if not isinstance(edit.entity, Task):
                continue
            waits = isinstance(after, Task) and after.state == "waiting"
            if not waits:
                found.pop(edit.entity.id, None)
            elif not (isinstance(before, Task) and before.state == "waiting"):
                found[edit.entity.id] = record.at
    return found


def _resting_since(task: Task) -> datetime | None:
    pauses = task.passes[-1].pauses if task.passes else ()
    return pauses[-1].began if pauses and pauses[-1].ended is None else None


def follow_ups(
    ws: Workspace, chosen: Iterable[int], since: Mapping[int, datetime]
) -> list[FollowUp]:
    """Return what waits for somebody, the first to be asked about first; `since` as far as known.

    Of a task that had begun that is known without it. What has no date comes last: nobody will be
    reminded of it.
    """
    found = [
        FollowUp(key, task.follow_up, since.get(key) or _resting_since(task))
        for key in chosen
        if (task := ws.tasks[key]).state == "waiting"
    ]
    return sorted(found, key=lambda each: (each.day is None, each.day or date.max, each.task))
