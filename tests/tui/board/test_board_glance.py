"""What is seen of whole plans as their boards open, and in which zoom."""

from __future__ import annotations

import threading

import pytest

from tests.bench.bench_glance import BARS, SIZES, dense, look, plan_of
from tests.builders import plan
from tests.tui.board.test_board_screen import Show, Stage, office, stage
from tracker.domain.verbs import commands
from tracker.flow.board import local_search
from tracker.flow.board.local_search import Care
from tracker.flow.board.pieces import Zoom
from tracker.tui.board import arranged_board, zooming

__all__ = ["stage"]


def zoom(at: Stage) -> Zoom:
    """Return the zoom of the board."""
    return at.board.zoom


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", BARS)
async def test_so_many_titles_are_read_on_opening(name: str, size: tuple[int, int]) -> None:
    seen = await look(plan_of(name), size)
    assert seen.read >= BARS[name][SIZES.index(size)]


async def test_a_small_plan_opens_in_full_detail_and_a_larger_one_in_rows(stage: Show) -> None:
    async with stage(office(), (160, 48), zoom="") as at:
        assert zoom(at) is Zoom.DETAIL
    async with stage(office(), (80, 24), zoom="") as at:
        assert zoom(at) is Zoom.LINE


async def test_a_chosen_zoom_is_kept_for_windows_of_a_kind(stage: Show) -> None:
    async with stage(office(), (160, 48), zoom="") as at:
        await at.press("minus")
        assert zoom(at) is Zoom.NORMAL
    async with stage(office(), (150, 40), zoom="") as at:
        assert zoom(at) is Zoom.NORMAL
        await at.pilot.resize_terminal(90, 40)
        await at.pilot.pause()
        assert zoom(at) is Zoom.LINE
        await at.pilot.resize_terminal(150, 40)
        await at.pilot.pause()
        assert zoom(at) is Zoom.NORMAL
        await at.press("underscore")
        assert zoom(at) is Zoom.DETAIL
    async with stage(office(), (160, 48), zoom="") as at:
        assert zoom(at) is Zoom.DETAIL


async def test_every_card_is_seen_where_it_stands_once_in_a_strip(stage: Show) -> None:
    async with stage(plan_of("umzug-erp"), (120, 36), zoom="") as at:
        assert len(at.board.strips) > 1
        assert at.board.width <= at.view.window.width
        assert "→" in at.text
        # What leads on below says so at both ends.
        first, second = at.board.strips[0][1], at.board.strips[1][1]
        after = {task for ends in first.ends.values() for task in ends.after}
        assert after & second.cards.keys()


async def test_a_plan_of_many_windows_goes_on_below_only(stage: Show) -> None:
    async with stage(dense(130), (80, 24), zoom="") as at:
        assert zoom(at) is Zoom.LINE
        assert at.board.width <= at.view.window.width
        assert at.board.height > 3 * at.view.window.height
        # Each strip has as many rows as its own cards need.
        heights = {part.height for _first, part in at.board.strips}
        assert len(heights) > 1
        whole = at.board.width, at.board.height
        # What is near a task has more room.
        await at.press("Z")
        assert at.board.height <= at.view.window.height
        await at.press("Z")
        assert (at.board.width, at.board.height) == whole


async def test_a_plan_too_large_to_be_fitted_is_a_plane_to_go_about_on(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zooming, "FITTED", 60)
    async with stage(dense(61), (80, 24), zoom="") as at:
        assert zoom(at) is Zoom.LINE
        assert not at.board.strips
        assert at.board.width > at.view.window.width


async def test_what_is_over_steps_aside_and_comes_back_when_it_is_sent_back(stage: Show) -> None:
    async with stage(office(), (160, 36), folds=True) as at:
        assert at.board.basis.settled == {1}
        assert "✓1" in at.text
        assert "Anforderungen" not in at.text
        # A key shows all, and folds them again.
        await at.press("D")
        assert not at.board.basis.settled
        assert "Anforderungen" in at.text
        await at.press("D")
        assert at.board.basis.settled == {1}
        at.view.go_to(1)
        await at.press("z")
        assert not at.board.basis.settled
    async with stage(office(), (160, 36), folds=None) as at:
        # What was chosen is kept.
        assert not at.board.basis.settled
        await at.press("D")
        await at.do(commands.reopen, task=1)
        assert not at.board.basis.settled
        assert "Anforderungen" in at.text


async def test_they_step_aside_by_themselves_once_they_are_a_third(stage: Show) -> None:
    ws = plan("1-2 2-3", states="1:done")
    async with stage(ws, (80, 24), folds=None) as at:
        assert at.board.basis.settled == {1}
        await at.do(commands.finish, task=2)
        # Nothing goes from under the cursor: what is done now steps aside when all is tidied.
        assert at.board.basis.settled == {1}
        await at.press("R")
        assert at.board.basis.settled == {1, 2}


async def test_fewer_stay_where_they_are(stage: Show) -> None:
    async with stage(office(), (80, 24), folds=None) as at:
        assert not at.board.basis.settled


async def test_a_plan_that_is_over_is_shown_whole(stage: Show) -> None:
    async with stage(plan("1-2", states="1:done 2:done"), (80, 24), folds=None) as at:
        assert not at.board.basis.settled


async def test_what_is_folded_into_one_card_is_named_below(stage: Show) -> None:
    async with stage(plan("1-2 2-3", states="1:done 2:done"), (80, 24), folds=True) as at:
        at.view.go_to(1)
        await at.pilot.pause()
        assert "2 finished tasks: 1 A, 2 B  z unfolds" in at.text


async def test_so_are_the_tasks_of_a_folded_loop(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.view.go_to(3)
        await at.press("z")
        assert "3 tasks: 2 Schnittstelle, 3 Test, 4 Abnahme  z unfolds" in at.text


async def test_enter_opens_what_is_folded(stage: Show) -> None:
    async with stage(office(), (120, 36), folds=True) as at:
        at.view.go_to(1)
        await at.press("enter")
        assert not at.board.basis.settled
        assert at.here == 1


async def test_the_overview_is_the_plan_on_one_page(stage: Show) -> None:
    async with stage(plan_of("umzug-erp"), (80, 24), zoom="overview") as at:
        assert not at.board.arrows
        assert at.board.width <= at.view.window.width
        assert at.board.height <= at.view.window.height
        at.view.go_to(3)
        await at.pilot.pause()
        grid = "\n".join(at.text.splitlines()[: at.view.window.height])
        # What the focus needs is before an arrowhead, what needs it behind one.
        assert "✓2 ►" in grid
        assert all(f"►{task}" in grid for task in (5, 7, 8, 11))
        words = at.text[len(grid) :]
        assert "3 Zielarchitektur Cloud" in words
        assert "predecessors: 2 Anforderungen Abrechnung" in words
        assert "successors: 5 Auftragsverarbeitungsvertrag" in words
        assert "↻ 3 Zielarchitektur Cloud → 17 Architektur-Review → 3" in words


async def untangled(at: Stage) -> None:
    """Wait until the board is not looked after any more."""
    await at.pilot.pause(0.4)
    while any(not worker.is_finished for worker in at.app.workers if worker.group == "care"):
        await at.pilot.pause(0.01)
    await at.pilot.pause()


@pytest.mark.parametrize("touched", [False, True])
async def test_a_board_untangles_once_unless_somebody_is_at_work_on_it(
    stage: Show, monkeypatch: pytest.MonkeyPatch, touched: bool
) -> None:
    monkeypatch.setattr(arranged_board, "CARED_FOR", 60)
    monkeypatch.setattr(local_search, "_PATIENCE", 2_000)
    begun = threading.Event()
    monkeypatch.setattr(arranged_board, "Care", lambda want: begun.wait(60) and Care(want))
    async with stage(dense(20), (160, 48)) as at:
        first = at.board
        if touched:
            await at.press("l")
        begun.set()
        await untangled(at)
        if touched:
            assert at.board is first
        else:
            for _wait in range(3_000):
                if at.board is not first:
                    break
                await at.pilot.pause(0.01)
            assert at.board.crossings() < first.crossings()
            seen = at.board
            await at.press("l", "h")
            await untangled(at)
            assert at.board is seen


async def test_columns_of_states_are_shown_in_every_zoom(stage: Show) -> None:
    async with stage(plan_of("umzug-erp"), (80, 24), zoom="") as at:
        await at.press("v")
        for key in ("minus", "minus", "minus", "minus", "plus", "plus", "plus", "plus"):
            await at.press(key)
            assert at.board.cards


async def test_states_as_columns_may_be_fitted_as_well(stage: Show) -> None:
    async with stage(plan_of("umzug-erp"), (80, 24), zoom="") as at:
        await at.press("v", "underscore")
        assert at.view.look.mode == "state"
        assert at.here in at.board.cards
        assert len({card.column for card in at.board.cards.values()}) > 2
