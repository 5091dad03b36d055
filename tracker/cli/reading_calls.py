"""The calls that show the state of the plan."""

from __future__ import annotations

import argparse
from datetime import date, time
from typing import TYPE_CHECKING

from tracker import remembered, typed_verbs
from tracker.cli import forecast_calls, load_calls, timeline_call
from tracker.cli.call import DONE, Call, Context, as_of_argument, nothing_in_scope, scope_arguments
from tracker.cli.task_choice import (
    chosen,
    filter_argument,
    forecast_argument,
    forecast_ends,
    note_nothing,
)
from tracker.domain.calendar import day_of
from tracker.domain.draft import Draft
from tracker.domain.model import Task
from tracker.domain.typing.dates import moment_here, parse_date
from tracker.language import N_, _, say

if TYPE_CHECKING:
    from tracker.cli.json_output import TaskGroups
    from tracker.domain.workspace import Workspace


def _list(context: Context) -> int:
    """Print tasks."""
    from tracker.cli.json_output import task_forms
    from tracker.cli.text_output import print_tasks

    args, printer, today = context.args, context.printer, context.today
    ws, scope, tasks = chosen(context)
    ends = forecast_ends(ws, tasks, today) if args.forecast else None
    slack = _slack(ws, today) if args.slack else None
    groups = _arranged(ws, tasks, args)
    if printer.wants_json:
        printer.json(task_forms(ws, groups, today, ends, slack))
    elif tasks:
        print_tasks(printer, ws, groups, today, ends, slack)
    else:
        note_nothing(context, ws, scope)
    return DONE


def _arranged(ws: Workspace, tasks: list[Task], args: argparse.Namespace) -> TaskGroups:
    """Return tasks as they are to be listed: in an order, and in groups if these were asked for."""
    if not (args.sort or args.by or args.reverse):
        return [(None, tasks)]
    from tracker.domain.typing import ordering

    field = ordering.field_for(args.sort or "id", ordering.SORTABLE)
    tasks = ordering.ordered(ws, tasks, field, backwards=args.reverse)
    if not args.by:
        return [(None, tasks)]
    found = ordering.grouped(ws, tasks, ordering.field_for(args.by, ordering.GROUPABLE))
    return [(say(label) if label else "–", each) for label, each in found]


def _slack(ws: Workspace, today: date) -> dict[int, float]:
    """Return by how many working days open tasks may be late without moving the finish."""
    from tracker.flow.forecast.critical_path import critical_path
    from tracker.flow.forecast.remaining_work import plan

    return {task: dates.slack for task, dates in critical_path(plan(ws, today)).tasks.items()}


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    filter_argument(parser)
    parser.add_argument("--sort", metavar=_("FIELD"), help=_("in the order of a field: due"))
    parser.add_argument("--reverse", action="store_true", help=_("the other way round"))
    parser.add_argument("--by", metavar=_("FIELD"), help=_("in groups by a field: department"))
    parser.add_argument(
        "--slack", action="store_true", help=_("also the slack of each, in working days")
    )
    scope_arguments(parser)
    forecast_argument(parser)


def _show(context: Context) -> int:
    """Print everything about a task."""
    from tracker.cli.json_output import end_form, page_form
    from tracker.cli.text_output import print_task

    printer, today = context.printer, context.today
    with context.open() as session:
        ws = session.workspace
        task = Draft(ws).get(Task, context.args.id)
        history = session.history_of(task.id)
    ends = forecast_ends(ws, [task], today) if context.args.forecast else None
    if printer.wants_json:
        printer.json(page_form(ws, task, today, history) | end_form(ends, task.id))
    else:
        print_task(printer, ws, task, today, history, (ends or {}).get(task.id))
    return DONE


def _today(context: Context) -> int:
    """Print what the day asks of one."""
    from tracker.cli.json_output import day_form
    from tracker.cli.text_output import print_day
    from tracker.flow import today
    from tracker.wording.today_words import FREEING

    args, printer = context.args, context.printer
    with context.open() as session:
        ws, now, place = session.workspace, session.now(), session.place
    left = remembered.recall(remembered.VIEWS, place).get("left")
    since = parse_date(args.since, context.today, past=True) if args.since else None
    moment = moment_here(since, time.min) if since else remembered.moment(left)
    tasks = context.scope(ws).tasks(ws)
    day = today.read(ws, now.at, now.today, since=moment, tasks=tasks)
    gains: dict[int, float] = {}
    if args.forecast:
        for freed in day.free[:FREEING]:
            gains[freed.task] = today.gain(ws, now, freed.task, "posterior") or 0.0
    due = (ws.tasks[each.task] for each in day.due)
    ends = forecast_ends(ws, due, context.today) if args.forecast else None
    if printer.wants_json:
        printer.json(day_form(ws, day, gains, ends))
    else:
        print_day(printer, ws, day, gains, ends)
    return DONE


def _today_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", metavar=_("DATE"), help=_("what came back from this day on (default: last look)")
    )
    parser.add_argument(
        "--forecast",
        action="store_true",
        help=_("also P80 of what is due, and by how much ending a task moves P80"),
    )
    scope_arguments(parser)


def _follow_ups(context: Context) -> int:
    """Print who is waited for, and since when."""
    from tracker.cli.json_output import follow_up_form
    from tracker.cli.text_output import print_sections
    from tracker.flow.follow_ups import follow_ups, waiting_since
    from tracker.wording import today_words

    printer, today = context.printer, context.today
    with context.open() as session:
        ws, since = session.workspace, waiting_since(session.history())
    found = follow_ups(ws, context.scope(ws).tasks(ws), since)
    if printer.wants_json:
        printer.json([follow_up_form(ws, each, today) for each in found])
    else:
        sections = today_words.follow_up_sections(ws, found, today, printer.glyphs)
        print_sections(printer, sections, today_words.nobody_waited_for())
    return DONE


def _hand_overs(context: Context) -> int:
    """Print what one department has handed over to another, and nobody has begun."""
    from tracker.cli.json_output import hand_over_forms
    from tracker.cli.text_output import print_sections
    from tracker.flow.today import hand_overs
    from tracker.wording import today_words

    printer, today = context.printer, context.today
    with context.open() as session:
        ws = session.workspace
    found = hand_overs(ws, context.scope(ws).tasks(ws), today)
    if printer.wants_json:
        printer.json(hand_over_forms(ws, found))
    else:
        sections = today_words.hand_over_sections(ws, found, today, printer.glyphs)
        print_sections(printer, sections, today_words.nothing_handed_over())
    return DONE


def _task_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "id", metavar="ID", type=typed_verbs.task_number, help=_("number of a task")
    )
    as_of_argument(parser)
    forecast_argument(parser)


def _loops(context: Context) -> int:
    """Print the loops."""
    from tracker.cli.json_output import loop_forms, loops
    from tracker.cli.text_output import print_loops

    with context.open() as session:
        ws = session.workspace
    scope = context.scope(ws)
    tasks = scope.tasks(ws)
    found = [loop for loop in loops(ws) if not tasks.keys().isdisjoint(loop.tasks)]
    if context.printer.wants_json:
        context.printer.json(loop_forms(ws, found))
    elif not found and not scope.whole:
        context.printer.note(_("There are no loops in this scope."))
    else:
        print_loops(context.printer, ws, found)
    return DONE


def _matrix(context: Context) -> int:
    """Print who needs whom, or what departments exchanged."""
    from tracker.cli.json_output import department_matrix_form, task_matrix_form
    from tracker.wording import matrix_words

    args, printer = context.args, context.printer
    with context.open() as session:
        ws = session.workspace
    scope = context.scope(ws)
    tasks = {key: task for key, task in scope.tasks(ws).items() if task.open or not args.open}
    if printer.wants_json and args.departments:
        printer.json(department_matrix_form(ws, tasks, context.today))
    elif printer.wants_json:
        printer.json(task_matrix_form(ws, tasks))
    else:
        kind = matrix_words.DepartmentSheet if args.departments else matrix_words.TaskSheet
        sheet: matrix_words.Crossings = kind(ws, tasks, context.today, printer.glyphs)
        if not sheet.size and not scope.whole:
            printer.note(nothing_in_scope())
        elif not sheet.size:
            printer.note(_("There is nothing to show in a matrix yet."))
        else:
            for pieces in matrix_words.page(sheet):
                printer.line(*pieces)
    return DONE


def _matrix_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--departments",
        action="store_true",
        help=_("departments against each other: hand-overs, waits, returns"),
    )
    parser.add_argument("--open", action="store_true", help=_("only what is open"))
    scope_arguments(parser)


def _metrics(context: Context) -> int:
    """Print how work flows."""
    from tracker.cli.json_output import flow_form
    from tracker.cli.printer import terminal_width
    from tracker.flow import flow_metrics
    from tracker.wording.flow_words import FlowWords

    printer = context.printer
    with context.open() as session:
        ws = session.workspace
    scope = context.scope(ws)
    tasks = scope.tasks(ws)
    found = flow_metrics.read(ws, tasks, context.today)
    if printer.wants_json:
        printer.json(flow_form(ws, found))
    elif not tasks and not scope.whole:
        printer.note(nothing_in_scope())
    else:
        for _task, pieces in FlowWords(ws, found, printer.glyphs).lines(terminal_width()):
            printer.line(*pieces)
    return DONE


def _log(context: Context) -> int:
    """Print the history."""
    from tracker.cli.json_output import record_form
    from tracker.cli.text_output import print_log
    from tracker.wording import log_words

    args, printer = context.args, context.printer
    since = parse_date(args.since, context.today, past=True) if args.since else None
    words = " ".join(args.filter)
    with context.open() as session:
        ws, task = session.workspace, log_words.task_of(words)
        scope, matches = context.scope(ws), log_words.matching(ws, words)
        records = [
            record
            for record in (session.history() if task is None else session.history_of(task))
            if matches(record)
            and (args.who is None or record.who == args.who)
            and (since is None or day_of(record.at) >= since)
            and scope.touches(ws, record.change)
        ]
    if printer.wants_json:
        printer.json([record_form(record) for record in records])
    else:
        print_log(printer, ws, records)
    return DONE


def _log_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "filter",
        metavar=_("FILTER"),
        nargs="*",
        help=_("which changes: task:12 kind:arrow who:anna or words"),
    )
    parser.add_argument("--since", metavar=_("DATE"), help=_("from this day on"))
    parser.add_argument("--who", metavar=_("NAME"), help=_("changes by this person"))
    scope_arguments(parser)


CALLS: dict[str, Call] = {
    "today": Call(
        N_("show what the day asks: what burns, came back, is due"), _today, _today_arguments
    ),
    "list": Call(N_("list tasks"), _list, _list_arguments),
    "show": Call(N_("show all details of a task"), _show, _task_argument),
    "follow-ups": Call(
        N_("list what waits for somebody: for whom, since when, when to ask"),
        _follow_ups,
        scope_arguments,
    ),
    "hand-overs": Call(
        N_("list hand-overs between departments that nobody has begun"),
        _hand_overs,
        scope_arguments,
    ),
    **timeline_call.CALLS,
    **forecast_calls.CALLS,
    "loops": Call(N_("show the loops: who may send work back to whom"), _loops, scope_arguments),
    "matrix": Call(
        N_("show which tasks need which, or what departments hand over"), _matrix, _matrix_arguments
    ),
    **load_calls.CALLS,
    "metrics": Call(
        N_("show how work flows: cycle times, throughput, ages, hand-overs"),
        _metrics,
        scope_arguments,
    ),
    "log": Call(N_("show who changed what and when"), _log, _log_arguments),
}
