"""Another reader finds in the calendar what the plan says, however its texts are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import icalendar
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, plan
from tests.exchange.hostile_titles import hostile
from tests.exchange.plans import plans
from tracker.domain.model import Department, Link, Pass, Task
from tracker.domain.workspace import Workspace
from tracker.exchange.handout import Handout, one_line
from tracker.exchange.icalendar import write
from tracker.exchange.identity import identity
from tracker.exchange.source import harmless


def read(data: bytes) -> Any:
    """Return what the other reader makes of a file; it must find nothing wrong with it."""
    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    calendar: Any = icalendar.Calendar.from_ical(data)
    assert not calendar.errors
    for each in calendar.walk():
        assert not each.errors
    return calendar


def todos(data: bytes) -> dict[str, Any]:
    return {str(todo["UID"]): todo for todo in read(data).walk("VTODO")}


@settings(max_examples=12)
@given(title=hostile, tag=hostile, notes=hostile | st.just("Zeile 1\n\n  Zeile 3\t; \\n"))
def test_every_text_comes_back_as_it_is(title: str, tag: str, notes: str) -> None:
    ws = Workspace([Task(id=1, title=title, tags=(tag,), notes=notes, due=TODAY)])
    calendar = read(write(Handout(ws, TODAY)))
    [todo], [event] = calendar.walk("VTODO"), calendar.walk("VEVENT")
    assert str(todo["SUMMARY"]) == f"1 {one_line(title)}".rstrip()
    assert str(event["SUMMARY"]) == f"1 {one_line(title)}".rstrip() + " (due)"
    assert str(todo.get("DESCRIPTION", "")) == harmless(notes)[0]
    found = todo.get("CATEGORIES")
    assert (found.cats if found else []) == [one_line(tag)] * bool(one_line(tag))


@settings(max_examples=6)
@given(ws=plans())
def test_every_plan_is_a_calendar_of_its_tasks(ws: Workspace) -> None:
    found = todos(write(Handout(ws, TODAY)))
    assert set(found) == {identity(task) for task in ws.tasks.values()}
    for task in ws.tasks.values():
        todo = found[identity(task)]
        due = todo.get("DUE")
        assert (due.dt if due else None) == task.due
        start = todo.get("DTSTART")
        assert start is None or start.dt == task.not_before
        assert not (start and due) or start.dt < due.dt
        related = todo.get("RELATED-TO", [])
        assert {str(each) for each in (related if isinstance(related, list) else [related])} == {
            identity(ws.tasks[link.source])
            for link in ws.arrows_in.get(task.id, ())
            if link.kind == "needs"
        }


def test_states_priorities_and_lags_are_said_in_its_words() -> None:
    over = Pass(number=1, started=NOW.at - timedelta(3), ended=NOW.at, outcome="done")
    tasks = [
        Task(id=1, title="A", state="done", priority="critical", passes=(over,), created=NOW.at),
        Task(id=2, title="B", state="recheck", progress=40.0, department=1),
        Task(id=3, title="C", state="dropped", priority="low"),
    ]
    links = [Link(id=1, kind="needs", source=1, target=2, lag=2.0)]
    ws = Workspace([Department(id=1, name="Netz; Betrieb"), *tasks, *links])
    first, second, third = todos(write(Handout(ws, TODAY))).values()
    assert (first["STATUS"], first["PRIORITY"], first["COMPLETED"].dt) == ("COMPLETED", 1, NOW.at)
    assert (second["STATUS"], second["PERCENT-COMPLETE"]) == ("IN-PROCESS", 40)
    assert second["CATEGORIES"].cats == ["Netz; Betrieb"]
    assert second["RELATED-TO"].params == {"RELTYPE": "DEPENDS-ON", "X-TRACKER-LAG": "2"}
    assert (third["STATUS"], third["PRIORITY"]) == ("CANCELLED", 9)


def test_days_of_open_tasks_are_events_that_end_the_day_behind() -> None:
    days: dict[str, Any] = {
        "due": TODAY,
        "follow_up": TODAY + timedelta(2),
        "expires": TODAY + timedelta(90),
    }
    ws = plan(tasks=2, states="2:done", low=0.0, likely=0.0, high=0.0, **days)
    events = read(write(Handout(ws, TODAY, "de"))).walk("VEVENT")
    assert [(str(event["SUMMARY"]), event["DTSTART"].dt) for event in events] == [
        ("◆ 1 A (fällig)", days["due"]),
        ("1 A (Wiedervorlage)", days["follow_up"]),
        ("1 A (läuft ab)", days["expires"]),
    ]
    for event in events:
        assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(1)
        assert event["TRANSP"] == "TRANSPARENT"
    for part, names in (("tasks", {"VTODO"}), ("events", {"VEVENT"})):
        found = read(write(Handout(ws, TODAY, only=part))).subcomponents
        assert {each.name for each in found} == names


def test_what_recurs_is_a_rule_only_from_a_start() -> None:
    recurring: dict[str, Any] = {"recurrence": "2w", "due": TODAY + timedelta(30)}
    out = Handout(plan(tasks=1, not_before=TODAY, **recurring), TODAY)
    [todo] = todos(write(out)).values()
    assert todo["RRULE"] == {"FREQ": ["WEEKLY"], "INTERVAL": [2]}
    assert not out.changed
    after: dict[str, Any] = {"recurrence": "after 2w", "not_before": TODAY}
    for fields in (recurring, after):
        out = Handout(plan(tasks=1, **fields), TODAY)
        [todo] = todos(write(out)).values()
        assert "RRULE" not in todo
        assert todo["X-TRACKER-REPEATS"] == fields["recurrence"]
        assert [told.name for told in out.changed] == ["recurrence"]
    made_up = write(Handout(plan(tasks=1, recurrence="1w\r\x1b[2JSUMMARY:x"), TODAY))
    assert b"REPEATS:1w" in made_up
    assert b"\x1b" not in made_up
    assert made_up.count(b"\r") == made_up.count(b"\r\n")


def test_the_same_plan_is_the_same_file_and_a_task_keeps_its_name() -> None:
    ws = plan(tasks=1, created=NOW.at, modified=NOW.at)
    assert write(Handout(ws, TODAY)) == write(Handout(ws, TODAY + timedelta(9)))
    [uid] = todos(write(Handout(plan(tasks=1, titles=["Z"], created=NOW.at), TODAY)))
    assert uid == identity(ws.tasks[1])
    assert uid != identity(plan(tasks=1, created=NOW.at - timedelta(1)).tasks[1])
