"""Plans of Microsoft Project become what their samples are said to be, and nothing is lost."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests import ROOT
from tests.builders import NOW, TODAY
from tracker.domain.errors import BadInput
from tracker.domain.model import Baseline, Department, Person, Project
from tracker.domain.workspace import Workspace
from tracker.exchange.foreign import mspdi
from tracker.exchange.merge import lay
from tracker.exchange.recognising import recognise
from tracker.exchange.source import ReadOptions, Source, SourceTask

DATA = ROOT / "tests/data/exchange/mspdi"
SAMPLES = sorted(DATA.glob("*.xml"))
# Three more in what is wanted of it say what others do: its inner milestone leads to the last task.
_IMPLIED = {"project2007.xml": 3}


def read(path: Path) -> Source:
    return mspdi.read(path.read_bytes(), path.name, ReadOptions(today=TODAY))


def plan(*tasks: str, head: str = "", more: str = "") -> Source:
    """Return what is read in a plan of tasks, each the elements of one."""
    found = "".join(f"<Task>{each}</Task>" for each in tasks)
    data = f"<Project><StartDate>2026-12-07T08:00:00</StartDate>{head}<Tasks>{found}</Tasks>{more}"
    return mspdi.read(f"{data}</Project>".encode(), "plan.xml", ReadOptions(today=TODAY))


def task(uid: int | str, more: str = "", *, name: str = "A", days: float | None = 2.0) -> str:
    duration = "" if days is None else f"<Duration>PT{days * 8:g}H0M0S</Duration>"
    return f"<UID>{uid}</UID><ID>{uid}</ID><Name>{name}</Name>{duration}{more}"


def link(uid: int, more: str = "") -> str:
    return f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID>{more}</PredecessorLink>"


def by_number(source: Source) -> dict[str, SourceTask]:
    return {task.number: task for task in source.tasks}


def arrows(source: Source, kind: str = "needs") -> dict[str, float]:
    return {
        " → ".join(
            source.tasks[end].number for end in (each.source, each.target)
        ): each.options.get("lag", 0.0)
        for each in source.links
        if each.kind == kind
    }


def told(source: Source) -> list[str]:
    remarks = (*source.warnings, *source.approximations)
    return [*(str(each.why) for each in remarks), *(str(each.why) for each in source.skipped)]


def says(source: Source, text: str) -> bool:
    return any(text in each for each in told(source))


# --- samples -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_becomes_what_is_wanted(path: Path) -> None:
    wanted = json.loads((DATA / f"{path.name}.expected.json").read_text("utf-8"))["wanted"]
    source = read(path)
    uids = {each.fields["origin"].rpartition("#")[2]: each.number for each in source.tasks}

    def ours(arrow: str) -> str:
        return " → ".join(uids[end] for end in arrow.split(" → "))

    assert len(source.tasks) == wanted["tasks"]
    assert len(source.links) == wanted["arrows"] - _IMPLIED.get(path.name, 0)
    found = arrows(source)
    lags = {arrow: lag for arrow, lag in found.items() if lag}
    assert lags == pytest.approx(
        {ours(name): lag for name, lag in wanted["lags"].items()}, abs=1e-3
    )
    assert all(ours(name) in found for name in wanted["arrows_in_cycles"])
    made = [each for each in source.approximations if "became a milestone" in str(each.why)]
    assert len(made) == len(wanted["milestones_added"])
    converted = [each for each in source.approximations if "finish-to-start" in str(each.why)]
    assert len(converted) == wanted["converted_from_other_types"]
    missing = [each for each in source.warnings if "was not drawn" in str(each.why)]
    assert len(missing) == len(wanted["not_drawn"])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_titles_dates_and_durations_are_those_another_reader_found(path: Path) -> None:
    facts = json.loads((DATA / f"{path.name}.expected.json").read_text("utf-8"))["facts"]
    source = read(path)
    leaves = {each.fields["origin"].rpartition("#")[2]: each for each in source.tasks}
    for sample in facts["samples"]:
        found = leaves.get(sample["id"])
        if found is None or sample.get("summary"):
            continue
        assert found.fields["title"] == sample["title"]
        days = sample["duration_days"]
        if isinstance(days, (int, float)):
            assert found.fields["likely"] == pytest.approx(days, abs=1e-3)
        done = found.fields["state"] == "done"
        assert done == (sample["percent"] == 100)


def test_a_project_begins_when_its_plan_does() -> None:
    [project] = [each for each in plan(task(1)).entities if isinstance(each, Project)]
    assert (project.start, project.target) == (date(2026, 12, 7), None)
    back = "<ScheduleFromStart>0</ScheduleFromStart><FinishDate>2027-03-01T00:00:00</FinishDate>"
    source = plan(task(1), head=back)
    [project] = [each for each in source.entities if isinstance(each, Project)]
    assert (project.start, project.target) == (None, date(2027, 2, 28))
    assert says(source, "Scheduled back from its end")


def test_a_second_import_knows_tasks_by_more_than_their_titles() -> None:
    first = read(DATA / "german-full.xml")
    change, _report = lay(first, Workspace(), NOW)
    ws = Workspace().apply(change)
    text = (DATA / "german-full.xml").read_text("utf-8").replace("<Name>", "<Name>Neu: ")
    second = mspdi.read(text.encode(), "v2.xml", ReadOptions(today=TODAY))
    assert len(recognise(second, ws).here) == len(ws.tasks) == len(second.tasks)


def test_the_german_sample_is_read_in_full() -> None:
    source = read(DATA / "german-full.xml")
    tasks = by_number(source)
    assert source.project == "Umzug Rechenzentrum"
    assert (tasks["3"].fields["low"], tasks["3"].fields["likely"], tasks["3"].fields["high"]) == (
        *(5.0, 8.0, 14.0),
    )
    assert tasks["3"].fields["department"] == "Netz"
    assert tasks["3"].fields["due"] == date(2026, 12, 22)
    assert tasks["3"].fields["assignee"] == "Ada Quist"
    assert tasks["3"].fields["effort"] == 4.0
    assert tasks["3"].fields["progress"] == 50.0
    assert "<b>kein Markup</b>" in tasks["3"].fields["notes"]
    assert tasks["2"].fields["state"] == "done"
    assert tasks["13"].fields["state"] == "dropped"
    assert tasks["11"].fields["not_before"] == date(2027, 1, 25)
    assert tasks["9"].fields["watchers"] == ["Bo Lind"]
    assert "Kabel: 120" in tasks["9"].fields["notes"]
    assert tasks["2"].fields["phase"] == "Vorbereitung"
    # The free days of the file explain why this begins so late.
    assert "not_before" not in tasks["4"].fields
    people = {each.login: each for each in source.entities if isinstance(each, Person)}
    assert set(people) == {"Ada Quist", "Bo Lind"}
    assert [str(away.first) for away in people["Ada Quist"].absences] == ["2027-01-14"]
    lanes = {each.name: each for each in source.entities if isinstance(each, Department)}
    assert people["Ada Quist"].department == lanes["Netz"].id
    assert date(2026, 12, 28) in lanes["Netz"].days_off
    assert says(source, "1 blank row was left out.")


def test_nothing_in_the_samples_is_left_to_the_last_line_of_the_report() -> None:
    left = {
        each.column
        for path in SAMPLES
        for each in read(path).warnings
        if "Not taken" in str(each.why)
    }
    assert left == {"Project/Company"}


# --- mistakes that others have made ------------------------------------------------------------


@pytest.mark.parametrize("format", ["3", "5", "7", "9", "11", "21", "35", "39", ""])
def test_a_lag_is_tenths_of_a_minute_whatever_its_format(format: str) -> None:
    lag = f"<LinkLag>4800</LinkLag><LagFormat>{format}</LagFormat>"
    assert arrows(plan(task(1), task(2, link(1, lag)))) == {"1 → 2": 1.0}
    short = f"<LinkLag>300</LinkLag><LagFormat>{format}</LagFormat>"
    assert arrows(plan(task(1), task(2, link(1, short)))) == {"1 → 2": 0.0625}


@pytest.mark.parametrize("format", ["19", "20", "51", "52"])
def test_a_lag_in_per_cent_is_a_share_of_the_predecessor(format: str) -> None:
    lag = f"<LinkLag>50</LinkLag><LagFormat>{format}</LagFormat>"
    assert arrows(plan(task(1, days=6), task(2, link(1, lag)))) == {"1 → 2": 3.0}


@pytest.mark.parametrize("format", ["4", "6", "8", "10", "12", "40"])
def test_an_elapsed_lag_counts_days_of_the_calendar(format: str) -> None:
    lag = f"<LinkLag>100800</LinkLag><LagFormat>{format}</LagFormat>"
    dates = "<Start>2026-12-07T08:00:00</Start><Finish>2026-12-08T17:00:00</Finish>"
    source = plan(task(1, dates), task(2, link(1, lag)))
    assert arrows(source) == {"1 → 2": 5.0}


def test_an_end_at_midnight_is_that_of_the_day_before() -> None:
    ended = (
        "<PercentComplete>100</PercentComplete><ActualStart>2026-12-07T08:00:00</ActualStart>"
        "<ActualFinish>2026-12-09T00:00:00</ActualFinish>"
    )
    [run] = by_number(plan(task(1, ended)))["1"].fields["passes"]
    assert run.ended.astimezone().date() == date(2026, 12, 8)


def test_links_wait_until_all_tasks_are_read() -> None:
    late = task(1, link(2) + "<Start>2026-12-09T08:00:00</Start>")
    first = task(
        2, "<Start>2026-12-07T08:00:00</Start><Finish>2026-12-08T17:00:00</Finish>", days=2
    )
    source = plan(late, first, task(3, link(1)))
    assert arrows(source) == {"2 → 1": 0.0, "1 → 3": 0.0}
    assert "not_before" not in by_number(source)["1"].fields


def test_blank_rows_are_counted_and_links_keep_their_ends() -> None:
    blank = "<UID>2</UID><ID>2</ID><IsNull>1</IsNull>"
    source = plan(task(1), blank, "<UID>3</UID><ID>3</ID>", task(4, link(1)))
    assert arrows(source) == {"1 → 4": 0.0}
    assert says(source, "2 blank rows were left out.")


def test_people_are_not_mixed_up_by_their_initials() -> None:
    team = (
        "<Resources>"
        "<Resource><UID>0</UID><ID>0</ID><Type>1</Type></Resource>"
        "<Resource><UID>7</UID><ID>1</ID><Name>Ada Quist</Name><Initials>A</Initials></Resource>"
        "<Resource><UID>3</UID><ID>2</ID><Name>Anna Quist</Name><Initials>AQ</Initials></Resource>"
        "<Resource><UID>4</UID><ID>3</ID><Name>Arne Quast</Name><Initials>aq</Initials></Resource>"
        "<Resource><UID>5</UID><ID>4</ID><Name>Bo Lind</Name><Initials>bl</Initials></Resource>"
        "</Resources><Assignments>"
        "<Assignment><UID>1</UID><TaskUID>1</TaskUID><ResourceUID>7</ResourceUID></Assignment>"
        "<Assignment><UID>2</UID><TaskUID>2</TaskUID><ResourceUID>3</ResourceUID></Assignment>"
        "<Assignment><UID>3</UID><TaskUID>3</TaskUID><ResourceUID>5</ResourceUID></Assignment>"
        "<Assignment><UID>4</UID><TaskUID>4</TaskUID><ResourceUID>-65535</ResourceUID></Assignment>"
        "</Assignments>"
    )
    source = plan(*(task(n) for n in range(1, 5)), more=team)
    found = {key: each.fields.get("assignee") for key, each in by_number(source).items()}
    assert found == {"1": "Ada Quist", "2": "Anna Quist", "3": "bl", "4": None}


def test_files_with_hardly_an_element_are_read() -> None:
    source = plan(
        "<UID>1</UID><Name>A</Name>", "<UID>2</UID><Name>B</Name>" + link(1), "<UID>4</UID>"
    )
    assert [each.fields["title"] for each in source.tasks] == ["A", "B"]
    assert arrows(source) == {"1 → 2": 0.0}
    dated = "<Start>2026-12-07T08:00:00</Start><Finish>2026-12-09T17:00:00</Finish>"
    source = plan(task(1, dated, days=None))
    assert source.tasks[0].fields["likely"] == 3.0
    assert says(source, "No duration is given")


def test_ids_need_not_be_numbers() -> None:
    source = plan(
        "<UID>a-1</UID><ID>1</ID><Name>A</Name>",
        "<UID>b</UID><ID>2</ID><Name>B</Name>"
        "<PredecessorLink><PredecessorUID>a-1</PredecessorUID></PredecessorLink>",
    )
    assert arrows(source) == {"1 → 2": 0.0}
    assert source.tasks[0].fields["origin"] == "mspdi:plan#a-1"


def test_what_is_inactive_is_dropped_and_a_summary_by_hand_moves_nothing() -> None:
    by_hand = "<Manual>1</Manual><Start>2027-02-01T08:00:00</Start>"
    below = "<OutlineLevel>2</OutlineLevel>"
    source = plan(
        task(1, f"<OutlineLevel>1</OutlineLevel><Summary>1</Summary>{by_hand}", name="Phase"),
        task(2, f"{below}<Active>0</Active>"),
        task(3, f"{below}<Start>2026-12-07T08:00:00</Start>"),
        task(4, f"<OutlineLevel>1</OutlineLevel>{by_hand}"),
    )
    tasks = by_number(source)
    assert tasks["2"].fields["state"] == "dropped"
    assert "not_before" not in tasks["3"].fields
    assert tasks["4"].fields["not_before"] == date(2027, 2, 1)


# --- dates, work, columns ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "field", "day", "said"),
    [
        (0, None, None, False),
        (1, None, None, True),
        (2, "not_before", date(2026, 12, 16), True),
        (3, "due", date(2026, 12, 16), True),
        (4, "not_before", date(2026, 12, 16), False),
        (5, "due", date(2026, 12, 18), True),
        (6, "not_before", date(2026, 12, 14), True),
        (7, "due", date(2026, 12, 16), False),
    ],
)
def test_constraints_are_what_comes_near_them(
    kind: int, field: str | None, day: date | None, said: bool
) -> None:
    at = "<ConstraintDate>2026-12-16T08:00:00</ConstraintDate>"
    source = plan(task(1, f"<ConstraintType>{kind}</ConstraintType>{at}", days=3))
    fields = source.tasks[0].fields
    days = {name: fields[name] for name in ("due", "not_before") if fields.get(name)}
    assert days == ({field: day} if field else {})
    assert bool(source.approximations) == said


def test_of_deadline_and_constraint_the_earlier_is_due() -> None:
    at = "<ConstraintType>7</ConstraintType><ConstraintDate>2026-12-16T08:00:00</ConstraintDate>"
    source = plan(task(1, f"{at}<Deadline>2026-12-14T17:00:00</Deadline>"))
    assert source.tasks[0].fields["due"] == date(2026, 12, 14)
    assert says(source, "Deadline and constraint differ")
    source = plan(task(1, "<ConstraintType>7</ConstraintType>"))
    assert says(source, "This constraint has no date")


def test_priorities_of_a_thousand_are_four_steps() -> None:
    given = {0: "low", 300: "low", 400: "medium", 600: "medium", 601: "high", 801: "critical"}
    source = plan(*(task(n + 1, f"<Priority>{value}</Priority>") for n, value in enumerate(given)))
    assert [each.fields["priority"] for each in source.tasks] == [*given.values()]
    assert says(source, "5 tasks have priorities between ours")


def test_columns_with_german_names_are_fields_and_others_notes() -> None:
    columns = {
        188743737: ("Text3", "Kostenstelle", "4711"),
        188743731: ("Text1", "Abteilung", "Netz"),
        188743734: ("Text2", "Wartet auf", "Einkauf"),
        188743945: ("Datum1", "Wiedervorlage", "2026-12-10T08:00:00"),
        188743740: ("Text4", "Status", "wartet"),
        188743743: ("Text5", "Ampel", "gelb"),
        188743946: ("Datum2", "Gültig bis", "irgendwann"),
        188743785: ("Dauer3", "Pessimistisch", "PT40H0M0S"),
    }
    defined = "".join(
        f"<ExtendedAttribute><FieldID>{key}</FieldID><FieldName>{name}</FieldName>"
        f"<Alias>{alias}</Alias></ExtendedAttribute>"
        for key, (name, alias, _) in columns.items()
    )
    given = "".join(
        f"<ExtendedAttribute><FieldID>{key}</FieldID><Value>{value}</Value></ExtendedAttribute>"
        for key, (_, _, value) in columns.items()
    )
    head = f"<ExtendedAttributes>{defined}</ExtendedAttributes>"
    source = plan(task(1, given), head=head)
    fields = source.tasks[0].fields
    assert (fields["department"], fields["waiting_for"], fields["state"], fields["high"]) == (
        *("Netz", "Einkauf", "waiting", 5.0),
    )
    assert fields["follow_up"] == date(2026, 12, 10)
    assert fields["notes"].split("\n") == [
        "Kostenstelle: 4711",
        "Ampel: gelb",
        "Gültig bis: irgendwann",
    ]
    noted = {each.column for each in source.warnings if "no field for this column" in str(each.why)}
    assert noted == {"Kostenstelle", "Ampel"}


def test_outline_codes_are_columns_of_words() -> None:
    head = (
        "<OutlineCodes><OutlineCode><FieldID>188744096</FieldID><Alias>Abteilung</Alias><Values>"
        "<Value><ValueID>7</ValueID><Value>Netz</Value></Value></Values></OutlineCode>"
        "</OutlineCodes>"
    )
    code = "<OutlineCode><FieldID>188744096</FieldID><ValueID>7</ValueID></OutlineCode>"
    assert plan(task(1, code), head=head).tasks[0].fields["department"] == "Netz"


def test_a_state_that_contradicts_the_work_gives_way() -> None:
    head = (
        "<ExtendedAttributes><ExtendedAttribute><FieldID>1</FieldID><FieldName>Text1</FieldName>"
        "<Alias>Status</Alias></ExtendedAttribute></ExtendedAttributes>"
    )
    state = "<ExtendedAttribute><FieldID>1</FieldID><Value>offen</Value></ExtendedAttribute>"
    done = "<PercentComplete>100</PercentComplete>"
    source = plan(task(1, done + state), head=head)
    assert source.tasks[0].fields["state"] == "done"
    assert says(source, "what is complete of it counts")


def test_work_in_hours_is_that_of_the_files_own_day() -> None:
    more = (
        "<Resources><Resource><UID>1</UID><Name>Ada</Name></Resource></Resources><Assignments>"
        "<Assignment><UID>1</UID><TaskUID>1</TaskUID><ResourceUID>1</ResourceUID>"
        "<Work>PT15H0M0S</Work><ActualWork>PT7H30M0S</ActualWork></Assignment></Assignments>"
    )
    day = "<MinutesPerDay>450</MinutesPerDay>"
    source = plan(task(1, "<Work>PT22H30M0S</Work>", days=None), head=day, more=more)
    fields = source.tasks[0].fields
    assert (fields["effort"], fields["spent"]) == (2.0, 1.0)
    assert says(source, "Its work is 22.5 h, that of its assignments 15")


def test_baselines_keep_start_and_finish() -> None:
    kept = (
        "<Baseline><Number>0</Number><Start>2026-12-07T08:00:00</Start>"
        "<Finish>2026-12-08T17:00:00</Finish><Work>PT16H0M0S</Work></Baseline>"
        "<Baseline><Number>3</Number><Start>2026-12-09T08:00:00</Start></Baseline>"
    )
    source = plan(task(1, kept))
    found = [each for each in source.entities if isinstance(each, Baseline)]
    assert [each.name for each in found] == ["Baseline 0 (plan.xml)", "Baseline 3 (plan.xml)"]
    assert (found[0].plan[0].start, found[0].plan[0].finish) == (
        *(date(2026, 12, 7), date(2026, 12, 8)),
    )
    assert says(source, "Work and costs in the baselines of 1 task")


def test_free_days_by_files_of_all_ages() -> None:
    old = (
        "<WeekDays><WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod>"
        "<FromDate>2026-12-14T00:00:00</FromDate><ToDate>2026-12-15T23:59:00</ToDate></TimePeriod>"
        "</WeekDay></WeekDays>"
    )
    yearly = (
        "<Exceptions><Exception><TimePeriod><FromDate>2026-05-04T00:00:00</FromDate>"
        "<ToDate>2028-05-04T23:59:00</ToDate></TimePeriod><Type>2</Type><Month>4</Month>"
        "<MonthDay>4</MonthDay><DayWorking>0</DayWorking></Exception><Exception><TimePeriod>"
        "<FromDate>2026-05-09T00:00:00</FromDate><ToDate>2026-05-09T23:59:00</ToDate></TimePeriod>"
        "<Type>1</Type><DayWorking>1</DayWorking></Exception></Exceptions>"
    )
    person = "<UID>1</UID><Name>Ada</Name><Group>Netz</Group>"
    group = f"<Resources><Resource>{person}</Resource></Resources>"
    for calendar, days in (
        (old, [date(2026, 12, 14), date(2026, 12, 15)]),
        (yearly, [date(2026, 5, 4), date(2027, 5, 4), date(2028, 5, 4)]),
    ):
        head = (
            f"<CalendarUID>1</CalendarUID><Calendars><Calendar><UID>1</UID>{calendar}</Calendar>"
            "</Calendars>"
        )
        source = plan(task(1), head=head, more=group)
        [lane] = [each for each in source.entities if isinstance(each, Department)]
        assert [*lane.days_off] == days
        assert says(source, "1 exception of calendars") == (calendar is yearly)


def test_projects_within_and_beside_are_reported() -> None:
    source = plan(
        task(1, "<IsSubproject>1</IsSubproject><SubprojectName>B.mpp</SubprojectName>"),
        task(2, "<ExternalTask>1</ExternalTask>"),
        task(3, link(2)),
        task(
            4,
            link(1, r"<CrossProject>1</CrossProject><CrossProjectName>B.mpp</CrossProjectName>"),
        ),
    )
    assert not source.links
    assert says(source, "A project of its own is inserted here")
    assert says(source, "This task belongs to another project")
    assert r"B.mpp\1" in by_number(source)["4"].fields["notes"]


def test_breaks_milestones_and_links_to_pages_are_not_forgotten() -> None:
    source = plan(
        task(
            1,
            "<PercentComplete>40</PercentComplete><ActualStart>2026-12-07T08:00:00</ActualStart>"
            "<Stop>2026-12-07T17:00:00</Stop><Resume>2026-12-14T08:00:00</Resume>",
        ),
        task(2, "<Milestone>1</Milestone>"),
        task(
            3, "<HyperlinkAddress>https://example.invalid/a</HyperlinkAddress><Contact>Bo</Contact>"
        ),
        task(4, "<Cost>100</Cost><CalendarUID>3</CalendarUID><WBS>UMZ.4</WBS>"),
        task(5, "<NewThing>7</NewThing><OldThing>0</OldThing>"),
    )
    assert says(source, "Interrupted from 2026-12-07 to 2026-12-14")
    assert says(source, "Marked as a milestone, but with a duration")
    tasks = by_number(source)
    assert tasks["3"].fields["notes"] == "https://example.invalid/a\nContact: Bo"
    assert tasks["4"].fields["notes"] == "WBS: UMZ.4"
    assert says(source, "The costs of 1 task were not imported.")
    assert says(source, "1 task has a calendar of its own")
    left = [(each.column, each.value) for each in source.warnings if "Not taken" in str(each.why)]
    assert left == [("Task/NewThing", "7")]


@pytest.mark.parametrize(
    "text",
    [
        *("0001-01-01T00:00:00", "9999-12-31T23:59:59", "2026-13-45T99:99:99", "-1", "1e308"),
        *("NaN", "inf", "9" * 30, "²", "", " 5 ", "PT9E9H", "PT1.5.5H"),
    ],
)
def test_whatever_an_element_holds_is_read_or_reported(text: str) -> None:
    """Only a sentence comes out of it."""
    elements = (
        *("Start", "Finish", "ActualStart", "ActualFinish", "Deadline", "CreateDate", "Stop"),
        *("Resume", "Priority", "PercentComplete", "OutlineLevel", "ID", "UID", "Duration"),
        *("DurationFormat", "ConstraintType", "CalendarUID", "Work", "Manual", "Active"),
    )
    lag = f"<LinkLag>{text}</LinkLag><LagFormat>{text}</LagFormat><Type>{text}</Type>"
    for name in elements:
        source = plan(task(1, f"<{name}>{text}</{name}>"), task(2, link(1, lag)))
        lay(source, Workspace(), NOW)
    for format in ("8", "19", "40"):
        spans = f"<Start>{text}</Start><DurationFormat>{format}</DurationFormat>"
        lay(plan(task(1, spans, days=90_000)), Workspace(), NOW)
    for kind in range(9):
        dated = f"<ConstraintType>{kind}</ConstraintType><ConstraintDate>{text}</ConstraintDate>"
        lay(plan(task(1, dated, days=900)), Workspace(), NOW)
    period = f"<TimePeriod><FromDate>{text}</FromDate><ToDate>{text}</ToDate></TimePeriod>"
    free = "".join(f"<Exception>{period}<Type>{n}</Type></Exception>" for n in (1, 2, 7))
    head = (
        f"<StartDate>{text}</StartDate><FinishDate>{text}</FinishDate><LastSaved>{text}</LastSaved>"
        f"<MinutesPerDay>{text}</MinutesPerDay><CalendarUID>1</CalendarUID><Calendars><Calendar>"
        f"<UID>1</UID><Exceptions>{free}</Exceptions></Calendar></Calendars>"
    )
    more = (
        f"<Resources><Resource><UID>1</UID><Name>A</Name><MaxUnits>{text}</MaxUnits></Resource>"
        "</Resources><Assignments><Assignment><TaskUID>1</TaskUID><ResourceUID>1</ResourceUID>"
        f"<Units>{text}</Units><Work>{text}</Work></Assignment></Assignments>"
    )
    kept = f"<Baseline><Number>{text}</Number><Start>{text}</Start></Baseline>"
    lay(plan(task(1, kept), head=head, more=more), Workspace(), NOW)


@pytest.mark.parametrize("data", [b"<Project/>", b"<Project><Tasks/></Project>"])
def test_a_plan_without_tasks_has_none(data: bytes) -> None:
    assert not mspdi.read(data, "a.xml", ReadOptions(today=TODAY)).tasks


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(BadInput, match=r"Cannot read a\.xml"):
        mspdi.read(b"<Project><Tasks>", "a.xml", ReadOptions(today=TODAY))


def test_what_no_version_writes_is_told() -> None:
    source = plan(task(1), task(2, link(1, "<Type>8</Type>")))
    assert arrows(source) == {"1 → 2": 0.0}
    assert says(source, "This type of dependency is unknown; read as finish-to-start.")
    for minutes, doubtful in (("0", True), ("-450", True), ("9999", True), ("450", False)):
        source = plan(task(1), head=f"<MinutesPerDay>{minutes}</MinutesPerDay>")
        assert says(source, "No working day has this length; read as eight hours.") == doubtful
