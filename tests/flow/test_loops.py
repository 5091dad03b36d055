"""The figures of a loop are those of textbooks, and those of any other way to reckon them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import plan
from tracker.domain.model import Link, Task
from tracker.domain.workspace import Workspace
from tracker.flow.loops import Figures, figures

CASES = Path(__file__).parent.parent / "data" / "cases"


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
    found = figures(ws, ws.tasks)
    mean = float(Fraction(case["expected"]["mean_finish"]))
    assert found.expected_days == pytest.approx(mean, rel=1e-12)
    if "spectral_radius" in case["expected"]:
        assert found.spectral_radius == pytest.approx(case["expected"]["spectral_radius"], rel=1e-9)


def test_one_loop_shrinks_once_a_round() -> None:
    ws = loop([("A", 3), ("B", 5), ("C", 2)], ["AB", "BC"], [("C", "A", 0.3, 1)])
    assert figures(ws, ws.tasks).spectral_radius == pytest.approx(0.3 ** (1 / 3))


def test_a_task_that_comes_back_to_itself() -> None:
    ws = loop([("A", 4)], [], [("A", "A", 0.2, 0.5)])
    found = figures(ws, ws.tasks)
    assert (found.spectral_radius, found.expected_days) == pytest.approx((0.2, 4.5))


def test_a_share_is_what_a_return_costs() -> None:
    ws = loop([("A", 3), ("B", 5)], ["AB"], [("B", "A", 0.5, 0.25)])
    assert figures(ws, ws.tasks).expected_days == pytest.approx(8 + 1 * 0.25 * 8)


@pytest.mark.parametrize(
    "ws",
    [
        plan("1-2 1-3 2-4 3-4", returns="4-1", likely=1.0),
        plan("1-2", likely=1.0),
        plan("1-2 2-3", returns="1-3", likely=1.0),
    ],
    ids=["side by side", "no return", "forwards"],
)
def test_what_is_no_line_of_tasks_has_no_figures(ws: Workspace) -> None:
    assert figures(ws, ws.tasks) == Figures()


def test_days_need_every_duration_and_no_lag() -> None:
    ws = plan("1-2", returns="2-1")
    found = figures(ws, ws.tasks)
    assert found.spectral_radius == pytest.approx(0.2**0.5)
    assert found.expected_days is None
    lag = Link(id=1, kind="needs", source=1, target=2, lag=2.0)
    back = Link(id=2, kind="returns", source=2, target=1)
    tasks = [Task(id=n, title="x", likely=1.0) for n in (1, 2)]
    assert figures(Workspace([*tasks, lag, back]), (1, 2)).expected_days is None


def test_a_gate_that_lets_nothing_through_is_never_passed() -> None:
    ws = loop([("A", 1), ("B", 1)], ["AB"], [("B", "A", 0.9, 1), ("B", "B", 0.1, 1)])
    assert figures(ws, ws.tasks) == Figures(1.0, None)


def test_a_long_line_is_no_matter() -> None:
    size = 3000
    names = [(str(n), 1.0) for n in range(size)]
    needs = [(str(n), str(n + 1)) for n in range(size - 1)]
    returns = [(str(n), str(n - 1), 0.2, 1.0) for n in range(1, size)]
    found = figures(loop(names, needs, returns), range(1, size + 1))
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
def test_the_chain_walked_step_by_step_says_the_same(ws: Workspace) -> None:
    found = figures(ws, ws.tasks)
    if found.spectral_radius is None:
        return
    at = {1: 1.0}
    days = 0.0
    for _ in range(1000):
        days += sum(chance * (ws.tasks[task].likely or 0) for task, chance in at.items())
        after: dict[int, float] = {}
        for task, chance in at.items():
            left = chance
            for link in ws.arrows_out.get(task, ()):
                if link.kind == "returns":
                    after[link.target] = after.get(link.target, 0) + chance * link.rate
                    left -= chance * link.rate
            if task + 1 in ws.tasks:
                after[task + 1] = after.get(task + 1, 0) + left
        at = after
    assert found.expected_days == pytest.approx(days, abs=1e-6)
    assert 0 <= found.spectral_radius < 1
