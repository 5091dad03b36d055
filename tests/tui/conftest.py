"""What every test of the screen starts from."""

from __future__ import annotations

import pytest

from tests.tui import rest
from tracker.tui import aim, app
from tracker.tui.board import arranged_board
from tracker.tui.view import going


@pytest.fixture(autouse=True)
def _digits_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no digits for one number because a machine was quick to press them."""
    monkeypatch.setattr(going, "_TOGETHER", -1.0)


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each key pressed by somebody who has looked."""
    monkeypatch.setattr(aim, "IN_ONE_GO", 0.0)
    monkeypatch.setattr(aim, "REACTION", 0.0)


@pytest.fixture(autouse=True)
def _no_waiting_for_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait after a key for what the app does, not for the machine to be quiet."""
    rest.watch(monkeypatch)


@pytest.fixture(autouse=True)
def _no_second_thoughts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave boards as they open: how soon a better one comes depends on the machine."""
    monkeypatch.setattr(arranged_board, "CARED_FOR", 0)


@pytest.fixture(autouse=True)
def _no_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """End with the first error that nobody caught: here it is a fault, whatever is made of it."""
    monkeypatch.setattr(app, "_FAILURES", 0)
