"""Load on the screen: who has too much, of what, and what can move without moving the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.builders import TODAY, plan
from tests.tui.stage import Seen, shown
from tracker import demo, terminal_text
from tracker.domain.change import Change, Edit
from tracker.domain.model import Absence, Department, Entity, Person, Project, Task
from tracker.domain.scope import Scope
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.flow import load as load_reading
from tracker.flow.load import Who
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.load.controlling_screen import ControllingScreen
from tracker.tui.load.explanation import Explanation
from tracker.tui.load.load_grid import LoadGrid
from tracker.tui.load.move_task import MoveTask
from tracker.tui.load.screen import LoadScreen
from tracker.tui.task.screen import DetailScreen
from tracker.tui.widgets.choices import Passage

TWO = TODAY + timedelta(7)
LANES = (
    Department(id=1, name="Development", order=1),
    Department(id=2, name="Operations", order=2),
    Person(id=1, login="anna", department=1),
    Person(id=2, login="ben", department=2),
)


def task(id: int, days: float, who: int = 1, **fields: Any) -> Task:
    """Return a task that takes so many days for sure."""
    return Task(id=id, title=f"Task {id}", low=days, likely=days, high=days, assignee=who, **fields)


class Weeks(Seen):
    """The app on Load, and what can be read there."""

    @property
    def view(self) -> LoadScreen:
        """The view."""
        found = self.app.screen
        assert isinstance(found, LoadScreen)
        return found

    @property
    def grid(self) -> LoadGrid:
        """The rows by weeks."""
        return self.view.grid

    @property
    def text(self) -> str:
        """What can be read in rows and weeks."""
        return shown(self.grid)

    @property
    def parts(self) -> str:
        """What can be read of the cell under the cursor."""
        return shown(self.view.query_one("#parts"))


Show = Callable[..., AbstractAsyncContextManager[Weeks]]


@pytest.fixture
def stage(tmp_path: Path) -> Show:
    """Return what opens a plan on Load."""

    @asynccontextmanager
    async def show(*entities: Entity, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Weeks]:
        session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
        if entities:
            born = tuple(Edit(None, entity) for entity in entities)
            session.do(lambda _ws, _now: Change(sentence("Plan"), born))
        app = TrackerApp(session, view="load")
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Weeks(app, pilot)
        session.close()

    return show


async def test_one_reads_who_has_too_much_next_week(stage: Show) -> None:
    held = task(2, 5, effort=8, not_before=TWO)
    async with stage(*LANES, task(1, 4), held, task(3, 3, 2)) as at:
        heads, _dates, *rows = at.text.splitlines()
        assert "wk 48" in heads
        assert "wk 49 1!!" in heads, "how many people, and how bad"
        anna = next(row for row in rows if "anna" in row)
        assert anna.split() == ["anna", "4/5", "8/5", "!!"]
        assert "Too much" not in at.parts, "nobody has, this week"
        await at.press("l")
        assert "Too much in wk 49: anna 8/5 !!" in at.parts, "whatever row the cursor is on"
        await at.press("h")
        await at.press("j", "l")
        assert "anna · wk 49, 30 Nov – 6 Dec: 8 days of work, 5 available: 160%" in at.parts
        assert "2 Task 2" in at.parts


async def test_who_has_most_too_much_is_named_first(stage: Show) -> None:
    more = [task(n, 5, who=2, effort=6, not_before=TWO) for n in (3, 4)]
    async with stage(*LANES, task(2, 5, effort=8, not_before=TWO), *more) as at:
        await at.press("l")
        assert "Too much in wk 49: ben 12/5 !! · anna 8/5 !!" in at.parts


async def test_enter_moves_what_has_slack_in_one_step_to_undo(stage: Show) -> None:
    async with stage(*LANES, task(1, 4), task(2, 3), task(3, 20, 2)) as at:
        await at.press("j", "J")
        assert at.view.focused_task == 2
        assert "slack 17 d → can move to wk 49" in at.parts
        await at.press("enter")
        assert isinstance(at.app.screen, MoveTask)
        passage = at.app.screen.query_one(Passage)
        await at.until(lambda: "No project ends later." in shown(passage))
        assert "2 starts no earlier than Mon 30 Nov" in shown(passage)
        assert "anna wk 48: 7/5 (140%) → 4/5 (80%)" in shown(passage)
        assert "Nothing else shifts." in shown(passage)
        await at.press("enter")
        await at.until(lambda: isinstance(at.app.screen, LoadScreen))
        assert at.app.workspace.tasks[2].not_before == TWO
        assert at.grid.load is not None
        assert at.grid.load.cell(Who(1, 1), TWO).days == 3
        await at.press("u")
        await at.until(lambda: at.app.workspace.tasks[2].not_before is None)


async def test_what_shifts_with_a_move_is_told_before(stage: Show) -> None:
    arrow = next(iter(plan("1-2").links.values()))
    async with stage(*LANES, task(1, 3), task(2, 3, 2), task(3, 20, 2), arrow) as at:
        await at.press("j", "enter")
        passage = at.app.screen.query_one(Passage)
        await at.until(lambda: "1 task shifts with it" in shown(passage))
        assert "2 Task 2: Thu 26 Nov → Thu 3 Dec" in shown(passage)
        await at.press("escape")
        assert at.app.workspace.tasks[1].not_before is None


async def test_what_cannot_move_is_opened(stage: Show) -> None:
    async with stage(*LANES, task(1, 4)) as at:
        await at.press("j")
        assert "critical" in at.parts
        await at.press("enter")
        assert isinstance(at.app.screen, DetailScreen)


async def test_the_task_can_be_opened_where_it_could_move(stage: Show) -> None:
    async with stage(*LANES, task(1, 4), task(3, 20, 2)) as at:
        await at.press("j", "enter", "o")
        await at.until(lambda: isinstance(at.app.screen, DetailScreen))
        assert at.app.workspace.tasks[1].not_before is None


async def test_the_verbs_of_all_views_act_on_the_task_of_the_cell(stage: Show) -> None:
    async with stage(*LANES, task(1, 4), task(2, 3)) as at:
        await at.press("j", "J", "d")
        assert at.app.workspace.tasks[2].state == "done"
        assert "Task 2" not in at.parts
        assert at.view.focused_task == 1


async def test_departments_fold_and_stay_so(stage: Show) -> None:
    async with stage(*LANES, task(1, 4), task(2, 3, 2)) as at:
        await at.press("j", "z")
        assert "+ Development" in at.text
        assert "anna" not in at.text
        assert at.grid.who == Who(1, whole=True)
        assert at.app.recalled("load_folded") == [1]
        await at.press("Z")
        assert "ben" not in at.text
        await at.press("Z")
        assert "anna" in at.text
        await at.press("z")
        at.app.go_to(1)
        await at.pilot.pause()
        assert at.grid.who == Who(1, 1), "unfolded for what is gone to"


async def test_weeks_scroll_by_windows(stage: Show) -> None:
    async with stage(*LANES, task(1, 200), size=(80, 24)) as at:
        await at.press("j", "L")
        assert at.grid.week == at.grid.across
        await at.press("H", "h")
        assert at.grid.week == 0
        await at.press(*["l"] * 7)
        assert "wk 2" in at.text
        await at.press("home")
        assert (at.grid.row, at.grid.week) == (0, 0)


async def test_a_figure_explains_itself(stage: Show) -> None:
    away = Absence(first=TODAY, last=TODAY + timedelta(1), note="Leave")
    anna = Person(id=1, login="anna", department=1, absences=(away,))
    async with stage(LANES[0], anna, task(1, 2)) as at:
        await at.press("j")
        assert "anna away 23 Nov – 24 Nov: Leave" in at.parts
        await at.press("I")
        assert isinstance(at.app.screen, Explanation)
        told = shown(at.app.screen.query_one(Passage))
        assert "2 days of work, 3 available: 67%" in told
        assert "Available: 5 days a week" in told
        assert "1 Task 1: 2 days" in told


async def test_limited_capacity_spreads_over_levelled_days(stage: Show) -> None:
    async with stage(*LANES, task(1, 5), task(2, 5)) as at:
        await at.press("j", "c")
        await at.until(lambda: at.grid.load is not None and at.grid.load.capacity)
        assert at.grid.load is not None
        assert at.grid.load.cell(Who(1, 1), TWO).days == 5
        await at.press("c")
        await at.until(lambda: at.grid.load is not None and not at.grid.load.capacity)
        assert "Unlimited capacity" in at.foot


async def test_weekend_work_is_flagged(stage: Show) -> None:
    sunday = TODAY + timedelta(6)
    async with stage(*LANES, task(1, 1, not_before=sunday - timedelta(1), due=sunday)) as at:
        await at.press("j")
        assert "W 1 Task 1 falls on Sat 28 Nov, Sun 29 Nov" in at.parts
        assert "/5 W" in at.text
        await at.press("I")
        assert "anna, Q4 2026: 2 days on a weekend or holiday (1)" in shown(
            at.app.screen.query_one(Passage)
        )


async def test_a_scope_keeps_all_work_of_its_people(stage: Show) -> None:
    projects = (Project(id=1, name="Move"), Project(id=2, name="Renewal"))
    mine = (task(1, 2, project=1), task(2, 3, project=2), task(3, 3, 2, project=2))
    async with stage(*LANES, *projects, *mine) as at:
        at.app.look_at(Scope((1,)))
        await at.pilot.pause()
        assert "ben" not in at.text
        await at.press("j")
        assert "5 days of work, 5 available: 100%, 2 of it in this scope" in at.parts


async def test_what_others_do_is_followed(stage: Show) -> None:
    async with stage(*LANES, task(1, 2)) as at:
        await at.press("j")
        await at.app.carry_out(partial(commands.edit_task, task=1, effort=9.0))
        await at.pilot.pause()
        assert "9/5 !!" in at.text
        assert at.grid.who == Who(1, 1)


async def test_the_cursor_stays_in_a_load_that_has_become_short(stage: Show) -> None:
    async with stage(*LANES, task(1, 40), task(2, 4)) as at:
        await at.press("L", "L", "l", "l", "l", "l", "l", "l")
        assert at.grid.week > 2
        session = Session.open(Path(at.app.session.place), who="ben", today=TODAY)
        session.do(partial(commands.drop, task=1))
        at.app.follow()
        await at.until(lambda: at.grid.load and len(at.grid.load.weeks) <= 2)
        assert at.grid.week == 0
        assert at.app.failure is None
        session.close()


async def test_without_capacity_it_says_what_to_fill_in(stage: Show) -> None:
    async with stage(LANES[0], Task(id=1, title="A", department=1)) as at:
        assert "capacity unknown" in at.parts
        await at.press("I")
        assert ":department" in shown(at.app.screen.query_one(Passage))


async def test_nothing_to_do_names_the_keys_that_go_on(stage: Show) -> None:
    async with stage(*LANES, task(1, 2)) as at:
        await at.app.carry_out(partial(commands.finish, task=1))
        await at.pilot.pause()
        told = shown(at.view.query_one("#empty"))
        assert "Nothing is left to do" in told
        assert "a adds a task" in told
        await at.press("j", "enter", "I", "z")


async def test_an_empty_plan_takes_every_key(stage: Show) -> None:
    async with stage() as at:
        await at.press("7")
        assert "There are no tasks yet." in shown(at.view.query_one("#empty"))
        for key in ("j", "l", "enter", "J", "z", "Z", "c", "I", "L", "home", "end", "tab"):
            await at.press(key)
            assert isinstance(at.app.screen, LoadScreen), key
        await at.press("v", "j", "enter", "I", "V", "v")
        assert isinstance(at.app.screen, LoadScreen)


async def test_both_sides_are_reached_by_name(stage: Show) -> None:
    async with stage(*LANES, task(1, 4)) as at:
        await at.press("2", "colon", *"controlling", "enter")
        await at.until(lambda: isinstance(at.app.screen, ControllingScreen))
        await at.press("colon", *"load", "enter")
        await at.until(lambda: isinstance(at.app.screen, LoadScreen))


async def test_a_large_plan_is_read_beside_the_screen(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracker.tui.load import screen

    monkeypatch.setattr(screen, "_SMALL", 0)
    async with stage(*LANES, task(1, 2)) as at:
        await at.until(lambda: at.grid.load is not None)
        assert "2/5" in at.text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_long_and_wide_names_keep_every_line_in_its_place(
    stage: Show, size: tuple[int, int]
) -> None:
    lane = Department(id=1, name="Über漢字" * 20)
    anna = Person(id=1, login="漢" * 40, department=1)
    wide = Task(id=1, title="漢字" * 60, low=4, likely=4, high=4, assignee=1)
    async with stage(lane, anna, wide, size=size) as at:
        rows = [row for row in at.text.splitlines() if "4/5" in row]
        assert len({terminal_text.width(row[: row.index("4/5")]) for row in rows}) == 1
        assert all(terminal_text.width(row) <= size[0] for row in at.parts.splitlines())


async def test_a_cursor_key_sends_few_cells(stage: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [Person(id=at, login=f"p{at}", department=1) for at in range(1, 60)]
    tasks = [task(at, 3, at) for at in range(1, 60)]
    async with stage(LANES[0], *people, *tasks) as at:
        sent: list[int] = []
        refresh = LoadGrid.refresh

        def count(self: LoadGrid, *regions: Any, **options: Any) -> LoadGrid:
            sent.append(sum(region.area for region in regions) if regions else self.size.area)
            return refresh(self, *regions, **options)

        monkeypatch.setattr(LoadGrid, "refresh", count)
        await at.press("j")
        assert 0 < sum(sent) < 120


def test_in_the_demo_somebody_has_too_much_this_week() -> None:
    found = load_reading.read(demo.workspace(TODAY), TODAY)
    names = {
        found.workspace.people[who.person].login
        for who in found.rows
        if who.person and found.cell(who, found.weeks[0]).over
    }
    assert "m.wilczek" in names
