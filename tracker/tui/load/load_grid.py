"""Rows of people and departments by weeks, however many: only the window is ever painted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.message import Message

from tracker import terminal_text
from tracker.flow.load import Load, Who
from tracker.language import _
from tracker.tui.text import cells
from tracker.tui.text.fitting import wrap_pieces
from tracker.tui.widgets.canvas import Canvas
from tracker.wording import load_words, show
from tracker.wording.figures import short_day
from tracker.wording.show import Glyphs, Piece

# The cells of a week, with the gap in front of it; and those of a name, at least and at most.
_WEEK, _GAP = 11, 1
_NAME_LEAST, _NAME_MOST = 17, 30
# The lines that name the weeks.
_HEAD = 2


class LoadGrid(Canvas):
    """Rows by weeks with a cursor on one cell; names and weeks stay where they are."""

    # A click here chooses what keys are about; one that hits nothing is stopped.
    CHOOSES: ClassVar[bool] = True

    class Moved(Message):
        """The cursor is on another cell."""

    class Chosen(Message):
        """A cell was clicked while the cursor was on it."""

    def __init__(self, glyphs: Glyphs, folded: Callable[[int], bool]) -> None:
        super().__init__()
        self._glyphs, self._folded = glyphs, folded
        self.load: Load | None = None
        self.rows_shown: tuple[Who, ...] = ()
        self.row, self.week = 0, 0
        self._top, self._left = 0, 0
        self._labels: Mapping[int, str] = {}

    @property
    def who(self) -> Who | None:
        """The row under the cursor."""
        return self.rows_shown[self.row] if self.rows_shown else None

    def show(self, load: Load) -> None:
        """Show another load, the cursor kept on its row and week."""
        before = self.load
        who = self.who
        monday = before.weeks[self.week] if before and self.week < len(before.weeks) else None
        self.load = load
        self.week = load.weeks.index(monday) if monday in load.weeks else 0
        self.lay_out(who)

    def lay_out(self, who: Who | None = None) -> None:
        """Show the rows that are not folded away, the cursor on one of them."""
        wanted = who or self.who
        rows = self.load.rows if self.load else ()
        self.rows_shown = tuple(
            each for each in rows if each.whole or not self._folded(each.department)
        )
        if wanted in self.rows_shown:
            self.row = self.rows_shown.index(wanted)
        elif wanted and (lane := Who(wanted.department, whole=True)) in self.rows_shown:
            self.row = self.rows_shown.index(lane)
        self.row = max(0, min(self.row, len(self.rows_shown) - 1))
        self._keep_in_sight()
        self.repaint()

    def go(self, row: int, week: int) -> None:
        """Put the cursor on a cell, or the nearest there is."""
        if self.load is None or not self.rows_shown:
            return
        row = max(0, min(row, len(self.rows_shown) - 1))
        week = max(0, min(week, len(self.load.weeks) - 1))
        if (row, week) == (self.row, self.week):
            return
        self.row, self.week = row, week
        self._keep_in_sight()
        self.repaint()
        self.post_message(self.Moved())

    def go_to(self, who: Who, week: int) -> bool:
        """Put the cursor on a cell; False if its row is not shown."""
        if who not in self.rows_shown:
            return False
        self.go(self.rows_shown.index(who), week)
        return True

    @property
    def height(self) -> int:
        """How many rows are in sight."""
        return max(self.size.height - _HEAD, 1)

    @property
    def across(self) -> int:
        """How many weeks are in sight."""
        return max((self.size.width - _NAME_LEAST) // _WEEK, 1)

    @property
    def in_sight(self) -> Sequence[int]:
        """The rows in sight but the one under the cursor, by their places."""
        last = min(self._top + self.height, len(self.rows_shown))
        return [at for at in range(self._top, last) if at != self.row]

    def label(self, labels: Mapping[int, str]) -> None:
        """Show letters at the left of rows."""
        self._labels = labels
        self.repaint()

    @property
    def _name_cells(self) -> int:
        return min(_NAME_MOST, max(_NAME_LEAST, self.size.width - self.across * _WEEK))

    def _keep_in_sight(self) -> None:
        """Scroll by half a window when the cursor leaves it."""
        weeks = len(self.load.weeks) if self.load else 0
        self._top = _scrolled(self._top, self.row, self.height, len(self.rows_shown))
        self._left = _scrolled(self._left, self.week, self.across, weeks)

    def fit(self) -> None:
        """Keep the cursor in sight in a window of another size."""
        self._keep_in_sight()

    def paint(self) -> list[list[Piece]]:
        """Return the rows of the window."""
        load, width = self.load, self.size.width
        if load is None or not width:
            return [[(" " * width, "")] for _y in range(self.size.height)]
        names = self._name_cells
        weeks = load.weeks[self._left : self._left + self.across]
        told = _("{n} of {all} weeks").format(n=len(weeks), all=len(load.weeks))
        head = load_words.head_words(load)
        lines: list[list[Piece]] = [
            [(terminal_text.fit(f" {head}", names, ellipsis=self._glyphs.more), "dim")],
            [(terminal_text.fit(f" {told}", names, ellipsis=self._glyphs.more), "dim")],
        ]
        for week in weeks:
            here = "strong" if week == load.weeks[self.week] else "dim"
            words, look = load_words.over_words(load, week)
            name = load_words.week_name(week)
            room = _WEEK - _GAP - terminal_text.width(name) - 1
            lines[0] += [(f"{' ' * _GAP}{name} ", here), (terminal_text.fit(words, room), look)]
            lines[1] += [(" " * _GAP, ""), (terminal_text.fit(short_day(week), _WEEK - _GAP), here)]
        last = min(self._top + self.height, len(self.rows_shown))
        lines += [self._line(load, at, names, len(weeks)) for at in range(self._top, last)]
        lines += [[] for _y in range(self.size.height - len(lines))]
        return [cells.fill(line, width) for line in lines[: self.size.height]]

    def _line(self, load: Load, at: int, names: int, weeks: int) -> list[Piece]:
        who = self.rows_shown[at]
        name = load_words.row_name(load.workspace, who)
        if who.whole:
            folded = self._folded(who.department)
            name = f"{'+' if folded else '-'} {name}"
        else:
            name = f"   {name}"
        role = "strong" if who.whole or at == self.row else "plain"
        line: list[Piece] = [(terminal_text.fit(name, names, ellipsis=self._glyphs.more), role)]
        for place in range(self._left, self._left + weeks):
            text, look = load_words.cell_words(
                load, who, load.weeks[place], self._glyphs, _WEEK - _GAP
            )
            look = "cursor" if (at, place) == (self.row, self.week) else look
            line += [(" " * _GAP, ""), (terminal_text.fit(text, _WEEK - _GAP), look)]
        if label := self._labels.get(at):
            line = cells.overlay(line, 0, [(label, "jump")])
        return line

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens."""
        row = self._top + event.y - _HEAD
        week = self._left + max(event.x - self._name_cells, 0) // _WEEK
        if event.y < _HEAD or row >= len(self.rows_shown):
            event.stop()
            return
        if (row, week) == (self.row, self.week) and event.chain > 1:
            self.post_message(self.Chosen())
        self.go(row, week)


def _scrolled(first: int, at: int, size: int, count: int) -> int:
    """Return the first of `size` places in sight, so that `at` is one of them."""
    if not first <= at < first + size:
        first = at - size // 2
    return max(0, min(first, count - size))


def part_lines(
    load: Load,
    who: Who,
    week: int,
    chosen: int,
    room: tuple[int, int],
    glyphs: Glyphs,
    signs: Mapping[int, Piece],
) -> list[list[Piece]]:
    """Return what a cell is made of, in a window of so many cells and lines.

    The task `chosen` has the cursor; `signs` are shown before tasks that are marked or news.
    """
    width, height = room
    monday = load.weeks[week]
    lines: list[list[Piece]] = [load_words.cell_title(load, who, monday, glyphs)]
    shares = load.cell(who, monday).shares
    notes = [[(f" {text}", look)] for text, look in load_words.cell_notes(load, who, monday)]
    least = min(len(shares), 2)
    lines += notes[: max(height - 2 - least, 1)]
    left = height - 1 - len(lines)
    first = max(0, min(chosen - left + 1 + (chosen < len(shares) - 1), len(shares) - left))
    digits = max((len(str(share.task)) for share in shares), default=1)
    shown = shares[first : first + left]
    titles = [show.text(load.workspace.tasks[share.task].title) for share in shown]
    title = min(max(width * 2 // 5, 16), max(map(terminal_text.width, titles), default=0))
    for at, share in enumerate(shown, first):
        here = at == chosen
        sign = signs.get(share.task) or (">" if here else " ", "key")
        outside = share.task not in load.tasks
        name = titles[at - first]
        lines.append(
            [
                sign,
                (f" {share.task:>{digits}} ", "dim"),
                (
                    terminal_text.fit(name, title, ellipsis=glyphs.more),
                    "strong" if here else "dim" if outside else "plain",
                ),
                ("  ", ""),
                *load_words.share_words(load, who, monday, share, glyphs),
            ]
        )
    more = len(shares) - first - left
    legend = load_words.legend(glyphs)
    if more > 0:
        legend = _("{n} more").format(n=more) + f" {glyphs.dot} {legend}"
    if over := load_words.too_much(load, monday, glyphs):
        told = [list(line) for line in wrap_pieces([(" ", ""), *over], width)]
        lines += told[: max(height - 1 - len(lines), 0)]
    lines += [[] for _y in range(height - 1 - len(lines))]
    return [*lines[: height - 1], [(f" {legend}", "dim")]]
