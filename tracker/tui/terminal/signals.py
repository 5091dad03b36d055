"""Signals that would end the process, passed to the screen instead."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tracker import shutdown

# So many seconds are given to leave: nobody may be left to ask twice.
PATIENCE = 60


@contextmanager
def stopping(stop: Callable[[int], None]) -> Iterator[None]:
    """Have signals that would end the process call `stop` with their number instead.

    Whoever asks twice is obeyed at once; only a terminal that has gone says so more than once of
    itself. What does not end within `PATIENCE`, as where the terminal takes no output, is ended:
    all that was acknowledged is in the journal.
    """

    def asked(number: int, _frame: FrameType | None) -> None:
        signal.alarm(PATIENCE)
        if number != signal.SIGHUP:
            signal.signal(number, signal.SIG_DFL)
        stop(number)

    before = {number: signal.signal(number, asked) for number in shutdown.ENDING}
    try:
        yield
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)
