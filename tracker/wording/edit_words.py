"""What a change did to fields: each with its value before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from tracker import terminal_text
from tracker.domain.change import Edit, Record
from tracker.domain.model import Entity, Link, Task
from tracker.domain.properties import PROPERTIES
from tracker.domain.typing.field_values import return_options_text
from tracker.domain.verbs import upkeep
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say, spelled
from tracker.wording.field_texts import FORM, label, text_of, written

# A longer value is only said to have changed; so many things are told of one change.
_LONGEST, _MOST = 60, 6
# What every change of a state is named by.
_NAMED = frozenset({"state"})
# What it may be named by.
_MAY_BE_NAMED = frozenset({"waiting_for", "priority"})


def edits(ws: Workspace, record: Record, *, of: int | None = None) -> str:
    """Return the fields a change set, and on what if that was not one thing; `of` one task only.

    Nothing is said of what came into being or went, nor of what the change is named by.
    """
    name = say(record.change.label)
    told: dict[str, list[int]] = {}
    for edit in record.change.edits:
        if edit.before is None or edit.after is None or (of and edit.entity.id != of):
            continue
        if of and not isinstance(edit.entity, Task):
            continue
        words = ", ".join(_words(ws, edit, name))
        if words:
            told.setdefault(words, []).append(edit.entity.id)
    apart = len(record.change.edits) > 1 and of is None
    found = [
        f"{', '.join(map(str, keys[:_MOST]))}{' …' * (len(keys) > _MOST)}: {words}"
        if apart
        else words
        for words, keys in told.items()
    ]
    more = len(found) - _MOST
    if more > 0:
        rest = ngettext("and {n} more", "and {n} more", more).format(n=more)
        found = [*found[:_MOST], rest]
    return spelled("; ".join(found))


def _words(ws: Workspace, edit: Edit, name: str) -> Iterator[str]:
    """Yield each field that differs with its values."""
    for field, before, after in _values(ws, edit, name):
        if before == after:
            continue
        if max(map(terminal_text.width, (before, after))) > _LONGEST or "\n" in before + after:
            yield _("{field} changed").format(field=field or _("return arrow"))
        else:
            text = _("{field} {before} → {after}")
            yield text.format(field=field, before=before or "–", after=after or "–").strip()


def _values(ws: Workspace, edit: Edit, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield fields with their values, but what the `name` of the change says already."""
    before, after = cast("Entity", edit.before), cast("Entity", edit.after)
    if isinstance(before, Task) and isinstance(after, Task):
        for field in FORM:
            was, now = (_text(ws, side, field) for side in (before, after))
            if field not in _NAMED and not (field in _MAY_BE_NAMED and now and now in name):
                yield label(field), was, now
    elif isinstance(before, Link) and isinstance(after, Link):
        if before.kind == "returns":
            # Rate, share and limit say themselves what they are.
            yield "", return_options_text(before), return_options_text(after)
        yield _("lag"), written(before.lag), written(after.lag)
    else:
        for each in PROPERTIES.get(type(after), ()):
            was, now = (say(upkeep.property_text(ws, each, side)) for side in (before, after))
            yield say(each.label), was, now


def _text(ws: Workspace, task: Task, field: str) -> str:
    try:
        return text_of(ws, task, field)
    except KeyError:
        # What it named then is no longer there.
        named = getattr(task, field)
        return ", ".join(f"#{key}" for key in (named if isinstance(named, tuple) else (named,)))
