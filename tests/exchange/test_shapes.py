"""Lists in the shapes that common programs and people give them, with everything that matters."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.exchange.lists import Taken, taken, workbook


def rows(*cells: Iterable[object]) -> str:
    """Return a CSV with commas between."""
    out = io.StringIO()
    csv.writer(out).writerows(cells)
    return out.getvalue()


def arrows_of(got: Taken) -> set[tuple[str, str, float]]:
    """Return the arrows by the titles of their tasks."""
    names = {id: task.title for id, task in got.ws.tasks.items()}
    return {(names[source], names[target], lag) for source, target, lag in got.needs}


def people_of(got: Taken) -> dict[str, tuple[str, ...]]:
    """Return the assignee and the watchers of each task that has some."""
    names = {id: person.login for id, person in got.ws.people.items()}
    found = {t.title: tuple(names[id] for id in (t.assignee, *t.watchers) if id) for t in got.tasks}
    return {title: people for title, people in found.items() if people}


def states_of(got: Taken) -> list[str]:
    """Return the states of the tasks."""
    return [task.state for task in got.tasks]


def test_a_plan_in_excel_with_phases_totals_and_a_legend(tmp_path: Path) -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("A5:G5")
        sheet.merge_cells("A8:G8")

    data = workbook(
        ("Projekt: Umzug Lager",),
        ("Stand: 2.3.2026",),
        (),
        ("Nr.", "Arbeitspaket", "Verantwortlich", "Dauer (T)", "Vorgänger", "Fällig am", "Status"),
        ("Phase 1: Vorbereitung",),
        (1, "Räume messen", "Ada", 3, None, datetime(2026, 3, 6), "erledigt"),  # noqa: DTZ001
        (2, "Regale bestellen", "Ada / Bo", 5, 1, datetime(2026, 3, 13), "in Arbeit"),  # noqa: DTZ001
        ("Phase 2: Umzug",),
        (3, "Ware umsetzen", "tbd", 4, "2EA+2 Tage", None, "offen"),
        (4, "Bestand prüfen", "Bo", 1, "1; 3", None, None),
        (None, "Summe", None, 13),
        (),
        ("Legende",),
        (None, "offen", None, None, None, None, "noch nicht begonnen"),
        shape=merge,
    )
    got = taken(data, tmp_path, name="plan.xlsx")
    assert [(task.id, task.phase) for task in got.tasks] == [
        (1, "Phase 1: Vorbereitung"),
        (2, "Phase 1: Vorbereitung"),
        (3, "Phase 2: Umzug"),
        (4, "Phase 2: Umzug"),
    ]
    assert got.needs == {(1, 2, 0), (2, 3, 2), (1, 4, 0), (3, 4, 0)}
    assert states_of(got) == ["done", "doing", "todo", "todo"]
    assert people_of(got)["Regale bestellen"] == ("Ada", "Bo")
    assert "Ware umsetzen" not in people_of(got)
    assert [project.name for project in got.ws.projects.values()] == ["Umzug Lager"]
    assert {row for row, _ in got.skipped} == {1, 2, 3, 5, 8, 11, 12, 13, 14}


def test_a_list_of_measures_from_minutes(tmp_path: Path) -> None:
    text = (
        "Lfd. Nr.;Maßnahme;Wer;Bis wann;Erledigt?;Bemerkung\n"
        "1;Angebote einholen;Ada, Bo;KW 12;x;\n"
        "2;Vertrag prüfen;Rechtsabteilung;31.03.26;;liegt bei Frau Quist\n"
        "3;Termin abstimmen;Bo;sofort;nein;\n"
        "4;Ada informieren;N.N.;-;;\n"
    )
    got = taken(text, tmp_path, today=date(2026, 3, 2))
    assert states_of(got) == ["done", "todo", "todo", "todo"]
    assert [task.due for task in got.tasks] == [
        date(2026, 3, 20),
        date(2026, 3, 31),
        None,
        None,
    ]
    assert people_of(got)["Angebote einholen"] == ("Ada", "Bo")
    assert "Ada informieren" not in people_of(got)
    assert got.tasks[2].notes == "Bis wann: sofort"


MSPROJECT = (
    *("ID", "Active", "Task Mode", "Name", "Duration", "Start", "Finish", "Predecessors"),
    *("Outline Level", "Resource Names", "% Complete"),
)


def test_a_sheet_of_microsoft_project(tmp_path: Path) -> None:
    auto = ("Yes", "Auto Scheduled")
    text = rows(
        MSPROJECT,
        (1, *auto, "Network", "9 days", "Mon 12/7/26", "Thu 12/17/26", "", 1, "", "44%"),
        (2, *auto, "Cable", "4 days", "Mon 12/7/26", "Thu 12/10/26", "", 2, "Ada[50%],Bo", "100%"),
        (3, *auto, "Switch", "2 days", "Fri 12/11/26", "Mon 12/14/26", "2", 2, "Bo", "50%"),
        (4, *auto, "Test", "3 days?", "Fri 12/11/26", "Tue 12/15/26", "2SS+4 days", 2, "", "0%"),
        (5, "No", "Auto Scheduled", "Spare", "1 day", "Fri 12/18/26", "", "", 1, "", "0%"),
        (6, *auto, "Go live", "0 days", "Thu 12/17/26", "", "1FS+1 day,99", 1, "Rack[2 m]", "0%"),
    )
    got = taken(text, tmp_path)
    assert [(t.title, t.phase, t.state) for t in got.tasks] == [
        ("Cable", "Network", "done"),
        ("Switch", "Network", "doing"),
        ("Test", "Network", "todo"),
        ("Spare", "", "dropped"),
        ("Go live", "", "todo"),
    ]
    assert arrows_of(got) == {
        ("Cable", "Switch", 0),
        ("Cable", "Test", 0),
        ("Switch", "Go live", 1),
        ("Test", "Go live", 1),
    }
    assert {task.not_before for task in got.tasks} == {None}
    assert people_of(got) == {"Cable": ("Ada", "Bo"), "Switch": ("Bo",)}
    assert "Predecessors: 99" in got.tasks[4].notes


def test_a_german_sheet_of_microsoft_project(tmp_path: Path) -> None:
    text = (
        "Nr.;Vorgangsname;Dauer;Anfang;Ende;Vorgänger;Gliederungsebene;Ressourcennamen;"
        "% Abgeschlossen\n"
        "1;Netz;11 Tage;Mon 07.12.26;Mon 21.12.26;;1;;50%\n"
        "2;Kabel;5 Tage;Mon 07.12.26;Fre 11.12.26;;2;Ada;100%\n"
        '3;Switch;10 fTage;Mon 14.12.26;Mit 23.12.26;2EA+1,5 Tage;2;"Ada[50%];Bo";0%\n'
        "4;Abnahme;4 Std.;Don 24.12.26;Don 24.12.26;2AA;2;;0%\n"
    )
    got = taken(text.encode("cp1252"), tmp_path)
    assert [task.likely for task in got.tasks] == [5, 8, 0.5]
    assert got.needs == {(2, 3, 1.5), (2, 4, -5)}
    assert {task.due for task in got.tasks} == {None}
    assert {task.phase for task in got.tasks} == {"Netz"}


def test_an_export_of_jira_with_repeated_heads(tmp_path: Path) -> None:
    heads = [
        *("Summary", "Issue key", "Issue id", "Issue Type", "Status", "Project key"),
        *("Project name", "Project type", "Project lead", "Project lead id", "Priority"),
        *("Resolution", "Assignee", "Assignee Id", "Reporter", "Reporter Id", "Creator"),
        *("Creator Id", "Created", "Updated", "Last Viewed", "Resolved", "Due date", "Votes"),
        *("Labels", "Labels", "Labels", "Description", "Environment", "Watchers", "Watchers"),
        *("Watchers Id", "Watchers Id", "Original estimate", "Remaining Estimate", "Time Spent"),
        *("Work Ratio", "Σ Original Estimate", "Σ Remaining Estimate", "Σ Time Spent"),
        *("Security Level", "Inward issue link (Blocks)", "Inward issue link (Blocks)"),
        *("Outward issue link (Blocks)", "Outward issue link (Relates)", "Attachment"),
        *("Custom field (Development)", "Custom field (Rank)", "Custom field (Start date)"),
        *("Custom field (Story Points)", "Custom field (Team)", "Sprint", "Sprint", "Comment"),
        *("Comment", "Parent", "Parent key", "Status Category", "Status Category Changed"),
    ]
    assert len(heads) >= 59

    def issue(*said: tuple[str, str]) -> list[str]:
        cells = [""] * len(heads)
        for head, text in said:
            at = next(at for at, each in enumerate(heads) if each == head and not cells[at])
            cells[at] = text
        return cells

    text = rows(
        heads,
        issue(
            *(("Summary", "Move"), ("Issue key", "NET-1"), ("Issue id", "101")),
            *(("Status", "In Progress"), ("Created", "02/Mar/26 9:12 AM")),
        ),
        issue(
            *(("Summary", "Cable"), ("Issue key", "NET-2"), ("Issue id", "102")),
            *(("Status", "Done"), ("Assignee", "Ada Quist"), ("Reporter", "Bo Lind")),
            *(("Due date", "11/Dec/26 12:00 AM"), ("Labels", "net"), ("Labels", "urgent")),
            *(("Original estimate", "57600"), ("Time Spent", "28800"), ("Parent key", "NET-1")),
            *(("Σ Time Spent", "99999"), ("Outward issue link (Blocks)", "NET-3")),
        ),
        issue(
            *(("Summary", "Test"), ("Issue key", "NET-3"), ("Issue id", "103")),
            *(("Status", "To Do"), ("Priority", "Highest"), ("Watchers", "Ada Quist")),
            *(("Watchers", "Bo Lind"), ("Inward issue link (Blocks)", "NET-2")),
            *(("Inward issue link (Blocks)", "DB-9"), ("Outward issue link (Relates)", "NET-1")),
            *(("Custom field (Start date)", "04/Jan/27 12:00 AM"), ("Parent key", "NET-1")),
        ),
    )
    got = taken(text, tmp_path)
    move, cable, test = got.tasks
    assert states_of(got) == ["doing", "done", "todo"]
    # The parent is done when its parts are.
    assert arrows_of(got) == {("Cable", "Test", 0), ("Test", "Move", 0)}
    assert (cable.effort, cable.spent, cable.tags) == (2, 1, ("net", "urgent"))
    assert (cable.due, test.not_before) == (date(2026, 12, 11), date(2027, 1, 4))
    assert [task.phase for task in got.tasks] == ["", "Move", "Move"]
    assert (test.priority, len(test.watchers)) == ("critical", 2)
    assert move.created is not None
    assert move.created.year == 2026
    assert "Inward issue link (Blocks): DB-9" in test.notes
    assert "Outward issue link (Relates): NET-1" in test.notes


def test_a_german_export_of_jira(tmp_path: Path) -> None:
    text = rows(
        *(
            (
                *(
                    "Zusammenfassung",
                    "Vorgangsschlüssel",
                    "Status",
                    "Priorität",
                    "Zugewiesene Person",
                ),
                *("Autor", "Erstellt", "Fälligkeitsdatum", "Stichwörter", "Stichwörter"),
                *("Ursprüngliche Schätzung", "Benötigte Zeit", "Inward issue link (Blocks)"),
            ),
        ),
        (
            *(
                "Kabel",
                "NET-2",
                "Fertig",
                "Medium",
                "Ada",
                "Bo",
                "02/März/26 9:12 AM",
                "",
                "a",
                "b",
            ),
            *("144000", "129600", ""),
        ),
        (
            *("Test", "NET-3", "Zu erledigen", "Highest", "", "Bo", "02/März/26 9:12 AM"),
            *("22/Dez./26 12:00 AM", "", "", "", "", "NET-2"),
        ),
    )
    got = taken(text, tmp_path)
    assert states_of(got) == ["done", "todo"]
    assert arrows_of(got) == {("Kabel", "Test", 0)}
    assert (got.tasks[0].effort, got.tasks[0].spent) == (5, 4.5)
    assert got.tasks[1].due == date(2026, 12, 22)


def test_an_export_of_planner(tmp_path: Path) -> None:
    heads = (
        *("Task ID", "Task Name", "Bucket Name", "Progress", "Priority", "Assigned To"),
        *("Created By", "Created Date", "Start Date", "Due Date", "Late", "Completed Date"),
        *("Labels", "Description"),
    )
    data = workbook(
        ("Plan name", "Move"),
        ("Date of export", "10/06/2026"),
        (),
        heads,
        (
            *("a1", "Cable", "Network", "Completed", "Medium", "Ada;Bo", "Ada", "10/01/2026"),
            *("10/02/2026", "10/05/2026", "false", "10/05/2026", "net;urgent", "text"),
        ),
        (
            *("b2", "Test", "Network", "In progress", "Urgent", None, "Ada", "10/01/2026"),
            *(None, "10/13/2026", "false", None, None, None),
        ),
    )
    got = taken(data, tmp_path, name="planner.xlsx")
    assert states_of(got) == ["done", "doing"]
    assert [task.due for task in got.tasks] == [date(2026, 10, 5), date(2026, 10, 13)]
    assert [task.phase for task in got.tasks] == ["Network", "Network"]
    assert people_of(got) == {"Cable": ("Ada", "Bo")}
    assert got.tasks[0].tags == ("net", "urgent")
    assert got.tasks[1].priority == "critical"


def test_an_export_of_planner_with_dependencies(tmp_path: Path) -> None:
    heads = ("Outline number", "Name", "Assigned to", "Start", "Finish", "Duration", "% complete")
    data = workbook(
        (*heads, "Depends on", "Bucket"),
        ("1", "Prepare", None, "12/7/2026", "12/23/2026", "13 days", 0.5, None, "A"),
        ("1.1", "Inventory", "Ada", "12/7/2026", "12/11/2026", "5 days", 1, None, "A"),
        ("1.2", "Concept", "Ada, Bo", "12/14/2026", "12/23/2026", "8 days", 0, "1.1", "A"),
        ("2", "Approval", None, "1/4/2027", "1/4/2027", "0 days", 0, "1.2FS+2d", "B"),
    )
    got = taken(data, tmp_path, name="premium.xlsx")
    assert [(t.title, t.phase, t.tags) for t in got.tasks] == [
        ("Inventory", "Prepare", ("A",)),
        ("Concept", "Prepare", ("A",)),
        ("Approval", "", ("B",)),
    ]
    assert arrows_of(got) == {("Inventory", "Concept", 0), ("Concept", "Approval", 2)}
    assert states_of(got) == ["done", "todo", "todo"]


def test_an_export_of_clickup(tmp_path: Path) -> None:
    text = rows(
        (
            *("Task ID", "Task Name", "Status", "Assignee", "Priority", "Due Date", "Start Date"),
            *("Date Created", "Tags", "List Name", "Time Estimate", "Parent ID", "Task Content"),
        ),
        (
            *(
                "86a1",
                "Cable",
                "complete",
                "[Ada, Bo]",
                "2",
                "3/9/26",
                "3/2/26",
                "2/1/26",
                "[net,rack]",
            ),
            *("Move", "8h", "", "text"),
        ),
        ("86a2", "Test", "to do", "[]", "1", "3/27/26", "", "2/1/26", "[]", "Move", "", "86a1", ""),
    )
    got = taken(text, tmp_path, today=date(2026, 3, 2))
    assert states_of(got) == ["done", "todo"]
    assert [task.due for task in got.tasks] == [date(2026, 3, 9), date(2026, 3, 27)]
    assert people_of(got) == {"Cable": ("Ada", "Bo")}
    assert got.tasks[0].tags == ("net", "rack")
    assert got.tasks[0].likely == 1
    assert got.tasks[1].phase == "Cable"
    assert [task.priority for task in got.tasks] == ["high", "critical"]


def test_an_export_of_ganttproject(tmp_path: Path) -> None:
    text = (
        "ID,Name,Begin date,End date,Duration,Completion,Coordinator,Predecessors,Outline number\n"
        "0,Move,02.03.26,20.03.26,15,50,,,1\n"
        "1,Cable,02.03.26,06.03.26,5,100,Ada,,1.1\n"
        "2,Test,10.03.26,16.03.26,5,0,Bo,1-FS=P1D,1.2\n"
        "\n"
        "ID,Name,Default role,e-mail\n"
        "0,Ada,Default:1,ada@host.example\n"
    )
    got = taken(text, tmp_path)
    assert [(t.title, t.phase, t.state) for t in got.tasks] == [
        ("Cable", "Move", "done"),
        ("Test", "Move", "todo"),
    ]
    assert got.needs == {(1, 2, 1)}
    assert people_of(got) == {"Cable": ("Ada",), "Test": ("Bo",)}


def test_a_sheet_of_smartsheet(tmp_path: Path) -> None:
    def group(sheet: Any) -> None:
        sheet.row_dimensions.group(3, 4, outline_level=1)

    heads = ("Task Name", "Duration", "Start", "Finish", "Predecessors", "% Complete", "Status")
    data = workbook(
        heads,
        ("Prepare", "13d", None, None, None, 0.5, "In Progress"),
        ("Inventory", "5d", None, None, None, 1, "Complete"),
        ("Concept", "8d", None, None, "2", 0.25, "In Progress"),
        (),
        ("Approval", "0", None, None, "3FS +2d", 0, "Not Started"),
        ("Delivery", "1.5w", None, None, "5SS", 0, "Not Started"),
        shape=group,
    )
    got = taken(data, tmp_path, name="sheet.xlsx")
    assert arrows_of(got) == {
        ("Inventory", "Concept", 0),
        ("Concept", "Approval", 2),
        ("Approval", "Delivery", 0),
    }
    assert [task.phase for task in got.tasks] == ["Prepare", "Prepare", "", ""]
    assert states_of(got) == ["done", "doing", "todo", "todo"]
    assert got.tasks[1].progress == 25


def test_an_export_of_asana(tmp_path: Path) -> None:
    text = rows(
        (
            *("Task ID", "Created At", "Completed At", "Last Modified", "Name", "Section/Column"),
            *("Assignee", "Assignee Email", "Start Date", "Due Date", "Tags", "Notes", "Projects"),
            *("Parent task", "Blocked By (Dependencies)", "Blocking (Dependencies)"),
        ),
        (
            *("120001", "2026-11-02", "2026-12-11", "2026-12-11", "Cable", "Prepare", "Bo"),
            *("bo@host.example", "2026-12-07", "2026-12-11", "net", "text", "Move", "", "", "Test"),
        ),
        (
            *("120002", "2026-11-02", "", "2026-11-20", "Check, then decide", "Prepare", "Ada"),
            *("ada@host.example", "", "2026-12-22", "", "", "Move", "", "", ""),
        ),
        (
            *("120003", "2026-11-03", "", "2026-11-20", "Test", "", "", "", "", "", "", "", "Move"),
            *("Cable", "Cable,Check, then decide", ""),
        ),
    )
    got = taken(text, tmp_path)
    assert states_of(got) == ["done", "todo", "todo"]
    assert arrows_of(got) == {("Cable", "Test", 0), ("Check, then decide", "Test", 0)}
    assert [task.phase for task in got.tasks] == ["Prepare", "Prepare", "Cable"]
    assert [project.name for project in got.ws.projects.values()] == ["Move"]


def test_an_export_of_openproject(tmp_path: Path) -> None:
    text = rows(
        (
            *("ID", "Typ", "Thema", "Status", "Priorität", "Zugewiesen an", "Anfangstermin"),
            *("Endtermin", "Aufwand", "% abgeschlossen", "Dauer", "Übergeordnetes Arbeitspaket"),
        ),
        (
            *(101, "Phase", "Netz", "In Bearbeitung", "Normal", "Ada", "2026-12-07", "2026-12-23"),
            *("", "0.45", 13, ""),
        ),
        (
            *(102, "Aufgabe", "Kabel", "Geschlossen", "Hoch", "Bo", "2026-12-07", "2026-12-11"),
            *(40, "1", 5, 101),
        ),
        (
            *(103, "Aufgabe", "Test", "Neu", "Sofort", "", "2026-12-14", "2026-12-23"),
            *(64, "0", 8, 101),
        ),
    )
    got = taken(text, tmp_path)
    assert states_of(got) == ["doing", "done", "todo"]
    assert [task.effort for task in got.tasks] == [None, 5, 8]
    assert [task.phase for task in got.tasks] == ["", "Netz", "Netz"]
    assert got.tasks[1].not_before == date(2026, 12, 7)
