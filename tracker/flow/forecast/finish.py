"""When something will be over: one number for each run, and what they tell together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from tracker.flow.forecast.remaining_work import CLOSE, NOTHING, last_day

# numpy costs 90 ms to import: only where something is really forecast.
if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Finish(msgspec.Struct, frozen=True, dict=True):
    """When something is over, in working days from the start of the plan: one number a run.

    `ends` has the runs in their order, so that those of two forecasts of the same seed may be
    compared one by one. `se80` is the standard error of the 80 % quantile.
    """

    ends: tuple[float, ...]
    mean: float
    sd: float
    p50: float
    p80: float
    p95: float
    se80: float

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

    @cached_property
    def first_day(self) -> int:
        """The day on which the earliest run is over, 0 being the first day of the plan."""
        return last_day(self._sorted[0])

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many runs are over on each day, from `first_day` on."""
        counts = [0] * (last_day(self._sorted[-1]) - self.first_day + 1)
        for days in self.ends:
            counts[last_day(days) - self.first_day] += 1
        return tuple(counts)


def finish_of(batches: Sequence[npt.NDArray[np.float64]]) -> Finish:
    """Return what runs that came in batches tell; of none, that it is over at once."""
    import numpy as np

    ends = np.concatenate(batches) if batches else np.zeros(1)
    ordered = np.sort(ends)
    count = len(ends)
    p50, p80, p95 = (float(ordered[rank(count, q)]) for q in (0.5, 0.8, 0.95))
    # Ranks one standard error of a binomial count to either side.
    aside = (0.8 * 0.2 / count) ** 0.5
    se80 = float(ordered[rank(count, 0.8 + aside)] - ordered[rank(count, 0.8 - aside)]) / 2
    # From the median on, what never varies has no spread and is its own mean.
    apart = ends - p50
    mean, sd = p50 + float(apart.mean()), float(apart.std())
    return Finish(tuple(ends.tolist()), mean, sd, p50, p80, p95, se80)


def rank(count: int, q: float) -> int:
    """Return the place of a quantile among sorted numbers: the first with that share up to it."""
    return min(max(-int(-(q * count - NOTHING) // 1) - 1, 0), count - 1)
