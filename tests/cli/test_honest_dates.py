"""Plans whose dates misled once: what goes into a forecast, and what it says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import DATA
from tracker.cli import main
from tracker.cli.call import DONE

CASES = DATA / "cases" / "dates"
MONDAY = "2026-03-02"


class Plan:
    """A plan from one of the lists, and calls on it, each on a day of its own."""

    def __init__(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._file, self._capsys = file, capsys

    def said(self, *words: str, on: str = MONDAY) -> tuple[int, str, str]:
        """Call it; return the exit code, what it says and the reasons."""
        code = main(("--file", str(self._file), "--today", on, *words))
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def done(self, *words: str, on: str = MONDAY) -> str:
        """Call it, which must not fail."""
        code, out, err = self.said(*words, on=on)
        assert code == DONE, err
        return out

    def json(self, *words: str, on: str = MONDAY) -> Any:
        """Call it as a script would."""
        return json.loads(self.done(*words, "--json", on=on))


@pytest.fixture
def plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> Plan:
    """The plan of the list that the test names by `@of`."""
    made = Plan(tmp_path / "plan.json", capsys)
    made.done("init")
    made.done("import", str(CASES / request.param))
    return made


def of(name: str) -> pytest.MarkDecorator:
    """Let a test have the plan of a list."""
    return pytest.mark.parametrize("plan", [name], indirect=True)


# --- waiting is not work


@of("waiting_counts_as_work.csv")
def test_days_of_waiting_are_not_days_of_work(plan: Plan) -> None:
    plan.done("start", "1")
    plan.done("wait", "1", on="2026-03-03")
    # One of its six days has been worked; five are left, and two of what needs it.
    assert plan.json("schedule", on="2026-03-30")["length_days"] == 7
    plan.done("start", "1", on="2026-03-30")
    assert plan.json("schedule", on="2026-03-30")["length_days"] == 7
    assert plan.json("schedule", on="2026-04-01")["length_days"] == 5
    found = plan.json("forecast", on="2026-03-30")
    assert found["cpm_days"] == 7
    assert found["p50_days"] > 7


@of("waiting_counts_as_work.csv")
def test_a_task_put_back_was_not_worked_on_meanwhile(plan: Plan) -> None:
    plan.done("start", "1")
    plan.done("reopen", "1", on="2026-03-03")
    assert plan.json("schedule", on="2026-03-30")["length_days"] == 7


@of("waiting_counts_as_work.csv")
def test_a_wait_holds_a_task_until_its_follow_up(plan: Plan) -> None:
    plan.done("start", "1")
    plan.done("wait", "1", "--until", "2026-03-30", on="2026-03-03")
    found = plan.json("schedule", on="2026-03-16")
    assert found["tasks"][0]["start"] == "2026-03-30"
    assert found["length_days"] == 10 + 7


@of("waiting_counts_as_work.csv")
def test_nobody_works_before_a_later_start(plan: Plan) -> None:
    plan.done("start", "1")
    assert plan.json("schedule", on="2026-03-04")["length_days"] == 6
    assert plan.json("schedule", "--from", "2026-03-16", on="2026-03-04")["length_days"] == 6
    assert plan.json("forecast", "--from", "2026-03-16", on="2026-03-04")["cpm_days"] == 6


# --- certainty is not claimed


@of("step_p80.csv")
def test_where_p80_stands_on_a_step_both_values_are_said(plan: Plan) -> None:
    found = plan.json("forecast", "--rates", "entered")
    assert found["runs"] >= 2_000
    assert {found["p80_low_days"], found["p80_high_days"]} <= {16, 24}
    (warning,) = found["warnings"]
    assert warning.startswith("P80 may be 16 or 24 working days: 8")
    assert warning in plan.said("forecast", "--rates", "entered")[2]
