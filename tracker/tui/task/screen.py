"""One task on a screen of its own."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget
from textual.worker import Worker

from tracker.domain.workspace import Workspace
from tracker.language import _
from tracker.tui.host import follow
from tracker.tui.task.detail_pane import DetailPane
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.work import WorkScreen


class DetailScreen(WorkScreen):
    """One task, with all that is known about it; arrows lead on to other tasks."""

    def named(self, _about: str = "") -> str:
        """Return the name of the view, to which no key leads."""
        return _("[Task]")

    def __init__(self, task: int) -> None:
        super().__init__()
        self._task_id = task
        self._trail: list[int] = []

    def compose_view(self) -> Iterable[Widget]:
        """Make the pane."""
        pane = DetailPane(full=True, glyphs=self.host.glyphs, look_back=self.host.history_of)
        pane.can_focus = True
        follow(pane, self, "today", "workspace", "outlook")
        yield pane

    def take_keys(self) -> None:
        """Give the keys to the pane."""
        self.pane.focus()

    @property
    def pane(self) -> DetailPane:
        """What is shown."""
        return self.query_one(DetailPane)

    @property
    def pointed(self) -> object:
        """What has the cursor on the page."""
        return self.pane.pointed

    def around(self) -> object:
        """Return what can have the cursor on the page."""
        return self.pane.around

    @property
    def focused_task(self) -> int | None:
        """The task shown, as long as it is there."""
        return self._task_id if self._task_id in self.workspace.tasks else None

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The task shown."""
        return (self._task_id,)

    @property
    def reading_order(self) -> Iterable[int]:
        """All tasks: from one of a kind to the next one goes anywhere."""
        return self.workspace.tasks

    def show_workspace(self, workspace: Workspace) -> None:
        """Show the task as it is now; when it has been deleted there is nothing to stay for."""
        if self._task_id not in workspace.tasks:
            asking = any(each.node is self and not each.is_finished for each in self.workers)
            if self.app.screen is self and self.host.free and not asking:
                told = self.query_one(StatusLine).message
                self.leave()
                if isinstance(front := self.app.screen, WorkScreen) and (lost := self.aim.lost):
                    front.aim.lose(lost)
                if told is not None:
                    self.host.tell(*told)
            else:
                # What is asked or typed in front of it stays: it is looked at again behind that.
                self._stale = True
            return
        self.pane.task_id = self._task_id

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Look again whether the task is there, once nothing more is asked about it."""
        if event.worker.is_finished:
            self._catch_up()

    def focus_task(self, task: int) -> bool:
        """Go on to another task; leaving comes back here."""
        if task not in self.workspace.tasks:
            return False
        if task != self._task_id:
            self._trail.append(self._task_id)
            self._show(task)
        return True

    def _show(self, task: int) -> None:
        self._task_id = task
        self.pane.task_id = task

    def action_move(self, direction: str) -> None:
        """Move among what leads somewhere; sideways along the arrows."""
        if direction in ("up", "down"):
            self.pane.step(1 if direction == "down" else -1)
        else:
            self.action_follow(1 if direction == "right" else -1)

    def action_first(self) -> None:
        """Go to the top."""
        self.pane.go(0, -1)

    def action_last(self) -> None:
        """Go to the end."""
        self.pane.go(len(self.pane.lines), 1)

    def action_half_page(self, direction: int) -> None:
        """Scroll by half a page."""
        self.pane.half_page(direction)

    def action_open(self) -> None:
        """Follow the line under the cursor; where there is none, edit the task."""
        if not self.pane.take():
            self.action_edit()

    def on_detail_pane_taken(self, message: DetailPane.Taken) -> None:
        """Go to the other end of an arrow."""
        self.focus_task(message.task)

    def on_detail_pane_copied(self, message: DetailPane.Copied) -> None:
        """Copy a link."""
        self.copied(message.link, _("Copied: {text}").format(text=message.link))

    def leave(self) -> None:
        """Go back to the task one came from, then to the view."""
        while self._trail:
            task = self._trail.pop()
            if task in self.workspace.tasks:
                self._show(task)
                return
        self.leave_line()
        self.dismiss(None)
