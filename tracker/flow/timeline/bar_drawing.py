"""A task's bar, and the arrows of one task over the bars of others, as cells of an axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from tracker.domain.model import Link
from tracker.flow.timeline.axis import Axis
from tracker.flow.timeline.timeline import Bar, Stretch, Timeline

ChartCell = tuple[str, str]  # a sign, and the name of its role

_DAY = timedelta(days=1)
# Marks that an arrow goes round rather than over.
_MARKS = frozenset(("due", "alarm", "p80", "milestone"))
_NORTH, _EAST, _SOUTH, _WEST = 1, 2, 4, 8


class Signs(NamedTuple):
    """The signs of a chart, each one cell wide.

    `worked_off` and `left_off` are days of a bar on which nobody works; `before` and `after` say
    that it is out of sight. Lines are told by the sides they lead to: north 1, east 2, south 4,
    west 8.
    """

    worked: str = "▓"
    left: str = "█"
    worked_off: str = "░"
    left_off: str = "░"
    slack: str = "─"
    whisker: str = "╌"
    p80: str = "┤"
    due: str = "◆"
    milestone: str = "◇"
    not_before: str = "["
    today: str = "┃"
    weekend: str = "·"
    holiday: str = "┊"
    unknown: str = "?"
    was: str = "▔"
    before: str = "◂"
    after: str = "▸"
    critical: str = "*"
    needs: str = "╵╵╶└╷│┌├╴┘─┴┐┤┬┼"
    returns: str = "╎╎╌╰╎╎╭├╌╯╌┴╮┤┬┼"
    into: str = "►"
    back: str = "◁"


UNICODE = Signs()
ASCII = Signs(
    worked="=",
    left="#",
    worked_off="=",
    left_off="#",
    slack="-",
    whisker="~",
    p80="]",
    due="D",
    milestone="M",
    today="|",
    weekend=".",
    holiday="'",
    was='"',
    before="<",
    after=">",
    needs="||-+||++-+-+++++",
    returns="::.+::++.+.+++++",
    into=">",
    back="<",
)


def ground(axis: Axis, today: date, signs: Signs) -> list[ChartCell]:
    """Return what is seen where no bar is: free days, and the line of today."""
    shown = {"": (" ", ""), "weekend": (signs.weekend, "dim"), "holiday": (signs.holiday, "dim")}
    cells = [shown[kind] for kind in axis.grounds]
    at = axis.begin(today)
    if at is not None:
        cells[at] = (signs.today, "today")
    return cells


def drawn(
    bar: Bar, axis: Axis, today: date, signs: Signs, p80: date | None = None
) -> tuple[list[ChartCell], int]:
    """Return a bar on its ground, and the first cell behind all of it."""
    cells = ground(axis, today, signs)
    end = 0

    def put(days: range, sign: str, role: str, off: str = "") -> None:
        nonlocal end
        for at in days:
            cells[at] = (off if off and axis.grounds[at] else sign, role)
        if days:
            end = max(end, days[-1] + 1)

    left = "critical" if bar.critical else "left"
    for first, last in bar.worked:
        put(axis.span(first, last), signs.worked, "worked", signs.worked_off)
    if bar.left is not None:
        first, last = bar.left
        if bar.latest is not None and bar.latest > last:
            put(axis.span(last + _DAY, bar.latest), signs.slack, "slack")
        if p80 is not None and p80 > last:
            put(axis.span(last + _DAY, p80), signs.whisker, "slack")
            put(axis.span(p80, p80)[-1:], signs.p80, "p80")
        if bar.milestone:
            put(axis.span(last, last)[:1], signs.milestone, "milestone")
        elif bar.guessed:
            put(axis.span(first, last), signs.unknown, left)
        else:
            put(axis.span(first, last), signs.left, left, signs.left_off)
    elif bar.milestone and bar.last:
        put(axis.span(bar.last, bar.last)[:1], signs.milestone, "milestone")
    if bar.due is not None and bar.left is not None:
        put(axis.span(bar.due, bar.due)[-1:], signs.due, "alarm" if bar.late else "due")
    return cells, max(end, _edges(bar, axis, cells, signs))


def _edges(bar: Bar, axis: Axis, cells: list[ChartCell], signs: Signs) -> int:
    """Mark at the edges that a bar is out of sight there, or the day on which it was due.

    Returns the first cell behind such a mark.
    """
    if not cells or bar.first is None or bar.last is None:
        return 0
    missed = bar.late and bar.due is not None and bar.due < axis.first
    if missed or bar.last < axis.first:
        cells[0] = signs.before, "alarm" if missed else "dim"
    if bar.last >= axis.first and (bar.left or (bar.first,))[0] > axis.last:
        cells[-1] = signs.after, "dim"
        return len(cells)
    return int(missed or bar.last < axis.first)


def was(days: Stretch, axis: Axis, today: date, signs: Signs) -> list[ChartCell]:
    """Return where a bar was in another plan, on its ground."""
    cells = ground(axis, today, signs)
    for at in axis.span(*days):
        cells[at] = (signs.was, "dim")
    if cells and days[1] < axis.first:
        cells[0] = signs.before, "dim"
    if cells and days[0] > axis.last:
        cells[-1] = signs.after, "dim"
    return cells


Overlay = Mapping[int, Mapping[int, ChartCell]]


def arrows(
    timeline: Timeline, task: int, lines: Mapping[int, int], axis: Axis, window: range, signs: Signs
) -> Overlay:
    """Return the arrows of a task by line and cell, as far as they cross a window of lines.

    `lines` are those of the tasks. An arrow leads from the end of a bar to the beginning of
    another; one that goes back, from the end to the end.
    """
    ws, found = timeline.ws, _Lines(window, axis, signs)
    for link in (*ws.arrows_in.get(task, ()), *ws.arrows_out.get(task, ())):
        if link.source not in lines or link.target not in lines or link.source == link.target:
            continue
        role = f"{link.kind}.{'out' if link.source == task else 'in'}"
        bars = timeline.bar(link.source), timeline.bar(link.target)
        found.draw(link, role, *bars, lines[link.source], lines[link.target])
    return found.overlay()


def laid_over(cells: list[ChartCell], over: Mapping[int, ChartCell]) -> list[ChartCell]:
    """Return cells with the arrows of a line over them; marks stay, but under the cursor."""
    return [
        over[at] if at in over and (cell[1] not in _MARKS or over[at][1] == "cursor") else cell
        for at, cell in enumerate(cells)
    ]


class _Lines:
    """Lines in a window, told by the sides to which they lead in each cell."""

    def __init__(self, window: range, axis: Axis, signs: Signs) -> None:
        self._window, self._axis, self._signs = window, axis, signs
        self._sides: dict[tuple[int, int], tuple[int, str]] = {}
        self._heads: dict[tuple[int, int], ChartCell] = {}

    def draw(self, link: Link, role: str, source: Bar, target: Bar, y: int, to: int) -> None:
        """Draw an arrow from the line `y` to another one."""
        begin, end = target.first, source.last
        if begin is None or end is None or target.last is None:
            return
        left = self._behind(end)
        if link.kind == "needs":
            head = self._before(begin)
            turn = head
        else:
            head = self._behind(target.last)
            turn = max(left, head) + 1
        self._across(y, left, turn, role)
        # One that leaves no gap begins below its bar, or above: that is to be seen.
        self._down(y, to, turn, role, begun=turn >= left)
        if link.kind == "returns":
            self._across(to, head + 1, turn, role)
        if self._inside(to, head):
            sign = self._signs.into if link.kind == "needs" else self._signs.back
            self._heads[to, head] = sign, role

    def _behind(self, day: date) -> int:
        """Return the cell behind a day; one left or right of all where that is out of sight."""
        if day < self._axis.first:
            return -1
        at = self._axis.end(day)
        return self._axis.cells if at is None else at + 1

    def _before(self, day: date) -> int:
        if day < self._axis.first:
            return -2
        at = self._axis.begin(day)
        return self._axis.cells if at is None else at - 1

    def _inside(self, y: int, x: int) -> bool:
        return y in self._window and 0 <= x < self._axis.cells

    def _add(self, y: int, x: int, sides: int, role: str) -> None:
        if self._inside(y, x):
            before, _role = self._sides.get((y, x), (0, role))
            self._sides[y, x] = before | sides, role

    def _across(self, y: int, x: int, to: int, role: str) -> None:
        """Draw a line from cell to cell, the ends of which lead on to each other."""
        if y not in self._window:
            return
        for at in range(max(x, 0), min(to, self._axis.cells)):
            self._add(y, at, _WEST | _EAST, role)
        if x <= to:
            self._add(y, to, _WEST, role)

    def _down(self, y: int, to: int, x: int, role: str, *, begun: bool) -> None:
        """Draw a line from one line of the chart to another."""
        top, bottom = min(y, to), max(y, to)
        self._add(to, x, _NORTH if to > y else _SOUTH, role)
        if begun:
            self._add(y, x, _SOUTH if to > y else _NORTH, role)
        for at in range(max(top + 1, self._window.start), min(bottom, self._window.stop)):
            self._add(at, x, _NORTH | _SOUTH, role)

    def overlay(self) -> Overlay:
        """Return what was drawn."""
        found: dict[int, dict[int, ChartCell]] = {}
        for (y, x), (sides, role) in self._sides.items():
            lines = self._signs.needs if role.startswith("needs") else self._signs.returns
            found.setdefault(y, {})[x] = lines[sides], role
        for (y, x), head in self._heads.items():
            found.setdefault(y, {})[x] = head
        return found


def joined(cells: Iterable[ChartCell]) -> Iterator[ChartCell]:
    """Walk over cells as pieces: neighbours of one role together."""
    text, before = "", None
    for sign, role in cells:
        if role != before and text:
            yield text, before or ""
            text = ""
        text, before = text + sign, role
    if text:
        yield text, before or ""
