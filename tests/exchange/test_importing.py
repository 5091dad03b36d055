"""Lists taken in: nothing is lost or changed in silence."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from tests import DATA
from tests.builders import NOW, TODAY, contents, plan
from tests.exchange.lists import Taken, taken, taken_file, workbook
from tracker.domain import graph
from tracker.domain.change import Change
from tracker.domain.errors import BadInput, NotFound, Refused
from tracker.domain.model import DEFAULT_RATE, Department, Link, Pass, Person, Project, System, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.exchange import importing, merge, relations
from tracker.exchange.outcome import Report, remark_lines
from tracker.exchange.source import Warned
from tracker.language import use

# --- the coordinator's own list ----------------------------------------------------------------


@pytest.fixture(scope="module")
def moved() -> Taken:
    return taken_file(DATA / "umzug-erp.xlsx")


def test_all_rows_of_the_list_are_taken(moved: Taken) -> None:
    assert moved.report.tasks == 34
    assert [task.id for task in moved.tasks] == list(range(1, 35))
    first, waits = moved.ws.tasks[1], moved.ws.tasks[5]
    assert (first.title, first.state, first.priority) == (
        "Ist-Aufnahme Altsystem AS/400",
        "done",
        "high",
    )
    assert (first.low, first.likely, first.high, first.effort) == (3, 5, 9, 6)
    assert first.due == date(2026, 10, 16)
    assert first.notes == "Ansprechpartner im Lager fehlt noch"
    assert (waits.state, waits.waiting_for, waits.notes) == (
        "waiting",
        "wartet auf Antwort des Anbieters",
        "",
    )
    assert [moved.ws.systems[s].name for s in moved.ws.tasks[26].systems] == ["ERP-Cloud", "AS/400"]


def test_what_the_list_names_comes_into_being_once(moved: Taken) -> None:
    assert len(moved.ws.departments) == 10
    assert [p.name for p in moved.ws.projects.values()] == ["Ablösung AS/400 → ERP-Cloud"]
    assert {task.project for task in moved.tasks} == {1}
    lanes = {
        p.login: moved.ws.departments[p.department or 0].name for p in moved.ws.people.values()
    }
    assert lanes["k.brandt"] == "Fachbereich Vertrieb"
    assert len(lanes) == 11


def test_what_is_done_was_done_once_and_nobody_knows_when(moved: Taken) -> None:
    assert moved.ws.tasks[4].passes == (Pass(number=1, outcome="done"),)
    assert moved.ws.tasks[3].passes == ()


def test_every_loop_of_the_list_becomes_a_return_with_its_path(moved: Taken) -> None:
    told = {(r.source, r.target): (r.row, str(r.why)) for r in moved.report.returns}
    assert set(told) == moved.returns == {(31, 2), (14, 3), (17, 3), (13, 10), (21, 19)}
    assert told[14, 3] == (
        7,
        "3 Zielarchitektur Cloud → 14 Sicherheitsabnahme Konzept → 3 is a loop; the arrow from"
        " 14 back to 3 became a return. Alternatives: 3 → 14.",
    )
    assert "with other paths through 5 Auftragsverarbeitungsvertrag prüfen" in told[17, 3][1]
    assert "No other single arrow would break the loop." in told[17, 3][1]
    assert (
        "10 Testumgebung bereitstellen → 12 Datenmigration Probelauf 1 → 13 Lasttest → 10"
        in (told[13, 10][1])
    )
    assert {link.rate for link in moved.ws.links.values() if link.kind == "returns"} == {
        DEFAULT_RATE
    }


def test_no_arrow_of_the_list_is_dropped(moved: Taken) -> None:
    assert moved.report.links == len(moved.ws.links) == 54
    assert graph.any_loop(moved.ws) == ()
    assert {(9, 10), (8, 10)} <= {(source, target) for source, target, _ in moved.needs}


def test_rows_outside_the_table_are_reported(moved: Taken) -> None:
    assert moved.skipped == [
        (0, "The sheet Ansprechpartner with 12 rows was skipped; only Projektplan was read."),
        (
            1,
            "Above the header, read as the project name: Projekt: Ablösung AS/400 → ERP-Cloud",
        ),
        (2, "Above the header: Stand: 16.11.2026"),
        (3, "The row is blank."),
        (11, "The row is blank."),
        (23, "The row is blank."),
    ]


def test_a_formula_as_a_title_stays_what_it_is(moved: Taken) -> None:
    assert moved.ws.tasks[34].title == "=SUMME(L2:L34)"
    why = "This is a formula; it was imported as text."
    assert (40, "Vorgang", "=SUMME(L2:L34)", why) in moved.warnings


def test_the_csv_of_the_same_list_gives_the_same_plan(moved: Taken) -> None:
    same = taken_file(DATA / "umzug-erp.csv", project="Ablösung AS/400 → ERP-Cloud")
    assert same.warnings[0] == (
        0,
        "",
        "",
        "The file is not UTF-8; read as Windows-1252 (CP1252).",
    )
    assert (same.needs, same.returns) == (moved.needs, moved.returns)
    assert contents(same.ws).keys() == contents(moved.ws).keys()
    for key, entity in contents(moved.ws).items():
        other = contents(same.ws)[key]
        if isinstance(entity, Task) and isinstance(other, Task):
            # The CSV was exported after some likely durations had been changed, and Windows-1252
            # knows no ↔.
            title = entity.title.replace("↔", "<->")
            assert other.title == title
            assert other == entity.__class__(
                **{
                    **{name: getattr(entity, name) for name in entity.__struct_fields__},
                    "title": title,
                    "likely": other.likely,
                }
            )
        else:
            assert other == entity
    assert same.ws.tasks[5].likely == 4.5


# --- one change, in a workspace that is not empty ----------------------------------------------


def test_it_is_one_change_that_can_be_taken_back() -> None:
    ws = plan("1-2")
    brought = importing.read(DATA / "umzug-erp.xlsx", today=TODAY)
    change = brought.command(ws, NOW)
    assert isinstance(change, Change)
    assert str(change.label) == "Imported 34 tasks from umzug-erp.xlsx"
    assert contents(ws.apply(change).apply(change.inverse)) == contents(ws)
    assert change.report.tasks == 34


def test_reading_once_and_taking_in_twice_is_the_same_both_times() -> None:
    brought, empty = importing.read(DATA / "umzug-erp.xlsx", today=TODAY), plan()
    first = brought.command(empty, NOW)
    assert brought.command(plan("1-2"), NOW).report.tasks == 34
    assert brought.command(empty, NOW) == first


def test_numbers_that_are_not_free_are_replaced_and_references_follow(tmp_path: Path) -> None:
    ws = plan("1-2")
    got = taken("Nr;Vorgang;Vorgänger\n1;x;\n2;y;1\n7;z;1;2", tmp_path, ws=ws)
    assert [task.id for task in got.tasks] == [8, 9, 7]
    assert (8, 9, 0.0) in got.needs
    assert (8, 7, 0.0) in got.needs
    assert got.warnings[:2] == [
        (
            *(1, "D", ""),
            "This column has no header; its content is in the notes. In row 4 a"
            " separator may be part of a value.",
        ),
        (2, "Nr", "1–2", "These numbers are taken; the tasks are now 8 to 9."),
    ]


def test_a_number_that_was_given_once_is_not_given_again(tmp_path: Path) -> None:
    ws = Workspace(last_ids={"tasks": 30})
    got = taken("Nr;Vorgang\n30;x\n31;y", tmp_path, ws=ws)
    assert [task.id for task in got.tasks] == [32, 31]


def test_an_absurd_number_is_no_number_of_ours(tmp_path: Path) -> None:
    got = taken("Nr;Vorgang\n99999999999;x\n0;y", tmp_path)
    assert [task.id for task in got.tasks] == [1, 2]


def test_names_are_matched_without_case_with_what_is_here(tmp_path: Path) -> None:
    ws = Workspace(
        (
            Project(id=3, name="ERP", key="E"),
            Department(id=4, name="Informationssicherheit", short="ISB"),
            Person(id=5, login="m.wirtz", name="Maria Wirtz"),
            System(id=6, name="ERP-DB"),
        )
    )
    got = taken(
        "Vorgang;Projekt;Abteilung;Verantwortlich;System\nx;e;isb;maria WIRTZ;erp-db",
        tmp_path,
        ws=ws,
    )
    task = got.tasks[0]
    assert (task.project, task.department, task.assignee, task.systems) == (3, 4, 5, (6,))
    assert len(got.change.edits) == 1


def test_a_list_that_was_imported_before_is_noticed(tmp_path: Path) -> None:
    got = taken("Nr;Vorgang\n1;A\n2;Neu", tmp_path, ws=plan(tasks=1))
    told = "1 task is already here; was the list imported before?"
    assert (0, "", "", told) in got.warnings
    assert got.report.already == 1


LIST = "Nr;Vorgang;Vorgänger\n1;Konzept;\n2;Bauen;1\n3;Test;2"


def test_a_list_of_which_most_is_here_is_refused_unless_that_is_meant(tmp_path: Path) -> None:
    ws = taken(LIST, tmp_path).ws
    file = tmp_path / "list.csv"
    with pytest.raises(Refused, match=r"^3 of the 3 tasks in list.csv are already here. --update"):
        importing.read(file, today=TODAY).command(ws, NOW)
    twice = taken(LIST, tmp_path, ws=ws, again="twice")
    assert len(twice.ws.tasks) == 6
    assert not importing.read(file, today=TODAY, again="new").command(ws, NOW).edits
    assert importing.read(file, today=TODAY, project="Other").command(ws, NOW).edits
    few = tmp_path / "few.csv"
    few.write_text("Vorgang\nKonzept\nFreigabe\nUmzug")
    assert importing.read(few, today=TODAY).command(ws, NOW).edits


def test_a_new_version_of_a_list_brings_what_is_new(tmp_path: Path) -> None:
    ws = taken(LIST, tmp_path, name="plan.csv").ws
    more = LIST.replace("3;Test;2", "3;Test;2,4") + "\n4;Freigabe;1\n5;Umzug;3"
    got = taken(more, tmp_path, name="plan v2.csv", ws=ws, again="new")
    assert [(task.id, task.title) for task in got.tasks] == [(4, "Freigabe"), (5, "Umzug")]
    assert got.needs == {(1, 2, 0.0), (2, 3, 0.0), (4, 3, 0.0), (1, 4, 0.0), (3, 5, 0.0)}
    assert {task.project for task in got.ws.tasks.values()} == {1}, "not a project of its own"
    assert (got.report.tasks, got.report.links, got.report.already) == (2, 3, 3)
    assert (2, "Already here as task 1; unchanged.") in got.skipped


def test_an_arrow_that_closes_a_loop_with_what_is_here_becomes_a_return(tmp_path: Path) -> None:
    ws = taken(LIST, tmp_path).ws
    text = "Nr;Vorgang;Vorgänger\n1;Konzept;4\n3;Test;\n4;Freigabe;3"
    got = taken(text, tmp_path, ws=ws, again="new")
    assert graph.path(got.ws, 1, 4)
    assert got.returns == {(4, 1)}
    assert [(t.source, t.target) for t in got.report.returns] == [(4, 1)]


def test_a_mention_in_a_waiting_reason_follows_its_task(tmp_path: Path) -> None:
    text = "id,title,waiting_for,state\n1,x,,\n2,y,wait for #1 and #77,waiting"
    got = taken(text, tmp_path, ws=plan(tasks=5))
    assert got.tasks[1].waiting_for == "wait for #6 and #77"


# --- projects ----------------------------------------------------------------------------------


def test_the_project_is_the_one_named_else_the_title_line_else_the_file(tmp_path: Path) -> None:
    text = "Umzug\n\nVorgang;Abteilung\nx;Netz"

    def project(content: str, **options: str) -> list[str]:
        return [p.name for p in taken(content, tmp_path, **options).ws.projects.values()]  # type: ignore[arg-type]

    assert project(text) == ["Umzug"]
    assert project("Stand: heute;\n" + text) == ["Umzug"]
    assert project("Projekt:;Umzug 2\n" + text) == ["Umzug 2"]
    assert project("Vorgang;Abteilung\nx;Netz") == ["list"]
    assert project(text, project="Anders") == ["Anders"]


def test_rows_that_name_a_project_keep_it(tmp_path: Path) -> None:
    text = "Vorgang;Projekt\nx;Eins\ny;"
    got = taken(text, tmp_path)
    assert [task.project for task in got.tasks] == [1, None]
    got = taken(text, tmp_path, project="Zwei")
    assert [got.ws.projects[task.project or 0].name for task in got.tasks] == ["Eins", "Zwei"]


# --- loops -------------------------------------------------------------------------------------


def test_an_arrow_given_as_a_return_as_well_is_one_return(tmp_path: Path) -> None:
    text = "id,title,needs,returns\n1,x,2,\n2,y,1,1:30%:50%:3"
    got = taken(text, tmp_path)
    (back,) = [link for link in got.ws.links.values() if link.kind == "returns"]
    assert (back.source, back.target, back.rate, back.share, back.limit) == (2, 1, 0.3, 0.5, 3)
    assert got.needs == {(1, 2, 0.0)}
    assert got.report.links == 2
    assert [(r.source, r.target, r.row) for r in got.report.returns] == [(2, 1, 2)]


def test_the_lag_of_an_arrow_that_became_a_return_is_reported(tmp_path: Path) -> None:
    got = taken("id,title,needs\n1,x,2+3\n2,y,1", tmp_path)
    assert got.returns == {(2, 1)}
    why = "The arrow became a return, which has no lag."
    assert got.warnings == [(2, "needs", "2+3", why)]


def test_a_large_net_of_loops_loses_no_arrow_and_has_no_loop_left(tmp_path: Path) -> None:
    size = 40
    rows = [f"{n},t{n},{n % size + 1}; {(n + 7) % size + 1}" for n in range(1, size + 1)]
    got = taken("id,title,needs\n" + "\n".join(rows), tmp_path)
    assert graph.any_loop(got.ws) == ()
    assert len(got.needs) + len(got.returns) == got.report.links == 2 * size
    for turned in got.report.returns:
        # None is a return without need: each would close a loop.
        assert graph.path(got.ws, turned.target, turned.source)


def test_a_net_of_very_many_loops_is_taken_in_without_looking_at_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "_EXPLAINED", 3)
    rows = [f"{n},t{n},{n % 40 + 1}; {(n * 7 + 5) % 40 + 1}" for n in range(1, 41)]
    got = taken("id,title,needs\n" + "\n".join(rows), tmp_path)
    assert graph.any_loop(got.ws) == ()
    assert len(got.needs) + len(got.returns) == got.report.links
    assert all(str(turned.target) in str(turned.why) for turned in got.report.returns)


def test_arrows_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relations, "MAX_LINKS", 20)
    rows = [f"{n},t{n},1-10" for n in range(1, 20)]
    with pytest.raises(BadInput, match=r"list\.csv has more than \d+ arrows"):
        taken("id,title,needs\n" + "\n".join(rows), tmp_path)


def test_long_titles_do_not_make_long_reasons(tmp_path: Path) -> None:
    got = taken(f"id,title,needs\n1,{'x' * 5000},2\n2,{'y' * 5000},1", tmp_path)
    assert len(got.tasks[0].title) == 5000
    assert len(str(got.report.returns[0].why)) < 400


# --- arrows that cannot be drawn ---------------------------------------------------------------


def test_arrows_to_nothing_to_itself_and_twice_are_reported(tmp_path: Path) -> None:
    got = taken("Nr;Vorgang;Vorgänger\n1;x;\n2;y;1; 1; 2; 99", tmp_path)
    assert got.needs == {(1, 2, 0.0)}
    got = taken('Nr;Vorgang;Vorgänger\n1;x;\n2;y;"1; 1; 2; 99"', tmp_path)
    assert got.needs == {(1, 2, 0.0)}
    assert sorted(got.warnings) == [
        (3, "Vorgänger", "1", "Duplicate arrow; drawn once."),
        (3, "Vorgänger", "2", "A task cannot depend on itself; the arrow was skipped."),
        (3, "Vorgänger", "99", "There is no task 99 in this list."),
    ]
    assert got.tasks[1].notes == "Vorgänger: 99"


def test_a_title_that_stands_twice_names_nobody(tmp_path: Path) -> None:
    got = taken("Vorgang;Vorgänger\nBau;\nBau;\nAbnahme;Bau", tmp_path)
    why = "There are several tasks Bau in this list."
    same = "Rows 2, 3 have the same title; each is a task."
    expected = [(3, "Vorgang", "Bau", same), (4, "Vorgänger", "Bau", why)]
    assert (got.needs, got.warnings) == (set(), expected)


def test_a_number_that_stands_twice_means_the_first(tmp_path: Path) -> None:
    got = taken("Nr;Vorgang;Vorgänger\n1;x;\n1;y;\n2;z;1", tmp_path)
    assert [task.id for task in got.tasks] == [1, 3, 2]
    assert got.needs == {(1, 2, 0.0)}
    assert (3, "Nr", "1", "Row 2 already has this number; references point to it.") in got.warnings
    assert got.tasks[1].notes == "Nr: 1"


def test_keys_that_are_not_numbers_are_references_and_stay_in_the_notes(tmp_path: Path) -> None:
    got = taken("Key,Summary,Blocked by\nERP-7,x,\nERP-8,y,erp-7", tmp_path)
    assert got.needs == {(1, 2, 0.0)}
    assert got.tasks[1].notes == "Key: ERP-8"
    assert got.warnings == [
        (
            0,
            "Key",
            "",
            "2 tasks were renumbered because their own numbers cannot be kept; the old numbers"
            " are in the notes.",
        )
    ]


def test_without_numbers_rows_are_counted_and_titles_are_references(tmp_path: Path) -> None:
    got = taken("Vorgang;Vorgänger\nKonzept;\nBau;1\nAbnahme;Bau", tmp_path)
    assert got.needs == {(1, 2, 0.0), (2, 3, 0.0)}
    why = "Predecessors were read as the places of tasks in this list."
    assert got.warnings == [(1, "", "", why)]
    # Where all are titles, nothing was guessed.
    assert taken("Vorgang;Vorgänger\nKonzept;\nAbnahme;Konzept", tmp_path).warnings == []


# --- files that cannot be taken in -------------------------------------------------------------


def test_other_endings_are_refused_with_those_that_are_possible(tmp_path: Path) -> None:
    (tmp_path / "plan.doc").write_text("Title")
    with pytest.raises(
        BadInput, match=r"plan\.doc.*\.csv \.tsv \.txt \.xlsx \.xlsm \.xls \.xlsb \.ods \.json"
    ):
        importing.read(tmp_path / "plan.doc", today=TODAY)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file .*gone\.csv"):
        importing.read(tmp_path / "gone.csv", today=TODAY)


def test_a_folder_is_not_a_list(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(BadInput, match=r"folder\.csv"):
        importing.read(tmp_path / "folder.csv", today=TODAY)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(BadInput, match=r"pipe\.csv is not a readable file"):
        importing.read(tmp_path / "pipe.csv", today=TODAY)


def test_a_table_without_a_header_is_refused_with_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no header row of a task table"):
        taken("1;Netz\n2;Einkauf", tmp_path)


def test_a_header_alone_holds_no_tasks(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"list\.csv contains no tasks"):
        taken("Nr;Vorgang", tmp_path)


def test_a_plan_of_nothing_but_people_says_that_there_are_no_tasks(tmp_path: Path) -> None:
    people = "<Resources><Resource><UID>1</UID><Name>Anna</Name></Resource></Resources>"
    got = taken(f"<Project><Name>ERP</Name><Tasks/>{people}</Project>", tmp_path, name="a.xml")
    assert [each.login for each in got.ws.people.values()] == ["Anna"]
    assert (0, "", "", "a.xml contains no tasks.") in got.warnings


def test_the_report_as_scripts_read_it(tmp_path: Path) -> None:
    got = taken("Nr;Vorgang;Vorgänger;Dauer\n1;x;2;viel\n\n2;y;1;3", tmp_path)
    assert got.report.as_json(lambda why: "–" if why else "") == {
        "tasks": 2,
        "links": 2,
        "already": 0,
        "updated": 0,
        "returned": (),
        "dropped": 0,
        "deleted": 0,
        "new_names": [{"kind": "project", "name": "list", "similar": ()}],
        "returns": [{"from": 2, "to": 1, "row": 2, "why": "–"}],
        "skipped": [{"row": 3, "place": "", "why": "–"}],
        "approximated": [],
        "format": "",
        "warnings": [
            {"row": 0, "place": "", "column": "", "value": "", "why": "–"},
            {"row": 2, "place": "", "column": "Dauer", "value": "viel", "why": "–"},
        ],
        "columns": [
            {"column": "Nr", "field": "id", "read": 2, "unread": 0, "empty": 0},
            {"column": "Vorgang", "field": "title", "read": 2, "unread": 0, "empty": 0},
            {"column": "Vorgänger", "field": "needs", "read": 2, "unread": 0, "empty": 0},
            {"column": "Dauer", "field": "estimate", "read": 1, "unread": 1, "empty": 0},
        ],
    }


def test_values_of_a_column_are_counted_as_read_unread_and_empty(tmp_path: Path) -> None:
    text = "Nr;Vorgang;Fällig;Vorgänger;Farbe\n1;x;2026-12-01;;rot\n2;y;bald;9;\n3;z;;1; 7;"
    told = taken(text.replace("1; 7", '"1; 7"'), tmp_path).report.columns
    assert [(c.head, c.field, c.read, c.unread, c.empty) for c in told[2:]] == [
        ("Fällig", "due", 1, 1, 1),
        ("Vorgänger", "needs", 0, 2, 1),
        ("Farbe", None, 0, 1, 2),
    ]


def test_a_workbook_may_hold_arrows_as_numbers(tmp_path: Path) -> None:
    data = workbook(("Nr", "Task", "Needs"), (1, "x", None), (2.0, "y", 1), (3, "z", "1; 2"))
    got = taken(data, tmp_path, name="list.xlsx")
    assert got.needs == {(1, 2, 0.0), (1, 3, 0.0), (2, 3, 0.0)}
    assert isinstance(got.ws.links[1], Link)


def test_numbers_that_are_taken_are_told_in_runs(tmp_path: Path) -> None:
    ws = taken("Nr;Vorgang\n" + "".join(f"{n};x{n}\n" for n in range(1, 5)), tmp_path).ws
    text = "Nr;Vorgang\n0;z\n" + "".join(f"{n};y{n}\n" for n in (1, 2, 3, 9, 4))
    got = taken(text, tmp_path, ws=ws)
    assert [(row, value, why) for row, _, value, why in got.warnings if "now" in why] == [
        (2, "0", "No task can have this number; the task is now 10."),
        (3, "1–4", "These numbers are taken; the tasks are now 11 to 14."),
    ]


def test_of_many_values_read_alike_the_first_are_shown_and_the_others_counted(
    tmp_path: Path,
) -> None:
    text = "Vorgang;Dauer\n" + "".join(f"x{n};{n} Wochen\n" for n in range(1, 31))
    lines = [line for line, _ in remark_lines(taken(text, tmp_path).report)]
    assert lines[:2] == ["", "To be checked:"]
    assert lines[-3:] == [
        "  row 3: Dauer: 2 Wochen: Read as 10.",
        "  row 4: Dauer: 3 Wochen: Read as 15.",
        "  Dauer: likewise in 27 more rows: " + ", ".join(map(str, range(5, 25))) + ", …",
    ]
    few = taken("\n".join(text.splitlines()[:5]), tmp_path).report
    assert sum("Wochen" in line for line, _ in remark_lines(few)) == 4


def test_days_are_told_as_the_language_writes_them(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: use("en"))
    rows: list[list[object]] = [
        ["Nr", "Vorgang", "Fällig am", "Dauer", "Prio"],
        [1, "A", date(1999, 12, 5), 1, date(2026, 3, 4)],
        [2, "B", date(2026, 12, 5), date(2026, 12, 3), ""],
    ]
    path = tmp_path / "plan.xlsx"
    path.write_bytes(workbook(*rows))
    report = taken_file(path).report
    for speech, days in (
        ("en", ("1999-12-05: This", ": 2026-03-04 is not", "2026-12-03: The")),
        ("de", ("05.12.1999: Dieses", ": 04.03.2026 ist", "03.12.2026: Die")),
    ):
        use(speech)
        told = "\n".join(line for line, _heading in remark_lines(report))
        assert all(day in told for day in days), told
    assert {each.value for each in report.warnings} >= {"1999-12-05", "2026-03-04"}, "for scripts"


def test_remarks_on_no_row_are_counted_without_rows() -> None:
    remarks = [Warned(0, "departments", f"D{n}", sentence("Unknown.")) for n in range(9)]
    lines = remark_lines(Report(0, 0, warnings=tuple(remarks)))
    assert lines[-1] == ("  departments: likewise 6 more", False)
