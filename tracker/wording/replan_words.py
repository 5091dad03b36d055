"""Due dates that are to be set anew, in words: from when to when, and what that does to a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from tracker import terminal_text
from tracker.domain.workspace import Workspace
from tracker.flow.replan import NewDue, last_due
from tracker.language import _, ngettext
from tracker.wording import show
from tracker.wording.figures import day_words
from tracker.wording.show import Glyphs, Piece

if TYPE_CHECKING:
    from tracker.flow.forecast.critical_path import Schedule

_TITLE = 36


def question(count: int) -> str:
    """Ask whether due dates are to be moved."""
    return ngettext("Move {n} due date?", "Move {n} due dates?", count).format(n=count)


def nothing(unkept: bool) -> str:
    """Return what is said where no due date is to be moved."""
    if unkept:
        return _("Every due date can be kept.")
    return _("Nothing is late; no due date is moved.")


def lines(
    ws: Workspace,
    dues: Sequence[NewDue],
    schedule: Schedule,
    p80s: Mapping[int, date],
    today: date,
    glyphs: Glyphs,
    *,
    unkept: bool = False,
) -> Iterator[list[Piece]]:
    """Yield what moves from when to when, and what of each project stays or moves."""
    if not dues:
        yield [(nothing(unkept), "dim")]
        return
    yield from tasks(ws, dues, today, glyphs)
    yield []
    yield from projects(ws, dues, schedule, p80s, today, glyphs)


def tasks(
    ws: Workspace, dues: Sequence[NewDue], today: date, glyphs: Glyphs
) -> Iterator[list[Piece]]:
    """Yield a line for each due date that moves."""
    digits = max(len(str(each.task)) for each in dues)
    titles = [show.text(ws.tasks[each.task].title) for each in dues]
    wide = min(max(map(terminal_text.width, titles)), _TITLE)
    olds = [day_words(each.old, today) for each in dues]
    old = max(map(terminal_text.width, olds))
    for each, title, was in zip(dues, titles, olds, strict=True):
        lane = ws.departments.get(ws.tasks[each.task].department or 0)
        yield [
            (f"{str(each.task).rjust(digits)} ", "dim"),
            (terminal_text.fit(title, wide, ellipsis=glyphs.more), "plain"),
            (f"  {terminal_text.fit(was, old)} ", "alarm" if each.passed else "warn"),
            (f"{glyphs.right} {day_words(each.new, today)}", "strong"),
            (f"  {show.text(lane.short or lane.name)}" if lane else "", "dim"),
        ]


def projects(
    ws: Workspace,
    dues: Sequence[NewDue],
    schedule: Schedule,
    p80s: Mapping[int, date],
    today: date,
    glyphs: Glyphs,
) -> Iterator[list[Piece]]:
    """Yield for each project its last due date before and after, its finish and its P80."""
    for project, before, after, finish, p80 in _projects(ws, dues, schedule, p80s):
        last = day_words(before, today)
        if before != after:
            last = f"{last} {glyphs.right} {day_words(after, today)}"
        told = [_("last due date {days}").format(days=last)]
        if finish is not None:
            told.append(_("finish {day}").format(day=day_words(finish, today)))
        if p80 is not None:
            told.append(_("P80 {day}").format(day=day_words(p80, today)))
        yield [
            (f"{show.project(ws, project)}: ", "strong"),
            (f" {glyphs.dot} ".join(told), "plain"),
        ]
    yield [(_("Due dates do not move the plan: finish and P80 stay."), "dim")]


def forms(
    ws: Workspace, dues: Sequence[NewDue], schedule: Schedule, p80s: Mapping[int, date]
) -> list[dict[str, Any]]:
    """Return the same of projects as scripts read it."""
    return [
        {
            "project": ws.projects[project].name if project else None,
            "last_due_before": before,
            "last_due_after": after,
            "finish": finish,
            "p80": p80,
        }
        for project, before, after, finish, p80 in _projects(ws, dues, schedule, p80s)
    ]


def _projects(
    ws: Workspace, dues: Sequence[NewDue], schedule: Schedule, p80s: Mapping[int, date]
) -> Iterator[tuple[int, date, date, date | None, date | None]]:
    before, after = last_due(ws), last_due(ws, dues)
    for project in sorted({ws.tasks[each.task].project or 0 for each in dues}):
        length = schedule.lengths.get(project)
        finish = None if length is None else schedule.plan.finish_date(length)
        yield project, before[project], after[project], finish, p80s.get(project)
