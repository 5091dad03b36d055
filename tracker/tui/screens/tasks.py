"""The table of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from textual.strip import Strip
from textual.widget import Widget

from tracker import plain
from tracker.domain import status
from tracker.domain.model import PRIORITIES, STATES, Task
from tracker.domain.workspace import Workspace
from tracker.language import N_, _
from tracker.tui import keys, show
from tracker.tui.screens.work import WorkScreen
from tracker.tui.show import Piece
from tracker.tui.widgets.rows import Rows, strip

_FAR = 10**9
# What gives way to the title where the line is short, in this order, and down to what width.
_GIVING_WAY = (("flags", 10), ("department", 14), ("assignee", 0), ("flags", 0), ("department", 8))

# What the table can be sorted by, each with the word for it; the number decides among equals.
_ORDERS: dict[str, Callable[[Workspace, Task], Any]] = {
    N_("number"): lambda ws, t: 0,  # noqa: ARG005
    N_("due"): lambda ws, t: t.due.toordinal() if t.due and t.open else _FAR,  # noqa: ARG005
    N_("state"): lambda ws, t: (STATES.index(t.state), status.blocked(ws, t)),
    N_("department"): lambda ws, t: (
        ws.departments[t.department].order if t.department else _FAR,
        t.department or 0,
    ),
    N_("priority"): lambda ws, t: -PRIORITIES.index(t.priority),  # noqa: ARG005
}


class Heading(Widget):
    """The names of the table's columns."""

    DEFAULT_CSS = "Heading { height: 1; }"

    def __init__(self, table: TasksScreen) -> None:
        super().__init__()
        self._table = table

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Paint the line."""
        return strip(self._table.heading(self.size.width), self.size.width)


class TasksScreen(WorkScreen):
    """All tasks, a line each, in an order of one's own."""

    BINDINGS = keys.bindings("tasks")
    VIEW = N_("[3 Tasks]")
    KEYS_OF = ("work", "tasks")

    DEFAULT_CSS = """
    TasksScreen #empty { width: 100%; height: 1fr; content-align: center middle; }
    TasksScreen Rows.-empty { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._order = next(iter(_ORDERS))
        self._widest: dict[str, int] = {}

    def compose_view(self) -> Iterable[Widget]:
        """Make heading and rows."""
        yield Heading(self)
        yield Rows(self._paint)

    @property
    def rows(self) -> Rows:
        """The list of rows."""
        return self.query_one(Rows)

    @property
    def focused_task(self) -> int | None:
        """The task under the cursor."""
        return self.rows.row

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks from the top."""
        return self.rows.rows

    def take_keys(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    def show_workspace(self, workspace: Workspace) -> None:
        """Show the tasks in their order, the cursor kept on its task."""
        by = _ORDERS[self._order]
        tasks = workspace.tasks.values()
        if self._order == "number":
            order = [task.id for task in tasks]
        else:
            order = [t.id for t in sorted(tasks, key=lambda task: (by(workspace, task), task.id))]
        self._widest = self._measure()
        self.rows.show(order)
        self.query_one(Heading).refresh()

    def focus_task(self, task: int) -> bool:
        """Put the cursor on a task."""
        return self.rows.go_to(task)

    def show_marks(self) -> None:
        """Paint marks and hits."""
        self.rows.refresh()

    def action_move(self, direction: str) -> None:
        """Move the cursor."""
        step = {"up": -1, "down": 1}.get(direction)
        if step:
            self.rows.step(step)

    def action_first(self) -> None:
        """Go to the first row."""
        self.rows.go(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.rows.go(len(self.rows.rows) - 1)

    def action_half_page(self, direction: int) -> None:
        """Move by half a page."""
        self.rows.half_page(direction)

    def action_sort(self) -> None:
        """Sort by the next column."""
        names = list(_ORDERS)
        self._order = names[(names.index(self._order) + 1) % len(names)]
        self.show_workspace(self.workspace)
        self.tell(_("Sorted by {column}.").format(column=_(self._order)))

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Open a task by mouse."""
        event.stop()
        self.action_open()

    def heading(self, cells: int) -> list[Piece]:
        """Return the names of the columns; the one sorted by is marked."""
        names = {
            "number": "#",
            "state": _("State"),
            "priority": "",
            "title": _("Task"),
            "department": _("Department"),
            "assignee": _("Who"),
            "due": _("Due"),
            "flags": _("To be noticed"),
        }
        pieces: list[Piece] = [("  ", "dim")]
        for column, width in self._columns(cells):
            name = names[column]
            style = "key" if column == self._order else "dim"
            name = plain.fit(name, width) if column != "number" else name.rjust(width)
            pieces += [(name, style), (" ", "")]
        return pieces

    def _columns(self, cells: int) -> list[tuple[str, int]]:
        """Return the columns that have room, with their widths; the title takes what is left.

        What tells least gives way first, until the title has two fifths of the line.
        """
        columns = {
            "number": max(3, len(str(self.workspace.last_ids["tasks"]))),
            "state": max(len(show.word(state)) for state in STATES) + 3,
            "priority": 2,
            "title": 0,
            "department": self._widest.get("department", 0),
            "assignee": self._widest.get("assignee", 0),
            "due": self._widest.get("due", 0),
            "flags": self._widest.get("flags", 0),
        }
        columns = {name: width for name, width in columns.items() if width or name == "title"}
        for name, least in _GIVING_WAY:
            over = 2 * cells // 5 - (cells - 2 - sum(columns.values()) - len(columns))
            if over > 0 and name in columns:
                columns[name] = max(least, columns[name] - over)
                if not columns[name]:
                    del columns[name]
        left = cells - 2 - sum(columns.values()) - len(columns)
        return [(name, width or max(left, 5)) for name, width in columns.items()]

    def _measure(self) -> dict[str, int]:
        """Return the widths that the columns would like, within reason."""
        ws, today = self.workspace, self.today
        late = [task for task in ws.tasks.values() if status.late(task, today)]
        latest = min(late, key=lambda task: task.due or today, default=None)
        due = [show.due_words(latest, today)] if latest else []
        names = [show.department(ws, key) for key in ws.departments]
        people = [show.person(ws, key) for key in ws.people]
        if any(task.due for task in ws.tasks.values()):
            due.append(show.day_words(today + timedelta(days=400), today))
        return {
            "department": min(24, max((plain.width(name) for name in names), default=0)),
            "assignee": min(14, max((plain.width(name) for name in people), default=0)),
            "due": max(map(plain.width, due), default=0),
            "flags": 26,
        }

    def _paint(self, row: int, cells: int) -> list[Piece]:
        ws = self.workspace
        task = ws.tasks[row]
        style = show.state_style(ws, task)
        pieces: list[Piece] = [self._mark(row), (" ", "")]
        for column, width in self._columns(cells):
            if column == "flags":
                pieces += self._flag_pieces(task, width)
                continue
            text, look = self._cell(task, column, style)
            text = text.rjust(width) if column == "number" else plain.fit(text, width)
            pieces += [(text, look), (" ", "")]
        return pieces

    def _mark(self, row: int) -> Piece:
        if row in self.marked:
            return self.tracker.glyphs.mark, "key"
        return (self.tracker.glyphs.news, "warn") if row in self.news else (" ", "")

    def _cell(self, task: Task, column: str, style: str) -> tuple[str, str]:
        ws = self.workspace
        if column == "number":
            return str(task.id), "dim"
        if column == "state":
            sign = show.glyph(task.state, self.tracker.glyphs)
            return f"{sign} {show.state_words(ws, task)}", style
        if column == "priority":
            return show.priority_sign(task.priority, self.tracker.glyphs), "warn"
        if column == "title":
            return show.text(task.title), "hit" if task.id in self.hits else (
                "dim" if not task.open else "plain"
            )
        if column == "department":
            return show.department(ws, task.department), "plain"
        if column == "assignee":
            return show.person(ws, task.assignee), "plain"
        late = status.late(task, self.today)
        return (show.due_words(task, self.today) if task.open else ""), "alarm" if late else "plain"

    def _flag_pieces(self, task: Task, width: int) -> list[Piece]:
        pieces: list[Piece] = []
        found = [
            flag
            for flag in show.flags(self.workspace, task, self.today, self.tracker.glyphs)
            if flag[0] != f"{self.tracker.glyphs.alarm}{show.due_words(task, self.today)}"
        ]
        if task.state == "waiting" and task.waiting_for:
            found.append((show.text(task.waiting_for), "waiting"))
        for text, style in found:
            if width <= 0:
                break
            shown = plain.cut(text, width)
            pieces += [(shown, style), (" ", "")]
            width -= plain.width(shown) + 1
        return pieces
