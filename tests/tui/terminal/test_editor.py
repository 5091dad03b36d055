"""The notes of a task, written in the editor of the person at a real terminal."""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from pathlib import Path

import pytest

from tests import ROOT
from tests.terminal import Terminal
from tests.tui.terminal.test_terminal import tracker
from tracker.domain.verbs.commands import add_task, edit_task
from tracker.session import Session

WRITES = (
    'cat "$1" > "$0.seen"; ls -l "$1" | cut -c1-10 > "$0.mode"; printf "Zähler ab\\nFr\\n" > "$1"'
)
FAILS = 'echo half > "$1"; exit 3'
LEAVES = "true"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    session = Session.open(file, who="anna")
    session.do(lambda ws, now: add_task(ws, now, title="Konzept", notes="Alt"))
    session.close()
    return file


def screen(plan: Path, script: str, **environment: str) -> Terminal:
    editor = plan.with_name("editor")
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(stat.S_IRWXU)
    home = {"PYTHONPATH": str(ROOT), "HOME": str(plan.parent), "TMPDIR": str(plan.parent)}
    editors = {"VISUAL": "", "EDITOR": str(editor)}
    terminal = Terminal(["--file", str(plan)], env={**home, **editors, **environment})
    terminal.press("2")
    terminal.wait_for(r"\[2 Board\]")
    return terminal


def notes(plan: Path) -> str:
    return str(json.loads(tracker(plan, "show", "1", "--json"))["notes"])


def test_notes_are_written_in_the_editor_and_nothing_stays_behind(plan: Path) -> None:
    with screen(plan, WRITES) as terminal:
        terminal.press("E")
        terminal.wait_for("Edited: 1 Konzept")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
    assert notes(plan) == "Zähler ab\nFr"
    assert plan.with_name("editor.seen").read_text() == "Alt\n"
    assert plan.with_name("editor.mode").read_text().startswith("-rw")
    assert not list(plan.parent.glob("tracker-*"))


def test_an_editor_that_fails_changes_nothing_and_its_text_is_kept(plan: Path) -> None:
    with screen(plan, FAILS) as terminal:
        terminal.press("E")
        terminal.wait_for("with status 3; nothing was changed", 5)
        terminal.press("\x11")
        terminal.wait_end()
    assert notes(plan) == "Alt"
    (folder,) = plan.parent.glob("tracker-*")
    assert (folder / "1.md").read_text() == "half\n"
    assert stat.S_IMODE(os.stat(folder).st_mode) == stat.S_IRWXU


@pytest.mark.parametrize("how", ["ctrl+q", "SIGTERM"])
def test_who_leaves_while_notes_wait_to_be_stored_is_told_where_they_are(
    plan: Path, how: str
) -> None:
    bob = Session.open(plan, who="bob")
    with screen(plan, WRITES) as terminal:
        with bob._store.lock("bob"):
            terminal.press("E")
            terminal.wait_for("Waiting for bob …")
            if how == "SIGTERM":
                os.kill(terminal.pid, signal.SIGTERM)
            else:
                terminal.press("\x11")
            terminal.wait_end()
        said = terminal.raw.decode().rpartition("\x1b[?1049l")[2]
    bob.close()
    (folder,) = plan.parent.glob("tracker-*")
    assert f"What you wrote is in {folder / '1.md'}." in said
    assert notes(plan) == "Alt"


@pytest.mark.parametrize("group", [False, True])
def test_whose_screen_a_signal_ends_behind_the_editor_is_told_where_the_notes_are(
    plan: Path, group: bool
) -> None:
    script = 'echo half > "$1"; trap "exit 143" TERM; touch "$0.up"; '
    script += 'while [ ! -e "$0.down" ]; do sleep 0.02; done; exit 1'
    with screen(plan, script) as terminal:
        terminal.press("E")
        while not plan.with_name("editor.up").exists():
            time.sleep(0.01)
        if group:
            os.killpg(os.getpgid(terminal.pid), signal.SIGTERM)
        else:
            os.kill(terminal.pid, signal.SIGTERM)
            plan.with_name("editor.down").touch()
        terminal.wait_end()
        said = terminal.raw.decode().rpartition("\x1b[?1049l")[2]
    (folder,) = plan.parent.glob("tracker-*")
    assert f"What you wrote is in {folder / '1.md'}." in said
    assert notes(plan) == "Alt"


def test_notes_left_as_they_were_are_no_change(plan: Path) -> None:
    with screen(plan, LEAVES) as terminal:
        terminal.press("E")
        terminal.wait_for("No change.")


def test_other_line_ends_are_no_change_of_their_own(plan: Path) -> None:
    session = Session.open(plan, who="anna")
    session.do(lambda ws, now: edit_task(ws, now, task=1, notes="Alt\r\nNeu\rHeute"))
    session.close()
    with screen(plan, LEAVES) as terminal:
        terminal.press("E")
        terminal.wait_for("No change.")
    assert notes(plan) == "Alt\r\nNeu\rHeute"


def test_where_no_file_can_be_written_for_the_editor_that_is_said(plan: Path) -> None:
    nowhere = plan.with_name("nowhere")
    nowhere.mkdir()
    with screen(plan, LEAVES, TMPDIR=str(nowhere)) as terminal:
        # The first folder it looks for a place in is chosen once; after that it is gone.
        terminal.press("E")
        terminal.wait_for("No change.")
        nowhere.rmdir()
        terminal.press("E")
        terminal.wait_for("cannot be put into a file for the editor")
        terminal.press("\x11")
        assert terminal.wait_end() == 0


def test_without_an_editor_that_can_be_started_that_is_said(plan: Path) -> None:
    with screen(plan, "") as terminal:
        plan.with_name("editor").unlink()
        terminal.press("E")
        terminal.wait_for("cannot be run; name your editor in EDITOR", 5)
