"""What chance draws from: how long tasks may take, and how likely the arrows of gates return."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from tracker.flow.forecast import distributions, random_numbers
from tracker.flow.forecast.calibration import prior_weight
from tracker.flow.forecast.distributions import NODES
from tracker.flow.forecast.gates import Gate
from tracker.flow.forecast.random_numbers import Floats, Words
from tracker.flow.forecast.remaining_work import Plan, Return, Step
from tracker.flow.forecast.rework import Anew, Places, RunDays, Spans, return_spans

# Kinds of streams of random numbers; `gates` and `simulate` have the others.
_TASK, _PROJECT, _RATE, _ANEW = 3, 4, 5, 7
# Chances are in words of 32 bits, and always leave one for acceptance.
_WORDS = 2.0**32 - 1


class TaskDurations:
    """How long tasks take in each run; working days.

    `tables` replace the distributions of tasks by others, each given as a row of quantiles at
    `distributions.NODES`. Only open tasks are there, and those in bodies.
    """

    def __init__(
        self,
        plan: Plan,
        gates: Sequence[Gate],
        seed: int,
        correlation: float,
        tables: Mapping[int, Floats],
    ) -> None:
        bodies = {task for gate in gates for arrow in gate.arrows for task in arrow.back.body}
        used = [step for task, step in plan.steps.items() if step.open or task in bodies]
        self._fixed = {
            step.task: float(step.likely)
            for step in used
            if step.low == step.high and not step.overdue and step.task not in tables
        }
        drawn = [step for step in used if step.task not in self._fixed]
        self._drawn = [step.task for step in drawn]
        self._place = {task: at for at, task in enumerate(self._drawn)}
        self._tables, self._rows = _tables(drawn, tables)
        keys = random_numbers.streams(seed, _TASK, self._drawn)
        self._quantities = distributions.Quantities(keys, *_left(drawn, self._tables, self._rows))
        self._keys = random_numbers.streams(seed, _ANEW, self._drawn)
        projects = [step.project or 0 for step in drawn]
        place = {project: at for at, project in enumerate(dict.fromkeys(projects))}
        self._project = np.array([place[project] for project in projects], np.intp)
        self._project_keys = random_numbers.streams(seed, _PROJECT, place)
        self._common, self._own = math.sqrt(correlation), math.sqrt(1 - correlation)

    def draw(
        self, first: int, count: int, heed: Callable[[], None] = lambda: None
    ) -> dict[int, RunDays]:
        """Return the durations in runs from number `first` on; fixed ones as one number."""
        common = self._shared(first, count)
        days: dict[int, RunDays] = dict(self._fixed)
        at = 0
        for rows in self._quantities.draw(first, count, self._own, common, self._project):
            kept = rows.astype(np.float32)
            days.update(zip(self._drawn[at : at + len(rows)], kept, strict=True))
            at += len(rows)
            heed()
        return days

    def anew(self, first: int, count: int) -> Anew:
        """Return what draws durations afresh in those runs, counted from 0, by keys."""
        common = self._shared(first, count)

        def days(task: int, keys: Words, runs: Places) -> RunDays:
            if task in self._fixed:
                return self._fixed[task]
            at = self._place[task]
            normals = random_numbers.normal(keys ^ self._keys[at]) * self._own
            normals += common[self._project[at]].take(runs)
            drawn: Floats = np.interp(normals, NODES, self._tables[self._rows[at]])
            return drawn

        return days

    def mean(self, task: int) -> float:
        """Return the mean of fresh draws."""
        if task in self._fixed:
            return self._fixed[task]
        table = self._tables[self._rows[self._place[task]]]
        return float(np.average(table, weights=np.exp(-NODES * NODES / 2)))

    def _shared(self, first: int, count: int) -> Floats:
        return random_numbers.normals(self._project_keys, first, count) * self._common


def _tables(steps: Sequence[Step], given: Mapping[int, Floats]) -> tuple[Floats, Places]:
    """Return rows of quantiles at `NODES`, and which of them says what each task takes.

    There are far fewer estimates than tasks, so that their rows stay in the processor's cache.
    """
    kinds: dict[tuple[float, float, float], int] = {}
    own = {task: at for at, task in enumerate(given)}
    rows = [
        own[step.task]
        if step.task in own
        else kinds.setdefault((step.low, step.likely, step.high), len(own) + len(kinds))
        for step in steps
    ]
    low, likely, high = np.array(list(kinds), np.float64).reshape(-1, 3).T
    tables = [*given.values(), *distributions.pert_tables(low, likely, high)]
    return np.array(tables).reshape(-1, len(NODES)), np.array(rows, np.intp)


def _left(steps: Sequence[Step], tables: Floats, rows: Places) -> tuple[Floats, Places]:
    """Return rows of quantiles and whose they are with those of running tasks on top.

    These are of what is known to take longer than it already has.
    """
    running = [at for at, step in enumerate(steps) if step.open and step.elapsed]
    if not running:
        return tables, rows
    more = [_lasting(steps[at], tables[rows[at]]) for at in running]
    rows = rows.copy()
    rows[running] = np.arange(len(more)) + len(tables)
    return np.concatenate([tables, more]), rows


def _lasting(step: Step, table: Floats) -> Floats:
    """Return the quantiles of a whole pass of a running task that is not over today."""
    least = min(step.share * step.likely, 1.0)
    return distributions.lasting(table, step.elapsed / step.share, least / step.share)


class ReturnRates:
    """The chances of the arrows of gates, entered or drawn."""

    def __init__(
        self,
        gates: Sequence[Gate],
        seed: int,
        seen: Mapping[int, tuple[int, int]] | None,
        prior: float,
    ) -> None:
        backs = {gate.task: [arrow.back for arrow in gate.arrows] for gate in gates}
        self._arrows = {gate: len(each) for gate, each in backs.items()}
        entered = [back.rate for each in backs.values() for back in each]
        self._entered = np.array(entered, np.float64)[:, np.newaxis]
        self._quantities: distributions.Quantities | None = None
        if seen is not None:
            # Many arrows are alike: their rows are kept once.
            kinds: dict[tuple[float, float], int] = {}
            sticks = (stick for each in backs.values() for stick in _sticks(each, seen, prior))
            rows = [kinds.setdefault(stick, len(kinds)) for stick in sticks]
            tables = np.array([distributions.beta_table(a, b) for a, b in kinds])
            links = [back.link for each in backs.values() for back in each]
            self._quantities = distributions.Quantities(
                random_numbers.streams(seed, _RATE, links),
                tables.reshape(len(kinds), len(NODES)),
                np.array(rows, np.intp),
            )

    def draw(self, first: int, count: int) -> dict[int, Spans]:
        """Return the chances in runs as `Rework` takes them."""
        rates = self._entered
        if self._quantities is not None:
            drawn = self._quantities.draw(first, count)
            rates = np.concatenate([np.empty((0, count)), *drawn])
        chances: dict[int, Spans] = {}
        row = 0
        for gate, arrows in self._arrows.items():
            mine = rates[row : row + arrows]
            row += arrows
            if arrows > 1 and self._quantities is not None:
                # What is broken off what the breaks before have left of a stick.
                mine[1:] *= np.cumprod(1 - mine[:-1], axis=0)
            widths = (mine * _WORDS).astype(np.uint32)
            chances[gate] = return_spans(list(widths))
        return chances


def _sticks(
    backs: Sequence[Return], seen: Mapping[int, tuple[int, int]], prior: float
) -> Iterator[tuple[float, float]]:
    """Walk over the parameters of the chance of each return where those before it did not happen.

    Such chances are independent, and Beta distributed: a Dirichlet distribution, by breaking a
    stick (Gelman et al., Bayesian Data Analysis, 3.4 and 23.2).
    """
    ended = max((seen[back.link][1] for back in backs), default=0)
    entered = sum(back.rate for back in backs)
    weight = prior_weight(prior, entered)
    weights = [weight * back.rate + seen[back.link][0] for back in backs]
    accepted = max(ended - sum(seen[back.link][0] for back in backs), 0)
    rest = weight * (1 - entered) + accepted + sum(weights)
    for weight in weights:
        rest -= weight
        yield weight, max(rest, 0.0)
