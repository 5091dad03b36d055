"""Distributions as tables of quantiles at fixed normal numbers, to be drawn from by looking up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from tracker.flow.forecast.random_numbers import Floats, Words, cell_means, short_numbers
from tracker.flow.forecast.remaining_work import CLOSE

# The standard normal is looked up between -REACH and REACH, in steps of 1 / FINE: nothing drawn
# here, nor a mixture of two such numbers with weights on the unit circle, lies outside.
REACH, FINE = 7, 20
NODES: Floats = np.linspace(-REACH, REACH, 2 * REACH * FINE + 1)


def normal_cdf(z: Iterable[float]) -> Floats:
    """Return the distribution function of the standard normal, exact far into the left tail."""
    return np.array([math.erfc(-each / math.sqrt(2)) / 2 for each in z])


class Quantities:
    """Random quantities, each with the key of its stream and its quantiles at `NODES`.

    These are a row of `tables` for each, or the one that `rows` names.
    """

    def __init__(
        self, keys: Words, tables: Floats, rows: npt.NDArray[np.intp] | None = None
    ) -> None:
        self._keys = keys
        self._from = (np.arange(len(keys)) if rows is None else rows) * len(NODES)
        self._tables = tables.ravel()
        # The rise to the next node, none after the last.
        slopes = np.empty_like(tables)
        np.subtract(tables[:, 1:], tables[:, :-1], out=slopes[:, :-1])
        slopes[:, -1:] = 0.0
        self._slopes = slopes.ravel()

    def draw(
        self,
        first: int,
        count: int,
        own: float = 1.0,
        shared: Floats | None = None,
        sharing: npt.NDArray[np.intp] | None = None,
    ) -> Iterator[Floats]:
        """Walk over the quantities, some rows at a time, from place `first` of their streams on.

        What follows each is normal: `own` times its own number, and of the rows of `shared`
        the one that `sharing` names.
        """
        means = cell_means() * (own * FINE)
        if shared is None or sharing is None:
            shared, sharing = np.zeros((1, 1)), np.zeros(len(self._keys), np.intp)
        shared = shared * FINE + REACH * FINE
        rows = max(_IN_CACHE // count, 1)
        for start in range(0, len(self._keys), rows):
            end = min(start + rows, len(self._keys))
            at = means.take(short_numbers(self._keys[start:end], first, count))
            same = sharing[start:end]
            at += shared[same[0]] if (same == same[0]).all() else shared[same]
            node = at.astype(np.intp)
            at -= node
            node += self._from[start:end, np.newaxis]
            at *= self._slopes.take(node)
            at += self._tables.take(node)
            yield at


# Numbers that are worked on at once: few enough to stay in the processor's cache.
_IN_CACHE = 16_384


@lru_cache(maxsize=1)
def _tails() -> Floats:
    """Return the chance of at most each of the first half of the nodes, the middle one last."""
    return normal_cdf(NODES[: len(NODES) // 2 + 1])


# Beside a parameter of 1, one of less leaves no chance that could be told from none.
_NOTHING = 1e-12


@lru_cache(maxsize=4096)
def beta_table(a: float, b: float) -> Floats:
    """Return the quantiles of a Beta distribution at the chances of the nodes.

    The density of the logit is summed up from both ends, so that either tail is exact, by the
    trapezoidal rule with its first correction (Euler–Maclaurin), and is taken for exponential
    within an interval. A parameter of 0, or one that is nothing beside the other, puts everything
    on 0 or on 1.
    """
    if min(a, b) <= _NOTHING * max(a, b, 1.0):
        return np.full(len(NODES), float(a > b))
    t = np.linspace(-_reach(b, a), _reach(a, b), 1025)
    step = t[1] - t[0]
    soft = np.logaddexp(0.0, t)
    height = a * t - (a + b) * soft
    height -= height.max()
    density = np.exp(height)
    slope = a - (a + b) * np.exp(t - soft)
    bend = density * slope
    mass = (density[1:] + density[:-1]) * (step / 2) + (bend[:-1] - bend[1:]) * (step * step / 12)
    below = np.concatenate(([density[0] / slope[0]], mass)).cumsum()
    above = np.concatenate(([density[-1] / -slope[-1]], mass[::-1])).cumsum()
    whole = below[-1] + above[0]
    growth = np.diff(height)
    chance = _tails() * whole
    left = _logits(chance, below, t, growth, slope[0])
    right = -_logits(chance, above, -t[::-1], -growth[::-1], -slope[-1])
    logit = np.concatenate((left, right[-2::-1]))
    return np.asarray(np.exp(-np.logaddexp(0.0, -logit)), np.float64)


def _reach(a: float, b: float) -> float:
    """Return how far up the logit of Beta(a, b) is summed: until it falls off exponentially.

    Beyond 1e-9 of its height, or where the tail is the exponential e^(-bt) to 1e-10.
    """
    plain = 23.0 + math.log(a + b)
    peak = a * math.log(a / (a + b)) + b * math.log(b / (a + b))
    low, high = math.log(a / b), plain
    if high <= low:
        return low + 1.0
    for _ in range(40):
        t = (low + high) / 2
        soft = max(t, 0.0) + math.log1p(math.exp(-abs(t)))
        if a * t - (a + b) * soft < peak - 40:
            high = t
        else:
            low = t
    return high


def _logits(chance: Floats, below: Floats, t: Floats, growth: Floats, tail: float) -> Floats:
    """Return where the mass from the left end on reaches `chance`."""
    at = np.searchsorted(below, chance).clip(1, len(t) - 1) - 1
    width = below[at + 1] - below[at]
    # Of estimates that lie far apart a stretch may hold no mass at all.
    share = np.divide(chance - below[at], width, out=np.zeros_like(chance), where=width > 0)
    k = growth[at]
    k = np.where(np.abs(k) < 1e-9, 1e-9, k)
    inside = t[at] + np.log1p(share.clip(0.0) * np.expm1(k)) / k * (t[1] - t[0])
    outside = t[0] + np.log(chance / below[0]) / tail
    return np.asarray(np.where(chance < below[0], outside, inside), np.float64)


# Places of the mode between the ends at which the PERT family is tabulated.
_PLACES = 33
_TENTH = NormalDist().inv_cdf(0.9)


@lru_cache(maxsize=1)
def _pert() -> tuple[Floats, Floats]:
    """Return where the mode is between the 10 % and 90 % quantiles, and the tables.

    The tables are in units of the distance between those two quantiles, from the lower one on.
    """
    modes, tables = np.linspace(0.0, 1.0, _PLACES), []
    places = np.empty(_PLACES)
    for at, mode in enumerate(modes):
        if mode <= 0.5:
            table = beta_table(1 + 4 * mode, 5 - 4 * mode)
            low, high = np.interp([-_TENTH, _TENTH], NODES, table)
            tables.append((table - low) / (high - low))
            places[at] = (mode - low) / (high - low)
        else:
            tables.append(1 - tables[_PLACES - 1 - at][::-1])
            places[at] = 1 - places[_PLACES - 1 - at]
    return places, np.array(tables)


def pert_tables(low: Floats, likely: Floats, high: Floats) -> Floats:
    """Return the quantiles of durations at the chances of the nodes, one row for each.

    The PERT-beta, α = 1 + 4m and β = 5 − 4m with m the place of the mode between the ends, whose
    10 % and 90 % quantiles are `low` and `high` and whose mode is `likely`; never below 0.
    Malcolm, Roseboom, Clark & Fazar 1959, Operations Research 7; three points read as quantiles
    as in Keefer & Bodily 1983, Management Science 29.
    """
    places, family = _pert()
    width = high - low
    mode = np.divide(likely - low, width, out=np.full(len(low), 0.5), where=width > 0)
    part, row = np.modf(np.interp(mode, places, np.arange(_PLACES)))
    rows = row.astype(np.intp).clip(0, _PLACES - 2)
    tables: Floats = family[rows]
    for at, table in enumerate(tables):
        table += part[at] * (family[rows[at] + 1] - table)
        table *= width[at]
        table += low[at]
        np.maximum(table, 0.0, out=table)
    return tables


def lasting(table: Floats, days: float, least: float) -> Floats:
    """Return the table of quantiles of the duration of a task that has lasted `days` and goes on.

    Up to the 90 % quantile h it is as estimated. Beyond, an estimate with an upper end would make
    a task surer the longer it is overdue, and at last certain. There it has the tail that excesses
    over a high threshold tend to, the generalised Pareto distribution (Pickands 1975, "Statistical
    Inference Using Extreme Order Statistics"), with the shape ξ = 1/3: overruns of IT projects
    follow a power law (Flyvbjerg et al. 2022, "The Empirical Reality of IT Project Cost
    Overruns"), and of tails with a finite variance, which a simulation needs, this is a heavy one.
    Its mean excess over h is that of the table, so that a task within its estimate takes no longer
    on average than before. Of one overdue by u days what is left is Pareto distributed with the
    mean e + u / 2, e the mean excess at h, but no less than `least` days; half of the time it
    takes 0.52 times that mean, once in twenty times 3.4 times. So two days more overdue are one
    day more to come, and more uncertainty.
    """
    high, excess = _last_tenth(table)
    chance = normal_cdf(-NODES)
    if days >= high - CLOSE:
        mean = max(excess + (days - high) * _SHAPE / (1 - _SHAPE), least)
        return days + _excesses(chance, mean)
    tail = high + _excesses(np.minimum(10 * chance, 1.0), excess)
    return _beyond(np.where(NODES > _TENTH, tail, table), days)


# The shape of the tail of durations: their variance is finite below 1/2.
_SHAPE = 1 / 3


def _last_tenth(table: Floats) -> tuple[float, float]:
    """Return the 90 % quantile of a table, and the mean excess over it."""
    fine = np.linspace(_TENTH, REACH, 1001)
    density = np.exp(-fine * fine / 2)
    values = np.interp(fine, NODES, table)
    return float(values[0]), float(np.average(values - values[0], weights=density))


def _excesses(chance: Floats, mean: float) -> Floats:
    """Return what is exceeded with these chances of a Pareto distribution with such a mean."""
    return np.asarray((chance**-_SHAPE - 1) * (mean * (1 - _SHAPE) / _SHAPE), np.float64)


def _beyond(table: Floats, days: float) -> Floats:
    """Return the table of quantiles of what is known to be larger than `days`.

    Where nothing is, the table as it was.
    """
    if not table[0] <= days < table[-1]:
        return table
    place = float(np.interp(days, table, NODES))
    chance = normal_cdf(-NODES) * normal_cdf([-place])[0]
    normal = NormalDist()
    nodes = [-normal.inv_cdf(each) if each else math.inf for each in chance.tolist()]
    return np.asarray(np.maximum(np.interp(nodes, NODES, table), days), np.float64)
