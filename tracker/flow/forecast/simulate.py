"""A plan played through many times at once, with all that comes back on the way.

What a run is: time is in working days from the start of the plan, in real numbers; a task of 3
days that begins at 0 ends at 3.0, on the third day.

**Durations.** A task has a duration D: PERT-beta between low and high (see `pert_tables`),
drawn as D = Q(Φ(z)) with z = √ρ·Z + √(1−ρ)·e, where Z is common to the tasks of a project (those
without one have theirs) and e is the task's own. Of a running task D is what is known to last
longer than it already has, with a heavy tail beyond `high`: the longer it is overdue, the more is
left and the less sure it is (`distributions.lasting`). *Kept*, D is that of all passes of its task
in a run. *Fresh*, e is redrawn each time that a task is done again, Z is that of the run, and what
is known of a running task says nothing of its later passes.

**The main pass.** An open task begins at the latest of its `earliest` and of finish + lag of each
open predecessor, and is over when its own people have worked what is left of it (`Step.over`).
Done tasks hold up nothing.

**Returns.** A completion of a gate sends the work back over one of its arrows, with its chance, or
is accepted. Work that comes back over an arrow costs one *round*: its body once more from then on,
each task after its predecessors within the body, and taking the arrow's share of D on the days on
which its own people work (`Step.over`); the gate not before the target is over. Where people learn,
by a part l each time, the k-th round over an arrow since the gate was first completed takes
(1−l)^(k−1) of that share; lags stay. Every other gate within the body on a way to its gate decides
anew when it is passed, and goes through all its own rounds before its successors begin; these may
go back behind the body, and are counted anew. Then the gate is completed again, and decides again,
until it accepts. Where nobody is away before that, all rounds of a gate over an arrow with no other
gate inside take one longest path through the body times their number: these are not played one by
one.

**What is done again.** The body is every task on a forward path from target to gate, or these two
alone, or what rework reaches by chance: the target always, for the arrow's share; from a task done
again to each that needs it with the chance of the arrow between, for that arrow's share of D, where
it has them; the shares of several add up, to the whole at most. A task then waits only for those
that are done again, and a gate that rework does not reach stands, once all that was reached is
over. This is the second-order rework of Browning & Eppinger 2002, "Modeling Impacts of Process
Architecture on Cost and Schedule Risk in Product Development", whose plan of 14 activities comes
out at 135.6 ± 15.2 days for their 138 ± 14, *at risk* and with all tasks late together (ρ = 1, as
their 133 ± 13 without rework have it). There two returns of one completion may both happen, and
rework goes on beside the work that follows until that needs it; here they exclude each other, and a
round is over before the next begins.

**Too many passes.** Where an arrow says so, work goes forward once it has come back as often as its
limit of passes lets it, after the days that it takes to decide this; gates within a round count
anew.

**Waiting.** A gate is over when it accepts: its first end and all its rounds after it. By the
policy *wait* its successors begin then; *at risk* they begin after its first end, but are not over
before it has accepted. The whole is over with the last of its open tasks.

Random numbers belong to what they are for and to the run, the outcomes of a gate and fresh draws to
their place in the tree of returns as well. So runs are the same however they are divided, and of
two plans that differ in a rate, a share or an estimate all other numbers are the same, run by run.
Where a gate has one arrow, a larger rate only adds to its trees; so it does, as entered, where it
has two.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from tracker.flow.forecast import random_numbers
from tracker.flow.forecast.forward_pass import MainPass, Trace, add
from tracker.flow.forecast.gates import playable
from tracker.flow.forecast.random_numbers import Floats, Words
from tracker.flow.forecast.remaining_work import Plan
from tracker.flow.forecast.rework import (
    Episodes,
    Flags,
    Places,
    Rework,
    RoundDurations,
    RunDays,
    TooMuchError,
)
from tracker.flow.forecast.sampling import ReturnRates, TaskDurations

# The kind of the streams of random numbers that runs have; `gates` and `sampling` have the others.
_RUN = 6
# Cases of runs without one return that are played at once.
_CASES = 4096
# A task done in a round with gates inside takes so many times longer than one in the main pass.
_DEAR = 10


class Simulation:
    """A plan made ready for being played.

    `seen` has for each return how often it happened and how often its gate was completed: rates
    are then redrawn in each run from what is known of them (see `calibration`), the outcomes of a
    gate together from a Dirichlet distribution in which the entered rates weigh as much as `prior`
    completions; without it they are what was entered. `tables`
    replace the distributions of tasks by others, given by their quantiles at `distributions.NODES`.
    Tasks done again take a `fresh` draw, or the one that is kept, and less by `learning`.
    `heed` is called every few milliseconds, and stops everything by raising an error.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        seed: int = 1,
        correlation: float = 0.5,
        at_risk: bool = False,
        seen: Mapping[int, tuple[int, int]] | None = None,
        tables: Mapping[int, Floats] | None = None,
        prior: float = 4.0,
        fresh: bool = False,
        learning: float = 0.0,
        heed: Callable[[], None] = lambda: None,
    ) -> None:
        self.plan, self.heed = plan, heed
        self.fresh, self.learning = fresh, learning
        self.gates = playable(plan, seed)
        self.open = [gate for gate in self.gates if plan.steps[gate.task].open]
        self.off = {
            task: np.array(plan.steps[task].off, np.float64)
            for back in plan.returns
            for task in back.body
            if plan.steps[task].off
        }
        # Runs that fit into memory at once, as far as was seen.
        self._most = sys.maxsize
        self.main_pass = MainPass(plan, self.gates, at_risk=at_risk, heed=heed)
        self.durations = TaskDurations(plan, self.gates, seed, correlation, tables or {})
        self._run_key = random_numbers.streams(seed, _RUN, [0])
        self._seed, self._seen, self._prior = seed, seen, prior

    def play(self, first: int, count: int) -> Iterator[Batch]:
        """Walk over runs from number `first` on, in one batch or, if memory asks for it, several.

        Whatever the cut, the runs are the same.
        """
        half = count // 2
        if count <= self._most:
            try:
                batch = Batch(self, first, count)
            except TooMuchError:
                self._most = half
            else:
                yield batch
                return
        yield from self.play(first, half)
        yield from self.play(first + half, count - half)

    @cached_property
    def rates(self) -> ReturnRates:
        """The chances of the arrows of gates."""
        return ReturnRates(self.gates, self._seed, self._seen, self._prior)

    def keys(self, first: int, count: int) -> Words:
        """Return the keys of runs, which with that of a gate make that of its first episode."""
        places = np.arange(first, first + count, dtype=np.uint64)
        return random_numbers.mix(places * random_numbers.GOLDEN + self._run_key)


class Batch:
    """A number of runs, played.

    `finish` and `without` are when each is over, with and without returns; `projects` the finishes
    of each project. `returns` counts the returns over each arrow, by link, and `rounds` to how many
    first ones they come; `cut` in how many runs a bound cut some off. `critical` counts the runs in
    which a task decides when all is over. `days` are the durations.
    """

    def __init__(self, of: Simulation, first: int, count: int) -> None:
        self._of, self.first, self.count = of, first, count
        self._chances = of.rates.draw(first, count)
        self.days = of.durations.draw(first, count, of.heed)
        self._keys = of.keys(first, count)
        cases = np.arange(count, dtype=np.int32)
        self._roots = {gate.task: Episodes(cases, self._keys ^ gate.key) for gate in of.open}
        anew = of.durations.anew(first, count) if of.fresh else None
        self._again = RoundDurations(self.days, anew, of.learning, of.off)
        self._rework = rework = Rework(of.gates, self._again, self._chances, count, heed=of.heed)
        rework.play(self._roots)
        links = [back.link for back in of.plan.returns]
        self.returns = {links[at]: counts for at, counts in rework.returns.items()}
        self.rounds = {links[at]: counts for at, counts in rework.rounds.items()}
        self.redone = {links[at]: tasks for at, tasks in rework.redone.items()}
        self.cut = {links[at]: cases for at, cases in rework.cut.items()}
        self.forward = {links[at]: cases for at, cases in rework.forward.items()}
        self._accepts = {task: partial(rework.accepted, task) for task in self._roots}
        trace = Trace()
        ends = of.main_pass.play(self.days, self._accepts, count, trace=trace)
        self.finish, self.without = np.broadcast_to(ends, (2, count)).copy()
        self.projects = {
            project: np.broadcast_to(over[0], count).copy()
            for project, over in trace.projects.items()
        }
        self.critical, self._deciding = of.main_pass.walk_back(trace, count)

    def again(self, task: int) -> RunDays:
        """Return how long a task in a body takes when it is done again, in the mean of a run."""
        return self._of.durations.mean(task) if self._of.fresh else self.days[task]

    def each(self) -> dict[int, Floats]:
        """Return when each open task is over in the runs; one number where it always is then."""
        ends: dict[int, Floats] = {}
        self._of.main_pass.play(self.days, self._accepts, self.count, ends=ends)
        return ends

    def saved(self) -> Iterator[Saved]:
        """Walk over how much sooner runs would be over if one return never happened.

        For the first runs, then for the next ones, and so on. A return matters only where a gate
        that it may hold up decides when all is over, so those cases are played again, all returns
        at once.
        """
        runs, without = self._cases()
        # All cases of a run together.
        order = np.argsort(runs, kind="stable")
        runs, without = runs[order], without[order]
        start = 0
        while start < len(runs):
            end = min(start + _CASES, len(runs))
            if end < len(runs):
                first = int(np.searchsorted(runs, runs[end]))
                end = first if first > start else int(np.searchsorted(runs, runs[end], "right"))
            upto = int(runs[end]) if end < len(runs) else self.count
            days, work = self._sooner(runs[start:end], without[start:end])
            yield Saved(upto, work, runs[start:end], without[start:end], days)
            start = end
        if not len(runs):
            yield Saved(self.count, 0, runs, without, np.empty(0))

    def _cases(self) -> tuple[Places, Places]:
        """Return the runs and the returns without which they may be over at another time."""
        returns = self._of.plan.returns
        links = [back.link for back in returns]
        # Of a gate with more than two arrows others move where one goes: more of them may return.
        moving = {arrow.number for gate in self._of.gates for arrow in gate.arrows[:-2]}
        held_up: dict[int, Flags] = {}
        for gate in self._of.open:
            extra = self._roots[gate.task].extra > 0
            deciding = extra & self._deciding.get(gate.task, np.zeros(1, np.bool_))
            for at in gate.all:
                add(held_up, at, extra if at in moving else deciding)
        runs, without = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
        for at, flags in held_up.items():
            # One that goes forward beyond its limit may cost days without ever having returned.
            if at not in moving and returns[at].escalation is None:
                flags = flags & (self.returns.get(links[at], np.zeros(1)) > 0)
            here = np.flatnonzero(flags)
            runs.append(here)
            without.append(np.full(len(here), at))
        return np.concatenate(runs), np.concatenate(without)

    def _sooner(self, runs: Places, without: Places) -> tuple[Floats, int]:
        """Return by how much runs are over sooner without a return, and the work it was."""
        of = self._of
        roots = {}
        for gate in of.open:
            own = np.zeros(len(of.plan.returns), np.bool_)
            own[list(gate.all)] = True
            cases = np.flatnonzero(own.take(without)).astype(np.int32)
            if len(cases):
                roots[gate.task] = Episodes(cases, self._keys[runs[cases]] ^ gate.key)
        rework = Rework(
            of.gates, self._again, self._chances, len(runs), runs, without, heed=of.heed
        )
        try:
            rework.play(roots)
        except TooMuchError:
            half = len(runs) // 2
            first, work = self._sooner(runs[:half], without[:half])
            second, more = self._sooner(runs[half:], without[half:])
            return np.concatenate((first, second)), work + more
        accepts = {
            gate.task: partial(self._without_one, gate.task, runs, roots.get(gate.task), rework)
            for gate in of.open
        }
        finish = of.main_pass.play(self.days, accepts, len(runs), runs)[0]
        return self.finish[runs] - finish, len(runs) * of.main_pass.size + _DEAR * rework.work

    def _without_one(
        self, gate: int, runs: Places, own: Episodes | None, rework: Rework, end: Floats
    ) -> Floats:
        """Return when a gate accepts in runs, in its `own` episodes as that rework says."""
        end = np.broadcast_to(end, len(runs))
        if own is None:
            return self._rework.accepted(gate, end, runs)
        over = np.empty(len(runs))
        others = np.ones(len(runs), np.bool_)
        others[own.cases] = False
        over[others] = self._rework.accepted(gate, end[others], runs[others])
        over[own.cases] = rework.accepted(gate, end[own.cases])
        return over


@dataclass(frozen=True, slots=True)
class Saved:
    """By how many `days` each of some runs is over sooner without one return, by its number.

    All runs before `upto` are among these, or those before these; where a return is not listed it
    is nothing. It was so much `work`, in tasks done.
    """

    upto: int
    work: int
    runs: Places
    without: Places
    days: Floats
