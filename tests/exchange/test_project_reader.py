"""MPXJ reads in the plans for Microsoft Project what stands in ours, field by field."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW, TODAY, plan
from tests.exchange.hostile_titles import AWKWARD
from tests.exchange.mpxj import found_by_mpxj
from tracker.domain.model import Department, Link, Pass, Person, Project, Task
from tracker.domain.workspace import Workspace
from tracker.exchange.handout import Handout, one_line
from tracker.exchange.project_xml import PRIORITIES, write

pytestmark = pytest.mark.mpxj
_THINGS = (
    Department(id=1, name="Netz"),
    Person(id=1, login="ada", name="Ada Quist", department=1),
    Project(id=1, name="Umzug"),
    Project(id=2, name="Rest"),
)


def _plan() -> Workspace:
    over = Pass(
        number=1, started=NOW.at - timedelta(6), ended=NOW.at - timedelta(3), outcome="done"
    )
    tasks = [
        Task(id=1, title="A", state="done", likely=4.0, passes=(over,), project=1, priority="low"),
        Task(id=2, title="B", likely=1.5, low=1.0, high=4.0, project=1, phase="Test", department=1),
        Task(id=3, title="C", likely=0.5, project=2, assignee=1, effort=0.25, due=TODAY),
        Task(id=4, title="Go", low=0.0, likely=0.0, high=0.0, project=2, priority="critical"),
        Task(id=5, title="?", not_before=TODAY + timedelta(14), notes="Zeile 1\n\n  Zeile 2\t„x“"),
        Task(id=9, title="Off", state="dropped", likely=2.0, waiting_for="Einkauf"),
        Task(id=12, title="Half", state="doing", likely=4.0, progress=40.0, follow_up=TODAY),
    ]
    extra = {"relation": {"type": "SS", "lag": 1.0, "unit": "days", "as": -0.5}}
    links = [
        Link(id=1, kind="needs", source=1, target=2, lag=2.0),
        Link(id=2, kind="needs", source=2, target=3, lag=-0.5, extra=extra),
        Link(id=3, kind="needs", source=3, target=4, lag=-1.25),
        Link(id=4, kind="returns", source=3, target=2, rate=0.3, rate_entered=True, share=0.5),
    ]
    return Workspace([*_THINGS, *tasks, *links])


def test_mpxj_reads_every_field_of_a_plan(tmp_path: Path) -> None:
    ws = _plan()
    english, german = found_by_mpxj(
        tmp_path, [write(Handout(ws, TODAY, language)) for language in ("en", "de")]
    )
    assert english["people"] == [["Ada Quist", "ada", "Netz"]]
    assert english["assigned"] == [[3, "Ada Quist", "2.0h"]]
    rows = {row["uid"]: row for row in english["tasks"]}
    assert [(row["level"], row["name"]) for row in english["tasks"] if row["summary"]] == [
        (1, "Umzug"),
        (2, "Test"),
        (1, "Rest"),
    ]
    for task in ws.tasks.values():
        row = rows[task.id]
        assert row["name"] == task.title
        assert row["active"] == (task.state != "dropped")
        assert not row["manual"]
        assert row["priority"] == PRIORITIES[task.priority]
        assert row["milestone"] == task.milestone
        assert row["estimated"] == (task.likely is None)
        assert row["notes"] == task.notes
        assert row["deadline"] == (f"{task.due}T17:00" if task.due else "")
        assert row["constrained"] == (f"{task.not_before}T08:00" if task.not_before else "")
        assert row["constraint"] == (
            "START_NO_EARLIER_THAN" if task.not_before else "AS_SOON_AS_POSSIBLE"
        )
        assert float(row["columns"]["No."]) == task.id
        assert row["columns"]["State"] == task.state
    assert [rows[key]["duration"] for key in ws.tasks] == [
        *("4.0d", "1.5d", "0.5d", "0.0d", "1.0d", "2.0d", "4.0d"),
    ]
    assert [rows[key]["percent"] for key in (1, 2, 12)] == [100.0, 0.0, 40.0]
    assert [rows[key]["start"] for key in (1, 2)] == ["2026-11-17T08:00", "2026-11-25T08:00"]
    assert (rows[1]["began"], rows[1]["ended"]) == ("2026-11-17T08:00", "2026-11-20T17:00")
    assert {key: row["needs"] for key, row in rows.items() if row["needs"]} == {
        2: [[1, "FS", "2.0d"]],
        3: [[2, "SS", "1.0d"]],
        4: [[3, "FS", "-1.25d"]],
    }
    assert _of(rows[2]) == {"Low": "1.0d", "High": "4.0d", "Phase": "Test", "Department": "Netz"}
    assert _of(rows[3])["Returns to"] == "2:30%:50%"
    assert _of(rows[12])["Follow-up"] == f"{TODAY}T08:00"
    assert german["free"] == english["free"]
    words = {row["uid"]: row["columns"].get("Status") for row in german["tasks"]}
    assert (words[1], words[12]) == ("erledigt", "in Arbeit")


def _of(row: dict[str, Any]) -> dict[str, str]:
    return {
        name: text
        for name, text in row["columns"].items()
        if name not in ("No.", "State", "Project")
    }


def test_mpxj_reads_awkward_titles_as_they_are(tmp_path: Path) -> None:
    ws = plan(titles=AWKWARD, tasks=len(AWKWARD), notes=AWKWARD[0])
    [found] = found_by_mpxj(tmp_path, [write(Handout(ws, TODAY))])
    for row, title in zip(found["tasks"], AWKWARD, strict=True):
        line = one_line(title)
        assert " ".join(row["name"].split()) == (line if len(line) <= 512 else line[:511] + "…")
        assert row["notes"].endswith(AWKWARD[0])
