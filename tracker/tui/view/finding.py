"""The lines at the foot of a view: a filter that finds as it is typed, and a command."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from tracker.domain.draft import not_found
from tracker.domain.errors import BadInput, Refused, TrackerError
from tracker.domain.model import Task
from tracker.language import N_, _, ngettext, say
from tracker.tui import keys
from tracker.tui.messages import Do
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.view import View
from tracker.wording import change_words

if TYPE_CHECKING:
    from tracker.domain.typing.filters import Query
    from tracker.tui.view.prompt import Prompt

# Calls of the shell that have no place on a screen that is open.
SHELL = ("export", "check", "init", "demo", "completion", "schedule", "forecast")


class Finding(View):
    """A view in which tasks can be found and commands typed."""

    # What was looked for last, as long as its hits are marked.
    found: Query | None = None
    # What is said when nothing is found.
    NOTHING = N_("Nothing matches {text}.")

    def place(self) -> Callable[[], object]:
        """Return what puts the focus back to where it is now."""
        here = self.focused_task
        return partial(self.focus_task, here) if here is not None else lambda: None

    # Puts the focus back to where it was when the search began.
    _return: Callable[[], object] = staticmethod(lambda: None)

    def action_find(self) -> None:
        """Open the line for a filter."""
        self._open_prompt("/")

    def action_command(self) -> None:
        """Open the line for a command."""
        self._open_prompt(":")

    def _open_prompt(self, sign: str, text: str = "", asked: str = "") -> None:
        from tracker import typed_verbs
        from tracker.domain.typing import line_parser
        from tracker.tui.view.prompt import Prompt

        if self.query(Prompt):
            return

        def suggest(text: str, cursor: int) -> list[str]:
            first, blank, _rest = text[:cursor].partition(" ")
            if sign == "/" or (typed_verbs.called(first) == "list" and blank):
                return line_parser.complete(text, cursor, self.workspace)
            more = typed_verbs.spoken(("list", "show", "import") if not blank else ())
            offered = typed_verbs.complete(text[:cursor], self.workspace)
            return [*offered, *(word for word in more if word.startswith(first))]

        if sign == "/":
            self._return = self.place()
        self.add_class("-prompting")
        self.mount(Prompt(sign, text, asked=asked, suggest=suggest))

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Find as it is typed."""
        if event.sign == "/":
            self._find(event.text)

    def on_prompt_done(self, event: Prompt.Done) -> None:
        """Keep the hits, or carry out the command."""
        if event.sign == ":":
            if self._command(event.text.strip()):
                self._close_prompt()
            return
        self._close_prompt()
        if self.hits:
            self._tell_hit()
        elif event.text.strip():
            self.tell(self._nothing(event.text), "warn")

    def _nothing(self, text: str) -> str:
        """Return what is said when nothing matches: a name nobody goes by may be the reason."""
        unknown = self.found.unknown(self.workspace) if self.found else ()
        if not self.found or not unknown:
            return _(self.NOTHING).format(text=text)
        return change_words.unknown(unknown, self.found.meant(self.workspace))

    def on_prompt_left(self) -> None:
        """Close the line, and forget the hits."""
        self._close_prompt()
        if self.found:
            self._return()
        self.hits, self.found = (), None
        self.show_marks()

    def _close_prompt(self) -> None:
        from tracker.tui.view.prompt import Prompt

        for prompt in self.query(Prompt):
            prompt.remove()
        self.remove_class("-prompting")
        self.take_keys()

    def searched(self) -> Iterable[int]:
        """The tasks among which is searched, in the order in which the hits are gone through."""
        return self.shown_tasks

    def _find(self, text: str) -> None:
        from tracker.domain.typing import line_parser

        line = self.query_one(StatusLine)
        ws = self.workspace
        self.found = None
        try:
            found = line_parser.parse_filter(text, self.today, me=self.host.who, ws=ws)
            # A large board may still show what has gone from the workspace.
            tasks = [ws.tasks[t] for t in self.searched() if t in ws.tasks]
            self.found = found if text.strip() else None
            holds = found.over(ws)
            self.hits = tuple(t.id for t in tasks if text.strip() and holds(t))
            hits = ngettext("{n} hit", "{n} hits", len(self.hits)).format(n=len(self.hits))
            line.message = (hits, "dim") if text.strip() else None
        except BadInput as error:
            line.message = (say(error), "warn")
        self.show_marks()
        if not self.hits:
            # What was found on the way to what is not there has moved the focus.
            self._return()
        elif self.focused_task not in self.hits:
            self.focus_task(self.hits[0])

    def action_find_next(self, direction: int) -> None:
        """Go to the next hit."""
        if not self.hits:
            if self.found:
                self.tell(self._nothing(str(self.found)), "warn")
            else:
                self.tell(_("No search yet; / finds tasks."), "warn")
            return
        here = self.focused_task
        at = self.hits.index(here) if here in self.hits else -1 if direction > 0 else 0
        self.focus_task(self.hits[(at + direction) % len(self.hits)])
        self._tell_hit()

    def _tell_hit(self) -> None:
        """Say which of the hits has the focus, and what can be done with them."""
        here = self.focused_task
        at = self.hits.index(here) + 1 if here in self.hits else 0
        words = self.KEYS_FOR_HITS or N_("{at}/{n} hits · n N next/previous · Esc clears")
        self.tell(_(words).format(at=at, n=len(self.hits)), "plain")

    # What is said of the hits, where more can be done with them than elsewhere.
    KEYS_FOR_HITS = ""

    def keep(self, found: Query | None) -> None:
        """Show only what a filter finds, or all; a view that cannot shows all anyway."""

    def _command(self, text: str) -> bool:
        """Carry out what was typed after `:`; True if the line may close."""
        from tracker import typed_verbs

        word, _blank, rest = text.partition(" ")
        first = typed_verbs.called(word)
        if not text:
            return True
        try:
            if text.isdecimal() and len(text) < 16:
                self.host.go_to(int(text))
            elif first == "import" and rest.strip():
                self._import(rest.strip())
            elif first == "list":
                self._list(rest)
            elif first == "show" and rest.strip():
                self._show(typed_verbs.task_number(rest.strip()))
            elif text in ("q", "wq", "quit!", "q!"):
                self.call_later(self.run_action, "app.quit")
            elif (action := self._action_called(text)) is not None:
                self.call_later(self.run_action, action)
            elif first == "log":
                raise Refused("Enter on a task shows its history; `tracker log` shows everything.")
            elif first in SHELL:
                raise Refused(
                    "That is a shell command: q quits, then run `tracker {call}`.", call=text
                )
            else:
                here = tuple(sorted(self.marked)) or tuple(filter(None, (self.focused_task,)))
                self.post_message(
                    Do(typed_verbs.parse(text, self.today, me=self.host.who, here=here))
                )
        except TrackerError as error:
            self.host.tell_error(error)
            return False
        return True

    def _import(self, text: str) -> None:
        """Take a list in, `--new` or `--twice` before or behind its name."""
        words = text.split(" ")
        if words[0] in ("--new", "--twice"):
            words.append(words.pop(0))
        if words[-1] == "--new":
            self.host.take_in(" ".join(words[:-1]).strip(), "new")
        elif words[-1] == "--twice":
            self.host.take_in(" ".join(words[:-1]).strip(), "twice")
        else:
            self.host.take_in(text)

    def _list(self, text: str) -> None:
        """Show the table of tasks with what a filter finds, or with all."""
        from tracker.domain.typing import line_parser

        found = line_parser.parse_filter(text, self.today, me=self.host.who, ws=self.workspace)
        self.host.show_view("tasks")
        self.app.call_after_refresh(self._keep_in_front, found if text.strip() else None)

    def _keep_in_front(self, found: Query | None) -> None:
        view = self.app.screen
        if isinstance(view, Finding):
            view.keep(found)

    def _show(self, task: int) -> None:
        if task not in self.workspace.tasks:
            raise not_found(Task, task)
        self.host.open_task(task)

    def _action_called(self, text: str) -> str | None:
        """Return the action of the key whose id or word is `text`."""
        for key in keys.known(*self.KEYS_OF, "app"):
            if text.casefold() in (key.id, key.word.casefold(), _(key.word).casefold()):
                return key.action if key.where != "app" else f"app.{key.action}"
        return None
