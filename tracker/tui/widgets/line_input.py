"""A line to be typed into."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.message import Message
from textual.widgets import Input

from tracker.domain.typing.vocabulary import fold


def goes_on(offered: str, typed: str) -> bool:
    """Return whether what is offered begins with what has been typed, quotes apart."""
    return fold(offered.replace('"', "")).startswith(fold(typed.replace('"', "")))


class LineInput(Input):
    """An input that loses nothing of what is pasted: several lines become one, joined by `joint`.

    Textual's own keeps the first line.
    """

    def __init__(self, value: str = "", *, joint: str = " ", **options: Any) -> None:
        super().__init__(value, compact=True, **options)
        self._joint = joint

    class AtEnd(Message):
        """The cursor was to go right from the end of a line: what is suggested may be taken."""

        def __init__(self, line: LineInput) -> None:
            super().__init__()
            self.line = line

    def action_cursor_right(self, select: bool = False) -> None:
        """Move to the right; from the end, ask for what is suggested there."""
        if not select and self.cursor_at_end and self.selection.is_empty:
            self.post_message(self.AtEnd(self))
        else:
            super().action_cursor_right(select)

    def on_paste(self, event: events.Paste) -> None:
        """Put in all that was pasted."""
        event.prevent_default()
        event.stop()
        lines = [line.strip() for line in event.text.splitlines() if line.strip()]
        text = self._joint.join(lines) if len(lines) > 1 else event.text.strip("\r\n")
        if text:
            self.replace(text, *sorted(self.selection))
