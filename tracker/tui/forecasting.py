"""The forecast, worked out beside the screen: what was last found, and for which plan."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from typing import Any, cast

from textual.app import App
from textual.timer import Timer
from textual.worker import get_current_worker

from tracker.domain.scope import Scope
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.forecast import Options, let_go
from tracker.flow.forecast.inquiry import (
    BackUp,
    Outlook,
    Promises,
    RatesUsed,
    Request,
    outlooks,
    promises,
)
from tracker.tui.calculating import calculating
from tracker.tui.host import Host
from tracker.wording.figures import day_words

# Numbers are crunched in one thread: numpy would else keep one ready, with its memory, for each
# core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Nothing is worked out before the plan has been left alone for so long.
_IDLE_SECONDS = 0.3
# Larger plans than this are forecast to the end only where somebody looks at that.
_SMALL = 1_000
# Threads take turns so often while one calculates: a key needs some turns until it is answered.
_TURN_SECONDS = 0.000_5


# What threads need of others. Where two threads import at the same moment, and modules of a package
# import each other, Python may refuse one of them (`_DeadlockError`, seen with `numpy` beside
# `pendulum`): the thread of the screen imports it all before there are others. On a busy machine
# one may have begun: a package that is named itself is waited for, that of a module is not.
_OF_OTHERS = ("pendulum", "numpy", "numpy.typing", "holidays", "holidays.groups")


class Forecasting:
    """Has the newest plan forecast beside the screen, and puts the result before the app.

    Of a large plan there are only first figures until somebody looks at the rest: that takes time
    and memory.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app, self._host = app, cast("Host", app)
        _share_memory()
        self._request: Request | None = None
        self._timer: Timer | None = None
        self.rates: RatesUsed = "posterior"
        self.capacity = False
        self._assumed: BackUp = ()
        self._promised: dict[tuple[date, RatesUsed], Promises] = {}

    def follow(self) -> None:
        """Follow the plan and the day from now on."""
        self._app.call_after_refresh(_load)
        self._app.watch(self._app, "workspace", self._later)
        self._app.watch(self._app, "today", self._on_today, init=False)

    @property
    def back_up(self) -> BackUp:
        """By when systems that are still down are taken to be up again."""
        systems = self._host.workspace.systems
        return tuple(
            (key, day)
            for key, day in self._assumed
            if key in systems and systems[key].state == "down"
        )

    def forget(self) -> None:
        """Assume nothing of systems any more, whose numbers may be those of others now."""
        self._assumed = ()

    def hurry(
        self,
        rates: RatesUsed | None = None,
        *,
        capacity: bool | None = None,
        back_up: BackUp | None = None,
    ) -> None:
        """Go to the end, at once unless it is under way, with what else is asked for."""
        self.rates = rates or self.rates
        self.capacity = self.capacity if capacity is None else capacity
        self._assumed = self._assumed if back_up is None else back_up
        found = self._request
        asked = found and found.thorough and (found.rates, found.capacity, found.back_up)
        if asked != (self.rates, self.capacity, self.back_up):
            self._begin(thorough=True)

    def _later(self, _workspace: Workspace) -> None:
        """Wait until the plan has been left alone for a moment."""
        self._request = None
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._app.set_timer(_IDLE_SECONDS, self._begin_anew)

    def _on_today(self) -> None:
        if self._request is not None:
            self._begin_anew()

    def _begin_anew(self) -> None:
        looked_at = any(getattr(screen, "FORESEES", False) for screen in self._app.screen_stack)
        self._begin(thorough=looked_at or len(self._host.workspace.tasks) <= _SMALL)

    def _begin(self, *, thorough: bool) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        ws, scope = self._host.workspace, self._host.scope
        # What is looked at comes first, but the dates of all can be asked for.
        projects = tuple(dict.fromkeys((*scope.known(ws).ahead(ws), *Scope().ahead(ws))))
        today, capacity = self._host.today, self.capacity
        request = Request(ws, today, self.rates, thorough, projects, capacity, self.back_up)
        self._request = request
        _load()
        self._app.run_worker(
            lambda: self._work_out(request), thread=True, exclusive=True, group="forecast"
        )

    @calculating
    def _work_out(self, request: Request) -> None:
        """Hand over what is found, better each time; runs in a thread."""
        worker = get_current_worker()
        # What the layout of the board took, before more is taken.
        give_back()
        with _turns.short():
            for found in outlooks(
                request, lambda: self._promises(request), stopped=lambda: worker.is_cancelled
            ):
                _look_ahead(found)
                self._host.from_thread(self._take, found)
        give_back()

    def _promises(self, request: Request) -> Promises:
        """Return which dates were promised in the last weeks: it is found out once a day."""
        worker, key = get_current_worker(), (request.today, request.rates)
        known = self._promised.get(key)
        if known is None:
            ws, records = request.workspace, [*self._host.history()]
            options = Options(rates=request.rates)
            known = promises(
                ws, records, request.today, options, stopped=lambda: worker.is_cancelled
            )
            if not worker.is_cancelled:
                self._promised[key] = known
        return known

    def _take(self, found: Outlook) -> None:
        # One that was overtaken may still deliver: keep only what is asked for now.
        if found.about is self._request:
            self._host.outlook = found


def _load() -> None:
    for name in _OF_OTHERS:
        import_module(name)


def give_back() -> None:
    """Let go of what is only kept for a next forecast, and return freed memory to the system.

    The C library keeps that for itself where it cannot be told to: of 10,000 tasks that were
    forecast some 20 MiB.
    """
    let_go()
    _tell_c_library("malloc_trim", 0)


def _share_memory() -> None:
    """Let threads use what others have freed, where the C library can be told to.

    That of GNU gives each its own place for memory else, so this comes before there are any.
    """
    _tell_c_library("mallopt", _M_ARENA_MAX, 1)


# See malloc.h of the GNU C library.
_M_ARENA_MAX = -8


def _tell_c_library(function: str, *arguments: int) -> None:
    told = getattr(ctypes.CDLL(None), function, None)
    if told is not None:
        told(*arguments)


class _Turns:
    """How often threads take turns: more often while any of them forecasts, then as before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forecasting = 0
        self._usual = 0.0

    @contextmanager
    def short(self) -> Iterator[None]:
        """Let threads take short turns for as long as the context lasts."""
        with self._lock:
            if not self._forecasting:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(_TURN_SECONDS)
            self._forecasting += 1
        try:
            yield
        finally:
            with self._lock:
                self._forecasting -= 1
                if not self._forecasting:
                    sys.setswitchinterval(self._usual)


_turns = _Turns()


def _look_ahead(found: Outlook) -> None:
    """Have ready what is shown of a forecast, so that the screen need not wait for it."""
    for forecast in found.forecasts.values():
        forecast.finish.cdf(forecast.cpm_days)
        day_words(forecast.date_of(forecast.finish.p95), found.about.today)
