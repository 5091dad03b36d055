"""When it will be over, in words and as a picture, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.model import DEFAULT_RATE, Project
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.finish import Finish
from tracker.flow.forecast.forecast import CLOSE_ENOUGH, MOST_RUNS, Forecast, ReturnFigures
from tracker.flow.forecast.inquiry import Difference, Outlook
from tracker.flow.forecast.remaining_work import last_day
from tracker.language import _, grouped, ngettext, say
from tracker.tui.text.cells import cut, fill
from tracker.tui.text.histogram import Mark, histogram
from tracker.tui.widgets.choices import Line, wrap
from tracker.wording import show
from tracker.wording.figures import day_words, number, signed
from tracker.wording.show import Glyphs, Piece

# From this width on the picture stands beside the words, and these take at least so much.
_BESIDE, _WORDS = 118, 74
# The picture has at least and at most so many rows, the two of its words included.
_LEAST, _MOST = 3, 12
# In less room than this, one target must do.
_ROOMY = 16


class Trial(NamedTuple):
    """What is being tried: its changes in words, and what they do, once that is known."""

    changes: Sequence[str]
    difference: Difference | None
    hint: str = ""
    problem: str = ""


def lines(
    outlook: Outlook,
    *,
    cells: int,
    rows: int,
    glyphs: Glyphs,
    worst: ReturnFigures | None = None,
    trial: Trial | None = None,
) -> list[Line]:
    """Return at most `rows` lines on when it will be over; `worst` is the return to mend first."""
    if outlook.forecast is None:
        return _nothing(outlook, cells)[:rows]
    targets = 3 if rows >= _ROOMY else 0 if trial else 1
    told = _Words(outlook, outlook.forecast, glyphs, worst, trial, targets)
    if cells >= _BESIDE:
        half = max(_WORDS, cells // 2 - 5)
        left = told.lines(half, rows)
        right = told.picture(cells - half - 3, min(max(len(left), _LEAST), _MOST, rows))
        return [
            (*fill(words, half), ("   ", ""), *picture)
            for words, picture in zip_longest(left, right, fillvalue=())
        ]
    words = told.lines(cells, rows - _LEAST)[:rows]
    height = min(_MOST, max(_LEAST, rows - len(words)))
    first = told.height
    picture = told.picture(cells - 2, height) if len(words) + height <= rows else []
    return [*words[:first], *picture, *words[first:]]


def coming(cells: int) -> list[Line]:
    """Return what is shown until the first figures are there."""
    return wrap([(" " + _("Playing the plan through …"), "dim")], cells)


def _nothing(outlook: Outlook, cells: int) -> list[Line]:
    if outlook.problem is not None:
        text = say(outlook.problem)
        return wrap([(" ! ", "alarm"), (terminal_text.clean(text), "plain")], cells, indent=2)
    if not outlook.finished:
        return coming(cells)
    if not outlook.about.workspace.tasks:
        words = _(
            "There is nothing to forecast: no tasks yet. a adds one, :import FILE takes a list."
        )
    else:
        words = _("Everything is done: no task is open, so there is nothing to forecast.")
    return wrap([(" " + words, "plain")], cells)


class _Words:
    """The words on a forecast."""

    def __init__(
        self,
        outlook: Outlook,
        forecast: Forecast,
        glyphs: Glyphs,
        worst: ReturnFigures | None,
        trial: Trial | None,
        targets: int,
    ) -> None:
        self.ws, self.today = outlook.about.workspace, outlook.about.today
        self.outlook, self.forecast, self.glyphs, self.trial = outlook, forecast, glyphs, trial
        self.worst, self.targets = worst, targets
        # The lines that come before the picture where this stands below them.
        self.height = 0

    def lines(self, cells: int, rows: int) -> list[Line]:
        """Return the figures, what they mean and what they rest on; the last gives way."""
        room = cells - 1
        found = [self._indented(line) for line in self._figures(room)]
        found += [self._indented(line) for line in self._meaning(room)]
        self.height = len(found)
        rest = [*wrap(self._assumed(), room), *self._warnings(room)]
        left = rows - len(found)
        if len(rest) > left > 0:
            rest = [
                *rest[: left - 1],
                (*cut(rest[left - 1], room - 2), (f" {self.glyphs.more}", "dim")),
            ]
        return [*found, *map(self._indented, rest[: max(left, 0)])]

    def _indented(self, line: Line) -> Line:
        return ((" ", ""), *line)

    def day(self, days: float) -> str:
        """Return the day on which so many working days are over, in words."""
        return day_words(self.forecast.date_of(days), self.today)

    # Figures

    def _figures(self, cells: int) -> list[Line]:
        found = self.forecast
        rows: list[tuple[str, Sequence[str], str]] = []
        if self.trial is None and not found.returns:
            rows = [(_("Finish"), self._days(found.finish), "strong")]
        elif self.trial is None:
            rows = [
                (_("With returns"), self._days(found.finish), "strong"),
                (_("Without returns"), self._days(found.without_returns), "plain"),
            ]
        else:
            days, change = self._changed(self.trial.difference)
            rows = [
                (_("As planned"), self._days(found.finish), "plain"),
                (_("What if"), days, "strong"),
                ("", change, "warn"),
            ]
        singles = []
        if self.trial is None or self.targets:
            kept = self._kept(found.finish, found.cpm_days)
            singles = [(_("Plain schedule"), self.day(found.cpm_days), kept), *self._targets()]
        name = min(max(terminal_text.width(row[0]) for row in (*rows, *singles)), cells // 3) + 2
        days = [text for row in rows for text in row[1]] + [day for _name, day, _kept in singles]
        column = max(map(terminal_text.width, days))
        column += 2 if name + 3 * column + 4 <= cells else 1

        def row(first: str, texts: Sequence[str], styles: Sequence[str]) -> Line:
            fitted = [
                terminal_text.fit(first, name),
                *(terminal_text.fit(text, column) for text in texts[:-1]),
            ]
            return tuple(cut(zip([*fitted, texts[-1]], styles, strict=True), cells))

        last = _("P95, if this plan is complete")
        if terminal_text.width(last) > cells - name - 2 * column:
            last = _("P95, if complete")
        told = [row("", ("P50", "P80", last), ["dim"] * 4)]
        told += [row(words, texts, [style] * 4) for words, texts, style in rows]
        return told + [row(words, texts, ["plain", "plain", "dim"]) for words, *texts in singles]

    def _days(self, finish: Finish) -> list[str]:
        return [self.day(days) for days in (finish.p50, finish.p80, finish.p95)]

    def _changed(self, difference: Difference | None) -> tuple[list[str], list[str]]:
        """Return the days after a change, and by how many working days they are later."""
        if difference is None:
            return [self.glyphs.more] * 3, [""] * 3
        after, before = difference.after, difference.before
        pairs = ((after.p50, before.p50), (after.p80, before.p80), (after.p95, before.p95))
        return self._days(after), [_("{days} d").format(days=signed(a - b)) for a, b in pairs]

    def _kept(self, finish: Finish, days: float) -> str:
        return _("kept in {n} of 100 runs").format(n=finish.in_100(days))

    def _targets(self) -> list[tuple[str, str, str]]:
        """Return the targets of projects, the least likely to be kept first, and not many."""
        found: list[tuple[int, Project, date, str]] = []
        for key, finish in self.forecast.projects.items():
            project = self.ws.projects.get(key)
            if project is not None and project.target is not None:
                days = self.forecast.plan.days_until(project.target)
                found.append(
                    (finish.in_100(days), project, project.target, self._kept(finish, days))
                )
        told = []
        for _chance, project, target, kept in sorted(found, key=lambda one: (one[0], one[1].id)):
            name = show.text(project.key or project.name)
            one = len(self.ws.projects) == 1
            words = _("Target") if one else _("Target {name}").format(name=name)
            told.append((words, day_words(target, self.today), kept))
        return told[: self.targets]

    # Words

    def _meaning(self, cells: int) -> list[Line]:
        """Return what P80 means or what is being tried, and what no forecast can know."""
        if self.trial is None:
            day = self.day(self.forecast.finish.p80)
            text = _("P80: in 8 of 10 simulated runs of this plan it is over by {day}.")
            told = wrap([(text.format(day=day), "strong")], cells, indent=2)
            told += wrap(list(self._mending()), cells, indent=2)
        else:
            told = list(self._tried(self.trial, cells))
        for ring in status.deadlocks(self.ws):
            told += wrap(list(_deadlock(self.ws, ring, self.glyphs)), cells, indent=2)
        return told

    def _mending(self) -> Iterator[Piece]:
        """Yield which return is to be mended first, and what that does to the date."""
        found = self.forecast
        known = [back.cost_p80 for back in found.returns if back.cost_p80 is not None]
        if self.worst is None or not self.worst.cost_p80:
            if known and len(known) == len(found.returns):
                yield _("No return arrow moves P80 by itself."), "plain"
            return
        arrow = f"{self.worst.gate} {self.glyphs.right} {self.worst.target}"
        text = _("Mending {arrow} first would bring P80 from {before} to {after}")
        yield (
            text.format(
                arrow=arrow,
                before=self.day(found.finish.p80),
                after=self.day(found.finish.p80 - self.worst.cost_p80),
            ),
            "strong",
        )
        yield " " + _("(same random numbers; what several save does not add up)."), "dim"

    def _tried(self, trial: Trial, cells: int) -> Iterator[Line]:
        pieces = [
            (_("What-if, nothing stored:") + " ", "warn"),
            ("; ".join(trial.changes), "strong"),
        ]
        yield from wrap(pieces, cells, indent=2)
        if trial.difference is not None:
            yield from wrap([(self._moved(trial.difference), "strong")], cells, indent=2)
        if trial.hint:
            yield from wrap([(trial.hint, "dim")], cells, indent=2)
        if trial.problem:
            yield from wrap([("! ", "alarm"), (trial.problem, "plain")], cells, indent=2)

    def _moved(self, found: Difference) -> str:
        """Return where a change moves P80, in words."""
        days = round(found.after.p80 - found.before.p80, 1)
        if days < 0:
            text = _("P80 {before} → {after}: {days} working days earlier")
        elif days > 0:
            text = _("P80 {before} → {after}: {days} working days later")
        else:
            text = _("P80 stays at {after}")
        return text.format(
            before=self.day(found.before.p80),
            after=self.day(found.after.p80),
            days=number(abs(days)),
        )

    def _assumed(self) -> list[Piece]:
        """Return what the forecast takes for granted."""
        options, found = self.forecast.options, self.forecast
        parts = [_("this plan is complete")]
        if found.returns and options.policy == "at-risk":
            parts.append(_("what follows a check starts before it accepts"))
        elif found.returns:
            parts.append(_("what follows a check waits until it accepts"))
        if options.correlation:
            late = _("tasks of a project tend to be late together (correlation {r})")
            parts.append(late.format(r=number(options.correlation, 3)))
        else:
            parts.append(_("no task is late because another is"))
        if found.returns and options.rates == "posterior":
            parts.append(_("rates learned from what came back"))
        elif found.returns:
            parts.append(_("rates as entered"))
        links = [self.ws.links[back.link] for back in found.returns]
        if assumed := sum(link.rate_assumed for link in links):
            text = _("a rate of {rate} % for {n} of {all} returns, where nobody entered one")
            parts.append(text.format(rate=round(100 * DEFAULT_RATE), n=assumed, all=len(links)))
        if options.draws == "fresh":
            parts.append(_("durations drawn anew each time"))
        if options.learning:
            text = _("each further return takes {part} % less")
            parts.append(text.format(part=number(100 * options.learning)))
        runs = ngettext("{n} simulated run", "{n} simulated runs", found.runs)
        sure = _("P80 ± {days} d").format(days=number(found.finish.se80 + 0.049))
        if found.finish.se80 < CLOSE_ENOUGH:
            sure = _("P80 ± half a day")
        elif found.runs == MOST_RUNS:
            sure = _("{known} (no more are simulated)").format(known=sure)
        if self.outlook.first:
            sure = _("first figures: {known}").format(known=sure)
        if not self.outlook.finished:
            sure += self.glyphs.more
        parts.append(f"{runs.format(n=grouped(found.runs))}, {sure}")
        words = f" {self.glyphs.dot} ".join(parts)
        return [(_("Assumed:") + " ", "plain"), (words, "dim")]

    def _warnings(self, cells: int) -> Iterator[Line]:
        for warning in self.forecast.warnings:
            text = terminal_text.clean(say(warning))
            yield from wrap([(f"{self.glyphs.alarm} ", "alarm"), (text, "warn")], cells, indent=2)

    # The picture

    def picture(self, cells: int, rows: int) -> list[Line]:
        """Return the histogram of the finish."""
        finish = self.forecast.finish
        if self.trial is not None and self.trial.difference is not None:
            finish = self.trial.difference.after
        marks = [
            Mark(last_day(days), name)
            for days, name in ((finish.p50, "P50"), (finish.p80, "P80"), (finish.p95, "P95"))
        ]
        drawn = histogram(
            finish.counts,
            finish.first_day,
            cells=cells,
            rows=rows - 2,
            marks=marks,
            label=lambda day: self.day(day + 1),
            ascii=self.glyphs is show.ASCII,
        )
        return [self._indented(line) for line in drawn]


def _deadlock(ws: Workspace, ring: status.Deadlock, glyphs: Glyphs) -> Iterator[Piece]:
    """Yield who waits for whom in a ring, and which wait to end."""
    yield f"{glyphs.alarm} " + _("Deadlock, which no return resolves:") + " ", "alarm"
    path = f" {glyphs.right} ".join(show.name(ws, task) for task in ring.path)
    yield path + ". ", "plain"
    cut_words = ngettext(
        "{task} must not wait for {other}: that frees {n} task.",
        "{task} must not wait for {other}: that frees {n} tasks.",
        ring.frees,
    )
    yield cut_words.format(n=ring.frees, task=ring.cut.task, other=ring.cut.other), "dim"
