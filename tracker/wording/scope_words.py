"""What of a workspace is looked at, in words, and the dates of its projects side by side."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tracker.domain.scope import Scope
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.wording import show
from tracker.wording.figures import day_words
from tracker.wording.show import Glyphs, Piece

if TYPE_CHECKING:
    from tracker.flow.forecast.forecast import Forecast


def scope_words(ws: Workspace, scope: Scope) -> str:
    """Return what is looked at: the name of one project, how many of how many, whether mine."""
    names = [show.project(ws, key) for key in scope.projects or ws.projects]
    if len(names) == 1:
        told = names[0]
    elif scope.projects:
        every = ws.projects.keys() | {task.project or 0 for task in ws.tasks.values()}
        told = _("{n} of {all} projects").format(n=len(names), all=len(every))
    elif names:
        told = ngettext("{n} project", "{n} projects", len(names)).format(n=len(names))
    else:
        told = _("Plan")
    return _("{what}, only mine").format(what=told) if scope.mine else told


def project_dates(
    ws: Workspace, project: int, found: Forecast | None, today: date, glyphs: Glyphs
) -> tuple[Piece, ...]:
    """Return by when a project is over, and how likely its target is kept; no forecast: unknown."""
    from tracker.wording.forecast_words import ForecastWords

    known = ws.projects.get(project)
    target = known.target if known else None
    if project not in Scope().ahead(ws):
        return ((_("nothing left to do"), "dim"),)
    if found is None:
        return ((_("P80 {day}").format(day=glyphs.more), "dim"),)
    words = ForecastWords(ws, found, today, glyphs)
    told: list[Piece] = [(_("P80 {day}").format(day=words.day(found.finish.p80)), "strong")]
    if target is not None:
        days = found.plan.days_until(target)
        day = day_words(target, today)
        text = _("target {day}: {chance}").format(day=day, chance=words.chance(days))
        told.append((f" {glyphs.dot} {text}", "plain" if found.cdf(days) >= 0.5 else "alarm"))
    return tuple(told)
