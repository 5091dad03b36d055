"""The second forecast, by which the first is judged, finds what is known exactly."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import pytest

from tests import DATA
from tests.builders import TODAY
from tests.flow.board.nets import ESTIMATES, SHAPES, net
from tests.flow.forecast.oracle import Assumptions, Days, Moments, runs, share
from tracker.flow.forecast.remaining_work import Step, plan

CASES = DATA / "cases"
# So many standard errors are no chance: one comparison in two million.
FAR = 5.0


@pytest.mark.parametrize(
    "name", ["01_single_loop_geometric", "03_nested_loops", "04_overlapping_loops_contribution"]
)
def test_the_second_forecast_finds_what_is_known_exactly(name: str) -> None:
    case = json.loads((CASES / f"{name}.json").read_text())
    given, expected = case["inputs"], case["expected"]
    ids = {task["id"]: str(n) for n, task in enumerate(given["tasks"], 1)}
    ws = net(
        " ".join(f"{ids[a]}-{ids[b]}" for a, b in given["forward"]),
        " ".join(
            f"{ids[back['frm']]}-{ids[back['to']]}:{back['probability']}:{back['rework_share']}"
            for back in given["returns"]
        ),
        days={int(ids[task["id"]]): float(task["duration"]) for task in given["tasks"]},
    )
    finishes = [run.finish for run in runs(ws, plan(ws, TODAY), Assumptions(), 10_000, 1)]
    found = Moments(finishes)
    variance = float(Fraction(expected["var_finish"]))
    assert found.mean == pytest.approx(
        float(Fraction(expected["mean_finish"])), abs=FAR * math.sqrt(variance / found.size)
    )
    assert found.sd == pytest.approx(
        math.sqrt(variance), abs=FAR * found.sd_error / math.sqrt(found.size)
    )
    for days, chance in expected["cdf"].items():
        error = math.sqrt(chance * (1 - chance) / found.size)
        assert share(finishes, float(days)) == pytest.approx(chance, abs=FAR * error + 1e-12)


@pytest.mark.parametrize("estimate", ESTIMATES[1:])
@pytest.mark.parametrize("correlation", [0.0, 1.0])
def test_the_second_forecast_draws_what_was_estimated(
    estimate: tuple[float, float, float], correlation: float
) -> None:
    low, likely, high = estimate
    ws = net(days={1: estimate})
    assume = Assumptions(correlation=correlation)
    finishes = [run.finish for run in runs(ws, plan(ws, TODAY), assume, 10_000, 1)]
    error = math.sqrt(0.1 * 0.9 / len(finishes))
    assert share(finishes, low) == pytest.approx(0.1, abs=FAR * error)
    assert share(finishes, high) == pytest.approx(0.9, abs=FAR * error)
    days = Days.of(Step(1, None, None, low, likely, high, open=True))
    assert days.least + days.mode * (days.most - days.least) == pytest.approx(likely, abs=1e-3)


def test_the_second_forecast_draws_each_pass_anew_and_learns() -> None:
    # A task that always goes on with 0.4: the sum of so many draws, each 0.7 of the one before.
    estimate, rate, part = (2.0, 3.0, 6.0), 0.4, 0.7
    ws = net("", f"1-1:{rate}", days={1: estimate})
    days = Days.of(Step(1, None, None, *estimate, open=True))
    width = days.most - days.least
    a, b = 1 + 4 * days.mode, 5 - 4 * days.mode
    mean = days.least + width * a / 6
    variance = width**2 * a * b / (36 * 7)
    assume = Assumptions(correlation=0.0, draws="fresh", learning=1 - part)
    found = Moments([run.finish for run in runs(ws, plan(ws, TODAY), assume, 20_000, 1)])
    # T = D + B (D' + part (...)): of S, what follows a first return, S = D + part B S'.
    after = mean / (1 - rate * part)
    square = (variance + mean**2 + 2 * mean * rate * part * after) / (1 - rate * part**2)
    spread = variance + rate * square - (rate * after) ** 2
    error = math.sqrt(spread / found.size)
    assert found.mean == pytest.approx(mean + rate * after, abs=FAR * error)
    error = FAR * found.sd_error / math.sqrt(found.size)
    assert found.sd == pytest.approx(math.sqrt(spread), abs=error)


def test_the_second_forecast_learns_a_rate_from_the_record() -> None:
    ws = net("1-2", "2-1:0.3", days={1: 2.0, 2: 1.0}, record={0: (2, 5)})
    found = runs(ws, plan(ws, TODAY), Assumptions(rates="posterior"), 10_000, 1)
    # Waring: the chance of k returns and then an end is that of a Beta-geometric number.
    a, b = 4 * 0.3 + 2, 4 * 0.7 + 5
    chance = b / (a + b)
    for k in range(4):
        error = math.sqrt(chance * (1 - chance) / len(found))
        seen = sum(run.returned[2] == k for run in found) / len(found)
        assert seen == pytest.approx(chance, abs=FAR * error)
        chance *= (a + k) / (a + b + k + 1)


def test_the_second_forecast_takes_what_is_left_of_a_running_task() -> None:
    ws = net(days={1: (3, 5, 9)}, began={1: 4})
    step = plan(ws, TODAY).steps[1]
    whole = Days.of(step)
    assert step.elapsed == 2
    alone = net(days={1: (3, 5, 9)})
    for correlation in (0.0, 1.0):
        assume = Assumptions(correlation=correlation)
        fresh = [run.finish for run in runs(alone, plan(alone, TODAY), assume, 15_000, 1)]
        beyond = Moments([days - step.elapsed for days in fresh if days > step.elapsed])
        left = Moments([run.finish for run in runs(ws, plan(ws, TODAY), assume, 15_000, 2)])
        assert left.mean == pytest.approx(
            beyond.mean, abs=FAR * beyond.sd * math.sqrt(1 / beyond.size + 1 / left.size)
        )
    assert whole.least < 2 < whole.most


def test_the_second_forecast_does_not_work_on_days_off() -> None:
    off = plan(SHAPES["away"], TODAY).steps[1].off
    ws = net("1-2", days={1: 2.0, 2: 4.5}, away=(2, 3, 7, 11, 14, 15, 16))
    # Two days' work before the first day off; then a day at a time between those off.
    assert off == (2, 3, 5, 9, 10, 11, 12)
    assert runs(ws, plan(ws, TODAY), Assumptions(), 1, 1)[0].finish == 13.5
