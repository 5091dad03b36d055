"""What a list means by other words than ours, and what is guessed: told, once for each column."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import DATA
from tests.exchange.lists import taken, taken_file
from tests.exchange.test_cells import UNDERSTOOD
from tracker.domain.model import Person
from tracker.exchange.outcome import column_table

LISTS = DATA / "lists"


def told(
    text: str | bytes, folder: Path, head: str, name: str = "list.csv"
) -> list[tuple[int, str]]:
    """Return what is said of a column, with the rows."""
    warnings = taken(text, folder, name=name).warnings
    return [(row, why) for row, column, _, why in warnings if column == head]


def test_priorities_and_states_in_other_words_are_told_once(tmp_path: Path) -> None:
    text = "Vorgang;Prio;Status\na;hoch;offen\nb;dringend;läuft\nc;Prio A;erledigt\nd;dringend;ok\n"
    assert told(text, tmp_path, "Prio") == [
        (3, f"{UNDERSTOOD}dringend → critical (2), Prio A → high (1).")
    ]
    assert told(text, tmp_path, "Status") == [(3, f"{UNDERSTOOD}läuft → doing (1), ok → done (1).")]


@pytest.mark.parametrize("words", ["low medium high critical", "niedrig Mittel HOCH kritisch"])
def test_our_own_words_need_no_remark(tmp_path: Path, words: str) -> None:
    rows = "".join(f"x{n};{word}\n" for n, word in enumerate(words.split()))
    assert taken(f"Vorgang;Prio\n{rows}", tmp_path).warnings == []


def test_of_many_words_the_first_are_named_and_the_others_counted(tmp_path: Path) -> None:
    rows = "".join(f"x{n};{n},5%;\n" for n in range(20))
    ((_, why),) = told(f"Vorgang;% erledigt\n{rows}", tmp_path, "% erledigt")
    assert why.count("→") == 12
    assert why.endswith(" and 8 more.")


def test_a_state_that_follows_from_a_progress_is_told(tmp_path: Path) -> None:
    text = "Vorgang;Fortschritt\na;50%\nb;25%\nc;100%\n"
    assert told(text, tmp_path, "Fortschritt") == [
        (2, f"{UNDERSTOOD}50% → doing (1), 25% → doing (1), 100% → done (1).")
    ]
    # Where a state is given, it does not follow.
    text = "Vorgang;Status;Fortschritt\na;in Arbeit;50%\nb;erledigt;100%\n"
    assert told(text, tmp_path, "Fortschritt") == []


def test_a_half_done_task_that_is_done_is_told(tmp_path: Path) -> None:
    got = taken("Vorgang;Status;Fortschritt\na;erledigt;50%\n", tmp_path)
    assert (got.tasks[0].state, got.tasks[0].notes) == ("done", "Fortschritt: 50%")
    why = "The state says that the task is done; this value is in the notes."
    assert got.warnings == [(2, "Fortschritt", "50%", why)]


def test_notes_read_as_what_a_task_waits_for_are_told(tmp_path: Path) -> None:
    text = "Vorgang;Status;Bemerkung\na;wartet;Lieferung Firewall\n"
    assert taken(text, tmp_path).tasks[0].waiting_for == "Lieferung Firewall"
    assert told(text, tmp_path, "Bemerkung") == [
        (2, f"{UNDERSTOOD}Lieferung Firewall → what the task waits for (1).")
    ]


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ("12/18/2026", "12/18/2026 in row 2 was read as month/day/year; nothing else is possible."),
        ("18/12/2026", "18/12/2026 in row 2 was read as day/month/year; nothing else is possible."),
        (
            "18/12/2026 12/18/2026",
            "18/12/2026 in row 2 starts with the day and 12/18/2026 in row 3 with the month:"
            " each date was read in the only way possible.",
        ),
    ],
)
def test_the_order_of_a_date_is_told_also_where_one_value_decides(
    tmp_path: Path, days: str, why: str
) -> None:
    rows = "".join(f"x{n};{day}\n" for n, day in enumerate(days.split()))
    assert told(f"Vorgang;Termin\n{rows}", tmp_path, "Termin") == [(1, why)]


def test_dates_that_read_the_same_either_way_need_no_remark(tmp_path: Path) -> None:
    assert taken("Vorgang;Termin\nx;5/5/2026\ny;2026-12-01\nz;1.12.2026", tmp_path).warnings == []


def test_a_lag_in_another_unit_is_told(tmp_path: Path) -> None:
    got = taken("Nr;Vorgang;Vorgänger\n1;a;\n2;b;1EA+2 Wochen\n3;c;1+2d\n", tmp_path)
    assert got.needs == {(1, 2, 10.0), (1, 3, 2.0)}
    assert got.warnings == [(3, "Vorgänger", "1EA+2 Wochen", "Lag read as 10.0 days.")]


def test_a_task_due_before_it_may_start_is_told_with_its_row(tmp_path: Path) -> None:
    text = "Vorgang;Start;Ende\na;1.12.2026;24.12.2026\nb;24.12.2026;1.12.2026\n"
    why = "Due on 2026-12-01, before the start on 2026-12-24; both were imported."
    assert taken(text, tmp_path).warnings == [(3, "Start, Ende", "", why)]


def test_the_project_that_only_the_file_names_is_told(tmp_path: Path) -> None:
    def said(text: str, **options: object) -> list[str]:
        report = taken(text, tmp_path, name="Umzug.csv", **options).report  # type: ignore[arg-type]
        return [str(w.why) for w in report.warnings]

    why = "The list names no project; Umzug was taken from the file name."
    assert said("Vorgang\nx\n") == [why]
    assert said("Vorgang\nx\n", project="ERP") == []
    assert said("Vorgang;Projekt\nx;ERP\n") == []
    here = taken("Vorgang\nx\ny\n", tmp_path, name="Umzug.csv").ws
    assert said("Vorgang\nx\ny\nz\n", ws=here, again="new")[0] == (
        "New tasks without a project belong to Umzug, as most of this list does."
    )


def test_people_put_into_a_department_are_told(tmp_path: Path) -> None:
    got = taken("Vorgang;Abteilung;Wer\na;Netz;ada\nb;Netz;ada\nc;Netz;bob\nd;RZ;bob\n", tmp_path)
    assert [person.department for person in got.change.born(Person)] == [1, None]
    why = "1 new person was put into the department of all their tasks: ada (Netz)."
    assert got.warnings == [(0, "", "", why)]


def test_a_second_column_of_titles_is_not_called_unknown() -> None:
    got = taken_file(LISTS / "29-heads.csv")
    task = got.tasks[0]
    assert (str(task.not_before), str(task.due)) == ("2026-03-02", "2026-03-06")
    assert got.ws.people[task.assignee or 0].login == "Ada"
    assert got.warnings == [
        (
            *(1, "Aufgabe", ""),
            "Title was read from Aufgabenbezeichnung; the content of this column is in the notes.",
        )
    ]
    assert "also Title; in the notes" in column_table(got.report.columns)[2]


def test_all_columns_of_titles_are_in_the_table() -> None:
    columns = taken_file(LISTS / "37-outline-columns.csv").report.columns
    assert [(c.head, c.field) for c in columns] == [
        *(("Aktivität", "title"), ("Teil 1", "title"), ("Teil 2", "title"), ("Aufwand", "effort")),
    ]


def test_what_a_column_of_parents_became_is_told() -> None:
    warnings = taken_file(LISTS / "44-jira-links.csv").warnings
    assert (4, "Parent key", "", f"{UNDERSTOOD}NET-2 → phase Rack (1).") in warnings


def test_a_row_that_is_not_active_is_told(tmp_path: Path) -> None:
    text = "Vorgang;Aktiv\na;Ja\nb;Nein\n"
    assert told(text, tmp_path, "Aktiv") == [(3, f"{UNDERSTOOD}Nein → dropped (1).")]


def test_an_own_export_that_somebody_went_on_with_is_told_the_same(tmp_path: Path) -> None:
    source = (LISTS / "11-own-export-edited.csv").read_text("utf-8-sig")
    # The second row has no quotation marks in it.
    head, _, second, *_ = source.splitlines()
    cells = second.split(";")
    cells[head.split(";").index("Priorität")] = "dringend"
    assert told(f"{head}\n{';'.join(cells)}\n", tmp_path, "Priorität") == [
        (2, f"{UNDERSTOOD}dringend → critical (1).")
    ]
