"""`:export` from the screen: completed, shown before it is written, stopped, and asked twice."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.stage import Seen, full_disk, readable
from tests.tui.test_command_line import offered, opened, said
from tracker.exchange import delivery
from tracker.tui import handing_out
from tracker.tui.app import TrackerApp
from tracker.tui.dialogs.asking import AskLine
from tracker.tui.dialogs.export_notes import ExportNotes
from tracker.tui.dialogs.underway import Underway
from tracker.tui.view.frame import StatusLine


def seen(pilot: Pilot[Any]) -> str:
    """Return what is told, and what is in the dialog in front."""
    told = [line.message[0] for line in pilot.app.screen.query(StatusLine) if line.message]
    return " ".join(" ".join([*told, readable(pilot.app.screen)]).split())


async def until(pilot: Pilot[Any], kind: type[Any]) -> None:
    """Wait for a screen of a kind."""
    for _turn in range(3_000):
        if isinstance(pilot.app.screen, kind) and seen(pilot):
            return
        await pilot.pause(0.01)
    raise AssertionError(f"{pilot.app.screen} is no {kind.__name__}: {seen(pilot)}")


async def until_told(pilot: Pilot[Any], text: str) -> None:
    """Wait for a message."""
    for _turn in range(3_000):
        if text in seen(pilot):
            return
        await pilot.pause(0.01)
    raise AssertionError(seen(pilot))


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


async def test_what_is_lost_is_shown_before_a_file_is_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_app, pilot):
        target = tmp_path / "out.dot"
        await said(pilot, "edit 1 notes=x")
        await said(pilot, f"export {target}")
        await until(pilot, ExportNotes)
        await until_told(pilot, "a graph for Graphviz Not in dot: Notes (1)")
        assert not target.exists()
        await pilot.press("escape")
        await until_told(pilot, "Nothing was written.")
        assert not target.exists()
        await said(pilot, f"export {target} id:1,2")
        await until(pilot, ExportNotes)
        await pilot.press("enter")
        await until_told(pilot, "2 tasks written")
        assert "t1 -> t2" in target.read_text()


@pytest.mark.parametrize("name", ["a\0b.csv", "~\0/x.csv", "\ud800.csv"])
@pytest.mark.parametrize("call", ["import", "export"])
async def test_what_can_be_no_name_of_a_file_is_refused(
    tmp_path: Path, call: str, name: str
) -> None:
    async with opened(tmp_path) as (app, pilot):
        await pilot.press("colon")
        prompt = app.focused
        assert isinstance(prompt, Input)
        prompt.value = f"{call} {name}"
        await pilot.press("enter")
        await until_told(pilot, "cannot be the name of a file.")
        assert app.failure is None


async def test_what_is_there_is_replaced_only_by_who_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_app, pilot):
        target = tmp_path / "out.json"
        target.write_text("mine")
        await said(pilot, f"export {target}")
        await until(pilot, ExportNotes)
        assert "is there already, and would be replaced" in seen(pilot)
        await pilot.press("n")
        await until_told(pilot, "Nothing was written.")
        assert target.read_text() == "mine"
        await said(pilot, f"export {target}")
        await until(pilot, ExportNotes)
        await pilot.press("y")
        await until_told(pilot, "3 tasks written")
        assert target.read_text() != "mine"


async def test_a_file_that_came_after_the_question_is_not_replaced(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_app, pilot):
        await said(pilot, "edit 1 project=ERP --new")
        call = f"export {tmp_path}/out.csv --split"
        await said(pilot, call)
        await until(pilot, ExportNotes)
        await pilot.press("y")
        await until_told(pilot, "written")
        mine, theirs = sorted(tmp_path.glob("*.csv"))
        mine.write_text("mine")
        theirs.unlink()
        await said(pilot, call)
        await until(pilot, ExportNotes)
        theirs.write_text("theirs")
        await pilot.press("y")
        await until_told(pilot, "exist; choose another name")
        assert (mine.read_text(), theirs.read_text()) == ("mine", "theirs")


async def test_the_line_of_an_export_that_failed_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as (app, pilot):
        monkeypatch.setattr(delivery, "deliver", full_disk)
        await said(pilot, "export")
        await until(pilot, AskLine)
        wanted = f"{tmp_path}/out.csv id:1,2"
        app.screen.query_one(Input).value = wanted
        await pilot.press("enter")
        await until(pilot, ExportNotes)
        await pilot.press("enter")
        await until_told(pilot, "The disk is full.")
        await said(pilot, "export")
        await until(pilot, AskLine)
        assert app.screen.query_one(Input).value == wanted


async def test_nothing_is_asked_where_nothing_is_lost(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_app, pilot):
        await said(pilot, f"exportieren {tmp_path}/all.json")
        await until_told(pilot, "3 tasks written")
        assert (tmp_path / "all.json").exists()


async def test_who_names_no_file_is_asked_for_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_app, pilot):
        await said(pilot, "export")
        await until(pilot, AskLine)
        line = pilot.app.screen.query_one("Input")
        assert line.value == "plan.xlsx"  # type: ignore[attr-defined]
        assert "xlsx: a workbook to go on with in Excel · 3 tasks" in seen(pilot)
        assert "Also: .csv .json .mmd .gantt.mmd .dot .svg .ics" in seen(pilot)
        line.value = f"{tmp_path}/some.csv id:1"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, ExportNotes)
        await pilot.press("enter")
        await until_told(pilot, "1 task written")
        assert [row["id"] for row in rows(tmp_path / "some.csv")] == ["1"]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("plan.pdf", "its ending is none of"),
        ("-", "- is for pipes; name a file"),
        ("plan.dot --only tasks", "dot has no parts for --only"),
        ("plan.csv nothing-like-it", "No task matches nothing-like-it."),
        ("plan.csv --project X", "unrecognized arguments: --project"),
    ],
)
async def test_what_cannot_be_meant_stays_in_the_line(tmp_path: Path, typed: str, why: str) -> None:
    async with opened(tmp_path) as (_app, pilot):
        await said(pilot, f"export {typed}")
        assert why in seen(pilot)
        assert not list(Path().glob("plan.*"))


async def test_files_formats_and_filters_are_completed(tmp_path: Path) -> None:
    async with opened(tmp_path) as (app, _pilot):
        assert {"plan.xlsx", "plan.csv", "plan.ics"} <= set(offered(app, "export "))
        assert offered(app, "export out.gan") == ["out.gantt.mmd"]
        assert "mermaid-gantt" in offered(app, "export out.txt --format ")
        assert offered(app, "export out.csv --dia") == ["--dialect"]
        assert "state:" in offered(app, "export out.csv sta")
        (tmp_path / "folder").mkdir()
        assert f"{tmp_path}/folder/" in offered(app, f"export {tmp_path}/fol")


async def test_a_long_export_says_how_far_it_is_and_can_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Event(), Event()

    def slow(*arguments: Any) -> list[delivery.Delivery]:
        tick = arguments[-1]
        tick(1)
        begun.set()
        assert go_on.wait(30)
        # The key was pressed; what it brings about may come a moment later.
        for _turn in range(1_000):
            tick(2)
            time.sleep(0.01)
        raise AssertionError("it goes on although it was stopped")

    monkeypatch.setattr(delivery, "deliveries", slow)
    monkeypatch.setattr(handing_out, "_AT_ONCE", 0.01)
    async with opened(tmp_path) as (app, pilot):
        try:
            await said(pilot, f"export {tmp_path}/out.json")
            await until(pilot, Underway)
            assert begun.wait(30)
            await until_told(pilot, "1 of 3 tasks")
            await pilot.press("escape")
        finally:
            go_on.set()
        await until_told(pilot, "Stopped; nothing was written.")
        assert isinstance(app, TrackerApp)
    assert not (tmp_path / "out.json").exists()


async def test_of_two_exports_at_once_each_closes_its_own_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, go_on = delivery.deliveries, {"one": Event(), "two": Event()}

    def slow(order: Any, *arguments: Any) -> list[delivery.Delivery]:
        assert go_on[order.path.stem].wait(60)
        return real(order, *arguments)

    monkeypatch.setattr(delivery, "deliveries", slow)
    monkeypatch.setattr(handing_out, "_AT_ONCE", 0.01)
    async with opened(tmp_path) as (app, pilot):
        at, view = Seen(app, pilot), app.screen
        try:
            for name in go_on:
                app.hand_out(f"{tmp_path}/{name}.json")
            await at.until(lambda: len(app.screen_stack) == 4)
            go_on["one"].set()
            await at.until((tmp_path / "one.json").exists)
            await at.press("escape")
        finally:
            for event in go_on.values():
                event.set()
        await at.until(lambda: "Stopped; nothing was written." in seen(pilot))
        assert app.screen is view
        assert not (tmp_path / "two.json").exists()


@pytest.mark.parametrize(
    ("what", "name"),
    [(delivery, "deliveries"), (delivery, "deliver"), (ExportNotes, "text_lines")],
)
@pytest.mark.parametrize("at_once", [0.0, 60.0])
async def test_a_failure_while_a_file_is_made_leaves_the_screen_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: Any, name: str, at_once: float
) -> None:
    def broken(*_words: object, **_named: object) -> None:
        raise RuntimeError("boom")

    target = tmp_path / "out.json"
    # It is asked about what is there already.
    if name == "text_lines":
        target.write_text("mine")
    monkeypatch.setattr(what, name, broken)
    monkeypatch.setattr(handing_out, "_AT_ONCE", at_once)
    async with opened(tmp_path) as (app, pilot):
        view = app.screen
        await said(pilot, f"export {target}")
        await until_told(pilot, "out.json could not be exported because of an error in tracker")
        await Seen(app, pilot).until(lambda: app.screen is view)
        assert app.failure is None
        assert "because of an error in tracker" in seen(pilot)
        assert not target.exists() or target.read_text() == "mine"


async def test_where_the_folder_one_is_in_is_gone_a_whole_path_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    async with opened(tmp_path) as (app, pilot):
        await said(pilot, "export out.json")
        await until_told(pilot, "name out.json with its whole path.")
        await pilot.press("escape")
        await said(pilot, "export")
        await until(pilot, AskLine)
        assert "name plan.xlsx with its whole path." in seen(pilot)
        await pilot.press("escape")
        await said(pilot, f"export {tmp_path}/out.json")
        await until_told(pilot, "3 tasks written")
        assert app.failure is None
