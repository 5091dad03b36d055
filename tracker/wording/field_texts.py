"""The fields of a task as texts: what they are called, and how they are written to be typed."""

from __future__ import annotations

from datetime import date

from tracker import terminal_text
from tracker.domain.draft import name_of
from tracker.domain.fields import ARROWS, BY_NAME, ESTIMATE, FIELDS
from tracker.domain.model import Task
from tracker.domain.patterns import pattern
from tracker.domain.workspace import Workspace
from tracker.language import current, say
from tracker.wording import show
from tracker.wording.figures import day_text

# The fields of a task that are asked for, in the order of the form.
FORM = tuple(field.name for field in FIELDS if field.hint and field.name not in ARROWS)
# As many decimals as anybody types.
_DECIMALS = 6
# What ends a line for whoever reads text in lines, and tabs.
_BREAKS = pattern("[\t-\r\x1c-\x1e\x85\u2028\u2029]+")


def label(field: str) -> str:
    """Return what a field is called."""
    return say(BY_NAME[field].label)


def hint(field: str) -> str:
    """Return what may be typed into a field."""
    return say(BY_NAME[field].hint or "")


def text_of(ws: Workspace, task: Task, field: str) -> str:
    """Return a field as it would be typed."""
    if field == "estimate":
        days = [getattr(task, name) for name in ESTIMATE]
        known = [written(value) for value in days if value is not None]
        return "/".join(known if len(set(known)) > 1 else known[:1])
    value = getattr(task, field)
    if value is None:
        return ""
    declared = BY_NAME[field]
    if declared.entity:
        things = ws.table(declared.entity)
        if declared.kind == "name":
            return name_of(things[value])
        return ", ".join(_quoted(name_of(things[key])) for key in value)
    match declared.kind:
        case "tags":
            return ", ".join(_quoted(tag, blanks=True) for tag in value)
        case "priority":
            return show.priority_word(value)
        case "checklist":
            # An item is a line.
            items = ((item.done, _BREAKS.sub(" ", item.text)) for item in value)
            return "\n".join(f"[{'x' if done else ' '}] {words}" for done, words in items)
        case "days":
            return written(value)
        case "percent":
            # Without its sign 0.5 would be taken for a half.
            return f"{written(value)}%"
        case _ if isinstance(value, date):
            return day_text(value)
        case _:
            return str(value)


def line_of(ws: Workspace, task: Task, field: str) -> str:
    """Return a field as one line that may be in an input: line breaks are blanks there."""
    return terminal_text.clean(_BREAKS.sub(" ", text_of(ws, task, field)))


def written(value: float) -> str:
    """Return a number with all its decimals, as it can be typed: thousands not apart."""
    text = f"{round(value, _DECIMALS) or 0.0:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if current() == "de" else text


def _quoted(name: str, *, blanks: bool = False) -> str:
    """Return a name as it is typed among others."""
    if any(sign in name for sign in ',;"') or (blanks and name.split() != [name]):
        doubled = name.replace('"', '""')
        return f'"{doubled}"'
    return name
