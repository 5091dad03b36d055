"""Cards moved to other lanes and states, and the lanes themselves."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial

from textual import work

from tracker.domain.errors import Refused
from tracker.domain.verbs import board_commands, commands
from tracker.domain.workspace import Workspace
from tracker.flow.board.layout import layout, propose_lanes
from tracker.language import _
from tracker.tui.board.board_view import BoardView
from tracker.tui.messages import Do
from tracker.tui.view.work import WorkScreen


class Placing(WorkScreen):
    """A view with a board on which cards and lanes are moved."""

    @property
    @abstractmethod
    def view(self) -> BoardView:
        """The board."""

    def action_change_lane(self, by: int) -> None:
        """Move the marked tasks, or else the focused one, to the next lane."""
        with self.telling():
            self.do(board_commands.change_lane, by=by)

    def action_change_state(self, by: int) -> None:
        """Move the marked tasks, or else the focused one, to the next column of the states."""
        with self.telling():
            tasks = self.targets()
            if self.view.look.mode != "state":
                raise Refused(
                    "Arrows decide where a card is placed: change them with > and X. v"
                    " switches to the state view, where H and L move the card."
                )
            ws = self.workspace
            waits = [
                task
                for task in tasks
                if ws.tasks[task].open
                and board_commands.next_state(ws.tasks[task].state, by) == "waiting"
            ]
            if waits:
                self._ask_why(tuple(waits), tasks, by)
            else:
                self.do(board_commands.change_state, by=by)

    @work
    async def _ask_why(self, waits: tuple[int, ...], tasks: tuple[int, ...], by: int) -> None:
        """Move tasks once it is known what those wait for that come to wait by that."""
        from tracker.tui.dialogs import typed_line

        await self.ask(
            typed_line.wait_line(self.workspace, waits, self.today),
            lambda answer: commands.on_each(
                board_commands.change_state,
                tasks,
                by=by,
                waiting_for=answer[0],
                follow_up=answer[1],
            ),
        )

    def action_move_lane(self, by: int) -> None:
        """Move the lane of the focused task up or down."""
        with self.telling():
            department = self.workspace.tasks[self.the_task()].department
            if department is None:
                raise Refused("The lane without a department is always last.")
            self.post_message(Do(partial(board_commands.move_lane, department=department, by=by)))

    def action_order_lanes(self) -> None:
        """Put the lanes in an order in which fewer arrows cross."""
        if len(self.workspace.departments) < 2:
            self.tell(_("Reordering needs at least two lanes."), "warn")
            return
        self.tell(_("Looking for a lane order with fewer crossings …"), "dim")
        self._propose(self.workspace)

    @work(thread=True, exclusive=True, group="lanes")
    def _propose(self, ws: Workspace) -> None:
        # The tasks without a department have their lane always at the end.
        order = [lane for lane in propose_lanes(ws) if lane is not None]
        now = [lane for lane in board_commands.lanes(ws) if lane is not None]
        before, after = (layout(ws, lane_order=lanes).crossings() for lanes in (now, order))
        self.host.from_thread(self._take_order, ws, order, before, after)

    def _take_order(self, ws: Workspace, order: list[int], before: int, after: int) -> None:
        if self.workspace.departments is not ws.departments:
            self.tell(_("The lanes have changed in the meantime; try again."), "warn")
        elif after >= before:
            words = _("Lanes unchanged: no order with fewer crossings found.")
            self.tell(words, "dim")
        else:
            command = partial(board_commands.order_lanes, departments=order, saved=before - after)
            self.post_message(Do(command))
