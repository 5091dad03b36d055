"""What the forecast beside the screen leaves behind."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.builders import TODAY
from tracker.domain.verbs import commands
from tracker.session import Session
from tracker.tui import forecasting
from tracker.tui.app import TrackerApp


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


async def test_what_a_thread_finds_is_dropped_once_the_views_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session.open(tmp_path / "plan.json", who="anna", today=TODAY)
    app, real = TrackerApp(session), TrackerApp._close_all
    taken: list[str] = []

    async def close_all(app: TrackerApp) -> None:
        await real(app)
        app._unless_left(taken.append, "late")

    monkeypatch.setattr(TrackerApp, "_close_all", close_all)
    async with app.run_test():
        app._unless_left(taken.append, "in time")
    assert taken == ["in time"]
    session.close()


_IMPORTED_BESIDE = """
import asyncio, sys, threading
from datetime import date

beside = []

def seen(event, arguments):
    if event == "import" and threading.current_thread() is not threading.main_thread():
        beside.append(arguments[0])

sys.addaudithook(seen)

from tracker.session import Session
from tracker.tui.app import TrackerApp

async def run():
    session = Session.open(sys.argv[1], who="anna", today=date(2026, 11, 23))
    app = TrackerApp(session)
    async with app.run_test() as pilot:
        while app.outlook is None:
            await pilot.pause(0.01)
    session.close()

asyncio.run(run())
packages = {name for name in beside if hasattr(sys.modules.get(name), "__path__")}
print(len(beside), *sorted(packages))
"""


def test_the_forecast_imports_no_package_beside_the_screen(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    session = Session.open(plan, who="anna", today=TODAY)
    session.do(partial(commands.add_task, title="Umzug", effort=5))
    session.close()
    found = subprocess.run(
        [sys.executable, "-c", _IMPORTED_BESIDE, str(plan)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.returncode == 0, found.stderr
    count, *packages = found.stdout.split()
    assert int(count)
    assert not packages


_BOTH_IMPORT = """
import sys, threading, time
import pendulum

half = threading.Event()

class Finder:
    def find_spec(self, name, path, target=None):
        if name == "numpy.linalg" and threading.current_thread() is thread:
            half.set()
            # Whoever does not wait for all of it is in the middle of its parts by then.
            end = time.monotonic() + 2
            while "numpy._typing._array_like" not in sys.modules and time.monotonic() < end:
                time.sleep(0.001)
            time.sleep(0.3)

from tracker.tui import forecasting

sys.meta_path.insert(0, Finder())
failed = []

def beside():
    try:
        import numpy
    except BaseException as error:
        failed.append(error)

thread = threading.Thread(target=beside)
thread.start()
half.wait()
forecasting._load()
thread.join()
assert not failed, failed
"""


def test_what_a_thread_has_begun_to_import_is_waited_for() -> None:
    done = subprocess.run([sys.executable, "-c", _BOTH_IMPORT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
