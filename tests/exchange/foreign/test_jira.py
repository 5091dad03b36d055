"""Jira: what its CSV says of issues, in English and German, from Cloud and Server."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from tests.builders import NOW
from tests.exchange.desk import Desk
from tests.exchange.desk import told as differences
from tests.exchange.foreign.samples import EXCHANGE, arrows, csv_of, sample, says
from tests.exchange.lists import Taken, taken, taken_file, workbook
from tracker.domain.model import Task
from tracker.exchange import importing
from tracker.exchange.source import How

DE = EXCHANGE / "jira/cloud-de.csv"
HEADS = ("Summary", "Issue key", "Issue id", "Issue Type", "Status", "Status Category")


def issues(folder: Path, heads: tuple[str, ...], *rows: tuple[str, ...]) -> Taken:
    """Import issues `A-1`, `A-2` … called `a`, `b` …, open ones, with more columns."""
    lines = [
        (chr(97 + at), f"A-{at + 1}", str(101 + at), "Task", "To Do", "To Do", *row)
        for at, row in enumerate(rows)
    ]
    return taken(csv_of((*HEADS, *heads), *lines), folder)


def by_key(got: Taken) -> dict[str, Task]:
    """Return the tasks by the keys of their issues."""
    return {task.origin.removeprefix("jira:"): task for task in got.tasks}


# --- samples -----------------------------------------------------------------------------------


def test_a_german_export_of_cloud() -> None:
    got, wanted = sample("jira/cloud-de.csv")
    tasks = by_key(got)
    names = {task.id: key for key, task in tasks.items()}
    assert len(tasks) == wanted["tasks"]
    assert {f"{names[a]} → {names[b]}" for a, b, _ in got.needs} == set(wanted["needs"])
    assert {f"{names[a]} ⇢ {names[b]}" for a, b in got.returns} == set(wanted["returns"])
    assert {key: task.state for key, task in tasks.items()} == wanted["states"]
    assert {k: t.effort for k, t in tasks.items() if t.effort is not None} == wanted["effort"]
    assert {k: t.spent for k, t in tasks.items() if t.spent is not None} == wanted["spent"]
    assert {k: str(t.due) for k, t in tasks.items() if t.due} == wanted["due"]
    starts = {k: str(t.not_before) for k, t in tasks.items() if t.not_before}
    assert starts == wanted["not_before"]
    for key, tags in wanted["tags"].items():
        # The title of the parent is the phase.
        assert {*tasks[key].tags, tasks[key].phase} == set(tags)
    for key, people in wanted["watchers"].items():
        assert [got.ws.people[id].login for id in tasks[key].watchers] == people
    for title in wanted["titles_to_the_letter"]:
        assert title in {task.title for task in got.tasks}
        assert not says(got, title, "formula")
    for arrow in wanted["not_drawn"]:
        source, _, target = arrow.partition(" → ")
        assert says(got, "Inward issue link (Blocks)", source)
        assert source in tasks[target].notes


def test_an_english_export_of_cloud() -> None:
    got, wanted = sample("jira/cloud-en-2025.csv")
    tasks = by_key(got)
    states = [task.state for task in got.tasks]
    assert {state: states.count(state) for state in set(states)} == wanted["states"]
    assert len(tasks) == wanted["tasks"]
    assert (len(got.needs), len(got.returns)) == (wanted["needs"], wanted["returns"])
    assert {k: str(t.due) for k, t in tasks.items() if t.due} == wanted["due"]
    assert {tag for task in got.tasks for tag in task.tags} >= {"TES Sprint 1"}
    # Keys of one project are the numbers here.
    assert {f"TES-{task.id}" for task in got.tasks} == set(tasks)


def test_comments_keep_their_semicolons_and_name_who_wrote_them() -> None:
    german, english = taken_file(DE), taken_file(EXCHANGE / "jira/cloud-en-2025.csv")
    concept = by_key(german)["UMZ-3"].notes
    assert "Kommentar: 05/Dez./26 7:24 AM, 000000:01: Bitte prüfen; eilt" in concept
    assert "{code}x;y,z{code}" in concept
    assert says(german, "Texts keep the markup of Jira")
    assert says(german, "Kommentar", "2 comments are in the notes.")
    assert "Comment: 05/Sep/25 7:25 AM, Cem Yild: " in "".join(t.notes for t in english.tasks)


def test_what_is_done_has_its_pass_with_its_end() -> None:
    task = by_key(taken_file(DE))["UMZ-2"]
    (ended,) = [each.ended for each in task.passes]
    assert ended is not None
    assert ended.astimezone().date() == date(2026, 12, 11)


# --- the same list again -----------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.take(DE.read_text(), "jira.csv")
    return made


def test_the_same_export_again_differs_in_nothing(desk: Desk) -> None:
    update = desk.update(DE.read_text(), "jira.csv")
    assert (differences(update), update.comparison.new, update.comparison.gone) == ({}, (), ())


def test_a_later_export_is_an_update_of_the_issues_by_their_keys(desk: Desk) -> None:
    text = DE.read_text().replace("Inventar aufnehmen", "Ganz anders genannt")
    text = text.replace("22/Dez./26", "29/Dez./26").replace("Unteraufgabe,Zu erl", "Aufgabe,In Arb")
    text = text.replace(",Zu erledigen,UMZ-3", ",In Arbeit,UMZ-3").replace(
        "In Arbedigen", "In Arbeit"
    )
    text += text.splitlines()[-1].replace("UMZ-7", "UMZ-8").replace("Verworfene", "Neue") + "\n"
    update = desk.update(text, "other.csv")
    assert differences(update) == {
        3: [("title", "Inventar aufnehmen", "Ganz anders genannt", "there")],
        4: [("due", "2026-12-22", "2026-12-29", "there")],
        5: [
            ("state", "todo", "doing", "there"),
            ("notes", "Vorgangstyp: Unteraufgabe", "Vorgangstyp: Aufgabe", "there"),
        ],
    }
    assert [row.title for row in update.comparison.new] == ["Neue Idee"]
    desk.do(update.command(update.usual()))
    assert desk.ws.tasks[2].title == "Ganz anders genannt"
    assert desk.ws.tasks[8].origin == "jira:UMZ-8"
    assert differences(desk.update(text, "other.csv")) == {}


def test_an_issue_whose_row_was_cut_off_says_nothing(desk: Desk) -> None:
    whole = DE.read_text().rstrip()
    came = desk.update(whole[: whole.rindex("Verworfene") + 40], "jira.csv")
    assert differences(came) == {}
    why = "The row has no line end and too few cells; the rest of it may be missing."
    assert why in [str(each.why) for each in came.source.warnings]


def test_a_link_that_comes_or_goes_is_told(desk: Desk) -> None:
    text = DE.read_text()
    assert differences(desk.update(text.replace(",UMZ-3,NETZ-17,", ",,NETZ-17,"), "jira.csv"))
    assert not differences(desk.update(text, "jira.csv"))


def test_issues_of_several_projects_are_known_again(tmp_path: Path) -> None:
    rows = [(key[0], key, key, "Bug", "To Do", "To Do") for key in ("A-7", "B-7", "B-8")]
    desk = Desk(tmp_path)
    desk.take(csv_of(HEADS, *rows))
    changed = csv_of(HEADS, *[("new", *row[1:]) if row[1] == "B-8" else row for row in rows[::-1]])
    update = desk.update(changed, "other.csv")
    assert differences(update) == {2: [("title", "B", "new", "there")]}


def test_what_follows_from_other_columns_is_compared_too(desk: Desk) -> None:
    text = DE.read_text().replace(",144000,,129600", ",288000,,129600")
    text = text.replace("Zu erledigen,UMZ-3,", "Zu erledigen,UMZ-1,")
    update = desk.update(text, "jira.csv")
    assert differences(update)[3] == [
        *(("low", "5", "10", "there"), ("likely", "5", "10", "there")),
        *(("high", "5", "10", "there"), ("effort", "5", "10", "there")),
    ]
    fields = {field for field, *_ in differences(update)[5]}
    assert fields >= {"phase"}
    # The part leads to another whole now.
    assert any(
        field == "needs" for several in differences(update).values() for field, *_ in several
    )
    desk.do(update.command(update.usual()))
    assert differences(desk.update(text, "jira.csv")) == {}
    assert desk.ws.tasks[4].phase == "Rechenzentrum umziehen"


def test_a_sheet_of_excel_is_read_as_the_csv_it_was(tmp_path: Path) -> None:
    # Excel would calculate what begins with an equals sign.
    text = DE.read_text().replace("=SUMME", "SUMME")
    rows = [
        [int(cell) if cell.isdecimal() else cell or None for cell in row]
        for row in csv.reader(text.splitlines(keepends=True))
    ]
    got = taken(workbook(*rows), tmp_path, name="jira.xlsx")
    plain = taken(text, tmp_path)
    assert got.report.format == "jira"
    assert (got.needs, got.returns) == (plain.needs, plain.returns)
    named = {task.origin: (task.title, task.state, task.due, task.phase) for task in got.tasks}
    assert named == {t.origin: (t.title, t.state, t.due, t.phase) for t in plain.tasks}


# --- columns -----------------------------------------------------------------------------------


def test_repeated_heads_overwrite_nothing(tmp_path: Path) -> None:
    heads = (
        "Labels",
        "Labels",
        "Sprint",
        "Sprint",
        "Component/s",
        "Fix Version/s",
        "Watchers",
        "Watchers",
        "Inward issue link (Blocks)",
        "Inward issue link (Blocks)",
    )
    got = issues(
        tmp_path,
        heads,
        ("",) * 10,
        ("",) * 10,
        ("x", "y", "S 1", "S, 2", "Net", "1.0", "Brandt, Karin", "Bo", "A-1", "A-2"),
    )
    task = got.tasks[2]
    assert task.tags == ("x", "y", "S 1", "S, 2", "Net", "1.0")
    assert [got.ws.people[id].login for id in task.watchers] == ["Brandt, Karin", "Bo"]
    assert arrows(got) == {"a → c", "b → c"}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *(("22/Dec/26 12:00 AM", "2026-12-22"), ("22/Dez/26 12:00 AM", "2026-12-22")),
        *(("02/März/26 9:12 AM", "2026-03-02"), ("02/Mrz/26 9:12 AM", "2026-03-02")),
        *(("02/Sept./26 12:00", "2026-09-02"), ("02/Mai/26 12:00 AM", "2026-05-02")),
        *(("2026-12-22 00:00", "2026-12-22"), ("22.12.2026 00:00", "2026-12-22")),
    ],
)
def test_dates_have_the_months_of_the_language(tmp_path: Path, text: str, day: str) -> None:
    got = issues(tmp_path, ("Due date",), (text,))
    assert str(got.tasks[0].due) == day


def test_a_month_of_another_language_is_told_and_kept(tmp_path: Path) -> None:
    got = issues(tmp_path, ("Due date",), ("22/giugno/26 12:00 AM",))
    assert got.tasks[0].due is None
    assert says(got, "Due date", "22/giugno/26", "is not a date")
    assert "22/giugno/26" in got.tasks[0].notes


def test_seconds_are_days_and_efforts_are_durations_where_none_is_said(tmp_path: Path) -> None:
    heads = ("Original estimate", "Time Spent", "Remaining Estimate", "Σ Time Spent")
    got = issues(tmp_path, heads, ("60", "28800", "14400", "99999"), ("57600", "", "", ""))
    first, second = got.tasks
    assert (second.effort, second.low, second.likely, second.high) == (2, 2, 2, 2)
    assert first.effort == pytest.approx(60 / 28800, abs=1e-4)
    assert first.spent == 1
    assert "Remaining Estimate: 0.5 d" in first.notes
    assert says(got, "Original estimate", "2 tasks were taken from their efforts")
    assert says(got, "Σ Time Spent")


def test_a_milestone_takes_no_time(tmp_path: Path) -> None:
    text = csv_of(HEADS, ("Go", "A-1", "1", "Milestone", "To Do", "To Do"))
    assert taken(text, tmp_path).tasks[0].milestone


def test_a_department_comes_from_a_field_of_ones_own_or_from_components(tmp_path: Path) -> None:
    got = issues(tmp_path, ("Custom field (Abteilung)", "Component/s"), ("Netz", "ERP"))
    assert got.ws.departments[got.tasks[0].department or 0].name == "Netz"
    got = issues(tmp_path, ("Components",), ("ERP",))
    assert got.tasks[0].department is None
    assert says(got, "--lanes component", "ERP")


def test_components_become_departments_if_asked(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(csv_of((*HEADS, "Components"), ("a", "A-1", "1", "Bug", "", "", "ERP")))
    source = importing.read(path, today=NOW.today, how=How(lanes="component")).source
    assert [task.fields["department"] for task in source.tasks] == ["ERP"]


def test_unknown_fields_are_in_the_notes_and_told(tmp_path: Path) -> None:
    heads = ("Custom field (Grund)", "Environment", "Votes", "Custom field (Rank)")
    got = issues(tmp_path, heads, ("darum", "Test", "3", "0|i001"))
    assert "Custom field (Grund): darum" in got.tasks[0].notes
    assert "Environment: Test" in got.tasks[0].notes
    assert "0|i001" not in got.tasks[0].notes
    assert says(got, "Custom field (Grund)", "unknown")
    assert says(got, "In the notes: Issue Type, Environment") or says(got, "In the notes: Environ")
    assert says(got, "Not taken", "Votes, Custom field (Rank)")


# --- states ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "category", "resolution", "flag", "state"),
    [
        *(("To Do", "To Do", "", "", "todo"), ("Done", "Done", "Done", "", "done")),
        ("In Review", "In Progress", "", "", "doing"),
        ("Blocked", "In Progress", "", "", "waiting"),
        # The category is what Jira itself goes by.
        *(("Ready", "In Progress", "", "", "doing"), ("Live", "Done", "", "", "done")),
        ("Released", "In Progress", "", "", "doing"),
        ("Klärung", "In Arbeit", "", "", "doing"),
        *(
            ("Closed", "Done", "Won't Do", "", "dropped"),
            ("Fertig", "Fertig", "Duplikat", "", "dropped"),
        ),
        ("Done", "", "Cannot Reproduce", "", "dropped"),
        *(
            ("To Do", "To Do", "", "Impediment", "waiting"),
            ("Done", "Done", "", "Impediment", "done"),
        ),
        ("Rejected", "Done", "", "", "dropped"),
    ],
)
def test_states(
    tmp_path: Path, status: str, category: str, resolution: str, flag: str, state: str
) -> None:
    heads = (*HEADS, "Resolution", "Custom field (Flagged)")
    text = csv_of(heads, ("a", "A-1", "1", "Task", status, category, resolution, flag))
    task = taken(text, tmp_path).tasks[0]
    assert task.state == state
    assert ("Impediment" in task.waiting_for) == (bool(flag) and state == "waiting")


def test_a_status_of_ones_own_without_a_category_is_told(tmp_path: Path) -> None:
    heads = (*HEADS[:5], "Project key")
    got = taken(csv_of(heads, ("a", "A-1", "1", "Task", "Hin und her", "A")), tmp_path)
    assert says(got, "Status", "Hin und her")


def test_a_description_is_not_what_an_issue_waits_for(tmp_path: Path) -> None:
    rows = [
        ("a", "A-1", "1", "Bug", "Blocked", "", "one line"),
        ("b", "A-2", "2", "Bug", "Wartet auf den Einkauf", "", "another"),
    ]
    got = taken(csv_of((*HEADS, "Description"), *rows), tmp_path)
    assert [task.waiting_for for task in got.tasks] == ["", "den Einkauf"]
    assert [task.notes.splitlines()[0] for task in got.tasks] == ["one line", "another"]


# --- arrows ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "arrow"),
    [
        ("Outward issue link (Blocks)", "a → b"),
        ("Inward issue link (Blocks)", "b → a"),
        ("Ausgehender Vorgangslink (Blocks)", "a → b"),
        ("Eingehende Vorgangsverknüpfung (Blocks)", "b → a"),
        ("Outward issue link (Gantt End to Start)", "a → b"),
        # “a depends on b”
        ("Outward issue link (Depends)", "b → a"),
        ("Inward issue link (Dependency)", "a → b"),
    ],
)
def test_links(tmp_path: Path, head: str, arrow: str) -> None:
    got = issues(tmp_path, (head,), ("A-2",), ("",))
    assert arrows(got) == {arrow}
    assert says(got, head, "depends on") == ("epend" in head)


def test_a_link_told_at_both_ends_is_one_and_no_matter(tmp_path: Path) -> None:
    heads = ("Outward issue link (Blocks)", "Inward issue link (Blocks)")
    got = issues(tmp_path, heads, ("A-2", ""), ("", "A-1"))
    assert arrows(got) == {"a → b"}
    assert not says(got, "arrow")


def test_links_of_schedules_keep_their_dates(tmp_path: Path) -> None:
    heads = ("Original estimate", "Outward issue link (Gantt Start to Start)")
    got = issues(tmp_path, heads, ("86400", "A-2"), ("28800", ""))
    assert arrows(got) == {"a → b -3"}


def test_links_that_order_nothing_are_in_the_notes(tmp_path: Path) -> None:
    heads = ("Outward issue link (Relates)", "Outward issue link (Gantt Start to End)")
    got = issues(tmp_path, heads, ("A-2", "A-2"), ("", ""))
    assert arrows(got) == set()
    assert "Outward issue link (Relates): A-2" in got.tasks[0].notes
    assert says(got, "Gantt Start to End", "not drawn")


def test_a_parent_is_named_by_key_or_id_and_done_with_its_parts(tmp_path: Path) -> None:
    got = issues(
        tmp_path, ("Parent", "Custom field (Epic Link)"), ("", ""), ("101", ""), ("", "A-1")
    )
    assert arrows(got) == {"b → a", "c → a"}
    assert [task.phase for task in got.tasks if task.title != "a"] == ["a", "a"]


def test_a_parent_outside_of_the_file_is_told_and_its_title_kept(tmp_path: Path) -> None:
    got = issues(tmp_path, ("Parent", "Parent summary"), ("Z-9", "Elsewhere"))
    assert got.tasks[0].phase == "Elsewhere"
    assert "Parent: Z-9" in got.tasks[0].notes
    assert says(got, "Parent", "Z-9")


# --- columns -----------------------------------------------------------------------------------


def test_other_values_in_a_second_column_of_one_name_are_told(tmp_path: Path) -> None:
    heads = (*HEADS, "Status", "Assignee", "Assignee")
    rows = [
        ("a", "A-1", "1", "Task", "To Do", "", "Done", "anna", "anna"),
        ("b", "A-2", "2", "Task", "To Do", "", "Done", "", "bodo"),
        ("c", "A-3", "3", "Task", "", "", "Done", "anna", ""),
    ]
    got = taken(csv_of(heads, *rows), tmp_path)
    assert [task.state for task in got.tasks] == ["todo", "todo", "done"]
    assert says(got, "Status", "Done", "Only the first such column was read; 2 values here")
    assert not says(got, "Assignee", "Only the first")


# --- numbers -----------------------------------------------------------------------------------


def test_keys_of_several_projects_are_no_numbers(tmp_path: Path) -> None:
    rows = [
        ("a", "A-7", "1", "Task", "To Do", "To Do"),
        ("b", "B-7", "2", "Task", "To Do", "To Do"),
    ]
    got = taken(csv_of(HEADS, *rows), tmp_path)
    assert [task.id for task in got.tasks] == [1, 2]
    assert {task.origin for task in got.tasks} == {"jira:A-7", "jira:B-7"}
    assert says(got, "several projects")


def test_an_issue_that_is_there_twice_is_taken_once(tmp_path: Path) -> None:
    row = ("a", "A-7", "1", "Task", "To Do", "To Do")
    got = taken(csv_of(HEADS, row, row), tmp_path)
    assert len(got.tasks) == 1
    assert [number for number, _ in got.skipped] == [3]


def test_semicolons_divide_columns_on_some_servers(tmp_path: Path) -> None:
    heads = (*HEADS, "Labels", "Description")
    row = ("a; b", "A-1", "1", "Bug", "To Do", "To Do", "x", "one,\ntwo;three")
    got = taken(csv_of(heads, row, mark=";"), tmp_path)
    assert (got.tasks[0].title, got.tasks[0].tags) == ("a; b", ("x",))
    assert got.tasks[0].notes.startswith("one,\ntwo;three")
