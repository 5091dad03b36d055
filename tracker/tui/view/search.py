"""Tasks found by a filter as it is typed, and gone through hit by hit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Protocol

from tracker.domain.errors import BadInput
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say
from tracker.tui import keys
from tracker.tui.aim import Aim
from tracker.tui.host import Host
from tracker.wording import change_words

if TYPE_CHECKING:
    from tracker.domain.typing.filters import Query


class Searchable(Protocol):
    """A view, as far as a search knows it."""

    # What is said when nothing is found, and of the hit that has the focus.
    NOTHING: str
    KEYS_FOR_HITS: str

    @property
    def workspace(self) -> Workspace:
        """What is shown."""

    @property
    def today(self) -> date:
        """The day it is for the person at the screen."""

    @property
    def host(self) -> Host:
        """The app, as far as views know it."""

    @property
    def aim(self) -> Aim:
        """What keys are about."""

    @property
    def in_scope(self) -> Mapping[int, Task]:
        """The tasks the views are about."""

    @property
    def focused_task(self) -> int | None:
        """The task that has the focus."""

    def choose(self, task: int) -> bool:
        """Give a task the focus that somebody at the screen wants; False if it is not shown."""

    def searched(self) -> Iterable[int]:
        """The tasks among which is searched, in the order in which the hits are gone through."""

    def seeks(self, what: Callable[[Workspace, date], object]) -> None:
        """Heed that a key is to go to `what` there is, which may be other than could be seen."""

    def place(self) -> Callable[[], object]:
        """Return what puts the focus back to where it is now."""

    def show_marks(self) -> None:
        """Show the hits after they have changed."""

    def tell(self, message: str, style: str = "info") -> None:
        """Show a message."""


class Search:
    """The last search in a view: its hits stay marked until they are forgotten."""

    sign = "/"

    def __init__(self, view: Searchable) -> None:
        self._view = view
        self.hits: tuple[int, ...] = ()
        # What was looked for; None once that is forgotten.
        self.found: Query | None = None
        # As it was typed: a Friday is then that of the week in which it is read.
        self.text = ""
        # What is said of the hit that has the focus.
        self.about_hits = view.KEYS_FOR_HITS
        # Hits in scope that the view does not show.
        self._elsewhere = 0
        # Puts the focus back to where it was when the search began.
        self._return: Callable[[], object] = lambda: None

    def begin(self) -> None:
        """Remember where the focus is."""
        self._return = self._view.place()

    def suggest(self, text: str, cursor: int) -> list[str]:
        """Return what the word before the cursor may become."""
        from tracker.domain.typing import line_parser

        return line_parser.complete_word(text, cursor, self._view.workspace)

    def typed(self, text: str) -> None:
        """Find as it is typed."""
        from tracker.domain.typing import line_parser

        view, ws = self._view, self._view.workspace
        self.found, self.text = None, text
        try:
            found = line_parser.parse_filter(text, view.today, me=view.host.who, ws=ws)
            # A large board may still show what has gone from the workspace.
            tasks = {t: ws.tasks[t] for t in view.searched() if t in ws.tasks}
            self.found = found if text.strip() else None
            holds = found.over(ws)
            others = (task for id, task in view.in_scope.items() if id not in tasks)
            self.hits = tuple(t.id for t in tasks.values() if text.strip() and holds(t))
            self._elsewhere = sum(map(holds, others)) if text.strip() else 0
            hits = ngettext("{n} hit", "{n} hits", len(self.hits)).format(n=len(self.hits))
            told = " ".join(filter(None, (hits, self._guessed(), self._more())))
            view.tell(told if text.strip() else "", "dim")
        except BadInput as error:
            view.tell(say(error), "warn")
        view.show_marks()
        if not self.hits:
            # What was found on the way to what is not there has moved the focus.
            self._return()
        elif view.focused_task not in self.hits:
            view.choose(self.hits[0])

    async def done(self, text: str) -> bool:
        """Keep the hits; the line closes."""
        if self.hits:
            self.tell_hit()
        elif text.strip():
            self._view.tell(self._more() or self._nothing(text), "warn")
            self._view.aim.refuse()
        return True

    def left(self) -> None:
        """Forget the hits, and go back to where the search began."""
        if self.found:
            self._return()
        self.forget()

    def forget(self) -> None:
        """Mark no hits any more."""
        self.hits, self.found, self.text, self._elsewhere = (), None, "", 0
        self._view.show_marks()

    def step(self, direction: int) -> None:
        """Go to the next hit."""
        view = self._view
        if not self.hits:
            nothing = keys.named(_("No search yet; {key:find} finds tasks."))
            view.tell(self._nothing(str(self.found)) if self.found else nothing, "warn")
            return
        here, hits = view.focused_task, self.hits[::direction]
        view.seeks(lambda ws, _day: [hit for hit in hits if hit in ws.tasks])
        at = hits.index(here) + 1 if here in hits else 0
        # Others may have deleted some of them, or put them where the view does not show them.
        found = any(view.choose(hit) for hit in (*hits[at:], *hits[:at]))
        self.hits = tuple(hit for hit in self.hits if hit in view.workspace.tasks)
        if found:
            self.tell_hit()
        else:
            view.tell(self._nothing(self.text), "warn")
            view.aim.refuse()

    def tell_hit(self) -> None:
        """Say which of the hits has the focus, and what can be done with them."""
        here = self._view.focused_task
        at = self.hits.index(here) + 1 if here in self.hits else 0
        told = keys.named(_(self.about_hits), at=at, n=len(self.hits))
        guessed = self._guessed()
        told = " ".join(filter(None, (guessed, told, self._more())))
        self._view.tell(told, "warn" if guessed else "plain")

    def _more(self) -> str:
        """Return how many hits the view does not show, and what shows them."""
        more = ngettext(
            "({n} hit outside this view; :list {text} shows all)",
            "({n} hits outside this view; :list {text} shows all)",
            self._elsewhere,
        )
        return more.format(n=self._elsewhere, text=self.text.strip()) if self._elsewhere else ""

    def _guessed(self) -> str:
        """Return which words were looked for in place of some that are nowhere."""
        return change_words.guessed(self.found.guessed(self._view.workspace)) if self.found else ""

    def _nothing(self, text: str) -> str:
        """Return what is said when nothing matches: a name nobody goes by may be the reason."""
        ws = self._view.workspace
        unknown = self.found.unknown(ws) if self.found else ()
        if not self.found or not unknown:
            return _(self._view.NOTHING).format(text=text)
        return change_words.unknown(unknown, self.found.meant(ws))
