"""The sections of a report on the work: what happened, comes next, burns and came back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from tracker.domain.calendar import day_of
from tracker.language import _, ngettext
from tracker.wording import return_words, show, today_words
from tracker.wording.cost_words import about, money
from tracker.wording.figures import brief_days, number, one_stop, percent, working_days
from tracker.wording.report_parts import (
    InWords,
    ReportSection,
    ReportTable,
    chance_role,
    grid,
    owner,
    plain,
    project_name,
)
from tracker.wording.show import UNICODE, Piece

if TYPE_CHECKING:
    from tracker.flow.since_then import Before, SinceThen
    from tracker.flow.status_report import Milestone, ReturnRow


class WorkSections(InWords):
    """What is done, and what is not."""

    # What happened

    def since(self) -> ReportSection:
        """What was done, came back and changed since the last time."""
        since = self.found.since
        if since is None or since.new or not since.history:
            told = []
            if since and not since.new:
                told = plain(
                    _("The history since {day} is not kept.").format(day=self.day(since.day))
                )
            return ReportSection("since", _("What has happened") if told else "", told)
        title = _("What has happened since {day}").format(day=self.day(since.day))
        return ReportSection(
            "since", title, list(self._counted(since)), list(self._happened(since))
        )

    def _counted(self, since: SinceThen) -> Iterator[Piece]:
        told = []
        for count, text in (
            (len(since.finished), ngettext("{n} task done", "{n} tasks done", len(since.finished))),
            (len(since.returned), ngettext("{n} return", "{n} returns", len(since.returned))),
            (len(since.added), ngettext("{n} new task", "{n} new tasks", len(since.added))),
            (len(since.gone), ngettext("{n} task dropped", "{n} tasks dropped", len(since.gone))),
            (
                len(since.dues),
                ngettext("{n} due date moved", "{n} due dates moved", len(since.dues)),
            ),
            (
                len(since.estimates),
                ngettext("{n} estimate changed", "{n} estimates changed", len(since.estimates)),
            ),
        ):
            if count:
                told.append(text.format(n=number(count)))
        if told:
            yield ", ".join(told) + ".", "strong"
        else:
            yield _("Nothing was done, came back or was moved."), "plain"
        for each in since.targets:
            text = _("The target of {project} was moved: {before} → {after}.")
            if each.before is None:
                text = _("A target was set for {project}: {after}.")
            name = project_name(self.ws, each.id)
            yield one_stop(text.format(project=name, **self._before(each))), "warn"
        for each in since.budgets:
            text = _("The budget of {project} was changed: {before} → {after}.")
            if each.before is None:
                text = _("A budget was set for {project}: {after}.")
            name = project_name(self.ws, each.id)
            yield one_stop(text.format(project=name, **self._before(each))), "warn"

    def _before(self, each: Before) -> dict[str, str]:
        def told(value: date | float | None) -> str:
            if value is None:
                return "–"
            return self.day(value) if isinstance(value, date) else money(self.ws, value)

        return {"before": told(each.before), "after": told(each.after)}

    def _happened(self, since: SinceThen) -> Iterator[ReportTable]:
        who, task = _("Who"), _("Task")
        done = [(self.task(key), self.owner(key)) for key in since.finished]
        yield from grid(_("Done"), (task, who), done)
        came = [
            (
                self.task(each.task),
                (show.name(self.ws, each.gate), "plain"),
                (self.day(day_of(each.at)), "plain"),
                (show.text(each.reason) or "–", "plain"),
            )
            for each in since.returned
        ]
        yield from grid(_("Came back"), (task, _("From"), _("Day"), _("Reason")), came)
        new = [(self.task(key), self.owner(key)) for key in since.added]
        yield from grid(_("New"), (task, who), new)
        gone = [
            ((f"{each.id} {show.text(each.title)}", "plain"), (owner(self.ws, each), "dim"))
            for each in since.gone
        ]
        yield from grid(_("Dropped"), (task, who), gone)
        moved = [
            (
                self.task(each.id),
                (self._before(each)["before"], "plain"),
                (self._before(each)["after"], "plain"),
            )
            for each in since.dues
        ]
        yield from grid(_("Due dates moved"), (task, _("Before"), _("Now")), moved)

    # What comes

    def ahead(self) -> ReportSection:
        """What is under way, and what begins within the next two weeks."""
        heads = (_("Task"), _("Who"), _("State"), _("Planned until"), "P80")
        rows = []
        for each in self.found.ahead:
            task = self.ws.tasks[each.task]
            word, role = show.state_piece(self.ws, task)
            if each.critical:
                word = _("{state}, critical").format(state=word)
            rows.append(
                (
                    self.task(each.task),
                    self.owner(each.task),
                    (word, "strong" if each.critical else role),
                    (self.day(each.finish), "plain"),
                    (self.day(each.p80), "plain"),
                )
            )
        told = plain(_("Under way, or to begin within ten working days.")) if rows else []
        return ReportSection("next", _("What comes next"), told, grid("", heads, rows))

    def milestones(self) -> ReportSection:
        """The milestones by their days."""
        found = self.found.milestones
        heads = (_("Milestone"), _("Due"), _("Planned"), _("Before"), "P80", _("Due date met"))
        if not found:
            left = self.found.tasks and not self.found.finished
            told = plain(_("The plan has no milestones.")) if left else []
            return ReportSection("milestones", _("Milestones"), told)
        told = []
        if not any(self.ws.tasks[row.task].milestone for row in found):
            told = plain(
                _("The plan has no milestones; these tasks are due and decide the finish.")
            )
        rows = [self._milestone(row) for row in found]
        return ReportSection("milestones", _("Milestones"), told, grid("", heads, rows))

    def _milestone(self, row: Milestone) -> tuple[Piece, ...]:
        planned, role = self.day(row.planned), "plain"
        if self.ws.tasks[row.task].state == "done":
            text = _("reached {day}") if row.reached else _("reached")
            planned, role = text.format(day=self.day(row.reached)), "done"
        before = self.day(row.before)
        kept: Piece = ("–", "dim")
        if row.kept is not None:
            kept = percent(row.kept), chance_role(row.kept)
        return (
            self.task(row.task),
            (self.day(row.due), "plain"),
            (planned, role),
            (before, "dim"),
            (self.day(row.p80), "plain"),
            kept,
        )

    def progress(self) -> ReportSection:
        """How much is done, and by when the rest will be."""
        chart = self.found.burn_up
        if not chart.there:
            return ReportSection("progress", "")
        text = ngettext("{done} of {n} task is done.", "{done} of {n} tasks are done.", chart.there)
        told = [text.format(done=number(chart.done), n=number(chart.there))]
        for share, days in sorted(chart.ahead.items()):
            if days:
                text = _("P{n}: all of them by {day}.")
                day = self.day(days[-1][0])
                told.append(one_stop(text.format(n=round(100 * share), day=day)))
        title = _("Progress and forecast")
        if not chart.ahead:
            caption = _("Grey: tasks there are. Green: tasks done.")
            return ReportSection("progress", title, plain(" ".join(told)), picture=caption)
        caption = _(
            "Grey: tasks there are. Green: tasks done. Blue: done by then in 50 to 95 of 100"
            " simulated runs; the line is P80."
        )
        return ReportSection("progress", title, plain(" ".join(told)), picture=caption)

    # What burns

    def burning(self) -> ReportSection:
        """What somebody has to see to, and what nobody has taken up yet."""
        rows: dict[str, list[tuple[Piece, ...]]] = {}
        kept = {_("Burns"), _("Expires"), _("Handed over, not begun")}
        for section in today_words.sections(self.ws, self.found.day, UNICODE, printed=True):
            if section.title in kept:
                rows[section.title] = [self._burns(row) for row in section.rows]
        grids = [
            each
            for title, found in rows.items()
            for each in grid(title, (_("What"), _("Who"), _("Why")), found)
        ]
        told = []
        if not rows and self.found.tasks:
            told = plain(_("Nothing is late, stuck or over its limit."))
        return ReportSection("burning", _("What needs attention"), told, grids)

    def _burns(self, row: today_words.DayRow) -> tuple[Piece, ...]:
        who = f"{row.lane}" if row.task is None else owner(self.ws, self.ws.tasks[row.task])
        if row.system is not None:
            who = show.department(self.ws, self.ws.systems[row.system].owner) or "–"
        title = show.name(self.ws, row.task) if row.task else row.title
        roles = [role for _text, role in row.told if role in ("alarm", "warn", "back")]
        role = roles[0] if roles else "plain"
        return (title, "plain"), (who, "dim"), ("".join(text for text, _role in row.told), role)

    def returns(self) -> ReportSection:
        """What came back how often, what that took, and what is still to come."""
        rows = [
            self._returned(row)
            for row in self.found.returns
            if row.passes > 1 or (row.figures and (row.figures.cost_p80 or 0) >= 0.5)
        ]
        heads = (
            _("From → to"),
            _("Passes"),
            _("Rework so far"),
            _("Still to come"),
            _("Last reason"),
        )
        told: list[Piece] = []
        done = [each for row in self.found.returns for each in row.rework]
        if days := sum(each.days for each in done):
            told_days = working_days(days)
            priced = [each.money for each in done if each.money is not None]
            text = _("Rework has taken {days} so far.")
            if priced:
                text = _("Rework has taken {days} so far, {amount}.")
            told += plain(text.format(days=told_days, amount=money(self.ws, sum(priced))))
        if rows:
            told.append((return_words.not_additive(), "dim"))
        elif self.found.returns:
            told = plain(_("Nothing has come back yet, and returns hardly move the finish."))
        return ReportSection(
            "returns", _("Returns and what they cost"), told, grid("", heads, rows)
        )

    def _returned(self, row: ReturnRow) -> tuple[Piece, ...]:
        words = return_words.passes_words(self.ws, row.link, brief=True)
        role = "alarm" if row.over else "back" if row.passes > 1 else "dim"
        if row.over:
            words = _("{passes}, over the limit").format(passes=words)
        so_far = brief_days(row.days) if row.days else "–"
        if row.money:
            so_far += f", {money(self.ws, row.money)}"
        figures, ahead = row.figures, "–"
        if figures and figures.cost_p80 is not None and figures.cost_p80 >= 0.05:
            text = _("{days} d later (P80)")
            ahead = text.format(days=return_words.day_count(figures.cost_p80))
            if figures.cost_money:
                ahead += f", {about(self.ws, figures.cost_money)}"
        passes = self.ws.tasks[row.link.target].passes
        reasons = [run.reason for run in passes if run.gate == row.link.source and run.reason]
        return (
            (return_words.ends(self.ws, row.link, UNICODE), "plain"),
            (words, role),
            (so_far, "plain"),
            (ahead, "plain"),
            (show.text(reasons[-1]) if reasons else "–", "dim"),
        )
