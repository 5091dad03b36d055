"""The import, read beside the screen: what a list would change is asked, and then carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, suppress
from contextvars import copy_context
from functools import partial
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual.app import App
from textual.worker import Worker, get_current_worker

from tracker import config
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.verbs.commands import Command
from tracker.language import _
from tracker.session import Session
from tracker.tui.host import NOT_STORED, OVERTURNED, Host

if TYPE_CHECKING:
    from tracker.exchange.importing import Asked, Import
    from tracker.exchange.outcome import Report
    from tracker.exchange.source import How
    from tracker.exchange.updating import Update
    from tracker.tui.dialogs.import_columns import ColumnMeanings
    from tracker.tui.dialogs.import_report import Imported
    from tracker.tui.dialogs.underway import Underway

# How long a person waits without being told that it goes on, in seconds.
_PATIENCE = 1.0
# So often an import is worked out while others may go on.
_TIMES = 3


class _Compared(NamedTuple):
    """A list that is here already, beside the plan, and the report on all that could be taken.

    `beside` is whether it has something new that is in no row.
    """

    update: Update
    whole: Report
    beside: bool


class _Previewed(NamedTuple):
    """The plan of another program, and the report on what its import would do."""

    taken: Import
    report: Report


class _Wish(NamedTuple):
    """What somebody wants to import, and how; `again` as for `importing.Import`."""

    path: str
    again: Asked = ""
    how: How | None = None
    unread: Callable[[], object] | None = None
    meanings: ColumnMeanings | None = None
    begun: float = 0.0


async def _beside(read: Callable[[], None]) -> None:
    """Have a file read in a thread of its own, for which nobody waits who leaves.

    Reading cannot be stopped: the file may be large, or on a drive that does not answer.
    """
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def work() -> None:
        read()
        with suppress(RuntimeError):  # all has been left meanwhile
            loop.call_soon_threadsafe(over.set)

    Thread(target=copy_context().run, args=(work,), daemon=True).start()
    await over.wait()


class TakingIn:
    """Takes lists in; `held` holds all keys back for as long as an import is worked out."""

    def __init__(
        self, app: App[Any], session: Session, held: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._app, self._host = app, cast("Host", app)
        self._session, self._held = session, held
        # What says that a file is still being read.
        self._box: Underway | None = None

    def take_in(
        self,
        path: str,
        again: Asked = "",
        how: How | None = None,
        unread: Callable[[], object] | None = None,
    ) -> None:
        """Import a list, and show what became of it; `again` as for `importing.Import`.

        Of a list that is here already it is shown what has changed, and asked what of it to take;
        of the plan of another program what its import would do, and asked whether it shall. What
        cannot be read is told, and `unread` called. Raises Refused in the past.
        """
        self._host.only_now()
        self._begin(_Wish(path, again, how, unread))

    def _read_again(self, wish: _Wish, meanings: ColumnMeanings | None) -> None:
        """Show what a list says if some of its columns mean something else; None: leave it."""
        if meanings is not None:
            self._begin(wish._replace(again="update", meanings=meanings))

    def _begin(self, wish: _Wish) -> None:
        wish = wish._replace(begun=monotonic())
        self._host.tell(_("Opening {path} …").format(path=wish.path), "dim")
        reading = _beside(partial(self._read, wish))
        worker = self._app.run_worker(reading, exclusive=True, group="import")
        self._app.set_timer(_PATIENCE, partial(self._wait, worker, wish.path))

    def _wait(self, worker: Worker[None], path: str) -> None:
        """Show that a file is still being read, and let it be stopped."""
        from tracker.tui.dialogs.underway import Underway

        begun = monotonic()

        def far() -> str:
            seconds = round(monotonic() - begun + 1)
            return _("Reading {file}: {seconds} s").format(file=path, seconds=seconds)

        if worker.is_running and not self._host.free:
            self._app.set_timer(_PATIENCE, partial(self._wait, worker, path))
        elif worker.is_running:
            self._box = Underway(_("Import"), far, lambda: not worker.is_running)
            self._app.push_screen(self._box, partial(self._stopped, worker))

    def _stopped(self, worker: Worker[None], stop: bool | None) -> None:
        # Left by itself, it has been read.
        if stop is None and worker.is_running:
            worker.cancel()
            self._host.tell(_("The import was stopped; nothing has changed."))

    def _read(self, wish: _Wish) -> None:
        from tracker.exchange.file_names import typed_path

        try:
            prepared = self._prepared(typed_path(wish.path), wish)
        except Exception as error:
            # A list is other people's work: whatever is in it, the plan on the screen goes on.
            if isinstance(error, TrackerError):
                self._host.from_thread(self._host.tell_error, error)
            else:
                self._host.from_thread(self._tell_failed, wish.path, error)
            if wish.unread is not None:
                self._host.from_thread(wish.unread)
        else:
            # When its turn comes, like a key's: nothing else is carried out meanwhile.
            taken = partial(self._show_taken, get_current_worker(), prepared, wish)
            self._host.from_thread(self._app.call_later, taken)

    def _prepared(self, file: Path, wish: _Wish) -> Import | _Compared | _Previewed:
        """Read a list and try it on the plan; may take its time."""
        again, meanings = wish.again, wish.meanings or {}
        from tracker.exchange import column_choices, importing
        from tracker.exchange.source import How
        from tracker.exchange.updating import Update

        ws, plain = self._host.workspace, "" if again == "update" else again
        kept = config.state_folder()
        before = column_choices.remembered(kept, file.name)
        taken = importing.read(
            file,
            today=self._host.today,
            again=plain,
            columns=meanings,
            before=before,
            ws=ws,
            how=wish.how or How(),
        )
        if meanings:
            column_choices.remember(kept, file.name, meanings)
        past = taken.look_back(self._session.history(), ws)
        if again == "update" or (not again and taken.is_here(ws)):
            update = Update(taken.source, ws, past)
            now = self._session.now()
            whole = update.tried(ws, now, update.everything())
            return _Compared(update, whole, update.beside(ws, now))
        _change, report = taken.plan(ws, self._session.now())
        return _Previewed(taken, report) if taken.source.format else taken

    def _tell_failed(self, path: str, error: Exception) -> None:
        """Say that a list could not be worked with, and where the reason is kept."""
        words = _("{path} could not be imported because of an error in tracker; details: {log}")
        self._host.tell_failure(words, error, path)

    async def _show_taken(
        self, worker: Worker[None], prepared: Import | _Compared | _Previewed, wish: _Wish
    ) -> None:
        if worker.is_cancelled:
            return  # it was stopped as its turn came
        if self._box is not None:
            self._box.dismiss(False)
            self._box = None
        if self._host.turned > wish.begun:
            self._host.tell_error(Refused(OVERTURNED))
        elif isinstance(prepared, _Compared):
            self._app.run_worker(self._safely(self._ask_what_to_take(*prepared, wish), wish))
        elif isinstance(prepared, _Previewed):
            asked = self._ask_whether(prepared.taken, prepared.report, wish)
            self._app.run_worker(self._safely(asked, wish))
        else:
            await self._safely(self._take(prepared.command, wish), wish)

    async def _safely(self, step: Awaitable[None], wish: _Wish) -> None:
        """Have the plan on the screen go on, whatever goes wrong in a step of an import."""
        try:
            await step
        except Exception as error:
            self._tell_failed(wish.path, error)

    async def _ask_whether(self, taken: Import | Update, report: Report, wish: _Wish) -> None:
        """Show what an import would do, and carry it out if wanted."""
        from tracker.tui.dialogs.import_report import ImportPreview

        await self._host.until_free()
        failed: list[Exception] = []
        box = ImportPreview(report, taken.source.file).surviving(failed.append)
        wanted = await self._app.push_screen_wait(box)
        if failed:
            raise failed[0]
        if wanted:
            from tracker.exchange.updating import Decision, Update

            command = taken.command(Decision()) if isinstance(taken, Update) else taken.command
            await self._take(command, wish)
        else:
            self._host.tell(_("Nothing was imported."))

    async def _ask_what_to_take(
        self, update: Update, whole: Report, beside: bool, wish: _Wish
    ) -> None:
        from tracker.exchange.updating import Decision
        from tracker.tui.dialogs.import_report import ImportReport
        from tracker.tui.dialogs.import_update import Differences

        await self._host.until_free()
        if beside and not (update.comparison.says_more or update.comparison.gone):
            await self._ask_whether(update, whole, wish)
            return
        if not (update.comparison.says_more or update.comparison.gone):
            nothing = _("{file} contains nothing new.").format(file=update.source.file)
            self._host.tell(nothing)
            if update.unread:
                self._app.push_screen(ImportReport(whole, nothing))
            return
        # As the plan was when it was compared: others may have gone on since.
        tried = partial(update.tried, update.compared, self._session.now())
        box = Differences(update, whole, tried).surviving(partial(self._tell_failed, wish.path))
        answer = await self._app.push_screen_wait(box)
        if isinstance(answer, Decision):
            await self._take(update.command(answer), wish)
        else:
            self._read_again(wish, answer)

    async def _take(self, command: Command, wish: _Wish) -> None:
        """Carry an import out, and show its report; it is worked out beside the screen."""
        from tracker.exchange.outcome import report_of
        from tracker.tui.dialogs.import_report import Imported

        with self._host.telling():
            try:
                with self._held():
                    # Where somebody changes something each time it is worked out with others held
                    # off.
                    for _time in range(_TIMES):
                        prepared = await asyncio.to_thread(self._session.prepared, command)
                        self._host.follow()
                        if self._host.turned > wish.begun:
                            raise Refused(OVERTURNED)
                        if prepared.about is self._session.workspace:
                            break
            except asyncio.CancelledError:
                self._host.note_leaving(NOT_STORED)
                raise
            record = await self._host.carry_out(prepared, late=True)
            box = Imported(report_of(record)).surviving(partial(self._tell_failed, wish.path))
            self._app.run_worker(self._report(box, wish))

    async def _report(self, box: Imported, wish: _Wish) -> None:
        """Show the report on an import, once nobody is typing."""
        await self._host.until_free()
        self._app.push_screen(box, partial(self._read_again, wish))
