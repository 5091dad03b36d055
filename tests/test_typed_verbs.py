"""The verbs as they are typed on the `:` line: the same words as in a shell, and completed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.builders import NOW, TODAY, plan
from tracker import typed_verbs
from tracker.arguments import Usage
from tracker.call_completion import complete_call
from tracker.domain.errors import BadInput, LoopClosed
from tracker.domain.model import Department, Person, System
from tracker.domain.workspace import Workspace
from tracker.typed_verbs import Mistyped


def said(ws: Workspace, line: str, *here: int, me: str = "k.brandt") -> Workspace:
    """Return the workspace after a line."""
    return ws.apply(typed_verbs.parse(line, TODAY, me=me, here=here)(ws, NOW))


@pytest.fixture
def ws() -> Workspace:
    extra = [
        Department(id=1, name="Netze"),
        Department(id=2, name="Neue Medien"),
        Person(id=1, login="k.brandt"),
        System(id=1, name="ERP-DB"),
        System(id=2, name="Meter gateway"),
    ]
    return plan("1-2 2-3", returns="3-1", states="1:done 2:done 3:doing", extra=extra)


def test_a_task_is_added_without_quotes(ws: Workspace) -> None:
    task = said(ws, """add Don't forget "it" @netze who:me after:2""").tasks[4]
    assert (task.title, task.department, task.assignee) == ("""Don't forget "it\"""", 1, 1)


def test_other_verbs_take_quotes(ws: Workspace) -> None:
    waiting = said(ws, "wait 3 --for 'the supplier, again' --until 1.12.").tasks[3]
    assert waiting.waiting_for == "the supplier, again"
    assert waiting.follow_up == date(2026, 12, 1)
    assert said(ws, "wait 3 --for 'wartet auf Dell'").tasks[3].waiting_for == "Dell"
    assert said(ws, 'edit 3 "title=Last test"').tasks[3].title == "Last test"
    with pytest.raises(BadInput, match="quotation mark is not closed"):
        typed_verbs.parse("edit 3 'title=x", TODAY)


def test_a_command_is_no_longer_than_anybody_types_it() -> None:
    with pytest.raises(BadInput, match="at most 50000 characters; this line has 1000000"):
        typed_verbs.parse("x" * 1_000_000, TODAY)


def test_where_no_number_is_given_the_tasks_here_are_meant(ws: Workspace) -> None:
    assert said(ws, "done", 3).tasks[3].state == "done"
    dropped = said(ws, "drop", 1, 2).tasks
    assert [task.state for task in dropped.values()] == ["dropped", "dropped", "doing"]
    assert said(ws, "drop 2", 3).tasks[2].state == "dropped"
    assert said(ws, "edit due=fr", 3).tasks[3].due == date(2026, 11, 27)
    assert said(ws, "edit 3 due:fr prio=high").tasks[3].due == date(2026, 11, 27)
    assert said(ws, "edit 3 title=due:fr").tasks[3].title == "due:fr"
    back = said(ws, "back --to 1 --why 'no'", 3, 2)
    assert [task.state for task in back.tasks.values()] == ["todo", "recheck", "todo"]
    with pytest.raises(Usage):
        typed_verbs.parse("done", TODAY)


def test_arrows_are_drawn_changed_and_removed(ws: Workspace) -> None:
    with pytest.raises(LoopClosed) as caught:
        said(ws, "link 3 1")
    assert caught.value.path == (1, 2, 3, 1)
    changed = said(ws, "link 3 1 --return --rate 40% --escalate-to k.brandt")
    back = changed.links[3]
    assert (back.rate, back.escalate_to, back.share) == (0.4, 1, 1.0)
    assert 3 not in said(changed, "unlink 3 1").links
    both = said(ws, "link 2 1 --return")
    assert both.links[4] in said(both, "unlink 1 2").arrows_out[2]
    assert 1 not in said(both, "unlink 1 2").links
    assert said(both, "unlink 2 1 --return").links == ws.links


def test_german_words_are_understood(ws: Workspace) -> None:
    assert said(ws, "erledigt 3").tasks[3].state == "done"
    assert said(ws, "neu Abnahme fällig:fr").tasks[4].due == date(2026, 11, 27)
    assert said(ws, "bearbeiten 3 fällig=fr zuständig=ich").tasks[3].assignee == 1
    assert said(ws, "system ERP-DB ausgefallen").systems[1].state == "down"
    back = said(ws, "zurück 3 --to 1 --why nein")
    assert back.tasks[1].state == "todo"
    assert complete_call("bearbeiten 3 fäl", ws) == ["fällig="]


def test_a_system_goes_down(ws: Workspace) -> None:
    system = said(ws, "system 'meter gateway' down --why storm").systems[2]
    assert (system.state, system.why) == ("down", "storm")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "There is no command –"),
        ("fly 3", "There is no command fly"),
        ("done x", "'x' is not a task number"),
        ("back 3", "--to"),
        ("link 1", "B"),
        ("done " + "9" * 5000, "is not a task number"),
        ("link 3 1 --return --limit 0", "0 is not a pass limit"),
        ("link 3 1 --return --limit ²", "a whole number from 1 to 999"),
        ("link 3 1 --return --limit " + "9" * 26, "a whole number from 1 to 999"),
        ("system ERP-DB broken", "neither a state"),
        ("done 3 --help", "--help"),
    ],
)
def test_words_that_do_not_fit(line: str, problem: str) -> None:
    with pytest.raises(Usage) as caught:
        typed_verbs.parse(line, TODAY)
    assert problem in str(caught.value)


def test_a_mistake_has_its_place() -> None:
    with pytest.raises(Mistyped) as caught:
        typed_verbs.parse("add Test ~5/2", TODAY)
    error = caught.value
    assert error.text[error.start : error.end] == "~5/2"


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("dr", ["drop"]),
        ("fly ", []),
        ("done ", ["1", "2", "3"]),
        ("back 3 --t", ["--to"]),
        ("back 3 --to ", ["1", "2", "3"]),
        ("back 3 --to 1 --system e", ["ERP-DB"]),
        ("system ", ["ERP-DB", '"Meter gateway"']),
        ("system ERP-DB ", ["up", "degraded", "down", "name=", "side=", "owner=", "restored="]),
        ("department n", ["Netze"]),
        ("department Netze w", ["wip="]),
        ("settings p", ["policy=", "prior-weight="]),
        ("edit 3 du", ["due="]),
        ("edit 3 department=ne", ["department=Netze", 'department="Neue Medien"']),
        ("edit 3 prio=h", ["prio=high", "prio=hoch"]),
        ("add Test @ne", ["@Netze", '@"Neue Medien"']),
        ("wait 3 --for ", []),
    ],
)
def test_the_last_word_is_completed(ws: Workspace, text: str, offered: list[str]) -> None:
    assert complete_call(text, ws) == offered


def test_every_verb_is_offered(ws: Workspace) -> None:
    assert complete_call("", ws) == list(typed_verbs.names())


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("edit 1 due=2027-01-01", {1}),
        ("edit due=2027-01-01", {4}),
        ("done 1 2,#3", {1, 2, 3}),
        ("link 1 2", {1, 2}),
        ("back 3 --to 2 --also 5", {2, 3, 5}),
        ("add Abnahme", set()),
    ],
)
def test_a_call_is_about_the_tasks_it_names_or_those_that_are_meant(
    line: str, about: set[int]
) -> None:
    assert typed_verbs.subjects(line, (4,)) == about
