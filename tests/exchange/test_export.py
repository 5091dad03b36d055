"""What is handed out can be taken in again, opened in Excel, and never overwrites anything."""

from __future__ import annotations

import csv
import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tests.builders import NOW, TODAY, contents, plan
from tests.exchange.plans import handed_out, plans
from tests.needs import missing
from tracker.domain.errors import BadInput, Refused
from tracker.domain.model import Department, Link, Person, System, Task
from tracker.domain.verbs.commands import add_task
from tracker.domain.workspace import Workspace
from tracker.exchange import export, importing
from tracker.exchange.outcome import Report
from tracker.exchange.workbook import read_workbook
from tracker.session import Session


def taken_in(data: bytes, name: str, folder: Path, ws: Workspace) -> tuple[Workspace, Report]:
    """Return the workspace after `data` has been imported as a file of that name."""
    path = folder / name
    path.write_bytes(data)
    change, report = importing.read(path, today=TODAY).plan(ws, NOW)
    return ws.apply(change), report


def write(ws: Workspace, path: Path, *, force: bool = False) -> None:
    """Write a workspace to a file."""
    export.save(path, handed_out(ws, path.name), force=force)


def row_of(ws: Workspace, task: Task) -> dict[str, Any]:
    """Return what a list says of a task, by names."""
    fields = {name: getattr(task, name) for name in Task.__struct_fields__}
    for gone in ("checklist", "passes", "created", "modified", "extra"):
        del fields[gone]
    fields["project"] = ws.projects[task.project].name if task.project else None
    fields["department"] = ws.departments[task.department].name if task.department else None
    fields["assignee"] = ws.people[task.assignee].login if task.assignee else None
    fields["requester"] = ws.people[task.requester].login if task.requester else None
    fields["watchers"] = [ws.people[watcher].login for watcher in task.watchers]
    fields["systems"] = [ws.systems[system].name for system in task.systems]
    return fields


def arrow_of(link: Link) -> tuple[Any, ...]:
    """Return what a list says of an arrow."""
    ends = (link.kind, link.source, link.target, link.lag)
    more = (link.redo, link.learning, link.escalation, link.ripple)
    return (*ends, link.rate, link.rate_assumed, link.share, link.limit, link.observed, *more)


@given(
    ws=plans(),
    language=st.sampled_from(("en", "de")),
    dialect=st.sampled_from(("", "excel-de", "excel-en")),
)
def test_a_csv_gives_the_same_tasks_and_arrows_again(
    tmp_path_factory: pytest.TempPathFactory, ws: Workspace, language: str, dialect: str
) -> None:
    if not ws.tasks:
        return
    folder = tmp_path_factory.getbasetemp()
    data = handed_out(ws, "list.csv", language, dialect)
    again, report = taken_in(data, "list.csv", folder, Workspace())
    assert [row_of(again, task) for task in again.tasks.values()] == [
        row_of(ws, task) for task in ws.tasks.values()
    ]
    assert {arrow_of(link) for link in again.links.values()} == {
        arrow_of(link) for link in ws.links.values()
    }
    # What the columns do not say is told where it is guessed, and nothing else.
    guesses = ("department of all their tasks", "before the start")
    told = [
        why for why in (str(w.why) for w in report.warnings) if not any(g in why for g in guesses)
    ]
    assert not any((told, report.skipped, report.returns))
    assert (report.tasks, report.links) == (len(ws.tasks), len(ws.links))


@given(ws=plans())
def test_a_json_file_gives_the_same_workspace_again(
    tmp_path_factory: pytest.TempPathFactory, ws: Workspace
) -> None:
    if not any(True for _ in ws.entities()):
        return
    folder = tmp_path_factory.getbasetemp()
    data = handed_out(ws, "all.json")
    again, report = taken_in(data, "all.json", folder, Workspace())
    assert contents(again) == contents(ws)
    # Of a plan without tasks that is said.
    assert len(report.warnings) == (not ws.tasks)
    assert not any((report.skipped, report.returns))


def test_a_spreadsheet_sees_no_formula_and_every_umlaut() -> None:
    ws = plan(titles=('=cmd|" /C calc"!A0', "-5", "Prüfung; 2. Teil"), tasks=3, low=4.5)
    data = handed_out(ws, "list.csv", "de")
    assert data.startswith(b"\xef\xbb\xbfNr.;Vorgang;")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines[1].startswith('1;"\'=cmd|"" /C calc""!A0";')
    assert lines[2].startswith("2;'-5;")
    assert lines[3].startswith('3;"Prüfung; 2. Teil";')
    assert ";4,5;" in lines[1]
    assert handed_out(ws, "list.csv", "en").splitlines()[2].startswith(b"2,'-5,")


@given(ws=plans(), language=st.sampled_from(("en", "de")))
def test_no_cell_begins_like_a_formula(ws: Workspace, language: str) -> None:
    text = handed_out(ws, "list.csv", language).decode("utf-8-sig")
    for row in csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if language == "de" else ","
    ):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)


def test_a_file_that_is_there_is_left_alone_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    write(plan("1-2"), path)
    first = path.read_bytes()
    with pytest.raises(Refused, match=r"plan\.csv already exists"):
        write(plan("1-2 2-3"), path)
    assert path.read_bytes() == first
    write(plan("1-2 2-3"), path, force=True)
    assert path.read_bytes() != first
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.csv"]


@pytest.fixture
def _umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o007, 0o660)])
@pytest.mark.usefixtures("_umask")
def test_who_may_read_what_is_handed_out_the_umask_says(
    tmp_path: Path, mask: int, mode: int
) -> None:
    os.umask(mask)
    path = tmp_path / "plan.csv"
    write(plan("1-2"), path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666])
@pytest.mark.usefixtures("_umask")
def test_what_is_replaced_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "plan.csv"
    path.touch()
    path.chmod(mode | stat.S_ISUID)
    write(plan("1-2"), path, force=True)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_the_permissions_of_a_group_go_to_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    for mode, left in ((0o660, 0o600), (0o664, 0o644)):
        path = tmp_path / f"{mode}.csv"
        path.touch()
        path.chmod(mode)
        write(plan("1-2"), path, force=True)
        assert stat.S_IMODE(path.stat().st_mode) == left


@pytest.mark.usefixtures("_umask")
def test_the_permissions_of_somebody_elses_file_are_not_taken_over(tmp_path: Path) -> None:
    if os.geteuid():
        missing("only root can give files away")
    path = tmp_path / "plan.csv"
    path.touch()
    path.chmod(0o666)
    os.chown(path, 61_901, -1)
    write(plan("1-2"), path, force=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["plan", "plan.v2", "lone.json"])
def test_a_checkpoint_is_never_replaced_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    made = tmp_path / "made.json"
    Session.open(made, who="anna").close()
    path = tmp_path / name
    made.rename(path)
    for data in (b"x", b""):
        with pytest.raises(Refused, match="part of a workspace"):
            export.save(path, data, force=True)
    with pytest.raises(Refused, match="is a folder"):
        export.save(Path(), b"x", force=True)


@pytest.mark.parametrize(
    "name", ["work.log", "work.lock", "work.json", "work.kept", "kept", "closed.log"]
)
def test_nothing_takes_the_place_of_what_a_workspace_will_want(tmp_path: Path, name: str) -> None:
    work = tmp_path / "work.json"
    with closing(Session.open(work, who="anna")) as session:
        session.do(lambda ws, now: add_task(ws, now, title="Konzept"))
    journal = work.with_suffix(".log")
    if name == "work.json":
        work.unlink()
    elif name.startswith("work"):
        journal.unlink()
    else:
        journal.rename(tmp_path / name)
    before = sorted(file.name for file in tmp_path.iterdir())
    with pytest.raises(Refused, match="part of a workspace"):
        export.save(tmp_path / name, b"x", force=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_where_there_is_no_place_for_temporary_files_a_workbook_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = "openpyxl.worksheet._writer.create_temporary_file"
    monkeypatch.setattr(place, lambda *_: "/nowhere/sheet")
    with pytest.raises(Refused, match="A workbook needs temporary files"):
        handed_out(plan("1-2"), "plan.xlsx")


@pytest.mark.parametrize("name", ["work.json", "work.log"])
def test_a_workspace_is_never_replaced(tmp_path: Path, name: str) -> None:
    for ending in (".json", ".log"):
        (tmp_path / f"work{ending}").write_text("kept")
    with pytest.raises(Refused, match="is part of a workspace"):
        export.save(tmp_path / name, b"new", force=True)
    assert (tmp_path / name).read_text() == "kept"


def test_a_name_that_cannot_be_looked_at_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="File name too long"):
        export.save(tmp_path / f"{'x' * 300}.csv", b"x")

    def forbidden(path: object, *_rest: object, **_more: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    for name in ("stat", "lstat", "open"):
        monkeypatch.setattr(os, name, forbidden)
    with pytest.raises(Refused, match="Permission denied"):
        export.save(tmp_path / "plan.json", b"x", force=True)


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to("/dev/null")
    for path in (pipe, link):
        for force in (False, True):
            with pytest.raises(
                Refused, match="an ordinary file and is not replaced; choose another"
            ):
                export.save(path, b"x", force=force)
    with pytest.raises(Refused, match="is a folder"):
        export.save(tmp_path, b"x", force=True)
    assert sorted(tmp_path.iterdir()) == [link, pipe]
    assert link.is_symlink()


def test_a_link_laid_out_as_a_trap_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (tmp_path / "plan.csv").symlink_to(victim)
    with pytest.raises(Refused):
        write(plan("1-2"), tmp_path / "plan.csv")
    write(plan("1-2"), tmp_path / "plan.csv", force=True)
    assert not victim.exists()


def test_a_full_disk_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for force in (False, True):
        with pytest.raises(Refused, match="Cannot write"):
            write(plan("1-2"), path, force=force)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Cannot write .*gone/plan\.json"):
        write(plan("1-2"), tmp_path / "gone" / "plan.json")


def test_other_endings_are_refused_with_those_that_are_possible(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"plan\.pdf.*\.csv.*\.json"):
        write(plan("1-2"), tmp_path / "plan.pdf")


# --- as a workbook, and edited by hand ---------------------------------------------------------


def book_of(ws: Workspace, language: str = "en") -> Any:
    """Return the workbook that is handed out."""
    return openpyxl.load_workbook(io.BytesIO(handed_out(ws, "plan.xlsx", language)))


def test_a_workbook_has_days_and_numbers_as_such_and_lists_to_choose_from() -> None:
    netz = Department(id=1, name="Netz; Betrieb")
    ws = plan("1-2", returns="2-1", extra=(netz,), department=1, due=TODAY, low=4.5)
    book = book_of(ws, "de")
    sheet = book["Vorgänge"]
    head = [cell.value for cell in sheet[1]]
    row = dict(zip(head, (cell.value for cell in sheet[2]), strict=True))
    assert (row["Nr."], row["Dauer min"]) == (1, 4.5)
    assert row["Fällig am"].date() == TODAY
    assert (row["Status"], row["Abteilung"]) == ("offen", "Netz; Betrieb")
    assert (sheet.freeze_panes, book["Listen"].sheet_state) == ("A2", "hidden")
    rules = {
        str(rule.sqref).rstrip("0123456789"): rule for rule in sheet.data_validations.dataValidation
    }
    assert len(rules) == 3
    assert [cell.value for cell in book["Listen"]["C"] if cell.value] == ["Netz; Betrieb"]
    arrows = [[cell.value for cell in line[:3]] for line in book["Pfeile"].iter_rows(min_row=2)]
    assert [line[:2] for line in arrows] == [["1 A", "2 B"], ["2 B", "1 A"]]
    assert book["Pfeile"].protection.sheet


def test_a_workbook_lists_all_that_is_known_of_an_arrow() -> None:
    entities = (
        Link(id=1, kind="needs", source=1, target=2, lag=-1.0, ripple=0.4, share=0.5),
        Link(id=2, kind="needs", source=2, target=3),
        Link(
            id=3,
            kind="returns",
            source=3,
            target=1,
            rate=0.3,
            limit=2,
            redo="chance",
            learning=0.2,
            escalation=5.0,
        ),
    )
    sheet = book_of(plan(tasks=3, extra=entities))["Arrows"]
    head, *rows = [[cell.value for cell in line] for line in sheet.iter_rows()]
    given = [{name: value for name, value in zip(head, row, strict=True) if value} for row in rows]
    assert [*given[0].values()][2:] == ["dependency", -1, 0.5, 0.4]
    assert [*given[1]] == ["from", "to", "kind"]
    assert [*given[2].items()][3:] == [
        *(("rate", 0.3), ("share", 1), ("limit", 2), ("done again", "what the rework reaches")),
        *(("less each pass", 0.2), ("forward after", 5)),
    ]


def test_nothing_in_a_workbook_is_a_formula_or_an_error() -> None:
    ws = plan(titles=('=cmd|" /C calc"!A0', "#N/A", "bell \x07 a", "12"), tasks=4)
    sheet = book_of(ws)["Tasks"]
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"n", "s"}
    assert [sheet.cell(row, 2).value for row in (2, 3, 5)] == ['\'=cmd|" /C calc"!A0', "#N/A", "12"]


@pytest.mark.parametrize("title", ["_x0041_ and _x005F_", "odd \uffff", "<&>\"'", "a\r\nb\tc"])
def test_a_workbook_says_every_sign(title: str) -> None:
    data = handed_out(plan(tasks=1, notes=title), "plan.xlsx")
    sheet = read_workbook(data, "plan.xlsx").sheets[0]
    assert title in sheet.rows[1].cells


def test_a_text_longer_than_a_cell_is_refused_with_a_way_out() -> None:
    with pytest.raises(Refused, match=r"Notes of 1 A is longer than a cell .*CSV or JSON"):
        book_of(plan(tasks=1, notes="x" * 40_000))


def test_an_export_that_somebody_went_on_with_is_read_like_any_list() -> None:
    path = DATA / "lists" / "11-own-export-edited.csv"
    change, report = importing.read(path, today=TODAY).plan(Workspace(), NOW)
    ws = Workspace().apply(change)
    first, second = change.born(Task)
    anna, bert = (ws.people[id].login for id in (first.assignee or 0, *first.watchers))
    assert (anna, bert) == ("Anna", "Bert")
    assert [ws.systems[id].name for id in second.systems] == ["SAP", "DB"]
    assert (second.tags, second.recurrence, str(second.due)) == (("a", "b"), "1m", "2027-05-21")
    told = {(w.column, w.value, str(w.why)) for w in report.warnings}
    assert ("Fällig am", "KW 20", f"Read as {second.due}.") in told


def test_names_with_separators_come_back_as_one(tmp_path: Path) -> None:
    people = (Person(id=1, login="Anna; Bert"), System(id=1, name="SAP, DB"))
    ws = plan(
        tasks=1,
        extra=people,
        assignee=1,
        requester=1,
        watchers=(1,),
        systems=(1,),
        tags=("#a, #b", "#c"),
    )
    again, report = taken_in(handed_out(ws, "list.csv", "de"), "l.csv", tmp_path, Workspace())
    assert row_of(again, again.tasks[1]) == row_of(ws, ws.tasks[1])
    assert not report.warnings
