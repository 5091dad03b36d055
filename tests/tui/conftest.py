"""What every test of the screen starts from."""

from __future__ import annotations

import pytest

from tracker.tui.view import going


@pytest.fixture(autouse=True)
def _digits_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no digits for one number because a machine was quick to press them."""
    monkeypatch.setattr(going, "_TOGETHER", -1.0)
