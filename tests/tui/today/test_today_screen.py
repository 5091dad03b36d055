"""Today on the screen: what is told, what each row does, and that it follows what happens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.builders import TODAY, done, plan
from tests.tui.stage import Seen, shown
from tracker import language, terminal_text
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department, Person, System, Task
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.table.screen import TasksScreen
from tracker.tui.task.screen import DetailScreen
from tracker.tui.today.screen import TodayScreen
from tracker.tui.widgets.rows import Rows

LATE = TODAY - timedelta(3)
EXTRA = (
    Department(id=1, name="Network and infrastructure", short="NET"),
    Person(id=1, login="k.schlueter"),
    System(id=1, name="Test database", state="down"),
)


class Day(Seen):
    """The app on Today, and what can be read there."""

    @property
    def view(self) -> TodayScreen:
        """The view."""
        found = self.app.screen
        assert isinstance(found, TodayScreen)
        return found

    @property
    def text(self) -> str:
        """What can be read in the rows."""
        return shown(self.view.query_one(Rows))


Show = Callable[..., AbstractAsyncContextManager[Day]]


@pytest.fixture
def stage(tmp_path: Path) -> Show:
    """Return what opens a plan on Today."""

    @asynccontextmanager
    async def show(ws: Workspace, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Day]:
        session = Session.open(tmp_path / "plan.json", who="k.schlueter", today=TODAY)
        born = tuple(Edit(None, entity) for entity in ws.entities())
        if born:
            session.do(lambda _ws, _now: Change(sentence("Plan"), born))
        app = TrackerApp(session, view="today")
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Day(app, pilot)
        session.close()

    return show


async def test_it_opens_on_what_burns_and_each_row_acts(stage: Show) -> None:
    ws = plan("1-2", titles=("Fibre", "Handover"), extra=EXTRA, due=LATE, department=1)
    async with stage(ws, (100, 36)) as at:
        assert "Burns" in at.text
        assert re.search(r" 1 Fibre +NET  3 days late", at.text)
        assert at.view.focused_task == 1
        await at.press("d")
        assert at.app.workspace.tasks[1].state == "done"
        assert "1 Fibre" not in at.text
        assert at.view.focused_task == 2
        await at.press("enter")
        assert isinstance(at.app.screen, DetailScreen)


async def test_a_search_tells_of_hits_that_are_not_on_today(stage: Show) -> None:
    titles = ("Fibre", "Handover", "Fibre report", "Archive")
    ws = plan("1-2 2-3 3-4", titles=titles, extra=EXTRA)
    ws = done(ws, commands.edit_task, task=1, due=LATE)
    async with stage(ws) as at:
        assert "3 Fibre report" not in at.text
        await at.press("slash", *"fibre")
        outside = "(1 hit outside this view; :list fibre shows all)"
        assert f"1 hit {outside}" in at.foot
        await at.press("enter")
        assert at.foot.startswith("1/1 hits")
        assert outside in " ".join(at.foot.split())
        await at.press("escape", "slash", *"archive", "enter")
        assert "(1 hit outside this view; :list archive shows all)" in at.foot


async def test_the_cursor_never_stands_on_a_heading(stage: Show) -> None:
    ws = plan("1-2", titles=("Fibre", "Handover"), due=LATE)
    async with stage(ws) as at:
        for keys in (("home",), ("end",), ("k",) * 9, ("j",) * 9, ("ctrl+d", "ctrl+u")):
            await at.press(*keys)
            assert at.view.focused_task in (1, 2), keys
        await at.pilot.click(Rows, offset=(3, 0))
        assert at.view.focused_task == 1


async def test_enter_on_a_system_lists_what_stands_still(stage: Show) -> None:
    ws = plan(tasks=3, extra=EXTRA, systems=(1,))
    async with stage(ws) as at:
        assert "Test database is down" in at.text
        assert "3 tasks are stuck (1, 2, 3)" in at.text
        await at.press("enter")
        await at.pilot.pause()
        assert isinstance(at.app.screen, TasksScreen)
        assert list(at.app.screen.rows.rows) == [1, 2, 3]
        await at.press("q", "q")
        assert isinstance(at.app.screen, TodayScreen), "where one came from"


async def test_lists_are_shown_one_after_the_other_and_left_for_the_whole_day(stage: Show) -> None:
    other = Department(id=2, name="Operations")
    ws = plan("1-2", titles=("Fibre", "Handover", "Contract"), tasks=3, extra=(*EXTRA, other))
    ws = Workspace(
        replace(each, department=each.id % 2 + 1) if isinstance(each, Task) else each
        for each in ws.entities()
    )
    async with stage(ws) as at:
        await at.press("v")
        assert "Nothing is waiting for anybody." in shown(at.view.query_one("#empty"))
        await at.app.carry_out(
            partial(commands.wait, task=3, waiting_for="supplier", follow_up=LATE)
        )
        await at.app.workers.wait_for_complete()
        await at.pilot.pause()
        assert re.search(r"Ask now +1", at.text)
        assert re.search(r"3 Contract .*Fri 20 Nov · .*supplier", at.text)
        await at.press("space")
        assert at.app.workspace.tasks[3].state == "doing", "the row acts"
        await at.app.carry_out(partial(commands.finish, task=1))
        await at.press("v")
        assert "Operations → Network and infrastructure" in at.text
        assert re.search(r" 2 Handover +NET ", at.text)
        await at.press("q")
        assert "Burns" in at.text
        assert isinstance(at.app.screen, TodayScreen)


async def test_a_reminder_names_who_waits_and_since_when(stage: Show) -> None:
    ws = plan("1-2", titles=("Fibre", "Handover"), due=LATE)
    async with stage(ws) as at:
        await at.press("y")
        assert at.app.clipboard == (
            "1 Fibre: 1 task waits for it (2). It was due Fri 20 Nov. When can we count on it?"
        )
        assert "Copied: 1 Fibre" in at.foot


async def test_what_was_done_long_ago_and_expires_is_renewed_from_its_row(stage: Show) -> None:
    end = TODAY + timedelta(10)
    ws = plan(states="1:done 2:todo", titles=("Certificate", "Other"))
    ws = Workspace(
        replace(each, expires=end) if isinstance(each, Task) and each.id == 1 else each
        for each in ws.entities()
    )
    async with stage(ws) as at:
        assert re.search(r"1 Certificate +expires Thu 3 Dec, in 10 days · start it", at.text)
        await at.press("y")
        assert at.app.clipboard == "1 Certificate: It expires Thu 3 Dec. When is it renewed?"
        language.use("de")
        await at.press("y")
        assert "Do 3. Dez. " in at.app.clipboard
        language.use("en")
        await at.press("space")
        assert at.app.workspace.tasks[3].due == end
        assert at.app.workspace.tasks[1].state == "done"
        assert re.search(r"3 Certificate +expires Thu 3 Dec, in 10 days", at.text)
        await at.press("u")
        assert 3 not in at.app.workspace.tasks


async def test_a_reminder_of_a_system_asks_when_it_is_back(stage: Show) -> None:
    async with stage(plan(tasks=1, extra=EXTRA, systems=(1,))) as at:
        await at.press("y")
        assert at.app.clipboard == ("Test database is down. 1 task is stuck (1). When is it back?")


async def test_nothing_to_do_names_the_keys_that_go_on(stage: Show) -> None:
    async with stage(plan(tasks=1)) as at:
        assert "Nothing burns" in shown(at.view.query_one("#empty"))
        await at.app.carry_out(partial(commands.finish, task=1))
        await at.pilot.pause()
        assert "Everything is done." in shown(at.view.query_one("#empty"))
        await at.press("y")
        assert "There is nothing here to ask about." in at.foot


async def test_an_empty_plan_opens_on_the_board(stage: Show) -> None:
    async with stage(plan()) as at:
        assert not isinstance(at.app.screen, TodayScreen)
        assert at.app.home == "board"


async def test_what_ending_a_task_gains_is_told_once_it_is_known(stage: Show) -> None:
    ws = plan("1-2", titles=("Fibre", "Handover"), low=4.0, likely=4.0, high=4.0)
    async with stage(ws) as at:
        for _ in range(500):
            if "P80" in at.text:
                break
            await at.pilot.pause(0.02)
        assert "P80 -4 working days" in at.text


async def test_what_is_due_says_whether_it_fits(stage: Show) -> None:
    # 1 is over today, and 2, which needs it, four days later.
    ws = plan("1-2", titles=("Fibre", "Handover"), low=4.0, likely=4.0, high=4.0)
    due = {1: TODAY + timedelta(4), 2: TODAY + timedelta(7)}
    tasks = [Edit(ws.tasks[key], replace(ws.tasks[key], due=day)) for key, day in due.items()]
    async with stage(ws.apply(Change(sentence("Due"), tuple(tasks)))) as at:
        for _ in range(500):
            if "P80 is" in at.text:
                break
            await at.pilot.pause(0.02)
        fits, late = (
            next(line for line in at.text.splitlines() if title in line and "P80 is" in line)
            for title in ("Fibre", "Handover")
        )
        assert "fits: P80 is Thu 26 Nov" in fits
        assert "likely late: P80 is Wed 2 Dec" in late


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (300, 80)])
async def test_long_and_wide_names_keep_every_line_in_its_place(
    stage: Show, size: tuple[int, int]
) -> None:
    ws = plan("1-2", titles=("漢字" * 60, "Ümläut " * 40), extra=EXTRA, due=LATE, department=1)
    async with stage(ws, size) as at:
        widths = {
            terminal_text.width(line[: line.index("NET")])
            for line in at.text.splitlines()
            if "NET" in line
        }
        assert len(widths) == 1
