"""A plan played through many times at once, with all that comes back on the way.

What a run is: time is in working days from the start of the plan, in real numbers; a task of 3
days that begins at 0 ends at 3.0, on the third day.

**Durations.** Each task has one duration D in a run, kept for all its passes: PERT-beta between
low and high (see `chance.pert_tables`), drawn as D = Q(Φ(z)) with z = √ρ·Z + √(1−ρ)·e, where Z is
common to the tasks of a project (those without one have theirs) and e is the task's own. Of a
running task D is what is known to last longer than it already has; where it was to have been over
by now, it is not over today (`Step.left`).

**The main pass.** An open task begins at the latest of its `earliest` and of finish + lag of each
open predecessor, and is over when its own people have worked what is left of it (`Step.over`).
Done tasks hold up nothing.

**Returns.** A completion of a gate sends the work back over one of its arrows, with its chance, or
is accepted. Work that comes back over an arrow costs one *round*: its body once more from the
target's start at 0, each task after its predecessors within the body, and taking the arrow's
share of D; the gate not before the target is over, days off not looked at. Every other gate within
the body on a way to its gate decides anew when it is passed, and goes through all its own rounds
before its successors begin; these may go back behind the body. Then the gate is completed again,
and decides again, until it accepts.

**Waiting.** A gate is over when it accepts: its first end and all its rounds after it. By the
policy *wait* its successors begin then; *at risk* they begin after its first end, but are not over
before it has accepted. The whole is over with the last of its open tasks.

Random numbers belong to what they are for and to the run, the outcomes of a gate to their place in
the tree of returns as well. So runs are the same however they are divided, and of two plans that
differ in a rate, a share or an estimate all other numbers are the same, run by run. A larger rate
only adds to the trees.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tracker.flow import chance
from tracker.flow.chance import Floats
from tracker.flow.learning import PRIOR_WEIGHT
from tracker.flow.plan import CLOSE, Plan, Return, Step
from tracker.flow.rework import (
    Days,
    Episodes,
    Flags,
    Gate,
    Marks,
    Places,
    Rework,
    TooMuchError,
    playable,
)

_TASK, _PROJECT, _RATE, _RUN = 3, 4, 5, 6
_WHOLE = 2.0**32
# Tasks whose durations are looked up together: few enough to stay in the cache.
_BLOCK = 8


@dataclass(frozen=True, slots=True)
class _Task:
    """An open task in the main pass.

    `ahead` are its open predecessors with lags, `gates` those among them that may send work
    back; `done_with` are the tasks nobody needs the times of any more after it.
    """

    step: Step
    earliest: float
    ahead: tuple[tuple[int, float], ...]
    gates: tuple[int, ...]
    last: bool
    project_last: bool
    done_with: tuple[int, ...]


class Simulation:
    """A plan made ready for being played.

    `seen` has for each return how often it happened and how often its gate was completed: rates
    are then drawn anew in each run from what is known of them (see `learning`), the outcomes of a
    gate together from a Dirichlet distribution; without it they are what was entered. `tables`
    replace the distributions of tasks by others, given by their quantiles at `chance.NODES`.
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
    ) -> None:
        self.plan, self.seed, self.at_risk = plan, seed, at_risk
        self.gates = playable(plan, seed)
        self._program = tuple(_program(plan, self.gates))
        self._fixed, self._drawn, quantiles = _durations(plan, self.gates, tables or {})
        self._quantiles = quantiles.ravel()
        self._slopes = np.diff(quantiles, axis=1, append=quantiles[:, -1:]).ravel()
        self._keys = chance.streams(seed, _TASK, self._drawn)
        projects = [plan.steps[task].project or 0 for task in self._drawn]
        self._projects = list(dict.fromkeys(projects))
        place = {project: at for at, project in enumerate(self._projects)}
        self._project = np.array([place[project] for project in projects], np.intp)
        self._project_keys = chance.streams(seed, _PROJECT, self._projects)
        self._common = math.sqrt(correlation) * chance.FINE
        self._own = math.sqrt(1 - correlation) * chance.FINE
        self._run_key = chance.streams(seed, _RUN, [0])
        self._rates = _Rates(self.gates, seed, seen)

    def play(self, first: int, count: int) -> Iterator[Batch]:
        """Walk over runs from number `first` on, in one batch or, if memory asks for it, several.

        Whatever the cut, the runs are the same.
        """
        try:
            yield Batch(self, first, count)
        except TooMuchError:
            half = count // 2
            yield from self.play(first, half)
            yield from self.play(first + half, count - half)

    def durations(self, first: int, count: int) -> dict[int, Days]:
        """Return the durations of tasks in runs; fixed ones as one number."""
        days: dict[int, Days] = dict(self._fixed)
        width = len(chance.NODES)
        shift = chance.normals(self._project_keys, first, count)
        shift *= self._common
        shift += chance.REACH * chance.FINE
        for start in range(0, len(self._drawn), _BLOCK):
            end = min(start + _BLOCK, len(self._drawn))
            at = chance.normals(self._keys[start:end], first, count)
            at *= self._own
            at += shift[self._project[start:end]]
            at += np.arange(start, end)[:, np.newaxis] * float(width)
            found = chance.look_up(self._quantiles, self._slopes, at)
            days.update(zip(self._drawn[start:end], found, strict=True))
        return days

    def chances(self, first: int, count: int) -> dict[int, Marks]:
        """Return the chances of the arrows of each gate as `Rework` takes them."""
        return self._rates.draw(first, count)

    def roots(self, first: int, count: int) -> dict[int, Episodes]:
        """Return the episodes that begin in the main pass of runs."""
        places = np.arange(first, first + count, dtype=np.uint64)
        keys = chance.mix(places * chance.GOLDEN + self._run_key)
        cases = np.arange(count)
        return {
            gate.task: Episodes(cases, keys ^ gate.key)
            for gate in self.gates
            if self.plan.steps[gate.task].open
        }


class Batch:
    """A number of runs, played.

    `finish` and `without` are when each is over, with and without returns; `projects` the
    finishes of each project, `rates` the chance of each return in each run or in all. `returns`
    counts the returns over each arrow, by link, and `cut` in how many runs a bound cut some off.
    `critical` counts the runs in which a task decides when all is over.
    """

    def __init__(self, of: Simulation, first: int, count: int) -> None:
        self._of, self.first, self.count = of, first, count
        self.days = of.durations(first, count)
        self.chances = of.chances(first, count)
        self._rework = Rework(of.gates, self.days, self.chances, count)
        self._roots = of.roots(first, count)
        self._rework.play(self._roots)
        links = [back.link for back in of.plan.returns]
        self.returns: dict[int, Places] = {
            links[number]: counts for number, counts in self._rework.returns.items()
        }
        self.cut = {links[number]: cases for number, cases in self._rework.cut.items()}
        self._extra = {task: root.extra for task, root in self._roots.items()}
        self._binding: list[tuple[Flags, ...]] = []
        self._ending: list[Flags] = []
        self.projects: dict[int, Floats] = {}
        self._main_pass()
        self._walk_back()

    def _main_pass(self) -> None:
        of = self._of
        ready: dict[int, Floats] = {}
        accepted: dict[int, Floats] = {}
        whole = np.zeros((1, self.count))
        for task in of._program:
            key = task.step.task
            left = self._left(task.step, self.days[key])
            start, binding = _start(task, ready)
            end = _over(task.step, start, left)
            if of.at_risk:
                for gate in task.gates:
                    later = accepted[gate]
                    binding.append(later[0] > end[0])
                    end = np.maximum(end, later)
            self._binding.append(tuple(binding))
            first_end = end
            if key in self._extra:
                end = np.empty((2, self.count))
                np.add(first_end[0], self._extra[key], out=end[0])
                end[1] = first_end[-1]
                accepted[key] = end
            ready[key] = first_end if of.at_risk else end
            if task.last:
                self._ending.append(end[0] > whole[0])
                whole = np.maximum(whole, end)
            if task.project_last:
                project = task.step.project or 0
                before = self.projects.get(project)
                self.projects[project] = end[0] if before is None else np.maximum(before, end[0])
            for gone in task.done_with:
                del ready[gone]
                accepted.pop(gone, None)
        self.finish = whole[0]
        self.without = whole[-1]

    def _left(self, step: Step, days: Days, runs: Places | None = None) -> Days:
        if isinstance(days, float):
            return step.left(days)
        if runs is not None:
            days = days[runs]
        left = days * step.share if step.share != 1 else days
        if not step.elapsed:
            return left
        # Either all durations are longer than what has gone by, or none is.
        after = left - step.elapsed
        return np.where(after > 0, after, np.minimum(left, 1.0))

    def _walk_back(self) -> None:
        """Find in which runs each task decides when all is over, by the arrows that bind."""
        of = self._of
        none = np.zeros(self.count, np.bool_)
        critical: dict[int, Flags] = {}
        self.deciding: dict[int, Flags] = {}
        still = np.ones(self.count, np.bool_)
        ending = list(self._ending)
        self.critical: dict[int, int] = {}
        for task, binding in zip(reversed(of._program), reversed(self._binding), strict=True):
            key = task.step.task
            if task.last:
                last = ending.pop() & still
                still &= ~last
                self.deciding[key] = self.deciding.get(key, none) | last
            final = self.deciding.get(key, none)
            mine = critical.pop(key, none) | final
            if key not in self._extra:
                self.deciding.pop(key, None)
            self.critical[key] = int(np.count_nonzero(mine))
            if not self.critical[key]:
                continue
            flags = list(binding)
            if of.at_risk:
                for gate in reversed(task.gates):
                    by = mine & flags.pop()
                    mine = mine & ~by
                    self.deciding[gate] = self.deciding.get(gate, none) | by
            if task.ahead and len(flags) == len(task.ahead):
                mine = mine & ~flags.pop()
            for at in range(len(task.ahead) - 1, -1, -1):
                source = task.ahead[at][0]
                by = mine & flags[at - 1] if at else mine
                if at:
                    mine = mine & ~by
                into = critical if of.at_risk or source not in self._extra else self.deciding
                into[source] = into.get(source, none) | by

    def saved(self) -> Iterator[tuple[Places, Places, Floats]]:
        """Walk over how much sooner runs would be over if one return never happened.

        As (runs, numbers of returns, days); where nothing is listed it is nothing. A return
        matters only where a gate that it may hold up decides when all is over, so the cases that
        do are played again, all returns at once.
        """
        runs, without = self._cases()
        for start in range(0, len(runs), _CASES):
            some, banned = runs[start : start + _CASES], without[start : start + _CASES]
            yield from self._saved(some, banned)

    def _cases(self) -> tuple[Places, Places]:
        """Return the runs and the returns without which they may be over sooner."""
        of = self._of
        number = {back.link: at for at, back in enumerate(of.plan.returns)}
        deciding: dict[int, Flags] = {}
        for gate in of.gates:
            if gate.task in self._extra:
                mine = self.deciding.get(gate.task)
                if mine is not None and mine.any():
                    mine = mine & (self._extra[gate.task] > 0)
                    for each in gate.all:
                        deciding[each] = deciding[each] | mine if each in deciding else mine
        runs, without = [], []
        for link, counts in self.returns.items():
            at = number[link]
            if at in deciding:
                (here,) = np.nonzero(deciding[at] & (counts > 0))
                runs.append(here)
                without.append(np.full(len(here), at))
        if not runs:
            none = np.empty(0, np.intp)
            return none, none
        return np.concatenate(runs), np.concatenate(without)

    def _saved(self, runs: Places, without: Places) -> Iterator[tuple[Places, Places, Floats]]:
        of = self._of
        rework = Rework(of.gates, self.days, self.chances, len(runs), runs, without)
        extra: dict[int, Floats] = {}
        roots: dict[int, Episodes] = {}
        for gate in of.gates:
            if gate.task in self._roots:
                own = np.zeros(len(of.plan.returns), np.bool_)
                own[list(gate.all)] = True
                (cases,) = np.nonzero(own[without])
                extra[gate.task] = self._extra[gate.task][runs]
                if len(cases):
                    keys = self._roots[gate.task].keys[runs[cases]]
                    roots[gate.task] = Episodes(cases, keys)
        try:
            rework.play(roots)
        except TooMuchError:
            half = len(runs) // 2
            yield from self._saved(runs[:half], without[:half])
            yield from self._saved(runs[half:], without[half:])
            return
        for task, root in roots.items():
            extra[task][root.cases] = root.extra
        finish = self._finish(runs, extra)
        yield runs, without, self.finish[runs] - finish

    def _finish(self, runs: Places, extra: Mapping[int, Floats]) -> Floats:
        """Return when runs are over if the gates cost other days."""
        of = self._of
        ready: dict[int, Floats] = {}
        accepted: dict[int, Floats] = {}
        whole = np.zeros((1, len(runs)))
        for task in of._program:
            key = task.step.task
            start = _start(task, ready, bind=False)[0]
            end = _over(task.step, start, self._left(task.step, self.days[key], runs))
            if of.at_risk:
                for gate in task.gates:
                    end = np.maximum(end, accepted[gate])
            ready[key] = end
            if key in extra:
                end = accepted[key] = end + extra[key]
                if not of.at_risk:
                    ready[key] = end
            if task.last:
                whole = np.maximum(whole, end)
            for gone in task.done_with:
                del ready[gone]
                accepted.pop(gone, None)
        over: Floats = whole[0]
        return over


# Cases of runs without one return that are played at once.
_CASES = 4096


def _start(
    task: _Task, ready: Mapping[int, Floats], *, bind: bool = True
) -> tuple[Floats, list[Flags]]:
    """Return when a task may begin, and for what it waits but the first where that binds."""
    start: Floats | None = None
    binding: list[Flags] = []
    for source, lag in task.ahead:
        at = ready[source]
        if lag:
            at = at + lag
        if start is None:
            start = at
        else:
            if bind:
                binding.append(at[0] > start[0])
            start = np.maximum(start, at)
    if start is None:
        return np.full((1, 1), task.earliest), binding
    if task.earliest > 0 or any(lag < 0 for _, lag in task.ahead):
        if bind:
            binding.append(start[0] < task.earliest)
        start = np.maximum(start, task.earliest)
    return start, binding


def _over(step: Step, start: Floats, left: Days) -> Floats:
    """Return when a task is over, as `Step.over` does."""
    if not step.off:
        return start + left
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
    last_use: dict[int, int] = {task: task for task in steps}
    for task in steps:
        for source, lag in plan.needs[task]:
            if source in steps:
                last_use[source] = task
                if lag >= 0:
                    followed.add(source)
                    if steps[source].project == steps[task].project:
                        followed_within.add(source)
    over: dict[int, list[int]] = {}
    for task, use in last_use.items():
        over.setdefault(use, []).append(task)
    for task, step in steps.items():
        ahead = tuple((source, lag) for source, lag in plan.needs[task] if source in steps)
        yield _Task(
            step,
            step.earliest,
            ahead,
            tuple(source for source, _ in ahead if source in playing),
            task not in followed,
            step.project is not None and task not in followed_within,
            tuple(over.get(task, ())),
        )


def _durations(
    plan: Plan, gates: Sequence[Gate], tables: Mapping[int, Floats]
) -> tuple[dict[int, float], list[int], Floats]:
    """Return fixed durations, the tasks that have others, and their tables, by row."""
    bodies = {task for gate in gates for arrow in gate.arrows for task in arrow.back.body}
    used = [step for task, step in plan.steps.items() if step.open or task in bodies]
    fixed = {
        step.task: step.likely for step in used if step.low == step.high and step.task not in tables
    }
    drawn = [step for step in used if step.task not in fixed]
    low, likely, high = (
        np.array([(step.low, step.likely, step.high) for step in drawn], np.float64)
        .reshape(-1, 3)
        .T
    )
    rows = chance.pert_tables(low, likely, high)
    for at, step in enumerate(drawn):
        if step.task in tables:
            rows[at] = tables[step.task]
        if step.open and step.elapsed:
            rows[at] = chance.beyond(rows[at], step.elapsed / step.share)
    return {task: float(days) for task, days in fixed.items()}, [s.task for s in drawn], rows


class _Rates:
    """The chances of the arrows of gates, drawn or fixed, as thresholds of 32 bits."""

    def __init__(
        self,
        gates: Sequence[Gate],
        seed: int,
        seen: Mapping[int, tuple[int, int]] | None,
    ) -> None:
        self._gates = [(gate.task, [arrow.back for arrow in gate.arrows]) for gate in gates]
        self._drawn = seen is not None
        links = [back.link for _, backs in self._gates for back in backs]
        self._keys = chance.streams(seed, _RATE, links)
        sticks = (
            [] if seen is None else [s for _, backs in self._gates for s in _sticks(backs, seen)]
        )
        quantiles = np.array([chance.beta_table(a, b) for a, b in sticks])
        quantiles = quantiles.reshape(-1, len(chance.NODES))
        self._quantiles = quantiles.ravel()
        self._slopes = np.diff(quantiles, axis=1, append=quantiles[:, -1:]).ravel()

    def draw(self, first: int, count: int) -> dict[int, Marks]:
        chances: dict[int, Marks] = {}
        row, width = 0, len(chance.NODES)
        for gate, backs in self._gates:
            if self._drawn:
                rows = np.arange(row, row + len(backs))
                at = chance.position(chance.normals(self._keys[rows], first, count))
                at += rows[:, np.newaxis] * float(width)
                broken = chance.look_up(self._quantiles, self._slopes, at)
                row += len(backs)
                # What is left of the stick after each break.
                sums = 1 - np.cumprod(1 - broken, axis=0) if len(backs) > 1 else broken
            else:
                sums = np.cumsum([[back.rate] for back in backs], axis=0)
            chances[gate] = np.minimum(sums * _WHOLE, _WHOLE - 1).astype(np.uint32)
        return chances


def _sticks(
    backs: Sequence[Return], seen: Mapping[int, tuple[int, int]]
) -> Iterator[tuple[float, float]]:
    """Walk over the parameters of the chance of each return where those before it did not happen.

    Such chances are independent, and Beta distributed: a Dirichlet distribution, by breaking a
    stick (Gelman et al., Bayesian Data Analysis, 3.4 and 23.2).
    """
    ended = max((seen[back.link][1] for back in backs), default=0)
    weights = [PRIOR_WEIGHT * back.rate + seen[back.link][0] for back in backs]
    accepted = max(ended - sum(seen[back.link][0] for back in backs), 0)
    rest = PRIOR_WEIGHT * (1 - sum(back.rate for back in backs)) + accepted + sum(weights)
    for weight in weights:
        rest -= weight
        yield weight, max(rest, 0.0)
