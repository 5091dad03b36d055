"""When something will be over: one number for each run, and their statistics."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from tracker.domain.workspace import NOTHING
from tracker.flow.forecast.remaining_work import CLOSE

# numpy costs 90 ms to import: only where something is really forecast.
if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


# Values that are further apart than so many days are no noise; P80 is at a jump of the
# distribution that is nearer than such a share of the runs.
_STEP, _NEAR = 0.5, 0.025


# The shares of the runs of which is told by when they are over.
PERCENTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95)


class Finish(msgspec.Struct, frozen=True, dict=True):
    """When something is over, in working days from the start of the plan: one number a run.

    `ends` has the runs in their order, so that those of two forecasts of the same seed may be
    compared one by one. The 80 % quantile of endlessly many runs lies from `p80_low` to `p80_high`
    but for one case in twenty: that is the error of the simulation, not of the plan. Few runs have
    no such bounds.
    """

    ends: tuple[float, ...]
    mean: float
    sd: float
    p50: float
    p80: float
    p95: float
    p80_low: float
    p80_high: float

    @property
    def bounded(self) -> bool:
        """Whether there are enough runs for bounds of P80."""
        count = len(self.ends)
        return count - 0.8 * count >= 1 + _deviation(count, 0.8) - CLOSE

    @property
    def error80(self) -> float:
        """Half the width of the interval of P80: two standard errors where it is no step.

        Infinite where there are too few runs to tell.
        """
        return (self.p80_high - self.p80_low) / 2 if self.bounded else math.inf

    @cached_property
    def step(self) -> tuple[float, float] | None:
        """The two values between which P80 jumps, where a few runs more or fewer would do it."""
        if not self.bounded:
            return None
        first, last = _around(len(self.ends), 0.8)
        near = int(_NEAR * len(self.ends))
        middle = rank(len(self.ends), 0.8)
        between = self._sorted[min(first, middle - near) : max(last, middle + near) + 1]
        low, high = between[0], between[-1]
        two = all(min(each - low, high - each) <= CLOSE for each in between)
        return (low, high) if two and high - low > _STEP else None

    @cached_property
    def _sorted(self) -> list[float]:
        return sorted(self.ends)

    def cdf(self, days: float) -> float:
        """Return the share of runs that are over after so many days."""
        return bisect_right(self._sorted, days + CLOSE) / len(self.ends)

    def in_100(self, days: float) -> int:
        """Return in how many of 100 runs it is over after so many days.

        Neither in none nor in all of them where it was neither.
        """
        share = self.cdf(days)
        return round(100 * share) if share in (0.0, 1.0) else min(99, max(1, round(100 * share)))

    def quantile(self, q: float) -> float:
        """Return the fewest days after which at least the share `q` of the runs is over."""
        return self._sorted[rank(len(self.ends), q)]

    @property
    def percentiles(self) -> tuple[tuple[float, float], ...]:
        """Shares of the runs, and the days after which so many are over."""
        return tuple((share, self.quantile(share)) for share in PERCENTILES)


def finish_of(batches: Sequence[npt.NDArray[np.float64]]) -> Finish:
    """Return the finish from runs that came in batches; from none, that it is over at once."""
    import numpy as np

    ends = np.concatenate(batches) if batches else np.zeros(1)
    ordered = np.sort(ends)
    count = len(ends)
    p50, p80, p95 = (float(ordered[rank(count, q)]) for q in (0.5, 0.8, 0.95))
    p80_low, p80_high = (float(ordered[at]) for at in _around(count, 0.8))
    # From the median on, what never varies has no spread and is its own mean.
    apart = ends - p50
    mean, sd = p50 + float(apart.mean()), float(apart.std())
    return Finish(tuple(ends.tolist()), mean, sd, p50, p80, p95, p80_low, p80_high)


def _around(count: int, q: float) -> tuple[int, int]:
    """Return the places among sorted numbers between which a quantile lies, in 95 of 100 cases.

    Two standard errors of a binomial count to either side: order statistics as bounds are right
    for every distribution, also for one that has steps (David & Nagaraja 2003, Order Statistics,
    7.1).
    """
    aside = _deviation(count, q)
    low = int((q * count - aside) // 1) - 1
    high = -int(-(q * count + aside) // 1)
    return min(max(low, 0), count - 1), min(max(high, 0), count - 1)


def _deviation(count: int, q: float) -> float:
    """Return two standard errors of how many of so many runs are up to a quantile."""
    return float(2 * (q * (1 - q) * count) ** 0.5)


def rank(count: int, q: float) -> int:
    """Return the place of a quantile among sorted numbers: the first with that share up to it."""
    return min(max(-int(-(q * count - NOTHING) // 1) - 1, 0), count - 1)
