"""What was remembered of the views says nothing to this program: they open as they always do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders import TODAY
from tracker import cli, remembered
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.view.work import WorkScreen

NAMES = (
    *("zoom", "fold_finished", "load_folded", "controlling_by", "timeline", "baseline", "matrix"),
    *("matrix_open", "left", "tutorial", "scope", "table"),
)


@pytest.mark.parametrize(
    "lost",
    [7, "x", "2026-11-20", ["x"], [["x"]], {"by": ["x"], "order": {}, "scale": [], "sort": 1}],
    ids=["number", "word", "day", "list", "lists", "values"],
)
async def test_every_view_opens_whatever_was_remembered(tmp_path: Path, lost: Any) -> None:
    file = tmp_path / "plan.json"
    assert cli.main(["--file", str(file), "demo", "--no-screen"]) == 0
    session = Session.open(file, who="anna", today=TODAY)
    remembered.remember(remembered.VIEWS, session.place, **dict.fromkeys(NAMES, lost))
    app = TrackerApp(session, tutorial=True)
    async with app.run_test(size=(100, 30)) as pilot:
        for key in ("1", "2", "3", "4", "5", "7", "v", "6"):
            await pilot.press(key)
            await pilot.pause()
            assert app.failure is None, key
            assert isinstance(app.screen, WorkScreen)
    session.close()
    assert cli.main(["--file", str(file), "today"]) == 0
