"""An export that somebody has edited in Excel, and a plan that went on meanwhile."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from msgspec.structs import replace

from tests.builders import NOW, TODAY, plan
from tests.exchange.desk import Desk, told
from tests.exchange.plans import handed_out
from tracker.domain.change import Change, Edit
from tracker.domain.errors import Conflict
from tracker.domain.model import PlannedTask, Project
from tracker.domain.sentence import Sentence
from tracker.domain.verbs import baselines, commands, upkeep
from tracker.domain.verbs.arrows import edit_link, link, link_return, unlink
from tracker.exchange.updating import Decision, Update

FIRST = (
    "Nr;Vorgang;Abteilung;Fällig;Status;Vorgänger\n"
    "1;Konzept;Netz;2026-12-01;offen;\n"
    "2;Aufbau;Netz;2026-12-04;offen;1\n"
    "3;Abnahme;RZ;2026-12-08;offen;2\n"
)
ENDINGS = (".xlsx", ".csv")
_STEP = Sentence("")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.take(FIRST)
    made.do(partial(commands.edit_task, task=2, notes="seen"))
    return made


def exported(desk: Desk, ending: str) -> bytes:
    return handed_out(desk.ws, f"plan{ending}")


def edited(data: bytes, ending: str, old: str, new: str) -> bytes:
    """Return an export in which each cell `old` is `new`, or is emptied with its row."""
    if ending == ".csv":
        rows = data.decode("utf-8-sig").splitlines(keepends=True)
        kept = [row.replace(old, new) for row in rows if new or old not in row]
        return "".join(kept).encode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    for row in list(sheet.iter_rows()):
        if any(cell.value == old for cell in row):
            if not new:
                sheet.delete_rows(row[0].row)
            for cell in row if new else ():
                cell.value = new if cell.value == old else cell.value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def update(desk: Desk, data: bytes, ending: str) -> Update:
    return desk.update(data, f"plan{ending}")


@pytest.mark.parametrize("ending", ENDINGS)
def test_tasks_created_since_are_not_gone_and_survive_whatever_happens_to_those(
    desk: Desk, ending: str
) -> None:
    data = edited(exported(desk, ending), ending, "Aufbau", "")
    desk.do(partial(commands.add_task, title="Neu hier"))
    came = update(desk, data, ending)
    assert (came.comparison.gone, came.comparison.newer) == ((2,), (4,))
    assert [each["id"] for each in came.as_json(came.usual(), str)["newer"]] == [4]


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
def test_tasks_that_were_brought_back_since_are_not_gone(desk: Desk, ending: str) -> None:
    task = desk.ws.tasks[1]
    desk.do(partial(commands.delete_task, task=1))
    data = exported(desk, ending)
    desk.do(lambda _ws, _now: Change(Sentence(""), (Edit(None, task),)))
    came = update(desk, data, ending)
    assert (came.comparison.gone, came.comparison.newer) == ((), (1,))


def test_only_a_workbook_shows_that_its_last_rows_were_deleted(desk: Desk) -> None:
    for ending, gone, newer in ((".xlsx", (3,), (4,)), (".csv", (), (3, 4))):
        data = edited(exported(desk, ending), ending, "Abnahme", "")
        if 4 not in desk.ws.tasks:
            desk.do(partial(commands.add_task, title="Neu hier"))
        else:
            data = edited(data, ending, "Neu hier", "")
        came = update(desk, data, ending).comparison
        assert (came.gone, came.newer) == (gone, newer), ending


@pytest.mark.parametrize("ending", [*ENDINGS, ".json"])
def test_what_was_changed_here_since_is_not_turned_back(desk: Desk, ending: str) -> None:
    data = exported(desk, ending)
    desk.do(partial(commands.edit_task, task=2, notes="seen twice", title="Aufbau im RZ"))
    came = update(desk, data, ending)
    (row,) = told(came).values()
    assert {field[0]: field[3] for field in row} == {"title": "here", "notes": "here"}
    assert came.plan(desk.ws, NOW, came.usual())[0].edits == ()


def test_what_was_changed_on_both_sides_since_is_asked(desk: Desk) -> None:
    data = edited(exported(desk, ".xlsx"), ".xlsx", "seen", "seen in Excel")
    assert told(update(desk, data, ".xlsx"))[3] == [("notes", "seen", "seen in Excel", "there")]
    desk.do(partial(commands.edit_task, task=2, notes="seen twice"))
    assert told(update(desk, data, ".xlsx"))[3] == [
        ("notes", "seen twice", "seen in Excel", "both")
    ]


@pytest.mark.parametrize("ending", [".xlsx", ".json", ".csv"])
def test_arrows_drawn_here_since_stay(desk: Desk, ending: str) -> None:
    desk.do(partial(commands.add_task, title="Ende"))
    desk.do(partial(commands.add_task, title="Schluss"))
    desk.do(partial(link, source=3, target=5))
    data = exported(desk, ending)
    desk.do(partial(link, source=4, target=5))
    assert list(told(update(desk, data, ending)).values()) == [[("needs", "3; 4", "3", "here")]]


def test_a_clock_that_stands_still_does_not_matter_to_a_workbook(desk: Desk) -> None:
    desk.minutes = 0
    data = edited(exported(desk, ".xlsx"), ".xlsx", "seen", "seen in Excel")
    desk.do(partial(commands.edit_task, task=2, notes="seen twice"))
    desk.do(partial(commands.add_task, title="Neu hier"))
    came = update(desk, data, ".xlsx")
    assert told(came)[3] == [("notes", "seen twice", "seen in Excel", "both")]
    assert (came.comparison.gone, came.comparison.newer) == ((), (4,))


def test_a_workbook_without_the_moment_is_read_like_a_csv(desk: Desk) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(desk, ".xlsx")))
    (moment,) = book.custom_doc_props.props
    moment.value = "long ago"
    out = io.BytesIO()
    book.save(out)
    assert not update(desk, out.getvalue(), ".xlsx").comparison.dated
    assert update(desk, exported(desk, ".xlsx"), ".xlsx").comparison.dated


def appended(data: bytes, ending: str, **cells: str | int) -> bytes:
    """Return an export with one row more."""
    if ending == ".csv":
        heads = data.decode("utf-8-sig").partition("\r\n")[0].split(",")
        row = ",".join(str(cells.get(head, "")) for head in heads)
        return data + row.encode() + b"\r\n"
    book = openpyxl.load_workbook(io.BytesIO(data))
    heads = [str(cell.value) for cell in book.worksheets[0][1]]
    book.worksheets[0].append([cells.get(head) for head in heads])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_row_added_to_a_part_is_not_the_task_that_has_its_number(desk: Desk, ending: str) -> None:
    data = handed_out(desk.ws, f"plan{ending}", tasks=(1, 2))
    data = appended(data, ending, id=3, title="Lizenzen", department="RZ")
    came = update(desk, data, ending)
    assert came.usual().fields == frozenset()
    after = desk.ws.apply(came.plan(desk.ws, NOW, came.usual())[0])
    assert after.tasks[3] == desk.ws.tasks[3]


def test_a_row_added_to_a_csv_is_perhaps_a_task_that_was_added_here(desk: Desk) -> None:
    data = appended(exported(desk, ".csv"), ".csv", title="Lizenzen", due="2026-12-08")
    desk.do(partial(commands.add_task, title="Lizenzen", due=date(2026, 12, 1)))
    came = update(desk, data, ".csv")
    assert (came.comparison.found.doubtful, came.usual()) == ({3: 4}, Decision())


@pytest.mark.parametrize("ending", [".xml", ".ics", ".taskwarrior.json"])
def test_what_another_program_cannot_hold_of_a_text_or_a_state_is_no_change(
    desk: Desk, ending: str
) -> None:
    desk.do(partial(commands.edit_task, task=1, notes="eins\n\n  zwei  drei\n"))
    desk.do(partial(commands.edit_task, task=2, title="Auf\tbau"))
    recheck = replace(desk.ws.tasks[3], state="recheck", progress=50.0)
    desk.do(lambda ws, _now: Change(_STEP, (Edit(ws.tasks[3], recheck),)))
    assert told(update(desk, exported(desk, ending), ending)) == {}


def test_a_baseline_comes_from_no_export_for_another_program_that_has_it(desk: Desk) -> None:
    days = (PlannedTask(1, date(2026, 11, 2), date(2026, 11, 6), 5.0, None, "todo"),)
    desk.do(partial(baselines.take_baseline, name="Plan 1", plan=days, finishes=()))
    data = exported(desk, ".xml")
    came = update(desk, data, ".xml")
    assert not came.beside(desk.ws, NOW)
    moved = update(desk, data.replace(b"2026-11-06T", b"2026-11-05T"), ".xml")
    assert moved.beside(desk.ws, NOW)


def test_a_return_of_which_nobody_knows_who_gave_its_rate_is_no_change(desk: Desk) -> None:
    desk.do(partial(link_return, gate=3, target=1, rate=0.3))
    (known,) = (each for each in desk.ws.links.values() if each.kind == "returns")
    unknown = replace(known, rate_entered=False)
    desk.do(lambda _ws, _now: Change(_STEP, (Edit(known, unknown),)))
    assert told(update(desk, exported(desk, ".json"), ".json")) == {}


@pytest.mark.parametrize("ending", [".json", ".ics"])
def test_of_tasks_that_came_in_twice_each_is_known_by_its_number(desk: Desk, ending: str) -> None:
    for task, title in ((1, "Konzept"), (2, "Konzept"), (3, "Konzept RZ")):
        twin = replace(desk.ws.tasks[task], title=title, origin="jira:UMZ-1")
        desk.do(
            partial(lambda ws, _now, new: Change(_STEP, (Edit(ws.tasks[new.id], new),)), new=twin)
        )
    data = exported(desk, ending)
    desk.do(partial(commands.edit_task, task=3, title="Konzept"))
    came = update(desk, data, ending)
    assert came.comparison.found.here == {0: 1, 1: 2, 2: 3}
    assert came.usual() == Decision()


def test_of_a_part_only_its_own_tasks_are_missed(desk: Desk) -> None:
    whole = update(desk, edited(exported(desk, ".xlsx"), ".xlsx", "Aufbau", ""), ".xlsx")
    assert whole.comparison.gone == (2,)
    data = handed_out(desk.ws, "plan.xlsx", tasks=(1, 2))
    part = update(desk, edited(data, ".xlsx", "Aufbau", ""), ".xlsx").comparison
    assert (part.gone, part.newer) == ((2,), ())
    comparison = update(desk, handed_out(desk.ws, "plan.json", tasks=(1, 3)), ".json").comparison
    assert (comparison.gone, comparison.newer) == ((), ())


def test_the_tasks_of_a_part_are_noted_however_many_they_are(tmp_path: Path) -> None:
    ws = plan(tasks=900)
    desk = Desk(tmp_path, ws)
    odd = range(1, 900, 2)
    for ending in (".xlsx", ".json"):
        came = update(desk, handed_out(ws, f"plan{ending}", tasks=odd), ending)
        assert came.past.listed == frozenset(odd), ending
        assert not came.comparison.says_more


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_row_deleted_from_an_export_writes_nothing_into_the_others(
    desk: Desk, ending: str
) -> None:
    data = edited(exported(desk, ending), ending, "Konzept", "")
    came = update(desk, data, ending)
    assert told(came) == {}
    assert "There is no task 1 in this list." in [str(each.why) for each in came.source.warnings]


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
def test_of_what_is_done_an_export_still_says_what_is_new(desk: Desk, ending: str) -> None:
    desk.do(partial(commands.finish, task=1))
    data = changed(exported(desk, ending), ending, 1, expires="2027-03-01")
    assert [each[::3] for each in told(update(desk, data, ending))[rows_of(ending, 1)]] == [
        ("expires", "there")
    ]


def test_what_a_state_of_the_list_has_overruled_in_it_does_not_come_with_the_next_round(
    desk: Desk,
) -> None:
    data = changed(exported(desk, ".xlsx"), ".xlsx", 1, state="done", progress="30%")
    came = update(desk, data, ".xlsx")
    desk.do(came.command(came.usual()))
    assert desk.ws.tasks[1].progress == 100
    assert told(update(desk, data, ".xlsx")) == {}


def test_a_state_and_what_is_waited_for_beside_it_are_both_taken(desk: Desk) -> None:
    desk.do(partial(commands.start, task=1))
    cells = {"state": "todo", "waiting_for": "Meier", "phase": "Eins"}
    data = changed(exported(desk, ".xlsx"), ".xlsx", 1, **cells)
    came = update(desk, data, ".xlsx")
    desk.do(came.command(came.usual()))
    assert (desk.ws.tasks[1].state, desk.ws.tasks[1].waiting_for) == ("todo", "Meier")
    assert not update(desk, data, ".xlsx").comparison.says_more
    came = update(desk, changed(data, ".xlsx", 1, state="doing", waiting_for="Kunde"), ".xlsx")
    desk.do(partial(commands.edit_task, task=1, waiting_for="Dell"))
    with pytest.raises(Conflict):
        came.plan(desk.ws, NOW, came.everything())


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
def test_what_was_moved_or_called_otherwise_there_is_still_that_task(
    tmp_path: Path, ending: str
) -> None:
    desk = Desk(tmp_path)
    desk.do(partial(commands.add_task, title="Abnahme", department="Netz", project="Eins"))
    data = exported(desk, ending)
    moved = update(desk, changed(data, ending, 1, project="Zwei", title="Abnahmetest"), ending)
    assert (moved.comparison.new, moved.comparison.gone) == ((), ())
    assert {field for _place, field in moved.usual().fields} == {"project", "title"}
    desk.do(partial(commands.edit_task, task=1, title="Konzepte"))
    moved = update(desk, changed(data, ending, 1, department="RZ"), ending)
    assert [each[::3] for each in told(moved)[rows_of(ending, 1)]] == [
        *(("title", "here"), ("department", "there")),
    ]


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
def test_an_export_means_the_project_that_had_its_name(tmp_path: Path, ending: str) -> None:
    desk = Desk(tmp_path)
    desk.do(partial(commands.add_task, title="Schulung", project="Umzug"))
    data = exported(desk, ending)
    desk.do(partial(upkeep.rename, kind=Project, name="Umzug", to="Anders"))
    desk.do(partial(commands.add_task, title="Kabel", project="Umzug"))
    came = update(desk, data, ending)
    assert not came.comparison.says_more
    assert came.comparison.newer == (2,)


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
def test_what_was_asked_once_is_asked_again(desk: Desk, ending: str) -> None:
    data = exported(desk, ending)
    (arrow,) = (each.id for each in desk.ws.arrows_in[2])
    desk.do(partial(unlink, link=arrow))
    data = changed(data, ending, 2, effort=2.0, needs="1+2")
    for fields in ({"effort"}, set()):
        came = update(desk, data, ending)
        assert {field for _place, field in came.usual().fields} == fields
        assert came.usual().undecided(came.comparison)
        desk.do(came.command(came.usual()))


def test_a_row_that_was_added_is_new_whatever_had_its_number(desk: Desk) -> None:
    desk.do(partial(commands.add_task, title="Bau"))
    desk.do(partial(commands.delete_task, task=4))
    data = appended(exported(desk, ".xlsx"), ".xlsx", id=4, title="Bau")
    assert [row.title for row in update(desk, data, ".xlsx").comparison.new] == ["Bau"]
    desk.undo(len(desk.records))
    came = update(desk, data, ".xlsx")
    assert (came.usual().fields, came.comparison.newer) == (frozenset(), ())
    assert [row.task for row in came.usual().undecided(came.comparison)] == []
    data = appended(exported(desk, ".xlsx"), ".xlsx", id=5, title="Kabel")
    desk.do(partial(commands.add_task, title="Kabel"))
    desk.do(partial(commands.delete_task, task=5))
    assert [row.title for row in update(desk, data, ".xlsx").comparison.new] == ["Kabel"]


def rows_of(ending: str, task: int) -> int:
    """Return the row of a task in an export of all."""
    return task if ending == ".json" else task + 1


def changed(data: bytes, ending: str, task: int, **cells: Any) -> bytes:
    """Return an export in which a task has other values."""
    if ending == ".json":
        content = json.loads(data)
        row = next(each for each in content["tasks"] if each["id"] == task)
        if needs := cells.pop("needs", None):
            end, _plus, lag = needs.partition("+")
            row["needs"] = [{"id": int(end), "lag": float(lag)}]
            content["links"] = [x for x in content["links"] if x["target"] != task]
        row["refs"] |= dict.fromkeys(cells.keys() & row["refs"].keys())
        row.update(cells)
        return json.dumps(content).encode()
    if ending == ".csv":
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        rows[task - 1] |= cells
        out = io.StringIO(newline="")
        table = csv.DictWriter(out, rows[0])
        table.writeheader()
        table.writerows(rows)
        return out.getvalue().encode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    heads = [str(cell.value) for cell in sheet[1]]
    for name, value in cells.items():
        sheet.cell(task + 1, heads.index(name) + 1).value = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("part", ["3-", "1-2-3", "x", "1," * 600_000 + "1", "9" * 16])
def test_an_export_that_says_nonsense_of_its_part_is_not_dated(desk: Desk, part: str) -> None:
    content = json.loads(handed_out(desk.ws, "plan.json", tasks=(1, 2)))
    content["last_known"]["part"] = part
    assert not update(desk, json.dumps(content).encode(), ".json").comparison.dated


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
def test_what_the_list_sets_back_in_a_later_round_is_asked(desk: Desk, ending: str) -> None:
    data = exported(desk, ending)
    first = changed(data, ending, 2, effort=2.0, needs="1+3", phase="Eins")
    came = update(desk, first, ending)
    desk.do(came.command(came.usual()))
    came = update(desk, data, ending)
    (row,) = told(came).values()
    assert {each[0] for each in row} == {"effort", "needs", "phase"}
    assert {each[3] for each in row} == {"unknown"}
    assert came.usual().fields == frozenset()
    came = update(desk, changed(first, ending, 2, effort=3.0, needs="1+4"), ending)
    assert {field for _place, field in came.usual().fields} == {"effort", "needs"}


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
def test_an_arrow_that_a_round_has_brought_and_somebody_has_changed_stays(
    desk: Desk, ending: str
) -> None:
    data = changed(exported(desk, ending), ending, 2, needs="1+3")
    came = update(desk, data, ending)
    desk.do(came.command(came.usual()))
    (arrow,) = (each.id for each in desk.ws.arrows_in[2])
    for change in (partial(edit_link, link=arrow, lag=0.0), partial(unlink, link=arrow)):
        desk.do(change)
        came = update(desk, data, ending)
        assert [each[0][3] for each in told(came).values()] == ["here"]
        assert came.usual().fields == frozenset()


def test_what_was_emptied_in_an_export_for_another_program_is_asked(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.do(partial(commands.add_task, title="Bau", due=date(2026, 12, 1), notes="seen"))
    rows = json.loads(handed_out(desk.ws, "plan.taskwarrior.json"))
    del rows[0]["due"], rows[0]["annotations"]
    came = desk.update(json.dumps(rows), "plan.taskwarrior.json")
    assert [each[::3] for row in told(came).values() for each in row] == [
        *(("due", "unknown"), ("notes", "unknown")),
    ]
    assert came.usual().fields == frozenset()


def test_an_arrow_that_taskwarrior_has_taken_away_goes_with_the_update(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    form = {"entry": "20261130T100000Z", "status": "pending"}
    one = {"uuid": "00000000-0000-4000-8000-000000000001", "description": "Konzept", **form}
    other = {"uuid": "00000000-0000-4000-8000-000000000002", "description": "Bau", **form}
    name = "list.json"
    desk.take(json.dumps([one, {**other, "depends": [one["uuid"]]}]), name)
    assert len(desk.ws.links) == 1
    came = desk.update(json.dumps([one, other]), name)
    desk.do(came.command(came.usual()))
    assert not desk.ws.links


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
@pytest.mark.parametrize(
    ("before", "state"),
    [
        ({"progress": 50.0}, "done"),
        ({"recurrence": "1m", "due": TODAY}, "done"),
        ({"state": "waiting", "waiting_for": "Kunde"}, "doing"),
    ],
)
def test_what_follows_from_a_state_it_brought_is_not_asked_in_a_later_round(
    tmp_path: Path, ending: str, before: dict[str, Any], state: str
) -> None:
    desk = Desk(tmp_path)
    desk.do(partial(commands.add_task, title="Konzept", **before))
    data = changed(exported(desk, ending), ending, 1, state=state)
    first = update(desk, data, ending)
    desk.do(first.command(first.usual()))
    assert not update(desk, data, ending).comparison.says_more


def test_a_row_that_a_round_has_brought_and_the_next_calls_otherwise_is_asked(desk: Desk) -> None:
    data = appended(exported(desk, ".xlsx"), ".xlsx", id=4, title="Lizenzen kaufen")
    came = update(desk, data, ".xlsx")
    desk.do(came.command(came.usual()))
    came = update(desk, edited(data, ".xlsx", "Lizenzen kaufen", "Lizenzen bestellen"), ".xlsx")
    assert (came.comparison.found.doubtful, came.comparison.new) == ({3: 4}, ())
    assert came.usual().undecided(came.comparison)


def test_what_a_csv_sets_back_in_a_later_round_is_asked(desk: Desk) -> None:
    data = exported(desk, ".csv")
    came = update(desk, changed(data, ".csv", 2, notes="seen there", needs="1+3"), ".csv")
    desk.do(came.command(came.everything()))
    assert desk.ws.tasks[2].notes == "seen there"
    (row,) = told(update(desk, data, ".csv")).values()
    assert [each[::3] for each in row] == [("notes", "unknown"), ("needs", "unknown")]
    desk.do(partial(commands.edit_task, task=2, notes="here"))
    desk.do(partial(edit_link, link=1, lag=4.0))
    (row,) = told(update(desk, data, ".csv")).values()
    assert [each[::3] for each in row] == [("notes", "here"), ("needs", "here")]


def test_arrows_that_were_redrawn_in_one_go_were_never_half_redrawn(desk: Desk) -> None:
    data = exported(desk, ".csv")
    came = update(desk, changed(data, ".csv", 3, needs="1"), ".csv")
    desk.do(came.command(came.everything()))
    for needs, who in (("2", "here"), ("", "unknown")):
        other = desk.update(changed(data, ".csv", 3, needs=needs), "other.csv")
        assert [each[::3] for each in told(other)[4]] == [("needs", who)]


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
def test_of_two_copies_of_an_export_the_second_overwrites_nothing_of_the_first(
    desk: Desk, ending: str
) -> None:
    data = exported(desk, ending)
    one = changed(data, ending, 1, due="2027-01-04", effort=2.0)
    came = update(desk, one, ending)
    desk.do(came.command(came.usual()))
    other = update(desk, changed(data, ending, 1, due="2027-01-05", effort=2.0), ending)
    row = rows_of(ending, 1)
    assert [each[::3] for each in told(other)[row]] == [("due", "there")]  # it has the effort
    for cells in ({"due": "2027-01-05"}, {"due": "2027-01-05", "effort": 3.0}):
        copy = update(desk, changed(data, ending, 1, **cells), ending)
        assert {each[3] for each in told(copy)[row]} <= {"both", "unknown"}
        assert copy.usual().fields == frozenset()
    goes_on = update(desk, changed(one, ending, 1, due="2027-01-05"), ending)
    assert [each[::3] for each in told(goes_on)[row]] == [("due", "there")]


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
@pytest.mark.parametrize("more", [{"phase": "Eins"}, {"needs": "1+3"}, {"title": "Lizenzen"}])
def test_a_copy_is_known_by_what_it_lacks_of_the_other_though_it_has_a_part_of_it(
    desk: Desk, ending: str, more: dict[str, str]
) -> None:
    data = changed(exported(desk, ending), ending, 1, effort=2.0)
    one = changed(data, ending, 1, due="2027-01-04")
    if "title" not in more:
        one = changed(one, ending, 2, **more)
    elif ending == ".json":
        return
    else:
        one = appended(one, ending, **more)
    came = update(desk, one, ending)
    desk.do(came.command(came.usual()))
    copy = update(desk, changed(data, ending, 1, due="2027-01-05"), ending)
    assert [each[::3] for each in told(copy)[rows_of(ending, 1)]] == [("due", "both")]
    assert copy.usual().fields == frozenset()


@pytest.mark.parametrize("ending", [".csv", ".taskwarrior.json"])
def test_a_row_added_to_an_export_is_nothing_that_another_list_has_brought(
    desk: Desk, ending: str
) -> None:
    desk.do(partial(commands.add_task, title="Kabel"))
    desk.do(partial(commands.edit_task, task=1, department=2))
    data = handed_out(desk.ws, f"plan{ending}", tasks=(4,))
    if ending == ".csv":
        data = appended(data, ending, title="Konzept", department="RZ", due="2027-05-05")
    else:
        rows = json.loads(data)
        fresh = {"uuid": "00000000-0000-4000-8000-000000000001", "description": "Konzept"}
        rows.append({**fresh, "status": "pending", "entry": rows[0]["entry"]})
        data = json.dumps(rows).encode()
    came = update(desk, data, ending)
    assert came.usual().fields == frozenset()
    assert set(came.comparison.found.here.values()) == {4}


@pytest.mark.parametrize("ending", [*ENDINGS, ".json"])
def test_of_two_copies_with_a_row_of_one_title_added_the_second_overwrites_nothing(
    desk: Desk, ending: str
) -> None:
    data = exported(desk, ending)

    def added(due: str) -> bytes:
        if ending != ".json":
            return appended(data, ending, title="Lizenzen", department="RZ", due=due)
        content = json.loads(data)
        content["tasks"].append({"title": "Lizenzen", "department": "RZ", "due": due})
        return json.dumps(content).encode()

    one = added("2027-01-04")
    came = update(desk, one, ending)
    desk.do(came.command(came.usual()))
    for copy in (
        update(desk, added("2027-01-05"), ending),
        desk.update(added("2027-01-05"), f"other{ending}"),
    ):
        assert copy.usual().fields == frozenset()
        assert copy.usual().undecided(copy.comparison)
    assert not update(desk, one, ending).comparison.says_more


@pytest.mark.parametrize("ending", [".xlsx", ".json"])
def test_the_first_of_two_copies_takes_back_nothing_that_was_chosen_from_the_second(
    desk: Desk, ending: str
) -> None:
    data = exported(desk, ending)
    cells = {"due": "2027-01-04", "needs": "1+1", "assignee": "eva"}
    one = changed(changed(data, ending, 3, **cells), ending, 2, phase="Eins")
    came = update(desk, one, ending)
    desk.do(came.command(came.usual()))
    came = update(desk, changed(data, ending, 3, due="2027-01-05", needs="1+2"), ending)
    desk.do(came.command(came.chosen(f"{rows_of(ending, 3)}")))
    came = update(desk, one, ending)
    assert [each[::3] for each in told(came)[rows_of(ending, 3)]] == [
        *(("assignee", "unknown"), ("due", "unknown"), ("needs", "unknown")),
    ]
    assert came.usual().fields == frozenset()


@pytest.mark.parametrize("ending", [".xml", ".ics", ".taskwarrior.json"])
def test_what_another_program_cannot_hold_of_an_arrow_is_no_change(desk: Desk, ending: str) -> None:
    (arrow,) = (each.id for each in desk.ws.arrows_in[2])
    desk.do(partial(edit_link, link=arrow, ripple=0.4))
    assert told(update(desk, exported(desk, ending), ending)) == {}
