"""The call that reports to those who only read: which file, compared with what."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tracker import remembered
from tracker.arguments import Usage
from tracker.cli.call import DONE, Call, Context, scope_arguments
from tracker.domain.calendar import day_of
from tracker.domain.errors import BadInput, Refused
from tracker.domain.model import Baseline
from tracker.domain.sentence import sentence
from tracker.exchange.target_format import Format, format_argument, format_of, target_argument
from tracker.language import N_, _

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.domain.change import Record
    from tracker.domain.draft import Now
    from tracker.domain.scope import Scope
    from tracker.domain.workspace import Workspace
    from tracker.flow.since_then import PastState
    from tracker.flow.status_report import StatusReport

# When reports were made of a workspace, by what they were of; so many moments are kept.
_MADE, _KEPT = "reports.json", 60


def _html(found: StatusReport) -> bytes:
    # A template engine is nothing for calls that write no page.
    from tracker.report.report_html import write

    return write(found)


def _markdown(found: StatusReport) -> bytes:
    from tracker.report.report_markdown import write

    return write(found)


def _workbook(found: StatusReport) -> bytes:
    from tracker.report.report_workbook import write

    return write(found)


def _json(found: StatusReport) -> bytes:
    import msgspec

    from tracker.cli.report_form import report_form

    return msgspec.json.format(msgspec.json.encode(report_form(found)), indent=2) + b"\n"


FORMATS: tuple[Format[StatusReport], ...] = (
    Format("html", (".html", ".htm"), sentence("a page for any browser, which prints well"), _html),
    Format("md", (".md", ".markdown"), sentence("Markdown for wikis and mails"), _markdown),
    Format(
        "xlsx",
        (".xlsx",),
        sentence("a workbook with tables and charts for controlling"),
        _workbook,
        binary=True,
    ),
    Format("json", (".json",), sentence("all readings, for scripts"), _json),
)


def _format_of(path: Path, name: str) -> Format[StatusReport]:
    if not name and path.name.lower().endswith(".pdf"):
        raise Refused(
            "Reports are not written as PDF: write status.html, open it in a browser and print it"
            " to a PDF file."
        )
    return format_of(path, name, FORMATS)


def _report(context: Context) -> int:
    """Write a report to a file or to standard output."""
    from tracker.exchange import export
    from tracker.exchange.file_names import typed_path
    from tracker.flow import status_report

    args, printer = context.args, context.printer
    piped = args.target == "-"
    if piped and printer.wants_json and args.format not in ("", "json"):
        raise Usage(_("--json and --format exclude each other on standard output"))
    path = typed_path(args.target)
    default = "json" if printer.wants_json else "md"
    format = _format_of(path, args.format or (default if piped else ""))
    if piped and format.binary and printer.terminal:
        raise Usage(_("{format} is nothing for a terminal; name a file").format(format=format.name))
    with context.open() as session:
        ws, now, records = session.workspace, session.now(), [*session.history()]
        place = session.place
    scope = context.scope(ws)
    since, after_report = _since(context, ws, records, now, scope, place)
    printer.passing(_("Simulating the plan …"))
    found = status_report.read(
        ws, records, now, scope=scope, since=since, after_report=after_report
    )
    printer.passing("")
    data = format.write(found)
    if piped:
        printer.data(data)
        return DONE
    export.save(path, data, force=args.force)
    context.changed = True
    _remember(place, scope, ws, now)
    if printer.wants_json:
        form = {"file": str(path.absolute()), "format": format.name, "tasks": len(found.tasks)}
        printer.json(form | {"since": found.since.moment if found.since else None})
    else:
        from tracker.wording.report_page import page

        shown = page(found)
        printer.line(_("{file}: {report} written").format(file=str(path), report=shown.title))
        printer.note(f"{shown.compared}.".replace("..", "."))
    return DONE


def _since(
    context: Context,
    ws: Workspace,
    records: Sequence[Record],
    now: Now,
    scope: Scope,
    place: str,
) -> tuple[datetime | PastState | Baseline | None, bool]:
    """Return what is compared with, and whether that is the last report; raises BadInput.

    It is what was asked for, else the last report of an earlier day, else the newest baseline.
    """
    from tracker.flow.status_report import last_known

    if text := context.args.since:
        return _asked(text, ws, now), False
    made = _made(place, scope)
    earlier = [each for each in made if each.seq <= ws.seq and day_of(each.at) < now.today]
    if earlier:
        return max(earlier, key=lambda each: each.at), True
    return last_known(ws, records, now.at, scope), False


def _made(place: str, scope: Scope) -> list[PastState]:
    """Return when reports of a scope were made; what is half broken counts for nothing."""
    from tracker.flow.since_then import PastState

    try:
        kept = [
            (int(seq), remembered.moment(at))
            for seq, at in remembered.recall(_MADE, place).get(_scope_name(scope), ())
        ]
    except (TypeError, ValueError):
        return []
    return [PastState(seq, at) for seq, at in kept if at]


def _asked(text: str, ws: Workspace, now: Now) -> datetime | Baseline:
    """Return the baseline of a name, else the morning of a day; raises BadInput."""
    from tracker.domain.typing.dates import parse_date
    from tracker.domain.verbs.baselines import called
    from tracker.flow.past import morning

    if found := called(ws, text):
        return found
    try:
        day = parse_date(text, now.today, past=True)
    except BadInput as error:
        names = ", ".join(each.name for each in ws.baselines.values())
        if not names:
            raise
        raise BadInput(
            "{problem} Baselines there are: {names}.", problem=error.sentence, names=names
        ) from None
    moment = morning(day)
    if moment > now.at:
        raise BadInput("{text} lies ahead; name a day that has been.", text=text)
    return moment


def _scope_name(scope: Scope) -> str:
    return ",".join([*map(str, scope.projects), scope.mine]) if not scope.whole else "all"


def _remember(place: str, scope: Scope, ws: Workspace, now: Now) -> None:
    """Remember that a report was made, for the next one to say what has happened since."""
    made = [[each.seq, each.at.isoformat()] for each in _made(place, scope)]
    made.append([ws.seq, now.at.isoformat()])
    remembered.remember(_MADE, place, **{_scope_name(scope): made[-_KEPT:]})


def _arguments(parser: argparse.ArgumentParser) -> None:
    target_argument(parser, FORMATS)
    format_argument(parser, FORMATS)
    parser.add_argument(
        "--since",
        metavar=_("DATE"),
        help=_(
            "compare with this day or baseline (default: your last report, or the newest baseline)"
        ),
    )
    scope_arguments(parser)
    parser.add_argument("--force", action="store_true", help=_("replace an existing file"))


CALLS: dict[str, Call] = {
    "report": Call(N_("report on the plan to those who only read"), _report, _arguments),
}
