"""A text to be read and left, as long as it may be."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker.language import _
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.text.fitting import Line
from tracker.tui.widgets.choices import MOVING, Passage

R = TypeVar("R")


class Reading(Dialog[R]):
    """A text in a box, to be scrolled where it is longer than the screen."""

    WIDE = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "leave", show=False),
        Binding("space", "half_page(1)", show=False),
        *MOVING,
    ]

    def __init__(self, title: str, keys: str = "") -> None:
        super().__init__(title, keys or _("j/k scroll · Esc back"))

    @property
    def cells(self) -> int:
        """The width of a line of the text; the bar it is scrolled by stands apart from it."""
        return self.room - 2

    @abstractmethod
    def text_lines(self) -> Iterable[Line]:
        """Return the lines of the text, broken to `cells`."""

    def body(self) -> ComposeResult:
        """Show the text."""
        passage = Passage(self.text_lines())
        self.fit(passage)
        yield passage

    def refit(self) -> None:
        """Break the lines anew for another width."""
        passage = self.query_one(Passage)
        self.fit(passage)
        passage.put(self.text_lines())

    def action_move(self, lines: int) -> None:
        """Read on."""
        self.query_one(Passage).scroll_relative(y=lines, animate=False)

    def action_half_page(self, direction: int) -> None:
        """Read on by half of what is in sight."""
        height = self.query_one(Passage).size.height
        self.action_move(direction * max(1, height // 2))

    def action_end(self, direction: int) -> None:
        """Go to the first or the last line."""
        passage = self.query_one(Passage)
        passage.scroll_to(y=passage.max_scroll_y if direction > 0 else 0, animate=False)
