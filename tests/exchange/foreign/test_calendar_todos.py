"""To-dos of calendars are read as RFC 5545 and 9253 have them, and ours come back from them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, plan
from tests.exchange.desk import Desk, told
from tests.exchange.foreign.taking import BERLIN, SAMPLES, Taken, only_refuses, take, wanted
from tests.exchange.plans import plans
from tracker.domain.draft import name_of
from tracker.domain.errors import BadInput
from tracker.domain.workspace import Workspace
from tracker.exchange.foreign import calendar_todos
from tracker.exchange.foreign.content_lines import components, divided, unescaped
from tracker.exchange.handout import Handout, one_line
from tracker.exchange.icalendar import write
from tracker.exchange.source import ReadOptions, harmless

FOLDER = SAMPLES / "ics"
TITLES = {
    "t1": "Inventar aufnehmen, Teil 1; alles",
    "t2": "Konzept schreiben",
    "t3": "Konzept prüfen",
    "t4": "Backup prüfen",
    "t5": "Freigabe",
    "t6": "Umschalten",
}


def calendar(*todos: str, above: str = "") -> str:
    inner = "".join(f"BEGIN:VTODO\r\n{todo}\r\nEND:VTODO\r\n" for todo in todos)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{above}{inner}END:VCALENDAR\r\n"


def read(*lines: str, **options: Any) -> Taken:
    return take(calendar("\r\n".join(lines)), "a.ics", zone=options.pop("zone", BERLIN), **options)


def test_the_sample_of_a_desktop_client_is_read_as_wanted() -> None:
    path = FOLDER / "desktop-tasks.ics"
    taken, want = take(path, zone=BERLIN), wanted(path)
    assert len(taken.ws.tasks) == want["tasks"]
    for field in ("state", "due", "recurrence", "priority"):
        several = {"state": "states", "priority": "priorities"}.get(field, field)
        for key, value in want[several].items():
            assert str(getattr(taken[TITLES[key]], field)) == value, (key, field)
    assert taken.needs == sorted(
        (
            f"{TITLES['t1']} → {TITLES['t2']}",
            f"{TITLES['t3']} → {TITLES['t2']}",
            f"{TITLES['t5']} → {TITLES['t6']} +2",
        )
    )
    assert taken.says("RELATED-TO fehlt@example.invalid", "not drawn")
    assert taken.says("RELATED-TO t6@example.invalid", "Related to itself")
    assert taken.says("FINISHTOSTART", "some programs mean the reverse")
    assert taken.says("VEVENT", "1 entry")
    assert list(taken.skipped.values()) == ["A single occurrence of what recurs; not taken."]
    assert taken.says("DUE Unknown/Zone", "not known; read as local time")
    assert taken.says("UID", "No UID", "(1 task)")
    assert taken.not_taken == {"VALARM", "ATTENDEE"}
    assert taken["Konzept schreiben"].progress == 40
    assert taken["Konzept schreiben"].notes.startswith("Zeile 1\nZeile 2")
    assert taken["Inventar aufnehmen, Teil 1; alles"].tags == ("Umzug", "Netz, alt")


def test_the_other_samples_are_read_as_wanted() -> None:
    path = FOLDER / "events-and-todos.ics"
    taken, want = take(path), wanted(path)
    assert len(taken.ws.tasks) == want["tasks"]
    for kind, count in want["left_out"].items():
        assert taken.says(f"{kind} ", f"{count} entr")
    path = FOLDER / "todo-invalid-dtstart-tzid.ics"
    taken, want = take(path, zone=BERLIN), wanted(path)
    assert len(taken.ws.tasks) == want["tasks"]
    assert taken.says("CST", "not known; read as local time")
    assert taken.says("UID", "Another task has the same UID; both were taken")
    path = FOLDER / "todo.ics"
    taken, want = take(path, zone=BERLIN), wanted(path)
    assert len(taken.ws.tasks) == want["tasks"]
    for title, day in want["due"].items():
        assert taken[title].due == date.fromisoformat(day)
    done = taken["Submit Revised Internet-Draft"]
    assert (done.state, done.priority) == ("done", "critical")
    assert done.passes[0].ended == datetime(2007, 7, 7, 10, tzinfo=UTC)
    assert taken.says("STATUS NEEDS-ACTION", "whatever the status says")
    path = FOLDER / "todo_text_escaping.ics"
    taken, want = take(path), wanted(path)
    assert (taken[want["title"]].notes, taken.not_taken) == (want["notes"].strip(), set())


@pytest.mark.parametrize(
    ("line", "zone", "due"),
    [
        ("DUE;VALUE=DATE:20261231", BERLIN, date(2026, 12, 31)),
        ("DUE:20261231T230000Z", BERLIN, date(2027, 1, 1)),
        ("DUE:20261231T230000Z", "UTC", date(2026, 12, 31)),
        ("DUE:20261231T235959", BERLIN, date(2026, 12, 31)),
        ("DUE;TZID=America/New_York:20261231T200000", BERLIN, date(2027, 1, 1)),
        ("DUE;TZID=/mozilla.org/20050126_1/Asia/Tokyo:20270101T000000", "UTC", date(2026, 12, 31)),
        ('DUE;TZID="Nirgendwo: hier";X-A="b;c":20261231T200000', BERLIN, date(2026, 12, 31)),
        ("DUE:20261331", BERLIN, None),
        ("DUE:morgen", BERLIN, None),
        ("DUE:99991231T235959Z", BERLIN, None),
    ],
)
def test_days_are_those_of_the_zone_they_are_meant_in(
    line: str, zone: str, due: date | None
) -> None:
    taken = read("UID:1", "SUMMARY:A", line, zone=zone)
    assert taken["A"].due == due
    assert (due is None) == taken.says("DUE", "is not a date")


@pytest.mark.parametrize(
    ("lines", "due"),
    [
        (("DTSTART;VALUE=DATE:20261221", "DURATION:P1D"), date(2026, 12, 21)),
        (("DTSTART;VALUE=DATE:20261221", "DURATION:P1W"), date(2026, 12, 27)),
        (("DTSTART:20261221T080000", "DURATION:PT36H"), date(2026, 12, 22)),
        (("DTSTART:20261221T080000", "DURATION:-P1D"), date(2026, 12, 20)),
        (("DURATION:P1D",), None),
        (("DTSTART:20261221T080000", "DURATION:P"), None),
    ],
)
def test_a_duration_ends_where_it_leads(lines: tuple[str, ...], due: date | None) -> None:
    taken = read("UID:1", "SUMMARY:A", *lines)
    assert taken["A"].due == due
    assert (due is None) == taken.says("DURATION", "gives no due date")


@pytest.mark.parametrize(
    ("rule", "period"),
    [
        ("FREQ=DAILY", "1d"),
        ("freq=weekly;interval=2", "2w"),
        ("FREQ=WEEKLY;BYDAY=FR;WKST=MO", "1w"),
        ("FREQ=MONTHLY;BYMONTHDAY=4", "1m"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=4", "1y"),
        ("FREQ=WEEKLY;BYDAY=MO,FR", ""),
        ("FREQ=WEEKLY;COUNT=3", ""),
        ("FREQ=MONTHLY;BYDAY=-1FR", ""),
        ("FREQ=HOURLY", ""),
        ("FREQ=DAILY;INTERVAL=0", ""),
        ("INTERVAL", ""),
    ],
)
def test_rules_with_an_interval_alone_are_periods(rule: str, period: str) -> None:
    taken = read("UID:1", "SUMMARY:A", "DTSTART:20261204T090000", f"RRULE:{rule}")
    task = taken["A"]
    assert task.recurrence == period
    assert (f"RRULE: {rule}" in task.notes) == (not period)


@pytest.mark.parametrize(
    ("lines", "state", "said"),
    [
        (("STATUS:NEEDS-ACTION", "PERCENT-COMPLETE:100"), "done", True),
        (("STATUS:IN-PROCESS", "COMPLETED:20261101T090000Z"), "done", True),
        (("STATUS:CANCELLED", "COMPLETED:20261101T090000Z"), "dropped", False),
        (("PERCENT-COMPLETE:30",), "doing", False),
        (("STATUS:COMPLETED",), "done", False),
        (("STATUS:ODD",), "todo", True),
        (("PERCENT-COMPLETE:many",), "todo", True),
        (("STATUS:NEEDS-ACTION", "X-TRACKER-STATE:DONE"), "todo", False),
        (("STATUS:NEEDS-ACTION", "X-TRACKER-STATE:WAITING"), "waiting", False),
    ],
)
def test_what_is_completed_is_done_whatever_its_status_says(
    lines: tuple[str, ...], state: str, said: bool
) -> None:
    taken = read("UID:1", "SUMMARY:A", *lines)
    assert taken["A"].state == state
    assert (taken.says("STATUS") or taken.says("PERCENT-COMPLETE")) == said


@pytest.mark.parametrize(
    ("number", "priority"),
    [
        *(("0", "medium"), ("1", "critical"), ("2", "critical"), ("3", "high"), ("4", "high")),
        *(("5", "medium"), ("6", "low"), ("9", "low"), ("10", "medium"), ("A", "medium")),
    ],
)
def test_priorities_are_those_of_the_scale(number: str, priority: str) -> None:
    assert read("UID:1", "SUMMARY:A", f"PRIORITY:{number}")["A"].priority == priority


def test_parts_name_what_they_belong_to_or_are_named_by_it() -> None:
    one = "UID:1\r\nSUMMARY:Ganzes\r\nRELATED-TO;RELTYPE=CHILD:3"
    two = "UID:2\r\nSUMMARY:Teil\r\nRELATED-TO;RELTYPE=PARENT:1"
    three = "UID:3\r\nSUMMARY:Stück\r\nRELATED-TO;RELTYPE=SIBLING:2"
    taken = take(calendar(one, two, three), "a.ics")
    assert taken.needs == ["Stück → Ganzes", "Teil → Ganzes"]
    assert "SIBLING: 2" in taken["Stück"].notes
    assert taken.says("SIBLING 2", "Not drawn as an arrow")


@pytest.mark.parametrize(
    ("kind", "arrow"),
    [
        ("FINISHTOSTART", "A → B"),
        ("DEPENDS-ON", "B → A"),
        ("STARTTOSTART;GAP=P1D", "A → B"),
        ("DEPENDS-ON;GAP=often", "B → A"),
    ],
)
def test_each_kind_of_arrow_leads_its_way(kind: str, arrow: str) -> None:
    one = f"UID:1\r\nSUMMARY:A\r\nRELATED-TO;RELTYPE={kind}:2"
    taken = take(calendar(one, "UID:2\r\nSUMMARY:B"), "a.ics")
    assert [each[: len(arrow)] for each in taken.needs] == [arrow]
    assert ("often" in kind) == taken.says("GAP often", "not a time span")


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
@pytest.mark.parametrize("width", [60, 61, 74])
def test_lines_are_unfolded_by_octets_and_end_as_they_like(end: bytes, width: int) -> None:
    text = "äöü漢👩" * 40
    line = f"SUMMARY:{text}".encode()
    pieces = [line[at : at + width] for at in range(0, len(line), width)]
    body = (end + b" ").join(pieces)
    lines = (b"BEGIN:VCALENDAR", b"BEGIN:VTODO", body, b"END:VTODO", b"END:VCALENDAR", b"")
    assert take(end.join(lines), "a.ics").titles == [text]


def test_escapes_and_lists_are_divided_by_bare_signs() -> None:
    assert unescaped(r"a\, b\; c\\n\nd\Ne\x") == "a, b; c\\n\nd\nex"
    assert divided(r"a\,b,c\\,d,,") == [r"a\,b", r"c\\", "d"]


def test_a_calendar_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="contains no calendar"):
        components("hallo\n", "a.ics")
    with pytest.raises(BadInput, match="levels deep"):
        components("BEGIN:X\n" * 50, "a.ics")


def test_a_calendar_of_events_alone_is_refused_by_what_it_lacks() -> None:
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:A\nEND:VEVENT\nEND:VCALENDAR\n"
    with pytest.raises(BadInput, match="contains no to-dos"):
        take(text, "a.ics")


def test_what_is_left_open_ends_with_the_file() -> None:
    text = "BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:A\nodd line\nEND:VALARM\n"
    taken = take(text, "a.ics")
    assert taken.titles == ["A"]
    assert taken.says("does not belong in a calendar")


def test_a_calendar_that_was_cut_off_is_compared_with_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    text = calendar("UID:1\r\nSUMMARY:A", "UID:2\r\nSUMMARY:B\r\nDUE:20261204")
    desk.take(text, "a.ics")
    for at in range(text.index("UID:2"), len(text.rstrip())):
        with pytest.raises(BadInput, match=r"does not end with END:VCALENDAR.*Export it again"):
            desk.update(text[:at], "a.ics")
    assert told(desk.update(text.rstrip(), "a.ics")) == {}


def test_the_name_of_the_calendar_is_the_project() -> None:
    text = calendar("UID:1\r\nSUMMARY:A", above="X-WR-CALNAME:Umzug\\, Teil 1\r\n")
    taken = take(text, "a.ics")
    assert taken.named(taken["A"], "project") == "Umzug, Teil 1"


@settings(max_examples=12)
@given(ws=plans())
def test_ours_comes_back_up_to_what_the_export_tells(ws: Workspace) -> None:
    if not ws.tasks:
        return
    taken = take(write(Handout(ws, TODAY)), "plan.ics")
    there = taken.ws
    assert set(there.tasks) == set(ws.tasks)
    for id, task in ws.tasks.items():
        again = there.tasks[id]
        assert again.title == (one_line(task.title) or str(id))
        for field in ("state", "priority", "due", "follow_up", "expires", "recurrence"):
            day = getattr(task, field)
            if not isinstance(day, date) or 1900 <= day.year <= 2200:
                assert getattr(again, field) == day, field
        assert again.not_before == task.not_before
        for field in ("low", "likely", "high"):
            if getattr(task, field) is not None:
                assert getattr(again, field) == pytest.approx(getattr(task, field), abs=1e-4)
        assert again.phase == one_line(task.phase)
        assert again.waiting_for == one_line(task.waiting_for)
        assert list(again.tags) == list(dict.fromkeys(filter(None, map(one_line, task.tags))))
        for field, table in (("project", "projects"), ("department", "departments")):
            name = getattr(task, field) and one_line(getattr(ws, table)[getattr(task, field)].name)
            found = getattr(again, field)
            assert (found and getattr(there, table)[found].name) == (name or None), field
        named = task.assignee and one_line(name_of(ws.people[task.assignee]))
        assert (again.assignee and name_of(there.people[again.assignee])) == (named or None)
        assert again.notes == harmless(task.notes)[0].strip()
        assert [(each.text, each.done) for each in again.checklist] == [
            (one_line(each.text), each.done) for each in task.checklist
        ]
    arrows = {(a.source, a.target): a.lag for a in ws.links.values() if a.kind == "needs"}
    found = {(a.source, a.target): a.lag for a in there.links.values() if a.kind == "needs"}
    assert found == {ends: pytest.approx(lag) for ends, lag in arrows.items()}
    assert not taken.not_taken


def test_days_of_our_own_are_no_loss() -> None:
    taken = take(write(Handout(plan(tasks=2, due=TODAY), TODAY)), "plan.ics")
    assert not taken.says("VEVENT")


def test_what_came_from_elsewhere_keeps_its_name_there() -> None:
    ws = plan(tasks=1, created=NOW.at, origin="jira:UMZ-3")
    [task] = take(write(Handout(ws, TODAY)), "plan.ics").ws.tasks.values()
    assert task.origin == "jira:UMZ-3"


def test_what_came_from_there_goes_back_under_its_own_name() -> None:
    taken = take(FOLDER / "desktop-tasks.ics", zone=BERLIN)
    again: Any = icalendar.Calendar.from_ical(write(Handout(taken.ws, TODAY)))
    names = {str(todo["UID"]) for todo in again.walk("VTODO")}
    assert {f"t{n}@example.invalid" for n in range(1, 7)} <= names
    assert len(names) == 7


@settings(max_examples=15)
@given(ws=plans())
def test_another_reader_finds_the_same_in_it(ws: Workspace) -> None:
    data = write(Handout(ws, TODAY))
    judged: Any = icalendar.Calendar.from_ical(data)
    mine, _ = components(data.decode(), "a.ics")
    theirs = judged.walk("VTODO")
    ours = [part for each in mine for part in each.parts if part.name == "VTODO"]
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert one.text("UID") == str(other["UID"])
        assert one.text("SUMMARY") == str(other["SUMMARY"])
        assert one.text("DESCRIPTION") == str(other.get("DESCRIPTION", ""))
        assert len(one.properties) == sum(1 for _ in other.property_items(recursive=False)) - 2


_lines = (FOLDER / "desktop-tasks.ics").read_text().splitlines()


@settings(max_examples=60)
@given(
    cuts=st.lists(st.integers(0, len(_lines) - 1), max_size=4),
    doubled=st.lists(st.integers(0, len(_lines) - 1), max_size=3),
    values=st.lists(st.tuples(st.integers(0, len(_lines) - 1), st.text(max_size=12)), max_size=4),
)
def test_whatever_is_in_it_is_read_or_refused(
    cuts: list[int], doubled: list[int], values: list[tuple[int, str]]
) -> None:
    lines = list(_lines)
    for at, value in values:
        name = lines[at].partition(":")[0]
        lines[at] = f"{name}:{value}"
    for at in doubled:
        lines.insert(at, lines[at])
    for at in sorted(set(cuts), reverse=True):
        del lines[at]
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    only_refuses(lambda: calendar_todos.read(data, "a.ics", ReadOptions(TODAY)))


def test_a_new_property_is_never_silent() -> None:
    taken = read("UID:1", "SUMMARY:A", "GEO:48.85;2.35", "X-MOOD:gut", "LOCATION:Raum 3")
    assert taken.not_taken == {"GEO", "X-MOOD"}
    assert "Location: Raum 3" in taken["A"].notes
    assert taken.says("LOCATION Raum 3", "Kept in the notes")
