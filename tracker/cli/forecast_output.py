"""Schedule and forecast as scripts and as people read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tracker import terminal_text
from tracker.cli.json_output import called
from tracker.cli.printer import Printer, TableCell, TableColumn, terminal_width
from tracker.language import _, say
from tracker.wording import forecast_words, return_words
from tracker.wording.capacity import capacity_lines
from tracker.wording.dot_plot import dot_plot
from tracker.wording.figures import day_words, number, percent, working_days
from tracker.wording.forecast_words import ForecastWords
from tracker.wording.show import UNICODE, Glyphs, Piece

if TYPE_CHECKING:
    from tracker.domain.workspace import Workspace
    from tracker.flow.forecast.calibration import Calibration
    from tracker.flow.forecast.critical_path import Schedule
    from tracker.flow.forecast.finish import Finish
    from tracker.flow.forecast.forecast import Forecast, ReturnFigures, TaskEnd
    from tracker.flow.forecast.levelling import Levelled
    from tracker.flow.forecast.remaining_work import Plan


# A picture takes so many rows, and so many cells.
_PLOT_ROWS, _LEAST_PLOT, _WIDEST_PLOT = 8, 40, 76
_CHANCES = (("p50", 0.5), ("p85", 0.85), ("p95", 0.95))


class Horizon(NamedTuple):
    """So many working days, or those until the evening of the `day` that was typed."""

    days: float
    day: date | None = None


def capacity_form(ws: Workspace, found: Levelled) -> dict[str, Any]:
    """Return what one thing at a time does to a plan, as scripts read it."""
    return {
        "length_days": found.length,
        "free_length_days": found.free_length,
        "orders": found.orders,
        "bottlenecks": [
            {"kind": worker.kind, "name": worker.name(ws), "days": days}
            for worker, days in found.bottlenecks
        ],
    }


def schedule_form(
    ws: Workspace, found: Schedule, levelled: Levelled | None, back_up: Collection[int] = ()
) -> dict[str, Any]:
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
        "capacity": levelled and capacity_form(ws, levelled),
        "tasks": tasks,
        "warnings": [*_blockers(ws, found.plan, back_up), *_deadlocks(ws)],
    }


def print_schedule(
    printer: Printer,
    ws: Workspace,
    found: Schedule,
    today: date,
    levelled: Levelled | None,
    back_up: Collection[int] = (),
) -> None:
    """Print a table of what is left, in the order in which it can begin, and the finish."""
    if not found.tasks:
        printer.note(_("Nothing is left to do."))
        return
    columns = (
        TableColumn(_("ID")),
        TableColumn(_("Start")),
        TableColumn(_("Finish")),
        TableColumn(_("Slack"), 1),
        TableColumn("", 2),
        TableColumn(_("Title")),
    )
    rows: list[list[str | TableCell]] = []
    ordered = sorted(found.tasks.items(), key=lambda item: (item[1].early_start, item[1].slack))
    for task, dates in ordered:
        first, last = (day_words(day, today) for day in found.days(task))
        style = "strong" if dates.critical else ""
        mark = TableCell(_("critical"), style) if dates.critical else ""
        slack = "" if dates.critical else number(dates.slack)
        rows.append([str(task), first, last, slack, mark, TableCell(ws.tasks[task].title, style)])
    printer.table(columns, rows)
    printer.line("")
    path = " → ".join(map(str, found.path))
    several = sum(dates.critical for dates in found.tasks.values()) > len(found.path)
    text = _("One critical path: {path}") if several else _("Critical path: {path}")
    printer.line(TableCell(text.format(path=path), "strong"))
    text = _(
        "Finish: {date} ({days}), if all tasks take their likely duration and nothing comes back."
    )
    printer.line(text.format(date=day_words(found.finish, today), days=working_days(found.length)))
    for line in capacity_lines(ws, levelled) if levelled else ():
        printer.line(line)
    for text in (*_blockers(ws, found.plan, back_up), *_deadlocks(ws, printer.glyphs)):
        printer.note(text)


def _blockers(ws: Workspace, plan: Plan, back_up: Collection[int]) -> Iterator[str]:
    """Yield what the dates of a plan take no notice of, or know too little of."""
    from tracker.flow.forecast.blockers import blockers

    for warning in blockers(ws, plan, back_up):
        yield terminal_text.clean(say(warning))


def forecast_form(
    ws: Workspace,
    found: Forecast,
    today: date,
    asked: Iterable[Horizon],
    calibration: Calibration | None,
    unlimited: Forecast | None = None,
) -> dict[str, Any]:
    """Return a forecast as scripts read it; days are working days from its start.

    One with capacity has beside it what holds if people are `unlimited`.
    """
    from tracker.flow.forecast.forecast import LEAST_RUNS, each_by

    words = ForecastWords(ws, found, today, UNICODE)
    # Without a number of runs, there are as many as are held at once.
    enough = found.runs if found.runs < LEAST_RUNS else None
    options = msgspec.structs.replace(found.options, runs=enough)
    ends = each_by(ws, today, options) if found.criticality else {}
    return {
        "start": found.start,
        "runs": found.runs,
        "cost_runs": found.cost_runs,
        **_finish_form(found, found.finish),
        "without_returns": _finish_form(found, found.without_returns),
        "cpm_days": found.cpm_days,
        "cpm": found.date_of(found.cpm_days),
        "cdf": {f"{days:g}": found.cdf(days) for days, _day in asked},
        "returns": [_return_form(ws, each) for each in found.returns],
        "tasks": [
            {"id": task, "criticality": share, **_task_end_form(ends.get(task))}
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
        "capacity": found.levelled and capacity_form(ws, found.levelled),
        "without_capacity": unlimited and _finish_form(unlimited, unlimited.finish),
        "single_estimates": found.plan.single,
        "spread": found.plan.spread,
        "back_up": {ws.systems[key].name: day for key, day in found.options.back_up},
        "headline": words.headline()[0],
        "assumptions": [*words.assumed(), words.runs(), words.known()],
        "warnings": [*words.warnings(), *_deadlocks(ws)],
    }


def _task_end_form(end: TaskEnd | None) -> dict[str, Any]:
    if end is None:
        return {}
    return {"p80_days": end.days, "p80": end.day, "due_chance": end.due_chance}


def _finish_form(found: Forecast, finish: Finish) -> dict[str, Any]:
    return {
        "mean_days": finish.mean,
        "sd_days": finish.sd,
        "p50_days": finish.p50,
        "p80_days": finish.p80,
        "p95_days": finish.p95,
        "se80_days": finish.error80 / 2 if finish.bounded else None,
        "p80_low_days": finish.p80_low if finish.bounded else None,
        "p80_high_days": finish.p80_high if finish.bounded else None,
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
        "often_returns": back.often,
        "often_share": back.often_share,
        "round_days": back.round_days,
        "cost_days_mean": back.cost_mean,
        "cost_days_p50": back.cost_p50,
        "cost_days_p80": back.cost_p80,
        "cost_days_error": back.cost_error,
        "cost_money": back.cost_money,
        "level": back.level,
        "runs_cut": back.capped,
    }


def _throughput_form(ws: Workspace, today: date) -> dict[str, Any] | None:
    """Return by when all open tasks are done at the pace of the last weeks; None without one."""
    from tracker.flow.forecast.calibration import pace

    found = pace(ws, today)
    if found is None:
        return None
    weeks = {name: found.ahead.weeks(chance) for name, chance in _CHANCES}
    return {
        "weekly": found.weeks,
        "open": found.left,
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
    asked: Iterable[Horizon],
    calibration: Calibration | None,
    unlimited: Forecast | None = None,
) -> None:
    """Print dates, what they assume, and which return arrow to fix first."""
    if not found.criticality:
        printer.note(_("Nothing is left to do."))
        return
    words = ForecastWords(ws, found, today, printer.glyphs)
    _print_dates(printer, words, asked, calibration)
    if found.levelled and unlimited:
        text = _("P80 with unlimited capacity: {date}")
        by = day_words(unlimited.date_of(unlimited.finish.p80), today)
        printer.line(text.format(date=by))
        for line in capacity_lines(ws, found.levelled):
            printer.line(line)
    for each in _duration_forms(ws):
        text = _(
            "{department} took {times} times the likely duration ({n} tasks): shown only, not"
            " included."
        )
        lane = each["department"] or _("(no department)")
        printer.line(text.format(department=lane, times=number(each["mean"]), n=each["tasks"]))
    printer.line("")
    printer.line(TableCell(_("Assumptions:"), "dim"))
    for text in _assumed(words):
        printer.line(TableCell(f"  {text}", "dim"))
    _print_costs(printer, words)
    for text in words.warnings():
        printer.note(text)
    for text in _deadlocks(ws, printer.glyphs):
        printer.note(text)


def _deadlocks(ws: Workspace, glyphs: Glyphs = UNICODE) -> Iterator[str]:
    for pieces in forecast_words.deadlock_lines(ws, glyphs):
        yield terminal_text.clean("".join(text for text, _role in pieces))


def _print_dates(
    printer: Printer,
    words: ForecastWords,
    asked: Iterable[Horizon],
    calibration: Calibration | None,
) -> None:
    found = words.found
    printer.line(words.headline())
    if calibration:
        printer.line(forecast_words.calibrated(calibration))
    how = _("--spread 70-200% lets them vary; tracker settings spread=… keeps it.")
    for text in words.taken_as_exact():
        printer.line(TableCell(f"{text} {how}", "warn"))
    printer.line("")
    for line in _dots(printer, words):
        printer.line(*line)
    columns = [
        TableColumn(""),
        TableColumn("P50"),
        TableColumn("P80"),
        TableColumn(_("P95, if this plan is complete")),
    ]
    rows = [[TableCell(text, row.role) for text in (row.name, *row.days)] for row in words.dates()]
    printer.table(columns, rows, headed=True)
    for text in words.projects():
        printer.line(text)
    schedule = words.plain_schedule()
    day = f"{schedule.day} ({working_days(found.cpm_days)})"
    for name, date_of, kept in (schedule._replace(day=day), *words.targets()):
        printer.line(f"{name}: {date_of}, {kept}")
    printer.line(TableCell(words.plain_schedule_explained(), "dim"))
    for days, until in asked:
        within = working_days(days)
        if until is not None:
            within = f"{day_words(until, words.today)} ({within})"
        printer.line(f"{within}: {words.kept(found.finish, days)}")
    for text in words.pace():
        printer.line(text)


def _dots(printer: Printer, words: ForecastWords) -> Iterator[Sequence[Piece]]:
    """Yield the finish as dots, where a person looks at a terminal that has room for them."""
    finish, cells = words.found.finish, min(terminal_width() - 1, _WIDEST_PLOT)
    if printer.terminal and finish.bounded and cells >= _LEAST_PLOT:
        yield from dot_plot(
            finish,
            cells=cells,
            rows=_PLOT_ROWS,
            label=lambda day: words.day(day + 1),
            glyphs=printer.glyphs,
        )
        yield ()


def _assumed(words: ForecastWords) -> Iterator[str]:
    yield from words.assumed()
    yield words.runs()
    known = words.known()
    if words.exhausted:
        known = _("{known}; set --runs to simulate more").format(known=known)
    yield known


def _print_costs(printer: Printer, words: ForecastWords) -> None:
    """Print the return arrows, the one whose end would save most first."""
    ws, found = words.ws, words.found
    if not found.returns:
        return
    if not found.cost_runs:
        printer.note(_("Stopped before the cost of each return was known."))
        return
    figures = {back.link: back for back in found.returns}
    order = tuple(key for key in return_words.costliest(ws, figures) if key in figures)
    printer.line("")
    printer.line(TableCell(_("Cost of returns, the one to fix first on top:"), "strong"))
    columns = (
        TableColumn("P50"),
        TableColumn("P80"),
        TableColumn(_("Money"), 3),
        TableColumn(_("Passes")),
        TableColumn(_("Rate"), 1),
        TableColumn(_("Returned"), 2),
        TableColumn(_("From → to")),
    )
    rows: list[list[str | Piece]] = []
    for back in map(figures.__getitem__, order):
        link = ws.links[back.link]
        money = "" if back.cost_money is None else number(back.cost_money, 0)
        days = [return_words.day_count(cost or 0.0) for cost in (back.cost_p50, back.cost_p80)]
        learned = return_words.learned_cell(link, return_words.seen(back))
        passes = return_words.passes_cell(ws, link, printer.glyphs)
        ends = return_words.ends(ws, link, printer.glyphs)
        rows.append([*days, money, passes, percent(back.rate), learned, ends])
    printer.table(columns, rows, headed=True)
    worst = return_words.to_fix_first(figures, order)
    printer.line(*words.fix_first(figures.get(worst or 0)))
    printer.line(TableCell(_("P50, P80: working days saved if nothing came back."), "dim"))
    if len(figures) > 1:
        printer.line(TableCell(return_words.not_additive(), "dim"))
