"""The verbs for what tasks are about: projects, departments, people, systems and the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, cast

from msgspec.structs import fields as struct_fields
from msgspec.structs import replace

from tracker.domain.change import Change
from tracker.domain.draft import Draft, Named, Now, alike, ids_by_name
from tracker.domain.errors import Already, Refused
from tracker.domain.model import (
    NO_SPREAD,
    TABLE_OF,
    Absence,
    Department,
    Entity,
    Person,
    Settings,
    System,
    SystemState,
    Task,
)
from tracker.domain.properties import PROPERTIES, Property
from tracker.domain.sentence import Sentence, amount, counted, dated, listed, sentence, yearly
from tracker.domain.verbs.commands import find
from tracker.domain.workspace import Workspace, redirected, references

# How many users a refused deletion lists.
_NAMED = 5


def set_properties(
    ws: Workspace,
    now: Now,
    *,
    kind: type[Entity],
    name: str = "",
    values: Mapping[str, Any],
    create: bool = False,
) -> Change:
    """Set properties of the entity called `name`, or `create` it with them.

    Settings have no name. None clears a property. Raises NotFound for an unknown name, department
    or task, and Refused where what is to be created exists.
    """
    draft = Draft(ws)
    old = ws.preferences if kind is Settings else _called(draft, ws, kind, name, create)
    known = {each.name: each for each in PROPERTIES[kind]}
    changed = {key: _stored(ws, known[key], value, kind) for key, value in values.items()}
    new = draft.put(replace(old, **changed))
    lines = [
        sentence("{label} {value}", label=known[key].label, value=_shown(ws, known[key], new))
        for key in changed
        if getattr(old, key) != getattr(new, key)
    ]
    if create:
        label = sentence("Created: {name}", name=_title(new))
        if lines:
            label = sentence("{created}, {values}", created=label, values=_joined(lines))
        return draft.change(label)
    if not lines and kind is Settings:
        return draft.change(sentence("Settings are unchanged"))
    if not lines:
        return draft.change(sentence("{name} is unchanged", name=_title(new)))
    label = sentence("{name}: {values}", name=_title(new), values=_joined(lines))
    return draft.change(label)


def rename(ws: Workspace, now: Now, *, kind: type[Named], name: str, to: str) -> Change:
    """Rename an entity; a name already in use is refused, as the two should be merged."""
    to = " ".join(to.split())
    if not to:
        raise Refused("Enter a new name for {name}.", name=name)
    draft = Draft(ws)
    old = draft.get(kind, find(ws, kind, name))
    there = ids_by_name(ws.table(kind).values()).get(alike(to))
    if there not in (None, old.id):
        raise Refused("{name} already exists. To merge the two, use --merge-into {name}.", name=to)
    new = replace(old, **{"login" if kind is Person else "name": to})
    if new == old:
        raise Already("{name} already has this name.", name=to)
    draft.put(new)
    return draft.change(sentence("Renamed: {old} → {new}", old=_title(old), new=_title(new)))


def merge(ws: Workspace, now: Now, *, kind: type[Named], name: str, into: str) -> Change:
    """Move all references from one entity to another, and delete the first.

    Properties the second lacks are taken from the first.
    """
    draft = Draft(ws)
    old = draft.get(kind, find(ws, kind, name))
    new = draft.get(kind, find(ws, kind, into))
    if old.id == new.id:
        raise Refused("{name} and {other} are the same.", name=name, other=into)
    table = TABLE_OF[kind]
    count = 0
    for other in ws.entities():
        if (table, old.id) in references(other):
            draft.put(redirected(other, table, old.id, new.id))
            count += isinstance(other, Task)
    blank = {each.name: each.default for each in struct_fields(kind)}
    taken = {
        each.name: getattr(old, each.name)
        for each in PROPERTIES[kind]
        if getattr(new, each.name) == blank.get(each.name) and each.name != "order"
    }
    if taken:
        draft.put(replace(draft.get(kind, new.id), **taken))
    draft.delete(old)
    return draft.change(
        counted(
            "Merged {old} into {new}: {n} task",
            "Merged {old} into {new}: {n} tasks",
            count,
            old=_title(old),
            new=_title(new),
        )
    )


def delete(ws: Workspace, now: Now, *, kind: type[Named], name: str) -> Change:
    """Delete an unused entity; a refusal lists its users."""
    draft = Draft(ws)
    old = draft.get(kind, find(ws, kind, name))
    table = TABLE_OF[kind]
    users = [other for other in ws.entities() if (table, old.id) in references(other)]
    if users:
        tasks = [other for other in users if isinstance(other, Task)]
        shown = ", ".join(_user(other) for other in (tasks or users)[:_NAMED])
        if len(users) > _NAMED:
            shown += " …"
        raise Refused(
            "{name} is still in use: {users}. --merge-into NAME moves these references.",
            name=_title(old),
            count=len(users),
            users=shown,
        )
    draft.delete(old)
    return draft.change(sentence("Deleted: {task}", task=_title(old)))


def set_system(
    ws: Workspace,
    now: Now,
    *,
    system: str | int,
    state: SystemState,
    why: str = "",
    create: bool = False,
) -> Change:
    """Say whether a system is up, degraded or down; raises as `set_properties` does."""
    draft = Draft(ws)
    old = (
        draft.get(System, system)
        if isinstance(system, int)
        else cast("System", _called(draft, ws, System, system, create))
    )
    why = why.strip()
    if old.state != state or (why and why != old.why):
        draft.put(replace(old, state=state, why=why, since=now.at))
    word = {"up": sentence("up"), "degraded": sentence("degraded"), "down": sentence("down")}
    if why:
        label = sentence("{system} is {state}: {why}", system=old.name, state=word[state], why=why)
    else:
        label = sentence("{system} is {state}", system=old.name, state=word[state])
    return draft.change(label)


def _called(draft: Draft, ws: Workspace, kind: type[Entity], name: str, create: bool) -> Entity:
    """Return what is called `name`, or what comes into being under that name."""
    named = cast("type[Named]", kind)
    name = " ".join(name.split())
    if not name:
        raise Refused("Name the entry to change.")
    if not create:
        return draft.get(kind, find(ws, named, name))
    there = ids_by_name(ws.table(named).values()).get(alike(name))
    if there is not None:
        raise Refused("{name} already exists.", name=_title(draft.get(kind, there)))
    return draft.get(kind, draft.named(named, name) or 0)


def _stored(ws: Workspace, each: Property, value: Any, kind: type[Entity]) -> Any:
    """Return the stored form of a typed value; None clears the property."""
    if value is None:
        (default,) = (f.default for f in struct_fields(kind) if f.name == each.name)
        return default
    if each.form == "department":
        return find(ws, Department, value)
    if each.form == "task" and value not in ws.tasks:
        raise Refused("There is no task {id}.", id=value)
    return value


def property_text(ws: Workspace, each: Property, entity: Entity) -> str | Sentence:
    """Return a property as it can be typed again, in either language; "" where it has none."""
    value = getattr(entity, each.name)
    if value is None or value in ((), "", NO_SPREAD):
        return ""
    match each.form:
        case "department":
            return ws.departments[value].name
        case "number" | "money" | "share":
            return amount(value)
        case "choice":
            return next((c.label for c in each.choices if c.value == value), str(value))
        case "spread" if value == "finished":
            return sentence("finished")
        case "spread":
            low, high = (amount(100 * end) for end in value)
            return Sentence("{low}-{high}%", {"low": low, "high": high})
        case "days":
            return listed(map(_span, *_ends(value)), "; ")
        case "yearly":
            return listed(map(_yearly, value), "; ")
        case "absences":
            return listed(map(_absence, value), "; ")
        case "day" | "last day":
            return dated(value)
    return str(value)


def _ends(days: Iterable[date]) -> tuple[list[date], list[date]]:
    """Return the first and the last days of the spans that days in their order make up."""
    firsts: list[date] = []
    lasts: list[date] = []
    for day in days:
        if lasts and day - lasts[-1] == timedelta(days=1):
            lasts[-1] = day
        else:
            firsts.append(day)
            lasts.append(day)
    return firsts, lasts


def _span(first: date, last: date) -> Sentence:
    if first == last:
        return dated(first)
    return Sentence("{first} - {last}", {"first": dated(first), "last": dated(last)})


def _yearly(day: str) -> Sentence:
    """Return a day off as it is kept: with its year, or of every year."""
    if day.count("-") == 2:
        return dated(date.fromisoformat(day))
    month, number = map(int, day.split("-"))
    return yearly(month, number)


def _absence(away: Absence) -> Sentence:
    span = Sentence("{first} - {last}", {"first": dated(away.first), "last": dated(away.last)})
    if away.half:
        span = sentence("{span} half", span=span)
    return Sentence("{span} ({note})", {"span": span, "note": away.note}) if away.note else span


def _shown(ws: Workspace, each: Property, entity: Entity) -> str | Sentence:
    return property_text(ws, each, entity) or "–"


def _title(entity: Entity) -> str | Sentence:
    if isinstance(entity, Settings):
        return sentence("Settings")
    return str(getattr(entity, "name", "") or getattr(entity, "login", ""))


def _user(entity: Entity) -> str:
    if isinstance(entity, Task):
        return f"{entity.id} {entity.title}"
    return str(_title(entity)) or str(entity.id)


def _joined(lines: list[Sentence]) -> Sentence:
    first, *rest = lines
    for line in rest:
        first = sentence("{first}, {then}", first=first, then=line)
    return first
