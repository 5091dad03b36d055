"""What a plan costs: its parts add up, and follow what is entered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import TODAY
from tracker.domain.model import Department, Entity, Link, Pass, Person, Project, Task
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.cost import Cost
from tracker.flow.forecast.forecast import Forecast, Options, forecast
from tracker.flow.forecast.portfolio import refine_each, together

LANES = (
    Department(id=1, name="Netz", day_rate=100.0),
    Department(id=2, name="Labor", day_rate=700.0),
    Department(id=3, name="Recht"),
)
RUNS = 3000


def task(id: int, days: float = 2.0, **fields: object) -> Task:
    given_ = {"title": str(id), "department": 1, "low": days, "likely": days, "high": days}
    return Task(id=id, **{**given_, **fields})  # type: ignore[arg-type]  # told by the tests


def costs(*entities: Entity, runs: int = 200) -> dict[int, Cost]:
    return forecast(Workspace([*LANES, *entities]), TODAY, Options(runs=runs)).money


def test_what_never_varies_costs_its_days_at_the_rate_of_its_people() -> None:
    (cost,) = costs(
        task(1, 3.0),
        task(2, 2.0, department=2, effort=5.0),
        task(3, 1.0, assignee=1),
        task(4, 1.0, department=3, assignee=2),
        task(5, 0.0, effort=2.0),
        task(6, 9.0, department=3),
        Person(id=1, login="anna", department=1, day_rate=40.0),
        Person(id=2, login="bert", department=1),
    ).values()
    expected = 300 + 5 * 700 + 40 + 200
    assert (cost.p50, cost.p80, cost.mean, cost.planned) == (expected,) * 4
    # Nobody said what the lawyers cost: their tasks are named and not counted as free.
    assert cost.unpriced == (4, 6)
    assert (cost.spent, cost.rework, cost.budget, cost.within) == (0, 0, None, None)


def test_what_was_spent_comes_first_from_records_then_from_the_plan() -> None:
    ended = Pass(number=1, ended=datetime(2026, 11, 2, tzinfo=UTC), outcome="done")
    (cost,) = costs(
        task(1, 3.0, state="done", spent=7.0),
        task(2, 3.0, state="done", effort=4.0, passes=(ended,)),
        task(3, 3.0, state="done"),
        task(4, 3.0, passes=(ended, Pass(number=2))),
        task(5, 3.0, spent=1.0),
    ).values()
    assert cost.spent == pytest.approx(100 * (7 + 4 + 3 + 3 + 1))
    assert cost.mean == pytest.approx(cost.spent + 100 * 6)
    assert cost.unrecorded == 2


def test_without_any_day_rate_nothing_is_said() -> None:
    assert costs(task(1, department=3)) == {}


def test_each_project_has_its_cost_and_its_budget() -> None:
    found = costs(
        Project(id=1, name="Umzug", budget=300.0),
        Project(id=2, name="Zertifikate", budget=299.0),
        task(1, 3.0, project=1),
        task(2, 3.0, project=2),
        task(3, 1.0),
    )
    assert {key: (cost.mean, cost.within) for key, cost in found.items()} == {
        0: (100, None),
        1: (300, 1.0),
        2: (300, 0.0),
    }


def test_several_projects_forecast_one_by_one_cost_what_they_do_together() -> None:
    projects = [Project(id=1, name="A", budget=1.0), Project(id=2, name="B")]
    tasks = [task(1, 3.0, project=1), task(2, 2.0, project=2)]
    needs = Link(id=1, kind="needs", source=1, target=2)
    ws = Workspace([*LANES, *projects, *tasks, needs])
    *_first, last = refine_each(ws, TODAY, Options(runs=200), (1, 2))
    assert {key: each.money for key, each in last.items()} == {
        key: {key: cost} for key, cost in together(last).money.items()
    }
    assert together(last).money == forecast(ws, TODAY, Options(runs=200)).money


def loop(rate: float, share: float) -> tuple[Entity, ...]:
    return (
        task(1, 2.0, low=1.0, high=4.0),
        task(2, 1.0, department=2, effort=3.0),
        Link(id=1, kind="needs", source=1, target=2),
        Link(id=2, kind="returns", source=2, target=1, rate=rate, share=share, rate_entered=True),
    )


def priced(rate: float = 0.4, share: float = 0.5, times: float = 1.0) -> Forecast:
    lanes = [replace(lane, day_rate=lane.day_rate and lane.day_rate * times) for lane in LANES]
    ws = Workspace([*lanes, *loop(rate, share)])
    return forecast(ws, TODAY, Options(runs=RUNS, rates="entered"))


@pytest.mark.parametrize(("rate", "share"), [(0.0, 1.0), (0.3, 0.5), (0.6, 1.0)])
def test_rounds_cost_what_a_geometric_number_of_them_does(rate: float, share: float) -> None:
    found = priced(rate, share)
    (cost,), (arrow,) = found.money.values(), found.returns
    # A gate that returns with a chance p does so p/(1-p) times in the mean.
    once = cost.mean - cost.rework
    assert cost.rework == pytest.approx(rate / (1 - rate) * share * once, rel=0.06)
    assert arrow.cost_money == pytest.approx(cost.rework)
    assert cost.p50 <= cost.p80


def test_second_order_rework_costs_what_was_done_again() -> None:
    # Of each round all of 1, half of 2 in four of ten cases, and the gate where it reaches that.
    entities = (
        *(task(1, 3.0), task(2, 8.0, department=2), task(3, 1.0)),
        Link(id=1, kind="needs", source=1, target=2, ripple=0.4, share=0.5),
        Link(id=2, kind="needs", source=2, target=3, ripple=1.0, share=1.0),
        Link(
            id=3,
            kind="returns",
            source=3,
            target=1,
            rate=0.4,
            share=1.0,
            rate_entered=True,
            redo="chance",
        ),
    )
    found = forecast(Workspace([*LANES, *entities]), TODAY, Options(runs=8000, rates="entered"))
    (cost,) = found.money.values()
    round_ = 3 * 100 + 0.4 * 0.5 * 8 * 700 + 0.4 * 1 * 100
    # Only a gate that is done again may send back again.
    assert cost.rework == pytest.approx(0.4 / (1 - 0.4 * 0.4) * round_, rel=0.06)
    assert cost.planned == 3 * 100 + 8 * 700 + 100


@settings(max_examples=10, deadline=None)
@given(times=st.floats(0.1, 20.0))
def test_money_is_worth_what_it_is_worth(times: float) -> None:
    (one,), (other,) = priced().money.values(), priced(times=times).money.values()
    for name in ("spent", "planned", "mean", "p50", "p80", "rework"):
        assert getattr(other, name) == pytest.approx(times * getattr(one, name))


def test_the_parts_add_up_over_projects() -> None:
    tasks = [each for each in loop(0.4, 0.5) if isinstance(each, Task)]
    apart = [replace(each, project=each.id) for each in tasks]
    links = [each for each in loop(0.4, 0.5) if isinstance(each, Link)]
    projects = [Project(id=1, name="A"), Project(id=2, name="B")]
    options = Options(runs=RUNS, rates="entered", correlation=0.0)
    whole = forecast(Workspace([*LANES, *tasks, *links]), TODAY, options).money[0]
    parts = forecast(Workspace([*LANES, *projects, *apart, *links]), TODAY, options).money
    for name in ("planned", "mean", "rework"):
        total = sum(getattr(cost, name) for cost in parts.values())
        assert total == pytest.approx(getattr(whole, name), rel=0.02)
