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


class ImportReport(Dialog[ColumnMeanings]):
    """The report of an import that is only tried, to be read and left."""

    WIDE = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "leave", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("ctrl+d,pagedown,space", "scroll(10)", show=False),
        Binding("ctrl+u,pageup", "scroll(-10)", show=False),
        Binding("home,g", "end(-1)", show=False),
        Binding("end,G", "end(1)", show=False),
    ]
    DRY: ClassVar[bool] = True

    def __init__(self, report: Report, title: str, keys: str = "") -> None:
        super().__init__(title, keys or _("j k scroll · Esc back"))
        self._report = report

    def body(self) -> ComposeResult:
        """Show the lines of the report."""
        passage = Passage(self._lines())
        self.fit(passage)
        yield passage

    def refit(self) -> None:
        """Break the lines anew for another width."""
        passage = self.query_one(Passage)
        self.fit(passage)
        passage.put(self._lines())

    def action_scroll(self, lines: int) -> None:
        """Read on."""
        self.query_one(Passage).scroll_relative(y=lines, animate=False)

    def action_end(self, direction: int) -> None:
        """Go to the first or the last line."""
        passage = self.query_one(Passage)
        passage.scroll_to(y=passage.max_scroll_y if direction > 0 else 0, animate=False)

    def _lines(self) -> list[Line]:
        found: list[Line] = []
        for text, heading in report_lines(self._report, dry=self.DRY):
            found += wrap_pieces([(show.text(text), "strong" if heading else "plain")], self.room)
        return found


class Imported(ImportReport):
    """The report of an import; the answer is what columns mean instead."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "columns", show=False)]
    DRY = False

    def __init__(self, report: Report) -> None:
        words = _("j k scroll · c columns · {key:undo} on the board undoes the import · Esc close")
        super().__init__(report, _("Imported"), keys.named(words))

    def action_columns(self) -> None:
        """Have another meaning chosen for a column."""
        if self._report.columns:
            self.app.push_screen(PickColumn(self._report.columns), self._chosen)

    def _chosen(self, meanings: ColumnMeanings | None) -> None:
        if meanings:
            self.dismiss(meanings)
