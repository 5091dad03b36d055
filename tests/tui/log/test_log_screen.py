"""The history on the screen: read by day, looked through, opened, taken back; and the past."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from textual.widgets import Input

from tests.builders import NOW, TODAY, plan
from tests.tui.stage import Seen, readable, shown
from tracker.domain.change import Change, Edit, Record
from tracker.domain.draft import Now
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.store.server import Unreachable
from tracker.tui.app import TrackerApp
from tracker.tui.board.screen import BoardScreen
from tracker.tui.dialogs.master_data import MasterData
from tracker.tui.dialogs.questions import Confirm
from tracker.tui.dialogs.task_form import TaskForm
from tracker.tui.log.record_page import RecordPage
from tracker.tui.log.screen import LogScreen
from tracker.tui.view.frame import Lesson
from tracker.tui.widgets.rows import Rows
from tracker.wording import edit_words

DAYS_AGO = 3


class Log(Seen):
    """The app on the log, and what can be read there."""

    @property
    def text(self) -> str:
        """What can be read in the rows."""
        return shown(self.app.screen.query_one(Rows))

    @property
    def lines(self) -> list[str]:
        """The rows that are filled."""
        return [line for line in self.text.split("\n") if line.strip()]


Show = Callable[..., AbstractAsyncContextManager[Log]]


def at(days: int, minutes: int = 0, who: str = "k.brandt") -> Now:
    """Return a moment so many days ago."""
    moment = NOW.at - timedelta(days=days) + timedelta(minutes=minutes)
    return Now(at=moment, today=TODAY - timedelta(days), who=who)


@pytest.fixture
def stage(tmp_path: Path) -> Show:
    """Return what opens a short history on the log: two days, two people."""

    @asynccontextmanager
    async def show(size: tuple[int, int] = (100, 30)) -> AsyncIterator[Log]:
        session = Session.open(
            tmp_path / "plan.json", who="k.brandt", today=TODAY, clock=lambda: NOW.at
        )
        born = tuple(Edit(None, e) for e in plan("1-2", titles=("Fibre", "Handover")).entities())
        session.replay(
            [
                (at(DAYS_AGO), lambda _ws, _now: Change(sentence("Plan"), born)),
                (at(DAYS_AGO, 5), lambda ws, now: commands.start(ws, now, task=1)),
                (
                    at(0, -60, who="a.berg"),
                    lambda ws, now: commands.edit_tasks(ws, now, tasks=(2,), title="Hand-over"),
                ),
                (at(0, -30), lambda ws, now: commands.finish(ws, now, task=1)),
            ]
        )
        app = TrackerApp(session, view="log")
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Log(app, pilot)
        session.close()

    return show


async def test_records_stand_under_their_days_the_newest_first(stage: Show) -> None:
    async with stage() as log:
        first, done, edited, second, started, _born = log.lines
        assert first.strip().startswith("today")
        assert "k.brandt" in done
        assert "Done: 1 Fibre" in done
        assert "a.berg" in edited
        assert "Title Handover → Hand-over" in edited
        assert "Fri 20 Nov" in second
        assert "Started: 1 Fibre" in started
        assert isinstance(log.app.screen, LogScreen)
        assert log.app.screen.focused_task == 1


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("who:a.berg", ["Handover"]),
        ("task:2", ["Handover", "Plan"]),
        ("#2 who:k", ["Plan"]),
        ("kind:arrow", ["Plan"]),
        ("started fibre", ["Started"]),
        ("hand-over", ["Handover"]),
    ],
)
async def test_it_is_looked_through_by_person_task_kind_and_words(
    stage: Show, typed: str, found: list[str]
) -> None:
    async with stage() as log:
        names = {" ": "space"}
        await log.press("/", *(names.get(sign, sign) for sign in typed), "enter")
        records = [line for line in log.lines if line.startswith("  ")]
        assert len(records) == len(found)
        assert all(word in line for word, line in zip(found, records, strict=True))
        await log.press("escape")
        assert len(log.lines) == 6


async def test_the_history_is_read_on_and_put_into_words_once(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage() as log:
        session, since, said = log.app.session, list[int](), list[int]()
        history, edits = session.history, edit_words.edits

        def read_on(seq: int = 0) -> Iterator[Record]:
            since.append(seq)
            return history(seq)

        def put(ws: Workspace, record: Record) -> str:
            said.append(record.seq)
            return edits(ws, record)

        monkeypatch.setattr(session, "history", read_on)
        await log.app.carry_out(lambda ws, now: commands.start(ws, now, task=2))
        await log.pilot.pause()
        assert since == [3]
        assert len(log.lines) == 7
        monkeypatch.setattr(edit_words, "edits", put)
        await log.press("/", *"hand")
        assert said
        assert len(said) == len(set(said))


async def test_what_is_not_there_says_how_to_go_on(stage: Show) -> None:
    async with stage() as log:
        await log.press("/", *"nobody", "enter")
        assert log.app.screen.has_class("-empty")
        await log.press("enter", "T", "u")
        assert "no change under the cursor" in log.foot
        await log.press("escape")
        assert not log.app.screen.has_class("-empty")


def out_of_reach(_session: Session, _since: int = 0) -> Iterator[Record]:
    raise Unreachable("The server of {file} cannot be reached.", file="plan", who="plan")


async def test_a_history_that_cannot_be_read_now_is_told_and_read_later(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Session, "history", out_of_reach)
        async with stage() as log:
            await log.press("/", *"fibre", "enter", "j", "enter", "T", "u", "escape", "2", "8")
            told = shown(log.app.screen.query_one("#empty"))
            assert "The server of plan cannot be reached." in told
            log.app.offline = True
            await log.pilot.pause()
            patch.undo()
            log.app.offline = False
            await log.pilot.pause()
            assert "Done: 1 Fibre" in log.text


async def test_the_screen_goes_on_while_the_history_comes_from_a_server(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    history, answered = Session.history, Event()

    def late(session: Session, since: int = 0) -> Iterator[Record]:
        answered.wait(30)
        return history(session, since)

    monkeypatch.setattr(TrackerApp, "distant", True)
    monkeypatch.setattr(Session, "history", late)
    async with stage() as log:
        assert shown(log.app.screen.query_one("#empty")).strip() == "Reading the history …"
        await log.press("2", "8")
        answered.set()
        while "Done: 1 Fibre" not in log.text:
            await log.pilot.pause(0.01)
        assert not log.app.screen.has_class("-empty")


async def test_what_was_read_stays_while_no_more_can_be_read(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage() as log:
        with monkeypatch.context() as patch:
            patch.setattr(Session, "history", out_of_reach)
            log.app.offline = True
            await log.app.carry_out(partial(commands.start, task=2))
            await log.pilot.pause()
            assert "Done: 1 Fibre" in log.text
            assert "Started: 2 Hand-over" not in log.text
        # The app may have found out by itself that the server is there.
        log.app.offline = True
        await log.pilot.pause()
        log.app.offline = False
        await log.pilot.pause()
        assert "Done: 1 Fibre" in log.text
        assert "Started: 2 Hand-over" in log.text


async def test_enter_shows_each_field_before_and_after(stage: Show) -> None:
    async with stage() as log:
        await log.press("j", "enter")
        page = log.app.screen
        assert isinstance(page, RecordPage)
        text = readable(page)
        assert "a.berg · no. 3" in text
        assert "Title  Handover → Hand-over" in text
        await log.press("escape")
        assert isinstance(log.app.screen, LogScreen)


async def test_one_change_is_taken_back_and_that_of_another_is_asked_about(stage: Show) -> None:
    async with stage() as log:
        await log.press("j", "u")
        question = log.app.screen
        assert isinstance(question, Confirm)
        await log.press("enter")
        await log.until(lambda: log.app.workspace.tasks[2].title == "Handover")
        await log.pilot.pause()
        assert "✗ Edited: 2" in log.text
        assert log.app.workspace.tasks[1].state == "done", "nothing else"
        await log.press("j", "j", "u")
        await log.pilot.pause()
        assert "Undo" in log.lines[1]


async def test_every_view_is_shown_as_it_was_and_nothing_can_be_done_there(stage: Show) -> None:
    async with stage() as log:
        await log.press("j", "j", "j", "T")
        await log.until(lambda: isinstance(log.app.screen, BoardScreen))
        app = log.app
        assert app.past == NOW.at - timedelta(days=DAYS_AGO) + timedelta(minutes=5)
        assert app.workspace.tasks[1].state == "doing"
        assert app.workspace.tasks[2].title == "Handover"
        assert app.today == TODAY - timedelta(DAYS_AGO)
        assert "read only; q returns to now" in shown(app.screen.query_one(Lesson))
        await log.press("d")
        assert app.workspace.tasks[1].state == "doing"
        assert "it can only be read" in log.foot
        await log.press("8")
        assert len(log.lines) == 3, "there was no more history"
        app.session.replay([(at(0, 1, who="a.berg"), _reopened)])
        app.follow()
        await log.pilot.pause()
        assert app.workspace.tasks[2].title == "Handover", "others do not change the past"
        await log.press("q")
        assert log.app.past is None
        assert app.workspace.tasks[2].title == "Handed over"
        assert app.today == TODAY
        assert not shown(app.screen.query_one(Lesson)).strip()


async def test_in_the_past_no_form_opens_and_no_key_that_changes_is_offered(stage: Show) -> None:
    async with stage() as log:
        await log.press("j", "j", "j", "T")
        await log.until(lambda: isinstance(log.app.screen, BoardScreen))
        board = log.app.screen
        log.app.tell("")
        assert "? keys" in log.foot
        for word in ("add", "next state", "done", "undo"):
            assert f" {word} " not in log.foot
        for key in ("a", "A", "e", "E", "t", "w", "b", "x", "X", "u", "d", "greater_than_sign"):
            log.app.tell("")
            await log.press(key)
            await log.until(lambda: "it can only be read" in log.foot)
            assert log.app.screen is board
        await log.press("colon", *"person", "enter")
        await log.until(lambda: isinstance(log.app.screen, MasterData))
        assert "a new" not in str(log.app.screen.query_one("#box").border_subtitle)
        lists = log.app.screen
        for key in ("a", "e", "m", "x"):
            await log.press(key)
            assert log.app.screen is lists
        await log.until(lambda: "it can only be read" in readable(lists))
        await log.press("escape", "q")
        await log.until(lambda: log.app.past is None)
        log.app.tell("")
        assert "a add" in log.foot
        await log.press("e")
        await log.until(lambda: isinstance(log.app.screen, TaskForm))


def _reopened(ws: Workspace, now: Now) -> Change:
    return commands.edit_tasks(ws, now, tasks=(2,), title="Handed over")


async def test_a_day_is_shown_as_it_was_at_its_end_also_by_a_command(stage: Show) -> None:
    async with stage() as log:
        await log.press("j", "j", "k", "home", "enter")
        await log.until(lambda: log.app.past is not None)
        assert log.app.past == NOW.at, "of today as much as there is"
        await log.press("q", "colon", *"as-of", "space", *"20.11.", "enter")
        await log.until(lambda: log.app.past is not None and log.app.past < NOW.at)
        past = log.app.past
        assert isinstance(past, datetime)
        assert past.astimezone().date() == TODAY - timedelta(DAYS_AGO)
        await log.press("colon", *"now", "enter")
        assert log.app.past is None


async def test_a_day_to_come_or_before_all_history_is_no_past(stage: Show) -> None:
    async with stage() as log:
        await log.press("colon", *"as-of", "space", *"2027-01-01", "enter")
        await log.until(lambda: "still to come" in log.foot)
        assert log.app.past is None


async def test_what_is_being_typed_stays_in_front_of_the_past(stage: Show) -> None:
    async with stage() as log:
        await log.press("a", "N")
        line = log.app.screen
        log.app.show_past(NOW.at)
        await log.until(lambda: log.app.past is not None)
        await log.press("e", "u")
        assert log.app.screen is line
        assert line.query_one(Input).value == "Neu"
        await log.press("escape", "q")
        assert log.app.past is None
        assert isinstance(log.app.screen, LogScreen)
        await log.press("colon", "n")
        log.app.show_past(NOW.at)
        await log.until(lambda: log.app.past is not None)
        await log.press("o", "w")
        assert isinstance(log.app.screen, LogScreen)
        assert log.app.screen.query_one(Input).value == "now"
        await log.press("enter")
        assert log.app.past is None
