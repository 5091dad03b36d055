"""Numbers at either end of what may be kept, as a record from someone else may have them."""

from __future__ import annotations

import itertools
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.builders import NOW, TODAY
from tests.cli.test_far_dates import FILES, READING, REPORTS
from tests.store.hostile import append
from tracker.cli import main
from tracker.cli.call import DONE
from tracker.domain.change import Change, Edit
from tracker.domain.model import (
    TABLE_OF,
    Baseline,
    Department,
    Entity,
    Link,
    Pass,
    Person,
    PlannedFinish,
    PlannedTask,
    Project,
    Settings,
    Task,
)
from tracker.domain.sentence import sentence
from tracker.store.codec import document
from tracker.store.store import Store

LEAST, DAYS, AMOUNT = 5e-324, 1e6, 1e15
ENDS = (0.0, LEAST, 1e-9)
RATES = (0.0, LEAST, 1e-9, 0.5, 1 - 2**-53)


def entities(most: Settings) -> list[Entity]:
    """Return a plan with each number of a kind at its ends, one after the other."""
    task, link = itertools.count(1), itertools.count(1)
    begun = datetime(2026, 1, 5, 9, tzinfo=UTC)
    found: list[Entity] = [most]
    for id, amount in enumerate((*ENDS, AMOUNT), 1):
        project = Project(id=id, name=f"P{amount}", budget=amount, target=TODAY + timedelta(9))
        lane = Department(id=id, name=f"L{amount}", capacity=amount, day_rate=amount, order=10**9)
        who = Person(id=id, login=f"w{amount}", department=id, capacity=amount, day_rate=amount)
        found += [project, replace(lane, wip_limit=10**9), replace(who, wip_limit=10**9)]
        place = Task(id=0, title="x", project=id, department=id, assignee=id)
        for days in (*ENDS, DAYS):
            one = replace(place, low=days, likely=days, high=days, effort=days, spent=days)
            runs = (Pass(number=1, opened=begun, started=begun),)
            ended = (Pass(number=10**9, started=begun, ended=NOW.at, outcome="done"),)
            found += [
                replace(one, id=next(task), low=0.0),
                replace(one, id=next(task), state="doing", passes=runs, progress=99.99),
                replace(one, id=next(task), state="doing", passes=runs, progress=LEAST, high=DAYS),
                replace(one, id=next(task), state="done", passes=ended),
            ]
        # Much effort in next to no time, and what really took longer.
        brief = replace(place, likely=LEAST, effort=DAYS, spent=DAYS)
        first = (Pass(number=1, opened=begun, started=begun, ended=NOW.at, outcome="done"),)
        found += [
            replace(brief, id=next(task)),
            *(replace(brief, id=next(task), state="done", passes=first) for _ in range(12)),
        ]
    tasks = next(task) - 1
    for lag, source in zip((-DAYS, -LEAST, LEAST, DAYS), range(1, 5), strict=True):
        found.append(
            Link(id=next(link), kind="needs", source=source, target=source + 8, lag=lag, ripple=1.0)
        )
    for rate, share, source in zip(RATES, (*RATES[1:], 1.0), range(20, 50, 6), strict=True):
        back = Link(id=0, kind="returns", source=source, target=source - 8, rate=rate, share=share)
        back = replace(back, limit=10**9, escalation=DAYS, learning=rate, rate_entered=True)
        found += [
            replace(back, id=next(link)),
            Link(id=next(link), kind="needs", source=source - 8, target=source, ripple=rate),
        ]
    rows = tuple(
        PlannedTask(id, TODAY, TODAY, (*ENDS, DAYS)[id % 4], 1, "todo", 1)
        for id in range(1, tasks + 1)
    )
    sunday = date(2026, 12, 6)  # no day of work, and so many days before it there were none
    long = Task(id=next(task), title="x", likely=DAYS)
    found += [
        replace(long, due=sunday),
        replace(long, id=next(task), not_before=sunday),
        replace(long, id=next(task), due=sunday, not_before=sunday),
    ]
    # Twice the same task, and the second time without an end.
    rows += (rows[0]._replace(finish=None), rows[0], rows[1]._replace(finish=None))
    finish = PlannedFinish(1, TODAY, TODAY, TODAY, date(2027, 1, 1))
    return [*found, Baseline(id=1, name="A", taken=begun, plan=rows, finishes=(finish,))]


MOST = Settings(id=1, correlation=1, prior_weight=AMOUNT, spread=(0.0, 1000.0))
LITTLE = Settings(
    id=1, correlation=LEAST, prior_weight=LEAST, spread=(1000.0, LEAST), currency="\x1b[2J"
)
NOTHING = Settings(id=1, correlation=0, prior_weight=0, spread="finished")


@pytest.fixture(params=[MOST, LITTLE, NOTHING], ids=["most", "little", "nothing"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A plan of such numbers, with settings of such."""
    file = tmp_path / "plan.json"
    first = Change(sentence("Edited"), (Edit(None, Task(id=500, title="x")),))
    with closing(Store.open(file)) as store:
        store.commit(lambda *_: first, at=NOW.at, who="ada")
    made = entities(request.param)
    append(file, edits=[[TABLE_OF[type(each)], each.id, None, document(each)] for each in made])
    return file


CALLS: tuple[tuple[str, ...], ...] = (
    *((name, *more) for name in READING for more in ((), ("--json",))),
    ("forecast", "--capacity"),
    ("load", "--capacity"),
    ("controlling", "--by", "project"),
    *((name,) for name in ("project", "department", "person", "settings")),
    ("show", "3"),
    ("baseline", "diff", "A"),
    ("replan", "--dry-run"),
    *(("export", name) for name in FILES),
    *(("report", name) for name in REPORTS),
)


def test_no_call_stumbles_over_them(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {*FILES, *REPORTS}
    for words in CALLS:
        where = [str(workspace.parent / word) if word in files else word for word in words]
        code = main(("--file", str(workspace), "--today", TODAY.isoformat(), *where))
        told = capsys.readouterr()
        assert code == DONE, (words, told.err)
        assert "inf" not in told.out.split(), words
        assert "nan" not in told.out.split(), words
    for name in ("out.xml", "out.html", "out.md"):
        assert b"\x1b" not in (workspace.parent / name).read_bytes()
