"""The lines of a timeline by their numbers: headings, tasks, and where these were in a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tracker.flow.timeline.timeline import BarGroup, Timeline


class ChartLines:
    """Numbered lines from the top; the cursor passes over those whose number is below 0."""

    def __init__(self, groups: Iterable[BarGroup] = (), timeline: Timeline | None = None) -> None:
        self.tasks: dict[int, int] = {}
        self.heads: dict[int, BarGroup] = {}
        # Those that say where the bar of the task above was in the baseline.
        self.ghosts: dict[int, int] = {}
        self._first: dict[int, int] = {}
        at = 0
        for group in groups:
            if group.headed:
                at += 1
                self.heads[-at] = group
            for task in group.tasks:
                at += 1
                self.tasks[at] = task
                self._first.setdefault(task, at)
                if timeline is not None and timeline.was(task):
                    at += 1
                    self.ghosts[-at] = task
        self.rows = sorted((*self.tasks, *self.heads, *self.ghosts), key=abs)

    def line(self, row: int) -> int:
        """Return how many lines are above one."""
        return abs(row) - 1

    def first(self, task: int) -> int | None:
        """Return the number of the first line of a task."""
        return self._first.get(task)

    @property
    def shown(self) -> Mapping[int, int]:
        """The tasks in the order of their first lines, with the numbers of these."""
        return self._first

    @property
    def top(self) -> int:
        """The number of the first line of a task; 0 where there is none."""
        return next(iter(self.tasks), 0)

    def seen_from(self, row: int) -> Mapping[int, int]:
        """Return in which line each task is: the one of `row` there, the others in their first.

        A task in several groups has several lines.
        """
        return _Seen(self, row)


class _Seen(Mapping[int, int]):
    def __init__(self, lines: ChartLines, row: int) -> None:
        self._lines, self._row = lines, row

    def __getitem__(self, task: int) -> int:
        row = self._row if self._lines.tasks.get(self._row) == task else self._lines.shown[task]
        return self._lines.line(row)

    def __iter__(self) -> Iterator[int]:
        return iter(self._lines.shown)

    def __len__(self) -> int:
        return len(self._lines.shown)
