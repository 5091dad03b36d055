"""Asana: what its CSV says of tasks, which name each other by names with commas."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.foreign.samples import arrows, csv_of, sample, says
from tests.exchange.lists import Taken, taken

HEADS = (
    *("Task ID", "Completed At", "Name", "Section/Column", "Assignee Email", "Projects"),
    *("Parent task", "Blocked By (Dependencies)", "Blocking (Dependencies)"),
)


def tasks(folder: Path, *rows: tuple[str, ...], heads: tuple[str, ...] = ()) -> Taken:
    """Import tasks, each given by name, parent, what it waits for, what waits for it, and more."""
    lines = [
        (str(7000 + at), "", name, "", "", "P", parent, before, behind, *more)
        for at, (name, parent, before, behind, *more) in enumerate(rows)
    ]
    return taken(csv_of((*HEADS, *heads), *lines), folder)


def test_an_export_of_a_project() -> None:
    got, wanted = sample("asana/project-en.csv")
    assert len(got.tasks) == wanted["tasks"]
    titles = {arrow.removesuffix(" (…0004)") for arrow in wanted["needs"]}
    assert arrows(got) == titles
    # It is the first of both that has the arrow.
    live = next(task for task in got.tasks if task.origin == "asana:1201000000000004")
    assert (2, live.id, 0.0) in got.needs
    states = {task.title: task.state for task in got.tasks}
    assert states.pop("Take the inventory") == wanted["states"]["Take the inventory"]
    assert set(states.values()) == {wanted["states"]["others"]}
    starts = {task.title: str(task.not_before) for task in got.tasks if task.not_before}
    assert starts == wanted["not_before"]
    assert says(got, "Projects", "Server move, Other")
    assert says(got, "Estimated time", "days")
    assert says(got, "Blocked By", "Go live", "several tasks")
    assert says(got, "Write the concept", "part of")
    assert [task.phase for task in got.tasks if task.title == "Take the inventory"] == ["Prepare"]


def test_names_hold_commas(tmp_path: Path) -> None:
    got = tasks(
        tmp_path,
        *(("a", "", "", ""), ("b", "", "", ""), ("a, b", "", "", ""), ("a, b, c", "", "", "")),
        ("x", "", "a, b, c,a", ""),
        ("y", "", "b, a, b", ""),
        ("z", "", "a,b", "x"),
    )
    assert arrows(got) == {
        *("a, b, c → x", "a → x", "b → y", "a, b → y", "a → z", "b → z", "z → x"),
    }


def test_a_name_of_two_tasks_is_known_where_one_of_them_says_the_same(tmp_path: Path) -> None:
    got = tasks(
        tmp_path,
        *(("go", "", "", "end"), ("go", "", "", ""), ("end", "", "go", ""), ("off", "", "go", "")),
    )
    assert got.needs == {(1, 3, 0.0)}
    assert says(got, "There are several tasks go")
    assert got.tasks[3].notes == "Blocked By (Dependencies): go"


def test_what_is_not_in_the_file_is_told_and_kept(tmp_path: Path) -> None:
    got = tasks(tmp_path, ("a", "Elsewhere", "Somewhere", ""))
    assert got.tasks[0].phase == "Elsewhere"
    assert "Blocked By (Dependencies): Somewhere" in got.tasks[0].notes
    assert says(got, "Parent task", "Elsewhere")


def test_subtasks_are_in_the_project_of_what_they_are_part_of(tmp_path: Path) -> None:
    rows = [
        *(("1", "", "a", "", "", "P", "", "", ""), ("2", "", "b", "", "", "Q", "", "", "")),
        *(("3", "", "c", "", "", "", "b", "", ""), ("4", "", "d", "", "", "", "c", "", "")),
    ]
    got = taken(csv_of(HEADS, *rows), tmp_path)
    names = {id: project.name for id, project in got.ws.projects.items()}
    found = {task.title: names.get(task.project or 0) for task in got.tasks}
    assert found == {"a": "P", "b": "Q", "c": "Q", "d": "Q"}


def test_a_task_that_is_there_twice_is_taken_once(tmp_path: Path) -> None:
    row = ("1", "", "a", "S", "", "P", "", "", "")
    got = taken(csv_of(HEADS, row, row), tmp_path)
    assert (len(got.tasks), [number for number, _ in got.skipped]) == (1, [3])


def test_a_project_may_have_a_comma_in_its_name(tmp_path: Path) -> None:
    rows = [("1", "", "a", "", "", "Move, part 2", "", "", "")]
    got = taken(csv_of(HEADS, *rows), tmp_path)
    assert [project.name for project in got.ws.projects.values()] == ["Move, part 2"]


@pytest.mark.parametrize(
    ("section", "status", "completed", "state"),
    [
        *(("Doing", "", "", "doing"), ("Prepare", "", "", "todo"), ("Done", "", "", "todo")),
        *(("Doing", "", "2026-11-01", "done"), ("", "On hold", "", "waiting")),
        ("Doing", "Not started", "", "todo"),
    ],
)
def test_states(tmp_path: Path, section: str, status: str, completed: str, state: str) -> None:
    row = ("1", completed, "a", section, "", "P", "", "", "", status)
    got = taken(csv_of((*HEADS, "Status"), row), tmp_path)
    assert got.tasks[0].state == state


def test_a_sheet_of_google_has_an_address_above_and_blank_rows(tmp_path: Path) -> None:
    body = csv_of(HEADS, *[("1", "", "a", "S", "", "P", "", "", "")])
    got = taken(f"https://app.asana.com/0/1/list\n\n{body}\n,,,,,,,,\n", tmp_path)
    assert [task.title for task in got.tasks] == ["a"]
    assert any("https://app.asana.com" in why for _, why in got.skipped)
    assert [task.origin for task in got.tasks] == ["asana:1"]


def test_sections_may_become_departments(tmp_path: Path) -> None:
    got = taken(csv_of(HEADS, ("1", "", "a", "Netz", "", "P", "", "", "")), tmp_path)
    assert says(got, "--lanes section", "Netz")
    got = taken(csv_of(HEADS, ("1", "", "a", "Untitled section", "", "P", "", "", "")), tmp_path)
    assert got.tasks[0].phase == ""


_names = st.lists(st.text("ab, ", min_size=1, max_size=6).map(str.strip), min_size=1, max_size=5)


@given(_names, st.data())
def test_no_list_of_names_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], data: st.DataObject
) -> None:
    named = [name or "x" for name in names]
    before = data.draw(st.lists(st.sampled_from([*named, "zz"]), max_size=4).map(",".join))
    got = tasks(
        tmp_path_factory.getbasetemp(),
        *[(name, "", before if not at else "", "") for at, name in enumerate(named)],
    )
    assert len(got.tasks) == len(named)
