"""Tasks and workspaces in JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from tests.builders import TODAY, plan
from tests.exchange.lists import Taken, taken
from tests.exchange.plans import plans
from tracker.domain.errors import BadInput
from tracker.domain.model import Department, Link, Pass, Person, Project, Settings, System, Task
from tracker.domain.workspace import Workspace
from tracker.exchange import importing, json_list
from tracker.exchange.document import task_json, workspace_json
from tracker.exchange.looking_back import Lookback
from tracker.exchange.updating import Update

# The fields scripts rely on.
FIELDS = [
    *("id", "title", "project", "department", "assignee", "requester", "state"),
    *("ready", "blocked", "stuck", "late", "priority", "low", "likely", "high"),
    *("effort", "spent", "due", "not_before", "follow_up", "waiting_for", "tags"),
    *("systems", "needs", "returns", "passes", "created", "modified"),
]


def small() -> Workspace:
    """Return a workspace with one of everything that a task names."""
    at = datetime(2026, 11, 1, 8, tzinfo=UTC)
    return Workspace(
        (
            Project(id=1, name="ERP"),
            Department(id=1, name="Netz"),
            Person(id=1, login="t.yilmaz", department=1),
            System(id=1, name="ERP-DB", state="down", restored_by=1),
            Task(id=1, title="Bau", state="done", passes=(Pass(number=1, outcome="done"),)),
            Task(
                id=2,
                title="Test",
                project=1,
                department=1,
                assignee=1,
                systems=(1,),
                low=1.0,
                due=date(2026, 11, 20),
                tags=("netz",),
                created=at,
                modified=at,
            ),
            Link(id=1, kind="needs", source=1, target=2, lag=2.0),
            Link(id=2, kind="returns", source=2, target=1, rate=0.3, limit=3, observed=True),
        )
    )


def given_json(content: Any, folder: Path, **options: Any) -> Taken:
    """Import a document."""
    return taken(json.dumps(content), folder, name="all.json", **options)


def test_a_task_as_scripts_know_it() -> None:
    ws = small()
    task = msgspec.json.decode(msgspec.json.encode(task_json(ws, ws.tasks[2], TODAY)))
    assert set(task) >= set(FIELDS)
    assert task["project"] == "ERP"
    assert task["department"] == "Netz"
    assert task["assignee"] == "t.yilmaz"
    assert task["requester"] is None
    assert (task["ready"], task["blocked"], task["stuck"], task["late"]) == (
        True,
        False,
        True,
        True,
    )
    assert task["due"] == "2026-11-20"
    assert task["created"] == "2026-11-01T08:00:00Z"
    assert task["systems"] == ["ERP-DB"]
    assert task["needs"] == [{"id": 1, "lag": 2.0}]
    assert task["returns"] == [
        {
            "to": 1,
            "rate": 0.3,
            "share": 1.0,
            "limit": 3,
            "redo": "all",
            "learning": 0.0,
            "escalation": None,
            "observed_only": True,
        }
    ]
    assert task["passes"] == 1


@given(plans())
def test_every_task_is_plain_json(ws: Workspace) -> None:
    for task in ws.tasks.values():
        written = json.loads(msgspec.json.encode(task_json(ws, task, TODAY)))
        assert written["title"] == task.title
        assert [date.fromisoformat(day) for day in filter(None, [written["due"]])] == [
            day for day in [task.due] if day
        ]


def test_the_output_of_a_list_can_be_taken_in(tmp_path: Path) -> None:
    ws = small()
    tasks = [msgspec.to_builtins(task_json(ws, task, TODAY)) for task in ws.tasks.values()]
    got = given_json(tasks, tmp_path)
    assert [task.title for task in got.tasks] == ["Bau", "Test"]
    assert got.tasks[0].passes == (Pass(number=1, outcome="done"),)
    assert [lane.name for lane in got.ws.departments.values()] == ["Netz"]
    assert got.needs == {(1, 2, 2.0)}
    assert got.returns == {(2, 1)}
    why = "1 new person was put into the department of all their tasks: t.yilmaz (Netz)."
    assert got.warnings == [(0, "", "", why)]


def test_a_task_of_a_script_needs_a_title_only(tmp_path: Path) -> None:
    got = given_json([{"title": "x"}, {"title": " "}, {"title": "y", "mood": 3}], tmp_path)
    assert [(task.title, task.state, task.notes) for task in got.tasks] == [
        ("x", "todo", ""),
        ("y", "todo", "mood: 3"),
    ]
    assert got.skipped == [(2, "The task has no title.")]
    why = "This column is unknown; its content is in the notes."
    assert got.warnings == [(0, "mood", "", why)]


def test_tasks_that_name_no_project_go_to_the_one_that_is_asked_for(tmp_path: Path) -> None:
    got = given_json([{"title": "x"}, {"title": "y", "project": "A"}], tmp_path, project="B")
    names = {id: project.name for id, project in got.ws.projects.items()}
    assert [names[task.project or 0] for task in got.tasks] == ["B", "A"]


def test_a_workspace_goes_into_one_that_is_not_empty(tmp_path: Path) -> None:
    here = Workspace(
        (
            Settings(id=1, region="AT"),
            Department(id=9, name="NETZ"),
            System(id=1, name="Zähler"),
            *plan("1-2").entities(),
        )
    )
    ws = Workspace((Settings(id=1, region="DE-BY"), *small().entities()))
    got = taken(workspace_json(ws, TODAY), tmp_path, name="all.json", ws=here)
    assert [task.id for task in got.tasks] == [3, 4]
    assert got.tasks[1].department == 9
    assert [got.ws.systems[id].restored_by for id in got.tasks[1].systems] == [3]
    assert (3, 4, 2.0) in got.needs
    assert (4, 3) in got.returns
    assert got.ws.preferences.region == "AT"
    assert ("settings", "Already set here; unchanged.") in [
        (column, why) for _, column, _, why in got.warnings
    ]
    assert (0, "departments", "Netz", "Already here; unchanged.") in got.warnings


def test_a_loop_drawn_by_hand_becomes_a_return(tmp_path: Path) -> None:
    tasks = [
        {"id": 1, "title": "x", "needs": [{"id": 2}]},
        {"id": 2, "title": "y", "needs": [{"id": 1}, {"id": 7}]},
    ]
    got = given_json({"tasks": tasks}, tmp_path)
    assert (got.needs, got.returns) == ({(1, 2, 0.0)}, {(2, 1)})
    assert got.warnings == [(2, "needs", "7", "There is no task 7 in this list.")]


def test_a_name_changed_by_hand_counts(tmp_path: Path) -> None:
    content = json.loads(workspace_json(small(), TODAY))
    content["tasks"][1]["department"] = "Einkauf"
    got = given_json(content, tmp_path)
    lanes = {id: lane.name for id, lane in got.ws.departments.items()}
    assert (lanes, got.tasks[1].department) == ({1: "Netz", 2: "Einkauf"}, 2)


def test_parts_that_are_not_known_are_reported(tmp_path: Path) -> None:
    got = given_json({"tasks": [{"title": "x"}], "weather": "fair"}, tmp_path)
    why = "This part of the file is unknown and was skipped."
    assert got.warnings == [(0, "weather", "", why)]


def test_control_characters_are_taken_out(tmp_path: Path) -> None:
    content = [{"title": "a\x1b[2Jb", "tags": ["c\x07"]}, {"title": "\x1b[2J"}]
    got = given_json(content, tmp_path)
    assert got.skipped == [(2, "The task has no title.")]
    assert (got.tasks[0].title, got.tasks[0].tags) == ("ab", ("c",))
    assert [(row, column) for row, column, _, _ in got.warnings] == [(1, "title"), (1, "tags")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("{", "Cannot read"),
        ("[" * 100_000, "nested more than"),
        ("3", "contains no list of tasks"),
        ('{"tasks": 3}', "contains no list of tasks"),
        ("[]", "contains no tasks"),
        ("[3]", "contains no list of tasks"),
        ('{"version": 2, "tasks": []}', "newer version"),
        ('{"tasks": [], "departments": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}', "id 1"),
        ('{"tasks": [], "departments": [{"id": 0, "name": "a"}]}', "departments 1"),
        ('{"tasks": [], "departments": [{"id": 1, "name": "\u202e"}]}', "departments 1 is invalid"),
        ('{"tasks": [{"title": "a"}], "people": [{"id": 1, "login": " "}]}', "people 1 is invalid"),
        ('{"tasks": [{"title": "a"}], "systems": 1e308}', "systems is invalid"),
        ('{"tasks": [{"title": "a"}], "links": true}', "links is invalid"),
        ('{"tasks": [], "settings": {"id": 1, "company_holidays": ["soon"]}}', "settings 1"),
        ('[{"title": "a"}, {"title": "%s"}]' % ("x" * 140_000), "Row 2 of all.json has a cell"),
        ('[{"title": "x", "mood": ' + "[" * 60 + "]" * 60 + "}]", "nested more than 40"),
    ],
)
def test_what_cannot_be_taken_in_is_named(content: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=says):
        taken(content, tmp_path, name="all.json")


def test_tasks_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_list, "MAX_ROWS", 2)
    with pytest.raises(BadInput, match="more than 100000 rows"):
        taken('[{"title": "A"}, {"title": "B"}, {"title": "C"}]', tmp_path, name="all.json")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"issues": [{"key": "A-1", "fields": {}}]}', "from Jira"),
        (
            '[{"wer": "x", "owner": "y"}]',
            r'No task in list\.json has a title; its fields are wer, owner.*--map "wer=title"',
        ),
    ],
)
def test_json_of_another_program_is_called_by_its_name(
    content: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=says):
        taken(content, tmp_path, name="list.json")


def test_one_bad_value_does_not_refuse_the_rest(tmp_path: Path) -> None:
    text = (
        '[{"id": 1, "title": "A", "due": "2026-03-09T00:00:00Z", "tags": "#x, y"},'
        ' {"id": 2, "title": "B", "state": "Done", "priority": "P1", "every": 1},'
        ' {"id": "3", "title": "C", "low": "viel", "due": "bald", "recurrence": "monatlich"},'
        ' {"id": 4, "title": "D", "low": 5, "likely": 2, "effort": -1, "needs": [{"id": 1}],'
        ' "returns": [{"to": 1, "rate": 1.5}]}]'
    )
    got = taken(text, tmp_path, name="list.json")
    first, second, third, fourth = got.tasks
    assert (str(first.due), first.tags) == ("2026-03-09", ("x", "y"))
    assert (second.state, second.passes[0].outcome) == ("done", "done")
    assert (third.id, third.low, third.due, third.recurrence) == (3, None, None, "1m")
    assert third.notes == "due: bald\nlow: viel"
    assert (fourth.low, fourth.likely, fourth.effort) == (2, 5, None)
    assert (got.needs, got.returns) == ({(1, 4, 0.0)}, set())
    told = {(row, column, value) for row, column, value, _why in got.warnings}
    assert {(3, "low", "viel"), (3, "due", "bald"), (4, "effort", "-1")} <= told
    assert (4, "low, likely", "5/2") in told
    assert {(c.head, c.read, c.unread) for c in got.report.columns} >= {("due", 1, 1), ("id", 4, 0)}


def test_a_json_list_is_updated_from(tmp_path: Path) -> None:
    ws = plan(tasks=2, due=TODAY)
    path = tmp_path / "list.json"
    path.write_text('[{"id": 1, "title": "A", "due": "2026-12-01"}, {"id": 2, "title": "B"}]')
    update = Update(importing.read(path, today=TODAY).source, ws, Lookback())
    rows = [(row.row, [d.field for d in row.differences]) for row in update.comparison.changed]
    assert rows == [(1, ["due"])]


def test_a_whole_file_read_back_differs_in_nothing(tmp_path: Path) -> None:
    ws = plan("1-2", returns="2-1", extra=(Department(id=1, name="Netz"),), department=1)
    path = tmp_path / "all.json"
    path.write_bytes(workspace_json(ws, TODAY))
    update = Update(importing.read(path, today=TODAY).source, ws, Lookback())
    assert not update.comparison.changed
    assert not update.comparison.new
