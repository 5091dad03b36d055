"""The last thing between what is painted and the terminal: nothing gets through that would act."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tracker import terminal_text


class Harmless(LineFilter):
    """Lets nothing through to the terminal that would act on it, whatever widget painted it."""

    def __init__(self, ascii: bool) -> None:
        super().__init__()
        self._ascii = ascii

    def apply(self, segments: list[Segment], _background: Color) -> list[Segment]:
        """Return the segments with symbols for characters that are not to be sent."""
        return [self._harmless(segment) for segment in segments]

    def _harmless(self, segment: Segment) -> Segment:
        text = segment.text
        if text.isascii() and text.isprintable():
            return segment
        shown = terminal_text.clean(text)
        if shown != text:
            # It has been measured as it was.
            shown = terminal_text.fit(shown, terminal_text.width(text), ellipsis="")
        if self._ascii:
            shown = terminal_text.ascii_cells(shown)
        return segment if shown == text else Segment(shown, segment.style, segment.control)
