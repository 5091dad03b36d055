"""Each project has its own date, whatever else is in its workspace."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import TODAY
from tests.flow.board.nets import net
from tests.flow.forecast.test_forecast_laws import nets, options, some
from tracker.domain.model import Project, Task
from tracker.domain.scope import Scope
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.critical_path import schedule
from tracker.flow.forecast.forecast import (
    Forecast,
    Options,
    each_by,
    forecast,
    refine,
)
from tracker.flow.forecast.portfolio import refine_each, task_ends, together
from tracker.language import say

# A short project with a return, beside a long one without.
SHORT, LONG = 1, 2
TWO = net(
    "1-2",
    "2-1:0.4",
    days={1: (4, 5, 9), 2: (4, 5, 9), 3: 200},
    projects={1: SHORT, 2: SHORT, 3: LONG},
)
ALONE = net("1-2", "2-1:0.4", days={1: (4, 5, 9), 2: (4, 5, 9)}, projects={1: SHORT, 2: SHORT})


def of_each(ws: Workspace, assumed: Options) -> dict[int, Forecast]:
    return {key: forecast(ws, TODAY, replace(assumed, project=key)) for key in Scope().ahead(ws)}


@some
@given(nets(lags=("", "", "+1", "+-1.5")), options)
def test_a_project_ends_in_each_run_when_it_does_in_the_whole(
    ws: Workspace, assumed: Options
) -> None:
    whole = forecast(ws, TODAY, assumed)
    parts = of_each(ws, assumed)
    assert {key: found.finish.ends for key, found in parts.items()} == {
        key: finish.ends for key, finish in whole.projects.items()
    }
    for named in ("finish", "without_returns"):
        if parts:
            assert getattr(together(parts), named) == getattr(whole, named)
    if parts:
        assert together(parts).cpm_days == whole.cpm_days


@some
@given(nets(lags=("",)), nets(lags=("",)), options)
def test_a_project_that_depends_on_no_other_has_the_figures_it_has_alone(
    one: Workspace, other: Workspace, assumed: Options
) -> None:
    alone = _as_project(one, SHORT, 0)
    both = Workspace([*alone.entities(), *_as_project(other, LONG, 100).entities()])
    here, there = (forecast(ws, TODAY, replace(assumed, project=SHORT)) for ws in (alone, both))
    assert here.finish == there.finish
    assert here.criticality == there.criticality
    assert here.returns == there.returns
    assert here.warnings == there.warnings


def _as_project(ws: Workspace, project: int, apart: int) -> Workspace:
    """Return a workspace whose tasks are of one project, all ids so far from what they were."""
    tasks = [
        replace(task, id=task.id + apart, project=project, department=None)
        for task in ws.tasks.values()
    ]
    links = [
        replace(link, id=link.id + apart, source=link.source + apart, target=link.target + apart)
        for link in ws.links.values()
    ]
    named = net(days={1: 1}, projects={1: project}).projects.values()
    return Workspace([*named, *tasks, *links])


def test_a_long_project_does_not_hide_what_a_return_costs_a_short_one() -> None:
    short = forecast(TWO, TODAY, Options(project=SHORT))
    alone = forecast(ALONE, TODAY)
    assert short.finish == alone.finish
    assert short.finish.p80 < 40
    (arrow,) = short.own_returns
    assert arrow == alone.returns[0]
    assert arrow.cost_p80 == alone.returns[0].cost_p80
    assert (arrow.cost_p80 or 0) > 5
    assert short.criticality == {1: 1.0, 2: 1.0}
    long = forecast(TWO, TODAY, Options(project=LONG))
    assert long.finish.p80 == 200
    assert long.returns == ()


def test_each_project_is_simulated_until_its_own_date_is_known() -> None:
    short, long = (forecast(TWO, TODAY, Options(project=key)) for key in (SHORT, LONG))
    assert short.runs == forecast(ALONE, TODAY).runs
    assert long.runs < short.runs


def test_what_another_project_must_do_first_counts_and_its_end_does_not() -> None:
    # 1 is needed by 2 of the other project; 3 goes on without it.
    ws = net("1-2 1-3", days={1: 5, 2: 4, 3: 90}, projects={1: SHORT, 2: LONG, 3: SHORT})
    found = forecast(ws, TODAY, Options(runs=50, project=LONG))
    assert found.finish.p80 == 9
    assert found.criticality == {1: 1.0, 2: 1.0}
    assert set(found.plan.steps) == {1, 2}


def test_an_arrow_belongs_to_the_project_of_its_gate() -> None:
    ws = net("1-2 2-3 3-4", "3-1:0.3 2-1:0.3", projects={1: SHORT, 2: SHORT, 3: LONG, 4: LONG})
    for project, owned in ((SHORT, [2]), (LONG, [3])):
        found = forecast(ws, TODAY, Options(runs=50, project=project))
        assert [back.gate for back in found.own_returns] == owned
    assert {back.gate for back in found.returns} == {2, 3}


def test_what_comes_back_from_a_later_project_is_said_not_counted() -> None:
    ws = net("1-2 2-3 3-4", "3-1:0.3 4-3:0.3", projects={1: SHORT, 2: SHORT, 3: LONG, 4: LONG})
    short, long = (forecast(ws, TODAY, Options(runs=50, project=key)) for key in (SHORT, LONG))
    told = [say(warning) for warning in short.warnings if "another project" in say(warning)]
    assert len(told) == 1
    assert "Work of P1 may come back from another project over 3 T3 → 1 T1; neither" in told[0]
    assert "another project" not in " ".join(map(say, long.warnings))
    whole = forecast(ws, TODAY, Options(runs=50))
    assert "another project" not in " ".join(map(say, whole.warnings))


@given(st.integers(0, 3))
def test_several_projects_are_refined_one_after_the_other(stop: int) -> None:
    walk = list(refine_each(TWO, TODAY, Options(runs=600), (SHORT, LONG)))
    assert set(walk[0]) == {SHORT, LONG}
    for key, found in walk[-1].items():
        *_first, last = refine(TWO, TODAY, Options(runs=600, project=key))
        assert found == last
    # Nothing comes of what is stopped before there is something of all.
    asked = iter(range(1000))
    cut = refine_each(
        TWO, TODAY, Options(runs=600), (SHORT, LONG), stopped=lambda: next(asked) >= stop
    )
    assert all(set(each) == {SHORT, LONG} for each in cut)


def test_tasks_without_a_project_have_a_date_of_their_own() -> None:
    ws = net("1-2", days={1: 3, 2: 4, 3: 9}, projects={1: SHORT, 2: SHORT})
    assert Scope().ahead(ws) == (SHORT, 0)
    days = {key: found.finish.p80 for key, found in of_each(ws, Options(runs=50)).items()}
    assert days == {SHORT: 7, 0: 9}


def test_the_last_task_of_a_project_has_its_date() -> None:
    for project, last in ((SHORT, 2), (LONG, 3)):
        found = forecast(TWO, TODAY, Options(project=project))
        ends = task_ends(TWO, TODAY, {project: found})
        assert SHORT + LONG - project not in {TWO.tasks[task].project for task in ends}
        assert ends[last].days == found.finish.p80
        assert ends[last].day == found.date_of(found.finish.p80)


@some
@given(nets(), options)
def test_a_task_has_the_date_of_a_project_that_is_nothing_else(
    ws: Workspace, assumed: Options
) -> None:
    """Where projects have nothing in common that delays them, a task may be one of its own."""
    assumed = replace(assumed, correlation=0.0, runs=700)
    names = [Project(id=key, name=f"P{key}") for key in ws.tasks]
    tasks = {key: replace(task, project=key) for key, task in ws.tasks.items()}
    rest = (each for each in ws.entities() if not isinstance(each, Task | Project))
    apart = Workspace([*names, *tasks.values(), *rest])
    found = of_each(apart, assumed)
    ends = each_by(ws, TODAY, assumed)
    assert {key: end.days for key, end in ends.items()} == {
        key: one.finish.p80 for key, one in found.items()
    }


@given(nets(lags=("", "+1", "+-1.5")))
def test_slack_is_measured_against_the_own_project(ws: Workspace) -> None:
    found = schedule(ws, TODAY)
    for project, length in found.lengths.items():
        path = found.path_of(project)
        assert found.tasks[path[-1]].early_finish == length
        assert all(found.tasks[task].critical for task in path)
    assert found.length == max(found.lengths.values(), default=0)


def test_a_task_of_a_short_project_has_little_slack_beside_a_long_one() -> None:
    found = schedule(TWO, TODAY)
    assert [found.tasks[key].slack for key in (1, 2, 3)] == [0, 0, 0]
    assert found.path_of(SHORT) == (1, 2)
    # What another project needs soon has less slack than its own project leaves it.
    ws = net("1-3", days={1: 2, 2: 9, 3: 1}, projects={1: SHORT, 2: SHORT, 3: LONG})
    assert schedule(ws, TODAY).tasks[1].slack == 0
