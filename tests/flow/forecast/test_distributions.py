"""Tables hold the quantiles of the distributions they name."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from tracker.flow.forecast import distributions
from tracker.flow.forecast.calibration import Beta
from tracker.flow.forecast.distributions import NODES
from tracker.flow.forecast.random_numbers import Floats


def test_the_distribution_function_of_the_normal_is_exact_in_its_left_tail() -> None:
    shares = [1e-300, 1e-40, 1e-12, 1e-5, 0.01, 0.07, 0.3, 0.5, 0.7, 0.93, 0.999, 1 - 1e-12]
    found = distributions.normal_cdf(NormalDist().inv_cdf(share) for share in shares)
    assert found == pytest.approx(shares, rel=1e-10)


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
    table, known = distributions.beta_table(a, b), Beta(a, b)
    assert (np.diff(table) >= 0).all()
    for z, x in zip(NODES[::10].tolist(), table[::10].tolist(), strict=True):
        share = NormalDist().cdf(z)
        if 1e-9 < share < 1 - 1e-9 and x > 1e-300:
            assert known.cdf(x) == pytest.approx(share, rel=1e-4, abs=1e-12)


def mean_of(values: Floats) -> float:
    """Return the mean of what a table holds, by numeric integration over the normal density."""
    fine = np.linspace(-distributions.REACH, distributions.REACH, 40_001)
    weights = np.exp(-fine * fine / 2)
    return float((np.interp(fine, NODES, values) * weights).sum() / weights.sum())


@pytest.mark.parametrize(("a", "b"), [(0.8, 3.2), (4, 8), (1, 21), (3, 3), (100, 400)])
def test_moments_of_a_beta_distribution(a: float, b: float) -> None:
    table = distributions.beta_table(a, b)
    assert mean_of(table) == pytest.approx(a / (a + b), rel=3e-4)
    second = a * (a + 1) / (a + b) / (a + b + 1)
    assert mean_of(table**2) == pytest.approx(second, rel=6e-4)


def test_what_never_or_always_happens_has_no_other_quantiles() -> None:
    assert not distributions.beta_table(0, 4).any()
    assert (distributions.beta_table(4, 0) == 1).all()


@pytest.mark.parametrize("a", [5e-324, 1e-50, 1e-11, 1.0, 1e6, 1e15])
@pytest.mark.parametrize("b", [5e-324, 1e-50, 1e-11, 1.0, 1e6, 1e15])
def test_whatever_parameters_are_the_quantiles_are_chances(a: float, b: float) -> None:
    table = distributions.beta_table(a, b)
    assert ((table >= 0) & (table <= 1)).all()
    assert (np.diff(table) >= -1e-9).all()


# --- durations


@pytest.mark.parametrize("mode", [0.05, 0.2, 0.36, 0.5, 0.71, 0.9])
def test_durations_are_pert_distributed(mode: float) -> None:
    known = Beta(1 + 4 * mode, 5 - 4 * mode)
    ends = 10.0, 30.0
    low, likely, high = (
        ends[0] + 20 * part for part in (known.quantile(0.1), mode, known.quantile(0.9))
    )
    assert low <= likely <= high
    (table,) = distributions.pert_tables(*(np.array([days]) for days in (low, likely, high)))
    assert mean_of(table) == pytest.approx(10 + 20 * (1 + 4 * mode) / 6, abs=2e-3)
    for z, days in zip(NODES[::10].tolist(), table[::10].tolist(), strict=True):
        expected = 10 + 20 * known.quantile(NormalDist().cdf(z))
        assert days == pytest.approx(expected, abs=2e-2)


def test_low_and_high_are_the_outer_tenths() -> None:
    low, likely, high = np.array([[1.0, 2, 3, 1], [1.0, 4, 4, 1], [2.0, 4, 8, 1]])
    tables = distributions.pert_tables(low, likely, high)
    outer = NormalDist().inv_cdf(0.1)
    for at, table in enumerate(tables):
        assert np.interp(outer, NODES, table) == pytest.approx(low[at], abs=1e-3)
        assert np.interp(-outer, NODES, table) == pytest.approx(high[at], abs=1e-3)
    assert (tables[3] == 1).all()


def test_no_duration_is_negative() -> None:
    (table,) = distributions.pert_tables(np.array([0.01]), np.array([0.5]), np.array([9.0]))
    assert table[0] == 0
    assert (table >= 0).all()


def _pert() -> Floats:
    table: Floats = distributions.pert_tables(*np.array([[2.0], [4.0], [8.0]]))[0]
    return table


@pytest.mark.parametrize("days", [0.5, 2.0, 5.0, 7.5])
def test_what_has_lasted_lasts_longer(days: float) -> None:
    table = _pert()
    found = distributions.lasting(table, days, 1.0)
    chance = distributions.normal_cdf(-NODES)
    # In the upper tenth it is another distribution, of the same mean.
    lower = np.interp(found, table, NODES) < 1.25
    going_on = 1 - NormalDist().cdf(float(np.interp(days, table, NODES)))
    expected = distributions.normal_cdf(-np.interp(found, table, NODES)) / going_on
    assert lower.any()
    assert chance[lower] == pytest.approx(expected[lower], abs=2e-3)
    more = mean_of(np.maximum(table - days, 0.0)) / going_on
    assert mean_of(found) == pytest.approx(days + more, rel=2e-3)


def test_what_is_overdue_gets_no_surer() -> None:
    table, normal = _pert(), NormalDist()
    high = float(np.interp(normal.inv_cdf(0.9), NODES, table))
    spreads, means = [], []
    for overdue in (0.0, 1.0, 4.0, 20.0, 100.0):
        left = distributions.lasting(table, high + overdue, 0.0) - high - overdue
        assert left[0] == pytest.approx(0, abs=1e-6)
        means.append(mean_of(left))
        p50, p95 = np.interp([0.0, normal.inv_cdf(0.95)], NODES, left)
        # Of a generalised Pareto distribution with the shape 1/3.
        assert p50 == pytest.approx(0.5198 * means[-1], rel=0.01)
        assert p95 == pytest.approx(3.4288 * means[-1], rel=0.01)
        spreads.append(p95 - p50)
    # Two days more overdue are one day more to come.
    assert means == pytest.approx([means[0] + days / 2 for days in (0, 1, 4, 20, 100)], rel=0.005)
    assert means[0] == pytest.approx(mean_of(np.maximum(table - high, 0.0)) * 10, rel=0.02)
    assert spreads == sorted(spreads)


def test_an_estimate_without_a_spread_has_one_once_it_is_overdue() -> None:
    fixed = np.full(len(NODES), 5.0)
    for days, mean in ((5.0, 1.0), (6.0, 1.0), (9.0, 2.0)):
        left = distributions.lasting(fixed, days, 1.0) - days
        assert mean_of(left) == pytest.approx(mean, rel=0.005)


def test_durations_without_an_end_have_the_tail_that_they_had_or_a_heavier_one() -> None:
    table = -np.log(distributions.normal_cdf(-NODES))
    for days in (0.5, 2.0):
        assert mean_of(distributions.lasting(table, days, 0.0)) == pytest.approx(days + 1, rel=5e-3)
    assert (distributions.lasting(table + 1, 0.5, 0.0)[:-120] == (table + 1)[:-120]).all()
