"""What goes to Microsoft Project comes back as it was, but for what the export says of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, plan
from tests.exchange.hostile_titles import hostile
from tests.exchange.plans import plans
from tracker.domain.fields import FIELDS
from tracker.domain.model import Baseline, Item, Link, PlannedTask, Project, Task
from tracker.domain.workspace import Workspace
from tracker.exchange.foreign import mspdi
from tracker.exchange.handout import Handout
from tracker.exchange.merge import lay
from tracker.exchange.outcome import Report
from tracker.exchange.project_xml import write
from tracker.exchange.source import ReadOptions, harmless

# Told by the export: what it counts only as one, or leaves to the tables beside it.
_LOST = {"passes", "modified", "finished", "origin", "estimate", "after", "blocks", "returns_to"}


def there_and_back(ws: Workspace, language: str = "en") -> tuple[Workspace, Report]:
    """Return what comes back into an empty workspace."""
    data = write(Handout(ws, TODAY, language))
    source = mspdi.read(data, "plan.xml", ReadOptions(today=TODAY))
    change, report = lay(source, Workspace(), NOW)
    return Workspace().apply(change), report


def said(ws: Workspace, task: Task) -> dict[str, Any]:
    """Return the fields of a task with names in place of ids, blanks as they are read."""
    found: dict[str, Any] = {}
    for field in FIELDS:
        if field.name in _LOST:
            continue
        value = getattr(task, field.name)
        if field.entity and field.kind == "names":
            things = ws.table(field.entity)
            value = sorted(_text(_name(things[key])) for key in value)
        elif field.entity:
            value = _text(_name(ws.table(field.entity)[value])) if value else ""
        elif field.kind == "checklist":
            value = [(_text(item.text), item.done) for item in value]
        elif isinstance(value, tuple):
            value = list(dict.fromkeys(map(_text, value)))
        elif isinstance(value, str):
            value = _text(value)
        found[field.name] = value
    if task.created:
        found["created"] = task.created.replace(microsecond=0)
    return found


def _name(thing: Any) -> str:
    return str(getattr(thing, "login", "") or thing.name)


def _text(text: str) -> str:
    return " ".join(harmless(text)[0].split())


def _expected(ws: Workspace, task: Task) -> dict[str, Any]:
    found = said(ws, task)
    if task.created is None:
        # Whoever imports it makes it.
        found["created"] = NOW.at
    if task.likely is None and not (task.low is None and task.high is None):
        found |= dict.fromkeys(("low", "likely", "high"))
    if task.state in ("done", "recheck"):
        found["progress"] = None
    elif task.progress is not None:
        found["progress"] = float(min(round(task.progress), 99)) or None
    return found


@settings(max_examples=15)
@given(ws=plans(), language=st.sampled_from(("en", "de")))
def test_every_task_comes_back(ws: Workspace, language: str) -> None:
    back, _report = there_and_back(ws, language)
    assert set(back.tasks) == set(ws.tasks)
    for key, task in ws.tasks.items():
        found, wanted = said(back, back.tasks[key]), _expected(ws, task)
        if wanted["likely"] is None:
            for name in ("low", "likely", "high"):
                found.pop(name), wanted.pop(name)
        if task.state in ("done", "recheck"):
            found["progress"] = None
        for name in ("low", "likely", "high", "effort", "spent"):
            if wanted.get(name) is not None:
                assert found.pop(name) == pytest.approx(wanted.pop(name), abs=1e-4)
        found["progress"] = found["progress"] or None
        assert found == wanted


@settings(max_examples=15)
@given(ws=plans())
def test_every_arrow_comes_back(ws: Workspace) -> None:
    back, _report = there_and_back(ws)

    def needs(each: Workspace) -> dict[tuple[int, int], float]:
        arrows = each.links.values()
        return {(a.source, a.target): a.lag for a in arrows if a.kind == "needs"}

    def returns(each: Workspace) -> dict[tuple[int, int], tuple[Any, ...]]:
        return {
            (a.source, a.target): (a.rate, a.share, a.limit, a.redo, a.learning, a.escalation)
            for a in each.links.values()
            if a.kind == "returns"
        }

    assert needs(back) == pytest.approx(needs(ws), abs=1e-3)
    assert returns(back) == returns(ws)


@settings(max_examples=10)
@given(title=hostile, name=hostile)
def test_hostile_texts_come_back_as_texts(title: str, name: str) -> None:
    ws = plan(
        titles=[title, title],
        tasks=2,
        project=1,
        phase=name,
        tags=(name,),
        notes=name,
        checklist=(Item(text=title, done=True), Item(text=name)),
        extra=(Project(id=1, name=name or "x"),),
    )
    back, _report = there_and_back(ws)
    for key, task in ws.tasks.items():
        if _text(title) and len(_text(title)) < 500:
            assert said(back, back.tasks[key])["title"] == _text(task.title)
        if len(name) < 200:
            assert _text(back.tasks[key].phase) == _text(task.phase)


def test_phases_and_projects_are_rows_there_and_fields_here() -> None:
    things = (Project(id=1, name="Umzug"), Project(id=2, name="Netz"))
    tasks = [
        Task(id=3, title="A", project=1, phase="Test"),
        Task(id=5, title="B", project=2),
        Task(id=4, title="C", project=1),
    ]
    back, report = there_and_back(Workspace([*things, *tasks]))
    assert {key: (task.title, task.phase) for key, task in back.tasks.items()} == {
        3: ("A", "Test"),
        4: ("C", ""),
        5: ("B", ""),
    }
    names = {key: back.projects[task.project or 0].name for key, task in back.tasks.items()}
    assert names == {3: "Umzug", 4: "Umzug", 5: "Netz"}
    assert not report.approximated
    assert not report.warnings


def test_a_plan_that_began_before_today_gets_no_earliest_dates() -> None:
    ws = plan("1-2", states="1:done", likely=3.0)
    back, report = there_and_back(ws)
    assert not any(task.not_before for task in back.tasks.values())
    assert not report.approximated


def test_what_is_changed_in_project_counts() -> None:
    ws = plan("1-2", likely=3.0, low=2.0, high=6.0)
    text = write(Handout(ws, TODAY)).decode()
    first, second = text.split("<UID>2</UID>")
    second = second.replace("<Duration>PT24H0M0S</Duration>", "<Duration>PT40H0M0S</Duration>", 1)
    second = second.replace(
        "<PercentComplete>0</PercentComplete>",
        "<PercentComplete>100</PercentComplete><ActualStart>2026-11-20T08:00:00</ActualStart>"
        "<ActualFinish>2026-11-20T17:00:00</ActualFinish>",
        1,
    )
    data = f"{first}<UID>2</UID>{second}".encode()
    source = mspdi.read(data, "plan.xml", ReadOptions(today=TODAY))
    change, report = lay(source, Workspace(), NOW)
    task = Workspace().apply(change).tasks[2]
    assert (task.low, task.likely, task.high, task.state) == (2.0, 5.0, 6.0, "done")
    assert any("what is complete of it counts" in str(each.why) for each in report.approximated)


def test_a_kind_of_link_goes_there_and_back() -> None:
    extra = {"relation": {"type": "SS", "lag": 1.0, "unit": "days", "as": -2.0}}
    link = Link(id=1, kind="needs", source=1, target=2, lag=-2.0, extra=extra)
    back, _report = there_and_back(plan(tasks=2, likely=3.0, extra=(link,)))
    [found] = back.links.values()
    assert (found.lag, found.extra["relation"]["type"]) == (-2.0, "SS")


def test_baselines_come_back_by_number() -> None:
    row = PlannedTask(1, TODAY, TODAY, 3.0, None, "todo")
    kept = Baseline(id=1, name="Plan 1", taken=NOW.at, plan=(row,))
    back, _report = there_and_back(plan(tasks=1, likely=3.0, extra=(kept,)))
    [found] = back.baselines.values()
    assert found.name == "Baseline 0 (plan.xml)"
    assert (found.plan[0].start, found.plan[0].finish) == (TODAY, TODAY)
