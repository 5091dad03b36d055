"""Stories on the real program, in a pseudo-terminal."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path

import pytest

from tests import DATA
from tests.terminal import Terminal
from tracker import cli
from tracker.domain.verbs import commands
from tracker.session import Session

PLAN = DATA / "umzug-erp.xlsx"
TODAY = "2026-11-23"

# What a stranger may put into a title: escape sequences, markup, bidi, wide and piled characters.
TITLES = (
    "\x1b]52;c;aGFja2Vk\x07Zwischenablage",
    "\x1b]0;Fenstertitel\x07\x1b[2J\x1b[31mrot",
    "\x9b31mC1 \x90sixel\x9c",
    "rechts \u202eredrow\u202c \u2067links\u2069",
    "[@click=app.quit]drück mich[/] [bold]fett[/bold] [/foo]",
    "漢字かな交じり文のタイトル 🇩🇪👨‍👩‍👧 ﷽",
    "Z\u0351\u0346\u0351\u0346\u0351\u0346\u0351\u0346algo a\u0308o\u0308",
    "neue\nZeile\tund\rRücklauf",
    "lang " * 1000,
    "$(reboot) `id` %s {0} {task!r}",
)
# Bytes that would act on a terminal and are none of the screen's own.
ACTING = (
    b"\x1b]52",
    b"\x1b]0;",
    b"\x1b[2J\x1b[31m",
    b"aGFja2Vk\x07",
    b"Fenstertitel\x07",
    b"\xc2\x9b",
    b"\xc2\x90",
    b"\xe2\x80\xae",
    b"\xe2\x81\xa7",
)


def tracker(file: Path, *arguments: str) -> str:
    """Carry out a call of the command line, here, and return what it prints."""
    printed = io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(printed, "utf-8")):
        code = cli.main(["--file", str(file), "--today", TODAY, *arguments])
        said = printed.getvalue().decode()
    assert code == 0, said
    return said


def screen(file: Path, *options: str, size: tuple[int, int] = (80, 24), **env: str) -> Terminal:
    columns, rows = size
    arguments = ["--file", str(file), "--today", TODAY, *options]
    return Terminal(arguments, columns=columns, rows=rows, env=env)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "umzug.json"
    tracker(file, "import", str(PLAN))
    return file


def states(file: Path) -> dict[int, tuple[str, int]]:
    return {
        task["id"]: (task["state"], task["passes"])
        for task in json.loads(tracker(file, "list", "--json"))
    }


def test_what_the_environment_says_of_size_and_textual_is_not_heard(plan: Path) -> None:
    odd = {
        "COLUMNS": "99999999999",
        "LINES": "3",
        "TEXTUAL_COLOR_SYSTEM": "none such",
        "TEXTUAL_PRESS": "q,q,q",
        "TEXTUAL_LOG": str(plan.with_name("all.log")),
    }
    with Terminal(["--file", str(plan)], env=odd) as terminal:
        terminal.wait_for(r"\[2 Board\]")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
    assert not plan.with_name("all.log").exists()


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_work_goes_back_is_undone_and_is_still_there_tomorrow(
    plan: Path, size: tuple[int, int]
) -> None:
    before = states(plan)
    said = json.loads(
        tracker(plan, "back", "21", "--to", "19", "--why", "x", "--preview", "--json")
    )
    assert (said["reopened"], said["recheck"], said["pass"]) == ([19], [], 2)
    with screen(plan, size=size) as terminal:
        terminal.wait_for(r"\[2 Board\]")
        terminal.press(":", "2", "1", "enter", "b")
        preview = terminal.wait_for("Send back")
        assert re.search(r"19 Datenmigration Probelauf 2\s+pass 2", preview)
        terminal.press("tab")
        terminal.press(*"ERP-DB refuses")
        terminal.press("enter")
        if "Send back" in terminal.text:
            terminal.press("enter")
        terminal.wait_for("Sent back: 21")
        assert states(plan)[19] == ("todo", 2)
        terminal.press("u")
        terminal.wait_for("Undo: ")
        assert states(plan) == before
        terminal.press("U")
        terminal.wait_for("Redo: ")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
    after = states(plan)
    assert {task for task in before if after[task] != before[task]} == {19, 21}
    with screen(plan, size=size) as terminal:
        terminal.wait_for(r"\[2 Board\]")
        terminal.press("u")
        terminal.wait_for("Undo: ")
        assert states(plan) == before
        terminal.press("q")
        assert terminal.wait_end() == 0
    log = json.loads(tracker(plan, "log", "--json"))
    assert [entry["seq"] for entry in log] == [1, 2, 3, 4, 5]


def test_a_box_that_is_tried_shows_what_is_waited_for(plan: Path) -> None:
    bob = Session.open(plan, who="bob")
    with bob._store.lock("bob"), screen(plan) as terminal:
        terminal.wait_for(r"\[2 Board\]")
        terminal.press("a", "Firewall")
        terminal.send("enter")
        terminal.wait_for("Waiting for bob …", seconds=4)
    bob.close()


def test_add_finish_link_and_what_closes_a_loop(tmp_path: Path) -> None:
    file = tmp_path / "neu.json"
    tracker(file, "init")
    with screen(file) as terminal:
        terminal.wait_for(r"\[2 Board\]")
        for line in ("Konzept @Netz", "Bauen @IT after:1", "Test @IT after:2"):
            terminal.press("a")
            terminal.press(*line)
            terminal.press("enter")
            if "is new" in terminal.wait_for(f"is new|Added: . {line.partition(' ')[0]}"):
                terminal.press("enter")
            terminal.wait_for(f"Added: . {line.partition(' ')[0]}")
        terminal.press(":", "3", "enter", ">")
        terminal.press("1", "enter")
        question = terminal.wait_for("ework or mistake|1 Konzept → 2 Bauen → 3 Test → 1")
        assert "1 Konzept" in question
        terminal.press("r")
        terminal.wait_for("Return arrow")
        terminal.press(":", "1", "enter", "d")
        terminal.wait_for("Done: 1 Konzept")
        terminal.press(" ")
        terminal.wait_for("is done")
        terminal.press("q")
        assert terminal.wait_end() == 0
    shown = json.loads(tracker(file, "show", "3", "--json"))
    assert [(back["to"], back["observed_only"]) for back in shown["returns"]] == [(1, False)]


def tortured(file: Path) -> None:
    session = Session.open(file, who="k.brandt")
    for number, title in enumerate(TITLES, start=1):
        after = [(number - 1, 0.0)] if number > 1 else []
        session.do(
            partial(commands.add_task, title=title, notes=title, department="Netz", after=after)
        )
    session.close()


# What shows a title: keys, and what is on the screen once each has been answered.
_ASKED = r"Esc \w"
_LEFT = r"\A(?:(?!Esc \w)[\s\S])*\Z"
_BOARD, _TASKS = r"\[2 ", r"\[3 "
_FIRST_ROW = [("3", _TASKS), ("G", ""), ("home", ""), ("down", "")]
PLACES = {
    "focus": [
        step
        for n in range(1, len(TITLES) + 1)
        for step in ((":", r"(?m)^:"), (f"{n}\r", rf"(?m)^ {n} .*\n.*\n.*\Z"))
    ],
    "board": [*((key, _BOARD) for key in "f++---v"), ("?", _ASKED), ("escape", _LEFT)],
    "tasks": [
        *_FIRST_ROW,
        ("enter", r"\[(?!3)\w+\]"),
        ("q", _TASKS),
        ("/", r"(?m)^/"),
        ("fett", r"(?m)^/fett"),
        ("enter", _TASKS),
    ],
    "questions": [
        *_FIRST_ROW,
        *(step for key in "eb>w" for step in ((key, _ASKED), ("escape", _LEFT))),
        *(step for key in "xX" for step in ((key, ""), ("escape", _LEFT))),
    ],
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "options",
    [[], ["--ascii"], ["--no-color"], ["--lang", "de"]],
    ids=lambda o: "".join(o) or "plain",
)
def test_titles_never_act_on_the_terminal(
    tmp_path: Path, options: Sequence[str], place: str
) -> None:
    file = tmp_path / "folter.json"
    tortured(file)
    with screen(file, *options) as terminal:
        terminal.wait_for(r"(?s)\[2 .*Netz")
        for key, answer in PLACES[place]:
            if answer:
                terminal.send(key)
                terminal.wait_for(answer)
            else:
                terminal.press(key)
        raw = terminal.raw
        assert b"aGFja2Vk" in raw
        terminal.press("\x11")
        assert terminal.wait_end() == 0
    for sequence in ACTING:
        assert sequence not in raw
    if "--ascii" in options:
        assert raw.isascii()
    if "--no-color" in options:
        assert not re.search(rb"\x1b\[[0-9;]*\b(3[0-8]|4[0-8]|9[0-7]|10[0-7])\b[0-9;]*m", raw)


@pytest.mark.parametrize("size", [(60, 20), (40, 10), (20, 5)])
def test_little_room_breaks_nothing(plan: Path, size: tuple[int, int]) -> None:
    with screen(plan, size=size) as terminal:
        terminal.wait_for("Board|Too small")
        assert ("Too small" in terminal.text) == (size != (60, 20))
        terminal.press("j", "l", "3", "j", "enter", "q", "?", "escape", "2", "b", "escape")
        terminal.press("\x11")
        assert terminal.wait_end() == 0


@pytest.mark.parametrize("term", ["xterm-256color", "tmux-256color", "screen", "linux", "vt220"])
def test_every_usual_terminal(plan: Path, term: str) -> None:
    with screen(plan, TERM=term) as terminal:
        terminal.wait_for(r"\[2 Board\]")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
