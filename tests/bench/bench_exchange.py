"""Times how long plans of other programs take: `python -m tests.bench.bench_exchange [FORMAT …]`.

Each has 10,000 tasks in 500 groups, an arrow from each to the next, names, dates and notes.
"""

from __future__ import annotations

import gc
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import process_time

from openpyxl import Workbook

from tests.builders import NOW, TODAY
from tracker.domain.workspace import Workspace
from tracker.exchange import importing

TASKS, GROUP = 10_000, 20
# How long reading may take, in seconds.
BARS: Mapping[str, float] = {"plan.xml": 6.0, "smartsheet.xlsx": 4.0}
BAR = 2.0
_FIRST = date(2026, 12, 7)


def _day(n: int) -> date:
    return _FIRST + timedelta(n // 40 * 7 + n % 5)


def _title(n: int) -> str:
    return f"Abstimmung der Schnittstelle {n} mit dem Betrieb"


def _mspdi() -> bytes:
    def task(n: int) -> Iterator[str]:
        if n % GROUP == 1:
            yield (
                f"<Task><UID>{TASKS + n}</UID><ID>{TASKS + n}</ID><Name>Phase {n}</Name>"
                "<OutlineLevel>1</OutlineLevel><Summary>1</Summary></Task>"
            )
        link = (
            f"<PredecessorLink><PredecessorUID>{n - 1}</PredecessorUID><Type>1</Type>"
            "<LinkLag>4800</LinkLag><LagFormat>7</LagFormat></PredecessorLink>"
        )
        yield (
            f"<Task><UID>{n}</UID><ID>{n}</ID><Active>1</Active><Manual>0</Manual>"
            f"<Name>{_title(n)}</Name><WBS>{n}</WBS><OutlineLevel>2</OutlineLevel>"
            f"<Priority>500</Priority><Start>{_day(n)}T08:00:00</Start>"
            f"<Finish>{_day(n)}T17:00:00</Finish><Duration>PT16H0M0S</Duration>"
            "<DurationFormat>7</DurationFormat><Milestone>0</Milestone><Summary>0</Summary>"
            f"<PercentComplete>0</PercentComplete><Work>PT16H0M0S</Work>{link if n > 1 else ''}"
            f"<Notes>Bitte mit Team {n % 7} abstimmen</Notes></Task>"
        )

    resources = "".join(
        f"<Resource><UID>{n}</UID><ID>{n}</ID><Name>Person {n}</Name><Type>1</Type></Resource>"
        for n in range(1, 51)
    )
    given = "".join(
        f"<Assignment><UID>{n}</UID><TaskUID>{n}</TaskUID><ResourceUID>{1 + n % 50}</ResourceUID>"
        "<Units>1</Units><Work>PT16H0M0S</Work></Assignment>"
        for n in range(1, TASKS + 1)
    )
    tasks = "".join(part for n in range(1, TASKS + 1) for part in task(n))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Project'
        ' xmlns="http://schemas.microsoft.com/project"><Name>Plan</Name>'
        f"<StartDate>{_FIRST}T08:00:00</StartDate><MinutesPerDay>480</MinutesPerDay>"
        f"<Tasks>{tasks}</Tasks><Resources>{resources}</Resources>"
        f"<Assignments>{given}</Assignments></Project>"
    ).encode()


def _gan() -> bytes:
    def group(first: int) -> str:
        inside = "".join(
            f'<task id="{n}" name="{_title(n)}" start="{_day(n)}" duration="2" complete="0"'
            f' meeting="false"><notes>Team {n % 7}</notes>'
            f'<depend id="{n + 1}" type="2" difference="1" hardness="Strong"/></task>'
            for n in range(first, first + GROUP)
        )
        return (
            f'<task id="{TASKS + first}" name="Phase {first}" start="{_day(first)}">{inside}</task>'
        )

    groups = "".join(group(first) for first in range(1, TASKS, GROUP))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><project name="Plan" version="3.3">'
        f'<tasks empty-milestones="true">{groups}</tasks><resources/><allocations/></project>'
    ).encode()


def _csv(head: str, row: Callable[[int], str]) -> Callable[[], bytes]:
    return lambda: "\n".join((head, *(row(n) for n in range(1, TASKS + 1)))).encode()


def _smartsheet() -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Plan")
    heads = (
        "Task Name",
        "Duration",
        "Start",
        "Finish",
        "Predecessors",
        "% Complete",
        "Assigned To",
    )
    sheet.append(heads)
    for n in range(1, TASKS + 1):
        before = f"{n - 1}FS +1d" if n > 1 else None
        finish = datetime.combine(_day(n), time(16, 59, 59))
        sheet.append((_title(n), "2d", _day(n), finish, before, 0, f"Person {n % 50}"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _github() -> bytes:
    return json.dumps(
        [
            {
                "number": n,
                "title": _title(n),
                "body": f"Team {n % 7}\n- [ ] one\n- [x] two",
                "state": "OPEN",
                "labels": [{"name": "priority: high"}],
                "assignees": [{"login": f"p{n % 50}"}],
                "blockedBy": [{"number": n - 1}] if n > 1 else [],
            }
            for n in range(1, TASKS + 1)
        ]
    ).encode()


def _trello() -> bytes:
    cards = [
        {
            "id": f"c{n}",
            "name": _title(n),
            "desc": f"Team {n % 7}",
            "idList": f"l{n % 4}",
            "pos": n,
            "idShort": n,
            "due": f"{_day(n)}T11:00:00.000Z",
            "closed": False,
            "idMembers": [f"m{n % 50}"],
        }
        for n in range(1, TASKS + 1)
    ]
    names = ("To do", "Doing", "Waiting", "Done")
    lists = [{"id": f"l{n}", "name": name, "closed": False} for n, name in enumerate(names)]
    people = [{"id": f"m{n}", "username": f"p{n}", "fullName": f"Person {n}"} for n in range(50)]
    return json.dumps({"name": "Plan", "cards": cards, "lists": lists, "members": people}).encode()


def _taskwarrior() -> bytes:
    def uuid(n: int) -> str:
        return f"00000000-0000-4000-8000-{n:012d}"

    return json.dumps(
        [
            {
                "uuid": uuid(n),
                "description": _title(n),
                "status": "pending",
                "entry": "20261101T090000Z",
                "due": f"{_day(n):%Y%m%d}T230000Z",
                "project": f"Plan.Phase{n // GROUP}",
                "depends": [uuid(n - 1)] if n > 1 else [],
                "annotations": [{"entry": "20261102T090000Z", "description": f"Team {n % 7}"}],
            }
            for n in range(1, TASKS + 1)
        ]
    ).encode()


def _ics() -> bytes:
    todos = "".join(
        f"BEGIN:VTODO\r\nUID:t{n}\r\nSUMMARY:{_title(n)}\r\nDUE;VALUE=DATE:{_day(n):%Y%m%d}\r\n"
        f"DESCRIPTION:Team {n % 7}\r\nRELATED-TO;RELTYPE=DEPENDS-ON:t{n - 1}\r\nEND:VTODO\r\n"
        for n in range(1, TASKS + 1)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{todos}END:VCALENDAR\r\n".encode()


def _todotxt() -> bytes:
    lines = (
        f"(B) 2026-11-01 {_title(n)} +Plan @team{n % 7} due:{_day(n)} id:{n}"
        for n in range(1, TASKS + 1)
    )
    return "\n".join(lines).encode()


def _xer() -> bytes:
    def table(name: str, fields: str, rows: Iterator[str]) -> str:
        body = "".join(f"%R\t{row}\r\n" for row in rows)
        return f"%T\t{name}\r\n%F\t{fields}\r\n{body}"

    numbers = range(1, TASKS + 1)
    return "".join(
        (
            "ERMHDR\t19.12\t2026-12-01\tProject\tadmin\tadmin\tdb\tPM\tEUR\r\n",
            table(
                "PROJECT",
                "proj_id\tproj_short_name\tclndr_id\tplan_start_date",
                iter((f"1\tPlan\t1\t{_FIRST} 08:00",)),
            ),
            table("CALENDAR", "clndr_id\tclndr_name\tday_hr_cnt", iter(("1\tStandard\t8",))),
            table(
                "PROJWBS",
                "wbs_id\tproj_id\tparent_wbs_id\twbs_name\tproj_node_flag",
                iter(("1\t1\t\tPlan\tY", *(f"{n}\t1\t1\tPhase {n}\tN" for n in range(2, 502)))),
            ),
            table(
                "TASK",
                "task_id\tproj_id\twbs_id\tclndr_id\ttask_code\ttask_name\ttask_type"
                "\tstatus_code\ttarget_drtn_hr_cnt",
                (
                    f"{n}\t1\t{2 + n // GROUP % 500}\t1\tA{n}\t{_title(n)}\tTT_Task"
                    "\tTK_NotStart\t16"
                    for n in numbers
                ),
            ),
            table(
                "TASKPRED",
                "task_pred_id\ttask_id\tpred_task_id\tproj_id\tpred_proj_id\tpred_type\tlag_hr_cnt",
                (f"{n}\t{n}\t{n - 1}\t1\t1\tPR_FS\t8" for n in numbers if n > 1),
            ),
            "%E\r\n",
        )
    ).encode()


PLANS: Mapping[str, Callable[[], bytes]] = {
    "plan.xml": _mspdi,
    "plan.gan": _gan,
    "msproject.csv": _csv(
        "ID;Task Mode;Task Name;Outline Level;Duration;Start;Finish;Predecessors;Resource Names",
        lambda n: (
            f"{n};Auto Scheduled;{_title(n)};1;2 days;{_day(n)};{_day(n)};"
            f"{f'{n - 1}FS+1 day' if n > 1 else ''};Person {n % 50}"
        ),
    ),
    "smartsheet.xlsx": _smartsheet,
    "jira.csv": _csv(
        "Summary,Issue key,Issue id,Issue Type,Status,Status Category,Assignee,Due date,"
        "Original estimate,Inward issue link (Blocks),Labels,Labels,Description",
        lambda n: (
            f"{_title(n)},P-{n},{10000 + n},Task,To Do,To Do,Person {n % 50},{_day(n)},57600,"
            f"{f'P-{n - 1}' if n > 1 else ''},net,b{n % 9},Team {n % 7}"
        ),
    ),
    "asana.csv": _csv(
        "Task ID,Created At,Completed At,Name,Section/Column,Assignee,Assignee Email,Due Date,"
        "Notes,Projects,Blocked By (Dependencies)",
        lambda n: (
            f"{12000000 + n},2026-11-01,,{_title(n)},Phase {n // GROUP},Person {n % 50},"
            f"p{n % 50}@example.org,{_day(n)},Team {n % 7},Plan,{_title(n - 1) if n > 1 else ''}"
        ),
    ),
    "gitlab.csv": _csv(
        "Title,Description,Issue ID,URL,State,Author,Assignee,Confidential,Due Date,Labels,"
        "Time Estimate,Time Spent",
        lambda n: (
            f"{_title(n)},Team {n % 7},{n},https://x/{n},Open,Person 1,Person {n % 50},No,"
            f"{_day(n)},net,57600,0"
        ),
    ),
    "openproject.csv": _csv(
        "ID,Subject,Type,Status,Assignee,Priority,% Complete,Start date,Remaining work",
        lambda n: f"{n},{_title(n)},Task,New,Person {n % 50},Normal,0,{_day(n)},16",
    ),
    "github.json": _github,
    "trello.json": _trello,
    "taskwarrior.json": _taskwarrior,
    "todos.ics": _ics,
    "todo.txt": _todotxt,
    "plan.xer": _xer,
}


def main() -> None:
    """Print how long the processor takes to read each and to lay it into a plan."""
    # As in a call of the shell: nothing that is made here would be collected.
    gc.disable()
    for name in sys.argv[1:] or PLANS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(PLANS[name]())
            begun = process_time()
            taken = importing.read(path, today=TODAY)
            read = process_time()
            _change, report = taken.plan(Workspace(), NOW)
            laid = process_time()
        bar = BARS.get(name, BAR)
        verdict = "" if read - begun <= bar else f"  OVER {bar:.0f} s"
        print(
            f"{name:18} {taken.source.format or '–':14} {report.tasks:6} tasks {report.links:6}"
            f" arrows  read {read - begun:5.2f} s  laid {laid - read:5.2f} s{verdict}"
        )


if __name__ == "__main__":
    main()
