"""The lines at the foot of a view: a filter that finds as it is typed, and a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.domain.errors import BadInput, TrackerError
from tracker.language import _, ngettext, say
from tracker.tui import keys
from tracker.tui.messages import Do
from tracker.tui.screens.view import View
from tracker.tui.widgets.frame import StatusLine

if TYPE_CHECKING:
    from tracker.tui.widgets.prompt import Prompt


class Finding(View):
    """A view in which tasks can be found and commands typed."""

    def action_find(self) -> None:
        """Open the line for a filter."""
        self._open_prompt("/")

    def action_command(self) -> None:
        """Open the line for a command."""
        self._open_prompt(":")

    def _open_prompt(self, sign: str) -> None:
        from tracker import verbs
        from tracker.domain import query
        from tracker.tui.widgets.prompt import Prompt

        if self.query(Prompt):
            return

        def suggest(text: str, cursor: int) -> list[str]:
            if sign == ":":
                return verbs.complete(text[:cursor], self.workspace)
            return query.complete(text, cursor, self.workspace)

        self.add_class("-prompting")
        self.mount(Prompt(sign, suggest=suggest))

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Find as it is typed."""
        if event.sign == "/":
            self._find(event.text)

    def on_prompt_done(self, event: Prompt.Done) -> None:
        """Keep the hits, or carry out the command."""
        if event.sign == "/":
            self._close_prompt()
            if event.text.strip() and not self.hits:
                self.tell(_("Nothing matches {text}.").format(text=event.text), "warn")
            return
        if self._command(event.text.strip()):
            self._close_prompt()

    def on_prompt_left(self) -> None:
        """Close the line, and forget the hits."""
        self._close_prompt()
        self.hits = ()
        self.show_marks()

    def _close_prompt(self) -> None:
        from tracker.tui.widgets.prompt import Prompt

        for prompt in self.query(Prompt):
            prompt.remove()
        self.remove_class("-prompting")
        self.take_keys()

    def _find(self, text: str) -> None:
        from tracker.domain import query

        line = self.query_one(StatusLine)
        ws = self.workspace
        try:
            found = query.parse_filter(text, self.today, me=self.me)
            # A large board may still show what has gone from the workspace.
            tasks = [ws.tasks[t] for t in self.shown_tasks if t in ws.tasks]
            self.hits = tuple(t.id for t in tasks if text.strip() and found.matches(ws, t))
            hits = ngettext("{n} hit", "{n} hits", len(self.hits)).format(n=len(self.hits))
            line.message = (hits, "dim") if text.strip() else None
        except BadInput as error:
            line.message = (say(error), "warn")
        self.show_marks()
        if self.hits and self.focused_task not in self.hits:
            self.focus_task(self.hits[0])

    def action_find_next(self, direction: int) -> None:
        """Go to the next hit."""
        if not self.hits:
            self.tell(_("Nothing has been searched for; / finds tasks."), "warn")
            return
        here = self.focused_task
        at = self.hits.index(here) if here in self.hits else -1 if direction > 0 else 0
        self.focus_task(self.hits[(at + direction) % len(self.hits)])

    def _command(self, text: str) -> bool:
        """Carry out what was typed after `:`; True if the line may close."""
        from tracker import verbs

        if not text:
            return True
        try:
            if text.isdecimal() and len(text) < 16:
                self.tracker.go_to(int(text))
            elif text.startswith("import "):
                self.tracker.take_in(text.removeprefix("import ").strip())
            elif (action := self._action_called(text)) is not None:
                self.call_later(self.run_action, action)
            else:
                here = tuple(sorted(self.marked)) or tuple(filter(None, (self.focused_task,)))
                self.post_message(Do(verbs.parse(text, self.today, me=self.me, here=here)))
        except TrackerError as error:
            self.tracker.tell_error(error)
            return False
        return True

    def _action_called(self, text: str) -> str | None:
        """Return the action of the key whose id or word is `text`."""
        for key in keys.KEYS:
            known = (key.id, key.word.casefold(), _(key.word).casefold())
            if key.where in (*self.KEYS_OF, "app") and text.casefold() in known:
                return key.action if key.where != "app" else f"app.{key.action}"
        return None
