"""The view of loops: when it will be over, which return costs most, and what-if."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from tests import DATA
from tests.bench.forecast_nets import net
from tests.builders import TODAY, done, later, plan
from tests.exchange.lists import taken_file
from tests.tui.stage import asked, full_disk, readable, shown, typed
from tracker import language
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department, Link, Person, Project, System
from tracker.domain.sentence import sentence
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.calibration import Calibration
from tracker.flow.forecast.finish import Finish
from tracker.flow.forecast.inquiry import Outlook
from tracker.flow.forecast.loop_health import health
from tracker.language import say
from tracker.session import Session
from tracker.tui import keys
from tracker.tui.app import TrackerApp
from tracker.tui.board.board_view import BoardView
from tracker.tui.board.screen import BoardScreen
from tracker.tui.dialogs.send_back import SendBack
from tracker.tui.loops.return_rows import Returns
from tracker.tui.loops.screen import LoopsScreen
from tracker.tui.messages import Do
from tracker.tui.view.frame import HeadLine, StatusLine
from tracker.tui.widgets.choices import Passage
from tracker.wording.figures import day_words

HOUSE = (
    Department(id=1, name="Fachbereich", short="FB", order=1, day_rate=500.0),
    Department(id=2, name="Entwicklung", short="EW", order=2, day_rate=700.0),
    Person(id=1, login="k.brandt"),
    System(id=1, name="ERP-DB"),
)
TITLES = ("Anforderungen", "Schnittstelle", "Test", "Abnahme", "Schulung", "Freigabe")


def office(**link: object) -> Workspace:
    """Return a line of six tasks: 4 sends back to 2 often, 6 to 5 seldom and cheaply."""
    ws = plan("1-2 2-3 3-4 4-5 5-6", returns="4-2 6-5", titles=TITLES, extra=HOUSE, likely=4.0)
    far, near = (link for link in ws.links.values() if link.kind == "returns")
    edits = [
        Edit(far, replace(far, **{"rate": 0.4, "limit": 1, **link})),
        Edit(near, replace(near, rate=0.05, share=0.2)),
    ]
    edits += [
        Edit(task, replace(task, department=1 + task.id % 2, low=2.0, high=9.0))
        for task in ws.tasks.values()
    ]
    ws = ws.apply(Change(sentence("Begun"), tuple(edits)))
    for number in (1, 2, 3):
        ws = done(ws, commands.finish, task=number)
    return done(ws, arrows.send_back, gate=4, target=2, reason="ERP-DB refuses", now=later(5))


class Stage(NamedTuple):
    """The view on the screen, and the means to work on it."""

    app: TrackerApp
    pilot: Pilot[str]

    @property
    def screen(self) -> LoopsScreen:
        screen = self.app.screen
        assert isinstance(screen, LoopsScreen)
        return screen

    @property
    def outlook(self) -> str:
        return shown(self.screen.query_one("#outlook", Passage))

    @property
    def flat(self) -> str:
        """The outlook as if it had never been broken into lines."""
        return " ".join(self.outlook.split())

    @property
    def told(self) -> str:
        lines = self.screen.query_one("#told", Passage).lines
        return "\n".join("".join(text for text, _style in line) for line in lines)

    @property
    def rows(self) -> list[str]:
        return shown(self.screen.rows).splitlines()

    @property
    def head(self) -> str:
        return self.app.screen.query_one(HeadLine).render_line(0).text

    async def press(self, *names: str) -> None:
        await self.pilot.press(*names)
        await self.pilot.pause()

    async def do(self, command: Callable[..., Change], **fields: object) -> None:
        self.app.post_message(Do(partial(command, **fields)))
        await self.pilot.pause()

    async def until(self, so: Callable[[], object]) -> None:
        """Wait until something is so."""
        for _ in range(2_000):
            if so():
                return
            await self.pilot.pause(0.01)
        raise AssertionError("it never came")

    async def finished(self) -> Outlook:
        """Wait until everything has been worked out."""
        await self.until(lambda: self.app.outlook is not None and self.app.outlook.finished)
        await self.pilot.pause()
        assert self.app.outlook is not None
        return self.app.outlook


Show = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def stage(tmp_path: Path) -> Show:
    """Give a context that shows the loops of a workspace."""

    @asynccontextmanager
    async def show(
        ws: Workspace,
        size: tuple[int, int] = (100, 30),
        *,
        ascii: bool = False,
        view: str = "6",
    ) -> AsyncIterator[Stage]:
        session = Session.open(tmp_path / "plan.json", who="k.brandt", today=TODAY)
        births = tuple(Edit(None, entity) for entity in ws.entities())
        born = Change(sentence("Begun"), births)
        session.do(lambda ws, now: born)  # noqa: ARG005
        app = TrackerApp(session, ascii=ascii)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await pilot.press(view)
            await pilot.pause()
            yield Stage(app, pilot)
        session.close()

    return show


def _links(ws: Workspace) -> list[Link]:
    return [link for link in ws.links.values() if link.kind == "returns"]


# When it will be over


async def test_the_dates_are_told_beside_those_without_returns(stage: Show) -> None:
    async with stage(office(limit=None), (100, 40)) as at:
        found = (await at.finished()).forecasts.get(0)
        assert found is not None
        text = at.outlook
        day = found.date_of(found.finish.p80)
        assert text.splitlines()[0].startswith(" In 80 of 100 simulated runs this plan is finished")
        assert f"{day.day} {day:%b}" in " ".join(text.splitlines()[:2])
        for words in (
            "P95, if this plan is complete",
            "Without returns",
            "Plain schedule",
            "of 100 simulated runs",
            "this plan is complete",
            "successors of a gate wait for its acceptance",
            "delays within a project are correlated (0.5)",
            "return rates as entered (each weighs as much as 4 recorded passes), updated with",
            f"{found.runs:,} simulated runs",
            "▲P80",
        ):
            assert words in at.flat, words


async def test_how_likely_the_target_of_a_project_is_kept_is_told(stage: Show) -> None:
    ws = office()
    project = Project(id=1, name="Umzug", target=TODAY)
    moved = [replace(task, project=1) for task in ws.tasks.values()]
    edits = [Edit(None, project), *(Edit(ws.tasks[t.id], t) for t in moved)]
    ws = ws.apply(Change(sentence("Begun"), tuple(edits)))
    async with stage(ws) as at:
        await at.finished()
        line = next(line for line in at.outlook.splitlines() if "Target" in line)
        assert "today" in line
        assert "met in 0 of 100 simulated runs" in line


async def test_the_head_line_says_p80_and_marks_it_while_the_plan_has_changed(stage: Show) -> None:
    async with stage(office(), view="2") as at:
        await at.finished()
        assert isinstance(at.app.screen, BoardScreen)
        assert "P80" in at.head
        assert "…" not in at.head
        await at.press("p")
        assert "…" in at.head
        await at.until(lambda: "…" not in at.head)
        assert "P80" in at.head


async def test_a_large_plan_has_first_figures_unasked_and_all_of_them_where_one_looks(
    stage: Show,
) -> None:
    async with stage(net(1_001), size=(120, 40), view="2") as at:
        found = await at.finished()
        assert found.forecasts
        (first,) = found.forecasts.values()
        assert first.runs == 512
        assert not (at.app.outlook and at.app.outlook.costs)
        error = math.ceil(first.finish.error80)
        assert f"± {error} d" in at.head
        await at.press("6")
        await at.until(lambda: at.app.outlook and at.app.outlook.costs)
        await at.finished()
        assert "±" not in at.head
        assert "first results" not in at.flat
        # Nothing is worked out twice.
        all_of_them = at.app.outlook
        await at.press("2")
        await at.press("6")
        assert at.app.outlook is all_of_them


async def test_a_result_that_was_overtaken_is_dropped(stage: Show) -> None:
    async with stage(office()) as at:
        old = await at.finished()
        await at.press("p")
        await at.until(lambda: at.app.outlook is not old)
        newest = await at.finished()
        at.app.forecasting._take(old)
        assert at.app.outlook is newest
        assert newest.about.workspace is at.app.workspace


async def test_the_rates_may_be_those_entered(stage: Show) -> None:
    async with stage(office(limit=None), (100, 40)) as at:
        learned = await at.finished()
        await at.press("r")
        await at.until(lambda: "return rates as entered ·" in at.flat)
        assert "(rates as entered)" in at.head
        entered = await at.finished()
        assert entered.forecasts
        assert learned.forecasts
        far = _links(at.app.workspace)[0].id
        rates = {figures.link: figures.rate for figures in entered.forecasts[0].returns}
        assert rates[far] == pytest.approx(0.4)
        await at.press("r")
        await at.until(lambda: "updated with what was recorded" in at.flat)


async def test_opening_lays_out_once_and_a_new_outlook_once_more(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out: list[Outlook | None] = []
    real = LoopsScreen._read

    def noted(screen: LoopsScreen) -> Returns:
        laid_out.append(screen.outlook)
        return real(screen)

    async with stage(office(), view="2") as at:
        await at.finished()
        monkeypatch.setattr(LoopsScreen, "_read", noted)
        await at.press("6")
        # What is composed reads once more, before anything can be seen.
        assert len(laid_out) <= 3
        await at.press("2")
        laid_out.clear()
        await at.press("6")
        assert laid_out == [], "nothing has changed meanwhile"


async def test_one_g_leaves_the_cursor_and_two_go_to_the_first_arrow(stage: Show) -> None:
    async with stage(office()) as at:
        await at.press("j")
        here = at.screen.rows.row
        await at.press("g")
        assert at.screen.rows.row == here
        await at.press("g")
        assert at.screen.rows.row != here


# Which return to fix


async def test_the_date_that_mending_the_costliest_return_would_bring_is_told(stage: Show) -> None:
    async with stage(office(), (80, 24)) as at:
        forecast = (await at.finished()).forecasts.get(0)
        assert forecast is not None
        far = _links(at.app.workspace)[0].id
        cost = next(back.cost_p80 for back in forecast.returns if back.link == far)
        assert cost
        before, after = (
            day_words(forecast.date_of(days), TODAY)
            for days in (forecast.finish.p80, forecast.finish.p80 - cost)
        )
        assert f"Fixing 4 → 2 first would move P80 from {before} to {after}" in at.flat
        assert "savings do not add up" in at.flat


async def test_a_return_that_costs_nothing_is_not_to_be_mended(stage: Show) -> None:
    async with stage(office(rate=0.0, share=0.01), (80, 24)) as at:
        await at.press("r")
        await at.finished()
        assert "Fixing 4 → 2" not in at.flat


@pytest.mark.parametrize("spoken", ["en", "de"])
async def test_a_stranger_reads_all_of_it_in_a_small_window(stage: Show, spoken: str) -> None:
    language.use(spoken)
    try:
        async with stage(office(), (80, 24)) as at:
            found = (await at.finished()).forecasts.get(0)
            assert found is not None
            p80 = {"en": "In 80 of 100 simulated runs", "de": "In 80 von 100 Simulationen"}[spoken]
            for words in (p80, "Fixing 4 → 2" if spoken == "en" else "4 → 2", "P80 ± "):
                assert words in at.flat, words
            assert at.screen.rows.size.height >= 2
            assert at.screen.query_one("#told", Passage).size.height >= 3
    finally:
        language.use("en")


async def test_while_something_is_tried_the_line_below_says_what_enter_does(stage: Show) -> None:
    async with stage(office(), (80, 24)) as at:
        await at.finished()
        line = at.screen.query_one(StatusLine)
        assert "on the board" in line.render_line(0).text
        await at.press("minus")
        assert "Enter store  Esc discard" in line.render_line(0).text
        await at.until(lambda: "working days earlier" in at.flat)
        assert re.search(r"P80 .* → .*: [\d.]+ working days earlier", at.flat)
        await at.press("escape")
        assert "nothing was stored" in line.render_line(0).text
        await at.press("j")
        assert "on the board" in line.render_line(0).text


async def test_the_return_that_costs_most_comes_first_and_says_so(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        await at.finished()
        first, second = at.rows[:2]
        assert "4 Abnahme → 2 Schnittstelle" in first
        assert "fix this first" in first
        assert "↻2/1!" in first
        assert "1 of 1" in first
        assert "6 Freigabe → 5 Schulung" in second
        assert "as entered" in second
        assert "fix" not in second


async def test_all_is_told_of_the_arrow_under_the_cursor(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.until(lambda: "This loop" in at.told)
        for words in (
            "4 Abnahme (Fachbereich) → 2 Schnittstelle (Fachbereich)",
            "1 of 1 returned",
            "(entered: 40%)",
            "over the limit",
            "Accepted at first attempt",
            "Cost:",
            "pass 2 since today · k.brandt · “ERP-DB refuses”",
            "This loop converges",
            "52% of passes are followed by another, with 100% of the work",
        ):
            assert words in " ".join(at.told.split()), words
        await at.press("j")
        assert "6 Freigabe" in at.told.splitlines()[0]
        assert "Nothing has come back over it yet." in at.told


async def test_a_loop_in_a_line_is_known_exactly_and_so_is_its_simulation() -> None:
    ws = office()
    found = health(ws, _links(ws)[0].id, TODAY)
    # 12 days, and again so often as 0.4 / 0.6 times.
    assert found.figures.expected_days == pytest.approx(20.0)
    assert found.simulated == pytest.approx(20.0, abs=5 * found.error)
    assert found.error > 0


async def test_a_loop_that_hardly_dies_out_is_told_in_words(stage: Show) -> None:
    async with stage(office(rate=0.95)) as at:
        await at.until(lambda: "This loop" in at.told)
        assert "barely converges" in at.told


async def test_enter_shows_the_arrow_on_the_board(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.press("enter")
        assert isinstance(at.app.screen, BoardScreen)
        assert at.app.screen.focused_task == 4


async def test_what_a_loop_costs_stands_below_the_board(stage: Show) -> None:
    async with stage(office(), (120, 30), view="2") as at:
        await at.finished()
        at.app.go_to(4)
        await at.pilot.pause()
        view = at.app.screen.query_one(BoardView)
        assert "(P80)" in view.render_line(view.size.height - 1).text


async def test_a_deadlock_is_told_apart_from_rework(stage: Show) -> None:
    ws = done(office(), commands.wait, task=4, waiting_for="after #6", follow_up=None)
    async with stage(ws) as at:
        await at.finished()
        assert "Deadlock" in at.outlook
        assert re.search(r"\d must not wait for \d: this unblocks 3 tasks", at.flat)


# What is assumed


async def test_how_many_dates_were_kept_is_told_beside_p80(stage: Show) -> None:
    async with stage(office()) as at:
        found = await at.finished()
        assert found.calibration == Calibration(0, 0, 0, 1.0)
        assert "P80 dates" not in at.flat
        await at.press("I")
        assert "No recent P80 date has passed yet" in " ".join(readable(at.app.screen).split())
        await at.press("escape")
        few = replace(found, calibration=Calibration(47, 116, 31, 0.001))
        at.app.outlook = few
        await at.until(lambda: "later. 47 of 116 P80 dates (31 tasks) were met so far" in at.flat)


async def test_single_estimates_are_told_first_and_let_vary_by_one_key(stage: Show) -> None:
    ws = office()
    exact = [Edit(task, replace(task, low=4.0, high=4.0)) for task in ws.tasks.values()]
    async with stage(ws.apply(Change(sentence("Begun"), tuple(exact)))) as at:
        before = (await at.finished()).forecasts
        assert before is not None
        told = "open tasks have a single estimate or none, which is taken as exact. S lets"
        assert told in at.flat
        await at.press("S")
        assert "at least 10 of them are needed to learn from" in readable(at.app.screen)
        await at.press("enter")
        await at.until(lambda: at.app.workspace.preferences.spread == (0.7, 2.0))
        await at.finished()
        await at.until(lambda: told not in at.flat)
        await at.press("I")
        read = " ".join("".join(t for t, _s in line) for line in passage(at).lines)
        assert "tasks with a single estimate take 70–200% of it" in " ".join(read.split())
        await at.press("escape")
        await at.press("S", "down", "enter")
        await typed(at.pilot, "50-300%")
        assert "50–300% of the estimate, in 8 of 10 cases" in readable(at.app.screen)
        await at.press("enter")
        await at.until(lambda: at.app.workspace.preferences.spread == (0.5, 3.0))
        await at.press("u", "u")
        await at.until(lambda: told in at.flat)


async def test_what_may_hold_it_up_is_told_in_the_smallest_window(stage: Show) -> None:
    ws = office()
    edits = [Edit(task, replace(task, low=4.0, high=4.0)) for task in ws.tasks.values()]
    ws = ws.apply(Change(sentence("Begun"), tuple(edits)))
    held = Edit(ws.tasks[5], replace(ws.tasks[5], state="waiting"))
    async with stage(ws.apply(Change(sentence("Begun"), (held,))), (80, 24)) as at:
        await at.finished()
        assert "! 2 warnings ·" in at.flat
        assert "▲P50" in at.flat
        assert "I shows all" in at.flat


async def test_all_that_a_forecast_rests_on_is_shown_by_one_key(stage: Show) -> None:
    ws = office()
    late = ws.tasks[5]
    edits = [
        Edit(late, replace(late, state="waiting", waiting_for="the vendor")),
        Edit(ws.systems[1], replace(ws.systems[1], state="down")),
        Edit(ws.tasks[6], replace(ws.tasks[6], systems=(1,))),
    ]
    async with stage(ws.apply(Change(sentence("Begun"), tuple(edits))), (80, 24)) as at:
        await at.finished()
        assert "! 3 warnings" in at.flat
        assert "P80 ± " in at.flat
        assert "I shows all" in at.outlook.splitlines()[-1]
        await at.press("I")
        read = "\n".join("".join(t for t, _s in line) for line in passage(at).lines)
        flat = " ".join(read.split())
        assert flat.startswith("In 80 of 100 simulated runs this plan is finished by ")
        for words in (
            "What may hold it up: ",
            "ERP-DB is down and holds up 1 task: 6 Freigabe. The dates assume that it is up",
            "1 task is on hold without a future follow-up date and is assumed to resume at once:"
            " 5 Schulung.",
            "Other dates, and what they mean: ",
            "Plain schedule: each task takes exactly its likely duration, nothing comes back.",
            "Assumptions: ",
            "unlimited capacity of people and departments",
            "simulated runs (seed 1)",
        ):
            assert words in flat, words
        await at.press("G", "escape")
        assert isinstance(at.app.screen, LoopsScreen)


async def test_a_system_is_taken_to_be_up_again_on_a_day_that_is_typed(stage: Show) -> None:
    ws = office()
    edits = [
        Edit(ws.systems[1], replace(ws.systems[1], state="down")),
        Edit(ws.tasks[6], replace(ws.tasks[6], systems=(1,))),
    ]
    async with stage(ws.apply(Change(sentence("Begun"), tuple(edits)))) as at:
        before = (await at.finished()).forecasts[0]
        await at.press("W")
        assert "leave empty to assume nothing" in readable(at.app.screen)
        await typed(at.pilot, "1.12.2027")
        await at.press("enter")
        await at.until(lambda: "This assumes that ERP-DB is up again on 1 Dec 2027." in at.flat)
        after = (await at.finished()).forecasts[0]
        assert after.finish.p80 > before.finish.p80 + 100
        assert "if ERP-DB is up on 1 Dec 2027" in at.head
        assert not any("is down and holds up" in text for text in map(say, after.warnings))
        # What is tried is compared under the same assumption.
        await at.press("minus")
        await at.until(lambda: re.search(r"P80 (.* → .* earlier|stays)", at.flat))
        await at.press("escape", "W", "ctrl+u", "enter")
        await at.until(lambda: "This assumes" not in at.flat)
        assert (await at.finished()).forecasts[0].finish.p80 == before.finish.p80


async def test_without_a_system_that_is_down_there_is_nothing_to_assume(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.press("W")
        line = at.screen.query_one(StatusLine)
        await at.until(lambda: line.message and "No system is down" in line.message[0])


def passage(at: Stage) -> Passage:
    return at.app.screen.query_one(Passage)


# What if


async def test_a_rate_is_tried_and_nothing_is_stored(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        before = at.app.workspace
        await at.press("minus", "minus")
        assert "What-if, not stored: 4 → 2: 40% → 30%" in at.outlook
        assert "1 recorded completion counts" in at.flat
        await at.until(lambda: re.search(r"^ +-[\d.]+ d", at.outlook, re.MULTILINE))
        assert "40% → 30%" in at.rows[0]
        assert at.app.workspace is before
        await at.press("escape")
        assert "What-if" not in at.outlook
        assert at.app.workspace is before


async def test_several_changes_are_stored_as_one(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        records = len([*at.app.session.history()])
        await at.press("minus", "j", "x", "g", "g", "D", "enter")
        await typed(at.pilot, "1/1/2")
        await at.press("enter")
        await at.until(lambda: "1/1/2" in at.outlook)
        assert "without 6 → 5" in at.outlook
        await at.press("enter", "escape")
        assert len([*at.app.session.history()]) == records, "an arrow goes only after a question"
        await at.press("enter", "enter")
        await at.until(lambda: len([*at.app.session.history()]) == records + 1)
        ws = at.app.workspace
        (left,) = _links(ws)
        assert left.rate == pytest.approx(0.35)
        assert ws.tasks[2].high == 2
        assert "What-if" not in at.outlook
        await at.press("u")
        await at.until(lambda: len(_links(at.app.workspace)) == 2)
        assert at.app.workspace.tasks[2].high == 9


async def test_the_last_change_tried_is_taken_back_by_itself(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.press("minus", "j", "x", "u")
        assert "4 → 2: 40% → 35%" in at.outlook
        assert "without" not in at.outlook
        await at.press("g", "g", "plus")
        assert "What-if" not in at.outlook


async def test_an_arrow_is_left_out_and_had_back_by_one_key(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.press("x")
        assert "without 4 → 2" in at.outlook
        await at.press("X")
        assert "What-if" not in at.outlook


async def test_rate_share_and_limit_are_typed(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.press("e")
        await typed(at.pilot, "a lot")
        await at.press("enter")
        assert "!" in readable(at.app.screen)
        await at.press("ctrl+u")
        await typed(at.pilot, "20% 50% 3")
        await at.press("enter")
        assert "return rate 20%, 50% rework, at most 3 passes" in at.flat


async def test_what_is_tried_is_tried_on_the_newest_plan(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.press("x")
        link = _links(at.app.workspace)[0]
        await at.do(arrows.unlink, link=link.id)
        await at.until(lambda: link.id not in at.app.workspace.links)
        await at.until(lambda: "What-if" not in at.outlook)


async def test_an_estimate_is_no_keys_although_its_task_has_gone(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.press("D")
        target = _links(at.app.workspace)[0].target
        await at.do(commands.delete_task, task=target)
        await at.until(lambda: target not in at.app.workspace.tasks)
        before = at.app.workspace
        await at.press("enter")
        await typed(at.pilot, "3d")
        await at.press("enter")
        why = f"There is no task {target}"
        await at.until(lambda: why in shown(at.screen.query_one(StatusLine)))
        assert at.app.workspace is before


async def test_what_others_set_meanwhile_stays_when_a_rate_is_stored(stage: Show) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.press("minus")
        link = _links(at.app.workspace)[0].id
        await at.do(arrows.edit_link, link=link, limit=7)
        await at.until(lambda: at.app.workspace.links[link].limit == 7)
        await at.press("enter")
        await at.until(lambda: at.app.workspace.links[link].rate < 0.4)
        assert at.app.workspace.links[link].limit == 7


async def test_what_cannot_be_stored_is_still_tried(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(office()) as at:
        await at.finished()
        await at.press("minus", "minus")
        with monkeypatch.context() as patch:
            patch.setattr(at.app.session, "do", full_disk)
            await at.press("enter")
            await at.until(lambda: "The disk is full." in shown(at.screen.query_one(StatusLine)))
        assert "What-if, not stored: 4 → 2: 40% → 30%" in at.outlook
        await at.press("enter")
        await at.until(lambda: _links(at.app.workspace)[0].rate == pytest.approx(0.3))
        await at.until(lambda: "What-if" not in at.outlook)


async def test_a_spread_that_cannot_be_stored_stays_in_its_line(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(office()) as at:
        await at.press("S", "down", "enter")
        await typed(at.pilot, "80-150%")
        with monkeypatch.context() as patch:
            patch.setattr(at.app.session, "do", full_disk)
            await at.press("enter")
            await at.until(lambda: "The disk is full." in readable(at.app.screen))
        assert at.app.screen.query_one(Input).value == "80-150%"
        await at.press("enter")
        await at.until(lambda: at.app.workspace.preferences.spread == (0.8, 1.5))


# Finding


async def test_a_search_without_hits_leaves_the_cursor_and_says_so(stage: Show) -> None:
    async with stage(office(), (80, 24)) as at:
        await at.finished()
        await at.press("j")
        row = at.screen.rows.row
        await at.press("slash")
        await typed(at.pilot, "Schnitt")
        assert at.screen.rows.row != row
        await typed(at.pilot, "laender")
        assert at.screen.rows.row == row
        await at.press("enter")
        line = at.screen.query_one(StatusLine)
        assert line.message is not None
        assert line.message[0].startswith("No return arrow starts or ends at a task matching")
        await at.press("n")
        assert line.message[0].startswith("No return arrow starts or ends at a task matching")
        assert at.screen.rows.row == row


# Where there is nothing


async def test_without_return_arrows_it_says_how_to_draw_one(stage: Show) -> None:
    async with stage(plan("1-2", likely=3.0)) as at:
        await at.finished()
        assert "P80" in at.outlook
        assert "No return arrows yet" in at.told
        assert "<" in at.told
        await at.press("minus", "enter")
        assert isinstance(at.app.screen, LoopsScreen)


async def test_without_open_tasks_there_is_nothing_to_forecast(stage: Show) -> None:
    async with stage(plan("1-2", states="1:done 2:done")) as at:
        await at.finished()
        assert "all tasks are done" in at.flat
        assert "P80" not in at.head


async def test_an_empty_plan_says_how_to_begin(stage: Show) -> None:
    async with stage(Workspace()) as at:
        await at.finished()
        assert "a adds one" in at.outlook
        assert not at.told
        line = at.screen.query_one(StatusLine).render_line(0).text
        assert "a add" in line
        assert "rate" not in line


# Elsewhere


async def test_sending_back_shows_what_it_does_to_the_date() -> None:
    async with asked(SendBack(office(), 4, TODAY)) as (app, pilot):
        for _ in range(2_000):
            if "→" in readable(app.screen).partition("P80")[2]:
                return
            await pilot.pause(0.01)
        raise AssertionError("it never came")


async def test_one_thing_at_a_time_is_a_switch_with_both_dates(stage: Show) -> None:
    ws = taken_file(DATA / "cases" / "dates" / "one_person.csv").ws
    async with stage(ws, (100, 40)) as at:
        free = await at.finished()
        assert "anna would have 20 critical tasks" in at.flat
        assert "unlimited capacity of people" in at.flat
        await at.press("c")
        await at.until(lambda: "(limited capacity)" in at.head)
        limited = await at.finished()
        (before,), (after,) = free.forecasts.values(), limited.forecasts.values()
        assert (before.finish.p80, after.finish.p80) == (5, 100)
        assert [each.finish.p80 for each in limited.unlimited.values()] == [5]
        assert "Unlimited capacity" in at.flat
        assert "anna (95 days)" in at.flat
        assert "would have" not in at.flat
        await at.press("c")
        await at.until(lambda: "(limited capacity)" not in at.head)
        again = await at.finished()
        assert [each.finish for each in again.forecasts.values()] == [before.finish]
        assert not again.unlimited


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)])
async def test_it_stands_in_any_window(stage: Show, size: tuple[int, int]) -> None:
    language.use("de")
    try:
        async with stage(office(), size, ascii=size[0] == 80) as at:
            await at.finished()
            await at.press("minus")
            screen = at.screen
            told = screen.query_one("#told", Passage)
            assert told.size.height >= 3
            assert screen.rows.size.height >= 2
            if size[0] == 80:
                text = "".join((at.outlook, *at.rows, shown(told)))
                # The mark of a cut is spelled as it is painted.
                assert set(filter(lambda sign: not sign.isascii(), text)) <= {"…"}
    finally:
        language.use("en")


def test_keys_that_take_the_place_of_others_are_listed_instead() -> None:
    found = {key.id for key in keys.known("work", "loops")}
    assert {"keep", "without", "retype"} <= found
    assert not {"open", "delete", "unlink", "edit"} & found
    assert {"open", "delete", "unlink", "edit"} <= {key.id for key in keys.known("work", "board")}


def test_a_chance_is_never_told_as_certain_unless_it_is() -> None:
    def finish(*ends: float) -> Finish:
        return Finish(ends, mean=0, sd=0, p50=0, p80=0, p95=0, p80_low=0, p80_high=0)

    found = finish(3, *[4] * 999)
    assert [found.in_100(days) for days in (0, 2, 3, 4)] == [0, 0, 1, 100]
    assert finish(*[3] * 999, 4).in_100(3) == 99


async def test_threads_take_turns_as_before_once_a_forecast_is_over(stage: Show) -> None:
    usual = sys.getswitchinterval()
    async with stage(office()) as at:
        await at.finished()
        await at.app.workers.wait_for_complete()
        assert sys.getswitchinterval() == usual
