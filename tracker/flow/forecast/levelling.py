"""One thing at a time: a plan in which people and departments have only so many hands.

A serial schedule-generation scheme (Kolisch 1996, "Serial and parallel resource-constrained
project scheduling methods revisited") gives each task the first days on which those it needs are
free, in an order by the longest tail. Forward-backward passes (Valls, Ballestín & Quintanilla
2005, "Justification and RCPSP") and disturbed orders improve on it. The order found is
then fixed as further arrows, so that a simulation can follow it: an earliest-start policy
(Igelmund & Radermacher 1983).
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from tracker.domain import graph
from tracker.domain.model import Department, Person
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.critical_path import critical_path
from tracker.flow.forecast.remaining_work import CLOSE, Plan
from tracker.flow.forecast.stopping import Heed, on

# Orders tried: each costs a pass over the plan, so fewer are tried of a large one.
ORDERS = 100
_PASSES_OF_TASKS = 8_000
# Starts are moved by up to this part of the whole; found best on plans of 30 and 60 tasks.
_DISTURBED = 0.3
_FOREVER = float("inf")
# Days a full week has, which is one pair of hands.
_WEEK = 5.0
# Whoever has less than this, in days a week, is no slower for it: nobody types less.
_LEAST = 0.01


# For each task others with lags: its predecessors, or its successors.
LaggedArrows = Mapping[int, Sequence[tuple[int, float]]]


class Worker(msgspec.Struct, frozen=True):
    """A person or a department that can work on only so many tasks at once."""

    kind: Literal["person", "department"]
    id: int

    def name(self, ws: Workspace) -> str:
        """Return its name."""
        if self.kind == "department":
            return ws.departments[self.id].name
        person = ws.people[self.id]
        return person.name or person.login


class Levelled(msgspec.Struct, frozen=True):
    """A plan in which nobody works on more tasks at once than their limit allows.

    `plan` is the one it was made of, with the order of the work as further arrows and the steps
    in an order that these allow; `start` and `finish` are in working days from its start. The
    whole is over after `length` days, `free_length` where everybody could do everything at once.
    `bottlenecks` are the workers whose limit delays the finish, and by how many
    days, the worst first. Tasks are `stretched` where somebody has less than a full week.
    """

    plan: Plan
    start: dict[int, float]
    finish: dict[int, float]
    length: float
    free_length: float
    bottlenecks: tuple[tuple[Worker, float], ...]
    orders: int
    stretched: bool = False


class Limits(msgspec.Struct, frozen=True):
    """Who has to be free for a task, and how much each of them can do at once.

    With a worker of `part_time` tasks take so many times longer; of several, the slowest counts.
    """

    needed: Mapping[int, tuple[Worker, ...]]
    at_once: Mapping[Worker, int]
    part_time: Mapping[Worker, float] = {}

    def without(self, worker: Worker) -> Limits:
        """Return the limits if one worker had none."""
        at_once = {key: count for key, count in self.at_once.items() if key != worker}
        part_time = {key: times for key, times in self.part_time.items() if key != worker}
        return Limits(self.needed, at_once, part_time)

    def stretched(self, plan: Plan) -> Plan:
        """Return a plan in which tasks take as long as their workers need."""
        steps = dict(plan.steps)
        for task, workers in self.needed.items() if self.part_time else ():
            times = max((self.part_time.get(worker, 1.0) for worker in workers), default=1.0)
            if times > 1 and task in steps:
                step = steps[task]
                days = (each * times for each in (step.low, step.likely, step.high))
                low, likely, high = days
                steps[task] = replace(step, low=low, likely=likely, high=high)
        return replace(plan, steps=steps)


def limits(ws: Workspace) -> Limits:
    """Return the limits of a workspace.

    A person does one task at a time, or as many as their limit of work in progress says; a
    department no more than its limit, or else than its capacity in person-days a week has full
    weeks. A department with neither has no limit of its own. Whoever has less than a full week
    takes longer in proportion.
    """
    at_once: dict[Worker, int] = {}
    for person in ws.people.values():
        at_once[Worker("person", person.id)] = person.wip_limit or 1
    for lane in ws.departments.values():
        most = lane.wip_limit
        if most is None and lane.capacity is not None:
            most = max(int(lane.capacity / _WEEK + CLOSE), 1)
        if most is not None:
            at_once[Worker("department", lane.id)] = max(most, 1)
    part_time: dict[Worker, float] = {}
    everybody: tuple[Person | Department, ...] = (*ws.people.values(), *ws.departments.values())
    for each in everybody:
        if each.capacity is not None and 0 < each.capacity < _WEEK:
            kind: Literal["person", "department"]
            kind = "person" if isinstance(each, Person) else "department"
            part_time[Worker(kind, each.id)] = _WEEK / max(each.capacity, _LEAST)
    needed = {}
    for task in ws.tasks.values():
        if task.open:
            needed[task.id] = (
                *([Worker("person", task.assignee)] if task.assignee is not None else ()),
                *([Worker("department", task.department)] if task.department is not None else ()),
            )
    return Limits(needed, at_once, part_time)


def level(
    plan: Plan,
    given: Limits,
    *,
    orders: int | None = None,
    seed: int = 1,
    bottlenecks: bool = True,
    heed: Heed = on,
) -> Levelled:
    """Return a plan in which nobody works on more tasks at once than their limit allows.

    `orders` is how many passes over the tasks may be made, at least one; by itself a hundred, and
    fewer in plans of more than 80 tasks. Who the bottlenecks are takes two passes more for each
    worker somebody waits for: without `bottlenecks` nobody is named. `heed` is called before each
    pass, and stops everything by raising an error.
    """
    free = _Work(plan, given).shortest
    work = _Work(given.stretched(plan), given, heed)
    if orders is None:
        orders = max(1, min(ORDERS, _PASSES_OF_TASKS // max(len(work.days), 1)))
    best, tried = work.search(orders, random.Random(seed))  # noqa: S311  # not for secrets
    found = []
    if bottlenecks and best.length > free + CLOSE:
        for worker in _holding_up(plan, given, best):
            less = given.without(worker)
            loose = _Work(less.stretched(plan), less, heed)
            freed = min(
                (loose.forward(loose.by_tail()), loose.forward(loose.by(best.start))), key=_length
            )
            if freed.length < best.length - CLOSE:
                found.append((worker, best.length - freed.length))
    found.sort(key=lambda each: (-each[1], each[0].kind, each[0].id))
    return Levelled(
        _ordered(work.plan, given, best),
        best.start,
        best.finish,
        best.length,
        free,
        tuple(found),
        tried,
        work.plan.steps != plan.steps,
    )


def overlapping(plan: Plan, given: Limits) -> list[tuple[Worker, tuple[int, ...]]]:
    """Return whose critical tasks overlap beyond their limit if all are done at once, and which.

    The worst first: by how many such tasks there are. Dates are the early ones.
    """
    found = critical_path(plan)
    mine: dict[Worker, list[int]] = {}
    for task, dates in found.tasks.items():
        if dates.critical and dates.early_finish > dates.early_start + CLOSE:
            for worker in given.needed.get(task, ()):
                if worker in given.at_once:
                    mine.setdefault(worker, []).append(task)
    over = []
    for worker, tasks in mine.items():
        tasks.sort(key=lambda task: (found.tasks[task].early_start, task))
        load = _Load(given.at_once[worker])
        clashing: set[int] = set()
        for at, task in enumerate(tasks):
            dates = found.tasks[task]
            if load.free_after(dates.early_start, dates.early_finish) is not None:
                begun = (found.tasks[each].early_finish for each in tasks[:at])
                clashing.add(task)
                clashing.update(
                    each
                    for each, end in zip(tasks[:at], begun, strict=True)
                    if end > dates.early_start + CLOSE
                )
            load.take(dates.early_start, dates.early_finish)
        if clashing:
            over.append((worker, tuple(task for task in tasks if task in clashing)))
    return sorted(over, key=lambda each: (-len(each[1]), each[0].kind, each[0].id))


class _Timetable(msgspec.Struct):
    """When each task begins and is over."""

    start: dict[int, float]
    finish: dict[int, float]
    length: float

    def order(self) -> list[int]:
        """Return the tasks by their starts."""
        place = {task: at for at, task in enumerate(self.start)}
        return sorted(self.start, key=lambda task: (self.start[task], place[task]))


def _length(timetable: _Timetable) -> float:
    return timetable.length


class _Load:
    """How many tasks a worker has in hand over time; steps between `times`."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.times, self.in_hand = [-_FOREVER], [0]

    def free_after(self, start: float, end: float) -> float | None:
        """Return when the first clash with work from `start` to `end` is over; None without."""
        at = bisect_right(self.times, start + CLOSE) - 1
        while at < len(self.times) and self.times[at] < end - CLOSE:
            if self.in_hand[at] >= self.at_once:
                while self.in_hand[at] >= self.at_once:
                    at += 1
                return self.times[at]
            at += 1
        return None

    def free_before(self, start: float, end: float) -> float | None:
        """Return when the last clash with work from `start` to `end` begins; None without."""
        at = bisect_left(self.times, end - CLOSE) - 1
        while at >= 0:
            if self.in_hand[at] >= self.at_once:
                while self.in_hand[at - 1] >= self.at_once:
                    at -= 1
                return self.times[at]
            if self.times[at] <= start + CLOSE:
                return None
            at -= 1
        return None

    def take(self, start: float, end: float) -> None:
        """Note one task more from `start` to `end`."""
        for at in range(self._cut(start), self._cut(end)):
            self.in_hand[at] += 1

    def _cut(self, time: float) -> int:
        at = bisect_left(self.times, time - CLOSE)
        if at == len(self.times) or self.times[at] > time + CLOSE:
            self.times.insert(at, time)
            self.in_hand.insert(at, self.in_hand[at - 1])
        return at


class _Work:
    """The open tasks of a plan, to be given their days."""

    def __init__(self, plan: Plan, given: Limits, heed: Heed = on) -> None:
        self.plan, self.given, self.heed = plan, given, heed
        steps = {task: step for task, step in plan.steps.items() if step.open}
        self.days = {task: step.left(step.likely) for task, step in steps.items()}
        self.steps = steps
        self.place = {task: at for at, task in enumerate(steps)}
        self.before = {
            task: tuple((source, lag) for source, lag in plan.needs[task] if source in steps)
            for task in steps
        }
        self.after = _turned(self.before)
        self.begun = {task for task, step in steps.items() if step.elapsed}
        self.workers = {
            task: tuple(w for w in given.needed.get(task, ()) if w in given.at_once)
            for task in steps
            if self.days[task] > 0
        }
        self.shortest = self._free()
        # A lower bound: each worker has to get through all their work.
        hands = dict.fromkeys(given.at_once, 0.0)
        for task, workers in self.workers.items():
            for worker in workers:
                hands[worker] += self.days[task] / given.at_once[worker]
        self.bound = max(self.shortest, *hands.values()) if hands else self.shortest

    def _free(self) -> float:
        end: dict[int, float] = {}
        for task, step in self.steps.items():
            end[task] = step.over(self._earliest(task, end), self.days[task])
        return max(end.values(), default=0.0)

    def _earliest(self, task: int, finish: Mapping[int, float]) -> float:
        ends = [finish[source] + lag for source, lag in self.before[task]]
        return max(self.steps[task].earliest, *ends) if ends else self.steps[task].earliest

    def by_tail(self) -> list[int]:
        """Return the tasks in an order that the arrows allow, the longest tail first."""
        tails: dict[int, float] = {}
        for task in reversed(self.steps):
            behind = (tails[each] + lag for each, lag in self.after[task])
            tails[task] = self.days[task] + max(behind, default=0.0)
        wish = {task: -tail for task, tail in tails.items()}
        return self.by(wish)

    def by(self, wish: Mapping[int, float]) -> list[int]:
        """Return the tasks in an order that the arrows allow, the smallest wish first.

        Tasks in progress are not delayed for those not started.
        """
        rank = {task: (task not in self.begun, at, self.place[task]) for task, at in wish.items()}
        return ranked_order(self.before, self.after, rank)

    def search(self, orders: int, chance: random.Random) -> tuple[_Timetable, int]:
        """Return the shortest timetable of so many passes, and how many were made.

        A backward and a forward pass are repeated while that helps; then the starts of the best
        timetable are disturbed, and it begins anew.
        """
        first = best = found = self.forward(self.by_tail())
        tried = 1
        while best.length > self.bound + CLOSE:
            helped = True
            while helped and tried + 2 <= orders:
                again = self.forward(self.backward(found))
                tried += 2
                helped = again.length < found.length - CLOSE
                found = min((again, found), key=_length)
            best = min((found, best), key=_length)
            if tried >= orders:
                break
            reach = best.length * _DISTURBED
            moved = {task: at + chance.uniform(-reach, reach) for task, at in best.start.items()}
            found = self.forward(self.by(moved))
            tried += 1
        # Disturbed for nothing, an order looks arbitrary.
        return first if first.length <= best.length + CLOSE else best, tried

    def forward(self, order: Iterable[int]) -> _Timetable:
        """Give each task, in this order, the first days on which those it needs are free."""
        self.heed()
        loads = {worker: _Load(count) for worker, count in self.given.at_once.items()}
        start: dict[int, float] = {}
        finish: dict[int, float] = {}
        for task in order:
            step, days = self.steps[task], self.days[task]
            asked = [loads[worker] for worker in self.workers.get(task, ())]
            at = step.begun(self._earliest(task, finish), days)
            end = step.over(at, days)
            clash = True
            while clash:
                clash = False
                for load in asked:
                    free = load.free_after(at, end)
                    if free is not None:
                        at = step.begun(free, days)
                        end = step.over(at, days)
                        clash = True
            for load in asked:
                load.take(at, end)
            start[task], finish[task] = at, end
        return _Timetable(start, finish, max(finish.values(), default=0.0))

    def backward(self, found: _Timetable) -> list[int]:
        """Return the order of the starts if each task, the last one first, ends as late as it can.

        First days and the end stay out of it: only the order counts.
        """
        self.heed()
        loads = {worker: _Load(count) for worker, count in self.given.at_once.items()}
        start: dict[int, float] = {}
        rank = {task: (-end, -self.place[task]) for task, end in found.finish.items()}
        for task in ranked_order(self.after, self.before, rank):
            step, days = self.steps[task], self.days[task]
            asked = [loads[worker] for worker in self.workers.get(task, ())]
            end = min((start[each] - lag for each, lag in self.after[task]), default=found.length)
            at = step.latest(end, days)
            clash = True
            while clash:
                clash = False
                for load in asked:
                    free = load.free_before(at, end)
                    if free is not None:
                        end = free
                        at = step.latest(end, days)
                        clash = True
            for load in asked:
                load.take(at, end)
            start[task] = at
        return self.by(start)


def _holding_up(plan: Plan, given: Limits, found: _Timetable) -> list[Worker]:
    """Return the workers with a limit for whom some task has to wait, or takes longer."""
    waiting: dict[Worker, float] = {}
    for task, at in found.start.items():
        for worker in given.needed.get(task, ()):
            if worker in given.part_time:
                waiting[worker] = waiting.get(worker, 0.0) + plan.steps[task].likely
        ends = (found.finish[s] + lag for s, lag in plan.needs[task] if s in found.finish)
        free = max((plan.steps[task].earliest, *ends))
        if at > free + CLOSE:
            for worker in given.needed.get(task, ()):
                if worker in given.at_once:
                    waiting[worker] = waiting.get(worker, 0.0) + at - free
    return sorted(waiting, key=lambda worker: -waiting[worker])


def _ordered(plan: Plan, given: Limits, found: _Timetable) -> Plan:
    """Return a plan whose arrows fix the order of the work of each worker.

    A worker with two hands has two rows of tasks; each task goes into the row that was free last,
    so that no wait is made up.
    """
    more: dict[int, list[int]] = {}
    order = found.order()
    for worker in given.at_once:
        rows: list[int] = []
        for task in order:
            long = found.finish[task] > found.start[task] + CLOSE
            if not long or worker not in given.needed.get(task, ()):
                continue
            free = [row for row in rows if found.finish[row] <= found.start[task] + CLOSE]
            if free:
                last = max(free, key=lambda row: found.finish[row])
                rows[rows.index(last)] = task
                more.setdefault(task, []).append(last)
            else:
                rows.append(task)
    needs = dict(plan.needs)
    for task, sources in more.items():
        there = {source for source, lag in needs[task] if lag >= 0}
        needs[task] = (*needs[task], *((s, 0.0) for s in dict.fromkeys(sources) if s not in there))
    # By a negative lag a task may be over before what it needs begins: no arrow says both.
    rings = graph.components(needs, lambda at: (source for source, _ in needs[at]))
    ring = {task: at for at, tasks in enumerate(rings) for task in tasks}
    for task in more:
        kept = (
            each for each in needs[task][len(plan.needs[task]) :] if ring[each[0]] != ring[task]
        )
        needs[task] = (*plan.needs[task], *kept)
    rank = {task: (found.start.get(task, -1.0), at) for at, task in enumerate(needs)}
    order = ranked_order(needs, _turned(needs), rank)
    place = {task: at for at, task in enumerate(order)}
    returns = tuple(
        replace(back, body=(*first, *sorted(between, key=place.__getitem__), *last))
        for back in plan.returns
        for first, between, last in [(back.body[:1], back.body[1:-1], back.body[1:][-1:])]
    )
    return replace(
        plan,
        steps={task: plan.steps[task] for task in order},
        needs={task: needs[task] for task in order},
        returns=returns,
    )


def ranked_order(before: LaggedArrows, after: LaggedArrows, rank: Mapping[int, Any]) -> list[int]:
    """Return tasks in an order that the arrows allow; of several the one of the lowest rank."""
    missing = {task: len(arrows) for task, arrows in before.items()}
    front = [(rank[task], task) for task, count in missing.items() if not count]
    heapify(front)
    order = []
    while front:
        _, task = heappop(front)
        order.append(task)
        for each, _lag in after[task]:
            missing[each] -= 1
            if not missing[each]:
                heappush(front, (rank[each], each))
    return order


def _turned(before: LaggedArrows) -> dict[int, list[tuple[int, float]]]:
    """Return for each task those behind it, from those before it."""
    after: dict[int, list[tuple[int, float]]] = {task: [] for task in before}
    for task, arrows in before.items():
        for source, lag in arrows:
            after[source].append((task, lag))
    return after
