"""What chance draws from: how long tasks may take, and how likely the arrows of gates return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tracker.flow import chance
from tracker.flow.chance import Floats
from tracker.flow.learning import PRIOR_WEIGHT
from tracker.flow.plan import Plan, Return
from tracker.flow.rework import Gate, Spans, spread

# The kind of the streams of random numbers that rates have.
_RATE = 5
# Chances are in words of 32 bits, and always leave one for acceptance.
_WORDS = 2.0**32 - 1


def durations(
    plan: Plan, gates: Sequence[Gate], tables: Mapping[int, Floats]
) -> tuple[dict[int, float], list[int], Floats]:
    """Return fixed durations, the tasks that have others, and a table for each of these.

    Days are working days; a table is a row of quantiles at `chance.NODES`. Those in `tables` are
    taken in the place of a task's own. Only open tasks are there, and those in bodies.
    """
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


class Rates:
    """The chances of the arrows of gates, entered or drawn."""

    def __init__(
        self, gates: Sequence[Gate], seed: int, seen: Mapping[int, tuple[int, int]] | None
    ) -> None:
        backs = {gate.task: [arrow.back for arrow in gate.arrows] for gate in gates}
        self._arrows = {gate: len(each) for gate, each in backs.items()}
        entered = [back.rate for each in backs.values() for back in each]
        self._entered = np.array(entered, np.float64)[:, np.newaxis]
        self._quantities: chance.Quantities | None = None
        if seen is not None:
            sticks = [stick for each in backs.values() for stick in _sticks(each, seen)]
            tables = np.array([chance.beta_table(a, b) for a, b in sticks])
            links = [back.link for each in backs.values() for back in each]
            self._quantities = chance.Quantities(
                chance.streams(seed, _RATE, links), tables.reshape(len(links), len(chance.NODES))
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
            chances[gate] = spread(list(widths))
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
