"""A workspace as the schedule and the forecast see it: what is left to do, in working days."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import TypeVar

import msgspec

from tracker.domain import graph, passes, status
from tracker.domain.calendar import Calendar, day_of
from tracker.domain.model import Spread, Task
from tracker.domain.workspace import NOTHING, Workspace
from tracker.flow.forecast.calibration import finished_tasks

T = TypeVar("T")

# What a task nobody estimated is taken for; every reading that uses it says so.
UNKNOWN_DAYS = 1.0
# Gates whose rates add up to 100 % and more, from times when that was not refused, are taken to
# send so much of it back.
MOST_RETURNING = 0.95
# Sums of days that are whole in truth may miss it by this much.
CLOSE = 1e-6


class Step(msgspec.Struct, frozen=True):
    """A task that was not dropped; all days are working days.

    `low`, `likely` and `high` are a whole pass of it, the outer two its 10 % and 90 % quantiles.
    An open one has `share` of that to do in the pass it is in, of which `elapsed` days have gone
    by. Unless it has begun it cannot before `earliest`, in days from the start of the plan. On
    the days `off`, counted from 0, nobody works on it though others work.
    """

    task: int
    project: int | None
    department: int | None
    low: float
    likely: float
    high: float
    open: bool
    share: float = 1.0
    elapsed: float = 0.0
    earliest: float = 0.0
    off: tuple[int, ...] = ()

    @property
    def overdue(self) -> bool:
        """Whether it goes on though it has had the time that is likely."""
        return 0 < self.share * self.likely <= self.elapsed

    def left(self, days: float) -> float:
        """Return what is left of it, if a whole pass takes so many days.

        A running one that has had its time and more is not over today: a day of it is left, or
        all that it is.
        """
        work = self.share * days
        return work - self.elapsed if work > self.elapsed else min(work, 1.0)

    def begun(self, start: float, days: float) -> float:
        """Return when work of so many days that may begin at `start` really begins."""
        if not self.off or not days:
            return start
        for day in self.off[bisect_left(self.off, int(start + CLOSE)) :]:
            if start < day - CLOSE:
                break
            start = day + 1.0
        return start

    def over(self, start: float, days: float) -> float:
        """Return when work of so many days is over that may begin at `start`."""
        if not self.off or not days:
            return start + days
        at = self.begun(start, days)
        for day in self.off[bisect_left(self.off, int(at + CLOSE)) :]:
            if at + days <= day + CLOSE:
                break
            days -= day - at
            at = day + 1.0
        return at + days

    def latest(self, end: float, days: float) -> float:
        """Return when work of so many days must begin at the latest to be over at `end`."""
        if not self.off or not days:
            return end - days
        at = end
        for day in reversed(self.off[: bisect_left(self.off, at - CLOSE)]):
            if at - days >= day + 1 - CLOSE:
                break
            days -= max(at - day - 1, 0.0)
            at = float(day)
        return at - days


class Return(msgspec.Struct, frozen=True):
    """A return arrow: with chance `rate` a completed gate sends the work back to `target`.

    `body` is what may be done again, in an order that the arrows allow, `target` first and `gate`
    last: every task on a forward path between them, or those two alone. It costs `share` of their
    durations, and each time by the part `learning` less. Where `passed_on` says so, by the ends of
    arrows within the body, rework of one task is passed on to the next only with a chance, and
    costs a share of its own there; a pair that it does not have passes on what came back.
    Of the returns over it `left` are within its limit of passes; after these the work goes forward,
    `escalation` days later, if that is not None. It `leads` forward from target to gate.
    """

    link: int
    gate: int
    target: int
    rate: float
    share: float
    body: tuple[int, ...]
    learning: float = 0.0
    passed_on: Mapping[tuple[int, int], tuple[float, float]] | None = None
    left: int | None = None
    escalation: float | None = None
    leads: bool = True

    @property
    def forward_after(self) -> int | None:
        """After how many returns the work goes forward; None where it never does by itself."""
        return None if self.escalation is None else self.left


class Plan(msgspec.Struct, frozen=True, dict=True, weakref=True):
    """Everything still to be done from a day on.

    `start` is the first working day; `steps` come in an order that the arrows allow; `needs` has
    for each task its predecessors among them, with their lags. `guessed` are the open tasks that
    nobody estimated, `overrun` running tasks that have taken longer than their largest estimate.
    The gates that are `endless` would never accept: their rates are taken for less. Of the open
    tasks `single` have one number for an estimate, or none, and take from the one to the other
    end of `spread` times that. With a `goal` the whole is over with the last of these tasks, and
    the others are there for their sake.
    """

    start: date
    calendar: Calendar
    steps: dict[int, Step]
    needs: dict[int, tuple[tuple[int, float], ...]]
    returns: tuple[Return, ...]
    guessed: tuple[int, ...]
    endless: tuple[int, ...] = ()
    single: tuple[int, ...] = ()
    spread: tuple[float, float] = (1.0, 1.0)
    goal: frozenset[int] | None = None

    @cached_property
    def projects(self) -> dict[int, frozenset[int]]:
        """The open tasks of each project, those without a project under 0; in order of ids."""
        found: dict[int, set[int]] = {}
        for key, step in self.steps.items():
            if step.open and (self.goal is None or key in self.goal):
                found.setdefault(step.project or 0, set()).add(key)
        return {project: frozenset(found[project]) for project in sorted(found)}

    def of_project(self, project: int) -> Plan:
        """Return a project, 0 being the tasks without one, and all that it depends on.

        That is its tasks, those they need, and what these may have to do again. As random numbers
        belong to what they are for, it ends in a simulated run when it does in that of the whole.
        """
        kept = {key for key, step in self.steps.items() if (step.project or 0) == project}
        front = list(kept)
        while front:
            key = front.pop()
            near = {source for source, _ in self.needs[key]}
            near.update(*(back.body for back in self.gates.get(key, ())))
            front += near - kept
            kept |= near
        if len(kept) == len(self.steps):
            return msgspec.structs.replace(self, goal=self.projects.get(project, frozenset()))
        return msgspec.structs.replace(
            self,
            steps={key: step for key, step in self.steps.items() if key in kept},
            needs={key: before for key, before in self.needs.items() if key in kept},
            returns=tuple(back for back in self.returns if back.gate in kept),
            guessed=tuple(key for key in self.guessed if key in kept),
            endless=tuple(gate for gate in self.endless if gate in kept),
            single=tuple(key for key in self.single if key in kept),
            goal=self.projects.get(project, frozenset()),
        )

    def sharing(self, others: Iterable[Plan]) -> Plan:
        """Return the plan, what it has in common with others kept once."""
        found = self
        for other in others:
            backs = {back.link: back for back in other.returns}
            found = msgspec.structs.replace(
                found,
                steps={key: _same(other.steps.get(key), x) for key, x in found.steps.items()},
                needs={key: _same(other.needs.get(key), x) for key, x in found.needs.items()},
                returns=tuple(_same(backs.get(back.link), back) for back in found.returns),
            )
        return found

    @cached_property
    def overrun(self) -> tuple[int, ...]:
        """The running tasks that have taken longer than their largest estimate."""
        steps = self.steps.values()
        return tuple(sorted(s.task for s in steps if s.elapsed > s.share * s.high))

    @cached_property
    def gates(self) -> dict[int, tuple[Return, ...]]:
        """The returns of each gate."""
        found: dict[int, tuple[Return, ...]] = {}
        for back in self.returns:
            found[back.gate] = (*found.get(back.gate, ()), back)
        return found

    def finish_date(self, days: float) -> date:
        """Return the working day on which `days` of work from the start are over."""
        return self._day(last_day(days))

    def start_date(self, days: float) -> date:
        """Return the working day on which something begins, `days` after the start."""
        return self._day(int(days + CLOSE))

    def _day(self, number: int) -> date:
        """Return the working day with that number; many tasks begin or end on the same ones."""
        found = self._days.get(number)
        if found is None:
            found = self._days[number] = self.calendar.add_working_days(self.start, number)
        return found

    @cached_property
    def _days(self) -> dict[int, date]:
        return {}

    def days_until(self, day: date) -> int:
        """Return how many working days are over by the evening of a day; -1 before the start."""
        if day < self.start:
            return -1
        return self.calendar.working_days_between(self.start, day) + 1


def _same(known: T | None, found: T) -> T:
    return known if known is not None and known == found else found


def last_day(days: float) -> int:
    """Return the day on which `days` of work from the start are over, 0 being the first."""
    return max(-int(-(days - CLOSE) // 1) - 1, 0)


def plan(
    ws: Workspace,
    today: date,
    start: date | None = None,
    back_up: Mapping[int, date] = {},
    spread: Spread | None = None,
) -> Plan:
    """Return what is left to do from a day on, `today` if there is no other `start`.

    What touches a system of `back_up` cannot begin before the day on which that is up again. A
    task that waits for another, as `status.waits` says, needs it, but where each waits for the
    other. Estimates of a single number have the `spread` of the workspace unless there is another.

    Done tasks count as done, dropped ones as not there. A task that was sent back has the share
    of rework of that return to do, and so have the tasks that fell to recheck with it.
    """
    calendar = Calendar.of(ws)
    begin = calendar.add_working_days(start or today, 0)
    shares = _rework_shares(ws)
    ends = _ends(ws, ws.preferences.spread if spread is None else spread)
    reader = _Reader(ws, calendar, begin, today, back_up, ends)
    drawn = _needs(ws)
    needs = _with_waits(ws, drawn)
    steps = {key: reader.step(ws.tasks[key], shares.get(key, 1.0)) for key in needs}
    backs = tuple(_returns(ws, {key: drawn[key] for key in needs}))
    backs = tuple(_bounded(backs, endless := _endless(backs)))
    guessed = sorted(key for key in steps if steps[key].open and _unknown(ws.tasks[key]))
    single = tuple(sorted(key for key in steps if steps[key].open and _single(ws.tasks[key])))
    return Plan(begin, calendar, steps, needs, backs, tuple(guessed), endless, single, ends)


def return_arrows(ws: Workspace) -> tuple[Return, ...]:
    """Return the return arrows between tasks that were not dropped."""
    return tuple(_returns(ws, _needs(ws)))


def _needs(ws: Workspace) -> dict[int, tuple[tuple[int, float], ...]]:
    """Return what each task that was not dropped needs, in an order that the arrows allow.

    What a dropped one needed is needed by what comes after it, by the lags of both arrows.
    """
    into: dict[int, list[tuple[int, float]]] = {key: [] for key in ws.tasks}
    out: dict[int, list[int]] = {key: [] for key in into}
    for link in ws.links.values():
        if link.kind == "needs":
            into[link.target].append((link.source, link.lag))
            out[link.source].append(link.target)
    ordered = _ordered(into, out)
    dropped = {key for key, task in ws.tasks.items() if task.state == "dropped"}
    if not dropped:
        return ordered
    for key, before in ordered.items():
        if any(source in dropped for source, _ in before):
            needed: dict[int, float] = {}
            for source, lag in before:
                through = ordered[source] if source in dropped else ((source, 0.0),)
                for first, more in through:
                    needed[first] = max(needed.get(first, lag + more), lag + more)
            ordered[key] = tuple(needed.items())
    return {key: before for key, before in ordered.items() if key not in dropped}


def _with_waits(
    ws: Workspace, needs: dict[int, tuple[tuple[int, float], ...]]
) -> dict[int, tuple[tuple[int, float], ...]]:
    """Return needs with those besides that a task has while it waits, in an order they allow."""
    pairs = [
        (wait.other, task.id)
        for task in ws.tasks.values()
        if task.state == "waiting" or any(ws.systems[key].restored_by for key in task.systems)
        for wait in status.waits(ws, task)
        if wait.link is None and wait.other != task.id
    ]
    if not pairs:
        return needs
    into = {key: list(before) for key, before in needs.items()}
    for source, target in pairs:
        into[target].append((source, 0.0))
    rings = graph.components(into, lambda at: (source for source, _ in into[at]))
    ring = {task: at for at, tasks in enumerate(rings) for task in tasks}
    for source, target in pairs:
        if ring[source] == ring[target]:
            into[target].remove((source, 0.0))
    out: dict[int, list[int]] = {key: [] for key in into}
    for key, before in into.items():
        for source, _ in before:
            out[source].append(key)
    return _ordered(into, out)


def _ordered(
    into: Mapping[int, Sequence[tuple[int, float]]], out: Mapping[int, Iterable[int]]
) -> dict[int, tuple[tuple[int, float], ...]]:
    missing = {key: len(before) for key, before in into.items()}
    order = [key for key, count in missing.items() if not count]
    for key in order:
        for after in out[key]:
            missing[after] -= 1
            if not missing[after]:
                order.append(after)
    return {key: tuple(into[key]) for key in order}


def _returns(ws: Workspace, needs: Mapping[int, Iterable[tuple[int, float]]]) -> Iterator[Return]:
    """Walk over the returns; sets of them are the bits of one number."""
    links = [link for link in ws.links.values() if link.kind == "returns"]
    links = [link for link in links if link.source in needs and link.target in needs]
    if not links:
        return
    # Whose targets lead to a task, and to whose gates the task leads.
    behind = dict.fromkeys(needs, 0)
    ahead = dict.fromkeys(needs, 0)
    for at, link in enumerate(links):
        behind[link.target] |= 1 << at
        ahead[link.source] |= 1 << at
    for key, before in needs.items():
        for source, _ in before:
            behind[key] |= behind[source]
    for key in reversed(list(needs)):
        for source, _ in needs[key]:
            ahead[source] |= ahead[key]
    bodies: list[list[int]] = [[link.target] for link in links]
    for key in needs:
        for at in _bits(behind[key] & ahead[key]):
            bodies[at].append(key)
    for link, between in zip(links, bodies, strict=True):
        within = between if link.redo != "target" else [link.target]
        body = tuple(dict.fromkeys((*within, link.source)))
        left = None
        if link.limit is not None:
            left = max(link.limit - status.link_passes(ws, link), 0)
        yield Return(
            link.id,
            link.source,
            link.target,
            link.rate,
            link.share,
            body,
            link.learning,
            _passed_on(ws, body) if link.redo == "chance" else None,
            left,
            link.escalation,
            leads=len(set(between)) > 1,
        )


def _passed_on(ws: Workspace, body: Collection[int]) -> dict[tuple[int, int], tuple[float, float]]:
    """Return for arrows within a body that have them the chance and the share of rework."""
    inside = set(body)
    return {
        (arrow.source, arrow.target): (arrow.ripple, arrow.share)
        for task in body
        for arrow in ws.arrows_out.get(task, ())
        if arrow.ripple is not None and arrow.target in inside
    }


def _endless(backs: Sequence[Return]) -> tuple[int, ...]:
    """Return the gates whose rates of return add up to all there is."""
    rates: dict[int, float] = {}
    for back in backs:
        rates[back.gate] = rates.get(back.gate, 0.0) + back.rate
    return tuple(sorted(gate for gate, rate in rates.items() if not rate <= 1 - NOTHING))


def _bounded(backs: Sequence[Return], endless: Sequence[int]) -> Iterator[Return]:
    """Walk over returns, with rates that let their gates accept now and then."""
    for back in backs:
        if back.gate in endless:
            rates = [each.rate for each in backs if each.gate == back.gate]
            total = sum(rates)
            # A rate that is no number leaves all of the gate alike.
            part = 1 / len(rates) if math.isnan(total) else back.rate / total
            back = msgspec.structs.replace(back, rate=part * MOST_RETURNING)
        yield back


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


class _Reader:
    """Reads tasks into steps; calendars are made once for each department and person."""

    def __init__(
        self,
        ws: Workspace,
        calendar: Calendar,
        start: date,
        today: date,
        back_up: Mapping[int, date],
        spread: tuple[float, float],
    ) -> None:
        self.ws, self.calendar, self.start, self.back_up = ws, calendar, start, back_up
        self._spread = spread
        # Between today and a later start nobody works.
        self._worked_until = min(start, today) - timedelta(days=1)
        self._eve = start - timedelta(days=1)
        self._own: dict[tuple[int | None, int | None], tuple[Calendar, tuple[int, ...]]] = {}

    def step(self, task: Task, share: float) -> Step:
        """Return what is left of a task that has this share of it to do."""
        low, likely, high = full_estimate(task)
        if low == high:
            low, high = (likely * end for end in self._spread)
        own, off = self._days(task)
        if not task.open:
            return Step(
                task.id, task.project, task.department, low, likely, high, open=False, off=off
            )
        return Step(
            task.id,
            task.project,
            task.department,
            low,
            likely,
            high,
            open=True,
            share=share,
            elapsed=self._elapsed(task, own),
            earliest=self._earliest(task),
            off=off,
        )

    def _days(self, task: Task) -> tuple[Calendar, tuple[int, ...]]:
        """Return who works on a task when, and the days on which they alone do not."""
        key = (task.department, task.assignee)
        found = self._own.get(key)
        if found is None:
            found = self._own[key] = self._own_days(*key)
        return found

    def _own_days(
        self, department: int | None, assignee: int | None
    ) -> tuple[Calendar, tuple[int, ...]]:
        person = self.ws.people.get(assignee or 0)
        lane = self.ws.departments.get(department or (person.department if person else 0) or 0)
        away = [*(lane.days_off if lane else ())]
        away += [absence.last for absence in (person.absences if person else ())]
        if not away:
            return self.calendar, ()
        own = Calendar.of(
            self.ws, department=lane.id if lane else None, person=person.id if person else None
        )
        days = own.free_weekdays(self.start, max(away))
        return own, tuple(self._indices(filter(self.calendar.is_working, days)))

    def _indices(self, days: Iterable[date]) -> Iterator[int]:
        """Return for working days in order how many the plan has before each of them."""
        at, before = 0, self.start
        for day in days:
            at += self.calendar.working_days_between(before, day)
            before = day
            yield at

    def _index(self, day: date) -> int:
        """Return how many working days before a day the plan has, or negative before its start."""
        return self.calendar.working_days_between(
            self.start, self.calendar.add_working_days(day, 0)
        )

    def _elapsed(self, task: Task, own: Calendar) -> float:
        """Return the working days before today on which somebody worked on its running pass."""
        run = task.passes[-1] if task.passes else None
        if run is None or run.outcome:
            return 0.0
        return passes.worked_days(run, own, self._worked_until)

    def _earliest(self, task: Task) -> float:
        systems = (self.back_up.get(key) for key in task.systems)
        if task.state == "doing":
            return max((self._index(day) for day in systems if day and day > self.start), default=0)
        earliest = 0.0
        project = self.ws.projects.get(task.project) if task.project else None
        waits = task.follow_up if task.state == "waiting" else None
        for day in (task.not_before, waits, project and project.start, *systems):
            if day and day > self.start:
                earliest = max(earliest, self._index(day))
        for link in self.ws.arrows_in.get(task.id, ()):
            if link.lag and link.kind == "needs":
                source = self.ws.tasks[link.source]
                if source.state == "done":
                    earliest = max(earliest, link.lag - self._since(source))
        return earliest

    def _since(self, task: Task) -> int:
        """Return how many working days have gone by since the evening of the day a task ended.

        It is -1 for one that ended today: a lag behind it begins this evening, as it does where
        the task was still to end today. So to finish on the day it was planned for moves nothing.
        """
        ended = task.passes[-1].ended if task.passes else None
        if ended is None:
            return 0
        return max(self.calendar.working_days_between(day_of(ended), self._eve), -1)


def full_estimate(task: Task) -> tuple[float, float, float]:
    """Return low, likely and high of a whole pass; what nobody gave follows from the others."""
    low, likely, high = task.low, task.likely, task.high
    if likely is None:
        given = [days for days in (low, high) if days is not None]
        likely = sum(given) / len(given) if given else UNKNOWN_DAYS
    return (
        likely if low is None else min(low, likely),
        likely,
        likely if high is None else max(high, likely),
    )


def _ends(ws: Workspace, spread: Spread) -> tuple[float, float]:
    """Return a spread in numbers; what too few finished tasks could tell is none."""
    if spread != "finished":
        return spread
    seen = finished_tasks(ws)
    return (seen.low, seen.high) if seen else (1.0, 1.0)


def _single(task: Task) -> bool:
    """Return whether one number is all that is known of what a task takes."""
    low, likely, high = full_estimate(task)
    return low == high and likely > 0


def _unknown(task: Task) -> bool:
    return task.low is None and task.likely is None and task.high is None


def _rework_shares(ws: Workspace) -> dict[int, float]:
    """Return the share of rework of tasks that are being done again because work came back."""
    shares: dict[int, float] = {}
    for link in ws.links.values():
        if link.kind != "returns" or not ws.tasks[link.source].open:
            continue
        sent = [run.gate for run in ws.tasks[link.target].passes if run.gate is not None]
        if not sent or sent[-1] != link.source:
            continue
        for key in {link.target, link.source} | status.between(ws, link):
            task = ws.tasks[key]
            # Of what nobody had begun when it came back, all is still to do.
            again = any(run.outcome and passes.worked(run) for run in task.passes)
            if task.open and (task.state == "recheck" or again):
                shares[key] = max(shares.get(key, 0.0), link.share)
    return shares
