"""A line to be typed into."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.widgets import Input


class LineInput(Input):
    """An input that loses nothing of what is pasted: several lines become one, joined by `joint`.

    Textual's own keeps the first line.
    """

    def __init__(self, value: str = "", *, joint: str = " ", **options: Any) -> None:
        super().__init__(value, compact=True, **options)
        self._joint = joint

    def on_paste(self, event: events.Paste) -> None:
        """Put in all that was pasted."""
        event.prevent_default()
        event.stop()
        lines = [line.strip() for line in event.text.splitlines() if line.strip()]
        text = self._joint.join(lines) if len(lines) > 1 else event.text.strip("\r\n")
        if text:
            self.replace(text, *sorted(self.selection))
