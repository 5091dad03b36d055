"""Primavera P6: tasks by their calendars, several links of one pair, other projects, code pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.builders import NOW, TODAY
from tests.exchange.desk import Desk
from tests.exchange.foreign.samples import EXCHANGE, facts, says, told
from tests.exchange.lists import Taken, taken, taken_file
from tracker.domain.errors import BadInput
from tracker.domain.model import Item
from tracker.domain.workspace import Workspace
from tracker.exchange.foreign.xer_tables import number_of
from tracker.exchange.importing import read
from tracker.exchange.source import How

XER = EXCHANGE / "xer"
TASK = (
    *("task_id", "proj_id", "wbs_id", "clndr_id", "task_type", "status_code", "task_code"),
    *("task_name", "target_drtn_hr_cnt", "target_start_date", "target_end_date"),
)


def table(name: str, fields: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    lines = [f"%T\t{name}", "\t".join(("%F", *fields))]
    return "\r\n".join([*lines, *("\t".join(("%R", *row)) for row in rows)])


def task(number: int, hours: float = 40, *more: str, calendar: str = "1") -> tuple[str, ...]:
    """Return a row of a task `t` and its number, with more fields behind."""
    known = (str(number), "1", "", calendar, "TT_Task", "TK_NotStart", f"A{number}", f"t{number}")
    return (*known, f"{hours:g}", "2026-12-07 08:00", "2026-12-11 17:00", *more)


def plan(*tables: str) -> str:
    """Return a file with a project, an eight hours' calendar and one of ten, and more tables."""
    first = (
        "ERMHDR\t20.12\t2026-11-28\tProject\tADMIN\tuser\tdb\tProject Management\tEUR",
        table(
            "PROJECT",
            ("proj_id", "proj_short_name", "plan_start_date", "clndr_id"),
            ("1", "UMZUG", "2026-12-07 00:00", "1"),
        ),
        table(
            "CALENDAR",
            ("clndr_id", "clndr_name", "day_hr_cnt"),
            ("1", "5×8", "8"),
            ("2", "5×10", "10"),
        ),
    )
    return "\r\n".join([*first, *tables, "%E", ""])


def tasks(
    folder: Path, *rows: tuple[str, ...], more: str = "", fields: tuple[str, ...] = ()
) -> Taken:
    text = plan(table("TASK", (*TASK, *fields), *rows), *filter(None, (more,)))
    return taken(text, folder, name="plan.xer")


def links(*rows: tuple[str, ...]) -> str:
    """Return a table of links: successor, predecessor, type and hours."""
    return table("TASKPRED", ("task_id", "pred_task_id", "pred_type", "lag_hr_cnt"), *rows)


def by_code(got: Taken) -> dict[str, float]:
    codes = {each.id: each.origin.rpartition(":")[2] for each in got.tasks}
    return {f"{codes[a]} → {codes[b]}": lag for a, b, lag in got.needs}


# --- samples -----------------------------------------------------------------------------------


def test_a_german_plan_with_links_of_all_kinds() -> None:
    from json import loads

    wanted = loads((XER / "links-de.xer.expected.json").read_text())["wanted"]
    got = taken_file(XER / "links-de.xer")
    found = {each.origin.rpartition(":")[2]: each for each in got.tasks}
    assert len(found) == wanted["tasks"]
    assert by_code(got) == wanted["needs"]
    assert says(got, "900 is not in the file")
    assert "900 → N40" in found["N40"].notes
    assert says(got, "2 arrows of accompanying tasks (LOE) were not drawn")
    assert {code: found[code].state for code in wanted["states"]} == wanted["states"]
    assert {code: str(each.due) for code, each in found.items() if each.due} == wanted["due"]
    starts = {code: str(each.not_before) for code, each in found.items() if each.not_before}
    assert starts == wanted["not_before"]
    # The names of summaries are phases.
    assert {code: [found[code].phase] for code in wanted["tags"]} == wanted["tags"]
    assert {code: found[code].effort for code in wanted["effort"]} == wanted["effort"]
    assert {code: found[code].priority for code in wanted["priority"]} == wanted["priority"]
    assert found["V30"].title == "Konzept prüfen"
    assert found["V30"].likely == 0.5
    assert found["V20"].progress == 50
    assert found["V20"].notes == "Remaining: 4 days"
    assert "Kabel: 120" in found["N10"].notes
    assert found["N20"].milestone
    assert {each.login for each in got.ws.people.values()} == {"BL"}


@pytest.mark.parametrize("path", sorted(XER.glob("*.xer")), ids=lambda path: path.stem)
def test_another_reader_finds_the_same_tasks(path: Path) -> None:
    got = {each.title: each for each in taken_file(path).tasks}
    for fact in facts(path):
        found = got[fact["title"]]
        if found.state == "todo":
            # Of what has begun it has what is left.
            assert found.likely == fact["duration_days"]
        assert (found.progress or 0) == fact["percent"]


def test_the_code_page_is_assumed_said_and_can_be_named() -> None:
    path = XER / "encoding1251.xer"
    guessed = taken_file(path)
    assert guessed.tasks[0].title == "Çàäà÷à 1"
    assert says(guessed, "Çàäà", "looks like another alphabet; --encoding names the code page")
    named = read(path, today=TODAY, how=How(encoding="cp1251"))
    assert [task.fields["title"] for task in named.source.tasks] == ["Задача 1", "Тест2"]  # noqa: RUF001  # Cyrillic
    assert not any("Windows-1252" in str(each.why) for each in named.source.warnings)
    german = taken_file(XER / "links-de.xer")
    assert says(german, "Read as Windows-1252; --encoding names another code page.")


def test_two_projects_and_a_link_between_them() -> None:
    got = taken_file(XER / "MultiprojectWithExternal.xer")
    assert len(got.tasks) == 3
    projects = [got.ws.projects[each.project or 0].name for each in got.tasks]
    assert projects == ["(New Project)", "(New Project2)", "(New Project2)"]
    (arrow,) = got.ws.links.values()
    ends = [got.ws.tasks[end].title for end in (arrow.source, arrow.target)]
    assert ends[1] == "Activity 2 - 2"
    # Each begins with its own project.
    assert not any(each.not_before for each in got.tasks)


# --- durations, lags, progress -----------------------------------------------------------------


def test_a_day_has_the_hours_of_the_calendar_of_the_task(tmp_path: Path) -> None:
    got = tasks(tmp_path, task(1, 40), task(2, 40, calendar="2"), task(3, 12))
    assert [each.likely for each in got.tasks] == [5.0, 4.0, 1.5]
    assert says(got, "5×10", "Tasks have 1 calendar besides")


@pytest.mark.parametrize(
    ("which", "lag"),
    [("", 2.0), ("rcal_Predecessor", 2.0), ("rcal_Successor", 1.6), ("rcal_ProjDefault", 2.0)],
)
def test_a_lag_has_the_hours_of_the_calendar_that_is_set(
    tmp_path: Path, which: str, lag: float
) -> None:
    options = ("proj_id", "sched_calendar_on_relationship_lag")
    more = links(("2", "1", "PR_FS", "16"))
    if which:
        more += "\r\n" + table("SCHEDOPTIONS", options, ("1", which))
    pred = "\t".join(("%F", "task_id", "pred_task_id", "pred_type", "lag_hr_cnt"))
    more = more.replace(pred, f"{pred}\tproj_id").replace("PR_FS\t16", "PR_FS\t16\t1")
    got = tasks(tmp_path, task(1), task(2, calendar="2"), more=more)
    assert by_code(got) == {"A1 → A2": lag}


def test_a_lag_by_the_clock_is_told_in_working_days(tmp_path: Path) -> None:
    more = links(("2", "1", "PR_FS", "168")).replace("lag_hr_cnt", "lag_hr_cnt\tproj_id")
    more = more.replace("\t168", "\t168\t1")
    more += "\r\n" + table(
        "SCHEDOPTIONS", ("proj_id", "sched_calendar_on_relationship_lag"), ("1", "rcal_24Hour")
    )
    got = tasks(tmp_path, task(1), task(2), more=more)
    assert by_code(got) == {"A1 → A2": 5.0}
    assert says(got, "A1 → A2", "Lag read as 5")


@pytest.mark.parametrize(
    ("kind", "values", "percent"),
    [
        ("CP_Drtn", ("40", "10", "0", "0", "0"), 75.0),
        ("CP_Phys", ("40", "40", "30", "0", "0"), 30.0),
        ("CP_Units", ("40", "40", "0", "10", "30"), 25.0),
        # It takes longer than was planned.
        ("CP_Drtn", ("40", "66", "0", "0", "0"), None),
    ],
)
def test_how_much_is_done_is_measured_as_the_task_says(
    tmp_path: Path, kind: str, values: tuple[str, ...], percent: float | None
) -> None:
    fields = (
        *("complete_pct_type", "target_drtn_hr_cnt", "remain_drtn_hr_cnt", "phys_complete_pct"),
        *("act_work_qty", "remain_work_qty", "act_start_date"),
    )
    row = list(task(1, 40, kind, *values, "2026-12-07 08:00"))
    row[5] = "TK_Active"
    head = tuple(field for field in TASK if field != "target_drtn_hr_cnt")
    del row[8]
    text = plan(table("TASK", (*head, *fields), tuple(row)))
    (found,) = taken(text, tmp_path, name="plan.xer").tasks
    assert (found.state, found.progress) == ("doing", percent)
    assert found.passes[0].started is not None


@pytest.mark.parametrize(
    ("text", "number"),
    [("40", 40), ("40,5", 40.5), ("40.5", 40.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5)],
)
def test_numbers_are_read_with_either_decimal_sign(text: str, number: float) -> None:
    assert number_of(text) == number
    assert number_of(f"-{text}") == -number
    assert number_of(f"{text}x") is None


def test_constraints_become_dates_of_ours(tmp_path: Path) -> None:
    rows = [
        task(number, 16, kind, "2026-12-16 08:00")
        for number, kind in enumerate(
            ("CS_MSOA", "CS_MEOB", "CS_MEOA", "CS_MSOB", "CS_MANDFIN", "CS_ALAP", "CS_ODD"), 1
        )
    ]
    got = tasks(tmp_path, *rows, fields=("cstr_type", "cstr_date"))
    starts = {each.title: str(each.not_before) for each in got.tasks if each.not_before}
    dues = {each.title: str(each.due) for each in got.tasks if each.due}
    assert starts == {"t1": "2026-12-16", "t3": "2026-12-15"}
    assert dues == {"t2": "2026-12-16", "t4": "2026-12-17", "t5": "2026-12-16"}
    assert says(got, "cstr_type", "CS_ODD", "could not be read")
    assert says(got, "CS_ALAP", "As late as possible")


def test_a_suspended_task_waits(tmp_path: Path) -> None:
    row = list(task(1, 40, "2026-12-07 08:00", "2026-12-08 08:00", ""))
    row[5] = "TK_Active"
    fields = ("act_start_date", "suspend_date", "resume_date")
    got = tasks(tmp_path, tuple(row), fields=fields)
    assert got.tasks[0].state == "waiting"
    assert says(got, "suspend_date", "is suspended")


# --- what hangs on tasks -----------------------------------------------------------------------


def test_parts_without_tasks_are_left_out_and_empty_ones_too(tmp_path: Path) -> None:
    parts = table(
        "PROJWBS",
        ("wbs_id", "proj_id", "wbs_short_name", "wbs_name", "parent_wbs_id", "proj_node_flag"),
        ("1", "1", "U", "Umzug", "", "Y"),
        ("2", "1", "N", "Netz", "1", "N"),
        ("3", "1", "K", "Kabel", "2", "N"),
        ("4", "1", "L", "Leer", "1", "N"),
    )
    rows = [list(task(1)), list(task(2))]
    rows[0][2], rows[1][2] = "3", "1"
    got = tasks(tmp_path, *map(tuple, rows), more=parts)
    assert [each.phase for each in got.tasks] == ["Netz / Kabel", ""]
    assert {each.name for each in got.ws.projects.values()} == {"Umzug"}


def test_notebooks_steps_codes_and_added_fields(tmp_path: Path) -> None:
    more = (
        table("MEMOTYPE", ("memo_type_id", "memo_type"), ("9", "Hinweis")),
        table(
            "TASKMEMO",
            ("task_id", "memo_type_id", "task_memo"),
            ("1", "9", "Zeile 1\x7f\x7fZeile 2"),
        ),
        table(
            "TASKPROC",
            ("task_id", "seq_num", "proc_name", "complete_flag"),
            ("1", "2", "danach", "N"),
            ("1", "1", "zuerst", "Y"),
        ),
        table(
            "ACTVTYPE", ("actv_code_type_id", "actv_code_type"), ("7", "Abteilung"), ("8", "Los")
        ),
        table(
            "ACTVCODE",
            ("actv_code_id", "actv_code_type_id", "short_name", "actv_code_name"),
            ("70", "7", "NE", "Netz"),
            ("80", "8", "L1", "Los 1"),
        ),
        table("TASKACTV", ("task_id", "actv_code_id"), ("1", "70"), ("1", "80")),
        table(
            "UDFTYPE",
            ("udf_type_id", "table_name", "udf_type_label"),
            ("5", "TASK", "Kostenstelle"),
        ),
        table("UDFVALUE", ("udf_type_id", "fk_id", "udf_text"), ("5", "1", "4711")),
    )
    got = tasks(tmp_path, task(1), more="\r\n".join(more))
    (one,) = got.tasks
    assert one.checklist == (Item(text="zuerst", done=True), Item(text="danach", done=False))
    assert one.notes.splitlines() == [
        *("Hinweis: Zeile 1", "Zeile 2", "Los: Los 1", "Kostenstelle: 4711")
    ]
    assert got.ws.departments[one.department or 0].name == "Netz"
    assert says(got, "Kostenstelle", "4711", "its value is in the notes")


def test_a_value_may_go_on_in_the_next_line(tmp_path: Path) -> None:
    memo = ("task_id", "create_user", "task_memo", "memo_type_id", "update_user")
    more = table("TASKMEMO", memo, ("1", "me", "Zeile 1\nZeile 2", "9", "you\nshe"))
    kinds = table("MEMOTYPE", ("memo_type_id", "memo_type"), ("9", "Hinweis"))
    (one,) = tasks(tmp_path, task(1), more=f"{kinds}\r\n{more}").tasks
    assert one.notes == "Hinweis: Zeile 1\nZeile 2"


def test_people_are_told_from_machines_and_materials(tmp_path: Path) -> None:
    resources = table(
        "RSRC",
        ("rsrc_id", "rsrc_name", "rsrc_short_name", "rsrc_type"),
        ("1", "Bo Lind", "R-12", "RT_Labor"),
        ("2", "Kabel", "K", "RT_Mat"),
        ("3", "Ada", "A", "RT_Labor"),
        ("4", "Nobody", "N", "RT_Labor"),
    )
    assigned = table(
        "TASKRSRC",
        ("task_id", "rsrc_id", "target_qty", "act_reg_qty", "act_ot_qty"),
        ("1", "1", "16", "4", "4"),
        ("1", "3", "8,0", "0", ""),
        ("1", "2", "120", "", ""),
    )
    got = tasks(tmp_path, task(1), more=f"{resources}\r\n{assigned}")
    (one,) = got.tasks
    people = got.ws.people
    assert {each.login for each in people.values()} == {"Bo Lind", "Ada"}
    assert people[one.assignee or 0].login == "Bo Lind"
    assert (one.effort, one.spent, one.notes) == (3.0, 1.0, "Kabel: 120")
    assert says(got, "Nobody", "1 resource without a task")


def test_the_free_days_of_the_calendar_are_told(tmp_path: Path) -> None:
    week = "".join(f"(0||{day}()((0||0(s|08:00|f|16:00)())))" for day in range(2, 6))
    data = (
        f"(0||CalendarData()((0||DaysOfWeek()((0||1()()){week}(0||6()())(0||7()())))"
        "(0||VIEW(ShowTotal|N)())(0||Exceptions()((0||0(d|46364)())"
        "(0||1(d|46365)((0||0(s|08:00|f|12:00)()))))))"
    )
    text = plan(table("TASK", TASK, task(1))).replace("5×8\t8", f"5×8\t8\t{data}")
    text = text.replace("day_hr_cnt", "day_hr_cnt\tclndr_data", 1)
    got = taken(text, tmp_path, name="plan.xer")
    assert says(got, "another week"), told(got)
    assert says(got, "2026-12-08"), told(got)
    assert not says(got, "2026-12-09")


# --- again, and what is refused ----------------------------------------------------------------


def test_the_same_plan_again_is_an_update(tmp_path: Path) -> None:
    first = tasks(tmp_path, task(1), task(2))
    assert [each.origin for each in first.tasks] == ["p6:UMZUG:A1", "p6:UMZUG:A2"]
    assert read(tmp_path / "plan.xer", today=NOW.today, ws=first.ws).is_here(first.ws)


def test_a_plan_that_was_cut_off_is_compared_with_nothing(tmp_path: Path) -> None:
    whole = plan(table("TASK", TASK, task(1), task(2)))
    cut = whole[: whole.rindex("%E")]
    desk = Desk(tmp_path)
    desk.take(cut, "plan.xer")
    with pytest.raises(BadInput, match=r"does not end with %E.*Export it again"):
        desk.update(cut, "plan.xer")
    assert not desk.update(whole, "plan.xer").comparison.changed


@pytest.mark.parametrize(
    ("text", "why"),
    [("ERMHDR\t20\r\n%T\tTASK\r\n%R\t1", "Cannot read"), (plan(), "contains no tasks")],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        taken(text, tmp_path, name="plan.xer", ws=Workspace())


def test_a_day_that_is_none_is_told(tmp_path: Path) -> None:
    row = list(task(1))
    row[9], row[8] = "2026-02-30 08:00", "viel"
    got = tasks(tmp_path, tuple(row))
    assert says(got, "target_start_date | 2026-02-30 08:00"), told(got)
    assert says(got, "target_drtn_hr_cnt | viel")
    assert got.tasks[0].not_before is None or got.tasks[0].not_before > date(2026, 1, 1)


@pytest.mark.parametrize("day", ["0001-01-01 00:00", "9999-12-31 23:59"])
def test_days_at_either_end_of_time_are_no_trouble(tmp_path: Path, day: str) -> None:
    row = [*task(1, 40, day, day)]
    row[5] = "TK_Complete"
    (one,) = tasks(tmp_path, tuple(row), fields=("act_start_date", "act_end_date")).tasks
    assert one.state == "done"
