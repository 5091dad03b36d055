"""What a plan costs until it is done: the runs of a forecast, priced.

A task costs its person-days at the day rate of its assignee, or else of its department. Its effort
is what a pass of the likely duration takes; a pass that lasts longer takes more in proportion.
Where no effort was entered, one person works on it all of the time. What comes back costs its share
of the passes that are done again. To this comes what was spent so far: person-days as recorded, or
else as planned, once for each pass that was ended and in part for the one that runs.

So cost at completion is actual cost to date and the estimate to complete, as in earned value
management (ISO 21508:2018), with a distribution in place of one number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from tracker.domain.model import Task
from tracker.domain.workspace import NOTHING, Workspace
from tracker.flow.forecast import effort
from tracker.flow.forecast.finish import rank
from tracker.flow.forecast.remaining_work import Plan, Step

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tracker.flow.forecast.simulate import Batch


class Cost(msgspec.Struct, frozen=True):
    """What a project costs, in the currency of the settings.

    `spent` so far; `planned` at completion if everything takes what is likely and nothing comes
    back. Then by the runs: the mean and the quantiles at completion, and `rework` of that in the
    mean for what comes back from now on. The chance to stay `within` the budget is None without
    one. `unpriced` are the tasks of nobody with a day rate, which are not counted; of `unrecorded`
    finished tasks nobody said what was spent.
    """

    spent: float
    planned: float
    mean: float
    p50: float
    p80: float
    rework: float
    budget: float | None
    within: float | None
    unpriced: tuple[int, ...]
    unrecorded: int


class _Price(msgspec.Struct, frozen=True):
    """What a task costs for each day of a pass; the effort of a milestone has a `fixed` price."""

    per_day: float
    fixed: float = 0.0

    def of(self, days: float) -> float:
        """Return what a pass of so many days costs."""
        return self.per_day * days + self.fixed


def day_rate(ws: Workspace, task: Task) -> float | None:
    """Return what a person-day of a task costs; None where nobody said so."""
    person = ws.people.get(task.assignee or 0)
    if person and person.day_rate is not None:
        return person.day_rate
    lane = ws.departments.get(task.department or (person.department if person else 0) or 0)
    return lane.day_rate if lane else None


class Costing:
    """Adds up what the tasks of each project cost in the runs of a forecast, 0 being of none."""

    def __init__(self, ws: Workspace, ahead: Plan) -> None:
        self.ws, self.plan = ws, ahead
        self.prices = dict(_prices(ws, ahead))
        self._runs: dict[int, list[npt.NDArray[np.float64]]] = {}
        self._rework: dict[int, float] = {}
        self._count = 0
        self._open: dict[int, list[Step]] = {}
        for key, step in ahead.steps.items():
            if step.open and key in self.prices:
                self._open.setdefault(step.project or 0, []).append(step)
        # What the rounds of each return cost in all runs so far.
        self._rounds: dict[int, float] = {}

    def add(self, batch: Batch) -> None:
        """Take in the costs of a batch of runs."""
        if not self.prices:
            return
        import numpy as np

        from tracker.flow.forecast.forward_pass import left_of

        self._count += batch.count
        totals: dict[int, npt.NDArray[np.float64]] = {}
        for project, steps in self._open.items():
            total = totals[project] = np.zeros(batch.count)
            for step in steps:
                price = self.prices[step.task]
                total += price.per_day * left_of(step, batch.days[step.task]) + price.fixed
        for back in self.plan.returns:
            rounds = batch.rounds.get(back.link)
            if rounds is None:
                continue
            # How often each task is wholly done again, where rework reaches but some.
            redone = batch.redone.get(back.link, {})
            for task in back.body:
                if task not in self.prices:
                    continue
                price, project = self.prices[task], self.plan.steps[task].project or 0
                passes = redone.get(task, rounds * back.share)
                again = passes * (price.per_day * batch.again(task) + price.fixed)
                totals[project] = totals.get(project, np.zeros(batch.count)) + again
                money = float(np.sum(again))
                self._rework[project] = self._rework.get(project, 0.0) + money
                self._rounds[back.link] = self._rounds.get(back.link, 0.0) + money
        for project, total in totals.items():
            self._runs.setdefault(project, []).append(total)

    def of_return(self, link: int, body: Sequence[int]) -> float | None:
        """Return what the rounds of a return cost in the mean; None where no task has a price."""
        if self.prices.keys().isdisjoint(body):
            return None
        return self._rounds.get(link, 0.0) / self._count if self._count else 0.0

    def found(self, project: int | None = None) -> dict[int, Cost]:
        """Return what a project costs, or each, as far as anything is known of that."""
        if not self._count:
            return {}
        tasks: dict[int, list[Task]] = {}
        for task in self.ws.tasks.values():
            # What was spent on a dropped task was spent all the same.
            if task.state != "dropped" or task.spent:
                tasks.setdefault(task.project or 0, []).append(task)
        wanted = sorted(tasks) if project is None else [project]
        return {key: self._of(key, tasks[key]) for key in wanted if self._priced(tasks.get(key))}

    def _priced(self, tasks: Sequence[Task] | None) -> bool:
        return any(day_rate(self.ws, task) is not None for task in tasks or ())

    def _of(self, key: int, tasks: Sequence[Task]) -> Cost:
        import numpy as np

        project = self.ws.projects.get(key)
        spent = sum(
            rate * effort.spent(task, self.plan.steps.get(task.id))
            for task in tasks
            if (rate := day_rate(self.ws, task)) is not None
        )
        ends = np.concatenate(self._runs[key]) if key in self._runs else np.zeros(1)
        ends = np.sort(ends) + spent
        p50, p80 = (float(ends[rank(len(ends), share)]) for share in (0.5, 0.8))
        budget = project.budget if project else None
        within = None
        if budget is not None:
            within = float(np.searchsorted(ends, budget * (1 + NOTHING), "right")) / len(ends)
        steps = self._open.get(key, ())
        ahead = (self.prices[step.task].of(step.left(step.likely)) for step in steps)
        return Cost(
            spent=spent,
            planned=spent + sum(ahead),
            mean=float(ends.mean()),
            p50=p50,
            p80=p80,
            rework=self._rework.get(key, 0.0) / max(self._count, 1),
            budget=budget,
            within=within,
            unpriced=tuple(sorted(task.id for task in tasks if day_rate(self.ws, task) is None)),
            unrecorded=sum(task.state == "done" and task.spent is None for task in tasks),
        )


def _prices(ws: Workspace, ahead: Plan) -> Mapping[int, _Price]:
    """Return the prices of the tasks of a plan whose people have a day rate.

    What a plan takes longer because its people have little time costs no more for that.
    """
    found = {}
    for key, step in ahead.steps.items():
        task = ws.tasks[key]
        rate = day_rate(ws, task)
        if rate is None:
            continue
        price = rate * effort.planned(task)
        # What takes next to no time costs no endless amount a day.
        brief = step.likely <= NOTHING
        found[key] = _Price(0.0, price) if brief else _Price(price / step.likely)
    return found
