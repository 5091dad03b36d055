"""A status report in words: its head, its lights and its sections, for whatever it is written as.

Days are written so that they are understood when the report is read later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tracker.language import _, ngettext
from tracker.wording import show
from tracker.wording.cost_words import about, money
from tracker.wording.figures import number, one_stop, percent, printed_day, signed, working_days
from tracker.wording.report_asking import asked
from tracker.wording.report_figures import FigureSections
from tracker.wording.report_parts import ReportSection, chance_words, project_name
from tracker.wording.report_sections import WorkSections

if TYPE_CHECKING:
    from tracker.flow.status_report import (
        Aspect,
        LightColor,
        ProjectStatus,
        StatusReport,
        TrafficLight,
    )


class Fact(NamedTuple):
    """A figure of a project: what it is, the figure, and what it rests on or was before."""

    name: str
    value: str
    note: str = ""


class ProjectCard(NamedTuple):
    """A project at a glance."""

    name: str
    color: LightColor
    verdict: str
    facts: Sequence[Fact]


class LightRow(NamedTuple):
    """A traffic light: of what, its colour in words, and the reason."""

    name: str
    color: LightColor
    word: str
    reason: str


class ReportPage(NamedTuple):
    """All of a report in words."""

    title: str
    about: str
    day: str
    compared: str
    color: LightColor
    verdict: str
    cards: Sequence[ProjectCard]
    lights_title: str
    lights_heads: Sequence[str]
    lights: Sequence[LightRow]
    parts: Sequence[ReportSection]
    made_by: str


def page(found: StatusReport) -> ReportPage:
    """Return a report in words."""
    today = found.now.today
    names = [project_name(found.workspace, each.project) for each in found.projects]
    commitments = [each.level for each in found.lights if each.aspect in ("dates", "budget")]
    color = worst(commitments)
    return ReportPage(
        title=_("Status report"),
        about=", ".join(names) if any(each.project for each in found.projects) else "",
        day=printed_day(today, date.min),
        compared=_compared(found),
        color=color,
        verdict=_overall(found),
        cards=[_card(found, each) for each in found.projects],
        lights_title=_("Traffic lights"),
        lights_heads=(_("Subject"), _("Status"), _("Reason")),
        lights=[_light(found, each) for each in found.lights],
        parts=[part for part in _parts(found) if part.told or part.grids or part.picture],
        made_by=_("Made by tracker from the plan as of {day}.").format(
            day=printed_day(today, date.min)
        ),
    )


def _parts(found: StatusReport) -> Iterator[ReportSection]:
    """Walk over the sections in their order, those that have nothing to say among them."""
    work, figures = WorkSections(found), FigureSections(found)
    yield asked(found)
    yield work.since()
    yield work.ahead()
    yield work.milestones()
    yield work.progress()
    yield work.burning()
    yield work.returns()
    yield figures.drift()
    yield figures.board()
    yield figures.load()
    yield figures.costs()
    yield figures.method()


def worst(found: Collection[LightColor]) -> LightColor:
    """Return the colour that says most: of none, that nobody can tell."""
    if "red" in found:
        return "red"
    if "amber" in found:
        return "amber"
    return "green" if "green" in found else "grey"


def color_word(color: LightColor) -> str:
    """Return what a traffic light says without its colour."""
    return {
        "green": _("on track"),
        "amber": _("watch"),
        "red": _("critical"),
        "grey": _("not known"),
    }[color]


def aspect_word(aspect: Aspect) -> str:
    """Return what a traffic light is about."""
    return {
        "dates": _("Dates"),
        "budget": _("Budget"),
        "obstacles": _("Obstacles"),
        "returns": _("Rework"),
        "people": _("Workload"),
    }[aspect]


def _compared(found: StatusReport) -> str:
    """Return what the report is compared with."""
    since, today = found.since, found.now.today
    if since is None:
        return _("There is nothing to compare with: no history is kept.")
    if since.baseline:
        text = _("Compared with the baseline “{name}” of {day}")
        name = show.text(since.baseline.name)
        return text.format(name=name, day=printed_day(since.day, today))
    if since.new:
        text = _("The plan has only existed since {day}; there is nothing to compare it with yet.")
        return text.format(day=printed_day(since.day, today))
    text = (
        _("Compared with the last report, of {day}")
        if found.after_report
        else _("Compared with {day}")
    )
    return text.format(day=printed_day(since.day, today))


def _overall(found: StatusReport) -> str:
    """Return in a sentence how it is."""
    if not found.tasks:
        return _("There are no tasks in this report yet.")
    if found.finished:
        one = found.projects if len(found.projects) == 1 else ()
        return _dates(found, one[0]) if one else _("Everything is done.")
    targeted = [each for each in found.projects if each.chance is not None]
    if targeted:
        return _dates(
            found, min(targeted, key=lambda each: each.chance or 0.0), named=len(found.projects) > 1
        )
    known = [each for each in found.projects if each.p80]
    if known:
        last = max(known, key=lambda each: each.p80 or date.min)
        return _dates(found, last, named=len(found.projects) > 1)
    return _("There is no forecast of this plan.")


# --- cards


def _card(found: StatusReport, each: ProjectStatus) -> ProjectCard:
    mine = [light.level for light in found.lights if light.project == each.project]
    color = worst(mine)
    return ProjectCard(
        name=project_name(found.workspace, each.project),
        color=color,
        verdict=color_word(color),
        facts=list(_facts(found, each)),
    )


def _facts(found: StatusReport, each: ProjectStatus) -> Iterator[Fact]:
    ws, today = found.workspace, found.now.today
    yield Fact(_("Target"), _day(each.target, today) or _("none"), _kept(each))
    if each.forecast:
        note = _("in 80 of 100 simulated runs it is done by then")
        if each.p80_before and each.p80 and each.p80_before != each.p80:
            text = _("was {day}, {days}")
            gap = each.forecast.plan.calendar.working_days_between(each.p80_before, each.p80)
            days = ngettext("{days} working day", "{days} working days", 1 if abs(gap) == 1 else 2)
            note = text.format(
                day=printed_day(each.p80_before, today), days=days.format(days=signed(gap))
            )
        yield Fact(_("Forecast (P80)"), _day(each.p80, today), note)
    elif each.ended:
        yield Fact(_("Finished"), _day(each.ended, today))
    done = percent(each.done / each.tasks) if each.tasks else "–"
    text = _("{done} of {all} tasks")
    yield Fact(_("Done"), done, text.format(done=number(each.done), all=number(each.tasks)))
    cost = each.forecast.money.get(each.project) if each.forecast else None
    project = ws.projects.get(each.project)
    if project and project.budget is not None:
        note = ""
        if cost and cost.within is not None:
            note = _("at completion {amount} (P80)").format(amount=about(ws, cost.p80))
        yield Fact(_("Budget"), money(ws, project.budget), note)
    elif cost:
        yield Fact(_("Cost at completion"), about(ws, cost.p80), "P80")


def _kept(each: ProjectStatus) -> str:
    if each.chance is None or each.forecast is None:
        return ""
    return chance_words(each.forecast, each.chance)


def _day(day: date | None, today: date) -> str:
    return printed_day(day, today) if day else ""


# --- lights


def _light(found: StatusReport, light: TrafficLight) -> LightRow:
    name = aspect_word(light.aspect)
    if light.project is not None and len(found.projects) > 1:
        name = f"{name}: {project_name(found.workspace, light.project)}"
    reasons = {
        "obstacles": _obstacles,
        "returns": _returns,
        "people": _people,
    }
    if light.project is not None:
        each = next(each for each in found.projects if each.project == light.project)
        reason = _dates(found, each) if light.aspect == "dates" else _budget(found, each)
    else:
        reason = reasons[light.aspect](found)
    return LightRow(name, light.level, color_word(light.level), reason)


def _dates(found: StatusReport, each: ProjectStatus, *, named: bool = False) -> str:
    """Return whether a project keeps its target, in a sentence."""
    today, forecast = found.now.today, each.forecast
    name = project_name(found.workspace, each.project) if named else ""
    about = f"{name}: " if named else ""
    if not each.tasks:
        return about + _("There are no tasks yet.")
    if forecast is None:
        if each.done < each.tasks:
            return about + _("There is no forecast of this plan.")
        text = _("Everything is done.")
        if each.ended:
            text = _("Everything is done since {day}.")
        if each.ended and each.target and each.ended > each.target:
            text = _("Everything is done since {day}; the target was {target}.")
        target = _day(each.target, today)
        return about + one_stop(text.format(day=_day(each.ended, today), target=target))
    p80 = _day(each.p80, today)
    if each.target is None or each.chance is None or each.p80 is None:
        text = _("No target date is set; the forecast finish is {day} (P80).")
        return about + text.format(day=p80)
    target, chance = _day(each.target, today), chance_words(forecast, each.chance)
    gap = forecast.plan.calendar.working_days_between(each.target, each.p80)
    if gap > 0:
        text = _("The target of {target} is {chance}; forecast {day} (P80), {days} after it.")
    else:
        text = _("The target of {target} is {chance}; forecast {day} (P80).")
    told = text.format(target=target, chance=chance, day=p80, days=working_days(gap))
    return about + told


def _budget(found: StatusReport, each: ProjectStatus) -> str:
    ws = found.workspace
    project = ws.projects.get(each.project)
    cost = each.forecast.money.get(each.project) if each.forecast else None
    if project is None or project.budget is None:
        return _("No budget is set.")
    if each.tasks and each.done == each.tasks:
        return _("Everything is done; see the cost below.")
    if cost is None or cost.within is None or each.forecast is None:
        return _("The cost is not known: no department or person has a day rate.")
    text = _("The budget of {budget} is {chance}; at completion {amount} (P80).")
    return text.format(
        budget=money(ws, project.budget),
        chance=chance_words(each.forecast, cost.within),
        amount=about(ws, cost.p80),
    )


def _obstacles(found: StatusReport) -> str:
    burning = found.day.burning
    if not burning:
        return _("Nothing is late, stuck or over its limit.")
    told = []
    if down := sum(each.system is not None for each in burning):
        told.append(ngettext("{n} system down", "{n} systems down", down).format(n=number(down)))
    if rings := sum(each.ring is not None for each in burning):
        told.append(ngettext("{n} deadlock", "{n} deadlocks", rings).format(n=number(rings)))
    if late := sum(bool(each.late) for each in burning):
        told.append(ngettext("{n} task late", "{n} tasks late", late).format(n=number(late)))
    if waiting := sum(each.asked is not None for each in burning):
        text = ngettext("{n} answer overdue", "{n} answers overdue", waiting)
        told.append(text.format(n=number(waiting)))
    over = sum(row.over for row in found.returns)
    if over:
        text = ngettext("{n} return over its limit", "{n} returns over their limit", over)
        told.append(text.format(n=number(over)))
    return ", ".join(told) + "."


def _returns(found: StatusReport) -> str:
    if not found.returns:
        return _("The plan has no return arrows.")
    told = []
    if over := [row for row in found.returns if row.over]:
        text = ngettext(
            "{n} return is over its limit", "{n} returns are over their limit", len(over)
        )
        told.append(text.format(n=number(len(over))))
    worst = max(
        found.forecasts.values(),
        key=lambda each: each.finish.p80 - each.without_returns.p80,
        default=None,
    )
    if worst and worst.finish.p80 - worst.without_returns.p80 >= 0.5:
        text = _("without any further return P80 would be {day} instead of {other}")
        before, after = worst.without_returns.p80, worst.finish.p80
        today = found.now.today
        told.append(
            text.format(
                day=printed_day(worst.date_of(before), today),
                other=printed_day(worst.date_of(after), today),
            )
        )
    if not told:
        return _("Returns hardly move the finish.")
    words = "; ".join(told)
    return one_stop(f"{words[:1].upper()}{words[1:]}.")


def _people(found: StatusReport) -> str:
    from tracker.flow.status_report import NEXT_WEEKS

    weeks = found.load.weeks[:NEXT_WEEKS]
    over = {who.person: who for week in weeks for who in found.load.too_much(week)}
    if not over:
        if not any(who.person for who in found.load.rows):
            return _("Nobody is assigned to the open tasks.")
        text = ngettext(
            "Nobody has more work than days in the next {n} week.",
            "Nobody has more work than days in the next {n} weeks.",
            len(weeks),
        )
        return text.format(n=number(len(weeks)))
    names = [show.full_name(found.workspace, key) for key in list(over)[:3]]
    more = len(over) - len(names)
    told = ", ".join(names) + (f" +{more}" if more else "")
    text = ngettext(
        "More work than days within {n} week: {names}.",
        "More work than days within {n} weeks: {names}.",
        len(weeks),
    )
    return text.format(n=number(len(weeks)), names=told)
