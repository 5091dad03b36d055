"""Arrows drawn on the board: from a task to wherever one goes, seen before it is there."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from textual import events

from tracker import terminal_text
from tracker.domain.model import LinkKind
from tracker.domain.workspace import Workspace
from tracker.language import N_, _, ngettext
from tracker.tui import keys
from tracker.tui.board.board_view import BoardView, Pick
from tracker.tui.board.viewpoint import Look
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.work import WorkScreen
from tracker.wording import show
from tracker.wording.show import Piece

if TYPE_CHECKING:
    from tracker.domain.typing.filters import Query
    from tracker.tui.dialogs.questions import Finder
    from tracker.tui.view.prompt import Prompt

# What may be done while an arrow is drawn; all else waits.
_ALLOWED = {
    *("move", "first", "last", "half_page", "follow", "loop", "zoom"),
    *("find", "find_next", "help", "open", "back", "escape"),
}
# The sign of the line in which the other end is typed.
_SIGN = {"needs": ">", "returns": "<"}
_MOST_HITS = 200


class Picking(WorkScreen):
    """A view with a board on which the other end of an arrow is picked by going there."""

    _before: tuple[Look, tuple[int, ...], Query | None] | None = None
    _finder: Finder | None = None

    @property
    @abstractmethod
    def view(self) -> BoardView:
        """The board."""

    def action_link(self) -> None:
        """Begin an arrow to a task that needs this one."""
        self._begin("needs")

    def action_link_return(self) -> None:
        """Begin a return arrow to an earlier task."""
        self._begin("returns")

    def _begin(self, kind: LinkKind) -> None:
        with self.telling():
            self.the_task()
            self._before = self.view.look, self.hits, self.found
            self.hits, self.found = (), None
            self.KEYS_FOR_HITS = N_("{at}/{n} hits · n N next/previous · Enter draws")
            self.show_marks()
            self.view.begin_arrow(kind)
            self._tell_standing()

    def _tell_standing(self) -> None:
        """Say at the foot of the view what is being done, and by which keys."""
        pick = self.view.pick
        line = self.query_one(StatusLine)
        if pick is None:
            line.standing = ()
            return
        listed: tuple[tuple[str, str], ...] = (
            ("Enter", _("draw")),
            ("Esc", _("cancel")),
            ("hjkl", _("go there")),
            ("0-9", _("number")),
            ("/", _("find")),
            ("[ ]", _("along arrows")),
        )
        pieces: list[Piece] = [(f" {self._question(pick)} ", "head"), ("  ", "")]
        for key, word in listed:
            pieces += [(key, "key"), (f" {word}  ", "dim")]
        line.standing = tuple(pieces)

    def _question(self, pick: Pick) -> str:
        words = _("Where can {task} send work back to?")
        if pick.kind == "needs":
            words = _("Which task needs {task}?")
        name = terminal_text.cut(
            show.name(self.workspace, pick.source), max(self.size.width // 5, 8)
        )
        return words.format(task=name)

    def _end(self) -> None:
        """Leave the view as it was before."""
        look, self.hits, self.found = self._before or (self.view.look, (), None)
        self.KEYS_FOR_HITS = ""
        self._before = self._finder = None
        if look != self.view.look:
            self.view.show_as(look)
        self.view.end_arrow()
        self.show_marks()
        self._tell_standing()

    def show_workspace(self, workspace: Workspace) -> None:
        """Give up an arrow whose beginning has gone."""
        self._finder = None
        if self.view.pick is not None and self.view.pick.source not in workspace.tasks:
            self._end()

    def action_open(self) -> None:
        """Draw the arrow, or open the task."""
        pick, target = self.view.pick, self.focused_task
        if pick is None or target is None:
            super().action_open()
            return
        sketch = self.view.sketch
        if target == pick.source and not self.hits:
            # An arrow back to itself is drawn by typing its number, never by one key too early.
            self.tell(_("Go to the task at the other end, or type its number."), "warn")
            return
        if sketch is not None and sketch.refused:
            self.tell(f"{self.host.glyphs.alarm} {sketch.refused}", "error")
            return
        self._end()
        self.draw(pick.kind, pick.source, target)

    def action_back(self) -> None:
        """Leave the arrow undrawn, or go back one level."""
        if self.view.pick is not None:
            self._end()
        else:
            super().action_back()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let nothing be changed while an arrow is drawn."""
        if self.is_mounted and self.view.pick is not None and action not in _ALLOWED:
            return False
        return super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """While an arrow is drawn, digits begin the number of its end; say what else must wait."""
        pick = self.view.pick
        if pick is None or self.focused is not None:
            return
        if event.character is not None and event.character.isdigit():
            event.stop()
            event.prevent_default()
            question = f" {self._question(pick)} "
            self._open_prompt(_SIGN[pick.kind], event.character, question)
        elif _waits(event.key, event.character):
            event.stop()
            event.prevent_default()
            self.tell(_("Drawing an arrow: Enter draws it, Esc cancels."), "warn")

    # Typing

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Go to the likeliest task as its number or title is typed."""
        if event.sign not in _SIGN.values():
            return
        if self._finder is None:
            from tracker.tui.dialogs.questions import Finder

            self._finder = Finder(self.workspace, self.workspace.tasks)
        found = self._finder.hits(event.text) if event.text.strip() else []
        self.hits = tuple(found[:_MOST_HITS])
        self.show_marks()
        line = self.query_one(StatusLine)
        if found:
            hits = ngettext("{n} hit", "{n} hits", len(found)).format(n=len(found))
            line.message = (hits, "dim")
            self.focus_task(found[0])
        else:
            line.message = (_("No matching task."), "warn")

    def on_prompt_done(self, event: Prompt.Done) -> None:
        """Draw the arrow to the task that was typed."""
        if event.sign not in _SIGN.values():
            return
        event.prevent_default()
        if self.hits:
            self._close_prompt()
            self.action_open()


def _waits(key: str, character: str | None) -> bool:
    """Tell whether a key does something that waits until the arrow is drawn."""
    for known in keys.known("work", "board"):
        if key in keys.keys_of(known).split(","):
            return known.action.partition("(")[0] not in _ALLOWED
    return character is not None and character.isprintable() and key != "g"
