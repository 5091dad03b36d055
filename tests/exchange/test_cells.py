"""Cells that are empty in words, show an error, name several people, or occur twice."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Any

import pytest

from tests import DATA
from tests.exchange.lists import Taken, taken, taken_file, workbook
from tracker.domain.errors import BadInput
from tracker.domain.model import Item
from tracker.domain.typing import vocabulary
from tracker.exchange import encoding, headers, progress_cells
from tracker.exchange.cell_values import is_nothing, people, ticked
from tracker.exchange.foreign import backlog_folder, github_issues, jira

LISTS = DATA / "lists"


def people_of(got: Taken) -> list[tuple[str, ...]]:
    """Return for each task its assignee and its watchers."""
    names = {id: person.login for id, person in got.ws.people.items()}
    return [tuple(names[id] for id in (t.assignee, *t.watchers) if id) for t in got.tasks]


UNDERSTOOD = "Understood as (number of cells): "

# --- nothing, and errors -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["05-error-values.xlsx", "05b-error-values.csv"])
def test_an_error_is_no_value(name: str) -> None:
    got = taken_file(LISTS / name)
    assert [task.state for task in got.tasks] == ["todo", "todo"]
    assert not got.ws.people
    assert not got.ws.systems
    assert {lane.name for lane in got.ws.departments.values()} <= {"Net"}
    assert sum("shows an error" in why for *_, why in got.warnings) == 8


def test_placeholders_are_empty() -> None:
    got = taken_file(LISTS / "19-placeholders.csv")
    assert not got.ws.people
    assert not got.ws.departments
    assert not got.ws.systems
    # A word that was taken for none is told; a mere dash is not.
    assert got.warnings == [
        (3, "Verantwortlich", "", f"{UNDERSTOOD}n/a → empty (1), k.A. → empty (1)."),
        (3, "System", "", f"{UNDERSTOOD}keine → empty (1), n/a → empty (1)."),
    ]


@pytest.mark.parametrize("text", ["-", "–", "?", "k.A.", "k. A.", "n/a", "tbd", "T.B.D.", "/"])
@pytest.mark.parametrize("head", ["Abteilung", "Wer", "System", "Tags", "Fällig", "Aufwand"])
def test_what_says_nothing_is_nothing_in_any_column(tmp_path: Path, head: str, text: str) -> None:
    got = taken(f"Vorgang;{head}\nx;{text}", tmp_path)
    told = [(2, head, "", f"{UNDERSTOOD}{text} → empty (1).")]
    assert got.warnings == (told if any(map(str.isalpha, text)) else [])
    assert got.tasks[0].notes == ""
    assert not any((got.ws.people, got.ws.departments, got.ws.systems))


@pytest.mark.parametrize("text", ["N.N.", "offen", "unassigned", "noch offen"])
def test_nobody_is_nobody(tmp_path: Path, text: str) -> None:
    assert people_of(taken(f"Vorgang;Wer\nx;{text}", tmp_path)) == [()]


@pytest.mark.parametrize("text", ["0", "Keiner da", "A", "N", "x-y"])
def test_other_words_say_something(text: str) -> None:
    assert not is_nothing(text)


def test_a_task_that_does_not_apply_is_still_dropped(tmp_path: Path) -> None:
    assert taken("Vorgang;Status\nx;n/a", tmp_path).tasks[0].state == "dropped"


# --- people ------------------------------------------------------------------------------------


def test_people_who_stand_alone_elsewhere_are_several() -> None:
    got = taken_file(LISTS / "20-people.csv")
    both = ("Arun", "Bex")
    assert people_of(got) == [("Arun",), both, both, ("Bex",), both, both]
    assert len(got.ws.people) == 2
    assert len(got.warnings) == 4


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Brandt, Karin", ["Brandt, Karin"]),
        ("Karin Brandt, Timo Yilmaz", ["Karin Brandt", "Timo Yilmaz"]),
        ("Ada, Bo, Cem", ["Ada", "Bo", "Cem"]),
        ("Ada / Bo", ["Ada", "Bo"]),
        ("Ada und Bo", ["Ada", "Bo"]),
        ("Ada;Bo\nCem", ["Ada", "Bo", "Cem"]),
        ('["Ada", "Bo"]', ["Ada", "Bo"]),
        ("[“Ada”, “Bo”]", ["Ada", "Bo"]),
        ("Ada[50%];Bo", ["Ada", "Bo"]),
        ("Ada (50 %)", ["Ada"]),
        ("Cable[120 m]", []),
        ("Ada, N.N.", ["Ada"]),
        ("Andreas", ["Andreas"]),
    ],
)
def test_names_in_one_cell(text: str, names: list[str]) -> None:
    assert people(text, frozenset(["ada"])).names == names


def test_doubtful_people_shares_and_materials_are_told(tmp_path: Path) -> None:
    got = taken('Vorgang,Wer\nx,"Ada, Bo"\ny,Cem[50%]\nz,Cable[120 m]', tmp_path)
    assert people_of(got) == [("Ada, Bo",), ("Cem",), ()]
    assert [row for row, *_ in got.warnings] == [2, 3, 4]
    assert got.tasks[2].notes == "Wer: Cable[120 m]"


# --- one name ----------------------------------------------------------------------------------


def test_letters_in_two_forms_are_one_name() -> None:
    got = taken_file(LISTS / "17-nfd.csv")
    assert [lane.name for lane in got.ws.departments.values()] == ["Büro"]
    assert len(got.ws.people) == 1
    assert got.needs == {(1, 2, 0.0)}


@pytest.mark.parametrize("other", ["ADA", "Ada\u200b", " Ada ", "\ufeffAda", "A\u00adda"])
def test_case_and_blanks_that_nobody_sees_make_no_other_person(tmp_path: Path, other: str) -> None:
    assert len(taken(f"Vorgang;Wer\nx;Ada\ny;{other}", tmp_path).ws.people) == 1


def test_the_letters_of_one_name_may_be_in_a_form_that_is_here(tmp_path: Path) -> None:
    here = taken("Vorgang;Wer\nx;Ju\u0308rgen", tmp_path).ws
    assert len(taken("Vorgang;Wer\ny;Jürgen", tmp_path, ws=here).ws.people) == 1


# --- twin columns ------------------------------------------------------------------------------


def test_of_two_columns_the_filled_one_counts() -> None:
    got = taken_file(LISTS / "21-twin-columns.csv")
    assert got.needs == {(1, 2, 0.0)}
    assert [str(task.due) for task in got.tasks] == ["2026-04-01", "2026-04-02"]
    why = "Predecessors were read as the places of tasks in this list."
    assert got.warnings == [(1, "", "", why)]


def test_where_both_are_filled_it_is_told_which_counts(tmp_path: Path) -> None:
    text = "Task;Due;Deadline\nx;1.4.2026;2.4.2026\ny;3.4.2026;\nz;;4.4.2026\nw;5.4.2026;5.4.2026"
    got = taken(text, tmp_path)
    assert [str(task.due)[-2:] for task in got.tasks] == ["01", "03", "04", "05"]
    assert [task.notes for task in got.tasks] == ["Deadline: 2.4.2026", "", "", ""]
    assert [warned[:3] for warned in got.warnings] == [(1, "Deadline", "")]


def test_lists_of_several_columns_are_joined(tmp_path: Path) -> None:
    got = taken("Task,Labels,Labels,Sprint\nx,a,b,\ny,,c,\nz,a,a,", tmp_path)
    assert [task.tags for task in got.tasks] == [("a", "b"), ("c",), ("a",)]


# --- heads over several columns ----------------------------------------------------------------


def test_parts_of_a_merged_head_make_one_state_together() -> None:
    got = taken_file(LISTS / "07-merged-head.xlsx")
    assert [task.state for task in got.tasks] == ["doing", "doing"]
    assert got.tasks[0].notes == "Status Netz: Done\nStatus RZ: Open\nStatus Büro: Open"
    assert got.skipped == [(2, "Second header row: Netz | RZ | Büro")]
    parts = [row for row, *_, why in got.warnings if "parts have different states" in why]
    assert parts == [3, 4]


def test_a_merged_head_over_an_estimate_names_its_parts(tmp_path: Path) -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("B1:D1")

    rows = (("Task", "Dauer"), (None, "min", "wahrsch.", "max"), ("x", 1, 2, 5))
    task = taken(workbook(*rows, shape=merge), tmp_path, name="list.xlsx").tasks[0]
    assert (task.low, task.likely, task.high) == (1, 2, 5)


# --- check marks and progress ------------------------------------------------------------------


def test_marks_and_figures_are_states() -> None:
    got = taken_file(LISTS / "36-checks.csv")
    done = [task.title for task in got.tasks if task.state == "done"]
    assert done == list("acdegi")
    assert {task.state for task in got.tasks} == {"done", "todo"}
    assert got.tasks[8].notes == "Status: erledigt, 12.3."


@pytest.mark.parametrize(
    ("cells", "states"),
    [
        ("0 25 100", "todo doing done"),
        ("0 0.5 1", "todo doing done"),
        ("0 1 1", "todo done done"),
        ("0% 40% 100%", "todo doing done"),
        ("1 2 3", "todo todo todo"),
    ],
)
def test_the_scale_of_a_column_is_found_out_from_all_its_figures(
    tmp_path: Path, cells: str, states: str
) -> None:
    rows = "".join(f"x;{cell}\n" for cell in cells.split())
    got = taken(f"Task;Status\n{rows}", tmp_path)
    assert [task.state for task in got.tasks] == states.split()
    # Codes are no degrees of completion; how degrees are read is told once.
    told = [why for _, head, _, why in got.warnings if head == "Status"]
    assert any(why.startswith(UNDERSTOOD) for why in told) is (cells != "1 2 3")


def test_progress_is_kept_and_tells_the_state() -> None:
    got = taken_file(LISTS / "13-progress.xlsx")
    assert [(task.state, task.progress) for task in got.tasks] == [
        ("done", None),
        ("doing", 50),
        ("todo", None),
    ]
    told = f"{UNDERSTOOD}100% → done (1), 50% → doing (1), 0% → todo (1)."
    assert got.warnings == [(2, "% Complete", "", told)]


@pytest.mark.parametrize(
    "head",
    [
        *("Progress", "Fortschritt", "% erledigt", "Percent Complete", "Completion", "Complete"),
        *("Fertigstellungsgrad", "Istfortschritt", "Done", "% Complete", "Fortschritt (%)"),
    ],
)
def test_progress_under_every_head(tmp_path: Path, head: str) -> None:
    got = taken(f"Task;{head}\na;100%\nb;40%\nc;0%", tmp_path)
    assert [(task.state, task.progress) for task in got.tasks] == [
        ("done", None),
        ("doing", 40),
        ("todo", None),
    ]


def test_a_progress_in_words_is_a_state(tmp_path: Path) -> None:
    got = taken("Task;Progress\na;Completed\nb;In progress\nc;Not started", tmp_path)
    assert [task.state for task in got.tasks] == ["done", "doing", "todo"]


@pytest.mark.parametrize(
    ("cell", "mark"),
    [("✓", True), ("☐", False), ("WAHR", True), ("nein", False), (True, True), ("rot", None)],
)
def test_check_marks(cell: str | bool, mark: bool | None) -> None:
    assert ticked(cell) is mark


def test_a_checklist_is_one_item_a_line(tmp_path: Path) -> None:
    (task,) = taken('Task;Checklist\na;"[x] order\n[ ] unpack"\n', tmp_path).tasks
    assert task.checklist == (Item(text="order", done=True), Item(text="unpack"))


@pytest.mark.parametrize(
    ("column", "read", "says"),
    [
        # What has no sign is at most 1: shares, beside per cents or not.
        (("0,5", "50 %", "1"), (50, 50, 100), "0.5 was read as 50.0%"),
        (("0.25", "0", "1"), (25, None, 100), "0.25 was read as 25.0%"),
        (("1", "50 %", "0"), (100, 50, None), "1 was read as 100%"),
        # Figures with decimals of their own: a small one is of their kind.
        (("0,5", "12,5", "99"), (0.5, 12.5, 99), "0.5 was read as 0.5%"),
        # Nothing shows which: asked.
        (("0,5", "50", "100"), (None, 50, 100), "could be 0.5% or 50.0%"),
        (("0,5", "1", "30"), (None, None, 30), "could be 1.0% or 100.0%"),
        (("1", "50", "100"), (1, 50, 100), ""),
    ],
)
def test_a_small_number_beside_per_cents_is_decided_for_the_whole_column(
    tmp_path: Path, column: tuple[str, ...], read: tuple[float | None, ...], says: str
) -> None:
    rows = "\n".join(f"t{at};{text}" for at, text in enumerate(column))
    got = taken(f"Vorgang;Fortschritt\n{rows}", tmp_path)
    shown = [100 if t.state == "done" else t.progress for t in got.tasks]
    assert shown == [*read]
    told = [why for *_, why in got.warnings if not why.startswith(UNDERSTOOD)]
    assert any(says in why for why in told) if says else told == []


def test_a_state_with_a_question_mark_is_told(tmp_path: Path) -> None:
    got = taken("Vorgang;Status\na;erledigt?\nb;erledigt", tmp_path)
    assert (2, "Status", "erledigt?", "Only erledigt was read as the state.") in got.warnings
    assert got.tasks[0].notes == "Status: erledigt?"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("AND Systems", ("AND Systems",)),
        ("extern (Fa. Müller & Söhne)", ("extern (Fa. Müller & Söhne)",)),
        ("Ann (Netz/RZ) & Bo", ("Ann (Netz/RZ)", "Bo")),
        ("Ann und Bo", ("Ann", "Bo")),
    ],
)
def test_what_belongs_to_a_name_does_not_divide_it(
    tmp_path: Path, text: str, names: tuple[str, ...]
) -> None:
    assert people_of(taken(f"Vorgang;Wer\nx;{text}", tmp_path)) == [names]


def test_hashes_divide_tags(tmp_path: Path) -> None:
    got = taken("Vorgang;Tags\na;#net #sec\nb;net sec\nc;#x, #y #z\nd;C# Kurs", tmp_path)
    assert [t.tags for t in got.tasks] == [
        ("net", "sec"),
        ("net sec",),
        ("x", "y", "z"),
        ("C# Kurs",),
    ]


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "a" + " " * 100_000 + "b", ";" * 100_000, "a[1 b" * 20_000]
)
def test_a_cell_without_end_is_not_searched_to_it_for_each_sign(text: str) -> None:
    begun = process_time()
    people(text, frozenset())
    assert process_time() - begun < 5


@pytest.mark.parametrize("part", ["1", " ", "1 ", "(", "[a", "inward(", "I", "ä1", "\n"])
def test_what_never_ends_is_looked_through_once(part: str) -> None:
    text = part * 100_000
    begun = process_time()
    vocabulary.state_from_word(text)
    vocabulary.priority_from_word(text)
    headers.meaning(text)
    headers.meaning("inward" + text)
    encoding._strange_word(text)
    with pytest.raises(BadInput):
        progress_cells.state(f"gemacht {text}x", progress_cells.Scale([]), lambda _why: None)
    assert process_time() - begun < 5


def test_patterns_of_other_programs_take_no_longer_for_what_never_ends() -> None:
    begun = process_time()
    assert jira._SPRINT.match("Sprint@a[" * 10_000) is None
    assert list(backlog_folder._criteria("# x" + " " * 100_000 + "y")) == []
    criteria = "## Acceptance Criteria\n- [x] #1 a \t\n- [ ]" + " " * 100_000
    assert list(backlog_folder._criteria(criteria)) == [Item(text="a", done=True)]
    boxes = "- [x]  a \n- [ ]" + " " * 100_000 + "\n- [ ] \u00a0"
    assert github_issues._BOX.findall(boxes) == [("x", "a "), (" ", "\u00a0")]
    assert process_time() - begun < 2
    named = jira._SPRINT.match("x.Sprint@1f[id=1,name=Sprint 7,state=ACTIVE]")
    assert named is not None
    assert named[1] == "Sprint 7"
