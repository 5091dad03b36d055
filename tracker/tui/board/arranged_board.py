"""The board a view shows: chosen from what is asked for, and laid out at once or aside."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import date
from functools import partial

from textual import work
from textual.geometry import Region, Size
from textual.worker import get_current_worker

from tracker.domain import status
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.flow.board.board import Board
from tracker.flow.board.local_search import Care
from tracker.flow.board.nodes import finished
from tracker.flow.board.pieces import Zoom
from tracker.tui.board.captions import Captions
from tracker.tui.board.viewpoint import Look, same_shape
from tracker.tui.board.zooming import ZOOMS, fitted, kind_of
from tracker.tui.calculating import calculating
from tracker.tui.view.view import View
from tracker.tui.widgets.canvas import Canvas
from tracker.wording.show import Glyphs

NONE: frozenset[int] = frozenset()

# Up to so many tasks a layout is made at once; a larger one while the old picture stays.
_AT_ONCE = 300

# Boards up to this size are laid out once more with care, so long after they are first shown.
CARED_FOR, _CARE_SECONDS = 60, 0.3


class ArrangedBoard(Canvas):
    """A canvas that has a board of what is to be shown, in the look that is asked for."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.look = Look()
        self._looked = self.look
        # The zooms a person chose, by the kind of window.
        self.zooms: dict[str, str] = {}
        # Whether finished tasks step aside; unless chosen, once they are many.
        self.folds_finished: bool | None = None
        self.board: Board | None = None
        # The task that has the focus.
        self.here: int | None = None
        self._glyphs = glyphs
        # What was asked to be shown, and what is shown until its layout is there.
        self._workspace = Workspace()
        self._shown = Workspace()
        self._today = date.min
        self._captions = Captions(self._shown, self._today, glyphs)
        # Whether the window has yet to be put on a board that is seen for the first time.
        self._fresh = True

    @property
    @abstractmethod
    def window(self) -> Region:
        """The cells of the board in sight."""

    @abstractmethod
    def _take(self, board: Board) -> None:
        """Show a layout of what was asked for."""

    @property
    @abstractmethod
    def _stand(self) -> tuple[object, ...]:
        """What is different as soon as the person has done something on the board."""

    def show(self, workspace: Workspace, today: date, only: frozenset[int] | None = None) -> None:
        """Show another workspace or `only` a part, the focus on the same task at the same place."""
        another = only != self.look.only and workspace is self._workspace
        self._workspace, self._today = workspace, today
        self.look = self.look._replace(only=only)
        if self.look.around is not None and self.look.around not in workspace.tasks:
            self.look = self.look._replace(around=None)
        if self.board is None or another:
            self.look = self._fitted(self.look._replace(settled=self._finished()))
        elif self.look.settled:
            # What has been sent back is no longer over, and stays where it shows from then on.
            tasks = workspace.tasks
            still = {key for key in self.look.settled if key in tasks and not tasks[key].open}
            self.look = self.look._replace(settled=frozenset(still))
        if another:
            self._fresh = True
            self._lay_out(None)
            return
        as_before = self._looked == self.look
        if self.board and as_before and self._same_shape(workspace):
            self._take(self.board)
        else:
            self._lay_out(self.board)

    def _same_shape(self, workspace: Workspace) -> bool:
        """Return whether the layout of another workspace is the one that is shown."""
        if self.board is None or not same_shape(
            self._shown, workspace, self.look.mode, self.look.zoom
        ):
            return False
        return self.look.widths(self._captions_of(workspace)) == self.board.basis.widths

    def _captions_of(self, workspace: Workspace) -> Captions:
        return Captions(workspace, self._today, self._glyphs)

    def _fitted(self, look: Look) -> Look:
        """Return a look in the zoom that was chosen, or else in one in which all has room."""
        chosen = self.zooms.get(kind_of(self.app.size))
        zooms = (Zoom[chosen.upper()],) if chosen in ZOOMS else tuple(Zoom)
        captions = self._captions_of(self._workspace)
        return fitted(look, captions, self.app.size - Size(0, 2), zooms)

    def zoom_to(self, zoom: Zoom | None) -> None:
        """Show the board in a zoom chosen by the person, or in what fits."""
        self.zooms.pop(kind_of(self.app.size), None)
        if zoom is not None:
            self.zooms[kind_of(self.app.size)] = zoom.name.lower()
        self.show_as(self._fitted(self.look))

    def look_around(self, task: int | None) -> None:
        """Show only a task and what is near it, or all again."""
        self.show_as(self._fitted(self.look._replace(around=task)))

    def show_as(self, look: Look) -> None:
        """Show the board in another way, the cards at their places as far as that goes."""
        if look != self.look:
            keep = (look.mode, look.around) == (self.look.mode, self.look.around)
            self._fresh = self._fresh or look.around != self.look.around
            self.look = look
            self._lay_out(self.board if keep else None)

    def _finished(self) -> frozenset[int]:
        """Return the finished tasks that step aside.

        Unless chosen they do once they are a third, as long as anything else is left to be seen.
        """
        ws, folds = self._workspace, self.folds_finished
        if folds is None:
            closed = sum(not task.open for task in ws.tasks.values())
            folds = 3 * closed >= len(ws.tasks) > closed
        return finished(ws) if folds else NONE

    def fold_finished(self, fold: bool | None = None) -> bool:
        """Let finished tasks step aside, or show them; return whether they are aside now."""
        self.folds_finished = not self.look.settled if fold is None else fold
        self.show_as(self._fitted(self.look._replace(settled=self._finished())))
        return bool(self.look.settled)

    def tidy(self) -> None:
        """Lay out anew with all care, with no regard to where the cards were."""
        if self.look.settled or self.folds_finished is not False:
            self.look = self.look._replace(settled=self._finished())
        self._lay_out(None, tight=True)

    @property
    def _laying_out(self) -> bool:
        """Whether what is shown is not yet what was asked for."""
        return self._shown is not self._workspace or self._looked != self.look

    def _lay_out(self, previous: Board | None, *, tight: bool = False) -> None:
        only = self.look.only
        count = len(self._workspace.tasks if only is None else only)
        if count <= _AT_ONCE:
            tight = tight or previous is None
            captions = self._captions_of(self._workspace)
            self._take(self.look.layout(captions, previous, tight))
            if previous is None and count <= CARED_FOR:
                begun = partial(self._begin_care, self.board, self.here)
                self.set_timer(_CARE_SECONDS, begun)
        else:
            if self.board is None and self.look.around is None:
                self._begin()
            if self._looked.around != self.look.around:
                previous = None  # it shows a part
            self._lay_out_aside(self._workspace, self.look, previous, tight)

    def _begin(self) -> None:
        """Show where to begin and what is near, while the whole of a large board is laid out."""
        tasks, only = self._workspace.tasks, self.look.only
        self.here = self._first(tasks.values() if only is None else map(tasks.__getitem__, only))
        near = self.look._replace(around=self.here)
        self._take(near.layout(self._captions_of(self._workspace), None, False))
        self._looked = near

    def _begin_care(self, board: Board | None, here: int | None) -> None:
        if board is not None and board is self.board and here == self.here and not self._laying_out:
            captions = self._captions_of(self._shown)
            self._lay_out_with_care(board, captions, self.look, self._stand)

    @work(thread=True, exclusive=True, group="care")
    @calculating
    def _lay_out_with_care(
        self, board: Board, captions: Captions, look: Look, stand: tuple[object, ...]
    ) -> None:
        """Look for a board that crosses less; nobody waits for it."""
        worker = get_current_worker()

        def wanted() -> bool:
            return not worker.is_cancelled and self.is_attached and self._stand == stand

        better = look.layout(captions, None, True, Care(wanted))
        if wanted():
            self.app.call_from_thread(self._take_better, board, better, stand)

    def _take_better(self, board: Board, better: Board, stand: tuple[object, ...]) -> None:
        """Show a board that crosses less and has room, if nobody has begun to work on this one."""
        window, shown = self.window, self._shown is self._workspace
        width, height = max(board.width, window.width), max(board.height, window.height)
        fits = better.width <= width and better.height <= height
        if self._stand == stand and shown and fits and better.crossings() < board.crossings():
            self._take(better)

    @work(thread=True, exclusive=True)
    @calculating
    def _lay_out_aside(
        self, workspace: Workspace, look: Look, previous: Board | None, tight: bool
    ) -> None:
        worker = get_current_worker()
        board = look.layout(self._captions_of(workspace), previous, tight)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._laid_out, workspace, look, board)

    def _laid_out(self, workspace: Workspace, look: Look, board: Board) -> None:
        # One that was overtaken may still deliver: keep only what is asked for now.
        if workspace is self._workspace and look == self.look and self.is_attached:
            screen = self.screen
            with screen.arriving() if isinstance(screen, View) else nullcontext():
                self._take(board)

    def _first(self, tasks: Iterable[Task]) -> int:
        """Return the task to begin with."""
        return status.first_to_do(self._workspace, tasks, self._today)

    def resized(self) -> None:
        """Choose the zoom anew for a window of another size."""
        look = self._fitted(self.look)
        if look != self.look:
            self.call_later(self.show_as, look)
