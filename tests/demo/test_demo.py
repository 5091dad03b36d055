"""The demo keeps its promises: on any day, in any language, through the real commands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tracker import demo, language
from tracker.domain import status
from tracker.domain.calendar import Calendar
from tracker.domain.change import Record
from tracker.domain.model import Link, Project, Task
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow.board.layout import layout
from tracker.flow.drift_causes import drift
from tracker.flow.plan_life import lives
from tracker.session import Session
from tracker.store.store import Store

TODAY = date(2026, 11, 23)
# Working days, weekends, public holidays, days around Christmas and Easter, a leap day.
DAYS = [
    TODAY,
    *(TODAY + timedelta(days=ahead) for ahead in range(1, 8)),
    date(2026, 1, 1),
    date(2026, 4, 6),
    date(2026, 6, 4),
    date(2026, 12, 24),
    date(2026, 12, 31),
    date(2027, 3, 29),
    date(2028, 2, 29),
    date(2029, 8, 1),
]


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    language.use("en")


@pytest.fixture(scope="module")
def ws() -> Workspace:
    language.use("en")
    return demo.workspace(TODAY)


def returns(ws: Workspace) -> list[Link]:
    return [link for link in ws.links.values() if link.kind == "returns"]


def find(ws: Workspace, title: str) -> Task:
    return next(task for task in ws.tasks.values() if task.title.startswith(title))


def states(ws: Workspace) -> dict[str, int]:
    count: dict[str, int] = {}
    for task in ws.tasks.values():
        count[task.state] = count.get(task.state, 0) + 1
    return count


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_everything_was_done_on_working_days_before_today(today: date) -> None:
    calendar = Calendar()
    moments = [now.at for now, _ in demo.story(today)]
    assert moments == sorted(set(moments))
    assert all(calendar.is_working(at.date()) for at in moments)
    assert all(7 <= at.hour < 15 for at in moments), "office hours in Germany, told in UTC"
    assert moments[-1].date() < today
    assert timedelta(days=55) < today - moments[0].date() < timedelta(days=90)


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_it_stands_the_same_on_any_day(today: date, ws: Workspace) -> None:
    other = demo.workspace(today)
    assert states(other) == states(ws)
    assert [status.link_passes(other, link) for link in returns(other)] == [
        status.link_passes(ws, link) for link in returns(ws)
    ]
    late = [task.title for task in other.tasks.values() if status.late(task, today)]
    assert late == [
        "Data processing agreement",
        "Meter data interface",
        "Cost review, amendment 2",
    ]
    due = [task.due for task in other.tasks.values() if task.open and task.due]
    assert any(today <= day < today + timedelta(days=7) for day in due)
    target = other.projects[1].target
    assert target
    assert target.weekday() == 6
    assert timedelta(days=30) < target - today < timedelta(days=70)


def test_the_same_day_gives_the_same_demo() -> None:
    first, second = demo.workspace(TODAY), demo.workspace(TODAY)
    assert list(first.entities()) == list(second.entities())
    assert first.seq == second.seq


def test_every_step_changes_something_and_can_be_taken_back() -> None:
    ws = Workspace()
    before = [ws]
    changes = []
    for now, command in demo.story(TODAY):
        change = command(ws, now)
        assert change.edits, str(change.label)
        assert str(change.label)
        ws = ws.apply(change)
        before.append(ws)
        changes.append(change)
    for change in reversed(changes):
        before.pop()
        ws = ws.apply(change.inverse)
        assert list(ws.entities()) == list(before[-1].entities())


def test_nobody_began_before_what_he_needs_was_done() -> None:
    ws = Workspace()
    for now, command in demo.story(TODAY):
        known = ws.tasks
        ws = ws.apply(command(ws, now))
        for task in ws.tasks.values():
            began = task.state == "doing" and (task.id in known and known[task.id] != task)
            assert not began or not status.blocked(ws, task), f"{now.at} {task.title}"


def test_those_who_did_it_are_people_of_the_house(ws: Workspace) -> None:
    logins = {person.login for person in ws.people.values()}
    acted = {now.who for now, _ in demo.story(TODAY)}
    assert acted <= logins
    assert len(acted) >= 10


def test_there_is_as_much_as_promised(ws: Workspace) -> None:
    assert len(ws.tasks) == 41
    assert len(ws.departments) == 8
    assert len(ws.people) == 13
    assert len(ws.projects) == 2
    assert sum(lane.wip_limit is not None for lane in ws.departments.values()) == 2
    assert {system.side for system in ws.systems.values()} == {"legacy", "cloud", "other"}
    assert states(ws) == {
        "todo": 16, "doing": 5, "waiting": 2, "recheck": 1, "done": 16, "dropped": 1,
    }  # fmt: skip
    assert {task.project for task in ws.tasks.values()} == {1, 2}
    assert ws.table(Project)[1].budget


def test_every_task_is_planned_and_somebodys(ws: Workspace) -> None:
    for task in ws.tasks.values():
        assert task.low is not None
        assert task.likely is not None
        assert task.high is not None
        assert 0 < task.low <= task.likely <= task.high
        assert task.effort
        assert task.due
        assert task.assignee
        assert ws.people[task.assignee].department == task.department
        assert (task.spent is not None) == (task.state in ("done", "doing", "recheck"))
    assert sum(bool(task.notes) for task in ws.tasks.values()) >= 6
    assert sum(bool(task.checklist) for task in ws.tasks.values()) == 1
    assert sum(bool(task.recurrence) for task in ws.tasks.values()) == 1
    assert len({tag for task in ws.tasks.values() for tag in task.tags}) == 5


def test_work_came_back_in_three_planned_loops_and_one_that_was_not(ws: Workspace) -> None:
    found = {
        (ws.tasks[link.source].title, ws.tasks[link.target].title): (
            status.link_passes(ws, link),
            link.limit,
            link.observed,
        )
        for link in returns(ws)
    }
    assert found == {
        ("Security review", "Requirements for billing"): (3, 3, False),
        ("Interface test", "Meter data interface"): (3, 2, False),
        ("Trial migration", "Customer data clean-up"): (2, 3, False),
        ("Go/no-go decision", "Acceptance test"): (1, 2, False),
        ("Works council consent", "Roles and permissions"): (2, None, True),
    }
    meters = find(ws, "Meter data")
    assert status.over_limit(ws, meters)
    assert [over.title for over in ws.tasks.values() if status.over_limit(ws, over)] == [
        meters.title
    ]
    for link in returns(ws):
        for done in ws.tasks[link.target].passes:
            if done.gate is not None:
                assert done.reason
                assert done.who
                assert done.opened


def test_one_system_is_down_and_what_touches_it_is_stuck(ws: Workspace) -> None:
    down = [system for system in ws.systems.values() if system.state == "down"]
    assert [(system.name, bool(system.why)) for system in down] == [("Test database", True)]
    assert down[0].restored_by == find(ws, "Restore test database").id
    stuck = [task.title for task in ws.tasks.values() if status.stuck(ws, task)]
    assert stuck == ["Interface test", "Trial migration", "Load test, billing run"]
    assert not status.deadlocks(ws)


def test_somebody_outside_is_waited_for_and_will_be_asked_again(ws: Workspace) -> None:
    waiting = [task for task in ws.tasks.values() if task.state == "waiting"]
    assert len(waiting) == 2
    for task in waiting:
        assert task.waiting_for
        assert task.follow_up
        assert task.follow_up >= TODAY


def test_a_recheck_can_be_confirmed_and_the_next_return_be_previewed(ws: Workspace) -> None:
    now = next(demo.story(TODAY))[0]
    mapping = find(ws, "Data mapping")
    assert mapping.state == "recheck"
    assert ws.apply(commands.confirm(ws, now, task=mapping.id)).tasks[mapping.id].state == "done"
    gate, target = find(ws, "Interface test"), find(ws, "Meter data interface")
    preview = arrows.preview_send_back(ws, gate=gate.id, target=target.id)
    assert (preview.passes, preview.limit, preview.over) == (4, 2, True)


def test_the_board_can_be_read(ws: Workspace) -> None:
    board = layout(ws)
    assert len(board.lanes) == 8
    assert 7 <= len(board.columns) <= 10
    assert not any(arrow.hidden for arrow in board.arrows.values())
    assert max(lane.slots for lane in board.lanes) <= 3


def bare(value: Any) -> Any:
    """Return a value without its words: texts become an empty one."""
    if isinstance(value, str):
        return ""
    if isinstance(value, list | tuple):
        return [bare(each) for each in value]
    if isinstance(value, dict):
        return {key: bare(each) for key, each in value.items()}
    return value


def test_it_is_the_same_in_both_languages(ws: Workspace) -> None:
    language.use("de")
    other = demo.workspace(TODAY)
    kinds = (date, datetime)
    for one, two in zip(ws.entities(), other.entities(), strict=True):
        assert bare(msgspec.to_builtins(one, builtin_types=kinds)) == bare(
            msgspec.to_builtins(two, builtin_types=kinds)
        )


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_cards_can_be_told_apart_in_a_few_cells(spoken: str) -> None:
    language.use(spoken)
    ws = demo.workspace(TODAY)
    for task in ws.tasks.values():
        assert len(task.title) <= 40
    assert len({task.title[:15] for task in ws.tasks.values()}) == len(ws.tasks)


def test_the_first_plan_is_seven_weeks_old_and_died_before_the_second_was_taken() -> None:
    ws, records = Workspace(), []
    for now, command in demo.story(TODAY):
        change = command(ws, now)
        ws = ws.apply(change)
        records.append(Record(ws.seq, now.at, now.who, change))
    first, second = ws.baselines.values()
    assert timedelta(weeks=7) <= TODAY - first.taken.date() < timedelta(weeks=8)
    assert all(row.p80 for each in (first, second) for row in each.finishes)
    life = lives(ws, records, TODAY)[1]
    assert life is not None
    assert life.why == "moved"
    assert life.day is not None
    assert life.day < second.taken.date()
    causes = drift(ws, first, now, records).causes
    assert list(causes)[:3] == ["late", "returns", "longer"]


def test_every_text_can_be_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_", lambda text: f"«{text}»")
    ws = demo.workspace(TODAY)
    texts = [entity.name for table in (ws.departments, ws.projects) for entity in table.values()]
    texts += [lane.short for lane in ws.departments.values()]
    texts += [text for system in ws.systems.values() for text in (system.name, system.why) if text]
    for task in ws.tasks.values():
        texts += [task.title, task.notes, task.waiting_for, *task.tags]
        texts += [item.text for item in task.checklist]
        texts += [done.reason for done in task.passes]
    texts += [each.reason for each in ws.baselines.values()]
    assert {text for text in texts if text and not text.startswith("«")} == set()


def test_a_store_keeps_the_whole_history(tmp_path: Path, ws: Workspace) -> None:
    session = Session.open(tmp_path / "demo.json", who="m.terhorst")
    session.replay(demo.story(TODAY))
    session.close()
    again = Store.open(tmp_path / "demo.json", create=False)
    records = [*again.records()]
    assert list(again.workspace.entities()) == list(ws.entities())
    assert [(record.at, record.who) for record in records] == [
        (now.at, now.who) for now, _ in demo.story(TODAY)
    ]
    assert len(records) == len(list(demo.story(TODAY))) > 80
    again.close()
