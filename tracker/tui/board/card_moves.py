"""Cards moved to other lanes and states, and the lanes themselves."""

from __future__ import annotations

from functools import partial

from tracker.domain.errors import Refused
from tracker.domain.verbs import board_commands, commands
from tracker.domain.workspace import Workspace
from tracker.flow.board.layout import better_lanes
from tracker.language import _
from tracker.tui import keys
from tracker.tui.board.board_view import BoardView
from tracker.tui.calculating import calculating
from tracker.tui.messages import Do
from tracker.tui.view.work import WorkScreen


class CardMoves:
    """Moves what has the focus on a board, or is marked there."""

    def __init__(self, screen: WorkScreen, board: BoardView) -> None:
        self._screen, self._board = screen, board

    def change_state(self, by: int) -> None:
        """Move the marked tasks, or else the focused one, to the next column of the states."""
        screen = self._screen
        with screen.telling():
            tasks = screen.targets()
            if self._board.look.mode != "state":
                raise Refused(
                    "Arrows decide where a card is placed: change them with {link} and {unlink}."
                    " {columns} switches to the state view, where {left} and {right} move the"
                    " card.",
                    link=keys.key_of("link"),
                    unlink=keys.key_of("unlink"),
                    columns=keys.key_of("columns"),
                    left=keys.key_of("card_left"),
                    right=keys.key_of("card_right"),
                )
            waits = board_commands.coming_to_wait(screen.workspace, tasks, by)
            if waits:
                screen.run_worker(self._ask_why(waits, tasks, by))
            else:
                screen.do(board_commands.change_state, by=by)

    async def _ask_why(self, waits: tuple[int, ...], tasks: tuple[int, ...], by: int) -> None:
        """Move tasks once it is known what those wait for that come to wait by that."""
        from tracker.tui.dialogs import typed_line

        await self._screen.ask(
            typed_line.wait_line(self._screen.workspace, waits, self._screen.today),
            lambda answer, seen: commands.on_each(
                board_commands.change_state,
                tasks,
                by=by,
                waits=waits,
                waiting_for=answer[0],
                follow_up=answer[1],
                seen=seen.tasks,
            ),
        )

    def move_lane(self, by: int) -> None:
        """Move the lane of the focused task up or down."""
        screen = self._screen
        with screen.telling():
            department = screen.workspace.tasks[screen.the_task()].department
            if department is None:
                raise Refused("The lane without a department is always last.")
            screen.post_message(Do(partial(board_commands.move_lane, department=department, by=by)))

    def order_lanes(self) -> None:
        """Put the lanes in an order in which fewer arrows cross."""
        screen = self._screen
        if len(screen.workspace.departments) < 2:
            screen.tell(_("Reordering needs at least two lanes."), "warn")
            return
        screen.tell(_("Looking for a lane order with fewer crossings …"), "dim")
        propose = partial(self._propose, screen.workspace)
        screen.run_worker(propose, thread=True, exclusive=True, group="lanes")

    @calculating
    def _propose(self, ws: Workspace) -> None:
        order, saved = better_lanes(ws)
        self._screen.host.from_thread(self._take_order, ws, order, saved)

    def _take_order(self, ws: Workspace, order: list[int], saved: int) -> None:
        screen = self._screen
        if saved <= 0:
            screen.tell(_("Lanes unchanged: no order with fewer crossings found."), "dim")
        else:
            put = partial(board_commands.order_lanes, departments=order, saved=saved)
            screen.post_message(Do(partial(put, shown=board_commands.lanes(ws))))
