"""What a loop of rework costs, where its tasks follow each other one by one."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import msgspec

from tracker.domain import graph
from tracker.domain.model import Link
from tracker.domain.workspace import Workspace

# Rates that leave less than this for going on leave nothing: 0.7 + 0.2 + 0.1 is not quite 1.
_NOTHING = 1e-9


class Figures(msgspec.Struct, frozen=True):
    """What can be told of a loop exactly; None where it cannot.

    `spectral_radius` is the factor by which the chance to be still within the loop shrinks, in
    the long run, with each task worked on: at 1 it never ends. `expected_days` are the working
    days from the first task to the last acceptance, all passes together.
    """

    spectral_radius: float | None = None
    expected_days: float | None = None


def figures(ws: Workspace, tasks: Collection[int]) -> Figures:
    """Return the figures of a loop whose tasks need each other in one single line.

    The absorbing Markov chain of sequential iteration: whoever has worked on a task sends it back
    over one of its return arrows, by their rates, or hands it on. Each return costs its share of
    the likely durations from its target to its gate. Without all those durations, or with a lag,
    the days are not known. Kemeny & Snell 1960, ch. III; Smith & Eppinger 1997, "A Predictive
    Model of Sequential Iteration in Engineering Design".
    """
    line = _line(ws, tasks)
    place = {task: at for at, task in enumerate(line)}
    back = [
        [link for link in ws.arrows_out.get(task, ()) if link.kind == "returns"] for task in line
    ]
    back = [[link for link in links if link.target in place] for links in back]
    if not any(back) or any(place[a.target] > place[a.source] for links in back for a in links):
        return Figures()
    passed = [1 - sum(link.rate for link in links) for links in back]
    if min(passed) < _NOTHING:
        return Figures(spectral_radius=1.0)
    return Figures(_radius(back, place, passed), _expected_days(ws, line, back, place, passed))


def _line(ws: Workspace, tasks: Collection[int]) -> list[int]:
    """Return tasks in the one order that their arrows leave; none if they leave a choice."""
    inside = set(tasks)
    missing = {task: sum(t in inside for t in graph.predecessors(ws, task)) for task in inside}
    line: list[int] = []
    front = [task for task, count in missing.items() if not count]
    while len(front) == 1:
        at = front.pop()
        line.append(at)
        for after in graph.successors(ws, at):
            if after in inside:
                missing[after] -= 1
                if not missing[after]:
                    front.append(after)
    return line if len(line) == len(inside) else []


def _radius(
    back: Sequence[Sequence[Link]], place: Mapping[int, int], passed: Sequence[float]
) -> float:
    """Return the largest eigenvalue of the chain's matrix Q, by bisection.

    Q is a Hessenberg matrix, so the leading minors of λI − Q follow from one another (Hyman's
    method; Wilkinson 1965, ch. 7). They are all positive just where λ is above every eigenvalue,
    since Q has no negative entry (Berman & Plemmons 1994, theorem 6.2.3).
    """
    log_passed = [0.0]
    for share in passed:
        log_passed.append(log_passed[-1] + math.log(share))

    def above(value: float) -> bool:
        minors = [0.0]  # as logarithms: of many tasks they are too small for a float
        for at, links in enumerate(back):
            ratio = value
            for link in links:
                to = place[link.target]
                size = log_passed[at] - log_passed[to] + minors[to] - minors[at]
                ratio -= link.rate * math.exp(min(size, 700.0))
            if ratio <= 0:
                return False
            minors.append(minors[-1] + math.log(ratio))
        return True

    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if above(middle):
            high = middle
        else:
            low = middle
    return high if low else 0.0


def _expected_days(
    ws: Workspace,
    line: Sequence[int],
    back: Sequence[Sequence[Link]],
    place: Mapping[int, int],
    passed: Sequence[float],
) -> float | None:
    """Return the days of the first pass, and of every return as often as it is to be expected.

    What the fundamental matrix (I − Q)⁻¹ says of the visits to each task is had here by counting
    over each step of the line: it is taken forwards once more often than backwards.
    """
    lags = any(
        link.lag
        for task in line
        for link in ws.arrows_out.get(task, ())
        if link.kind == "needs" and link.target in place
    )
    if lags or any(ws.tasks[task].likely is None for task in line):
        return None
    until = [0.0]
    for task in line:
        until.append(until[-1] + (ws.tasks[task].likely or 0.0))
    days = until[-1]
    # Returns that go over the step behind the task at hand, and those of them that end there.
    over = 0.0
    ending = [0.0] * len(line)
    for at in reversed(range(len(line))):
        visits = (1 + over) / passed[at]
        for link in back[at]:
            to = place[link.target]
            times = visits * link.rate
            days += times * link.share * (until[at + 1] - until[to])
            over += times
            ending[to] += times
        over -= ending[at]
    return days
