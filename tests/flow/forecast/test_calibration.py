"""What was seen so far weighs as it should against what was entered."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tests.builders import TODAY, done, plan
from tracker.domain.change import Change, Record
from tracker.domain.draft import Now
from tracker.domain.model import Department, Link, Pass, Settings, Task
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.calibration import (
    Beta,
    Calibration,
    calibration,
    counts,
    durations,
    finished_tasks,
    posterior,
    promised,
    rework,
    so_few_kept,
    throughput,
    weekly,
)
from tracker.flow.forecast.critical_path import schedule
from tracker.flow.forecast.forecast import Options, each_by, forecast

CASES = DATA / "cases"


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


@pytest.mark.parametrize(("a", "b", "x"), [(4.3, 4.4e-16, 1.0), (4.4e-324, 4.3, 0.0)])
def test_a_chance_that_is_as_good_as_sure_has_no_spread(a: float, b: float, x: float) -> None:
    assert Beta(a, b).interval() == (x, x)


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
    assert (always.cdf(0.5), always.cdf(1)) == (0, 1)
    assert (Beta(2, 2).quantile(0), Beta(2, 2).quantile(1)) == (0, 1)


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


# --- shares of rework


def on(day: int) -> Now:
    """Return the morning of a day of November 2026; the 2nd is a Monday."""
    return Now(datetime(2026, 11, day, 9, tzinfo=UTC), date(2026, 11, day), "x")


def story(*steps: tuple[int, str, int]) -> Workspace:
    """Play what happens on days of November 2026 to three tasks in a row with a way back."""
    ws = plan("1-2 2-3", returns="3-1")
    (back,) = (link for link in ws.links.values() if link.kind == "returns")
    ws = done(ws, arrows.edit_link, link=back.id, share=0.5)
    verbs: Any = {
        "start": commands.start,
        "finish": commands.finish,
        "confirm": commands.confirm,
    }
    for day, verb, task in steps:
        if verb == "back":
            ws = done(ws, arrows.send_back, on(day), gate=task, target=1, reason="no")
        else:
            ws = done(ws, verbs[verb], on(day), task=task)
    return ws


FIRST_PASS = (
    *((2, "start", 1), (5, "finish", 1), (5, "start", 2), (9, "finish", 2)),
    *((10, "start", 3), (10, "back", 3)),
)


def way_back(ws: Workspace) -> Link:
    """Return the one return arrow."""
    (link,) = (link for link in ws.links.values() if link.kind == "returns")
    return link


def test_without_a_return_the_share_is_the_one_entered() -> None:
    found = rework(ws := story(), way_back(ws))
    assert (found.observed, found.returns, found.share) == (None, 0, 0.5)
    # A return that is not worked off yet says nothing either.
    found = rework(ws := story(*FIRST_PASS), way_back(ws))
    assert (found.observed, found.returns, found.share) == (None, 0, 0.5)


def test_what_is_done_again_is_measured_from_target_to_gate() -> None:
    # First passes: Monday to Thursday, Thursday to Monday, Tuesday: 4 + 3 + 1 working days.
    ws = story(
        *FIRST_PASS,
        *((11, "start", 1), (12, "finish", 1), (12, "confirm", 2), (13, "start", 3)),
        (13, "finish", 3),
    )
    found = rework(ws, way_back(ws))
    assert (found.observed, found.returns) == (3 / 8, 1)
    assert found.share == pytest.approx((4 * 0.5 + 3 / 8) / 5)


def test_each_return_counts_by_itself() -> None:
    ws = story(
        *FIRST_PASS,
        *((11, "start", 1), (12, "finish", 1), (12, "confirm", 2), (13, "start", 3)),
        *((13, "back", 3), (16, "start", 1), (16, "finish", 1), (16, "start", 2)),
        *((18, "finish", 2), (18, "start", 3), (18, "finish", 3)),
    )
    found = rework(ws, way_back(ws))
    assert found.observed == pytest.approx((3 + 5) / 8 / 2)
    assert found.returns == 2


# --- durations


def finished(number: int, days: int, likely: float, **fields: Any) -> Task:
    """Return a task that was done in so many working days from a Monday on."""
    first = datetime(2026, 10, 5, 9, tzinfo=UTC)
    run = Pass(number=1, started=first, ended=first + timedelta(days=days - 1), outcome="done")
    return Task(id=number, title="x", state="done", likely=likely, passes=(run,), **fields)


def test_departments_are_late_by_a_factor() -> None:
    tasks = [finished(n, 4 if n % 2 else 1, 2.0, department=1) for n in range(1, 11)]
    tasks += [finished(n, 2, 2.0, department=2) for n in range(11, 20)]
    lanes = [Department(id=1, name="Netz"), Department(id=2, name="Einkauf")]
    found = durations(Workspace([*lanes, *tasks]))
    assert set(found) == {1}
    assert (found[1].tasks, found[1].mean, found[1].spread) == (10, *map(pytest.approx, (1, 2)))
    assert durations(Workspace([*lanes, *tasks[:9]])) == {}


def test_durations_need_an_estimate_and_both_ends() -> None:
    tasks = [finished(n, 2, 2.0) for n in range(1, 11)]
    assert durations(Workspace(tasks))[None].mean == pytest.approx(1)
    unsaid = finished(1, 2, 0.0)
    unstarted = Task(id=1, title="x", state="done", likely=1.0, passes=(Pass(number=1),))
    for odd in (unsaid, unstarted):
        assert durations(Workspace([odd, *tasks[1:]])) == {}


@pytest.mark.parametrize(("count", "student"), [(10, 1.383029), (12, 1.363430), (30, 1.311434)])
def test_what_the_next_task_takes_is_predicted_from_those_before(
    count: int, student: float
) -> None:
    # Twice as long and half as long in turn: of the logarithms the mean is 0.
    tasks = [finished(n, 4 if n % 2 else 1, 2.0) for n in range(1, count + 1)]
    found = finished_tasks(Workspace(tasks))
    assert found
    aside = student * math.log(2) * math.sqrt((count + 1) / (count - 1))
    assert found.tasks == count
    assert math.log(found.high) == pytest.approx(aside, rel=1e-3)
    assert math.log(found.low) == pytest.approx(-aside, rel=1e-3)
    assert finished_tasks(Workspace(tasks[:9])) is None


# --- throughput


def test_the_weeks_of_the_textbook() -> None:
    case = json.loads((CASES / "10_throughput_when_forecast_exact.json").read_text())
    found = throughput(case["inputs"]["weekly_throughput"], case["inputs"]["items"])
    expected = case["expected"]
    assert found
    for weeks, chance in expected["cdf"].items():
        assert found.chances[int(weeks)] == pytest.approx(chance, abs=1e-6)
    assert found.weeks(0.5) == expected["P50_weeks"]
    assert found.weeks(0.85) == expected["P85_weeks"]
    assert found.weeks(0.95) == expected["P95_weeks"]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.integers(0, 7))
def test_weeks_are_counted_out(past: Sequence[int], items: int) -> None:
    found = throughput(past, items)
    if found is None:
        assert not any(past)
        return
    for weeks in range(5):
        ways = [sum(way) >= items for way in product(past, repeat=weeks)]
        chance = found.chances[weeks] if weeks < len(found.chances) else 1
        assert chance == pytest.approx(sum(ways) / len(ways), abs=1e-5)


def test_what_never_ends_has_no_date() -> None:
    assert throughput([0, 0], 3) is None
    assert throughput([], 3) is None
    assert throughput([0] * 11 + [1], 5000) is None


def test_whole_weeks_are_counted_since_the_first_task() -> None:
    created = datetime(2026, 11, 4, tzinfo=UTC)
    ended = [date(2026, 11, day) for day in (5, 8, 9, 22, 23)]
    tasks = [
        Task(
            id=n,
            title="x",
            state="done",
            created=created,
            passes=(
                Pass(
                    number=1, ended=datetime(d.year, d.month, d.day, 9, tzinfo=UTC), outcome="done"
                ),
            ),
        )
        for n, d in enumerate(ended, 1)
    ]
    assert weekly(tasks, TODAY) == (2, 1, 1)
    assert weekly(tasks, TODAY - timedelta(days=1)) == (2, 1)
    assert weekly(tasks, TODAY + timedelta(weeks=20)) == (0,) * 12
    assert weekly([], TODAY) == ()
    assert weekly(plan("1-2").tasks.values(), TODAY) == ()
    assert weekly([Task(id=1, title="x", created=created)], TODAY) == (0, 0, 0)


# --- calibration


class Past:
    """A plan and its history, played day by day."""

    def __init__(self) -> None:
        self.ws = Workspace()
        self.records: list[Record] = []

    def do(self, day: date, command: Any, **fields: Any) -> None:
        """Carry out a command on a day."""
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        change: Change = command(self.ws, Now(at, day, "x"), **fields)
        record = Record(seq=len(self.records) + 1, at=at, who="x", change=change)
        self.records.append(record)
        self.ws = self.ws.apply(change, seq=record.seq)


def test_dates_that_were_kept_are_counted() -> None:
    past = Past()
    start = TODAY - timedelta(weeks=4, days=1)
    for n in range(1, 7):
        past.do(start, commands.add_task, title=str(n))
    past.do(TODAY - timedelta(days=20), commands.finish, task=1)  # as promised
    past.do(TODAY - timedelta(days=19), commands.drop, task=4)
    past.do(TODAY - timedelta(days=19), commands.delete_task, task=5)
    past.do(TODAY - timedelta(days=5), commands.finish, task=2)  # late
    asked: list[tuple[date, set[int]]] = []

    def told(ws: Workspace, day: date) -> Mapping[int, date]:
        unfinished = {task.id for task in ws.tasks.values() if task.open}
        asked.append((day, unfinished))
        # The sixth always has time.
        return {task: day + timedelta(days=8 if task < 6 else 99) for task in unfinished}

    promises = promised(past.ws, past.records, TODAY, told)
    found = calibration(past.ws, promises, TODAY)
    assert (found.kept, found.told, found.tasks) == (2, 8, 3)
    # Two tasks missed theirs.
    assert found.chance == pytest.approx(0.2 * 0.2)
    assert asked == [
        (TODAY - timedelta(weeks=1), {2, 3, 6}),
        (TODAY - timedelta(weeks=2), {2, 3, 6}),
        (TODAY - timedelta(weeks=3), {1, 2, 3, 4, 5, 6}),
        (TODAY - timedelta(weeks=4), {1, 2, 3, 4, 5, 6}),
    ]


def test_each_task_is_forecast_by_itself() -> None:
    ws = plan("1-2 1-3 3-4", returns="3-1", states="1:done", low=1.0, likely=2.0, high=6.0)
    days = {task: end.day for task, end in each_by(ws, TODAY, Options(runs=512)).items()}
    whole = forecast(ws, TODAY, Options(runs=512))
    assert set(days) == {2, 3, 4}
    assert days[3] < days[4] == whole.date_of(whole.finish.p80)
    assert each_by(ws, TODAY, Options(runs=512), share=0.5)[4].day == whole.date_of(
        whole.finish.p50
    )
    fixed = plan("1-2 2-3", states="1:doing", low=2.0, likely=2.0, high=2.0)
    found = schedule(fixed, TODAY)
    assert {task: end.day for task, end in each_by(fixed, TODAY).items()} == {
        task: found.days(task)[1] for task in fixed.tasks
    }
    assert each_by(Workspace(), TODAY) == {}


def test_a_plan_without_a_past_tells_nothing_of_dates() -> None:
    def told(_ws: Workspace, _day: date) -> Mapping[int, date]:
        raise AssertionError

    assert promised(Workspace(), [], TODAY, told) == {}
    assert calibration(Workspace(), {}, TODAY) == Calibration(0, 0, 0, 1.0)
    past = Past()
    past.do(TODAY, commands.add_task, title="new")
    assert promised(past.ws, past.records, TODAY, told) == {}


def test_dates_are_called_too_early_where_chance_would_hardly_have_it_so() -> None:
    def too_early(kept: int, *dates: int) -> bool:
        return Calibration(kept, sum(dates), len(dates), so_few_kept(dates, kept)).too_early

    # Two standard errors of a binomial count below its mean, in which one task has one date.
    assert [too_early(kept, *[1] * 116) for kept in (47, 83, 84, 93)] == [True, True, False, False]
    assert not too_early(0)
    assert not too_early(0, 1)
    # One task alone misses its dates in one of five cases, however many they were.
    assert not too_early(0, 12)
    assert so_few_kept((12,), 0) == pytest.approx(0.2)
    assert too_early(0, 12, 12, 12)


@given(st.lists(st.integers(1, 12), max_size=8), st.integers(0, 50))
def test_the_chance_of_so_few_kept_dates_counts_all_outcomes(dates: list[int], kept: int) -> None:
    chance = sum(
        math.prod(0.8 if all_of else 0.2 for all_of in outcome)
        for outcome in product((False, True), repeat=len(dates))
        if sum(count for count, all_of in zip(dates, outcome, strict=True) if all_of) <= kept
    )
    assert so_few_kept(dates, kept) == pytest.approx(chance)


def test_of_many_tasks_the_chance_of_so_few_kept_dates_is_nearly_exact() -> None:
    dates = [1, 2, 3] * 33
    for kept in (150, 158, 170):
        assert so_few_kept([*dates, 1, 1], kept) == pytest.approx(
            so_few_kept([*dates, 1], kept), abs=0.04
        )


def test_dates_of_one_task_are_no_independent_ones() -> None:
    # Three of four tasks met theirs, and one missed it in each of eleven weeks.
    late = {TODAY - timedelta(weeks=week): {4: TODAY - timedelta(days=1)} for week in range(2, 13)}
    done = {task: TODAY - timedelta(days=1) for task in (1, 2, 3)}
    late[TODAY - timedelta(weeks=2)] |= done
    past = Past()
    for task in range(1, 5):
        past.do(TODAY - timedelta(weeks=13), commands.add_task, title=f"T{task}")
    for task in done:
        past.do(TODAY - timedelta(days=3), commands.finish, task=task)
    found = calibration(past.ws, late, TODAY)
    assert (found.kept, found.told, found.tasks) == (3, 14, 4)
    assert found.chance == pytest.approx(0.2)
    assert not found.too_early
    # Of as many tasks, each with one date, chance would hardly have it so.
    assert so_few_kept([1] * 14, 3) < 1e-4


@pytest.mark.parametrize("weight", [0.0, 5e-324, 4.0])
def test_rates_that_leave_nothing_and_weigh_nothing_are_what_they_are(weight: float) -> None:
    ws = Workspace(
        [
            Settings(id=1, prior_weight=weight),
            *(Task(id=n, title="A", likely=1.0) for n in (1, 2, 3)),
            *(Link(id=n, kind="returns", source=3, target=n, rate=0.5) for n in (1, 2)),
        ]
    )
    assert posterior(ws, ws.links[1]).mean == pytest.approx(0.5)
