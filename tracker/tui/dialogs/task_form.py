"""The form of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from tracker.domain.errors import BadInput
from tracker.domain.fields import LONG
from tracker.domain.model import Task
from tracker.domain.typing.field_values import read_checklist
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.tui.dialogs import typed_line
from tracker.tui.dialogs.asking import Preview
from tracker.tui.dialogs.field_form import FieldForm
from tracker.tui.text.fitting import Line
from tracker.wording import change_words, show
from tracker.wording.field_texts import FORM, hint, label, text_of


class TaskForm(FieldForm):
    """The fields of a task to be edited; the answer is what `edit_task` is to set, changes only."""

    def __init__(self, ws: Workspace, task: Task, today: date, *, me: str = "") -> None:
        self._ws, self._edited, self._today, self._me = ws, task, today, me
        name = show.name(ws, task.id)
        super().__init__(_("Edit {task}").format(task=name), name, FORM, LONG)

    def label(self, field: str) -> str:
        """Return what a field is called."""
        return label(field)

    def hint(self, field: str) -> str:
        """Return what may be typed into a field."""
        return hint(field)

    def raw(self, field: str) -> str:
        """Return the text of a field as it is stored."""
        return text_of(self._ws, self._edited, field)

    def read(self, field: str, text: str) -> Preview:
        """Return how a text is read."""
        fields = typed_line.read_field(field, text, self._today, self._me)
        change = typed_line.foreseen(
            self._ws, self._today, commands.edit_task, task=self._edited.id, **fields
        )
        words = typed_line.value_words(next(iter(fields)), fields, self._ws, self._today)
        told: Line = ((f"{label(field)}: ", "dim"), (words, "plain"))
        new, doubts = change_words.newcomers(change, self._ws), change.contradictions
        return Preview(fields, (told,), new=tuple(new), doubts=tuple(map(BadInput, doubts)))

    def try_all(self, fields: Mapping[str, Any]) -> None:
        """Raise the TrackerError that setting all of some fields would meet."""
        typed_line.foreseen(
            self._ws, self._today, commands.edit_task, task=self._edited.id, **fields
        )

    def renew(self) -> bool:
        """Take in the task as it is stored by now; False if it is gone."""
        ws = cast("Workspace", getattr(self.app, "workspace", self._ws))
        newest = ws.tasks.get(self._edited.id)
        if newest is not None:
            self._ws, self._edited = ws, newest
        return newest is not None

    def suggestions(self, field: str, text: str, cursor: int) -> Sequence[str]:
        """Return the names known for a field that fit the word before the cursor."""
        return typed_line.suggestions(self._ws, field, text, cursor)

    def breaks(self, field: str) -> str:
        """Return the characters behind which another value of a field begins."""
        return typed_line.breaks(field)

    def replaces(self, field: str) -> bool:
        """Return whether what is typed takes the place of the text rather than extends it."""
        return typed_line.replaces(field)

    def summary(self, field: str, text: str) -> str:
        """Return how much there is in a long field."""
        if not text.strip():
            return _("none; Enter to write")
        if field == "checklist":
            items = read_checklist(text)
            done = sum(item.done for item in items)
            return _("{done} of {all} done; Enter to open").format(done=done, all=len(items))
        count = len(text.splitlines())
        told = ngettext("{n} line; Enter to open", "{n} lines; Enter to open", count)
        return told.format(n=count)
