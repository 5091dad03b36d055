"""How long a system was down, by the history of its states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tracker.domain.change import Record
from tracker.domain.model import System


def down_time(
    records: Iterable[Record], system: System, since: datetime, now: datetime
) -> timedelta:
    """Return how long a system was down between two moments, as far as records are kept."""
    spans = down_spans(records, system, since, now)
    return sum((end - first for first, end in spans), timedelta())


def down_spans(
    records: Iterable[Record], system: System, since: datetime, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Return from when to when a system was down between two moments, in order, without overlaps.

    What a later record says of an earlier time is added to what was known: who takes back that a
    system is up again says that it never was.
    """
    spans = []
    for record in records:
        for edit in record.change.edits:
            before, after = edit.before, edit.after
            if not isinstance(before, System) or before.id != system.id or before.state != "down":
                continue
            if not (
                isinstance(after, System) and (after.state, after.since) == ("down", before.since)
            ):
                spans.append((before.since or since, record.at))
    if system.state == "down":
        spans.append((system.since or since, now))
    found, last = [], since
    for first, end in sorted(spans):
        first, end = max(first, last), min(end, now)
        if end > first:
            found.append((first, end))
            last = end
    return found
