"""Rows that sum up others, and the headings above them: phases, and no work of their own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import Alignment, Font

from tests import DATA
from tests.exchange.lists import Taken, taken, taken_file, workbook
from tracker.exchange.hierarchy import Hierarchy, by_levels, by_numbers, leaf_arrows

LISTS = DATA / "lists"


def phases_of(got: Taken) -> list[tuple[str, str]]:
    """Return the tasks with their phases."""
    return [(task.title, task.phase) for task in got.tasks]


CABLE_AND_SWITCH = [("Kabel", "Netzumbau"), ("Switch", "Netzumbau")]


# --- how an outline is known -------------------------------------------------------------------


def test_a_number_that_others_begin_with_sums_them_up() -> None:
    got = taken_file(LISTS / "26-summary-rows.csv")
    assert phases_of(got) == CABLE_AND_SWITCH
    assert sum(task.effort or 0 for task in got.tasks) == 16
    assert got.skipped == [
        (2, "Summary of 2 rows, read as their phase: 1 | Netzumbau | 16 | 16"),
    ]


def test_titles_in_several_columns_are_an_outline() -> None:
    got = taken_file(LISTS / "37-outline-columns.csv")
    assert phases_of(got) == [("Sammeln", "Ideen"), ("Sieben", "Ideen")]
    assert [task.effort for task in got.tasks] == [0.75, 0.5]
    assert [row for row, _ in got.skipped] == [2, 3]
    assert got.warnings[0][3] == "Titles are in several columns: Aktivität, Teil 1, Teil 2."


def test_a_column_of_levels_is_an_outline(tmp_path: Path) -> None:
    text = "Nr;Vorgang;Gliederungsebene\n1;Netzumbau;1\n2;Kabel;2\n3;Switch;2"
    assert phases_of(taken(text, tmp_path)) == CABLE_AND_SWITCH


def test_indents_are_an_outline(tmp_path: Path) -> None:
    text = "Vorgang;Dauer\nNetzumbau;16\n   Kabel;6\n   Switch;10"
    assert phases_of(taken(text, tmp_path)) == CABLE_AND_SWITCH
    # One blank is a slip of the hand.
    assert len(taken("Vorgang;Dauer\na;1\n b;2", tmp_path).tasks) == 2


def indented(sheet: Any) -> None:
    """Indent the rows below the first."""
    for row in (3, 4):
        sheet.cell(row, 1).alignment = Alignment(indent=1)


def grouped(sheet: Any) -> None:
    """Group the rows below the first."""
    sheet.row_dimensions.group(3, 4, outline_level=1)


@pytest.mark.parametrize("shape", [indented, grouped])
def test_what_a_sheet_shows_is_an_outline(tmp_path: Path, shape: Any) -> None:
    rows = (("Vorgang", "Dauer"), ("Netzumbau", 16), ("Kabel", 6), ("Switch", 10))
    got = taken(workbook(*rows, shape=shape), tmp_path, name="list.xlsx")
    assert phases_of(got) == CABLE_AND_SWITCH


def test_a_sum_may_stand_below_its_group(tmp_path: Path) -> None:
    def above(sheet: Any) -> None:
        sheet.row_dimensions.group(2, 3, outline_level=1)

    rows = (("Vorgang", "Dauer"), ("Kabel", 6), ("Switch", 10), ("Netzumbau", 16))
    got = taken(workbook(*rows, shape=above), tmp_path, name="list.xlsx")
    assert phases_of(got) == CABLE_AND_SWITCH


def test_deeper_phases_are_named_with_those_above(tmp_path: Path) -> None:
    rows = "1;A;\n1.1;B;\n1.1.1;x;\n1.2;y;\n2;C;\n2.1;z;"
    got = taken(f"WBS;Vorgang;Wer\n{rows}", tmp_path)
    assert phases_of(got) == [("x", "A / B"), ("y", "A"), ("z", "C")]


def test_what_its_own_rows_need_is_no_sum_of_them() -> None:
    got = taken_file(LISTS / "12b-ganttproject.csv")
    assert phases_of(got) == [("Cabling", ""), ("Power", ""), ("Test", "")]


def test_numbers_without_those_above_them_are_no_outline(tmp_path: Path) -> None:
    got = taken("WBS;Vorgang\n1.1;a\n1.2;b\n2.1;c", tmp_path)
    assert phases_of(got) == [("a", ""), ("b", ""), ("c", "")]


def test_a_column_of_phases_counts_before_an_outline(tmp_path: Path) -> None:
    got = taken("WBS;Vorgang;Phase\n1;A;\n1.1;x;Test\n1.2;y;", tmp_path)
    assert phases_of(got) == [("x", "Test"), ("y", "A")]


# --- headings ----------------------------------------------------------------------------------


def test_lone_lines_between_tasks_are_phases(tmp_path: Path) -> None:
    text = "Nr;Vorgang;Wer\n;Planung;\n1;a;Ada\n2;b;Bo\n\n;Umzug;\n3;c;Ada"
    got = taken(text, tmp_path)
    assert phases_of(got) == [("a", "Planung"), ("b", "Planung"), ("c", "Umzug")]
    assert (2, "Heading of the rows below, read as their phase: Planung") in got.skipped


def test_a_heading_may_stand_in_the_column_of_numbers(tmp_path: Path) -> None:
    got = taken("Nr;Vorgang;Wer\nPhase 1;;\n1;a;Ada\nPhase 2;;\n2;b;Bo", tmp_path)
    assert phases_of(got) == [("a", "Phase 1"), ("b", "Phase 2")]


def test_a_bold_line_is_a_heading(tmp_path: Path) -> None:
    def bold(sheet: Any) -> None:
        for cell in ("A2", "A4"):
            sheet[cell].font = Font(bold=True)

    rows = (("Vorgang", "Wer"), ("Planung",), ("a", "Ada"), ("Umzug",), ("b", "Bo"))
    got = taken(workbook(*rows, shape=bold), tmp_path, name="list.xlsx")
    assert phases_of(got) == [("a", "Planung"), ("b", "Umzug")]


def test_tasks_of_which_only_the_title_is_known_are_no_headings(tmp_path: Path) -> None:
    got = taken("Vorgang;Wer\na;\nb;Ada\nc;\nd;Bo", tmp_path)
    assert [task.title for task in got.tasks] == ["a", "b", "c", "d"]


# --- arrows of summaries -----------------------------------------------------------------------


def test_arrows_of_a_sum_lead_from_its_last_and_to_its_first_rows(tmp_path: Path) -> None:
    rows = [
        *("1;;A;", "2;1;a;", "3;1;b;2", "4;1;c;2"),
        *("5;;B;1", "6;1;d;", "7;1;e;6"),
    ]
    text = "Nr;x;Vorgang;Vorgänger;Ebene\n" + "\n".join(
        row + (";2" if row.split(";")[1] else ";1") for row in rows
    )
    got = taken(text, tmp_path)
    names = {id: task.title for id, task in got.ws.tasks.items()}
    arrows = {(names[source], names[target]) for source, target, _ in got.needs}
    assert arrows == {("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "e")}
    assert any("summary row" in why for *_, why in got.warnings)


# --- laws --------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 4), max_size=30))
def test_every_row_is_work_of_one_chain_of_sums(levels: list[int]) -> None:
    outline = by_levels(levels)
    tops = [place for place, parent in enumerate(outline.parents) if parent is None]
    leaves = [leaf for top in tops for leaf in outline.leaves(top)]
    assert leaves == [place for place in range(len(levels)) if not outline.is_summary(place)]
    assert all(levels[above] < levels[place] for place in leaves for above in outline.above(place))


@given(st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=3), max_size=12))
def test_numbers_make_an_outline_without_loops(numbers: list[list[int]]) -> None:
    outline = by_numbers([".".join(map(str, number)) for number in numbers])
    assert all(parent is None or parent < place for place, parent in enumerate(outline.parents))


def test_an_arrow_between_sums_with_very_many_rows_is_one() -> None:
    outline = Hierarchy([None, *[0] * 20, None, *[21] * 20])
    assert len(list(leaf_arrows(outline, 0, 21, {}))) == 1
    assert len(list(leaf_arrows(outline, 1, 21, {}))) == 20


# --- bold rows with figures --------------------------------------------------------------------

HEAD = ("Nr", "Vorgang", "Aufwand", "Start", "Ende")


def bold_list(tmp_path: Path, *rows: tuple[Any, ...], bold: tuple[int, ...]) -> Taken:
    """Import a list some of whose rows are bold."""

    def shape(sheet: Any) -> None:
        for row in bold:
            for cell in sheet[row]:
                cell.font = Font(bold=True)

    return taken(workbook(HEAD, *rows, shape=shape), tmp_path, name="list.xlsx")


def test_a_bold_row_whose_figures_sum_up_the_rows_below_is_a_summary(tmp_path: Path) -> None:
    march, april, may = date(2026, 3, 2), date(2026, 4, 1), date(2026, 5, 4)
    got = bold_list(
        tmp_path,
        *((1, "Netz", 8, march, april), (2, "Kabel", 3, march, march), (3, "Switch", 5, april)),
        *((4, "Umzug", "=SUM(C6:C7)"), (5, "a", 2), (6, "b", 2)),
        *((7, "Test", None, march, may), (8, "c", 2, march, april), (9, "d", 2, april, may)),
        bold=(2, 5, 8),
    )
    assert phases_of(got) == [
        *(("Kabel", "Netz"), ("Switch", "Netz"), ("a", "Umzug"), ("b", "Umzug")),
        *(("c", "Test"), ("d", "Test")),
    ]
    assert sum(task.effort or 0 for task in got.tasks) == 16
    assert [row for row, _why in got.skipped] == [2, 5, 8]
    assert any("Rows 2, 5, 8 are bold, and their figures sum up" in w for *_, w in got.warnings)


def test_a_bold_row_with_figures_of_its_own_is_a_task_and_that_is_told(tmp_path: Path) -> None:
    rows = ((1, "Wichtig", 3), (2, "a", 1), (3, "b", 5), (4, "Go-live", 1), (5, "c", 9))
    got = bold_list(tmp_path, *rows, bold=(2, 5))
    assert [task.title for task in got.tasks] == ["Wichtig", "a", "b", "Go-live", "c"]
    assert any("Rows 2, 5 are bold, but their figures do not" in w for *_, w in got.warnings)


def test_a_bold_row_that_sums_up_and_one_that_does_not(tmp_path: Path) -> None:
    rows = ((1, "Netz", 6), (2, "a", 1), (3, "b", 5), (4, "Go-live", 1), (5, "c", 9))
    got = bold_list(tmp_path, *rows, bold=(2, 5))
    assert phases_of(got) == [("a", "Netz"), ("b", "Netz"), ("Go-live", ""), ("c", "")]
    says = [why for *_, why in got.warnings if "bold" in why]
    assert [why[:6] for why in says] == ["Rows 2", "Rows 5"]


def test_numbered_bold_rows_that_say_nothing_else_head_those_below(tmp_path: Path) -> None:
    rows = ((1, "Netz"), (2, "a", 1), (3, "Umzug"), (4, "b", 5), (5, "c", 2))
    assert phases_of(bold_list(tmp_path, *rows, bold=(2, 4))) == [
        *(("a", "Netz"), ("b", "Umzug"), ("c", "Umzug")),
    ]


def test_a_list_that_is_bold_throughout_says_nothing_by_it(tmp_path: Path) -> None:
    got = bold_list(tmp_path, (1, "a", 1), (2, "b", 2), bold=(2, 3))
    assert len(got.tasks) == 2
    assert got.warnings == []


def test_a_gap_in_the_levels_is_told(tmp_path: Path) -> None:
    got = taken("Ebene;Vorgang;Aufwand\n1;A;10\nx;a;4\n2;b;6", tmp_path)
    why = "Without a level in every row, the levels say nothing of summaries."
    assert (3, "Ebene", "x", why) in got.warnings
