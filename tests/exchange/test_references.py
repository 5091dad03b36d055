"""How the rows of a list name each other: numbers, titles, places, kinds of links and lags."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests import DATA
from tests.exchange.lists import Taken, taken, taken_file, workbook
from tracker.domain.errors import BadInput, Refused
from tracker.domain.sentence import Sentence
from tracker.exchange.cell_values import is_nothing
from tracker.exchange.references import read_need_cell

LISTS = DATA / "lists"


def titles_of(got: Taken) -> set[tuple[str, str, float]]:
    """Return the arrows by the titles of their tasks."""
    names = {id: task.title for id, task in got.ws.tasks.items()}
    return {(names[source], names[target], lag) for source, target, lag in got.needs}


# --- which column, which rows ------------------------------------------------------------------


def test_of_two_columns_of_numbers_the_one_that_resolves_is_meant() -> None:
    got = taken_file(LISTS / "03-wbs-before-id.csv")
    assert titles_of(got) == {("Cable", "Switch", 0), ("Switch", "Test", 0)}
    assert [task.id for task in got.tasks] == [2, 3, 5]
    assert [task.phase for task in got.tasks] == ["Phase one", "Phase one", "Phase two"]


def test_the_other_column_is_meant_if_it_resolves(tmp_path: Path) -> None:
    got = taken("ID,WBS,Task,Pred\n10,1.1,a,\n20,1.2,b,1.1\n30,1.3,c,1.1;1.2", tmp_path)
    assert titles_of(got) == {("a", "b", 0), ("a", "c", 0), ("b", "c", 0)}


def test_a_last_zero_that_a_sheet_shows_is_part_of_the_number() -> None:
    got = taken_file(LISTS / "23-wbs-ten.xlsx")
    assert titles_of(got) == {("A nine", "A ten", 0), ("A ten", "B", 0)}


def test_a_last_zero_that_was_lost_is_found_again(tmp_path: Path) -> None:
    rows = [("WBS", "Task", "Pred"), *((float(f"1.{n}"), f"t{n}", None) for n in range(1, 12))]
    got = taken(workbook(*rows, (1.12, "last", "1.10")), tmp_path, name="list.xlsx")
    assert titles_of(got) == {("t10", "last", 0)}
    why = "1.1 is also the number of an earlier row; after 1.9 it was read as 1.10."
    assert (11, "WBS", "1.1", why) in got.warnings


def test_without_numbers_the_rows_that_resolve_are_meant(tmp_path: Path) -> None:
    by_place = taken("Task,Pred\na,\nb,1\nc,2", tmp_path)
    assert titles_of(by_place) == {("a", "b", 0), ("b", "c", 0)}
    why = "Predecessors were read as the places of tasks in this list."
    assert by_place.warnings == [(1, "", "", why)]
    by_row = taken("Task,Pred\na,\nb,2\nc,3", tmp_path)
    assert titles_of(by_row) == {("a", "b", 0), ("b", "c", 0)}
    assert [why for *_, why in by_row.warnings] == ["Predecessors were read as rows of the sheet."]


def test_blank_rows_count_where_a_sheet_counts_them(tmp_path: Path) -> None:
    got = taken("Task,Pred\na,\n,\nb,1\nc,3\nd,4", tmp_path)
    assert titles_of(got) == {("a", "b", 0), ("b", "c", 0), ("c", "d", 0)}
    assert "rows below the head" in got.warnings[0][3]


# --- links and lags ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "lag"),
    [
        *[("1EA+2 Tage", 2), ("1FS+2d", 2), ("1 FS + 2 days", 2), ("1-FS=P2D", 2), ("1 (FS)", 0)],
        *[("1FS-1d", -1), ("1EA-1 Tag", -1), ("1+1,5 Tage", 1.5), ("1EA+1 Woche", 5)],
        *[("1FS+4h", 0.5), ("1FS+50%", 2), ("1EA+14 fTage", 10), ("1FS+7edays", 5)],
        *[("after 1", 0), ("nach 1", 0), ("nach Vorgang 1", 0), ("Nr. 1", 0), ("#1", 0)],
        *[("nach a", 0), ("1 [EA+2 Tage]", 2), ("[“a”]", 0), ('["a"]', 0), ("{1}", 0)],
    ],
)
def test_links_from_finish_to_start(tmp_path: Path, cell: str, lag: float) -> None:
    quoted = cell.replace('"', '""')
    got = taken(f'Nr;Task;Dauer;Vorgänger\n1;a;4;\n2;b;3;"{quoted}"', tmp_path)
    assert got.needs == {(1, 2, lag)}
    assert got.tasks[1].notes == ""


@pytest.mark.parametrize(
    ("cell", "lag", "ends"),
    [
        *[("1SS", -4, "start-to-start"), ("1AA+1 Tag", -3, "start-to-start")],
        *[("1FF", -3, "finish-to-finish"), ("1EE-1d", -4, "finish-to-finish")],
        *[("1SF", -7, "start-to-finish"), ("1AE+1d", -6, "start-to-finish")],
    ],
)
def test_other_links_keep_their_dates_and_are_told(
    tmp_path: Path, cell: str, lag: float, ends: str
) -> None:
    got = taken(f"Nr;Task;Dauer;Vorgänger\n1;a;4;\n2;b;3;{cell}", tmp_path)
    assert got.needs == {(1, 2, lag)}
    ((row, column, value, why),) = got.warnings
    assert (row, column, value) == (3, "Vorgänger", cell)
    assert why.startswith(f"{ends.replace(' ', '-')}, imported as finish-to-start")


def test_without_durations_another_link_is_one_from_finish_to_start(tmp_path: Path) -> None:
    got = taken("Nr;Task;Vorgänger\n1;a;\n2;b;1AA+1 Tag", tmp_path)
    assert got.needs == {(1, 2, 1)}
    assert len(got.warnings) == 1


def test_a_unit_that_is_unknown_is_the_reason_and_no_other(tmp_path: Path) -> None:
    got = taken("Nr;Task;Vorgänger\n1;a;\n2;b;1EA+2 Monde", tmp_path)
    assert got.needs == set()
    assert got.tasks[1].notes == "Vorgänger: 1EA+2 Monde"
    assert "Monde" in got.warnings[0][3]


@pytest.mark.parametrize("cell", ["2-", "1-2FS+", "7EA+2 Tage", "C:\\plan.mpp\\1"])
def test_what_is_no_reference_is_kept(tmp_path: Path, cell: str) -> None:
    got = taken(f"Nr;Task;Vorgänger\n1;a;\n2;b;\n3;c;{cell}", tmp_path)
    assert got.needs == set()
    assert got.tasks[2].notes == f"Vorgänger: {cell}"


def test_numbers_that_end_in_letters_are_known_first(tmp_path: Path) -> None:
    got = taken("Nr;Task;Vorgänger\nA1;a;\nA1F;b;\nB;c;A1FS+2d\nC;d;A1FFS", tmp_path)
    assert titles_of(got) == {("a", "c", 2), ("b", "d", 0)}


@pytest.mark.parametrize(
    ("cell", "needs"),
    [
        ("1EA+1,5 Tage;2AA", {(1, 1.5), (2, -4)}),
        ("2EE,1EA+1,5 Tage", {(1, 1.5), (2, -3)}),
        ("1EA+1,5 Tage, 2", {(1, 1.5), (2, 0)}),
        ("1FS+1,2SS", {(1, 1), (2, -4)}),
        ("1FS+1 day,2", {(1, 1), (2, 0)}),
        ("1FS+50%,2FS-25%", {(1, 2), (2, -1)}),
        ("1FS+50e%", {(1, 2)}),
        ("1EA+2 fWochen", {(1, 10)}),
        ("1EA+14ft;2EA−1 Tag", {(1, 10), (2, -1)}),
        ("1FS+1 emon", {(1, 21.5)}),
        ("1FS+30 mins?", {(1, 0.0625)}),
        ("1ea + 2 Std.", {(1, 0.25)}),
    ],
)
def test_the_links_of_a_scheduler(tmp_path: Path, cell: str, needs: set[tuple[int, float]]) -> None:
    got = taken(f'Nr;Task;Dauer;Vorgänger\n1;a;4;\n2;b;4;\n3;c;3;"{cell}"', tmp_path)
    assert got.needs == {(source, 3, lag) for source, lag in needs}
    assert got.tasks[2].notes == ""


@pytest.mark.parametrize(
    "cell",
    [
        *["C:\\plans\\B.mpp\\1", "<>\\Server\\Plan\\1", "/srv/plans/B.mpp/1", "https://pm.test/1"],
        *["1EA+1,5 Monde", "A.mpp\\1FS+2 days"],
    ],
)
def test_no_part_of_what_is_elsewhere_is_a_task(tmp_path: Path, cell: str) -> None:
    got = taken(f'Nr;Task;Vorgänger\n1;a;\n5;b;\n3;c;"{cell}"', tmp_path)
    assert got.needs == set()
    assert got.tasks[2].notes == f"Vorgänger: {cell}"


def test_a_comma_that_could_part_two_tasks_is_told(tmp_path: Path) -> None:
    got = taken('Nr;Task;Vorgänger\n1;a;\n5;b;\n3;c;"1EA+1,5"', tmp_path)
    assert got.needs == {(1, 3, 1.5)}
    assert got.warnings == [(4, "Vorgänger", "1EA+1,5", "Lag read as 1.5 days.")]


OUTLINE = "WBS;Task;Vorgänger\n1;Bau;\n1.1;a;\n1.2;b;\n1.3;c;\n2;Test;\n2.1;d;"


@pytest.mark.parametrize("cell", ["1.1-1.3", "1.1 bis 1.3", "1.1..1.3", "nach 1.1 – 1.3"])
def test_a_range_of_an_outline_is_each_of_its_rows_and_told(tmp_path: Path, cell: str) -> None:
    got = taken(OUTLINE + cell, tmp_path)
    assert titles_of(got) == {("a", "d", 0), ("b", "d", 0), ("c", "d", 0)}
    assert [why for *_, why in got.warnings if "1.1" in why] == ["Read as tasks 1.1 to 1.3."]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("1.1-1.4", "The range 1.1-1.4 was not read: 1.4 is not in this list."),
        ("1.7-1.3", "The range 1.7-1.3 was not read: 1.7 is not in this list."),
        ("1.1-2.1", "The range 1.1-2.1 was not read; name its tasks one by one."),
        ("1.3-1.1", "The range 1.3-1.1 was not read; name its tasks one by one."),
    ],
)
def test_a_range_of_an_outline_without_an_end_is_refused(
    tmp_path: Path, cell: str, says: str
) -> None:
    got = taken(OUTLINE + cell, tmp_path)
    assert got.needs == set()
    assert got.tasks[-1].notes.endswith(f"Vorgänger: {cell}")
    assert says in [why for *_, why in got.warnings]


def test_titles_with_commas_stay_whole(tmp_path: Path) -> None:
    text = 'Task,Needs\n"Check, then decide",\nGo,\nEnd,"Go, Check, then decide"'
    got = taken(text, tmp_path)
    assert titles_of(got) == {("Go", "End", 0), ("Check, then decide", "End", 0)}


# --- from the other end ------------------------------------------------------------------------


def test_links_of_a_tracker_lead_either_way_and_are_one() -> None:
    got = taken_file(LISTS / "44-jira-links.csv")
    assert titles_of(got) == {("Order", "Rack", 0), ("Order", "Test", 0), ("Rack", "Test", 0)}
    assert [task.tags for task in got.tasks] == [("net", "urgent"), ("net",), ()]
    # The parent is a task of its own.
    assert [task.phase for task in got.tasks] == ["", "", "Rack"]


def test_successors_are_arrows_too(tmp_path: Path) -> None:
    got = taken("Nr;Task;Nachfolger\n1;a;2EA+1 Tag;\n2;b;", tmp_path)
    assert got.needs == {(1, 2, 1)}


@pytest.mark.parametrize("head", ["Outward issue link (Relates)", "Inward issue link (Cloners)"])
def test_other_links_of_a_tracker_stand_in_the_notes(tmp_path: Path, head: str) -> None:
    got = taken(f"Key,Summary,{head}\nA,a,\nB,b,A", tmp_path)
    assert (got.needs, got.tasks[1].notes) == (set(), f"Key: B\n{head}: A")


# --- laws --------------------------------------------------------------------------------------

_pieces = st.sampled_from(
    ["1", "2", "12", "A", "FS", "EA", "+2", "-1", " Tage", "d", ";", ",", " ", "-", "(", "=P", "%"]
)


@example("NULL")
@given(st.lists(_pieces, max_size=8).map("".join) | st.text(max_size=20))
def test_no_cell_breaks_the_reader_of_references(text: str) -> None:
    known = {"1": 0, "2": 1, "12": 2, "A": 3}
    missed: list[str] = []

    def ignored(_why: Sentence) -> None:
        """Pass over a guess."""

    try:
        found = list(read_need_cell(text, known.get, ignored, missed.append))
    except (BadInput, Refused):
        return
    assert all(need.task in known.values() for need in found)
    # What is neither drawn nor reported would be lost.
    pieces = re.split(r"[\s;,|&]+", text)
    assert found or missed or all(is_nothing(x) or not any(map(str.isalnum, x)) for x in pieces)
