"""The calls that tell when things will be over."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from tracker.cli.call import DONE, Call, Context
from tracker.cli.pages import number, working_days
from tracker.cli.printer import Cell, Column, Printer
from tracker.domain.calendar import date_words, parse_date
from tracker.domain.errors import BadInput
from tracker.language import N_, _, current, say, spelled
from tracker.verbs import Usage

if TYPE_CHECKING:
    from tracker.domain.workspace import Workspace
    from tracker.flow.plan import Plan
    from tracker.flow.schedule import Schedule

# More numbers of tasks than these tell a person nothing.
_MOST_NAMED = 12


def _schedule(context: Context) -> int:
    """Print the dates of everything that is left to do."""
    from tracker.flow.schedule import schedule

    start = _from(context)
    with closing(context.open()) as session:
        ws = session.workspace
    found = schedule(ws, start)
    if context.printer.wants_json:
        context.printer.json(_schedule_form(found))
    else:
        _print_schedule(context.printer, ws, found, context.today)
    return DONE


def _from(context: Context) -> date:
    """Return the day to reckon from; raises Usage."""
    if not context.args.start:
        return context.today
    try:
        return parse_date(context.args.start, context.today)
    except BadInput as error:
        raise Usage(f"--from: {say(error)}") from None


def _from_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="start", metavar=_("DATE"), help=_("the first day of work; else today")
    )


def _schedule_form(found: Schedule) -> dict[str, Any]:
    """Return a schedule as scripts read it."""
    tasks = []
    for task, dates in found.tasks.items():
        first, last = found.days(task)
        form = {"id": task, **msgspec.structs.asdict(dates), "start": first, "finish": last}
        tasks.append(form)
    return {
        "start": found.plan.start,
        "length_days": found.length,
        "finish": found.finish,
        "critical_path": found.path,
        "guessed": found.plan.guessed,
        "overrun": found.plan.overrun,
        "tasks": tasks,
    }


def _print_schedule(printer: Printer, ws: Workspace, found: Schedule, today: date) -> None:
    """Print a table of what is left, in the order in which it can begin, and the finish."""
    if not found.tasks:
        printer.note(_("Nothing is left to do."))
        return
    columns = (
        Column(_("ID")),
        Column(_("Start")),
        Column(_("Finish")),
        Column(_("Slack"), 1),
        Column("", 2),
        Column(_("Title")),
    )
    rows: list[list[str | Cell]] = []
    ordered = sorted(found.tasks.items(), key=lambda item: (item[1].early_start, item[1].slack))
    for task, dates in ordered:
        first, last = (words(day, today) for day in found.days(task))
        style = "strong" if dates.critical else ""
        mark = Cell("◆ " + _("critical"), style) if dates.critical else ""
        slack = "" if dates.critical else number(dates.slack)
        rows.append([str(task), first, last, slack, mark, Cell(ws.tasks[task].title, style)])
    printer.table(columns, rows)
    printer.line("")
    path = " → ".join(map(str, found.path))
    printer.line(Cell(_("Critical path: {path}").format(path=path), "strong"))
    text = _("Finish: {date} ({days}), if all takes what is likely and nothing comes back.")
    printer.line(text.format(date=words(found.finish, today), days=working_days(found.length)))
    _tell_guesses(printer, found.plan)


def _tell_guesses(printer: Printer, plan: Plan) -> None:
    """Tell which tasks the dates know too little of."""
    if plan.guessed:
        text = _("Without an estimate, so taken for one working day: {tasks}")
        printer.note(text.format(tasks=_numbers(plan.guessed)))
    if plan.overrun:
        text = _("Under way for longer than was estimated, so a day of them is left: {tasks}")
        printer.note(text.format(tasks=_numbers(plan.overrun)))


def _numbers(tasks: Sequence[int]) -> str:
    named = ", ".join(map(str, tasks[:_MOST_NAMED]))
    if len(tasks) <= _MOST_NAMED:
        return named
    return _("{tasks} and {n} more").format(tasks=named, n=len(tasks) - _MOST_NAMED)


def words(day: date, today: date) -> str:
    """Return a day in words."""
    return spelled(date_words(day, today, current()))


CALLS: dict[str, Call] = {
    "schedule": Call(
        N_("show when everything can begin and must be over"), _schedule, _from_argument
    ),
}
