"""Random numbers are as random as they should be."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from tracker.flow.forecast import random_numbers

COUNT = 100_000
KEYS = random_numbers.streams(1, 3, range(1, 9))


def within(found: float, expected: float, error: float) -> bool:
    """Return whether a figure is within five standard errors of what it should be."""
    return abs(found - expected) <= 5 * error


# --- numbers


def test_the_numbers_are_those_of_split_mix() -> None:
    # The first three of the generator with seed 0, as printed wherever it is used for seeding.
    words = np.array([1, 2, 3], np.uint64) * random_numbers.GOLDEN
    assert random_numbers.mix(words).tolist() == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


def test_every_thing_of_every_kind_has_a_stream_of_its_own() -> None:
    keys = [
        key
        for seed in (0, 1, 2, -1)
        for kind in range(7)
        for key in random_numbers.streams(seed, kind, (0, 1, 2, 3, 1 << 40, -1)).tolist()
    ]
    assert len(set(keys)) == len(keys)


def test_a_number_depends_on_its_place_alone() -> None:
    whole = random_numbers.normals(KEYS, 0, 1000)
    for first, count in ((0, 1), (1, 2), (3, 5), (4, 4), (501, 499), (997, 3)):
        assert np.array_equal(
            random_numbers.normals(KEYS, first, count), whole[:, first : first + count]
        )
    assert np.array_equal(random_numbers.normals(KEYS[3:4], 0, 1000)[0], whole[3])


def test_numbers_are_normal() -> None:
    found = random_numbers.normals(KEYS, 0, COUNT).ravel()
    size = len(found)
    assert within(found.mean(), 0, 1 / math.sqrt(size))
    assert within(found.var(), 1, math.sqrt(2 / size))
    assert within((found**3).mean(), 0, math.sqrt(15 / size))
    assert within((found**4).mean(), 3, math.sqrt(96 / size))
    for z in (-3.0, -1.0, 0.0, 0.5, 2.0):
        share = NormalDist().cdf(z)
        assert within((found <= z).mean(), share, math.sqrt(share * (1 - share) / size))


def test_numbers_fall_evenly_into_their_cells() -> None:
    found = random_numbers.normals(KEYS, 0, COUNT)
    cells = np.searchsorted(NormalDist().quantiles(256), found.ravel())
    counts = np.bincount(cells, minlength=256)
    expected = found.size / 256
    chi = float(((counts - expected) ** 2 / expected).sum())
    assert within(chi, 255, math.sqrt(2 * 255))


@pytest.mark.parametrize("by", [1, 2, 3, 4, 5, 16, 1000])
def test_neighbours_know_nothing_of_each_other(by: int) -> None:
    found = random_numbers.normals(KEYS, 0, COUNT)
    along = (found[:, :-by] * found[:, by:]).mean()
    assert within(along, 0, 1 / math.sqrt(found[:, by:].size))
    signs = (np.sign(found[:, :-by]) * np.sign(found[:, by:])).mean()
    assert within(signs, 0, 1 / math.sqrt(found[:, by:].size))


def test_streams_know_nothing_of_each_other() -> None:
    keys = np.concatenate(
        [
            random_numbers.streams(1, 3, (1, 2, 1 << 32)),
            random_numbers.streams(1, 4, (1,)),
            random_numbers.streams(2, 3, (1,)),
        ]
    )
    found = random_numbers.normals(keys, 0, COUNT)
    for one in range(len(found)):
        for other in range(one):
            for shift in (0, 1, 4):
                both = found[one, shift:] * found[other, : COUNT - shift]
                assert within(both.mean(), 0, 1 / math.sqrt(COUNT))


# --- the normal distribution


def test_the_cells_keep_the_moments_of_the_normal() -> None:
    means = random_numbers.normals(KEYS[:1], 0, 4)  # the table is made with the first numbers
    assert np.isfinite(means).all()
    edges = np.array(NormalDist().quantiles(1 << 16))
    density = np.exp(-edges * edges / 2) / math.sqrt(2 * math.pi) * (1 << 16)
    cells = -np.diff(density, prepend=0, append=0)
    assert cells.mean() == pytest.approx(0, abs=1e-12)
    assert cells.var() == pytest.approx(1, abs=2e-6)
    assert (cells**4).mean() == pytest.approx(3, abs=2e-4)
