"""How a figure came about, to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracker.tui.dialogs.reading import Reading
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.wording.show import Piece


class Explanation(Reading[None]):
    """Paragraphs under a title, broken to the room there is."""

    DEFAULT_CSS = "Explanation Passage { max-height: 100%; }"

    def __init__(self, title: str, told: Sequence[Sequence[Piece]]) -> None:
        super().__init__(title)
        self._told = told

    def text_lines(self) -> Iterable[Line]:
        """Return the paragraphs."""
        for pieces in self._told:
            yield from wrap_pieces(pieces, self.cells) if pieces else ((),)
