"""Plans for Microsoft Project are valid by its schema and say what ours do."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.builders import NOW, TODAY, plan
from tests.exchange.hostile_titles import AWKWARD, hostile
from tests.exchange.plans import plans
from tracker.domain.errors import BadInput
from tracker.domain.model import (
    Baseline,
    Department,
    Item,
    Link,
    Pass,
    Person,
    PlannedTask,
    Project,
    Task,
)
from tracker.domain.workspace import Workspace
from tracker.exchange.handout import Handout, one_line
from tracker.exchange.project_xml import write

_SCHEMA = Path(__file__).parents[1] / "data/exchange/mspdi/mspdi-2007-plus.xsd"
_SPACE = "{http://schemas.microsoft.com/project}"


@cache
def _schema() -> Any:
    return etree.XMLSchema(etree.parse(_SCHEMA))


def read(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a plan; it must be valid by the schema."""
    root = etree.fromstring(data)
    _schema().assertValid(root)
    found: dict[str, list[dict[str, Any]]] = {"Project": [_values(root)]}
    for table in ("Tasks", "Resources", "Assignments"):
        found[table] = [_values(each) for each in root.iterfind(f"{_SPACE}{table}/*")]
    return found


def _values(element: Any) -> dict[str, Any]:
    """Return the texts of the children of an element; of some there are several."""
    found: dict[str, Any] = {}
    for child in element:
        name = etree.QName(child).localname
        if name in ("PredecessorLink", "ExtendedAttribute", "Baseline"):
            found.setdefault(name, []).append(_values(child))
        elif not len(child):
            found[name] = child.text
    return found


def columns(data: bytes, task: int = 0) -> dict[str, str]:
    """Return the columns of our own of a task, by the names they have in the plan."""
    root = etree.fromstring(data)
    names = {
        each.findtext(f"{_SPACE}FieldID"): each.findtext(f"{_SPACE}Alias")
        for each in root.iterfind(f"{_SPACE}ExtendedAttributes/{_SPACE}ExtendedAttribute")
    }
    return {
        names[each["FieldID"]]: each["Value"]
        for each in read(data)["Tasks"][task].get("ExtendedAttribute", ())
    }


def told(out: Handout) -> dict[str, int]:
    return {each.name: each.times for each in out.changed}


@settings(max_examples=12)
@given(titles=st.lists(hostile, min_size=1, max_size=5), name=hostile, notes=hostile)
def test_every_text_comes_back_as_it_is(titles: list[str], name: str, notes: str) -> None:
    things = (Department(id=1, name=name), Project(id=1, name=name), Person(id=1, login=name))
    ws = plan(
        titles=titles,
        tasks=len(titles),
        department=1,
        project=1,
        assignee=1,
        notes=notes,
        tags=(name,),
        phase=name,
        extra=things,
    )
    tables = read(write(Handout(ws, TODAY)))
    rows = [row for row in tables["Tasks"] if row["Summary"] == "0"]
    shown = [" ".join(row.get("Name", "").split()) for row in rows]
    assert [len(each) <= 512 for each in shown]
    assert shown == [
        line if len(line) <= 512 else line[:511] + "…" for line in map(one_line, titles)
    ]


@settings(max_examples=8)
@given(ws=plans())
def test_every_plan_is_valid_by_the_schema(ws: Workspace) -> None:
    for language in ("en", "de"):
        tables = read(write(Handout(ws, TODAY, language)))
        rows = {int(row["UID"]): row for row in tables["Tasks"] if row["Summary"] == "0"}
        assert set(rows) == set(ws.tasks)
        assert [int(row["ID"]) for row in tables["Tasks"]] == [*range(1, len(tables["Tasks"]) + 1)]
        for key, row in rows.items():
            assert row["Start"] <= row["Finish"]
            before = {int(each["PredecessorUID"]) for each in row.get("PredecessorLink", ())}
            needed = {a.source for a in ws.arrows_in.get(key, ()) if a.kind == "needs"}
            assert before == needed


def test_days_follow_the_plan_and_half_days_its_clock() -> None:
    worked = Pass(number=1, started=NOW.at - timedelta(6), ended=NOW.at - timedelta(3))
    tasks = [
        Task(id=1, title="A", state="done", likely=4.0, passes=(replaced(worked, "done"),)),
        Task(id=2, title="B", likely=1.5),
        Task(id=3, title="C", likely=0.5),
        Task(id=4, title="Go", low=0.0, likely=0.0, high=0.0),
        Task(id=5, title="?"),
        Task(id=6, title="Old", state="done"),
        Task(id=7, title="Off", state="dropped", likely=2.0),
    ]
    links = [
        Link(id=n, kind="needs", source=source, target=target)
        for n, (source, target) in enumerate(((1, 2), (2, 3), (3, 4)), 1)
    ]
    out = Handout(Workspace([*tasks, *links]), TODAY)
    rows = read(write(out))["Tasks"]
    assert [(row["Start"], row["Finish"], row["Duration"]) for row in rows] == [
        ("2026-11-17T08:00:00", "2026-11-20T17:00:00", "PT32H0M0S"),
        ("2026-11-23T08:00:00", "2026-11-24T12:00:00", "PT12H0M0S"),
        ("2026-11-24T13:00:00", "2026-11-24T17:00:00", "PT4H0M0S"),
        ("2026-11-24T17:00:00", "2026-11-24T17:00:00", "PT0H0M0S"),
        ("2026-11-23T08:00:00", "2026-11-23T17:00:00", "PT8H0M0S"),
        ("2026-11-17T08:00:00", "2026-11-17T17:00:00", "PT8H0M0S"),
        ("2026-11-17T08:00:00", "2026-11-18T17:00:00", "PT16H0M0S"),
    ]
    assert rows[0]["ActualStart"][:10] == "2026-11-17"
    assert rows[0]["ActualFinish"][:10] == "2026-11-20"
    assert [row["Estimated"] for row in rows] == ["0", "0", "0", "0", "1", "1", "0"]
    assert [row["Active"] for row in rows] == ["1"] * 6 + ["0"]
    assert [row["PercentComplete"] for row in rows] == ["100", "0", "0", "0", "0", "100", "0"]
    assert told(out) == {"undated": 1, "passes": 1}


def test_what_is_over_took_its_days_and_its_estimate_is_a_column() -> None:
    runs = [
        Pass(number=1, started=NOW.at - timedelta(11), ended=NOW.at - timedelta(3), outcome="done"),
        Pass(number=1, ended=NOW.at - timedelta(3), outcome="done"),
    ]
    tasks = [
        Task(id=n, title="A", state="done", likely=2.0, passes=(run,))
        for n, run in enumerate(runs, 1)
    ]
    data = write(Handout(Workspace(tasks), TODAY))
    rows = read(data)["Tasks"]
    assert [(row["Start"][:10], row["Finish"][:10], row["Duration"]) for row in rows] == [
        ("2026-11-12", "2026-11-20", "PT56H0M0S"),
        ("2026-11-19", "2026-11-20", "PT16H0M0S"),
    ]
    assert "ActualStart" not in rows[1]
    assert columns(data)["Likely"] == "PT16H0M0S"
    assert "Likely" not in columns(data, 1)


def replaced(run: Pass, outcome: Any) -> Pass:
    return Pass(number=run.number, started=run.started, ended=run.ended, outcome=outcome)


def test_holidays_of_the_region_are_free() -> None:
    [calendar] = etree.fromstring(write(Handout(plan(tasks=1, likely=30.0), TODAY, "de"))).findall(
        f"{_SPACE}Calendars/{_SPACE}Calendar"
    )
    free = [
        (
            each.findtext(f"{_SPACE}Name"),
            each.findtext(f"{_SPACE}TimePeriod/{_SPACE}FromDate"),
        )
        for each in calendar.iter(f"{_SPACE}Exception")
    ]
    assert free == [
        ("Erster Weihnachtstag", "2026-12-25T00:00:00"),
        ("Neujahr", "2027-01-01T00:00:00"),
    ]


def test_lags_are_tenths_of_a_minute_and_links_of_other_kinds_go_back_as_they_came() -> None:
    def relation(kind: str, lag: float, unit: str, was: float) -> dict[str, Any]:
        return {"relation": {"type": kind, "lag": lag, "unit": unit, "as": was}}

    links = [
        Link(id=1, kind="needs", source=1, target=2, lag=-0.5),
        Link(id=2, kind="needs", source=1, target=3, lag=-4.0, extra=relation("SS", 1, "days", -4)),
        Link(id=3, kind="needs", source=2, target=3, lag=2, extra=relation("FF", 1, "days", -4)),
        Link(id=4, kind="needs", source=1, target=4, lag=5, extra=relation("FS", 7, "elapsed", 5)),
        Link(id=5, kind="needs", source=3, target=4, lag=3, extra=relation("FS", 0.5, "share", 3)),
    ]
    rows = read(write(Handout(plan(tasks=4, likely=5.0, extra=links), TODAY)))["Tasks"]
    found = [
        (each["PredecessorUID"], each["Type"], each["LinkLag"], each["LagFormat"])
        for row in rows
        for each in row.get("PredecessorLink", ())
    ]
    assert found == [
        ("1", "1", "-2400", "7"),
        ("1", "3", "4800", "7"),
        ("2", "1", "9600", "7"),
        ("1", "1", "100800", "8"),
        ("3", "1", "50", "19"),
    ]


def test_what_project_has_no_field_for_is_in_columns_with_names() -> None:
    things = (Department(id=1, name="Netz"), Person(id=1, login="ada", name="Ada Quist"))
    task = Task(
        id=7,
        title="A",
        department=1,
        requester=1,
        state="waiting",
        low=1.0,
        likely=2.0,
        high=5.0,
        waiting_for="Lieferant",
        follow_up=TODAY,
        tags=("a b", "c;d"),
        recurrence="1m",
    )
    back = Link(id=1, kind="returns", source=7, target=7, rate=0.3, rate_entered=True, limit=3)
    ws = Workspace([*things, task, back])
    assert columns(write(Handout(ws, TODAY))) == {
        "No.": "7",
        "Department": "Netz",
        "State": "waiting",
        "Requester": "ada",
        "Waiting for": "Lieferant",
        "Tags": 'a b; "c;d"',
        "Repeats": "1m",
        "Returns to": "7:30%:100%:3",
        "Low": "PT8H0M0S",
        "High": "PT40H0M0S",
        "Follow-up": f"{TODAY}T08:00:00",
    }
    german = columns(write(Handout(ws, TODAY, "de")))
    assert german["Status"] == "wartet"
    assert german["Wiedervorlage"] == f"{TODAY}T08:00:00"


def test_projects_and_phases_sum_up_their_tasks() -> None:
    things = (Project(id=1, name="Umzug"), Project(id=2, name="Netz"))
    tasks = [
        Task(id=1, title="A", project=1, phase="Test"),
        Task(id=2, title="B", project=2),
        Task(id=3, title="C", project=1),
        Task(id=4, title="D", project=1, phase="Test"),
    ]
    ws = Workspace([*things, *tasks])
    rows = read(write(Handout(ws, TODAY)))["Tasks"]
    assert [(row["OutlineNumber"], row["Name"], row["UID"]) for row in rows] == [
        ("1", "Umzug", "5"),
        ("1.1", "Test", "6"),
        ("1.1.1", "A", "1"),
        ("1.1.2", "D", "4"),
        ("1.2", "C", "3"),
        ("2", "Netz", "7"),
        ("2.1", "B", "2"),
    ]
    assert [row["OutlineLevel"] for row in rows] == ["1", "2", "3", "3", "2", "1", "2"]
    one = Handout(ws, TODAY, tasks=[ws.tasks[1], ws.tasks[3]])
    assert [row["Name"] for row in read(write(one))["Tasks"]] == ["Test", "A", "C"]


def test_work_is_that_of_assignments() -> None:
    person = Person(id=3, login="ada", name="Ada Quist", department=1, capacity=2.5)
    tasks = [
        Task(id=1, title="A", assignee=3, likely=4.0, effort=2.0, spent=0.5),
        Task(id=2, title="B", assignee=3, likely=4.0),
        Task(id=3, title="C", effort=1.0),
        Task(id=4, title="D"),
    ]
    tables = read(write(Handout(Workspace([Department(id=1, name="Netz"), person, *tasks]), TODAY)))
    [resource] = tables["Resources"]
    assert (resource["Name"], resource["Initials"], resource["Group"], resource["MaxUnits"]) == (
        *("Ada Quist", "ada", "Netz", "0.5"),
    )
    assert [
        (each["TaskUID"], each["ResourceUID"], each["Units"], each["Work"], each.get("ActualWork"))
        for each in tables["Assignments"]
    ] == [
        ("1", "3", "0.5", "PT16H0M0S", "PT4H0M0S"),
        ("2", "3", "1", "PT32H0M0S", None),
        ("3", "-65535", "1", "PT8H0M0S", None),
    ]
    assert [row.get("Work") for row in tables["Tasks"]] == ["PT16H0M0S", None, "PT8H0M0S", None]


def test_what_does_not_fit_is_cut_and_told() -> None:
    tags = tuple(f"Schlagwort {n}" for n in range(40))
    marks = (Item(text="Band 1", done=True), Item(text="Band 2"))
    task = Task(
        id=1, title="x" * 600, tags=tags, waiting_for="y" * 300, notes="Zeile", checklist=marks
    )
    out = Handout(Workspace([task]), TODAY)
    data = write(out)
    [row] = read(data)["Tasks"]
    assert row["Name"] == "x" * 511 + "…"
    assert row["Notes"] == "x" * 600 + "\nZeile\n[x] Band 1\n[ ] Band 2"
    held = columns(data)
    assert held["Waiting for"] == "y" * 254 + "…"
    assert held["Tags"].split("; ") == [*tags[: held["Tags"].count(";") + 1]]
    assert told(out) == {"title": 1, "checklist": 1, "shortened": 2}


def test_the_newest_baselines_are_numbered() -> None:
    row = PlannedTask(1, TODAY, TODAY + timedelta(2), 3.0, None, "todo")
    kept = [
        Baseline(id=n, name=f"Plan {n}", taken=NOW.at + timedelta(n), plan=(row,))
        for n in range(1, 14)
    ]
    out = Handout(plan(tasks=1, extra=kept), TODAY)
    [task] = read(write(out))["Tasks"]
    assert [each["Number"] for each in task["Baseline"]] == [str(n) for n in range(11)]
    assert task["Baseline"][0]["Finish"] == f"{TODAY + timedelta(2)}T17:00:00"
    assert told(out) == {"baselines": 13, "older_baselines": 2}


def test_days_at_either_end_of_time_are_written_or_refused() -> None:
    first = datetime(1, 1, 2, 12, tzinfo=UTC)
    last = datetime(9999, 12, 30, 12, tzinfo=UTC)
    for begun, ended in ((first, first), (first, last), (last, last), (None, first)):
        run = Pass(number=1, started=begun, ended=ended, outcome="done")
        task = Task(id=1, title="A", state="done", likely=900.0, passes=(run,), phase="P")
        with suppress(BadInput):
            read(write(Handout(Workspace([task]), TODAY)))
    for day in (date.min, date.max):
        task = Task(id=1, title="A", likely=900.0, not_before=day, due=day, follow_up=day)
        with suppress(BadInput):
            read(write(Handout(Workspace([task]), TODAY)))


def test_what_is_left_of_a_day_begins_and_ends_within_it() -> None:
    ws = plan("1-2", likely=2.0005)
    rows = read(write(Handout(ws, TODAY)))["Tasks"]
    assert [(row["Start"], row["Finish"]) for row in rows] == [
        ("2026-11-23T08:00:00", "2026-11-25T08:01:00"),
        ("2026-11-25T08:01:00", "2026-11-27T08:01:00"),
    ]


@pytest.mark.parametrize("state", ["doing", "recheck", "done"])
def test_progress_is_a_whole_percentage(state: Any) -> None:
    out = Handout(plan(tasks=1, states=f"1:{state}", progress=99.7), TODAY)
    [row] = read(write(out))["Tasks"]
    assert row["PercentComplete"] == ("99" if state == "doing" else "100")
    assert told(out) == {"rounded" if state == "doing" else "progress": 1} | (
        {"undated": 1} if state == "done" else {}
    )


def test_awkward_titles_are_only_texts() -> None:
    ws = plan(titles=AWKWARD, tasks=len(AWKWARD))
    rows = read(write(Handout(ws, TODAY)))["Tasks"]
    assert len(rows) == len(AWKWARD)
