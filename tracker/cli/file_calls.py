"""The calls about files: opening, creating, handing out, checking."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracker import config, language
from tracker.arguments import Usage
from tracker.cli import server_calls
from tracker.cli.call import (
    DONE,
    PATIENCE,
    REFUSED,
    Call,
    Context,
    is_there,
    named_place,
    scope_arguments,
)
from tracker.cli.printer import TableCell
from tracker.cli.task_choice import chosen, filter_argument, note_nothing
from tracker.domain.errors import Busy, Refused, TrackerError
from tracker.language import N_, _, say

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.store.check import Finding


# What TERM says where lines can only be printed one below the other.
_DUMB = ("", "dumb", "unknown")


def open_screen(context: Context, *, tutorial: bool = False) -> int:
    """Open the screen."""
    if context.args.json:
        raise Usage(_("--json needs a command, such as `tracker list --json`"))
    _need_terminal()
    place = context.place
    file = place if isinstance(place, str) else ""
    if os.path.isfile(file) and not file.endswith(".json"):
        language.aim("")  # a list has to be taken in elsewhere
        raise Refused(
            "{file} is not a workspace; `tracker import {file}` imports a list.", file=file
        )
    if context.args.no_color or not context.settings.color:
        os.environ["NO_COLOR"] = "1"
    from tracker.tui.app import run

    # What has been imported stays: the collector need not walk over it for every key.
    gc.freeze()
    gc.enable()
    known = context.there
    with context.open(create=True) as session:
        session.demand_whole()
        demo = run(
            session,
            ascii=context.ascii,
            welcome="" if known else file,
            keymap=context.settings.keys,
            view=context.settings.view,
            tutorial=tutorial,
        )
    if demo:
        context.args.file = context.args.db = None
        context.args.no_screen = False
        return _demo(context)
    return DONE


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused("The full screen needs a terminal; `tracker list` prints the tasks.")
    if (kind := os.environ.get("TERM", "")) in _DUMB:
        raise Refused(
            "The full screen needs a terminal on which the cursor moves, but TERM is {kind}."
            " `tracker list` prints the tasks, and so do the other commands.",
            kind=kind or "–",
        )


def _init(context: Context) -> int:
    """Create an empty workspace."""
    if context.args.path:
        context.args.file = context.args.path
    from tracker.session import Session

    place = context.place
    if not isinstance(place, str):
        return server_calls.init(context, place)
    path = os.path.abspath(place)
    if is_there(path):
        raise Refused("There is already a workspace at {path}.", path=path)
    Session.open(
        path, who=config.who(), clock=context.clock, today=context.fixed, shared=context.args.shared
    ).close()
    context.changed = True
    if context.printer.wants_json:
        context.printer.json({"file": path})
    else:
        context.printer.line(_("New workspace: {path}").format(path=path))
    return DONE


def _init_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar=_("FILE"), nargs="?", help=_("the file, NAME.json"))
    parser.add_argument(
        "--shared",
        action="store_true",
        help=_("readable and writable for the group, not just for you"),
    )


def _demo(context: Context) -> int:
    """Open a fresh copy of the demo project, or only write it."""
    from tracker import demo
    from tracker.session import Session

    args = context.args
    if args.db:
        raise Refused(
            "The demo project is a file: `tracker copy` moves one to a server afterwards."
        )
    path = context.file if args.file else config.demo_file()
    if args.file and is_there(path):
        raise Refused("There is already a workspace at {path}.", path=path)
    if not (args.no_screen or context.printer.wants_json):
        _need_terminal()
    story = [*demo.story(context.today)]
    if not args.file and is_there(path):
        _make_room(context, path, len(story))
    with closing(Session.open(path, who=config.who())) as session:
        session.replay(story)
        session.checkpoint()
    context.changed = True
    if context.printer.wants_json:
        context.printer.json({"file": path})
        return DONE
    if args.no_screen:
        context.printer.line(_("The demo project is at {path}").format(path=path))
        return DONE
    args.file = path
    language.aim(named_place(path))
    return open_screen(context, tutorial=True)


def _export(context: Context) -> int:
    """Hand tasks out to a file or to standard output, and tell what it does not say of them."""
    from tracker.exchange import delivery

    args, printer = context.args, context.printer
    piped = args.target == delivery.PIPE
    if piped and printer.wants_json:
        raise Usage(_("--json and - both go to standard output; name a file"))
    order = delivery.order_of(args)
    if piped and order.format.binary and printer.terminal:
        told = _("{format} is nothing for a terminal; name a file")
        raise Usage(told.format(format=order.format.name))
    ws, scope, tasks = chosen(context)
    if not tasks and (ws.tasks or order.split):
        note_nothing(context, ws, scope)
        return REFUSED
    begun = time.monotonic()

    def tick(done: int) -> None:
        if time.monotonic() - begun > PATIENCE:
            told = _("{n} of {all} tasks … Ctrl+C leaves everything as it was")
            printer.passing(told.format(n=done, all=len(tasks)))

    try:
        made = delivery.deliveries(order, ws, context.today, language.current(), tasks, tick)
    finally:
        if time.monotonic() - begun > PATIENCE:
            printer.passing("")
    if piped:
        printer.data(made[0].data)
    else:
        written: list[Path] = []
        try:
            delivery.deliver(made, force=order.force, written=written)
        except KeyboardInterrupt:
            if written:
                told = _("Interrupted. Already written: {files}.")
                printer.note("tracker: " + told.format(files=", ".join(map(str, written))))
            raise
        context.changed = True
    if printer.wants_json:
        printer.json(delivery.delivery_forms(order, made))
        return DONE
    if not piped:
        for text in delivery.written_lines(made):
            printer.line(text)
    for text in delivery.loss_lines(order, made):
        printer.note(text)
    return DONE


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    from tracker.exchange import delivery, export
    from tracker.exchange.target_format import target_argument

    target_argument(parser, export.FORMATS)
    filter_argument(parser)
    delivery.order_arguments(parser)
    scope_arguments(parser)


def _make_room(context: Context, path: str, records: int) -> None:
    """Remove a demo project with everything beside it; one that was changed is kept beside it.

    A fresh one has so many records. Raises Busy.
    """
    from itertools import count
    from shutil import rmtree

    from tracker.store.file_log import FileLog
    from tracker.store.files import Paths
    from tracker.store.journal import Journal

    # A lock stays where it is, and may be somebody else's file.
    checkpoint, journal, _lock, kept = Paths.of(path)
    with ExitStack() as stack:
        try:
            log = stack.enter_context(closing(FileLog(path, create=False)))
            # Nobody writes to it between the look and its going.
            stack.enter_context(log.lock(config.who()))
            changed = Journal(log).snapshot.seq != records
        except Busy:
            raise
        except TrackerError:
            changed = True
        if not changed:
            for file in (checkpoint, journal):
                with suppress(FileNotFoundError):
                    os.unlink(file)
            rmtree(kept, ignore_errors=True)
            return
        names = (
            Paths.of(f"{checkpoint.removesuffix('.json')}-{number}.json") for number in count(1)
        )
        beside = next(each for each in names if not any(map(os.path.lexists, each)))
        for old, new in (
            (journal, beside.journal),
            (kept, beside.kept),
            (checkpoint, beside.checkpoint),
        ):
            with suppress(FileNotFoundError):
                os.rename(old, new)
    told = _("The demo project was changed; that copy is kept as {path}.")
    context.printer.note(told.format(path=beside.checkpoint))


def _repaired(context: Context) -> list[Finding]:
    """Repair the workspace, and return what was done."""
    place = context.place
    if not isinstance(place, str):
        return server_calls.repaired(context, place)
    from tracker.store.repair import repair

    return repair(place, at=context.clock(), who=config.who())


def _checked(context: Context) -> list[Finding]:
    """Return what is wrong with the workspace."""
    place = context.place
    if not isinstance(place, str):
        return server_calls.checked(context, place)
    from tracker.store.check import check

    # By the clock itself: `--today` sets none.
    return check(place, datetime.now(UTC))


def _check(context: Context) -> int:
    """Return whether the files are sound, and repair them if that is asked for."""
    printer = context.printer
    told = _repaired(context) if context.args.repair else []
    context.changed = bool(told)
    try:
        left = _checked(context)
    except (TrackerError, KeyboardInterrupt):
        for finding in told:
            printer.note(say(finding.text))
        raise
    sound = not any(finding.grave for finding in left)
    context.code = DONE if sound else REFUSED
    if printer.wants_json:
        from tracker.cli.json_output import finding_forms

        forms = {"findings": finding_forms(left), "repaired": finding_forms(told)}
        printer.json({"sound": sound} | forms)
    else:
        for finding in (*told, *left):
            printer.line(TableCell(say(finding.text), "alarm" if finding.grave else ""))
        if sound:
            printer.line(_("{path} is intact.").format(path=str(context.place)))
        elif not context.args.repair:
            printer.note(
                _("`tracker check --repair` keeps what is intact and sets the rest aside.")
            )
    return context.code


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--repair", action="store_true", help=_("keep what is intact and set the rest aside")
    )


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-screen", action="store_true", help=_("only create the file and say where it is")
    )


CALLS: dict[str, Call] = {
    "export": Call(N_("export tasks"), _export, _export_arguments),
    "init": Call(N_("create an empty workspace"), _init, _init_arguments),
    "demo": Call(N_("open a fresh copy of the demo project"), _demo, _demo_arguments),
    "check": Call(N_("check the files for damage"), _check, _check_arguments),
}
