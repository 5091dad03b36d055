"""What the forecast beside the screen leaves behind."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from tests.builders import TODAY
from tracker.session import Session
from tracker.tui import forecasting
from tracker.tui.app import TrackerApp


def test_memory_is_given_back_where_the_c_library_can_be_told_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    class Known:
        def malloc_trim(self, kept: int) -> int:
            asked.append(kept)
            return 1

    monkeypatch.setattr(ctypes, "CDLL", lambda _name: Known())
    forecasting.give_back()
    forecasting._share_memory()
    assert asked == [0]
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    forecasting.give_back()
    assert asked == [0]


async def test_what_a_thread_finds_is_dropped_once_the_views_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    app, real = TrackerApp(session), TrackerApp._close_all
    taken: list[str] = []

    async def close_all(app: TrackerApp) -> None:
        await real(app)
        app._unless_left(taken.append, "late")

    monkeypatch.setattr(TrackerApp, "_close_all", close_all)
    async with app.run_test():
        app._unless_left(taken.append, "in time")
    assert taken == ["in time"]
    session.close()
