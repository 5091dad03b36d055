"""Load and controlling in the shell: tables, what scripts read, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import TODAY
from tracker.cli import main
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department, Entity, Person, Project, Task
from tracker.domain.sentence import sentence
from tracker.session import Session

ENTITIES: tuple[Entity, ...] = (
    Project(id=1, name="Move", budget=5_000.0),
    Department(id=1, name="Development", day_rate=800.0),
    Person(id=1, login="anna", department=1),
    Task(
        id=1, title="Build", project=1, department=1, assignee=1,
        low=4, likely=4, high=4, effort=6, due=TODAY - timedelta(1),
    ),
    Task(id=2, title="Other", department=1, assignee=1, low=2, likely=2, high=2),
)  # fmt: skip


class Said:
    """What a call printed: the result, and what it noted besides."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        """The result as scripts read it."""
        return json.loads(self.out)


@pytest.fixture
def say(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Return what calls the program on a plan of two tasks."""
    file = tmp_path / "plan.json"
    session = Session.open(file, who="anna", today=TODAY)
    born = tuple(Edit(None, entity) for entity in ENTITIES)
    session.do(lambda _ws, _now: Change(sentence("Plan"), born))
    session.close()
    capfd.readouterr()

    def call(*words: str) -> Said:
        code = main(["--file", str(file), "--today", TODAY.isoformat(), *words])
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return call


def test_load_lists_departments_and_people_by_week(say: Callable[..., Said]) -> None:
    assert say("load", "--weeks", "2").out == ("Development\t8/5 !!\t·/5\nanna\t8/5 !!\t·/5\n")
    assert say("load", "--by", "person", "--weeks", "1").out == "anna\t8/5 !!\n"
    assert say("load", "--by", "department", "--weeks", "1").out == "Development\t8/5 !!\n"


def test_load_begins_with_the_week_of_a_day(say: Callable[..., Said]) -> None:
    found = say("load", "--from", "2026-12-24", "--weeks", "1", "--json").json
    assert found["weeks"][0]["week"] == "2026-W52"
    assert found["weeks"][0]["holidays"] == [{"day": "2026-12-25", "name": "Christmas Day"}]
    assert found["rows"][1]["cells"][0]["days_there"] == 4


def test_load_for_scripts_says_what_a_cell_is_made_of(say: Callable[..., Said]) -> None:
    found = say("load", "--weeks", "1", "--json", "--project", "Move").json
    lane, anna = found["rows"]
    assert (lane["department"], lane["person"], lane["whole"]) == ("Development", None, True)
    [cell] = anna["cells"]
    assert (cell["days"], cell["in_scope"], cell["days_there"]) == (8, 6, 5)
    assert (cell["share"], cell["over"]) == (1.6, 2)
    assert cell["tasks"] == [
        {"id": 1, "days": 6, "slack": 0, "moves_to": []},
        {"id": 2, "days": 2, "slack": 0, "moves_to": []},
    ]
    assert found["effort_days"] == 8


def test_load_with_limited_capacity_goes_on_behind(say: Callable[..., Said]) -> None:
    said = say("load", "--capacity", "--by", "person", "--weeks", "2")
    assert said.out == "anna\t7/5 !!\t1/5\n"


@pytest.mark.parametrize("weeks", ["0", "many", "-3"])
def test_a_number_of_weeks_that_is_none_is_a_mistake(say: Callable[..., Said], weeks: str) -> None:
    said = say("load", f"--weeks={weeks}")
    assert said.code == 2
    assert "is not a number of weeks; try 8" in said.err


def test_a_day_that_is_none_is_a_mistake(say: Callable[..., Said]) -> None:
    said = say("load", "--from", "someday")
    assert said.code == 2
    assert "--from" in said.err


def test_nothing_left_to_do_is_said(say: Callable[..., Said]) -> None:
    assert say("done", "1,2").code == 0
    assert "Nothing is left to do" in say("load").err


def test_controlling_for_scripts(say: Callable[..., Said]) -> None:
    say("edit", "1", "spent=1")
    found = say("controlling", "--by", "project", "--json", "--forecast").json
    assert (found["currency"], found["by"]) == ("EUR", "project")
    move, none = found["groups"]
    assert (move["name"], none["name"]) == ("Move", None)
    assert move["effort"] == {
        "planned": 6, "spent": 1, "to_come": 6, "at_completion": 7, "variance": 1,
    }  # fmt: skip
    assert move["cost"]["at_completion"] == 5_600
    assert found["total"]["effort"]["planned"] == 8
    budget = next(each for each in found["budgets"] if each["project"] == "Move")
    assert (budget["budget"], budget["p80"], budget["within"]) == (5_000, 5_600, 0)
    earned = next(each for each in found["earned_value"] if each["project"] == "Move")
    assert (earned["bcws"], earned["bcwp"], earned["acwp"]) == (4_800, 0, 800)
    assert (earned["spi"], earned["cpi"], earned["unit"]) == (0, 0, "EUR")


def test_controlling_without_a_forecast_has_no_p80(say: Callable[..., Said]) -> None:
    found = say("controlling", "--json").json
    assert {each["p80"] for each in found["budgets"]} == {None}


def test_controlling_against_a_baseline_that_is_named(say: Callable[..., Said]) -> None:
    assert say("baseline", "take", "Plan 1").code == 0
    found = say("controlling", "--json", "--baseline", "Plan 1").json
    assert found["earned_value"][0]["baseline"] == "Plan 1"
    assert say("controlling", "--baseline", "Plan 9").code == 1


def test_controlling_of_nothing_is_said(say: Callable[..., Said]) -> None:
    say("delete", "1", "2")
    assert "There are no tasks yet." in say("controlling").err
