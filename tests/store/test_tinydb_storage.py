from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinydb import Query, TinyDB, where
from tinydb.operations import increment
from tinydb.table import Document

from tests.store.test_codec import json_values
from tests.strategies import texts
from tracker.domain.change import Change, Edit
from tracker.domain.errors import Conflict, Refused
from tracker.domain.model import KINDS, Department, Link, Task
from tracker.domain.sentence import sentence
from tracker.store import checkpoint
from tracker.store.documents import raw_edits
from tracker.store.file_log import FileLog
from tracker.store.journal import Journal
from tracker.store.store import Store
from tracker.store.tinydb_storage import JournalStorage

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Opened = Callable[[], Store]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    stores: list[Store] = []

    def another() -> Store:
        stores.append(Store.open(tmp_path / "erp.json", who="script", clock=lambda: AT))
        return stores[-1]

    yield another
    for store in stores:
        store.db.close()


def test_what_tinydb_writes_is_a_record_of_entities(opened: Opened) -> None:
    store = opened()
    tasks = store.db.table("tasks")
    assert tasks.insert({"title": "A"}) == 1
    assert tasks.insert_multiple([{"title": "B"}, {"title": "C"}]) == [2, 3]
    tasks.update({"state": "doing"}, where("title") == "B")
    tasks.remove(doc_ids=[1])
    assert list(store.workspace.tasks.values()) == [
        Task(id=2, title="B", state="doing"),
        Task(id=3, title="C"),
    ]
    records = [*store.records()]
    assert [(record.seq, record.who, record.at) for record in records] == [
        (n, "script", AT) for n in (1, 2, 3, 4)
    ]
    assert records[2].change.edits == (
        Edit(Task(id=2, title="B"), Task(id=2, title="B", state="doing")),
    )


def test_what_commands_write_is_read_by_tinydb(opened: Opened) -> None:
    store, script = opened(), opened()
    tasks = script.db.table("tasks")
    assert tasks.search(Query().title == "A") == []
    task = Task(id=1, title="A", tags=("x",))
    store.commit(lambda _: Change(sentence("x"), (Edit(None, task),)), at=AT, who="anna")
    assert tasks.search(Query().title == "A") == [{"id": 1, "title": "A", "tags": ["x"]}]
    assert tasks.get(doc_id=1) == {"id": 1, "title": "A", "tags": ["x"]}
    assert len(tasks) == 1
    assert script.db.tables() == {"tasks"}


def test_a_number_that_others_have_given_meanwhile_overwrites_nothing(opened: Opened) -> None:
    one, two = opened().db.table("tasks"), opened().db.table("tasks")
    assert one.insert({"title": "A"}) == 1
    assert two.insert({"title": "B"}) == 2
    with pytest.raises(ValueError, match="ID 2 already exists"):
        one.insert({"title": "C"})
    assert one.insert({"title": "C"}) == 3
    assert [doc["title"] for doc in two.all()] == ["A", "B", "C"]


def test_the_rules_hold_for_tinydb_too(opened: Opened) -> None:
    store = opened()
    tasks, links = store.db.table("tasks"), store.db.table("links")
    with pytest.raises(Refused, match="refers to Department 7"):
        tasks.insert({"title": "A", "department": 7})
    with pytest.raises(Refused, match="Expected `str`"):
        tasks.insert({"title": 5})
    with pytest.raises(Refused, match="holds another id"):
        tasks.insert({"title": "A", "id": 99})
    tasks.insert_multiple([{"title": "A"}, {"title": "B"}])
    links.insert({"kind": "needs", "source": 4, "target": 5})
    with pytest.raises(Refused, match="loop"):
        links.insert({"kind": "needs", "source": 5, "target": 4})
    with pytest.raises(Refused, match="still in use"):
        tasks.remove(doc_ids=[4])
    assert [record.seq for record in store.records()] == [1, 2]


def test_documents_may_be_changed_freely_once_read(opened: Opened) -> None:
    db = opened().db
    db.insert({"list": [1]})
    found = db.get(doc_id=1)
    assert isinstance(found, Document)
    found["list"].append(2)
    assert db.get(doc_id=1) == {"list": [1]}


def test_a_counter_in_two_programs_loses_nothing(opened: Opened) -> None:
    one, two = opened().db, opened().db
    one.insert({"n": 0})
    for _ in range(10):
        one.update(increment("n"))
        two.update(increment("n"))
    assert one.get(doc_id=1) == {"n": 20}


def test_an_unchanged_table_is_no_record(opened: Opened) -> None:
    store = opened()
    store.db.insert({"a": 1})
    store.db.update({"a": 1})
    store.db.remove(doc_ids=[7])
    assert len([*store.records()]) == 1


def test_dropping_takes_in_what_others_wrote(opened: Opened) -> None:
    one, two = opened(), opened()
    one.db.table("tasks").insert({"title": "A"})
    two.db.insert({"a": 1})
    one.db.drop_tables()
    assert two.db.tables() == set()
    assert len(two.workspace.tasks) == 0
    two.db.insert({"b": 1})
    one.db.drop_table("_default")
    assert two.db.tables() == set()


def test_who_writes_everything_at_once_overwrites_nobody(opened: Opened) -> None:
    """TinyDB reads all, and writes all back."""
    one, two = opened().db, opened().db
    one.insert_multiple([{"a": 1}, {"b": 1}])
    data = one.storage.read() or {}
    two.update({"a": 2}, doc_ids=[1])
    data["_default"]["2"] = {"b": 2}
    one.storage.write(data)
    assert two.all() == [{"a": 2}, {"b": 2}]
    data["_default"]["1"] = {"a": 3}
    with pytest.raises(Conflict):
        one.storage.write(data)


def test_writing_needs_a_clock(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "erp.json")
    with pytest.raises(ValueError, match="clock"):
        store.db.insert({"a": 1})
    store.close()


def test_other_tables_travel_through_checkpoints(opened: Opened, tmp_path: Path) -> None:
    store = opened()
    store.db.table("plugin").insert({"extra": {"deep": [1]}})
    store.db.table("tasks").insert({"title": "A"})
    store.checkpoint()
    assert opened().db.table("plugin").all() == [{"extra": {"deep": [1]}}]
    assert list(opened().workspace.tasks) == [1]
    with TinyDB(tmp_path / "erp.json", access_mode="r") as stock:
        assert stock.table("plugin").all() == [{"extra": {"deep": [1]}}]


def test_entities_of_all_kinds_are_told_apart(opened: Opened) -> None:
    store = opened()
    store.db.table("departments").insert({"name": "Netz"})
    store.db.table("tasks").insert_multiple([{"title": "A", "department": 1}, {"title": "B"}])
    store.db.table("links").insert({"kind": "returns", "source": 2, "target": 1, "rate": 0.3})
    ws = store.workspace
    assert ws.departments[1] == Department(id=1, name="Netz")
    assert ws.arrows_out[2] == (Link(id=1, kind="returns", source=2, target=1, rate=0.3),)


tables: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    texts.filter(lambda name: name not in KINDS),
    st.dictionaries(
        st.integers(1, 9).map(str), st.dictionaries(texts, json_values, max_size=2), max_size=3
    )
    | json_values.filter(lambda value: value is not None),
    max_size=3,
)


@given(tables, tables)
def test_differences_lead_from_one_to_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    state = {name: checkpoint.table_of(value) for name, value in before.items()}
    found = checkpoint.replaced(state, list(raw_edits(before, after)))
    assert {name: checkpoint.plain_table(value) for name, value in found.items()} == after


def test_a_storage_alone_is_enough_for_tinydb(tmp_path: Path) -> None:
    log = FileLog(tmp_path / "other.json")
    with TinyDB(Journal(log), storage=JournalStorage, clock=lambda: AT) as stock:
        (tmp_path / "other.json").touch()
        stock.insert({"a": 1})
        assert stock.all() == [{"a": 1}]
