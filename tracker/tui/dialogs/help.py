"""The list of keys and signs: typing filters it, Enter runs what is under the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tracker import terminal_text
from tracker.domain.model import Settings
from tracker.domain.properties import NOUNS
from tracker.domain.typing.vocabulary import folded_for_search
from tracker.language import _
from tracker.tui import keys
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.host import PARTS, DayPart
from tracker.tui.keys import KEYS, Key, display, keys_of, known
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.rows import Rows
from tracker.wording import entity_texts, show
from tracker.wording.show import Glyphs

# The views; the keys that are theirs alone go by the ids of those that show them.
_VIEWS = {key.id for key in KEYS if key.action.startswith("view(")}
# The cells for a key.
_SIGN = 12


class HelpScreen(Dialog[str]):
    """All keys of a view, and all lists: help and palette; the result is the action to run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "step(1)", show=False, priority=True),
        Binding("up,ctrl+p", "step(-1)", show=False, priority=True),
        Binding("pagedown", "step(10)", show=False, priority=True),
        Binding("pageup", "step(-10)", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    HelpScreen #box { height: 92%; }
    """

    WIDE = 96

    def __init__(self, where: tuple[str, ...], glyphs: Glyphs) -> None:
        super().__init__(_("Keys and lists"), _("Enter run · Esc close"))
        own = known(*where, "app")
        # Behind those of this view the others', which are found by typing.
        others = [key for key in KEYS if key.where in _VIEWS and key not in own]
        self._listed = [
            *(_listed(key, here=True) for key in own),
            *_lists(),
            *(_signs(glyphs) if "board" in where else ()),
            *(_listed(key, here=False) for key in others),
        ]
        # The lines shown: what each is about, None for a heading and where one goes on, and its
        # text. Rows go by the numbers of their lines.
        self._lines: list[tuple[_Row | None, Line]] = []

    def body(self) -> ComposeResult:
        """The filter and the list."""
        yield Input(placeholder=_("type to filter"), compact=True)
        yield Rows(lambda at, _cells: self._lines[at][1], passes=lambda at: not self._lines[at][0])

    def on_mount(self) -> None:
        """Show all keys."""
        self._filter("")
        self.query_one(Input).focus()

    def refit(self) -> None:
        """Break the lines anew for another width, the cursor kept on its key."""
        before = self._under(self.query_one(Rows).row)
        self._filter(self.query_one(Input).value)
        here = next((at for at, (row, _line) in enumerate(self._lines) if row and row == before), 0)
        self.query_one(Rows).go_to(here)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the keys that match."""
        self._filter(event.value)

    def on_input_submitted(self) -> None:
        """Run what is under the cursor."""
        self._run(self.query_one(Rows).row)

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Run what was clicked."""
        self._run(event.row)

    def on_key(self, event: events.Key) -> None:
        """Close with the key that opened it, as long as nothing is typed."""
        if event.key in keys.keys_for("help") and not self.query_one(Input).value:
            event.stop()
            event.prevent_default()
            self.dismiss(None)

    def action_step(self, lines: int) -> None:
        """Move the cursor."""
        self.query_one(Rows).step(lines)

    def _under(self, at: int | None) -> _Row | None:
        return self._lines[at][0] if at is not None and at < len(self._lines) else None

    def _run(self, at: int | None) -> None:
        row = self._under(at)
        if row and row.action:
            self.dismiss(row.action)

    def _filter(self, typed: str) -> None:
        """Show the keys that match, by their groups."""
        words = [folded_for_search(word).partition("\n")[0] for word in typed.split()]
        shown = [
            row
            for row in self._listed
            if (words or row.here) and all(word in row.found_by for word in words)
        ]
        self._lines = []
        group = ""
        for row in shown:
            if row.group != group:
                group = row.group
                self._lines.append((None, ((terminal_text.cut(group, self.room), "heading"),)))
            self._lines += self._told(row)
        if not shown:
            nothing = _("No key matches {text}.").format(text=show.text(typed))
            told = wrap_pieces([(nothing, "dim")], self.room)
            self._lines = [(None, line) for line in told]
        first = next((at for at, (row, _line) in enumerate(self._lines) if row), 0)
        self.query_one(Rows).show(range(len(self._lines)), row=first)

    def _told(self, row: _Row) -> Iterator[tuple[_Row | None, Line]]:
        """Yield the lines about a key: all it does, beside the key."""
        style = "" if row.here else "dim"
        # The bar beside the rows takes a cell as well.
        told = wrap_pieces([(row.told, style)], self.room - _SIGN - 3)
        for at, line in enumerate(told):
            sign = terminal_text.fit("" if at else row.sign, _SIGN)
            yield None if at else row, ((f" {sign} ", "key"), *line)


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
    found_by = folded_for_search(" ".join((sign, _(key.word), told, group, key.word, key.id)))
    action = f"app.{key.action}" if key.where == "app" else key.action
    if not here:
        view = next(_(view.word) for view in KEYS if view.id == key.where)
        told, action = f"[{view}] {told}", f"view('{key.where}')"
    return _Row(group, sign, told, found_by, action, here)


def _lists() -> Iterator[_Row]:
    """Yield the lists that a command leads to, and no key."""
    group = _("Lists")
    tells: dict[DayPart, str] = {
        "follow-ups": _("what waits, for whom, since when, and when to ask again."),
        "hand-overs": _("what was handed over and not begun, and for how long."),
    }
    parts = [(part, _(PARTS[part]), does) for part, does in tells.items()]
    edited = _("edit, rename, merge and delete them.")
    nouns = [
        (noun, _(entity_texts.LISTS[kind]), _("change them.") if kind is Settings else edited)
        for noun, kind in NOUNS.items()
    ]
    for name, word, does in (*parts, *nouns):
        told = f"{word}: {does}"
        found_by = folded_for_search(f":{name} {told} {group}")
        yield _Row(group, f":{name}", told, found_by, f"list('{name}')")


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
        yield _Row(about, sign, told, folded_for_search(f"{sign} {told} {about}"))
