"""The dependency board: who waits for whom, and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from textual import events
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from tracker import terminal_text
from tracker.domain.verbs import board_commands
from tracker.domain.workspace import Workspace
from tracker.flow.board.board import Direction
from tracker.flow.board.pieces import Zoom
from tracker.language import _, ngettext
from tracker.tui import keys
from tracker.tui.board.arrow_drawing import ArrowDrawing
from tracker.tui.board.board_view import BoardView
from tracker.tui.board.card_moves import CardMoves
from tracker.tui.task.beside import BesideScreen
from tracker.tui.view.frame import HeadLine
from tracker.wording import show


class BoardScreen(BesideScreen):
    """All tasks as cards in the lanes of their departments, with their arrows."""

    BINDINGS = keys.bindings("board")
    VIEW = "board"
    KEYS_OF = ("work", "board")

    DEFAULT_CSS = """
    BoardScreen #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
    BoardScreen.-empty #empty { display: block; }
    BoardScreen.-empty Horizontal { display: none; }
    """

    drawing: ArrowDrawing
    moves: CardMoves

    def compose_view(self) -> Iterable[Widget]:
        """Make the board and the lines below it."""
        board = BoardView(self.host.glyphs)
        zooms = self.host.recalled("zoom")
        if isinstance(zooms, dict):
            board.zooms.update(zooms)
        folds = self.host.recalled("fold_finished")
        board.folds_finished = folds if isinstance(folds, bool) else None
        self.drawing, self.moves = ArrowDrawing(self, board), CardMoves(self, board)
        yield Horizontal(board)
        yield Static(id="empty", markup=False)

    @property
    def view(self) -> BoardView:
        """The board."""
        return self.query_one(BoardView)

    @property
    def under_way(self) -> bool:
        """Whether an arrow is being drawn, or a line typed."""
        return super().under_way or (self.is_mounted and self.drawing.under_way)

    def forget(self) -> None:
        """Forget an arrow that is being drawn, too."""
        super().forget()
        if self.is_mounted and self.drawing.under_way:
            self.drawing.end()

    @property
    def focused_task(self) -> int | None:
        """The task that has the focus, also while its card is still being laid out."""
        return self.view.in_hand

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks column by column."""
        return self.view.reading_order

    def show_workspace(self, workspace: Workspace) -> None:
        """Show the workspace, the focus kept; without tasks, say how to begin."""
        tasks = self.in_scope
        self.set_class(not tasks, "-empty")
        if not tasks:
            self.query_one("#empty", Static).update(keys.named(self.no_tasks))
        self.drawing.follow(workspace)
        only = None if self.scope.known(workspace).whole else frozenset(tasks)
        self.view.show(workspace, self.today, only)

    def show_outlook(self) -> None:
        """Show by when it is over, and what the loop of the focused task costs."""
        super().show_outlook()
        self.view.price(self.outlook.costs if self.outlook else {})

    def focus_task(self, task: int) -> bool:
        """Give a task the focus; where only some tasks are shown and not this, show all."""
        if not self.view.go_to(task) and self.view.look.around is not None:
            self._look_around(None)
        return self.view.go_to(task)

    def in_sight(self) -> Sequence[int]:
        """Return the tasks whose cards can be read, but the one that has the focus."""
        return self.view.in_sight()

    def show_labels(self, labels: Mapping[int, str]) -> None:
        """Show letters on cards."""
        self.view.label(labels)

    def show_marks(self) -> None:
        """Paint marks, hits and news, and say how many hits there are."""
        self.view.mark(self.marked, self.search.hits, self.news)
        self._show_name()

    def _show_name(self) -> None:
        """Say in the head line what part of the board is shown, and how many hits there are."""
        head = self.query_one(HeadLine)
        task = self.view.look.around
        head.view = self.named(_("around {task}").format(task=task) if task is not None else "")
        hits = len(self.search.hits)
        head.note = ngettext("{n} hit", "{n} hits", hits).format(n=hits) if hits else ""

    def action_move(self, direction: str) -> None:
        """Go to the nearest card in a direction."""
        self.view.move(cast("Direction", direction))

    def action_first(self) -> None:
        """Go to the first card."""
        self._go_to_end(0)

    def action_last(self) -> None:
        """Go to the last card."""
        self._go_to_end(-1)

    def _go_to_end(self, end: int) -> None:
        order = self.view.reading_order
        if order:
            self.view.go_to(order[end])

    def action_half_page(self, direction: int) -> None:
        """Go half a window down or up."""
        self.view.half_page(direction)

    def action_chain(self) -> None:
        """Highlight the whole chain, or end that."""
        self.view.toggle_chain("through")

    def action_longest(self) -> None:
        """Highlight the critical path of open tasks from its first task on, or end that."""
        path = self.view.longest
        if self.view.chain == "longest":
            self.view.toggle_chain("longest")
        elif len(path) < 2:
            self.tell(_("No open task depends on another."), "dim")
        else:
            self.view.toggle_chain("longest")
            if self.focused_task not in path:
                self.focus_task(path[0])
            ends = (
                terminal_text.cut(show.name(self.workspace, end), 20) for end in (path[0], path[-1])
            )
            chain = f" {self.host.glyphs.right} ".join(ends)
            words = ngettext(
                "{n} task: {chain} · {key:follow_back} {key:follow} to follow it,"
                " {key:longest} to end",
                "{n} tasks: {chain} · {key:follow_back} {key:follow} to follow it,"
                " {key:longest} to end",
                len(path),
            )
            self.tell(keys.named(words, n=len(path), chain=chain), "plain")

    def action_follow(self, direction: int) -> None:
        """Go along an arrow, along the critical path while it is highlighted."""
        path = self.view.longest if self.view.chain == "longest" else []
        here = self.focused_task
        at = path.index(here) + direction if here in path else -1
        if 0 <= at < len(path):
            self.focus_task(path[at])
        else:
            super().action_follow(direction)

    def action_around(self) -> None:
        """Show only the task and what is near it, or all tasks again."""
        with self.telling():
            self._look_around(None if self.view.look.around is not None else self.the_task())

    def _look_around(self, task: int | None) -> None:
        self.view.look_around(task)
        self._show_name()

    def action_fold(self) -> None:
        """Fold or unfold the loop or the lane of the task, or show the finished ones there."""
        if self.view.on_finished:
            self._fold_finished(fold=False)
        else:
            self.view.fold()

    def action_finished(self) -> None:
        """Let finished tasks step aside, or show them all."""
        self._fold_finished()

    def _fold_finished(self, fold: bool | None = None) -> None:
        aside = self.view.fold_finished(fold)
        self.host.remember(fold_finished=bool(self.view.folds_finished))
        if aside:
            self.tell(keys.named(_("Finished tasks are folded; {key:finished} shows them.")), "dim")
        elif self.view.folds_finished:
            self.tell(_("No finished task has only finished ones before it."), "dim")
        else:
            self.tell(
                keys.named(_("All tasks are shown; {key:finished} folds finished ones.")), "dim"
            )

    def action_zoom(self, step: int) -> None:
        """Show more or fewer cards."""
        zoom = self.view.look.zoom + step
        if zoom in tuple(Zoom):
            self._zoom_to(Zoom(zoom))
        elif step > 0:
            self.tell(_("This is the smallest card size."), "dim")
        else:
            self.tell(_("This is the largest card size."), "dim")

    def action_fit(self) -> None:
        """Show as much of each card as lets all open tasks be seen at once."""
        self._zoom_to(None)
        self.tell(_("Card size adjusted to the window."), "dim")

    def _zoom_to(self, zoom: Zoom | None) -> None:
        """Show the board in another zoom, now and whenever this workspace is opened here."""
        self.view.zoom_to(zoom)
        self.host.remember(zoom=self.view.zooms)

    def action_columns(self) -> None:
        """Change the columns between flow and state."""
        look = self.view.look
        if look.mode == "flow":
            self.view.show_as(look._replace(mode="state"))
            self.tell(_("Columns now show the state."), "dim")
        else:
            self.view.show_as(look._replace(mode="flow"))
            self.tell(_("Columns now follow the arrows."), "dim")

    def action_refresh(self) -> None:
        """Read what others did, and tidy the board."""
        super().action_refresh()
        self.view.tidy()

    def on_board_view_moved(self, event: BoardView.Moved) -> None:
        """Show the task that has the focus in the panel, and the date of its project."""
        event.stop()
        self.focus_moved()

    def action_open(self) -> None:
        """Draw the arrow that has been begun, show finished tasks, or open the task."""
        if self.drawing.under_way:
            self.drawing.draw()
        elif self.view.on_finished:
            self._fold_finished(fold=False)
        else:
            super().action_open()

    def action_back(self) -> None:
        """End the highlight of the chain, what ends on every view, and then the view of a part."""
        if self.drawing.under_way:
            self.drawing.end()
        elif self.view.chain:
            self.view.toggle_chain(self.view.chain)
        elif self.view.look.around is not None and not self.search.hits and not self.marked:
            self._look_around(None)
        else:
            super().action_back()

    def action_link(self) -> None:
        """Begin an arrow to a task that needs this one."""
        with self.asking():
            self.drawing.begin("needs")

    def action_link_return(self) -> None:
        """Begin a return arrow to an earlier task."""
        with self.asking():
            self.drawing.begin("returns")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let nothing be changed while an arrow is drawn."""
        if self.is_mounted and not self.drawing.allows(action):
            return False
        return super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """Let a key be about the arrow that is being drawn."""
        if not self.first_key:
            self.drawing.take_key(event)

    def action_change_lane(self, by: int) -> None:
        """Move the marked tasks, or else the focused one, to the next lane."""
        with self.telling():
            order = board_commands.lanes(self.looked_at)
            self.do(board_commands.change_lane, by=by, order=order)

    def action_change_state(self, by: int) -> None:
        """Move the marked tasks, or else the focused one, to the next column of the states."""
        self.moves.change_state(by)

    def action_move_lane(self, by: int) -> None:
        """Move the lane of the focused task up or down."""
        self.moves.move_lane(by)

    def action_order_lanes(self) -> None:
        """Put the lanes in an order in which fewer arrows cross."""
        self.moves.order_lanes()

    def on_board_view_opened(self, event: BoardView.Opened) -> None:
        """Open a task by mouse."""
        event.stop()
        self.action_open()
