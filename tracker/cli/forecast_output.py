"""Schedule and forecast as scripts and as people read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tracker import terminal_text
from tracker.cli.json_output import called, end_form
from tracker.cli.printer import Printer, TableCell, TableColumn, terminal_width
from tracker.language import _, say
from tracker.wording import forecast_words, return_words, show
from tracker.wording.capacity import capacity_lines
from tracker.wording.cost_words import cost_lines
from tracker.wording.dot_plot import dot_plot
from tracker.wording.figures import day_words, number, percent, working_days
from tracker.wording.forecast_words import ForecastWords
from tracker.wording.show import UNICODE, Glyphs, Piece

if TYPE_CHECKING:
    from tracker.domain.model import Project, Task
    from tracker.domain.scope import Scope
    from tracker.domain.workspace import Workspace
    from tracker.flow.forecast.calibration import Calibration
    from tracker.flow.forecast.critical_path import Schedule
    from tracker.flow.forecast.finish import Finish
    from tracker.flow.forecast.forecast import Forecast, ReturnFigures
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
        "stretched": found.stretched,
        "bottlenecks": [
            {"kind": worker.kind, "name": worker.name(ws), "days": days}
            for worker, days in found.bottlenecks
        ],
    }


def schedule_form(
    ws: Workspace,
    found: Schedule,
    scope: Scope,
    levelled: Levelled | None,
    back_up: Collection[int] = (),
) -> dict[str, Any]:
    """Return the schedule of what is in scope as scripts read it: all, and each project."""
    kept, projects = scope.tasks(ws), scope.ahead(ws)
    tasks = []
    for task in filter(kept.__contains__, found.tasks):
        first, last = found.days(task)
        dates = msgspec.structs.asdict(found.tasks[task])
        tasks.append({"id": task, **dates, "start": first, "finish": last})
    last_project = max(projects, key=found.lengths.__getitem__, default=0)
    return {
        "start": found.plan.start,
        **_length_form(found, last_project),
        "projects": [
            {"name": called(ws.projects.get(key), "name"), **_length_form(found, key)}
            for key in projects
            if key or len(projects) > 1
        ],
        "guessed": [task for task in found.plan.guessed if task in kept],
        "overrun": [task for task in found.plan.overrun if task in kept],
        "capacity": levelled and capacity_form(ws, levelled),
        "tasks": tasks,
        "warnings": [*_blockers(ws, found.plan, back_up), *_deadlocks(ws)],
    }


def _length_form(found: Schedule, project: int) -> dict[str, Any]:
    length = found.lengths.get(project, 0.0)
    return {
        "length_days": length,
        "finish": found.plan.finish_date(length),
        "critical_path": found.path_of(project),
    }


def print_schedule(
    printer: Printer,
    ws: Workspace,
    found: Schedule,
    scope: Scope,
    today: date,
    levelled: Levelled | None,
    back_up: Collection[int] = (),
) -> None:
    """Print what is left of each project, in the order in which it can begin, and the finish."""
    projects = scope.ahead(ws)
    if not projects:
        printer.note(_("Nothing is left to do."))
        return
    for at, project in enumerate(projects):
        if len(projects) > 1:
            if at:
                printer.line("")
            printer.line((show.project(ws, project), "title"))
        _print_project_schedule(printer, ws, found, scope, today, project)
    for line in capacity_lines(ws, levelled) if levelled else ():
        printer.line(line)
    for text in (*_blockers(ws, found.plan, back_up), *_deadlocks(ws, printer.glyphs)):
        printer.note(text)


def _print_project_schedule(
    printer: Printer, ws: Workspace, found: Schedule, scope: Scope, today: date, project: int
) -> None:
    columns = (
        TableColumn(_("ID")),
        TableColumn(_("Start")),
        TableColumn(_("Finish")),
        TableColumn(_("Slack"), 1),
        TableColumn("", 2),
        TableColumn(_("Title")),
    )
    rows: list[list[str | TableCell]] = []
    kept = found.plan.projects[project] & scope.tasks(ws).keys()
    own = ((task, found.tasks[task]) for task in sorted(kept))
    for task, dates in sorted(own, key=lambda item: (item[1].early_start, item[1].slack)):
        first, last = (day_words(day, today) for day in found.days(task))
        style = "strong" if dates.critical else ""
        mark = TableCell(_("critical"), style) if dates.critical else ""
        due = ws.tasks[task].due
        if due and found.days(task)[1] > due:
            # What misses its date matters more than why.
            text = _("misses {due}").format(due=day_words(due, today))
            mark = TableCell(f"{printer.glyphs.alarm}{text}", "alarm")
        slack = "" if dates.critical else number(dates.slack)
        rows.append([str(task), first, last, slack, mark, TableCell(ws.tasks[task].title, style)])
    printer.table(columns, rows)
    printer.line("")
    path = found.path_of(project)
    critical = {task for task in found.plan.projects[project] if found.tasks[task].critical}
    told = " → ".join(map(str, path))
    text = _("One critical path: {path}") if critical - {*path} else _("Critical path: {path}")
    printer.line(TableCell(text.format(path=told), "strong"))
    text = _(
        "Finish: {date} ({days}), if all tasks take their likely duration and nothing comes back."
    )
    length = found.lengths[project]
    day = day_words(found.plan.finish_date(length), today)
    printer.line(text.format(date=day, days=working_days(length)))


def _blockers(ws: Workspace, plan: Plan, back_up: Collection[int]) -> Iterator[str]:
    """Yield what the dates of a plan take no notice of, or know too little of."""
    from tracker.flow.forecast.blockers import blockers

    for warning in blockers(ws, plan, back_up):
        yield terminal_text.clean(say(warning))


def forecast_form(
    ws: Workspace,
    forecasts: Mapping[int, Forecast],
    today: date,
    asked: Sequence[Horizon],
    calibration: Calibration | None,
    unlimited: Mapping[int, Forecast],
) -> dict[str, Any]:
    """Return the forecasts of projects as scripts read them; days are working days from the start.

    First what they come to together, but tasks and returns are always judged by the date of their
    own project. Those with capacity have beside them what holds if people are `unlimited`.
    """
    from tracker.flow.forecast.portfolio import task_ends, together

    found, ends = together(forecasts), task_ends(ws, today, forecasts)
    words = ForecastWords(ws, found, today, UNICODE)
    free = together(unlimited) if unlimited else None
    return {
        **_forecast_form(found, asked),
        "returns": [_return_form(ws, each) for each in found.returns],
        "tasks": [
            {"id": task, "criticality": share, **end_form(ends, task)}
            for task, share in sorted(
                found.criticality.items(), key=lambda item: (-item[1], item[0])
            )
        ],
        "projects": [
            _project_form(ws.projects.get(key), each, asked)
            for key, each in forecasts.items()
            if key or len(forecasts) > 1
        ],
        "throughput": _throughput_form(words.tasks, today),
        "calibration": calibration,
        "durations": _duration_forms(ws),
        "seed": found.options.seed,
        "correlation": found.options.correlation,
        "rates": found.options.rates,
        "policy": found.options.policy,
        "draws": found.options.draws,
        "learning": found.options.learning,
        "capacity": found.levelled and capacity_form(ws, found.levelled),
        "without_capacity": free and _finish_form(free, free.finish),
        "single_estimates": found.plan.single,
        "spread": found.plan.spread,
        "currency": ws.preferences.currency,
        "cost": [
            {"project": called(ws.projects.get(key), "name"), **msgspec.structs.asdict(cost)}
            for key, cost in found.money.items()
        ],
        "back_up": {ws.systems[key].name: day for key, day in found.options.back_up},
        "headline": " ".join(text for text, _role in words.on_top(calibration)),
        "assumptions": [*words.assumed(), words.runs(), words.known()],
        "warnings": [*words.warnings(), *_deadlocks(ws)],
    }


def _forecast_form(found: Forecast, asked: Iterable[Horizon]) -> dict[str, Any]:
    """Return the dates of one forecast, and what they rest on."""
    return {
        "start": found.start,
        "runs": found.runs,
        "cost_runs": found.cost_runs,
        **_finish_form(found, found.finish),
        "without_returns": _finish_form(found, found.without_returns),
        "cpm_days": found.cpm_days,
        "cpm": found.date_of(found.cpm_days),
        "cpm_kept": found.cdf(found.cpm_days),
        "cdf": {f"{days:g}": found.cdf(days) for days, _day in asked},
        "percentiles": [
            {"share": share, "days": days, "date": found.date_of(days)}
            for share, days in found.finish.percentiles
        ],
    }


def _project_form(
    project: Project | None, found: Forecast, asked: Iterable[Horizon]
) -> dict[str, Any]:
    """Return the forecast of a project; the tasks without one have no name."""
    target = project.target if project else None
    return {
        "name": project and project.name,
        **_forecast_form(found, asked),
        "target": target,
        "target_kept": target and found.cdf(found.plan.days_until(target)),
    }


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
        "over_limit": back.over_limit,
    }


def _throughput_form(tasks: Collection[Task], today: date) -> dict[str, Any] | None:
    """Return by when tasks are done at the pace of the last weeks; None without one."""
    from tracker.flow.forecast.calibration import pace

    found = pace(tasks, today)
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
    forecasts: Mapping[int, Forecast],
    today: date,
    asked: Sequence[Horizon],
    calibration: Calibration | None,
    unlimited: Mapping[int, Forecast],
) -> None:
    """Print the dates of projects, what they assume, and which return arrow to fix first."""
    from tracker.flow.forecast.portfolio import together

    found = together(forecasts)
    if not found.criticality:
        printer.note(_("Nothing is left to do."))
        return
    words = ForecastWords(ws, found, today, printer.glyphs)
    each = {key: ForecastWords(ws, one, today, printer.glyphs) for key, one in forecasts.items()}
    how = _("--spread 70-200% lets them vary; tracker settings spread=… keeps it.")
    for piece in words.on_top(calibration, how):
        printer.line(piece)
    printer.line("")
    if len(each) > 1:
        _print_projects(printer, words, each, asked)
    else:
        _print_dates(printer, words, asked)
    for text in words.pace():
        printer.line(text)
    if found.levelled and unlimited:
        for key, free in unlimited.items():
            text = _("P80 with unlimited capacity: {date}")
            told = text.format(date=day_words(free.date_of(free.finish.p80), today))
            printer.line(_about(ws, forecasts, key) + told)
        for line in capacity_lines(ws, found.levelled):
            printer.line(line)
    for pieces in cost_lines(ws, found):
        printer.line(*pieces)
    for text in words.learned_durations():
        printer.line(text)
    printer.line("")
    printer.line(TableCell(_("Assumptions:"), "dim"))
    for text in _assumed(ws, words, each):
        printer.line(TableCell(f"  {text}", "dim"))
    _print_costs(printer, words, each)
    for text in words.warnings():
        printer.note(text)
    for text in _deadlocks(ws, printer.glyphs):
        printer.note(text)


def _about(ws: Workspace, forecasts: Collection[int], project: int) -> str:
    """Return the words before a line about one of several projects; none before the only one."""
    return f"{show.project(ws, project)}: " if len(forecasts) > 1 else ""


def _deadlocks(ws: Workspace, glyphs: Glyphs = UNICODE) -> Iterator[str]:
    for pieces in forecast_words.deadlock_lines(ws, glyphs):
        yield terminal_text.clean("".join(text for text, _role in pieces))


def _print_dates(printer: Printer, words: ForecastWords, asked: Iterable[Horizon]) -> None:
    found = words.found
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
    schedule = words.plain_schedule()
    day = f"{schedule.day} ({working_days(found.cpm_days)})"
    for name, date_of, kept in (schedule._replace(day=day), *words.targets()):
        printer.line(f"{name}: {date_of}, {kept}")
    printer.line(TableCell(words.quantiles_explained(), "dim"))
    printer.line(TableCell(words.plain_schedule_explained(), "dim"))
    if told := words.percentiles():
        printer.line(told)
    for horizon in asked:
        printer.line(f"{_within(horizon, words.today)}: {words.kept(found.finish, horizon.days)}")


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


def _within(horizon: Horizon, today: date) -> str:
    """Return a number of days that was asked for, in words."""
    days = working_days(horizon.days)
    return days if horizon.day is None else f"{day_words(horizon.day, today)} ({days})"


def _print_projects(
    printer: Printer,
    words: ForecastWords,
    each: Mapping[int, ForecastWords],
    asked: Iterable[Horizon],
) -> None:
    """Print a row for each of several projects, and what is asked of each."""
    ws, today = words.ws, words.today
    columns = (
        TableColumn(_("Project")),
        TableColumn("P50"),
        TableColumn("P80"),
        TableColumn("P95"),
        TableColumn(_("Plain schedule"), 2),
        TableColumn(_("Target"), 1),
        TableColumn(_("Target met in")),
    )
    rows: list[list[str | Piece]] = []
    for key, one in each.items():
        project = ws.projects.get(key)
        target, met = "", ""
        if project and project.target:
            target = day_words(project.target, today)
            met = one.chance(one.found.plan.days_until(project.target))
        name = (show.project(ws, key), "strong")
        days = one.days(one.found.finish)
        rows.append([name, *days, one.plain_schedule().day, target, met])
    rows.append([(_("all together"), "dim"), *words.days(words.found.finish), "", "", ""])
    printer.table(columns, rows, headed=True)
    for horizon in asked:
        for key, one in each.items():
            kept = one.kept(one.found.finish, horizon.days)
            printer.line(f"{show.project(ws, key)}, {_within(horizon, today)}: {kept}")
    printer.line(TableCell(_("--project NAME shows more of one of them."), "dim"))


def _assumed(
    ws: Workspace, words: ForecastWords, each: Mapping[int, ForecastWords]
) -> Iterator[str]:
    yield from words.assumed()
    for key, one in each.items():
        about = _about(ws, each, key)
        yield about + one.runs()
        known = one.known()
        if one.exhausted:
            known = _("{known}; set --runs to simulate more").format(known=known)
        yield about + known


def _print_costs(printer: Printer, words: ForecastWords, each: Mapping[int, ForecastWords]) -> None:
    """Print the return arrows, the one whose end would save its project most first."""
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
        TableColumn(ws.preferences.currency, 3),
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
    for key, one in each.items():
        if one.found.returns:
            printer.line(_about(ws, each, key), *one.fix_first())
    saved = _("P50, P80: working days saved if nothing came back.")
    if len(each) > 1:
        saved = _("P50, P80: working days that its project saves if nothing came back.")
    printer.line(TableCell(saved, "dim"))
    if len(figures) > 1:
        printer.line(TableCell(return_words.not_additive(), "dim"))
