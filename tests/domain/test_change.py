"""Laws of changes: they can be taken back, merged, and refused when they are stale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import NOW, contents, done, plan
from tests.strategies import workspaces
from tracker.domain.change import Change, Edit
from tracker.domain.errors import Conflict, Refused
from tracker.domain.model import Department, Entity, Link, Person, Project, System, Task
from tracker.domain.persistent_map import Table
from tracker.domain.sentence import sentence
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace

LABEL = sentence("Test")


def changed(*edits: Edit) -> Change:
    return Change(LABEL, edits)


def test_an_edit_is_about_one_entity() -> None:
    with pytest.raises(ValueError, match="before or after"):
        Edit(None, None)
    with pytest.raises(ValueError, match="one entity"):
        Edit(Task(id=1, title="A"), Task(id=2, title="A"))
    with pytest.raises(ValueError, match="one entity"):
        Edit(Task(id=1, title="A"), System(id=1, name="A"))


@given(workspaces(), st.data())
def test_the_inverse_takes_a_change_back(ws: Workspace, data: st.DataObject) -> None:
    if not ws.tasks:
        return
    task = ws.tasks[data.draw(st.sampled_from(list(ws.tasks)))]
    change = data.draw(
        st.sampled_from(
            [
                changed(Edit(task, replace(task, title="Neu", due=NOW.today))),
                commands.delete_task(ws, NOW, task=task.id),
                commands.add_task(ws, NOW, title="Neu", after=[(task.id, 1.0)], department="Neu"),
            ]
        )
    )
    after = ws.apply(change)
    assert contents(after.apply(change.inverse)) == contents(ws)
    assert change.inverse.inverse == change


@given(workspaces())
def test_a_workspace_grown_by_changes_equals_one_built_whole(ws: Workspace) -> None:
    grown = Workspace()
    for entity in ws.entities():
        grown = grown.apply(changed(Edit(None, entity)))
    assert contents(grown) == contents(ws)
    assert dict(grown.arrows_out) == dict(ws.arrows_out)
    assert dict(grown.arrows_in) == dict(ws.arrows_in)
    assert grown.last_ids == ws.last_ids


def test_a_stale_change_is_refused_and_names_the_fields() -> None:
    ws = plan(tasks=1)
    old = ws.tasks[1]
    ws = ws.apply(changed(Edit(old, replace(old, title="B"))))
    with pytest.raises(Conflict) as refused:
        ws.apply(changed(Edit(old, replace(old, title="C"))))
    assert refused.value.fields == ("title",)
    assert (refused.value.kind, refused.value.id) == ("tasks", 1)


def test_different_fields_of_one_task_merge() -> None:
    ws = plan(tasks=1)
    old = ws.tasks[1]
    mine = changed(Edit(old, replace(old, title="Mine")))
    ws = ws.apply(changed(Edit(old, replace(old, priority="high"))))
    ws = ws.apply(ws.rebase(mine))
    assert (ws.tasks[1].title, ws.tasks[1].priority) == ("Mine", "high")


def test_the_same_field_does_not_merge_unless_both_say_the_same() -> None:
    ws = plan(tasks=1)
    old = ws.tasks[1]
    theirs = ws.apply(changed(Edit(old, replace(old, title="Theirs"))))
    with pytest.raises(Conflict) as refused:
        theirs.rebase(changed(Edit(old, replace(old, title="Mine"))))
    assert refused.value.fields == ("title",)
    same = theirs.rebase(changed(Edit(old, replace(old, title="Theirs"))))
    assert contents(theirs.apply(same)) == contents(theirs)


def test_a_deleted_task_is_not_edited() -> None:
    ws = plan(tasks=1)
    old = ws.tasks[1]
    gone = done(ws, commands.delete_task, task=1)
    with pytest.raises(Conflict):
        gone.rebase(changed(Edit(old, replace(old, title="Mine"))))


def test_numbers_are_never_given_again() -> None:
    ws = plan(tasks=3)
    born = commands.add_task(ws, NOW, title="Vier")
    ws = ws.apply(born)
    ws = ws.apply(born.inverse)
    assert ws.next_id(Task) == 5
    assert 5 in done(ws, commands.add_task, title="Fünf").tasks


def test_no_reference_to_nothing() -> None:
    ws = plan("1-2", extra=[Department(id=1, name="Netz")], department=1)
    with pytest.raises(Refused, match="still in use"):
        ws.apply(changed(Edit(ws.tasks[1], None)))
    with pytest.raises(Refused, match="still in use"):
        ws.apply(changed(Edit(ws.departments[1], None)))
    with pytest.raises(Refused, match="does not exist"):
        ws.apply(changed(Edit(None, Link(id=9, kind="needs", source=1, target=77))))


@pytest.mark.parametrize("many", [1, 40])
def test_no_loop_of_needs_ever(many: int) -> None:
    chain = [Task(id=n, title=str(n)) for n in range(1, many + 2)]
    ring = [
        Link(id=n, kind="needs", source=n, target=n % (many + 1) + 1) for n in range(1, many + 2)
    ]
    births = changed(*(Edit(None, entity) for entity in (*chain, *ring)))
    with pytest.raises(Refused, match="loop of dependencies"):
        Workspace().apply(births)


def bulk(*links: Link) -> Change:
    """Return a change that draws arrows between ten tasks, all of them new."""
    tasks = [Task(id=n, title=str(n), state="dropped" if n == 10 else "todo") for n in range(1, 11)]
    return changed(*(Edit(None, each) for each in (*tasks, *links)))


def test_many_arrows_at_once_are_known_as_one_by_one() -> None:
    pairs = [(a, b) for a in range(1, 10) for b in range(a + 1, 11)]
    links = [Link(id=n, kind="needs", source=a, target=b) for n, (a, b) in enumerate(pairs, 1)]
    ws = Workspace().apply(bulk(*links))
    with pytest.raises(Refused, match="Task 10 is still in use"):
        ws.apply(changed(Edit(ws.tasks[10], None)))
    whole = Workspace(ws.entities())
    assert dict(ws.arrows_out) == dict(whole.arrows_out)
    assert dict(ws.arrows_in) == dict(whole.arrows_in)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ([Link(id=2, kind="needs", source=1, target=2)], "two arrows of the same kind"),
        ([Link(id=2, kind="returns", source=3, target=1, rate=1.5)], "rate or share of arrow 2"),
        ([Link(id=2, kind="needs", source=3, target=4, ripple=-1)], "rate or share of arrow 2"),
        ([Link(id=2, kind="needs", source=3, target=11)], "refers to Task 11"),
        (
            [Link(id=n, kind="returns", source=3, target=n, rate=0.6) for n in (2, 4)],
            "never get past 3 3",
        ),
    ],
)
def test_an_arrow_with_a_fault_is_refused_among_many(wrong: list[Link], why: str) -> None:
    sound = Link(id=1, kind="needs", source=1, target=2)
    with pytest.raises(Refused, match=why):
        Workspace().apply(bulk(sound, *wrong))


def test_returns_to_what_was_dropped_stop_nothing() -> None:
    links = [Link(id=n, kind="returns", source=3, target=n, rate=0.6) for n in (2, 10)]
    assert len(Workspace().apply(bulk(*links)).links) == 2


def test_a_return_may_close_a_loop() -> None:
    ws = done(plan("1-2 2-3"), arrows.link_return, gate=3, target=1)
    assert [link.kind for link in ws.arrows_out[3]] == ["returns"]


@pytest.mark.parametrize(
    "named",
    [
        Project(id=1, name="P"),
        Department(id=1, name="D"),
        Person(id=1, login="p"),
        System(id=1, name="S"),
        Task(id=1, title="T"),
    ],
)
def test_what_something_names_does_not_go(named: Entity) -> None:
    rows: dict[type[Entity], list[Entity]] = {
        Project: [Task(id=2, title="A", project=1)],
        Department: [
            Task(id=2, title="A", department=1),
            Person(id=2, login="a", department=1),
            System(id=2, name="A", owner=1),
        ],
        Person: [
            Task(id=2, title="A", assignee=1),
            Task(id=2, title="A", requester=1),
            Task(id=2, title="A", watchers=(3, 1)),
            Link(id=1, kind="returns", source=4, target=5, escalate_to=1),
        ],
        System: [Task(id=2, title="A", systems=(3, 1))],
        Task: [
            Link(id=1, kind="needs", source=1, target=4),
            Link(id=1, kind="returns", source=4, target=1),
            System(id=2, name="A", restored_by=1),
        ],
    }
    others: list[Entity] = [Task(id=4, title="B"), Task(id=5, title="C"), Person(id=3, login="c")]
    others.append(System(id=3, name="C"))
    for naming in rows[type(named)]:
        ws = Workspace([named, naming, *others])
        with pytest.raises(Refused, match="1 is still in use"):
            ws.apply(changed(Edit(named, None)))
        gone = ws.apply(changed(Edit(naming, None), Edit(named, None)))
        assert named.id not in gone.table(type(named))


@given(
    st.dictionaries(st.integers(1, 2000), st.integers()),
    st.lists(st.dictionaries(st.integers(1, 2000), st.none() | st.integers(), max_size=6)),
)
def test_a_table_is_a_sorted_dict_that_does_not_change(
    start: dict[int, int], steps: list[dict[int, int | None]]
) -> None:
    table, model = Table(start.items()), dict(start)
    for step in steps:
        before = dict(table)
        following = table.replacing(step)
        assert dict(table) == before
        differing = {key for key in {**before, **step} if before.get(key) != following.get(key)}
        assert differing <= set(following.changed(table)) <= set(step)
        assert set(following.changed(table)) == set(table.changed(following))
        table = following
        for key, value in step.items():
            if value is None:
                model.pop(key, None)
            else:
                model[key] = value
        assert list(table.items()) == sorted(model.items())
        assert len(table) == len(model)
        assert all((key in table) == (key in model) for key in step)
