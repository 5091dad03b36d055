"""The figures of a loop are those of textbooks, and those of any other way to calculate them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tests.builders import plan
from tracker.domain.model import Link, Task
from tracker.domain.workspace import Workspace
from tracker.flow.forecast import remaining_work as plans
from tracker.flow.forecast.loop_figures import Figures, figures_of_loop

CASES = DATA / "cases"


def loop(tasks: list[tuple[str, float]], needs: list[Any], returns: list[Any]) -> Workspace:
    """Return a workspace of names with durations, pairs of names, and returns of a case."""
    ids = {name: id for id, (name, _days) in enumerate(tasks, 1)}
    entities: list[Any] = [
        Task(id=ids[name], title=name, low=days, likely=days, high=days) for name, days in tasks
    ]
    for at, (before, after) in enumerate(needs, 1):
        entities.append(Link(id=at, kind="needs", source=ids[before], target=ids[after]))
    for at, (gate, target, rate, share) in enumerate(returns, len(needs) + 1):
        entities.append(
            Link(
                id=at, kind="returns", source=ids[gate], target=ids[target], rate=rate, share=share
            )
        )
    return Workspace(entities)


Matrix = Sequence[Sequence[Fraction]]


def solved(matrix: Matrix, right: Sequence[Fraction]) -> list[Fraction]:
    """Return (I − matrix)⁻¹ right, by elimination."""
    size = len(matrix)
    rows = [
        [Fraction(int(i == j)) - matrix[i][j] for j in range(size)] + [right[i]]
        for i in range(size)
    ]
    for at in range(size):
        pivot = next(i for i in range(at, size) if rows[i][at])
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for i in range(size):
            if i != at:
                rows[i] = [a - rows[i][at] * b for a, b in zip(rows[i], rows[at], strict=True)]
    return [row[-1] for row in rows]


def moments(chain: Matrix, days: Sequence[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """Return means and variances of the days until absorption, each visit costing its days."""
    mean = solved(chain, days)
    ahead = [sum((p * m for p, m in zip(row, mean, strict=True)), Fraction()) for row in chain]
    second = solved(chain, [d * d + 2 * d * a for d, a in zip(days, ahead, strict=True)])
    return mean, [s - m * m for s, m in zip(second, mean, strict=True)]


def fractions(rows: Any) -> Any:
    """Return numbers written as fractions."""
    return [fractions(row) for row in rows] if isinstance(rows, list) else Fraction(rows)


def test_the_drunkard_of_the_textbook_walks_home() -> None:
    case = json.loads((CASES / "02_absorbing_markov_drunkard.json").read_text())
    chain, out = fractions(case["inputs"]["Q"]), fractions(case["inputs"]["R"])
    expected = case["expected"]
    columns = [solved(chain, [Fraction(int(i == j)) for i in range(3)]) for j in range(3)]
    assert [list(row) for row in zip(*columns, strict=True)] == fractions(expected["N"])
    mean, variance = moments(chain, [Fraction(1)] * 3)
    assert (mean, variance) == (fractions(expected["t"]), fractions(expected["var"]))
    ends = [solved(chain, [row[end] for row in out]) for end in range(2)]
    assert [list(row) for row in zip(*ends, strict=True)] == fractions(expected["absorption_B"])


def test_the_work_transformation_matrix() -> None:
    case = json.loads((CASES / "07_work_transformation_matrix.json").read_text())
    matrix, work = fractions(case["inputs"]["A"]), fractions(case["inputs"]["u0"])
    total = solved(matrix, work)
    assert total == fractions(case["expected"]["U"])
    days = [float(u * d) for u, d in zip(total, case["inputs"]["task_days"], strict=True)]
    assert days == pytest.approx(case["expected"]["engineer_days"], abs=1e-8)


LINES = ("01_single_loop_geometric", "03_nested_loops", "04_overlapping_loops_contribution")


@pytest.mark.parametrize("name", LINES)
def test_the_cases_of_the_literature(name: str) -> None:
    case = json.loads((CASES / f"{name}.json").read_text())
    given = case["inputs"]
    ws = loop(
        [(task["id"], task["duration"]) for task in given["tasks"]],
        given["forward"],
        [(a["frm"], a["to"], a["probability"], a["rework_share"]) for a in given["returns"]],
    )
    found = figures_of_loop(ws, ws.tasks)
    mean = float(Fraction(case["expected"]["mean_finish"]))
    assert found.expected_days == pytest.approx(mean, rel=1e-12)
    expected = case["expected"]
    if "var_finish" in expected:
        assert found.sd_days == pytest.approx(float(Fraction(expected["var_finish"])) ** 0.5)
    for name, times in expected.get("visits", {}).items():
        (task,) = (task.id for task in ws.tasks.values() if task.title == name)
        assert found.visits[task] == pytest.approx(float(Fraction(times)))
    if "spectral_radius" in case["expected"]:
        assert found.spectral_radius == pytest.approx(case["expected"]["spectral_radius"], rel=1e-9)


def test_one_loop_shrinks_once_a_round() -> None:
    ws = loop([("A", 3), ("B", 5), ("C", 2)], ["AB", "BC"], [("C", "A", 0.3, 1)])
    assert figures_of_loop(ws, ws.tasks).spectral_radius == pytest.approx(0.3 ** (1 / 3))


def test_a_task_that_comes_back_to_itself() -> None:
    ws = loop([("A", 4)], [], [("A", "A", 0.2, 0.5)])
    found = figures_of_loop(ws, ws.tasks)
    assert (found.spectral_radius, found.expected_days) == pytest.approx((0.2, 4.5))
    assert found.sd_days == pytest.approx(2 * (0.2 / 0.8**2) ** 0.5)
    assert found.visits == pytest.approx({1: 1.25})


def test_a_share_is_what_a_return_costs() -> None:
    ws = loop([("A", 3), ("B", 5)], ["AB"], [("B", "A", 0.5, 0.25)])
    assert figures_of_loop(ws, ws.tasks).expected_days == pytest.approx(8 + 1 * 0.25 * 8)


def test_what_is_no_line_of_tasks_has_visits_at_most() -> None:
    beside = plan("1-2 1-3 2-4 3-4", returns="4-1 2-1", likely=1.0)
    found = figures_of_loop(beside, beside.tasks)
    assert (found.spectral_radius, found.expected_days, found.sd_days) == (None, None, None)
    # The last gate is passed 1.25 times, and so is what it sends back to; the other gate is too,
    # and each time it sends the first task back once more.
    assert found.visits == pytest.approx({1: 1.25 * 1.25, 2: 1.25 * 1.25, 3: 1.25, 4: 1.25})
    forwards = plan("1-2 2-3", returns="1-3", likely=1.0)
    assert figures_of_loop(forwards, forwards.tasks).visits == pytest.approx(
        {1: 1.25, 2: 1.0, 3: 1.25}
    )
    assert figures_of_loop(plan("1-2", likely=1.0), (1, 2)) == Figures()


def test_tasks_that_send_each_other_back_side_by_side() -> None:
    ws = plan(returns="1-2 2-1", likely=1.0)
    assert figures_of_loop(ws, ws.tasks).visits == pytest.approx({1: 1.5, 2: 1.5})


def test_what_was_dropped_takes_no_part() -> None:
    ws = plan("1-2 2-3 3-4", returns="4-1", states="3:dropped", likely=1.0)
    found = figures_of_loop(ws, ws.tasks)
    assert found.expected_days is None
    assert found.visits == pytest.approx({1: 1.25, 2: 1.25, 4: 1.25})
    ws = plan("1-2 2-3", returns="2-1", states="3:dropped", likely=1.0)
    assert figures_of_loop(ws, ws.tasks).expected_days == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("rate", "health"),
    [(0.3, "good"), (0.7, "good"), (0.76, "amber"), (0.99999, "amber"), (1.0, "red")],
)
def test_the_health_of_a_loop(rate: float, health: str) -> None:
    ws = loop([("A", 1), ("B", 1)], ["AB"], [("B", "A", rate, 1)])
    assert figures_of_loop(ws, ws.tasks).health == health


def test_without_a_gate_there_is_no_health() -> None:
    assert Figures().health == ""


def test_days_need_every_duration_and_no_lag() -> None:
    ws = plan("1-2", returns="2-1")
    found = figures_of_loop(ws, ws.tasks)
    assert found.spectral_radius == pytest.approx(0.2**0.5)
    assert found.expected_days is None
    lag = Link(id=1, kind="needs", source=1, target=2, lag=2.0)
    back = Link(id=2, kind="returns", source=2, target=1)
    tasks = [Task(id=n, title="x", likely=1.0) for n in (1, 2)]
    assert figures_of_loop(Workspace([*tasks, lag, back]), (1, 2)).expected_days is None


def test_a_gate_that_lets_nothing_through_is_never_passed() -> None:
    ws = loop([("A", 1), ("B", 1)], ["AB"], [("B", "A", 0.9, 1), ("B", "B", 0.1, 1)])
    assert figures_of_loop(ws, ws.tasks) == Figures(1.0, None, another_round=1.0, work_again=1.0)


def test_a_long_line_is_no_matter() -> None:
    size = 3000
    names = [(str(n), 1.0) for n in range(size)]
    needs = [(str(n), str(n + 1)) for n in range(size - 1)]
    returns = [(str(n), str(n - 1), 0.2, 1.0) for n in range(1, size)]
    found = figures_of_loop(loop(names, needs, returns), range(1, size + 1))
    # A walk of steps 0.8 forwards and 0.2 back: its drift, and twice the root of both.
    assert found.expected_days == pytest.approx(size / 0.6, rel=1e-3)
    assert found.spectral_radius == pytest.approx(0.8, abs=1e-3)


@st.composite
def lines(draw: st.DrawFn) -> Workspace:
    """Random lines of tasks with any returns among them; no gate sends back all it gets."""
    size = draw(st.integers(1, 6))
    names = [(chr(65 + n), draw(st.floats(0, 20))) for n in range(size)]
    needs = [(chr(65 + n), chr(66 + n)) for n in range(size - 1)]
    returns = [
        (chr(65 + gate), chr(65 + target), draw(st.floats(0, 0.15)), 1.0)
        for gate in range(size)
        for target in range(gate + 1)
        if draw(st.booleans())
    ]
    return loop(names, needs, returns)


@given(lines())
def test_the_chain_solved_exactly_says_the_same(ws: Workspace) -> None:
    found = figures_of_loop(ws, ws.tasks)
    if found.spectral_radius is None:
        return
    size = len(ws.tasks)
    chain = [[Fraction()] * size for _ in range(size)]
    for link in ws.links.values():
        if link.kind == "returns":
            chain[link.source - 1][link.target - 1] += Fraction(link.rate)
    for at in range(size - 1):
        chain[at][at + 1] += 1 - sum(chain[at])
    mean, variance = moments(chain, [Fraction(ws.tasks[n + 1].likely or 0) for n in range(size)])
    assert found.expected_days == pytest.approx(float(mean[0]), abs=1e-9)
    assert found.sd_days == pytest.approx(math.sqrt(variance[0]), abs=1e-6)
    # How often a task is worked on is how the days grow with its own.
    for n in range(size):
        visits = solved(chain, [Fraction(int(at == n)) for at in range(size)])
        assert found.visits[n + 1] == pytest.approx(float(visits[0]))
    assert 0 <= found.spectral_radius < 1
    assert figures_of_loop(ws, ws.tasks, plans.return_arrows(ws)) == found
