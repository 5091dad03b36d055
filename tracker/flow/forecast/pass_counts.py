"""How often work comes back over each return, counted over the runs of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.flow.forecast.finish import rank
from tracker.flow.forecast.remaining_work import Return

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tracker.flow.forecast.simulate import Batch

# P80 is where it is through what happens in so many of the runs.
_OFTEN = 0.2


class PassCounts:
    """The passes over the returns in the runs so far.

    `cut` has by its link in how many runs work came back over a return too often to be counted.
    """

    def __init__(self) -> None:
        self.cut: dict[int, int] = {}
        self._runs = 0
        self._counts: dict[int, npt.NDArray[np.intp]] = {}
        self._forward: dict[int, int] = {}

    def add(self, batch: Batch) -> None:
        """Take in a batch of runs."""
        import numpy as np

        self._runs += batch.count
        for link, cases in batch.forward.items():
            self._forward[link] = self._forward.get(link, 0) + cases
        for link, cases in batch.cut.items():
            self.cut[link] = self.cut.get(link, 0) + cases
        for link, counts in batch.returns.items():
            seen = np.bincount(counts)
            before = self._counts.get(link, seen[:0])
            both = np.zeros(max(len(seen), len(before)), np.intp)
            both[: len(seen)] += seen
            both[: len(before)] += before
            self._counts[link] = both

    def passes(self, link: int) -> tuple[float, int, int]:
        """Return the mean, the median and the 95 % quantile of the passes over a return."""
        counts = self._counts.get(link)
        if counts is None:
            return 1.0, 1, 1
        upto = counts.cumsum()
        # Batches in which nothing came back over it are not among the counts.
        upto += self._runs - upto[-1]
        mean = sum(at * count for at, count in enumerate(counts.tolist())) / self._runs
        p50, p95 = (int((upto <= rank(self._runs, q)).sum()) + 1 for q in (0.5, 0.95))
        return mean + 1, p50, p95

    def often(self, link: int) -> tuple[int, float]:
        """Return how often it comes back over a return in one of five runs, and in how many."""
        counts = self._counts.get(link)
        if counts is None or len(counts) < 2:
            return 1, 0.0
        reached = (counts[::-1].cumsum()[::-1] / self._runs).tolist()
        often = min(range(1, len(reached)), key=lambda at: abs(reached[at] - _OFTEN))
        return often, reached[often]

    def over_limit(self, back: Return) -> float:
        """Return in which share of the runs work comes back too often over a return."""
        if back.escalation is not None:
            return self._forward.get(back.link, 0) / self._runs
        counts = self._counts.get(back.link)
        if back.left is None or counts is None:
            return 0.0
        return float(counts[back.left + 1 :].sum()) / self._runs
