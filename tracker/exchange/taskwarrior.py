"""Tasks for Taskwarrior: a list in JSON that `task import` takes in (2.6).

The format: https://taskwarrior.org/docs/design/task/. A day is the midnight with which it begins,
in UTC. Fields it does not know it keeps as they are; ours begin with `tracker_`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec

from tracker.domain.model import Link, Priority, Task
from tracker.domain.sentence import here, sentence
from tracker.exchange.handout import Handout, one_line
from tracker.exchange.identity import identities
from tracker.exchange.source import harmless

CARRIES = frozenset(
    (
        *("id", "title", "project", "department", "state", "priority", "due", "not_before"),
        *("follow_up", "tags", "recurrence", "notes", "checklist", "created", "after"),
        "needs.lag",
        "origin",
    )
)
_PRIORITY: dict[Priority, str] = {"critical": "H", "high": "H", "medium": "M", "low": "L"}
# Days before 1980 end it without a word, and in some zone that is the first one of it.
_EARLIEST, _LATEST = date(1981, 1, 1), date(2099, 12, 31)
# Of any other it dies.
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SECOND = timedelta(seconds=1)


def write(out: Handout) -> bytes:
    """Return the list, a task a line."""
    known = identities(out.whole, "tw", _UUID)
    lines = [msgspec.json.encode(_form(out, task, known)) for task in out.walk()]
    return b"[\n" + b",\n".join(lines) + b"\n]\n"


def _form(out: Handout, task: Task, known: Mapping[int, str]) -> dict[str, Any]:
    entry = datetime.combine(out.today, time(12), UTC)
    if task.created and _EARLIEST <= task.created.date() <= _LATEST:
        entry = task.created
    form: dict[str, Any] = {
        "uuid": known[task.id],
        # It ends without a word where a task has none.
        "description": _text(out, task.title) or str(task.id),
        "entry": _moment(entry),
        "status": "pending",
        "priority": _PRIORITY[task.priority],
        "tracker_id": task.id,
        "tracker_state": task.state,
    }
    if task.priority == "critical":
        out.tell("priority", sentence("Priority critical as H, like high"))
        form["tracker_priority"] = "critical"
    if task.origin and task.origin != f"tw:{known[task.id]}":
        form["tracker_origin"] = _text(out, task.origin)
    form |= _state(out, task, entry)
    form |= _project(out, task)
    days = {"due": task.due, "scheduled": task.not_before}
    if task.state == "waiting":
        days["wait"] = task.follow_up
    elif task.follow_up:
        # What has to wait is hidden there until then.
        out.tell("follow_up", sentence("Follow-up of what does not wait as a field of our own"))
        form["tracker_follow_up"] = task.follow_up.isoformat()
    for name, day in days.items():
        if day and (stamp := _midnight(out, day)):
            form[name] = stamp
    if task.recurrence:
        # A recurring one is a template there, which no other could depend on.
        out.tell("recurrence", sentence("Repetition as a field of our own"))
        form["tracker_repeats"] = task.recurrence
    words = [text for tag in task.tags if (text := _text(out, tag))]
    tags = [tag_word(word) for word in words]
    if tags != words:
        out.tell("tags", sentence("Blanks, commas and colons in tags as underscores"))
    if task.state == "recheck":
        tags.append("recheck")
    if tags:
        form["tags"] = list(dict.fromkeys(tags))
    if before := [a for a in out.ws.arrows_in.get(task.id, ()) if a.kind == "needs"]:
        form["depends"] = [known[link.source] for link in before]
        if lags := [_lag(link) for link in before if link.lag]:
            form["tracker_lag"] = "; ".join(lags)
    # Two notes of one second would be moved apart in reading.
    notes = [
        {"entry": _moment(entry + at * _SECOND), "description": line}
        for at, line in enumerate(_lines(out, task))
    ]
    if notes:
        form["annotations"] = notes
    if task.checklist:
        form["tracker_checklist"] = len(task.checklist)
    return form


def _state(out: Handout, task: Task, entry: datetime) -> dict[str, Any]:
    """Return what says in which state a task is: a stamp as well, for an end must have one."""
    last = task.passes[-1] if task.passes else None
    if task.state in ("done", "dropped"):
        ended = max((last.ended if last else None) or task.modified or entry, entry)
        status = "completed" if task.state == "done" else "deleted"
        return {"status": status, "end": _moment(ended)}
    if task.state == "doing":
        return {"start": _moment(max((last.started if last else None) or entry, entry))}
    if task.state == "recheck":
        out.tell("recheck", sentence("Recheck as a tag"))
    elif task.state == "waiting":
        out.tell("waiting", sentence("Waiting as a field of our own"))
    return {}


def _project(out: Handout, task: Task) -> dict[str, str]:
    """Return the project with the department below it; dots would make more levels of it.

    Where that does not say which is which, both are there in full as well.
    """
    ws = out.ws
    named = _text(out, ws.projects[task.project].name) if task.project else ""
    lane = _text(out, ws.departments[task.department].name) if task.department else ""
    names = [name for name in (named, lane) if name]
    dotted = any("." in name for name in names)
    if dotted:
        out.tell("project", sentence("Dots in names of projects and departments as underscores"))
    form = {"project": ".".join(name.replace(".", "_") for name in names)} if names else {}
    if lane or dotted:
        form |= {"tracker_project": named} if named else {}
        form |= {"tracker_department": lane} if lane else {}
    return form


def _lag(link: Link) -> str:
    return f"{link.source}{link.lag:+.15g}"


def _lines(out: Handout, task: Task) -> Iterator[str]:
    """Walk over the lines of the notes and of the checklist."""
    for line in harmless(task.notes)[0].splitlines():
        if text := _text(out, line):
            yield text
    for item in task.checklist:
        yield f"[{'x' if item.done else ' '}] {_text(out, item.text)}"


def _midnight(out: Handout, day: date) -> str:
    """Return a day where the program runs; one that it could not hold is left out, and told."""
    if not _EARLIEST <= day <= _LATEST:
        out.tell("days", sentence("Dates before 1981 or after 2099 left out"))
        return ""
    return _moment(datetime.combine(day, time()).astimezone())


def _moment(at: datetime) -> str:
    return f"{here(at, UTC):%Y%m%dT%H%M%SZ}"


def _text(out: Handout, text: str) -> str:
    """Return a text as one line; of these two words Taskwarrior would make brackets."""
    line = one_line(text)
    broken = line.replace("&open;", "& open;").replace("&close;", "& close;")
    if broken != line:
        out.tell("brackets", sentence("“&open;” and “&close;” with a blank in them"))
    return broken


def tag_word(tag: str) -> str:
    """Return a tag as Taskwarrior has it: one word."""
    return re.sub(r"[\s,:]+", "_", tag)
