"""Tasks and whole workspaces in JSON, as scripts read them and `jsonlist` takes them in again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from tracker.domain.model import KINDS, Task
from tracker.domain.status import status
from tracker.domain.workspace import Workspace

FORMAT = "tracker-workspace"
VERSION = 1

# The tables that stand in a document as they are stored.
TABLES = tuple(kind for kind in KINDS if kind not in ("settings", "tasks"))


def task_json(ws: Workspace, task: Task, today: date) -> dict[str, Any]:
    """Return a task as scripts know it: names instead of ids, dates as ISO 8601 has them."""
    derived = status(ws, task, today)
    return {
        "id": task.id,
        "title": task.title,
        "project": ws.projects[task.project].name if task.project else None,
        "department": ws.departments[task.department].name if task.department else None,
        "assignee": ws.people[task.assignee].login if task.assignee else None,
        "requester": ws.people[task.requester].login if task.requester else None,
        "state": task.state,
        "ready": derived.ready,
        "blocked": derived.blocked,
        "stuck": derived.stuck,
        "late": derived.late,
        "priority": task.priority,
        "low": task.low,
        "likely": task.likely,
        "high": task.high,
        "effort": task.effort,
        "spent": task.spent,
        "due": task.due and task.due.isoformat(),
        "not_before": task.not_before and task.not_before.isoformat(),
        "follow_up": task.follow_up and task.follow_up.isoformat(),
        "waiting_for": task.waiting_for,
        "tags": list(task.tags),
        "systems": [ws.systems[key].name for key in task.systems],
        "needs": [
            {"id": link.source, "lag": link.lag}
            for link in ws.arrows_in.get(task.id, ())
            if link.kind == "needs"
        ],
        "returns": [
            {
                "to": link.target,
                "rate": link.rate,
                "share": link.share,
                "limit": link.limit,
                "observed_only": link.observed,
            }
            for link in ws.arrows_out.get(task.id, ())
            if link.kind == "returns"
        ],
        "passes": task.pass_number,
        "created": _iso(task.created),
        "modified": _iso(task.modified),
    }


def workspace_json(ws: Workspace, today: date) -> bytes:
    """Return everything but the history, so that an empty workspace takes it in unchanged.

    Besides its names a task has, in `refs`, the ids of what they name: two may have one name.
    """
    tables: dict[str, Any] = {
        table: list(getattr(ws, table).values()) for table in TABLES if len(getattr(ws, table))
    }
    content = {
        "format": FORMAT,
        "version": VERSION,
        "settings": ws.settings.get(1),
        **tables,
        "tasks": [_whole(ws, task, today) for task in ws.tasks.values()],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _whole(ws: Workspace, task: Task, today: date) -> dict[str, Any]:
    content = task_json(ws, task, today)
    content["watchers"] = [ws.people[key].login for key in task.watchers]
    content["notes"] = task.notes
    content["checklist"] = task.checklist
    content["recurrence"] = task.recurrence
    content["passes_ledger"] = task.passes
    content["refs"] = {
        "project": task.project,
        "department": task.department,
        "assignee": task.assignee,
        "requester": task.requester,
        "watchers": task.watchers,
        "systems": task.systems,
    }
    if task.extra:
        content["extra"] = task.extra
    return content


def _iso(moment: datetime | None) -> str | None:
    """Return a time in UTC as text."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
