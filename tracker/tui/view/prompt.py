"""The line in which a filter or a command is typed, at the foot of a view."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tracker.tui.view.frame import Aside
from tracker.tui.widgets.entry import Entry

Suggest = Callable[[str, int], list[str]]


class Prompt(Horizontal):
    """One line with its sign in front, or with what is `asked`.

    Tab completes, Enter is `Done`, Escape is `Left`.
    """

    DEFAULT_CSS = """
    Prompt { height: 1; dock: bottom; layer: above; background: ansi_default; }
    Prompt > Static { width: auto; }
    Prompt > Input { border: none; height: 1; padding: 0; width: 1fr; background: ansi_default; }
    Prompt > Input:focus { border: none; }
    """

    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("tab", "complete", show=False, priority=True),
    ]

    class Typed(Message):
        """The text has changed."""

        def __init__(self, sign: str, text: str) -> None:
            super().__init__()
            self.sign, self.text = sign, text

    class Done(Typed):
        """Enter was pressed."""

    class Left(Message):
        """Escape was pressed."""

    def __init__(
        self, sign: str, text: str = "", *, asked: str = "", suggest: Suggest | None = None
    ) -> None:
        super().__init__()
        self.sign = sign
        self._asked = asked or sign
        self._text = text
        self._suggest = suggest
        self._round: list[str] = []

    def compose(self) -> ComposeResult:
        """Make the sign and the input."""
        yield Static(self._asked, markup=False)
        yield Entry(self._text, select_on_focus=False)
        yield Aside()

    def on_mount(self) -> None:
        """Take the keys."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what stands there now."""
        event.stop()
        self.post_message(self.Typed(self.sign, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Say that it is to be done."""
        event.stop()
        self.post_message(self.Done(self.sign, event.value))

    def on_key(self, event: events.Key) -> None:
        """Begin a new round of suggestions after any other key; leave an empty line backwards."""
        if event.key != "tab":
            self._round = []
        if event.key == "backspace" and not self.query_one(Input).value:
            event.stop()
            self.action_leave()

    def action_leave(self) -> None:
        """Give up."""
        self.post_message(self.Left())

    def action_complete(self) -> None:
        """Put in the next suggestion for the word at the cursor."""
        line = self.query_one(Input)
        if not self._round and self._suggest:
            self._round = self._suggest(line.value, line.cursor_position)
        if not self._round:
            return
        word = self._round.pop(0)
        self._round.append(word)
        before = line.value[: line.cursor_position]
        start = before.rfind(" ") + 1
        line.value = before[:start] + word + line.value[line.cursor_position :]
        line.cursor_position = start + len(word)
