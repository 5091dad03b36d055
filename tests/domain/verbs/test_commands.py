"""What the verbs do, and that no sequence of them breaks a plan."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.builders import NOW, TODAY, contents, done, later, plan
from tracker.domain import graph, status
from tracker.domain.change import Change
from tracker.domain.errors import Already, Conflict, LoopClosed, NotFound, Refused, TrackerError
from tracker.domain.model import Department, Link, Person, Project, Settings, System, Task
from tracker.domain.verbs import arrows, board_commands, commands
from tracker.domain.verbs.upkeep import set_properties, set_system
from tracker.domain.workspace import Workspace, references

LOOP = plan("1-2 2-3 2-4 4-5 3-6", returns="3-1", states="1:done 2:done 3:doing 4:done 5:done")


def test_a_name_means_what_is_listed_under_it_before_a_short_name_of_another() -> None:
    ws = Workspace(
        [
            Department(id=1, name="Infrastruktur", short="IT"),
            Department(id=2, name="IT"),
            Person(id=1, login="klein", name="gross"),
            Person(id=2, login="gross"),
            Project(id=1, name="CRM", key="ERP"),
            Project(id=2, name="ERP"),
        ]
    )
    change = commands.add_task(ws, NOW, title="B", department="it", assignee="gross", project="erp")
    (task,) = change.born(Task)
    assert (task.department, task.assignee, task.project) == (2, 2, 2)
    assert commands.find(ws, Department, "Infrastruktur") == 1


def test_names_come_into_being_with_the_task() -> None:
    ws = done(
        Workspace(),
        commands.add_task,
        title="  Firewall freischalten ",
        department="Netz",
        assignee="t.yilmaz",
        systems=["ERP-DB", "erp-db"],
        tags=("cutover", "cutover"),
    )
    task = ws.tasks[1]
    assert task.title == "Firewall freischalten"
    assert ws.departments[task.department or 0].name == "Netz"
    assert ws.people[task.assignee or 0].login == "t.yilmaz"
    assert [ws.systems[key].name for key in task.systems] == ["ERP-DB"]
    assert task.tags == ("cutover",)
    again = done(ws, commands.add_task, title="Zweite", department=" netz", assignee="T.Yilmaz")
    assert len(again.departments) == len(again.people) == 1


def test_a_new_task_joins_the_only_project() -> None:
    ws = Workspace([Project(id=1, name="Umzug")])
    assert done(ws, commands.add_task, title="A").tasks[1].project == 1


def test_a_new_task_brings_its_arrows() -> None:
    ws = done(
        plan("1-2"),
        commands.add_task,
        title="Abnahme",
        after=[(2, 1.0)],
        returns_to=[(1, {"rate": 0.3, "limit": 3})],
    )
    needs, back = ws.links[2], ws.links[3]
    assert (needs.kind, needs.source, needs.target, needs.lag) == ("needs", 2, 3, 1.0)
    assert (back.kind, back.source, back.target, back.rate, back.limit) == ("returns", 3, 1, 0.3, 3)


def test_the_states_follow_each_other() -> None:
    ws = plan(tasks=1)
    ws = done(ws, commands.advance, task=1)
    assert ws.tasks[1].state == "doing"
    ws = done(ws, commands.advance, now=later(60), task=1)
    task = ws.tasks[1]
    assert task.state == "done"
    assert [(p.number, p.outcome) for p in task.passes] == [(1, "done")]
    assert task.passes[0].ended == later(60).at
    assert task.modified == later(60).at
    with pytest.raises(Refused, match="is done"):
        commands.advance(ws, NOW, task=1)


def test_waiting_keeps_reason_and_date_until_it_goes_on() -> None:
    ws = done(
        plan(tasks=1), commands.wait, task=1, waiting_for=" Anbieter ", follow_up=date(2026, 12, 1)
    )
    assert (ws.tasks[1].state, ws.tasks[1].waiting_for) == ("waiting", "Anbieter")
    assert ws.tasks[1].follow_up == date(2026, 12, 1)
    ws = done(ws, commands.advance, task=1)
    assert (ws.tasks[1].state, ws.tasks[1].waiting_for) == ("doing", "")


def test_reopening_what_was_done_is_a_new_pass() -> None:
    ws = done(plan(states="1:done"), commands.reopen, task=1)
    assert (ws.tasks[1].state, ws.tasks[1].pass_number) == ("todo", 2)


def test_dropping_frees_the_successors() -> None:
    ws = plan("1-2")
    assert status.blocked(ws, ws.tasks[2])
    ws = done(ws, commands.drop, task=1)
    assert status.ready(ws, ws.tasks[2])


def test_several_at_once_are_one_change() -> None:
    ws = plan(tasks=3)
    change = commands.on_each(commands.finish, (1, 2, 3))(ws, NOW)
    after = ws.apply(change)
    assert [task.state for task in after.tasks.values()] == ["done"] * 3
    assert contents(after.apply(change.inverse)) == contents(ws)
    assert str(change.label) == "Done: 3 C and 2 more"


def test_of_several_those_are_left_alone_to_which_it_cannot_be_done() -> None:
    ws = plan(states="1:todo 2:done 3:dropped 4:doing")
    change = commands.on_each(commands.finish, (1, 2, 3, 4, 9))(ws, NOW)
    states = {task.id: task.state for task in ws.apply(change).tasks.values()}
    assert states == {1: "done", 2: "done", 3: "dropped", 4: "done"}
    assert [(left.task, left.already) for left in change.left] == [
        (2, True),
        (3, False),
        (9, False),
    ]
    told = str(commands.reasons(change.left))
    assert told.startswith("2 B is already done. 3 C is dropped; reopen it first")
    assert "There is no task 9" in told
    assert str(change.label) == "Done: 4 D and 1 more"


def test_to_none_of_several_is_refused_with_the_reasons() -> None:
    ws = plan(states=" ".join(f"{n}:done" for n in range(1, 7)))
    with pytest.raises(Refused) as told:
        commands.on_each(commands.finish, range(1, 7))(ws, NOW)
    assert str(told.value) == (
        "1 A is already done. 2 B is already done. 3 C is already done. 3 more tasks were skipped."
    )
    with pytest.raises(Already, match="1 A is already done"):
        commands.on_each(commands.finish, (1,))(ws, NOW)


def test_what_is_done_to_one_may_be_built_on_by_the_next() -> None:
    ws = plan("1-2 2-3")
    change = commands.on_each(commands.delete_task, (1, 2))(ws, NOW)
    after = ws.apply(change)
    assert (list(after.tasks), list(after.links)) == ([3], [])
    assert contents(after.apply(change.inverse)) == contents(ws)


def test_what_somebody_has_cleared_since_it_was_shown_is_not_deleted_unseen() -> None:
    shown = plan(tasks=1, due=TODAY)
    ws = shown.apply(commands.edit_task(shown, NOW, task=1, due=None))
    delete = commands.on_each(commands.delete_task, (1,), shown=shown)
    with pytest.raises(Conflict, match="has been changed in the meantime") as refused:
        delete(ws, NOW)
    assert refused.value.fields == ("due",)
    assert not shown.apply(delete(shown, NOW)).tasks


def test_an_arrow_that_was_not_there_to_be_seen_does_not_go_with_its_task() -> None:
    shown = plan(tasks=2)
    delete = commands.on_each(commands.delete_task, (1,), shown=shown)
    ws = done(shown, arrows.link, source=1, target=2)
    with pytest.raises(Conflict, match=r"^1 .* has been changed in the meantime"):
        delete(ws, NOW)
    again = commands.on_each(commands.delete_task, (1,), shown=ws)
    assert list(ws.apply(again(ws, NOW)).links) == []


def test_the_tally_counts_who_needs_whom() -> None:
    erp = System(id=1, name="ERP", state="down")
    ws = plan("1-2 3-4", states="1:done 3:doing 5:recheck", extra=[erp], systems=(1,))
    ws = done(ws, commands.edit_task, task=4, due=TODAY - timedelta(days=1))
    tally = status.Tally.of(ws, TODAY)
    assert (tally.ready, tally.back, tally.late, tally.stuck) == (1, 1, 1, 4)
    assert tally.going_on(ws, TODAY) is tally
    assert tally.going_on(ws, TODAY - timedelta(days=1)).late == 0
    up = done(ws, set_system, system=1, state="up")
    assert tally.going_on(up, TODAY).stuck == 0


def test_send_back_reopens_and_leaves_the_way_to_be_rechecked() -> None:
    preview = arrows.preview_send_back(LOOP, gate=3, target=1)
    assert preview.reopened == (1,)
    assert preview.recheck == (2,)
    assert preview.also_built_on == (4, 5)
    assert (preview.pass_number, preview.passes, preview.limit) == (2, 2, None)
    ws = done(LOOP, arrows.send_back, gate=3, target=1, reason="Server verweigert", system="ERP-DB")
    states = {id: task.state for id, task in ws.tasks.items()}
    assert states == {1: "todo", 2: "recheck", 3: "todo", 4: "done", 5: "done", 6: "todo"}
    opened = ws.tasks[1].passes[-1]
    assert (opened.number, opened.gate, opened.reason, opened.who) == (
        2,
        3,
        "Server verweigert",
        "k.brandt",
    )
    assert ws.systems[opened.system or 0].name == "ERP-DB"
    ended = ws.tasks[3].passes[-1]
    assert (ended.outcome, ended.returned_to) == ("returned", 1)
    assert status.blocked(ws, ws.tasks[3])
    assert status.link_passes(ws, ws.links[6]) == 2


def test_a_return_to_the_target_alone_leaves_what_lies_between_as_it_is() -> None:
    (back,) = (link.id for link in LOOP.links.values() if link.kind == "returns")
    ws = done(LOOP, arrows.edit_link, link=back, redo="target", limit=2, escalation=3.0)
    preview = arrows.preview_send_back(ws, gate=3, target=1)
    assert (preview.reopened, preview.recheck) == ((1,), ())
    assert preview.also_built_on == (2, 4, 5)
    ws = done(ws, arrows.send_back, gate=3, target=1, reason="Server verweigert")
    assert [ws.tasks[task].state for task in (1, 2, 3)] == ["todo", "done", "todo"]


def test_rework_is_passed_on_by_chance_only_where_that_makes_sense() -> None:
    needs = next(link.id for link in LOOP.links.values() if link.kind == "needs")
    ws = done(LOOP, arrows.edit_link, link=needs, ripple=0.4, share=0.5)
    assert (ws.links[needs].ripple, ws.links[needs].share) == (0.4, 0.5)
    assert done(ws, arrows.edit_link, link=needs, ripple=None).links[needs].ripple is None
    for options in ({"ripple": 1.1}, {"share": 0.5}, {"redo": "all"}):
        with pytest.raises(Refused):
            done(LOOP, arrows.edit_link, link=needs, **options)
    for options in ({"escalation": 1.0}, {"learning": 1.0}, {"redo": "some"}):
        with pytest.raises(Refused):
            done(LOOP, arrows.link_return, gate=3, target=2, **options)


def test_the_preview_doubts_what_was_never_begun_but_records_it() -> None:
    ws = plan("1-2 2-3", titles=("Plan", "Build", "Test"))
    told = [str(doubt) for doubt in arrows.preview_send_back(ws, gate=3, target=1).doubts]
    assert told == [
        "1 Plan has not been started, so there is nothing to redo in it. If it was done, mark it"
        " as done first.",
        "3 Test has not been started. Check at which task the fault was found: if at this one,"
        " its pass counts as work done.",
    ]
    ws = done(ws, arrows.send_back, gate=3, target=1, reason="x")
    assert ws.tasks[1].pass_number == 2
    # The gate has rejected something since.
    [doubt] = arrows.preview_send_back(ws, gate=3, target=1).doubts
    assert str(doubt).startswith("1 Plan has not been started")
    ws = done(ws, commands.finish, task=1)
    assert arrows.preview_send_back(ws, gate=3, target=1).doubts == ()
    assert arrows.preview_send_back(LOOP, gate=3, target=1).doubts == ()


def test_the_preview_says_what_is_waited_for_no_longer() -> None:
    ws = done(plan("1-2"), commands.wait, task=1, waiting_for="quote")
    ws = done(ws, commands.wait, task=2, waiting_for="Dell")
    told = list(map(str, arrows.preview_send_back(ws, gate=2, target=1).forgotten))
    assert told == ["1 A no longer waits for: quote", "2 B no longer waits for: Dell"]
    ws = done(ws, arrows.send_back, gate=2, target=1, reason="x")
    assert {task.waiting_for for task in ws.tasks.values()} == {""}
    assert arrows.preview_send_back(ws, gate=2, target=1).forgotten == ()


def test_what_was_never_begun_is_no_rework() -> None:
    ws = plan("1-2 2-3", likely=3.0)
    assert arrows.preview_send_back(ws, gate=3, target=1).rework_days == 3.0
    ws = done(ws, commands.finish, task=1)
    assert arrows.preview_send_back(ws, gate=3, target=1).rework_days == 6.0


def test_the_preview_is_what_happens() -> None:
    preview = arrows.preview_send_back(LOOP, gate=3, target=1)
    ws = done(LOOP, arrows.send_back, gate=3, target=1, reason="x", also=preview.also_built_on)
    changed = {id for id, task in ws.tasks.items() if task.state != LOOP.tasks[id].state}
    assert changed == {3, *preview.reopened, *preview.recheck, *preview.also_built_on}
    assert ws.tasks[1].pass_number == preview.pass_number


def test_a_return_nobody_planned_is_recorded_as_observed() -> None:
    ws = done(plan("1-2"), arrows.send_back, gate=2, target=1, reason="x")
    link = ws.links[2]
    assert (link.kind, link.source, link.target, link.observed) == ("returns", 2, 1, True)
    again = done(ws, arrows.send_back, gate=2, target=1, reason="y")
    assert len(again.links) == 2
    assert again.tasks[1].pass_number == 3
    assert done(again, arrows.edit_link, link=2, rate=0.5).links[2].observed is False


def test_beyond_the_limit() -> None:
    ws = plan("1-2")
    ws = done(ws, arrows.link_return, gate=2, target=1, limit=2)
    ws = done(ws, arrows.send_back, gate=2, target=1, reason="x")
    assert arrows.preview_send_back(ws, gate=2, target=1).over
    assert not status.over_limit(ws, ws.tasks[1])
    ws = done(ws, arrows.send_back, gate=2, target=1, reason="y")
    assert status.over_limit(ws, ws.tasks[1])
    assert [p.outcome for p in ws.tasks[1].passes] == ["interrupted", "interrupted", ""]
    assert [p.outcome for p in ws.tasks[2].passes] == ["returned", "returned"]


def test_a_recheck_is_confirmed_or_taken_up_again() -> None:
    ws = done(LOOP, arrows.send_back, gate=3, target=1, reason="x")
    good = done(ws, commands.confirm, task=2)
    assert (good.tasks[2].state, good.tasks[2].pass_number) == ("done", LOOP.tasks[2].pass_number)
    again = done(ws, commands.start, task=2)
    assert (again.tasks[2].state, again.tasks[2].pass_number) == ("doing", 2)


def test_a_task_may_go_back_to_itself() -> None:
    ws = done(plan(states="1:done"), arrows.send_back, gate=1, target=1, reason="x")
    assert (ws.tasks[1].state, ws.tasks[1].pass_number) == ("todo", 2)


def test_a_closing_arrow_is_named_and_may_become_the_return() -> None:
    ws = plan("1-2 2-3")
    with pytest.raises(LoopClosed) as closed:
        arrows.link(ws, NOW, source=3, target=1)
    assert closed.value.path == (1, 2, 3, 1)
    assert "1 A → 2 B → 3 C → 1" in str(closed.value)
    turned = done(ws, arrows.turn, turned=1, source=3, target=1)
    assert {(k.kind, k.source, k.target) for k in turned.links.values()} == {
        ("returns", 1, 2),
        ("needs", 2, 3),
        ("needs", 3, 1),
    }


def test_no_arrow_lets_what_work_goes_back_to_come_after_its_gate() -> None:
    ws = plan("1-2 2-3 4-3 1-5", returns="4-5")
    for draw in (
        partial(arrows.link, source=4, target=1),
        partial(arrows.turn, turned=1, source=3, target=1),
    ):
        with pytest.raises(Refused, match="is a return arrow, so 5 E cannot come after 4 D"):
            draw(ws, NOW)


def test_a_system_that_is_down_makes_its_tasks_stuck() -> None:
    ws = done(Workspace(), commands.add_task, title="A", systems=["ERP"])
    ws = done(ws, set_system, system="erp", state="down", why="Platte voll")
    assert status.stuck(ws, ws.tasks[1])
    assert status.affected_by(ws, 1) == (1,)
    ws = done(ws, set_system, system="ERP", state="up")
    assert not status.stuck(ws, ws.tasks[1])
    assert ws.systems[1].why == ""


def test_another_follow_up_keeps_whom_one_waits_for() -> None:
    ws = done(plan(tasks=1), commands.wait, task=1, waiting_for="Dell")
    ws = done(ws, commands.wait, task=1, follow_up=date(2026, 12, 1))
    assert (ws.tasks[1].waiting_for, ws.tasks[1].follow_up) == ("Dell", date(2026, 12, 1))
    ws = done(ws, commands.wait, task=1, waiting_for="SAP")
    assert (ws.tasks[1].waiting_for, ws.tasks[1].follow_up) == ("SAP", date(2026, 12, 1))
    fresh = done(ws, commands.start, task=1)
    assert done(fresh, commands.wait, task=1, follow_up=TODAY).tasks[1].waiting_for == ""


def test_a_number_that_is_waited_for_and_of_no_task_is_told() -> None:
    wait = commands.on_each(commands.wait, (1, 2), waiting_for="#2, then #99")
    change = wait(plan(tasks=2), NOW)
    assert [str(doubt) for doubt in change.doubts] == ["There is no task 99 here; #99 stays text."]


def test_lanes_that_others_have_moved_are_not_put_in_an_order_found_before() -> None:
    lanes = [Department(id=n, name=name, order=n) for n, name in enumerate("ABC", 1)]
    ws = plan(extra=lanes)
    put = partial(board_commands.order_lanes, departments=[2, 1, 3], saved=1, shown=[1, 2, 3])
    assert board_commands.lanes(done(ws, put)) == [2, 1, 3]
    moved = done(ws, board_commands.move_lane, department=3, by=-1)
    with pytest.raises(Refused, match="The lanes have changed in the meantime"):
        put(moved, NOW)


def test_a_deadlock_is_named_with_the_wait_to_cut() -> None:
    ws = plan("1-2", systems=())
    ws = done(ws, commands.wait, task=1, waiting_for="Rückmeldung von #2")
    (found,) = status.deadlocks(ws)
    assert found.path == (1, 2, 1)
    assert found.frees == 2
    assert status.deadlocks(plan("1-2", returns="2-1")) == []


def test_a_deadlock_through_a_system_that_a_blocked_task_restores() -> None:
    system = System(id=1, name="ERP", state="down", restored_by=2)
    ws = plan("1-2", extra=[system], systems=(1,))
    (found,) = status.deadlocks(ws)
    assert set(found.path) == {1, 2} or found.path == (2, 2)


def test_departments_and_settings_can_be_edited() -> None:
    ws = Workspace([Department(id=1, name="Netz")])
    ws = done(ws, set_properties, kind=Department, name="netz", values={"wip_limit": 3})
    assert ws.departments[1].wip_limit == 3
    ws = done(ws, set_properties, kind=Settings, values={"region": "DE-BY"})
    assert ws.preferences.region == "DE-BY"
    ws = done(ws, set_properties, kind=Person, name="m.wirtz", values={}, create=True)
    assert ws.people[1].login == "m.wirtz"
    with pytest.raises(Refused, match="already exists"):
        set_properties(ws, NOW, kind=Person, name=" M.Wirtz", values={}, create=True)
    with pytest.raises(NotFound, match="not known"):
        set_properties(ws, NOW, kind=Department, name="Nett", values={"wip_limit": 3})


def test_the_numbers_of_passes_rise_whatever_ended_the_last() -> None:
    ws = plan("1-2")
    for command in (commands.start, commands.drop, commands.reopen):
        ws = done(ws, command, task=1)
    assert ws.tasks[1].pass_number == 2
    ws = done(ws, arrows.send_back, gate=2, target=1, reason="x")
    assert [p.number for p in ws.tasks[1].passes] == [1, 2, 3]
    assert [p.outcome for p in ws.tasks[1].passes] == ["interrupted", "interrupted", ""]
    ws = done(LOOP, arrows.send_back, gate=3, target=1, reason="x")
    ws = done(ws, commands.wait, task=2)
    ws = done(ws, arrows.send_back, gate=3, target=2, reason="y")
    assert [p.number for p in ws.tasks[2].passes] == [1, 2, 3]


def test_merging_two_edits_never_leaves_an_impossible_estimate() -> None:
    ws = done(Workspace(), commands.add_task, title="A", low=1.0, likely=2.0, high=3.0)
    mine = commands.edit_task(ws, NOW, task=1, high=8.0)
    ws = ws.apply(mine)
    ws = done(ws, commands.edit_task, task=1, likely=6.0)
    with pytest.raises(Refused, match="out of order: 1/6/3"):
        ws.apply(ws.rebase(mine.inverse))


def test_an_arrow_never_stands_twice() -> None:
    ws = done(plan(tasks=1), commands.add_task, title="B", after=[(1, 0.0), (1, 2.0)])
    assert [link.lag for link in ws.arrows_in[2]] == [2.0]
    rubbed_out = arrows.unlink(ws, NOW, link=1)
    ws = done(ws.apply(rubbed_out), arrows.link, source=1, target=2)
    with pytest.raises(Refused, match="two arrows"):
        ws.apply(ws.rebase(rubbed_out.inverse))


def test_a_state_is_edited_by_the_rules_of_its_verb() -> None:
    with pytest.raises(Refused, match="dropped"):
        commands.edit_task(plan(states="1:dropped"), NOW, task=1, state="doing")
    with pytest.raises(Refused, match="by hand"):
        commands.edit_task(plan(states="1:done"), NOW, task=1, state="recheck")
    ws = done(plan(tasks=1), commands.edit_task, task=1, state="done")
    assert [p.outcome for p in ws.tasks[1].passes] == ["done"]


@pytest.mark.parametrize("state", ["todo", "doing", "waiting"])
def test_what_is_set_beside_a_state_is_kept_also_where_the_state_would_end_it(state: str) -> None:
    ws = done(plan(states="1:done"), commands.edit_task, task=1, progress=100.0)
    edit = partial(commands.edit_task, progress=60.0, waiting_for="Dell")
    task = done(ws, edit, task=1, state=state).tasks[1]
    assert (task.state, task.progress, task.waiting_for) == (state, 60.0, "Dell")


def test_the_why_of_a_system_is_said_once() -> None:
    ws = done(Workspace(), set_system, system="ERP", state="down", why=" Platte voll ", create=True)
    assert ws.systems[1].why == "Platte voll"
    again = set_system(ws, NOW, system="ERP", state="down", why="Platte voll ")
    assert again.edits == ()


REFUSALS: list[tuple[str, Any]] = [
    ("There is no task 9", partial(commands.finish, task=9)),
    ("needs a title", partial(commands.add_task, title="  ")),
    ("characters; the maximum", partial(commands.add_task, title="x" * 10_001)),
    ("has no field colour", partial(commands.edit_task, task=1, colour="red")),
    ("no state maybe", partial(commands.edit_task, task=1, state="maybe")),
    ("no priority maybe", partial(commands.edit_task, task=1, priority="maybe")),
    ("Likely cannot be -1", partial(commands.edit_task, task=1, likely=-1.0)),
    ("Likely cannot be nan", partial(commands.edit_task, task=1, likely=float("nan"))),
    ("out of order", partial(commands.edit_task, task=1, low=5.0, likely=2.0)),
    ("already done", partial(commands.finish, task=1)),
    ("can be confirmed", partial(commands.confirm, task=1)),
    ("A is already todo", partial(commands.reopen, task=6)),
    ("is already an arrow", partial(arrows.link, source=1, target=2)),
    ("cannot depend on itself", partial(arrows.link, source=1, target=1)),
    ("closes a loop", partial(arrows.link, source=6, target=1)),
    ("is not a lag", partial(arrows.link, source=5, target=6, lag=float("inf"))),
    ("below 100%", partial(arrows.link_return, gate=6, target=1, rate=1.0)),
    ("at most 100%", partial(arrows.link_return, gate=6, target=1, share=0.0)),
    ("between 1 and 999", partial(arrows.link_return, gate=6, target=1, limit=0)),
    ("Give the reason why", partial(arrows.send_back, gate=3, target=1, reason=" ")),
    ("is built on", partial(arrows.send_back, gate=1, target=3, reason="x")),
    ("not among the done tasks", partial(arrows.send_back, gate=3, target=1, reason="x", also=[6])),
    ("has no field rate", partial(arrows.edit_link, link=1, rate=0.5)),
    ("There is no arrow 99", partial(arrows.unlink, link=99)),
    ("is already a return", partial(arrows.turn, turned=6, source=6, target=5)),
    ("Name the entry", partial(set_system, system=" ", state="up")),
]


@pytest.mark.parametrize(("sentence", "command"), REFUSALS)
def test_refusals_say_why(sentence: str, command: Any) -> None:
    ws = plan(
        "1-2 2-3 2-4 4-5 3-6",
        returns="3-1",
        states="1:done 2:done 3:doing 4:done 5:done",
        titles=["A"] * 6,
    )
    with pytest.raises(TrackerError, match=sentence) as refused:
        command(ws, NOW)
    assert "{" not in str(refused.value)


def test_a_dropped_task_is_out_of_the_game() -> None:
    ws = plan("1-2", states="1:dropped")
    for command in (
        partial(commands.start, task=1),
        partial(commands.finish, task=1),
        partial(commands.advance, task=1),
        partial(arrows.send_back, gate=2, target=1, reason="x"),
    ):
        with pytest.raises(Refused, match="dropped"):
            command(ws, NOW)
    with pytest.raises(Refused, match="already dropped"):
        commands.wait(ws, NOW, task=1)


def test_what_is_called_nothing_here_names_what_is() -> None:
    ws = Workspace([Department(id=1, name="Netz", short="N")])
    assert commands.find(ws, Department, "n") == 1
    with pytest.raises(NotFound, match="choose from n, netz"):
        commands.find(ws, Department, "Vertrieb")


class Plan(RuleBasedStateMachine):
    """Random verbs on one plan: whatever is not refused leaves it sound and can be taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.ws = Workspace()
        self.minutes = 0
        self.ever: set[int] = set()
        self.done: list[Change] = []
        self.tally = status.Tally.of(self.ws, NOW.today)

    def do(self, command: Any, **fields: Any) -> Change | None:
        self.minutes += 1
        before = contents(self.ws)
        try:
            change: Change = command(self.ws, later(self.minutes), **fields)
        except TrackerError:
            assert contents(self.ws) == before
            return None
        try:
            after = self.ws.apply(change)
        except TrackerError:
            # A merge may be refused as a whole; a verb itself never makes what is.
            assert command.__name__ == "<lambda>"
            return None
        assert contents(after.apply(change.inverse)) == before
        self.ws = after
        self.done.append(change)
        for task in change.born(Task):
            assert task.id not in self.ever or command.__name__ == "<lambda>"
            self.ever.add(task.id)
        return change

    def pick(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from([*self.ws.tasks, 999]))

    @rule(data=st.data(), systems=st.sampled_from(((), ("ERP",), ("ERP", "AS/400"))))
    def add(self, data: st.DataObject, systems: tuple[str, ...]) -> None:
        after = [(self.pick(data), 0.0)] if data.draw(st.booleans()) and self.ws.tasks else []
        self.do(commands.add_task, title="T", after=after, systems=systems, department="Netz")

    @precondition(lambda self: self.ws.tasks)
    @rule(
        data=st.data(),
        verb=st.sampled_from(
            (
                commands.start,
                commands.finish,
                commands.wait,
                commands.drop,
                commands.reopen,
                commands.confirm,
                commands.advance,
                commands.delete_task,
            )
        ),
    )
    def move(self, data: st.DataObject, verb: Any) -> None:
        self.do(verb, task=self.pick(data))

    @precondition(lambda self: self.ws.tasks)
    @rule(data=st.data(), verb=st.sampled_from((arrows.link, arrows.link_return)))
    def draw(self, data: st.DataObject, verb: Any) -> None:
        name = "source" if verb is arrows.link else "gate"
        self.do(verb, **{name: self.pick(data)}, target=self.pick(data))

    @precondition(lambda self: self.ws.links)
    @rule(data=st.data())
    def rub_out(self, data: st.DataObject) -> None:
        self.do(arrows.unlink, link=data.draw(st.sampled_from(list(self.ws.links))))

    @precondition(lambda self: self.ws.tasks)
    @rule(data=st.data())
    def send_back(self, data: st.DataObject) -> None:
        gate, target = self.pick(data), self.pick(data)
        try:
            preview = arrows.preview_send_back(self.ws, gate=gate, target=target)
        except TrackerError:
            assert self.do(arrows.send_back, gate=gate, target=target, reason="x") is None
            return
        also = data.draw(st.sets(st.sampled_from(preview.also_built_on or (0,))))
        ticked = also & set(preview.also_built_on)
        self.do(arrows.send_back, gate=gate, target=target, reason="x", also=ticked)
        assert self.ws.tasks[target].pass_number == preview.pass_number
        for task in (*preview.recheck, *ticked):
            assert self.ws.tasks[task].state == "recheck"

    @rule(state=st.sampled_from(("up", "degraded", "down")))
    def break_system(self, state: Any) -> None:
        self.do(set_system, system="ERP", state=state, create=not self.ws.systems)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        """Take back any change, however much has been built on it, as undo does."""
        change = data.draw(st.sampled_from(self.done))
        self.do(lambda ws, _now: ws.rebase(change.inverse))

    @invariant()
    def sound(self) -> None:
        ws = self.ws
        assert not [fault for entity in ws.entities() for fault in ws.faults(entity)]
        assert graph.any_loop(ws) == ()
        for entity in ws.entities():
            for table, key in references(entity):
                assert key in getattr(ws, table)
        for task in ws.tasks.values():
            numbers = [p.number for p in task.passes]
            assert all(b == a + 1 for a, b in pairwise(numbers))
            assert all(p.outcome for p in task.passes[:-1])
            if task.state == "done":
                assert task.passes[-1].outcome == "done"
            for p in task.passes:
                assert not (p.started and p.ended) or p.started <= p.ended
            found = status.status(ws, task, NOW.today)
            assert not (found.ready and found.blocked)
        assert ws.last_ids["tasks"] == max(self.ever, default=0)
        assert sum(len(links) for links in ws.arrows_out.values()) == len(ws.links)
        self.tally = self.tally.going_on(ws, NOW.today)
        assert self.tally == status.Tally.of(ws, NOW.today)
        rebuilt = Workspace(ws.entities(), last_ids=ws.last_ids)
        assert dict(rebuilt.arrows_in) == dict(ws.arrows_in)
        status.deadlocks(ws)
        assert all(isinstance(link, Link) for link in ws.links.values())


TestPlan = Plan.TestCase
TestPlan.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def test_of_several_tasks_the_odd_one_is_left_alone_and_named() -> None:
    ws = plan(states="1:todo 2:dropped 3:doing", low=1.0, likely=2.0, high=3.0)
    change = commands.edit_tasks(ws, NOW, tasks=(1, 2, 3, 9), state="waiting", priority="high")
    assert str(change.label) == "Edited 2 tasks"
    assert [each.task for each in change.left] == [2, 9]
    assert "dropped; reopen it first" in str(commands.reasons(change.left))
    after = ws.apply(change)
    assert [task.priority for task in after.tasks.values()] == ["high", "medium", "high"]
    # What no task may have is refused once, and not once for each.
    with pytest.raises(Refused, match=r"^There is no priority soon\.$"):
        commands.edit_tasks(ws, NOW, tasks=(1, 3), priority="soon")
    # Alone, a task is refused as before.
    with pytest.raises(NotFound):
        commands.edit_tasks(ws, NOW, tasks=(9,), priority="high")


def test_a_maximum_below_the_estimate_of_one_of_them_is_set_on_the_others() -> None:
    ws = done(plan(tasks=2), commands.edit_task, task=1, low=5.0, likely=5.0, high=8.0)
    change = commands.edit_tasks(ws, NOW, tasks=(1, 2), high=3.0)
    assert [(each.task, "out of order" in str(each.reason)) for each in change.left] == [(1, True)]
    assert ws.apply(change).tasks[2].high == 3.0
