"""What replanning would move: due dates from when to when, before any of them is set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import ClassVar

from textual.binding import Binding, BindingType

from tracker.domain.workspace import Workspace
from tracker.flow.forecast.critical_path import Schedule
from tracker.flow.replan import By, NewDue
from tracker.language import _
from tracker.tui.dialogs.reading import Reading
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import Passage
from tracker.wording import replan_words

# Returns what would be moved: by what, and whether dates are among it that are still ahead.
Moves = Callable[[By, bool], tuple[NewDue, ...]]


class ReplanPreview(Reading[tuple[NewDue, ...]]):
    """The dates that are to be set, each with the old one; the answer is what to move."""

    UNASKED: ClassVar[bool] = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "take", show=False),
        Binding("q", "leave", show=False),
        Binding("v", "unkept", show=False),
        Binding("f", "by", show=False),
    ]

    def __init__(
        self,
        ws: Workspace,
        moves: Moves,
        schedule: Schedule,
        p80s: Mapping[int, date],
        today: date,
    ) -> None:
        keys = _(
            "Enter set them · v late or all that cannot be kept · f P80 or finish · Esc cancel"
        )
        super().__init__(_("Replan from today"), keys)
        self._ws, self._moves, self._schedule = ws, moves, schedule
        self._p80s, self._today = p80s, today
        self._by: By = "p80"
        self._unkept = False

    @property
    def dues(self) -> tuple[NewDue, ...]:
        """What would be moved."""
        return self._moves(self._by, self._unkept)

    def text_lines(self) -> Iterable[Line]:
        """Return what moves, and what of each project stays."""
        which = _("due dates that cannot be kept") if self._unkept else _("late due dates")
        by = _("P80 of each task") if self._by == "p80" else _("its finish by the schedule")
        yield from wrap_pieces([(f"{which} {self.glyphs.right} {by}", "strong")], self.cells)
        yield ()
        found = replan_words.lines(
            self._ws,
            self.dues,
            self._schedule,
            self._p80s,
            self._today,
            self.glyphs,
            unkept=self._unkept,
        )
        for pieces in found:
            yield from wrap_pieces(pieces, self.cells) or [()]

    def _put(self) -> None:
        passage = self.query_one(Passage)
        self.fit(passage)
        passage.put(self.text_lines())

    def action_unkept(self) -> None:
        """Move what is late, or all that cannot be kept."""
        self._unkept = not self._unkept
        self._put()

    def action_by(self) -> None:
        """Set dates to P80, or to the finish by the schedule."""
        self._by = "finish" if self._by == "p80" else "p80"
        self._put()

    def action_take(self) -> None:
        """Set the dates that are shown."""
        if self.dues:
            self.dismiss(self.dues)
        else:
            self.app.bell()
