"""GitLab: what its CSV says of issues, before and since the change of its numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.exchange.foreign.samples import csv_of, sample, says
from tests.exchange.lists import taken

HEADS = (
    *("Title", "Issue ID", "URL", "State", "Author Username", "Confidential", "Labels"),
    *("Time Estimate", "Created At (UTC)"),
)
URL = "https://git.example.invalid/g/sub/p/-/issues/"


def row(number: int, **said: str) -> tuple[str, ...]:
    """Return an issue; `said` are its state and labels."""
    state, labels = said.get("state", "Open"), said.get("labels", "")
    return (f"t{number}", str(number), f"{URL}{number}", state, "", "No", labels, "0", "")


def test_an_export_of_2019() -> None:
    got, wanted = sample("gitlab/issues-2019.csv")
    assert (len(got.tasks), len(got.needs)) == (wanted["tasks"], wanted["needs"])
    assert {str(task.id): task.state for task in got.tasks} == wanted["states"]
    efforts = {str(task.id): task.effort for task in got.tasks if task.effort is not None}
    assert efforts == wanted["effort"]
    spent = {str(task.id): task.spent for task in got.tasks if task.spent is not None}
    assert spent == wanted["spent"]
    assert says(got, "Labels", "A label may hold a comma", "network")
    assert says(got, "GitLab does not export links")
    assert [project.name for project in got.ws.projects.values()] == ["p"]


def test_moments_are_utc() -> None:
    got, _wanted = sample("gitlab/issues-2019.csv")
    assert got.tasks[0].created == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert got.tasks[0].passes[0].ended == datetime(2026, 12, 11, 15, tzinfo=UTC)


def test_since_18_4_the_number_is_the_iid_and_parents_are_there(tmp_path: Path) -> None:
    heads = (*HEADS, "IID", "Type", "Start Date", "Parent IID")
    rows = [
        ("whole", "9000001", URL + "7", "Open", "", "No", "", "0", "", "7", "Issue", "", ""),
        (
            "part",
            "9000002",
            URL + "8",
            "Open",
            "",
            "Yes",
            "",
            "0",
            "",
            "8",
            "Task",
            "2026-12-07",
            "7",
        ),
        ("lone", "9000003", URL + "9", "Open", "", "No", "", "0", "", "9", "Task", "", "99"),
    ]
    got = taken(csv_of(heads, *rows), tmp_path)
    tasks = {task.title: task for task in got.tasks}
    assert {title: task.id for title, task in tasks.items()} == {"whole": 7, "part": 8, "lone": 9}
    assert tasks["part"].origin == "gitlab:g/sub/p#8"
    assert got.needs == {(8, 7, 0.0)}
    assert (tasks["part"].phase, str(tasks["part"].not_before)) == ("whole", "2026-12-07")
    assert "Parent IID: 99" in tasks["lone"].notes
    assert says(got, "1 issue is confidential")


def test_a_global_id_without_an_iid_gives_way_to_the_address(tmp_path: Path) -> None:
    cells = ("a", "9000001", URL + "7", "Open", "", "No", "", "0", "")
    got = taken(csv_of(HEADS, cells), tmp_path)
    assert (got.tasks[0].id, got.tasks[0].origin) == (7, "gitlab:g/sub/p#7")


@pytest.mark.parametrize(
    ("state", "labels", "wanted"),
    [
        *(("Open", "Doing", "doing"), ("Open", "status::waiting", "waiting")),
        *(("Closed", "Doing", "done"), ("Closed", "wontfix", "dropped"), ("Open", "bug", "todo")),
        *(("Open", "team::review", "todo"), ("Open", "workflow::in review,net", "doing")),
    ],
)
def test_labels_tell_the_state_of_what_is_open(
    tmp_path: Path, state: str, labels: str, wanted: str
) -> None:
    got = taken(csv_of(HEADS, row(1, state=state, labels=labels)), tmp_path)
    task = got.tasks[0]
    assert task.state == wanted
    for label in labels.split(","):
        assert label in task.tags or says(got, "Labels", label)


def test_labels_tell_the_priority(tmp_path: Path) -> None:
    got = taken(csv_of(HEADS, row(1, labels="priority::high"), row(2, labels="high")), tmp_path)
    assert [task.priority for task in got.tasks] == ["high", "high"]


def test_issues_of_several_projects_are_numbered_anew(tmp_path: Path) -> None:
    other = ("x", "1", "https://git.example.invalid/g/q/-/issues/1", "Open", "", "No", "", "0", "")
    got = taken(csv_of(HEADS, row(1), other), tmp_path)
    assert [task.id for task in got.tasks] == [1, 2]
    assert [project.name for project in got.ws.projects.values()] == ["p", "q"]
    assert says(got, "several projects")


def test_several_people_are_told_apart_by_their_logins(tmp_path: Path) -> None:
    heads = (*HEADS, "Assignee", "Assignee Username")
    rows = [(*row(1), "Ada Q, Bo L", "ada, bo"), (*row(2), "Quist, Ada", "ada")]
    got = taken(csv_of(heads, *rows), tmp_path)
    first, second = got.tasks
    people = got.ws.people
    ada = people[first.assignee or 0]
    assert (ada.login, ada.name) == ("ada", "Ada Q")
    assert [people[id].name for id in first.watchers] == ["Bo L"]
    assert second.assignee == first.assignee


def test_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    turned = csv_of(HEADS[::-1], row(1)[::-1])
    assert taken(turned, tmp_path).tasks[0].origin == "gitlab:g/sub/p#1"
