"""A workspace as it was, as far as the history is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time

from tracker.domain.change import Record
from tracker.domain.typing.dates import moment_here
from tracker.domain.workspace import Workspace


def morning(day: date) -> datetime:
    """Return the moment at which a day begins where the program runs; raises BadInput."""
    return moment_here(day, time.min)


def before(ws: Workspace, records: Sequence[Record], seq: int) -> Workspace | None:
    """Return the state before a record of the history; None where that is not kept.

    `records` are the history up to the workspace, oldest first.
    """
    if not records or records[0].seq > seq:
        return None
    for record in reversed(records):
        if record.seq >= seq:
            ws = ws.apply(record.change.inverse, seq=record.seq - 1, past=True)
    return ws


def states(
    ws: Workspace, records: Sequence[Record], moments: Iterable[datetime]
) -> Iterator[tuple[datetime, Workspace]]:
    """Walk over the states before some moments, the latest first, as far back as is known.

    `records` are the history up to the workspace, oldest first, as far as it is kept: of what was
    before the first of them nothing is known.
    """
    left = list(records)
    for moment in moments:
        while left and left[-1].at >= moment:
            record = left.pop()
            ws = ws.apply(record.change.inverse, seq=record.seq - 1, past=True)
        if not left:
            return
        yield moment, ws
