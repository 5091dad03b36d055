"""What holds for the forecast of any plan, mostly run by run."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean, variance
from typing import Literal, TypeGuard

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.bench import forecast_nets
from tests.builders import TODAY, done
from tests.flow.board.nets import ESTIMATES, SHAPES, Estimate, net, random_net
from tracker.domain.errors import BadInput, Refused
from tracker.domain.model import Entity, Link, Task
from tracker.domain.verbs import arrows
from tracker.domain.workspace import Workspace
from tracker.flow.forecast import loop_figures
from tracker.flow.forecast.critical_path import critical_path, schedule
from tracker.flow.forecast.finish import Finish
from tracker.flow.forecast.forecast import Forecast, Options, forecast, refine
from tracker.flow.forecast.remaining_work import plan
from tracker.flow.forecast.simulate import Simulation

# A figure beyond so many standard errors is no chance.
FAR = 5.0
FEW = 200
FIXED: tuple[Estimate, ...] = ((1.0, 1.0, 1.0), (2.5, 2.5, 2.5), (0.0, 0.0, 0.0), (4.0, 4.0, 4.0))
some = settings(max_examples=80)


@st.composite
def nets(
    draw: st.DrawFn,
    *,
    estimates: Sequence[Estimate] = ESTIMATES,
    lags: Sequence[str] = ("", "", "+1", "+2.5"),
    rates: Sequence[float] = (0.1, 0.2, 0.3),
    one_a_gate: bool = False,
    under_way: bool = True,
) -> Workspace:
    """Random small plans; those `under_way` have tasks that are done, run or are held up."""
    size = draw(st.integers(1, 6))
    keys = draw(st.permutations(range(1, size + 1)))
    pairs = [(a, b) for at, a in enumerate(keys) for b in keys[at + 1 :]]
    drawn = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8)) if pairs else []
    ripples = st.sampled_from(("", "", ":0.5:0.6"))
    needs = [f"{a}-{b}{draw(st.sampled_from(lags))}{draw(ripples)}" for a, b in drawn]
    ends = st.tuples(st.sampled_from(keys), st.sampled_from(keys))
    unique = (lambda end: end[0]) if one_a_gate else (lambda end: end)
    backs = draw(st.lists(ends, unique_by=unique, max_size=3))
    shares = st.sampled_from((1, 0.5, 0.3))
    redone = st.sampled_from(("all", "all", "target", "chance", "chance:2:1.5"))
    kinds = st.sampled_from(("", "", "", "began", "held", "done") if under_way else ("",))
    kind = {key: draw(kinds) for key in keys}
    days = st.integers(1, 9)
    return net(
        " ".join(needs),
        " ".join(
            f"{gate}-{target}:{draw(st.sampled_from(rates))}:{draw(shares)}:{draw(redone)}"
            for gate, target in backs
        ),
        states=" ".join(f"{key}:done" for key in keys if kind[key] == "done"),
        days={key: draw(st.sampled_from(estimates)) for key in keys},
        projects={key: draw(st.sampled_from((1, 2))) for key in keys},
        began={key: draw(days) for key in keys if kind[key] == "began"},
        held={key: draw(days) for key in keys if kind[key] == "held"},
        away=draw(st.sets(st.integers(1, 20), max_size=3)) if under_way else (),
        record={
            at: (draw(st.integers(0, 2)), draw(st.integers(0, 5)))
            for at in range(len(backs))
            if under_way
        },
    )


options = st.builds(
    Options,
    runs=st.just(FEW),
    seed=st.integers(0, 2**40),
    correlation=st.sampled_from((0.0, 0.5, 1.0)),
    rates=st.sampled_from(("entered", "posterior")),
    policy=st.sampled_from(("wait", "at-risk")),
    draws=st.sampled_from(("kept", "fresh")),
    learning=st.sampled_from((0.0, 0.0, 0.2, 0.9)),
)


def altered(ws: Workspace, change: Callable[[Entity], Entity]) -> Workspace:
    """Return the workspace with each of its entities changed."""
    return Workspace([change(entity) for entity in ws.entities()])


def never_earlier(later: Forecast, earlier: Forecast) -> None:
    """Assert that no run of one forecast is over before the same run of another."""
    for late, early in zip(later.finish.ends, earlier.finish.ends, strict=True):
        assert late >= early - 1e-9 * max(1.0, early)


@some
@given(nets(estimates=FIXED, lags=("", "+2", "+-1.5"), rates=(0.0,)), options)
def test_where_nothing_varies_or_comes_back_it_is_the_critical_path(
    ws: Workspace, assumed: Options
) -> None:
    found = forecast(ws, TODAY, replace(assumed, rates="entered", policy="wait"))
    assume(not any(step.overdue for step in found.plan.steps.values()))
    length = pytest.approx(schedule(ws, TODAY).length, abs=1e-9)
    assert found.finish.mean == length
    assert found.finish.p50 == found.finish.p80 == found.finish.p95 == length
    assert found.cpm_days == length
    assert found.finish.sd == pytest.approx(0, abs=1e-6)
    assert found.without_returns.p80 == length


@some
@given(nets(lags=("", "+2", "+-1.5"), rates=(0.0,), under_way=False), options)
def test_each_run_is_the_critical_path_through_its_durations(
    ws: Workspace, assumed: Options
) -> None:
    assumed = replace(assumed, rates="entered", policy="wait")
    ahead = plan(ws, TODAY)
    # A task's numbers are its own: they are the same where it is alone.
    alone = {key: forecast(_only(ws, key), TODAY, assumed).finish.ends for key in ahead.steps}
    found = forecast(ws, TODAY, assumed)
    for run in range(0, FEW, 10):
        steps = {}
        for key, step in ahead.steps.items():
            days = alone[key][run]
            steps[key] = replace(step, low=days, likely=days, high=days)
        length = critical_path(replace(ahead, steps=steps)).length
        assert found.finish.ends[run] == pytest.approx(length)


def _only(ws: Workspace, key: int) -> Workspace:
    return Workspace([e for e in ws.entities() if not isinstance(e, Link) and _is(e, key)])


def _is(entity: Entity, key: int) -> bool:
    return not isinstance(entity, Task) or entity.id == key


@given(st.integers(0, 2**40), st.sampled_from((1.0, 0.5)))
@settings(max_examples=10)
def test_one_loop_costs_its_share_once_for_each_return(seed: int, share: float) -> None:
    loop = net("1-2 1-3 2-4 3-4+1", f"4-1:0.4:{share}")
    assumed = Options(runs=FEW, seed=seed, rates="entered", correlation=0.0)
    found = forecast(loop, TODAY, assumed)
    straight = forecast(_rates(loop, 0.0), TODAY, assumed)
    alone = [forecast(_only(loop, key), TODAY, assumed).finish.ends for key in (1, 2, 3, 4)]
    returned = 0
    for run in range(FEW):
        one, two, three, four = (ends[run] for ends in alone)
        assert straight.finish.ends[run] == pytest.approx(one + max(two, three + 1) + four)
        again = share * one + max(share * two, share * three + 1) + share * four
        returns = (found.finish.ends[run] - straight.finish.ends[run]) / again
        assert returns == pytest.approx(round(returns), abs=1e-6)
        returned += round(returns)
    assert found.returns[0].passes_mean == pytest.approx(1 + returned / FEW)


def _rates(ws: Workspace, rate: float) -> Workspace:
    return altered(ws, lambda e: replace(e, rate=rate) if _returns(e) else e)


def _returns(entity: Entity) -> TypeGuard[Link]:
    return isinstance(entity, Link) and entity.kind == "returns"


@some
@given(nets(), options, st.data())
def test_more_coming_back_is_never_earlier(
    ws: Workspace, assumed: Options, data: st.DataObject
) -> None:
    backs = [link for link in ws.links.values() if _returns(link)]
    most = max(Counter(link.source for link in backs).values(), default=1)
    if most > (2 if assumed.rates == "entered" else 1):
        return  # what is learnt of one arrow applies to the others; of three, one moves another
    raised = {link.id: data.draw(st.sampled_from((0.0, 0.05, 0.15))) for link in backs}
    more = altered(ws, lambda e: replace(e, rate=e.rate + raised[e.id]) if _returns(e) else e)
    never_earlier(forecast(more, TODAY, assumed), forecast(ws, TODAY, assumed))


@some
@given(nets(under_way=False), options)
def test_more_of_it_done_again_is_never_earlier(ws: Workspace, assumed: Options) -> None:
    more = altered(ws, lambda e: replace(e, share=min(e.share + 0.2, 1.0)) if _returns(e) else e)
    never_earlier(forecast(more, TODAY, assumed), forecast(ws, TODAY, assumed))


@some
@given(nets(), options, st.sampled_from((0.0, 0.2, 0.5)), st.sampled_from((0.1, 0.4)))
def test_more_learned_is_never_later(
    ws: Workspace, assumed: Options, learning: float, more: float
) -> None:
    less = forecast(ws, TODAY, replace(assumed, learning=learning))
    found = forecast(ws, TODAY, replace(assumed, learning=learning + more))
    never_earlier(less, found)
    assert found.without_returns == less.without_returns
    assert [each.passes_mean for each in found.returns] == [
        each.passes_mean for each in less.returns
    ]


@some
@given(nets(estimates=FIXED), options)
def test_fresh_draws_of_what_never_varies_are_those_that_are_kept(
    ws: Workspace, assumed: Options
) -> None:
    kept, fresh = (forecast(ws, TODAY, replace(assumed, draws=how)) for how in ("kept", "fresh"))
    assume(not any(step.overdue for step in kept.plan.steps.values()))
    assert fresh.finish.ends == pytest.approx(kept.finish.ends)
    assert fresh.criticality == kept.criticality


@some
@given(nets(under_way=False), options)
def test_fresh_draws_share_what_is_common_to_a_project(ws: Workspace, assumed: Options) -> None:
    # Where nothing is a task's own, there is nothing to be redrawn.
    assumed = replace(assumed, correlation=1.0)
    kept, fresh = (forecast(ws, TODAY, replace(assumed, draws=how)) for how in ("kept", "fresh"))
    assert fresh.finish.ends == pytest.approx(kept.finish.ends)


@some
@given(nets(), options)
def test_what_never_comes_back_is_drawn_once(ws: Workspace, assumed: Options) -> None:
    straight, assumed = _rates(ws, 0.0), replace(assumed, rates="entered")
    kept, fresh = (
        forecast(straight, TODAY, replace(assumed, draws=how, learning=part))
        for how, part in (("kept", 0.0), ("fresh", 0.5))
    )
    assert fresh.finish == kept.finish


@some
@given(nets(), options, st.lists(st.integers(1, 90), max_size=4))
def test_runs_do_not_depend_on_how_they_are_cut(
    ws: Workspace, assumed: Options, cuts: list[int]
) -> None:
    played = Simulation(
        plan(ws, TODAY),
        seed=assumed.seed,
        correlation=assumed.correlation or 0.0,
        at_risk=assumed.policy == "at-risk",
        fresh=assumed.draws == "fresh",
        learning=assumed.learning,
    )
    ends = [*itertools.accumulate(cuts), 400]
    found = [
        batch.finish
        for first, end in zip([0, *ends], ends, strict=False)
        for batch in played.play(first, end - first)
    ]
    [whole] = played.play(0, 400)
    assert np.array_equal(np.concatenate(found), whole.finish)


@some
@given(nets(under_way=False), options, st.sampled_from((0.25, 3.0)))
def test_longer_tasks_are_never_earlier(ws: Workspace, assumed: Options, by: float) -> None:
    def longer(entity: Entity) -> Entity:
        if not isinstance(entity, Task) or entity.id > 2:
            return entity
        low, likely, high = (days or 0.0 for days in (entity.low, entity.likely, entity.high))
        return replace(entity, low=low + by, likely=likely + by, high=high + by)

    never_earlier(forecast(altered(ws, longer), TODAY, assumed), forecast(ws, TODAY, assumed))


@some
@given(nets(one_a_gate=True), options, st.data())
def test_one_more_arrow_is_never_earlier(
    ws: Workspace, assumed: Options, data: st.DataObject
) -> None:
    order = list(plan(ws, TODAY).steps)
    if len(order) < 2:
        return
    at = data.draw(st.integers(0, len(order) - 2))
    after = data.draw(st.sampled_from(order[at + 1 :]))
    taken = {(link.source, link.target) for link in ws.links.values() if link.kind == "needs"}
    if (order[at], after) in taken:
        return
    try:
        linked = done(ws, arrows.link, source=order[at], target=after)
    except Refused:
        # What a return arrow leads to cannot come after its gate.
        return
    never_earlier(forecast(linked, TODAY, assumed), forecast(ws, TODAY, assumed))


@some
@given(nets(), options)
def test_beginning_at_risk_is_never_later(ws: Workspace, assumed: Options) -> None:
    waiting = forecast(ws, TODAY, replace(assumed, policy="wait"))
    never_earlier(waiting, forecast(ws, TODAY, replace(assumed, policy="at-risk")))


@some
@given(nets(under_way=False), options, st.sampled_from((0.5, 3.0)))
def test_days_of_another_length_change_nothing_else(
    ws: Workspace, assumed: Options, by: float
) -> None:
    def scaled(entity: Entity) -> Entity:
        if isinstance(entity, Link):
            waits = None if entity.escalation is None else by * entity.escalation
            return replace(entity, lag=by * entity.lag, escalation=waits)
        if not isinstance(entity, Task):
            return entity
        low, likely, high = (days or 0.0 for days in (entity.low, entity.likely, entity.high))
        return replace(entity, low=by * low, likely=by * likely, high=by * high)

    found, known = forecast(altered(ws, scaled), TODAY, assumed), forecast(ws, TODAY, assumed)
    assert list(found.finish.ends) == pytest.approx(
        [by * float(days) for days in known.finish.ends]
    )


@some
@given(nets(), options)
def test_titles_change_nothing(ws: Workspace, assumed: Options) -> None:
    named = altered(ws, lambda e: replace(e, title=f"~{e.id}") if isinstance(e, Task) else e)
    found, known = forecast(named, TODAY, assumed), forecast(ws, TODAY, assumed)
    assert found.finish == known.finish
    assert found.returns == known.returns
    assert found.criticality == known.criticality


@pytest.mark.parametrize("name", ["overlapping", "gates on branches", "two at one gate"])
def test_other_numbers_for_the_tasks_change_nothing_but_chance(name: str) -> None:
    runs = 20_000
    assumed = Options(runs=runs, rates="entered")
    known = forecast(SHAPES[name], TODAY, assumed)

    def renamed(entity: Entity) -> Entity:
        if isinstance(entity, Task):
            return replace(entity, id=90 - entity.id)
        if isinstance(entity, Link):
            return replace(
                entity, id=70 - entity.id, source=90 - entity.source, target=90 - entity.target
            )
        return entity

    found = forecast(altered(SHAPES[name], renamed), TODAY, assumed)
    assert found.finish.mean != known.finish.mean
    error = known.finish.sd * math.sqrt(2 / runs)
    assert found.finish.mean == pytest.approx(known.finish.mean, abs=FAR * error)
    first = math.ceil(min(known.finish.ends))
    for day in range(first, first + 40, 4):
        chance = known.cdf(day)
        error = math.sqrt(chance * (1 - chance) * 2 / runs)
        assert found.cdf(day) == pytest.approx(chance, abs=FAR * error + 2 / runs)


@pytest.mark.parametrize("name", SHAPES)
def test_fewer_runs_are_the_first_of_more(name: str) -> None:
    for assumed in (
        Options(rates="entered", policy="wait"),
        Options(rates="posterior", policy="at-risk"),
    ):
        few, many = (
            forecast(SHAPES[name], TODAY, replace(assumed, runs=runs)) for runs in (1000, 3000)
        )
        assert list(few.finish.ends) == list(many.finish.ends[:1000])


def test_the_error_falls_as_the_root_of_the_runs() -> None:
    ws, seeds = SHAPES["overlapping"], 60
    known = forecast(ws, TODAY, Options(runs=40_000, rates="entered"))
    spread = []
    for runs in (200, 800):
        means, chances = [], []
        for seed in range(seeds):
            found = forecast(ws, TODAY, Options(runs=runs, seed=seed + 2, rates="entered"))
            means.append(found.finish.mean)
            chances.append(found.cdf(math.ceil(known.finish.p80)))
        chance = known.cdf(math.ceil(known.finish.p80))
        for sample, truth, error in (
            (means, known.finish.mean, known.finish.sd / math.sqrt(runs)),
            (chances, chance, math.sqrt(chance * (1 - chance) / runs)),
        ):
            # A variance of a normal sample has a relative error of the root of 2 / (n - 1).
            wide = FAR * math.sqrt(2 / (seeds - 1))
            assert variance(sample) / error**2 == pytest.approx(1, abs=wide)
            assert fmean(sample) == pytest.approx(truth, abs=FAR * error / math.sqrt(seeds) * 1.2)
        spread.append(fmean((mean - known.finish.mean) ** 2 for mean in means))
    # The logarithm of such a ratio has an error of the root of 4 / (n - 1).
    assert math.log(spread[0] / spread[1] / 4) == pytest.approx(
        0, abs=FAR * math.sqrt(4 / (seeds - 1))
    )


@pytest.mark.parametrize("name", ["no loop", "overlapping", "running", "projects", "steps"])
def test_the_interval_of_p80_holds_it_for_nearly_all_seeds(name: str) -> None:
    ws = net("1-2 2-3", "3-1:0.44", days={1: 3, 2: 4, 3: 1}) if name == "steps" else SHAPES[name]

    def finish(runs: int, seed: int) -> Finish:
        found = refine(ws, TODAY, Options(runs=runs, seed=seed, rates="entered"), costs=False)
        *_, last = found
        return last.finish

    truth = finish(40_000, 999).p80
    held = 0
    for seed in range(1, 201):
        found = finish(200, seed)
        held += found.p80_low - 1e-9 <= truth <= found.p80_high + 1e-9
    assert held >= 186


def test_arrows_that_the_simulation_cannot_tell_apart_are_level() -> None:
    # Two loops of one kind behind each other, and a dear one.
    ws = net("1-2 2-3", "1-1:0.3:0.5 2-2:0.3:0.5 3-3:0.5", days={1: 4, 2: 4, 3: 4})
    found = forecast(ws, TODAY, Options(runs=2000))
    assert [back.level for back in found.returns] == [False, False, True]
    ws = net("1-2", "1-1:0.3:0.5 2-2:0.3:0.5", days={1: 4, 2: 4})
    found = forecast(ws, TODAY, Options(runs=2000))
    assert [back.level for back in found.returns] == [True, True]
    for back in found.returns:
        assert back.cost_error is not None
        # A geometric number of rounds of two days, at rates that vary from run to run.
        assert 0 < back.cost_error < 0.2


@some
@given(nets(), options)
def test_the_figures_are_those_of_the_runs(ws: Workspace, assumed: Options) -> None:
    found = forecast(ws, TODAY, assumed)
    runs = sorted(found.finish.ends)
    assert found.runs == len(runs) == FEW
    assert found.finish.mean == pytest.approx(fmean(runs))
    for share, quantile in ((50, found.finish.p50), (80, found.finish.p80), (95, found.finish.p95)):
        # The smallest value that at least that share of the runs does not exceed.
        assert quantile == pytest.approx(runs[-(-share * FEW // 100) - 1])
    for days in (runs[0], runs[FEW // 2], math.ceil(runs[-1]), -1.0):
        assert found.cdf(days) == pytest.approx(sum(run <= days + 1e-6 for run in runs) / FEW)


@some
@given(nets(), options)
def test_figures_are_in_order(ws: Workspace, assumed: Options) -> None:
    found = forecast(ws, TODAY, assumed)
    for finish in (found.finish, found.without_returns, *found.projects.values()):
        assert 0 <= finish.p50 <= finish.p80 <= finish.p95
        assert finish.sd >= 0
        assert finish.error80 >= 0
        assert finish.p95 <= found.finish.p95 + 1e-9
    for name in ("mean", "p50", "p80", "p95"):
        assert getattr(found.without_returns, name) <= getattr(found.finish, name) + 1e-9
    open_ = {key for key, step in found.plan.steps.items() if step.open}
    assert found.criticality.keys() <= open_
    assert all(0 <= share <= 1 for share in found.criticality.values())
    # Where everything takes no time at all, nothing decides.
    lasting = fmean(days > 0 for days in found.finish.ends)
    assert sum(found.criticality.values()) >= lasting - 1e-9
    for figures in found.returns:
        assert 0 <= figures.rate_low <= figures.rate_high <= 1
        if assumed.rates == "posterior":
            assert figures.rate_low <= figures.rate <= figures.rate_high
        assert 1 <= figures.passes_p50 <= figures.passes_p95
        assert figures.passes_mean >= 1
        assert 0 <= figures.first_pass_yield <= 1
        assert figures.cost_mean is not None
        assert figures.cost_mean >= 0
        assert figures.capped >= 0


@some
@given(nets(), options)
def test_nothing_is_over_on_a_day_off(ws: Workspace, assumed: Options) -> None:
    found = forecast(ws, TODAY, assumed)
    calendar = found.plan.calendar
    days = [found.date_of(days) for days in sorted(found.finish.ends)]
    assert all(calendar.is_working(day) for day in days)
    assert days == sorted(days)
    assert days[0] >= found.start == found.plan.start


@some
@given(nets(), options, st.data())
def test_the_cost_of_a_return_is_what_its_absence_saves(
    ws: Workspace, assumed: Options, data: st.DataObject
) -> None:
    assumed = replace(assumed, rates="entered")
    found = forecast(ws, TODAY, assumed)
    if not found.returns:
        return
    figures = data.draw(st.sampled_from(found.returns))
    if len(found.plan.gates[figures.gate]) > 2:
        return  # no drawing of three leaves two alone whatever the rate of one
    without = forecast(done(ws, arrows.edit_link, link=figures.link, rate=0.0), TODAY, assumed)
    never_earlier(found, without)
    for cost, name in (
        (figures.cost_mean, "mean"),
        (figures.cost_p50, "p50"),
        (figures.cost_p80, "p80"),
    ):
        saved = getattr(found.finish, name) - getattr(without.finish, name)
        assert cost == pytest.approx(saved, abs=1e-6)


@pytest.mark.parametrize("policy", ["wait", "at-risk"])
def test_the_costs_of_three_returns_of_one_gate(policy: Literal["wait", "at-risk"]) -> None:
    runs, extra = 20_000, (3, 6, 6)
    ws = net("", "1-1:0.1 1-2:0.1 1-3:0.1", every=3.0)
    found = forecast(ws, TODAY, Options(runs, rates="entered", policy=policy))
    assert [figures.target for figures in found.returns] == [1, 2, 3]
    for figures, days in zip(found.returns, extra, strict=True):
        # Each returns p / (1 - 3p) times; of two, p / (1 - 2p).
        cost = sum(extra) / 7 - (sum(extra) - days) / 8
        error = found.finish.sd / math.sqrt(runs)
        assert figures.cost_mean == pytest.approx(cost, abs=FAR * error)


@some
@given(nets(), options, st.data())
def test_another_rate_leaves_what_it_cannot_reach_alone(
    ws: Workspace, assumed: Options, data: st.DataObject
) -> None:
    found = forecast(ws, TODAY, assumed)
    if not found.returns:
        return
    figures = data.draw(st.sampled_from(found.returns))
    changed = forecast(done(ws, arrows.edit_link, link=figures.link, rate=0.4), TODAY, assumed)
    assert changed.without_returns == found.without_returns


@some
@given(nets(), options)
def test_a_forecast_is_refined_to_what_it_is_at_once(ws: Workspace, assumed: Options) -> None:
    *_, last = refine(ws, TODAY, assumed)
    found = forecast(ws, TODAY, assumed)
    assert last.finish == found.finish
    assert last.returns == found.returns
    assert list(last.finish.ends) == list(found.finish.ends)


@pytest.mark.parametrize("estimate", [5.0, (3.0, 5.0, 9.0)])
def test_what_is_overdue_gets_no_surer_with_time(estimate: Estimate) -> None:
    apart, left = [], []
    for ago in (14, 28, 56, 112):
        found = forecast(net("1-2", days={1: estimate, 2: 1.0}, began={1: ago}), TODAY)
        assert found.plan.overrun == (1,)
        apart.append(found.finish.p95 - found.finish.p50)
        left.append(found.finish.mean)
    assert apart[0] > 1
    assert apart == sorted(apart)
    assert left == sorted(left)


def test_the_same_seed_finds_the_same_and_another_does_not() -> None:
    ws = SHAPES["overlapping"]
    once, again, other = (forecast(ws, TODAY, Options(runs=FEW, seed=n)) for n in (7, 7, 8))
    assert once.finish == again.finish
    assert once.finish != other.finish


def test_everything_in_a_line_is_always_critical() -> None:
    line = net("1-2 2-3+1 3-4", "3-2:0.3 4-1:0.2", states="1:done")
    found = forecast(line, TODAY, Options(runs=FEW))
    assert found.criticality == {2: 1.0, 3: 1.0, 4: 1.0}


def test_the_longer_branch_is_the_likelier_critical_one() -> None:
    # Case 08a: of two branches with one distribution each is critical half of the time.
    fork = net("1-2 1-3 2-4 3-4", days={1: 1.0, 4: 1.0})
    runs = 10_000
    found = forecast(fork, TODAY, Options(runs=runs, correlation=0.0)).criticality
    assert found[1] == found[4] == 1.0
    assert found[2] + found[3] == pytest.approx(1, abs=1e-3)
    assert found[2] == pytest.approx(0.5, abs=FAR * math.sqrt(0.25 / runs))


def test_what_was_seen_moves_the_date() -> None:
    sketch = "1-2 2-3", "3-1:0.2:0.5"
    records = [(0, 20), (0, 0), (3, 5), (12, 5)]
    found = [
        forecast(_unshared(net(*sketch, record={0: record})), TODAY, Options(runs=2000))
        for record in records
    ]
    # Both have seen as much of what was entered: nothing, and one return in five.
    for better, worse in ((0, 1), (2, 3), (0, 2)):
        never_earlier(found[worse], found[better])
        assert found[worse].finish.p80 > found[better].finish.p80
    entered = [
        forecast(
            _unshared(net(*sketch, record={0: record})),
            TODAY,
            Options(runs=2000, rates="entered"),
        )
        for record in records
    ]
    assert all(each.finish == entered[0].finish for each in entered)
    figures = found[3].returns[0]
    assert (figures.returned, figures.ended) == (12, 17)
    assert figures.rate == pytest.approx((4 * 0.2 + 12) / (4 + 17), abs=0.02)


def _unshared(ws: Workspace) -> Workspace:
    """Let all that was sent back count as begun anew, so that only rates differ."""
    return altered(
        ws,
        lambda e: (
            replace(e, passes=tuple(replace(run, gate=None) for run in e.passes))
            if isinstance(e, Task)
            else e
        ),
    )


@pytest.mark.parametrize(
    ("ws", "assumed", "words"),
    [
        (SHAPES["nested"], Options(correlation=1.5), ("1.5",)),
        (SHAPES["nested"], Options(correlation=-0.1), ("-0.1",)),
        (SHAPES["nested"], Options(correlation=math.nan), ("nan",)),
        (SHAPES["nested"], Options(learning=1.0), ("1",)),
        (SHAPES["nested"], Options(learning=-0.2), ("-0.2",)),
        (SHAPES["nested"], Options(learning=math.nan), ("nan",)),
        (SHAPES["nested"], Options(runs=0), ("0",)),
        (SHAPES["nested"], Options(runs=-5), ("-5",)),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    ws: Workspace, assumed: Options, words: Sequence[str]
) -> None:
    with pytest.raises(BadInput) as refused:
        forecast(ws, TODAY, assumed)
    assert all(word in str(refused.value) for word in words)
    with pytest.raises(BadInput):
        list(refine(ws, TODAY, assumed))


def test_what_a_bound_cuts_short_is_said() -> None:
    runs = 2000
    often, endless = (net("1-2 2-3", f"3-1:{rate}", every=1.0) for rate in (0.97, 0.9999))
    found = forecast(often, TODAY, Options(runs=runs, rates="entered"))
    assert not found.warnings
    assert not found.returns[0].capped
    error = 3 * math.sqrt(0.97) / 0.03 / math.sqrt(runs)
    assert found.finish.mean == pytest.approx(3 / 0.03, abs=FAR * error)
    found = forecast(endless, TODAY, Options(runs=runs, rates="entered"))
    assert 0 < found.returns[0].capped <= runs
    [warning] = found.warnings
    assert "T3" in str(warning)
    assert str(found.returns[0].capped) in str(warning).replace(",", "")
    assert found.finish.mean < 3 / 0.0001


def _deep(size: int) -> Workspace:
    """Return a line in which each task sends back to the first, most of the time."""
    return net(
        " ".join(f"{n}-{n + 1}" for n in range(1, size)),
        " ".join(f"{n}-1:0.6" for n in range(2, size + 1)),
        every=1.0,
    )


def test_loops_within_loops_cost_what_the_chain_says() -> None:
    deep = _deep(7)
    found = forecast(deep, TODAY, Options(runs=1000, rates="entered"))
    assert not found.warnings
    error = found.finish.sd / math.sqrt(found.runs)
    assert found.finish.mean == pytest.approx(
        loop_figures.figures_of_loop(deep, list(deep.tasks)).expected_days, abs=FAR * error
    )


def test_loops_within_loops_that_explode_end_and_say_so() -> None:
    deep = _deep(25)
    found = forecast(deep, TODAY, Options(runs=FEW, rates="entered"))
    assert found.warnings
    assert any(figures.capped for figures in found.returns)
    assert found.finish.mean < (
        loop_figures.figures_of_loop(deep, list(deep.tasks)).expected_days or 0
    )


@pytest.mark.parametrize("ws", [Workspace(), net("1-2", "2-1:0.3", states="1:done 2:done")])
def test_where_nothing_is_left_it_is_over_at_the_start(ws: Workspace) -> None:
    found = forecast(ws, TODAY, Options(runs=FEW))
    assert found.finish.mean == found.finish.p95 == found.cpm_days == 0
    assert found.date_of(found.finish.p95) == found.start
    assert not found.criticality


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_it_runs_until_p80_is_known_to_half_a_day(seed: int) -> None:
    found = forecast(random_net(seed), TODAY, Options(seed=seed))
    assert found.runs >= 2_000
    assert found.finish.error80 < 0.5 or found.runs == 10_000
    assert found.options.runs is None or found.options.runs == found.runs


def test_a_large_plan_has_first_figures_of_fewer_runs() -> None:
    large = forecast_nets.net(2_001)
    found = list(refine(large, TODAY, Options(runs=600), costs=False))
    assert [each.runs for each in found] == [128, 512, 600]
    once = forecast(large, TODAY, Options(runs=512)).finish
    assert [each.finish.ends for each in found[:2]] == [once.ends[:128], once.ends]


@pytest.mark.parametrize("rate", [0.6, math.nan])
def test_rates_of_old_that_leave_nothing_for_acceptance_are_bounded_and_told(rate: float) -> None:
    ws = net("1-2 2-3", f"3-1:{rate} 3-2:{rate}")
    found = forecast(ws, TODAY, Options(runs=FEW))
    assert found.plan.endless == (3,)
    assert [back.rate for back in found.plan.returns] == pytest.approx([0.475, 0.475])
    (told,) = (str(text) for text in found.warnings if "never get past" in str(text))
    assert "3 " in told
    assert "uses 95% in total" in told
