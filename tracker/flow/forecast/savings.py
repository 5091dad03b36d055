"""What would be saved without each return: the same runs, played once more without it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from tracker.flow.forecast.finish import rank

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tracker.flow.forecast.random_numbers import Floats
    from tracker.flow.forecast.simulate import Batch

    _Numbers = npt.NDArray[np.int32]

# Tasks done again to find what the returns cost: so many, or so many times those of all runs; of
# more only the first runs count for that. One takes about a tenth of the time of one in a run.
_WORK, _PART = 400_000_000, 8


class Saving(msgspec.Struct, frozen=True):
    """What would be saved without a return, in working days; see `ReturnFigures`."""

    mean: float = 0.0
    error: float = 0.0
    p50: float = 0.0
    p80: float = 0.0
    level: bool = False


class Savings:
    """What was saved without returns in the first `runs` of all that will be played."""

    def __init__(self, wanted: int, steps: int) -> None:
        self.runs = 0
        self._most, self._work = max(_WORK, _PART * wanted * steps), 0
        self._saved: list[tuple[_Numbers, _Numbers, Floats]] = []

    def add(self, batch: Batch) -> None:
        """Take in what the returns cost in a batch of runs."""
        import numpy as np

        # Once there has been too much work, no run more: the costs must be of the same ones.
        for saved in batch.saved() if self._work < self._most else ():
            runs = (saved.runs + batch.first).astype(np.int32)
            self._saved.append((saved.without.astype(np.int32), runs, saved.days))
            self.runs = batch.first + saved.upto
            self._work += saved.work
            if self._work >= self._most:
                break

    def found(self, finish: Floats) -> dict[int, Saving]:
        """Return what would be saved without each return, by its place among those of the plan.

        `finish` are the working days of all runs, in their order.
        """
        import numpy as np

        if not self._saved:
            return {}
        without, runs, saved = (np.concatenate(each) for each in zip(*self._saved, strict=True))
        # Sums must not depend on how the runs came.
        order = np.lexsort((runs, without))
        without, runs, saved = without[order], runs[order], saved[order]
        finish = finish[: self.runs]
        places = [rank(self.runs, 0.5), rank(self.runs, 0.8)]
        quantiles = np.partition(finish, places)[places]
        if not len(without):
            return {}
        numbers, first = np.unique(without, return_index=True)
        ends = np.append(first[1:], len(without))
        means = np.add.reduceat(saved, first) / self.runs
        best = int(np.argmax(means))
        most = np.zeros(self.runs)
        most[runs[first[best] : ends[best]]] = saved[first[best] : ends[best]]
        found = {}
        for number, mean, low, high in zip(numbers, means.tolist(), first, ends, strict=True):
            here, days = runs[low:high], saved[low:high]
            less = finish.copy()
            less[here] -= days
            p50, p80 = (quantiles - np.partition(less, places)[places]).tolist()
            squares = float(np.sum(days * days)) / self.runs
            error = _error(squares, mean, self.runs)
            # By how much less than the best one, run by run: both have the same random numbers.
            apart = most.copy()
            apart[here] -= days
            behind = float(means[best]) - mean
            level = behind <= 2 * _error(float(np.mean(apart * apart)), behind, self.runs)
            found[int(number)] = Saving(mean, error, p50, p80, level)
        return found


def _error(squares: float, mean: float, count: int) -> float:
    """Return the standard error of a mean, given the mean of the squares."""
    return math.sqrt(max(squares - mean * mean, 0.0) / count)
