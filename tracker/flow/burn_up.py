"""How much of a plan was done by when, and by when how much of it will be: a burn-up chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

import msgspec

from tracker.domain.calendar import day_of
from tracker.domain.model import Task
from tracker.flow.flow_metrics import where_on

# The past is told by at most so many days, evenly apart.
_DAYS = 60
_DONE = 2


class BurnUpDay(NamedTuple):
    """How many tasks there were at the end of a day, and how many of them were done."""

    day: date
    there: int
    done: int


class BurnUp(msgspec.Struct, frozen=True):
    """Days up to today, and those to come by chance; what was dropped or deleted is in neither.

    `ahead` has for a share of the simulated runs the days on which tasks are over in so many of
    them, each for itself, with how many are done by then; the last is the day on which all are.
    """

    past: tuple[BurnUpDay, ...]
    ahead: Mapping[float, tuple[tuple[date, int], ...]]

    @property
    def there(self) -> int:
        """How many tasks there are."""
        return self.past[-1].there

    @property
    def done(self) -> int:
        """How many tasks are done."""
        return self.past[-1].done


def burn_up(
    tasks: Iterable[Task],
    today: date,
    ends: Mapping[float, Mapping[int, date]],
    whole: Mapping[float, date],
) -> BurnUp:
    """Return the chart of some tasks; `ends` are the days on which open ones are over, by chance.

    The `whole` is over later than its last task: of many that are over each by its own day with
    some chance, hardly ever all are. What came back is not done from then on until it is done anew.
    """
    kept = [task for task in tasks if task.state != "dropped"]
    past = [_standing(kept, day) for day in _days(kept, today)]
    now = BurnUpDay(today, len(kept), sum(task.state == "done" for task in kept))
    ahead = {
        share: tuple(_ahead(now.done, sorted(days.values()), whole[share]))
        for share, days in ends.items()
    }
    return BurnUp((*past, now), ahead)


def _days(tasks: Iterable[Task], today: date) -> Iterator[date]:
    """Walk over days from the first on which anything is recorded to the one before today."""
    moments = [
        moment
        for task in tasks
        for moment in (
            task.created,
            *(each for run in task.passes for each in (run.opened, run.started, run.ended)),
        )
        if moment is not None
    ]
    count = (today - day_of(min(moments))).days if moments else 0
    step = ceil(count / _DAYS) if count > 0 else 1
    for back in range(count - count % step, 0, -step):
        yield today - timedelta(days=back)


def _standing(tasks: Iterable[Task], day: date) -> BurnUpDay:
    found = Counter(where_on(task, day) for task in tasks)
    return BurnUpDay(day, found.total() - found[None], found[_DONE])


def _ahead(done: int, days: list[date], last: date) -> Iterator[tuple[date, int]]:
    if days:
        days[-1] = max(days[-1], last)
    for day, count in sorted(Counter(days).items()):
        done += count
        yield day, done
