"""Lists in JSON, whoever wrote them: their values are read as those of a sheet are."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import TODAY, plan
from tests.exchange.lists import Taken, taken
from tests.exchange.plans import plans
from tests.exchange.test_odd_values import TEXTS, as_csv
from tracker.domain.errors import BadInput
from tracker.domain.model import Department, Pass, Person, Task
from tracker.domain.workspace import Workspace
from tracker.exchange.document import task_json, workspace_json

HEADS = [
    *("Abteilung", "Wer", "Status", "Priorität", "Dauer", "Aufwand", "Fällig", "Start", "Notiz"),
    *("Vorgänger", "Rücklauf", "Fortschritt", "Beobachter", "Tags", "Systeme", "Wiederholung"),
]


def given_json(content: Any, folder: Path, **options: Any) -> Taken:
    """Import a list of objects."""
    return taken(json.dumps(content), folder, name="list.json", **options)


def said(got: Taken) -> list[tuple[str, str, str]]:
    """Return what was remarked, wherever it was."""
    return [(each.column, each.value, each.why.text) for each in got.report.warnings]


def told(got: Taken, column: str) -> list[str]:
    """Return what was said of a column."""
    return [why for _, head, _, why in got.warnings if head == column]


# --- one way of reading ------------------------------------------------------------------------


@given(st.lists(st.lists(st.sampled_from(TEXTS), min_size=5, max_size=5), min_size=1, max_size=4))
def test_texts_are_read_as_in_a_csv(
    tmp_path_factory: pytest.TempPathFactory, values: list[list[str]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    rows = [(str(at), f"Vorgang {at}", *row) for at, row in enumerate(values, 1)]
    for heads in (("Nr", "Vorgang", *HEADS[at : at + 5]) for at in (0, 5, 10)):
        objects = [dict(zip(heads, row, strict=True)) for row in rows]
        sheet = taken(as_csv([*heads], [*map(list, rows)]), folder, project="P")
        got = given_json(objects, folder, project="P")
        assert list(got.ws.tasks.values()) == list(sheet.ws.tasks.values())
        assert (got.needs, got.returns) == (sheet.needs, sheet.returns)
        # The head of an object has no row, so that its remarks come elsewhere.
        assert sorted(said(got)) == sorted(said(sheet))


def test_several_names_in_a_text_are_an_assignee_and_watchers(tmp_path: Path) -> None:
    got = given_json(
        [{"title": "x", "assignee": "Ann; Bob"}, {"title": "y", "assignee": ["Ann", "Brandt, K."]}],
        tmp_path,
    )
    names = {id: person.login for id, person in got.ws.people.items()}
    people = [(names[t.assignee or 0], [names[w] for w in t.watchers]) for t in got.tasks]
    assert people == [("Ann", ["Bob"]), ("Ann", ["Brandt, K."])]
    assert len(told(got, "assignee")) == 2


def test_progress_predecessors_and_moments_are_read_as_in_cells(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "title": "a", "progress": "50%", "due": "2026-03-08T23:30:00-05:00"},
        {"id": 2, "title": "b", "needs": "1FS+1d"},
        {"id": 3, "title": "c", "needs": "1-2"},
        {"id": 4, "title": "d", "needs": ["c", 1, {"id": 2, "lag": 1.5}]},
        {"id": 5, "title": "e", "blocks": [{"name": "d"}]},
    ]
    got = given_json(rows, tmp_path)
    assert (got.tasks[0].progress, got.tasks[0].state) == (50, "doing")
    assert got.needs == {
        (1, 2, 1),
        (1, 3, 0),
        (2, 3, 0),
        (3, 4, 0),
        (1, 4, 0),
        (2, 4, 1.5),
        (5, 4, 0),
    }
    assert any("another time zone" in why for why in told(got, "due"))


def test_what_is_unknown_stands_in_the_notes(tmp_path: Path) -> None:
    row = {"title": "x", "mood": {"now": "fair"}, "fine": True, "none": None, "few": [1, "a"]}
    got = given_json([row], tmp_path)
    assert got.tasks[0].notes == 'mood: {"now":"fair"}\nfine: true\nfew: [1,"a"]'
    assert [(c.head, c.field, c.unread, c.empty) for c in got.report.columns] == [
        ("title", "title", 0, 0),
        ("mood", None, 1, 0),
        ("fine", None, 1, 0),
        ("none", None, 0, 1),
        ("few", None, 1, 0),
    ]


def test_objects_are_read_by_their_names_and_that_is_told(tmp_path: Path) -> None:
    row = {
        "name": "x",
        "assignees": [{"login": "ann", "id": 7}, {"login": "bob", "id": 8}],
        "labels": [{"name": "net"}, {"name": "a;b"}],
        "Abteilung": {"name": "Netz"},
    }
    got = given_json([row], tmp_path)
    (task,) = got.tasks
    assert task.tags == ("net", "a;b")
    assert [lane.name for lane in got.ws.departments.values()] == ["Netz"]
    assert [person.login for person in got.ws.people.values()] == ["ann", "bob"]
    assert told(got, "assignees")[0].startswith("Objects were read by their names")
    assert told(got, "labels") == []


def test_return_arrows_and_checklists_of_objects(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "title": "a", "checklist": [{"text": "x", "done": True}, "y"]},
        {"id": 2, "title": "b", "needs": [1], "returns": [{"to": 1, "rate": 0.3, "limit": 2}]},
        {"id": 3, "title": "c", "needs": [2], "returns": "1:20%"},
    ]
    got = given_json(rows, tmp_path)
    assert [(item.text, item.done) for item in got.tasks[0].checklist] == [
        ("x", True),
        ("y", False),
    ]
    assert got.returns == {(2, 1), (3, 1)}
    assert [(x.rate, x.limit) for x in got.ws.links.values() if x.source == 2][-1] == (0.3, 2)


# --- odd lists ---------------------------------------------------------------------------------


def test_a_part_named_twice_is_not_lost(tmp_path: Path) -> None:
    text = '[{"title": "x", "due": "2026-12-01", "due": "2026-12-24", "id": 1, "id": 1}]'
    got = taken(text, tmp_path, name="list.json")
    assert got.tasks[0].due == date(2026, 12, 1)
    assert got.tasks[0].notes == "due (2): 2026-12-24"
    assert told(got, "due (2)")[0].startswith("due has the same content and applies")


def test_one_name_in_two_spellings_is_one_column(tmp_path: Path) -> None:
    got = given_json(
        [{"Title": "x", "Due Date": "1.12."}, {"title": "y", "dueDate": "2.12."}], tmp_path
    )
    assert [(task.title, task.due) for task in got.tasks] == [
        ("x", date(2026, 12, 1)),
        ("y", date(2026, 12, 2)),
    ]


def test_what_is_no_object_is_told(tmp_path: Path) -> None:
    got = given_json([{"title": "x"}, 3, "Bau", None, []], tmp_path)
    assert got.skipped == [
        (2, "This is not a task: 3"),
        (3, 'This is not a task: "Bau"'),
        (4, "This is not a task: null"),
        (5, "This is not a task: []"),
    ]


def test_titles_like_those_of_totals_and_headings_are_tasks(tmp_path: Path) -> None:
    rows = [{"nr": 1, "title": "a", "wer": "Ann"}, {}, {"title": "Summe"}, {"title": "Team"}]
    got = given_json(rows, tmp_path)
    assert [task.title for task in got.tasks] == ["a", "Summe", "Team"]
    assert got.skipped == [(2, "The task has no title.")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_list_may_be_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    text = json.dumps([{"title": "Prüfung der Zähler"}], ensure_ascii=False)
    got = taken(text.encode(encoding), tmp_path, name="list.json")
    assert got.tasks[0].title == "Prüfung der Zähler"
    assert bool(told(got, "")) is (encoding == "cp1252")


def test_a_number_beyond_all_bounds_is_unread(tmp_path: Path) -> None:
    text = f'[{{"title": "x", "effort": {"9" * 400}, "id": {"9" * 400}, "due": 1e300}}]'
    got = taken(text, tmp_path, name="list.json")
    assert (got.tasks[0].id, got.tasks[0].effort, got.tasks[0].due) == (1, None, None)
    assert {column for _, column, *_ in got.warnings} >= {"effort", "due"}


@pytest.mark.parametrize("status", ["open", "pending"])
def test_a_list_with_some_names_of_another_program_is_read(status: str, tmp_path: Path) -> None:
    got = given_json([{"description": "Call", "status": status}], tmp_path)
    assert [task.title for task in got.tasks] == ["Call"]


@pytest.mark.parametrize(
    ("content", "program"),
    [
        ([{"key": "A-1", "fields": {}}], "Jira"),
        ({"issues": []}, "Jira"),
        ([{"name": "A", "idList": "1"}], "Trello"),
        ([{"subject": "A", "_links": {}}], "OpenProject"),
        ({"_embedded": {}}, "OpenProject"),
        ([{"content": "A", "project_id": 1}], "Todoist"),
    ],
)
def test_json_of_a_program_that_is_not_read_is_refused_by_its_name(
    content: object, program: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=f"file of {program}"):
        taken(json.dumps(content).encode(), tmp_path, name="list.json")


# --- our own -----------------------------------------------------------------------------------


@given(plans())
def test_what_list_prints_comes_back_to_the_letter(
    tmp_path_factory: pytest.TempPathFactory, ws: Workspace
) -> None:
    # A semicolon divides people, also those of a script that prints as we do.
    assume(ws.tasks and not any(";" in person.login for person in ws.people.values()))
    written = [msgspec.to_builtins(task_json(ws, task, TODAY)) for task in ws.tasks.values()]
    got = given_json(written, tmp_path_factory.getbasetemp())
    again = [msgspec.to_builtins(task_json(got.ws, t, TODAY)) for t in got.ws.tasks.values()]
    derived = {"ready", "blocked", "stuck", "late", "passes", "needs", "returns"}
    for one, other in zip(again, written, strict=True):
        # What has no stamp gets one.
        stamps = {name for name in ("created", "modified") if other[name] is None}
        same = other.keys() - derived - stamps
        assert {name: one[name] for name in same} == {name: other[name] for name in same}


def test_work_may_go_back_to_what_has_no_other_arrow(tmp_path: Path) -> None:
    ws = plan("1-2", returns="1-3")
    written = [msgspec.to_builtins(task_json(ws, task, TODAY)) for task in ws.tasks.values()]
    got = given_json(written, tmp_path)
    backs = [link for link in got.ws.links.values() if link.kind == "returns"]
    assert [(link.source, link.target) for link in backs] == [(1, 3)]


def test_hand_written_values_in_a_workspace_are_read_as_in_a_list(tmp_path: Path) -> None:
    done = Pass(number=1, outcome="done")
    ws = Workspace(
        (
            Department(id=1, name="Netz"),
            Person(id=1, login="ann", department=1),
            *(Task(id=n, title=f"t{n}", assignee=1, department=1) for n in (1, 2, 3)),
            Task(
                id=4,
                title="t4",
                state="done",
                passes=(done, replace(done, number=2)),
            ),
        )
    )
    content = json.loads(workspace_json(ws, TODAY))
    first, second, third, fourth = content["tasks"]
    first |= {"assignee": "ann; bob", "due": "1.12.2026", "effort": -1, "tags": "a, b"}
    second |= {"needs": "1FS+2d", "state": "Done", "low": 5, "likely": 2, "id": "2"}
    third |= {"progress": "50%", "department": "RZ", "refs": "x", "priority": "nie"}
    fourth |= {"due": "bald", "mood": 3}
    got = taken(json.dumps(content), tmp_path, name="all.json")
    names = {id: person.login for id, person in got.ws.people.items()}
    one, two, three, four = got.ws.tasks.values()
    assert (names[one.assignee or 0], [names[w] for w in one.watchers]) == ("ann", ["bob"])
    assert (one.due, one.tags, one.effort) == (date(2026, 12, 1), ("a", "b"), None)
    assert one.notes == "effort: -1"
    assert (two.id, two.state, two.low, two.likely, len(two.passes)) == (2, "done", 2, 5, 1)
    assert got.needs == {(1, 2, 2.0)}
    assert (three.progress, got.ws.departments[three.department or 0].name) == (50, "RZ")
    assert three.notes == "refs: x\npriority: nie"
    assert (len(four.passes), four.notes, four.extra) == (2, "due: bald", {"mood": 3})
    assert {(c.head, c.unread) for c in got.report.columns} >= {("due", 1), ("effort", 1)}


def test_all_that_is_filtered_out_of_our_own_list_is_read_all_the_same(tmp_path: Path) -> None:
    rows = [{"id": 3, "title": "x", "state": "waiting", "needs": [{"id": 4, "lag": -1.0}]}]
    got = given_json([*rows, {"id": 4, "title": "y", "needs": []}], tmp_path)
    assert got.needs == {(4, 3, -1.0)}
    assert got.warnings == []


@pytest.mark.parametrize("name", ["list.jsonl", "list.ndjson", "list.json"])
def test_an_object_on_each_line_is_a_task(tmp_path: Path, name: str) -> None:
    text = '{"id": 1, "title": "Prüfung"}\n\n{"id": 2, "title": "b", "needs": [1]}\n'
    got = taken(text, tmp_path, name=name)
    assert [task.title for task in got.tasks] == ["Prüfung", "b"]
    assert got.needs == {(1, 2, 0.0)}


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"Line 2 of list.jsonl is not JSON: .* one task\."):
        taken('{"title": "a"}\n{"title": "b",}\n', tmp_path, name="list.jsonl")
