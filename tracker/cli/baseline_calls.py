"""The calls about baselines: the plan as it was agreed, and what became of it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from tracker import terminal_text
from tracker.arguments import Usage
from tracker.call_words import BASELINE_ACTIONS, baseline_action
from tracker.cli.call import DONE, Call, Context, project_argument, scope_arguments
from tracker.cli.printer import Printer, TableCell, TableColumn, terminal_width
from tracker.domain import scope
from tracker.domain.errors import Refused
from tracker.domain.model import Baseline
from tracker.domain.verbs import baselines
from tracker.language import N_, _, say
from tracker.wording import change_words

if TYPE_CHECKING:
    from tracker.domain.verbs.commands import Command
    from tracker.domain.workspace import Workspace
    from tracker.flow.drift import Drift
    from tracker.flow.plan_life import Life

# So many of the tasks that have moved are listed.
_LISTED = 20


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
        case "diff":
            return _diff(context)
    if args.names:
        raise Usage(_("`list` takes no name"))
    from tracker.wording import baseline_words

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
        from tracker.wording import baseline_words

        context.printer.line(say(record.change.label))
        for line in baseline_words.finishes(ws, taken, context.today):
            context.printer.line(line)
    return DONE


def _diff(context: Context) -> int:
    """Print what became of a plan, up to now or to another baseline."""
    from tracker.flow.baseline import chances_of, shown
    from tracker.flow.drift_causes import between, drift
    from tracker.flow.plan_life import lives

    args, printer = context.args, context.printer
    with context.open() as session:
        ws, now, records = session.workspace, session.now(), [*session.history()]
    chosen = scope.named(ws, args.project)
    plans = _named(ws, args.names)
    if not plans:
        newest = shown(ws, None)
        plans = (newest or baselines.find_baseline(ws, ""),)
    if len(plans) == 2:
        old, new = sorted(plans, key=lambda each: (each.taken, each.id))
        found = between(ws, old, new, records, chosen)
        p80s = {row.project: row.p80 for row in new.finishes if row.p80}
    else:
        (old,), new = plans, None
        found = drift(ws, old, now, records, chosen)
        projects = [each.project for each in found.projects]
        chances = chances_of(ws, now.today, projects, capacity=old.capacity) if projects else {}
        p80s = {key: each.p80 for key, each in chances.items()}
    lived = lives(ws, records, now.today)
    if printer.wants_json:
        printer.json(drift_form(ws, found, new, lived, p80s))
    else:
        print_drift(printer, ws, found, new, lived, p80s, now.today, None if args.all else _LISTED)
    return DONE


def _named(ws: Workspace, names: Sequence[str]) -> tuple[Baseline, ...]:
    """Return the baselines of names, in quotes each or one without; raises NotFound or Usage."""
    whole = baselines.called(ws, " ".join(names))
    if whole is not None:
        return (whole,)
    if len(names) > 2:
        raise Usage(_("give one or two names, each in quotes"))
    return tuple(baselines.find_baseline(ws, name) for name in names)


def _change(context: Context, command: Command) -> int:
    with context.open() as session:
        record = session.do(command)
    label = say(record.change.label)
    if context.printer.wants_json:
        context.printer.json({"seq": record.seq, "label": label})
    else:
        context.printer.line(label if record.change.edits else change_words.nothing())
    return DONE


def print_drift(
    printer: Printer,
    ws: Workspace,
    found: Drift,
    new: Baseline | None,
    lived: Mapping[int, Life | None],
    p80s: Mapping[int, date],
    today: date,
    most: int | None,
) -> None:
    """Print what became of a plan: how long it lived, why it moved, and who lost how many days."""
    from tracker.wording import drift_words

    plan, cells = found.baseline, terminal_width()
    heads = [drift_words.head(each, today) for each in (plan, new) if each]
    told = f" {printer.glyphs.right} ".join(heads)
    if plan.id in lived:
        told += "\n" + drift_words.life_words(plan.name, lived[plan.id], lived, today)
    for text in (*told.splitlines(), *drift_words.gaps(found)):
        for line in terminal_text.wrap(text, cells):
            printer.line(line)
    for row in drift_words.rows(ws, found, today, cells, printer.glyphs, p80s, most):
        printer.line(*row.paint())


def drift_form(
    ws: Workspace,
    found: Drift,
    new: Baseline | None,
    lived: Mapping[int, Life | None],
    p80s: Mapping[int, date],
) -> dict[str, Any]:
    """Return what became of a plan as scripts read it; days are working days."""
    from tracker.flow.plan_life import typical

    projects = {key: each.name for key, each in ws.projects.items()}
    lanes = {key: each.name for key, each in ws.departments.items()}
    plan, middle = found.baseline, typical(lived)
    life = lived.get(plan.id)
    return {
        "baseline": plan.name,
        "taken": plan.taken,
        "against": new.name if new else None,
        "day": found.today,
        "complete": found.complete,
        "life": life
        and {
            "days": life.days,
            "alive": not life.why,
            "why": life.why or None,
            "day": life.day,
            "moved": life.moved,
            "tasks": life.tasks,
        },
        "median_days": middle[0] if middle else None,
        "plans": middle[1] if middle else 0,
        "causes": found.causes,
        "projects": [
            {
                "project": projects.get(each.project),
                "before": each.before,
                "after": each.after,
                "days": each.days,
                "p80_before": each.planned.p80,
                "p80_after": p80s.get(each.project),
                "target": each.planned.target,
                "causes": each.causes,
                "parts": [part._asdict() for part in each.parts],
            }
            for each in found.projects
        ],
        "departments": [
            {
                "department": lanes.get(lane.department or 0),
                **lane.kinds,
                "days": lane.days,
                "causes": lane.parts,
            }
            for lane in found.lanes
        ],
        "tasks": [
            {
                "id": each.task,
                "kind": each.kind,
                "project": projects.get(each.project),
                "department": lanes.get(each.department or 0),
                "before": each.before._asdict(),
                "after": each.after._asdict(),
                "slip": each.slip,
                "inherited": each.inherited,
                "causes": each.parts,
                "way": [part._asdict() for part in found.way(each.task)],
            }
            for each in found.tasks
        ],
    }


def _replan(context: Context) -> int:
    """Set late due dates anew, or show what that would do."""
    from tracker.flow.baseline import chances_of, schedule_of
    from tracker.flow.replan import ends, new_dues, replan
    from tracker.wording import replan_words

    args, printer = context.args, context.printer
    with context.open() as session:
        ws = session.workspace
        known = ends(ws, context.today, args.by)
        tasks = context.scope(ws).tasks(ws).keys()
        dues = new_dues(ws, context.today, known, unkept=args.unkept, tasks=tasks)
        projects = sorted({ws.tasks[each.task].project or 0 for each in dues})
        finish = {key: each.p80 for key, each in chances_of(ws, context.today, projects).items()}
        schedule = schedule_of(ws, context.today)
        lines = replan_words.lines(ws, dues, schedule, finish, context.today, printer.glyphs)
        if not printer.wants_json:
            for pieces in lines:
                printer.line(*pieces)
        done = bool(dues) and not args.dry_run
        if done and not args.yes and not printer.confirms(replan_words.question(len(dues))):
            raise Refused("Nothing was changed; `tracker replan --yes` sets these dates.")
        record = session.do(partial(replan, dues=dues)) if done else None
    if printer.wants_json:
        printer.json(
            {
                "changed": record is not None,
                "seq": record.seq if record else None,
                "tasks": [
                    {"id": each.task, "from": each.old, "to": each.new, "passed": each.passed}
                    for each in dues
                ],
                "projects": replan_words.forms(ws, dues, schedule, finish),
            }
        )
    elif record:
        printer.line(say(record.change.label))
        printer.line(_("`tracker undo` reverts this."))
    return DONE


def _replan_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help=_("only show what would be moved"))
    parser.add_argument("--yes", action="store_true", help=_("do not ask"))
    parser.add_argument(
        "--by",
        choices=("p80", "finish"),
        default="p80",
        help=_("the new dates: P80 of each task (the default), or its finish by the schedule"),
    )
    parser.add_argument(
        "--unkept",
        action="store_true",
        help=_("also dates that are still ahead and that the plan does not keep"),
    )
    scope_arguments(parser)


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
    from tracker.wording import baseline_words

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


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        metavar=_("ACTION"),
        nargs="?",
        default="list",
        type=baseline_action,
        choices=tuple(BASELINE_ACTIONS),
        help=_("take, list (the default), diff, rename or delete"),
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
    parser.add_argument(
        "--all", action="store_true", help=_("list all tasks that have moved, not only the first")
    )
    project_argument(parser)


CALLS: dict[str, Call] = {
    "baseline": Call(
        N_("take the plan as a baseline, list baselines, show what became of one"),
        _baseline,
        _arguments,
    ),
    "replan": Call(N_("set late due dates anew, from today on"), _replan, _replan_arguments),
}
