"""What became of a plan: how far tasks and projects have moved since a baseline, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

import msgspec

from tracker.domain.model import Baseline, PlannedFinish
from tracker.flow.baseline import Dates

# What became of a task: it is in one of these only, in this order.
Fate = Literal["new", "gone", "returned", "slipped", "earlier", "kept"]
FATES: tuple[Fate, ...] = ("slipped", "new", "gone", "returned", "earlier", "kept")

# Why days were lost, and, from "ahead" on, why fewer were.
Cause = Literal[
    "returns", "estimates", "longer", "waiting", "late", "new", "systems", "arrows",
    "ahead", "slack",
]  # fmt: skip
Parts = Mapping[Cause, int]


class Drifted(msgspec.Struct, frozen=True):
    """What became of a task; all figures are in working days.

    Its finish has moved by `slip` days, None where one of both is not known: `inherited` from what
    it needs, the rest by its own `parts`, days lost by cause; what was gained is *ahead*, below 0.
    A task that is new has no slip, but the days of its own work.
    """

    task: int
    kind: Fate
    project: int
    department: int | None
    before: Dates
    after: Dates
    slip: int | None = None
    inherited: int = 0
    parts: Parts = {}


class OnTheWay(NamedTuple):
    """Days by which a task has moved the end of its project, and why."""

    cause: Cause
    task: int
    days: int


class ProjectDrift(msgspec.Struct, frozen=True, dict=True):
    """By how much the end of a project has moved, and what moved it, along what it waits for.

    `planned` is what the baseline keeps of it. The days of `parts` add up to `days`: those of
    *slack* are what later tasks had of it, below 0.
    """

    project: int
    planned: PlannedFinish
    before: date | None
    after: date | None
    days: int
    parts: tuple[OnTheWay, ...]

    @cached_property
    def causes(self) -> Parts:
        """The days by cause, the most first."""
        return summed((part.cause, part.days) for part in self.parts)


class LaneDrift(msgspec.Struct, frozen=True):
    """What became of the tasks of a department: how many of each kind, and days by cause."""

    department: int | None
    kinds: Mapping[Fate, int]
    parts: Parts

    @property
    def days(self) -> int:
        """The days lost, less those gained."""
        return sum(self.parts.values())


class Drift(msgspec.Struct, frozen=True, eq=False, dict=True):
    """What became of a plan up to a day.

    The `way` of a task is what moved its end, as of projects, and its `total` that by cause.

    `complete` says whether the history since the baseline is kept: without it, nothing is known of
    systems that were down and are up again.
    """

    baseline: Baseline
    today: date
    tasks: tuple[Drifted, ...]
    projects: tuple[ProjectDrift, ...]
    complete: bool
    way: Callable[[int], tuple[OnTheWay, ...]]
    total: Callable[[int], Parts]

    @cached_property
    def lanes(self) -> tuple[LaneDrift, ...]:
        """What became of the tasks of each department, where most days were lost first."""
        own: dict[int | None, list[Drifted]] = {}
        for each in self.tasks:
            own.setdefault(each.department, []).append(each)
        found = [
            LaneDrift(lane, counted(tasks), summed(causes_of(tasks))) for lane, tasks in own.items()
        ]
        return tuple(sorted(found, key=lambda lane: (-lane.days, lane.department or 0)))

    @cached_property
    def kinds(self) -> Mapping[Fate, int]:
        """How many tasks there are of each kind."""
        return counted(self.tasks)

    @cached_property
    def causes(self) -> Parts:
        """The days lost by all tasks by cause, the most first."""
        return summed(causes_of(self.tasks))


def counted(tasks: Iterable[Drifted]) -> dict[Fate, int]:
    """Return how many of some tasks there are of each kind."""
    found = dict.fromkeys(FATES, 0)
    for each in tasks:
        found[each.kind] += 1
    return found


def causes_of(tasks: Iterable[Drifted]) -> Iterator[tuple[Cause, int]]:
    """Walk over the causes of tasks, each with its days."""
    for each in tasks:
        yield from each.parts.items()


def summed(parts: Iterable[tuple[Cause, int]]) -> dict[Cause, int]:
    """Return days by cause, the most first, and none that come to nothing."""
    found: dict[Cause, int] = {}
    for cause, days in parts:
        found[cause] = found.get(cause, 0) + days
    return {cause: days for cause, days in sorted(found.items(), key=lambda it: -it[1]) if days}
