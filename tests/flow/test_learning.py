"""What was seen so far weighs as it should against what was entered."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import done, plan
from tracker.domain import arrows, commands
from tracker.domain.model import Link
from tracker.domain.workspace import Workspace
from tracker.flow.learning import Beta, counts, posterior

CASES = Path(__file__).parent.parent / "data" / "cases"


# --- rates of return


def test_the_rate_of_the_textbook() -> None:
    case = json.loads((CASES / "09_return_rate_beta_posterior.json").read_text())
    a, b = case["inputs"]["prior"]
    for seen, expected in zip(case["inputs"]["cases"], case["expected"], strict=True):
        found = Beta(a + seen["returns"], b + seen["tries"] - seen["returns"])
        assert [found.a, found.b] == expected["post"]
        assert found.mean == pytest.approx(float(Fraction(expected["mean"])), abs=1e-12)
        passes = expected["E_passes"]
        assert found.passes == pytest.approx(
            math.inf if passes == "infinite" else float(Fraction(passes))
        )
        for k, chance in enumerate(expected.get("P_passes_gt", ())):
            assert found.passes_beyond(k) == pytest.approx(float(Fraction(chance)), abs=1e-12)
        if "ci90" in expected:
            assert found.interval() == pytest.approx(expected["ci90"], abs=1e-9)


# Chances whose complement is exact.
chances = st.integers(0, 1 << 20).map(lambda n: n / (1 << 20))
parameters = st.floats(0.05, 500)


@given(st.integers(1, 60), st.integers(1, 60), chances)
def test_a_chance_is_a_sum_of_binomials(a: int, b: int, x: float) -> None:
    n = a + b - 1
    terms = (math.comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(a, n + 1))
    assert Beta(a, b).cdf(x) == pytest.approx(math.fsum(terms), abs=1e-12)


@given(parameters, parameters, st.floats(0.001, 0.999))
def test_a_quantile_undoes_the_chance(a: float, b: float, p: float) -> None:
    beta = Beta(a, b)
    x = beta.quantile(p)
    assert 0 <= x <= 1
    assert beta.cdf(max(x - 1e-9, 0)) - 1e-9 <= p <= beta.cdf(min(x + 1e-9, 1)) + 1e-9


@given(parameters, parameters, chances, chances)
def test_a_chance_never_falls_and_mirrors(a: float, b: float, x: float, y: float) -> None:
    beta = Beta(a, b)
    low, high = sorted((x, y))
    assert beta.cdf(low) <= beta.cdf(high) + 1e-12
    assert beta.cdf(x) == pytest.approx(1 - Beta(b, a).cdf(1 - x), abs=1e-9)


def test_a_chance_that_is_certain() -> None:
    never, always = Beta(0, 4), Beta(4, 0)
    assert (never.mean, never.passes, never.interval(), never.cdf(0)) == (0, 1, (0, 0), 1)
    assert (always.mean, always.passes, always.interval()) == (1, math.inf, (1, 1))
    assert (always.cdf(0.5), always.cdf(1), never.passes_beyond(1)) == (0, 1, 0)
    assert (always.passes_beyond(9), Beta(2, 2).quantile(0), Beta(2, 2).quantile(1)) == (1, 0, 1)


def back_and_forth(*, returns: int, accepted: bool) -> tuple[Workspace, Link]:
    """A gate that sent work back so many times, and then perhaps let it pass."""
    ws = plan("1-2", returns="2-1")
    for _ in range(returns):
        ws = done(ws, commands.finish, task=1)
        ws = done(ws, arrows.send_back, gate=2, target=1, reason="no")
    if accepted:
        ws = done(ws, commands.finish, task=1)
        ws = done(ws, commands.finish, task=2)
    (link,) = (link for link in ws.links.values() if link.kind == "returns")
    return ws, link


@pytest.mark.parametrize("returns", [0, 1, 3])
@pytest.mark.parametrize("accepted", [False, True])
def test_completions_of_a_gate_are_counted(returns: int, accepted: bool) -> None:
    ws, link = back_and_forth(returns=returns, accepted=accepted)
    assert counts(ws, link) == (returns, returns + accepted)
    known = posterior(ws, link)
    assert (known.a, known.b) == pytest.approx((0.8 + returns, 3.2 + accepted))


def test_only_what_went_over_an_arrow_counts_for_it() -> None:
    ws = plan("1-2 2-3", returns="3-1 3-2")
    ws = done(done(ws, commands.finish, task=1), commands.finish, task=2)
    ws = done(ws, arrows.send_back, gate=3, target=2, reason="no")
    far, near = sorted((a for a in ws.links.values() if a.kind == "returns"), key=lambda a: a.id)
    assert (counts(ws, far), counts(ws, near)) == ((0, 1), (1, 1))


def test_a_pass_that_was_interrupted_came_to_no_answer() -> None:
    ws = plan("1-2 2-3", returns="3-1 3-2")
    ws = done(ws, commands.finish, task=1)
    ws = done(ws, commands.start, task=2)
    ws = done(ws, arrows.send_back, gate=3, target=2, reason="no")
    assert counts(ws, Link(id=9, kind="returns", source=2, target=1)) == (0, 0)
