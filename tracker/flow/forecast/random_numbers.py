"""Counter-based random numbers: words and standard normals, each named by its stream and place.

Nothing here has a state. A number depends on its stream, named by a 64-bit key, and on its place
in it, so it is the same whatever is drawn before it, beside it, or in another thread. Keys are
made for each return of each run, which a generator with a state of its own (NumPy's Philox, a
third as fast here) could not serve.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

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
    return cell_means().take(short_numbers(keys, first, count))


def normal(words: Words) -> Floats:
    """Return a standard normal number for each word, whatever these are; scrambles them."""
    return cell_means().take(mix(words) >> np.uint64(48))


def short_numbers(keys: Words, first: int, count: int) -> npt.NDArray[np.uint16]:
    """Return numbers of 16 bits of streams, from place `first` on; one row for each key."""
    start = first // 4
    places = np.arange(start, -(-(first + count) // 4), dtype=np.uint64)
    places *= GOLDEN
    words = mix(keys[:, np.newaxis] + places)
    return words.view(np.uint16)[:, first - 4 * start :][:, :count]


@lru_cache(maxsize=1)
def cell_means() -> Floats:
    """Return the means of the 65,536 cells of equal chance of the standard normal, in order."""
    normal = NormalDist()
    left = np.array([normal.inv_cdf(at / _CELLS) for at in range(1, _CELLS // 2 + 1)])
    edges = np.concatenate((left, -left[-2::-1]))
    density = np.exp(edges * edges / -2) * (_CELLS / math.sqrt(2 * math.pi))
    means: Floats = -np.diff(density, prepend=0.0, append=0.0)
    return means
