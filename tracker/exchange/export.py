"""Handing lists out: CSV for a spreadsheet, JSON for scripts and for taking in again."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

from tracker.domain.errors import BadInput, Refused
from tracker.domain.model import Link, Priority, State, Task
from tracker.domain.sentence import system_reason
from tracker.domain.workspace import Workspace
from tracker.exchange.columns import OWN
from tracker.exchange.document import workspace_json
from tracker.exchange.parsing import escaped, listed, percent

_STATES: Mapping[State, str] = {
    "todo": "offen",
    "doing": "in Arbeit",
    "waiting": "wartet",
    "recheck": "nachprüfen",
    "done": "erledigt",
    "dropped": "verworfen",
}
_PRIORITIES: Mapping[Priority, str] = {
    "low": "niedrig",
    "medium": "mittel",
    "high": "hoch",
    "critical": "kritisch",
}


def write(
    ws: Workspace, path: Path, *, today: date, language: str = "en", force: bool = False
) -> None:
    """Write a workspace to a file whose ending names the format.

    A file that is there is replaced only with `force`; what stands there is whole at any moment.
    Readable by its owner alone. Raises BadInput for other endings, Refused when it cannot be
    written.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise BadInput(
            "{file} cannot be written: its ending is none of {endings}.",
            file=path.name,
            endings=" ".join(WRITERS),
        )
    save(path, writer(ws, today, language), force=force)


def save(path: Path, data: bytes, *, force: bool = False) -> None:
    """Put a whole file in its place, or leave everything as it was.

    It is written beside its place first, so that a full disk or a lost connection leaves no half
    of it. Raises Refused, also when there is a file and `force` is not given.
    """
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    reserved = False
    try:
        try:
            with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if not force:
                os.close(os.open(path, flags, 0o600))
                reserved = True
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            if reserved:
                path.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise Refused(
            "{file} is there already; choose another name, or say that it is to be replaced.",
            file=str(path),
        ) from None
    except OSError as error:
        raise Refused(
            "{file} cannot be written: {problem}.", file=str(path), problem=system_reason(error)
        ) from None


def workspace_csv(ws: Workspace, language: str = "en") -> bytes:
    """Return all tasks as CSV that Excel of that language opens with a double click.

    Excel takes a file for UTF-8 only by its byte order mark, expects the list separator of its
    country, and would make a date of 4.5 where the comma is decimal: so German has `;` and commas.
    Text that could be taken for a formula gets an apostrophe. RFC 4180 otherwise.
    """
    german = language == "de"
    heads = OWN["de" if german else "en"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if german else ",", lineterminator="\r\n")
    writer.writerow(heads.values())
    for task in ws.tasks.values():
        cells = _cells(ws, task, german)
        writer.writerow([cells[field] for field in heads])
    return out.getvalue().encode("utf-8-sig", "replace")


def _cells(ws: Workspace, task: Task, german: bool) -> dict[str, str]:
    """Return the cells of a task by field."""

    def days(value: float | None) -> str:
        if value is None:
            return ""
        text = str(int(value)) if value == int(value) else repr(value)
        return text.replace(".", ",") if german else text

    def day(value: date | None) -> str:
        return "" if value is None else value.isoformat()

    people = {key: ws.people[key].login for key in (task.assignee, task.requester) if key}
    return {
        "id": str(task.id),
        "title": escaped(task.title),
        "project": escaped(ws.projects[task.project].name) if task.project else "",
        "department": escaped(ws.departments[task.department].name) if task.department else "",
        "assignee": escaped(people.get(task.assignee or 0, "")),
        "requester": escaped(people.get(task.requester or 0, "")),
        "state": _STATES[task.state] if german else task.state,
        "priority": _PRIORITIES[task.priority] if german else task.priority,
        "low": days(task.low),
        "likely": days(task.likely),
        "high": days(task.high),
        "needs": "; ".join(_needs(ws.arrows_in.get(task.id, ()))),
        "returns": "; ".join(_returns(ws.arrows_out.get(task.id, ()))),
        "due": day(task.due),
        "not_before": day(task.not_before),
        "follow_up": day(task.follow_up),
        "waiting_for": escaped(task.waiting_for),
        "effort": days(task.effort),
        "spent": days(task.spent),
        "systems": escaped(listed([ws.systems[key].name for key in task.systems])),
        "tags": escaped(listed(list(task.tags))),
        "recurrence": escaped(task.recurrence),
        "notes": escaped(task.notes),
    }


def _needs(arrows: tuple[Link, ...]) -> Iterator[str]:
    """Write predecessors with their lags: `3`, `12+2`, `12+-2`."""
    for link in arrows:
        if link.kind == "needs":
            lag = int(link.lag) if link.lag == int(link.lag) else link.lag
            yield f"{link.source}+{lag}" if link.lag else str(link.source)


def _returns(arrows: tuple[Link, ...]) -> Iterator[str]:
    """Write return arrows as `target:rate:share:limit`, and `observed` where nobody planned it."""
    for link in arrows:
        if link.kind == "returns":
            parts = [str(link.target), percent(link.rate), percent(link.share)]
            if link.limit is not None or link.observed:
                parts.append("" if link.limit is None else str(link.limit))
            if link.observed:
                parts.append("observed")
            yield ":".join(parts)


# What writes a file, by its ending.
WRITERS: Mapping[str, Callable[[Workspace, date, str], bytes]] = {
    ".csv": lambda ws, _today, language: workspace_csv(ws, language),
    ".json": lambda ws, today, _language: workspace_json(ws, today),
}
