"""A status report as scripts read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.cli.baseline_calls import drift_form
from tracker.cli.json_output import called, day_form
from tracker.cli.load_output import controlling_form, load_form
from tracker.domain.workspace import Workspace
from tracker.flow.status_report import NEXT_WEEKS
from tracker.language import say
from tracker.wording.controlling_words import Costs
from tracker.wording.report_page import page

if TYPE_CHECKING:
    from tracker.flow.since_then import Before, SinceThen
    from tracker.flow.status_report import ProjectStatus, ReturnRow, StatusReport, ToDecide


def report_form(found: StatusReport) -> dict[str, Any]:
    """Return all readings; shares are fractions, days working days, money in the currency."""
    ws, shown = found.workspace, page(found)
    reasons = [row.reason for row in shown.lights]
    money = {key: cost for each in found.forecasts.values() for key, cost in each.money.items()}
    figures = {row.link.id: row.figures for row in found.returns if row.figures}
    return {
        "today": found.now.today,
        "tasks": len(found.tasks),
        "status": shown.color,
        "problem": say(found.problem) if found.problem else None,
        "since": _since_form(ws, found.since) if found.since else None,
        "projects": [_project_form(ws, each) for each in found.projects],
        "lights": [
            {
                "aspect": light.aspect,
                "project": _project(ws, light.project),
                "status": light.level,
                "reason": reason,
            }
            for light, reason in zip(found.lights, reasons, strict=True)
        ],
        "decisions": [_decision_form(ws, each) for each in found.decisions],
        "milestones": [row._asdict() for row in found.milestones],
        "next": [row._asdict() for row in found.ahead],
        "day": day_form(ws, found.day, {}, found.ends),
        "returns": [_return_form(row) for row in found.returns],
        "burn_up": {
            "past": [each._asdict() for each in found.burn_up.past],
            "ahead": {
                f"p{round(100 * share)}": [{"day": day, "done": done} for day, done in days]
                for share, days in found.burn_up.ahead.items()
            },
        },
        "load": load_form(found.load, found.load.rows, found.load.weeks[:NEXT_WEEKS]),
        "costs": controlling_form(found.costs, Costs(money, figures)),
    }


def _project(ws: Workspace, key: int | None) -> str | None:
    return called(ws.projects.get(key or 0), "name")


def _project_form(ws: Workspace, each: ProjectStatus) -> dict[str, Any]:
    found = each.forecast
    return {
        "project": _project(ws, each.project),
        "tasks": each.tasks,
        "done": each.done,
        "target": each.target,
        "chance": each.chance,
        "p50": found.date_of(found.finish.p50) if found else None,
        "p80": each.p80,
        "p95": found.date_of(found.finish.p95) if found else None,
        "p80_before": each.p80_before,
        "p80_without_returns": found.date_of(found.without_returns.p80) if found else None,
        "runs": found.runs if found else None,
        "ended": each.ended,
    }


def _decision_form(ws: Workspace, each: ToDecide) -> dict[str, Any]:
    link = ws.links.get(each.link)
    return {
        "kind": each.kind,
        "project": _project(ws, each.project),
        "from": link.source if link else None,
        "to": link.target if link else None,
        "system": called(ws.systems.get(each.system), "name"),
        "deadlock": each.ring.path if each.ring else None,
    }


def _return_form(row: ReturnRow) -> dict[str, Any]:
    figures = row.figures
    return {
        "from": row.link.source,
        "to": row.link.target,
        "passes": row.passes,
        "limit": row.link.limit,
        "over_limit": row.over,
        "rework_days": row.days,
        "rework_cost": row.money,
        "cost_days_p80": figures.cost_p80 if figures else None,
        "cost_money": figures.cost_money if figures else None,
    }


def _since_form(ws: Workspace, since: SinceThen) -> dict[str, Any]:
    def moved(all: tuple[Before, ...]) -> list[dict[str, Any]]:
        return [each._asdict() for each in all]

    return {
        "moment": since.moment,
        "baseline": called(since.baseline, "name"),
        "new": since.new,
        "history": since.history,
        "finished": since.finished,
        "started": since.started,
        "added": since.added,
        "gone": [{"id": task.id, "title": task.title} for task in since.gone],
        "returned": [
            {"task": each.task, "from": each.gate, "at": each.at, "who": each.who}
            | {"reason": each.reason, "pass": each.number}
            for each in since.returned
        ],
        "due": moved(since.dues),
        "estimates": moved(since.estimates),
        "targets": moved(since.targets),
        "budgets": moved(since.budgets),
        "changes": since.records,
        "people": since.people,
        "drift": drift_form(ws, since.drift, None, {}, {}) if since.drift else None,
    }
