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
from tracker.domain.verbs.commands import find, refuse_stale
from tracker.domain.workspace import Workspace, redirected, references

# How many users a refused deletion lists.
_NAMED = 5


def set_properties(
    ws: Workspace,
    _now: Now,
    *,
    kind: type[Entity],
    name: str | int = "",
    values: Mapping[str, Any],
    create: bool = False,
    seen: Entity | None = None,
) -> Change:
    """Set properties of the entity called `name`, or of that id, or `create` it with them.

    Settings have no name. None clears a property. Raises NotFound for an unknown name, department
    or task, Refused where what is to be created or renamed would have the name of another, and
    Conflict if a property that is to be set is no longer as it was `seen`.
    """
    draft = Draft(ws)
    old = ws.preferences if kind is Settings else _called(draft, ws, kind, name, create)
    known = {each.name: each for each in PROPERTIES[kind]}
    changed = {key: _stored(ws, known[key], value, old) for key, value in values.items()}
    refuse_stale(seen or old, old, changed, str(_title(old)))
    new = draft.put(replace(old, **changed))
    lines = [
        sentence("{label} {value}", label=known[key].label, value=_shown(ws, known[key], new))
        for key in changed
        if getattr(old, key) != getattr(new, key) and known[key].form != "name"
    ]
    if not create and _title(old) != _title(new):
        lines.insert(0, sentence("renamed from {old}", old=_title(old)))
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
    field = "login" if kind is Person else "name"
    change = set_properties(ws, now, kind=kind, name=name, values={field: " ".join(to.split())})
    if not change.edits:
        raise Already("{name} already has this name.", name=to)
    return change


def merge(
    ws: Workspace, _now: Now, *, kind: type[Named], name: str | int, into: str | int
) -> Change:
    """Move all references from one entity to another, and delete the first.

    Properties the second lacks are taken from the first, and days off and absences of both are
    kept; the change says what of the first is not taken over. A system has the state told last.
    """
    draft = Draft(ws)
    old = draft.get(kind, find(ws, kind, name))
    new = draft.get(kind, find(ws, kind, into))
    if old.id == new.id:
        raise Refused("{name} and {other} are the same.", name=_title(old), other=_title(new))
    count = 0
    for other in users_of(ws, old):
        draft.put(redirected(other, TABLE_OF[kind], old.id, new.id))
        count += isinstance(other, Task)
    taken, lost = _taken_over(ws, old, draft.get(kind, new.id))
    if taken:
        draft.put(replace(draft.get(kind, new.id), **taken))
    draft.delete(old)
    change = draft.change(
        counted(
            "Merged {old} into {new}: {n} task",
            "Merged {old} into {new}: {n} tasks",
            count,
            old=_title(old),
            new=_title(new),
        )
    )
    return replace(change, doubts=tuple(lost))


def _taken_over(ws: Workspace, old: Named, new: Named) -> tuple[dict[str, Any], list[Sentence]]:
    """Return the properties of one entity that go over to another, and which of them do not."""
    blank = {each.name: each.default for each in struct_fields(type(old))}
    taken: dict[str, Any] = {}
    lost: list[Sentence] = []
    for each in PROPERTIES[type(old)]:
        here, there = getattr(new, each.name), getattr(old, each.name)
        if each.form in ("name", "order") or there in (here, blank[each.name]):
            continue
        if here == blank[each.name]:
            taken[each.name] = there
        elif isinstance(here, tuple):
            days = (*here, *(day for day in there if day not in here))
            taken[each.name] = tuple(sorted(days, key=lambda day: getattr(day, "first", day)))
        else:
            lost.append(sentence("{label} {value}", label=each.label, value=_shown(ws, each, old)))
    if (
        isinstance(old, System)
        and isinstance(new, System)
        and (old.state != new.state or old.why not in ("", new.why))
    ):
        if old.since and (new.since is None or old.since > new.since):
            taken |= {"state": old.state, "why": old.why, "since": old.since}
        elif old.since:
            lost.append(_state_told(old.name, old.state, old.why))
    return taken, [sentence("not kept: {what}", what=each) for each in lost]


def users_of(ws: Workspace, entity: Entity) -> list[Entity]:
    """Return what names an entity."""
    key = (TABLE_OF[type(entity)], entity.id)
    return [other for other in ws.entities() if key in references(other)]


def delete(ws: Workspace, _now: Now, *, kind: type[Named], name: str | int) -> Change:
    """Delete an unused entity; a refusal lists its users."""
    draft = Draft(ws)
    old = draft.get(kind, find(ws, kind, name))
    users = users_of(ws, old)
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
    seen: System | None = None,
) -> Change:
    """Say whether a system is up, degraded or down; raises as `set_properties` does."""
    draft = Draft(ws)
    old = cast("System", _called(draft, ws, System, system, create))
    why = why.strip()
    if old.state != state or (why and why != old.why):
        refuse_stale(seen or old, old, {"state": state, "why": why}, old.name)
        draft.put(replace(old, state=state, why=why, since=now.at))
    return draft.change(_state_told(old.name, state, why))


def _state_told(system: str, state: SystemState, why: str) -> Sentence:
    word = {"up": sentence("up"), "degraded": sentence("degraded"), "down": sentence("down")}
    if why:
        return sentence("{system} is {state}: {why}", system=system, state=word[state], why=why)
    return sentence("{system} is {state}", system=system, state=word[state])


def _called(
    draft: Draft, ws: Workspace, kind: type[Entity], name: str | int, create: bool
) -> Entity:
    """Return what is called `name` or has that id, or what comes into being under that name."""
    named = cast("type[Named]", kind)
    if isinstance(name, str) and not (name := " ".join(name.split())):
        raise Refused("Name the entry to change.")
    if not create:
        return draft.get(kind, find(ws, named, name))
    _refuse_taken(ws, named, str(name), None)
    return draft.get(kind, draft.named(named, name) or 0)


def _refuse_taken(ws: Workspace, kind: type[Named], name: str, own: int | None) -> None:
    """Refuse a name that something else of the kind goes by."""
    there = ids_by_name(ws.table(kind).values()).get(alike(name))
    if there == own or there is None:
        return
    taken = _title(ws.table(kind)[there])
    if own is None:
        raise Refused("{name} already exists.", name=taken)
    raise Refused("{name} already exists. To merge the two, use --merge-into {name}.", name=taken)


def _stored(ws: Workspace, each: Property, value: Any, old: Entity) -> Any:
    """Return the stored form of a typed value; None clears the property."""
    if each.form == "name":
        if not value:
            raise Refused("Enter a new name for {name}.", name=_title(old))
        _refuse_taken(ws, cast("type[Named]", type(old)), value, old.id)
        return value
    if value is None:
        (default,) = (f.default for f in struct_fields(type(old)) if f.name == each.name)
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
    if day.count("-") == 1:
        month, number = map(int, day.split("-"))
        return yearly(month, number)
    try:
        return dated(date.fromisoformat(day))
    except ValueError:
        return Sentence("{day}", {"day": day})  # there is no such day in that year


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
