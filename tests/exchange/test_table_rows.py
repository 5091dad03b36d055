"""Rows below and beside the list on a sheet, and sheets without a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import DATA
from tests.exchange.lists import taken, taken_file
from tracker.domain.errors import BadInput

LISTS = DATA / "lists"


def test_totals_legends_and_other_tables_are_outside() -> None:
    got = taken_file(LISTS / "12-second-table.csv")
    assert [task.title for task in got.tasks] == ["Kabel", "Switch"]
    assert got.skipped == [
        (4, "Total row: Summe"),
        (5, "The row is blank."),
        (6, "The row has no title: Legende"),
        (7, "Part of “Legende”, not of the list: offen | noch nicht begonnen"),
        (8, "The row is blank."),
        (9, "Header of another table: Nr | Risiko | Wahrscheinlichkeit | Gegenmittel"),
        (10, "Part of another table, with its header in row 9."),
        (11, "Part of another table, with its header in row 9."),
    ]


def test_people_below_the_tasks_are_none() -> None:
    got = taken_file(LISTS / "12b-ganttproject.csv")
    assert [(task.title, task.state) for task in got.tasks] == [
        ("Cabling", "done"),
        ("Power", "doing"),
        ("Test", "todo"),
    ]
    assert [str(task.not_before) for task in got.tasks] == [
        "2026-03-02",
        "2026-03-09",
        "2026-03-16",
    ]
    assert got.needs == {(3, 1, 0.0), (3, 2, 2.0), (1, 2, -5.0)}
    assert got.tasks[1].progress == 40
    assert {row for row, _ in got.skipped} == {5, 6, 7, 8}


@pytest.mark.parametrize(
    "text",
    ["Summe", "Gesamt:", "Total", "Grand Total", "Zwischensumme", "Summe (PT)", "Subtotal 12"],
)
def test_totals_are_known_by_their_words(tmp_path: Path, text: str) -> None:
    got = taken(f"Nr;Vorgang;Aufwand\n1;a;3\n;{text};3", tmp_path)
    assert [task.title for task in got.tasks] == ["a"]
    assert len(got.skipped) == 1


@pytest.mark.parametrize("text", ["Gesamttest", "Totalausfall üben", "Summenbildung prüfen"])
def test_tasks_that_only_sound_like_totals_stay(tmp_path: Path, text: str) -> None:
    assert len(taken(f"Vorgang;Aufwand\na;3\n{text};3", tmp_path).tasks) == 2


def test_a_numbered_row_is_a_task_whatever_it_is_called(tmp_path: Path) -> None:
    assert len(taken("Nr;Vorgang\n1;a\n2;Summe", tmp_path).tasks) == 2


def test_the_list_may_go_on_below_another_table(tmp_path: Path) -> None:
    text = "Nr;Vorgang\n1;a\n\nNr;Risiko\nR1;x\n\nNr;Vorgang\n2;b"
    got = taken(text, tmp_path)
    assert [task.title for task in got.tasks] == ["a", "b"]


def test_rows_behind_a_blank_one_are_tasks(tmp_path: Path) -> None:
    got = taken("Vorgang;Wer\na;Ada\n\nb;Bo\n\nc;", tmp_path)
    assert [task.title for task in got.tasks] == ["a", "b", "c"]


def test_a_form_is_no_list() -> None:
    with pytest.raises(BadInput, match=r"46-form-sheet\.xlsx contains a form"):
        taken_file(LISTS / "46-form-sheet.xlsx")


def test_a_list_of_two_columns_is_no_form(tmp_path: Path) -> None:
    got = taken("Aufgabe;Irgendwas\nRouter tauschen;x\nKabel ziehen;y", tmp_path)
    assert len(got.tasks) == 2
