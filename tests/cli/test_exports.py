"""`tracker export`: to a file or into a pipe, of all tasks or of some, and what is told of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests import ROOT
from tests.cli.test_calls import Shell
from tracker.cli import INTERRUPTED, file_calls, main
from tracker.exchange import delivery
from tracker.exchange.export import FORMATS

Capture = pytest.CaptureFixture[str]


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


def test_what_is_written_of_several_files_is_told_when_the_next_is_not(
    loop: Shell, tmp_path: Path
) -> None:
    loop.done("add", "Party proj:Fest")
    (tmp_path / "plan-no project.csv").mkdir()
    told = loop.refused("export", str(tmp_path / "plan.csv"), "--split", "--force")
    assert told.endswith(
        f"is a folder; name a file in it. Already written: {tmp_path}/plan-Fest.csv.\n"
    )
    assert (tmp_path / "plan-Fest.csv").exists()


@pytest.mark.parametrize("already", [0, 1])
def test_what_is_written_of_several_files_is_told_when_it_is_interrupted(
    loop: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, already: int
) -> None:
    loop.done("add", "Party proj:Fest")
    save = Mock(side_effect=[None] * already + [KeyboardInterrupt])
    monkeypatch.setattr(delivery, "save", save)
    words = ["--file", str(loop.file), "export", str(tmp_path / "plan.csv"), "--split"]
    assert main(words) == INTERRUPTED
    told = f"tracker: Interrupted. Already written: {tmp_path}/plan-Fest.csv.\n"
    assert capsys.readouterr().err == (told if already else "")


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
        (("-", "--format", "dot", "--split"), "writes several files"),
        (("x.dot", "--only", "tasks"), "dot has no parts"),
        (("x.dot", "--dialect", "excel-de"), "dot has no dialects"),
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


# --- a file for each project


@pytest.fixture
def two(loop: Shell) -> Shell:
    """Four tasks of two projects, whose names are no names of files, and one of none."""
    loop.done("project", "Netz/Umzug", "--new")
    loop.done("project", "Netz:Umzug", "--new")
    loop.done("edit", "1,2", "project=Netz/Umzug")
    loop.done("edit", "3", "project=Netz:Umzug")
    return loop


def test_a_plan_is_split_by_its_projects(two: Shell, tmp_path: Path) -> None:
    out = two.done("export", str(tmp_path / "plan.gantt.mmd"), "--split")
    made = ["plan-Netz-Umzug 2.gantt.mmd", "plan-Netz-Umzug.gantt.mmd", "plan-no project.gantt.mmd"]
    assert sorted(path.name for path in tmp_path.glob("plan*")) == made
    assert [line.rpartition(": ")[2] for line in out.splitlines()] == [
        *("2 tasks written", "1 task written", "1 task written"),
    ]
    told = two.json("export", str(tmp_path / "plan.csv"), "--split")
    assert (told["tasks"], [each["tasks"] for each in told["files"]]) == (4, [2, 1, 1])
    cut = {"name": "arrows", "what": "Arrows to other tasks", "count": 2}
    assert cut in told["files"][0]["left_out"]


def test_a_split_replaces_nothing_and_leaves_no_half(two: Shell, tmp_path: Path) -> None:
    (tmp_path / "plan-Netz-Umzug 2.csv").write_text("mine")
    words = ("export", str(tmp_path / "plan.csv"), "--split")
    assert "Netz-Umzug 2.csv already exists" in two.refused(*words)
    assert [path.name for path in tmp_path.glob("plan*")] == ["plan-Netz-Umzug 2.csv"]
    two.done(*words, "--force")
    assert len(list(tmp_path.glob("plan*"))) == 3


def test_names_are_written_as_the_locale_can_have_them(two: Shell, tmp_path: Path) -> None:
    two.done("project", "Netz/Umzug", "--rename", "Büro – Łódź 😀")
    two.done("project", "Netz:Umzug", "--rename", "😀")
    settings = tmp_path / "config.toml"
    own = tmp_path / "Büro – 😀.json"
    own.write_bytes(two.file.read_bytes())
    own.with_suffix(".log").write_bytes(two.file.with_suffix(".log").read_bytes())
    settings.write_text(f'file = "{own}"\n', "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "tracker", "export", tmp_path / "plan.csv", "--split"],
        env={
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
            "TRACKER_CONFIG": str(settings),
        },
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    made = [path.name for path in sorted(tmp_path.glob("plan*"))]
    assert made == ["plan--.csv", "plan-Buero - -d.csv", "plan-no project.csv"]


def test_a_file_in_the_settings_that_can_be_none_is_refused(
    loop: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text('file = "/srv/a\\u0000b.json"\n', "utf-8")
    monkeypatch.setenv("TRACKER_CONFIG", str(settings))
    monkeypatch.delenv("TRACKER_FILE", raising=False)
    told = loop.bare("list")
    assert (told.code, "cannot be the name of a file" in told.err) == (1, True)


def test_a_split_without_tasks_writes_nothing(tmp_path: Path, capsys: Capture) -> None:
    shell = Shell(tmp_path / "own.json", capsys)
    shell.done("init")
    assert "no tasks yet" in shell.refused("export", str(tmp_path / "plan.csv"), "--split")


def test_whose_excel_opens_a_csv_can_be_said(loop: Shell) -> None:
    german = loop("export", "-", "--format", "csv", "--dialect", "excel-de").out
    assert german.startswith("\ufeffid;title;")
    assert loop("export", "-", "--format", "csv").out.startswith("\ufeffid,title,")


def test_who_waits_is_told_how_far_it_is(loop: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_calls, "PATIENCE", -1.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    told = loop("export", "-", "--format", "csv").err
    assert "0 of 4 tasks … Ctrl+C leaves everything as it was" in told
