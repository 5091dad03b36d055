from __future__ import annotations

import json
import re
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import contents, plan
from tests.strategies import texts, workspaces
from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import Damaged, Refused, TooNew
from tracker.domain.model import Item, Pass, Task
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.workspace import Workspace
from tracker.store import checkpoint, codec
from tracker.store.checkpoint import Snapshot
from tracker.store.codec import JournalLine, RawEdit

AT = datetime(2026, 11, 23, 9, 0, 5, 250_000, tzinfo=UTC)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
# Names of fields of a newer program, `extra` among them: it is how ours are kept in memory.
names = st.sampled_from(("extra", "colour", 'ext"ra', "ä")) | texts.filter(
    lambda name: (
        name not in Task.__struct_fields__
        and name not in Item.__struct_fields__
        and name not in Pass.__struct_fields__
    )
)
unknown = st.dictionaries(names, json_values, max_size=3)


def written(ws: Workspace) -> Change:
    """Return the change that makes a workspace of nothing."""
    return Change(sentence("All"), tuple(Edit(None, entity) for entity in ws.entities()))


def line(change: Change, seq: int = 1, **fields: Any) -> bytes:
    return codec.encode(Record(seq, AT, "anna", change, **fields), (), codec.UNSEALED)


def snapshot(ws: Workspace, **others: Any) -> Snapshot:
    return Snapshot(
        ws, {name: checkpoint.table_of(it) for name, it in others.items()}, "0badcafe", AT
    )


@given(workspaces())
def test_a_line_says_what_was_written(ws: Workspace) -> None:
    change = written(ws)
    entry = codec.decode(line(change, 7, undoes=3), "here")
    assert entry.record == Record(7, AT, "anna", change, 3)
    assert entry.prev == codec.UNSEALED
    assert entry.seal == codec.seal_of(line(change, 7, undoes=3))


@given(workspaces())
def test_a_checkpoint_says_what_was_stored(ws: Workspace) -> None:
    before = snapshot(ws, other={"5": {"a": [1, None]}})
    after = checkpoint.decode(checkpoint.encode(before), "here")
    assert contents(after.workspace) == contents(ws)
    assert after.workspace.last_ids == ws.last_ids
    assert after.others == before.others
    assert (after.seq, after.seal, after.at) == (before.seq, before.seal, before.at)


def test_a_checkpoint_is_a_tinydb_file_with_one_document_on_a_line() -> None:
    data = checkpoint.encode(snapshot(plan("1-2", titles=["Ä", "B"])))
    tables = json.loads(data)
    assert tables["tasks"] == {"1": {"id": 1, "title": "Ä"}, "2": {"id": 2, "title": "B"}}
    assert tables["links"]["1"] == {"id": 1, "kind": "needs", "source": 1, "target": 2}
    assert tables["meta"]["1"]["schema"] == codec.schema()
    assert '"1":{"id":1,"title":"Ä"},' in data.decode().splitlines()


@given(unknown, unknown, unknown)
def test_unknown_fields_survive_at_their_places(
    task: dict[str, Any], item: dict[str, Any], run: dict[str, Any]
) -> None:
    doc = {
        **task,
        "id": 1,
        "title": "A",
        "checklist": [{**item, "text": "one"}, {"text": "two"}],
        "passes": [{**run, "number": 1}],
    }
    body = json.loads(line(Change(sentence("Add"), (Edit(None, Task(id=1, title="A")),))))
    body["edits"][0][3] = doc
    del body["crc"]
    entry = codec.decode(codec.seal(json.dumps(body).encode()), "here")
    [edit] = entry.record.change.edits
    assert isinstance(edit.after, Task)
    assert edit.after.extra == task
    assert edit.after.checklist[0].extra == item
    assert codec.document(edit.after) == doc
    again = codec.decode(line(entry.record.change), "here")
    assert again.record.change == entry.record.change
    assert json.loads(line(entry.record.change))["edits"][0][3] == doc
    data = checkpoint.encode(snapshot(Workspace([edit.after])))
    assert json.loads(data)["tasks"]["1"] == doc
    assert checkpoint.decode(data, "here").workspace.tasks[1] == edit.after


def test_labels_keep_their_parts() -> None:
    label = counted("{n} task {what}", "{n} tasks {what}", 3, what=sentence("Edited: {a}", a=2.5))
    assert codec.decode(line(Change(label, ())), "here").record.change.label == label


def test_every_flipped_bit_of_a_line_is_noticed() -> None:
    whole = line(Change(sentence("Add"), (Edit(None, Task(id=1, title="A")),)))
    for at in range(len(whole) * 8):
        bent = bytearray(whole)
        bent[at // 8] ^= 1 << at % 8
        with pytest.raises(Damaged, match="here is damaged"):
            codec.decode(bytes(bent), "here")


def test_every_flipped_bit_and_every_cut_of_a_checkpoint_is_noticed() -> None:
    whole = checkpoint.encode(snapshot(plan("1-2")))
    for at in range(len(whole) * 8):
        bent = bytearray(whole)
        bent[at // 8] ^= 1 << at % 8
        assert not checkpoint.sealed(bytes(bent))
    for end in range(len(whole)):
        with pytest.raises(Damaged):
            checkpoint.decode(whole[:end], "here")


def test_what_a_newer_program_wrote_is_refused_as_such() -> None:
    head = {"v": codec.schema() + 1, "seq": 1, "edits": {"in": "another form"}}
    with pytest.raises(TooNew, match=r"erp\.log was written by a newer version"):
        codec.decode(codec.seal(json.dumps(head, separators=(",", ":")).encode()), "erp.log")


def test_a_newer_sealed_checkpoint_is_refused_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(codec, "MIGRATIONS", (lambda table, doc: (table, doc),))
        data = checkpoint.encode(snapshot(plan("1-2")))
    with pytest.raises(TooNew, match=r"erp\.json was written by a newer version"):
        checkpoint.decode(data, "erp.json")
    # Without its seal it is not known to be what anybody wrote.
    with pytest.raises(Damaged):
        checkpoint.decode(data.replace(b'"title"', b'"Title"'), "erp.json")
    with pytest.raises(ValueError, match="schema 2"):
        checkpoint.read(data)


@pytest.mark.parametrize(
    "doc",
    [
        {"id": 2, "title": "another number"},
        {"id": 1, "title": "A", "state": "flying"},
        {"id": 1},
        {"id": 1, "title": 5},
        "no document",
    ],
)
def test_a_sealed_line_that_makes_no_sense_is_named(doc: Any) -> None:
    body = json.loads(line(Change(sentence("Add"), (Edit(None, Task(id=1, title="A")),))))
    body["edits"][0][3] = doc
    del body["crc"]
    with pytest.raises(Damaged, match="here is not readable"):
        codec.decode(codec.seal(json.dumps(body).encode()), "here")


@pytest.mark.parametrize("part", [b'\\"', b'"\\', b'"a', b"[", b'"]', b"{}"])
def test_a_line_that_is_no_json_is_found_out_at_once(part: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(Damaged, match="here is not readable"):
        codec.decode(codec.seal(b"[" * 200 + part * 300_000 + b"}"), "here")
    assert time.process_time() - begun < 5.0


def test_a_checkpoint_that_is_nested_without_end_is_named() -> None:
    data = checkpoint.encode(snapshot(plan(tasks=1)))
    start = data.index(b'",') + 2
    deep = b'"title":"A","x":' + b"[" * 100_000 + b"]" * 100_000
    body = b'",' + re.sub(rb'"title":"[^"]*"', deep, data[start:])
    head = data[: data.index(b'"crc":"') + 7]
    with pytest.raises(Damaged, match="here is not readable"):
        checkpoint.decode(b"%b%08x%b" % (head, zlib.crc32(body), body), "here")


@pytest.mark.parametrize("key", ["0", "-1", "2"])
def test_a_checkpoint_whose_numbers_disagree_is_named(key: str) -> None:
    data = checkpoint.encode(snapshot(plan(tasks=1)))
    number = key if key != "2" else "1"
    bent = data.replace(b'"1":{"id":1,', f'"{key}":{{"id":{number},'.encode())
    with pytest.raises(ValueError, match=r"holds the id|not positive"):
        checkpoint.read(bent)


def test_what_cannot_be_written_is_refused_before_it_is_tried() -> None:
    with pytest.raises(Refused, match="invalid bytes"):
        line(Change(sentence("Add"), (Edit(None, Task(id=1, title="\udcff")),)))
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Refused, match="nested too deeply"):
        line(Change(sentence("Add"), (Edit(None, Task(id=1, title="A", extra={"x": deep})),)))


def test_a_change_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "LARGEST_LINE", 2_000_000)
    task = Task(id=1, title="A", notes="x" * 3_000_000)
    with pytest.raises(Refused, match="3 MB; at most 2 MB"):
        line(Change(sentence("Add"), (Edit(None, task),)))


# --- other schemas


@pytest.fixture
def second_schema(monkeypatch: pytest.MonkeyPatch) -> Iterator[bytes]:
    """Speak a schema in which tasks were called jobs before, and their titles names."""
    ws = plan("1-2", titles=["A", "B"])
    yield from _migrated(monkeypatch, ws)


def _migrated(monkeypatch: pytest.MonkeyPatch, ws: Workspace) -> Iterator[bytes]:
    now = checkpoint.encode(snapshot(ws))

    def migrate(table: str, doc: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if table == "jobs":
            return "tasks", {**doc, "title": doc["name"]} | {"name": "was a job"}
        return table, doc

    monkeypatch.setattr(codec, "MIGRATIONS", (migrate,))
    yield now.replace(b'"tasks"', b'"jobs"').replace(b'"title"', b'"name"')


def test_an_older_checkpoint_is_read_as_one_of_today(second_schema: bytes) -> None:
    read = checkpoint.read(second_schema)
    assert [(t.title, t.extra) for t in read.workspace.tasks.values()] == [
        ("A", {"name": "was a job"}),
        ("B", {"name": "was a job"}),
    ]
    assert len(read.workspace.links) == 1


def test_an_older_line_is_read_as_one_of_today(second_schema: bytes) -> None:
    assert second_schema
    body = {
        "v": 1,
        "seq": 1,
        "at": "2026-11-23T09:00:00Z",
        "who": "anna",
        "label": {"text": "Edit"},
        "edits": [["jobs", 1, {"id": 1, "name": "A"}, {"id": 1, "name": "B"}]],
        "prev": codec.UNSEALED,
    }
    entry = codec.decode(codec.seal(json.dumps(body, separators=(",", ":")).encode()), "here")
    [edit] = entry.record.change.edits
    assert isinstance(edit.before, Task)
    assert isinstance(edit.after, Task)
    assert (edit.before.title, edit.after.title) == ("A", "B")


# --- tables of others


def entry(*others: RawEdit, seq: int = 1, prev: str = codec.UNSEALED) -> JournalLine:
    record = Record(seq, AT, "anna", Change(Sentence("Other"), ()))
    return codec.decode(codec.encode(record, others, prev), "here")


def test_tables_of_others_are_kept_as_they_are() -> None:
    one = entry(RawEdit("plugin", None, None, {}), RawEdit("plugin", 3, None, {"a": 1}))
    state = checkpoint.empty().after(one, past=True)
    assert checkpoint.plain_table(state.others["plugin"]) == {"3": {"a": 1}}
    read = checkpoint.decode(checkpoint.encode(state), "here")
    assert read.others == state.others
    two = entry(RawEdit("plugin", 3, {"a": 1}, None), seq=2, prev=one.seal)
    assert checkpoint.plain_table(read.after(two, past=True).others["plugin"]) == {}


def test_a_line_follows_only_the_one_it_was_written_after() -> None:
    state = checkpoint.empty().after(entry(), past=True)
    for wrong in (entry(seq=3, prev=state.seal), entry(seq=2, prev="12345678"), entry()):
        with pytest.raises(Damaged, match="does not continue record 1"):
            state.after(wrong, past=True)


def test_a_seal_that_is_damaged_differs_and_does_not_fail() -> None:
    assert codec.seal_of(b',"crc":"d83b\xb2c48"}') != "d83b2c48"
