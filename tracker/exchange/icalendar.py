"""Tasks as a calendar file (RFC 5545): to-dos, and days for calendars that show no to-dos.

Arrows are `RELATED-TO` by RFC 9253. What RFC 5545 has no property for stands in `X-TRACKER-…`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from tracker.domain.draft import name_of
from tracker.domain.model import Priority, State, Task
from tracker.domain.sentence import here, sentence
from tracker.exchange.handout import Handout, day_behind, one_line
from tracker.exchange.identity import identities
from tracker.exchange.source import harmless

CARRIES = frozenset(
    (
        *("id", "title", "project", "department", "state", "priority", "due", "not_before"),
        *("follow_up", "waiting_for", "tags", "phase", "recurrence", "notes", "checklist"),
        *("low", "likely", "high", "progress", "expires", "created", "modified"),
        *("assignee", "systems", "after", "needs.lag", "origin"),
    )
)
PARTS = ("tasks", "events")
_STATUS: dict[State, str] = {
    "todo": "NEEDS-ACTION",
    "doing": "IN-PROCESS",
    "waiting": "NEEDS-ACTION",
    "recheck": "IN-PROCESS",
    "done": "COMPLETED",
    "dropped": "CANCELLED",
}
# 1 is the highest, 5 in the middle, and 0 would be none.
_PRIORITY: dict[Priority, int] = {"critical": 1, "high": 3, "medium": 5, "low": 9}
_RULE = {"d": "DAILY", "w": "WEEKLY", "m": "MONTHLY", "y": "YEARLY"}
_EVENT_WORDS = {
    "due": ("due", "fällig"),
    "follow-up": ("follow-up", "Wiedervorlage"),
    "expires": ("expires", "läuft ab"),
}
_FOLDED = 75
_UID = re.compile(r"\S(?:.{0,998}\S)?")


def write(out: Handout) -> bytes:
    """Return the calendar: to-dos of all tasks, and days on which something of open ones is due."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tracker//tracker//EN"),
        *("CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
    ]
    if out.name:
        lines += [f"NAME:{escaped(out.name)}", f"X-WR-CALNAME:{escaped(out.name)}"]
    known = identities(out.whole, "ics", _UID)
    for task in out.walk():
        uid, stamps = escaped(known[task.id]), list(_stamps(out, task))
        if out.only != "events":
            lines += ["BEGIN:VTODO", f"UID:{uid}", *stamps, *_todo(out, task, known), "END:VTODO"]
        if out.only != "tasks" and task.open:
            for kind, event in _events(out, task):
                lines += ["BEGIN:VEVENT", f"UID:{kind}-{uid}", *stamps, *event, "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _todo(out: Handout, task: Task, known: Mapping[int, str]) -> Iterator[str]:
    ws = out.ws
    yield f"SUMMARY:{escaped(_title(task))}"
    yield f"STATUS:{_STATUS[task.state]}"
    yield f"PRIORITY:{_PRIORITY[task.priority]}"
    yield f"X-TRACKER-ID:{task.id}"
    yield f"X-TRACKER-STATE:{task.state.upper()}"
    if task.origin and task.origin != f"ics:{known[task.id]}":
        yield f"X-TRACKER-ORIGIN:{escaped(one_line(task.origin))}"
    groups = _groups(out, task)
    if named := [*groups.values(), *filter(None, map(one_line, task.tags))]:
        yield f"CATEGORIES:{','.join(map(escaped, named))}"
    for name, text in groups.items():
        yield f"X-TRACKER-{name}:{escaped(text)}"
    if systems := [one_line(ws.systems[key].name) for key in task.systems]:
        yield f"RESOURCES:{','.join(map(escaped, systems))}"
    if task.assignee:
        # Attendees are none of a calendar that is only published.
        yield f"CONTACT:{escaped(one_line(name_of(ws.people[task.assignee])))}"
    if text := _description(task):
        yield f"DESCRIPTION:{escaped(text)}"
    if task.checklist:
        yield f"X-TRACKER-CHECKLIST:{len(task.checklist)}"
    # A recurrence counts from a start, and a start must lie before the end.
    start, due = task.not_before, task.due
    if start and due and start >= due:
        yield f"X-TRACKER-NOT-BEFORE;VALUE=DATE:{_date(start)}"
        out.tell("start", sentence("Start not before the due date, as a field of our own"))
        start = None
    if task.recurrence:
        rule = _rule(task.recurrence)
        if rule and start:
            yield f"RRULE:{rule}"
        else:
            yield f"X-TRACKER-REPEATS:{escaped(one_line(task.recurrence))}"
            out.tell("recurrence", sentence("Repetition as a field of our own"))
    if start:
        yield f"DTSTART;VALUE=DATE:{_date(start)}"
    if due:
        yield f"DUE;VALUE=DATE:{_date(due)}"
    if task.state == "done":
        ended = task.passes[-1].ended if task.passes else None
        if ended:
            yield f"COMPLETED:{_moment(ended)}"
        yield "PERCENT-COMPLETE:100"
    elif task.progress is not None:
        if task.progress % 1:
            out.tell("progress", sentence("Progress rounded to a whole percentage"))
        yield f"PERCENT-COMPLETE:{round(task.progress)}"
    for link in ws.arrows_in.get(task.id, ()):
        if link.kind == "needs":
            lag = f';X-TRACKER-LAG="{link.lag:.15g}"' if link.lag else ""
            yield f"RELATED-TO;RELTYPE=DEPENDS-ON{lag}:{escaped(known[link.source])}"
    for name in ("low", "likely", "high"):
        if (days := getattr(task, name)) is not None:
            yield f"X-TRACKER-{name.upper()}:{days:.15g}"
    for name, text in (
        ("WAITING-FOR", one_line(task.waiting_for)),
        ("FOLLOW-UP", _date(task.follow_up) if task.follow_up else ""),
        ("EXPIRES", _date(task.expires) if task.expires else ""),
    ):
        if text:
            yield f"X-TRACKER-{name}:{escaped(text)}"


def _title(task: Task) -> str:
    return f"{task.id} {one_line(task.title)}".rstrip()


def _groups(out: Handout, task: Task) -> dict[str, str]:
    """Return what a task belongs to; among the categories nothing says which is what."""
    ws = out.ws
    named = {
        "DEPARTMENT": ws.departments[task.department].name if task.department else "",
        "PROJECT": ws.projects[task.project].name if task.project else "",
        "PHASE": task.phase,
    }
    return {name: line for name, text in named.items() if (line := one_line(text))}


def _description(task: Task) -> str:
    items = [f"[{'x' if item.done else ' '}] {one_line(item.text)}" for item in task.checklist]
    return "\n".join(filter(None, (harmless(task.notes)[0], *items)))


def _rule(period: str) -> str:
    """Return how often something comes back as a rule; none where it depends on its being done."""
    found = re.fullmatch(r"(\d+)([dwmy])", period)
    if not found:
        return ""
    return f"FREQ={_RULE[found[2]]};INTERVAL={found[1]}"


def _events(out: Handout, task: Task) -> Iterator[tuple[str, list[str]]]:
    """Walk over the days of a task as all-day events, whose end is the day behind."""
    days = {"due": task.due, "follow-up": task.follow_up, "expires": task.expires}
    for kind, day in days.items():
        if day:
            word = _EVENT_WORDS[kind][out.german]
            mark = "◆ " if task.milestone and kind == "due" else ""
            yield (
                kind,
                [
                    f"SUMMARY:{escaped(f'{mark}{_title(task)} ({word})')}",
                    f"DTSTART;VALUE=DATE:{_date(day)}",
                    f"DTEND;VALUE=DATE:{_date(day_behind(day))}",
                    "TRANSP:TRANSPARENT",
                ],
            )


def _stamps(out: Handout, task: Task) -> Iterator[str]:
    # The same plan is the same file: what the moment of writing is here is that of the last change.
    noon = datetime(out.today.year, out.today.month, out.today.day, 12, tzinfo=UTC)
    yield f"DTSTAMP:{_moment(task.modified or task.created or noon)}"
    if task.created:
        yield f"CREATED:{_moment(task.created)}"
    if task.modified:
        yield f"LAST-MODIFIED:{_moment(task.modified)}"
    yield f"SEQUENCE:{min(out.whole.seq, 2**31 - 1)}"


def _date(day: date) -> str:
    return day.isoformat().replace("-", "")


def _moment(at: datetime) -> str:
    utc = here(at, UTC)
    return f"{_date(utc.date())}T{utc:%H%M%S}Z"


def escaped(text: str) -> str:
    r"""Return a text as a value: `\` before `\`, `;` and `,`, and `\n` for a line end (3.3.11)."""
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def folded(line: str) -> bytes:
    """Return a line of at most 75 bytes, going on behind a blank, between characters (3.1)."""
    data, pieces, room = line.encode(), [], _FOLDED
    if len(data) <= room:
        return data + b"\r\n"
    while len(data) > room:
        cut = room
        while data[cut] & 0b1100_0000 == 0b1000_0000:
            cut -= 1
        pieces.append(data[:cut])
        data, room = data[cut:], _FOLDED - 1
    return b"\r\n ".join((*pieces, data)) + b"\r\n"
