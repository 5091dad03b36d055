"""What a view may ask of the app it is in, so that no view need know the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, cast

from textual import events
from textual.dom import DOMNode

from tracker.domain.change import Record
from tracker.domain.draft import Now
from tracker.domain.errors import Conflict, TrackerError
from tracker.domain.model import Baseline, Entity
from tracker.domain.scope import Scope
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.status import Tally
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.inquiry import BackUp, Outlook, RatesUsed
from tracker.language import N_
from tracker.wording.show import Glyphs

if TYPE_CHECKING:
    from tracker.domain.typing.filters import Query
    from tracker.exchange.importing import Asked
    from tracker.exchange.source import How

A = TypeVar("A")

NOT_STORED = sentence("You left before what you did last could be stored: it changed nothing.")

# What rests on what is not there any more is refused with.
OVERTURNED = sentence(
    "What is stored was put back in the meantime, so this was not done. See what is there now, and"
    " begin anew."
)

# What Today may show, and what the lists of it are called: their keys are calls of the shell.
DayPart = Literal["today", "follow-ups", "hand-overs"]
PARTS: Mapping[DayPart, str] = {
    "today": N_("Today"),
    "follow-ups": N_("Follow-ups"),
    "hand-overs": N_("Hand-overs"),
}


class TypedOn(Protocol):
    """A view, as far as a number that is typed on it knows it: `VIEW` is the key that shows it."""

    VIEW: str

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Have something done when its turn comes."""

    def asking(self) -> AbstractContextManager[None]:
        """Report a refusal raised inside, and take nothing that is typed behind it."""


class Digits(Protocol):
    """The number of a task that is being typed."""

    @property
    def under_way(self) -> bool:
        """Whether it has been said that there is a number."""

    def begin(self, view: TypedOn) -> None:
        """Take the digits that come now for a number, and for nothing else."""

    def take_key(self, view: TypedOn, event: events.Key) -> bool:
        """Take a digit, and what ends a number; True if nobody else is to have the key."""


class Host(Protocol):
    """The app, as far as views know it.

    `workspace`, `outlook`, `scope`, `today`, `others` and `offline` are reactive: `follow` has a
    view keep up with them.
    """

    # What is true

    workspace: Workspace
    # What was shown before others' last change, with what has been done here since, and on which
    # day.
    seen: Workspace
    seen_on: date
    # By when all is over, as far as that has been worked out.
    outlook: Outlook | None
    # What of the workspace all views are about.
    scope: Scope
    today: date
    # Who else has the workspace open.
    others: tuple[str, ...]
    # Whether others' changes cannot be seen for now.
    offline: bool
    # When what is stored was put back last, by `monotonic`: what was begun before may be about
    # numbers that are those of others since.
    turned: float

    # What was typed and left, by what had been asked: the lines of a dialog by their names.
    unsent: dict[tuple[object, ...], Mapping[str, str]]

    # The view one comes back to, and leaves the program from.
    home: str

    @property
    def who(self) -> str:
        """The person at the screen, as typed by others."""

    @property
    def rates(self) -> RatesUsed:
        """The rates of return that the outlook is worked out with."""

    @property
    def capacity(self) -> bool:
        """Whether the outlook is worked out with limited capacity of people and departments."""

    @property
    def back_up(self) -> BackUp:
        """By when the outlook takes systems that are down to be up again."""

    def now(self) -> Now:
        """Return the time, the date and the person, as commands are given them."""

    def look_at(self, scope: Scope) -> None:
        """Have all views be about a part of the workspace from now on, also in the next run."""

    def tally(self, ws: Workspace) -> Tally:
        """Return how many tasks in scope need whom today."""

    def history_of(self, task: int) -> list[Record]:
        """Return the records that are about a task; may be called from a thread."""

    @property
    def number(self) -> Digits:
        """The number of a task that is being typed, which outlives the view it is begun on."""

    def note_leaving(self, words: Sentence) -> None:
        """Have something said behind the screen, if that is being left."""

    @property
    def distant(self) -> bool:
        """Whether what is read and done goes over a network, and may keep one waiting."""

    def history(self, since: int = 0) -> Iterator[Record]:
        """Walk over the records kept after number `since`, oldest first; also from a thread."""

    # What may be done

    async def carry_out(self, command: Command, *, late: bool = False) -> Record:
        """Carry a command out, say what was done, and return its record; raises TrackerError.

        What comes `late`, after work beside the screen, is news for keys that were pressed before.
        """

    def undo(self, seq: int = 0) -> object:
        """Take back the newest of one's own changes, or that of the record `seq`."""

    def redo(self) -> object:
        """Bring back what was taken back last."""

    def follow(self) -> None:
        """Take in what other people have done."""

    def take_in(
        self,
        path: str,
        again: Asked = "",
        how: How | None = None,
        unread: Callable[[], object] | None = None,
    ) -> None:
        """Import a list, or the plan of another program; `unread` is called if it is unreadable."""

    def hand_out(self, text: str) -> None:
        """Export what is looked at, as the words say; without any, ask for them."""

    def exportable(self, text: str) -> list[str]:
        """Return what the last word of an export may become."""

    def foresee(
        self,
        rates: RatesUsed | None = None,
        *,
        capacity: bool | None = None,
        back_up: BackUp | None = None,
    ) -> None:
        """Work the outlook out to the end, assuming something else if asked to."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Have something done when its turn comes."""

    def call_after_refresh(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Have something done once what is shown now is there."""

    def from_thread(self, act: Callable[..., object], *arguments: Any) -> None:
        """Have something done where the screen is, unless that has been left meanwhile."""

    # What the person's program remembers of the workspace, beside it

    def recalled(self, name: str) -> Any:
        """Return what was remembered under a name, None if nothing is."""

    def remember(self, **values: Any) -> None:
        """Remember values by their names until the next run; what JSON knows, moments as text."""

    # What is shown

    @property
    def past(self) -> datetime | None:
        """The moment as of which all is shown; None while it is what is true now."""

    @property
    def free(self) -> bool:
        """Whether nothing is being asked or typed, so that a box takes no keys meant for that."""

    async def until_free(self) -> None:
        """Return once nothing is being asked or typed: for a box that comes up by itself."""

    def only_now(self) -> None:
        """Raise Refused while something past is shown, before anything is asked for a change."""

    def show_past(self, moment: datetime | None) -> None:
        """Show everything as it was at a moment, read only; None: as it is now."""

    @property
    def baseline(self) -> Baseline | None:
        """The baseline beside which the plan is drawn, if there is one."""

    def draw_baseline(self, baseline: int | None) -> None:
        """Have another baseline drawn, 0 for none, also in the next run; None for the newest."""

    @property
    def glyphs(self) -> Glyphs:
        """The signs of the character set."""

    def tell(self, message: str, style: str = "info") -> None:
        """Show a message on the view in front."""

    def tell_error(self, error: TrackerError) -> None:
        """Show why something was refused."""

    def tell_failure(self, words: str, error: Exception, path: str) -> None:
        """Say what an error in the program has prevented: the words name `path` and `log`."""

    def telling(self) -> AbstractContextManager[None]:
        """Report a refusal raised inside, and end the block there."""

    def show_view(self, name: str, task: int | None = None) -> None:
        """Show a view, with the focus on a task."""

    def go_to(self, task: int) -> None:
        """Give a task the focus in the view in front; raises NotFound."""

    def show_day(self, part: DayPart) -> None:
        """Show what the day asks of one, or one list of it."""

    def show_drift(self, old: int | None = None, new: int | None = None) -> None:
        """Show what became of a baseline, up to now or to another one."""

    def show_log(self, text: str) -> None:
        """Show in the history what holds some words."""

    def show_tasks(self, found: Query | None, typed: str = "") -> None:
        """Show in the table what a filter finds, named as it was `typed`, or all tasks."""

    def arrange_tasks(self, **fields: Any) -> None:
        """Arrange the table otherwise: `sort` by a field, `backwards`, `group` by a field or ""."""

    def show_master_data(self, kind: type[Entity], edit: int = 0) -> None:
        """List all of a kind; what has the id `edit` is edited at once."""

    def teach(self, on: bool | None = None) -> None:
        """Begin the tutorial, or end it; the other of both where it is not said which."""

    def open_task(self, task: int) -> None:
        """Open a task on a screen of its own."""


def host_of(node: DOMNode) -> Host:
    """Return the app a part of the screen is in."""
    return cast("Host", node.app)


def insisting(
    host: Host, make: Callable[[A, Workspace], Command], seen: Workspace
) -> Callable[[A], Awaitable[Record]]:
    """Return what carries out the command made of an answer, and of what the person has `seen`.

    Where somebody has changed that meanwhile it raises Conflict once: who has been warned may
    insist.
    """

    async def attempt(answer: A) -> Record:
        nonlocal seen
        try:
            return await host.carry_out(make(answer, seen))
        except Conflict:
            seen = host.workspace
            raise

    return attempt


def follow(node: DOMNode, source: DOMNode, *names: str) -> None:
    """Have reactives of a node be those of the same names of another one, now and from now on.

    As `data_bind` does, which can only bind what is being composed by the other one.
    """
    for name in names:
        node.watch(source, name, partial(setattr, node, name))
