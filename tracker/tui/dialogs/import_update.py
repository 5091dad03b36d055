"""The differences between a new version of a list and the plan, accepted line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker.domain.errors import TrackerError
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.verbs.commands import task_name
from tracker.exchange.comparing import Changed, RowDifference
from tracker.exchange.outcome import Report, name_lines
from tracker.exchange.updating import (
    Decision,
    Gone,
    Update,
    difference_line,
    newer_heading,
    row_words,
    unknown_rows,
)
from tracker.language import _, ngettext, say
from tracker.terminal_text import width
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.dialogs.import_columns import ColumnMeanings, PickColumn
from tracker.tui.dialogs.import_report import ImportReport
from tracker.tui.host import host_of
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import ChoiceRow, Choices, Passage
from tracker.wording import show

# Kinds of lines, by the first part of their keys.
_FIELD, _NEW, _GONE = "field", "new", "gone"
# The width of a tick box, and of the bar by which one scrolls with the gap before it.
_BOX, _BAR = 6, 2
# So many lines on new names stand above the others; the report has all of them.
_MOST_NAMES = 4
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

    WIDE = 100
    UNASKED: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "all", show=False),
        Binding("c", "columns", show=False),
        Binding("r", "report", show=False),
        Binding("D", "delete", show=False),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, update: Update, whole: Report, tried: Callable[[Decision], Report]) -> None:
        """`whole` is the report on all that could be taken, `tried` gives that on a decision."""
        title = _("{file}: what has changed").format(file=update.source.file)
        keys = _("space tick · a all/none · c columns · r report · Enter import · Esc cancel")
        super().__init__(title, keys)
        self._ws, self._update = update.compared, update
        self._whole, self._tried = whole, tried
        self._how: Gone = "drop"
        usual = update.usual()
        self._ticked: set[Hashable] = {(_FIELD, *each) for each in usual.fields}
        self._ticked |= {(_NEW, place) for place in usual.new}

    def body(self) -> ComposeResult:
        """Say what the ticks mean and what was remarked, and show the lines."""
        about = self._about()
        yield Passage(about)
        choices = Choices(self._rows())
        self.fit(choices, len(about))
        yield choices

    def _about(self) -> list[Line]:
        about = _("Ticked lines are imported; the others stay unchanged.")
        lines = wrap_pieces([(about, "dim")], self.room)
        names = [text for text, _heading in name_lines(self._whole) if text]
        for text in names[:_MOST_NAMES]:
            lines += wrap_pieces([(show.text(text), "warn")], self.room)
        if more := len(names[_MOST_NAMES:]):
            text = ngettext("{n} more line on new names", "{n} more lines on new names", more)
            lines.append(((text.format(n=more), "warn"),))
        if count := len(self._whole.warnings):
            text = ngettext(
                "{n} value or column to be checked: r shows it",
                "{n} values or columns to be checked: r shows them",
                count,
            )
            lines += wrap_pieces([(text.format(n=count), "warn")], self.room)
        return [*lines, ()]

    def refit(self) -> None:
        """Break the lines anew for another width."""
        about = self._about()
        self.query_one(Passage).put(about)
        choices = self.query_one(Choices)
        self.fit(choices, len(about))
        self._put_rows(choices, choices.ticked)

    def _rows(self) -> Iterator[ChoiceRow]:
        comparison = self._update.comparison
        sure = [row for row in comparison.changed if not row.doubtful]
        doubtful = [row for row in comparison.changed if row.doubtful]
        for row in sure:
            yield from self._changed(row)
        if doubtful:
            yield from self._headed(
                counted(
                    "{n} row is probably an existing task:",
                    "{n} rows are probably existing tasks:",
                    len(doubtful),
                )
            )
        for row in doubtful:
            yield from self._changed(row)
            words = sentence("no, a new task: {title}", title=row.title)
            yield from self._row((_NEW, row.place), words)
        for heading, rows in unknown_rows(comparison):
            yield from self._headed(heading)
            for row in rows:
                yield from self._row((_NEW, row.place), row_words(row))
        if gone := comparison.gone:
            yield from self._headed(
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
            yield from self._row((_GONE, id), sentence("{task}", task=task_name(self._ws, id)))
        if newer := comparison.newer:
            yield from self._headed(newer_heading(comparison))
        for id in newer:
            words = sentence("{task}", task=task_name(self._ws, id))
            for line in self._wrapped(words, "dim", _BOX):
                yield ChoiceRow(None, ((" " * _BOX, "plain"), *line))

    def _changed(self, row: RowDifference) -> Iterator[ChoiceRow]:
        task = task_name(self._ws, row.task)
        yield from self._headed(sentence("row {row}: {task}", row=row.row, task=task))
        for each in row.differences:
            style = _STYLES[each.changed]
            yield from self._row((_FIELD, row.place, each.field), difference_line(each), style)

    def _row(self, key: Hashable, words: Sentence, style: str = "plain") -> Iterator[ChoiceRow]:
        """Yield a tick box, and what of its words goes below it."""
        first, *others = self._wrapped(words, style, _BOX)
        yield ChoiceRow(key, first, tick=key in self._ticked)
        for line in others:
            yield ChoiceRow(None, ((" " * _BOX, "plain"), *line))

    def _headed(self, words: Sentence) -> Iterator[ChoiceRow]:
        return (ChoiceRow(None, line) for line in self._wrapped(words, "strong", 0))

    def _wrapped(self, words: Sentence, style: str, less: int) -> list[Line]:
        text, cells = show.text(say(words)), self.room - less - _BAR
        # Most of thousands of lines need no breaking.
        return [((text, style),)] if width(text) <= cells else wrap_pieces([(text, style)], cells)

    def action_all(self) -> None:
        """Tick all that the list has changed, and all that is new; if it is ticked, nothing."""
        every = self._update.everything()
        wanted: set[Hashable] = {(_NEW, place) for place in every.new}
        wanted |= {(_FIELD, *each) for each in every.fields}
        choices = self.query_one(Choices)
        ticked = set(choices.ticked)
        self._put_rows(choices, () if wanted <= ticked else ticked | wanted)

    def action_delete(self) -> None:
        """Have ticked tasks that are no longer in the list deleted instead of dropped, or back."""
        self._how = "delete" if self._how == "drop" else "drop"
        choices = self.query_one(Choices)
        self._put_rows(choices, choices.ticked)

    def _put_rows(self, choices: Choices, ticked: Iterable[Hashable]) -> None:
        self._ticked = set(ticked)
        choices.put(list(self._rows()))

    def action_columns(self) -> None:
        """Have another meaning chosen for a column."""
        columns = tuple(self._update.source.columns.values())
        if columns:
            self.app.push_screen(PickColumn(columns), self._chosen)

    def _chosen(self, meanings: ColumnMeanings | None) -> None:
        if meanings:
            self.dismiss(meanings)

    def action_report(self) -> None:
        """Show what taking the ticked lines would do, and all that was remarked on reading."""
        self.run_worker(self._show_report(self._decision()), exclusive=True)

    async def _show_report(self, decision: Decision) -> None:
        try:
            report = await asyncio.to_thread(self._tried, decision)
        except TrackerError as error:
            host_of(self).tell_error(error)
            return
        self.app.push_screen(ImportReport(report, _("Report")))

    @on(Choices.Taken)
    def _take(self) -> None:
        self.dismiss(self._decision())

    def _decision(self) -> Decision:
        keys = self.query_one(Choices).ticked
        fields = frozenset((key[1], key[2]) for key in keys if key[0] == _FIELD)
        new = frozenset(key[1] for key in keys if key[0] == _NEW)
        gone = frozenset(key[1] for key in keys if key[0] == _GONE)
        return Decision(fields, new, gone, self._how if gone else "")
