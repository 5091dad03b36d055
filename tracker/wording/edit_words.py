"""What a change did to fields: each with its value before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any

from tracker import terminal_text
from tracker.domain.change import Edit, Record
from tracker.domain.fields import ESTIMATE, FIELDS
from tracker.domain.model import Entity, Link, Task
from tracker.domain.properties import PROPERTIES, Property
from tracker.domain.typing.field_values import return_options_text
from tracker.domain.verbs import upkeep
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say, spelled
from tracker.wording.field_texts import FORM, label, text_of, written
from tracker.wording.figures import long_day

# A longer value is only said to have changed; so many things are told of one change.
_LONGEST, _MOST = 60, 6
# The kinds of fields that are days, and may be typed as words.
_DAYS = ("day", "last day")
# What every change of a state is named by.
_NAMED = frozenset({"state"})
# What it may be named by.
_MAY_BE_NAMED = frozenset({"waiting_for", "priority"})


def edits(ws: Workspace, record: Record, *, of: int | None = None) -> str:
    """Return the fields a change set, and on what if that was not one thing; `of` one task only.

    Nothing is said of what came into being or went, nor of what the change is named by.
    """
    name = say(record.change.label)
    told: dict[str, list[str]] = {}
    for edit in record.change.edits:
        if edit.before is None or edit.after is None or (of and edit.entity.id != of):
            continue
        if of and not isinstance(edit.entity, Task):
            continue
        words = ", ".join(_words(ws, edit, name))
        if words:
            told.setdefault(words, []).append(_called(edit.entity))
    apart = len(record.change.edits) > 1 and of is None
    found = [
        f"{', '.join(keys[:_MOST])}{' …' * (len(keys) > _MOST)}: {words}" if apart else words
        for words, keys in told.items()
    ]
    more = len(found) - _MOST
    if more > 0:
        rest = ngettext("and {n} more", "and {n} more", more).format(n=more)
        found = [*found[:_MOST], rest]
    return spelled("; ".join(found))


def _called(entity: Entity) -> str:
    """Return how a thing is named beside others: tasks by their number."""
    name = getattr(entity, "name", "") or getattr(entity, "login", "")
    return name or str(entity.id)


def _words(ws: Workspace, edit: Edit, name: str) -> Iterator[str]:
    """Yield each field that differs with its values."""
    for key, field, before, after in values(ws, edit):
        if before == after or (isinstance(edit.entity, Task) and _said(key, after, name)):
            continue
        if max(map(terminal_text.width, (before, after))) > _LONGEST or "\n" in before + after:
            yield _("{field} changed").format(field=field or _("return arrow"))
        else:
            text = _("{field} {before} → {after}")
            yield text.format(field=field, before=before or "–", after=after or "–").strip()


def _said(field: str, after: str, name: str) -> bool:
    """Return whether the name of a change says already what a field has become."""
    return field in _NAMED or (field in _MAY_BE_NAMED and bool(after) and after in name)


def days_read(record: Record, today: date) -> str:
    """Return the days of the tasks that a change made, as they were understood."""
    born = [edit.after for edit in record.change.edits if edit.before is None]
    tasks = [task for task in born if isinstance(task, Task)]
    told = []
    for task in tasks:
        days = ((field, getattr(task, field.name)) for field in FIELDS if field.kind in _DAYS)
        read = [f"{label(field.name)} {long_day(day, today)}" for field, day in days if day]
        if read:
            apart = f"{task.id}: " if len(tasks) > 1 else ""
            told.append(apart + ", ".join(read))
    return "; ".join(told)


def values(ws: Workspace, edit: Edit) -> Iterator[tuple[str, str, str, str]]:
    """Yield fields that can be typed and may differ: name, label, and text before and after.

    A text is empty where the thing was not there, or had no such value.
    """
    before, after = edit.before, edit.after
    fields = FORM
    if isinstance(before, Task) and isinstance(after, Task):
        # One change may be about every task there is.
        fields = tuple(field for field in FORM if _differs(before, after, field))
    for key, name, text in _readings(ws, edit.entity, fields):
        yield key, name, text(before) if before else "", text(after) if after else ""


def _differs(before: Task, after: Task, field: str) -> bool:
    names = ESTIMATE if field == "estimate" else (field,)
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _readings(
    ws: Workspace, entity: Entity, fields: Iterable[str]
) -> Iterator[tuple[str, str, Callable[[Any], str]]]:
    """Yield what can be read of a kind of thing: name, label, and what gives the text of it.

    Of tasks these are some of the `fields` of the form.
    """
    if isinstance(entity, Task):
        for field in fields:
            yield field, label(field), partial(_text, ws, field=field)
    elif isinstance(entity, Link):
        if entity.kind == "returns":
            # Rate, share and limit say themselves what they are.
            yield "", "", return_options_text
        yield "lag", _("lag"), lambda link: written(link.lag)
    else:
        for each in PROPERTIES.get(type(entity), ()):
            yield each.name, say(each.label), partial(_property, ws, each)


def _property(ws: Workspace, each: Property, entity: Entity) -> str:
    try:
        return say(upkeep.property_text(ws, each, entity))
    except KeyError:
        return _gone(entity, each.name)


def _text(ws: Workspace, task: Task, field: str) -> str:
    try:
        return text_of(ws, task, field)
    except KeyError:
        return _gone(task, field)


def _gone(entity: Entity, field: str) -> str:
    """Return what stands for what a field named then, and is no longer there."""
    named = getattr(entity, field)
    return ", ".join(f"#{key}" for key in (named if isinstance(named, tuple) else (named,)))
