"""Signals that would end the process, passed to the screen instead."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

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
