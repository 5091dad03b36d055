"""The starts in another program's schedule: results of its links, or set by somebody."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from tracker.domain.calendar import Calendar
from tracker.domain.errors import BadInput
from tracker.domain.sentence import counted, listed, sentence
from tracker.exchange.outline import Outline
from tracker.exchange.ties import Ties

# So many contradictions are named; more are counted.
_SHOWN = 5


def explain_starts(
    outline: Outline, ties: Ties, fields: Sequence[dict[str, Any]], calendar: Calendar
) -> None:
    """Let a start that nothing in the file explains be the earliest one of its task.

    It is later than every predecessor, by the dates of the file itself, lets it be or, without
    predecessors, later than the project. Starts that come before what they need are reported.
    """
    _Starts(outline, ties, fields, calendar).explain()


class _Starts:
    def __init__(
        self, outline: Outline, ties: Ties, fields: Sequence[dict[str, Any]], calendar: Calendar
    ) -> None:
        self._outline, self._ties, self._fields = outline, ties, fields
        self._calendar = calendar
        starts = [item.start for item in outline.items if item.start is not None]
        self._begin = outline.start or min(starts, default=None)

    def explain(self) -> None:
        """Do so."""
        against: list[str] = []
        source = self._outline.source
        for place, item in enumerate(self._outline.items):
            fields = self._fields[place]
            if item.start is None or not self._ties.is_task(place):
                continue
            earliest, explained = self._bounds(place)
            if earliest is not None and item.start < earliest:
                against.append(item.place or item.number or str(item.row))
            settled = item.began is not None or fields["state"] in ("doing", "done", "dropped")
            if settled or fields.get("not_before") or explained is None:
                continue
            if item.start > explained:
                fields["not_before"] = item.start
                why = sentence("No link explains this start; the task may not begin before it.")
                source.approximate(item.row, "", item.start, why, item.place)
        if against:
            why = counted(
                "{n} task starts before its predecessors let it, by the dates of the file;"
                " the links count: {tasks}",
                "{n} tasks start before their predecessors let them, by the dates of the file;"
                " the links count: {tasks}",
                len(against),
                tasks=listed([*against[:_SHOWN], *(["…"] if len(against) > _SHOWN else [])]),
            )
            source.warn(0, "", "", why)

    def _bounds(self, place: int) -> tuple[date | None, date | None]:
        """Return the first day on which a task can start, and the last that links explain.

        A part of a day, in durations and lags, may move it to the next one.
        """
        arrows = self._ties.before(place)
        begin = self._outline.items[place].opening or self._begin
        if not arrows:
            return None, begin
        earliest: date | None = None
        explained: date | None = None
        for source, arrow in arrows.items():
            finish = self._outline.items[source].finish
            if finish is None:
                return None, None
            first = self._later(finish, math.floor(arrow.lag))
            last = self._later(finish, math.ceil(arrow.lag) + 1)
            earliest = first if earliest is None else max(earliest, first)
            explained = last if explained is None else max(explained, last)
        if explained is not None and begin is not None:
            explained = max(explained, begin)
        return earliest, explained

    def _later(self, day: date, days: int) -> date:
        try:
            return self._calendar.add_working_days(day, days) if days else day
        except BadInput:
            # Beyond all calendars; other checks name such dates.
            return day
