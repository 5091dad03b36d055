"""The calls about baselines: the plan as it was agreed, and what became of it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from tracker.arguments import Usage
from tracker.cli.call import DONE, Call, Context, project_argument
from tracker.cli.printer import Printer, TableCell, TableColumn
from tracker.domain import scope
from tracker.domain.model import Baseline
from tracker.domain.typing.vocabulary import Meanings, meaning_key
from tracker.domain.verbs import baselines
from tracker.language import N_, _, say
from tracker.wording import baseline_words, change_words

if TYPE_CHECKING:
    from tracker.domain.verbs.commands import Command
    from tracker.domain.workspace import Workspace

# What may follow `baseline`, and the German words for it.
_GERMAN: Mapping[str, str] = {
    "take": "festhalten, nehmen",
    "list": "liste, auflisten",
    "rename": "umbenennen",
    "delete": "löschen",
}
_MEANT = Meanings(_GERMAN)


def _baseline(context: Context) -> int:
    """List baselines, or take, rename or delete one."""
    args = context.args
    if args.reason and args.action != "take":
        raise Usage(_("--reason goes with `take`"))
    match args.action:
        case "take":
            return _take(context)
        case "rename":
            if len(args.names) != 2:
                raise Usage(_("give the old and the new name, each in quotes"))
            old, new = args.names
            return _change(context, partial(baselines.rename_baseline, baseline=old, to=new))
        case "delete":
            return _change(context, partial(baselines.delete_baseline, baseline=_name(context)))
    if args.names:
        raise Usage(_("`list` takes no name"))
    with context.open() as session:
        ws = session.workspace
    chosen = scope.named(ws, context.args.project)
    found = [each for each in ws.baselines.values() if baseline_words.concerns(each, chosen)]
    if context.printer.wants_json:
        context.printer.json([baseline_form(ws, each) for each in found])
    elif not found:
        context.printer.note(baseline_words.none_yet())
    else:
        _print_all(context.printer, ws, found, context)
    return DONE


def _name(context: Context) -> str:
    """Return the name that was typed, in quotes or not; raises Usage."""
    name = " ".join(context.args.names)
    if not name:
        raise Usage(_("give the name of a baseline"))
    return name


def _take(context: Context) -> int:
    from tracker.flow.baseline import chances_of, take

    name, args = _name(context), context.args
    with context.open() as session:
        ws = session.workspace
        projects = scope.named(ws, args.project).projects
        chances = chances_of(ws, context.today, projects, capacity=args.capacity)
        command = partial(take, name=name, reason=args.reason, projects=projects)
        record = session.do(partial(command, capacity=args.capacity, chances=chances))
        ws = session.workspace
    (taken,) = record.change.born(Baseline)
    if context.printer.wants_json:
        context.printer.json(baseline_form(ws, taken))
    else:
        context.printer.line(say(record.change.label))
        for line in baseline_words.finishes(ws, taken, context.today):
            context.printer.line(line)
    return DONE


def _change(context: Context, command: Command) -> int:
    with context.open() as session:
        record = session.do(command)
    label = say(record.change.label)
    if context.printer.wants_json:
        context.printer.json({"seq": record.seq, "label": label})
    else:
        context.printer.line(label if record.change.edits else change_words.nothing())
    return DONE


def baseline_form(ws: Workspace, baseline: Baseline) -> dict[str, Any]:
    """Return a baseline as scripts read it, its tasks counted."""
    named = {key: project.name for key, project in ws.projects.items()}
    return {
        "id": baseline.id,
        "name": baseline.name,
        "taken": baseline.taken,
        "by": baseline.by,
        "reason": baseline.reason,
        "projects": [named.get(key) for key in baseline.projects],
        "capacity": baseline.capacity,
        "tasks": len(baseline.plan),
        "finishes": [
            {**row._asdict(), "project": named.get(row.project)} for row in baseline.finishes
        ],
    }


def _print_all(printer: Printer, ws: Workspace, found: list[Baseline], context: Context) -> None:
    columns = [
        TableColumn(_("Baseline")),
        TableColumn(_("Taken"), 2),
        TableColumn(_("By"), 5),
        TableColumn(_("Tasks"), 3),
        TableColumn(_("Project"), 1),
        TableColumn(_("Finish")),
        TableColumn("P80"),
        TableColumn(_("Target"), 4),
        TableColumn(_("Reason")),
    ]
    rows = [
        [TableCell(text) for text in row]
        for each in found
        for row in baseline_words.rows(ws, each, context.today, written=not printer.terminal)
    ]
    printer.table(columns, rows, headed=True)


def _action(text: str) -> str:
    return _MEANT.get(meaning_key(text)) or text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        metavar=_("ACTION"),
        nargs="?",
        default="list",
        type=_action,
        choices=tuple(_GERMAN),
        help=_("take, list (the default), rename or delete"),
    )
    parser.add_argument(
        "names", metavar=_("NAME"), nargs="*", help=_("the name of a baseline: “Plan 1”")
    )
    parser.add_argument(
        "--reason", metavar=_("TEXT"), default="", help=_("why it is taken; others will read it")
    )
    parser.add_argument(
        "--capacity",
        action="store_true",
        help=_("take the plan in which people do one thing at a time"),
    )
    project_argument(parser)


CALLS: dict[str, Call] = {
    "baseline": Call(N_("take the plan as a baseline, or list baselines"), _baseline, _arguments),
}
