"""The timeline on the screen: what is seen, days gone along, dates moved before they are set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from threading import Event, current_thread, main_thread
from time import sleep
from typing import Any

import pytest

from tests.builders import NOW, TODAY, done, plan
from tests.tui.stage import Seen, full_disk, shown
from tracker.domain.change import Change, Edit, Record
from tracker.domain.draft import Now
from tracker.domain.model import Department, Person, Project, System
from tracker.domain.scope import Scope
from tracker.domain.sentence import sentence
from tracker.domain.verbs import arrows, commands
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import take
from tracker.flow.timeline.timeline import read, undated
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.asking import AskLine
from tracker.tui.task.screen import DetailScreen
from tracker.tui.timeline import date_moves, screen
from tracker.tui.timeline.bar_rows import BarRows, Ruler
from tracker.tui.timeline.screen import TimelineScreen
from tracker.tui.view.frame import HeadLine, StatusLine
from tracker.wording import timeline_words

EXTRA = (
    Department(id=1, name="Network", short="NET"),
    Person(id=1, login="k.schlueter"),
    Project(id=1, name="Move"),
    System(id=1, name="Test database"),
)
XMAS = TODAY.replace(month=12, day=25)


class Plan(Seen):
    """The app on the timeline, and what can be read there."""

    @property
    def view(self) -> TimelineScreen:
        """The view."""
        found = self.app.screen
        assert isinstance(found, TimelineScreen)
        return found

    @property
    def text(self) -> str:
        """What can be read in the lines."""
        return shown(self.view.query_one(BarRows))

    @property
    def ruler(self) -> str:
        """What can be read above them."""
        return shown(self.view.query_one(Ruler))

    @property
    def told(self) -> str:
        """What is told below them, with what goes with a date that is moved."""
        lines = (shown(self.view.query_one(line)) for line in ("#told", "#legend"))
        return " ".join(" ".join(lines).split())

    @property
    def foot(self) -> str:
        """What is said at the foot."""
        message = self.view.query_one(StatusLine).message
        return message[0] if message else ""

    def state(self, task: int) -> str:
        """Return the state of a task."""
        return self.app.workspace.tasks[task].state

    def row(self, title: str) -> str:
        """Return the line of a task."""
        return next(line for line in self.text.splitlines() if f" {title} " in f"{line} ")

    async def settle(self) -> None:
        """Wait until nothing is worked out any more."""
        await self.pilot.pause(0.4)
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()


@asynccontextmanager
async def opened(
    path: Path, ws: Workspace | None = None, size: tuple[int, int] = (100, 24)
) -> AsyncIterator[Plan]:
    """Show a plan in time, or the one that is there."""
    session = Session.open(path / "plan.json", who="k.brandt", today=TODAY)
    if ws is not None and any(ws.entities()):
        born = Change(sentence("Begun"), tuple(Edit(None, entity) for entity in ws.entities()))
        session.do(lambda ws, now: born)  # noqa: ARG005
    app = TrackerApp(session, view="timeline")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Plan(app, pilot)
    session.close()


def chain(**fields: Any) -> Workspace:
    """Return three tasks, one after the other, of a day each."""
    titles = ("Dig", "Build", "Paint")
    return plan("1-2 2-3", titles=titles, extra=EXTRA, **{"likely": 1.0, **fields})


async def test_a_line_is_a_task_and_its_bar(tmp_path: Path) -> None:
    async with opened(tmp_path, chain(assignee=1)) as at:
        assert "*" in at.row("Dig")
        assert "k.sch" in at.row("Dig")
        assert "███" in at.row("Dig")
        assert at.row("Build").index("█") == at.row("Dig").index("█") + 3
        assert "planned end Wed 25 Nov" in at.ruler
        assert "critical" in at.told
        assert "[4 Timeline]" in at.view.query_one(HeadLine).render_line(0).text


async def test_what_is_to_be_begun_again_is_not_called_begun(tmp_path: Path) -> None:
    ws = chain()
    day = TODAY - timedelta(days=2)
    begin = Now(at=NOW.at - timedelta(days=2), today=day, who="x")
    for task in (1, 2):
        ws = done(ws, commands.start, begin, task=task)
    sent = done(ws, arrows.send_back, gate=2, target=1, reason="no")
    for name, plan_seen, told in (("before", ws, True), ("after", sent, False)):
        (tmp_path / name).mkdir()
        async with opened(tmp_path / name, plan_seen) as at:
            for line in ("1 Dig", "2 Build"):
                assert at.view.focus_task(int(line[0]))
                await at.settle()
                assert at.told.startswith(line)
                assert ("begun" in at.told) is told


async def test_what_has_no_estimate_is_counted_above_and_asked_about(tmp_path: Path) -> None:
    async with opened(tmp_path, chain(likely=None)) as at:
        assert "? 3 unestimated" in at.view.query_one(HeadLine).render_line(0).text
        assert "???" in at.row("Dig")
        assert "no estimate: taken for one day" in at.told


async def test_an_empty_plan_says_how_to_fill_it(tmp_path: Path) -> None:
    async with opened(tmp_path, Workspace()) as at:
        assert "a adds one" in str(at.view.query_one("#empty").render())


async def test_groups_and_orders_are_gone_round_and_kept(tmp_path: Path) -> None:
    async with opened(tmp_path, chain(department=1, project=1)) as at:
        assert "Network" in at.text
        for name in ("nobody", "Move", "no system"):
            await at.press("z")
            assert name in at.text
        await at.press("z", "S")
        assert "not grouped, by start" in at.ruler
        assert at.app.recalled("timeline")["by"] == ""
    async with opened(tmp_path) as at:
        assert "not grouped, by start" in at.ruler


async def test_days_are_gone_along_and_holidays_named(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("l")
        assert "tomorrow" in at.told
        await at.press("minus")
        assert "weeks" in at.ruler
        # Weeks from Tuesday on, and on to the holiday by days.
        await at.press(*"llll", "plus", *"lll")
        assert "Fri 25 Dec · Christmas Day" in at.told
        assert at.view.axis is not None
        assert at.view.axis.span(XMAS, XMAS)
        await at.press("equals_sign")
        assert "today" in at.told
        assert at.view.axis.span(TODAY, TODAY)


async def test_scales_end_where_there_is_no_other(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("plus")
        assert "finest" in at.foot
        await at.press("minus", "minus", "minus")
        assert "coarsest" in at.foot
        await at.press("underscore")
        assert "days" in at.ruler


async def test_scrolling_takes_the_cursor_along(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("L", "L")
        assert at.view.axis is not None
        assert not at.view.axis.span(TODAY, TODAY)
        assert "◂" in at.row("Dig")
        await at.press("H", "H", "H", "H")
        assert "▸" in at.row("Dig")


async def test_verbs_act_on_the_line(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("space")
        assert at.state(1) == "doing"
        await at.press("j", "enter")
        assert isinstance(at.app.screen, DetailScreen)
        assert at.app.screen.focused_task == 2
        await at.press("escape", "k", "d")
        await at.settle()
        assert at.state(1) == "done"
        # What is finished comes last, and the cursor stays with it.
        assert at.view.focused_task == 1
        await at.press("D")
        assert "Dig" not in at.text
        assert "hidden" in at.foot


async def test_arrows_are_followed_and_their_bars_brought_into_sight(tmp_path: Path) -> None:
    ws = commands.edit_tasks(chain(), NOW, tasks=(3,), not_before=TODAY + timedelta(200))
    async with opened(tmp_path, chain().apply(ws)) as at:
        # What has no slack comes first, far ahead.
        assert at.view.focused_task == 3
        await at.press("plus", "comma")
        assert at.view.focused_task == 2
        assert "▸" in at.row("Paint")
        await at.press("full_stop")
        assert at.view.focused_task == 3
        assert "█" in at.row("Paint")


async def test_only_hits_are_shown_and_all_again(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("f")
        assert "No search yet" in at.foot
        await at.press("slash", *"Paint", "enter", "f")
        assert "Dig" not in at.text
        await at.press("escape")
        assert "Dig" in at.text


# Dates moved


async def test_an_earliest_start_is_moved_with_a_preview_and_set(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        seq = at.app.workspace.seq
        await at.press("T", "l", "l")
        assert "Not before: Wed 25 Nov" in at.told
        assert "moves 3 tasks: 1 +2 d, 2 +2 d, 3 +2 d" in at.told
        assert "planned end Wed 25 Nov → Fri 27 Nov" in at.told
        assert at.app.workspace.seq == seq
        await at.settle()
        assert "P80" in at.told
        await at.press("enter")
        assert at.app.workspace.tasks[1].not_before == TODAY + timedelta(2)
        assert at.app.workspace.seq == seq + 1
        await at.press("u")
        await at.settle()
        assert at.app.workspace.tasks[1].not_before is None


async def test_a_date_that_cannot_be_stored_is_still_being_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, chain()) as at:
        with monkeypatch.context() as patch:
            patch.setattr(at.app.session, "do", full_disk)
            await at.press("T", "l", "l", "enter")
            await at.until(lambda: "The disk is full." in at.foot)
        await at.press("l")
        assert "Not before: Thu 26 Nov" in at.told
        await at.press("enter")
        await at.until(lambda: at.app.workspace.tasks[1].not_before == TODAY + timedelta(3))


async def test_a_date_of_a_task_that_is_gone_is_not_moved_for_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = Session.do

    def too_late(session: Session, command: Command) -> Record:
        do(session, partial(commands.delete_task, task=1))
        return do(session, command)

    async with opened(tmp_path, chain()) as at:
        with monkeypatch.context() as patch:
            patch.setattr(at.app.session, "do", partial(too_late, at.app.session))
            await at.press("t", "l", "enter")
            await at.until(lambda: "There is no task 1" in at.foot)
        assert at.view.focused_task == 2
        await at.press("enter")
        assert all(task.due is None for task in at.app.workspace.tasks.values())


async def test_escape_leaves_all_as_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        before, seq = at.text, at.app.workspace.seq
        await at.press("T", "L", "escape")
        await at.settle()
        assert at.text == before
        assert at.app.workspace.seq == seq
        await at.press("l")
        assert "tomorrow" in at.told


async def test_a_due_date_moves_nothing_else_and_says_whether_it_fits(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("t", "h")
        assert "too soon: planned end today" in at.told
        assert "no other task moves" in at.told
        assert "◆" in at.row("Dig")
        await at.press("l", "l")
        assert "fits: planned end today" in at.told
        await at.press("enter")
        assert at.app.workspace.tasks[1].due == TODAY + timedelta(1)
        await at.press("t", "x", "enter")
        assert at.app.workspace.tasks[1].due is None


async def test_an_earliest_start_of_what_has_begun_says_why_nothing_moves(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("space", "T", "l")
        assert "no task moves · what has begun is not put off" in at.told


async def test_the_same_key_again_types_the_date(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("t", "t")
        await at.pilot.pause()
        assert isinstance(at.app.screen, AskLine)


async def test_nothing_else_is_done_while_a_date_is_moved(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        seq = at.app.workspace.seq
        await at.press("t", "d", "j", "2")
        assert at.app.workspace.seq == seq
        assert at.view.focused_task == 1
        assert "Enter sets it" in at.foot
        await at.press("escape", "j")
        assert at.view.focused_task == 2


async def test_marked_tasks_are_moved_together_in_one_step(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("M", "j", "M", "t", "l", "enter")
        assert [at.app.workspace.tasks[key].due is None for key in (1, 2, 3)] == [
            False,
            False,
            True,
        ]
        await at.press("u")
        await at.settle()
        assert at.app.workspace.tasks[1].due is None


async def test_a_date_is_given_up_where_somebody_changes_the_task(tmp_path: Path) -> None:
    async with opened(tmp_path, chain()) as at:
        await at.press("t", "l")
        other = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
        other.do(lambda ws, now: commands.edit_tasks(ws, now, tasks=(1,), due=TODAY))
        other.close()
        at.app.follow()
        await at.settle()
        assert not at.view.moves.under_way
        assert at.app.workspace.tasks[1].due == TODAY
        told = "Somebody has changed the task; nothing was moved."
        assert told in shown(at.view.query_one(StatusLine)), "what was changed does not hide it"


async def test_limited_capacity_puts_work_behind_each_other(tmp_path: Path) -> None:
    ws = plan(tasks=2, titles=("Dig", "Paint"), extra=EXTRA, likely=1.0, assignee=1)
    async with opened(tmp_path, ws) as at:
        assert at.row("Dig").index("█") == at.row("Paint").index("█")
        await at.press("v")
        await at.settle()
        assert at.row("Dig").index("█") != at.row("Paint").index("█")
        assert "(limited capacity)" in at.view.query_one(HeadLine).render_line(0).text


async def test_a_date_at_the_end_of_all_calendars_can_be_moved_back(tmp_path: Path) -> None:
    async with opened(tmp_path, chain(due=date.max)) as at:
        await at.press("t", "l", "h", "enter")
        assert at.app.workspace.tasks[1].due == date.max - timedelta(1)


# Large plans


async def test_a_large_plan_is_listed_at_once_and_dated_beside_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "_AT_ONCE", 0)
    async with opened(tmp_path, chain()) as at:
        await at.settle()
        assert "planned end" in at.ruler
        assert "█" in at.row("Dig")
        assert at.view.focused_task == 1
        await at.press("d")
        # The state is seen before the plan has been read again.
        assert at.state(1) == "done"
        await at.settle()
        assert at.row("Build").index("█") < at.row("Paint").index("█")
        await at.press("x", "enter")
        await at.settle()
        assert "Dig" not in at.text


def test_before_there_are_dates_the_tasks_are_there() -> None:
    ws = chain()
    found = undated(ws, TODAY)
    assert not found.dated
    assert found.groups(ws.tasks.values())[0].tasks == (1, 2, 3)
    assert found.bar(1).left is None
    assert timeline_words.planned_end(found, ws.tasks) == [("Working out the dates …", "dim")]


# Baselines


async def test_what_changes_below_a_dialog_in_a_window_of_another_size_is_painted(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, chain()) as at:
        view = at.view
        await at.press("O")
        for size in ((60, 20), (160, 40), (80, 24)):
            await at.pilot.resize_terminal(*size)
            view.scroll_to_day(TODAY + timedelta(size[0]))
            at.app.scope = Scope() if at.app.scope.mine else Scope(mine="k.brandt")
            await at.pilot.pause()
        await at.press("escape")
        assert at.view is view


async def test_what_has_moved_since_a_baseline_has_a_line_of_its_own(tmp_path: Path) -> None:
    ws = chain()
    ws = ws.apply(take(ws, NOW, name="Plan 1"))
    ws = ws.apply(commands.edit_tasks(ws, NOW, tasks=(3,), not_before=TODAY + timedelta(7)))
    async with opened(tmp_path, ws) as at:
        assert "Plan 1 +3 d" in at.text
        assert "▔▔▔" in at.text.splitlines()[at.text.splitlines().index(at.row("Paint")) + 1]
        # The cursor passes over it, and no other task has one.
        assert at.text.count("Plan 1") == 1
        await at.press("G", "k", "j")
        assert at.view.focused_task in ws.tasks
        at.app.remember(baseline=0)
        await at.press("3", "4")
        await at.settle()
        assert "Plan 1" not in at.text


class Slow:
    """A reading of plans that takes, beside the screen, as long as is wanted."""

    def __init__(self, real: Any) -> None:
        self.real, self.waits = real, False
        self.begun, self.go_on = Event(), Event()

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Read a plan, sooner or later."""
        if self.waits and current_thread() is not main_thread():
            self.begun.set()
            assert self.go_on.wait(60)
        return self.real(*arguments, **options)


async def test_a_plan_that_is_read_is_not_mixed_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(read)
    monkeypatch.setattr(screen, "_AT_ONCE", 0)
    monkeypatch.setattr(screen, "read", slow)
    async with opened(tmp_path, chain()) as at:
        await at.settle()
        slow.waits = True
        await at.press("p", "2")
        await at.until(slow.begun.is_set)
        for command in (
            partial(commands.add_task, title="New"),
            partial(commands.finish, task=4),
        ):
            await at.app.carry_out(command)
        slow.go_on.set()
        await at.settle()
        await at.press("4")
        await at.settle()
        assert at.row("New")


@pytest.mark.parametrize("module", [screen, date_moves])
async def test_dates_nobody_waits_for_any_more_are_not_worked_out_to_their_end(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended, endless = Event(), Event(), Event()

    def reading(*arguments: Any, heed: Any = None, **options: Any) -> Any:
        if current_thread() is main_thread() or not endless.is_set():
            return read(*arguments, **options)
        begun.set()
        try:
            while endless.is_set():
                heed()
                sleep(0.01)
        finally:
            ended.set()
        return read(*arguments, **options)

    async with opened(tmp_path, chain()) as at:
        await at.press("v")
        await at.settle()
        monkeypatch.setattr(module, "read", reading)
        endless.set()
        await at.press(*("v", "v") if module is screen else ("T", "l"))
        try:
            await at.until(begun.is_set)
            await at.press(*("v", "v") if module is screen else ("escape",))
            await at.until(ended.is_set)
        finally:
            endless.clear()


async def test_what_others_add_while_a_date_is_moved_is_shown_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(read)
    slow.waits = True
    monkeypatch.setattr(date_moves, "read", slow)
    async with opened(tmp_path, chain()) as at:
        await at.press("T", "l")
        await at.until(slow.begun.is_set)
        other = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
        other.do(partial(commands.add_task, title="New"))
        other.close()
        at.app.follow()
        await at.pilot.pause()
        slow.go_on.set()
        await at.settle()
        assert at.row("New")
        assert "moves 3 tasks" in at.told
        await at.press("enter")
        assert at.app.workspace.tasks[1].not_before
