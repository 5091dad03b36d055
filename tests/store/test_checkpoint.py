"""A checkpoint is read when it is looked at, table by table."""

from __future__ import annotations

import zlib
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from tests.builders import plan
from tracker.domain.change import Change, Edit
from tracker.domain.errors import Damaged, Refused
from tracker.domain.model import Entity, Person, Task
from tracker.domain.sentence import Sentence, sentence
from tracker.store import checkpoint, codec
from tracker.store.checkpoint import Snapshot


@pytest.fixture
def written() -> bytes:
    ws = plan("1-2 2-3", returns="3-1", extra=[Person(id=1, login="k.brandt")])
    return checkpoint.encode(Snapshot(ws, {}, codec.UNSEALED, None))


def sealed_anew(data: bytes) -> bytes:
    """Return a checkpoint that was changed by a program that knows how to seal it."""
    start = data.index(b'"crc":"') + len(b'"crc":"')
    body = data[start + 8 :]
    return data[:start] + b"%08x" % zlib.crc32(body) + body


def test_only_tables_that_are_looked_at_are_read(
    written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = checkpoint._read_table

    def noted(table: str, raw: msgspec.Raw, place: str | Sentence) -> dict[int, Entity]:
        read.append(table)
        return real(table, raw, place)

    monkeypatch.setattr(checkpoint, "_read_table", noted)
    ws = checkpoint.decode(written, "plan.json").workspace
    assert read == []
    following = ws.apply(Change(sentence("Added"), (Edit(None, Task(id=4, title="D")),)))
    assert read == ["tasks"]
    assert list(following.tasks) == [1, 2, 3, 4]
    assert [link.target for link in following.arrows_out[3]] == [1]
    assert read == ["tasks", "links"]


def test_nothing_is_read_to_take_away_what_came_after_it(
    written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = checkpoint._read_table

    def noted(table: str, raw: msgspec.Raw, place: str | Sentence) -> dict[int, Entity]:
        read.append(table)
        return real(table, raw, place)

    monkeypatch.setattr(checkpoint, "_read_table", noted)
    ws = checkpoint.decode(written, "plan.json").workspace
    added = Task(id=4, title="D")
    longer = ws.apply(Change(sentence("Added"), (Edit(None, added),)))
    assert list(longer.apply(Change(sentence("Undone"), (Edit(added, None),))).tasks) == [1, 2, 3]
    assert read == ["tasks"]
    with pytest.raises(Refused):
        ws.apply(Change(sentence("Deleted"), (Edit(ws.tasks[1], None),)))
    assert "links" in read


def test_a_table_that_cannot_be_read_is_told_when_it_is_looked_at(written: bytes) -> None:
    ws = checkpoint.decode(
        sealed_anew(written.replace(b'"login":"k.brandt"', b'"login":7')), "plan.json"
    ).workspace
    assert len(ws.tasks) == 3
    with pytest.raises(Damaged):
        len(ws.people)


def test_all_threads_see_the_same_rows(written: bytes) -> None:
    for _ in range(20):
        ws = checkpoint.decode(written, "plan.json").workspace
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _n, ws=ws: ws.arrows_out[1][0], range(8)))
        assert all(link is ws.links[1] for link in found)
