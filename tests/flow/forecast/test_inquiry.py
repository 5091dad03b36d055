"""What is asked of a forecast: no plan is simulated twice for one question after another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from tests.builders import plan
from tracker.domain.workspace import Workspace
from tracker.flow.forecast import rework
from tracker.flow.forecast.forecast import forecast
from tracker.flow.forecast.inquiry import differences

TODAY = date(2026, 3, 2)


def test_a_plan_compared_with_several_others_is_simulated_once() -> None:
    ws = plan("1-2 2-3", returns="3-1", low=2, likely=3, high=6)
    others = [Workspace([*ws.tasks.values(), *list(ws.links.values())[:n]]) for n in (1, 2)]
    first, second = (next(differences(ws, other, TODAY, 0)) for other in others)
    assert first.before is second.before
    assert first.after.ends != second.after.ends


def test_a_comparison_tells_the_p80_of_the_forecast() -> None:
    ws = plan("1-2 2-3", returns="3-1", low=2, likely=3, high=6)
    without = Workspace(ws.tasks.values())
    *_first, last = differences(ws, without, TODAY, 0)
    alone, other = forecast(ws, TODAY), forecast(without, TODAY)
    assert last.before.ends == alone.finish.ends
    assert last.dates == (alone.date_of(alone.finish.p80), other.date_of(last.after.p80))


def test_nothing_is_played_for_what_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    ws = plan("1-2 2-3", returns="3-1", low=2, likely=3, high=6)
    without = Workspace(ws.tasks.values())
    played = []
    play = rework.Rework.play

    def noted(self: rework.Rework, roots: Mapping[int, rework.Episodes]) -> None:
        played.append(self)
        play(self, roots)

    monkeypatch.setattr(rework.Rework, "play", noted)
    assert not list(differences(ws, without, TODAY, 0, stopped=lambda: True))
    assert not played
    # Nor is it taken for played the next time.
    assert list(differences(ws, without, TODAY, 0))
    assert played
