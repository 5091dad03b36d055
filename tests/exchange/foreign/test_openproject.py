"""OpenProject: work packages as CSV, and as workbooks with a row for each relation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.exchange.foreign.samples import arrows, csv_of, sample, says
from tests.exchange.lists import Taken, taken, workbook

HEADS = ("ID", "Subject", "Type", "Status", "% Complete", "Parent")
OTHER = ("", "Relation type", "Lag", "Description", "ID", "Subject", "Type")


def related(folder: Path, *relations: tuple[str, float | str]) -> Taken:
    """Import two work packages of which the first has relations to the second."""
    first = ("", 1, "a", "Task", "New", 0.0, "")
    rows: list[tuple[object, ...]] = [
        (*first, "", kind, lag, "", 2, "b", "Task") for kind, lag in relations
    ]
    rows.append(("", 2, "b", "Task", "New", 0.0, "", *[""] * 7))
    data = workbook(("Work packages",), ("", *HEADS, *OTHER), *rows)
    return taken(data, folder, name="packages.xlsx")


def test_a_german_csv() -> None:
    got, wanted = sample("openproject/de.csv")
    tasks = {str(task.id): task for task in got.tasks}
    assert len(tasks) == wanted["tasks"]
    assert {f"{a} → {b}" for a, b, _ in got.needs} == set(wanted["needs"])
    assert {id: task.likely for id, task in tasks.items()} == wanted["duration"]
    efforts = {id: task.effort for id, task in tasks.items() if task.effort is not None}
    assert efforts == wanted["effort"]
    assert {id: task.state for id, task in tasks.items()} == wanted["states"]
    assert says(got, "no links between work packages")
    assert says(got, "Duration and dates of 1 work package follow from its parts", "#101")
    assert says(got, "finish dates follow from start and duration")
    assert tasks["103"].progress == 50


def test_a_workbook_with_relations() -> None:
    pytest.importorskip("python_calamine")
    got, wanted = sample("openproject/with-relations-en.xls")
    tasks = {str(task.id): task for task in got.tasks}
    assert len(tasks) == wanted["tasks"]
    assert {f"{a} → {b}": lag for a, b, lag in got.needs} == wanted["needs"]
    assert "Related to: #102 Take the inventory" in tasks["103"].notes
    assert tasks["103"].progress == 50
    assert tasks["101"].state == "doing"
    assert not any("blank" in why for _, why in got.skipped)
    assert says(got, "Only the values of this kind of workbook are read")


def test_a_start_that_follows_from_a_predecessor_is_no_wish() -> None:
    pytest.importorskip("python_calamine")
    got, _wanted = sample("openproject/with-relations-en.xls")
    tasks = {task.id: task for task in got.tasks}
    # The inventory ends on Friday, the concept begins on Monday.
    assert tasks[102].not_before == date(2026, 12, 7)
    assert tasks[103].not_before is None


@pytest.mark.parametrize(
    ("kind", "lag", "arrow"),
    [
        *(("precedes", 2, "a → b +2"), ("Follows", 0, "b → a"), ("blocks", "", "a → b")),
        *(("Blocked by", 0, "b → a"), ("Vorgänger von", 1, "a → b +1"), ("folgt auf", 0, "b → a")),
        *(("parent of", "", "b → a"), ("child of", "", "a → b")),
    ],
)
def test_relations(tmp_path: Path, kind: str, lag: float | str, arrow: str) -> None:
    assert arrows(related(tmp_path, (kind, lag))) == {arrow}


@pytest.mark.parametrize("kind", ["relates to", "duplicates", "includes", "requires", "Was Neues"])
def test_relations_that_order_nothing_are_in_the_notes(tmp_path: Path, kind: str) -> None:
    got = related(tmp_path, (kind, ""))
    assert arrows(got) == set()
    assert f"{kind}: #2 b" in got.tasks[0].notes


def test_one_row_for_each_relation_is_one_task(tmp_path: Path) -> None:
    got = related(tmp_path, *[("relates to", "")] * 12, ("precedes", 0), ("precedes", 0))
    assert [task.title for task in got.tasks] == ["a", "b"]
    assert arrows(got) == {"a → b"}
    assert [why for _, why in got.skipped] == ["Above the header: Work packages"]


def test_the_heads_of_a_relation_may_be_of_any_language(tmp_path: Path) -> None:
    heads = ("", *HEADS, "", "Tipo", "Retardo", "Descripción", "ID", "Asunto", "Tipo")
    first = ("", 1, "a", "Task", "New", 0.0, "")
    second = ("", 2, "b", "Task", "New", 0.0, "")
    rows = [(*first, "", "precedes", 2, "wait", 2, "b", "Task"), (*second, *[""] * 7)]
    data = workbook(("Work packages",), heads, *rows)
    got = taken(data, tmp_path, name="packages.xlsx")
    assert arrows(got) == {"a → b +2"}
    assert "precedes #2 b: wait" in got.tasks[0].notes


def test_a_parent_is_named_in_several_ways(tmp_path: Path) -> None:
    rows = [
        ("PRJ-1", "Prepare", "Phase", "New", "0", ""),
        ("PRJ-2", "a", "Task", "New", "0", "PRJ-1"),
        ("PRJ-3", "b", "Task", "New", "0", "Phase #PRJ-1: Prepare"),
        ("PRJ-4", "c", "Task", "New", "0", "Prepare"),
        ("PRJ-5", "d", "Task", "New", "0", "#77 Elsewhere"),
    ]
    got = taken(csv_of((*HEADS, "Remaining work"), *[(*row, "") for row in rows]), tmp_path)
    assert arrows(got) == {"a → Prepare", "b → Prepare", "c → Prepare"}
    assert "openproject:PRJ-5" in {task.origin for task in got.tasks}
    assert says(got, "Parent", "#77 Elsewhere")


def test_a_percentage_in_a_csv_is_one_even_below_one(tmp_path: Path) -> None:
    rows = [("1", "a", "Task", "In progress", "1", ""), ("2", "b", "Task", "In progress", "40", "")]
    got = taken(csv_of((*HEADS, "Remaining work"), *[(*row, "") for row in rows]), tmp_path)
    assert [task.progress for task in got.tasks] == [1, 40]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *(
            ("New", "todo"),
            ("Specified", "todo"),
            ("In Spezifikation", "todo"),
            ("Tested", "doing"),
        ),
        *(("On hold", "waiting"), ("Rejected", "dropped"), ("Closed", "done")),
    ],
)
def test_states(tmp_path: Path, status: str, state: str) -> None:
    text = csv_of((*HEADS, "Remaining work"), ("1", "a", "Task", status, "", "", ""))
    assert taken(text, tmp_path).tasks[0].state == state
