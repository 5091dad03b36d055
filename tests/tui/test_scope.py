"""What all views are about: one project, several, all, or what is mine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from tests.tui.stage import Seen, shown
from tracker.domain.change import Change, Edit
from tracker.domain.model import Link, Person, Project, Task
from tracker.domain.scope import Scope, named
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.forecast import Options, forecast
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.board import arranged_board
from tracker.tui.board.board_view import BoardView
from tracker.tui.dialogs.scope_choice import ChooseScope
from tracker.tui.loops.screen import LoopsScreen
from tracker.tui.table.screen import TasksScreen
from tracker.tui.task.detail_pane import DetailPane
from tracker.tui.view.frame import HeadLine, StatusLine
from tracker.tui.view.view import View
from tracker.tui.widgets.choices import Choices
from tracker.tui.widgets.rows import Heading
from tracker.wording.figures import day_words

TODAY = date(2026, 3, 2)
SHORT, LONG = 1, 2


def two() -> Workspace:
    """A short project with a return, a long one, and a task without one that waits for it."""
    tasks = [
        Task(id=1, title="Alpha", project=SHORT, low=4, likely=5, high=9, assignee=1),
        Task(id=2, title="Beta", project=SHORT, low=4, likely=5, high=9),
        Task(id=3, title="Gamma", project=LONG, likely=200, due=date(2026, 2, 27)),
        Task(id=4, title="Delta", likely=1),
    ]
    return Workspace(
        [
            Project(id=SHORT, name="Short", target=date(2026, 3, 27)),
            Project(id=LONG, name="Long way", key="LNG"),
            Person(id=1, login="mw"),
            *tasks,
            Link(id=1, kind="needs", source=1, target=2),
            Link(id=2, kind="returns", source=2, target=1, rate=0.4),
        ]
    )


class At(Seen):
    """The app, and what can be read on it."""

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def until_forecast(self) -> None:
        for _ in range(400):
            found = self.app.outlook
            if found and found.finished and found.about.workspace is self.app.workspace:
                await self.pilot.pause()
                return
            await self.pilot.pause(0.02)
        raise AssertionError("no forecast")

    @property
    def view(self) -> View:
        found = self.app.screen
        assert isinstance(found, View)
        return found

    @property
    def head(self) -> str:
        return shown(self.view.query_one(HeadLine))

    @property
    def told(self) -> str:
        return (self.view.query_one(StatusLine).message or ("", ""))[0]

    @property
    def rows(self) -> list[int]:
        found = self.app.screen
        assert isinstance(found, TasksScreen)
        return list(found.rows.rows)

    @property
    def cards(self) -> set[int]:
        board = self.app.screen.query_one(BoardView).board
        return set(board.cards) if board else set()


@asynccontextmanager
async def opened(path: Path, ws: Workspace, who: str = "mw") -> AsyncIterator[At]:
    """Open a workspace on the board, which is kept at a path."""
    fresh = not path.exists()
    session = Session.open(path, who=who, today=TODAY)
    if fresh:
        born = Change(sentence("Begun"), tuple(Edit(None, entity) for entity in ws.entities()))
        session.do(lambda ws, now: born)  # noqa: ARG005
    app = TrackerApp(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await pilot.pause()
        yield At(app, pilot)
    session.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


async def test_one_project_is_chosen_and_every_view_is_about_it(path: Path) -> None:
    async with opened(path, two()) as at:
        await at.until_forecast()
        assert at.cards == {1, 2, 3, 4}
        assert "2 projects" in at.head
        assert "1 late" in at.head
        await at.press("P", "down", "down", "enter")
        assert at.app.scope == Scope((SHORT,))
        assert at.cards == {1, 2}
        assert at.head.startswith(" Short  P80 Thu 16 Apr")
        assert "late" not in at.head
        await at.press("3")
        assert at.rows == [1, 2]
        await at.press("slash", "a", "enter")
        assert at.view.search.hits == (1, 2)
        await at.press("6")
        found = at.app.screen
        assert isinstance(found, LoopsScreen)
        assert len(found.rows.rows) == 1
        # The other project has no returns, but something that is late.
        await at.press("P", "down", "enter")
        assert at.app.scope == Scope((LONG,))
        assert list(found.rows.rows) == []
        assert "1 late" in at.head
        await at.press("1")
        assert list(at.view.shown_tasks) == [3]


async def test_the_head_line_has_the_date_of_the_project_in_focus(path: Path) -> None:
    async with opened(path, two()) as at:
        await at.until_forecast()
        await at.press("3", "g", "g")
        short = forecast(at.app.workspace, TODAY, Options(project=SHORT))
        assert f"Short P80 {day_words(short.date_of(short.finish.p80), TODAY)}" in at.head
        await at.press("j", "j")
        assert "LNG P80 Mon 14 Dec" in at.head
        await at.press("j")
        assert "(no project) P80 today" in at.head


async def test_each_task_has_its_date_and_the_chance_of_its_due_date(path: Path) -> None:
    async with opened(path, two()) as at:
        await at.press("3")
        await at.until_forecast()
        found = at.app.screen
        assert isinstance(found, TasksScreen)
        assert "P80, due met" in shown(found.query_one(Heading))
        rows = shown(found.rows).splitlines()
        assert "Thu 16 Apr" in rows[1]
        assert "Mon 14 Dec 0%" in rows[2]
        await at.press("g", "g", "j", "j", "enter")
        assert at.view.focused_task == 3
        told = shown(at.app.screen.query_one(DetailPane))
        assert "due date met in 0% of the simulated runs" in " ".join(told.split())


async def test_all_projects_are_listed_with_their_dates_targets_and_chances(path: Path) -> None:
    async with opened(path, two()) as at:
        await at.until_forecast()
        await at.press("P")
        assert isinstance(at.app.screen, ChooseScope)
        rows = shown(at.app.screen.query_one(Choices)).splitlines()
        assert "P80 Thu 16 Apr · target Fri 27 Mar: 64 of 100 runs" in rows[2]
        assert "P80 Mon 14 Dec" in rows[3]
        assert "(no project)" in rows[4]
        await at.press("escape")
        assert at.app.scope == Scope()


async def test_several_projects_are_ticked(path: Path) -> None:
    async with opened(path, two()) as at:
        await at.press("P", "down", "down", "space", "down", "down", "space", "enter")
        assert at.app.scope == Scope((SHORT, 0))
        assert at.cards == {1, 2, 4}
        assert "2 of 3 projects" in at.head
        await at.press("P", "enter")
        assert at.app.scope == Scope()
        assert at.cards == {1, 2, 3, 4}


async def test_what_is_mine_is_what_i_do_and_what_waits_for_it(path: Path) -> None:
    async with opened(path, two()) as at:
        await at.press("P", "down", "enter")
        assert at.app.scope == Scope((), "mw")
        assert "only mine" in at.head
        await at.press("3")
        assert at.rows == [1, 2]
        await at.press("P", "down", "enter")
        assert at.rows == [1, 2, 3, 4]


async def test_what_is_looked_at_is_remembered_for_this_person(path: Path) -> None:
    async with opened(path, two()) as at:
        await at.press("P", "down", "down", "down", "enter")
        assert at.app.scope == Scope((LONG,))
    async with opened(path, two()) as at:
        assert at.app.scope == Scope((LONG,))
        assert at.cards == {3}


async def test_a_new_task_is_of_the_project_that_is_looked_at(path: Path) -> None:
    async with opened(path, two()) as at:
        await at.press("P", "down", "down", "enter", "a", *"New", "enter")
        assert at.app.workspace.tasks[5].project == SHORT
        assert 5 in at.cards


async def test_a_task_outside_is_opened_and_that_is_said(path: Path) -> None:
    async with opened(path, two()) as at:
        await at.press("P", "down", "down", "enter", "colon", "3", "enter")
        await at.pilot.pause()
        assert at.view.focused_task == 3
        assert "P changes that" in at.told
        await at.press("q")
        assert at.cards == {1, 2}


@pytest.mark.parametrize("at_once", [300, 1], ids=["small", "large"])
async def test_a_scope_without_tasks_says_how_to_leave_it(
    path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(arranged_board, "_AT_ONCE", at_once)
    async with opened(path, two(), who="nobody") as at:
        await at.press("P", "down", "enter")
        assert at.cards == set() or not at.view.in_scope
        assert "P changes that" in shown(at.app.screen.query_one("#empty"))
        await at.press("3")
        assert at.rows == []
    async with opened(path, two(), who="nobody") as at:
        assert at.app.scope == Scope((), "nobody")
        assert "P changes that" in shown(at.app.screen.query_one("#empty"))
        await at.press("P", "home", "enter")
        await at.until(lambda: at.cards == {1, 2, 3, 4})


def test_a_project_that_is_gone_is_looked_at_no_more() -> None:
    ws = two()
    assert Scope((SHORT, 9, 0)).known(ws) == Scope((SHORT, 0))
    assert Scope((9,)).known(ws) == Scope()
    assert named(ws, ["lng", "none"]) == Scope((LONG, 0))


def test_a_scope_is_of_the_projects_called_so_where_numbers_are_those_of_others() -> None:
    old, new = two(), Workspace([Project(id=1, name="Other"), Project(id=7, name="LONG way")])
    assert Scope((LONG, 0), "mw").carried(old, new) == Scope((7, 0), "mw")
    assert Scope((SHORT,)).carried(old, new).whole
    assert Scope(()).carried(old, new).whole
