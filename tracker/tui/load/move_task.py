"""The question in which other week a task is to be done, with what that does to the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import get_current_worker

from tracker.domain.errors import TrackerError
from tracker.flow import load
from tracker.flow.load import Load, Moved, WeekMove, Who
from tracker.language import _, say
from tracker.tui.calculating import calculating
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.host import host_of
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import ChoiceRow, Choices, Passage
from tracker.wording import load_words
from tracker.wording.show import Piece


class MoveTask(Dialog[WeekMove]):
    """The weeks in which a task may begin without moving the end; `opened` if that was wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", show=False),
        Binding("q", "leave", show=False),
    ]

    DEFAULT_CSS = """
    MoveTask Choices { max-height: 8; }
    MoveTask Passage { height: 11; margin-top: 1; }
    """

    def __init__(self, found: Load, who: Who, week: date, task: int) -> None:
        keys = _("Enter move it · o open the task · Esc cancel")
        super().__init__(load_words.move_title(found, task), keys)
        self._load, self._who, self._week, self._moving = found, who, week, task
        self._moves = {move.week: move for move in found.moves(who, week, task)}
        self.opened = False

    def body(self) -> ComposeResult:
        """The weeks, and what the one under the cursor does."""
        best = self._load.best(self._who, self._week, self._moving)
        choices = Choices()
        choices.put(map(self._row, self._moves.values()), at=best.week if best else None)
        yield choices
        yield Passage()

    def _row(self, move: WeekMove) -> ChoiceRow:
        words, role = load_words.cell_words(self._load, self._who, move.week, self.glyphs)
        now = _("now {load}").format(load=words) if words else _("now free")
        right: Line = ((now, role if role in ("warn", "alarm") else "dim"),)
        return ChoiceRow(move.week, ((load_words.week_days(move.week), "plain"),), right)

    @on(Choices.Pointed)
    def _pointed(self, event: Choices.Pointed) -> None:
        move = self._moves.get(event.key)
        if move is not None:
            self.run_worker(
                partial(self._work_out, move), thread=True, exclusive=True, group="moved"
            )

    @calculating
    def _work_out(self, move: WeekMove) -> None:
        """Find out what a move does; runs in a thread, as it plans everything anew."""
        host, worker = host_of(self), get_current_worker()
        try:
            found: Moved | TrackerError = load.moved(
                self._load, host.now(), self._moving, move, host.back_up
            )
        except TrackerError as error:
            found = error
        if not worker.is_cancelled:
            host.from_thread(self._show, move, found)

    def _show(self, move: WeekMove, found: Moved | TrackerError) -> None:
        if not self.is_attached or self.query_one(Choices).key != move.week:
            return
        pieces: Sequence[Piece]
        if isinstance(found, TrackerError):
            pieces = [(say(found), "error")]
        else:
            pieces = list(
                load_words.moved_lines(self._load, self._who, self._week, self._moving, found)
            )
        self.query_one(Passage).put(self._broken(pieces))

    def _broken(self, pieces: Iterable[Piece]) -> list[Line]:
        return [line for piece in pieces for line in wrap_pieces([piece], self.room)]

    @on(Choices.Taken)
    async def _taken(self) -> None:
        move = self._moves.get(self.query_one(Choices).key)
        if move is not None and (error := await self.take(move)) is not None:
            self.query_one(Passage).put(self._broken([(say(error), "error")]))

    def action_open(self) -> None:
        """Open the task in the place of the question."""
        self.opened = True
        self.dismiss(None)
