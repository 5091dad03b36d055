"""Who has how much to do, and what it costs: as a table for people, and as scripts read it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tracker import terminal_text
from tracker.cli.json_output import called
from tracker.cli.printer import Printer, TableColumn, terminal_width
from tracker.language import ngettext
from tracker.wording import load_words
from tracker.wording.figures import short_day
from tracker.wording.show import Piece

if TYPE_CHECKING:
    from tracker.flow.load import Load, Who

_LAST = timedelta(days=6)
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
                "last": week + _LAST,
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
