"""The question before work goes back: what it shows beforehand, and what it answers."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from tests.builders import TODAY, done, plan
from tests.tui.stage import NOT_ANSWERED, asked, readable, shown, typed
from tracker.domain import status
from tracker.domain.model import Department, Person, System
from tracker.domain.verbs import arrows
from tracker.domain.workspace import Workspace
from tracker.tui.dialogs.send_back import SendBack, SendBackAnswer
from tracker.tui.widgets.choices import Choices

EXTRA = (
    Department(id=1, name="Fachbereich", order=2),
    Department(id=2, name="Entwicklung", order=1),
    Person(id=1, login="anna", department=2),
    Person(id=2, login="petra"),
    System(id=1, name="ERP-DB"),
)
TITLES = ("Plan", "Build", "Train", "Test", "Accept", "Switch")


def billing() -> Workspace:
    """1 → 2 → 4 → 5 → 6, with 3 built on 2 and off the way back from 5 to 2."""
    ws = plan(
        "1-2 2-3 2-4 4-5 5-6",
        returns="5-2",
        states="1:done 2:done 3:done 4:done 5:doing",
        titles=TITLES,
        extra=EXTRA,
        likely=2.0,
    )
    back = next(link for link in ws.links.values() if link.kind == "returns")
    tasks = [replace(task, department=1 + task.id % 2, assignee=1) for task in ws.tasks.values()]
    links = [replace(back, limit=2, escalate_to=2)]
    changed = {(type(e), e.id): e for e in (*ws.entities(), *tasks, *links)}
    return Workspace(changed.values())


def _effects(app: Any) -> str:
    return shown(app.screen.query_one("#effects", Choices))


async def test_what_a_return_does_is_shown_before_it_is_done() -> None:
    async with asked(SendBack(billing(), 5, TODAY)) as (app, pilot):
        text = _effects(app)
        assert "2 Build" in text.splitlines()[1]
        assert "pass 2" in text.splitlines()[1]
        assert "Fachbereich · anna" in text.splitlines()[1]
        assert "5 Accept" in text.splitlines()[2]
        assert "To be rechecked (1)" in text
        assert "4 Test" in text
        assert "[ ] ✓ 3 Train" in text
        assert "Pass 2 of 2 of this loop · 6 working days of rework" in readable(app.screen)
        assert "Over the limit" not in readable(app.screen)
        await pilot.press("escape")
        assert app.answer is None


async def test_what_was_never_begun_is_doubted_before_it_is_sent_back() -> None:
    ws = plan("1-2 2-3", titles=TITLES)
    async with asked(SendBack(ws, 3, TODAY)) as (app, _pilot):
        text = " ".join(readable(app.screen).split())
        assert "3 Train has not been started. Check at which task the fault was found" in text
        assert "2 Build has not been started, so there is nothing to redo in it" in text
        assert "of rework" not in text
    async with asked(SendBack(billing(), 5, TODAY)) as (app, _pilot):
        assert "not been started" not in readable(app.screen)


async def test_what_is_waited_for_no_longer_is_told_before() -> None:
    ws = plan("1-2", titles=TITLES, states="1:done 2:waiting", waiting_for="Dell")
    async with asked(SendBack(ws, 2, TODAY)) as (app, _pilot):
        assert "2 Build no longer waits for: Dell" in readable(app.screen)


async def test_the_answer_is_what_send_back_needs() -> None:
    ws = billing()
    async with asked(SendBack(ws, 5, TODAY)) as (app, pilot):
        await pilot.press("enter")
        await typed(pilot, "ERP refuses")
        await pilot.press("tab")
        await typed(pilot, "erp-db")
        await pilot.press("tab", "end", "space", "enter")
        assert app.answer == SendBackAnswer(2, "ERP refuses", "erp-db", (3,))
    answer = app.answer
    after = done(
        ws,
        arrows.send_back,
        gate=5,
        target=answer.target,
        reason=answer.reason,
        system=answer.system,
        also=answer.also,
    )
    states = {task.id: task.state for task in after.tasks.values()}
    assert states == {1: "done", 2: "todo", 3: "recheck", 4: "recheck", 5: "todo", 6: "todo"}


async def test_a_reason_is_asked_for_and_what_was_typed_stays() -> None:
    async with asked(SendBack(billing(), 5, TODAY)) as (app, pilot):
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert "Give the reason why the work goes back" in readable(app.screen)
        assert app.answer is NOT_ANSWERED
        await typed(pilot, "x")
        assert "Give the reason why the work goes back" not in readable(app.screen)
        await pilot.press("enter")
        assert app.answer == SendBackAnswer(2, "x")


async def test_beyond_the_limit_it_is_said_loudly_and_who_is_told() -> None:
    ws = done(billing(), arrows.send_back, gate=5, target=2, reason="first")
    async with asked(SendBack(ws, 5, TODAY)) as (app, _pilot):
        text = readable(app.screen)
        assert "Pass 3 of 2 of this loop" in text
        assert "! Over the limit: notify petra." in text


async def test_targets_are_return_arrows_first_then_nearest_first() -> None:
    assert list(status.nearest_targets(billing(), 5)) == [2, 4, 1]
    dropped = plan("1-2 2-3", states="2:dropped")
    assert list(status.nearest_targets(dropped, 3)) == [1]


async def test_another_target_changes_what_is_shown() -> None:
    async with asked(SendBack(billing(), 5, TODAY)) as (app, pilot):
        await pilot.press("down")
        await pilot.pause()
        assert "4 Test" in _effects(app).splitlines()[1]
        text = readable(app.screen)
        assert "Pass 2 of this loop, no limit" in text
        assert "one is recorded as observed" in text
        await typed(pilot, "plan")
        assert "1 Plan" in _effects(app).splitlines()[1]
        await pilot.press("enter")
        await typed(pilot, "why\n")
        assert app.answer == SendBackAnswer(1, "why")


async def test_work_may_go_back_to_where_no_arrow_leads() -> None:
    ws = plan("1-2", tasks=3, titles=("A", "B", "Server"), states="1:done 2:doing 3:done")
    async with asked(SendBack(ws, 2, TODAY)) as (app, pilot):
        await typed(pilot, "serv\n")
        await typed(pilot, "why\n")
        assert app.answer == SendBackAnswer(3, "why")


async def test_a_number_typed_means_the_task_that_has_it() -> None:
    ws = plan("10-11", tasks=11, states="1:done 10:done 11:doing")
    async with asked(SendBack(ws, 11, TODAY)) as (app, pilot):
        await typed(pilot, "1")
        assert [row.key for row in app.screen.query_one("#targets", Choices).items][:2] == [1, 10]
        await typed(pilot, "\nwhy\n")
        assert app.answer == SendBackAnswer(1, "why")


async def test_a_first_task_has_nowhere_to_go_back_to_and_says_so() -> None:
    async with asked(SendBack(plan("1-2"), 1, TODAY)) as (app, pilot):
        assert "No matching task; type another." in readable(app.screen)
        await pilot.press("enter")
        assert app.answer is NOT_ANSWERED
        # What is built on the gate is not offered: work goes back, not on.
        await typed(pilot, "B")
        assert "No matching task" in readable(app.screen)


async def test_ticks_are_forgotten_with_the_target_they_belong_to() -> None:
    async with asked(SendBack(billing(), 5, TODAY)) as (app, pilot):
        await pilot.press("tab", "tab", "tab", "end", "space")
        effects = app.screen.query_one("#effects", Choices)
        assert effects.ticked == (3,)
        app.screen.query_one("#to", Input).focus()
        await pilot.press("down")
        await pilot.pause()
        assert effects.ticked == ()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)])
async def test_reason_effects_and_sum_are_in_sight_at_every_size(size: tuple[int, int]) -> None:
    wide = plan(
        " ".join(f"1-{n} {n}-40" for n in range(2, 40)),
        states=" ".join(f"{n}:done" for n in range(1, 40)),
        likely=1.0,
    )
    async with asked(SendBack(wide, 40, TODAY), size) as (app, pilot):
        await typed(pilot, "1\n")
        for name in ("#why", "#system", "#effects", "#sum"):
            widget = app.screen.query_one(name)
            assert widget.size.height >= 1, name
            assert app.screen.region.contains_region(widget.region), name
        assert app.screen.query_one("#effects").size.height >= 4
        assert "To be rechecked (38)" in _effects(app)
        assert "40 working days of rework" in " ".join(readable(app.screen).split())


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (160, 48)])
async def test_the_box_has_no_empty_rows(size: tuple[int, int]) -> None:
    async with asked(SendBack(billing(), 5, TODAY), size) as (app, pilot):
        for keys in ((), ("down",), ("enter",)):
            await pilot.press(*keys)
            await pilot.pause()
            box = app.screen.query_one("#box")
            rows = sum(child.region.height for child in box.children)
            assert box.region.height == rows + 2
            effects = app.screen.query_one("#effects", Choices)
            assert effects.size.height == len(effects.items)
