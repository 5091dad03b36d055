"""The checks in steps: each has a name by which it runs alone."""

from __future__ import annotations

import re
import subprocess

from tests import ROOT

RUN = ROOT / ".ci" / "run"


def test_every_step_that_is_named_is_there_and_the_tests_come_last() -> None:
    text = RUN.read_text("utf-8")
    found = re.search(r"^STEPS=\((.*)\)$", text, re.MULTILINE)
    assert found
    steps = found[1].split()
    assert sorted(steps) == sorted(re.findall(r"^step_(\w+)\(\)", text, re.MULTILINE))
    assert steps[-1] == "tests", "what stands last on the terminal is the test runner's summary"


def test_a_step_that_is_not_there_is_refused_before_anything_is_run() -> None:
    run = subprocess.run(
        [RUN, "lint", "linnt"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith("There is no step linnt. The steps are: debian ")


def test_the_readme_names_commands_that_the_steps_take_from_it() -> None:
    commands = re.findall(
        r"^python3\.11 -m venv .*$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    assert ["tracker demo" in command for command in commands] == [True, False]
    assert "-c .ci/constraints.txt" in commands[1]
    assert commands[1].endswith("pytest -n 3")
