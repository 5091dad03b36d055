"""What pictures of a plan have in common: lanes, and what stands on an arrow."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.domain.model import Department, Link, Task
from tracker.domain.workspace import Workspace


def by_department(ws: Workspace) -> Iterator[tuple[Department | None, list[Task]]]:
    """Walk over departments with their tasks, in the order of the lanes; last those without one."""
    found: dict[int, list[Task]] = {}
    for task in ws.tasks.values():
        found.setdefault(task.department or 0, []).append(task)
    lanes = sorted(ws.departments.values(), key=lambda lane: (lane.order, lane.id))
    for lane in lanes:
        if lane.id in found:
            yield lane, found[lane.id]
    if 0 in found:
        yield None, found[0]


def arrow_label(link: Link, german: bool) -> str:
    """Return what stands on an arrow: `+2 d`, `30% ≤3`, and `~20%` where nobody gave a rate."""
    if link.kind == "needs":
        if not link.lag:
            return ""
        lag = f"{link.lag:+.15g} " + ("T" if german else "d")
        return lag.replace(".", ",") if german else lag
    rate = f"{100 * link.rate:.3g}%"
    if german:
        rate = rate.replace(".", ",").replace("%", " %")
    rate = f"~{rate}" if link.rate_assumed else rate
    return f"{rate} ≤{link.limit}" if link.limit else rate
