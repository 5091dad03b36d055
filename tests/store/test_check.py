from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from tinydb import TinyDB
from tinydb.table import Document

from tests.builders import contents
from tracker.domain import workspace
from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import Damaged, Refused, StoreError, TooNew
from tracker.domain.model import Department, Entity, Link, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.store import checkpoint, codec, file_log, files
from tracker.store.check import Finding, check, unsound
from tracker.store.repair import repair
from tracker.store.store import Store

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=5)


def add(title: str) -> Callable[[Workspace], Change]:
    return lambda ws: Change(
        sentence("Add {title}", title=title),
        (Edit(None, Task(id=ws.next_id(Task), title=title)),),
    )


def rename(task: int, title: str) -> Callable[[Workspace], Change]:
    def command(ws: Workspace) -> Change:
        before = ws.tasks[task]
        return Change(sentence("Edit"), (Edit(before, Task(id=task, title=title)),))

    return command


def commit(store: Store, *commands: Callable[[Workspace], Change]) -> None:
    for command in commands:
        store.commit(command, at=AT, who="anna")


def titles(store: Store) -> list[str]:
    return [task.title for task in store.workspace.tasks.values()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workspace of six records, the first three of them in the checkpoint."""
    path = tmp_path / "erp.json"
    store = Store.open(path)
    commit(store, add("A"), add("B"), rename(1, "A2"))
    store.checkpoint()
    commit(store, add("C"), rename(2, "B2"), rename(3, "C2"))
    store.db.close()
    return path


def journal(path: Path) -> Path:
    return path.with_suffix(".log")


def damage(file: Path, what: str) -> None:
    """Flip a bit of the first letter of `what`."""
    data = file.read_bytes()
    at = data.index(what.encode())
    file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def told(findings: list[Finding], *, grave: bool = True) -> list[str]:
    return [str(finding.text) for finding in findings if finding.grave is grave]


def mended(path: Path) -> tuple[Store, list[Finding]]:
    """Repair, see that all is well then, and open."""
    findings = repair(path, at=LATER, who="root")
    assert told(check(path)) == []
    return Store.open(path), findings


def test_a_sound_workspace_has_no_findings(path: Path) -> None:
    assert check(path) == []
    assert repair(path, at=LATER, who="root") == []
    assert not path.with_suffix(".kept").exists()


def test_where_there_is_none_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no workspace"):
        check(tmp_path / "nowhere.json")


def test_a_torn_tail_is_no_damage_and_is_set_aside(path: Path) -> None:
    with journal(path).open("ab") as file:
        file.write(b'{"v":1,"seq":7,')
    [finding] = check(path)
    assert not finding.grave
    assert "cut off during writing" in str(finding.text)
    store, findings = mended(path)
    assert len(findings) == 1
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


def test_a_damaged_line_that_the_checkpoint_covers_costs_nothing(path: Path) -> None:
    damage(journal(path), "B")
    assert told(check(path)) == ["Line 2 of erp.log is damaged: its content was altered later."]
    store, findings = mended(path)
    assert "Record 2 was lost; its changes have been restored." in told(findings, grave=False)
    assert titles(store) == ["A2", "B2", "C2"]
    [_, lost, *_] = store.records()
    assert str(lost.change.label) == "Record 2 was damaged"
    assert lost.change.edits == (Edit(None, Task(id=2, title="B")),)
    assert [record.seq for record in store.records()] == [1, 2, 3, 4, 5, 6]
    store.close()


def test_two_damaged_lines_that_the_checkpoint_covers_cost_nothing(path: Path) -> None:
    damage(journal(path), '"title":"A"')
    damage(journal(path), '"title":"A2"')
    store, _ = mended(path)
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


def test_a_damaged_line_behind_the_checkpoint_costs_what_it_changed(path: Path) -> None:
    damage(journal(path), "B2")
    assert told(check(path)) == ["Line 5 of erp.log is damaged: its content was altered later."]
    store, findings = mended(path)
    assert "Record 5 and its changes are lost." in told(findings)
    assert titles(store) == ["A2", "B", "C2"]
    assert [record.seq for record in store.records()] == [1, 2, 3, 4, 5, 6]
    kept = list(path.with_suffix(".kept").iterdir())
    assert {p.name for p in kept} == {"repaired-erp.log", "repaired-erp.json"}
    store.close()


def test_what_no_longer_fits_after_a_lost_line_is_set_aside_and_named(path: Path) -> None:
    damage(journal(path), '"title":"C"')
    store, findings = mended(path)
    assert "Record 6 of anna (Edit) no longer fits and has been set aside." in told(findings)
    assert titles(store) == ["A2", "B2"]
    commit(store, add("D"))
    assert [record.seq for record in store.records()] == [1, 2, 3, 4, 5, 6, 7]
    store.close()


def test_a_whole_last_line_that_lacks_its_newline_is_kept(path: Path) -> None:
    damage(journal(path), "B2")
    journal(path).write_bytes(journal(path).read_bytes().removesuffix(b"\n"))
    store, _findings = mended(path)
    assert titles(store) == ["A2", "B", "C2"]
    store.db.close()


def forged(seq: int, prev: str = codec.UNSEALED) -> bytes:
    """Return a whole line that follows none that is there."""
    edit = Edit(None, Task(id=9, title="forged"))
    return codec.encode(Record(seq, AT, "eve", Change(sentence("x"), (edit,))), (), prev)


@pytest.mark.parametrize("seq", [2, 6, 7, 9])
def test_a_whole_end_that_follows_no_line_is_set_aside_and_changes_nothing(
    path: Path, seq: int
) -> None:
    with closing(Store.open(path)) as store:
        store.checkpoint()
    before = path.read_bytes(), journal(path).read_bytes()
    with journal(path).open("ab") as file:
        file.write(forged(seq))
    [finding] = check(path)
    assert "The next change sets it aside." in str(finding.text)
    store, [finding] = mended(path)
    assert not finding.grave
    assert titles(store) == ["A2", "B2", "C2"]
    assert (path.read_bytes(), journal(path).read_bytes()) == before
    [aside] = path.with_suffix(".kept").iterdir()
    assert aside.read_bytes() == forged(seq)
    store.close()


def test_of_a_whole_end_that_lacks_its_newline_it_is_told_that_it_will_count(path: Path) -> None:
    journal(path).write_bytes(journal(path).read_bytes().removesuffix(b"\n"))
    [finding] = check(path)
    assert not finding.grave
    assert str(finding.text) == (
        "The last line of erp.log lacks only its newline. It counts from the next change on."
    )
    store, findings = mended(path)
    assert findings == []
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


def test_of_two_lines_of_one_number_the_one_that_follows_counts(path: Path) -> None:
    with journal(path).open("ab") as file:
        file.write(forged(6) + b"\n")
    assert told(check(path)) == [
        "Record 6 does not continue record 6: one of them was replaced.",
    ]
    store, _findings = mended(path)
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


def test_a_damaged_last_line_keeps_its_number(path: Path) -> None:
    damage(journal(path), "C2")
    assert told(check(path)) == ["Line 6 of erp.log is damaged: its content was altered later."]
    store, findings = mended(path)
    assert "Record 6 and its changes are lost." in told(findings)
    assert titles(store) == ["A2", "B2", "C"]
    assert store.workspace.seq == 6
    store.close()


def test_a_missing_line_is_named_and_its_number_kept(path: Path) -> None:
    lines = journal(path).read_bytes().splitlines(keepends=True)
    journal(path).write_bytes(b"".join(lines[:4] + lines[5:]))
    assert told(check(path)) == ["1 record is missing between 4 and 6."]
    store, _ = mended(path)
    assert titles(store) == ["A2", "B", "C2"]
    assert [record.seq for record in store.records()] == [1, 2, 3, 4, 5, 6]
    store.close()


def test_a_replaced_line_is_named(path: Path) -> None:
    lines = journal(path).read_bytes().splitlines()
    journal(path).write_bytes(b"\n".join([*lines[:3], forged(4), *lines[4:], b""]))
    assert "Record 4 does not continue record 3: one of them was replaced." in told(check(path))
    store, _ = mended(path)
    assert store.workspace.seq == 6
    store.close()


def test_a_journal_that_ends_before_the_checkpoint_is_filled_from_it(path: Path) -> None:
    lines = journal(path).read_bytes().splitlines(keepends=True)
    journal(path).write_bytes(lines[0])
    assert told(check(path)) == ["erp.json has record 3, but erp.log only has records 1 to 1."]
    store, _ = mended(path)
    assert titles(store) == ["A2", "B"]
    assert [record.seq for record in store.records()] == [1, 2, 3]
    store.close()


def test_an_empty_journal_beside_a_checkpoint_is_found(path: Path) -> None:
    journal(path).write_bytes(b"")
    assert told(check(path)) == ["erp.json has record 3, but erp.log only has records 0 to 0."]
    store, _ = mended(path)
    assert titles(store) == ["A2", "B"]
    store.close()


def test_a_flipped_bit_in_the_checkpoint_is_mended_from_the_history(path: Path) -> None:
    damage(path, "A2")
    [finding] = told(check(path))
    assert finding.startswith("erp.json was not written by tracker")
    store, findings = mended(path)
    assert "A flipped bit in erp.json was corrected." in told(findings, grave=False)
    assert titles(store) == ["A2", "B2", "C2"]
    assert store.workspace.seq == 6
    store.close()


def test_a_checkpoint_nested_without_end_is_made_anew(path: Path) -> None:
    path.write_bytes(b'{"meta":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert told(check(path))
    store, findings = mended(path)
    assert "erp.json was unusable and has been rebuilt." in told(findings, grave=False)
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


def test_a_checkpoint_that_cannot_be_read_is_made_anew(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])
    store, findings = mended(path)
    assert "erp.json was unusable and has been rebuilt." in told(findings, grave=False)
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


@pytest.mark.parametrize(
    "text", ["[]", '["a"]', "null", "1", '"x"', "{}", '{"meta":[]}', '{"meta":{"1":1}}']
)
def test_what_is_no_checkpoint_at_all_is_made_anew(path: Path, text: str) -> None:
    # As where the output of some program was sent into it.
    path.write_text(text)
    assert told(check(path))
    store, findings = mended(path)
    assert "erp.json was unusable and has been rebuilt." in told(findings, grave=False)
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


@pytest.mark.parametrize("spoilt", [[], None, {"1": None}, {"x": {}}])
def test_of_edits_by_hand_a_table_that_is_none_any_more_is_left_out(
    path: Path, spoilt: object
) -> None:
    held = json.loads(path.read_bytes())
    held["tasks"] = spoilt
    held["people"] = {"1": {"id": 1, "login": "anna"}}
    path.write_text(json.dumps(held))
    store, findings = mended(path)
    assert "“tasks” in erp.json is not a table any more: nothing in it was adopted." in told(
        findings
    )
    assert "1 change made to erp.json by hand was adopted." in told(findings, grave=False)
    assert titles(store) == ["A2", "B2", "C2"]
    assert [person.login for person in store.workspace.people.values()] == ["anna"]
    store.close()


def test_edits_by_hand_are_taken_over_where_they_fit(path: Path) -> None:
    with TinyDB(path) as stock:
        tasks = stock.table("tasks")
        tasks.update({"notes": "by hand"}, doc_ids=[1])
        tasks.update({"title": "clash"}, doc_ids=[2])
        tasks.insert(Document({"id": 9, "title": "new"}, 9))
    store, findings = mended(path)
    assert "2 changes made to erp.json by hand were adopted." in told(findings, grave=False)
    assert told(findings)[1:] == ["Task 2 has changed since: Title."]
    assert [(t.id, t.title, t.notes) for t in store.workspace.tasks.values()] == [
        (1, "A2", "by hand"),
        (2, "B2", ""),
        (3, "C2", ""),
        (9, "new", ""),
    ]
    last = [*store.records()][-1]
    assert (last.seq, last.who, last.at) == (7, "root", LATER)
    assert str(last.change.label) == "Adopted from erp.json, changed by hand"
    assert store.workspace.next_id(Task) == 10
    store.close()


def test_edits_by_hand_that_break_the_rules_are_not_taken_over(path: Path) -> None:
    with TinyDB(path) as stock:
        stock.table("tasks").update({"department": 7}, doc_ids=[1])
    before = path.read_bytes()
    store, findings = mended(path)
    assert "Task 1 refers to Department 7, which does not exist." in told(findings)
    assert titles(store) == ["A2", "B2", "C2"]
    [aside] = path.with_suffix(".kept").glob("*.json")
    assert aside.read_bytes() == before
    store.close()


def test_a_checkpoint_edited_by_hand_that_is_all_there_is_is_taken_as_it_is(path: Path) -> None:
    with TinyDB(path) as stock:
        stock.table("tasks").update({"title": "by hand"}, doc_ids=[1])
    journal(path).unlink()
    store, _ = mended(path)
    assert titles(store) == ["by hand", "B"]
    store.close()


def kept_daily(folder: Path) -> Path:
    """Make a workspace of three days, with a task and a checkpoint on each."""
    path = folder / "erp.json"
    store = Store.open(path)
    for day in range(3):
        store.commit(add(str(day)), at=AT + timedelta(days=day), who="anna")
        store.checkpoint()
    store.db.close()
    return path


def test_a_checkpoint_edited_by_hand_is_taken_before_an_older_backup(tmp_path: Path) -> None:
    path = kept_daily(tmp_path)
    assert [*path.with_suffix(".kept").glob("backup-*")]
    with TinyDB(path) as stock:
        stock.table("tasks").update({"title": "by hand"}, doc_ids=[1])
    journal(path).unlink()
    mended_store, _ = mended(path)
    assert titles(mended_store) == ["by hand", "1", "2"]
    mended_store.close()


def test_a_checkpoint_of_another_history_is_set_aside(path: Path, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "other.json")
    commit(other, add("X"))
    other.checkpoint()
    other.close()
    shutil.copy(tmp_path / "other.json", path)
    assert told(check(path)) == ["erp.json belongs to a different history than erp.log."]
    store, _ = mended(path)
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


def test_a_backup_stands_in_when_nothing_else_does(tmp_path: Path) -> None:
    path = kept_daily(tmp_path)
    lines = journal(path).read_bytes().splitlines(keepends=True)
    journal(path).write_bytes(b"".join(lines[2:]))
    path.unlink()
    mended_store, _ = mended(path)
    assert titles(mended_store) == ["0", "1", "2"]
    mended_store.close()


def test_a_first_line_that_is_damaged_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "erp.json"
    store = Store.open(path)
    commit(store, add("A"), add("B"), rename(2, "B2"))
    store.db.close()
    damage(journal(path), '"title":"A"')
    mended_store, findings = mended(path)
    assert "Record 1 and its changes are lost." in told(findings)
    assert titles(mended_store) == ["B2"]
    mended_store.close()


def test_a_history_that_begins_late_is_mended_too(path: Path) -> None:
    store = Store.open(path)
    store.checkpoint()
    journal(path).unlink()
    store.close()
    store = Store.open(path)
    commit(store, *(add(str(n)) for n in range(5)))
    store.checkpoint()
    commit(store, add("last"))
    store.db.close()
    damage(journal(path), '"title":"2"')
    mended_store, _ = mended(path)
    assert titles(mended_store) == ["A2", "B2", "C2", "0", "1", "2", "3", "4", "last"]
    assert [record.seq for record in mended_store.records()] == list(range(7, 13))
    mended_store.close()


def test_where_nothing_is_sound_enough_everything_is_left_alone(path: Path) -> None:
    lines = journal(path).read_bytes().splitlines(keepends=True)
    journal(path).write_bytes(b"".join(lines[2:]))
    path.write_bytes(b"rubbish")
    with pytest.raises(Damaged, match="cannot be recovered"):
        repair(path, at=LATER, who="root")
    assert path.read_bytes() == b"rubbish"
    assert journal(path).read_bytes() == b"".join(lines[2:])


def test_damage_in_a_closed_file_is_found_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 500)
    path = tmp_path / "erp.json"
    store = Store.open(path)
    for n in range(12):
        commit(store, add(f"task {n}"))
        if n % 4 == 3:
            store.checkpoint()
    commit(store, add("last"))
    store.db.close()
    kept = path.with_suffix(".kept")
    sound = {p.name: p.read_bytes() for p in kept.iterdir()}
    damage(kept / "log-0000000005-0000000008.log", "task 5")
    # Nobody needs that file to open the workspace, but its history cannot be read.
    opened = Store.open(path)
    with pytest.raises(Damaged, match=r"Line 2 of log-0000000005-0000000008\.log"):
        list(opened.records())
    opened.db.close()
    assert told(check(path)) == [
        "Line 2 of log-0000000005-0000000008.log is damaged: its content was altered later."
    ]
    again, _ = mended(path)
    assert titles(again) == [*(f"task {n}" for n in range(12)), "last"]
    assert [record.seq for record in again.records()] == list(range(1, 14))
    first = "log-0000000001-0000000004.log"
    assert (kept / first).read_bytes() == sound[first]
    again.close()


def test_people_at_work_go_on_after_a_repair(path: Path) -> None:
    store = Store.open(path)
    damage(journal(path), '"title":"B"')
    mended(path)[0].close()
    store.catch_up()
    commit(store, add("D"))
    assert titles(store) == ["A2", "B2", "C2", "D"]
    store.db.close()
    assert told(check(path)) == []


def test_a_newer_program_is_left_its_files(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(codec, "MIGRATIONS", (lambda table, doc: (table, doc),))
        store = Store.open(path)
        commit(store, add("new"))
        store.db.close()
    before = journal(path).read_bytes()
    with pytest.raises(TooNew, match=r"erp\.log was written by a newer"):
        check(path)
    with pytest.raises(TooNew):
        repair(path, at=LATER, who="root")
    assert journal(path).read_bytes() == before


def test_a_lost_draft_is_named_and_removed(path: Path) -> None:
    draft = path.with_name("erp.json.123-456.tmp")
    draft.write_text("half")
    mine = [path.with_name(name) for name in ("erp.json.mine.tmp", "erp.json.2026-11-23.old.tmp")]
    for each in mine:
        each.write_text("kept")
    [finding] = check(path)
    assert str(draft) in str(finding.text)
    assert not finding.grave
    repair(path, at=LATER, who="root")
    assert not draft.exists()
    assert all(map(Path.exists, mine)), "what somebody has called alike is theirs"


def test_files_open_to_everybody_are_named(path: Path) -> None:
    path.chmod(0o644)
    assert told(check(path), grave=False) == [f"{path} is accessible to everybody on this machine."]


def test_a_folder_in_which_everybody_can_replace_files_is_named(path: Path) -> None:
    for mode, named in ((0o777, True), (0o1777, False), (0o770, False)):
        path.parent.chmod(mode)
        found = [text for text in told(check(path), grave=False) if "can replace the files" in text]
        assert bool(found) == named, oct(mode)
        assert all(str(path.parent) in text for text in found)


def test_a_network_file_system_is_named(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    folder = str(path.parent).replace(" ", "\\040")
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda rw\n"
        f"2 1 0:5 / {folder} rw shared:1 - nfs4 server:/x rw\n"
        "3 1 0:6 / /else rw - cifs //server/x rw\n"
    )
    monkeypatch.setattr(files, "MOUNTS", str(mounts))
    [finding] = check(path)
    assert "network file system (nfs4)" in str(finding.text)
    assert not finding.grave
    assert Store.open(path).notices == ()
    [notice] = Store.open(path.with_name("new.json")).notices
    assert "network file system (nfs4)" in str(notice)


def test_what_breaks_the_model_is_named() -> None:
    ws = Workspace(
        [
            Task(id=1, title="A", department=3),
            Department(id=1, name="Netz"),
            Link(id=1, kind="needs", source=1, target=1),
            Link(id=2, kind="returns", source=1, target=1, rate=1.5),
        ]
    )
    assert told(list(unsound(ws))) == [
        "Task 1 refers to Department 3, which does not exist.",
        "The rate or share of arrow 2 is out of range.",
        "Work would never get past 1 A: its return rates add up to 150% (→ 1 150%)."
        " Lower one of them.",
        "The arrows 1 → 1 form a loop of dependencies.",
    ]


def test_what_breaks_the_model_is_found_in_the_files(path: Path) -> None:
    path.with_suffix(".log").unlink()
    snapshot = checkpoint.read(path.read_bytes())
    stray = Workspace([Task(id=1, title="A", department=3)], seq=snapshot.seq)
    path.write_bytes(checkpoint.encode(snapshot._replace(workspace=stray)))
    assert "Task 1 refers to Department 3, which does not exist." in told(check(path))


def test_a_checkpoint_that_does_not_follow_from_the_history_is_found(path: Path) -> None:
    data = path.read_bytes()
    snapshot = checkpoint.read(data)
    wrong = Workspace(
        [Task(id=1, title="wrong"), Task(id=2, title="B")],
        last_ids=snapshot.workspace.last_ids,
        seq=snapshot.seq,
    )
    path.write_bytes(checkpoint.encode(snapshot._replace(workspace=wrong)))
    assert told(check(path)) == ["erp.json differs from the result of the history."]
    store, findings = mended(path)
    assert titles(store) == ["A2", "B2", "C2"]
    assert str(findings[0].text) == "erp.json was unusable and has been rebuilt."
    store.close()


# What a checkpoint of somebody else's may hold beside the tasks A and B, and what is said of it.
MADE_UP: dict[str, tuple[tuple[Entity, ...], str]] = {
    "task": (
        (Task(id=9, title="I", department=3, systems=(7,)),),
        "Task 9 refers to Department 3, which does not exist.",
    ),
    "return": (
        (Link(id=1, kind="returns", source=1, target=9),),
        "Arrow 1 refers to Task 9, which does not exist.",
    ),
    "loop": (
        tuple(
            Link(id=n, kind="needs", source=source, target=target)
            for n, (source, target) in enumerate([(1, 2), (2, 1), (1, 1)], start=1)
        ),
        "The arrows 1 → 2 → 1 form a loop of dependencies.",
    ),
}


def made_up(path: Path, entities: Sequence[Entity]) -> None:
    """Put entities into the checkpoint as it may be written by whoever knows how to seal it."""
    snapshot = checkpoint.read(path.read_bytes())
    wrong = Workspace([*snapshot.workspace.entities(), *entities], seq=snapshot.seq)
    path.write_bytes(checkpoint.encode(snapshot._replace(workspace=wrong)))


@pytest.mark.parametrize("entities", [each[0] for each in MADE_UP.values()], ids=MADE_UP)
def test_a_checkpoint_that_contradicts_itself_is_named_and_made_anew(
    path: Path, entities: tuple[Entity, ...]
) -> None:
    made_up(path, entities)
    with pytest.raises(Damaged, match=r"erp\.json contradicts itself"):
        Store.open(path).demand_whole()
    assert told(check(path)) == ["erp.json differs from the result of the history."]
    store, _ = mended(path)
    store.demand_whole()
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


@pytest.mark.parametrize(("entities", "said"), MADE_UP.values(), ids=MADE_UP)
def test_of_a_checkpoint_that_is_all_there_is_what_cannot_be_is_left_out(
    path: Path, entities: tuple[Entity, ...], said: str
) -> None:
    made_up(path, entities)
    journal(path).unlink()
    assert said in told(check(path))
    store, findings = mended(path)
    assert all(text.endswith(" removed.") for text in told(findings))
    assert told(findings)
    store.demand_whole()
    assert titles(store)[:2] == ["A2", "B"]
    assert len(store.workspace.links) == (len(entities) == 3)
    store.close()


def test_a_table_of_a_checkpoint_that_cannot_be_read_is_found_and_made_anew(path: Path) -> None:
    data = path.read_bytes().replace(
        b"\n}\n}\n", b'\n},\n"baselines":{\n"1":{"id":1,"name":5}\n}\n}\n'
    )
    start = len(checkpoint._HEAD)
    path.write_bytes(data[:start] + b"%08x" % zlib.crc32(data[start + 8 :]) + data[start + 8 :])
    with pytest.raises(Damaged, match=r"erp\.json is not readable"):
        Store.open(path).demand_whole()
    [found] = [finding for finding in check(path) if finding.grave]
    assert "erp.json is not readable" in str(found.text)
    store, _ = mended(path)
    assert titles(store) == ["A2", "B2", "C2"]
    store.close()


@pytest.mark.parametrize("name", ["erp.json", "erp.log"])
def test_repair_survives_any_single_flipped_bit(path: Path, tmp_path: Path, name: str) -> None:
    whole = (tmp_path / name).read_bytes()
    files_before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    full = Store.open(path)
    expected = contents(full.workspace)
    full.db.close()
    for at in range(0, len(whole) * 8, 97):
        for file, data in files_before.items():
            file.write_bytes(data)
        shutil.rmtree(path.with_suffix(".kept"), ignore_errors=True)
        bent = bytearray(whole)
        bent[at // 8] ^= 1 << at % 8
        (tmp_path / name).write_bytes(bent)
        assert told(check(path)), at
        store, _ = mended(path)
        if name == "erp.json":
            assert contents(store.workspace) == expected, at
        assert store.workspace.seq >= 5, at
        store.db.close()


# --- rules that came later than what is kept


def estimated(task: int, *days: float) -> Callable[[Workspace], Change]:
    def command(ws: Workspace) -> Change:
        old = ws.tasks.get(task)
        low, likely, high = days
        new = Task(id=task, title="Old", low=low, likely=likely, high=high)
        return Change(sentence("Estimate"), (Edit(old, new),))

    return command


def written_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a task whose estimate is not in order, as if that had once been allowed."""
    with monkeypatch.context() as once:
        once.setattr(workspace, "_task_faults", lambda task: ())  # noqa: ARG005
        store = Store.open(path)
        commit(store, estimated(1, 5, 2, 1))
        store.db.close()


def test_what_breaks_a_rule_that_came_later_opens_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.json"
    written_before(path, monkeypatch)
    reader = Store.open(path)
    assert reader.workspace.tasks[1].low == 5
    assert told(check(path)) == ["The estimate of 1 is out of order: 5/2/1."]
    with pytest.raises(Refused, match="out of order: 9/2/1"):
        commit(reader, estimated(1, 9, 2, 1))
    with pytest.raises(Refused, match="estimate of 2 is out of order"):
        commit(reader, estimated(2, 5, 2, 1))
    follower = Store.open(path)
    commit(reader, rename_only(1, "Still old"), estimated(1, 1, 2, 5))
    assert [record.seq for record in follower.catch_up()] == [2, 3]
    assert told(check(path)) == []
    reader.db.close()
    follower.db.close()


def rename_only(task: int, title: str) -> Callable[[Workspace], Change]:
    def command(ws: Workspace) -> Change:
        old = ws.tasks[task]
        return Change(sentence("Edit"), (Edit(old, replace(old, title=title)),))

    return command


def test_repair_keeps_what_breaks_a_rule_that_came_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.json"
    written_before(path, monkeypatch)
    path.unlink()
    repair(path, at=LATER, who="root")
    store = Store.open(path)
    assert store.workspace.tasks[1].low == 5
    store.db.close()


def test_a_closed_file_that_lacks_its_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 1)
    path = tmp_path / "closed.json"
    with closing(Store.open(path)) as store:
        commit(store, add("A"), add("B"), add("C"))
        store.checkpoint()
    assert not path.with_suffix(".log").exists()
    [closed] = path.with_suffix(".kept").iterdir()
    closed.write_bytes(b"".join(closed.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(Damaged):
        Store.open(path)
    assert any(found.grave for found in check(path))
    repair(path, at=AT, who="root")
    assert not any(found.grave for found in check(path))
    with closing(Store.open(path)) as store:
        assert titles(store) == ["A", "B", "C"]


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of three tasks whose whole history is in two closed files."""
    monkeypatch.setattr(file_log, "ROTATE_FROM", 1)
    path = tmp_path / "closed.json"
    with closing(Store.open(path)) as store:
        commit(store, add("A"), add("B"))
        store.checkpoint()
        commit(store, add("C"))
        store.checkpoint()
    assert not path.with_suffix(".log").exists()
    return path


def doubled(path: Path) -> None:
    first = min(path.with_suffix(".kept").iterdir())
    shutil.copy(first, path.with_suffix(".log"))


def more_at_its_end(path: Path) -> None:
    with max(path.with_suffix(".kept").iterdir()).open("ab") as file:
        file.write(b"what is no line")


def less_at_its_end(path: Path) -> None:
    last = max(path.with_suffix(".kept").iterdir())
    last.write_bytes(last.read_bytes()[:-1])


def called_otherwise(path: Path) -> None:
    last = max(path.with_suffix(".kept").iterdir())
    last.rename(last.with_name("log-0000000003-0000000004.log"))


def one_for_both(path: Path) -> None:
    first, last = sorted(path.with_suffix(".kept").iterdir())
    first.write_bytes(last.read_bytes())


@pytest.mark.parametrize(
    "spoil", [doubled, more_at_its_end, less_at_its_end, called_otherwise, one_for_both]
)
def test_closed_files_in_disorder_are_told_and_put_in_order(
    closed: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(closed)
    lines = {
        line
        for file in closed.parent.rglob("*.log")
        for line in file.read_bytes().split(b"\n")
        if codec.sealed(line)
    }
    assert any(found.grave for found in check(closed))
    repair(closed, at=AT, who="root")
    assert [str(found.text) for found in check(closed) if found.grave] == []
    with closing(Store.open(closed)) as store:
        assert titles(store) == ["A", "B", "C"]
        assert 3 in [record.seq for record in store.records()]
    everything = b"".join(file.read_bytes() for file in closed.parent.rglob("*") if file.is_file())
    assert all(line in everything for line in lines)


@pytest.mark.parametrize("left", [b"", b"\0" * 700, b'{"v":1,"seq":4,"at":"20'])
def test_a_journal_that_was_emptied_is_told(closed: Path, left: bytes) -> None:
    """It is made with its first line: what has none has lost what was confirmed."""
    looking = Store.open(closed)
    journal(closed).write_bytes(left)
    lost = "Record 4 is missing from closed.log. `tracker check --repair` keeps what is intact."
    with pytest.raises(Damaged, match="Record 4 is missing"):
        Store.open(closed)
    with pytest.raises(Damaged, match="Record 4 is missing"):
        looking.commit(add("D"), at=AT, who="anna")
    assert told(check(closed)) == [lost]
    store, findings = mended(closed)
    assert lost in told(findings)
    assert titles(store) == ["A", "B", "C"]
    commit(looking, add("D"))
    assert titles(looking) == ["A", "B", "C", "D"]
    store.db.close()
    looking.db.close()
    everything = b"".join(file.read_bytes() for file in closed.parent.rglob("*") if file.is_file())
    assert left in everything


def test_a_journal_with_nothing_but_a_whole_end_that_follows_no_line_was_emptied(
    closed: Path,
) -> None:
    journal(closed).write_bytes(forged(3))
    with pytest.raises(Damaged, match="Record 4 is missing"):
        Store.open(closed)
    store, [missing, _kept] = mended(closed)
    assert "Record 4 is missing" in str(missing.text)
    assert titles(store) == ["A", "B", "C"]
    commit(store, add("D"))
    store.close()
    assert check(closed) == []


def test_who_knew_what_a_journal_said_before_it_was_emptied_goes_on_from_what_is_left(
    closed: Path,
) -> None:
    looking = Store.open(closed)
    commit(looking, add("D"), add("E"))
    journal(closed).write_bytes(b"")
    with pytest.raises(Damaged, match="Record 4 is missing"):
        commit(looking, add("F"))
    repair(closed, at=LATER, who="root")
    with pytest.raises(Damaged, match="2 changes after it are gone"):
        commit(looking, add("F"))
    commit(looking, add("F"))
    assert titles(looking) == ["A", "B", "C", "F"]
    looking.close()
    assert told(check(closed)) == []


def test_a_journal_whose_only_line_lacks_its_newline_alone_is_whole(closed: Path) -> None:
    store = Store.open(closed)
    commit(store, add("D"))
    store.db.close()
    file = journal(closed)
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))
    assert not any(found.grave for found in check(closed))
    with closing(Store.open(closed)) as store:
        commit(store, add("E"))
        assert titles(store) == ["A", "B", "C", "D", "E"]


def test_a_checkpoint_that_is_missing_is_rebuilt_from_closed_files(closed: Path) -> None:
    closed.unlink()
    assert "closed.json is missing." in [str(found.text) for found in check(closed)]
    with closing(Store.open(closed, create=False)) as store:
        assert titles(store) == ["A", "B", "C"]
        assert [str(notice) for notice in store.notices] == [
            "closed.json was missing and has been rebuilt."
        ]


def test_of_thousands_of_faults_in_a_checkpoint_the_first_are_told_and_how_many_more(
    path: Path,
) -> None:
    made_up(path, [Task(id=n, title="I", department=3) for n in range(9, 1009)])
    journal(path).unlink()
    store, findings = mended(path)
    *first, rest = told(findings)
    assert len(first) == 20
    assert first[0] == (
        "Task 9 refers to Department 3, which does not exist. The reference was removed."
    )
    assert rest == "980 more references or arrows like these were removed."
    assert len(store.workspace.tasks) == 1002
    store.close()
