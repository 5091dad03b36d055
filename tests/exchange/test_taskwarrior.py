"""Taskwarrior takes the list in, and hands the same tasks out again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, plan
from tests.exchange.hostile_titles import hostile
from tests.exchange.plans import plans
from tests.exchange.taskwarrior_program import taken_in
from tracker.domain.model import Department, Item, Link, Pass, Project, Task
from tracker.domain.workspace import Workspace
from tracker.exchange.handout import Handout, one_line
from tracker.exchange.identity import identity
from tracker.exchange.source import harmless
from tracker.exchange.taskwarrior import write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("taskwarrior")


@settings(max_examples=5)
@given(titles=st.lists(hostile, min_size=4, max_size=10), notes=hostile, tag=hostile)
def test_every_text_comes_back_as_it_is(
    folder: Path, titles: list[str], notes: str, tag: str
) -> None:
    ws = plan(titles=titles, tasks=len(titles), notes=notes, tags=(tag,))
    found = taken_in(write(Handout(ws, TODAY)), folder)
    for task in ws.tasks.values():
        form = found[identity(task)]
        assert form["description"] == (one_line(task.title) or str(task.id))
        lines = [text for line in harmless(notes)[0].splitlines() if (text := one_line(line))]
        assert [note["description"] for note in form.get("annotations", [])] == lines
        assert len(form.get("tags", [])) == bool(one_line(tag))


@settings(max_examples=5)
@given(ws=plans())
def test_every_plan_is_taken_in(folder: Path, ws: Workspace) -> None:
    data = write(Handout(ws, TODAY))
    told = {form["uuid"]: form for form in json.loads(data)}
    found = taken_in(data, folder)
    assert set(found) == set(told) == {identity(task) for task in ws.tasks.values()}
    for uuid, form in found.items():
        for name in ("status", "due", "scheduled", "wait", "start", "project", "description"):
            assert form.get(name) == told[uuid].get(name), name
        assert set(form.get("depends", [])) == set(told[uuid].get("depends", []))


def test_states_dates_and_arrows_are_said_in_its_words(folder: Path) -> None:
    over = Pass(number=1, started=NOW.at - timedelta(3), ended=NOW.at, outcome="done")
    tasks = [
        Task(id=1, title="A", state="done", passes=(over,), created=NOW.at - timedelta(9)),
        Task(id=2, title="B", state="doing", priority="critical", project=1, department=1),
        Task(id=3, title="C", state="dropped", priority="low"),
        Task(
            id=4,
            title="D",
            state="recheck",
            due=TODAY,
            follow_up=TODAY,
            tags=("phase 1",),
            recurrence="1m",
            notes="Zeile",
            checklist=(Item(text="Sicherung", done=True),),
        ),
        Task(id=5, title="E", state="waiting", follow_up=TODAY),
    ]
    named = [Project(id=1, name="Umzug 2.0"), Department(id=1, name="Netz")]
    links = [
        Link(id=1, kind="needs", source=1, target=2, lag=2.0),
        Link(id=2, kind="returns", source=2, target=1),
    ]
    out = Handout(Workspace([*named, *tasks, *links]), TODAY)
    found = taken_in(write(out), folder)
    done, doing, dropped, recheck, waiting = (found[identity(task)] for task in tasks)
    assert (done["status"], done["end"]) == ("completed", "20261123T090000Z")
    assert (doing["status"], doing["priority"], doing["project"]) == (
        "pending",
        "H",
        "Umzug 2_0.Netz",
    )
    assert "start" in doing
    assert doing["depends"] == [done["uuid"]]
    assert dropped["status"] == "deleted"
    assert (recheck["status"], recheck["tags"]) == ("pending", ["phase_1", "recheck"])
    here = datetime.combine(TODAY, datetime.min.time()).astimezone(UTC)
    assert recheck["due"] == waiting["wait"] == f"{here:%Y%m%dT%H%M%SZ}"
    assert (recheck["tracker_follow_up"], "wait" in recheck) == (TODAY.isoformat(), False)
    assert [note["description"] for note in recheck["annotations"]] == ["Zeile", "[x] Sicherung"]
    assert {told.name for told in out.changed} == {
        *("priority", "project", "recheck", "recurrence", "tags", "follow_up", "waiting"),
    }


def test_taking_it_in_again_changes_the_same_tasks(folder: Path) -> None:
    ws = plan(tasks=2, created=NOW.at)
    again = plan(tasks=2, created=NOW.at, titles=["Neu", "B"])
    assert set(taken_in(write(Handout(ws, TODAY)), folder)) == set(
        taken_in(write(Handout(again, TODAY)), folder)
    )


def test_days_that_would_end_it_are_left_out_and_told(folder: Path) -> None:
    out = Handout(plan(tasks=1, due=TODAY.replace(year=1970)), TODAY)
    [form] = taken_in(write(out), folder).values()
    assert "due" not in form
    assert [told.name for told in out.changed] == ["days"]


def test_words_that_it_would_make_brackets_of_are_broken_and_told(folder: Path) -> None:
    out = Handout(plan(tasks=1, titles=["a &open;b&close; [c]"]), TODAY)
    [form] = taken_in(write(out), folder).values()
    assert form["description"] == "a & open;b& close; [c]"
    assert [(told.name, told.times) for told in out.changed] == [("brackets", 1)]


def test_a_colon_in_a_tag_would_be_a_field_of_its_own(folder: Path) -> None:
    [form] = taken_in(write(Handout(plan(tasks=1, tags=("a:b, c",)), TODAY)), folder).values()
    assert form["tags"] == ["a_b_c"]
    assert not form.keys() - {
        *("id", "uuid", "description", "entry", "modified", "status", "priority", "tags"),
        *("urgency", "tracker_id", "tracker_state"),
    }
