"""What is said of a day: whose something is, and since when it waits."""

from __future__ import annotations

from tests.builders import NOW, TODAY, done, later, plan
from tracker.domain.model import Department
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow import today
from tracker.wording import today_words
from tracker.wording.show import UNICODE

LONG = (Department(id=1, name="Informationssicherheit"), Department(id=2, name="Operations"))


def told(ws: Workspace, cells: int = 80) -> str:
    """Return a day as the lines of so many cells."""
    sections = today_words.sections(ws, today.read(ws, NOW.at, TODAY), UNICODE)
    lines = today_words.lines(sections, cells, UNICODE)
    return "\n".join("".join(text for text, _style in pieces) for _row, pieces in lines)


def handed_over(minutes: int) -> Workspace:
    """Return a plan in which something was handed over so many minutes after now."""
    ws = plan("1-2", extra=LONG)
    ws = done(ws, commands.edit_tasks, tasks=(1,), department="Operations")
    ws = done(ws, commands.edit_tasks, tasks=(2,), department="Informationssicherheit")
    return done(ws, commands.finish, later(minutes), task=1)


def test_nothing_waits_for_less_than_no_day() -> None:
    text = told(handed_over(12 * 24 * 60))
    assert "since today" in text
    assert "-12" not in text
    assert "the oldest" not in text


def test_whose_something_is_has_the_room_that_is_free() -> None:
    ws = done(handed_over(0), commands.edit_tasks, tasks=(2,), assignee="k.brandt")
    assert "Informationssicherheit k.brandt" in told(ws, 120)
    assert "Informationssicherheit " in told(ws, 80)
