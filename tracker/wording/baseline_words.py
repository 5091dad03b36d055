"""Baselines in words: what was agreed, when, and by when it was to be over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from tracker.domain.calendar import day_of
from tracker.domain.model import Baseline, PlannedFinish
from tracker.domain.scope import Scope
from tracker.language import _
from tracker.wording import show
from tracker.wording.figures import day_words, number

if TYPE_CHECKING:
    from tracker.domain.workspace import Workspace


def none_yet() -> str:
    """Return what is said where there is no baseline."""
    return _("There is no baseline yet; `tracker baseline take NAME` takes one.")


def concerns(baseline: Baseline, scope: Scope) -> bool:
    """Return whether a baseline is of anything in scope."""
    return not (baseline.projects and scope.projects) or not set(scope.projects).isdisjoint(
        baseline.projects
    )


def rows(
    ws: Workspace, baseline: Baseline, today: date, *, written: bool = False
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each project: name, taken, by, tasks, project, finish, P80, target, reason.

    With `written` days are numbers, for scripts. What is of the whole is in the first row.
    """

    def day(found: date | None) -> str:
        if found is None:
            return "–"
        return found.isoformat() if written else day_words(found, today)

    finishes = baseline.finishes or (PlannedFinish(0, None, None, None, None),)
    for at, row in enumerate(finishes):
        first = at == 0 or written
        yield (
            baseline.name if first else "",
            day(day_of(baseline.taken)) if first else "",
            baseline.by if first else "",
            number(len(baseline.plan)) if first else "",
            project(ws, row.project) if len(finishes) > 1 or baseline.projects else "",
            day(row.finish),
            day(row.p80),
            day(row.target),
            reason(baseline) if first else "",
        )


def reason(baseline: Baseline) -> str:
    """Return why a baseline was taken, and that it is a plan of limited capacity if it is."""
    limited = _("limited capacity") if baseline.capacity else ""
    return " · ".join(filter(None, (baseline.reason, limited)))


def finishes(ws: Workspace, baseline: Baseline, today: date) -> Iterator[str]:
    """Yield for each project by when it was to be over."""
    for row in baseline.finishes:
        if row.finish is None:
            continue
        text = _("{project}: finish {finish}")
        if row.p80:
            text = _("{project}: finish {finish}, P80 {p80}")
        if row.p80 and row.target:
            text = _("{project}: finish {finish}, P80 {p80}, target {target}")
        days = {
            name: day_words(day, today) if day else ""
            for name, day in (("finish", row.finish), ("p80", row.p80), ("target", row.target))
        }
        yield text.format(project=project(ws, row.project), **days)


def project(ws: Workspace, key: int) -> str:
    """Return the name of a project, which may have been deleted since."""
    if key and key not in ws.projects:
        return _("(deleted project {id})").format(id=key)
    return show.project(ws, key)
