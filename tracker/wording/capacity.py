"""One thing at a time in words: what it does to the date, and who is the bottleneck."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.wording import show
from tracker.wording.figures import number, working_days

if TYPE_CHECKING:
    from tracker.flow.forecast.levelling import Levelled

# A longer list would not show where to begin.
_MOST_NAMED = 3


def capacity_lines(ws: Workspace, found: Levelled) -> Iterator[str]:
    """Yield the sentences about a plan in which everybody keeps to their limit."""
    text = _("With limited capacity: {days}; with unlimited capacity: {free}.")
    yield text.format(days=working_days(found.length), free=working_days(found.free_length))
    if not found.bottlenecks:
        yield _("No single person or department is the bottleneck.")
        return
    named = [
        ngettext(
            "{who} ({days} day)", "{who} ({days} days)", 1 if round(days, 1) == 1 else 2
        ).format(who=show.text(worker.name(ws)), days=number(days))
        for worker, days in found.bottlenecks[:_MOST_NAMED]
    ]
    text = _("Bottleneck, with the days saved if its capacity were unlimited: {names}")
    yield text.format(names=", ".join(named))
