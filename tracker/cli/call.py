"""What a call of the command line is, and what it is given."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, NamedTuple

from tracker import config
from tracker.cli.printer import Printer
from tracker.config import Config
from tracker.domain.errors import Refused
from tracker.language import _, say

if TYPE_CHECKING:
    from tracker.domain.scope import Scope
    from tracker.domain.workspace import Workspace
    from tracker.session import Session

DONE, REFUSED, USAGE = 0, 1, 2


class Context:
    """What a call is given: its arguments, the settings, and where it prints."""

    def __init__(
        self, args: argparse.Namespace, settings: Config, printer: Printer, ascii: bool
    ) -> None:
        self.args, self.settings, self.printer, self.ascii = args, settings, printer, ascii
        self.fixed: date | None = args.today

    @property
    def today(self) -> date:
        """The day it is."""
        return self.fixed or datetime.now().astimezone().date()

    def clock(self) -> datetime:
        """Return the time in UTC; a fixed day is always at noon."""
        if self.fixed:
            return datetime.combine(self.fixed, time(12), UTC)
        return datetime.now(UTC)

    @property
    def file(self) -> str:
        """The workspace that is meant."""
        named = self.args.file or os.environ.get("TRACKER_FILE") or self.settings.file
        return workspace_file(os.path.expanduser(named)) if named else config.default_file()

    def scope(self, ws: Workspace) -> Scope:
        """Return what the call is about, by its `scope_arguments`; raises NotFound."""
        from tracker.domain import scope

        return scope.named(ws, self.args.project, config.who() if self.args.mine else "")

    @contextmanager
    def open(self, *, create: bool = False) -> Iterator[Session]:
        """Open the workspace, and print notices about its files, first and last."""
        from tracker.session import Session

        fresh = not is_there(self.file)
        if fresh and not create:
            raise Refused(
                "There is no workspace at {path}; `tracker init` creates an empty one,"
                " `tracker import` imports a list.",
                path=self.file,
            )
        session = Session.open(self.file, who=config.who(), clock=self.clock, today=self.fixed)
        first = session.notices
        try:
            for notice in first:
                self.printer.note(say(notice))
            if fresh:
                self.printer.note(_("New workspace: {path}").format(path=self.file))
            yield session
        finally:
            session.close()
            for notice in session.notices[len(first) :]:
                self.printer.note(say(notice))


def is_there(path: str) -> bool:
    """Return whether there is something of that name; raises Refused where one may not look."""
    try:
        os.lstat(path)
    except PermissionError:
        raise Refused(
            "You have no permission to open {folder}; ask its owner.",
            folder=os.path.dirname(os.path.abspath(path)),
        ) from None
    except OSError:
        return False
    return True


def workspace_file(path: str) -> str:
    """Return the file that is meant: `plan` is `plan.json`, a folder the one within it."""
    if os.path.isdir(path):
        return os.path.join(path, "tracker.json")
    return path if path.endswith(".json") or os.path.isfile(path) else path + ".json"


def project_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option that says which projects a call is about."""
    parser.add_argument(
        "--project",
        metavar=_("NAME"),
        action="append",
        default=[],
        help=_("only this project; may be given several times; “none”: tasks without one"),
    )


def scope_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what of a workspace a call is about."""
    project_argument(parser)
    parser.add_argument(
        "--mine",
        action="store_true",
        help=_("only what concerns me: mine, requested or watched by me, waiting for me"),
    )


def nothing_in_scope() -> str:
    """Return what is said where what a call is about has no tasks."""
    return _("There are no tasks in this scope; without --project and --mine all are shown.")


Handler = Callable[[Context], int]


class Call(NamedTuple):
    """A word that may follow `tracker`: a line of help, what it does, its arguments."""

    help: str
    run: Handler
    arguments: Callable[[argparse.ArgumentParser], None] = lambda _parser: None
