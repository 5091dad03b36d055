"""Folders of Backlog.md are read task by task, with what they wait for and belong to."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.foreign.taking import SAMPLES, Taken, only_refuses, take
from tracker.domain.errors import BadInput
from tracker.exchange import importing
from tracker.exchange.content import Content
from tracker.exchange.foreign.backlog_folder import front_matter
from tracker.exchange.formats import recognised
from tracker.exchange.source import How

FOLDER = SAMPLES / "backlogmd"


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        of, _, file = name.partition("__")
        path = folder / "backlog" / of.replace("_", "/") / f"{file}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def read(folder: Path, *tasks: str) -> Taken:
    texts = {f"tasks__task-{n}": f"---\n{text}\n---\n" for n, text in enumerate(tasks, 1)}
    return take(written(folder, **texts))


def test_the_sample_is_read_as_its_facts_say() -> None:
    facts = json.loads((FOLDER / "backlog.expected.json").read_text())["facts"]["tasks"]
    taken = take(FOLDER)
    by_origin = {task.origin.removeprefix("backlog:"): task for task in taken.ws.tasks.values()}
    assert by_origin.keys() == {fact["id"] for fact in facts}
    for fact in facts:
        task = by_origin[fact["id"]]
        assert task.title == fact["title"].strip('"')
        assert task.state == {"Done": "done", "To Do": "todo"}[fact["status"]]
        for needed in fact["dependencies"]:
            number = needed.removeprefix("task-")
            source = by_origin.get(f"BACK-{number}")
            if source is None:
                assert needed in task.notes
                assert taken.says("dependencies", f"{needed} is not in the file")
            else:
                assert f"{source.title} → {task.title}" in taken.needs
        boxes = task.notes.count("- [x]") + task.notes.count("- [ ]")
        assert boxes == fact["checkboxes"]
    assert len(by_origin["BACK-425"].checklist) == 3
    assert by_origin["BACK-425"].checklist[0].text.startswith("A compact TUI list")
    assert (by_origin["BACK-425"].id, by_origin["BACK-425"].priority) == (425, "low")
    assert by_origin["BACK-1"].phase == "m-1"
    assert by_origin["BACK-1"].created == datetime(2025, 6, 3, 12, tzinfo=UTC)
    assert taken.named(by_origin["BACK-1"], "assignee") == "person1"
    assert taken.named(by_origin["BACK-1"], "project") == "Backlog.md"
    assert not taken.not_taken


def test_the_folder_itself_and_the_one_around_it_are_known() -> None:
    assert len(take(FOLDER / "backlog").ws.tasks) == len(take(FOLDER).ws.tasks) == 6
    assert recognised(Content(b"", "ics", SAMPLES / "ics")) is None


def test_numbers_name_the_same_task_whatever_is_before_them(tmp_path: Path) -> None:
    taken = read(
        tmp_path,
        "id: BACK-1\ntitle: Ganzes",
        "id: task-1.1\ntitle: Teil\ndependencies: [BACK-3]",
        "id: 3\ntitle: Drei\nparent_task_id: back-1",
        "id: task-9.1\ntitle: Waise",
    )
    assert taken.needs == ["Drei → Teil", "Teil → Ganzes"]
    assert taken["Teil"].phase == "Ganzes"
    assert taken.says("9", "not in the file")


def test_lists_and_scalars_are_read_as_they_occur() -> None:
    fields, body = front_matter(
        "---\nid: task-1\ntitle: 'It''s: a \"test\"'\nassignee: @ada\nlabels: [\"a, b\", c]\n"
        "dependencies:\n- task-2\n  - 'task-3'\nempty:\nnothing: []\n"
        "folded: >\n  one\n  two\n---\nBody"
    )
    assert fields == {
        "id": "task-1",
        "title": 'It\'s: a "test"',
        "assignee": "@ada",
        "labels": ["a, b", "c"],
        "dependencies": ["task-2", "task-3"],
        "empty": "",
        "nothing": [],
        "folded": "one two",
    }
    assert body == "Body"
    assert front_matter("no fields") == ({}, "no fields")
    assert front_matter("---\nid: 1\n") == ({}, "---\nid: 1\n")


def test_what_is_put_away_is_counted_or_dropped(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        tasks__one="---\nid: 1\ntitle: A\nstatus: In Progress\ndue: 2026-12-24\n---\n",
        completed__two="---\nid: 2\ntitle: B\nstatus: In Progress\n---\n",
        archive_tasks__three="---\nid: 3\ntitle: C\nstatus: Done\n---\n",
        drafts__four="---\nid: 4\ntitle: D\n---\n",
        tasks__readme="# Read me",
        tasks__five="just text",
    )
    taken = take(folder)
    assert [(task.title, task.state) for task in taken.ws.tasks.values()] == [
        ("A", "doing"),
        ("B", "done"),
    ]
    assert taken["A"].due == date(2026, 12, 24)
    assert taken.says("archive/tasks", "1 task of this folder")
    assert taken.says("drafts", "1 task of this folder")
    assert "tasks/five.md" in taken.skipped
    assert [task.state for task in take(folder, archived=True).ws.tasks.values()] == [
        *("doing", "done", "dropped", "dropped"),
    ]


def test_odd_values_are_told(tmp_path: Path) -> None:
    taken = read(
        tmp_path,
        "id: 1\ntitle: A\nstatus: Reviewing?!\npriority: odd\ncreated_date: 2026-99-01\nmood: gut",
        "id: 1\ntitle: B",
        "status: Done",
    )
    assert taken.says("status Reviewing?!", "Not a known state")
    assert taken.says("priority odd", "not a known priority")
    assert taken.says("created_date 2026-99-01", "is not a date")
    assert taken.not_taken == {"mood"}
    assert any("twice" in why for why in taken.skipped.values())
    assert "task-3" in taken.titles


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    folder = written(tmp_path, tasks__one="---\nid: 1\ntitle: A\n---\n")
    os.mkfifo(folder / "backlog" / "tasks" / "pipe.md")
    assert take(folder).titles == ["A"]


def test_a_file_is_no_folder_whatever_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("id,title\n1,A\n")
    with pytest.raises(BadInput, match=r"list\.csv is none; name the folder"):
        importing.read(path, today=date(2026, 12, 1), how=How(format="backlog"))


def test_a_folder_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path, tasks__one="---\nid: 1\ntitle: A\n---\n")
    monkeypatch.setattr("tracker.exchange.foreign.backlog_folder.MAX_BYTES", 5)
    with pytest.raises(BadInput, match="too large"):
        take(folder)


@settings(max_examples=40)
@given(text=st.text(max_size=60), value=st.text(max_size=12))
def test_whatever_is_in_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, value: str
) -> None:
    folder = tmp_path_factory.mktemp("backlog")
    clean = text.encode("utf-8", "replace").decode()
    scalar = value.encode("utf-8", "replace").decode()
    body = f"---\nid: {scalar}\ntitle: {scalar}\nlabels: [{scalar}]\n{clean}\n---\n{clean}"
    only_refuses(lambda: take(written(folder, tasks__one=body)))
