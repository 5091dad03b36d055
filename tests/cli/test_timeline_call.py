"""The plan in time on the command line: its lines for a mail, and its numbers for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_calls import Shell


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Three tasks of two departments."""
    shell = Shell(tmp_path / "plan.json", capsys)
    shell.done("init")
    shell.done("add", "Concept @Net ~2 due:2026-11-20", "--new")
    shell.done("add", "Build @Net ~4 after:1")
    shell.done("add", "Manual @Docs after:1", "--new")
    return shell


def test_lines_are_as_wide_as_is_asked_for(shell: Shell) -> None:
    text = shell.done("timeline", "--width", "60")
    lines = text.splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[:2] == [
        " planned end Mon 30 Nov · ! 1 late · * 2 critical",
        " ? 1 unestimated",
    ]
    assert any("1 !* Concept" in line and "█" in line for line in lines)
    assert shell.done("timeline", "--width", "60", "--ascii").isascii()


def test_every_month_is_named_whatever_the_language(shell: Shell) -> None:
    text = shell.done("timeline", "--zoom", "month", "--width", "100", "--lang", "de")
    months = "Dez Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt"
    assert months in " ".join(text.split())


def test_what_scripts_read(shell: Shell) -> None:
    found = shell.json("timeline")
    assert (found["finish"], found["unestimated"]) == ("2026-11-30", 1)
    assert [task["id"] for task in found["tasks"]] == [1, 2, 3]
    concept, _build, manual = found["tasks"]
    assert (manual["group"], manual["estimated"]) == ("Docs", False)
    assert concept == {
        "id": 1,
        "title": "Concept",
        "state": "todo",
        "worked": [],
        "start": "2026-11-23",
        "finish": "2026-11-24",
        "latest_finish": "2026-11-24",
        "slack": 0.0,
        "critical": True,
        "estimated": True,
        "milestone": False,
        "not_before": None,
        "due": "2026-11-20",
        "late": True,
        "p80": None,
        "baseline": None,
        "group": "Net",
    }


def test_a_baseline_stands_beside_what_has_moved(shell: Shell) -> None:
    shell.done("baseline", "take", "Plan 1")
    shell.done("edit", "2", "not_before=2026-12-07")
    found = {task["id"]: task for task in shell.json("timeline", "--baseline", "Plan 1")["tasks"]}
    assert found[1]["baseline"] is None
    assert found[2]["baseline"] == {"first": "2026-11-25", "last": "2026-11-30"}
    assert "Plan 1 +8 d" in shell.done("timeline", "--baseline", "Plan 1", "--width", "80")
    assert "Plan 9" in shell.refused("timeline", "--baseline", "Plan 9")


def test_a_filter_an_order_and_no_groups(shell: Shell) -> None:
    found = shell.json("timeline", "dept:net", "--by", "nothing", "--sort", "number")
    assert [(task["id"], "group" in task) for task in found["tasks"]] == [(1, False), (2, False)]
    assert "No task matches" in shell("timeline", "state:done").err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--width", "20"), "40 to 10000 characters"),
        (("--width", "99999999999999999999"), "40 to 10000 characters"),
        (("--by", "colour"), "There is no field colour"),
        (("--zoom", "year"), "year"),
    ],
)
def test_what_cannot_be_meant_is_refused(shell: Shell, words: tuple[str, ...], told: str) -> None:
    assert told in shell.misused("timeline", *words)
