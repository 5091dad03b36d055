"""What a plan costs in words: with its currency, rounded, and never surer than it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import TODAY
from tracker.domain.model import Department, Project, Settings, Task
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.cost import Cost
from tracker.flow.forecast.forecast import Forecast, Options, forecast
from tracker.language import use
from tracker.wording.cost_words import about, cost_assumed, cost_lines, cost_rows

COST = Cost(0.0, 1e4, 1e4, 12_345.6, 23_456.7, 0.0, 20_000.0, 0.999, (), 0)


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    use("en")


def found(*costs: Cost) -> tuple[Workspace, Forecast]:
    projects = [Project(id=at, name=f"P{at}") for at in range(1, len(costs) + 1)]
    lane = Department(id=1, name="Netz", day_rate=500.0)
    task = Task(id=1, title="A", department=1, project=1, likely=2.0)
    ws = Workspace([Settings(id=1, currency="CHF"), lane, *projects, task])
    plain = forecast(ws, TODAY, Options(runs=100))
    return ws, replace(plain, money=dict(enumerate(costs, 1)))


def told(lines: object) -> str:
    return " / ".join("".join(text for text, _role in pieces) for pieces in lines)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("speech", "amount", "budget"),
    [("en", "23,500 CHF", "20,000 CHF"), ("de", "23.500 CHF", "20.000 CHF")],
)
def test_amounts_have_their_currency_and_no_more_digits_than_are_known(
    speech: str, amount: str, budget: str
) -> None:
    use(speech)
    ws, plain = found(COST)
    text = told(cost_lines(ws, plain))
    assert amount in text
    assert budget in text
    ((name, shown, kept),) = cost_rows(ws, plain)
    assert (shown, budget in kept) == (amount, True)
    assert name == ("Cost" if speech == "en" else "Kosten")


@given(st.floats(1e-6, 1.0, exclude_max=True))
def test_a_budget_is_neither_always_nor_never_kept_where_it_was_neither(within: float) -> None:
    ws, plain = found(replace(COST, within=within))
    text = told(cost_lines(ws, plain))
    assert "kept in 0 of" not in text
    assert "kept in 100 of" not in text


def test_of_several_projects_the_least_likely_budget_comes_first() -> None:
    sure, none = replace(COST, within=1.0), replace(COST, budget=None, within=None)
    ws, plain = found(sure, none, replace(COST, within=0.2))
    assert [name for name, _amount, _kept in cost_rows(ws, plain)] == [
        "Cost P3",
        "Cost P1",
        "Cost P2",
    ]


def test_what_is_not_in_the_amounts_is_said() -> None:
    ws, plain = found(replace(COST, unpriced=(4, 6), unrecorded=1))
    text = " ".join(cost_assumed(ws, plain))
    assert "day rates of 1 department" in text
    assert "2 tasks without a day rate are not in the cost" in text
    assert "1 finished task without recorded effort has cost what was planned" in text
    assert not list(cost_assumed(ws, replace(plain, money={})))


@given(st.floats(0.0, 1e9))
def test_a_rounded_amount_is_near(value: float) -> None:
    ws = Workspace()
    amount = float(about(ws, value).removesuffix(" EUR").replace(",", ""))
    assert abs(amount - value) <= max(0.005 * value, 0.5)
