"""Tables of planning programs: what their columns become, how their rows name each other."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import DATA
from tests.exchange.foreign.samples import EXCHANGE, csv_of, says, told
from tests.exchange.lists import Taken, taken, taken_file, workbook
from tracker.domain.draft import name_of
from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.model import Task
from tracker.exchange import dialects, importing
from tracker.exchange.comparing import compare
from tracker.exchange.recognising import recognise
from tracker.exchange.spreadsheet import read_csv
from tracker.exchange.workbook import read_workbook

TABLES = EXCHANGE / "msproject-table"
SAMPLES = sorted(
    path
    for folder in ("msproject-table", "smartsheet", "planner")
    for path in (EXCHANGE / folder).iterdir()
    if path.suffix in (".csv", ".xlsx")
)


def rows_of(path: Path) -> list[list[Any]]:
    """Return the rows of a sample."""
    if path.suffix == ".csv":
        (sheet,) = read_csv(path.read_bytes(), "x", lambda _rows: 1).sheets
        return [list(row.cells) for row in sheet.rows]
    return [list(row) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]


def csv_text(rows: Iterable[Sequence[Any]], mark: str = ";") -> str:
    """Return rows as a CSV."""
    heads, *others = rows
    return csv_of(heads, *others, mark=mark)


def task(got: Taken, title: str) -> Task:
    """Return the task of a title."""
    (found,) = (each for each in got.tasks if each.title == title)
    return found


def arrows(got: Taken, name: Callable[[Task], str]) -> dict[str, float]:
    """Return the needs arrows with their lags, by the names of their ends."""
    tasks = got.ws.tasks
    return {f"{name(tasks[a])} → {name(tasks[b])}": lag for a, b, lag in got.needs}


def plan(
    *rows: Sequence[Any], heads: str = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene"
) -> str:
    """Return a table of Microsoft Project in German."""
    return csv_text([heads.split(";"), *rows])


# --- samples ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_becomes_what_is_wanted(path: Path) -> None:
    wanted = json.loads(path.with_name(f"{path.name}.expected.json").read_text())["wanted"]
    got = taken_file(path)
    ws = got.ws
    by_title = path.name == "project.xlsx"

    def name(task: Task) -> str:
        return task.title if by_title else task.origin.removeprefix("planner:") or str(task.id)

    tasks = {name(task): task for task in got.tasks}
    assert len(tasks) == wanted["tasks"]
    if "needs" in wanted:
        assert arrows(got, name) == wanted["needs"]
    assert len(got.needs) == len(wanted.get("needs", ()))
    for key, tags in wanted.get("tags", {}).items():
        assert sorted([*tasks[key].phase.split(" / "), *tasks[key].tags]) == sorted(tags)
    for key, state in wanted.get("states", {}).items():
        assert tasks[key].state == state
    for key in wanted.get("dropped", ()):
        assert tasks[key].state == "dropped"
    for field, ours in (("duration", "likely"), ("effort", "effort")):
        found = {key: getattr(tasks[key], ours) for key in wanted.get(field, {})}
        assert found == wanted.get(field, {})
    for key, day in wanted.get("due", {}).items():
        assert tasks[key].due == date.fromisoformat(day)
    if "not_before" in wanted:
        found = {key: str(each.not_before) for key, each in tasks.items() if each.not_before}
        assert found == wanted["not_before"]
    for key, person in wanted.get("assignee", {}).items():
        assert name_of(ws.people[tasks[key].assignee or 0]) == person
    for key, people in wanted.get("watchers", {}).items():
        assert [name_of(ws.people[id]) for id in tasks[key].watchers] == people
    for text in wanted.get("not_drawn", ()):
        assert says(got, text.partition(" →")[0])
    if "project" in wanted:
        assert [each.name for each in ws.projects.values()] == [wanted["project"]]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("msproject-table/task_table_en.xlsx", ("Ada Quist[50%],Bo Lind", "Shares of working")),
        ("msproject-table/task_table_en.xlsx", ("Cable[120 m]", "material")),
        ("msproject-table/task_table_en.xlsx", ("Duration", "1 duration is marked as an estimate")),
        ("msproject-table/task_table_en.xlsx", ("Start, Finish", "compared, not taken")),
        ("msproject-table/task_table_en.xlsx", ("C:\\plans\\B.mpp\\7", "another file")),
        ("msproject-table/task_table_en.xlsx", ("Task Mode", "Scheduled by hand")),
        ("msproject-table/task_table_en.xlsx", ("2 summary rows are the phases",)),
        ("smartsheet/project.xlsx", ("Delivery", "days of the calendar")),
        ("smartsheet/project.xlsx", ("comment on 1 cell is in the notes",)),
        ("smartsheet/project.xlsx", ("The sheet is called Server move",)),
        ("planner/premium-en.xlsx", ("Effort remaining", "not taken")),
        ("planner/basic-2020.xlsx", ("Late", "not taken")),
    ],
)
def test_what_is_changed_in_a_sample_is_told(name: str, words: tuple[str, ...]) -> None:
    assert says(taken_file(EXCHANGE / name), *words)


def test_a_comment_of_a_smartsheet_is_in_the_notes_of_its_row() -> None:
    got = taken_file(EXCHANGE / "smartsheet/project.xlsx")
    notes = "Comments: Please check · Ada Quist · 11/28/26 9:00 AM"
    assert task(got, "Write the concept").notes == notes


def test_how_much_of_a_person_works_is_in_the_notes_and_the_person_is_read() -> None:
    got = taken_file(TABLES / "task_table_en.xlsx")
    notes = "note\nResource Names: Ada Quist[50%],Bo Lind"
    assert task(got, "Write the concept").notes == notes
    (column,) = (each for each in got.report.columns if each.head == "Resource Names")
    assert (column.read, column.unread) == (2, 1)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_same_table_again_differs_in_nothing(path: Path) -> None:
    here = taken_file(path).ws
    source = importing.read(path, today=date(2026, 11, 28), ws=here).source
    told = compare(source, here, recognise(source, here)).rows
    assert [row.title for row in told if row.differences or not row.task] == []


def test_the_priority_of_a_summary_is_told_unless_it_is_the_usual_one(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Priorität"
    for priority, told_of in (("500", False), ("Mittel", False), ("900", True)):
        rows = [(1, "Bau", "", 1, priority), (2, "a", "", 2, "500")]
        got = taken(plan(*rows, heads=heads), tmp_path, name=f"{priority}.csv")
        assert says(got, "Priorität", "summary row") == told_of


def test_a_changed_duration_is_the_difference_of_an_update(tmp_path: Path) -> None:
    here = taken_file(TABLES / "tabelle_de.csv").ws
    text = (TABLES / "tabelle_de.csv").read_bytes().replace(b"5 Tage;Mon 07", b"6 Tage;Mon 07")
    path = tmp_path / "tabelle_de.csv"
    path.write_bytes(text)
    source = importing.read(path, today=date(2026, 11, 28), ws=here).source
    told = compare(source, here, recognise(source, here)).rows
    differing = {row.title: [each.field for each in row.differences] for row in told}
    assert {title: fields for title, fields in differing.items() if fields} == {
        "Inventar aufnehmen": ["low", "likely", "high"]
    }


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("msproject-table/tabelle_de.csv", date(2026, 12, 7)),
        ("smartsheet/project.xlsx", date(2026, 12, 7)),
        ("planner/premium-en.xlsx", date(2026, 12, 7)),
        ("planner/basic-2020.xlsx", None),
    ],
)
def test_the_project_of_a_schedule_begins_when_that_does(name: str, day: date | None) -> None:
    got = taken_file(EXCHANGE / name)
    (project,) = got.ws.projects.values()
    assert project.start == day
    assert says(got, "The project begins with the first") == ("planner" not in name)


# --- brothers of the samples -----------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_is_the_same_in_any_encoding_and_order(
    encoding: str, mark: str, tmp_path: Path
) -> None:
    rows = rows_of(TABLES / "tabelle_de.csv")
    order = list(range(len(rows[0])))
    random.Random(encoding + mark).shuffle(order)
    turned = [[row[at] if at < len(row) else None for at in order] for row in rows]
    other = taken(csv_text(turned, mark).encode(encoding), tmp_path, name="tabelle_de.csv")
    first = taken_file(TABLES / "tabelle_de.csv")
    assert other.needs == first.needs
    plain = [(t.id, t.title, t.state, t.phase, t.likely, t.not_before) for t in first.tasks]
    assert [(t.id, t.title, t.state, t.phase, t.likely, t.not_before) for t in other.tasks] == plain


def test_without_numbers_references_are_places(tmp_path: Path) -> None:
    rows = [row[1:] for row in rows_of(TABLES / "tabelle_de.csv")]
    got = taken(csv_text(rows), tmp_path)
    first = taken_file(TABLES / "tabelle_de.csv")
    assert arrows(got, lambda each: each.title) == arrows(first, lambda each: each.title)


def test_blank_rows_are_no_tasks(tmp_path: Path) -> None:
    rows = rows_of(TABLES / "tabelle_de.csv")
    rows.insert(5, [None] * len(rows[0]))
    got = taken(csv_text(rows), tmp_path)
    assert got.needs == taken_file(TABLES / "tabelle_de.csv").needs
    assert (6, "The row is blank.") in got.skipped


@pytest.mark.parametrize(("cells"), [("40%", "100%"), ("0,4", "1"), ("40", "100"), ("1", "40")])
def test_percentages_are_known_by_their_column(cells: tuple[str, str], tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;% Abgeschlossen"
    rows = [(n, f"T{n}", "Automatisch geplant", 1, cell) for n, cell in enumerate(cells, 1)]
    got = taken(plan(*rows, heads=heads), tmp_path)
    expected = {"40%": "doing", "0,4": "doing", "40": "doing", "1": "doing", "100%": "done"}
    assert got.tasks[0].state == expected[cells[0]]
    assert got.tasks[1].state == ("doing" if cells[1] == "40" else "done")


def test_a_german_smartsheet_is_one(tmp_path: Path) -> None:
    heads = (
        "Aufgabenname",
        "Dauer",
        "Start",
        "Ende",
        "Vorgänger",
        "% abgeschlossen",
        "Zugewiesen zu",
    )
    begin, end = datetime(2026, 12, 7, 8), datetime(2026, 12, 11, 16, 59, 59)  # noqa: DTZ001
    got = taken(
        workbook(
            heads,
            ("Inventar", "5d", begin, end, None, 1, "Bo Lind"),
            (),
            ("Konzept", "30m", begin, end, "1FS +1d", 0.5, None),
            ("Umzug", "~2w", begin, end, "3", 0, None),
        ),
        tmp_path,
        name="umzug.xlsx",
    )
    assert arrows(got, lambda each: each.title) == {"Inventar → Konzept": 1, "Konzept → Umzug": 0}
    assert [each.likely for each in got.tasks] == [5, 0.0625, 10]
    assert [each.state for each in got.tasks] == ["done", "doing", "todo"]


# --- Microsoft Project -------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["Mon 07.12.26", "07.12.26", "December 7, 2026 8:00 AM", "12/7/26"])
def test_the_start_of_what_is_scheduled_by_hand_is_not_before(day: str, tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Anfang;Stichtag"
    rows = [
        (1, "a", "Manuell geplant", 1, day, "NV"),
        (2, "b", "Automatisch geplant", 1, "12/14/26", ""),
    ]
    got = taken(plan(*rows, heads=heads), tmp_path)
    assert got.tasks[0].not_before == date(2026, 12, 7)
    assert got.tasks[0].due is None
    assert says(got, "Vorgangsmodus", "Scheduled by hand")


def test_summaries_are_known_by_levels_dots_or_blanks(tmp_path: Path) -> None:
    names = [("Bau", 1, "1"), ("Wand", 2, "1.1"), ("Dach", 2, "1.2"), ("Ende", 1, "2")]
    for heads, rows in (
        (
            "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene",
            [(n, a, "", b) for n, (a, b, _) in enumerate(names)],
        ),
        (
            "Nr.;Vorgangsname;Vorgangsmodus;PSP-Code;Vorgänger",
            [(n, a, "", c, "") for n, (a, _, c) in enumerate(names)],
        ),
        (
            "Nr.;Vorgangsname;Vorgangsmodus;Vorgänger;Ressourcennamen",
            [(n, "   " * (b - 1) + a, "", "", "") for n, (a, b, _) in enumerate(names)],
        ),
    ):
        got = taken(plan(*rows, heads=heads), tmp_path)
        assert [(each.title, each.phase) for each in got.tasks] == [
            ("Wand", "Bau"),
            ("Dach", "Bau"),
            ("Ende", ""),
        ]


def test_a_summary_with_a_note_is_a_milestone_after_its_parts(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Notizen;Los;Abteilung"
    got = taken(
        plan(
            (1, "Bau", "", 1, "Vertrag!", "4711", "Einkauf"),
            (2, "Wand", "", 2, "", "12", "IT"),
            heads=heads,
        ),
        tmp_path,
    )
    assert arrows(got, lambda each: each.title) == {"Wand → Bau": 0}
    assert (task(got, "Bau").notes, task(got, "Bau").high) == ("Vertrag!", 0)
    assert task(got, "Wand").notes == "Los: 12"
    assert says(got, "Los", "4711", "Not taken: 1 value of a summary row.")
    assert says(got, "Abteilung", "Einkauf", "Not taken: 1 value of a summary row.")


def test_links_lead_by_unique_numbers_where_these_are_given(tmp_path: Path) -> None:
    heads = "Unique ID;ID;Task Name;Task Mode;Outline Level;Unique ID Predecessors;Duration"
    got = taken(
        csv_text(
            [
                heads.split(";"),
                (70, 1, "a", "", 1, "", "2 days"),
                (50, 2, "b", "", 1, "70SS+1 day", "3 days"),
            ],
            ",",
        ),
        tmp_path,
        name="Plan.csv",
    )
    assert got.needs == {(1, 2, -1)}
    assert [each.origin for each in got.tasks] == ["msproject:Plan.csv#70", "msproject:Plan.csv#50"]


def test_the_same_link_told_at_both_ends_is_one(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Vorgänger;Nachfolger"
    got = taken(plan((1, "a", "", 1, "", "2"), (2, "b", "", 1, "1", ""), heads=heads), tmp_path)
    assert got.needs == {(1, 2, 0)}


@pytest.mark.parametrize(
    ("kind", "not_before", "due"),
    [
        ("So früh wie möglich", None, None),
        ("Muss anfangen am", date(2026, 12, 9), None),
        ("Muss enden am", None, date(2026, 12, 9)),
        ("Anfang nicht früher als", date(2026, 12, 9), None),
        ("Anfang nicht später als", None, date(2026, 12, 11)),
        ("Ende nicht früher als", date(2026, 12, 7), None),
        ("Finish No Later Than", None, date(2026, 12, 9)),
    ],
)
def test_a_constraint_is_an_earliest_start_or_a_due_date(
    kind: str, not_before: date | None, due: date | None, tmp_path: Path
) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Dauer;Einschränkungsart;Einschränkungstermin"
    got = taken(plan((1, "a", "", "3 Tage", kind, "Mit 09.12.26"), heads=heads), tmp_path)
    assert (got.tasks[0].not_before, got.tasks[0].due) == (not_before, due)
    quiet = ("So früh wie möglich", "Anfang nicht früher als", "Finish No Later Than")
    assert says(got, "Einschränkungsart") == (kind not in quiet)


def test_actual_dates_are_those_of_the_first_pass(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;% Abgeschlossen;Aktueller Anfang;Aktuelles Ende"
    got = taken(
        plan(
            (1, "a", "", "100%", "Mon 02.11.26", "Fre 06.11.26"),
            (2, "b", "", "0%", "Mon 09.11.26", "NV"),
            (3, "c", "", "0%", "NV", "NV"),
            heads=heads,
        ),
        tmp_path,
    )
    done, begun, other = got.tasks
    assert [each.state for each in got.tasks] == ["done", "doing", "todo"]
    ((first,), (second,)) = done.passes, begun.passes
    assert (first.started, first.ended) != (None, None)
    assert (second.started is not None, second.ended) == (True, None)
    assert other.passes == ()


def test_as_late_as_possible_is_told(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Einschränkungsart"
    got = taken(plan((1, "a", "", 1, "So spät wie möglich"), heads=heads), tmp_path)
    assert says(got, "Einschränkungsart", "planned as soon as possible here")


def test_what_was_agreed_there_is_a_baseline_here(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Dauer;Geplanter Anfang;Geplantes Ende"
    rows = [
        (1, "Bau", "", 1, "", "", ""),
        (2, "a", "", 2, "3 Tage", "Mon 07.12.26", "Mit 09.12.26"),
    ]
    (baseline,) = taken(plan(*rows, heads=heads), tmp_path).ws.baselines.values()
    (planned,) = baseline.plan
    assert planned[:4] == (2, date(2026, 12, 7), date(2026, 12, 9), 3)


def test_without_numbers_what_was_agreed_is_in_the_notes(tmp_path: Path) -> None:
    heads = "Vorgangsname;Vorgangsmodus;Gliederungsebene;Geplanter Anfang"
    got = taken(plan(("a", "", 1, "Mon 07.12.26"), heads=heads), tmp_path)
    assert got.tasks[0].notes == "Geplanter Anfang: 2026-12-07"


def test_days_of_the_calendar_that_begin_in_the_evening_begin_the_day_after(
    tmp_path: Path,
) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Dauer;Anfang"
    late = "Fre 11.12.26 17:00"
    rows = [(1, "a", "", "2 fTage", late), (2, "b", "", "3 fTage", late)]
    got = taken(plan(*rows, heads=heads), tmp_path)
    assert [each.likely for each in got.tasks] == [0, 1]


def test_months_minutes_and_numbers_of_priorities(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Dauer;Vorgänger;Priorität;Arbeit"
    got = taken(
        plan(
            (1, "a", "", 1, "2 Monate", "", 300, "16 Std."),
            (2, "b", "", 1, "30 Min.", "1EA+1 Monat", 900, ""),
            (3, "c", "", 1, "2 fMonate?", "1EA-3 fTage", 500, ""),
            heads=heads,
        ),
        tmp_path,
    )
    assert [each.likely for each in got.tasks][:2] == [40, 0.0625]
    assert [each.priority for each in got.tasks] == ["low", "critical", "medium"]
    assert got.tasks[0].effort == 2
    assert (1, 2, 20) in got.needs


def test_a_milestone_that_takes_time_is_told(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Dauer;Meilenstein"
    got = taken(
        plan(
            (1, "a", "", 1, "2 Tage", "Ja"),
            (2, "b", "", 1, "", "Ja"),
            (3, "c", "", 1, "", "Nein"),
            heads=heads,
        ),
        tmp_path,
    )
    assert [each.likely for each in got.tasks] == [2, 0, None]
    assert says(got, "Meilenstein", "takes 2.0 days") or says(got, "Meilenstein", "takes 2 days")


def test_what_sums_up_nothing_that_shows_is_told(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Vorgänger;Sammelvorgang"
    got = taken(plan((1, "a", "", "", "Ja"), (2, "b", "", "", "Nein"), heads=heads), tmp_path)
    assert len(got.tasks) == 2
    assert says(got, "Sammelvorgang", "nothing shows which")


def test_what_is_computed_is_named_and_what_is_unknown_is_in_the_notes(tmp_path: Path) -> None:
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Gesamte Pufferzeit;Kosten;Text1"
    got = taken(plan((1, "a", "", 1, "3 Tage", "100 €", "Los 7"), heads=heads), tmp_path)
    assert got.tasks[0].notes == "Text1: Los 7"
    assert says(got, "Gesamte Pufferzeit, Kosten", "not taken")


def test_names_are_parted_as_the_language_parts_lists(tmp_path: Path) -> None:
    english = "ID;Task Name;Task Mode;Outline Level;Resource Names"
    got = taken(csv_text([english.split(";"), (1, "a", "", 1, "Bo,Ada[50%]")]), tmp_path)
    assert {name_of(each) for each in got.ws.people.values()} == {"Bo", "Ada"}
    german = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Ressourcennamen"
    got = taken(plan((1, "a", "", 1, "Lind, Bo"), heads=german), tmp_path)
    assert {name_of(each) for each in got.ws.people.values()} == {"Lind, Bo"}
    assert not says(got, "Lind, Bo")
    got = taken(plan((1, "a", "", 1, "Meier & Co;IT/Netz[50%]"), heads=german), tmp_path)
    assert {name_of(each) for each in got.ws.people.values()} == {"Meier & Co", "IT/Netz"}


def test_chosen_meanings_count_more_than_those_of_the_program(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    heads = "Nr.;Vorgangsname;Vorgangsmodus;Gliederungsebene;Ende"
    path.write_text(plan((1, "a", "", 1, "07.12.26"), heads=heads), encoding="utf-8")
    source = importing.read(path, today=date(2026, 11, 28), columns={"Ende": "due"}).source
    assert source.tasks[0].fields["due"] == date(2026, 12, 7)


def test_a_table_of_the_export_wizard_is_known_by_its_sheet(tmp_path: Path) -> None:
    heads = ("Name", "Duration", "Start_Date", "Finish_Date", "Resource_Names")
    rows = [heads, ("a", "2 days", "12/17/2026", "12/18/2026", "Bo"), ("b", "1 day", "", "", "")]

    def named(sheet: Any) -> None:
        sheet.title = "Task_Table"

    got = taken(workbook(*rows, shape=named), tmp_path, name="x.xlsx")
    assert (got.tasks[0].due, got.tasks[0].not_before) == (None, None)
    assert taken(workbook(*rows), tmp_path, name="y.xlsx").tasks[0].due == date(2026, 12, 18)


# --- Planner -----------------------------------------------------------------------------------

PLANNER = (
    "Task ID,Task Name,Bucket Name,Progress,Is Recurring,Checklist Items,Completed Checklist Items"
)


@pytest.mark.parametrize(
    ("lines", "checked", "ticks"),
    [
        ("a;b", "2/2", [True, True]),
        ("a;b", "0/2", [False, False]),
        ("a;b", "1/2", [False, False]),
        ("a;b;c", "2/2", [False, False, False]),
        ("a;a", "2/2", [True, True]),
    ],
)
def test_a_checklist_is_ticked_only_where_there_is_no_doubt(
    lines: str, checked: str, ticks: list[bool], tmp_path: Path
) -> None:
    row = ("x1", "a", "Net", "In progress", "false", lines, checked)
    got = taken(csv_text([PLANNER.split(","), row], ","), tmp_path)
    assert [each.done for each in got.tasks[0].checklist] == ticks
    assert says(got, "none is ticked here") == (checked == "1/2" or lines == "a;b;c")


def test_what_recurs_in_a_plan_is_told(tmp_path: Path) -> None:
    row = ("x1", "a", "Net", "Not started", "true", "", "")
    got = taken(csv_text([PLANNER.split(","), row], ","), tmp_path)
    assert says(got, "Is Recurring", "1 task recurs there, in row 2")
    assert (got.tasks[0].phase, got.tasks[0].origin) == ("Net", "planner:x1")


def test_a_second_import_of_a_plan_knows_its_tasks_by_their_ids(tmp_path: Path) -> None:
    heads = PLANNER.split(",")
    first = taken(csv_text([heads, ("x1", "a", "Net", "Not started", "", "", "")], ","), tmp_path)
    path = tmp_path / "again.csv"
    path.write_text(csv_text([heads, ("x1", "renamed", "Net", "Completed", "", "", "")], ","))
    source = importing.read(path, today=date(2026, 11, 28), ws=first.ws)
    assert source.is_here(first.ws)


def test_a_state_that_contradicts_the_percentage_counts(tmp_path: Path) -> None:
    begin, end = datetime(2026, 12, 7, 8), datetime(2026, 12, 11, 16, 59, 59)  # noqa: DTZ001
    heads = ("Task Name", "Duration", "Start", "Finish", "Predecessors", "% Complete", "Status")
    rows = [
        ("a", "5d", begin, end, None, 0.25, "Complete"),
        ("b", "5d", begin, end, None, 1, "In Progress"),
    ]
    got = taken(workbook(heads, *rows), tmp_path, name="x.xlsx")
    assert [each.state for each in got.tasks] == ["done", "doing"]
    assert [each.notes for each in got.tasks] == ["% Complete: 25%", "% Complete: 100%"]
    assert says(got, "25%", "the task is done")
    assert says(got, "100%", "not done")


# --- no list of anybody's ------------------------------------------------------------------------


def _dialect(path: Path) -> str | None:
    data = path.read_bytes()
    try:
        if path.suffix == ".xlsx":
            book = read_workbook(data, path.name)
        else:
            book = read_csv(data, path.name, lambda rows: len(rows[0].cells) if rows else 0)
    except TrackerError:
        return None
    found = dialects.found(book, path.name)
    return found[0].name if found else None


@pytest.mark.parametrize(
    "path",
    [each for each in sorted((DATA / "lists").iterdir()) if each.suffix in (".csv", ".xlsx")]
    + [DATA / "umzug-erp.csv", DATA / "umzug-erp.xlsx"],
    ids=lambda path: path.name,
)
def test_a_list_of_anybody_is_no_table_of_a_planning_program(path: Path) -> None:
    names = {"msproject", "smartsheet", "planner", "planner-premium"}
    assert _dialect(path) not in names


@pytest.mark.parametrize(
    "heads",
    [
        "Nr.;Aufgabe;Dauer;Anfang;Ende;Vorgänger;Verantwortlich",
        "ID;Task Name;Duration;Start;Finish;Predecessors;Owner;% Complete",
        "Task Name;Duration;Start;Finish;Predecessors;Assigned To;Status;% Complete",
        "Task;Bucket;Progress;Priority;Assigned To;Due Date;Labels;Notes",
        "WBS;Task Name;Owner;Start;Finish;Duration;% Complete;Predecessors;Notes",
    ],
)
def test_common_heads_are_a_list_of_anybody(heads: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    names = heads.split(";")
    row = [{"Duration": "5", "Dauer": "5"}.get(head, "1") for head in names]
    path.write_text(csv_text([names, row]), encoding="utf-8")
    assert _dialect(path) is None


# --- whatever comes ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_cut_doubled_and_exchanged_samples_are_read_or_refused(path: Path, tmp_path: Path) -> None:
    rows = rows_of(path)
    chance = random.Random(path.name)
    odd = [
        "",
        "=1+1",
        "-1",
        "99999",
        "NV",
        "1;1;1",
        "1FS+1,5",
        "\x1b[31mx",
        "ä" * 400,
        "(3,4)",
        "🙂",
    ]
    for turn in range(25):
        changed = [list(row) for row in rows]
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(1, len(changed))
            column = chance.randrange(len(changed[at]) or 1)
            match chance.randrange(4):
                case 0:
                    changed[at][column:] = []
                case 1:
                    changed.insert(at, list(changed[chance.randrange(len(changed))]))
                case 2:
                    if column < len(changed[at]):
                        changed[at][column] = chance.choice(odd)
                case _:
                    other = chance.randrange(1, len(changed))
                    changed[at], changed[other] = changed[other], changed[at]
            changed = [row or [None] for row in changed]
        # Anything else that is raised fails.
        with suppress(BadInput):
            taken(csv_text(changed), tmp_path, name=f"{turn}.csv")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_no_value_of_an_added_column_is_left_out_in_silence(path: Path, tmp_path: Path) -> None:
    rows = rows_of(path)
    head = next(at for at, row in enumerate(rows) if sum(cell is not None for cell in row) > 5)
    for added in ("Zusatz", "Text1", "Cost Center"):
        wider = [
            [*row, *([None] * (len(rows[head]) - len(row))), f"{added} {at}" if at > head else None]
            for at, row in enumerate(rows)
        ]
        wider[head][-1] = added
        got = taken(csv_text(wider), tmp_path, name="wider.csv")
        everything = "\n".join([*told(got), *(each.notes for each in got.tasks)])
        everything += "\n".join(why for _, why in got.skipped)
        work = [each for each in got.tasks if added in each.notes]
        assert len(work) + everything.count("summary row") >= 1
        assert all(f"{added} " in each.notes for each in got.tasks)
