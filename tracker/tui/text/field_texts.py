"""The fields of a task as texts: what they are called, how they are written, and read back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from tracker import terminal_text
from tracker.domain.model import Item, Task
from tracker.domain.workspace import Workspace
from tracker.language import _, current
from tracker.wording import show
from tracker.wording.figures import day_text

# The fields of a task that are typed, in the order of the form; `estimate` is low/likely/high.
FIELDS = (
    "title",
    "department",
    "assignee",
    "requester",
    "watchers",
    "project",
    "priority",
    "estimate",
    "effort",
    "spent",
    "due",
    "not_before",
    "follow_up",
    "waiting_for",
    "tags",
    "systems",
    "recurrence",
    "checklist",
    "notes",
)
LONG = ("checklist", "notes")
LISTS = ("watchers", "tags", "systems")
ESTIMATE = ("low", "likely", "high")
# What ends a line for whoever reads text in lines, and tabs.
_BREAKS = re.compile("[\t-\r\x1c-\x1e\x85\u2028\u2029]+")
_ITEM = re.compile(r"\s*(?:[-*]\s*)?\[( |x|X|✓)\]\s*")


def label(field: str) -> str:
    """Return what a field is called."""
    return {
        "title": _("Title"),
        "department": _("Department"),
        "assignee": _("Assignee"),
        "requester": _("Requester"),
        "watchers": _("Watchers"),
        "project": _("Project"),
        "priority": _("Priority"),
        "estimate": _("Estimate"),
        "low": _("Low"),
        "likely": _("Likely"),
        "high": _("High"),
        "effort": _("Effort"),
        "spent": _("Spent"),
        "due": _("Due"),
        "not_before": _("Not before"),
        "follow_up": _("Follow-up"),
        "waiting_for": _("Waiting for"),
        "tags": _("Tags"),
        "systems": _("Systems"),
        "recurrence": _("Repeats"),
        "checklist": _("Checklist"),
        "notes": _("Notes"),
        "after": _("After"),
        "returns_to": _("May go back to"),
        "state": _("State"),
    }.get(field, field)


def hint(field: str) -> str:
    """Return what may be typed into a field."""
    return {
        "title": _("what is to be done"),
        "department": _("name or short name; an unknown one is made"),
        "assignee": _("login or name; an unknown one is made"),
        "requester": _("login or name of who asked for it"),
        "watchers": _("logins or names, with commas between"),
        "project": _("name or key"),
        "priority": _("low, medium, high or critical"),
        "estimate": _("low/likely/high in working days, such as 1/2/5, or one number"),
        "effort": _("planned person-days"),
        "spent": _("person-days so far"),
        "due": _("a day: tomorrow, fr, +3d, KW 48, 1.12."),
        "not_before": _("the first day on which it can begin"),
        "follow_up": _("the day to ask again: fr, +3d, KW 48"),
        "waiting_for": _("whom or what outside; #12 for a task"),
        "tags": _("words, with commas or blanks between"),
        "systems": _("names, with commas between; unknown ones are made"),
        "recurrence": _("how often it comes back, such as 6 months"),
        "checklist": _("one line each; [x] before what is done"),
        "notes": _("Markdown"),
    }[field]


def text_of(ws: Workspace, task: Task, field: str) -> str:
    """Return a field as it would be typed."""
    if field == "estimate":
        days = [getattr(task, name) for name in ESTIMATE]
        known = [number(value) for value in days if value is not None]
        return "/".join(known if len(set(known)) > 1 else known[:1])
    value = getattr(task, field)
    if value is None:
        return ""
    match field:
        case "department" | "project":
            table: Any = ws.departments if field == "department" else ws.projects
            return str(table[value].name)
        case "assignee" | "requester":
            return ws.people[value].login
        case "watchers":
            return ", ".join(_quoted(ws.people[key].login) for key in value)
        case "systems":
            return ", ".join(_quoted(ws.systems[key].name) for key in value)
        case "tags":
            return ", ".join(_quoted(tag, blanks=True) for tag in value)
        case "priority":
            return show.priority_word(value)
        case "checklist":
            return "\n".join(f"[{'x' if item.done else ' '}] {item.text}" for item in value)
        case "effort" | "spent":
            return number(value)
        case _ if isinstance(value, date):
            return day_text(value)
        case _:
            return str(value)


def line_of(ws: Workspace, task: Task, field: str) -> str:
    """Return a field as one line that may stand in an input: line breaks are blanks there."""
    return terminal_text.clean(_BREAKS.sub(" ", text_of(ws, task, field)))


def _quoted(name: str, *, blanks: bool = False) -> str:
    """Return a name as it is typed among others."""
    if "," in name or '"' in name or (blanks and " " in name):
        doubled = name.replace('"', '""')
        return f'"{doubled}"'
    return name


def read(field: str, text: str, today: date, me: str = "") -> dict[str, Any]:
    """Return the arguments of `edit_task` that a field typed as `text` stands for.

    An empty text clears; `me` is who that means. Raises BadInput.
    """
    if field == "checklist":
        return {field: read_checklist(text)}
    if field == "notes":
        return {field: text.rstrip()}
    # The grammar is of no use to a screen that only shows fields.
    from tracker.domain.typing import line_parser

    value = line_parser.parse_value(field, text, today, me=me)
    if field == "estimate":
        return dict(zip(ESTIMATE, value or (None, None, None), strict=True))
    return {field: value}


def read_checklist(text: str) -> tuple[Item, ...]:
    """Return a checklist typed as lines, `[x]` before what is done."""
    items = []
    for typed in filter(str.strip, text.splitlines()):
        box = _ITEM.match(typed)
        words = typed[box.end() :] if box else typed.strip().removeprefix("- ")
        items.append(Item(text=words.strip(), done=bool(box and box[1].strip())))
    return tuple(items)


def number(value: float) -> str:
    """Return a number as it is written in the language in use."""
    text = f"{value:g}"
    return text.replace(".", ",") if current() == "de" else text
