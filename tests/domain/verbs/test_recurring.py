"""A task that repeats returns when it is done, once, at its next date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, contents, done, plan
from tracker.domain import periods
from tracker.domain.draft import Now
from tracker.domain.errors import BadInput
from tracker.domain.model import Item, Task
from tracker.domain.periods import add_period
from tracker.domain.typing.dates import parse_period
from tracker.domain.typing.line_parser import parse_line
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace


def at(day: str) -> Now:
    """Return a moment on a day."""
    return Now(at=NOW.at, today=date.fromisoformat(day), who="x")


def finished(now: Now, **fields: Any) -> tuple[Workspace, Task]:
    """Return the workspace after a task has been done, and the task that came back."""
    ws = done(plan(tasks=1, **fields), commands.finish, now, task=1)
    return ws, ws.tasks[2]


def test_a_certificate_comes_back_on_the_last_of_each_month() -> None:
    ws, again = finished(at("2026-01-31"), due=date(2026, 1, 31), recurrence="1m")
    assert (again.due, again.state, again.recurrence) == (date(2026, 2, 28), "todo", "1m on 31")
    ws = done(ws, commands.finish, at("2026-03-02"), task=2)
    assert ws.tasks[3].due == date(2026, 3, 31)
    assert [task.recurrence for task in ws.tasks.values()] == ["", "", "1m on 31"]


def test_the_change_says_when_it_comes_back_and_is_taken_back_in_one() -> None:
    ws = plan(tasks=1, due=date(2026, 12, 1), recurrence="2w")
    change = commands.finish(ws, NOW, task=1)
    assert str(change.label) == "Done: 1 A; repeats as 2, 2026-12-15"
    assert contents(ws.apply(change).apply(change.inverse)) == contents(ws)


@pytest.mark.parametrize(
    ("fields", "due", "not_before"),
    [
        ({"due": date(2026, 11, 30), "recurrence": "1w"}, date(2026, 12, 7), None),
        # What was missed is left out.
        ({"due": date(2026, 9, 1), "recurrence": "1m"}, date(2026, 12, 1), None),
        # After completion, whatever was planned.
        ({"due": date(2026, 9, 1), "recurrence": "after 1m"}, date(2026, 12, 23), None),
        ({"recurrence": "10d"}, date(2026, 12, 3), None),
        ({"not_before": date(2026, 11, 20), "recurrence": "1w"}, None, date(2026, 11, 27)),
        (
            {"due": date(2026, 11, 25), "not_before": date(2026, 11, 20), "recurrence": "1w"},
            date(2026, 12, 2),
            date(2026, 11, 27),
        ),
        ({"due": date(2024, 2, 29), "recurrence": "4y"}, date(2028, 2, 29), None),
    ],
)
def test_the_next_date(fields: Any, due: date | None, not_before: date | None) -> None:
    _ws, again = finished(at("2026-11-23"), **fields)
    assert (again.due, again.not_before) == (due, not_before)


def test_the_next_one_begins_anew() -> None:
    fields: Any = {
        "spent": 3.0,
        "effort": 2.0,
        "tags": ("tls",),
        "checklist": (Item(text="CSR", done=True),),
        "follow_up": date(2026, 11, 24),
    }
    ws, again = finished(NOW, recurrence="1y", notes="see wiki", **fields)
    assert (again.spent, again.follow_up, again.passes) == (None, None, ())
    assert again.checklist == (Item(text="CSR"),)
    assert (again.effort, again.tags, again.notes, again.title) == (2, ("tls",), "see wiki", "A")
    assert ws.tasks[1].spent == 3


def test_what_was_done_once_does_not_come_back_twice() -> None:
    ws, _again = finished(NOW, recurrence="1y")
    ws = done(ws, commands.reopen, task=1)
    ws = done(ws, commands.finish, task=1)
    assert len(ws.tasks) == 2


def test_arrows_stay_with_the_task_that_was_done() -> None:
    ws = plan("1-2 2-3", recurrence="1m")
    ws = done(ws, commands.finish, task=2)
    assert set(ws.tasks) == {1, 2, 3, 4}
    assert 4 not in {end for link in ws.links.values() for end in (link.source, link.target)}


def test_it_also_comes_back_when_its_state_is_set_and_with_several_at_once() -> None:
    ws = plan(tasks=2, recurrence="1m")
    edited = done(ws, commands.edit_tasks, tasks=(1, 2), state="done")
    each = ws.apply(commands.on_each(commands.finish, (1, 2))(ws, NOW))
    assert len(edited.tasks) == len(each.tasks) == 4
    assert len(done(ws, commands.drop, task=1).tasks) == 2


def test_a_rhythm_nobody_understands_does_not_stand_in_the_way() -> None:
    ws = done(plan(tasks=1, recurrence="bei Vollmond"), commands.finish, task=1)
    assert ws.tasks[1].recurrence == "bei Vollmond"
    assert len(ws.tasks) == 1


@pytest.mark.parametrize(
    ("typed", "period", "words"),
    [
        ("month", "1m", "every month"),
        ("2 weeks", "2w", "every 2 weeks"),
        ("alle 14 Tage", "14d", "every 14 days"),
        ("+2w", "after 2w", "2 weeks after completion"),
        ("after 2 weeks", "after 2w", "2 weeks after completion"),
        ("2 weeks after completion", "after 2w", "2 weeks after completion"),
        ("1 Jahr nach Erledigung", "after 1y", "1 year after completion"),
        ("monatlich am 31.", "1m on 31", "every month, on day 31"),
        ("1m on 31", "1m on 31", "every month, on day 31"),
    ],
)
def test_how_it_is_typed_and_told(typed: str, period: str, words: str) -> None:
    assert parse_period(typed) == period == parse_period(period)
    assert str(periods.period_words(period)) == words


@pytest.mark.parametrize("typed", ["after", "2w on 3", "1m on 32", "on 3", "after after 2w x"])
def test_what_is_no_rhythm(typed: str) -> None:
    with pytest.raises(BadInput):
        parse_period(typed)


def test_it_is_typed_with_the_task() -> None:
    today = date(2026, 11, 23)
    for line in ("Zertifikat every:month", "Zertifikat alle:Monat", "Zertifikat every:1m"):
        assert parse_line(line, today).fields["recurrence"] == "1m"


@given(
    day=st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    n=st.integers(1, 24),
    unit=st.sampled_from("dwmy"),
    on=st.none() | st.integers(1, 31),
)
def test_a_period_later_is_later(day: date, n: int, unit: str, on: int | None) -> None:
    period = f"{n}{unit}" + (f" on {on}" if on and unit in "my" else "")
    later = add_period(day, period)
    assert parse_period(period) == period
    assert later > day - timedelta(31)
    assert add_period(day, f"after {n}{unit}") > day
