"""Chance as pure functions: counter-based random numbers, and tables of quantile functions.

Nothing here has a state. A number depends on its stream, named by a 64-bit key, and on its place
in it, so it is the same whatever is drawn before it, beside it, or in another thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

# The standard normal is looked up between -REACH and REACH, in steps of 1 / FINE: nothing drawn
# here, nor a mixture of two such numbers with weights on the unit circle, lies outside.
REACH, FINE = 7, 20
NODES: Floats = np.linspace(-REACH, REACH, 2 * REACH * FINE + 1)

_CELLS = 1 << 16
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_WORD = (1 << 64) - 1
GOLDEN = np.uint64(_GOLDEN)


def mix(words: Words) -> Words:
    """Scramble words in place, and return them.

    The finaliser of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
    generators"), a bijection.
    """
    shifted = words >> np.uint64(30)
    words ^= shifted
    words *= np.uint64(_FIRST)
    np.right_shift(words, np.uint64(27), out=shifted)
    words ^= shifted
    words *= np.uint64(_SECOND)
    np.right_shift(words, np.uint64(31), out=shifted)
    words ^= shifted
    return words


def streams(seed: int, kind: int, ids: Iterable[int]) -> Words:
    """Return the keys of the streams that belong to things of one kind, by their ids."""
    root = _mixed(_mixed(seed) + (kind + 1) * _GOLDEN)
    numbers = np.fromiter((id & _WORD for id in ids), np.uint64)
    return mix(numbers * GOLDEN + np.uint64(root))


def _mixed(word: int) -> int:
    word = (word + _GOLDEN) & _WORD
    word = (word ^ word >> 30) * _FIRST & _WORD
    word = (word ^ word >> 27) * _SECOND & _WORD
    return word ^ word >> 31


def normals(keys: Words, first: int, count: int) -> Floats:
    """Return numbers of standard normal streams, from place `first` on; one row for each key.

    Four 16-bit numbers are taken from each word; each stands for one of 65,536 cells of equal
    chance, and becomes that cell's mean.
    """
    return _cell_means().take(_cells(keys, first, count))


def normal(words: Words) -> Floats:
    """Return a standard normal number for each word, whatever these are; scrambles them."""
    return _cell_means().take(mix(words) >> np.uint64(48))


def _cells(keys: Words, first: int, count: int) -> npt.NDArray[np.uint16]:
    start = first // 4
    places = np.arange(start, -(-(first + count) // 4), dtype=np.uint64)
    places *= GOLDEN
    words = mix(keys[:, np.newaxis] + places)
    return words.view(np.uint16)[:, first - 4 * start :][:, :count]


@lru_cache(maxsize=1)
def _cell_means() -> Floats:
    edges = normal_quantile(np.arange(1, _CELLS) / _CELLS)
    density = np.exp(edges * edges / -2) * (_CELLS / math.sqrt(2 * math.pi))
    return -np.diff(density, prepend=0.0, append=0.0)


def normal_cdf(z: Iterable[float]) -> Floats:
    """Return the distribution function of the standard normal, exact far into the left tail."""
    return np.array([math.erfc(-each / math.sqrt(2)) / 2 for each in z])


def normal_quantile(p: Floats) -> Floats:
    """Return the quantiles of the standard normal, to about 1e-15.

    Wichura 1988, Algorithm AS 241 (PPND16), Applied Statistics 37.
    """
    q = p - 0.5
    r = 0.180625 - q * q
    z = q * _ratio(r, _CENTRE)
    (tails,) = np.nonzero(r < 0)
    if len(tails):
        side = q[tails]
        r = np.sqrt(-np.log(np.where(side < 0, p[tails], 1 - p[tails])))
        far = np.where(r <= 5, _ratio(r - 1.6, _NEAR_TAIL), _ratio(r - 5, _FAR_TAIL))
        z[tails] = np.copysign(far, side)
    return z


def _ratio(r: Floats, of: tuple[tuple[float, ...], tuple[float, ...]]) -> Floats:
    above, below = of
    return np.asarray(np.polyval(above, r) / np.polyval(below, r), np.float64)


_CENTRE = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
_NEAR_TAIL = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)
_FAR_TAIL = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)


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

        What stands behind each is normal: `own` times its own number, and of the rows of `shared`
        the one that `sharing` names.
        """
        means = _cell_means() * (own * FINE)
        if shared is None or sharing is None:
            shared, sharing = np.zeros((1, 1)), np.zeros(len(self._keys), np.intp)
        shared = shared * FINE + REACH * FINE
        rows = max(_IN_CACHE // count, 1)
        for start in range(0, len(self._keys), rows):
            end = min(start + rows, len(self._keys))
            at = means.take(_cells(self._keys[start:end], first, count))
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


@lru_cache(maxsize=4096)
def beta_table(a: float, b: float) -> Floats:
    """Return the quantiles of a Beta distribution at the chances of the nodes.

    The density of the logit is summed up from both ends, so that either tail is exact, by the
    trapezoidal rule with its first correction (Euler–Maclaurin), and is taken for exponential
    within an interval. A parameter of 0 puts everything on 0 or on 1.
    """
    if not a or not b:
        return np.full(len(NODES), float(not b))
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
    share = (chance - below[at]) / (below[at + 1] - below[at])
    k = growth[at]
    k = np.where(np.abs(k) < 1e-9, 1e-9, k)
    inside = t[at] + np.log1p(share.clip(0.0) * np.expm1(k)) / k * (t[1] - t[0])
    outside = t[0] + np.log(chance / below[0]) / tail
    return np.asarray(np.where(chance < below[0], outside, inside), np.float64)


# Places of the mode between the ends at which the PERT family is tabulated.
_PLACES = 33
# The standard normal's 90 % quantile.
_TENTH = 1.2815515655446004


@lru_cache(maxsize=1)
def _pert() -> tuple[Floats, Floats]:
    """Return where the mode stands between the 10 % and 90 % quantiles, and the tables.

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


def beyond(table: Floats, days: float) -> Floats:
    """Return the table of quantiles of what is known to be larger than `days`.

    Where nothing is, the table as it was.
    """
    if not table[0] <= days < table[-1]:
        return table
    place = float(np.interp(days, table, NODES))
    chance = normal_cdf(-NODES) * normal_cdf([-place])[0]
    nodes = -normal_quantile(chance)
    return np.asarray(np.maximum(np.interp(nodes, NODES, table), days), np.float64)
