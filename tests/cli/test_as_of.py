"""The plan as of a moment, and the history looked through, in the shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.builders import NOW, TODAY, plan
from tracker.cli import main
from tracker.domain.change import Change, Edit
from tracker.domain.draft import Now
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands
from tracker.session import Session


class Told(NamedTuple):
    """How a call ended, what it printed and what it noted."""

    code: int
    out: str
    err: str


Call = Callable[..., Told]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Return what calls the program on a plan of which one task was done yesterday."""
    file = tmp_path / "plan.json"
    session = Session.open(file, who="k.brandt", today=TODAY, clock=lambda: NOW.at)
    before = Now(NOW.at - timedelta(days=3), TODAY - timedelta(3), "k.brandt")
    yesterday = Now(NOW.at - timedelta(days=1), TODAY - timedelta(1), "a.berg")
    born = tuple(Edit(None, e) for e in plan("1-2", likely=2.0, low=2.0, high=2.0).entities())
    session.replay(
        [
            (before, lambda _ws, _now: Change(sentence("Plan"), born)),
            (yesterday, lambda ws, now: commands.finish(ws, now, task=1)),
        ]
    )
    session.close()

    def run(*words: str) -> Told:
        code = main(["--file", str(file), "--today", TODAY.isoformat(), *words])
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    return run


def states(told: Told) -> Any:
    """Return the states of the tasks that were printed as JSON."""
    return [task["state"] for task in json.loads(told.out)]


def test_lists_tell_what_was_so_and_which_moment_that_is(call: Call) -> None:
    assert states(call("--json", "list")) == ["done", "todo"]
    then = call("--json", "list", "--as-of", "2 days ago")
    assert states(then) == ["todo", "todo"]
    assert "As of 2026-11-21 23:59" in then.err


def test_today_is_then_that_day(call: Call) -> None:
    [first, *_rest] = json.loads(call("--json", "schedule", "--as-of", "20.11.").out)["tasks"]
    assert first["start"] == "2026-11-20"


def test_every_reading_takes_it(call: Call, tmp_path: Path) -> None:
    for words in (
        *(("show", "1"), ("schedule",), ("forecast", "--runs", "64"), ("today",), ("loops",)),
        *(("matrix",), ("metrics",), ("load",), ("log",)),
    ):
        told = call(*words, "--as-of", "20.11.")
        assert told.code == 0, words
        assert "As of 2026-11-20 23:59" in told.err
    assert "Done" not in call("log", "--as-of", "20.11.").out
    target = tmp_path / "then.json"
    assert call("export", str(target), "--as-of", "20.11.").code == 0
    assert [each["state"] for each in json.loads(target.read_text())["tasks"]] == ["todo", "todo"]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [("24.12.2026", 1, "still to come"), ("soon", 2, "--as-of: soon is not a date")],
)
def test_what_is_no_past_is_refused(call: Call, text: str, code: int, words: str) -> None:
    told = call("list", "--as-of", text)
    assert told.code == code
    assert words in told.err


def test_the_history_is_looked_through(call: Call) -> None:
    assert "Plan" not in call("log", "who:a.berg").out
    assert "Done: 1 A" in call("log", "task:1", "done").out
    assert call("log", "kind:person").out == ""
