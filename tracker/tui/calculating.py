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

# So often those are told that have not ended yet, in seconds.
_AGAIN = 0.1

_lock = Lock()
# The threads that calculate now.
_at_work: set[int] = set()


class _GivenUp(BaseException):
    """Raised within what is calculated, once nobody waits for it any more."""


def calculating(calculate: Callable[P, T]) -> Callable[P, T | None]:
    """Return what calculates the same in a thread; None if that is given up.

    What it does must leave nothing half done: it may end between any two of its steps.
    """

    @wraps(calculate)
    def run(*arguments: P.args, **options: P.kwargs) -> T | None:
        me = get_ident()
        try:
            with _lock:
                _at_work.add(me)
            try:
                return calculate(*arguments, **options)
            finally:
                with _lock:
                    _at_work.discard(me)
        except _GivenUp:
            return None

    return run


def under_way() -> bool:
    """Return whether anything is being calculated."""
    return bool(_at_work)


def give_up() -> None:
    """Have all that is being calculated end, and return once it has.

    Python would else wait for it, whatever becomes of the program: a thread cannot be ended.
    """
    while _at_work:
        with _lock:
            for each in _at_work:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(each), ctypes.py_object(_GivenUp)
                )
        sleep(_AGAIN)
