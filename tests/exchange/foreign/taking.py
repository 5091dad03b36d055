"""Files of other programs, taken in as the program does, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.builders import NOW, TODAY
from tracker.domain.draft import name_of
from tracker.domain.errors import BadInput
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.exchange.content import Content
from tracker.exchange.formats import recognised
from tracker.exchange.importing import Import
from tracker.exchange.source import ReadOptions, Source

SAMPLES = Path(__file__).parents[2] / "data" / "exchange"
BERLIN = "Europe/Berlin"
# Whatever may stand in JSON.
odd_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


class Taken:
    """A file that has been taken into an empty workspace, or the one given."""

    def __init__(self, source: Source, ws: Workspace) -> None:
        change, self.report = Import(source, "twice").plan(ws, NOW)
        self.source, self.ws = source, ws.apply(change)

    def __getitem__(self, title: str) -> Task:
        [task] = (task for task in self.ws.tasks.values() if task.title == title)
        return task

    @property
    def titles(self) -> list[str]:
        """The titles in the order of the numbers."""
        return [task.title for task in self.ws.tasks.values()]

    @property
    def needs(self) -> list[str]:
        """The arrows by titles: `A → B`, `A → B +2`."""
        titled = {task.id: task.title for task in self.ws.tasks.values()}
        return sorted(
            f"{titled[link.source]} → {titled[link.target]}"
            + (f" {link.lag:+g}" if link.lag else "")
            for link in self.ws.links.values()
            if link.kind == "needs"
        )

    @property
    def skipped(self) -> dict[str, str]:
        """What was left out and why, by its name there."""
        return {left.place: str(left.why) for left in self.report.skipped}

    @property
    def said(self) -> list[str]:
        """All remarks, with the column and the value they are about."""
        told = (*self.report.warnings, *self.source.approximations)
        return [f"{each.column} {each.value}: {each.why}" for each in told]

    def says(self, *words: str) -> bool:
        """Return whether one remark has all of these words."""
        return any(all(word in remark for word in words) for remark in self.said)

    @property
    def not_taken(self) -> set[str]:
        """The names that only the ledger reports."""
        return {
            each.column for each in self.report.warnings if str(each.why).startswith("Not taken")
        }

    def named(self, task: Task, field: str) -> Any:
        """Return whom or what a field names."""
        tables = {"department": "departments", "project": "projects"}
        table = getattr(self.ws, tables.get(field, "people"))
        value = getattr(task, field)
        if isinstance(value, tuple):
            return [name_of(table[key]) for key in value]
        return name_of(table[value]) if value else None


def take(
    what: bytes | str | Path, name: str = "", *, ws: Workspace | None = None, **options: Any
) -> Taken:
    """Take a sample or the content of a file; its format is found out."""
    return Taken(source_of(what, name, ws=ws, **options), ws or Workspace())


def source_of(
    what: bytes | str | Path, name: str = "", *, ws: Workspace | None = None, **options: Any
) -> Source:
    """Return what is read of a sample or the content of a file."""
    folder = what if isinstance(what, Path) and what.is_dir() else None
    if isinstance(what, Path):
        name, data = name or what.name, b"" if folder else what.read_bytes()
    else:
        data = what.encode() if isinstance(what, str) else what
    content = Content(data, name, folder)
    format = recognised(content)
    assert format is not None, "nothing was recognised"
    today = options.pop("today", TODAY)
    return format.read(content, ReadOptions(today, ws=ws or Workspace(), **options))


def wanted(path: Path) -> dict[str, Any]:
    """Return what the rules make of a sample."""
    text = path.with_name(f"{path.name}.expected.json").read_text()
    found: dict[str, Any] = json.loads(text)["wanted"]
    return found


def only_refuses(read: Callable[[], Taken | Source]) -> None:
    """Take in what may be damaged: all of it goes well, or it is refused with a sentence."""
    with suppress(BadInput):
        found = read()
        taken = Taken(found, Workspace()) if isinstance(found, Source) else found
        assert len(taken.said) >= len(taken.source.warnings)
