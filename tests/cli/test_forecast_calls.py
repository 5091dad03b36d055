"""Dates on the command line: the schedule, the forecast, and their assumptions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import DATA, ROOT
from tests.cli.test_calls import Shell


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
        "1\ttoday\ttomorrow\t\tcritical\tConcept\n"
        "2\tWed 25 Nov\tMon 30 Nov\t\tcritical\tBuild\n"
        "3\tWed 25 Nov\tWed 25 Nov\t6.5\t\tManual\n"
        "4\tThu 3 Dec\tFri 4 Dec\t\tcritical\tTest\n"
        "\n"
        "Critical path: 1 → 2 → 4\n"
        "Finish: Fri 4 Dec (9.5 working days), if all tasks take their likely duration and"
        " nothing comes back.\n"
    )
    assert shell.json("schedule", "--from", "1.12.2026")["finish"] == "2026-12-14"
    assert "Fr 4. Dez. (9,5 Arbeitstage)" in shell.done("schedule", "--lang", "de")


def test_a_schedule_names_one_of_several_critical_paths(shell: Shell) -> None:
    for line in ("A ~2", "B ~2", "C ~1 after:1,2"):
        shell.done("add", line)
    assert "\nOne critical path: 1 → 3\n" in shell.done("schedule")


def test_a_number_with_a_dot_is_a_date_and_no_number_of_days(shell: Shell) -> None:
    shell.done("add", "A ~2")
    told = shell.done("forecast", "--runs", "100", "--at", "1.12.")
    assert "\nTue 1 Dec (7 working days): met in " in told
    told = shell.done("forecast", "--runs", "100", "--at", "1.12.", "--lang", "de")
    assert " 1. Dez. (7 Arbeitstage): " in told
    assert "not a number of days" in shell.misused("forecast", "--at", "31.")


def test_a_schedule_of_nothing(shell: Shell) -> None:
    empty = {"length_days": 0.0, "finish": "2026-11-23", "tasks": [], "critical_path": []}
    assert empty.items() <= shell.json("schedule").items()
    assert shell("schedule").err == "Nothing is left to do.\n"


def test_a_schedule_names_what_it_guesses(shell: Shell) -> None:
    for _ in range(14):
        shell.done("add", "Something")
    assert shell("schedule").err == (
        "14 tasks have no estimate and are assumed to take 1 day each: 1 Something, 2"
        " Something, 3 Something, 4 Something, 5 Something ….\n"
    )
    assert shell.json("schedule")["guessed"] == list(range(1, 15))
    assert "kraut is not a date" in shell.misused("schedule", "--from", "kraut")


# --- forecast


CASES = DATA / "cases"


def drawn(shell: Shell, name: str) -> dict[str, object]:
    """Draw the tasks of a case of the literature, and return what is expected of it."""
    case = json.loads((CASES / f"{name}.json").read_text())
    ids = {task["id"]: at for at, task in enumerate(case["inputs"]["tasks"], 1)}
    for task in case["inputs"]["tasks"]:
        shell.done("add", f"{task['id']} ~{task['duration']}")
    for before, after in case["inputs"]["forward"]:
        shell.done("link", str(ids[before]), str(ids[after]))
    for back in case["inputs"]["returns"]:
        ends = str(ids[back["frm"]]), str(ids[back["to"]])
        rate = ("--rate", str(back["probability"]), "--share", str(back["rework_share"]))
        shell.done("link", *ends, "--return", *rate)
    expected: dict[str, object] = case["expected"]
    return expected


def test_a_forecast_for_scripts(shell: Shell) -> None:
    expected = drawn(shell, "03_nested_loops")
    ways = ("--at", "10", "--at", "15", "--at", "2w", "--at", "0.5")
    found = shell.json("forecast", "--rates", "entered", "--runs", "4000", "--seed", "7", *ways)
    assert (found["runs"], found["seed"], found["cpm_days"]) == (4000, 7, 10.0)
    assert found["mean_days"] == pytest.approx(50 / 3, abs=5 * 9.5 / 4000**0.5)
    assert [found[f"p{q}_days"] for q in (50, 80, 95)] == [
        expected["P50"],
        expected["P80"],
        expected["P95"],
    ]
    assert (found["p50"], found["p80"]) == ("2026-12-11", "2026-12-18")
    assert set(found["cdf"]) == {"10", "15", "0.5"}
    assert found["cdf"]["10"] == pytest.approx(0.48, abs=0.04)
    assert found["cdf"]["0.5"] == 0
    without = found["without_returns"]
    assert (without["mean_days"], without["sd_days"], without["p95_days"]) == (10, 0, 10)
    assert without["p80"] == found["cpm"] == "2026-12-04"
    inner, outer = sorted(found["returns"], key=lambda back: -back["to"])
    assert (inner["from"], inner["to"]) == (3, 2)
    assert inner["passes_mean"] == pytest.approx(1 + 25 / 12 * 0.4, abs=0.1)
    assert (inner["passes_p50"], inner["first_pass_yield"]) == (1, 0.6)
    assert outer["cost_days_mean"] > 0
    assert {"passes_p95", "cost_days_p50", "cost_days_p80"} <= outer.keys()
    assert [(task["id"], task["criticality"]) for task in found["tasks"]] == [
        (task, 1.0) for task in (1, 2, 3, 4)
    ]
    # Whole days only: the runs end on few of them.
    assert [text[:16] for text in found["warnings"]] == ["P80 may be 20 or"]
    again = shell.json("forecast", "--rates", "entered", "--runs", "4000", "--seed", "7", *ways)
    assert again == found


def test_what_a_forecast_assumes_can_be_said(shell: Shell) -> None:
    for line in ("A ~1/3/9", "B ~1/3/9 after:1 back:1:50%", "C ~4 after:2", "D ~1/4/9"):
        shell.done("add", line)
    runs = ("--runs", "500")
    usual = shell.json("forecast", *runs)
    assert (usual["rates"], usual["policy"], usual["correlation"]) == ("posterior", "wait", 0.5)
    risky = shell.json("forecast", *runs, "--policy", "at-risk")
    assert risky["mean_days"] < usual["mean_days"]
    apart = shell.json("forecast", *runs, "--correlation", "0")
    assert apart["sd_days"] < usual["sd_days"]
    later = shell.json("forecast", *runs, "--from", "+10d")
    assert (later["p80_days"], later["start"]) == (usual["p80_days"], "2026-12-03")
    assert shell.json("forecast", *runs, "--seed", "2")["mean_days"] != usual["mean_days"]
    assert (usual["draws"], usual["learning"]) == ("kept", 0.0)
    fresh = shell.json("forecast", *runs, "--draws", "fresh")
    assert fresh["draws"] == "fresh"
    assert fresh["sd_days"] < usual["sd_days"]
    assert fresh["without_returns"] == usual["without_returns"]
    learned = [
        shell.json("forecast", *runs, "--learning", part) for part in ("0,2", "20%", "0.2", "0.6")
    ]
    assert learned[0] == learned[1] == learned[2]
    assert learned[3]["mean_days"] < learned[0]["mean_days"] < usual["mean_days"]
    assert learned[3]["learning"] == 0.6
    said = shell.done("forecast", *runs, "--draws", "fresh", "--learning", "12.5%").splitlines()
    assert "  new random durations for each repetition" in said
    assert "  each repetition over an arrow takes 12.5% less than the one before" in said
    said = shell.done("forecast", *runs).splitlines()
    assert not any("new random" in line or "each repetition" in line for line in said)


def test_what_is_not_known_to_half_a_day_is_told_so(shell: Shell) -> None:
    shell.done("add", "Concept ~20/90/400")
    most = " (no further runs); set --runs to simulate more"
    assert any(
        line.startswith("  P80 ± ") and line.endswith(most)
        for line in shell.done("forecast").splitlines()
    )
    assert most not in shell.done("forecast", "--runs", "20000")
    shell.done("edit", "1", "estimate=2/3/4")
    assert most not in shell.done("forecast")


def test_a_forecast_for_people(shell: Shell) -> None:
    for line in ("Concept ~2", "Build ~4 after:1", "Test ~1 after:2 back:1:50%:100%:3"):
        shell.done("add", line)
    for _ in range(2):
        shell.done("done", "1,2")
        shell.done("back", "3", "--to", "1", "--why", "no")
    lines = shell.done("forecast", "--runs", "1000", "--at", "40").splitlines()
    said = re.match(r"In (\d+) of 100 simulated runs this plan is finished by ", lines[0])
    assert said
    assert 80 <= int(said[1]) < 100
    assert "No recent P80 date has passed yet" in lines.pop(1)
    assert "3 of 3 open tasks have a single estimate" in lines.pop(1)
    head, *table = [line.split("\t") for line in lines[2:5]]
    assert head == ["", "P50", "P80", "P95, if this plan is complete"]
    assert [row[0] for row in table] == ["With returns", "Without returns"]
    assert table[1][1:] == ["Tue 1 Dec"] * 3
    assert lines[5].startswith("Plain schedule: Tue 1 Dec (7 working days), met in ")
    assert lines[6].startswith("P50, P80, P95: the first day by which at least 50, 80 or 95 of 100")
    assert lines.pop(7).startswith("Plain schedule: each task takes exactly its likely duration")
    assert lines[7].startswith("Runs finished, of 100: 32 by Tue 1 Dec · 52 by ")
    assert lines[8].startswith("40 working days: met in ")
    assert lines.pop(20) == "  a pass limit is only counted: work may come back beyond it"
    assert lines[10:21] == [
        "Assumptions:",
        "  this plan is complete",
        "  unlimited capacity of people and departments",
        "  nobody works at weekends, on public holidays (DE-NW) or on days off",
        "  delays within a project are correlated (0.5)",
        "  the single estimates of 3 tasks are exact",
        "  successors of a gate wait for its acceptance",
        "  return rates as entered (each weighs as much as 4 recorded passes), updated with what"
        " was recorded",
        "  a return repeats every task from its target to its gate",
        "  a repeated task takes as long as the first time",
        "  1,000 simulated runs (seed 1)",
    ]
    assert lines[21].startswith("  P80 ± ")
    heads = ["P50", "P80", "EUR", "Passes", "Rate", "Returned", "From → to"]
    assert lines[24].split("\t") == heads
    *days, money, passes, rate, seen, arrow = lines[25].split("\t")
    assert (money, passes, arrow) == ("", "↻3/3", "3 Test → 1 Concept")
    assert (rate, seen) == ("67%", "2 of 2 (34–92%)")
    assert all(float(each) > 0 for each in days)
    assert lines[-1] == "P50, P80: working days saved if nothing came back."


def test_rates_as_entered_are_told_as_entered(shell: Shell) -> None:
    for line in ("Concept ~2", "Test ~1 after:1 back:1:50%"):
        shell.done("add", line)
    shell.done("done", "1")
    shell.done("back", "2", "--to", "1", "--why", "no")
    words = ("--rates", "entered", "--correlation", "0.25", "--policy", "at-risk", "--runs", "9")
    lines = shell.done("forecast", *words).splitlines()
    assert "  return rates as entered" in lines
    assert "  delays within a project are correlated (0.25)" in lines
    assert "  successors of a gate start at risk, before its acceptance" in lines
    assert any("\t50%\tas entered\t2 Test" in line for line in lines)
    assert "  delays are independent of each other" in shell.done("forecast", "--correlation", "0")


def test_rates_that_nobody_entered_are_told_as_assumed(shell: Shell) -> None:
    for line in ("Concept ~2", "Build ~4 after:1 back:1", "Test ~1 after:2 back:2:30%"):
        shell.done("add", line)
    assumed = "  a return rate of 20% for 1 of 2 returns with no rate entered"
    for rates in ("entered", "posterior"):
        lines = shell.done("forecast", "--rates", rates, "--runs", "9").splitlines()
        assert assumed in lines
        drawn = rates == "posterior"
        assumed_between = ", sampled from " if drawn else ""
        entered_between = ", sampled from " if drawn else ""
        assert any(f"\t20%\tassumed{assumed_between}" in line for line in lines)
        assert any(f"\t30%\tas entered{entered_between}" in line for line in lines)
    known = {back["from"]: back for back in shell.json("forecast", "--runs", "9")["returns"]}
    assert (known[2]["rate_assumed"], known[3]["rate_assumed"]) == (True, False)
    assert "assumed return rate 20%" in shell.done("loops")
    assert "20% assumed" in shell.done("show", "2")
    assert "30% entered" in shell.done("show", "3")
    shell.done("unlink", "2", "1", "--return")
    assert assumed not in shell.done("forecast", "--runs", "9").splitlines()


def test_a_forecast_in_german(shell: Shell) -> None:
    shell.done("add", "Konzept ~1/2,5/8 back:1:50%")
    said = shell.done("--lang", "de", "forecast", "--runs", "5000")
    assert re.match(r"In 8\d von 100 Simulationen ist dieser Plan bis ", said)
    assert "5.000 Simulationsläufe (Startwert 1)" in said
    assert "\t50 %\twie eingegeben, gezogen aus " in said


def test_projects_are_told_by_themselves(shell: Shell) -> None:
    shell.done("add", "Concept ~4 project:Move")
    found = shell.json("forecast", "--runs", "10")
    (project,) = found["projects"]
    assert (project["name"], project["p80"], project["target_kept"]) == ("Move", "2026-11-26", None)


def test_the_demo_is_forecast(shell: Shell) -> None:
    shell.file.unlink()
    shell.done("demo", "--no-screen")
    said = shell.done("forecast", "--runs", "200", "--calibrate").splitlines()
    assert any("\t10 Jan 2027\t0 of 100 runs" in line for line in said)
    assert any(" tasks) were met so far" in line for line in said)
    ranked = [line.split("\t") for line in said if " → " in line and "\t" in line][1:]
    assert len(ranked) == 5
    days = [float(row[1]) for row in ranked]
    assert days[0] > 5 > days[-1] == 0
    assert ranked[0][2].replace(",", "").isdecimal()
    assert ranked[0][4:6] == ["36%", "1 of 1 (7–71%)"]


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["schedule"], False),
        (["back", "3", "--to", "1", "--why", "no"], False),
        (["forecast", "--runs", "10"], True),
        (["back", "3", "--to", "1", "--preview"], True),
    ],
)
def test_numbers_in_bulk_are_waited_for_where_something_is_forecast(
    shell: Shell, words: list[str], needed: bool
) -> None:
    for line in ("Concept", "Build after:1", "Test after:2"):
        shell.done("add", line)
    program = (
        "import sys; from tracker.cli import main\n"
        f"code = main(['--file', {str(shell.file)!r}, *{words!r}])\n"
        "sys.exit(code or 10 * ('numpy' in sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 10 * needed, run.stderr


def test_departments_that_take_longer_are_told(shell: Shell) -> None:
    for n in range(1, 11):
        for day, words in (
            ("2026-10-05", ("add", "Something @Netz ~2")),
            ("2026-10-05", ("start", str(n))),
            ("2026-10-07", ("done", str(n))),
        ):
            assert shell.bare("--file", str(shell.file), "--today", day, *words).code == 0
    shell.done("add", "Last")
    (netz,) = shell.json("forecast")["durations"]
    assert netz == {"department": "Netz", "tasks": 10, "mean": pytest.approx(1.5), "spread": 1}
    said = shell.done("forecast").splitlines()
    assert "Netz took 1.5 times the likely duration (10 tasks): shown only, not included." in said


def test_the_pace_of_the_past_weeks(shell: Shell) -> None:
    assert shell.json("forecast")["throughput"] is None
    for day in ("2026-10-05", "2026-10-13", "2026-10-20", "2026-10-28"):
        shell.bare("--file", str(shell.file), "--today", day, "add", "Something ~1")
    for task, day in enumerate(("2026-10-15", "2026-10-22", "2026-11-05"), 1):
        shell.bare("--file", str(shell.file), "--today", day, "done", str(task))
    pace = shell.json("forecast")["throughput"]
    assert (pace["weekly"], pace["open"]) == ([0, 1, 1, 0, 1, 0, 0], 1)
    assert (pace["p50_weeks"], pace["p85_weeks"], pace["p95_weeks"]) == (2, 4, 6)
    assert pace["p85"] == "2026-12-21"
    text = (
        "Another view, by pace alone: at the pace of the last 7 weeks the open task is done by Mon"
        " 21 Dec in 85 of 100 cases; estimates, arrows and returns are not looked at."
    )
    assert text in shell.done("forecast").splitlines()


def test_dates_of_the_past_are_judged_beside_p80(shell: Shell) -> None:
    def on(day: str, *words: str) -> None:
        assert shell.bare("--file", str(shell.file), "--today", day, *words).code == 0

    shell.done("add", "New ~1")
    assert shell.json("forecast", "--no-calibrate")["calibration"] is None
    nothing = {"kept": 0, "told": 0, "tasks": 0, "chance": 1}
    assert shell.json("forecast")["calibration"] == nothing
    assert "so none was met or missed" in shell.done("forecast").splitlines()[1]
    assert "met or missed" not in shell.done("forecast", "--no-calibrate")
    shell.done("undo")
    for title in ("Kept ~3/4/5", "Missed ~2/2.5/3", "Open ~5"):
        on("2026-10-26", "add", title)
    on("2026-11-04", "done", "2")
    on("2026-11-13", "done", "3")
    # Three of them were open on 2 November, two a week later, and one on the 16th.
    found = shell.json("forecast", "--calibrate")["calibration"]
    assert found == {"kept": 1, "told": 6, "tasks": 3, "chance": pytest.approx(0.04)}
    told = "1 of 6 P80 dates (3 tasks) were met so far; 8 of 10 would be right."
    # So few tasks may well have had bad luck.
    assert shell.done("forecast").splitlines()[1] == told


def test_a_forecast_of_nothing(shell: Shell) -> None:
    assert shell("forecast").err == "Nothing is left to do.\n"
    found = shell.json("forecast")
    assert (found["p80_days"], found["p80"], found["tasks"]) == (0, "2026-11-23", [])


def test_what_a_forecast_warns_of(shell: Shell) -> None:
    shell.done("add", "Restore")
    shell.done("add", "Patch after:1")
    shell.done("wait", "1", "--for", "#2")
    told = shell("forecast", "--runs", "10").err.splitlines()
    assert told[0].startswith("2 tasks have no estimate")
    assert told[1].startswith("! Deadlock, not resolved by any return: ")
    assert shell.json("forecast", "--runs", "10")["warnings"] == told


def test_a_gate_that_accepts_nothing_is_refused_by_name(shell: Shell) -> None:
    for line in ("Concept ~1", "Build ~1 after:1 back:1:60%", "Test ~1 after:2"):
        shell.done("add", line)
    assert "2 Build" in shell.refused("link", "2", "2", "--return", "--rate", "40%")
    shell.done("link", "2", "2", "--return", "--rate", "39%")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--runs", "0"), "not a whole number from 1"),
        (("--runs", "9" * 30), "not a whole number from 1"),
        (("--seed", "-1"), "--seed"),
        (("--correlation", "200%"), "not a correlation"),
        (("--correlation", "2"), "not a correlation"),
        (("--correlation", "much"), "not a share"),
        (("--learning", "1"), "not a learning rate"),
        (("--learning", "20"), "not a learning rate"),
        (("--learning", "100%"), "not a learning rate"),
        (("--learning", "-0.1"), "--learning"),
        (("--learning", "much"), "not a share"),
        (("--draws", "anew"), "anew"),
        (("--rates", "guessed"), "guessed"),
        (("--policy", "hope"), "hope"),
        (("--at", "soon"), "not a number of days"),
        (("--at", "9999999"), "9999999 is too large; the maximum is 100000 days"),
        (("--from", "kraut"), "not a date"),
    ],
)
def test_a_forecast_that_is_misused(shell: Shell, words: tuple[str, ...], reason: str) -> None:
    assert reason in shell.misused("forecast", *words)
