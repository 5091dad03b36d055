"""The table of tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec.structs import replace
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.model import STATES, Task
from tracker.domain.typing.filters import Query
from tracker.domain.workspace import Workspace
from tracker.language import N_, _
from tracker.tui import keys
from tracker.tui.table.arrangement import GROUPS, SORTS, Arrangement, RowGroup, arranged, task_of
from tracker.tui.task.beside import BesideScreen
from tracker.tui.view.frame import HeadLine
from tracker.tui.view.listing import Listing
from tracker.tui.widgets.rows import Heading, Rows
from tracker.wording import change_words, show
from tracker.wording.field_texts import label
from tracker.wording.figures import day_words, percent
from tracker.wording.forecast_words import task_end
from tracker.wording.show import Piece

# The columns that share what the others leave, with what each is to have at least, and in which
# order they go where there is not even that.
_LEAST = {"title": 18, "department": 5, "assignee": 8, "flags": 6}
_GOING = ("p80", "flags", "department", "assignee", "due")
# What these may ask for above their least while others are cut; they get the rest.
_MODEST = {"title": 20, "flags": 10}
# No column but the title is wider, whatever is in it.
_WIDEST = 40

# The columns that tasks can be sorted by, by their fields.
_COLUMN_OF = {"id": "number", **{field: field for field in SORTS if field != "id"}}


class TasksScreen(BesideScreen, Listing):
    """All tasks, a line each, in an order of one's own."""

    BINDINGS = keys.bindings("tasks")
    VIEW = "tasks"
    KEYS_OF = ("work", "tasks")
    KEYS_FOR_HITS = N_(
        "{at}/{n} hits · {key:find_next} {key:find_back} next/previous · {key:only} only these"
        " · {key:escape} clears"
    )

    DEFAULT_CSS = """
    TasksScreen #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
    TasksScreen.-empty #empty { display: block; }
    TasksScreen.-empty Horizontal { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._how = Arrangement()
        self._groups: list[RowGroup] = []
        # What the rows are limited to.
        self._only: Query | None = None
        # What is shown alone, as it was typed.
        self._typed = ""
        self._needed: dict[str, int] = {}
        self._columns: dict[str, int] = {}
        self._planned_for = 0
        # The width of the department where all short names are used.
        self._shortest = 0
        self._cells: dict[str, int] = {}

    def compose_view(self) -> Iterable[Widget]:
        """Make heading and rows."""
        self._how = Arrangement.recalled(self.host.recalled("table"))
        rows = Rows(self._paint, passes=lambda row: row < 0)
        yield Horizontal(Vertical(Heading(self.heading), rows))
        yield Static(id="empty", markup=False)

    @property
    def focused_task(self) -> int | None:
        """The task under the cursor."""
        row = self.rows.row
        return task_of(row) if row is not None and row > 0 else None

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks from the top."""
        return dict.fromkeys(task_of(row) for row in self.rows.rows if row > 0)

    @property
    def reading_order(self) -> Iterable[int]:
        """The tasks shown, as long as they are not all by choice."""
        return super().reading_order if self._only is None else self.shown_tasks

    def take_keys(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    def show_workspace(self, workspace: Workspace) -> None:
        """Show the tasks in their order, the cursor kept on its task."""
        tasks = list(self.in_scope.values())
        if self._only is not None:
            tasks = list(filter(self._only.over(workspace), tasks))
        self.set_class(not tasks, "-empty")
        if not tasks:
            words = _("No task matches.\n\n{key:escape} shows all.")
            if self._only is None:
                words = self.no_tasks
            self.query_one("#empty", Static).update(keys.named(words))
        self._needed = self._measure(tasks)
        self._planned_for = 0
        rows, self._groups = arranged(workspace, tasks, self._how, self._days_of_ends())
        self.rows.show(rows)
        self.query_one(Heading).refresh()

    def focus_task(self, task: int) -> bool:
        """Put the cursor on a task; where only some tasks are shown and not this, show all."""
        rows = self.rows.rows
        if self._only is not None and task in self.workspace.tasks and task not in rows:
            self._limit(None)
        # Where it is in several groups, the cursor stays in the one it is in.
        return self.focused_task == task or self.rows.go_to(task)

    def put_in_order(self, how: Arrangement) -> None:
        """Arrange the rows in another way, and say how; remembered until the next run."""
        self._how = how
        self.host.remember(table=how)
        self.show_workspace(self.workspace)
        column, group = (
            "P80" if how.sort == "p80" else label(how.sort),
            how.group and label(how.group),
        )
        if how.backwards:
            told = _("Sorted by {column}, reversed.").format(column=column)
        else:
            told = keys.named(_("Sorted by {column}; {key:reverse} reverses."), column=column)
        if group:
            words = _("Grouped by {group}; {key:group} groups by the next column.")
            told = f"{keys.named(words, group=group)} {told}"
        self.tell(told)

    @property
    def arrangement(self) -> Arrangement:
        """How the rows are arranged."""
        return self._how

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.put_in_order(replace(self._how, sort=_behind(SORTS, self._how.sort), backwards=False))

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.put_in_order(replace(self._how, backwards=not self._how.backwards))

    def action_group(self) -> None:
        """Group by the next column, in the end by none."""
        self.put_in_order(replace(self._how, group=_behind(GROUPS, self._how.group)))

    def action_only(self) -> None:
        """Show only the hits, or all tasks again."""
        if self._only is not None:
            self._limit(None)
        elif self.search.found is None or not self.search.hits:
            self.tell(keys.named(_("No search yet; {key:find} finds tasks.")), "warn")
        else:
            self._limit(self.search.found, self.search.text.strip())

    @property
    def filter_text(self) -> str:
        """What is looked for or shown alone, to be saved."""
        return self.search.text or self._typed

    def keep(self, found: Query | None, typed: str = "") -> None:
        """Show only what a filter finds, or all; the view is named by it as it was typed."""
        self.search.forget()
        self._limit(found, typed)
        if found is not None and (words := found.guessed(self.workspace)):
            self.tell(change_words.guessed(words), "warn")

    def _limit(self, only: Query | None, typed: str = "") -> None:
        self._only = only
        self._typed = (typed or str(only)) if only is not None else ""
        self.show_workspace(self.workspace)
        self.query_one(HeadLine).view = self.named(show.text(self._typed))

    def searched(self) -> Iterable[int]:
        """All tasks, in the order of the rows where they are shown."""
        shown = tuple(self.shown_tasks)
        return shown if self._only is None else (*shown, *(self.in_scope.keys() - set(shown)))

    def action_back(self) -> None:
        """Show all tasks again, then what ends on every view."""
        if self._only is not None:
            self._limit(None)
        else:
            super().action_back()

    def heading(self, cells: int) -> list[Piece]:
        """Return the names of the columns; the one sorted by is marked."""
        names = {
            "number": "#",
            "state": _("State"),
            "priority": self.host.glyphs.high,
            "title": _("Task"),
            "department": _("Department"),
            "assignee": _("Who"),
            "due": _("Due"),
            "p80": _("P80, due met"),
            "flags": _("Remarks"),
        }
        glyphs = self.host.glyphs
        pieces: list[Piece] = [("  ", "dim")]
        for column, width in self._plan(cells - 1).items():
            name, style = names[column], "heading"
            if column == _COLUMN_OF.get(self._how.sort):
                sign = glyphs.descending if self._how.backwards else glyphs.ascending
                name, style = f"{terminal_text.cut(name, max(1, width - 1))}{sign}", "key"
            name = name.rjust(width) if column == "number" else terminal_text.fit(name, width)
            pieces += [(name, style), (" ", "")]
        return pieces

    def _plan(self, cells: int) -> dict[str, int]:
        """Return the columns that have room, with their widths.

        Where all have what they need nothing is cut; else each gives up the same part of what it
        has above its least, and where even that is too much some go.
        """
        if self._planned_for != cells:
            self._planned_for, self._columns = cells, _shared(self._needed, cells - 2)
            if self._columns.get("department", 0) < self._needed["department"]:
                short = {**self._needed, "department": self._shortest}
                self._columns = _shared(short, cells - 2)
        return self._columns

    def _measure(self, tasks: Iterable[Task]) -> dict[str, int]:
        """Return the widths that the columns need to cut nothing; no column needs 0."""
        ws, today = self.workspace, self.today
        states = [*map(show.word, STATES), _("blocked"), _("ready")]
        late = [task for task in tasks if status.late(task, today)]
        due = [show.due_words(min(late, key=lambda t: t.due or today), today)] if late else []
        if any(task.due and task.open for task in tasks):
            # A day of two digits in any month of another year.
            due += (day_words(date(today.year + 2, month, 28), today) for month in range(1, 13))
        departments = {task.department for task in tasks}
        people = {task.assignee for task in tasks}
        self._shortest = _widest(show.department(ws, key, 1) for key in departments)
        flags = [show.text(task.waiting_for) for task in tasks if task.state == "waiting"]
        flags += [
            show.stuck_words([system]) for system in ws.systems.values() if system.state == "down"
        ]
        over, glyphs = _("over the limit"), self.host.glyphs
        flags += [
            f"{over} {show.rework_count(ws, task, glyphs)}"
            for task in tasks
            if task.pass_number > 1
        ]
        return {
            "number": max(3, len(str(ws.last_ids["tasks"]))),
            "state": 2 + max(map(terminal_text.width, states)),
            "priority": 2,
            "title": max(map(self._title_cells, tasks), default=0),
            "department": _widest(show.department(ws, key) for key in departments),
            "assignee": _widest(show.person(ws, key) for key in people),
            "due": _widest(due),
            "p80": self._p80_cells(),
            "flags": _widest(flags),
        }

    def _p80_cells(self) -> int:
        """Return the width of the dates to come; none until these are known."""
        ends = self.outlook.ends if self.outlook else {}
        if not ends:
            return 0
        due = any(end.due_chance is not None for end in ends.values())
        days = [day_words(date(self.today.year + 2, at, 28), self.today) for at in range(1, 13)]
        days += [day_words(self.today, self.today)]
        widest = _widest(days) + (terminal_text.width(percent(1.0)) + 1 if due else 0)
        return max(widest, terminal_text.width(_("P80, due met")))

    def show_outlook(self) -> None:
        """Show the dates of the tasks once they are known."""
        super().show_outlook()
        if self._how.sort == "p80":
            self.show_workspace(self.workspace)
        cells = self._p80_cells()
        if cells or self._needed.get("p80"):
            self._needed["p80"] = cells
            self._planned_for = 0
            self.rows.refresh()
            self.query_one(Heading).refresh()

    def _days_of_ends(self) -> dict[int, date]:
        """Return by when open tasks are over, as far as that is known."""
        ends, tasks = self.outlook.ends if self.outlook else {}, self.workspace.tasks
        return {key: end.day for key, end in ends.items() if key in tasks and tasks[key].open}

    def _title_cells(self, task: Task) -> int:
        """Return the width of a title, which is asked for at each change of the plan."""
        title = task.title
        if title.isascii():
            return len(title)
        if title not in self._cells:
            self._cells[title] = terminal_text.width(show.text(title))
        return self._cells[title]

    def _paint(self, row: int, _cells: int) -> list[Piece]:
        if row < 0:
            name, count = self._groups[-row - 1]
            room = self.query_one(Heading).size.width - 4 - len(str(count))
            name = terminal_text.cut(show.text(name), max(room, 1))
            return [(name, "heading"), (f"  {count}", "dim")]
        ws = self.workspace
        task = ws.tasks[task_of(row)]
        style = show.state_style(ws, task)
        pieces: list[Piece] = [self._mark(task.id), (" ", "")]
        for column, width in self._plan(self.query_one(Heading).size.width - 1).items():
            if column == "flags":
                pieces += self._flag_pieces(task, width)
                continue
            text, look = self._cell(task, column, style, width)
            shown = terminal_text.cut(text, width)
            gap = " " * (width - terminal_text.width(shown))
            if column == "number":
                pieces.append((gap + shown, look))
            else:
                pieces += [(shown, look), (gap, "" if look == "hit" else look)]
            pieces.append((" ", ""))
        return pieces

    def _mark(self, row: int) -> Piece:
        if row in self.marked:
            return self.host.glyphs.mark, "key"
        return (self.host.glyphs.news, "warn") if row in self.news else (" ", "")

    def _cell(self, task: Task, column: str, style: str, width: int) -> Piece:
        ws = self.workspace
        if column == "number":
            return str(task.id), "dim"
        if column == "state":
            sign = show.sign(ws, task, self.host.glyphs)
            return f"{sign} {show.state_words(ws, task)}", style
        if column == "priority":
            return show.priority_sign(task.priority, self.host.glyphs), "warn"
        if column == "title":
            hit = self._only is None and task.id in self.search.hits
            return show.text(task.title), "hit" if hit else "plain" if task.open else "dim"
        if column == "department":
            return show.department(ws, task.department, width), "plain"
        if column == "assignee":
            return show.person(ws, task.assignee), "plain"
        if column == "p80":
            found = self.outlook
            end = found.ends.get(task.id) if found and task.open else None
            if found is None or end is None:
                return "", "plain"
            told, look = task_end(end, self.today)
            return told, look if found.about.workspace is ws else "dim"
        late = status.late(task, self.today)
        return (show.due_words(task, self.today) if task.open else ""), "alarm" if late else "plain"

    def _flag_pieces(self, task: Task, width: int) -> list[Piece]:
        pieces: list[Piece] = []
        found = [
            flag
            for flag in show.flags(self.workspace, task, self.today, self.host.glyphs)
            if flag[0] != f"{self.host.glyphs.alarm}{show.due_words(task, self.today)}"
        ]
        if task.state == "waiting" and task.waiting_for:
            found.append((show.text(task.waiting_for), "waiting"))
        for text, style in found:
            if width <= 0:
                break
            shown = terminal_text.cut(text, width)
            pieces += [(shown, style), (" ", "")]
            width -= terminal_text.width(shown) + 1
        return pieces


def _behind(fields: Sequence[str], field: str) -> str:
    """Return the field behind another one, the first behind the last and behind any other."""
    return fields[(fields.index(field) + 1) % len(fields)] if field in fields else fields[0]


def _widest(texts: Iterable[str]) -> int:
    return min(_WIDEST, max(map(terminal_text.width, texts), default=0))


def _shared(needed: dict[str, int], cells: int) -> dict[str, int]:
    """Share a line of so many cells among columns, each with a blank behind it."""
    columns = {name: need for name, need in needed.items() if need}
    for going in ("", *_GOING):
        columns.pop(going, None)
        least = {name: min(need, _LEAST.get(name, need)) for name, need in columns.items()}
        spare = cells - sum(least.values()) - len(columns)
        if spare >= 0:
            break
    above = {
        name: min(need - least[name], _MODEST.get(name, need)) for name, need in columns.items()
    }
    wanted = max(sum(above.values()), 1)
    part = min(1.0, max(spare, 0) / wanted)
    shared = {name: least[name] + int(more * part) for name, more in above.items()}
    for name in ("title", "assignee", "flags"):
        rest = spare + sum(least.values()) - sum(shared.values())
        if name in shared and rest > 0:
            shared[name] = min(columns[name], shared[name] + rest)
    return shared
