"""The screen on a workspace that is on a server: waiting, doing without it, and going on."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.builders import TODAY
from tests.store.postgres import Server, running
from tests.store.test_server_log import passed_on
from tests.store.test_server_members import APPEND, broken
from tests.store.writers import AT
from tests.tui.stage import readable
from tests.tui.test_together import message, shown_line
from tracker.domain.change import Change
from tracker.domain.draft import Now
from tracker.domain.errors import Busy, StoreError
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.store import server, server_log, server_news, workspaces
from tracker.store.address import Address
from tracker.store.server_check import repair
from tracker.store.server_log import ServerLog
from tracker.tui import app as app_module
from tracker.tui.app import TrackerApp
from tracker.tui.view.frame import HeadLine


def as_bob(place: Address) -> Session:
    """Make bob a member, and open the workspace as him."""
    workspaces.set_member(place, "bob", "writer")
    bobs = Address(place.server.replace("anna@", "bob@"), place.workspace)
    return Session.open(bobs, who="bob", today=TODAY)


@asynccontextmanager
async def screen(place: Address) -> AsyncIterator[tuple[TrackerApp, Pilot[str]]]:
    """Open a workspace of one task on anna's screen."""
    anna = Session.open(place, who="anna", today=TODAY)
    anna.do(partial(commands.add_task, title="Konzept", department="Netz"))
    app = TrackerApp(anna)
    try:
        async with app.run_test(size=(120, 30)) as pilot:
            await pilot.pause()
            yield app, pilot
    finally:
        anna.close()


def shows(app: TrackerApp, seq: int) -> bool:
    return app.workspace.seq == seq


def lower_edge(box: Screen[object]) -> str:
    return Content.from_markup(box.query_one("#box").border_subtitle or "").plain


async def until(holds: Callable[[], object]) -> None:
    for _ in range(1200):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to that")


async def test_who_holds_the_workspace_is_named_and_waited_for(place: Address) -> None:
    async with screen(place) as (app, _pilot):
        bob = as_bob(place)
        with bob._store.lock("bob"):
            app.simulate_key("d")
            await until(lambda: message(app) == "Waiting for bob …")
        await until(lambda: app.workspace.tasks[1].state == "done")
        bob.close()


async def test_who_is_stopped_while_another_writes_is_told_what_is_not_stored(
    place: Address,
) -> None:
    async with screen(place) as (app, _pilot):
        bob = as_bob(place)
        with bob._store.lock("bob"):
            app.run_worker(app.carry_out(partial(commands.finish, task=1)))
            await until(lambda: message(app) == "Waiting for bob …")
            app.stop(signal.SIGTERM)
            # A question on its way could still be answered once bob has let go.
            await until(lambda: not app.is_running and app.session.notices)
        bob.close()
        # It may have been asking the server once more at that moment.
        [told] = map(str, app.session.notices)
        assert told.startswith("You left before ")
        assert "not stored in" in told or "changed nothing" in told


NOT_STORED = "You left before what you did last could be stored: it changed nothing."


@asynccontextmanager
async def one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[TrackerApp, ThreadPoolExecutor]]:
    """Open a screen as if on a server, with one thread for all that is done beside it."""
    monkeypatch.setattr(Session, "distant", True)
    session = Session.open(tmp_path / "erp.json", who="anna", today=TODAY)
    for title in ("Konzept", "Firewall"):
        session.do(partial(commands.add_task, title=title))
    with ThreadPoolExecutor(1) as thread:
        asyncio.get_running_loop().set_default_executor(thread)
        app = TrackerApp(session)
        async with app.run_test() as pilot:
            await pilot.pause()
            yield app, thread
    session.close()


async def test_it_is_told_that_a_change_was_left_before_the_server_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with one_thread(tmp_path, monkeypatch) as (app, thread):
        taken = threading.Event()
        thread.submit(taken.wait, 60)
        app.run_worker(app.carry_out(partial(commands.finish, task=1)))
        app.run_worker(app.carry_out(partial(commands.finish, task=2)))
        await until(app._turn.locked)
        app.stop(signal.SIGTERM)
        await until(lambda: not app.is_running)
        taken.set()
    assert [*map(str, app.session.notices)] == [NOT_STORED]
    assert {app.session.workspace.tasks[task].state for task in (1, 2)} == {"todo"}


@pytest.mark.parametrize("error", [Busy("It is taken."), StoreError("The disk is full.")])
async def test_it_is_told_what_the_server_refused_as_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: StoreError
) -> None:
    async with one_thread(tmp_path, monkeypatch) as (app, thread):
        loop = asyncio.get_running_loop()
        refused = threading.Event()

        def leave() -> None:
            refused.set()
            thread.submit(int).result()  # the thread is through with it, and nobody knows of it
            app.exit()
            worker.cancel()

        def refuse(_ws: Workspace, _now: Now) -> Change:
            loop.call_soon_threadsafe(leave)
            refused.wait(60)
            raise error

        worker = app.run_worker(app.carry_out(refuse))
        await until(lambda: not app.is_running)
    told = NOT_STORED if isinstance(error, Busy) else "The disk is full."
    assert [*map(str, app.session.notices)] == [told]


async def test_what_another_does_is_shown_because_the_server_speaks(
    place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither it is looked for, nor does the screen ask again.
    monkeypatch.setattr(server_news, "_LOOK", 3600.0)
    monkeypatch.setattr(app_module, "_FOLLOW_SECONDS", 3600.0)
    bob = as_bob(place)
    async with screen(place) as (app, _pilot):
        # The first may have been there when listening began; the others are heard of.
        for n in range(5):
            record = bob.do(partial(commands.add_task, title=f"Firewall {n}"))
            await until(partial(shows, app, record.seq))
    bob.close()


async def test_a_reader_sees_all_and_is_told_why_nothing_changes(place: Address) -> None:
    async with screen(place) as (_app, _pilot):
        workspaces.set_member(place, "carol", "reader")
    carols = Address(place.server.replace("anna@", "carol@"), place.workspace)
    with_carol = Session.open(carols, who="carol", today=TODAY)
    app = TrackerApp(with_carol)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("d")
        await until(lambda: "You may read" in message(app))
        assert app.workspace.tasks[1].state == "todo"
    with_carol.close()


async def test_who_is_no_member_any_more_is_told_and_sees_all_again_as_one(place: Address) -> None:
    bob = as_bob(place)
    app = TrackerApp(bob)
    async with app.run_test(size=(120, 30)):
        workspaces.set_member(place, "bob", None)
        await until(lambda: app.offline)
        assert "There is no workspace" in message(app)
        workspaces.set_member(place, "bob", "reader")
        await until(lambda: not app.offline)
    bob.close()


async def test_a_line_that_nobody_can_go_on_from_leaves_the_screen_as_it_was(
    place: Address,
) -> None:
    async with screen(place) as (app, pilot):
        bob = as_bob(place)
        bad = broken(place, "a field of another kind")
        log = bob._store._journal.log
        assert isinstance(log, ServerLog)
        with server.connect(Address(place.server.replace("anna@", "bob@"))) as connection:
            connection.execute(APPEND, (log._key, bad))
        await until(lambda: "Record 2 of" in message(app))
        await pilot.press("d")
        await until(lambda: "tracker check --repair" in message(app))
        assert app.workspace.tasks[1].state == "todo"
        repair(place, at=AT)
        await until(partial(shows, app, 2))
        await pilot.press("d")
        await until(lambda: app.workspace.tasks[1].state == "done")
        bob.close()


async def test_it_is_said_that_a_server_stands_still(
    place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "_UNANSWERED_WAIT", 0.1)
    goes_on, real = threading.Event(), ServerLog.append

    def append(log: ServerLog, line: bytes) -> None:
        goes_on.wait(60)
        real(log, line)

    async with screen(place) as (app, pilot):
        monkeypatch.setattr(ServerLog, "append", append)
        app.simulate_key("d")
        await until(lambda: message(app) == "Waiting for the server …")
        goes_on.set()
        await until(lambda: message(app) == "Done: 1 Konzept")
        # A box may hide the view, so it says so as well.
        await pilot.press("e", *" 2")
        form = app.screen
        assert "Enter save" in lower_edge(form)
        goes_on.clear()
        app.simulate_key("enter")
        await until(lambda: lower_edge(form) == "Waiting for the server …")
        goes_on.set()
        await until(lambda: app.screen is not form)
        assert app.workspace.tasks[1].title == "Konzept 2"


async def test_a_box_says_its_keys_again_once_nothing_is_waited_for(place: Address) -> None:
    async with screen(place) as (app, pilot):
        await pilot.press("e", *" 2")
        bob = as_bob(place)
        with bob._store.lock("bob"):
            app.simulate_key("enter")
            await until(lambda: lower_edge(app.screen) == "Waiting for bob …")
            # It is given up after some seconds, and can be tried again.
            await until(lambda: "Enter save" in lower_edge(app.screen))
        await pilot.press("enter")
        await until(lambda: app.workspace.tasks[1].title == "Konzept 2")
        bob.close()


@pytest.mark.parametrize(
    ("how", "worker"), [("ctrl+q", False), ("SIGTERM", False), ("SIGTERM", True)]
)
async def test_a_server_that_stands_still_keeps_nobody_from_leaving(
    place: Address, postgres: Server, monkeypatch: pytest.MonkeyPatch, how: str, worker: bool
) -> None:
    monkeypatch.setattr(app_module, "_UNANSWERED_WAIT", 0.1)
    with passed_on(postgres.port) as (port, silent):
        there = Address(place.server.replace(f":{postgres.port}/", f":{port}/"), place.workspace)
        async with screen(there) as (app, _pilot):
            silent.set()
            if worker:
                app.run_worker(app.carry_out(partial(commands.finish, task=1)))
            else:
                app.simulate_key("d")
            await until(lambda: message(app) == "Waiting for the server …")
            if how == "SIGTERM":
                app.stop(signal.SIGTERM)
            else:
                app.simulate_key(how)
            await until(lambda: not app.is_running)
            await until(lambda: app.session.notices)
            [told] = map(str, app.session.notices)
            assert told.startswith("You left before the server answered: what you did last ")
            app.session.settle()
        silent.clear()


@pytest.mark.parametrize(("key", "call"), [("8", "history"), ("u", "to_undo")])
async def test_what_is_read_from_a_server_that_stands_still_keeps_nobody_from_leaving(
    place: Address, postgres: Server, monkeypatch: pytest.MonkeyPatch, key: str, call: str
) -> None:
    monkeypatch.setattr(app_module, "_WAIT_FOR_THREADS", 0.1)
    monkeypatch.setattr(app_module, "_UNANSWERED_WAIT", 0.1)
    read, begun, ended = getattr(Session, call), threading.Event(), threading.Event()

    def asked(*arguments: Any, **named: Any) -> Any:
        begun.set()
        try:
            found = read(*arguments, **named)
            return iter([*found]) if call == "history" else found
        finally:
            ended.set()

    with passed_on(postgres.port) as (port, silent):
        there = Address(place.server.replace(f":{postgres.port}/", f":{port}/"), place.workspace)
        async with screen(there) as (app, _pilot):
            # Longer than the test may take.
            monkeypatch.setattr(server_log, "_READ", 600.0)
            monkeypatch.setattr(Session, call, asked)
            silent.set()
            app.simulate_key(key)
            await until(begun.is_set)
            app.simulate_key("ctrl+q")
            await until(lambda: not app.is_running)
            await until(ended.is_set)
        silent.clear()


async def test_a_form_is_filled_while_the_server_is_stopped_and_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app_module, "_LONGEST_WAIT", 0.3)
    with running() as server:
        server.create("plans")
        place = Address(server.url("anna"), "erp")
        workspaces.init(place)
        async with screen(place) as (app, pilot):
            head = app.screen.query_one(HeadLine)
            await pilot.press("a", *"Fire")
            server.stop()
            await until(lambda: app.offline)
            assert "no connection" in shown_line(head)
            await pilot.press(*"wall")
            # Refused, and kept, for as long as there is no server; and what is shown can be read.
            await pilot.press("enter")
            await until(lambda: "cannot be reached" in readable(app.screen))
            assert isinstance(app.focused, Input)
            assert app.focused.value == "Firewall"
            server.start()
            await until(lambda: not app.offline)
            assert "no connection" not in shown_line(head)
            await pilot.press("enter")
            await until(lambda: len(app.workspace.tasks) == 2)
            bob = as_bob(place)
            assert [task.title for task in bob.workspace.tasks.values()] == ["Konzept", "Firewall"]
            # And others are heard of again.
            bob.do(partial(commands.finish, task=1))
            await until(lambda: app.workspace.tasks[1].state == "done")
            bob.close()
