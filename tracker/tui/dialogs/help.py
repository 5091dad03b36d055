"""The list of keys and signs: typing filters it, Enter runs what is under the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from tracker import terminal_text
from tracker.language import _
from tracker.tui import keys
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.keys import KEYS, Key, display, keys_of, known
from tracker.tui.widgets.rows import Rows
from tracker.wording import show
from tracker.wording.show import Glyphs, Piece

# The views with keys of their own; the bindings that show them are called alike.
_VIEWS = {"board", "tasks", "loops", "load"}


class HelpScreen(Dialog[str]):
    """All keys of a view; the result is the action to run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "step(1)", show=False, priority=True),
        Binding("up,ctrl+p", "step(-1)", show=False, priority=True),
        Binding("pagedown", "step(10)", show=False, priority=True),
        Binding("pageup", "step(-10)", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    HelpScreen #box { height: 92%; }
    HelpScreen #whole { height: 2; margin-top: 1; }
    """

    WIDE = 96

    def __init__(self, where: tuple[str, ...], glyphs: Glyphs) -> None:
        super().__init__(_("Keys"), _("Enter run · Esc close"))
        own = known(*where, "app")
        # Behind those of this view the others', which are found by typing.
        others = [key for key in KEYS if key.where in _VIEWS and key not in own]
        self._listed = [
            *(_listed(key, here=True) for key in own),
            *(_signs(glyphs) if "board" in where else ()),
            *(_listed(key, here=False) for key in others),
        ]
        # The names of the groups that are shown, above the rows of each; their rows are negative.
        self._heads: list[str] = []

    def body(self) -> ComposeResult:
        """The filter, the list, and what is under the cursor in full."""
        yield Input(placeholder=_("type to filter"), compact=True)
        yield Rows(self._paint, passes=lambda row: row < 0)
        yield Static(id="whole", markup=False)

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
            told = self._listed[event.row].told if event.row >= 0 else ""
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
        return self._listed[row].action if row >= 0 else None

    def _filter(self, typed: str) -> None:
        words = typed.casefold().split()
        shown = [
            at
            for at, row in enumerate(self._listed)
            if (words or row.here) and all(word in row.found_by for word in words)
        ]
        self._heads = []
        rows: list[int] = []
        for at in shown:
            group = self._listed[at].group
            if not self._heads or self._heads[-1] != group:
                self._heads.append(group)
                rows.append(-len(self._heads))
            rows.append(at)
        self.query_one(Rows).show(rows, row=shown[0] if shown else None)

    def _paint(self, row: int, cells: int) -> list[Piece]:
        if row < 0:
            return [(terminal_text.cut(self._heads[-row - 1], cells), "heading")]
        listed = self._listed[row]
        told = terminal_text.cut(listed.told, max(cells - 13, 0))
        return [
            (" " + terminal_text.fit(listed.sign, 12), "key"),
            (told, "" if listed.here else "dim"),
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
