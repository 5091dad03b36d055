"""What a change did to fields: each with its value before and after, of one thing or of many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.builders import NOW, TODAY, plan
from tracker import language
from tracker.domain.change import Change, Record
from tracker.domain.model import Department, Person
from tracker.domain.verbs import arrows, commands, upkeep
from tracker.domain.workspace import Workspace
from tracker.wording import edit_words


@pytest.fixture(autouse=True)
def _english() -> None:
    language.use("en")


def told(
    ws: Workspace, command: Callable[..., Change], of: int | None = None, **fields: object
) -> str:
    """Return what is said of a command that is carried out."""
    change = command(ws, NOW, **fields)
    after = ws.apply(change)
    record = Record(seq=1, at=NOW.at, who="k.brandt", change=change)
    return edit_words.edits(after, record, of=of)


def edited(ws: Workspace, *tasks: int, of: int | None = None, **fields: object) -> str:
    """Return what is said of fields of tasks that are set."""
    return told(ws, commands.edit_tasks, of, tasks=tasks, **fields)


def test_a_field_is_told_before_and_after() -> None:
    ws = plan(tasks=1, due=date(2027, 1, 29))
    assert edited(ws, 1, due=date(2027, 1, 8)) == "Due 2027-01-29 → 2027-01-08"
    assert edited(ws, 1, due=None, priority="high") == "Priority medium → high, Due 2027-01-29 → –"
    language.use("de")
    assert edited(ws, 1, due=date(2027, 1, 8)) == "Fällig 29.01.2027 → 08.01.2027"


def test_an_estimate_is_one_field_and_a_name_is_told_as_it_is_typed() -> None:
    ws = plan(tasks=1, extra=[Department(id=1, name="Network")])
    assert edited(ws, 1, low=1.0, likely=2.0, high=5.0) == "Estimate – → 1/2/5"
    assert edited(ws, 1, department="Network") == "Department – → Network"


def test_what_has_gone_since_is_told_by_its_number() -> None:
    people = [Person(id=1, login="Anna", department=1)]
    ws = plan(extra=[Department(id=1, name="Network"), Department(id=2, name="Ops"), *people])
    assert told(ws, upkeep.merge, kind=Department, name=1, into=2) == ("Anna: Department #1 → Ops")


def test_fields_of_many_are_told_by_task_and_for_one_task_only_its_own() -> None:
    ws = plan(tasks=3, due=TODAY)
    ws = ws.apply(commands.edit_tasks(ws, NOW, tasks=(3,), due=date(2026, 12, 1)))
    day = date(2027, 1, 8)
    assert edited(ws, 1, 2, 3, due=day) == (
        "1, 2: Due 2026-11-23 → 2027-01-08; 3: Due 2026-12-01 → 2027-01-08"
    )
    assert edited(ws, 1, 2, 3, of=3, due=day) == "Due 2026-12-01 → 2027-01-08"


def test_of_many_differences_some_are_told_and_the_rest_counted() -> None:
    ws = plan(tasks=9)
    for task in ws.tasks:
        ws = ws.apply(commands.edit_tasks(ws, NOW, tasks=(task,), spent=float(task)))
    assert edited(ws, *ws.tasks, spent=20.0).endswith("6: Spent 6 → 20; and 3 more")


def test_long_texts_are_only_said_to_have_changed() -> None:
    ws = plan(tasks=1, notes="one\ntwo")
    assert edited(ws, 1, notes="one") == "Notes changed"
    assert edited(ws, 1, title="x" * 80) == "Title changed"


def test_what_the_change_is_named_by_is_not_said_again() -> None:
    ws = plan(tasks=2)
    assert told(ws, commands.wait, task=1, waiting_for="Dell", follow_up=TODAY) == (
        "Follow-up – → 2026-11-23"
    )
    assert told(ws, commands.start, task=1) == ""


def test_an_arrow_and_a_department_are_told_too() -> None:
    ws = plan("1-2", returns="2-1", extra=[Department(id=1, name="Network")])
    assert told(ws, arrows.edit_link, link=2, rate=0.5) == "20% 100% → 50% 100%"
    assert told(ws, arrows.edit_link, link=1, lag=2.0) == "lag 0 → 2"
    assert told(
        ws, upkeep.set_properties, kind=Department, name="Network", values={"wip_limit": 3}
    ) == ("WIP limit – → 3")


def test_what_is_no_longer_there_goes_by_its_number() -> None:
    ws = plan(tasks=1, extra=[Department(id=1, name="Network")])
    change = commands.edit_tasks(ws, NOW, tasks=(1,), department="Network")
    record = Record(seq=1, at=NOW.at, who="k.brandt", change=change)
    assert edit_words.edits(plan(tasks=1), record) == "Department – → #1"
