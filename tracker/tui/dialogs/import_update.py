"""The differences between a new version of a list and the plan, accepted line by line."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.verbs.commands import task_name
from tracker.domain.workspace import Workspace
from tracker.exchange.comparing import SAID_ANEW, Changed, RowDifference
from tracker.exchange.updating import Decision, Gone, Update, difference_line
from tracker.language import _, say
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.dialogs.import_columns import ColumnMeanings, PickColumn
from tracker.tui.text.fitting import wrap_pieces
from tracker.tui.widgets.choices import ChoiceRow, Choices, Passage
from tracker.wording import show

# Kinds of lines, by the first part of their keys.
_FIELD, _NEW, _GONE = "field", "new", "gone"
_STYLES: Mapping[Changed, str] = {
    "there": "plain",
    "both": "waiting",
    "unknown": "waiting",
    "here": "dim",
}


class Differences(Dialog[Decision | ColumnMeanings]):
    """Which differences between a list and the plan are taken over; each line is a tick box.

    Ticked from the start is what only the list has changed, and what is new. The answer may also
    be what columns mean instead.
    """

    DEFAULT_CSS = """
    Differences Choices { max-height: 75vh; }
    """

    WIDE = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "all", show=False),
        Binding("c", "columns", show=False),
        Binding("D", "delete", show=False),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, ws: Workspace, update: Update) -> None:
        title = _("{file}: what has changed").format(file=update.source.file)
        super().__init__(
            title, _("space tick · a all or none · c columns · Enter import · Esc cancel")
        )
        self._ws, self._update = ws, update
        self._how: Gone = "drop"
        usual = update.usual()
        self._ticked: set[Hashable] = {(_FIELD, *each) for each in usual.fields}
        self._ticked |= {(_NEW, place) for place in usual.new}

    def body(self) -> ComposeResult:
        """Say what the ticks mean, and show the lines."""
        yield Passage(self._about())
        yield Choices(self._rows())

    def _about(self) -> list[tuple[tuple[str, str], ...]]:
        about = _("Ticked lines are imported; the others stay unchanged.")
        return [*wrap_pieces([(about, "dim")], self.room), ()]

    def refit(self) -> None:
        """Break the lines anew for another width."""
        self.query_one(Passage).put(self._about())

    def _rows(self) -> Iterator[ChoiceRow]:
        comparison = self._update.comparison
        sure = [row for row in comparison.changed if not row.doubtful]
        doubtful = [row for row in comparison.changed if row.doubtful]
        for row in sure:
            yield from self._changed(row)
        if doubtful:
            yield _heading(
                counted(
                    "{n} row is probably an existing task:",
                    "{n} rows are probably existing tasks:",
                    len(doubtful),
                )
            )
        for row in doubtful:
            yield from self._changed(row)
            words = sentence("no, a new task: {title}", title=row.title)
            yield self._row((_NEW, row.place), words)
        if new := comparison.new:
            yield _heading(counted("{n} row is new:", "{n} rows are new:", len(new)))
        for row in new:
            words = sentence("row {row}: {task}", row=row.row, task=row.title)
            yield self._row((_NEW, row.place), words)
        if gone := comparison.gone:
            yield _heading(
                counted(
                    "{n} task is no longer in the list; tick it to drop it (D: to delete it):",
                    "{n} tasks are no longer in the list; tick tasks to drop them (D: to delete"
                    " them):",
                    len(gone),
                )
                if self._how == "drop"
                else counted(
                    "{n} task is no longer in the list; tick it to delete it (D: to drop it):",
                    "{n} tasks are no longer in the list; tick tasks to delete them (D: to drop"
                    " them):",
                    len(gone),
                )
            )
        for id in gone:
            yield self._row((_GONE, id), sentence("{task}", task=task_name(self._ws, id)))

    def _changed(self, row: RowDifference) -> Iterator[ChoiceRow]:
        task = task_name(self._ws, row.task)
        yield _heading(sentence("row {row}: {task}", row=row.row, task=task))
        for each in row.differences:
            style = _STYLES[each.changed]
            yield self._row((_FIELD, row.place, each.field), difference_line(each), style)

    def _row(self, key: Hashable, words: Sentence, style: str = "plain") -> ChoiceRow:
        return ChoiceRow(key, ((show.text(say(words)), style),), tick=key in self._ticked)

    def action_all(self) -> None:
        """Tick all that the list has changed, and all that is new; if it is ticked, nothing."""
        comparison = self._update.comparison
        wanted: set[Hashable] = {(_NEW, row.place) for row in comparison.new}
        for row in comparison.changed:
            if not row.doubtful:
                wanted |= {(_FIELD, row.place, each.field) for each in row.of(*SAID_ANEW)}
        choices = self.query_one(Choices)
        ticked = set(choices.ticked)
        self._ticked = set() if wanted <= ticked else ticked | wanted
        choices.put(list(self._rows()))

    def action_delete(self) -> None:
        """Have ticked tasks that are no longer in the list deleted instead of dropped, or back."""
        self._how = "delete" if self._how == "drop" else "drop"
        choices = self.query_one(Choices)
        self._ticked = set(choices.ticked)
        choices.put(list(self._rows()))

    def action_columns(self) -> None:
        """Have another meaning chosen for a column."""
        columns = tuple(self._update.source.columns.values())
        if columns:
            self.app.push_screen(PickColumn(columns), self._chosen)

    def _chosen(self, meanings: ColumnMeanings | None) -> None:
        if meanings:
            self.dismiss(meanings)

    @on(Choices.Taken)
    def _take(self) -> None:
        keys = [cast("tuple[str, int, str]", key) for key in self.query_one(Choices).ticked]
        fields = frozenset((key[1], key[2]) for key in keys if key[0] == _FIELD)
        new = frozenset(key[1] for key in keys if key[0] == _NEW)
        gone = frozenset(key[1] for key in keys if key[0] == _GONE)
        self.dismiss(Decision(fields, new, gone, self._how if gone else ""))


def _heading(words: Sentence) -> ChoiceRow:
    return ChoiceRow(None, ((show.text(say(words)), "strong"),))
