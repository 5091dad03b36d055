"""When a plan will be over, and what its returns cost: many runs of it, read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from weakref import ref

import msgspec

from tracker.domain.errors import BadInput
from tracker.domain.model import Spread
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.workspace import NOTHING, Workspace
from tracker.flow.forecast import calibration, critical_path
from tracker.flow.forecast.blockers import blockers, some_tasks, task_label
from tracker.flow.forecast.cost import Cost, Costing
from tracker.flow.forecast.finish import Finish, finish_of, rank
from tracker.flow.forecast.levelling import Levelled, Worker, level, limits, overlapping
from tracker.flow.forecast.pass_counts import PassCounts
from tracker.flow.forecast.remaining_work import CLOSE, Plan, Return, last_day, plan
from tracker.flow.forecast.savings import Saving, Savings
from tracker.flow.forecast.stopping import Heed, StoppedError, heeding, on

# numpy costs 90 ms to import: only where something is really forecast.
if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tracker.flow.forecast.simulate import Batch, Simulation

# Without a number of runs, there are so many at most; fewer do when P80 is known this well, in
# working days, but never fewer than these.
MOST_RUNS, LEAST_RUNS = 10_000, 2_000
CLOSE_ENOUGH = 0.5
# The runs of the next batch: first few, for figures to come at once, of a large plan fewer.
_FIRST, _FEWEST = 128, 512
_NEXT = {0: _FEWEST, _FIRST: _FEWEST - _FIRST, _FEWEST: 1_536}
_LARGE = 2_000
_BATCH = 4_000
# Numbers held at once of the runs of a batch, about one for each task and two for each return.
_HELD = 3_500_000
# So many while there are but few runs: of large plans that nobody looks at there are no more.
_HELD_FIRST = 1_200_000
# Limits that are exceeded in fewer of the runs are no warning.
_TOLD_OVER = 0.05
# More runs take minutes and add nothing.
RUNS_AT_MOST = 1_000_000


class Options(msgspec.Struct, frozen=True):
    """What a forecast is of, and what it assumes.

    It is of one `project`, 0 being the tasks without one; else of all as if they were one. Without
    `runs` there are as many as it takes to know P80 to half a day, at most 10,000. The
    `correlation` of durations within a project and the `policy` are those of the workspace unless
    given. Rates of return are what was `entered`, or drawn from what is known of them. A task that
    is done again takes what was drawn for it once, or a fresh draw of its duration; by `learning`
    each further return over an arrow takes that part less than the one before, until its gate
    accepts. With `capacity` nobody works on more at once than they can, in an order that is found
    first and then kept in all runs. Work begins on `start`, or today. Systems that are down are
    taken to be up again on the days of `back_up`; of others nothing is known, and the warnings say
    so. Estimates of a single number have the `spread` of the workspace unless given.
    """

    runs: int | None = None
    seed: int = 1
    correlation: float | None = None
    rates: Literal["entered", "posterior"] = "posterior"
    policy: Literal["wait", "at-risk"] | None = None
    draws: Literal["kept", "fresh"] = "kept"
    learning: float = 0.0
    capacity: bool = False
    start: date | None = None
    back_up: tuple[tuple[int, date], ...] = ()
    spread: Spread | None = None
    project: int | None = None


USUAL = Options()


class ReturnFigures(msgspec.Struct, frozen=True, dict=True):
    """What a return arrow does to a plan.

    `rate` is the mean of the rates used; of learned ones `learned` has the distribution. It was
    `returned` so often of the `ended` passes of its gate. Passes count the first
    one, and all that come back from now on. `first_pass_yield` is the chance that a completion of
    its gate is accepted. In about one of five runs it comes back `often` times or more, in
    `often_share` of all. A round of it takes `round_days` if everything takes what is likely.

    The costs are what would be saved if work never came back over it and all else stayed the
    same: the mean, with its standard error `cost_error`, and the differences of the quantiles of
    the finish in working days. They do not add up. A `level` arrow saves no less, as far as the
    simulation can show, than the one that saves most. `cost_money` is what its rounds cost at the
    day rates of the departments, None where none has one; `capped` counts the runs in which a bound
    cut its returns short, `over_limit` is the share of the runs in which work comes back over it
    more often than its limit of passes lets it.
    """

    link: int
    gate: int
    target: int
    rate: float
    learned: calibration.Beta | None
    returned: int
    ended: int
    share: float
    passes_mean: float
    passes_p50: int
    passes_p95: int
    first_pass_yield: float
    often: int
    often_share: float
    round_days: float
    cost_mean: float | None = None
    cost_p50: float | None = None
    cost_p80: float | None = None
    cost_error: float | None = None
    cost_money: float | None = None
    level: bool = False
    capped: int = 0
    over_limit: float = 0.0

    @property
    def rate_low(self) -> float:
        """The rate used is larger but for 5 %."""
        return self._between[0]

    @property
    def rate_high(self) -> float:
        """The rate used is smaller but for 5 %."""
        return self._between[1]

    @cached_property
    def _between(self) -> tuple[float, float]:
        # Exact, and dear: only where somebody looks.
        return self.learned.interval() if self.learned else (self.rate, self.rate)


class Forecast(msgspec.Struct, frozen=True):
    """What is known of when a plan will be over, if it is complete.

    `without_returns` are the same runs with nothing coming back, `cpm_days` the length of the
    critical path. `criticality` is the share of runs in which an open task decides when all is
    over. Until the last, refined one the returns have no costs; these are of the first
    `cost_runs` runs. `money` is what each project costs, 0 being the tasks without one, where
    anybody has a day rate. `options` say what was used.
    """

    start: date
    runs: int
    finish: Finish
    without_returns: Finish
    cpm_days: float
    projects: dict[int, Finish]
    returns: tuple[ReturnFigures, ...]
    criticality: dict[int, float]
    warnings: tuple[Sentence, ...]
    options: Options
    plan: Plan
    cost_runs: int = 0
    levelled: Levelled | None = None
    money: dict[int, Cost] = {}

    @property
    def own_returns(self) -> tuple[ReturnFigures, ...]:
        """The returns whose gate is of the project, where the forecast is of one; else all."""
        project, steps = self.options.project, self.plan.steps
        if project is None:
            return self.returns
        return tuple(back for back in self.returns if (steps[back.gate].project or 0) == project)

    @property
    def own_criticality(self) -> dict[int, float]:
        """The share of runs in which each task of the project decides when that is over."""
        goal = self.plan.goal
        if goal is None:
            return self.criticality
        return {task: share for task, share in self.criticality.items() if task in goal}

    def date_of(self, days: float) -> date:
        """Return the working day on which something is over after so many days."""
        return self.plan.finish_date(days)

    def cdf(self, days: float) -> float:
        """Return the chance that all is over after so many days."""
        return self.finish.cdf(days)


def forecast(ws: Workspace, today: date, options: Options = USUAL) -> Forecast:
    """Return when everything that is left from `today` on will be over."""
    reading = _Reading(ws, today, options)
    while not reading.enough:
        batches = reading.play()
        while batches:
            reading.add_costs(batches.pop(0))
    return reading.forecast(costs=True)


def refine(
    ws: Workspace,
    today: date,
    options: Options = USUAL,
    *,
    costs: bool = True,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Forecast]:
    """Walk over forecasts that know more and more, the last one with the costs of the returns.

    Without `costs` those are not looked for. It ends early where `stopped` says so, which is asked
    every few milliseconds.
    """
    try:
        reading = _Reading(ws, today, options, heeding(stopped))
        while not reading.enough:
            batches = reading.play()
            yield reading.forecast()
            # A batch is large: none must outlive its use.
            while batches:
                batch = batches.pop(0)
                if costs:
                    reading.add_costs(batch)
                del batch
        if costs:
            yield reading.forecast(costs=True)
    except StoppedError:
        return


class TaskEnd(msgspec.Struct, frozen=True):
    """When a task is over: the day by which it is in a share of the runs, so many `days` on.

    `due_chance` is the share of the runs in which it is over by the day it is due, if it is due.
    There were so many `runs`, of a very large plan fewer than stand behind the date of its project.
    A task is over when it is for the first time, a gate when it accepts; `again` is the share of
    the runs in which work comes back to it after that.
    """

    days: float
    day: date
    due_chance: float | None
    runs: int
    again: float = 0.0


def each_by(
    ws: Workspace,
    today: date,
    options: Options = USUAL,
    share: float = 0.8,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[int, TaskEnd]:
    """Return for each open task by when it is over in such a share of the runs.

    Without a number of runs there are enough for a rough date. Of a very large plan there are
    fewer than were asked for. There are none once `stopped` says so, which is asked every few
    milliseconds.
    """
    try:
        return _each_by(_Reading(ws, today, options, heeding(stopped)), share)
    except StoppedError:
        return {}


def _each_by(reading: _Reading, share: float) -> dict[int, TaskEnd]:
    import numpy as np

    ws, ahead, options = reading.ws, reading.plan, reading.options
    size = max(len(ahead.steps), 1)
    most = int(_HELD / (size * (1 - share + NOTHING)))
    count = max(min(options.runs or LEAST_RUNS, most), _FEWEST)
    # The quantile is the least of so many largest ones.
    largest = count - rank(count, share)
    ends: dict[int, npt.NDArray[np.float64]] = {}
    kept: dict[int, int] = {}
    again: dict[int, int] = {}
    due = {task: ws.tasks[task].due for task in ahead.steps}
    until = {task: ahead.days_until(day) + CLOSE for task, day in due.items() if day}
    each = max(min(_BATCH, _HELD // (2 * size)), 1)
    for first in range(0, count, each):
        for batch in reading.simulation.play(first, min(each, count - first)):
            for task, cases in _again(ahead, batch).items():
                again[task] = again.get(task, 0) + int(np.count_nonzero(cases))
            for task, over in batch.each().items():
                over = np.broadcast_to(over, batch.count)
                if task in until:
                    kept[task] = kept.get(task, 0) + int(np.count_nonzero(over <= until[task]))
                found = np.concatenate((ends[task], over)) if task in ends else over
                if len(found) > largest:
                    found = np.partition(found, len(found) - largest)[-largest:].copy()
                ends[task] = found
    days = {task: float(found.min()) for task, found in ends.items()}
    last = np.array([last_day(each) for each in days.values()], np.int64)
    dates = ahead.calendar.days_after(ahead.start, last).tolist()
    return {
        task: TaskEnd(
            over,
            day,
            kept[task] / count if task in kept else None,
            count,
            again.get(task, 0) / count,
        )
        for (task, over), day in zip(days.items(), dates, strict=True)
    }


def _again(ahead: Plan, batch: Batch) -> dict[int, npt.NDArray[np.bool_]]:
    """Return the runs of a batch in which work comes back to tasks that have been over."""
    found: dict[int, npt.NDArray[np.bool_]] = {}
    for back in ahead.returns:
        counts = batch.returns.get(back.link)
        if counts is None:
            continue
        redone = batch.redone.get(back.link, {})
        for task in back.body:
            if task != back.gate:
                cases = redone.get(task, counts) > 0
                found[task] = found[task] | cases if task in found else cases
    return found


class _Reading:
    """A forecast in the making."""

    def __init__(
        self,
        ws: Workspace,
        today: date,
        options: Options,
        heed: Heed = on,
    ) -> None:
        from tracker.flow.forecast.simulate import Simulation

        _check(options)
        settings = ws.preferences
        self.ws = ws
        self.whole = _whole(ws, today, _of_plan(options), heed)
        self.plan, self.levelled = self.whole.plan, self.whole.levelled
        if options.project is not None:
            self.plan = self.plan.of_project(options.project)
        _in_use.append(ref(self.plan))
        self.options = msgspec.structs.replace(
            options,
            correlation=settings.correlation
            if options.correlation is None
            else options.correlation,
            policy=options.policy or settings.policy,
            spread=settings.spread if options.spread is None else options.spread,
        )
        self.seen = {
            back.link: calibration.counts(ws, ws.links[back.link]) for back in self.plan.returns
        }
        self.simulation: Simulation = Simulation(
            self.plan,
            seed=options.seed,
            correlation=self.options.correlation or 0.0,
            at_risk=self.options.policy == "at-risk",
            seen=self.seen if options.rates == "posterior" else None,
            prior=settings.prior_weight,
            fresh=options.draws == "fresh",
            learning=options.learning,
            heed=heed,
        )
        self.cpm_days = critical_path.length_of(self.plan)
        self.costing = Costing(ws, self.plan)
        self.runs = 0
        self.finish: list[npt.NDArray[np.float64]] = []
        self.without: list[npt.NDArray[np.float64]] = []
        self.projects: dict[int, list[npt.NDArray[np.float64]]] = {}
        self.critical: dict[int, int] = {}
        self.passes = PassCounts()
        self.savings = Savings(self.wanted, len(self.plan.steps))

    @property
    def enough(self) -> bool:
        """Whether there are as many runs as were asked for, or are needed."""
        if self.options.runs is not None:
            return self.runs >= self.options.runs
        return self.runs >= MOST_RUNS or (
            self.runs >= LEAST_RUNS and finish_of(self.finish).error80 < CLOSE_ENOUGH
        )

    @property
    def wanted(self) -> int:
        """How many runs there are at most."""
        return self.options.runs or MOST_RUNS

    def play(self) -> list[Batch]:
        """Play the next runs."""
        each = len(self.plan.steps) + 2 * len(self.plan.returns)
        held = _HELD_FIRST if self.runs < _FEWEST else _HELD
        usual = max(min(_BATCH, held // max(each, 1)), 1)
        coming = _NEXT.get(self.runs, usual)
        if not self.runs and each > _LARGE:
            coming = _FIRST
        size = min(coming, usual, self.wanted - self.runs)
        batches = list(self.simulation.play(self.runs, size))
        for batch in batches:
            self.add(batch)
        return batches

    def add(self, batch: Batch) -> None:
        """Take in the results of a batch of runs."""
        self.runs += batch.count
        self.finish.append(batch.finish)
        self.without.append(batch.without)
        for project, ends in batch.projects.items():
            self.projects.setdefault(project, []).append(ends)
        for task, count in batch.critical.items():
            self.critical[task] = self.critical.get(task, 0) + count
        self.passes.add(batch)

    def add_costs(self, batch: Batch) -> None:
        """Take in what the returns cost in a batch of runs."""
        self.savings.add(batch)
        self.costing.add(batch)

    def forecast(self, *, costs: bool = False) -> Forecast:
        """Return the forecast from the runs so far."""
        import numpy as np

        savings = self.savings.found(np.concatenate(self.finish)) if costs else {}
        finish = finish_of(self.finish)
        return Forecast(
            start=self.plan.start,
            runs=self.runs,
            finish=finish,
            without_returns=finish_of(self.without),
            cpm_days=self.cpm_days,
            projects={key: finish_of(ends) for key, ends in sorted(self.projects.items())}
            if self.options.project is None
            else {self.options.project: finish},
            returns=tuple(
                self._figures(back, savings.get(at, Saving()) if costs else None)
                for at, back in enumerate(self.plan.returns)
            ),
            criticality={task: count / self.runs for task, count in self.critical.items()},
            warnings=tuple(self._warnings(finish)),
            options=msgspec.structs.replace(self.options, runs=self.runs),
            plan=self.plan,
            cost_runs=self.savings.runs if costs else 0,
            money=self.costing.found(self.options.project),
            levelled=self.levelled,
        )

    def _figures(self, back: Return, savings: Saving | None) -> ReturnFigures:
        accepted = 1 - sum(self._rate(each) for each in self.plan.gates[back.gate])
        mean, p50, p95 = self.passes.passes(back.link)
        often, often_share = self.passes.often(back.link)
        returned, ended = self.seen[back.link]
        figures = ReturnFigures(
            link=back.link,
            gate=back.gate,
            target=back.target,
            rate=self._rate(back),
            learned=self._learned.get(back.link),
            returned=returned,
            ended=ended,
            share=back.share,
            passes_mean=mean,
            passes_p50=p50,
            passes_p95=p95,
            first_pass_yield=accepted,
            often=often,
            often_share=often_share,
            round_days=_round_days(self.plan, back),
            capped=self.passes.cut.get(back.link, 0),
            over_limit=self.passes.over_limit(back),
        )
        if savings is None:
            return figures
        return msgspec.structs.replace(
            figures,
            cost_mean=savings.mean,
            cost_p50=savings.p50,
            cost_p80=savings.p80,
            cost_error=savings.error,
            level=savings.level,
            cost_money=self.costing.of_return(back.link, back.body),
        )

    def _rate(self, back: Return) -> float:
        """Return the mean of the rates used of a return."""
        learned = self._learned.get(back.link)
        return learned.mean if learned else back.rate

    @cached_property
    def _learned(self) -> dict[int, calibration.Beta]:
        """What is known of the rates of returns, if they are not those entered."""
        if self.options.rates == "entered":
            return {}
        return {link: calibration.posterior(self.ws, self.ws.links[link]) for link in self.seen}

    def _over_limits(self) -> Iterator[Sentence]:
        """Walk over the returns over which work comes back too often, in some of the runs."""
        for back in self.plan.returns:
            share = self.passes.over_limit(back)
            if share < _TOLD_OVER:
                continue
            link = self.ws.links[back.link]
            told: dict[str, str | int] = {
                "arrow": f"{task_label(self.ws, back.gate)} → {task_label(self.ws, back.target)}",
                "limit": link.limit or 0,
                "runs": round(100 * share),
            }
            if back.escalation is None:
                yield sentence(
                    "In {runs} of 100 runs {arrow} is over its limit of passes ({limit}); the"
                    " dates go on counting.",
                    **told,
                )
            else:
                yield sentence(
                    "In {runs} of 100 runs {arrow} reaches its limit of passes ({limit}) and the"
                    " work goes forward after {days} more working days, faults or not.",
                    days=f"{back.escalation:g}",
                    **told,
                )

    def _from_later_projects(self) -> Iterator[Sentence]:
        """Walk over the returns that may reopen the project after it is over, from another one."""
        project, steps = self.options.project, self.whole.plan.steps
        if project is None:
            return
        named = self.ws.projects.get(project)
        for back in self.whole.plan.returns:
            own = any((steps[task].project or 0) == project for task in back.body)
            if own and back.gate not in self.plan.steps:
                arrow = f"{task_label(self.ws, back.gate)} → {task_label(self.ws, back.target)}"
                if named is None:
                    yield sentence(
                        "Work without a project may come back over {arrow}; neither its date nor"
                        " its cost counts that.",
                        arrow=arrow,
                    )
                    continue
                yield sentence(
                    "Work of {project} may come back from another project over {arrow}; neither its"
                    " date nor its cost counts that.",
                    arrow=arrow,
                    project=named.name,
                )

    def _warnings(self, finish: Finish) -> Iterator[Sentence]:
        if finish.step:
            low, high = finish.step
            yield sentence(
                "P80 may be {low:g} or {high:g} working days: {share} of 100 runs finish by"
                " the first, the others no earlier than the second.",
                low=round(low, 1),
                high=round(high, 1),
                share=finish.in_100(low),
            )
        yield from self._over_limits()
        yield from self._from_later_projects()
        for link, cases in self.passes.cut.items():
            back = self.ws.links[link]
            yield counted(
                "In {n} run, work came back over {arrow} so often that some of it was not"
                " counted; the true dates are later.",
                "In {n} runs, work came back over {arrow} so often that some of it was not"
                " counted; the true dates are later.",
                cases,
                arrow=f"{task_label(self.ws, back.source)} → {task_label(self.ws, back.target)}",
            )
        yield from blockers(self.ws, self.plan, dict(self.options.back_up))
        for worker, tasks in self.whole.overlapping:
            if self.plan.steps.keys().isdisjoint(tasks):
                continue
            yield counted(
                "{who} would have {n} critical task at the same time: {tasks}. Capacity is"
                " assumed to be unlimited; with limited capacity the date is later.",
                "{who} would have {n} critical tasks at the same time: {tasks}. Capacity"
                " is assumed to be unlimited; with limited capacity the date is later.",
                len(tasks),
                who=worker.name(self.ws),
                tasks=some_tasks(self.ws, tasks),
            )


class _Whole(msgspec.Struct, frozen=True, dict=True):
    """What is left to do in a workspace, and how that was levelled, if it was."""

    ws: Workspace
    plan: Plan
    levelled: Levelled | None

    @cached_property
    def overlapping(self) -> list[tuple[Worker, tuple[int, ...]]]:
        """Whose critical tasks overlap, see `levelling.overlapping`; nobody's once levelled."""
        return [] if self.levelled else overlapping(self.plan, limits(self.ws))


def _of_plan(options: Options) -> Options:
    """Return what of the options the plan of a workspace depends on."""
    return Options(
        capacity=options.capacity,
        start=options.start,
        back_up=options.back_up,
        spread=options.spread,
    )


# The plans that are held by somebody: most are of one workspace before and after a change.
_in_use: list[ref[Plan]] = []


# The projects of a workspace are forecast one after the other: the last plan is kept, with what it
# is of.
_kept: list[tuple[tuple[Workspace, date, Options], _Whole]] = []


def _whole(ws: Workspace, today: date, options: Options, heed: Heed) -> _Whole:
    about = ws, today, options
    for known, found in _kept[:]:
        if known == about:
            return found
    _in_use[:] = [each for each in _in_use if each() is not None]
    others = [ahead for each in _in_use if (ahead := each())]
    ahead = plan(ws, today, options.start, dict(options.back_up), options.spread).sharing(others)
    levelled = level(ahead, limits(ws), heed=heed) if options.capacity else None
    found = _Whole(ws, levelled.plan if levelled else ahead, levelled)
    _kept[:] = [(about, found)]
    return found


def let_go() -> None:
    """Let go of the plan that is kept for the next forecast of the same workspace."""
    _kept.clear()


def _round_days(ahead: Plan, back: Return) -> float:
    """Return how long a round of a return takes in working days, by likely durations."""
    ends: dict[int, float] = {}
    for task in back.body:
        before = [ends[at] + lag for at, lag in ahead.needs[task] if at in ends]
        ends[task] = max(before, default=0.0) + back.share * ahead.steps[task].likely
    return ends[back.gate]


def _check(options: Options) -> None:
    """Raise BadInput for what cannot be assumed."""
    if options.runs is not None and not 1 <= options.runs <= RUNS_AT_MOST:
        raise BadInput(
            "A forecast cannot have {runs} runs; enter a number from 1 to {most}.",
            runs=options.runs,
            most=RUNS_AT_MOST,
        )
    if options.correlation is not None and not 0 <= options.correlation <= 1:
        raise BadInput(
            "The correlation of durations cannot be {value}; enter a number from 0"
            " (independent delays) to 1 (common delays).",
            value=f"{options.correlation:g}",
        )
    if not 0 <= options.learning < 1:
        raise BadInput(
            "The learning rate cannot be {value}; enter a number from 0 (repetitions take as"
            " long) to below 1 (repetitions take almost no time).",
            value=f"{options.learning:g}",
        )
