"""`tracker export`: to a file or into a pipe, of all tasks or of some, and what is told of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_calls import Shell
from tracker.exchange.export import FORMATS


@pytest.fixture
def loop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Three tasks in a row with a way back, and one beside them."""
    shell = Shell(tmp_path / "own.json", capsys)
    shell.done("init")
    shell.done("add", "Concept @Architecture who:k.brandt ~2/3/5")
    shell.done("add", "Build @Development ~4 after:1")
    shell.done("add", "Acceptance @Billing ~1 after:2+1 back:1:30%:50%:2 due:2027-02-01")
    shell.done("add", "Manual !critical follow:2026-12-01")
    return shell


def test_the_ending_or_a_name_says_the_format(loop: Shell, tmp_path: Path) -> None:
    for format in FORMATS:
        target = tmp_path / f"plan{format.endings[0]}"
        assert loop.json("export", str(target))["format"] == format.name
        other = tmp_path / f"{format.name}.txt"
        loop.done("export", str(other), "--format", format.name)
        assert other.stat().st_size


def test_a_pipe_gets_the_file_and_nothing_else(loop: Shell, tmp_path: Path) -> None:
    loop.done("export", str(tmp_path / "plan.dot"))
    piped = loop("export", "-", "--format", "dot")
    assert piped.out == (tmp_path / "plan.dot").read_text()
    assert "Not in dot: " in piped.err


def test_some_tasks_go_out_with_the_arrows_between_them(loop: Shell) -> None:
    for words in (
        ("export", "-", "id:1,2", "--format", "json"),
        ("export", "-", "--format", "json", "id:1,2"),
    ):
        told = loop(*words)
        tasks = json.loads(told.out)["tasks"]
        assert [task["id"] for task in tasks] == [1, 2]
        assert all(need["id"] in (1, 2) for task in tasks for need in task["needs"])
        assert "Arrows to other tasks (" in told.err


def test_what_finds_no_task_writes_no_file(loop: Shell, tmp_path: Path) -> None:
    assert "No task matches dept:nobody" in loop.refused(
        "export", str(tmp_path / "plan.csv"), "dept:nobody"
    )
    assert not list(tmp_path.glob("plan.csv"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("-",), "needs --format"),
        (("-", "--format", "dot", "--json"), "both go to standard output"),
        (("x.pdf", "--format", "pdf"), "invalid choice"),
        ((), "required: FILE\n"),
    ],
)
def test_what_cannot_be_meant_is_said(loop: Shell, words: tuple[str, ...], why: str) -> None:
    told = loop("export", *words)
    assert told.code == 2
    assert why in told.err


def test_what_stays_here_is_counted_for_scripts_too(loop: Shell, tmp_path: Path) -> None:
    told = loop.json("export", str(tmp_path / "plan.csv"))
    assert {"name": "created", "what": "Created", "count": 4} in told["left_out"]
    assert told["changed"] == []
