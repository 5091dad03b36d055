"""The plan in time as lines of a page: a ruler, a line a task, and what its signs mean."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.model import Task
from tracker.flow.forecast.remaining_work import CLOSE
from tracker.flow.timeline import bar_drawing
from tracker.flow.timeline.axis import Axis
from tracker.flow.timeline.bar_drawing import ChartCell, Signs
from tracker.flow.timeline.timeline import Bar, BarGroup, Stretch, Timeline
from tracker.language import N_, _, current, ngettext, say
from tracker.wording import show
from tracker.wording.figures import brief_days, day_words, month_words, number
from tracker.wording.show import Glyphs, Piece

if TYPE_CHECKING:
    from tracker.flow.forecast.forecast import TaskEnd

# Of a line this much, and no more than so many cells, is about what the task is called.
_NAMES, _LEAST_NAMES, _MOST_NAMES = 0.38, 26, 54
# From so many of these on it is said who works on it.
_ROOM_FOR_PEOPLE = 36

BY = {
    "department": N_("by department"),
    "assignee": N_("by person"),
    "project": N_("by project"),
    "systems": N_("by system"),
    "": N_("not grouped"),
}
SORTED = {
    "critical": N_("least slack first"),
    "start": N_("by start"),
    "due": N_("by due date"),
    "number": N_("by number"),
}
SCALED = {"day": N_("days"), "week": N_("weeks"), "month": N_("months")}


def names_width(cells: int) -> int:
    """Return how many of a line's cells name the task; the others are its chart."""
    return min(_MOST_NAMES, max(_LEAST_NAMES, int(cells * _NAMES)), cells // 2 + 4)


def nobody(by: str) -> str:
    """Return what the tasks are called that are in no group."""
    return {
        "department": _("no department"),
        "assignee": _("nobody"),
        "project": _("(no project)"),
        "systems": _("no system"),
    }.get(by, "")


class Chart(NamedTuple):
    """A plan in time on an axis, in lines whose first `names` cells are beside it.

    `ends` are by when tasks are over as forecast, as far as that is known; `by` is what the tasks
    are grouped by.
    """

    timeline: Timeline
    axis: Axis
    names: int
    glyphs: Glyphs
    signs: Signs
    ends: Mapping[int, TaskEnd]
    by: str = ""

    # The ruler

    def ruler(self, cursor: date | None = None) -> tuple[list[Piece], list[Piece]]:
        """Return the two lines above the chart: months, and days; or years, and months."""
        upper, lower = (self._marks(which) for which in ("coarse", "fine"))
        today, axis = self.timeline.today, self.axis
        for at in axis.span(today, today):
            lower[at] = lower[at][0], "today"
        if cursor is not None:
            for at in axis.span(cursor, cursor):
                lower[at] = lower[at][0], "cursor"
        return list(bar_drawing.joined(upper)), list(bar_drawing.joined(lower))

    def _marks(self, which: str) -> list[ChartCell]:
        """Return what stands above the cells, each text where that begins which it names."""
        found: list[tuple[int, str]] = []
        before: object = None
        for at, (first, last) in enumerate(self.axis.days):
            text, named = self._named(which, first, last)
            if named != before and text:
                found.append((at, text))
            before = named
        # What begins before the edge gives way to what begins behind it.
        if len(found) > 1 and found[1][0] <= len(found[0][1]):
            del found[0]
        cells: list[ChartCell] = [(" ", "dim")] * self.axis.cells
        free, role = 0, "strong" if which == "coarse" else "dim"
        for at, text in found:
            if free <= at <= self.axis.cells - len(text):
                cells[at : at + len(text)] = [(sign, role) for sign in text]
                free = at + len(text) + 1
        return cells

    def _named(self, which: str, first: date, last: date) -> tuple[str, object]:
        """Return what is said above a cell, and by what it is told from the one before."""
        scale = self.axis.scale
        if which == "coarse" and scale == "month":
            return str(last.year), last.year
        if which == "coarse" or scale == "month":
            named = month_words(last)
            # There is no room for more than three letters of each, where months follow closely.
            text = f"{named} {last.year}" if scale != "month" else named[:3]
            return text, (last.year, last.month)
        if scale == "day":
            return (f"{first.day:02}" if self.timeline.calendar.is_working(first) else ""), first
        return (f"{first.day:02}" if first.weekday() == 0 else ""), first

    # A line a task

    def heading(self, group: BarGroup, over: Mapping[int, ChartCell] | None = None) -> list[Piece]:
        """Return the line above a group."""
        label = show.text(say(group.label)) if group.label else nobody(self.by)
        count = number(len(group.tasks))
        room = self.names - terminal_text.width(count) - 3
        name = terminal_text.fit(label, room, ellipsis=self.glyphs.more)
        pieces = [(f" {name} ", "title"), (count, "dim"), (" ", "")]
        ground = bar_drawing.ground(self.axis, self.timeline.today, self.signs)
        return [*pieces, *bar_drawing.joined(bar_drawing.laid_over(ground, over or {}))]

    def row(
        self,
        task: int,
        *,
        mark: Piece = (" ", ""),
        hit: bool = False,
        focus: bool = False,
        over: Mapping[int, ChartCell] | None = None,
    ) -> list[Piece]:
        """Return the line of a task; arrows may lead `over` it."""
        bar = self.timeline.bar(task)
        end = self.ends.get(task)
        p80 = end.day if end and bar.left else None
        cells, behind = bar_drawing.drawn(bar, self.axis, self.timeline.today, self.signs, p80)
        if over:
            cells = bar_drawing.laid_over(cells, over)
            behind = max(behind, *(at + 1 for at in over))
        self._note(cells, behind, self._notes(bar, p80))
        if p80 is not None and p80 > self.axis.last and bar.last and bar.last <= self.axis.last:
            self._beyond(cells, bar.last, p80)
        return [*self._name(bar, mark, hit=hit, focus=focus), *bar_drawing.joined(cells)]

    def was(self, task: int, over: Mapping[int, ChartCell] | None = None) -> list[Piece]:
        """Return the line below a task that says where its bar was in the baseline."""
        timeline, days = self.timeline, self.timeline.was(task)
        if days is None or timeline.baseline is None:
            return []
        cells = bar_drawing.was(days, self.axis, timeline.today, self.signs)
        moved = difference(timeline.slipped(task))
        named = terminal_text.cut(
            show.text(timeline.baseline.name), self.names - 12, ellipsis=self.glyphs.more
        )
        text = terminal_text.fit(f"{named} {moved}", self.names - 8)
        return [
            (" " * 7 + text + " ", "dim"),
            *bar_drawing.joined(bar_drawing.laid_over(cells, over or {})),
        ]

    def _name(self, bar: Bar, mark: Piece, *, hit: bool, focus: bool) -> list[Piece]:
        ws = self.timeline.ws
        task = ws.tasks[bar.task]
        digits = max(2, len(str(ws.last_ids["tasks"])))
        who = show.person(ws, task.assignee) if self.by != "assignee" else ""
        aside = (self.names // 5 if self.names >= _ROOM_FOR_PEOPLE else 0) if who else 0
        room = self.names - digits - 6 - (aside + 1 if aside else 0)
        look = "strong" if bar.critical else "plain" if task.open else "dim"
        title = terminal_text.fit(show.text(task.title), room, ellipsis=self.glyphs.more)
        late = (self.glyphs.alarm, "alarm") if bar.late else (" ", "")
        critical = (self.signs.critical, "critical") if bar.critical else (" ", "")
        pieces = [
            mark,
            (str(task.id).rjust(digits), "dim"),
            (" ", ""),
            late,
            critical,
            (" ", ""),
            (title, "hit" if hit else look),
            (" ", ""),
        ]
        if aside:
            person = terminal_text.fit(who, aside, ellipsis=self.glyphs.more)
            pieces += [(person, "dim"), (" ", "")]
        if not focus:
            return pieces
        return [(text, "cursor") for text, _look in pieces[:-1]] + pieces[-1:]

    def _notes(self, bar: Bar, p80: date | None) -> Iterator[Piece]:
        """Walk over what is said behind a bar, the most important first."""
        task, today = self.timeline.ws.tasks[bar.task], self.timeline.today
        if bar.late:
            yield show.due_words(task, today), "alarm"
        if p80 is not None and bar.left and p80 > bar.left[1]:
            yield _("P80 {day}").format(day=day_words(p80, today)), "dim"
        elif bar.left and bar.latest and bar.latest > bar.left[1]:
            yield _slack(bar), "dim"

    def _note(self, cells: list[ChartCell], behind: int, notes: Iterable[Piece]) -> None:
        """Write notes behind a bar as far as there is room."""
        at = behind + 1
        for text, role in notes:
            if at + len(text) > len(cells) or not terminal_text.narrow(text):
                return
            cells[at : at + len(text)] = [(sign, role) for sign in text]
            at += len(text) + 2

    def _beyond(self, cells: list[ChartCell], last: date, p80: date) -> None:
        """Write P80 where it is out of sight at the edge, over the line that leads there."""
        text = " " + _("P80 {day}").format(day=day_words(p80, self.timeline.today)) + " "
        start = len(cells) - len(text) - 1
        behind = self.axis.end(last)
        if behind is not None and behind < start:
            cells[start:] = [(sign, "dim") for sign in text + self.signs.after]

    # What is told in words

    def told(self, task: int) -> list[Piece]:
        """Return in words what the line of a task shows, what matters most first."""
        bar, ws = self.timeline.bar(task), self.timeline.ws
        name: Piece = (show.name(ws, task), "strong")
        if bar.left is None:
            found: list[Piece] = [name, (show.word(ws.tasks[task].state), "dim")]
            if bar.worked:
                words = _("from {first} to {last}")
                days = self._from_to(words, bar.worked[0][0], bar.worked[-1][1])
                found.append((days, "plain"))
            return self._apart(found)
        return self._apart([name, *self._ahead(bar, bar.left)])

    def _ahead(self, bar: Bar, left: Stretch) -> Iterator[Piece]:
        """Walk over what is told of an open task."""
        today = self.timeline.today
        if bar.late:
            yield show.due_words(self.timeline.ws.tasks[bar.task], today), "alarm"
        elif bar.due:
            words = _("due {day}").format(day=day_words(bar.due, today))
            planned = _("{due}, planned too late").format(due=words)
            yield (planned, "warn") if left[1] > bar.due else (words, "plain")
        if bar.critical:
            yield _("critical"), "critical"
        else:
            yield _slack(bar), "plain"
        if bar.milestone:
            yield _("milestone {day}").format(day=day_words(left[1], today)), "plain"
        elif left[0] == left[1]:
            yield _("planned {day}").format(day=day_words(left[1], today)), "plain"
        else:
            yield self._from_to(_("planned {first} to {last}"), *left), "plain"
        if bar.guessed:
            yield _("no estimate: taken for one day"), "warn"
        if (end := self.ends.get(bar.task)) is not None:
            yield _("P80 {day}").format(day=day_words(end.day, today)), "plain"
        if bar.worked and _begun(self.timeline.ws.tasks[bar.task]):
            yield _("begun {day}").format(day=day_words(bar.worked[0][0], today)), "plain"

    def _from_to(self, words: str, first: date, last: date) -> str:
        today = self.timeline.today
        if first == last:
            return day_words(first, today)
        return words.format(first=day_words(first, today), last=day_words(last, today))

    def _apart(self, told: Iterable[Piece]) -> list[Piece]:
        found: list[Piece] = []
        for piece in told:
            found += [(f" {self.glyphs.dot} ", "dim"), piece] if found else [piece]
        return found

    def day(self, day: date) -> list[Piece]:
        """Return a day in words, and why nobody works then."""
        calendar, today = self.timeline.calendar, self.timeline.today
        found: list[Piece] = [(day_words(day, today), "strong")]
        if name := calendar.holiday_name(day, current()):
            found.append((show.text(name), "warn"))
        elif day.weekday() >= 5:
            found.append((_("weekend"), "dim"))
        elif not calendar.is_working(day):
            found.append((_("nobody works"), "warn"))
        return self._apart(found)

    def legend(self, cells: int) -> list[Piece]:
        """Return what the signs mean as far as there is room, those first that matter most."""
        signs, glyphs = self.signs, self.glyphs
        listed = (
            (glyphs.alarm, "alarm", _("late")),
            (signs.critical, "critical", _("critical")),
            (signs.worked, "worked", _("worked")),
            (signs.left, "left", _("still to do")),
            (signs.slack, "slack", _("slack")),
            (signs.whisker + signs.p80, "p80", "P80"),
            (signs.due, "due", _("due")),
            *([(signs.was, "dim", _("baseline"))] if self.timeline.baseline else []),
            (signs.unknown, "left", _("no estimate")),
            (signs.today, "today", _("today")),
            (signs.milestone, "milestone", _("milestone")),
        )
        found: list[Piece] = [(" ", "")]
        room = cells - 1
        for sign, role, word in listed:
            room -= terminal_text.width(sign) + terminal_text.width(word) + 1
            if room >= 0:
                found += [(sign, role), (f" {word}", "dim"), ("  ", "")]
            room -= 2
        return found

    def counts(self, tasks: Iterable[int]) -> list[Piece]:
        """Return by when all is over, and how much of it is critical, late or a guess."""
        timeline = self.timeline
        keys = [key for key in tasks if timeline.ws.tasks[key].open]
        found = planned_end(timeline, keys)
        late = sum(status.late(timeline.ws.tasks[key], timeline.today) for key in keys)
        critical = sum(timeline.schedule.tasks[key].critical for key in keys)
        if late:
            text = ngettext("{n} late", "{n} late", late).format(n=number(late))
            found.append((f"{self.glyphs.alarm} {text}", "alarm"))
        if critical:
            text = ngettext("{n} critical", "{n} critical", critical).format(n=number(critical))
            found.append((f"{self.signs.critical} {text}", "critical"))
        if guessed := unestimated(timeline, keys):
            found.append((guessed, "warn"))
        return found


def _begun(task: Task) -> bool:
    """Return whether the pass that a task is in has begun: one before it may have ended."""
    run = task.passes[-1]
    return task.state == "recheck" or (run.started is not None and not run.outcome)


def _slack(bar: Bar) -> str:
    """Return how many whole days a task may slip, or what part of one."""
    days = math.floor(bar.slack + CLOSE) if bar.slack >= 1 else bar.slack
    return _("slack {days}").format(days=brief_days(days))


def planned_end(timeline: Timeline, tasks: Iterable[int]) -> list[Piece]:
    """Return by when the last of some tasks is planned to be over, if any is open."""
    if not timeline.dated:
        return [(_("Working out the dates …"), "dim")]
    last = timeline.finish(tasks)
    if last is None:
        return []
    return [(_("planned end {day}").format(day=day_words(last, timeline.today)), "strong")]


def unestimated(timeline: Timeline, tasks: Iterable[int]) -> str:
    """Return how many of some tasks have no estimate, "" where all have."""
    count = len(timeline.guessed.intersection(tasks))
    text = ngettext("{sign} {n} unestimated", "{sign} {n} unestimated", count)
    return text.format(sign=bar_drawing.UNICODE.unknown, n=number(count)) if count else ""


def arrangement(chart: Chart, order: str) -> str:
    """Return how the lines are grouped and sorted, and what a step on the axis is."""
    parts = (_(SCALED[chart.axis.scale]), _(BY[chart.by]), _(SORTED[order]))
    return ", ".join(parts)


def fitted(pieces: Iterable[Piece], cells: int, glyphs: Glyphs) -> list[Piece]:
    """Return one piece in exactly so many cells, blanks at both ends."""
    text, role = next(iter(pieces), ("", ""))
    return [(terminal_text.fit(f" {text}", cells - 1, ellipsis=glyphs.more) + " ", role)]


def page(chart: Chart, groups: Iterable[BarGroup], order: str) -> Iterator[list[Piece]]:
    """Walk over a plan in time as the lines of a page."""
    listed = list(groups)
    tasks = {task for group in listed for task in group.tasks}
    yield from _lines(chart.counts(tasks), chart.names + chart.axis.cells, chart.glyphs)
    upper, lower = chart.ruler()
    about = [(arrangement(chart, order), "dim")]
    yield [(" " * chart.names, ""), *upper]
    yield [*fitted(about, chart.names, chart.glyphs), *lower]
    for group in listed:
        if group.headed:
            yield chart.heading(group)
        for task in group.tasks:
            yield chart.row(task)
            if chart.timeline.was(task):
                yield chart.was(task)
    yield []
    yield chart.legend(chart.names + chart.axis.cells)


def _lines(told: Iterable[Piece], cells: int, glyphs: Glyphs) -> Iterator[list[Piece]]:
    """Walk over what is told in lines of at most so many cells, parts apart by a sign."""
    line: list[Piece] = [(" ", "")]
    used = 1
    for text, role in told:
        need = terminal_text.width(text) + (3 if len(line) > 1 else 0)
        if len(line) > 1 and used + need > cells:
            yield line
            line, used, need = [(" ", "")], 1, need - 3
        line += [(f" {glyphs.dot} ", "dim")] * (len(line) > 1) + [(text, role)]
        used += need
    yield line


def difference(days: int) -> str:
    """Return by how many days something moves."""
    return brief_days(days, sign=True)
