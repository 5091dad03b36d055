"""Passes are counted one way wherever they are told: those of a task, and those of an arrow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import NOW, TODAY, done, later, plan
from tracker.cli import main
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.domain.typing.line_parser import parse_filter
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.wording import show, task_page

# Of the task, of the arrow into it, and what that may come to.
OF_TASK, OF_ARROW, LIMIT = 4, 3, 2
# Of the gate that sent it back, and what is said of the task where there is room for both.
OF_GATE, BOTH = 3, "↻3/2 ×4"


@pytest.fixture
def ws() -> Workspace:
    """A task that came back twice over an arrow, and was reopened once by hand."""
    found = plan("1-2", titles=("Interface", "Acceptance"))
    found = done(found, arrows.link_return, gate=2, target=1, limit=LIMIT)
    for n in range(2):
        found = done(found, commands.finish, later(3 * n), task=1)
        found = done(found, commands.start, later(3 * n + 1), task=2)
        found = done(found, arrows.send_back, later(3 * n + 2), gate=2, target=1, reason="no")
    found = done(found, commands.finish, later(8), task=1)
    return done(found, commands.start, later(9), task=1)


@pytest.fixture
def session(tmp_path: Path, ws: Workspace) -> Iterator[Session]:
    """The task in a file."""
    opened = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    edits = tuple(Edit(None, entity) for entity in ws.entities())
    opened.do(lambda _ws, _now: Change(sentence("Made"), edits))
    yield opened
    opened.close()


def told(text: str) -> None:
    """Check every counter in a text: `×4`, `↻3/2`, `pass 3 of 2`, and that there are some."""
    tasks = {int(n) for n in re.findall(r"×(\d+)", text)}
    arrow = {(int(n), int(most)) for n, most in re.findall(r"↻(\d+)/(\d+)", text)}
    words = re.findall(r"[Pp]ass (\d+) of (\d+)|(\d+) of (\d+) passes", text)
    arrow |= {(int(one or other), int(most or last)) for one, most, other, last in words}
    assert tasks <= {OF_TASK, OF_GATE}, text
    assert arrow == {(OF_ARROW, LIMIT)}, text


def everything(app: TrackerApp) -> str:
    """Return all that can be read on the screen in front."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines)


def test_the_shell_counts_them_so(
    session: Session, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    session.close()
    start = ("--file", str(tmp_path / "plan.json"), "--today", TODAY.isoformat())
    for call in (("list",), ("show", "1"), ("today",), ("loops",)):
        assert main((*start, *call)) == 0
        told(out := capsys.readouterr().out)
        assert BOTH in out or call[0] not in ("list", "show"), out
    assert main((*start, "--json", "show", "1")) == 0
    form = json.loads(capsys.readouterr().out)
    assert (form["passes"], form["passes_ledger"][-1]["number"]) == (OF_TASK, OF_TASK)
    assert main((*start, "--json", "loops")) == 0
    (loop,) = json.loads(capsys.readouterr().out)
    assert (loop["returns"][0]["passes"], loop["returns"][0]["limit"]) == (OF_ARROW, LIMIT)
    assert main((*start, "list", f"passes:{OF_TASK}")) == 0
    assert capsys.readouterr().out.startswith("1\t")


async def test_every_view_counts_them_so(session: Session) -> None:
    app = TrackerApp(session)
    async with app.run_test(size=(150, 40)) as pilot:
        await pilot.pause()
        for view in ("board", "tasks", "today", "loops"):
            app.show_view(view, 1)
            await pilot.pause()
            await pilot.pause()
            told(text := everything(app))
            assert BOTH in text or view in ("today", "loops"), text
        app.open_task(1)
        await pilot.pause()
        told(text := everything(app))
        assert BOTH in text
        assert f"#{OF_TASK} " in text


def test_what_sending_back_would_make_of_them_is_one_more(ws: Workspace) -> None:
    ws = done(ws, commands.finish, later(10), task=1)
    preview = arrows.preview_send_back(ws, gate=2, target=1)
    assert (preview.pass_number, preview.passes) == (OF_TASK + 1, OF_ARROW + 1)
    assert parse_filter(f"passes:>{OF_TASK}", NOW.today).over(ws)(ws.tasks[1]) is False


def test_a_pass_that_is_still_to_begin_is_in_the_ledger() -> None:
    ws = done(plan("1-2", titles=("A", "B")), arrows.link_return, gate=2, target=1)
    for command, task in ((commands.finish, 1), (commands.start, 2)):
        ws = done(ws, command, task=task)
    ws = done(ws, arrows.send_back, later(1), gate=2, target=1, reason="no")
    gate = ws.tasks[2]
    part = task_page.passes_part(ws, gate, TODAY, show.UNICODE, gate.passes)
    first = "".join(text for text, _role in part.lines[0].left)
    assert first == f"#{gate.pass_number} not begun"
    assert show.rework_count(ws, gate) == f"×{gate.pass_number}"
