"""A new version of a list on the screen: what differs is shown, ticked, taken over and undone."""

from __future__ import annotations

import json
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.builders import TODAY
from tests.exchange.plans import handed_out
from tests.tui.stage import typed
from tests.tui.test_together import message, until
from tracker import config
from tracker.domain.verbs import commands
from tracker.exchange import column_choices, importing
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.import_columns import PickColumn
from tracker.tui.dialogs.import_report import Imported, ImportPreview, ImportReport
from tracker.tui.dialogs.import_update import Differences
from tracker.tui.widgets.choices import Choices, Passage

FIRST = (
    "Nr;Vorgang;Abteilung;Fällig\n"
    "1;Konzept;Netz;2026-12-01\n2;Abnahme;Netz;2026-12-04\n3;Umzug;RZ;2026-12-08\n"
)
SECOND = (
    "Nr;Vorgang;Abteilung;Fällig\n"
    "1;Konzept;Netz;2026-12-02\n2;Abnahme;RZ;2026-12-05\n4;Go-live;RZ;\n"
)


def opened(folder: Path) -> tuple[Session, Path]:
    """Return a workspace into which the first version came, and in which a date was changed."""
    path = folder / "plan.csv"
    path.write_text(FIRST, "utf-8")
    session = Session.open(folder / "w.json", who="anna", today=TODAY)
    session.do(importing.read(path, today=TODAY).command)
    session.do(partial(commands.edit_task, task=2, due=TODAY))
    path.write_text(SECOND, "utf-8")
    return session, path


def lines(app: TrackerApp) -> list[str]:
    return [
        ("" if row.tick is None else "x " if row.tick else "- ")
        + "".join(text for text, _style in row.left)
        for row in app.screen.query_one(Choices).items
    ]


async def test_differences_are_ticked_taken_over_and_undone_in_one(tmp_path: Path) -> None:
    session, path = opened(tmp_path)
    app = TrackerApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        before = app.workspace
        await pilot.press("3", ":")
        await typed(pilot, f"import {path}")
        await pilot.press("enter")
        while not (isinstance(app.screen, Differences) and app.screen.query(Choices)):
            await pilot.pause(0.02)
        assert lines(app) == [
            "row 2: 1 Konzept",
            "x Due: 2026-12-01 → 2026-12-02",
            "row 3: 2 Abnahme",
            "x Department: Netz → RZ",
            "- Due: here 2026-11-23, in the list 2026-12-05 (both changed)",
            "1 row is new:",
            "x row 4: Go-live",
            "1 task is no longer in the list; tick it to drop it (D: to delete it):",
            "- 3 Umzug",
        ]
        await pilot.press("end", "space", "enter")
        while not (isinstance(app.screen, Imported) and app.screen.query(Passage)):
            await pilot.pause(0.02)
        told = ["".join(text for text, _ in line) for line in app.screen.query_one(Passage).lines]
        assert "Updated: 2 tasks" in told
        assert any(line.split() == ["Nr", "No.", "3", "0", "0"] for line in told)
        await pilot.press("escape")
        tasks = app.workspace.tasks
        assert [str(task.due) for task in tasks.values()] == [
            *("2026-12-02", "2026-11-23", "2026-12-08", "None"),
        ]
        assert (tasks[3].state, tasks[2].department == tasks[3].department) == ("dropped", True)
        await pilot.press("u")
        await until(pilot, "Undo: Updated from plan.csv", app)
        assert app.workspace.tasks == before.tasks
    session.close()


async def test_what_was_compared_is_shown_also_where_its_tasks_have_gone_since(
    tmp_path: Path,
) -> None:
    session, path = opened(tmp_path)
    app = TrackerApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3", "a")
        await pilot.pause()
        app.take_in(str(path), "update")
        while any(worker.group == "import" for worker in app.workers):
            await pilot.pause(0.02)
        with closing(Session.open(tmp_path / "w.json", who="bob", today=TODAY)) as bob:
            bob.do(partial(commands.delete_task, task=1))
        app.follow()
        assert 1 not in app.workspace.tasks
        await pilot.press("escape")
        while not (isinstance(app.screen, Differences) and app.screen.query(Choices)):
            await pilot.pause(0.02)
        assert "row 2: 1 Konzept" in lines(app)
        await pilot.press("enter")
        await until(pilot, "There is no task 1", app)
    session.close()


async def test_leaving_takes_nothing_and_the_same_list_says_nothing_new(tmp_path: Path) -> None:
    session, path = opened(tmp_path)
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        app.take_in(str(path), "update")
        while not (isinstance(app.screen, Differences) and app.screen.query(Choices)):
            await pilot.pause(0.02)
        await pilot.press("a")
        assert [line[0] for line in lines(app) if line[0] in "x-"] == ["x", "x", "x", "x", "-"]
        await pilot.press("a")
        assert not any(line.startswith("x ") for line in lines(app))
        await pilot.press("escape")
        assert session.workspace.tasks[1].due is not None
        assert len([*session.history()]) == 2
        path.write_text(FIRST, "utf-8")
        app.take_in(str(path))
        await until(pilot, "plan.csv contains nothing new.", app)
    session.close()


async def test_a_failure_while_a_list_is_read_leaves_the_screen_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, path = opened(tmp_path)

    def broken(*_words: object, **_named: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(importing, "read", broken)
    app = TrackerApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3")
        app.take_in(str(path))
        await until(pilot, "because of an error in tracker", app)
        assert "failure.log" in message(app)
        await pilot.press("a")
        assert isinstance(app.focused, Input)
    session.close()


async def test_a_failure_while_the_differences_are_shown_leaves_the_screen_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, path = opened(tmp_path)

    def broken(*_words: object, **_named: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(Differences, "_rows", broken)
    app = TrackerApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3")
        before = app.workspace
        app.take_in(str(path), "update")
        await until(pilot, "because of an error in tracker", app)
        while isinstance(app.screen, Differences):
            await pilot.pause(0.02)
        assert app.workspace is before
        await pilot.press("a")
        assert isinstance(app.focused, Input)
    session.close()


async def _reach(pilot: Pilot[str], kind: type[Screen[Any]]) -> None:
    while not isinstance(pilot.app.screen, kind):
        await pilot.pause(0.02)
    # Keys count once all of it stands there.
    await pilot.pause()


async def test_a_column_can_mean_something_else_and_the_list_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "plan.csv"
    path.write_text("Nr;Vorgang;Termin FB\n1;x;2026-12-01\n2;y;2026-12-05\n", "utf-8")
    session = Session.open(tmp_path / "w.json", who="anna", today=TODAY)
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        app.take_in(str(path))
        await _reach(pilot, Imported)
        await pilot.press("c")
        await _reach(pilot, PickColumn)
        await pilot.press("end")
        assert lines(app)[-1].split()[:5] == ["Termin", "FB", "unknown;", "perhaps", "Due"]
        await pilot.press("enter")
        # What the values look like is under the cursor.
        assert app.screen.query_one(Choices).key == "due"
        await pilot.press("enter")
        await _reach(pilot, Differences)
        assert "x Due: – → 2026-12-01" in lines(app)
        await pilot.press("enter")
        await _reach(pilot, Imported)
        assert [str(task.due) for task in app.workspace.tasks.values()] == [
            *("2026-12-01", "2026-12-05"),
        ]
        kept = column_choices.remembered(config.state_folder(), "plan.csv")
        assert kept == {"Termin FB": "due"}
        # From the list of differences too; what leaves no task is refused and not remembered.
        await pilot.press("escape")
        path.write_text("Nr;Vorgang;Termin FB\n1;x;2026-12-02\n2;y;2026-12-05\n", "utf-8")
        app.take_in(str(path))
        await _reach(pilot, Differences)
        await pilot.press("c", "down", "enter", "end", "enter")
        await until(pilot, "plan.csv has no header row", app)
        assert column_choices.remembered(config.state_folder(), "plan.csv") == kept
    session.close()


async def test_tasks_gone_from_the_list_can_be_deleted(tmp_path: Path) -> None:
    session, path = opened(tmp_path)
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        app.take_in(str(path))
        await _reach(pilot, Differences)
        await pilot.press("end", "space", "D")
        assert lines(app)[-2:] == [
            "1 task is no longer in the list; tick it to delete it (D: to drop it):",
            "x 3 Umzug",
        ]
        await pilot.press("enter")
        await _reach(pilot, Imported)
        assert 3 not in app.workspace.tasks
    session.close()


async def test_what_was_typed_here_is_not_ticked_where_the_list_differs(tmp_path: Path) -> None:
    session = Session.open(tmp_path / "w.json", who="anna", today=TODAY)
    session.do(partial(commands.add_task, title="Konzept", due=TODAY))
    path = tmp_path / "plan.csv"
    path.write_text("Vorgang;Fällig;Notizen\nKonzept;2026-12-02;neu\n", "utf-8")
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        app.take_in(str(path))
        await _reach(pilot, Differences)
        assert [line for line in lines(app) if line[0] in "x-"] == [
            "- Due: here 2026-11-23, in the list 2026-12-02",
            "x Notes: – → neu",
        ]
    session.close()


def passage(app: TrackerApp) -> list[str]:
    return ["".join(text for text, _ in line) for line in app.screen.query_one(Passage).lines]


async def test_remarks_and_new_names_are_told_before_anything_is_taken(tmp_path: Path) -> None:
    session, path = opened(tmp_path)
    path.write_text(
        "Nr;Vorgang;Abteilung;Fällig;Dauer\n"
        "1;Konzept;Netzt;2026-12-02;2 Wochen\n2;Abnahme;RZ;bald;\n3;Umzug;RZ;2026-12-08;\n"
        + "".join(f"{n};Dritte Aufgabe {n};RZ;;{n} Wochen\n" for n in range(5, 40)),
        "utf-8",
    )
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        app.take_in(str(path), "update")
        await _reach(pilot, Differences)
        assert passage(app)[1:4] == [
            "New department: Netzt",
            "  Netzt: did you mean Netz?",
            "38 values or columns to be checked: r shows them",
        ]
        # The last line can be reached and seen, whatever stands above.
        await pilot.press("end")
        box, rows = app.screen.query_one("#box").region, app.screen.query_one(Choices)
        assert rows.region.bottom < box.bottom <= 24
        assert rows.scroll_offset.y == rows.max_scroll_y > 0
        await pilot.press("home", "space", "r")
        await _reach(pilot, ImportReport)
        told = passage(app)
        # The department of the first row is not ticked any more.
        assert told[:2] == ["Would import 35 tasks, 0 arrows", "Would update 2 tasks"]
        assert "New department: Netzt" not in told
        assert any(line.startswith("  row 3: Fällig: bald is not a date") for line in told)
        assert any(line.startswith("  Dauer: likewise in 33 more rows: 7, 8,") for line in told)
        assert any(line.split() == ["Fällig", "Due", "2", "1", "35"] for line in told)
        await pilot.resize_terminal(80, 12)
        await pilot.pause()
        await pilot.press("G")
        assert app.screen.query_one(Passage).scroll_offset.y > 0
        await pilot.press("escape")
        assert isinstance(app.screen, Differences)
        assert lines(app)[1] == "- Department: Netz → Netzt"
        await pilot.press("escape")
        assert len([*session.history()]) == 2
    session.close()


async def test_a_list_without_news_shows_what_could_not_be_read(tmp_path: Path) -> None:
    session, path = opened(tmp_path)
    path.write_text(FIRST.replace("2026-12-01", "bald"), "utf-8")
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        app.take_in(str(path))
        await _reach(pilot, Differences)
        # What cannot be read goes into the notes, once.
        assert "x Notes: – → Fällig: bald" in lines(app)
        await pilot.press("enter")
        await _reach(pilot, Imported)
        await pilot.press("escape")
        app.take_in(str(path))
        await _reach(pilot, ImportReport)
        start = "  row 2: Fällig: bald is not a date"
        assert any(line.startswith(start) for line in passage(app))
        await pilot.press("escape")
        assert message(app).startswith("plan.csv contains nothing new.")
    session.close()


async def test_news_beside_the_tasks_are_shown_and_taken_if_wanted(tmp_path: Path) -> None:
    session, _path = opened(tmp_path)
    plan = tmp_path / "beside.json"
    plan.write_bytes(handed_out(session.workspace, "beside.json"))
    document = json.loads(plan.read_text())
    document["filters"] = [{"id": 1, "name": "Late", "query": "state:late"}]
    plan.write_text(json.dumps(document))
    app = TrackerApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        app.take_in(str(plan))
        await _reach(pilot, ImportPreview)
        assert "New filter: Late" in passage(app)
        await pilot.press("enter")
        await _reach(pilot, Imported)
        await pilot.press("escape")
        assert [each.name for each in app.workspace.filters.values()] == ["Late"]
        app.take_in(str(plan))
        await until(pilot, "beside.json contains nothing new.", app)
    session.close()


async def test_long_lines_are_broken_and_not_cut(tmp_path: Path) -> None:
    session, path = opened(tmp_path)
    words = "Inbetriebnahme der neuen Firewall im Rechenzentrum " * 3
    path.write_text(f"{FIRST}9;{words.strip()};Netz;2026-12-09\n", "utf-8")
    app = TrackerApp(session)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("3")
        app.take_in(str(path))
        await _reach(pilot, Differences)
        assert words.split() == " ".join(lines(app)[-4:]).split()[-len(words.split()) :]
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert words.split() == " ".join(lines(app)[-2:]).split()[-len(words.split()) :]
    session.close()
