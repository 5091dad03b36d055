"""Calculations beside the screen, which hold nobody up who leaves."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import wraps
from threading import Lock, get_ident
from time import sleep
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# So often those are told that have not ended yet, in seconds, and so many times.
_AGAIN, _TIMES = 0.1, 100

_lock = Lock()
# What is being calculated, and by which threads.
_at_work: dict[object, int] = {}


class _GivenUp(BaseException):
    """Raised within what is calculated, once nobody waits for it any more."""


def calculating(calculate: Callable[P, T]) -> Callable[P, T | None]:
    """Return what calculates the same in a thread; None if that is given up.

    What it does must leave nothing half done: it may end between any two of its steps.
    """

    @wraps(calculate)
    def run(*arguments: P.args, **options: P.kwargs) -> T | None:
        this = object()
        try:
            with _lock:
                _at_work[this] = get_ident()
            try:
                return calculate(*arguments, **options)
            finally:
                with _lock:
                    del _at_work[this]
        except _GivenUp:
            # It may have come just before the end.
            _at_work.pop(this, None)
            return None

    return run


def under_way() -> frozenset[object]:
    """Return what is being calculated, for `give_up`."""
    with _lock:
        return frozenset(_at_work)


def give_up(what: frozenset[object]) -> None:
    """Have calculations end, and return once they have, or do not for ten seconds.

    Python would else wait for them, whatever becomes of the program: a thread cannot be ended.
    """
    for _time in range(_TIMES):
        if not (left := what & under_way()):
            return
        with _lock:
            for thread in filter(None, map(_at_work.get, left)):
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread), ctypes.py_object(_GivenUp)
                )
        sleep(_AGAIN)
