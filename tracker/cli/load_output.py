"""Who has how much to do, and what it costs: as a table for people, and as scripts read it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from tracker import terminal_text
from tracker.cli.json_output import called
from tracker.cli.printer import Printer, TableColumn, terminal_width
from tracker.domain.periods import sunday_of
from tracker.language import ngettext, say
from tracker.wording import controlling_words, load_words
from tracker.wording.figures import short_day
from tracker.wording.show import Piece

if TYPE_CHECKING:
    from tracker.domain.workspace import Workspace
    from tracker.flow.controlling import Amounts, Controlling, CostLine, EarnedValue, ReworkCost
    from tracker.flow.load import Load, Who
    from tracker.wording.controlling_words import Costs

# The cells that a week takes in a table on a terminal: its name and date, and a gap.
_CELL = 14


def print_load(printer: Printer, found: Load, rows: Sequence[Who], weeks: Sequence[date]) -> None:
    """Print a table of rows and weeks, and what is to be known of them."""
    both = {who.whole for who in rows} == {True, False}
    names = []
    for who in rows:
        indent = "  " if both and not who.whole and printer.terminal else ""
        names.append(indent + load_words.row_name(found.workspace, who))
    room = terminal_width() - max(map(terminal_text.width, names))
    # On a terminal a week is shown wholly or not at all.
    shown = weeks[: max(room // _CELL, 1)] if printer.terminal else weeks
    columns = [
        TableColumn(""),
        *(TableColumn(f"{load_words.week_name(week)} {short_day(week)}") for week in shown),
    ]
    table: list[list[str | Piece]] = [
        [
            (name, "strong" if who.whole and both else ""),
            *(load_words.cell_words(found, who, week, printer.glyphs) for week in shown),
        ]
        for name, who in zip(names, rows, strict=True)
    ]
    if printer.terminal:
        printer.line((load_words.head_words(found), "dim"))
    printer.table(columns, table)
    if not printer.terminal:
        return
    if len(shown) < len(weeks):
        left = len(weeks) - len(shown)
        text = ngettext(
            "{n} more week does not fit; --from shows it.",
            "{n} more weeks do not fit; --from shows them.",
            left,
        )
        printer.note(text.format(n=left))
    printer.line("")
    printer.line((load_words.legend(printer.glyphs), "dim"))
    printer.line((load_words.total_words(found), "dim"))
    for piece in load_words.quarter_lines(found):
        printer.line(piece)
    for text in load_words.basis(found):
        printer.line((text, "dim"))


def load_form(found: Load, rows: Sequence[Who], weeks: Sequence[date]) -> dict[str, Any]:
    """Return who has how much to do in which week as scripts read it; work in person-days."""
    ws = found.workspace
    return {
        "today": found.today,
        "capacity": found.capacity,
        "finish": found.schedule.finish,
        "effort_days": found.whole,
        "weeks": [
            {
                "week": _week(week),
                "first": week,
                "last": sunday_of(week),
                "holidays": [{"day": day, "name": name} for day, name in found.holidays(week)],
            }
            for week in weeks
        ],
        "rows": [_row_form(found, who, weeks) for who in rows],
        "weekend": [
            {
                "person": called(ws.people.get(person), "login"),
                "year": year,
                "quarter": quarter,
                "days": len({day for _task, day in days}),
                "tasks": [{"id": task, "day": day} for task, day in days],
            }
            for (person, year, quarter), days in found.quarters.items()
        ],
        "guessed": found.guessed,
        "later": found.later,
    }


def _week(monday: date) -> str:
    """Return a week as ISO 8601 has it: 2026-W48."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


def _row_form(found: Load, who: Who, weeks: Sequence[date]) -> dict[str, Any]:
    ws = found.workspace
    return {
        "department": called(ws.departments.get(who.department), "name"),
        "person": called(ws.people.get(who.person), "login"),
        "whole": who.whole,
        "cells": [_cell_form(found, who, week) for week in weeks],
    }


def _cell_form(found: Load, who: Who, week: date) -> dict[str, Any]:
    cell = found.cell(who, week)
    part = cell.part
    return {
        "week": _week(week),
        "days": cell.days,
        "in_scope": cell.scope,
        "days_there": cell.there,
        # JSON knows no infinity: work where nobody is there has no share.
        "share": None if part is None or math.isinf(part) else part,
        "over": cell.over,
        "weekend": [{"id": task, "day": day} for task, day in cell.weekend],
        "tasks": [
            {
                "id": share.task,
                "days": share.days,
                "slack": found.slack(share.task),
                "moves_to": [_week(move.week) for move in found.moves(who, week, share.task)],
            }
            for share in cell.shares
        ],
    }


def print_controlling(printer: Printer, found: Controlling, costs: Costs) -> None:
    """Print what the plan takes and costs, and what of that may surprise."""
    for pieces in controlling_words.page(found, costs, terminal_width(), printer.glyphs):
        printer.line(*pieces)
    if found.total.money is None:
        printer.note(controlling_words.unpriced_words())
    for text in controlling_words.basis(found):
        printer.note(text)


def controlling_form(found: Controlling, costs: Costs) -> dict[str, Any]:
    """Return what the plan takes and costs as scripts read it; effort is in person-days."""
    ws = found.workspace
    projects = {ws.tasks[task].project or 0 for task in found.total.tasks}
    return {
        "today": found.today,
        "currency": ws.preferences.currency,
        "by": found.by,
        "groups": [_line_form(line) for line in found.lines],
        "total": _line_form(found.total),
        "rework": [_rework_form(ws, each, costs) for each in found.rework],
        "budgets": [
            _budget_form(ws, key, costs) for key in sorted(projects, key=lambda key: (not key, key))
        ],
        "earned_value": [_earned_form(ws, each) for each in found.earned],
        "unrecorded": found.unrecorded,
        "dropped": found.dropped,
        "shared": found.shared,
    }


def _line_form(line: CostLine) -> dict[str, Any]:
    return {
        "name": None if line.name is None else say(line.name),
        "tasks": line.tasks,
        "effort": _amounts_form(line.days),
        "cost": None if line.money is None else _amounts_form(line.money),
        "unpriced": line.unpriced,
    }


def _amounts_form(amounts: Amounts) -> dict[str, float]:
    return {
        **amounts._asdict(),
        "at_completion": amounts.at_completion,
        "variance": amounts.variance,
    }


def _rework_form(ws: Workspace, rework: ReworkCost, costs: Costs) -> dict[str, Any]:
    cause = rework.cause
    links = [
        link.id
        for link in ws.arrows_out.get(cause.gate or 0, ())
        if link.kind == "returns" and link.target == cause.target
    ]
    figures = next((costs.returns[link] for link in links if link in costs.returns), None)
    return {
        "from": cause.gate,
        "to": cause.target,
        "reason": cause.reason or None,
        "days": rework.days,
        "cost": rework.money,
        "tasks": [{"id": again.task, "days": again.days} for again in rework.tasks],
        "cost_to_come": figures.cost_money if figures else None,
    }


def _budget_form(ws: Workspace, key: int, costs: Costs) -> dict[str, Any]:
    project, cost = ws.projects.get(key), costs.projects.get(key)
    return {
        "project": called(project, "name"),
        "budget": project.budget if project else None,
        "p50": cost.p50 if cost else None,
        "p80": cost.p80 if cost else None,
        "within": cost.within if cost else None,
    }


def _earned_form(ws: Workspace, earned: EarnedValue) -> dict[str, Any]:
    return {
        "project": called(ws.projects.get(earned.project), "name"),
        "baseline": called(earned.baseline, "name"),
        "unit": ws.preferences.currency if earned.in_money else "days",
        "bac": earned.bac,
        "bcws": earned.bcws,
        "bcwp": earned.bcwp,
        "acwp": earned.acwp,
        "sv": earned.schedule_variance,
        "cv": earned.cost_variance,
        "spi": earned.spi,
        "cpi": earned.cpi,
        "tasks": earned.counted,
        "left_out": earned.left_out,
    }
