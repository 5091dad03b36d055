"""A second forecast, event by event in SimPy: slow, plain, and with nothing of the first one."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from statistics import fmean
from typing import Any, Literal, TypeAlias

import msgspec
import simpy

from tracker.domain.workspace import Workspace
from tracker.flow.forecast.remaining_work import Plan, Return, Step

Events: TypeAlias = Generator[simpy.Event, Any, None]

# An entered rate weighs as much as this many completions of its gate.
PRIOR, LEAST_ACCEPTED = 4.0, 1.6
# Cells in which a Beta density is summed up: good to a few millionths.
CELLS = 2000
# Times that are whole in truth may miss it by this much.
NEAR = 1e-6


class Assumptions(msgspec.Struct, frozen=True):
    """What a run takes for granted; nothing comes back over the links `without`."""

    correlation: float = 0.5
    policy: Literal["wait", "at-risk"] = "wait"
    rates: Literal["entered", "posterior"] = "entered"
    without: frozenset[int] = frozenset()
    draws: Literal["kept", "fresh"] = "kept"
    learning: float = 0.0


class Run(msgspec.Struct, frozen=True):
    """One run to its end: the finish of all, that of each project, and returns by link."""

    finish: float
    projects: dict[int | None, float]
    returned: Counter[int]


def runs(ws: Workspace, plan: Plan, assume: Assumptions, count: int, seed: int) -> list[Run]:
    """Play a plan so many times; `ws` is asked only for what its gates have decided so far."""
    rng = random.Random(seed)
    days = {key: Days.of(step) for key, step in plan.steps.items()}
    weights = {gate: _weights(ws, backs) for gate, backs in plan.gates.items()}
    above = {gate: _above(plan, gate) for gate in plan.gates}
    found = []
    for _ in range(count):
        lengths = Lengths(plan, days, assume, rng)
        chances = {}
        for gate, backs in plan.gates.items():
            drawn = [back.rate for back in backs]
            if assume.rates == "posterior":
                drawn = _drawn(weights[gate], rng)
            chances[gate] = [
                0.0 if back.link in assume.without else chance
                for back, chance in zip(backs, drawn, strict=True)
            ]
        found.append(_Run(plan, lengths, chances, above, assume, rng).play())
    return found


class Moments:
    """Mean and standard deviation of a sample, with their standard errors."""

    def __init__(self, sample: Sequence[float]) -> None:
        self.size = len(sample)
        self.mean = fmean(sample)
        second = fmean([(x - self.mean) ** 2 for x in sample])
        fourth = fmean([(x - self.mean) ** 4 for x in sample])
        self.sd = math.sqrt(second * self.size / (self.size - 1))
        # Of the sum of the sample's deviations and of their squares, for a sample of one.
        self.mean_error = math.sqrt(second)
        self.sd_error = math.sqrt((fourth - second**2) / (4 * second)) if second else 0.0

    def apart(self, error: float, other: int) -> float:
        """Return the standard error of the difference to the figure of another sample."""
        return error * math.sqrt(1 / self.size + 1 / other)


def share(sample: Sequence[float], days: float) -> float:
    """Return the share of a sample that is over after so many days."""
    return sum(x <= days + NEAR for x in sample) / len(sample)


class _Run:
    """One run: a process for each open task, and one for each task of a replay."""

    def __init__(
        self,
        plan: Plan,
        lengths: Lengths,
        chances: Mapping[int, list[float]],
        above: Mapping[int, set[int]],
        assume: Assumptions,
        rng: random.Random,
    ) -> None:
        self.plan, self.lengths, self.chances, self.above = plan, lengths, chances, above
        self.at_risk, self.learning, self.rng = assume.policy == "at-risk", assume.learning, rng
        self.env = simpy.Environment()
        self.open = [key for key, step in plan.steps.items() if step.open]
        self.first = {key: self.env.event() for key in self.open}
        self.accepted = {key: self.env.event() for key in self.open}
        self.over: dict[int, float] = {}
        self.returned: Counter[int] = Counter()

    def play(self) -> Run:
        for key in self.open:
            self.env.process(self.task(key))
        self.env.run()
        projects: dict[int | None, float] = {}
        for key, over in self.over.items():
            of = self.plan.steps[key].project
            projects[of] = max(projects.get(of, 0.0), over)
        return Run(max(projects.values(), default=0.0), projects, self.returned)

    def task(self, key: int) -> Events:
        """A task in the main pass: wait for what it needs, work, and be accepted."""
        step = self.plan.steps[key]
        start = step.earliest
        before = [(source, lag) for source, lag in self.plan.needs[key] if source in self.first]
        for source, lag in before:
            over = self.first if self.at_risk else self.accepted
            start = max(start, (yield over[source]) + lag)
        yield self.until(start)
        yield from self.work(self.lengths.left[key], step.off)
        if self.at_risk:
            for source, _ in before:
                yield self.accepted[source]
        self.first[key].succeed(self.env.now)
        yield from self.answer(key)
        self.over[key] = self.env.now
        self.accepted[key].succeed(self.env.now)

    def work(self, days: float, off: tuple[int, ...]) -> Events:
        """Work so many days, but on none of those off."""
        while days > 0:
            today = int(self.env.now + NEAR)
            if today in off:
                yield self.until(today + 1.0)
                continue
            stretch = min([days, *(day - self.env.now for day in off if day > today)])
            yield self.env.timeout(stretch)
            days -= stretch if days - stretch > NEAR else days

    def answer(self, gate: int) -> Events:
        """A gate is passed: the work goes back and comes again, until it is accepted."""
        times: Counter[int] = Counter()
        while back := self.outcome(gate):
            if back.escalation is not None and times[back.link] >= (back.left or 0):
                yield self.env.timeout(back.escalation)
                return
            self.returned[back.link] += 1
            part = (1 - (back.learning or self.learning)) ** times[back.link]
            times[back.link] += 1
            shares = self.reached(back)
            yield self.env.process(self.replay(back, part, shares))
            if gate not in shares:
                return

    def reached(self, back: Return) -> dict[int, float]:
        """Draw what is done again when work comes back, and for which share of a whole pass."""
        shares = {back.target: back.share}
        for key in back.body:
            if key == back.target:
                continue
            sources = [source for source, _ in self.plan.needs[key] if source in back.body]
            always = not sources
            parts = []
            for source in sources:
                ripple = (back.passed_on or {}).get((source, key))
                if source in shares and ripple is None:
                    always = True
                elif source in shares and ripple and self.rng.random() < ripple[0]:
                    parts.append(ripple[1])
            if always or parts or back.passed_on is None:
                least = back.share if always or back.passed_on is None else 0.0
                shares[key] = max(least, min(sum(parts), 1.0))
        return shares

    def outcome(self, gate: int) -> Return | None:
        """Draw where the work goes back to; None means that it is accepted."""
        drawn = self.rng.random()
        for back, chance in zip(
            self.plan.gates.get(gate, ()), self.chances.get(gate, ()), strict=True
        ):
            drawn -= chance
            if drawn < 0:
                return back
        return None

    def replay(self, back: Return, part: float, shares: Mapping[int, float]) -> Events:
        """What lies between the target and the gate is done again, a part of each task."""
        over = {key: self.env.event() for key in shares}
        for key, share in shares.items():
            self.env.process(self.again(key, back, part * share, over, self.env.now))
        if back.passed_on is None:
            yield over[back.gate]
        else:
            yield self.env.all_of(over.values())

    def again(
        self,
        key: int,
        back: Return,
        part: float,
        over: Mapping[int, simpy.Event],
        start: float,
    ) -> Events:
        """A task within a replay; a gate above that of the replay has answers of its own."""
        if key != back.target:
            for source, lag in self.plan.needs[key]:
                if source in over:
                    start = max(start, (yield over[source]) + lag)
        if key == back.gate != back.target:
            start = max(start, (yield over[back.target]))
        yield self.until(start)
        yield from self.work(part * self.lengths.again(key), self.plan.steps[key].off)
        if key in self.above[back.gate]:
            yield from self.answer(key)
        over[key].succeed(self.env.now)

    def until(self, time: float) -> simpy.Event:
        return self.env.timeout(max(time - self.env.now, 0.0))


def _above(plan: Plan, task: int) -> set[int]:
    """Return every task from which a forward path leads to one."""
    found: set[int] = set()
    front = [task]
    while front:
        sources = {source for source, _ in plan.needs[front.pop()]} - found
        found |= sources
        front += sources
    return found


def _weights(ws: Workspace, backs: Iterable[Return]) -> list[float]:
    """Return the weights of a gate's answers: each of its returns, and last its acceptance."""
    backs = list(backs)
    passes = ws.tasks[backs[0].gate].passes
    rate = sum(back.rate for back in backs)
    prior = max(PRIOR, LEAST_ACCEPTED / (1 - rate))
    weights = [
        prior * back.rate
        + sum(run.outcome == "returned" and run.returned_to == back.target for run in passes)
        for back in backs
    ]
    accepted = sum(run.outcome == "done" for run in passes)
    return [*weights, prior * (1 - rate) + accepted]


def _drawn(weights: list[float], rng: random.Random) -> list[float]:
    """Draw the chances of a gate's returns from their Dirichlet distribution."""
    parts = [rng.gammavariate(weight, 1) if weight else 0.0 for weight in weights]
    return [part / sum(parts) for part in parts[:-1]]


class Lengths:
    """What is left of each task in the main pass of a run, and how long it takes done again."""

    def __init__(
        self, plan: Plan, days: Mapping[int, Days], assume: Assumptions, rng: random.Random
    ) -> None:
        self.plan, self.days, self.rng = plan, days, rng
        self.correlation, self.fresh = assume.correlation, assume.draws == "fresh"
        self.common: dict[int | None, float] = {}
        self.left: dict[int, float] = {}
        self.kept: dict[int, float] = {}
        for key, step in plan.steps.items():
            least = min(step.share * step.likely, 1.0) / step.share
            length = days[key].drawn(rng, self.place(key), step.elapsed / step.share, least)
            work = step.share * length
            self.left[key] = work - step.elapsed if work > step.elapsed else min(work, 1.0)
            self.kept[key] = length

    def again(self, key: int) -> float:
        """Return how long a whole pass takes this time."""
        if self.fresh:
            return self.days[key].drawn(self.rng, self.place(key))
        return self.kept[key]

    def place(self, key: int) -> float | None:
        """Draw the chance of less than a length; None where no other is like it."""
        if not self.correlation:
            return None
        shared = self.common.setdefault(self.plan.steps[key].project, self.rng.gauss())
        own = math.sqrt(self.correlation) * shared
        own += math.sqrt(1 - self.correlation) * self.rng.gauss()
        return (1 + math.erf(own / math.sqrt(2))) / 2


class Days(msgspec.Struct, frozen=True):
    """How long a whole pass takes: `least` + (`most` - `least`) times a Beta distributed number."""

    least: float
    most: float
    mode: float

    @classmethod
    def of(cls, step: Step) -> Days:
        """Fit a PERT-beta to its 10 % quantile, its mode and its 90 % quantile."""
        if step.low == step.high:
            return cls(step.low, step.high, 0.0)
        mode = _mode((step.likely - step.low) / (step.high - step.low))
        tenth, ninetieth = _quantile(mode, 0.1), _quantile(mode, 0.9)
        width = (step.high - step.low) / (ninetieth - tenth)
        least = step.low - width * tenth
        return cls(least, least + width, mode)

    def drawn(
        self, rng: random.Random, place: float | None, beyond: float = 0.0, least: float = 0.0
    ) -> float:
        """Draw a length; of a task that has begun one `beyond` some days, with a heavy tail.

        `place` is the chance of less than it where it hangs together with other lengths.
        """
        chance = rng.random() if place is None else place
        width = self.most - self.least
        if not width and not 0 < self.most <= beyond:
            return self.least
        if not beyond:
            return max(self.least + width * _quantile(self.mode, chance), 0.0)
        high = self.least + width * _quantile(self.mode, 0.9)
        excess = width * _excess(self.mode) if width else 0.0
        if beyond >= high:
            # Half a day more for each day overdue, and never less than `least` on average.
            return beyond + _pareto(max(excess + (beyond - high) / 2, least), 1 - chance)
        floor = _below(self.mode, (beyond - self.least) / width)
        chance = floor + (1 - floor) * chance
        if chance > 0.9:
            return high + _pareto(excess, 10 * (1 - chance))
        return max(self.least + width * _quantile(self.mode, chance), 0.0)


def _pareto(mean: float, chance: float) -> float:
    """Return what a Pareto distribution with the tail index 3 exceeds with such a chance."""
    return float(2 * mean * (chance ** (-1 / 3) - 1))


@lru_cache(maxsize=512)
def _excess(mode: float) -> float:
    """Return by how much the upper tenth exceeds the 90 % quantile, on average."""
    start = _quantile(mode, 0.9)
    return fmean(_quantile(mode, 0.9 + 0.1 * (n + 0.5) / CELLS) - start for n in range(CELLS))


@lru_cache(maxsize=512)
def _mode(asked: float) -> float:
    """Return the mode that lies so far from the 10 % to the 90 % quantile, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        tenth, ninetieth = _quantile(middle, 0.1), _quantile(middle, 0.9)
        if (middle - tenth) / (ninetieth - tenth) < asked:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=512)
def _sums(mode: float) -> list[float]:
    """Return the chance of less than each of the ends of the cells, by Simpson's rule."""

    def density(x: float) -> float:
        return float(x ** (4 * mode) * (1 - x) ** (4 - 4 * mode))

    cells = [
        density(n / CELLS) + 4 * density((n + 0.5) / CELLS) + density((n + 1) / CELLS)
        for n in range(CELLS)
    ]
    sums = list(accumulate(cells, initial=0.0))
    return [part / sums[-1] for part in sums]


def _quantile(mode: float, chance: float) -> float:
    sums = _sums(mode)
    at = min(max(bisect_left(sums, chance), 1), CELLS)
    within = (chance - sums[at - 1]) / ((sums[at] - sums[at - 1]) or 1.0)
    return (at - 1 + min(within, 1.0)) / CELLS


def _below(mode: float, x: float) -> float:
    if x <= 0:
        return 0.0
    at = min(int(x * CELLS), CELLS - 1)
    sums = _sums(mode)
    return sums[at] + (x * CELLS - at) * (sums[at + 1] - sums[at])
