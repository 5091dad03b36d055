"""Handing lists out: CSV for a spreadsheet, JSON for scripts and for taking in again."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from tracker.domain.draft import name_of
from tracker.domain.errors import BadInput, Refused
from tracker.domain.fields import FIELDS, Field
from tracker.domain.model import Link, Task
from tracker.domain.sentence import system_reason
from tracker.domain.workspace import Workspace
from tracker.exchange.cell_values import escaped, listed, percent
from tracker.exchange.document import workspace_json
from tracker.exchange.headers import OWN

# States and priorities in German.
_GERMAN: Mapping[str, str] = {
    "todo": "offen",
    "doing": "in Arbeit",
    "waiting": "wartet",
    "recheck": "nachprüfen",
    "done": "erledigt",
    "dropped": "verworfen",
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
            "Cannot write {file}: its ending is none of {endings}.",
            file=path.name,
            endings=" ".join(WRITERS),
        )
    save(path, writer(ws, today, language), force=force)


def save(path: Path, data: bytes, *, force: bool = False) -> None:
    """Put a whole file in its place, or leave everything as it was.

    It is written beside its place first, so that a full disk or a lost connection leaves no half
    of it. Raises Refused, also when there is a file and `force` is not given.
    """
    beside = path.with_name(f".{path.name[:100]}.{os.urandom(6).hex()}")
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
            "{file} already exists; choose another name or replace it explicitly.",
            file=str(path),
        ) from None
    except OSError as error:
        raise Refused(
            "Cannot write {file}: {problem}.", file=str(path), problem=system_reason(error)
        ) from None


def workspace_csv(ws: Workspace, language: str = "en") -> bytes:
    """Return all tasks as CSV that Excel of that language opens with a double click.

    Excel takes a file for UTF-8 only by its byte order mark, expects the list separator of its
    country, and would make a date of 4.5 where the comma is decimal: so German has `;` and commas.
    Text that could be taken for a formula gets an apostrophe. RFC 4180 otherwise.
    """
    german = language == "de"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if german else ",", lineterminator="\r\n")
    writer.writerow(OWN["de" if german else "en"].values())
    cells = _Cells(ws, german)
    columns = [cells.writer(field) for field in FIELDS if field.column]
    for task in ws.tasks.values():
        writer.writerow([write(task) for write in columns])
    return out.getvalue().encode("utf-8-sig", "replace")


class _Cells:
    """Writes fields of tasks as cells; what many tasks have in common is written once."""

    def __init__(self, ws: Workspace, german: bool) -> None:
        self._ws, self._german = ws, german
        self._text = cache(escaped)
        self._names = cache(lambda texts: escaped(listed(list(texts))))

    def writer(self, field: Field) -> Callable[[Task], str]:
        """Return what writes a field of a task."""
        ws, text, names = self._ws, self._text, self._names
        value: Callable[[Task], Any] = attrgetter(field.name)
        if entity := field.entity:
            things = ws.table(entity)
            if field.kind == "names":
                return lambda task: names(tuple(name_of(things[key]) for key in value(task)))
            return lambda task: text(name_of(things[key])) if (key := value(task)) else ""
        match field.kind:
            case "needs":
                return lambda task: "; ".join(_needs(ws.arrows_in.get(task.id, ())))
            case "returns":
                return lambda task: "; ".join(_returns(ws.arrows_out.get(task.id, ())))
            case "state" | "priority":
                return lambda task: _GERMAN[value(task)] if self._german else value(task)
            case "tags":
                return lambda task: names(value(task))
            case "days" | "count":
                number = cache(self._number)
                return lambda task: number(value(task))
            case "percent":
                # Without its sign 0.5 would be taken for a half.
                return lambda task: (text := self._number(value(task))) and f"{text}%"
            case "day" | "last day":
                return lambda task: day.isoformat() if (day := value(task)) else ""
            case _ if field.name in ("title", "notes"):
                # No two are alike.
                return lambda task: escaped(value(task))
            case _:
                return lambda task: text(value(task))

    def _number(self, number: float | None) -> str:
        if number is None:
            return ""
        text = str(int(number)) if number == int(number) else repr(number)
        return text.replace(".", ",") if self._german else text


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
