"""The matrix on the screen: what crosses, what is said of it, and that all verbs act there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from tests.builders import NOW, TODAY, done, later, plan
from tests.tui.stage import Seen, shown
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.matrix.screen import MatrixScreen
from tracker.tui.table.screen import TasksScreen
from tracker.tui.task.screen import DetailScreen
from tracker.tui.widgets.choices import Passage
from tracker.tui.widgets.grid import Grid

LANES = (
    Department(id=1, name="Network and infrastructure", short="NET"),
    Department(id=2, name="Purchasing", short="PUR"),
)


class Matrix(Seen):
    """The app on the matrix, and what can be read there."""

    @property
    def view(self) -> MatrixScreen:
        """The view."""
        found = self.app.screen
        assert isinstance(found, MatrixScreen)
        return found

    @property
    def text(self) -> str:
        """What can be read in heads and cells."""
        return shown(self.view.query_one(Grid))

    @property
    def told(self) -> str:
        """What is said of the crossing under the cursor."""
        return shown(self.view.query_one(Passage))


Show = Callable[..., AbstractAsyncContextManager[Matrix]]


@pytest.fixture
def stage(tmp_path: Path) -> Show:
    """Return what opens a plan on the matrix."""

    @asynccontextmanager
    async def show(ws: Workspace, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Matrix]:
        session = Session.open(tmp_path / "plan.json", who="k.brandt", today=TODAY)
        born = tuple(Edit(None, entity) for entity in ws.entities())
        if born:
            session.do(lambda _ws, _now: Change(sentence("Plan"), born))
        app = TrackerApp(session, view="matrix")
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Matrix(app, pilot)
        session.close()

    return show


async def test_needs_stand_below_the_diagonal_and_what_comes_back_above(stage: Show) -> None:
    async with stage(plan("3-1 1-2 2-4", returns="2-3", titles=("Build", "Test", "Plan"))) as at:
        assert at.text.split("\n")[:5] == [
            "           3 1 2 4",
            "3 ○ Plan   ■ ▒ ↻ ·",
            "1 ⊘ Build  × ■ ▒",
            "2 ⊘ Test   ▒ × ■",
            "4 ⊘ D      ·   × ■",
        ]
        assert "3 tasks: 3, 1, 2" in at.told


async def test_the_cross_is_told_in_words(stage: Show) -> None:
    async with stage(plan("1-2 2-3", returns="3-1", titles=("Plan", "Build", "Test"))) as at:
        await at.press("j")
        assert "2 Build needs 1 Plan" in at.told
        await at.press("j")
        assert "3 Test needs 1 Plan through 2" in at.told
        await at.press("k", "k", "l", "l")
        assert "↻ 3 Test may send work back to 1 Plan" in at.told
        assert "assumed return rate 20%" in at.told
        assert "loop of 3 tasks" in at.told


async def test_all_verbs_act_on_the_task_of_the_row(stage: Show) -> None:
    async with stage(plan("1-2")) as at:
        await at.press("d")
        assert at.app.workspace.tasks[1].state == "done"
        await at.press("j", "space")
        assert at.app.workspace.tasks[2].state == "doing"
        assert at.view.focused_task == 2
        await at.press("enter")
        assert isinstance(at.app.screen, DetailScreen)


async def test_what_is_done_can_be_left_out_and_that_is_kept(stage: Show) -> None:
    async with stage(plan("1-2", states="1:done")) as at:
        await at.press("D")
        assert list(at.view.shown_tasks) == [2]
        assert at.app.recalled("matrix_open") is True
        at.app.go_to(1)
        await at.pilot.pause()
        assert list(at.view.shown_tasks) == [1, 2], "what one goes to is shown"
        assert at.view.focused_task == 1


async def test_departments_against_each_other_list_what_stands_behind(stage: Show) -> None:
    ws = plan("1-2", extra=LANES)
    ws = done(ws, commands.edit_tasks, tasks=(1,), department=1)
    ws = done(ws, commands.edit_tasks, tasks=(2,), department=2)
    ws = done(ws, commands.finish, NOW, task=1)
    ws = done(ws, commands.start, later(2 * 24 * 60), task=2)
    async with stage(ws) as at:
        await at.press("v", "l")
        assert "1 2d" in at.text
        assert "Network and infrastructure → Purchasing" in at.told
        assert "1 hand-over · begun after 2 days (median)" in at.told
        assert at.view.focused_task is None
        await at.press("d")
        assert at.app.workspace.tasks[2].state == "doing", "no verb acts on a department"
        await at.press("enter")
        await at.pilot.pause()
        assert isinstance(at.app.screen, TasksScreen)
        assert list(at.app.screen.rows.rows) == [2]


async def test_names_and_heads_stay_while_it_scrolls(stage: Show) -> None:
    ws = plan(" ".join(f"{n}-{n + 1}" for n in range(1, 60)))
    async with stage(ws, size=(60, 20)) as at:
        await at.press("G")
        lines = at.text.split("\n")
        assert lines[0].split()[-1] == "60"
        assert lines[-1].startswith("60 ")
        await at.press("h", "g", "g")
        assert at.text.split("\n")[1].startswith(" 1 ")
        assert at.view.grid.column == 0
        await at.pilot.resize_terminal(120, 40)
        await at.pilot.pause()
        assert len(at.text.split("\n")[1]) <= 120


async def test_the_cursor_stays_on_its_tasks_when_the_order_changes(stage: Show) -> None:
    async with stage(plan("1-2", tasks=4)) as at:
        at.app.go_to(3)
        await at.pilot.pause()
        await at.press("x", "y")
        assert 3 not in at.app.workspace.tasks
        at.app.go_to(4)
        await at.press("u")
        assert at.view.focused_task == 4


async def test_letters_go_to_rows_in_sight(stage: Show) -> None:
    async with stage(plan(tasks=3)) as at:
        await at.press("i")
        assert at.text.split("\n")[1].startswith("1 "), "the row under the cursor has none"
        letter = at.text.split("\n")[3][0]
        await at.press(letter)
        assert at.view.focused_task == 3


async def test_an_empty_plan_says_how_it_begins(stage: Show) -> None:
    async with stage(plan()) as at:
        assert at.view.has_class("-empty")
        await at.press("j", "l", "enter", "v", "D", "G", "i", "escape")
        assert isinstance(at.app.screen, MatrixScreen)


async def test_letters_of_two_survive_what_others_delete(stage: Show) -> None:
    async with stage(plan(tasks=32), (100, 50)) as at:
        await at.press("i")
        at.app.session.do(lambda ws, now: commands.delete_task(ws, now, task=32))
        at.app.workspace = at.app.session.workspace
        await at.press("y", "a")
        assert at.view.focused_task in at.app.workspace.tasks
