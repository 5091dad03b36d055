"""What the day asks of one: each reading, on plans as one would sketch them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, done, later, plan
from tests.strategies import workspaces
from tracker.domain import graph
from tracker.domain.draft import Now
from tracker.domain.model import Department, System
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow import today
from tracker.flow.today import Day

TWO = (Department(id=1, name="Development"), Department(id=2, name="Operations"))


def read(ws: Workspace, now: Now = NOW, **options: Any) -> Day:
    """Read the day of the tests."""
    return today.read(ws, now.at, now.today, **options)


def with_task(ws: Workspace, task: int, **fields: Any) -> Workspace:
    """Return the workspace with fields of a task set."""
    return done(ws, commands.edit_tasks, tasks=(task,), **fields)


def test_what_holds_up_most_burns_first_then_what_is_latest() -> None:
    ws = plan("1-2 2-3", tasks=5)
    for task, days in ((1, 1), (4, 9), (5, 2)):
        ws = with_task(ws, task, due=TODAY - timedelta(days))
    assert [(each.task, each.late, each.behind) for each in read(ws).burning] == [
        (1, 1, 2),
        (4, 9, 0),
        (5, 2, 0),
    ]


def test_what_is_done_or_due_today_does_not_burn() -> None:
    ws = with_task(plan(states="1:done 2:todo", due=TODAY - timedelta(3)), 2, due=TODAY)
    assert not read(ws).burning


def test_what_expires_is_told_so_long_ahead_done_or_not_the_first_first() -> None:
    far, near = TODAY + timedelta(80), TODAY + timedelta(20)
    ws = with_task(plan(tasks=5, states="2:done 4:dropped"), 1, expires=far, ahead="3m")
    ws = with_task(with_task(ws, 2, expires=near), 3, expires=far)
    ws = with_task(ws, 4, expires=near)
    ws = with_task(ws, 5, expires=TODAY - timedelta(1))
    told = [(each.task, each.day, each.days) for each in read(ws).expiring]
    assert told == [(5, TODAY - timedelta(1), -1), (2, near, 20), (1, far, 80)]
    assert [each.task for each in read(ws, tasks=(1, 3)).expiring] == [1]


def test_a_follow_up_burns_from_its_day_on_and_only_while_it_is_waited() -> None:
    ws = done(plan(tasks=2), commands.wait, task=1, waiting_for="supplier", follow_up=TODAY)
    [each] = read(ws).burning
    assert (each.task, each.asked) == (1, TODAY)
    ahead = done(plan(tasks=1), commands.wait, task=1, follow_up=TODAY + timedelta(1))
    assert not read(ahead).burning
    assert [(each.day, each.follow_up) for each in read(ahead).due] == [
        (TODAY + timedelta(1), True)
    ]
    assert not read(done(ws, commands.start, task=1)).burning


def test_a_system_that_is_down_burns_with_what_stands_still() -> None:
    db = System(id=1, name="db", state="down", restored_by=3)
    ws = plan("1-2", tasks=3, extra=[db], systems=(1,))
    [each] = read(ws).burning
    # The task that restores it touches it too, but does not wait for itself.
    assert (each.system, each.stuck, each.behind) == (1, (1, 2), 2)
    assert [(freed.task, freed.now, freed.all) for freed in read(ws).free] == [(3, (1,), 2)]


def test_passes_over_their_limit_burn() -> None:
    ws = plan("1-2", returns="2-1", states="1:done 2:doing")
    link = next(link for link in ws.links.values() if link.kind == "returns")
    ws = done(ws, arrows.edit_link, link=link.id, limit=1)
    ws = done(ws, arrows.send_back, gate=2, target=1, reason="no")
    [each] = read(ws).burning
    assert [(link.source, link.target) for link in each.over] == [(2, 1)]


def test_a_deadlock_burns_once_where_it_is_best_cut() -> None:
    ws = plan("1-2", tasks=2)
    ws = done(ws, commands.wait, task=1, waiting_for="#2")
    [each] = read(ws).burning
    assert each.ring is not None
    assert each.task == each.ring.cut.task


def test_what_came_back_since_one_looked_is_told_with_its_rechecks() -> None:
    ws = plan("1-2 2-3", states="1:done 2:done 3:doing")
    ws = done(ws, arrows.send_back, later(5), gate=3, target=1, reason="Batch refused")
    [back] = read(ws, later(10), since=later(4).at).back
    assert (back.task, back.gate, back.reason, back.recheck) == (1, 3, "Batch refused", (2,))
    assert not read(ws, later(10), since=later(6).at).back
    # To somebody of whom nothing is known a week is told.
    assert read(ws, later(10)).back
    assert not read(ws, later(60 * 24 * 8)).back


def test_a_recheck_is_late_only_where_its_date_came_after_it_began() -> None:
    ws = plan("1-2 2-3", states="1:done 2:done 3:doing", due=TODAY - timedelta(3))
    ws = done(ws, arrows.send_back, gate=3, target=1, reason="no")
    assert ws.tasks[2].state == "recheck"
    assert {each.task for each in read(ws).burning} == {1, 3}
    ws = with_task(ws, 2, due=TODAY)
    after = later(60 * 24)
    assert 2 in {each.task for each in today.read(ws, after.at, TODAY + timedelta(1)).burning}


def test_work_is_handed_over_by_who_finished_last_and_accepted_by_a_start() -> None:
    ws = plan("1-3 2-3", tasks=3, extra=TWO)
    ws = with_task(with_task(ws, 1, department="Development"), 3, department="Operations")
    ws = with_task(ws, 2, department="Operations")
    ws = done(ws, commands.finish, later(1), task=1)
    assert not read(ws).handed_over, "it cannot begin yet"
    ws = done(ws, commands.finish, later(2), task=2)
    assert not read(ws).handed_over, "the last one was of the same department"
    other = done(done(ws, commands.reopen, later(3), task=1), commands.finish, later(4), task=1)
    [pair] = read(other).handed_over
    assert (pair.source, pair.target, [each.task for each in pair.tasks]) == (1, 2, [3])
    assert pair.tasks[0].since == later(4).at
    assert (pair.oldest, pair.median) == (0, 0.0)
    assert not read(done(other, commands.start, task=3)).handed_over


def test_what_is_sent_back_is_handed_over_by_its_gate() -> None:
    ws = plan("1-2", states="1:done 2:doing", extra=TWO)
    ws = with_task(with_task(ws, 1, department="Development"), 2, department="Operations")
    ws = done(ws, arrows.send_back, later(7), gate=2, target=1, reason="no")
    [pair] = read(ws).handed_over
    assert (pair.source, pair.target, pair.tasks[0].since) == (2, 1, later(7).at)


def test_a_hand_over_of_which_no_moment_is_known_has_no_age() -> None:
    ws = plan("1-2", states="1:done", extra=TWO)
    ws = with_task(with_task(ws, 1, department="Development"), 2, department="Operations")
    [pair] = read(ws).handed_over
    assert (pair.tasks[0].since, pair.oldest, pair.median) == (None, None, None)


def test_a_hand_over_by_what_is_to_be_over_later_is_of_today() -> None:
    ws = plan("1-2", extra=TWO)
    ws = with_task(with_task(ws, 1, department="Development"), 2, department="Operations")
    ws = done(ws, commands.finish, later(12 * 24 * 60), task=1)
    [pair] = read(ws).handed_over
    assert pair.tasks[0].since == later(12 * 24 * 60).at
    assert (pair.oldest, pair.median) == (0, 0.0)


def test_what_may_not_begin_yet_is_not_handed_over() -> None:
    ws = plan("1-2", states="1:done", extra=TWO, not_before=TODAY + timedelta(1))
    ws = with_task(with_task(ws, 1, department="Development"), 2, department="Operations")
    assert not read(ws).handed_over


def test_due_ends_with_the_sunday_after_next() -> None:
    # The day of the tests is a Monday.
    days = [TODAY - timedelta(1), TODAY, date(2026, 12, 6), date(2026, 12, 7)]
    ws = plan(tasks=4)
    for task, day in enumerate(days, 1):
        ws = with_task(ws, task, due=day)
    assert [(each.task, each.day) for each in read(ws).due] == [(2, days[1]), (3, days[2])]


def test_what_frees_most_comes_first_and_only_what_can_be_worked_on() -> None:
    ws = plan("1-2 2-3 2-4 5-6", tasks=7)
    assert [(each.task, each.now, each.all) for each in read(ws).free] == [
        (1, (2,), 3),
        (5, (6,), 1),
    ]


def test_only_the_tasks_chosen_are_read() -> None:
    ws = plan("1-2 3-4", due=TODAY - timedelta(1))
    assert {each.task for each in read(ws, tasks=(3, 4)).burning} == {3, 4}
    assert [each.task for each in read(ws, tasks=(3, 4)).free] == [3]


def test_ending_the_only_task_left_gains_what_it_takes() -> None:
    ws = with_task(plan("1-2", tasks=2), 1, low=2.0, likely=2.0, high=2.0)
    ws = with_task(ws, 2, low=3.0, likely=3.0, high=3.0)
    assert today.gain(ws, NOW, 1, "entered") == 2.0


@given(workspaces(), st.dates(TODAY - timedelta(9), TODAY + timedelta(9)))
def test_every_row_is_about_an_open_task_and_none_is_told_twice(ws: Workspace, day: date) -> None:
    found = today.read(ws, NOW.at, day)
    about = [
        [each.task for each in found.burning if each.task is not None],
        [each.task for each in found.back],
        [each.task for pair in found.handed_over for each in pair.tasks],
        [each.task for each in found.free],
    ]
    for rows in about:
        assert len(set(rows)) == len(rows)
        assert all(ws.tasks[task].open for task in rows)
    for freed in found.free:
        assert freed.all >= max(1, len(freed.now))
        assert set(freed.now) <= set(ws.tasks)
        if not any(system.state == "down" for system in ws.systems.values()):
            open_behind = {t for t in graph.downstream(ws, freed.task) if ws.tasks[t].open}
            assert freed.all == len(open_behind)


def test_hand_overs_are_told_by_pairs_of_departments() -> None:
    ws = plan("1-2 1-3 4-5", extra=TWO, department=1)
    for task in (2, 3, 5):
        ws = with_task(ws, task, department="Operations")
    ws = done(ws, commands.finish, task=1)
    (pair,) = today.hand_overs(ws, ws.tasks, TODAY)
    assert (pair.source, pair.target) == (1, 2)
    assert [each.task for each in pair.tasks] == [2, 3]
