"""Who has how much to do in which week, in words: cells, what they are made of, and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from tracker.domain.periods import monday_of, sunday_of
from tracker.domain.workspace import Workspace
from tracker.language import _, current, ngettext
from tracker.wording import show
from tracker.wording.figures import (
    brief_days,
    day_words,
    number,
    percent,
    printed_day,
    short_day,
    working_days,
)
from tracker.wording.show import Glyphs, Piece

if TYPE_CHECKING:
    from tracker.flow.load import Load, LoadCell, Moved, Share, Who

# So many shifted tasks are named before a move.
_NAMED = 5


def row_name(ws: Workspace, who: Who) -> str:
    """Return what a row is called."""
    if who.whole:
        return show.department(ws, who.department) or _("no department")
    return show.person(ws, who.person) or _("(unassigned)")


def week_name(week: date) -> str:
    """Return what the week from a Monday on is called, by its number (ISO 8601)."""
    return _("wk {n}").format(n=week.isocalendar().week)


def week_days(week: date) -> str:
    """Return a week by its name and its first and last day."""
    return f"{week_name(week)}, {short_day(week)} – {short_day(sunday_of(week))}"


def _days(value: float, decimals: int = 1) -> str:
    return number(value, decimals if abs(value) < 9.95 else 0)


def cell_words(load: Load, who: Who, week: date, glyphs: Glyphs, cells: int = 0) -> Piece:
    """Return a cell: the days of work and those there are, and in signs what is to be noticed.

    In so many `cells`, if that many are given, tenths and gaps give way before signs.
    """
    cell = load.cell(who, week)
    signs = "!" * cell.over + "W" * bool(cell.weekend)
    signs += "a" * bool(not who.whole and load.away(who.person, week))
    role = ("plain" if cell.days else "dim", "warn", "alarm")[cell.over]
    for decimals, gap in ((1, " "), (1, ""), (0, "")):
        words = _figures(cell, decimals, glyphs)
        told = f"{words}{gap}{signs}" if signs else words
        if not cells or len(told) <= cells:
            break
    return told.strip(), role


def over_words(load: Load, week: date) -> Piece:
    """Return how many people have too much to do in a week, with the sign of the worst."""
    over = load.too_much(week)
    if not over:
        return "", ""
    worst = max(load.cell(who, week).over for who in over)
    return f"{len(over)}{'!' * worst}", ("plain", "warn", "alarm")[worst]


def too_much(load: Load, week: date, glyphs: Glyphs) -> list[Piece]:
    """Return who has too much to do in a week, by name; nothing if nobody has."""
    over = load.too_much(week)
    if not over:
        return []
    told: list[Piece] = [(_("Too much in {week}:").format(week=week_name(week)), "strong")]
    for n, who in enumerate(over):
        words, look = cell_words(load, who, week, glyphs)
        gap = f" {glyphs.dot} " if n else " "
        told += [(gap, "dim"), (f"{row_name(load.workspace, who)} {words}", look)]
    return told


def _figures(cell: LoadCell, decimals: int, glyphs: Glyphs) -> str:
    if cell.there is None:
        return _days(cell.days, decimals) if cell.days else ""
    if not cell.there and not cell.days:
        return "-" if glyphs is show.ASCII else "–"
    if not cell.days:
        return f"{glyphs.dot}/{_days(cell.there, decimals)}"
    return f"{_days(cell.days, decimals)}/{_days(cell.there, decimals)}"


def legend(glyphs: Glyphs) -> str:
    """Return what the signs in the cells say."""
    from tracker.flow.load import FAR_OVER, FULL

    text = _("! over {full} · !! over {far} · W on a weekend or holiday · a away")
    told = text.format(full=percent(FULL), far=percent(FAR_OVER))
    return told.replace("·", glyphs.dot)


def cell_title(load: Load, who: Who, week: date, glyphs: Glyphs) -> list[Piece]:
    """Return what a cell says in a sentence."""
    cell = load.cell(who, week)
    told: list[Piece] = [
        (f" {row_name(load.workspace, who)} {glyphs.dot} {week_days(week)}: ", "strong")
    ]
    work = _("{days} of work").format(days=_person_days(cell.days))
    if cell.there is None:
        if who.whole or who.person:
            told.append((_("{work}; capacity unknown").format(work=work), ""))
        else:
            told.append((_("{work}, unassigned").format(work=work), "warn"))
        return told
    words = _("{work}, {there} available").format(work=work, there=_days(cell.there))
    part = cell.part or 0.0
    if cell.days and part != float("inf"):
        words += f": {percent(part)}"
    told.append((words, ("plain", "warn", "alarm")[cell.over]))
    if cell.scope < cell.days - 0.05:
        text = _(", {days} of it in this scope")
        told.append((text.format(days=_days(cell.scope)), "dim"))
    return told


def _person_days(days: float) -> str:
    count = 1 if round(days, 1) == 1 else 2
    text = ngettext("{days} day", "{days} days", count)
    return text.format(days=_days(days))


def cell_notes(load: Load, who: Who, week: date) -> Iterator[Piece]:
    """Walk over what else there is to know of a week: who is away, holidays, weekend work."""
    ws = load.workspace
    people = [row.person for row in load.rows if row.department == who.department]
    for person in people if who.whole else [who.person]:
        for away in load.away(person, week):
            text = _("{who} away {days}") if not away.half else _("{who} away half of {days}")
            span = short_day(away.first)
            if away.last != away.first:
                span += f" – {short_day(away.last)}"
            told = text.format(who=show.person(ws, person), days=span)
            yield f"{told}: {show.text(away.note)}" if away.note else told, "dim"
    if named := load.holidays(week, current()):
        told = ", ".join(f"{day_words(day, load.today)} {name}" for day, name in named)
        yield _("Public holidays: {days}").format(days=told), "dim"
    for task, days in _by_task(load.cell(who, week).weekend):
        told = ", ".join(day_words(day, load.today) for day in days)
        text = _("W {task} falls on {days}")
        yield text.format(task=show.name(ws, task), days=told), "warn"


def _by_task(days: Iterable[tuple[int, date]]) -> list[tuple[int, list[date]]]:
    found: dict[int, list[date]] = {}
    for task, day in days:
        found.setdefault(task, []).append(day)
    return list(found.items())


def share_words(load: Load, who: Who, week: date, share: Share, glyphs: Glyphs) -> list[Piece]:
    """Return how much of a task falls into a week, and whether it could move to another one."""
    from tracker.flow.forecast.remaining_work import CLOSE

    slack = load.slack(share.task)
    told: list[Piece] = [(_person_days(share.days), "plain"), (f" {glyphs.dot} ", "dim")]
    if slack <= CLOSE:
        told.append((_("critical"), "strong"))
        return told
    told.append((_("slack {days}").format(days=brief_days(slack)), "plain"))
    if best := load.best(who, week, share.task):
        full = best.part is None or math.isinf(best.part) or best.room
        text = _("can move to {week}") if full else _("can move to {week}: {part}")
        words = text.format(week=week_name(best.week), part=percent(best.part or 0.0))
        told += [(f" {glyphs.right} ", "dim"), (words, "key" if best.room else "plain")]
    elif load.workspace.tasks[share.task].state == "doing":
        told.append((f" {glyphs.dot} ", "dim"))
        told.append((_("under way"), "dim"))
    return told


def explained(load: Load, who: Who, week: date) -> Iterator[str]:
    """Walk over sentences that say how the figure of a cell came about."""
    ws = load.workspace
    if load.capacity:
        yield _(
            "Planned dates: with limited capacity, whoever is assigned does one task at a time"
            " (or as many as their limit)."
        )
    else:
        yield _("Planned dates: the earliest ones, as if everyone could do everything at once.")
    yield _(
        "The remaining effort of a task (its likely duration where no effort was entered) is spread"
        " evenly over the working days from planned start to planned finish."
    )
    if who.whole:
        yield _(
            "Work counts for the department of the assignee, or for that of the task if nobody is"
            " assigned."
        )
    yield from _there_words(load, who, week)
    placed = [row.person for row in load.rows if row.department == who.department]
    if names := [show.person(ws, key) for key in placed if key in load.placed]:
        text = _(
            "Listed here because most of their work is here, without a department of their own:"
            " {names}."
        )
        yield text.format(names=", ".join(names))
    mine = {share.task for share in load.cell(who, week).shares}
    if guessed := [str(task) for task in load.guessed if task in mine]:
        text = _("These tasks have no estimate and count as one day each: {tasks}.")
        yield text.format(tasks=", ".join(guessed))
    yield _("W: the due date or the earliest start of a task is a weekend day or a public holiday.")


def _there_words(load: Load, who: Who, week: date) -> Iterator[str]:
    """Walk over sentences about the days there are."""
    ws, there = load.workspace, load.there(who, week)
    lane = ws.departments.get(who.department)
    if there is None:
        if who.whole:
            yield _(
                "Capacity unknown: give the department a capacity, or enter its people"
                " (:department, :person)."
            )
    elif not who.whole:
        text = _("Available: {capacity} days a week, less public holidays, days off and absences.")
        yield text.format(capacity=number(ws.people[who.person].capacity))
    elif lane is not None and lane.capacity is not None:
        text = _("Available: a capacity of {capacity} days a week, less absences of its people.")
        yield text.format(capacity=number(lane.capacity))
    else:
        yield _("Available: the days of its people, as it has no capacity of its own.")


def quarter_lines(load: Load) -> Iterator[Piece]:
    """Walk over the work on weekends and holidays ahead, by person and quarter."""
    ws = load.workspace
    for (person, year, quarter), days in load.quarters.items():
        tasks = ", ".join(dict.fromkeys(str(task) for task, _day in days))
        count = len({day for _task, day in days})
        text = ngettext(
            "{who}, Q{quarter} {year}: {n} day on a weekend or holiday ({tasks})",
            "{who}, Q{quarter} {year}: {n} days on a weekend or holiday ({tasks})",
            count,
        )
        who = show.person(ws, person) or _("(unassigned)")
        yield text.format(who=who, quarter=quarter, year=year, n=count, tasks=tasks), "warn"


def basis(load: Load) -> Iterator[str]:
    """Walk over what all figures rest on that may surprise."""
    if load.later:
        yield ngettext(
            "{n} task ends after {day} and is not shown: {tasks}.",
            "{n} tasks end after {day} and are not shown: {tasks}.",
            len(load.later),
        ).format(
            n=number(len(load.later)),
            day=printed_day(sunday_of(load.weeks[-1]), load.today),
            tasks=", ".join(map(str, load.later)),
        )
    if load.guessed:
        yield ngettext(
            "{n} open task without an estimate counts as one day.",
            "{n} open tasks without an estimate count as one day each.",
            len(load.guessed),
        ).format(n=number(len(load.guessed)))
    if load.placed:
        yield ngettext(
            "{n} person without a department is listed where most of their work is.",
            "{n} people without a department are listed where most of their work is.",
            len(load.placed),
        ).format(n=number(len(load.placed)))


def nothing(ws: Workspace) -> str:
    """Return what is said where there is no work ahead."""
    if not ws.tasks:
        return _("There are no tasks yet.")
    return _("Nothing is left to do in this scope.")


def move_title(load: Load, task: int) -> str:
    """Return the question which week a task is to move to."""
    return _("Move {task} to another week").format(task=show.name(load.workspace, task))


def moved_lines(load: Load, who: Who, week: date, task: int, found: Moved) -> Iterator[Piece]:
    """Walk over what it does if a task begins in another week."""
    ws, to = load.workspace, monday_of(found.not_before)
    before = ws.tasks[task].not_before
    text = _("{task} starts no earlier than {day}")
    told = text.format(task=task, day=day_words(found.not_before, load.today))
    if before is not None:
        told += " " + _("(now {day})").format(day=day_words(before, load.today))
    yield told, "plain"
    for monday in (week, to):
        yield _week_change(load, found.after, who, monday), "plain"
    others = [each for each in found.shifted if each[0] != task]
    if not others:
        yield _("Nothing else shifts."), "info"
    else:
        text = ngettext(
            "{n} task shifts with it, within its slack:",
            "{n} tasks shift with it, within their slack:",
            len(others),
        )
        yield text.format(n=len(others)), "warn"
        for key, (first, _last), (then, _end) in others[:_NAMED]:
            days = f"{day_words(first, load.today)} → {day_words(then, load.today)}"
            yield f"  {show.name(ws, key)}: {days}", "plain"
        if len(others) > _NAMED:
            yield "  …", "dim"
    if not found.ends:
        yield _("No project ends later."), "info"
    for project, was, now in found.ends:
        text = _("{project} ends {now} instead of {was}.")
        name = show.project(ws, project)
        yield (
            text.format(
                project=name, now=day_words(now, load.today), was=day_words(was, load.today)
            ),
            "alarm" if now > was else "info",
        )


def _week_change(load: Load, after: Load, who: Who, week: date) -> str:
    one, two = load.cell(who, week), after.cell(who, week)
    text = _("{who} {week}: {before} → {after}")
    return text.format(
        who=row_name(load.workspace, who),
        week=week_name(week),
        before=_cell_of(one),
        after=_cell_of(two),
    )


def _cell_of(cell: LoadCell) -> str:
    if cell.there is None:
        return _person_days(cell.days)
    part = cell.part or 0.0
    told = f"{_days(cell.days)}/{_days(cell.there)}"
    return told if part == float("inf") else f"{told} ({percent(part)})"


def head_words(load: Load) -> str:
    """Return what is said above the table: what is counted, and by which dates."""
    if load.capacity:
        return _("work/avail., levelled")
    return _("work/available")


def total_words(load: Load) -> str:
    """Return how much effort is ahead in all, and until when."""
    text = _("{days} of effort ahead, until {day}")
    return text.format(
        days=working_days(load.whole), day=day_words(load.schedule.finish, load.today)
    )
