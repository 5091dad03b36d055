"""The calls about what tasks are about: projects, departments, people, systems and the settings."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import msgspec

from tracker.cli import change_calls
from tracker.cli.call import DONE, Call, Context
from tracker.cli.printer import Printer, TableCell, TableColumn
from tracker.domain.draft import Named, names_of
from tracker.domain.model import Department, Entity, Person, Project, Settings, System
from tracker.domain.properties import NOUNS, PROPERTIES, Property
from tracker.domain.verbs import upkeep
from tracker.domain.verbs.commands import affected_by, find
from tracker.domain.workspace import Workspace
from tracker.language import _, say
from tracker.typed_verbs import VERBS


def _upkeep(noun: str, context: Context) -> int:
    """Change an entity if asked to; otherwise show it, or list all of its kind."""
    if _asks(context.args):
        return change_calls.carry_out(noun, context)
    kind = NOUNS[noun]
    name = getattr(context.args, "name", "")
    with context.open() as session:
        ws = session.workspace
    if kind is Settings or name:
        entity = _one(ws, kind, name)
        if context.printer.wants_json:
            context.printer.json(entity_form(ws, entity))
        else:
            _print_one(context.printer, ws, entity)
        return DONE
    entities = _in_order(ws, kind)
    if context.printer.wants_json:
        context.printer.json([entity_form(ws, entity) for entity in entities])
    else:
        _print_all(context.printer, ws, kind, entities)
    return DONE


def _one(ws: Workspace, kind: type[Entity], name: str) -> Entity:
    return (
        ws.preferences
        if kind is Settings
        else ws.table(kind)[find(ws, cast("type[Named]", kind), name)]
    )


def _asks(args: argparse.Namespace) -> bool:
    chosen = (getattr(args, name, None) for name in ("values", "new", "rename", "into", "delete"))
    return any(choice not in (None, False, []) for choice in chosen)


def entity_form(ws: Workspace, entity: Entity) -> dict[str, Any]:
    """Return an entity for scripts: names in place of ids, and the tasks it affects."""
    form = {
        key: value
        for key, value in msgspec.to_builtins(entity, builtin_types=()).items()
        if key != "extra"
    }
    for each in PROPERTIES[type(entity)]:
        value = getattr(entity, each.name)
        if each.form == "department" and value is not None:
            value = ws.departments[value].name
        form[each.name] = value
    if isinstance(entity, System):
        form |= {"state": entity.state, "why": entity.why, "since": entity.since}
        form["affected"] = affected_by(ws, entity.id)
    elif not isinstance(entity, Settings):
        form["open_tasks"] = _open(ws, entity)
    return form


def _open(ws: Workspace, entity: Entity) -> int:
    field = {Project: "project", Department: "department", Person: "assignee"}[type(entity)]
    return sum(task.open and getattr(task, field) == entity.id for task in ws.tasks.values())


def _in_order(ws: Workspace, kind: type[Entity]) -> list[Entity]:
    found = list(ws.table(kind).values())
    if kind is Department:
        return sorted(found, key=lambda lane: (getattr(lane, "order", 0), lane.id))
    return sorted(found, key=lambda entity: _called(entity).casefold())


def _called(entity: Entity) -> str:
    if isinstance(entity, Person):
        return entity.login
    return str(getattr(entity, "name", ""))


def _columns(ws: Workspace, kind: type[Entity], entities: list[Entity]) -> list[Property]:
    """Return the properties that any of the entities has."""
    return [
        each
        for each in PROPERTIES[kind]
        if any(upkeep.property_text(ws, each, entity) for entity in entities)
    ]


def _print_all(printer: Printer, ws: Workspace, kind: type[Entity], entities: list[Entity]) -> None:
    if not entities:
        printer.note(_("There are none yet; naming one on a task creates it."))
        return
    shown = _columns(ws, kind, entities)
    columns = [
        TableColumn(_("Name")),
        *(TableColumn(say(each.label), 1) for each in shown),
        TableColumn(_("State") if kind is System else _("Open tasks")),
    ]
    rows: list[list[str | TableCell]] = []
    for entity in entities:
        style = "alarm" if isinstance(entity, System) and entity.state == "down" else ""
        rows.append(
            [
                TableCell(_called(entity), style),
                *(say(upkeep.property_text(ws, each, entity)) for each in shown),
                TableCell(_last(ws, entity), style),
            ]
        )
    printer.table(columns, rows, headed=True)


def _last(ws: Workspace, entity: Entity) -> str:
    if not isinstance(entity, System):
        return str(_open(ws, entity))
    word = {"up": _("up"), "degraded": _("degraded"), "down": _("down")}[entity.state]
    tasks = ", ".join(map(str, affected_by(ws, entity.id))) if entity.state == "down" else ""
    return ": ".join(filter(None, (word, entity.why))) + (f" ({tasks})" if tasks else "")


def _print_one(printer: Printer, ws: Workspace, entity: Entity) -> None:
    for label, value in _lines(ws, entity):
        printer.line((f"{label}: ", "dim"), value)


def _lines(ws: Workspace, entity: Entity) -> Iterator[tuple[str, str]]:
    if not isinstance(entity, Settings):
        names = names_of(cast("Named", entity))
        yield _("Name"), " · ".join(dict.fromkeys((_called(entity), *names)))
        yield (_("State") if isinstance(entity, System) else _("Open tasks")), _last(ws, entity)
    for each in PROPERTIES[type(entity)]:
        yield (
            f"{say(each.label)} ({each.keys[0]}=)",
            say(upkeep.property_text(ws, each, entity)) or "–",
        )


CALLS: dict[str, Call] = {
    **{noun: Call(VERBS[noun].help, partial(_upkeep, noun)) for noun in NOUNS},
    "set": Call(VERBS["settings"].help, partial(_upkeep, "settings"), VERBS["settings"].arguments),
}
