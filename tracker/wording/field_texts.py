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
# Of a text with more characters than nearly any title what is shown is what is typed.
_LONG_LINE = 1_000
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


def line(text: str) -> str:
    """Return a text as one line that may be in an input: line breaks are blanks there."""
    return terminal_text.clean(_BREAKS.sub(" ", text))


def left_as_stored(stored: str, typed: str) -> str:
    """Return what has been made of the line of a stored text, the rest of it as it is stored.

    A line shows some of it otherwise, such as joined emoji, or letters that must not join.
    """
    shown = line(stored)
    if shown == stored or len(stored) > _LONG_LINE:
        return typed
    ahead = _shared(shown, typed)
    behind = _shared(shown[ahead:][::-1], typed[ahead:][::-1])
    # Where it can be cut so that both parts are shown as they are in the whole.
    cuts = [
        (at, len(before), len(after))
        for at in range(len(stored) + 1)
        for before, after in [(line(stored[:at]), line(stored[at:]))]
        if before + after == shown
    ]
    first, begun = max((at, before) for at, before, _after in cuts if before <= ahead)
    left, last = max((after, at) for at, _before, after in cuts if after <= behind and at >= first)
    return stored[:first] + typed[begun : len(typed) - left] + stored[last:]


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    apart = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(apart, min(len(one), len(other)))


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
