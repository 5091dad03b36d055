"""What a loop of rework costs, where its tasks follow each other one by one."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Literal

import msgspec

from tracker.domain import graph
from tracker.domain.workspace import NOTHING, Workspace
from tracker.flow.forecast import calibration, remaining_work
from tracker.flow.forecast.remaining_work import Return

# From this chance of another round on there are four of them and more on average.
_HARDLY = 0.75


class Figures(msgspec.Struct, frozen=True):
    """What is known about a loop exactly; None, or empty, where it cannot.

    `spectral_radius` is the factor by which the chance to be still within the loop shrinks, in
    the long run, with each task worked on: at 1 it never ends. `expected_days` and `sd_days` are
    the mean and the standard deviation of the working days from the first task to the last
    acceptance, all passes together. `visits` is how often each task is worked on, on average.
    `another_round` is the chance that a completion of the gate that sends most back is followed by
    another round, by the rates learned so far, and `work_again` the share of the work of the loop
    that such a round carries.
    """

    spectral_radius: float | None = None
    expected_days: float | None = None
    sd_days: float | None = None
    visits: Mapping[int, float] = {}
    another_round: float | None = None
    work_again: float = 0.0

    @property
    def health(self) -> Literal["", "good", "amber", "red"]:
        """Whether it dies out, round by round: amber if hardly, red if never; "" without a gate.

        Of the spectral radius a long loop has a large one, even if it hardly ever comes back.
        """
        if self.another_round is None:
            return ""
        if self.another_round >= 1 - NOTHING:
            return "red"
        return "amber" if self.another_round >= _HARDLY else "good"


def figures_of_loop(
    ws: Workspace, tasks: Collection[int], returns: Sequence[Return] | None = None
) -> Figures:
    """Return the figures of a loop, all its tasks done anew; `returns` are those of the workspace.

    Radius and days need a loop whose tasks need each other in one single line: the absorbing
    Markov chain of sequential iteration. Whoever has worked on a task sends it back over one of
    its return arrows, by their entered rates, or hands it on. Each return costs its share of the
    likely durations from its target to its gate. Without all those durations, or with a lag, the
    days are not known. Kemeny & Snell 1960, ch. III; Smith & Eppinger 1997, "A Predictive Model
    of Sequential Iteration in Engineering Design".
    """
    inside = {task for task in tasks if ws.tasks[task].state != "dropped"}
    known = remaining_work.return_arrows(ws) if returns is None else returns
    gates: dict[int, list[Return]] = {}
    for back in known:
        if inside.issuperset(back.body):
            gates.setdefault(back.gate, []).append(back)
    if not gates:
        return Figures()
    passed = {gate: 1 - sum(back.rate for back in backs) for gate, backs in gates.items()}
    if min(passed.values()) < NOTHING:
        return Figures(spectral_radius=1.0, another_round=1.0, work_again=1.0)
    another, again = _round(ws, inside, gates)
    chance = any(back.passed_on for each in gates.values() for back in each)
    visits = {} if chance else _visits(inside, gates, passed)
    line = _line(ws, inside)
    place = {task: at for at, task in enumerate(line)}
    backs = [back for each in gates.values() for back in each]
    if not line or any(place[b.target] > place[b.gate] or not _whole(b, place) for b in backs):
        return Figures(visits=visits, another_round=another, work_again=again)
    chain = [gates.get(task, []) for task in line]
    through = [passed.get(task, 1.0) for task in line]
    mean, sd = _days(ws, line, chain, place, through)
    return Figures(_radius(chain, place, through), mean, sd, visits, another, again)


def _whole(back: Return, place: Mapping[int, int]) -> bool:
    """Return whether each return redoes all from target to gate alike, and for ever."""
    alike = not back.passed_on and not back.learning and back.escalation is None
    return alike and len(back.body) == place[back.gate] - place[back.target] + 1


def _round(
    ws: Workspace, inside: Collection[int], gates: Mapping[int, Sequence[Return]]
) -> tuple[float, float]:
    """Return how likely one round is followed by another, and the share of the work that has."""

    def work(tasks: Collection[int]) -> float:
        return sum(remaining_work.full_estimate(ws.tasks[task])[1] for task in tasks) or len(tasks)

    rounds = []
    for backs in gates.values():
        rates = [calibration.posterior(ws, ws.links[back.link]).mean for back in backs]
        done = sum(
            rate * back.share * work(back.body) for rate, back in zip(rates, backs, strict=True)
        )
        rounds.append((sum(rates), done / sum(rates) / work(inside) if sum(rates) else 0.0))
    return max(rounds)


def _visits(
    inside: Collection[int],
    gates: Mapping[int, Sequence[Return]],
    passed: Mapping[int, float],
) -> dict[int, float]:
    """Return how often each task is worked on, on average.

    A gate is completed once, once more within each replay that it lies in, and after each return
    of its own. That is U = (I − A)⁻¹u of Smith & Eppinger 1997, "Identifying Controlling Features
    of Engineering Design Iteration"; since replays only hold gates upstream, outer gates first.
    """
    upstream = {
        gate: [[key for key in _upstream(back) if key in gates] for back in backs]
        for gate, backs in gates.items()
    }
    order = graph.components(gates, lambda gate: (k for inner in upstream[gate] for k in inner))
    visits = dict.fromkeys(inside, 1.0)
    starts = dict.fromkeys(gates, 1.0)
    for (gate,) in reversed(order):
        completions = starts[gate] / passed[gate]
        for back, inner in zip(gates[gate], upstream[gate], strict=True):
            times = completions * back.rate
            for task in back.body:
                visits[task] += times
            for other in inner:
                starts[other] += times
    return visits


def _upstream(back: Return) -> Iterator[int]:
    """Walk over the tasks of a return's body that its gate is built on."""
    if back.leads:
        yield back.target
    yield from back.body[1:-1]


def _line(ws: Workspace, inside: Collection[int]) -> list[int]:
    """Return tasks in the one order that their arrows leave; none if they leave a choice."""
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
    back: Sequence[Sequence[Return]], place: Mapping[int, int], passed: Sequence[float]
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


def _days(
    ws: Workspace,
    line: Sequence[int],
    back: Sequence[Sequence[Return]],
    place: Mapping[int, int],
    passed: Sequence[float],
) -> tuple[float | None, float | None]:
    """Return mean and standard deviation of the days.

    What the fundamental matrix (I − Q)⁻¹ of the chain with rewards says, had step by step: the
    rework W from reaching a task until leaving it forwards is none, or what a return costs and
    then anew the W of every task from its target to here, each independent of the others.
    """
    lags = any(
        link.lag
        for task in line
        for link in ws.arrows_out.get(task, ())
        if link.kind == "needs" and link.target in place
    )
    likely = [ws.tasks[task].likely for task in line]
    if lags or None in likely:
        return None, None
    until = [0.0, *accumulate(days or 0.0 for days in likely)]
    means, variances = [0.0], [0.0]  # of the W up to each task, summed up
    for at, links in enumerate(back):
        mean = second = variance = 0.0
        for link in links:
            to = place[link.target]
            cost = link.share * (until[at + 1] - until[to]) + means[at] - means[to]
            mean += link.rate * cost
            second += link.rate * cost**2
            variance += link.rate * (variances[at] - variances[to])
        # Each return is followed by another W of this task: mean = Σ p (cost + mean), and so on.
        mean /= passed[at]
        means.append(means[-1] + mean)
        variances.append(variances[-1] + (variance + second) / passed[at] + mean**2)
    return until[-1] + means[-1], math.sqrt(variances[-1])
