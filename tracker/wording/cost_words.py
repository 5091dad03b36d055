"""What a plan costs in words, whether the budget is kept, and what the amounts come from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracker.domain.model import Project
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.wording import show
from tracker.wording.figures import number
from tracker.wording.show import Piece

if TYPE_CHECKING:
    from tracker.flow.forecast.cost import Cost
    from tracker.flow.forecast.forecast import Forecast

# An amount that was simulated is known no better than this.
_DIGITS = 3


def money(ws: Workspace, value: float) -> str:
    """Return an amount with its currency."""
    return f"{number(value, 0)} {show.currency(ws)}"


def about(ws: Workspace, value: float) -> str:
    """Return a simulated amount, rounded, with its currency."""
    return f"{rounded(value)} {show.currency(ws)}"


def rounded(value: float) -> str:
    """Return a simulated amount, rounded."""
    if value:
        value = round(value, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    return number(value, 0)


def cost_rows(ws: Workspace, found: Forecast) -> Iterator[tuple[str, str, str]]:
    """Yield of each project that it is the cost, the amount at P80, and whether the budget holds.

    The one whose budget is least likely to be kept comes first.
    """
    for key, cost in sorted(found.money.items(), key=lambda item: _within(item[1])):
        name = _("Cost")
        if len(found.money) > 1:
            project = ws.projects.get(key)
            name = _("Cost {name}").format(name=_project(project))
        told = _("P50: {p50}").format(p50=about(ws, cost.p50))
        if cost.budget is not None:
            told = _budget(ws, cost, found.runs)
        yield name, about(ws, cost.p80), told


def _within(cost: Cost) -> float:
    return 2.0 if cost.within is None else cost.within


def _project(project: Project | None) -> str:
    return show.text(project.key or project.name) if project else _("(no project)")


def cost_lines(ws: Workspace, found: Forecast) -> Iterator[list[Piece]]:
    """Yield what each project costs at completion, and in how many runs within its budget."""
    for key, cost in found.money.items():
        text = _("Cost at completion: {p50} (P50), {p80} (P80)")
        name = _project(ws.projects.get(key))
        if len(found.money) > 1:
            text = _("Cost of {project} at completion: {p50} (P50), {p80} (P80)")
        told = text.format(project=name, p50=about(ws, cost.p50), p80=about(ws, cost.p80))
        parts = _("{planned} as planned, {spent} so far, {rework} for returns on average")
        detail = parts.format(
            planned=about(ws, cost.planned),
            spent=about(ws, cost.spent),
            rework=about(ws, cost.rework),
        )
        pieces: list[Piece] = [(told, "strong"), (f" ({detail})", "dim")]
        if cost.budget is not None and cost.within is not None:
            pieces.append(("; " + _budget(ws, cost, found.runs), _role(cost.within)))
        yield pieces


def _budget(ws: Workspace, cost: Cost, runs: int) -> str:
    of = min(runs, 100)
    share = cost.within or 0.0
    kept = round(share * of)
    if 0 < share < 1:
        # Neither none nor all of them where it was neither.
        kept = min(max(kept, 1), of - 1)
    text = _("budget {budget}: kept in {n} of {all} simulated runs")
    return text.format(budget=money(ws, cost.budget or 0.0), n=kept, all=of)


def _role(within: float) -> str:
    return "alarm" if within < 0.5 else "warn" if within < 0.8 else "plain"


def cost_assumed(ws: Workspace, found: Forecast) -> Iterator[str]:
    """Yield what the amounts come from, and what is not in them."""
    if not found.money:
        return
    lanes = sum(lane.day_rate is not None for lane in ws.departments.values())
    people = sum(person.day_rate is not None for person in ws.people.values())
    rates = ngettext("{n} department", "{n} departments", lanes).format(n=lanes)
    if people:
        own = ngettext("{n} person", "{n} people", people).format(n=people)
        rates = _("{departments} and {people}").format(departments=rates, people=own)
    text = _(
        "cost: effort at the day rates of {rates}; it grows with the duration, and where none was"
        " entered one person works full time"
    )
    yield text.format(rates=rates)
    unpriced = [task for cost in found.money.values() for task in cost.unpriced]
    if unpriced:
        text = ngettext(
            "{n} task without a day rate is not in the cost",
            "{n} tasks without a day rate are not in the cost",
            len(unpriced),
        )
        yield text.format(n=number(len(unpriced)))
    if unrecorded := sum(cost.unrecorded for cost in found.money.values()):
        text = ngettext(
            "{n} finished task without recorded effort has cost what was planned",
            "{n} finished tasks without recorded effort have cost what was planned",
            unrecorded,
        )
        yield text.format(n=number(unrecorded))
