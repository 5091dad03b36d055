"""Baselines on the screen: taken, chosen, compared, and what is late set anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.builders import TODAY, done, plan
from tests.tui.log.test_log_screen import out_of_reach
from tests.tui.stage import Seen, readable, shown, typed
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import take
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.asking import AskLine
from tracker.tui.dialogs.baseline_list import BaselineList
from tracker.tui.dialogs.questions import Confirm
from tracker.tui.dialogs.replan_preview import ReplanPreview
from tracker.tui.drift.screen import DriftScreen
from tracker.tui.task.screen import DetailScreen
from tracker.tui.widgets.rows import Rows


class Board(Seen):
    """The app, and what can be read on what is in front."""

    def __init__(self, app: TrackerApp, pilot: Pilot[str], session: Session) -> None:
        super().__init__(app, pilot)
        self.session = session

    @property
    def text(self) -> str:
        """What can be read in the rows of the view."""
        return shown(self.app.screen.query_one(Rows))

    async def front(self, kind: type) -> None:
        """Wait until a screen of a kind is in front."""
        await self.until(lambda: isinstance(self.app.screen, kind))
        await self.pilot.pause()

    async def compared(self) -> None:
        """Wait until the drift is there, and how long the plan lived."""
        await self.front(DriftScreen)
        await self.until(lambda: " lived " in self.text or "not known" in self.text)

    @property
    def names(self) -> list[str]:
        """The names of the baselines."""
        return [each.name for each in self.session.workspace.baselines.values()]


Show = Callable[..., AbstractAsyncContextManager[Board]]
THEN = TODAY - timedelta(days=14)


@pytest.fixture
def stage(tmp_path: Path) -> Show:
    """Return what opens a plan, of which baselines may have been taken two weeks ago."""

    @asynccontextmanager
    async def show(
        ws: Workspace, *, taken: tuple[str, ...] = (), size: tuple[int, int] = (100, 30)
    ) -> AsyncIterator[Board]:
        today = THEN

        def clock() -> datetime:
            return datetime(today.year, today.month, today.day, 9, tzinfo=UTC)

        path = tmp_path / "plan.json"
        before = Session.open(path, who="k.brandt", today=THEN, clock=clock)
        born = tuple(Edit(None, entity) for entity in ws.entities())
        if born:
            before.do(lambda _ws, _now: Change(sentence("Plan"), born))
        for name in taken:
            before.do(partial(take, name=name, reason="agreed"))
        before.close()
        today = TODAY
        session = Session.open(path, who="k.brandt", today=TODAY, clock=clock)
        app = TrackerApp(session)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Board(app, pilot, session)
        session.close()

    return show


def estimated(needs: str = "1-2", tasks: int = 0) -> Workspace:
    return plan(needs, tasks=tasks, low=4, likely=4, high=4, titles=("Build", "Test"))


async def test_the_first_one_is_taken_with_a_name_and_a_reason(stage: Show) -> None:
    async with stage(estimated()) as at:
        await at.press("O")
        await at.front(BaselineList)
        assert "no baseline yet; a takes one" in readable(at.app.screen)
        await at.press("a")
        await at.front(AskLine)
        await at.until(lambda: "2 tasks" in readable(at.app.screen))
        await typed(at.pilot, "after the steering committee")
        await at.press("enter")
        await at.until(lambda: at.names)
        (taken,) = at.session.workspace.baselines.values()
        assert (taken.name, taken.reason) == ("Plan 1", "after the steering committee")
        assert taken.by == "k.brandt"
        assert len(taken.plan) == 2
        assert at.app.baseline == taken
        await at.press("u")
        await at.until(lambda: not at.names)


async def test_a_name_that_is_taken_stays_for_correction(stage: Show) -> None:
    async with stage(estimated(), taken=("Plan 1",)) as at:
        await at.press("O", "a")
        await at.front(AskLine)
        line = at.app.screen
        await at.press(*["backspace"] * 10)
        await typed(at.pilot, "plan 1: again")
        await at.until(lambda: "already a baseline Plan 1" in readable(line))
        await at.press("enter")
        assert at.app.screen is line
        assert at.names == ["Plan 1"]


async def test_what_became_of_it_is_one_key_away_and_leads_to_the_tasks(stage: Show) -> None:
    async with stage(estimated(), taken=("Plan 1",)) as at:
        await at.press("O", "enter")
        await at.compared()
        text = at.text
        assert "“Plan 1”, taken Mon 9 Nov by k.brandt: agreed" in text
        assert "Plan 1 lived 3 working days: on 12 Nov, 2 of its 2 open tasks" in text
        assert "finish Wed 18 Nov → Wed 2 Dec" in text
        assert "late starts   10 ██████████████ 1 Build 10" in text
        assert "10 working days in all" in text
        view = at.app.screen
        assert isinstance(view, DriftScreen)
        assert view.choose(1)
        await at.press("enter")
        await at.front(DetailScreen)
        await at.press("escape")
        await at.press("q")
        await at.until(lambda: not isinstance(at.app.screen, DriftScreen))


async def test_it_follows_what_is_done(stage: Show) -> None:
    async with stage(estimated(), taken=("Plan 1",)) as at:
        await at.press("O", "enter")
        await at.compared()
        view = at.app.screen
        assert isinstance(view, DriftScreen)
        assert view.choose(2)
        await at.press("x")
        await at.front(Confirm)
        await at.press("y")
        await at.until(lambda: "1 gone" in at.text)
        assert "finish Wed 18 Nov → Thu 26 Nov" in at.text


async def test_two_are_compared_once_they_are_ticked(stage: Show) -> None:
    async with stage(estimated(), taken=("Plan 1",)) as at:
        at.session.do(partial(take, name="Plan 2"))
        at.app.follow()
        at.app.workspace = at.session.workspace
        await at.press("O")
        await at.front(BaselineList)
        await at.press("space", "j", "space", "enter")
        await at.compared()
        assert "“Plan 1”, taken Mon 9 Nov by k.brandt: agreed" in at.text
        assert "→ “Plan 2”, taken today by k.brandt" in at.text
        assert "late starts   10" in at.text


async def test_which_one_is_drawn_is_remembered(stage: Show) -> None:
    async with stage(estimated(), taken=("Plan 1", "Plan 2")) as at:
        assert at.app.baseline is not None
        assert at.app.baseline.name == "Plan 2"
        await at.press("O", "j", "s")
        await at.until(lambda: at.app.recalled("baseline") == 1)
        assert at.app.baseline.name == "Plan 1"
        await at.press("O", "s")
        await at.until(lambda: at.app.recalled("baseline") == 0)
        assert at.app.baseline is None


async def test_one_is_renamed_and_deleted(stage: Show) -> None:
    async with stage(estimated(), taken=("Plan 1",)) as at:
        await at.press("O", "e")
        await at.front(AskLine)
        await typed(at.pilot, "Contract")
        await at.press("enter")
        await at.until(lambda: at.names == ["Contract"])
        await at.press("O", "x")
        await at.front(Confirm)
        await at.press("y")
        await at.until(lambda: not at.names)
        await at.press("u")
        await at.until(lambda: at.names == ["Contract"])


async def test_what_is_late_is_set_anew_after_a_preview_and_by_one_undo_as_before(
    stage: Show,
) -> None:
    past, soon = date(2026, 11, 18), date(2026, 11, 25)
    ws = done(estimated(), commands.edit_task, task=1, due=past)
    ws = done(ws, commands.edit_task, task=2, due=soon)

    async with stage(ws) as at:

        def dues() -> list[date | None]:
            return [task.due for task in at.session.workspace.tasks.values()]

        await at.press("colon")
        await typed(at.pilot, "replan")
        await at.press("enter")
        await at.front(ReplanPreview)
        text = readable(at.app.screen)
        assert "1 Build  Wed 18 Nov → Thu 26 Nov" in text
        assert "Test" not in text
        assert "last due date Wed 25 Nov → Thu 26 Nov" in text
        await at.press("v")
        await at.until(lambda: "2 Test   Wed 25 Nov → Wed 2 Dec" in readable(at.app.screen))
        await at.press("f")
        await at.until(lambda: "its finish by the schedule" in readable(at.app.screen))
        await at.press("enter")
        await at.until(lambda: dues() == [date(2026, 11, 26), date(2026, 12, 2)])
        await at.press("u")
        await at.until(lambda: dues() == [past, soon])


async def test_a_due_date_that_is_changed_during_the_preview_is_not_overwritten(
    stage: Show, tmp_path: Path
) -> None:
    ws = done(estimated(), commands.edit_task, task=1, due=date(2026, 11, 18))
    async with stage(ws) as at:
        await at.press("colon")
        await typed(at.pilot, "replan")
        await at.press("enter")
        await at.front(ReplanPreview)
        other = Session.open(tmp_path / "plan.json", who="bob", today=TODAY)
        other.do(lambda ws, now: commands.edit_task(ws, now, task=1, due=date(2027, 1, 1)))
        other.close()
        await at.press("enter")
        await at.pilot.pause()
        await at.until(lambda: at.session.workspace.tasks[1].due == date(2027, 1, 1))


async def test_nothing_to_replan_is_said(stage: Show) -> None:
    async with stage(estimated()) as at:
        told: list[str] = []
        at.app.tell_error = lambda error: told.append(str(error))  # type: ignore[method-assign]
        await at.press("colon")
        await typed(at.pilot, "replan")
        await at.press("enter")
        await at.until(lambda: told)
        assert told == ["Every due date can be kept."]


async def test_without_a_baseline_the_way_to_one_is_told(stage: Show) -> None:
    async with stage(estimated()) as at:
        await at.press("colon")
        await typed(at.pilot, "drift")
        await at.press("enter")
        await at.front(DriftScreen)
        empty = at.app.screen.query_one("#empty")
        await at.until(lambda: empty.display)
        await at.press("colon")
        await typed(at.pilot, "baseline take Plan A")
        await at.press("enter")
        await at.front(AskLine)
        await at.press("enter")
        await at.until(lambda: at.names == ["Plan A"])
        await at.until(lambda: "“Plan A”, taken today" in at.text)


async def test_a_thousand_tasks_and_long_names_fit(stage: Show) -> None:
    ws = plan(tasks=300, titles=["Ä" * 80, "漢" * 60], low=1, likely=1, high=1)
    async with stage(ws, taken=("Ü" * 60,), size=(80, 24)) as at:
        await at.press("O")
        await at.front(BaselineList)
        await at.press("enter")
        await at.compared()
        assert all(len(line) <= 80 for line in at.text.split("\n"))
        view = at.app.screen
        assert isinstance(view, DriftScreen)
        view.rows.go(0)
        assert "Ü" * 60 in at.text
        view.choose(1)
        assert "Ä…" in at.text


async def test_what_could_not_be_read_from_a_server_is_compared_once_it_is_reached(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(estimated(), taken=("Plan 1",)) as at:
        with monkeypatch.context() as patch:
            patch.setattr(Session, "history", out_of_reach)
            await at.press("O", "enter")
            await at.front(DriftScreen)
            at.app.offline = True
            await at.pilot.pause()
        at.app.offline = False
        await at.compared()
