"""What goes out says all there is of a task, or what of it stays here: format by format."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings

from tests.builders import NOW, TODAY, plan
from tests.exchange.plans import plans
from tracker.domain.arrow_fields import ARROW_FIELDS
from tracker.domain.fields import FIELDS
from tracker.domain.model import (
    Baseline,
    Department,
    Item,
    Link,
    Pass,
    Person,
    PlannedTask,
    Project,
    SavedFilter,
    Settings,
    System,
    Task,
)
from tracker.domain.workspace import Workspace, references
from tracker.exchange.export import FORMATS
from tracker.exchange.handout import EVERYTHING, Handout, part_of
from tracker.exchange.target_format import Format

# A workbook is slow to write; it has the columns of a CSV, and the sheet of arrows has its tests.
EACH = pytest.mark.parametrize("format", [f for f in FORMATS if not f.binary], ids=lambda f: f.name)
NAMED = (
    Project(id=1, name="Umzug"),
    Department(id=1, name="Netz"),
    Person(id=1, login="k.brandt"),
    System(id=1, name="ERP"),
)
# What every field of a task may hold.
VALUES: dict[str, Any] = {
    "department": 1,
    "assignee": 1,
    "requester": 1,
    "watchers": (1,),
    "project": 1,
    "phase": "Test",
    "state": "doing",
    "priority": "high",
    "low": 2.0,
    "likely": 3.0,
    "high": 4.0,
    "effort": 5.0,
    "spent": 1.5,
    "progress": 40.0,
    "due": TODAY + timedelta(30),
    "not_before": TODAY + timedelta(14),
    "follow_up": TODAY + timedelta(7),
    "waiting_for": "Einkauf",
    "tags": ("rot",),
    "systems": (1,),
    "recurrence": "1m",
    "expires": TODAY + timedelta(400),
    "ahead": "3m",
    "origin": "jira:UMZ-3",
    "checklist": (Item(text="Sicherung", done=True),),
    "notes": "Zeile 1\nZeile 2",
    "passes": (Pass(number=1, started=NOW.at - timedelta(9), ended=NOW.at - timedelta(2)),),
    "created": NOW.at - timedelta(20),
    "modified": NOW.at - timedelta(1),
}
LINK_VALUES: dict[str, Any] = {
    "lag": 2.0,
    "ripple": 0.25,
    "rate": 0.3,
    "share": 0.5,
    "limit": 3,
    "redo": "target",
    "learning": 0.1,
    "escalation": 2.0,
    "observed": True,
    "escalate_to": 1,
}


def contents(format: Format[Handout], ws: Workspace) -> bytes:
    """Return what a file says."""
    return format.write(Handout(ws, TODAY))


def left_out(format: Format[Handout], ws: Workspace) -> dict[str, int]:
    return {told.name: told.times for told in Handout(ws, TODAY).left_out(format.carries)}


def _one(values: dict[str, Any]) -> Workspace:
    return Workspace([*NAMED, Task(id=1, title="A", **values)])


@EACH
def test_every_field_of_a_task_is_in_the_file_or_told(format: Format[Handout]) -> None:
    fields = {field.name for field in FIELDS} - {"id", "title", "estimate", "after", "blocks"}
    assert fields - {"returns_to", "finished"} == set(VALUES)
    # An estimate has an order, and what recurs may need a day to count from.
    around = {"low": 1.0, "likely": 3.5, "high": 9.0, "due": TODAY + timedelta(60)}
    for name, value in VALUES.items():
        without = _one(around | {name: getattr(Task(id=1, title=""), name)})
        having = _one(around | {name: value})
        if name in format.carries:
            assert contents(format, having) != contents(format, without), name
            assert name not in left_out(format, having), name
        else:
            assert left_out(format, having)[name] == 1, name
            assert name not in left_out(format, without), name


@EACH
def test_every_field_of_an_arrow_is_in_the_file_or_told(format: Format[Handout]) -> None:
    def drawn(**values: Any) -> Workspace:
        return plan(tasks=2, low=1.0, likely=1.0, high=1.0, extra=(*NAMED, Link(**values)))

    more = {"returns": ("observed", "escalate_to"), "needs": ()}
    for kind, field in (("needs", "after"), ("returns", "returns_to")):
        base = {"id": 1, "kind": kind, "source": 1, "target": 2, "rate_entered": True}
        if field not in format.carries:
            assert left_out(format, drawn(**base))[field] == 1
            continue
        assert contents(format, drawn(**base)) != contents(format, plan(tasks=2, extra=NAMED))
        # A share is passed on where something is, and nothing is forwarded without a limit.
        base |= {"ripple": 0.4} if kind == "needs" else {"limit": 2}
        for name in (*(each.name for each in ARROW_FIELDS[kind]), *more[kind]):
            having = drawn(**(base | {name: LINK_VALUES[name]}))
            if f"{kind}.{name}" in format.carries:
                assert contents(format, having) != contents(format, drawn(**base)), name
            else:
                assert left_out(format, having)[f"{kind}.{name}"] == 1, name


@EACH
def test_what_lies_beside_the_tasks_is_in_the_file_or_told(format: Format[Handout]) -> None:
    row = PlannedTask(1, TODAY, TODAY, 1.0, None, "todo")
    beside = {
        "settings": Settings(id=1, region="AT"),
        "filters": SavedFilter(id=1, name="Meine", query="who:me"),
        "baselines": Baseline(id=1, name="Plan 1", taken=NOW.at, plan=(row,)),
        "details": Project(id=1, name="Umzug", budget=5.0),
    }
    for name, thing in beside.items():
        ws = plan(tasks=1, extra=(thing,))
        if name in format.carries:
            assert contents(format, ws) != contents(format, plan(tasks=1))
        else:
            assert left_out(format, ws)[name] == 1
    newer = Workspace([Task(id=1, title="A", extra={"mood": 1})])
    assert ("extra" in left_out(format, newer)) == ("extra" not in format.carries)


def test_a_workbook_says_what_a_list_says() -> None:
    book, listed = FORMATS[:2]
    sheet = openpyxl.load_workbook(io.BytesIO(contents(book, plan(tasks=1)))).active
    head = next(csv.reader(io.StringIO(contents(listed, plan(tasks=1)).decode("utf-8-sig"))))
    assert [cell.value for cell in sheet[1]] == head
    assert book.carries == listed.carries


def test_what_a_format_carries_has_a_name() -> None:
    for format in FORMATS:
        assert format.carries <= EVERYTHING


@settings(max_examples=5)
@given(ws=plans())
def test_a_part_of_a_plan_stands_alone(ws: Workspace) -> None:
    chosen = set(list(ws.tasks)[::2])
    part = part_of(ws, chosen)
    assert set(part.tasks) == chosen
    for thing in part.entities():
        assert all(key in getattr(part, table) for table, key in references(thing))
    kept = {link.id for link in ws.links.values() if {link.source, link.target} <= chosen}
    assert set(part.links) == kept
    cut = sum((a.source in chosen) != (a.target in chosen) for a in ws.links.values())
    out = Handout(ws, TODAY, tasks=[ws.tasks[key] for key in chosen])
    told = {each.name: each.times for each in out.left_out(EVERYTHING)}
    assert told.get("arrows", 0) == (cut if len(chosen) < len(ws.tasks) else 0)
