"""What is calculated beside the screen holds nobody up who leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from typing import Any

import pytest

from tests.builders import TODAY
from tracker.flow.timeline.timeline import read
from tracker.session import Session
from tracker.tui import app as app_module
from tracker.tui.app import TrackerApp
from tracker.tui.calculating import calculating, give_up, under_way
from tracker.tui.timeline import screen


@contextmanager
def swallowing() -> Iterator[None]:
    """Go on whatever is raised by mistake."""
    try:
        yield
    except Exception:  # as a calculation may
        return


def without_end(begun: Event) -> None:
    """Calculate for ever."""
    begun.set()
    while True:
        with swallowing():
            sum(range(100))


def test_what_is_calculated_without_end_is_given_up() -> None:
    found: list[object] = []
    begun = [Event() for _ in range(3)]
    threads = [
        Thread(target=lambda each=each: found.append(calculating(without_end)(each)), daemon=True)
        for each in begun
    ]
    for thread, each in zip(threads, begun, strict=True):
        thread.start()
        assert each.wait(60)
    given_up = under_way()
    assert len(given_up) == 3
    later = Event()
    kept = Thread(target=calculating(later.wait), args=(60,), daemon=True)
    kept.start()
    give_up(given_up)
    for thread in threads:
        thread.join(60)
    assert found == [None] * 3
    assert len(under_way()) == 1, "what has begun since goes on"
    later.set()
    kept.join(60)
    assert not under_way()


def test_a_result_and_a_refusal_come_back_as_they_are() -> None:
    assert calculating(divmod)(7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        calculating(divmod)(1, 0)
    assert not under_way()
    give_up(frozenset())


async def test_who_leaves_waits_for_nothing_that_is_calculated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, given_up = Event(), Event()

    def endless(*arguments: Any, **options: Any) -> Any:
        if current_thread() is main_thread():
            return read(*arguments, **options)
        try:
            without_end(begun)
        finally:
            given_up.set()

    monkeypatch.setattr(screen, "read", endless)
    monkeypatch.setattr(app_module, "_WAIT_FOR_THREADS", 0.01)
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    app = TrackerApp(session, view="timeline")
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        app.simulate_key("v")
        for _ in range(3_000):
            if begun.is_set():
                break
            await asyncio.sleep(0.01)
        app.exit()
        assert app.giving_up is not None
    app.giving_up.join(60)
    assert given_up.is_set()
    assert not under_way()
    session.close()
