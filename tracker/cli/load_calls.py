"""The calls about who has how much to do, and what it costs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tracker.arguments import Usage
from tracker.cli.call import (
    DONE,
    Call,
    Context,
    capacity_argument,
    nothing_in_scope,
    scope_arguments,
)
from tracker.domain.errors import BadInput
from tracker.domain.periods import monday_of
from tracker.domain.typing.dates import day_to_start_from, parse_date
from tracker.language import N_, _, say

if TYPE_CHECKING:
    from datetime import date

    from tracker.domain.workspace import Workspace
    from tracker.flow.load import Load, Who
    from tracker.wording.controlling_words import Costs

# So many weeks are listed unless it is said how many.
_WEEKS = 6


def _load(context: Context) -> int:
    """Print who has how much to do in which week."""
    from tracker.cli.load_output import load_form, print_load
    from tracker.flow import load
    from tracker.wording import load_words

    args, printer = context.args, context.printer
    first = _first_week(context)
    with context.open() as session:
        ws = session.workspace
    scope = context.scope(ws)
    tasks = None if scope.whole else scope.tasks(ws)
    found = load.read(ws, context.today, capacity=args.capacity, tasks=tasks)
    weeks = _weeks(found, first, args.weeks)
    rows = _rows(found, args.by)
    if printer.wants_json:
        printer.json(load_form(found, rows, weeks))
    elif not rows and not scope.whole:
        printer.note(nothing_in_scope())
    elif not found.whole:
        printer.note(load_words.nothing(ws))
    else:
        print_load(printer, found, rows, weeks)
    return DONE


def _first_week(context: Context) -> date | None:
    """Return the Monday of the first week that is asked for; raises Usage."""
    if not context.args.start:
        return None
    try:
        return monday_of(day_to_start_from(parse_date(context.args.start, context.today)))
    except BadInput as error:
        raise Usage(f"--from: {say(error)}") from None


def _weeks(found: Load, first: date | None, count: int) -> tuple[date, ...]:
    """Return the weeks to be listed, on behind the end of the plan, too."""
    from datetime import timedelta

    begin = first or found.weeks[0]
    return tuple(begin + timedelta(weeks=at) for at in range(count))


def _rows(found: Load, by: str) -> tuple[Who, ...]:
    return tuple(who for who in found.rows if not by or who.whole == (by == "department"))


def _count(text: str) -> int:
    count = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= count <= 520:
        raise argparse.ArgumentTypeError(
            _("{text} is not a number of weeks; try 8").format(text=text)
        )
    return count


def _load_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--by",
        choices=("person", "department"),
        default="",
        help=_("only people, or only departments (default: both)"),
    )
    parser.add_argument(
        "--weeks",
        metavar="N",
        type=_count,
        default=_WEEKS,
        help=_("number of weeks (default: 6)"),
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar=_("DATE"),
        default="",
        help=_("starting with the week of this date: KW 50, 7.12., +2w"),
    )
    capacity_argument(parser)
    scope_arguments(parser)


def _controlling(context: Context) -> int:
    """Print what the plan takes and costs."""
    from tracker.cli.load_output import controlling_form, print_controlling
    from tracker.domain.verbs.baselines import find_baseline
    from tracker.flow import controlling
    from tracker.wording import controlling_words

    args, printer = context.args, context.printer
    with context.open() as session:
        ws = session.workspace
    scope = context.scope(ws)
    baseline = find_baseline(ws, args.baseline) if args.baseline else None
    tasks = None if scope.whole else scope.tasks(ws)
    found = controlling.read(ws, context.today, by=args.by, tasks=tasks, baseline=baseline)
    costs = controlling_words.Costs()
    if args.forecast:
        costs = _simulated(ws, context.today, scope.ahead(ws))
    if printer.wants_json:
        printer.json(controlling_form(found, costs))
    elif not found.total.tasks:
        printer.note(controlling_words.nothing(ws) if scope.whole else nothing_in_scope())
    else:
        print_controlling(printer, found, costs)
    return DONE


def _simulated(ws: Workspace, today: date, projects: tuple[int, ...]) -> Costs:
    """Return what projects cost, and their returns, as they are forecast."""
    from tracker.flow.forecast.forecast import Options
    from tracker.flow.forecast.portfolio import own_returns, refine_each
    from tracker.wording.controlling_words import Costs

    *_rough, found = refine_each(ws, today, Options(), projects) if projects else ({},)
    money = {key: cost for each in found.values() for key, cost in each.money.items()}
    return Costs(money, own_returns(found))


def _controlling_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--by",
        choices=("department", "project", "tag", "phase"),
        default="department",
        help=_("in which groups: department unless given"),
    )
    parser.add_argument(
        "--baseline",
        metavar=_("NAME"),
        default="",
        help=_("earned value against this baseline (default: the newest, else due dates)"),
    )
    parser.add_argument(
        "--forecast",
        action="store_true",
        help=_("also P50 and P80 of the cost, and what returns will cost; takes longer"),
    )
    scope_arguments(parser)


CALLS: dict[str, Call] = {
    "load": Call(N_("show who has too much to do, by week"), _load, _load_arguments),
    "controlling": Call(
        N_("show effort and cost: planned, spent, to come, rework, earned value"),
        _controlling,
        _controlling_arguments,
    ),
}
