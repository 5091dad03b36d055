"""A terminal that knows ASCII alone: what is longer without umlauts is measured so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from tests.builders import TODAY, plan
from tests.tui.stage import shown
from tracker import language, terminal_text
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.view.frame import StatusLine
from tracker.tui.widgets.rows import Rows
from tracker.wording import show


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_has_been_measured_keeps_its_width(text: str) -> None:
    text = terminal_text.clean(text)
    written = terminal_text.ascii_cells(text)
    assert written.isascii()
    assert len(written) == terminal_text.width(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Prüfung öffnen", "Prufung offnen"),
        ("3 → 7 ⇢ 3", "3 > 7 ~ 3"),
        ("„Straße“", '"Strase"'),
        ("é", "e"),
        ("漢", "??"),
    ],
)
def test_signs_are_written_by_others_as_wide(text: str, written: str) -> None:
    assert terminal_text.ascii_cells(text) == written


async def test_the_german_screen_is_measured_as_it_is_written(tmp_path: Path) -> None:
    language.use("de")
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    ws = plan(tasks=2, titles=("Prüfung", "Übergabe für die Größten"))
    edits = tuple(Edit(None, task) for task in ws.tasks.values())
    session.do(lambda _ws, _now: Change(sentence("Edited: {task}", task="x"), edits))
    app = TrackerApp(session, ascii=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await pilot.pause()
        foot = shown(app.screen.query_one(StatusLine))
        assert "Enter oeffnen  " in foot
        assert foot.isascii()
        assert "Uebergabe fuer die Groessten" in shown(app.screen.query_one(Rows))
        # What is edited keeps its letters.
        await pilot.press("e")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "Prüfung"
    session.close()
    assert show.text("ü") == "ue"
    language.use("de")
    assert show.text("ü") == "ü", "the next screen in this process may know all letters"
