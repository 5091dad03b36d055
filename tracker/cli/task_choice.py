"""Which tasks a call is about: those a filter finds in what is looked at."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from tracker import typed_verbs
from tracker.cli.call import Context, nothing_in_scope
from tracker.domain.errors import BadInput
from tracker.domain.model import Task
from tracker.domain.typing import line_parser
from tracker.language import _
from tracker.wording.change_words import guessed, unknown

if TYPE_CHECKING:
    from tracker.domain.scope import Scope
    from tracker.domain.typing.filters import Query
    from tracker.domain.workspace import Workspace
    from tracker.flow.forecast.forecast import TaskEnd


def filter_argument(parser: argparse.ArgumentParser) -> None:
    """Add the filter."""
    parser.add_argument(
        "filter",
        metavar=_("FILTER"),
        nargs="*",
        default=[],
        help=_("which tasks: dept:net state:blocked due:<fr -#later passes:>1 or words"),
    )


def chosen(context: Context) -> tuple[Workspace, Scope, list[Task]]:
    """Return the workspace, what of it is looked at, and the tasks in that which are asked for.

    Says what in the filter is not known, or was guessed.
    """
    text, printer, today = _typed(context), context.printer, context.today
    if text:
        _filter(text, today, context.who)  # A mistake is reported before any file is opened.
    with context.open() as session:
        ws = session.workspace
    query = _filter(text, today, context.who, ws) if text else None
    scope = context.scope(ws)
    tasks = list(scope.tasks(ws).values())
    if query:
        if names := query.unknown(ws):
            printer.note(unknown(names, query.meant(ws)))
        if words := query.guessed(ws):
            printer.note(guessed(words))
        tasks = list(filter(query.over(ws), tasks))
    return ws, scope, tasks


def note_nothing(context: Context, ws: Workspace, scope: Scope) -> None:
    """Say why there is no task to be shown."""
    text = _typed(context)
    if text and ws.tasks:
        context.printer.note(_("No task matches {filter}.").format(filter=text))
    elif ws.tasks and not scope.whole:
        context.printer.note(nothing_in_scope())
    else:
        context.printer.note(_("There are no tasks yet; `tracker add` creates one."))


def _typed(context: Context) -> str:
    return " ".join(word.strip() for word in context.args.filter)


def _filter(text: str, today: date, who: str, ws: Workspace | None = None) -> Query:
    try:
        return line_parser.parse_filter(text, today, me=who, ws=ws)
    except BadInput as error:
        raise typed_verbs.Mistyped(error, text) from None


def forecast_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option that asks for dates by the forecast."""
    parser.add_argument(
        "--forecast",
        action="store_true",
        help=_("also P80 and the probability of meeting the due date; takes longer"),
    )


def forecast_ends(ws: Workspace, tasks: Iterable[Task], today: date) -> dict[int, TaskEnd]:
    """Return by when open tasks are over, as forecast."""
    from tracker.flow.forecast.portfolio import ends_ahead

    return ends_ahead(ws, today, sorted({task.project or 0 for task in tasks if task.open}))
