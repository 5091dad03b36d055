"""Arrows drawn on the board: from a task to wherever one goes, seen before it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import events

from tracker import terminal_text
from tracker.domain.model import LinkKind
from tracker.domain.workspace import Workspace
from tracker.language import N_, _, ngettext
from tracker.tui import keys
from tracker.tui.board.board_view import BoardView
from tracker.tui.board.viewpoint import Look
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.work import WorkScreen
from tracker.wording import show
from tracker.wording.show import Piece

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.domain.typing.filters import Query
    from tracker.tui.dialogs.questions import Finder

# What may be done while an arrow is drawn; all else waits.
_ALLOWED = {
    *("move", "first", "last", "half_page", "follow", "loop", "zoom"),
    *("find", "find_next", "help", "open", "back", "escape", "jump", "next"),
}
# The sign of the line in which the other end is typed.
_SIGN: dict[LinkKind, str] = {"needs": ">", "returns": "<"}
_MOST_HITS = 200


class _Before(NamedTuple):
    """How the view was when the arrow was begun."""

    look: Look
    hits: tuple[int, ...]
    found: Query | None
    about_hits: str


class ArrowDrawing:
    """The arrow that is being drawn on a board; its other end is picked by going there.

    It can also be named in a line, for which this is the purpose.
    """

    def __init__(self, screen: WorkScreen, board: BoardView) -> None:
        self._screen, self._board = screen, board
        self._before: _Before | None = None
        self._finder: Finder | None = None
        # Puts the focus back to where it was when the line was opened.
        self._return: Callable[[], object] = lambda: None

    @property
    def under_way(self) -> bool:
        """Whether an arrow is being drawn."""
        return self._board.pick is not None

    def begin(self, kind: LinkKind) -> None:
        """Begin an arrow at the focus; raises Refused in the past, and if there is no task."""
        screen, search = self._screen, self._screen.search
        screen.host.only_now()
        screen.the_task()
        self._before = _Before(self._board.look, search.hits, search.found, search.about_hits)
        search.about_hits = N_(
            "{at}/{n} hits · {key:find_next} {key:find_back} next/previous · {key:open} draws"
        )
        search.forget()
        self._board.begin_arrow(kind)
        self._show_standing()

    def end(self) -> None:
        """Leave the view as it was before."""
        before, search = self._before, self._screen.search
        self._before = self._finder = None
        if before is not None:
            search.hits, search.found, search.about_hits = before[1:]
            # The tasks that are shown are those of now: others may have deleted some meanwhile.
            now, around = self._board.look, before.look.around
            there = around is not None and around in self._screen.workspace.tasks
            self._board.show_as(
                before.look._replace(
                    only=now.only, settled=now.settled, around=around if there else None
                )
            )
        self._board.end_arrow()
        self._screen.show_marks()
        self._show_standing()

    def follow(self, workspace: Workspace) -> None:
        """Give up an arrow whose beginning has gone."""
        self._finder = None
        pick = self._board.pick
        if pick is not None and pick.source not in workspace.tasks:
            self.end()
            self._screen.lose_aim()
            words = _("No arrow is drawn: task {id}, at which it began, has been deleted.")
            self._screen.tell(words.format(id=pick.source), "warn")

    def draw(self, named: int | None = None) -> None:
        """Draw the arrow to the task that was named, or else the focus, unless it is refused."""
        with self._screen.telling():
            self._draw(self._screen.the_task() if named is None else named)

    def _draw(self, target: int) -> None:
        screen, pick, here = self._screen, self._board.pick, self._screen.focused_task
        if pick is None:
            return
        sketch = self._board.sketch
        if target == pick.source and not screen.search.hits:
            # An arrow back to itself is drawn by typing its number, never by one key too early.
            screen.tell(_("Go to the task at the other end, or type its number."), "warn")
        elif target == here and sketch is not None and sketch.refused:
            screen.tell(f"{screen.host.glyphs.alarm} {sketch.refused}", "error")
        else:
            self.end()
            screen.draw(pick.kind, pick.source, target)

    # Keys

    def allows(self, action: str) -> bool:
        """Return whether something may be done now: nothing is changed while an arrow is drawn."""
        return not self.under_way or action in _ALLOWED

    def take_key(self, event: events.Key) -> None:
        """Have digits begin the number of the other end, and say what else must wait."""
        if not self.under_way or self._screen.focused is not None:
            return
        if event.character is not None and event.character.isdigit():
            event.stop()
            event.prevent_default()
            self._return = self._screen.place()
            self._screen.open_prompt(self, event.character, asked=f" {self._question} ")
        elif _waits(event.key, event.character):
            event.stop()
            event.prevent_default()
            words = _("Drawing an arrow: {key:open} draws it, {key:escape} cancels.")
            self._screen.tell(keys.named(words), "warn")

    def _show_standing(self) -> None:
        """Say at the foot of the view what is being done, and by which keys."""
        line = self._screen.query_one(StatusLine)
        if not self.under_way:
            line.standing = ()
            return
        moves = "".join(map(keys.key_of, ("left", "down", "up", "right")))
        along = " ".join(map(keys.key_of, ("follow_back", "follow")))
        listed: tuple[tuple[str, str], ...] = (
            (keys.key_of("open"), _("draw")),
            (keys.key_of("escape"), _("cancel")),
            (moves, _("go there")),
            ("0-9", _("number")),
            (keys.key_of("find"), _("find")),
            (along, _("along arrows")),
        )
        pieces: list[Piece] = [(f" {self._question} ", "head"), ("  ", "")]
        for key, word in listed:
            pieces += [(key, "key"), (f" {word}  ", "dim")]
        line.standing = tuple(pieces)

    @property
    def _question(self) -> str:
        """What is asked for."""
        pick = self._board.pick
        if pick is None:
            return ""
        words = _("Where can {task} send work back to?")
        if pick.kind == "needs":
            words = _("Which task needs {task}?")
        name = show.name(self._screen.workspace, pick.source)
        return words.format(task=terminal_text.cut(name, max(self._screen.size.width // 5, 8)))

    # The line in which the other end is named

    @property
    def sign(self) -> str:
        """The sign of the arrow."""
        return _SIGN[self._board.pick.kind] if self._board.pick else ""

    def suggest(self, _text: str, _cursor: int) -> list[str]:
        """Return nothing: the board shows what is found."""
        return []

    def typed(self, text: str) -> None:
        """Go to the likeliest task as its number or title is typed."""
        screen, ws = self._screen, self._screen.workspace
        if self._finder is None:
            from tracker.tui.dialogs.questions import Finder

            self._finder = Finder(ws, ws.tasks)
        found = self._finder.hits(text) if text.strip() else []
        screen.search.hits = tuple(found[:_MOST_HITS])
        screen.show_marks()
        if found:
            hits = ngettext("{n} hit", "{n} hits", len(found)).format(n=len(found))
            if not screen.choose(found[0]):
                # What the board does not show can only be told.
                hits = f"{hits} {screen.host.glyphs.dot} {show.name(ws, found[0])}"
            screen.tell(hits, "dim")
        else:
            # What was found on the way to what is not there has moved the focus.
            self._return()
            self._tell_nothing()

    def _tell_nothing(self) -> None:
        self._screen.tell(_("No matching task."), "warn")

    async def done(self, _text: str) -> bool:
        """Draw the arrow to the task that was named; the line stays while there is none."""
        hits = self._screen.search.hits
        if not hits:
            self._tell_nothing()
            return False
        self.draw(hits[0])
        return True

    def left(self) -> None:
        """Forget what was found."""
        self._screen.search.left()


def _waits(key: str, character: str | None) -> bool:
    """Return whether a key does something that waits until the arrow is drawn."""
    for known in keys.known("work", "board"):
        if key in keys.keys_of(known).split(","):
            return known.action.partition("(")[0] not in _ALLOWED
    return character is not None and character.isprintable() and key != "g"
