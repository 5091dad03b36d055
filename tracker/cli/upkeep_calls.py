"""The calls about what tasks are about: projects, departments, people, systems and the settings."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, cast

import msgspec

from tracker.cli import change_calls
from tracker.cli.call import DONE, Call, Context
from tracker.cli.printer import Printer, TableCell, TableColumn
from tracker.domain import status
from tracker.domain.change import Record
from tracker.domain.draft import Named, Now
from tracker.domain.model import Entity, Settings, System
from tracker.domain.properties import NOUNS, PROPERTIES
from tracker.domain.verbs.commands import find
from tracker.domain.workspace import Workspace
from tracker.language import _
from tracker.typed_verbs import VERBS, key_in_use
from tracker.wording import entity_texts


def _upkeep(noun: str, context: Context) -> int:
    """Change an entity if asked to; otherwise show it, or list all of its kind."""
    if _asks(context.args):
        return change_calls.carry_out(noun, context)
    kind = NOUNS[noun]
    name = getattr(context.args, "name", "")
    with context.open() as session:
        ws, now = session.workspace, session.now()
        # Only how long a system was down is no part of the workspace.
        records = [*session.history()] if kind is System else []
    if kind is Settings or name:
        entity = _one(ws, kind, name)
        if not context.printer.wants_json:
            _print_one(context.printer, ws, entity, now, records)
            return DONE
        context.printer.json(entity_form(ws, entity, now, records))
        return DONE
    entities = entity_texts.in_order(ws, kind)
    if context.printer.wants_json:
        context.printer.json([entity_form(ws, entity, now, records) for entity in entities])
    else:
        _print_all(context.printer, ws, kind, entities, now, records)
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


def entity_form(
    ws: Workspace, entity: Entity, now: Now, records: Sequence[Record]
) -> dict[str, Any]:
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
        affected = status.affected_by(ws, entity.id)
        form |= {"affected": affected, "stuck": affected if entity.state == "down" else ()}
        form["down_hours_this_year"] = entity_texts.down_hours(entity, now, records)
    elif not isinstance(entity, Settings):
        form["open_tasks"] = entity_texts.open_tasks(ws, entity)
    return form


def _print_all(
    printer: Printer,
    ws: Workspace,
    kind: type[Entity],
    entities: list[Entity],
    now: Now,
    records: Sequence[Record],
) -> None:
    if not entities:
        printer.note(_("There are none yet; naming one on a task creates it."))
        return
    shown = entity_texts.columns(ws, kind, entities)
    columns = [
        TableColumn(entity_texts.name_label(kind)),
        *(TableColumn(entity_texts.label(ws, each), 2) for each in shown),
        *(TableColumn(head, 1) for head in entity_texts.outage_headings(kind, now.today)),
        TableColumn(entity_texts.standing_heading(kind)),
    ]
    rows: list[list[str | TableCell]] = []
    for entity in entities:
        style = "alarm" if isinstance(entity, System) and entity.state == "down" else ""
        rows.append(
            [
                TableCell(entity_texts.called(entity), style),
                *(entity_texts.text(ws, each, entity) for each in shown),
                *entity_texts.outage_cells(entity, now, records),
                TableCell(entity_texts.standing(ws, entity), style),
            ]
        )
    printer.table(columns, rows, headed=True)


def _print_one(
    printer: Printer, ws: Workspace, entity: Entity, now: Now, records: list[Record]
) -> None:
    for label, value in _lines(ws, entity, now, records):
        printer.line((f"{label}: ", "dim"), value)


def _lines(
    ws: Workspace, entity: Entity, now: Now, records: list[Record]
) -> Iterator[tuple[str, str]]:
    for each in PROPERTIES[type(entity)]:
        value = entity_texts.text(ws, each, entity) or "–"
        yield f"{entity_texts.label(ws, each)} ({key_in_use(each)}=)", value
    if isinstance(entity, System):
        yield _("State"), entity_texts.standing(ws, entity)
        for head, told in entity_texts.outage(ws, entity, now, records):
            if head != _("State"):
                yield head, told
    if not isinstance(entity, Settings):
        yield from entity_texts.hanging(ws, entity)


CALLS: dict[str, Call] = {
    **{noun: Call(VERBS[noun].help, partial(_upkeep, noun)) for noun in NOUNS},
    "set": Call(VERBS["settings"].help, partial(_upkeep, "settings"), VERBS["settings"].arguments),
}
