"""What is tried on a plan before anything is stored: commands, and the plan they would make."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from tracker.domain.arrow_fields import arrow_values
from tracker.domain.change import Change
from tracker.domain.draft import Now, together
from tracker.domain.errors import Conflict, TrackerError
from tracker.domain.model import Link, Task
from tracker.domain.sentence import counted
from tracker.domain.verbs import arrows
from tracker.domain.verbs.commands import Command, refuse_unseen, task_name
from tracker.domain.workspace import Workspace

Tried = tuple[type[Link | Task], int]


class WhatIf:
    """Commands that are tried, one for each arrow or task, in the order of trying.

    `plan` is what they were tried on last, `trial` the plan they would make; None while nothing is
    tried.
    """

    def __init__(self) -> None:
        self.plan = Workspace()
        self.trial: Workspace | None = None
        self._commands: dict[Tried, Command] = {}

    @property
    def tried(self) -> Collection[Tried]:
        """The arrows and tasks that something is tried with, in the order of trying."""
        return self._commands.keys()

    @property
    def links(self) -> frozenset[int]:
        """The return arrows that something is tried with."""
        return frozenset(key for kind, key in self._commands if kind is Link)

    @property
    def trial_links(self) -> Collection[int]:
        """The arrows that are left in the plan as it is tried."""
        return self.trial.links if self.trial is not None else self.plan.links

    def link(self, link: Link) -> Link | None:
        """Return an arrow as it is tried, None if it is tried to do without."""
        return self.trial.links.get(link.id) if self.trial is not None else link

    def put(self, kind: type[Link | Task], key: int, command: Command) -> None:
        """Try something with an arrow or a task, in the place of what was tried with it."""
        self._commands.pop((kind, key), None)
        self._commands[kind, key] = command

    def put_link(self, link: Link, **options: Any) -> None:
        """Try other options of a return arrow, besides those that are tried already."""
        seen = self.link(link) or link
        known = arrow_values(seen) | options
        changed = {name: value for name, value in known.items() if value != getattr(link, name)}
        self.drop(link.id)
        if changed:
            self.put(Link, link.id, partial(arrows.edit_link, link=link.id, **changed))

    def drop(self, link: int) -> None:
        """Try nothing with an arrow any more."""
        self._commands.pop((Link, link), None)

    def drop_last(self) -> None:
        """Take back what was tried last."""
        self._commands.popitem()

    def clear(self) -> None:
        """Try nothing any more."""
        self._commands.clear()

    def apply(self, ws: Workspace, now: Now) -> list[TrackerError]:
        """Try everything on a plan, and return what is to be told of it.

        What is refused, or changes nothing, goes; what has been set otherwise since it was tried
        last is tried on.
        """
        trial = ws
        refused: list[TrackerError] = [*self._stale(ws)]
        for what, command in list(self._commands.items()):
            try:
                change = command(trial, now)
                trial = trial.apply(change)
            except TrackerError as error:
                refused.append(error)
                del self._commands[what]
            else:
                if not change.edits:
                    del self._commands[what]
        self.plan, self.trial = ws, trial if self._commands else None
        return refused

    def command(self) -> Command:
        """Return the command that does all that is tried, as one change.

        It raises Conflict where what it sets has been set otherwise since it was tried.
        """
        steps = tuple(self._commands.values())
        label = counted(
            "Stored the what-if: {n} change",
            "Stored the what-if: {n} changes",
            len(steps),
        )
        store = together(steps, label if len(steps) > 1 else None)

        def command(ws: Workspace, now: Now) -> Change:
            for conflict in self._stale(ws):
                raise conflict
            return store(ws, now)

        return command

    def _stale(self, ws: Workspace) -> Iterator[Conflict]:
        """Yield a Conflict for what is no longer as it was when it was tried."""
        if self.trial is None:
            return
        for kind, key in self._commands:
            seen, now = self.plan.table(kind).get(key), ws.table(kind).get(key)
            if seen is None or now is None or now == seen:
                continue
            name = task_name(ws, key) if isinstance(now, Task) else arrows.arrow_name(ws, now)
            try:
                refuse_unseen(seen, self.trial.table(kind).get(key), seen, now, name)
            except Conflict as conflict:
                yield conflict
