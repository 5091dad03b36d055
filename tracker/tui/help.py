"""The list of keys: typing filters it, Enter runs what is under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tracker import plain
from tracker.language import _
from tracker.tui.keys import KEYS, display, keys_of, known
from tracker.tui.show import Piece
from tracker.tui.widgets.rows import Rows

# The views with keys of their own; the bindings that show them are called alike.
_VIEWS = {"board", "tasks", "loops"}


class HelpScreen(ModalScreen[str | None]):
    """All keys of a view; the result is the action to run."""

    BINDINGS: ClassVar = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,ctrl+n", "step(1)", show=False, priority=True),
        Binding("up,ctrl+p", "step(-1)", show=False, priority=True),
        Binding("pagedown", "step(10)", show=False, priority=True),
        Binding("pageup", "step(-10)", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical {
        width: 90%; max-width: 96; height: 90%; border: solid ansi_blue; padding: 0 1;
        background: ansi_default;
    }
    HelpScreen Input { border: none; height: 1; padding: 0; background: ansi_default; }
    HelpScreen Input:focus { border: none; }
    HelpScreen #whole { height: 2; margin-top: 1; }
    HelpScreen .hint { height: 1; text-style: dim; }
    """

    def __init__(self, where: tuple[str, ...]) -> None:
        super().__init__()
        own = known(*where, "app")
        # Behind those of this view the others', which are found by typing.
        self._here = len(own)
        self._keys = [*own, *(key for key in KEYS if key.where in _VIEWS and key not in own)]

    def compose(self) -> ComposeResult:
        """Make the filter and the list."""
        with Vertical() as box:
            box.border_title = _("Keys")
            yield Input(placeholder=_("type to filter"), compact=True)
            yield Rows(self._paint)
            yield Static(id="whole", markup=False)
            yield Static(_("Enter runs it · Esc closes"), classes="hint", markup=False)

    def on_mount(self) -> None:
        """Show all keys."""
        self._filter("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the keys that match."""
        self._filter(event.value)

    def on_input_submitted(self) -> None:
        """Run what is under the cursor."""
        row = self.query_one(Rows).row
        if row is not None:
            self.dismiss(self._action(row))

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Tell in full what the key under the cursor does."""
        told = "" if event.row is None else self._told(event.row)
        self.query_one("#whole", Static).update(told)

    def _told(self, row: int) -> str:
        key = self._keys[row]
        if row < self._here:
            return _(key.tooltip)
        view = next(_(view.word) for view in KEYS if view.id == key.where)
        return f"[{view}] {_(key.tooltip)}"

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Run what was clicked."""
        self.dismiss(self._action(event.row))

    def on_key(self, event: events.Key) -> None:
        """Close with the key that opened it, as long as nothing is typed."""
        if event.key in ("f1", "question_mark") and not self.query_one(Input).value:
            event.stop()
            event.prevent_default()
            self.dismiss(None)

    def action_step(self, lines: int) -> None:
        """Move the cursor."""
        self.query_one(Rows).step(lines)

    def _action(self, row: int) -> str:
        key = self._keys[row]
        if row >= self._here:
            return f"view('{key.where}')"
        return f"app.{key.action}" if key.where == "app" else key.action

    def _filter(self, typed: str) -> None:
        words = typed.casefold().split()
        rows = []
        for row, key in enumerate(self._keys):
            told = " ".join(
                (display(keys_of(key)), _(key.word), _(key.tooltip), _(key.group), key.word, key.id)
            ).casefold()
            if (words or row < self._here) and all(word in told for word in words):
                rows.append(row)
        self.query_one(Rows).show(rows)

    def _paint(self, row: int, cells: int) -> list[Piece]:
        key = self._keys[row]
        first = row == 0 or self._keys[row - 1].group != key.group
        group = 14 if cells >= 84 else 0
        style = "" if row < self._here else "dim"
        return [
            (plain.fit(_(key.group) if first else "", group), "dim"),
            (plain.fit(display(keys_of(key)), 12), "key"),
            (plain.cut(self._told(row), max(cells - group - 12, 0)), style),
        ]
