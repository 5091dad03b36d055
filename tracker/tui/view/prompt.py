"""The line in which a filter or a command is typed, at the foot of a view."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from tracker.tui.view.frame import Aside
from tracker.tui.widgets.line_input import LineInput, goes_on


class Purpose(Protocol):
    """What a line is typed for."""

    @property
    def sign(self) -> str:
        """The prompt before the line, unless a question is asked there."""

    def suggest(self, text: str, cursor: int) -> list[str]:
        """Return what the word before the cursor may become."""

    def typed(self, text: str) -> None:
        """Read the current line."""

    async def done(self, text: str) -> bool:
        """Take what was typed; False if the line is to stay."""

    def left(self) -> None:
        """Take in that the line was given up."""


class _Dim(Suggester):
    """What the line may become, dim behind the cursor; → takes it."""

    def __init__(self, purpose: Purpose) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._purpose = purpose

    async def get_suggestion(self, value: str) -> str | None:
        """Return the line with its last word completed, None where nothing is known."""
        before, blank, word = value.rpartition(" ")
        if not word:
            return None
        found = self._purpose.suggest(value, len(value))
        fits = (each for each in found if each.startswith(word) and each != word)
        return next((f"{before}{blank}{each}" for each in fits), None)


class Prompt(Widget):
    """One line with the sign of its purpose in front, or with what is `asked`.

    Tab completes, Enter is done, Escape leaves; `Closed` says that the line may go.
    """

    DEFAULT_CSS = """
    Prompt {
        layout: horizontal; width: 1fr; height: 1; overflow: hidden hidden;
        dock: bottom; layer: above; background: ansi_default;
    }
    Prompt > Static { width: auto; }
    Prompt > Input { border: none; height: 1; padding: 0; width: 1fr; background: ansi_default; }
    Prompt > Input:focus { border: none; }
    """

    BINDINGS: ClassVar = [
        Binding("escape", "leave", show=False),
        Binding("tab", "complete", show=False, priority=True),
    ]

    class Closed(Message):
        """Nothing more is to be typed."""

    def __init__(
        self, purpose: Purpose, text: str = "", *, asked: str = "", replace: bool = False
    ) -> None:
        super().__init__()
        self._replace = replace
        self.purpose, self._text = purpose, text
        self._asked = asked or purpose.sign
        self._round: list[str] = []
        # The line as a suggestion left it.
        self._completed = ""
        # Whether it is being carried out, and whether nothing more is to be typed.
        self._under_way = self._over = False

    def compose(self) -> ComposeResult:
        """Make the sign and the input."""
        yield Static(self._asked, markup=False)
        yield LineInput(self._text, select_on_focus=self._replace, suggester=_Dim(self.purpose))
        yield Aside()

    def on_mount(self) -> None:
        """Take the keys."""
        self.query_one(Input).focus()

    def take_keys(self) -> None:
        """Take the keys again to go on typing, unless it is closing."""
        for line in self.query(Input):
            if not self._over:
                line.select_on_focus = False
                line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Report the current line."""
        event.stop()
        if event.value != self._completed:
            self._round = []
        self.purpose.typed(event.value)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Have it done, once."""
        event.stop()
        # Enter may have been pressed once more meanwhile.
        if not self._over and await self._done(event.value):
            self._over = True
            self.post_message(self.Closed())

    async def _done(self, text: str) -> bool:
        self._under_way = True
        try:
            return await self.purpose.done(text)
        finally:
            self._under_way = False

    def on_key(self, event: events.Key) -> None:
        """Begin a new round of suggestions after any other key; leave an empty line backwards."""
        if event.key != "tab":
            self._round = []
        if event.key == "backspace" and not self.query_one(Input).value:
            event.stop()
            self.action_leave()

    def on_line_input_at_end(self, event: LineInput.AtEnd) -> None:
        """Take what is suggested where it goes on from what has been typed."""
        event.stop()
        value = event.line.value
        words, typed = self.purpose.suggest(value, len(value)), value.rpartition(" ")[2]
        if typed and words and goes_on(words[0], typed):
            self._round = []
            self.action_complete()

    def view_goes(self) -> None:
        """Give up, unless it is what is being carried out here that has the view go."""
        if not self._under_way:
            self.action_leave()

    def action_leave(self) -> None:
        """Give up, unless it is over already."""
        if not self._over:
            self._over = True
            self.purpose.left()
            self.post_message(self.Closed())

    def action_complete(self) -> None:
        """Put in the next suggestion for the word at the cursor."""
        line = self.query_one(Input)
        if not self._round:
            self._round = self.purpose.suggest(line.value, line.cursor_position)
        if not self._round:
            return
        word = self._round.pop(0)
        self._round.append(word)
        before = line.value[: line.cursor_position]
        start = before.rfind(" ") + 1
        line.value = self._completed = before[:start] + word + line.value[line.cursor_position :]
        line.cursor_position = start + len(word)
