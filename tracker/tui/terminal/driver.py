"""The terminal under the screen: it may be taken away, put to sleep, and told to end."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol, TextIO, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

_ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopping(stop: Callable[[int], None]) -> Iterator[None]:
    """Have signals that would end the process call `stop` with their number instead.

    Whoever asks twice is obeyed at once; only a terminal that has gone says so more than once of
    itself.
    """

    def asked(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGHUP:
            signal.signal(number, signal.SIG_DFL)
        stop(number)

    before = {number: signal.signal(number, asked) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Wire:
    """Standard error as Textual writes to it; one whose terminal has gone takes everything."""

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


class Stoppable(Protocol):
    """An app that can be told to end."""

    # The signal it has been told to end by.
    stopped_by: int

    def stop(self, number: int) -> None:
        """End because of a signal."""

    def fail(self, error: Exception) -> None:
        """End because of an error that nobody caught."""


class Driver(LinuxDriver):
    """Textual's driver, with the ends it leaves open tied up."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._stoppable = cast("Stoppable", app)
        self._file: Any = _Wire(sys.__stderr__ or sys.stderr, self._hung_up)

    def gone(self) -> bool:
        """Tell whether the terminal has been closed; reading from it then never waits."""
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
        self._stoppable.stop(signal.SIGHUP)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._hung_up()
        except Exception as error:
            self._loop.call_soon_threadsafe(self._stoppable.fail, error)

    # Textual does the following in the handlers themselves. There it may wait for a lock that the
    # very code holds that was interrupted, and it starts twice when it had not been stopped by
    # itself: two threads then take each other's keys, and the shell's modes are forgotten.

    def _sigtstp_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._sleep)

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._wake)

    def _sleep(self) -> None:
        """Give the terminal back and stop until the shell says otherwise."""
        if self._auto_restart and self._awake:
            self.suspend_application_mode()
            os.kill(os.getpid(), signal.SIGSTOP)

    def _wake(self) -> None:
        """Take the terminal again, whatever the shell has done to it, and paint everything."""
        if not self._auto_restart or self._stoppable.stopped_by:
            return
        if self._awake:
            self.suspend_application_mode()
        self._must_signal_resume = True
        self.resume_application_mode()
        self._app.screen.refresh(layout=True)
