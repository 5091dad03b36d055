"""The plan of another program, as its reader found it: items, their parts, and their relations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from tracker.exchange.references import LagUnit, RelationKind
from tracker.exchange.source import Source


class Relation(msgspec.Struct):
    """That `target` needs `source`, both keys of items; the kind names the ends that are tied.

    `lag` is in working days; with the unit `elapsed` in calendar days, with `share` a part of the
    duration of the source (0.5 is half of it). `row`, `column` and `text` are where and how the
    file has it. What is `derived`, not stated, yields where it would close a loop.
    """

    source: str
    target: str
    kind: RelationKind = "FS"
    lag: float = 0.0
    unit: LagUnit = "days"
    row: int = 0
    column: str = ""
    text: str = ""
    derived: bool = False


class PlanItem(msgspec.Struct):
    """A task or summary of a plan; what it says is raw, `settling.settled` cleans it.

    `key` is what links in the file point to, `row` the number the other program shows for it and
    `place` how else it is called there (`task 12, UID 45`, `UMZ-3`). `origin` is what a second
    import recognises it by (`jira:UMZ-3`), `number` its number as written and `wanted` the id to
    keep if that is free. `parent` is the key of what it is a part of.

    `fields` are those of Task, of which what names something is a text: title, notes, tags,
    assignee, watchers, department, priority, state, low, likely, high, effort, spent (days), due,
    not_before, follow_up, checklist and so on. `percent` (0 to 100), `began` and `ended` are its
    progress; the state follows from them where the fields have none. `start` and `finish` are
    results of the other program's own scheduling, `opening` is the start of its project where the
    file has several. With `elapsed` its duration is in calendar days. A summary that says something
    of its `own` becomes a milestone after its parts. `lanes` are what may be made its department,
    by what that is: `{"bucket": "Network"}`; `unread` the fields whose value in the file could not
    be understood.
    """

    key: str
    row: int
    place: str = ""
    origin: str = ""
    parent: str | None = None
    number: str = ""
    wanted: int | None = None
    fields: dict[str, Any] = {}
    percent: float | None = None
    began: date | datetime | None = None
    ended: date | datetime | None = None
    start: date | None = None
    finish: date | None = None
    opening: date | None = None
    elapsed: bool = False
    own: bool = False
    lanes: dict[str, str] = {}
    unread: set[str] = set()


class Outline(msgspec.Struct):
    """The plan of another program.

    `source` takes what is remarked, skipped and defined besides tasks. In a `schedule` summaries
    are no tasks and starts are results; else parents are items of their own, and what has parts
    is done when they are. `start` and `target` are those of the project. By the calendar of the
    file a working day has so many `minutes`, the days of the `week` (0 is Monday) are worked but
    for the `free_days`.
    """

    source: Source
    schedule: bool
    items: list[PlanItem] = []
    relations: list[Relation] = []
    start: date | None = None
    target: date | None = None
    minutes: float = 480
    week: frozenset[int] = frozenset(range(5))
    free_days: frozenset[date] = frozenset()
