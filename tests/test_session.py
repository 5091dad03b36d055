from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from msgspec.structs import replace

from tests.builders import contents
from tracker.domain.change import Change, Edit
from tracker.domain.draft import Draft, Named, Now, alike, name_of
from tracker.domain.errors import Conflict, NotFound, Refused
from tracker.domain.model import Department, Person, Project, System, Task
from tracker.domain.sentence import sentence
from tracker.domain.verbs import commands, upkeep
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.store.file_log import FileLog


class Clock:
    """A clock that goes on by a minute whenever somebody looks."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


Open = Callable[[str], Session]


@pytest.fixture
def as_person(tmp_path: Path) -> Iterator[Open]:
    clock = Clock()
    opened: list[Session] = []

    def open_as(who: str) -> Session:
        opened.append(Session.open(tmp_path / "erp.json", who=who, clock=clock))
        return opened[-1]

    yield open_as
    for session in opened:
        session.close()


def add(title: str) -> Callable[[Workspace, Now], Change]:
    return partial(commands.add_task, title=title)


def edit(task: int, **fields: Any) -> Callable[[Workspace, Now], Change]:
    return partial(commands.edit_task, task=task, **fields)


def titles(session: Session) -> list[str]:
    return [task.title for task in session.workspace.tasks.values()]


def test_what_is_done_is_there_for_everybody_at_once(as_person: Open) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    record = anna.do(add("Firewall"))
    assert (record.seq, record.who) == (1, "anna")
    assert bob.reload() == [record]
    assert bob.reload() == []
    assert contents(bob.workspace) == contents(anna.workspace)


def test_a_command_is_given_the_newest_workspace_and_the_time(as_person: Open) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    anna.do(add("Firewall"))
    seen: list[tuple[int, Now]] = []

    def look(ws: Workspace, now: Now) -> Change:
        seen.append((ws.seq, now))
        return Change(sentence("Nothing"), ())

    bob.do(look)
    [(seq, now)] = seen
    assert (seq, now.who) == (1, "bob")
    assert now.at == datetime(2026, 11, 23, 9, 2, tzinfo=UTC)


def test_today_may_be_fixed(tmp_path: Path) -> None:
    session = Session.open(tmp_path / "erp.json", who="anna", today=date(2026, 1, 2))
    assert session.now().today == date(2026, 1, 2)
    session.close()


def test_a_change_that_changes_nothing_is_not_written(as_person: Open) -> None:
    anna = as_person("anna")
    anna.do(add("Firewall"))
    task = anna.workspace.tasks[1]
    record = anna.do(lambda _ws, _now: Change(sentence("Same"), (Edit(task, task),)))
    assert record.change.edits == ()
    assert record.seq == anna.workspace.seq == 1
    assert len([*anna.history()]) == 1


def test_a_refused_command_leaves_everything_as_it_was(as_person: Open) -> None:
    anna = as_person("anna")
    before = anna.workspace
    with pytest.raises(NotFound):
        anna.do(edit(7, title="Nobody"))
    assert anna.workspace is before
    assert [*anna.history()] == []


def test_undo_and_redo_walk_through_ones_own_changes(as_person: Open) -> None:
    anna = as_person("anna")
    states = [contents(anna.workspace)]
    for title in "ABC":
        anna.do(add(title))
        states.append(contents(anna.workspace))
    for back in (2, 1, 0):
        record = anna.undo()
        assert record.undoes is not None
        assert contents(anna.workspace) == states[back]
    with pytest.raises(Refused, match="anna has nothing to undo"):
        anna.undo()
    for forth in (1, 2, 3):
        anna.redo()
        assert contents(anna.workspace) == states[forth]
    with pytest.raises(Refused, match="anna has nothing to redo"):
        anna.redo()


def test_labels_tell_what_was_undone(as_person: Open) -> None:
    anna = as_person("anna")
    anna.do(add("A"))
    assert str(anna.undo().change.label) == "Undo: Added: 1 A"
    assert str(anna.redo().change.label) == "Redo: Added: 1 A"
    assert str(anna.undo().change.label) == "Undo: Added: 1 A"


def test_undo_and_redo_outlive_the_program(as_person: Open) -> None:
    first = as_person("anna")
    first.do(add("A"))
    first.do(add("B"))
    first.undo()
    first.close()
    again = as_person("anna")
    again.undo()
    assert titles(again) == []
    again.close()
    once_more = as_person("anna")
    once_more.redo()
    once_more.redo()
    assert titles(once_more) == ["A", "B"]


def test_a_new_change_ends_redo_for_that_person_only(as_person: Open) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    anna.do(add("A"))
    anna.undo()
    bob.do(add("B"))
    bob.undo()
    anna.do(add("C"))
    with pytest.raises(Refused):
        anna.redo()
    bob.redo()
    assert titles(bob) == ["B", "C"]


def test_redo_stays_gone_when_the_new_change_is_undone_and_redone(as_person: Open) -> None:
    anna = as_person("anna")
    anna.do(add("A"))
    anna.undo()
    anna.do(add("B"))
    anna.undo()
    anna.redo()
    with pytest.raises(Refused):
        anna.redo()
    assert titles(anna) == ["B"]


def test_everybody_undoes_their_own(as_person: Open) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    anna.do(add("A"))
    bob.do(add("B"))
    anna.undo()
    assert titles(anna) == ["B"]
    record = anna.undo("bob")
    assert (record.who, record.undoes) == ("anna", 2)
    assert titles(anna) == []
    anna.redo()
    assert titles(anna) == ["B"]


def test_undo_leaves_what_others_changed_elsewhere_in_the_same_task(as_person: Open) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    anna.do(add("A"))
    anna.do(edit(1, title="A2"))
    bob.do(edit(1, notes="by the way"))
    anna.undo()
    task = anna.workspace.tasks[1]
    assert (task.title, task.notes) == ("A", "by the way")


def test_undo_is_refused_with_person_field_and_time(as_person: Open) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    anna.do(add("A"))
    anna.do(edit(1, title="A2"))
    bob.do(edit(1, title="B"))
    with pytest.raises(Conflict) as refused:
        anna.undo()
    assert refused.value.fields == ("title",)
    when = f"{datetime(2026, 11, 23, 9, 3, tzinfo=UTC).astimezone():%Y-%m-%d %H:%M}"
    assert str(refused.value) == (
        f"“Edited: 1 A” cannot be undone. Task 1 has changed since: Title. Changed by bob, {when}."
    )
    assert titles(anna) == ["B"]


def test_a_refusal_names_the_field_in_the_way_and_who_changed_that_one(as_person: Open) -> None:
    anna, bob, carla = as_person("anna"), as_person("bob"), as_person("carla")
    anna.do(add("A"))
    anna.do(edit(1, title="A2"))
    bob.do(edit(1, title="B"))
    carla.do(edit(1, notes="by the way"))
    with pytest.raises(Conflict, match=r"since: Title\. Changed by bob") as refused:
        anna.undo()
    assert refused.value.fields == ("title",)


def test_undoing_a_birth_keeps_its_number_used(as_person: Open) -> None:
    anna = as_person("anna")
    anna.do(add("A"))
    anna.undo()
    anna.close()
    again = as_person("anna")
    again.do(add("B"))
    assert list(again.workspace.tasks) == [2]


def test_undoing_a_birth_that_others_edited_is_refused(as_person: Open) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    anna.do(add("A"))
    bob.do(edit(1, notes="mine now"))
    with pytest.raises(Conflict, match="Notes"):
        anna.undo()
    bob.undo()
    anna.undo()
    assert titles(anna) == []


@pytest.mark.parametrize("kind", [Department, Person, Project, System])
def test_what_is_taken_back_takes_no_name_that_others_use_meanwhile(
    as_person: Open, kind: type[Named]
) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    create = partial(upkeep.set_properties, kind=kind, values={}, create=True)
    anna.do(partial(create, name="Netz"))
    anna.do(partial(upkeep.rename, kind=kind, name="Netz", to="DBA"))
    bob.do(partial(create, name="NETZ"))
    with pytest.raises(Conflict, match=r"NETZ already exists\. Changed by bob"):
        anna.undo()
    bob.do(partial(upkeep.rename, kind=kind, name="NETZ", to="SAP"))
    anna.undo()
    assert list(map(name_of, anna.workspace.table(kind).values())) == ["Netz", "SAP"]
    anna.do(partial(upkeep.merge, kind=kind, name="Netz", into="SAP"))
    anna.undo()
    anna.do(partial(upkeep.delete, kind=kind, name="Netz"))
    bob.do(partial(create, name="Netz"))
    with pytest.raises(Conflict, match="Netz already exists"):
        anna.undo()


def test_to_bring_back_a_list_looks_at_each_name_few_times(
    as_person: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = as_person("anna")

    def listed(ws: Workspace, _now: Now) -> Change:
        draft = Draft(ws)
        for at in range(300):
            draft.new(Person, login=f"p{at}")
        return draft.change(sentence("Imported"))

    anna.do(listed)
    anna.undo()
    counting = Mock(side_effect=alike)
    monkeypatch.setattr("tracker.domain.draft.alike", counting)
    anna.redo()
    assert len(anna.workspace.people) == 300
    assert counting.call_count < 1000


def test_a_record_in_the_middle_can_be_taken_back_and_brought_back(as_person: Open) -> None:
    anna = as_person("anna")
    for title in "ABC":
        anna.do(add(title))
    taken = anna.undo_record(2)
    assert titles(anna) == ["A", "C"]
    with pytest.raises(Refused, match="Record 2 has already been undone"):
        anna.undo_record(2)
    back = anna.undo_record(taken.seq)
    assert str(back.change.label) == "Redo: Added: 2 B"
    assert titles(anna) == ["A", "B", "C"]
    with pytest.raises(NotFound, match="no record 77"):
        anna.undo_record(77)


def test_what_was_taken_back_and_brought_back_often_is_read_in_few_pieces(
    as_person: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = as_person("anna")
    anna.do(add("A"))
    record = anna.do(edit(1, title="B"))
    read = Mock(wraps=FileLog.lines)
    monkeypatch.setattr(FileLog, "lines", lambda *args: read(*args))
    for count in range(1, 61):
        record = anna.undo_record(record.seq)
        assert str(record.change.label).startswith("Undo" if count % 2 else "Redo")
        assert titles(anna) == ["A" if count % 2 else "B"]
    read.reset_mock()
    anna.undo_record(record.seq)
    assert read.call_count < 10


def test_undo_passes_over_what_was_taken_back_already(as_person: Open) -> None:
    anna = as_person("anna")
    for title in "ABC":
        anna.do(add(title))
    anna.undo_record(3)
    anna.undo()
    assert titles(anna) == ["A"]


def test_undo_passes_over_what_others_have_set_back(as_person: Open) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    anna.do(add("A"))
    anna.do(lambda ws, _now: titled(ws.tasks[1], "A2"))
    bob.do(lambda ws, _now: titled(ws.tasks[1], "A"))
    with pytest.raises(Refused, match="Record 2 has already been undone"):
        anna.undo_record(2)
    anna.undo()
    assert titles(anna) == []
    anna.redo()
    assert titles(anna) == ["A"]


def titled(task: Task, title: str) -> Change:
    return Change(sentence("Edit"), (Edit(task, replace(task, title=title)),))


def test_the_past_can_be_seen_again(as_person: Open) -> None:
    anna = as_person("anna")
    moments = [(anna.now().at, contents(anna.workspace))]
    for title in "ABC":
        anna.do(add(title))
        moments.append((anna.now().at, contents(anna.workspace)))
    anna.do(partial(commands.delete_task, task=2))
    for moment, then in moments:
        assert contents(anna.as_of(moment)) == then


def test_history_tells_everything_and_what_is_new(as_person: Open) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    for title in "ABC":
        anna.do(add(title))
    bob.do(edit(2, title="B2"))
    anna.reload()
    assert [(r.seq, r.who) for r in anna.history()] == [
        (1, "anna"),
        (2, "anna"),
        (3, "anna"),
        (4, "bob"),
    ]
    assert [r.seq for r in anna.history(since=2)] == [3, 4]
    assert [*anna.history(since=4)] == []


def test_the_ordinary_file_is_written_at_quiet_moments(tmp_path: Path, as_person: Open) -> None:
    anna = as_person("anna")
    anna.do(add("Firewall"))
    assert "Firewall" not in (tmp_path / "erp.json").read_text()
    assert anna.checkpoint()
    assert "Firewall" in (tmp_path / "erp.json").read_text()
    assert not anna.checkpoint()


def test_a_task_of_a_session_is_the_one_read_back(as_person: Open) -> None:
    anna = as_person("anna")
    anna.do(add("Firewall"))
    anna.checkpoint()
    bob = as_person("bob")
    assert bob.workspace.tasks[1] == anna.workspace.tasks[1]
    assert isinstance(bob.workspace.tasks[1], Task)


def test_what_was_prepared_is_worked_out_anew_only_where_something_has_changed(
    as_person: Open,
) -> None:
    anna, bob = as_person("anna"), as_person("bob")
    worked_out_on: list[Workspace] = []

    def add(ws: Workspace, now: Now) -> Change:
        worked_out_on.append(ws)
        return commands.add_task(ws, now, title=f"Task {len(ws.tasks) + 1}")

    first = anna.prepared(add)
    assert not anna.workspace.tasks, "nothing has been done yet"
    anna.do(first)
    assert len(worked_out_on) == 1
    second = anna.prepared(add)
    bob.do(partial(commands.add_task, title="From elsewhere"))
    assert anna.do(second).change.born(Task)[0].title == "Task 3"
    assert len(worked_out_on) == 3


def test_of_the_past_everything_can_be_asked_and_nothing_done(as_person: Open) -> None:
    anna = as_person("anna")
    first = anna.do(add("A"))
    later = anna.do(add("B"))
    past = anna.at(first.at)
    assert [task.title for task in past.workspace.tasks.values()] == ["A"]
    assert [record.seq for record in past.history()] == [first.seq]
    assert [record.seq for record in past.history_of(1)] == [first.seq]
    assert past.now().at == first.at
    with pytest.raises(Refused, match="only be read"):
        past.do(add("C"))
    with pytest.raises(Refused, match="only be read"):
        past.undo()
    with pytest.raises(Refused, match="only be read"):
        past.undo_record(first.seq)
    assert anna.workspace.seq == later.seq


def test_what_was_true_then_and_its_history_agree_whatever_clocks_say(tmp_path: Path) -> None:
    path, now = tmp_path / "erp.json", datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    anna = Session.open(path, who="anna", clock=lambda: now + timedelta(hours=1))
    bob = Session.open(path, who="bob", clock=lambda: now)
    anna.do(add("A"))
    bob.do(edit(1, title="B"))
    anna.do(edit(1, title="C"))
    past = anna.at(now)
    assert past.workspace.seq == 2
    assert [record.seq for record in past.history()] == [1, 2]
    assert [record.seq for record in past.history_of(1)] == [1, 2]
    anna.close()
    bob.close()


def test_there_is_no_past_to_come(as_person: Open) -> None:
    anna = as_person("anna")
    with pytest.raises(Refused, match="does not go back"):
        anna.at(anna.now().at)
    done = anna.do(add("A"))
    with pytest.raises(Refused, match="still to come"):
        anna.at(done.at + timedelta(days=1))
