"""What a day asks of a coordinator: what burns, came back, was handed over, is due, frees most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import chain
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from tracker.domain import expiry, graph, status
from tracker.domain.calendar import day_of
from tracker.domain.draft import Now
from tracker.domain.model import Link, Task
from tracker.domain.status import Deadlock
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace

if TYPE_CHECKING:
    from tracker.flow.forecast.finish import Finish
    from tracker.flow.forecast.inquiry import BackUp, RatesUsed

# Of so many tasks, those with the longest chains behind them, it is worked out what they free.
_LOOKED_AT = 200
# What came back is told for so many days to somebody of whom it is not known when they looked.
_LATELY = timedelta(days=7)


class Burning(msgspec.Struct, frozen=True):
    """A task, or a system that is down, that somebody has to see to today.

    `late` are calendar days since it was due, `over` the return arrows used beyond their limit,
    `asked` the follow-up date that has come, `stuck` the tasks that stand still for a system, and
    `behind` how many open tasks the longest chain built on it has.
    """

    task: int | None = None
    system: int | None = None
    late: int = 0
    over: tuple[Link, ...] = ()
    asked: date | None = None
    ring: Deadlock | None = None
    stuck: tuple[int, ...] = ()
    behind: int = 0


class CameBack(msgspec.Struct, frozen=True):
    """A task sent back by `gate` at a moment, and the tasks on the way that are in recheck."""

    task: int
    gate: int | None
    at: datetime
    reason: str
    recheck: tuple[int, ...]


class Waiting(msgspec.Struct, frozen=True):
    """A task handed over: `since` is when it could begin, if that was recorded."""

    task: int
    since: datetime | None


class HandOver(msgspec.Struct, frozen=True):
    """What one department has handed over to another and nobody has begun, the oldest first.

    `oldest` and `median` are ages in calendar days, None where no moment was recorded.
    """

    source: int | None
    target: int | None
    tasks: tuple[Waiting, ...]
    oldest: int | None
    median: float | None


class Due(msgspec.Struct, frozen=True):
    """A day in this week or the next on which a task is due, or to be asked about."""

    day: date
    task: int
    due: bool
    follow_up: bool


class Expiring(msgspec.Struct, frozen=True):
    """A task about something that expires, or has: `days` are calendar days until then.

    `renewed` is when it was done since it came back, if it was: its new end is not known yet.
    """

    task: int
    day: date
    days: int
    renewed: date | None


class Freed(msgspec.Struct, frozen=True):
    """What the end of a task frees: the tasks that can then begin, and how many depend on it."""

    task: int
    now: tuple[int, ...]
    all: int


class Day(msgspec.Struct, frozen=True):
    """The readings of one day, each in the order in which one would work them off.

    `since` is from when on it is told what came back.
    """

    today: date
    since: datetime
    burning: tuple[Burning, ...]
    back: tuple[CameBack, ...]
    handed_over: tuple[HandOver, ...]
    expiring: tuple[Expiring, ...]
    due: tuple[Due, ...]
    free: tuple[Freed, ...]


def read(
    ws: Workspace,
    now: datetime,
    today: date,
    *,
    since: datetime | None = None,
    tasks: Iterable[int] | None = None,
) -> Day:
    """Read a day off a workspace; what came back is told `since` a moment, or for a week.

    `tasks` are those the reading is about, all unless given.
    """
    chosen = frozenset(ws.tasks if tasks is None else tasks)
    behind = status.chains(ws)
    since = since or now - _LATELY
    down = {
        key: status.affected_by(ws, key)
        for key, system in ws.systems.items()
        if system.state == "down"
    }
    return Day(
        today=today,
        since=since,
        burning=tuple(_burning(ws, chosen, behind, down, today)),
        back=tuple(_came_back(ws, chosen, since)),
        handed_over=tuple(hand_overs(ws, chosen, today)),
        expiring=tuple(_expiring(ws, chosen, today)),
        due=tuple(_due(ws, chosen, today)),
        free=tuple(_free(ws, chosen, behind, down)),
    )


def _burning(
    ws: Workspace,
    chosen: frozenset[int],
    behind: dict[int, int],
    down: Mapping[int, tuple[int, ...]],
    today: date,
) -> list[Burning]:
    """Return what burns: what holds up the longest chain first, then what is latest.

    `down` are the systems that are down, with what stands still for them.
    """
    rings = {ring.cut.task: ring for ring in status.deadlocks(ws)}
    found = [
        each
        for key in sorted(chosen)
        if (task := ws.tasks[key]).open
        and (each := _burns(ws, task, rings.get(key), behind[key], today))
    ]
    for system, stuck in down.items():
        if not stuck or not chosen.isdisjoint(stuck):
            held = max((behind[task] + 1 for task in stuck), default=0)
            found.append(Burning(system=system, stuck=stuck, behind=held))

    def rank(each: Burning) -> tuple[int, int, int, int]:
        return -each.behind, -each.late, each.task or 0, each.system or 0

    return sorted(found, key=rank)


def _burns(
    ws: Workspace, task: Task, ring: Deadlock | None, behind: int, today: date
) -> Burning | None:
    late = (today - task.due).days if task.due and status.late(task, today) else 0
    over = tuple(link for link in status.returns_into(ws, task.id) if status.over(ws, link))
    asked = task.follow_up if status.to_ask(task, today) else None
    if not (late or over or asked or ring):
        return None
    return Burning(task=task.id, late=late, over=over, asked=asked, ring=ring, behind=behind)


def _came_back(ws: Workspace, chosen: frozenset[int], since: datetime) -> list[CameBack]:
    """Return what was sent back since a moment, the latest first."""
    found = []
    for key in chosen:
        task = ws.tasks[key]
        last = task.passes[-1] if task.passes else None
        if last and task.open and last.gate is not None and last.opened and last.opened >= since:
            inside = graph.between(ws, key, last.gate) if last.gate in ws.tasks else set()
            recheck = (each for each in sorted(inside) if ws.tasks[each].state == "recheck")
            found.append(CameBack(key, last.gate, last.opened, last.reason, tuple(recheck)))
    return sorted(found, key=lambda each: (each.at, -each.task), reverse=True)


def handed_over(ws: Workspace, task: Task) -> tuple[int | None, datetime | None] | None:
    """Return from which department a task was handed over and when; None if it was not.

    It is at the moment it can begin, if the last one that finished before it, or sent it back, is
    of another department; it is accepted when somebody starts it.
    """
    if not status.ready(ws, task):
        return None
    last = task.passes[-1] if task.passes else None
    moments: list[tuple[datetime | None, int]] = []
    for key in graph.predecessors(ws, task.id):
        before = ws.tasks[key]
        if before.state == "done":
            moments.append((before.passes[-1].ended if before.passes else None, key))
    if last and last.gate and last.gate in ws.tasks and last.gate != task.id:
        moments.append((last.opened, last.gate))
    if not moments:
        return None
    at, source = max(moments, key=lambda each: (each[0] is not None, each[0] or 0, each[1]))
    department = ws.tasks[source].department
    return None if department == task.department else (department, at)


def hand_overs(ws: Workspace, chosen: Iterable[int], today: date) -> list[HandOver]:
    """Return the hand-overs nobody has accepted by pair of departments, the oldest pair first."""
    pairs: dict[tuple[int | None, int | None], list[Waiting]] = {}
    for key in sorted(chosen):
        task = ws.tasks[key]
        if task.not_before is not None and task.not_before > today:
            continue
        if found := handed_over(ws, task):
            source, since = found
            pairs.setdefault((source, task.department), []).append(Waiting(key, since))

    def hand_over(source: int | None, target: int | None, waiting: list[Waiting]) -> HandOver:
        waiting.sort(key=lambda each: (each.since is None, each.since or 0, each.task))
        # A list may call something done that is to be over on a later day.
        ages = [max((today - day_of(each.since)).days, 0) for each in waiting if each.since]
        middle = float(median(ages)) if ages else None
        return HandOver(source, target, tuple(waiting), max(ages, default=None), middle)

    found_pairs = [hand_over(*pair, waiting) for pair, waiting in pairs.items()]
    return sorted(found_pairs, key=lambda pair: (-(pair.oldest or -1), pair.tasks[0].task))


def _expiring(ws: Workspace, chosen: frozenset[int], today: date) -> list[Expiring]:
    """Return what has to be renewed, done or not, the first to end first."""
    found = []
    for key in chosen:
        task = ws.tasks[key]
        if task.expires and expiry.expiring(task, today):
            days = (task.expires - today).days
            found.append(Expiring(key, task.expires, days, expiry.renewed_on(task)))
    return sorted(found, key=lambda each: (each.day, each.task))


def _due(ws: Workspace, chosen: frozenset[int], today: date) -> list[Due]:
    """Return what is due, or to be asked about, from today to the end of the next week."""
    # One who is to be asked today burns.
    tomorrow = today + timedelta(days=1)
    last = today + timedelta(days=13 - today.weekday())
    found: list[Due] = []
    for key in chosen:
        task = ws.tasks[key]
        if not task.open:
            continue
        asked = task.follow_up if task.state == "waiting" else None
        found += (
            Due(day, key, due=day == task.due, follow_up=day == asked)
            for day in {task.due, asked}
            if day and (today if day == task.due else tomorrow) <= day <= last
        )
    return sorted(found, key=lambda each: (each.day, each.task))


def _free(
    ws: Workspace,
    chosen: frozenset[int],
    behind: dict[int, int],
    down: Mapping[int, tuple[int, ...]],
) -> list[Freed]:
    """Return the tasks that can be worked on and free others, those that free most first."""
    restores: dict[int, list[int]] = {}
    for system, stuck in down.items():
        if restored_by := ws.systems[system].restored_by:
            restores.setdefault(restored_by, []).extend(stuck)

    def after(key: int) -> Iterator[int]:
        """Walk over what waits for a task by itself."""
        return chain(graph.successors(ws, key), restores.get(key, ()))

    def workable(key: int) -> bool:
        task = ws.tasks[key]
        return task.open and not status.blocked(ws, task) and not status.stuck(ws, task)

    held = [
        key for key in chosen if workable(key) and any(ws.tasks[other].open for other in after(key))
    ]

    def length(key: int) -> int:
        return max([behind[key], *(behind[other] + 1 for other in restores.get(key, ()))])

    held.sort(key=lambda key: (-length(key), key))
    found = []
    for key in held[:_LOOKED_AT]:
        now = tuple(dict.fromkeys(each for each in after(key) if _freed(ws, each, key)))
        all = sum(ws.tasks[each].open for each in graph.reach(key, after) - {key})
        found.append(Freed(key, now, all))
    return sorted(found, key=lambda each: (-each.all, -len(each.now), each.task))


def _freed(ws: Workspace, task: int, end: int) -> bool:
    """Return whether the end of one task is all that another one waits for."""
    waits = {wait.other for wait in status.waits(ws, ws.tasks[task])}
    return waits == {end}


def gain(
    ws: Workspace,
    now: Now,
    task: int,
    rates: RatesUsed,
    known: Mapping[int, Mapping[int, Finish]] | None = None,
    *,
    capacity: bool = False,
    back_up: BackUp = (),
    stopped: Callable[[], bool] = lambda: False,
) -> float | None:
    """Return by how many working days P80 of its project comes earlier if a task ends now.

    Both plans are played with the same chances; `known` are finishes of projects in the first.
    None where it is `stopped` before that is known. Raises TrackerError.
    """
    from tracker.flow.forecast.inquiry import differences
    from tracker.flow.forecast.portfolio import project_of

    other = ws.apply(commands.finish(ws, now, task=task))
    project = project_of(ws.tasks[task])
    finishes = (known or {}).get(project)
    found = differences(
        ws,
        other,
        now.today,
        project,
        rates,
        finishes,
        capacity=capacity,
        back_up=back_up,
        rough=False,
        stopped=stopped,
    )
    return next((each.before.p80 - each.after.p80 for each in found), None)
