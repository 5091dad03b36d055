"""Another meaning for a column of a list: which column it is, and which field it holds."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult

from tracker.domain.fields import LISTED
from tracker.exchange.column_choices import CHOOSABLE
from tracker.exchange.outcome import column_table
from tracker.exchange.source import SourceColumn
from tracker.language import _, say
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.dialogs.questions import PickRow
from tracker.tui.widgets.choices import ChoiceRow, Choices
from tracker.wording import show

# From the head of a column to the field it is to hold; "" for none.
ColumnMeanings = dict[str, str]

# The figures of a column and the gaps beside them.
_FIGURES = 32


class PickColumn(Dialog[ColumnMeanings]):
    """The columns of a list as they were read; the answer is what one of them means instead."""

    DEFAULT_CSS = """
    PickColumn Choices { max-height: 75vh; }
    """

    WIDE = 100

    def __init__(self, columns: Sequence[SourceColumn]) -> None:
        keys = _("↑↓ choose · Enter choose a field · Esc cancel")
        super().__init__(_("What the columns were read as"), keys)
        self._columns = columns

    def body(self) -> ComposeResult:
        """The table of the columns."""
        head, *lines = column_table(self._columns, (self.room - _FIGURES) // 2)
        rows = [ChoiceRow(at, ((show.text(line), "plain"),)) for at, line in enumerate(lines)]
        yield Choices([ChoiceRow(None, ((f"  {head}", "strong"),)), *rows])

    @on(Choices.Taken)
    def _pick_field(self, event: Choices.Taken) -> None:
        column = self._columns[event.key]

        def chosen(field: str | None) -> None:
            if field is not None:
                self.dismiss({column.head: field})

        self.app.push_screen(pick_field(column), chosen)


def pick_field(column: SourceColumn) -> PickRow:
    """Return the question which field a column holds, the likeliest under the cursor."""
    rows = [
        ChoiceRow(name, ((say(LISTED[name].label), "plain"),), ((name, "dim"),))
        for name in CHOOSABLE
    ]
    rows.append(ChoiceRow("", ((_("none of them; in the notes"), "plain"),)))
    title = _("{column}: read as").format(column=column.head)
    return PickRow(title, rows, at=column.field or column.proposed)
