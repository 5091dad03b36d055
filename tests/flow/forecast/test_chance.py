"""Random numbers are as random as they should be, and tables hold the distributions they name."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from tracker.flow.forecast import chance
from tracker.flow.forecast.calibration import Beta
from tracker.flow.forecast.chance import NODES, Floats

COUNT = 100_000
KEYS = chance.streams(1, 3, range(1, 9))


def within(found: float, expected: float, error: float) -> bool:
    """Tell whether a figure is within five standard errors of what it should be."""
    return abs(found - expected) <= 5 * error


# --- numbers


def test_the_numbers_are_those_of_split_mix() -> None:
    # The first three of the generator with seed 0, as printed wherever it is used for seeding.
    words = np.array([1, 2, 3], np.uint64) * chance.GOLDEN
    assert chance.mix(words).tolist() == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


def test_every_thing_of_every_kind_has_a_stream_of_its_own() -> None:
    keys = [
        key
        for seed in (0, 1, 2, -1)
        for kind in range(7)
        for key in chance.streams(seed, kind, (0, 1, 2, 3, 1 << 40, -1)).tolist()
    ]
    assert len(set(keys)) == len(keys)


def test_a_number_depends_on_its_place_alone() -> None:
    whole = chance.normals(KEYS, 0, 1000)
    for first, count in ((0, 1), (1, 2), (3, 5), (4, 4), (501, 499), (997, 3)):
        assert np.array_equal(chance.normals(KEYS, first, count), whole[:, first : first + count])
    assert np.array_equal(chance.normals(KEYS[3:4], 0, 1000)[0], whole[3])


def test_numbers_are_normal() -> None:
    found = chance.normals(KEYS, 0, COUNT).ravel()
    size = len(found)
    assert within(found.mean(), 0, 1 / math.sqrt(size))
    assert within(found.var(), 1, math.sqrt(2 / size))
    assert within((found**3).mean(), 0, math.sqrt(15 / size))
    assert within((found**4).mean(), 3, math.sqrt(96 / size))
    for z in (-3.0, -1.0, 0.0, 0.5, 2.0):
        share = NormalDist().cdf(z)
        assert within((found <= z).mean(), share, math.sqrt(share * (1 - share) / size))


def test_numbers_fall_evenly_into_their_cells() -> None:
    found = chance.normals(KEYS, 0, COUNT)
    cells = np.searchsorted(chance.normal_quantile(np.arange(1, 256) / 256), found.ravel())
    counts = np.bincount(cells, minlength=256)
    expected = found.size / 256
    chi = float(((counts - expected) ** 2 / expected).sum())
    assert within(chi, 255, math.sqrt(2 * 255))


@pytest.mark.parametrize("by", [1, 2, 3, 4, 5, 16, 1000])
def test_neighbours_know_nothing_of_each_other(by: int) -> None:
    found = chance.normals(KEYS, 0, COUNT)
    along = (found[:, :-by] * found[:, by:]).mean()
    assert within(along, 0, 1 / math.sqrt(found[:, by:].size))
    signs = (np.sign(found[:, :-by]) * np.sign(found[:, by:])).mean()
    assert within(signs, 0, 1 / math.sqrt(found[:, by:].size))


def test_streams_know_nothing_of_each_other() -> None:
    keys = np.concatenate(
        [
            chance.streams(1, 3, (1, 2, 1 << 32)),
            chance.streams(1, 4, (1,)),
            chance.streams(2, 3, (1,)),
        ]
    )
    found = chance.normals(keys, 0, COUNT)
    for one in range(len(found)):
        for other in range(one):
            for shift in (0, 1, 4):
                both = found[one, shift:] * found[other, : COUNT - shift]
                assert within(both.mean(), 0, 1 / math.sqrt(COUNT))


# --- the normal distribution


def test_the_cells_keep_the_moments_of_the_normal() -> None:
    means = chance.normals(KEYS[:1], 0, 4)  # the table is made with the first numbers
    assert np.isfinite(means).all()
    edges = chance.normal_quantile(np.arange(1, 1 << 16) / (1 << 16))
    density = np.exp(-edges * edges / 2) / math.sqrt(2 * math.pi) * (1 << 16)
    cells = -np.diff(density, prepend=0, append=0)
    assert cells.mean() == pytest.approx(0, abs=1e-12)
    assert cells.var() == pytest.approx(1, abs=2e-6)
    assert (cells**4).mean() == pytest.approx(3, abs=2e-4)


def test_quantiles_of_the_normal() -> None:
    shares = [1e-300, 1e-40, 1e-12, 1e-5, 0.01, 0.07, 0.3, 0.5, 0.7, 0.93, 0.999, 1 - 1e-12]
    expected = [NormalDist().inv_cdf(share) for share in shares]
    assert chance.normal_quantile(np.array(shares)) == pytest.approx(expected, rel=1e-14)
    back = chance.normal_cdf(chance.normal_quantile(np.array(shares)))
    assert back == pytest.approx(shares, rel=1e-10)


# --- Beta distributions


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (0.8, 3.2),
        (0.04, 3.96),
        (4, 8),
        (1, 21),
        (1, 1),
        (1, 5),
        (5, 1),
        (3, 3),
        (100, 400),
        (2, 900),
    ],
)
def test_quantiles_of_a_beta_distribution(a: float, b: float) -> None:
    table, known = chance.beta_table(a, b), Beta(a, b)
    assert (np.diff(table) >= 0).all()
    for z, x in zip(NODES[::10].tolist(), table[::10].tolist(), strict=True):
        share = NormalDist().cdf(z)
        if 1e-9 < share < 1 - 1e-9 and x > 1e-300:
            assert known.cdf(x) == pytest.approx(share, rel=1e-4, abs=1e-12)


def mean_of(values: Floats) -> float:
    """Return the mean of what a table holds, by numeric integration over the normal density."""
    fine = np.linspace(-chance.REACH, chance.REACH, 40_001)
    weights = np.exp(-fine * fine / 2)
    return float((np.interp(fine, NODES, values) * weights).sum() / weights.sum())


@pytest.mark.parametrize(("a", "b"), [(0.8, 3.2), (4, 8), (1, 21), (3, 3), (100, 400)])
def test_moments_of_a_beta_distribution(a: float, b: float) -> None:
    table = chance.beta_table(a, b)
    assert mean_of(table) == pytest.approx(a / (a + b), rel=3e-4)
    second = a * (a + 1) / (a + b) / (a + b + 1)
    assert mean_of(table**2) == pytest.approx(second, rel=6e-4)


def test_what_never_or_always_happens_has_no_other_quantiles() -> None:
    assert not chance.beta_table(0, 4).any()
    assert (chance.beta_table(4, 0) == 1).all()


# --- durations


@pytest.mark.parametrize("mode", [0.05, 0.2, 0.36, 0.5, 0.71, 0.9])
def test_durations_are_pert_distributed(mode: float) -> None:
    known = Beta(1 + 4 * mode, 5 - 4 * mode)
    ends = 10.0, 30.0
    low, likely, high = (
        ends[0] + 20 * part for part in (known.quantile(0.1), mode, known.quantile(0.9))
    )
    assert low <= likely <= high
    (table,) = chance.pert_tables(*(np.array([days]) for days in (low, likely, high)))
    assert mean_of(table) == pytest.approx(10 + 20 * (1 + 4 * mode) / 6, abs=2e-3)
    for z, days in zip(NODES[::10].tolist(), table[::10].tolist(), strict=True):
        expected = 10 + 20 * known.quantile(NormalDist().cdf(z))
        assert days == pytest.approx(expected, abs=2e-2)


def test_low_and_high_are_the_outer_tenths() -> None:
    low, likely, high = np.array([[1.0, 2, 3, 1], [1.0, 4, 4, 1], [2.0, 4, 8, 1]])
    tables = chance.pert_tables(low, likely, high)
    outer = NormalDist().inv_cdf(0.1)
    for at, table in enumerate(tables):
        assert np.interp(outer, NODES, table) == pytest.approx(low[at], abs=1e-3)
        assert np.interp(-outer, NODES, table) == pytest.approx(high[at], abs=1e-3)
    assert (tables[3] == 1).all()


def test_no_duration_is_negative() -> None:
    (table,) = chance.pert_tables(np.array([0.01]), np.array([0.5]), np.array([9.0]))
    assert table[0] == 0
    assert (table >= 0).all()


def test_what_has_lasted_lasts_longer() -> None:
    # The exponential distribution forgets how long it has lasted.
    table = -np.log(chance.normal_cdf(-NODES))
    for days in (0.5, 2.0, 5.0):
        found = chance.beyond(table, days)
        assert found[20:-60] == pytest.approx(table[20:-60] + days, abs=5e-3)
    assert (chance.beyond(table, table[-1]) == table).all()
    assert (chance.beyond(table + 1, 0.5) == table + 1).all()
