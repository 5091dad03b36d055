"""Rows above, between and beside the tasks of a list, and the meaning of its cells."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tests.builders import NOW
from tests.exchange.lists import rewritten, taken, taken_file, workbook
from tracker.domain.calendar import day_of
from tracker.domain.draft import name_of
from tracker.domain.errors import BadInput
from tracker.domain.typing.vocabulary import field_from_word
from tracker.exchange.headers import OWN, letter, meaning

LISTS = DATA / "lists"

# --- headers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("Nr.", "id"),
        ("#", "id"),
        ("Vorgang", "title"),
        ("  TASK\nNAME ", "title"),
        ("Dauer min (T)", "low"),
        ("Dauer wahrsch. (T)", "likely"),
        ("Dauer (max. T)", "high"),
        ("Dauer [Tage]", "estimate"),
        ("Dauer in Tagen", "estimate"),
        ("duration", "estimate"),
        ("VORGÄNGER", "needs"),
        ("Vorgaenger", "needs"),
        ("predecessors", "needs"),
        ("Fällig am", "due"),
        ("Aufwand (PT)", "effort"),
        ("Verantwortlich (Name)", "assignee"),
        ("Bis wann?", "due"),
        ("Aufgabe / Thema", "title"),
        ("Start / Ende", None),
        ("Tel.", None),
        ("T", None),
    ],
)
def test_headers_are_known_in_either_language(head: str, field: str | None) -> None:
    assert meaning(head)[0] == field


@pytest.mark.parametrize(("head", "unit"), [("Aufwand (h)", 0.125), ("Dauer (Wochen)", 5.0)])
def test_a_header_may_name_a_unit(head: str, unit: float) -> None:
    assert meaning(head)[1] == unit


def test_the_headers_of_our_own_files_are_known() -> None:
    for heads in OWN.values():
        assert [meaning(head)[0] for head in heads.values()] == list(heads)
    assert field_from_word("id") == "id"


def test_columns_without_a_header_are_called_as_in_a_spreadsheet() -> None:
    assert [letter(at) for at in (0, 25, 26, 51, 52, 701, 702)] == [
        *("A", "Z", "AA", "AZ", "BA", "ZZ", "AAA")
    ]


def test_the_header_is_found_below_lines_and_a_summary_comes_with_its_description(
    tmp_path: Path,
) -> None:
    text = "Aufgaben\n\nKey,Summary,Description,Status\n1,x,more of it,open"
    got = taken(text, tmp_path)
    assert (got.tasks[0].title, got.tasks[0].notes) == ("x", "more of it")
    assert [row for row, _ in got.skipped] == [1, 2]


def test_a_list_may_be_a_column_of_titles(tmp_path: Path) -> None:
    got = taken("Aufgabe\nx\ny", tmp_path)
    assert [task.title for task in got.tasks] == ["x", "y"]


# --- rows --------------------------------------------------------------------------------------


def test_blank_rows_repeated_heads_sums_and_notes_are_reported(tmp_path: Path) -> None:
    text = "Nr;Vorgang;Aufwand\n1;x;3\n;;\nNr;Vorgang;Aufwand\n2;y;4\n\n;;7\nStand: heute\n"
    got = taken(text, tmp_path)
    assert [task.title for task in got.tasks] == ["x", "y"]
    assert got.skipped == [
        (3, "The row is blank."),
        (4, "The header is repeated."),
        (6, "The row is blank."),
        (7, "The row has no title: 7"),
        (8, "The row has no title: Stand: heute"),
    ]


def test_a_long_gap_is_reported_as_one(tmp_path: Path) -> None:
    got = taken("Vorgang\nx" + "\n" * 30 + "y", tmp_path)
    assert got.skipped == [(3, "Rows 3 to 31 are blank.")]


# --- columns -----------------------------------------------------------------------------------


def test_columns_that_are_not_known_stand_in_the_notes(tmp_path: Path) -> None:
    text = "Vorgang;Tel.;Bemerkung;Status;Status\nx;0208;wichtig;offen;rot;Rand\ny;;;;"
    got = taken(text, tmp_path)
    assert got.tasks[0].notes == "wichtig\nTel.: 0208\nStatus: rot\nF: Rand"
    assert got.tasks[1].notes == ""
    why = "This column is unknown; its content is in the notes."
    twin = (
        "Status (D) has the same content and applies where both are filled; the rest is in the"
        " notes."
    )
    right = (
        "This column has no header; its content is in the notes. In row 2 a separator"
        " may be part of a value."
    )
    assert got.warnings == [(1, "Tel.", "", why), (1, "F", "", right), (1, "Status", "", twin)]


def test_what_cannot_be_read_is_reported_and_stands_in_the_notes(tmp_path: Path) -> None:
    text = "Vorgang;Status;Prio;Fällig;Aufwand;Turnus\nx;Klärung;lila;bald;viel;ab und zu"
    got = taken(text, tmp_path)
    task = got.tasks[0]
    assert (task.state, task.priority, task.due, task.effort) == ("todo", "medium", None, None)
    assert task.notes == (
        "Status: Klärung\nPrio: lila\nFällig: bald\nAufwand: viel\nTurnus: ab und zu"
    )
    assert [(row, column) for row, column, _, _ in got.warnings] == [
        (2, column) for column in ("Status", "Prio", "Fällig", "Aufwand", "Turnus")
    ]
    assert got.warnings[0][3] == "Klärung is not a known state; the task is todo."
    assert got.warnings[3][3] == "viel is not a number."


def test_hours_and_weeks_become_days(tmp_path: Path) -> None:
    got = taken("Vorgang;Dauer (Wochen);Aufwand (h)\nx;2;4", tmp_path)
    assert (got.tasks[0].likely, got.tasks[0].effort) == (10, 0.5)
    assert [column for _, column, _, _ in got.warnings] == ["Dauer (Wochen)", "Aufwand (h)"]


# --- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("5;;;", (5, 5, 5)),
        (";2;3;4,5", (2, 3, 4.5)),
        (";;3;", (None, 3, None)),
        ("5;2;;9", (2, 5, 9)),
        ("1/2/5 T;;;", (1, 2, 5)),
        ("3–5 Tage;;;", (3, 4, 5)),
        ("0;;;", (0, 0, 0)),
    ],
)
def test_estimates(tmp_path: Path, row: str, expected: tuple[float | None, ...]) -> None:
    got = taken(f"Vorgang;Dauer;min;wahrsch.;max\nx;{row}", tmp_path)
    task = got.tasks[0]
    assert (task.low, task.likely, task.high) == expected


def test_an_estimate_out_of_order_is_put_in_order_and_reported(tmp_path: Path) -> None:
    got = taken("Vorgang;min;wahrsch.;max\nx;5;3;9", tmp_path)
    task = got.tasks[0]
    assert (task.low, task.likely, task.high) == (3, 5, 9)
    why = "The estimate was out of order; read as 3/5/9."
    assert got.warnings == [(2, "min, wahrsch., max", "5/3/9", why)]


@pytest.mark.parametrize(
    ("text", "expected", "guessed"),
    [
        ("16.10.2026", date(2026, 10, 16), False),
        ("16.10.26", date(2026, 10, 16), False),
        ("2026-10-16", date(2026, 10, 16), False),
        ("2026-10-16 00:00:00", date(2026, 10, 16), False),
        ("2026-10-16T17:30", date(2026, 10, 16), True),
        ("Fr 16.10.26", date(2026, 10, 16), False),
        ("1.12.", date(2026, 12, 1), True),
        ("KW 48", date(2026, 11, 27), True),
        ("46311", date(2026, 10, 16), True),
        ("10/16/2026", date(2026, 10, 16), True),
        ("16/10/2026", date(2026, 10, 16), True),
        ("4/5/2026", date(2026, 5, 4), True),
        ("31.2.2027", None, True),
        ("1.1.9999", None, True),
    ],
)
def test_dates(tmp_path: Path, text: str, expected: date | None, guessed: bool) -> None:
    got = taken(f"Vorgang;Fällig am\nx;{text}", tmp_path)
    assert got.tasks[0].due == expected
    assert bool(got.warnings) is guessed


def test_one_date_tells_how_the_others_in_its_column_are_written(tmp_path: Path) -> None:
    got = taken("Task;Due\nx;4/5/2026\ny;12/24/2026", tmp_path)
    assert [task.due for task in got.tasks] == [date(2026, 4, 5), date(2026, 12, 24)]
    why = (
        "Dates such as 4/5/2026 were read as month/day/year, as 12/24/2026 in row 3 allows"
        " nothing else."
    )
    assert got.warnings == [(1, "Due", "", why)]


def test_a_remark_is_what_a_waiting_task_waits_for(tmp_path: Path) -> None:
    text = 'Vorgang;Status;Bemerkung\nx;wartet;Angebot\ny;wartet;"zwei\nZeilen"\nz;offen;Angebot'
    got = taken(text, tmp_path)
    assert [(task.waiting_for, task.notes) for task in got.tasks] == [
        ("Angebot", ""),
        ("", "zwei\nZeilen"),
        ("", "Angebot"),
    ]


@pytest.mark.parametrize(
    ("row", "waits", "notes"),
    [
        ("A;wartet auf Testlauf;", "Testlauf", ""),
        ("A;Waiting for: the vendor, since May;", "the vendor, since May", ""),
        ("A;blockiert durch Einkauf;Einkauf", "Einkauf", ""),
        ("A;wartet auf Testlauf;Einkauf", "Einkauf", "Testlauf"),
        ("A;blocked by #1;", "#1", ""),
        ("A;wartet auf;", "", ""),
    ],
)
def test_a_state_may_say_what_a_task_waits_for(
    tmp_path: Path, row: str, waits: str, notes: str
) -> None:
    task = taken(f"Vorgang;Status;Wartet auf\n{row}\n", tmp_path).tasks[0]
    assert (task.state, task.waiting_for, task.notes) == ("waiting", waits, notes)


@pytest.mark.parametrize("numbers", [("", ""), ("1", "2")])
def test_tasks_of_the_same_title_are_told(tmp_path: Path, numbers: tuple[str, str]) -> None:
    first, second = numbers
    text = f"Nr;Vorgang;Abteilung\n{first};Abnahme;Netz\n;Konzept;RZ\n{second};abnahme;RZ\n"
    told = taken(text, tmp_path).warnings
    why = "Rows 2, 4 have the same title; each is a task."
    assert (4, "Vorgang", "Abnahme", why) in told


def test_several_assignees_become_one_and_watchers(tmp_path: Path) -> None:
    got = taken("Vorgang,Wer\nx,k.brandt; t.yilmaz", tmp_path)
    names = {id: person.login for id, person in got.ws.people.items()}
    assert names[got.tasks[0].assignee or 0] == "k.brandt"
    assert [names[id] for id in got.tasks[0].watchers] == ["t.yilmaz"]
    assert len(got.warnings) == 1


def test_lists_of_systems_and_tags(tmp_path: Path) -> None:
    got = taken("Vorgang;Systeme;Tags\nx;SAP, AS/400;#netz, #eilig", tmp_path)
    assert [system.name for system in got.ws.systems.values()] == ["SAP", "AS/400"]
    assert got.tasks[0].tags == ("netz", "eilig")


def test_control_characters_and_escape_sequences_are_taken_out_and_reported(tmp_path: Path) -> None:
    title = "\x1b]52;c;cHduZWQ=\x07rot \x1b[31mund\x1b[0m \x9b2Jblau\u202e\x00"
    data = f'Vorgang;Bemerkung;\x1b[1mTel.\n"{title}";a\x08b\tc;\x07'.encode()
    got = taken(data, tmp_path)
    assert (got.tasks[0].title, got.tasks[0].notes) == ("rot und blau", "ab\tc")
    assert got.warnings[1:] == [
        (2, "Vorgang", "rot und blau", "6 control characters were removed."),
        (2, "Bemerkung", "ab\tc", "A control character was removed."),
        (2, "Tel.", "", "A control character was removed."),
    ]
    assert not any("\x1b" in text for row in got.warnings for text in row[1:3])


def test_titles_have_one_line_and_an_end(tmp_path: Path) -> None:
    got = taken('Vorgang\n"zwei\r\nZeilen"\n' + "x" * 10_001, tmp_path)
    assert [len(task.title) for task in got.tasks] == [11, 10_000]
    assert got.tasks[0].title == "zwei Zeilen"
    assert len(got.tasks[1].notes) > 10_001
    assert [row for row, *_ in got.warnings] == [2, 3]


@pytest.mark.parametrize(
    ("cell", "needs", "warned"),
    [
        ("3; 6", {3, 6}, 0),
        ("3, 6", {3, 6}, 0),
        ("3 6", {3, 6}, 0),
        ("3 und 6", {3, 6}, 0),
        ("Nr. 3 / 6", {3, 6}, 0),
        ("3-6", {3, 4, 5, 6}, 1),
        ("3 bis 6", {3, 4, 5, 6}, 1),
        ("A\n6", {1, 6}, 0),
        ("3AA", {3}, 1),
        ("6-3", set(), 1),
        ("6-0,5", {6}, 1),
        ("2-2", {2}, 1),
        ("5-9", set(), 1),
        ("–", set(), 0),
        ("nach Freigabe", set(), 1),
    ],
)
def test_predecessors(tmp_path: Path, cell: str, needs: set[int], warned: int) -> None:
    rows = "".join(f"{n};{chr(64 + n)};\n" for n in range(1, 7))
    got = taken(f'Nr;Vorgang;Vorgänger\n{rows}7;x;"{cell}"', tmp_path)
    assert {source for source, target, _ in got.needs if target == 7} == needs
    assert len(got.warnings) == warned
    # What is not understood is kept.
    assert bool(got.tasks[-1].notes) is (not needs and warned > 0)


@pytest.mark.parametrize(
    "text", ["9" * 5000, "1-" + "9" * 5000, "٣" * 5000, "1:1:1:" + "9" * 5000, "²"]
)
@pytest.mark.parametrize("column", ["Nr", "Vorgänger", "Rücksprung", "Dauer", "Fällig"])
def test_no_number_is_too_long_to_be_reported(tmp_path: Path, column: str, text: str) -> None:
    heads = ["Nr", "Vorgang", "Vorgänger", "Rücksprung", "Dauer", "Fällig"]
    cells = dict.fromkeys(heads, "") | {"Nr": "2", "Vorgang": "x", column: text}
    rows = (";".join(heads), "1;a;;;;", ";".join(cells.values()))
    got = taken("\n".join(rows), tmp_path)
    assert [task.title for task in got.tasks] == ["a", "x"]
    assert column == "Nr" or [warned[:2] for warned in got.warnings] == [(3, column)]


@pytest.mark.parametrize(
    ("cell", "lag"),
    [("1+2", 2.0), ("1EA+2 Tage", 2.0), ("1FS-2d", -2.0), ("1+-2", -2.0), ("1+1 Woche", 5.0)],
)
def test_lags(tmp_path: Path, cell: str, lag: float) -> None:
    got = taken(f"Nr;Vorgang;Vorgänger\n1;x;\n2;y;{cell}", tmp_path)
    assert got.needs == {(1, 2, lag)}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1:30%:100%:3", (0.3, 1.0, 3)),
        ("1:0,3:0,5", (0.3, 0.5, None)),
        ("1:30", (0.3, 1.0, None)),
        ("1", (0.2, 1.0, None)),
        ("1::50%", (0.2, 0.5, None)),
    ],
)
def test_return_arrows(tmp_path: Path, cell: str, expected: tuple[Any, ...]) -> None:
    got = taken(f"id;title;returns\n1;x;\n2;y;{cell}", tmp_path)
    (back,) = got.ws.links.values()
    assert (back.kind, back.source, back.target) == ("returns", 2, 1)
    assert (back.rate, back.share, back.limit) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "9:30%",
        "1:100%",
        "1:30%:0%",
        "1:x",
        "1:30%:100%:0",
        "1:30%:100%:²",
        "1:30%:100%:1000",
        "1:2:3:4:5",
    ],
)
def test_return_arrows_that_cannot_be_are_reported(tmp_path: Path, cell: str) -> None:
    got = taken(f"id;title;returns\n1;x;\n2;y;{cell}", tmp_path)
    assert len(got.ws.links) == 0
    assert got.tasks[1].notes == f"returns: {cell}"
    assert [(row, column, value) for row, column, value, _ in got.warnings] == [
        (3, "returns", cell)
    ]


# --- what only a workbook can say --------------------------------------------------------------


def test_cells_that_excel_turned_into_something_else_are_reported(tmp_path: Path) -> None:
    data = workbook(
        ("Nr", "Vorgang", "Vorgänger", "Dauer", "Fällig", "Rücksprung"),
        (1, "x", None, None, None, None),
        (4, 12.0, None, 2.5, datetime(2026, 12, 1), None),  # noqa: DTZ001
        (5, date(2026, 12, 1), 4.5, datetime(2026, 5, 4), time(3, 30), time(3, 30)),  # noqa: DTZ001
        (6, True, datetime(2026, 5, 3), timedelta(hours=12), 46357, None),  # noqa: DTZ001
    )
    got = taken(data, tmp_path, name="list.xlsx")
    assert [task.title for task in got.tasks] == ["x", "12", "2026-12-01", "True"]
    assert (got.tasks[1].likely, got.tasks[1].due) == (2.5, date(2026, 12, 1))
    assert (got.tasks[3].likely, got.tasks[3].due) == (1.5, date(2026, 12, 1))
    date_made = "The spreadsheet has turned this entry into a date; enter it as text."
    assert [(row, column, why) for row, column, _, why in got.warnings] == [
        (
            4,
            "Vorgänger",
            "4.5 is not a task number; for 4 and 5, write 4; 5.",
        ),
        (4, "Dauer", date_made),
        (4, "Fällig", "03:30:00 is not a date."),
        (4, "Rücksprung", date_made),
        (5, "Vorgänger", date_made),
        (5, "Dauer", "Read as 1.5."),
        (5, "Fällig", "Read as 2026-12-01."),
    ]


def test_times_of_day_are_reported_once(tmp_path: Path) -> None:
    finish = datetime(2026, 12, 1, 17)  # noqa: DTZ001
    data = workbook(("Vorgang", "Ende"), ("x", finish), ("y", finish))
    got = taken(data, tmp_path, name="list.xlsx")
    assert [task.due for task in got.tasks] == [finish.date()] * 2
    assert got.warnings == [(1, "Ende", "", "The times of day of 2 dates were dropped.")]


def test_a_formula_counts_with_what_the_sheet_last_showed(tmp_path: Path) -> None:
    data = workbook(
        ("Nr", "Vorgang", "Abteilung"), ("=ROW()-1", "x", "=SVERWEIS(1)"), (2, "y", "=A9")
    )
    data = rewritten(
        data,
        "xl/worksheets/sheet1.xml",
        lambda xml: (
            xml.replace(b"<f>ROW()-1</f><v />", b"<f>ROW()-1</f><v>1</v>")
            .replace(b"<f>ROW()-1</f><v></v>", b"<f>ROW()-1</f><v>1</v>")
            .replace(b'<c r="C2"><f>SVERWEIS(1)</f><v />', b'<c r="C2" t="str"><f>S</f><v>Netz</v>')
            .replace(
                b'<c r="C2"><f>SVERWEIS(1)</f><v></v>', b'<c r="C2" t="str"><f>S</f><v>Netz</v>'
            )
        ),
    )
    got = taken(data, tmp_path, name="list.xlsx")
    assert [task.id for task in got.tasks] == [1, 2]
    assert [lane.name for lane in got.ws.departments.values()] == ["Netz"]
    assert [(row, column, why) for row, column, _, why in got.warnings] == [
        (2, "Nr", "Formula replaced by its last result: 1"),
        (2, "Abteilung", "Formula replaced by its last result: Netz"),
        (3, "Abteilung", "This formula was never calculated; open the workbook and save it."),
    ]
    assert got.tasks[1].notes == "Abteilung: =A9"


def test_a_merged_cell_speaks_for_its_rows_where_that_makes_sense(tmp_path: Path) -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("B2:B4")
        sheet.merge_cells("C2:C3")

    rows = (("Vorgang", "Abteilung", "Dauer"), ("x", "Netz", 5), ("y",), ("z",), ("w",))
    got = taken(workbook(*rows, shape=merge), tmp_path, name="list.xlsx")
    assert [task.department for task in got.tasks] == [1, 1, 1, None]
    assert [task.likely for task in got.tasks] == [5, None, None, None]
    why = "A merged cell applies to several rows."
    assert got.warnings == [(3, "Abteilung", "Netz", why), (4, "Abteilung", "Netz", why)]


def test_the_sheet_with_the_plan_is_found(tmp_path: Path) -> None:
    def contacts(sheet: Any) -> None:
        sheet.title = "Kontakte"
        plan = sheet.parent.create_sheet("Plan")
        plan.append(["Nr", "Vorgang", "Abteilung", "Status"])
        plan.append([1, "x", "Netz", "offen"])

    got = taken(
        workbook(("Name", "Abteilung"), ("N", "Netz"), shape=contacts), tmp_path, name="a.xlsx"
    )
    assert [task.title for task in got.tasks] == ["x"]
    assert got.skipped == [(0, "The sheet Kontakte with 2 rows was skipped; only Plan was read.")]


_cells = st.text(max_size=12) | st.sampled_from(
    [
        *("", "1", "2; 3", "1-3", "3:30%", "4,5", "16.10.", "x", "wartet", "=1+1", "1e999"),
        *("ca. 3 Wochen", "5 5/5", "1/2/3", "\x1b[2J", "–", "12EA+2 Tage", "2+99999999"),
        *("99:1:1:1:1", "0", "1/13/26", "00/00/0000", "2026-02-30 17:00", "KW 99"),
        *("3.-5.12.", "1" * 400),
    ]
)


@given(st.lists(st.lists(_cells, min_size=12, max_size=12), min_size=1, max_size=6))
def test_no_cell_stops_an_import_or_vanishes(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    heads = ["Nr", "Vorgang", "Dauer", "min", "wahrsch.", "Vorgänger", "Rücksprung", "Fällig"]
    heads += ["Aufwand", "System", "Tel.", "Status"]
    # A blank row behind the last one is no row of the list.
    while rows and all(not cell or cell.isspace() for cell in rows[-1]):
        rows = rows[:-1]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([heads, *rows])
    data = out.getvalue().encode("utf-8-sig", "replace")
    try:
        got = taken(data, tmp_path_factory.getbasetemp())
    except BadInput as refusal:
        assert "contains no tasks" in str(refusal)  # noqa: PT017
        return
    assert got.report.tasks == len(got.ws.tasks)
    assert got.report.links == len(got.ws.links)
    assert got.report.tasks + len({row for row, _ in got.skipped if row}) == len(rows)


# --- days that a list has stamped ---------------------------------------------------------------


def test_days_of_creation_and_of_the_end_are_taken() -> None:
    got = taken_file(LISTS / "01-stamp-columns.csv")
    cable, switch = got.tasks
    assert (cable.state, switch.state) == ("todo", "done")
    assert [day_of(task.created or NOW.at) for task in got.tasks] == [
        date(2026, 3, 2),
        date(2026, 3, 3),
    ]
    assert day_of(switch.passes[0].ended or NOW.at) == date(2026, 3, 5)
    assert got.warnings == []


@pytest.mark.parametrize(
    ("mark", "state"),
    [("x", "done"), ("ja", "done"), ("✓", "done"), ("5.3.2026", "done"), ("nein", "todo")],
)
@pytest.mark.parametrize("head", ["Erledigt", "Erledigt am", "Completed", "Closed", "Beendet"])
def test_what_is_marked_as_finished_is_done(
    tmp_path: Path, head: str, mark: str, state: str
) -> None:
    got = taken(f"Vorgang;{head}\nx;{mark}", tmp_path)
    assert got.tasks[0].state == state
    word = "a date" if mark[0].isdecimal() else mark
    told = f"Understood as (number of cells): {word} → done (1)."
    assert got.warnings == ([(2, head, "", told)] if state == "done" else [])


def test_a_state_wins_over_a_mark_and_both_are_told(tmp_path: Path) -> None:
    got = taken("Vorgang;Status;Erledigt\nx;in Arbeit;5.3.2026", tmp_path)
    assert (got.tasks[0].state, got.tasks[0].notes) == ("doing", "Erledigt: 5.3.2026")
    why = "The state says that the task is not done; this value is in the notes."
    assert got.warnings == [(2, "Erledigt", "5.3.2026", why)]


def test_passes_are_not_taken_from_a_list() -> None:
    got = taken_file(LISTS / "01c-rounds.csv")
    assert got.tasks[0].notes == "Runde: 2"
    assert [warned[:3] for warned in got.warnings] == [(2, "Runde", "2")]


def test_a_name_written_last_name_first_is_that_of_another_row(tmp_path: Path) -> None:
    got = taken("Vorgang;Wer\na;Brandt, Karin\nb;Karin Brandt\nc;Brandt\n", tmp_path)
    people = {person.id: name_of(person) for person in got.ws.people.values()}
    assert [people[task.assignee or 0] for task in got.tasks] == [
        *("Karin Brandt", "Karin Brandt", "Brandt"),
    ]
    assert (2, "Wer", "Brandt, Karin", "Read as Karin Brandt, as in another row.") in got.warnings


def test_a_total_in_one_word_is_no_task(tmp_path: Path) -> None:
    text = "Nr;Vorgang;Aufwand\n1;Gesamtkosten prüfen;3\n2;b;4\n;Gesamtaufwand;7\n;Gesamtdauer:;7\n"
    got = taken(text, tmp_path)
    assert [task.title for task in got.tasks] == ["Gesamtkosten prüfen", "b"]
    assert [why for _, why in got.skipped] == [
        *("Total row: Gesamtaufwand | 7", "Total row: Gesamtdauer: | 7"),
    ]


def test_a_separator_within_a_value_is_suspected(tmp_path: Path) -> None:
    got = taken("Nr,Vorgang,Aufwand\n1,a,2,5\n2,b,3\n", tmp_path)
    assert [(column, why) for _, column, _, why in got.warnings] == [
        (
            "D",
            "This column has no header; its content is in the notes. In row 2 a"
            " separator may be part of a value.",
        )
    ]


def test_planned_days_are_days_and_actual_ones_are_not_planned(tmp_path: Path) -> None:
    head = "Nr;Vorgang;Start Plan;Start Ist;Ende (Soll);Fertig stellen\n"
    got = taken(f"{head}1;a;2026-03-02;2026-03-03;2026-03-06;\n", tmp_path)
    task = got.tasks[0]
    assert (task.not_before, task.due) == (date(2026, 3, 2), date(2026, 3, 6))
    assert "Start Ist: 2026-03-03" in task.notes


def test_a_number_beyond_a_hundred_is_named_as_what_leaves_a_column_unread(tmp_path: Path) -> None:
    got = taken("Nr;Vorgang;Fortschritt\n1;a;50\n2;b;120\n", tmp_path)
    assert [why for _, _, _, why in got.warnings] == [
        f"{value}: 120 in the same column is more than 100%, so it is unclear what its numbers"
        " mean."
        for value in (50, 120)
    ]


def test_of_two_columns_with_the_same_head_the_one_that_counts_is_named_by_its_letter(
    tmp_path: Path,
) -> None:
    got = taken("Nr;Vorgang;Termin;Termin\n1;a;2026-04-01;2026-04-05\n2;b;;2026-04-06\n", tmp_path)
    assert any(why.startswith("Termin (D) has the same content") for _, _, _, why in got.warnings)
