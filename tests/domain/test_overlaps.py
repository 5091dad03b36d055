"""A task that overlaps its predecessor may begin before that ends, but not before its time."""

from __future__ import annotations

import pytest

from tests.builders import NOW, plan
from tracker.domain import status
from tracker.domain.model import Link, Pass, State, System, Task
from tracker.domain.workspace import Workspace


def overlapping(lag: float, state: State = "doing", progress: float | None = None) -> Workspace:
    """Return task 2 that needs task 1, of five days, with a lag."""
    first = Task(id=1, title="A", state=state, likely=5.0, progress=progress)
    arrow = Link(id=1, kind="needs", source=1, target=2, lag=lag)
    return Workspace([first, Task(id=2, title="B"), arrow])


@pytest.mark.parametrize(
    ("lag", "state", "progress", "ready"),
    [
        # Begun together with it, as start-to-start says.
        (-5, "doing", None, True),
        (-5, "todo", None, False),
        (-7, "recheck", None, True),
        # Two days of it must be done before.
        (-3, "doing", None, False),
        (-3, "doing", 39, False),
        (-3, "doing", 40, True),
        (0, "doing", 99, False),
        (2, "doing", 99, False),
        (2, "done", 100, True),
    ],
)
def test_it_is_ready_once_no_more_is_left_than_they_overlap(
    lag: float, state: State, progress: float | None, ready: bool
) -> None:
    ws = overlapping(lag, state, progress)
    assert status.ready(ws, ws.tasks[2]) is ready
    assert status.blocked(ws, ws.tasks[2]) is not ready
    # What is open is open, whatever may begin.
    assert [each.id for each in status.open_predecessors(ws, 2)] == ([] if state == "done" else [1])


def test_what_waits_has_begun_if_it_was_worked_on() -> None:
    ws = overlapping(-5, "waiting")
    assert status.blocked(ws, ws.tasks[2])
    begun = Task(id=1, title="A", state="waiting", passes=(Pass(number=1, started=NOW.at),))
    ws = Workspace([begun, *(each for each in (ws.tasks[2], ws.links[1]))])
    assert not status.blocked(ws, ws.tasks[2])


def test_a_task_that_may_begin_is_in_no_deadlock() -> None:
    system = System(id=1, name="ERP", state="down", restored_by=2)
    ws = plan("1-2", extra=[system], states="1:doing", systems=(1,))
    assert status.deadlocks(ws)
    arrow = Link(id=1, kind="needs", source=1, target=2, lag=-9.0)
    overlapped = Workspace([*ws.tasks.values(), system, arrow])
    assert not status.deadlocks(overlapped)
