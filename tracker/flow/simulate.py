"""A plan played through many times at once, with all that comes back on the way.

What a run is: time is in working days from the start of the plan, in real numbers; a task of 3
days that begins at 0 ends at 3.0, on the third day.

**Durations.** A task has a duration D: PERT-beta between low and high (see `chance.pert_tables`),
drawn as D = Q(Φ(z)) with z = √ρ·Z + √(1−ρ)·e, where Z is common to the tasks of a project (those
without one have theirs) and e is the task's own. Of a running task D is what is known to last
longer than it already has; where it was to have been over by now, it is not over today
(`Step.left`). *Kept*, D is that of all passes of its task in a run. *Fresh*, e is drawn anew each
time that a task is done again, Z is that of the run, and what is known of a running task tells
nothing of its later passes.

**The main pass.** An open task begins at the latest of its `earliest` and of finish + lag of each
open predecessor, and is over when its own people have worked what is left of it (`Step.over`).
Done tasks hold up nothing.

**Returns.** A completion of a gate sends the work back over one of its arrows, with its chance, or
is accepted. Work that comes back over an arrow costs one *round*: its body once more from the
target's start at 0, each task after its predecessors within the body, and taking the arrow's share
of D; the gate not before the target is over, days off not looked at. Where people learn, by a part
l each time, the k-th round over an arrow since the gate was first completed takes (1−l)^(k−1) of
that share; lags stay. Every other gate within the body on a way to its gate decides anew when it is
passed, and goes through all its own rounds before its successors begin; these may go back behind
the body, and are counted anew. Then the gate is completed again, and decides again, until it
accepts.

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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tracker.flow import chance
from tracker.flow.chance import Floats, Words
from tracker.flow.draws import Durations, Rates
from tracker.flow.gates import Gate, playable
from tracker.flow.plan import CLOSE, Plan, Step
from tracker.flow.rework import (
    Again,
    Days,
    Episodes,
    Flags,
    Places,
    Rework,
    TooMuchError,
)

# The kind of the streams of random numbers that runs have; `gates` and `draws` have the others.
_RUN = 6
# Cases of runs without one return that are played at once.
_CASES = 4096
# A task done in a round with gates inside takes so many times longer than one in the main pass.
_DEAR = 10
# Tasks between two questions whether to go on.
_SPELL = 64


@dataclass(frozen=True, slots=True)
class _Task:
    """An open task in the main pass.

    `ahead` are its open predecessors with lags, `gates` those among them that may send work
    back; it is `clamped` where these do not alone say when it may begin. It may be over last, of
    all or of its project; `done_with` are the tasks nobody asks for after it.
    """

    step: Step
    ahead: tuple[tuple[int, float], ...]
    gates: tuple[int, ...]
    clamped: bool
    whole: bool
    last: bool
    project_last: bool
    done_with: tuple[int, ...]


@dataclass(slots=True)
class _Trace:
    """What a main pass leaves behind for walking back.

    `binding` has for each task, for all it may wait for but the first, where that came later than
    those before; `ending` for each that may be over last where it was later than those before.
    """

    binding: list[list[Flags]] = field(default_factory=list)
    ending: list[Flags | None] = field(default_factory=list)
    projects: dict[int, Floats] = field(default_factory=dict)


class Simulation:
    """A plan made ready for being played.

    `seen` has for each return how often it happened and how often its gate was completed: rates
    are then drawn anew in each run from what is known of them (see `learning`), the outcomes of a
    gate together from a Dirichlet distribution; without it they are what was entered. `tables`
    replace the distributions of tasks by others, given by their quantiles at `chance.NODES`.
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
        fresh: bool = False,
        learning: float = 0.0,
        heed: Callable[[], None] = lambda: None,
    ) -> None:
        self.plan, self.at_risk, self.heed = plan, at_risk, heed
        self.fresh, self.learning = fresh, learning
        self.gates = playable(plan, seed)
        self.open = [gate for gate in self.gates if plan.steps[gate.task].open]
        # Runs that fit into memory at once, as far as was seen.
        self._most = sys.maxsize
        self._program = tuple(_program(plan, self.gates))
        self.size = len(self._program)
        self.durations = Durations(plan, self.gates, seed, correlation, tables or {})
        self._run_key = chance.streams(seed, _RUN, [0])
        self._seed, self._seen = seed, seen

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
    def rates(self) -> Rates:
        """The chances of the arrows of gates."""
        return Rates(self.gates, self._seed, self._seen)

    def keys(self, first: int, count: int) -> Words:
        """Return the keys of runs, which with that of a gate make that of its first episode."""
        places = np.arange(first, first + count, dtype=np.uint64)
        return chance.mix(places * chance.GOLDEN + self._run_key)

    def main_pass(
        self,
        days: Mapping[int, Days],
        extra: Mapping[int, Floats],
        count: int,
        runs: Places | None = None,
        trace: _Trace | None = None,
        ends: dict[int, Floats] | None = None,
    ) -> Floats:
        """Return when all is over, if the gates cost so many extra days.

        In all runs, or in those given. With a trace, the second row is without extra days. Into
        `ends` goes when each task is over.
        """
        ready: dict[int, Floats] = {}
        accepted: dict[int, Floats] = {}
        whole: Floats | None = None
        for at, task in enumerate(self._program):
            if not at % _SPELL:
                self.heed()
            key = task.step.task
            taken = days[key]
            if runs is not None and not isinstance(taken, float):
                taken = taken.take(runs)
            left = taken if task.whole else _left(task.step, taken)
            binding: list[Flags] = []
            start = _start(task, ready, None if trace is None else binding)
            end = _over(task.step, start, left) if task.step.off else start + left
            if self.at_risk:
                for gate in task.gates:
                    if trace is not None:
                        binding.append(accepted[gate] > end)
                    end = np.maximum(end, accepted[gate])
            ready[key] = end
            if key in extra:
                after = np.empty((1 if trace is None else 2, count))
                after[-1] = end[-1]
                np.add(end[0], extra[key], out=after[0])
                accepted[key] = end = after
                if not self.at_risk:
                    ready[key] = end
            if ends is not None:
                ends[key] = end[0]
            if trace is not None:
                trace.binding.append(binding)
                if task.last:
                    trace.ending.append(None if whole is None else end > whole)
                if task.project_last and task.step.project:
                    before = trace.projects.get(task.step.project)
                    trace.projects[task.step.project] = (
                        end if before is None else np.maximum(before, end)
                    )
            if task.last:
                whole = end if whole is None else np.maximum(whole, end)
            for gone in task.done_with:
                del ready[gone]
                accepted.pop(gone, None)
        return np.zeros((1, count)) if whole is None else whole

    def walk_back(self, trace: _Trace, count: int) -> tuple[dict[int, int], dict[int, Flags]]:
        """Return in how many runs each task decides when all is over, by the arrows that bind.

        And for the gates, in which runs it is their acceptance that does.
        """
        counts: dict[int, int] = {}
        critical: dict[int, Flags] = {}
        deciding: dict[int, Flags] = {}
        gates = {gate.task for gate in self.open}
        ending = list(trace.ending)
        still = np.ones(count, np.bool_)
        for task, binding in zip(reversed(self._program), reversed(trace.binding), strict=True):
            key = task.step.task
            if task.last:
                later = ending.pop()
                last = still if later is None else still & later[0]
                still = still & ~last
                _add(deciding if key in gates else critical, key, last)
            mine = critical.pop(key, None)
            final = deciding.get(key)
            if final is not None:
                mine = final if mine is None else mine | final
            counts[key] = 0 if mine is None else int(np.count_nonzero(mine))
            if mine is None or not counts[key]:
                continue
            if self.at_risk:
                for gate in reversed(task.gates):
                    by = mine & binding.pop()[0]
                    mine = mine & ~by
                    _add(deciding, gate, by)
            if task.clamped and task.ahead:
                mine = mine & ~binding.pop()[0]
            for source, _ in reversed(task.ahead):
                by = mine
                if binding:
                    by = mine & binding.pop()[0]
                    mine = mine ^ by
                _add(deciding if source in gates and not self.at_risk else critical, source, by)
        return counts, deciding


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
        cases = np.arange(count)
        roots = {gate.task: Episodes(cases, self._keys ^ gate.key) for gate in of.open}
        self._again = Again(
            self.days, of.durations.anew(first, count) if of.fresh else None, of.learning
        )
        rework = Rework(of.gates, self._again, self._chances, count)
        rework.play(roots)
        links = [back.link for back in of.plan.returns]
        self.returns = {links[at]: counts for at, counts in rework.returns.items()}
        self.rounds = {links[at]: counts for at, counts in rework.rounds.items()}
        self.cut = {links[at]: cases for at, cases in rework.cut.items()}
        self._extra = {task: root.extra for task, root in roots.items()}
        trace = _Trace()
        ends = of.main_pass(self.days, self._extra, count, trace=trace)
        self.finish, self.without = np.broadcast_to(ends, (2, count)).copy()
        self.projects = {
            project: np.broadcast_to(over[0], count).copy()
            for project, over in trace.projects.items()
        }
        self.critical, self._deciding = of.walk_back(trace, count)

    def again(self, task: int) -> Days:
        """Return how long a task in a body takes when it is done again, in the mean of a run."""
        return self._of.durations.mean(task) if self._of.fresh else self.days[task]

    def each(self) -> dict[int, Floats]:
        """Return when each open task is over in the runs; one number where it always is then."""
        ends: dict[int, Floats] = {}
        self._of.main_pass(self.days, self._extra, self.count, ends=ends)
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
        links = [back.link for back in self._of.plan.returns]
        # Of a gate with more than two arrows others move where one goes: more of them may return.
        moving = {arrow.number for gate in self._of.gates for arrow in gate.arrows[:-2]}
        held_up: dict[int, Flags] = {}
        for gate in self._of.open:
            extra = self._extra[gate.task] > 0
            deciding = extra & self._deciding.get(gate.task, np.zeros(1, np.bool_))
            for at in gate.all:
                _add(held_up, at, extra if at in moving else deciding)
        runs, without = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
        for at, flags in held_up.items():
            if at not in moving:
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
            cases = np.flatnonzero(own.take(without))
            if len(cases):
                roots[gate.task] = Episodes(cases, self._keys[runs[cases]] ^ gate.key)
        rework = Rework(of.gates, self._again, self._chances, len(runs), runs, without)
        try:
            rework.play(roots)
        except TooMuchError:
            half = len(runs) // 2
            first, work = self._sooner(runs[:half], without[:half])
            second, more = self._sooner(runs[half:], without[half:])
            return np.concatenate((first, second)), work + more
        extra = {gate.task: self._extra[gate.task].take(runs) for gate in of.open}
        for task, root in roots.items():
            extra[task][root.cases] = root.extra
        finish = of.main_pass(self.days, extra, len(runs), runs)[0]
        return self.finish[runs] - finish, len(runs) * of.size + _DEAR * rework.work


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


def _add(to: dict[int, Flags], key: int, more: Flags) -> None:
    to[key] = to[key] | more if key in to else more


def _left(step: Step, days: Days) -> Days:
    """Return what is left of a task in its pass, as `Step.left` does."""
    if isinstance(days, float):
        return step.left(days)
    if not step.elapsed:
        return days * step.share
    after = days * step.share - step.elapsed
    ends: Floats = np.where(after > 0, after, np.minimum(days * step.share, 1.0))
    return ends


def _start(task: _Task, ready: Mapping[int, Floats], binding: list[Flags] | None) -> Floats:
    """Return when a task may begin; note for all but the first it waits for where that binds."""
    start: Floats | None = None
    for source, lag in task.ahead:
        at = ready[source]
        if lag:
            at = at + lag
        if start is None:
            start = at
        else:
            if binding is not None:
                binding.append(at > start)
            start = np.maximum(start, at)
    earliest = task.step.earliest
    if start is None:
        return np.full((1, 1), earliest)
    if task.clamped:
        if binding is not None:
            binding.append(start < earliest)
        start = np.maximum(start, earliest)
    return start


def _over(step: Step, start: Floats, left: Days) -> Floats:
    """Return when a task is over, as `Step.over` does."""
    off = np.array(step.off, np.float64)
    # Days off that have begun by then; the last of them may not be over yet.
    gone = np.searchsorted(off, start + CLOSE, side="right")
    begun = np.maximum(start, np.concatenate(([-np.inf], off + 1))[gone])
    worked = begun - gone + left
    end = worked + np.searchsorted(off - np.arange(len(off)), worked - CLOSE, side="left")
    ends: Floats = np.where(np.asarray(left) > 0, end, start + left)
    return ends


def _program(plan: Plan, gates: Sequence[Gate]) -> Iterator[_Task]:
    """Walk over the open tasks of a plan in order."""
    steps = {task: step for task, step in plan.steps.items() if step.open}
    playing = {gate.task for gate in gates}
    followed: set[int] = set()
    followed_within: set[int] = set()
    asked = {task: task for task in steps}
    for task in steps:
        for source, lag in plan.needs[task]:
            if source in steps:
                asked[source] = task
                if lag >= 0:
                    followed.add(source)
                    if steps[source].project == steps[task].project:
                        followed_within.add(source)
    done_with: dict[int, list[int]] = {}
    for task, last in asked.items():
        done_with.setdefault(last, []).append(task)
    for task, step in steps.items():
        ahead = tuple((source, lag) for source, lag in plan.needs[task] if source in steps)
        yield _Task(
            step,
            ahead,
            tuple(source for source, _ in ahead if source in playing),
            step.earliest > 0 or any(lag < 0 for _, lag in ahead),
            step.share == 1 and not step.elapsed,
            task not in followed,
            task not in followed_within,
            tuple(done_with.get(task, ())),
        )
