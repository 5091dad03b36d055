"""A change is a value that remembers what it replaced."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar, cast

import msgspec

from tracker.domain.model import TABLE_OF, Entity, Link, Task
from tracker.domain.sentence import Sentence, counted, dated, sentence

E = TypeVar("E", bound=Entity)

# So many tasks brought into being or taken away, or so many changed, are a sweeping change.
_MANY_CAME, _MANY_CHANGED = 3, 10


class Edit(msgspec.Struct, frozen=True):
    """One entity before and after; nothing before is a birth, nothing after a death.

    Raises ValueError unless both are one entity, or only one is there.
    """

    before: Entity | None
    after: Entity | None

    def __post_init__(self) -> None:
        before, after = self.before, self.after
        if before is None and after is None:
            raise ValueError("an edit needs something before or after")
        if before and after and (type(before) is not type(after) or before.id != after.id):
            raise ValueError("an edit is about one entity")

    @property
    def entity(self) -> Entity:
        """The entity it is about, as it is after or, at its death, was before."""
        return cast("Entity", self.after or self.before)

    @property
    def table(self) -> str:
        """The name of the table the entity is in."""
        return TABLE_OF[type(self.entity)]

    @property
    def inverse(self) -> Edit:
        """The edit that takes this one back."""
        return Edit(self.after, self.before)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that differ; empty at a birth or a death."""
        if self.before is None or self.after is None:
            return ()
        return tuple(
            name
            for name in self.before.__struct_fields__
            if getattr(self.before, name) != getattr(self.after, name)
        )


class Left(msgspec.Struct, frozen=True):
    """A task that was left alone, and why; `already` when it is so as was wanted."""

    task: int
    reason: Sentence
    already: bool


class Change(msgspec.Struct, frozen=True):
    """What one command does: a label for people, and edits that are applied together or not at all.

    For whoever gave the command, and not kept: what is `left` of what it was to be done to, and
    `doubts` about how it was read.
    """

    label: Sentence
    edits: tuple[Edit, ...]
    left: tuple[Left, ...] = ()
    doubts: tuple[Sentence, ...] = ()

    @property
    def inverse(self) -> Change:
        """The change that takes this one back."""
        return Change(self.label, tuple(edit.inverse for edit in reversed(self.edits)))

    @property
    def tasks(self) -> tuple[int, int, int]:
        """How many tasks it brings into being, does away with, and changes.

        An arrow is a matter of the task that has it: that which needs another, or sends work back.
        """
        edits = [edit for edit in self.edits if isinstance(edit.entity, Task)]
        born = {edit.entity.id for edit in edits if edit.before is None}
        gone = {edit.entity.id for edit in edits if edit.after is None}
        changed = {edit.entity.id for edit in edits} - born - gone
        for edit in self.edits:
            if isinstance(link := edit.entity, Link) and not {link.source, link.target} & (
                born | gone
            ):
                changed.add(link.target if link.kind == "needs" else link.source)
        return len(born), len(gone), len(changed)

    @property
    def sweeping(self) -> bool:
        """Whether it does so much to tasks that nobody should take it back by one key too many."""
        born, gone, changed = self.tasks
        return born + gone >= _MANY_CAME or changed >= _MANY_CHANGED

    @property
    def effects(self) -> tuple[Sentence, ...]:
        """What it does to tasks, counted."""
        born, gone, changed = self.tasks
        told = (
            (gone, counted("{n} task removed", "{n} tasks removed", gone)),
            (born, counted("{n} task added", "{n} tasks added", born)),
            (changed, counted("{n} task changed", "{n} tasks changed", changed)),
        )
        return tuple(words for count, words in told if count)

    @property
    def contradictions(self) -> tuple[Sentence, ...]:
        """What it makes of tasks that cannot be kept."""
        found = []
        for edit in self.edits:
            before, task = edit.before, edit.after
            if (
                isinstance(task, Task)
                and task.open
                and task.due
                and task.not_before
                and task.not_before > task.due
                and not (before and {"due", "not_before"}.isdisjoint(edit.fields))
            ):
                found.append(
                    sentence(
                        "{task} may not begin before {day}, but is due {due}.",
                        task=f"{task.id} {task.title}",
                        day=dated(task.not_before),
                        due=dated(task.due),
                    )
                )
            if isinstance(task, Task) and task.ahead and not task.expires:
                text = sentence(
                    "{task} says how long ahead it comes back, but not when it expires.",
                    task=f"{task.id} {task.title}",
                )
                found += (
                    [text] if not (before and {"ahead", "expires"}.isdisjoint(edit.fields)) else []
                )
        return tuple(found)

    def born(self, kind: type[E]) -> tuple[E, ...]:
        """Return the entities of `kind` that this change brings into being."""
        return tuple(
            edit.after
            for edit in self.edits
            if edit.before is None and isinstance(edit.after, kind)
        )


class Record(msgspec.Struct, frozen=True):
    """A change as history keeps it: `seq` counts from 1 without gaps, `at` is UTC.

    `undoes` is the sequence number of the record this one takes back; taking back an undo is a
    redo.
    """

    seq: int
    at: datetime
    who: str
    change: Change
    undoes: int | None = None

    def touches(self, task: int) -> bool:
        """Return whether it changed a task or an arrow of it."""
        return any(
            (isinstance(entity, Task) and entity.id == task)
            or (isinstance(entity, Link) and task in (entity.source, entity.target))
            for edit in self.change.edits
            for entity in (edit.before, edit.after)
        )
