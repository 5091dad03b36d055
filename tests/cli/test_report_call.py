"""`tracker report`: to a file or a pipe, compared with the last one, and the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_calls import Shell
from tracker.cli.report_call import FORMATS

DAY = ("--today", "2026-11-24")


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """Three tasks in a row with a way back, one of them done."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shell = Shell(tmp_path / "own.json", capsys)
    shell.done("init", "--today", "2026-11-23")
    for line in (
        "Concept @Architecture ~2/3/5",
        "Build @Development ~4 after:1",
        "Acceptance @Billing ~1 after:2 back:1:30%:50%:2",
    ):
        shell.done("add", line, "--today", "2026-11-23")
    shell.done("done", "1", *DAY)
    return shell


def test_the_ending_or_a_name_says_the_format(shell: Shell, tmp_path: Path) -> None:
    for format in FORMATS:
        target = tmp_path / f"status{format.endings[0]}"
        assert shell.json("report", str(target), *DAY)["format"] == format.name
        other = tmp_path / f"{format.name}.txt"
        shell.done("report", str(other), "--format", format.name, *DAY)
        assert other.read_bytes() == target.read_bytes()


def test_a_pipe_gets_markdown_unless_asked_for_something_else(shell: Shell) -> None:
    assert shell("report", "-", *DAY).out.startswith("# Status report")
    told = json.loads(shell("report", "-", "--json", *DAY).out)
    assert told == json.loads(shell("report", "-", "--format", "json", *DAY).out)
    assert told["projects"][0]["tasks"] == 3


def test_it_is_compared_with_the_last_report_of_an_earlier_day(
    shell: Shell, tmp_path: Path
) -> None:
    first = shell.json("report", str(tmp_path / "1.md"), *DAY)
    shell.done("done", "2", "--today", "2026-11-26")
    for name in ("2.md", "3.md"):
        told = shell.json("report", str(tmp_path / name), "--today", "2026-11-27")
        assert told["since"] == "2026-11-24T12:00:00Z" != first["since"]
    text = (tmp_path / "2.md").read_text()
    assert "Compared with the last report, of 24 Nov" in text
    assert "2 Build" in text.partition("### Done")[2].partition("##")[0]
    assert text == (tmp_path / "3.md").read_text()
    other = shell("report", "-", "--mine", "--today", "2026-11-27").out
    assert "last report" not in other


def test_a_report_on_the_day_of_the_import_is_one_to_compare_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    first = ("--today", "2026-11-23")
    fresh = Shell(tmp_path / "fresh.json", capsys)
    for words in (("init",), ("add", "Plan ~2"), ("report", str(tmp_path / "a.md"))):
        fresh.done(*words, *first)
    fresh.done("done", "1", *DAY)
    text = fresh("report", "-", *DAY).out
    assert "Compared with the last report, of 23 Nov" in text
    assert "1 Plan" in text.partition("### Done")[2].partition("##")[0]


@pytest.mark.parametrize(
    "kept", [[1], 7, [[1, "x"]], [["1", "2026-11-20T00:00:00"]], [[1]], [[None, None]]]
)
def test_what_is_half_broken_of_past_reports_counts_for_nothing(
    shell: Shell, tmp_path: Path, kept: object
) -> None:
    shell.done("report", str(tmp_path / "1.md"), *DAY)
    [state] = (tmp_path / "state").rglob("reports.json")
    things = json.loads(state.read_text("utf-8"))
    broken = {place: dict.fromkeys(of, kept) for place, of in things.items()}
    state.write_text(json.dumps(broken), "utf-8")
    shell.done("report", str(tmp_path / "2.md"), "--today", "2026-11-27")


def test_it_is_compared_with_the_day_or_the_baseline_that_is_asked_for(shell: Shell) -> None:
    shell.done("baseline", "take", "Plan 1", *DAY)
    day = ("--today", "2026-11-27")
    assert "the baseline “Plan 1”" in shell("report", "-", "--since", "plan 1", *day).out
    assert "Compared with 25 Nov" in shell("report", "-", "--since", "25.11.", *day).out
    refused = shell.refused("report", "-", "--since", "Plan 2", *day)
    assert "Baselines there are: Plan 1." in refused
    assert "lies ahead" in shell.refused("report", "-", "--since", "2027-01-01", *day)


def test_the_state_as_it_was_can_be_reported(shell: Shell) -> None:
    shell.done("done", "2", "--today", "2026-11-26")
    told = json.loads(
        shell("report", "-", "--json", "--as-of", "2026-11-25", "--today", "2026-11-27").out
    )
    assert (told["today"], told["projects"][0]["done"]) == ("2026-11-25", 1)


def test_nothing_is_overwritten_unless_that_is_asked_for(shell: Shell, tmp_path: Path) -> None:
    target = str(tmp_path / "status.md")
    shell.done("report", target, *DAY)
    assert "already exists" in shell.refused("report", target, *DAY)
    shell.done("report", target, "--force", *DAY)


def test_a_pdf_is_refused_with_the_way_round(shell: Shell, tmp_path: Path) -> None:
    assert "print it to a PDF" in shell.refused("report", str(tmp_path / "status.pdf"), *DAY)
    assert "its ending is none of" in shell.refused("report", str(tmp_path / "status.doc"), *DAY)


def test_two_results_do_not_fit_into_one_pipe(shell: Shell) -> None:
    told = shell("report", "-", "--format", "md", "--json", *DAY)
    assert told.code == 2
    assert "exclude each other" in told.err


def test_a_report_of_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = Shell(tmp_path / "empty.json", capsys)
    empty.done("init")
    assert "There are no tasks in this report yet." in empty("report", "-", *DAY).out
