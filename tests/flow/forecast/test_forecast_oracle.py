"""The forecast agrees with a second one that plays every run event by event."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.builders import TODAY
from tests.flow.board.nets import SHAPES, random_net
from tests.flow.forecast.oracle import NEAR, Assumptions, Moments, Run, runs, share
from tracker.domain.model import Entity, Pass, Task
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.finish import Finish
from tracker.flow.forecast.forecast import Forecast, Options, forecast
from tracker.flow.forecast.remaining_work import plan

# So many standard errors are no chance: one comparison in two million.
FAR = 5.0
PLAYED, FORECAST = 2000, 20_000
ASSUMPTIONS = (
    Assumptions(),
    Assumptions(correlation=0.0, policy="at-risk"),
    Assumptions(correlation=1.0, rates="posterior"),
    Assumptions(policy="at-risk", rates="posterior"),
)
AGAIN = (
    Assumptions(draws="fresh"),
    Assumptions(policy="at-risk", learning=0.3),
    Assumptions(correlation=0.0, rates="posterior", draws="fresh", learning=0.5),
)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_loop(name: str) -> None:
    at = list(SHAPES).index(name)
    _agree(SHAPES[name], ASSUMPTIONS[at % len(ASSUMPTIONS)], PLAYED, FORECAST, at)


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "no loop"])
def test_every_shape_of_loop_where_passes_differ(name: str) -> None:
    at = list(SHAPES).index(name)
    _agree(SHAPES[name], AGAIN[at % len(AGAIN)], PLAYED // 2, FORECAST, at)


@pytest.mark.parametrize("seed", range(8))
def test_random_nets(seed: int) -> None:
    ws = random_net(seed)
    _agree(ws, _tame(ws, seed), PLAYED, FORECAST, seed)


@pytest.mark.torture
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("assume", ASSUMPTIONS + AGAIN, ids=str)
def test_every_shape_in_every_way(name: str, assume: Assumptions) -> None:
    _agree(SHAPES[name], assume, 10_000, 40_000, 1)


@pytest.mark.parametrize("name", ["nested", "two at one gate", "gates on branches"])
def test_rates_of_which_nothing_was_seen(name: str) -> None:
    # Their tails are so heavy that a variance means nothing: only the distribution compares.
    ws, assume = SHAPES[name], Assumptions(rates="posterior")
    found = forecast(ws, TODAY, _options(assume, FORECAST, 1))
    known = [run.finish for run in runs(ws, plan(ws, TODAY), assume, PLAYED, 1)]
    _distribution(found.finish, known, FORECAST)


@pytest.mark.torture
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("assume", ASSUMPTIONS + AGAIN, ids=str)
def test_what_each_return_costs(name: str, assume: Assumptions) -> None:
    ws, size = _seen(SHAPES[name]), 10_000
    ahead = plan(ws, TODAY)
    found = forecast(ws, TODAY, _options(assume, size, 1))
    played = Moments([run.finish for run in runs(ws, ahead, assume, size, 1)])
    for figures in found.returns:
        less = _without(assume, figures.link)
        without = Moments([run.finish for run in runs(ws, ahead, less, size, 2)])
        # What the first saves run by run varies no more than the two finishes together.
        error = math.sqrt(1.5 * (played.sd**2 + without.sd**2) / size)
        assert figures.cost_mean == pytest.approx(played.mean - without.mean, abs=FAR * error)


@pytest.mark.torture
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(100, 160))
def test_many_random_nets(seed: int) -> None:
    ws = random_net(seed)
    _agree(ws, _tame(ws, seed), 10_000, 40_000, seed)


def _tame(ws: Workspace, seed: int) -> Assumptions:
    """Return assumptions for a random plan: rates are learnt where there is a record."""
    assume = ASSUMPTIONS[seed // 2 % 2]
    if any(run.outcome == "returned" for task in ws.tasks.values() for run in task.passes):
        assume = ASSUMPTIONS[2 + seed // 2 % 2]
    again = AGAIN[seed % 4 - 1] if seed % 4 else Assumptions()
    return replace(assume, draws=again.draws, learning=again.learning)


def _agree(ws: Workspace, assume: Assumptions, played: int, forecasted: int, seed: int) -> None:
    """Compare the full results of the two for a plan."""
    if assume.rates == "posterior":
        ws = _seen(ws)
    ahead = plan(ws, TODAY)
    found = forecast(ws, TODAY, _options(assume, forecasted, seed + 1))
    known = runs(ws, ahead, assume, played, seed)
    _finishes(found.finish, [run.finish for run in known], forecasted)
    for project, finish in found.projects.items():
        _finishes(finish, [run.projects.get(project, 0.0) for run in known], forecasted)
    straight = _without(assume, *(back.link for back in ahead.returns))
    alone = runs(ws, ahead, straight, played, seed + 1)
    _finishes(found.without_returns, [run.finish for run in alone], forecasted)
    _returns(found, known, forecasted)


def _seen(ws: Workspace) -> Workspace:
    """Let every gate have been accepted some times, so that what is learnt has a variance."""
    gates = {link.source for link in ws.links.values() if link.kind == "returns"}

    def seen(entity: Entity) -> Entity:
        if not isinstance(entity, Task) or entity.id not in gates:
            return entity
        passes = [*(Pass(number=n, outcome="done") for n in range(6)), *entity.passes]
        numbered = (replace(run, number=n) for n, run in enumerate(passes, 1))
        return replace(entity, passes=tuple(numbered))

    return Workspace([seen(entity) for entity in ws.entities()])


def _options(assume: Assumptions, size: int, seed: int) -> Options:
    return Options(
        size,
        seed,
        assume.correlation,
        assume.rates,
        assume.policy,
        assume.draws,
        assume.learning,
    )


def _without(assume: Assumptions, *links: int) -> Assumptions:
    return replace(assume, without=frozenset(links))


def _finishes(found: Finish, known: Sequence[float], size: int) -> None:
    whole = Moments(found.ends)
    assert (found.mean, found.sd) == pytest.approx((whole.mean, whole.sd), rel=1e-4, abs=1e-6)
    # Of a heavy tail no sample tells how far its standard deviation may be off: without its end.
    most = sorted(known)[int(0.99 * len(known))]
    ours, theirs = (Moments([min(x, most) for x in each]) for each in (known, found.ends))
    assert theirs.mean == pytest.approx(
        ours.mean, abs=FAR * ours.apart(ours.mean_error, size) + 1e-6
    )
    assert theirs.sd == pytest.approx(ours.sd, abs=FAR * ours.apart(ours.sd_error, size) + 1e-6)
    _distribution(found, known, size)


def _distribution(found: Finish, known: Sequence[float], size: int) -> None:
    assert len(found.ends) == size
    ordered = sorted(known)
    for chance in (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97):
        day = math.ceil(ordered[int(chance * len(ordered))] - NEAR)
        theirs = sum(end <= day + NEAR for end in found.ends)
        assert found.cdf(day) == pytest.approx(theirs / size)
        ours = round(share(known, day) * len(known))
        pooled = (theirs + ours + 1) / (size + len(known) + 2)
        error = math.sqrt(pooled * (1 - pooled) * (1 / size + 1 / len(known)))
        assert theirs / size == pytest.approx(ours / len(known), abs=FAR * error)


def _returns(found: Forecast, known: Sequence[Run], size: int) -> None:
    figures = {each.link: each for each in found.returns}
    for link in figures:
        moments = Moments([1.0 + run.returned[link] for run in known])
        error = max(moments.mean_error, math.sqrt(1 / moments.size))
        assert figures[link].passes_mean == pytest.approx(
            moments.mean, abs=FAR * moments.apart(error, size)
        )
