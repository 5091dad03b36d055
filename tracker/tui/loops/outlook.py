"""When it will be over, in words and as a picture, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import NamedTuple

from tracker import terminal_text
from tracker.flow.forecast.forecast import Forecast
from tracker.flow.forecast.inquiry import Difference, Outlook
from tracker.language import _, ngettext, say
from tracker.tui import keys
from tracker.tui.text.cells import cut_row, fill
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.wording import forecast_words, show
from tracker.wording.capacity import capacity_lines
from tracker.wording.cost_words import cost_rows
from tracker.wording.dot_plot import dot_plot
from tracker.wording.forecast_words import DatesRow, ForecastWords, Target
from tracker.wording.show import Glyphs, Piece

# From this width on the picture is beside the words, and these take at least so much.
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


def outlook_lines(
    outlook: Outlook,
    project: int,
    *,
    cells: int,
    rows: int,
    glyphs: Glyphs,
    trial: Trial | None = None,
) -> list[Line]:
    """Return at most `rows` lines on when a project is over."""
    forecast = outlook.forecasts.get(project)
    if forecast is None:
        return _nothing(outlook, cells)[:rows]
    targets = 3 if rows >= _ROOMY else 0 if trial else 1
    told = _Words(outlook, project, forecast, glyphs, trial, targets)
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
    return wrap_pieces([(" " + _("Simulating the plan …"), "dim")], cells)


def _nothing(outlook: Outlook, cells: int) -> list[Line]:
    if outlook.problem is not None:
        text = say(outlook.problem)
        return wrap_pieces(
            [(" ! ", "alarm"), (terminal_text.clean(text), "plain")], cells, indent=2
        )
    if not outlook.finished:
        return coming(cells)
    if not outlook.about.workspace.tasks:
        words = keys.named(
            _(
                "Nothing to forecast: there are no tasks yet. {key:add} adds one,"
                " {key:command}import FILE imports a list."
            )
        )
    else:
        words = _("Nothing to forecast: all tasks are done.")
    return wrap_pieces([(" " + words, "plain")], cells)


class _Words:
    """The words on a forecast, in the cells there are."""

    def __init__(
        self,
        outlook: Outlook,
        project: int,
        forecast: Forecast,
        glyphs: Glyphs,
        trial: Trial | None,
        targets: int,
    ) -> None:
        self.ws = outlook.about.workspace
        self.words = ForecastWords(self.ws, forecast, outlook.about.today, glyphs)
        self.outlook, self.forecast, self.glyphs, self.trial = outlook, forecast, glyphs, trial
        self.project = project
        # Of several projects one must know which it is.
        several = len(outlook.forecasts) > 1
        self.about = show.project(self.ws, project, brief=True) if several else ""
        self.targets = targets
        # The lines that come before the picture where this is below them.
        self.height = 0

    def lines(self, cells: int, rows: int) -> list[Line]:
        """Return the figures, what they mean and what they rest on; the last gives way."""
        room = cells - 1
        told = [*self._meaning(room), *self._figures(room), *self._to_do(room)]
        found = [self._indented(line) for line in told]
        self.height = len(found)
        # What may hold it up is told however little room there is.
        left = max(rows - len(found), 1)
        return [*found, *map(self._indented, self._rest(room, left))]

    def _rest(self, cells: int, rows: int) -> list[Line]:
        """Return how well it is known, what may hold it up, what is assumed; cut where it must."""
        known: list[Piece] = [(self._known(), "dim")]
        warnings = list(self._warnings(cells))
        rest = [*warnings, *wrap_pieces(self._assumed(), cells, indent=2)]
        if shares := self.words.percentiles():
            rest += wrap_pieces([(shares, "dim")], cells, indent=2)
        first = wrap_pieces(known, cells, indent=2)
        if len(first) + len(rest) <= rows:
            return [*first, *rest]
        if warnings:
            count = sum(1 for _text in self.words.warnings())
            told = ngettext("{n} warning", "{n} warnings", count).format(n=count)
            known.insert(0, (f"{self.glyphs.alarm} {told} {self.glyphs.dot} ", "warn"))
        lines = [*wrap_pieces(known, cells, indent=2), *rest][:rows]
        if lines:
            more = "  " + keys.named(_("{key:basis} shows all"))
            room = cells - terminal_text.width(more)
            lines[-1] = (*cut_row(lines[-1], room), (more, "key"))
        return lines

    def _indented(self, line: Line) -> Line:
        return ((" ", ""), *line)

    # Figures

    def _figures(self, cells: int) -> list[Line]:
        rows = list(self.words.dates()) if self.trial is None else self._tried_dates(self.trial)
        singles: list[Target] = []
        free = self.outlook.unlimited.get(self.project)
        if free is not None and self.forecast.levelled and self.trial is None:
            rows.append(DatesRow(_("Unlimited capacity"), self.words.days(free.finish), "plain"))
        if self.trial is None or self.targets:
            singles = [self.words.plain_schedule(), *self.words.targets()[: self.targets]]
            if self.trial is None and self.targets > 1:
                costs = islice(cost_rows(self.ws, self.forecast), self.targets)
                singles += [Target(*row) for row in costs]
        names = [self.about] + [row.name for row in rows] + [single.name for single in singles]
        name = min(max(map(terminal_text.width, names)), cells // 3) + 2
        days = [text for row in rows for text in row.days] + [single.day for single in singles]
        column = max(map(terminal_text.width, days))
        column += 2 if name + 3 * column + 4 <= cells else 1

        def row(first: str, texts: Sequence[str], styles: Sequence[str]) -> Line:
            fitted = [
                terminal_text.fit(first, name),
                *(terminal_text.fit(text, column) for text in texts[:-1]),
            ]
            return tuple(cut_row(zip([*fitted, texts[-1]], styles, strict=True), cells))

        last = _("P95, if this plan is complete")
        if terminal_text.width(last) > cells - name - 2 * column:
            last = _("P95, if complete")
        told = [row(self.about, ("P50", "P80", last), ["title", "dim", "dim", "dim"])]
        told += [row(one.name, one.days, [one.role] * 4) for one in rows]
        return told + [
            row(one.name, (one.day, one.kept), ["plain", "plain", "dim"]) for one in singles
        ]

    def _tried_dates(self, trial: Trial) -> list[DatesRow]:
        """Return the days as planned and after a change, and by how much they are later."""
        planned = DatesRow(_("As planned"), self.words.days(self.forecast.finish), "plain")
        if trial.difference is None:
            coming = [self.glyphs.more] * 3
            return [
                planned,
                DatesRow(_("What if"), coming, "strong"),
                DatesRow("", [""] * 3, "warn"),
            ]
        before, after = trial.difference.before, trial.difference.after
        return [
            planned,
            DatesRow(_("What if"), self.words.days(after), "strong"),
            DatesRow("", forecast_words.shift_words(before, after), "warn"),
        ]

    # Words

    def _meaning(self, cells: int) -> list[Line]:
        """Return what P80 means, or what is being tried."""
        if self.trial is None:
            kept, how = self.outlook.calibration, keys.named(_("{key:spread} lets them vary."))
            first, *more = self.words.on_top(kept if kept and kept.told else None, how)
            return wrap_pieces(
                [first, *((f" {text}", role) for text, role in more)], cells, indent=2
            )
        return list(self._tried(self.trial, cells))

    def _to_do(self, cells: int) -> list[Line]:
        """Return what to fix first, and what no forecast can know."""
        told: list[Line] = []
        if self.trial is None:
            if self.forecast.levelled:
                _length, text = capacity_lines(self.ws, self.forecast.levelled)
                told += wrap_pieces([(text, "strong")], cells, indent=2)
            told += wrap_pieces(list(self.words.fix_first()), cells, indent=2)
        for pieces in forecast_words.deadlock_lines(self.ws, self.glyphs):
            told += wrap_pieces(pieces, cells, indent=2)
        return told

    def _tried(self, trial: Trial, cells: int) -> Iterator[Line]:
        pieces = [
            (_("What-if, not stored:") + " ", "warn"),
            ("; ".join(trial.changes), "strong"),
        ]
        yield from wrap_pieces(pieces, cells, indent=2)
        if trial.difference is not None:
            moved = forecast_words.moved_words(trial.difference, self.words.today, self.glyphs)
            yield from wrap_pieces([(moved, "strong")], cells, indent=2)
        if trial.hint:
            yield from wrap_pieces([(trial.hint, "dim")], cells, indent=2)
        if trial.problem:
            yield from wrap_pieces([("! ", "alarm"), (trial.problem, "plain")], cells, indent=2)

    def _known(self) -> str:
        """Return how many runs there were, and how well P80 is known from them."""
        known = self.words.known()
        if self.outlook.first(self.project):
            known = _("first results: {known}").format(known=known)
        if not self.outlook.finished:
            known += self.glyphs.more
        return f"{self.words.runs()}, {known}"

    def _assumed(self) -> list[Piece]:
        """Return what the forecast takes for granted."""
        told = f" {self.glyphs.dot} ".join(self.words.assumed())
        return [(_("Assumptions:") + " ", "heading"), (told, "dim")]

    def _warnings(self, cells: int) -> Iterator[Line]:
        for text in self.words.warnings():
            yield from wrap_pieces(
                [(f"{self.glyphs.alarm} ", "alarm"), (text, "warn")], cells, indent=2
            )

    # The picture

    def picture(self, cells: int, rows: int) -> list[Line]:
        """Return the finish as dots."""
        finish = self.forecast.finish
        if self.trial is not None and self.trial.difference is not None:
            finish = self.trial.difference.after
        drawn = dot_plot(
            finish,
            cells=cells,
            rows=rows,
            label=lambda day: self.words.day(day + 1),
            glyphs=self.glyphs,
        )
        return [self._indented(line) for line in drawn]
