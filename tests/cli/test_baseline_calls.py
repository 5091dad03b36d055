"""Baselines in the shell: taken, listed, renamed, deleted, and what scripts read of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_calls import Shell


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    found = Shell(tmp_path / "plan.json", capsys)
    found.done("add", "Concept @Netz proj:CRM ~1/2/5")
    found.done("add", "Build @IT proj:CRM ~4 after:1")
    found.done("add", "Party proj:Fest ~1")
    found.done("project", "CRM", "target=2026-12-04")
    return found


def test_one_is_taken_and_listed(shell: Shell) -> None:
    assert shell("baseline").err == (
        f"There is no baseline yet; `tracker --file {shell.file} baseline take NAME` takes one.\n"
    )
    taken = shell.json("baseline", "take", "Plan", "1", "--reason", "agreed")
    assert taken["id"] == 1
    assert (taken["name"], taken["reason"], taken["tasks"]) == ("Plan 1", "agreed", 3)
    crm, party = taken["finishes"]
    assert party["project"] == "Fest"
    assert (crm["project"], crm["finish"], crm["target"]) == ("CRM", "2026-11-30", "2026-12-04")
    assert crm["p50"] <= crm["p80"]
    assert shell.json("baseline") == [taken]
    assert shell.json("baseline", "list", "--project", "CRM") == [taken]


def test_one_of_a_project_is_listed_with_that(shell: Shell) -> None:
    taken = shell.json("baseline", "take", "Plan 1", "--project", "CRM", "--capacity")
    assert (taken["projects"], taken["tasks"], taken["capacity"]) == (["CRM"], 2, True)
    assert shell.json("baseline", "list", "--project", "Fest") == []
    lines = shell.done("baseline").splitlines()
    name, taken_on, _by, tasks, project, *_dates, reason = lines[1].split("\t")
    assert (name, taken_on, tasks) == ("Plan 1", "2026-11-23", "2")
    assert (project, reason) == ("CRM", "limited capacity")


def test_what_strangers_wrote_never_reaches_the_terminal(shell: Shell) -> None:
    evil = "Plan \x1b]0;owned\x07 [/b]"
    shell.done("baseline", "take", evil, "--reason", evil)
    for words in (("baseline",), ("baseline", "diff")):
        said = shell(*words)
        assert "owned" in said.out
        assert not {"\x1b", "\x07"} & {*said.out, *said.err}


def test_it_is_renamed_deleted_and_brought_back(shell: Shell) -> None:
    shell.done("baseline", "take", "Plan 1")
    assert shell.done("baseline", "rename", "Plan 1", "Vertrag") == (
        "Vertrag: renamed from Plan 1\n"
    )
    assert shell.json("baseline", "delete", "vertrag")["label"] == "Baseline deleted: Vertrag"
    shell.done("undo")
    assert [each["name"] for each in shell.json("baseline")] == ["Vertrag"]


def test_german_words_say_the_same(shell: Shell) -> None:
    shell.done("basisplan", "festhalten", "Plan 1")
    shell.done("basisplan", "umbenennen", "Plan 1", "Plan A")
    assert "Plan A" in shell.done("basisplan", "liste")
    shell.done("basisplan", "löschen", "Plan A")


def test_what_became_of_one_is_shown_up_to_now_and_up_to_another(shell: Shell) -> None:
    shell.done("baseline", "take", "Plan 1")
    shell.done("edit", "2", "est=9")
    shell.done("baseline", "take", "Plan 2")
    found = shell.json("baseline", "diff", "Plan 1")
    assert (found["baseline"], found["against"], found["complete"]) == ("Plan 1", None, True)
    assert found["life"] == {
        "days": 0, "alive": False, "why": "moved", "day": "2026-11-23", "moved": 1, "tasks": 3,
    }  # fmt: skip
    assert (found["median_days"], found["plans"]) == (0, 2)
    crm = found["projects"][0]
    assert (crm["project"], crm["days"], crm["causes"]) == ("CRM", 5, {"estimates": 5})
    assert crm["parts"] == [{"cause": "estimates", "task": 2, "days": 5}]
    assert crm["p80_before"] < crm["p80_after"]
    assert [each["kind"] for each in found["tasks"]] == ["kept", "slipped", "kept"]
    assert found["tasks"][1]["way"] == crm["parts"]
    lanes = {each["department"]: each["days"] for each in found["departments"]}
    assert (lanes["IT"], lanes["Netz"]) == (5, 0)
    other = shell.json("baseline", "diff", "Plan 1", "Plan 2")
    assert (other["against"], other["projects"][0]["days"]) == ("Plan 2", 5)
    assert shell.json("baseline", "diff")["baseline"] == "Plan 2"
    assert shell.json("baseline", "diff", "Plan", "1", "--project", "Fest")["causes"] == {}


def test_what_is_late_is_replanned_once_somebody_agrees(shell: Shell) -> None:
    assert "Nothing is late" in shell.done("replan")
    shell.done("edit", "1", "due=2026-11-20")
    shell.done("edit", "2", "due=2026-11-25")
    late = shell.json("replan", "--dry-run", "--by", "finish")
    assert late["tasks"] == [{"id": 1, "from": "2026-11-20", "to": "2026-11-24", "passed": True}]
    assert (late["changed"], late["seq"]) == (False, None)
    (crm,) = late["projects"]
    assert (crm["last_due_before"], crm["last_due_after"]) == ("2026-11-25", "2026-11-25")
    assert (crm["finish"], crm["p80"] >= crm["finish"]) == ("2026-11-30", True)
    said = shell("replan", "--by", "finish", "--unkept")
    assert said.code == 1
    assert f"`tracker --file {shell.file} replan --yes`" in said.err
    assert shell.json("show", "1")["due"] == "2026-11-20"
    done = shell.json("replan", "--by", "finish", "--unkept", "--yes")
    assert done["changed"]
    assert [shell.json("show", str(key))["due"] for key in (1, 2)] == ["2026-11-24", "2026-11-30"]
    shell.done("undo")
    assert shell.json("show", "2")["due"] == "2026-11-25"


def test_what_cannot_be_done_is_said(shell: Shell) -> None:
    shell.done("baseline", "take", "Plan 1")
    assert "already a baseline Plan 1" in shell.refused("baseline", "take", "plan 1")
    assert "choose from Plan 1." in shell.refused("baseline", "delete", "Plan 2")
    assert "choose from Plan 1." in shell.refused("baseline", "diff", "Plan 9")
    for words in (
        ("diff", "A", "B", "C"),
        ("take",),
        ("delete",),
        ("rename", "A"),
        ("list", "A"),
        ("frame",),
    ):
        shell.misused("baseline", *words)
    shell.misused("baseline", "list", "--reason", "why")
