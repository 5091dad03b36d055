"""GanttProject: tasks, links of every kind, people and calendars, and what others write so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.builders import NOW
from tests.exchange.foreign.samples import EXCHANGE, facts, says, told
from tests.exchange.lists import Taken, taken, taken_file
from tracker.domain.errors import BadInput
from tracker.domain.model import Absence, Baseline, Person
from tracker.exchange.importing import read

GAN = EXCHANGE / "gan"
SAMPLES = sorted(GAN.glob("*.gan"))


def sample(name: str) -> Taken:
    return taken_file(GAN / f"{name}.gan")


def plan(*tasks: str, more: str = "", calendar: str = "") -> str:
    """Return a file with tasks in XML and what else stands beside them."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<project name="P" gantt-divider-location="1" version="3.3" webLink="http://">'
        f"<calendars>{calendar}</calendars><tasks>{''.join(tasks)}</tasks>{more}</project>"
    )


def task(id: int, start: str, days: int = 2, inner: str = "", **more: str) -> str:
    """Return a task in XML, called `t` and its id."""
    attributes = {"id": str(id), "name": f"t{id}", "start": start, "duration": str(days)} | more
    said = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<task {said}>{inner}</task>"


def depend(id: int, kind: int = 2, days: int = 0, hardness: str = "Strong") -> str:
    return f'<depend id="{id}" type="{kind}" difference="{days}" hardness="{hardness}"/>'


def read_plan(folder: Path, *tasks: str, more: str = "", calendar: str = "") -> Taken:
    return taken(plan(*tasks, more=more, calendar=calendar), folder, name="plan.gan")


def by_name(got: Taken) -> dict[str, float]:
    """Return the arrows with their lags, by what the titles end with."""
    title = {task.id: task.title.removeprefix("t") for task in got.tasks}
    return {f"{title[a]} → {title[b]}": lag for a, b, lag in got.needs}


# --- samples -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_gives_what_is_wanted_of_it(path: Path) -> None:
    from json import loads

    wanted = loads(path.with_name(f"{path.name}.expected.json").read_text())["wanted"]
    got = taken_file(path)
    assert got.report.format == "ganttproject"
    assert len(got.tasks) == wanted["tasks"]
    assert len(got.needs) == wanted["arrows"]
    numbers = {each.id: str(each.id) for each in got.tasks}
    zero = next((each.id for each in got.tasks if "#0" in each.origin or each.title == "task A"), 0)
    numbers[zero] = "0"
    lags = {f"{numbers[a]} → {numbers[b]}": lag for a, b, lag in got.needs if lag}
    assert lags == wanted["lags"]
    turned = [
        each for each in got.report.approximated if "imported as finish-to-start" in str(each.why)
    ]
    assert len(turned) == wanted["converted_from_other_types"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_another_reader_finds_the_same_durations_and_progress(path: Path) -> None:
    got = {each.title: each for each in taken_file(path).tasks}
    for fact in facts(path):
        found = got[fact["title"]]
        assert found.likely == fact["duration_days"]
        assert (found.progress or 0) == fact["percent"]
        assert found.milestone == (fact["duration_days"] == 0)


def test_states_priorities_notes_links_and_constraints() -> None:
    (done,) = sample("task-with-completion-percentage").tasks
    assert (done.state, done.progress) == ("doing", 64.0)
    priorities = {each.title: each.priority for each in sample("task-with-priority").tasks}
    assert set(priorities.values()) == {"low", "medium", "high", "critical"}
    assert says(sample("task-with-priority"), "priority", "The lowest priority of")
    (noted,) = sample("task-with-notes").tasks
    assert noted.notes
    (linked,) = sample("task-with-web-link").tasks
    assert linked.notes.startswith("http")
    assert "%3A" not in linked.notes
    (early,) = sample("task-with-earliest-start-date").tasks
    assert early.not_before is not None
    (stone,) = sample("milestone-task").tasks
    assert (stone.milestone, stone.likely) == (True, 0.0)


def test_a_coordinator_does_the_task_and_the_others_watch() -> None:
    got = sample("task-with-coordinator-assignee")
    (one,) = got.tasks
    people = got.ws.people
    assert people[one.assignee or 0].login == "John Doe"
    assert [people[key].login for key in one.watchers] == ["Jane Doe"]
    assert one.notes == "John Doe: 50 %\nJane Doe: 50 %"


def test_people_are_away_until_the_day_before_the_end_of_their_vacation() -> None:
    got = sample("resource-with-vacation")
    (person,) = got.change.born(Person)
    assert person.absences == (Absence(first=date(2024, 1, 1), last=date(2024, 1, 31)),)


def test_baselines_keep_the_days_of_leaves() -> None:
    got = sample("baseline-with-subtasks")
    (kept,) = got.change.born(Baseline)
    assert kept.name == "baseline A"
    (row,) = kept.plan
    assert (row.id, row.start, row.finish) == (1, date(2024, 1, 4), date(2024, 1, 5))
    assert says(got, "when its baselines were taken")


def test_phases_come_from_the_summaries() -> None:
    got = sample("task-with-collapsed-subtasks")
    assert all(each.phase for each in got.tasks if each.phase) and len(got.tasks) == 3  # noqa: PT018
    assert any(each.phase for each in got.tasks)


def test_arrows_of_another_writer_are_read_by_the_rules_and_doubted() -> None:
    got = sample("foreign-writer")
    assert says(got, "4 of 4 arrows run against the dates", "not written by GanttProject")
    assert not says(sample("task-with-dependencies"), "run against the dates")


# --- dependencies, days and columns ------------------------------------------------------------


def test_a_dependency_stands_in_its_predecessor(tmp_path: Path) -> None:
    got = read_plan(
        tmp_path,
        task(1, "2026-12-07", inner=depend(2) + depend(3, days=-1, hardness="Rubber")),
        task(2, "2026-12-09"),
        task(3, "2026-12-08"),
    )
    assert by_name(got) == {"1 → 2": 0.0, "1 → 3": -1.0}
    assert not says(got, "start")


def test_a_link_to_what_is_not_there_is_told_and_noted(tmp_path: Path) -> None:
    got = read_plan(tmp_path, task(1, "2026-12-07", inner=depend(9)))
    assert says(got, "9 is not in the file")
    assert got.tasks[0].notes == "1 → 9 FS"


def test_a_start_that_nothing_explains_is_kept(tmp_path: Path) -> None:
    got = read_plan(
        tmp_path,
        task(1, "2026-12-07", inner=depend(2) + depend(3, hardness="Rubber")),
        task(2, "2026-12-09"),
        task(3, "2026-12-21"),
    )
    starts = {each.title: each.not_before for each in got.tasks}
    assert starts == {"t1": None, "t2": None, "t3": date(2026, 12, 21)}
    assert says(got, "2026-12-21", "No link explains this start")
    assert not says(got, "strong")


def test_a_strong_dependency_that_does_not_hold_is_told(tmp_path: Path) -> None:
    late = (task(1, "2026-12-07", inner=depend(3)), task(3, "2026-12-21"))
    assert says(read_plan(tmp_path, *late), "depend", "later than its strong dependencies say")
    # Another one pulls it there.
    both = (*late, task(2, "2026-12-17", inner=depend(3)))
    assert not says(read_plan(tmp_path, *both), "strong dependencies")


def test_the_calendar_of_the_file_counts(tmp_path: Path) -> None:
    calendar = (
        '<day-types><default-week sun="1" sat="1" fri="1"/></day-types>'
        '<date year="" month="12" date="8" type="HOLIDAY">Umzug</date>'
        '<date year="2026" month="12" date="11" type="WORKING_DAY"/>'
        '<date year="2026" month="12" date="9" type="NEUTRAL"/>'
        '<date year="2026" month="13" date="1" type="HOLIDAY"/>'
    )
    got = read_plan(
        tmp_path,
        # Monday, Wednesday and Thursday, then Friday, which is worked for once.
        task(1, "2026-12-07", 3, inner=depend(2)),
        task(2, "2026-12-11", 1),
        calendar=calendar,
    )
    assert not says(got, "run against") and not says(got, "starts before")  # noqa: PT018
    assert says(got, "another week")
    assert says(got, "1 free day of the file is a working day here", "2026-12-08")
    assert says(got, "date", "1 free day of the week is worked in the file")
    assert says(got, "month=13", "no such day")


def test_columns_of_their_own_are_fields_or_notes(tmp_path: Path) -> None:
    columns = (
        "<taskproperties>"
        '<taskproperty id="c0" name="Abteilung" type="custom" valuetype="text"/>'
        '<taskproperty id="c1" name="Kostenstelle" type="custom" valuetype="text"'
        ' defaultvalue="0"/>'
        '<taskproperty id="c2" name="Fertig" type="custom" valuetype="boolean">'
        '<simple-select select="completion=100"/></taskproperty></taskproperties>'
    )

    def value(column: str, text: str) -> str:
        return f'<customproperty taskproperty-id="{column}" value="{text}"/>'

    first = value("c0", "Netz &amp; Betrieb") + value("c1", "4711") + value("c2", "true")
    got = read_plan(
        tmp_path,
        columns,
        task(1, "2026-12-07", inner=first),
        task(2, "2026-12-07", inner=value("c1", "0")),
    )
    one, two = got.tasks
    assert got.ws.departments[one.department or 0].name == "Netz & Betrieb"
    assert (one.notes, two.notes) == ("Kostenstelle: 4711", "")
    assert says(got, "Kostenstelle", "its value is in the notes of 1 task")


def test_what_cannot_be_read_is_told_where_it_stands(tmp_path: Path) -> None:
    got = read_plan(
        tmp_path,
        task(1, "2026-02-30", inner='<depend id="2" type="7"/>', complete="much", priority="9"),
        task(2, "2026-12-07", -3),
    )
    for column, value in (
        ("start", "2026-02-30"),
        ("depend", "type=7"),
        ("complete", "much"),
        ("priority", "9"),
        ("duration", "-3"),
    ):
        assert says(got, f"{column} | ", value), told(got)


def test_the_same_file_again_is_an_update(tmp_path: Path) -> None:
    path = tmp_path / "plan.gan"
    path.write_text(plan(task(0, "2026-12-07", uid="abc"), task(1, "2026-12-07")))
    first = taken_file(path)
    assert [each.origin for each in first.tasks] == ["gan:abc", "gan:plan#1"]
    path.write_text(plan(task(0, "2026-12-07", uid="abc", name="Neu"), task(1, "2026-12-07")))
    assert read(path, today=NOW.today, ws=first.ws).is_here(first.ws)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"<!DOCTYPE project>{plan()[38:]}", "DOCTYPE"),
        (plan(*["<task>"] * 50, *["</task>"] * 50), "nested"),
        (plan(task(1, "2026-12-07"))[:-12], "Cannot read"),
    ],
)
def test_absurd_files_are_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        taken(text, tmp_path, name="plan.gan")
