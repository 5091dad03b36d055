"""Which days a timeline shows, and the one that is told about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tracker.flow.timeline.axis import SCALES, WINDOWS, Axis, TimeScale, fitting
from tracker.flow.timeline.timeline import Timeline


class DaysInSight:
    """An axis of days that is gone along, scrolled and scaled; there is none before `open`."""

    def __init__(self) -> None:
        self.axis: Axis | None = None
        self.cursor = date.min

    def open(
        self, timeline: Timeline, tasks: Iterable[int], cells: int, scale: TimeScale | None
    ) -> None:
        """Show days from about today on: on a scale, or on that which tasks are best seen on."""
        self.cursor = timeline.today
        if scale is None:
            self.axis = _fitted(timeline, tasks, cells, WINDOWS)
        else:
            self.axis = self._begun(Axis(scale, timeline.today, cells, timeline.calendar))

    def take(self, timeline: Timeline, cells: int) -> None:
        """Show the same days by another calendar, or in another width."""
        if self.axis is not None:
            self.axis = Axis(self.axis.scale, self.axis.first, cells, timeline.calendar)

    def fit(self, timeline: Timeline, tasks: Iterable[int]) -> None:
        """Choose the finest scale on which all that is left of tasks can be seen."""
        if self.axis is not None:
            self.cursor = timeline.today
            self.axis = _fitted(timeline, tasks, self.axis.cells)

    def _begun(self, axis: Axis) -> Axis:
        """Return an axis with the cursor a little behind its left edge."""
        return axis.with_day(self.cursor, axis.cells // 8)

    def at_today(self, today: date) -> bool:
        """Return whether it is as `go_to_today` leaves it."""
        return (
            self.axis is not None and self.cursor == today and self._begun(self.axis) == self.axis
        )

    def go_to_today(self, today: date) -> None:
        """Put the cursor on today, a little behind the left edge."""
        self.cursor = today
        if self.axis is not None:
            self.axis = self._begun(self.axis)

    def sees(self, first: date, last: date) -> bool:
        """Return whether some of these days are in sight."""
        return self.axis is not None and bool(self.axis.span(first, last))

    def reach(self, day: date) -> None:
        """Have a day in sight."""
        if self.axis is not None:
            self.axis = self.axis.reaching(day)

    def step(self, steps: int) -> None:
        """Move the cursor by a day, a week or a month, as the scale is."""
        if self.axis is not None:
            self.cursor = self.axis.stepped(self.cursor, steps)
            self.reach(self.cursor)

    def scroll(self, direction: int) -> None:
        """Scroll by half of what is in sight; the cursor stays in sight."""
        if self.axis is None:
            return
        half = self.axis.cells // 2
        if direction > 0:
            self.axis = self.axis.from_day(self.axis.days[half][0])
        else:
            self.axis = self.axis.with_day(self.axis.first, half)
        if not self.sees(self.cursor, self.cursor):
            self.cursor = self.axis.days[half][0]

    def scale(self, step: int) -> bool:
        """Take a coarser scale, or a finer one; False where there is no other.

        The cursor stays where it is in the window.
        """
        if self.axis is None:
            return True
        at = SCALES.index(self.axis.scale) + step
        if not 0 <= at < len(SCALES):
            return False
        here = self.axis.begin(self.cursor)
        day = self.axis.first if here is None else self.cursor
        other = Axis(SCALES[at], self.axis.first, self.axis.cells, self.axis.calendar)
        self.axis = other.with_day(day, here or 0)
        return True


def _fitted(timeline: Timeline, tasks: Iterable[int], cells: int, windows: int = 1) -> Axis:
    first, last = timeline.reach(tasks)
    return fitting(timeline.calendar, first, last, cells, windows)
