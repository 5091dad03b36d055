"""The call that shows the plan in time, as text for a mail or a log."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from tracker.arguments import Usage
from tracker.cli.call import DONE, Call, Context, capacity_argument, scope_arguments
from tracker.cli.printer import terminal_width
from tracker.cli.task_choice import (
    chosen,
    filter_argument,
    forecast_argument,
    forecast_ends,
    note_nothing,
)
from tracker.domain.errors import BadInput
from tracker.domain.verbs.baselines import find_baseline
from tracker.language import N_, _, say

if TYPE_CHECKING:
    from tracker.flow.forecast.forecast import TaskEnd
    from tracker.flow.timeline.axis import Axis, TimeScale
    from tracker.flow.timeline.timeline import BarGroup, Timeline

# Narrower lines have no room for a name and a bar; wider ones nobody reads.
_NARROWEST, _WIDEST = 40, 10_000
_NOTHING = ("", "none", "nothing", "nichts", "keine")


def _timeline(context: Context) -> int:
    """Print the plan in time."""
    from tracker.flow.timeline.timeline import read

    args, printer, today = context.args, context.printer, context.today
    by = _grouping(args.by)
    if args.width is not None and not _NARROWEST <= args.width <= _WIDEST:
        words = _("--width: {least} to {most} characters")
        raise Usage(words.format(least=_NARROWEST, most=_WIDEST))
    ws, scope, tasks = chosen(context)
    baseline = find_baseline(ws, args.baseline) if args.baseline else None
    found = read(ws, today, capacity=args.capacity, baseline=baseline)
    groups = found.groups(tasks, by, args.sort)
    ends = forecast_ends(ws, tasks, today) if args.forecast else {}
    if printer.wants_json:
        printer.json(_form(found, groups, ends))
    elif tasks:
        _print(context, found, groups, ends, by)
    else:
        note_nothing(context, ws, scope)
    return DONE


def _grouping(text: str) -> str:
    """Return the field to group by; raises Usage."""
    from tracker.domain.typing.ordering import field_for
    from tracker.flow.timeline.timeline import GROUPS

    if text.casefold() in _NOTHING:
        return ""
    try:
        return field_for(text, GROUPS[:-1])
    except BadInput as error:
        raise Usage(f"--by: {say(error)}") from None


def _print(
    context: Context,
    found: Timeline,
    groups: Sequence[BarGroup],
    ends: Mapping[int, TaskEnd],
    by: str,
) -> None:
    from tracker.flow.timeline import bar_drawing
    from tracker.wording import show
    from tracker.wording.timeline_words import Chart, names_width, page

    args, printer = context.args, context.printer
    cells = args.width or terminal_width()
    names = names_width(cells)
    signs = bar_drawing.ASCII if printer.glyphs is show.ASCII else bar_drawing.UNICODE
    tasks = {task for group in groups for task in group.tasks}
    axis = _axis(found, tasks, cells - names, args.zoom)
    chart = Chart(found, axis, names, printer.glyphs, signs, ends, by)
    for pieces in page(chart, groups, args.sort):
        text = [*pieces[:-1], *((text.rstrip(), role) for text, role in pieces[-1:])]
        printer.line(*text)


def _axis(found: Timeline, tasks: set[int], cells: int, scale: TimeScale | None) -> Axis:
    """Return the axis on which the tasks that are open can be seen, from just before today on."""
    from tracker.flow.timeline.axis import WINDOWS, Axis, fitting

    first, last = found.reach(tasks)
    if scale:
        return Axis(scale, first, cells, found.calendar).from_day(first)
    return fitting(found.calendar, first, last, cells, WINDOWS)


def _form(
    found: Timeline, groups: Sequence[BarGroup], ends: Mapping[int, TaskEnd]
) -> dict[str, Any]:
    """Return the plan in time as scripts read it; a task of several groups is in each."""
    tasks = {task for group in groups for task in group.tasks}
    return {
        "today": found.today,
        "finish": found.finish(tasks),
        "unestimated": len(found.guessed & tasks),
        "limited_capacity": found.levelled is not None,
        "tasks": [
            _bar_form(found, task, ends.get(task))
            | ({"group": say(group.label) if group.label else None} if group.headed else {})
            for group in groups
            for task in group.tasks
        ],
    }


def _bar_form(found: Timeline, task: int, end: TaskEnd | None) -> dict[str, Any]:
    bar, of = found.bar(task), found.ws.tasks[task]

    def days(stretch: tuple[date, date]) -> dict[str, date]:
        return {"first": stretch[0], "last": stretch[1]}

    return {
        "id": task,
        "title": of.title,
        "state": of.state,
        "worked": [days(each) for each in bar.worked],
        "start": bar.left[0] if bar.left else None,
        "finish": bar.left[1] if bar.left else None,
        "latest_finish": bar.latest,
        "slack": bar.slack if bar.left else None,
        "critical": bar.critical,
        "estimated": not bar.guessed,
        "milestone": bar.milestone,
        "not_before": of.not_before,
        "due": bar.due,
        "late": bar.late,
        "p80": end.day if end else None,
        "baseline": days(was) if (was := found.was(task)) else None,
    }


def _arguments(parser: argparse.ArgumentParser) -> None:
    filter_argument(parser)
    parser.add_argument(
        "--zoom",
        choices=("day", "week", "month"),
        help=_("the scale (default: the finest that reaches about to the end)"),
    )
    parser.add_argument(
        "--by",
        metavar=_("FIELD"),
        default="department",
        help=_("in groups by department, assignee, project, systems, or nothing"),
    )
    parser.add_argument(
        "--sort",
        choices=("critical", "start", "due", "number"),
        default="critical",
        help=_("in which order (default: least slack first)"),
    )
    parser.add_argument(
        "--width", metavar="N", type=int, help=_("characters in a line (default: the terminal's)")
    )
    capacity_argument(parser)
    parser.add_argument(
        "--baseline", metavar=_("NAME"), help=_("also where bars that moved were in a baseline")
    )
    scope_arguments(parser)
    forecast_argument(parser)


CALLS: dict[str, Call] = {
    "timeline": Call(N_("show the plan in time, as text"), _timeline, _arguments),
}
