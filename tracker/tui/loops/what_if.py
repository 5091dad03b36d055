"""What is tried on a plan before anything is stored: commands, and the plan they would make."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from tracker.domain.draft import Now, together
from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.model import Link, Task
from tracker.domain.sentence import counted
from tracker.domain.typing import field_values
from tracker.domain.verbs import arrows
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.language import _
from tracker.wording import field_texts, return_words, show
from tracker.wording.figures import percent
from tracker.wording.show import Glyphs

Tried = tuple[type[Link | Task], int]


class WhatIf:
    """Commands that are tried, one for each arrow or task, in the order of trying.

    `trial` is the plan they would make; None while nothing is tried.
    """

    def __init__(self) -> None:
        self.trial: Workspace | None = None
        self._ws = Workspace()
        self._commands: dict[Tried, Command] = {}

    @property
    def links(self) -> frozenset[int]:
        """The return arrows that something is tried with."""
        return frozenset(key for kind, key in self._commands if kind is Link)

    @property
    def trial_links(self) -> Collection[int]:
        """The arrows that are left in the plan as it is tried."""
        return self.trial.links if self.trial is not None else self._ws.links

    def notes(self, glyphs: Glyphs) -> dict[int, str]:
        """Return what is tried with each arrow, in a few words."""
        return {key: self._note(key, glyphs) for key in self.links}

    def _note(self, key: int, glyphs: Glyphs) -> str:
        old = self._ws.links[key]
        new = self.trial.links.get(key) if self.trial else old
        if new is None:
            return _("without it")
        if new.rate != old.rate:
            return f"{percent(old.rate)} {glyphs.right} {percent(new.rate)}"
        return _("what-if")

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
        known = {name: getattr(seen, name) for name in ("rate", "share", "limit")} | options
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
        """Try everything on a plan; what is refused, or changes nothing, goes."""
        trial, refused = ws, []
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
        self._ws, self.trial = ws, trial if self._commands else None
        return refused

    def command(self) -> Command:
        """Return the command that does all that is tried, as one change."""
        steps = tuple(self._commands.values())
        label = counted(
            "Stored the what-if: {n} change",
            "Stored the what-if: {n} changes",
            len(steps),
        )
        return together(steps, label if len(steps) > 1 else None)

    def words(self, glyphs: Glyphs) -> Iterator[str]:
        """Yield what is tried, in words."""
        trial, arrow = self.trial or self._ws, glyphs.right
        for kind, key in self._commands:
            if kind is Task:
                before, after = (
                    field_texts.text_of(ws, ws.tasks[key], "estimate") or _("no estimate")
                    for ws in (self._ws, trial)
                )
                yield f"{show.name(trial, key)}: {before} {arrow} {after}"
                continue
            old, new = self._ws.links[key], trial.links.get(key)
            name = f"{old.source} {arrow} {old.target}"
            if new is None:
                yield _("without {arrow}").format(arrow=name)
            elif (old.share, old.limit) == (new.share, new.limit):
                yield f"{name}: {percent(old.rate)} {arrow} {percent(new.rate)}"
            else:
                yield f"{name}: {options_words(new.rate, new.share, new.limit)}"


def read_options(text: str) -> dict[str, Any]:
    """Return rate, share and limit of a return, typed as `30% 50% 3`; raises BadInput."""
    rate, share, limit, *more = [*re.split(r"[\s:;]+", text.strip()), "", "", ""]
    if not rate or any(more):
        raise BadInput("Enter rate, share of rework and pass limit, such as 30% 50% 3.")
    return {
        "rate": field_values.read_share(rate),
        "share": field_values.read_share(share) if share else 1.0,
        "limit": field_values.read_limit(limit) if limit else None,
    }


def options_text(link: Link) -> str:
    """Return rate, share and limit of a return as they are typed."""
    limit = "" if link.limit is None else f" {link.limit}"
    return f"{link.rate:.3%} {link.share:.3%}".replace(".000%", "%") + limit


def options_words(rate: float, share: float, limit: int | None) -> str:
    """Return rate, share and limit of a return in words."""
    told = [*return_words.options(rate, share, limit)]
    return ", ".join(told if limit is not None else [*told, _("no limit")])
