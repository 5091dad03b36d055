"""What goes out to other programs: some tasks of a plan, and what is told of them on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from tracker.domain.arrow_fields import ARROW_FIELDS
from tracker.domain.fields import FIELDS, OTHER_LABELS
from tracker.domain.model import KINDS, Entity, Link, LinkKind, System, Task
from tracker.domain.sentence import Sentence, listed, sentence
from tracker.domain.workspace import Workspace, references, table_word
from tracker.exchange.source import harmless

# The fields of a task that lie in its arrows, by their kind.
_ARROWS: Mapping[str, LinkKind] = {"after": "needs", "returns_to": "returns"}
# Fields that others say as well.
_SAID_ELSEWHERE = frozenset({"estimate", "blocks", "finished"})
# No characters at all, which no XML may hold.
_NO_SIGNS = re.compile("[\ufffe\uffff]")
_BLANK = Task(id=0, title="")
# Tables of which a task names things: only the names go out with it.
_NAMED = ("projects", "departments", "people", "systems")
# What goes out beside the tasks: whole tables, and what a newer version has noted of a task.
_BESIDE = ("settings", "baselines", "filters")
EVERYTHING = frozenset(
    (
        *(field.name for field in FIELDS),
        *(f"{kind}.{field.name}" for kind, fields in ARROW_FIELDS.items() for field in fields),
        *("returns.escalate_to", "returns.observed", "extra", "details", *_BESIDE),
    )
)


class ExportNote(NamedTuple):
    """Something that a file does not say, or not as it is here; `name` is for scripts."""

    name: str
    what: Sentence
    times: int


# Is told how many tasks are behind, and may raise to stop.
Tick = Callable[[int], object]
# After so many tasks.
_STEP = 200


class Handout:
    """Some tasks of a workspace as another program is to have them.

    `ws` holds these with the arrows between them and what they name; dates rest on the `whole`.
    `only` is the part of a format that is asked for, where it has `parts`, and `dialect` one of its
    dialects.
    """

    def __init__(
        self,
        whole: Workspace,
        today: date,
        language: str = "en",
        *,
        tasks: Iterable[Task] | None = None,
        only: str = "",
        dialect: str = "",
        tick: Tick | None = None,
    ) -> None:
        self.whole, self.today, self.only, self.dialect = whole, today, only, dialect
        self._tick = tick
        self.german = language == "de"
        self.language = language
        chosen = None if tasks is None else {task.id for task in tasks}
        self.is_part = chosen is not None and len(chosen) < len(whole.tasks)
        self.ws = part_of(whole, chosen) if self.is_part and chosen is not None else whole
        self._changed: dict[str, ExportNote] = {}

    def walk(self) -> Iterator[Task]:
        """Walk over the tasks, and tell on the way how many are behind."""
        for count, task in enumerate(self.ws.tasks.values()):
            if self._tick and not count % _STEP:
                self._tick(count)
            yield task

    def tell(self, name: str, what: Sentence, count: int = 1) -> None:
        """Note that something is written otherwise than it is here."""
        before = self._changed.get(name)
        self._changed[name] = ExportNote(name, what, count + (before.times if before else 0))

    @property
    def changed(self) -> list[ExportNote]:
        """What is written otherwise than it is here."""
        return list(self._changed.values())

    def left_out(self, carries: Collection[str]) -> list[ExportNote]:
        """Return what of it a format leaves out that `carries` the fields of these names.

        Fields of tasks go by their names, those of arrows as in `needs.lag`.
        """
        return [told for told in self._not_in(carries) if told.times]

    def _not_in(self, carries: Collection[str]) -> Iterator[ExportNote]:
        tasks, links = self.ws.tasks.values(), self.ws.links.values()
        for field in FIELDS:
            if field.name in carries or field.name in _SAID_ELSEWHERE:
                continue
            if kind := _ARROWS.get(field.name):
                count = sum(link.kind == kind for link in links)
            else:
                blank = getattr(_BLANK, field.name)
                count = sum(getattr(task, field.name) != blank for task in tasks)
            yield ExportNote(field.name, field.label, count)
        for name, kind in _ARROWS.items():
            if name in carries:
                yield from _arrow_fields(kind, [a for a in links if a.kind == kind], carries)
        if self.is_part:
            yield ExportNote("arrows", sentence("Arrows to other tasks"), self._cut)
        if "extra" not in carries:
            label = sentence("Fields of a newer version")
            yield ExportNote("extra", label, sum(bool(task.extra) for task in tasks))
        if "details" not in carries:
            label = sentence("Details of projects, departments, people and systems")
            yield ExportNote("details", label, self._details)
        for table in _BESIDE:
            if table not in carries or (self.is_part and table != "settings"):
                label = listed((table_word(table),))
                yield ExportNote(table, label, len(getattr(self.whole, table)))

    @cached_property
    def _cut(self) -> int:
        """How many arrows lead from its tasks to others, or from these to them."""
        kept = self.ws.tasks
        return sum((a.source in kept) != (a.target in kept) for a in self.whole.links.values())

    @property
    def _details(self) -> int:
        """How many of the things that are named are more than a name."""
        named = (getattr(self.ws, table).values() for table in _NAMED)
        return sum(map(_has_details, chain.from_iterable(named)))

    @cached_property
    def name(self) -> str:
        """What the plan is called: by its projects, else nothing."""
        named = dict.fromkeys(task.project for task in self.ws.tasks.values() if task.project)
        return ", ".join(one_line(self.ws.projects[key].name) for key in named if key)

    def arrows(self, kind: LinkKind) -> Iterator[Link]:
        """Walk over the arrows of a kind."""
        return (link for link in self.ws.links.values() if link.kind == kind)

    def short(self, text: str, most: int) -> str:
        """Return a text as one line of at most `most` characters; what is cut off is told."""
        line = one_line(text)
        if len(line) <= most:
            return line
        what = sentence("Long text shortened to {most} characters", most=most)
        self.tell("shortened", what)
        return line[: most - 1] + "…"


def lines_of(text: str) -> str:
    """Return a text with its lines, without what could move a terminal or break a file."""
    return _NO_SIGNS.sub("", harmless(text)[0])


def one_line(text: str) -> str:
    """Return a text as one line, without what could move a terminal or break a file."""
    return " ".join(lines_of(text).split())


def _arrow_fields(
    kind: LinkKind, arrows: list[Link], carries: Collection[str]
) -> Iterator[ExportNote]:
    blank = Link(id=0, kind=kind, source=0, target=0)
    more = ("observed", "escalate_to") if kind == "returns" else ()
    for name in (*(field.name for field in ARROW_FIELDS[kind]), *more):
        if f"{kind}.{name}" not in carries:
            count = sum(getattr(link, name) != getattr(blank, name) for link in arrows)
            yield ExportNote(f"{kind}.{name}", OTHER_LABELS[name], count)


def _has_details(thing: Entity) -> bool:
    names = {"id", "name", "login"}
    given = msgspec.structs.asdict(thing)
    blank: dict[str, Any] = {
        field.name: field.default for field in msgspec.structs.fields(type(thing))
    }
    return any(given[name] != blank[name] for name in given if name not in names and given[name])


def part_of(ws: Workspace, chosen: Collection[int]) -> Workspace:
    """Return some tasks of a workspace with the arrows between them and what they name."""
    tasks = [task for key, task in ws.tasks.items() if key in chosen]
    links = [a for a in ws.links.values() if a.source in chosen and a.target in chosen]
    kept: dict[tuple[str, int], Entity] = {}
    ahead: list[Entity] = [*tasks, *links]
    while ahead:
        for table, key in references(_without_restorer(ahead.pop(), chosen)):
            if table != "tasks" and (table, key) not in kept:
                thing = _without_restorer(getattr(ws, table)[key], chosen)
                kept[table, key] = thing
                ahead.append(thing)
    named = [kept[key] for key in sorted(kept, key=lambda key: (list(KINDS).index(key[0]), key[1]))]
    return Workspace(
        [*ws.settings.values(), *named, *tasks, *links], last_ids=ws.last_ids, seq=ws.seq
    )


def _without_restorer(thing: Entity, chosen: Collection[int]) -> Entity:
    """Return a system without the task that brings it up again where that stays behind."""
    if isinstance(thing, System) and thing.restored_by and thing.restored_by not in chosen:
        return msgspec.structs.replace(thing, restored_by=None)
    return thing


def day_behind(day: date) -> date:
    """Return the day after one, as formats name an end that is not part of it."""
    return day if day == date.max else day + timedelta(days=1)
