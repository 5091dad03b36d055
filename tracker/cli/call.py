"""What a call of the command line is, and what it is given."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tracker import config
from tracker.arguments import Usage
from tracker.cli.printer import Printer
from tracker.config import Config
from tracker.domain.errors import BadInput, Refused
from tracker.language import _, say
from tracker.store.address import Address, is_address, masked

if TYPE_CHECKING:
    from tracker.domain.scope import Scope
    from tracker.domain.workspace import Workspace
    from tracker.session import Session

DONE, REFUSED, USAGE = 0, 1, 2
# How long a person waits without being told how far it is, in seconds.
PATIENCE = 1.0
T = TypeVar("T")
# As file managers and browsers show a place elsewhere.
_URL = re.compile(r"\s*[a-z][a-z\d+.-]*://", re.IGNORECASE)
# A host, as `scp` takes it, or a drive.
_ELSEWHERE = re.compile(r"([^/\\]*:)[/\\]")


class Context:
    """What a call is given: its arguments, the settings, and where it prints."""

    def __init__(
        self, args: argparse.Namespace, settings: Config, printer: Printer, ascii: bool
    ) -> None:
        self.args, self.settings, self.printer, self.ascii = args, settings, printer, ascii
        self.fixed: date | None = args.today
        # Whether anything has been changed or written, and the exit code of that: both are so
        # whatever becomes of what is said about it.
        self.changed, self.code = False, DONE
        self._login = ""
        self._typed: dict[str, str] = {}
        self._password_told = False
        self._opened: Session | None = None

    @property
    def today(self) -> date:
        """The day it is, or was at the moment that is asked about."""
        return self._moment.astimezone().date() if self._moment else self._now

    @property
    def _now(self) -> date:
        return self.fixed or datetime.now().astimezone().date()

    @cached_property
    def _moment(self) -> datetime | None:
        """The moment that is asked about; raises Usage."""
        if not (text := getattr(self.args, "as_of", None)):
            return None
        from tracker.domain.typing.dates import parse_moment

        try:
            found = parse_moment(text, self._now)
        except BadInput as error:
            raise Usage(f"--as-of: {say(error)}") from None
        # Of the day that is still going on as much as there is.
        going_on = found.date() == self._now and found > self.clock()
        return self.clock() if going_on else found

    def clock(self) -> datetime:
        """Return the time in UTC; a fixed day is always at noon."""
        if self.fixed:
            return datetime.combine(self.fixed, time(12), UTC)
        return datetime.now(UTC)

    @property
    def file(self) -> str:
        """The workspace that is meant, as a file; raises Refused where it is on a server."""
        place = self.place
        if not isinstance(place, str):
            raise Refused(
                "This command needs a file, but {address} is on a server.", address=str(place)
            )
        return place

    @property
    def place(self) -> str | Address:
        """The workspace that is meant: a file, or one on a server.

        What is named on the command line comes before the environment, and that before the
        settings. A name that is no path is that of a workspace on a server, if one is known; the
        address of a server is one wherever it is given.
        """
        file, db = self.args.file or "", self.args.db or ""
        if db and _is_path(file):
            raise Usage(_("--db and a file exclude each other"))
        given = db or os.environ.get("TRACKER_DB", "")
        if not given and not os.environ.get("TRACKER_FILE"):
            given = self.settings.db
        if given and not _is_path(file):
            return self._address(given, file)
        named = file or os.environ.get("TRACKER_FILE") or _in_settings(self.settings.file)
        if is_address(named):
            return self._address(named)
        return workspace_file(os.path.expanduser(named)) if named else config.default_file()

    def _address(self, text: str, workspace: str = "") -> Address:
        address = Address(text, workspace)
        address.typed = dict(self._typed)
        return address

    @property
    def database(self) -> Address:
        """The workspace that is meant, on a server; raises Refused where it is a file."""
        place = self.place
        if isinstance(place, str):
            raise Refused(
                "This command needs a database server: `tracker --db postgresql://host/database …`"
                " names one, and so do TRACKER_DB and the settings."
            )
        return place

    @property
    def there(self) -> bool:
        """Whether the workspace that is meant is there; on a server that is found out later."""
        place = self.place
        return not isinstance(place, str) or is_there(place)

    @property
    def who(self) -> str:
        """The person: on a server the role that connects."""
        place = self.place
        if isinstance(place, str):
            return config.who()
        if not self._login:
            from tracker.store import server

            self._login = self.asking(place, server.login)
        return self._login

    def asking(self, address: Address, act: Callable[[Address], T]) -> T:
        """Do something on a server; a password that it wants is asked for, and not shown."""
        from tracker.store.server import PasswordNeeded

        typed = self.args.db or is_address(self.args.file or "")
        if typed and address.tells_password and not self._password_told:
            self._password_told = True
            self.printer.note(
                _(
                    "The password in the address can be seen by everybody on this machine;"
                    " ~/.pgpass is a place for it."
                )
            )
        while True:
            try:
                return act(address)
            except PasswordNeeded as needed:
                if not (sys.stdin.isatty() and sys.stderr.isatty()):
                    raise
                if needed.unused:
                    self.printer.note(say(needed))
                asked = _("Passphrase of {file}: ") if needed.key else _("Password for {address}: ")
                words = asked.format(address=needed.address.shown, file=needed.key)
                if not (typed_now := self.printer.password(words)):
                    raise
                needed.address.typed[needed.option] = typed_now
                if needed.address is address:
                    self._typed = address.typed

    def demand_whole(self) -> None:
        """Raise Damaged where what was opened contradicts itself, which nothing can work with."""
        if self._opened is not None:
            self._opened.demand_whole()

    def scope(self, ws: Workspace) -> Scope:
        """Return what the call is about, by its `scope_arguments`; raises NotFound."""
        from tracker.domain import scope

        return scope.named(ws, self.args.project, self.who if self.args.mine else "")

    @contextmanager
    def open(self, *, create: bool = False) -> Iterator[Session]:
        """Open the workspace, and print notices about its files, first and last."""
        from tracker.session import Session

        place = self.place
        fresh = not self.there
        if fresh and not create:
            raise Refused(
                "There is no workspace at {path}; `tracker init` creates an empty one,"
                " `tracker import` imports a list.",
                path=str(place),
            )
        opening = partial(Session.open, who=config.who(), clock=self.clock, today=self.fixed)
        if isinstance(place, str):
            session = opening(place)
        else:
            session = self.asking(place, opening)
            self._login = session.who
            if (named := os.environ.get("TRACKER_USER")) and named != session.who:
                words = _(
                    "TRACKER_USER is ignored on a server: changes are recorded as {who},"
                    " your role there."
                )
                self.printer.note(words.format(who=session.who))
        self._opened, first = session, session.notices
        try:
            for notice in first:
                self.printer.note(say(notice))
            if fresh:
                self.printer.note(_("New workspace: {path}").format(path=str(place)))
            if self._moment:
                from tracker.domain.sentence import timed

                session = session.at(self._moment)
                words = _("As of {moment}:").format(moment=say(timed(self._moment)))
                self.printer.note(words)
            yield session
        finally:
            self.changed = self.changed or session.changed
            session.close()
            for notice in session.notices[len(first) :]:
                self.printer.note(say(notice))


def named_place(file: str | None, db: str | None = None) -> str:
    """Return what a further call has to name to be about the same workspace, but no password."""
    from shlex import quote

    if file and is_address(file):
        db, file = file, None
    options = {"--db": masked(db or ""), "--file": file}
    return " ".join(f"{option} {quote(name)}" for option, name in options.items() if name)


def is_there(path: str) -> bool:
    """Return whether there is a workspace, or what is left of it; a link may lead nowhere.

    Raises Refused where one may not look.
    """
    try:
        os.lstat(os.path.realpath(path))
    except PermissionError:
        raise Refused(
            "You have no permission to open {folder}; ask its owner.",
            folder=os.path.dirname(os.path.abspath(path)),
        ) from None
    except OSError:
        from tracker.store.file_log import is_left

        return is_left(path)
    return True


def _is_path(name: str) -> bool:
    """Return whether a name is that of a file whatever else there is."""
    return name.endswith(".json") or os.sep in name


def _in_settings(path: str) -> str:
    """Return a path from the settings as the system takes it; raises BadInput where it can be none.

    They are UTF-8, whatever the locale takes names of files to be.
    """
    if "\0" in path:
        raise BadInput("{path} cannot be the name of a file.", path=path)
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return os.fsdecode(path.encode())
    return path


def workspace_file(path: str) -> str:
    """Return the file that is meant: `plan` is `plan.json`, a folder the one within it.

    Raises BadInput for an address, which would be taken for folders of that name.
    """
    elsewhere = _ELSEWHERE.match(path)
    if elsewhere and (os.path.isdir(elsewhere[1]) or os.path.exists(path)):
        elsewhere = None  # somebody has a folder, or a file, of that name
    if elsewhere or _URL.match(path):
        raise BadInput(
            "{path} is an address; name the path of a file, or a database such as"
            " postgresql://host/database.",
            path=path,
        )
    # A folder that is yet to be made is one already: else another file would be meant afterwards.
    if os.path.isdir(path) or os.path.basename(path) in ("", os.curdir, os.pardir):
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
    as_of_argument(parser)
    parser.add_argument(
        "--mine",
        action="store_true",
        help=_("only what concerns me: mine, requested or watched by me, waiting for me"),
    )


def as_of_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option that says of which moment a call tells."""
    parser.add_argument(
        "--as-of",
        metavar=_("DATE"),
        help=_("as it was at the end of a day, or at a time: 3.5., “3.5. 14:00”"),
    )


def capacity_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option that has a call plan with what people and departments can do."""
    parser.add_argument(
        "--capacity",
        action="store_true",
        help=_("limited capacity of people and departments"),
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
