"""Something that takes its time: how far it is, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from tracker.language import _
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import Passage
from tracker.wording import show

# How often it is looked how far it is, in seconds.
_LOOK = 0.2


class Underway(Dialog[bool]):
    """That something is being done, and how `far` it is; it closes with False once `is_over`.

    Leaving the box is to stop it.
    """

    ASKS = False

    def __init__(self, title: str, far: Callable[[], str], is_over: Callable[[], bool]) -> None:
        super().__init__(title, _("Esc stops and leaves everything as it was"))
        self._far, self._is_over = far, is_over

    def body(self) -> ComposeResult:
        """Say how far it is."""
        yield Passage(self._told())

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(_LOOK, self._look)

    def refit(self) -> None:
        """Say how far it is now."""
        self.query_one(Passage).put(self._told())

    def _told(self) -> list[Line]:
        return wrap_pieces([(show.text(self._far()), "plain")], self.room)

    def _look(self) -> None:
        if self.is_current and self._is_over():
            self.dismiss(False)
        elif self.is_current:
            self.refit()
