"""The next version of a list: every difference is shown, and only chosen ones applied."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any, Literal

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import NOW, TODAY, contents, later, plan
from tests.exchange.desk import Desk, said, told
from tests.exchange.plans import handed_out, plans
from tracker.domain.draft import Named, name_of
from tracker.domain.errors import BadInput, Conflict, NotFound
from tracker.domain.model import Department, Link, Person, Project, System, Task
from tracker.domain.verbs import commands, saved_filters, upkeep
from tracker.domain.verbs.arrows import edit_link, link, link_return, send_back, unlink
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.exchange import importing
from tracker.exchange.encoding import decoded
from tracker.exchange.looking_back import look_back
from tracker.exchange.outcome import name_lines
from tracker.exchange.recognising import compared, recognise
from tracker.exchange.source import Source, SourceTask
from tracker.exchange.updating import Decision, Update

FIRST = (
    "Nr;Vorgang;Abteilung;Fällig;Status;Vorgänger\n"
    "1;Konzept;Netz;2026-12-01;offen;\n"
    "2;Abnahme;Netz;2026-12-04;offen;1\n"
    "3;Abnahme;RZ;2026-12-08;offen;2\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.take(FIRST)
    return made


# --- what differs ------------------------------------------------------------------------------


def test_the_same_list_again_differs_in_nothing(desk: Desk) -> None:
    update = desk.update(FIRST)
    assert (told(update), update.comparison.gone, update.comparison.new) == ({}, (), ())
    change, report = update.plan(desk.ws, NOW, update.usual())
    assert change.edits == ()
    assert (report.tasks, report.updated, report.links) == (0, 0, 0)


def test_what_the_list_has_changed_is_told_field_by_field(desk: Desk) -> None:
    text = FIRST.replace("2026-12-04;offen;1", "2026-12-11;in Arbeit;").replace(
        "Netz;2026-12-01", "RZ;"
    )
    assert told(desk.update(text)) == {
        2: [("department", "Netz", "RZ", "there"), ("due", "2026-12-01", "–", "there")],
        3: [
            ("state", "todo", "doing", "there"),
            ("due", "2026-12-04", "2026-12-11", "there"),
            ("needs", "1", "–", "there"),
        ],
    }


def test_taking_it_over_is_one_change_and_gives_what_the_list_says(desk: Desk) -> None:
    text = FIRST.replace("2026-12-04;offen;1", "2026-12-11;in Arbeit;") + "4;Umzug;RZ;;;1, 3\n"
    update = desk.update(text)
    before = contents(desk.ws)
    desk.do(update.command(update.usual()))
    task = desk.ws.tasks[2]
    assert (task.due, task.state, len(task.passes)) == (date(2026, 12, 11), "doing", 1)
    assert sorted((x.source, x.target) for x in desk.ws.links.values()) == [(1, 4), (2, 3), (3, 4)]
    label = "Updated from list.csv: 1 task added, 1 task changed"
    assert str(desk.records[-1].change.label) == label
    assert told(desk.update(text)) == {}
    desk.undo(2)
    assert contents(desk.ws) == before


def test_a_change_made_here_is_not_taken_back_by_a_list_that_says_nothing_new(desk: Desk) -> None:
    desk.do(lambda ws, now: commands.edit_task(ws, now, task=1, due=date(2026, 12, 2)))
    update = desk.update(FIRST.replace("Konzept", "Grobkonzept"))
    assert told(update) == {
        2: [
            ("title", "Konzept", "Grobkonzept", "there"),
            ("due", "2026-12-02", "2026-12-01", "here"),
        ]
    }
    desk.do(update.command(update.usual()))
    assert (desk.ws.tasks[1].title, desk.ws.tasks[1].due) == ("Grobkonzept", date(2026, 12, 2))


def test_what_both_have_changed_is_left_open_and_shows_both(desk: Desk) -> None:
    desk.do(lambda ws, now: commands.edit_task(ws, now, task=1, due=date(2026, 12, 2)))
    update = desk.update(FIRST.replace("2026-12-01", "2026-12-03"))
    assert told(update) == {2: [("due", "2026-12-02", "2026-12-03", "both")]}
    usual = update.usual()
    assert usual.fields == frozenset()
    assert [row.row for row in usual.undecided(update.comparison)] == [2]
    chosen = update.chosen("2")
    assert chosen.undecided(update.comparison) == ()
    desk.do(update.command(chosen))
    assert desk.ws.tasks[1].due == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("file", "was", "says"),
    [
        ("list.csv", "offen;\n", "erledigt;\n"),
        ("o.csv", ",todo,", ",done,"),
        ("o.json", '"state": "todo"', '"state": "done"'),
    ],
)
def test_a_state_that_was_left_again_here_does_not_come_back_unasked(
    tmp_path: Path, file: str, was: str, says: str
) -> None:
    desk = Desk(tmp_path)
    desk.take(FIRST)
    data = FIRST if file == "list.csv" else handed_out(desk.ws, file).decode()
    data = data.replace(was, says, 1)
    (first,) = told(desk.update(data, file)).values()
    assert [each[::3] for each in first] == [("state", "there")]
    desk.do(partial(commands.finish, task=1))
    assert told(desk.update(data, file)) == {}
    desk.do(partial(send_back, gate=2, target=1, reason="Zahlen falsch"))
    update = desk.update(data, file)
    (first, *_others) = told(update).values()
    ((field, _here, _there, changed),) = [each for each in first if each[0] == "state"]
    assert (field, changed) == ("state", "both" if file != "o.csv" else "here")
    assert (0, "state") not in update.usual().fields
    # Brought by the list once more, it is what that has left.
    desk.do(update.command(Decision(fields=frozenset({(0, "state")}))))
    assert desk.ws.tasks[1].state == "done"
    assert desk.update(data, file).usual() == Decision()


def test_a_field_taken_over_once_is_known_as_brought(desk: Desk) -> None:
    second = FIRST.replace("2026-12-01", "2026-12-03")
    update = desk.update(second)
    desk.do(update.command(update.usual()))
    desk.do(lambda ws, now: commands.edit_task(ws, now, task=1, due=date(2026, 12, 2)))
    assert told(desk.update(second))[2][0][3] == "here"
    assert told(desk.update(FIRST))[2][0][3] == "both"


def test_what_the_end_of_a_task_sets_is_no_difference(tmp_path: Path) -> None:
    desk = Desk(tmp_path, plan(states="1:doing", progress=30.0, recurrence="1m"))
    ended = handed_out(desk.ws, "list.csv").replace(b",doing,", b",done,")
    update = desk.update(ended)
    assert told(update) == {2: [("state", "doing", "done", "there")]}
    desk.do(update.command(update.usual()))
    assert (desk.ws.tasks[1].progress, desk.ws.tasks[1].recurrence) == (100.0, "")
    assert told(desk.update(ended)) == {}
    again = desk.update(ended.replace(b",done,", b",doing,"))
    assert [each[0] for each in told(again)[2]] == ["state", "progress", "recurrence"]


def test_what_expires_and_goes_on_in_its_list_goes_on_itself(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ended = FIRST.replace("2026-12-01;offen", "2026-12-01;erledigt")
    desk.take(ended)
    desk.do(partial(commands.edit_task, task=1, expires=TODAY))
    goes_on = ended.replace("2026-12-01;erledigt", "2026-12-02;in Arbeit")
    update = desk.update(goes_on)
    desk.do(update.command(update.usual()))
    assert len(desk.ws.tasks) == 3
    task = desk.ws.tasks[1]
    assert (task.state, task.due, task.expires) == ("doing", date(2026, 12, 2), TODAY)
    assert told(desk.update(goes_on)) == {}


def test_an_import_that_was_taken_back_has_brought_nothing(desk: Desk) -> None:
    assert set(look_back(desk.records, desk.ws, Source("")).fields) == {1, 2, 3}
    desk.undo(1)
    assert look_back(desk.records, desk.ws, Source("")).fields == {}
    desk.undo(2)
    assert set(look_back(desk.records, desk.ws, Source("")).fields) == {1, 2, 3}


NAMED_LIST = (
    "Title,Department,Assignee,Project,Systems,Due\n"
    "Konzept,Netz,ada,Move,ERP,2026-12-01\n"
    "Abnahme,DBA,bob,Move,ERP,2026-12-02\n"
)


@pytest.mark.parametrize(
    ("kind", "name", "to"),
    [
        (Department, "Netz", "Netzbetrieb"),
        (Person, "ada", "a.lovelace"),
        (Project, "Move", "Umzug"),
        (System, "ERP", "SAP"),
        (Department, "DBA", "Netz"),
        (Person, "ada", "bob"),
    ],
)
def test_what_was_renamed_or_merged_here_is_not_changed_by_a_list_from_before(
    tmp_path: Path, kind: type[Named], name: str, to: str
) -> None:
    desk = Desk(tmp_path)
    desk.take(NAMED_LIST)
    lists: dict[str, str | bytes] = {"list.csv": NAMED_LIST}
    for file in ("o.csv", "o.xlsx", "o.json", "o.xml", "o.ics"):
        lists[file] = handed_out(desk.ws, file)
    merged = any(to == name_of(each) for each in desk.ws.table(kind).values())
    desk.do(
        partial(upkeep.merge, kind=kind, name=name, into=to)
        if merged
        else partial(upkeep.rename, kind=kind, name=name, to=to)
    )
    for file, data in lists.items():
        update = desk.update(data, file)
        assert not update.comparison.says_more, file
        if not merged:
            assert not update.plan(desk.ws, NOW, update.usual())[0].edits, file
    moved = NAMED_LIST.replace("Netz,ada,Move,ERP,2026-12-01", "Netz,ada,Move,ERP,2026-12-08")
    update = desk.update(moved)
    assert {field for _place, field in update.usual().fields} == {"due"}


def test_the_name_of_something_renamed_is_what_is_called_so_now(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(NAMED_LIST)
    desk.do(partial(upkeep.rename, kind=Project, name="Move", to="Umzug"))
    create = partial(upkeep.set_properties, kind=Project, values={}, create=True)
    desk.do(partial(create, name="Move"))
    assert len(desk.update(NAMED_LIST).comparison.new) == 2


def test_a_task_deleted_here_is_no_news_of_a_list_that_still_has_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    plan = "Nr,Title,Department,Predecessors\n1,Konzept,Netz,\n2,Bau,Netz,1\n3,Abnahme,DBA,2\n"
    desk.take(plan)
    lists: dict[str, str | bytes] = {"list.csv": plan}
    for file in ("o.csv", "o.xlsx", "o.json", "o.xml", "o.ics", "o.taskwarrior.json"):
        lists[file] = handed_out(desk.ws, file)
    desk.do(partial(commands.delete_task, task=2))
    for file, data in lists.items():
        update = desk.update(data, file)
        [row] = update.comparison.deleted
        assert row.title == "Bau", file
        assert not update.comparison.says_more, file
        assert update.usual() == update.everything() == Decision(), file
        taken, _report = update.plan(desk.ws, NOW, update.chosen(f"{row.row}=new"))
        assert [task.title for task in taken.born(Task)] == ["Bau"], file
    update = desk.update(plan.replace("2,Bau,Netz,1", ",Bau,DBA,1"))
    assert [row.title for row in update.comparison.new] == ["Bau"]
    desk.undo(2)
    assert not desk.update(plan).comparison.deleted


def test_a_deleted_task_is_known_by_what_another_program_calls_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    name = "55b0bd44-56d3-4a4c-8d56-60f4d5e9a8b"
    plan = "".join(
        f'{{"uuid":"{name}{at}","description":"Task {at}","status":"pending",'
        f'"entry":"20261101T080000Z"}}\n'
        for at in (1, 2)
    )
    desk.take(plan, "tasks.json")
    desk.do(partial(commands.delete_task, task=2))
    update = desk.update(plan.replace("Task 2", "Written anew"), "tasks.json")
    assert [row.title for row in update.comparison.deleted] == ["Written anew"]
    assert update.usual() == Decision()


def test_what_was_deleted_here_is_no_news_beside_the_tasks(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take("Title,Assignee\nKonzept,ada\n")
    desk.do(partial(saved_filters.save_filter, name="Late", query="state:late"))
    desk.do(partial(upkeep.set_properties, kind=Person, name="bob", values={}, create=True))
    data = handed_out(desk.ws, "o.json")
    desk.do(partial(saved_filters.delete_filter, filter=1))
    desk.do(partial(upkeep.delete, kind=Person, name="bob"))
    update = desk.update(data, "o.json")
    assert not update.beside(desk.ws, NOW)
    assert desk.update(data.replace(b'"bob"', b'"eva"'), "o.json").beside(desk.ws, NOW)


@pytest.mark.parametrize("file", ["o.csv", "o.xlsx", "o.json", "o.xml"])
def test_what_was_removed_since_an_export_is_not_put_back_by_it(tmp_path: Path, file: str) -> None:
    desk = Desk(tmp_path)
    for title in ("Konzept", "Bau"):
        desk.do(partial(commands.add_task, title=title, due=date(2026, 12, 1)))
    desk.do(partial(link, source=1, target=2))
    desk.do(partial(link_return, gate=2, target=1))
    data = handed_out(desk.ws, file)
    for arrow in desk.ws.links:
        desk.do(partial(unlink, link=arrow))
    desk.do(partial(commands.edit_task, task=2, due=None))
    update = desk.update(data, file)
    removed = [each for told_of in told(update).values() for each in told_of]
    assert {"needs", "returns", "due"} <= {name for name, *_rest in removed}
    assert update.usual() == Decision()


ANNAS = "Title,Due,Predecessors\nKonzept,2027-01-10,\nAbnahme,2027-01-11,\nBau,,Konzept\n"


def test_a_list_takes_back_nothing_that_another_has_brought_since(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(ANNAS, "annas.csv")
    berts = ANNAS.replace("01-10", "02-20").replace("Bau,,Konzept", "Bau,2027-03-01,Abnahme")
    came = desk.update(berts, "berts.csv")
    desk.do(came.command(came.usual()))
    for _again in range(2):
        (first, second) = told(desk.update(ANNAS, "annas.csv")).values()
        assert [each[::3] for each in (*first, *second)] == [
            *(("due", "here"), ("due", "here"), ("needs", "here")),
        ]
        annas = ANNAS.replace("01-10", "04-01").replace("Bau,,Konzept", "Bau,2027-04-01,Konzept+2")
        (first, second) = told(desk.update(annas, "annas.csv")).values()
        assert [each[::3] for each in (*first, *second)] == [
            *(("due", "both"), ("due", "both"), ("needs", "both")),
        ]
        # What comes in meanwhile makes the rest no newer.
        came = desk.update(ANNAS + "Kabel,,\n", "annas.csv")
        desk.do(came.command(came.usual()))
    named_anew = desk.update(annas, "annas2.csv")
    assert [each.changed for row in named_anew.comparison.rows for each in row.differences] == [
        *("there", "there", "there"),
    ]


def test_what_a_list_says_as_it_was_before_another_came_is_asked(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(ANNAS, "berts.csv")
    # That it came in too and said the same is not in the history.
    assert not desk.update(ANNAS, "annas.csv").comparison.says_more
    came = desk.update(ANNAS.replace("01-10", "02-20").replace(",Konzept", ","), "berts.csv")
    desk.do(came.command(came.usual()))
    assert [row[0][::3] for row in told(desk.update(ANNAS, "annas.csv")).values()] == [
        *(("due", "unknown"), ("needs", "unknown")),
    ]


def test_what_another_list_has_had_deleted_is_not_brought_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(ANNAS, "annas.csv")
    update = desk.update(ANNAS.partition("Bau")[0], "berts.csv")
    gone = frozenset(update.comparison.gone)
    desk.do(update.command(Decision(gone=gone, how="delete")))
    assert desk.ws.tasks.keys() == {1, 2}
    assert desk.update(ANNAS, "annas.csv").usual() == Decision()
    assert [row.title for row in desk.update(ANNAS, "next.csv").comparison.new] == ["Bau"]


def test_a_task_that_its_list_has_had_deleted_may_return_with_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take("Title\nKonzept\nBau\n")
    update = desk.update("Title\nKonzept\n")
    desk.do(update.command(Decision(gone=frozenset(update.comparison.gone), how="delete")))
    assert [row.title for row in desk.update("Title\nKonzept\nBau\n").comparison.new] == ["Bau"]


def test_what_somebody_changes_while_the_list_is_looked_at_is_refused(desk: Desk) -> None:
    update = desk.update(FIRST.replace("2026-12-01", "2026-12-03"))
    desk.do(lambda ws, now: commands.edit_task(ws, now, task=1, due=date(2026, 12, 2)))
    with pytest.raises(Conflict, match="changed in the meantime"):
        update.plan(desk.ws, later(1), update.usual())


# Each time a list that says "2 needs …" and "3 needs …" is looked at, and an arrow changes
# meanwhile: 1 → 2 is arrow 1, 2 → 3 is arrow 2.
@pytest.mark.parametrize(
    ("says", "meanwhile", "left"),
    [
        pytest.param("1, 2", partial(link, source=1, target=3), "1-2 1-3 2-3", id="drawn-as-said"),
        pytest.param("", partial(unlink, link=2), "1-2", id="gone-as-said"),
        pytest.param("1", partial(edit_link, link=1, lag=2.0), "1-2 1-3", id="another-task's"),
    ],
)
def test_an_arrow_changed_as_the_list_has_it_while_that_is_looked_at_hinders_nothing(
    desk: Desk, says: str, meanwhile: Command, left: str
) -> None:
    update = desk.update(FIRST.replace("offen;2", f"offen;{says}"))
    desk.do(meanwhile)
    desk.do(update.command(update.usual()))
    assert " ".join(sorted(f"{x.source}-{x.target}" for x in desk.ws.links.values())) == left


@pytest.mark.parametrize(
    ("says", "meanwhile"),
    [
        pytest.param("", partial(link, source=1, target=3), id="drawn"),
        pytest.param("", partial(edit_link, link=2, lag=2.0), id="changed-and-not-wanted"),
        pytest.param("1, 2", partial(edit_link, link=2, lag=2.0), id="changed-and-said-anew"),
        pytest.param("1, 2", partial(link, source=1, target=3, lag=2.0), id="drawn-otherwise"),
        pytest.param("1, 2", partial(unlink, link=2), id="taken-away-and-wanted"),
    ],
)
def test_an_arrow_changed_while_the_list_is_looked_at_is_not_changed_again(
    desk: Desk, says: str, meanwhile: Command
) -> None:
    update = desk.update(FIRST.replace("offen;2", f"offen;{says}"))
    desk.do(meanwhile)
    with pytest.raises(Conflict, match="changed in the meantime"):
        update.plan(desk.ws, later(1), update.usual())


@pytest.mark.parametrize("task", [1, 2])
def test_a_task_deleted_while_the_list_is_looked_at_is_named(desk: Desk, task: int) -> None:
    update = desk.update(FIRST)
    without = desk.ws.apply(commands.delete_task(desk.ws, NOW, task=task))
    with pytest.raises(NotFound, match=f"There is no task {task}"):
        update.plan(without, NOW, update.usual())


def test_what_cannot_be_read_is_no_difference(desk: Desk) -> None:
    update = desk.update(FIRST.replace("2026-12-01", "bald"))
    assert [d[0] for d in told(update)[2]] == ["notes"]


def test_columns_that_are_missing_say_nothing(desk: Desk) -> None:
    update = desk.update("Vorgang;Status\nKonzept;fertig\n")
    assert told(update) == {2: [("state", "todo", "done", "there")]}
    assert update.comparison.gone == (2, 3)


def test_a_need_that_became_a_return_is_no_difference(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    text = "Nr;Vorgang;Vorgänger\n1;Konzept;3\n2;Bau;1\n3;Test;2\n"
    desk.take(text)
    assert {link.kind for link in desk.ws.links.values()} == {"needs", "returns"}
    assert told(desk.update(text)) == {}


def test_a_return_that_a_need_became_is_not_put_back_once_it_was_removed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    loop = FIRST.replace("2026-12-01;offen;", "2026-12-01;offen;3")
    desk.take(loop)
    (back,) = (x.id for x in desk.ws.links.values() if x.kind == "returns")
    desk.do(partial(unlink, link=back))
    update = desk.update(loop)
    assert update.usual() == Decision()
    more = desk.update(loop.replace("2026-12-01;offen;3", "2026-12-01;offen;2, 3"))
    assert [each[::3] for each in told(more)[2]] == [("needs", "both")]


def test_a_new_need_that_closes_a_loop_becomes_a_return(desk: Desk) -> None:
    update = desk.update(FIRST.replace("offen;\n2", "offen;3\n2"))
    change, report = update.plan(desk.ws, NOW, update.usual())
    assert [(t.source, t.target) for t in report.returns] == [(3, 1)]
    assert [link.kind for link in change.born(Link)] == ["returns"]


def test_a_lag_is_changed_in_place(desk: Desk) -> None:
    update = desk.update(FIRST.replace("offen;1", "offen;1+3"))
    assert told(update) == {3: [("needs", "1", "1+3", "there")]}
    change, _report = update.plan(desk.ws, NOW, update.usual())
    (edit,) = change.edits
    assert (edit.table, edit.fields) == ("links", ("lag",))


# --- who is who --------------------------------------------------------------------------------


def test_rows_of_one_title_are_told_apart_by_number_and_department(desk: Desk) -> None:
    text = (
        "Nr;Vorgang;Abteilung;Vorgänger\n"
        "1;Konzept;Netz;\n3;Abnahme;RZ;2\n2;Abnahme;Netz;1\n4;Abnahme;Büro;1\n5;Go-live;RZ;3\n"
    )
    update = desk.update(text)
    assert update.comparison.found.here == {0: 1, 1: 3, 2: 2}
    assert [row.row for row in update.comparison.new] == [5, 6]
    without = text.replace("Nr;", ";").replace("\n3;", "\n;").replace("\n2;", "\n;")
    found = desk.update(without).comparison.found
    assert {found.here[1], found.here[2]} == {3, 2}
    assert found.here[1] == 3


def test_spelling_does_not_make_a_task_another(desk: Desk) -> None:
    update = desk.update("Vorgang;Abteilung\n  KONZEPT\u200b ;netz\n")
    assert update.comparison.found.here == {0: 1}
    assert compared("Pru\u0308fung –\u00a0„A“") == compared("prüfung - 'a'")


def test_a_title_written_anew_is_likely_the_same_and_asked(desk: Desk) -> None:
    text = "Vorgang;Abteilung\nKonzepte;Netz\nAbnahme;Netz\nAbnahme;RZ\nUmzug;RZ\n"
    update = desk.update(text)
    assert update.comparison.found.doubtful == {0: 1}
    assert [row.row for row in update.usual().undecided(update.comparison)] == [2]
    change, _ = update.plan(desk.ws, NOW, update.usual())
    assert [task.title for task in change.born(Task)] == ["Umzug"]
    renamed = desk.ws.apply(update.plan(desk.ws, NOW, update.chosen("2"))[0])
    assert renamed.tasks[1].title == "Konzepte"
    other = desk.ws.apply(update.plan(desk.ws, NOW, update.chosen("2=new"))[0])
    assert (other.tasks[1].title, other.tasks[4].title) == ("Konzept", "Konzepte")


def test_numbers_of_another_list_are_not_ours(desk: Desk) -> None:
    update = desk.update(
        "Nr;Vorgang;Abteilung\n1;Vertrag;Einkauf\n2;Angebot;Einkauf\n3;Abnahme;RZ\n"
    )
    assert update.comparison.found.here == {2: 3}
    assert [row.row for row in update.comparison.new] == [2, 3]


def test_a_task_of_another_department_now_is_found_by_what_was_brought(desk: Desk) -> None:
    desk.do(lambda ws, now: commands.edit_task(ws, now, task=2, department="Büro"))
    update = desk.update(FIRST.replace("1;K", ";K").replace("2;A", ";A").replace("3;A", ";A"))
    assert update.comparison.found.here == {0: 1, 1: 2, 2: 3}
    assert told(update)[3][0] == ("department", "Büro", "Netz", "here")


def test_keys_that_are_no_numbers_are_found_in_the_notes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take("Key,Summary\nERP-7,Netz\nERP-8,Server\n")
    update = desk.update("Key,Summary\nERP-8,Server neu\nERP-7,Netz\nERP-9,Umzug\n")
    assert update.comparison.found.here == {0: 2, 1: 1}
    assert told(update)[2] == [("title", "Server", "Server neu", "there")]


def test_a_task_is_found_by_one_row_only() -> None:
    ws = plan(titles=("A", "A"), tasks=2)
    source = Source("x", tasks=[_row(n, "A") for n in range(3)])
    assert recognise(source, ws).here == {0: 1, 1: 2}


def _row(place: int, title: str) -> Any:
    return SourceTask(place + 2, "", None, {"title": title})


# --- what has gone, and how one decides --------------------------------------------------------


def test_tasks_gone_from_the_list_are_told_and_stay_unless_chosen(desk: Desk) -> None:
    text = FIRST.replace("2;Abnahme;Netz;2026-12-04;offen;1\n", "").replace("offen;2", "offen;")
    update = desk.update(text)
    assert update.comparison.gone == (2,)
    usual = update.usual()
    assert 2 in desk.ws.apply(update.plan(desk.ws, NOW, usual)[0]).tasks
    for how, state in (("drop", "dropped"), ("delete", None)):
        decision = Decision(usual.fields, usual.new, frozenset({2}), how)  # type: ignore[arg-type]
        task = desk.ws.apply(update.plan(desk.ws, NOW, decision)[0]).tasks.get(2)
        assert (task.state if task else None) == state


@pytest.mark.parametrize("how", ["drop", "delete"])
def test_what_somebody_works_on_while_the_list_is_looked_at_does_not_go(
    desk: Desk, how: Literal["drop", "delete"]
) -> None:
    update = desk.update(FIRST.replace("2;Abnahme;Netz;2026-12-04;offen;1\n", ""))
    usual = update.usual()
    decision = Decision(usual.fields, usual.new, frozenset({2}), how)
    update.plan(desk.ws, NOW, decision)
    desk.do(partial(commands.begin, task=2))
    with pytest.raises(Conflict, match="Abnahme has been changed in the meantime"):
        update.plan(desk.ws, NOW, decision)
    assert update.plan(desk.ws, NOW, usual)


@pytest.mark.parametrize(
    "draw", [partial(link_return, gate=2, target=1), partial(link_return, gate=3, target=2)]
)
def test_an_arrow_drawn_while_the_list_is_looked_at_does_not_go_with_its_task(
    desk: Desk, draw: Command
) -> None:
    update = desk.update(FIRST.replace("2;Abnahme;Netz;2026-12-04;offen;1\n", ""))
    decision = Decision(gone=frozenset({2}), how="delete")
    update.plan(desk.ws, NOW, decision)
    desk.do(draw)
    with pytest.raises(Conflict, match="Abnahme has been changed in the meantime"):
        update.plan(desk.ws, NOW, decision)


def test_of_two_who_look_at_one_list_the_second_adds_nothing_again(desk: Desk) -> None:
    more = FIRST + "4;Umzug;RZ;2026-12-08;offen;2\n"
    first, second = desk.update(more), desk.update(more)
    desk.do(partial(commands.add_task, title="Schulung"))
    desk.do(first.command(first.usual()))
    with pytest.raises(Conflict, match=r"^5 Umzug has been added in the meantime\. Compare the"):
        second.plan(desk.ws, NOW, second.usual())
    assert desk.update(more).usual() == Decision()


def test_rows_are_chosen_as_they_are_typed(desk: Desk) -> None:
    update = desk.update(FIRST.replace("2026", "2027").replace("Konzept", "Konzepte"))
    assert update.chosen("2-3").fields == {(0, "title"), (0, "due"), (1, "due")}
    assert update.chosen("2:due, 4").fields == {(0, "due"), (2, "due")}
    for wrong in ("9", "x", "2:tags", "2-x"):
        with pytest.raises(BadInput):
            update.chosen(wrong)


# --- laws --------------------------------------------------------------------------------------


@settings(max_examples=10, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(ws=plans(), language=st.sampled_from(("en", "de")))
def test_a_workbook_read_back_differs_in_nothing(
    tmp_path_factory: pytest.TempPathFactory, ws: Workspace, language: str
) -> None:
    if not ws.tasks:
        return
    data = handed_out(ws, "plan.xlsx", language)
    update = Desk(tmp_path_factory.getbasetemp(), ws).update(data, "plan.xlsx")
    assert (told(update), update.comparison.new, update.comparison.gone) == ({}, (), ())
    told_of = [w for w in update.source.warnings if "before the start" not in w.why.text]
    assert (told_of, update.source.skipped) == ([], [])


@settings(max_examples=30, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(ws=plans(), language=st.sampled_from(("en", "de")))
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "iso8859-15"])
def test_an_export_read_back_differs_in_nothing(
    tmp_path_factory: pytest.TempPathFactory, ws: Workspace, language: str, encoding: str
) -> None:
    if not ws.tasks:
        return
    data = handed_out(ws, "list.csv", language)
    if encoding != "utf-8-sig":
        data = data.decode("utf-8-sig").encode(encoding, "replace")
        # Random letters are no words by which an encoding could be recognised.
        assume(decoded(data)[0] == data.decode(encoding))
    desk = Desk(tmp_path_factory.getbasetemp(), ws)
    update = desk.update(data)
    assert (told(update), update.comparison.new, update.comparison.gone) == ({}, (), ())


def test_new_names_come_into_being_with_the_row_that_is_taken(desk: Desk) -> None:
    update = desk.update(FIRST.replace("1;Konzept;Netz", "1;Konzept;Labor"))
    change, _ = update.plan(desk.ws, NOW, update.chosen("2"))
    assert [lane.name for lane in change.born(Department)] == ["Labor"]
    none, _ = update.plan(desk.ws, NOW, Decision())
    assert none.edits == ()


# --- what is said of it ------------------------------------------------------------------------


def test_every_count_of_an_update_is_the_same(tmp_path: Path) -> None:
    head = "Nr;Vorgang;Vorgänger;Fällig;Status;Wiederholung\n"
    desk = Desk(tmp_path)
    desk.take(
        f"{head}1;a;;;offen;\n2;b;1;;offen;\n3;c;;2026-12-01;offen;1m\n4;d;;;offen;\n5;e;;;;\n"
    )
    text = (
        f"{head}1;a;;2026-12-24;offen;\n2;b;;;offen;\n3;c;;2026-12-01;erledigt;1m\n6;f;;;offen;\n"
    )
    update = desk.update(text)
    assert update.comparison.gone == (4, 5)
    decision = replace(update.everything(), gone=frozenset((4, 5)), how="drop")
    change, report = update.plan(desk.ws, NOW, decision)
    # Task 2 differs in nothing but its arrow; task 3 is done and returns.
    assert (report.tasks, report.updated, report.returned, report.dropped) == (1, 3, (7,), 2)
    assert change.tasks == (report.tasks + 1, 0, report.updated + report.dropped)
    assert str(change.label) == "Updated from list.csv: 2 tasks added, 5 tasks changed"
    assert [str(each) for each in change.inverse.effects] == ["2 tasks removed", "5 tasks changed"]
    _, report = update.plan(desk.ws, NOW, replace(decision, how="delete"))
    assert (report.updated, report.dropped, report.deleted) == (3, 0, 2)


def test_what_returned_in_an_update_is_neither_new_nor_gone_in_the_next(tmp_path: Path) -> None:
    head = "Nr;Vorgang;Fällig;Status;Wiederholung\n"
    desk = Desk(tmp_path)
    desk.take(f"{head}1;a;2026-12-01;offen;1m\n")
    text = f"{head}1;a;2026-12-01;erledigt;1m\n2;b;;offen;\n"
    update = desk.update(text)
    desk.do(update.command(update.usual()))
    # The new row keeps its number, and the task returns under the next.
    assert [(task.id, task.title, task.state) for task in desk.ws.tasks.values()] == [
        *((1, "a", "done"), (2, "b", "todo"), (3, "a", "todo")),
    ]
    again = desk.update(text).comparison
    assert (again.changed, again.new, again.gone) == ((), (), ())


def test_the_short_name_of_one_department_is_not_taken_for_another(tmp_path: Path) -> None:
    lanes = [Department(id=1, name="Infrastruktur", short="IT"), Department(id=2, name="IT")]
    desk = Desk(tmp_path, Workspace([*lanes, Task(id=1, title="a", department=1)]))
    update = desk.update("Nr;Vorgang;Abteilung\n1;a;IT\n")
    assert [d[:3] for d in told(update)[2]] == [("department", "Infrastruktur", "IT")]
    everything = update.plan(desk.ws, NOW, update.chosen("2"))[0]
    assert desk.ws.apply(everything).tasks[1].department == 2


def test_what_was_dropped_goes_on_as_the_list_says(tmp_path: Path) -> None:
    head = "Nr;Vorgang;Status;Wartet auf\n"
    desk = Desk(tmp_path)
    desk.take(f"{head}1;a;verworfen;Kunde\n2;b;verworfen;\n3;c;verworfen;\n4;d;verworfen;\n")
    update = desk.update(f"{head}1;a;wartet;Meier\n2;b;in Arbeit;\n3;c;erledigt;\n4;d;offen;\n")
    desk.do(update.command(update.usual()))
    told = [(task.state, task.waiting_for) for task in desk.ws.tasks.values()]
    assert told == [("waiting", "Meier"), ("doing", ""), ("done", ""), ("todo", "")]


def test_what_somebody_drops_while_it_is_looked_at_stays_dropped(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take("Nr;Vorgang;Status\n1;a;offen\n")
    update = desk.update("Nr;Vorgang;Status\n1;a;in Arbeit\n")
    desk.do(partial(commands.drop, task=1))
    change, report = update.plan(desk.ws, NOW, update.usual())
    assert desk.ws.apply(change).tasks[1].state == "dropped"
    assert [str(skipped.why) for skipped in report.skipped] == ["1 a is dropped; reopen it first."]


def test_new_names_are_told_with_those_that_may_be_meant(desk: Desk) -> None:
    update = desk.update(
        FIRST.replace("1;Konzept;Netz", "1;Konzept;Netzt") + "4;Umzug;Labor;;;\n5;x;Labor 2;;;\n"
    )
    _, report = update.plan(desk.ws, NOW, update.everything())
    assert [(new.name, new.close) for new in report.new_names] == [
        *(("Labor", ()), ("Labor 2", ()), ("Netzt", ("Netz",))),
    ]
    lines = [text for text, _ in name_lines(report)]
    assert lines == ["", "New departments: Labor; Labor 2; Netzt", "  Netzt: did you mean Netz?"]
    assert update.plan(desk.ws, NOW, Decision())[1].new_names == ()


# --- arrows between what is taken and what is not ----------------------------------------------


def test_an_arrow_from_a_new_row_is_a_difference_of_the_row_that_needs_it(desk: Desk) -> None:
    text = FIRST.replace("RZ;2026-12-08;offen;2", "RZ;2026-12-08;offen;2, 4") + "4;Kabel;Netz;;;\n"
    update = desk.update(text)
    assert told(update) == {4: [("needs", "2", "2; “Kabel”", "there")]}

    def arrows(rows: str) -> list[tuple[int, int]]:
        decision = update.chosen(rows) if rows else update.usual()
        change, report = update.plan(desk.ws, NOW, decision)
        ws = desk.ws.apply(change)
        assert report.links == len(ws.links) - len(desk.ws.links)
        return sorted((x.source, x.target) for x in ws.links.values())

    assert arrows("") == [(1, 2), (2, 3), (4, 3)]
    assert arrows("4,5") == [(1, 2), (2, 3), (4, 3)]
    # Row 4 was not chosen, so its task stays as it is.
    assert arrows("5=new") == [(1, 2), (2, 3)]
    assert arrows("4") == [(1, 2), (2, 3)]
    _change, report = update.plan(desk.ws, NOW, update.chosen("4"))
    assert "The arrow was not drawn, as row 5 was not imported." in said(report)
    desk.do(update.command(update.usual()))
    assert told(desk.update(text)) == {}


def test_an_arrow_that_overtakes_a_return_is_refused_by_name(desk: Desk) -> None:
    desk.do(lambda ws, now: link_return(ws, now, gate=3, target=1))
    update = desk.update(FIRST.replace("offen;1\n", "offen;\n").replace("offen;2", "offen;"))
    desk.do(update.command(update.usual()))
    update = desk.update(
        FIRST.replace("offen;\n2", "offen;4\n2")
        .replace("offen;1\n", "offen;\n")
        .replace(";2\n", ";\n")
        + "4;Kabel;Netz;;;3\n"
    )
    change, report = update.plan(desk.ws, NOW, update.usual())
    ws = desk.ws.apply(change)
    needs = [(x.source, x.target) for x in ws.links.values() if x.kind == "needs"]
    assert len(needs) == 1
    assert (
        "3 Abnahme may send work back to 1 Konzept, so 1 Konzept cannot come after it; the arrow"
        " was skipped. Remove the return arrow first."
    ) in said(report)


def test_thousands_of_arrows_are_drawn_anew_within_seconds(tmp_path: Path) -> None:
    def rows(needs: str) -> str:
        lines = (f"{n},T {n},{needs.format(n - 1, n - 2)}" for n in range(3, 3_000))
        return "\n".join(("Nr,Title,Predecessors", "1,T 1,", "2,T 2,1", *lines, ""))

    desk = Desk(tmp_path)
    desk.take(rows("{}"))
    begun = process_time()
    update = desk.update(rows("{}; {}"))
    ws = desk.ws.apply(update.plan(desk.ws, NOW, update.usual())[0])
    assert process_time() - begun < 15
    assert len(ws.links) == 2_998 + 2_997


def test_thousands_of_tasks_with_one_title_are_known_again_within_seconds(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take("Title,Department,Effort\n" + "Abnahme,RZ,1\n" * 5_000)
    begun = process_time()
    update = desk.update("Title,Department,Effort\n" + "Abnahme,RZ,2\n" * 5_000)
    assert process_time() - begun < 15
    assert [row.task for row in update.comparison.changed] == list(range(1, 5_001))


@pytest.mark.parametrize(
    ("rows", "gone", "new"),
    [
        ("1;Konzept;Netz\n2;Freigabe;Netz\n3;Umzug;Netz\n", (2,), []),
        (
            "1;Konzept;Netz\n2;Kauf;Netz\n3;Kabel;Netz\n4;Freigabe;Netz\n5;Umzug;Netz\n",
            (),
            ["Kauf"],
        ),
        ("1;Konzept;Netz\n2;Freigabe;Netz\n3;Kabel;Netz\n4;Umzug;Netz\n", (), []),
    ],
)
def test_rows_that_were_numbered_anew_are_known_by_their_titles(
    tmp_path: Path, rows: str, gone: tuple[int, ...], new: list[str]
) -> None:
    desk = Desk(tmp_path)
    head = "Nr;Vorgang;Abteilung\n"
    desk.take(f"{head}1;Konzept;Netz\n2;Kabel;Netz\n3;Freigabe;Netz\n4;Umzug;Netz\n")
    came = desk.update(head + rows)
    assert told(came) == {}
    assert (came.comparison.gone, [row.title for row in came.comparison.new]) == (gone, new)


def test_a_thousand_tags_in_another_order_are_compared_within_seconds(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    tags = [f"t{n}" for n in range(1_000)]
    desk.take(f"Title,Tags\nKonzept,{';'.join(tags)}\n")
    begun = process_time()
    update = desk.update(f"Title,Tags\nKonzept,{';'.join(reversed(tags))}\n")
    assert process_time() - begun < 10
    assert told(update) == {}


def test_a_row_taken_for_a_task_leaves_what_only_people_here_have_changed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take("Title,Due\nKonzept,\nAbnahme im RZ,2026-12-08\n")
    desk.do(partial(commands.edit_task, task=2, due=date(2027, 1, 15)))
    came = desk.update("Title,Due\nKonzept,\nAbnahme im neuen RZ,2026-12-08\n")
    assert came.comparison.found.doubtful == {1: 2}
    desk.do(came.command(came.chosen("3")))
    assert (desk.ws.tasks[2].title, desk.ws.tasks[2].due) == (
        "Abnahme im neuen RZ",
        date(2027, 1, 15),
    )


def test_two_lists_with_a_task_in_common_miss_none_of_one_another(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    one = "Title,Due\nKonzept,\nAbnahme,\nBau,\n"
    other = "Title,Due\nAbnahme,2026-12-08\nKabel,\nStrom,\n"
    desk.take(one, "netz.csv")
    came = desk.update(other, "rz.csv")
    assert came.comparison.gone == ()
    desk.do(came.command(came.usual()))
    assert desk.update(one, "netz.csv").comparison.gone == ()
    assert desk.update(other, "rz.csv").comparison.gone == ()
    assert desk.update(one.replace("Bau,\n", ""), "netz2.csv").comparison.gone == (3,)


@pytest.mark.parametrize("head", ["", "Nr,"])
def test_of_two_lists_with_a_title_in_common_each_has_its_own_task(
    tmp_path: Path, head: str
) -> None:
    desk = Desk(tmp_path)

    def listed(*rows: str) -> str:
        numbered = (f"{at},{row}" if head else row for at, row in enumerate(rows, 1))
        return "\n".join((f"{head}Title,Due,Assignee", *numbered, ""))

    desk.take(listed("Kick-off,2027-01-04,ada", "Abnahme,2027-01-10,ada"), "netz.csv")
    rz = ("Umzug,2027-05-01,bob", "Abnahme,2027-05-05,bob", "Messen,2027-05-03,bob")
    desk.take(listed(*rz), "rz.csv")
    came = desk.update(listed(*rz), "rz.csv")
    assert (told(came), came.comparison.gone) == ({}, ())
    more = desk.update(listed(*rz, "Abnahme,2027-06-01,bob"), "rz.csv")
    assert (more.usual().fields, more.comparison.found.doubtful) == (frozenset(), {3: 2})


def test_an_unchanged_date_without_a_year_is_that_of_the_year_it_came_in(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    text = "Titel;Fällig;Nicht vor\nAlpha;KW 49;\nBeta;04.12.;01.12.\n"
    desk.take(text)
    for day, file in ((TODAY, text), (date(2027, 1, 7), text)):
        read = importing.read(desk.file(file), today=day)
        came = Update(read.source, desk.ws, read.look_back(desk.records, desk.ws))
        assert told(came) == {}
    desk.do(partial(commands.edit_task, task=2, due=date(2026, 12, 9)))
    read = importing.read(desk.file(text.replace("KW 49", "KW 2")), today=date(2027, 1, 7))
    came = Update(read.source, desk.ws, read.look_back(desk.records, desk.ws))
    assert {row: [each[::3] for each in rows] for row, rows in told(came).items()} == {
        2: [("due", "there")],
        3: [("due", "here")],
    }


@pytest.mark.parametrize("own", [True, False])
def test_what_a_row_that_was_cut_off_lacks_is_no_change(tmp_path: Path, own: bool) -> None:
    desk = Desk(tmp_path)
    text = "Title,Department,Due,Tags,Assignee\nKonzept,Netz,,rot,ada\nBau,Netzwerk,2027-01-08,rot,"
    desk.take(text + "bob\n", "plan.csv")
    data = handed_out(desk.ws, "plan.csv") if own else (text + "bob").encode()
    assert told(desk.update(data, "plan.csv")) == {}
    cut = data[: data.index(b"Netzwerk") + 4]
    came = desk.update(cut, "plan.csv")
    assert told(came) == {}
    assert [(each.row, str(each.why)) for each in came.source.warnings if each.row] == [
        (3, "The row has no line end and too few cells; the rest of it may be missing.")
    ]
    # A line end shows that the row is as it is meant.
    assert len(told(desk.update(cut + b"\n", "plan.csv"))[3]) > 2


@pytest.mark.parametrize("own", [True, False])
def test_what_follows_from_a_cell_that_was_cut_off_is_no_change(tmp_path: Path, own: bool) -> None:
    desk = Desk(tmp_path)
    text = (
        "Title,Notes,Due,State,Low,Likely,High,Place,Assignee\n"
        "Bau,Rack bestellt,2027-01-08,waiting,10,20,30,Keller,ada\n"
    )
    desk.take(text, "plan.csv")
    data = handed_out(desk.ws, "plan.csv") if own else text.encode()
    # A list of others without a line end is whole where it has all cells.
    last = len(data.rstrip()) if own else data.rindex(b",ada")
    for end in range(data.rindex(b"Bau") + 3, last + 1):
        assert told(desk.update(data[:end], "plan.csv")) == {}


def test_what_a_task_waits_for_is_not_what_is_left_of_notes_that_were_cut_off(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    text = "Title,State,Notes,Assignee\nBau,waiting,Rack bestellt,ada\n"
    desk.take(text, "plan.csv")
    assert desk.ws.tasks[1].waiting_for == "Rack bestellt"
    assert told(desk.update(text[: text.index(" bestellt")], "plan.csv")) == {}


@pytest.mark.parametrize("last", ["due", "state", "high", "likely"])
def test_what_follows_from_the_last_cell_of_an_export_is_no_change(
    tmp_path: Path, last: str
) -> None:
    desk = Desk(tmp_path)
    desk.take(
        "Title,Notes,Due,State,Low,Likely,High\nBau,Rack,2027-01-08,waiting,10,20,30\n", "plan.csv"
    )
    data = handed_out(desk.ws, "plan.csv").decode("utf-8-sig")
    heads, cells = (line.split(",") for line in data.splitlines())
    at = heads.index(last)
    for row in (heads, cells):
        row.append(row.pop(at))
    moved = "\n".join(",".join(row) for row in (heads, cells))
    for end in range(moved.rindex(",") + 1, len(moved) + 1):
        assert told(desk.update("\ufeff" + moved[:end], "plan.csv")) == {}


def test_the_last_cell_of_an_export_without_line_end_is_no_change(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take("Title,Notes\nKonzept,eins\nBau,Rack bestellt\n", "plan.csv")
    data = handed_out(desk.ws, "plan.csv")
    for end in range(data.rindex(b"Rack"), len(data.rstrip()) + 1):
        came = desk.update(data[:end], "plan.csv")
        assert told(came) == {}
        assert [(each.row, str(each.why)) for each in came.source.warnings if each.row] == [
            (
                3,
                "The row has no line end; notes may be cut off, and an update leaves it unchanged.",
            )
        ]
    assert 3 in told(desk.update(data.replace(b"Rack bestellt", b"Rack"), "plan.csv"))


def test_a_row_that_was_cut_off_is_a_new_task_only_if_somebody_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(FIRST)
    desk.do(partial(commands.delete_task, task=3))
    cut = FIRST[: FIRST.rindex("ahme")]
    update = desk.update(cut)
    assert [row.row for row in update.comparison.new] == [4]
    assert update.usual() == Decision()
    assert [row.row for row in update.usual().undecided(update.comparison)] == [4]
    assert update.chosen("4").new == {2}
    assert desk.update(cut + "\n").usual().new == {2}
