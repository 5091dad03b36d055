"""What became of a plan: each task once, every day for one reason, and all of it adds up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import plan
from tests.strategies import workspaces
from tracker.domain.calendar import Calendar
from tracker.domain.change import Change, Record
from tracker.domain.draft import Now
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.model import Baseline, System
from tracker.domain.scope import Scope
from tracker.domain.sentence import sentence
from tracker.domain.verbs import arrows, commands, upkeep
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import take
from tracker.flow.drift import FATES, Cause, Drift, summed
from tracker.flow.drift_causes import between, drift

# No day in these weeks is a holiday anywhere.
FIRST = date(2026, 11, 2)


class Telling:
    """A plan, and what is done to it day by day; the history is kept."""

    def __init__(self, ws: Workspace, day: date = FIRST) -> None:
        self.ws, self.day = ws, day
        self.records: list[Record] = []
        self.did(Change(sentence("Begin"), ()))

    @property
    def now(self) -> Now:
        """The middle of the day it is."""
        at = datetime(self.day.year, self.day.month, self.day.day, 11, tzinfo=UTC)
        return Now(at=at + timedelta(seconds=len(self.records)), today=self.day, who="anna")

    def did(self, change: Change) -> None:
        """Keep a change."""
        self.ws = self.ws.apply(change)
        self.records.append(Record(self.ws.seq, self.now.at, "anna", change))

    def do(self, command: Callable[..., Change], **fields: Any) -> Telling:
        """Do something."""
        self.did(command(self.ws, self.now, **fields))
        return self

    def later(self, days: int = 1) -> Telling:
        """Let working days go by."""
        self.day = Calendar.of(self.ws).add_working_days(self.day, days)
        return self

    def baseline(self, name: str = "Plan 1") -> Baseline:
        """Take a baseline."""
        self.do(take, name=name)
        return self.ws.baselines[len(self.ws.baselines)]

    def drift(self, baseline: Baseline) -> Drift:
        """Return what became of one."""
        return drift(self.ws, baseline, self.now, self.records)


def estimated(needs: str = "", tasks: int = 0, days: float = 4, **fields: Any) -> Workspace:
    return plan(needs, tasks=tasks, low=days, likely=days, high=days, **fields)


def own(found: Drift, task: int) -> dict[Cause, int]:
    return dict(next(each for each in found.tasks if each.task == task).parts)


def adds_up(found: Drift) -> None:
    """Hold a drift to its laws."""
    keys = [each.task for each in found.tasks]
    assert keys == sorted(set(keys))
    assert sum(found.kinds.values()) == len(keys)
    for kind in FATES:
        assert sum(lane.kinds[kind] for lane in found.lanes) == found.kinds[kind]
    assert sum(lane.days for lane in found.lanes) == sum(found.causes.values())
    for each in found.tasks:
        assert all(days > 0 or cause == "ahead" for cause, days in each.parts.items())
        if each.slip is not None:
            assert each.slip == each.inherited + sum(each.parts.values())
            way = found.way(each.task)
            assert each.slip == sum(part.days for part in way)
            assert found.total(each.task) == summed((part.cause, part.days) for part in way)
    for project in found.projects:
        assert project.days == sum(part.days for part in project.parts)
        assert project.days == sum(project.causes.values())
        for part in project.parts:
            assert part.days < 0 if part.cause in ("ahead", "slack") else part.days > 0


STEPS = ("start", "finish", "add", "estimate", "back", "delete", "drop", "wait", "reopen", "pass")


Steps = list[tuple[str, int, int]]
SOME = st.tuples(st.sampled_from(STEPS), st.integers(1, 8), st.integers(1, 8))


def go_on(told: Telling, steps: Steps) -> None:
    """Do what can be done of some steps, and let days go by instead of the others."""
    for step, one, other in steps:
        days = float(other)
        command: Any = {
            "start": partial(commands.start, task=one),
            "finish": partial(commands.finish, task=one),
            "add": partial(commands.add_task, title="New", likely=days, low=days, high=days),
            "estimate": partial(commands.edit_task, task=one, low=days, likely=days, high=days),
            "back": partial(arrows.send_back, gate=one, target=other, reason="no"),
            "delete": partial(commands.delete_task, task=one),
            "drop": partial(commands.drop, task=one),
            "wait": partial(commands.wait, task=one, waiting_for="x", follow_up=None),
            "reopen": partial(commands.reopen, task=one),
        }.get(step)
        try:
            told.do(command) if command else told.later(other)
        except TrackerError:
            told.later()


@given(workspaces(most=7), st.lists(SOME, max_size=6), st.lists(SOME, max_size=14))
def test_all_of_it_adds_up(ws: Workspace, begun: Steps, steps: Steps) -> None:
    told = Telling(ws)
    go_on(told, begun)
    try:
        baseline = told.baseline()
    except Refused:
        return
    go_on(told, steps)
    adds_up(told.drift(baseline))


@given(workspaces())
def test_a_plan_just_taken_has_not_moved(ws: Workspace) -> None:
    told = Telling(ws)
    try:
        baseline = told.baseline()
    except Refused:
        return
    found = told.drift(baseline)
    adds_up(found)
    assert {each.kind for each in found.tasks} <= {"kept"}
    assert not any(each.parts or each.inherited for each in found.tasks)
    assert all(project.days == 0 for project in found.projects)


def test_what_is_begun_late_is_late_and_all_behind_it_inherits_that() -> None:
    told = Telling(estimated("1-2"))
    baseline = told.baseline()
    found = told.later(3).drift(baseline)
    assert own(found, 1) == {"late": 3}
    assert (own(found, 2), found.tasks[1].slip, found.tasks[1].inherited) == ({}, 3, 3)
    assert [(part.cause, part.task, part.days) for part in found.projects[0].parts] == [
        ("late", 1, 3)
    ]
    assert [part.task for part in found.way(2)] == [1]


def test_what_was_over_long_before_the_baseline_has_made_up_for_nothing() -> None:
    told = Telling(estimated("1-2", days=1))
    told.do(commands.start, task=1).do(commands.finish, task=1).later(4)
    baseline = told.baseline()
    found = told.later(5).drift(baseline)
    adds_up(found)
    assert [(part.cause, part.task, part.days) for part in found.way(2)] == [("late", 2, 5)]


def test_a_grown_estimate_is_told_from_work_that_took_longer() -> None:
    told = Telling(estimated(tasks=2))
    baseline = told.baseline()
    told.do(commands.start, task=1).do(commands.start, task=2)
    told.do(commands.edit_task, task=1, low=7, likely=7, high=7)
    told.later(5).do(commands.finish, task=2)
    found = told.drift(baseline)
    assert own(found, 1) == {"estimates": 3}
    assert own(found, 2) == {"longer": 2}


def test_a_return_costs_what_came_after_the_first_time_it_was_done() -> None:
    told = Telling(estimated("1-2", returns="2-1"))
    baseline = told.baseline()
    told.do(commands.start, task=1).later(3).do(commands.finish, task=1)
    told.later().do(commands.start, task=2).later(2)
    told.do(arrows.send_back, gate=2, target=1, reason="incomplete")
    told.later().do(commands.start, task=1).later(2)
    found = told.drift(baseline)
    adds_up(found)
    first, gate = found.tasks
    assert (first.kind, gate.kind) == ("returned", "slipped")
    assert set(own(found, 1)) == {"returns"}
    assert own(found, 1)["returns"] == first.slip
    assert gate.inherited == first.slip
    assert found.projects[0].causes["returns"] == first.slip


def test_days_on_hold_and_days_on_which_a_system_was_down_are_told_apart() -> None:
    told = Telling(estimated(tasks=2, extra=[System(id=1, name="ERP")]))
    told.do(commands.edit_task, task=2, systems=(1,))
    baseline = told.baseline()
    told.do(commands.start, task=1).do(commands.start, task=2).later()
    told.do(commands.wait, task=1, waiting_for="the supplier", follow_up=None)
    told.do(upkeep.set_system, system=1, state="down").later(3)
    told.do(commands.start, task=1).do(upkeep.set_system, system=1, state="up").later(4)
    found = told.drift(baseline)
    adds_up(found)
    assert own(found, 1) == {"waiting": 3, "longer": 2}
    assert own(found, 2) == {"systems": 3, "longer": 2}
    assert found.complete


def test_without_the_history_what_is_up_again_is_not_guessed() -> None:
    told = Telling(estimated(tasks=1, extra=[System(id=1, name="ERP")]))
    told.do(commands.edit_task, task=1, systems=(1,))
    baseline = told.baseline()
    told.do(commands.start, task=1).do(upkeep.set_system, system=1, state="down").later(3)
    told.do(upkeep.set_system, system=1, state="up").later(3)
    found = drift(told.ws, baseline, told.now)
    assert not found.complete
    assert own(found, 1) == {"longer": 3}
    second = told.baseline("Plan 2")
    assert not between(told.ws, baseline, second, told.records[-1:]).complete
    told.do(commands.drop, task=1)
    with pytest.raises(Refused, match="not kept"):
        between(told.ws, baseline, second, told.records[-1:])


def test_new_work_in_front_of_a_task_moves_it() -> None:
    told = Telling(estimated(tasks=1))
    baseline = told.baseline()
    told.do(commands.add_task, title="Ahead of it", low=3, likely=3, high=3)
    told.do(arrows.link, source=2, target=1)
    found = told.drift(baseline)
    adds_up(found)
    assert [each.kind for each in found.tasks] == ["slipped", "new"]
    assert found.projects[0].causes == {"new": 3}
    assert own(found, 2) == {"new": 3}


def test_a_new_task_that_restores_a_system_is_a_matter_of_the_system() -> None:
    told = Telling(estimated(tasks=1, extra=[System(id=1, name="ERP")]))
    baseline = told.baseline()
    told.do(commands.add_task, title="Restore it", low=2, likely=2, high=2)
    told.do(upkeep.set_properties, kind=System, name="ERP", values={"restored_by": 2})
    assert own(told.drift(baseline), 2) == {"systems": 2}


def test_an_arrow_to_what_was_to_come_later_is_one_of_the_causes() -> None:
    told = Telling(estimated(tasks=2))
    baseline = told.baseline()
    told.do(arrows.link, source=2, target=1)
    found = told.drift(baseline)
    adds_up(found)
    assert found.projects[0].causes == {"arrows": 4}


def test_slack_takes_up_what_is_late_before_it() -> None:
    ws = estimated("1-3 2-3")
    told = Telling(ws)
    told.do(commands.edit_task, task=2, low=1, likely=1, high=1)
    baseline = told.baseline()
    told.do(commands.start, task=1).later(3).do(commands.finish, task=1).later(2)
    found = told.drift(baseline)
    adds_up(found)
    assert found.projects[0].days == 2
    assert found.projects[0].causes == {"late": 5, "slack": -3}


def test_what_is_dropped_or_deleted_is_gone_and_told_by_the_department_it_had() -> None:
    told = Telling(estimated(tasks=3))
    told.do(commands.edit_task, task=1, department="Netz")
    baseline = told.baseline()
    told.do(commands.delete_task, task=1).do(commands.drop, task=2)
    found = told.drift(baseline)
    assert [each.kind for each in found.tasks] == ["gone", "gone", "kept"]
    assert found.tasks[0].department == 1
    assert found.tasks[0].before.finish


def test_it_is_of_what_is_in_scope() -> None:
    told = Telling(estimated(tasks=2))
    told.do(commands.edit_task, task=1, project="CRM")
    baseline = told.baseline()
    told.do(commands.delete_task, task=1).later(2)
    found = drift(told.ws, baseline, told.now, told.records, Scope((1,)))
    assert [(each.task, each.kind) for each in found.tasks] == [(1, "gone")]
    assert not found.projects
    rest = drift(told.ws, baseline, told.now, told.records, Scope((0,)))
    assert [each.task for each in rest.tasks] == [2]
    assert [each.project for each in rest.projects] == [0]


def test_between_two_baselines_it_is_what_had_become_of_the_first_by_the_second() -> None:
    told = Telling(estimated(tasks=1))
    first = told.baseline()
    second = told.later(2).baseline("Plan 2")
    told.later(5)
    found = between(told.ws, second, first, told.records)
    assert found.today == second.taken.date()
    assert own(found, 1) == {"late": 2}


def test_days_on_which_nobody_works_are_not_lost() -> None:
    told = Telling(estimated(tasks=1), day=date(2026, 11, 6))
    baseline = told.baseline()
    told.day = date(2026, 11, 9)
    assert own(told.drift(baseline), 1) == {"late": 1}
