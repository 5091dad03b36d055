"""What the command line tells of dates: the schedule, the forecast, and what they assume."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_cli import Shell


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """An empty workspace."""
    shell = Shell(tmp_path / "plan.json", capsys)
    shell.done("init")
    return shell


# --- schedule


def test_the_schedule_of_what_is_left(shell: Shell) -> None:
    shell.done("add", "Concept ~2")
    shell.done("add", "Build ~4 after:1")
    shell.done("add", "Manual ~1 after:1")
    shell.done("add", "Test ~1/1.5/2 after:2+2")
    found = shell.json("schedule")
    assert (found["start"], found["length_days"]) == ("2026-11-23", 9.5)
    assert (found["finish"], found["critical_path"]) == ("2026-12-04", [1, 2, 4])
    assert [task["id"] for task in found["tasks"] if task["critical"]] == [1, 2, 4]
    (manual,) = (task for task in found["tasks"] if task["id"] == 3)
    assert manual == {
        "id": 3,
        "early_start": 2.0,
        "early_finish": 3.0,
        "late_start": 8.5,
        "late_finish": 9.5,
        "slack": 6.5,
        "critical": False,
        "start": "2026-11-25",
        "finish": "2026-11-25",
    }
    assert shell.done("schedule") == (
        "1\ttoday\ttomorrow\t\t◆ critical\tConcept\n"
        "2\tWed 25 Nov\tMon 30 Nov\t\t◆ critical\tBuild\n"
        "3\tWed 25 Nov\tWed 25 Nov\t6.5\t\tManual\n"
        "4\tThu 3 Dec\tFri 4 Dec\t\t◆ critical\tTest\n"
        "\n"
        "Critical path: 1 → 2 → 4\n"
        "Finish: Fri 4 Dec (9.5 working days), if all takes what is likely and nothing comes"
        " back.\n"
    )
    assert shell.json("schedule", "--from", "1.12.2026")["finish"] == "2026-12-14"
    assert "Fr 4. Dez. (9,5 Arbeitstage)" in shell.done("schedule", "--lang", "de")


def test_a_schedule_of_nothing(shell: Shell) -> None:
    empty = {"length_days": 0.0, "finish": "2026-11-23", "tasks": [], "critical_path": []}
    assert empty.items() <= shell.json("schedule").items()
    assert shell("schedule").err == "Nothing is left to do.\n"


def test_a_schedule_names_what_it_guesses(shell: Shell) -> None:
    for _ in range(14):
        shell.done("add", "Something")
    assert shell("schedule").err == (
        "Without an estimate, so taken for one working day: "
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 2 more\n"
    )
    assert shell.json("schedule")["guessed"] == list(range(1, 15))
    assert "kraut is no date" in shell.misused("schedule", "--from", "kraut")
