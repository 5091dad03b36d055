"""Plans whose dates misled once: what goes into a forecast, and what it says of itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests import DATA
from tracker.cli import main
from tracker.cli.call import DONE
from tracker.flow.forecast.calibration import Beta, prior_weight

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


@of("negative_lag.csv")
def test_a_lead_lets_work_begin_before_its_predecessor_is_over(plan: Plan) -> None:
    # 3 days, and 4 that begin a day before these are over.
    assert plan.json("show", "2")["needs"] == [{"id": 1, "lag": -1}]
    assert plan.json("schedule")["length_days"] == 6
    assert plan.json("forecast")["p80_days"] == 6


# --- certainty is not claimed


@of("drop_middle.csv")
def test_what_never_varies_is_not_said_to_be_later_in_some_runs(plan: Plan) -> None:
    found = plan.done("forecast")
    assert "In all 2,048 simulated runs this plan is finished by Tue 17 Mar (P80).\n" in found
    assert "Runs finished, of 100: 100 by Tue 17 Mar\n" in found


@of("entered_20.csv")
def test_a_day_is_told_to_be_kept_in_as_many_runs_wherever_it_is_told(plan: Plan) -> None:
    found = plan.done("forecast")
    (met,) = {int(text) for text in re.findall(r"met in (\d+) of 100", found)}
    assert 80 <= met < 85
    assert f"In {met} of 100 simulated runs this plan is finished by Tue 10 Mar" in found
    assert f"in the other {100 - met} it is later." in found
    assert f"Runs finished, of 100: {met} by Tue 10 Mar · " in found


@of("step_p80.csv")
def test_where_p80_stands_on_a_step_both_values_are_said(plan: Plan) -> None:
    found = plan.json("forecast", "--rates", "entered")
    assert found["runs"] >= 2_000
    assert {found["p80_low_days"], found["p80_high_days"]} <= {16, 24}
    (warning,) = found["warnings"]
    assert warning.startswith("P80 may be 16 or 24 working days: 8")
    assert warning in plan.said("forecast", "--rates", "entered")[2]


@of("step_p80.csv")
def test_few_runs_claim_nothing(plan: Plan) -> None:
    few = "simulated runs are too few to say by when this plan is finished."
    assert plan.done("forecast", "--runs", "24").startswith(f"24 {few}")
    said = plan.done("forecast", "--runs", "1")
    assert "1 simulated run is too few" in said
    assert "too few runs to know how far off P80 may be" in said
    assert "±" not in said
    assert "of 1 simulated runs" in said
    found = plan.json("forecast", "--runs", "1")
    assert (found["se80_days"], found["p80_low_days"], found["p80_high_days"]) == (None,) * 3
    said = plan.done("forecast", "--runs", "25")
    assert said.startswith("In 21 of 25 simulated runs this plan is finished by ")
    assert "P80 ± " in said


@of("step_p80.csv")
def test_scripts_read_what_people_read(plan: Plan) -> None:
    plan.done("department", "Y", "off=20.4.-24.4.")
    plan.done("wait", "1", "--until", "2026-03-09")
    found, said = plan.json("forecast"), plan.done("forecast")
    # All that is told first, and of the last sentence not how the shell lets estimates vary.
    top = " ".join(said.split("\n\n")[0].splitlines())
    assert top.startswith(found["headline"])
    assert "are less certain than they look" in found["headline"]
    assert [text for text in found["assumptions"] if text not in said] == []
    assert "1 task on hold resumes on its follow-up date" in found["assumptions"]
    assert not any(
        "on hold" in each for each in plan.json("forecast", on="2026-03-10")["assumptions"]
    )


EXACT = "3 of 3 open tasks have a single estimate or none, which is taken as exact."


@of("step_p80.csv")
def test_single_estimates_are_no_certainty(plan: Plan) -> None:
    assert EXACT in plan.done("forecast").splitlines()[2]
    exact = plan.json("forecast")
    assert "the single estimates of 3 tasks are exact" in exact["assumptions"]
    assert (exact["single_estimates"], exact["spread"]) == ([1, 2, 3], [1, 1])
    assert exact["without_returns"]["sd_days"] == 0
    found = plan.json("forecast", "--spread", "70-200%")
    without = found["without_returns"]
    assert without["p50_days"] < without["p80_days"] < without["p95_days"]
    assert found["cpm_days"] == exact["cpm_days"] == 8
    assert "3 tasks with a single estimate take 70–200% of it" in found["assumptions"]
    plan.done("settings", "spread=0,7-2")
    assert plan.json("forecast") == found
    assert EXACT not in plan.done("forecast")
    assert plan.json("forecast", "--spread", "none") == exact
    assert plan.done("settings", "--lang", "de").splitlines()[-1].endswith(": 70-200%")
    plan.done("undo")
    assert plan.json("forecast") == exact
    assert plan.said("forecast", "--spread", "much")[0] == 2


@of("step_p80.csv")
def test_single_estimates_are_off_as_far_as_finished_tasks_were(plan: Plan) -> None:
    plan.done("settings", "spread=finished")
    few = "the single estimates of 3 tasks are exact (too few finished tasks to learn from)"
    assert few in plan.json("forecast")["assumptions"]
    assert EXACT in plan.done("forecast")
    # Each took twice or half as long as was likely.
    for number in range(4, 16):
        plan.done("add", f"Past {number} ~{2 if number % 2 else 8}", on="2026-02-16")
        plan.done("start", str(number), on="2026-02-16")
        plan.done("done", str(number), on="2026-02-19")
    found = plan.json("forecast")
    low, high = found["spread"]
    assert (low, 1 / low) == pytest.approx((1 / high, high))
    assert 2 < high < 4
    told = f"3 tasks with a single estimate take {100 * low:.0f}–{100 * high:.0f}% of it"
    assert f"{told} (as 12 finished tasks did)" in found["assumptions"]


@of("step_p80.csv")
def test_tasks_of_three_estimates_are_left_alone(plan: Plan) -> None:
    plan.done("edit", "1", "estimate=2/3/5")
    plan.done("edit", "2", "estimate=2/4/6")
    # One in three: among the assumptions, but not on top.
    assert "open tasks" not in plan.done("forecast")
    found = plan.json("forecast", "--spread", "70-200%")
    assert found["single_estimates"] == [3]
    assert "1 task with a single estimate takes 70–200% of it" in found["assumptions"]
    # A milestone takes no time, and that is no estimate.
    plan.done("edit", "3", "estimate=0")
    assert plan.json("forecast")["single_estimates"] == []


@of("as_entered_40.csv")
def test_a_return_that_moves_p80_says_through_what(plan: Plan) -> None:
    # By 40 % it comes back twice or more in 16 of 100 runs, for the 5 days of B and C.
    found = plan.json("forecast", "--rates", "entered", "--runs", "10000")
    (arrow,) = found["returns"]
    assert (arrow["often_returns"], arrow["round_days"]) == (2, 5)
    assert arrow["often_share"] == pytest.approx(0.16, abs=5 * (0.16 * 0.84 / 10_000) ** 0.5)
    told = "100 runs it comes back at least 2 times, for about 5 working days each."
    assert told in plan.done("forecast", "--rates", "entered")
    plan.done("link", "3", "2", "--return", "--rate", "5%", "--share", "50%")
    (arrow,) = plan.json("forecast", "--rates", "entered", "--runs", "500")["returns"]
    assert (arrow["often_returns"], arrow["round_days"]) == (1, 2.5)
    assert arrow["often_share"] == pytest.approx(0.05, abs=0.03)


# --- what may hold it up


@of("system_down.csv")
def test_a_system_that_is_down_is_said_and_a_day_can_be_assumed(plan: Plan) -> None:
    assert plan.json("forecast")["warnings"] == []
    plan.done("system", "erp", "down")
    told = "erp is down and holds up 1 task: 1 A. The dates assume that it is up again at once."
    assert plan.json("forecast")["warnings"] == [told]
    assert plan.json("schedule")["warnings"] == [told]
    for call in ("forecast", "schedule"):
        assert told in plan.said(call)[2]
    found = plan.json("forecast", "--up", "ERP=16.3.2026")
    assert (found["warnings"], found["cpm_days"]) == ([], 17)
    assert (found["p80_days"], found["p80"]) == (17, "2026-03-24")
    assert found["back_up"] == {"erp": "2026-03-16"}
    assert "erp is up again on Mon 16 Mar" in plan.done("forecast", "--up", "erp=16.3.2026")
    assert plan.json("schedule", "--up", "erp=2026-03-16")["length_days"] == 17


@of("system_down.csv")
@pytest.mark.parametrize(
    ("typed", "code", "why"),
    [
        ("erp", 2, "--up: erp is not a system and a date; try Database=1.4."),
        ("erp=soon", 2, "--up: "),
        ("crm=1.4.", 1, "“crm” is not known here; choose from erp."),
    ],
)
def test_an_assumption_that_cannot_be_read(plan: Plan, typed: str, code: int, why: str) -> None:
    found = plan.said("forecast", "--up", typed)
    assert (found[0], found[1]) == (code, "")
    assert why in found[2]


@of("system_down.csv")
def test_a_wait_without_a_date_is_said(plan: Plan) -> None:
    plan.done("wait", "1", "--for", "the vendor")
    told = (
        "1 task is on hold without a future follow-up date and is assumed to resume at once: 1 A."
    )
    assert plan.json("forecast")["warnings"] == [told]
    plan.done("wait", "1", "--until", "2026-03-09")
    found = plan.json("forecast")
    assert (found["warnings"], found["cpm_days"]) == ([], 12)
    # Nobody has asked again since.
    assert plan.json("forecast", on="2026-03-10")["warnings"] == [told]


@of("system_down.csv")
def test_a_task_waits_for_the_one_it_mentions(plan: Plan) -> None:
    plan.done("add", "Contract ~10")
    plan.done("wait", "1", "--for", "the contract, #3")
    found = plan.json("schedule")
    assert (found["length_days"], found["critical_path"]) == (17, [3, 1, 2])
    assert plan.json("forecast")["cpm_days"] == 17
    assert plan.json("forecast")["warnings"] == []
    plan.done("done", "3")
    assert plan.json("schedule")["length_days"] == 7


@of("system_down.csv")
def test_tasks_that_wait_for_each_other_are_named_and_still_dated(plan: Plan) -> None:
    plan.done("wait", "1", "--for", "#2")
    found = plan.json("forecast")
    assert found["cpm_days"] == 7
    (told,) = found["warnings"]
    assert "Deadlock" in told
    assert "1 A" in told
    assert "2 B" in told
    assert told in plan.json("schedule")["warnings"]


# --- rates


@of("entered_20.csv")
def test_a_rate_entered_as_the_usual_one_is_entered(plan: Plan) -> None:
    (arrow,) = plan.json("forecast")["returns"]
    assert (arrow["rate"], arrow["rate_assumed"]) == (0.2, False)
    assert "no rate entered" not in plan.done("forecast")
    plan.done("add", "C ~1 after:2 back:1")
    assumed = {arrow["from"]: arrow["rate_assumed"] for arrow in plan.json("forecast")["returns"]}
    assert assumed == {2: False, 3: True}


@of("as_entered_40.csv")
def test_an_entered_rate_says_between_which_it_is_drawn(plan: Plan) -> None:
    assert "40%" in plan.done("forecast")
    assert "as entered, sampled from 7–79%" in plan.done("forecast")
    assert "drawn from" not in plan.done("forecast", "--rates", "entered")


@of("sum_100.csv")
def test_a_gate_that_never_accepts_is_reported_where_it_is_imported(
    plan: Plan, tmp_path: Path
) -> None:
    assert [(each["from"], each["to"]) for each in plan.json("forecast")["returns"]] == [(3, 1)]
    again = plan.json("--file", str(tmp_path / "other.json"), "import", str(CASES / "sum_100.csv"))
    (told,) = (each for each in again["warnings"] if each["row"])
    assert (told["row"], told["value"]) == (4, "2:40%:100%:3")
    assert told["why"] == (
        "With this arrow, work would never get past 3 G: its return rates add up to 100%. The"
        " return arrow was skipped."
    )
    code, _out, why = plan.said("link", "3", "2", "--return", "--rate", "40%")
    assert code == 1
    assert "Work would never get past 3 G: its return rates add up to 100% " in why


@of("reopen_counts.csv")
def test_a_return_to_a_successor_is_refused(plan: Plan) -> None:
    code, _out, why = plan.said("link", "1", "3", "--return")
    assert code == 1
    assert "3 Z is built on 1 A; work can only go back from a later task to an earlier one." in why
    plan.done("add", "Late ~1 back:2")
    code, _out, why = plan.said("link", "4", "2")
    assert code == 1
    assert "is a return arrow, so 2 G cannot come after 4 Late." in why


@of("reopen_counts.csv")
def test_to_finish_and_reopen_is_no_observation(plan: Plan) -> None:
    plan.done("done", "1")
    for _ in range(5):
        plan.done("done", "2")
        plan.done("reopen", "2")
    (arrow,) = plan.json("forecast")["returns"]
    assert (arrow["returned"], arrow["ended"], arrow["rate"]) == (0, 0, 0.25)
    plan.done("done", "2")
    plan.done("start", "3")
    plan.done("back", "3", "--to", "1", "--why", "no")
    # The gate had accepted; that it must look once more does not take that back.
    plan.done("done", "1")
    plan.done("start", "2")
    arrow = next(each for each in plan.json("forecast")["returns"] if each["from"] == 2)
    assert (arrow["returned"], arrow["ended"]) == (0, 1)


@of("as_entered_40.csv")
def test_how_much_an_entered_rate_weighs_can_be_set(plan: Plan) -> None:
    def between() -> tuple[float, float]:
        (arrow,) = plan.json("forecast")["returns"]
        return arrow["rate_low"], arrow["rate_high"]

    assert between() == pytest.approx((0.07, 0.79), abs=0.005)
    plan.done("settings", "prior-weight=40")
    low, high = between()
    assert 0.25 < low < 0.4 < high < 0.55


def test_a_high_rate_keeps_a_finite_mean_of_passes() -> None:
    def passes(rate: float) -> float:
        weight = prior_weight(4.0, rate)
        return Beta(weight * rate, weight * (1 - rate)).passes

    # 1 / (1 - rate) of them, were the rate known.
    assert passes(0.5) == pytest.approx(3)
    assert passes(0.6) == pytest.approx(5)
    assert passes(0.8) < 12
    assert passes(0.99) < 300


# --- what is dropped


@of("drop_middle.csv")
def test_what_a_dropped_task_needed_is_needed_by_what_comes_after_it(plan: Plan) -> None:
    plan.done("drop", "2")
    found = plan.json("schedule")
    assert (found["length_days"], found["critical_path"]) == (8, [1, 3])
    assert plan.json("forecast")["p80_days"] == 8
    last = plan.json("show", "3")
    assert (last["ready"], last["blocked"]) == (False, True)
    plan.done("done", "1")
    assert plan.json("show", "3")["ready"] is True
    assert plan.json("schedule")["length_days"] == 5


# --- loop health


@pytest.mark.parametrize(
    ("plan", "chance", "health"),
    [("health_30x5.csv", 0.05, "good"), ("health_2x80.csv", 0.8, "amber")],
    indirect=["plan"],
)
def test_a_loop_is_judged_by_the_round_not_by_the_task(
    plan: Plan, chance: float, health: str
) -> None:
    (loop,) = plan.json("loops")
    assert loop["another_round"] == pytest.approx(chance)
    assert (loop["work_again"], loop["health"]) == (1.0, health)
    told = f"({chance:.0%} of passes are followed by another, with 100% of the work)"
    assert told in plan.done("loops")


@of("health_2x80.csv")
def test_the_rates_by_which_a_loop_is_judged_are_learned(plan: Plan) -> None:
    for _ in range(5):
        plan.done("done", "1", "2")
        plan.done("back", "2", "--to", "1", "--why", "no")
    # Beta(6.4, 1.6), and five times of five.
    (loop,) = plan.json("loops")
    assert loop["another_round"] == pytest.approx((6.4 + 5) / (8 + 5))


# --- each project, each task


@of("two_projects.csv")
def test_each_task_has_its_date_and_the_chance_of_the_day_it_is_due(plan: Plan) -> None:
    plan.done("edit", "2", "due=2026-03-20")
    plan.done("edit", "3", "due=2026-03-20")
    found = plan.json("forecast")
    tasks = {task["id"]: task for task in found["tasks"]}
    short = next(each for each in found["projects"] if each["name"] == "Short")
    assert short["p80_days"] < 40 < found["p80_days"]
    # The last task of its project is over when that is, in the same runs.
    assert tasks[2]["p80_days"] == pytest.approx(short["p80_days"], rel=0.1)
    assert tasks[1]["p80_days"] < tasks[2]["p80_days"]
    assert tasks[1]["due_chance"] is None
    assert 0.2 < tasks[2]["due_chance"] < 0.8
    assert tasks[3]["due_chance"] == 0
    assert (tasks[3]["p80_days"], tasks[3]["p80"]) == (200, found["p80"])


@of("two_projects.csv")
def test_several_projects_are_not_summed_up_in_silence(plan: Plan) -> None:
    told = plan.done("forecast")
    assert told.startswith("2 projects, each with a date of its own; all together: P80 ")
    rows = {line.split("\t")[0]: line.split("\t") for line in told.splitlines()}
    assert rows["Short"][2] == "Thu 16 Apr"
    assert rows["Long"][2] == rows["all together"][2] == "Mon 14 Dec"
    # The return costs its own project days, though it moves nothing of the long one.
    assert "Short: Fixing 2 → 1 first would move P80 from Thu 16 Apr to Mon 23 Mar" in told
    found = plan.json("forecast")
    (arrow,) = found["returns"]
    assert arrow["cost_days_p80"] > 15
    short, long = found["projects"]
    assert (short["name"], long["name"]) == ("Short", "Long")
    assert found["p80"] == long["p80"] > short["p80"]
    assert (long["runs"], short["runs"]) == (found["runs"], 10_000)
    assert {task["id"]: task["criticality"] for task in found["tasks"]} == {1: 1, 2: 1, 3: 1}


@of("two_projects.csv")
def test_one_project_may_be_asked_for(plan: Plan) -> None:
    both, short = plan.json("forecast"), plan.json("forecast", "--project", "SHORT")
    assert short["projects"] == [each for each in both["projects"] if each["name"] == "Short"]
    assert short["p80"] == short["projects"][0]["p80"]
    assert short["returns"] == both["returns"]
    assert [task for task in both["tasks"] if task["id"] < 3] == short["tasks"]
    assert "In 80 of 100 simulated runs" in plan.done("forecast", "--project", "Short")
    assert "each with a date" in plan.done("forecast", "--project", "Short", "--project", "Long")
    code, _out, err = plan.said("forecast", "--project", "Shirt")
    assert code == 1
    assert "“Shirt” is not known here; choose from long, short." in err


@of("two_projects.csv")
def test_a_send_back_tells_the_date_of_its_project(plan: Plan) -> None:
    plan.done("done", "1")
    found = plan.json("back", "2", "--to", "1", "--why", "no", "--preview")
    assert found["p80_before"] == plan.json("forecast", "--project", "Short")["p80"]
    plan.done("back", "2", "--to", "1", "--why", "no")
    assert found["p80_after"] == plan.json("forecast", "--project", "Short")["p80"]


@of("two_projects.csv")
def test_tasks_are_listed_with_their_dates_where_that_is_asked_for(plan: Plan) -> None:
    plan.done("edit", "2", "due=2026-03-27")
    known = {task["id"]: task for task in plan.json("forecast")["tasks"]}
    listed = plan.json("list", "--forecast")
    for task in listed:
        for field in ("p80", "p80_days", "due_chance"):
            assert task[field] == known[task["id"]][field]
    assert "p80" not in plan.json("list")[0]
    assert plan.json("show", "2", "--forecast")["p80"] == known[2]["p80"]
    rows = {
        line.split("\t")[0]: line.split("\t")
        for line in plan.done("list", "--forecast").splitlines()
    }
    assert rows["2"][3:6] == ["2026-03-27", "2026-04-16", "64%"]
    assert rows["3"][3:6] == ["", "2026-12-14", ""]
    told = plan.done("show", "2", "--forecast")
    assert "Thu 16 Apr; due date met in 64% of the simulated runs" in told
    plan.done("done", "1", "2", "3")
    assert [task["p80"] for task in plan.json("list", "--forecast")] == [None] * 3


@of("two_projects.csv")
def test_the_schedule_of_each_project(plan: Plan) -> None:
    plan.done("add", "Loose ~3")
    plan.done("add", "Beside ~1 project:Long")
    found = plan.json("schedule")
    known = {
        each["name"]: (each["length_days"], each["critical_path"]) for each in found["projects"]
    }
    assert known == {"Short": (10, [1, 2]), "Long": (200, [3]), None: (3, [4])}
    slack = {task["id"]: task["slack"] for task in found["tasks"]}
    assert slack == {1: 0, 2: 0, 3: 0, 4: 0, 5: 199}
    assert (found["length_days"], found["critical_path"]) == (200, [3])
    short = plan.json("schedule", "--project", "Short")
    assert (short["length_days"], [task["id"] for task in short["tasks"]]) == (10, [1, 2])
    told = plan.done("schedule", "--project", "Short", "--project", "none")
    assert [line for line in told.splitlines() if line in ("Short", "Long", "(no project)")] == [
        "Short",
        "(no project)",
    ]


@of("two_projects.csv")
def test_what_a_call_is_about_may_be_one_project_or_what_concerns_me(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_USER", "mw")
    assert [task["id"] for task in plan.json("list", "--project", "Long")] == [3]
    assert plan.json("loops", "--project", "Long") == []
    assert "no loops in this scope" in plan.said("loops", "--project", "Long")[2]
    plan.done("edit", "3", "prio=high")
    assert [each["seq"] for each in plan.json("log", "--project", "Short")] == [1]
    assert len(plan.json("log", "--project", "Long")) == 2
    assert plan.json("list", "--mine") == []
    assert "no tasks in this scope" in plan.said("list", "--mine")[2]
    # 2 waits for what is mine.
    plan.done("edit", "1", "who=mw")
    assert [task["id"] for task in plan.json("list", "--mine")] == [1, 2]
    assert [task["id"] for task in plan.json("list", "--mine", "state:ready")] == [1]
    assert [task["id"] for task in plan.json("forecast", "--mine")["tasks"]] == [1, 2]


@of("two_projects.csv")
def test_the_chance_of_a_date(plan: Plan) -> None:
    found = plan.json("forecast", "--at", "2026-03-20", "--at", "200")
    assert found["cdf"]["15"] == 0
    # Now and then the short one comes back so often that it takes longer.
    assert 0.98 < found["cdf"]["200"] <= 1
    assert plan.said("forecast", "--at", "soon")[0] == 2


# --- what a return redoes


@of("step_p80.csv")
def test_that_work_may_come_back_is_told_beside_the_date_of_a_task(plan: Plan) -> None:
    plan.done("edit", "1", "due=2026-03-06")
    found = {task["id"]: task for task in plan.json("forecast", "--rates", "entered")["tasks"]}
    # The gate is over once it accepts; what it sends back has been over before.
    assert [found[task]["again_chance"] for task in (1, 2)] == pytest.approx([0.44] * 2, abs=0.04)
    assert (found[3]["again_chance"], found[1]["p80_runs"]) == (0, 2048)
    said = plan.done("show", "1", "--forecast")
    assert "due date met in 100% of the simulated runs; work comes back to it later in 4" in said
    plan.done("edit", "1", "progress=50%")
    assert any("the progress of 1 task" in text for text in plan.json("forecast")["assumptions"])


REPEATS = "a return repeats every task from its target to its gate"


@of("step_p80.csv")
def test_what_a_return_redoes_is_assumed_as_it_was_entered(plan: Plan) -> None:
    def assumed(*options: str) -> list[str]:
        plan.done("link", "3", "1", "--return", *options)
        return [str(text) for text in plan.json("forecast")["assumptions"]]

    assert REPEATS in assumed("--rate", "44%")
    found = assumed("--redo", "target", "--learning", "20%", "--limit", "2", "--forward", "5")
    assert REPEATS not in found
    assert "a return repeats only its target and its gate" in found
    assert "over 1 of 1 return arrows each further pass takes less, as entered" in found
    assert "a repeated task takes as long as the first time" not in found
    assert "1 return goes forward once its pass limit is reached, as entered" in found
    plan.done("link", "2", "1", "--return")
    found = plan.json("forecast")["assumptions"]
    assert f"1 of 2 returns: {REPEATS}" in found
    assert "1 of 2 returns: a return repeats only its target and its gate" in found


@of("two_projects.csv")
def test_an_arrow_of_a_project_that_is_waited_for_may_be_the_one_to_fix(plan: Plan) -> None:
    plan.done("link", "2", "3")
    plan.done("add", "D proj:Long ~1d after:3 back:3:1%:1%")
    assert "\nFixing 2 → 1 (Short) first would move P80 from 1 Feb 2027 to " in plan.done(
        "forecast", "--project", "Long"
    )
    said = plan.done("forecast")
    assert "\nShort: Fixing 2 → 1 first would move P80" in said
    assert "\nLong: Fixing 2 → 1 (Short) first would move P80" in said


@of("two_projects.csv")
def test_an_arrow_that_moves_p80_to_no_other_day_is_not_to_be_fixed_first(plan: Plan) -> None:
    plan.done("add", "D proj:Long ~1d after:3 back:3:1%:1%")
    said = plan.done("forecast", "--project", "Long")
    assert "\nNo single return arrow moves P80." in said
    assert "Fixing" not in said


@of("days_off_rework.json")
def test_rework_waits_for_those_who_are_away(plan: Plan) -> None:
    found = plan.json("forecast", "--rates", "entered", "--runs", "10000", "--at", "2026-04-16")
    # First over on 9 March; the department is away from 10 to 30 March, Easter is from 3 to 6
    # April. So a second pass ends on 9 April, a third one on 17 April.
    assert (found["p50"], found["p80"]) == ("2026-04-09", "2026-04-17")
    assert found["cdf"]["32"] == pytest.approx(0.75, abs=0.02)
    plan.done("department", "X", "off=")
    assert plan.json("forecast", "--rates", "entered")["p80"] == "2026-03-25"
