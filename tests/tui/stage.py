"""A bare app on which one dialog or pane is shown, and what can be read on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from textual import events
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from tracker.domain.errors import Refused
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.view.frame import StatusLine
from tracker.tui.widgets.choices import Choices, Passage

NOT_ANSWERED = object()


class Seen:
    """A program on the screen: what is pressed, waited for, and read in its last line."""

    def __init__(self, app: TrackerApp, pilot: Pilot[str]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def foot(self) -> str:
        """What can be read in the last line."""
        return shown(self.app.screen.query_one(StatusLine))

    async def press(self, *keys: str) -> None:
        """Press keys, and wait for what they do."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, so: Callable[[], object]) -> None:
        """Wait until something is so."""
        for _ in range(3_000):
            if so():
                return
            await self.pilot.pause(0.01)
        raise AssertionError("it never came")


class Stage(App[None]):
    """Shows a dialog and keeps its answer."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, dialog: Dialog[Any] | None = None) -> None:
        super().__init__()
        self.theme = "ansi-dark"
        self._dialog = dialog
        self.answer: Any = NOT_ANSWERED
        self.unsent: dict[tuple[object, ...], Mapping[str, str]] = {}
        self.turned = 0.0

    def tell(self, message: str, style: str = "info") -> None:
        """Say nothing: there is no view."""

    def on_mount(self) -> None:
        """Ask."""
        if self._dialog is not None:
            self.push_screen(self._dialog, self._answered)

    def _answered(self, answer: Any) -> None:
        self.answer = answer


@asynccontextmanager
async def asked(dialog: Dialog[Any], size: tuple[int, int] = (80, 24)) -> Any:
    """Show a dialog; gives the app and its pilot."""
    app = Stage(dialog)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def typed(pilot: Pilot[Any], text: str) -> None:
    """Type a text into what has the focus, key by key at its ends and pasted between them."""
    end = max(1, len(text) - 2) if isinstance(pilot.app.focused, Input) else 1
    first, middle, last = text[:1], text[1:end], text[end:]
    await _press(pilot, first)
    if middle and pilot.app.focused is not None:
        pilot.app.focused.post_message(events.Paste(middle))
        await pilot.pause()
    await _press(pilot, last)
    await pilot.pause()


async def _press(pilot: Pilot[Any], signs: str) -> None:
    names = {" ": "space", "\n": "enter"}
    await pilot.press(*(names.get(sign, sign) for sign in signs))


def full_disk(*_arguments: object, **_options: object) -> NoReturn:
    """Refuse to store or to write anything."""
    raise Refused("The disk is full.")


def shown(widget: Widget) -> str:
    """Return the text in the window of a line widget."""
    lines = (widget.render_line(y).text.rstrip() for y in range(widget.size.height))
    return "\n".join(lines)


def readable(screen: Screen[Any]) -> str:
    """Return everything that can be read in the passages and lists of a screen."""
    return "\n".join(shown(widget) for widget in _lines(screen))


def _lines(screen: Screen[Any]) -> Iterator[Widget]:
    for widget in screen.query("*"):
        if isinstance(widget, Passage | Choices) and widget.display:
            yield widget
