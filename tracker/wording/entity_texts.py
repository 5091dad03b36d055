"""Projects, departments, people, systems and settings in words, and who needs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from tracker.domain import status
from tracker.domain.calendar import day_of
from tracker.domain.change import Record
from tracker.domain.downtime import down_time
from tracker.domain.draft import Now
from tracker.domain.model import (
    TABLE_OF,
    Department,
    Entity,
    Link,
    Person,
    Project,
    Settings,
    System,
    Task,
)
from tracker.domain.properties import PROPERTIES, Property
from tracker.domain.verbs import upkeep
from tracker.domain.workspace import Workspace, table_word
from tracker.language import N_, _, ngettext, say
from tracker.wording import show
from tracker.wording.figures import day_words, duration, long_day

# What the lists are called.
LISTS: dict[type[Entity], str] = {
    Project: N_("Projects"),
    Department: N_("Departments"),
    Person: N_("People"),
    System: N_("Systems"),
    Settings: N_("Settings"),
}
_NEW: dict[type[Entity], str] = {
    Project: N_("New project"),
    Department: N_("New department"),
    Person: N_("New person"),
    System: N_("New system"),
}
# Who names something is listed up to so many.
_MOST_NAMED = 8


def in_order(ws: Workspace, kind: type[Entity]) -> list[Entity]:
    """Return all of a kind as they are listed: departments as on the board, others by name."""
    if kind is Settings:
        return [ws.preferences]
    found = list(ws.table(kind).values())
    if kind is Department:
        return sorted(found, key=lambda lane: (getattr(lane, "order", 0), lane.id))
    return sorted(found, key=lambda entity: called(entity).casefold())


def called(entity: Entity) -> str:
    """Return the name that is typed for an entity; that of the list for the settings."""
    if isinstance(entity, Settings):
        return _(LISTS[Settings])
    return entity.login if isinstance(entity, Person) else str(getattr(entity, "name", ""))


def new_one(kind: type[Entity]) -> str:
    """Return what something of a kind that is being created is called."""
    return _(_NEW[kind])


def name_label(kind: type[Entity]) -> str:
    """Return what the name is called that is typed for something of a kind."""
    return say(next(each.label for each in PROPERTIES[kind] if each.form == "name"))


def label(ws: Workspace, each: Property) -> str:
    """Return what a property is called; of money, in which currency."""
    if each.form == "money":
        text = _("{label} in {currency}")
        return text.format(label=say(each.label), currency=show.currency(ws))
    return say(each.label)


def text(ws: Workspace, each: Property, entity: Entity) -> str:
    """Return a property as it can be typed again."""
    return say(upkeep.property_text(ws, each, entity))


def columns(ws: Workspace, kind: type[Entity], entities: Sequence[Entity]) -> list[Property]:
    """Return the properties beside the name that any of some entities has."""
    return [
        each
        for each in PROPERTIES[kind]
        if each.form != "name" and any(text(ws, each, entity) for entity in entities)
    ]


def open_tasks(ws: Workspace, entity: Entity) -> int:
    """Return how many open tasks are of a project or department, or for a person to do."""
    return _open_tasks(ws, type(entity))[entity.id]


# Asked for each row of a list.
@lru_cache(maxsize=4)
def _open_tasks(ws: Workspace, kind: type[Entity]) -> Counter[int | None]:
    field = {Project: "project", Department: "department", Person: "assignee"}[kind]
    return Counter(getattr(task, field) for task in ws.tasks.values() if task.open)


def standing_heading(kind: type[Entity]) -> str:
    """Return the name of the column of `standing`."""
    return _("State") if kind is System else _("Open tasks")


def standing(ws: Workspace, entity: Entity) -> str:
    """Return how many open tasks an entity has, or how a system is and what stands still."""
    if not isinstance(entity, System):
        return str(open_tasks(ws, entity))
    state = show.system_word(entity.state)
    if entity.state == "down" and (stuck := status.affected_by(ws, entity.id)):
        more = ", …" if len(stuck) > _MOST_NAMED else ""
        state += f" ({', '.join(map(str, stuck[:_MOST_NAMED]))}{more})"
    return ": ".join(filter(None, (state, show.text(entity.why))))


def hanging(ws: Workspace, entity: Entity) -> Iterator[tuple[str, str]]:
    """Yield what names an entity, in groups: what they are called, and which they are."""
    # Those to be looked at first come first.
    found: dict[str, list[str]] = {_("In open tasks"): [], _("In finished tasks"): []}
    for other in upkeep.users_of(ws, entity):
        if isinstance(other, Task):
            head = _("In open tasks") if other.open else _("In finished tasks")
            found[head].append(show.name(ws, other.id))
        elif isinstance(other, Link):
            ends = f"{other.source} → {other.target}"
            found.setdefault(_("Arrows"), []).append(ends)
        else:
            head = _(LISTS[type(other)]) if type(other) in LISTS else _table(other)
            found.setdefault(head, []).append(show.text(called(other)))
    for head, names in found.items():
        if names:
            yield f"{head} ({len(names)})", _some(names)


def _table(entity: Entity) -> str:
    word = table_word(TABLE_OF[type(entity)])
    return word if isinstance(word, str) else say(word)


def _some(names: Sequence[str]) -> str:
    told = " · ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    if more > 0:
        told += " " + ngettext("and {n} more", "and {n} more", more).format(n=more)
    return told


def outage(
    ws: Workspace, system: System, now: Now, records: Iterable[Record] | None
) -> Iterator[tuple[str, str]]:
    """Yield since when a system is as it is, what stands still, what restores it, its down time.

    Without records nothing is said of the down time.
    """
    if system.state != "up":
        since = long_day(day_of(system.since), now.today) if system.since else "–"
        words = _("{state} since {day}").format(state=show.system_word(system.state), day=since)
        yield _("State"), ": ".join(filter(None, (words, show.text(system.why))))
    if system.state == "down":
        tasks = [show.name(ws, task) for task in status.affected_by(ws, system.id)]
        yield _("Stuck tasks ({n})").format(n=len(tasks)), _some(tasks) or "–"
    if system.restored_by is not None:
        task = ws.tasks[system.restored_by]
        state = show.state_words(ws, task)
        yield _("Restored by"), f"{show.name(ws, task.id)} ({state})"
    elif system.state == "down":
        yield _("Restored by"), _("no task is named")
    if records is not None:
        down = _down_this_year(system, now, records)
        yield _("Down this year"), duration(down) if down else _("never")


def outage_headings(kind: type[Entity], today: date) -> tuple[str, ...]:
    """Return the names of the columns of `outage_cells`."""
    return (_("Since"), _("Down {year}").format(year=today.year)) if kind is System else ()


def outage_cells(entity: Entity, now: Now, records: Iterable[Record]) -> tuple[str, ...]:
    """Return since when a system is not up, and how long it was down this year."""
    if not isinstance(entity, System):
        return ()
    off = entity.state != "up" and entity.since
    since = day_words(day_of(off), now.today) if off else ""
    down = _down_this_year(entity, now, records)
    return since, duration(down) if down else ""


def down_hours(system: System, now: Now, records: Iterable[Record]) -> float:
    """Return for how many hours of the year a system was down until now."""
    return _down_this_year(system, now, records) / timedelta(hours=1)


def _down_this_year(system: System, now: Now, records: Iterable[Record]) -> timedelta:
    begun = datetime(now.today.year, 1, 1).astimezone(UTC)
    return down_time(records, system, begun, now.at)
