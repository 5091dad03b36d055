"""How much memory a forecast takes, by what is counted and not by the clock."""

from __future__ import annotations

import tracemalloc

import pytest

from tests.bench.board_graphs import net as board_net
from tests.bench.forecast_nets import net
from tests.builders import TODAY
from tracker.domain.workspace import Workspace
from tracker.flow.forecast import forecast
from tracker.flow.forecast.forecast import Options, refine

RUNS = 512


def peak(ws: Workspace) -> int:
    """Return how many bytes are held at once by a forecast, at the most."""
    options = Options(runs=RUNS)
    for _ in refine(ws, TODAY, options, costs=False):
        pass  # imports and tables that are made once
    forecast.let_go()
    tracemalloc.start()
    try:
        for _ in refine(ws, TODAY, options, costs=False):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("batch", [64, RUNS])
@pytest.mark.parametrize(
    ("ws", "task", "run"),
    [(net(400), 4_700, 3.6), (board_net(400), 2_500, 0.7)],
    ids=["drawn", "fixed"],
)
def test_memory_grows_with_the_plan_and_the_runs_of_a_batch(
    ws: Workspace, task: int, run: float, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(ws.tasks) + 2 * sum(link.kind == "returns" for link in ws.links.values())
    monkeypatch.setattr(forecast, "_HELD_FIRST", batch * size)
    # What a task takes in the plan and made ready, and what it and its returns do in a run.
    assert peak(ws) < (task + run * batch) * size
