"""The sections of a report on figures: how dates moved, who has how much to do, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracker.language import _
from tracker.wording import controlling_words, drift_words, load_words, show
from tracker.wording.cost_words import rounded
from tracker.wording.figures import number, percent, signed
from tracker.wording.forecast_words import ForecastWords
from tracker.wording.report_parts import (
    InWords,
    ReportSection,
    ReportTable,
    chance_role,
    grid,
    plain,
    project_name,
)
from tracker.wording.show import UNICODE, Piece

if TYPE_CHECKING:
    from tracker.flow.controlling import Amounts
    from tracker.flow.drift import Drifted

# A picture of more tasks is none that anybody could read.
_DRAWN = 800
# So many weeks of load are shown, and so many rows of drift.
_WEEKS, _DRIFTED = 8, 10


class FigureSections(InWords):
    """Days, people and money."""

    # How it moved

    def drift(self) -> ReportSection:
        """By how much the dates have moved since the last time, and why."""
        since = self.found.since
        if since is None or since.drift is None:
            return ReportSection("drift", "")
        title = _("How the dates have moved since {day}").format(day=self.day(since.day))
        drift = since.drift
        p80s = {each.project: each.p80 for each in self.found.projects}
        rows: list[tuple[Piece, ...]] = []
        for each in drift.projects:
            role = "alarm" if each.days > 0 else "done" if each.days < 0 else "plain"
            rows.append(
                (
                    (project_name(self.ws, each.project), "plain"),
                    (self.moved(each.before, each.after), "plain"),
                    (signed(each.days), role),
                    (self.moved(each.planned.p80, p80s.get(each.project)), "plain"),
                    (drift_words.causes_words(each.causes, UNICODE) or "–", "dim"),
                )
            )
        heads = (
            _("Project"),
            _("Finish as planned"),
            _("Days"),
            "P80",
            _("Causes, in working days"),
        )
        grids = grid("", heads, rows, right=(2,))
        late = [each for each in drift.tasks if each.slip and each.slip > 0]
        late.sort(key=lambda each: (-(each.slip or 0), each.task))
        columns = (_("Task"), *heads[1:3], heads[-1])
        moved = [self._drifted(each) for each in late]
        grids += grid(_("Furthest behind"), columns, moved, right=(2,), most=_DRIFTED)
        told = [] if rows else plain(_("Nothing has moved."))
        told += [(text, "dim") for text in drift_words.gaps(drift)]
        return ReportSection("drift", title, told, grids)

    def _drifted(self, each: Drifted) -> tuple[Piece, ...]:
        drift = self.found.since.drift if self.found.since else None
        causes = drift.total(each.task) if drift else {}
        return (
            self.task(each.task),
            (self.moved(each.before.finish, each.after.finish), "plain"),
            (signed(each.slip or 0), "alarm"),
            (drift_words.causes_words(causes, UNICODE) or "–", "dim"),
        )

    # The picture, the people, the money

    def board(self) -> ReportSection:
        """Who waits for whom, as a picture where it can be drawn."""
        if not self.found.tasks:
            return ReportSection("board", "")
        title = _("Who waits for whom")
        if len(self.found.tasks) > _DRAWN:
            text = _(
                "With {n} tasks a picture could not be read; `--project` makes a report of fewer."
            )
            return ReportSection(
                "board", title, plain(text.format(n=number(len(self.found.tasks))))
            )
        caption = _(
            "Departments are rows; an arrow leads from a task to the one that needs it, a dashed"
            " one back to where work returns. A tick with a number: so many finished tasks."
        )
        return ReportSection("board", title, picture=caption)

    def load(self) -> ReportSection:
        """Who has how much to do in the next weeks."""
        load = self.found.load
        weeks = load.weeks[:_WEEKS]
        rows = [
            who
            for who in load.rows
            if who.person and any(load.cell(who, week).days for week in weeks)
        ]
        rows.sort(key=lambda who: -max((load.cell(who, week).part or 0.0) for week in weeks))
        cells: list[tuple[Piece, ...]] = []
        for who in rows:
            name = show.full_name(self.ws, who.person) or load_words.row_name(self.ws, who)
            lane = show.department(self.ws, who.department)
            days = (load_words.cell_words(load, who, week, UNICODE) for week in weeks)
            cells.append(((f"{name}, {lane}" if lane else name, "plain"), *days))
        heads = (_("Person"), *map(load_words.week_name, weeks))
        told: list[Piece] = []
        if cells:
            told = plain(_("Days of work and days available, by calendar week."))
            told.append((load_words.legend(UNICODE), "dim"))
        elif any(self.ws.tasks[key].open for key in self.found.tasks):
            told = plain(_("Nobody is assigned to the open tasks."))
        right = tuple(range(1, len(heads)))
        return ReportSection(
            "load", _("Workload"), told, grid("", heads, cells, right=right, most=16)
        )

    def costs(self) -> ReportSection:
        """What it takes and costs, by department."""
        costs = self.found.costs
        if not costs.total.tasks:
            return ReportSection("costs", "")
        priced = costs.total.money is not None
        unit = show.currency(self.ws)
        heads = [
            controlling_words.by_words(costs.by),
            _("Effort planned, in days"),
            _("Actual"),
            _("At completion"),
            _("Variance"),
        ]
        if priced:
            heads += [
                _("Cost planned, in {currency}").format(currency=unit),
                _("Actual"),
                _("At completion"),
                _("Variance"),
            ]
        rows = []
        for line in (*costs.lines, costs.total):
            total = line is costs.total
            name = _("in total") if total else controlling_words.line_name(costs, line)
            role = "strong" if total else "plain"
            row: list[Piece] = [(name, role), *self._amounts(line.days, 1, role)]
            if priced:
                row += self._amounts(line.money, 0, role) if line.money else [("–", "dim")] * 4
            rows.append(tuple(row))
        told = [(text, "dim") for text in self._earned()]
        told += [(f"{text}.", "dim") for text in controlling_words.basis(costs)]
        right = range(1, len(heads))
        tables = [*self._budgets(), *grid("", heads, rows, right=right, most=40)]
        return ReportSection("costs", _("Effort and cost"), told, tables)

    def _budgets(self) -> list[ReportTable]:
        """Return the budgets of projects, and the cost at completion by chance."""
        rows: list[list[Piece]] = []
        for each in self.found.projects:
            project = self.ws.projects.get(each.project)
            budget = project.budget if project else None
            cost = each.forecast.money.get(each.project) if each.forecast else None
            if budget is None and cost is None:
                continue
            kept: Piece = ("–", "dim")
            if cost and cost.within is not None:
                kept = percent(cost.within), chance_role(cost.within)
            rows.append(
                [
                    (project_name(self.ws, each.project), "plain"),
                    ("–" if budget is None else number(budget, 0), "plain"),
                    (rounded(cost.spent) if cost else "–", "plain"),
                    (rounded(cost.p50) if cost else "–", "plain"),
                    (rounded(cost.p80) if cost else "–", "plain"),
                    kept,
                ]
            )
        unit = show.currency(self.ws)
        heads = (
            _("Project"),
            _("Budget in {currency}").format(currency=unit),
            _("Cost so far"),
            "P50",
            "P80",
            _("Budget kept"),
        )
        return grid(_("Budget"), heads, rows, right=range(1, len(heads)))

    def _amounts(self, amounts: Amounts, decimals: int, role: str) -> list[Piece]:
        told: list[Piece] = [
            (number(each, decimals), role)
            for each in (amounts.planned, amounts.spent, amounts.at_completion)
        ]
        variance = signed(round(amounts.variance, decimals))
        return [*told, (variance, controlling_words.variance_role(amounts))]

    def _earned(self) -> Iterator[str]:
        for each in self.found.costs.earned:
            if each.counted and (each.spi is not None or each.cpi is not None):
                text = _(
                    "{project}: SPI (dates) {spi}, CPI (cost) {cpi} ({basis}); below 1 is behind"
                    " plan, or over it."
                )
                yield text.format(
                    project=project_name(self.ws, each.project),
                    spi="–" if each.spi is None else number(each.spi, 2),
                    cpi="–" if each.cpi is None else number(each.cpi, 2),
                    basis=controlling_words.basis_of(self.ws, each),
                )

    def method(self) -> ReportSection:
        """What the dates rest on."""
        if not self.found.forecasts:
            return ReportSection("method", "")
        told: list[Piece] = plain(
            _(
                "P80 is the day by which the plan is finished in 80 of 100 simulated runs; returns"
                " are part of each run."
            )
        )
        assumed: dict[str, None] = {}
        warned: dict[str, None] = {}
        for each in self.found.forecasts.values():
            words = ForecastWords(self.ws, each, self.today, UNICODE)
            warned |= dict.fromkeys((*words.warnings(), *words.taken_as_exact()))
            assumed |= dict.fromkeys((*words.assumed(), words.known()))
        told += [(text, "warn") for text in warned]
        told.append((_("Assumed: {list}.").format(list="; ".join(assumed)), "dim"))
        return ReportSection("method", _("What the dates rest on"), told)
