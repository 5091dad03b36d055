"""Days at either end of time, as a placeholder or a record from someone else may have them."""

from __future__ import annotations

import itertools
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.builders import NOW, TODAY
from tracker.cli import main, reading_calls
from tracker.cli.call import DONE
from tracker.domain.change import Change, Edit
from tracker.domain.model import (
    Absence,
    Baseline,
    Link,
    Pass,
    Person,
    PlannedFinish,
    PlannedTask,
    Project,
    System,
    Task,
)
from tracker.domain.sentence import sentence
from tracker.store.store import Store

EARLY, LATE = date.min, date.max
DAWN, DUSK = (datetime.combine(day, datetime.min.time(), UTC) for day in (EARLY, LATE))
# The outermost ones are of no year at all in UTC.
FIRST = DAWN.replace(tzinfo=timezone(timedelta(hours=14)))
LAST = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
ENDS = tuple(enumerate((DAWN, DUSK, FIRST, LAST), 1))
DAYS = ("due", "not_before", "follow_up", "expires")
FILES = (
    *(
        "out.gantt.mmd",
        "out.flow.mmd",
        "out.ics",
        "out.dot",
        "out.csv",
        "out.json",
        "out.xml",
        "out.taskwarrior.json",
    ),
    *("out.svg", "out.xlsx"),
)
REPORTS = ("out.html", "out.md", "status.xlsx", "status.json")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A plan in which every day and moment stands at an end of time, one after the other."""
    numbers = itertools.count(1)
    entities = [
        Project(id=1, name="Far", start=EARLY, target=LATE),
        Project(id=2, name="Long ago", start=EARLY, target=EARLY),
        Person(id=1, login="ada", absences=(Absence(first=EARLY, last=LATE),)),
        *(
            replace(
                Task(id=next(numbers), title=f"{name} {day}", project=1, likely=3), **{name: day}
            )
            for name in DAYS
            for day in (EARLY, LATE)
        ),
        *(
            Task(
                id=next(numbers),
                title=f"{outcome or 'running'} {began}",
                project=2,
                state="done" if outcome else "doing",
                passes=(Pass(number=1, started=began, ended=ended, outcome=outcome),),
            )
            for began, ended in ((DAWN, DAWN), (DAWN, DUSK), (DUSK, DUSK))
            for outcome in ("done", "")
        ),
        Task(id=next(numbers), title="absent", assignee=1, likely=2.0, ahead="9999y", expires=LATE),
        *(System(id=id, name=f"{at}", state="down", since=at) for id, at in ENDS),
        *(
            Task(id=next(numbers), title=f"made {at}", likely=1, created=at, modified=at)
            for _, at in ENDS
        ),
        *(
            Baseline(
                id=id,
                name=f"of {at}",
                taken=at,
                plan=(PlannedTask(1, at.date(), at.date(), 3, None, "todo", 1),),
                finishes=(PlannedFinish(1, at.date(), at.date(), at.date(), LATE),),
            )
            for id, at in ENDS
        ),
        Link(id=1, kind="needs", source=2, target=3),
        Link(id=2, kind="returns", source=3, target=2),
    ]
    file = tmp_path / "plan.json"
    change = Change(sentence("Edited"), tuple(Edit(None, entity) for entity in entities))
    with closing(Store.open(file)) as store:
        store.commit(lambda *_: change, at=NOW.at, who="ada")
    return file


READING = (*(name for name in reading_calls.CALLS if name != "show"), "baseline")


@pytest.mark.parametrize(
    "words",
    [
        *((name, *more) for name in READING for more in ((), ("--json",))),
        *(("show", str(number)) for number in (1, 4, 9, 10, 15)),
        *(("show", str(number)) for number in (16, 17, 18, 19)),
        ("baseline", "diff"),
        ("baseline", "diff", f"of {DAWN}"),
        ("baseline", "diff", f"of {DAWN}", f"of {DUSK}"),
        ("baseline", "diff", f"of {FIRST}", f"of {LAST}"),
        *((name,) for name in ("project", "person", "system", "settings")),
        ("replan", "--dry-run"),
        ("baseline", "take", "A"),
        *(("export", name) for name in FILES),
        *(("report", name) for name in REPORTS),
    ],
    ids=" ".join,
)
def test_no_call_stumbles_over_them(
    workspace: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    files = {*FILES, *REPORTS}
    where = [str(workspace.parent / word) if word in files else word for word in words]
    code = main(("--file", str(workspace), "--today", TODAY.isoformat(), *where))
    assert code == DONE, capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--as-of", "0001-01-01"),
        ("list", "--as-of", "0001-01-01 12:00"),
        ("report", "-", "--since", "0001-01-01"),
        ("today", "--since", "0001-01-01"),
    ],
    ids=" ".join,
)
def test_a_day_before_all_clocks_is_refused(
    workspace: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("--file", str(workspace), "--today", TODAY.isoformat(), *words)) != DONE
    assert "The year of 0001-01-01 is implausible." in capsys.readouterr().err


@pytest.mark.parametrize(
    "moment",
    [
        *("0001-01-02", "2.1.0001 12:00", "0001-03-01", "0001-01-05T00:00", "1899-12-31"),
        *("0001-01-01T00:00+14:00", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_nothing_is_asked_of_times_no_plan_has_seen(
    workspace: Path, moment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for call in ("today", "forecast", "load", "metrics"):
        assert main(("--file", str(workspace), call, "--as-of", moment)) != DONE
        assert "is implausible." in capsys.readouterr().err


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("call", ["schedule", "forecast", "load"])
def test_nothing_is_calculated_from_a_day_no_plan_has(
    workspace: Path, call: str, day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("--file", str(workspace), call, "--from", day)) != DONE
    assert f"The year of {day} is implausible." in capsys.readouterr().err


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_today_is_a_day_with_a_future(
    workspace: Path, day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("--file", str(workspace), "--today", day, "report", "-")) == 2
    assert "is not a date such as" in capsys.readouterr().err


@pytest.mark.parametrize("day", ["1970-01-05", "1979-12-31", "2108-01-01", "2199-12-01"])
def test_a_workbook_is_written_on_days_its_archive_cannot_tell(
    workspace: Path, day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for call in ("report", "export"):
        words = (call, str(workspace.parent / f"{call}.xlsx"))
        code = main(("--file", str(workspace), "--today", day, *words))
        assert code == DONE, capsys.readouterr().err
