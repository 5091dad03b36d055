"""Keys one after the other: what comes in one burst goes where each key before it leads."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.widgets import Input

# What is pressed on the mouse comes in its turn too: behind what was typed before, it would be
# about what that has opened.
Typed = events.Key | events.Paste | events.MouseEvent

# A key whose effect never comes to an end must not hold up the next for longer, in seconds. On a
# machine that is busy a line may take seconds to open, and what is typed for it is no command.
_PATIENCE = 5.0
# How often it is looked whether the screen that is waited for has gone.
_LOOK_SECONDS = 0.05


def _is_text(key: Typed) -> bool:
    if isinstance(key, events.Key):
        return key.is_printable or key.key == "backspace"
    return isinstance(key, events.Paste)


class TypeAhead:
    """Holds keys, pastes and presses of the mouse back until the key before has had its effect.

    Textual hands keys on as they arrive, but a dialog opened by one takes its keys only once it
    is: over a link that stalls, what was meant for it would run as commands of the view.
    """

    def __init__(self, app: App[Any], press: Callable[[Typed], Awaitable[None]]) -> None:
        self._app, self._press = app, press
        self._waiting: deque[Typed] = deque()
        self._turn = 0
        self._busy = False
        # Whether the effect of the last key has not come to its end.
        self._at_work = False
        # For how many that lasts, and whether a turn has come to its end meanwhile.
        self._holding = 0
        self._held_up = False
        self._look_again: asyncio.TimerHandle | None = None
        # The screen whose drawing is waited for.
        self._drawn: object = None
        self._unshown = ExitStack()

    @property
    def behind(self) -> bool:
        """Whether anything has been typed whose turn has not come, or has not come to its end."""
        return bool(self._waiting) or self._at_work

    async def take(self, key: Typed) -> None:
        """Press a key or the mouse, or paste, now or when its turn comes."""
        if self._busy or self._holding:
            self._waiting.append(key)
            return
        self._busy = self._at_work = True
        self._turn += 1
        turn = self._turn
        self._drawn = None
        self._look(turn, monotonic() + _PATIENCE)
        target = self._app.focused or self._app.screen
        steps = [*target.ancestors_with_self, self._app]
        if isinstance(target, Input) and _is_text(key):
            # What is typed and what it changes elsewhere go to the terminal as one.
            self._unshown.enter_context(self._app.batch_update())
        await self._press(key)
        # Twice: behind the key goes what an input makes of it, one step later each time.
        self._follow([*steps, *steps], turn)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold all keys back for as long as this lasts, however long that is."""
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1
            if not self._holding and (self._held_up or not self._busy):
                self._held_up = False
                self._app.call_later(self._settle, self._turn)

    def go_on(self) -> None:
        """Take the next key once the screen in front is drawn, whatever became of the last one."""
        self._app.call_later(self._settle, self._turn)

    def _follow(self, steps: list[Any], turn: int) -> None:
        """Go the way of the key: each part of the screen handles it before it does this."""
        if not steps and turn == self._turn:
            self._at_work = False
        # What the key has closed takes no calls any more.
        while steps and not steps[0].call_later(self._follow, steps[1:], turn):
            steps = steps[1:]
        if not steps:
            self._show()
            self._once_drawn(self._settle, turn)

    def _once_drawn(self, act: Callable[[int], object], turn: int) -> None:
        self._drawn = screen = self._app.screen
        screen.call_after_refresh(act, turn)

    def _look(self, turn: int, until: float) -> None:
        """Wait anew where the screen that was to be drawn has gone, and give up at some time."""
        front = next(reversed(self._app.screen_stack), None)  # None once the app is left
        # What comes of it waits in the app's queue, behind what the app is doing by then.
        if monotonic() >= until:
            self._app.call_later(self._next, turn)
            return
        if front is not self._drawn is not None:
            self._drawn = None
            self._app.call_later(self._settle, turn)
        loop = asyncio.get_running_loop()
        self._look_again = loop.call_later(_LOOK_SECONDS, self._look, turn, until)

    def _show(self) -> None:
        self._unshown.close()
        self._app.screen.check_idle()

    def _settle(self, turn: int) -> None:
        """Wait for what the key has opened to be."""
        self._once_drawn(self._next, turn)

    async def _next(self, turn: int) -> None:
        if turn != self._turn:
            return
        self._show()
        if self._holding:
            self._held_up = True
        else:
            self._busy = False
            if self._look_again is not None:
                self._look_again.cancel()
            if self._waiting:
                await self.take(self._waiting.popleft())
