"""What the forecast beside the screen leaves behind."""

from __future__ import annotations

import ctypes

import pytest

from tracker.tui import forecasting


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
