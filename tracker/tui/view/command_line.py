"""Commands typed after `:`: verbs, numbers of tasks, names of keys, and what the screen adds."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, cast

from tracker.call_words import baseline_action, english, spoken
from tracker.domain.draft import Named, alike, ids_by_name, not_found
from tracker.domain.errors import BadInput, Refused, TrackerError
from tracker.domain.model import Entity, Settings, Task
from tracker.domain.properties import NOUNS
from tracker.domain.typing.dates import parse_moment
from tracker.domain.verbs.commands import find, unless_another
from tracker.domain.workspace import Workspace
from tracker.language import N_, _, current
from tracker.tui import keys
from tracker.tui.aim import Aim
from tracker.tui.host import OVERTURNED, PARTS, DayPart, Host

if TYPE_CHECKING:
    from tracker.domain.typing.filters import Query

# Calls of the shell that have no place on a screen that is open.
SHELL = (
    *("archive", "check", "completion", "demo", "init", "list-workspaces", "member"),
    *("report", "setup"),
)
# What the screen understands besides the verbs of the shell, and the names of views.
_MORE = (
    "list",
    "sort",
    "group",
    "show",
    "mark",
    "import",
    "export",
    "help",
    "undo",
    "redo",
    "forecast",
    "schedule",
    "metrics",
    "controlling",
    "baseline",
    "drift",
    "replan",
)
TUTORIAL = N_("tutorial")
AS_OF, NOW = N_("as-of"), N_("now")
# The name of what is typed, among what was typed and left.
_CALL = "call"
_VIEWS = (*PARTS, "board", "tasks", "timeline", "matrix", "loops", "load", "log")
# What leads to a view, which shows all of it.
_WHOLE = {*_VIEWS, "forecast", "schedule", "metrics", "controlling", "drift", "replan"} - {"log"}


class Commanded(Protocol):
    """A view, as far as the line of commands knows it."""

    KEYS_OF: tuple[str, ...]
    marked: frozenset[int]

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

    def only_as_meant(self) -> None:
        """Raise Refused if others have put something else there than what a call was meant for."""

    @property
    def in_scope(self) -> Mapping[int, Task]:
        """The tasks the views are about."""

    def show_marks(self) -> None:
        """Show the marks after they have changed."""

    def tell_marked(self, more: str = "") -> None:
        """Say how many tasks are marked, and `more`."""

    def tell(self, message: str, style: str = "info") -> None:
        """Show a message."""

    def run_action(self, action: str) -> Coroutine[Any, Any, None]:
        """Do what a key does."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Have something done when its turn comes."""


class CommandLine:
    """The line for commands of a view."""

    sign = ":"

    def __init__(self, view: Commanded) -> None:
        self._view = view
        self._text = ""
        # What there was when the line was opened, and when that was.
        self._shown, self._begun = Workspace(), monotonic()

    def begin(self) -> str:
        """Return the call that was typed and left, on whichever view, once."""
        self._shown, self._begun = self._view.workspace, monotonic()
        self._text = self._view.host.unsent.pop((self.sign,), {}).get(_CALL, "")
        return self._text

    def suggest(self, text: str, cursor: int) -> list[str]:
        """Return what the word before the cursor may become."""
        from tracker.call_completion import complete_call
        from tracker.domain.typing import line_parser
        from tracker.domain.typing.vocabulary import fold

        first, blank, rest = text[:cursor].partition(" ")
        if english(first) in ("list", "mark") and blank:
            return line_parser.complete_word(text, cursor, self._view.workspace)
        if english(first) == "export" and blank:
            return self._view.host.exportable(rest)
        offered = complete_call(text[:cursor], self._view.workspace)
        if not blank:
            more = (*spoken((*_MORE, *_VIEWS)), _(TUTORIAL), _(AS_OF), _(NOW))
            return [*offered, *(word for word in more if fold(word).startswith(fold(first)))]
        if (verb := english(first)) in ("sort", "group"):
            return _fields_beginning(verb, rest)
        if verb == "show":
            typed = rest.strip()
            return [str(task) for task in self._view.workspace.tasks if str(task).startswith(typed)]
        return offered

    def typed(self, text: str) -> None:
        """Do nothing before a command is complete."""
        self._text = text

    def left(self) -> None:
        """Keep a call that was begun, not a word that is typed again as soon."""
        if " " in self._text.strip():
            self._view.host.unsent[self.sign,] = {_CALL: self._text}
            self._view.tell(_("Kept what was typed; the same key brings it back."))

    async def done(self, text: str) -> bool:
        """Carry out what was typed; True if the line may close."""
        try:
            await self._carry_out(text.strip())
        except TrackerError as error:
            self._view.host.tell_error(error)
            return False
        return True

    async def _carry_out(self, text: str) -> None:
        """Carry out a command; raises TrackerError."""
        from tracker import typed_verbs

        view = self._view
        word, _blank, rest = text.partition(" ")
        first = english(word)
        if first == "set":
            first, text = "settings", f"settings {rest}"
        if not text:
            return
        if text.isdecimal() and len(text) < 16:
            view.host.go_to(int(text))
        elif first == "import" and rest.strip():
            self._import(rest.strip())
        elif first == "export":
            view.host.hand_out(rest)
        elif first in PARTS and not rest.strip():
            view.host.show_day(cast("DayPart", first))
        elif first == "list":
            self._list(rest)
        elif first in _WHOLE and rest.strip():
            raise BadInput("Nothing may follow :{verb} here; alone it shows its view.", verb=word)
        elif first == "log" and rest.strip():
            view.host.show_log(rest)
        elif first in ("sort", "group") and rest.strip():
            view.host.arrange_tasks(**_field(first, rest))
        elif first == "mark" and rest.strip():
            self._mark(rest)
        elif first == "show" and rest.strip():
            self._show(rest.strip())
        elif (found := self._master_data(first, rest.strip())) is not None:
            view.host.show_master_data(*found)
        elif text.casefold() in (TUTORIAL, _(TUTORIAL).casefold()):
            view.host.teach()
        elif text in ("q", "wq", "quit"):
            view.call_later(view.run_action, "leave_program")
        elif text in ("q!", "quit!"):
            view.call_later(view.run_action, "app.quit")
        elif (key := self._key_called(text if rest else first)) is not None:
            if key.changes and not key.unaimed:
                view.only_as_meant()
            action = key.action if key.where != "app" else f"app.{key.action}"
            view.call_later(view.run_action, action)
        elif first == "forecast":
            view.host.show_view("loops")
        elif first in ("metrics", "controlling"):
            view.host.show_view(first)
        elif first == "baseline":
            self._baseline(rest.strip())
        elif first == "drift":
            view.host.show_drift()
        elif first == "replan":
            view.call_later(view.run_action, "replan")
        elif first == "schedule":
            view.host.show_view("timeline")
        elif first in (AS_OF, _(AS_OF)) and rest.strip():
            view.host.show_past(parse_moment(rest, view.host.now().today))
        elif text in (NOW, _(NOW)):
            view.host.show_past(None)
        elif first in SHELL:
            raise Refused(
                "That is a shell command: {quit} quits, then run `tracker {call}`.",
                quit=keys.key_of("back"),
                call=text,
            )
        else:
            if self._begun < view.host.turned:
                raise Refused(OVERTURNED)
            here = view.aim.meant.tasks
            command = typed_verbs.parse(text, view.today, me=view.host.who, here=here)
            about, tasks = typed_verbs.subjects(text, here), self._shown.tasks
            shown = {task: tasks[task] for task in about if task in tasks}
            # What is refused, by the store too, is told while the line is there to be corrected.
            await view.host.carry_out(unless_another(command, shown))

    def _import(self, text: str) -> None:
        """Take a list in, with options before or behind its name."""
        from tracker.exchange.reading_choices import typed_import

        host = self._view.host
        keep = partial(host.unsent.setdefault, (self.sign,), {_CALL: self._text})
        host.take_in(*typed_import(text), keep)

    def _list(self, text: str) -> None:
        """Show the table of tasks with what a filter finds, or with all; as in the shell."""
        from tracker.domain.typing import line_parser

        view = self._view
        filter, fields = _arrangement(text)
        found: Query = line_parser.parse_filter(
            filter, view.today, me=view.host.who, ws=view.workspace
        )
        view.host.show_tasks(found if filter else None, filter.strip())
        if fields:
            view.host.arrange_tasks(**fields)

    def _mark(self, text: str) -> None:
        """Mark what a filter finds, besides what is marked."""
        from tracker.domain.typing import line_parser
        from tracker.wording import change_words

        view, ws = self._view, self._view.workspace
        found = line_parser.parse_filter(text, view.today, me=view.host.who, ws=ws)
        holds = found.over(ws)
        hits = frozenset(id for id, task in view.in_scope.items() if holds(task))
        view.marked |= hits
        view.aim.release()
        view.show_marks()
        view.tell_marked(change_words.guessed(found.guessed(ws)))

    def _baseline(self, text: str) -> None:
        """Take a baseline, or show what became of one or two; without words list them."""
        from tracker.domain.verbs.baselines import find_baseline

        view, ws = self._view, self._view.workspace
        word, _blank, rest = text.partition(" ")
        action, name = baseline_action(word), rest.strip()
        if action == "take":
            view.call_later(view.run_action, f"take_baseline({name!r})")
        elif action == "diff":
            view.host.show_drift(find_baseline(ws, name).id if name else None)
        else:
            view.call_later(view.run_action, "baselines")

    def _master_data(self, noun: str, name: str) -> tuple[type[Entity], int] | None:
        """Return the list or the one thing that a noun without a change asks for."""
        from tracker import typed_verbs

        kind = NOUNS.get(noun)
        if kind is None or "=" in name or (kind is Settings and name):
            return None
        if not name:
            return kind, 0
        named = cast("type[Named]", kind)
        words = name.removeprefix('"').removesuffix('"')
        if alike(words) in ids_by_name(self._view.workspace.table(named).values()):
            return kind, find(self._view.workspace, named, words)
        if " " in name or "-" in name:
            return None
        raise typed_verbs.unknown(self._view.workspace, named, name, creatable=True)

    def _show(self, text: str) -> None:
        number = text.removeprefix("#")
        if not number.isdecimal() or len(number) > 15:
            raise BadInput("{text} is not a task number.", text=text)
        task = int(number)
        if task not in self._view.workspace.tasks:
            raise not_found(Task, task)
        self._view.host.open_task(task)

    def _key_called(self, text: str) -> keys.Key | None:
        """Return the key whose id or word is `text`."""
        for key in keys.known(*self._view.KEYS_OF, "app"):
            if text.casefold() in (key.id, key.word.casefold(), _(key.word).casefold()):
                return key
        return None


def _field(what: str, text: str) -> dict[str, object]:
    """Return by what the table is sorted or grouped; raises BadInput."""
    from tracker.domain.typing import ordering

    if what == "sort":
        by = text.strip().casefold()
        field = by if by == "p80" else ordering.field_for(by, ordering.SORTABLE)
        return {"sort": field, "backwards": False}
    if text.strip().casefold() in ("nothing", "-", _("nothing").casefold()):
        return {"group": ""}
    return {"group": ordering.field_for(text.strip(), ordering.GROUPABLE)}


def _fields_beginning(verb: str, typed: str) -> list[str]:
    """Return the words for fields to sort or group by that begin with what is typed."""
    from tracker.domain.typing import ordering
    from tracker.domain.typing.vocabulary import FIELD_KEYS, fold

    known = ordering.SORTABLE if verb == "sort" else ordering.GROUPABLE
    words = [FIELD_KEYS[name][-1 if current() == "de" else 0] for name in known]
    words.append("p80" if verb == "sort" else _("nothing"))
    return [word for word in words if fold(word).startswith(fold(typed.strip()))]


def _arrangement(text: str) -> tuple[str, dict[str, object]]:
    """Return the filter in the words behind `list`, and how the table is to be arranged.

    Raises BadInput where `--sort` or `--by` names no field.
    """
    words, fields = text.split(), dict[str, object]()
    kept: list[str] = []
    while words:
        word = words.pop(0)
        if word in ("--sort", "--by"):
            fields |= _field("sort" if word == "--sort" else "group", words.pop(0) if words else "")
        elif word == "--reverse":
            fields["backwards"] = True
        else:
            kept.append(word)
    return " ".join(kept), fields
