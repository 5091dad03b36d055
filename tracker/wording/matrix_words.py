"""The matrices in words and signs: tasks against what they need, departments against each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple, Protocol

from tracker import terminal_text
from tracker.domain import graph, status
from tracker.domain.model import Link
from tracker.domain.verbs.board_commands import lanes
from tracker.domain.workspace import Workspace
from tracker.flow import matrix
from tracker.flow.handovers import Exchange, exchanges
from tracker.language import _, ngettext
from tracker.wording import return_words, show
from tracker.wording.figures import number
from tracker.wording.show import Glyphs, Piece
from tracker.wording.task_page import lag

# So many tasks are named where more stand behind one thing.
_NAMED = 6
# The least cells for the name of a department over its column.
_LEAST = 6
# On a page a name takes at most so many cells.
_LONGEST_NAME = 36


class Frame(NamedTuple):
    """The signs that are no mark: where a row meets its own column, and within a loop."""

    itself: str
    shade: str


def frame(glyphs: Glyphs) -> Frame:
    """Return the signs that go with those of tasks."""
    return Frame("#", ":") if glyphs is show.ASCII else Frame("■", "▒")


class Crossings(Protocol):
    """What stands in the rows, columns and cells of a matrix, each text fit for a terminal."""

    @property
    def width(self) -> int:
        """The cells of a column."""
        ...

    @property
    def longest(self) -> int:
        """The cells that names take at most."""
        ...

    @property
    def size(self) -> int:
        """How many rows there are, and as many columns."""
        ...

    def head(self, column: int) -> str:
        """Return what stands over a column."""
        ...

    def name(self, row: int, cells: int) -> list[Piece]:
        """Return what stands before a row, in so many cells."""
        ...

    def cell(self, row: int, column: int) -> Piece:
        """Return what stands where a row and a column cross, nothing where nothing does."""
        ...

    def told(self, row: int, column: int) -> Iterator[list[Piece]]:
        """Walk over what is to be said of a crossing."""
        ...

    def tasks(self, row: int, column: int) -> tuple[int, ...]:
        """Return the tasks that stand behind a crossing, the row's first."""
        ...

    def summary(self) -> str:
        """Return what is to be known of the whole of it."""
        ...

    def legend(self) -> str:
        """Return what the signs mean."""
        ...


class TaskSheet:
    """Tasks against the tasks they need, in an order in which as little as can be comes back."""

    def __init__(self, ws: Workspace, tasks: Collection[int], today: date, glyphs: Glyphs) -> None:
        self.ws, self._today, self._glyphs = ws, today, glyphs
        self.matrix = matrix.read(ws, tasks)
        self._block = {
            place: at
            for at, (first, last) in enumerate(self.matrix.blocks)
            for place in range(first, last + 1)
        }
        self._digits = max((len(str(task)) for task in self.matrix.order), default=1)
        self.width = self._digits + 1

    @property
    def size(self) -> int:
        """How many tasks there are."""
        return len(self.matrix.order)

    @cached_property
    def longest(self) -> int:
        """The cells that number and title of a task take at most."""
        titles = (self.ws.tasks[task].title for task in self.matrix.order)
        most = max((terminal_text.width(show.text(title)) for title in titles), default=0)
        return self._digits + 3 + most

    def head(self, column: int) -> str:
        """Return the number of a task."""
        return str(self.matrix.order[column])

    def name(self, row: int, cells: int) -> list[Piece]:
        """Return sign, number and title of a task."""
        task = self.ws.tasks[self.matrix.order[row]]
        title = terminal_text.fit(
            show.text(task.title), cells - self._digits - 3, ellipsis=self._glyphs.more
        )
        return [
            (str(task.id).rjust(self._digits), "strong" if task.open else "dim"),
            (" ", ""),
            (show.sign(self.ws, task, self._glyphs), show.state_style(self.ws, task)),
            (" ", ""),
            (title, "plain" if task.open else "dim"),
        ]

    def cell(self, row: int, column: int) -> Piece:
        """Return the sign of what one task is to another."""
        order = self.matrix.order
        links = self.matrix.marks.get((order[row], order[column]), ())
        back = next((link for link in links if link.kind == "returns"), None)
        if back is not None:
            return self._glyphs.back, "alarm" if status.over(self.ws, back) else "back"
        if row == column:
            return frame(self._glyphs).itself, "dim"
        if links:
            return self._glyphs.times, "strong" if self._open(links[0]) else "dim"
        block = self._block.get(row)
        if block is not None and block == self._block.get(column):
            return frame(self._glyphs).shade, "lane"
        return "", ""

    def _open(self, link: Link) -> bool:
        return self.ws.tasks[link.source].open

    def told(self, row: int, column: int) -> Iterator[list[Piece]]:
        """Walk over what two tasks are to each other, or what one is in the plan."""
        order, ws = self.matrix.order, self.ws
        task, other = order[row], order[column]
        if row == column:
            yield from self._told_of(task)
            return
        links = self.matrix.marks.get((task, other), ())
        names = {"task": show.name(ws, task), "other": show.name(ws, other)}
        for link in links:
            if link.kind == "needs":
                text = _("{task} needs {other}").format(**names)
                far = [(f" {lag(link.lag)}", "dim")] if link.lag else []
                done = [] if self._open(link) else [(f" {self._glyphs.done}", "done")]
                yield [(text, "strong"), *far, *done]
            else:
                text = _("{other} may send work back to {task}").format(**names)
                yield [(f"{self._glyphs.back} {text}", "back")]
                yield list(return_words.facts(ws, link, None, self._glyphs))
        if not links:
            yield [(self._apart(task, other), "plain")]
        block = self._block.get(row)
        if block is not None and block == self._block.get(column):
            first, last = self.matrix.blocks[block]
            text = _("Both hang together in a loop of {n} tasks.")
            yield [(text.format(n=last - first + 1), "dim")]

    def _apart(self, task: int, other: int) -> str:
        """Return how a task is built on another, where no arrow leads from one to the other."""
        for late, early in ((task, other), (other, task)):
            if way := self.matrix.way(early, late):
                names = {"task": show.name(self.ws, late), "other": show.name(self.ws, early)}
                if len(way) == 2:
                    return _("{task} needs {other}").format(**names)
                text = _("{task} needs {other} through {between}")
                return text.format(**names, between=self._listed(way[1:-1]))
        names = {"task": show.name(self.ws, task), "other": show.name(self.ws, other)}
        return _("Neither {task} nor {other} needs the other.").format(**names)

    def _told_of(self, task: int) -> Iterator[list[Piece]]:
        ws, glyphs = self.ws, self._glyphs
        found = ws.tasks[task]
        told: list[Piece] = [(show.name(ws, task), "strong"), (f" {glyphs.dot} ", "dim")]
        told.append((show.state_words(ws, found), show.state_style(ws, found)))
        if owner := show.owner(ws, found, glyphs):
            told.append((f" {glyphs.dot} {owner}", "plain"))
        for text, style in show.flags(ws, found, self._today, glyphs):
            told += [(f" {glyphs.dot} ", "dim"), (text, style)]
        yield told
        parts = [
            (_("needs {tasks}"), set(graph.predecessors(ws, task))),
            (_("needed by {tasks}"), set(graph.successors(ws, task))),
        ]
        said = [_("needs nothing")] * (not parts[0][1]) + [
            text.format(tasks=self._listed(sorted(tasks))) for text, tasks in parts if tasks
        ]
        yield [(f" {glyphs.dot} ".join(said), "plain")]
        block = self._block.get(self.matrix.place[task])
        if block is not None:
            first, last = self.matrix.blocks[block]
            inside = self.matrix.order[first : last + 1]
            text = _("In a loop of {n} tasks: {tasks}")
            yield [(text.format(n=len(inside), tasks=self._listed(inside)), "back")]

    def _listed(self, tasks: Sequence[int]) -> str:
        more = f" {self._glyphs.more}" if len(tasks) > _NAMED else ""
        return (", ".join(map(str, tasks[:_NAMED])) or "–") + more

    def tasks(self, row: int, column: int) -> tuple[int, ...]:
        """Return the task of the row, and that of the column."""
        order = self.matrix.order
        return tuple(dict.fromkeys((order[row], order[column])))

    def summary(self) -> str:
        """Return how many tasks hang together in loops, and how many arrows lead back."""
        place = self.matrix.place
        backs = sum(
            place[row] <= place[column]
            for (row, column), links in self.matrix.marks.items()
            if any(link.kind == "returns" for link in links)
        )
        tasks = ngettext("{n} task", "{n} tasks", self.size).format(n=number(self.size))
        arrows = ngettext("{n} return", "{n} returns", backs).format(n=number(backs))
        loops = len(self.matrix.blocks)
        if not loops:
            return f"{tasks}, {arrows}"
        inside = sum(last - first + 1 for first, last in self.matrix.blocks)
        text = ngettext(
            "{n} loop with {inside} of the tasks", "{n} loops with {inside} of the tasks", loops
        ).format(n=number(loops), inside=number(inside))
        return f"{tasks}, {arrows}, {text}"

    def legend(self) -> str:
        """Return what the signs mean."""
        text = _("{times} needs  {back} return  {shade} loop")
        return text.format(
            times=self._glyphs.times, back=self._glyphs.back, shade=frame(self._glyphs).shade
        )


class DepartmentSheet:
    """Departments against each other: what the one of the row handed to that of the column."""

    def __init__(self, ws: Workspace, tasks: Collection[int], today: date, glyphs: Glyphs) -> None:
        self.ws, self._today, self._glyphs = ws, today, glyphs
        self._exchanges = exchanges(ws, tasks, today)
        ends = {end for pair in self._exchanges for end in pair}
        self.departments = [lane for lane in lanes(ws) if lane in ends]
        # There may be thousands, of which few have to do with one another.
        at = {department: place for place, department in enumerate(self.departments)}
        texts = (self.cell(at[source], at[target])[0] for source, target in self._exchanges)
        # Short names have room in any case.
        self.width = 1 + max(_LEAST, *map(len, texts), 0)

    @property
    def size(self) -> int:
        """How many departments there are that exchange anything."""
        return len(self.departments)

    @cached_property
    def longest(self) -> int:
        """The cells that the name of a department takes at most."""
        return max((terminal_text.width(self._name(key)) for key in self.departments), default=0)

    def _name(self, key: int | None, cells: int = 0) -> str:
        return show.department(self.ws, key, cells) or _("(none)")

    def head(self, column: int) -> str:
        """Return the name of a department, its short one where that alone has room."""
        return terminal_text.cut(
            self._name(self.departments[column], self.width - 1),
            self.width - 1,
            ellipsis=self._glyphs.more,
        )

    def name(self, row: int, cells: int) -> list[Piece]:
        """Return the name of a department."""
        text = self._name(self.departments[row], cells)
        return [(terminal_text.fit(text, cells, ellipsis=self._glyphs.more), "strong")]

    def exchange(self, row: int, column: int) -> Exchange:
        """Return what one department handed to another."""
        pair = self.departments[row], self.departments[column]
        return self._exchanges.get(pair, Exchange())

    def cell(self, row: int, column: int) -> Piece:
        """Return how many hand-overs there were, the median wait, and how many returns."""
        found = self.exchange(row, column)
        parts = []
        if found.handed:
            wait = found.median_wait(self._today)
            days = "" if wait is None else " " + _("{n}d").format(n=number(wait, 0))
            parts.append(f"{len(found.handed)}{days}")
        if found.returns:
            parts.append(f"{self._glyphs.back}{len(found.returns)}")
        if not parts and found.arrows:
            return self._glyphs.dot, "dim"
        if not parts and row == column:
            return frame(self._glyphs).itself, "dim"
        return " ".join(parts), "back" if found.returns else "strong"

    def told(self, row: int, column: int) -> Iterator[list[Piece]]:
        """Walk over what two departments exchanged."""
        found = self.exchange(row, column)
        source, target = (self._name(self.departments[at]) for at in (row, column))
        yield [(f"{source} {self._glyphs.right} {target}", "strong")]
        if found.handed:
            yield list(self._handed(found))
        elif row != column and not found.arrows:
            yield [(_("Nothing goes from one to the other."), "dim")]
        elif row != column:
            text = ngettext(
                "Nothing was handed over yet; {n} arrow leads there.",
                "Nothing was handed over yet; {n} arrows lead there.",
                len(found.arrows),
            )
            yield [(text.format(n=len(found.arrows)), "dim")]
        if found.returns:
            text = ngettext(
                "{n} return took {days}", "{n} returns took {days} in all", len(found.returns)
            )
            days = ngettext("{n} day", "{n} days", found.return_days).format(n=found.return_days)
            text = text.format(n=len(found.returns), days=days)
            yield [(f"{self._glyphs.back} {text}", "back")]
        elif row == column:
            yield [(_("Nothing came back within the department."), "dim")]

    def _handed(self, found: Exchange) -> Iterator[Piece]:
        count = len(found.handed)
        yield (
            ngettext("{n} hand-over", "{n} hand-overs", count).format(n=count),
            "plain",
        )
        wait = found.median_wait(self._today)
        if wait is not None:
            text = ngettext(
                "begun after {n} day (median)",
                "begun after {n} days (median)",
                1 if wait == 1 else 2,
            )
            yield f" {self._glyphs.dot} {text.format(n=number(wait))}", "plain"
        if waiting := found.waiting:
            oldest = max(each.wait(self._today) for each in waiting)
            text = ngettext(
                "{count} not begun, the oldest for {n} day",
                "{count} not begun, the oldest for {n} days",
                oldest,
            )
            yield f" {self._glyphs.dot} {text.format(count=len(waiting), n=oldest)}", "warn"

    def tasks(self, row: int, column: int) -> tuple[int, ...]:
        """Return the tasks handed over or sent back, or that are to be."""
        return self.exchange(row, column).tasks

    def summary(self) -> str:
        """Return how much was handed over and sent back in all."""
        found = self._exchanges.values()
        handed = sum(len(each.handed) for each in found)
        backs = sum(len(each.returns) for each in found)
        return ", ".join(
            (
                ngettext("{n} hand-over", "{n} hand-overs", handed).format(n=number(handed)),
                ngettext("{n} return", "{n} returns", backs).format(n=number(backs)),
            )
        )

    def legend(self) -> str:
        """Return what the figures mean."""
        text = _("from row to column: count, median wait, {back} returns")
        return text.format(back=self._glyphs.back)


def page(sheet: Crossings) -> Iterator[list[Piece]]:
    """Walk over the lines of a whole matrix, with what its signs mean above it."""
    names = min(_LONGEST_NAME, sheet.longest)
    yield [(sheet.summary(), "strong"), ("  ", ""), (sheet.legend(), "dim")]
    heads = [(sheet.head(column).rjust(sheet.width), "dim") for column in range(sheet.size)]
    yield [(" " * names, ""), *heads]
    for row in range(sheet.size):
        line = sheet.name(row, names)
        found = [sheet.cell(row, column) for column in range(sheet.size)]
        while found and not found[-1][0]:
            found.pop()
        yield [*line, *((text.rjust(sheet.width), style) for text, style in found)]
