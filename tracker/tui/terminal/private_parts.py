"""What is used of Textual beyond what it promises, each with a plain way to do without it.

`whole` says whether all of it is there; where it is not, Textual's own driver, updates and end
are good enough to go on working with.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import select
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from io import TextIOWrapper
from traceback import walk_tb
from typing import Any, TextIO

from rich.console import Console
from textual import _compositor, events
from textual._context import NoActiveAppError, active_message_pump
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.css.query import NoMatches
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed

from tracker import config

_REPLACED = (
    (linux_driver, ("XTermParser", "getincrementaldecoder")),
    (XTermParser, ("feed",)),
    (LinuxDriver, ("_run_input_thread", "_sigtstp_application", "_sigcont_application")),
    (App, ("_handle_exception", "_close_messages_no_wait", "_dispatch_message")),
    (Screen, ("_screen_resized",)),
)
# What sends an update, from which and to which terminal.
_SENDS = "render_segments"
Send = Callable[[Any, Console], str]


def whole() -> bool:
    """Return whether the private parts may be used, and are what they were."""
    return config.private_parts() and all(
        hasattr(kind, name) for kind, names in _REPLACED for name in names
    )


def send_updates(partly: Send, whole_screen: Send) -> None:
    """Have updates of the screen sent by other functions.

    Textual 8 sends each row of a partial update from the left edge of its widget on, however far
    to the right the change is, and sets and resets the look of every piece. On a board that is
    four bytes out of five.
    """
    for name, send in (("ChopsUpdate", partly), ("LayoutUpdate", whole_screen)):
        update = getattr(_compositor, name, None)
        if config.private_parts() and hasattr(update, _SENDS):
            setattr(update, _SENDS, send)


_lay_out: Callable[[Screen[Any], Size], None] | None = getattr(Screen, "_screen_resized", None)


def _resized(screen: Screen[Any], size: Size) -> None:
    """Lay a screen out for the size that the terminal has now, and for no earlier one.

    Textual tells a screen its size once more after laying it out. If another came in between, the
    two would take turns for ever, and nothing else would have its turn.
    """
    if _lay_out and size == screen.app.size:
        _lay_out(screen, size)


def draw_now(screen: Screen[Any], part: Widget) -> None:
    """Draw a part of a screen that is still at work on a key: else that comes after the work."""
    draw = getattr(screen, "_on_timer_update", None)
    dirty = getattr(screen, "_dirty_widgets", None)
    if config.private_parts() and draw is not None and dirty is not None:
        dirty.add(part)
        draw()


class EndingApp(App[str]):
    """An app that knows how it ends: by itself, by a signal, or by an error nobody caught."""

    def __init__(self) -> None:
        # Said before the theme is known: under NO_COLOR Textual would else send shades of grey.
        super().__init__(driver_class=_Driver if whole() else None, ansi_color=True)
        if whole():
            setattr(Screen, "_screen_resized", _resized)  # noqa: B010  # mypy: assigned to a class
        self.leaving = False
        # Whether the terminal is to be asked for the colour of its ground.
        self.asks_ground = False
        # The signal that ended it, and the error nobody caught.
        self.stopped_by = 0
        self.failure: Exception | None = None
        # Whether the terminal has been closed.
        self.terminal_gone: Callable[[], bool] = lambda: False
        self._running_in: asyncio.AbstractEventLoop | None = None

    def watch_for_failures(self) -> None:
        """End because of whatever is raised in the loop from now on."""
        self._running_in = asyncio.get_running_loop()
        self._running_in.set_exception_handler(self._on_loop_error)

    def exit(self, *arguments: Any, **options: Any) -> None:
        """Leave."""
        self.leaving = True
        super().exit(*arguments, **options)

    def stop(self, number: int) -> None:
        """End because of a signal; may be called by its handler, and from a thread."""
        self.stopped_by = self.stopped_by or number
        if self._running_in is not None:
            with suppress(RuntimeError):  # it has ended already
                self._running_in.call_soon_threadsafe(self.exit)

    def survives(self, error: Exception, part: MessagePump | None = None) -> bool:
        """Go on in spite of an error that nobody caught, if that can be; return whether.

        `part` may take no messages any more because of it.
        """
        del error, part
        return False

    def refused(self, error: Exception) -> bool:
        """Tell what a worker was refused, if that is what its error says; return whether."""
        del error
        return False

    def fail(self, error: Exception) -> None:
        """End because of an error that nobody caught."""
        self._handle_exception(error)

    def _handle_exception(self, error: Exception) -> None:
        part = active_message_pump.get(None)
        # A worker has messages of its own nowhere, and the app takes them all the same.
        if isinstance(error, WorkerFailed) or part is self:
            part = None
        if isinstance(error, WorkerFailed):
            error = error.error if isinstance(error.error, Exception) else error
            if self.refused(error):
                return
        # A thread has come to its end whose part of the screen is no longer there.
        if isinstance(error, NoActiveAppError) or self._of_the_end(error):
            return
        if self.survives(error, part):
            return
        self.failure = self.failure or error
        if not whole():
            super()._handle_exception(error)
            return
        # Textual's own would print what the error came across, plans of people included.
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    async def push_screen_wait(self, screen: Screen[Any] | str, *, mode: str | None = None) -> Any:
        """Open a dialog, and return its answer, as Textual's own does.

        That has the worker do before what the app is to do next: were it cancelled as it waits for
        the end of a dialog, so would be the end, and with that the app.
        """
        return await asyncio.shield(self.push_screen(screen, wait_for_dismiss=True, mode=mode))

    def _of_the_end(self, error: Exception) -> bool:
        """Whether what had its turn as a part of the screen was taken down missed the rest of it.

        Threads, timers and messages may come to one that is half gone, and once one leaves no part
        gets what it is made of. One that stays takes no messages any more after an error of its
        own: that is a failure.
        """
        if not isinstance(error, NoMatches):
            return False
        if self.leaving:
            return True
        frames = [frame for frame, _line in walk_tb(error.__traceback__)]
        takers = [frame for frame in frames if frame.f_code.co_name == "_process_messages_loop"]
        parts = (frame.f_locals.get("self") for frame in takers or frames)
        return not self.is_running or any(getattr(part, "_pruning", False) for part in parts)

    async def _dispatch_message(self, message: Message) -> None:
        # Textual's app would take no message after one that was no failure.
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self._handle_exception(error)

    def _on_loop_error(self, _loop: object, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self._handle_exception(error)


def _drawn_on() -> TextIO:
    """Return what the screen is drawn on: standard error, unless errors have been sent elsewhere.

    Nothing would be seen there of what keys do.
    """
    shown, errors = sys.__stdout__, sys.__stderr__ or sys.stderr
    if errors.isatty() or not (isinstance(shown, TextIOWrapper) and shown.isatty()):
        return errors
    shown.reconfigure(errors="backslashreplace")
    return shown


class _Wire:
    """A terminal as Textual writes to it; one that has gone takes everything."""

    def __init__(self, file: TextIO, gone: Callable[[], None]) -> None:
        self._file, self._gone = file, gone
        self._lost = False

    def write(self, text: str) -> None:
        """Send a text."""
        self._attempt(lambda: self._file.write(text))

    def flush(self) -> None:
        """Send what has been kept back."""
        self._attempt(self._file.flush)

    def fileno(self) -> int:
        """Return the number of the file."""
        return self._file.fileno()

    def _attempt(self, send: Callable[[], object]) -> None:
        # Textual's thread would die of the error, and the next one to write would wait for ever.
        if not self._lost:
            try:
                send()
            except OSError:
                self._lost = True
                self._gone()


class GroundTold(Message):
    """The terminal has told whether its ground is light."""

    def __init__(self, light: bool) -> None:
        super().__init__()
        self.light = light


_ASK_GROUND = "\x1b]11;?\x1b\\"
_GROUND = re.compile(
    r"\x1b\]11;rgba?:([0-9a-f]+)/([0-9a-f]+)/([0-9a-f]+)[^\x07\x1b]*(?:\x07|\x1b\\)", re.IGNORECASE
)
# The beginning of an answer that is not whole; no answer is longer than this.
_CUT = re.compile(r"\x1b\](?:1|11|11;[^\x07\x1b]*\x1b?)?\Z")
_LONGEST = 64
# Where what is pasted begins and ends.
_PASTE, _PASTED = "\x1b[200~", "\x1b[201~"
# What a terminal says of itself, mostly to a program before this one: no key begins so.
_ANSWER = re.compile(
    r"\x1b(?:[P\]_^X][^\x07\x1b]*(?:\x07|\x1b\\)|\[[?>=][\d;:]*(?!\$y)[ -/]*[@-~])"
)
_QUIT = "\x11"


class _Parser(XTermParser):
    """Textual's parser, which would take what a terminal says, and what is pasted, for typing."""

    _cut = ""
    # The parts of what is being pasted; None while nothing is.
    _parts: list[str] | None = None

    def feed(self, data: str) -> Iterable[Message]:
        """Yield what comes of more input."""
        told = self._cut + data
        self._cut = ""
        if self._parts is not None and data == _QUIT:
            # Its end has been lost on the way: no other key would be taken any more.
            self._parts, told = None, data
        while self._parts is not None or _PASTE in told:
            if self._parts is None:
                before, _begin, told = told.partition(_PASTE)
                # At the sign of an end Textual gives out an Escape that may have been a beginning.
                yield from self._typed(before + _PASTED)
                self._parts = []
            text, over, told = told.partition(_PASTED)
            if not over:
                # The sign of its end may be cut in two.
                cut = next(n for n in range(len(_PASTED), -1, -1) if text.endswith(_PASTED[:n]))
                self._parts.append(text[: len(text) - cut])
                self._cut = _PASTED[:cut]
                return
            yield events.Paste("".join((*self._parts, text)).replace("\x00", ""))
            self._parts = None
        yield from self._typed(told) if data else super().feed(told)

    def _typed(self, told: str) -> Iterable[Message]:
        """Yield what comes of what is not pasted."""
        if found := _GROUND.search(told):
            told = told[: found.start()] + told[found.end() :]
            yield GroundTold(light=_is_light(found.groups()))
        told = _ANSWER.sub("", told)
        cut = _CUT.search(told)
        if cut and len(cut[0]) < _LONGEST:
            told, self._cut = told[: cut.start()], cut[0]
        # Nothing at all would say that no more will come.
        if told:
            try:
                yield from super().feed(told)
            except Exception:
                # A terminal may say anything: a number of any length, a window of no size. What
                # came with it is lost, and all that was known of the mouse.
                super().__init__()


def _lenient_decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    """Return what makes decoders that show � for what is no text.

    Textual's own ends the program because of a character cut in two, or of another encoding.
    """
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def _is_light(parts: Iterable[str]) -> bool:
    """Return whether a colour of hexadecimal parts is nearer to white than to black."""
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in parts)
    return bool(0.299 * red + 0.587 * green + 0.114 * blue > 0.5)


class _Driver(LinuxDriver):
    """Textual's driver, with the ends it leaves open tied up."""

    def __init__(self, app: EndingApp, **options: Any) -> None:
        super().__init__(app, **options)
        self._ending = app
        app.terminal_gone = self._gone
        for name, ours in (("XTermParser", _Parser), ("getincrementaldecoder", _lenient_decoder)):
            setattr(linux_driver, name, ours)
        self._file: Any = _Wire(_drawn_on(), self._hung_up)
        # Whether it has been sent on its way since it was to sleep last.
        self._woken = False

    def start_application_mode(self) -> None:
        """Take the terminal, and ask it what is not known of it."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's own
        if self._ending.asks_ground:
            self._ending.asks_ground = False
            self.write(_ASK_GROUND)
            self.flush()

    def _gone(self) -> bool:
        # Reading from a terminal that has been closed never waits.
        poll = select.poll()
        poll.register(self.fileno, 0)
        return bool(poll.poll(0))

    def write(self, data: str) -> None:
        """Send a text; while the program sleeps there is nobody to send it to."""
        if self._awake:
            super().write(data)

    @property
    def _awake(self) -> bool:
        return self._writer_thread is not None and self._writer_thread.is_alive()

    def _hung_up(self) -> None:
        self._ending.stop(signal.SIGHUP)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._hung_up()
        except Exception as error:
            self._loop.call_soon_threadsafe(self._ending.fail, error)

    # Textual does the following in the handlers themselves. There it may wait for a lock that the
    # very code holds that was interrupted, and it starts twice when it had not been stopped by
    # itself: two threads then take each other's keys, and the shell's modes are forgotten.

    def _sigtstp_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._sleep)

    def _sigcont_application(self, *_: object) -> None:
        self._woken = True
        self._loop.call_soon_threadsafe(self._wake)

    def _sleep(self) -> None:
        """Give the terminal back and stop until the shell says otherwise.

        Where no shell could, as below `ssh host tracker`, the system lets nobody stop.
        """
        if self._auto_restart and self._awake:
            self.suspend_application_mode()
            self._woken = False
            before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTSTP)
            signal.signal(signal.SIGTSTP, before)
            if not self._woken:
                self._wake()

    def _wake(self) -> None:
        """Take the terminal again, whatever the shell has done to it, and paint everything."""
        ending = self._ending
        # On the way out the terminal is, or has been, given back for good.
        if not self._auto_restart or ending.stopped_by or ending.leaving:
            return
        if self._awake:
            self.suspend_application_mode()
        self._must_signal_resume = True
        self.resume_application_mode()
        self._app.screen.refresh(layout=True)
