"""What other programs know a task by, so that the next export changes what the last one brought."""

from __future__ import annotations

import re
from datetime import UTC
from uuid import NAMESPACE_OID, uuid5

from tracker.domain.model import Task
from tracker.domain.sentence import here
from tracker.domain.workspace import Workspace

# How the origins begin of what goes out under a name of ours, and may come in again.
HANDED_OUT = ("tw:", "ics:")


def identity(task: Task) -> str:
    """Return a UUID that a task has wherever its file lies: of its number, and when it was made."""
    made = here(task.created, UTC).isoformat() if task.created else ""
    return str(uuid5(NAMESPACE_OID, f"tracker task {task.id} {made}"))


def is_handed_out(task: Task, origin: str) -> bool:
    """Return whether an origin is but the name under which the task went out."""
    return origin.startswith(HANDED_OUT) and origin.partition(":")[2] == identity(task)


def identities(ws: Workspace, source: str, fits: re.Pattern[str]) -> dict[int, str]:
    """Return what all tasks are known by to a program, by their numbers.

    What came from it (`source` begins its origin: `tw`, `ics`) keeps the name it has there if that
    `fits`; of several with one name the first.
    """
    found: dict[int, str] = {}
    taken: set[str] = set()
    for task in ws.tasks.values():
        of, _colon, name = task.origin.partition(":")
        if of != source or name in taken or not fits.fullmatch(name):
            name = identity(task)
        taken.add(name)
        found[task.id] = name
    return found
