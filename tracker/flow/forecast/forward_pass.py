"""The main pass of many runs at once: when tasks begin and are over, and which of them decide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tracker.flow.forecast.gates import Gate
from tracker.flow.forecast.random_numbers import Floats
from tracker.flow.forecast.remaining_work import Plan, Step
from tracker.flow.forecast.rework import Flags, Places, RunDays, part_of, worked

# Tasks between two questions whether to go on.
_SPELL = 64
_NO_DAYS: Floats = np.empty(0)
# When a gate accepts that is first over then, in all runs that are played.
Accepts = Callable[[Floats], Floats]


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
    off: Floats


@dataclass(slots=True)
class Trace:
    """What a main pass leaves behind for walking back.

    `binding` has for each task, for all it may wait for but the first, where that came later than
    those before; `ending` for each that may be over last where it was later than those before.
    """

    binding: list[list[Flags]] = field(default_factory=list)
    ending: list[Flags | None] = field(default_factory=list)
    projects: dict[int, Floats] = field(default_factory=dict)


class MainPass:
    """The open tasks of a plan in their order, of which `gates` may send work back.

    What needs a gate waits until it accepts, or starts `at_risk`. `heed` is called every few
    milliseconds, and stops everything by raising an error.
    """

    def __init__(
        self, plan: Plan, gates: Sequence[Gate], *, at_risk: bool, heed: Callable[[], None]
    ) -> None:
        self.at_risk, self.heed = at_risk, heed
        self._gates = {gate.task for gate in gates}
        self._program = tuple(_program(plan, self._gates))
        self.size = len(self._program)

    def play(
        self,
        days: Mapping[int, RunDays],
        accepts: Mapping[int, Accepts],
        count: int,
        runs: Places | None = None,
        trace: Trace | None = None,
        ends: dict[int, Floats] | None = None,
    ) -> Floats:
        """Return when all is over, if that says when gates accept that are first over.

        In all runs, or in those given. With a trace, the second row is without anything coming
        back. Into `ends` goes when each task is over.
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
            left = taken if task.whole else left_of(task.step, taken)
            binding: list[Flags] = []
            start = _start(task, ready, None if trace is None else binding)
            end = worked(task.off, start, left) if len(task.off) else start + left
            if self.at_risk:
                for gate in task.gates:
                    if trace is not None:
                        binding.append(accepted[gate][0] > end[0])
                    end = np.maximum(end, accepted[gate])
            ready[key] = end
            if key in accepts:
                after = np.empty((1 if trace is None else 2, count))
                after[-1] = end[-1]
                after[0] = accepts[key](end[0])
                accepted[key] = end = after
                if not self.at_risk:
                    ready[key] = end
            if ends is not None:
                ends[key] = end[0]
            if trace is not None:
                trace.binding.append(binding)
                if task.last:
                    trace.ending.append(None if whole is None else end[0] > whole[0])
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

    def walk_back(self, trace: Trace, count: int) -> tuple[dict[int, int], dict[int, Flags]]:
        """Return in how many runs each task decides when all is over, by the arrows that bind.

        And for the gates, in which runs it is their acceptance that does.
        """
        counts: dict[int, int] = {}
        critical: dict[int, Flags] = {}
        deciding: dict[int, Flags] = {}
        ending = list(trace.ending)
        still = np.ones(count, np.bool_)
        for task, binding in zip(reversed(self._program), reversed(trace.binding), strict=True):
            key = task.step.task
            if task.last:
                later = ending.pop()
                last = still if later is None else still & later
                still = still & ~last
                add(deciding if key in self._gates else critical, key, last)
            mine = critical.pop(key, None)
            final = deciding.get(key)
            if final is not None:
                mine = final if mine is None else mine | final
            counts[key] = 0 if mine is None else int(np.count_nonzero(mine))
            if mine is None or not counts[key]:
                continue
            if self.at_risk:
                for gate in reversed(task.gates):
                    by = mine & binding.pop()
                    mine = mine & ~by
                    add(deciding, gate, by)
            if task.clamped and task.ahead:
                mine = mine & ~binding.pop()
            for source, _ in reversed(task.ahead):
                by = mine
                if binding:
                    by = mine & binding.pop()
                    mine = mine ^ by
                accepted = source in self._gates and not self.at_risk
                add(deciding if accepted else critical, source, by)
        return counts, deciding


def add(to: dict[int, Flags], key: int, more: Flags) -> None:
    """Let a key have more flags, besides those that it has."""
    to[key] = to[key] | more if key in to else more


def left_of(step: Step, days: RunDays) -> RunDays:
    """Return what is left of a task in its pass."""
    if isinstance(days, float):
        return step.left(days)
    if not step.elapsed:
        return days * step.share
    after = part_of(days, step.share) - step.elapsed
    ends: Floats = np.maximum(after, 0.0)
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
                binding.append(at[0] > start[0])
            start = np.maximum(start, at)
    earliest = task.step.earliest
    if start is None:
        return np.full((1, 1), earliest)
    if task.clamped:
        if binding is not None:
            binding.append(start[0] < earliest)
        start = np.maximum(start, earliest)
    return start


def _program(plan: Plan, playing: Collection[int]) -> Iterator[_Task]:
    """Walk over the open tasks of a plan in order, given its gates."""
    steps = {task: step for task, step in plan.steps.items() if step.open}
    counted = steps.keys() if plan.goal is None else plan.goal
    followed: set[int] = set()
    followed_within: set[int] = set()
    asked = {task: task for task in steps}
    for task in steps:
        for source, lag in plan.needs[task]:
            if source in steps:
                asked[source] = task
                if lag >= 0:
                    if task in counted:
                        followed.add(source)
                    if steps[source].project == steps[task].project:
                        followed_within.add(source)
    done_with: dict[int, list[int]] = {}
    for task, last in asked.items():
        done_with.setdefault(last, []).append(task)
    for task, step in steps.items():
        ahead = plan.needs[task]
        if any(source not in steps for source, _ in ahead):
            ahead = tuple(each for each in ahead if each[0] in steps)
        yield _Task(
            step,
            ahead,
            tuple(source for source, _ in ahead if source in playing),
            step.earliest > 0 or any(lag < 0 for _, lag in ahead),
            step.share == 1 and not step.elapsed,
            task in counted and task not in followed,
            task not in followed_within,
            tuple(done_with.get(task, ())),
            np.array(step.off, np.float64) if step.off else _NO_DAYS,
        )
