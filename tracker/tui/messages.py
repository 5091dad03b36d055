"""What goes up from screens and widgets: something to be done."""

from __future__ import annotations

from textual.message import Message

from tracker.domain.verbs.commands import Command


class Do(Message):
    """A command to be carried out on the newest workspace."""

    def __init__(self, command: Command) -> None:
        super().__init__()
        self.command = command
