"""What Taskwarrior exports is read as it is meant, and ours comes back from it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, plan
from tests.exchange.foreign.taking import (
    BERLIN,
    SAMPLES,
    odd_json,
    only_refuses,
    source_of,
    take,
    wanted,
)
from tests.exchange.plans import plans
from tests.exchange.taskwarrior_program import taken_in
from tracker.domain.errors import BadInput
from tracker.domain.workspace import Workspace
from tracker.exchange.comparing import compare
from tracker.exchange.foreign import taskwarrior_list
from tracker.exchange.handout import Handout, one_line
from tracker.exchange.json_content import json_content
from tracker.exchange.recognising import recognise
from tracker.exchange.source import ReadOptions, harmless
from tracker.exchange.taskwarrior import write

SAMPLE = SAMPLES / "taskwarrior" / "export-2.6.2-berlin.json"


def form(uuid: int, **fields: Any) -> dict[str, Any]:
    return {
        "uuid": f"00000000-0000-4000-8000-{uuid:012}",
        "description": f"Task {uuid}",
        "status": "pending",
        "entry": "20261101T090000Z",
        **fields,
    }


def listed(*forms: dict[str, Any]) -> bytes:
    return json.dumps(forms).encode()


def uuid(number: int) -> str:
    return str(form(number)["uuid"])


def test_the_sample_is_read_as_wanted() -> None:
    taken, want = take(SAMPLE, zone=BERLIN), wanted(SAMPLE)
    assert len(taken.ws.tasks) == want["tasks"]
    assert dict.fromkeys(taken.skipped, "deleted") == want["left_out"]
    assert taken.needs == want["needs"]
    for title, state in want["states"].items():
        assert taken[title].state == state
    for field in ("due", "not_before", "follow_up"):
        for title, day in want[field].items():
            assert getattr(taken[title], field) == date.fromisoformat(day), (title, field)
    for title, period in want["recurrence"].items():
        assert taken[title].recurrence == period
    for title, days in want["likely"].items():
        assert taken[title].likely == days
    for title, lane in want["department"].items():
        assert taken.named(taken[title], "department") == lane
    for title in want["merged_templates"]:
        assert taken.titles.count(title) == 1
    assert taken.says("recur weekdays", "a period here")
    assert taken.says("until", "in the notes")
    assert taken.says("due 2026-12-22 17:00", "time of day was dropped")
    assert "recur: weekdays" in taken["Werktags melden"].notes
    assert not taken.not_taken


def test_the_sample_is_the_same_where_the_machine_stands_in_utc() -> None:
    there, here = take(SAMPLE, zone="UTC"), take(SAMPLE, zone=BERLIN)
    assert there["Backup prüfen"].due == date(2026, 12, 3)
    assert here["Backup prüfen"].due == date(2026, 12, 4)


@pytest.mark.parametrize(
    "depends", [[uuid(1), uuid(2)], f"{uuid(1)},{uuid(2)}", f"{uuid(1).upper()},{uuid(2)}"]
)
def test_dependencies_are_a_list_or_one_text(depends: object) -> None:
    taken = take(listed(form(1), form(2), form(3, depends=depends)), "a.json")
    assert taken.needs == ["Task 1 → Task 3", "Task 2 → Task 3"]


def test_older_versions_write_an_object_a_line() -> None:
    lines = b"\n".join(json.dumps(form(n)).encode() for n in (1, 2))
    assert take(lines, "a.json").titles == ["Task 1", "Task 2"]
    commas = b",\n".join(json.dumps(form(n)).encode() for n in (1, 2))
    assert take(commas, "a.data").titles == ["Task 1", "Task 2"]


def test_links_to_what_is_not_there_are_told_and_not_drawn() -> None:
    taken = take(listed(form(1, status="deleted"), form(2, depends=[uuid(1), uuid(9)])), "a.json")
    assert taken.needs == []
    assert taken.says("depends", uuid(1), "deleted there")
    assert taken.says("depends", uuid(9), "not in the file")
    kept = take(listed(form(1, status="deleted"), form(2)), "a.json", deleted=True)
    assert kept["Task 1"].state == "dropped"


def test_loops_become_returns() -> None:
    taken = take(listed(form(1, depends=[uuid(2)]), form(2, depends=[uuid(1)])), "a.json")
    assert [link.kind for link in taken.ws.links.values()] == ["needs", "returns"]


def test_the_youngest_of_a_series_comes_back() -> None:
    forms = (
        form(1, status="recurring", recur="monthly", due="20261201T000000Z", mask="++-"),
        form(2, parent=uuid(1), imask=1, recur="monthly", status="pending", depends=[uuid(4)]),
        form(3, parent=uuid(1), imask=2.0, recur="monthly", status="pending"),
        form(4, parent=uuid(1), imask=0, recur="monthly", status="completed"),
        form(5, status="recurring", recur="P2W"),
        form(6, depends=[uuid(1)]),
    )
    taken = take(listed(*forms), "a.json", zone="UTC")
    assert taken.titles == ["Task 2", "Task 3", "Task 4", "Task 5", "Task 6"]
    assert [task.recurrence for task in taken.ws.tasks.values()] == ["", "1m", "", "2w", ""]
    assert taken.needs == ["Task 3 → Task 6", "Task 4 → Task 2"]
    assert taken.says("(1 template)")


@pytest.mark.parametrize(
    ("word", "period"),
    [
        *(("daily", "1d"), ("biweekly", "2w"), ("quarterly", "3m"), ("semiannual", "6m")),
        *(("3mo", "3m"), ("2yrs", "2y"), ("P1Y", "1y"), ("4qtrs", "12m"), ("fortnight", "2w")),
        *(("weekdays", ""), ("PT36H", ""), ("36h", ""), ("", "")),
    ],
)
def test_periods_are_read_or_kept_in_the_notes(word: str, period: str) -> None:
    taken = take(listed(form(1, recur=word, due="20261201T000000Z")), "a.json")
    [task] = taken.ws.tasks.values()
    assert (task.recurrence, taken.says(f"recur {word}", "not a period")) == (
        period,
        bool(word and not period),
    )
    assert (f"recur: {word}" in task.notes) == bool(word and not period)


def test_what_waits_until_a_day_to_come_waits() -> None:
    taken = take(
        listed(
            form(1, wait="20261224T000000Z"),
            form(2, wait="20261101T000000Z"),
            form(3, status="waiting", wait="20261101T000000Z"),
        ),
        "a.json",
        zone="UTC",
    )
    states = [(task.state, task.follow_up) for task in taken.ws.tasks.values()]
    assert states == [
        ("waiting", date(2026, 12, 24)),
        ("todo", None),
        ("waiting", date(2026, 11, 1)),
    ]
    assert taken.says("wait 2026-11-01", "The wait is over")


def test_fields_of_the_users_own_are_read_by_their_words() -> None:
    taken = take(
        listed(
            form(1, estimate="P5D", dept="Netz", effort=3.0, owner="Ada", reviewed="yes"),
            form(2, effort="viel", brainpower=2.000000, due={"odd": 1}),
        ),
        "a.json",
    )
    first, second = taken.ws.tasks.values()
    assert (first.likely, first.effort, first.notes) == (5.0, 3.0, "reviewed: yes")
    assert taken.named(first, "department") == "Netz"
    assert taken.named(first, "assignee") == "Ada"
    assert second.notes == "effort: viel\nbrainpower: 2.0"
    assert taken.says("reviewed", "Unknown here")
    assert taken.says("due", "odd", "Not readable")


def test_projects_nest_by_dots() -> None:
    forms = listed(form(1, project="Umzug.Netz.Kabel"), form(2, project="Umzug"))
    taken = take(forms, "a.json")
    assert taken["Task 1"].tags == ("Netz.Kabel",)
    assert {taken.named(task, "project") for task in taken.ws.tasks.values()} == {"Umzug"}
    assert taken.says("project Umzug.Netz.Kabel", "--lanes subproject")
    lanes = take(forms, "a.json", lanes="subproject")
    assert lanes.named(lanes["Task 1"], "department") == "Netz.Kabel"
    assert lanes["Task 1"].tags == ()


def test_notes_have_their_dates() -> None:
    note = {"entry": "20261103T230000Z", "description": "angerufen"}
    taken = take(listed(form(1, annotations=[note, "odd"])), "a.json", zone=BERLIN)
    assert taken["Task 1"].notes == "2026-11-04: angerufen"


def test_an_odd_list_is_read_as_far_as_it_goes() -> None:
    taken = take(
        listed(
            form(1, description="", priority="X", status="pending"),
            form(1, description="again"),
            form(3, due="tomorrow", tags="a,b"),
        ),
        "a.json",
    )
    first, third = taken.ws.tasks.values()
    assert first.title == "00000000"
    assert (third.due, third.tags) == (None, ("a", "b"))
    assert taken.says("priority X", "not a known priority")
    assert taken.says("due tomorrow", "Not readable")
    assert any("twice" in why for why in taken.skipped.values())


def test_damaged_json_is_refused_with_its_place() -> None:
    data = listed(form(1)).replace(b'"status"', b'"x": "a"b", "status"')
    with pytest.raises(BadInput, match=r"Cannot read a\.json"):
        taskwarrior_list.read(json_content(data, "a.json"), "a.json", ReadOptions(TODAY))


def returned(ws: Workspace) -> Any:
    """Return a plan after it has gone out and come in again."""
    return take(write(Handout(ws, TODAY)), "plan.taskwarrior.json")


def test_our_own_tasks_are_known_again_although_they_came_from_nowhere() -> None:
    ws = plan(tasks=3, created=NOW.at)
    forms = json.loads(write(Handout(ws, TODAY)))
    for form_, title in zip(forms, ("X", "Y", "Z"), strict=True):
        form_["description"] = title
    assert take(listed(*forms), "a.json", ws=ws).report.already == 3


def test_what_went_out_and_comes_in_again_is_nothing_new() -> None:
    tags = ("b", "Sprint 1: a")
    ws = plan("1-2", tasks=2, created=NOW.at, due=TODAY, notes="a", tags=tags)
    source = source_of(write(Handout(ws, TODAY)), "a.json", ws=ws)
    assert not compare(source, ws, recognise(source, ws)).says_more


@settings(max_examples=12)
@given(ws=plans())
def test_ours_comes_back_up_to_what_the_export_tells(ws: Workspace) -> None:
    if not ws.tasks:
        return
    there = returned(ws).ws
    assert set(there.tasks) == set(ws.tasks)
    for id, task in ws.tasks.items():
        again = there.tasks[id]
        assert again.title == (one_line(task.title) or str(id))
        for field in ("state", "priority", "recurrence"):
            assert getattr(again, field) == getattr(task, field), field
        for field in ("due", "not_before", "follow_up"):
            day = getattr(task, field)
            if day is None or 1981 <= day.year <= 2099:
                assert getattr(again, field) == day, field
        for field, table in (("project", "projects"), ("department", "departments")):
            name = getattr(task, field) and one_line(getattr(ws, table)[getattr(task, field)].name)
            found = getattr(again, field)
            if name or field == "department":
                assert (found and getattr(there, table)[found].name) == (name or None), field
        lines = [text for line in harmless(task.notes)[0].splitlines() if (text := one_line(line))]
        assert again.notes.splitlines() == lines
        assert [(each.text, each.done) for each in again.checklist] == [
            (one_line(each.text), each.done) for each in task.checklist
        ]
        assert len(again.tags) <= len(task.tags)
    arrows = {(a.source, a.target): a.lag for a in ws.links.values() if a.kind == "needs"}
    assert {(a.source, a.target): pytest.approx(a.lag) for a in there.links.values()} == arrows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("taskwarrior")


@settings(max_examples=5)
@given(ws=plans())
def test_it_is_the_same_after_the_program_has_had_it(folder: Path, ws: Workspace) -> None:
    if not ws.tasks:
        return
    data = write(Handout(ws, TODAY))
    there = take(listed(*taken_in(data, folder).values()), "plan.json")
    here = take(data, "plan.json")
    assert set(there.ws.tasks) == set(here.ws.tasks)
    names = {"title", "state", "priority", "due", "not_before", "follow_up", "recurrence", "notes"}
    for id, task in here.ws.tasks.items():
        again = there.ws.tasks[id]
        for name in (*names, "checklist", "origin", "created", "passes"):
            assert getattr(again, name) == getattr(task, name), name
        # It sorts them.
        assert set(again.tags) == set(task.tags)
        for name in ("project", "department"):
            assert there.named(again, name) == here.named(task, name), name
    assert there.needs == here.needs


def test_what_changed_there_counts_and_not_what_we_have_kept() -> None:
    ws = plan(tasks=3, states="1:todo 2:waiting 3:recheck", priority="critical", created=NOW.at)
    forms = json.loads(write(Handout(ws, TODAY)))
    forms[0] |= {"start": "20261123T100000Z", "priority": "L", "project": "Neu.Teil"}
    forms[1] |= {"status": "completed", "end": "20261123T100000Z"}
    forms[2]["annotations"] = [{"entry": "20261124T100000Z", "description": "neu"}]
    tasks = [*take(listed(*forms), "a.json", zone="UTC").ws.tasks.values()]
    assert [task.state for task in tasks] == ["doing", "done", "recheck"]
    assert (tasks[0].priority, tasks[1].priority) == ("low", "critical")
    assert tasks[1].passes[0].ended == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert tasks[2].notes == "2026-11-24: neu"


def test_what_came_from_elsewhere_keeps_its_name_there() -> None:
    ws = plan(tasks=1, created=NOW.at, origin="jira:UMZ-3")
    [task] = take(write(Handout(ws, TODAY)), "plan.json").ws.tasks.values()
    assert task.origin == "jira:UMZ-3"


def test_what_came_from_there_goes_back_under_its_own_name() -> None:
    taken = take(SAMPLE, zone=BERLIN)
    there = {each["uuid"] for each in json.loads(SAMPLE.read_bytes())}
    assert {each["uuid"] for each in json.loads(write(Handout(taken.ws, TODAY)))} <= there


def test_of_two_tasks_with_one_name_there_only_one_goes_back_under_it() -> None:
    first = take(listed(form(1)), "a.json")
    twice = take(listed(form(1)), "a.json", ws=first.ws)
    names = [each["uuid"] for each in json.loads(write(Handout(twice.ws, TODAY)))]
    assert names[0] == uuid(1)
    assert len(set(names)) == 2


_names = st.sampled_from(
    (
        *("uuid", "description", "due", "wait", "scheduled", "until", "start", "end", "entry"),
        *("recur", "parent", "imask", "depends", "annotations", "tags", "priority", "project"),
        *("estimate", "tracker_id", "tracker_state", "tracker_lag", "tracker_checklist"),
        *("tracker_repeats", "tracker_project", "tracker_department", "tracker_follow_up"),
    )
)


@settings(max_examples=60)
@given(changes=st.lists(st.tuples(st.integers(0, 10), _names, odd_json), min_size=1, max_size=6))
def test_whatever_is_in_it_is_read_or_refused(changes: list[tuple[int, str, Any]]) -> None:
    forms = json.loads(SAMPLE.read_bytes())
    for at, name, value in changes:
        forms[at][name] = value
    data = listed(*forms)
    only_refuses(
        lambda: taskwarrior_list.read(json_content(data, "a.json"), "a.json", ReadOptions(TODAY))
    )


@settings(max_examples=30)
@given(cut=st.integers(0, 3300), hole=st.integers(0, 40))
def test_half_a_file_is_refused(cut: int, hole: int) -> None:
    data = SAMPLE.read_bytes()
    only_refuses(
        lambda: taskwarrior_list.read(
            json_content(data[:cut] + data[cut + hole :], "a.json"), "a.json", ReadOptions(TODAY)
        )
    )


def test_a_new_field_is_never_silent() -> None:
    forms = json.loads(SAMPLE.read_bytes())
    forms[0]["mood"] = "gut"
    forms[0]["annotations"] = [{"entry": "20261103T230000Z", "description": "x", "mood": "gut"}]
    taken = take(listed(*forms), "a.json", zone=BERLIN)
    assert "mood: gut" in taken["Konzept schreiben"].notes
    assert taken.says("mood gut", "Unknown here")
    assert "annotations/mood" in taken.not_taken


def test_the_source_says_which_fields_it_speaks_of() -> None:
    assert {"due", "state"} <= source_of(listed(form(1)), "a.json").given
