"""The form of a project, a department, a person, a system, or of the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, cast

from msgspec.structs import fields as struct_fields

from tracker.domain.change import Change
from tracker.domain.draft import name_of
from tracker.domain.model import Department, Entity, Settings
from tracker.domain.properties import PROPERTIES, Property
from tracker.domain.typing.property_values import read_property
from tracker.domain.typing.vocabulary import folded_for_search
from tracker.domain.verbs import upkeep
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.language import _, say
from tracker.tui.dialogs import typed_line
from tracker.tui.dialogs.asking import Preview
from tracker.tui.dialogs.field_form import FieldForm
from tracker.wording import change_words, entity_texts, show


class EntityForm(FieldForm):
    """The properties of something to be edited, or of something new where there is none."""

    def __init__(
        self,
        ws: Workspace,
        kind: type[Entity],
        entity: Entity | None,
        today: date,
        *,
        at: str | None = None,
    ) -> None:
        self._ws, self._kind, self._today = ws, kind, today
        self._new = entity is None
        self._edited = entity or _blank(ws, kind)
        self._known: dict[str, Property] = {each.name: each for each in PROPERTIES[kind]}
        name = show.text(entity_texts.called(self._edited))
        title = _("Edit {task}").format(task=name)
        if self._new:
            name = entity_texts.new_one(kind)
        if self._new or kind is Settings:
            title = name
        super().__init__(title, name, tuple(self._known), at=at)

    def label(self, field: str) -> str:
        """Return what a property is called."""
        return entity_texts.label(self._ws, self._known[field])

    def hint(self, field: str) -> str:
        """Return what may be typed for a property."""
        return say(self._known[field].hint)

    def raw(self, field: str) -> str:
        """Return the text of a property as it is stored."""
        return entity_texts.text(self._ws, self._known[field], self._edited)

    def read(self, field: str, text: str) -> Preview:
        """Return how a text is read."""
        each = self._known[field]
        value = read_property(each, text, self._today)
        if self._new and each.form != "name":
            # What is said of it is checked once it has a name.
            return Preview({field: value})
        change = self._foreseen({field: value})
        if self._new:
            return Preview({field: value}, tuple(change_words.newcomers(change, self._ws)))
        made = next((edit.after for edit in change.edits if edit.after), self._edited)
        words = entity_texts.text(self._ws.apply(change), each, made) or _("nothing")
        told = ((f"{self.label(field)}: ", "dim"), (show.text(words), "plain"))
        return Preview({field: value}, (told,))

    def try_all(self, fields: Mapping[str, Any]) -> None:
        """Raise the TrackerError that setting all of some properties would meet."""
        self._foreseen(fields)

    def _foreseen(self, values: Mapping[str, Any]) -> Change:
        return typed_line.foreseen(self._ws, self._today, self.command(values))

    def command(self, values: Mapping[str, Any]) -> Command:
        """Return the command that sets some properties, as they were seen here."""
        verb = partial(upkeep.set_properties, kind=self._kind)
        if not self._new:
            return partial(verb, name=self._edited.id, values=values, seen=self._edited)
        field = next(key for key, each in self._known.items() if each.form == "name")
        rest = {key: value for key, value in values.items() if key != field}
        return partial(verb, name=values.get(field) or "", values=rest, create=True)

    def renew(self) -> bool:
        """Take in what is edited as it is stored by now; False if it is gone."""
        ws = cast("Workspace", getattr(self.app, "workspace", self._ws))
        newest = (
            ws.preferences if self._kind is Settings else ws.table(self._kind).get(self._edited.id)
        )
        if newest is not None:
            self._ws, self._edited = ws, newest
        return newest is not None

    def suggestions(self, field: str, text: str, cursor: int) -> Sequence[str]:
        """Return the values that can be listed and fit what is typed."""
        each = self._known[field]
        known = [say(choice.label) for choice in each.choices]
        if each.form == "department":
            known = list(map(name_of, self._ws.departments.values()))
        typed = folded_for_search(text[:cursor]).partition("\n")[0]
        fitting = [name for name in known if typed in folded_for_search(name)]
        return known if text in known else fitting

    def replaces(self, field: str) -> bool:
        """Return whether what is typed takes the place of the text rather than extends it."""
        return self._known[field].form not in ("name", "text", "days", "yearly", "absences")


def _blank(ws: Workspace, kind: type[Entity]) -> Entity:
    """Return an entity with nothing in it, which is nowhere."""
    needed: dict[str, Any] = {each.name: "" for each in struct_fields(kind) if each.required}
    if kind is Department:
        needed["order"] = ws.next_id(kind)
    return kind(**{**needed, "id": 0})
