"""The call that takes a list in, or the plan of another program."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import msgspec

from tracker import config
from tracker.arguments import Usage
from tracker.cli.call import DONE, PATIENCE, REFUSED, Call, Context
from tracker.cli.printer import TableCell
from tracker.domain.draft import Now
from tracker.domain.workspace import Workspace
from tracker.language import N_, _, ngettext, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.cli.printer import Printer
    from tracker.exchange.comparing import RowDifference
    from tracker.exchange.importing import Again, Import
    from tracker.exchange.outcome import Report, TakenIn
    from tracker.exchange.updating import Decision, Update
    from tracker.session import Session

# Stands for standard input.
_PIPE = "-"


def _import(context: Context) -> int:
    """Import a list, or show the effects."""
    from tracker.exchange import column_choices, importing, reading_choices
    from tracker.exchange.file_names import typed_path

    args, printer = context.args, context.printer
    if args.again != "update" and (args.yes or args.rows or args.gone):
        raise Usage(_("--yes, --rows and --gone require --update"))
    path = typed_path(args.source)
    piped = _piped() if args.source == _PIPE else None
    again: Again = "" if args.again == "update" else args.again
    given = column_choices.parse(args.map or ())
    kept = column_choices.remembered(config.state_folder(), path.name)
    with ExitStack() as stack:
        session = stack.enter_context(context.open()) if context.there else None
        with _patience(printer, path.name):
            taken = importing.read(
                path,
                project=args.project,
                today=context.today,
                again=again,
                columns=given,
                before=kept,
                ws=session.workspace if session else None,
                how=reading_choices.choices_of(args),
                piped=piped,
            )
            if session and args.again != "twice":
                taken.look_back(session.history(), session.workspace)
        if given and not args.dry_run:
            column_choices.remember(config.state_folder(), path.name, given)
        if session is None and not args.dry_run:
            session = stack.enter_context(context.open(create=True))
        if args.again == "update":
            return _update(context, taken, session)
        with _patience(printer, path.name):
            report = _report(context, taken.command, session, act=not args.dry_run)
    if printer.wants_json:
        printer.json(report.as_json(say))
    else:
        from tracker.cli.text_output import print_import

        print_import(printer, report, dry=args.dry_run)
    return DONE


def _piped() -> bytes:
    """Return what comes through standard input, no more than a file may be long."""
    from tracker.exchange.source import MAX_BYTES

    # A program before may have left it such that what has not come yet counts for its end.
    with suppress(OSError):
        os.set_blocking(sys.stdin.fileno(), True)
    return sys.stdin.buffer.read(MAX_BYTES + 1)


@contextmanager
def _patience(printer: Printer, file: str) -> Iterator[None]:
    """Say what is being done while it takes long; Ctrl+C leaves everything as it was."""
    over = threading.Event()

    def tell() -> None:
        seconds = 0.0
        while not over.wait(PATIENCE):
            seconds += PATIENCE
            told = _("Reading {file}: {seconds} s … Ctrl+C leaves everything as it was")
            printer.passing(told.format(file=file, seconds=round(seconds)))
        if seconds:
            printer.passing("")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _report(
    context: Context,
    command: Callable[[Workspace, Now], TakenIn],
    session: Session | None,
    *,
    act: bool,
) -> Report:
    """Carry an import out, or only find out what it would do; both refuse alike."""
    from tracker.exchange.outcome import report_of

    if session is not None and act:
        return report_of(session.do(command))
    return command(session.workspace if session else Workspace(), _now(context)).report


def _now(context: Context) -> Now:
    return Now(context.clock(), context.today, context.who)


def _update(context: Context, taken: Import, session: Session | None) -> int:
    """Take over what a new version of a list says, as far as that was chosen."""
    from tracker.exchange.looking_back import Lookback
    from tracker.exchange.outcome import name_lines, remark_lines, report_of
    from tracker.exchange.updating import Decision, Update, update_lines

    args, printer = context.args, context.printer
    ws = session.workspace if session else Workspace()
    with _patience(printer, taken.source.file):
        update = Update(taken.source, ws, taken.past or Lookback())
        decision = update.usual() if args.yes else Decision()
        if args.rows:
            decision = decision.joined(update.chosen(args.rows))
        if args.gone:
            decision = msgspec.structs.replace(
                decision, gone=frozenset(update.comparison.gone), how=args.gone
            )
        beside = update.beside(ws, _now(context))
        chosen = decision != Decision() or (args.yes and beside)
        if session is not None and not args.dry_run and chosen:
            report = report_of(session.do(update.command(decision)))
        else:
            report = update.tried(ws, _now(context), decision)
    chose = args.yes or decision != Decision()
    left = decision.undecided(update.comparison) if chose else ()
    if left:
        context.code = REFUSED
    if printer.wants_json:
        printer.json(report.as_json(say) | update.as_json(decision, say))
    else:
        for text, heading in update_lines(update, ws, decision, say):
            printer.line(TableCell(text, "strong" if heading else ""))
        if not chosen:
            for text, heading in (*name_lines(report), *remark_lines(report)):
                printer.line(TableCell(text, "strong" if heading else ""))
        else:
            from tracker.cli.text_output import print_import

            printer.line()
            print_import(printer, report, dry=args.dry_run)
    if not chosen:
        if not (update.comparison.says_more or beside):
            printer.note(_("{file} contains nothing new.").format(file=taken.source.file))
            return DONE
        if not left:
            printer.note(
                _(
                    "Exit status 1, as nothing is chosen yet: --yes chooses what changed only in"
                    " the list and what is new, --rows 3,5-7 rows, --rows 4=new a row as a new"
                    " task."
                )
                if args.dry_run
                else _(
                    "Nothing was imported. --yes imports what changed only in the list and what is"
                    " new; --rows 3,5-7 imports rows, --rows 4=new imports a row as a new task."
                )
            )
            context.code = REFUSED
    _note_gone(printer, update, decision)
    _note_left(printer, left)
    return context.code


def _note_left(printer: Printer, left: Sequence[RowDifference]) -> None:
    """Name the rows that nobody has decided about, and the ways to do so."""
    sure = [row for row in left if not row.doubtful]
    guessed = [row for row in left if row.doubtful]
    if sure:
        told = ngettext(
            "{n} row is undecided; --rows {rows} imports it.",
            "{n} rows are undecided; --rows {rows} imports them.",
            len(sure),
        )
        printer.note(told.format(n=len(sure), rows=_rows(sure)))
    if guessed:
        told = ngettext(
            "Whether {n} row is that of the task beside it is a guess: --rows {rows} changes that"
            " task, --rows {new} imports the row as a new one.",
            "Whether {n} rows are those of the tasks beside them is a guess: --rows {rows} changes"
            " these tasks, --rows {new} imports the rows as new ones.",
            len(guessed),
        )
        new = ",".join(f"{row.row}=new" for row in guessed)
        printer.note(told.format(n=len(guessed), rows=_rows(guessed), new=new))


def _rows(rows: Iterable[RowDifference]) -> str:
    return ",".join(str(row.row) for row in rows)


def _note_gone(printer: Printer, update: Update, decision: Decision) -> None:
    """Name the way to be rid of tasks that have gone from the list, if nobody chose one."""
    if update.comparison.gone and not decision.how:
        printer.note(
            _(
                "--gone drop drops the tasks that are no longer in the list; --gone delete"
                " deletes them."
            )
        )


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    from tracker.exchange import reading_choices

    parser.add_argument(
        "source",
        metavar=_("FILE"),
        help=_("a list, or the plan of another program; - is standard input"),
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=_("only show what would be imported")
    )
    parser.add_argument("--project", metavar=_("NAME"), help=_("project for tasks that name none"))
    parser.add_argument(
        "--map",
        action="append",
        metavar=_("COLUMN=FIELD"),
        help=_(
            "the field a column holds, such as “Deadline Finance=due”; remembered for this"
            " file name"
        ),
    )
    again = parser.add_mutually_exclusive_group()
    for name, text in (
        ("update", _("show the differences and import the chosen ones")),
        ("new", _("skip tasks that are already here")),
        ("twice", _("import tasks again even if they are already here")),
    ):
        again.add_argument(
            f"--{name}", dest="again", action="store_const", const=name, default="", help=text
        )
    parser.add_argument(
        "--yes",
        action="store_true",
        help=_("with --update: import every change made only in the list"),
    )
    parser.add_argument(
        "--rows",
        metavar=_("ROWS"),
        help=_("with --update: import these rows, such as 3,5-7, 6:due, 4=new"),
    )
    parser.add_argument(
        "--gone",
        choices=("drop", "delete"),
        help=_("with --update: action for tasks no longer in the list"),
    )
    reading_choices.choice_arguments(parser)


CALLS: dict[str, Call] = {
    "import": Call(N_("import a list or the plan of another program"), _import, _import_arguments),
}
