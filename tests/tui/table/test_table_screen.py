"""The table of tasks: its columns, its order, what is found in it, and commands typed there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.builders import TODAY, plan
from tests.tui.stage import shown, typed
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department, Person, System, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.table.arrangement import Arrangement, arranged, task_of
from tracker.tui.table.screen import TasksScreen, _shared
from tracker.tui.text.styles import STYLES
from tracker.tui.view.frame import HeadLine, StatusLine
from tracker.tui.view.view import View
from tracker.tui.widgets.rows import Heading, Rows

NAMES = (
    Department(id=1, name="Netz und Infrastruktur", short="NET"),
    Person(id=1, login="k.schlueter"),
    System(id=1, name="ERP-DB", state="down"),
)


class Table:
    """The app on its table, and what can be read there."""

    def __init__(self, app: TrackerApp, pilot: Pilot[str]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def view(self) -> TasksScreen:
        found = self.app.screen
        assert isinstance(found, TasksScreen)
        return found

    @property
    def rows(self) -> list[int]:
        return list(self.view.rows.rows)

    @property
    def text(self) -> str:
        return shown(self.view.query_one(Rows))

    @property
    def heading(self) -> str:
        return shown(self.view.query_one(Heading))

    @property
    def head(self) -> str:
        return shown(self.view.query_one(HeadLine))

    @property
    def told(self) -> str:
        view = next(
            screen for screen in reversed(self.app.screen_stack) if isinstance(screen, View)
        )
        message = view.query_one(StatusLine).message
        return message[0] if message else ""

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, sign: str, text: str) -> None:
        await self.press(sign)
        await typed(self.pilot, text)
        await self.press("enter")


Show = Callable[..., AbstractAsyncContextManager[Table]]


@pytest.fixture
def table(tmp_path: Path) -> Show:
    """Give a context that shows a workspace in the table."""

    @asynccontextmanager
    async def shown_as(ws: Workspace, size: tuple[int, int] = (100, 24)) -> AsyncIterator[Table]:
        session = Session.open(tmp_path / "plan.json", who="k.brandt", today=TODAY)
        births = tuple(Edit(None, entity) for entity in ws.entities())
        session.do(lambda _ws, _now: Change(sentence("Begun"), births))
        app = TrackerApp(session)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await pilot.press("3")
            await pilot.pause()
            yield Table(app, pilot)
        session.close()

    return shown_as


def _plan() -> Workspace:
    ws = plan(
        tasks=40,
        titles=("Lasttest", "Freigabe durch die Informationssicherheit", "Umzug"),
        extra=NAMES,
        department=1,
        assignee=1,
        due=TODAY,
    )
    waits = replace(ws.tasks[3], state="waiting", waiting_for="Angebot von Dell", priority="high")
    stuck = replace(ws.tasks[1], systems=(1,))
    edits = (Edit(ws.tasks[3], waits), Edit(ws.tasks[1], stuck))
    return ws.apply(Change(sentence("x"), edits))


# Columns


@pytest.mark.parametrize("width", [80, 100, 120, 160])
async def test_who_and_what_is_to_be_noticed_are_seen_from_80_columns_on(
    table: Show, width: int
) -> None:
    async with table(_plan(), (width, 24)) as at:
        assert "k.schlu" in at.text
        assert "!stuck" in at.text
        assert "NET" in at.text or "Netz und Infrastruktur" in at.text


@pytest.mark.parametrize("width", [60, 80, 120, 160])
async def test_names_stand_over_their_columns(table: Show, width: int) -> None:
    async with table(_plan(), (width, 24)) as at:
        first = at.text.splitlines()[0]
        for name, value in (("State", "○"), ("Task", "Lasttest"), ("Who", "k.sch"), ("Due", "tod")):
            assert at.heading.index(name) == first.index(value), (name, first)


async def test_where_there_is_room_nothing_is_cut(table: Show) -> None:
    async with table(_plan(), (160, 24)) as at:
        assert "…" not in at.text
        assert "Freigabe durch die Informationssicherheit Netz und Infrastruktur" in at.text


@pytest.mark.parametrize("due", [date(2028, 11, 27), date(2031, 9, 30), date(2028, 5, 1)])
async def test_the_year_of_a_date_of_another_year_is_seen(table: Show, due: date) -> None:
    async with table(plan(tasks=1, due=due), (120, 24)) as at:
        assert str(due.year) in at.text


@given(
    st.integers(40, 250),
    st.integers(0, 200),
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_columns_share_the_line(
    cells: int, title: int, department: int, who: int, flags: int
) -> None:
    needed = {"number": 3, "state": 11, "priority": 2, "title": title, "department": department}
    needed |= {"assignee": who, "due": 16, "flags": flags}
    found = _shared(needed, cells)
    assert sum(found.values()) + len(found) <= cells
    assert all(0 < width <= needed[name] for name, width in found.items())
    if sum(needed.values()) + len(needed) <= cells:
        assert found == {name: width for name, width in needed.items() if width}
    if cells >= 78:
        assert bool(who) == ("assignee" in found)


async def test_an_empty_table_says_how_to_begin(table: Show) -> None:
    async with table(Workspace()) as at:
        assert "a adds one" in str(at.view.query_one("#empty").render())


# Order


async def test_the_order_can_be_chosen_and_turned_round(table: Show) -> None:
    day = TODAY.replace(day=25)
    ws = plan(tasks=3)
    dated = [Edit(ws.tasks[n], replace(ws.tasks[n], due=due)) for n, due in ((1, day), (3, TODAY))]
    async with table(ws.apply(Change(sentence("x"), tuple(dated)))) as at:
        await at.press("V")
        assert at.rows == [3, 2, 1]
        assert "#↑" in at.heading
        await at.press("v")
        assert at.rows == [3, 1, 2]
        assert "Sorted by Due; V reverses." in at.told
        await at.press("V")
        assert at.rows == [1, 3, 2], "what has no date comes last either way"
        assert "Sorted by Due, reversed." in at.told


# Groups


def _offices() -> Workspace:
    """Return tasks of three departments, one of them in two systems."""
    ws = plan(
        tasks=7,
        extra=(
            Department(id=1, name="Öffentlichkeit", order=2),
            Department(id=2, name="Netz", order=1),
            Person(id=1, login="zoe"),
            Person(id=2, login="Özlem"),
            System(id=1, name="ERP"),
            System(id=2, name="DWH"),
        ),
        department=1,
    )
    new: dict[int, dict[str, Any]] = {
        2: {"department": 2, "assignee": 1},
        3: {"department": 2, "assignee": 2, "systems": (1, 2)},
        4: {"department": None},
    }
    edits = (Edit(ws.tasks[at], replace(ws.tasks[at], **fields)) for at, fields in new.items())
    return ws.apply(Change(sentence("x"), tuple(edits)))


def tasks_of(at: Table) -> list[int]:
    return [task_of(row) for row in at.rows if row > 0]


async def test_tasks_are_grouped_under_headings_with_counts(table: Show) -> None:
    async with table(_offices()) as at:
        await at.press("z")
        heads = [line.split() for line in at.text.splitlines() if line[:1].strip()]
        assert heads == [["Netz", "2"], ["Öffentlichkeit", "4"], ["–", "1"]]
        assert tasks_of(at) == [2, 3, 1, 5, 6, 7, 4]
        assert "Grouped by Department; z groups by the next column." in at.told
        assert at.view.focused_task == 1, "the cursor stays on its task"
        await at.press("home")
        assert at.view.focused_task == 2, "and never stands on a heading"
        for key, task in (("k", 2), ("j", 3), ("j", 1), ("G", 4)):
            await at.press(key)
            assert at.view.focused_task == task
        await at.press("d")
        await at.pilot.pause()
        assert at.app.workspace.tasks[4].state == "done"
        await at.press("z")
        assert [line.split()[0] for line in at.text.splitlines() if line[:1].strip()] == [
            *("Özlem", "zoe", "–")
        ], "people by name as dictionaries sort them"


async def test_a_task_in_two_groups_has_a_row_in_each(table: Show) -> None:
    async with table(_offices()) as at:
        await at.type(":", "group systems")
        assert [line.split() for line in at.text.splitlines() if line[:1].strip()] == [
            *(["DWH", "1"], ["ERP", "1"], ["–", "6"])
        ]
        assert tasks_of(at) == [3, 3, 1, 2, 4, 5, 6, 7]
        await at.press("home", "j")
        assert at.view.focused_task == 3
        row = at.view.rows.row
        await at.press("p")
        await at.pilot.pause()
        assert at.view.rows.row == row, "the cursor stays in its group"
        assert list(at.view.shown_tasks) == [3, 1, 2, 4, 5, 6, 7]
        await at.type("/", "c")
        assert at.view.focused_task == 3


async def test_order_and_groups_are_chosen_by_any_field_and_kept(
    table: Show,
) -> None:
    async with table(_offices()) as at:
        await at.type(":", "list --by abteilung --sort title --reverse id:1,2,3")
        await at.pilot.pause()
        assert tasks_of(at) == [3, 2, 1]
        await at.type(":", "sort created")
        assert "Sorted by Created" in at.told
        await at.type(":", "group xyzzy")
        assert "There is no field xyzzy; choose from" in at.told
        await at.press("escape")
        await at.type(":", "gruppieren phase")
        assert at.view.arrangement.group == "phase"
        await at.type(":", "sort titl")
        assert "did you mean title?" in at.told
        await at.press("escape")
        app = TrackerApp(at.app.session)
        async with app.run_test(size=(100, 24)) as pilot:
            await pilot.press("3")
            await pilot.pause()
            assert isinstance(app.screen, TasksScreen)
            assert app.screen.arrangement == at.view.arrangement
    assert Arrangement.recalled({"sort": "nonsense"}) == Arrangement()
    assert Arrangement.recalled({"sort": 7}) == Arrangement()
    assert Arrangement.recalled(None) == Arrangement()


async def test_fields_to_group_by_are_completed(table: Show) -> None:
    async with table(_offices()) as at:
        line = at.view._command_line
        assert line.suggest("group dep", 9) == ["dept"]
        assert set(line.suggest("sort ", 5)) > set(line.suggest("group p", 7))
        await at.type(":", "group state")
        assert at.view.arrangement.group == "state"
        await at.type(":", "group nothing")
        assert at.view.arrangement.group == ""


# Finding


async def test_hits_are_counted_and_gone_through(table: Show) -> None:
    async with table(plan(tasks=5, titles=("Test", "x", "Lasttest", "y", "Test 2"))) as at:
        await at.type("slash", "test")
        assert at.told.startswith("1/3 hits")
        await at.press("n")
        assert at.told.startswith("2/3 hits")
        assert at.view.focused_task == 3
        await at.press("N", "N")
        assert at.told.startswith("3/3 hits")
        await at.press("escape")
        assert at.view.search.hits == ()


def test_hits_are_seen_without_colours() -> None:
    assert STYLES["hit"].reverse


async def test_the_view_is_named_by_its_filter_as_it_was_typed(table: Show) -> None:
    async with table(plan(tasks=2, titles=("Test", "x"))) as at:
        await at.type("slash", "STATUS:offen")
        await at.press("f")
        assert "[3 Table: STATUS:offen]" in at.head
        await at.type(":", "list prio:mittel")
        assert "[3 Table: prio:mittel]" in at.head


async def test_only_the_hits_are_shown_until_that_is_ended(table: Show) -> None:
    async with table(plan(tasks=5, titles=("Test", "x", "Lasttest", "y", "Test 2"))) as at:
        await at.press("f")
        assert "/ finds tasks" in at.told
        await at.type("slash", "test")
        await at.press("f")
        assert at.rows == [1, 3, 5]
        assert "[3 Table: test]" in at.head
        await at.press("d")
        assert at.rows == [1, 3, 5]
        await at.type("slash", "y")
        assert at.rows == [1, 2, 3, 4, 5], "a hit that is not shown ends it"
        assert at.view.focused_task == 4
        await at.press("f", "f")
        assert at.rows == [1, 2, 3, 4, 5]
        assert "[3 Table]" in at.head


async def test_a_search_without_hits_leaves_the_cursor_where_it_was(table: Show) -> None:
    async with table(_plan()) as at:
        await at.press("j")
        here = at.view.focused_task
        await at.press("slash")
        await typed(at.pilot, "test")
        assert at.view.focused_task != here
        await typed(at.pilot, "zzz")
        assert at.view.focused_task == here
        await at.press("enter")
        assert "Nothing matches" in at.told
        assert at.view.focused_task == here
        await at.press("n")
        assert "Nothing matches" in at.told
        await at.press("slash")
        await typed(at.pilot, "test")
        await at.press("escape")
        assert at.view.focused_task == here


async def test_a_name_nobody_goes_by_is_told(table: Show) -> None:
    async with table(_plan()) as at:
        await at.type("slash", "sys:erpdb")
        assert at.told == "“erpdb” is not known here. Did you mean ERP-DB?"
        await at.type("slash", "who:xyz")
        assert at.told == "“xyz” is not known here."
        await at.type("slash", "qqq")
        assert at.told == "Nothing matches qqq."
        await at.type("slash", "@Netz und Infrastruktur")
        assert "/40 hits" in at.told


# Commands


async def test_list_and_show_are_views(table: Show) -> None:
    async with table(_plan()) as at:
        await at.press("2")
        await at.type("colon", "list state:waiting")
        await at.pilot.pause()
        assert at.rows == [3]
        await at.press("escape")
        assert len(at.rows) == 40
        await at.type("colon", "list state:nonsense")
        assert "is not a state" in at.told
        await at.press("escape")
        await at.type("colon", "list title:zzz")
        await at.pilot.pause()
        assert "No task matches." in str(at.view.query_one("#empty").render())
        await at.type("colon", "list")
        await at.pilot.pause()
        assert len(at.rows) == 40
        await at.type("colon", "show 3")
        assert not isinstance(at.app.screen, TasksScreen)
        await at.press("q")
        await at.type("colon", "show 99")
        assert "There is no task 99" in at.told


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("check", "That is a shell command: q quits, then run `tracker check`."),
        ("nonsense", "There is no command nonsense."),
        ("show x", "x is not a task number."),
        ("show 3,5", "3,5 is not a task number."),
    ],
)
async def test_what_the_screen_cannot_do_is_told(table: Show, text: str, answer: str) -> None:
    async with table(_plan()) as at:
        await at.type("colon", text)
        assert answer in at.told


# Keys


async def test_the_new_priority_is_told(table: Show) -> None:
    async with table(plan(tasks=2)) as at:
        await at.press("p")
        assert at.told == "1 A: priority high"
        await at.press("M", "j", "M", "p")
        assert at.told == "2 tasks: priority critical"


async def test_escape_never_leaves_the_program_but_says_what_does(table: Show) -> None:
    async with table(plan(tasks=2)) as at:
        await at.press("M", "escape")
        assert at.view.marked == frozenset()
        assert at.told == ""
        await at.press("escape", "escape")
        assert at.told == "q quits; everything is saved."
        await at.press("ctrl+c")
        assert at.told == "q quits, ^q at once and from anywhere; everything is saved."
        await at.press("q")
        assert at.app.return_code == 0


async def test_only_what_the_table_shows_is_what_it_measures(table: Show) -> None:
    async with table(_plan(), (80, 24)) as at:
        before = at.heading
        await at.type("colon", "list id:1")
        await at.pilot.pause()
        assert at.heading != before
        assert isinstance(at.app.workspace.tasks[1], Task)


async def test_tasks_are_sorted_by_when_they_are_over(table: Show) -> None:
    async with table(plan("3-1", tasks=4, states="4:done", likely=2.0), (120, 24)) as at:
        await at.type(":", "sort p80")
        for _turn in range(500):
            if at.app.outlook is not None and at.app.outlook.finished:
                break
            await at.pilot.pause(0.01)
        await at.pilot.pause()
        assert at.rows == [2, 3, 1, 4]
        assert "Sorted by P80; V reverses." in at.told or "P80" in at.heading
        await at.press("V")
        assert at.rows == [1, 3, 2, 4]


@pytest.mark.parametrize("number", [1, 10**15, 2**53 - 1])
def test_a_row_says_its_task_whatever_number_that_has(number: int) -> None:
    ws = Workspace([Task(id=number, title="A", tags=("x", "y"))])
    for group, count in (("", 1), ("tags", 2)):
        rows, _groups = arranged(ws, ws.tasks.values(), Arrangement(group=group), {})
        assert [task_of(row) for row in rows if row > 0] == [number] * count
