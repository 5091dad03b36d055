"""When an app that is tested has nothing left to do: its pilot waits for that, and no longer.

Textual's own pilot sleeps until the whole process has been quiet for 20 ms, twice for each key.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual._context import active_app

# What one task wakes is at work in the next turn of the loop, and what that wakes one later.
_TURNS = 3
# A thread that uses less of the processor than a part of such a while, in seconds, waits itself.
_WHILE, _PART = 0.02, 0.05

_work_out = asyncio.BaseEventLoop.run_in_executor
_threads: set[asyncio.Future[Any]] = set()


def watch(patch: pytest.MonkeyPatch) -> None:
    """Have pilots wait for the app they drive."""
    patch.setattr(asyncio.BaseEventLoop, "run_in_executor", _run_in_executor)
    patch.setattr(textual.app, "wait_for_idle", at_rest)
    patch.setattr(textual.pilot, "wait_for_idle", at_rest)
    _threads.clear()


def _run_in_executor(
    loop: asyncio.BaseEventLoop, executor: Any, work: Callable[..., Any], *arguments: Any
) -> asyncio.Future[Any]:
    future = _work_out(loop, executor, work, *arguments)
    _threads.add(future)
    future.add_done_callback(_threads.discard)
    return future


async def at_rest(_min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Wait until all messages are taken, what is new is drawn, and no thread works for the app.

    At most so many seconds of processor: forecasts may take long.
    """
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # no other way to know
    end, turns = time.process_time() + max_sleep, 0
    while turns < _TURNS and time.process_time() < end:
        await asyncio.sleep(0)
        turns = 0 if ready or _draw() or await _worked() else turns + 1


def _draw() -> bool:
    """Draw what waits for the next picture; returns whether anything did.

    What fails is told to the app, as by the timers that would draw it.
    """
    app: Any = active_app.get()
    try:
        if app._resize_event is not None:
            app._check_resize()
            return True
        if app._screen_stack and app._screen_stack[-1]._update_timer._active.is_set():
            app._screen_stack[-1]._on_timer_update()
            return True
    except Exception as error:  # whatever is painted
        app._handle_exception(error)
        return True
    return False


async def _worked() -> bool:
    """Give threads a while; returns whether any of them has used it."""
    if not _threads:
        return False
    before = _wanted()
    done, _working = await asyncio.wait(
        _threads, timeout=_WHILE, return_when=asyncio.FIRST_COMPLETED
    )
    return bool(done) or _wanted() - before > _WHILE * _PART


def _wanted() -> float:
    """Return for how many seconds threads of ours have had a processor, or have waited for one.

    See sched-stats in the documentation of Linux.
    """
    wanted = 0
    for told in Path("/proc/self/task").glob("*/schedstat"):
        with suppress(OSError):  # it has ended
            wanted += sum(map(int, told.read_text().split()[:2]))
    return wanted / 1e9
