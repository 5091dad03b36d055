"""What a report asks to be decided: by whom, what, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracker.domain import status
from tracker.domain.calendar import day_of
from tracker.language import _, ngettext
from tracker.wording import forecast_words, show
from tracker.wording.cost_words import about, money
from tracker.wording.figures import one_stop, printed_day
from tracker.wording.forecast_words import ForecastWords
from tracker.wording.report_parts import (
    ReportSection,
    chance_words,
    grid,
    owner,
    project_name,
)
from tracker.wording.show import UNICODE, Piece

if TYPE_CHECKING:
    from tracker.flow.status_report import StatusReport, ToDecide

# Who is asked, what is to be decided, and why.
AskedFor = tuple[str, str, str]


def asked(found: StatusReport) -> ReportSection:
    """Return what is to be decided."""
    rows = [_asked(found, each) for each in found.decisions]
    if not rows and not found.tasks:
        return ReportSection("decisions", "")
    told: list[Piece] = [] if rows else [(_("Nothing has to be decided now."), "plain")]
    heads = (_("Who decides"), _("Decision"), _("Why"))
    cells = [((who, "strong"), (what, "plain"), (why, "dim")) for who, what, why in rows]
    return ReportSection(
        "decisions", _("Decisions needed"), told, grid("", heads, cells, most=len(cells))
    )


def _asked(found: StatusReport, each: ToDecide) -> AskedFor:
    match each.kind:
        case "target":
            return _target(found, each)
        case "budget":
            return _budget(found, each)
        case "limit":
            return _limit(found, each)
        case "deadlock":
            return _deadlock(found, each)
        case "system":
            return _system(found, each)


def _committee() -> str:
    return _("Steering committee")


def _target(found: StatusReport, each: ToDecide) -> AskedFor:
    project = next(row for row in found.projects if row.project == each.project)
    name, forecast = project_name(found.workspace, each.project), found.forecasts[each.project]
    words = ForecastWords(found.workspace, forecast, found.now.today, UNICODE)
    what = _("{project}: move the target, reduce the scope, or remove what causes the delay?")
    text = _("The target of {target} is {chance}.")
    target = printed_day(project.target, found.now.today) if project.target else ""
    why = text.format(target=target, chance=chance_words(forecast, project.chance or 0.0))
    worst = words.to_fix_first
    if worst is not None:
        text = _("If nothing more came back from {gate} to {target}, P80 would be {day}.")
        day = forecast.date_of(forecast.finish.p80 - (worst.cost_p80 or 0.0))
        saved = text.format(
            gate=show.name(found.workspace, worst.gate),
            target=show.name(found.workspace, worst.target),
            day=printed_day(day, found.now.today),
        )
        why += f" {one_stop(saved)}"
    return _committee(), what.format(project=name), why


def _budget(found: StatusReport, each: ToDecide) -> AskedFor:
    ws = found.workspace
    forecast, project = found.forecasts[each.project], ws.projects[each.project]
    cost = forecast.money[each.project]
    what = _("{project}: raise the budget or reduce the scope?")
    text = _("The budget of {budget} is {chance}; at completion {amount} (P80).")
    why = text.format(
        budget=money(ws, project.budget or 0.0),
        chance=chance_words(forecast, cost.within or 0.0),
        amount=about(ws, cost.p80),
    )
    return _committee(), what.format(project=project_name(ws, each.project)), why


def _limit(found: StatusReport, each: ToDecide) -> AskedFor:
    ws, link = found.workspace, found.workspace.links[each.link]
    gate, target = ws.tasks[link.source], ws.tasks[link.target]
    who = show.full_name(ws, link.escalate_to) or owner(ws, gate)
    text = _("{target} came back from {gate}: go on, change the approach, or accept it as it is?")
    what = text.format(target=show.name(ws, target.id), gate=show.name(ws, gate.id))
    text = _("Pass {n}, {limit} were allowed.")
    why = text.format(n=status.link_passes(ws, link), limit=link.limit)
    last = next((run for run in reversed(target.passes) if run.gate == gate.id), None)
    if last and last.reason:
        why += " " + _("Last reason: “{reason}”").format(reason=show.text(last.reason))
    return who, what, why


def _deadlock(found: StatusReport, each: ToDecide) -> AskedFor:
    ws, ring = found.workspace, each.ring
    if ring is None:
        raise ValueError("a deadlock without its ring")
    owners = dict.fromkeys(owner(ws, ws.tasks[key]) for key in ring.path)
    pieces = list(forecast_words.deadlock(ws, ring, UNICODE))
    path, cut = pieces[1][0].strip(), pieces[2][0]
    return "; ".join(list(owners)[:3]), cut, _("Each waits for the other: {path}").format(path=path)


def _system(found: StatusReport, each: ToDecide) -> AskedFor:
    ws, today = found.workspace, found.now.today
    system = ws.systems[each.system]
    burning = next(row for row in found.day.burning if row.system == each.system)
    who = show.department(ws, system.owner) or _("not named")
    what = _("By when is {system} up again?").format(system=show.text(system.name))
    told = list(_stuck(burning.stuck))
    if system.since:
        day = printed_day(day_of(system.since), today)
        told.insert(0, one_stop(_("Down since {day}.").format(day=day)))
    if system.why:
        told.append(_("“{reason}”").format(reason=show.text(system.why)))
    restorer = ws.tasks.get(system.restored_by or 0)
    if restorer and restorer.open:
        text = _("{task} restores it.")
        told.append(text.format(task=show.name(ws, restorer.id)))
    return who, what, " ".join(told)


def _stuck(stuck: tuple[int, ...]) -> Iterator[str]:
    text = ngettext("{n} task is stuck.", "{n} tasks are stuck.", len(stuck))
    yield text.format(n=len(stuck))
