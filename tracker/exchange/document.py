"""Tasks and whole workspaces in JSON, as scripts read them and `json_list` takes them in again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any

import msgspec

from tracker.domain.arrow_fields import arrow_values
from tracker.domain.draft import name_of
from tracker.domain.fields import FIELDS, Field
from tracker.domain.model import KINDS, Link, Task
from tracker.domain.status import status
from tracker.domain.workspace import Workspace
from tracker.exchange.source import LastKnown

FORMAT = "tracker-workspace"
VERSION = 1

# The tables that a document has as they are stored.
TABLES = tuple(kind for kind in KINDS if kind not in ("settings", "tasks"))


# The fields that a task holds itself, as scripts know them.
_HELD = {field.listed: field for field in FIELDS if field.name in Task.__struct_fields__}
_values = attrgetter(*(field.name for field in _HELD.values()))


def task_json(ws: Workspace, task: Task, today: date) -> dict[str, Any]:
    """Return a task for scripts, ready to be encoded: names in place of ids."""
    content = dict(zip(_HELD, _values(task), strict=True))
    for name, write in _WRITERS.items():
        if value := content[name]:
            content[name] = write(ws, value)
    derived = status(ws, task, today)
    return content | {
        "passes": task.pass_number,
        "needs": _needs(ws, task),
        "returns": _returns(ws, task),
        "ready": derived.ready,
        "blocked": derived.blocked,
        "stuck": derived.stuck,
        "late": derived.late,
    }


def _writer(field: Field) -> Callable[[Workspace, Any], Any] | None:
    """Return what writes a value of a field; None where the encoder does."""
    if entity := field.entity:
        if field.kind == "names":
            return lambda ws, keys: [name_of(ws.table(entity)[key]) for key in keys]
        return lambda ws, key: name_of(ws.table(entity)[key])
    if field.kind == "checklist":
        return lambda _ws, items: [
            msgspec.to_builtins(item) | {"done": item.done} for item in items
        ]
    return None


_WRITERS = {name: write for name, field in _HELD.items() if (write := _writer(field))}


def arrow_forms(link: Link) -> dict[str, Any]:
    """Return the fields of an arrow; of a needs arrow what it passes on, if it does by chance."""
    if link.kind == "needs" and link.ripple is None:
        return {"lag": link.lag}
    return arrow_values(link)


def _needs(ws: Workspace, task: Task) -> list[dict[str, Any]]:
    return [
        {"id": link.source, **arrow_forms(link)}
        for link in ws.arrows_in.get(task.id, ())
        if link.kind == "needs"
    ]


def _returns(ws: Workspace, task: Task) -> list[dict[str, Any]]:
    return [
        {
            "to": link.target,
            **arrow_forms(link),
            "observed_only": link.observed,
        }
        for link in ws.arrows_out.get(task.id, ())
        if link.kind == "returns"
    ]


def workspace_json(ws: Workspace, today: date, whole: Workspace | None = None) -> bytes:
    """Return everything but the history, so that an empty workspace can import it unchanged.

    Besides its names a task has, in `refs`, the ids of what they name: two may have one name.
    `last_known` is the last of the `whole` where it is but a part.
    """
    tables: dict[str, Any] = {
        table: list(getattr(ws, table).values()) for table in TABLES if len(getattr(ws, table))
    }
    content = {
        "format": FORMAT,
        "version": VERSION,
        "last_known": LastKnown.of(whole, ws.tasks) if whole else LastKnown.of(ws),
        "settings": ws.settings.get(1),
        **tables,
        "tasks": [_whole(ws, task, today) for task in ws.tasks.values()],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _whole(ws: Workspace, task: Task, today: date) -> dict[str, Any]:
    content = task_json(ws, task, today)
    content["passes_ledger"] = task.passes
    content["refs"] = {field.name: getattr(task, field.name) for field in FIELDS if field.entity}
    if task.extra:
        content["extra"] = task.extra
    return content
