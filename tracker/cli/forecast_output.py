"""Schedule and forecast as scripts and as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from tracker import terminal_text
from tracker.cli.json_output import called
from tracker.cli.printer import Cell, Column, Printer
from tracker.cli.text_output import seen
from tracker.domain.errors import BadInput
from tracker.domain.model import DEFAULT_RATE
from tracker.domain.status import deadlocks, link_passes
from tracker.domain.typing.vocabulary import passes_word
from tracker.domain.verbs.commands import path_name, task_name
from tracker.language import _, grouped, ngettext, say
from tracker.wording.figures import day_words, number, working_days

if TYPE_CHECKING:
    from tracker.domain.change import Record
    from tracker.domain.model import Link
    from tracker.domain.workspace import Workspace
    from tracker.flow.forecast.calibration import Calibration
    from tracker.flow.forecast.critical_path import Schedule
    from tracker.flow.forecast.finish import Finish
    from tracker.flow.forecast.forecast import Forecast, Options, ReturnFigures
    from tracker.flow.forecast.remaining_work import Plan

# More numbers of tasks than these tell a person nothing.
_MOST_NAMED = 12
# Fewer weeks than these are no pace.
_FEWEST_WEEKS = 4
_CHANCES = (("p50", 0.5), ("p85", 0.85), ("p95", 0.95))


def schedule_form(found: Schedule) -> dict[str, Any]:
    """Return a schedule as scripts read it."""
    tasks = []
    for task, dates in found.tasks.items():
        first, last = found.days(task)
        form = {"id": task, **msgspec.structs.asdict(dates), "start": first, "finish": last}
        tasks.append(form)
    return {
        "start": found.plan.start,
        "length_days": found.length,
        "finish": found.finish,
        "critical_path": found.path,
        "guessed": found.plan.guessed,
        "overrun": found.plan.overrun,
        "tasks": tasks,
    }


def print_schedule(printer: Printer, ws: Workspace, found: Schedule, today: date) -> None:
    """Print a table of what is left, in the order in which it can begin, and the finish."""
    if not found.tasks:
        printer.note(_("Nothing is left to do."))
        return
    columns = (
        Column(_("ID")),
        Column(_("Start")),
        Column(_("Finish")),
        Column(_("Slack"), 1),
        Column("", 2),
        Column(_("Title")),
    )
    rows: list[list[str | Cell]] = []
    ordered = sorted(found.tasks.items(), key=lambda item: (item[1].early_start, item[1].slack))
    for task, dates in ordered:
        first, last = (day_words(day, today) for day in found.days(task))
        style = "strong" if dates.critical else ""
        mark = Cell("◆ " + _("critical"), style) if dates.critical else ""
        slack = "" if dates.critical else number(dates.slack)
        rows.append([str(task), first, last, slack, mark, Cell(ws.tasks[task].title, style)])
    printer.table(columns, rows)
    printer.line("")
    path = " → ".join(map(str, found.path))
    printer.line(Cell(_("Critical path: {path}").format(path=path), "strong"))
    text = _("Finish: {date} ({days}), if all takes what is likely and nothing comes back.")
    printer.line(text.format(date=day_words(found.finish, today), days=working_days(found.length)))
    _tell_guesses(printer, found.plan)


def _tell_guesses(printer: Printer, plan: Plan) -> None:
    """Tell which tasks the dates know too little of."""
    if plan.guessed:
        text = _("Without an estimate, so taken for one working day: {tasks}")
        printer.note(text.format(tasks=_numbers(plan.guessed)))
    if plan.overrun:
        text = _("Under way for longer than was estimated, so a day of them is left: {tasks}")
        printer.note(text.format(tasks=_numbers(plan.overrun)))


def _numbers(tasks: Sequence[int]) -> str:
    named = ", ".join(map(str, tasks[:_MOST_NAMED]))
    if len(tasks) <= _MOST_NAMED:
        return named
    return _("{tasks} and {n} more").format(tasks=named, n=len(tasks) - _MOST_NAMED)


def forecast_form(
    ws: Workspace,
    found: Forecast,
    today: date,
    asked: Iterable[float],
    calibration: Calibration | None,
) -> dict[str, Any]:
    """Return a forecast as scripts read it; days are working days from its start."""
    return {
        "start": found.start,
        "runs": found.runs,
        "cost_runs": found.cost_runs,
        **_finish_form(found, found.finish),
        "without_returns": _finish_form(found, found.without_returns),
        "cpm_days": found.cpm_days,
        "cpm": found.date_of(found.cpm_days),
        "cdf": {f"{days:g}": found.cdf(days) for days in asked},
        "returns": [_return_form(ws, each) for each in found.returns],
        "tasks": [
            {"id": task, "criticality": share}
            for task, share in sorted(
                found.criticality.items(), key=lambda item: (-item[1], item[0])
            )
        ],
        "projects": [
            {
                "name": ws.projects[key].name,
                **_finish_form(found, finish),
                "target": target,
                "target_kept": target and finish.cdf(found.plan.days_until(target)),
            }
            for key, finish in found.projects.items()
            if key in ws.projects
            for target in (ws.projects[key].target,)
        ],
        "throughput": _throughput_form(ws, today),
        "calibration": calibration,
        "durations": _duration_forms(ws),
        "seed": found.options.seed,
        "correlation": found.options.correlation,
        "rates": found.options.rates,
        "policy": found.options.policy,
        "draws": found.options.draws,
        "learning": found.options.learning,
        "warnings": [terminal_text.clean(say(warning)) for warning in found.warnings],
    }


def _finish_form(found: Forecast, finish: Finish) -> dict[str, Any]:
    return {
        "mean_days": finish.mean,
        "sd_days": finish.sd,
        "p50_days": finish.p50,
        "p80_days": finish.p80,
        "p95_days": finish.p95,
        "se80_days": finish.se80,
        "p50": found.date_of(finish.p50),
        "p80": found.date_of(finish.p80),
        "p95": found.date_of(finish.p95),
    }


def _return_form(ws: Workspace, back: ReturnFigures) -> dict[str, Any]:
    return {
        "from": back.gate,
        "to": back.target,
        "rate": back.rate,
        "rate_low": back.rate_low,
        "rate_high": back.rate_high,
        "rate_assumed": ws.links[back.link].rate_assumed,
        "returned": back.returned,
        "ended": back.ended,
        "share": back.share,
        "passes_mean": back.passes_mean,
        "passes_p50": back.passes_p50,
        "passes_p95": back.passes_p95,
        "first_pass_yield": back.first_pass_yield,
        "cost_days_mean": back.cost_mean,
        "cost_days_p50": back.cost_p50,
        "cost_days_p80": back.cost_p80,
        "cost_money": back.cost_money,
        "runs_cut": back.capped,
    }


def _throughput_form(ws: Workspace, today: date) -> dict[str, Any] | None:
    """Return by when all open tasks are done at the pace of the last weeks; None without one."""
    from tracker.flow.forecast.calibration import throughput, weekly

    past = weekly(ws, today)
    if len(past) < _FEWEST_WEEKS:
        return None
    left = sum(task.open for task in ws.tasks.values())
    found = throughput(past, left) if left else None
    if found is None:
        return None
    weeks = {name: found.weeks(chance) for name, chance in _CHANCES}
    return {
        "weekly": past,
        "open": left,
        **{f"{name}_weeks": count for name, count in weeks.items()},
        **{name: today + timedelta(weeks=count) for name, count in weeks.items()},
    }


def _duration_forms(ws: Workspace) -> list[dict[str, Any]]:
    """Return what departments took of what was likely; None stands for tasks without one."""
    from tracker.flow.forecast.calibration import durations

    return [
        {"department": called(ws.departments.get(lane or 0), "name")}
        | msgspec.structs.asdict(found)
        for lane, found in durations(ws).items()
    ]


def print_forecast(
    printer: Printer,
    ws: Workspace,
    found: Forecast,
    today: date,
    asked: Iterable[float],
    calibration: Calibration | None,
) -> None:
    """Print dates, what they assume, and which return arrow to mend first."""
    if not found.criticality:
        printer.note(_("Nothing is left to do."))
        return
    _print_dates(printer, ws, found, today, asked)
    for each in _duration_forms(ws):
        text = _("{department} took {times} times what was likely ({n} tasks).")
        lane = each["department"] or _("(no department)")
        printer.line(text.format(department=lane, times=number(each["mean"]), n=each["tasks"]))
    if calibration and calibration.told:
        text = _("Of {told} P80 dates of the last weeks {kept} were kept; 8 in 10 should be.")
        printer.line(text.format(told=calibration.told, kept=calibration.kept))
    elif calibration:
        printer.line(_("No P80 date of the last weeks is over yet, so none was kept or missed."))
    printer.line("")
    printer.line(Cell(_("Assumed:"), "dim"))
    for text in _assumed(ws, found):
        printer.line(Cell(f"  {text}", "dim"))
    _print_costs(printer, ws, found)
    for warning in found.warnings:
        printer.note(say(warning))
    for ring in deadlocks(ws):
        text = _("Deadlock, which no forecast knows of: {path}")
        printer.note(text.format(path=path_name(ws, ring.path)))


def _print_dates(
    printer: Printer, ws: Workspace, found: Forecast, today: date, asked: Iterable[float]
) -> None:
    def day(days: float) -> str:
        return day_words(found.date_of(days), today)

    head = _("In 8 of 10 simulated runs of this plan all is done by {date} (P80).")
    printer.line(Cell(head.format(date=day(found.finish.p80)), "strong"))
    printer.line("")
    columns = (
        Column(""),
        Column(_("With returns")),
        Column(_("Days")),
        Column(_("Without returns")),
        Column(_("Days")),
        Column(""),
    )
    notes = ("", "", _("if this plan is complete"))
    rows = []
    for name, note in zip(("p50", "p80", "p95"), notes, strict=True):
        ends = [getattr(finish, name) for finish in (found.finish, found.without_returns)]
        cells = [cell for days in ends for cell in (day(days), number(days))]
        rows.append([name.upper(), *cells, note])
    printer.table(columns, rows, headed=True)
    text = _("Plain schedule: {date} ({days}), if all takes what is likely and nothing comes back.")
    printer.line(text.format(date=day(found.cpm_days), days=working_days(found.cpm_days)))
    for days in asked:
        text = _("{days}: done by then in {n} of 100 runs.")
        printer.line(text.format(days=working_days(days), n=found.finish.in_100(days)))
    for key, finish in found.projects.items():
        project = ws.projects.get(key)
        if project and project.target:
            text = _("{project}: its target {date} is kept in {n} of 100 runs.")
            kept = finish.in_100(found.plan.days_until(project.target))
            date_of = day_words(project.target, today)
            printer.line(text.format(project=project.name, date=date_of, n=kept))
    pace = _throughput_form(ws, today)
    if pace:
        text = ngettext(
            "At the pace of the last {weeks} weeks the open task is done by {date} (P85).",
            "At the pace of the last {weeks} weeks the {n} open tasks are done by {date} (P85).",
            pace["open"],
        )
        by = day_words(pace["p85"], today)
        printer.line(text.format(weeks=len(pace["weekly"]), n=pace["open"], date=by))


def _assumed(ws: Workspace, found: Forecast) -> Iterator[str]:
    from tracker.flow.forecast.forecast import CLOSE_ENOUGH, MOST_RUNS

    if found.options.policy == "at-risk":
        yield _("what needs a gate starts at risk, before it is accepted")
    else:
        yield _("what needs a gate waits until it is accepted")
    if found.options.correlation:
        correlation = number(found.options.correlation, 3)
        yield _("tasks of one project are late together ({r})").format(r=correlation)
    else:
        yield _("no task is late because another is")
    if found.options.rates == "entered":
        yield _("rates of return as entered")
    else:
        yield _("rates of return as entered and as seen since")
    if assumed := sum(ws.links[back.link].rate_assumed for back in found.returns):
        text = _("a rate of {rate} % for {n} of {all} returns, where nobody entered one")
        every = len(found.returns)
        yield text.format(rate=round(100 * DEFAULT_RATE), n=assumed, all=every)
    if found.options.draws == "fresh":
        yield _("each time a task is done again, its duration is drawn anew")
    if found.options.learning:
        part = number(100 * found.options.learning)
        text = _("each further return over an arrow takes {part} % less than the one before")
        yield text.format(part=part)
    runs = ngettext("{n} simulated run", "{n} simulated runs", found.runs).format(
        n=grouped(found.runs)
    )
    yield _("{runs} (seed {seed})").format(runs=runs, seed=found.options.seed)
    known = _("P80 known to ± {days}").format(days=working_days(found.finish.se80))
    if found.runs == MOST_RUNS and found.finish.se80 >= CLOSE_ENOUGH:
        text = _("{known}; more than {n} are only simulated if --runs asks for them")
        known = text.format(known=known, n=grouped(MOST_RUNS))
    yield known


def _print_costs(printer: Printer, ws: Workspace, found: Forecast) -> None:
    """Print the return arrows, the one whose end would save most first."""
    if not found.returns:
        return
    if not found.cost_runs:
        printer.note(_("Stopped before it was known what each return costs."))
        return
    printer.line("")
    head = _("What returns cost, the one to mend first on top:")
    printer.line(Cell(head, "strong"))
    columns = (
        Column("P50"),
        Column("P80"),
        Column(_("Money"), 3),
        Column(_("Passes")),
        Column(_("Came back"), 2),
        Column(_("Arrow")),
    )
    ranked = sorted(
        found.returns,
        key=lambda back: (-round(back.cost_p80 or 0.0, 1), -(back.cost_money or 0.0), back.link),
    )
    rows = []
    for back in ranked:
        link = ws.links[back.link]
        count = link_passes(ws, link)
        passes = passes_word(count, link.limit) if count > 1 else _("never")
        arrow = f"{task_name(ws, back.gate)} ⇢ {task_name(ws, back.target)}"
        money = "" if back.cost_money is None else grouped(back.cost_money)
        days = [number(cost or 0.0) for cost in (back.cost_p50, back.cost_p80)]
        rows.append([*days, money, passes, _came_back(link, back, found.options.rates), arrow])
    printer.table(columns, rows, headed=True)
    worst = ranked[0]
    if worst.cost_p80:
        text = _("Mending {arrow} first would bring P80 from {before} to {after}.")
        ends = (found.finish.p80, found.finish.p80 - worst.cost_p80)
        before, after = (day_words(found.date_of(end), found.plan.start) for end in ends)
        arrow = f"{worst.gate} → {worst.target}"
        printer.line(Cell(text.format(arrow=arrow, before=before, after=after), "strong"))
    text = _("P50, P80: so many working days sooner, if nothing came back over that arrow.")
    printer.line(Cell(text, "dim"))
    printer.line(Cell(_("They do not add up, since returns overlap."), "dim"))


def _came_back(link: Link, back: ReturnFigures, rates: str) -> str:
    """Return what was seen of an arrow and the rate that follows, or what was entered."""
    if back.ended and rates == "posterior":
        return seen(back.returned, back.ended, (back.rate, back.rate_low, back.rate_high))
    text = _("{mean} % assumed") if link.rate_assumed else _("{mean} % as entered")
    return text.format(mean=round(100 * back.rate))


def p80(ws: Workspace, today: date) -> date | None:
    """Return the day by which 8 of 10 simulated runs are over; None where there is none.

    Before and after a change it is drawn from the same random numbers, so they may be compared.
    """
    from tracker.flow.forecast.forecast import Options, refine

    try:
        *_, found = refine(ws, today, Options(), costs=False)
    except BadInput:
        return None
    return found.date_of(found.finish.p80) if found.criticality else None


def calibrated(
    ws: Workspace, records: Sequence[Record], today: date, options: Options
) -> Calibration:
    """Return how many of the P80 dates that past forecasts would have told were kept."""
    from tracker.flow.forecast.calibration import calibration
    from tracker.flow.forecast.forecast import each_by

    def told(past: Workspace, day: date) -> dict[int, date]:
        try:
            return each_by(past, day, msgspec.structs.replace(options, runs=None))
        except BadInput:
            return {}

    return calibration(ws, records, today, told)
