"""Durations and efforts in every spelling, as working days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tests.exchange.lists import taken, taken_file, workbook
from tracker.domain.errors import BadInput
from tracker.domain.model import Department, Settings
from tracker.domain.sentence import Sentence
from tracker.domain.workspace import Workspace
from tracker.exchange.amounts import in_seconds, read_day_cell

LISTS = DATA / "lists"


def ignored(_why: Sentence) -> None:
    """Pass over a guess."""


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("8:00", 1.0),
        ("40:00", 5.0),
        ("4:30 Std.", 0.5625),
        ("1d 4h", 1.5),
        ("1w 2d", 7.0),
        ("2h 30m", 0.3125),
        ("2 Wochen und 3 Tage", 13.0),
        ("½", 0.5),
        ("1½ Tage", 1.5),
        ("2 ¾ h", 0.34375),
        ("P5D", 5.0),
        ("P1DT4H", 1.5),
        ("PT90M", 0.1875),
        ("P2W", 10.0),
        ("90 min", 0.1875),
        ("8 Tage?", 8.0),
        ("10 fTage", 7.0),
        ("14 edays", 10.0),
        ("14 ft", 10.0),
        ("48 eStd.", 1.43),
        (time(8), 1.0),
        (timedelta(hours=40), 5.0),
        (datetime(1900, 1, 1, 16), 5.0),  # noqa: DTZ001 (40:00 in a cell that shows h:mm)
    ],
)
def test_amounts_of_time(cell: object, expected: float) -> None:
    assert read_day_cell(cell, 1.0, ignored) == expected  # type: ignore[arg-type]  # any kind of cell


@pytest.mark.parametrize("text", ["3 Monate", "P3M", "1 Sprint 2 Tage", "5 X", "12 €"])
def test_units_that_are_unknown_are_no_days(text: str) -> None:
    with pytest.raises(BadInput):
        read_day_cell(text, 1.0, ignored)


def test_clocks_and_words_of_a_list() -> None:
    got = taken_file(LISTS / "27-clock.csv")
    assert [task.likely for task in got.tasks] == [1, 5, 1.5, 0.5, 5]
    assert [value for _, _, value, _ in got.warnings] == ["8:00", "40:00", "1d 4h", "P5D"]


def test_clocks_of_a_workbook(tmp_path: Path) -> None:
    got = taken(workbook(("Task", "Dauer"), ("a", time(8))), tmp_path, name="list.xlsx")
    assert got.tasks[0].likely == 1


def test_seconds_are_known_by_their_size() -> None:
    got = taken_file(LISTS / "08-seconds.csv")
    assert (got.tasks[0].effort, got.tasks[0].spent) == (2, 1)
    told = [column for _, column, _, why in got.warnings if "seconds" in why]
    assert told == ["Time Spent", "Original estimate"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([28800, 57600], True),
        (["3600", 0], True),
        ([28800, 57601], False),
        ([60, 120], False),
        (["8 h"], False),
        ([], False),
        ([True], False),
    ],
)
def test_seconds_are_large_and_round(cells: list[int | str], expected: bool) -> None:
    assert in_seconds(cells) is expected


def test_hours_and_days_are_told_apart_by_the_head() -> None:
    got = taken_file(LISTS / "28-ist-soll.csv")
    task = got.tasks[0]
    assert (task.effort, task.spent, task.state) == (2, 1.5, "doing")


@pytest.mark.parametrize("head", ["Stunden", "Estimated hours", "Aufwand (h)", "Stunden geplant"])
def test_a_head_names_hours(tmp_path: Path, head: str) -> None:
    assert taken(f"Task;{head}\nx;16", tmp_path).tasks[0].effort == 2


def test_efforts_of_eight_times_the_duration_are_hours(tmp_path: Path) -> None:
    got = taken("Task;Duration;Work\nx;5;40\ny;2;16", tmp_path)
    assert [task.effort for task in got.tasks] == [5, 2]
    assert taken("Task;Duration;Work\nx;5;40\ny;2;6", tmp_path).tasks[0].effort == 40


def test_days_of_the_calendar_become_working_days() -> None:
    got = taken_file(LISTS / "25-calendar-days.csv")
    assert [task.likely for task in got.tasks] == [22, 20]
    assert [(row, column) for row, column, *_ in got.warnings] == [(1, "Duration")]


def test_days_of_the_calendar_become_those_worked_in_this_workspace(tmp_path: Path) -> None:
    # Easter Monday is a holiday of one state; 31 December and 2 March are free by agreement.
    ws = Workspace(
        (
            Settings(id=1, region="", company_holidays=("03-02",)),
            Department(id=1, name="Netz", days_off=(date(2026, 4, 1),)),
        )
    )
    text = "Task;Dept;Start;End;Days\nA;;2026-03-02;2026-04-06;36\nB;netz;2026-03-30;2026-04-06;8"
    assert [task.likely for task in taken(text, tmp_path).tasks] == [24, 4]
    got = taken(text, tmp_path, ws=ws)
    assert [task.likely for task in got.tasks] == [25, 5]
    assert "days off of this workspace (region –)" in got.warnings[0][3]


def test_working_days_stay_working_days(tmp_path: Path) -> None:
    rows = "A;2026-03-02;2026-03-31;22\nB;2026-05-01;2026-05-30;30"
    got = taken(f"Task;Start;End;Duration\n{rows}", tmp_path)
    assert [task.likely for task in got.tasks] == [22, 30]
    assert got.warnings == []


@given(st.text(max_size=30) | st.floats() | st.integers() | st.booleans() | st.times())
def test_no_cell_breaks_the_reader_of_amounts(cell: str | float) -> None:
    try:
        assert read_day_cell(cell, 1.0, ignored) >= 0
    except BadInput as refusal:
        assert str(refusal)  # noqa: PT017 (either is right)


@pytest.mark.parametrize(
    ("cells", "read", "why"),
    [
        (("1.500", "2,25"), [1500, 2.25], "Read as 1500, as 2,25 in row 3 shows."),
        (("1,500", "2.25"), [1500, 2.25], "Read as 1500, as 2.25 in row 3 shows."),
        (("1.500", "2.25"), [1.5, 2.25], "Read as 1.5, as 2.25 in row 3 shows."),
        (("1.500", "1.234,5"), [1500, 1234.5], "Read as 1500, as 1.234,5 in row 3 shows."),
        (("1.500", "1.234.567"), [1500, None], "Read as 1500, as 1.234.567 in row 3 shows."),
        (("1.500 PT", "3 bis 4,5 PT"), [1500, None], "Read as 1500, as 4,5 in row 3 shows."),
        (("0.125", "7"), [0.125, 7], None),
        (
            ("1.500", "2.000"),
            [1.5, 2],
            "Read as 1.5, not 1500; no number of the list shows which is meant.",
        ),
        (
            ("1.500", "2,5 h 1.5 h"),
            [None, 0.5],
            "1.500 could be 1.5 or 1500; write it without a point or comma.",
        ),
    ],
)
def test_the_other_numbers_of_a_list_show_what_a_point_means(
    tmp_path: Path, cells: tuple[str, str], read: list[float | None], why: str | None
) -> None:
    rows = "".join(f"{at};x{at};{cell}\n" for at, cell in enumerate(cells, 1))
    got = taken(f"Nr;Vorgang;Aufwand\n{rows}", tmp_path)
    assert [task.effort for task in got.tasks] == read
    assert [text for row, _, _, text in got.warnings if row == 2] == ([why] if why else [])


def test_one_column_shows_the_mark_of_another_unless_they_are_at_odds(tmp_path: Path) -> None:
    head = "Nr;Vorgang;Aufwand;Ist-Aufwand\n"
    got = taken(f"{head}1;x;1.500;\n2;y;;2,5\n", tmp_path)
    assert got.tasks[0].effort == 1500
    got = taken(f"{head}1;x;1.500;2,5\n2;y;2.5;\n", tmp_path)
    assert got.tasks[0].effort == 1.5
