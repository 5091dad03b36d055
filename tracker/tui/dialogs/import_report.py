"""What an import did: every arrow it turned round and every value it could not read."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker.exchange.outcome import Report, report_lines
from tracker.language import _
from tracker.tui import keys
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.dialogs.import_columns import ColumnMeanings, PickColumn
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import Passage
from tracker.wording import show


class Imported(Dialog[ColumnMeanings]):
    """The report of an import, to be read and left; the answer is what columns mean instead."""

    WIDE = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "leave", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("ctrl+d,pagedown,space", "scroll(10)", show=False),
        Binding("ctrl+u,pageup", "scroll(-10)", show=False),
        Binding("c", "columns", show=False),
    ]

    def __init__(self, report: Report) -> None:
        words = _("j k scroll · c columns · {key:undo} on the board undoes the import · Esc close")
        super().__init__(_("Imported"), keys.named(words))
        self._report = report

    def body(self) -> ComposeResult:
        """Show the lines of the report."""
        yield Passage(self._lines())

    def refit(self) -> None:
        """Break the lines anew for another width."""
        self.query_one(Passage).put(self._lines())

    def action_scroll(self, lines: int) -> None:
        """Read on."""
        self.query_one(Passage).scroll_relative(y=lines, animate=False)

    def action_columns(self) -> None:
        """Have another meaning chosen for a column."""
        if self._report.columns:
            self.app.push_screen(PickColumn(self._report.columns), self._chosen)

    def _chosen(self, meanings: ColumnMeanings | None) -> None:
        if meanings:
            self.dismiss(meanings)

    def _lines(self) -> list[Line]:
        found: list[Line] = []
        for text, heading in report_lines(self._report):
            found += wrap_pieces([(show.text(text), "strong" if heading else "plain")], self.room)
        return found
