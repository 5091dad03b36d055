"""Every dialog in every size of the window: nothing that was typed is lost, nothing is cut off."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, TextArea

import tracker.tui
from tests import DATA
from tests.tui.test_views import GATE, TARGET, Look, Window, window
from tracker.domain.model import Person
from tracker.tui.dialogs.asking import AskLine, Dialog
from tracker.tui.dialogs.baseline_list import BaselineList
from tracker.tui.dialogs.entity_form import EntityForm
from tracker.tui.dialogs.export_notes import ExportNotes
from tracker.tui.dialogs.field_form import AskText
from tracker.tui.dialogs.filter_bar import FilterBar
from tracker.tui.dialogs.help import HelpScreen
from tracker.tui.dialogs.import_columns import PickColumn
from tracker.tui.dialogs.import_report import Imported, ImportPreview, ImportReport
from tracker.tui.dialogs.import_update import Differences
from tracker.tui.dialogs.master_data import MasterData, MoveAway
from tracker.tui.dialogs.questions import (
    Confirm,
    CopiedText,
    LoopQuestion,
    PickArrow,
    PickRow,
    PickTask,
    Welcome,
)
from tracker.tui.dialogs.replan_preview import ReplanPreview
from tracker.tui.dialogs.scope_choice import ChooseScope
from tracker.tui.dialogs.send_back import SendBack
from tracker.tui.dialogs.task_form import TaskForm
from tracker.tui.dialogs.underway import Underway
from tracker.tui.load.explanation import Explanation
from tracker.tui.load.move_task import MoveTask
from tracker.tui.load.screen import LoadScreen
from tracker.tui.log.record_page import RecordPage
from tracker.tui.loops.assuming import ForecastBasis
from tracker.tui.view.work import WorkScreen

# Smaller than any view needs, the least, the usual, and as large as they come.
SIZES = ((60, 20), (40, 10), (300, 80), (60, 20), (80, 24))
LIST = str(DATA / "umzug-erp.csv")

Way = Callable[[Window], Awaitable[object]]


def _keys(view: str, *names: str) -> Way:
    """Return the way to a dialog by keys, on a task that can be sent back from."""

    async def go(at: Window) -> None:
        await at.press(view)
        at.app.go_to(GATE)
        for name in names:
            await at.press(name)

    return go


async def _imported(at: Window) -> None:
    at.app.take_in(LIST)
    await at.until(lambda: isinstance(at.app.screen, Imported))


async def _previewed(at: Window) -> None:
    at.app.take_in(str(DATA / "exchange" / "gan" / "task-with-dependencies.gan"))


async def _exported(at: Window) -> None:
    at.app.hand_out(f"{Path(at.app.session.place).parent}/out.dot")


async def _working(at: Window) -> None:
    box = Underway("Exporting plan.xlsx …", lambda: "200 of 10000 tasks", lambda: False)
    at.app.push_screen(box)


async def _columns(at: Window) -> None:
    await _imported(at)
    await at.press("c")


async def _differences(at: Window) -> None:
    path = Path(at.app.session.place).parent / "list.csv"
    lines = Path(LIST).read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines))
    at.app.take_in(str(path))
    await at.until(lambda: isinstance(at.app.screen, Imported))
    await at.press("escape")
    path.write_bytes(b"".join(lines[:-1]))
    at.app.take_in(str(path), "update")


async def _report(at: Window) -> None:
    await _differences(at)
    await at.until(lambda: isinstance(at.app.screen, Differences))
    await at.press("r")


async def _explanation(at: Window) -> None:
    await at.press("7")
    await at.settle()
    await at.press("j", "I")


async def _move(at: Window) -> None:
    await at.press("7")
    await at.settle()
    for down in range(40):
        for _right in range(6):
            await at.press("enter")
            if isinstance(at.app.screen, MoveTask):
                return
            if at.app.screen.is_modal or not isinstance(at.app.screen, LoadScreen):
                await at.press("escape")
            await at.press("l")
        await at.press("h", "h", "h", "h", "h", "h", "j")
        assert down < 39


async def _record(at: Window) -> None:
    await at.press("8")
    await at.settle()
    for _turn in range(6):
        await at.press("j", "enter")
        if isinstance(at.app.screen, RecordPage):
            return
        await at.press("escape", "8")


async def _loop(at: Window) -> None:
    await at.press("3")
    view = at.app.screen
    assert isinstance(view, WorkScreen)
    view.draw("needs", GATE, TARGET)


async def _welcome(at: Window) -> None:
    at.app.push_screen(Welcome("/home/anna/plan.json"))


async def _long_text(at: Window) -> None:
    await at.press("3", "e")
    await at.until(lambda: isinstance(at.app.screen, TaskForm))
    for _turn in range(60):
        await at.press("enter" if "notes" in str(at.app.screen._field) else "down")  # type: ignore[attr-defined]
        if isinstance(at.app.screen, AskText):
            return


def _people(*names: str) -> Way:
    """Return the way to a dialog by keys in the list of people, on one with tasks."""

    async def go(at: Window) -> None:
        await at.press("2")
        at.app.show_master_data(Person)
        await at.until(lambda: isinstance(at.app.screen, MasterData))
        await at.press("j", *names)

    return go


WAYS: dict[type[Dialog[Any]], Way] = {
    AskLine: _keys("2", "a"),
    AskText: _long_text,
    BaselineList: _keys("2", "O"),
    RecordPage: _record,
    ReplanPreview: _keys("2", "O", "r"),
    ChooseScope: _keys("2", "P"),
    Confirm: _keys("3", "x"),
    CopiedText: _keys("3", "y", "y"),
    Differences: _differences,
    EntityForm: _people("e"),
    FilterBar: _keys("2", "F"),
    ExportNotes: _exported,
    ForecastBasis: _keys("6", "I"),
    HelpScreen: _keys("2", "question_mark"),
    Imported: _imported,
    ImportPreview: _previewed,
    ImportReport: _report,
    Explanation: _explanation,
    MoveTask: _move,
    LoopQuestion: _loop,
    MasterData: _people(),
    MoveAway: _people("m"),
    PickArrow: _keys("2", "X"),
    PickColumn: _columns,
    PickTask: _keys("3", "less_than_sign"),
    SendBack: _keys("2", "b"),
    TaskForm: _keys("2", "e"),
    Welcome: _welcome,
    Underway: _working,
}
# Bases, of which nothing is shown.
_BASES = {"Reading", "FieldForm", "ImportPage"}


def _kinds(kind: type[Any]) -> set[type[Any]]:
    below = set(kind.__subclasses__())
    return below.union(*map(_kinds, below)) if below else below


def test_no_dialog_is_left_out() -> None:
    for found in pkgutil.walk_packages(tracker.tui.__path__, "tracker.tui."):
        importlib.import_module(found.name)
    kinds = {kind for kind in _kinds(Dialog) if kind.__module__.startswith("tracker.")}
    missing = {kind.__name__ for kind in kinds - WAYS.keys() - {PickRow}} - _BASES
    assert not missing, "say in WAYS how it is opened"


@pytest.mark.parametrize("kind", WAYS, ids=lambda kind: kind.__name__)
async def test_nothing_typed_is_lost_in_another_size(
    kind: type[Dialog[Any]], tmp_path: Path
) -> None:
    async with window(Look("x", SIZES[0]), tmp_path / "demo.json") as at:
        await WAYS[kind](at)
        await at.until(lambda: type(at.app.screen) is kind)
        dialog = at.app.screen
        box = next(iter(dialog.query("Input, TextArea")), None)
        if box is not None:
            await at.press(*"Vü")
        typed = _text(box)
        for size in SIZES:
            await at.pilot.resize_terminal(*size)
            await at.pilot.pause()
            assert at.app.screen is dialog
            assert _text(box) == typed
            assert dialog.focused is box or box is None or not isinstance(box, TextArea)
            frame = dialog.query_one("#box").region
            assert frame.right <= size[0], size
            assert frame.bottom <= size[1], size
            assert "Esc" in at.text or size < (60, 20), "its keys are told"
        for _turn in range(4):
            await at.press("escape")
            if isinstance(at.app.screen, Confirm) and kind is not Confirm:
                await at.press("y")
        assert isinstance(at.app.screen, WorkScreen)


def _text(box: Any) -> str:
    if isinstance(box, Input):
        return box.value
    return box.text if isinstance(box, TextArea) else ""
