"""Diagrams for Mermaid follow its grammar line by line, and hold every title as it is."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, plan
from tests.exchange.hostile_titles import hostile, visible
from tracker.domain.errors import Refused
from tracker.domain.model import Department, Link, Pass, Task
from tracker.domain.workspace import Workspace
from tracker.exchange import mermaid_flow, mermaid_gantt
from tracker.exchange.handout import Handout

# A label between quotes: whatever has a meaning there or begins a directive is an entity.
_LABEL = r'"(?P<label>(?:[^"#&<>`%\n]|#\d+;)*)"'
_FLOW = (
    r"flowchart LR",
    rf"  subgraph d\d+\[{_LABEL}\]",
    rf"    (?P<node>t\d+)(?:\[{_LABEL}\]|\{{\{{{_LABEL.replace('label', 'milestone')}\}}\}})",
    r"  end",
    rf"  (?P<source>t\d+) (?P<arrow>-->|-\.->)(?:\|{_LABEL}\|)? (?P<target>t\d+)",
    r"  classDef [a-z]+State [a-z0-9:.-]+",
    r"  class t\d+(?:,t\d+)* [a-z]+State",
    r"",
)
_TEXT = r"(?:[^#:;<>&%\"\n]|#\d+;)*"
_DAY = r"\d{4}-\d\d-\d\d"
_GANTT = (
    r"gantt",
    rf"  title (?P<title>{_TEXT})",
    r"  dateFormat YYYY-MM-DD",
    rf"  excludes weekends(?:, (?P<excluded>{_DAY}))*",
    rf"  section (?P<section>{_TEXT})",
    rf"  (?P<text>\d+ ?{_TEXT}) :(?P<flags>(?:\w+, )*)(?P<id>t\d+), "
    rf"(?P<first>{_DAY}), (?P<end>{_DAY}|0d)",
    r"",
)


def read(data: bytes, grammar: tuple[str, ...]) -> list[dict[str, str]]:
    """Return what stands in each line of a diagram; a line that is none of the grammar fails."""
    found = []
    for line in data.decode().split("\n"):
        match = next(filter(None, (re.fullmatch(each, line) for each in grammar)), None)
        assert match, line
        found.append({name: text for name, text in match.groupdict().items() if text is not None})
    return found


def plain(text: str) -> str:
    """Return a text as Mermaid shows it."""
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", text))


@settings(max_examples=8)
@given(titles=st.lists(hostile, min_size=1, max_size=6), lane=hostile)
def test_a_flowchart_holds_every_title_as_it_is(titles: list[str], lane: str) -> None:
    lanes = (Department(id=1, name=lane),)
    ws = plan(titles=titles, tasks=len(titles), department=1, extra=lanes)
    lines = read(mermaid_flow.write(Handout(ws, TODAY)), _FLOW)
    nodes = {line["node"]: plain(line["label"]) for line in lines if "node" in line}
    assert nodes == {
        f"t{task.id}": f"{task.id} {visible(task.title)}".rstrip() for task in ws.tasks.values()
    }
    assert plain(lines[1]["label"]) == visible(lane)


@settings(max_examples=8)
@given(titles=st.lists(hostile, min_size=1, max_size=6), lane=hostile)
def test_a_chart_holds_every_title_as_it_is(titles: list[str], lane: str) -> None:
    lanes = (Department(id=1, name=lane),)
    ws = plan(titles=titles, tasks=len(titles), department=1, extra=lanes)
    lines = read(mermaid_gantt.write(Handout(ws, TODAY)), _GANTT)
    bars = {line["id"]: plain(line["text"]) for line in lines if "id" in line}
    assert bars == {
        f"t{task.id}": f"{task.id} {visible(task.title)}".rstrip() for task in ws.tasks.values()
    }
    [section] = [plain(line["section"]) for line in lines if "section" in line]
    assert section == (visible(lane) or "–")


def test_a_flowchart_tells_arrows_milestones_and_states() -> None:
    ws = plan("1-2 2-3", returns="3-1", states="1:done 2:waiting", high=0.0, low=0.0)
    lines = read(mermaid_flow.write(Handout(ws, TODAY)), _FLOW)
    arrows = [
        (line["source"], line["arrow"], line["target"], plain(line.get("label", "")))
        for line in lines
        if "arrow" in line
    ]
    assert arrows == [
        ("t1", "-->", "t2", ""),
        ("t2", "-->", "t3", ""),
        ("t3", "-.->", "t1", "~20%"),
    ]
    assert [line["milestone"] for line in lines if "milestone" in line] == ["1 A", "2 B", "3 C"]


def test_more_than_mermaid_draws_is_refused_with_the_numbers() -> None:
    chain = [Link(id=n, kind="needs", source=n, target=n + 1) for n in range(1, 502)]
    with pytest.raises(Refused, match="at most 500 arrows, and there are 501"):
        mermaid_flow.write(Handout(plan(tasks=502, extra=chain), TODAY))
    long = Handout(plan(tasks=300, titles=["x" * 190] * 300), TODAY)
    for write in (mermaid_flow.write, mermaid_gantt.write):
        with pytest.raises(Refused, match="at most 50000 characters, and there are 6"):
            write(long)


def test_a_chart_has_the_days_worked_and_those_that_are_planned() -> None:
    worked = Pass(
        number=1, started=NOW.at - timedelta(6), ended=NOW.at - timedelta(3), outcome="done"
    )
    tasks = [
        Task(id=1, title="Concept", state="done", likely=4.0, passes=(worked,)),
        Task(id=2, title="Build", likely=3.0),
        Task(id=3, title="Go", low=0.0, likely=0.0, high=0.0),
        Task(id=4, title="Unknown", state="done"),
        Task(id=5, title="Away", state="dropped", likely=1.0),
        Task(id=6, title="Loose", state="waiting"),
    ]
    links = [
        Link(id=1, kind="needs", source=1, target=2),
        Link(id=2, kind="needs", source=2, target=3),
    ]
    out = Handout(Workspace([*tasks, *links]), TODAY)
    lines = {line["id"]: line for line in read(mermaid_gantt.write(out), _GANTT) if "id" in line}
    assert [(line["flags"], line["first"], line["end"]) for line in lines.values()] == [
        ("done, ", "2026-11-17", "2026-11-21"),
        ("crit, ", "2026-11-23", "2026-11-26"),
        ("milestone, crit, ", "2026-11-25", "0d"),
        ("", "2026-11-23", "2026-11-24"),
    ]
    assert {told.name: told.times for told in out.changed} == {
        "undated": 1,
        "dropped": 1,
        "guessed": 1,
        "waiting": 1,
    }


def test_days_that_hang_on_tasks_not_shown_stay_the_same() -> None:
    ws = plan("1-2", likely=10.0)
    [line] = [
        line
        for line in read(mermaid_gantt.write(Handout(ws, TODAY, tasks=[ws.tasks[2]])), _GANTT)
        if "id" in line
    ]
    assert date.fromisoformat(line["first"]) > TODAY + timedelta(10)


def test_days_off_are_excluded() -> None:
    ws = plan(tasks=1, likely=30.0)
    text = mermaid_gantt.write(Handout(ws, TODAY)).decode()
    assert "  excludes weekends, 2026-12-25, 2027-01-01\n" in text
