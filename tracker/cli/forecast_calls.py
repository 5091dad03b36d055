"""The calls about finish dates."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from tracker.arguments import Usage
from tracker.cli.call import DONE, Call, Context, capacity_argument, scope_arguments
from tracker.domain.errors import BadInput
from tracker.domain.model import System
from tracker.domain.typing import field_values
from tracker.domain.typing.dates import day_to_start_from, parse_date
from tracker.domain.typing.property_values import read_spread
from tracker.domain.verbs.commands import find
from tracker.language import N_, _, say
from tracker.wording import show

if TYPE_CHECKING:
    from tracker.cli.forecast_output import Horizon
    from tracker.cli.printer import Printer
    from tracker.domain.workspace import Workspace
    from tracker.flow.forecast.forecast import Forecast, Options

N = TypeVar("N", int, float)


def _schedule(context: Context) -> int:
    """Print the dates of everything that is left to do."""
    from tracker.cli.forecast_output import print_schedule, schedule_form
    from tracker.flow.forecast.critical_path import critical_path
    from tracker.flow.forecast.levelling import level, limits
    from tracker.flow.forecast.remaining_work import plan

    start = _from(context)
    with context.open() as session:
        ws = session.workspace
    scope, back_up = context.scope(ws), _back_up(context, ws)
    ahead = plan(ws, context.today, start, back_up)
    levelled = level(ahead, limits(ws)) if context.args.capacity else None
    found = critical_path(levelled.plan if levelled else ahead)
    if context.printer.wants_json:
        context.printer.json(schedule_form(ws, found, scope, levelled, back_up))
    else:
        print_schedule(context.printer, ws, found, scope, context.today, levelled, back_up)
    return DONE


def _schedule_arguments(parser: argparse.ArgumentParser) -> None:
    scope_arguments(parser)
    _from_argument(parser)
    capacity_argument(parser)


def _from(context: Context) -> date:
    """Return the day to calculate from; raises Usage."""
    if not context.args.start:
        return context.today
    try:
        return day_to_start_from(parse_date(context.args.start, context.today))
    except BadInput as error:
        raise Usage(f"--from: {say(error)}") from None


def _back_up(context: Context, ws: Workspace) -> dict[int, date]:
    """Return by when which systems are taken to be up again; raises Usage, or NotFound."""
    found = {}
    for text in context.args.up:
        name, equals, day = text.rpartition("=")
        if not equals:
            message = _("--up: {text} is not a system and a date; try Database=1.4.")
            raise Usage(message.format(text=text))
        try:
            found[find(ws, System, name.strip())] = parse_date(day, context.today)
        except BadInput as error:
            raise Usage(f"--up: {say(error)}") from None
    return found


def _from_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="start", metavar=_("DATE"), help=_("first day of work (default: today)")
    )
    parser.add_argument(
        "--up",
        metavar=_("SYSTEM=DATE"),
        action="append",
        default=[],
        help=_("assume that a system is up again from a date"),
    )


def _forecast(context: Context) -> int:
    """Print when all will be over, by many simulated runs of the plan."""
    from tracker.cli.forecast_output import forecast_form, print_forecast
    from tracker.flow.forecast.calibration import calibration
    from tracker.flow.forecast.forecast import Options
    from tracker.flow.forecast.inquiry import promises

    args, printer = context.args, context.printer
    start = _from(context)
    with context.open() as session:
        ws = session.workspace
        records = [*session.history()] if args.calibrate else []
    options = Options(
        runs=args.runs,
        seed=args.seed,
        correlation=args.correlation,
        rates=args.rates,
        policy=args.policy,
        draws=args.draws,
        learning=args.learning,
        capacity=args.capacity,
        spread=args.spread,
        start=start,
        back_up=tuple(_back_up(context, ws).items()),
    )
    projects = context.scope(ws).ahead(ws)
    found = _played(printer, ws, context.today, options, projects)
    unlimited = {}
    if args.capacity:
        free = replace(options, capacity=False)
        unlimited = _played(printer, ws, context.today, free, projects)
    asked = [_asked(text, next(iter(found.values())), context.today) for text in args.at]
    kept = None
    if args.calibrate:
        told = promises(ws, records, context.today, options)
        kept = calibration(ws, told, context.today)
    if printer.wants_json:
        printer.json(forecast_form(ws, found, context.today, asked, kept, unlimited))
    else:
        print_forecast(printer, ws, found, context.today, asked, kept, unlimited)
    return DONE


def _asked(text: str, found: Forecast, today: date) -> Horizon:
    """Return so many working days, or those until the evening of a date; raises Usage."""
    from tracker.cli.forecast_output import Horizon

    try:
        return Horizon(field_values.read_days(text))
    except BadInput as no_days:
        try:
            day = parse_date(text, today)
        except BadInput:
            raise Usage(f"--at: {say(no_days)}") from None
        return Horizon(found.plan.days_until(day), day)


def _played(
    printer: Printer, ws: Workspace, today: date, options: Options, projects: Sequence[int]
) -> dict[int, Forecast]:
    """Return the forecasts; who does not want to wait for all gets what is known so far.

    Where nothing is left to do there is one that says so.
    """
    from tracker.flow.forecast.forecast import forecast
    from tracker.flow.forecast.portfolio import refine_each
    from tracker.wording.forecast_words import p80_known, simulated_runs

    if not projects:
        return {0: forecast(ws, today, replace(options, project=0))}
    played = refine_each(ws, today, options, projects)
    found = before = next(played)
    try:
        for found in played:
            newest = next(found[key] for key in found if found[key] is not before[key])
            before = found
            runs, known = simulated_runs(newest.runs), p80_known(newest.finish.error80)
            text = _("{runs}, {known} … Ctrl+C shows the results so far")
            about = f"{show.project(ws, newest.options.project or 0)}: " if len(found) > 1 else ""
            printer.passing(about + text.format(runs=runs, known=known))
    except KeyboardInterrupt:
        return found
    finally:
        printer.passing("")
    return found


def _forecast_arguments(parser: argparse.ArgumentParser) -> None:
    from tracker.flow.forecast.forecast import RUNS_AT_MOST

    scope_arguments(parser)
    _from_argument(parser)
    capacity_argument(parser)
    parser.add_argument(
        "--runs",
        metavar="N",
        type=_whole(1, RUNS_AT_MOST),
        help=_("number of simulated runs (default: until P80 is known to half a day)"),
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=_whole(0, 2**63 - 1),
        default=1,
        help=_("random seed; the same seed reproduces the runs"),
    )
    parser.add_argument(
        "--correlation",
        metavar="R",
        type=_typed(_correlation),
        help=_("correlation of delays within a project: 0 to 1"),
    )
    parser.add_argument(
        "--rates",
        choices=("entered", "posterior"),
        default="posterior",
        help=_("return rates as entered, or updated with what was recorded"),
    )
    parser.add_argument(
        "--policy",
        choices=("wait", "at-risk"),
        help=_("whether successors of a gate wait for its acceptance or start at risk"),
    )
    parser.add_argument(
        "--draws",
        choices=("kept", "fresh"),
        default="kept",
        help=_("whether repeated tasks keep their duration or get a new random one"),
    )
    parser.add_argument(
        "--learning",
        metavar="L",
        type=_typed(_learning),
        default=0.0,
        help=_("how much less each repetition takes than the one before: 0.2 or 20%%"),
    )
    parser.add_argument(
        "--spread",
        metavar=_("SPREAD"),
        type=_typed(read_spread),
        help=_(
            "what tasks of a single estimate may take: 70-200%% of it, finished (as finished tasks"
            " did) or none"
        ),
    )
    parser.add_argument(
        "--at",
        metavar=_("DAYS"),
        action="append",
        default=[],
        help=_("probability of finishing within so many working days, or by a date"),
    )
    parser.add_argument(
        "--calibrate",
        action=argparse.BooleanOptionalAction,
        default=True,
        help=_("show how many recent P80 dates were met (takes some time)"),
    )


def _typed(read: Callable[[str], N]) -> Callable[[str], N]:
    """Return a reader of values that reports bad ones to argparse."""

    def typed(text: str) -> N:
        try:
            return read(text)
        except BadInput as error:
            raise argparse.ArgumentTypeError(say(error)) from None

    return typed


def _whole(least: int, most: int) -> Callable[[str], int]:
    """Return what reads whole numbers within bounds."""

    def read(text: str) -> int:
        number = int(text) if text.isdecimal() and len(text) < 20 else -1
        if not least <= number <= most:
            raise BadInput(
                "{text} is not a whole number from {least} to {most}.",
                text=text,
                least=least,
                most=most,
            )
        return number

    return _typed(read)


def _correlation(text: str) -> float:
    number = _part(text)
    if number > 1:
        raise BadInput("{text} is not a correlation; enter a number from 0 to 1.", text=text)
    return number


def _learning(text: str) -> float:
    number = _part(text)
    if number >= 1:
        raise BadInput(
            "{text} is not a learning rate; enter a number from 0 to below 1, such as 0.2 or 20%.",
            text=text,
        )
    return number


def _part(text: str) -> float:
    """Return a number that is in per cent only where it is written so, unlike other shares."""
    number = field_values.read_share(text)
    return number if "%" in text else max(number, float(text.replace(",", ".")))


CALLS: dict[str, Call] = {
    "schedule": Call(
        N_("show the schedule: start, finish and slack of every task"),
        _schedule,
        _schedule_arguments,
    ),
    "forecast": Call(
        N_("show the forecast finish, returns included"),
        _forecast,
        _forecast_arguments,
    ),
}
