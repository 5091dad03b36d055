"""Where a plan stands: lights with their reasons, what is to be decided, what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flow.test_drift import FIRST, SOME, Telling, estimated, go_on
from tracker.domain.model import Department, Entity, Person, Project, System
from tracker.domain.scope import Scope
from tracker.domain.verbs import arrows, baselines, commands
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import take
from tracker.flow.status_report import LightColor, StatusReport, last_known, level_of, read

OPS = Department(id=1, name="Operations", day_rate=800.0)


def report(plan: Telling, scope: Scope = Scope()) -> StatusReport:  # a frozen value
    """Return the report on a plan, compared with what it is compared with unasked."""
    since = last_known(plan.ws, plan.records, plan.now.at, scope)
    return read(plan.ws, plan.records, plan.now, scope=scope, since=since)


def project(
    needs: str = "1-2 2-3", *, target: date | None = None, budget: float | None = None,
    extra: Iterable[Entity] = (), **fields: Any,
) -> Telling:  # fmt: skip
    one = Project(id=1, name="Billing", target=target, budget=budget)
    return Telling(estimated(needs, project=1, department=1, extra=(one, OPS, *extra), **fields))


def light(found: StatusReport, aspect: str) -> LightColor:
    [level] = {each.level for each in found.lights if each.aspect == aspect}
    return level


@pytest.mark.parametrize(
    ("days", "level"), [(60, "green"), (1, "red")],
)  # fmt: skip
def test_the_light_of_dates_is_the_chance_of_keeping_the_target(
    days: int, level: LightColor
) -> None:
    found = report(project(target=FIRST + timedelta(days)))
    assert light(found, "dates") == level == level_of(found.projects[0].chance)
    assert ("target" in {each.kind for each in found.decisions}) == (level != "green")


def test_without_a_target_or_a_budget_nobody_can_tell() -> None:
    found = report(project())
    assert (light(found, "dates"), light(found, "budget")) == ("grey", "grey")
    assert found.projects[0].chance is None
    assert not found.decisions


def test_the_light_of_the_budget_is_the_chance_of_keeping_it() -> None:
    assert light(report(project(budget=100.0)), "budget") == "red"
    assert light(report(project(budget=100_000.0)), "budget") == "green"


def test_a_finished_project_is_green_and_had_its_last_day() -> None:
    plan = project("1-2", target=FIRST + timedelta(30))
    plan.do(commands.finish, task=1).later().do(commands.finish, task=2).later()
    found = report(plan)
    assert found.finished
    assert (found.projects[0].ended, found.projects[0].done) == (FIRST + timedelta(1), 2)
    assert light(found, "dates") == "green"
    assert not any(each.aspect == "people" for each in found.lights)


def test_over_the_limit_is_red_and_somebody_is_asked() -> None:
    plan = project("1-2")
    plan.do(arrows.link_return, gate=2, target=1, limit=2, rate=0.3)
    for _round in range(2):
        plan.do(commands.finish, task=1).do(commands.finish, task=2)
        plan.later().do(arrows.send_back, gate=2, target=1, reason="Refused")
    found = report(plan)
    assert light(found, "returns") == light(found, "obstacles") == "red"
    assert [(each.kind, each.link) for each in found.decisions] == [
        ("limit", found.returns[0].link.id)
    ]
    [row] = found.returns
    assert (row.passes, row.over) == (3, True)
    assert row.days > 0
    assert row.money == row.days * 800.0


def test_a_system_that_is_down_is_an_obstacle_for_somebody_to_decide_on() -> None:
    down = System(id=1, name="Database", state="down", owner=1)
    found = report(project("1-2", extra=(down,), systems=(1,)))
    assert light(found, "obstacles") == "red"
    assert [each.system for each in found.decisions if each.kind == "system"] == [1]


def test_who_has_too_much_to_do_is_told_of_by_the_worst_week() -> None:
    busy = (Person(id=1, login="anna", department=1),)
    assert light(report(project("", tasks=3, extra=busy, assignee=1)), "people") == "red"
    assert light(report(project("1-2", extra=busy, assignee=1)), "people") == "green"
    assert light(report(project("1-2")), "people") == "grey"


def test_milestones_come_by_their_days_and_know_what_was_planned() -> None:
    plan = project("1-2 2-3", target=FIRST + timedelta(60))
    plan.do(commands.edit_tasks, tasks=(2, 3), low=0.0, likely=0.0, high=0.0)
    baseline = plan.baseline()
    plan.do(commands.edit_task, task=1, likely=9.0, high=9.0).later()
    found = report(plan)
    rows = {row.id: row.finish for row in baseline.plan}
    assert [(row.task, row.before) for row in found.milestones] == [(2, rows[2]), (3, rows[3])]
    assert all(row.planned and row.before and row.planned > row.before for row in found.milestones)
    plan.do(commands.finish, task=1).do(commands.finish, task=2)
    assert report(plan).milestones[0].reached == plan.day


def test_without_milestones_what_is_due_and_decides_the_end_stands_for_them() -> None:
    plan = project("1-2", tasks=3)
    for task in (2, 3):
        plan.do(commands.edit_task, task=task, due=FIRST + timedelta(40))
    assert [row.task for row in report(plan).milestones] == [2]


def test_what_comes_next_is_what_begins_soon_by_its_end() -> None:
    plan = project("1-2 2-3 3-4 4-5", tasks=6)
    found = report(plan)
    assert [row.task for row in found.ahead] == [1, 6, 2, 3]
    assert [row.task for row in found.ahead if row.critical] == [1, 2, 3]


def test_it_is_compared_with_the_newest_baseline_else_with_two_weeks_ago() -> None:
    plan = project()
    assert last_known(plan.ws, plan.records, plan.now.at, Scope()) == plan.records[0].at
    plan.later(15)
    assert last_known(plan.ws, plan.records, plan.now.at, Scope()) == plan.now.at - timedelta(14)
    plan.do(take, name="Other", projects=(1,)).later()
    baseline = plan.ws.baselines[1]
    assert last_known(plan.ws, plan.records, plan.now.at, Scope((1,))) == baseline
    assert last_known(plan.ws, plan.records, plan.now.at, Scope((0,))) != baseline
    plan.do(baselines.delete_baseline, baseline="Other")
    assert last_known(plan.ws, (), plan.now.at, Scope()) is None


def test_of_an_empty_plan_there_is_a_report() -> None:
    plan = Telling(Workspace())
    found = report(plan)
    assert not found.finished
    assert (found.projects, found.lights, found.decisions, found.ahead) == ((), (), (), ())


@given(steps=st.lists(SOME, max_size=20))
def test_figures_agree_with_the_plan(steps: list[tuple[str, int, int]]) -> None:
    plan = project("1-2 2-3 1-4", target=FIRST + timedelta(40), budget=9_000.0, tasks=5)
    go_on(plan, steps)
    found = report(plan)
    kept = [task for task in plan.ws.tasks.values() if task.state != "dropped"]
    assert sum(each.tasks for each in found.projects) == len(kept) == found.burn_up.there
    assert sum(each.done for each in found.projects) == found.burn_up.done
    assert all(plan.ws.tasks[row.task].open for row in found.ahead)
    for each in found.projects:
        assert (each.forecast is None) == (each.done == each.tasks)
        if each.forecast and each.p80:
            assert each.p80 == each.forecast.date_of(each.forecast.finish.p80)
            assert len(found.projects) > 1 or found.burn_up.ahead[0.8][-1][0] == each.p80
