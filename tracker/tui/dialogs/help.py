"""The list of keys and signs: typing filters it, Enter runs what is under the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tracker import terminal_text
from tracker.language import _
from tracker.tui import keys
from tracker.tui.keys import KEYS, Key, display, keys_of, known
from tracker.tui.widgets.rows import Rows
from tracker.wording import show
from tracker.wording.show import Glyphs, Piece

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

    def __init__(self, where: tuple[str, ...], glyphs: Glyphs) -> None:
        super().__init__()
        own = known(*where, "app")
        # Behind those of this view the others', which are found by typing.
        others = [key for key in KEYS if key.where in _VIEWS and key not in own]
        self._listed = [
            *(_listed(key, here=True) for key in own),
            *(_signs(glyphs) if "board" in where else ()),
            *(_listed(key, here=False) for key in others),
        ]
        self._group_width = 1 + max(terminal_text.width(row.group) for row in self._listed)
        # The first row of each group among those that are shown.
        self._heads: set[int] = set()

    def compose(self) -> ComposeResult:
        """Make the filter and the list."""
        with Vertical() as box:
            box.border_title = _("Keys")
            yield Input(placeholder=_("type to filter"), compact=True)
            yield Rows(self._paint)
            yield Static(id="whole", markup=False)
            yield Static(_("Enter run · Esc close"), classes="hint", markup=False)

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
        if row is not None and self._action(row):
            self.dismiss(self._action(row))

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Show the full description of the key under the cursor."""
        typed = self.query_one(Input).value
        told = _("No key matches {text}.").format(text=show.text(typed))
        if event.row is not None:
            told = self._listed[event.row].told
        self.query_one("#whole", Static).update(told)

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Run what was clicked."""
        if self._action(event.row):
            self.dismiss(self._action(event.row))

    def on_key(self, event: events.Key) -> None:
        """Close with the key that opened it, as long as nothing is typed."""
        if event.key in keys.keys_for("help") and not self.query_one(Input).value:
            event.stop()
            event.prevent_default()
            self.dismiss(None)

    def action_step(self, lines: int) -> None:
        """Move the cursor."""
        self.query_one(Rows).step(lines)

    def _action(self, row: int) -> str | None:
        action: str | None = self._listed[row].action
        return action

    def _filter(self, typed: str) -> None:
        words = typed.casefold().split()
        shown = [
            at
            for at, row in enumerate(self._listed)
            if (words or row.here) and all(word in row.found_by for word in words)
        ]
        groups = [self._listed[at].group for at in shown]
        before = ["", *groups]
        self._heads = {
            at for at, group, last in zip(shown, groups, before, strict=False) if group != last
        }
        self.query_one(Rows).show(shown)

    def _paint(self, row: int, cells: int) -> list[Piece]:
        listed = self._listed[row]
        group = self._group_width if cells >= 84 else 0
        return [
            (terminal_text.fit(listed.group if row in self._heads else "", group), "dim"),
            (terminal_text.fit(listed.sign, 12), "key"),
            (
                terminal_text.cut(listed.told, max(cells - group - 12, 0)),
                "" if listed.here else "dim",
            ),
        ]


class _Row(NamedTuple):
    """A key or a sign and what it does or means; `here` if it belongs to this view."""

    group: str
    sign: str
    told: str
    found_by: str
    action: str | None = None
    here: bool = True


def _listed(key: Key, *, here: bool) -> _Row:
    """Return a key as it is listed; one of another view leads to that view."""
    sign, told, group = display(keys_of(key)), keys.sentence_of(key), _(key.group)
    found_by = " ".join((sign, _(key.word), told, group, key.word, key.id)).casefold()
    action = f"app.{key.action}" if key.where == "app" else key.action
    if not here:
        view = next(_(view.word) for view in KEYS if view.id == key.where)
        told, action = f"[{view}] {told}", f"view('{key.where}')"
    return _Row(group, sign, told, found_by, action, here)


def _signs(glyphs: Glyphs) -> Iterator[_Row]:
    """Yield what the signs on the board mean."""
    ascii = glyphs is show.ASCII
    states = (
        *(glyphs.todo, glyphs.blocked, glyphs.doing, glyphs.waiting, glyphs.recheck),
        *(glyphs.done, glyphs.dropped),
    )
    priorities = (glyphs.high * 2, glyphs.high, glyphs.low)
    signs = (
        (" ".join(states), _("ready, blocked, doing, waiting, recheck, done, dropped")),
        (" ".join(priorities), _("priority critical, high, low")),
        ("-->" if ascii else "──►", _("The task at the head needs the one at the tail.")),
        ("::>" if ascii else "╌╌▷", _("A return arrow: a gate may send work back along it.")),
        (f"{glyphs.back}2/3", _("Work came back: pass 2 of at most 3.")),
        (f"{glyphs.times}2", _("The task is in its second pass.")),
        (
            "3>" if ascii else "3►",
            _("Three arrows not drawn until the card is selected."),
        ),
        ("17", _("At the edge: the off-screen task at the other end of an arrow.")),
        (glyphs.alarm, _("late, stuck on a system that is down, or over the pass limit")),
        (glyphs.mark, _("marked")),
        (glyphs.news, _("changed by somebody else since your last key press")),
    )
    for sign, told in signs:
        about = _("Signs")
        yield _Row(about, sign, told, f"{sign} {told} {about}".casefold())
