"""What an import did: every arrow it turned round and every value it could not read."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType

from tracker.exchange.outcome import Report, report_lines
from tracker.language import _
from tracker.tui import keys
from tracker.tui.dialogs.import_columns import ColumnMeanings, PickColumn
from tracker.tui.dialogs.reading import Reading
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.wording import show

R = TypeVar("R")


class ImportPage(Reading[R]):
    """The report of an import, as a page to be read."""

    UNASKED: ClassVar[bool] = True

    DRY: ClassVar[bool] = True

    def __init__(self, report: Report, title: str, keys: str = "") -> None:
        super().__init__(title, keys)
        self._report = report

    def text_lines(self) -> list[Line]:
        """Return the lines of the report."""
        found: list[Line] = []
        for text, heading in report_lines(self._report, dry=self.DRY):
            pieces = [(show.text(text), "strong" if heading else "plain")]
            found += wrap_pieces(pieces, self.cells, indent=2)
        return found


class ImportReport(ImportPage[ColumnMeanings]):
    """The report of an import that is only tried, to be read and left."""


class ImportPreview(ImportPage[bool]):
    """The report of an import that is carried out if somebody says so."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "take", show=False)]

    def __init__(self, report: Report, file: str) -> None:
        title = _("Import {file}?").format(file=file)
        super().__init__(report, title, _("j/k scroll · Enter import · Esc cancel"))

    def action_take(self) -> None:
        """Have it imported."""
        self.dismiss(True)


class Imported(ImportReport):
    """The report of an import; the answer is what columns mean instead."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "columns", show=False)]
    DRY = False

    def __init__(self, report: Report) -> None:
        words = _("j/k scroll · c columns · {key:undo} on the board undoes the import · Esc close")
        super().__init__(report, _("Imported"), keys.named(words))

    def action_columns(self) -> None:
        """Have another meaning chosen for a column."""
        if self._report.columns:
            self.app.push_screen(PickColumn(self._report.columns), self._chosen)

    def _chosen(self, meanings: ColumnMeanings | None) -> None:
        if meanings:
            self.dismiss(meanings)
