"""Views beside which a task opens, where there is room."""

from __future__ import annotations

from textual.containers import Horizontal

from tracker.language import _
from tracker.tui import keys
from tracker.tui.host import follow
from tracker.tui.task.detail_pane import DetailPane
from tracker.tui.view.work import WorkScreen
from tracker.wording import show

# From so many columns on a task opens beside the view, below that on a screen of its own.
_WIDE = 120


class BesideScreen(WorkScreen):
    """A view in a `Horizontal` beside which the focused task opens.

    The panel shows the newest; once it has the keys it shows everything, to be gone through.
    """

    DEFAULT_CSS = """
    BesideScreen DetailPane {
        width: 36%; min-width: 44; max-width: 90;
        border-left: solid ansi_default; padding-left: 1;
    }
    BesideScreen DetailPane:focus { border-left: heavy ansi_default; }
    BesideScreen DetailPane.-ascii { border-left: ascii ansi_default; }
    BesideScreen DetailPane.-ascii:focus { border-left: ascii ansi_default; }
    """

    @property
    def panel(self) -> DetailPane | None:
        """The panel, where there is one."""
        return next(iter(self.query(DetailPane)), None)

    @property
    def in_panel(self) -> object:
        """What has the cursor in the panel, be it nothing, while that has the keys."""
        return (self.panel.pointed,) if self.panel and self.panel.has_focus else None

    def around(self) -> object:
        """Return what keys lead to in the panel too, while that has them."""
        in_panel = self.panel.around if self.panel and self.panel.has_focus else None
        return super().around(), in_panel

    def focus_moved(self) -> None:
        """Show the task that has the focus now."""
        super().focus_moved()
        if self.panel:
            self.panel.task_id = self.focused_task

    def action_open(self) -> None:
        """Open the task beside the view, or give the keys to it if it is open.

        In a narrow window it is opened on a screen of its own.
        """
        panel = self.panel
        if panel is not None and panel.has_focus:
            self.action_edit()
        elif panel is not None:
            panel.focus()
            words = _(
                "{key:open} follows a line, {key:advance} ticks it, {key:copy} copies a link;"
                " {key:escape} goes back."
            )
            self.tell(keys.named(words), "dim")
        elif self.app.size.width < _WIDE or self.focused_task is None:
            super().action_open()
        else:
            with self.telling():
                self._open_beside(self.the_task())

    def _open_beside(self, task: int) -> None:
        panel = DetailPane(glyphs=self.host.glyphs, look_back=self.host.history_of)
        follow(panel, self, "today", "workspace", "outlook")
        panel.task_id = task
        panel.can_focus = True
        panel.set_class(self.host.glyphs is show.ASCII, "-ascii")
        self.query_one(Horizontal).mount(panel)
        self.tell(keys.named(_("{key:open} again goes into it, {key:escape} closes it.")), "dim")

    def _close(self) -> None:
        if self.panel:
            self.panel.remove()
            # What is typed goes on where it is typed.
            if not self.has_class("-prompting"):
                self.take_keys()

    def on_resize(self) -> None:
        """Close the panel where it leaves too little room."""
        if self.app.size.width < _WIDE:
            if self.panel and self.panel.has_focus:
                # The next key may be meant for what had the cursor in it.
                self.lose_aim()
            self._close()

    def on_detail_pane_left(self) -> None:
        """Take the keys back."""
        self.take_keys()

    def on_detail_pane_taken(self, message: DetailPane.Taken) -> None:
        """Go to the other end of an arrow."""
        self.host.go_to(message.task)

    def on_detail_pane_copied(self, message: DetailPane.Copied) -> None:
        """Copy a link."""
        self.copied(message.link, _("Copied: {text}").format(text=message.link))

    def leave(self) -> None:
        """Close the panel, or leave the view."""
        if self.panel:
            self._close()
        else:
            super().leave()
