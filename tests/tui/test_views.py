"""Every view as text: in a small and in a large window, in ASCII, and in German."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.pilot import Pilot

from tests import DATA, golden
from tests.builders import TODAY
from tracker import demo, language
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.baseline_list import BaselineList
from tracker.tui.dialogs.import_report import Imported
from tracker.tui.dialogs.send_back import SendBack
from tracker.tui.dialogs.task_form import TaskForm
from tracker.tui.drift.screen import DriftScreen

GOLDEN = Path(__file__).parent / "golden"
GATE, TARGET = 20, 16
NAMES = (
    "today",
    "board",
    "table",
    "timeline",
    "matrix",
    "loops",
    "load",
    "controlling",
    "log",
    "metrics",
    "baselines",
    "drift",
    "task",
    "help",
    "form",
    "back",
    "import",
)


class Look(NamedTuple):
    """A window, and what is written in it."""

    name: str
    size: tuple[int, int]
    spoken: str = "en"
    ascii: bool = False


LOOKS = (
    Look("80x24", (80, 24)),
    Look("120x36", (120, 36)),
    Look("80x24_ascii", (80, 24), ascii=True),
    Look("120x36_de", (120, 36), spoken="de"),
)


class Window(NamedTuple):
    """The demo on the screen."""

    app: TrackerApp
    pilot: Pilot[str]

    async def press(self, *keys: str) -> None:
        """Press keys, and wait for what they do."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def settle(self) -> None:
        """Wait until nothing is worked out any more, and all of it is shown."""
        await self.pilot.pause(0.3)
        # A question that waits for its answer is at work as well, but in no thread.
        await self.until(lambda: all(w.is_finished for w in self.app.workers if w._thread_worker))
        await self.pilot.pause(0.1)

    async def until(self, so: Callable[[], object]) -> None:
        """Wait until something is so."""
        for _ in range(3_000):
            if so():
                await self.pilot.pause()
                return
            await self.pilot.pause(0.01)
        raise AssertionError("it never came")

    @property
    def text(self) -> str:
        """What can be read."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)


@pytest.fixture(autouse=True)
def _one_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
    language.use("en")
    language.spell(str)


@asynccontextmanager
async def window(look: Look, file: Path) -> AsyncIterator[Window]:
    """Show the demo, forecast to the end."""
    language.use(look.spoken)
    moment = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)
    session = Session.open(file, who="a.brinkmann", today=TODAY, clock=lambda: moment)
    session.replay(demo.story(TODAY))
    app = TrackerApp(session, ascii=look.ascii)
    async with app.run_test(size=look.size) as pilot:
        at = Window(app, pilot)
        await at.until(lambda: app.outlook is not None and app.outlook.finished)
        yield at
    session.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_views(look: Look, tmp_path: Path) -> None:
    async with window(look, tmp_path / "demo.json") as at:

        async def keep(name: str) -> None:
            await at.settle()
            golden.check(GOLDEN / f"{name}_{look.name}.txt", at.text)

        await at.press("1")
        await keep("today")
        await at.press("2")
        at.app.go_to(GATE)
        await keep("board")
        await at.press("3")
        await keep("table")
        await at.press("4")
        await keep("timeline")
        await at.press("5")
        at.app.go_to(GATE)
        await keep("matrix")
        await at.press("6")
        await keep("loops")
        await at.press("v")
        await keep("metrics")
        await at.press("7", "j", "j")
        await keep("load")
        await at.press("v")
        await keep("controlling")
        await at.press("8")
        await keep("log")
        await at.press("O")
        await at.until(lambda: isinstance(at.app.screen, BaselineList))
        await keep("baselines")
        await at.press("j", "enter")
        await at.until(lambda: isinstance(at.app.screen, DriftScreen))
        await keep("drift")
        await at.press("2")
        at.app.go_to(TARGET)
        await at.press("enter")
        await keep("task")
        await at.press("escape", "question_mark")
        await keep("help")
        await at.press("escape", "e")
        await at.until(lambda: isinstance(at.app.screen, TaskForm))
        await keep("form")
        await at.press("escape")
        at.app.go_to(GATE)
        await at.press("b")
        await at.until(lambda: isinstance(at.app.screen, SendBack))
        await keep("back")
        await at.press("escape")
        at.app.take_in(str(DATA / "umzug-erp.csv"))
        await at.until(lambda: isinstance(at.app.screen, Imported))
        await keep("import")


def test_no_picture_is_kept_that_is_not_drawn() -> None:
    assert golden.kept(GOLDEN) == {f"{name}_{look.name}" for name in NAMES for look in LOOKS}
