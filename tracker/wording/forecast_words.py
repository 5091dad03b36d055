"""What a forecast says: by when a plan is done, what that assumes, and what to fix first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.model import DEFAULT_RATE, NO_SPREAD, Link, Redo, Task
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say
from tracker.wording import show
from tracker.wording.cost_words import cost_assumed
from tracker.wording.figures import (
    brief_days,
    day_words,
    number,
    one_stop,
    percent,
    percent_between,
    working_days,
)
from tracker.wording.return_words import through
from tracker.wording.show import Glyphs, Piece

# Whoever has a forecast has waited for it; who only wants the words must not.
if TYPE_CHECKING:
    from tracker.flow.forecast.calibration import Calibration, FinishedTasks
    from tracker.flow.forecast.finish import Finish
    from tracker.flow.forecast.forecast import Forecast, ReturnFigures, TaskEnd
    from tracker.flow.forecast.inquiry import Difference


class DatesRow(NamedTuple):
    """A row of the dates: what they are of, the days at P50, P80 and P95, and its role."""

    name: str
    days: Sequence[str]
    role: str


class Target(NamedTuple):
    """A day that is wanted or planned: what it is, and how many simulations keep it."""

    name: str
    day: str
    kept: str


class ForecastWords:
    """The words on one forecast of a workspace, as of one day."""

    def __init__(self, ws: Workspace, found: Forecast, today: date, glyphs: Glyphs) -> None:
        self.ws, self.found, self.today, self.glyphs = ws, found, today, glyphs

    @property
    def tasks(self) -> list[Task]:
        """The tasks of the projects it is about."""
        about = self.found.projects
        return [task for task in self.ws.tasks.values() if (task.project or 0) in about]

    def day(self, days: float) -> str:
        """Return the day on which so many working days are over, in words."""
        return day_words(self.found.date_of(days), self.today)

    # Dates

    def days(self, finish: Finish) -> list[str]:
        """Return the days at P50, P80 and P95."""
        return [self.day(days) for days in (finish.p50, finish.p80, finish.p95)]

    def dates(self) -> Iterator[DatesRow]:
        """Yield the rows of dates: with what comes back and, where anything can, without."""
        found = self.found
        if not found.returns:
            yield DatesRow(_("Finish"), self.days(found.finish), "strong")
            return
        yield DatesRow(_("With returns"), self.days(found.finish), "strong")
        yield DatesRow(_("Without returns"), self.days(found.without_returns), "plain")

    def kept(self, finish: Finish, days: float) -> str:
        """Return in how many simulations something is over by then."""
        met, of = self._met(finish, days)
        return _("met in {n} of {all} simulated runs").format(n=met, all=of)

    def chance(self, days: float) -> str:
        """Return in how many simulations it is over by then, in as few words as can be."""
        met, of = self._met(self.found.finish, days)
        return _("{n} of {all} runs").format(n=met, all=of)

    def _met(self, finish: Finish, days: float) -> tuple[int, int]:
        of = self._of_runs
        return finish.in_100(days) if of == 100 else round(finish.cdf(days) * of), of

    @property
    def _of_runs(self) -> int:
        """Of how many runs is told how many are over by a day."""
        return min(self.found.runs, 100)

    def _met_by(self, day: date) -> tuple[int, int]:
        """Return in how many simulations, and of how many, it is over by the evening of a day."""
        return self._met(self.found.finish, self.found.plan.days_until(day))

    def plain_schedule(self) -> Target:
        """Return when all would be done if everything took what is likely."""
        days = self.found.cpm_days
        return Target(_("Plain schedule"), self.day(days), self.kept(self.found.finish, days))

    def plain_schedule_explained(self) -> str:
        """Return what the plain schedule is."""
        return _("Plain schedule: each task takes exactly its likely duration, nothing comes back.")

    def quantiles_explained(self) -> str:
        """Return what P50, P80 and P95 are."""
        return _(
            "P50, P80, P95: the first day by which at least 50, 80 or 95 of 100 simulated runs are"
            " finished."
        )

    def pace(self) -> Iterator[str]:
        """Yield by when all is done at the pace of the last weeks, and what that leaves out."""
        from tracker.flow.forecast.calibration import pace

        found = pace(self.tasks, self.today)
        if found is None:
            return
        by = day_words(self.today + timedelta(weeks=found.ahead.weeks(0.85)), self.today)
        text = ngettext(
            "Another view, by pace alone: at the pace of the last {weeks} weeks the open task is"
            " done by {date} in 85 of 100 cases; estimates, arrows and returns are not looked at.",
            "Another view, by pace alone: at the pace of the last {weeks} weeks the {n} open tasks"
            " are done by {date} in 85 of 100 cases; estimates, arrows and returns are not looked"
            " at.",
            found.left,
        )
        yield text.format(weeks=len(found.weeks), n=found.left, date=by)

    def targets(self) -> list[Target]:
        """Return the targets of projects, the least likely to be kept first."""
        told: list[tuple[int, int, Target]] = []
        for key, finish in self.found.projects.items():
            project = self.ws.projects.get(key)
            if project is None or project.target is None:
                continue
            days = self.found.plan.days_until(project.target)
            name = show.text(project.key or project.name)
            one = self.found.options.project == key
            words = _("Target") if one else _("Target {name}").format(name=name)
            target = Target(words, day_words(project.target, self.today), self.kept(finish, days))
            told.append((finish.in_100(days), key, target))
        return [target for _chance, _key, target in sorted(told)]

    def percentiles(self) -> str:
        """Return by when how many of 100 simulated runs are over; nothing where there are fewer."""
        if self._of_runs < 100:
            return ""
        finish = self.found.finish
        ends = {self.found.date_of(days) for _share, days in finish.percentiles}
        told = (
            _("{n} by {day}").format(n=self._met_by(day)[0], day=day_words(day, self.today))
            for day in sorted(ends)
        )
        dot = f" {self.glyphs.dot} "
        return _("Runs finished, of 100: {list}").format(list=dot.join(told))

    # Sentences

    def systems_assumed_up(self) -> Iterator[str]:
        """Yield by when systems that are down are taken to be up again."""
        for system, day in self.found.options.back_up:
            text = _("This assumes that {system} is up again on {day}.")
            name = show.text(self.ws.systems[system].name)
            yield one_stop(text.format(system=name, day=day_words(day, self.today)))

    def headline(self) -> Piece:
        """Return by when it is over in at least four of five simulations."""
        several = len(self.found.projects)
        if self.found.options.project is None and several > 1:
            text = _("{n} projects, each with a date of its own; all together: P80 {day}.")
            return one_stop(text.format(n=several, day=self.day(self.found.finish.p80))), "strong"
        if not self.found.finish.bounded:
            text = ngettext(
                "{n} simulated run is too few to say by when this plan is finished.",
                "{n} simulated runs are too few to say by when this plan is finished.",
                self.found.runs,
            )
            return text.format(n=number(self.found.runs, 0)), "strong"
        text = _(
            "In {n} of {all} simulated runs this plan is finished by {day} (P80); in the other"
            " {late} it is later."
        )
        last = self.found.date_of(self.found.finish.p80)
        met, of = self._met_by(last)
        if met == of:
            text = _("In all {all} simulated runs this plan is finished by {day} (P80).")
            of = self.found.runs
        day = day_words(last, self.today)
        return text.format(n=met, all=number(of, 0), day=day, late=of - met), "strong"

    def on_top(self, kept: Calibration | None = None, lets_vary: str = "") -> Iterator[Piece]:
        """Yield what must be told first: the headline, and how far it can be trusted.

        `lets_vary` says how estimates of a single number may be let vary.
        """
        yield self.headline()
        if kept:
            yield calibrated(kept)
        for text in self.systems_assumed_up():
            yield text, "warn"
        for text in self.taken_as_exact():
            yield f"{text} {lets_vary}".rstrip(), "warn"

    def taken_as_exact(self) -> Iterator[str]:
        """Yield that the dates look surer than they are, where most estimates are one number."""
        plan = self.found.plan
        open_tasks = sum(step.open and step.likely > 0 for step in plan.steps.values())
        if plan.spread != NO_SPREAD or 2 * len(plan.single) < max(open_tasks, 1):
            return
        text = ngettext(
            "The dates are less certain than they look: {n} of {all} open tasks has a single"
            " estimate or none, which is taken as exact.",
            "The dates are less certain than they look: {n} of {all} open tasks have a single"
            " estimate or none, which is taken as exact.",
            len(plan.single),
        )
        yield text.format(n=number(len(plan.single)), all=number(open_tasks))

    def fix_first(self) -> Iterator[Piece]:
        """Yield which return to fix first, and where that moves P80."""
        found = self.found
        if not found.returns or any(back.cost_p80 is None for back in found.returns):
            return
        worst = self.to_fix_first
        if worst is None:
            yield _("No single return arrow moves P80."), "plain"
            return
        text = _("Fixing {arrow} first would move P80 from {before} to {after}")
        before = self.day(found.finish.p80)
        after = self.day(found.finish.p80 - (worst.cost_p80 or 0.0))
        yield text.format(arrow=self._arrow(worst), before=before, after=after), "strong"
        yield " " + _("(same random numbers; savings do not add up)."), "dim"
        yield f" {through(worst)}", "plain"
        level = [back for back in found.returns if back.level and back is not worst]
        if level and worst.level:
            text = ngettext(
                "{arrows} may save as much: the simulation cannot tell them apart.",
                "{arrows} may each save as much: the simulation cannot tell them apart.",
                len(level),
            )
            yield " " + text.format(arrows=", ".join(map(self._arrow, level))), "plain"

    @property
    def to_fix_first(self) -> ReturnFigures | None:
        """The return that saves most in the mean, of those that move P80 to another day."""
        found = self.found

        def moves(back: ReturnFigures) -> bool:
            p80 = found.finish.p80
            return found.date_of(p80 - (back.cost_p80 or 0.0)) < found.date_of(p80)

        return max(filter(moves, found.returns), key=_saved, default=None)

    def _arrow(self, back: ReturnFigures) -> str:
        """Return an arrow in a few words; one of a project that is waited for says so."""
        name = f"{back.gate} {self.glyphs.right} {back.target}"
        project = self.ws.tasks[back.gate].project or 0
        if self.found.options.project in (None, project):
            return name
        return f"{name} ({show.project(self.ws, project, brief=True)})"

    def assumed(self) -> Iterator[str]:
        """Yield what the forecast takes for granted, each in a few words."""
        yield _("this plan is complete")
        yield from self._work_assumed()
        if self.found.returns:
            yield from self._returns_assumed()
        yield from cost_assumed(self.ws, self.found)

    def _work_assumed(self) -> Iterator[str]:
        """Yield what is assumed of who works when, and for how long."""
        options, ws = self.found.options, self.ws
        if self.found.levelled:
            yield _("limited capacity of people and departments, tasks in a fixed order")
            if self.found.levelled.stretched:
                yield _("whoever has less than five days a week takes longer in proportion")
        else:
            yield _("unlimited capacity of people and departments")
        text = _("nobody works at weekends, on public holidays ({region}) or on days off")
        yield text.format(region=ws.preferences.region)
        if options.correlation:
            text = _("delays within a project are correlated ({r})")
            yield text.format(r=number(options.correlation, 3))
        else:
            yield _("delays are independent of each other")
        yield from self._single_estimates()
        if told := sum(task.open and bool(task.progress) for task in self.tasks):
            text = ngettext(
                "the progress of {n} task is shown only: what is left follows from the days worked",
                "the progress of {n} tasks is shown only: what is left follows from the days"
                " worked",
                told,
            )
            yield text.format(n=number(told))
        steps = self.found.plan.steps.values()
        if any(step.open and step.elapsed for step in steps):
            yield _("a running task beyond its largest estimate may take far longer (heavy tail)")
        held = [task for task in ws.tasks.values() if task.state == "waiting" and task.follow_up]
        if dated := sum(task.follow_up >= self.found.start for task in held if task.follow_up):
            text = ngettext(
                "{n} task on hold resumes on its follow-up date",
                "{n} tasks on hold resume on their follow-up dates",
                dated,
            )
            yield text.format(n=dated)
        for system, day in options.back_up:
            text = _("{system} is up again on {day}")
            name = show.text(ws.systems[system].name)
            yield text.format(system=name, day=day_words(day, self.today))

    def _single_estimates(self) -> Iterator[str]:
        """Yield what estimates of a single number are taken for."""
        plan, wanted = self.found.plan, self.found.options.spread
        if not plan.single:
            return
        if plan.spread == NO_SPREAD:
            text = ngettext(
                "the single estimate of {n} task is exact",
                "the single estimates of {n} tasks are exact",
                len(plan.single),
            )
            if wanted == "finished":
                text += " " + _("(too few finished tasks to learn from)")
        else:
            text = ngettext(
                "{n} task with a single estimate takes {spread} of it",
                "{n} tasks with a single estimate take {spread} of it",
                len(plan.single),
            )
        told = text.format(n=number(len(plan.single)), spread=percent_between(*plan.spread))
        if wanted == "finished" and (seen := self._finished):
            text = ngettext("as {n} finished task did", "as {n} finished tasks did", seen.tasks)
            told += f" ({text.format(n=number(seen.tasks))})"
        yield told

    @property
    def _finished(self) -> FinishedTasks | None:
        from tracker.flow.forecast.calibration import finished_tasks

        return finished_tasks(self.ws)

    def _returns_assumed(self) -> Iterator[str]:
        """Yield what is assumed of work that comes back: how often, and what it takes then."""
        options, returns = self.found.options, self.found.returns
        if options.policy == "at-risk":
            yield _("successors of a gate start at risk, before its acceptance")
        else:
            yield _("successors of a gate wait for its acceptance")
        if options.rates == "posterior":
            text = _(
                "return rates as entered (each weighs as much as {n} recorded passes), updated"
                " with what was recorded"
            )
            yield text.format(n=number(self.ws.preferences.prior_weight))
        else:
            yield _("return rates as entered")
        if guessed := sum(self.ws.links[back.link].rate_assumed for back in returns):
            text = _("a return rate of {rate} for {n} of {all} returns with no rate entered")
            yield text.format(rate=percent(DEFAULT_RATE), n=guessed, all=len(returns))
        yield from self._again_assumed()
        if options.draws == "fresh":
            yield _("new random durations for each repetition")
        learned = [back for back in self._arrows if back.learning]
        if options.learning:
            text = _("each repetition over an arrow takes {part} less than the one before")
            yield text.format(part=percent(options.learning, 1))
        if learned:
            text = ngettext(
                "over {n} of {all} return arrows each further pass takes less, as entered",
                "over {n} of {all} return arrows each further pass takes less, as entered",
                len(learned),
            )
            yield text.format(n=number(len(learned)), all=number(len(returns)))
        elif options.draws != "fresh" and not options.learning:
            yield _("a repeated task takes as long as the first time")
        yield from self._limits_assumed()

    @property
    def _arrows(self) -> list[Link]:
        """The return arrows it is about."""
        return [self.ws.links[back.link] for back in self.found.returns]

    def _again_assumed(self) -> Iterator[str]:
        """Yield what returns repeat; how many of them do so, where they differ."""
        kinds = Counter(arrow.redo for arrow in self._arrows)
        words: dict[Redo, str] = {
            "all": _("a return repeats every task from its target to its gate"),
            "target": _("a return repeats only its target and its gate"),
            "chance": _(
                "a return repeats the tasks that rework reaches by the chances of the arrows"
            ),
        }
        for redo in words:
            if len(kinds) == 1 and redo in kinds:
                yield words[redo]
            elif redo in kinds:
                text = _("{n} of {all} returns: {what}")
                all_of = number(kinds.total())
                yield text.format(n=number(kinds[redo]), all=all_of, what=words[redo])

    def _limits_assumed(self) -> Iterator[str]:
        """Yield what happens where work comes back more often than a limit of passes lets it."""
        limited = [arrow for arrow in self._arrows if arrow.limit is not None]
        forward = sum(arrow.escalation is not None for arrow in limited)
        if forward < len(limited):
            yield _("a pass limit is only counted: work may come back beyond it")
        if forward:
            text = ngettext(
                "{n} return goes forward once its pass limit is reached, as entered",
                "{n} returns go forward once their pass limit is reached, as entered",
                forward,
            )
            yield text.format(n=number(forward))

    def learned_durations(self) -> Iterator[str]:
        """Yield what departments took of what was likely, and whether that is used."""
        from tracker.flow.forecast.calibration import durations

        used = self.found.options.spread == "finished" and self.found.plan.spread != NO_SPREAD
        for lane, found in durations(self.ws).items():
            text = _(
                "{department} took {times} times the likely duration ({n} tasks): shown only, not"
                " included."
            )
            if used:
                text = _(
                    "{department} took {times} times the likely duration ({n} tasks): used for"
                    " single estimates, together with the other departments."
                )
            name = show.department(self.ws, lane) or _("(no department)")
            yield text.format(department=name, times=number(found.mean), n=number(found.tasks))

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Yield all that is to be known of the dates, under headings."""
        rings = deadlock_lines(self.ws, self.glyphs)
        rings_told = ("".join(text for text, _role in pieces) for pieces in rings)
        held_up = [*self.warnings(), *rings_told]
        if held_up:
            yield _("What may hold it up:"), held_up
        other = [self.quantiles_explained(), self.plain_schedule_explained()]
        other += [text for text in (self.percentiles(),) if text]
        other += [*self.pace(), *self.learned_durations()]
        yield _("Other dates, and what they mean:"), other
        yield _("Assumptions:"), [*self.assumed(), self.runs(), self.known()]

    def runs(self) -> str:
        """Return how many simulations there were, and of which random numbers."""
        seed = _("seed {n}").format(n=self.found.options.seed)
        return f"{simulated_runs(self.found.runs)} ({seed})"

    def known(self) -> str:
        """Return how well P80 is known."""
        from tracker.flow.forecast.forecast import CLOSE_ENOUGH

        error = self.found.finish.error80
        if error < CLOSE_ENOUGH:
            return _("P80 ± half a day (simulation error)")
        if self.exhausted:
            return _("{known} (no further runs)").format(known=p80_known(error))
        return p80_known(error)

    @property
    def exhausted(self) -> bool:
        """Whether P80 would be known better only by more runs than are simulated unasked."""
        from tracker.flow.forecast.forecast import CLOSE_ENOUGH, MOST_RUNS

        return self.found.runs == MOST_RUNS and self.found.finish.error80 >= CLOSE_ENOUGH

    def warnings(self) -> Iterator[str]:
        """Yield what speaks against the forecast."""
        for warning in self.found.warnings:
            yield terminal_text.clean(say(warning))


def _saved(back: ReturnFigures) -> float:
    return back.cost_mean or 0.0


def calibrated(found: Calibration) -> Piece:
    """Return how many of the dates that forecasts gave before were kept."""
    if not found.told:
        return _("No recent P80 date has passed yet, so none was met or missed."), "dim"
    tasks = ngettext("{n} task", "{n} tasks", found.tasks).format(n=number(found.tasks))
    text = ngettext(
        "{kept} of {told} P80 date ({tasks}) was met so far; 8 of 10 would be right.",
        "{kept} of {told} P80 dates ({tasks}) were met so far; 8 of 10 would be right.",
        found.told,
    )
    told = text.format(kept=number(found.kept), told=number(found.told), tasks=tasks)
    if found.too_early:
        return f"{told} " + _("Expect later dates than these."), "warn"
    return told, "plain"


def task_end(end: TaskEnd, today: date) -> Piece:
    """Return the day of P80 of a task and, where it is due, in how many runs that is kept."""
    day = day_words(end.day, today)
    if end.due_chance is None:
        return day, "plain"
    return f"{day} {percent(end.due_chance)}", "alarm" if end.due_chance < 0.5 else "plain"


def task_end_field(end: TaskEnd, today: date) -> tuple[str, str]:
    """Return the same as a field of the task: its name, and its value in words."""
    day = day_words(end.day, today)
    if end.due_chance is not None:
        text = _("{day}; due date met in {share} of the simulated runs")
        day = text.format(day=day, share=percent(end.due_chance))
    if end.again:
        text = _("{day}; work comes back to it later in {share} of them")
        if end.due_chance is None:
            text = _("{day}; work comes back to it later in {share} of the simulated runs")
        day = text.format(day=day, share=percent(end.again))
    return "P80", day


def simulated_runs(count: int) -> str:
    """Return so many simulated runs, in words."""
    text = ngettext("{n} simulated run", "{n} simulated runs", count)
    return text.format(n=number(count, 0))


def p80_known(error: float) -> str:
    """Return how well P80 is known, rounded up: its error is none to be made little of."""
    if math.isinf(error):
        return _("too few runs to know how far off P80 may be")
    return _("P80 ± {days} (simulation error)").format(days=working_days(error + 0.049))


def moved_words(found: Difference, today: date, glyphs: Glyphs) -> str:
    """Return where a change moves P80, by how many working days."""
    days = round(found.after.p80 - found.before.p80, 1)
    before, after = (day_words(day, today) for day in found.dates)
    if not days:
        return _("P80 stays at {day}").format(day=after)
    count = 1 if abs(days) == 1 else 2
    text = ngettext(
        "P80 {before} {arrow} {after}: {days} working day later",
        "P80 {before} {arrow} {after}: {days} working days later",
        count,
    )
    if days < 0:
        text = ngettext(
            "P80 {before} {arrow} {after}: {days} working day earlier",
            "P80 {before} {arrow} {after}: {days} working days earlier",
            count,
        )
    return text.format(before=before, arrow=glyphs.right, after=after, days=number(abs(days)))


def shift_words(before: Finish, after: Finish) -> list[str]:
    """Return by how many working days P50, P80 and P95 are later, each with its sign."""
    pairs = ((after.p50, before.p50), (after.p80, before.p80), (after.p95, before.p95))
    return [brief_days(a - b, sign=True) for a, b in pairs]


def deadlock_lines(ws: Workspace, glyphs: Glyphs) -> Iterator[list[Piece]]:
    """Yield who waits for whom in each ring of open tasks, and which wait to end."""
    for ring in status.deadlocks(ws):
        yield list(deadlock(ws, ring, glyphs))


def deadlock(ws: Workspace, ring: status.Deadlock, glyphs: Glyphs) -> Iterator[Piece]:
    """Yield who waits for whom in a ring of open tasks, and which wait to end."""
    yield f"{glyphs.alarm} " + _("Deadlock, not resolved by any return:") + " ", "alarm"
    path = f" {glyphs.right} ".join(show.name(ws, task) for task in ring.path)
    yield path + ". ", "plain"
    text = ngettext(
        "{task} must not wait for {other}: this unblocks {n} task.",
        "{task} must not wait for {other}: this unblocks {n} tasks.",
        ring.frees,
    )
    yield text.format(n=ring.frees, task=ring.cut.task, other=ring.cut.other), "dim"
