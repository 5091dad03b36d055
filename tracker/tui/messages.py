"""What goes up from screens and widgets: something to do, something to show."""

from __future__ import annotations

from textual.message import Message

from tracker.domain.commands import Command


class Do(Message):
    """A command to be carried out on the newest workspace."""

    def __init__(self, command: Command) -> None:
        super().__init__()
        self.command = command


class Show(Message):
    """A task to be shown and given the focus."""

    def __init__(self, task: int) -> None:
        super().__init__()
        self.task = task
