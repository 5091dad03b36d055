"""How long was worked on a pass: whatever happened to it, no day counts on which it rested."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.calendar import Calendar
from tracker.domain.draft import Now
from tracker.domain.model import State, Task
from tracker.domain.passes import moved, worked_days

MONDAY = date(2026, 3, 2)
EVERY_WEEKDAY = Calendar("")
MOVES: st.SearchStrategy[State] = st.sampled_from(["doing", "waiting", "todo"])


def at(day: date) -> Now:
    return Now(datetime(day.year, day.month, day.day, 12).astimezone(), day, "anna")


@given(st.lists(st.tuples(MOVES, st.integers(0, 9)), max_size=8))
def test_the_days_at_whose_end_a_task_was_under_way_are_worked(
    moves: list[tuple[State, int]],
) -> None:
    task, day = Task(id=1, title="A"), MONDAY
    under_way: list[date] = []
    for state, days in moves:
        task = moved(task, state, at(day))
        for _ in range(days):
            if task.state == "doing":
                under_way.append(day)
            day += timedelta(days=1)
    task = moved(task, "done", at(day))
    worked = sum(each.weekday() < 5 for each in under_way)
    # The day of the end counts, if work had ever begun.
    run = task.passes[-1]
    last = run.started is not None and day.weekday() < 5
    assert worked_days(run, EVERY_WEEKDAY, day) == worked + last
    assert worked_days(run, EVERY_WEEKDAY, day - timedelta(days=1)) == worked
