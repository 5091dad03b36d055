"""What the record of a plan teaches: how often work comes back, what it takes, how much a week."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from statistics import NormalDist, fmean, stdev

import msgspec

from tracker.domain import status
from tracker.domain.calendar import Calendar, day_of
from tracker.domain.change import Record
from tracker.domain.model import Link, Pass, Task
from tracker.domain.passes import worked_days
from tracker.domain.workspace import NOTHING, Workspace
from tracker.flow.past import morning, states

# An entered share weighs as much as this many returns that were seen.
_SHARE_WEIGHT = 4.0
# Of the weight of the entered rates of a gate so much at least is that it accepts: with 1 and less
# the mean number of passes would be infinite, whatever rate was entered. With the usual weight it
# matters from 60 % on.
_LEAST_ACCEPTED = 1.6
# Fewer durations than these say nothing of a department.
FEWEST_DURATIONS = 10
# Fewer weeks than these are no pace.
_FEWEST_WEEKS = 4
# Weeks looked back on, and weeks ahead after which a forecast by throughput gives up.
_WEEKS_BACK, _WEEKS_AHEAD = 12, 520
# What of a distribution may be left out, and what counts as all of it.
_NEGLIGIBLE, _CERTAIN = 1e-18, 1 - 1e-6
# What happens less often is no chance; the sum of so many tasks is had exactly.
_HARDLY, _FEW_TASKS = 0.025, 100
# Terms of the continued fraction: it needs about the square root of its larger parameter.
_MOST_TERMS = 100_000
_TINY = 1e-300


def counts(ws: Workspace, link: Link) -> tuple[int, int]:
    """Return how often the gate of a return arrow sent work back over it, and how often it ended.

    A pass of the gate ends by being done or by sending work back; one that was interrupted, or
    whose end was withdrawn, did not come to an answer.
    """
    passes = ws.tasks[link.source].passes
    ended = [run for run in passes if run.accepted or run.outcome == "returned"]
    back = sum(run.outcome == "returned" and run.returned_to == link.target for run in ended)
    return back, len(ended)


def posterior(ws: Workspace, link: Link) -> Beta:
    """Return what is known of a rate of return: what was entered, and what was seen since.

    Beta(wp + returned, w(1 − p) + not returned), the marginal of the Dirichlet over everything
    that may come of a completion of the gate (Gelman et al., Bayesian Data Analysis, 3.4).
    """
    returned, ended = counts(ws, link)
    arrows = ws.arrows_out.get(link.source, ())
    backs = [each for each in arrows if each.kind == "returns"]
    backs = [each for each in backs if ws.tasks[each.target].state != "dropped"]
    weight = prior_weight(ws.preferences.prior_weight, sum(each.rate for each in backs))
    return Beta(weight * link.rate + returned, weight * (1 - link.rate) + ended - returned)


def prior_weight(wanted: float, rate: float) -> float:
    """Return how many completions the entered rates of a gate weigh that add up to `rate`.

    As many as `wanted`, or so many that the mean number of passes stays finite.
    """
    return max(wanted, _LEAST_ACCEPTED / (1 - rate) if rate < 1 else _LEAST_ACCEPTED)


class Beta(msgspec.Struct, frozen=True):
    """A Beta distribution of a chance; a parameter of 0 puts all of it on 0 or on 1."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """The expected chance."""
        return self.a / (self.a + self.b)

    def interval(self) -> tuple[float, float]:
        """Return the ends between which the chance lies in 90 of 100 cases, equal tails."""
        return self.quantile(0.05), self.quantile(0.95)

    @property
    def passes(self) -> float:
        """The expected number of passes where each comes back by this chance; may be infinite.

        E[1 / (1 − p)]; the number of passes is Waring distributed (beta-geometric).
        """
        if self.a == 0:
            return 1.0
        return (self.a + self.b - 1) / (self.b - 1) if self.b > 1 else math.inf

    def cdf(self, x: float) -> float:
        """Return the chance of at most `x`, the regularised incomplete beta function."""
        if x >= 1 or self.a == 0:
            return float(x >= 0)
        if x <= 0 or self.b == 0:
            return 0.0
        if x > self.a / (self.a + self.b):
            return 1 - _lower(1 - x, self.b, self.a)
        return _lower(x, self.a, self.b)

    def quantile(self, p: float) -> float:
        """Return the x of which `cdf(x)` is `p`: Newton's method, held within its bracket."""
        # Beside a far larger one a parameter is as good as 0.
        if p <= 0 or self.mean == 0:
            return 0.0
        if p >= 1 or self.mean == 1:
            return 1.0
        low, high, x = 0.0, 1.0, self.mean
        for _ in range(200):
            miss = self.cdf(x) - p
            low, high = (low, x) if miss > 0 else (x, high)
            slope = math.exp(min(_log_power(x, self.a, self.b) - math.log(x * (1 - x)), 700.0))
            after = x - miss / slope if slope else low
            if not low < after < high:
                after = (low + high) / 2
            if abs(after - x) <= 1e-15 + 1e-14 * x or not low < after < high:
                return after
            x = after
        return x


def _log_power(x: float, a: float, b: float) -> float:
    """Return the logarithm of x^a (1 − x)^b / B(a, b)."""
    beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    return a * math.log(x) + b * math.log1p(-x) - beta


def _lower(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function where x is not above the mean.

    The continued fraction DLMF 8.17.22 with the coefficients 8.17.23, evaluated forwards (Lentz
    1976, with the guards of Thompson & Barnett 1986 against a zero).
    """
    value, up, down = 1.0, 1.0, 0.0
    for n in range(1, _MOST_TERMS):
        m = n // 2
        if n % 2:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        down = 1 / ((1 + d * down) or _TINY)
        up = (1 + d / up) or _TINY
        value *= up * down
        if abs(up * down - 1) < 1e-16:
            break
    return min(math.exp(_log_power(x, a, b)) / (a * value), 1.0)


class ReworkSeen(msgspec.Struct, frozen=True):
    """How much of the work was done again: `share` of it, by `returns` that were worked off.

    `observed` is the mean of what was seen, None if nothing was; `share` weighs it against what
    was entered. It may be above 1.
    """

    observed: float | None
    returns: int
    share: float


def rework(ws: Workspace, link: Link) -> ReworkSeen:
    """Return how much was done again when work came back over a return arrow.

    Of each return that was worked off: the working days of later passes of the tasks from target
    to gate, over the days of their first passes, as far as both are known.
    """
    body = {link.target, link.source} | status.between(ws, link)
    gate, target = ws.tasks[link.source], ws.tasks[link.target]
    spent = {key: list(_measured(ws, ws.tasks[key])) for key in body}
    first = {key: days for key in body for run, days in spent[key] if run.number == 1}
    whole = sum(first.values())
    seen: list[float] = []
    for sent in target.passes:
        if sent.gate != link.source or sent.opened is None or not whole:
            continue
        opened = sent.opened
        ends = [run.ended for run in gate.passes if run.ended and run.ended > opened]
        if ends:
            again = sum(
                days
                for key in first
                for run, days in spent[key]
                if run.number > 1 and run.started and run.ended
                if opened <= run.started and opened < run.ended <= min(ends)
            )
            seen.append(again / whole)
    share = (_SHARE_WEIGHT * link.share + sum(seen)) / (_SHARE_WEIGHT + len(seen))
    return ReworkSeen(sum(seen) / len(seen) if seen else None, len(seen), share)


def _measured(ws: Workspace, task: Task) -> Iterator[tuple[Pass, int]]:
    """Walk over the passes that were begun and ended, with their working days, ends included."""
    calendar = None
    for run in task.passes:
        if run.started and run.ended and (run.accepted or run.outcome == "returned"):
            calendar = calendar or Calendar.of(ws, department=task.department, person=task.assignee)
            yield run, worked_days(run, calendar, day_of(run.ended))


class DurationsSeen(msgspec.Struct, frozen=True):
    """What tasks really took, as a multiple of what was likely, in the geometric mean.

    About two thirds of the `tasks` lie between mean / spread and mean × spread.
    """

    tasks: int
    mean: float
    spread: float


def durations(ws: Workspace) -> dict[int | None, DurationsSeen]:
    """Return for departments what first passes really took; those with too few are left out."""
    found = _ratios(ws)
    return {lane: _spread(logs) for lane, logs in found.items() if len(logs) >= FEWEST_DURATIONS}


def _ratios(ws: Workspace) -> dict[int | None, list[float]]:
    """Return by department the logarithms of what first passes took over what was likely."""
    logs: dict[int | None, list[float]] = {}
    for task in ws.tasks.values():
        # How many times as long something took as next to no time says nothing of others.
        likely = task.likely or 0.0
        if likely > NOTHING and task.passes and task.passes[0].number == 1:
            for run, days in _measured(ws, task):
                if run.number == 1 and days:
                    logs.setdefault(task.department, []).append(math.log(days / likely))
    return logs


def _spread(logs: Sequence[float]) -> DurationsSeen:
    mean = sum(logs) / len(logs)
    variance = sum((each - mean) ** 2 for each in logs) / len(logs)
    return DurationsSeen(len(logs), math.exp(mean), math.exp(math.sqrt(variance)))


class FinishedTasks(msgspec.Struct, frozen=True):
    """What the next task is likely to take, as a multiple of what is likely, after so many.

    It takes less than `low` times that in one of ten cases, and more than `high` times in another.
    """

    tasks: int
    low: float
    high: float


@lru_cache(maxsize=2)
def finished_tasks(ws: Workspace) -> FinishedTasks | None:
    """Return between which multiples of what was likely first passes took; None of too few.

    The prediction interval of a lognormal distribution: the mean of the logarithms and their
    standard deviation times t√(1 + 1/n), with Student's t of n − 1 degrees of freedom by its
    expansion about the normal (Abramowitz & Stegun 26.7.5).
    """
    logs = [each for found in _ratios(ws).values() for each in found]
    if len(logs) < FEWEST_DURATIONS:
        return None
    free, z = len(logs) - 1, NormalDist().inv_cdf(0.9)
    t = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    aside = t * stdev(logs) * math.sqrt(1 + 1 / len(logs))
    middle = fmean(logs)
    return FinishedTasks(len(logs), math.exp(middle - aside), math.exp(middle + aside))


def weekly(tasks: Collection[Task], today: date) -> tuple[int, ...]:
    """Return how many of some tasks were done in each of the last whole weeks, oldest first.

    A week goes from Monday to Sunday; those before the first task are left out.
    """
    created = [day_of(task.created) for task in tasks if task.created]
    ended = [
        day_of(run.ended) for task in tasks for run in task.passes if run.accepted and run.ended
    ]
    if not created and not ended:
        return ()
    monday = today - timedelta(days=today.weekday())
    first = min(created + ended)
    weeks = (monday - (first - timedelta(days=first.weekday()))).days // 7
    counts = [0] * max(min(weeks, _WEEKS_BACK), 0)
    for day in ended:
        back = (monday - day + timedelta(days=6)).days // 7
        if 1 <= back <= len(counts):
            counts[-back] += 1
    return tuple(counts)


class Throughput(msgspec.Struct, frozen=True):
    """By when a number of tasks are done, if each week is like one of the past.

    `chances[n]` is the chance that `n` weeks suffice.
    """

    chances: tuple[float, ...]

    def weeks(self, chance: float) -> int:
        """Return the smallest number of weeks that suffice with a chance below certainty."""
        return next(n for n, cdf in enumerate(self.chances) if cdf >= chance)


class Pace(msgspec.Struct, frozen=True):
    """By when the `left` open tasks are done at the pace of the past `weeks`: tasks done in each.

    It knows of no estimate, no arrow and no return.
    """

    weeks: tuple[int, ...]
    left: int
    ahead: Throughput


def pace(tasks: Collection[Task], today: date) -> Pace | None:
    """Return by when tasks are done at the pace of the last weeks; None where there is none."""
    past = weekly(tasks, today)
    left = sum(task.open for task in tasks)
    found = throughput(past, left) if left and len(past) >= _FEWEST_WEEKS else None
    return Pace(past, left, found) if found else None


def throughput(past: Sequence[int], items: int) -> Throughput | None:
    """Return by when `items` tasks are done, from the numbers done in past weeks.

    Weeks are drawn from the past with replacement; the distribution of their sum is had exactly,
    week by week, not by simulation. None where nothing was done, or it takes for ever.
    """
    if not any(past):
        return None
    steps = [(count, past.count(count) / len(past)) for count in sorted(set(past))]
    open_sums = {0: 1.0} if items > 0 else {}
    chances = [1.0 - sum(open_sums.values())]
    while chances[-1] < _CERTAIN:
        if len(chances) > _WEEKS_AHEAD:
            return None
        after: dict[int, float] = {}
        for so_far, chance in open_sums.items():
            if chance > _NEGLIGIBLE:
                for count, share in steps:
                    if so_far + count < items:
                        after[so_far + count] = after.get(so_far + count, 0.0) + chance * share
        open_sums = after
        chances.append(1.0 - math.fsum(open_sums.values()))
    return Throughput(tuple(chances))


class Calibration(msgspec.Struct, frozen=True):
    """How many of the dates promised (`told`) were `kept`: of P80 dates, 8 in 10 should be.

    They are of so many `tasks`. A task that is late is so for each week in which it had a date:
    `chance` is that of so few or fewer kept ones if 8 in 10 tasks keep all of theirs, and the
    others none.
    """

    kept: int
    told: int
    tasks: int
    chance: float

    @property
    def too_early(self) -> bool:
        """Whether so few were kept that chance alone would hardly have it so: one time in 40."""
        return self.chance < _HARDLY


def so_few_kept(dates: Collection[int], kept: int) -> float:
    """Return the chance that at most so many dates are kept, given how many each task has.

    Of each task all are, with the chance 0.8, or none. Exact for few tasks, by the distribution of
    the sum; of many by its normal approximation.
    """
    if len(dates) > _FEW_TASKS:
        mean, squares = 0.8 * sum(dates), sum(count * count for count in dates)
        return NormalDist(mean, math.sqrt(0.8 * 0.2 * squares)).cdf(kept + 0.5)
    sums = {0: 1.0}
    for count in dates:
        after: dict[int, float] = {}
        for total, chance in sums.items():
            after[total] = after.get(total, 0.0) + 0.2 * chance
            after[total + count] = after.get(total + count, 0.0) + 0.8 * chance
        sums = after
    return math.fsum(chance for total, chance in sums.items() if total <= kept)


def promised(
    ws: Workspace,
    records: Sequence[Record],
    today: date,
    p80s: Callable[[Workspace, date], Mapping[int, date]],
    every: int = 1,
) -> dict[date, Mapping[int, date]]:
    """Return the dates that were promised in the last weeks, or in `every` so many-th of them.

    `records` are the history up to the workspace, oldest first, as far as it is kept; `p80s` gives
    for a workspace and a day by when each open task is done with a chance of 80 %. It is asked for
    the plan as it was a week ago, two weeks ago and so on.
    """
    days = [today - timedelta(weeks=week) for week in range(every, _WEEKS_BACK + 1, every)]
    known = states(ws, records, map(morning, days))
    return {day: p80s(past, day) for day, (_moment, past) in zip(days, known, strict=False)}


def calibration(
    ws: Workspace, promises: Mapping[date, Mapping[int, date]], today: date
) -> Calibration:
    """Return how many of the dates promised on some days were kept.

    Only dates that are over by now are judged, late or not: those still to come would favour what
    is done already. Tasks that were dropped or deleted since are left out.
    """
    kept, told = 0, Counter[int]()
    for day, dates in promises.items():
        for key, last in dates.items():
            task = ws.tasks.get(key)
            if task and task.state != "dropped" and last < today:
                told[key] += 1
                kept += any(
                    run.accepted and run.ended and day <= day_of(run.ended) <= last
                    for run in task.passes
                )
    return Calibration(kept, told.total(), len(told), so_few_kept(told.values(), kept))
