"""Lists of issues are read with what blocks them, and what they are a part of."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import TODAY
from tests.exchange.foreign.taking import SAMPLES, Taken, odd_json, only_refuses, take, wanted
from tracker.exchange.foreign import github_issues
from tracker.exchange.json_content import json_content
from tracker.exchange.source import ReadOptions

FOLDER = SAMPLES / "github"
SAMPLE = FOLDER / "gh-issue-list.json"


def issue(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "number": number,
        "title": f"Issue {number}",
        "state": "OPEN",
        "labels": [],
        "url": f"https://github.com/o/r/issues/{number}",
        **fields,
    }


def read(*issues: Any, **options: Any) -> Taken:
    return take(json.dumps(issues).encode(), "a.json", **options)


def test_the_list_of_the_tool_is_read_as_wanted() -> None:
    taken, want = take(SAMPLE), wanted(SAMPLE)
    assert len(taken.ws.tasks) == want["tasks"]
    arrows = [f"{link.source} → {link.target}" for link in taken.ws.links.values()]
    assert arrows == want["needs"]
    for id, state in want["states"].items():
        assert taken.ws.tasks[int(id)].state == state
    for id, day in want["due"].items():
        assert taken.ws.tasks[int(id)].due == date.fromisoformat(day)
    for id, word in want["priority"].items():
        assert taken.ws.tasks[int(id)].priority == word
    for id, count in want["checklist_items"].items():
        assert len(taken.ws.tasks[int(id)].checklist) == count
    assert taken.says("blockedBy", "#99", "not in the file")
    assert taken.says("Depends on #2", "Looks like a dependency")
    assert taken.ws.tasks[3].origin == "github:o/r#3"
    assert taken.ws.tasks[3].notes.startswith("- [x] draft")
    assert taken.ws.tasks[2].passes[0].ended == datetime(2026, 12, 11, 15, tzinfo=UTC)
    assert [(p.login, p.name) for p in taken.ws.people.values()] == [
        ("aquist", "Ada Quist"),
        ("blind", ""),
    ]
    assert not taken.not_taken


def test_the_answer_of_the_api_is_read_as_wanted() -> None:
    path = FOLDER / "rest-issues.json"
    taken, want = take(path), wanted(path)
    assert len(taken.ws.tasks) == want["tasks"]
    assert taken.skipped == {"#13": "A pull request is not a task; not taken."}
    task = taken.ws.tasks[12]
    assert (task.due, task.phase, task.tags) == (date(2027, 1, 26), "Cut-over", ("network",))
    assert not taken.not_taken


def test_pages_and_the_result_of_a_search_are_lists_too() -> None:
    pages = json.dumps([[issue(1)], [issue(2)]]).encode()
    assert take(pages, "a.json").titles == ["Issue 1", "Issue 2"]
    found = json.dumps({"total_count": 1, "items": [issue(3)]}).encode()
    assert take(found, "a.json").titles == ["Issue 3"]


@pytest.mark.parametrize(
    ("labels", "state", "priority", "tags"),
    [
        (["in progress", "net"], "doing", "medium", ("net",)),
        (["status::doing", "prio/high"], "doing", "high", ()),
        (["Status: waiting for vendor"], "waiting", "medium", ()),
        (["P1", "priority: low"], "todo", "critical", ("priority: low",)),
        (["duplicate", "ok", "normal", "x"], "todo", "medium", ("duplicate", "ok", "normal", "x")),
        (["high priority"], "todo", "high", ()),
    ],
)
def test_labels_say_state_and_priority_of_what_is_open(
    labels: list[str], state: str, priority: str, tags: tuple[str, ...]
) -> None:
    taken = read(issue(1, labels=[{"name": label} for label in labels]))
    task = taken.ws.tasks[1]
    assert (task.state, task.priority, task.tags) == (state, priority, tags)


def test_labels_of_what_is_closed_say_no_state() -> None:
    taken = read(
        issue(1, state="closed", state_reason="completed", labels=["blocked", "P2"]),
        issue(2, state="CLOSED", stateReason="DUPLICATE"),
        issue(3, state="closed"),
        issue(4, state="odd"),
    )
    states = [(task.state, task.priority, task.tags) for task in taken.ws.tasks.values()]
    assert states == [
        ("done", "high", ("blocked",)),
        ("dropped", "medium", ()),
        ("done", "medium", ()),
        ("todo", "medium", ()),
    ]
    assert taken.says("state ODD", "not a known state")


def test_the_same_arrow_told_at_both_ends_is_one() -> None:
    taken = read(
        issue(1, blocking=[{"number": 2}]),
        issue(2, blockedBy={"nodes": [{"number": 1}], "totalCount": 1}),
    )
    assert taken.needs == ["Issue 1 → Issue 2"]
    assert not taken.says("Duplicate")


def test_parts_lead_to_what_they_are_a_part_of() -> None:
    taken = read(
        issue(1, subIssues=[{"number": 2}, {"number": 3}]),
        issue(2, blocking=[{"number": 3}]),
        issue(3),
        issue(4, parent_issue_url="https://api.github.com/repos/o/r/issues/1"),
    )
    assert taken.needs == [
        "Issue 2 → Issue 3",
        "Issue 3 → Issue 1",
        "Issue 4 → Issue 1",
    ]


def test_issues_of_several_repositories_are_told_apart() -> None:
    other = "https://github.com/o/other/issues/1"
    taken = read(
        issue(1),
        issue(1, title="Other", url=other),
        issue(2, blockedBy=[{"number": 1, "url": other}]),
    )
    assert taken.needs == ["Other → Issue 2"]
    origins = [task.origin for task in taken.ws.tasks.values()]
    assert origins == ["github:o/r#1", "github:o/other#1", "github:o/r#2"]


@pytest.mark.parametrize(("count", "hint"), [(29, False), (30, True), (100, True), (101, False)])
def test_a_list_that_may_have_been_cut_has_a_hint(count: int, hint: bool) -> None:
    taken = read(*(issue(n) for n in range(1, count + 1)))
    assert taken.says("may have been cut") == hint


def test_what_the_api_only_counts_is_told() -> None:
    taken = read(
        issue(1, comments=3, issue_dependencies_summary={"blocked_by": 1, "total_blocked_by": 2})
    )
    assert taken.says("comments", "not in this file")
    assert taken.says("What blocks it is not in this file")


def test_comments_follow_the_text() -> None:
    comment = {
        "author": {"login": "ada"},
        "body": "Bitte prüfen",
        "createdAt": "2026-11-03T23:30:00Z",
    }
    taken = read(issue(1, body="Text", comments=[comment]), zone="Europe/Berlin")
    assert taken.ws.tasks[1].notes == "Text\n\n2026-11-04 ada: Bitte prüfen"


def test_a_second_import_knows_its_tasks_whatever_they_are_called() -> None:
    first = read(issue(1), issue(2))
    again = read(issue(2, title="Renamed"), issue(1), ws=first.ws)
    assert again.report.already == 2


def test_a_new_field_is_never_silent() -> None:
    taken = read(issue(1, mood="gut", milestone={"title": "M", "mood": 1}, labels=[{"name": "a"}]))
    assert taken.not_taken == {"mood", "milestone/mood"}


@settings(max_examples=60)
@given(
    changes=st.lists(
        st.tuples(
            st.integers(0, 4),
            st.sampled_from(
                (
                    *("number", "title", "body", "state", "stateReason", "assignees", "author"),
                    *("labels", "milestone", "parent", "subIssues", "blockedBy", "blocking"),
                    *("createdAt", "closedAt", "url", "comments", "issueType", "repository"),
                )
            ),
            odd_json,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_in_it_is_read_or_refused(changes: list[tuple[int, str, Any]]) -> None:
    issues = json.loads(SAMPLE.read_bytes())
    for at, name, value in changes:
        issues[at][name] = value
    data = json.dumps(issues).encode()
    only_refuses(
        lambda: github_issues.read(json_content(data, "a.json"), "a.json", ReadOptions(TODAY))
    )
