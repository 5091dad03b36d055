"""Whoever leaves waits for nothing that is worked out only to be shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.builders import TODAY
from tracker.domain.verbs import arrows, commands
from tracker.exchange import importing
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.loops import screen as loops_screen
from tracker.tui.timeline import date_moves
from tracker.tui.view import baseline_work

_LONG = 10.0


class Endless:
    """What comes to no end unless it is told to stop."""

    def __init__(self) -> None:
        self.begun = self.stopped = False

    def work(self, stopped: Callable[[], bool]) -> None:
        """Go on until it is stopped, or for long."""
        self.begun, until = True, time.monotonic() + _LONG
        while not self.stopped and time.monotonic() < until:
            self.stopped = stopped()
            time.sleep(0.01)

    def differences(self, *_args: Any, **options: Any) -> Iterator[Any]:
        """Find nothing for long."""
        self.work(options.get("stopped", lambda: False))
        yield from ()

    def ends(self, _ws: Any, _today: Any, _by: Any, stopped: Any = lambda: False) -> Any:
        """Find no end for long."""
        self.work(stopped)
        return {}

    def health(self, *_args: Any, stopped: Any = lambda: False) -> Any:
        """Find out for long how a loop ends."""
        self.work(stopped)


@pytest.mark.parametrize(
    ("room", "name", "typed"),
    [
        (baseline_work, "ends", ":replan\n"),
        (loops_screen, "differences", "6+"),
        (loops_screen, "health", "6"),
        (date_moves, "differences", "4jTl"),
        ("tracker.flow.forecast.inquiry", "differences", "3Gb\n"),
    ],
)
async def test_it_is_stopped_as_one_leaves(
    room: Any, name: str, typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    for title in ("Konzept", "Bauen", "Test"):
        session.do(partial(commands.add_task, title=title, likely=3.0, due=TODAY))
    for source in (1, 2):
        session.do(partial(arrows.link, source=source, target=source + 1))
    session.do(partial(arrows.link_return, gate=3, target=1, rate=0.3))
    session.do(partial(commands.finish, task=1))
    endless = Endless()
    path = room if isinstance(room, str) else room.__name__
    monkeypatch.setattr(f"{path}.{name}", getattr(endless, name))
    app = TrackerApp(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        for sign in typed:
            await pilot.press({"\n": "enter", ":": "colon", "+": "plus"}.get(sign, sign))
        for _ in range(300):
            if endless.begun:
                break
            await pilot.pause(0.02)
        assert (endless.begun, endless.stopped) == (True, False)
        app.exit()
    until = time.monotonic() + _LONG / 2
    while not endless.stopped and time.monotonic() < until:
        time.sleep(0.02)
    assert endless.stopped
    session.close()


async def test_nobody_waits_for_a_file_that_is_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be large, or on a drive that does not answer: the program ends all the same."""
    list_ = tmp_path / "list.csv"
    list_.write_text("Title\nFirewall\n")
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    go_on, readers, read = threading.Event(), list[threading.Thread](), importing.read

    def slowly(*arguments: Any, **options: Any) -> importing.Import:
        readers.append(threading.current_thread())
        go_on.wait(_LONG)
        return read(*arguments, **options)

    monkeypatch.setattr(importing, "read", slowly)
    app = TrackerApp(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        app.take_in(str(list_))
        while not readers:
            await pilot.pause(0.02)
        app.exit()
    go_on.set()
    # Python waits at its end for no others but these.
    assert readers[0].daemon
    readers[0].join(_LONG)
    assert not session.workspace.tasks
    session.close()
