"""How work flows, on the screen: reached from the loops, read line by line, worked from."""

from __future__ import annotations

from pathlib import Path

from tests.builders import NOW, TODAY, later, plan
from tests.tui.stage import shown
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.loops.screen import LoopsScreen
from tracker.tui.metrics.screen import MetricsScreen
from tracker.tui.task.screen import DetailScreen
from tracker.tui.view.frame import HeadLine
from tracker.tui.widgets.rows import Rows

DAY = 24 * 60


async def test_it_is_the_other_side_of_the_loops_and_verbs_act_on_its_rows(tmp_path: Path) -> None:
    session = Session.open(
        tmp_path / "plan.json", who="k.brandt", today=TODAY, clock=lambda: NOW.at
    )
    ws = plan("1-2", titles=("Fibre", "Handover"))
    born = tuple(Edit(None, entity) for entity in ws.entities())
    session.do(lambda _ws, _now: Change(sentence("Plan"), born))
    session.do(lambda ws, _now: commands.start(ws, later(-3 * DAY), task=1))
    app = TrackerApp(session, view="loops")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.press("v")
        await pilot.pause()
        view = app.screen
        assert isinstance(view, MetricsScreen)
        assert "[6 Loops: measures]" in view.query_one(HeadLine).render_line(0).text
        text = shown(view.query_one(Rows))
        assert "No finished task has both its begin and its end on record." in text
        assert "1 ◐ Fibre" in text
        assert "4 days" in text
        app.go_to(1)
        await pilot.press("d")
        await pilot.pause()
        assert app.workspace.tasks[1].state == "done"
        assert "P50 4 days  · P85 4 days" in shown(view.query_one(Rows))
        await pilot.press("space")
        assert app.workspace.tasks[2].state == "todo", "a line about no task is none to act on"
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(app.screen, LoopsScreen)
        await pilot.press("colon", *"metrics", "enter")
        await pilot.pause()
        assert isinstance(app.screen, MetricsScreen)
    session.close()


async def test_an_empty_plan_says_how_it_begins(tmp_path: Path) -> None:
    session = Session.open(
        tmp_path / "plan.json", who="k.brandt", today=TODAY, clock=lambda: NOW.at
    )
    app = TrackerApp(session, view="metrics")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.screen.has_class("-empty")
        await pilot.press("j", "enter", "G", "space")
        assert not isinstance(app.screen, DetailScreen)
    session.close()
