"""The app: the one place that sees the session, carries out commands and reports refusals."""

from __future__ import annotations

import asyncio
import math
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from datetime import date, datetime
from functools import partial
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from textual import events, work
from textual.binding import Binding
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.geometry import Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.reactive import reactive
from textual.worker import get_current_worker

from tracker import language, remembered, shutdown, terminal_text
from tracker.domain import status
from tracker.domain.change import Record
from tracker.domain.draft import Now, not_found
from tracker.domain.errors import Busy, Conflict, NotFound, Refused, TrackerError
from tracker.domain.model import Baseline, Entity, Task
from tracker.domain.scope import Scope
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.inquiry import BackUp, Outlook, RatesUsed
from tracker.language import _, ngettext, say
from tracker.session import Past, Session
from tracker.tui import calculating, keys
from tracker.tui.aim import Aim
from tracker.tui.appearance import Appearance
from tracker.tui.forecasting import Forecasting
from tracker.tui.handing_out import HandingOut
from tracker.tui.host import NOT_STORED, OVERTURNED, DayPart
from tracker.tui.messages import Do
from tracker.tui.taking_in import TakingIn
from tracker.tui.terminal import private_parts, signals, spare, updates
from tracker.tui.terminal.sanitise import Harmless
from tracker.tui.terminal.typeahead import TypeAhead, Typed
from tracker.tui.trail import Trail
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.going import TaskNumber
from tracker.tui.view.work import WorkScreen
from tracker.tui.views import Views
from tracker.wording import change_words, show
from tracker.wording.figures import moment as moment_words

if TYPE_CHECKING:
    from tracker.domain.typing.filters import Query
    from tracker.tui.dialogs.questions import Welcome
    from tracker.tui.tutorial import Tutorial

# A terminal may tell any size, up to 65,535 by 65,535 cells; nobody has more than these in sight.
_LARGEST = Size(1_000, 500)
# Other people's changes are looked for this often: one `stat` each time.
_FOLLOW_SECONDS = 0.25
# What others did has been painted after so many seconds, on a slow machine too.
_PROVEN_SECONDS = 3.0
# What is pressed on the mouse waits for what was typed before.
_PRESSED = events.MouseDown | events.MouseUp
# So often the program goes on after a failure of its own before the next key.
_FAILURES = 3
# How often it is looked whether a line or a dialog is left that something waits for.
_FREE_SECONDS = 0.05
# Who else is here is looked up this often.
_OTHERS_SECONDS = 3.0
# A new day is looked for this often.
_DAY_SECONDS = 1.0
# During the tutorial, what one has done is looked for this often.
_LESSON_SECONDS = 0.3
# The checkpoint is written when nothing has been done for so long.
_REST_SECONDS = 2.0
# While somebody else is writing: how often a change is tried again, for how long nothing is said
# of that, and when it is given up.
_TRY_AGAIN_SECONDS = 0.02
_UNNOTICED_WAIT = 0.2
_LONGEST_WAIT = 5.0
# And where somebody wants to leave, for each of what was typed before.
_WAIT_TO_LEAVE = 0.3
# How long threads are given to come to their end once the program is left, in seconds.
_WAIT_FOR_THREADS = 0.7
# So long nothing is said of a server that has not answered yet, and it is looked how it is.
_UNANSWERED_WAIT = 2.0


class _KeptScope(msgspec.Struct, frozen=True):
    """A scope as it is remembered between runs: whose it is, is whoever runs the program."""

    projects: tuple[int, ...] = ()
    mine: bool = False


class TrackerApp(private_parts.EndingApp):
    """The screen of one person on one workspace; it ends with "demo" if that is to be opened."""

    TITLE = "tracker"
    ENABLE_COMMAND_PALETTE = False
    # Text is selected by the terminal, with Shift. Textual would look for it in parts of the screen
    # that have just gone.
    ALLOW_SELECT = False
    CSS = """
    Screen { background: ansi_default; color: ansi_default; }
    """
    BINDINGS: ClassVar = [
        Binding("ctrl+q", "quit", show=False, priority=True, id="quit"),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]

    workspace: reactive[Workspace] = reactive(Workspace, repaint=False, always_update=False)
    # When it will be over, as far as that has been worked out.
    outlook: reactive[Outlook | None] = reactive(None, repaint=False)
    # What of the workspace all views are about.
    scope: reactive[Scope] = reactive(Scope, repaint=False)
    # The day it is for the person at the screen.
    today: reactive[date] = reactive(date.min, repaint=False)
    # Who else has the workspace open.
    others: reactive[tuple[str, ...]] = reactive((), repaint=False)
    # Whether others' changes cannot be seen for now, since the server is not reached.
    offline: reactive[bool] = reactive(False, repaint=False)

    # What the tutorial says.
    lesson: reactive[tuple[show.Piece, ...]] = reactive((), repaint=False)

    def __init__(
        self,
        session: Session,
        *,
        ascii: bool = False,
        welcome: str = "",
        keymap: Mapping[str, str] | None = None,
        view: str = "board",
        tutorial: bool = False,
    ) -> None:
        super().__init__()
        updates.install()
        self.theme = "ansi-dark"
        self.session = session
        self._welcome = welcome
        self._taught = tutorial and self.recalled("tutorial") is not False
        self._tutorial: Tutorial | None = None
        # What one comes back to, and leaves the program from: there is no day without a task to do.
        has_work = any(task.open for task in session.workspace.tasks.values())
        self.home = view if has_work or view != "today" else "board"
        self.unsent: dict[tuple[object, ...], Mapping[str, str]] = {}
        self._complaints = keys.remap(keymap or {})
        self._appearance = Appearance(self, os.environ)
        self.asks_ground = self._appearance.asks
        if self._appearance.complaint is not None:
            self._complaints.append(say(self._appearance.complaint))
        self.ascii = ascii
        self.glyphs = show.ASCII if ascii else show.UNICODE
        language.spell(terminal_text.ascii_only if ascii else str)
        self.forecasting = Forecasting(self)
        self.number = TaskNumber(self)
        self._views = Views(self)
        self._filter = Harmless(ascii)
        self._tally = status.Tally.of(Workspace(), date.min)
        self._typed = TypeAhead(self, self._press)
        # Gives up what threads wait for, once the program is left.
        self.giving_up: Timer | None = None
        self.turned, self._turns = -math.inf, session.turns
        # Until when what was typed was typed behind a change that waited in vain.
        self._in_vain = 0.0
        # What was shown before others' last change, with what has been done here since.
        self.seen, self.seen_on = session.workspace, session.now().today
        self._trail = Trail()
        self.take_in = TakingIn(self, session, self._typed.held).take_in
        self._handing_out = HandingOut(self, session.place)
        # What was shown before others' last change, when that was taken in, and whether it cannot
        # be shown: until they do something else, everything shown is from before it.
        self._past: Past | None = None
        self._before, self._taken_in, self._unshowable = session.workspace, -_PROVEN_SECONDS, False
        # What has become of the workspace, until a key is pressed on the view that says so: a box
        # may hide it, and what others do next would take its place.
        self._alarm = ""
        # Why something was refused last.
        self._refusal = ""
        # Whether the key has been pressed that leaves at once; its turn may come later.
        self._to_be_left = False
        # How often the program has failed since the last key.
        self._failures = 0
        # Changes are made one after the other, each with the retries it needs.
        self._turn = asyncio.Lock()
        self.set_reactive(TrackerApp.workspace, session.workspace)
        self.set_reactive(TrackerApp.today, session.now().today)
        self.set_reactive(TrackerApp.scope, self._recalled_scope())

    @property
    def who(self) -> str:
        """The person at the screen, as typed by others."""
        return self.session.who

    @property
    def rates(self) -> RatesUsed:
        """The rates of return that the outlook is worked out with."""
        return self.forecasting.rates

    @property
    def capacity(self) -> bool:
        """Whether the outlook is worked out with limited capacity of people and departments."""
        return self.forecasting.capacity

    @property
    def back_up(self) -> BackUp:
        """By when the outlook takes systems that are down to be up again."""
        return self.forecasting.back_up

    def now(self) -> Now:
        """Return the time, the date and the person, as commands are given them."""
        return self._shown.now()

    @property
    def distant(self) -> bool:
        """Whether what is read and done goes over a network, and may keep one waiting."""
        return self.session.distant

    def history_of(self, task: int) -> list[Record]:
        """Return the records that are about a task; may be called from a thread."""
        return self._shown.history_of(task)

    def history(self, since: int = 0) -> Iterator[Record]:
        """Walk over the records kept after number `since`, oldest first; also from a thread."""
        return self._shown.history(since)

    @property
    def _shown(self) -> Session:
        """What is shown: what is true now, or was."""
        return self._past or self.session

    @property
    def past(self) -> datetime | None:
        """The moment as of which all is shown; None while it is what is true now."""
        return self._past.moment if self._past else None

    @property
    def free(self) -> bool:
        """Whether nothing is being asked or typed, so that a box takes no keys meant for that."""
        screen = next(reversed(self.screen_stack), None)  # None once the app is left
        return not (getattr(screen, "under_way", False) or getattr(screen, "ASKS", False))

    async def until_free(self) -> None:
        """Return once nothing is being asked or typed: for a box that comes up by itself."""
        while not self.free or self._typed.behind:
            await asyncio.sleep(_FREE_SECONDS)

    def only_now(self) -> None:
        """Raise Refused while something past is shown, which can only be read."""
        if self._past is not None:
            raise self._past.refuse()

    def show_past(self, moment: datetime | None) -> None:
        """Show everything as it was at a moment, read only; None: as it is now."""
        if moment is not None:
            self.tell(_("Going back …"), "dim")
            self._go_back(moment)
        elif self._past is not None:
            self._show(None)
            self.tell(_("Back to now."))

    @work(thread=True, exclusive=True, group="past")
    def _go_back(self, moment: datetime) -> None:
        try:
            past = self.session.at(moment)
        except TrackerError as error:
            self.from_thread(self.tell_error, error)
        else:
            self.from_thread(self._show, past)

    def _show(self, past: Past | None) -> None:
        self._past = past
        self._show_lesson()
        if past is None:
            # What has become of it meanwhile was not shown.
            self._aim(news=True)
        self.workspace = self._shown.workspace
        self.look_at_the_clock()
        # What is being asked or typed meanwhile stays in front.
        if past is not None and isinstance(self.screen, WorkScreen) and self.free:
            self.show_view("board")
        if past is not None:
            self._chosen()

    def _show_lesson(self) -> None:
        """Show what the tutorial says, or of which moment everything is."""
        if self._past is not None:
            words = _("The plan as of {moment}, read only; {key:back} returns to now.")
            told = keys.named(words, moment=moment_words(self._past.moment))
            self.lesson = ((f" {told} ", "hit"),)
        else:
            self.lesson = self._tutorial.pieces if self._tutorial else ()

    def recalled(self, name: str) -> Any:
        """Return what was remembered of the workspace under a name, None if nothing is."""
        return remembered.recall(remembered.VIEWS, self.session.place).get(name)

    def remember(self, **values: Any) -> None:
        """Remember values of the workspace by their names until the next run."""
        if self.session.place:
            remembered.remember(remembered.VIEWS, self.session.place, **values)

    def look_at(self, scope: Scope) -> None:
        """Have all views be about a part of the workspace from now on, also in the next run."""
        self.scope = scope
        self._chosen()
        self.remember(scope={"projects": scope.projects, "mine": bool(scope.mine)})

    def _recalled_scope(self) -> Scope:
        """Return what was looked at last; all where that says nothing to this program."""
        found = self.recalled("scope")
        try:
            kept = msgspec.convert(found, _KeptScope) if found else _KeptScope()
        except msgspec.ValidationError:
            kept = _KeptScope()
        return Scope(kept.projects, self.who if kept.mine else "").known(self.session.workspace)

    def foresee(
        self,
        rates: RatesUsed | None = None,
        *,
        capacity: bool | None = None,
        back_up: BackUp | None = None,
    ) -> None:
        """Work the outlook out to the end, assuming something else if asked to."""
        self.forecasting.hurry(rates, capacity=capacity, back_up=back_up)

    def tally(self, ws: Workspace) -> status.Tally:
        """Return the counts of tasks in scope that need attention today."""
        scope = self.scope.known(ws)
        if not scope.whole:
            return status.Tally.of(ws, self.today, scope.tasks(ws).values())
        self._tally = self._tally.going_on(ws, self.today)
        return self._tally

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's filters, and behind them the one that keeps the terminal safe."""
        return (*super().get_line_filters(), self._filter)

    def post_message(self, message: Message) -> bool:
        """Take a message in its turn; the wish to leave is known before."""
        if isinstance(message, events.Key) and message.key in keys.keys_for("quit"):
            self._to_be_left = True
        return super().post_message(message)

    async def on_event(self, event: events.Event) -> None:
        """Take each key, and what is pasted, in its turn; and a size, if it can be one."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._failures = 0
            if self.free:
                self._alarm = ""
            await self._typed.take(event)
        elif isinstance(event, events.MouseEvent) and self._is_outside(event):
            # Of a cell that the screen does not have, in a window that has just grown, say.
            event.stop()
        elif isinstance(event, _PRESSED) and not event.is_forwarded and self._typed.behind:
            await self._typed.take(event)
        elif isinstance(event, events.Resize):
            size = Size(
                min(event.size.width, _LARGEST.width), min(event.size.height, _LARGEST.height)
            )
            await super().on_event(events.Resize(size, size, size, event.pixel_size))
        else:
            await super().on_event(event)

    def _is_outside(self, event: events.MouseEvent) -> bool:
        """Whether the mouse is where the screen has no cell: in a window that has just grown."""
        screen = next(reversed(self.screen_stack), None)
        return not event.is_forwarded and screen is not None and event.offset not in screen.region

    async def _press(self, event: Typed) -> None:
        """Have a key work, unless it was meant for what became of a change that was refused."""
        leaves = isinstance(event, events.Key) and event.key in keys.keys_for("quit")
        comes_before = getattr(self.screen, "comes_before", None)
        if not leaves and comes_before is not None and not comes_before(event.time):
            self.bell()  # it was meant for what a box has come up over
            return
        if event.time > self._in_vain or leaves:
            await super().on_event(event)
            return
        # A box says itself why it was refused.
        if isinstance(self.screen, WorkScreen):
            self.screen.tell_stopped()

    def on_app_blur(self, event: events.AppBlur) -> None:
        """Leave the cursor where it is while another window has the keys."""
        event.prevent_default()

    def on_mount(self) -> None:
        """Follow what others do, and open the first view."""
        self.watch_for_failures()
        self.set_interval(_FOLLOW_SECONDS, self.follow)
        self.session.watch(self._woken)
        self.look_for_others()
        self.set_interval(_OTHERS_SECONDS, self.look_for_others)
        self.set_interval(_DAY_SECONDS, self.look_at_the_clock)
        self._rest = self.set_interval(_REST_SECONDS, self._checkpoint, pause=True)
        self.set_keymap(keys.keymap())
        self._teaching = self.set_interval(_LESSON_SECONDS, self.notice, pause=True)
        # What is painted while the app is being mounted is thrown away, and painted again later.
        self.call_later(self._open)

    def _open(self) -> None:
        self.show_view(self.home)
        self.forecasting.follow()
        if told := [*self._complaints, *map(say, self.session.notices)]:
            # The view has no line for it before it is mounted.
            self.call_after_refresh(self.tell, " ".join(told), "warn")
        if self._taught:
            self.call_after_refresh(self.teach, True)
        if self._welcome:
            from tracker.tui.dialogs.questions import Welcome

            self._begin(Welcome(self._welcome))

    def on_ground_told(self, message: private_parts.GroundTold) -> None:
        """Look as is right on the ground of the terminal."""
        self._appearance.take("light" if message.light else "dark")

    # What is true

    async def carry_out(self, command: Command, *, late: bool = False) -> Record:
        """Carry a command out, say what was done, and return its record; raises TrackerError.

        What comes `late`, after work beside the screen, is news for keys that were pressed before,
        as is what had to wait.
        """
        record = await self._act(partial(self.session.do, command), late=late)
        self.tell(*change_words.done(record, self.session.workspace, self.glyphs))
        return record

    async def on_do(self, message: Do) -> None:
        """Carry a command out, or say why it was refused."""
        with self.telling():
            if message.time < self.turned:
                raise Refused(OVERTURNED)
            try:
                await self.carry_out(message.command)
            except (Conflict, NotFound):
                # Others were first, unseen here: what was typed on rests on what was seen.
                if isinstance(self.screen, WorkScreen):
                    self.screen.aim.refuse()
                raise

    async def _act(self, act: Callable[[], Record], *, late: bool = False) -> Record:
        """Have the session do something, and show the result; raises TrackerError.

        While somebody else is writing it is tried again and again: the screen stays alive, and
        the keys that come wait for their turn.
        """
        self.only_now()
        begun, done, noted = monotonic(), None, self.session.notices
        asked: Future[Record] = Future()
        try:
            async with self._turn:
                # Meanwhile the app takes in what others do, but what is typed waits.
                try:
                    with self._typed.held(), self._impatient():
                        while True:
                            if self.turned > begun:
                                raise Refused(OVERTURNED)
                            asked = Future()
                            try:
                                if self.distant:
                                    await self._answer(asked, act)
                                else:
                                    _attempt(asked, act)
                                done = asked.result()
                                self._trail.note(done)
                                return done
                            except Busy as busy:
                                waited = monotonic() - begun
                                longest = _WAIT_TO_LEAVE if self._to_be_left else _LONGEST_WAIT
                                # Without a server there is no telling for how long.
                                if self.leaving or self.offline or waited > longest:
                                    raise
                                if waited > _UNNOTICED_WAIT:
                                    who = busy.who or _("others")
                                    self._tell_waiting(_("Waiting for {who} …").format(who=who))
                            await asyncio.sleep(_TRY_AGAIN_SECONDS)
                except TrackerError:
                    # Whoever saw it wait has typed on as if it were to be done.
                    if monotonic() - begun > _UNNOTICED_WAIT:
                        self._in_vain = monotonic()
                    raise
                finally:
                    self._tell_waiting("")
                    self._heed_turn()
                    if self._past is None and not self._unshowable:
                        had_to_wait = monotonic() - begun > _UNNOTICED_WAIT
                        self._show_truth(done, late=late or had_to_wait)
                    self._rest.reset()
                    self._rest.resume()
        except (asyncio.CancelledError, TrackerError):
            # What a thread is still at is told by that: nobody waits for it here any more.
            asked.cancel()
            asked.add_done_callback(partial(self._note_undone, noted))
            raise

    async def _found(self, act: Callable[[], Record]) -> Record:
        """Return what the session finds; what is typed waits for a server. Raises TrackerError."""
        asked: Future[Record] = Future()
        async with self._turn:
            with self._typed.held(), self._impatient():
                if self.distant:
                    try:
                        await self._answer(asked, act)
                    finally:
                        self._tell_waiting("")
                else:
                    _attempt(asked, act)
        return asked.result()

    def _note_undone(self, noted: Sequence[Sentence], asked: Future[Record]) -> None:
        """Have it said behind the screen what was not done, unless something has been `noted`."""
        error = None if asked.cancelled() else asked.exception()
        if self.session.notices != noted:
            return
        if asked.cancelled() or isinstance(error, Busy):
            self.note_leaving(NOT_STORED)
        elif isinstance(error, TrackerError):
            self.note_leaving(error.sentence)

    def exit(self, *arguments: Any, **options: Any) -> None:
        """Leave; what threads still wait for is given up, unless that comes at once."""
        super().exit(*arguments, **options)
        at_work = any(worker.is_running for worker in self.workers)
        calculated = calculating.under_way()
        if (calculated or (self.distant and at_work)) and self.giving_up is None:
            self.giving_up = Timer(_WAIT_FOR_THREADS, self._give_up, (calculated,))
            self.giving_up.start()

    def _give_up(self, calculated: frozenset[object]) -> None:
        if self.distant:
            self.session.hang_up()
        calculating.give_up(calculated)

    def note_leaving(self, words: Sentence) -> None:
        """Have something said behind the screen, if that is being left."""
        if self.leaving or self._to_be_left or self.stopped_by:
            self.session.note(words)

    def note_behind(self) -> None:
        """Have it said behind the screen that a signal ended it before all that was typed."""
        if self.stopped_by and self._typed.behind:
            self.session.note(
                sentence(
                    "The screen was ended before all you had typed was done: see what is there."
                )
            )

    def _tell_waiting(self, words: str) -> None:
        """Say what is waited for, also in the box in front, which may hide the view."""
        if words:
            self.tell(words, "dim")
        for screen in self.screen_stack[-1:]:
            if tell := getattr(screen, "tell_waiting", None):
                tell(words)

    async def _answer(self, asked: Future[Record], act: Callable[[], Record]) -> None:
        """Have a server do something; the screen goes on, and says so where that takes long."""
        answer = asyncio.ensure_future(asyncio.to_thread(_attempt, asked, act))
        try:
            while not (await asyncio.wait({answer}, timeout=_UNANSWERED_WAIT))[0]:
                self._look_at_the_line()
                if self.leaving or self._to_be_left:
                    self.session.hang_up()
                elif not self.offline:
                    self._tell_waiting(_("Waiting for the server …"))
            await answer
        except asyncio.CancelledError:
            # Nobody is there any more who would give it up.
            if self.leaving:
                self.session.hang_up()
            raise
        finally:
            answer.cancel()

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        """Keep the session from waiting for others: the screen would freeze meanwhile."""
        patience, self.session.patience = self.session.patience, 0.0
        try:
            yield
        finally:
            self.session.patience = patience

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Report a refusal raised inside, and end the block there."""
        try:
            yield
        except TrackerError as error:
            self.tell_error(error)

    @work
    async def undo(self, seq: int = 0) -> None:
        """Take back the newest of one's own changes, or that of the record `seq`.

        It is asked first where much goes with it, or it is somebody else's.
        """
        with self.telling():
            self.only_now()
            self._follow_on()
            if not seq and self._trail.undone_by:
                who, self._trail.undone_by = self._trail.undone_by, ""
                raise Refused(
                    "{who} has undone what you did last already. Press {undo} again to undo what"
                    " you did before.",
                    who=who,
                    undo=keys.key_of("undo"),
                )
            record = await self._found(partial(self.session.to_undo, seq=seq))
            mine = record.who == self.who
            if record.change.sweeping or not mine:
                from tracker.tui.dialogs.questions import Confirm

                words = _("Undo “{what}”? {effect}; {key:redo} restores it.")
                if not mine:
                    words = _("Undo “{what}” by {who}? {effect}; {key:redo} restores it.")
                question = keys.named(
                    words,
                    what=say(record.change.label),
                    who=show.text(record.who),
                    effect=", ".join(map(say, record.change.inverse.effects))
                    or ngettext("{n} change", "{n} changes", 1).format(n=1),
                )
                sure = Confirm(question, _("undo it"), _("keep it"))
                if not await self.push_screen_wait(sure):
                    return
            # What is known here, or was asked about, whatever has been done since.
            undone = await self._act(partial(self.session.undo_record, record.seq))
            what = say(undone.change.label)
            self.tell(keys.named(_("{what} · {key:redo} restores it"), what=what))

    @work
    async def redo(self) -> None:
        """Bring back what was taken back last."""
        with self.telling():
            self.only_now()
            self._follow_on()
            if self._trail.redone_by:
                who, self._trail.redone_by = self._trail.redone_by, ""
                raise Refused(
                    "{who} has brought back what you undid last already. Press {redo} again to"
                    " bring back what you undid before.",
                    who=who,
                    redo=keys.key_of("redo"),
                )
            record = await self._found(self.session.to_redo)
            redone = await self._act(partial(self.session.undo_record, record.seq))
            self.tell(say(redone.change.label))

    def _follow_on(self) -> None:
        """Take in what others have done, and raise Refused where what a key is about has gone."""
        turned = self.turned
        self.follow()
        if self.turned > turned:
            raise Refused(OVERTURNED)

    def follow(self) -> None:
        """Take in what other people have done since, and say who did what."""
        if self.terminal_gone():
            self.stop(signal.SIGHUP)
        if self._turn.locked() and self.distant:
            return  # a thread is at work on the session, and takes in what is new itself
        self._look_at_the_line()
        try:
            with self._impatient():
                records = self.session.reload()
        except Busy:
            return  # it is not reached, as the head line says
        except TrackerError as error:
            self._heed_turn()
            if self._past is None and not self._unshowable:
                self._show_truth()
            self._alarm = f"{self.glyphs.alarm} {say(error)}"
            self.tell_error(error)
            return
        turned = self._heed_turn()
        if records:
            self._before, self._taken_in = self.workspace, monotonic()
            try:
                self._show_news(records)
            except Exception as error:
                # Others wrote it: whatever is in it, the screen goes on.
                self.survives(error)
        elif turned and self._past is None and not self._unshowable:
            self._show_truth()

    def _heed_turn(self) -> bool:
        """Have nothing go on that rests on numbers from before what is stored was put back, if so.

        Boxes and lines stay open, for what is typed in them; what is answered there is refused.
        """
        if self._turns == self.session.turns:
            return False
        self._turns, self.turned = self.session.turns, monotonic()
        self._trail = Trail()
        self.scope = self.scope.carried(self.workspace, self.session.workspace)
        self.forecasting.forget()
        views = {screen for screen in self.screen_stack if isinstance(screen, WorkScreen)}
        for view in views.union(self._views.kept):
            view.forget()
        for aim in self._aims():
            aim.lose()
        return True

    def _woken(self) -> None:
        """Take in, called from another thread, what others have just done."""
        with suppress(RuntimeError, CancelledError):  # the screen has been left
            self.call_from_thread(self._unless_left, self.follow)

    def _look_at_the_line(self) -> None:
        """Say that the server is not reached any more, or is again."""
        trouble = self.session.trouble
        if (trouble is not None) == self.offline:
            return
        self.offline = trouble is not None
        if trouble is not None:
            words = _("{reason} The view stays as it was; tracker reconnects by itself.")
            self.tell(f"{self.glyphs.alarm} {words.format(reason=say(trouble))}", "error")
        elif not self._refusal_stands:
            self.tell(_("Connected to the server again."))

    def _show_news(self, records: Sequence[Record]) -> None:
        """Show what others have done, and say who did what."""
        self._unshowable = False
        self._trail.heed(records)
        if self._past is not None:
            return
        last = records[-1]
        if len(records) == 1:
            words = _("{who}: {what}").format(who=last.who, what=say(last.change.label))
        else:
            words = ngettext("{n} change by {who}", "{n} changes by {who}", len(records)).format(
                n=len(records), who=", ".join(sorted({record.who for record in records}))
            )
        # First, so that it does not hide what a view says of it: that a move was given up, say.
        # Why something was refused stays until the next key.
        if not self._refusal_stands:
            self.tell(words, "dim")
        self._show_truth()
        self._mark_news(records)

    @property
    def _refusal_stands(self) -> bool:
        """Whether it is told why something was refused; an alarm is told with whatever comes."""
        line = next(iter(self._front.query(StatusLine)), None) if self._front else None
        told = line.message[0] if line and line.message else ""
        return not self._alarm and bool(self._refusal) and told.startswith(self._refusal)

    def _show_truth(self, done: Record | None = None, *, late: bool = False) -> None:
        """Show what is true now, after what was `done` here if anything was."""
        edits = done.change.edits if done else ()
        own = frozenset((edit.table, edit.entity.id) for edit in edits)
        now = self.session.workspace
        self._aim(news=late or now.seq != self.workspace.seq + bool(edits), own=own)
        if done is not None:
            try:
                change = self.seen.rebase(done.change)
                self.seen = self.seen.apply(change, past=True)
            except TrackerError:
                # It rests on what others have done.
                self.seen = now
        self.workspace = now

    def _aim(self, *, news: bool, own: frozenset[tuple[str, int]] = frozenset()) -> None:
        """Have all screens keep what keys are about, before they show something else."""
        if news:
            self.seen, self.seen_on = self.workspace, self.today
        for aim in self._aims():
            if news:
                aim.hold()
            aim.leave_out(own)

    def _chosen(self) -> None:
        """Have keys on all screens be about what somebody here has just had shown on them."""
        for aim in self._aims():
            aim.release()

    def _aims(self) -> Iterator[Aim]:
        for screen in self.screen_stack:
            aim = getattr(screen, "aim", None)
            if isinstance(aim, Aim) and screen.is_mounted:
                yield aim

    def survives(self, error: Exception, part: MessagePump | None = None) -> bool:
        """Draw what has failed anew, and say so.

        Where others did what cannot be shown, everything shown is from before that. False if the
        program fails again and again.
        """
        others = not self._unshowable and monotonic() <= self._taken_in + _PROVEN_SECONDS
        if self.leaving or not (others or self._failures < _FAILURES):
            return False
        name = self._views.front or self.home
        if others:
            self._unshowable = True
            self.set_reactive(TrackerApp.workspace, self._before)
            words = _(
                "What others changed cannot be shown ({error}). Everything shown is from before"
                " it; `tracker check` looks for damage."
            )
        else:
            if part is None and not self._views.front:
                return False  # there is nowhere to say so
            if self._failures:  # drawing it anew has not helped
                name = "tasks" if name == "board" else "board"
            self._failures += 1
            words = _(
                "tracker has failed here ({error}). Everything that was confirmed is saved; the"
                " details are in {log}."
            )
        told = words.format(error=type(error).__name__, log=self._trace(error) or "–")
        if others or self._is_shown(part):
            self._views.renew(name)
        self.call_after_refresh(self.tell, f"{self.glyphs.alarm} {told}", "error")
        self._typed.go_on()
        return True

    def _is_shown(self, part: MessagePump | None) -> bool:
        """Whether a part of the screen is there, and not left already."""
        return isinstance(part, DOMNode) and any(
            screen in part.ancestors_with_self for screen in self.screen_stack
        )

    def _trace(self, error: Exception) -> str:
        """Write down where an error came from, and return the path, "" where that fails too."""
        with suppress(OSError):
            return shutdown.keep_trace(error, self.session.now().at)
        return ""

    def refused(self, error: Exception) -> bool:
        """Tell what a worker was refused: by the disk, or by what somebody has entered."""
        if isinstance(error, TrackerError):
            self.tell_error(error)
            return True
        return False

    def look_for_others(self) -> None:
        """Show who else has the workspace open."""
        self.others = tuple(self.session.others())

    def look_at_the_clock(self) -> None:
        """Switch to the new day after midnight."""
        today = self._shown.now().today
        if today != self.today:
            self._aim(news=True)
            self.today = today

    def _mark_news(self, records: Sequence[Record]) -> None:
        """Mark what others have changed, until the next key."""
        edits = [edit for record in records for edit in record.change.edits]
        tasks = frozenset(edit.entity.id for edit in edits if edit.table == "tasks" and edit.after)
        for screen in self.screen_stack:
            if isinstance(screen, WorkScreen):
                screen.news |= tasks
                if screen.is_mounted:
                    screen.show_marks()

    @work(thread=True, exclusive=True, group="checkpoint")
    def _checkpoint(self) -> None:
        """Write the ordinary file in a quiet moment, so that no key ever waits for it."""
        self._rest.pause()
        try:
            self.session.checkpoint(due=True)
        except Busy:
            self.from_thread(self._rest.resume)  # the next quiet moment will do
        except TrackerError as error:
            self.from_thread(self.tell_error, error)

    def from_thread(self, act: Callable[..., object], *arguments: Any) -> None:
        """Have something done where the screen is, unless that has been left meanwhile."""
        if not get_current_worker().is_cancelled:
            self.call_from_thread(self._unless_left, act, *arguments)

    def _unless_left(self, act: Callable[..., object], *arguments: Any) -> None:
        if self.is_running:  # else the views are being taken down
            act(*arguments)

    def hand_out(self, text: str) -> None:
        """Export what is looked at, as the words say; without any, ask for them."""
        self._handing_out.hand_out(text)

    def exportable(self, text: str) -> list[str]:
        """Return what the last word of an export may become."""
        return self._handing_out.suggestions(text)

    @work
    async def _begin(self, welcome: Welcome) -> None:
        """Begin as is chosen at the first start."""
        start = await self.push_screen_wait(welcome)
        if start is not None and start.kind == "demo":
            self.exit("demo")
        elif start is not None and start.kind == "import":
            self.take_in(start.path)
        elif start is not None and start.kind == "add":
            await self.screen.run_action("add")

    # What is shown

    @property
    def _front(self) -> WorkScreen | None:
        """The view in front, which may be under boxes."""
        views = (each for each in reversed(self.screen_stack) if isinstance(each, WorkScreen))
        return next(views, None)

    def tell(self, message: str, style: str = "info") -> None:
        """Show a message on the view in front, behind an alarm that may not have been seen."""
        if message and self._alarm not in message:
            message, style = f"{self._alarm} {message}", "error"
        if self._front is not None:
            self._front.tell(message, style)

    def tell_error(self, error: TrackerError) -> None:
        """Show why something was refused."""
        self._refusal = show.text(f"{self.glyphs.alarm} {say(error)}")
        self.tell(self._refusal, "error")

    def tell_failure(self, words: str, error: Exception, path: str) -> None:
        """Say what an error in the program has prevented: the words name `path` and `log`."""
        log = self._trace(error) or type(error).__name__
        self.tell(words.format(path=path, log=log), "error")

    def show_view(self, name: str, task: int | None = None) -> None:
        """Show a view, with the focus on a task."""
        self._views.show(name, task)

    def show_day(self, part: DayPart) -> None:
        """Show what the day asks of one, or one list of it."""
        from tracker.tui.today.screen import TodayScreen

        view = self._views.show_as(TodayScreen, "today")
        self._have_shown(view, partial(view.show_part, part))

    def show_log(self, text: str) -> None:
        """Show in the history what holds some words."""
        from tracker.tui.log.screen import LogScreen

        view = self._views.show_as(LogScreen, "log")
        self._have_shown(view, partial(view.look_for, text))

    def show_tasks(self, found: Query | None, typed: str = "") -> None:
        """Show in the table what a filter finds, named as it was `typed`, or all tasks."""
        from tracker.tui.table.screen import TasksScreen

        view = self._views.show_as(TasksScreen, "tasks")
        self._have_shown(view, partial(view.keep, found, typed))

    def _have_shown(self, view: WorkScreen, show: Callable[[], object]) -> None:
        """Have a view show what somebody at the screen wants to see."""

        def chosen() -> None:
            show()
            view.aim.release()

        self.call_after_refresh(chosen)

    @property
    def baseline(self) -> Baseline | None:
        """The baseline beside which the plan is drawn, if there is one."""
        from tracker.flow.baseline import shown

        return shown(self.workspace, self.recalled("baseline"))

    def draw_baseline(self, baseline: int | None) -> None:
        """Have another baseline drawn, 0 for none, also in the next run; None for the newest."""
        self.remember(baseline=baseline)

    def show_drift(self, old: int | None = None, new: int | None = None) -> None:
        """Show what became of a baseline, up to now or to another one."""
        from tracker.tui.drift.screen import DriftScreen

        view = self._views.show_as(DriftScreen, "baselines")
        self._have_shown(view, partial(view.compare, old, new))

    def arrange_tasks(self, **fields: Any) -> None:
        """Arrange the table otherwise: `sort` by a field, `backwards`, `group` by a field or ""."""
        from tracker.tui.table.screen import TasksScreen

        view = self._views.show_as(TasksScreen, "tasks")
        self._have_shown(
            view, lambda: view.put_in_order(msgspec.structs.replace(view.arrangement, **fields))
        )

    def go_to(self, task: int) -> None:
        """Give a task the focus in the view in front; raises NotFound."""
        if task not in self.workspace.tasks:
            raise not_found(Task, task)
        screen = self.screen
        if isinstance(screen, WorkScreen) and not screen.choose(task):
            self.open_task(task)
            if task not in self.scope.known(self.workspace).tasks(self.workspace):
                words = _("Not in what is looked at now; {key:scope} changes that.")
                self.call_after_refresh(self.tell, keys.named(words), "dim")

    def teach(self, on: bool | None = None) -> None:
        """Begin the tutorial, or end it; the other of both where it is not said which."""
        from tracker.tui.tutorial import Tutorial

        begins = self._tutorial is None if on is None else on
        self._tutorial = Tutorial(self.screen, self.workspace) if begins else None
        self._show_lesson()
        self.remember(tutorial=begins)
        (self._teaching.resume if begins else self._teaching.pause)()

    def notice(self) -> None:
        """Show what the tutorial says to what has been done."""
        # On the way out there is no screen any more.
        if self._tutorial is not None and self.screen_stack:
            self._tutorial.look(self.screen, self.workspace)
            self._show_lesson()
            if self._tutorial.over:
                self.teach(False)

    def show_master_data(self, kind: type[Entity], edit: int = 0) -> None:
        """List all of a kind; what has the id `edit` is edited at once."""
        from tracker.tui.dialogs.master_data import MasterData

        self.push_screen(MasterData(kind, edit))

    def action_help_quit(self) -> None:
        """Say how to leave: Textual's own sentence knows one language and other keys."""
        words = _("{key:back} quits, {key:quit} at once and from anywhere; everything is saved.")
        self.tell(keys.named(words), "plain")

    def open_task(self, task: int) -> None:
        """Open a task on a screen of its own."""
        from tracker.tui.task.screen import DetailScreen

        self.push_screen(DetailScreen(task))


def _attempt(asked: Future[Record], act: Callable[[], Record]) -> None:
    """Do what is `asked`, and keep what became of it there, unless it is not wanted any more."""
    if asked.set_running_or_notify_cancel():
        try:
            asked.set_result(act())
        except BaseException as error:
            asked.set_exception(error)


def _forget_size() -> None:
    """Forget a size in the environment where the terminal tells its own: that one is of now."""
    with suppress(OSError):
        if sys.__stdout__ and all(os.get_terminal_size(sys.__stdout__.fileno())):
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)


def _make_sure_of_a_loop() -> None:
    """Raise OSError where too few files may be open: half a loop complains as it is collected."""
    with selectors.DefaultSelector():
        for end in socket.socketpair():
            end.close()


def run(
    session: Session,
    *,
    ascii: bool = False,
    welcome: str = "",
    keymap: Mapping[str, str] | None = None,
    view: str = "today",
    tutorial: bool = False,
) -> bool:
    """Run the screen until the person leaves it; True if the demo project is wanted instead.

    `welcome` is the file that has just come into being, if it has, `view` the one to open on.
    `tutorial` begins one, unless it was ended before. Raises Stopped when a signal has ended it,
    Failed when an error has.
    """
    _forget_size()
    app = TrackerApp(
        session, ascii=ascii, welcome=welcome, keymap=keymap, view=view, tutorial=tutorial
    )
    with signals.stopping(app.stop), spare.kept():
        _make_sure_of_a_loop()
        chosen = app.run()
        if app.giving_up is not None:
            app.giving_up.cancel()
        app.note_behind()
        app.remember(left=session.now().at.isoformat())
        # A connection that has dropped leaves no time; the journal has everything anyway.
        hung_up = app.stopped_by == signal.SIGHUP
        if not hung_up:
            session.settle()
    if app.failure is not None:
        raise shutdown.Failed from app.failure
    if app.stopped_by:
        raise shutdown.Stopped(app.stopped_by, hung_up=hung_up)
    return chosen == "demo"
