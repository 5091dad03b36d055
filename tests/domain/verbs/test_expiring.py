"""What expires comes back so long before its end, and is renewed by a task of its own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, contents, done, plan
from tracker.domain import expiry
from tracker.domain.draft import Now
from tracker.domain.errors import BadInput, Refused
from tracker.domain.model import Item, Task
from tracker.domain.typing.dates import parse_span
from tracker.domain.typing.line_parser import parse_line
from tracker.domain.verbs import commands

END = date(2027, 3, 1)
# Before it comes back, and after that.
EARLY, NEAR = date(2026, 11, 23), date(2026, 12, 1)


def on(day: date) -> Now:
    """Return a moment of a day."""
    return Now(at=NOW.at + (day - NOW.today), today=day, who="x")


@pytest.mark.parametrize(
    ("ahead", "day"),
    [
        ("3m", NEAR),
        ("90d", date(2026, 12, 1)),
        ("2w", date(2027, 2, 15)),
        ("1y", date(2026, 3, 1)),
        # Where nobody says how long ahead, a month.
        ("", date(2027, 2, 1)),
        ("of no use", date(2027, 2, 1)),
        ("9999y", date.min),
    ],
)
def test_it_comes_back_so_long_before_its_end(ahead: str, day: date) -> None:
    task = Task(id=1, title="A", expires=END, ahead=ahead)
    assert expiry.comes_back(task) == day
    if day > date.min:
        assert not expiry.expiring(task, day - timedelta(days=1))
    assert expiry.expiring(task, day)
    assert expiry.expiring(task, END + timedelta(days=400)), "also once it has expired"


def test_what_never_expires_never_comes_back() -> None:
    assert expiry.comes_back(Task(id=1, title="A", ahead="3m")) is None
    assert not expiry.expiring(Task(id=1, title="A", expires=END, state="dropped"), END)


def test_what_was_done_long_before_is_renewed_by_a_task_of_its_own() -> None:
    ws = plan("1-2", states="1:doing", tags=("tls",))
    ws = done(ws, commands.edit_task, NOW, task=1, expires=END, ahead="3m")
    ws = done(ws, commands.edit_task, NOW, task=1, checklist=(Item(text="a", done=True),))
    ws = done(ws, commands.finish, on(EARLY), task=1)
    assert len(ws.tasks) == 2, "nothing returns before it is time"
    with pytest.raises(Refused):
        commands.begin(ws, on(EARLY), task=1)
    change = commands.reopen(ws, on(NEAR), task=1)
    assert str(change.label) == "To be renewed: 3 A, expires 2027-03-01"
    after = ws.apply(change)
    old, new = after.tasks[1], after.tasks[3]
    assert (old.state, old.expires, old.ahead) == ("done", None, "")
    assert (new.state, new.due, new.expires, new.ahead) == ("todo", END, END, "3m")
    assert (new.tags, new.checklist, new.passes) == (("tls",), (Item(text="a"),), ())
    assert not after.arrows_in.get(3, ())
    assert not after.arrows_out.get(3, ())
    assert contents(after.apply(change.inverse)) == contents(ws)


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        (commands.start, "doing"),
        (commands.begin, "doing"),
        (commands.advance, "doing"),
        (lambda ws, now, task: commands.edit_task(ws, now, task=task, state="todo"), "todo"),
    ],
)
def test_every_verb_that_would_open_it_again_renews_it(verb, state) -> None:  # type: ignore[no-untyped-def]
    ws = plan(tasks=1, expires=END, ahead="3m")
    ws = done(ws, commands.finish, on(EARLY), task=1)
    ws = done(ws, verb, on(NEAR), task=1)
    assert (ws.tasks[1].state, ws.tasks[2].state) == ("done", state)


def test_what_is_set_as_it_is_renewed_is_said_of_the_new_one() -> None:
    ws = plan(tasks=1, expires=END, ahead="3m")
    ws = done(ws, commands.finish, on(EARLY), task=1)
    wanted = {"state": "doing", "due": NEAR, "progress": 30, "notes": "Ordered."}
    after = done(ws, commands.edit_task, on(NEAR), task=1, **wanted)
    old, new = after.tasks[1], after.tasks[2]
    assert (old.state, old.due, old.progress, old.notes) == ("done", None, None, "")
    assert (new.state, new.due, new.progress, new.notes) == ("doing", NEAR, 30, "Ordered.")


def test_who_has_renewed_it_is_asked_for_its_new_end() -> None:
    ws = plan(tasks=1, expires=END, ahead="3m")
    change = commands.finish(ws, on(NEAR), task=1)
    assert str(change.label) == "Done: 1 A; enter until when it is valid now"
    ws = ws.apply(change)
    assert expiry.renewed_on(ws.tasks[1]) == NEAR
    assert expiry.expiring(ws.tasks[1], NEAR), "until that is known it stays in sight"
    # Done by mistake it is opened again, and is no second task.
    assert len(done(ws, commands.reopen, on(NEAR), task=1).tasks) == 1
    ws = done(ws, commands.edit_task, on(NEAR), task=1, expires=END.replace(year=2028))
    assert expiry.renewed_on(ws.tasks[1]) is None
    assert not expiry.expiring(ws.tasks[1], NEAR)


def test_with_a_period_its_next_end_is_known() -> None:
    ws = plan(tasks=1, expires=END, ahead="3m", recurrence="1y")
    early = done(ws, commands.finish, on(EARLY), task=1)
    assert (len(early.tasks), early.tasks[1].recurrence) == (1, "1y")
    ws = done(ws, commands.finish, on(NEAR), task=1)
    assert (ws.tasks[1].expires, ws.tasks[1].recurrence) == (None, "")
    again = ws.tasks[2]
    assert (again.expires, again.due, again.ahead) == (date(2028, 3, 1), date(2028, 3, 1), "3m")


@given(st.integers(1, 400), st.sampled_from("dwmy"), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_it_is_never_seen_after_its_end(count: int, unit: str, end: date) -> None:
    day = expiry.comes_back(Task(id=1, title="A", expires=end, ahead=f"{count}{unit}"))
    assert day is not None
    assert day < end


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("expires:2027-03-01 ahead:3m", {"expires": END, "ahead": "3m"}),
        ("ablauf:1.3.2027 vorwarnung:3 Monate", {"expires": END, "ahead": "3m"}),
        ("Ablaufdatum:1.3.2027 ahead:1 Quartal", {"expires": END, "ahead": "3m"}),
        ("expires:2027-03 ahead:6 weeks", {"expires": date(2027, 3, 31), "ahead": "6w"}),
    ],
)
def test_it_is_typed_in_both_languages(typed: str, fields: dict[str, object]) -> None:
    line = parse_line(f"Certificate {typed}", NOW.today)
    assert line.fields == {"title": "Certificate", **fields}
    assert not line.problems
    assert not line.doubts


def test_what_is_assumed_is_told() -> None:
    (doubt,) = parse_line("Certificate expires:2027-03-01", NOW.today).doubts
    assert str(doubt) == "It comes back 1 month before it expires; ahead:3m says otherwise."
    change = commands.add_task(plan(), NOW, title="A", ahead="3m")
    (told,) = change.contradictions
    assert str(told) == "1 A says how long ahead it comes back, but not when it expires."


@pytest.mark.parametrize("text", ["after 2w", "1m on 31", "bald", "3"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_span(text)
