"""What other programs know a task by, so that the next export changes what the last one brought."""

from __future__ import annotations

from datetime import UTC
from uuid import NAMESPACE_OID, uuid5

from tracker.domain.model import Task


def identity(task: Task) -> str:
    """Return a UUID that a task has wherever its file lies: of its number, and when it was made."""
    made = task.created.astimezone(UTC).isoformat() if task.created else ""
    return str(uuid5(NAMESPACE_OID, f"tracker task {task.id} {made}"))
